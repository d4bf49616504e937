/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Sixteen bytes at once: the compiler makes of it what the machine has, SSE2 or NEON. */

#ifndef SIAGA_BLOCK_H_INCLUDED
#define SIAGA_BLOCK_H_INCLUDED

#include <glib.h>
#include <string.h>

#define BLOCK_SIZE 16

typedef guint8 Block __attribute__((vector_size(BLOCK_SIZE)));
typedef guint64 BlockHalves __attribute__((vector_size(BLOCK_SIZE)));

static inline __attribute__((always_inline)) Block
block_of(guint8 byte)
{
  return (Block){ byte, byte, byte, byte, byte, byte, byte, byte, byte, byte, byte, byte, byte, byte, byte, byte };
}

static inline __attribute__((always_inline)) Block
block_at(const gchar *text)
{
  Block block;
  memcpy(&block, text, sizeof block);
  return block;
}

/* The place of the first byte of FOUND that is not zero; 16 when all are. */
static inline __attribute__((always_inline)) guint
block_first(Block found)
{
  const BlockHalves halves = (BlockHalves) found;
  const guint64 first = GUINT64_FROM_LE(halves[0]), second = GUINT64_FROM_LE(halves[1]);
  if (first)
    return __builtin_ctzll(first) / 8;
  return second ? 8 + __builtin_ctzll(second) / 8 : BLOCK_SIZE;
}

/* memcpy() of what is mostly short: pieces that may overlap, and no call.  What compilers make of memcpy() of up to 256
 * bytes takes as long as copying a hundred before it begins. */
static inline __attribute__((always_inline)) void
block_copy(gchar *to, const gchar *from, gsize length)
{
  if (length > 8 * BLOCK_SIZE)
    memcpy(to, from, length);
  else if (length >= BLOCK_SIZE)
    {
      for (gsize i = 0; i + BLOCK_SIZE < length; i += BLOCK_SIZE)
        memcpy(to + i, from + i, BLOCK_SIZE);
      memcpy(to + length - BLOCK_SIZE, from + length - BLOCK_SIZE, BLOCK_SIZE);
    }
  else if (length >= 8)
    {
      memcpy(to, from, 8);
      memcpy(to + length - 8, from + length - 8, 8);
    }
  else if (length >= 4)
    {
      memcpy(to, from, 4);
      memcpy(to + length - 4, from + length - 4, 4);
    }
  else
    for (gsize i = 0; i < length; i++)
      to[i] = from[i];
}

#endif
