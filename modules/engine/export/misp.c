/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * An incident as a MISP event. */

#include "engine/export/export.h"

#include <siaga/json.h>

#include <string.h>

typedef struct
{
  const SiagaIncident *incident;
  const GPtrArray *attackers;
  SiagaJson json;
  const gchar *timestamp;
  gchar uuid[37];
  gboolean has_objects;
} Event;

static void
_text(Event *self, const gchar *key, const gchar *text)
{
  siaga_json_string(&self->json, key, text, -1);
}

typedef struct
{
  const gchar *relation; /* within an object; NULL: of the event itself */
  const gchar *category, *type;
  const gchar *comment; /* NULL: none */
  const gchar *key;     /* what stays when the value changes; NULL: the value */
  gboolean to_ids;
} Attribute;

/* An edit changes the attribute whose id it repeats. */
static void
_attribute_uuid(const Event *self, const Attribute *attribute, const gchar *value, gsize length, gchar *uuid)
{
  gchar *copy = g_strndup(value, length);
  siaga_export_uuid(uuid, "misp-attribute", self->uuid, attribute->relation ? attribute->relation : "", attribute->type,
                    attribute->key ? attribute->key : copy, attribute->comment ? attribute->comment : "", NULL);
  g_free(copy);
}

static void
_attribute(Event *self, const Attribute *attribute, const gchar *value, gssize length)
{
  gchar uuid[37];

  if (!value || !*value)
    return;
  length = length < 0 ? (gssize) strlen(value) : length;
  _attribute_uuid(self, attribute, value, length, uuid);
  siaga_json_open_object(&self->json, NULL);
  _text(self, "uuid", uuid);
  if (attribute->relation)
    _text(self, "object_relation", attribute->relation);
  _text(self, "type", attribute->type);
  _text(self, "category", attribute->category);
  siaga_json_string(&self->json, "value", value, length);
  siaga_json_bool(&self->json, "to_ids", attribute->to_ids);
  _text(self, "distribution", "5");
  _text(self, "timestamp", self->timestamp);
  if (attribute->comment)
    _text(self, "comment", attribute->comment);
  siaga_json_close_object(&self->json);
}

static void
_count(Event *self, const gchar *relation, const gchar *comment)
{
  const Attribute attribute = { relation, "Other", "counter", comment, "count", FALSE };
  gchar count[32];
  g_snprintf(count, sizeof count, "%" G_GUINT64_FORMAT, self->incident->count);
  _attribute(self, &attribute, count, -1);
}

static void
_revision(Event *self)
{
  static const Attribute attribute = { NULL, "Internal reference", "text", "revision", "revision", FALSE };
  gchar revision[16];
  g_snprintf(revision, sizeof revision, "%u", self->incident->revision);
  _attribute(self, &attribute, revision, -1);
}

/* Equal lines of one moment would be one attribute twice. */
static gboolean
_stands_before(const GPtrArray *list, guint index)
{
  const SiagaEvidence *one = list->pdata[index];
  for (guint i = 0; i < index; i++)
    {
      const SiagaEvidence *other = list->pdata[i];
      if (other->time == one->time && other->length == one->length && memcmp(other->line, one->line, one->length) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
_evidence(Event *self)
{
  for (guint i = 0; self->incident->evidence && i < self->incident->evidence->len; i++)
    {
      const SiagaEvidence *evidence = self->incident->evidence->pdata[i];
      gchar time[40], comment[64];
      if (_stands_before(self->incident->evidence, i))
        continue;
      siaga_time_format(evidence->time, time);
      g_snprintf(comment, sizeof comment, "log line of %s", time);
      const Attribute attribute = { NULL, "Other", "text", comment, NULL, FALSE };
      _attribute(self, &attribute, evidence->line, evidence->length);
    }
}

static void
_each(Event *self, const Attribute *attribute, const GPtrArray *values)
{
  for (guint i = 0; values && i < values->len; i++)
    _attribute(self, attribute, values->pdata[i], -1);
}

/* NULL where MISP would refuse it. */
static const gchar *
_victim_domain(const Event *self)
{
  return siaga_export_is_fqdn(self->incident->victim_domain) ? self->incident->victim_domain : NULL;
}

static const gchar *
_victim_address(const Event *self)
{
  const gchar *address = self->incident->victim_ip;
  return address && siaga_export_address_kind(address) != SIAGA_EXPORT_NO_ADDRESS ? address : NULL;
}

/* Where there are no objects. */
static void
_targets(Event *self)
{
  static const Attribute organisation = { NULL, "Targeting data", "target-org", NULL, NULL, FALSE };
  static const Attribute machine = { NULL, "Targeting data", "target-machine", NULL, NULL, FALSE };
  static const Attribute location = { NULL, "Targeting data", "target-location", NULL, NULL, FALSE };
  static const Attribute user = { NULL, "Targeting data", "target-user", NULL, NULL, FALSE };
  _attribute(self, &organisation, self->incident->victim_owner, -1);
  _attribute(self, &machine, self->incident->victim_domain, -1);
  _attribute(self, &machine, _victim_address(self), -1);
  _attribute(self, &location, self->incident->victim_country, -1);
  _each(self, &user, self->incident->users.first);
}

static void
_attributes(Event *self)
{
  static const Attribute attacker = { NULL, "Network activity", "ip-src", NULL, NULL, TRUE };
  siaga_json_open_list(&self->json, "Attribute");
  _each(self, &attacker, self->attackers);
  if (!self->has_objects)
    _targets(self);
  _count(self, NULL, "events");
  _revision(self);
  _evidence(self);
  siaga_json_close_list(&self->json);
}

/* The templates of MISP's own collection of objects. */
typedef struct
{
  const gchar *name, *uuid, *version, *category;
} Template;

static void
_open_object(Event *self, const Template *template)
{
  gchar uuid[37];
  siaga_export_uuid(uuid, "misp-object", self->uuid, template->name, NULL);
  siaga_json_open_object(&self->json, NULL);
  _text(self, "uuid", uuid);
  _text(self, "name", template->name);
  _text(self, "meta-category", template->category);
  _text(self, "template_uuid", template->uuid);
  _text(self, "template_version", template->version);
  _text(self, "distribution", "5");
  _text(self, "timestamp", self->timestamp);
  siaga_json_open_list(&self->json, "Attribute");
}

static void
_close_object(Event *self)
{
  siaga_json_close_list(&self->json);
  siaga_json_close_object(&self->json);
}

static void
_victim(Event *self)
{
  static const Template template = { "victim", "a8806e40-39ad-435f-be02-ac2a13d6fc7d", "10", "misc" };
  static const Attribute name = { "name", "Targeting data", "target-org", NULL, NULL, FALSE };
  static const Attribute region = { "regions", "Targeting data", "target-location", NULL, NULL, FALSE };
  static const Attribute sector = { "sectors", "Other", "text", NULL, NULL, FALSE };
  static const Attribute domain = { "domain", "Network activity", "domain", NULL, NULL, FALSE };
  static const Attribute address = { "ip-address", "Network activity", "ip-dst", NULL, NULL, FALSE };
  static const Attribute user = { "user", "Targeting data", "target-user", NULL, NULL, FALSE };
  const SiagaIncident *incident = self->incident;
  const gchar *known = incident->victim_owner ? incident->victim_owner : incident->victim_domain;

  if (!known)
    known = _victim_address(self);
  if (!known && !incident->victim_country && !incident->victim_sector)
    return;
  _open_object(self, &template);
  _attribute(self, &name, known, -1);
  _attribute(self, &region, incident->victim_country, -1);
  _attribute(self, &sector, siaga_export_misp_sector(incident->victim_sector), -1);
  _attribute(self, &domain, _victim_domain(self), -1);
  _attribute(self, &address, _victim_address(self), -1);
  _each(self, &user, incident->users.first);
  _close_object(self);
}

/* These templates hold one source. */
static const gchar *
_only_attacker(const Event *self)
{
  return self->attackers->len == 1 ? self->attackers->pdata[0] : NULL;
}

static const gchar *
_service(const SiagaIncident *incident)
{
  for (guint i = 0; incident->fields && i + 1 < incident->fields->len; i += 2)
    if (strcmp(incident->fields->pdata[i], "event.dataset") == 0)
      return incident->fields->pdata[i + 1];
  return "login";
}

static void
_authentication_failures(Event *self)
{
  static const Template template = { "authentication-failure-report", "9b39afe0-9809-4fe0-8a0b-4cec2b140dd2", "4",
                                     "network" };
  static const Attribute source = { "ip-src", "Network activity", "ip-src", NULL, NULL, TRUE };
  static const Attribute type = { "type", "Other", "text", NULL, NULL, FALSE };
  if (!_only_attacker(self))
    return;
  _open_object(self, &template);
  _attribute(self, &source, _only_attacker(self), -1);
  _attribute(self, &type, _service(self->incident), -1);
  _count(self, "total", NULL);
  _close_object(self);
}

static void
_datetime(Event *self, const gchar *relation, SiagaTime time)
{
  const Attribute attribute = { relation, "Other", "datetime", NULL, relation, FALSE };
  gchar text[40];
  siaga_time_format(time, text);
  _attribute(self, &attribute, text, -1);
}

static void
_flood(Event *self)
{
  static const Template template = { "ddos", "e2f124d6-f57c-4f93-99e6-8450545fa05d", "5", "network" };
  static const Attribute source = { "ip-src", "Network activity", "ip-src", NULL, NULL, TRUE };
  static const Attribute domain = { "domain-dst", "Network activity", "domain", NULL, NULL, FALSE };
  static const Attribute address = { "ip-dst", "Network activity", "ip-dst", NULL, NULL, FALSE };
  const SiagaIncident *incident = self->incident;

  if (!_only_attacker(self) && !_victim_domain(self) && !_victim_address(self))
    return;
  _open_object(self, &template);
  _attribute(self, &source, _only_attacker(self), -1);
  _attribute(self, &domain, _victim_domain(self), -1);
  _attribute(self, &address, _victim_address(self), -1);
  _datetime(self, "first-seen", incident->first_seen);
  _datetime(self, "last-seen", incident->last_seen);
  _close_object(self);
}

static void
_objects(Event *self)
{
  const gchar *type = siaga_export_category(self->incident->rule->category)->rsit_type;
  siaga_json_open_list(&self->json, "Object");
  _victim(self);
  if (strcmp(type, "brute-force") == 0)
    _authentication_failures(self);
  else if (strcmp(type, "ddos") == 0)
    _flood(self);
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
  _text(self, "uuid", self->uuid);
  if (strcmp(self->uuid, self->incident->uuid) != 0)
    _text(self, "extends_uuid", self->incident->uuid);
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

/* The event that /events/add takes once: the incident, or with REVISION each of its revisions. */
static void
_event_uuid(const SiagaExport *export, gchar *uuid)
{
  gchar revision[16];
  g_strlcpy(uuid, export->incident->uuid, 37);
  if (export->form != SIAGA_EXPORT_MISP_REVISION || export->incident->revision <= 1)
    return;
  g_snprintf(revision, sizeof revision, "%u", export->incident->revision);
  siaga_export_uuid(uuid, "misp-revision", export->incident->uuid, revision, NULL);
}

void
siaga_export_misp(const SiagaExport *export, GString *out)
{
  gchar timestamp[32];
  Event self = { .incident = export->incident,
                 .attackers = export->attackers,
                 .timestamp = timestamp,
                 .has_objects = export->form != SIAGA_EXPORT_WHOLE };

  g_snprintf(timestamp, sizeof timestamp, "%" G_GINT64_FORMAT,
             MAX(export->incident->changed, export->incident->first_seen) / SIAGA_SECOND);
  _event_uuid(export, self.uuid);
  siaga_json_init(&self.json, out);
  siaga_json_open_object(&self.json, NULL);
  siaga_json_open_object(&self.json, "Event");
  _head(&self, export);
  _attributes(&self);
  if (self.has_objects)
    _objects(&self);
  _tags(&self, export->tlp);
  siaga_json_close_object(&self.json);
  siaga_json_close_object(&self.json);
}
