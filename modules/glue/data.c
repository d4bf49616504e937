/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Loads what every room needs and sorts mistakes by whose they are. */

#include "glue/data.h"
#include "glue/shared.h"

#include <siaga/data.h>

#include <glib/gstdio.h>

#include <errno.h>
#include <string.h>

void
siaga_data_options_init(SiagaDataOptions *self)
{
  self->strict = TRUE;
}

gchar *
siaga_data_path(const SiagaDataOptions *self, const gchar *name)
{
  gchar *dir = self->data_dir ? g_strdup(self->data_dir) : siaga_data_dir(NULL);
  gchar *path = g_build_filename(dir, name, NULL);
  g_free(dir);
  return path;
}

gchar *
siaga_config_path(const SiagaDataOptions *self, const gchar *name)
{
  gchar *dir = self->config_dir ? g_strdup(self->config_dir) : siaga_config_dir();
  gchar *path = g_build_filename(dir, name, NULL);
  g_free(dir);
  return path;
}

void
siaga_data_key(const SiagaDataOptions *self, GString *key)
{
  gchar *shipped = siaga_data_path(self, "fields.yaml"), *local = siaga_config_path(self, "fields.yaml");

  siaga_shared_key(key, shipped);
  siaga_shared_key(key, local);
  g_free(shipped);
  g_free(local);
}

void
siaga_load_begin(SiagaLoad *self, const SiagaDataOptions *options)
{
  self->options = options;
  self->shipped = siaga_diag_new();
  self->local = siaga_diag_new();
}

gboolean
siaga_load_end(SiagaLoad *self, SiagaDiag *diag)
{
  gboolean good = siaga_diag_count(self->local, SIAGA_DIAG_ERROR) == 0 || !self->options->strict;

  siaga_report(self->shipped);
  siaga_report(self->local);
  if (!good)
    siaga_diag_error(diag, (SiagaPlace){ 0 },
                     "mistakes in files of this site, see above: mend them, or say strict(no) to leave them out");
  siaga_diag_free(self->shipped);
  siaga_diag_free(self->local);
  return good;
}

SiagaFields *
siaga_load_fields(SiagaLoad *self)
{
  gchar *path = siaga_data_path(self->options, "fields.yaml");
  SiagaFields *fields = siaga_fields_load(path, self->local);
  g_free(path);
  if (!fields)
    return NULL;
  path = siaga_config_path(self->options, "fields.yaml");
  if (g_file_test(path, G_FILE_TEST_EXISTS))
    siaga_fields_extend(fields, path, self->local);
  g_free(path);
  return fields;
}

gboolean
siaga_load_exists(SiagaLoad *self, const gchar *path, gboolean named_by_user)
{
  if (g_access(path, R_OK) == 0)
    return TRUE;
  gint reason = errno;
  if (named_by_user || reason != ENOENT)
    siaga_diag_error(self->local, (SiagaPlace){ .file = path }, "cannot be read: %s", g_strerror(reason));
  return FALSE;
}
