/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Windows: what each kind of rule remembers of a key, and whether its condition holds.  Truly sliding over event time:
 * closed [t - timespan, t]; events may come out of order. */

#ifndef SIAGA_CORRELATE_WINDOW_H_INCLUDED
#define SIAGA_CORRELATE_WINDOW_H_INCLUDED

#include "keys.h"
#include "plan.h"

#define SIAGA_NUMBERS_MAX 2048 /* entries kept of a window of numbers; more make it degraded */

#define SIAGA_NEAR 4 /* events before the one that opens an incident: the begin of its evidence */

#define SIAGA_MANY_VALUES 48 /* distinct values from which on they are indexed */

/* One event as a window sees it. */
typedef struct
{
  SiagaTime time;
  guint32 steps;      /* bits: which of the correlation's rules it matched */
  guint64 stream;     /* ties within one stream keep their order */
  guint32 repeats;    /* event_count: as many events at once */
  guint64 value;      /* hash of the counted value */
  gdouble number;     /* sum, average, percentile */
  guint64 words[4];   /* campaigns: see campaign.c */
  SiagaTime lateness; /* how late an event may come: older entries may go */
} SiagaSample;

typedef struct
{
  gboolean satisfied;
  SiagaTime first; /* the oldest event of the window that first satisfied the condition */
  SiagaTime at;    /* when it did */
  SiagaTime until; /* how long the condition stays true without further events */
  guint64 count;   /* events from FIRST on */
  gboolean near;   /* event_count: hardly any event is missing */
} SiagaVerdict;

/* Adds the event and judges.  The window may move: gives back where it is.  VERDICT is all zero before. */
SiagaWindow *siaga_window_add(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch,
                              const SiagaSample *sample, SiagaVerdict *verdict);

/* What adding the next event to a key's first window will touch, in few bits: which line of the cache, and how many in
 * front of it.  0: the key itself. */
guint32 siaga_window_trace(const SiagaWindow *window, const SiagaWatch *watch);
/* Asks for it.  KEY is only an address, its upper bits are those of the window's. */
void siaga_window_prefetch(gconstpointer key, guint32 trace, const SiagaWatch *watch);

/* Whether TIME lies within the years that a line can name, and far more: with room to add and to subtract. */
static inline gboolean
siaga_time_is_possible(SiagaTime time)
{
  const SiagaTime end = G_GINT64_CONSTANT(1) << 60;
  return time > -end && time < end;
}

/* Windows decided at their end: when the next decision is due (G_MAXINT64: none is), and to take it.  Decisions that
 * are due before an event are taken before it is added. */
SiagaTime siaga_once_due(const SiagaWindow *window, const SiagaWatch *watch);
/* Leaves the window undecided; nothing is due before the next event. */
void siaga_once_skip(SiagaWindow *window, const SiagaWatch *watch);
void siaga_once_decide(SiagaWindow *window, const SiagaWatch *watch, SiagaVerdict *verdict);

/* Whether one of STEPS is asked for, not only forbidden. */
gboolean siaga_temporal_needs(const SiagaWatch *watch, guint32 steps);
/* Temporal windows with "not": a match that begins at BEGIN is known to hold at BEGIN + timespan.  One begin waits at a
 * time, the earliest: each gives back when a decision becomes due that was not before (G_MAXINT64: none does). */
SiagaTime siaga_temporal_wait(SiagaWindow *window, const SiagaWatch *watch, SiagaTime begin);
/* Decides what begins at BEGIN if that is what waits; then the next one waits. */
SiagaTime siaga_temporal_decide(SiagaWindow *window, const SiagaWatch *watch, SiagaTime begin, SiagaVerdict *verdict);
/* Of a window that was read from a file; what was due before SINCE is decided. */
SiagaTime siaga_temporal_rearm(SiagaWindow *window, const SiagaWatch *watch, SiagaTime since);

/* Whether a window that was read from a file can be one of this kind. */
gboolean siaga_window_is_sound(const SiagaWatch *watch, SiagaWindow *window);

#endif
