/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Four threads feed, others tick, list, acknowledge and save: the same incidents as on one thread. */

#include "fixture.h"
#include "tests/harness/run.h"

#include <glib/gstdio.h>
#include <string.h>

#define THREADS 4
#define OTHERS 2 /* beside those who feed */
#define EVENTS 4000

#define RULES                                                                                                          \
  "name: brute\ngenerate: true\ncorrelation: { type: event_count, rules: [failed], group-by: [source.ip], "            \
  "timespan: 1m, condition: { gte: 5 } }\n---\n"                                                                       \
  "name: spread\ncorrelation: { type: value_count, rules: [failed], group-by: [user.name], timespan: 5m, "             \
  "condition: { field: source.ip, gte: 4 } }\n---\n"                                                                   \
  "name: chain\ncorrelation: { type: temporal, rules: [brute, success], group-by: [source.ip], timespan: 10m }\n"

typedef struct
{
  Fixture *f;
  guint64 stream;
  SiagaChanges changes;
} Feeder;

static void
feed(Fixture *f, guint64 stream, SiagaEvent *event, guint n, SiagaChanges *changes)
{
  guint32 random = (n + 1) * 2654435761u + stream * 97;
  SiagaHits hits = { .count = 1, .rule = { (random >> 12) % 20 ? 0 : 1 } };
  SiagaOrigin origin = { .stream = stream };
  gchar address[32], user[16];
  g_snprintf(address, sizeof address, "192.0.%u.%u", (guint) stream, (random >> 25) & 7);
  g_snprintf(user, sizeof user, "u%u", (guint) (stream * 10 + ((random >> 20) & 7)));
  siaga_event_reset(event);
  event->time = T0 + (SiagaTime) n * SIAGA_SECOND;
  event->time_kind = SIAGA_TIME_LINE;
  event->original = address;
  event->original_length = strlen(address);
  siaga_event_set(event, SIAGA_F_SOURCE_IP, address, strlen(address));
  siaga_event_set(event, SIAGA_F_USER_NAME, user, strlen(user));
  siaga_correlator_feed(f->correlator, event, &hits, &origin, changes);
}

static gpointer
feed_all(gpointer user_data)
{
  Feeder *self = user_data;
  SiagaEvent *event = siaga_event_new(self->f->fields);
  for (guint n = 0; n < EVENTS; n++)
    feed(self->f, self->stream, event, n, &self->changes);
  siaga_event_free(event);
  return NULL;
}

static gpointer
look_on(gpointer user_data)
{
  Feeder *self = user_data;
  for (guint i = 0; i < 50; i++)
    {
      SiagaCorrelatorStats stats;
      SiagaChanges list;
      siaga_changes_init(&list);
      siaga_correlator_list(self->f->correlator, &list);
      siaga_correlator_stats(self->f->correlator, &stats);
      siaga_changes_clear(&list);
      siaga_correlator_tick(self->f->correlator, i, &self->changes);
      g_thread_yield();
    }
  return NULL;
}

/* DIR: where state is kept; NULL: nowhere. */
static void
begin(Fixture *f, gchar *dir)
{
  fixture_init(f, "failed success");
  fixture_correlation(f, RULES);
  f->options.state_dir = dir;
  f->options.state_name = "threads";
  fixture_start(f);
}

static void
remove_dir(gchar *dir)
{
  static const gchar *const names[] = { "threads.state", "threads.journal" };
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    {
      gchar *path = g_build_filename(dir, names[i], NULL);
      g_unlink(path);
      g_free(path);
    }
  ck_assert_int_eq(g_rmdir(dir), 0);
  g_free(dir);
}

static gint
compare_texts(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const gchar *const *) a, *(const gchar *const *) b);
}

static gchar *
describe(const Fixture *f)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func(g_free), *final = fixture_final(f);
  GString *out = g_string_new(NULL);
  for (guint i = 0; i < final->len; i++)
    {
      const SiagaIncident *incident = final->pdata[i];
      g_ptr_array_add(
          lines, g_strdup_printf("%s %s %lu\n", incident->uuid, incident->rule->name, (unsigned long) incident->count));
    }
  g_ptr_array_sort(lines, compare_texts);
  for (guint i = 0; i < lines->len; i++)
    g_string_append(out, lines->pdata[i]);
  g_ptr_array_unref(final);
  g_ptr_array_unref(lines);
  return g_string_free(out, FALSE);
}

static gchar *
on_one_thread(void)
{
  Fixture f;
  begin(&f, NULL);
  for (guint n = 0; n < EVENTS; n++)
    for (guint i = 0; i < THREADS; i++)
      feed(&f, i + 1, f.event, n, &f.changes);
  fixture_finish(&f);
  gchar *text = describe(&f);
  fixture_clear(&f);
  return text;
}

/* Other threads change the rules, write the state and acknowledge, as a daemon's do. */
static gpointer
reload_and_save(gpointer user_data)
{
  Feeder *self = user_data;
  for (guint i = 0; i < 20; i++)
    {
      siaga_correlator_set_view(self->f->correlator, &self->f->view);
      siaga_correlator_save(self->f->correlator, NULL);
      g_thread_yield();
    }
  return NULL;
}

static gpointer
look_at_rules(gpointer user_data)
{
  Feeder *self = user_data;
  for (guint i = 0; i < 5; i++)
    {
      SiagaRuleStats stats;
      for (guint rule = 0; rule < self->f->count; rule++)
        siaga_correlator_rule_stats(self->f->correlator, rule, &stats);
      look_on(self);
    }
  return NULL;
}

/* What FEEDERS and the two others bring about, in F's changes. */
static void
run_threads(Fixture *f, GThreadFunc first, GThreadFunc second)
{
  Feeder feeders[THREADS + OTHERS];
  GThread *threads[THREADS + OTHERS];
  for (guint i = 0; i < THREADS + OTHERS; i++)
    {
      feeders[i] = (Feeder){ f, i + 1, { NULL } };
      siaga_changes_init(&feeders[i].changes);
      threads[i] = g_thread_new("feeder", i < THREADS ? feed_all : i == THREADS ? first : second, &feeders[i]);
    }
  for (guint i = 0; i < THREADS + OTHERS; i++)
    {
      g_thread_join(threads[i]);
      while (feeders[i].changes.changes->len)
        g_ptr_array_add(f->changes.changes, g_ptr_array_steal_index(feeders[i].changes.changes, 0));
      siaga_changes_clear(&feeders[i].changes);
    }
}

static void
check_same(Fixture *f, const gchar *expected)
{
  fixture_finish(f);
  gchar *text = describe(f);
  ck_assert(strstr(text, "brute") && strstr(text, "spread") && strstr(text, "chain"));
  ck_assert_str_eq(text, expected);
  g_free(text);
}

START_TEST(four_threads_find_what_one_finds)
{
  Fixture f;
  gchar *expected = on_one_thread();
  begin(&f, NULL);
  run_threads(&f, look_on, look_on);
  check_same(&f, expected);
  g_free(expected);
  fixture_clear(&f);
}
END_TEST

START_TEST(nothing_changes_while_rules_are_loaded_and_states_written)
{
  Fixture f;
  gchar *expected = on_one_thread();
  gchar *dir = g_dir_make_tmp("siaga-threads-XXXXXX", NULL);
  begin(&f, dir);
  ck_assert(siaga_correlator_start_persistence(f.correlator, NULL));
  run_threads(&f, reload_and_save, look_at_rules);
  check_same(&f, expected);
  g_free(expected);
  fixture_clear(&f);
  remove_dir(dir);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("threads");
  tcase_set_timeout(tcase, 120);
  tcase_add_test(tcase, four_threads_find_what_one_finds);
  tcase_add_test(tcase, nothing_changes_while_rules_are_loaded_and_states_written);
  return run_case("threads", tcase);
}
