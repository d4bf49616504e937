/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * syslog-ng inside a test program: a parser from the text of a configuration, messages, their values. */

#ifndef SIAGA_HARNESS_H_INCLUDED
#define SIAGA_HARNESS_H_INCLUDED

#include "glue/compat.h"

/* Once per process (libcheck forks each test).  A program that has no room of its own gets one without a name. */
void harness_start(void);
void harness_stop(void); /* messages and values end with it */

/* The parser that TEXT describes, "room(word(large))", of a plugin that the test has registered, initialised; NULL
 * when TEXT is refused. */
LogParser *harness_parser(const gchar *text);

/* A message as a source without parsing gives it; the harness's. */
LogMessage *harness_message(const gchar *line, gssize length);

const gchar *harness_value(LogMessage *msg, const gchar *name); /* "" when absent; the harness's */
gboolean harness_has_tag(LogMessage *msg, const gchar *name);

#endif
