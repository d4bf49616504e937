/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Temporal windows: several rules within one timespan, each by an event of its own, in any order or in the written one.
 * Entries are a time, and the steps (low half) with the stream (high half, but for its uppermost bit). */

#include "window-kinds.h"

#include <string.h>

/* With "not" one begin at a time waits for its decision, the earliest; its entry is marked and is not dropped. */
#define WAITS (G_GUINT64_CONSTANT(1) << 63)

static inline guint32
_steps(const guint64 *entry)
{
  return (guint32) entry[1];
}

static inline guint32
_stream(const guint64 *entry)
{
  return (entry[1] & ~WAITS) >> 32;
}

static inline gboolean
_waits(const guint64 *entry)
{
  return (entry[1] & WAITS) != 0;
}

gboolean
siaga_temporal_is_sound(const SiagaWindow *window)
{
  if (window->used % 2)
    return FALSE;
  const guint64 *entries = siaga_window_entries(window);
  for (guint i = 0; i < siaga_window_count(window, 2); i++)
    if (!_steps(entries + 2 * i))
      return FALSE;
  return TRUE;
}

/* Which event fills which step, found by augmenting paths: an event that could fill two is moved when another needs
 * its place. */
typedef struct
{
  const guint64 *entries;
  guint32 need;
  gint filled[SIAGA_STEPS_MAX]; /* entry that fills the step; -1: none */
} Matching;

static gboolean
_augment(Matching *self, gint entry, guint32 *visited)
{
  guint32 steps = _steps(self->entries + 2 * entry) & self->need;
  while ((steps &= ~*visited))
    {
      guint step = __builtin_ctz(steps);
      *visited |= 1u << step;
      if (self->filled[step] < 0 || _augment(self, self->filled[step], visited))
        {
          self->filled[step] = entry;
          return TRUE;
        }
    }
  return FALSE;
}

/* Walks back from the entry at LAST until every needed step has an event of its own; gives back the oldest entry
 * needed, -1 when TIMESPAN does not hold them. */
static gint
_match_any_order(const guint64 *entries, gint last, guint32 need, SiagaTime timespan)
{
  Matching matching = { .entries = entries, .need = need };
  SiagaTime end = entries[2 * last];
  gint missing = __builtin_popcount(need);

  memset(matching.filled, 0xff, sizeof matching.filled);
  for (gint i = last; i >= 0 && end - (SiagaTime) entries[2 * i] <= timespan; i--)
    {
      guint32 visited = 0;
      if (_augment(&matching, i, &visited) && --missing == 0)
        return i;
    }
  return -1;
}

/* The events of one instant that came from different streams may stand in either order: the lowest step goes first. */
static guint
_merge_tie(const guint64 *entries, guint from, guint to, guint *order)
{
  guint count = 0;
  guint64 taken = 0;
  guint size = MIN(to - from, 64);
  while (count < size)
    {
      gint best = -1;
      for (guint i = 0; i < size; i++)
        {
          if (taken & (G_GUINT64_CONSTANT(1) << i))
            continue;
          gboolean is_head = TRUE;
          for (guint j = 0; j < i && is_head; j++)
            is_head = taken & (G_GUINT64_CONSTANT(1) << j) ||
                      _stream(entries + 2 * (from + j)) != _stream(entries + 2 * (from + i));
          guint32 steps = _steps(entries + 2 * (from + i));
          if (is_head && (best < 0 || __builtin_ctz(steps) < __builtin_ctz(_steps(entries + 2 * (from + best)))))
            best = i;
        }
      taken |= G_GUINT64_CONSTANT(1) << best;
      order[count++] = from + best;
    }
  return count;
}

/* best[i]: the latest time at which a chain of the first i + 1 needed steps began. */
typedef struct
{
  guint32 need;
  guint length;
  guint8 step[SIAGA_STEPS_MAX];
  SiagaTime best[SIAGA_STEPS_MAX];
} Chain;

static void
_chain_init(Chain *self, guint32 need)
{
  self->need = need;
  self->length = 0;
  for (guint step = 0; step < SIAGA_STEPS_MAX; step++)
    if (need & (1u << step))
      {
        self->step[self->length] = step;
        self->best[self->length++] = G_MININT64;
      }
}

/* From the last step down, so that one event fills one step. */
static void
_chain_add(Chain *self, const guint64 *entry)
{
  guint32 steps = _steps(entry) & self->need;
  for (guint i = self->length; steps && i > 0; i--)
    {
      guint position = i - 1;
      if (!(steps & (1u << self->step[position])))
        continue;
      SiagaTime start = position ? self->best[position - 1] : (SiagaTime) entry[0];
      self->best[position] = MAX(self->best[position], start);
    }
}

static void
_note(SiagaVerdict *verdict, SiagaTime oldest, SiagaTime at, SiagaTime timespan)
{
  if (!verdict->satisfied || at < verdict->at)
    {
      verdict->first = oldest;
      verdict->at = at;
    }
  verdict->until = verdict->satisfied ? MAX(verdict->until, oldest + timespan) : oldest + timespan;
  verdict->satisfied = TRUE;
}

/* Runs the chain over all entries; conditions that become true at or after FROM count. */
static void
_judge_ordered(const guint64 *entries, guint count, SiagaTime from, guint32 need, SiagaTime timespan,
               SiagaVerdict *verdict)
{
  Chain chain;
  _chain_init(&chain, need);
  for (guint i = 0, end; i < count; i = end)
    {
      guint order[64], members = 1;
      guint32 seen = 0;
      for (end = i + 1; end < count && end - i < 64 && entries[2 * end] == entries[2 * i]; end++)
        ;
      order[0] = i;
      if (end - i > 1)
        members = _merge_tie(entries, i, end, order);
      for (guint m = 0; m < members; m++)
        {
          _chain_add(&chain, entries + 2 * order[m]);
          seen |= _steps(entries + 2 * order[m]);
        }
      SiagaTime at = entries[2 * i], oldest = chain.best[chain.length - 1];
      gboolean completes = seen & (1u << chain.step[chain.length - 1]);
      if (completes && at >= from && oldest != G_MININT64 && at - oldest <= timespan)
        _note(verdict, oldest, at, timespan);
    }
}

static void
_judge_unordered(const guint64 *entries, guint count, SiagaTime from, guint32 need, SiagaTime timespan,
                 SiagaVerdict *verdict)
{
  for (gint i = count - 1; i >= 0 && (SiagaTime) entries[2 * i] >= from; i--)
    {
      if ((SiagaTime) entries[2 * i] - from > timespan)
        continue;
      gint oldest = _match_any_order(entries, i, need, timespan);
      if (oldest >= 0)
        _note(verdict, entries[2 * oldest], entries[2 * i], timespan);
    }
}

/* A byte with a bit for each step that may be there; steps that are eight apart share one.  It tells for next to
 * nothing that a term cannot hold. */
static inline guint8
_fold(guint32 steps)
{
  steps |= steps >> 16;
  return (guint8) (steps | steps >> 8);
}

gboolean
siaga_temporal_may_have(const SiagaWindow *window, guint32 steps)
{
  return _fold(steps) & window->steps;
}

/* The byte anew, without what has left the window. */
static void
_see_steps(SiagaWindow *window)
{
  const guint64 *entries = siaga_window_entries(window);
  guint32 seen = 0;
  for (guint i = 0; i < siaga_window_count(window, 2); i++)
    seen |= _steps(entries + 2 * i);
  window->steps = _fold(seen);
}

/* Matches among the first COUNT entries that are complete at or after FROM. */
static void
_judge_term(const SiagaWatch *watch, const guint64 *entries, guint count, SiagaTime from, guint32 need,
            SiagaVerdict *verdict)
{
  if (watch->kind == SIAGA_WK_ORDERED)
    _judge_ordered(entries, count, from, need, watch->timespan, verdict);
  else
    _judge_unordered(entries, count, from, need, watch->timespan, verdict);
}

/* An entry may go when each of its steps has enough newer events to choose from. */
static gboolean
_is_spare(const guint64 *entries, guint count, guint at, guint enough)
{
  for (guint32 steps = _steps(entries + 2 * at); steps; steps &= steps - 1)
    {
      guint newer = 0;
      for (guint i = at + 1; i < count && newer < enough; i++)
        newer += (_steps(entries + 2 * i) >> __builtin_ctz(steps)) & 1;
      if (newer < enough)
        return FALSE;
    }
  return TRUE;
}

/* Whether all entries are of one step, as far as the window's byte tells. */
static inline gboolean
_is_of_one_step(const SiagaWindow *window, guint steps)
{
  return steps <= 8 && (window->steps & (window->steps - 1)) == 0;
}

/* What is over goes, then what is spare.  Of entries that say all the same the oldest is, without a look at it. */
static void
_make_room(SiagaWindow *window, guint steps, guint limit, SiagaTime over)
{
  if (_is_of_one_step(window, steps))
    {
      siaga_window_drop(window, 2, G_UNLIKELY(_waits(siaga_window_entries(window))));
      return;
    }
  siaga_window_forget(window, 2, over);
  const guint64 *entries = siaga_window_entries(window);
  guint count = siaga_window_count(window, 2);
  if (count < limit)
    return;
  for (guint i = 0; i < count; i++)
    if (!_waits(entries + 2 * i) && _is_spare(entries, count, i, steps))
      {
        siaga_window_drop(window, 2, i);
        return;
      }
  siaga_window_drop(window, 2, 0);
  window->flags |= SIAGA_WF_DEGRADED;
}

/* What was true first stands, of several the one that began last, as of several matches of one alternative; with "not"
 * what begins first, for that waits first. */
static gboolean
_is_better(const SiagaVerdict *one, const SiagaVerdict *other, gboolean ended)
{
  if (ended)
    return one->first < other->first;
  return one->at != other->at ? one->at < other->at : one->first > other->first;
}

static void
_join(SiagaVerdict *verdict, const SiagaVerdict *one, gboolean ended)
{
  SiagaTime until = verdict->satisfied ? MAX(verdict->until, one->until) : one->until;
  if (!one->satisfied)
    return;
  if (!verdict->satisfied || _is_better(one, verdict, ended))
    *verdict = *one;
  verdict->until = until;
}

/* FALSE when a look at the window's byte was enough. */
static gboolean
_judge_terms(const SiagaWindow *window, const SiagaWatch *watch, SiagaTime from, SiagaVerdict *verdict)
{
  const GArray *terms = watch->correlation->terms;
  gboolean judged = FALSE;
  for (guint i = 0; i < terms->len; i++)
    {
      guint32 need = g_array_index(terms, SiagaTerm, i).need;
      if (_fold(need) & ~window->steps)
        continue;
      SiagaVerdict one = { 0 };
      _judge_term(watch, siaga_window_entries(window), siaga_window_count(window, 2), from, need, &one);
      _join(verdict, &one, watch->ended);
      judged = TRUE;
    }
  return judged;
}

/* Room for an entry of TIME, nearly always at the end. */
static inline guint64 *
_gap(SiagaKeys *keys, SiagaKey *key, SiagaWindow **window, SiagaTime time)
{
  const SiagaWindow *self = *window;
  guint64 *end = siaga_window_entries(self) + self->used;
  if (G_UNLIKELY(self->start + self->used + 2 > self->room || (self->used && (SiagaTime) end[-2] > time)))
    return siaga_window_insert(keys, key, window, 2, siaga_window_position(self, 2, time));
  (*window)->used += 2;
  return end;
}

SiagaWindow *
siaga_temporal_add(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch,
                   const SiagaSample *sample, SiagaVerdict *verdict)
{
  guint steps = watch->correlation->references->len;
  guint limit = MIN(steps * steps * 2 + 8, 512);
  SiagaTime over = sample->time - watch->timespan - sample->lateness;

  /* What is over may stay until its room is needed: it satisfies nothing. */
  if (window->start + window->used + 2 > window->room)
    siaga_window_forget(window, 2, over);
  if (siaga_window_count(window, 2) >= limit)
    _make_room(window, steps, limit, over);
  guint64 *entry = _gap(keys, key, &window, sample->time);
  entry[0] = sample->time;
  entry[1] = (siaga_hash_mix(sample->stream) << 32 & ~WAITS) | sample->steps;
  window->steps |= _fold(sample->steps);
  gboolean judged = _judge_terms(window, watch, sample->time, verdict);
  if (judged && !verdict->satisfied)
    _see_steps(window);
  if (!verdict->satisfied)
    return window;
  for (guint i = siaga_window_count(window, 2); i > 0; i--)
    verdict->count += (SiagaTime) siaga_window_entries(window)[2 * (i - 1)] >= verdict->first;
  return window;
}

gboolean
siaga_temporal_needs(const SiagaWatch *watch, guint32 steps)
{
  const GArray *terms = watch->correlation->terms;
  for (guint i = 0; i < terms->len; i++)
    if (g_array_index(terms, SiagaTerm, i).need & steps)
      return TRUE;
  return FALSE;
}

/* Whether the steps of FORBID stay away from BEGIN to BEGIN + TIMESPAN. */
static gboolean
_is_absent(const guint64 *entries, guint count, guint32 forbid, SiagaTime begin, SiagaTime timespan)
{
  for (guint i = 0; i < count; i++)
    if (_steps(entries + 2 * i) & forbid && (SiagaTime) entries[2 * i] >= begin &&
        (SiagaTime) entries[2 * i] - begin <= timespan)
      return FALSE;
  return TRUE;
}

/* Whether all that the term needs is there, the oldest at BEGIN. */
static gboolean
_is_there(const SiagaWindow *window, const SiagaWatch *watch, SiagaTime begin, guint32 need)
{
  SiagaVerdict verdict = { 0 };
  const guint64 *entries = siaga_window_entries(window);
  guint count = siaga_window_count(window, 2), last = count;
  while (last > 0 && (SiagaTime) entries[2 * (last - 1)] - begin > watch->timespan)
    last--;
  guint from = 0;
  while (from < last && (SiagaTime) entries[2 * from] < begin)
    from++;
  if (from == last || (SiagaTime) entries[2 * from] != begin)
    return FALSE;
  _judge_term(watch, entries + 2 * from, last - from, begin, need, &verdict);
  return verdict.satisfied;
}

/* The earliest begin of a match behind AFTER; G_MAXINT64: there is none. */
static SiagaTime
_next_begin(const SiagaWindow *window, const SiagaWatch *watch, SiagaTime after)
{
  const GArray *terms = watch->correlation->terms;
  const guint64 *entries = siaga_window_entries(window);
  SiagaTime next = G_MAXINT64;
  for (guint i = 0; i < terms->len; i++)
    for (guint last = 0; last < siaga_window_count(window, 2); last++)
      {
        SiagaVerdict verdict = { 0 };
        if ((SiagaTime) entries[2 * last] <= after)
          continue;
        _judge_term(watch, entries, last + 1, entries[2 * last], g_array_index(terms, SiagaTerm, i).need, &verdict);
        if (verdict.satisfied && verdict.first > after)
          next = MIN(next, verdict.first);
      }
  return next;
}

/* NULL: none waits. */
static guint64 *
_find_waiting(const SiagaWindow *window)
{
  guint64 *entries = siaga_window_entries(window);
  for (guint i = 0; i < siaga_window_count(window, 2); i++)
    if (_waits(entries + 2 * i))
      return entries + 2 * i;
  return NULL;
}

SiagaTime
siaga_temporal_wait(SiagaWindow *window, const SiagaWatch *watch, SiagaTime begin)
{
  guint64 *waiting = _find_waiting(window), *entries = siaga_window_entries(window);
  guint at = siaga_window_position(window, 2, begin);
  if (!at || (SiagaTime) entries[2 * (at - 1)] != begin || (waiting && (SiagaTime) *waiting <= begin))
    return G_MAXINT64;
  if (waiting)
    waiting[1] &= ~WAITS;
  entries[2 * (at - 1) + 1] |= WAITS;
  return begin + watch->timespan;
}

SiagaTime
siaga_temporal_rearm(SiagaWindow *window, const SiagaWatch *watch, SiagaTime since)
{
  const guint64 *waiting = _find_waiting(window);
  if (waiting)
    return (SiagaTime) *waiting + watch->timespan;
  return siaga_temporal_wait(window, watch, _next_begin(window, watch, since - watch->timespan - 1));
}

/* It was found to be a match when it began to wait; which alternative is looked for only where there are several. */
static gboolean
_holds(const SiagaWindow *window, const SiagaWatch *watch, SiagaTime begin)
{
  const GArray *terms = watch->correlation->terms;
  const guint64 *entries = siaga_window_entries(window);
  for (guint i = 0; i < terms->len; i++)
    {
      const SiagaTerm *term = &g_array_index(terms, SiagaTerm, i);
      if (_is_absent(entries, siaga_window_count(window, 2), term->forbid, begin, watch->timespan) &&
          (terms->len == 1 || _is_there(window, watch, begin, term->need)))
        return TRUE;
    }
  return FALSE;
}

SiagaTime
siaga_temporal_decide(SiagaWindow *window, const SiagaWatch *watch, SiagaTime begin, SiagaVerdict *verdict)
{
  const guint64 *entries = siaga_window_entries(window);
  guint64 *waiting = _find_waiting(window);

  memset(verdict, 0, sizeof *verdict);
  if (!waiting || (SiagaTime) *waiting != begin)
    return G_MAXINT64;
  waiting[1] &= ~WAITS;
  verdict->satisfied = _holds(window, watch, begin);
  verdict->first = begin;
  verdict->at = verdict->until = begin + watch->timespan;
  for (guint i = 0; i < siaga_window_count(window, 2); i++)
    verdict->count += (SiagaTime) entries[2 * i] >= begin && (SiagaTime) entries[2 * i] - begin <= watch->timespan;
  return siaga_temporal_wait(window, watch, _next_begin(window, watch, begin));
}
