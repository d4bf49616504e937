/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Finds the data folders. */

#include <siaga/data.h>

#define PARENTS 4

static gboolean
_is_data_dir(const gchar *path)
{
  gchar *fields = g_build_filename(path, "fields.yaml", NULL);
  gboolean found = g_file_test(fields, G_FILE_TEST_EXISTS);
  g_free(fields);
  return found;
}

/* The link in a build tree leads to the source tree's patterns. */
static gchar *
_resolve_link(gchar *path)
{
  gchar *fields = g_build_filename(path, "fields.yaml", NULL);
  gchar *target = g_file_read_link(fields, NULL);
  g_free(fields);
  if (!target)
    return path;
  gchar *dir = g_path_get_dirname(target);
  gchar *resolved = g_canonicalize_filename(dir, path);
  g_free(dir);
  g_free(target);
  g_free(path);
  return resolved;
}

static gchar *
_build_tree(const gchar *program_dir)
{
  gchar *dir = g_canonicalize_filename(program_dir, NULL);
  for (guint i = 0; i <= PARENTS; i++)
    {
      gchar *candidate = g_build_filename(dir, "patterns", NULL);
      if (_is_data_dir(candidate))
        {
          g_free(dir);
          return _resolve_link(candidate);
        }
      g_free(candidate);
      gchar *parent = g_path_get_dirname(dir);
      g_free(dir);
      dir = parent;
    }
  g_free(dir);
  return NULL;
}

gchar *
siaga_data_dir(const gchar *program_dir)
{
  const gchar *from_environment = g_getenv("SIAGA_DATA_DIR");
  if (from_environment && *from_environment)
    return g_strdup(from_environment);
  gchar *found = program_dir ? _build_tree(program_dir) : NULL;
  return found ? found : g_strdup(SIAGA_DATADIR);
}

gchar *
siaga_config_dir(void)
{
  const gchar *from_environment = g_getenv("SIAGA_CONFIG_DIR");
  return g_strdup(from_environment && *from_environment ? from_environment : SIAGA_SYSCONFDIR);
}
