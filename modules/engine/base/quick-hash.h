/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Where a text is kept in a table of what came lately, which has one place for it: who makes texts fall together only
 * makes them be worked out again.  Not for tables that grow with what others write. */

#ifndef SIAGA_QUICK_HASH_H_INCLUDED
#define SIAGA_QUICK_HASH_H_INCLUDED

#include <glib.h>
#include <string.h>

static inline guint64
siaga_quick_mix(guint64 hash, guint64 word)
{
  hash = (hash ^ word) * G_GUINT64_CONSTANT(0xff51afd7ed558ccd);
  return hash ^ hash >> 32;
}

/* The upper half is the better one. */
static inline guint64
siaga_quick_hash(const gchar *text, gsize length, guint64 seed)
{
  const gsize whole = length & ~(gsize) 7;
  guint64 hash = seed + length * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15), word;
  for (gsize i = 0; i < whole; i += 8)
    {
      memcpy(&word, text + i, 8);
      hash = siaga_quick_mix(hash, word);
    }
  word = 0;
  memcpy(&word, text + whole, length - whole);
  return siaga_quick_mix(hash, word);
}

#endif
