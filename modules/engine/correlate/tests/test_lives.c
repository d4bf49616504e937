/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * An incident's life: it opens, grows, rises, closes; what it says, and to which campaign it belongs. */

#include "engine/correlate/core.h"
#include "harness.h"

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

/* Of what came long before the opening no record is left, but the rule has counted it. */
START_TEST(an_incident_has_as_many_sources_as_its_rule_counted)
{
  start("failed", "title: Botnet\nname: botnet\ncorrelation:\n  type: value_count\n  rules: [failed]\n"
                  "  group-by: [user.name]\n  timespan: 1h\n  condition: { field: source.actor, gte: 30 }\n");
  for (guint i = 0; i < 35; i++)
    {
      gchar *fields =
          g_strdup_printf("source.actor=192.0.2.%u source.ip=192.0.2.%u user.name=root host.hostname=a", i, i);
      fixture_feed(&f, i * MINUTE, "failed", fields);
      g_free(fields);
    }
  fixture_finish(&f);
  for (guint i = 0; i < fixture_changes(&f); i++)
    {
      const SiagaIncident *incident = fixture_change(&f, i);
      ck_assert_uint_ge(incident->sources.distinct, 30);
      ck_assert_uint_le(incident->sources.distinct, 35);
      ck_assert(incident->sources.approximate);
      ck_assert_uint_eq(incident->targets.distinct, 1);
    }
  GString *text = g_string_new(NULL);
  siaga_incident_format_text(fixture_change(&f, 0), text);
  ck_assert_ptr_nonnull(strstr(text->str, "by about 30 sources"));
  g_string_free(text, TRUE);
  fixture_clear(&f);
}
END_TEST

/* What is counted is not what is named: five services of one site are one target. */
START_TEST(a_count_of_something_else_is_no_count_of_targets)
{
  start("asked", "title: Many hosts\nname: hosts\ncorrelation:\n  type: value_count\n  rules: [asked]\n"
                 "  group-by: [source.ip]\n  timespan: 1h\n  condition: { field: host.hostname, gte: 5 }\n");
  for (guint i = 0; i < 6; i++)
    {
      gchar *fields = g_strdup_printf("source.ip=192.0.2.7 siaga.victim.domain=a.go.id host.hostname=h%u", i);
      fixture_feed(&f, i * MINUTE, "asked", fields);
      g_free(fields);
    }
  fixture_finish(&f);
  ck_assert_uint_eq(fixture_change(&f, 0)->targets.distinct, 1);
  ck_assert(!fixture_change(&f, 0)->targets.approximate);
  fixture_clear(&f);
}
END_TEST

/* An actor is nobody's address. */
START_TEST(sources_are_named_by_their_addresses)
{
  start("asked", "title: Many\nname: many\ncorrelation:\n  type: event_count\n  rules: [asked]\n"
                 "  group-by: [source.subnet]\n  timespan: 1h\n  condition: { gte: 3 }\n");
  for (guint i = 0; i < 3; i++)
    fixture_feed(&f, i * MINUTE, "asked", "source.actor=192.0.2.7 source.subnet=192.0.2.0/24 host.hostname=a");
  fixture_finish(&f);
  ck_assert_uint_eq(fixture_change(&f, 0)->sources.distinct, 0);
  ck_assert_uint_eq(fixture_change(&f, 0)->sources.first->len, 0);
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

/* Of FINAL, the one that others are children of. */
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
  const SiagaIncident *campaign = campaign_of(final);
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
  const SiagaIncident *campaign = campaign_of(final);
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
  const SiagaIncident *campaign = campaign_of(final);
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

int
main(void)
{
  TCase *tcase = tcase_create("lives");
  tcase_set_timeout(tcase, 60);
  tcase_add_test(tcase, incidents_of_one_key_have_a_timer_each);
  tcase_add_test(tcase, a_burst_is_one_incident_with_a_life);
  tcase_add_test(tcase, what_came_before_the_opening_is_evidence_too);
  tcase_add_test(tcase, an_incident_has_as_many_sources_as_its_rule_counted);
  tcase_add_test(tcase, a_count_of_something_else_is_no_count_of_targets);
  tcase_add_test(tcase, sources_are_named_by_their_addresses);
  tcase_add_test(tcase, a_single_detection_of_high_level_raises_an_incident);
  tcase_add_test(tcase, who_is_imitated_is_not_who_is_attacked);
  tcase_add_test(tcase, an_incident_is_written_as_json);
  tcase_add_test(tcase, an_incident_is_read_back_from_its_json);
  tcase_add_test(tcase, unacknowledged_changes_wait_and_the_latest_state_wins);
  tcase_add_test(tcase, a_long_incident_rolls_over_and_names_the_one_before);
  tcase_add_test(tcase, severity_rises_and_says_so_at_once);
  tcase_add_test(tcase, incidents_along_the_kill_chain_are_a_campaign);
  tcase_add_test(tcase, what_several_rules_see_of_one_attacker_has_one_parent);
  tcase_add_test(tcase, vital_sectors_have_a_deadline);
  tcase_add_test(tcase, a_rule_that_others_refer_to_raises_incidents_only_with_generate);
  tcase_add_test(tcase, a_child_that_ended_long_before_its_campaign_is_named_by_it_only);
  tcase_add_test(tcase, evidence_has_the_digest_of_the_whole_line);
  tcase_add_test(tcase, texts_of_the_line_are_whole);
  return run_case("lives", tcase);
}
