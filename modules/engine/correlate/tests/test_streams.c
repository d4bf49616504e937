/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The time of streams: silence, idleness, broken clocks, hosts behind one relay. */

#include "engine/correlate/core.h"
#include "harness.h"

/* "a source that goes silent raises source-silent instead" */
START_TEST(a_source_that_goes_silent_is_not_an_absence)
{
  fixture_init(&f, "beat noise");
  fixture_correlation(&f, "name: r\ncorrelation: { type: event_count, rules: [beat], timespan: 5m, "
                          "group-by: [source.ip], condition: { lt: 1 } }\n");
  f.options.idle_clock = TRUE;
  fixture_start(&f);
  fixture_feed(&f, 0, "beat", "source.ip=192.0.2.7 host.hostname=web1");
  fixture_feed(&f, MINUTE, "beat", "source.ip=192.0.2.8 host.hostname=web1");
  siaga_correlator_tick(f.correlator, 1, &f.changes);
  for (guint i = 1; i < 60; i++)
    siaga_correlator_tick(f.correlator, i * MINUTE, &f.changes);
  ck_assert_uint_eq(final_count(), 1);
  ck_assert_str_eq(fixture_change(&f, 0)->rule->category, "source-silent");
  ck_assert_str_eq(fixture_change(&f, 0)->group_values->pdata[0], "web1");
  ck_assert_uint_eq(fixture_change(&f, 0)->children->len, 0);
  fixture_clear(&f);
}
END_TEST

/* "capped, overflow shared": each stream beyond goes through its lane's common one, with a common watermark. */
START_TEST(streams_beyond_the_cap_share_one)
{
  const guint many = 3 * SIAGA_LANES * SIAGA_STREAMS_PER_LANE;
  SiagaCorrelatorStats stats;
  guint own = 0;
  start("failed", BRUTE);
  for (f.stream = 1; f.stream <= many; f.stream++)
    for (guint i = 0; i < 2; i++)
      fixture_feed(&f, i * SIAGA_SECOND, "failed", "source.ip=192.0.2.7");
  for (guint i = 0; i < SIAGA_LANES; i++)
    {
      guint streams = g_hash_table_size(f.correlator->lanes[i].streams);
      ck_assert_uint_le(streams, SIAGA_STREAMS_PER_LANE + 1);
      own += streams;
    }
  ck_assert_uint_gt(own, SIAGA_LANES * SIAGA_STREAMS_PER_LANE * 9 / 10);
  siaga_correlator_stats(f.correlator, &stats);
  ck_assert_uint_eq(stats.events, 2 * many);
  ck_assert_uint_eq(stats.late, 0);
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 1);
  ck_assert_uint_eq(fixture_change(&f, fixture_changes(&f) - 1)->count, 2 * many);
  fixture_clear(&f);
}
END_TEST

/* One of them an hour ahead makes the others of its lane late, and nobody else. */
START_TEST(the_shared_stream_is_its_lane_s_only)
{
  const guint many = 3 * SIAGA_LANES * SIAGA_STREAMS_PER_LANE;
  SiagaCorrelatorStats stats;
  start("failed", BRUTE);
  for (f.stream = 1; f.stream <= many; f.stream++)
    fixture_feed(&f, 0, "failed", "source.ip=192.0.2.7");
  f.stream = many;
  fixture_feed(&f, HOUR, "failed", "source.ip=192.0.2.7");
  for (f.stream = 1; f.stream <= many; f.stream++)
    fixture_feed(&f, SIAGA_SECOND, "failed", "source.ip=192.0.2.7");
  siaga_correlator_stats(f.correlator, &stats);
  ck_assert_uint_ge(stats.late, 1);
  ck_assert_uint_le(stats.late, many / SIAGA_LANES * 2);
  fixture_clear(&f);
}
END_TEST

/* A, and then the source itself says nothing any more: whether B stayed away is known when it speaks again. */
static void
start_not(void)
{
  fixture_init(&f, "a b");
  fixture_correlation(&f,
                      "name: r\ncorrelation: { type: temporal, rules: [a, b], condition: a and not b, timespan: 5m, "
                      "group-by: [source.ip] }\n");
  f.options.idle_clock = TRUE;
  fixture_start(&f);
  fixture_feed(&f, 0, "b", "source.ip=192.0.2.8 host.hostname=web1");
  fixture_feed(&f, 10 * MINUTE, "a", "source.ip=192.0.2.7 host.hostname=web1");
}

static void
stay_idle(SiagaTime from)
{
  for (guint i = 0; i < 30; i++)
    siaga_correlator_tick(f.correlator, from + 1 + i * MINUTE, &f.changes);
}

START_TEST(a_source_that_goes_silent_right_after_is_no_and_not)
{
  for (guint b_came = 0; b_came <= 1; b_came++)
    {
      start_not();
      stay_idle(0);
      ck_assert_uint_eq(final_count(), 1);
      ck_assert_str_eq(fixture_change(&f, 0)->rule->category, "source-silent");
      if (b_came)
        fixture_feed(&f, 11 * MINUTE, "b", "source.ip=192.0.2.7");
      fixture_feed(&f, 50 * MINUTE, "b", "source.ip=192.0.2.8");
      fixture_finish(&f);
      ck_assert_uint_eq(final_count(), 2 - b_came);
      fixture_clear(&f);
    }
}
END_TEST

START_TEST(a_source_that_was_heard_after_is_an_and_not_when_it_is_idle)
{
  start_not();
  fixture_feed(&f, 11 * MINUTE, "b", "source.ip=192.0.2.8");
  stay_idle(0);
  ck_assert_uint_eq(final_count(), 1);
  ck_assert_str_eq(fixture_change(&f, 0)->rule->name, "r");
  fixture_clear(&f);
}
END_TEST

START_TEST(one_stamp_of_a_broken_clock_does_not_make_the_rest_late)
{
  SiagaCorrelatorStats stats;
  start("failed", BRUTE);
  fixture_feed(&f, 0, "failed", "source.ip=192.0.2.7");
  fixture_feed(&f, 5000 * HOUR, "failed", "source.ip=192.0.2.8");
  for (guint i = 1; i < 5; i++)
    fixture_feed(&f, i * SIAGA_SECOND, "failed", "source.ip=192.0.2.7");
  siaga_correlator_stats(f.correlator, &stats);
  ck_assert_uint_eq(stats.late, 0);
  for (guint i = 0; i < 5; i++)
    fixture_feed(&f, 100 * HOUR + i * SIAGA_SECOND, "failed", "source.ip=192.0.2.9");
  fixture_feed(&f, 100 * HOUR + MINUTE, "failed", "source.ip=192.0.2.10");
  ck_assert_uint_eq(final_count(), 2);
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 2);
  fixture_clear(&f);
}
END_TEST

/* "Which time?" and "Later than max-lateness()": the event's own, against its receipt and its stream */
START_TEST(times_are_judged_against_receipt_and_stream)
{
  SiagaCorrelatorStats stats;
  start("failed", BRUTE);
  SiagaHits hits = { .count = 1, .rule = { 0 } };
  SiagaOrigin origin = { .stream = 9, .received = T0 };
  f.event->time = T0 + HOUR;
  siaga_event_set(f.event, SIAGA_F_SOURCE_IP, "192.0.2.7", 9);
  for (guint i = 0; i < 5; i++)
    siaga_correlator_feed(f.correlator, f.event, &hits, &origin, &f.changes);
  fixture_feed(&f, 0, "failed", "source.ip=192.0.2.7");
  fixture_feed(&f, 20 * MINUTE, "failed", "source.ip=192.0.2.7");
  fixture_feed(&f, 9 * MINUTE, "failed", "source.ip=192.0.2.7");
  fixture_feed(&f, 11 * MINUTE, "failed", "source.ip=192.0.2.7");
  fixture_feed(&f, 20 * MINUTE, "failed", "user.name=x");
  fixture_finish(&f);
  siaga_correlator_stats(f.correlator, &stats);
  ck_assert_uint_eq(stats.future, 5);
  ck_assert_uint_eq(stats.late, 1);
  ck_assert_uint_eq(stats.out_of_order, 1);
  ck_assert_uint_eq(stats.missing_field, 1);
  ck_assert_uint_eq(final_count(), 1);
  ck_assert_int_eq(fixture_change(&f, 0)->first_seen, T0);
  fixture_clear(&f);
}
END_TEST

/* Five failures of ADDRESS within a second, received when they happened. */
static void
feed_attack_now(SiagaTime now, const gchar *address)
{
  SiagaHits hits = { .count = 1, .rule = { 0 } };
  SiagaOrigin origin = { .stream = 9, .received = now + SIAGA_SECOND };

  siaga_event_reset(f.event);
  siaga_event_set(f.event, SIAGA_F_SOURCE_IP, address, strlen(address));
  f.event->time = now;
  for (guint i = 0; i < 5; i++)
    siaga_correlator_feed(f.correlator, f.event, &hits, &origin, &f.changes);
}

START_TEST(a_clock_that_was_set_back_makes_nothing_late)
{
  SiagaCorrelatorStats stats;
  start("failed", BRUTE);
  feed_attack_now(T0, "192.0.2.7");
  feed_attack_now(T0 + 24 * HOUR, "192.0.2.8");
  feed_attack_now(T0 - 24 * HOUR, "192.0.2.9");
  feed_attack_now(T0 - 24 * HOUR + MINUTE, "192.0.2.10");
  siaga_correlator_stats(f.correlator, &stats);
  ck_assert_uint_eq(stats.late, 0);
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 4);
  fixture_clear(&f);
}
END_TEST

/* "idle time does nothing but let closes and absences come out; if a later event shows that it was not over, the
 * incident reopens under its id" */
START_TEST(idle_time_lets_closes_out_and_a_later_event_reopens)
{
  fixture_init(&f, "failed");
  fixture_correlation(&f, BRUTE);
  f.options.idle_clock = TRUE;
  fixture_start(&f);
  for (guint i = 0; i < 5; i++)
    fixture_feed(&f, i * SIAGA_SECOND, "failed", "source.ip=192.0.2.7");
  siaga_correlator_tick(f.correlator, 1, &f.changes);
  siaga_correlator_tick(f.correlator, 3 * SIAGA_SECOND, &f.changes);
  ck_assert_uint_eq(fixture_changes(&f), 1);
  siaga_correlator_tick(f.correlator, 11 * MINUTE, &f.changes);
  ck_assert_int_eq(fixture_change(&f, 1)->state, SIAGA_INCIDENT_CLOSE);
  fixture_feed(&f, MINUTE, "failed", "source.ip=192.0.2.7");
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 1);
  ck_assert_int_eq(fixture_change(&f, 2)->state, SIAGA_INCIDENT_UPDATE);
  ck_assert_uint_eq(fixture_change(&f, 3)->count, 6);
  fixture_clear(&f);
}
END_TEST

/* A relay hands on the lines of two hosts, one of which is hours behind, and of one that somebody set far ahead. */
static void
feed_hosts(SiagaTime behind)
{
  for (guint i = 0; i < 12; i++)
    {
      fixture_feed(&f, i * MINUTE, "failed", "source.ip=192.0.2.7 user.name=budi host.hostname=one");
      fixture_feed(&f, i * MINUTE - behind, "failed", "source.ip=192.0.2.8 user.name=budi host.hostname=two");
    }
}

START_TEST(a_host_behind_the_others_of_a_relay_is_not_late)
{
  static const SiagaTime behind[] = { 0, 5 * MINUTE, 2 * HOUR };
  for (guint i = 0; i < G_N_ELEMENTS(behind); i++)
    {
      start("failed", BRUTE);
      feed_hosts(behind[i]);
      for (guint k = 0; k < fixture_changes(&f); k++) /* not over and open again all the time */
        ck_assert_int_ne(fixture_change(&f, k)->state, SIAGA_INCIDENT_CLOSE);
      fixture_finish(&f);
      GPtrArray *final = fixture_final(&f);
      ck_assert_uint_eq(final->len, 2);
      for (guint k = 0; k < 2; k++)
        {
          const SiagaIncident *incident = final->pdata[k];
          gboolean second = strcmp(incident->source_ip, "192.0.2.8") == 0;
          ck_assert_uint_eq(incident->count, 12);
          ck_assert_int_eq(incident->first_seen, T0 - (second ? behind[i] : 0));
        }
      g_ptr_array_unref(final);
      fixture_clear(&f);
    }
}
END_TEST

START_TEST(a_host_far_ahead_makes_no_other_late)
{
  start("failed", BRUTE);
  fixture_feed(&f, 300 * 24 * HOUR, "failed", "source.ip=192.0.2.9 host.hostname=three");
  fixture_feed(&f, 300 * 24 * HOUR, "failed", "source.ip=192.0.2.9 host.hostname=three");
  feed_hosts(0);
  ck_assert_uint_eq(end_and_count(), 2);
}
END_TEST

START_TEST(what_is_late_for_its_own_host_is_late)
{
  SiagaCorrelatorStats stats;
  start("failed", BRUTE);
  feed_hosts(0);
  for (guint i = 0; i < 8; i++)
    fixture_feed(&f, i * SIAGA_SECOND - HOUR, "failed", "source.ip=192.0.2.10 host.hostname=one");
  siaga_correlator_stats(f.correlator, &stats);
  ck_assert_uint_eq(stats.late, 8);
  ck_assert_uint_eq(end_and_count(), 2);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("streams");
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, a_host_behind_the_others_of_a_relay_is_not_late);
  tcase_add_test(tcase, a_host_far_ahead_makes_no_other_late);
  tcase_add_test(tcase, what_is_late_for_its_own_host_is_late);
  tcase_add_test(tcase, a_source_that_goes_silent_is_not_an_absence);
  tcase_add_test(tcase, streams_beyond_the_cap_share_one);
  tcase_add_test(tcase, the_shared_stream_is_its_lane_s_only);
  tcase_add_test(tcase, a_source_that_goes_silent_right_after_is_no_and_not);
  tcase_add_test(tcase, a_source_that_was_heard_after_is_an_and_not_when_it_is_idle);
  tcase_add_test(tcase, one_stamp_of_a_broken_clock_does_not_make_the_rest_late);
  tcase_add_test(tcase, times_are_judged_against_receipt_and_stream);
  tcase_add_test(tcase, a_clock_that_was_set_back_makes_nothing_late);
  tcase_add_test(tcase, idle_time_lets_closes_out_and_a_later_event_reopens);
  return run_case("streams", tcase);
}
