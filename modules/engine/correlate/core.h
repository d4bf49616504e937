/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The correlator's inside.  Locks: a lane (its streams), then a shard (its keys and cases); never the other way, never
 * two of a kind, except all lanes in order for what concerns everything.  Nothing is handed out under a lock but into
 * the caller's list of changes. */

#ifndef SIAGA_CORRELATE_CORE_H_INCLUDED
#define SIAGA_CORRELATE_CORE_H_INCLUDED

#include "apart.h"
#include "case.h"
#include "lock.h"
#include "prelude.h"
#include "stream.h"

#define SIAGA_LANES 64
#define SIAGA_STREAMS_PER_LANE 64
#define SIAGA_TASKS_MAX 256
#define SIAGA_DEPTH_MAX 16                /* of correlations of correlations */
#define SIAGA_LEAP (86400 * SIAGA_SECOND) /* without a receipt, one stamp alone does not move the time so far */
#define SIAGA_FUTURE (300 * SIAGA_SECOND)

typedef struct
{
  SiagaLock lock;
  SiagaKeys keys;
  guint64 key_bytes, key_count, case_bytes;
  GHashTable *cases;   /* handle -> SiagaCase, newest first */
  GQueue silent, told; /* of them: those that only rules hear of, and the others; what was quiet longest stands first */
  guint hand, slot;    /* where eviction goes on */
  guint64 barren;      /* keys looked at since the last that a rule beyond its share held */
  SiagaPrelude prelude; /* events of windows that are nearly full */
  GArray *lost;         /* of SiagaTime, by group: how far windows may have lost events to eviction */
} SIAGA_ALIGNED SiagaShard;

/* An incident and the wider one that it is part of. */
typedef struct
{
  SiagaKin child, parent;
  guint8 instead[16]; /* of what CHILD brings along: the parent named it before; all zero: of nothing */
} SiagaAdoption;

/* Written under the lane's lock, read without. */
typedef struct
{
  SiagaCounter events, hits, late, out_of_order, future, missing_field, received_time, duplicates, queued_bytes;
} SiagaLaneTotals;

/* For counters with one writer at a time. */
static inline void
siaga_counter_bump(SiagaCounter *self, guint64 n)
{
  __atomic_store_n(&self->value, __atomic_load_n(&self->value, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}

typedef struct
{
  SiagaLock lock;
  GHashTable *streams; /* id -> SiagaStream */
  SiagaStream *last;   /* the one that was asked for last */
  SiagaLaneTotals totals;
  SiagaCounter *matches; /* by watch */
  SiagaCounter *hits;    /* by detection rule, whether a window asks for it or not */
  SiagaPack *pack;
  GQueue children;   /* of SiagaRecord*: what chained correlations wait for */
  GArray *adoptions; /* of SiagaAdoption: incidents that became part of a wider one */
} SIAGA_ALIGNED SiagaLane;

typedef struct
{
  SiagaCounter evicted, degraded, opened, closed, updates, journal_lost;
  guint64 open, by_level_open[6]; /* atomics that go both ways */
} SiagaTotals;

/* Its mutex is the innermost lock. */
typedef struct
{
  SiagaLock mutex;
  guint max_in_flight; /* 0: changes count as delivered at once */
  GHashTable *flights; /* by incident id */
  GQueue waiting;
  gint has_waiting;
} SiagaDelivery;

typedef struct _SiagaPersistence SiagaPersistence;

struct _SiagaCorrelator
{
  SiagaPlan *plan;
  SiagaCorrelatorOptions options;
  SiagaSeed seed;
  SiagaPartition partitions[SIAGA_PARTITIONS];
  SiagaShard *shards;
  SiagaLane lanes[SIAGA_LANES];
  SiagaPersistence *persistence; /* NULL: none; atomic */
  gboolean replaying;            /* changes wait, nobody is there to take them */
  gint has_pending;
  GPtrArray *pending; /* of SiagaIncident*: changes that nobody was there to take */
  GMutex pending_mutex;
  SiagaDelivery delivery;
  SiagaTotals totals;
};

/* One call's way through the correlator; its lane is locked. */
typedef struct
{
  SiagaCorrelator *self;
  SiagaLane *lane;
  SiagaStream *stream;
  SiagaChanges *changes;
  SiagaTime clock;  /* the stream's events up to here are in */
  gboolean idle;    /* the clock runs on without events */
  SiagaTime behind; /* how far the host of what is at hand is behind the stream */
} SiagaRun;

static inline void
siaga_core_count(guint64 *counter, guint64 more)
{
  __atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + more, __ATOMIC_RELAXED);
}

/* To be called after each change of CAS that it takes memory for: what is not charged must not be given back. */
static inline void
siaga_core_charge(SiagaShard *shard, SiagaCase *cas)
{
  gsize bytes = siaga_case_bytes(cas);
  siaga_core_count(&shard->case_bytes, bytes - cas->charged);
  cas->charged = bytes;
}

static inline SiagaShard *
siaga_core_shard(SiagaCorrelator *self, guint64 hash)
{
  return &self->shards[siaga_key_partition(hash) & (self->options.shards - 1)];
}

#define SIAGA_KEY_TEXT_MAX (SIAGA_GROUP_MAX * (SIAGA_RECORD_TEXT + 1))

/* VALUE (NULL: none) as a key holds it, its length in front; gives back the bytes that this takes. */
static inline gsize
siaga_core_put_key_value(gchar *to, const SiagaRecordValue *value)
{
  const gsize length = value ? value->length : 0;
  *to = (gchar) length;
  if (length)
    memcpy(to + 1, value->text, length);
  return length + 1;
}

/* TEXT: the values of GROUP's fields as a key holds them. */
static inline guint64
siaga_core_key_hash(const SiagaCorrelator *self, const SiagaGroup *group, const gchar *text, gsize length)
{
  return siaga_hash_mix(siaga_keyed_hash(&self->seed, text, length) + group->hash);
}

static inline guint64
siaga_core_handle(guint64 hash, guint watch)
{
  return siaga_hash_mix(hash + (guint64) (watch + 1) * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15));
}

/* Keeps RECORD for the incident that its window may open; the shard is locked.  correlator.c */
void siaga_core_keep_prelude(SiagaCorrelator *self, SiagaShard *shard, guint64 hash, guint watch,
                             const SiagaRecord *record);
/* Takes one record of the stream's through all its windows, and then the records that this gives birth to.  process.c
 */
void siaga_process_record(SiagaRun *run, const SiagaRecord *record);
void siaga_process_born(SiagaRun *run);

/* After whatever else may have given birth to some; no shard is locked. */
static inline void
siaga_process_children(SiagaRun *run)
{
  const SiagaLane *lane = run->lane;
  if (G_UNLIKELY(lane->children.head || lane->adoptions->len))
    siaga_process_born(run);
}

/* What a verdict means for the incidents of a key; the shard is locked.  RECORD is NULL for decisions by time.  life.c
 */
void siaga_life_judge(SiagaRun *run, SiagaShard *shard, SiagaKey *key, SiagaWindow *window, SiagaWatch *watch,
                      const SiagaRecordView *record, SiagaTime time, const SiagaVerdict *verdict);
/* Closes the incident that TIMER was set for, when it is over, or forgets it when it was closed long enough. */
void siaga_life_check(SiagaRun *run, SiagaShard *shard, SiagaKey *key, SiagaWatch *watch, const SiagaTimer *timer);
void siaga_life_close(SiagaRun *run, SiagaShard *shard, SiagaCase *cas, SiagaTime time, SiagaCloseReason reason);
void siaga_life_emit(SiagaRun *run, SiagaCase *cas, SiagaIncidentState state);
/* Whoever holds a lane keeps the plan: it changes under all of them.  For those who look at it from outside, with
 * nothing locked. */
static inline void
siaga_core_pin_plan(SiagaCorrelator *self)
{
  siaga_lock(&self->lanes[0].lock);
}

static inline void
siaga_core_unpin_plan(SiagaCorrelator *self)
{
  siaga_unlock(&self->lanes[0].lock);
}

/* The stream of ID, made if need be; its lane is locked or nobody else is there.  correlator.c */
SiagaStream *siaga_core_stream(SiagaCorrelator *self, guint64 id);
void siaga_core_count_queued(SiagaCorrelator *self, const SiagaStream *stream, gsize bytes);
/* Takes a record of the journal in; RECORD is owned. */
void siaga_core_replay(SiagaCorrelator *self, SiagaRecord *record, SiagaChanges *changes);
/* All streams compare what comes with what they know. */
void siaga_core_align(SiagaCorrelator *self);
/* Back to nothing. */
void siaga_core_empty(SiagaCorrelator *self);

/* Puts a case that was read from disk in its place.  life.c */
void siaga_life_restore(SiagaCorrelator *self, SiagaShard *shard, SiagaKey *key, SiagaWindow *window, SiagaWatch *watch,
                        SiagaCase *cas);

/* persist.c; all do nothing without persistence. */
void siaga_persistence_append(SiagaCorrelator *self, const SiagaRecord *record);
void siaga_persistence_rules_changed(SiagaCorrelator *self);
guint64 siaga_persistence_mapped(const SiagaCorrelator *self); /* bytes of the journal */
void siaga_persistence_stats(const SiagaCorrelator *self, SiagaCorrelatorStats *stats);
void siaga_persistence_free(SiagaCorrelator *self);

/* Keeps the shard within its share of the budget; KEEP stays.  evict.c */
void siaga_evict(SiagaRun *run, SiagaShard *shard, const SiagaKey *keep);
/* CAS is the last to give way now; it gives way no more, because it goes. */
void siaga_evict_spare(SiagaShard *shard, SiagaCase *cas);
void siaga_evict_leave(SiagaCase *cas);
/* Whether keys of GROUP were dropped that may have held events at or after SINCE. */
gboolean siaga_evict_has_lost(const SiagaShard *shard, guint group, SiagaTime since);

/* An incident opened: its campaigns hear of it.  campaign.c */
void siaga_campaign_tell(SiagaRun *run, const SiagaCase *cas, SiagaTime time);
/* What a campaign's window knows goes into its case. */
void siaga_campaign_fill(SiagaRun *run, SiagaCase *cas, const SiagaWindow *window);

/* What CAS counts of RECORD, the incident of another rule, becomes part of it.  parent.c */
void siaga_parent_take(SiagaRun *run, const SiagaCase *cas, const SiagaRecordView *record);
/* Tells the children who their parent is; no shard is locked. */
void siaga_parent_adopt(SiagaRun *run);

/* deliver.c */
void siaga_delivery_init(SiagaDelivery *self);
void siaga_delivery_clear(SiagaDelivery *self);
gboolean siaga_delivery_board(SiagaCorrelator *self, SiagaCase *cas);
void siaga_delivery_wait(SiagaCorrelator *self, SiagaCase *cas);
void siaga_delivery_drain(SiagaCorrelator *self, SiagaChanges *changes);

/* Takes CAS out of its chain and frees it. */
void siaga_life_forget(SiagaShard *shard, SiagaCase *cas);

#endif
