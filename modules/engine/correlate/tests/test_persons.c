/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Whose failures are mild, and what one count knows of another: echoes, strangers, newcomers, who walks and who is
 * forgiven. */

#include "engine/correlate/follow.h"
#include "harness.h"

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

int
main(void)
{
  TCase *tcase = tcase_create("persons");
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, what_two_programs_say_of_one_refusal_counts_once);
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
  tcase_add_test(tcase, many_names_are_a_crowd_s_unless_none_comes_again_or_they_come_too_fast);
  tcase_add_test(tcase, a_second_account_ends_the_mildness);
  tcase_add_test(tcase, a_program_knows_few_hosts);
  tcase_add_test(tcase, a_program_with_an_old_password_keeps_its_pace);
  return run_case("persons", tcase);
}
