/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Skeletons by Unicode's table of confusable characters. */

#include "engine/domain/skeleton.h"

#include <stdlib.h>
#include <string.h>

typedef struct
{
  gunichar code;
  gchar looks[4];
} Confusable;

static const Confusable confusables[] = {
#include "engine/domain/confusables.inc"
};

static gint
_compare(gconstpointer a, gconstpointer b)
{
  gunichar x = *(const gunichar *) a, y = ((const Confusable *) b)->code;
  return x < y ? -1 : x > y;
}

static const gchar *
_looks_like(gunichar c, gchar *ascii)
{
  if (c < 0x80)
    {
      ascii[0] = g_ascii_tolower(c);
      return ascii;
    }
  const Confusable *found = bsearch(&c, confusables, G_N_ELEMENTS(confusables), sizeof confusables[0], _compare);
  return found ? found->looks : "?";
}

gsize
siaga_skeleton_latin(const gchar *name, gsize length, gchar *out, gsize size)
{
  gsize n = 0;
  for (gsize i = 0; i < length;)
    {
      gchar ascii[2] = { 0 };
      gunichar c = g_utf8_get_char_validated(name + i, length - i);
      gboolean valid = c != (gunichar) -1 && c != (gunichar) -2;
      const gchar *looks = _looks_like(valid ? c : '?', ascii);
      gsize added = strlen(looks);
      if (n + added >= size)
        break;
      memcpy(out + n, looks, added);
      n += added;
      i += valid ? g_utf8_skip[(guchar) name[i]] : 1;
    }
  out[n] = '\0';
  return n;
}

static gchar
_fold(gchar c)
{
  switch (c)
    {
    case '0':
      return 'o';
    case '1':
    case 'i':
      return 'l';
    case '3':
      return 'e';
    case '4':
      return 'a';
    case '5':
      return 's';
    default:
      return c;
    }
}

gsize
siaga_skeleton_fold(gchar *text, gsize length)
{
  gsize n = 0;
  for (gsize i = 0; i < length; i++)
    {
      gboolean pair = i + 1 < length;
      if (pair && text[i] == 'r' && text[i + 1] == 'n')
        text[n++] = 'm', i++;
      else if (pair && text[i] == 'v' && text[i + 1] == 'v')
        text[n++] = 'w', i++;
      else
        text[n++] = _fold(text[i]);
    }
  text[n] = '\0';
  return n;
}
