/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Integers in text that several threads read at once. */

#ifndef SIAGA_BASE_INTEGER_H_INCLUDED
#define SIAGA_BASE_INTEGER_H_INCLUDED

#include <glib.h>

#include <errno.h>

/* Whether TEXT is an integer from LEAST to MOST and nothing else.  GLib's g_ascii_string_to_signed() takes any errno
 * for a refusal, and its first callers may wait for each other, which leaves one. */
static inline gboolean
siaga_integer_read(const gchar *text, gint64 least, gint64 most, gint64 *value_r)
{
  gchar *end;
  if (!g_ascii_isdigit(*text) && (least >= 0 || (*text != '-' && *text != '+')))
    return FALSE;
  errno = 0;
  gint64 value = g_ascii_strtoll(text, &end, 10);
  if (end == text || *end || errno == ERANGE || value < least || value > most)
    return FALSE;
  *value_r = value;
  return TRUE;
}

#endif
