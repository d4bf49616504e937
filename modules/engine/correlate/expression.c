/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * String conditions of temporal correlations, read straight into alternatives: `a and (b or not c)` becomes
 * {a, b} or {a, not c}. */

#include "correlation.h"

#include <string.h>

#define NESTING_MAX 16

typedef struct
{
  const gchar *text;
  const gchar *at;
  const GArray *references;
  SiagaPlace place;
  SiagaDiag *diag;
  guint nesting;
} Reader;

static GArray *_read_or(Reader *self);

static GArray *
_fail(Reader *self, const gchar *expected)
{
  SiagaPlace place = self->place;
  place.column += self->at - self->text;
  siaga_diag_error(self->diag, place, "in the condition '%s': expected %s", self->text, expected);
  return NULL;
}

static void
_skip_blanks(Reader *self)
{
  self->at += strspn(self->at, " \t\r\n");
}

static gsize
_word_length(const gchar *text)
{
  gsize length = 0;
  while (g_ascii_isalnum(text[length]) || text[length] == '_' || text[length] == '-' || text[length] == '.')
    length++;
  return length;
}

static gboolean
_take_word(Reader *self, const gchar *word)
{
  _skip_blanks(self);
  gsize length = _word_length(self->at);
  if (length != strlen(word) || g_ascii_strncasecmp(self->at, word, length) != 0)
    return FALSE;
  self->at += length;
  return TRUE;
}

/* Both hold: every pair of alternatives.  An alternative that contradicts itself is dropped. */
static GArray *
_cross(Reader *self, GArray *left, GArray *right)
{
  GArray *result = g_array_new(FALSE, FALSE, sizeof(SiagaTerm));
  for (guint i = 0; i < left->len; i++)
    for (guint j = 0; j < right->len; j++)
      {
        const SiagaTerm *a = &g_array_index(left, SiagaTerm, i), *b = &g_array_index(right, SiagaTerm, j);
        SiagaTerm both = { a->need | b->need, a->forbid | b->forbid };
        if (!(both.need & both.forbid))
          g_array_append_val(result, both);
      }
  g_array_unref(left);
  g_array_unref(right);
  if (result->len <= SIAGA_TERMS_MAX)
    return result;
  g_array_unref(result);
  return _fail(self, "a simpler condition: it has too many alternatives");
}

/* not (a or b) is not a and not b; not of one alternative is the "or" of its opposites. */
static GArray *
_negate(Reader *self, GArray *terms)
{
  SiagaTerm always = { 0, 0 };
  GArray *result = g_array_new(FALSE, FALSE, sizeof(SiagaTerm));
  g_array_append_val(result, always);
  for (guint i = 0; i < terms->len && result; i++)
    {
      const SiagaTerm *term = &g_array_index(terms, SiagaTerm, i);
      GArray *opposites = g_array_new(FALSE, FALSE, sizeof(SiagaTerm));
      for (guint step = 0; step < SIAGA_STEPS_MAX; step++)
        {
          SiagaTerm opposite = { term->forbid & (1u << step), term->need & (1u << step) };
          if (opposite.need || opposite.forbid)
            g_array_append_val(opposites, opposite);
        }
      result = _cross(self, result, opposites);
    }
  g_array_unref(terms);
  return result;
}

static GArray *
_read_reference(Reader *self)
{
  _skip_blanks(self);
  gsize length = _word_length(self->at);
  if (!length)
    return _fail(self, "the name of a rule, 'not' or '('");
  for (guint i = 0; i < self->references->len; i++)
    {
      const SiagaReference *reference = &g_array_index(self->references, SiagaReference, i);
      if (strlen(reference->text) != length || strncmp(reference->text, self->at, length) != 0)
        continue;
      SiagaTerm term = { 1u << i, 0 };
      GArray *terms = g_array_new(FALSE, FALSE, sizeof(SiagaTerm));
      g_array_append_val(terms, term);
      self->at += length;
      return terms;
    }
  return _fail(self, "a rule that stands in 'rules'");
}

static GArray *
_read_parenthesis(Reader *self)
{
  if (++self->nesting > NESTING_MAX)
    return _fail(self, "fewer nested parentheses");
  self->at++;
  GArray *terms = _read_or(self);
  if (!terms)
    return NULL;
  _skip_blanks(self);
  if (*self->at != ')')
    {
      g_array_unref(terms);
      return _fail(self, "')'");
    }
  self->at++;
  self->nesting--;
  return terms;
}

static GArray *
_read_not(Reader *self)
{
  gboolean negated = FALSE;
  while (_take_word(self, "not"))
    negated = !negated;
  _skip_blanks(self);
  GArray *terms = *self->at == '(' ? _read_parenthesis(self) : _read_reference(self);
  return terms && negated ? _negate(self, terms) : terms;
}

static GArray *
_read_and(Reader *self)
{
  GArray *terms = _read_not(self);
  while (terms && _take_word(self, "and"))
    {
      GArray *more = _read_not(self);
      if (!more)
        {
          g_array_unref(terms);
          return NULL;
        }
      terms = _cross(self, terms, more);
    }
  return terms;
}

static GArray *
_read_or(Reader *self)
{
  GArray *terms = _read_and(self);
  while (terms && _take_word(self, "or"))
    {
      GArray *more = _read_and(self);
      if (more)
        g_array_append_vals(terms, more->data, more->len);
      else
        g_array_unref(terms);
      if (!more)
        return NULL;
      g_array_unref(more);
    }
  return terms;
}

static gboolean
_check(Reader *self, const GArray *terms)
{
  if (terms->len > SIAGA_TERMS_MAX)
    return _fail(self, "a simpler condition: it has too many alternatives") != NULL;
  if (!terms->len)
    return _fail(self, "a condition that can be true") != NULL;
  for (guint i = 0; i < terms->len; i++)
    if (!g_array_index(terms, SiagaTerm, i).need)
      return _fail(self, "each alternative to ask for at least one rule without 'not'") != NULL;
  return TRUE;
}

gboolean
siaga_expression_read(const gchar *text, const GArray *references, SiagaPlace place, GArray *terms, SiagaDiag *diag)
{
  Reader self = { .text = text, .at = text, .references = references, .place = place, .diag = diag };
  GArray *read = _read_or(&self);
  if (!read)
    return FALSE;
  _skip_blanks(&self);
  gboolean ok = !*self.at || _fail(&self, "'and', 'or' or the end");
  ok = ok && _check(&self, read);
  if (ok)
    g_array_append_vals(terms, read->data, read->len);
  g_array_unref(read);
  return ok;
}
