/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A record's visit to one window: the key is found or made, and the sample goes in.  Inline, because it is the middle
 * of every record's way; a call costs there what a whole rule does. */

#ifndef SIAGA_CORRELATE_VISIT_H_INCLUDED
#define SIAGA_CORRELATE_VISIT_H_INCLUDED

#include "acquaint.h"
#include "decide.h"
#include "echo.h"
#include "window-kinds.h"

static SIAGA_INLINE void
siaga_visit_apply(SiagaWay *way, SiagaShard *shard, SiagaKey *key, SiagaWindow *window, const SiagaTask *task,
                  const SiagaSample *sample)
{
  SiagaRun *run = way->run;
  SiagaWatch *watch = task->feed->watch;
  SiagaVerdict verdict = { 0 };
  if (watch->kind == SIAGA_WK_ONCE)
    {
      siaga_decide_sample(run, shard, key, window, watch, sample);
      return;
    }
  if (watch->echo && !siaga_way_open(way))
    return;
  guint8 teller = watch->echo ? siaga_echo_teller(run->self->plan, &way->view) : 0;
  if (watch->echo && siaga_echo_holds(window, watch, sample->time, teller))
    return;
  if (G_UNLIKELY(watch->apart) && siaga_echo_is_near(window, sample->time, watch->apart))
    return;
  if (G_UNLIKELY(watch->follows != G_MAXUINT) && !siaga_acquaint_follows(way, key, watch))
    return;
  if (G_UNLIKELY(watch->forgives != G_MAXUINT))
    siaga_acquaint_forgive(way, key, watch, sample);
  window = siaga_window_add(&shard->keys, key, window, watch, sample, &verdict);
  if (watch->echo)
    siaga_echo_note(window, sample->time, teller);
  if (G_UNLIKELY(watch->programs != G_MAXUINT) && way->program)
    return;
  if (!(window->flags & SIAGA_WF_CASE) && (!verdict.satisfied || watch->ended) &&
      siaga_prelude_wants(watch, window, &verdict))
    siaga_core_keep_prelude(run->self, shard, key->hash, watch->position, way->record);
  if (watch->ended)
    {
      if (verdict.satisfied)
        siaga_decide_later(run, key, watch, siaga_temporal_wait(window, watch, verdict.first));
      if (!siaga_temporal_needs(watch, sample->steps))
        return;
      verdict.satisfied = FALSE;
    }
  if ((verdict.satisfied || window->flags & SIAGA_WF_CASE) && siaga_way_open(way))
    siaga_life_judge(run, shard, key, window, watch, &way->view, sample->time, &verdict);
}

/* Its shard is locked. */
static inline SiagaKey *
siaga_visit_find_key(SiagaWay *way, const SiagaShard *shard)
{
  const SiagaKeyText *text = &way->text;
  const SiagaPartition *partition = siaga_way_partition(way->run->self, text->hash);
  if (way->key && way->removals == shard->keys.removals)
    return way->key;
  way->slot = siaga_keys_slot(partition, text->hash, text->group, text->text, text->length);
  way->tags = partition->tags;
  way->removals = shard->keys.removals;
  return way->key = way->slot < 0 ? NULL : siaga_partition_slots(partition)[way->slot];
}

/* The key of the way's text, with a window for WATCH. */
static SIAGA_INLINE SiagaKey *
siaga_visit_take_key(SiagaWay *way, SiagaShard *shard, guint watch, SiagaWindow **window)
{
  const SiagaKeyText *text = &way->text;
  SiagaKey *key = siaga_visit_find_key(way, shard);
  if (!key)
    {
      key = siaga_keys_add(&shard->keys, text->hash, text->group, text->text, text->length, watch);
      key->spoofed = way->spoofed;
      siaga_evict(way->run, shard, key);
      way->key = key;
      way->slot = -1;
      way->removals = shard->keys.removals;
    }
  else if (G_UNLIKELY(key->spoofed) && !way->spoofed)
    key->spoofed = FALSE;
  *window = siaga_key_window(key, watch);
  if (!*window)
    *window = siaga_keys_add_window(&shard->keys, key, watch);
  return key;
}

/* For the key's next event, unless what was found was moved meanwhile. */
static inline void
siaga_visit_leave_trace(const SiagaWay *way, const SiagaShard *shard, const SiagaWindow *window,
                        const SiagaWatch *watch)
{
  const SiagaPartition *partition = siaga_way_partition(way->run->self, way->text.hash);
  if (way->slot < 0 || way->removals != shard->keys.removals || way->tags != partition->tags)
    return;
  guint32 *known = &siaga_partition_traces(partition)[way->slot], trace = siaga_window_trace(window, watch);
  if (*known != trace)
    *known = trace;
}

/* Takes SAMPLE to the window of the way's key that TASK names, and on to the incidents that it makes of it.  The key's
 * shard is locked on the way and stays so; the lane's thread.  A key that there is no budget for pushes others out. */
static SIAGA_INLINE void
siaga_visit(SiagaWay *way, const SiagaTask *task, const SiagaSample *sample)
{
  SiagaShard *shard = siaga_way_enter_shard(way);
  SiagaWatch *watch = task->feed->watch;
  SiagaWindow *window;

  SiagaKey *key = siaga_visit_take_key(way, shard, watch->position, &window);
  if (key->touched < way->seconds)
    key->touched = way->seconds;
  siaga_counter_bump(&way->run->lane->matches[watch->position], 1);
  gboolean first = window == siaga_key_inline_window(key);
  siaga_visit_apply(way, shard, key, window, task, sample);
  if (first)
    siaga_visit_leave_trace(way, shard, window, watch);
}

#endif
