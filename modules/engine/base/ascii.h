/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Letters without a call: what looks at every byte of a line. */

#ifndef SIAGA_BASE_ASCII_H_INCLUDED
#define SIAGA_BASE_ASCII_H_INCLUDED

#include <glib.h>

/* g_ascii_tolower, inlined. */
static inline guchar
siaga_ascii_lower(gchar c)
{
  return c >= 'A' && c <= 'Z' ? c | 0x20 : (guchar) c;
}

/* But for the case of letters. */
static inline gboolean
siaga_ascii_equal(const gchar *a, const gchar *b, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (siaga_ascii_lower(a[i]) != siaga_ascii_lower(b[i]))
      return FALSE;
  return TRUE;
}

#endif
