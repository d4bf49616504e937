/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What a record will need, told while it waits in its stream, so that memory has it ready when its turn comes.
 * A hint saves time and decides nothing.  The lane of the stream is locked. */

#ifndef SIAGA_CORRELATE_FORESEE_H_INCLUDED
#define SIAGA_CORRELATE_FORESEE_H_INCLUDED

#include "way.h"
#include "window-kinds.h"

#define SIAGA_FAR_AHEAD 16  /* the record, counted from the next, whose bytes are asked for */
#define SIAGA_PLACE_AHEAD 7 /* whose key's place is */
#define SIAGA_KEY_AHEAD 4

/* Fills the hint of a record that was just packed to PACK. */
void siaga_foresee(const SiagaCorrelator *self, const SiagaPack *pack);

/* Its key's place has arrived: asks for the key and its window's end. */
static inline void
siaga_foresee_key(SiagaRun *run, const SiagaHint *hint)
{
  const SiagaFeed *feed = &g_array_index(run->self->plan->feeds, SiagaFeed, hint->feed);
  SiagaShard *shard = siaga_core_shard(run->self, hint->hash);
  guint32 trace;
  siaga_lock(&shard->lock);
  const SiagaKey *key = siaga_keys_prefetch_key(siaga_way_partition(run->self, hint->hash), hint->hash, &trace);
  siaga_unlock(&shard->lock);
  if (key)
    siaga_window_prefetch(key, trace, feed->watch);
}

/* The hint of the record that comes NTH from now on; NULL: there is none. */
static inline const SiagaHint *
siaga_foresee_hint(const SiagaRun *run, guint nth)
{
  const SiagaRecord *record = siaga_stream_peek(run->stream, nth);
  const SiagaHint *hint = record ? siaga_stream_hint(record) : NULL;
  return hint && hint->key ? hint : NULL;
}

/* Asks for what the next records of the run's stream need; no shard is locked.  Every record is looked at three times
 * before its turn, so that what it needs is in the cache by then. */
static SIAGA_INLINE void
siaga_foresee_next(SiagaRun *run)
{
  const SiagaRecord *far = siaga_stream_peek(run->stream, SIAGA_FAR_AHEAD);
  const SiagaHint *hint;
  if (far)
    {
      __builtin_prefetch(siaga_stream_hint(far));
      __builtin_prefetch((const guint8 *) siaga_stream_hint(far) + 64);
    }
  if ((hint = siaga_foresee_hint(run, SIAGA_PLACE_AHEAD)))
    siaga_keys_prefetch_place(siaga_way_partition(run->self, hint->hash), hint->hash);
  if ((hint = siaga_foresee_hint(run, SIAGA_KEY_AHEAD)))
    siaga_foresee_key(run, hint);
}

#endif
