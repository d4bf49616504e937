/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The correlation engine alone, on one core, against a GHashTable lookup and update of the same keys in the same run.
 * Processor time, because machines are shared; each is measured several times in turn and the quickest counts. */

#include "engine/correlate/view.h"

#include <siaga/stats.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEYS 10000
#define EVENTS 1000000
#define ROUNDS 5
#define T0 G_GINT64_CONSTANT(1795228200000000)

typedef struct
{
  SiagaFields *fields;
  SiagaCorrelations *correlations;
  SiagaRule rules[8];
  const SiagaRule *records[8];
  guint count;
  SiagaRuleView view;
  SiagaCorrelator *correlator;
  SiagaEvent *event;
  SiagaHits hits; /* as in the chain, where nothing is cleared between events */
  SiagaChanges changes;
} Bench;

static gchar (*addresses)[16];
static guint8 lengths[KEYS];

static gint
_find(gpointer user_data, const gchar *name)
{
  Bench *self = user_data;
  for (guint i = 0; i < self->count; i++)
    if (strcmp(self->rules[i].name, name) == 0)
      return i;
  return -1;
}

static void
_mark(SiagaRules *rules, guint index)
{
  ((Bench *) (gpointer) rules)->rules[index].referenced = TRUE;
}

static void
_add_rule(Bench *self, const gchar *name, gboolean correlation)
{
  SiagaRule *rule = &self->rules[self->count];
  rule->index = self->count;
  rule->id = rule->name = rule->title = name;
  rule->level = SIAGA_LEVEL_INFORMATIONAL;
  rule->correlation = correlation;
  self->records[self->count++] = rule;
}

static void
_begin(Bench *self, const gchar *body, const SiagaCorrelatorOptions *options)
{
  gchar *path =
      g_build_filename(g_getenv("SIAGA_DATA_DIR") ? g_getenv("SIAGA_DATA_DIR") : "patterns", "fields.yaml", NULL);
  SiagaDiag *diag = siaga_diag_new();
  memset(self, 0, sizeof *self);
  self->fields = siaga_fields_load(path, diag);
  if (!self->fields)
    exit(2);
  self->correlations = siaga_correlations_new(self->fields);
  _add_rule(self, "a", FALSE);
  _add_rule(self, "b", FALSE);
  _add_rule(self, "rule", TRUE);
  gchar *yaml = g_strdup_printf("correlation: { %s, group-by: [source.ip] }\n", body);
  SiagaYamlFile *file = siaga_yaml_parse("bench", yaml, strlen(yaml), diag);
  if (!siaga_correlations_add(self->correlations, 2, file->documents->pdata[0], diag) ||
      !siaga_correlations_resolve_with(self->correlations, _find, _mark, self, diag))
    exit(2);
  siaga_yaml_free(file);
  g_free(yaml);
  g_free(path);
  siaga_diag_free(diag);
  self->view = (SiagaRuleView){
    .records = self->records, .count = self->count, .correlations = self->correlations, .fields = self->fields
  };
  self->correlator = siaga_correlator_new_view(&self->view, options);
  self->event = siaga_event_new(self->fields);
  siaga_changes_init(&self->changes);
}

static void
_end(Bench *self)
{
  siaga_changes_clear(&self->changes);
  siaga_correlator_free(self->correlator);
  siaga_correlations_free(self->correlations);
  siaga_event_free(self->event);
  siaga_fields_unref(self->fields);
}

static inline void
_feed_stream(Bench *self, guint64 stream, SiagaTime time, const gchar *source, gsize source_length, const gchar *user,
             guint rule)
{
  self->hits.count = 1;
  self->hits.rule[0] = rule;
  SiagaOrigin origin = { .stream = stream };
  siaga_event_reset(self->event);
  self->event->time = T0 + time;
  self->event->time_kind = SIAGA_TIME_LINE;
  siaga_event_set(self->event, SIAGA_F_SOURCE_IP, source, source_length);
  if (user)
    siaga_event_set(self->event, SIAGA_F_USER_NAME, user, strlen(user));
  siaga_correlator_feed(self->correlator, self->event, &self->hits, &origin, &self->changes);
}

static inline void
_feed(Bench *self, SiagaTime time, const gchar *source, gsize source_length, const gchar *user, guint rule)
{
  _feed_stream(self, 1, time, source, source_length, user, rule);
}

static gdouble
_processor_time(void)
{
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1e9 + now.tv_nsec;
}

static gdouble
_hash_table(void)
{
  GHashTable *table = g_hash_table_new(g_str_hash, g_str_equal);
  gdouble begin = _processor_time();
  for (guint i = 0; i < EVENTS; i++)
    {
      gpointer key = addresses[(i * 7919u) % KEYS];
      gsize count = GPOINTER_TO_SIZE(g_hash_table_lookup(table, key));
      g_hash_table_insert(table, key, GSIZE_TO_POINTER(count + 1));
    }
  gdouble nanoseconds = (_processor_time() - begin) / EVENTS;
  g_hash_table_unref(table);
  return nanoseconds;
}

static gdouble
_event_count(void)
{
  Bench bench;
  SiagaCorrelatorOptions options;
  siaga_correlator_options_init(&options);
  _begin(&bench, "type: event_count, rules: [a], timespan: 10s, condition: { gte: 20 }", &options);
  gdouble begin = _processor_time();
  for (guint i = 0; i < EVENTS; i++)
    _feed(&bench, i * 100, addresses[(i * 7919u) % KEYS], lengths[(i * 7919u) % KEYS], NULL, 0);
  gdouble nanoseconds = (_processor_time() - begin) / EVENTS;
  _end(&bench);
  return nanoseconds;
}

static gdouble
_value_count(void)
{
  Bench bench;
  SiagaCorrelatorOptions options;
  gchar(*users)[16] = g_malloc(1800 * sizeof *users);
  for (guint i = 0; i < 1800; i++)
    g_snprintf(users[i], sizeof users[i], "user%u", i);
  siaga_correlator_options_init(&options);
  _begin(&bench, "type: value_count, rules: [a], timespan: 1h, condition: { field: user.name, gte: 2000 }", &options);
  gdouble begin = _processor_time();
  for (guint i = 0; i < EVENTS; i++)
    _feed(&bench, i * 100, addresses[0], lengths[0], users[(i * 7919u) % 1800], 0);
  gdouble nanoseconds = (_processor_time() - begin) / EVENTS;
  _end(&bench);
  g_free(users);
  return nanoseconds;
}

static gdouble
_temporal(void)
{
  Bench bench;
  SiagaCorrelatorOptions options;
  siaga_correlator_options_init(&options);
  _begin(&bench, "type: temporal_ordered, rules: [b, a], timespan: 1m", &options);
  gdouble begin = _processor_time();
  for (guint i = 0; i < EVENTS; i++)
    _feed(&bench, i * 100, addresses[(i * 7919u) % KEYS], lengths[(i * 7919u) % KEYS], NULL, 0);
  gdouble nanoseconds = (_processor_time() - begin) / EVENTS;
  _end(&bench);
  return nanoseconds;
}

/* While checkpoints are written beside it: the longest that one event had to wait, in milliseconds. */
static gdouble
_feed_million(Bench *bench)
{
  gint64 longest = 0;
  for (guint i = 0; i < 1000000; i++)
    {
      gchar text[16];
      g_snprintf(text, sizeof text, "10.%u.%u.%u", i >> 16, (i >> 8) & 255, i & 255);
      gint64 begin = g_get_monotonic_time();
      _feed(bench, i, text, strlen(text), NULL, 0);
      longest = MAX(longest, g_get_monotonic_time() - begin);
    }
  return longest / 1000.0;
}

static void
_million(gdouble *bytes, gdouble *restore, gdouble *pause)
{
  Bench bench;
  SiagaCorrelatorOptions options;
  SiagaCorrelatorStats stats;
  gchar *dir = g_dir_make_tmp("siaga-bench-XXXXXX", NULL);
  siaga_correlator_options_init(&options);
  options.state_dir = dir;
  options.state_name = "bench";
  const gchar *rule = "type: event_count, rules: [a], timespan: 1h, condition: { gte: 1000 }";
  _begin(&bench, rule, &options);
  siaga_correlator_start_persistence(bench.correlator, NULL);
  *pause = _feed_million(&bench);
  siaga_correlator_finish(bench.correlator, &bench.changes);
  siaga_correlator_stats(bench.correlator, &stats);
  *bytes = (gdouble) stats.bytes / stats.keys;
  siaga_correlator_save(bench.correlator, NULL);
  _end(&bench);
  _begin(&bench, rule, &options);
  gdouble begin = _processor_time();
  siaga_correlator_restore(bench.correlator, NULL);
  *restore = (_processor_time() - begin) / 1e9;
  siaga_correlator_stats(bench.correlator, &stats);
  printf("restored keys     %10lu\n", (unsigned long) stats.keys);
  _end(&bench);
  gchar *command = g_strdup_printf("rm -r '%s'", dir);
  if (system(command) != 0)
    fprintf(stderr, "%s was not removed\n", dir);
  g_free(command);
  g_free(dir);
}

/* Two sources in threads of their own against one, by the clock.  Bursts are short and many, begin when all threads
 * have a processor, and the quickest counts: a machine with others has some in which nobody came between. */
#define BURST 1000
#define BURSTS 1000

typedef struct
{
  guint count;
  gint arrived;
  gint64 begin; /* of the burst, nanoseconds: when the last arrived */
} Start;

typedef struct
{
  Bench bench; /* the correlator is shared, the event and the hits are not */
  guint64 stream;
  guint first, keys; /* the keys it feeds */
  Start *start;
  gint64 took[BURSTS]; /* nanoseconds */
} Feeder;

/* All spin until the last one is here. */
static void
_meet(Start *start, guint burst)
{
  if ((guint) g_atomic_int_add(&start->arrived, 1) + 1 == start->count * (burst + 1))
    __atomic_store_n(&start->begin, siaga_clock_read(CLOCK_MONOTONIC), __ATOMIC_RELEASE);
  while ((guint) g_atomic_int_get(&start->arrived) < start->count * (burst + 1))
    ;
}

static gpointer
_run_feeder(gpointer user_data)
{
  Feeder *self = user_data;
  for (guint burst = 0, i = 0; burst < BURSTS; burst++)
    {
      _meet(self->start, burst);
      for (guint end = i + BURST; i < end; i++)
        {
          guint key = self->first + (i * 7919u) % self->keys;
          _feed_stream(&self->bench, self->stream, i * 100, addresses[key], lengths[key], NULL, 0);
        }
      self->took[burst] = siaga_clock_read(CLOCK_MONOTONIC) - __atomic_load_n(&self->start->begin, __ATOMIC_ACQUIRE);
    }
  return NULL;
}

/* Nanoseconds for an event of each of COUNT threads: of the bursts, once their windows are full, one of the quickest.
 */
static gdouble
_bursts(const Bench *bench, guint count, gboolean apart)
{
  Feeder *feeders = g_new0(Feeder, count);
  GThread *threads[2];
  Start start = { .count = count };
  for (guint i = 0; i < count; i++)
    {
      feeders[i].bench = *bench;
      feeders[i].bench.event = siaga_event_new(bench->fields);
      siaga_changes_init(&feeders[i].bench.changes);
      feeders[i].stream = 10 * count + i;
      feeders[i].keys = apart ? KEYS / 2 : KEYS;
      feeders[i].first = apart ? i * KEYS / 2 : 0;
      feeders[i].start = &start;
    }
  for (guint i = 0; i < count; i++)
    threads[i] = g_thread_new("feeder", _run_feeder, &feeders[i]);
  for (guint i = 0; i < count; i++)
    {
      g_thread_join(threads[i]);
      siaga_changes_clear(&feeders[i].bench.changes);
      siaga_event_free(feeders[i].bench.event);
      for (guint burst = 0; burst < BURSTS; burst++)
        feeders[0].took[burst] = MAX(feeders[0].took[burst], feeders[i].took[burst]);
    }
  gint64 best = G_MAXINT64;
  for (guint burst = BURSTS / 4; burst < BURSTS; burst++)
    best = MIN(best, feeders[0].took[burst]);
  g_free(feeders);
  return (gdouble) best / BURST;
}

static gdouble
_threads(guint count, gboolean apart)
{
  Bench bench;
  SiagaCorrelatorOptions options;
  siaga_correlator_options_init(&options);
  _begin(&bench, "type: event_count, rules: [a], timespan: 10s, condition: { gte: 100 }", &options);
  gdouble nanoseconds = _bursts(&bench, count, apart);
  _end(&bench);
  return nanoseconds;
}

static void
_compare_threads(void)
{
  gdouble one = _threads(1, FALSE), own = _threads(2, TRUE), same = _threads(2, FALSE);
  printf("one thread       %6.0f ns\n", one);
  printf("two, own keys    %6.0f ns, %.2f × one\n", own, 2 * one / own);
  printf("two, the same    %6.0f ns, %.2f × one\n", same, 2 * one / same);
}

typedef struct
{
  const gchar *name;
  gdouble (*run)(void);
  gdouble budget; /* times the first part's */
  gdouble best;
} Part;

static Part parts[] = {
  { "GHashTable", _hash_table, 0, G_MAXDOUBLE },
  { "event_count", _event_count, 3, G_MAXDOUBLE },
  { "value_count", _value_count, 5, G_MAXDOUBLE },
  { "temporal", _temporal, 3, G_MAXDOUBLE },
};

static gboolean
_measure(const gchar *only)
{
  gboolean kept = TRUE;
  for (guint round = 0; round < ROUNDS; round++)
    for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
      if (!only || strcmp(parts[i].name, only) == 0)
        {
          gdouble nanoseconds = parts[i].run();
          parts[i].best = MIN(parts[i].best, nanoseconds);
        }
  for (guint i = 0; i < G_N_ELEMENTS(parts); i++)
    {
      if (only && strcmp(parts[i].name, only) != 0)
        continue;
      const Part *part = &parts[i];
      gdouble ratio = part->best / parts[0].best;
      printf("%-16s %6.0f ns", part->name, part->best);
      if (part->budget && !only)
        printf("  %5.2f ×  budget %.0f ×  %s", ratio, part->budget, ratio <= part->budget ? "kept" : "MISSED");
      putchar('\n');
      kept = kept && (!part->budget || ratio <= part->budget);
    }
  return kept;
}

/* With an argument: that part alone, for a profiler; "threads" is one more. */
int
main(int argc, char **argv)
{
  gdouble bytes = 0, restore = 0, pause = 0;
  addresses = g_malloc(KEYS * sizeof *addresses);
  for (guint i = 0; i < KEYS; i++)
    lengths[i] = g_snprintf(addresses[i], sizeof addresses[i], "10.1.%u.%u", i >> 8, i & 255);
  if (argc > 1 && strcmp(argv[1], "threads") == 0)
    {
      _compare_threads();
      return 0;
    }
  gboolean ok = _measure(argc > 1 ? argv[1] : NULL);
  if (argc == 1)
    {
      _million(&bytes, &restore, &pause);
      printf("bytes per key    %6.1f     budget 128\nrestore of 1 M   %6.2f s   budget 2\n", bytes, restore);
      printf("longest pause    %6.1f ms  budget 50 (wall time: on a machine that is free)\n", pause);
    }
  g_free(addresses);
  return ok && bytes <= 128 && restore <= 2 && pause <= 50 ? 0 : 1;
}
