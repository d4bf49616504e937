/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * SipHash-1-3 with a secret seed: log text chooses the keys, so it must not be able to choose their hashes. */

#ifndef SIAGA_CORRELATE_HASH_H_INCLUDED
#define SIAGA_CORRELATE_HASH_H_INCLUDED

#include <glib.h>

/* Where a call costs as much as what is called, once for each event. */
#define SIAGA_INLINE inline __attribute__((always_inline))

typedef struct
{
  guint64 k0, k1;
} SiagaSeed;

guint64 siaga_keyed_hash(const SiagaSeed *seed, gconstpointer bytes, gsize length);

/* Spreads the bits of a number; no secret. */
static inline guint64
siaga_hash_mix(guint64 x)
{
  x ^= x >> 33;
  x *= G_GUINT64_CONSTANT(0xff51afd7ed558ccd);
  x ^= x >> 33;
  x *= G_GUINT64_CONSTANT(0xc4ceb9fe1a85ec53);
  return x ^ (x >> 33);
}

#endif
