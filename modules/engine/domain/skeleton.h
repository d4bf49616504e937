/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The skeleton of a name: what it looks like in small Latin letters. */

#ifndef SIAGA_DOMAIN_SKELETON_H_INCLUDED
#define SIAGA_DOMAIN_SKELETON_H_INCLUDED

#include <glib.h>

/* Writes the letters that NAME (UTF-8 or ASCII) looks like; SIZE bytes of OUT, NUL included.  Characters that look like
 * no Latin letter become "?".  Gives back the length. */
gsize siaga_skeleton_latin(const gchar *name, gsize length, gchar *out, gsize size);
/* Folds what looks the same in ASCII, in place: 0 and o; 1, i and l; 3 e; 4 a; 5 s; rn m; vv w.  For comparisons only.
 */
gsize siaga_skeleton_fold(gchar *text, gsize length);

#endif
