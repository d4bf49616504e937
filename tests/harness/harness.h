/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Runs one parser of one module inside a test program: configuration text in, captured messages out. */

#ifndef SIAGA_HARNESS_H_INCLUDED
#define SIAGA_HARNESS_H_INCLUDED

#include "glue/compat.h"

/* Once per process (libcheck forks each test).  MODULE is a module of the build tree, NULL for none. */
void harness_start(const gchar *module);
void harness_stop(void);

/* The parser that TEXT describes, "weblog-parser(fields(none))", from the module; NULL when TEXT is refused.  It is
 * initialised, and what it lets pass is captured. */
LogParser *harness_parser(const gchar *text);
void harness_free(LogParser *parser);

/* The daemon's messages so far, newline-separated. */
const gchar *harness_log(void);

/* Sends LINE as a no-parse source does and gives back what came out, of which the harness keeps the reference. */
LogMessage *harness_send(LogParser *parser, const gchar *line, gssize length);
LogMessage *harness_new_message(const gchar *line, gssize length);
/* Takes over MSG. */
LogMessage *harness_send_message(LogParser *parser, LogMessage *msg);
/* How many messages came out so far, and the INDEXth of them. */
guint harness_count(void);
LogMessage *harness_get(guint index);

const gchar *harness_value(LogMessage *msg, const gchar *name); /* "" when absent; valid until the next call */
gboolean harness_has_tag(LogMessage *msg, const gchar *name);

#endif
