/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the kinds of windows share.  Entries ascend in time; their first word is the time. */

#ifndef SIAGA_CORRELATE_WINDOW_KINDS_H_INCLUDED
#define SIAGA_CORRELATE_WINDOW_KINDS_H_INCLUDED

#include "window.h"

static inline guint64 *
siaga_window_entries(const SiagaWindow *self)
{
  return siaga_window_words(self) + self->start;
}

static inline guint
siaga_window_count(const SiagaWindow *self, guint stride)
{
  return self->used / stride;
}

/* As siaga_window_position(), of an event that is older than the newest. */
guint siaga_window_position_of_late(const SiagaWindow *window, guint stride, SiagaTime time);

/* Where an event of TIME belongs: behind all that are not later. */
static inline guint
siaga_window_position(const SiagaWindow *window, guint stride, SiagaTime time)
{
  guint count = siaga_window_count(window, stride);
  if (G_LIKELY(!count || (SiagaTime) siaga_window_entries(window)[(count - 1) * stride] <= time))
    return count;
  return siaga_window_position_of_late(window, stride, time);
}

/* Whether the last COUNT entries lie within one timespan. */
static inline gboolean
siaga_window_is_near(const SiagaWatch *watch, const SiagaWindow *window, guint stride, guint count)
{
  guint used = siaga_window_count(window, stride);
  if (used < count || !used)
    return FALSE;
  const guint64 *end = siaga_window_entries(window) + used * stride;
  return !count || (SiagaTime) (*(end - stride) - *(end - count * stride)) <= watch->timespan;
}

/* Opens a gap for one entry. */
guint64 *siaga_window_insert(SiagaKeys *keys, SiagaKey *key, SiagaWindow **window, guint stride, guint at);
void siaga_window_drop(SiagaWindow *window, guint stride, guint at);
void siaga_window_forget(SiagaWindow *window, guint stride, SiagaTime before);

/* Of a window of at most SIAGA_MANY_VALUES: whether it holds enough values since SINCE, and the events behind them. */
gboolean siaga_values_hold(const SiagaWindow *window, const SiagaWatch *watch, SiagaTime since);
gboolean siaga_values_have(const SiagaWindow *window, guint64 value);
/* VALUE was never there. */
void siaga_values_drop(SiagaWindow *window, guint64 value);
/* Of a window of first-seen times: whether VALUE is not older than SINCE, and another is. */
gboolean siaga_values_is_newcomer(const SiagaWindow *window, guint64 value, SiagaTime since);
/* How many distinct values were seen since SINCE. */
guint siaga_values_distinct(const SiagaWindow *window, SiagaTime since);
guint64 siaga_values_since(const SiagaWindow *window, SiagaTime since);
/* Events of the value at INDEX while it was in use. */
guint siaga_values_repeats(const SiagaWindow *window, guint index);

/* Sum, average or percentile of COUNT entries, at least one. */
gdouble siaga_numbers_measure(const SiagaCorrelation *correlation, const guint64 *entries, guint count);
gboolean siaga_bounds_hold(const SiagaCorrelation *correlation, gdouble measure);

void siaga_many_add(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch,
                    const SiagaSample *sample, SiagaVerdict *verdict);
/* Rebuilds what can be rebuilt of a window that was read from a file; FALSE when it is none. */
gboolean siaga_many_mend(SiagaWindow *window);
/* When the oldest of enough values was seen, where that is since SINCE; 0: there are not enough. */
SiagaTime siaga_many_hold(const SiagaWindow *window, const SiagaWatch *watch, SiagaTime since);
guint siaga_many_count(const SiagaWindow *window);

void siaga_numbers_add(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch,
                       const SiagaSample *sample, SiagaVerdict *verdict);
/* Gives back where the window is. */
SiagaWindow *siaga_temporal_add(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch,
                                const SiagaSample *sample, SiagaVerdict *verdict);
/* FALSE when none of STEPS is in the window; TRUE says little. */
gboolean siaga_temporal_may_have(const SiagaWindow *window, guint32 steps);
/* FALSE when an entry of a window that was read from a file stands for no step. */
gboolean siaga_temporal_is_sound(const SiagaWindow *window);
void siaga_stages_add(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch,
                      const SiagaSample *sample, SiagaVerdict *verdict);
void siaga_once_add(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch,
                    const SiagaSample *sample, SiagaVerdict *verdict);

#endif
