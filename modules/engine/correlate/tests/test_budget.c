/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Memory: what keys and incidents take, and who gives way when there is no more. */

#include "engine/correlate/core.h"
#include "engine/correlate/prelude.h"
#include "harness.h"

static void
feed_addresses(guint first, guint count, SiagaTime time, const gchar *more)
{
  for (guint i = first; i < first + count; i++)
    {
      gchar fields[96];
      g_snprintf(fields, sizeof fields, "source.ip=10.%u.%u.%u%s", i >> 16, (i >> 8) & 255, i & 255, more);
      fixture_feed(&f, time + i * 100, "failed", fields);
    }
}

static void
feed_crowd(guint first, guint count, SiagaTime time)
{
  feed_addresses(first, count, time, "");
}

/* Of ten thousand that come in one second nobody is known yet: until the attacker comes twice in the same memory, it
 * goes as easily as they do, one time in five. */
START_TEST(the_budget_holds_and_the_attacker_is_found_in_a_crowd)
{
  SiagaCorrelatorStats stats;
  fixture_init(&f, "failed");
  fixture_correlation(&f, BRUTE);
  f.options.memory_limit = 2 * 1024 * 1024;
  fixture_start(&f);
  for (guint round = 0; round < 10; round++)
    {
      feed_crowd(round * 10000, 10000, round * 1000);
      fixture_feed(&f, (round * 10000 + 9999) * 100 + round * 1000, "failed", "source.ip=192.0.2.7");
    }
  fixture_finish(&f);
  siaga_correlator_stats(f.correlator, &stats);
  ck_assert_uint_le(stats.bytes, f.options.memory_limit);
  ck_assert_uint_gt(stats.evicted, 70000);
  ck_assert_uint_eq(final_count(), 1);
  ck_assert_str_eq(fixture_change(&f, 0)->source_ip, "192.0.2.7");
  ck_assert(fixture_change(&f, 0)->degraded);
  fixture_clear(&f);
}
END_TEST

START_TEST(a_key_with_four_events_takes_at_most_128_bytes)
{
  SiagaCorrelatorStats stats;
  start("failed", BRUTE);
  for (guint round = 0; round < 4; round++)
    feed_crowd(0, 50000, round * SIAGA_SECOND);
  siaga_correlator_stats(f.correlator, &stats);
  fixture_feed(&f, HOUR, "", "");
  siaga_correlator_stats(f.correlator, &stats);
  ck_assert_uint_eq(stats.keys, 50000);
  ck_assert_uint_eq(stats.evicted, 0);
  /* What is kept for incidents that may open is of one size, however many keys there are. */
  guint64 fixed = f.options.memory_limit / 32 + f.options.shards * SIAGA_PRELUDE_HEADS * sizeof(guint64);
  ck_assert_msg(stats.bytes - fixed <= stats.keys * 128, "%lu bytes per key",
                (unsigned long) ((stats.bytes - fixed) / stats.keys));
  fixture_clear(&f);
}
END_TEST

#define ASKED                                                                                                          \
  "name: asked\ncorrelation: { type: event_count, rules: [asked], group-by: [destination.ip], timespan: 1h, "          \
  "condition: { gte: 1000 } }\n"

START_TEST(a_rule_knows_how_many_keys_and_bytes_it_holds)
{
  SiagaRuleStats stats;
  fixture_init(&f, "failed asked");
  fixture_correlation(&f, BRUTE);
  fixture_correlation(&f, ASKED);
  fixture_start(&f);
  feed_crowd(0, 100, 0);
  for (guint i = 0; i < 10; i++)
    fixture_feed(&f, MINUTE, "asked", "destination.ip=192.0.2.53");
  fixture_feed(&f, HOUR, "", "");
  siaga_correlator_rule_stats(f.correlator, 2, &stats);
  ck_assert_uint_eq(stats.keys, 100);
  ck_assert_uint_ge(stats.bytes, 100 * 64);
  siaga_correlator_rule_stats(f.correlator, 3, &stats);
  ck_assert_uint_eq(stats.keys, 1);
  ck_assert_uint_ge(stats.bytes, 10 * 8);
  ck_assert_uint_le(stats.bytes, 400);
  siaga_correlator_set_view(f.correlator, &f.view);
  siaga_correlator_rule_stats(f.correlator, 2, &stats);
  ck_assert_uint_eq(stats.keys, 100);
  fixture_clear(&f);
}
END_TEST

/* Two rules, and little room for both. */
static void
start_narrow(void)
{
  fixture_init(&f, "failed asked");
  fixture_correlation(&f, BRUTE);
  fixture_correlation(&f, ASKED);
  f.options.memory_limit = 2 * 1024 * 1024;
  f.options.shards = 1;
  fixture_start(&f);
}

static void
feed_question(guint host, SiagaTime time)
{
  gchar fields[64];
  g_snprintf(fields, sizeof fields, "destination.ip=192.0.2.%u", host);
  fixture_feed(&f, time, "asked", fields);
}

/* The crowd is younger and each of it was seen twice; what the other rule waits for is older. */
START_TEST(a_rule_that_takes_more_than_its_share_gives_way_first)
{
  SiagaRuleStats greedy, modest;
  start_narrow();
  for (guint i = 0; i < 200; i++)
    feed_question(i, 0);
  for (guint from = 0; from < 60000; from += 1000)
    {
      feed_crowd(from, 1000, MINUTE + from * 100);
      feed_crowd(from, 1000, MINUTE + from * 100 + SIAGA_SECOND);
    }
  fixture_finish(&f);
  siaga_correlator_rule_stats(f.correlator, 2, &greedy);
  siaga_correlator_rule_stats(f.correlator, 3, &modest);
  ck_assert_uint_gt(greedy.evicted, 30000);
  ck_assert_uint_eq(modest.evicted, 0);
  ck_assert_uint_eq(modest.keys, 200);
  fixture_clear(&f);
}
END_TEST

#define WHO_CAME                                                                                                       \
  "title: Came\nname: came\nlevel: low\ncorrelation:\n  type: event_count\n  rules: [asked]\n  group-by: "             \
  "[user.name]\n"                                                                                                      \
  "  timespan: 1d\n  condition: { gte: 1 }\n"

#define MANY_CAME                                                                                                      \
  "title: Many came\nname: many\nlevel: low\ncorrelation:\n  type: value_count\n  rules: [came]\n"                     \
  "  group-by: [host.hostname]\n  timespan: 1d\n  condition: { field: user.name, gte: 1000000 }\n"

/* What nobody is told of gives way to what somebody was, however long that was quiet. */
START_TEST(incidents_that_are_told_stay_while_silent_ones_can_go)
{
  enum
  {
    TOLD = 100
  };
  fixture_init(&f, "failed asked");
  fixture_correlation(&f, BRUTE);
  fixture_correlation(&f, WHO_CAME);
  fixture_correlation(&f, MANY_CAME);
  f.options.memory_limit = 4 * 1024 * 1024;
  f.options.shards = 1;
  fixture_start(&f);
  for (guint i = 0; i < TOLD * 5; i++)
    {
      gchar *fields = g_strdup_printf("source.ip=192.0.2.%u", i % TOLD);
      fixture_feed(&f, i * 1000, "failed", fields);
      g_free(fields);
    }
  for (guint i = 0; i < 20000; i++)
    {
      gchar *fields = g_strdup_printf("user.name=u%u host.hostname=a", i);
      fixture_feed(&f, SIAGA_SECOND + i * 1000, "asked", fields);
      g_free(fields);
    }
  ck_assert_uint_eq(fixture_changes(&f), TOLD);
  for (guint i = 0; i < TOLD; i++)
    ck_assert_int_eq(fixture_change(&f, i)->state, SIAGA_INCIDENT_OPEN);
  fixture_clear(&f);
}
END_TEST

/* A few keys with large windows among many small ones: a look at two dozen often meets none of the large. */
START_TEST(while_a_rule_is_beyond_its_share_nobody_else_gives_way)
{
  SiagaRuleStats greedy, modest;
  start_narrow();
  feed_crowd(0, 4000, 0);
  for (guint i = 0; i < 200; i++)
    for (guint j = 0; j < 900; j++)
      feed_question(i, SIAGA_SECOND + i * 1000);
  fixture_finish(&f);
  siaga_correlator_rule_stats(f.correlator, 2, &modest);
  siaga_correlator_rule_stats(f.correlator, 3, &greedy);
  ck_assert_uint_eq(modest.evicted, 0);
  ck_assert_uint_eq(modest.keys, 4000);
  ck_assert_uint_gt(greedy.evicted, 50);
  fixture_clear(&f);
}
END_TEST

/* Closing adds a line to the timeline: what it did not charge was given back when the incident was forgotten, until the
 * shard's count was below zero and the budget held no more. */
START_TEST(memory_of_incidents_is_given_back_as_it_was_charged)
{
  static const gchar *const scan[] = { "reconnaissance", NULL }, *const entry[] = { "initial-access", NULL };
  fixture_init(&f, "scan! exploit!");
  f.rules[0].tactics = scan;
  f.rules[1].tactics = entry;
  fixture_start(&f);
  for (guint n = 0; n < 500; n++)
    {
      gchar *source = g_strdup_printf("source.actor=198.51.%u.%u", n / 250, n % 250);
      fixture_feed(&f, n * MINUTE, "scan", source);
      if (n % 2)
        fixture_feed(&f, n * MINUTE, "exploit", source);
      g_free(source);
    }
  for (guint i = 0; i < f.options.shards; i++)
    ck_assert_uint_eq(f.correlator->shards[i].case_bytes, bytes_of_cases(&f.correlator->shards[i]));
  fixture_clear(&f);
}
END_TEST

/* "coldest key out first, spoofed sources before": they are younger, and go all the same */
START_TEST(spoofed_sources_give_way_before_real_ones)
{
  SiagaCorrelatorStats stats;
  fixture_init(&f, "failed");
  fixture_correlation(&f, BRUTE);
  f.options.memory_limit = 2 * 1024 * 1024;
  fixture_start(&f);
  for (guint round = 0; round < 5; round++)
    {
      for (guint i = 0; i < 100; i++)
        {
          gchar fields[64];
          g_snprintf(fields, sizeof fields, "source.ip=192.0.2.%u", i);
          fixture_feed(&f, round * 20 * SIAGA_SECOND, "failed", fields);
        }
      if (!round)
        feed_addresses(0, 60000, SIAGA_SECOND, " siaga.source.spoofable=1");
    }
  fixture_finish(&f);
  siaga_correlator_stats(f.correlator, &stats);
  ck_assert_uint_gt(stats.evicted, 30000);
  ck_assert_uint_eq(final_count(), 100);
  fixture_clear(&f);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("budget");
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, the_budget_holds_and_the_attacker_is_found_in_a_crowd);
  tcase_add_test(tcase, a_key_with_four_events_takes_at_most_128_bytes);
  tcase_add_test(tcase, a_rule_knows_how_many_keys_and_bytes_it_holds);
  tcase_add_test(tcase, a_rule_that_takes_more_than_its_share_gives_way_first);
  tcase_add_test(tcase, incidents_that_are_told_stay_while_silent_ones_can_go);
  tcase_add_test(tcase, while_a_rule_is_beyond_its_share_nobody_else_gives_way);
  tcase_add_test(tcase, spoofed_sources_give_way_before_real_ones);
  tcase_add_test(tcase, memory_of_incidents_is_given_back_as_it_was_charged);
  return run_case("budget", tcase);
}
