/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The fixture of a program's tests, from its begin to its count. */

#include "harness.h"

#include "engine/correlate/prelude.h"

Fixture f;

void
start_expecting(const gchar *expected)
{
  fixture_start(&f);
  gchar *errors = fixture_errors(&f);
  ck_assert_str_eq(errors, expected);
  g_free(errors);
}

void
start(const gchar *detections, const gchar *yaml)
{
  fixture_init(&f, detections);
  fixture_correlation(&f, yaml);
  start_expecting("");
}

guint
final_count(void)
{
  GPtrArray *final = fixture_final(&f);
  guint count = final->len;
  g_ptr_array_unref(final);
  return count;
}

guint
end_and_count(void)
{
  fixture_finish(&f);
  guint count = final_count();
  fixture_clear(&f);
  return count;
}

guint64
bytes_of_cases(const SiagaShard *shard)
{
  guint64 bytes = shard->prelude.room ? shard->prelude.room + SIAGA_PRELUDE_HEADS * sizeof(guint64) : 0;
  GHashTableIter iter;
  gpointer newest;
  g_hash_table_iter_init(&iter, shard->cases);
  while (g_hash_table_iter_next(&iter, NULL, &newest))
    for (const SiagaCase *cas = newest; cas; cas = cas->older)
      bytes += siaga_case_bytes(cas);
  return bytes;
}

const SiagaIncident *
campaign_of(const GPtrArray *final)
{
  for (guint i = 0; i < final->len; i++)
    if (g_strcmp0(((SiagaIncident *) final->pdata[i])->rule->category, "campaign") == 0)
      return final->pdata[i];
  return NULL;
}
