/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A case: an incident while it lives in the correlator.  What leaves is a snapshot of it. */

#ifndef SIAGA_CORRELATE_CASE_H_INCLUDED
#define SIAGA_CORRELATE_CASE_H_INCLUDED

#include "keys.h"
#include "record.h"
#include "sketch.h"
#include "window.h"

#include <siaga/correlate.h>

#include <string.h>

/* More than an incident has in its longest life.  What was sent between the last checkpoint and a kill is not known:
 * behind it revisions go on so much higher, so that no later state looks older than one that a receiver has. */
#define SIAGA_REVISIONS 1000
#define SIAGA_EVIDENCE_SIDE (SIAGA_EVIDENCE_MAX / 2) /* lines kept from the begin, and from the end */
#define SIAGA_TIMELINE_MAX 32
#define SIAGA_CHILDREN_MAX 128

typedef struct
{
  SiagaTime time;
  guint32 length, room; /* of the line */
  gboolean has_digest;
  guint8 digest[32]; /* when the line was cut */
  gchar line[];
} SiagaProof;

typedef struct
{
  SiagaTime time;
  gchar *what;
} SiagaMoment;

/* An incident as others find it. */
typedef struct
{
  guint64 hash;  /* of its key */
  guint16 watch; /* SIAGA_GONE: its rule is gone, or nobody knows it any more */
  guint8 id[16]; /* all zero: the newest of the key */
} SiagaKin;

typedef struct _SiagaCase SiagaCase;

struct _SiagaCase
{
  guint64 handle;   /* of key and watch */
  SiagaCase *older; /* an earlier incident of the same key and rule, kept in case late events belong to it */
  SiagaWatch *watch;
  SiagaKey *key;
  GList turn;    /* its place among those that may give way, see evict.c */
  GQueue *queue; /* where that is; NULL: nowhere */
  guint8 id[16];
  guint8 previous[16];
  SiagaKin parent;
  gboolean has_previous, has_parent;
  gboolean open; /* FALSE: closed, but late events may open it again */
  gboolean degraded, received, spoofed, failed, succeeded;
  gboolean strange; /* an event came of the rule that is never mild */
  gboolean ready;   /* changed since it was last sent */
  gboolean waiting; /* stands in the queue of those that are ready */
  gboolean overdue; /* would be forgotten but for its delivery */
  gboolean kept;    /* rolled over long ago, and there for its successor to name */
  guint8 level;
  guint8 reason; /* SiagaCloseReason */
  guint32 revision, sent;
  guint32 in_flight; /* revision that was handed out and not acknowledged; 0: none */
  SiagaTime first, last, opened, until, changed, updated;
  SiagaTime report_due;
  guint64 count, next_rise;
  guint64 stream;     /* of its last event */
  guint64 timer_bits; /* streams that hold a timer for it, by hash */
  gsize charged;      /* what its shard counts for it */
  guint victims;
  guint32 stages;    /* of a campaign: bits of the kill chain */
  guint proof_count; /* all that were offered */
  SiagaProof *proofs[SIAGA_EVIDENCE_MAX];
  guint moment_count;
  SiagaMoment moments[SIAGA_TIMELINE_MAX];
  GPtrArray *children; /* of gchar*, NULL: none */
  guint track_count;
  SiagaSketch *tracks[SIAGA_TRACKED_MAX]; /* by tracked column */
};

typedef enum
{
  SIAGA_CLOSE_NONE,
  SIAGA_CLOSE_QUIET,
  SIAGA_CLOSE_ROLLED,
  SIAGA_CLOSE_RULE_CHANGED,
  SIAGA_CLOSE_EVICTED,
} SiagaCloseReason;

typedef struct
{
  const SiagaPlan *plan;
  SiagaWatch *watch;
  SiagaKey *key;
  guint64 handle;
  const SiagaVerdict *verdict;
  SiagaTime time;                    /* of the event */
  const SiagaRecord *const *earlier; /* events that counted before; oldest first */
  guint earlier_count;
} SiagaCaseStart;

/* RECORD is the event that satisfied the condition, NULL for decisions by time alone. */
SiagaCase *siaga_case_new(const SiagaCaseStart *start, const SiagaRecordView *record);
void siaga_case_free(SiagaCase *self); /* NULL allowed */
gsize siaga_case_bytes(const SiagaCase *self);

/* Takes one more event in.  TRUE when it is news that cannot wait: a risen level, a first success, a new victim. */
gboolean siaga_case_grow(SiagaCase *self, const SiagaPlan *plan, const SiagaRecordView *record, SiagaTime time);
/* A decision by time alone says that it goes on. */
void siaga_case_go_on(SiagaCase *self, SiagaTime time, const SiagaVerdict *verdict);
/* What is left is what a successor names. */
void siaga_case_shrink(SiagaCase *self);
/* Tracks the values of RECORD without counting it. */
void siaga_case_track(SiagaCase *self, const SiagaPlan *plan, const SiagaRecordView *record);
void siaga_case_note(SiagaCase *self, SiagaTime time, const gchar *format, ...) G_GNUC_PRINTF(3, 4);

/* Tells the incidents of one key and rule apart. */
static inline guint32
siaga_case_tag(const SiagaCase *self)
{
  guint32 tag;
  memcpy(&tag, self->id, sizeof tag);
  return tag;
}

/* Whether it has the milder level of one account's own failures. */
static inline gboolean
siaga_case_is_mild(const SiagaCase *self)
{
  return self->watch->mild && self->level < self->watch->meta->level;
}

/* WINDOW: its times, the newest last.  Gives back whether all that is known reads as people's own
 * failures; mild.c */
/* Whether a mild incident is of somebody who sits there longer than others: when he gets in, rules want to know. */
gboolean siaga_mild_is_long(const SiagaCase *cas, const SiagaPlan *plan, const SiagaWindow *window);
gboolean siaga_mild_holds(const SiagaCase *cas, const SiagaPlan *plan, const SiagaWindow *window);
/* Whether the events of KEY that the watch PROGRAMS counts are those of a program with an old password. */
gboolean siaga_mild_is_program(const SiagaPlan *plan, guint programs, SiagaKey *key);
/* Whether what WINDOW, of WATCH and KEY, holds at TIME is few beside what another window of the key counts. */
gboolean siaga_mild_is_beside(const SiagaWatch *watch, const SiagaPlan *plan, SiagaKey *key, const SiagaWindow *window,
                              SiagaTime time);
/* The incident is milder than its rule from its begin, and becomes as grave as that. */
void siaga_case_begin_mild(SiagaCase *self);
void siaga_case_end_mild(SiagaCase *self, SiagaTime time);

/* Takes UUID over; at most SIAGA_CHILDREN_MAX, each once.  FALSE when it is not news. */
gboolean siaga_case_add_child(SiagaCase *self, gchar *uuid);
/* FALSE when it was none. */
gboolean siaga_case_drop_child(SiagaCase *self, const gchar *uuid);

static inline SiagaKin
siaga_case_kin(const SiagaCase *self)
{
  SiagaKin kin = { .hash = self->key->hash, .watch = self->watch->position };
  memcpy(kin.id, self->id, sizeof kin.id);
  return kin;
}

/* When it closes unless its condition becomes true again. */
static inline SiagaTime
siaga_case_due(const SiagaCase *self)
{
  return self->until + self->watch->timespan;
}

static inline SiagaIncidentState
siaga_case_state(const SiagaCase *self)
{
  if (!self->open)
    return SIAGA_INCIDENT_CLOSE;
  return self->revision % SIAGA_REVISIONS ? SIAGA_INCIDENT_UPDATE : SIAGA_INCIDENT_OPEN;
}

/* The one value of COLUMN over all events; NULL when there was none or more than one. */
const gchar *siaga_case_single(const SiagaCase *self, guint8 column);

const gchar *siaga_campaign_stage_name(guint stage);           /* NULL behind the last; campaign.c */
const gchar *siaga_close_reason_name(SiagaCloseReason reason); /* NULL for NONE */

/* What leaves; takes a reference on the rules. */
SiagaIncident *siaga_case_snapshot(const SiagaCase *self, const SiagaPlan *plan, SiagaIncidentState state);

#endif
