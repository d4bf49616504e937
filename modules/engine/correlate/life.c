/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Which incident an event belongs to, when one opens, changes, closes, and what of that is told. */

#include "core.h"

#include <string.h>

static void
_count_open(SiagaCorrelator *self, const SiagaCase *cas, gint64 sign)
{
  if (cas->watch->silent)
    return;
  __atomic_fetch_add(&self->totals.open, sign, __ATOMIC_RELAXED);
  __atomic_fetch_add(&self->totals.by_level_open[cas->level], sign, __ATOMIC_RELAXED);
}

void
siaga_life_emit(SiagaRun *run, SiagaCase *cas, SiagaIncidentState state)
{
  if (cas->watch->silent)
    return;
  cas->updated = MAX(cas->updated, cas->changed);
  if (!siaga_delivery_board(run->self, cas))
    {
      siaga_delivery_wait(run->self, cas);
      return;
    }
  cas->ready = FALSE;
  cas->revision++;
  g_ptr_array_add(run->changes->changes, siaga_case_snapshot(cas, run->self->plan, state));
  if (state == SIAGA_INCIDENT_UPDATE)
    siaga_counter_add(&run->self->totals.updates, 1);
}

static SiagaTime
_due(const SiagaRun *run, const SiagaCase *cas)
{
  return MIN(siaga_case_due(cas), cas->opened + run->self->options.max_open);
}

/* When a case that closed is of no use any more: late events may belong to it, and what was rolled over goes on until
 * its condition has been false for one timespan, like any other. */
static SiagaTime
_useless(const SiagaRun *run, const SiagaCase *cas)
{
  return (cas->kept ? siaga_case_due(cas) : _due(run, cas)) + run->self->options.max_lateness;
}

/* The run's stream wakes the case when it may be over. */
static void
_set_timer(SiagaRun *run, SiagaCase *cas)
{
  guint64 bit = siaga_stream_bit(run->stream->id);
  cas->stream = run->stream->id;
  if (cas->timer_bits & bit)
    return;
  SiagaTimer timer = { .due = cas->open ? _due(run, cas) : _useless(run, cas),
                       .hash = cas->key->hash,
                       .cas = siaga_case_tag(cas),
                       .group = cas->key->group,
                       .watch = cas->watch->position,
                       .kind = SIAGA_TIMER_CASE,
                       .behind = run->behind };
  cas->timer_bits |= bit;
  siaga_stream_set_timer(run->stream, &timer);
}

/* At its opening all that the incident knows goes along, later what the event brought and what never changed. */
static void
_add_column(const SiagaCase *cas, const SiagaRecordView *record, guint column, gboolean opening, SiagaPack *out)
{
  const SiagaSketch *track = cas->tracks[column];
  if (!opening && record && record->first[column])
    {
      for (guint i = record->first[column]; i; i = record->values[i - 1].next)
        siaga_record_add_value(out, column, record->values[i - 1].text, record->values[i - 1].length);
      return;
    }
  for (guint i = 0; track && (opening || track->count == 1) && i < track->count; i++)
    siaga_record_add_value(out, column, track->names[i], strlen(track->names[i]));
}

/* A record for the correlations that refer to this one, so that they find their group-by; the incident's id goes along.
 */
static void
_tell_outer(SiagaRun *run, SiagaCase *cas, const SiagaRecordView *record, SiagaTime time, gboolean opening, guint flags)
{
  guint16 rule = cas->watch->rule;
  guint depth = record ? record->record->depth + 1 : 1;
  SiagaPack *out = run->lane->pack;
  if (depth > SIAGA_DEPTH_MAX)
    return;
  siaga_record_begin(out, time, run->stream->id, SIAGA_RF_CHILD | flags, &rule, 1);
  for (guint column = 0; column < cas->track_count; column++)
    _add_column(cas, record, column, opening, out);
  siaga_record_end_child(out, cas->id, depth);
  SiagaRecord *copy = g_memdup2(out->bytes, out->length);
  copy->line_hash = cas->key->hash; /* where it is found */
  g_queue_push_tail(&run->lane->children, copy);
}

/* Values of the outer rules' group-by that the case has seen. */
static guint
_count_outer_values(const SiagaCase *cas)
{
  guint count = 0;
  for (guint64 columns = cas->watch->outer_columns; columns; columns &= columns - 1)
    {
      const SiagaSketch *track = cas->tracks[__builtin_ctzll(columns)];
      count += track ? track->count : 0;
    }
  return count;
}

static gboolean
_is_listed(const gchar *list, const gchar *word)
{
  gsize length = strlen(word);
  for (const gchar *at = list; at && (at = strstr(at, word)); at += length)
    if ((at == list || at[-1] == ',') && (!at[length] || at[length] == ','))
      return TRUE;
  return FALSE;
}

/* The law counts from the moment somebody could know. */
static void
_set_deadline(const SiagaCorrelator *self, SiagaCase *cas)
{
  guint8 column = self->plan->tracked_of[SIAGA_F_VICTIM_SECTOR];
  const SiagaSketch *sectors = column < SIAGA_TRACKED_MAX ? cas->tracks[column] : NULL;
  for (guint i = 0; sectors && !cas->report_due && self->options.report_within && i < sectors->count; i++)
    if (_is_listed(self->options.vital_sectors, sectors->names[i]))
      cas->report_due = cas->opened + self->options.report_within;
}

/* Campaigns and the correlations that refer to it hear of an incident when it opens, or when it is no longer mild. */
static void
_announce(SiagaRun *run, SiagaCase *cas, const SiagaRecordView *record, SiagaTime time)
{
  siaga_campaign_tell(run, cas, time);
  if (cas->watch->outer)
    _tell_outer(run, cas, record, time, TRUE, 0);
}

/* CAS comes after OLDER, and names it where that one was rolled over and its condition was not false for a timespan
 * since. */
static void
_follow(const SiagaRun *run, SiagaShard *shard, SiagaCase *cas, SiagaCase *older, SiagaTime time)
{
  cas->older = older;
  if (!older)
    return;
  if (older->reason == SIAGA_CLOSE_ROLLED && time > _due(run, older) && time <= siaga_case_due(older))
    {
      memcpy(cas->previous, older->id, sizeof cas->previous);
      cas->has_previous = TRUE;
    }
  if (!older->kept || older->ready || older->in_flight)
    return;
  cas->older = older->older;
  siaga_life_forget(shard, older);
}

/* What a case that begins counts was told before it did, but for the last of it. */
static void
_take_parts(SiagaRun *run, const SiagaCase *cas, const SiagaCaseStart *start, const SiagaRecordView *record)
{
  SiagaRecordView view;
  for (guint i = 0; i < start->earlier_count; i++)
    if (siaga_record_open(&view, start->earlier[i], start->earlier[i]->size))
      siaga_parent_take(run, cas, &view);
  if (record)
    siaga_parent_take(run, cas, record);
}

static SiagaCase *
_open(SiagaRun *run, SiagaShard *shard, SiagaKey *key, SiagaWindow *window, SiagaWatch *watch,
      const SiagaRecordView *record, SiagaTime time, const SiagaVerdict *verdict, SiagaCase *older)
{
  const SiagaRecord *earlier[SIAGA_PRELUDE_EVENTS];
  guint count = siaga_prelude_collect(&shard->prelude, key->hash, watch->position, verdict->first, earlier);
  SiagaCaseStart start = { run->self->plan, watch, key,     siaga_core_handle(key->hash, watch->position),
                           verdict,         time,  earlier, count };
  SiagaCase *cas = siaga_case_new(&start, record);

  if (watch->mild && siaga_mild_holds(cas, run->self->plan, window))
    siaga_case_begin_mild(cas);
  _follow(run, shard, cas, older, time);
  window->flags |= SIAGA_WF_CASE;
  cas->degraded =
      window->flags & SIAGA_WF_DEGRADED || siaga_evict_has_lost(shard, watch->group, verdict->at - watch->timespan);
  if (cas->degraded)
    siaga_counter_add(&run->self->totals.degraded, 1);
  if (watch->kind == SIAGA_WK_STAGES)
    siaga_campaign_fill(run, cas, window);
  if (watch->parts)
    _take_parts(run, cas, &start, record);
  g_hash_table_replace(shard->cases, &cas->handle, cas);
  siaga_evict_spare(shard, cas);
  siaga_core_charge(shard, cas);
  siaga_counter_add(&watch->incidents, 1);
  if (!watch->silent)
    siaga_counter_add(&run->self->totals.opened, 1);
  _count_open(run->self, cas, 1);
  _set_deadline(run->self, cas);
  _set_timer(run, cas);
  siaga_life_emit(run, cas, SIAGA_INCIDENT_OPEN);
  if (!siaga_case_is_mild(cas))
    _announce(run, cas, record, time);
  return cas;
}

/* TRUE when it was mild and is no longer. */
static gboolean
_ends_mild(const SiagaRun *run, SiagaCase *cas, const SiagaWindow *window, SiagaTime time)
{
  if (!siaga_case_is_mild(cas) || siaga_mild_holds(cas, run->self->plan, window))
    return FALSE;
  siaga_case_end_mild(cas, time);
  return TRUE;
}

static void
_tell_growth(SiagaRun *run, SiagaCase *cas, const SiagaRecordView *record, SiagaTime time, guint outer_values_before)
{
  /* A new value of an outer group-by is a key that has not heard of the incident yet. */
  if (_count_outer_values(cas) > outer_values_before)
    _tell_outer(run, cas, record, time, FALSE, 0);
  else if (cas->watch->recurs)
    _tell_outer(run, cas, record, time, FALSE, SIAGA_RF_RECUR);
}

static void
_grow(SiagaRun *run, SiagaShard *shard, SiagaCase *cas, const SiagaWindow *window, const SiagaRecordView *record,
      SiagaTime time, const SiagaVerdict *verdict)
{
  gboolean news = FALSE;
  guint outer_values = _count_outer_values(cas);

  _count_open(run->self, cas, cas->open ? -1 : 0);
  if (!cas->open)
    {
      cas->overdue = FALSE;
      cas->open = news = TRUE;
      cas->reason = SIAGA_CLOSE_NONE;
      siaga_case_note(cas, time, "reopened");
    }
  if (verdict->satisfied)
    {
      cas->until = MAX(cas->until, verdict->until);
      cas->first = MIN(cas->first, verdict->first);
    }
  if (record)
    news = siaga_case_grow(cas, run->self->plan, record, time) || news;
  else
    siaga_case_go_on(cas, time, verdict);
  gboolean ends_mild = _ends_mild(run, cas, window, time);
  news = news || ends_mild;
  _set_deadline(run->self, cas);
  if (cas->watch->kind == SIAGA_WK_STAGES)
    siaga_campaign_fill(run, cas, window);
  if (cas->watch->parts && record)
    siaga_parent_take(run, cas, record);
  cas->degraded = cas->degraded || window->flags & SIAGA_WF_DEGRADED;
  siaga_core_charge(shard, cas);
  siaga_evict_spare(shard, cas);
  _count_open(run->self, cas, 1);
  _set_timer(run, cas);
  if (news || cas->watch->kind == SIAGA_WK_STAGES || time - cas->updated >= run->self->options.update_interval)
    siaga_life_emit(run, cas, SIAGA_INCIDENT_UPDATE);
  if (ends_mild)
    _announce(run, cas, record, time);
  else if (record && !siaga_case_is_mild(cas))
    _tell_growth(run, cas, record, time, outer_values);
  else if (record && cas->watch->recurs && siaga_mild_is_long(cas, run->self->plan, window))
    _tell_outer(run, cas, record, time, FALSE, SIAGA_RF_RECUR);
}

/* An event belongs from the incident's begin to the moment it closes; one before the begin belongs when it makes the
 * condition true so near that the two are one. */
static gboolean
_belongs(const SiagaRun *run, const SiagaCase *cas, SiagaTime time, const SiagaVerdict *verdict)
{
  if (cas->kept || time > _due(run, cas))
    return FALSE;
  return time >= cas->first || (verdict->satisfied && verdict->until + cas->watch->timespan >= cas->first);
}

void
siaga_life_close(SiagaRun *run, SiagaShard *shard, SiagaCase *cas, SiagaTime time, SiagaCloseReason reason)
{
  if (!cas->open)
    return;
  cas->open = FALSE;
  cas->reason = reason;
  cas->changed = MAX(cas->changed, time);
  siaga_case_note(cas, time, "closed: %s", siaga_close_reason_name(reason));
  siaga_core_charge(shard, cas);
  _count_open(run->self, cas, -1);
  if (!cas->watch->silent)
    siaga_counter_add(&run->self->totals.closed, 1);
  siaga_life_emit(run, cas, SIAGA_INCIDENT_CLOSE);
}

static void
_close_by_time(SiagaRun *run, SiagaShard *shard, SiagaCase *cas)
{
  SiagaTime due = _due(run, cas);
  siaga_life_close(run, shard, cas, due, due < siaga_case_due(cas) ? SIAGA_CLOSE_ROLLED : SIAGA_CLOSE_QUIET);
}

void
siaga_life_judge(SiagaRun *run, SiagaShard *shard, SiagaKey *key, SiagaWindow *window, SiagaWatch *watch,
                 const SiagaRecordView *record, SiagaTime time, const SiagaVerdict *verdict)
{
  SiagaCase *newest = NULL;
  if (window->flags & SIAGA_WF_CASE)
    {
      guint64 handle = siaga_core_handle(key->hash, watch->position);
      newest = g_hash_table_lookup(shard->cases, &handle);
    }
  for (SiagaCase *cas = newest; cas; cas = cas->older)
    if (_belongs(run, cas, time, verdict))
      {
        if (record || verdict->satisfied)
          _grow(run, shard, cas, window, record, time, verdict);
        return;
      }
  if (!verdict->satisfied || siaga_mild_is_beside(watch, run->self->plan, key, window, time))
    return;
  /* In event order the one before is over; its close goes out first. */
  if (newest && newest->open && time > _due(run, newest))
    _close_by_time(run, shard, newest);
  _open(run, shard, key, window, watch, record, time, verdict, newest);
}

void
siaga_life_forget(SiagaShard *shard, SiagaCase *cas)
{
  SiagaCase *newest = g_hash_table_lookup(shard->cases, &cas->handle);
  siaga_core_count(&shard->case_bytes, -(guint64) cas->charged);
  siaga_evict_leave(cas);
  if (newest == cas)
    {
      g_hash_table_remove(shard->cases, &cas->handle);
      if (cas->older)
        g_hash_table_insert(shard->cases, &cas->older->handle, cas->older);
      else
        {
          SiagaWindow *window = siaga_key_window(cas->key, cas->watch->position);
          if (window)
            window->flags &= ~SIAGA_WF_CASE;
        }
    }
  else
    {
      while (newest->older != cas)
        newest = newest->older;
      newest->older = cas->older;
    }
  siaga_case_free(cas);
}

/* Whether what has closed may have a successor yet that names it.  Its lines are told and go, unless it waits for its
 * delivery. */
static gboolean
_keep(const SiagaRun *run, SiagaShard *shard, SiagaCase *cas, SiagaTime now)
{
  cas->kept = cas->reason == SIAGA_CLOSE_ROLLED && g_hash_table_lookup(shard->cases, &cas->handle) == cas &&
              siaga_case_due(cas) > now - run->self->options.max_lateness;
  if (!cas->kept || cas->ready || cas->in_flight)
    return cas->kept;
  siaga_case_shrink(cas);
  siaga_core_charge(shard, cas);
  return TRUE;
}

/* NOW: the timer's moment; the clock may be far ahead of it, with decisions in between that are not taken yet. */
static void
_check(SiagaRun *run, SiagaShard *shard, SiagaCase *cas, SiagaTime now)
{
  guint64 bit = siaga_stream_bit(run->stream->id);
  cas->timer_bits &= ~bit;
  /* Another stream fed it last: that one's time decides. */
  if (cas->stream != run->stream->id && cas->timer_bits)
    return;
  if (cas->open && _due(run, cas) <= now)
    _close_by_time(run, shard, cas);
  if (!cas->open && _due(run, cas) <= now - run->self->options.max_lateness && !_keep(run, shard, cas, now))
    {
      cas->overdue = TRUE;
      if (!cas->ready && !cas->in_flight)
        siaga_life_forget(shard, cas);
      return;
    }
  _set_timer(run, cas);
}

/* Only the incident whose timer it is: the others of the key have their own. */
void
siaga_life_check(SiagaRun *run, SiagaShard *shard, SiagaKey *key, SiagaWatch *watch, const SiagaTimer *timer)
{
  guint64 handle = siaga_core_handle(key->hash, watch->position);
  for (SiagaCase *cas = g_hash_table_lookup(shard->cases, &handle), *older; cas; cas = older)
    {
      older = cas->older;
      if (siaga_case_tag(cas) == timer->cas)
        _check(run, shard, cas, timer->due);
    }
}

void
siaga_life_restore(SiagaCorrelator *self, SiagaShard *shard, SiagaKey *key, SiagaWindow *window, SiagaWatch *watch,
                   SiagaCase *cas)
{
  SiagaRun run = { .self = self, .stream = siaga_core_stream(self, cas->stream) };
  cas->handle = siaga_core_handle(key->hash, watch->position);
  cas->key = key;
  cas->watch = watch;
  cas->older = g_hash_table_lookup(shard->cases, &cas->handle);
  window->flags |= SIAGA_WF_CASE;
  g_hash_table_replace(shard->cases, &cas->handle, cas);
  siaga_evict_spare(shard, cas);
  cas->charged = 0; /* another shard's, or none's */
  siaga_core_charge(shard, cas);
  if (cas->open)
    _count_open(self, cas, 1);
  if (cas->ready)
    siaga_delivery_wait(self, cas);
  if (!cas->overdue)
    _set_timer(&run, cas);
}
