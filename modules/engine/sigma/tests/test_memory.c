/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What scans found is remembered exactly: of this text, in this scan, and of what comes again before what does not. */

#include "engine/sigma/plan-memory.h"
#include "tests/harness/run.h"

#include <string.h>

static SiagaMemory *memory;

static void
_setup(void)
{
  memory = siaga_memory_new();
}

static void
_teardown(void)
{
  siaga_memory_free(memory);
}

/* Whether it was known; it is from now on, where there is room. */
static gboolean
_meet(guint32 scan, SiagaText text, guint16 expression)
{
  SiagaMemoryPlace place;
  const SiagaRecollection *known = siaga_memory_recall(memory, scan, text, &place);
  if (known)
    {
      ck_assert_uint_eq(known->count, 1);
      ck_assert_uint_eq(known->expressions[0], expression);
      return TRUE;
    }
  if (!place.known)
    return FALSE;
  place.known->count = 1;
  place.known->expressions[0] = expression;
  siaga_memory_keep(&place, scan, text);
  return FALSE;
}

/* Sizes around those of the tables, and of the words that are hashed. */
START_TEST(test_texts_of_all_sizes)
{
  gchar bytes[300];
  memset(bytes, 'a', sizeof bytes);
  for (gsize length = 0; length <= 240; length++)
    {
      ck_assert(!_meet(1, (SiagaText){ bytes, length }, length));
      ck_assert(_meet(1, (SiagaText){ bytes, length }, length));
    }
  ck_assert(!_meet(1, (SiagaText){ bytes, 241 }, 0));
  ck_assert(!_meet(1, (SiagaText){ bytes, 241 }, 0));
}
END_TEST

START_TEST(test_every_byte_counts)
{
  gchar bytes[300];
  for (gsize length = 1; length <= 240; length++)
    {
      memset(bytes, 'a', sizeof bytes);
      _meet(1, (SiagaText){ bytes, length }, 0);
      for (gsize i = 0; i < length; i++)
        {
          SiagaMemoryPlace place;
          bytes[i] = '\0';
          ck_assert_ptr_null(siaga_memory_recall(memory, 1, (SiagaText){ bytes, length }, &place));
          bytes[i] = 'a';
        }
    }
}
END_TEST

START_TEST(test_scans_are_apart)
{
  for (guint length = 0; length <= 40; length++)
    for (guint scan = 1; scan < 30; scan++)
      ck_assert(!_meet(scan, (SiagaText){ "/wp-content/themes/siaga/style.css?ver=6", length }, scan));
  guint known = 0;
  for (guint length = 0; length <= 40; length++)
    for (guint scan = 1; scan < 30; scan++)
      known += _meet(scan, (SiagaText){ "/wp-content/themes/siaga/style.css?ver=6", length }, scan);
  ck_assert_uint_gt(known, 41 * 29 * 4 / 5);
}
END_TEST

/* Two hundred agents in the middle of targets that never come again. */
START_TEST(test_what_comes_again_stays)
{
  gchar text[128];
  guint known = 0;
  for (guint round = 0; round < 100; round++)
    {
      for (guint i = 0; i < 200; i++)
        {
          gint length =
              g_snprintf(text, sizeof text, "%sagent/%u", i % 2 ? "of more than fifty bytes in all, which is " : "", i);
          known += _meet(7, (SiagaText){ text, length }, i);
        }
      for (guint i = 0; i < 400; i++)
        {
          gint length = g_snprintf(text, sizeof text, "/berita/%u/%u%s", round, i,
                                   i % 2 ? "" : "/of-more-than-fifty-bytes-in-all-which-is-long");
          ck_assert(!_meet(8, (SiagaText){ text, length }, 0));
        }
    }
  ck_assert_uint_gt(known, 200 * 95);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("memory");
  tcase_add_checked_fixture(tcase, _setup, _teardown);
  tcase_add_test(tcase, test_texts_of_all_sizes);
  tcase_add_test(tcase, test_every_byte_counts);
  tcase_add_test(tcase, test_scans_are_apart);
  tcase_add_test(tcase, test_what_comes_again_stays);
  return run_case("memory", tcase);
}
