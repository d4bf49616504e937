/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * HyperLogLog (Flajolet, Fusy, Gandouet, Meunier) with linear counting for small sets. */

#include "sketch.h"
#include "hash.h"

#include <math.h>
#include <string.h>

#define INDEX_BITS 10

/* Names of one length that begin alike, as addresses do, differ at their end. */
static inline guint8
_mark_of(const gchar *text, gsize length)
{
  return length ? length * 31 + (guint8) text[length - 1] * 7 + (guint8) text[length / 2] : 0;
}

static inline gboolean
_is_name(const SiagaSketch *self, guint n, guint8 mark, const gchar *text, gsize length)
{
  const gchar *name = self->names[n];
  return self->marks[n] == mark && strncmp(name, text, length) == 0 && !name[length];
}

static void
_register(SiagaSketch *self, const gchar *text, gsize length)
{
  static const SiagaSeed seed = { 0x5ca1ab1e, 0xd15717c7 };
  guint64 hash = siaga_keyed_hash(&seed, text, length);
  guint index = hash >> (64 - INDEX_BITS);
  guint64 rest = hash << INDEX_BITS;
  guint8 rank = rest ? __builtin_clzll(rest) + 1 : 64 - INDEX_BITS + 1;
  self->registers[index] = MAX(self->registers[index], rank);
}

static void
_start_registers(SiagaSketch *self)
{
  self->registers = g_malloc0(SIAGA_SKETCH_REGISTERS);
  for (guint i = 0; i < self->count; i++)
    _register(self, self->names[i], strlen(self->names[i]));
}

void
siaga_sketch_take_name(SiagaSketch *self, gchar *name)
{
  self->last = self->count;
  self->marks[self->count] = _mark_of(name, strlen(name));
  self->names[self->count++] = name;
}

gboolean
siaga_sketch_add(SiagaSketch *self, const gchar *text, gsize length)
{
  const gchar *nul = memchr(text, '\0', length);
  if (nul)
    length = nul - text;
  const guint8 mark = _mark_of(text, length);
  if (self->count && _is_name(self, self->last, mark, text, length))
    return FALSE;
  for (guint i = 0; i < self->count; i++)
    if (_is_name(self, i, mark, text, length))
      {
        self->last = i;
        return FALSE;
      }
  if (self->count < SIAGA_SKETCH_NAMES)
    {
      siaga_sketch_take_name(self, g_strndup(text, length));
      return TRUE;
    }
  if (!self->registers)
    _start_registers(self);
  _register(self, text, length);
  return FALSE;
}

guint64
siaga_sketch_distinct(const SiagaSketch *self, gboolean *approximate_r)
{
  const gdouble m = SIAGA_SKETCH_REGISTERS;
  gdouble sum = 0;
  guint zeros = 0;
  *approximate_r = self->registers != NULL;
  if (!self->registers)
    return self->count;
  for (guint i = 0; i < SIAGA_SKETCH_REGISTERS; i++)
    {
      sum += ldexp(1, -self->registers[i]);
      zeros += self->registers[i] == 0;
    }
  gdouble estimate = 0.7213 / (1 + 1.079 / m) * m * m / sum;
  if (estimate <= 2.5 * m && zeros)
    estimate = m * log(m / zeros);
  return MAX((guint64) (estimate + 0.5), self->count + 1);
}

void
siaga_sketch_clear(SiagaSketch *self)
{
  for (guint i = 0; i < self->count; i++)
    g_free(self->names[i]);
  g_free(self->registers);
  memset(self, 0, sizeof *self);
}

gsize
siaga_sketch_bytes(const SiagaSketch *self)
{
  return (self->registers ? SIAGA_SKETCH_REGISTERS : 0) + self->count * 32;
}
