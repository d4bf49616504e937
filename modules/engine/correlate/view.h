/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the correlator sees of a rule set: rule records and correlations, nothing of how rules match. */

#ifndef SIAGA_CORRELATE_VIEW_H_INCLUDED
#define SIAGA_CORRELATE_VIEW_H_INCLUDED

#include "correlation.h"

/* RULES and the two functions keep the records alive; all three may be NULL for records that outlive everything. */
typedef struct
{
  SiagaRules *rules;
  SiagaRules *(*ref)(SiagaRules *rules);
  void (*unref)(SiagaRules *rules);
  const SiagaRule *const *records; /* NULL where a rule was left out */
  guint count;
  const SiagaCorrelations *correlations; /* NULL: none */
  const SiagaFields *fields;
} SiagaRuleView;

/* As siaga_correlator_new and _set_rules.  RECORDS is copied. */
SiagaCorrelator *siaga_correlator_new_view(const SiagaRuleView *view, const SiagaCorrelatorOptions *options);
void siaga_correlator_set_view(SiagaCorrelator *self, const SiagaRuleView *view);

#endif
