/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * syslog-ng inside a test program: a parser from the text of a configuration, messages, their values. */

#ifndef SIAGA_HARNESS_H_INCLUDED
#define SIAGA_HARNESS_H_INCLUDED

#include "glue/compat.h"

/* Once per process (libcheck forks each test).  MODULE is a module of the build tree, NULL for none. */
void harness_start(const gchar *module);
void harness_stop(void);

/* The parser that TEXT describes, "weblog-parser(fields(none))", from the module, initialised; NULL when TEXT is
 * refused. */
LogParser *harness_parser(const gchar *text);

/* A message as a source without parsing gives it; the caller's. */
LogMessage *harness_new_message(const gchar *line, gssize length);

const gchar *harness_value(LogMessage *msg, const gchar *name); /* "" when absent; valid until the next call */
gboolean harness_has_tag(LogMessage *msg, const gchar *name);

#endif
