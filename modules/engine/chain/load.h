/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the loaders share. */

#ifndef SIAGA_CHAIN_LOAD_H_INCLUDED
#define SIAGA_CHAIN_LOAD_H_INCLUDED

#include <siaga/chain.h>

typedef gboolean (*SiagaLoadFile)(gpointer target, const gchar *path, SiagaDiag *diag);

/* Calls LOAD for DIR/NAME when it exists; DIR may be NULL.  NAME stands in one of the lists of <siaga/chain.h>. */
void siaga_chain_load_if_there(const gchar *dir, const gchar *name, SiagaLoadFile load, gpointer target,
                               SiagaDiag *diag);

#endif
