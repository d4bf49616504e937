/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The line: what a log file or a socket delivered, and the syslog header in front of its text. */

#ifndef SIAGA_LINE_H_INCLUDED
#define SIAGA_LINE_H_INCLUDED

#include <siaga/arena.h>
#include <siaga/time.h>

#include <glib.h>

/* Longer lines are searched in their first SIAGA_LINE_MAX bytes only. */
#define SIAGA_LINE_MAX 65536

/* All text points into the caller's line (or the arena), with lengths, never NUL-terminated. */
typedef struct
{
  const gchar *raw; /* as delivered, without the line end */
  gsize raw_length;
  const gchar *whole; /* the same without what containers put around it */
  gsize whole_length;
  const gchar *text; /* behind the header(s): what patterns match */
  gsize text_length;
  const gchar *program; /* NULL when the header names none */
  gsize program_length;
  gboolean contained; /* the program is a container or its runtime: what is inside is any program's */
  const gchar *pid;
  gsize pid_length;
  const gchar *host;
  gsize host_length;
  const gchar *file; /* path of the log file, when known; NUL-terminated; not owned */
  gint priority;     /* -1 when there is none */
  SiagaTime time;    /* of the header; 0 when there is none */
  gint32 zone;
  gboolean has_time;
  gboolean time_bad;       /* a stamp stood there but is impossible, or lacks a year that the context does not tell */
  const gchar *structured; /* RFC 5424 structured data as logged, "[id name=\"value\"]…"; NULL when there is none */
  gsize structured_length;
} SiagaLine;

/* Reads the header of RAW: RFC 3164, RFC 5424 with structured data, ISO 8601 stamps, epoch stamps, with or without
 * <PRI>, missing or "-" host, "program[pid]:" without a stamp, and around any of them journald exports, Docker's JSON
 * and CRI, "docker logs -t", docker compose also within a unit's line (what has to be unwrapped goes to ARENA).
 * Without a header text is the whole line.  ARENA must not be the event's, which matching resets.  Never fails;
 * LINE->file and ->priority are set by the caller before or after.  ARENA may be NULL: no unwrapping. */
void siaga_line_read(SiagaLine *self, const gchar *raw, gsize length, const SiagaTimeContext *context,
                     SiagaArena *arena);

/* Behind the element [id name="value" …] of structured data that begins at START; NULL when it does not end before END.
 */
const gchar *siaga_line_end_of_element(const gchar *start, const gchar *end);

/* Reads "host program[pid]: text" without a stamp, where the host or the number may be missing, and sets no more of
 * SELF than these; the rest is zero.  FALSE when TEXT is not so. */
gboolean siaga_line_read_tag(SiagaLine *self, const gchar *text, gsize length);

#endif
