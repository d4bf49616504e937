/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A table of loaded things that does not keep them alive itself: a reload reads the new configuration while the old one
 * still runs, so whatever both need is found. */

#include "glue/shared.h"

#include <glib/gstdio.h>

#define DEPTH_MAX 8

static GHashTable *table;

static gint
_compare_names(gconstpointer a, gconstpointer b)
{
  return g_strcmp0(*(const gchar *const *) a, *(const gchar *const *) b);
}

static GPtrArray *
_list(const gchar *path)
{
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  GDir *dir = g_dir_open(path, 0, NULL);
  const gchar *name;

  while (dir && (name = g_dir_read_name(dir)))
    g_ptr_array_add(names, g_build_filename(path, name, NULL));
  if (dir)
    g_dir_close(dir);
  g_ptr_array_sort(names, _compare_names);
  return names;
}

static void
_append(GString *key, const gchar *path, guint depth)
{
  GStatBuf info;

  if (g_stat(path, &info) != 0)
    {
      g_string_append_printf(key, "%s absent\n", path);
      return;
    }
  if (!S_ISDIR(info.st_mode))
    {
      g_string_append_printf(key, "%s %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld %" G_GUINT64_FORMAT "\n", path,
                             (gint64) info.st_size, (gint64) info.st_mtim.tv_sec, (long) info.st_mtim.tv_nsec,
                             (guint64) info.st_ino);
      return;
    }
  g_string_append_printf(key, "%s/\n", path);
  if (depth == DEPTH_MAX)
    return;
  GPtrArray *names = _list(path);
  for (guint i = 0; i < names->len; i++)
    _append(key, g_ptr_array_index(names, i), depth + 1);
  g_ptr_array_unref(names);
}

void
siaga_shared_key(GString *key, const gchar *path)
{
  _append(key, path, 0);
}

SiagaShared *
siaga_shared_get(const gchar *key, gpointer (*load)(gpointer user_data), gpointer user_data, GDestroyNotify free_value)
{
  if (!table)
    table = g_hash_table_new(g_str_hash, g_str_equal);
  SiagaShared *self = g_hash_table_lookup(table, key);
  if (self)
    return siaga_shared_ref(self);

  gpointer value = load(user_data);
  if (!value)
    return NULL;
  self = g_new0(SiagaShared, 1);
  self->value = value;
  self->references = 1;
  self->key = g_strdup(key);
  self->free_value = free_value;
  g_hash_table_insert(table, self->key, self);
  return self;
}

SiagaShared *
siaga_shared_ref(SiagaShared *self)
{
  self->references++;
  return self;
}

void
siaga_shared_accompany(SiagaShared *self, gpointer companion, GDestroyNotify free_companion)
{
  self->companion = companion;
  self->free_companion = free_companion;
}

void
siaga_shared_unref(SiagaShared *self)
{
  if (!self || --self->references)
    return;
  g_hash_table_remove(table, self->key);
  if (self->companion)
    self->free_companion(self->companion);
  self->free_value(self->value);
  g_free(self->key);
  g_free(self);
}
