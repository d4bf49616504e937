/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Of a window of times the latest one has its teller beside it, in the byte that other kinds use for their steps.  What
 * is left out lies that close to something that counts, so nobody hides by trying at two services at once. */

#include "echo.h"

#include "engine/base/quick-hash.h"
#include "window-kinds.h"

#define USER_BITS 3 /* lower; above them the program's, 0 of either: not known */
#define USERS ((1u << USER_BITS) - 1)
#define PROGRAMS (0xffu >> USER_BITS)

/* 1 to MAX by the text alone: the seeds of two machines differ, their incidents do not. */
static guint
_tell(const SiagaRecordView *record, guint8 column, guint max)
{
  const SiagaRecordValue *value = siaga_record_get(record, column);
  return value ? 1 + (siaga_quick_hash(value->text, value->length, 0) >> 32) % max : 0;
}

guint8
siaga_echo_teller(const SiagaPlan *plan, const SiagaRecordView *record)
{
  guint program = _tell(record, plan->tracked_of[SIAGA_F_PATTERN], PROGRAMS);
  if (!program)
    program = _tell(record, plan->tracked_of[SIAGA_F_EVENT_DATASET], PROGRAMS);
  return program << USER_BITS | _tell(record, plan->tracked_of[SIAGA_F_USER_NAME], USERS);
}

static inline guint8
_may_be_of_one_try(guint8 a, guint8 b)
{
  guint program_a = a >> USER_BITS, program_b = b >> USER_BITS, user_a = a & USERS, user_b = b & USERS;
  return program_a && program_b && program_a != program_b && (!user_a || !user_b || user_a == user_b);
}

static inline SiagaTime
_latest(const SiagaWindow *window)
{
  return siaga_window_entries(window)[window->used - 1];
}

gboolean
siaga_echo_is_near(const SiagaWindow *window, SiagaTime time, SiagaTime span)
{
  return window->used && ABS(time - _latest(window)) <= span;
}

gboolean
siaga_echo_holds(const SiagaWindow *window, const SiagaWatch *watch, SiagaTime time, guint8 teller)
{
  return siaga_echo_is_near(window, time, watch->echo) && _may_be_of_one_try(window->steps, teller);
}

void
siaga_echo_note(SiagaWindow *window, SiagaTime time, guint8 teller)
{
  if (_latest(window) == time)
    window->steps = teller;
}
