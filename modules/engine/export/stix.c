/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * An incident as a STIX 2.1 bundle. */

#include "engine/export/export.h"
#include "engine/correlate/uuid.h"

#include <siaga/json.h>

#include <string.h>

#define ID_SIZE 100
#define OBSERVED_MAX G_GINT64_CONSTANT(999999999)
#define FIXED_TIME "2026-01-01T00:00:00.000Z" /* of objects that never change */
#define MAX_REFS 64

/* OASIS, STIX 2.1 TLP 2.0 extension. */
#define TLP_EXTENSION "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d"
static const struct
{
  const gchar *id, *value;
} tlp_markings[] = {
  [SIAGA_TLP_CLEAR] = { "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487", "clear" },
  [SIAGA_TLP_GREEN] = { "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb", "green" },
  [SIAGA_TLP_AMBER] = { "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421", "amber" },
  [SIAGA_TLP_AMBER_STRICT] = { "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003", "amber+strict" },
  [SIAGA_TLP_RED] = { "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1", "red" },
};

/* STIX 2.1, section 2.9: namespace of observables' ids. */
static const guint8 observable_space[16] = { 0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c,
                                             0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7 };

typedef struct
{
  const SiagaExport *export;
  const SiagaIncident *incident;
  SiagaJson json;
  gchar created[32], modified[32];
  gchar producer[ID_SIZE], victim[ID_SIZE], extension[ID_SIZE], incident_id[ID_SIZE], observed[ID_SIZE];
  GPtrArray *observables; /* of gchar*: ids */
  GPtrArray *techniques;  /* of gchar*: ids of attack-patterns */
  GPtrArray *indicators;  /* of gchar* */
} Bundle;

static void
_format_time(SiagaTime time, gchar *buffer)
{
  gchar whole[40];
  siaga_time_format(time - time % SIAGA_SECOND, whole);
  gchar *z = strchr(whole, 'Z');
  *z = '\0';
  g_snprintf(buffer, 32, "%.20s.%03dZ", whole, (int) (time % SIAGA_SECOND / 1000));
}

static void
_id(gchar *id, const gchar *type, const gchar *kind, const gchar *a, const gchar *b)
{
  gchar uuid[37];
  siaga_export_uuid(uuid, kind, a ? a : "", b ? b : "", NULL);
  g_snprintf(id, ID_SIZE, "%s--%s", type, uuid);
}

static void
_text(Bundle *self, const gchar *key, const gchar *text)
{
  if (text && *text)
    siaga_json_string(&self->json, key, text, -1);
}

static void
_marking_refs(Bundle *self)
{
  siaga_json_open_list(&self->json, "object_marking_refs");
  siaga_json_string(&self->json, NULL, tlp_markings[self->export->tlp].id, -1);
  siaga_json_close_list(&self->json);
}

static void
_list_of(Bundle *self, const gchar *key, const gchar *text)
{
  siaga_json_open_list(&self->json, key);
  siaga_json_string(&self->json, NULL, text, -1);
  siaga_json_close_list(&self->json);
}

static void
_open(Bundle *self, const gchar *type, const gchar *id, const gchar *created, const gchar *modified)
{
  siaga_json_open_object(&self->json, NULL);
  siaga_json_string(&self->json, "type", type, -1);
  siaga_json_string(&self->json, "spec_version", "2.1", -1);
  siaga_json_string(&self->json, "id", id, -1);
  siaga_json_string(&self->json, "created", created, -1);
  siaga_json_string(&self->json, "modified", modified, -1);
}

/* An object of this incident: versioned with it, marked. */
static void
_open_versioned(Bundle *self, const gchar *type, const gchar *id)
{
  _open(self, type, id, self->created, self->modified);
  siaga_json_string(&self->json, "created_by_ref", self->producer, -1);
  _marking_refs(self);
}

static void
_close(Bundle *self)
{
  siaga_json_close_object(&self->json);
}

static void
_write_marking(Bundle *self)
{
  siaga_json_open_object(&self->json, NULL);
  siaga_json_string(&self->json, "type", "marking-definition", -1);
  siaga_json_string(&self->json, "spec_version", "2.1", -1);
  siaga_json_string(&self->json, "id", tlp_markings[self->export->tlp].id, -1);
  siaga_json_string(&self->json, "created", "2022-10-01T00:00:00.000Z", -1);
  siaga_json_string(&self->json, "name", siaga_tlp_name(self->export->tlp), -1);
  siaga_json_open_object(&self->json, "extensions");
  siaga_json_open_object(&self->json, TLP_EXTENSION);
  siaga_json_string(&self->json, "extension_type", "property-extension", -1);
  siaga_json_string(&self->json, "tlp_2_0", tlp_markings[self->export->tlp].value, -1);
  siaga_json_close_object(&self->json);
  siaga_json_close_object(&self->json);
  _close(self);
}

static void
_write_producer(Bundle *self)
{
  _open(self, "identity", self->producer, FIXED_TIME, FIXED_TIME);
  siaga_json_string(&self->json, "name", self->export->producer, -1);
  siaga_json_string(&self->json, "identity_class", "organization", -1);
  _close(self);
}

static void
_write_extension_definition(Bundle *self)
{
  _open(self, "extension-definition", self->extension, FIXED_TIME, FIXED_TIME);
  siaga_json_string(&self->json, "created_by_ref", self->producer, -1);
  siaga_json_string(&self->json, "name", "siaga incident", -1);
  siaga_json_string(&self->json, "schema",
                    "state: open, update or close; revision: number of this report; level: informational to critical; "
                    "first_seen, last_seen: event times; count: events; sources, users, targets: distinct values; "
                    "report_due: legal deadline; evidence: raw log lines",
                    -1);
  siaga_json_string(&self->json, "version", "1.0.0", -1);
  _list_of(self, "extension_types", "property-extension");
  _close(self);
}

static const gchar *
_victim_name(const SiagaIncident *incident)
{
  if (incident->victim_owner)
    return incident->victim_owner;
  return incident->victim_domain ? incident->victim_domain : incident->victim_ip;
}

static void
_write_victim(Bundle *self)
{
  const gchar *sector = siaga_export_stix_sector(self->incident->victim_sector);
  if (!*self->victim)
    return;
  _open(self, "identity", self->victim, FIXED_TIME, FIXED_TIME);
  _marking_refs(self);
  siaga_json_string(&self->json, "name", _victim_name(self->incident), -1);
  siaga_json_string(&self->json, "identity_class", "organization", -1);
  if (sector)
    _list_of(self, "sectors", sector);
  _close(self);
}

static void
_write_distinct(Bundle *self, const gchar *key, const gchar *list_key, const SiagaDistinct *distinct)
{
  if (!distinct->distinct)
    return;
  siaga_json_int(&self->json, key, distinct->distinct);
  if (!distinct->first || !distinct->first->len)
    return;
  siaga_json_open_list(&self->json, list_key);
  for (guint i = 0; i < distinct->first->len; i++)
    siaga_json_string(&self->json, NULL, distinct->first->pdata[i], -1);
  siaga_json_close_list(&self->json);
}

static void
_write_evidence(Bundle *self)
{
  const GPtrArray *evidence = self->incident->evidence;
  if (!evidence || !evidence->len)
    return;
  siaga_json_open_list(&self->json, "evidence");
  for (guint i = 0; i < evidence->len; i++)
    {
      const SiagaEvidence *one = evidence->pdata[i];
      siaga_json_open_object(&self->json, NULL);
      siaga_json_time(&self->json, "time", one->time);
      siaga_json_string(&self->json, "line", one->line, one->length);
      _text(self, "sha256", one->sha256);
      siaga_json_close_object(&self->json);
    }
  siaga_json_close_list(&self->json);
}

static void
_write_extension(Bundle *self)
{
  const SiagaIncident *incident = self->incident;
  siaga_json_open_object(&self->json, "extensions");
  siaga_json_open_object(&self->json, self->extension);
  siaga_json_string(&self->json, "extension_type", "property-extension", -1);
  siaga_json_string(&self->json, "state", siaga_incident_state_name(incident->state), -1);
  siaga_json_int(&self->json, "revision", incident->revision);
  siaga_json_string(&self->json, "level", siaga_level_name(incident->level), -1);
  siaga_json_time(&self->json, "first_seen", incident->first_seen);
  siaga_json_time(&self->json, "last_seen", incident->last_seen);
  siaga_json_int(&self->json, "count", incident->count);
  siaga_json_string(&self->json, "rule_id", incident->rule->id, -1);
  _text(self, "category", incident->rule->category);
  _text(self, "victim_domain", incident->victim_domain);
  _text(self, "victim_ip", incident->victim_ip);
  _text(self, "victim_country", incident->victim_country);
  _text(self, "victim_csirt", incident->victim_csirt);
  _text(self, "previous", incident->previous);
  _text(self, "parent", incident->parent);
  if (incident->report_due)
    siaga_json_time(&self->json, "report_due", incident->report_due);
  if (incident->spoofed)
    siaga_json_bool(&self->json, "source_spoofed", TRUE);
  if (siaga_incident_blames_sources(incident))
    _write_distinct(self, "sources", "source_list", &incident->sources);
  _write_distinct(self, "users", "user_list", &incident->users);
  _write_distinct(self, "targets", "target_list", &incident->targets);
  _write_evidence(self);
  siaga_json_close_object(&self->json);
  siaga_json_close_object(&self->json);
}

static void
_write_incident(Bundle *self)
{
  _open_versioned(self, "incident", self->incident_id);
  siaga_json_string(&self->json, "name", self->incident->rule->title, -1);
  _text(self, "description", self->incident->rule->description);
  if (self->incident->rule->category)
    _list_of(self, "labels", self->incident->rule->category);
  _write_extension(self);
  _close(self);
}

/* As RFC 8785, section 3.2.2.2, writes a string: nothing is escaped that need not be. */
static void
_append_canonical(GString *out, const gchar *text)
{
  static const gchar shorts[] = "\b\t\n\f\r\"\\", letters[] = "btnfr\"\\";
  gchar *valid = g_utf8_make_valid(text, -1);
  for (const gchar *at = valid; *at; at++)
    {
      const gchar *known = strchr(shorts, *at);
      if (known)
        g_string_append_printf(out, "\\%c", letters[known - shorts]);
      else if ((guchar) *at < 0x20)
        g_string_append_printf(out, "\\u%04x", (guchar) *at);
      else
        g_string_append_c(out, *at);
    }
  g_free(valid);
}

/* {"value":"…"} as RFC 8785 writes it: what an observable's id is made of. */
static gchar *
_observable_id(const gchar *type, const gchar *value)
{
  GString *canonical = g_string_new("{\"value\":\"");
  guint8 uuid[16];
  gchar text[37];

  _append_canonical(canonical, value);
  g_string_append(canonical, "\"}");
  siaga_uuid5(uuid, observable_space, canonical->str, canonical->len);
  siaga_uuid_format(uuid, text);
  g_string_free(canonical, TRUE);
  return g_strdup_printf("%s--%s", type, text);
}

static void
_write_observable(Bundle *self, const gchar *type, const gchar *value)
{
  gchar *id = _observable_id(type, value);
  g_ptr_array_add(self->observables, id);
  siaga_json_open_object(&self->json, NULL);
  siaga_json_string(&self->json, "type", type, -1);
  siaga_json_string(&self->json, "spec_version", "2.1", -1);
  siaga_json_string(&self->json, "id", id, -1);
  siaga_json_string(&self->json, "value", value, -1);
  _marking_refs(self);
  _close(self);
}

static const gchar *
_address_type(const gchar *address)
{
  return strchr(address, ':') ? "ipv6-addr" : "ipv4-addr";
}

static gboolean
_is_attacker(const Bundle *self, const gchar *address)
{
  for (guint i = 0; i < self->export->attackers->len; i++)
    if (strcmp(self->export->attackers->pdata[i], address) == 0)
      return TRUE;
  return FALSE;
}

static void
_write_observables(Bundle *self)
{
  const SiagaIncident *incident = self->incident;
  for (guint i = 0; i < self->export->attackers->len; i++)
    _write_observable(self, _address_type(self->export->attackers->pdata[i]), self->export->attackers->pdata[i]);
  if (siaga_export_is_name(incident->victim_domain))
    _write_observable(self, "domain-name", incident->victim_domain);
  if (incident->victim_ip && siaga_export_address_kind(incident->victim_ip) && !_is_attacker(self, incident->victim_ip))
    _write_observable(self, _address_type(incident->victim_ip), incident->victim_ip);
}

static void
_write_observed(Bundle *self)
{
  gchar time[32];
  if (!self->observables->len)
    return;
  _open_versioned(self, "observed-data", self->observed);
  _format_time(self->incident->first_seen, time);
  siaga_json_string(&self->json, "first_observed", time, -1);
  _format_time(self->incident->last_seen, time);
  siaga_json_string(&self->json, "last_observed", time, -1);
  siaga_json_int(&self->json, "number_observed", CLAMP((gint64) self->incident->count, 1, OBSERVED_MAX));
  siaga_json_open_list(&self->json, "object_refs");
  for (guint i = 0; i < self->observables->len; i++)
    siaga_json_string(&self->json, NULL, self->observables->pdata[i], -1);
  siaga_json_close_list(&self->json);
  _close(self);
}

static void
_write_technique(Bundle *self, const gchar *technique)
{
  gchar *id = g_malloc(ID_SIZE), url[80];
  const gchar *name = siaga_export_technique_name(technique);

  _id(id, "attack-pattern", "attack-pattern", technique, NULL);
  g_ptr_array_add(self->techniques, id);
  g_snprintf(url, sizeof url, "https://attack.mitre.org/techniques/%.16s/", technique);
  if (strchr(technique, '.'))
    *strchr(strchr(url, 'T'), '.') = '/';
  _open(self, "attack-pattern", id, FIXED_TIME, FIXED_TIME);
  siaga_json_string(&self->json, "name", name ? name : technique, -1);
  siaga_json_open_list(&self->json, "external_references");
  siaga_json_open_object(&self->json, NULL);
  siaga_json_string(&self->json, "source_name", "mitre-attack", -1);
  siaga_json_string(&self->json, "external_id", technique, -1);
  siaga_json_string(&self->json, "url", url, -1);
  siaga_json_close_object(&self->json);
  siaga_json_close_list(&self->json);
  _close(self);
}

static void
_write_techniques(Bundle *self)
{
  const gchar *const *technique = self->incident->rule->techniques;
  for (; technique && *technique && self->techniques->len < MAX_REFS; technique++)
    if (siaga_export_is_technique(*technique))
      _write_technique(self, *technique);
}

/* ADDRESS is one: neither quotes nor backslashes can be in it. */
static void
_write_indicator(Bundle *self, const gchar *address)
{
  gchar *id = g_malloc(ID_SIZE), *pattern = g_strdup_printf("[%s:value = '%s']", _address_type(address), address);

  _id(id, "indicator", "indicator", self->incident->uuid, address);
  g_ptr_array_add(self->indicators, id);
  _open_versioned(self, "indicator", id);
  siaga_json_string(&self->json, "name", address, -1);
  _list_of(self, "indicator_types", "malicious-activity");
  siaga_json_string(&self->json, "pattern", pattern, -1);
  siaga_json_string(&self->json, "pattern_type", "stix", -1);
  siaga_json_string(&self->json, "valid_from", self->created, -1);
  _close(self);
  g_free(pattern);
}

static void
_write_sighting(Bundle *self, const gchar *indicator)
{
  gchar id[ID_SIZE], time[32];
  _id(id, "sighting", "sighting", self->incident->uuid, indicator);
  _open_versioned(self, "sighting", id);
  _format_time(self->incident->first_seen, time);
  siaga_json_string(&self->json, "first_seen", time, -1);
  _format_time(self->incident->last_seen, time);
  siaga_json_string(&self->json, "last_seen", time, -1);
  siaga_json_string(&self->json, "sighting_of_ref", indicator, -1);
  _list_of(self, "observed_data_refs", self->observed);
  _list_of(self, "where_sighted_refs", *self->victim ? self->victim : self->producer);
  _close(self);
}

static void
_relate(Bundle *self, const gchar *source, const gchar *type, const gchar *target)
{
  gchar id[ID_SIZE], *key = g_strconcat(type, " ", target, NULL);
  _id(id, "relationship", "relationship", source, key);
  _open_versioned(self, "relationship", id);
  siaga_json_string(&self->json, "relationship_type", type, -1);
  siaga_json_string(&self->json, "source_ref", source, -1);
  siaga_json_string(&self->json, "target_ref", target, -1);
  _close(self);
  g_free(key);
}

static void
_write_relationships(Bundle *self)
{
  if (*self->victim)
    _relate(self, self->incident_id, "targets", self->victim);
  if (self->observables->len)
    _relate(self, self->observed, "related-to", self->incident_id);
  for (guint i = 0; i < self->techniques->len; i++)
    _relate(self, self->incident_id, "uses", self->techniques->pdata[i]);
  for (guint i = 0; i < self->indicators->len; i++)
    {
      _relate(self, self->indicators->pdata[i], "related-to", self->incident_id);
      for (guint j = 0; j < self->techniques->len; j++)
        _relate(self, self->indicators->pdata[i], "indicates", self->techniques->pdata[j]);
    }
}

static void
_init(Bundle *self, const SiagaExport *export, GString *out)
{
  const SiagaIncident *incident = export->incident;
  siaga_json_init(&self->json, out);
  self->export = export;
  self->incident = incident;
  _format_time(incident->first_seen, self->created);
  _format_time(MAX(incident->changed, incident->first_seen), self->modified);
  _id(self->producer, "identity", "producer", export->producer, NULL);
  _id(self->extension, "extension-definition", "extension", "incident", export->producer);
  _id(self->observed, "observed-data", "observed-data", incident->uuid, NULL);
  g_snprintf(self->incident_id, ID_SIZE, "incident--%s", incident->uuid);
  if (_victim_name(incident))
    _id(self->victim, "identity", "victim", _victim_name(incident), incident->victim_sector);
  self->observables = g_ptr_array_new_with_free_func(g_free);
  self->techniques = g_ptr_array_new_with_free_func(g_free);
  self->indicators = g_ptr_array_new_with_free_func(g_free);
}

static void
_write_objects(Bundle *self)
{
  _write_marking(self);
  _write_producer(self);
  _write_extension_definition(self);
  _write_victim(self);
  _write_incident(self);
  _write_observables(self);
  _write_observed(self);
  _write_techniques(self);
  for (guint i = 0; i < self->export->attackers->len; i++)
    _write_indicator(self, self->export->attackers->pdata[i]);
  for (guint i = 0; i < self->indicators->len; i++)
    _write_sighting(self, self->indicators->pdata[i]);
  _write_relationships(self);
}

static void
_write_bundle(Bundle *self)
{
  gchar id[ID_SIZE], revision[16];

  g_snprintf(revision, sizeof revision, "%u", self->incident->revision);
  _id(id, "bundle", siaga_tlp_name(self->export->tlp), self->incident->uuid, revision);
  siaga_json_open_object(&self->json, NULL);
  siaga_json_string(&self->json, "type", "bundle", -1);
  siaga_json_string(&self->json, "id", id, -1);
  siaga_json_open_list(&self->json, "objects");
  _write_objects(self);
  siaga_json_close_list(&self->json);
  siaga_json_close_object(&self->json);
}

/* What stands between the brackets of a list. */
static void
_write_bare_objects(Bundle *self)
{
  GString *out = self->json.out;
  gsize start = out->len;

  siaga_json_open_list(&self->json, NULL);
  _write_objects(self);
  siaga_json_close_list(&self->json);
  g_string_truncate(out, out->len - 1);
  g_string_erase(out, start, 1);
}

void
siaga_export_stix(const SiagaExport *export, GString *out)
{
  Bundle self = { 0 };

  _init(&self, export, out);
  if (export->form == SIAGA_EXPORT_STIX_OBJECTS)
    _write_bare_objects(&self);
  else
    _write_bundle(&self);
  g_ptr_array_unref(self.observables);
  g_ptr_array_unref(self.techniques);
  g_ptr_array_unref(self.indicators);
}
