/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Counts and distinct values; the dispatch to the other kinds. */

#include "window-kinds.h"

#include <string.h>

#define SLACK 16 /* entries beyond the needed ones, for events that come late */

static guint
_back(guint place, guint step)
{
  return place > step ? place - step : 0;
}

/* Most come late by little: looks back from the end in steps that double, then between the last two. */
guint
siaga_window_position_of_late(const SiagaWindow *window, guint stride, SiagaTime time)
{
  const guint64 *entries = siaga_window_entries(window);
  guint later = siaga_window_count(window, stride) - 1, step = 1;
  for (; later > 0 && (SiagaTime) entries[_back(later, step) * stride] > time; step *= 2)
    later = _back(later, step);
  guint at = _back(later, step);
  while (at < later)
    {
      guint middle = (at + later) / 2;
      if ((SiagaTime) entries[middle * stride] > time)
        later = middle;
      else
        at = middle + 1;
    }
  return later;
}

/* What was dropped at the front left room there. */
static guint64 *
_insert_from_front(SiagaWindow *window, guint stride, guint at)
{
  window->start -= stride;
  window->used += stride;
  guint64 *first = siaga_window_entries(window);
  memmove(first, first + stride, (gsize) at * stride * sizeof first[0]);
  return first + at * stride;
}

guint64 *
siaga_window_insert(SiagaKeys *keys, SiagaKey *key, SiagaWindow **window, guint stride, guint at)
{
  guint count = siaga_window_count(*window, stride);
  if (at < count / 2 && (*window)->start >= stride)
    return _insert_from_front(*window, stride, at);
  if ((*window)->start + (*window)->used + stride > (*window)->room)
    *window = siaga_keys_reserve(keys, key, *window, stride);
  guint64 *place = siaga_window_entries(*window) + at * stride;
  if (at < count)
    memmove(place + stride, place, (gsize) (count - at) * stride * sizeof place[0]);
  (*window)->used += stride;
  return place;
}

void
siaga_window_drop(SiagaWindow *window, guint stride, guint at)
{
  guint count = siaga_window_count(window, stride);
  guint64 *place = siaga_window_entries(window) + at * stride;
  window->used -= stride;
  if (at == 0)
    {
      window->start += stride;
      return;
    }
  memmove(place, place + stride, (gsize) (count - at - 1) * stride * sizeof place[0]);
}

void
siaga_window_forget(SiagaWindow *window, guint stride, SiagaTime before)
{
  while (window->used && (SiagaTime) siaga_window_entries(window)[0] < before)
    siaga_window_drop(window, stride, 0);
  if (!window->used)
    window->start = 0;
}

/* Judges all runs of NEED entries that contain the one at position AT. */
static void
_judge_runs(const SiagaWindow *window, guint stride, guint at, guint need, SiagaTime timespan, SiagaVerdict *verdict)
{
  const guint64 *entries = siaga_window_entries(window);
  guint count = siaga_window_count(window, stride);
  for (guint from = at + 1 > need ? at + 1 - need : 0; from <= at && from + need <= count; from++)
    {
      SiagaTime oldest = entries[from * stride], newest = entries[(from + need - 1) * stride];
      if (newest - oldest > timespan)
        continue;
      if (!verdict->satisfied)
        {
          verdict->satisfied = TRUE;
          verdict->first = oldest;
          verdict->at = newest;
          verdict->count = count - from;
        }
      verdict->until = oldest + timespan;
    }
}

/* How many of the last entries must lie within one timespan for a window to be nearly full. */
static inline guint
_near_count(const SiagaWatch *watch)
{
  return watch->need > SIAGA_NEAR + 1 ? watch->need - SIAGA_NEAR : 1;
}

/* The event is the newest: only the run that ends in it is new.  A window that is not even nearly full is not full. */
static inline void
_judge_last(const SiagaWindow *window, const SiagaWatch *watch, SiagaVerdict *verdict)
{
  guint count = window->used;
  verdict->near = siaga_window_is_near(watch, window, 1, _near_count(watch));
  if (G_LIKELY(!verdict->near) || count < watch->need)
    return;
  const guint64 *entries = siaga_window_entries(window);
  SiagaTime oldest = entries[count - watch->need], newest = entries[count - 1];
  if (newest - oldest > watch->timespan)
    return;
  if (!verdict->satisfied)
    *verdict = (SiagaVerdict){ TRUE, oldest, newest, 0, watch->need, TRUE };
  verdict->until = oldest + watch->timespan;
}

/* The event is older than the newest. */
static SiagaWindow *
_insert_one(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch, SiagaTime time, guint limit,
            SiagaVerdict *verdict)
{
  guint at = siaga_window_position(window, 1, time);
  if (window->used == limit && at > 0)
    {
      siaga_window_drop(window, 1, 0);
      at--;
    }
  *siaga_window_insert(keys, key, &window, 1, at) = time;
  _judge_runs(window, 1, at, watch->need, watch->timespan, verdict);
  if (window->used > limit)
    siaga_window_drop(window, 1, 0);
  verdict->near = siaga_window_is_near(watch, window, 1, _near_count(watch));
  return window;
}

static SIAGA_INLINE SiagaWindow *
_add_one(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch, const SiagaSample *sample,
         SiagaVerdict *verdict)
{
  guint limit = watch->need <= SIAGA_INLINE_WORDS ? SIAGA_INLINE_WORDS : watch->need + MIN(watch->need, 64);
  /* What is over may stay until its room is needed: it satisfies nothing. */
  if (window->start + window->used == window->room)
    siaga_window_forget(window, 1, sample->time - watch->timespan - sample->lateness);
  guint64 *entries = siaga_window_entries(window);
  if (G_UNLIKELY(window->used && (SiagaTime) entries[window->used - 1] > sample->time))
    return _insert_one(keys, key, window, watch, sample->time, limit, verdict);
  if (window->used == limit)
    {
      window->start++;
      window->used--;
    }
  if (window->start + window->used == window->room)
    window = siaga_keys_reserve(keys, key, window, 1);
  entries = siaga_window_entries(window);
  entries[window->used++] = sample->time;
  _judge_last(window, watch, verdict);
  return window;
}

/* A line that stands for several events: more than NEED at one moment say nothing new. */
static SiagaWindow *
_add_repeats(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch, const SiagaSample *sample,
             SiagaVerdict *verdict)
{
  for (guint i = 0; i < sample->repeats; i++)
    {
      gboolean satisfied = verdict->satisfied;
      if (i < watch->need)
        window = _add_one(keys, key, window, watch, sample, verdict);
      verdict->count += satisfied;
    }
  return window;
}

/* Words of a distinct value: its latest time, and its hash with a count of events in the low bits. */
#define REPEATS 0xffff

static gint
_find_value(const SiagaWindow *window, guint64 value)
{
  const guint64 *entries = siaga_window_entries(window);
  for (guint i = siaga_window_count(window, 2); i > 0; i--)
    if (((entries[2 * (i - 1) + 1] ^ value) & ~(guint64) REPEATS) == 0)
      return i - 1;
  return -1;
}

gboolean
siaga_values_have(const SiagaWindow *window, guint64 value)
{
  return _find_value(window, value) >= 0;
}

void
siaga_values_drop(SiagaWindow *window, guint64 value)
{
  for (gint at = _find_value(window, value); at >= 0; at = _find_value(window, value))
    siaga_window_drop(window, 2, at);
}

gboolean
siaga_values_is_newcomer(const SiagaWindow *window, guint64 value, SiagaTime since)
{
  const guint64 *entries = siaga_window_entries(window);
  gint at = _find_value(window, value);
  gboolean had_others = window->used && (SiagaTime) entries[0] < since;
  return had_others && (at < 0 || (SiagaTime) entries[2 * at] >= since);
}

guint
siaga_values_distinct(const SiagaWindow *window, SiagaTime since)
{
  return siaga_window_count(window, 2) - siaga_window_position(window, 2, since - 1);
}

/* Events behind the distinct values from FROM on. */
guint64
siaga_values_since(const SiagaWindow *window, SiagaTime from)
{
  const guint64 *entries = siaga_window_entries(window);
  guint64 events = 0;
  for (guint i = siaga_window_count(window, 2); i > 0 && (SiagaTime) entries[2 * (i - 1)] >= from; i--)
    events += entries[2 * (i - 1) + 1] & REPEATS;
  return events;
}

guint
siaga_values_repeats(const SiagaWindow *window, guint index)
{
  return siaga_window_entries(window)[2 * index + 1] & REPEATS;
}

gboolean
siaga_values_hold(const SiagaWindow *window, const SiagaWatch *watch, SiagaTime since)
{
  guint count = siaga_window_count(window, 2);
  return count >= watch->need && (SiagaTime) siaga_window_entries(window)[2 * (count - watch->need)] >= since;
}

static gboolean
_stands_between(const guint64 *entries, guint from, guint to, guint64 value)
{
  for (guint i = from; i <= to; i++)
    if (((entries[2 * i + 1] ^ value) & ~(guint64) REPEATS) == 0)
      return TRUE;
  return FALSE;
}

/* Values of entries on the way back from one.  Most that were not met differ in eight bits from all that were. */
typedef struct
{
  guint64 met[4];
} Seen;

static gboolean
_may_have_met(Seen *self, guint64 value)
{
  guint64 bit = (guint64) 1 << (value >> 16 & 63);
  guint64 *word = &self->met[value >> 22 & 3];
  gboolean met = (*word & bit) != 0;
  *word |= bit;
  return met;
}

/* The place from which on NEED distinct values stand up to END within the timespan; -1 when there are not so many. */
static gint
_walk_back(const SiagaWindow *window, const SiagaWatch *watch, guint end)
{
  const guint64 *entries = siaga_window_entries(window);
  SiagaTime oldest = (SiagaTime) entries[2 * end] - watch->timespan;
  if (end + 1 < watch->need || (SiagaTime) entries[2 * (end + 1 - watch->need)] < oldest)
    return -1;
  Seen seen = { { 0 } };
  guint distinct = 0;
  for (gint from = end; from >= 0 && (SiagaTime) entries[2 * from] >= oldest; from--)
    {
      guint64 value = entries[2 * from + 1];
      if ((!_may_have_met(&seen, value) || !_stands_between(entries, from + 1, end, value)) &&
          ++distinct == watch->need)
        return from;
    }
  return -1;
}

/* As _judge_runs, where a value may stand twice. */
static void
_judge_distinct(const SiagaWindow *window, guint at, const SiagaWatch *watch, SiagaVerdict *verdict)
{
  const guint64 *entries = siaga_window_entries(window);
  guint count = siaga_window_count(window, 2);
  for (guint end = at; end < count && (SiagaTime) (entries[2 * end] - entries[2 * at]) <= watch->timespan; end++)
    {
      gint from = _walk_back(window, watch, end);
      if (from < 0)
        continue;
      SiagaTime oldest = entries[2 * from];
      if (!verdict->satisfied)
        *verdict = (SiagaVerdict){ .satisfied = TRUE, .first = oldest, .at = entries[2 * end], .until = oldest };
      verdict->until = oldest + watch->timespan;
    }
}

/* Puts the value where it belongs; gives back its position. */
static guint
_place_value(SiagaKeys *keys, SiagaKey *key, SiagaWindow **window, guint limit, const SiagaSample *sample,
             guint64 repeats)
{
  guint at = siaga_window_position(*window, 2, sample->time);
  if (siaga_window_count(*window, 2) == limit && at > 0)
    {
      siaga_window_drop(*window, 2, 0);
      at--;
    }
  guint64 *entry = siaga_window_insert(keys, key, window, 2, at);
  entry[0] = sample->time;
  entry[1] = (sample->value & ~(guint64) REPEATS) | repeats;
  return at;
}

/* The value's events so far; its latest entry makes way for the new one, unless that one is older. */
static guint64
_take_value(SiagaWindow *window, const SiagaWatch *watch, const SiagaSample *sample)
{
  gint known = _find_value(window, sample->value);
  if (known < 0)
    return 1;
  guint64 *entry = siaga_window_entries(window) + 2 * known;
  SiagaTime latest = entry[0];
  guint64 repeats = latest < sample->time - watch->timespan ? 1 : 1 + MIN(entry[1] & REPEATS, REPEATS - 1);
  if (latest > sample->time)
    {
      window->flags |= SIAGA_WF_REPEATED;
      return 1;
    }
  siaga_window_drop(window, 2, known);
  return repeats;
}

/* When the sample's value was first seen.  One in use never becomes new again: it is half a timespan old at most. */
static SiagaTime
_first_seen(const SiagaWindow *window, const SiagaWatch *watch, const SiagaSample *sample)
{
  gint known = _find_value(window, sample->value);
  SiagaTime first = known < 0 ? sample->time : (SiagaTime) siaga_window_entries(window)[2 * known];
  return CLAMP(first, sample->time - watch->timespan / 2, sample->time);
}

static void
_add_value(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch, const SiagaSample *event,
           SiagaVerdict *verdict)
{
  SiagaSample first;
  const SiagaSample *sample = event;
  if (G_UNLIKELY(watch->first_seen))
    {
      first = *event;
      first.time = _first_seen(window, watch, event);
      sample = &first;
    }
  guint limit = watch->need + 1 + (watch->wide ? SIAGA_MANY_VALUES : MIN(watch->need, SLACK));
  guint64 repeats = _take_value(window, watch, sample);

  siaga_window_forget(window, 2, sample->time - watch->timespan - sample->lateness);
  guint at = _place_value(keys, key, &window, limit, sample, repeats);
  if (window->flags & SIAGA_WF_REPEATED)
    _judge_distinct(window, at, watch, verdict);
  else
    _judge_runs(window, 2, at, watch->need, watch->timespan, verdict);
  if (verdict->satisfied)
    verdict->count = siaga_values_since(window, verdict->first);
  if (siaga_window_count(window, 2) > limit)
    siaga_window_drop(window, 2, 0);
  if (window->used <= 2)
    window->flags &= ~SIAGA_WF_REPEATED;
}

static G_GNUC_NO_INLINE SiagaWindow *
_add_other(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch, const SiagaSample *sample,
           SiagaVerdict *verdict)
{
  switch (watch->kind)
    {
    case SIAGA_WK_COUNT:
      return _add_repeats(keys, key, window, watch, sample, verdict);
    case SIAGA_WK_VALUES:
      if (watch->need > SIAGA_MANY_VALUES)
        siaga_many_add(keys, key, window, watch, sample, verdict);
      else
        _add_value(keys, key, window, watch, sample, verdict);
      break;
    case SIAGA_WK_NUMBERS:
      siaga_numbers_add(keys, key, window, watch, sample, verdict);
      break;
    case SIAGA_WK_TEMPORAL:
    case SIAGA_WK_ORDERED:
      return siaga_temporal_add(keys, key, window, watch, sample, verdict);
    case SIAGA_WK_STAGES:
      siaga_stages_add(keys, key, window, watch, sample, verdict);
      break;
    case SIAGA_WK_ONCE:
      siaga_once_add(keys, key, window, watch, sample, verdict);
      break;
    }
  return siaga_key_window(key, watch->position);
}

SiagaWindow *
siaga_window_add(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch,
                 const SiagaSample *sample, SiagaVerdict *verdict)
{
  if (G_LIKELY(watch->kind == SIAGA_WK_COUNT && sample->repeats == 1))
    return _add_one(keys, key, window, watch, sample, verdict);
  if (watch->kind == SIAGA_WK_ORDERED)
    return siaga_temporal_add(keys, key, window, watch, sample, verdict);
  return _add_other(keys, key, window, watch, sample, verdict);
}

#define LINE 64 /* of the cache; a wrong guess costs time only */
#define LINES_MAX 7
#define TRACE_LINE (((gsize) 1 << 29) - 1)

/* How many words in front of the end will be read. */
static inline guint
_reach(const SiagaWindow *window, const SiagaWatch *watch)
{
  gboolean moves = window->start + window->used + 2 > window->room;
  guint back = watch->kind == SIAGA_WK_COUNT && !moves ? MIN(window->used, _near_count(watch) - 1) : window->used;
  return MAX(back, 1);
}

guint32
siaga_window_trace(const SiagaWindow *window, const SiagaWatch *watch)
{
  if (!(window->flags & SIAGA_WF_OUTSIDE))
    return 0;
  gsize end = GPOINTER_TO_SIZE(siaga_window_entries(window) + window->used);
  gsize lines = end / LINE - (end - _reach(window, watch) * sizeof(guint64)) / LINE;
  return (guint32) (end / LINE << 3 | MIN(lines, LINES_MAX));
}

void
siaga_window_prefetch(gconstpointer key, guint32 trace, const SiagaWatch *watch)
{
  gsize line = (GPOINTER_TO_SIZE(key) / LINE & ~TRACE_LINE) | trace >> 3, lines = trace & LINES_MAX;
  if (!trace)
    return;
  if (lines == LINES_MAX && watch->kind == SIAGA_WK_COUNT)
    {
      /* Too far for a run of lines. */
      gsize far = line * LINE - (_near_count(watch) - 1) * sizeof(guint64);
      __builtin_prefetch(GSIZE_TO_POINTER(far));
      __builtin_prefetch(GSIZE_TO_POINTER(far + LINE));
      lines = 1;
    }
  for (gsize i = 0; i <= lines; i++)
    __builtin_prefetch(GSIZE_TO_POINTER((line - i) * LINE), 1);
}

/* The times of entries of STRIDE words, from the word FROM on. */
static gboolean
_times_are_possible(const SiagaWindow *window, guint from, guint stride)
{
  const guint64 *words = siaga_window_words(window);
  for (guint i = from; i < window->used; i += stride)
    if (!siaga_time_is_possible(words[i]))
      return FALSE;
  return TRUE;
}

gboolean
siaga_window_is_sound(const SiagaWatch *watch, SiagaWindow *window)
{
  guint words = window->used;
  switch (watch->kind)
    {
    case SIAGA_WK_COUNT:
      return words <= 2 * watch->need + SIAGA_INLINE_WORDS && _times_are_possible(window, 0, 1);
    case SIAGA_WK_ONCE:
      return words % 2 == 0 && words <= 2 * SIAGA_NUMBERS_MAX + 2 && _times_are_possible(window, 0, 2);
    case SIAGA_WK_NUMBERS:
      return words % 2 == 0 && words <= 2 * SIAGA_NUMBERS_MAX && _times_are_possible(window, 0, 2);
    case SIAGA_WK_STAGES:
      return words % 5 == 0 && words <= 5 * 64 && _times_are_possible(window, 0, 5);
    case SIAGA_WK_VALUES:
      return watch->need > SIAGA_MANY_VALUES ? siaga_many_mend(window)
                                             : words % 2 == 0 && _times_are_possible(window, 0, 2);
    default:
      return siaga_temporal_is_sound(window) && _times_are_possible(window, 0, 2);
    }
}
