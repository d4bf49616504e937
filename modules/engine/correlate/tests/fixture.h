/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A correlator over rules written in the test: detections are only names, correlations are YAML. */

#ifndef SIAGA_CORRELATE_TESTS_FIXTURE_H_INCLUDED
#define SIAGA_CORRELATE_TESTS_FIXTURE_H_INCLUDED

#include "engine/correlate/view.h"

#define MINUTE (60 * SIAGA_SECOND)
#define HOUR (60 * MINUTE)
#define T0 G_GINT64_CONSTANT(1795228200000000)

typedef struct
{
  SiagaFields *fields;
  SiagaDiag *diag;
  SiagaCorrelations *correlations;
  SiagaRule rules[64];
  const SiagaRule *records[64];
  guint count;
  SiagaRuleView view;
  SiagaCorrelatorOptions options;
  SiagaCorrelator *correlator;
  SiagaEvent *event;
  SiagaChanges changes;
  guint64 stream;
} Fixture;

/* DETECTIONS: names parted by blanks; one that ends in '!' is of level high, others are informational. */
void fixture_init(Fixture *self, const gchar *detections);
/* A document with title, name, level and correlation. */
void fixture_correlation(Fixture *self, const gchar *yaml);
void fixture_start(Fixture *self);
void fixture_clear(Fixture *self);

/* An event of rule NAME (several: parted by blanks) at T0 + TIME microseconds.  FIELDS: "name=value name=value". */
void fixture_feed(Fixture *self, SiagaTime time, const gchar *names, const gchar *fields);
void fixture_finish(Fixture *self);

const SiagaIncident *fixture_change(const Fixture *self, guint index);
guint fixture_changes(const Fixture *self);
/* The last change of each incident, in the order they opened. */
GPtrArray *fixture_final(const Fixture *self);
gchar *fixture_errors(const Fixture *self);

#endif
