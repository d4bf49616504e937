/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Loads what look-alikes are measured against, and the lists of names. */

#include "engine/chain/load.h"

const gchar *const siaga_chain_lookalike_files[] = { "domains",        "agencies.csv",
                                                     "bait-words.txt", "lookalike-allow.txt",
                                                     "domains.lists",  NULL };

static gboolean
_load_agencies(gpointer target, const gchar *path, SiagaDiag *diag)
{
  return siaga_lookalikes_load_agencies(target, path, diag);
}

static gboolean
_load_bait(gpointer target, const gchar *path, SiagaDiag *diag)
{
  return siaga_lookalikes_load_bait(target, path, diag);
}

static gboolean
_load_allow(gpointer target, const gchar *path, SiagaDiag *diag)
{
  return siaga_lookalikes_load_allow(target, path, diag);
}

static void
_load_all(SiagaLookalikes *lookalikes, const gchar *dir, SiagaDiag *diag)
{
  siaga_chain_load_if_there(dir, "agencies.csv", _load_agencies, lookalikes, diag);
  siaga_chain_load_if_there(dir, "bait-words.txt", _load_bait, lookalikes, diag);
  siaga_chain_load_if_there(dir, "lookalike-allow.txt", _load_allow, lookalikes, diag);
}

SiagaLookalikes *
siaga_chain_load_lookalikes(const SiagaChainSpec *spec, SiagaVictims *victims, SiagaDiag *diag)
{
  SiagaLookalikes *lookalikes = siaga_lookalikes_new(victims, siaga_public_suffixes(diag));
  gchar *shipped = g_build_filename(spec->data_dir, "domains", NULL);
  if (!spec->no_default_tables)
    _load_all(lookalikes, shipped, diag);
  _load_all(lookalikes, spec->config_dir, diag);
  for (const gchar *const *name = spec->local_suffixes; name && *name; name++)
    if (!siaga_lookalikes_add_allow(lookalikes, *name))
      siaga_diag_error(diag, (SiagaPlace){ NULL, 0, 0 }, "local suffix '%s': not a domain name", *name);
  g_free(shipped);
  return lookalikes;
}

SiagaLists *
siaga_chain_load_lists(const SiagaChainSpec *spec, SiagaDiag *diag)
{
  if (spec->lists)
    return siaga_lists_open(spec->lists, diag);
  gchar *path = spec->config_dir ? g_build_filename(spec->config_dir, "domains.lists", NULL) : NULL;
  SiagaLists *lists = path && g_file_test(path, G_FILE_TEST_EXISTS) ? siaga_lists_open(path, diag) : NULL;
  g_free(path);
  return lists;
}
