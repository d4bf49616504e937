/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Per-thread-cheap counters that one reader sums. */

#ifndef SIAGA_STATS_H_INCLUDED
#define SIAGA_STATS_H_INCLUDED

#include <glib.h>

#include <time.h>

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

/* Nanoseconds, for measuring what something takes: the monotonic clock's, which is quick to read, and this thread's
 * processor time, which others do not disturb. */
static inline gint64
siaga_clock_read(clockid_t clock)
{
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * G_GINT64_CONSTANT(1000000000) + now.tv_nsec;
}

static inline gint64
siaga_clock(void)
{
  return siaga_clock_read(CLOCK_MONOTONIC);
}

static inline gint64
siaga_thread_clock(void)
{
  return siaga_clock_read(CLOCK_THREAD_CPUTIME_ID);
}

#endif
