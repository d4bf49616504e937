/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Numbers with units, as people write them in the configuration and on the command line.  Any thread. */

#ifndef SIAGA_QUANTITY_H_INCLUDED
#define SIAGA_QUANTITY_H_INCLUDED

#include <glib.h>

/* "1.5", "90s", "10 m", "24h", "7d", "200ms", "5us"; seconds without a unit, in any case.  FALSE: it is none, or no 64
 * bits hold it; it may be negative. */
gboolean siaga_duration_parse(const gchar *text, gint64 *microseconds_r);
/* "160MiB", "2M", "512k", "1000"; bytes without a unit; k, M and G are decimal, as in the rest of syslog-ng's
 * configuration. */
gboolean siaga_size_parse(const gchar *text, gint64 *bytes_r);

#endif
