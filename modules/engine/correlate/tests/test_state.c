/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * State on disk: restart, kill, damage, changed rules, what is delivered twice. */

#include "engine/correlate/claim.h"
#include "engine/correlate/journal.h"
#include "fixture.h"
#include "tests/harness/run.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define RULES                                                                                                          \
  "name: brute\ngenerate: true\ncorrelation:\n  type: event_count\n  rules: [failed]\n  group-by: [source.ip]\n"       \
  "  timespan: 1m\n  condition: { gte: 5 }\n---\n"                                                                     \
  "name: spray\ncorrelation:\n  type: value_count\n  rules: [failed]\n  group-by: [source.ip]\n"                       \
  "  timespan: 2m\n  condition: { field: user.name, gte: 4 }\n---\n"                                                   \
  "name: chain\ncorrelation:\n  type: temporal_ordered\n  rules: [brute, success]\n  group-by: [source.ip]\n"          \
  "  timespan: 5m\n---\n"                                                                                              \
  "name: few\ncorrelation:\n  type: event_count\n  rules: [success]\n  group-by: [source.ip]\n"                        \
  "  timespan: 3m\n  condition: { lte: 1 }\n---\n"                                                                     \
  "name: alone\ncorrelation:\n  type: temporal\n  rules: [failed, success]\n  group-by: [source.ip]\n"                 \
  "  timespan: 40s\n  condition: failed and not success\n---\n"                                                        \
  "name: told_twice\necho: 1\ncorrelation:\n  type: event_count\n  rules: [failed]\n  group-by: [source.ip]\n"         \
  "  timespan: 2m\n  condition: { gte: 7 }\n"

static gchar *dir;

static void
setup(void)
{
  dir = g_dir_make_tmp("siaga-state-XXXXXX", NULL);
  ck_assert_ptr_nonnull(dir);
}

static void
teardown(void)
{
  GDir *open = g_dir_open(dir, 0, NULL);
  for (const gchar *name; (name = g_dir_read_name(open));)
    {
      gchar *path = g_build_filename(dir, name, NULL);
      g_unlink(path);
      g_free(path);
    }
  g_dir_close(open);
  g_rmdir(dir);
  g_free(dir);
}

static void
begin(Fixture *f, const gchar *rules)
{
  fixture_init(f, "failed success");
  fixture_correlation(f, rules);
  f->options.state_dir = dir;
  f->options.state_name = "test";
  fixture_start(f);
}

static gboolean
resume(Fixture *f, const gchar *rules)
{
  begin(f, rules);
  gboolean restored = siaga_correlator_restore(f->correlator, f->diag);
  ck_assert(siaga_correlator_start_persistence(f->correlator, f->diag));
  return restored;
}

/* The same every time. */
static void
feed_nth(Fixture *f, guint n)
{
  guint32 random = (n / 3 + 1) * 2654435761u;
  gchar fields[96];
  g_snprintf(fields, sizeof fields, "source.ip=192.0.2.%u user.name=u%u event.dataset=%s", (random >> 28) & 7,
             (random >> 20) & 7, n % 3 ? "vpn" : "radius");
  fixture_feed(f, (SiagaTime) n * 2 * SIAGA_SECOND / 3, (random >> 12) % 9 ? "failed" : "success", fields);
}

static gint
compare_texts(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const gchar *const *) a, *(const gchar *const *) b);
}

/* The incidents as they ended, one line each. */
static gchar *
describe(const Fixture *f)
{
  GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
  GPtrArray *final = fixture_final(f);
  GString *out = g_string_new(NULL);
  for (guint i = 0; i < final->len; i++)
    {
      const SiagaIncident *incident = final->pdata[i];
      g_ptr_array_add(lines,
                      g_strdup_printf("%s %s %s %ld %ld %lu %u %u", incident->uuid, incident->rule->name,
                                      siaga_incident_state_name(incident->state), (long) (incident->first_seen - T0),
                                      (long) (incident->last_seen - T0), (unsigned long) incident->count,
                                      incident->level, incident->evidence->len));
    }
  g_ptr_array_sort(lines, compare_texts);
  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf(out, "%s\n", (const gchar *) lines->pdata[i]);
  g_ptr_array_unref(final);
  g_ptr_array_unref(lines);
  return g_string_free(out, FALSE);
}

static gchar *
uninterrupted(guint events)
{
  Fixture f;
  fixture_init(&f, "failed success");
  fixture_correlation(&f, RULES);
  fixture_start(&f);
  for (guint i = 0; i < events; i++)
    feed_nth(&f, i);
  fixture_finish(&f);
  gchar *text = describe(&f);
  fixture_clear(&f);
  return text;
}

/* Two daemons on one state would take each other's incidents for their own. */
START_TEST(a_state_is_written_by_one_process)
{
  gchar *path = g_build_filename(dir, "claimed.lock", NULL);
  int ends[2], ended;
  gchar byte = 0;
  ck_assert_int_eq(pipe(ends), 0);
  pid_t child = fork();
  if (child == 0)
    {
      byte = siaga_claim_take(path) == 0;
      _exit(write(ends[1], &byte, 1) == 1 ? pause() : 1);
    }
  ck_assert_int_eq(read(ends[0], &byte, 1), 1);
  ck_assert_int_eq(byte, 1);
  ck_assert_int_eq(siaga_claim_take(path), EWOULDBLOCK);
  kill(child, SIGKILL);
  ck_assert_int_eq(waitpid(child, &ended, 0), child);
  ck_assert_int_eq(siaga_claim_take(path), 0);
  ck_assert_int_eq(siaga_claim_take(path), 0); /* as a reload does */
  siaga_claim_leave(path);
  siaga_claim_leave(path);
  close(ends[0]);
  close(ends[1]);
  g_free(path);
}
END_TEST

START_TEST(a_restart_changes_nothing)
{
  Fixture f;
  gchar *expected = uninterrupted(600);
  ck_assert(strstr(expected, "brute") && strstr(expected, "spray") && strstr(expected, "chain") &&
            strstr(expected, "few") && strstr(expected, "alone"));
  GString *all = g_string_new(NULL);
  ck_assert(!resume(&f, RULES));
  for (guint i = 0; i < 600; i++)
    {
      feed_nth(&f, i);
      if (i % 100 != 99)
        continue;
      GPtrArray *changes = f.changes.changes;
      f.changes.changes = NULL;
      siaga_changes_init(&f.changes);
      ck_assert(siaga_correlator_save(f.correlator, f.diag));
      siaga_correlator_stop_persistence(f.correlator);
      siaga_changes_clear(&f.changes);
      SiagaCorrelator *old = f.correlator;
      f.correlator = siaga_correlator_new_view(&f.view, &f.options);
      siaga_correlator_free(old);
      f.changes.changes = changes;
      ck_assert(siaga_correlator_restore(f.correlator, f.diag));
      ck_assert(siaga_correlator_start_persistence(f.correlator, f.diag));
    }
  fixture_finish(&f);
  gchar *text = describe(&f);
  ck_assert_str_eq(text, expected);
  ck_assert_uint_eq(siaga_diag_size(f.diag), 0);
  g_free(text);
  g_free(expected);
  g_string_free(all, TRUE);
  fixture_clear(&f);
}
END_TEST

/* Feeds from AT on, telling how far it got, and dies without a word at UNTIL: before or after it has said so. */
static void
child_main(guint at, guint events, guint until, volatile guint *progress)
{
  Fixture f;
  resume(&f, RULES);
  for (; at < events; at++)
    {
      feed_nth(&f, at);
      if (at + 1 == until && at % 2)
        raise(SIGKILL);
      *progress = at + 1;
      if (at + 1 >= until)
        raise(SIGKILL);
      if (at % 37 == 36)
        siaga_correlator_save(f.correlator, f.diag);
    }
  _exit(0);
}

START_TEST(a_killed_process_ends_with_the_same_incidents)
{
  const guint events = 900;
  gchar *expected = uninterrupted(events);
  volatile guint *progress = mmap(NULL, sizeof *progress, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  guint32 random = 12345;
  guint kills = 0;
  *progress = 0;
  while (*progress < events && kills < 100)
    {
      random = random * 1664525 + 1013904223;
      guint again = (random >> 16) % 30, at = *progress;
      guint until = at + 5 + (random >> 8) % 40;
      pid_t child = fork();
      if (child == 0)
        child_main(at > again ? at - again : 0, events, until, progress);
      waitpid(child, NULL, 0);
      kills++;
    }
  ck_assert_uint_eq(*progress, events);
  ck_assert_uint_gt(kills, 20);
  Fixture f;
  ck_assert(resume(&f, RULES));
  for (guint i = events - 10; i < events; i++)
    feed_nth(&f, i);
  fixture_finish(&f);
  /* What was closed and forgotten before the last restart was told then; the rest must agree. */
  gchar *text = describe(&f);
  gchar **lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] && *lines[i]; i++)
    ck_assert_msg(strstr(expected, lines[i]) != NULL, "not expected: %s\nin\n%s", lines[i], expected);
  ck_assert_uint_gt(g_strv_length(lines), 5);
  g_strfreev(lines);
  g_free(text);
  g_free(expected);
  munmap((void *) progress, sizeof *progress);
  fixture_clear(&f);
}
END_TEST

#define SLOW                                                                                                           \
  "name: slow\ncorrelation:\n  type: event_count\n  rules: [failed]\n  group-by: [source.ip]\n"                        \
  "  timespan: 1d\n  condition: { gte: 24 }\n"

/* What was rolled over before the restart is named by what comes after it. */
START_TEST(a_chain_goes_on_over_a_restart)
{
  Fixture before, after;
  resume(&before, SLOW);
  for (guint i = 0; i < 71; i++)
    fixture_feed(&before, i * 30 * MINUTE, "failed", "source.ip=192.0.2.7");
  fixture_feed(&before, 36 * HOUR, "failed", "source.ip=192.0.2.8");
  ck_assert(siaga_correlator_save(before.correlator, before.diag));
  siaga_correlator_stop_persistence(before.correlator);
  ck_assert(resume(&after, SLOW));
  fixture_feed(&after, 36 * HOUR + 20 * MINUTE, "failed", "source.ip=192.0.2.7");
  fixture_finish(&after);
  const SiagaIncident *first = fixture_change(&before, 0);
  ck_assert_str_eq(fixture_change(&before, fixture_changes(&before) - 1)->reason, "rolled");
  ck_assert_str_eq(fixture_change(&after, 0)->previous, first->uuid);
  fixture_clear(&after);
  fixture_clear(&before);
}
END_TEST

static void
begin_guessers(Fixture *f)
{
  static const gchar *const guessing[] = { "credential-access", NULL };
  fixture_init(f, "burst! slow!");
  f->rules[0].tactics = f->rules[1].tactics = guessing;
  f->options.state_dir = dir;
  f->options.state_name = "test";
  fixture_start(f);
}

/* The campaign against the victim took the incident before the restart; behind it the attacker's takes it over, and
 * becomes a part of that. */
START_TEST(a_parent_is_found_after_a_restart)
{
  Fixture before, after;
  begin_guessers(&before);
  ck_assert(siaga_correlator_start_persistence(before.correlator, before.diag));
  for (guint i = 0; i < 12; i++)
    {
      gchar *fields = g_strdup_printf("source.actor=192.0.2.%u siaga.victim.domain=a.go.id", i);
      fixture_feed(&before, i * SIAGA_SECOND, "burst", fields);
      g_free(fields);
    }
  fixture_feed(&before, MINUTE, "burst", "source.actor=192.0.2.0 siaga.victim.domain=a.go.id");
  ck_assert(siaga_correlator_save(before.correlator, before.diag));
  siaga_correlator_stop_persistence(before.correlator);
  begin_guessers(&after);
  ck_assert(siaga_correlator_restore(after.correlator, after.diag));
  fixture_feed(&after, 2 * MINUTE, "slow", "source.actor=192.0.2.0 siaga.victim.domain=a.go.id");
  fixture_finish(&after);
  GPtrArray *final = fixture_final(&after);
  const SiagaIncident *his = NULL, *burst = NULL;
  for (guint i = 0; i < final->len; i++)
    {
      const SiagaIncident *incident = final->pdata[i];
      his = strcmp(incident->rule->name, "siaga_campaign") == 0 ? incident : his;
      burst = strcmp(incident->rule->name, "burst") == 0 && incident->count == 2 ? incident : burst;
    }
  ck_assert_ptr_nonnull(his);
  ck_assert_str_ne(his->parent, "");
  ck_assert_str_eq(burst->parent, his->uuid);
  g_ptr_array_unref(final);
  fixture_clear(&after);
  fixture_clear(&before);
}
END_TEST

START_TEST(only_what_runs_to_the_end_of_what_was_known_is_a_repetition)
{
  Fixture f;
  SiagaCorrelatorStats stats;
  resume(&f, RULES);
  for (guint i = 0; i < 10; i++)
    fixture_feed(&f, i * 100, "failed", "source.ip=192.0.2.7");
  fixture_clear(&f);
  /* 5 to 9 again, then news. */
  ck_assert(resume(&f, RULES));
  for (guint i = 5; i < 13; i++)
    fixture_feed(&f, i * 100, "failed", "source.ip=192.0.2.7");
  siaga_correlator_stats(f.correlator, &stats);
  ck_assert_uint_eq(stats.duplicates, 5);
  ck_assert_uint_eq(stats.hits, 3);
  fixture_clear(&f);
  /* 4 again, but not what followed it: somebody logs the same line once more. */
  ck_assert(resume(&f, RULES));
  fixture_feed(&f, 4 * 100, "failed", "source.ip=192.0.2.7");
  fixture_feed(&f, 20 * 100, "failed", "source.ip=192.0.2.7");
  siaga_correlator_stats(f.correlator, &stats);
  ck_assert_uint_eq(stats.duplicates, 0);
  ck_assert_uint_eq(stats.hits, 2);
  fixture_clear(&f);
}
END_TEST

START_TEST(a_damaged_file_is_set_aside)
{
  Fixture f;
  gchar *text;
  gsize length;
  gchar *path = g_build_filename(dir, "test.state", NULL), *aside = g_strconcat(path, ".broken-1", NULL);
  resume(&f, RULES);
  for (guint i = 0; i < 100; i++)
    feed_nth(&f, i);
  siaga_correlator_save(f.correlator, f.diag);
  fixture_clear(&f);
  ck_assert(g_file_get_contents(path, &text, &length, NULL));
  for (gsize i = 0; i < length; i += 1 + length / 200)
    {
      gchar saved = text[i];
      text[i] ^= 0x41;
      ck_assert(g_file_set_contents(path, text, i % 2 ? (gssize) length : (gssize) i, NULL));
      begin(&f, RULES);
      ck_assert(!siaga_correlator_restore(f.correlator, f.diag));
      ck_assert_uint_eq(siaga_diag_count(f.diag, SIAGA_DIAG_WARNING), 1);
      ck_assert(g_file_test(aside, G_FILE_TEST_EXISTS) && !g_file_test(path, G_FILE_TEST_EXISTS));
      g_unlink(aside);
      fixture_feed(&f, 0, "failed", "source.ip=192.0.2.7");
      fixture_clear(&f);
      text[i] = saved;
    }
  g_free(text);
  g_free(path);
  g_free(aside);
}
END_TEST

START_TEST(incidents_of_a_changed_rule_close_over_a_restart)
{
  Fixture f;
  resume(&f, RULES);
  for (guint i = 0; i < 5; i++)
    fixture_feed(&f, i, "failed", i % 2 ? "source.ip=192.0.2.7 user.name=a" : "source.ip=192.0.2.7 user.name=b");
  fixture_feed(&f, 30 * SIAGA_SECOND, "failed", "source.ip=192.0.2.9");
  ck_assert_uint_eq(fixture_changes(&f), 1);
  siaga_correlator_save(f.correlator, f.diag);
  fixture_clear(&f);
  begin(&f, "name: brute\ncorrelation:\n  type: event_count\n  rules: [failed]\n  group-by: [source.ip]\n"
            "  timespan: 1m\n  condition: { gte: 7 }\n");
  ck_assert(siaga_correlator_restore(f.correlator, f.diag));
  siaga_correlator_tick(f.correlator, 1, &f.changes);
  ck_assert_uint_eq(fixture_changes(&f), 1);
  ck_assert_str_eq(fixture_change(&f, 0)->reason, "rule-changed");
  ck_assert_str_eq(fixture_change(&f, 0)->rule->id, "brute");
  fixture_clear(&f);
}
END_TEST

START_TEST(rules_change_in_a_living_correlator)
{
  Fixture f, other;
  resume(&f, RULES);
  for (guint i = 0; i < 5; i++)
    fixture_feed(&f, i, "failed", i % 2 ? "source.ip=192.0.2.7 user.name=a" : "source.ip=192.0.2.7 user.name=b");
  fixture_feed(&f, 4 * SIAGA_SECOND, "failed", "source.ip=192.0.2.9");
  fixture_init(&other, "failed success");
  fixture_correlation(&other, "name: other\ncorrelation:\n  type: event_count\n  rules: [success]\n"
                              "  group-by: [user.name]\n  timespan: 1m\n  condition: { gte: 7 }\n---\n" RULES);
  fixture_start(&other);
  siaga_correlator_set_view(f.correlator, &other.view);
  fixture_feed(&f, 10 * SIAGA_SECOND, "failed", "source.ip=192.0.2.7");
  fixture_finish(&f);
  GPtrArray *final = fixture_final(&f);
  /* Behind it those of the rule that waits for what does not come, one a source. */
  ck_assert_uint_eq(final->len, 3);
  ck_assert_str_eq(((SiagaIncident *) final->pdata[0])->rule->name, "brute");
  ck_assert_str_eq(((SiagaIncident *) final->pdata[1])->rule->name, "alone");
  ck_assert_uint_eq(((SiagaIncident *) final->pdata[0])->count, 6);
  ck_assert_str_eq(((SiagaIncident *) final->pdata[0])->reason, "quiet");
  g_ptr_array_unref(final);
  fixture_clear(&f);
  fixture_clear(&other);
}
END_TEST

START_TEST(a_directory_that_cannot_be_written_is_said_once_and_counted)
{
  Fixture f;
  SiagaCorrelatorStats stats;
  fixture_init(&f, "failed success");
  fixture_correlation(&f, RULES);
  f.options.state_dir = "/proc/no-such-place";
  f.options.state_name = "test";
  fixture_start(&f);
  ck_assert(!siaga_correlator_restore(f.correlator, f.diag));
  ck_assert(!siaga_correlator_start_persistence(f.correlator, f.diag));
  ck_assert_uint_eq(siaga_diag_count(f.diag, SIAGA_DIAG_WARNING), 1);
  feed_nth(&f, 0);
  siaga_correlator_stats(f.correlator, &stats);
  ck_assert_uint_eq(stats.checkpoints_failed, 1);
  fixture_clear(&f);
}
END_TEST

START_TEST(unacknowledged_revisions_come_out_after_a_restart)
{
  Fixture f;
  resume(&f, RULES);
  siaga_correlator_expect_acks(f.correlator, 10);
  for (guint i = 0; i < 6; i++)
    fixture_feed(&f, i * 4 * SIAGA_SECOND, "failed", "source.ip=192.0.2.7");
  ck_assert_uint_eq(fixture_changes(&f), 1);
  fixture_clear(&f); /* without a save: the journal has it */
  ck_assert(resume(&f, RULES));
  siaga_correlator_tick(f.correlator, 1, &f.changes);
  ck_assert_uint_eq(fixture_changes(&f), 1);
  ck_assert_int_eq(fixture_change(&f, 0)->state, SIAGA_INCIDENT_OPEN);
  fixture_clear(&f);
}
END_TEST

/* The receiver keeps the highest revision of an incident: the state behind a kill must not look older. */
START_TEST(no_revision_behind_a_kill_is_lower_than_one_before)
{
  Fixture f;
  guint32 before = 0;
  resume(&f, RULES);
  for (guint i = 0; i < 60; i++)
    fixture_feed(&f, i * SIAGA_SECOND, "failed", "source.ip=192.0.2.7");
  for (guint i = 0; i < fixture_changes(&f); i++)
    before = MAX(before, fixture_change(&f, i)->revision);
  ck_assert_uint_ge(before, 2);
  fixture_clear(&f); /* without a save: the journal has it */
  ck_assert(resume(&f, RULES));
  fixture_finish(&f);
  ck_assert_uint_ge(fixture_changes(&f), 1);
  for (guint i = 0; i < fixture_changes(&f); i++)
    ck_assert_uint_gt(fixture_change(&f, i)->revision, before);
  fixture_clear(&f);
}
END_TEST

static void
count_record(gconstpointer record, gsize size, gpointer user_data)
{
  guint64 *next = user_data;
  ck_assert_uint_eq(size, 512);
  ck_assert_uint_eq(*(const guint64 *) record, *next);
  ++*next;
}

/* While a checkpoint is written nothing turns the journal: it grows. */
START_TEST(the_journal_grows_ahead_of_what_comes_and_loses_nothing)
{
  gchar *path = g_build_filename(dir, "journal", NULL);
  guint64 record[64] = { 0 }, next = 0;
  guint full = 0;
  gboolean wants;
  SiagaJournal *journal = siaga_journal_open(path, 65536);
  ck_assert_ptr_nonnull(journal);
  siaga_journal_begin(journal, 7);
  for (; record[0] < 800; record[0]++)
    {
      ck_assert(siaga_journal_append(journal, record, sizeof record, &wants));
      if (wants)
        full += siaga_journal_tend(journal);
    }
  ck_assert_uint_gt(full, 0);
  siaga_journal_close(journal);
  journal = siaga_journal_open(path, 65536);
  siaga_journal_replay(journal, 7, 0, count_record, &next);
  ck_assert_uint_eq(next, 800);
  siaga_journal_begin(journal, 8);
  siaga_journal_drop_other(journal);
  next = 0;
  siaga_journal_replay(journal, 8, 0, count_record, &next);
  ck_assert_uint_eq(next, 0);
  siaga_journal_close(journal);
  g_free(path);
}
END_TEST

/* Many more than a half held at first, as quickly as they can be fed, with checkpoints under way. */
START_TEST(no_record_is_lost_at_full_speed)
{
  SiagaCorrelatorStats stats;
  Fixture f;
  begin(&f, RULES);
  siaga_correlator_start_persistence(f.correlator, NULL);
  for (guint i = 0; i < 300000; i++)
    {
      gchar address[16];
      SiagaHits hits = { .count = 1, .rule = { 0 } };
      SiagaOrigin origin = { .stream = 1 };
      siaga_event_reset(f.event);
      f.event->time = T0 + i * 100;
      f.event->time_kind = SIAGA_TIME_LINE;
      siaga_event_set(f.event, SIAGA_F_SOURCE_IP, address,
                      g_snprintf(address, sizeof address, "10.%u.%u.%u", i >> 16, (i >> 8) & 255, i & 255));
      siaga_correlator_feed(f.correlator, f.event, &hits, &origin, &f.changes);
    }
  siaga_correlator_stats(f.correlator, &stats);
  ck_assert_uint_gt(stats.journal_bytes, 16 << 20);
  ck_assert_uint_eq(stats.journal_lost, 0);
  fixture_clear(&f);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("state");
  tcase_set_timeout(tcase, 120);
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, a_state_is_written_by_one_process);
  tcase_add_test(tcase, a_restart_changes_nothing);
  tcase_add_test(tcase, a_killed_process_ends_with_the_same_incidents);
  tcase_add_test(tcase, a_chain_goes_on_over_a_restart);
  tcase_add_test(tcase, a_parent_is_found_after_a_restart);
  tcase_add_test(tcase, only_what_runs_to_the_end_of_what_was_known_is_a_repetition);
  tcase_add_test(tcase, a_damaged_file_is_set_aside);
  tcase_add_test(tcase, incidents_of_a_changed_rule_close_over_a_restart);
  tcase_add_test(tcase, rules_change_in_a_living_correlator);
  tcase_add_test(tcase, a_directory_that_cannot_be_written_is_said_once_and_counted);
  tcase_add_test(tcase, unacknowledged_revisions_come_out_after_a_restart);
  tcase_add_test(tcase, no_revision_behind_a_kill_is_lower_than_one_before);
  tcase_add_test(tcase, the_journal_grows_ahead_of_what_comes_and_loses_nothing);
  tcase_add_test(tcase, no_record_is_lost_at_full_speed);
  return run_case("state", tcase);
}
