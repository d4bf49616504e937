/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The number before. */

#include "follow.h"

#include <string.h>

/* The longest run of digits, the last of equals; 0: there is none. */
static gsize
_find_number(const gchar *text, gsize length, gsize *end_r)
{
  gsize longest = 0, run = 0;
  for (gsize i = 0; i < length; i++)
    {
      run = g_ascii_isdigit(text[i]) ? run + 1 : 0;
      if (!run || run < longest)
        continue;
      longest = run;
      *end_r = i + 1;
    }
  return longest;
}

/* 5.2.0.192.in-addr.arpa: the network stands at the end. */
static gsize
_find_host(const gchar *text, gsize length, gsize *end_r)
{
  static const gchar reverse[] = ".in-addr.arpa";
  gsize digits = 0, tail = sizeof reverse - 1;
  if (length <= tail || memcmp(text + length - tail, reverse, tail) != 0)
    return 0;
  while (g_ascii_isdigit(text[digits]))
    digits++;
  return *end_r = digits;
}

gboolean
siaga_follow_before(const gchar *text, gsize length, gchar before[SIAGA_FOLLOW_MAX])
{
  gsize end = 0, digits = 0;
  if (length <= SIAGA_FOLLOW_MAX && !(digits = _find_host(text, length, &end)))
    digits = _find_number(text, length, &end);
  gsize at = end;
  while (at > end - digits && text[at - 1] == '0')
    at--;
  if (at == end - digits)
    return FALSE;
  memcpy(before, text, length);
  before[at - 1]--;
  memset(before + at, '9', end - at);
  return TRUE;
}
