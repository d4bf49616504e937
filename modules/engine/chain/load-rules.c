/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Loads rules, shipped and local. */

#include "engine/chain/load.h"

const gchar *const siaga_chain_rule_files[] = { "sigma.yaml", "placeholders.yaml", "rules",   "correlations",
                                                "rules.d",    "overrides.yaml",    "allow.d", NULL };

static gboolean
_load_rules(gpointer target, const gchar *path, SiagaDiag *diag)
{
  return siaga_rules_load(target, path, diag);
}

static gboolean
_load_overrides(gpointer target, const gchar *path, SiagaDiag *diag)
{
  return siaga_rules_load_overrides(target, path, diag);
}

static gboolean
_load_placeholders(gpointer target, const gchar *path, SiagaDiag *diag)
{
  return siaga_rules_load_placeholders(target, path, diag);
}

SiagaRules *
siaga_chain_load_rules(const SiagaChainSpec *spec, const SiagaFields *fields, SiagaDiag *diag)
{
  gchar *mapping = g_build_filename(spec->data_dir, "sigma.yaml", NULL);
  SiagaRuleOptions options = {
    .mapping = mapping,
    .matcher = spec->matcher,
    .keep_samples = spec->keep_samples,
  };
  SiagaRules *rules = siaga_rules_new(fields, &options, diag);

  g_free(mapping);
  if (!rules)
    return NULL;
  siaga_chain_load_if_there(spec->data_dir, "placeholders.yaml", _load_placeholders, rules, diag);
  siaga_chain_load_if_there(spec->config_dir, "placeholders.yaml", _load_placeholders, rules, diag);
  if (!spec->no_default_rules)
    {
      siaga_chain_load_if_there(spec->data_dir, "rules", _load_rules, rules, diag);
      siaga_chain_load_if_there(spec->data_dir, "correlations", _load_rules, rules, diag);
      siaga_chain_load_if_there(spec->config_dir, "rules.d", _load_rules, rules, diag);
    }
  for (const gchar *const *path = spec->rules; path && *path; path++)
    siaga_rules_load(rules, *path, diag);
  siaga_chain_load_if_there(spec->config_dir, "overrides.yaml", _load_overrides, rules, diag);
  siaga_rules_finish(rules, diag);
  return rules;
}
