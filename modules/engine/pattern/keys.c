/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Matches leaves against keys and fills the event. */

#include "keys.h"

#include <string.h>

static void
_map_clear(gpointer data)
{
  siaga_expression_clear(&((KeyMap *) data)->expression);
}

static void
_condition_clear(gpointer data)
{
  KeyCondition *condition = data;
  g_ptr_array_unref(condition->values);
  siaga_expression_clear(&condition->expression);
}

Keys *
siaga_keys_new(void)
{
  Keys *self = g_new0(Keys, 1);
  self->maps = g_array_new(FALSE, TRUE, sizeof(KeyMap));
  self->conditions = g_array_new(FALSE, TRUE, sizeof(KeyCondition));
  g_array_set_clear_func(self->maps, _map_clear);
  g_array_set_clear_func(self->conditions, _condition_clear);
  return self;
}

void
siaga_keys_free(Keys *self)
{
  if (!self)
    return;
  g_array_unref(self->maps);
  g_array_unref(self->conditions);
  g_free(self);
}

Key
siaga_key_of(const gchar *path, gsize length)
{
  return (Key){ path, length, siaga_leaf_hash(path, length) };
}

static const SiagaLeaf *
_find(const SiagaLeaves *leaves, const Key *key)
{
  const SiagaLeaf *leaf = siaga_leaf_find(leaves, key->path, key->length, key->hash);
  return leaf && leaf->kind != SIAGA_LEAF_NULL ? leaf : NULL;
}

static gboolean
_holds(const KeyCondition *self, const SiagaLeaves *leaves)
{
  const SiagaLeaf *leaf = _find(leaves, &self->key);
  if (!leaf)
    return FALSE;
  if (self->has_expression)
    return siaga_expression_try(&self->expression, siaga_expression_thread(), leaf->text, leaf->length) == TRY_YES;
  for (guint i = 0; i < self->values->len; i++)
    {
      const gchar *value = g_ptr_array_index(self->values, i);
      if (strlen(value) == leaf->length && memcmp(value, leaf->text, leaf->length) == 0)
        return TRUE;
    }
  return self->values->len == 0;
}

static gboolean
_is_below(const SiagaLeaf *leaf, const Key *key)
{
  return leaf->path_length > key->length + 1 && leaf->path[key->length] == '.' &&
         memcmp(leaf->path, key->path, key->length) == 0;
}

static gboolean
_is_there(const KeyMap *self, const SiagaLeaves *leaves)
{
  if (self->all_below || (self->to.optional && !self->has_expression))
    return TRUE;
  for (guint i = 0; i < self->parts; i++)
    if (!_find(leaves, &self->part[i]))
      return FALSE;
  return TRUE;
}

gboolean
siaga_keys_match(const Keys *self, const SiagaLeaves *leaves)
{
  for (guint i = 0; i < self->conditions->len; i++)
    if (!_holds(&g_array_index(self->conditions, KeyCondition, i), leaves))
      return FALSE;
  for (guint i = 0; !self->conditions->len && i < self->maps->len; i++)
    if (!_is_there(&g_array_index(self->maps, KeyMap, i), leaves))
      return FALSE;
  return TRUE;
}

typedef struct
{
  const SiagaTimeContext *context;
  SiagaEvent *event;
  guint bad_times, refused;
} Filler;

static void
_fill(Filler *self, const KeyMap *map, const gchar *text, gsize length)
{
  if (map->has_expression)
    {
      ExpressionThread *thread = siaga_expression_thread();
      if (siaga_expression_try(&map->expression, thread, text, length) == TRY_YES)
        self->bad_times += siaga_expression_extract(&map->expression, thread, text, self->context, self->event);
      return;
    }
  if (siaga_capture_store(&map->to, text, length, self->context, self->event))
    return;
  self->refused++;
  self->bad_times += map->to.to.field == SIAGA_GROK_TIMESTAMP;
}

static void
_fill_joined(Filler *self, const KeyMap *map, const SiagaLeaves *leaves)
{
  const SiagaLeaf *parts[SIAGA_KEY_PARTS];
  gsize length = 0;
  for (guint i = 0; i < map->parts; i++)
    {
      parts[i] = _find(leaves, &map->part[i]);
      if (!parts[i])
        return;
      length += parts[i]->length + 1;
    }
  gchar *text = siaga_arena_alloc(self->event->arena, length), *p = text;
  if (!text)
    return;
  for (guint i = 0; i < map->parts; i++)
    {
      memcpy(p, parts[i]->text, parts[i]->length);
      p += parts[i]->length;
      *p++ = ' ';
    }
  _fill(self, map, text, length - 1);
}

static void
_fill_all_below(Filler *self, const KeyMap *map, const SiagaLeaves *leaves)
{
  for (guint i = 0; i < leaves->count; i++)
    if (_is_below(&leaves->leaves[i], &map->part[0]) && leaves->leaves[i].kind != SIAGA_LEAF_NULL)
      _fill(self, map, leaves->leaves[i].text, leaves->leaves[i].length);
}

guint
siaga_keys_extract(const Keys *self, const SiagaLeaves *leaves, const SiagaTimeContext *context, SiagaEvent *event,
                   guint *refused_r)
{
  Filler filler = { .context = context, .event = event };
  for (guint i = 0; i < self->maps->len; i++)
    {
      const KeyMap *map = &g_array_index(self->maps, KeyMap, i);
      const SiagaLeaf *leaf;
      if (map->all_below)
        _fill_all_below(&filler, map, leaves);
      else if (map->parts > 1)
        _fill_joined(&filler, map, leaves);
      else if ((leaf = _find(leaves, &map->part[0])))
        _fill(&filler, map, leaf->text, leaf->length);
    }
  *refused_r = filler.refused;
  return filler.bad_times;
}

void
siaga_keys_foreach(Keys *self, CaptureVisit visit, gpointer user_data)
{
  for (guint i = 0; i < self->maps->len; i++)
    {
      KeyMap *map = &g_array_index(self->maps, KeyMap, i);
      if (!map->has_expression)
        visit(&map->to, user_data);
      for (guint j = 0; j < map->expression.capture_count; j++)
        visit(&map->expression.captures[j], user_data);
    }
}
