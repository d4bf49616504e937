/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The event as nested ECS. */

#include <siaga/event.h>

#include <string.h>

/* Present fields in rank order, so that an object's members come together. */
static guint
_sorted_fields(const SiagaEvent *self, gboolean with_internal, const SiagaField **sorted, SiagaFieldId *ids)
{
  guint count = 0;
  for (guint i = 0; i < self->count; i++)
    {
      SiagaFieldId id = self->values[i].field;
      const SiagaField *field = siaga_fields_get(self->fields, id);
      if (self->slot[id] != i + 1 || (field->internal && !with_internal))
        continue;
      guint at = count++;
      for (; at > 0 && sorted[at - 1]->rank > field->rank; at--)
        {
          sorted[at] = sorted[at - 1];
          ids[at] = ids[at - 1];
        }
      sorted[at] = field;
      ids[at] = id;
    }
  return count;
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

static void
_open_objects(SiagaJson *json, const gchar **name)
{
  const gchar *dot;
  while ((dot = strchr(*name, '.')))
    {
      siaga_json_key(json, *name, dot - *name);
      g_string_append_c(json->out, '{');
      json->first[++json->depth] = TRUE;
      *name = dot + 1;
    }
}

static void
_write_value(SiagaJson *json, const gchar *key, const SiagaField *field, const SiagaValue *value)
{
  if (value->type == SIAGA_VT_TEXT)
    siaga_json_string(json, key, value->text, value->length);
  else if (value->type == SIAGA_VT_DOUBLE)
    siaga_json_double(json, key, value->real);
  else if (field->type == SIAGA_FT_DATE)
    siaga_json_time(json, key, value->integer);
  else if (field->type == SIAGA_FT_BOOLEAN)
    siaga_json_bool(json, key, value->integer != 0);
  else
    siaga_json_int(json, key, value->integer);
}

static void
_write_field(const SiagaEvent *self, SiagaJson *json, const gchar *key, const SiagaField *field, SiagaFieldId id)
{
  const SiagaValue *value = siaga_event_get(self, id);
  if (!field->list && !value->next)
    {
      _write_value(json, key, field, value);
      return;
    }
  siaga_json_open_list(json, key);
  for (; value; value = siaga_event_next(self, value))
    _write_value(json, NULL, field, value);
  siaga_json_close_list(json);
}

void
siaga_event_write_json(const SiagaEvent *self, SiagaJson *json, gboolean with_internal)
{
  const SiagaField *sorted[SIAGA_EVENT_VALUES];
  SiagaFieldId ids[SIAGA_EVENT_VALUES];
  guint count = _sorted_fields(self, with_internal, sorted, ids);
  const gchar *previous = "";

  if (self->time_kind != SIAGA_TIME_NONE)
    siaga_json_time(json, "@timestamp", self->time);
  for (guint i = 0; i < count; i++)
    {
      gsize end;
      guint common = _common_depth(sorted[i]->name, previous, &end);
      for (guint depth = _depth(previous); depth > common; depth--)
        siaga_json_close_object(json);
      const gchar *rest = sorted[i]->name + end;
      _open_objects(json, &rest);
      _write_field(self, json, rest, sorted[i], ids[i]);
      previous = sorted[i]->name;
    }
  for (guint depth = _depth(previous); depth > 0; depth--)
    siaga_json_close_object(json);
}
