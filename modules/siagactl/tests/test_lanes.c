/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Lanes: everything is worked on once and told once, in the order in which it was read. */

#include "siagactl/lanes.h"
#include "tests/harness/run.h"

#define NUMBERS 20000
#define BATCH_MAX 7

typedef struct
{
  guint count;
  guint numbers[BATCH_MAX], results[BATCH_MAX];
} Batch;

typedef struct
{
  guint read, told;
  guint settle_every; /* 0: never */
  gint made, telling;
} Stream;

static gpointer
make(gpointer user_data)
{
  Stream *stream = user_data;
  stream->made++;
  return g_new0(Batch, 1);
}

static gboolean
read_numbers(CtlLanes *lanes, gpointer data, gpointer user_data)
{
  Stream *stream = user_data;
  Batch *batch = data;
  while (batch->count < BATCH_MAX && stream->read < NUMBERS)
    {
      if (stream->settle_every && stream->read % stream->settle_every == 0)
        {
          ctl_lanes_settle(lanes);
          ck_assert_uint_eq(batch->count, 0);
          ck_assert_uint_eq(stream->told, stream->read);
        }
      batch->numbers[batch->count++] = stream->read++;
    }
  return stream->read < NUMBERS;
}

/* Some take much longer than others. */
static guint
squeeze(guint number)
{
  guint sum = number;
  for (guint i = 0; i < (number % 97 ? 10 : 20000); i++)
    sum = sum * 31 + i;
  return sum;
}

static void
work_on(gpointer data, gpointer user_data G_GNUC_UNUSED)
{
  Batch *batch = data;
  for (guint i = 0; i < batch->count; i++)
    batch->results[i] += squeeze(batch->numbers[i]);
}

static void
tell(gpointer data, gpointer user_data)
{
  Stream *stream = user_data;
  Batch *batch = data;
  ck_assert(g_atomic_int_compare_and_exchange(&stream->telling, 0, 1));
  for (guint i = 0; i < batch->count; i++)
    {
      ck_assert_uint_eq(batch->numbers[i], stream->told++);
      ck_assert_uint_eq(batch->results[i], squeeze(batch->numbers[i]));
      batch->results[i] = 0;
    }
  batch->count = 0;
  g_atomic_int_set(&stream->telling, 0);
}

static const CtlLaneWork numbers = { make, g_free, read_numbers, work_on, tell };

START_TEST(everything_is_told_once_in_the_order_of_reading)
{
  Stream stream = { .read = 0 };
  ctl_lanes_run(&numbers, &stream, _i);
  ck_assert_uint_eq(stream.told, NUMBERS);
}
END_TEST

START_TEST(who_settles_has_told_all_that_was_read)
{
  Stream stream = { .settle_every = 13 };
  ctl_lanes_run(&numbers, &stream, _i);
  ck_assert_uint_eq(stream.told, NUMBERS);
}
END_TEST

START_TEST(nothing_read_is_nothing_told)
{
  Stream stream = { .read = NUMBERS };
  ctl_lanes_run(&numbers, &stream, CTL_LANES_MAX);
  ck_assert_uint_eq(stream.told, 0);
  ck_assert_int_gt(stream.made, 0);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("lanes");
  tcase_add_loop_test(tcase, everything_is_told_once_in_the_order_of_reading, 1, CTL_LANES_MAX + 1);
  tcase_add_loop_test(tcase, who_settles_has_told_all_that_was_read, 1, CTL_LANES_MAX + 1);
  tcase_add_test(tcase, nothing_read_is_nothing_told);
  return run_case("lanes", tcase);
}
