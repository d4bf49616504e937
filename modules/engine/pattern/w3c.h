/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * W3C extended log files, and those of Zeek: a "#Fields:" ("#fields") line names the columns of the lines behind it. */

#ifndef SIAGA_W3C_H_INCLUDED
#define SIAGA_W3C_H_INCLUDED

#include <siaga/line.h>

#include "keys.h"

#define SIAGA_W3C_COLUMNS 64

/* Immutable once made; owned by the table that gave it. */
typedef struct
{
  guint count;
  Key columns[SIAGA_W3C_COLUMNS];
} W3cColumns;

/* Which stream has which columns.  Any thread. */
typedef struct _W3cTable W3cTable;

W3cTable *siaga_w3c_table_new(void);
void siaga_w3c_table_free(W3cTable *self); /* NULL allowed */

/* Columns named in TEXT ("date time c-ip …", without "#Fields:"); NULL when there are none, too many, or the table is
 * full.  Equal texts share one. */
const W3cColumns *siaga_w3c_columns(W3cTable *self, const gchar *text, gsize length);

/* Takes note of LINE when it is a "#Fields:" line, or Zeek's "#fields". */
void siaga_w3c_note(W3cTable *self, const SiagaLine *line);
/* NULL when the stream has had no "#Fields:" line yet. */
const W3cColumns *siaga_w3c_stream_columns(W3cTable *self, const SiagaLine *line);

/* FALSE when the columns begin with a date and TEXT does not: a quick look, for lines of other kinds. */
gboolean siaga_w3c_may_fit(const W3cColumns *columns, const gchar *text, gsize length);

/* FALSE when TEXT has not as many columns. */
gboolean siaga_w3c_split(SiagaLeaves *leaves, const W3cColumns *columns, const gchar *text, gsize length);

#endif
