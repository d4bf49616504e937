/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Memory straight from the system, for tables that are large or want an alignment of their own. */

#ifndef SIAGA_BASE_PAGES_H_INCLUDED
#define SIAGA_BASE_PAGES_H_INCLUDED

#include <glib.h>

/* Bytes of a large page: a read at random in one needs no walk through page tables. */
#define SIAGA_WIDE_PAGE ((gsize) 2 << 20)

/* BYTES and ALIGNMENT: multiples of the system's page, the second a power of two.  Zeros, taken from the system as they
 * are written to.  Ends the program where memory ends, as g_malloc() does. */
gpointer siaga_pages_new(gsize bytes, gsize alignment);
void siaga_pages_free(gpointer memory, gsize bytes); /* NULL allowed */

/* From now on MEMORY, aligned to SIAGA_WIDE_PAGE, is worth large pages, what is written already included.  A system
 * without them, or that forbids them, leaves it as it is. */
void siaga_pages_widen(gpointer memory, gsize bytes);

#endif
