/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Loads a room's data once and sorts mistakes by whose they are. */

#include "glue/data.h"
#include "glue/watch.h"

#include <siaga/chain.h>
#include <siaga/data.h>
#include <siaga/time.h>

#include <messages.h>

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
  gboolean config_named; /* config-dir() says where, so that it should be there */
} Loading;

static void
_key_paths(GString *key, const gchar *const *paths)
{
  for (; paths && *paths; paths++)
    siaga_shared_key(key, *paths);
}

/* Only what this room reads: a mistake in another's file is no reason to ask for a reload. */
static void
_key_folders(GString *key, const SiagaDataRequest *request, const SiagaChainSpec *load)
{
  const gchar *const folders[] = { load->data_dir, load->config_dir };

  for (guint i = 0; i < G_N_ELEMENTS(request->reads); i++)
    for (const gchar *const *name = request->reads[i]; name && *name; name++)
      for (guint j = 0; j < G_N_ELEMENTS(folders); j++)
        {
          gchar *path = g_build_filename(folders[j], *name, NULL);
          siaga_shared_key(key, path);
          g_free(path);
        }
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
  g_string_append_printf(key, "folders %s %s\n", load->data_dir, load->config_dir);
  _key_folders(key, self->request, load);
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

/* NULL when there is nothing to go on with, or what is wrong is this site's and strict. */
static gpointer
_load_checked(const Loading *self, SiagaDiag *diag)
{
  const SiagaDataRequest *request = self->request;

  _check_readable(self->load.patterns, diag);
  _check_readable(self->load.rules, diag);
  _check_readable(self->load.tables, diag);
  _check_readable(self->load.policies, diag);
  gpointer value = request->func(&self->load, diag);
  if (value && self->strict && _has_local_error(diag, self->load.data_dir))
    g_clear_pointer(&value, request->free_value);
  return value;
}

/* Which names belong together hangs on it, and distributions are slow to renew it. */
static void
_tell_public_suffixes(void)
{
  static gsize once;
  gint64 date;
  gchar text[40];
  if (!g_once_init_enter(&once))
    return;
  const gchar *file = siaga_public_suffixes_file(&date);
  if (date)
    msg_info("siaga: public suffix list", evt_tag_str("file", file),
             evt_tag_str("of", siaga_time_format(date * SIAGA_SECOND, text)));
  g_once_init_leave(&once, 1);
}

static gpointer
_load(gpointer user_data)
{
  Loading *self = user_data;
  SiagaDiag *diag = siaga_diag_new();
  gpointer value = _load_checked(self, diag);

  if (self->config_named && !g_file_test(self->load.config_dir, G_FILE_TEST_IS_DIR))
    siaga_diag_warning(diag, (SiagaPlace){ .file = self->load.config_dir }, "config-dir(): there is no such folder");
  siaga_report(diag);
  _tell_public_suffixes();
  if (!value && self->strict && _has_local_error(diag, self->load.data_dir))
    siaga_diag_error(self->refusal, (SiagaPlace){ 0 },
                     "there are mistakes in files of this site, named above; mend them, or say strict(no) to go on "
                     "without what is wrong");
  siaga_diag_free(diag);
  return value;
}

/* --- a copy that outlives the configuration's reading, for the watch -----------------------------------------------
 */

typedef struct
{
  SiagaDataRequest request;
  Loading loading;
} Copy;

static const gchar *const *
_copy_list(const gchar *const *list)
{
  return (const gchar *const *) g_strdupv((gchar **) list);
}

static Copy *
_copy(const Loading *loading)
{
  Copy *self = g_new0(Copy, 1);
  SiagaChainSpec *load = &self->loading.load;

  self->request = *loading->request;
  self->loading = *loading;
  self->loading.request = &self->request;
  self->loading.refusal = NULL;
  load->data_dir = g_strdup(load->data_dir);
  load->config_dir = g_strdup(load->config_dir);
  load->lists = g_strdup(load->lists);
  load->matcher = g_strdup(load->matcher);
  load->patterns = _copy_list(load->patterns);
  load->rules = _copy_list(load->rules);
  load->tables = _copy_list(load->tables);
  load->own_domains = _copy_list(load->own_domains);
  load->local_suffixes = _copy_list(load->local_suffixes);
  load->policies = _copy_list(load->policies);
  load->allowances = _copy_list(load->allowances);
  return self;
}

static void
_copy_free(gpointer copy)
{
  Copy *self = copy;
  SiagaChainSpec *load = &self->loading.load;
  const gchar *texts[] = { load->data_dir, load->config_dir, load->lists, load->matcher };
  const gchar *const *lists[] = { load->patterns,       load->rules,    load->tables,    load->own_domains,
                                  load->local_suffixes, load->policies, load->allowances };

  for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
    g_free((gchar *) texts[i]);
  for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
    g_strfreev((gchar **) lists[i]);
  g_free(self);
}

static gchar *
_look_again(gpointer copy)
{
  return _key(&((Copy *) copy)->loading);
}

static gpointer
_load_again(gpointer copy, SiagaDiag *diag)
{
  return _load_checked(&((Copy *) copy)->loading, diag);
}

static void
_watch(SiagaShared *shared, const Loading *loading, gint64 interval, const gchar *key)
{
  SiagaWatched watched = { .look = _look_again,
                           .load = _load_again,
                           .free_value = loading->request->free_value,
                           .user_data = _copy(loading),
                           .free_user_data = _copy_free };

  siaga_shared_accompany(shared, siaga_watch_new(&watched, interval, key), siaga_watch_free);
}

SiagaShared *
siaga_data_get(const SiagaDataOptions *options, const SiagaDataRequest *request, SiagaDiag *diag)
{
  gchar *data_dir = options->data_dir ? g_strdup(options->data_dir) : siaga_data_dir(NULL);
  gchar *config_dir = options->config_dir ? g_strdup(options->config_dir) : siaga_config_dir();
  Loading loading = { .request = request, .load = request->load, .strict = options->strict, .refusal = diag };

  loading.load.data_dir = data_dir;
  loading.load.config_dir = config_dir;
  loading.config_named = options->config_dir != NULL;
  gchar *key = _key(&loading);
  SiagaShared *shared = siaga_shared_get(key, _load, &loading, request->free_value);
  if (shared && options->watch && !shared->companion)
    _watch(shared, &loading, options->watch, key);
  g_free(key);
  g_free(data_dir);
  g_free(config_dir);
  return shared;
}
