/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Events in, incident changes out: times, streams, sorting, timers. */

#include "core.h"
#include "decide.h"
#include "foresee.h"

#include <string.h>

void
siaga_correlator_options_init(SiagaCorrelatorOptions *self)
{
  memset(self, 0, sizeof *self);
  self->memory_limit = 120 * 1024 * 1024;
  self->reorder_window = 2 * SIAGA_SECOND;
  self->max_lateness = 600 * SIAGA_SECOND;
  self->max_open = 86400 * SIAGA_SECOND;
  self->update_interval = 300 * SIAGA_SECOND;
  self->alert_level = SIAGA_LEVEL_HIGH;
  self->shards = 16;
  /* Vital information infrastructure: BSSN Regulation 1/2024 after Presidential Regulation 82/2022. */
  self->vital_sectors = "government,military,village,energy,transport,finance,health,ict,food,defence";
  self->report_within = 24 * 3600 * SIAGA_SECOND;
}

void
siaga_changes_init(SiagaChanges *self)
{
  self->changes = g_ptr_array_new_with_free_func((GDestroyNotify) siaga_incident_free);
}

void
siaga_changes_clear(SiagaChanges *self)
{
  g_clear_pointer(&self->changes, g_ptr_array_unref);
}

static void
_init_shards(SiagaCorrelator *self)
{
  self->options.shards = g_bit_nth_msf(CLAMP(self->options.shards, 1, 256), -1);
  self->options.shards = 1u << self->options.shards;
  self->shards = siaga_apart_new(self->options.shards * sizeof self->shards[0]);
  for (guint i = 0; i < self->options.shards; i++)
    {
      SiagaShard *shard = &self->shards[i];
      shard->keys = (SiagaKeys){ .partitions = self->partitions,
                                 .first = i,
                                 .stride = self->options.shards,
                                 .bytes = &shard->key_bytes,
                                 .keys = &shard->key_count };
      siaga_keys_recount(&shard->keys, g_new0(SiagaUse, self->plan->watches->len + 1), self->plan->watches->len);
      shard->cases = g_hash_table_new(g_int64_hash, g_int64_equal);
      shard->hand = i;
      shard->lost = g_array_new(FALSE, TRUE, sizeof(SiagaTime));
    }
}

static void
_init_lanes(SiagaCorrelator *self)
{
  for (guint i = 0; i < SIAGA_LANES; i++)
    {
      SiagaLane *lane = &self->lanes[i];
      lane->streams = g_hash_table_new_full(g_int64_hash, g_int64_equal, NULL, (GDestroyNotify) siaga_stream_free);
      lane->matches = siaga_apart_new((self->plan->watches->len + 1) * sizeof lane->matches[0]);
      lane->hits = siaga_apart_new((self->plan->view.count + 1) * sizeof lane->hits[0]);
      lane->pack = siaga_pack_new();
      g_queue_init(&lane->children);
      lane->adoptions = g_array_new(FALSE, FALSE, sizeof(SiagaAdoption));
    }
}

SiagaCorrelator *
siaga_correlator_new_view(const SiagaRuleView *view, const SiagaCorrelatorOptions *options)
{
  SiagaCorrelator *self = siaga_apart_new(sizeof *self);
  self->options = *options;
  self->options.state_dir = g_strdup(options->state_dir);
  self->options.state_name = g_strdup(options->state_name);
  self->options.vital_sectors = g_strdup(options->vital_sectors);
  self->plan = siaga_plan_new(view, options->alert_level);
  self->seed.k0 = (guint64) g_random_int() << 32 | g_random_int();
  self->seed.k1 = (guint64) g_random_int() << 32 | g_random_int();
  _init_shards(self);
  _init_lanes(self);
  g_mutex_init(&self->pending_mutex);
  siaga_delivery_init(&self->delivery);
  self->pending = g_ptr_array_new_with_free_func((GDestroyNotify) siaga_incident_free);
  return self;
}

static void
_free_cases(SiagaShard *shard)
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init(&iter, shard->cases);
  while (g_hash_table_iter_next(&iter, NULL, &value))
    for (SiagaCase *cas = value, *older; cas; cas = older)
      {
        older = cas->older;
        siaga_case_free(cas);
      }
  g_hash_table_unref(shard->cases);
}

static void
_free_shards(SiagaCorrelator *self)
{
  for (guint i = 0; i < self->options.shards; i++)
    {
      _free_cases(&self->shards[i]);
      siaga_prelude_clear(&self->shards[i].prelude);
      g_array_unref(self->shards[i].lost);
    }
  for (guint i = 0; i < SIAGA_PARTITIONS; i++)
    siaga_keys_clear(&self->shards[i % self->options.shards].keys, i);
  for (guint i = 0; i < self->options.shards; i++)
    {
      siaga_pool_clear(&self->shards[i].keys.pool);
      g_free(self->shards[i].keys.uses);
    }
  siaga_apart_free(self->shards);
}

void
siaga_correlator_free(SiagaCorrelator *self)
{
  if (!self)
    return;
  siaga_persistence_free(self);
  _free_shards(self);
  for (guint i = 0; i < SIAGA_LANES; i++)
    {
      g_hash_table_unref(self->lanes[i].streams);
      siaga_apart_free(self->lanes[i].matches);
      siaga_apart_free(self->lanes[i].hits);
      g_free(self->lanes[i].pack);
      g_array_unref(self->lanes[i].adoptions);
    }
  siaga_delivery_clear(&self->delivery);
  g_ptr_array_unref(self->pending);
  g_mutex_clear(&self->pending_mutex);
  siaga_plan_free(self->plan);
  g_free((gchar *) self->options.state_dir);
  g_free((gchar *) self->options.state_name);
  g_free((gchar *) self->options.vital_sectors);
  siaga_apart_free(self);
}

static SiagaLane *
_lane_of(SiagaCorrelator *self, guint64 stream)
{
  return &self->lanes[siaga_hash_mix(stream) % SIAGA_LANES];
}

/* Beyond the cap streams share one of their lane. */
static SiagaStream *
_find_stream(SiagaLane *lane, guint64 id)
{
  SiagaStream *stream = lane->last = g_hash_table_lookup(lane->streams, &id);
  if (stream)
    return stream;
  if (g_hash_table_size(lane->streams) >= SIAGA_STREAMS_PER_LANE)
    {
      id = 0;
      stream = g_hash_table_lookup(lane->streams, &id);
      if (stream)
        return stream;
    }
  stream = siaga_stream_new(id);
  g_hash_table_insert(lane->streams, &stream->id, stream);
  return stream;
}

static inline SiagaStream *
_stream_of(SiagaLane *lane, guint64 id)
{
  return G_LIKELY(lane->last && lane->last->id == id) ? lane->last : _find_stream(lane, id);
}

/* The stream's time, ELAPSED later, less what may still come before it. */
static SiagaTime
_clock(const SiagaRun *run, SiagaTime elapsed)
{
  SiagaTime watermark = run->stream->watermark;
  return watermark == G_MININT64 ? watermark : watermark + elapsed - run->self->options.reorder_window;
}

/* FALSE when what waits takes too much of the budget: it goes on unsorted. */
static gboolean
_sorts_on(const SiagaRun *run)
{
  return siaga_counter_get(&run->lane->totals.queued_bytes) <= run->self->options.memory_limit / 8;
}

/* All that is old enough goes on; then what time brings about.  CLOCK: the stream's time, less the reorder window. */
static void
_proceed(SiagaRun *run, SiagaTime clock)
{
  SiagaRecord *record;
  SiagaTimer timer;

  run->clock = clock;
  while ((record = siaga_stream_pop(run->stream, _sorts_on(run) ? clock : G_MAXINT64)))
    {
      siaga_counter_bump(&run->lane->totals.queued_bytes, -(guint64) record->size);
      /* What an earlier time decides comes first. */
      run->clock = record->time;
      while (siaga_stream_has_timer(run->stream, run->clock) &&
             siaga_stream_take_timer(run->stream, run->clock, &timer))
        siaga_decide_timer(run, &timer);
      siaga_process_record(run, record);
      siaga_stream_release(run->stream, record);
    }
  run->behind = 0;
  run->clock = clock;
  while (siaga_stream_has_timer(run->stream, clock) && siaga_stream_take_timer(run->stream, clock, &timer))
    siaga_decide_timer(run, &timer);
}

static void
_take_waiting(SiagaCorrelator *self, SiagaChanges *changes)
{
  siaga_delivery_drain(self, changes);
  if (!g_atomic_int_get(&self->has_pending))
    return;
  g_mutex_lock(&self->pending_mutex);
  while (self->pending->len)
    g_ptr_array_add(changes->changes, g_ptr_array_steal_index(self->pending, 0));
  g_atomic_int_set(&self->has_pending, 0);
  g_mutex_unlock(&self->pending_mutex);
}

static inline void
_take_pending(SiagaCorrelator *self, SiagaChanges *changes)
{
  if (G_UNLIKELY(g_atomic_int_get(&self->delivery.has_waiting) || g_atomic_int_get(&self->has_pending)))
    _take_waiting(self, changes);
}

/* A broken clock's stamp must not make all that follows late: without a receipt to judge it by, the time leaps a day
 * only when the next event says so too. */
static inline gboolean
_may_move(SiagaStream *stream, const SiagaOrigin *origin, SiagaTime time, SiagaTime lateness)
{
  if (origin->received || stream->watermark == G_MININT64 || time <= stream->watermark + SIAGA_LEAP)
    {
      stream->leap = 0;
      return TRUE;
    }
  gboolean confirmed = stream->leap && time >= stream->leap - lateness;
  stream->leap = confirmed ? 0 : time;
  return confirmed;
}

/* No stamp moves a stream's time past its receipt, so a stream ahead of the receipt was moved by a clock of this
 * machine that has been set back since.  Its future is over; otherwise all that follows would be late until it is
 * reached again. */
static G_GNUC_NO_INLINE void
_follow_clock_back(SiagaRun *run, const SiagaOrigin *origin)
{
  SiagaStream *stream = run->stream;
  _proceed(run, stream->watermark);
  stream->watermark = stream->since = origin->received;
}

/* Too late for the stream: is it for its own host, too, whose newest time before was OWN? */
static G_GNUC_NO_INLINE gboolean
_place_behind(SiagaRun *run, SiagaTime own, SiagaTime time)
{
  run->stream->idle_since = 0;
  if (own == G_MININT64 || time >= own - run->self->options.max_lateness)
    {
      run->behind = run->stream->watermark - time; /* it goes on at once, and alone */
      return TRUE;
    }
  siaga_counter_bump(&run->lane->totals.late, 1);
  return FALSE;
}

/* Reads the event's time against its receipt, its stream and its host: FALSE when it is too late. */
static SIAGA_INLINE gboolean
_place_in_time(SiagaRun *run, const SiagaOrigin *origin, SiagaTime *time)
{
  SiagaCorrelator *self = run->self;
  SiagaLane *lane = run->lane;
  SiagaStream *stream = run->stream;
  if (G_UNLIKELY(origin->received && stream->watermark > origin->received + SIAGA_FUTURE))
    _follow_clock_back(run, origin);
  gboolean future = origin->received && *time > origin->received + SIAGA_FUTURE;
  if (future)
    {
      *time = origin->received;
      siaga_counter_bump(&lane->totals.future, 1);
    }
  stream->silent = FALSE;
  if (G_UNLIKELY(stream->postponed))
    siaga_stream_resume(stream);
  SiagaTime own = origin->host ? siaga_stream_hear(stream, origin->host, *time) : stream->watermark;
  if (stream->watermark != G_MININT64 && *time < stream->watermark)
    {
      stream->leap = 0;
      if (*time < stream->watermark - self->options.max_lateness)
        return _place_behind(run, own, *time);
      siaga_counter_bump(&lane->totals.out_of_order, 1);
    }
  else if (!future && _may_move(stream, origin, *time, self->options.max_lateness))
    stream->watermark = *time;
  stream->since = MIN(stream->since, *time);
  stream->idle_since = 0;
  return TRUE;
}

#define PRELUDE_SHARE 32 /* of the memory limit */

void
siaga_core_keep_prelude(SiagaCorrelator *self, SiagaShard *shard, guint64 hash, guint watch, const SiagaRecord *record)
{
  guint64 room = self->options.memory_limit / PRELUDE_SHARE / self->options.shards;
  if (siaga_prelude_add(&shard->prelude, MIN(room, G_MAXINT32), hash, watch, record))
    siaga_core_count(&shard->case_bytes, shard->prelude.room + SIAGA_PRELUDE_HEADS * sizeof(guint64));
}

SiagaStream *
siaga_core_stream(SiagaCorrelator *self, guint64 id)
{
  return _stream_of(_lane_of(self, id), id);
}

void
siaga_core_count_queued(SiagaCorrelator *self, const SiagaStream *stream, gsize bytes)
{
  siaga_counter_bump(&_lane_of(self, stream->id)->totals.queued_bytes, bytes);
}

/* RECORD has its place in the stream's block. */
static SIAGA_INLINE void
_enter(SiagaRun *run, SiagaRecord *record)
{
  SiagaLaneTotals *totals = &run->lane->totals;
  siaga_counter_bump(&totals->hits, 1);
  siaga_counter_bump(&totals->queued_bytes, record->size);
  if (record->flags & SIAGA_RF_RECEIVED)
    siaga_counter_bump(&totals->received_time, 1);
  siaga_persistence_append(run->self, record);
  siaga_stream_remember(run->stream, record->line_hash);
  siaga_stream_commit(run->stream, record);
  _proceed(run, _clock(run, 0));
}

/* A record that was held and is news; its time may be corrected. */
static G_GNUC_NO_INLINE void
_accept(SiagaRun *run, const SiagaRecord *record, SiagaTime received)
{
  SiagaOrigin origin = { .received = received };
  SiagaTime time = record->time;
  if (!_place_in_time(run, &origin, &time))
    return;
  SiagaRecord *copy = siaga_stream_reserve(run->stream, record->size);
  memcpy(copy, record, record->size);
  copy->time = time;
  _enter(run, copy);
}

/* What was held goes on, but for the part that was known. */
static void
_resolve_alignment(SiagaRun *run)
{
  SiagaTime received;
  SiagaRecord *record;
  siaga_counter_bump(&run->lane->totals.duplicates, siaga_align_known(run->stream));
  for (guint i = 0; (record = siaga_align_news(run->stream, i, &received)); i++)
    _accept(run, record, received);
  siaga_align_end(run->stream);
}

/* It is not clear yet whether the stream's lines are known. */
static G_GNUC_NO_INLINE void
_hold(SiagaRun *run, const SiagaEvent *event, const SiagaHits *hits, const SiagaOrigin *origin)
{
  SiagaPack *pack = run->lane->pack;
  SiagaTime time = event->time;
  if (siaga_record_pack(run->self->plan, event, hits, origin, event->time, pack))
    {
      if (siaga_align_hold(run->stream, pack->bytes, pack->length, origin->received))
        _resolve_alignment(run);
    }
  else if (_place_in_time(run, origin, &time))
    _proceed(run, _clock(run, 0));
}

/* Where the event's record will stand. */
static SIAGA_INLINE guint8 *
_reserve(SiagaRun *run, const SiagaEvent *event)
{
  gboolean roomy = siaga_stream_has_room(run->stream, siaga_record_rough_bound(event));
  return siaga_stream_reserve(run->stream, roomy ? 0 : siaga_record_bound(event));
}

static SIAGA_INLINE void
_take(SiagaRun *run, const SiagaEvent *event, const SiagaHits *hits, const SiagaOrigin *origin)
{
  SiagaTime time = event->time;
  if (!_place_in_time(run, origin, &time))
    return;
  SiagaPack out;
  out.bytes = hits->count ? _reserve(run, event) : NULL;
  out.length = 0;
  if (!out.bytes || !siaga_record_pack(run->self->plan, event, hits, origin, time, &out))
    {
      _proceed(run, _clock(run, 0));
      return;
    }
  siaga_foresee(run->self, &out);
  _enter(run, (SiagaRecord *) (gpointer) out.bytes);
}

static inline void
_count_hits(SiagaLane *lane, const SiagaPlan *plan, const SiagaHits *hits)
{
  for (guint i = 0; i < hits->count; i++)
    if (G_LIKELY(hits->rule[i] < plan->view.count))
      siaga_counter_bump(&lane->hits[hits->rule[i]], 1);
}

void
siaga_correlator_feed(SiagaCorrelator *self, const SiagaEvent *event, const SiagaHits *hits, const SiagaOrigin *origin,
                      SiagaChanges *changes)
{
  SiagaLane *lane = _lane_of(self, origin->stream);

  _take_pending(self, changes);
  siaga_lock(&lane->lock);
  siaga_counter_bump(&lane->totals.events, 1);
  _count_hits(lane, self->plan, hits);
  SiagaRun run = { self, lane, _stream_of(lane, origin->stream), changes, 0, FALSE };
  if (run.stream->alignment)
    _hold(&run, event, hits, origin);
  else
    _take(&run, event, hits, origin);
  siaga_unlock(&lane->lock);
}

void
siaga_core_replay(SiagaCorrelator *self, SiagaRecord *record, SiagaChanges *changes)
{
  SiagaLane *lane = _lane_of(self, record->stream);
  SiagaRun run = { self, lane, _stream_of(lane, record->stream), changes, 0, FALSE };
  run.stream->watermark = MAX(run.stream->watermark, record->time);
  run.stream->since = MIN(run.stream->since, record->time);
  siaga_stream_remember(run.stream, record->line_hash);
  siaga_counter_bump(&lane->totals.queued_bytes, record->size);
  siaga_stream_push(run.stream, record);
  g_free(record);
  _proceed(&run, _clock(&run, 0));
}

void
siaga_core_align(SiagaCorrelator *self)
{
  for (guint i = 0; i < SIAGA_LANES; i++)
    {
      GHashTableIter iter;
      gpointer stream;
      g_hash_table_iter_init(&iter, self->lanes[i].streams);
      while (g_hash_table_iter_next(&iter, NULL, &stream))
        siaga_align_begin(stream);
    }
}

void
siaga_core_empty(SiagaCorrelator *self)
{
  for (guint i = 0; i < SIAGA_LANES; i++)
    g_hash_table_remove_all(self->lanes[i].streams);
  _free_shards(self);
  _init_shards(self);
  siaga_delivery_clear(&self->delivery);
  guint max_in_flight = self->delivery.max_in_flight;
  memset(&self->delivery, 0, sizeof self->delivery);
  siaga_delivery_init(&self->delivery);
  self->delivery.max_in_flight = max_in_flight;
  g_ptr_array_set_size(self->pending, 0);
  g_atomic_int_set(&self->has_pending, 0);
  for (guint i = 0; i < SIAGA_LANES; i++)
    {
      self->lanes[i].totals.queued_bytes.value = 0;
      self->lanes[i].last = NULL;
      memset(self->lanes[i].matches, 0, self->plan->watches->len * sizeof self->lanes[i].matches[0]);
    }
  self->totals.open = 0;
  memset(self->totals.by_level_open, 0, sizeof self->totals.by_level_open);
}

void
siaga_correlator_advance(SiagaCorrelator *self, SiagaTime event_time, const SiagaOrigin *origin, SiagaChanges *changes)
{
  SiagaLane *lane = _lane_of(self, origin->stream);

  _take_pending(self, changes);
  siaga_lock(&lane->lock);
  siaga_counter_bump(&lane->totals.events, 1);
  SiagaRun run = { self, lane, _stream_of(lane, origin->stream), changes, 0, FALSE };
  if (_place_in_time(&run, origin, &event_time))
    _proceed(&run, _clock(&run, 0));
  siaga_unlock(&lane->lock);
}

static void
_tick_stream(SiagaRun *run, gint64 monotonic)
{
  SiagaStream *stream = run->stream;
  if (!stream->idle_since)
    {
      stream->idle_since = MAX(monotonic, 1);
      return;
    }
  SiagaTime elapsed = MAX(monotonic - stream->idle_since, 0);
  /* A source that delivers again does so at once. */
  if (stream->alignment && elapsed > 5 * SIAGA_SECOND)
    _resolve_alignment(run);
  run->idle = TRUE;
  _proceed(run, _clock(run, elapsed));
  if (elapsed > 10 * SIAGA_SECOND)
    siaga_stream_trim(stream);
}

/* Each stream's lane is locked meanwhile. */
static void
_for_each_stream(SiagaCorrelator *self, SiagaChanges *changes, void (*func)(SiagaRun *run, gint64 argument),
                 gint64 argument)
{
  for (guint i = 0; i < SIAGA_LANES; i++)
    {
      SiagaLane *lane = &self->lanes[i];
      GHashTableIter iter;
      gpointer stream;
      siaga_lock(&lane->lock);
      g_hash_table_iter_init(&iter, lane->streams);
      while (g_hash_table_iter_next(&iter, NULL, &stream))
        func(&(SiagaRun){ self, lane, stream, changes, 0, FALSE }, argument);
      siaga_unlock(&lane->lock);
    }
}

void
siaga_correlator_tick(SiagaCorrelator *self, gint64 monotonic, SiagaChanges *changes)
{
  _take_pending(self, changes);
  if (self->options.idle_clock)
    _for_each_stream(self, changes, _tick_stream, monotonic);
}

/* What waits to be sorted goes on. */
static void
_drain_stream(SiagaRun *run, gint64 unused)
{
  (void) unused;
  if (run->stream->alignment)
    _resolve_alignment(run);
  _proceed(run, run->stream->watermark);
}

static void
_finish_stream(SiagaRun *run, gint64 clock)
{
  siaga_stream_resume(run->stream);
  _proceed(run, clock);
}

/* All events are in before time ends: an incident that is over for one stream may go on in another. */
void
siaga_correlator_finish(SiagaCorrelator *self, SiagaChanges *changes)
{
  _take_pending(self, changes);
  _for_each_stream(self, changes, _drain_stream, 0);
  _for_each_stream(self, changes, _finish_stream, G_MAXINT64);
}

static gint
_compare_cases(gconstpointer a, gconstpointer b)
{
  const SiagaIncident *x = *(const SiagaIncident *const *) a, *y = *(const SiagaIncident *const *) b;
  if (x->first_seen != y->first_seen)
    return x->first_seen < y->first_seen ? -1 : 1;
  return memcmp(x->id, y->id, sizeof x->id);
}

void
siaga_correlator_list(SiagaCorrelator *self, SiagaChanges *changes)
{
  siaga_core_pin_plan(self);
  for (guint i = 0; i < self->options.shards; i++)
    {
      SiagaShard *shard = &self->shards[i];
      GHashTableIter iter;
      gpointer value;
      siaga_lock(&shard->lock);
      g_hash_table_iter_init(&iter, shard->cases);
      while (g_hash_table_iter_next(&iter, NULL, &value))
        for (const SiagaCase *cas = value; cas; cas = cas->older)
          if (cas->open && !cas->watch->silent)
            g_ptr_array_add(
                changes->changes,
                siaga_case_snapshot(cas, self->plan,
                                    cas->revision % SIAGA_REVISIONS > 1 ? SIAGA_INCIDENT_UPDATE : SIAGA_INCIDENT_OPEN));
      siaga_unlock(&shard->lock);
    }
  siaga_core_unpin_plan(self);
  g_ptr_array_sort(changes->changes, _compare_cases);
}

static void
_add_lane(const SiagaLaneTotals *lane, SiagaCorrelatorStats *stats)
{
  stats->events += siaga_counter_get(&lane->events);
  stats->hits += siaga_counter_get(&lane->hits);
  stats->late += siaga_counter_get(&lane->late);
  stats->out_of_order += siaga_counter_get(&lane->out_of_order);
  stats->future += siaga_counter_get(&lane->future);
  stats->missing_field += siaga_counter_get(&lane->missing_field);
  stats->received_time += siaga_counter_get(&lane->received_time);
  stats->duplicates += siaga_counter_get(&lane->duplicates);
}

void
siaga_correlator_stats(const SiagaCorrelator *self, SiagaCorrelatorStats *stats_r)
{
  const SiagaTotals *totals = &self->totals;
  memset(stats_r, 0, sizeof *stats_r);
  for (guint i = 0; i < SIAGA_LANES; i++)
    _add_lane(&self->lanes[i].totals, stats_r);
  stats_r->evicted = siaga_counter_get(&totals->evicted);
  stats_r->degraded = siaga_counter_get(&totals->degraded);
  stats_r->opened = siaga_counter_get(&totals->opened);
  stats_r->closed = siaga_counter_get(&totals->closed);
  stats_r->updates = siaga_counter_get(&totals->updates);
  stats_r->journal_lost = siaga_counter_get(&totals->journal_lost);
  stats_r->open = __atomic_load_n(&totals->open, __ATOMIC_RELAXED);
  for (guint i = 0; i < G_N_ELEMENTS(totals->by_level_open); i++)
    stats_r->by_level_open[i] = __atomic_load_n(&totals->by_level_open[i], __ATOMIC_RELAXED);
  siaga_persistence_stats(self, stats_r);
  for (guint i = 0; i < self->options.shards; i++)
    {
      stats_r->keys += __atomic_load_n(&self->shards[i].key_count, __ATOMIC_RELAXED);
      stats_r->bytes += __atomic_load_n(&self->shards[i].key_bytes, __ATOMIC_RELAXED) +
                        __atomic_load_n(&self->shards[i].case_bytes, __ATOMIC_RELAXED);
    }
}

/* Beside those who count. */
static void
_add_shard_rule(const SiagaShard *shard, guint watch, SiagaRuleStats *stats)
{
  const SiagaUse *use = siaga_keys_use(&shard->keys, watch);
  stats->keys += __atomic_load_n(&use->windows, __ATOMIC_RELAXED);
  stats->bytes += __atomic_load_n(&use->bytes, __ATOMIC_RELAXED);
}

void
siaga_correlator_rule_stats(SiagaCorrelator *self, guint rule, SiagaRuleStats *stats_r)
{
  memset(stats_r, 0, sizeof *stats_r);
  siaga_core_pin_plan(self);
  for (guint i = 0; i < self->plan->watches->len; i++)
    {
      const SiagaWatch *watch = siaga_plan_watch(self->plan, i);
      if (watch->rule != rule)
        continue;
      stats_r->matches += siaga_counter_get(&watch->matches);
      for (guint j = 0; j < SIAGA_LANES; j++)
        stats_r->matches += siaga_counter_get(&self->lanes[j].matches[i]);
      for (guint j = 0; j < self->options.shards; j++)
        _add_shard_rule(&self->shards[j], i, stats_r);
      stats_r->incidents += siaga_counter_get(&watch->incidents);
      stats_r->missing_field += siaga_counter_get(&watch->missing_field);
      stats_r->evicted += siaga_counter_get(&watch->evicted);
    }
  guint64 hits = 0;
  for (guint i = 0; rule < self->plan->view.count && i < SIAGA_LANES; i++)
    hits += siaga_counter_get(&self->lanes[i].hits[rule]);
  stats_r->matches = MAX(stats_r->matches, hits);
  siaga_core_unpin_plan(self);
}
