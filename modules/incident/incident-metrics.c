/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Copies the correlator's own counters; it counts without asking syslog-ng. */

#include "incident/incident-metrics.h"

#include <siaga/matcher.h>

typedef struct
{
  const gchar *value; /* of the label; of a rule's: the metric's name */
  gsize offset;
} Total;

#define TOTAL(member)                                                                                                  \
  {                                                                                                                    \
#member, G_STRUCT_OFFSET(SiagaCorrelatorStats, member)                                                             \
  }

static const Total totals[] = {
  TOTAL(events),
  TOTAL(hits),
  TOTAL(late),
  TOTAL(out_of_order),
  TOTAL(future),
  TOTAL(missing_field),
  TOTAL(received_time),
  TOTAL(keys),
  TOTAL(bytes),
  TOTAL(evicted),
  TOTAL(degraded),
  TOTAL(open),
  TOTAL(opened),
  TOTAL(closed),
  TOTAL(updates),
  TOTAL(journal_lost),
  TOTAL(checkpoints),
  TOTAL(checkpoints_failed),
  TOTAL(duplicates),
  TOTAL(journal_bytes),
  TOTAL(checkpoint_bytes),
  TOTAL(checkpoint_microseconds),
};

static const Total rule_totals[] = {
  { "siaga_rule_matches", G_STRUCT_OFFSET(SiagaRuleStats, matches) },
  { "siaga_rule_incidents", G_STRUCT_OFFSET(SiagaRuleStats, incidents) },
  { "siaga_rule_missing_field", G_STRUCT_OFFSET(SiagaRuleStats, missing_field) },
  { "siaga_rule_keys", G_STRUCT_OFFSET(SiagaRuleStats, keys) },
  { "siaga_rule_bytes", G_STRUCT_OFFSET(SiagaRuleStats, bytes) },
  { "siaga_rule_evicted", G_STRUCT_OFFSET(SiagaRuleStats, evicted) },
};

typedef struct
{
  StatsCounterItem *counters[G_N_ELEMENTS(rule_totals)];
} RuleCounters;

struct _IncidentMetrics
{
  gchar *id;
  gchar **rule_ids;
  guint rules;
  StatsCounterItem *totals[G_N_ELEMENTS(totals)], *open[SIAGA_LEVEL_CRITICAL + 1], *allowed, *given_up;
  RuleCounters *rule_counters;
  GArray *opened; /* of Opened: the picture's combinations, in its order */
};

typedef struct
{
  const gchar *const *labels; /* the picture's */
  StatsCounterItem *counter;
} Opened;

/* How many incidents of each level are open. */
static void
_apply_open(IncidentMetrics *self, SiagaMetric metric, gboolean add)
{
  for (SiagaLevel level = SIAGA_LEVEL_INFORMATIONAL; level <= SIAGA_LEVEL_CRITICAL; level++)
    {
      gchar *value = g_strconcat("open_", siaga_level_name(level), NULL);
      metric.value = value;
      siaga_metric_apply(&metric, &self->open[level], add);
      g_free(value);
    }
}

static void
_apply(IncidentMetrics *self, gboolean add)
{
  SiagaMetric metric = { .level = 0, .name = "siaga_correlator", .id = self->id, .label = "what" };

  for (guint i = 0; i < G_N_ELEMENTS(totals); i++)
    {
      metric.value = totals[i].value;
      siaga_metric_apply(&metric, &self->totals[i], add);
    }
  _apply_open(self, metric, add);
  metric.value = "allowed";
  siaga_metric_apply(&metric, &self->allowed, add);
  metric.value = "given_up";
  siaga_metric_apply(&metric, &self->given_up, add);
  metric.level = 2;
  metric.label = "rule";
  for (guint i = 0; i < self->rules; i++)
    for (guint j = 0; j < G_N_ELEMENTS(rule_totals); j++)
      {
        metric.value = self->rule_ids[i];
        metric.name = rule_totals[j].value;
        siaga_metric_apply(&metric, &self->rule_counters[i].counters[j], add);
      }
}

static void
_apply_opened(const IncidentMetrics *self, Opened *opened, gboolean add)
{
  SiagaMetric metric = { .level = 0, .name = "siaga_incidents_opened", .id = self->id, .more = opened->labels };
  siaga_metric_apply(&metric, &opened->counter, add);
}

IncidentMetrics *
incident_metrics_new(const gchar *id, const SiagaRules *rules)
{
  IncidentMetrics *self = g_new0(IncidentMetrics, 1);

  self->id = g_strdup(id);
  self->rules = siaga_rules_size(rules);
  self->rule_ids = g_new0(gchar *, self->rules + 1);
  self->rule_counters = g_new0(RuleCounters, self->rules);
  self->opened = g_array_new(FALSE, FALSE, sizeof(Opened));
  for (guint i = 0; i < self->rules; i++)
    self->rule_ids[i] = g_strdup(siaga_rules_get(rules, i)->id);
  _apply(self, TRUE);
  return self;
}

void
incident_metrics_free(IncidentMetrics *self)
{
  if (!self)
    return;
  _apply(self, FALSE);
  for (guint i = 0; i < self->opened->len; i++)
    _apply_opened(self, &g_array_index(self->opened, Opened, i), FALSE);
  g_array_free(self->opened, TRUE);
  g_strfreev(self->rule_ids);
  g_free(self->rule_counters);
  g_free(self->id);
  g_free(self);
}

void
incident_metrics_update(IncidentMetrics *self, SiagaCorrelator *correlator, guint64 allowed)
{
  SiagaCorrelatorStats stats;
  SiagaRuleStats rule;

  siaga_correlator_stats(correlator, &stats);
  for (guint i = 0; i < G_N_ELEMENTS(totals); i++)
    stats_counter_set(self->totals[i], G_STRUCT_MEMBER(guint64, &stats, totals[i].offset));
  for (SiagaLevel level = SIAGA_LEVEL_INFORMATIONAL; level <= SIAGA_LEVEL_CRITICAL; level++)
    stats_counter_set(self->open[level], stats.by_level_open[level]);
  stats_counter_set(self->allowed, allowed);
  stats_counter_set(self->given_up, siaga_matcher_given_up());
  if (!stats_check_level(2))
    return;
  for (guint i = 0; i < self->rules; i++)
    {
      siaga_correlator_rule_stats(correlator, i, &rule);
      for (guint j = 0; j < G_N_ELEMENTS(rule_totals); j++)
        stats_counter_set(self->rule_counters[i].counters[j], G_STRUCT_MEMBER(guint64, &rule, rule_totals[j].offset));
    }
}

void
incident_metrics_update_picture(IncidentMetrics *self, IncidentPicture *picture)
{
  guint size = incident_picture_size(picture);
  for (guint i = 0; i < size; i++)
    {
      Opened opened = { NULL, NULL };
      guint64 count = incident_picture_get(picture, i, &opened.labels);
      if (i == self->opened->len)
        {
          _apply_opened(self, &opened, TRUE);
          g_array_append_val(self->opened, opened);
        }
      stats_counter_set(g_array_index(self->opened, Opened, i).counter, count);
    }
}
