/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Sums, averages and percentiles over a sliding window.  Entries are a time and a number. */

#include "window-kinds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NUMBERS_MAX SIAGA_NUMBERS_MAX

static inline gdouble
_number(const guint64 *entry)
{
  gdouble number;
  memcpy(&number, entry + 1, sizeof number);
  return number;
}

static gint
_compare(gconstpointer a, gconstpointer b)
{
  gdouble x = *(const gdouble *) a, y = *(const gdouble *) b;
  return (x > y) - (x < y);
}

/* Nearest rank: the smallest number that at least PERCENTILE of all do not exceed. */
static gdouble
_percentile(const guint64 *entries, guint count, gdouble percentile)
{
  gdouble sorted[NUMBERS_MAX + 1];
  for (guint i = 0; i < count; i++)
    sorted[i] = _number(entries + 2 * i);
  qsort(sorted, count, sizeof sorted[0], _compare);
  guint rank = ceil(percentile / 100 * count);
  return sorted[CLAMP(rank, 1, count) - 1];
}

gdouble
siaga_numbers_measure(const SiagaCorrelation *correlation, const guint64 *entries, guint count)
{
  gdouble sum = 0;
  if (correlation->type == SIAGA_CT_VALUE_PERCENTILE)
    return _percentile(entries, count, correlation->percentile);
  for (guint i = 0; i < count; i++)
    sum += _number(entries + 2 * i);
  return correlation->type == SIAGA_CT_VALUE_AVG ? sum / count : sum;
}

gboolean
siaga_bounds_hold(const SiagaCorrelation *correlation, gdouble measure)
{
  const gboolean *has = correlation->has;
  const gdouble *bound = correlation->bound;
  return (!has[SIAGA_OP_GT] || measure > bound[SIAGA_OP_GT]) &&
         (!has[SIAGA_OP_GTE] || measure >= bound[SIAGA_OP_GTE]) &&
         (!has[SIAGA_OP_LT] || measure < bound[SIAGA_OP_LT]) &&
         (!has[SIAGA_OP_LTE] || measure <= bound[SIAGA_OP_LTE]) &&
         (!has[SIAGA_OP_EQ] || measure == bound[SIAGA_OP_EQ]) && (!has[SIAGA_OP_NEQ] || measure != bound[SIAGA_OP_NEQ]);
}

/* Judges the window that ends at the entry LAST.  The condition stays true until its oldest event leaves. */
static void
_judge(const SiagaWindow *window, const SiagaWatch *watch, guint last, SiagaVerdict *verdict)
{
  const guint64 *entries = siaga_window_entries(window);
  SiagaTime end = entries[2 * last];
  guint from = last;
  while (from > 0 && end - (SiagaTime) entries[2 * (from - 1)] <= watch->timespan)
    from--;
  gdouble measure = siaga_numbers_measure(watch->correlation, entries + 2 * from, last - from + 1);
  if (!siaga_bounds_hold(watch->correlation, measure))
    return;
  if (!verdict->satisfied)
    {
      verdict->first = entries[2 * from];
      verdict->at = end;
      verdict->count = siaga_window_count(window, 2) - from;
    }
  verdict->satisfied = TRUE;
  verdict->until = (SiagaTime) entries[2 * from] + watch->timespan;
}

#define SLICES 1024 /* of a timespan, in a window that holds more numbers than it can keep apart */

/* Numbers of one slice become their sum, at the time of the first: a sum leaves the window a little early, and is never
 * more than what was in it. */
static void
_join_slices(SiagaWindow *window, SiagaTime timespan)
{
  guint64 *entries = siaga_window_entries(window);
  guint count = siaga_window_count(window, 2), last = 0;
  SiagaTime slice = timespan / SLICES;
  for (guint i = 1; i < count; i++)
    if ((SiagaTime) entries[2 * i] / slice == (SiagaTime) entries[2 * last] / slice)
      {
        gdouble sum = _number(entries + 2 * last) + _number(entries + 2 * i);
        memcpy(entries + 2 * last + 1, &sum, sizeof sum);
      }
    else
      memmove(entries + 2 * ++last, entries + 2 * i, 2 * sizeof entries[0]);
  window->used = 2 * (last + 1);
}

/* Averages and percentiles go on over the latest. */
static void
_make_room(SiagaWindow *window, const SiagaWatch *watch, SiagaTime time)
{
  siaga_window_forget(window, 2, time - watch->timespan);
  if (siaga_window_count(window, 2) < NUMBERS_MAX)
    return;
  window->flags |= SIAGA_WF_DEGRADED;
  if (watch->correlation->type == SIAGA_CT_VALUE_SUM)
    _join_slices(window, watch->timespan);
  if (siaga_window_count(window, 2) == NUMBERS_MAX)
    siaga_window_drop(window, 2, 0);
}

void
siaga_numbers_add(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch,
                  const SiagaSample *sample, SiagaVerdict *verdict)
{
  siaga_window_forget(window, 2, sample->time - watch->timespan - sample->lateness);
  if (siaga_window_count(window, 2) == NUMBERS_MAX)
    _make_room(window, watch, sample->time);
  guint at = siaga_window_position(window, 2, sample->time);
  guint64 *entry = siaga_window_insert(keys, key, &window, 2, at);
  entry[0] = sample->time;
  memcpy(entry + 1, &sample->number, sizeof sample->number);
  const guint64 *entries = siaga_window_entries(window);
  for (guint i = at; i < siaga_window_count(window, 2); i++)
    if ((SiagaTime) entries[2 * i] - sample->time <= watch->timespan)
      _judge(window, watch, i, verdict);
}
