/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What came before an incident opens: the last events of windows that are about to be full, so that their lines and
 * values are in the incident's record too.  A ring of fixed size per shard: it costs a quiet key nothing, and where
 * many windows are nearly full at once, the oldest events are forgotten; counts and ids never depend on it.  Not locked
 * here.
 */

#ifndef SIAGA_CORRELATE_PRELUDE_H_INCLUDED
#define SIAGA_CORRELATE_PRELUDE_H_INCLUDED

#include "record.h"
#include "window-kinds.h"

#define SIAGA_PRELUDE_HEADS 4096
#define SIAGA_PRELUDE_EVENTS 16 /* of one window */

typedef struct
{
  guint64 hash;   /* of the key */
  guint64 before; /* where the chain's entry before lies, + 1; 0: none */
  guint32 size;   /* of all */
  guint32 watch;
  SiagaRecord record;
} SiagaPreludeEntry;

/* Positions only grow; a position's place is its remainder by ROOM. */
typedef struct
{
  guint8 *bytes; /* NULL before the first event */
  guint64 begin, end;
  guint32 room;   /* a multiple of 8 */
  guint64 *heads; /* position + 1 of the newest entry, by key and watch */
} SiagaPrelude;

void siaga_prelude_clear(SiagaPrelude *self);

gboolean siaga_prelude_wants_other(const SiagaWatch *watch, const SiagaWindow *window);

/* Whether an event that WINDOW took and that did not fill it is worth keeping. */
static inline gboolean
siaga_prelude_wants(const SiagaWatch *watch, const SiagaWindow *window, const SiagaVerdict *verdict)
{
  return G_LIKELY(watch->kind == SIAGA_WK_COUNT) ? verdict->near : siaga_prelude_wants_other(watch, window);
}

/* Keeps a copy; ROOM says how large the ring is to be if this is its first.  TRUE when it was made. */
gboolean siaga_prelude_add(SiagaPrelude *self, guint32 room, guint64 hash, guint watch, const SiagaRecord *record);

/* The latest events of the window from SINCE on, oldest first; they stay the ring's.  Gives back how many. */
guint siaga_prelude_collect(const SiagaPrelude *self, guint64 hash, guint watch, SiagaTime since,
                            const SiagaRecord *events[SIAGA_PRELUDE_EVENTS]);

/* From oldest to newest: *AT begins with 0; NULL behind the last. */
const SiagaPreludeEntry *siaga_prelude_next(const SiagaPrelude *self, guint64 *at);

#endif
