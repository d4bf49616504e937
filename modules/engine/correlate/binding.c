/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Ties the correlator to the rule set: everything else here knows rule records only. */

#include "view.h"

#include <stdlib.h>

static gint
_find(gpointer rules, const gchar *id_or_name)
{
  const SiagaRule *rule = siaga_rules_find(rules, id_or_name);
  return rule ? (gint) rule->index : siaga_rules_absence(rules, id_or_name);
}

gboolean
siaga_correlations_resolve(SiagaCorrelations *self, SiagaRules *rules, SiagaReferenceMark mark, SiagaDiag *diag)
{
  return siaga_correlations_resolve_with(self, _find, mark, rules, diag);
}

static const SiagaCorrelation *
_correlation_of(const SiagaRules *rules, guint rule)
{
  const SiagaCorrelations *all = siaga_rules_correlations(rules);
  for (guint i = 0; all && i < siaga_correlations_size(all); i++)
    if (siaga_correlations_get(all, i)->index == rule)
      return siaga_correlations_get(all, i);
  return NULL;
}

static gint
_compare(gconstpointer a, gconstpointer b)
{
  return *(const guint16 *) a - *(const guint16 *) b;
}

guint
siaga_rules_references(const SiagaRules *self, guint rule, guint16 *out, guint max)
{
  const SiagaCorrelation *correlation = _correlation_of(self, rule);
  guint count = 0, kept = 0;
  for (guint i = 0; correlation && i < correlation->references->len && count < max; i++)
    if (g_array_index(correlation->references, SiagaReference, i).rule >= 0)
      out[count++] = g_array_index(correlation->references, SiagaReference, i).rule;
  qsort(out, count, sizeof *out, _compare);
  for (guint i = 0; i < count; i++)
    if (!kept || out[kept - 1] != out[i])
      out[kept++] = out[i];
  return kept;
}

static const SiagaRule **
_view_of(SiagaRules *rules, SiagaRuleView *view)
{
  guint count = siaga_rules_size(rules);
  const SiagaRule **records = g_new0(const SiagaRule *, count + 1);
  for (guint i = 0; i < count; i++)
    records[i] = siaga_rules_get(rules, i)->disabled ? NULL : siaga_rules_get(rules, i);
  *view = (SiagaRuleView){ .rules = rules,
                           .ref = siaga_rules_ref,
                           .unref = siaga_rules_unref,
                           .records = records,
                           .count = count,
                           .correlations = siaga_rules_correlations(rules) };
  if (view->correlations)
    view->fields = siaga_correlations_fields(view->correlations);
  return records;
}

SiagaCorrelator *
siaga_correlator_new(SiagaRules *rules, const SiagaCorrelatorOptions *options)
{
  SiagaRuleView view;
  const SiagaRule **records = _view_of(rules, &view);
  SiagaCorrelator *self = siaga_correlator_new_view(&view, options);
  g_free(records);
  return self;
}

void
siaga_correlator_set_rules(SiagaCorrelator *self, SiagaRules *rules)
{
  SiagaRuleView view;
  const SiagaRule **records = _view_of(rules, &view);
  siaga_correlator_set_view(self, &view);
  g_free(records);
}
