/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * govtag(): puts the victim on an event. */

#ifndef GOVTAG_H_INCLUDED
#define GOVTAG_H_INCLUDED

#include "glue/data.h"
#include "glue/message.h"

typedef struct
{
  SiagaDataOptions super;
  GPtrArray *tables;
  gboolean no_default_tables;
  gchar *default_victim;
  GPtrArray *own_domains;
  GPtrArray *local_suffixes;
  gchar *lists;
  gboolean lookalikes;
  guint role; /* SiagaDnsRole */
} GovtagOptions;

/* Takes over the reference on OPTIONS.  NULL with errors in DIAG. */
LogParser *govtag_new(GlobalConfig *cfg, GovtagOptions *options, SiagaDiag *diag);

#endif
