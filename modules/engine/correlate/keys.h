/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Keys: one entry per group and combination of values, shared by all rules with that group-by, holding their windows.
 * A key with up to four times needs one allocation. */

#ifndef SIAGA_CORRELATE_KEYS_H_INCLUDED
#define SIAGA_CORRELATE_KEYS_H_INCLUDED

#include "hash.h"
#include "pool.h"

#include <siaga/time.h>

#include <string.h>

#define SIAGA_PARTITIONS 1024
#define SIAGA_INLINE_WORDS 4
#define SIAGA_ANY_STEP 0xff

typedef enum
{
  SIAGA_WF_CASE = 1 << 0,     /* an incident belongs to it: never evicted */
  SIAGA_WF_OUTSIDE = 1 << 1,  /* inside[0] is a pointer to the words */
  SIAGA_WF_DEGRADED = 1 << 2, /* something was dropped for want of room */
  SIAGA_WF_REPEATED = 1 << 3  /* a value came late and stands in the window twice */
} SiagaWindowFlags;

/* Ascending entries of 8-byte words; what a word means is the window kind's business. */
typedef struct
{
  guint16 watch; /* position in the plan */
  guint8 flags;
  guint8 steps; /* temporal: which steps may be there, see window-temporal.c; counts: who told the latest, see echo.c */
  guint32 start; /* first used word */
  guint32 used;  /* words */
  guint32 room;  /* words */
  guint64 inside[];
} SiagaWindow;

typedef struct _SiagaMore SiagaMore;

struct _SiagaMore
{
  SiagaMore *next;
  SiagaWindow window;
};

typedef struct
{
  guint64 hash;
  SiagaMore *more; /* windows of further rules */
  guint32 touched; /* event time in seconds */
  guint16 group;
  guint16 text_length : 15;
  guint16 spoofed : 1; /* only ever seen from addresses that nobody checked */
  gchar text[];        /* per value: length byte, bytes; behind it, aligned, the first rule's window */
} SiagaKey;

/* TAGS lie in front of the slots: a byte of each key's hash, 0 where the slot is free, so that no foreign key has to be
 * looked at.  Behind the slots lie the traces: what the first window touched last, to be asked for before the key is
 * there; see siaga_window_trace. */
typedef struct
{
  guint8 *tags;
  guint32 mask; /* 0: no table yet */
  guint32 used;
} SiagaPartition; /* 16 bytes: never in two lines of the cache */

static inline SiagaKey **
siaga_partition_slots(const SiagaPartition *self)
{
  return (SiagaKey **) (gpointer) (self->tags + self->mask + 1);
}

static inline guint32 *
siaga_partition_traces(const SiagaPartition *self)
{
  return (guint32 *) (gpointer) (siaga_partition_slots(self) + self->mask + 1);
}

/* What one rule's windows take: how many there are, and their bytes; the first rule of a key pays for the key. */
typedef struct
{
  guint64 windows, bytes;
} SiagaUse;

/* The keys of one shard: its partitions and what they cost.  Not locked here. */
typedef struct
{
  SiagaPartition *partitions; /* all 1,024; a shard touches its own only: */
  guint first, stride;        /* FIRST and every STRIDE behind it */
  guint64 *bytes;             /* of the shard */
  guint64 *keys;
  SiagaPool pool; /* where they lie */
  SiagaUse *uses; /* by watch; behind the last, what belongs to none */
  guint watches;
  guint64 removals; /* keys that ever went: a pointer to one is good while this stands still */
} SiagaKeys;

static inline guint
siaga_key_partition(guint64 hash)
{
  return hash >> 54;
}

static inline guint64 *
siaga_window_words(const SiagaWindow *self)
{
  return self->flags & SIAGA_WF_OUTSIDE ? GSIZE_TO_POINTER(self->inside[0]) : (guint64 *) self->inside;
}

static inline guint8
siaga_key_tag(guint64 hash)
{
  guint8 tag = hash >> 46;
  return tag ? tag : 1;
}

/* Both have eight bytes to read from LENGTH 8 on. */
static inline gboolean
siaga_key_is(const SiagaKey *key, const gchar *text, gsize length)
{
  guint64 a[2], b[2];
  if (key->text_length != length)
    return FALSE;
  if (length < 8 || length > 16)
    return memcmp(key->text, text, length) == 0;
  memcpy(&a[0], key->text, 8);
  memcpy(&a[1], key->text + length - 8, 8);
  memcpy(&b[0], text, 8);
  memcpy(&b[1], text + length - 8, 8);
  return ((a[0] ^ b[0]) | (a[1] ^ b[1])) == 0;
}

/* Where the key stands, -1: nowhere.  TEXT may be NULL: the hash alone decides. */
static inline gint64
siaga_keys_slot(const SiagaPartition *self, guint64 hash, guint group, const gchar *text, gsize length)
{
  if (!self->mask)
    return -1;
  guint8 tag = siaga_key_tag(hash);
  for (guint32 i = hash & self->mask; self->tags[i]; i = (i + 1) & self->mask)
    {
      if (self->tags[i] != tag)
        continue;
      const SiagaKey *key = siaga_partition_slots(self)[i];
      if (key->hash == hash && key->group == group && (!text || siaga_key_is(key, text, length)))
        return i;
    }
  return -1;
}

static inline SiagaKey *
siaga_keys_find(const SiagaPartition *self, guint64 hash, guint group, const gchar *text, gsize length)
{
  gint64 slot = siaga_keys_slot(self, hash, group, text, length);
  return slot < 0 ? NULL : siaga_partition_slots(self)[slot];
}

/* Asks for the place of HASH to be in the cache; needs no lock. */
static inline void
siaga_keys_prefetch_place(const SiagaPartition *self, guint64 hash)
{
  guint32 mask = __atomic_load_n(&self->mask, __ATOMIC_RELAXED);
  gsize tags = GPOINTER_TO_SIZE(__atomic_load_n(&self->tags, __ATOMIC_RELAXED)), at = hash & mask;
  /* Another thread may be moving the table: then the addresses are wrong, which costs nothing. */
  gsize slots = tags + mask + 1, traces = slots + (mask + (gsize) 1) * sizeof(SiagaKey *);
  __builtin_prefetch(GSIZE_TO_POINTER(tags + at));
  __builtin_prefetch(GSIZE_TO_POINTER(slots + at * sizeof(SiagaKey *)));
  __builtin_prefetch(GSIZE_TO_POINTER(traces + at * sizeof(guint32)), 1);
}

/* Asks for what probably is its key; gives back that key, which is not to be read, and the trace. */
static inline const SiagaKey *
siaga_keys_prefetch_key(const SiagaPartition *self, guint64 hash, guint32 *trace_r)
{
  guint8 tag = siaga_key_tag(hash);
  if (!self->mask)
    return NULL;
  guint32 i = hash & self->mask;
  while (self->tags[i] && self->tags[i] != tag)
    i = (i + 1) & self->mask;
  const SiagaKey *key = siaga_partition_slots(self)[i];
  *trace_r = siaga_partition_traces(self)[i];
  if (!key)
    return NULL;
  __builtin_prefetch(key);
  __builtin_prefetch((const gchar *) key + 64);
  return key;
}

/* A new key with an empty window for WATCH. */
SiagaKey *siaga_keys_add(SiagaKeys *self, guint64 hash, guint group, const gchar *text, gsize length, guint watch);
void siaga_keys_remove(SiagaKeys *self, SiagaKey *key);
void siaga_keys_clear(SiagaKeys *self, guint partition);

/* The first rule's window, which never moves. */
static inline SiagaWindow *
siaga_key_inline_window(SiagaKey *self)
{
  return (SiagaWindow *) (gpointer) ((gchar *) self + ((sizeof *self + self->text_length + 7) & ~(gsize) 7));
}

/* The window of WATCH, NULL when it has none. */
static inline SiagaWindow *
siaga_key_window(SiagaKey *self, guint watch)
{
  SiagaWindow *window = siaga_key_inline_window(self);
  if (window->watch == watch)
    return window;
  for (SiagaMore *more = self->more; more; more = more->next)
    if (more->window.watch == watch)
      return &more->window;
  return NULL;
}

SiagaWindow *siaga_keys_add_window(SiagaKeys *self, SiagaKey *key, guint watch);
/* Makes room for WORDS more behind the last; the window may move. */
SiagaWindow *siaga_keys_reserve(SiagaKeys *self, SiagaKey *key, SiagaWindow *window, guint words);
void siaga_keys_remove_window(SiagaKeys *self, SiagaKey *key, guint watch);

gboolean siaga_key_is_empty(SiagaKey *self);

/* The rules got new positions: USES, one more than WATCHES, is filled anew from all keys.  The old array is freed. */
void siaga_keys_recount(SiagaKeys *self, SiagaUse *uses, guint watches);
static inline SiagaUse *
siaga_keys_use(const SiagaKeys *self, guint watch)
{
  return &self->uses[MIN(watch, self->watches)];
}

typedef void (*SiagaWindowFunc)(SiagaKey *key, SiagaWindow *window, gpointer user_data);
void siaga_key_foreach(SiagaKey *self, SiagaWindowFunc func, gpointer user_data);

/* The value at POSITION of the key's text. */
const gchar *siaga_key_value(const SiagaKey *self, guint position, gsize *length_r);

#endif
