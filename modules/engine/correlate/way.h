/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A record's way through the windows: what is known of it meanwhile, so that no window asks twice.
 * It lives on the stack of the thread that holds the stream's lane, and no longer than its record; a shard is locked on
 * it from the first key to the last that lies there.  Nothing here fails but opening a record that is no record. */

#ifndef SIAGA_CORRELATE_WAY_H_INCLUDED
#define SIAGA_CORRELATE_WAY_H_INCLUDED

#include "core.h"

/* One window to visit; rules that feed the same one are joined, so that one event is one sample. */
typedef struct
{
  const SiagaFeed *feed;
  guint32 steps;
} SiagaTask;

/* A key as text; the last one is kept, for neighbours with the same group-by. */
typedef struct
{
  gint group; /* -1: none */
  const guint8 *columns;
  gboolean whole; /* no field is missing */
  guint64 hash;
  const gchar *text; /* in the record, where one value stands there as a key has it; else in ROOM */
  guint length;      /* bytes */
  gchar room[SIAGA_KEY_TEXT_MAX];
} SiagaKeyText;

/* It is opened when more is asked for than the record's hint tells. */
typedef struct
{
  const SiagaRecord *record; /* the caller's */
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
  SiagaKeyText text;
  SiagaRecordView view; /* once opened */
} SiagaWay;

/* Reads what the hint does not tell.  FALSE when it is no record of this plan. */
gboolean siaga_way_read(SiagaWay *way);

static inline gboolean
siaga_way_open(SiagaWay *way)
{
  return way->opened || siaga_way_read(way);
}

/* Value I of FEED's group-by, NULL: none.  The way is open. */
const SiagaRecordValue *siaga_way_group_value(const SiagaWay *way, const SiagaFeed *feed, guint i);
/* All of them; LIST_R: one has several values.  FALSE when a field is missing that the rule cannot do without. */
gboolean siaga_way_find_group(const SiagaWay *way, const SiagaFeed *feed, const SiagaRecordValue **at,
                              gboolean *list_r);
/* Makes VALUES, one for each field of FEED's group-by, the way's key. */
void siaga_way_write_key(SiagaWay *way, const SiagaFeed *feed, const SiagaRecordValue *const *values);

/* The hash of a text behind those BEFORE it, 0: it is the first. */
static inline guint64
siaga_value_hash(const SiagaCorrelator *self, guint64 before, const gchar *text, gsize length)
{
  return siaga_hash_mix(before) + siaga_keyed_hash(&self->seed, text, length);
}

static inline SiagaPartition *
siaga_way_partition(SiagaCorrelator *self, guint64 hash)
{
  return &self->partitions[siaga_key_partition(hash)];
}

static inline void
siaga_way_leave_shard(SiagaWay *way)
{
  if (way->shard)
    siaga_unlock(&way->shard->lock);
  way->shard = NULL;
}

static inline SiagaShard *
siaga_way_enter_shard(SiagaWay *way)
{
  SiagaShard *shard = siaga_core_shard(way->run->self, way->text.hash);
  if (way->shard == shard)
    return shard;
  siaga_way_leave_shard(way);
  siaga_lock(&shard->lock);
  return way->shard = shard;
}

/* Whether the text is the one that FEED would write. */
static inline gboolean
siaga_way_has_key(const SiagaWay *way, const SiagaFeed *feed)
{
  const SiagaKeyText *text = &way->text;
  return text->group == (gint) feed->watch->group && (text->whole || feed->watch->missing_is_empty || feed->site) &&
         (text->columns == feed->columns || memcmp(text->columns, feed->columns, feed->group_count) == 0);
}

#endif
