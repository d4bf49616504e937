/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Tables of a report: how many incidents and events stand under each name. */

#ifndef SIAGA_SIAGACTL_TALLY_H_INCLUDED
#define SIAGA_SIAGACTL_TALLY_H_INCLUDED

#include "siagactl/siagactl.h"

typedef struct
{
  const gchar *key;   /* in JSON and CSV: "sectors" */
  const gchar *title; /* the last column's head on a terminal: "sector" */
  gboolean by_name;   /* in order of names (times), and whole; else the most incidents first */
} CtlTallyKind;

typedef struct _CtlTally CtlTally;

CtlTally *ctl_tally_new(const CtlTallyKind *kind); /* KIND outlives it */
void ctl_tally_free(CtlTally *self);
/* NULL and empty names are passed over.  BEFORE: it belongs to the period before, and is only compared with. */
void ctl_tally_add(CtlTally *self, const gchar *name, guint64 events, gboolean before);

/* COMPARED: with a column of the period before.  TOP rows at most, unless in order of names. */
void ctl_tally_print(const CtlTally *self, gboolean compared, guint top);
void ctl_tally_write_json(const CtlTally *self, gboolean compared, SiagaJson *json);
/* table,name,incidents,events[,before]; a name that a spreadsheet would take for a formula gets a quote in front. */
void ctl_tally_write_csv(const CtlTally *self, gboolean compared);

#endif
