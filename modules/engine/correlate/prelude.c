/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A ring of events, chained by key. */

#include "prelude.h"

#include <string.h>

#define NOBODY G_MAXUINT32 /* an entry that only fills the ring's end */
#define HEAD_SIZE G_STRUCT_OFFSET(SiagaPreludeEntry, record)
#define ROOM_MIN 16384

static inline SiagaPreludeEntry *
_entry(const SiagaPrelude *self, guint64 position)
{
  return (SiagaPreludeEntry *) (gpointer) (self->bytes + position % self->room);
}

/* How far the next entry is; what is too short for a head is a filler. */
static inline guint32
_step(const SiagaPrelude *self, guint64 position)
{
  guint32 left = self->room - position % self->room;
  return left < HEAD_SIZE ? left : _entry(self, position)->size;
}

static inline guint64 *
_head(const SiagaPrelude *self, guint64 hash, guint watch)
{
  return &self->heads[siaga_hash_mix(hash + watch) % SIAGA_PRELUDE_HEADS];
}

void
siaga_prelude_clear(SiagaPrelude *self)
{
  g_free(self->bytes);
  g_free(self->heads);
  memset(self, 0, sizeof *self);
}

/* In order, an event counts only when some first step of a term is there. */
static gboolean
_may_be_step(const SiagaWatch *watch, const SiagaWindow *window)
{
  const GArray *terms = watch->correlation->terms;
  for (guint i = 0; i < terms->len; i++)
    {
      guint32 need = g_array_index(terms, SiagaTerm, i).need;
      if (!need || siaga_temporal_may_have(window, need & -need))
        return TRUE;
    }
  return FALSE;
}

/* Of distinct values more are named. */
gboolean
siaga_prelude_wants_other(const SiagaWatch *watch, const SiagaWindow *window)
{
  switch (watch->kind)
    {
    case SIAGA_WK_VALUES:
      if (watch->need > SIAGA_MANY_VALUES)
        return siaga_many_count(window) + SIAGA_PRELUDE_EVENTS > watch->need;
      return watch->need <= SIAGA_PRELUDE_EVENTS ||
             siaga_window_is_near(watch, window, 2, watch->need + 1 - SIAGA_PRELUDE_EVENTS);
    case SIAGA_WK_TEMPORAL:
      return TRUE;
    case SIAGA_WK_STAGES:
      return watch->joint; /* an attacker's are all of him */
    case SIAGA_WK_ORDERED:
      return _may_be_step(watch, window);
    default:
      return FALSE;
    }
}

/* Room at the end for SIZE bytes in one piece; the oldest give way. */
static SiagaPreludeEntry *
_make_place(SiagaPrelude *self, guint32 size)
{
  guint32 left = self->room - self->end % self->room, filler = left < size ? left : 0;
  while (self->end + filler + size - self->begin > self->room)
    self->begin += _step(self, self->begin);
  if (filler >= HEAD_SIZE)
    {
      _entry(self, self->end)->size = filler;
      _entry(self, self->end)->watch = NOBODY;
    }
  self->end += filler;
  return _entry(self, self->end);
}

gboolean
siaga_prelude_add(SiagaPrelude *self, guint32 room, guint64 hash, guint watch, const SiagaRecord *record)
{
  gboolean made = !self->bytes && room >= ROOM_MIN;
  guint32 size = HEAD_SIZE + record->size;
  if (made)
    {
      self->room = room & ~(guint32) 7;
      self->bytes = g_malloc(self->room);
      self->heads = g_new0(guint64, SIAGA_PRELUDE_HEADS);
    }
  if (!self->bytes || size > self->room / 4)
    return made;
  SiagaPreludeEntry *entry = _make_place(self, size);
  guint64 *head = _head(self, hash, watch);
  entry->hash = hash;
  entry->before = *head;
  entry->size = size;
  entry->watch = watch;
  memcpy(&entry->record, record, record->size);
  *head = self->end + 1;
  self->end += size;
  return made;
}

guint
siaga_prelude_collect(const SiagaPrelude *self, guint64 hash, guint watch, SiagaTime since,
                      const SiagaRecord *events[SIAGA_PRELUDE_EVENTS])
{
  guint count = 0;
  if (!self->bytes)
    return 0;
  for (guint64 at = *_head(self, hash, watch); at > self->begin && count < SIAGA_PRELUDE_EVENTS;)
    {
      const SiagaPreludeEntry *entry = _entry(self, at - 1);
      if (entry->hash == hash && entry->watch == watch && entry->record.time >= since)
        events[count++] = &entry->record;
      at = entry->before;
    }
  for (guint i = 0; i < count / 2; i++)
    {
      const SiagaRecord *event = events[i];
      events[i] = events[count - 1 - i];
      events[count - 1 - i] = event;
    }
  return count;
}

const SiagaPreludeEntry *
siaga_prelude_next(const SiagaPrelude *self, guint64 *at)
{
  guint64 position = MAX(*at, self->begin);
  while (position < self->end)
    {
      gboolean filler = self->room - position % self->room < HEAD_SIZE || _entry(self, position)->watch == NOBODY;
      const SiagaPreludeEntry *entry = _entry(self, position);
      position += _step(self, position);
      *at = position;
      if (!filler)
        return entry;
    }
  return NULL;
}
