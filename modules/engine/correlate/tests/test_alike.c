/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later */

#include "engine/correlate/alike.h"
#include "tests/harness/run.h"

#include <string.h>

static const struct
{
  const gchar *a, *b;
  gboolean alike;
} pairs[] = {
  { "budi", "budi", TRUE },
  { "Ratna.Astuti", "ratna.astuti", TRUE },
  { "desi.utami", "desi.utami@dinas.go.id", TRUE },
  { "DINAS\\desi.utami", "desi.utami@mail.dinas.go.id", TRUE },
  { "eko", "eko.kusuma", TRUE },
  { "eko", "ekonomi", FALSE },
  { "prasetyo.saputr", "prasetyo.saputra", TRUE },
  { "prasteyo", "prasetyo", TRUE },
  { "prastyo.sputra", "prasetyo.saputra", TRUE },
  { "prastyo.sputr", "prasetyo.saputra", FALSE },
  { "yoga", "yogi", FALSE },
  { "peserta8", "peserta08", TRUE },
  { "budi", "siti", FALSE },
  { "root", "toor", FALSE },
  { "", "budi", FALSE },
  { "@dinas.go.id", "@kota.go.id", FALSE },
};

START_TEST(a_pair_of_names_is_alike_either_way)
{
  ck_assert_int_eq(siaga_alike(pairs[_i].a, pairs[_i].b), pairs[_i].alike);
  ck_assert_int_eq(siaga_alike(pairs[_i].b, pairs[_i].a), pairs[_i].alike);
}
END_TEST

/* A user name is hostile text. */
START_TEST(names_of_any_length_are_compared_within_bounds)
{
  gchar a[200], b[200];
  memset(a, 'a', sizeof a);
  memset(b, 'a', sizeof b);
  for (guint length = 40; length < sizeof a; length++)
    {
      a[length] = b[length - 1] = '\0';
      ck_assert_int_eq(siaga_alike(a, b), length <= 48);
      a[length] = b[length - 1] = 'a';
    }
}
END_TEST

START_TEST(all_are_alike_when_one_is_alike_to_each)
{
  gchar *typed[] = { (gchar *) "eko.kusma", (gchar *) "eko", (gchar *) "eko.kusuma", (gchar *) "eko.kusumaa" };
  gchar *tried[] = { (gchar *) "eko.kusuma", (gchar *) "eko", (gchar *) "siti" };
  ck_assert(siaga_alike_all(typed, 4));
  ck_assert(!siaga_alike_all(tried, 3));
  ck_assert(siaga_alike_all(tried, 1));
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("alike");
  tcase_add_loop_test(tcase, a_pair_of_names_is_alike_either_way, 0, G_N_ELEMENTS(pairs));
  tcase_add_test(tcase, names_of_any_length_are_compared_within_bounds);
  tcase_add_test(tcase, all_are_alike_when_one_is_alike_to_each);
  return run_case("alike", tcase);
}
