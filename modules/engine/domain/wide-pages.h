/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Memory of large tables on the processor's large pages: a read at random then needs no walk through page tables. */

#ifndef SIAGA_DOMAIN_WIDE_PAGES_H_INCLUDED
#define SIAGA_DOMAIN_WIDE_PAGES_H_INCLUDED

#include <glib.h>

/* Bytes; what is asked for is a multiple of it. */
#define SIAGA_WIDE_PAGE ((gsize) 2 << 20)

/* Zeros, taken from the system as they are written to.  Ends the program where memory ends, as g_malloc() does. */
gpointer siaga_wide_pages_new(gsize bytes);
void siaga_wide_pages_free(gpointer memory, gsize bytes); /* NULL allowed */

/* From now on MEMORY is worth whole large pages, what is written already included.  A system without them, or that
 * forbids them, leaves it as it is. */
void siaga_wide_pages_settle(gpointer memory, gsize bytes);

#endif
