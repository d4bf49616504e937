/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Takes a list file in. */

#include "config.h"

#include "engine/domain/list-map.h"

#include "engine/base/own-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static SiagaListStamp
_stamp(const struct stat *info)
{
  return (SiagaListStamp){
    .device = info->st_dev,
    .inode = info->st_ino,
    .size = info->st_size,
    .changed = info->st_ctim.tv_sec * G_GINT64_CONSTANT(1000000000) + info->st_ctim.tv_nsec,
  };
}

gboolean
siaga_list_stamp(const gchar *path, SiagaListStamp *stamp_r)
{
  struct stat info;
  if (stat(path, &info) != 0)
    return FALSE;
  *stamp_r = _stamp(&info);
  return TRUE;
}

/* NULL, or what is wrong: everything that a look-up relies on but the order of entries, which can only miss. */
static const gchar *
_check(const SiagaListMap *map)
{
  const SiagaListHeader *header = map->header;
  if (memcmp(header->magic, SIAGA_LIST_MAGIC, sizeof header->magic) != 0)
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

/* MAP_FAILED where there is no copy of its own to be had. */
static gpointer
_map_copy(const gchar *path, int file, gsize size)
{
  int copy = siaga_own_copy(path, file, size);
  gpointer bytes = copy >= 0 ? mmap(NULL, size, PROT_READ, MAP_SHARED, copy, 0) : MAP_FAILED;
  if (copy >= 0)
    close(copy);
  return bytes;
}

/* What is not there any more is zero. */
static gpointer
_read(int file, gsize size)
{
  guint8 *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  gsize at = 0;
  while (bytes != MAP_FAILED && at < size)
    {
      gssize got = pread(file, bytes + at, size - at, at);
      if (got <= 0 && !(got < 0 && errno == EINTR))
        break;
      at += MAX(got, 0);
    }
  return bytes;
}

static const gchar *
_take_bytes(SiagaListMap *self, const gchar *path, int file)
{
  if (self->stamp.size < sizeof(SiagaListHeader))
    return "not a list file: make one with siagactl lists build";
  gpointer bytes = self->stamp.size > SIAGA_LIST_SMALL ? _map_copy(path, file, self->stamp.size) : MAP_FAILED;
  if (bytes == MAP_FAILED)
    bytes = _read(file, self->stamp.size);
  if (bytes == MAP_FAILED)
    return g_strerror(errno);
  self->header = bytes;
  self->size = self->stamp.size;
  self->index = (const guint32 *) (self->header + 1);
  return _check(self);
}

static const gchar *
_take_file(SiagaListMap *self, const gchar *path, int file)
{
  struct stat info;
  if (fstat(file, &info) != 0)
    return g_strerror(errno);
  self->stamp = _stamp(&info);
  const gchar *error = _take_bytes(self, path, file);
  if (error)
    return error;
  SiagaListStamp after = fstat(file, &info) == 0 ? _stamp(&info) : (SiagaListStamp){ 0 };
  if (after.size != self->stamp.size || after.changed != self->stamp.changed)
    return "somebody writes to it";
  self->entries = (const guint64 *) ((const gchar *) self->index + siaga_list_index_size(self->header->bits));
  return NULL;
}

SiagaListMap *
siaga_list_map_new(const gchar *path)
{
  SiagaListMap *self = g_new0(SiagaListMap, 1);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  self->error = file < 0 ? g_strerror(errno) : _take_file(self, path, file);
  if (file >= 0)
    close(file);
  return self;
}

void
siaga_list_map_free(SiagaListMap *self)
{
  if (!self)
    return;
  if (self->header)
    munmap((gpointer) self->header, self->size);
  g_free(self);
}
