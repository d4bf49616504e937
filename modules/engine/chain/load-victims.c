/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Loads the tables of victims, shipped and local. */

#include "engine/chain/load.h"

const gchar *const siaga_chain_victim_files[] = { "domains", "domains.d", NULL };

static gboolean
_load_victims(gpointer target, const gchar *path, SiagaDiag *diag)
{
  return siaga_victims_load(target, path, diag);
}

SiagaVictims *
siaga_chain_load_victims(const SiagaChainSpec *spec, SiagaDiag *diag)
{
  SiagaVictims *victims = siaga_victims_new();
  if (!spec->no_default_tables)
    siaga_chain_load_if_there(spec->data_dir, "domains", _load_victims, victims, diag);
  siaga_chain_load_if_there(spec->config_dir, "domains.d", _load_victims, victims, diag);
  for (const gchar *const *path = spec->tables; path && *path; path++)
    siaga_victims_load(victims, *path, diag);
  for (const gchar *const *name = spec->own_domains; name && *name; name++)
    if (!siaga_victims_add_own(victims, *name))
      siaga_diag_error(diag, (SiagaPlace){ NULL, 0, 0 }, "own domain '%s': not a domain name", *name);
  siaga_victims_set_public_suffixes(victims, siaga_public_suffixes(diag));
  siaga_victims_finish(victims, diag);
  return victims;
}
