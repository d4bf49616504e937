/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A lock for sections of a few hundred nanoseconds: one atomic to take it, a store to leave it; who must wait looks for
 * some of them, then gives the processor away, and sleeps when it takes long (a reload, a copy of the process). */

#ifndef SIAGA_CORRELATE_LOCK_H_INCLUDED
#define SIAGA_CORRELATE_LOCK_H_INCLUDED

#include <glib.h>

#include <sched.h>

typedef struct
{
  gint taken;
} SiagaLock;

/* Tells the processor that this thread only waits: 10 to 140 cycles, in which the other hyperthread works. */
static inline void
siaga_lock_pause(void)
{
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

static inline void
siaga_lock_wait(SiagaLock *self)
{
  guint tries = 0;
  do
    while (__atomic_load_n(&self->taken, __ATOMIC_RELAXED))
      if (++tries > 4096)
        g_usleep(50);
      else if (tries > 64)
        sched_yield();
      else
        siaga_lock_pause();
  while (__atomic_exchange_n(&self->taken, 1, __ATOMIC_ACQUIRE));
}

static inline void
siaga_lock(SiagaLock *self)
{
  if (G_UNLIKELY(__atomic_exchange_n(&self->taken, 1, __ATOMIC_ACQUIRE)))
    siaga_lock_wait(self);
}

static inline void
siaga_unlock(SiagaLock *self)
{
  __atomic_store_n(&self->taken, 0, __ATOMIC_RELEASE);
}

#endif
