/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads the keys that a line carries itself: members of a JSON object, or key=value. */

#define _GNU_SOURCE 1 /* memmem */

#include "sigma-private.h"

#include "engine/base/quoted.h"

#include <json.h>
#include <string.h>

#define DEPTH_MAX 8
#define NAME_MAX_LENGTH 128
#define BRACKETED_MAX 1024

static void
_add(SiagaKeys *self, const SiagaMapping *mapping, const gchar *name, gsize name_length, const gchar *text,
     gsize length)
{
  gint column = siaga_mapping_key_column(mapping, name, name_length);
  if (column < 0 || (guint) column >= self->columns || self->count == SIAGA_KEY_VALUES_MAX)
    return;
  SiagaKeyValue *value = &self->values[self->count];
  value->column = column;
  value->next = self->first[column];
  value->text = (SiagaText){ text, length };
  self->first[column] = ++self->count;
}

void
siaga_line_keys_clear(SiagaKeys *self)
{
  for (guint i = 0; i < self->count; i++)
    self->first[self->values[i].column] = 0;
  self->count = 0;
  if (self->document)
    json_object_put(self->document);
  self->document = NULL;
  self->plain_used = 0;
}

void
siaga_line_keys_release(SiagaKeys *self)
{
  siaga_line_keys_clear(self);
  g_clear_pointer(&self->first, g_free);
  g_clear_pointer(&self->plain, g_free);
}

/* NAME is a buffer of NAME_MAX_LENGTH that holds LENGTH bytes. */
static void
_read_value(SiagaKeys *self, const SiagaMapping *mapping, gchar *name, gsize length, json_object *value, guint depth)
{
  json_type type = json_object_get_type(value);
  if (type == json_type_object && depth < DEPTH_MAX)
    {
      json_object_object_foreach(value, key, member)
      {
        gsize key_length = strlen(key), dot = length ? 1 : 0;
        if (length + dot + key_length >= NAME_MAX_LENGTH)
          continue;
        name[length] = '.';
        memcpy(name + length + dot, key, key_length);
        _read_value(self, mapping, name, length + dot + key_length, member, depth + 1);
      }
    }
  else if (type == json_type_array && depth < DEPTH_MAX)
    for (size_t i = 0; i < json_object_array_length(value) && i < SIAGA_KEY_VALUES_MAX; i++)
      _read_value(self, mapping, name, length, json_object_array_get_idx(value, i), depth + 1);
  else if (type == json_type_null)
    _add(self, mapping, name, length, NULL, 0);
  else if (type == json_type_string)
    _add(self, mapping, name, length, json_object_get_string(value), json_object_get_string_len(value));
  else if (type != json_type_object && type != json_type_array)
    {
      const gchar *text = json_object_get_string(value);
      _add(self, mapping, name, length, text, strlen(text));
    }
}

static gboolean
_read_json(SiagaKeys *self, const SiagaMapping *mapping, const gchar *line, gsize length)
{
  const gchar *start = memchr(line, '{', length);
  gchar name[NAME_MAX_LENGTH];

  if (!start || length > G_MAXINT)
    return FALSE;
  json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX + 8);
  self->document = json_tokener_parse_ex(tokener, start, length - (start - line));
  json_tokener_free(tokener);
  if (!self->document)
    return FALSE;
  _read_value(self, mapping, name, 0, self->document, 0);
  return TRUE;
}

static gboolean
_is_name(gchar c)
{
  return g_ascii_isalnum(c) || c == '_' || c == '.' || c == '-';
}

/* Room for all quoted values of a line, so that none moves: pairs and brackets may both read it. */
static void
_make_room(SiagaKeys *self, const gchar *line, gsize length)
{
  if (self->plain_size >= 2 * length || !memmem(line, length, "\\\"", 2))
    return;
  g_free(self->plain);
  self->plain_size = 2 * length;
  self->plain = g_malloc(self->plain_size);
}

/* Other signs stay as they are: a path of Windows has backslashes of its own. */
static void
_add_quoted(SiagaKeys *self, const SiagaMapping *mapping, const gchar *name, gsize name_length, const gchar *text,
            gsize length)
{
  if (memmem(text, length, "\\\"", 2))
    {
      gchar *plain = self->plain + self->plain_used, *to = plain;
      for (const gchar *p = text; p < text + length; p++)
        if (p[0] != '\\' || p + 1 == text + length || p[1] != '"')
          *to++ = *p;
      self->plain_used += to - plain;
      text = plain;
      length = to - plain;
    }
  _add(self, mapping, name, name_length, text, length);
}

/* Where the value ends that begins at VALUE, behind its "=" and quote or bracket; NEXT_R: where to look for more. */
static const gchar *
_end_of_value(const gchar *value, const gchar *end, gchar opening, const gchar **next_r)
{
  const gchar *stop = value;
  gboolean escaped;
  if (opening == '"' || opening == '[')
    {
      /* pairs may stand within brackets, so those are short: a line of nothing but brackets is read once */
      end = opening == '[' ? value + MIN(end - value, BRACKETED_MAX) : end;
      stop = opening == '"' ? siaga_quoted_end(value, end, '"', &escaped) : memchr(value, ']', end - value);
      stop = stop ? stop : end;
      *next_r = opening == '[' ? value : MIN(stop + 1, end);
      return stop;
    }
  while (stop < end && !g_ascii_isspace(*stop) && *stop != ',' && *stop != ';')
    stop++;
  return *next_r = stop;
}

/* [name "value"], as ModSecurity writes them. */
static void
_read_brackets(SiagaKeys *self, const SiagaMapping *mapping, const gchar *line, gsize length)
{
  const gchar *end = line + length, *p = line;
  gboolean escaped;

  for (const gchar *bracket; (bracket = memchr(p, '[', end - p));)
    {
      const gchar *name = p = bracket + 1;
      while (p < end && _is_name(*p))
        p++;
      if (p == name || end - p < 2 || p[0] != ' ' || p[1] != '"')
        continue;
      const gchar *value = p + 2, *stop = siaga_quoted_end(value, end, '"', &escaped);
      if (!stop)
        return;
      _add_quoted(self, mapping, name, p - name, value, stop - value);
      p = stop;
    }
}

/* key=value, key="value" or key=[value], with anything between them. */
static void
_read_pairs(SiagaKeys *self, const SiagaMapping *mapping, const gchar *line, gsize length)
{
  const gchar *end = line + length, *p = line;

  for (const gchar *equals; (equals = memchr(p, '=', end - p));)
    {
      const gchar *name = equals, *value = equals + 1;
      while (name > p && _is_name(name[-1]))
        name--;
      gchar opening = value < end && (*value == '"' || *value == '[') ? *value++ : '\0';
      const gchar *stop = _end_of_value(value, end, opening, &p);
      if (name == equals)
        continue;
      if (opening == '"')
        _add_quoted(self, mapping, name, equals - name, value, stop - value);
      else
        _add(self, mapping, name, equals - name, value, stop - value);
    }
}

void
siaga_line_keys_read(SiagaKeys *self, const SiagaMapping *mapping, const gchar *line, gsize length)
{
  if (_read_json(self, mapping, line, length))
    return;
  _make_room(self, line, length);
  _read_pairs(self, mapping, line, length);
  _read_brackets(self, mapping, line, length);
}
