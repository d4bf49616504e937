/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The words for the families of logs. */

#include <siaga/event.h>

#include <string.h>

static const gchar *const words[SIAGA_FAMILIES] = { "none", SIAGA_FAMILY_WORDS };

const gchar *
siaga_family_name(SiagaFamily family)
{
  return words[family];
}

SiagaFamily
siaga_family_by_name(const gchar *name)
{
  for (guint family = SIAGA_FAMILY_WEB; name && family < SIAGA_FAMILIES; family++)
    if (strcmp(name, words[family]) == 0)
      return family;
  return SIAGA_FAMILY_NONE;
}
