/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The distance is that of optimal string alignment: a letter too much, too few, another one, or two changed over. Short
 * names are a slip apart by chance (adi, edi), so they must be the same. */

#include "alike.h"

#include <string.h>

#define LETTERS_MAX 48 /* of a name that is compared letter by letter */
#define ONE_SLIP 5     /* letters of the shorter name */
#define TWO_SLIPS 9
#define PART_MIN 3

typedef struct
{
  guint length;
  gchar letters[LETTERS_MAX];
} Bare;

/* FALSE: too long, or nothing is left. */
static gboolean
_bare(const gchar *name, Bare *out)
{
  const gchar *realm = strrchr(name, '\\');
  const gchar *from = realm ? realm + 1 : name;
  gsize length = strcspn(from, "@");
  if (!length || length > LETTERS_MAX)
    return FALSE;
  out->length = length;
  for (gsize i = 0; i < length; i++)
    out->letters[i] = g_ascii_tolower(from[i]);
  return TRUE;
}

static gboolean
_is_first_part(const Bare *part, const Bare *whole)
{
  return part->length >= PART_MIN && part->length < whole->length && strchr("._-", whole->letters[part->length]) &&
         memcmp(part->letters, whole->letters, part->length) == 0;
}

static inline guint
_cheapest(const guint8 *above, const guint8 *row, guint i, gboolean same)
{
  guint changed = above[i - 1] + !same;
  return MIN(changed, MIN(above[i], row[i - 1]) + 1u);
}

static guint
_distance(const Bare *a, const Bare *b)
{
  guint8 rows[3][LETTERS_MAX + 1];
  for (guint i = 0; i <= b->length; i++)
    rows[0][i] = i;
  for (guint j = 1; j <= a->length; j++)
    {
      const guint8 *before = rows[(j + 1) % 3], *above = rows[(j + 2) % 3];
      guint8 *row = rows[j % 3];
      row[0] = j;
      for (guint i = 1; i <= b->length; i++)
        {
          row[i] = _cheapest(above, row, i, a->letters[j - 1] == b->letters[i - 1]);
          if (i > 1 && j > 1 && a->letters[j - 1] == b->letters[i - 2] && a->letters[j - 2] == b->letters[i - 1])
            row[i] = MIN(row[i], before[i - 2] + 1);
        }
    }
  return rows[a->length % 3][b->length];
}

gboolean
siaga_alike(const gchar *a, const gchar *b)
{
  Bare bare_a, bare_b;
  if (!_bare(a, &bare_a) || !_bare(b, &bare_b))
    return FALSE;
  guint shorter = MIN(bare_a.length, bare_b.length), longer = MAX(bare_a.length, bare_b.length);
  guint slips = (shorter >= ONE_SLIP) + (shorter >= TWO_SLIPS);
  if (_is_first_part(&bare_a, &bare_b) || _is_first_part(&bare_b, &bare_a))
    return TRUE;
  return longer - shorter <= slips && _distance(&bare_a, &bare_b) <= slips;
}

gboolean
siaga_alike_all(gchar *const *names, guint count)
{
  for (guint one = 0; one < count; one++)
    {
      guint alike = 0;
      while (alike < count && (alike == one || siaga_alike(names[one], names[alike])))
        alike++;
      if (alike == count)
        return TRUE;
    }
  return count == 0;
}
