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
  guint8 worth; /* others that it outlasts: what came again stays */
  guint16 expressions[SIAGA_MEMORY_HITS];
} SiagaRecollection;

/* Of one thread. */
typedef struct _SiagaMemory SiagaMemory;

SiagaMemory *siaga_memory_new(void);
void siaga_memory_free(SiagaMemory *self); /* NULL allowed */

/* Where TEXT is kept or would be: TRUE with *KNOWN_R what was found in it, FALSE with *KNOWN_R where
 * siaga_memory_keep() may put it, NULL when it shall not be kept. */
gboolean siaga_memory_recall(SiagaMemory *self, guint32 scan, SiagaText text, SiagaRecollection **known_r);
/* The caller has set count and expressions. */
void siaga_memory_keep(SiagaRecollection *place, guint32 scan, SiagaText text);

#endif
