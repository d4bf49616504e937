/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Looks names up in a list file, and takes the next one. */

#include "config.h"

#include "engine/domain/list-map.h"
#include "engine/domain/name.h"

#include <string.h>

struct _SiagaLists
{
  gchar *path;
  SiagaListMap *map;                            /* atomic */
  guint readers;                                /* atomic */
  SiagaListStamp seen;                          /* the file that was taken or refused last */
  SiagaListStamp restless;                      /* a file that was written over, as it was found */
  GThread *taker;                               /* takes a large file in; NULL: there is none */
  gint taken;                                   /* atomic: it is through */
  const gchar *strings[SIAGA_LISTS_CATEGORIES]; /* categories' names: they outlive the maps */
};

static void
_name_categories(SiagaLists *self)
{
  for (guint i = 0; i < self->map->header->categories; i++)
    __atomic_store_n(&self->strings[i], g_intern_string(self->map->header->names[i]), __ATOMIC_RELAXED);
}

SiagaLists *
siaga_lists_open(const gchar *path, SiagaDiag *diag)
{
  SiagaListMap *map = siaga_list_map_new(path);
  if (map->error)
    {
      siaga_diag_error(diag, (SiagaPlace){ path, 0, 0 }, "%s", map->error);
      siaga_list_map_free(map);
      return NULL;
    }
  SiagaLists *self = g_new0(SiagaLists, 1);
  self->path = g_strdup(path);
  self->map = map;
  self->seen = map->stamp;
  _name_categories(self);
  return self;
}

/* Whoever looks up from now on finds the new map; while somebody does, the older ones wait for the next time. */
static void
_free_older(SiagaLists *self)
{
  if (__atomic_load_n(&self->readers, __ATOMIC_SEQ_CST))
    return;
  for (SiagaListMap *map = g_steal_pointer(&self->map->older); map;)
    {
      SiagaListMap *older = map->older;
      siaga_list_map_free(map);
      map = older;
    }
}

static SiagaListMap *
_join_taker(SiagaLists *self)
{
  return self->taker ? g_thread_join(g_steal_pointer(&self->taker)) : NULL;
}

void
siaga_lists_free(SiagaLists *self)
{
  if (!self)
    return;
  siaga_list_map_free(_join_taker(self));
  _free_older(self);
  siaga_list_map_free(self->map);
  g_free(self->path);
  g_free(self);
}

static gboolean
_take(SiagaLists *self, SiagaListMap *map, SiagaDiag *diag)
{
  self->seen = map->stamp;
  if (map->error)
    {
      siaga_diag_error(diag, (SiagaPlace){ self->path, 0, 0 }, "%s; the names before it stay in use", map->error);
      siaga_list_map_free(map);
      return FALSE;
    }
  map->older = self->map;
  __atomic_store_n(&self->map, map, __ATOMIC_SEQ_CST);
  _name_categories(self);
  _free_older(self);
  return TRUE;
}

/* Who writes over a file may not be through: as long as it is another each time, it is left alone. */
static gboolean
_is_at_rest(SiagaLists *self, const SiagaListStamp *now)
{
  gboolean rests = !siaga_list_stamp_is_of(now, &self->seen) || siaga_list_stamp_equal(now, &self->restless);
  self->restless = *now;
  return rests;
}

static gpointer
_take_in(gpointer lists)
{
  SiagaLists *self = lists;
  SiagaListMap *map = siaga_list_map_new(self->path);
  g_atomic_int_set(&self->taken, TRUE);
  return map;
}

gboolean
siaga_lists_refresh(SiagaLists *self, SiagaDiag *diag)
{
  SiagaListStamp now;
  if (self->taker)
    return g_atomic_int_get(&self->taken) && _take(self, _join_taker(self), diag);
  if (!siaga_list_stamp(self->path, &now) || siaga_list_stamp_equal(&now, &self->seen) || !_is_at_rest(self, &now))
    return FALSE;
  self->taken = FALSE;
  if (now.size > SIAGA_LIST_SMALL)
    self->taker = g_thread_try_new("siaga-lists", _take_in, self, NULL);
  return self->taker ? FALSE : _take(self, siaga_list_map_new(self->path), diag);
}

guint64
siaga_lists_size(const SiagaLists *self)
{
  return self->map->header->count;
}

static guint64
_find_hash(const SiagaListMap *map, guint64 hash)
{
  guint64 bucket = hash >> (64 - map->header->bits), found = 0;
  guint64 end = MIN(map->index[bucket + 1], map->header->count);
  for (guint64 i = map->index[bucket]; i < end; i++)
    if (((map->entries[i] ^ hash) & SIAGA_LIST_HASH_MASK) == 0)
      found |= G_GUINT64_CONSTANT(1) << (map->entries[i] & (SIAGA_LISTS_CATEGORIES - 1));
  return found;
}

static guint64
_find_name(const SiagaListMap *map, const gchar *name, gsize length)
{
  guint64 hash = SIAGA_LIST_HASH_START, found = 0;

  for (gsize i = length; i-- > 0;)
    {
      if (name[i] == '.')
        found |= _find_hash(map, siaga_list_hash_end(hash));
      hash = siaga_list_hash_step(hash, siaga_ascii_lower(name[i]));
    }
  return found | _find_hash(map, siaga_list_hash_end(hash));
}

guint64
siaga_lists_find(SiagaLists *self, const gchar *name, gsize length)
{
  length = siaga_name_trim(name, length, &name);
  if (!length || length > SIAGA_NAME_MAX)
    return 0;
  __atomic_fetch_add(&self->readers, 1, __ATOMIC_SEQ_CST);
  guint64 found = _find_name(__atomic_load_n(&self->map, __ATOMIC_SEQ_CST), name, length);
  __atomic_fetch_sub(&self->readers, 1, __ATOMIC_SEQ_CST);
  return found;
}

const gchar *
siaga_lists_category(const SiagaLists *self, guint bit)
{
  return bit < SIAGA_LISTS_CATEGORIES ? __atomic_load_n(&self->strings[bit], __ATOMIC_RELAXED) : NULL;
}

static guint64
_find_field(SiagaLists *self, const SiagaEvent *event, SiagaFieldId field)
{
  gsize length;
  const gchar *text = siaga_event_text(event, field, &length);
  if (text && field == SIAGA_F_HTTP_REQUEST_REFERRER)
    length = siaga_name_of_url(text, length, &text);
  return text ? siaga_lists_find(self, text, length) : 0;
}

gboolean
siaga_lists_tag(SiagaLists *self, SiagaEvent *event)
{
  guint64 found = _find_field(self, event, SIAGA_F_DNS_QUESTION_NAME) |
                  _find_field(self, event, SIAGA_F_HTTP_REQUEST_HOST) |
                  _find_field(self, event, SIAGA_F_HTTP_REQUEST_REFERRER) |
                  _find_field(self, event, SIAGA_F_TLS_CLIENT_SERVER_NAME);
  siaga_event_unset(event, SIAGA_F_LIST_CATEGORY);
  for (guint i = 0; found; i++, found >>= 1)
    {
      const gchar *category = found & 1 ? siaga_lists_category(self, i) : NULL;
      if (category)
        siaga_event_add(event, SIAGA_F_LIST_CATEGORY, category, strlen(category));
    }
  return siaga_event_has(event, SIAGA_F_LIST_CATEGORY);
}
