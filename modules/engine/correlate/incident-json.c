/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The incident as nested ECS, and as flat names and values. */

#include <siaga/incident.h>
#include <siaga/json.h>

#include <string.h>

static void
_text(SiagaJson *json, const gchar *key, const gchar *text)
{
  if (text && *text)
    siaga_json_string(json, key, text, -1);
}

static void
_time(SiagaJson *json, const gchar *key, SiagaTime time)
{
  if (time)
    siaga_json_time(json, key, time);
}

static void
_list(SiagaJson *json, const gchar *key, const GPtrArray *texts)
{
  if (!texts->len)
    return;
  siaga_json_open_list(json, key);
  for (guint i = 0; i < texts->len; i++)
    siaga_json_string(json, NULL, texts->pdata[i], -1);
  siaga_json_close_list(json);
}

static void
_vector(SiagaJson *json, const gchar *key, const gchar *const *texts)
{
  if (!texts || !*texts)
    return;
  siaga_json_open_list(json, key);
  for (; *texts; texts++)
    siaga_json_string(json, NULL, *texts, -1);
  siaga_json_close_list(json);
}

static void
_write_event(const SiagaIncident *self, SiagaJson *json)
{
  siaga_json_open_object(json, "event");
  siaga_json_string(json, "kind", "alert", -1);
  siaga_json_open_list(json, "category");
  siaga_json_string(json, NULL, "intrusion_detection", -1);
  siaga_json_close_list(json);
  siaga_json_int(json, "severity", self->level);
  _time(json, "start", self->first_seen);
  _time(json, "end", self->last_seen);
  siaga_json_close_object(json);
}

static void
_write_rule(const SiagaIncident *self, SiagaJson *json)
{
  const SiagaRule *rule = self->rule;
  siaga_json_open_object(json, "rule");
  _text(json, "id", rule->id);
  _text(json, "name", rule->title);
  _text(json, "version", rule->revision);
  _text(json, "level", siaga_level_name(rule->level));
  _text(json, "category", rule->category);
  _text(json, "description", rule->description);
  siaga_json_close_object(json);
}

static void
_write_threat(const SiagaIncident *self, SiagaJson *json)
{
  const SiagaRule *rule = self->rule;
  gboolean techniques = rule->techniques && *rule->techniques, tactics = rule->tactics && *rule->tactics;
  if (!techniques && !tactics)
    return;
  siaga_json_open_object(json, "threat");
  siaga_json_string(json, "framework", "MITRE ATT&CK", -1);
  if (tactics)
    {
      siaga_json_open_object(json, "tactic");
      _vector(json, "name", rule->tactics);
      siaga_json_close_object(json);
    }
  if (techniques)
    {
      siaga_json_open_object(json, "technique");
      _vector(json, "id", rule->techniques);
      siaga_json_close_object(json);
    }
  siaga_json_close_object(json);
}

static void
_write_source(const SiagaIncident *self, SiagaJson *json)
{
  if (!self->source_ip && !self->source_actor && !self->source_country)
    return;
  siaga_json_open_object(json, "source");
  _text(json, "ip", self->source_ip);
  _text(json, "actor", self->source_actor);
  if (self->source_country)
    {
      siaga_json_open_object(json, "geo");
      _text(json, "country_iso_code", self->source_country);
      siaga_json_close_object(json);
    }
  siaga_json_close_object(json);
}

static void
_add_once(GPtrArray *list, const gchar *text)
{
  for (guint i = 0; i < list->len; i++)
    if (strcmp(list->pdata[i], text) == 0)
      return;
  g_ptr_array_add(list, (gpointer) text);
}

static void
_related(const SiagaIncident *self, GPtrArray *ips, GPtrArray *hosts)
{
  if (self->source_ip)
    _add_once(ips, self->source_ip);
  for (guint i = 0; i < self->sources.first->len; i++)
    if (g_hostname_is_ip_address(self->sources.first->pdata[i]))
      _add_once(ips, self->sources.first->pdata[i]);
    else
      _add_once(hosts, self->sources.first->pdata[i]);
  if (self->victim_ip)
    _add_once(ips, self->victim_ip);
  if (self->victim_domain)
    _add_once(hosts, self->victim_domain);
  for (guint i = 0; i < self->targets.first->len; i++)
    _add_once(g_hostname_is_ip_address(self->targets.first->pdata[i]) ? ips : hosts, self->targets.first->pdata[i]);
}

static void
_write_related(const SiagaIncident *self, SiagaJson *json)
{
  GPtrArray *ips = g_ptr_array_new(), *hosts = g_ptr_array_new();
  _related(self, ips, hosts);
  if (ips->len || hosts->len || self->users.first->len)
    {
      siaga_json_open_object(json, "related");
      _list(json, "ip", ips);
      _list(json, "user", self->users.first);
      _list(json, "hosts", hosts);
      siaga_json_close_object(json);
    }
  g_ptr_array_unref(ips);
  g_ptr_array_unref(hosts);
}

static void
_write_distinct(SiagaJson *json, const gchar *key, const SiagaDistinct *distinct)
{
  if (!distinct->distinct)
    return;
  siaga_json_open_object(json, key);
  siaga_json_int(json, "count", distinct->distinct);
  if (distinct->approximate)
    siaga_json_bool(json, "approximate", TRUE);
  _list(json, "first", distinct->first);
  siaga_json_close_object(json);
}

static void
_write_evidence(const SiagaIncident *self, SiagaJson *json)
{
  if (!self->evidence->len)
    return;
  siaga_json_open_list(json, "evidence");
  for (guint i = 0; i < self->evidence->len; i++)
    {
      const SiagaEvidence *evidence = self->evidence->pdata[i];
      siaga_json_open_object(json, NULL);
      _time(json, "time", evidence->time);
      siaga_json_string(json, "line", evidence->line, evidence->length);
      _text(json, "sha256", evidence->sha256);
      siaga_json_close_object(json);
    }
  siaga_json_close_list(json);
}

static void
_write_timeline(const SiagaIncident *self, SiagaJson *json)
{
  siaga_json_open_list(json, "timeline");
  for (guint i = 0; i < self->timeline->len; i++)
    {
      const SiagaTimelineEntry *entry = self->timeline->pdata[i];
      siaga_json_open_object(json, NULL);
      siaga_json_time(json, "time", entry->time);
      _text(json, "what", entry->what);
      siaga_json_close_object(json);
    }
  siaga_json_close_list(json);
}

static void
_write_details(const SiagaIncident *self, SiagaJson *json)
{
  siaga_json_open_object(json, "distinct");
  _write_distinct(json, "sources", &self->sources);
  _write_distinct(json, "users", &self->users);
  _write_distinct(json, "targets", &self->targets);
  siaga_json_close_object(json);
  siaga_json_open_object(json, "group_by");
  for (guint i = 0; i < self->group_fields->len; i++)
    _text(json, ((const SiagaField *) self->group_fields->pdata[i])->name, self->group_values->pdata[i]);
  siaga_json_close_object(json);
  if (self->fields->len)
    {
      siaga_json_open_object(json, "fields");
      for (guint i = 0; i + 1 < self->fields->len; i += 2)
        _text(json, self->fields->pdata[i], self->fields->pdata[i + 1]);
      siaga_json_close_object(json);
    }
  _list(json, "stages", self->stages);
  _list(json, "children", self->children);
  _write_evidence(self, json);
  _write_timeline(self, json);
}

static void
_write_incident(const SiagaIncident *self, SiagaJson *json)
{
  siaga_json_open_object(json, "incident");
  siaga_json_string(json, "id", self->uuid, -1);
  siaga_json_string(json, "state", siaga_incident_state_name(self->state), -1);
  siaga_json_int(json, "revision", self->revision);
  siaga_json_time(json, "first_seen", self->first_seen);
  siaga_json_time(json, "last_seen", self->last_seen);
  siaga_json_int(json, "count", self->count);
  siaga_json_string(json, "level", siaga_level_name(self->level), -1);
  _text(json, "reason", self->reason);
  _text(json, "previous", self->previous);
  _text(json, "parent", self->parent);
  _time(json, "report_due", self->report_due);
  if (self->degraded)
    siaga_json_bool(json, "degraded", TRUE);
  if (self->simulated)
    siaga_json_bool(json, "simulated", TRUE);
  if (self->spoofed)
    siaga_json_bool(json, "spoofed", TRUE);
  if (self->crowd)
    siaga_json_bool(json, "crowd", TRUE);
  _write_details(self, json);
  siaga_json_close_object(json);
}

static void
_write_victim(const SiagaIncident *self, SiagaJson *json)
{
  if (!self->victim_domain && !self->victim_ip && !self->victim_country && !self->victim_sector &&
      !self->victim_owner && !self->victim_csirt && !self->victim_claimed)
    return;
  siaga_json_open_object(json, "victim");
  _text(json, "domain", self->victim_domain);
  _text(json, "ip", self->victim_ip);
  _text(json, "country", self->victim_country);
  _text(json, "sector", self->victim_sector);
  _text(json, "owner", self->victim_owner);
  _text(json, "csirt", self->victim_csirt);
  _text(json, "claimed", self->victim_claimed);
  siaga_json_close_object(json);
}

void
siaga_incident_write_json(const SiagaIncident *self, GString *out)
{
  SiagaJson json;
  GString *text = g_string_new(NULL);

  siaga_incident_format_text(self, text);
  siaga_json_init(&json, out);
  siaga_json_open_object(&json, NULL);
  siaga_json_time(&json, "@timestamp", self->changed);
  siaga_json_string(&json, "message", text->str, text->len);
  _write_event(self, &json);
  _write_rule(self, &json);
  _write_threat(self, &json);
  _write_source(self, &json);
  _write_related(self, &json);
  siaga_json_open_object(&json, "siaga");
  if (self->received_time)
    siaga_json_string(&json, "time", "received", -1);
  _write_incident(self, &json);
  _write_victim(self, &json);
  siaga_json_close_object(&json);
  _list(&json, "tags", self->tags);
  siaga_json_close_object(&json);
  g_string_free(text, TRUE);
}

typedef struct
{
  SiagaIncidentField emit;
  gpointer user_data;
} Emitter;

static void
_emit(const Emitter *self, const gchar *name, SiagaFieldType type, const gchar *text)
{
  if (text && *text)
    self->emit(name, type, text, strlen(text), self->user_data);
}

static void
_emit_number(const Emitter *self, const gchar *name, guint64 number)
{
  gchar buffer[32];
  g_snprintf(buffer, sizeof buffer, "%" G_GUINT64_FORMAT, number);
  _emit(self, name, SIAGA_FT_LONG, buffer);
}

static void
_emit_time(const Emitter *self, const gchar *name, SiagaTime time)
{
  gchar buffer[40];
  if (time)
    _emit(self, name, SIAGA_FT_DATE, siaga_time_format(time, buffer));
}

static void
_emit_head(const SiagaIncident *self, const Emitter *emitter)
{
  const SiagaRule *rule = self->rule;
  _emit(emitter, "event.kind", SIAGA_FT_KEYWORD, "alert");
  _emit(emitter, "event.category", SIAGA_FT_KEYWORD, "intrusion_detection");
  _emit_number(emitter, "event.severity", self->level);
  _emit(emitter, "rule.id", SIAGA_FT_KEYWORD, rule->id);
  _emit(emitter, "rule.name", SIAGA_FT_KEYWORD, rule->title);
  _emit(emitter, "rule.version", SIAGA_FT_KEYWORD, rule->revision);
  _emit(emitter, "rule.level", SIAGA_FT_KEYWORD, siaga_level_name(rule->level));
  _emit(emitter, "rule.category", SIAGA_FT_KEYWORD, rule->category);
  _emit(emitter, "siaga.incident.id", SIAGA_FT_KEYWORD, self->uuid);
  _emit(emitter, "siaga.incident.state", SIAGA_FT_KEYWORD, siaga_incident_state_name(self->state));
  _emit_number(emitter, "siaga.incident.revision", self->revision);
  _emit_time(emitter, "siaga.incident.first_seen", self->first_seen);
  _emit_time(emitter, "siaga.incident.last_seen", self->last_seen);
  _emit_number(emitter, "siaga.incident.count", self->count);
  _emit(emitter, "siaga.incident.level", SIAGA_FT_KEYWORD, siaga_level_name(self->level));
  _emit(emitter, "siaga.incident.reason", SIAGA_FT_KEYWORD, self->reason);
  _emit(emitter, "siaga.incident.previous", SIAGA_FT_KEYWORD, self->previous);
  _emit(emitter, "siaga.incident.parent", SIAGA_FT_KEYWORD, self->parent);
  _emit_time(emitter, "siaga.incident.report_due", self->report_due);
  if (self->degraded)
    _emit(emitter, "siaga.incident.degraded", SIAGA_FT_BOOLEAN, "true");
}

static void
_emit_joined(const Emitter *emitter, const gchar *name, const gchar *const *texts)
{
  if (!texts || !*texts)
    return;
  gchar *joined = g_strjoinv(",", (gchar **) texts);
  _emit(emitter, name, SIAGA_FT_KEYWORD, joined);
  g_free(joined);
}

void
siaga_incident_foreach(const SiagaIncident *self, SiagaIncidentField emit, gpointer user_data)
{
  Emitter emitter = { emit, user_data };
  _emit_head(self, &emitter);
  _emit_joined(&emitter, "threat.technique.id", self->rule->techniques);
  _emit(&emitter, "source.ip", SIAGA_FT_IP, self->source_ip);
  _emit(&emitter, "source.actor", SIAGA_FT_KEYWORD, self->source_actor);
  _emit(&emitter, "source.geo.country_iso_code", SIAGA_FT_KEYWORD, self->source_country);
  _emit(&emitter, "siaga.victim.domain", SIAGA_FT_KEYWORD, self->victim_domain);
  _emit(&emitter, "siaga.victim.ip", SIAGA_FT_IP, self->victim_ip);
  _emit(&emitter, "siaga.victim.country", SIAGA_FT_KEYWORD, self->victim_country);
  _emit(&emitter, "siaga.victim.sector", SIAGA_FT_KEYWORD, self->victim_sector);
  _emit(&emitter, "siaga.victim.owner", SIAGA_FT_KEYWORD, self->victim_owner);
  _emit(&emitter, "siaga.victim.csirt", SIAGA_FT_KEYWORD, self->victim_csirt);
  _emit(&emitter, "siaga.victim.claimed", SIAGA_FT_KEYWORD, self->victim_claimed);
  for (guint i = 0; i < self->group_fields->len; i++)
    {
      const SiagaField *field = self->group_fields->pdata[i];
      if (!g_str_has_prefix(field->name, "siaga.victim.") && strcmp(field->name, "source.ip") != 0 &&
          strcmp(field->name, "source.actor") != 0)
        _emit(&emitter, field->name, field->type, self->group_values->pdata[i]);
    }
}
