/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * "Did you mean". */

#include <siaga/nearest.h>

#include <string.h>

/* Levenshtein distance of short words, capped. */
guint
siaga_name_distance(const gchar *a, const gchar *b)
{
  guint row[256];
  gsize m = strlen(a), n = strlen(b);
  if (m > 255 || n > 254)
    return 255;
  for (guint j = 0; j <= n; j++)
    row[j] = j;
  for (guint i = 1; i <= m; i++)
    {
      guint diagonal = row[0];
      row[0] = i;
      for (guint j = 1; j <= n; j++)
        {
          guint above = row[j];
          guint best = MIN(above, row[j - 1]) + 1;
          row[j] = MIN(best, diagonal + (a[i - 1] != b[j - 1]));
          diagonal = above;
        }
    }
  return row[n];
}

void
siaga_name_keep_nearest(const gchar *name, const gchar *candidate, guint *distance, const gchar **nearest)
{
  guint own = siaga_name_distance(name, candidate);
  if (own > *distance || (own == *distance && (!*nearest || strcmp(candidate, *nearest) > 0)))
    return;
  *nearest = candidate;
  *distance = own;
}

const gchar *
siaga_nearest_word(const gchar *name, const gchar *const *words)
{
  const gchar *nearest = NULL;
  guint distance = SIAGA_NAME_NEAR;
  for (; *words; words++)
    siaga_name_keep_nearest(name, *words, &distance, &nearest);
  return nearest;
}
