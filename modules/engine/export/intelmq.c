/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * An incident as an IntelMQ event: flat JSON in its data harmonisation. */

#include "engine/export/export.h"

#include <siaga/json.h>

#include <string.h>

static void
_text(SiagaJson *json, const gchar *key, const gchar *text)
{
  if (text && *text)
    siaga_json_string(json, key, text, -1);
}

/* IntelMQ wants an offset where others write Z. */
static void
_time(SiagaJson *json, const gchar *key, SiagaTime time)
{
  gchar buffer[48];
  siaga_time_format(time, buffer);
  g_strlcpy(strchr(buffer, 'Z'), "+00:00", 7);
  siaga_json_string(json, key, buffer, -1);
}

/* TLP 1: a label that it lacks becomes the next stricter one. */
static const gchar *
_tlp(SiagaTlp tlp)
{
  static const gchar *const labels[] = {
    [SIAGA_TLP_CLEAR] = "WHITE",      [SIAGA_TLP_GREEN] = "GREEN", [SIAGA_TLP_AMBER] = "AMBER",
    [SIAGA_TLP_AMBER_STRICT] = "RED", [SIAGA_TLP_RED] = "RED",
  };
  return labels[tlp];
}

static void
_write_address(SiagaJson *json, const gchar *ip_key, const gchar *network_key, const gchar *address)
{
  switch (siaga_export_address_kind(address))
    {
    case SIAGA_EXPORT_IPV4:
    case SIAGA_EXPORT_IPV6:
      siaga_json_string(json, ip_key, address, -1);
      break;
    case SIAGA_EXPORT_IPV4_NET:
    case SIAGA_EXPORT_IPV6_NET:
      siaga_json_string(json, network_key, address, -1);
      break;
    default:
      break;
    }
}

static void
_write_classification(const SiagaExport *self, SiagaJson *json)
{
  const SiagaExportCategory *category = siaga_export_category(self->incident->rule->category);
  gchar *identifier = g_ascii_strdown(siaga_export_identifier(self->incident), -1);
  siaga_json_string(json, "classification.taxonomy", category->rsit_class, -1);
  siaga_json_string(json, "classification.type", category->rsit_type, -1);
  siaga_json_string(json, "classification.identifier", identifier, -1);
  g_free(identifier);
}

static void
_write_source(const SiagaExport *self, SiagaJson *json)
{
  if (!self->attackers->len)
    return;
  _write_address(json, "source.ip", "source.network", self->attackers->pdata[0]);
  _text(json, "source.geolocation.cc", self->incident->source_country);
  if (self->attackers->len == 1)
    return;
  siaga_json_open_list(json, "extra.sources");
  for (guint i = 0; i < self->attackers->len; i++)
    siaga_json_string(json, NULL, self->attackers->pdata[i], -1);
  siaga_json_close_list(json);
}

static void
_write_destination(const SiagaIncident *incident, SiagaJson *json)
{
  if (siaga_export_is_fqdn(incident->victim_domain))
    siaga_json_string(json, "destination.fqdn", incident->victim_domain, -1);
  else
    _text(json, "destination.local_hostname", incident->victim_domain);
  if (incident->victim_ip)
    _write_address(json, "destination.ip", "destination.network", incident->victim_ip);
  _text(json, "destination.geolocation.cc", incident->victim_country);
  if (incident->users.first && incident->users.first->len == 1)
    _text(json, "destination.account", incident->users.first->pdata[0]);
  _text(json, "event_description.target", incident->victim_owner);
}

static void
_write_raw(const SiagaIncident *incident, SiagaJson *json)
{
  if (!incident->evidence || !incident->evidence->len)
    return;
  const SiagaEvidence *first = incident->evidence->pdata[0];
  gchar *encoded = g_base64_encode((const guchar *) first->line, first->length);
  siaga_json_string(json, "raw", encoded, -1);
  g_free(encoded);
}

static void
_write_extra(const SiagaExport *self, SiagaJson *json)
{
  const SiagaIncident *incident = self->incident;
  siaga_json_string(json, "extra.incident_id", incident->uuid, -1);
  siaga_json_int(json, "extra.revision", incident->revision);
  siaga_json_string(json, "extra.level", siaga_level_name(incident->level), -1);
  siaga_json_int(json, "extra.count", incident->count);
  siaga_json_string(json, "extra.tlp", siaga_tlp_name(self->tlp), -1);
  _text(json, "extra.sector", incident->victim_sector);
  _text(json, "extra.csirt", incident->victim_csirt);
  if (incident->report_due)
    siaga_json_time(json, "extra.report_due", incident->report_due);
  if (incident->spoofed)
    siaga_json_bool(json, "extra.source_spoofed", TRUE);
}

void
siaga_export_intelmq(const SiagaExport *self, GString *out)
{
  const SiagaIncident *incident = self->incident;
  SiagaJson json;

  siaga_json_init(&json, out);
  siaga_json_open_object(&json, NULL);
  _write_classification(self, &json);
  siaga_json_string(&json, "feed.name", "siaga", -1);
  siaga_json_string(&json, "feed.provider", self->producer, -1);
  _time(&json, "time.source", incident->first_seen);
  _time(&json, "time.observation", MAX(incident->changed, incident->first_seen));
  siaga_json_string(&json, "tlp", _tlp(self->tlp), -1);
  siaga_json_string(&json, "status", siaga_incident_state_name(incident->state), -1);
  siaga_json_string(&json, "event_description.text", incident->rule->title, -1);
  _write_source(self, &json);
  _write_destination(incident, &json);
  _write_raw(incident, &json);
  _write_extra(self, &json);
  siaga_json_close_object(&json);
}
