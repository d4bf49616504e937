/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What each pattern did, in syslog-ng's statistics.  The set counts by itself; a timer copies. */

#ifndef SIAGA_GLUE_PATTERN_METRICS_H_INCLUDED
#define SIAGA_GLUE_PATTERN_METRICS_H_INCLUDED

#include <siaga/pattern.h>

/* Main thread.  A counter appears when it is no longer zero, from its level on: level 1 what is amiss
 * (siaga_pattern_limits, siaga_pattern_bad_times), level 2 siaga_pattern_matches and siaga_pattern_tries, level 3
 * siaga_pattern_nanoseconds, for which every try is timed.  Labels: the instance, and pattern = "DATASET/ID". */
typedef struct _SiagaPatternMetrics SiagaPatternMetrics;

/* PATTERNS must live as long.  ID: the instance's name; parsers that share a set share its counters. */
SiagaPatternMetrics *siaga_pattern_metrics_new(SiagaPatternSet *patterns, const gchar *id);
void siaga_pattern_metrics_free(SiagaPatternMetrics *self); /* NULL allowed */

/* The timer runs while more have started than stopped; stopping copies once more. */
void siaga_pattern_metrics_start(SiagaPatternMetrics *self);
void siaga_pattern_metrics_stop(SiagaPatternMetrics *self);

#endif
