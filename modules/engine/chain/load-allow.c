/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Loads the allowances of this site. */

#include "engine/chain/load.h"

typedef struct
{
  SiagaAllow *allow;
  const SiagaRules *rules;
} Target;

static gboolean
_load_allow(gpointer data, const gchar *path, SiagaDiag *diag)
{
  Target *target = data;
  return siaga_allow_load(target->allow, target->rules, path, diag);
}

SiagaAllow *
siaga_chain_load_allow(const SiagaChainSpec *spec, const SiagaRules *rules, SiagaDiag *diag)
{
  Target target = { siaga_allow_new(), rules };
  siaga_chain_load_if_there(spec->config_dir, "allow.d", _load_allow, &target, diag);
  for (const gchar *const *path = spec->allowances; path && *path; path++)
    siaga_allow_load(target.allow, rules, *path, diag);
  return target.allow;
}
