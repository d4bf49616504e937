/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A folder that cannot be read holds rules that nobody would miss: it is an error, not an empty one. */

#include "folder.h"

#include <string.h>

const gchar *const siaga_yaml_endings[] = { ".yaml", ".yml", NULL };

static gint
_compare(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const gchar *const *) a, *(const gchar *const *) b);
}

static gboolean
_is_meant(const gchar *name, const gchar *const *endings)
{
  if (name[0] == '.')
    return FALSE;
  while (*endings && !g_str_has_suffix(name, *endings))
    endings++;
  return *endings != NULL;
}

static void
_add(GPtrArray *paths, gchar *path, SiagaDiag *diag)
{
  if (g_file_test(path, G_FILE_TEST_IS_REGULAR))
    {
      g_ptr_array_add(paths, path);
      return;
    }
  if (!g_file_test(path, G_FILE_TEST_IS_DIR))
    siaga_diag_warning(diag, (SiagaPlace){ path, 0, 0 }, "is left out: it is no regular file");
  g_free(path);
}

GPtrArray *
siaga_folder_list(const gchar *folder, const gchar *const *endings, SiagaDiag *diag)
{
  GError *error = NULL;
  GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
  GDir *dir = g_dir_open(folder, 0, &error);
  if (!dir)
    {
      gboolean absent =
          g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT) || !g_file_test(folder, G_FILE_TEST_EXISTS);
      if (!absent)
        siaga_diag_error(diag, (SiagaPlace){ folder, 0, 0 }, "cannot be read: %s", error->message);
      g_error_free(error);
      if (absent)
        return paths;
      g_ptr_array_unref(paths);
      return NULL;
    }
  for (const gchar *name; (name = g_dir_read_name(dir));)
    if (_is_meant(name, endings))
      _add(paths, g_build_filename(folder, name, NULL), diag);
  g_dir_close(dir);
  g_ptr_array_sort(paths, _compare);
  return paths;
}

gboolean
siaga_folder_each(const gchar *path, const gchar *const *endings, SiagaFileReader read, gpointer self, SiagaDiag *diag)
{
  if (!g_file_test(path, G_FILE_TEST_IS_DIR))
    return read(self, path, diag);
  GPtrArray *paths = siaga_folder_list(path, endings, diag);
  gboolean ok = paths != NULL;
  for (guint i = 0; paths && i < paths->len; i++)
    ok = read(self, paths->pdata[i], diag) && ok;
  g_clear_pointer(&paths, g_ptr_array_unref);
  return ok;
}
