/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * An open-addressing table per partition, and windows that grow out of their key when they need to. */

#include "keys.h"

#include <string.h>

#define NO_WATCH 0xffff
#define FIRST_SLOTS 8

/* One writer at a time, under the shard's lock; read without. */
static inline void
_count(guint64 *counter, guint64 more)
{
  __atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + more, __ATOMIC_RELAXED);
}

static inline void
_charge(SiagaKeys *self, guint watch, guint64 bytes)
{
  _count(self->bytes, bytes);
  _count(&siaga_keys_use(self, watch)->bytes, bytes);
}

static inline void
_count_window(const SiagaKeys *self, guint watch, guint64 more)
{
  _count(&siaga_keys_use(self, watch)->windows, more);
}

static inline gsize
_window_size(guint room)
{
  return sizeof(SiagaWindow) + room * sizeof(guint64);
}

static inline gsize
_more_size(guint room)
{
  return G_STRUCT_OFFSET(SiagaMore, window) + _window_size(room);
}

static inline gsize
_inline_offset(const SiagaKey *key)
{
  return (sizeof(SiagaKey) + key->text_length + 7) & ~(gsize) 7;
}

static inline gsize
_key_size(const SiagaKey *key)
{
  return _inline_offset(key) + _window_size(SIAGA_INLINE_WORDS);
}

static void
_place(SiagaPartition *self, SiagaKey *key, guint32 trace)
{
  guint32 i = key->hash & self->mask;
  while (self->tags[i])
    i = (i + 1) & self->mask;
  self->tags[i] = siaga_key_tag(key->hash);
  siaga_partition_slots(self)[i] = key;
  siaga_partition_traces(self)[i] = trace;
}

static inline gsize
_table_size(guint32 slots)
{
  return (gsize) slots * (sizeof(guint8) + sizeof(SiagaKey *) + sizeof(guint32));
}

static void
_resize(SiagaKeys *keys, SiagaPartition *self, guint32 slots)
{
  SiagaPartition old = *self;
  guint32 old_slots = old.mask ? old.mask + 1 : 0;
  guint8 *tags = g_malloc0(_table_size(slots));
  __atomic_store_n(&self->tags, tags, __ATOMIC_RELAXED);
  __atomic_store_n(&self->mask, slots - 1, __ATOMIC_RELAXED);
  for (guint32 i = 0; i < old_slots; i++)
    if (siaga_partition_slots(&old)[i])
      _place(self, siaga_partition_slots(&old)[i], siaga_partition_traces(&old)[i]);
  g_free(old.tags);
  _count(keys->bytes, _table_size(slots));
  _count(keys->bytes, -(guint64) _table_size(old_slots));
}

static void
_init_window(SiagaWindow *window, guint watch, guint room)
{
  memset(window, 0, sizeof *window);
  window->watch = watch;
  window->room = room;
}

SiagaKey *
siaga_keys_add(SiagaKeys *self, guint64 hash, guint group, const gchar *text, gsize length, guint watch)
{
  SiagaPartition *partition = &self->partitions[siaga_key_partition(hash)];
  SiagaKey head = { .hash = hash, .group = group, .text_length = length };
  SiagaKey *key = siaga_pool_alloc(&self->pool, _key_size(&head));

  *key = head;
  memcpy(key->text, text, length);
  _init_window(siaga_key_inline_window(key), watch, SIAGA_INLINE_WORDS);
  if (!partition->mask || partition->used * 8 >= (partition->mask + 1) * 7)
    _resize(self, partition, partition->mask ? 2 * (partition->mask + 1) : FIRST_SLOTS);
  _place(partition, key, 0);
  partition->used++;
  _charge(self, watch, siaga_pool_size(_key_size(key)));
  _count_window(self, watch, 1);
  _count(self->keys, 1);
  return key;
}

static void
_free_outside(SiagaKeys *self, SiagaWindow *window)
{
  if (!(window->flags & SIAGA_WF_OUTSIDE))
    return;
  _charge(self, window->watch, -(guint64) (siaga_pool_size(window->room * sizeof(guint64))));
  siaga_pool_free(&self->pool, siaga_window_words(window), window->room * sizeof(guint64));
}

static void
_free_more(SiagaKeys *self, SiagaMore *more)
{
  _charge(self, more->window.watch, -(guint64) (siaga_pool_size(_more_size(more->window.room))));
  _count_window(self, more->window.watch, -(guint64) 1);
  siaga_pool_free(&self->pool, more, _more_size(more->window.room));
}

static void
_free_key(SiagaKeys *self, SiagaKey *key)
{
  guint watch = siaga_key_inline_window(key)->watch;
  _free_outside(self, siaga_key_inline_window(key));
  for (SiagaMore *more = key->more, *next; more; more = next)
    {
      next = more->next;
      _free_more(self, more);
    }
  _charge(self, watch, -(guint64) (siaga_pool_size(_key_size(key))));
  _count_window(self, watch, -(guint64) 1);
  _count(self->keys, -(guint64) 1);
  siaga_pool_free(&self->pool, key, _key_size(key));
}

/* Closes the gap so that every key stays reachable from its place. */
static void
_unplace(SiagaPartition *self, guint32 hole)
{
  guint32 i = hole;
  for (;;)
    {
      i = (i + 1) & self->mask;
      if (!siaga_partition_slots(self)[i])
        break;
      guint32 home = siaga_partition_slots(self)[i]->hash & self->mask;
      if (((i - home) & self->mask) < ((i - hole) & self->mask))
        continue;
      siaga_partition_slots(self)[hole] = siaga_partition_slots(self)[i];
      siaga_partition_traces(self)[hole] = siaga_partition_traces(self)[i];
      self->tags[hole] = self->tags[i];
      hole = i;
    }
  siaga_partition_slots(self)[hole] = NULL;
  self->tags[hole] = 0;
}

void
siaga_keys_remove(SiagaKeys *self, SiagaKey *key)
{
  SiagaPartition *partition = &self->partitions[siaga_key_partition(key->hash)];
  guint32 i = key->hash & partition->mask;
  while (siaga_partition_slots(partition)[i] != key)
    i = (i + 1) & partition->mask;
  _unplace(partition, i);
  partition->used--;
  self->removals++;
  _free_key(self, key);
  if (partition->mask + 1 > FIRST_SLOTS && partition->used * 4 < partition->mask + 1)
    _resize(self, partition, (partition->mask + 1) / 2);
}

void
siaga_keys_clear(SiagaKeys *self, guint index)
{
  SiagaPartition *partition = &self->partitions[index];
  self->removals++;
  for (guint32 i = 0; partition->mask && i <= partition->mask; i++)
    if (siaga_partition_slots(partition)[i])
      _free_key(self, siaga_partition_slots(partition)[i]);
  if (partition->mask)
    _count(self->bytes, -(guint64) _table_size(partition->mask + 1));
  g_free(partition->tags);
  memset(partition, 0, sizeof *partition);
}

/* Another rule's window is the first now: it pays for the key. */
static void
_hand_over(SiagaKeys *self, const SiagaKey *key, guint from, guint to)
{
  _charge(self, from, -(guint64) (siaga_pool_size(_key_size(key))));
  _count_window(self, from, -(guint64) 1);
  _charge(self, to, siaga_pool_size(_key_size(key)));
  _count_window(self, to, 1);
}

SiagaWindow *
siaga_keys_add_window(SiagaKeys *self, SiagaKey *key, guint watch)
{
  SiagaWindow *window = siaga_key_inline_window(key);
  if (window->watch == NO_WATCH)
    {
      _hand_over(self, key, NO_WATCH, watch);
      _init_window(window, watch, SIAGA_INLINE_WORDS);
      return window;
    }
  SiagaMore *more = siaga_pool_alloc(&self->pool, _more_size(1));
  _init_window(&more->window, watch, 1);
  more->next = key->more;
  key->more = more;
  _charge(self, watch, siaga_pool_size(_more_size(1)));
  _count_window(self, watch, 1);
  return &more->window;
}

static void
_grow_first(SiagaKeys *self, SiagaWindow *window, guint room)
{
  gboolean inside = !(window->flags & SIAGA_WF_OUTSIDE);
  gsize size = siaga_pool_room(room * sizeof(guint64)), old_size = window->room * sizeof(guint64);
  guint64 *words;
  if (inside)
    words = memcpy(siaga_pool_alloc(&self->pool, size), window->inside, old_size);
  else
    words = siaga_pool_resize(&self->pool, siaga_window_words(window), old_size, size);
  _charge(self, window->watch, siaga_pool_size(size) - (inside ? 0 : siaga_pool_size(old_size)));
  window->flags |= SIAGA_WF_OUTSIDE;
  window->inside[0] = GPOINTER_TO_SIZE(words);
  window->room = size / sizeof(guint64);
}

/* The whole place is used. */
static SiagaWindow *
_grow(SiagaKeys *self, SiagaKey *key, SiagaWindow *window, guint room)
{
  if (window == siaga_key_inline_window(key))
    {
      _grow_first(self, window, room);
      return window;
    }
  SiagaMore **link = &key->more;
  while (&(*link)->window != window)
    link = &(*link)->next;
  gsize size = siaga_pool_room(_more_size(room)), old_size = _more_size(window->room);
  _charge(self, window->watch, siaga_pool_size(size) - siaga_pool_size(old_size));
  *link = siaga_pool_resize(&self->pool, *link, old_size, size);
  (*link)->window.room = (size - _more_size(0)) / sizeof(guint64);
  return &(*link)->window;
}

SiagaWindow *
siaga_keys_reserve(SiagaKeys *self, SiagaKey *key, SiagaWindow *window, guint words)
{
  guint needed = window->used + words;
  if (window->start + needed <= window->room)
    return window;
  /* Moving the entries back costs as much as was dropped before: cheap on the whole. */
  if (needed <= window->room && (window->start * 4 >= window->room || window->room <= 16))
    {
      guint64 *first = siaga_window_words(window);
      memmove(first, first + window->start, window->used * sizeof first[0]);
      window->start = 0;
      return window;
    }
  return _grow(self, key, window, MAX(window->start + needed, window->room + window->room / 2 + 1));
}

void
siaga_keys_remove_window(SiagaKeys *self, SiagaKey *key, guint watch)
{
  SiagaWindow *window = siaga_key_inline_window(key);
  if (window->watch == watch)
    {
      _free_outside(self, window);
      _hand_over(self, key, watch, NO_WATCH);
      _init_window(window, NO_WATCH, SIAGA_INLINE_WORDS);
      return;
    }
  for (SiagaMore **link = &key->more; *link; link = &(*link)->next)
    if ((*link)->window.watch == watch)
      {
        SiagaMore *gone = *link;
        *link = gone->next;
        _free_more(self, gone);
        return;
      }
}

void
siaga_key_foreach(SiagaKey *self, SiagaWindowFunc func, gpointer user_data)
{
  SiagaWindow *window = siaga_key_inline_window(self);
  if (window->watch != NO_WATCH)
    func(self, window, user_data);
  for (SiagaMore *more = self->more; more; more = more->next)
    func(self, &more->window, user_data);
}

const gchar *
siaga_key_value(const SiagaKey *self, guint position, gsize *length_r)
{
  const gchar *at = self->text;
  while (position--)
    at += 1 + (guint8) *at;
  *length_r = (guint8) *at;
  return at + 1;
}

gboolean
siaga_key_is_empty(SiagaKey *self)
{
  return siaga_key_inline_window(self)->watch == NO_WATCH && !self->more;
}

static void
_recount_window(SiagaKeys *self, const SiagaWindow *window, gsize own)
{
  SiagaUse *use = siaga_keys_use(self, window->watch);
  use->windows++;
  use->bytes += own + (window->flags & SIAGA_WF_OUTSIDE ? siaga_pool_size(window->room * sizeof(guint64)) : 0);
}

static void
_recount_key(SiagaKeys *self, SiagaKey *key)
{
  _recount_window(self, siaga_key_inline_window(key), siaga_pool_size(_key_size(key)));
  for (const SiagaMore *more = key->more; more; more = more->next)
    _recount_window(self, &more->window, siaga_pool_size(_more_size(more->window.room)));
}

void
siaga_keys_recount(SiagaKeys *self, SiagaUse *uses, guint watches)
{
  g_free(self->uses);
  self->uses = uses;
  self->watches = watches;
  for (guint p = self->first; p < SIAGA_PARTITIONS; p += self->stride)
    for (guint32 i = 0; self->partitions[p].mask && i <= self->partitions[p].mask; i++)
      if (siaga_partition_slots(&self->partitions[p])[i])
        _recount_key(self, siaga_partition_slots(&self->partitions[p])[i]);
}
