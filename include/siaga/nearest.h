/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The word that was probably meant.  Any thread; short texts, while files are read. */

#ifndef SIAGA_NEAREST_H_INCLUDED
#define SIAGA_NEAREST_H_INCLUDED

#include <glib.h>

/* How many letters have to be changed, put in or left out; 255 for names that are longer than that.  Under
 * SIAGA_NAME_NEAR it was probably meant. */
guint siaga_name_distance(const gchar *a, const gchar *b);
#define SIAGA_NAME_NEAR 4
/* Of names that come one by one, keeps in NEAREST the one nearest to NAME, of equals the first by name.  They begin as
 * the letters that are too many, and NULL. */
void siaga_name_keep_nearest(const gchar *name, const gchar *candidate, guint *distance, const gchar **nearest);
/* Of WORDS, NULL at the end, the one that is near; NULL: none is.  Borrowed. */
const gchar *siaga_nearest_word(const gchar *name, const gchar *const *words);

#endif
