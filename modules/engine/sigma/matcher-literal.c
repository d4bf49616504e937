/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Finds texts that every match of a regex must contain. */

#include "matcher-private.h"

#include <string.h>

#define DEPTH_MAX 40
#define SET_MAX 64
#define GRAM 3

typedef struct
{
  const gchar *p;
  const gchar *end;
  guint depth;
  gboolean unusual; /* met something that only PCRE2 should judge */
} Reader;

/* A sequence being read: the run of literal bytes at its end and the best set found before. */
typedef struct
{
  GString *run;
  GPtrArray *best;
} Sequence;

static GPtrArray *_read_alternatives(Reader *self);

static void
_string_free(gpointer data)
{
  g_string_free(data, TRUE);
}

static GPtrArray *
_set_new(void)
{
  return g_ptr_array_new_with_free_func(_string_free);
}

static gsize
_shortest(const GPtrArray *set)
{
  gsize shortest = G_MAXSIZE;
  for (guint i = 0; i < set->len; i++)
    shortest = MIN(shortest, ((GString *) set->pdata[i])->len);
  return set->len ? shortest : 0;
}

/* Longer is better up to eight bytes, then fewer is better. */
static gint
_score(const GPtrArray *set)
{
  return set ? (gint) MIN(_shortest(set), 8) * 100 - (gint) set->len : -1000;
}

static void
_offer(Sequence *self, GPtrArray *set)
{
  if (!set)
    return;
  if (_score(set) <= _score(self->best))
    {
      g_ptr_array_unref(set);
      return;
    }
  if (self->best)
    g_ptr_array_unref(self->best);
  self->best = set;
}

static void
_flush(Sequence *self)
{
  if (self->run->len)
    {
      GPtrArray *set = _set_new();
      g_ptr_array_add(set, g_string_new_len(self->run->str, self->run->len));
      _offer(self, set);
    }
  g_string_truncate(self->run, 0);
}

/* Reads {n}, {n,} or {n,m}; FALSE when the brace is an ordinary character. */
static gboolean
_read_braces(Reader *self, guint *minimum_r)
{
  const gchar *p = self->p + 1;
  guint64 minimum = 0;

  if (p < self->end && *p == ',')
    self->unusual = TRUE;
  if (p >= self->end || !g_ascii_isdigit(*p))
    return FALSE;
  for (; p < self->end && g_ascii_isdigit(*p); p++)
    minimum = MIN(minimum * 10 + (*p - '0'), 100000);
  if (p < self->end && *p == ',')
    for (p++; p < self->end && g_ascii_isdigit(*p); p++)
      ;
  if (p >= self->end || *p != '}')
    return FALSE;
  self->p = p + 1;
  *minimum_r = minimum;
  return TRUE;
}

/* TRUE when a quantifier stood there. */
static gboolean
_read_quantifier(Reader *self, guint *minimum_r)
{
  *minimum_r = 1;
  if (self->p >= self->end)
    return FALSE;
  if (*self->p == '*' || *self->p == '?')
    {
      *minimum_r = 0;
      self->p++;
    }
  else if (*self->p == '+')
    self->p++;
  else if (*self->p != '{' || !_read_braces(self, minimum_r))
    return FALSE;
  if (self->p < self->end && (*self->p == '?' || *self->p == '+'))
    self->p++;
  return TRUE;
}

static void
_take_byte(Reader *self, Sequence *sequence, gchar byte)
{
  guint minimum;
  if (!_read_quantifier(self, &minimum))
    {
      g_string_append_c(sequence->run, g_ascii_tolower(byte));
      return;
    }
  if (minimum)
    g_string_append_c(sequence->run, g_ascii_tolower(byte));
  _flush(sequence);
}

/* Something that matches bytes we cannot name. */
static void
_take_unknown(Reader *self, Sequence *sequence)
{
  guint minimum;
  _flush(sequence);
  _read_quantifier(self, &minimum);
}

static void
_skip_class(Reader *self)
{
  const gchar *p = self->p + 1;
  if (p < self->end && *p == '^')
    p++;
  if (p < self->end && *p == ']')
    p++;
  for (; p < self->end && *p != ']'; p++)
    {
      if (*p == '\\' && p + 1 < self->end)
        {
          p++;
          if (*p == 'Q' || *p == 'E')
            self->unusual = TRUE;
        }
      else if (*p == '[' && p + 1 < self->end && strchr(":.=", p[1]))
        {
          const gchar *close = memchr(p + 2, ']', self->end - p - 2);
          if (close && close[-1] == p[1])
            p = close;
        }
    }
  self->p = MIN(p + 1, self->end);
}

static void
_read_hex(Reader *self, Sequence *sequence)
{
  guint value = 0, digits = 0;
  gboolean braces = self->p < self->end && *self->p == '{';

  if (braces)
    self->p++;
  while (self->p < self->end && g_ascii_isxdigit(*self->p) && digits < (braces ? 8 : 2))
    {
      value = value * 16 + g_ascii_xdigit_value(*self->p++);
      digits++;
    }
  if (braces && self->p < self->end && *self->p == '}')
    self->p++;
  else if (braces)
    self->unusual = TRUE;
  if (value > 0xff || !digits)
    self->unusual = TRUE;
  _take_byte(self, sequence, (gchar) value);
}

static void
_read_escape(Reader *self, Sequence *sequence)
{
  static const gchar names[] = "tnrfea", bytes[] = "\t\n\r\f\x1b\a";
  self->p++;
  if (self->p >= self->end)
    {
      self->unusual = TRUE;
      return;
    }
  gchar c = *self->p++;
  const gchar *control = strchr(names, c);
  if (control && c)
    _take_byte(self, sequence, bytes[control - names]);
  else if (c == 'x')
    _read_hex(self, sequence);
  else if (c && strchr("dDwWsShHvVR", c))
    _take_unknown(self, sequence);
  else if (g_ascii_isdigit(c))
    {
      while (self->p < self->end && g_ascii_isdigit(*self->p))
        self->p++;
      _take_unknown(self, sequence);
    }
  else if (g_ascii_isalpha(c))
    self->unusual = self->unusual || !strchr("bBAZz", c);
  else
    _take_byte(self, sequence, c);
}

/* Behind "(?": TRUE when the group's own text has to match where it stands. */
static gboolean
_read_group_kind(Reader *self, gboolean *only_flags_r)
{
  gchar c = self->p < self->end ? *self->p : '\0';
  gchar next = self->p + 1 < self->end ? self->p[1] : '\0';

  *only_flags_r = FALSE;
  if (c == ':' || c == '>' || c == '|' || c == '=')
    {
      self->p++;
      return c != '=';
    }
  if (c == '!' || (c == '<' && (next == '=' || next == '!')))
    {
      self->p += c == '!' ? 1 : 2;
      return FALSE;
    }
  if (c == '<' || c == '\'' || (c == 'P' && next == '<'))
    {
      const gchar *close = memchr(self->p + 2, c == '\'' ? '\'' : '>', self->end - MIN(self->p + 2, self->end));
      self->unusual = self->unusual || !close;
      self->p = close ? close + 1 : self->end;
      return TRUE;
    }
  while (self->p < self->end && *self->p && strchr("ims-", *self->p))
    self->p++;
  c = self->p < self->end ? *self->p : '\0';
  if (c == ':')
    self->p++;
  else if (c == ')')
    *only_flags_r = TRUE;
  else
    self->unusual = TRUE;
  return TRUE;
}

static void
_read_group(Reader *self, Sequence *sequence)
{
  gboolean counts = TRUE, only_flags = FALSE;
  guint minimum;

  self->p++;
  if (self->p < self->end && *self->p == '*')
    self->unusual = TRUE;
  if (self->p < self->end && *self->p == '?')
    {
      self->p++;
      counts = _read_group_kind(self, &only_flags);
    }
  if (counts)
    _flush(sequence);
  GPtrArray *set = only_flags || self->unusual ? NULL : _read_alternatives(self);
  if (self->p < self->end && *self->p == ')')
    self->p++;
  else
    self->unusual = TRUE;
  _read_quantifier(self, &minimum);
  if (counts && minimum)
    _offer(sequence, set);
  else if (set)
    g_ptr_array_unref(set);
}

static void
_read_atom(Reader *self, Sequence *sequence)
{
  switch (*self->p)
    {
    case '(':
      _read_group(self, sequence);
      break;
    case '[':
      _skip_class(self);
      _take_unknown(self, sequence);
      break;
    case '.':
      self->p++;
      _take_unknown(self, sequence);
      break;
    case '^':
    case '$':
      self->p++;
      break;
    case '\\':
      _read_escape(self, sequence);
      break;
    default:
      self->p++;
      _take_byte(self, sequence, self->p[-1]);
    }
}

static GPtrArray *
_read_sequence(Reader *self)
{
  Sequence sequence = { g_string_new(NULL), NULL };

  while (self->p < self->end && *self->p != '|' && *self->p != ')' && !self->unusual)
    _read_atom(self, &sequence);
  _flush(&sequence);
  g_string_free(sequence.run, TRUE);
  return sequence.best;
}

static GPtrArray *
_union(GPtrArray *all, GPtrArray *more)
{
  if (all && more && all->len + more->len <= SET_MAX)
    {
      g_ptr_array_extend_and_steal(all, more);
      return all;
    }
  if (all)
    g_ptr_array_unref(all);
  if (more)
    g_ptr_array_unref(more);
  return NULL;
}

static GPtrArray *
_read_alternatives(Reader *self)
{
  if (++self->depth > DEPTH_MAX)
    self->unusual = TRUE;
  GPtrArray *all = _read_sequence(self);
  while (self->p < self->end && *self->p == '|' && !self->unusual)
    {
      self->p++;
      all = _union(all, _read_sequence(self));
    }
  self->depth--;
  return all;
}

GPtrArray *
siaga_required_literals(const gchar *expression, gsize length, gboolean *plain_r)
{
  Reader self = { expression, expression + length, 0, FALSE };
  GPtrArray *set = _read_alternatives(&self);

  *plain_r = !self.unusual && self.p == self.end;
  if (set && (!*plain_r || _shortest(set) < GRAM))
    {
      g_ptr_array_unref(set);
      set = NULL;
    }
  return set;
}

/* Whether the regex speaks of characters, not bytes. */
gboolean
siaga_expression_is_utf(const gchar *expression, gsize length)
{
  for (gsize i = 0; i < length; i++)
    {
      if ((guchar) expression[i] >= 0x80)
        return TRUE;
      if (expression[i] != '\\' || ++i >= length)
        continue;
      if (strchr("pPX", expression[i]) && expression[i])
        return TRUE;
      if (expression[i] == 'x' && i + 1 < length && expression[i + 1] == '{' &&
          strtoul(expression + i + 2, NULL, 16) > 0xff)
        return TRUE;
    }
  return FALSE;
}
