/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Large pages by madvise(). */

#include "config.h"

#include "engine/domain/wide-pages.h"

#include <sys/mman.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1; others refuse it */
#endif

/* One page more is mapped than is asked for, so that an aligned part lies in it; the rest goes back. */
gpointer
siaga_wide_pages_new(gsize bytes)
{
  const gsize mapped = bytes + SIAGA_WIDE_PAGE;
  guint8 *memory = mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    g_error("no memory for tables of names");
  const gsize before = -(guintptr) memory % SIAGA_WIDE_PAGE;
  if (before)
    munmap(memory, before);
  munmap(memory + before + bytes, SIAGA_WIDE_PAGE - before);
  return memory + before;
}

void
siaga_wide_pages_free(gpointer memory, gsize bytes)
{
  if (memory)
    munmap(memory, bytes);
}

void
siaga_wide_pages_settle(gpointer memory, gsize bytes)
{
  if (madvise(memory, bytes, MADV_HUGEPAGE) == 0)
    madvise(memory, bytes, MADV_COLLAPSE);
}
