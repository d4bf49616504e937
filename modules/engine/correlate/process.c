/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A record's way: which windows it reaches, under which keys; and the records that it gives birth to. */

#include "acquaint.h"
#include "decide.h"
#include "foresee.h"
#include "visit.h"
#include "window-kinds.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COMBINATIONS_MAX 8

static void
_add_task(SiagaTask *tasks, guint *count, const SiagaFeed *feed)
{
  for (guint i = 0; i < *count; i++)
    if (tasks[i].feed->watch == feed->watch && memcmp(tasks[i].feed->columns, feed->columns, feed->group_count) == 0)
      {
        tasks[i].steps |= feed->step;
        return;
      }
  if (*count < SIAGA_TASKS_MAX)
    tasks[(*count)++] = (SiagaTask){ feed, feed->step };
}

/* The counted value: one field, or a tuple that counts as a whole.  FALSE when a field is missing. */
static gboolean
_read_sample(const SiagaCorrelator *self, const SiagaTask *task, const SiagaRecordView *record, SiagaSample *sample)
{
  gchar text[32] = "";
  gsize length = 0;
  guint64 hash = 0;
  for (guint i = 0; i < task->feed->value_count; i++)
    {
      const SiagaRecordValue *value = siaga_record_get(record, task->feed->values[i]);
      if (!value)
        return FALSE;
      hash = siaga_value_hash(self, hash, value->text, value->length);
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

static void
_note_host(SiagaRun *run, const gchar *host, guint length)
{
  gchar *known = run->stream->host;
  if (length >= sizeof run->stream->host || (!known[length] && memcmp(known, host, length) == 0))
    return;
  memcpy(known, host, length);
  known[length] = '\0';
}

/* Every combination of the group-by's values, like an odometer that begins at AT. */
static G_GNUC_NO_INLINE void
_visit_combinations(SiagaWay *way, const SiagaTask *task, const SiagaRecordValue **at, const SiagaSample *sample)
{
  const SiagaFeed *feed = task->feed;
  guint turn = 0;

  for (guint visits = 0; visits < COMBINATIONS_MAX && turn < feed->group_count; visits++)
    {
      siaga_way_write_key(way, feed, at);
      siaga_visit(way, task, sample);
      for (turn = 0; turn < feed->group_count; turn++)
        {
          if (at[turn] && at[turn]->next)
            {
              at[turn] = &way->view.values[at[turn]->next - 1];
              break;
            }
          at[turn] = siaga_way_group_value(way, feed, turn);
        }
    }
  way->text.group = -1;
}

/* Incidents are told to campaigns with both attacker and victim or one of them: what is missing there is no fault. */
static void
_count_missing(const SiagaWay *way, const SiagaFeed *feed)
{
  if (feed->watch->kind == SIAGA_WK_STAGES)
    return;
  siaga_counter_add(&feed->watch->missing_field, 1);
  siaga_counter_bump(&way->run->lane->totals.missing_field, 1);
}

static SIAGA_INLINE void
_run_task(SiagaWay *way, const SiagaTask *task, SiagaSample *sample)
{
  const SiagaFeed *feed = task->feed;
  const SiagaRecordValue *at[SIAGA_GROUP_MAX];
  gboolean list = FALSE, known = siaga_way_has_key(way, feed);
  sample->steps = task->steps;
  if ((!known || feed->value_count) && !siaga_way_open(way))
    return;
  if (G_UNLIKELY(feed->watch->friends != G_MAXUINT) && siaga_acquaint_is_friend(way, feed->watch))
    return;
  if ((!known && !siaga_way_find_group(way, feed, at, &list)) ||
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
    siaga_way_write_key(way, feed, at);
  siaga_visit(way, task, sample);
}

/* What windows see of the record whatever the rule. */
static void
_begin_sample(SiagaWay *way, SiagaSample *sample)
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
_run_rule(SiagaWay *way, guint rule, SiagaSample *sample)
{
  const SiagaPlan *plan = way->run->self->plan;
  for (guint f = plan->first_feed[rule]; f < plan->first_feed[rule + 1]; f++)
    {
      const SiagaFeed *feed = &g_array_index(plan->feeds, SiagaFeed, f);
      if (_hears(feed, way->record))
        _run_task(way, &(SiagaTask){ feed, feed->step }, sample);
    }
}

static G_GNUC_NO_INLINE void
_run_rules(SiagaWay *way, SiagaSample *sample)
{
  const SiagaPlan *plan = way->run->self->plan;
  const guint16 *rules = siaga_record_rules(way->record);
  SiagaTask tasks[SIAGA_TASKS_MAX];
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
_begin_way(SiagaWay *way, SiagaRun *run, const SiagaRecord *record)
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
_prepare(SiagaWay *way)
{
  if (!siaga_way_open(way))
    return FALSE;
  const SiagaRecordValue *host = siaga_record_get(&way->view, way->run->self->plan->tracked_of[SIAGA_F_HOST_HOSTNAME]);
  if (host && !way->view.child)
    _note_host(way->run, host->text, host->length);
  return TRUE;
}

/* With one. */
static void
_follow_hint(SiagaWay *way, const SiagaHint *hint)
{
  const SiagaFeed *feed = &g_array_index(way->run->self->plan->feeds, SiagaFeed, hint->feed);
  SiagaKeyText *text = &way->text;
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
_go(SiagaWay *way)
{
  SiagaSample sample;
  _begin_sample(way, &sample);
  if (way->record->rule_count == 1)
    _run_rule(way, siaga_record_rules(way->record)[0], &sample);
  else
    _run_rules(way, &sample);
  siaga_way_leave_shard(way);
}

void
siaga_process_born(SiagaRun *run)
{
  SiagaRecord *child;
  while (run->lane->children.head && (child = g_queue_pop_head(&run->lane->children)))
    {
      SiagaWay way;
      _begin_way(&way, run, child);
      if (_prepare(&way))
        _go(&way);
      g_free(child);
    }
  if (run->lane->adoptions->len)
    siaga_parent_adopt(run);
}

void
siaga_process_record(SiagaRun *run, const SiagaRecord *record)
{
  SiagaWay way;
  const SiagaHint *hint = siaga_stream_hint(record);
  _begin_way(&way, run, record);
  if (hint->key)
    _follow_hint(&way, hint);
  siaga_foresee_next(run);
  if (hint->key || _prepare(&way))
    _go(&way);
  siaga_process_children(run);
}
