/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Windows decided once, at their end: upper bounds, ranges, equality, absence.  The first window begins with the key's
 * first event, every further one behind the last decision.  Word 0 is the begin, word 1 counts the events; entries are
 * a time and a value or number. */

#include "window-kinds.h"

#include <math.h>
#include <string.h>

#define HEAD 2
#define ENTRIES_MAX SIAGA_NUMBERS_MAX
#define KNOWN_FOR (86400 * SIAGA_SECOND)
#define SILENT (G_GUINT64_CONSTANT(1) << 63) /* the last window was empty: nothing is decided before the next event */

static inline guint64 *
_entries(const SiagaWindow *window)
{
  return siaga_window_words(window) + HEAD;
}

static inline guint
_count(const SiagaWindow *window)
{
  return (window->used - HEAD) / 2;
}

static SiagaWindow *
_begin(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, SiagaTime begin)
{
  if (!window->used)
    {
      window = siaga_keys_reserve(keys, key, window, HEAD);
      window->used = HEAD;
    }
  window->used = HEAD;
  siaga_window_words(window)[0] = begin;
  siaga_window_words(window)[1] = 0;
  return window;
}

SiagaTime
siaga_once_due(const SiagaWindow *window, const SiagaWatch *watch)
{
  if (!window->used || siaga_window_words(window)[1] & SILENT)
    return G_MAXINT64;
  return (SiagaTime) siaga_window_words(window)[0] + watch->timespan;
}

static gdouble
_measure(const SiagaWindow *window, const SiagaCorrelation *correlation)
{
  if (correlation->type == SIAGA_CT_EVENT_COUNT)
    return siaga_window_words(window)[1];
  if (correlation->type == SIAGA_CT_VALUE_COUNT)
    return _count(window);
  return _count(window) ? siaga_numbers_measure(correlation, _entries(window), _count(window)) : NAN;
}

void
siaga_once_decide(SiagaWindow *window, const SiagaWatch *watch, SiagaVerdict *verdict)
{
  SiagaTime begin = siaga_window_words(window)[0];
  guint64 events = siaga_window_words(window)[1];
  gdouble measure = _measure(window, watch->correlation);
  memset(verdict, 0, sizeof *verdict);
  verdict->satisfied = !isnan(measure) && siaga_bounds_hold(watch->correlation, measure);
  verdict->first = begin;
  verdict->at = verdict->until = begin + watch->timespan;
  verdict->count = events;
  window->used = HEAD;
  siaga_window_words(window)[0] = begin + watch->timespan;
  siaga_window_words(window)[1] = events ? 0 : SILENT;
}

void
siaga_once_skip(SiagaWindow *window, const SiagaWatch *watch)
{
  siaga_window_words(window)[0] = siaga_once_due(window, watch);
  siaga_window_words(window)[1] = SILENT;
  window->used = HEAD;
}

/* An event behind a silent stretch: its window is the one of the same raster that holds it. */
static void
_catch_up(SiagaWindow *window, const SiagaWatch *watch, SiagaTime time)
{
  SiagaTime begin = siaga_window_words(window)[0];
  if (time - begin > KNOWN_FOR)
    siaga_window_words(window)[0] = time;
  else if (time > begin)
    siaga_window_words(window)[0] = begin + (time - begin - 1) / watch->timespan * watch->timespan;
  siaga_window_words(window)[1] &= ~SILENT;
}

static gboolean
_is_known(const SiagaWindow *window, guint64 value)
{
  for (guint i = 0; i < _count(window); i++)
    if (_entries(window)[2 * i + 1] == value)
      return TRUE;
  return FALSE;
}

/* Sums go on in the last entry; the rest goes without. */
static void
_overflow(SiagaWindow *window, const SiagaWatch *watch, const SiagaSample *sample)
{
  guint64 *last = _entries(window) + 2 * (ENTRIES_MAX - 1) + 1;
  gdouble sum;
  if (watch->correlation->type != SIAGA_CT_VALUE_SUM)
    {
      window->flags |= SIAGA_WF_DEGRADED;
      return;
    }
  memcpy(&sum, last, sizeof sum);
  sum += sample->number;
  memcpy(last, &sum, sizeof sum);
}

/* Decisions that are due before the event were taken by the caller. */
void
siaga_once_add(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch, const SiagaSample *sample,
               SiagaVerdict *verdict)
{
  SiagaCorrelationType type = watch->correlation->type;
  verdict->satisfied = FALSE;
  if (!window->used)
    window = _begin(keys, key, window, sample->time);
  _catch_up(window, watch, sample->time);
  if (sample->time < (SiagaTime) siaga_window_words(window)[0])
    return;
  siaga_window_words(window)[1] += type == SIAGA_CT_EVENT_COUNT ? sample->repeats : 1;
  if (type == SIAGA_CT_EVENT_COUNT || (type == SIAGA_CT_VALUE_COUNT && _is_known(window, sample->value)))
    return;
  if (_count(window) == ENTRIES_MAX)
    {
      _overflow(window, watch, sample);
      return;
    }
  window = siaga_keys_reserve(keys, key, window, 2);
  guint64 *entry = _entries(window) + 2 * _count(window);
  entry[0] = sample->time;
  if (type == SIAGA_CT_VALUE_COUNT)
    entry[1] = sample->value;
  else
    memcpy(entry + 1, &sample->number, sizeof sample->number);
  window->used += 2;
}
