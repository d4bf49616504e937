/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A set of distinct texts: the first few by name, the rest as a HyperLogLog sketch that tells how many. */

#ifndef SIAGA_CORRELATE_SKETCH_H_INCLUDED
#define SIAGA_CORRELATE_SKETCH_H_INCLUDED

#include <glib.h>

#define SIAGA_SKETCH_NAMES 16
#define SIAGA_SKETCH_REGISTERS 1024 /* standard error 3.3 % */

typedef struct
{
  guint count; /* names */
  guint last;  /* the name seen last, looked at first */
  gchar *names[SIAGA_SKETCH_NAMES];
  guint8 marks[SIAGA_SKETCH_NAMES]; /* of the names: most that differ do here */
  guint8 *registers;                /* NULL while all values are named */
} SiagaSketch;

/* TRUE when TEXT was certainly not there before. */
gboolean siaga_sketch_add(SiagaSketch *self, const gchar *text, gsize length);
/* NAME, which is not there, where there is room; takes it over. */
void siaga_sketch_take_name(SiagaSketch *self, gchar *name);
guint64 siaga_sketch_distinct(const SiagaSketch *self, gboolean *approximate_r);
void siaga_sketch_clear(SiagaSketch *self);
gsize siaga_sketch_bytes(const SiagaSketch *self);

#endif
