/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Loads a room's data once and sorts mistakes by whose they are. */

#include "glue/data.h"

#include <siaga/data.h>

#include <glib/gstdio.h>

#include <errno.h>
#include <string.h>

const gchar *const siaga_publish_words[] = { "all", "matched", "none", NULL };

void
siaga_data_options_init(gpointer options)
{
  SiagaDataOptions *self = options;
  self->strict = TRUE;
}

/* A running load: SiagaShared calls back with one pointer. */
typedef struct
{
  const SiagaDataRequest *request;
  SiagaChainSpec load;
  gboolean strict;
  SiagaDiag *refusal;
} Loading;

static void
_key_paths(GString *key, const gchar *const *paths)
{
  for (; paths && *paths; paths++)
    siaga_shared_key(key, *paths);
}

static gchar *
_key(const Loading *self)
{
  const SiagaChainSpec *load = &self->load;
  GString *key = g_string_new(self->request->what);

  g_string_append_printf(key, " families %u patterns %d rules %d tables %d strict %d\n", load->families,
                         !load->no_default_patterns, !load->no_default_rules, !load->no_default_tables, self->strict);
  for (const gchar *const *name = load->own_domains; name && *name; name++)
    g_string_append_printf(key, "own %s\n", *name);
  for (const gchar *const *name = load->local_suffixes; name && *name; name++)
    g_string_append_printf(key, "local %s\n", *name);
  if (load->lists)
    g_string_append_printf(key, "lists %s\n", load->lists);
  siaga_shared_key(key, load->data_dir);
  siaga_shared_key(key, load->config_dir);
  _key_paths(key, load->patterns);
  _key_paths(key, load->rules);
  _key_paths(key, load->tables);
  _key_paths(key, load->policies);
  return g_string_free(key, FALSE);
}

static gboolean
_is_below(const gchar *file, const gchar *dir)
{
  gsize length = strlen(dir);
  return strncmp(file, dir, length) == 0 && (file[length] == '/' || file[length] == '\0');
}

static gboolean
_has_local_error(const SiagaDiag *diag, const gchar *data_dir)
{
  for (guint i = 0; i < siaga_diag_size(diag); i++)
    {
      const SiagaDiagMessage *message = siaga_diag_get(diag, i);
      if (message->level == SIAGA_DIAG_ERROR && message->file && !_is_below(message->file, data_dir))
        return TRUE;
    }
  return FALSE;
}

static void
_check_readable(const gchar *const *paths, SiagaDiag *diag)
{
  for (; paths && *paths; paths++)
    if (g_access(*paths, R_OK) != 0)
      siaga_diag_error(diag, (SiagaPlace){ .file = *paths }, "cannot be read: %s", g_strerror(errno));
}

static gpointer
_load(gpointer user_data)
{
  Loading *self = user_data;
  const SiagaDataRequest *request = self->request;
  SiagaDiag *diag = siaga_diag_new();

  _check_readable(self->load.patterns, diag);
  _check_readable(self->load.rules, diag);
  _check_readable(self->load.tables, diag);
  _check_readable(self->load.policies, diag);
  gpointer value = request->func(&self->load, diag);
  siaga_report(diag);
  if (value && self->strict && _has_local_error(diag, self->load.data_dir))
    {
      siaga_diag_error(self->refusal, (SiagaPlace){ 0 },
                       "there are mistakes in files of this site, named above; mend them, or say strict(no) to go on "
                       "without what is wrong");
      g_clear_pointer(&value, request->free_value);
    }
  siaga_diag_free(diag);
  return value;
}

SiagaShared *
siaga_data_get(const SiagaDataOptions *options, const SiagaDataRequest *request, SiagaDiag *diag)
{
  gchar *data_dir = options->data_dir ? g_strdup(options->data_dir) : siaga_data_dir(NULL);
  gchar *config_dir = options->config_dir ? g_strdup(options->config_dir) : siaga_config_dir();
  Loading loading = { .request = request, .load = request->load, .strict = options->strict, .refusal = diag };

  loading.load.data_dir = data_dir;
  loading.load.config_dir = config_dir;
  gchar *key = _key(&loading);
  SiagaShared *shared = siaga_shared_get(key, _load, &loading, request->free_value);
  g_free(key);
  g_free(data_dir);
  g_free(config_dir);
  return shared;
}
