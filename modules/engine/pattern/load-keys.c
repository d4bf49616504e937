/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads `when:` and `keys:` of pattern files. */

#include "private.h"

#include <string.h>

typedef struct
{
  Keys *keys;
  const SiagaFields *fields;
  GStringChunk *text; /* of the file */
  const SiagaGrok *grok;
  SiagaDiag *diag;
} Loader;

static Key
_keep_key(Loader *self, const gchar *path, gsize length)
{
  return siaga_key_of(g_string_chunk_insert_len(self->text, path, length), length);
}

static gboolean
_is_expression(const SiagaYaml *scalar)
{
  return strstr(scalar->text, "%{") != NULL || scalar->text[0] == '^';
}

static gboolean
_load_expression(Loader *self, const SiagaYaml *scalar, Expression *expression)
{
  gchar *regex = NULL;
  gboolean ok = siaga_expression_compile(expression, self->grok, scalar->text, self->fields, FALSE, scalar->place,
                                         &regex, self->diag);
  if (ok)
    siaga_expression_fold(expression, regex, FALSE);
  g_free(regex);
  return ok;
}

static gboolean
_load_value(Loader *self, const SiagaYaml *scalar, KeyCondition *condition)
{
  if (scalar->kind != SIAGA_YAML_SCALAR)
    {
      siaga_diag_error(self->diag, scalar->place, "expected a text");
      return FALSE;
    }
  if (siaga_yaml_is_null(scalar))
    return TRUE;
  g_ptr_array_add(condition->values, g_string_chunk_insert_len(self->text, scalar->text, scalar->length));
  return TRUE;
}

/* A text, a list of texts, an expression (it begins with '^' or has a macro), or nothing: the key is there. */
static gboolean
_load_condition(Loader *self, const SiagaYaml *key, const SiagaYaml *value)
{
  KeyCondition condition = { .key = _keep_key(self, key->text, key->length), .values = g_ptr_array_new() };
  gboolean ok = TRUE;

  if (value->kind == SIAGA_YAML_SCALAR && _is_expression(value))
    {
      condition.has_expression = TRUE;
      ok = _load_expression(self, value, &condition.expression);
    }
  else if (value->kind == SIAGA_YAML_LIST)
    for (guint i = 0; i < value->size; i++)
      ok = _load_value(self, value->values[i], &condition) && ok;
  else
    ok = _load_value(self, value, &condition);
  g_array_append_val(self->keys->conditions, condition);
  return ok;
}

static gboolean
_split_key(Loader *self, const SiagaYaml *key, KeyMap *map)
{
  const gchar *p = key->text;
  if (g_str_has_suffix(p, ".*"))
    {
      map->all_below = TRUE;
      map->part[map->parts++] = _keep_key(self, p, strlen(p) - 2);
      return TRUE;
    }
  while (*p)
    {
      gsize length = strcspn(p, " ");
      if (length && map->parts == SIAGA_KEY_PARTS)
        {
          siaga_diag_error(self->diag, key->place, "at most %d keys can be joined", SIAGA_KEY_PARTS);
          return FALSE;
        }
      if (length)
        map->part[map->parts++] = _keep_key(self, p, length);
      p += length + strspn(p + length, " ");
    }
  if (!map->parts)
    siaga_diag_error(self->diag, key->place, "expected a key of the line");
  return map->parts > 0;
}

/* "field", "field:conversion", or an expression with fields in it. */
static gboolean
_load_target(Loader *self, const SiagaYaml *key, const SiagaYaml *target)
{
  KeyMap map = { 0 };
  gboolean ok;

  if (target->kind != SIAGA_YAML_SCALAR)
    {
      siaga_diag_error(self->diag, target->place, "expected a field, field:conversion or an expression");
      return FALSE;
    }
  if (!_split_key(self, key, &map))
    return FALSE;
  map.has_expression = _is_expression(target);
  if (map.has_expression)
    ok = _load_expression(self, target, &map.expression);
  else
    {
      SiagaGrokCapture to;
      const gchar *colon = strchr(target->text, ':');
      gsize length = colon ? (gsize) (colon - target->text) : target->length;
      ok = siaga_grok_capture(self->fields, target->text, length, colon ? colon + 1 : NULL,
                              colon ? strlen(colon + 1) : 0, target->place, &to, self->diag);
      if (ok)
        siaga_capture_init(&map.to, self->fields, to);
    }
  g_array_append_val(self->keys->maps, map);
  return ok;
}

static gboolean
_load_map(Loader *self, const SiagaYaml *key, const SiagaYaml *value)
{
  gboolean ok = TRUE;
  if (value->kind != SIAGA_YAML_LIST)
    return _load_target(self, key, value);
  for (guint i = 0; i < value->size; i++)
    ok = _load_target(self, key, value->values[i]) && ok;
  return ok;
}

gboolean
siaga_keys_load(Keys *self, const SiagaFields *fields, GStringChunk *text, const SiagaGrok *grok, const SiagaYaml *when,
                const SiagaYaml *keys, SiagaDiag *diag)
{
  Loader loader = { self, fields, text, grok, diag };
  gboolean ok = TRUE;

  if (when && when->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, when->place, "expected a map of keys to the values they must have");
      return FALSE;
    }
  if (keys->kind != SIAGA_YAML_MAP || !keys->size)
    {
      siaga_diag_error(diag, keys->place, "expected a map of the line's keys to fields");
      return FALSE;
    }
  for (guint i = 0; when && i < when->size; i++)
    ok = _load_condition(&loader, when->keys[i], when->values[i]) && ok;
  for (guint i = 0; i < keys->size; i++)
    ok = _load_map(&loader, keys->keys[i], keys->values[i]) && ok;
  return ok;
}
