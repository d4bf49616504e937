/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Seven hundred patterns are not seven hundred lines of statistics: only what happened is registered. */

#include "glue/compat.h"

#include "glue/pattern-metrics.h"

#include <iv.h>
#include <timeutils/misc.h>

#define PUBLISH_MS 1000
#define TIMING_LEVEL 3

typedef struct
{
  const gchar *name;
  gint level;
  gsize offset; /* into SiagaPatternInfo */
} Kind;

#define KIND(text, stats_level, member)                                                                                \
  {                                                                                                                    \
    "siaga_pattern_" text, stats_level, G_STRUCT_OFFSET(SiagaPatternInfo, member)                                      \
  }

static const Kind kinds[] = {
  KIND("limits", 1, limited),
  KIND("bad_times", 1, bad_times),
  KIND("matches", 2, matched),
  KIND("tries", 2, tried),
  KIND("nanoseconds", TIMING_LEVEL, nanoseconds),
};

typedef struct
{
  StatsCounterItem *of[G_N_ELEMENTS(kinds)]; /* NULL: not registered */
} Counters;

struct _SiagaPatternMetrics
{
  SiagaPatternSet *patterns;
  gchar *id;
  guint size, users;
  Counters *counters; /* one for each pattern */
  struct iv_timer timer;
};

static void
_apply(const SiagaPatternMetrics *self, const SiagaPatternInfo *info, guint kind, StatsCounterItem **counter,
       gboolean add)
{
  gchar *pattern = g_strdup_printf("%s/%s", info->dataset, info->id);
  SiagaMetric metric = {
    .level = kinds[kind].level, .name = kinds[kind].name, .id = self->id, .label = "pattern", .value = pattern
  };
  siaga_metric_apply(&metric, counter, add);
  g_free(pattern);
}

static void
_publish_pattern(SiagaPatternMetrics *self, guint index)
{
  Counters *counters = &self->counters[index];
  SiagaPatternInfo info;

  siaga_patterns_info(self->patterns, index, &info);
  for (guint i = 0; i < G_N_ELEMENTS(kinds); i++)
    {
      const guint64 count = G_STRUCT_MEMBER(guint64, &info, kinds[i].offset);
      if (!count || !stats_check_level(kinds[i].level))
        continue;
      if (!counters->of[i])
        _apply(self, &info, i, &counters->of[i], TRUE);
      stats_counter_set(counters->of[i], count);
    }
}

static void
_publish(SiagaPatternMetrics *self)
{
  siaga_patterns_set_timing(self->patterns, stats_check_level(TIMING_LEVEL));
  if (!stats_check_level(kinds[0].level))
    return;
  for (guint i = 0; i < self->size; i++)
    _publish_pattern(self, i);
}

static void
_start_timer(SiagaPatternMetrics *self)
{
  iv_validate_now();
  self->timer.expires = iv_now;
  timespec_add_msec(&self->timer.expires, PUBLISH_MS);
  iv_timer_register(&self->timer);
}

static void
_tick(gpointer data)
{
  _publish(data);
  _start_timer(data);
}

void
siaga_pattern_metrics_start(SiagaPatternMetrics *self)
{
  if (self->users++)
    return;
  _publish(self);
  _start_timer(self);
}

void
siaga_pattern_metrics_stop(SiagaPatternMetrics *self)
{
  if (!self->users || --self->users)
    return;
  iv_timer_unregister(&self->timer);
  _publish(self);
}

SiagaPatternMetrics *
siaga_pattern_metrics_new(SiagaPatternSet *patterns, const gchar *id)
{
  SiagaPatternMetrics *self = g_new0(SiagaPatternMetrics, 1);

  self->patterns = patterns;
  self->id = g_strdup(id);
  self->size = siaga_patterns_size(patterns);
  self->counters = g_new0(Counters, self->size + 1);
  IV_TIMER_INIT(&self->timer);
  self->timer.cookie = self;
  self->timer.handler = _tick;
  return self;
}

void
siaga_pattern_metrics_free(SiagaPatternMetrics *self)
{
  if (!self)
    return;
  for (guint i = 0; i < self->size; i++)
    {
      SiagaPatternInfo info;
      siaga_patterns_info(self->patterns, i, &info);
      for (guint j = 0; j < G_N_ELEMENTS(kinds); j++)
        if (self->counters[i].of[j])
          _apply(self, &info, j, &self->counters[i].of[j], FALSE);
    }
  g_free(self->counters);
  g_free(self->id);
  g_free(self);
}
