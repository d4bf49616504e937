/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Sorting of records within a stream, and its timers. */

#include "stream.h"
#include "apart.h"

#include "engine/base/quick-hash.h"

#include <siaga/correlate.h>

#include <stdlib.h>
#include <string.h>

G_STATIC_ASSERT(SIAGA_RECORD_ROOM + sizeof(SiagaBlock) + sizeof(SiagaHint) + 256 < SIAGA_BLOCK_SIZE);

#define TAIL_FIRST 64
#define TAIL_BYTES (8 * 1024 * 1024) /* of all streams together */

static guint64 tail_bytes; /* atomic */

guint64
siaga_origin_host(const SiagaEvent *event)
{
  gsize length;
  const gchar *host = siaga_event_text(event, SIAGA_F_HOST_HOSTNAME, &length);
  return host ? siaga_quick_hash(host, length, 0) | 1 : 0;
}

static SiagaTime
_move(SiagaHostClock *clock, SiagaTime time)
{
  SiagaTime before = clock->watermark;
  clock->watermark = MAX(before, time);
  return before;
}

static G_GNUC_NO_INLINE SiagaTime
_hear_another(SiagaStream *self, guint64 host, SiagaTime time)
{
  if (!self->hosts)
    self->hosts = g_new(SiagaHostClock, SIAGA_HOST_CLOCKS);
  guint at = 0;
  while (at < self->host_count && self->hosts[at].host != host)
    at++;
  if (at < self->host_count)
    return _move(&self->hosts[at], time);
  if (at == SIAGA_HOST_CLOCKS)
    return self->watermark;
  self->hosts[self->host_count++] = (SiagaHostClock){ host, time };
  return G_MININT64;
}

SiagaTime
siaga_stream_hear(SiagaStream *self, guint64 host, SiagaTime time)
{
  if (G_LIKELY(self->first_host.host == host))
    return _move(&self->first_host, time);
  if (self->first_host.host)
    return _hear_another(self, host, time);
  self->first_host = (SiagaHostClock){ host, time };
  return G_MININT64;
}

SiagaStream *
siaga_stream_new(guint64 id)
{
  SiagaStream *self = siaga_apart_new(sizeof *self);
  self->id = id;
  self->watermark = G_MININT64;
  self->since = G_MAXINT64;
  return self;
}

static SiagaBlock *
_block_new(void)
{
  void *block;
  if (posix_memalign(&block, SIAGA_BLOCK_SIZE, SIAGA_BLOCK_SIZE) != 0)
    g_error("out of memory for records");
  memset(block, 0, sizeof(SiagaBlock));
  return block;
}

void
siaga_stream_make_room(SiagaStream *self)
{
  self->block = self->spare ? self->spare : _block_new();
  self->spare = NULL;
}

void
siaga_stream_give_back(SiagaStream *self, SiagaBlock *block)
{
  block->used = 0;
  if (block == self->block)
    return;
  if (self->spare)
    free(block);
  else
    self->spare = block;
}

void
siaga_stream_trim(SiagaStream *self)
{
  if (self->queued)
    return;
  free(self->block);
  free(self->spare);
  self->block = self->spare = NULL;
}

void
siaga_stream_free(SiagaStream *self)
{
  for (guint i = 0; i < self->queued; i++)
    siaga_stream_release(self, self->queue[self->head + i]);
  self->queued = 0;
  siaga_stream_trim(self);
  siaga_align_end(self);
  __atomic_fetch_sub(&tail_bytes, self->tail_room * sizeof self->tail[0], __ATOMIC_RELAXED);
  g_free(self->tail);
  g_free(self->queue);
  g_free(self->timers);
  g_free(self->hosts);
  if (self->postponed)
    g_array_unref(self->postponed);
  siaga_apart_free(self);
}

void
siaga_stream_lengthen(SiagaStream *self)
{
  if (self->head > self->room / 2)
    {
      memmove(self->queue, self->queue + self->head, self->queued * sizeof self->queue[0]);
      self->head = 0;
      return;
    }
  self->room = self->room ? 2 * self->room : 16;
  self->queue = g_renew(SiagaRecord *, self->queue, self->room);
}

/* Behind all that are not later. */
static guint
_find_place(const SiagaStream *self, SiagaTime time)
{
  guint from = self->head, to = self->head + self->queued;
  while (from < to)
    {
      guint middle = from + (to - from) / 2;
      if (self->queue[middle]->time > time)
        to = middle;
      else
        from = middle + 1;
    }
  return from;
}

/* Before its end. */
void
siaga_stream_insert(SiagaStream *self, SiagaRecord *record)
{
  guint end = self->head + self->queued, at = _find_place(self, record->time);
  memmove(self->queue + at + 1, self->queue + at, (end - at) * sizeof self->queue[0]);
  self->queue[at] = record;
  self->queued++;
}

void
siaga_stream_push(SiagaStream *self, const SiagaRecord *record)
{
  SiagaRecord *copy = siaga_stream_reserve(self, record->size);
  memcpy(copy, record, record->size);
  siaga_stream_commit(self, copy);
}

static inline gboolean
_is_before(const SiagaTimer *a, const SiagaTimer *b)
{
  return a->due != b->due ? a->due < b->due : a->kind < b->kind;
}

void
siaga_stream_set_timer(SiagaStream *self, const SiagaTimer *timer)
{
  if (self->timer_count == self->timer_room)
    {
      self->timer_room = self->timer_room ? 2 * self->timer_room : 8;
      self->timers = g_renew(SiagaTimer, self->timers, self->timer_room);
    }
  SiagaTimer *heap = self->timers, shifted = *timer;
  shifted.due += timer->behind;
  guint at = self->timer_count++;
  for (; at > 0 && _is_before(&shifted, &heap[(at - 1) / 2]); at = (at - 1) / 2)
    heap[at] = heap[(at - 1) / 2];
  heap[at] = shifted;
}

void
siaga_stream_postpone(SiagaStream *self, const SiagaTimer *timer)
{
  if (!self->postponed)
    self->postponed = g_array_new(FALSE, FALSE, sizeof *timer);
  g_array_append_val(self->postponed, *timer);
}

void
siaga_stream_resume(SiagaStream *self)
{
  for (guint i = 0; self->postponed && i < self->postponed->len; i++)
    siaga_stream_set_timer(self, &g_array_index(self->postponed, SiagaTimer, i));
  g_clear_pointer(&self->postponed, g_array_unref);
}

static void
_sift_down(SiagaTimer *heap, guint count, SiagaTimer timer)
{
  guint at = 0;
  for (guint child = 1; child < count; child = 2 * at + 1)
    {
      if (child + 1 < count && _is_before(&heap[child + 1], &heap[child]))
        child++;
      if (!_is_before(&heap[child], &timer))
        break;
      heap[at] = heap[child];
      at = child;
    }
  heap[at] = timer;
}

gboolean
siaga_stream_take_timer(SiagaStream *self, SiagaTime clock, SiagaTimer *timer_r)
{
  SiagaTimer *heap = self->timers;
  guint count = self->timer_count;
  if (!count || heap[0].due >= clock)
    return FALSE;
  *timer_r = heap[0];
  SiagaTimer last = heap[count - 1];
  self->timer_count--;
  if (count > 1)
    _sift_down(heap, count - 1, last);
  return TRUE;
}

/* TRUE when the ring grew; otherwise its oldest entry makes way. */
static gboolean
_grow_tail(SiagaStream *self)
{
  guint room = self->tail_room ? 2 * self->tail_room : TAIL_FIRST;
  guint64 more = (room - self->tail_room) * sizeof self->tail[0];
  if (self->tail_room && (room > SIAGA_TAIL_MAX || __atomic_load_n(&tail_bytes, __ATOMIC_RELAXED) + more > TAIL_BYTES))
    return FALSE;
  guint64 *tail = g_new(guint64, room);
  for (guint i = 0; i < self->tail_used; i++)
    tail[i] = siaga_stream_tail(self, i);
  g_free(self->tail);
  self->tail = tail;
  self->tail_room = room;
  self->tail_begin = 0;
  __atomic_fetch_add(&tail_bytes, more, __ATOMIC_RELAXED);
  return TRUE;
}

void
siaga_stream_remember(SiagaStream *self, guint64 line_hash)
{
  if (!line_hash)
    return;
  if (self->tail_used == self->tail_room && !_grow_tail(self))
    {
      self->tail[self->tail_begin] = line_hash;
      self->tail_begin = (self->tail_begin + 1) % self->tail_room;
      return;
    }
  self->tail[(self->tail_begin + self->tail_used++) % self->tail_room] = line_hash;
}
