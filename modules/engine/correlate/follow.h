/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Texts with numbers that come one after the other: somebody walks through a register, from however many addresses. */

#ifndef SIAGA_CORRELATE_FOLLOW_H_INCLUDED
#define SIAGA_CORRELATE_FOLLOW_H_INCLUDED

#include <glib.h>

#define SIAGA_FOLLOW_MAX 255 /* bytes of a text */

/* Writes TEXT with its longest number, the last of equals, one less, as wide as it was; of the name of an address below
 * in-addr.arpa the first number.  BEFORE has LENGTH bytes.  FALSE: it has no number, or that is zero. */
gboolean siaga_follow_before(const gchar *text, gsize length, gchar before[SIAGA_FOLLOW_MAX]);

#endif
