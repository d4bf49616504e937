/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * An entry of the allowances, as its reader makes it. */

#ifndef SIAGA_SIGMA_ALLOW_H_INCLUDED
#define SIAGA_SIGMA_ALLOW_H_INCLUDED

#include <siaga/allow.h>
#include <siaga/normalise.h>
#include <siaga/stats.h>

typedef struct
{
  SiagaAllowance about;
  gboolean has_source;
  SiagaNetworks *networks;                        /* of source */
  GPtrArray *hosts, *users, *victims, *questions; /* of gchar*; an empty list asks for nothing */
  GArray *rules;                                  /* of guint16: detection rules; empty: all */
} SiagaAllowEntry;

struct _SiagaAllow
{
  GPtrArray *entries; /* of SiagaAllowEntry* */
  GStringChunk *strings;
  SiagaCounter allowed;
};

SiagaAllowEntry *siaga_allow_entry_new(SiagaPlace place);
void siaga_allow_entry_free(gpointer entry);

#endif
