/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A bump allocator for what lives as long as one event. */

#ifndef SIAGA_ARENA_H_INCLUDED
#define SIAGA_ARENA_H_INCLUDED

#include <glib.h>

/* One thread.  Blocks are kept over a reset, so a warm arena does not allocate. */
typedef struct _SiagaArena SiagaArena;

SiagaArena *siaga_arena_new(void);
void siaga_arena_free(SiagaArena *self); /* NULL allowed */
void siaga_arena_reset(SiagaArena *self);

/* 8-byte aligned, valid until the next reset; NULL when the arena would pass 1 MiB. */
gpointer siaga_arena_alloc(SiagaArena *self, gsize size);
/* A copy with a NUL behind it; NULL as above. */
gchar *siaga_arena_copy(SiagaArena *self, const gchar *text, gsize length);

#endif
