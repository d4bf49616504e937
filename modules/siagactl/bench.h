/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What siagactl bench measured, for its printer. */

#ifndef SIAGACTL_BENCH_H_INCLUDED
#define SIAGACTL_BENCH_H_INCLUDED

#include "siagactl/siagactl.h"

/* Each does what the one before does, and one thing more: the difference is that thing's cost. */
typedef enum
{
  BENCH_HEADER,
  BENCH_MATCH,
  BENCH_NORMALISE,
  BENCH_VICTIM,
  BENCH_RULES,
  BENCH_CORRELATE,
  BENCH_COUNT,
} BenchStage;

typedef struct
{
  const SiagaRule *rule;
  SiagaRuleCost cost;
} BenchRule;

typedef struct
{
  guint lines;
  gdouble costs[BENCH_COUNT]; /* nanoseconds of a line up to the end of each stage */
  GArray *patterns;           /* of SiagaPatternInfo that were tried, the dearest first */
  GArray *rules;              /* of BenchRule that did anything, the dearest first */
} BenchReport;

void ctl_bench_print(const BenchReport *report, gboolean json);

#endif
