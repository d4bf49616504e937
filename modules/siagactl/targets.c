/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The files that check and test were asked to look at: what kind each is, and which messages are about them. */

#include "siagactl/siagactl.h"

#include <siaga/yaml.h>

#include <stdlib.h>
#include <string.h>

struct _CtlTargets
{
  gchar **arguments;                                                        /* as typed, for messages */
  GPtrArray *real_paths;                                                    /* of the arguments */
  GPtrArray *patterns, *rules, *scenarios, *tables, *policies, *allowances; /* of gchar*, paths of files */
  gchar *data_dir, *config_dir;                                             /* real paths */
  gboolean taken; /* something below the argument of now is read */
  gboolean failed;
};

static gchar *
_real_path(const gchar *path)
{
  gchar *real = realpath(path, NULL);
  gchar *copy = g_strdup(real ? real : path);
  free(real);
  return copy;
}

static gboolean
_is_below(const gchar *path, const gchar *folder)
{
  gsize length = strlen(folder);
  return strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* By what its first document says. */
static GPtrArray *
_kind_of_yaml(CtlTargets *self, const gchar *path)
{
  SiagaYamlFile *file = siaga_yaml_load(path, NULL);
  const SiagaYaml *top = file && file->documents->len ? g_ptr_array_index(file->documents, 0) : NULL;
  GPtrArray *kind = NULL;
  if (siaga_yaml_get(top, "dataset") || siaga_yaml_get(top, "patterns"))
    kind = self->patterns;
  else if (siaga_yaml_get(top, "partners") || siaga_yaml_get(top, "policies") || siaga_yaml_get(top, "active") ||
           siaga_yaml_get(top, "redact") || siaga_yaml_get(top, "key-file"))
    kind = self->policies;
  else if (siaga_yaml_get(top, "allow"))
    kind = self->allowances;
  else if (siaga_yaml_get(top, "fields") && !siaga_yaml_get(top, "title")) /* rules may have a list of fields */
    kind = NULL;
  else
    kind = self->rules; /* their reader says what is missing */
  siaga_yaml_free(file);
  return kind;
}

static gboolean
_is_shipped_or_local(const CtlTargets *self, const gchar *path)
{
  gchar *real = _real_path(path);
  gboolean known = _is_below(real, self->data_dir) || (self->config_dir && _is_below(real, self->config_dir));
  g_free(real);
  return known;
}

/* Of the files that are there anyway, those that somebody reads. */
static gboolean
_is_read(const gchar *path)
{
  static const gchar *const endings[] = { ".csv", ".grok", ".txt", ".lists", ".mmdb", NULL };
  for (const gchar *const *ending = endings; *ending; ending++)
    if (g_str_has_suffix(path, *ending))
      return TRUE;
  return ctl_is_yaml(path);
}

static void
_add_file(const gchar *path, gpointer user_data)
{
  CtlTargets *self = user_data;
  GPtrArray *kind = NULL;
  if (g_str_has_suffix(path, ".scenarios.yaml"))
    kind = self->scenarios; /* run wherever they are; the others are loaded with the rest when they lie there */
  else if (_is_shipped_or_local(self, path))
    {
      self->taken = self->taken || _is_read(path);
      return;
    }
  else if (g_str_has_suffix(path, ".csv"))
    kind = self->tables;
  else if (g_str_has_suffix(path, ".grok"))
    kind = self->patterns;
  else if (ctl_is_yaml(path))
    kind = _kind_of_yaml(self, path);
  if (kind)
    g_ptr_array_add(kind, g_strdup(path));
  self->taken = self->taken || kind;
}

static void
_add_argument(CtlTargets *self, const gchar *path)
{
  if (!ctl_exists(path))
    {
      self->failed = TRUE;
      return;
    }
  g_ptr_array_add(self->real_paths, _real_path(path));
  self->taken = FALSE;
  ctl_walk(path, _add_file, self);
  if (self->taken)
    return;
  ctl_error(
      "%s: nothing here is read: patterns, rules and policies end in .yaml or .yml, macros in .grok, tables in .csv",
      path);
  self->failed = TRUE;
}

CtlTargets *
ctl_targets_new(const CtlOptions *options)
{
  CtlTargets *self = g_new0(CtlTargets, 1);
  GPtrArray **lists[] = { &self->real_paths, &self->patterns, &self->rules,     &self->scenarios,
                          &self->tables,     &self->policies, &self->allowances };
  for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
    *lists[i] = g_ptr_array_new_with_free_func(g_free);
  self->data_dir = _real_path(options->data_dir);
  self->config_dir = _real_path(options->config_dir);
  self->arguments = options->arguments;
  for (gchar **path = options->arguments; *path; path++)
    _add_argument(self, *path);
  return self;
}

void
ctl_targets_free(CtlTargets *self)
{
  GPtrArray *lists[] = { self->real_paths, self->patterns, self->rules,     self->scenarios,
                         self->tables,     self->policies, self->allowances };
  for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
    g_ptr_array_unref(lists[i]);
  g_free(self->data_dir);
  g_free(self->config_dir);
  g_free(self);
}

gboolean
ctl_targets_failed(const CtlTargets *self)
{
  return self->failed;
}

static void
_append_list(GPtrArray *out, gchar **first, const GPtrArray *second)
{
  for (gchar **path = first; path && *path; path++)
    g_ptr_array_add(out, *path);
  for (guint i = 0; i < second->len; i++)
    g_ptr_array_add(out, g_ptr_array_index(second, i));
  g_ptr_array_add(out, NULL);
}

void
ctl_targets_extend(const CtlTargets *self, const CtlOptions *options, SiagaChainSpec *spec)
{
  GPtrArray *patterns = g_ptr_array_new(), *rules = g_ptr_array_new(), *tables = g_ptr_array_new();
  GPtrArray *policies = g_ptr_array_new(), *allowances = g_ptr_array_new();
  *spec = options->spec;
  _append_list(patterns, options->patterns, self->patterns);
  _append_list(rules, options->rules, self->rules);
  _append_list(tables, NULL, self->tables);
  _append_list(policies, NULL, self->policies);
  _append_list(allowances, NULL, self->allowances);
  spec->patterns = (const gchar *const *) g_ptr_array_free(patterns, FALSE);
  spec->rules = (const gchar *const *) g_ptr_array_free(rules, FALSE);
  spec->tables = (const gchar *const *) g_ptr_array_free(tables, FALSE);
  spec->policies = (const gchar *const *) g_ptr_array_free(policies, FALSE);
  spec->allowances = (const gchar *const *) g_ptr_array_free(allowances, FALSE);
}

void
ctl_targets_extend_clear(SiagaChainSpec *spec)
{
  g_free((gpointer) spec->patterns);
  g_free((gpointer) spec->rules);
  g_free((gpointer) spec->tables);
  g_free((gpointer) spec->policies);
  g_free((gpointer) spec->allowances);
}

gboolean
ctl_targets_cover(const CtlTargets *self, const gchar *file)
{
  if (!self->real_paths->len || !file)
    return TRUE;
  gchar *real = _real_path(file);
  gboolean covered = FALSE;
  for (guint i = 0; i < self->real_paths->len && !covered; i++)
    covered = _is_below(real, g_ptr_array_index(self->real_paths, i));
  g_free(real);
  return covered;
}

SiagaDiag *
ctl_targets_filter(const CtlTargets *self, SiagaDiag *diag)
{
  SiagaDiag *filtered = siaga_diag_new();
  for (guint i = 0; i < siaga_diag_size(diag); i++)
    {
      const SiagaDiagMessage *message = siaga_diag_get(diag, i);
      SiagaPlace place = { message->file, message->line, message->column };
      if (!ctl_targets_cover(self, message->file))
        continue;
      if (message->level == SIAGA_DIAG_ERROR)
        siaga_diag_error(filtered, place, "%s", message->text);
      else if (message->level == SIAGA_DIAG_WARNING)
        siaga_diag_warning(filtered, place, "%s", message->text);
      else
        siaga_diag_note(filtered, place, "%s", message->text);
    }
  siaga_diag_free(diag);
  return filtered;
}

/* Without arguments: those of the shipped and of the local files. */
GPtrArray *
ctl_targets_scenarios(const CtlTargets *self, const CtlOptions *options)
{
  if (self->real_paths->len)
    return g_ptr_array_ref(self->scenarios);
  GPtrArray *all = g_ptr_array_new_with_free_func(g_free);
  const gchar *folders[] = { options->no_default_rules ? NULL : options->data_dir,
                             options->no_default_rules ? NULL : options->config_dir };
  for (guint i = 0; i < G_N_ELEMENTS(folders); i++)
    if (folders[i] && g_file_test(folders[i], G_FILE_TEST_IS_DIR))
      g_ptr_array_extend_and_steal(all, ctl_scenario_find(folders[i]));
  for (gchar **path = options->rules; path && *path; path++)
    g_ptr_array_extend_and_steal(all, ctl_scenario_find(*path));
  return all;
}
