/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Decisions by time alone, and the timers that bring them. */

#include "decide.h"
#include "window-kinds.h"

#include <string.h>

/* The source itself is silent: that is told once, instead of what its silence would mean. */
static void
_tell_silence(SiagaRun *run)
{
  const SiagaPlan *plan = run->self->plan;
  guint16 rule = plan->view.count + 1;
  guint8 nobody[16] = { 0 };
  SiagaPack *out = run->lane->pack;
  if (run->stream->silent)
    return;
  run->stream->silent = TRUE;
  siaga_record_begin(out, run->stream->watermark, run->stream->id, SIAGA_RF_CHILD, &rule, 1);
  if (*run->stream->host)
    siaga_record_add_value(out, plan->tracked_of[SIAGA_F_HOST_HOSTNAME], run->stream->host, strlen(run->stream->host));
  siaga_record_end_child(out, nobody, SIAGA_DEPTH_MAX);
  gpointer copy = g_memdup2(out->bytes, out->length);
  g_queue_push_tail(&run->lane->children, copy);
}

/* Who has not been heard for the whole timespan that ends at DUE says nothing by being silent. */
static gboolean
_is_unheard(const SiagaRun *run, const SiagaWatch *watch, SiagaTime due)
{
  return run->idle && run->stream->watermark <= due - watch->timespan;
}

/* Has no stream's word for the event; it opens and grows incidents like any other. */
void
siaga_decide_once(SiagaRun *run, SiagaShard *shard, SiagaKey *key, SiagaWindow *window, SiagaWatch *watch,
                  SiagaTime until)
{
  while (siaga_once_due(window, watch) < until)
    {
      SiagaVerdict verdict;
      if (_is_unheard(run, watch, siaga_once_due(window, watch)))
        {
          siaga_once_skip(window, watch);
          _tell_silence(run);
          return;
        }
      siaga_once_decide(window, watch, &verdict);
      siaga_life_judge(run, shard, key, window, watch, NULL, verdict.at, &verdict);
    }
}

void
siaga_decide_later(SiagaRun *run, const SiagaKey *key, const SiagaWatch *watch, SiagaTime due)
{
  SiagaTimer timer = {
    .due = due,
    .hash = key->hash,
    .group = key->group,
    .watch = watch->position,
    .kind = SIAGA_TIMER_DECIDE,
    .behind = run->behind,
  };
  if (due != G_MAXINT64)
    siaga_stream_set_timer(run->stream, &timer);
}

void
siaga_decide_sample(SiagaRun *run, SiagaShard *shard, SiagaKey *key, SiagaWindow *window, SiagaWatch *watch,
                    const SiagaSample *sample)
{
  SiagaVerdict verdict = { 0 };
  siaga_decide_once(run, shard, key, window, watch, sample->time);
  gboolean pending = siaga_once_due(window, watch) != G_MAXINT64;
  window = siaga_window_add(&shard->keys, key, window, watch, sample, &verdict);
  if (!pending)
    siaga_decide_later(run, key, watch, siaga_once_due(window, watch));
}

static void
_decide(SiagaRun *run, SiagaShard *shard, SiagaKey *key, SiagaWatch *watch, const SiagaTimer *timer)
{
  SiagaWindow *window = siaga_key_window(key, watch->position);
  if (!window)
    return;
  if (watch->kind == SIAGA_WK_ONCE)
    {
      siaga_decide_once(run, shard, key, window, watch, run->clock);
      siaga_decide_later(run, key, watch, siaga_once_due(window, watch));
      return;
    }
  if (_is_unheard(run, watch, timer->due))
    {
      siaga_stream_postpone(run->stream, timer);
      _tell_silence(run);
      return;
    }
  SiagaVerdict verdict;
  siaga_decide_later(run, key, watch, siaga_temporal_decide(window, watch, timer->due - watch->timespan, &verdict));
  if (verdict.satisfied)
    siaga_life_judge(run, shard, key, window, watch, NULL, verdict.at, &verdict);
}

static void
_run_timer(SiagaRun *run, const SiagaTimer *timer)
{
  SiagaCorrelator *self = run->self;
  SiagaShard *shard = siaga_core_shard(self, timer->hash);
  SiagaWatch *watch = siaga_plan_watch(self->plan, timer->watch);

  siaga_lock(&shard->lock);
  SiagaKey *key =
      siaga_keys_find(&self->partitions[siaga_key_partition(timer->hash)], timer->hash, timer->group, NULL, 0);
  if (key && timer->kind == SIAGA_TIMER_CASE)
    siaga_life_check(run, shard, key, watch, timer);
  else if (key)
    _decide(run, shard, key, watch, timer);
  siaga_unlock(&shard->lock);
  siaga_process_children(run);
}

/* In the time of what it is for, which may be behind the stream's. */
void
siaga_decide_timer(SiagaRun *run, const SiagaTimer *timer)
{
  SiagaTimer own = *timer;
  SiagaTime clock = run->clock, behind = run->behind;
  own.due -= own.behind;
  run->clock -= own.behind;
  run->behind = own.behind;
  _run_timer(run, &own);
  run->clock = clock;
  run->behind = behind;
}

void
siaga_decide_rearm(SiagaCorrelator *self, SiagaStream *stream, const SiagaKey *key, SiagaWindow *window)
{
  SiagaRun run = { .self = self, .stream = stream };
  const SiagaWatch *watch = siaga_plan_watch(self->plan, window->watch);
  if (!stream)
    return;
  if (watch->kind == SIAGA_WK_ONCE)
    {
      siaga_decide_later(&run, key, watch, siaga_once_due(window, watch));
      return;
    }
  if (watch->ended)
    siaga_decide_later(&run, key, watch,
                       siaga_temporal_rearm(window, watch, stream->watermark - self->options.reorder_window));
}
