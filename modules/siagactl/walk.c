/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The files that an argument means. */

#include "siagactl.h"

#include <string.h>

#define DEPTH_MAX 16

static gint
_compare(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const gchar *const *) a, *(const gchar *const *) b);
}

static GPtrArray *
_paths_in(GDir *dir, const gchar *path)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
  const gchar *name;
  while ((name = g_dir_read_name(dir)))
    g_ptr_array_add(paths, g_build_filename(path, name, NULL));
  g_ptr_array_sort(paths, _compare);
  return paths;
}

static void
_walk(const gchar *path, guint depth, CtlOnFile on_file, gpointer user_data)
{
  GDir *dir = depth < DEPTH_MAX ? g_dir_open(path, 0, NULL) : NULL;
  if (!dir)
    {
      on_file(path, user_data);
      return;
    }
  GPtrArray *paths = _paths_in(dir, path);
  g_dir_close(dir);
  for (guint i = 0; i < paths->len; i++)
    _walk(g_ptr_array_index(paths, i), depth + 1, on_file, user_data);
  g_ptr_array_unref(paths);
}

void
ctl_walk(const gchar *path, CtlOnFile on_file, gpointer user_data)
{
  _walk(path, 0, on_file, user_data);
}

gboolean
ctl_is_yaml(const gchar *path)
{
  return g_str_has_suffix(path, ".yaml") || g_str_has_suffix(path, ".yml");
}
