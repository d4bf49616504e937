/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Fuzzes matching: a line against all shipped patterns, then the event's JSON and packed forms. */

#include "fuzz.h"

#include <siaga/pattern.h>

#include <string.h>

static SiagaPatternSet *set;
static SiagaEvent *event;
static SiagaArena *arena;

static void
_start(void)
{
  gchar *data_dir;
  SiagaFields *fields = siaga_fuzz_fields(&data_dir);
  set = siaga_patterns_new(fields, NULL);
  siaga_patterns_load(set, data_dir, FALSE, NULL);
  siaga_patterns_finish(set, NULL);
  event = siaga_event_new(fields);
  arena = siaga_arena_new();
  g_free(data_dir);
}

/* The first byte chooses a program, so that patterns bound to one are reached without spelling it. */
static void
_choose_program(SiagaLine *line, guint8 choice)
{
  static const gchar *const programs[] = { "sshd", "named", "dovecot", "postfix/smtpd", "unbound", "sudo", "haproxy" };
  if (choice >= G_N_ELEMENTS(programs))
    return;
  line->program = programs[choice];
  line->program_length = strlen(programs[choice]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  SiagaTimeContext context = { .year = 2026 };
  SiagaLine line;

  if (!set)
    _start();
  if (!size)
    return 0;
  siaga_arena_reset(arena);
  siaga_line_read(&line, (const gchar *) data + 1, size - 1, &context, arena);
  _choose_program(&line, data[0]);
  siaga_patterns_match(set, &line, &context, event);

  GString *out = g_string_new(NULL);
  SiagaJson json;
  siaga_json_init(&json, out);
  siaga_json_open_object(&json, NULL);
  siaga_event_write_json(event, &json, TRUE);
  siaga_json_close_object(&json);
  siaga_event_pack(event, out);
  g_string_free(out, TRUE);
  return 0;
}
