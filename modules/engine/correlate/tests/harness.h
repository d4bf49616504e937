/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the tests of the correlator by theme share: one fixture for all of a program's tests, and a rule that most know.
 */

#ifndef SIAGA_CORRELATE_TESTS_HARNESS_H_INCLUDED
#define SIAGA_CORRELATE_TESTS_HARNESS_H_INCLUDED

#include "engine/correlate/core.h"
#include "fixture.h"
#include "tests/harness/run.h"

#include <string.h>

extern Fixture f;

#define BRUTE                                                                                                          \
  "title: Brute force\nname: brute\nlevel: high\ncorrelation:\n  type: event_count\n  rules: [failed]\n"               \
  "  group-by: [source.ip]\n  timespan: 5m\n  condition: { gte: 5 }\n"

/* Begins the fixture's life; EXPECTED is what its rules are told, empty: nothing. */
void start_expecting(const gchar *expected);
/* Begins the fixture's life with YAML's rules over DETECTIONS; the rules have no fault. */
void start(const gchar *detections, const gchar *yaml);
/* Incidents that there were so far. */
guint final_count(void);
/* And all there are in the end; the fixture is cleared. */
guint end_and_count(void);
/* The first of FINAL that is one; NULL: none. */
const SiagaIncident *campaign_of(const GPtrArray *final);
/* What the incidents of SHARD are charged. */
guint64 bytes_of_cases(const SiagaShard *shard);

#endif
