/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Memory that no other thread's memory shares a line of the cache with: what two processors write into one line goes
 * from one to the other each time. */

#ifndef SIAGA_CORRELATE_APART_H_INCLUDED
#define SIAGA_CORRELATE_APART_H_INCLUDED

#include <glib.h>

#include <stdlib.h>
#include <string.h>

#define SIAGA_APART 128 /* processors fetch two lines at a time */
#define SIAGA_ALIGNED __attribute__((aligned(SIAGA_APART)))

/* SIZE bytes of zeros; siaga_apart_free ends them.  Ends the program where memory ends, as g_malloc() does. */
static inline gpointer
siaga_apart_new(gsize size)
{
  void *memory;
  size = (size + SIAGA_APART - 1) & ~(gsize) (SIAGA_APART - 1);
  if (posix_memalign(&memory, SIAGA_APART, size) != 0)
    g_error("no memory for %" G_GSIZE_FORMAT " bytes", size);
  return memset(memory, 0, size);
}

static inline void
siaga_apart_free(gpointer memory)
{
  free(memory);
}

#endif
