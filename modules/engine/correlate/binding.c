/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Ties the correlator to the rule set: everything else here knows rule records only. */

#include "view.h"

static gint
_find(gpointer rules, const gchar *id_or_name)
{
  const SiagaRule *rule = siaga_rules_find(rules, id_or_name);
  return rule ? (gint) rule->index : -1;
}

gboolean
siaga_correlations_resolve(SiagaCorrelations *self, SiagaRules *rules, SiagaReferenceMark mark, SiagaDiag *diag)
{
  return siaga_correlations_resolve_with(self, _find, mark, rules, diag);
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
