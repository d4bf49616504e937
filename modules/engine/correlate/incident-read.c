/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads an incident back from its JSON.  Unknown members are passed over; what is no incident is refused. */

#include "incident-own.h"
#include "uuid.h"

#include <json-c/json.h>
#include <string.h>

#define TEXT_MAX (1024 * 1024)
#define LIST_MAX 256

typedef struct
{
  SiagaIncident *out;
  SiagaIncidentOwn *own;
} Reader;

/* PATH is members parted by '/', so that names may hold dots. */
static struct json_object *
_get(struct json_object *object, const gchar *path)
{
  gchar **members = g_strsplit(path, "/", -1);
  for (guint i = 0; object && members[i]; i++)
    if (!json_object_is_type(object, json_type_object) || !json_object_object_get_ex(object, members[i], &object))
      object = NULL;
  g_strfreev(members);
  return object;
}

static const gchar *
_text(struct json_object *object, const gchar *path)
{
  struct json_object *value = _get(object, path);
  return value && json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

static gint64
_number(struct json_object *object, const gchar *path)
{
  struct json_object *value = _get(object, path);
  return value && json_object_is_type(value, json_type_int) ? json_object_get_int64(value) : 0;
}

static gboolean
_flag(struct json_object *object, const gchar *path)
{
  struct json_object *value = _get(object, path);
  return value && json_object_is_type(value, json_type_boolean) && json_object_get_boolean(value);
}

static SiagaTime
_time(struct json_object *object, const gchar *path)
{
  const gchar *text = _text(object, path);
  SiagaTime time = 0;
  gint32 zone;
  if (text && siaga_time_parse(SIAGA_TIME_FORMAT_ISO8601, text, strlen(text), &(SiagaTimeContext){ 0 }, &time, &zone))
    return time;
  return 0;
}

static guint
_list_length(struct json_object *list)
{
  return list && json_object_is_type(list, json_type_array) ? MIN(json_object_array_length(list), LIST_MAX) : 0;
}

static void
_read_list(struct json_object *object, const gchar *path, GPtrArray *texts)
{
  struct json_object *list = _get(object, path);
  for (guint i = 0; i < _list_length(list); i++)
    {
      struct json_object *item = json_object_array_get_idx(list, i);
      if (json_object_is_type(item, json_type_string))
        g_ptr_array_add(texts, g_strdup(json_object_get_string(item)));
    }
}

static const gchar *
_own_text(Reader *self, const gchar *text)
{
  gchar *copy = g_strdup(text);
  if (copy)
    g_ptr_array_add(self->own->strings, copy);
  return copy;
}

static const gchar *const *
_own_vector(Reader *self, struct json_object *object, const gchar *path)
{
  GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
  _read_list(object, path, texts);
  const gchar **vector = g_new0(const gchar *, texts->len + 1);
  for (guint i = 0; i < texts->len; i++)
    vector[i] = _own_text(self, texts->pdata[i]);
  g_ptr_array_add(self->own->vectors, vector);
  g_ptr_array_unref(texts);
  return vector;
}

static SiagaLevel
_level(struct json_object *object, const gchar *path)
{
  const gchar *name = _text(object, path);
  return name ? siaga_level_by_name(name) : SIAGA_LEVEL_NONE;
}

static void
_read_rule(Reader *self, struct json_object *object)
{
  SiagaRule *rule = &self->own->rule;
  const gchar *title = _text(object, "rule/name");
  const gchar *id = _text(object, "rule/id");
  rule->id = _own_text(self, id ? id : "");
  rule->title = _own_text(self, title ? title : id ? id : "unnamed"); /* who wrote it need not be siaga */
  rule->revision = _own_text(self, _text(object, "rule/version"));
  rule->category = _own_text(self, _text(object, "rule/category"));
  rule->description = _own_text(self, _text(object, "rule/description"));
  rule->level = _level(object, "rule/level");
  rule->techniques = _own_vector(self, object, "threat/technique/id");
  rule->tactics = _own_vector(self, object, "threat/tactic/name");
  rule->tags = _own_vector(self, object, "no/such/member");
  rule->falsepositives = rule->tags;
  rule->simulate = _flag(object, "siaga/incident/simulated");
  self->out->rule = rule;
}

/* FALSE when the state is none. */
static gboolean
_read_state(SiagaIncident *out, struct json_object *object)
{
  const gchar *state = _text(object, "siaga/incident/state");
  for (guint i = SIAGA_INCIDENT_OPEN; state && i <= SIAGA_INCIDENT_CLOSE; i++)
    if (strcmp(state, siaga_incident_state_name(i)) == 0)
      {
        out->state = i;
        return TRUE;
      }
  return FALSE;
}

static void
_read_uuid(struct json_object *object, const gchar *path, gchar uuid[37])
{
  guint8 bytes[16];
  const gchar *text = _text(object, path);
  if (text && siaga_uuid_parse(text, bytes))
    siaga_uuid_format(bytes, uuid);
}

/* Reasons are few and static. */
static const gchar *
_reason(const gchar *text)
{
  return text && strlen(text) < 64 ? g_intern_string(text) : NULL;
}

static void
_read_head(Reader *self, struct json_object *object)
{
  SiagaIncident *out = self->out;
  out->revision = _number(object, "siaga/incident/revision");
  out->reason = _reason(_text(object, "siaga/incident/reason"));
  out->level = _level(object, "siaga/incident/level");
  out->first_seen = _time(object, "siaga/incident/first_seen");
  out->last_seen = _time(object, "siaga/incident/last_seen");
  out->changed = _time(object, "@timestamp");
  out->report_due = _time(object, "siaga/incident/report_due");
  out->degraded = _flag(object, "siaga/incident/degraded");
  out->simulated = _flag(object, "siaga/incident/simulated");
  out->spoofed = _flag(object, "siaga/incident/spoofed");
  out->crowd = _flag(object, "siaga/incident/crowd");
  out->received_time = g_strcmp0(_text(object, "siaga/time"), "received") == 0;
  out->count = _number(object, "siaga/incident/count");
  _read_uuid(object, "siaga/incident/previous", out->previous);
  _read_uuid(object, "siaga/incident/parent", out->parent);
}

static void
_read_who(SiagaIncident *out, struct json_object *object)
{
  out->source_ip = g_strdup(_text(object, "source/ip"));
  out->source_actor = g_strdup(_text(object, "source/actor"));
  out->source_country = g_strdup(_text(object, "source/geo/country_iso_code"));
  out->victim_domain = g_strdup(_text(object, "siaga/victim/domain"));
  out->victim_ip = g_strdup(_text(object, "siaga/victim/ip"));
  out->victim_country = g_strdup(_text(object, "siaga/victim/country"));
  out->victim_sector = g_strdup(_text(object, "siaga/victim/sector"));
  out->victim_owner = g_strdup(_text(object, "siaga/victim/owner"));
  out->victim_csirt = g_strdup(_text(object, "siaga/victim/csirt"));
  out->victim_claimed = g_strdup(_text(object, "siaga/victim/claimed"));
}

static void
_read_distinct(struct json_object *object, const gchar *name, SiagaDistinct *distinct)
{
  struct json_object *map = _get(object, "siaga/incident/distinct");
  struct json_object *entry = map ? _get(map, name) : NULL;
  if (!entry)
    return;
  distinct->distinct = _number(entry, "count");
  distinct->approximate = _flag(entry, "approximate");
  _read_list(entry, "first", distinct->first);
}

static void
_read_evidence(SiagaIncident *out, struct json_object *object)
{
  struct json_object *list = _get(object, "siaga/incident/evidence");
  for (guint i = 0; i < MIN(_list_length(list), SIAGA_EVIDENCE_MAX); i++)
    {
      struct json_object *item = json_object_array_get_idx(list, i);
      const gchar *line = _text(item, "line"), *sha256 = _text(item, "sha256");
      if (!line)
        continue;
      SiagaEvidence *evidence = g_new0(SiagaEvidence, 1);
      evidence->time = _time(item, "time");
      evidence->line = g_strdup(line);
      evidence->length = strlen(line);
      g_strlcpy(evidence->sha256, sha256 ? sha256 : "", sizeof evidence->sha256);
      g_ptr_array_add(out->evidence, evidence);
    }
}

static void
_read_timeline(SiagaIncident *out, struct json_object *object)
{
  struct json_object *list = _get(object, "siaga/incident/timeline");
  for (guint i = 0; i < _list_length(list); i++)
    {
      struct json_object *item = json_object_array_get_idx(list, i);
      const gchar *what = _text(item, "what");
      SiagaTimelineEntry *entry = g_new0(SiagaTimelineEntry, 1);
      entry->time = _time(item, "time");
      entry->what = g_strdup(what ? what : "");
      g_ptr_array_add(out->timeline, entry);
    }
}

static void
_read_group(Reader *self, struct json_object *object)
{
  struct json_object *map = _get(object, "siaga/incident/group_by");
  if (!map || !json_object_is_type(map, json_type_object))
    return;
  json_object_object_foreach(map, name, value)
  {
    if (!json_object_is_type(value, json_type_string))
      continue;
    SiagaField *field = g_new0(SiagaField, 1);
    field->name = _own_text(self, name);
    g_ptr_array_add(self->own->fields, field);
    g_ptr_array_add(self->out->group_fields, field);
    g_ptr_array_add(self->out->group_values, g_strdup(json_object_get_string(value)));
  }
}

static void
_read_fields(SiagaIncident *out, struct json_object *object)
{
  struct json_object *map = _get(object, "siaga/incident/fields");
  if (!map || !json_object_is_type(map, json_type_object))
    return;
  json_object_object_foreach(map, name, value)
  {
    if (!json_object_is_type(value, json_type_string))
      continue;
    g_ptr_array_add(out->fields, g_strdup(name));
    g_ptr_array_add(out->fields, g_strdup(json_object_get_string(value)));
  }
}

static SiagaIncident *
_read(struct json_object *object)
{
  const gchar *id = _text(object, "siaga/incident/id");
  Reader self = { siaga_incident_new(), siaga_incident_own_new() };
  self.out->own = self.own;
  if (!id || !siaga_uuid_parse(id, self.out->id) || !_read_state(self.out, object) || !_text(object, "rule/id"))
    {
      siaga_incident_free(self.out);
      return NULL;
    }
  siaga_uuid_format(self.out->id, self.out->uuid);
  _read_rule(&self, object);
  _read_head(&self, object);
  _read_who(self.out, object);
  _read_distinct(object, "sources", &self.out->sources);
  _read_distinct(object, "users", &self.out->users);
  _read_distinct(object, "targets", &self.out->targets);
  _read_evidence(self.out, object);
  _read_timeline(self.out, object);
  _read_group(&self, object);
  _read_fields(self.out, object);
  _read_list(object, "siaga/incident/stages", self.out->stages);
  _read_list(object, "siaga/incident/children", self.out->children);
  _read_list(object, "tags", self.out->tags);
  return self.out;
}

SiagaIncident *
siaga_incident_read_json(const gchar *text, gsize length, GError **error)
{
  SiagaIncident *incident = NULL;
  struct json_tokener *tokener = json_tokener_new();
  struct json_object *object = length <= TEXT_MAX ? json_tokener_parse_ex(tokener, text, length) : NULL;
  if (!object && length && *text != '{')
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                "no incident but another text; siagactl replay makes incidents of logs");
  else if (!object)
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "not JSON: %s",
                length > TEXT_MAX ? "larger than 1 MiB" : json_tokener_error_desc(json_tokener_get_error(tokener)));
  else if (!(incident = _read(object)))
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                "no incident: siaga.incident.id, siaga.incident.state and rule.id are needed");
  json_object_put(object);
  json_tokener_free(tokener);
  return incident;
}
