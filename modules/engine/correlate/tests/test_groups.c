/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The keys that an event goes to, and what an incident hands on to the rules above its own. */

#include "harness.h"

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
  start_expecting(chained[_i].error);
  g_free(yaml);
  fixture_clear(&f);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("groups");
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, an_outer_rule_hears_of_each_value_of_its_own_group_by);
  tcase_add_test(tcase, aliases_join_different_fields);
  tcase_add_test(tcase, an_absence_hands_its_group_on);
  tcase_add_loop_test(tcase, an_outer_group_by_that_is_never_filled_is_said, 0, G_N_ELEMENTS(chained));
  tcase_add_test(tcase, a_list_in_the_group_by_is_a_key_per_element);
  tcase_add_test(tcase, an_outer_rule_hears_of_sixteen_values_of_one_incident);
  tcase_add_test(tcase, an_event_without_a_group_by_field_takes_no_part);
  tcase_add_test(tcase, a_site_that_only_the_client_names_is_not_counted_by);
  tcase_add_test(tcase, for_a_site_that_is_not_named_the_host_stands_in);
  tcase_add_test(tcase, correlations_stand_on_one_another_sixteen_deep);
  tcase_add_test(tcase, several_fields_are_one_key_and_one_value);
  tcase_add_test(tcase, of_a_long_list_eight_elements_are_keys);
  return run_case("groups", tcase);
}
