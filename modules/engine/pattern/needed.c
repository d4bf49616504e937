/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Finds what every match of a pattern begins with and holds. */

#define _GNU_SOURCE 1 /* memrchr */

#include "needed.h"

#include "engine/sigma/matcher-private.h"
#include "engine/sigma/regex-layout.h"

#include <string.h>

#define TEXTS_PER_PATTERN 32
#define TEXT_MIN 3

static void
_add_first_byte(Pattern *self, guchar byte)
{
  self->first[byte >> 6] |= G_GUINT64_CONSTANT(1) << (byte & 63);
}

/* Of what a program cannot do PCRE2 itself says it: a text of one byte either matches, or could if it went on. */
static void
_find_first_bytes_by_code(Pattern *self)
{
  pcre2_match_data *data = pcre2_match_data_create(1, NULL);
  for (guint i = 0; i < 256; i++)
    {
      const guchar byte = i;
      if (pcre2_match(self->expression.code, &byte, 1, 0, PCRE2_PARTIAL_HARD, data, NULL) != PCRE2_ERROR_NOMATCH)
        _add_first_byte(self, byte);
    }
  pcre2_match_data_free(data);
}

static void
_find_first_bytes(Pattern *self, const gchar *regex, gboolean caseless)
{
  if (self->file->format == FORMAT_JSON)
    for (const gchar *p = "{@ "; *p; p++)
      _add_first_byte(self, *p);
  else if (self->file->format != FORMAT_GROK)
    memset(self->first, 0xff, sizeof self->first);
  else if (!siaga_program_first_bytes(regex, strlen(regex), caseless, self->first))
    _find_first_bytes_by_code(self);
}

static void
_string_free(gpointer data)
{
  g_string_free(data, TRUE);
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
  for (gsize length = _shortest(texts); few->len > TEXTS_PER_PATTERN && length >= TEXT_MIN; length--)
    for (guint to_ends = 0; to_ends < 2 && few->len > TEXTS_PER_PATTERN; to_ends++)
      {
        g_ptr_array_unref(few);
        few = _cut(texts, length, to_ends);
      }
  if (few->len > TEXTS_PER_PATTERN)
    g_clear_pointer(&few, g_ptr_array_unref);
  return few;
}

/* Letters, digits and such stand in JSON and behind "key=" as they are. */
static gboolean
_stands_as_it_is(const gchar *text)
{
  gsize length = strlen(text);
  return length >= TEXT_MIN &&
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
      if (!_is_place_of_list(&condition->key) && _shortest(needed) >= TEXT_MIN &&
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

/* Behind the group that P opens, NULL when it does not end. */
static const gchar *
_group_end(const gchar *p)
{
  guint depth = 0;
  for (; *p; p++)
    if (*p == '\\' && p[1])
      p++;
    else if (*p == '[')
      p = siaga_regex_class_end(p) - 1;
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
      next = *p == '\\' && p[1] ? p + 2 : *p == '[' ? siaga_regex_class_end(p) : *p == '(' ? _group_end(p) : p + 1;
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
  if (strstr(regex, "\\Q") || (few && _shortest(few) > TEXT_MIN))
    return few;
  return _rarer(few, _few_of(_needed_ahead(regex)));
}

void
siaga_pattern_find_needed(Pattern *self, const gchar *regex, gboolean caseless)
{
  _find_first_bytes(self, regex, caseless);
  if (self->file->format == FORMAT_GROK)
    self->needed = _needed_by_expression(regex);
  else if (self->file->format != FORMAT_W3C)
    self->needed = _few_of(_needed_by_keys(self));
}
