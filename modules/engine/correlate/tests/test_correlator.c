/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The correlator, row by row of what it promises. */

#include "engine/correlate/core.h"
#include "engine/correlate/prelude.h"
#include "engine/correlate/follow.h"
#include "fixture.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static Fixture f;

#define BRUTE                                                                                                          \
  "title: Brute force\nname: brute\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [failed]\n"               \
  "  group-by: [source.ip]\n  timespan: 5m\n  condition: { gte: 5 }\n"

static void
start(const gchar *detections, const gchar *yaml)
{
  fixture_init(&f, detections);
  fixture_correlation(&f, yaml);
  fixture_start(&f);
  gchar *errors = fixture_errors(&f);
  ck_assert_str_eq(errors, "");
  g_free(errors);
}

static guint
final_count(void)
{
  GPtrArray *final = fixture_final(&f);
  guint count = final->len;
  g_ptr_array_unref(final);
  return count;
}

#define MILD BRUTE "mild: { level: low, below: 8 }\n"

/* A few failures of one account open low, and are no news to campaigns; more than people type are. */
START_TEST(what_reads_as_a_mistyping_person_is_mild_until_it_does_not)
{
  static const gchar *const guessing[] = { "credential-access", NULL };
  start("failed", MILD);
  f.rules[1].tactics = guessing;
  for (guint i = 0; i < 7; i++)
    fixture_feed(&f, i * 10 * SIAGA_SECOND, "failed", "source.ip=192.0.2.7 user.name=budi");
  fixture_feed(&f, 65 * SIAGA_SECOND, "failed", "source.ip=192.0.2.8");
  ck_assert_uint_eq(fixture_changes(&f), 1);
  ck_assert_int_eq(fixture_change(&f, 0)->level, SIAGA_LEVEL_LOW);
  fixture_feed(&f, 70 * SIAGA_SECOND, "failed", "source.ip=192.0.2.7 user.name=budi");
  fixture_feed(&f, 80 * SIAGA_SECOND, "failed", "source.ip=192.0.2.8");
  ck_assert_uint_eq(fixture_changes(&f), 2);
  ck_assert_int_eq(fixture_change(&f, 1)->level, SIAGA_LEVEL_HIGH);
  ck_assert_str_eq(fixture_change(&f, 1)->uuid, fixture_change(&f, 0)->uuid);
  fixture_clear(&f);
}
END_TEST

/* EVENTS questions, one in EVERY microseconds, for NAMES names in turn. */
static SiagaLevel
_level_of_questions(guint events, SiagaTime every, guint names)
{
  start("asked", "name: flood\nlevel: medium\nmild: { level: low, varied: dns.question.name }\ncorrelation:\n"
                 "  type: event_count\n  rules: [asked]\n  group-by: [source.ip]\n  timespan: 1m\n"
                 "  condition: { gte: 60 }\n");
  for (guint i = 0; i < events; i++)
    {
      gchar *fields = g_strdup_printf("source.ip=192.0.2.7 dns.question.name=n%u.example", i % names);
      fixture_feed(&f, i * every, "asked", fields);
      g_free(fields);
    }
  fixture_finish(&f);
  SiagaLevel level = fixture_change(&f, fixture_changes(&f) - 1)->level;
  fixture_clear(&f);
  return level;
}

START_TEST(many_names_are_a_crowd_s_unless_none_comes_again_or_they_come_too_fast)
{
  const SiagaTime steady = SIAGA_SECOND / 2, fast = SIAGA_SECOND / 6;
  ck_assert_int_eq(_level_of_questions(3000, steady, 200), SIAGA_LEVEL_LOW);
  ck_assert_int_ge(_level_of_questions(3000, steady, 50), SIAGA_LEVEL_MEDIUM);
  ck_assert_int_ge(_level_of_questions(61, steady, 1), SIAGA_LEVEL_MEDIUM);
  ck_assert_int_ge(_level_of_questions(3000, steady, 3000), SIAGA_LEVEL_MEDIUM);
  ck_assert_int_ge(_level_of_questions(3000, fast, 200), SIAGA_LEVEL_MEDIUM);
}
END_TEST

/* So does a second account. */
START_TEST(a_second_account_ends_the_mildness)
{
  start("failed", MILD);
  for (guint i = 0; i < 5; i++)
    fixture_feed(&f, i * 10 * SIAGA_SECOND, "failed", "source.ip=192.0.2.7 user.name=budi");
  fixture_feed(&f, MINUTE, "failed", "source.ip=192.0.2.7 user.name=siti");
  fixture_finish(&f);
  ck_assert_int_eq(fixture_change(&f, 0)->level, SIAGA_LEVEL_LOW);
  ck_assert_int_eq(fixture_change(&f, fixture_changes(&f) - 1)->level, SIAGA_LEVEL_HIGH);
  fixture_clear(&f);
}
END_TEST

/* Each incident of a key that opens one after the other has one timer, whichever of them is looked at. */
START_TEST(incidents_of_one_key_have_a_timer_each)
{
  enum
  {
    PULSES = 16
  };
  fixture_init(&f, "failed");
  fixture_correlation(&f, BRUTE);
  f.options.max_lateness = 24 * 60 * MINUTE;
  fixture_start(&f);
  for (guint pulse = 0; pulse < PULSES; pulse++)
    for (guint i = 0; i < 5; i++)
      fixture_feed(&f, pulse * 20 * MINUTE + i * SIAGA_SECOND, "failed", "source.ip=192.0.2.7");
  ck_assert_uint_le(siaga_core_stream(f.correlator, 1)->timer_count, PULSES);
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), PULSES);
  fixture_clear(&f);
}
END_TEST

static guint
end_and_count(void)
{
  fixture_finish(&f);
  guint count = final_count();
  fixture_clear(&f);
  return count;
}

#define ECHOED "echo: 3\n" BRUTE

/* A VPN that asks a RADIUS server: both log each refusal, in whichever order their streams arrive. */
START_TEST(what_two_programs_say_of_one_refusal_counts_once)
{
  start("failed", ECHOED);
  for (guint i = 0; i < 4; i++)
    {
      SiagaTime at = i * 20 * SIAGA_SECOND, soon = at + (i < 2 ? 2 : -1) * SIAGA_SECOND;
      fixture_feed(&f, at, "failed", "source.ip=192.0.2.7 event.dataset=radius user.name=budi");
      fixture_feed(&f, soon, "failed",
                   i % 2 ? "source.ip=192.0.2.7 event.dataset=vpn"
                         : "source.ip=192.0.2.7 event.dataset=vpn user.name=budi");
    }
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 0);
  fixture_clear(&f);
}
END_TEST

static guint64
count_of_ten(SiagaTime apart, const gchar *second)
{
  gchar *fields = g_strdup_printf("source.ip=192.0.2.7 %s", second);
  start("failed", ECHOED);
  for (guint i = 0; i < 5; i++)
    {
      fixture_feed(&f, i * 10 * SIAGA_SECOND, "failed", "source.ip=192.0.2.7 event.dataset=radius user.name=budi");
      fixture_feed(&f, i * 10 * SIAGA_SECOND + apart, "failed", fields);
    }
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 1);
  guint64 count = fixture_change(&f, fixture_changes(&f) - 1)->count;
  g_free(fields);
  fixture_clear(&f);
  return count;
}

/* One program that says it twice, another account, what comes later, and who nobody knows are tries of their own. */
START_TEST(two_refusals_are_no_echo_of_each_other)
{
  ck_assert_uint_eq(count_of_ten(SIAGA_SECOND, "event.dataset=vpn user.name=budi"), 5);
  ck_assert_uint_eq(count_of_ten(SIAGA_SECOND, "event.dataset=radius user.name=budi"), 10);
  ck_assert_uint_eq(count_of_ten(SIAGA_SECOND, "event.dataset=vpn user.name=siti"), 10);
  ck_assert_uint_eq(count_of_ten(4 * SIAGA_SECOND, "event.dataset=vpn user.name=budi"), 10);
  ck_assert_uint_eq(count_of_ten(SIAGA_SECOND, "user.name=budi"), 10);
}
END_TEST

/* Whoever tries at two services at once is counted at one of them, at its full pace. */
START_TEST(a_guesser_at_two_services_is_counted_at_one)
{
  start("failed", ECHOED);
  for (guint i = 0; i < 40; i++)
    fixture_feed(&f, i * SIAGA_SECOND / 2, "failed",
                 i % 2 ? "source.ip=192.0.2.7 event.dataset=imap user.name=budi"
                       : "source.ip=192.0.2.7 event.dataset=smtp user.name=budi");
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 1);
  ck_assert_uint_eq(fixture_change(&f, fixture_changes(&f) - 1)->count, 20);
  fixture_clear(&f);
}
END_TEST

#define STRANGERS                                                                                                      \
  "name: known\ncorrelation:\n  type: value_count\n  rules: [let_in]\n  group-by: [source.ip]\n"                       \
  "  timespan: 1h\n  condition: { field: user.name, gte: 5 }\n---\n"                                                   \
  "name: many\ncorrelation:\n  type: value_count\n  rules: [let_in]\n  group-by: [host.hostname]\n"                    \
  "  timespan: 1h\n  condition: { field: source.ip, gte: 60 }\n---\n"                                                  \
  "name: strangers\nlevel: high\nstrangers: known\nbeside: many\ncorrelation:\n"                                       \
  "  type: value_count\n  rules: [failed]\n  group-by: [host.hostname]\n  timespan: 1h\n"                              \
  "  condition: { field: source.ip, gte: 6 }\n"

static void
come(const gchar *rule, SiagaTime minute, guint address)
{
  gchar fields[96];
  g_snprintf(fields, sizeof fields, "source.ip=192.0.2.%u user.name=u%u host.hostname=mail", address, address);
  fixture_feed(&f, minute * MINUTE, rule, fields);
}

/* Six refused; COUNT of them were let in at MINUTE. */
static guint
incidents_of_six(guint count, SiagaTime minute)
{
  start("failed let_in", STRANGERS);
  for (guint i = 0; i < count; i++)
    come("let_in", minute, i + 1);
  for (guint i = 0; i < 6; i++)
    come("failed", minute + 30 + i, i + 1);
  return end_and_count();
}

START_TEST(whom_the_other_count_knows_is_no_stranger)
{
  ck_assert_uint_eq(incidents_of_six(0, 0), 1);
  ck_assert_uint_eq(incidents_of_six(1, 0), 0);
  ck_assert_uint_eq(incidents_of_six(6, 0), 0);
}
END_TEST

static guint
incidents_beside(guint let_in)
{
  start("failed let_in", STRANGERS);
  for (guint i = 0; i < let_in; i++)
    come("let_in", 1, 100 + i);
  for (guint i = 0; i < 6; i++)
    come("failed", i / 2 * 2, i + 1);
  return end_and_count();
}

/* Sixty let in behind whom four are refused; two were before. */
START_TEST(strangers_are_few_beside_many_who_are_let_in)
{
  ck_assert_uint_eq(incidents_beside(59), 1);
  ck_assert_uint_eq(incidents_beside(60), 0);
}
END_TEST

static void
check_before(const gchar *text, const gchar *expected)
{
  gchar before[SIAGA_FOLLOW_MAX + 1] = "";
  ck_assert_int_eq(siaga_follow_before(text, strlen(text), before), expected != NULL);
  ck_assert_str_eq(before, expected ? expected : "");
}

START_TEST(the_number_before_is_as_wide)
{
  check_before("/warga/4711", "/warga/4710");
  check_before("/v1/warga/4700?x=12", "/v1/warga/4699?x=12");
  check_before("/a/12/b/21", "/a/12/b/20");
  check_before("/a/100", "/a/099");
  check_before("26.100.51.198.in-addr.arpa", "25.100.51.198.in-addr.arpa");
  check_before("0.100.51.198.in-addr.arpa", NULL);
  check_before("/a/0", NULL);
  check_before("/a/000", NULL);
  check_before("/berita", NULL);
  check_before("", NULL);
}
END_TEST

#define WALK                                                                                                           \
  "name: seen\ncorrelation:\n  type: value_count\n  rules: [read]\n  group-by: [host.hostname]\n"                      \
  "  timespan: 1h\n  condition: { field: url.original, gte: 8 }\n---\n"                                                \
  "name: walk\nlevel: high\nfollows: seen\ncorrelation:\n  type: value_count\n  rules: [read]\n"                       \
  "  group-by: [host.hostname]\n  timespan: 1h\n  condition: { field: url.original, gte: 60 }\n"

/* A hundred records, each from an address of its own; STEP apart in the order in which they are read. */
static guint
incidents_of_walk(guint step)
{
  start("read", WALK);
  for (guint i = 0; i < 101; i++)
    {
      gchar fields[96];
      g_snprintf(fields, sizeof fields, "source.ip=192.0.2.%u host.hostname=www url.original=/warga/%u", i + 1,
                 1000 + i * step % 101);
      fixture_feed(&f, i * 20 * SIAGA_SECOND, "read", fields);
    }
  return end_and_count();
}

START_TEST(who_reads_one_number_after_the_other_walks)
{
  ck_assert_uint_eq(incidents_of_walk(1), 1);
  ck_assert_uint_eq(incidents_of_walk(37), 0);
  ck_assert_uint_eq(incidents_of_walk(100), 0); /* downwards */
}
END_TEST

#define LET_IN                                                                                                         \
  "name: let_in\ncorrelation:\n  type: value_count\n  rules: [accepted]\n  group-by: [source.ip]\n"                    \
  "  timespan: 1d\n  condition: { field: user.name, gte: 15 }\n---\n"                                                  \
  "name: refused\nlevel: high\nforgiven: let_in\ncorrelation:\n  type: value_count\n  rules: [failed]\n"               \
  "  group-by: [source.ip]\n  timespan: 1d\n  condition: { field: user.name, gte: 6 }\n"

/* Twenty accounts are refused; LET_IN of every ten get in a minute later. */
static guint
incidents_of_refused(guint let_in)
{
  start("failed accepted", LET_IN);
  for (guint i = 0; i < 20; i++)
    {
      gchar fields[64];
      g_snprintf(fields, sizeof fields, "source.ip=192.0.2.7 user.name=u%u", i);
      fixture_feed(&f, 2 * i * MINUTE, "failed", fields);
      if (i % 10 < let_in)
        fixture_feed(&f, (2 * i + 1) * MINUTE, "accepted", fields);
    }
  return end_and_count();
}

START_TEST(who_is_let_in_is_forgiven)
{
  ck_assert_uint_eq(incidents_of_refused(0), 1);
  ck_assert_uint_eq(incidents_of_refused(5), 1);
  ck_assert_uint_eq(incidents_of_refused(8), 0);
  ck_assert_uint_eq(incidents_of_refused(10), 0);
}
END_TEST

#define NEW_ADDRESS                                                                                                    \
  "name: seen\nfirst-seen: true\ncorrelation:\n  type: value_count\n  rules: [accepted]\n  group-by: [user.name]\n"    \
  "  timespan: 7d\n  condition: { field: source.ip, gte: 24 }\n---\n"                                                  \
  "name: sends\nlevel: high\nnewcomers: seen\ncorrelation:\n  type: event_count\n  rules: [accepted]\n"                \
  "  group-by: [user.name]\n  timespan: 1h\n  condition: { gte: 5 }\n"

static void
feed_logins(SiagaTime begin, SiagaTime step, guint count, const gchar *fields)
{
  for (guint i = 0; i < count; i++)
    fixture_feed(&f, begin + i * step, "accepted", fields);
}

START_TEST(an_address_is_new_where_others_are_old)
{
  start("accepted", NEW_ADDRESS);
  feed_logins(0, MINUTE, 10, "source.ip=192.0.2.7 user.name=budi"); /* nobody knows another */
  ck_assert_uint_eq(end_and_count(), 0);
  start("accepted", NEW_ADDRESS);
  feed_logins(0, 60 * MINUTE, 10 * 24, "source.ip=192.0.2.7 user.name=budi"); /* in use, it stays old */
  feed_logins(241 * 60 * MINUTE, MINUTE, 4, "source.ip=192.0.2.8 user.name=budi");
  feed_logins(242 * 60 * MINUTE, MINUTE, 10, "source.ip=192.0.2.7 user.name=budi");
  ck_assert_uint_eq(end_and_count(), 0);
  start("accepted", NEW_ADDRESS);
  feed_logins(0, 60 * MINUTE, 10, "source.ip=192.0.2.7 user.name=budi");
  feed_logins(11 * 60 * MINUTE, MINUTE, 6, "source.ip=192.0.2.8 user.name=budi");
  ck_assert_uint_eq(end_and_count(), 1);
}
END_TEST

static void
check_explained(const gchar *rules, guint rule, const gchar *said)
{
  GString *out = g_string_new(NULL);
  start("failed accepted", rules);
  fixture_feed(&f, 0, "accepted", "source.ip=192.0.2.7 user.name=budi");
  siaga_correlator_explain(f.correlator, rule, f.event, out);
  ck_assert_ptr_ne(strstr(out->str, said), NULL);
  g_string_free(out, TRUE);
  fixture_clear(&f);
}

START_TEST(explain_tells_of_who_is_new_or_forgiven)
{
  check_explained(LET_IN, 3, "what 'let_in' sees afterwards counts no longer\n");
  check_explained(NEW_ADDRESS, 2, "each value has the time when it was first seen\n");
  check_explained(NEW_ADDRESS, 3, "only what is new to 'seen' counts\n");
}
END_TEST

START_TEST(lines_of_one_login_are_one)
{
  for (guint gap = 30; gap <= 90; gap += 60)
    {
      start("accepted", "name: twice\nlevel: high\napart: 60\ncorrelation:\n  type: event_count\n  rules: [accepted]\n"
                        "  group-by: [user.name]\n  timespan: 1h\n  condition: { gte: 2 }\n");
      feed_logins(0, gap * SIAGA_SECOND, 2, "source.ip=192.0.2.7 user.name=budi");
      ck_assert_uint_eq(end_and_count(), gap > 60);
    }
}
END_TEST

static SiagaLevel
level_of(const gchar *correlation, SiagaTime (*next)(guint i))
{
  SiagaTime time = 0;
  start("failed", correlation);
  for (guint i = 0; i < 40; i++, time += next(i))
    fixture_feed(&f, time, "failed", "source.ip=192.0.2.7 user.name=budi");
  fixture_finish(&f);
  SiagaLevel level = fixture_change(&f, fixture_changes(&f) - 1)->level;
  fixture_clear(&f);
  return level;
}

static SiagaTime
steadily(guint i)
{
  return MINUTE + i % 3 * SIAGA_SECOND;
}

/* Two lines of one try, and now and then the program is started anew. */
static SiagaTime
steadily_twice(guint i)
{
  return i % 2 ? 2 * SIAGA_SECOND : i % 17 == 0 ? 40 * SIAGA_SECOND : MINUTE;
}

/* Telephones join their timers. */
static SiagaTime
loosely(guint i)
{
  return (51 + i * 7 % 19) * SIAGA_SECOND;
}

static SiagaTime
unsteadily(guint i)
{
  return (45 + i * 17 % 46) * SIAGA_SECOND;
}

static SiagaLevel
level_at_pace(SiagaTime (*next)(guint i))
{
  return level_of(MILD, next);
}

/* A beat shows when eight gaps are there: until then they are few. */
static SiagaLevel
level_at_beat(SiagaTime (*next)(guint i))
{
  return level_of(BRUTE "mild: { level: low, below: 10 }\n", next);
}

/* Each turn a second try soon after the first. */
static SiagaTime
with_a_beat(guint i)
{
  return (i % 2 ? 110 + i % 7 : 20 + i % 3) * SIAGA_SECOND;
}

static SiagaTime
now_and_then(guint i)
{
  return (20 + i * i * 397 % 97) * SIAGA_SECOND;
}

static SiagaTime
steadily_fast(guint i)
{
  (void) i;
  return 12 * SIAGA_SECOND;
}

START_TEST(a_program_with_an_old_password_keeps_its_pace)
{
  ck_assert_int_eq(level_at_pace(steadily), SIAGA_LEVEL_LOW);
  ck_assert_int_eq(level_at_pace(steadily_twice), SIAGA_LEVEL_LOW);
  ck_assert_int_eq(level_at_pace(loosely), SIAGA_LEVEL_LOW);
  ck_assert_int_eq(level_at_pace(unsteadily), SIAGA_LEVEL_HIGH);
  ck_assert_int_eq(level_at_beat(with_a_beat), SIAGA_LEVEL_LOW);
  ck_assert_int_eq(level_at_beat(now_and_then), SIAGA_LEVEL_HIGH);
  ck_assert_int_eq(level_at_pace(steadily_fast), SIAGA_LEVEL_HIGH);
}
END_TEST

/* One name tried at one host after the other keeps a pace, too. */
START_TEST(a_program_knows_few_hosts)
{
  for (guint hosts = 2; hosts <= 40; hosts += 38)
    {
      start("failed", MILD);
      for (guint i = 0; i < 40; i++)
        {
          gchar *fields = g_strdup_printf("source.ip=192.0.2.7 user.name=budi host.hostname=srv%u", i % hosts);
          fixture_feed(&f, i * MINUTE, "failed", fields);
          g_free(fields);
        }
      fixture_finish(&f);
      ck_assert_int_eq(fixture_change(&f, fixture_changes(&f) - 1)->level,
                       hosts > 2 ? SIAGA_LEVEL_HIGH : SIAGA_LEVEL_LOW);
      fixture_clear(&f);
    }
}
END_TEST

/* "Fires again?": never while its incident is open */
START_TEST(a_burst_is_one_incident_with_a_life)
{
  start("failed", BRUTE);
  for (guint i = 0; i < 20; i++)
    fixture_feed(&f, i * 10 * SIAGA_SECOND, "failed", "source.ip=192.0.2.7 user.name=root");
  ck_assert_uint_eq(fixture_changes(&f), 1);
  const SiagaIncident *open = fixture_change(&f, 0);
  ck_assert_int_eq(open->state, SIAGA_INCIDENT_OPEN);
  ck_assert_uint_eq(open->count, 5);
  ck_assert_int_eq(open->first_seen, T0);
  ck_assert_int_eq(open->last_seen, T0 + 40 * SIAGA_SECOND);
  ck_assert_str_eq(open->source_ip, "192.0.2.7");
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 1);
  const SiagaIncident *close = fixture_change(&f, fixture_changes(&f) - 1);
  ck_assert_int_eq(close->state, SIAGA_INCIDENT_CLOSE);
  ck_assert_str_eq(close->reason, "quiet");
  ck_assert_uint_eq(close->count, 20);
  /* The last window began at 150 s: true until 450 s, over one timespan later. */
  ck_assert_int_eq(close->changed, T0 + (150 + 300 + 300) * SIAGA_SECOND);
  ck_assert_str_eq(close->uuid, open->uuid);
  fixture_clear(&f);
}
END_TEST

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

START_TEST(what_came_before_the_opening_is_evidence_too)
{
  gchar *fields = NULL;
  start("failed", "title: Botnet\nname: botnet\ncorrelation:\n  type: value_count\n  rules: [failed]\n"
                  "  group-by: [user.name]\n  timespan: 10m\n  condition: { field: source.ip, gte: 4 }\n");
  fixture_feed(&f, 0, "failed", "source.ip=192.0.2.99 user.name=root");
  for (guint i = 0; i < 6; i++)
    {
      fields = g_strdup_printf("source.ip=192.0.2.%u user.name=root", i + 1);
      fixture_feed(&f, HOUR + i * MINUTE, "failed", fields);
      fixture_feed(&f, HOUR + i * MINUTE, "failed", "source.ip=192.0.2.50 user.name=siti");
      g_free(fields);
    }
  fixture_finish(&f);
  const SiagaIncident *open = fixture_change(&f, 0), *close = fixture_change(&f, fixture_changes(&f) - 1);
  ck_assert_uint_eq(open->sources.distinct, 4);
  ck_assert_uint_eq(open->evidence->len, 4);
  for (guint i = 0; i < 4; i++)
    {
      const SiagaEvidence *evidence = open->evidence->pdata[i];
      ck_assert_int_eq(evidence->time, T0 + HOUR + i * MINUTE);
      gchar *word = g_strdup_printf("192.0.2.%u user.name=root", i + 1);
      ck_assert_ptr_nonnull(strstr(evidence->line, word));
      g_free(word);
    }
  ck_assert_ptr_null(open->source_ip);
  ck_assert_uint_eq(close->sources.distinct, 6);
  ck_assert_uint_eq(close->evidence->len, 6);
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

/* "Single detections?": one per rule, actor and victim, timespan 10 minutes */
START_TEST(a_single_detection_of_high_level_raises_an_incident)
{
  fixture_init(&f, "shell! noise failed");
  fixture_correlation(&f, BRUTE);
  fixture_start(&f);
  fixture_feed(&f, 0, "shell", "source.actor=192.0.2.7 source.ip=192.0.2.7 siaga.victim.domain=www.kementerian.go.id");
  fixture_feed(&f, MINUTE, "shell",
               "source.actor=192.0.2.7 source.ip=192.0.2.7 siaga.victim.domain=www.kementerian.go.id");
  fixture_feed(&f, MINUTE, "shell", "source.actor=192.0.2.8 siaga.victim.domain=www.kementerian.go.id");
  fixture_feed(&f, MINUTE, "noise", "source.actor=192.0.2.8");
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 2);
  ck_assert_str_eq(fixture_change(&f, 0)->victim_domain, "www.kementerian.go.id");
  fixture_clear(&f);
}
END_TEST

/* Of what a flood asks for, a name that imitates an agency is one; the agency is not who is flooded. */
START_TEST(who_is_imitated_is_not_who_is_attacked)
{
  start("failed", BRUTE);
  for (guint i = 0; i < 5; i++)
    fixture_feed(&f, i * SIAGA_SECOND, "failed",
                 i ? "source.ip=192.0.2.7 siaga.victim.domain=dns.contoh.example"
                   : "source.ip=192.0.2.7 siaga.victim.domain=kementerian.go.id siaga.victim.government=1 "
                     "siaga.lookalike.of=kementerian.go.id");
  fixture_finish(&f);
  ck_assert_str_eq(fixture_change(&f, 0)->victim_domain, "dns.contoh.example");
  ck_assert_uint_eq(fixture_change(&f, 0)->tags->len, 0);
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

START_TEST(an_incident_is_written_as_json)
{
  start("failed", BRUTE);
  for (guint i = 0; i < 5; i++)
    fixture_feed(&f, i * SIAGA_SECOND, "failed",
                 "source.ip=192.0.2.7 user.name=root siaga.victim.domain=www.kementerian.go.id "
                 "siaga.victim.sector=health siaga.victim.government=1 siaga.victim.country=ID");
  fixture_finish(&f);
  GString *out = g_string_new(NULL);
  siaga_incident_write_json(fixture_change(&f, 0), out);
  ck_assert_ptr_nonnull(
      strstr(out->str, "\"message\":\"high: brute by 192.0.2.7 on www.kementerian.go.id: 5 events in 4 s\""));
  ck_assert_ptr_nonnull(strstr(out->str, "\"source\":{\"ip\":\"192.0.2.7\"}"));
  ck_assert_ptr_nonnull(strstr(out->str, "\"tags\":[\"sector.health\",\"gov\",\"gov.id\"]"));
  ck_assert_ptr_nonnull(strstr(out->str, "\"group_by\":{\"source.ip\":\"192.0.2.7\"}"));
  g_string_free(out, TRUE);
  fixture_clear(&f);
}
END_TEST

START_TEST(an_incident_is_read_back_from_its_json)
{
  start("failed", BRUTE);
  for (guint i = 0; i < 30; i++)
    {
      gchar fields[128];
      g_snprintf(fields, sizeof fields,
                 "source.ip=192.0.2.7 user.name=user%u siaga.victim.domain=www.kementerian.go.id", i);
      fixture_feed(&f, i * SIAGA_SECOND, "failed", fields);
    }
  fixture_finish(&f);
  const SiagaIncident *close = fixture_change(&f, fixture_changes(&f) - 1);
  GString *first = g_string_new(NULL), *second = g_string_new(NULL);
  siaga_incident_write_json(close, first);
  SiagaIncident *back = siaga_incident_read_json(first->str, first->len, NULL);
  ck_assert_ptr_nonnull(back);
  SiagaIncident *copy = siaga_incident_copy(back);
  siaga_incident_free(back);
  siaga_incident_write_json(copy, second);
  ck_assert_str_eq(second->str, first->str);
  ck_assert_uint_eq(copy->evidence->len, 10);
  siaga_incident_free(copy);
  ck_assert_ptr_null(siaga_incident_read_json("{\"rule\":{}}", 11, NULL));
  for (gsize i = 0; i < first->len; i++)
    siaga_incident_free(siaga_incident_read_json(first->str, i, NULL));
  g_string_free(first, TRUE);
  g_string_free(second, TRUE);
  fixture_clear(&f);
}
END_TEST

START_TEST(unacknowledged_changes_wait_and_the_latest_state_wins)
{
  fixture_init(&f, "shell!");
  fixture_start(&f);
  siaga_correlator_expect_acks(f.correlator, 2);
  for (guint i = 0; i < 5; i++)
    {
      gchar fields[64];
      g_snprintf(fields, sizeof fields, "source.actor=192.0.2.%u", i);
      fixture_feed(&f, i * SIAGA_SECOND, "shell", fields);
    }
  fixture_feed(&f, MINUTE, "shell", "source.actor=192.0.2.0");
  ck_assert_uint_eq(fixture_changes(&f), 2);
  fixture_finish(&f);
  ck_assert_uint_eq(fixture_changes(&f), 2);
  /* Not delivered: comes again, as it is now. */
  const SiagaIncident *first = fixture_change(&f, 0);
  siaga_correlator_acknowledge(f.correlator, first->id, 1, FALSE);
  siaga_correlator_acknowledge(f.correlator, first->id, 7, TRUE);
  ck_assert_uint_eq(fixture_changes(&f), 2);
  for (guint rounds = 0; rounds < 20; rounds++)
    {
      siaga_correlator_tick(f.correlator, rounds, &f.changes);
      guint known = fixture_changes(&f);
      for (guint i = 0; i < known; i++)
        siaga_correlator_acknowledge(f.correlator, fixture_change(&f, i)->id, fixture_change(&f, i)->revision, TRUE);
    }
  GPtrArray *final = fixture_final(&f);
  ck_assert_uint_eq(final->len, 5);
  for (guint i = 0; i < final->len; i++)
    ck_assert_int_eq(((SiagaIncident *) final->pdata[i])->state, SIAGA_INCIDENT_CLOSE);
  ck_assert_uint_eq(((SiagaIncident *) final->pdata[0])->count, 2);
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

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

/* The crowd is younger and each of it was seen twice; what the other rule waits for is older. */
START_TEST(a_rule_that_takes_more_than_its_share_gives_way_first)
{
  SiagaRuleStats greedy, modest;
  fixture_init(&f, "failed asked");
  fixture_correlation(&f, BRUTE);
  fixture_correlation(&f, ASKED);
  f.options.memory_limit = 2 * 1024 * 1024;
  f.options.shards = 1;
  fixture_start(&f);
  for (guint i = 0; i < 200; i++)
    {
      gchar fields[64];
      g_snprintf(fields, sizeof fields, "destination.ip=192.0.2.%u", i);
      fixture_feed(&f, 0, "asked", fields);
    }
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
  fixture_init(&f, "failed asked");
  fixture_correlation(&f, BRUTE);
  fixture_correlation(&f, ASKED);
  f.options.memory_limit = 2 * 1024 * 1024;
  f.options.shards = 1;
  fixture_start(&f);
  feed_crowd(0, 4000, 0);
  for (guint i = 0; i < 200; i++)
    for (guint j = 0; j < 900; j++)
      {
        gchar fields[64];
        g_snprintf(fields, sizeof fields, "destination.ip=192.0.2.%u", i);
        fixture_feed(&f, SIAGA_SECOND + i * 1000, "asked", fields);
      }
  fixture_finish(&f);
  siaga_correlator_rule_stats(f.correlator, 2, &modest);
  siaga_correlator_rule_stats(f.correlator, 3, &greedy);
  ck_assert_uint_eq(modest.evicted, 0);
  ck_assert_uint_eq(modest.keys, 4000);
  ck_assert_uint_gt(greedy.evicted, 50);
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

/* Of FINAL, the one that others are children of. */
static const SiagaIncident *
_campaign_of(const GPtrArray *final)
{
  for (guint i = 0; i < final->len; i++)
    if (g_strcmp0(((SiagaIncident *) final->pdata[i])->rule->category, "campaign") == 0)
      return final->pdata[i];
  return NULL;
}

/* The campaign's attacker has no incident outside of it, and nobody else one inside. */
static void
_check_parents(const GPtrArray *final, const SiagaIncident *campaign)
{
  for (guint i = 0; i < final->len; i++)
    {
      const SiagaIncident *child = final->pdata[i];
      gboolean his = child != campaign && strcmp(child->source_actor, campaign->source_actor) == 0;
      ck_assert_str_eq(child->parent, his ? campaign->uuid : "");
    }
}

START_TEST(incidents_along_the_kill_chain_are_a_campaign)
{
  static const gchar *const scan[] = { "reconnaissance", NULL }, *const entry[] = { "initial-access", NULL };
  fixture_init(&f, "scan! exploit! scan2!");
  f.rules[0].tactics = f.rules[2].tactics = scan;
  f.rules[1].tactics = entry;
  fixture_start(&f);
  fixture_feed(&f, 0, "scan", "source.actor=192.0.2.7 siaga.victim.domain=a.go.id");
  fixture_feed(&f, 5 * MINUTE, "scan2", "source.actor=192.0.2.7 siaga.victim.domain=b.go.id");
  fixture_feed(&f, 5 * MINUTE, "scan", "source.actor=192.0.2.8 siaga.victim.domain=b.go.id");
  fixture_feed(&f, 10 * MINUTE, "exploit", "source.actor=192.0.2.7 siaga.victim.domain=a.go.id");
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  const SiagaIncident *campaign = _campaign_of(final);
  ck_assert_uint_eq(final->len, 5);
  ck_assert_ptr_nonnull(campaign);
  ck_assert_str_eq(campaign->source_actor, "192.0.2.7");
  ck_assert_uint_eq(campaign->count, 3);
  ck_assert_uint_eq(campaign->stages->len, 2);
  ck_assert_str_eq(campaign->stages->pdata[0], "reconnaissance");
  ck_assert_str_eq(campaign->stages->pdata[1], "initial-access");
  ck_assert_uint_eq(campaign->children->len, 3);
  ck_assert_int_eq(campaign->first_seen, T0);
  _check_parents(final, campaign);
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

START_TEST(what_several_rules_see_of_one_attacker_has_one_parent)
{
  static const gchar *const guessing[] = { "credential-access", NULL };
  fixture_init(&f, "burst slow");
  for (guint i = 0; i < f.count; i++)
    f.rules[i].tactics = guessing;
  f.options.alert_level = SIAGA_LEVEL_INFORMATIONAL;
  f.rules[1].level = SIAGA_LEVEL_MEDIUM;
  fixture_start(&f);
  /* The same rule twice is no second shape. */
  fixture_feed(&f, 0, "burst", "source.actor=192.0.2.8 siaga.victim.domain=a.go.id");
  fixture_feed(&f, HOUR, "burst", "source.actor=192.0.2.8 siaga.victim.domain=a.go.id");
  fixture_feed(&f, HOUR, "burst", "source.actor=192.0.2.7 siaga.victim.domain=a.go.id");
  fixture_feed(&f, HOUR + MINUTE, "slow", "source.actor=192.0.2.7 siaga.victim.domain=a.go.id");
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  const SiagaIncident *campaign = _campaign_of(final);
  ck_assert_ptr_nonnull(campaign);
  ck_assert_str_eq(campaign->source_actor, "192.0.2.7");
  /* No graver than what it joins: nobody went along the kill chain. */
  ck_assert_int_eq(campaign->level, SIAGA_LEVEL_MEDIUM);
  SiagaCorrelatorStats stats;
  siaga_correlator_stats(f.correlator, &stats);
  for (guint i = 0; i < G_N_ELEMENTS(stats.by_level_open); i++)
    ck_assert_uint_eq(stats.by_level_open[i], 0);
  ck_assert_uint_eq(campaign->children->len, 2);
  ck_assert_uint_eq(final->len, 5);
  _check_parents(final, campaign);
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

static const SiagaIncident *
_find_incident(const GPtrArray *final, const gchar *uuid)
{
  for (guint i = 0; i < final->len; i++)
    if (strcmp(((SiagaIncident *) final->pdata[i])->uuid, uuid) == 0)
      return final->pdata[i];
  return NULL;
}

static gboolean
_names(const SiagaIncident *parent, const gchar *uuid)
{
  for (guint i = 0; i < parent->children->len; i++)
    if (strcmp(parent->children->pdata[i], uuid) == 0)
      return TRUE;
  return FALSE;
}

/* Whom an incident names as its parent names it, whom it names as its child names it.  Gives back the one that has no
 * parent, the only one. */
static const SiagaIncident *
_check_tree(const GPtrArray *final)
{
  const SiagaIncident *root = NULL;
  for (guint i = 0; i < final->len; i++)
    {
      const SiagaIncident *incident = final->pdata[i];
      for (guint j = 0; j < incident->children->len; j++)
        ck_assert_str_eq(_find_incident(final, incident->children->pdata[j])->parent, incident->uuid);
      if (!*incident->parent)
        {
          ck_assert_msg(!root, "%s and %s have no parent", root ? root->rule->name : "", incident->rule->name);
          root = incident;
          continue;
        }
      ck_assert(_names(_find_incident(final, incident->parent), incident->uuid));
    }
  ck_assert_ptr_nonnull(root);
  return root;
}

static void
_feed_attackers(guint count, const gchar *rule, SiagaTime from)
{
  for (guint i = 0; i < count; i++)
    {
      gchar *fields = g_strdup_printf("source.actor=192.0.2.%u source.ip=192.0.2.%u siaga.victim.domain=a.go.id", i, i);
      fixture_feed(&f, from + i * SIAGA_SECOND, rule, fields);
      g_free(fields);
    }
}

static void
_start_guessers(void)
{
  static const gchar *const guessing[] = { "credential-access", NULL };
  fixture_init(&f, "burst! slow!");
  f.rules[0].tactics = f.rules[1].tactics = guessing;
  fixture_start(&f);
}

START_TEST(many_who_attack_one_victim_in_the_same_way_have_one_parent)
{
  _start_guessers();
  _feed_attackers(40, "burst", 0);
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  const SiagaIncident *root = _check_tree(final);
  ck_assert_str_eq(root->rule->name, "siaga_campaign_on_victim");
  ck_assert_uint_eq(root->children->len, 40);
  ck_assert_uint_ge(root->sources.distinct, 38); /* which is approximate, see there */
  /* They are no graver together than each is. */
  ck_assert_int_eq(root->level, SIAGA_LEVEL_HIGH);
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

/* Nor does one who comes ten times. */
START_TEST(nine_who_come_the_same_way_are_the_daily_noise)
{
  _start_guessers();
  _feed_attackers(9, "burst", 0);
  for (guint i = 1; i < 10; i++)
    _feed_attackers(1, "burst", i * HOUR);
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  ck_assert_ptr_null(_campaign_of(final));
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

/* Each attacker is seen by two rules: the second joins what the victim's campaign took one by one. */
START_TEST(campaigns_of_attackers_are_parts_of_the_one_against_their_victim)
{
  _start_guessers();
  _feed_attackers(20, "burst", 0);
  _feed_attackers(20, "slow", MINUTE);
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  const SiagaIncident *root = _check_tree(final);
  ck_assert_str_eq(root->rule->name, "siaga_campaign_on_victim");
  ck_assert_uint_eq(final->len, 61);
  ck_assert_uint_eq(root->children->len, 20);
  for (guint i = 0; i < root->children->len; i++)
    ck_assert_uint_eq(_find_incident(final, root->children->pdata[i])->children->len, 2);
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

#define WAVE                                                                                                           \
  "name: wave\nlevel: high\ngenerate: true\ncorrelation:\n  type: value_count\n  rules: [brute, shell]\n"              \
  "  group-by: [siaga.victim.sector]\n  timespan: 1h\n  condition: { field: siaga.victim.domain, gte: 3 }\n"           \
  "  generate: true\n"

static void
_start_wave(void)
{
  static const gchar *const entry[] = { "initial-access", NULL };
  fixture_init(&f, "failed shell!");
  fixture_correlation(&f, "name: brute\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [failed]\n"
                          "  group-by: [source.actor]\n  timespan: 5m\n  condition: { gte: 2 }\n---\n" WAVE);
  fixture_start(&f);
  for (guint i = 1; i < f.count; i++)
    f.rules[i].tactics = entry;
}

/* VICTIMS hosts of one sector; each has an attacker of its own, or all have one. */
static void
_feed_wave(const gchar *rule, guint victims, gboolean one_attacker)
{
  for (guint i = 0; i < 2 * victims; i++)
    {
      gchar *fields = g_strdup_printf("source.actor=192.0.2.%u siaga.victim.domain=%c.go.id siaga.victim.sector=health",
                                      one_attacker ? 1 : i / 2, 'a' + i / 2);
      fixture_feed(&f, i * MINUTE, rule, fields);
      g_free(fields);
    }
}

START_TEST(what_a_wave_counts_names_it)
{
  _start_wave();
  _feed_wave("failed", 4, FALSE);
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  ck_assert_str_eq(_check_tree(final)->rule->name, "wave");
  ck_assert_uint_eq(final->len, 5);
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

/* Of a detection rule the wave hears events; the rule's own incidents are its parts all the same. */
START_TEST(what_a_wave_hears_of_as_events_names_it_too)
{
  _start_wave();
  _feed_wave("shell", 4, FALSE);
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  ck_assert_str_eq(_check_tree(final)->rule->name, "wave");
  ck_assert_uint_eq(final->len, 5);
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

/* His campaign is a part of the wave, and the wave none of his campaign. */
START_TEST(a_wave_by_one_attacker_is_no_part_of_itself)
{
  _start_wave();
  _feed_wave("shell", 4, TRUE);
  _feed_wave("failed", 1, TRUE);
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  const SiagaIncident *root = _check_tree(final);
  ck_assert_str_eq(root->rule->name, "wave");
  ck_assert_uint_eq(root->children->len, 1);
  ck_assert_str_eq(_find_incident(final, root->children->pdata[0])->rule->name, "siaga_campaign");
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

START_TEST(a_dry_run_is_nobody_s_parent)
{
  _start_wave();
  siaga_correlator_free(f.correlator);
  f.rules[3].simulate = TRUE;
  f.correlator = siaga_correlator_new_view(&f.view, &f.options);
  _feed_wave("failed", 4, FALSE);
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  ck_assert_uint_eq(final->len, 5);
  for (guint i = 0; i < final->len; i++)
    ck_assert_str_eq(((SiagaIncident *) final->pdata[i])->parent, "");
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

/* It was told to its end before anybody knew of the campaign; the campaign names it all the same. */
START_TEST(a_child_that_ended_long_before_its_campaign_is_named_by_it_only)
{
  static const gchar *const scan[] = { "reconnaissance", NULL }, *const entry[] = { "initial-access", NULL };
  fixture_init(&f, "scan! exploit!");
  f.rules[0].tactics = scan;
  f.rules[1].tactics = entry;
  fixture_start(&f);
  fixture_feed(&f, 0, "scan", "source.actor=192.0.2.7 siaga.victim.domain=a.go.id");
  fixture_feed(&f, 2 * HOUR, "exploit", "source.actor=192.0.2.7 siaga.victim.domain=a.go.id");
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  const SiagaIncident *campaign = _campaign_of(final);
  ck_assert_uint_eq(final->len, 3);
  ck_assert_uint_eq(campaign->children->len, 2);
  for (guint i = 0; i < final->len; i++)
    {
      const SiagaIncident *child = final->pdata[i];
      ck_assert_str_eq(child->parent, strcmp(child->rule->name, "exploit") == 0 ? campaign->uuid : "");
    }
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

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

/* "or after max-open() (24 h, reason rolled; the successor names it)" */
START_TEST(a_long_incident_rolls_over_and_names_the_one_before)
{
  fixture_init(&f, "failed");
  fixture_correlation(&f, BRUTE);
  f.options.max_open = HOUR;
  fixture_start(&f);
  for (guint i = 0; i < 100; i++)
    fixture_feed(&f, i * MINUTE, "failed", "source.ip=192.0.2.7");
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  ck_assert_uint_eq(final->len, 2);
  const SiagaIncident *first = final->pdata[0], *second = final->pdata[1];
  ck_assert_str_eq(first->reason, "rolled");
  ck_assert_str_eq(second->previous, first->uuid);
  ck_assert_str_eq(second->reason, "quiet");
  ck_assert_str_eq(first->previous, "");
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

/* "ten times the count, a first success, a new victim send update at once" */
START_TEST(severity_rises_and_says_so_at_once)
{
  start("failed", BRUTE);
  for (guint i = 0; i < 51; i++)
    fixture_feed(&f, i * SIAGA_SECOND, "failed",
                 "source.ip=192.0.2.7 event.outcome=failure siaga.victim.domain=a.go.id");
  ck_assert_uint_eq(fixture_changes(&f), 1);
  fixture_feed(&f, 52 * SIAGA_SECOND, "failed",
               "source.ip=192.0.2.7 event.outcome=failure siaga.victim.domain=b.go.id");
  fixture_feed(&f, 53 * SIAGA_SECOND, "failed",
               "source.ip=192.0.2.7 event.outcome=success siaga.victim.domain=b.go.id");
  fixture_finish(&f);
  ck_assert_uint_eq(fixture_changes(&f), 5);
  ck_assert_int_eq(fixture_change(&f, 1)->level, SIAGA_LEVEL_CRITICAL);
  ck_assert_uint_eq(fixture_change(&f, 1)->count, 50);
  ck_assert_int_eq(fixture_change(&f, 1)->state, SIAGA_INCIDENT_UPDATE);
  const SiagaIncident *last = fixture_change(&f, 4);
  static const gchar *const timeline[] = { "opened", "50 events: severity high → critical", "new victim",
                                           "first success", "closed: quiet" };
  ck_assert_uint_eq(last->timeline->len, G_N_ELEMENTS(timeline));
  for (guint i = 0; i < last->timeline->len; i++)
    ck_assert_str_eq(((SiagaTimelineEntry *) last->timeline->pdata[i])->what, timeline[i]);
  fixture_clear(&f);
}
END_TEST

/* "Correlations of correlations?": the outer group-by is tracked in the child */
START_TEST(an_outer_rule_hears_of_each_value_of_its_own_group_by)
{
  start("hit",
        "name: wave\ncorrelation: { type: value_count, rules: [inner], group-by: [siaga.victim.sector], timespan: 1h, "
        "condition: { field: siaga.victim.domain, gte: 3 } }\n---\n"
        "name: inner\ncorrelation: { type: event_count, rules: [hit], group-by: [source.ip], timespan: 10m, "
        "condition: { gte: 2 } }\n");
  for (guint i = 0; i < 6; i++)
    {
      gchar fields[96];
      g_snprintf(fields, sizeof fields, "source.ip=192.0.2.%u siaga.victim.sector=%s siaga.victim.domain=h%u.go.id",
                 i / 2, i < 5 ? "government" : "health", i / 2);
      fixture_feed(&f, i * SIAGA_SECOND, "hit", fields);
    }
  fixture_feed(&f, 10 * SIAGA_SECOND, "hit",
               "source.ip=192.0.2.2 siaga.victim.sector=government siaga.victim.domain=h2.go.id");
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  ck_assert_uint_eq(final->len, 1);
  const SiagaIncident *wave = final->pdata[0];
  ck_assert_str_eq(wave->rule->name, "wave");
  ck_assert_str_eq(wave->group_values->pdata[0], "government");
  ck_assert_uint_ge(wave->children->len, 1);
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

/* "up to 16 values, one record each" */
START_TEST(an_outer_rule_hears_of_sixteen_values_of_one_incident)
{
  start("hit", "name: each\ncorrelation: { type: event_count, rules: [inner], group-by: [user.name], timespan: 1h, "
               "condition: { gte: 1 } }\n---\n"
               "name: inner\ncorrelation: { type: event_count, rules: [hit], group-by: [source.ip], timespan: 10m, "
               "condition: { gte: 2 } }\n");
  for (guint i = 0; i < 40; i++)
    {
      gchar fields[64];
      g_snprintf(fields, sizeof fields, "source.ip=192.0.2.7 user.name=u%u", i);
      fixture_feed(&f, i * SIAGA_SECOND, "hit", fields);
    }
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 16);
  fixture_clear(&f);
}
END_TEST

/* "a missing field: the event does not take part, counted per rule" */
START_TEST(an_event_without_a_group_by_field_takes_no_part)
{
  SiagaRuleStats stats;
  start("failed", BRUTE);
  for (guint i = 0; i < 9; i++)
    fixture_feed(&f, i * SIAGA_SECOND, "failed", i % 2 ? "user.name=root" : "source.ip=192.0.2.7");
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 1);
  ck_assert_uint_eq(fixture_change(&f, 0)->count, 5);
  siaga_correlator_rule_stats(f.correlator, 1, &stats);
  ck_assert_uint_eq(stats.missing_field, 4);
  ck_assert_uint_eq(stats.matches, 5);
  fixture_clear(&f);
}
END_TEST

/* A new Host header for each request is one attack on one server, not many small ones on many sites. */
START_TEST(a_site_that_only_the_client_names_is_not_counted_by)
{
  start("failed", "name: site\ncorrelation: { type: event_count, rules: [failed], group-by: [source.ip, url.domain], "
                  "timespan: 10m, condition: { gte: 5 } }\n");
  for (guint i = 0; i < 5; i++)
    {
      gchar *fields = g_strdup_printf("source.ip=192.0.2.7 url.domain=h%u.example siaga.url.claimed=1", i);
      fixture_feed(&f, i * SIAGA_SECOND, "failed", fields);
      g_free(fields);
    }
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 1);
  ck_assert_uint_eq(fixture_change(&f, 0)->count, 5);
  fixture_clear(&f);
}
END_TEST

/* Combined logs do not say which site was asked. */
START_TEST(for_a_site_that_is_not_named_the_host_stands_in)
{
  start("failed", "title: t\nname: t\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [failed]\n"
                  "  group-by: [source.ip, url.domain]\n  timespan: 5m\n  condition: { gte: 3 }\n");
  static const gchar *const events[] = {
    "source.ip=192.0.2.7 host.hostname=web1", "source.ip=192.0.2.7 host.hostname=web2",
    "source.ip=192.0.2.7 url.domain=web1",    "source.ip=192.0.2.8",
    "url.domain=web1 host.hostname=web1",
  };
  for (guint i = 0; i < 15; i++)
    fixture_feed(&f, i * SIAGA_SECOND, "failed", events[i % G_N_ELEMENTS(events)]);
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  ck_assert_uint_eq(final->len, 3);
  for (guint i = 0; i < final->len; i++)
    {
      static const guint counts[] = { 6, 3, 3 };
      static const gchar *const sites[] = { "web1", "web2", NULL };
      const SiagaIncident *incident = final->pdata[i];
      ck_assert_uint_eq(incident->count, counts[i]);
      ck_assert_uint_eq(incident->group_values->len, sites[i] ? 2 : 1);
      ck_assert(!sites[i] || strcmp(incident->group_values->pdata[1], sites[i]) == 0);
    }
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

/* "a rule that no correlation refers to, or with generate: true, raises an incident itself" */
START_TEST(a_rule_that_others_refer_to_raises_incidents_only_with_generate)
{
  for (guint generate = 0; generate <= 1; generate++)
    {
      gchar *yaml = g_strdup_printf("name: outer\ncorrelation: { type: temporal_ordered, rules: [inner, success], "
                                    "group-by: [source.ip], timespan: 5m }\n---\n"
                                    "name: inner\ngenerate: %s\ncorrelation: { type: event_count, rules: [failed], "
                                    "group-by: [source.ip], timespan: 1m, condition: { gte: 2 } }\n",
                                    generate ? "true" : "false");
      start("failed success", yaml);
      fixture_feed(&f, 0, "failed", "source.ip=192.0.2.7");
      fixture_feed(&f, SIAGA_SECOND, "failed", "source.ip=192.0.2.7");
      fixture_feed(&f, 2 * SIAGA_SECOND, "success", "source.ip=192.0.2.7");
      fixture_finish(&f);
      ck_assert_uint_eq(final_count(), 1 + generate);
      fixture_clear(&f);
      g_free(yaml);
    }
}
END_TEST

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

START_TEST(vital_sectors_have_a_deadline)
{
  fixture_init(&f, "shell!");
  fixture_start(&f);
  fixture_feed(&f, 0, "shell", "source.actor=192.0.2.7 siaga.victim.sector=health");
  fixture_feed(&f, 0, "shell", "source.actor=192.0.2.8 siaga.victim.sector=retail");
  fixture_finish(&f);
  ck_assert_int_eq(fixture_change(&f, 0)->report_due, T0 + 24 * HOUR);
  ck_assert_int_eq(fixture_change(&f, 1)->report_due, 0);
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

START_TEST(aliases_join_different_fields)
{
  start("dns web", "name: r\ncorrelation:\n  type: temporal\n  rules: [dns, web]\n  timespan: 1m\n  group-by: [name]\n"
                   "  aliases: { name: { dns: dns.question.name, web: url.domain } }\n");
  fixture_feed(&f, 0, "dns", "dns.question.name=a.example url.domain=x");
  fixture_feed(&f, 1, "web", "url.domain=b.example");
  fixture_feed(&f, 2, "web", "url.domain=a.example");
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 1);
  ck_assert_str_eq(fixture_change(&f, 0)->group_values->pdata[0], "a.example");
  fixture_clear(&f);
}
END_TEST

/* "a list: one key per element" */
START_TEST(a_list_in_the_group_by_is_a_key_per_element)
{
  start("failed",
        "name: r\ncorrelation: { type: event_count, rules: [failed], timespan: 1m, group-by: [event.category], "
        "condition: { gte: 2 } }\n");
  fixture_feed(&f, 0, "failed", "event.category=a event.category=b");
  fixture_feed(&f, 1, "failed", "event.category=b event.category=c");
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 1);
  ck_assert_str_eq(fixture_change(&f, 0)->group_values->pdata[0], "b");
  fixture_clear(&f);
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

/* "correlations of correlations to any depth" */
START_TEST(correlations_stand_on_one_another_sixteen_deep)
{
  GString *yaml = g_string_new("name: level1\ncorrelation: { type: event_count, rules: [a], group-by: [source.ip], "
                               "timespan: 1m, condition: { gte: 2 } }\n");
  for (guint i = 2; i <= 15; i++)
    g_string_append_printf(yaml,
                           "---\nname: level%u\ncorrelation: { type: temporal, rules: [level%u, b], group-by: "
                           "[source.ip], timespan: 1h }\n",
                           i, i - 1);
  start("a b", yaml->str);
  fixture_feed(&f, 0, "b", "source.ip=192.0.2.7");
  fixture_feed(&f, 1, "a", "source.ip=192.0.2.7");
  fixture_feed(&f, 1, "a", "source.ip=192.0.2.8");
  fixture_feed(&f, 2, "a", "source.ip=192.0.2.8");
  fixture_feed(&f, 3, "a", "source.ip=192.0.2.7");
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 1);
  ck_assert_str_eq(fixture_change(&f, 0)->rule->name, "level15");
  ck_assert_str_eq(fixture_change(&f, 0)->source_ip, "192.0.2.7");
  g_string_free(yaml, TRUE);
  fixture_clear(&f);
}
END_TEST

/* All fields of a group-by make the key, all counted fields the value: "a" and "bc" are not "ab" and "c". */
START_TEST(several_fields_are_one_key_and_one_value)
{
  start("a",
        "name: key\ncorrelation: { type: event_count, rules: [a], group-by: [user.name, url.domain], timespan: 1m, "
        "condition: { gte: 2 } }\n---\n"
        "name: value\ncorrelation: { type: value_count, rules: [a], group-by: [source.ip], timespan: 1m, "
        "condition: { field: [user.name, url.domain], gte: 3 } }\n");
  fixture_feed(&f, 0, "a", "source.ip=192.0.2.7 user.name=a url.domain=bc");
  fixture_feed(&f, 1, "a", "source.ip=192.0.2.7 user.name=ab url.domain=c");
  fixture_feed(&f, 2, "a", "source.ip=192.0.2.7 user.name=c");
  fixture_feed(&f, 3, "a", "source.ip=192.0.2.7 url.domain=c");
  ck_assert_uint_eq(fixture_changes(&f), 0);
  fixture_feed(&f, 4, "a", "source.ip=192.0.2.7 user.name=ab url.domain=c");
  fixture_feed(&f, 5, "a", "source.ip=192.0.2.7 user.name=a url.domain=c");
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  ck_assert_uint_eq(final->len, 2);
  const SiagaIncident *key = final->pdata[0], *value = final->pdata[1];
  ck_assert_str_eq(key->rule->name, "key");
  ck_assert_str_eq(key->group_values->pdata[0], "ab");
  ck_assert_str_eq(key->group_values->pdata[1], "c");
  ck_assert_uint_eq(key->count, 2);
  ck_assert_str_eq(value->rule->name, "value");
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

/* "a list: one key per element, at most 8" */
START_TEST(of_a_long_list_eight_elements_are_keys)
{
  GString *fields = g_string_new("source.ip=192.0.2.7");
  start("a", "name: r\ncorrelation: { type: event_count, rules: [a], timespan: 1m, group-by: [event.category], "
             "condition: { gte: 2 } }\n");
  for (guint i = 0; i < 12; i++)
    g_string_append_printf(fields, " event.category=c%u", i);
  fixture_feed(&f, 0, "a", fields->str);
  fixture_feed(&f, 1, "a", fields->str);
  fixture_finish(&f);
  ck_assert_uint_eq(final_count(), 8);
  g_string_free(fields, TRUE);
  fixture_clear(&f);
}
END_TEST

/* timespan s, m, h, d: the last event within it counts, one a microsecond behind does not */
START_TEST(a_timespan_has_its_unit)
{
  static const struct
  {
    const gchar *text;
    SiagaTime span;
  } spans[] = { { "7s", 7 * SIAGA_SECOND }, { "3m", 3 * MINUTE }, { "2h", 2 * HOUR }, { "5d", 120 * HOUR } };
  gchar *yaml = g_strdup_printf("name: r\ncorrelation: { type: event_count, rules: [a], timespan: %s, group-by: "
                                "[source.ip], condition: { gte: 2 } }\n",
                                spans[_i].text);
  start("a", yaml);
  fixture_feed(&f, 0, "a", "source.ip=192.0.2.7");
  fixture_feed(&f, 0, "a", "source.ip=192.0.2.8");
  /* No day is leapt without another event that says so. */
  for (SiagaTime time = 0; time < spans[_i].span; time += 20 * HOUR)
    fixture_feed(&f, time, "a", "source.ip=192.0.2.9");
  fixture_feed(&f, spans[_i].span, "a", "source.ip=192.0.2.7");
  fixture_feed(&f, spans[_i].span + 1, "a", "source.ip=192.0.2.8");
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  guint found = 0;
  for (guint i = 0; i < final->len; i++)
    {
      const SiagaIncident *incident = final->pdata[i];
      ck_assert_str_ne(incident->source_ip, "192.0.2.8");
      found += strcmp(incident->source_ip, "192.0.2.7") == 0;
    }
  ck_assert_uint_eq(found, 1);
  g_ptr_array_unref(final);
  g_free(yaml);
  fixture_clear(&f);
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

/* "evidence with SHA-256": of the whole line, also where only its begin is kept */
START_TEST(evidence_has_the_digest_of_the_whole_line)
{
  gchar *line = g_strnfill(3 * SIAGA_EVIDENCE_LINE, 'x');
  fixture_init(&f, "shell!");
  fixture_start(&f);
  SiagaHits hits = { .count = 1, .rule = { 0 } };
  for (guint i = 0; i < 2; i++)
    {
      SiagaOrigin origin = { .stream = 1 };
      siaga_event_reset(f.event);
      siaga_event_set(f.event, SIAGA_F_SOURCE_ACTOR, "192.0.2.7", 9);
      f.event->time = T0 + i;
      f.event->original = line;
      f.event->original_length = i ? 20 : strlen(line);
      siaga_correlator_feed(f.correlator, f.event, &hits, &origin, &f.changes);
    }
  fixture_finish(&f);
  const SiagaIncident *close = fixture_change(&f, fixture_changes(&f) - 1);
  ck_assert_uint_eq(close->evidence->len, 2);
  for (guint i = 0; i < 2; i++)
    {
      const SiagaEvidence *evidence = close->evidence->pdata[i];
      gchar *digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (guchar *) line, i ? 20 : strlen(line));
      ck_assert_str_eq(evidence->sha256, digest);
      ck_assert_uint_le(evidence->length, SIAGA_EVIDENCE_LINE);
      g_free(digest);
    }
  g_free(line);
  fixture_clear(&f);
}
END_TEST

/* Values point into the line that a record ends with; of a long line it holds the begin only. */
START_TEST(texts_of_the_line_are_whole)
{
  const gsize ends = SIAGA_EVIDENCE_LINE;
  gchar *line = g_strnfill(ends + 100, 'x');
  fixture_init(&f, "shell!");
  fixture_start(&f);
  memcpy(line + 10, "budi", 4);
  memcpy(line + ends - 4, "siti", 4);
  memcpy(line + ends - 2 + 10, "wati", 4);
  const gsize at[] = { 10, ends - 4, ends - 2, ends + 8 };
  SiagaHits hits = { .count = 1, .rule = { 0 } };
  for (guint i = 0; i < G_N_ELEMENTS(at); i++)
    {
      SiagaOrigin origin = { .stream = 1 };
      siaga_event_reset(f.event);
      siaga_event_set(f.event, SIAGA_F_SOURCE_ACTOR, "192.0.2.7", 9);
      siaga_event_set(f.event, SIAGA_F_USER_NAME, line + at[i], 4);
      f.event->time = T0 + i;
      f.event->original = line;
      f.event->original_length = strlen(line);
      siaga_correlator_feed(f.correlator, f.event, &hits, &origin, &f.changes);
    }
  fixture_finish(&f);
  const SiagaIncident *close = fixture_change(&f, fixture_changes(&f) - 1);
  static const gchar *const users[] = { "budi", "siti", "tixx", "wati" };
  ck_assert_uint_eq(close->users.first->len, G_N_ELEMENTS(users));
  for (guint i = 0; i < G_N_ELEMENTS(users); i++)
    ck_assert_str_eq(close->users.first->pdata[i], users[i]);
  g_free(line);
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

static guint64
_bytes_of_cases(const SiagaShard *shard)
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
    ck_assert_uint_eq(f.correlator->shards[i].case_bytes, _bytes_of_cases(&f.correlator->shards[i]));
  fixture_clear(&f);
}
END_TEST

#define SLOW                                                                                                           \
  "name: slow\nlevel: medium\ncorrelation:\n  type: event_count\n  rules: [failed]\n  group-by: [source.ip]\n"         \
  "  timespan: 1d\n  condition: { gte: 24 }\n"

static guint
_count_cases(void)
{
  guint count = 0;
  for (guint i = 0; i < f.options.shards; i++)
    count += g_hash_table_size(f.correlator->shards[i].cases);
  return count;
}

/* Tries so far apart that what was rolled over is out of reach of late events when the next one comes. */
START_TEST(what_goes_on_for_a_week_is_one_chain)
{
  start("failed", SLOW);
  for (guint i = 0; i < 7 * 48; i++)
    fixture_feed(&f, i * 30 * MINUTE, "failed", "source.ip=192.0.2.7");
  for (guint i = 0; i < f.options.shards; i++)
    ck_assert_uint_eq(f.correlator->shards[i].case_bytes, _bytes_of_cases(&f.correlator->shards[i]));
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  ck_assert_uint_eq(final->len, 7);
  for (guint i = 1; i < final->len; i++)
    ck_assert_str_eq(((SiagaIncident *) final->pdata[i])->previous, ((SiagaIncident *) final->pdata[i - 1])->uuid);
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

/* The campaign of a second day names what it joins itself, and the one before, which names the rest. */
START_TEST(a_campaign_that_goes_on_names_the_one_before_and_not_its_parts)
{
  _start_guessers();
  for (guint i = 0; i < 6; i++)
    {
      _feed_attackers(1, "burst", i * 10 * HOUR);
      _feed_attackers(1, "slow", i * 10 * HOUR + 5 * HOUR);
    }
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  const gchar *before = "";
  guint parts = 0;
  for (guint i = 0; i < final->len; i++)
    {
      const SiagaIncident *campaign = final->pdata[i];
      if (strcmp(campaign->rule->name, "siaga_campaign") != 0)
        continue;
      ck_assert_str_eq(campaign->previous, before);
      before = campaign->uuid;
      parts += campaign->children->len;
    }
  ck_assert_uint_eq(parts, 12);
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

/* Whoever comes again when the condition was false for a whole timespan begins anew, and nothing is kept for him. */
START_TEST(who_comes_again_much_later_goes_on_with_nothing)
{
  start("failed", SLOW);
  for (guint i = 0; i < 100; i++)
    fixture_feed(&f, i * 30 * MINUTE, "failed", "source.ip=192.0.2.7");
  fixture_feed(&f, 60 * HOUR, "failed", "source.ip=192.0.2.8");
  ck_assert_uint_eq(_count_cases(), 1);
  /* One stamp alone does not move the time so far. */
  for (guint i = 4; i <= 6; i++)
    fixture_feed(&f, i * 20 * HOUR, "failed", "source.ip=192.0.2.8");
  ck_assert_uint_eq(_count_cases(), 0);
  for (guint i = 0; i < 24; i++)
    fixture_feed(&f, 121 * HOUR + i * MINUTE, "failed", "source.ip=192.0.2.7");
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  const SiagaIncident *last = final->pdata[final->len - 1];
  ck_assert_uint_eq(final->len, 3);
  ck_assert_str_eq(last->previous, "");
  g_ptr_array_unref(final);
  fixture_clear(&f);
}
END_TEST

/* What is kept of an incident that was rolled over is its name; lines and sources were told. */
START_TEST(what_waits_for_its_successor_takes_little)
{
  start("failed", SLOW);
  for (guint i = 0; i < 72; i++)
    fixture_feed(&f, i * 30 * MINUTE, "failed", "source.ip=192.0.2.7 user.name=budi");
  fixture_feed(&f, 37 * HOUR, "failed", "source.ip=192.0.2.8 user.name=budi");
  ck_assert_uint_eq(_count_cases(), 1);
  for (guint i = 0; i < f.options.shards; i++)
    ck_assert_uint_le(f.correlator->shards[i].case_bytes - f.correlator->shards[i].prelude.room,
                      sizeof(SiagaCase) + SIAGA_PRELUDE_HEADS * sizeof(guint64));
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

static const struct
{
  const gchar *body;
  const gchar *error;
} bad_rules[] = {
  /* correlation body                                   error */
  { "type: count, rules: [a], timespan: 5m, condition: { gte: 1 }",
    "rule.yml:1:22: error: expected 'type' to be event_count, value_count, temporal, temporal_ordered, value_sum, "
    "value_avg or value_percentile" },
  { "type: event_count, rules: [a], timespan: 5x, condition: { gte: 1 }",
    "rule.yml:1:57: error: expected 'timespan': a number and s, m, h or d, such as 5m, up to 366d" },
  { "type: event_count, rules: [a], timespan: 213503983d, condition: { gte: 1 }", /* 2^64 microseconds and half a day */
    "rule.yml:1:57: error: expected 'timespan': a number and s, m, h or d, such as 5m, up to 366d" },
  { "type: event_count, rules: [a], timespan: 5m, condition: { ge: 1 }",
    "rule.yml:1:74: error: unknown key 'ge' in 'condition'; expected gt, gte, lt, lte, eq, neq or field" },
  { "type: event_count, rules: [a], group-by: [source.ipp], timespan: 5m, condition: { gte: 1 }",
    "rule.yml:1:58: error: 'source.ipp' is no field; did you mean 'source.ip'?" },
  { "type: value_count, rules: [a], timespan: 5m, condition: { gte: 1 }",
    "rule.yml:1:72: error: expected 'field' in the condition of value_count" },
  { "type: value_count, rules: [a], timespan: 5m, condition: { field: user.name, gte: 9, lte: 2001 }",
    "rule.yml:1:72: error: expected a count from 0 to 2000 for 'lte' of values with an upper bound" },
  { "type: value_sum, rules: [a], timespan: 5m, condition: { field: user.name, gte: 9 }", /* somebody may be called inf
                                                                                           */
    "rule.yml:1:79: error: expected one numeric field for value_sum" },
  { "type: event_count, rules: [a], timespan: 5m, condition: { gte: 1000001 }",
    "rule.yml:1:72: error: expected a count from 0 to 1000000 for 'gte'" },
  { "type: temporal, rules: [a, b], timespan: 5m, group-by: [who], aliases: { who: { a: source.ip } }",
    "rule.yml:1:89: warning: the alias 'who' names no field for the rule 'b': the group-by is never filled, its "
    "events are not counted" },
  { "type: temporal, rules: [a, b], timespan: 5m, condition: a and c",
    "rule.yml:1:78: error: in the condition 'a and c': expected a rule that stands in 'rules'" },
  { "type: temporal, rules: [a, b], timespan: 5m, condition: not a",
    "rule.yml:1:77: error: in the condition 'not a': expected each alternative to ask for at least one rule without "
    "'not'" },
  { "type: temporal, rules: [a, b], timespan: 5m, condition: { gte: 3 }",
    "rule.yml:1:72: error: expected a string such as 'rule_a and not rule_b' for temporal, or { gte: 2 }" },
  { "type: temporal_ordered, rules: [a, b], timespan: 5m, condition: { gte: 1 }",
    "rule.yml:1:80: error: expected a string such as 'rule_a and not rule_b' for temporal_ordered, or { gte: 2 }" },
  { "type: event_count, rules: [nowhere], timespan: 5m, condition: { gte: 1 }",
    "rule.yml:1:43: error: no rule has the id or name 'nowhere'" },
};

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

#define FEW                                                                                                            \
  "name: few\ncorrelation: { type: event_count, rules: [beat], group-by: [source.ip], timespan: 5m, "                  \
  "condition: { lt: 2 } }\n"

/* "the child incident carries its group-by fields", even when time alone decided it. */
START_TEST(an_absence_hands_its_group_on)
{
  fixture_init(&f, "beat");
  fixture_correlation(&f, FEW);
  fixture_correlation(&f, "name: outer\ncorrelation: { type: event_count, rules: [few], group-by: [source.ip], "
                          "timespan: 1h, condition: { gte: 1 } }\n");
  fixture_start(&f);
  fixture_feed(&f, 0, "beat", "source.ip=192.0.2.7");
  for (guint i = 1; i < 10; i++)
    fixture_feed(&f, i * MINUTE, "beat", "source.ip=192.0.2.8");
  fixture_finish(&f);
  ck_assert_uint_ge(fixture_changes(&f), 1);
  ck_assert_str_eq(fixture_change(&f, 0)->rule->name, "outer");
  ck_assert_str_eq(fixture_change(&f, 0)->group_values->pdata[0], "192.0.2.7");
  fixture_clear(&f);
}
END_TEST

static const struct
{
  const gchar *inner, *outer;
  const gchar *error;
} chained[] = {
  { FEW, "type: event_count, rules: [few], group-by: [source.ip, user.name], timespan: 1h, condition: { gte: 1 }",
    "rule.yml:1:71: warning: incidents of the rule 'few' never have 'user.name': the group-by is never filled, they "
    "are "
    "not counted" },
  { FEW,
    "type: temporal, rules: [few, beat], group-by: [who], aliases: { who: { few: user.name, beat: source.ip } }, "
    "timespan: 1h",
    "rule.yml:1:63: warning: incidents of the rule 'few' never have 'user.name': the group-by is never filled, they "
    "are "
    "not counted" },
  { FEW "---\nname: middle\ncorrelation: { type: event_count, rules: [few], group-by: [source.ip], timespan: 1h, "
        "condition: { gte: 3 } }\n",
    "type: event_count, rules: [middle], group-by: [url.domain], timespan: 1h, condition: { gte: 1 }",
    "rule.yml:1:63: warning: incidents of the rule 'middle' never have 'url.domain': the group-by is never filled, "
    "they "
    "are not counted" },
  { FEW, "type: event_count, rules: [few], group-by: [source.ip], timespan: 1h, condition: { gte: 1 }", "" },
  /* What counts events carries whatever they have. */
  { "name: many\ncorrelation: { type: event_count, rules: [beat], group-by: [source.ip], timespan: 5m, "
    "condition: { gte: 2 } }\n",
    "type: event_count, rules: [many], group-by: [user.name], timespan: 1h, condition: { gte: 1 }", "" },
};

/* "check reports an outer group-by that can never be filled" */
START_TEST(an_outer_group_by_that_is_never_filled_is_said)
{
  fixture_init(&f, "beat");
  fixture_correlation(&f, chained[_i].inner);
  gchar *yaml = g_strdup_printf("correlation: { %s }\n", chained[_i].outer);
  fixture_correlation(&f, yaml);
  fixture_start(&f);
  gchar *errors = fixture_errors(&f);
  ck_assert_str_eq(errors, chained[_i].error);
  g_free(errors);
  g_free(yaml);
  fixture_clear(&f);
}
END_TEST

static gboolean
is_found(guint every)
{
  start("failed", "name: r\ncorrelation: { type: event_count, rules: [failed], group-by: [source.ip], timespan: 10m, "
                  "condition: { gte: 5 } }\n");
  for (guint i = 0; i < 40; i++)
    fixture_feed(&f, i * every * SIAGA_SECOND, "failed", "source.ip=192.0.2.7");
  fixture_finish(&f);
  return fixture_changes(&f) > 0;
}

START_TEST(explain_tells_the_slowest_rate_that_is_found)
{
  GString *out = g_string_new(NULL);
  ck_assert(!is_found(151));
  fixture_clear(&f);
  ck_assert(is_found(150));
  siaga_correlator_explain(f.correlator, 1, f.event, out);
  ck_assert_msg(strstr(out->str, "the slowest that is found: one every 150.0 s") != NULL, "%s", out->str);
  g_string_free(out, TRUE);
  fixture_clear(&f);
}
END_TEST

/* Where no log says which host it was, the rule counts all the same. */
START_TEST(explain_tells_what_is_left_out_and_what_stands_in)
{
  GString *out = g_string_new(NULL);
  start("failed let-in", "name: known\n"
                         "correlation: { type: value_count, rules: [let-in], group-by: [source.ip], timespan: 1d,"
                         " condition: { gte: 2, field: user.name } }\n"
                         "---\nname: many\n"
                         "correlation: { type: event_count, rules: [failed], group-by: [host.hostname], timespan: 1h,"
                         " condition: { gte: 5 } }\n"
                         "echo: 3\nstrangers: known\n"
                         "---\nname: walk\n"
                         "correlation: { type: event_count, rules: [failed], group-by: [source.ip], timespan: 1h,"
                         " condition: { gte: 5 } }\n"
                         "follows: known\n");
  fixture_feed(&f, 0, "failed", "source.ip=192.0.2.7");
  fixture_feed(&f, MINUTE, "failed", "source.ip=192.0.2.7");
  siaga_correlator_explain(f.correlator, 3, f.event, out);
  ck_assert_str_eq(out->str, "host.hostname = (none)\n"
                             "the window holds 1 events, 5 are needed in 3600 s\n"
                             "what another program says within 3 s is of the same try, and does not count\n"
                             "those whom 'known' knows do not count\n"
                             "the slowest that is found: one every 900.0 s\n");
  g_string_truncate(out, 0);
  siaga_correlator_explain(f.correlator, 4, f.event, out);
  ck_assert_str_eq(out->str, "source.ip = 192.0.2.7\n"
                             "the window holds 0 events, 5 are needed in 3600 s\n"
                             "only what has the number behind one that 'known' saw counts\n"
                             "the slowest that is found: one every 900.0 s\n");
  g_string_free(out, TRUE);
  fixture_clear(&f);
}
END_TEST

static const struct
{
  const gchar *body;
  const gchar *slowest;
} rates[] = {
  /* correlation body                                         what is still found */
  { "type: event_count, rules: [a], condition: { gte: 5 }", "one every 150.0 s" },
  { "type: value_count, rules: [a], condition: { field: user.name, gte: 3 }", "a new value every 300.0 s" },
  { "type: temporal, rules: [a, b]", "2 steps within 600 s" },
  { "type: temporal_ordered, rules: [a, b, c], condition: a and b and c or a and b", "2 steps within 600 s" },
  { "type: value_sum, rules: [a], condition: { field: source.port, gte: 100 }", "a sum of 100 within 600 s" },
  { "type: value_avg, rules: [a], condition: { field: source.port, gt: 7 }", "one event with the number in 600 s" },
  { "type: event_count, rules: [a], condition: { lt: 5 }", "" },
};

START_TEST(each_kind_tells_the_slowest_that_it_finds)
{
  GString *out = g_string_new(NULL);
  gchar *yaml = g_strdup_printf("name: r\ncorrelation: { %s, group-by: [source.ip], timespan: 10m }\n", rates[_i].body);
  start("a b c", yaml);
  ck_assert_int_eq(siaga_correlator_slowest(f.correlator, 3, out), *rates[_i].slowest != '\0');
  ck_assert_str_eq(out->str, rates[_i].slowest);
  ck_assert(!siaga_correlator_slowest(f.correlator, 0, out));
  g_string_free(out, TRUE);
  g_free(yaml);
  fixture_clear(&f);
}
END_TEST

START_TEST(a_bad_rule_is_reported_with_its_place)
{
  fixture_init(&f, "a b");
  gchar *yaml = g_strdup_printf("correlation: { %s }\n", bad_rules[_i].body);
  fixture_correlation(&f, yaml);
  fixture_start(&f);
  gchar *errors = fixture_errors(&f);
  ck_assert_str_eq(errors, bad_rules[_i].error);
  g_free(errors);
  g_free(yaml);
  fixture_clear(&f);
}
END_TEST

int
main(void)
{
  Suite *suite = suite_create("correlator");
  TCase *tcase = tcase_create("correlator");
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, what_two_programs_say_of_one_refusal_counts_once);
  tcase_add_test(tcase, incidents_of_one_key_have_a_timer_each);
  tcase_add_test(tcase, two_refusals_are_no_echo_of_each_other);
  tcase_add_test(tcase, a_guesser_at_two_services_is_counted_at_one);
  tcase_add_test(tcase, whom_the_other_count_knows_is_no_stranger);
  tcase_add_test(tcase, strangers_are_few_beside_many_who_are_let_in);
  tcase_add_test(tcase, the_number_before_is_as_wide);
  tcase_add_test(tcase, who_reads_one_number_after_the_other_walks);
  tcase_add_test(tcase, who_is_let_in_is_forgiven);
  tcase_add_test(tcase, an_address_is_new_where_others_are_old);
  tcase_add_test(tcase, lines_of_one_login_are_one);
  tcase_add_test(tcase, explain_tells_of_who_is_new_or_forgiven);
  tcase_add_test(tcase, what_reads_as_a_mistyping_person_is_mild_until_it_does_not);
  tcase_add_test(tcase, a_second_account_ends_the_mildness);
  tcase_add_test(tcase, a_program_knows_few_hosts);
  tcase_add_test(tcase, a_host_behind_the_others_of_a_relay_is_not_late);
  tcase_add_test(tcase, a_host_far_ahead_makes_no_other_late);
  tcase_add_test(tcase, what_is_late_for_its_own_host_is_late);
  tcase_add_test(tcase, a_program_with_an_old_password_keeps_its_pace);
  tcase_add_test(tcase, a_burst_is_one_incident_with_a_life);
  tcase_add_test(tcase, what_came_before_the_opening_is_evidence_too);
  tcase_add_test(tcase, a_line_that_tells_of_five_events_counts_five);
  tcase_add_test(tcase, the_window_slides_and_is_closed_at_both_ends);
  tcase_add_test(tcase, distinct_values_are_counted);
  tcase_add_test(tcase, a_correlation_of_correlations_is_ordered);
  tcase_add_test(tcase, a_single_detection_of_high_level_raises_an_incident);
  tcase_add_test(tcase, who_is_imitated_is_not_who_is_attacked);
  tcase_add_test(tcase, a_number_that_is_estimated_is_called_so);
  tcase_add_test(tcase, an_incident_is_written_as_json);
  tcase_add_test(tcase, an_incident_is_read_back_from_its_json);
  tcase_add_test(tcase, unacknowledged_changes_wait_and_the_latest_state_wins);
  tcase_add_test(tcase, the_budget_holds_and_the_attacker_is_found_in_a_crowd);
  tcase_add_test(tcase, a_key_with_four_events_takes_at_most_128_bytes);
  tcase_add_test(tcase, a_rule_knows_how_many_keys_and_bytes_it_holds);
  tcase_add_test(tcase, a_rule_that_takes_more_than_its_share_gives_way_first);
  tcase_add_test(tcase, matches_of_every_rule_are_counted);
  tcase_add_test(tcase, incidents_that_are_told_stay_while_silent_ones_can_go);
  tcase_add_test(tcase, while_a_rule_is_beyond_its_share_nobody_else_gives_way);
  tcase_add_loop_test(tcase, a_story_ends_as_told, 0, G_N_ELEMENTS(stories));
  tcase_add_test(tcase, a_long_incident_rolls_over_and_names_the_one_before);
  tcase_add_test(tcase, severity_rises_and_says_so_at_once);
  tcase_add_test(tcase, incidents_along_the_kill_chain_are_a_campaign);
  tcase_add_test(tcase, what_several_rules_see_of_one_attacker_has_one_parent);
  tcase_add_test(tcase, an_outer_rule_hears_of_each_value_of_its_own_group_by);
  tcase_add_test(tcase, a_source_that_goes_silent_is_not_an_absence);
  tcase_add_test(tcase, streams_beyond_the_cap_share_one);
  tcase_add_test(tcase, the_shared_stream_is_its_lane_s_only);
  tcase_add_test(tcase, a_source_that_goes_silent_right_after_is_no_and_not);
  tcase_add_test(tcase, a_source_that_was_heard_after_is_an_and_not_when_it_is_idle);
  tcase_add_test(tcase, one_stamp_of_a_broken_clock_does_not_make_the_rest_late);
  tcase_add_test(tcase, vital_sectors_have_a_deadline);
  tcase_add_test(tcase, times_are_judged_against_receipt_and_stream);
  tcase_add_test(tcase, a_clock_that_was_set_back_makes_nothing_late);
  tcase_add_test(tcase, idle_time_lets_closes_out_and_a_later_event_reopens);
  tcase_add_test(tcase, ties_across_streams_satisfy_either_order);
  tcase_add_test(tcase, aliases_join_different_fields);
  tcase_add_test(tcase, the_count_at_the_opening_is_what_the_manual_says);
  tcase_add_test(tcase, an_absence_hands_its_group_on);
  tcase_add_loop_test(tcase, an_outer_group_by_that_is_never_filled_is_said, 0, G_N_ELEMENTS(chained));
  tcase_add_test(tcase, a_list_in_the_group_by_is_a_key_per_element);
  tcase_add_test(tcase, explain_tells_the_slowest_rate_that_is_found);
  tcase_add_test(tcase, explain_tells_what_is_left_out_and_what_stands_in);
  tcase_add_loop_test(tcase, each_kind_tells_the_slowest_that_it_finds, 0, G_N_ELEMENTS(rates));
  tcase_add_test(tcase, an_outer_rule_hears_of_sixteen_values_of_one_incident);
  tcase_add_test(tcase, an_event_without_a_group_by_field_takes_no_part);
  tcase_add_test(tcase, a_site_that_only_the_client_names_is_not_counted_by);
  tcase_add_test(tcase, for_a_site_that_is_not_named_the_host_stands_in);
  tcase_add_test(tcase, a_rule_that_others_refer_to_raises_incidents_only_with_generate);
  tcase_add_test(tcase, a_child_that_ended_long_before_its_campaign_is_named_by_it_only);
  tcase_add_loop_test(tcase, a_bad_rule_is_reported_with_its_place, 0, G_N_ELEMENTS(bad_rules));
  tcase_add_test(tcase, a_repeated_event_without_the_other_is_found_while_it_goes_on);
  tcase_add_test(tcase, a_sum_of_many_small_numbers_is_found);
  tcase_add_test(tcase, a_sum_of_many_small_numbers_with_an_upper_bound_is_exact);
  tcase_add_test(tcase, correlations_stand_on_one_another_sixteen_deep);
  tcase_add_test(tcase, several_fields_are_one_key_and_one_value);
  tcase_add_test(tcase, of_a_long_list_eight_elements_are_keys);
  tcase_add_loop_test(tcase, a_timespan_has_its_unit, 0, 4);
  tcase_add_test(tcase, distinct_totals_of_many_are_approximate_and_said_to_be);
  tcase_add_test(tcase, evidence_has_the_digest_of_the_whole_line);
  tcase_add_test(tcase, texts_of_the_line_are_whole);
  tcase_add_test(tcase, spoofed_sources_give_way_before_real_ones);
  tcase_add_test(tcase, memory_of_incidents_is_given_back_as_it_was_charged);
  tcase_add_test(tcase, many_who_attack_one_victim_in_the_same_way_have_one_parent);
  tcase_add_test(tcase, nine_who_come_the_same_way_are_the_daily_noise);
  tcase_add_test(tcase, campaigns_of_attackers_are_parts_of_the_one_against_their_victim);
  tcase_add_test(tcase, what_a_wave_counts_names_it);
  tcase_add_test(tcase, what_a_wave_hears_of_as_events_names_it_too);
  tcase_add_test(tcase, a_wave_by_one_attacker_is_no_part_of_itself);
  tcase_add_test(tcase, a_dry_run_is_nobody_s_parent);
  tcase_add_test(tcase, many_names_are_a_crowd_s_unless_none_comes_again_or_they_come_too_fast);
  tcase_add_test(tcase, a_campaign_that_goes_on_names_the_one_before_and_not_its_parts);
  tcase_add_test(tcase, what_goes_on_for_a_week_is_one_chain);
  tcase_add_test(tcase, who_comes_again_much_later_goes_on_with_nothing);
  tcase_add_test(tcase, what_waits_for_its_successor_takes_little);
  suite_add_tcase(suite, tcase);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
