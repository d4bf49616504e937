/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The record: what of an event enters the correlator.  Self-contained bytes, the same in memory and in the journal. */

#ifndef SIAGA_CORRELATE_RECORD_H_INCLUDED
#define SIAGA_CORRELATE_RECORD_H_INCLUDED

#include "plan.h"

#define SIAGA_RECORD_VALUES 96
#define SIAGA_REPEATS_MAX 1000 /* events that one line may stand for */
#define SIAGA_RECORD_TEXT 255  /* bytes of a value; longer ones end in a hash of the whole */

/* No record is longer: a buffer of this room is written without looking. */
#define SIAGA_RECORD_ROOM (SIAGA_RECORD_VALUES * (SIAGA_RECORD_TEXT + 2) + SIAGA_EVIDENCE_LINE + 512)

typedef enum
{
  SIAGA_RF_RECEIVED = 1 << 0, /* timed by its arrival */
  SIAGA_RF_DIGEST = 1 << 1,   /* the line was cut: the SHA-256 of the whole stands behind it */
  SIAGA_RF_CHILD = 1 << 2,    /* made from an incident of another correlation */
  SIAGA_RF_RECUR = 1 << 3,    /* … that was open already: for temporal rules only */
} SiagaRecordFlags;

typedef struct
{
  guint32 size; /* of all, a multiple of 8 */
  guint16 rule_count;
  guint8 value_count;
  guint8 flags;
  SiagaTime time;
  guint64 stream;
  guint64 line_hash;
  guint32 line_length; /* bytes kept */
  guint16 depth;       /* of chained correlations */
  guint16 repeats;     /* how many events the line tells of; 0 is one */
  /* rules (guint16), values (column, length, text or where it stands in the line), line, digest */
} SiagaRecord;

typedef struct
{
  const gchar *text;
  guint8 length;
  guint8 next;    /* index + 1 of the column's next value */
  guint8 in_line; /* the text stands in the line, no length in front of it … */
  guint16 offset; /* … but here */
} SiagaRecordValue;

/* A record opened for reading; points into it. */
typedef struct
{
  const SiagaRecord *record;
  const guint16 *rules;
  const gchar *line;
  const guint8 *digest; /* NULL: the line is whole */
  const guint8 *child;  /* id of the incident it was made from; NULL: none */
  guint count;
  guint8 first[SIAGA_TRACKED_MAX]; /* index + 1 of the column's first value */
  SiagaRecordValue values[SIAGA_RECORD_VALUES];
} SiagaRecordView;

/* Where a record is written; nothing is checked, so BYTES has room for SIAGA_RECORD_ROOM, or for what
 * siaga_record_bound says of the event. */
typedef struct
{
  guint8 *bytes;
  gsize length;
  guint16 places[256]; /* by column: where its value stands, its length in front; see siaga_record_pack */
} SiagaPack;

#define SIAGA_PLACE_HIDDEN 1 /* a list, or within the line */

SiagaPack *siaga_pack_new(void); /* with room for any record; g_free ends it */

/* No record of EVENT is longer; the rough one is known without a look at the values. */
static inline gsize
siaga_record_rough_bound(const SiagaEvent *event)
{
  return 512 + MIN(event->original_length, SIAGA_EVIDENCE_LINE) + event->count * (34 + SIAGA_RECORD_TEXT);
}
gsize siaga_record_bound(const SiagaEvent *event);
/* Whether windows may count EVENT's FIELD: a site that only the client names is left out, or whoever writes a new Host
 * header for each request would never be counted together. */
static inline gboolean
siaga_record_takes(const SiagaEvent *event, SiagaFieldId field)
{
  return field != SIAGA_F_URL_DOMAIN || !siaga_event_has(event, SIAGA_F_URL_CLAIMED);
}

/* Writes the record of EVENT to OUT; FALSE when no hit rule is wanted by any window.  Of OUT's places those of the
 * host, of what tells forged sources, and of the group-by of the first rule's first window are filled, 0 where the
 * value is missing. */
gboolean siaga_record_pack(const SiagaPlan *plan, const SiagaEvent *event, const SiagaHits *hits,
                           const SiagaOrigin *origin, SiagaTime time, SiagaPack *out);

/* The same by hand, for children: begin, add values in any order, end. */
void siaga_record_begin(SiagaPack *out, SiagaTime time, guint64 stream, guint flags, const guint16 *rules, guint count);
void siaga_record_add_value(SiagaPack *out, guint column, const gchar *text, gsize length);
void siaga_record_end(SiagaPack *out, const gchar *line, gsize length, guint64 line_hash, guint32 depth);
void siaga_record_end_copy(SiagaPack *out, const SiagaRecordView *of);
void siaga_record_end_child(SiagaPack *out, const guint8 id[16], guint32 depth);

/* FALSE when the bytes are no record; safe on any input. */
gboolean siaga_record_open(SiagaRecordView *self, gconstpointer bytes, gsize length);

/* "message repeated 5 times" is five events. */
static inline guint
siaga_record_repeats(const SiagaRecord *self)
{
  return CLAMP(self->repeats, 1, SIAGA_REPEATS_MAX);
}

static inline const guint16 *
siaga_record_rules(const SiagaRecord *self)
{
  return (const guint16 *) (gconstpointer) (self + 1);
}

static inline const SiagaRecordValue *
siaga_record_get(const SiagaRecordView *self, guint8 column)
{
  guint8 first = column < SIAGA_TRACKED_MAX ? self->first[column] : 0;
  return first ? &self->values[first - 1] : NULL;
}

#endif
