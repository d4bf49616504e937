/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * When names were seen first, in a table of fixed size that any thread reads and writes. */

#include <siaga/lookalike.h>

#include "engine/domain/name.h"

#include <string.h>

#define BUCKETS 4096
#define WAYS 4
#define SECONDS(time) ((guint32) CLAMP((time) / SIAGA_SECOND, 1, (SiagaTime) G_MAXUINT32))

/* A slot: half of the name's hash above, when it was seen first (seconds) below; 0: free. */
struct _SiagaSeenNames
{
  guint64 slots[BUCKETS][WAYS];
  guint32 start; /* seconds; 0: nothing was noticed yet */
};

SiagaSeenNames *
siaga_seen_names_new(void)
{
  return g_new0(SiagaSeenNames, 1);
}

void
siaga_seen_names_free(SiagaSeenNames *self)
{
  g_free(self);
}

void
siaga_seen_names_clear(SiagaSeenNames *self)
{
  memset(self, 0, sizeof *self);
}

void
siaga_seen_names_notice(SiagaSeenNames *self, SiagaTime time)
{
  guint32 start = __atomic_load_n(&self->start, __ATOMIC_RELAXED), now = SECONDS(time);
  while ((!start || now < start) &&
         !__atomic_compare_exchange_n(&self->start, &start, now, TRUE, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
    ;
}

static guint64
_hash(const gchar *name, gsize length)
{
  guint64 hash = G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
  for (gsize i = 0; i < length; i++)
    {
      hash = (hash ^ siaga_ascii_lower(name[i])) * G_GUINT64_CONSTANT(0xff51afd7ed558ccd);
      hash ^= hash >> 29;
    }
  return hash;
}

/* The slot of TAG, or else the one whose name was seen first longest ago. */
static guint64 *
_slot(guint64 *bucket, guint32 tag)
{
  guint64 *oldest = bucket;
  for (guint i = 0; i < WAYS; i++)
    {
      guint64 value = __atomic_load_n(&bucket[i], __ATOMIC_RELAXED);
      if (value && value >> 32 == tag)
        return &bucket[i];
      if ((guint32) value < (guint32) __atomic_load_n(oldest, __ATOMIC_RELAXED))
        oldest = &bucket[i];
    }
  return oldest;
}

/* Two threads may both see it first: the earlier time stays. */
static guint32
_first_seen(SiagaSeenNames *self, guint64 hash, guint32 now)
{
  guint32 tag = hash >> 32;
  guint64 *slot = _slot(self->slots[hash % BUCKETS], tag);
  guint64 value = __atomic_load_n(slot, __ATOMIC_RELAXED), own = (guint64) tag << 32 | now;
  while (value >> 32 != tag || !value || now < (guint32) value)
    if (__atomic_compare_exchange_n(slot, &value, own, TRUE, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
      return now;
  return (guint32) value;
}

gboolean
siaga_seen_names_is_new(SiagaSeenNames *self, const gchar *name, gsize length, SiagaTime time)
{
  const guint32 day = SIAGA_SEEN_NEW / SIAGA_SECOND;
  siaga_seen_names_notice(self, time);
  guint32 now = SECONDS(time), first = _first_seen(self, _hash(name, length), now);
  guint32 start = __atomic_load_n(&self->start, __ATOMIC_RELAXED);
  return first >= start && first - start >= day && now >= first && now - first < day;
}
