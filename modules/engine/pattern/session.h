/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the lines of one connection say is put together: slapd names the peer when it accepts, the user when he binds,
 * and in a third line that the password was wrong. */

#ifndef SIAGA_SESSION_H_INCLUDED
#define SIAGA_SESSION_H_INCLUDED

#include <siaga/event.h>
#include <siaga/line.h>

#define SIAGA_SESSION_FIELDS 4

/* A file's `session:`.  COUNT 0: it has none. */
typedef struct
{
  SiagaFieldId by;
  guint count;
  SiagaFieldId
      carries[SIAGA_SESSION_FIELDS]; /* of text; who names the first begins a session, as does event.type start */
} SessionKeys;

/* The latest 2,048 sessions, in half a MiB that is there once the first was seen.  Any thread. */
typedef struct _SessionTable SessionTable;

SessionTable *siaga_sessions_new(void);
void siaga_sessions_free(SessionTable *self); /* NULL allowed */
/* What follows is as if nothing had been seen. */
void siaga_sessions_forget(SessionTable *self);

/* EVENT, read from LINE by a file of DATASET, which has KEYS: what it carries is remembered, and what it does not say
 * is taken from its session, as a copy.  Sessions of other hosts, processes and files are others. */
void siaga_sessions_join(SessionTable *self, const SessionKeys *keys, const gchar *dataset, const SiagaLine *line,
                         SiagaEvent *event);

#endif
