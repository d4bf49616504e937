/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Prints what siagactl bench measured. */

#include "siagactl/bench.h"

#define SLOWEST 10

static const gchar *const stage_names[] = { "header", "patterns", "normalise", "victim", "rules", "correlate" };

/* Each stage does what the one before does, and one thing more. */
static gdouble
_stage_cost(const BenchReport *self, guint stage)
{
  return MAX(0, self->costs[stage] - (stage ? self->costs[stage - 1] : 0));
}

static void
_print_stages(const BenchReport *self)
{
  gchar nanoseconds[32], part[32];
  CtlTable *table = ctl_table_new((const gchar *const[]){ "stage", ">ns/line", ">share", NULL });
  for (guint i = 0; i < BENCH_COUNT; i++)
    {
      gdouble cost = _stage_cost(self, i);
      g_snprintf(nanoseconds, sizeof nanoseconds, "%.0f", cost);
      g_snprintf(part, sizeof part, "%.0f%%", 100 * cost / MAX(self->costs[BENCH_COUNT - 1], 1));
      ctl_table_add(table, stage_names[i], nanoseconds, part, NULL);
    }
  g_snprintf(nanoseconds, sizeof nanoseconds, "%.0f", self->costs[BENCH_COUNT - 1]);
  ctl_table_add(table, "all", nanoseconds, "", NULL);
  ctl_print("%u lines, %.0f lines/s on one core\n\n", self->lines, 1e9 / MAX(self->costs[BENCH_COUNT - 1], 1));
  ctl_table_print(table);
}

static void
_print_patterns(const GArray *infos)
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
_print_rules(const BenchReport *self)
{
  CtlTable *table =
      ctl_table_new((const gchar *const[]){ ">judged", ">matched", ">confirmed", ">ns/line", "rule", NULL });
  for (guint i = 0; i < MIN(self->rules->len, SLOWEST); i++)
    {
      const BenchRule *rule = &g_array_index(self->rules, BenchRule, i);
      gchar judged[32], matched[32], asked[32], cost[32];
      g_snprintf(judged, sizeof judged, "%" G_GUINT64_FORMAT, rule->cost.judged);
      g_snprintf(matched, sizeof matched, "%" G_GUINT64_FORMAT, rule->cost.matched);
      g_snprintf(asked, sizeof asked, "%" G_GUINT64_FORMAT, rule->cost.asked);
      g_snprintf(cost, sizeof cost, "%.1f", (gdouble) rule->cost.nanoseconds / self->lines);
      ctl_table_add(table, judged, matched, asked, cost, rule->rule->title, NULL);
    }
  ctl_print("\n%sRules that cost most%s beyond the scan that all share\n", ctl_color(CTL_BOLD), ctl_color(CTL_PLAIN));
  ctl_table_print(table);
}

static void
_write_patterns(SiagaJson *json, const GArray *infos)
{
  siaga_json_open_list(json, "patterns");
  for (guint i = 0; i < infos->len; i++)
    {
      const SiagaPatternInfo *info = &g_array_index(infos, SiagaPatternInfo, i);
      siaga_json_open_object(json, NULL);
      siaga_json_string(json, "dataset", info->dataset, -1);
      siaga_json_string(json, "id", info->id, -1);
      siaga_json_int(json, "tried", info->tried);
      siaga_json_int(json, "matched", info->matched);
      siaga_json_int(json, "limited", info->limited);
      siaga_json_int(json, "bad_times", info->bad_times);
      siaga_json_int(json, "nanoseconds", info->nanoseconds);
      siaga_json_close_object(json);
    }
  siaga_json_close_list(json);
}

static void
_write_rules(SiagaJson *json, const GArray *rules)
{
  siaga_json_open_list(json, "rules");
  for (guint i = 0; i < rules->len; i++)
    {
      const BenchRule *rule = &g_array_index(rules, BenchRule, i);
      siaga_json_open_object(json, NULL);
      siaga_json_string(json, "id", rule->rule->id, -1);
      siaga_json_string(json, "title", rule->rule->title, -1);
      siaga_json_int(json, "judged", rule->cost.judged);
      siaga_json_int(json, "matched", rule->cost.matched);
      siaga_json_int(json, "confirmed", rule->cost.asked);
      siaga_json_int(json, "nanoseconds", rule->cost.nanoseconds);
      siaga_json_close_object(json);
    }
  siaga_json_close_list(json);
}

static void
_print_json(const BenchReport *self)
{
  SiagaJson json;
  siaga_json_init(&json, ctl_out);
  siaga_json_open_object(&json, NULL);
  siaga_json_int(&json, "lines", self->lines);
  siaga_json_open_object(&json, "ns_per_line");
  for (guint i = 0; i < BENCH_COUNT; i++)
    siaga_json_double(&json, stage_names[i], _stage_cost(self, i));
  siaga_json_double(&json, "all", self->costs[BENCH_COUNT - 1]);
  siaga_json_close_object(&json);
  _write_patterns(&json, self->patterns);
  _write_rules(&json, self->rules);
  siaga_json_close_object(&json);
  ctl_print("\n");
}

void
ctl_bench_print(const BenchReport *report, gboolean json)
{
  if (json)
    {
      _print_json(report);
      return;
    }
  _print_stages(report);
  _print_patterns(report->patterns);
  _print_rules(report);
}
