/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Expressions that are written over several lines, as PCRE's (?x) allows. */

#ifndef SIAGA_REGEX_LAYOUT_H_INCLUDED
#define SIAGA_REGEX_LAYOUT_H_INCLUDED

#include <glib.h>

/* What an expression that begins with "(?x)" is without its blanks, line ends and comments ("#" up to the end of the
 * line): outside of classes; a blank or "#" behind a backslash stays, without it.  Newly allocated; NULL: TEXT does not
 * begin so, and is the expression itself. */
gchar *siaga_regex_unfold(const gchar *text);

/* Behind the class that P begins; the end of the text when the class has none. */
const gchar *siaga_regex_class_end(const gchar *p);

#endif
