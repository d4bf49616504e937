/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl bench: what a line costs, stage by stage. */

#include "siagactl/bench.h"

#include <siaga/stats.h>

#define LINES_DEFAULT 200000
#define BYTES_MAX (512 * 1024 * 1024)
#define ROUNDS 3

typedef struct
{
  GString *bytes;
  GArray *ends; /* of gsize */
} Lines;

typedef struct
{
  const CtlOptions *options;
  const SiagaChain *chain;
  const Lines *lines;
  CtlRun run;
  SiagaRuleCosts *rule_costs;
} Bench;

static Lines
_read_lines(const CtlOptions *options, gint most)
{
  Lines lines = { g_string_new(NULL), g_array_new(FALSE, FALSE, sizeof(gsize)) };
  CtlInput *input = ctl_input_new(options->arguments);
  const gchar *line;
  gsize length;
  while ((gint) lines.ends->len < most && lines.bytes->len < BYTES_MAX && ctl_input_next(input, &line, &length))
    {
      g_string_append_len(lines.bytes, line, length);
      g_array_append_val(lines.ends, lines.bytes->len);
    }
  ctl_input_free(input);
  return lines;
}

typedef void (*LineFunc)(Bench *self, BenchStage stage, const gchar *text, gsize length);

static void
_run_line(Bench *self, BenchStage stage, const gchar *text, gsize length)
{
  CtlRun *run = &self->run;
  SiagaLine line = { .priority = -1 };
  SiagaOrigin origin = { .stream = 1 };

  siaga_arena_reset(run->arena);
  siaga_line_read(&line, text, length, &self->options->time, run->arena);
  if (stage == BENCH_HEADER)
    return;
  gboolean parsed = siaga_patterns_match(self->chain->patterns, &line, &self->options->time, run->event);
  if (stage == BENCH_MATCH)
    return;
  if (parsed)
    siaga_normalise(&self->chain->normaliser, run->event);
  if (stage == BENCH_NORMALISE)
    return;
  siaga_victims_classify(self->chain->victims, &self->chain->victim_options, run->event);
  if (stage == BENCH_VICTIM)
    return;
  gboolean hit = siaga_rules_match(self->chain->rules, run->event, &run->hits);
  if (stage == BENCH_RULES)
    return;
  if (hit)
    siaga_correlator_feed(run->correlator, run->event, &run->hits, &origin, &run->changes);
  else if (run->event->time_kind != SIAGA_TIME_NONE)
    siaga_correlator_advance(run->correlator, run->event->time, &origin, &run->changes);
  ctl_run_forget_changes(run);
}

static void
_each_line(Bench *self, BenchStage stage, LineFunc func)
{
  gsize from = 0;
  for (guint i = 0; i < self->lines->ends->len; i++)
    {
      gsize end = g_array_index(self->lines->ends, gsize, i);
      func(self, stage, self->lines->bytes->str + from, end - from);
      from = end;
    }
}

/* Nanoseconds of this thread's time per line. */
static gdouble
_measure_once(Bench *self, BenchStage stage)
{
  SiagaCorrelatorOptions options;
  siaga_correlator_options_init(&options);
  ctl_run_init(&self->run, self->chain, &options);
  gint64 start = siaga_thread_clock();
  _each_line(self, stage, _run_line);
  gint64 taken = siaga_thread_clock() - start;
  ctl_run_clear(&self->run);
  return (gdouble) taken / self->lines->ends->len;
}

/* The best of some rounds; the stages take turns, so that a busy moment does not fall on one of them. */
static void
_measure(Bench *self, gdouble *costs)
{
  for (guint round = 0; round < ROUNDS; round++)
    for (BenchStage stage = BENCH_HEADER; stage < BENCH_COUNT; stage++)
      {
        gdouble cost = _measure_once(self, stage);
        if (!round || cost < costs[stage])
          costs[stage] = cost;
      }
}

static gint
_compare_patterns(gconstpointer a, gconstpointer b)
{
  const SiagaPatternInfo *x = a, *y = b;
  return x->nanoseconds < y->nanoseconds ? 1 : x->nanoseconds > y->nanoseconds ? -1 : 0;
}

static gint
_compare_rules(gconstpointer a, gconstpointer b)
{
  const BenchRule *x = a, *y = b;
  return x->cost.nanoseconds < y->cost.nanoseconds ? 1 : x->cost.nanoseconds > y->cost.nanoseconds ? -1 : 0;
}

static GArray *
_time_patterns(Bench *self)
{
  GArray *infos = g_array_new(FALSE, FALSE, sizeof(SiagaPatternInfo));
  siaga_patterns_set_timing(self->chain->patterns, TRUE);
  _measure_once(self, BENCH_MATCH);
  siaga_patterns_set_timing(self->chain->patterns, FALSE);
  for (guint i = 0; i < siaga_patterns_size(self->chain->patterns); i++)
    {
      SiagaPatternInfo info;
      siaga_patterns_info(self->chain->patterns, i, &info);
      if (info.tried)
        g_array_append_val(infos, info);
    }
  g_array_sort(infos, _compare_patterns);
  return infos;
}

static void
_charge_line(Bench *self, BenchStage stage, const gchar *text, gsize length)
{
  _run_line(self, stage, text, length);
  siaga_rule_costs_add(self->rule_costs, self->run.event);
}

/* In a thread of its own: what a thread has found in a text it remembers, and the stages have seen these lines. */
static gpointer
_charge_lines(gpointer data)
{
  _each_line(data, BENCH_VICTIM, _charge_line);
  return NULL;
}

static GArray *
_time_rules(Bench *self)
{
  GArray *rules = g_array_new(FALSE, FALSE, sizeof(BenchRule));
  SiagaCorrelatorOptions options;

  siaga_correlator_options_init(&options);
  ctl_run_init(&self->run, self->chain, &options);
  self->rule_costs = siaga_rule_costs_new(self->chain->rules);
  g_thread_join(g_thread_new("rules", _charge_lines, self));
  for (guint i = 0; i < siaga_rules_size(self->chain->rules); i++)
    {
      BenchRule rule = { siaga_rules_get(self->chain->rules, i), *siaga_rule_costs_get(self->rule_costs, i) };
      if (rule.cost.judged || rule.cost.asked)
        g_array_append_val(rules, rule);
    }
  siaga_rule_costs_free(self->rule_costs);
  ctl_run_clear(&self->run);
  g_array_sort(rules, _compare_rules);
  return rules;
}

static int
_run(const CtlOptions *options, gint most)
{
  Bench self = { .options = options };
  SiagaChain *chain = ctl_load_chain(options, SIAGA_CHAIN_VICTIMS | SIAGA_CHAIN_RULES, NULL);
  if (!chain)
    return CTL_CANNOT;
  Lines lines = _read_lines(options, most);
  self.chain = chain;
  self.lines = &lines;
  if (lines.ends->len)
    {
      BenchReport report = { .lines = lines.ends->len };
      _measure(&self, report.costs);
      report.patterns = _time_patterns(&self);
      report.rules = _time_rules(&self);
      ctl_bench_print(&report, options->json);
      g_array_unref(report.patterns);
      g_array_unref(report.rules);
    }
  else
    ctl_error("no lines to measure with");
  int result = lines.ends->len ? CTL_DONE : CTL_CANNOT;
  g_string_free(lines.bytes, TRUE);
  g_array_unref(lines.ends);
  siaga_chain_free(chain);
  return result;
}

int
ctl_bench(int argc, char **argv)
{
  CtlOptions options;
  gint most = LINES_DEFAULT;
  const GOptionEntry extra[] = {
    { "lines", 'n', 0, G_OPTION_ARG_INT, &most, "read at most so many lines (200000)", "NUMBER" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  int result = CTL_CANNOT;
  if (ctl_options_parse(
          &options, argc, argv, "[FILE…]",
          "Measures on one core what a line costs, stage by stage, and which patterns and rules cost most.\n"
          "All rules are looked for in one scan, which is charged to none of them: a rule's cost is its\n"
          "condition, each time that something of it was found, and the confirmations of its regexes.",
          extra))
    result = _run(&options, most);
  ctl_options_clear(&options);
  return result;
}
