/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A set of name suffixes, each with a value, answering with the longest that covers a name. */

#ifndef SIAGA_DOMAIN_SUFFIXES_H_INCLUDED
#define SIAGA_DOMAIN_SUFFIXES_H_INCLUDED

#include <glib.h>

/* A tree of labels laid out in one hash table: a look-up walks from the last label to the left and stops where no
 * longer suffix exists.  The table has eight bytes a name, so that it stays in the processor's cache; a suffix and its
 * value lie together and are read once it is known that they should be the right ones.  Built by one thread, then read
 * by any. */
typedef struct _SiagaSuffixes SiagaSuffixes;

/* VALUE_SIZE: bytes of each value, at most 512; may be 0. */
SiagaSuffixes *siaga_suffixes_new(gsize value_size);
void siaga_suffixes_free(SiagaSuffixes *self); /* NULL allowed */

/* NAME is canonical (siaga_name_canonical); "*kab.go.id" stands for each label that ends in "kab" (and is longer).
 * Gives back its value, zeros when it was not there before (NEW_R, NULL allowed, tells); aligned for any pointer, in
 * place until free. */
gpointer siaga_suffixes_add(SiagaSuffixes *self, const gchar *name, gboolean *new_r);

/* The value of the longest suffix of NAME, NULL when none covers it. LENGTH_R (NULL allowed) gets how much of NAME's
 * end it covers; a label that matched by its ending counts whole.  Any case; no allocation. */
gpointer siaga_suffixes_find(const SiagaSuffixes *self, const gchar *name, gsize length, gsize *length_r);

#endif
