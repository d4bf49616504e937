/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads Sigma conditions: and, or, not, parentheses, "1 of x*", "all of them". */

#include "sigma-private.h"

#include <string.h>

#define EDGES_MAX 200000 /* of a rule's conditions */

typedef struct
{
  SiagaRules *rules;
  const GArray *identifiers;
  const SiagaYaml *source;
  const gchar *p;     /* behind the token */
  const gchar *token; /* its text, TOKEN_LENGTH long; 0 at the end */
  gsize token_length;
  guint depth;
  guint begin; /* of the rule's edges */
  SiagaDiag *diag;
  gboolean failed;
} Reader;

static guint32 _read_or(Reader *self);

static SiagaPlace
_place(const Reader *self)
{
  return siaga_place_in(self->source->place, self->source->text, self->token - self->source->text);
}

static guint32
_fail(Reader *self, const gchar *expected)
{
  if (!self->failed && self->token_length)
    siaga_diag_error(self->diag, _place(self), "condition: expected %s, not '%.*s'", expected,
                     (gint) self->token_length, self->token);
  else if (!self->failed)
    siaga_diag_error(self->diag, _place(self), "condition: expected %s at its end", expected);
  self->failed = TRUE;
  return SIAGA_NODE_NONE;
}

static void
_next(Reader *self)
{
  while (g_ascii_isspace(*self->p))
    self->p++;
  self->token = self->p;
  if (*self->p && strchr("()|", *self->p))
    self->p++;
  else
    while (*self->p && !g_ascii_isspace(*self->p) && !strchr("()|", *self->p))
      self->p++;
  self->token_length = self->p - self->token;
}

static gboolean
_is(const Reader *self, const gchar *word)
{
  return self->token_length == strlen(word) && g_ascii_strncasecmp(self->token, word, self->token_length) == 0;
}

static gboolean
_take(Reader *self, const gchar *word)
{
  if (!_is(self, word))
    return FALSE;
  _next(self);
  return TRUE;
}

static guint32
_read_identifier(Reader *self)
{
  for (guint i = 0; i < self->identifiers->len; i++)
    {
      const SiagaIdentifier *identifier = &g_array_index(self->identifiers, SiagaIdentifier, i);
      if (strlen(identifier->name) == self->token_length &&
          memcmp(identifier->name, self->token, self->token_length) == 0)
        {
          _next(self);
          return identifier->node;
        }
    }
  return _fail(self, "a search identifier of this rule");
}

/* "them" leaves out names that begin with an underscore. */
static gboolean
_is_meant(const gchar *name, const gchar *pattern, gboolean them)
{
  return them ? name[0] != '_' : g_pattern_match_simple(pattern, name);
}

static guint32
_read_quantified(Reader *self, SiagaNodeKind kind)
{
  _next(self);
  if (!_take(self, "of"))
    return _fail(self, "'of'");
  if (!self->token_length || strchr("()|", *self->token))
    return _fail(self, "'them' or search identifiers such as selection_*");
  gboolean them = _is(self, "them");
  gchar *pattern = g_strndup(self->token, self->token_length);
  GArray *children = g_array_new(FALSE, FALSE, sizeof(guint32));
  for (guint i = 0; i < self->identifiers->len; i++)
    {
      const SiagaIdentifier *identifier = &g_array_index(self->identifiers, SiagaIdentifier, i);
      if (_is_meant(identifier->name, pattern, them))
        g_array_append_val(children, identifier->node);
    }
  guint32 node = SIAGA_NODE_NONE;
  if (self->rules->edges->len - self->begin > EDGES_MAX)
    _fail(self, "fewer search identifiers behind 'of', all in all");
  else if (children->len)
    {
      node = siaga_rules_add_node(self->rules, kind, (guint32 *) children->data, children->len);
      _next(self);
    }
  else
    _fail(self, "a pattern that some search identifier fits");
  g_array_unref(children);
  g_free(pattern);
  return node;
}

static gboolean
_of_follows(const Reader *self)
{
  const gchar *p = self->p;
  while (g_ascii_isspace(*p))
    p++;
  return g_ascii_strncasecmp(p, "of", 2) == 0 && g_ascii_isspace(p[2]);
}

static guint32
_read_operand(Reader *self)
{
  if (self->failed)
    return SIAGA_NODE_NONE;
  if (self->depth > SIAGA_NESTING_MAX)
    return _fail(self, "less nesting");
  if (_take(self, "not"))
    {
      self->depth++;
      guint32 child = _read_operand(self);
      self->depth--;
      return self->failed ? SIAGA_NODE_NONE : siaga_rules_add_node(self->rules, SIAGA_NODE_NOT, &child, 1);
    }
  if (_take(self, "("))
    {
      self->depth++;
      guint32 node = _read_or(self);
      self->depth--;
      return self->failed || _take(self, ")") ? node : _fail(self, "')'");
    }
  if (_of_follows(self))
    {
      if (_is(self, "1") || _is(self, "any"))
        return _read_quantified(self, SIAGA_NODE_OR);
      if (_is(self, "all"))
        return _read_quantified(self, SIAGA_NODE_AND);
      return _fail(self, "'1 of' or 'all of'");
    }
  return _read_identifier(self);
}

static guint32
_read_chain(Reader *self, const gchar *word, SiagaNodeKind kind, guint32 (*read)(Reader *))
{
  GArray *children = g_array_new(FALSE, FALSE, sizeof(guint32));
  guint32 node;
  do
    {
      node = read(self);
      g_array_append_val(children, node);
    }
  while (!self->failed && _take(self, word));
  if (!self->failed && children->len > 1)
    node = siaga_rules_add_node(self->rules, kind, (guint32 *) children->data, children->len);
  g_array_unref(children);
  return node;
}

static guint32
_read_and(Reader *self)
{
  return _read_chain(self, "and", SIAGA_NODE_AND, _read_operand);
}

static guint32
_read_or(Reader *self)
{
  return _read_chain(self, "or", SIAGA_NODE_OR, _read_and);
}

static guint32
_read_one(SiagaRules *rules, const GArray *identifiers, const SiagaYaml *condition, guint begin, SiagaDiag *diag)
{
  Reader self = { .rules = rules, .identifiers = identifiers, .source = condition, .begin = begin, .diag = diag };

  if (condition->kind != SIAGA_YAML_SCALAR)
    {
      siaga_diag_error(diag, condition->place, "condition: expected a text");
      return SIAGA_NODE_NONE;
    }
  self.p = condition->text;
  _next(&self);
  guint32 node = _read_or(&self);
  if (!self.failed && _is(&self, "|"))
    {
      siaga_diag_error(diag, _place(&self),
                       "condition: aggregations behind '|' are not part of Sigma 2: write a correlation rule");
      return SIAGA_NODE_NONE;
    }
  if (!self.failed && self.token_length)
    return _fail(&self, "'and', 'or' or the end");
  return self.failed ? SIAGA_NODE_NONE : node;
}

guint32
siaga_condition_compile(SiagaRules *self, const GArray *identifiers, const SiagaYaml *condition, SiagaDiag *diag)
{
  guint begin = self->edges->len;
  if (condition->kind != SIAGA_YAML_LIST)
    return _read_one(self, identifiers, condition, begin, diag);
  GArray *children = g_array_new(FALSE, FALSE, sizeof(guint32));
  gboolean ok = condition->size > 0;
  if (!ok)
    siaga_diag_error(diag, condition->place, "condition: expected at least one");
  for (guint i = 0; i < condition->size; i++)
    {
      guint32 node = _read_one(self, identifiers, condition->values[i], begin, diag);
      g_array_append_val(children, node);
      ok = ok && node != SIAGA_NODE_NONE;
    }
  guint32 root =
      ok ? siaga_rules_add_node(self, SIAGA_NODE_OR, (guint32 *) children->data, children->len) : SIAGA_NODE_NONE;
  g_array_unref(children);
  return root;
}
