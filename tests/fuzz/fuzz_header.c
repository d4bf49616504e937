/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Fuzzes the reader of line headers and wrappers: what it points to lies in the line or in the arena. */

#include "fuzz.h"

#include <siaga/line.h>

/* Read so that the sanitizer sees every byte. */
static volatile gchar sum;

static void
_touch(const gchar *text, gsize length)
{
  for (gsize i = 0; text && i < length; i++)
    sum = text[i];
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static SiagaArena *arena;
  SiagaTimeContext context = { .year = 2026 };
  SiagaLine line;

  if (!arena)
    arena = siaga_arena_new();
  siaga_arena_reset(arena);
  siaga_line_read(&line, (const gchar *) data, size, &context, size & 1 ? arena : NULL);
  _touch(line.text, line.text_length);
  _touch(line.program, line.program_length);
  _touch(line.pid, line.pid_length);
  _touch(line.host, line.host_length);
  _touch(line.structured, line.structured_length);
  return 0;
}
