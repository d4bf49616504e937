/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The thread's table of names: each name has one place in it. */

#include "engine/domain/name-cache.h"

#include "engine/base/quick-hash.h"

#include <string.h>

#define ENTRIES 2048
#define NAME_BYTES 67

typedef struct
{
  SiagaNameOwner owner; /* 0: free */
  guint32 answer;
  guint8 length;
  gchar name[NAME_BYTES];
} Entry;

static GPrivate table_private = G_PRIVATE_INIT(g_free);
static __thread Entry *table;

SiagaNameOwner
siaga_name_owner_new(void)
{
  static guint64 last;
  return __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
}

static inline Entry *
_place(SiagaNameOwner owner, const gchar *name, gsize length)
{
  if (G_UNLIKELY(!table))
    {
      table = g_new0(Entry, ENTRIES);
      g_private_set(&table_private, table);
    }
  return &table[(siaga_quick_hash(name, length, owner) >> 40) % ENTRIES];
}

gboolean
siaga_name_cache_get(SiagaNameOwner owner, const gchar *name, gsize length, guint *answer_r)
{
  if (length > NAME_BYTES)
    return FALSE;
  const Entry *entry = _place(owner, name, length);
  if (entry->owner != owner || entry->length != length || memcmp(entry->name, name, length) != 0)
    return FALSE;
  *answer_r = entry->answer;
  return TRUE;
}

void
siaga_name_cache_put(SiagaNameOwner owner, const gchar *name, gsize length, guint answer)
{
  if (length > NAME_BYTES)
    return;
  Entry *entry = _place(owner, name, length);
  entry->owner = owner;
  entry->answer = answer;
  entry->length = length;
  memcpy(entry->name, name, length);
}
