/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Many distinct values: a log of (time, value) in which a value's older entry is blanked when it comes again, and an
 * open-addressing index from value to log entry.  Adding is constant time on the whole.
 *
 * Words: 0 live values, 1 index size, 2 first log entry that may be live, 3 log entries; then the index (one word per
 * slot: log entry + 1), then the log. */

#include "window-kinds.h"

#include <string.h>

#define HEAD 4
#define FIRST_INDEX 128

static inline guint64 *
_index(SiagaWindow *window)
{
  return siaga_window_words(window) + HEAD;
}

static inline guint64 *
_log(SiagaWindow *window)
{
  return siaga_window_words(window) + HEAD + siaga_window_words(window)[1];
}

/* 0 marks a blanked entry. */
static inline guint64
_value(const SiagaSample *sample)
{
  return sample->value ? sample->value : 1;
}

static guint64
_find_slot(SiagaWindow *window, guint64 value)
{
  guint64 mask = siaga_window_words(window)[1] - 1, *index = _index(window), *log = _log(window);
  guint64 slot = siaga_hash_mix(value) & mask;
  while (index[slot] && log[2 * (index[slot] - 1) + 1] != value)
    slot = (slot + 1) & mask;
  return slot;
}

static void
_clear_slot(SiagaWindow *window, guint64 hole)
{
  guint64 mask = siaga_window_words(window)[1] - 1, *index = _index(window), *log = _log(window);
  for (guint64 slot = (hole + 1) & mask; index[slot]; slot = (slot + 1) & mask)
    {
      guint64 home = siaga_hash_mix(log[2 * (index[slot] - 1) + 1]) & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask))
        continue;
      index[hole] = index[slot];
      hole = slot;
    }
  index[hole] = 0;
}

static void
_fill_index(SiagaWindow *window)
{
  guint64 *log = _log(window);
  memset(_index(window), 0, siaga_window_words(window)[1] * sizeof(guint64));
  for (guint64 i = 0; i < siaga_window_words(window)[3]; i++)
    if (log[2 * i + 1])
      _index(window)[_find_slot(window, log[2 * i + 1])] = i + 1;
}

/* Squeezes the blanks out; the log moves to where an index of SLOTS ends. */
static void
_compact(SiagaWindow *window, guint64 slots)
{
  guint64 *from = _log(window), live = 0;
  for (guint64 i = siaga_window_words(window)[2]; i < siaga_window_words(window)[3]; i++)
    if (from[2 * i + 1])
      {
        from[2 * live] = from[2 * i];
        from[2 * live + 1] = from[2 * i + 1];
        live++;
      }
  memmove(siaga_window_words(window) + HEAD + slots, from, 2 * live * sizeof(guint64));
  siaga_window_words(window)[0] = siaga_window_words(window)[3] = live;
  siaga_window_words(window)[1] = slots;
  siaga_window_words(window)[2] = 0;
  _fill_index(window);
  window->used = HEAD + slots + 2 * live;
}

static SiagaWindow *
_begin(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window)
{
  window = siaga_keys_reserve(keys, key, window, HEAD + FIRST_INDEX);
  memset(siaga_window_words(window), 0, (HEAD + FIRST_INDEX) * sizeof(guint64));
  siaga_window_words(window)[1] = FIRST_INDEX;
  window->used = HEAD + FIRST_INDEX;
  return window;
}

/* Room for one more: blanks go first, then the index doubles. */
static SiagaWindow *
_make_room(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window)
{
  guint64 slots = siaga_window_words(window)[1];
  if (siaga_window_words(window)[3] * 4 < slots * 3)
    return siaga_keys_reserve(keys, key, window, 2);
  if (siaga_window_words(window)[0] * 2 > slots)
    {
      window = siaga_keys_reserve(keys, key, window, slots + 2);
      _compact(window, 2 * slots);
    }
  else
    _compact(window, slots);
  return siaga_keys_reserve(keys, key, window, 2);
}

static void
_drop_slot(SiagaWindow *window, guint64 slot, guint64 entry)
{
  _clear_slot(window, slot);
  _log(window)[2 * entry + 1] = 0;
  siaga_window_words(window)[0]--;
}

static void
_drop(SiagaWindow *window, guint64 entry)
{
  _drop_slot(window, _find_slot(window, _log(window)[2 * entry + 1]), entry);
}

/* The oldest that is live. */
static guint64
_oldest(SiagaWindow *window)
{
  const guint64 *log = _log(window);
  while (siaga_window_words(window)[2] < siaga_window_words(window)[3] && !log[2 * siaga_window_words(window)[2] + 1])
    siaga_window_words(window)[2]++;
  return siaga_window_words(window)[2];
}

/* A late one goes where its time belongs; that costs a walk, but late ones are few. */
static void
_append(SiagaWindow *window, SiagaTime time, guint64 value)
{
  guint64 *log = _log(window), at = siaga_window_words(window)[3]++;
  for (; at > siaga_window_words(window)[2] && (SiagaTime) log[2 * (at - 1)] > time; at--)
    {
      log[2 * at] = log[2 * (at - 1)];
      log[2 * at + 1] = log[2 * (at - 1) + 1];
    }
  log[2 * at] = time;
  log[2 * at + 1] = value;
  siaga_window_words(window)[0]++;
  window->used += 2;
  if (at + 1 == siaga_window_words(window)[3])
    _index(window)[_find_slot(window, value)] = at + 1;
  else
    _fill_index(window);
}

void
siaga_many_add(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch, const SiagaSample *sample,
               SiagaVerdict *verdict)
{
  guint64 value = _value(sample);
  if (!window->used)
    window = _begin(keys, key, window);
  guint64 slot = _find_slot(window, value), known = _index(window)[slot];
  if (known)
    {
      if ((SiagaTime) _log(window)[2 * (known - 1)] > sample->time)
        return;
      _drop_slot(window, slot, known - 1);
    }
  window = _make_room(keys, key, window);
  _append(window, sample->time, value);
  while (siaga_window_words(window)[0] > watch->need ||
         (SiagaTime) _log(window)[2 * _oldest(window)] < sample->time - watch->timespan - sample->lateness)
    _drop(window, _oldest(window));
  SiagaTime oldest = _log(window)[2 * _oldest(window)];
  SiagaTime newest = _log(window)[2 * (siaga_window_words(window)[3] - 1)];
  verdict->satisfied = siaga_window_words(window)[0] >= watch->need && newest - oldest <= watch->timespan;
  verdict->first = oldest;
  verdict->at = newest;
  verdict->until = oldest + watch->timespan;
  verdict->count = siaga_window_words(window)[0];
}

static gboolean
_times_are_possible(const guint64 *log, guint64 entries)
{
  for (guint64 i = 0; i < entries; i++)
    if (!siaga_time_is_possible(log[2 * i]))
      return FALSE;
  return TRUE;
}

gboolean
siaga_many_mend(SiagaWindow *window)
{
  guint64 slots = window->used >= HEAD ? siaga_window_words(window)[1] : 0,
          entries = window->used >= HEAD ? siaga_window_words(window)[3] : 0;
  if (!window->used)
    return TRUE;
  if (slots < FIRST_INDEX || slots > (1 << 22) || slots & (slots - 1) || entries >= slots ||
      window->used != HEAD + slots + 2 * entries || siaga_window_words(window)[2] > entries ||
      !_times_are_possible(_log(window), entries))
    return FALSE;
  _compact(window, slots);
  return TRUE;
}

guint
siaga_many_count(const SiagaWindow *window)
{
  return window->used ? siaga_window_words(window)[0] : 0;
}

SiagaTime
siaga_many_hold(const SiagaWindow *window, const SiagaWatch *watch, SiagaTime since)
{
  if (siaga_many_count(window) < watch->need)
    return 0;
  const guint64 *words = siaga_window_words(window), *log = words + HEAD + words[1];
  guint64 oldest = words[2];
  while (!log[2 * oldest + 1])
    oldest++;
  return (SiagaTime) log[2 * oldest] >= since ? (SiagaTime) log[2 * oldest] : 0;
}
