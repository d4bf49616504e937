/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Builds the index of patterns. */

#define _GNU_SOURCE 1 /* memrchr */

#include "select.h"

#include "engine/sigma/matcher-private.h"

#include <string.h>

#define LITERALS_PER_PATTERN 16

typedef struct
{
  const gchar *prefix;
  gsize length;
  Bucket *bucket;
} Glob;

/* A name with a length, so that a line's program is looked up where it stands. */
typedef struct
{
  const gchar *text;
  gsize length;
} Name;

static guint
_name_hash(gconstpointer data)
{
  const Name *name = data;
  return siaga_leaf_hash(name->text, name->length);
}

static gboolean
_name_equal(gconstpointer a, gconstpointer b)
{
  const Name *x = a, *y = b;
  return x->length == y->length && memcmp(x->text, y->text, x->length) == 0;
}

static void
_bucket_free(gpointer data)
{
  Bucket *self = data;
  g_free(self->items);
  g_free(self);
}

static void
_glob_free(gpointer data)
{
  Glob *self = data;
  _bucket_free(self->bucket);
  g_free(self);
}

/* Tells which patterns go into a bucket. */
typedef gboolean (*Membership)(const PatternFile *file, gconstpointer user_data);

static Bucket *
_bucket_new(const SiagaPatternSet *set, Membership is_member, gconstpointer user_data)
{
  Bucket *self = g_new0(Bucket, 1);
  GArray *items = g_array_new(FALSE, FALSE, sizeof(guint16));
  GPtrArray *members = g_ptr_array_new();

  for (guint i = 0; i < set->patterns->len; i++)
    {
      Pattern *pattern = g_ptr_array_index(set->patterns, i);
      if (is_member(pattern->file, user_data))
        g_ptr_array_add(members, pattern);
    }
  for (guint byte = 0; byte < 256; byte++)
    {
      self->start[byte] = items->len;
      for (guint i = 0; i < members->len; i++)
        {
          const Pattern *pattern = g_ptr_array_index(members, i);
          guint16 index = pattern->index;
          if (pattern->first[byte >> 6] >> (byte & 63) & 1)
            g_array_append_val(items, index);
        }
    }
  self->start[256] = items->len;
  self->items = (guint16 *) g_array_free(items, FALSE);
  g_ptr_array_unref(members);
  return self;
}

static gboolean
_is_generic(const PatternFile *file, gconstpointer user_data G_GNUC_UNUSED)
{
  return file->programs->len == 0;
}

static gboolean
_is_bound(const PatternFile *file, gconstpointer user_data G_GNUC_UNUSED)
{
  return file->programs->len > 0;
}

static gboolean
_is_file(const PatternFile *file, gconstpointer user_data)
{
  return file == user_data;
}

static gsize
_glob_length(const gchar *program)
{
  gsize length = strlen(program);
  return length && program[length - 1] == '*' ? length - 1 : 0;
}

static gboolean
_serves(const PatternFile *file, gconstpointer user_data)
{
  const Name *name = user_data;
  for (guint i = 0; i < file->programs->len; i++)
    {
      const gchar *program = g_ptr_array_index(file->programs, i);
      gsize prefix = _glob_length(program);
      if (prefix ? name->length >= prefix && memcmp(name->text, program, prefix) == 0
                 : strlen(program) == name->length && memcmp(name->text, program, name->length) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
_add_program(Selector *self, const SiagaPatternSet *set, const PatternFile *file, const gchar *program)
{
  Name name = { program, strlen(program) };
  gsize prefix = _glob_length(program);
  if (prefix)
    {
      Glob *glob = g_new0(Glob, 1);
      glob->prefix = program;
      glob->length = prefix;
      glob->bucket = _bucket_new(set, _is_file, file);
      g_ptr_array_add(self->globs, glob);
    }
  else if (!g_hash_table_contains(self->by_program, &name))
    g_hash_table_insert(self->by_program, g_memdup2(&name, sizeof name), _bucket_new(set, _serves, &name));
}

/* PCRE2 itself says with which bytes a match can begin: a text of one byte either matches, or could if it went on. */
static void
_find_first_bytes(Pattern *self, pcre2_match_data *data)
{
  for (guint byte = 0; byte < 256; byte++)
    {
      gchar text = (gchar) byte;
      int rc = pcre2_match(self->expression.code, (PCRE2_SPTR) &text, 1, 0, PCRE2_PARTIAL_HARD, data, NULL);
      if (rc != PCRE2_ERROR_NOMATCH)
        self->first[byte >> 6] |= G_GUINT64_CONSTANT(1) << (byte & 63);
    }
}

static void
_set_first_bytes(Pattern *self, pcre2_match_data *data)
{
  memset(self->first, 0, sizeof self->first);
  if (self->file->format == FORMAT_GROK)
    {
      _find_first_bytes(self, data);
      return;
    }
  for (guint byte = 0; byte < 256; byte++)
    if (self->file->format != FORMAT_JSON || byte == '{' || byte == '@' || byte == ' ')
      self->first[byte >> 6] |= G_GUINT64_CONSTANT(1) << (byte & 63);
}

static void
_add_literal(Selector *self, Pattern *pattern, const gchar *text, gsize length)
{
  gint number =
      siaga_matcher_add(self->literals, text, length, SIAGA_MATCH_CASELESS | SIAGA_MATCH_LITERAL, pattern->place, NULL);
  if (number >= 0 && number < SELECT_WORDS_MAX * 64)
    pattern->literals[pattern->literal_count++] = number;
  else
    pattern->literal_count = 0;
}

static void
_set_literals(Selector *self, Pattern *pattern)
{
  gboolean plain;
  pattern->literal_count = 0;
  if (pattern->file->format != FORMAT_GROK || !pattern->regex)
    return;
  GPtrArray *needed = siaga_required_literals(pattern->regex, strlen(pattern->regex), &plain);
  if (!needed)
    return;
  g_free(pattern->literals);
  pattern->literals = g_new0(guint16, needed->len);
  for (guint i = 0; i < needed->len && needed->len <= LITERALS_PER_PATTERN; i++)
    {
      const GString *text = g_ptr_array_index(needed, i);
      _add_literal(self, pattern, text->str, text->len);
      if (!pattern->literal_count)
        break;
    }
  g_ptr_array_unref(needed);
}

Selector *
siaga_selector_new(const SiagaPatternSet *set, SiagaDiag *diag)
{
  Selector *self = g_new0(Selector, 1);
  pcre2_match_data *data = pcre2_match_data_create(1, NULL);

  self->by_program = g_hash_table_new_full(_name_hash, _name_equal, g_free, _bucket_free);
  self->globs = g_ptr_array_new_with_free_func(_glob_free);
  self->literals = siaga_matcher_new(set->options.matcher);
  for (guint i = 0; i < set->patterns->len; i++)
    {
      _set_first_bytes(g_ptr_array_index(set->patterns, i), data);
      _set_literals(self, g_ptr_array_index(set->patterns, i));
    }
  pcre2_match_data_free(data);
  siaga_matcher_compile(self->literals, diag);
  self->words = siaga_matcher_words(self->literals);
  self->generic = _bucket_new(set, _is_generic, NULL);
  self->bound = _bucket_new(set, _is_bound, NULL);
  for (guint i = 0; i < set->files->len; i++)
    {
      const PatternFile *file = g_ptr_array_index(set->files, i);
      for (guint j = 0; j < file->programs->len; j++)
        _add_program(self, set, file, g_ptr_array_index(file->programs, j));
    }
  return self;
}

void
siaga_selector_free(Selector *self)
{
  if (!self)
    return;
  _bucket_free(self->generic);
  _bucket_free(self->bound);
  g_hash_table_unref(self->by_program);
  g_ptr_array_unref(self->globs);
  siaga_matcher_unref(self->literals);
  g_free(self);
}

gboolean
siaga_selector_for_program(const Selector *self, const gchar *program, gsize length, BucketVisit visit,
                           gpointer user_data)
{
  Name name = { program, length };
  const Bucket *bucket = g_hash_table_lookup(self->by_program, &name);
  if (bucket)
    return visit(bucket, user_data);
  for (guint i = 0; i < self->globs->len; i++)
    {
      const Glob *glob = g_ptr_array_index(self->globs, i);
      if (length >= glob->length && memcmp(program, glob->prefix, glob->length) == 0 && visit(glob->bucket, user_data))
        return TRUE;
    }
  const gchar *slash = *program == '/' ? memrchr(program, '/', length) : NULL;
  gsize rest = slash ? program + length - slash - 1 : 0;
  return rest && siaga_selector_for_program(self, slash + 1, rest, visit, user_data);
}
