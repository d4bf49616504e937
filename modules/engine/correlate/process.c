/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A record's way: which windows it reaches, under which keys, and what they make of it. */

#include "core.h"
#include "window-kinds.h"

#include <stdlib.h>
#include <string.h>

#define COMBINATIONS_MAX 8
#define KEY_TEXT_MAX (SIAGA_GROUP_MAX * (SIAGA_RECORD_TEXT + 1))

/* One window to visit; rules that feed the same one are joined, so that one event is one sample. */
typedef struct
{
  const SiagaFeed *feed;
  guint32 steps;
} Task;

/* A key as text; the last one is kept, for neighbours with the same group-by. */
typedef struct
{
  gint group; /* -1: none */
  const guint8 *columns;
  guint64 hash;
  guint length;
  gchar text[KEY_TEXT_MAX];
} KeyText;

static void
_add_task(Task *tasks, guint *count, const SiagaFeed *feed)
{
  for (guint i = 0; i < *count; i++)
    if (tasks[i].feed->watch == feed->watch && memcmp(tasks[i].feed->columns, feed->columns, feed->group_count) == 0)
      {
        tasks[i].steps |= feed->step;
        return;
      }
  if (*count < SIAGA_TASKS_MAX)
    tasks[(*count)++] = (Task){ feed, feed->step };
}

static guint
_collect_tasks(const SiagaPlan *plan, const SiagaRecordView *record, Task *tasks)
{
  guint count = 0;
  gboolean recurs = record->record->flags & SIAGA_RF_RECUR;
  for (guint i = 0; i < record->record->rule_count; i++)
    {
      guint rule = record->rules[i];
      if (rule > plan->view.count + 1 || (rule >= plan->view.count && !record->child))
        continue;
      for (guint f = plan->first_feed[rule]; f < plan->first_feed[rule + 1]; f++)
        {
          const SiagaFeed *feed = &g_array_index(plan->feeds, SiagaFeed, f);
          SiagaWindowKind kind = feed->watch->kind;
          if (!recurs || kind == SIAGA_WK_TEMPORAL || kind == SIAGA_WK_ORDERED)
            _add_task(tasks, &count, feed);
        }
    }
  return count;
}

/* The counted value: one field, or a tuple that counts as a whole.  FALSE when a field is missing. */
static gboolean
_read_sample(const SiagaCorrelator *self, const Task *task, const SiagaRecordView *record, SiagaSample *sample)
{
  gchar text[32];
  guint64 hash = 0;
  for (guint i = 0; i < task->feed->value_count; i++)
    {
      const SiagaRecordValue *value = siaga_record_get(record, task->feed->values[i]);
      if (!value)
        return FALSE;
      hash = siaga_hash_mix(hash) + siaga_keyed_hash(&self->seed, value->text, value->length);
      gsize length = MIN(value->length, sizeof text - 1);
      memcpy(text, value->text, length);
      text[length] = '\0';
    }
  sample->value = hash;
  if (!task->feed->value_count || task->feed->watch->correlation->type < SIAGA_CT_VALUE_SUM)
    return TRUE;
  gchar *end;
  sample->number = g_ascii_strtod(text, &end);
  return end != text && !*end;
}

/* The source itself is silent: that is told once, instead of what its silence would mean. */
static void
_tell_silence(SiagaRun *run)
{
  const SiagaPlan *plan = run->self->plan;
  guint16 rule = plan->view.count + 1;
  guint8 nobody[16] = { 0 };
  GString *out = run->lane->pack;
  if (run->stream->silent)
    return;
  run->stream->silent = TRUE;
  siaga_record_begin(out, run->stream->watermark, run->stream->id, SIAGA_RF_CHILD, &rule, 1);
  if (*run->stream->host)
    siaga_record_add_value(out, plan->tracked_of[SIAGA_F_HOST_HOSTNAME], run->stream->host, strlen(run->stream->host));
  siaga_record_end_child(out, nobody, SIAGA_DEPTH_MAX);
  gpointer copy = g_malloc(out->len);
  memcpy(copy, out->str, out->len);
  g_queue_push_tail(&run->lane->children, copy);
}

static void
_note_host(SiagaRun *run, const SiagaRecordView *record)
{
  const SiagaRecordValue *host = siaga_record_get(record, run->self->plan->tracked_of[SIAGA_F_HOST_HOSTNAME]);
  if (!host || record->child || host->length >= sizeof run->stream->host)
    return;
  memcpy(run->stream->host, host->text, host->length);
  run->stream->host[host->length] = '\0';
}

/* Decisions by time alone have no stream's word for the event; they open and grow incidents like any other. */
static void
_decide_once(SiagaRun *run, SiagaShard *shard, SiagaKey *key, SiagaWindow *window, SiagaWatch *watch, SiagaTime until)
{
  while (siaga_once_due(window, watch) < until)
    {
      SiagaVerdict verdict;
      /* Who has not been heard for a whole timespan says nothing by being silent. */
      if (run->idle && run->stream->watermark <= siaga_once_due(window, watch) - watch->timespan)
        {
          siaga_once_skip(window, watch);
          _tell_silence(run);
          return;
        }
      siaga_once_decide(window, watch, &verdict);
      siaga_life_judge(run, shard, key, window, watch, NULL, verdict.at, &verdict);
    }
}

static void
_set_decision(SiagaRun *run, const SiagaKey *key, const SiagaWatch *watch, SiagaTime due)
{
  SiagaTimer timer = { due, key->hash, key->group, watch->position, SIAGA_TIMER_DECIDE };
  if (due != G_MAXINT64)
    siaga_stream_set_timer(run->stream, &timer);
}

static void
_apply_once(SiagaRun *run, SiagaShard *shard, SiagaKey *key, SiagaWindow *window, SiagaWatch *watch,
            const SiagaRecordView *record, const SiagaSample *sample)
{
  SiagaVerdict verdict;
  _decide_once(run, shard, key, window, watch, sample->time);
  gboolean pending = siaga_once_due(window, watch) != G_MAXINT64;
  siaga_window_add(&shard->keys, key, window, watch, sample, &verdict);
  window = siaga_key_window(key, watch->position);
  if (!pending)
    _set_decision(run, key, watch, siaga_once_due(window, watch));
  (void) record;
}

static void
_apply(SiagaRun *run, SiagaShard *shard, SiagaKey *key, SiagaWindow *window, const Task *task,
       const SiagaRecordView *record, const SiagaSample *sample)
{
  SiagaWatch *watch = task->feed->watch;
  SiagaVerdict verdict;
  if (watch->kind == SIAGA_WK_ONCE)
    {
      _apply_once(run, shard, key, window, watch, record, sample);
      return;
    }
  siaga_window_add(&shard->keys, key, window, watch, sample, &verdict);
  if (watch->ended)
    {
      if (verdict.satisfied)
        _set_decision(run, key, watch, verdict.first + watch->timespan);
      return;
    }
  if (!verdict.satisfied && !(siaga_key_window(key, watch->position)->flags & SIAGA_WF_CASE))
    return;
  siaga_life_judge(run, shard, key, siaga_key_window(key, watch->position), watch, record, sample->time, &verdict);
}

static gboolean
_is_spoofed(const SiagaCorrelator *self, const SiagaRecordView *record)
{
  const SiagaRecordValue *value = siaga_record_get(record, self->plan->tracked_of[SIAGA_F_SOURCE_SPOOFABLE]);
  return value && value->length == 1 && *value->text == '1';
}

static void
_visit(SiagaRun *run, const Task *task, const KeyText *text, const SiagaRecordView *record, const SiagaSample *sample)
{
  SiagaCorrelator *self = run->self;
  SiagaShard *shard = siaga_core_shard(self, text->hash);
  SiagaWatch *watch = task->feed->watch;
  guint partition = siaga_key_partition(text->hash);

  siaga_lock(&shard->lock);
  SiagaKey *key = siaga_keys_find(&self->partitions[partition], text->hash, text->group, text->text, text->length);
  gboolean spoofed = _is_spoofed(self, record);
  if (!key)
    {
      key = siaga_keys_add(&shard->keys, text->hash, text->group, text->text, text->length, watch->position);
      key->spoofed = spoofed;
      siaga_evict(run, shard, key);
    }
  else
    key->spoofed = key->spoofed && spoofed;
  SiagaWindow *window = siaga_key_window(key, watch->position);
  if (!window)
    window = siaga_keys_add_window(&shard->keys, key, watch->position);
  key->touched = MAX(key->touched, (guint32) CLAMP(sample->time / SIAGA_SECOND, 0, G_MAXUINT32));
  siaga_counter_bump(&shard->matches[watch->position], 1);
  _apply(run, shard, key, window, task, record, sample);
  siaga_unlock(&shard->lock);
}

static void
_finish_text(const SiagaCorrelator *self, const Task *task, KeyText *text)
{
  const SiagaGroup *group = &g_array_index(self->plan->groups, SiagaGroup, task->feed->watch->group);
  text->group = task->feed->watch->group;
  text->columns = task->feed->columns;
  text->hash = siaga_hash_mix(siaga_keyed_hash(&self->seed, text->text, text->length) + group->hash);
}

static void
_append_value(KeyText *text, const SiagaRecordValue *value)
{
  text->text[text->length++] = value ? (gchar) value->length : 0;
  if (!value)
    return;
  memcpy(text->text + text->length, value->text, value->length);
  text->length += value->length;
}

/* Every combination of the group-by's values, like an odometer. */
static void
_visit_combinations(SiagaRun *run, const Task *task, KeyText *text, const SiagaRecordView *record,
                    const SiagaSample *sample)
{
  const SiagaRecordValue *at[SIAGA_GROUP_MAX];
  const SiagaFeed *feed = task->feed;
  guint turn = 0;

  for (guint i = 0; i < feed->group_count; i++)
    at[i] = siaga_record_get(record, feed->columns[i]);
  for (guint visits = 0; visits < COMBINATIONS_MAX && turn <= feed->group_count; visits++)
    {
      text->length = 0;
      for (guint i = 0; i < feed->group_count; i++)
        _append_value(text, at[i]);
      _finish_text(run->self, task, text);
      _visit(run, task, text, record, sample);
      for (turn = 0; turn < feed->group_count; turn++)
        {
          if (at[turn] && at[turn]->next)
            {
              at[turn] = &record->values[at[turn]->next - 1];
              break;
            }
          at[turn] = siaga_record_get(record, feed->columns[turn]);
        }
      if (turn == feed->group_count)
        break;
      text->group = -1;
    }
}

/* FALSE when a field is missing that the rule cannot do without. */
static gboolean
_has_group(const SiagaFeed *feed, const SiagaRecordView *record)
{
  for (guint i = 0; i < feed->group_count && !feed->watch->missing_is_empty; i++)
    if (!siaga_record_get(record, feed->columns[i]))
      return FALSE;
  return TRUE;
}

static void
_run_task(SiagaRun *run, const Task *task, KeyText *text, const SiagaRecordView *record)
{
  SiagaSample sample = { .time = record->record->time,
                         .steps = task->steps,
                         .stream = (guint32) siaga_hash_mix(record->record->stream),
                         .lateness = run->self->options.max_lateness };
  if (task->feed->watch->kind == SIAGA_WK_STAGES)
    {
      sample.words[0] = record->record->line_hash;
      sample.words[1] = record->record->stream;
      memcpy(&sample.words[2], record->child, 16);
      if (!_has_group(task->feed, record))
        return;
    }
  if (!_has_group(task->feed, record) || !_read_sample(run->self, task, record, &sample))
    {
      siaga_counter_add(&task->feed->watch->missing_field, 1);
      siaga_counter_bump(&run->lane->totals.missing_field, 1);
      return;
    }
  if (text->group == (gint) task->feed->watch->group &&
      memcmp(text->columns, task->feed->columns, task->feed->group_count) == 0)
    _visit(run, task, text, record, &sample);
  else
    _visit_combinations(run, task, text, record, &sample);
}

static void
_process_one(SiagaRun *run, const SiagaRecord *record)
{
  Task tasks[SIAGA_TASKS_MAX];
  KeyText text;
  SiagaRecordView view;

  if (!siaga_record_open(&view, record, record->size))
    return;
  _note_host(run, &view);
  text.group = -1;
  guint count = _collect_tasks(run->self->plan, &view, tasks);
  for (guint i = 0; i < count; i++)
    {
      gboolean list = FALSE;
      for (guint g = 0; g < tasks[i].feed->group_count; g++)
        {
          const SiagaRecordValue *value = siaga_record_get(&view, tasks[i].feed->columns[g]);
          list = list || (value && value->next);
        }
      if (list)
        text.group = -1;
      _run_task(run, &tasks[i], &text, &view);
      if (list)
        text.group = -1;
    }
}

static void
_process_children(SiagaRun *run)
{
  SiagaRecord *child;
  while ((child = g_queue_pop_head(&run->lane->children)))
    {
      _process_one(run, child);
      g_free(child);
    }
  if (run->lane->adoptions->len)
    siaga_campaign_adopt(run);
}

void
siaga_process_record(SiagaRun *run, const SiagaRecord *record)
{
  _process_one(run, record);
  _process_children(run);
}

static void
_decide(SiagaRun *run, SiagaShard *shard, SiagaKey *key, SiagaWatch *watch, const SiagaTimer *timer)
{
  SiagaWindow *window = siaga_key_window(key, watch->position);
  if (!window)
    return;
  if (watch->kind == SIAGA_WK_ONCE)
    {
      _decide_once(run, shard, key, window, watch, run->clock);
      _set_decision(run, key, watch, siaga_once_due(window, watch));
      return;
    }
  SiagaVerdict verdict;
  SiagaTime begin = timer->due - watch->timespan;
  siaga_temporal_decide(window, watch, begin, &verdict);
  if (verdict.satisfied)
    siaga_life_judge(run, shard, key, window, watch, NULL, verdict.at, &verdict);
}

void
siaga_process_timer(SiagaRun *run, const SiagaTimer *timer)
{
  SiagaCorrelator *self = run->self;
  SiagaShard *shard = siaga_core_shard(self, timer->hash);
  SiagaWatch *watch = siaga_plan_watch(self->plan, timer->watch);

  siaga_lock(&shard->lock);
  SiagaKey *key =
      siaga_keys_find(&self->partitions[siaga_key_partition(timer->hash)], timer->hash, timer->group, NULL, 0);
  if (key && timer->kind == SIAGA_TIMER_CASE)
    siaga_life_check(run, shard, key, watch);
  else if (key)
    _decide(run, shard, key, watch, timer);
  siaga_unlock(&shard->lock);
  _process_children(run);
}

/* After a restore: the timers that the window would have. */
void
siaga_process_rearm(SiagaCorrelator *self, SiagaStream *stream, const SiagaKey *key, const SiagaWindow *window)
{
  SiagaRun run = { .self = self, .stream = stream };
  const SiagaWatch *watch = siaga_plan_watch(self->plan, window->watch);
  if (!stream)
    return;
  if (watch->kind == SIAGA_WK_ONCE)
    {
      _set_decision(&run, key, watch, siaga_once_due(window, watch));
      return;
    }
  for (guint i = 0; watch->ended && i < siaga_window_count(window, 2); i++)
    {
      SiagaTime begin = siaga_window_entries(window)[2 * i];
      if (begin + watch->timespan >= stream->watermark - self->options.reorder_window)
        _set_decision(&run, key, watch, begin + watch->timespan);
    }
}
