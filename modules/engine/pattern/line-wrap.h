/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What container runtimes and the journal put around a line. */

#ifndef SIAGA_LINE_WRAP_H_INCLUDED
#define SIAGA_LINE_WRAP_H_INCLUDED

#include <siaga/line.h>

/* Takes one wrapper off LINE->text; FALSE when there is none.  ARENA NULL: only wrappers that need no copy. */
gboolean siaga_line_unwrap(SiagaLine *line, const SiagaTimeContext *context, SiagaArena *arena);
/* Moves *TEXT, of LENGTH bytes, behind what docker compose writes in front of a container's line, "nginx-1  | "; FALSE
 * when that does not stand there. */
gboolean siaga_line_skip_compose(const gchar **text, gsize length);
/* Whether the program NAME is a runtime that logs for its containers, or a container under its own name: what is inside
 * may be any program's line. */
gboolean siaga_line_is_container(const gchar *name, gsize length);

#endif
