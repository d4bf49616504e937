/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Zones by their names in the time zone database, as PHP and PostgreSQL write them behind a time. */

#ifndef SIAGA_ZONE_H_INCLUDED
#define SIAGA_ZONE_H_INCLUDED

#include <glib.h>

/* The length of the name that TEXT (LENGTH bytes, need not end with NUL) begins with: "Asia/Jakarta",
 * "America/Argentina/Salta", "Singapore"; 0 when it begins with none.  Names of the continents and oceans,
 * "Etc/..." and those of countries (Singapore, US/Eastern) are meant; "CET" and its like have numbers in time.c. */
gsize siaga_zone_name_length(const gchar *text, gsize length);

/* The zone of a name of that length, NULL when the database has none.  Any thread; lives as long as the process.  A
 * stranger may have written the name: so many names are looked up in a process and no more, and what was found once is
 * found without a lock. */
GTimeZone *siaga_zone_find(const gchar *name, gsize length);

#endif
