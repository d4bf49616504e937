/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What time alone decides: events that stayed away, and windows whose end says more than any event of theirs.
 * Times are those of the stream, in microseconds; its lane is locked. */

#ifndef SIAGA_CORRELATE_DECIDE_H_INCLUDED
#define SIAGA_CORRELATE_DECIDE_H_INCLUDED

#include "core.h"

/* Decides all ends of WINDOW before UNTIL; its shard is locked. */
void siaga_decide_once(SiagaRun *run, SiagaShard *shard, SiagaKey *key, SiagaWindow *window, SiagaWatch *watch,
                       SiagaTime until);
/* SAMPLE goes into WINDOW, of a rule that only ends decide, after the ends before it were decided; its shard is locked.
 */
void siaga_decide_sample(SiagaRun *run, SiagaShard *shard, SiagaKey *key, SiagaWindow *window, SiagaWatch *watch,
                         const SiagaSample *sample);
/* The stream's time will come back to the window at DUE; G_MAXINT64: there is no need. */
void siaga_decide_later(SiagaRun *run, const SiagaKey *key, const SiagaWatch *watch, SiagaTime due);
/* TIMER is due.  No shard is locked.  What was meant may be gone meanwhile: nothing happens then. */
void siaga_decide_timer(SiagaRun *run, const SiagaTimer *timer);
/* After a restore: the timers that the window would have.  STREAM may be NULL: it has none.  Nobody else is there. */
void siaga_decide_rearm(SiagaCorrelator *self, SiagaStream *stream, const SiagaKey *key, SiagaWindow *window);

#endif
