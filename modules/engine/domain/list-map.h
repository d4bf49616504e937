/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A list file's bytes where nobody else can change them: who writes over the file that has the name takes nothing away
 * from those who look names up.  A large one is copied into a file without a name beside it and mapped, so that its
 * pages can be dropped and read again; where there can be no such file, and a small one, is read into memory. */

#ifndef SIAGA_DOMAIN_LIST_MAP_H_INCLUDED
#define SIAGA_DOMAIN_LIST_MAP_H_INCLUDED

#include "engine/domain/list-file.h"

#include <sys/stat.h>

#define SIAGA_LIST_SMALL (1 << 20) /* bytes that are read at once, without a thread or a file of their own */

/* What tells one state of a file from another. */
typedef struct
{
  dev_t device;
  ino_t inode;
  gsize size;
  gint64 changed; /* nanoseconds; the inode's, which nobody can set back */
} SiagaListStamp;

typedef struct _SiagaListMap SiagaListMap;
struct _SiagaListMap
{
  SiagaListMap *older; /* replaced before this one, and perhaps still read */
  const gchar *error;  /* NULL: it can be used; else the rest but the stamp is nothing */
  SiagaListStamp stamp;
  const SiagaListHeader *header;
  const guint32 *index;
  const guint64 *entries;
  gsize size; /* bytes */
};

/* FALSE: there is no such file. */
gboolean siaga_list_stamp(const gchar *path, SiagaListStamp *stamp_r);

static inline gboolean
siaga_list_stamp_is_of(const SiagaListStamp *a, const SiagaListStamp *b)
{
  return a->device == b->device && a->inode == b->inode;
}

static inline gboolean
siaga_list_stamp_equal(const SiagaListStamp *a, const SiagaListStamp *b)
{
  return siaga_list_stamp_is_of(a, b) && a->size == b->size && a->changed == b->changed;
}

/* Never NULL.  Takes as long as the file is large; any thread. */
SiagaListMap *siaga_list_map_new(const gchar *path);
void siaga_list_map_free(SiagaListMap *self); /* NULL allowed; not those before it */

#endif
