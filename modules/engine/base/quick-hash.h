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

static inline guint64
siaga_quick_word(const gchar *text)
{
  guint64 word;
  memcpy(&word, text, sizeof word);
  return word;
}

/* Up to seven bytes, in no order that matters: without a call, and without reading what was just written in pieces. */
static inline guint64
siaga_quick_rest(const gchar *text, gsize length)
{
  guint32 low, high;
  if (length >= 4)
    {
      memcpy(&low, text, sizeof low);
      memcpy(&high, text + length - 4, sizeof high);
      return (guint64) high << 32 | low;
    }
  return length ? (guint64) (guchar) text[0] << 16 | (guint) (guchar) text[length / 2] << 8 | (guchar) text[length - 1]
                : 0;
}

/* The upper half is the better one.  What is left over of a text is read with what stands before it. */
static inline guint64
siaga_quick_hash(const gchar *text, gsize length, guint64 seed)
{
  guint64 hash = seed + length * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15), other = length;
  if (length < 8)
    return siaga_quick_mix(hash, siaga_quick_rest(text, length));
  gsize i = 0;
  for (; i + 16 < length; i += 16)
    {
      hash = siaga_quick_mix(hash, siaga_quick_word(text + i));
      other = siaga_quick_mix(other, siaga_quick_word(text + i + 8));
    }
  hash = siaga_quick_mix(hash, other);
  if (i + 8 < length)
    hash = siaga_quick_mix(hash, siaga_quick_word(text + i));
  return siaga_quick_mix(hash, siaga_quick_word(text + length - 8));
}

#endif
