/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * SipHash-1-3 (Aumasson and Bernstein). */

#include "hash.h"

#include <string.h>

#define ROTATE(x, bits) (((x) << (bits)) | ((x) >> (64 - (bits))))

typedef struct
{
  guint64 a, b, c, d;
} State;

static inline void
_round(State *v)
{
  v->a += v->b;
  v->b = ROTATE(v->b, 13) ^ v->a;
  v->a = ROTATE(v->a, 32);
  v->c += v->d;
  v->d = ROTATE(v->d, 16) ^ v->c;
  v->a += v->d;
  v->d = ROTATE(v->d, 21) ^ v->a;
  v->c += v->b;
  v->b = ROTATE(v->b, 17) ^ v->c;
  v->c = ROTATE(v->c, 32);
}

static inline void
_absorb(State *v, guint64 word)
{
  v->d ^= word;
  _round(v);
  v->a ^= word;
}

/* The last LEFT bytes, less than eight, of LENGTH. */
static inline guint64
_rest(const guint8 *in, gsize left, gsize length)
{
  guint64 word = 0;
  if (!left)
    return 0;
  if (length >= 8)
    {
      memcpy(&word, in + left - 8, 8);
      return GUINT64_FROM_LE(word) >> (64 - 8 * left);
    }
  while (left--)
    word |= (guint64) in[left] << (8 * left);
  return word;
}

guint64
siaga_keyed_hash(const SiagaSeed *seed, gconstpointer bytes, gsize length)
{
  const guint8 *in = bytes;
  State v = { seed->k0 ^ G_GUINT64_CONSTANT(0x736f6d6570736575), seed->k1 ^ G_GUINT64_CONSTANT(0x646f72616e646f6d),
              seed->k0 ^ G_GUINT64_CONSTANT(0x6c7967656e657261), seed->k1 ^ G_GUINT64_CONSTANT(0x7465646279746573) };
  guint64 word;
  gsize left = length;

  for (; left >= 8; left -= 8, in += 8)
    {
      memcpy(&word, in, 8);
      _absorb(&v, GUINT64_FROM_LE(word));
    }
  _absorb(&v, (guint64) length << 56 | _rest(in, left, length));
  v.c ^= 0xff;
  _round(&v);
  _round(&v);
  _round(&v);
  return v.a ^ v.b ^ v.c ^ v.d;
}
