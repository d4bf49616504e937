/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The pattern set: folders, order, counters. */

#include "select.h"
#include "engine/base/folder.h"
#include "engine/base/threads.h"

#include <string.h>

#define READERS_MAX 8
#define FILES_WORTH_A_THREAD 8

SiagaPatternSet *
siaga_patterns_new(const SiagaFields *fields, const SiagaPatternOptions *options)
{
  SiagaPatternSet *self = g_new0(SiagaPatternSet, 1);
  self->fields = siaga_fields_ref((SiagaFields *) fields);
  if (options)
    self->options = *options;
  self->grok = siaga_grok_new(NULL);
  self->w3c = siaga_w3c_table_new();
  self->sessions = siaga_sessions_new();
  self->files = g_ptr_array_new_with_free_func((GDestroyNotify) siaga_pattern_file_free);
  self->patterns = g_ptr_array_new();
  return self;
}

void
siaga_patterns_free(SiagaPatternSet *self)
{
  if (!self)
    return;
  for (guint i = 0; i < STAT_BANKS; i++)
    g_free(self->stats[i]);
  g_ptr_array_unref(self->patterns);
  g_ptr_array_unref(self->files);
  siaga_selector_free(self->selector);
  siaga_grok_free(self->grok);
  siaga_w3c_table_free(self->w3c);
  siaga_sessions_free(self->sessions);
  siaga_fields_unref(self->fields);
  g_free(self);
}

/* FALSE when a file of the same call has the dataset. */
static gboolean
_make_room(SiagaPatternSet *self, const PatternFile *file, SiagaDiag *diag)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      const PatternFile *other = g_ptr_array_index(self->files, i);
      if (strcmp(other->dataset, file->dataset) != 0)
        continue;
      if (other->load == file->load)
        {
          siaga_diag_error(diag, file->place, "the dataset '%s' is defined in %s already", file->dataset, other->path);
          return FALSE;
        }
      g_ptr_array_remove_index(self->files, i);
      return TRUE;
    }
  return TRUE;
}

/* A file of patterns while it is read: nothing of it is in the set yet. */
typedef struct
{
  SiagaYamlFile *yaml;
  PatternFile *file; /* NULL: it has no patterns that are wanted */
  SiagaDiag *diag;
  gboolean ok;
} Read;

/* Changes nothing that another thread could be reading. */
static void
_read_yaml(SiagaPatternSet *self, const gchar *path, gboolean local, Read *read)
{
  read->diag = siaga_diag_new();
  read->yaml = siaga_yaml_load(path, read->diag);
  read->ok = read->yaml && read->yaml->documents->len == 1;
  if (read->ok)
    read->file =
        siaga_pattern_file_new(self, read->yaml, read->yaml->documents->pdata[0], local, &read->ok, read->diag);
  else if (read->yaml)
    siaga_diag_error(read->diag, (SiagaPlace){ path, 1, 1 }, "expected one pattern file, found %u documents",
                     read->yaml->documents->len);
}

static gboolean
_take(SiagaPatternSet *self, Read *read, SiagaDiag *diag)
{
  PatternFile *file = read->file;
  siaga_diag_take(diag, read->diag);
  if (file)
    file->load = self->loads;
  if (file && _make_room(self, file, diag))
    {
      g_ptr_array_add(self->files, file);
      file->yaml = self->options.keep_samples ? g_steal_pointer(&read->yaml) : NULL;
    }
  else if (file)
    {
      siaga_pattern_file_free(file);
      read->ok = FALSE;
    }
  siaga_yaml_free(read->yaml);
  return read->ok;
}

static gboolean
_load_file(SiagaPatternSet *self, const gchar *path, gboolean local, SiagaDiag *diag)
{
  if (g_str_has_suffix(path, ".grok"))
    return siaga_grok_load(self->grok, path, diag);
  Read read = { NULL };
  _read_yaml(self, path, local, &read);
  return _take(self, &read, diag);
}

static gboolean
_load_macros(SiagaPatternSet *self, const gchar *folder, SiagaDiag *diag)
{
  static const gchar *const endings[] = { ".grok", NULL };
  GPtrArray *paths = siaga_folder_list(folder, endings, diag);
  gboolean ok = paths != NULL;
  for (guint i = 0; paths && i < paths->len; i++)
    ok = siaga_grok_load(self->grok, paths->pdata[i], diag) && ok;
  g_clear_pointer(&paths, g_ptr_array_unref);
  return ok;
}

/* A folder's files, shared out among threads. */
typedef struct
{
  SiagaPatternSet *set;
  const GPtrArray *paths;
  gboolean local;
  Read *reads;
  gint next;
} Reading;

static gpointer
_read_files(gpointer reading)
{
  Reading *self = reading;
  guint i;
  while ((i = (guint) g_atomic_int_add(&self->next, 1)) < self->paths->len)
    _read_yaml(self->set, self->paths->pdata[i], self->local, &self->reads[i]);
  return NULL;
}

static void
_read_side_by_side(Reading *self)
{
  GThread *threads[READERS_MAX];
  guint count = siaga_threads_worth(MIN(READERS_MAX, self->paths->len / FILES_WORTH_A_THREAD)) - 1, started = 0;
  while (started < count && (threads[started] = g_thread_try_new("siaga-patterns", _read_files, self, NULL)))
    started++;
  _read_files(self);
  while (started)
    g_thread_join(threads[--started]);
}

/* What is in the set, and what is said of it, is in the order of names. */
static gboolean
_load_files(SiagaPatternSet *self, const gchar *folder, gboolean local, SiagaDiag *diag)
{
  GPtrArray *paths = siaga_folder_list(folder, siaga_yaml_endings, diag);
  if (!paths)
    return FALSE;
  Reading reading = { self, paths, local, g_new0(Read, paths->len), 0 };
  /* a macro remembers that it was looked at: files would write that into those that they share */
  gboolean ok = siaga_grok_check(self->grok, self->fields, diag);
  _read_side_by_side(&reading);
  for (guint i = 0; i < paths->len; i++)
    ok = _take(self, &reading.reads[i], diag) && ok;
  g_free(reading.reads);
  g_ptr_array_unref(paths);
  return ok;
}

/* The data folder itself (it has fields.yaml) holds other YAML files too: its folders of patterns are meant. */
static gboolean
_load_data_folder(SiagaPatternSet *self, const gchar *path, gboolean local, SiagaDiag *diag)
{
  gboolean ok = TRUE;
  for (guint family = SIAGA_FAMILIES - 1; family > SIAGA_FAMILY_NONE; family--) /* by name */
    {
      gchar *folder = g_build_filename(path, siaga_family_name(family), NULL);
      ok = _load_files(self, folder, local, diag) && ok;
      g_free(folder);
    }
  return ok;
}

static gboolean
_load_folder(SiagaPatternSet *self, const gchar *path, gboolean local, SiagaDiag *diag)
{
  gchar *macros = g_build_filename(path, "grok", NULL);
  gchar *fields = g_build_filename(path, "fields.yaml", NULL);
  gboolean ok = _load_macros(self, macros, diag);
  ok = _load_macros(self, path, diag) && ok;
  if (g_file_test(fields, G_FILE_TEST_EXISTS))
    ok = _load_data_folder(self, path, local, diag) && ok;
  else
    ok = _load_files(self, path, local, diag) && ok;
  g_free(fields);
  g_free(macros);
  return ok;
}

gboolean
siaga_patterns_load(SiagaPatternSet *self, const gchar *path, gboolean local, SiagaDiag *diag)
{
  self->loads++;
  if (g_file_test(path, G_FILE_TEST_IS_DIR))
    return _load_folder(self, path, local, diag);
  return _load_file(self, path, local, diag);
}

static Pattern *
_find(const SiagaPatternSet *self, const Pattern *from, const gchar *name)
{
  Pattern *labelled = g_hash_table_lookup(self->labels, name);
  if (labelled)
    return labelled;
  for (guint i = 0; i < from->file->patterns->len; i++)
    {
      Pattern *pattern = g_ptr_array_index(from->file->patterns, i);
      if (strcmp(pattern->id, name) == 0)
        return pattern;
    }
  return NULL;
}

static void
_renumber(SiagaPatternSet *self)
{
  for (guint i = 0; i < self->patterns->len; i++)
    ((Pattern *) g_ptr_array_index(self->patterns, i))->index = i;
}

/* Moves PATTERN behind the last of those it names; TRUE when it had to move. */
static gboolean
_move_behind(SiagaPatternSet *self, Pattern *pattern)
{
  guint last = pattern->index;
  for (guint i = 0; i < pattern->tried_after->len; i++)
    {
      const Pattern *other = _find(self, pattern, g_ptr_array_index(pattern->tried_after, i));
      if (other && other->index > last)
        last = other->index;
    }
  if (last == pattern->index)
    return FALSE;
  g_ptr_array_remove_index(self->patterns, pattern->index);
  g_ptr_array_insert(self->patterns, last, pattern);
  _renumber(self);
  return TRUE;
}

/* Where some families alone are loaded, another's patterns are missing rightly. */
static gboolean
_may_be_elsewhere(const SiagaPatternSet *self, const gchar *name)
{
  return self->options.families && strchr(name, '/');
}

static gboolean
_check_tried_after(SiagaPatternSet *self, SiagaDiag *diag)
{
  gboolean ok = TRUE;
  for (guint i = 0; i < self->patterns->len; i++)
    {
      const Pattern *pattern = g_ptr_array_index(self->patterns, i);
      for (guint j = 0; j < pattern->tried_after->len; j++)
        if (!_find(self, pattern, g_ptr_array_index(pattern->tried_after, j)) &&
            !_may_be_elsewhere(self, g_ptr_array_index(pattern->tried_after, j)))
          {
            siaga_diag_error(diag, pattern->place, "tried-after: no pattern '%s' (an id of this file, or dataset/id)",
                             (const gchar *) g_ptr_array_index(pattern->tried_after, j));
            ok = FALSE;
          }
    }
  return ok;
}

/* Each pass settles at least one pattern of a chain, so more passes than patterns mean a circle. */
static gboolean
_order(SiagaPatternSet *self, SiagaDiag *diag)
{
  for (guint i = 0; i < self->patterns->len; i++)
    {
      Pattern *pattern = g_ptr_array_index(self->patterns, i);
      g_hash_table_insert(self->labels, (gpointer) pattern->label, pattern);
    }
  gboolean ok = _check_tried_after(self, diag);
  for (guint pass = 0; pass <= self->patterns->len; pass++)
    {
      gboolean moved = FALSE;
      for (guint i = 0; i < self->patterns->len; i++)
        {
          Pattern *pattern = g_ptr_array_index(self->patterns, i);
          if (pattern->tried_after->len && _move_behind(self, pattern))
            moved = TRUE;
        }
      if (!moved)
        return ok;
    }
  siaga_diag_error(diag, (SiagaPlace){ NULL, 0, 0 }, "tried-after: patterns wait for each other in a circle");
  return FALSE;
}

static void
_collect(SiagaPatternSet *self, gboolean tried_first)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      const PatternFile *file = g_ptr_array_index(self->files, i);
      for (guint j = 0; j < file->patterns->len; j++)
        {
          Pattern *pattern = g_ptr_array_index(file->patterns, j);
          pattern->format = file->format;
          pattern->any_path = file->globs->len == 0;
          if (pattern->tried_first == tried_first)
            g_ptr_array_add(self->patterns, pattern);
        }
    }
}

gboolean
siaga_patterns_finish(SiagaPatternSet *self, SiagaDiag *diag)
{
  g_ptr_array_set_size(self->patterns, 0);
  _collect(self, TRUE);
  _collect(self, FALSE);
  gboolean ok = self->patterns->len <= SELECT_PATTERNS_MAX;
  if (!ok)
    {
      siaga_diag_error(diag, (SiagaPlace){ NULL, 0, 0 }, "more than %d patterns", SELECT_PATTERNS_MAX);
      g_ptr_array_set_size(self->patterns, SELECT_PATTERNS_MAX);
    }
  _renumber(self);
  ok = siaga_grok_check(self->grok, self->fields, diag) && ok;
  self->labels = g_hash_table_new(g_str_hash, g_str_equal);
  ok = _order(self, diag) && ok;
  g_clear_pointer(&self->labels, g_hash_table_unref);
  self->selector = siaga_selector_new(self, diag);
  for (guint i = 0; i < STAT_BANKS; i++)
    self->stats[i] = g_new0(PatternStats, self->patterns->len + 1);
  return ok;
}

guint
siaga_patterns_size(const SiagaPatternSet *self)
{
  return self->patterns->len;
}

void
siaga_patterns_info(const SiagaPatternSet *self, guint index, SiagaPatternInfo *info_r)
{
  const Pattern *pattern = g_ptr_array_index(self->patterns, index);
  *info_r = (SiagaPatternInfo){
    .dataset = pattern->file->dataset,
    .id = pattern->id,
    .place = pattern->place,
    .family = pattern->file->family,
  };
  for (guint i = 0; i < STAT_BANKS; i++)
    {
      const PatternStats *stats = &self->stats[i][index];
      info_r->tried += siaga_counter_get(&stats->tried);
      info_r->matched += siaga_counter_get(&stats->matched);
      info_r->limited += siaga_counter_get(&stats->limited);
      info_r->bad_times += siaga_counter_get(&stats->bad_times);
      info_r->nanoseconds += siaga_counter_get(&stats->nanoseconds);
    }
}

void
siaga_patterns_set_timing(SiagaPatternSet *self, gboolean on)
{
  __atomic_store_n(&self->timing, on, __ATOMIC_RELAXED);
}
