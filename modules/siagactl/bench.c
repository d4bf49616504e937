/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl bench: what a line costs, stage by stage. */

#include "siagactl/siagactl.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINES_DEFAULT 200000
#define BYTES_MAX (512 * 1024 * 1024)
#define ROUNDS 3
#define SLOWEST 10

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
} Bench;

/* Each does what the one before does, and one thing more: the difference is that thing's cost. */
typedef enum
{
  STAGE_HEADER,
  STAGE_MATCH,
  STAGE_NORMALISE,
  STAGE_VICTIM,
  STAGE_RULES,
  STAGE_CORRELATE,
  STAGE_COUNT,
} Stage;

static const gchar *const stage_names[] = { "header", "patterns", "normalise", "victim", "rules", "correlate" };

static gint64
_now(void)
{
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * G_GINT64_CONSTANT(1000000000) + now.tv_nsec;
}

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

static void
_run_line(Bench *self, Stage stage, const gchar *text, gsize length)
{
  CtlRun *run = &self->run;
  SiagaLine line = { .priority = -1 };
  SiagaOrigin origin = { .stream = 1 };

  siaga_arena_reset(run->arena);
  siaga_line_read(&line, text, length, &self->options->time, run->arena);
  if (stage == STAGE_HEADER)
    return;
  gboolean parsed = siaga_patterns_match(self->chain->patterns, &line, &self->options->time, run->event);
  if (stage == STAGE_MATCH)
    return;
  if (parsed)
    siaga_normalise(&self->chain->normaliser, run->event);
  if (stage == STAGE_NORMALISE)
    return;
  siaga_victims_classify(self->chain->victims, &self->chain->victim_options, run->event);
  if (stage == STAGE_VICTIM)
    return;
  gboolean hit = siaga_rules_match(self->chain->rules, run->event, &run->hits);
  if (stage == STAGE_RULES)
    return;
  if (hit)
    siaga_correlator_feed(run->correlator, run->event, &run->hits, &origin, &run->changes);
  else if (run->event->time_kind != SIAGA_TIME_NONE)
    siaga_correlator_advance(run->correlator, run->event->time, &origin, &run->changes);
  ctl_run_forget_changes(run);
}

/* Nanoseconds of this thread's time per line. */
static gdouble
_measure_once(Bench *self, Stage stage)
{
  SiagaCorrelatorOptions options;
  siaga_correlator_options_init(&options);
  ctl_run_init(&self->run, self->chain, &options);
  gint64 start = _now();
  gsize from = 0;
  for (guint i = 0; i < self->lines->ends->len; i++)
    {
      gsize end = g_array_index(self->lines->ends, gsize, i);
      _run_line(self, stage, self->lines->bytes->str + from, end - from);
      from = end;
    }
  gint64 taken = _now() - start;
  ctl_run_clear(&self->run);
  return (gdouble) taken / self->lines->ends->len;
}

/* The best of some rounds; the stages take turns, so that a busy moment does not fall on one of them. */
static void
_measure(Bench *self, gdouble *costs)
{
  for (guint round = 0; round < ROUNDS; round++)
    for (Stage stage = STAGE_HEADER; stage < STAGE_COUNT; stage++)
      {
        gdouble cost = _measure_once(self, stage);
        if (!round || cost < costs[stage])
          costs[stage] = cost;
      }
}

static gint
_compare_cost(gconstpointer a, gconstpointer b)
{
  const SiagaPatternInfo *x = a, *y = b;
  return x->nanoseconds < y->nanoseconds ? 1 : x->nanoseconds > y->nanoseconds ? -1 : 0;
}

static GArray *
_time_patterns(Bench *self)
{
  GArray *infos = g_array_new(FALSE, FALSE, sizeof(SiagaPatternInfo));
  siaga_patterns_set_timing(self->chain->patterns, TRUE);
  _measure_once(self, STAGE_MATCH);
  siaga_patterns_set_timing(self->chain->patterns, FALSE);
  for (guint i = 0; i < siaga_patterns_size(self->chain->patterns); i++)
    {
      SiagaPatternInfo info;
      siaga_patterns_info(self->chain->patterns, i, &info);
      if (info.tried)
        g_array_append_val(infos, info);
    }
  g_array_sort(infos, _compare_cost);
  return infos;
}

static void
_print_stages(const Bench *self, const gdouble *costs)
{
  gchar nanoseconds[32], part[32];
  CtlTable *table = ctl_table_new((const gchar *const[]){ "stage", ">ns/line", ">share", NULL });
  for (guint i = 0; i < STAGE_COUNT; i++)
    {
      gdouble cost = MAX(0, costs[i] - (i ? costs[i - 1] : 0));
      g_snprintf(nanoseconds, sizeof nanoseconds, "%.0f", cost);
      g_snprintf(part, sizeof part, "%.0f%%", 100 * cost / MAX(costs[STAGE_COUNT - 1], 1));
      ctl_table_add(table, stage_names[i], nanoseconds, part, NULL);
    }
  g_snprintf(nanoseconds, sizeof nanoseconds, "%.0f", costs[STAGE_COUNT - 1]);
  ctl_table_add(table, "all", nanoseconds, "", NULL);
  ctl_print("%u lines, %.0f lines/s on one core\n\n", self->lines->ends->len, 1e9 / MAX(costs[STAGE_COUNT - 1], 1));
  ctl_table_print(table);
}

static void
_print_patterns(GArray *infos)
{
  CtlTable *table = ctl_table_new(
      (const gchar *const[]){ ">tried", ">matched", ">limits", ">bad times", ">ns each", "pattern", NULL });
  for (guint i = 0; i < MIN(infos->len, SLOWEST); i++)
    {
      const SiagaPatternInfo *info = &g_array_index(infos, SiagaPatternInfo, i);
      gchar tried[32], matched[32], limited[32], bad[32], cost[32];
      gchar *name = g_strdup_printf("%s/%s", info->dataset, info->id);
      g_snprintf(tried, sizeof tried, "%" G_GUINT64_FORMAT, info->tried);
      g_snprintf(matched, sizeof matched, "%" G_GUINT64_FORMAT, info->matched);
      g_snprintf(limited, sizeof limited, "%" G_GUINT64_FORMAT, info->limited);
      g_snprintf(bad, sizeof bad, "%" G_GUINT64_FORMAT, info->bad_times);
      g_snprintf(cost, sizeof cost, "%.0f", (gdouble) info->nanoseconds / info->tried);
      ctl_table_add(table, tried, matched, limited, bad, cost, name, NULL);
      g_free(name);
    }
  ctl_print("\n%sPatterns that cost most%s\n", ctl_color(CTL_BOLD), ctl_color(CTL_PLAIN));
  ctl_table_print(table);
}

static void
_print_json(const Bench *self, const gdouble *costs, GArray *infos)
{
  SiagaJson json;
  siaga_json_init(&json, ctl_out);
  siaga_json_open_object(&json, NULL);
  siaga_json_int(&json, "lines", self->lines->ends->len);
  siaga_json_open_object(&json, "ns_per_line");
  for (guint i = 0; i < STAGE_COUNT; i++)
    siaga_json_double(&json, stage_names[i], MAX(0, costs[i] - (i ? costs[i - 1] : 0)));
  siaga_json_double(&json, "all", costs[STAGE_COUNT - 1]);
  siaga_json_close_object(&json);
  siaga_json_open_list(&json, "patterns");
  for (guint i = 0; i < infos->len; i++)
    {
      const SiagaPatternInfo *info = &g_array_index(infos, SiagaPatternInfo, i);
      siaga_json_open_object(&json, NULL);
      siaga_json_string(&json, "dataset", info->dataset, -1);
      siaga_json_string(&json, "id", info->id, -1);
      siaga_json_int(&json, "tried", info->tried);
      siaga_json_int(&json, "matched", info->matched);
      siaga_json_int(&json, "limited", info->limited);
      siaga_json_int(&json, "bad_times", info->bad_times);
      siaga_json_int(&json, "nanoseconds", info->nanoseconds);
      siaga_json_close_object(&json);
    }
  siaga_json_close_list(&json);
  siaga_json_close_object(&json);
  ctl_print("\n");
}

static int
_run(const CtlOptions *options, gint most)
{
  Bench self = { .options = options };
  gdouble costs[STAGE_COUNT];
  SiagaChain *chain = ctl_load_chain(options, SIAGA_CHAIN_VICTIMS | SIAGA_CHAIN_RULES, NULL);
  if (!chain)
    return CTL_CANNOT;
  Lines lines = _read_lines(options, most);
  self.chain = chain;
  self.lines = &lines;
  if (lines.ends->len)
    {
      _measure(&self, costs);
      GArray *infos = _time_patterns(&self);
      if (options->json)
        _print_json(&self, costs, infos);
      else
        {
          _print_stages(&self, costs);
          _print_patterns(infos);
        }
      g_array_unref(infos);
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
  if (ctl_options_parse(&options, argc, argv, "[FILE…]",
                        "Measures on one core what a line costs, stage by stage, and which patterns cost most.", extra))
    result = _run(&options, most);
  ctl_options_clear(&options);
  return result;
}
