/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What reads as people's own failures: a few by somebody who mistypes, the steady knocking of a program that has an old
 * password, some of an office behind one address.  Who guesses tries several accounts, or does not stop, or keeps no
 * time, and is rarely let in. */

#include "case.h"
#include "window-kinds.h"

#include <stdlib.h>

#define GAPS_MAX 128                /* times looked at */
#define GAPS_MIN 3                  /* fewer show no pace */
#define ONE_TRY (10 * SIAGA_SECOND) /* what follows so soon is of the same try, over a second service or connection */
#define TURNS_MIN 8                 /* fewer show no timer */
#define PACE_MIN 45                 /* seconds */

static gint
_compare_times(gconstpointer a, gconstpointer b)
{
  SiagaTime x = *(const SiagaTime *) a, y = *(const SiagaTime *) b;
  return (x > y) - (x < y);
}

static guint
_collect_gaps(const SiagaWindow *window, SiagaTime one_try, SiagaTime gaps[GAPS_MAX])
{
  const guint64 *entries = siaga_window_entries(window);
  guint count = siaga_window_count(window, 1), gap_count = 0;
  guint from = count > GAPS_MAX ? count - GAPS_MAX : 0;
  for (guint i = from, last = from; i < count; i++)
    if ((SiagaTime) (entries[i] - entries[last]) >= one_try)
      {
        gaps[gap_count++] = entries[i] - entries[last];
        last = i;
      }
  return gap_count;
}

static gboolean
_are_multiples(const SiagaTime *gaps, guint count, SiagaTime period)
{
  guint near = 0;
  for (guint i = 0; i < count; i++)
    near += ABS(gaps[i] - (gaps[i] + period / 2) / period * period) * 10 <= period;
  return near * 4 >= count * 3;
}

/* A timer that misses turns: three of four gaps are whole numbers of its period, give or take a tenth of it; of gaps by
 * chance one in five is.  The shortest are of one turn, or of two. */
static gboolean
_are_turns(const SiagaTime *gaps, guint count, SiagaTime fastest)
{
  SiagaTime shortest = gaps[count / TURNS_MIN];
  return count >= TURNS_MIN && shortest >= fastest &&
         (_are_multiples(gaps, count, shortest) || _are_multiples(gaps, count, shortest / 2));
}

/* Three of four gaps differ from the middle one by 15 % at most: telephones join their timers, and a program is
 * restarted now and then.  Of gaps drawn from the whole of a person's or a tool's "between one and two minutes" under
 * half do. */
static gboolean
_is_steady(const SiagaWindow *window, guint pace)
{
  SiagaTime fastest = pace * SIAGA_SECOND;
  SiagaTime gaps[GAPS_MAX];
  guint count = _collect_gaps(window, MIN(ONE_TRY, fastest / 2), gaps), near = 0;
  if (count < GAPS_MIN)
    return FALSE;
  qsort(gaps, count, sizeof gaps[0], _compare_times);
  SiagaTime middle = gaps[count / 2];
  for (guint i = 0; i < count; i++)
    near += ABS(gaps[i] - middle) * 20 <= 3 * middle;
  return (middle >= fastest && near * 4 >= count * 3) || _are_turns(gaps, count, fastest);
}

/* Failures that the window still knows of, since SINCE. */
static guint64
_count_recent(const SiagaCase *cas, const SiagaWindow *window, SiagaTime since)
{
  if (cas->watch->kind == SIAGA_WK_VALUES)
    return siaga_values_since(window, since);
  return siaga_window_count(window, 1) - siaga_window_position(window, 1, since - 1);
}

/* Most people behind an address know their passwords; who guesses is refused far more than he is let in. */
static gboolean
_is_of_crowd(const SiagaCase *cas, const SiagaPlan *plan, const SiagaWindow *window)
{
  const SiagaWatch *watch = cas->watch;
  guint few = watch->meta->mild.below;
  if (watch->crowd == G_MAXUINT || (few && cas->count >= 2 * few))
    return FALSE;
  const SiagaWatch *crowd = siaga_plan_watch(plan, watch->crowd);
  const SiagaWindow *logins = siaga_key_window(cas->key, watch->crowd);
  if (!logins || !siaga_values_hold(logins, crowd, cas->last - crowd->timespan))
    return FALSE;
  /* Both over the time that the window of logins reaches back. */
  SiagaTime since = MAX((SiagaTime) siaga_window_entries(logins)[0], cas->last - crowd->timespan);
  /* A window of distinct values knows of few. */
  guint each = watch->kind == SIAGA_WK_VALUES ? 2 : 1;
  return siaga_values_since(logins, since) >= each * _count_recent(cas, window, since);
}

/* Nobody types three passwords in a second. */
static gboolean
_are_few(const SiagaCase *cas, const SiagaMild *mild)
{
  return cas->count < mild->below &&
         cas->last - cas->first >= (SiagaTime) (cas->count - 1) * mild->typed * SIAGA_SECOND;
}

static gboolean
_is_of_one_account(const SiagaCase *cas, const SiagaPlan *plan, const SiagaWindow *window)
{
  guint8 column = plan->tracked_of[SIAGA_F_USER_NAME];
  const SiagaSketch *users = column < SIAGA_TRACKED_MAX ? cas->tracks[column] : NULL;
  guint count = users ? users->count : 0;
  if (cas->watch->kind != SIAGA_WK_COUNT || count > 1)
    return FALSE;
  const SiagaMild *mild = &cas->watch->meta->mild;
  if (_are_few(cas, mild))
    return TRUE;
  return (mild->pace || count == 1) && _is_steady(window, mild->pace ? mild->pace : PACE_MIN);
}

gboolean
siaga_mild_holds(const SiagaCase *cas, const SiagaPlan *plan, const SiagaWindow *window)
{
  return !cas->strange && (_is_of_one_account(cas, plan, window) || _is_of_crowd(cas, plan, window));
}

gboolean
siaga_mild_is_beside(const SiagaWatch *watch, const SiagaPlan *plan, SiagaKey *key, const SiagaWindow *window,
                     SiagaTime time)
{
  if (watch->beside == G_MAXUINT)
    return FALSE;
  const SiagaWatch *other = siaga_plan_watch(plan, watch->beside);
  const SiagaWindow *values = siaga_key_window(key, watch->beside);
  SiagaTime since = values ? siaga_many_hold(values, other, time - other->timespan) : 0;
  return since && siaga_window_count(window, 2) - siaga_window_position(window, 2, since - 1) < watch->need;
}
