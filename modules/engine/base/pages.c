/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Aligned pages by mmap(), large ones by madvise(). */

#include "config.h"

#include "engine/base/pages.h"

#include <sys/mman.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1; others refuse it */
#endif

/* More is mapped than is asked for, so that an aligned part lies in it; the rest goes back. */
gpointer
siaga_pages_new(gsize bytes, gsize alignment)
{
  guint8 *memory = mmap(NULL, bytes + alignment, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    g_error("no memory for %" G_GSIZE_FORMAT " bytes", bytes);
  const gsize before = -GPOINTER_TO_SIZE(memory) & (alignment - 1);
  if (before)
    munmap(memory, before);
  munmap(memory + before + bytes, alignment - before);
  return memory + before;
}

void
siaga_pages_free(gpointer memory, gsize bytes)
{
  if (memory)
    munmap(memory, bytes);
}

void
siaga_pages_widen(gpointer memory, gsize bytes)
{
  if (madvise(memory, bytes, MADV_HUGEPAGE) == 0)
    madvise(memory, bytes, MADV_COLLAPSE);
}
