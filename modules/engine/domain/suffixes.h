/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A set of name suffixes, each with a number, answering with the longest that covers a name. */

#ifndef SIAGA_DOMAIN_SUFFIXES_H_INCLUDED
#define SIAGA_DOMAIN_SUFFIXES_H_INCLUDED

#include <glib.h>

/* A tree of labels laid out in one hash table: a look-up walks from the last label to the left and stops where no
 * longer suffix exists.  Built by one thread, then read by any. */
typedef struct _SiagaSuffixes SiagaSuffixes;

SiagaSuffixes *siaga_suffixes_new(void);
void siaga_suffixes_free(SiagaSuffixes *self); /* NULL allowed */

/* NAME is canonical (siaga_name_canonical); "*kab.go.id" stands for each label that ends in "kab" (and is longer).
 * VALUE is not 0.  Gives back 0, or the value NAME has already (which stays). */
guint32 siaga_suffixes_add(SiagaSuffixes *self, const gchar *name, guint32 value);
void siaga_suffixes_replace(SiagaSuffixes *self, const gchar *name, guint32 value);

/* The value of the longest suffix of NAME, 0 when none covers it. LENGTH_R (NULL allowed) gets how much of NAME's end
 * it covers; a label that matched by its ending counts whole.  Any case; no allocation. */
guint32 siaga_suffixes_find(const SiagaSuffixes *self, const gchar *name, gsize length, gsize *length_r);

#endif
