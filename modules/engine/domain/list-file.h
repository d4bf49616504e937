/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * How a list file looks. */

#ifndef SIAGA_DOMAIN_LIST_FILE_H_INCLUDED
#define SIAGA_DOMAIN_LIST_FILE_H_INCLUDED

#include <siaga/lists.h>

#define SIAGA_LIST_MAGIC "SIAGALST"
#define SIAGA_LIST_VERSION 1
#define SIAGA_LIST_BYTE_ORDER 0x01020304u
#define SIAGA_LIST_MIN_BITS 8
#define SIAGA_LIST_MAX_BITS 28

/* Then 2^bits + 1 guint32: where each bucket's entries begin; then COUNT guint64, ascending: 56 bits of the hash and
 * below them the category.  The bucket is the hash's highest bits. */
typedef struct
{
  gchar magic[8];
  guint32 version, byte_order;
  guint64 count;
  guint32 bits, categories;
  guint64 size; /* of the file */
  gchar names[SIAGA_LISTS_CATEGORIES][SIAGA_LISTS_CATEGORY_NAME];
} SiagaListHeader;

#define SIAGA_LIST_HASH_MASK (~G_GUINT64_CONSTANT(0xff))

/* Right to left, so that one walk gives the hash of a name and of every domain above it. */
#define SIAGA_LIST_HASH_START G_GUINT64_CONSTANT(0x51a9a115f0e1d2c3)

static inline guint64
siaga_list_hash_step(guint64 hash, guchar c)
{
  hash = (hash ^ c) * G_GUINT64_CONSTANT(0xff51afd7ed558ccd);
  return hash ^ (hash >> 32);
}

static inline guint64
siaga_list_hash_end(guint64 hash)
{
  hash *= G_GUINT64_CONSTANT(0xc4ceb9fe1a85ec53);
  return hash ^ (hash >> 29);
}

static inline gsize
siaga_list_index_size(guint bits)
{
  return ((((gsize) 1 << bits) + 1) * sizeof(guint32) + 7) & ~(gsize) 7;
}

#endif
