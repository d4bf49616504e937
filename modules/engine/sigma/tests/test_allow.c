/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Allowances: what they take out of the hits, until when, and which mistakes are named. */

#include "tests/harness/run.h"

#include <siaga/allow.h>

#include <glib/gstdio.h>
#include <string.h>

#define DAY(n) ((SiagaTime) (n) *86400 * SIAGA_SECOND)
#define MARCH_1_2026 DAY(20513)

static SiagaFields *fields;
static SiagaRules *rules;
static SiagaEvent *event;
static SiagaDiag *diag;
static gchar *folder;

static const gchar rule_texts[] = "title: one\nname: one\nlogsource: { category: authentication }\n"
                                  "detection: { s: { event.outcome: failure }, condition: s }\n"
                                  "---\ntitle: two\nname: two\nlogsource: { category: authentication }\n"
                                  "detection: { s: { event.outcome: failure }, condition: s }\n"
                                  "---\ntitle: many ones\nname: many_ones\n"
                                  "correlation: { type: event_count, rules: [one], group-by: [source.actor], "
                                  "timespan: 1m, condition: { gte: 3 } }\nlevel: high\n";

static gchar *
_write(const gchar *name, const gchar *text)
{
  gchar *path = g_build_filename(folder, name, NULL);
  ck_assert(g_file_set_contents(path, text, -1, NULL));
  return path;
}

static void
setup(void)
{
  gchar *path = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "fields.yaml", NULL);
  gchar *mapping = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "sigma.yaml", NULL);
  SiagaRuleOptions options = { .mapping = mapping };
  diag = siaga_diag_new();
  fields = siaga_fields_load(path, diag);
  folder = g_dir_make_tmp("siaga-allow-XXXXXX", NULL);
  rules = siaga_rules_new(fields, &options, diag);
  gchar *file = _write("rules.yml", rule_texts);
  ck_assert(siaga_rules_load(rules, file, diag));
  ck_assert(siaga_rules_finish(rules, diag));
  g_unlink(file);
  event = siaga_event_new(fields);
  g_free(file);
  g_free(path);
  g_free(mapping);
}

static void
teardown(void)
{
  g_rmdir(folder);
  g_free(folder);
  siaga_event_free(event);
  siaga_rules_unref(rules);
  siaga_fields_unref(fields);
  siaga_diag_free(diag);
}

static SiagaAllow *
_load(const gchar *text, gboolean good)
{
  SiagaAllow *allow = siaga_allow_new();
  gchar *file = _write("allow.yaml", text);
  ck_assert_int_eq(siaga_allow_load(allow, rules, file, diag), good);
  g_unlink(file);
  g_free(file);
  return allow;
}

static void
_set(SiagaFieldId field, const gchar *text)
{
  siaga_event_set(event, field, text, strlen(text));
}

/* What is left of both rules' hits. */
static guint
_left(const SiagaAllow *allow)
{
  SiagaHits hits;
  _set(SIAGA_F_EVENT_OUTCOME, "failure");
  event->family = SIAGA_FAMILY_AUTH;
  event->parsed = TRUE;
  siaga_rules_match(rules, event, &hits);
  ck_assert_uint_eq(hits.count, 2);
  siaga_allow_filter(allow, event, &hits);
  return hits.count;
}

static void
_begin_event(const gchar *source_ip)
{
  siaga_event_reset(event);
  event->time = MARCH_1_2026;
  event->time_kind = SIAGA_TIME_LINE;
  _set(SIAGA_F_SOURCE_IP, source_ip);
  _set(SIAGA_F_SOURCE_ADDRESS, source_ip);
}

START_TEST(addresses_and_networks)
{
  SiagaAllow *allow =
      _load("allow:\n  - { source: [192.0.2.7, 198.51.100.0/24, '2001:db8::/32'], reason: scanner }\n", TRUE);
  static const struct
  {
    const gchar *address;
    guint left;
  } cases[] = { { "192.0.2.7", 0 },    { "192.0.2.8", 2 },     { "198.51.100.255", 0 },
                { "198.51.101.1", 2 }, { "2001:db8:1::1", 0 }, { "2001:db9::1", 2 } };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      _begin_event(cases[i].address);
      ck_assert_msg(_left(allow) == cases[i].left, "%s", cases[i].address);
    }
  ck_assert_uint_eq(siaga_allow_count(allow), 3);
  siaga_allow_free(allow);
}
END_TEST

START_TEST(names_are_a_name_and_all_below)
{
  SiagaAllow *allow = _load("allow:\n  - { source: scan.kementerian.go.id, reason: scanner }\n"
                            "  - { victim: .uji.kementerian.go.id, reason: test site }\n"
                            "  - { question: cdn.example, reason: long names of a CDN }\n",
                            TRUE);
  static const struct
  {
    SiagaFieldId field;
    const gchar *name;
    guint left;
  } cases[] = {
    { SIAGA_F_SOURCE_ADDRESS, "scan.kementerian.go.id", 0 },  { SIAGA_F_SOURCE_ADDRESS, "A.Scan.kementerian.go.id", 0 },
    { SIAGA_F_SOURCE_ADDRESS, "xscan.kementerian.go.id", 2 }, { SIAGA_F_VICTIM_DOMAIN, "uji.kementerian.go.id", 0 },
    { SIAGA_F_VICTIM_DOMAIN, "www.kementerian.go.id", 2 },    { SIAGA_F_DNS_QUESTION_NAME, "q1.cdn.example.", 0 },
    { SIAGA_F_DNS_QUESTION_NAME, "cdn.example.top", 2 },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      _begin_event("192.0.2.1");
      _set(cases[i].field, cases[i].name);
      ck_assert_msg(_left(allow) == cases[i].left, "%s", cases[i].name);
    }
  siaga_allow_free(allow);
}
END_TEST

START_TEST(all_that_an_entry_names_must_fit)
{
  SiagaAllow *allow = _load("allow:\n  - { source: 192.0.2.0/24, user: [nagios, backup], reason: probes }\n", TRUE);
  _begin_event("192.0.2.1");
  ck_assert_uint_eq(_left(allow), 2);
  _set(SIAGA_F_USER_NAME, "nagios");
  ck_assert_uint_eq(_left(allow), 0);
  _set(SIAGA_F_USER_NAME, "nagios2");
  ck_assert_uint_eq(_left(allow), 2);
  _begin_event("198.51.100.1");
  _set(SIAGA_F_USER_NAME, "backup");
  ck_assert_uint_eq(_left(allow), 2);
  siaga_allow_free(allow);
}
END_TEST

START_TEST(an_end_is_an_end_in_the_event_s_time)
{
  SiagaAllow *day = _load("allow:\n  - { source: 192.0.2.1, until: 2026-03-01, reason: a test }\n", TRUE);
  SiagaAllow *hour =
      _load("allow:\n  - { source: 192.0.2.1, until: '2026-03-01T07:00:00+07:00', reason: a test }\n", TRUE);
  _begin_event("192.0.2.1");
  ck_assert_uint_eq(_left(day), 0);
  ck_assert_uint_eq(_left(hour), 2);
  event->time--;
  ck_assert_uint_eq(_left(hour), 0);
  event->time = MARCH_1_2026 + DAY(1) - 1;
  ck_assert_uint_eq(_left(day), 0);
  event->time++;
  ck_assert_uint_eq(_left(day), 2);
  siaga_allow_free(day);
  siaga_allow_free(hour);
}
END_TEST

START_TEST(rules_limit_it_and_a_correlation_means_what_it_counts)
{
  SiagaAllow *two = _load("allow:\n  - { source: 192.0.2.1, rules: two, reason: a test }\n", TRUE);
  SiagaAllow *many = _load("allow:\n  - { source: 192.0.2.1, rules: [many_ones], reason: a test }\n", TRUE);
  SiagaHits hits = { .count = 2, .rule = { 0, 1 } };
  _begin_event("192.0.2.1");
  const SiagaAllowance *why = siaga_allow_filter(two, event, &hits);
  ck_assert_str_eq(why->reason, "a test");
  ck_assert_uint_eq(hits.count, 1);
  ck_assert_uint_eq(hits.rule[0], 0);
  hits = (SiagaHits){ .count = 2, .rule = { 0, 1 } };
  siaga_allow_filter(many, event, &hits);
  ck_assert_uint_eq(hits.count, 1);
  ck_assert_uint_eq(hits.rule[0], 1);
  siaga_allow_free(two);
  siaga_allow_free(many);
}
END_TEST

START_TEST(mistakes_are_named_and_the_others_stand)
{
  SiagaAllow *allow = _load("allow:\n"
                            "  - { source: 192.0.2.300, reason: x }\n"
                            "  - { source: 192.0.2.0/33, reason: x }\n"
                            "  - { source: 192.0.2.1 }\n"
                            "  - { reason: everybody }\n"
                            "  - { user: [], reason: x }\n"
                            "  - { user: a, until: tomorrow, reason: x }\n"
                            "  - { user: a, rules: nothing, reason: x }\n"
                            "  - { users: a, reason: x }\n"
                            "  - { victim: 'a b', reason: x }\n"
                            "  - { user: a, reason: good }\n",
                            FALSE);
  static const gchar *const said[] = {
    ":2:15: error: expected an address, a network such as 192.0.2.0/24, or a host name",
    ":3:15: error: expected an address, a network such as 192.0.2.0/24, or a host name",
    ":4:5: error: expected 'reason:'",
    ":5:5: error: expected source, user, victim or question",
    ":6:13: error: expected a text or a list of them",
    ":7:23: error: until: expected a date",
    ":8:23: error: no rule has the id or name 'nothing'",
    ":9:7: error: ",
    ":10:15: error: expected a domain name",
  };
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_ERROR), G_N_ELEMENTS(said));
  for (guint i = 0; i < G_N_ELEMENTS(said); i++)
    {
      GString *text = g_string_new(NULL);
      siaga_diag_format(siaga_diag_get(diag, i), text);
      ck_assert_msg(strstr(text->str, said[i]) != NULL, "%s, not %s", text->str, said[i]);
      g_string_free(text, TRUE);
    }
  ck_assert_uint_eq(siaga_allow_size(allow), 1);
  ck_assert_str_eq(siaga_allow_get(allow, 0)->reason, "good");
  ck_assert(siaga_allow_get(allow, 0)->until == G_MAXINT64);
  siaga_allow_free(allow);
}
END_TEST

START_TEST(a_folder_in_the_order_of_its_names)
{
  SiagaAllow *allow = siaga_allow_new();
  gchar *second = _write("20.yaml", "allow: [ { user: b, reason: second } ]\n");
  gchar *first = _write("10.yaml", "allow: [ { user: a, reason: first } ]\n");
  gchar *other = _write("README", "not YAML: [");
  ck_assert(siaga_allow_load(allow, rules, folder, diag));
  ck_assert_uint_eq(siaga_allow_size(allow), 2);
  ck_assert_str_eq(siaga_allow_get(allow, 0)->reason, "first");
  g_unlink(first);
  g_unlink(second);
  g_unlink(other);
  g_free(first);
  g_free(second);
  g_free(other);
  siaga_allow_free(allow);
}
END_TEST

START_TEST(no_list_allows_nothing)
{
  SiagaHits hits = { .count = 1 };
  _begin_event("192.0.2.1");
  ck_assert_ptr_null(siaga_allow_filter(NULL, event, &hits));
  ck_assert_uint_eq(hits.count, 1);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("allow");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, addresses_and_networks);
  tcase_add_test(tcase, names_are_a_name_and_all_below);
  tcase_add_test(tcase, all_that_an_entry_names_must_fit);
  tcase_add_test(tcase, an_end_is_an_end_in_the_event_s_time);
  tcase_add_test(tcase, rules_limit_it_and_a_correlation_means_what_it_counts);
  tcase_add_test(tcase, mistakes_are_named_and_the_others_stand);
  tcase_add_test(tcase, a_folder_in_the_order_of_its_names);
  tcase_add_test(tcase, no_list_allows_nothing);
  return run_case("allow", tcase);
}
