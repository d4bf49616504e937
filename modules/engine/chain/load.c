/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Loads the shipped files and the user's, in the order in which later ones win. */

#include "engine/chain/load.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <libpsl.h>

const gchar *const siaga_chain_field_files[] = { "fields.yaml", NULL };
const gchar *const siaga_chain_pattern_files[] = { "grok", SIAGA_FAMILY_WORDS, "patterns.d", NULL };
const gchar *const siaga_chain_geo_files[] = { "geo", NULL };

static gboolean
_is_named(const gchar *name)
{
  const gchar *const *const lists[] = {
    siaga_chain_field_files,  siaga_chain_pattern_files,   siaga_chain_rule_files,
    siaga_chain_victim_files, siaga_chain_lookalike_files, siaga_chain_share_files
  };
  for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
    if (g_strv_contains(lists[i], name))
      return TRUE;
  return FALSE;
}

void
siaga_chain_load_if_there(const gchar *dir, const gchar *name, SiagaLoadFile load, gpointer target, SiagaDiag *diag)
{
  g_return_if_fail(_is_named(name)); /* what is loaded must be seen when it changes */
  if (!dir)
    return;
  gchar *path = g_build_filename(dir, name, NULL);
  GStatBuf info;
  if (g_stat(path, &info) == 0)
    load(target, path, diag);
  else if (errno != ENOENT && errno != ENOTDIR)
    siaga_diag_error(diag, (SiagaPlace){ path, 0, 0 }, "cannot be read: %s", g_strerror(errno));
  g_free(path);
}

static gboolean
_extend_fields(gpointer target, const gchar *path, SiagaDiag *diag)
{
  return siaga_fields_extend(target, path, diag);
}

SiagaFields *
siaga_chain_load_fields(const SiagaChainSpec *spec, SiagaDiag *diag)
{
  gchar *path = g_build_filename(spec->data_dir, "fields.yaml", NULL);
  SiagaFields *fields = siaga_fields_load(path, diag);
  g_free(path);
  if (fields)
    siaga_chain_load_if_there(spec->config_dir, "fields.yaml", _extend_fields, fields, diag);
  return fields;
}

static gboolean
_load_shipped_patterns(gpointer target, const gchar *path, SiagaDiag *diag)
{
  return siaga_patterns_load(target, path, FALSE, diag);
}

static gboolean
_load_local_patterns(gpointer target, const gchar *path, SiagaDiag *diag)
{
  return siaga_patterns_load(target, path, TRUE, diag);
}

static void
_load_default_patterns(const SiagaChainSpec *spec, SiagaPatternSet *set, SiagaDiag *diag)
{
  for (guint family = SIAGA_FAMILY_WEB; family < SIAGA_FAMILIES; family++)
    if (!spec->families || spec->families & 1u << family)
      siaga_chain_load_if_there(spec->data_dir, siaga_family_name(family), _load_shipped_patterns, set, diag);
  siaga_chain_load_if_there(spec->config_dir, "patterns.d", _load_local_patterns, set, diag);
}

SiagaPatternSet *
siaga_chain_load_patterns(const SiagaChainSpec *spec, const SiagaFields *fields, SiagaDiag *diag)
{
  SiagaPatternOptions options = {
    .families = spec->families,
    .keep_samples = spec->keep_samples,
    .matcher = spec->matcher,
  };
  SiagaPatternSet *set = siaga_patterns_new(fields, &options);

  siaga_chain_load_if_there(spec->data_dir, "grok", _load_shipped_patterns, set, diag);
  siaga_chain_load_if_there(spec->config_dir, "grok", _load_local_patterns, set, diag);
  if (!spec->no_default_patterns)
    _load_default_patterns(spec, set, diag);
  for (const gchar *const *path = spec->patterns; path && *path; path++)
    siaga_patterns_load(set, *path, TRUE, diag);
  siaga_patterns_finish(set, diag);
  return set;
}

SiagaGeo *
siaga_chain_load_geo(const SiagaChainSpec *spec, SiagaDiag *diag)
{
  gchar *dir = spec->config_dir ? g_build_filename(spec->config_dir, "geo", NULL) : NULL;
  SiagaGeo *geo = siaga_geo_open(dir, diag);
  g_free(dir);
  return geo;
}

gpointer
siaga_public_suffixes(SiagaDiag *diag)
{
  static gsize once;
  static psl_ctx_t *suffixes;

  if (g_once_init_enter(&once))
    {
      suffixes = psl_latest(NULL);
      if (!suffixes)
        siaga_diag_warning(diag, (SiagaPlace){ NULL, 0, 0 },
                           "no public suffix list found (install publicsuffix): registered domains are the last two "
                           "labels of a name");
      g_once_init_leave(&once, 1);
    }
  return suffixes;
}

const gchar *
siaga_public_suffixes_file(gint64 *date_r)
{
  const gchar *file = psl_dist_filename();
  GStatBuf info;
  *date_r = file && g_stat(file, &info) == 0 ? info.st_mtime : 0;
  return file;
}
