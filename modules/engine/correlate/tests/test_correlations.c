/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Rules as they are read, and what explain says of them. */

#include "harness.h"

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
  start_expecting(bad_rules[_i].error);
  g_free(yaml);
  fixture_clear(&f);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("correlations");
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, explain_tells_the_slowest_rate_that_is_found);
  tcase_add_test(tcase, explain_tells_what_is_left_out_and_what_stands_in);
  tcase_add_loop_test(tcase, each_kind_tells_the_slowest_that_it_finds, 0, G_N_ELEMENTS(rates));
  tcase_add_loop_test(tcase, a_bad_rule_is_reported_with_its_place, 0, G_N_ELEMENTS(bad_rules));
  tcase_add_loop_test(tcase, a_timespan_has_its_unit, 0, 4);
  return run_case("correlations", tcase);
}
