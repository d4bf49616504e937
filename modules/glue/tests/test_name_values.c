/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Values set at once against the same set one by one by syslog-ng. */

#include "tests/harness/harness.h"

#include "glue/name-values.h"
#include "tests/harness/run.h"

#include <string.h>

#define NAMES 40

static NVHandle handles[NAMES];

static void
setup(void)
{
  harness_start();
  /* Not in the order of the alphabet, and others between them. */
  for (guint i = 0; i < NAMES; i++)
    {
      gchar name[32];
      g_snprintf(name, sizeof name, "test.%u", (i * 7) % NAMES);
      handles[(i * 7) % NAMES] = log_msg_get_value_handle(name);
    }
}

static void
teardown(void)
{
  harness_stop();
}

static const gchar *
random_text(GRand *rand, gchar *buffer, gsize *length)
{
  *length = g_rand_int_range(rand, 0, g_rand_int_range(rand, 1, 5) == 1 ? 2000 : 20);
  for (gsize i = 0; i < *length; i++)
    buffer[i] = g_rand_int_range(rand, 0, 256);
  return buffer;
}

typedef struct
{
  const LogMessage *other;
  guint count;
} Comparison;

static gboolean
compare_value(NVHandle handle, const gchar *name, const gchar *value, gssize length, NVType type, gpointer user_data)
{
  Comparison *self = user_data;
  gssize other_length;
  LogMessageValueType other_type;
  const gchar *other = log_msg_get_value_with_type(self->other, handle, &other_length, &other_type);

  ck_assert_str_eq(name, log_msg_get_value_name(handle, NULL));
  ck_assert_int_eq(other_length, length);
  ck_assert_mem_eq(other, value, length);
  ck_assert_int_eq(value[length], '\0');
  ck_assert_int_eq(other_type, type);
  self->count++;
  return FALSE;
}

static void
assert_equal_messages(const LogMessage *a, const LogMessage *b)
{
  Comparison there = { .other = b }, back = { .other = a };

  log_msg_values_foreach(a, compare_value, &there);
  log_msg_values_foreach(b, compare_value, &back);
  ck_assert_uint_eq(there.count, back.count);
}

typedef struct
{
  guint8 chosen[NAMES], there[NAMES];
  guint count;
  gsize room;
  gchar texts[NAMES][2000];
  gsize lengths[NAMES];
} Round;

static void
choose(Round *self, const SiagaNames *names, GRand *rand)
{
  memset(self, 0, sizeof *self);
  for (guint i = 0; i < NAMES; i++)
    {
      self->there[i] = g_rand_int_range(rand, 0, 6) == 0;
      self->chosen[i] = g_rand_boolean(rand);
      random_text(rand, self->texts[i], &self->lengths[i]);
      if (!self->chosen[i])
        continue;
      self->count++;
      self->room += siaga_names_room(names, i, self->lengths[i]);
    }
}

static LogMessage *
message_with_some(const Round *round)
{
  LogMessage *msg = harness_message("a message of its own", -1);
  for (guint i = 0; i < NAMES; i++)
    if (round->there[i])
      log_msg_set_value(msg, handles[i], "there before", -1);
  return msg;
}

static void
fill(const Round *round, const SiagaNames *names, LogMessage *msg)
{
  SiagaFilling filling;

  ck_assert(siaga_filling_begin(&filling, names, msg, round->count, round->room));
  for (guint rank = 0; rank < NAMES; rank++)
    {
      const guint i = names->order[rank];
      ck_assert_uint_eq(names->names[i].rank, rank);
      if (round->chosen[i])
        ck_assert_int_eq(!round->there[i],
                         siaga_filling_add(&filling, i, round->texts[i], round->lengths[i], LM_VT_JSON));
    }
  siaga_filling_end(&filling);
}

START_TEST(values_set_at_once_are_those_set_one_by_one)
{
  SiagaNames *names = siaga_names_new(handles, NAMES);
  GRand *rand = g_rand_new_with_seed(20261127 + _i);
  Round *round = g_new(Round, 1);

  ck_assert(names->plain);
  for (guint n = 0; n < 200; n++)
    {
      choose(round, names, rand);
      LogMessage *known = message_with_some(round), *filled = message_with_some(round);
      for (guint i = 0; i < NAMES; i++)
        if (round->chosen[i] && !round->there[i])
          log_msg_set_value_with_type(known, handles[i], round->texts[i], round->lengths[i], LM_VT_JSON);
      fill(round, names, filled);
      assert_equal_messages(known, filled);
      /* What syslog-ng sets and unsets afterwards stands beside it. */
      for (guint i = 0; i < NAMES; i += 3)
        {
          log_msg_set_value(known, handles[i], "afterwards and a little longer", -1);
          log_msg_set_value(filled, handles[i], "afterwards and a little longer", -1);
          log_msg_unset_value(known, handles[i + 1 < NAMES ? i + 1 : 0]);
          log_msg_unset_value(filled, handles[i + 1 < NAMES ? i + 1 : 0]);
        }
      assert_equal_messages(known, filled);
    }
  g_free(round);
  g_rand_free(rand);
  siaga_names_free(names);
}
END_TEST

static const gchar *const kept_in_books[] = { ".SDATA.siaga@32473.x", "7", "HOST", "YEAR", "test.1" };

START_TEST(names_that_syslog_ng_keeps_books_of_are_set_one_by_one)
{
  NVHandle some[] = { handles[0], log_msg_get_value_handle(kept_in_books[_i]), handles[1] };
  SiagaNames *names = siaga_names_new(some, G_N_ELEMENTS(some));

  ck_assert(!names->plain);
  siaga_names_free(names);
}
END_TEST

START_TEST(a_shared_payload_is_not_filled)
{
  SiagaNames *names = siaga_names_new(handles, NAMES);
  LogMessage *msg = harness_message("x", -1);
  const LogPathOptions options = LOG_PATH_OPTIONS_INIT_NOACK;
  SiagaFilling filling;

  log_msg_write_protect(msg);
  LogMessage *copy = log_msg_clone_cow(msg, &options);
  ck_assert(!siaga_filling_begin(&filling, names, copy, 1, 100));
  ck_assert(!siaga_filling_begin(&filling, names, msg, 1, 100));
  log_msg_unref(copy);
  siaga_names_free(names);
}
END_TEST

int
main(void)
{
  TCase *tc = tcase_create("name-values");

  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_loop_test(tc, values_set_at_once_are_those_set_one_by_one, 0, 10);
  tcase_add_loop_test(tc, names_that_syslog_ng_keeps_books_of_are_set_one_by_one, 0, G_N_ELEMENTS(kept_in_books));
  tcase_add_test(tc, a_shared_payload_is_not_filled);
  return run_case("name-values", tc);
}
