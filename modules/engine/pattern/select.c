/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Builds the index of patterns. */

#define _GNU_SOURCE 1 /* memrchr */

#include "select.h"

#include "engine/sigma/matcher-private.h"

#include <string.h>

#define LITERALS_PER_PATTERN 32
#define LITERAL_MIN 3
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

/* Without a program PCRE2 itself says it: a text of one byte either matches, or could if it went on. */
static gboolean
_code_begins_with(const Expression *expression, guchar byte, pcre2_match_data *data)
{
  return pcre2_match(expression->code, &byte, 1, 0, PCRE2_PARTIAL_HARD, data, NULL) != PCRE2_ERROR_NOMATCH;
}

static gboolean
_begins_with(const Pattern *self, guchar byte, pcre2_match_data *data)
{
  if (self->file->format == FORMAT_JSON)
    return byte == '{' || byte == '@' || byte == ' ';
  if (self->file->format != FORMAT_GROK)
    return TRUE;
  return self->expression.program ? siaga_program_begins_with(self->expression.program, byte)
                                  : _code_begins_with(&self->expression, byte, data);
}

static void
_set_first_bytes(Pattern *self, pcre2_match_data *data)
{
  memset(self->first, 0, sizeof self->first);
  for (guint byte = 0; byte < 256; byte++)
    if (_begins_with(self, byte, data))
      self->first[byte >> 6] |= G_GUINT64_CONSTANT(1) << (byte & 63);
}

static void
_string_free(gpointer data)
{
  g_string_free(data, TRUE);
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

static gsize
_shortest(const GPtrArray *texts)
{
  gsize shortest = G_MAXSIZE;
  for (guint i = 0; i < texts->len; i++)
    shortest = MIN(shortest, ((const GString *) g_ptr_array_index(texts, i))->len);
  return shortest;
}

static gboolean
_holds(const GString *text, const gchar *part, gsize length)
{
  return memmem(text->str, text->len, part, length) != NULL;
}

/* Whether one of TEXTS other than their Nth stands in it: then that one selects for both.  The first of equals stays.
 */
static gboolean
_is_implied(const GPtrArray *texts, guint nth)
{
  const GString *text = g_ptr_array_index(texts, nth);
  for (guint i = 0; i < texts->len; i++)
    {
      const GString *other = g_ptr_array_index(texts, i);
      if (i != nth && _holds(text, other->str, other->len) && (other->len < text->len || i < nth))
        return TRUE;
    }
  return FALSE;
}

static GPtrArray *
_without_implied(const GPtrArray *texts)
{
  GPtrArray *left = g_ptr_array_new_with_free_func(_string_free);
  for (guint i = 0; i < texts->len; i++)
    {
      const GString *text = g_ptr_array_index(texts, i);
      if (!_is_implied(texts, i))
        g_ptr_array_add(left, g_string_new_len(text->str, text->len));
    }
  return left;
}

/* Whatever holds a text holds its beginning and its end. */
static GPtrArray *
_cut(const GPtrArray *texts, gsize length, gboolean to_ends)
{
  GPtrArray *all = g_ptr_array_new_with_free_func(_string_free);
  for (guint i = 0; i < texts->len; i++)
    {
      const GString *text = g_ptr_array_index(texts, i);
      g_ptr_array_add(all, g_string_new_len(text->str + (to_ends ? text->len - length : 0), length));
    }
  GPtrArray *left = _without_implied(all);
  g_ptr_array_unref(all);
  return left;
}

/* Too many texts become fewer and shorter ones, as long as can be; NULL when they would be too short. */
static GPtrArray *
_few_enough(const GPtrArray *texts)
{
  GPtrArray *few = _without_implied(texts);
  for (gsize length = _shortest(texts); few->len > LITERALS_PER_PATTERN && length >= LITERAL_MIN; length--)
    for (guint to_ends = 0; to_ends < 2 && few->len > LITERALS_PER_PATTERN; to_ends++)
      {
        g_ptr_array_unref(few);
        few = _cut(texts, length, to_ends);
      }
  if (few->len > LITERALS_PER_PATTERN)
    g_clear_pointer(&few, g_ptr_array_unref);
  return few;
}

static void
_add_needed(Selector *self, Pattern *pattern, const GPtrArray *needed)
{
  g_free(pattern->literals);
  pattern->literals = g_new0(guint16, needed->len);
  for (guint i = 0; i < needed->len; i++)
    {
      const GString *text = g_ptr_array_index(needed, i);
      _add_literal(self, pattern, text->str, text->len);
      if (!pattern->literal_count)
        break;
    }
}

/* Letters, digits and such stand in JSON and behind "key=" as they are. */
static gboolean
_stands_as_it_is(const gchar *text)
{
  gsize length = strlen(text);
  return length >= LITERAL_MIN &&
         strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _.:-") == length;
}

/* The values that a condition allows; when it allows any, the key as the format writes it. */
static GPtrArray *
_needed_by_condition(const KeyCondition *condition, Format format)
{
  GPtrArray *needed = g_ptr_array_new_with_free_func(_string_free);
  gboolean plain = condition->values->len > 0;
  for (guint i = 0; i < condition->values->len; i++)
    plain = plain && _stands_as_it_is(g_ptr_array_index(condition->values, i));
  for (guint i = 0; plain && i < condition->values->len; i++)
    g_ptr_array_add(needed, g_string_new(g_ptr_array_index(condition->values, i)));
  if (!plain)
    {
      const gchar *dot = memrchr(condition->key.path, '.', condition->key.length);
      const gchar *name = dot ? dot + 1 : condition->key.path;
      gsize length = condition->key.path + condition->key.length - name;
      GString *key = g_string_new(format == FORMAT_JSON ? "\"" : NULL);
      g_string_append_len(key, name, length);
      g_string_append_c(key, format == FORMAT_JSON ? '"' : '=');
      g_ptr_array_add(needed, key);
    }
  return needed;
}

static gboolean
_is_place_of_list(const Key *key)
{
  return key->length && g_ascii_isdigit(key->path[key->length - 1]);
}

/* The condition whose texts are longest, for they are rarest; numbers stand for the places of a list, not for a key. */
static GPtrArray *
_needed_by_keys(const Pattern *pattern)
{
  GPtrArray *best = NULL;
  for (guint i = 0; i < pattern->keys->conditions->len; i++)
    {
      const KeyCondition *condition = &g_array_index(pattern->keys->conditions, KeyCondition, i);
      GPtrArray *needed = _needed_by_condition(condition, pattern->file->format);
      if (!_is_place_of_list(&condition->key) && _shortest(needed) >= LITERAL_MIN &&
          (!best || _shortest(needed) > _shortest(best)))
        {
          GPtrArray *worse = best;
          best = needed;
          needed = worse;
        }
      if (needed)
        g_ptr_array_unref(needed);
    }
  return best;
}

/* P stands on the bracket that opens a class; gives back the one that closes it. */
static const gchar *
_class_end(const gchar *p)
{
  p += p[1] == '^' ? 2 : 1;
  for (p += *p == ']'; *p && *p != ']'; p++)
    if (*p == '\\' && p[1])
      p++;
    else if (*p == '[' && p[1] == ':' && strstr(p, ":]"))
      p = strstr(p, ":]") + 1;
  return p;
}

/* Behind the group that P opens, NULL when it does not end. */
static const gchar *
_group_end(const gchar *p)
{
  guint depth = 0;
  for (; *p; p++)
    if (*p == '\\' && p[1])
      p++;
    else if (*p == '[')
      p = _class_end(p);
    else if (*p == '(')
      depth++;
    else if (*p == ')' && !--depth)
      return p + 1;
  return NULL;
}

static GPtrArray *
_rarer(GPtrArray *one, GPtrArray *other)
{
  if (!one || !other)
    return one ? one : other;
  gboolean better = _shortest(other) > _shortest(one);
  g_ptr_array_unref(better ? one : other);
  return better ? other : one;
}

static gboolean
_may_be_absent(const gchar *behind)
{
  return *behind == '?' || *behind == '*' || *behind == '{';
}

/* What a look-ahead asks for stands in the text too, unless it stands in a group or the expression has alternatives. */
static GPtrArray *
_needed_ahead(const gchar *regex)
{
  GPtrArray *best = NULL;
  const gchar *p = regex, *next;
  gboolean plain;
  for (; *p && *p != '|'; p = next)
    {
      next = *p == '\\' && p[1] ? p + 2 : *p == '[' ? _class_end(p) + 1 : *p == '(' ? _group_end(p) : p + 1;
      if (!next)
        break;
      if (g_str_has_prefix(p, "(?=") && !_may_be_absent(next))
        best = _rarer(best, siaga_required_literals(p + 3, next - p - 4, &plain));
    }
  if (*p && best)
    g_clear_pointer(&best, g_ptr_array_unref);
  return best;
}

static GPtrArray *
_few_of(GPtrArray *needed)
{
  GPtrArray *few = needed ? _few_enough(needed) : NULL;
  g_clear_pointer(&needed, g_ptr_array_unref);
  return few;
}

/* A pattern of many words says in a look-ahead which ones select it. */
static GPtrArray *
_needed_by_expression(const gchar *regex)
{
  gboolean plain;
  GPtrArray *few = _few_of(siaga_required_literals(regex, strlen(regex), &plain));
  if (strstr(regex, "\\Q") || (few && _shortest(few) > LITERAL_MIN))
    return few;
  return _rarer(few, _few_of(_needed_ahead(regex)));
}

static void
_set_literals(Selector *self, Pattern *pattern)
{
  GPtrArray *few = NULL;
  pattern->literal_count = 0;
  if (pattern->file->format == FORMAT_GROK)
    few = _needed_by_expression(pattern->regex);
  else if (pattern->file->format != FORMAT_W3C)
    few = _few_of(_needed_by_keys(pattern));
  if (few)
    _add_needed(self, pattern, few);
  g_clear_pointer(&few, g_ptr_array_unref);
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
  pcre2_match_data *data = pcre2_match_data_create(1, NULL);

  self->words = set->patterns->len / 64 + 1;
  self->by_program = g_hash_table_new_full(_name_hash, _name_equal, g_free, _bucket_free);
  self->globs = g_ptr_array_new_with_free_func(_glob_free);
  self->literals = siaga_matcher_new(set->options.matcher);
  siaga_matcher_expect_lines(self->literals);
  self->long_literals = siaga_literals_new();
  for (guint i = 0; i < set->patterns->len; i++)
    {
      _set_first_bytes(g_ptr_array_index(set->patterns, i), data);
      _set_literals(self, g_ptr_array_index(set->patterns, i));
    }
  pcre2_match_data_free(data);
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
