/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What kind of program a User-Agent header names. */

#ifndef SIAGA_WEBLOG_USER_AGENT_H_INCLUDED
#define SIAGA_WEBLOG_USER_AGENT_H_INCLUDED

#include <glib.h>

/* "scanner", "library", "tool", "bot", "browser" or "empty"; NULL when the header names nothing known.  Static text.
 * Any thread. */
const gchar *weblog_user_agent_class(const gchar *text, gsize length);

#endif
