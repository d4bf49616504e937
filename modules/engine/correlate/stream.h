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

typedef struct
{
  guint64 id;
  SiagaTime watermark; /* newest event time; G_MININT64 before the first */
  SiagaTime since;     /* oldest event time of its unbroken hearing */
  gint64 idle_since;   /* monotonic; 0: was heard since the last tick */
  SiagaRecord **queue; /* sorted by time; from HEAD */
  guint head, queued, room;
  GArray *timers; /* heap of SiagaTimer */
} SiagaStream;

SiagaStream *siaga_stream_new(guint64 id);
void siaga_stream_free(SiagaStream *self);

/* Keeps RECORD (g_malloc'ed, owned now) behind those of the same or an earlier time. */
void siaga_stream_push(SiagaStream *self, SiagaRecord *record);
/* The oldest, if it is not later than UNTIL; the caller owns it. */
SiagaRecord *siaga_stream_pop(SiagaStream *self, SiagaTime until);

void siaga_stream_set_timer(SiagaStream *self, const SiagaTimer *timer);
/* FALSE when none is due before CLOCK. */
gboolean siaga_stream_take_timer(SiagaStream *self, SiagaTime clock, SiagaTimer *timer_r);

static inline guint64
siaga_stream_bit(guint64 id)
{
  return G_GUINT64_CONSTANT(1) << (siaga_hash_mix(id) & 63);
}

#endif
