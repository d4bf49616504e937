/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Memory for the keys and windows of one shard: places of a few sizes, each size in slabs of its own.  A crowd of keys
 * that come and go fills the holes that others of its size left; among everything else that a process allocates, those
 * holes took as much again.  A slab that is empty goes back to the system.  Not locked here. */

#ifndef SIAGA_CORRELATE_POOL_H_INCLUDED
#define SIAGA_CORRELATE_POOL_H_INCLUDED

#include <glib.h>

#define SIAGA_POOL_CLASSES 28

typedef struct _SiagaSlab SiagaSlab;
typedef struct _SiagaRegion SiagaRegion;

typedef struct
{
  SiagaSlab *open[SIAGA_POOL_CLASSES]; /* by size: those with a free place */
  SiagaRegion *regions;                /* those with a free slab first */
} SiagaPool;                           /* all zero is an empty one */

/* What SIZE bytes take. */
gsize siaga_pool_size(gsize size);
/* How many there may be of them for the same, a multiple of eight if SIZE is one. */
gsize siaga_pool_room(gsize size);

gpointer siaga_pool_alloc(SiagaPool *self, gsize size);
/* SIZE as it was asked for. */
void siaga_pool_free(SiagaPool *self, gpointer place, gsize size);
gpointer siaga_pool_resize(SiagaPool *self, gpointer place, gsize old_size, gsize size);

/* Bytes of all slabs. */
gsize siaga_pool_held(const SiagaPool *self);

/* All places must have been given back. */
void siaga_pool_clear(SiagaPool *self);

#endif
