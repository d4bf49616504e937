/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Where the reader of a header stands.  What takes something moves P behind it; what does not find it moves nothing. */

#ifndef SIAGA_LINE_READER_H_INCLUDED
#define SIAGA_LINE_READER_H_INCLUDED

#include <siaga/line.h>

typedef struct
{
  SiagaLine *line; /* gets what is read */
  const SiagaTimeContext *context;
  const gchar *p, *end;
} SiagaReader;

static inline gsize
siaga_reader_left(const SiagaReader *self)
{
  return self->end - self->p;
}

static inline gboolean
siaga_reader_is_blank(const SiagaReader *self, const gchar *p)
{
  return p == self->end || *p == ' ';
}

static inline void
siaga_reader_skip_blanks(SiagaReader *self)
{
  while (self->p < self->end && *self->p == ' ')
    self->p++;
}

#endif
