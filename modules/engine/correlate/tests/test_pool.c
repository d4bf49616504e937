/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Places of all sizes against their own copies; what is given back goes back to the system. */

#include "engine/correlate/pool.h"
#include "tests/harness/run.h"

#include <string.h>

#define PLACES 4000

typedef struct
{
  guint8 *bytes;
  gsize size;
  guint8 mark;
} Place;

static void
_fill(Place *place, guint8 mark)
{
  place->mark = mark;
  memset(place->bytes, mark, place->size);
}

static void
_check(const Place *place, gsize size)
{
  gsize same = 0;
  while (same < size && place->bytes[same] == place->mark)
    same++;
  ck_assert_uint_eq(same, size);
}

static gsize
_any_size(GRand *rand)
{
  return g_rand_boolean(rand) ? g_rand_int_range(rand, 16, 200) : g_rand_int_range(rand, 16, 3000);
}

static void
_resize(SiagaPool *pool, Place *place, gsize size)
{
  gsize kept = MIN(size, place->size);
  place->bytes = siaga_pool_resize(pool, place->bytes, place->size, size);
  _check(place, kept);
  place->size = size;
  _fill(place, place->mark);
}

static void
_give_back(SiagaPool *pool, Place *place)
{
  _check(place, place->size);
  siaga_pool_free(pool, place->bytes, place->size);
  place->bytes = NULL;
}

/* Nothing lies over anything else, whatever comes, grows, shrinks and goes. */
START_TEST(test_places_are_apart)
{
  SiagaPool pool = { 0 };
  Place *places = g_new0(Place, PLACES);
  GRand *rand = g_rand_new_with_seed(7);
  for (guint i = 0; i < 200000; i++)
    {
      Place *place = &places[g_rand_int_range(rand, 0, PLACES)];
      if (!place->bytes)
        {
          place->size = _any_size(rand);
          place->bytes = siaga_pool_alloc(&pool, place->size);
          ck_assert_uint_eq(GPOINTER_TO_SIZE(place->bytes) % 8, 0);
          _fill(place, i);
        }
      else if (g_rand_int_range(rand, 0, 3) == 0)
        _resize(&pool, place, _any_size(rand));
      else
        _give_back(&pool, place);
    }
  for (guint i = 0; i < PLACES; i++)
    if (places[i].bytes)
      _give_back(&pool, &places[i]);
  siaga_pool_clear(&pool);
  g_rand_free(rand);
  g_free(places);
}
END_TEST

static gsize
_hold(SiagaPool *pool, gpointer *places, guint count, gsize size)
{
  for (guint i = 0; i < count; i++)
    places[i] = siaga_pool_alloc(pool, size);
  return siaga_pool_held(pool);
}

/* Holes are filled before more is asked for; slabs without a place in use are the system's again, but one of a size. */
START_TEST(test_memory_is_used_again)
{
  SiagaPool pool = { 0 };
  gpointer *places = g_new(gpointer, 100000);
  gsize held = _hold(&pool, places, 100000, 96);
  gboolean watched = !held; /* a sanitizer looks at every place */
  ck_assert(watched || held >= 100000 * 96);
  ck_assert_uint_le(held, 100000 * 96 / 100 * 104);
  for (guint i = 0; i < 100000; i += 2)
    siaga_pool_free(&pool, places[i], 96);
  for (guint i = 0; i < 100000; i += 2)
    places[i] = siaga_pool_alloc(&pool, 96);
  ck_assert_uint_eq(siaga_pool_held(&pool), held);
  for (guint i = 0; i < 100000; i++)
    siaga_pool_free(&pool, places[i], 96);
  ck_assert_uint_eq(siaga_pool_held(&pool), watched ? 0 : 16384);
  siaga_pool_clear(&pool);
  ck_assert_uint_eq(siaga_pool_held(&pool), 0);
  g_free(places);
}
END_TEST

START_TEST(test_sizes)
{
  for (gsize size = 1; size < 5000; size++)
    {
      ck_assert_uint_ge(siaga_pool_size(size), size);
      ck_assert_uint_ge(siaga_pool_room(size), size);
      ck_assert_uint_eq(siaga_pool_size(siaga_pool_room(size)), siaga_pool_size(size));
      ck_assert_uint_le(siaga_pool_size(size), size + 63);
    }
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("pool");
  tcase_add_test(tcase, test_places_are_apart);
  tcase_add_test(tcase, test_memory_is_used_again);
  tcase_add_test(tcase, test_sizes);
  return run_case("pool", tcase);
}
