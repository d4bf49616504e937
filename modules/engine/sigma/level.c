/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The words for levels, as Sigma has them. */

#include <siaga/rule.h>

#include <string.h>

const gchar *const siaga_level_words[] = { "informational", "low", "medium", "high", "critical", NULL };

const gchar *
siaga_level_name(SiagaLevel level)
{
  return level > SIAGA_LEVEL_NONE && level <= SIAGA_LEVEL_CRITICAL ? siaga_level_words[level - 1] : "none";
}

SiagaLevel
siaga_level_by_name(const gchar *name)
{
  for (guint i = 0; name && siaga_level_words[i]; i++)
    if (strcmp(name, siaga_level_words[i]) == 0)
      return SIAGA_LEVEL_INFORMATIONAL + i;
  return SIAGA_LEVEL_NONE;
}
