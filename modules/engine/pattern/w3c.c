/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Columns of W3C logs, remembered per stream. */

#include "w3c.h"

#include <string.h>

#define STREAMS_MAX 4096
#define LAYOUTS_MAX 1024
#define LAYOUT_TEXT_MAX 2048

struct _W3cTable
{
  guint stream_count; /* read without the lock: most sets never see such a log */
  GMutex lock;
  GHashTable *streams; /* name -> W3cColumns*, not owned */
  GHashTable *layouts; /* text -> W3cColumns* */
};

W3cTable *
siaga_w3c_table_new(void)
{
  W3cTable *self = g_new0(W3cTable, 1);
  g_mutex_init(&self->lock);
  self->streams = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  self->layouts = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
siaga_w3c_table_free(W3cTable *self)
{
  if (!self)
    return;
  g_hash_table_unref(self->streams);
  g_hash_table_unref(self->layouts);
  g_mutex_clear(&self->lock);
  g_free(self);
}

static gboolean
_fill_columns(W3cColumns *self, const gchar *text)
{
  while (*text)
    {
      gsize blanks = strspn(text, " \t");
      gsize length = strcspn(text + blanks, " \t");
      text += blanks;
      if (!length)
        break;
      if (self->count == SIAGA_W3C_COLUMNS)
        return FALSE;
      self->columns[self->count++] = siaga_key_of(text, length);
      text += length;
    }
  return self->count > 1;
}

/* Under the lock. */
static const W3cColumns *
_intern(W3cTable *self, const gchar *text, gsize length)
{
  if (length > LAYOUT_TEXT_MAX || memchr(text, '\0', length))
    return NULL;
  gchar *key = g_strndup(text, length);
  W3cColumns *columns = g_hash_table_lookup(self->layouts, key);
  if (!columns && g_hash_table_size(self->layouts) < LAYOUTS_MAX)
    {
      columns = g_new0(W3cColumns, 1);
      if (_fill_columns(columns, key))
        {
          g_hash_table_insert(self->layouts, g_steal_pointer(&key), columns);
          return columns;
        }
      g_clear_pointer(&columns, g_free);
    }
  g_free(key);
  return columns;
}

const W3cColumns *
siaga_w3c_columns(W3cTable *self, const gchar *text, gsize length)
{
  g_mutex_lock(&self->lock);
  const W3cColumns *columns = _intern(self, text, length);
  g_mutex_unlock(&self->lock);
  return columns;
}

/* The file, else the host, else all lines of unknown origin are one stream. */
static const gchar *
_stream_name(const SiagaLine *line, gchar *buffer, gsize size)
{
  if (line->file)
    return line->file;
  gsize length = MIN(line->host_length, size - 1);
  if (line->host)
    memcpy(buffer, line->host, length);
  buffer[line->host ? length : 0] = '\0';
  return buffer;
}

/* "#Fields:" of W3C, "#fields" and a tab of Zeek; gives back where the names begin, 0 when the line is neither. */
static gsize
_names_start(const SiagaLine *line)
{
  static const gchar *const heads[] = { "#Fields:", "#fields\t" };
  for (guint i = 0; i < G_N_ELEMENTS(heads); i++)
    {
      gsize length = strlen(heads[i]);
      if (line->text_length > length && memcmp(line->text, heads[i], length) == 0)
        return length;
    }
  return 0;
}

void
siaga_w3c_note(W3cTable *self, const SiagaLine *line)
{
  gchar buffer[256];
  gsize start = line->text_length && line->text[0] == '#' ? _names_start(line) : 0;
  if (!start)
    return;
  const gchar *name = _stream_name(line, buffer, sizeof buffer);
  g_mutex_lock(&self->lock);
  const W3cColumns *columns = _intern(self, line->text + start, line->text_length - start);
  if (columns && g_hash_table_size(self->streams) >= STREAMS_MAX && !g_hash_table_contains(self->streams, name))
    g_hash_table_remove_all(self->streams);
  if (columns)
    g_hash_table_insert(self->streams, g_strdup(name), (gpointer) columns);
  else
    g_hash_table_remove(self->streams, name);
  __atomic_store_n(&self->stream_count, g_hash_table_size(self->streams), __ATOMIC_RELEASE);
  g_mutex_unlock(&self->lock);
}

const W3cColumns *
siaga_w3c_stream_columns(W3cTable *self, const SiagaLine *line)
{
  gchar buffer[256];
  if (!__atomic_load_n(&self->stream_count, __ATOMIC_ACQUIRE))
    return NULL;
  const gchar *name = _stream_name(line, buffer, sizeof buffer);
  g_mutex_lock(&self->lock);
  const W3cColumns *columns = g_hash_table_lookup(self->streams, name);
  g_mutex_unlock(&self->lock);
  return columns;
}

gboolean
siaga_w3c_may_fit(const W3cColumns *columns, const gchar *text, gsize length)
{
  const Key *first = &columns->columns[0];
  if (first->length != 4 || memcmp(first->path, "date", 4) != 0)
    return TRUE;
  return length > 10 && text[4] == '-' && text[7] == '-' && g_ascii_isdigit(text[0]);
}

/* Columns stand apart by tabs where there are any, else by blanks; a quoted value may hold blanks. */
gboolean
siaga_w3c_split(SiagaLeaves *leaves, const W3cColumns *columns, const gchar *text, gsize length)
{
  const gchar *p = text, *end = text + length;
  gchar separator = memchr(text, '\t', length) ? '\t' : ' ';

  siaga_leaves_clear(leaves);
  for (guint i = 0; i < columns->count; i++)
    {
      gboolean quoted = p < end && *p == '"';
      const gchar *stop = memchr(p + quoted, quoted ? '"' : separator, end - p - quoted);
      if (!stop)
        stop = end;
      const Key *key = &columns->columns[i];
      siaga_leaves_add(leaves, key->path, key->length, key->hash, SIAGA_LEAF_STRING, p + quoted, stop - p - quoted);
      p = quoted && stop < end ? stop + 1 : stop;
      if (i + 1 == columns->count)
        return p == end;
      if (p == end || *p++ != separator)
        return FALSE;
    }
  return FALSE;
}
