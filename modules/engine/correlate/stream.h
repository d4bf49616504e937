/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A stream: one source's lines with a watermark of their own, the records that wait to be sorted, the timers that its
 * time fires. */

#ifndef SIAGA_CORRELATE_STREAM_H_INCLUDED
#define SIAGA_CORRELATE_STREAM_H_INCLUDED

#include "hash.h"
#include "record.h"

#define SIAGA_QUEUE_MAX 65536 /* records waiting; more go on before their time */

typedef enum
{
  SIAGA_TIMER_DECIDE, /* a window's end: before the closes of the same instant */
  SIAGA_TIMER_CASE,   /* an incident closes, or a closed one is forgotten */
} SiagaTimerKind;

typedef struct
{
  SiagaTime due;
  guint64 hash; /* of the key */
  guint16 group, watch;
  guint8 kind;
} SiagaTimer;

#define SIAGA_TAIL_MAX 16384 /* line hashes kept of a stream */

typedef struct _SiagaAlignment SiagaAlignment;

/* Records live two seconds and leave about in the order they came: they are laid end to end in blocks, and a block goes
 * round when its last record has left. */
#define SIAGA_BLOCK_SIZE 65536

typedef struct
{
  guint32 used, live;
  guint8 data[];
} SiagaBlock;

typedef struct
{
  guint64 id;
  SiagaTime watermark; /* newest event time; G_MININT64 before the first */
  SiagaTime since;     /* oldest event time of its unbroken hearing */
  SiagaTime leap;      /* a stamp far ahead that nothing has confirmed yet; 0: none */
  gchar host[64];      /* who logs there, as last seen */
  gboolean silent;     /* it was told that nothing comes any more */
  gint64 idle_since;   /* monotonic; 0: was heard since the last tick */
  SiagaRecord **queue; /* sorted by time; from HEAD */
  guint head, queued, room;
  SiagaBlock *block, *spare; /* where the queue's records lie */
  SiagaTimer *timers;        /* heap */
  guint timer_count, timer_room;
  GArray *postponed; /* of SiagaTimer: what only its next event decides; NULL: none */
  guint64 *tail;     /* ring of line hashes, oldest at TAIL_BEGIN */
  guint tail_room, tail_begin, tail_used;
  SiagaAlignment *alignment; /* after a restore, until it is clear what was delivered again */
} SiagaStream;

SiagaStream *siaga_stream_new(guint64 id);
void siaga_stream_free(SiagaStream *self);

/* Whether there is room for SIZE bytes without asking for more. */
static inline gboolean
siaga_stream_has_room(const SiagaStream *self, gsize size)
{
  const SiagaBlock *block = self->block;
  return block && sizeof *block + block->used + size <= SIAGA_BLOCK_SIZE;
}

/* Makes it. */
void siaga_stream_make_room(SiagaStream *self);

/* Room for a record of at most SIZE bytes; it is one of the stream's once it is committed. */
static inline gpointer
siaga_stream_reserve(SiagaStream *self, gsize size)
{
  if (!siaga_stream_has_room(self, size))
    siaga_stream_make_room(self);
  return self->block->data + self->block->used;
}
/* RECORD stands where reserve said; it waits behind those of the same or an earlier time. */
void siaga_stream_commit(SiagaStream *self, SiagaRecord *record);
/* The same for a copy of RECORD. */
void siaga_stream_push(SiagaStream *self, const SiagaRecord *record);
/* The oldest, if it is not later than UNTIL; give it back with release. */
static inline SiagaRecord *
siaga_stream_pop(SiagaStream *self, SiagaTime until)
{
  if (!self->queued || (self->queue[self->head]->time > until && self->queued <= SIAGA_QUEUE_MAX))
    return NULL;
  SiagaRecord *record = self->queue[self->head++];
  if (!--self->queued)
    self->head = 0;
  return record;
}
void siaga_stream_release(SiagaStream *self, SiagaRecord *record);
/* The one that comes NTH from now on, unless others come in between; NULL: none. */
static inline SiagaRecord *
siaga_stream_peek(const SiagaStream *self, guint nth)
{
  return nth < self->queued ? self->queue[self->head + nth] : NULL;
}

/* Gives up the memory that waits for records, if none is there. */
void siaga_stream_trim(SiagaStream *self);

void siaga_stream_set_timer(SiagaStream *self, const SiagaTimer *timer);
/* FALSE when none is due before CLOCK. */
static inline gboolean
siaga_stream_has_timer(const SiagaStream *self, SiagaTime clock)
{
  return self->timer_count && self->timers[0].due < clock;
}

/* TIMER, which was taken, waits until the stream is heard again. */
void siaga_stream_postpone(SiagaStream *self, const SiagaTimer *timer);
/* It is: all that was postponed is due again. */
void siaga_stream_resume(SiagaStream *self);

gboolean siaga_stream_take_timer(SiagaStream *self, SiagaTime clock, SiagaTimer *timer_r);

/* The last line hashes, oldest first.  The ring grows while all streams together stay within a few megabytes. */
void siaga_stream_remember(SiagaStream *self, guint64 line_hash);

static inline guint
siaga_stream_tail_length(const SiagaStream *self)
{
  return self->tail_used;
}

static inline guint64
siaga_stream_tail(const SiagaStream *self, guint index)
{
  return self->tail[(self->tail_begin + index) % self->tail_room];
}

/* align.c */
void siaga_align_begin(SiagaStream *stream); /* nothing when there is no tail */
/* Holds a copy; TRUE when it is clear now what was known. */
gboolean siaga_align_hold(SiagaStream *stream, gconstpointer record, guint32 size, SiagaTime received);
guint siaga_align_known(const SiagaStream *stream);
/* What was not known, in order; NULL behind the last. */
SiagaRecord *siaga_align_news(const SiagaStream *stream, guint index, SiagaTime *received_r);
void siaga_align_end(SiagaStream *stream);

static inline guint64
siaga_stream_bit(guint64 id)
{
  return G_GUINT64_CONSTANT(1) << (siaga_hash_mix(id) & 63);
}

#endif
