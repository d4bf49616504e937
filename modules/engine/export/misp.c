/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * An incident as a MISP event. */

#include "engine/export/export.h"

#include <siaga/json.h>

#include <string.h>

typedef struct
{
  const SiagaIncident *incident;
  SiagaJson json;
  const gchar *timestamp;
} Event;

static void
_text(Event *self, const gchar *key, const gchar *text)
{
  siaga_json_string(&self->json, key, text, -1);
}

static void
_attribute(Event *self, const gchar *category, const gchar *type, const gchar *value, gsize length, gboolean to_ids,
           const gchar *comment)
{
  gchar uuid[37], *copy = g_strndup(value, length);
  if (length == 0)
    {
      g_free(copy);
      return;
    }
  siaga_export_uuid(uuid, "misp-attribute", self->incident->uuid, type, copy, comment, NULL);
  siaga_json_open_object(&self->json, NULL);
  _text(self, "uuid", uuid);
  _text(self, "type", type);
  _text(self, "category", category);
  siaga_json_string(&self->json, "value", value, length);
  siaga_json_bool(&self->json, "to_ids", to_ids);
  _text(self, "distribution", "5");
  _text(self, "timestamp", self->timestamp);
  if (*comment)
    _text(self, "comment", comment);
  siaga_json_close_object(&self->json);
  g_free(copy);
}

static void
_target(Event *self, const gchar *type, const gchar *value)
{
  if (value)
    _attribute(self, "Targeting data", type, value, strlen(value), FALSE, "");
}

static void
_evidence(Event *self)
{
  for (guint i = 0; self->incident->evidence && i < self->incident->evidence->len; i++)
    {
      const SiagaEvidence *evidence = self->incident->evidence->pdata[i];
      gchar time[40], *comment;
      siaga_time_format(evidence->time, time);
      comment = g_strconcat("log line of ", time, NULL);
      _attribute(self, "Other", "text", evidence->line, evidence->length, FALSE, comment);
      g_free(comment);
    }
}

static void
_attributes(Event *self, const GPtrArray *attackers)
{
  const SiagaIncident *incident = self->incident;
  gchar count[32];

  siaga_json_open_list(&self->json, "Attribute");
  for (guint i = 0; i < attackers->len; i++)
    _attribute(self, "Network activity", "ip-src", attackers->pdata[i], strlen(attackers->pdata[i]), TRUE, "");
  _target(self, "target-org", incident->victim_owner);
  _target(self, "target-machine", incident->victim_domain);
  _target(self, "target-machine", incident->victim_ip);
  _target(self, "target-location", incident->victim_country);
  for (guint i = 0; incident->users.first && i < incident->users.first->len; i++)
    _target(self, "target-user", incident->users.first->pdata[i]);
  g_snprintf(count, sizeof count, "%" G_GUINT64_FORMAT, incident->count);
  _attribute(self, "Other", "counter", count, strlen(count), FALSE, "events");
  _evidence(self);
  siaga_json_close_list(&self->json);
}

static void
_tag(Event *self, const gchar *format, const gchar *a, const gchar *b)
{
  gchar *name = g_strdup_printf(format, a, b);
  siaga_json_open_object(&self->json, NULL);
  _text(self, "name", name);
  siaga_json_close_object(&self->json);
  g_free(name);
}

static void
_tags(Event *self, SiagaTlp tlp)
{
  const SiagaExportCategory *category = siaga_export_category(self->incident->rule->category);
  const gchar *const *technique = self->incident->rule->techniques;
  gchar *label = g_ascii_strdown(siaga_tlp_name(tlp), -1);

  siaga_json_open_list(&self->json, "Tag");
  _tag(self, "%s%s", label, "");
  _tag(self, "rsit:%s=\"%s\"", category->rsit_class, category->rsit_type);
  for (; technique && *technique; technique++)
    if (siaga_export_technique_name(*technique))
      _tag(self, "misp-galaxy:mitre-attack-pattern=\"%s - %s\"", siaga_export_technique_name(*technique), *technique);
  siaga_json_close_list(&self->json);
  g_free(label);
}

static const gchar *
_threat_level(SiagaLevel level)
{
  switch (level)
    {
    case SIAGA_LEVEL_CRITICAL:
    case SIAGA_LEVEL_HIGH:
      return "1";
    case SIAGA_LEVEL_MEDIUM:
      return "2";
    case SIAGA_LEVEL_LOW:
      return "3";
    default:
      return "4";
    }
}

static const gchar *
_distribution(SiagaTlp tlp)
{
  static const gchar *const distributions[] = {
    [SIAGA_TLP_CLEAR] = "3",        /* all communities */
    [SIAGA_TLP_GREEN] = "2",        /* connected communities */
    [SIAGA_TLP_AMBER] = "1",        /* this community */
    [SIAGA_TLP_AMBER_STRICT] = "0", /* this organisation */
    [SIAGA_TLP_RED] = "0",
  };
  return distributions[tlp];
}

static void
_head(Event *self, const SiagaExport *export)
{
  static const gchar *const analyses[] = { "0", "1", "2" };
  gchar date[40], producer[37];

  siaga_time_format(self->incident->first_seen, date);
  date[strlen("2026-11-21")] = '\0';
  siaga_export_uuid(producer, "misp-organisation", export->producer, NULL);
  _text(self, "uuid", self->incident->uuid);
  _text(self, "info", self->incident->rule->title);
  _text(self, "date", date);
  _text(self, "threat_level_id", _threat_level(self->incident->level));
  _text(self, "analysis", analyses[self->incident->state]);
  _text(self, "distribution", _distribution(export->tlp));
  siaga_json_bool(&self->json, "published", FALSE);
  _text(self, "timestamp", self->timestamp);
  siaga_json_open_object(&self->json, "Orgc");
  _text(self, "name", export->producer);
  _text(self, "uuid", producer);
  siaga_json_close_object(&self->json);
}

void
siaga_export_misp(const SiagaExport *export, GString *out)
{
  gchar timestamp[32];
  Event self = { .incident = export->incident, .timestamp = timestamp };

  g_snprintf(timestamp, sizeof timestamp, "%" G_GINT64_FORMAT,
             MAX(export->incident->changed, export->incident->first_seen) / SIAGA_SECOND);
  siaga_json_init(&self.json, out);
  siaga_json_open_object(&self.json, NULL);
  siaga_json_open_object(&self.json, "Event");
  _head(&self, export);
  _attributes(&self, export->attackers);
  _tags(&self, export->tlp);
  siaga_json_close_object(&self.json);
  siaga_json_close_object(&self.json);
}
