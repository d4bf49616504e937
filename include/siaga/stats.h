/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Per-thread-cheap counters that one reader sums. */

#ifndef SIAGA_STATS_H_INCLUDED
#define SIAGA_STATS_H_INCLUDED

#include <glib.h>

/* Relaxed atomics: any thread adds, any thread reads. */
typedef struct
{
  guint64 value;
} SiagaCounter;

static inline void
siaga_counter_add(SiagaCounter *self, guint64 n)
{
  __atomic_fetch_add(&self->value, n, __ATOMIC_RELAXED);
}

static inline guint64
siaga_counter_get(const SiagaCounter *self)
{
  return __atomic_load_n(&self->value, __ATOMIC_RELAXED);
}

#endif
