/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Who belongs to whom: parents and parts, and what goes on after an incident was rolled over. */

#include "engine/correlate/prelude.h"
#include "harness.h"

static const SiagaIncident *
_find_incident(const GPtrArray *final, const gchar *uuid)
{
  for (guint i = 0; i < final->len; i++)
    if (strcmp(((SiagaIncident *) final->pdata[i])->uuid, uuid) == 0)
      return final->pdata[i];
  return NULL;
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
      ck_assert(g_ptr_array_find_with_equal_func(_find_incident(final, incident->parent)->children, incident->uuid,
                                                 g_str_equal, NULL));
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
  ck_assert_ptr_null(campaign_of(final));
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

static void
_check_wave_of(const gchar *rule)
{
  _start_wave();
  _feed_wave(rule, 4, FALSE);
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  ck_assert_str_eq(_check_tree(final)->rule->name, "wave");
  ck_assert_uint_eq(final->len, 5);
  g_ptr_array_unref(final);
  fixture_clear(&f);
}

START_TEST(what_a_wave_counts_names_it)
{
  _check_wave_of("failed");
}
END_TEST

/* Of a detection rule the wave hears events; the rule's own incidents are its parts all the same. */
START_TEST(what_a_wave_hears_of_as_events_names_it_too)
{
  _check_wave_of("shell");
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
    ck_assert_uint_eq(f.correlator->shards[i].case_bytes, bytes_of_cases(&f.correlator->shards[i]));
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

int
main(void)
{
  TCase *tcase = tcase_create("parents");
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, many_who_attack_one_victim_in_the_same_way_have_one_parent);
  tcase_add_test(tcase, nine_who_come_the_same_way_are_the_daily_noise);
  tcase_add_test(tcase, campaigns_of_attackers_are_parts_of_the_one_against_their_victim);
  tcase_add_test(tcase, what_a_wave_counts_names_it);
  tcase_add_test(tcase, what_a_wave_hears_of_as_events_names_it_too);
  tcase_add_test(tcase, a_wave_by_one_attacker_is_no_part_of_itself);
  tcase_add_test(tcase, a_dry_run_is_nobody_s_parent);
  tcase_add_test(tcase, a_campaign_that_goes_on_names_the_one_before_and_not_its_parts);
  tcase_add_test(tcase, what_goes_on_for_a_week_is_one_chain);
  tcase_add_test(tcase, who_comes_again_much_later_goes_on_with_nothing);
  tcase_add_test(tcase, what_waits_for_its_successor_takes_little);
  return run_case("parents", tcase);
}
