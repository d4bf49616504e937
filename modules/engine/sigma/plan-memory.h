/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What scans found in texts that came lately: agents, referrers, hosts and many targets come again and again. */

#ifndef SIAGA_PLAN_MEMORY_H_INCLUDED
#define SIAGA_PLAN_MEMORY_H_INCLUDED

#include "sigma-private.h"

#define SIAGA_MEMORY_HITS 4

/* One text in one scan.  Its bytes stand behind it. */
typedef struct
{
  guint32 scan; /* 0: free */
  guint16 length;
  guint8 count;
  guint16 expressions[SIAGA_MEMORY_HITS];
} SiagaRecollection;

/* Where a text may be kept. */
typedef struct
{
  SiagaRecollection *known; /* NULL: nowhere */
  guint16 *tag;
  guint16 own_tag;
} SiagaMemoryPlace;

/* Of one thread. */
typedef struct _SiagaMemory SiagaMemory;

SiagaMemory *siaga_memory_new(void);
void siaga_memory_free(SiagaMemory *self); /* NULL allowed */

/* What was found in TEXT; NULL, with *PLACE_R set, when that is not remembered. */
const SiagaRecollection *siaga_memory_recall(SiagaMemory *self, guint32 scan, SiagaText text,
                                             SiagaMemoryPlace *place_r);
/* The caller has set count and expressions. */
void siaga_memory_keep(const SiagaMemoryPlace *place, guint32 scan, SiagaText text);

#endif
