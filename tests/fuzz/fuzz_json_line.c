/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Fuzzes the scanners of JSON and of key=value lines. */

#include "fuzz.h"

#include "engine/pattern/leaves.h"

/* Read so that the sanitizer sees every byte. */
static volatile gchar sum;

static void
_touch(const SiagaLeaves *leaves)
{
  for (guint i = 0; i < leaves->count; i++)
    {
      const SiagaLeaf *leaf = &leaves->leaves[i];
      for (guint j = 0; j < leaf->length; j++)
        sum = leaf->text[j];
      for (guint j = 0; j < leaf->path_length; j++)
        sum = leaf->path[j];
      g_assert(siaga_leaf_find(leaves, leaf->path, leaf->path_length, leaf->hash));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static SiagaArena *arena;
  static SiagaLeaves leaves;

  if (!arena)
    arena = siaga_arena_new();
  siaga_arena_reset(arena);
  siaga_json_scan(&leaves, (const gchar *) data, size, arena);
  _touch(&leaves);
  siaga_leaves_clear(&leaves);
  siaga_kv_scan(&leaves, (const gchar *) data, size, arena);
  _touch(&leaves);
  return 0;
}
