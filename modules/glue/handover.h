/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The event that a room hands to the room behind it in the same thread, as it lies in memory. */

#ifndef SIAGA_GLUE_HANDOVER_H_INCLUDED
#define SIAGA_GLUE_HANDOVER_H_INCLUDED

#include <siaga/event.h>

#include <glib.h>

/* Every room is a library with an engine of its own; this thread's place for an event is the same for all of them. */
void siaga_handover_init(void); /* main thread, before the first use of anything below */

/* Gives back a number for EVENT, which no other event of the process has. */
guint64 siaga_handover_put(SiagaEvent *event);
/* NULL when the event of that number is not this thread's last: it came from another thread, or another line has taken
 * its place. */
SiagaEvent *siaga_handover_get(guint64 number);

/* The parsers that take events, of all rooms and configurations; while there are none, nobody need pack one.  Main
 * thread; asked from any. */
void siaga_handover_add_taker(void);
void siaga_handover_remove_taker(void);
gboolean siaga_handover_has_takers(void);

#endif
