/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What every match of a pattern begins with and holds: a selector looks for these texts before any pattern is tried. */

#ifndef SIAGA_NEEDED_H_INCLUDED
#define SIAGA_NEEDED_H_INCLUDED

#include "private.h"

/* Fills SELF->first and SELF->needed.  REGEX: that of grok with macros expanded, unused for other formats.  Any thread:
 * threads that read files do it, for it is a quarter of what a file costs them. */
void siaga_pattern_find_needed(Pattern *self, const gchar *regex, gboolean caseless);

#endif
