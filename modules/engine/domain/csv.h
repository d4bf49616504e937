/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Small tables in CSV files whose every cell knows its place. */

#ifndef SIAGA_DOMAIN_CSV_H_INCLUDED
#define SIAGA_DOMAIN_CSV_H_INCLUDED

#include <siaga/diag.h>

#define SIAGA_CSV_CELLS 16

typedef struct
{
  SiagaPlace places[SIAGA_CSV_CELLS];
  gchar *cells[SIAGA_CSV_CELLS]; /* never NULL below COUNT; blanks around are gone; valid during the call */
  guint count;
} SiagaCsvRow;

/* FALSE after an error in DIAG: the row is left out. */
typedef gboolean (*SiagaCsvHandler)(const SiagaCsvRow *row, gpointer user_data, SiagaDiag *diag);

/* Reads PATH: one row a line, cells parted by commas, "quoted" with "" for a quote; lines that begin with # and empty
 * lines are comments; the first row may name the columns (HEADER, comma-parted: how many there are at most; REQUIRED:
 * at least).  Missing cells at the end are empty.  FALSE when anything was an error. */
gboolean siaga_csv_read(const gchar *path, const gchar *header, guint required, SiagaCsvHandler handler,
                        gpointer user_data, SiagaDiag *diag);

#endif
