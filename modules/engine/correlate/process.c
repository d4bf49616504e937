/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A record's way: which windows it reaches, under which keys, and what they make of it. */

#include "core.h"
#include "echo.h"
#include "follow.h"
#include "window-kinds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COMBINATIONS_MAX 8
#define FAR_AHEAD 16  /* the record, counted from the next, whose bytes are asked for */
#define PLACE_AHEAD 7 /* whose key's place is */
#define KEY_AHEAD 4
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
  gboolean whole; /* no field is missing */
  guint64 hash;
  const gchar *text; /* in the record, where one value stands there as a key has it; else in ROOM */
  guint length;
  gchar room[KEY_TEXT_MAX];
} KeyText;

/* A record on its way through its windows.  It is opened when more is asked for than its hint tells. */
typedef struct
{
  const SiagaRecord *record;
  SiagaRun *run;
  gboolean opened, spoofed;
  SiagaShard *shard; /* locked, for as long as one key follows the other in it; NULL: none */
  SiagaKey *key;     /* of the text, while its shard has lost no key since; NULL: not known */
  guint64 removals;
  gint64 slot;        /* where it was found; -1: it is new */
  const guint8 *tags; /* of its table, then */
  guint32 seconds;    /* of the record's time */
  guint asked;        /* watch that was asked whether it knows the source; G_MAXUINT: none was */
  gboolean known;     /* what it said */
  gboolean program;   /* and that a program with an old password is there */
  KeyText text;
  SiagaRecordView view; /* once opened */
} Way;

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

/* The hash of a text behind those BEFORE it, 0: it is the first. */
static inline guint64
_value_hash(const SiagaCorrelator *self, guint64 before, const gchar *text, gsize length)
{
  return siaga_hash_mix(before) + siaga_keyed_hash(&self->seed, text, length);
}

/* The counted value: one field, or a tuple that counts as a whole.  FALSE when a field is missing. */
static gboolean
_read_sample(const SiagaCorrelator *self, const Task *task, const SiagaRecordView *record, SiagaSample *sample)
{
  gchar text[32] = "";
  gsize length = 0;
  guint64 hash = 0;
  for (guint i = 0; i < task->feed->value_count; i++)
    {
      const SiagaRecordValue *value = siaga_record_get(record, task->feed->values[i]);
      if (!value)
        return FALSE;
      hash = _value_hash(self, hash, value->text, value->length);
      length = value->length;
      memcpy(text, value->text, MIN(length, sizeof text - 1));
      text[MIN(length, sizeof text - 1)] = '\0';
    }
  sample->value = hash;
  if (task->feed->watch->correlation->type < SIAGA_CT_VALUE_SUM)
    return TRUE;
  /* Text of a log: what is cut off, or no finite number, would stay in a sum for a whole timespan. */
  gchar *end;
  sample->number = g_ascii_strtod(text, &end);
  return length < sizeof text && end != text && !*end && isfinite(sample->number);
}

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

static void
_note_host(SiagaRun *run, const gchar *host, guint length)
{
  gchar *known = run->stream->host;
  if (length >= sizeof run->stream->host || (!known[length] && memcmp(known, host, length) == 0))
    return;
  memcpy(known, host, length);
  known[length] = '\0';
}

/* Who has not been heard for the whole timespan that ends at DUE says nothing by being silent. */
static gboolean
_is_unheard(const SiagaRun *run, const SiagaWatch *watch, SiagaTime due)
{
  return run->idle && run->stream->watermark <= due - watch->timespan;
}

/* Decisions by time alone have no stream's word for the event; they open and grow incidents like any other. */
static void
_decide_once(SiagaRun *run, SiagaShard *shard, SiagaKey *key, SiagaWindow *window, SiagaWatch *watch, SiagaTime until)
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

static void
_set_decision(SiagaRun *run, const SiagaKey *key, const SiagaWatch *watch, SiagaTime due)
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

static G_GNUC_NO_INLINE void
_apply_once(SiagaRun *run, SiagaShard *shard, SiagaKey *key, SiagaWindow *window, SiagaWatch *watch,
            const SiagaSample *sample)
{
  SiagaVerdict verdict = { 0 };
  _decide_once(run, shard, key, window, watch, sample->time);
  gboolean pending = siaga_once_due(window, watch) != G_MAXINT64;
  window = siaga_window_add(&shard->keys, key, window, watch, sample, &verdict);
  if (!pending)
    _set_decision(run, key, watch, siaga_once_due(window, watch));
}

static gboolean
_is_spoofed(const SiagaCorrelator *self, const SiagaRecordView *record)
{
  const SiagaRecordValue *value = siaga_record_get(record, self->plan->tracked_of[SIAGA_F_SOURCE_SPOOFABLE]);
  return value && value->length == 1 && *value->text == '1';
}

/* What every incident feeds, and what a silent source does, stand behind the rules. */
static gboolean
_knows_rules(const SiagaPlan *plan, const SiagaRecordView *view)
{
  for (guint i = 0; i < view->record->rule_count; i++)
    if (view->rules[i] >= plan->view.count + (view->child ? 2 : 0))
      return FALSE;
  return TRUE;
}

/* FALSE when it is no record of this plan. */
static gboolean
_open(Way *way)
{
  if (way->opened)
    return TRUE;
  if (!siaga_record_open(&way->view, way->record, way->record->size) || !_knows_rules(way->run->self->plan, &way->view))
    return FALSE;
  way->spoofed = _is_spoofed(way->run->self, &way->view);
  return way->opened = TRUE;
}

/* Whether the text with the number before was seen lately. */
static gboolean
_follows(Way *way, SiagaKey *key, const SiagaWatch *watch)
{
  gchar before[SIAGA_FOLLOW_MAX];
  const SiagaWindow *seen = siaga_key_window(key, watch->follows);
  const SiagaRecordValue *value = seen && _open(way) ? siaga_record_get(&way->view, watch->follow_column) : NULL;
  return value && siaga_follow_before(value->text, value->length, before) &&
         siaga_values_have(seen, _value_hash(way->run->self, 0, before, value->length));
}

/* It is let in now: what was refused before was mistyped. */
static G_GNUC_NO_INLINE void
_forgive(const Way *way, SiagaKey *key, const SiagaWatch *watch, const SiagaSample *sample)
{
  const SiagaPlan *plan = way->run->self->plan;
  for (guint i = watch->forgives; i != G_MAXUINT; i = siaga_plan_watch(plan, i)->next_forgiven)
    {
      SiagaWindow *refused = siaga_key_window(key, i);
      if (refused)
        siaga_values_drop(refused, sample->value);
    }
}

static SIAGA_INLINE void
_apply(Way *way, SiagaShard *shard, SiagaKey *key, SiagaWindow *window, const Task *task, const SiagaSample *sample)
{
  SiagaRun *run = way->run;
  SiagaWatch *watch = task->feed->watch;
  SiagaVerdict verdict = { 0 };
  if (watch->kind == SIAGA_WK_ONCE)
    {
      _apply_once(run, shard, key, window, watch, sample);
      return;
    }
  if (watch->echo && !_open(way))
    return;
  guint8 teller = watch->echo ? siaga_echo_teller(run->self->plan, &way->view) : 0;
  if (watch->echo && siaga_echo_holds(window, watch, sample->time, teller))
    return;
  if (G_UNLIKELY(watch->apart) && siaga_echo_is_near(window, sample->time, watch->apart))
    return;
  if (G_UNLIKELY(watch->follows != G_MAXUINT) && !_follows(way, key, watch))
    return;
  if (G_UNLIKELY(watch->forgives != G_MAXUINT))
    _forgive(way, key, watch, sample);
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
        _set_decision(run, key, watch, siaga_temporal_wait(window, watch, verdict.first));
      if (!siaga_temporal_needs(watch, sample->steps))
        return;
      verdict.satisfied = FALSE;
    }
  if ((verdict.satisfied || window->flags & SIAGA_WF_CASE) && _open(way))
    siaga_life_judge(run, shard, key, window, watch, &way->view, sample->time, &verdict);
}

static inline SiagaPartition *
_partition(SiagaCorrelator *self, guint64 hash)
{
  return &self->partitions[siaga_key_partition(hash)];
}

/* Its shard is locked. */
static inline SiagaKey *
_find_key(Way *way, const SiagaShard *shard)
{
  const KeyText *text = &way->text;
  const SiagaPartition *partition = _partition(way->run->self, text->hash);
  if (way->key && way->removals == shard->keys.removals)
    return way->key;
  way->slot = siaga_keys_slot(partition, text->hash, text->group, text->text, text->length);
  way->tags = partition->tags;
  way->removals = shard->keys.removals;
  return way->key = way->slot < 0 ? NULL : siaga_partition_slots(partition)[way->slot];
}

/* The key of the way's text, with a window for WATCH. */
static SIAGA_INLINE SiagaKey *
_take_key(Way *way, SiagaShard *shard, guint watch, SiagaWindow **window)
{
  const KeyText *text = &way->text;
  SiagaKey *key = _find_key(way, shard);
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

static inline void
_leave_shard(Way *way)
{
  if (way->shard)
    siaga_unlock(&way->shard->lock);
  way->shard = NULL;
}

static inline SiagaShard *
_enter_shard(Way *way)
{
  SiagaShard *shard = siaga_core_shard(way->run->self, way->text.hash);
  if (way->shard == shard)
    return shard;
  _leave_shard(way);
  siaga_lock(&shard->lock);
  return way->shard = shard;
}

/* For the key's next event, unless what was found was moved meanwhile. */
static inline void
_leave_trace(const Way *way, const SiagaShard *shard, const SiagaWindow *window, const SiagaWatch *watch)
{
  const SiagaPartition *partition = _partition(way->run->self, way->text.hash);
  if (way->slot < 0 || way->removals != shard->keys.removals || way->tags != partition->tags)
    return;
  guint32 *known = &siaga_partition_traces(partition)[way->slot], trace = siaga_window_trace(window, watch);
  if (*known != trace)
    *known = trace;
}

static SIAGA_INLINE void
_visit(Way *way, const Task *task, const SiagaSample *sample)
{
  SiagaShard *shard = _enter_shard(way);
  SiagaWatch *watch = task->feed->watch;
  SiagaWindow *window;

  SiagaKey *key = _take_key(way, shard, watch->position, &window);
  if (key->touched < way->seconds)
    key->touched = way->seconds;
  siaga_counter_bump(&way->run->lane->matches[watch->position], 1);
  gboolean first = window == siaga_key_inline_window(key);
  _apply(way, shard, key, window, task, sample);
  if (first)
    _leave_trace(way, shard, window, watch);
}

static void
_append_value(KeyText *text, const SiagaRecordValue *value)
{
  text->room[text->length++] = value ? (gchar) value->length : 0;
  if (!value)
    return;
  memcpy(text->room + text->length, value->text, value->length);
  text->length += value->length;
}

static void
_join_values(KeyText *text, const SiagaRecordValue *const *values, guint count)
{
  text->length = 0;
  text->text = text->room;
  for (guint i = 0; i < count; i++)
    _append_value(text, values[i]);
}

static void
_write_text(Way *way, const SiagaFeed *feed, const SiagaRecordValue *const *values)
{
  const SiagaGroup *group = &g_array_index(way->run->self->plan->groups, SiagaGroup, feed->watch->group);
  KeyText *text = &way->text;
  text->whole = TRUE;
  for (guint i = 0; i < feed->group_count; i++)
    text->whole = text->whole && values[i];
  if (feed->group_count == 1 && text->whole && !values[0]->in_line)
    {
      text->text = values[0]->text - 1; /* its length stands in front of it */
      text->length = values[0]->length + 1;
    }
  else
    _join_values(text, values, feed->group_count);
  text->group = feed->watch->group;
  text->columns = feed->columns;
  text->hash = siaga_core_key_hash(way->run->self, group, text->text, text->length);
  way->key = NULL;
}

/* Most access logs do not say which site was asked: then it is the host's, and where no host is known either, the one
 * site or host there is. */
static const SiagaRecordValue *
_group_value(const Way *way, const SiagaFeed *feed, guint i)
{
  const SiagaRecordValue *value = siaga_record_get(&way->view, feed->columns[i]);
  if (G_UNLIKELY(!value && feed->site & 1u << i))
    value = siaga_record_get(&way->view, way->run->self->plan->tracked_of[SIAGA_F_HOST_HOSTNAME]);
  return value;
}

/* Every combination of the group-by's values, like an odometer that begins at AT. */
static G_GNUC_NO_INLINE void
_visit_combinations(Way *way, const Task *task, const SiagaRecordValue **at, const SiagaSample *sample)
{
  const SiagaFeed *feed = task->feed;
  guint turn = 0;

  for (guint visits = 0; visits < COMBINATIONS_MAX && turn < feed->group_count; visits++)
    {
      _write_text(way, feed, at);
      _visit(way, task, sample);
      for (turn = 0; turn < feed->group_count; turn++)
        {
          if (at[turn] && at[turn]->next)
            {
              at[turn] = &way->view.values[at[turn]->next - 1];
              break;
            }
          at[turn] = _group_value(way, feed, turn);
        }
    }
  way->text.group = -1;
}

/* FALSE when a field is missing that the rule cannot do without. */
static gboolean
_find_group(const Way *way, const SiagaFeed *feed, const SiagaRecordValue **at, gboolean *list_r)
{
  *list_r = FALSE;
  for (guint i = 0; i < feed->group_count; i++)
    {
      at[i] = _group_value(way, feed, i);
      if (!at[i] && !feed->watch->missing_is_empty && !(feed->site & 1u << i))
        return FALSE;
      *list_r = *list_r || (at[i] && at[i]->next);
    }
  return TRUE;
}

/* Incidents are told to campaigns with both attacker and victim or one of them: what is missing there is no fault. */
static void
_count_missing(const Way *way, const SiagaFeed *feed)
{
  if (feed->watch->kind == SIAGA_WK_STAGES)
    return;
  siaga_counter_add(&feed->watch->missing_field, 1);
  siaga_counter_bump(&way->run->lane->totals.missing_field, 1);
}

/* Whether the text is the one that FEED would write. */
static inline gboolean
_has_text(const Way *way, const SiagaFeed *feed)
{
  const KeyText *text = &way->text;
  return text->group == (gint) feed->watch->group && (text->whole || feed->watch->missing_is_empty || feed->site) &&
         (text->columns == feed->columns || memcmp(text->columns, feed->columns, feed->group_count) == 0);
}

/* Whether WINDOW of the other count knows whom RECORD is about: somebody who was let in lately, or nobody who is new.
 */
static gboolean
_knows(const SiagaCorrelator *self, const SiagaWatch *watch, const SiagaWindow *window, const SiagaRecordView *record)
{
  SiagaTime time = record->record->time;
  if (!watch->newcomers)
    return window && siaga_values_since(window, time - siaga_plan_watch(self->plan, watch->friends)->timespan);
  const SiagaRecordValue *value = siaga_record_get(record, watch->new_column);
  return !window || !value ||
         !siaga_values_is_newcomer(window, _value_hash(self, 0, value->text, value->length), time - watch->timespan);
}

/* Whether the source, or whatever the other count groups by, is one that it knows. */
static G_GNUC_NO_INLINE gboolean
_ask_friends(Way *way, const SiagaWatch *watch)
{
  SiagaCorrelator *self = way->run->self;
  const SiagaWatch *friends = siaga_plan_watch(self->plan, watch->friends);
  const SiagaGroup *group = &g_array_index(self->plan->groups, SiagaGroup, friends->group);
  const SiagaRecordValue *value = siaga_record_get(&way->view, watch->friend_column);
  gchar text[SIAGA_RECORD_TEXT + 1];
  if (!value)
    return watch->newcomers;
  text[0] = (gchar) value->length;
  memcpy(text + 1, value->text, value->length);
  guint64 hash = siaga_core_key_hash(self, group, text, value->length + 1);
  SiagaShard *shard = siaga_core_shard(self, hash);
  _leave_shard(way);
  siaga_lock(&shard->lock);
  SiagaKey *key =
      siaga_keys_find(&self->partitions[siaga_key_partition(hash)], hash, friends->group, text, value->length + 1);
  const SiagaWindow *window = key ? siaga_key_window(key, friends->position) : NULL;
  gboolean known = _knows(self, watch, window, &way->view);
  way->program =
      !known && key && watch->programs != G_MAXUINT && siaga_mild_is_program(self->plan, watch->programs, key);
  siaga_unlock(&shard->lock);
  return known;
}

/* Several rules ask the same.  Of a record that cannot be read nothing counts. */
static gboolean
_is_friend(Way *way, const SiagaWatch *watch)
{
  if (way->asked == watch->friends && !watch->newcomers)
    return way->known;
  if (!_open(way))
    return TRUE;
  way->asked = watch->friends;
  return way->known = _ask_friends(way, watch);
}

static SIAGA_INLINE void
_run_task(Way *way, const Task *task, SiagaSample *sample)
{
  const SiagaFeed *feed = task->feed;
  const SiagaRecordValue *at[SIAGA_GROUP_MAX];
  gboolean list = FALSE, known = _has_text(way, feed);
  sample->steps = task->steps;
  if ((!known || feed->value_count) && !_open(way))
    return;
  if (G_UNLIKELY(feed->watch->friends != G_MAXUINT) && _is_friend(way, feed->watch))
    return;
  if ((!known && !_find_group(way, feed, at, &list)) ||
      (feed->value_count && !_read_sample(way->run->self, task, &way->view, sample)))
    {
      _count_missing(way, feed);
      return;
    }
  if (list)
    {
      _visit_combinations(way, task, at, sample);
      return;
    }
  if (!known)
    _write_text(way, feed, at);
  _visit(way, task, sample);
}

/* What windows see of the record whatever the rule. */
static void
_begin_sample(Way *way, SiagaSample *sample)
{
  const SiagaRecord *record = way->record;
  way->seconds = CLAMP(record->time / SIAGA_SECOND, 0, G_MAXUINT32);
  sample->time = record->time;
  sample->stream = record->stream;
  sample->repeats = siaga_record_repeats(record);
  sample->value = 0;
  sample->number = 0;
  sample->lateness = way->run->self->options.max_lateness;
  if (!(record->flags & SIAGA_RF_CHILD))
    return;
  sample->words[0] = record->line_hash;
  sample->words[1] = record->stream;
  memcpy(&sample->words[2], way->view.child, 16);
}

/* An incident that was open already occurs again for temporal rules only. */
static gboolean
_hears(const SiagaFeed *feed, const SiagaRecord *record)
{
  SiagaWindowKind kind = feed->watch->kind;
  return !(record->flags & SIAGA_RF_RECUR) || kind == SIAGA_WK_TEMPORAL || kind == SIAGA_WK_ORDERED;
}

/* Nearly all records are of one rule: nothing has to be joined. */
static SIAGA_INLINE void
_run_rule(Way *way, guint rule, SiagaSample *sample)
{
  const SiagaPlan *plan = way->run->self->plan;
  for (guint f = plan->first_feed[rule]; f < plan->first_feed[rule + 1]; f++)
    {
      const SiagaFeed *feed = &g_array_index(plan->feeds, SiagaFeed, f);
      if (_hears(feed, way->record))
        _run_task(way, &(Task){ feed, feed->step }, sample);
    }
}

static G_GNUC_NO_INLINE void
_run_rules(Way *way, SiagaSample *sample)
{
  const SiagaPlan *plan = way->run->self->plan;
  const guint16 *rules = siaga_record_rules(way->record);
  Task tasks[SIAGA_TASKS_MAX];
  guint count = 0;
  for (guint i = 0; i < way->record->rule_count; i++)
    for (guint f = plan->first_feed[rules[i]]; f < plan->first_feed[rules[i] + 1]; f++)
      {
        const SiagaFeed *feed = &g_array_index(plan->feeds, SiagaFeed, f);
        if (_hears(feed, way->record))
          _add_task(tasks, &count, feed);
      }
  for (guint i = 0; i < count; i++)
    _run_task(way, &tasks[i], sample);
}

static inline void
_begin_way(Way *way, SiagaRun *run, const SiagaRecord *record)
{
  way->record = record;
  way->run = run;
  way->opened = FALSE;
  way->shard = NULL;
  way->key = NULL;
  way->asked = G_MAXUINT;
  way->program = FALSE;
  way->text.group = -1;
}

/* A record without a hint. */
static gboolean
_prepare(Way *way)
{
  if (!_open(way))
    return FALSE;
  const SiagaRecordValue *host = siaga_record_get(&way->view, way->run->self->plan->tracked_of[SIAGA_F_HOST_HOSTNAME]);
  if (host && !way->view.child)
    _note_host(way->run, host->text, host->length);
  return TRUE;
}

/* With one. */
static void
_follow_hint(Way *way, const SiagaHint *hint)
{
  const SiagaFeed *feed = &g_array_index(way->run->self->plan->feeds, SiagaFeed, hint->feed);
  KeyText *text = &way->text;
  way->spoofed = hint->spoofed;
  text->group = feed->watch->group;
  text->columns = feed->columns;
  text->whole = TRUE;
  text->hash = hint->hash;
  text->text = (const gchar *) way->record + hint->key;
  text->length = (guint8) *text->text + 1;
  if (hint->host)
    {
      const gchar *host = (const gchar *) way->record + hint->host;
      _note_host(way->run, host + 1, (guint8) *host);
    }
}

static void
_go(Way *way)
{
  SiagaSample sample;
  _begin_sample(way, &sample);
  if (way->record->rule_count == 1)
    _run_rule(way, siaga_record_rules(way->record)[0], &sample);
  else
    _run_rules(way, &sample);
  _leave_shard(way);
}

void
siaga_process_foresee(const SiagaCorrelator *self, const SiagaPack *pack)
{
  const SiagaPlan *plan = self->plan;
  const SiagaRecord *record = (const SiagaRecord *) (gpointer) pack->bytes;
  SiagaHint *hint = siaga_stream_hint(record);
  guint index = plan->first_feed[siaga_record_rules(record)[0]];
  const SiagaFeed *feed = &g_array_index(plan->feeds, SiagaFeed, index);
  guint16 key = pack->places[feed->columns[0]], host = pack->places[plan->tracked_of[SIAGA_F_HOST_HOSTNAME]],
          spoofable = pack->places[plan->tracked_of[SIAGA_F_SOURCE_SPOOFABLE]];
  if (feed->group_count != 1 || key <= SIAGA_PLACE_HIDDEN || host == SIAGA_PLACE_HIDDEN ||
      spoofable == SIAGA_PLACE_HIDDEN)
    return;
  const gchar *text = (const gchar *) pack->bytes + key;
  hint->hash =
      siaga_core_key_hash(self, &g_array_index(plan->groups, SiagaGroup, feed->watch->group), text, (guint8) *text + 1);
  hint->feed = index;
  hint->key = key;
  hint->host = host;
  hint->spoofed = spoofable && pack->bytes[spoofable] == 1 && pack->bytes[spoofable + 1] == '1';
}

/* Its key's place has arrived: asks for the key and its window's end. */
static void
_look_at_key(SiagaRun *run, const SiagaHint *hint)
{
  const SiagaFeed *feed = &g_array_index(run->self->plan->feeds, SiagaFeed, hint->feed);
  SiagaShard *shard = siaga_core_shard(run->self, hint->hash);
  guint32 trace;
  siaga_lock(&shard->lock);
  const SiagaKey *key = siaga_keys_prefetch_key(_partition(run->self, hint->hash), hint->hash, &trace);
  siaga_unlock(&shard->lock);
  if (key)
    siaga_window_prefetch(key, trace, feed->watch);
}

/* The hint of the record that comes NTH from now on; NULL: there is none. */
static inline const SiagaHint *
_peek_hint(const SiagaRun *run, guint nth)
{
  const SiagaRecord *record = siaga_stream_peek(run->stream, nth);
  const SiagaHint *hint = record ? siaga_stream_hint(record) : NULL;
  return hint && hint->key ? hint : NULL;
}

/* Every record is looked at three times before its turn, so that what it needs is in the cache by then. */
static void
_look_ahead(SiagaRun *run)
{
  const SiagaRecord *far = siaga_stream_peek(run->stream, FAR_AHEAD);
  const SiagaHint *hint;
  if (far)
    {
      __builtin_prefetch(siaga_stream_hint(far));
      __builtin_prefetch((const guint8 *) siaga_stream_hint(far) + 64);
    }
  if ((hint = _peek_hint(run, PLACE_AHEAD)))
    siaga_keys_prefetch_place(_partition(run->self, hint->hash), hint->hash);
  if ((hint = _peek_hint(run, KEY_AHEAD)))
    _look_at_key(run, hint);
}

static void
_process_born(SiagaRun *run)
{
  SiagaRecord *child;
  while (run->lane->children.head && (child = g_queue_pop_head(&run->lane->children)))
    {
      Way way;
      _begin_way(&way, run, child);
      if (_prepare(&way))
        _go(&way);
      g_free(child);
    }
  if (run->lane->adoptions->len)
    siaga_parent_adopt(run);
}

static inline void
_process_children(SiagaRun *run)
{
  const SiagaLane *lane = run->lane;
  if (G_UNLIKELY(lane->children.head || lane->adoptions->len))
    _process_born(run);
}

void
siaga_process_record(SiagaRun *run, const SiagaRecord *record)
{
  Way way;
  const SiagaHint *hint = siaga_stream_hint(record);
  _begin_way(&way, run, record);
  if (hint->key)
    _follow_hint(&way, hint);
  _look_ahead(run);
  if (hint->key || _prepare(&way))
    _go(&way);
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
  if (_is_unheard(run, watch, timer->due))
    {
      siaga_stream_postpone(run->stream, timer);
      _tell_silence(run);
      return;
    }
  SiagaVerdict verdict;
  _set_decision(run, key, watch, siaga_temporal_decide(window, watch, timer->due - watch->timespan, &verdict));
  if (verdict.satisfied)
    siaga_life_judge(run, shard, key, window, watch, NULL, verdict.at, &verdict);
}

static void
_process_timer(SiagaRun *run, const SiagaTimer *timer)
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
  _process_children(run);
}

/* In the time of what it is for, which may be behind the stream's. */
void
siaga_process_timer(SiagaRun *run, const SiagaTimer *timer)
{
  SiagaTimer own = *timer;
  SiagaTime clock = run->clock, behind = run->behind;
  own.due -= own.behind;
  run->clock -= own.behind;
  run->behind = own.behind;
  _process_timer(run, &own);
  run->clock = clock;
  run->behind = behind;
}

/* After a restore: the timers that the window would have. */
void
siaga_process_rearm(SiagaCorrelator *self, SiagaStream *stream, const SiagaKey *key, SiagaWindow *window)
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
  if (watch->ended)
    _set_decision(&run, key, watch,
                  siaga_temporal_rearm(window, watch, stream->watermark - self->options.reorder_window));
}
