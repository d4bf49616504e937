/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Loads the sharing policies. */

#include "engine/chain/load.h"

const gchar *const siaga_chain_share_files[] = { "sharing", "sharing.d", NULL };

static gboolean
_load_share(gpointer target, const gchar *path, SiagaDiag *diag)
{
  return siaga_share_load(target, path, diag);
}

SiagaShare *
siaga_chain_load_share(const SiagaChainSpec *spec, SiagaDiag *diag)
{
  SiagaShare *share = siaga_share_new();
  siaga_share_set_public_suffixes(share, siaga_public_suffixes(diag));
  if (!spec->no_default_policies)
    siaga_chain_load_if_there(spec->data_dir, "sharing", _load_share, share, diag);
  siaga_chain_load_if_there(spec->config_dir, "sharing.d", _load_share, share, diag);
  for (const gchar *const *path = spec->policies; path && *path; path++)
    siaga_share_load(share, *path, diag);
  return share;
}
