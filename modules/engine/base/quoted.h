/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Where a quoted text ends in which a backslash escapes the sign behind it. */

#ifndef SIAGA_BASE_QUOTED_H_INCLUDED
#define SIAGA_BASE_QUOTED_H_INCLUDED

#include <glib.h>

/* P: behind the opening quote.  Gives back where the closing one stands, NULL when nowhere; ESCAPED_R: whether anything
 * was escaped. */
static inline const gchar *
siaga_quoted_end(const gchar *p, const gchar *end, gchar quote, gboolean *escaped_r)
{
  *escaped_r = FALSE;
  for (; p < end && *p != quote; p++)
    if (*p == '\\' && p + 1 < end)
      {
        *escaped_r = TRUE;
        p++;
      }
  return p < end ? p : NULL;
}

#endif
