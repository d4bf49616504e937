/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Looks names up in a mapped list file. */

#include "config.h"

#include "engine/domain/list-file.h"
#include "engine/domain/name.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct _Map Map;
struct _Map
{
  Map *older; /* replaced before this one, and perhaps still read */
  const SiagaListHeader *header;
  const guint32 *index;
  const guint64 *entries;
  gsize size;
  dev_t device;
  ino_t inode;
};

struct _SiagaLists
{
  gchar *path;
  Map *map;                                     /* atomic */
  guint readers;                                /* atomic */
  Map *broken;                                  /* what refresh found broken, so that it says so once */
  const gchar *strings[SIAGA_LISTS_CATEGORIES]; /* categories' names: they outlive the maps */
};

static void
_map_free(Map *map)
{
  if (!map)
    return;
  if (map->header)
    munmap((gpointer) map->header, map->size);
  g_free(map);
}

/* NULL, or what is wrong: everything that a look-up relies on but the order of entries, which can only miss. */
static const gchar *
_check(const Map *map)
{
  const SiagaListHeader *header = map->header;
  if (map->size < sizeof *header || memcmp(header->magic, SIAGA_LIST_MAGIC, sizeof header->magic) != 0)
    return "not a list file: make one with siagactl lists build";
  if (header->version != SIAGA_LIST_VERSION || header->byte_order != SIAGA_LIST_BYTE_ORDER)
    return "made by another version or on another kind of machine: build it again";
  if (header->bits < SIAGA_LIST_MIN_BITS || header->bits > SIAGA_LIST_MAX_BITS ||
      header->categories > SIAGA_LISTS_CATEGORIES || header->count > G_MAXUINT32)
    return "broken: impossible sizes";
  if (header->size != map->size ||
      header->size != sizeof *header + siaga_list_index_size(header->bits) + header->count * sizeof(guint64))
    return "broken: cut off";
  for (guint i = 0; i < header->categories; i++)
    if (!memchr(header->names[i], '\0', SIAGA_LISTS_CATEGORY_NAME))
      return "broken: a category's name";
  return NULL;
}

static const gchar *
_map_file(Map *map, int file)
{
  struct stat info;
  if (fstat(file, &info) != 0)
    return g_strerror(errno);
  map->device = info.st_dev;
  map->inode = info.st_ino;
  map->size = info.st_size;
  if (map->size < sizeof(SiagaListHeader))
    return "not a list file: make one with siagactl lists build";
  gpointer bytes = mmap(NULL, map->size, PROT_READ, MAP_SHARED, file, 0);
  if (bytes == MAP_FAILED)
    return g_strerror(errno);
  map->header = bytes;
  const gchar *error = _check(map);
  if (error)
    return error;
  map->index = (const guint32 *) (map->header + 1);
  map->entries = (const guint64 *) ((const gchar *) map->index + siaga_list_index_size(map->header->bits));
  return NULL;
}

/* The map, with an error in ERROR_R when it cannot be used. */
static Map *
_open(const gchar *path, const gchar **error_r)
{
  Map *map = g_new0(Map, 1);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  *error_r = file < 0 ? g_strerror(errno) : _map_file(map, file);
  if (file >= 0)
    close(file);
  return map;
}

static void
_name_categories(SiagaLists *self)
{
  for (guint i = 0; i < self->map->header->categories; i++)
    __atomic_store_n(&self->strings[i], g_intern_string(self->map->header->names[i]), __ATOMIC_RELAXED);
}

SiagaLists *
siaga_lists_open(const gchar *path, SiagaDiag *diag)
{
  const gchar *error;
  Map *map = _open(path, &error);
  if (error)
    {
      siaga_diag_error(diag, (SiagaPlace){ path, 0, 0 }, "%s", error);
      _map_free(map);
      return NULL;
    }
  SiagaLists *self = g_new0(SiagaLists, 1);
  self->path = g_strdup(path);
  self->map = map;
  _name_categories(self);
  return self;
}

/* Whoever looks up from now on finds the new map; while somebody does, the older ones wait for the next time. */
static void
_free_older(SiagaLists *self)
{
  if (__atomic_load_n(&self->readers, __ATOMIC_SEQ_CST))
    return;
  for (Map *map = g_steal_pointer(&self->map->older); map;)
    {
      Map *older = map->older;
      _map_free(map);
      map = older;
    }
}

void
siaga_lists_free(SiagaLists *self)
{
  if (!self)
    return;
  _free_older(self);
  _map_free(self->map);
  _map_free(self->broken);
  g_free(self->path);
  g_free(self);
}

static gboolean
_is_same_file(const Map *map, const struct stat *info)
{
  return map && map->device == info->st_dev && map->inode == info->st_ino;
}

gboolean
siaga_lists_refresh(SiagaLists *self, SiagaDiag *diag)
{
  struct stat info;
  const gchar *error;
  if (stat(self->path, &info) != 0 || _is_same_file(self->map, &info) || _is_same_file(self->broken, &info))
    return FALSE;
  Map *map = _open(self->path, &error);
  if (error)
    {
      siaga_diag_error(diag, (SiagaPlace){ self->path, 0, 0 }, "%s; the names before it stay in use", error);
      _map_free(self->broken);
      self->broken = map;
      return FALSE;
    }
  map->older = self->map;
  __atomic_store_n(&self->map, map, __ATOMIC_SEQ_CST);
  _name_categories(self);
  _free_older(self);
  return TRUE;
}

guint64
siaga_lists_size(const SiagaLists *self)
{
  return self->map->header->count;
}

static guint64
_find_hash(const Map *map, guint64 hash)
{
  guint64 bucket = hash >> (64 - map->header->bits), found = 0;
  guint64 end = MIN(map->index[bucket + 1], map->header->count);
  for (guint64 i = map->index[bucket]; i < end; i++)
    if (((map->entries[i] ^ hash) & SIAGA_LIST_HASH_MASK) == 0)
      found |= G_GUINT64_CONSTANT(1) << (map->entries[i] & (SIAGA_LISTS_CATEGORIES - 1));
  return found;
}

static guint64
_find_name(const Map *map, const gchar *name, gsize length)
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
