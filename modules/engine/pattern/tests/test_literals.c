/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The literals of a text, against looking for each of them by itself. */

#include "engine/pattern/literals.h"
#include "tests/harness/run.h"

#include <string.h>

#define LITERALS 200
#define WORDS (LITERALS / 64 + 1)

static gboolean
stands_in(const gchar *text, gsize length, const gchar *literal)
{
  gsize size = strlen(literal);
  for (gsize i = 0; i + size <= length; i++)
    if (g_ascii_strncasecmp(text + i, literal, size) == 0)
      return TRUE;
  return FALSE;
}

/* Of few letters, so that literals stand in each other and end in each other's beginnings. */
static void
fill(GRand *rand, gchar *text, gsize length)
{
  static const gchar letters[] = "aAbB\" [";
  for (gsize i = 0; i < length; i++)
    text[i] = letters[g_rand_int_range(rand, 0, sizeof letters - 1)];
  text[length] = '\0';
}

static void
compare(const Literals *self, gchar literals[][12], const gchar *text, gsize length)
{
  guint64 bits[WORDS] = { 0 };
  siaga_literals_scan(self, text, length, bits);
  for (guint i = 0; i < LITERALS; i++)
    ck_assert_msg((gboolean) (bits[i / 64] >> (i % 64) & 1) == stands_in(text, length, literals[i]), "'%s' in '%.*s'",
                  literals[i], (int) length, text);
}

START_TEST(all_literals_and_no_others_are_found)
{
  GRand *rand = g_rand_new_with_seed(_i + 1);
  gchar literals[LITERALS][12], text[400];
  Literals *self = siaga_literals_new();
  for (guint i = 0; i < LITERALS; i++)
    {
      fill(rand, literals[i], g_rand_int_range(rand, 1 + _i % 4, 11));
      siaga_literals_add(self, literals[i], strlen(literals[i]), i);
    }
  siaga_literals_finish(self);
  for (guint i = 0; i < 500; i++)
    {
      gsize length = g_rand_int_range(rand, 0, sizeof text - 1);
      fill(rand, text, length);
      compare(self, literals, text, length);
    }
  siaga_literals_free(self);
  g_rand_free(rand);
}
END_TEST

START_TEST(bits_of_before_stay_and_odd_bytes_are_data)
{
  guint64 bits[1] = { 4 };
  Literals *self = siaga_literals_new();
  siaga_literals_add(self, "he", 2, 0);
  siaga_literals_add(self, "\xff\x80", 2, 1);
  siaga_literals_add(self, "she", 3, 3);
  siaga_literals_finish(self);
  siaga_literals_scan(self, "uSHErs\0\xff\x80", 9, bits);
  ck_assert_uint_eq(bits[0], 15);
  siaga_literals_free(self);
}
END_TEST

START_TEST(no_literal_is_found_in_no_text)
{
  guint64 bits[1] = { 0 };
  Literals *none = siaga_literals_new();
  siaga_literals_finish(none);
  siaga_literals_scan(none, "abc", 3, bits);
  siaga_literals_scan(none, "", 0, bits);
  ck_assert_uint_eq(bits[0], 0);
  siaga_literals_free(none);
  siaga_literals_free(NULL);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("literals");
  tcase_add_loop_test(tcase, all_literals_and_no_others_are_found, 0, 8);
  tcase_add_test(tcase, bits_of_before_stay_and_odd_bytes_are_data);
  tcase_add_test(tcase, no_literal_is_found_in_no_text);
  return run_case("literals", tcase);
}
