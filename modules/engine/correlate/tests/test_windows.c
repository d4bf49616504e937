/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What windows count: events, values, sums, orders, and the number that an opening names. */

#include "harness.h"

/* "Which window?": closed [t − timespan, t] */
START_TEST(the_window_slides_and_is_closed_at_both_ends)
{
  start("failed", BRUTE);
  for (guint i = 0; i < 4; i++)
    fixture_feed(&f, i, "failed", "source.ip=192.0.2.7");
  fixture_feed(&f, 5 * MINUTE + 1, "failed", "source.ip=192.0.2.7");
  fixture_feed(&f, 5 * MINUTE + 2, "failed", "source.ip=192.0.2.8");
  for (guint i = 0; i < 4; i++)
    fixture_feed(&f, HOUR + i, "failed", "source.ip=192.0.2.9");
  fixture_feed(&f, HOUR + 5 * MINUTE, "failed", "source.ip=192.0.2.9");
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 1);
  ck_assert_str_eq(fixture_change(&f, 0)->source_ip, "192.0.2.9");
  fixture_clear(&f);
}
END_TEST

START_TEST(a_line_that_tells_of_five_events_counts_five)
{
  start("failed", BRUTE);
  fixture_feed(&f, 0, "failed", "source.ip=192.0.2.7");
  fixture_feed(&f, MINUTE, "failed", "source.ip=192.0.2.7 siaga.event.count=3");
  fixture_feed(&f, 0, "failed", "source.ip=192.0.2.8 siaga.event.count=2");
  fixture_feed(&f, MINUTE, "failed", "source.ip=192.0.2.8 siaga.event.count=2");
  ck_assert_uint_eq(fixture_changes(&f), 0);
  fixture_feed(&f, 2 * MINUTE, "failed", "source.ip=192.0.2.8 siaga.event.count=30");
  fixture_feed(&f, 3 * MINUTE, "failed", "source.ip=192.0.2.8 siaga.event.count=7");
  ck_assert_uint_eq(fixture_changes(&f), 1);
  ck_assert_int_eq(fixture_change(&f, 0)->first_seen, T0);
  ck_assert_uint_eq(fixture_change(&f, 0)->count, 34);
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 1);
  ck_assert_uint_eq(fixture_change(&f, fixture_changes(&f) - 1)->count, 41);
  fixture_clear(&f);
}
END_TEST

#define VALUES                                                                                                         \
  "title: Spraying\nname: spray\ncorrelation:\n  type: value_count\n  rules: [failed]\n  group-by: [source.ip]\n"      \
  "  timespan: 10m\n  condition: { field: user.name, gte: 3 }\n"

START_TEST(distinct_values_are_counted)
{
  start("failed", VALUES);
  for (guint i = 0; i < 10; i++)
    fixture_feed(&f, i * SIAGA_SECOND, "failed",
                 i % 2 ? "source.ip=192.0.2.7 user.name=a" : "source.ip=192.0.2.7 user.name=b");
  fixture_feed(&f, 20 * SIAGA_SECOND, "failed", "source.ip=192.0.2.7");
  fixture_finish(&f);
  ck_assert_uint_eq(fixture_changes(&f), 0);
  fixture_clear(&f);
  start("failed", VALUES);
  fixture_feed(&f, 0, "failed", "source.ip=192.0.2.7 user.name=a");
  fixture_feed(&f, 1, "failed", "source.ip=192.0.2.7 user.name=b");
  fixture_feed(&f, 10 * MINUTE, "failed", "source.ip=192.0.2.7 user.name=c");
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 1);
  fixture_clear(&f);
}
END_TEST

#define ORDERED                                                                                                        \
  "title: Success after failures\nname: chain\ncorrelation:\n  type: temporal_ordered\n  rules: [brute, success]\n"    \
  "  group-by: [source.ip]\n  timespan: 10m\n---\n" BRUTE

START_TEST(a_correlation_of_correlations_is_ordered)
{
  start("failed success", ORDERED);
  fixture_feed(&f, 0, "success", "source.ip=192.0.2.7");
  for (guint i = 1; i <= 5; i++)
    fixture_feed(&f, i * SIAGA_SECOND, "failed", "source.ip=192.0.2.7");
  fixture_finish(&f);
  ck_assert_uint_eq(fixture_changes(&f), 0);
  fixture_clear(&f);
  start("failed success", ORDERED);
  for (guint i = 1; i <= 5; i++)
    fixture_feed(&f, i * SIAGA_SECOND, "failed", "source.ip=192.0.2.7");
  fixture_feed(&f, 60 * SIAGA_SECOND, "success", "source.ip=192.0.2.7");
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 1);
  ck_assert_str_eq(fixture_change(&f, 0)->rule->name, "chain");
  fixture_clear(&f);
}
END_TEST

/* The text says so where the number is only known about. */
START_TEST(a_number_that_is_estimated_is_called_so)
{
  for (guint victims = 10; victims <= 40; victims += 30)
    {
      start("failed", BRUTE);
      for (guint i = 0; i < victims; i++)
        {
          gchar *fields = g_strdup_printf("source.ip=192.0.2.7 siaga.victim.domain=w%u.go.id", i);
          fixture_feed(&f, i * SIAGA_SECOND, "failed", fields);
          g_free(fields);
        }
      fixture_finish(&f);
      GString *out = g_string_new(NULL);
      siaga_incident_format_text(fixture_change(&f, fixture_changes(&f) - 1), out);
      ck_assert_ptr_nonnull(strstr(out->str, victims == 10 ? " and 9 more: " : " and about "));
      g_string_free(out, TRUE);
      fixture_clear(&f);
    }
}
END_TEST

/* A rule that only a correlation asks for matches too, and so does one that nothing asks for; over a change of rules.
 */
START_TEST(matches_of_every_rule_are_counted)
{
  SiagaRuleStats stats;
  fixture_init(&f, "failed asked");
  fixture_correlation(&f, BRUTE);
  fixture_start(&f);
  for (guint i = 0; i < 3; i++)
    fixture_feed(&f, i * SIAGA_SECOND, "failed", "source.ip=192.0.2.7");
  fixture_feed(&f, MINUTE, "asked", "source.ip=192.0.2.7");
  siaga_correlator_set_view(f.correlator, &f.view);
  fixture_feed(&f, MINUTE + 1, "failed asked", "source.ip=192.0.2.7");
  fixture_finish(&f);
  siaga_correlator_rule_stats(f.correlator, 0, &stats);
  ck_assert_uint_eq(stats.matches, 4);
  siaga_correlator_rule_stats(f.correlator, 1, &stats);
  ck_assert_uint_eq(stats.matches, 2);
  siaga_correlator_rule_stats(f.correlator, 2, &stats);
  ck_assert_uint_eq(stats.matches, 4);
  fixture_clear(&f);
}
END_TEST

/* The incidents as they ended: "rule first-last count state" in seconds, in order. */
static gchar *
story(void)
{
  GString *out = g_string_new(NULL);
  GPtrArray *final = fixture_final(&f);
  for (guint i = 0; i < final->len; i++)
    {
      const SiagaIncident *incident = final->pdata[i];
      g_string_append_printf(out, "%s%s %ld-%ld %lu", i ? ", " : "", incident->rule->name,
                             (long) ((incident->first_seen - T0) / SIAGA_SECOND),
                             (long) ((incident->last_seen - T0) / SIAGA_SECOND), (unsigned long) incident->count);
    }
  g_ptr_array_unref(final);
  return g_string_free(out, FALSE);
}

/* EVENTS: "seconds:rule seconds:rule …", all of one source. */
static const struct
{
  const gchar *rule;
  const gchar *events;
  const gchar *story;
} stories[] = {
  /* decided once, at the window's end */
  { "type: event_count, rules: [a], condition: { lt: 3 }, timespan: 10s", "0:a 1:a 40:b", "r 0-20 2" },
  { "type: event_count, rules: [a], condition: { lt: 3 }, timespan: 10s", "0:a 1:a 2:a 9:b", "r 10-20 0" },
  { "type: event_count, rules: [a], condition: { eq: 2 }, timespan: 10s", "0:a 1:a", "r 0-10 2" },
  { "type: event_count, rules: [a], condition: { eq: 2 }, timespan: 10s", "0:a 1:a 2:a", "" },
  { "type: event_count, rules: [a], condition: { neq: 2, gte: 1 }, timespan: 10s", "0:a 1:a 2:a", "r 0-10 3" },
  { "type: event_count, rules: [a], condition: { gte: 2, lte: 3 }, timespan: 10s", "0:a 1:a 2:a 30:a", "r 0-10 3" },
  { "type: event_count, rules: [a], condition: { gte: 2, lte: 3 }, timespan: 10s", "0:a 1:a 2:a 3:a", "" },
  { "type: value_count, rules: [a], condition: { field: user.name, lte: 1, gte: 1 }, timespan: 10s", "0:a 1:a",
    "r 0-10 2" },
  /* absence: a heartbeat that stops is decided once */
  { "type: event_count, rules: [a], condition: { lt: 1 }, timespan: 10s", "0:a 9:a 18:a 27:a 100:b", "r 30-40 0" },
  { "type: event_count, rules: [a], condition: { lt: 3 }, timespan: 10s", "0:a 15:a 25:a 35:a", "r 0-50 4" },
  /* A and not B: at A plus timespan */
  { "type: temporal, rules: [a, b], condition: a and not b, timespan: 10s", "0:a 1:a 30:a", "r 0-11 2, r 30-40 1" },
  { "type: temporal, rules: [a, b], condition: a and not b, timespan: 10s", "0:a 30:a 35:b", "r 0-10 1" },
  { "type: temporal, rules: [a, b], condition: a and not b, timespan: 10s", "0:a 10:b", "" },
  { "type: temporal, rules: [a, b], condition: a and not b, timespan: 10s", "0:a 11:b", "r 0-10 1" },
  { "type: temporal, rules: [a, b, c], condition: (a or b) and c, timespan: 10s", "0:b 5:c", "r 0-5 2" },
  { "type: temporal, rules: [a, b, c], condition: (a or b) and c, timespan: 10s", "0:a 1:b", "" },
  /* so many of the rules, whichever */
  { "type: temporal, rules: [a, b, c], condition: { gte: 2 }, timespan: 10s", "0:a 2:c", "r 0-2 2" },
  { "type: temporal, rules: [a, b, c], condition: { gte: 2 }, timespan: 10s", "0:a 1:a 12:b", "" },
  { "type: temporal, rules: [a, b, c], condition: { gte: 3 }, timespan: 10s", "0:a 1:c", "" },
  { "type: temporal, rules: [a, b, c], condition: { gte: 3 }, timespan: 10s", "0:c 1:a 2:b", "r 0-2 3" },
  /* one event never fills two steps */
  { "type: temporal, rules: [a, b], timespan: 10s", "0:a+b", "" },
  { "type: temporal, rules: [a, b], timespan: 10s", "0:a+b 1:a", "r 0-1 2" },
  { "type: temporal_ordered, rules: [a, b], timespan: 10s", "0:a+b", "" },
  { "type: temporal_ordered, rules: [a, b], timespan: 10s", "0:b 1:a", "" },
  { "type: temporal_ordered, rules: [a, a, b], timespan: 10s", "0:a 1:b 2:a 3:b", "r 0-3 4" },
  /* sums and averages */
  { "type: value_sum, rules: [a], condition: { field: source.port, gte: 100 }, timespan: 10s", "0:a 1:a 2:a",
    "r 0-2 3" },
  { "type: value_avg, rules: [a], condition: { field: source.port, gt: 41 }, timespan: 10s", "0:a 1:a 2:a", "" },
  { "type: value_percentile, rules: [a], condition: { field: source.port, percentile: 90, gte: 41 }, timespan: 10s",
    "0:a", "r 0-0 1" },
  /* closed when false for one timespan, then a new one */
  { "type: event_count, rules: [a], condition: { gte: 2 }, timespan: 10s", "0:a 1:a 20:a 41:a 42:a",
    "r 0-20 3, r 41-42 2" },
};

START_TEST(a_story_ends_as_told)
{
  fixture_init(&f, "a b c");
  gchar *yaml = g_strdup_printf("name: r\ncorrelation: { %s, group-by: [source.ip] }\n", stories[_i].rule);
  fixture_correlation(&f, yaml);
  fixture_start(&f);
  gchar **events = g_strsplit(stories[_i].events, " ", -1);
  for (guint i = 0; events[i]; i++)
    {
      gchar *names = strchr(events[i], ':') + 1;
      g_strdelimit(names, "+", ' ');
      fixture_feed(&f, atoi(events[i]) * SIAGA_SECOND, names, "source.ip=192.0.2.7 user.name=x source.port=41");
    }
  fixture_finish(&f);
  gchar *text = story();
  ck_assert_str_eq(text, stories[_i].story);
  g_free(text);
  g_strfreev(events);
  g_free(yaml);
  fixture_clear(&f);
}
END_TEST

/* "Ties?": within one source, input order; across sources either */
START_TEST(ties_across_streams_satisfy_either_order)
{
  for (guint streams = 1; streams <= 2; streams++)
    {
      start("a b",
            "name: r\ncorrelation: { type: temporal_ordered, rules: [a, b], timespan: 1m, group-by: [source.ip] }\n");
      fixture_feed(&f, 0, "b", "source.ip=192.0.2.7");
      f.stream = streams;
      fixture_feed(&f, 0, "a", "source.ip=192.0.2.7");
      fixture_finish(&f);
      ck_assert_uint_eq(final_count(), streams - 1);
      fixture_clear(&f);
    }
}
END_TEST

/* 3,000 events in 50 minutes, each with a number and a name of its own; one source. */
static void
feed_many(const gchar *rule)
{
  start("a b", rule);
  for (guint i = 0; i < 3000; i++)
    {
      gchar fields[96];
      g_snprintf(fields, sizeof fields, "source.ip=192.0.2.7 user.name=u%u http.response.body.bytes=%u", i,
                 1000 + i % 7);
      fixture_feed(&f, i * SIAGA_SECOND, "a", fields);
    }
  fixture_finish(&f);
}

START_TEST(a_repeated_event_without_the_other_is_found_while_it_goes_on)
{
  feed_many("name: r\ncorrelation: { type: temporal, rules: [a, b], condition: a and not b, timespan: 10m, "
            "group-by: [source.ip] }\n");
  ck_assert_uint_eq(final_count(), 1);
  ck_assert_int_eq(fixture_change(&f, 0)->first_seen, T0);
  ck_assert_int_eq(fixture_change(&f, 0)->changed, T0 + 10 * MINUTE);
  ck_assert_uint_ge(fixture_change(&f, fixture_changes(&f) - 1)->count, 2400);
  fixture_clear(&f);
}
END_TEST

START_TEST(a_sum_of_many_small_numbers_is_found)
{
  feed_many("name: r\ncorrelation: { type: value_sum, rules: [a], condition: { field: http.response.body.bytes, gte: "
            "2900000 }, timespan: 1h, group-by: [source.ip] }\n");
  ck_assert_uint_eq(final_count(), 1);
  fixture_clear(&f);
}
END_TEST

START_TEST(a_sum_of_many_small_numbers_with_an_upper_bound_is_exact)
{
  for (guint i = 0; i < 2; i++)
    {
      gchar *rule = g_strdup_printf("name: r\ncorrelation: { type: value_sum, rules: [a], condition: { field: "
                                    "http.response.body.bytes, gte: 1, lte: %u }, timespan: 1h, group-by: "
                                    "[source.ip] }\n",
                                    3008994 - i);
      feed_many(rule);
      ck_assert_uint_eq(final_count(), 1 - i);
      fixture_clear(&f);
      g_free(rule);
    }
}
END_TEST

/* "HyperLogLog only for the lifetime totals an incident reports, marked approximate" */
START_TEST(distinct_totals_of_many_are_approximate_and_said_to_be)
{
  start("failed", BRUTE);
  for (guint i = 0; i < 5000; i++)
    {
      gchar fields[64];
      g_snprintf(fields, sizeof fields, "source.ip=192.0.2.7 user.name=user%u host.hostname=h%u", i % 1000, i % 3);
      fixture_feed(&f, i * 1000, "failed", fields);
    }
  fixture_finish(&f);
  const SiagaIncident *close = fixture_change(&f, fixture_changes(&f) - 1);
  ck_assert(close->users.approximate);
  ck_assert_uint_ge(close->users.distinct, 880);
  ck_assert_uint_le(close->users.distinct, 1120);
  ck_assert_uint_eq(close->users.first->len, 16);
  ck_assert(!close->sources.approximate);
  ck_assert_uint_eq(close->sources.distinct, 1);
  GString *json = g_string_new(NULL);
  siaga_incident_write_json(close, json);
  ck_assert_ptr_nonnull(strstr(json->str, "\"approximate\":true"));
  g_string_free(json, TRUE);
  fixture_clear(&f);
}
END_TEST

/* What an incident's count is when it opens: see "What an incident counts" in the manual.  EVENTS: rule and user. */
static void
opens_with(const gchar *body, const gchar *events, guint64 count)
{
  gchar *yaml = g_strdup_printf("name: r\ncorrelation: { %s, timespan: 1h, group-by: [source.ip] }\n", body);
  gchar **names = g_strsplit(events, " ", -1);
  start("a b c", yaml);
  for (guint i = 0; names[i]; i++)
    {
      gchar *fields = g_strdup_printf("source.ip=192.0.2.7 user.name=u%s", names[i] + 1);
      names[i][1] = '\0';
      fixture_feed(&f, i * SIAGA_SECOND, names[i], fields);
      g_free(fields);
    }
  fixture_finish(&f);
  ck_assert_uint_ge(fixture_changes(&f), 1);
  ck_assert_uint_eq(fixture_change(&f, 0)->count, count);
  fixture_clear(&f);
  g_strfreev(names);
  g_free(yaml);
}

/* FIRST, events of rule a whose users take turns, LAST. */
static void
opens_after_turns(const gchar *body, const gchar *first, guint events, guint users, const gchar *last, guint64 count)
{
  GString *out = g_string_new(first);
  for (guint i = 0; i < events; i++)
    g_string_append_printf(out, "a%u ", i % users);
  g_string_append(out, last);
  opens_with(body, out->str, count);
  g_string_free(out, TRUE);
}

START_TEST(the_count_at_the_opening_is_what_the_manual_says)
{
  opens_with("type: event_count, rules: [a], condition: { gte: 3 }", "a a a", 3);
  /* all events of the values that count */
  opens_with("type: value_count, rules: [a], condition: { field: user.name, gte: 3 }", "ax ax ay ay ay az", 6);
  /* of more than 48 values: the values */
  opens_after_turns("type: value_count, rules: [a], condition: { field: user.name, gte: 49 }", "", 96, 48, "a48", 49);
  /* from the latest begin on */
  opens_with("type: temporal, rules: [a, b]", "a a a b", 2);
  opens_with("type: temporal_ordered, rules: [b, a, c]", "b a a a c", 5);
  /* and of them what is kept */
  opens_after_turns("type: temporal_ordered, rules: [b, a, c]", "b ", 100, 1, "c", 2 * 3 * 3 + 8);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("windows");
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, a_line_that_tells_of_five_events_counts_five);
  tcase_add_test(tcase, the_window_slides_and_is_closed_at_both_ends);
  tcase_add_test(tcase, distinct_values_are_counted);
  tcase_add_test(tcase, a_correlation_of_correlations_is_ordered);
  tcase_add_test(tcase, a_number_that_is_estimated_is_called_so);
  tcase_add_test(tcase, matches_of_every_rule_are_counted);
  tcase_add_loop_test(tcase, a_story_ends_as_told, 0, G_N_ELEMENTS(stories));
  tcase_add_test(tcase, ties_across_streams_satisfy_either_order);
  tcase_add_test(tcase, the_count_at_the_opening_is_what_the_manual_says);
  tcase_add_test(tcase, a_repeated_event_without_the_other_is_found_while_it_goes_on);
  tcase_add_test(tcase, a_sum_of_many_small_numbers_is_found);
  tcase_add_test(tcase, a_sum_of_many_small_numbers_with_an_upper_bound_is_exact);
  tcase_add_test(tcase, distinct_totals_of_many_are_approximate_and_said_to_be);
  return run_case("windows", tcase);
}
