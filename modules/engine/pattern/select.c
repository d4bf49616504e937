/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Builds the index of patterns. */

#define _GNU_SOURCE 1 /* memrchr */

#include "select.h"

#include <string.h>

#define LONG_TEXT 4096 /* bytes */

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
  g_ptr_array_unref(self->store);
  g_free(self->common);
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

static void
_set_bit(guint64 *set, guint bit)
{
  set[bit >> 6] |= G_GUINT64_CONSTANT(1) << (bit & 63);
}

static guint64 *
_share(Bucket *self, guint64 *set, gsize size)
{
  for (guint i = 0; i < self->store->len; i++)
    if (memcmp(g_ptr_array_index(self->store, i), set, size) == 0)
      {
        g_free(set);
        return g_ptr_array_index(self->store, i);
      }
  g_ptr_array_add(self->store, set);
  return set;
}

static void
_add_early(Early *self, const Pattern *pattern, gboolean in_order)
{
  gboolean first = pattern->tried_first && !pattern->tried_after->len;
  if (self->count < SELECT_EARLY_MAX && (in_order || first))
    self->patterns[self->count++] = pattern->index;
}

/* IN_ORDER: the first few are tried early, whatever they are. */
static Bucket *
_bucket_new(const Selector *selector, const SiagaPatternSet *set, Membership is_member, gconstpointer user_data,
            gboolean in_order)
{
  Bucket *self = g_new0(Bucket, 1);
  GPtrArray *members = g_ptr_array_new();

  self->store = g_ptr_array_new_with_free_func(g_free);
  self->common = g_new0(guint64, selector->words);
  for (guint i = 0; i < set->patterns->len; i++)
    {
      Pattern *pattern = g_ptr_array_index(set->patterns, i);
      if (is_member(pattern->file, user_data))
        g_ptr_array_add(members, pattern);
    }
  for (guint byte = 0; byte < 256; byte++)
    {
      guint64 *bits = g_new0(guint64, selector->words);
      for (guint i = 0; i < members->len; i++)
        {
          const Pattern *pattern = g_ptr_array_index(members, i);
          if (pattern->first[byte >> 6] >> (byte & 63) & 1)
            {
              _set_bit(bits, pattern->index);
              self->count[byte]++;
              _add_early(&self->early[byte], pattern, in_order);
            }
          if (!pattern->literal_count)
            _set_bit(self->common, pattern->index);
        }
      self->by_byte[byte] = _share(self, bits, selector->words * sizeof(guint64));
    }
  g_ptr_array_unref(members);
  return self;
}

static gboolean
_is_generic(const PatternFile *file, gconstpointer user_data G_GNUC_UNUSED)
{
  return file->programs->len == 0 && !file->fallback;
}

static gboolean
_is_bound(const PatternFile *file, gconstpointer user_data G_GNUC_UNUSED)
{
  return file->programs->len > 0;
}

static gboolean
_is_fallback(const PatternFile *file, gconstpointer user_data G_GNUC_UNUSED)
{
  return file->fallback;
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
      glob->bucket = _bucket_new(self, set, _is_file, file, TRUE);
      g_ptr_array_add(self->globs, glob);
    }
  else if (!g_hash_table_contains(self->by_program, &name))
    g_hash_table_insert(self->by_program, g_memdup2(&name, sizeof name), _bucket_new(self, set, _serves, &name, TRUE));
}

static void
_add_literal(Selector *self, Pattern *pattern, const gchar *text, gsize length)
{
  gint number =
      siaga_matcher_add(self->literals, text, length, SIAGA_MATCH_CASELESS | SIAGA_MATCH_LITERAL, pattern->place, NULL);
  if (number >= 0 && number < SELECT_LITERALS_MAX)
    {
      pattern->literals[pattern->literal_count++] = number;
      siaga_literals_add(self->long_literals, text, length, number);
    }
  else
    pattern->literal_count = 0;
}

/* The texts become numbers, each once for all patterns. */
static void
_number_needed(Selector *self, Pattern *pattern)
{
  guint count = pattern->needed ? pattern->needed->len : 0;
  pattern->literals = g_new0(guint16, count);
  for (guint i = 0; i < count; i++)
    {
      const GString *text = g_ptr_array_index(pattern->needed, i);
      _add_literal(self, pattern, text->str, text->len);
      if (!pattern->literal_count)
        break;
    }
  g_clear_pointer(&pattern->needed, g_ptr_array_unref);
}

static void
_index_literals(Selector *self, const SiagaPatternSet *set)
{
  guint count = siaga_matcher_size(self->literals);
  self->needing = g_new0(GArray *, count);
  for (guint i = 0; i < count; i++)
    self->needing[i] = g_array_new(FALSE, FALSE, sizeof(guint16));
  for (guint i = 0; i < set->patterns->len; i++)
    {
      const Pattern *pattern = g_ptr_array_index(set->patterns, i);
      guint16 index = pattern->index;
      for (guint j = 0; j < pattern->literal_count; j++)
        g_array_append_val(self->needing[pattern->literals[j]], index);
    }
}

static void
_add_programs(Selector *self, const SiagaPatternSet *set)
{
  for (guint i = 0; i < set->files->len; i++)
    {
      const PatternFile *file = g_ptr_array_index(set->files, i);
      for (guint j = 0; j < file->programs->len; j++)
        _add_program(self, set, file, g_ptr_array_index(file->programs, j));
    }
}

Selector *
siaga_selector_new(const SiagaPatternSet *set, SiagaDiag *diag)
{
  Selector *self = g_new0(Selector, 1);

  self->words = set->patterns->len / 64 + 1;
  self->by_program = g_hash_table_new_full(_name_hash, _name_equal, g_free, _bucket_free);
  self->globs = g_ptr_array_new_with_free_func(_glob_free);
  self->literals = siaga_matcher_new(set->options.matcher);
  siaga_matcher_expect_lines(self->literals);
  self->long_literals = siaga_literals_new();
  for (guint i = 0; i < set->patterns->len; i++)
    _number_needed(self, g_ptr_array_index(set->patterns, i));
  siaga_matcher_compile(self->literals, diag);
  siaga_literals_finish(self->long_literals);
  self->literal_words = siaga_matcher_words(self->literals);
  _index_literals(self, set);
  self->generic = _bucket_new(self, set, _is_generic, NULL, FALSE);
  self->bound = _bucket_new(self, set, _is_bound, NULL, FALSE);
  self->fallback = _bucket_new(self, set, _is_fallback, NULL, FALSE);
  _add_programs(self, set);
  return self;
}

void
siaga_selector_free(Selector *self)
{
  if (!self)
    return;
  _bucket_free(self->generic);
  _bucket_free(self->bound);
  _bucket_free(self->fallback);
  g_hash_table_unref(self->by_program);
  g_ptr_array_unref(self->globs);
  for (guint i = 0; i < siaga_matcher_size(self->literals); i++)
    g_array_unref(self->needing[i]);
  g_free(self->needing);
  siaga_matcher_free(self->literals);
  siaga_literals_free(self->long_literals);
  g_free(self);
}

void
siaga_selector_scan(const Selector *self, const gchar *text, gsize length, guint64 *literals)
{
  if (length > LONG_TEXT)
    siaga_literals_scan(self->long_literals, text, length, literals);
  else
    siaga_matcher_scan(self->literals, text, length, literals);
}

static void
_add_needing(const GArray *needing, const guint64 *possible, guint64 *candidates)
{
  for (guint i = 0; i < needing->len; i++)
    {
      guint index = g_array_index(needing, guint16, i);
      candidates[index >> 6] |= possible[index >> 6] & G_GUINT64_CONSTANT(1) << (index & 63);
    }
}

void
siaga_selector_candidates(const Selector *self, const Bucket *bucket, guchar first, const guint64 *literals,
                          guint64 *candidates)
{
  const guint64 *possible = bucket->by_byte[first];
  for (guint i = 0; i < self->words; i++)
    candidates[i] = literals ? possible[i] & bucket->common[i] : possible[i];
  for (guint i = 0; literals && i < self->literal_words; i++)
    for (guint64 word = literals[i]; word; word &= word - 1)
      _add_needing(self->needing[i * 64 + __builtin_ctzll(word)], possible, candidates);
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
