/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The event as nested ECS.  Events of one pattern have the same fields in the same places: what stands between their
 * values is worked out once per thread and kept. */

#include <siaga/event.h>

#include <string.h>

#define PLANS 64

/* The members of an object in order: what stands in front of each value, and where the value is. */
typedef struct
{
  guint32 fingerprint;
  gboolean with_internal;
  guint key_count, count;
  SiagaFieldId key[SIAGA_EVENT_VALUES]; /* the event's fields; SIAGA_FIELD_NONE: no first value */
  guint8 value[SIAGA_EVENT_VALUES];     /* index into the event's values */
  guint16 end[SIAGA_EVENT_VALUES];      /* in TEXT, of what stands in front of the value */
  GString *text;
} Plan;

typedef struct
{
  Plan plans[PLANS];
} Cache;

static void
_cache_free(gpointer data)
{
  Cache *cache = data;
  for (guint i = 0; i < PLANS; i++)
    if (cache->plans[i].text)
      g_string_free(cache->plans[i].text, TRUE);
  g_free(cache);
}

static GPrivate cache_key = G_PRIVATE_INIT(_cache_free);

static guint
_write_key(const SiagaEvent *self, SiagaFieldId *key, guint32 *hash_r)
{
  guint32 hash = 2166136261u;
  for (guint i = 0; i < self->count; i++)
    {
      SiagaFieldId id = self->values[i].field;
      key[i] = self->slot[id] == i + 1 ? id : SIAGA_FIELD_NONE;
      hash = (hash ^ key[i]) * 16777619u;
    }
  *hash_r = hash ^ hash >> 16;
  return self->count;
}

/* Present fields in rank order, so that an object's members come together. */
static void
_sort(const SiagaEvent *self, Plan *plan)
{
  plan->count = 0;
  for (guint i = 0; i < plan->key_count; i++)
    {
      if (plan->key[i] == SIAGA_FIELD_NONE)
        continue;
      const SiagaField *field = siaga_fields_get(self->fields, plan->key[i]);
      if (field->internal && !plan->with_internal)
        continue;
      guint at = plan->count++;
      for (; at > 0 && siaga_fields_get(self->fields, plan->key[plan->value[at - 1]])->rank > field->rank; at--)
        plan->value[at] = plan->value[at - 1];
      plan->value[at] = i;
    }
}

/* How many leading "part." of the two names are equal, and where in NAME they end. */
static guint
_common_depth(const gchar *name, const gchar *other, gsize *end_r)
{
  guint depth = 0;
  *end_r = 0;
  for (gsize i = 0; name[i] && name[i] == other[i]; i++)
    if (name[i] == '.')
      {
        depth++;
        *end_r = i + 1;
      }
  return depth;
}

static guint
_depth(const gchar *name)
{
  guint depth = 0;
  for (; *name; name++)
    depth += *name == '.';
  return depth;
}

/* Names of fields are letters, digits, "_" and ".": nothing to escape. */
static void
_append_names(GString *text, const gchar *rest)
{
  const gchar *dot;
  while ((dot = strchr(rest, '.')))
    {
      g_string_append_printf(text, "\"%.*s\":{", (gint) (dot - rest), rest);
      rest = dot + 1;
    }
  g_string_append_printf(text, "\"%s\":", rest);
}

static void
_append_closing(GString *text, guint depth)
{
  while (depth--)
    g_string_append_c(text, '}');
}

static void
_fill_plan(const SiagaEvent *self, Plan *plan)
{
  const gchar *previous = "";
  _sort(self, plan);
  plan->text = plan->text ? g_string_truncate(plan->text, 0) : g_string_new(NULL);
  for (guint i = 0; i < plan->count; i++)
    {
      gsize end;
      const gchar *name = siaga_fields_get(self->fields, plan->key[plan->value[i]])->name;
      guint common = _common_depth(name, previous, &end);
      _append_closing(plan->text, _depth(previous) - common);
      if (i)
        g_string_append_c(plan->text, ',');
      _append_names(plan->text, name + end);
      plan->end[i] = plan->text->len;
      previous = name;
    }
  _append_closing(plan->text, _depth(previous));
}

static const Plan *
_plan(const SiagaEvent *self, gboolean with_internal)
{
  SiagaFieldId key[SIAGA_EVENT_VALUES];
  guint32 hash, fingerprint = siaga_fields_fingerprint(self->fields);
  guint key_count = _write_key(self, key, &hash);
  Cache *cache = g_private_get(&cache_key);

  if (!cache)
    {
      cache = g_new0(Cache, 1);
      g_private_set(&cache_key, cache);
    }
  Plan *plan = &cache->plans[hash % PLANS];
  if (plan->text && plan->fingerprint == fingerprint && plan->with_internal == with_internal &&
      plan->key_count == key_count && memcmp(plan->key, key, key_count * sizeof key[0]) == 0)
    return plan;
  plan->fingerprint = fingerprint;
  plan->with_internal = with_internal;
  plan->key_count = key_count;
  memcpy(plan->key, key, key_count * sizeof key[0]);
  _fill_plan(self, plan);
  return plan;
}

static void
_write_value(SiagaJson *json, const SiagaField *field, const SiagaValue *value)
{
  if (value->type == SIAGA_VT_TEXT)
    siaga_json_string(json, NULL, value->text, value->length);
  else if (value->type == SIAGA_VT_DOUBLE)
    siaga_json_double(json, NULL, value->real);
  else if (field->type == SIAGA_FT_DATE)
    siaga_json_time(json, NULL, value->integer);
  else if (field->type == SIAGA_FT_BOOLEAN)
    siaga_json_bool(json, NULL, value->integer != 0);
  else
    siaga_json_int(json, NULL, value->integer);
}

static void
_write_field(const SiagaEvent *self, SiagaJson *json, const SiagaValue *value)
{
  const SiagaField *field = siaga_fields_get(self->fields, value->field);
  json->first[json->depth] = TRUE;
  if (!field->list && !value->next)
    {
      _write_value(json, field, value);
      return;
    }
  siaga_json_open_list(json, NULL);
  for (; value; value = siaga_event_next(self, value))
    _write_value(json, field, value);
  siaga_json_close_list(json);
}

void
siaga_event_write_json(const SiagaEvent *self, SiagaJson *json, gboolean with_internal)
{
  const Plan *plan = _plan(self, with_internal);
  gsize start = 0;

  if (self->time_kind != SIAGA_TIME_NONE)
    siaga_json_time(json, "@timestamp", self->time);
  if (!plan->count)
    return;
  if (!json->first[json->depth])
    siaga_json_put(json->out, ",", 1);
  for (guint i = 0; i < plan->count; i++)
    {
      siaga_json_put(json->out, plan->text->str + start, plan->end[i] - start);
      start = plan->end[i];
      _write_field(self, json, &self->values[plan->value[i]]);
    }
  siaga_json_put(json->out, plan->text->str + start, plan->text->len - start);
  json->first[json->depth] = FALSE;
}
