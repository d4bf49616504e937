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
  guint32 cas;  /* which of the key's incidents: see siaga_case_tag() */
  guint16 group, watch;
  guint8 kind;
  SiagaTime behind; /* how far what it is for is behind the stream's time: so much later it fires */
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

/* Stands in front of a record that waits: what is needed of it before it is opened, known since it was written. */
typedef struct
{
  guint64 hash;     /* of the first key that it goes to */
  guint32 feed;     /* which feed of the plan leads there */
  guint16 key : 15; /* where the key's text stands in the record; 0: nothing is known */
  guint16 spoofed : 1;
  guint16 host; /* where the host's name stands, its length in front; 0: nowhere; or SIAGA_PLACE_HIDDEN */
} SiagaHint;

static inline SiagaHint *
siaga_stream_hint(const SiagaRecord *record)
{
  return (SiagaHint *) (gpointer) record - 1;
}

#define SIAGA_HOST_CLOCKS 64 /* of one stream; further hosts have the stream's */

typedef struct
{
  guint64 host;
  SiagaTime watermark;
} SiagaHostClock;

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
  GArray *postponed;         /* of SiagaTimer: what only its next event decides; NULL: none */
  SiagaHostClock first_host; /* most streams have no other */
  SiagaHostClock *hosts;     /* SIAGA_HOST_CLOCKS, in the order of their first lines; NULL: one host, or none */
  guint host_count;
  guint64 *tail; /* ring of line hashes, oldest at TAIL_BEGIN */
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
  return block && sizeof *block + block->used + sizeof(SiagaHint) + size <= SIAGA_BLOCK_SIZE;
}

/* Makes it. */
void siaga_stream_make_room(SiagaStream *self);

/* Room for a record of at most SIZE bytes, with an empty hint; it is one of the stream's once it is committed. */
static inline gpointer
siaga_stream_reserve(SiagaStream *self, gsize size)
{
  if (!siaga_stream_has_room(self, size))
    siaga_stream_make_room(self);
  SiagaHint *hint = (SiagaHint *) (gpointer) (self->block->data + self->block->used);
  *hint = (SiagaHint){ 0 };
  return hint + 1;
}
void siaga_stream_lengthen(SiagaStream *self);                     /* the queue */
void siaga_stream_insert(SiagaStream *self, SiagaRecord *record);  /* into it, where there is room */
void siaga_stream_give_back(SiagaStream *self, SiagaBlock *block); /* nothing of it is left */

/* RECORD stands where reserve said; it waits behind those of the same or an earlier time. */
static inline void
siaga_stream_commit(SiagaStream *self, SiagaRecord *record)
{
  self->block->used += sizeof(SiagaHint) + record->size;
  self->block->live++;
  __builtin_prefetch((guint8 *) record + record->size + 128, 1);
  if (self->head + self->queued == self->room)
    siaga_stream_lengthen(self);
  guint end = self->head + self->queued;
  if (self->queued && G_UNLIKELY(self->queue[end - 1]->time > record->time))
    {
      siaga_stream_insert(self, record);
      return;
    }
  self->queue[end] = record;
  self->queued++;
}

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
static inline void
siaga_stream_release(SiagaStream *self, SiagaRecord *record)
{
  SiagaBlock *block = GSIZE_TO_POINTER(GPOINTER_TO_SIZE(record) & ~(gsize) (SIAGA_BLOCK_SIZE - 1));
  if (!--block->live)
    siaga_stream_give_back(self, block);
}

/* The one that comes NTH from now on, unless others come in between; NULL: none. */
static inline SiagaRecord *
siaga_stream_peek(const SiagaStream *self, guint nth)
{
  return nth < self->queued ? self->queue[self->head + nth] : NULL;
}

/* Gives up the memory that waits for records, if none is there. */
void siaga_stream_trim(SiagaStream *self);

/* HOST has a line of TIME.  Gives back its own newest time before: G_MININT64 when this is its first, the stream's when
 * it is one host too many. */
SiagaTime siaga_stream_hear(SiagaStream *self, guint64 host, SiagaTime time);

/* TIMER's due is in the time of what it is for; the heap is sorted by the stream's. */
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
