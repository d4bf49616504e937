/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Between a LogMessage and the engine: its line, the packed event on it, published name-values. */

#ifndef SIAGA_GLUE_MESSAGE_H_INCLUDED
#define SIAGA_GLUE_MESSAGE_H_INCLUDED

#include "glue/compat.h"

#include <siaga/event.h>
#include <siaga/line.h>

/* Registers handles and tags; main thread, before the first use of anything below. */
void siaga_message_init(void);

/* One set of buffers per thread.  Valid in the calling thread until its next call. */
typedef struct
{
  SiagaEvent *event; /* OWN, or the one that the room before handed over */
  SiagaEvent *own;
  SiagaArena *arena; /* of the line: an event's own arena is reset by matching */
  GString *line;     /* copy of the line: a message's values move when others are set */
  GString *incoming; /* the packed event as it came; the event's text points into it */
  GString *packed;   /* as it goes */
  GString *unpacked; /* what the event was unpacked from: its text lies here while it is packed again */
  GString *text;
} SiagaScratch;

SiagaScratch *siaga_scratch(const SiagaFields *fields);

/* The daemon's own messages and siaga's incidents: every room passes them untouched. */
gboolean siaga_message_is_foreign(const LogMessage *msg);
void siaga_message_mark_incident(LogMessage *msg);

SiagaTime siaga_message_received(const LogMessage *msg);
/* An event without a time of its own gets the message's arrival. */
void siaga_message_take_received(const LogMessage *msg, SiagaEvent *event);
/* Builds the line in SCRATCH and reads its header.  What syslog-ng parsed away comes from the message. */
void siaga_message_read_line(const LogMessage *msg, const SiagaTimeContext *context, SiagaScratch *scratch,
                             SiagaLine *line);
/* Tells streams apart: the source and the file or host the message came from. */
guint64 siaga_message_stream(const LogMessage *msg);
/* After a crash a file delivers again what it had not confirmed; the network does not. */
gboolean siaga_message_may_come_again(const LogMessage *msg);
/* A fast hash for streams and lines; the same in every process on machines of one byte order. */
guint64 siaga_hash_bytes(const gchar *bytes, gsize length, guint64 seed);

/* The event travels from room to room in one name-value.  A parser that takes events says so as long as it lives: see
 * handover.h. */
gboolean siaga_message_has_event(const LogMessage *msg);
/* Packed, so that it goes wherever the message goes; handed over when nobody takes events. */
void siaga_message_put_event(LogMessage *msg, SiagaScratch *scratch);
/* Instead of put, when the next room comes at once, in this thread: it takes the event as it is, and so do those behind
 * it.  Whoever looks at the message elsewhere finds no event. */
void siaga_message_hand_over(LogMessage *msg, SiagaScratch *scratch);
/* Into SCRATCH's event, independent of the message afterwards.  FALSE when there is none. */
gboolean siaga_message_get_event(const LogMessage *msg, SiagaScratch *scratch);
void siaga_message_drop_event(LogMessage *msg);
void siaga_message_tag_unparsed(LogMessage *msg);

/* Field names as name-values, with a prefix; handles are looked up once.  Immutable, any thread. */
typedef struct _SiagaPublisher SiagaPublisher;

SiagaPublisher *siaga_publisher_new(const SiagaFields *fields, const gchar *prefix);
void siaga_publisher_free(SiagaPublisher *self); /* NULL allowed */
/* Sets a name-value for each field that is not internal.  MSG must be writable.  WITH_TAGS: the event's tags become
 * tags of the message. */
void siaga_publisher_publish(const SiagaPublisher *self, SiagaScratch *scratch, LogMessage *msg, gboolean with_tags);
/* Takes over what rewrites changed since publishing: set, changed and unset name-values. */
void siaga_publisher_read_back(const SiagaPublisher *self, const LogMessage *msg, SiagaEvent *event);

#endif
