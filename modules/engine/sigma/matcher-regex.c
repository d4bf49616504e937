/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads a regex into a tree.  What it does not know for certain it refuses, and PCRE2 alone judges that expression. */

#include "matcher-regex.h"

#include <siaga/matcher.h>

#include <string.h>

#define DEPTH_MAX 40
#define NODES_MAX 4000
#define COPIES_MAX 8 /* of a byte; longer repeats are loosened: an automaton that counts has too many states */
#define PARTS_MAX 4  /* of anything larger */

typedef struct
{
  const gchar *p;
  const gchar *end;
  guint flags; /* SiagaMatchFlags that hold where the reader is */
  guint depth;
  guint nodes;
  gboolean failed;
  guint number; /* of the group whose head was read last, + 1; 0: it has none */
} Parser;

static SiagaRegexNode *_parse_alternatives(Parser *self);

static SiagaRegexNode *
_node_new(Parser *self, SiagaRegexKind kind)
{
  SiagaRegexNode *node = g_new0(SiagaRegexNode, 1);
  node->kind = kind;
  if (++self->nodes > NODES_MAX)
    self->failed = TRUE;
  return node;
}

void
siaga_regex_free(SiagaRegexNode *self)
{
  if (!self)
    return;
  for (guint i = 0; self->children && i < self->children->len; i++)
    siaga_regex_free(self->children->pdata[i]);
  if (self->children)
    g_ptr_array_unref(self->children);
  g_free(self);
}

static SiagaRegexNode *
_parent_new(Parser *self, SiagaRegexKind kind)
{
  SiagaRegexNode *node = _node_new(self, kind);
  node->children = g_ptr_array_new();
  return node;
}

static gboolean
_is_whole(const Parser *self)
{
  return (self->flags & SIAGA_REGEX_WHOLE) != 0;
}

static SiagaRegexNode *
_loose_empty(Parser *self)
{
  SiagaRegexNode *node = _node_new(self, SIAGA_REGEX_EMPTY);
  node->loose = TRUE;
  return node;
}

static SiagaRegexNode *
_assertion(Parser *self, SiagaAssertion assertion)
{
  SiagaRegexNode *node = _node_new(self, SIAGA_REGEX_ASSERT);
  node->assertion = assertion;
  /* PCRE2 does not take a newline at the very end for the start of a line. */
  node->loose = assertion == SIAGA_ASSERT_LINE_START;
  return node;
}

/* --- sets of bytes -------------------------------------------------------------------------------------------------
 */

/* Letters stand in the same word, the small ones 32 bits behind. */
static void
_fold(SiagaByteSet *set)
{
  const guint64 capitals = ((G_GUINT64_CONSTANT(1) << 26) - 1) << ('A' - 64);
  guint64 letters = (set->bits[1] | set->bits[1] >> 32) & capitals;
  set->bits[1] |= letters | letters << 32;
}

static void
_invert(SiagaByteSet *set)
{
  for (guint i = 0; i < 4; i++)
    set->bits[i] = ~set->bits[i];
}

static SiagaRegexNode *
_set_node(Parser *self, SiagaByteSet set)
{
  SiagaRegexNode *node = _node_new(self, SIAGA_REGEX_SET);
  if (self->flags & SIAGA_MATCH_CASELESS)
    _fold(&set);
  node->set = set;
  return node;
}

static SiagaRegexNode *
_byte_node(Parser *self, guchar byte)
{
  SiagaByteSet set = { { 0 } };
  siaga_byte_set_add(&set, byte);
  return _set_node(self, set);
}

static gboolean
_is_of_escape(guint byte, gchar letter)
{
  switch (letter)
    {
    case 's':
      return byte == ' ' || (byte >= 9 && byte <= 13);
    case 'd':
      return byte >= '0' && byte <= '9';
    default:
      return siaga_is_word(byte);
    }
}

/* Adds \\s, \\d, \\w or the opposite of one; FALSE for other letters. */
static gboolean
_add_escape(SiagaByteSet *set, gchar letter)
{
  if (!letter || !strchr("sdwSDW", letter))
    return FALSE;
  for (guint c = 0; c < 256; c++)
    if (_is_of_escape(c, letter | 0x20) == (g_ascii_islower(letter) != 0))
      siaga_byte_set_add(set, c);
  return TRUE;
}

static gboolean
_is_of_posix(const gchar *name, gsize length, guint c)
{
  static const gchar *const names[] = {
    "alpha", "digit", "alnum", "upper", "lower", "space", "punct", "xdigit", "word"
  };
  guint which = 0;
  while (which < G_N_ELEMENTS(names) && (strlen(names[which]) != length || memcmp(names[which], name, length) != 0))
    which++;
  switch (which)
    {
    case 0:
      return g_ascii_isalpha(c);
    case 1:
      return g_ascii_isdigit(c);
    case 2:
      return g_ascii_isalnum(c);
    case 3:
      return g_ascii_isupper(c);
    case 4:
      return g_ascii_islower(c);
    case 5:
      return _is_of_escape(c, 's');
    case 6:
      return g_ascii_ispunct(c);
    case 7:
      return g_ascii_isxdigit(c);
    default:
      return which == 8 && siaga_is_word(c);
    }
}

/* [:name:] at P; FALSE when it is none that is known. */
static gboolean
_add_posix(Parser *self, SiagaByteSet *set)
{
  const gchar *name = self->p + 2;
  const gchar *close = memchr(name, ':', self->end - name);
  gboolean any = FALSE;

  if (self->p[1] != ':' || !close || close + 1 >= self->end || close[1] != ']')
    return FALSE;
  for (guint c = 0; c < 128; c++)
    if (_is_of_posix(name, close - name, c))
      {
        siaga_byte_set_add(set, c);
        any = TRUE;
      }
  self->p = close + 2;
  return any;
}

/* Two hex digits at P, else -1. */
static gint
_read_hex(Parser *self)
{
  const gchar *p = self->p;
  gboolean braces = p < self->end && *p == '{';
  p += braces;
  if (self->end - p < 2 + braces || !g_ascii_isxdigit(p[0]) || !g_ascii_isxdigit(p[1]) || (braces && p[2] != '}'))
    return -1;
  self->p = p + 2 + braces;
  return g_ascii_xdigit_value(p[0]) * 16 + g_ascii_xdigit_value(p[1]);
}

/* The byte that the escape with LETTER means, P being behind the letter; -1 when it is not one byte. */
static gint
_escaped_byte(Parser *self, gchar letter)
{
  static const gchar names[] = "tnrfea", meant[] = "\t\n\r\f\x1b\a";
  const gchar *control = letter ? strchr(names, letter) : NULL;
  if (control)
    return meant[control - names];
  if (letter == 'x')
    return _read_hex(self);
  return g_ascii_isalnum(letter) ? -1 : (guchar) letter;
}

/* One member of a class: a byte, or a set that is added at once (-1).  Fails for the rest. */
static gint
_read_member(Parser *self, SiagaByteSet *set)
{
  gchar c = *self->p;
  if (c == '[' && self->p + 1 < self->end && strchr(":.=", self->p[1]) && self->p[1])
    {
      self->failed = self->failed || !_add_posix(self, set);
      return -1;
    }
  self->p++;
  if (c != '\\')
    return (guchar) c;
  if (self->p >= self->end)
    {
      self->failed = TRUE;
      return -1;
    }
  c = *self->p++;
  if (_add_escape(set, c))
    return -1;
  gint byte = _escaped_byte(self, c);
  self->failed = self->failed || byte < 0;
  return byte;
}

static void
_read_range(Parser *self, SiagaByteSet *set)
{
  gint first = _read_member(self, set), last = first;
  if (self->p + 1 < self->end && *self->p == '-' && self->p[1] != ']')
    {
      self->p++;
      last = _read_member(self, set);
      self->failed = self->failed || first < 0 || last < first;
    }
  for (gint c = first; c >= 0 && c <= last; c++)
    siaga_byte_set_add(set, c);
}

static SiagaRegexNode *
_parse_class(Parser *self)
{
  SiagaByteSet set = { { 0 } };
  self->p++;
  gboolean negated = self->p < self->end && *self->p == '^', first = TRUE;
  self->p += negated;
  for (; !self->failed && self->p < self->end && (first || *self->p != ']'); first = FALSE)
    _read_range(self, &set);
  if (self->p < self->end)
    self->p++;
  else
    self->failed = TRUE;
  if (self->flags & SIAGA_MATCH_CASELESS)
    _fold(&set);
  if (negated)
    _invert(&set);
  SiagaRegexNode *node = _node_new(self, SIAGA_REGEX_SET);
  node->set = set;
  return node;
}

/* --- escapes and groups --------------------------------------------------------------------------------------------
 */

/* Anything at all. */
static SiagaRegexNode *
_loose_anything(Parser *self)
{
  SiagaRegexNode *repeat = _parent_new(self, SIAGA_REGEX_REPEAT), *any = _node_new(self, SIAGA_REGEX_SET);
  _invert(&any->set);
  g_ptr_array_add(repeat->children, any);
  repeat->maximum = G_MAXUINT;
  repeat->loose = TRUE;
  return repeat;
}

static SiagaRegexNode *
_parse_escape(Parser *self)
{
  static const gchar assertions[] = "bBAzZ";
  static const SiagaAssertion meant[] = { SIAGA_ASSERT_WORD, SIAGA_ASSERT_NOT_WORD, SIAGA_ASSERT_START,
                                          SIAGA_ASSERT_LAST, SIAGA_ASSERT_END };
  SiagaByteSet set = { { 0 } };

  self->p++;
  gchar c = self->p < self->end ? *self->p++ : 'Q';
  const gchar *assertion = c ? strchr(assertions, c) : NULL;
  if (assertion)
    return _assertion(self, meant[assertion - assertions]);
  if (_add_escape(&set, c))
    return _set_node(self, set);
  if (!_is_whole(self) && c >= '1' && c <= '9' && !(self->p < self->end && g_ascii_isdigit(*self->p)))
    return _loose_anything(self);
  gint byte = _escaped_byte(self, c);
  self->failed = self->failed || byte < 0;
  return _byte_node(self, byte);
}

/* Letters between "(?" and ":" or ")". */
static gboolean
_read_flags(Parser *self)
{
  gboolean on = TRUE;
  for (; self->p < self->end && *self->p != ':' && *self->p != ')'; self->p++)
    {
      guint flag = *self->p == 'i'   ? SIAGA_MATCH_CASELESS
                   : *self->p == 'm' ? SIAGA_MATCH_MULTILINE
                   : *self->p == 's' ? SIAGA_MATCH_DOTALL
                                     : 0;
      if (*self->p == '-' && on)
        on = FALSE;
      else if (!flag)
        return FALSE;
      self->flags = on ? self->flags | flag : self->flags & ~flag;
    }
  return self->p < self->end;
}

typedef enum
{
  GROUP_PLAIN,
  GROUP_ATOMIC,
  GROUP_LOOK,  /* around: what it says is left out */
  GROUP_FLAGS, /* (?i) */
} GroupKind;

/* The name of a group; "g" and digits number it. */
static gboolean
_read_name(Parser *self, gchar close)
{
  const gchar *p = self->p, *end = memchr(p, close, self->end - p);
  guint number = 0;
  if (!end)
    return FALSE;
  self->p = end + 1;
  if (end - p < 2 || end - p > 4 || *p++ != 'g')
    return TRUE;
  for (; p < end && g_ascii_isdigit(*p); p++)
    number = number * 10 + (*p - '0');
  self->number = p == end ? number + 1 : 0;
  return TRUE;
}

static gboolean
_starts(const Parser *self, const gchar *text)
{
  gsize length = strlen(text);
  return (gsize) (self->end - self->p) >= length && memcmp(self->p, text, length) == 0;
}

/* The second bit: behind; the first: negative. */
static const gchar *const looks[] = { "=", "!", "<=", "<!" };

/* Reads what stands behind "(?". */
static GroupKind
_read_group_kind(Parser *self, guint *look_r)
{
  for (guint i = 0; i < G_N_ELEMENTS(looks); i++)
    if (_starts(self, looks[i]))
      {
        self->p += strlen(looks[i]);
        *look_r = i;
        return GROUP_LOOK;
      }
  if (_starts(self, ">"))
    {
      self->p++;
      return GROUP_ATOMIC;
    }
  if (_starts(self, "<") || _starts(self, "P<"))
    {
      self->p += *self->p == '<' ? 1 : 2;
      self->failed = self->failed || !_read_name(self, '>');
      return GROUP_PLAIN;
    }
  if (!_read_flags(self))
    {
      self->failed = TRUE;
      return GROUP_PLAIN;
    }
  return *self->p++ == ')' ? GROUP_FLAGS : GROUP_PLAIN;
}

/* CHILD as a group of that kind. */
static SiagaRegexNode *
_wrapped(Parser *self, SiagaRegexNode *child, GroupKind kind, guint look, guint number)
{
  if (kind == GROUP_PLAIN && !number)
    return child;
  SiagaRegexNode *node = _parent_new(self, kind == GROUP_LOOK     ? SIAGA_REGEX_LOOK
                                           : kind == GROUP_ATOMIC ? SIAGA_REGEX_ATOMIC
                                                                  : SIAGA_REGEX_GROUP);
  node->behind = look >> 1;
  node->negative = look & 1;
  node->number = number - 1;
  g_ptr_array_add(node->children, child);
  return node;
}

static SiagaRegexNode *
_parse_group(Parser *self)
{
  guint flags = self->flags, look = 0;
  GroupKind kind = GROUP_PLAIN;

  self->p++;
  self->number = 0;
  if (_starts(self, "*"))
    self->failed = TRUE;
  if (_starts(self, "?"))
    {
      self->p++;
      kind = _read_group_kind(self, &look);
    }
  if (kind == GROUP_FLAGS)
    return _node_new(self, SIAGA_REGEX_EMPTY);
  guint number = self->number;
  SiagaRegexNode *node = _parse_alternatives(self);
  self->flags = flags;
  if (!_starts(self, ")"))
    self->failed = TRUE;
  else
    self->p++;
  if (_is_whole(self))
    return _wrapped(self, node, kind, look, number);
  if (kind == GROUP_LOOK)
    {
      siaga_regex_free(node);
      return _loose_empty(self);
    }
  node->loose = node->loose || kind == GROUP_ATOMIC;
  return node;
}

/* --- sequences -----------------------------------------------------------------------------------------------------
 */

static guint
_read_count(Parser *self)
{
  guint count = 0;
  for (; self->p < self->end && g_ascii_isdigit(*self->p); self->p++)
    count = MIN(count * 10 + (*self->p - '0'), 100000);
  return count;
}

/* {n}, {n,} or {n,m}; an ordinary brace is left alone.  Releases of PCRE2 differ about {,m} and about blanks. */
static gboolean
_read_braces(Parser *self, guint *minimum_r, guint *maximum_r)
{
  const gchar *p = self->p + 1;
  self->failed = self->failed || (p < self->end && (*p == ',' || *p == ' '));
  if (p >= self->end || !g_ascii_isdigit(*p))
    return FALSE;
  self->p = p;
  *minimum_r = *maximum_r = _read_count(self);
  if (_starts(self, ","))
    {
      self->p++;
      *maximum_r = self->p < self->end && g_ascii_isdigit(*self->p) ? _read_count(self) : G_MAXUINT;
    }
  self->failed = self->failed || !_starts(self, "}");
  self->p = MIN(self->p + 1, self->end);
  return TRUE;
}

static gboolean
_read_quantifier(Parser *self, guint *minimum_r, guint *maximum_r)
{
  gchar c = self->p < self->end ? *self->p : '\0';
  if (c == '{')
    return _read_braces(self, minimum_r, maximum_r);
  if (!c || !strchr("*+?", c))
    return FALSE;
  *minimum_r = c == '+';
  *maximum_r = c == '?' ? 1 : G_MAXUINT;
  self->p++;
  return TRUE;
}

/* Takes CHILD over, with the quantifier behind it. */
static SiagaRegexNode *
_quantified(Parser *self, SiagaRegexNode *child)
{
  guint minimum, maximum;
  if (!_read_quantifier(self, &minimum, &maximum))
    return child;
  guint most = _is_whole(self) ? G_MAXUINT : child->kind == SIAGA_REGEX_SET ? COPIES_MAX : PARTS_MAX;
  SiagaRegexNode *node = _parent_new(self, SIAGA_REGEX_REPEAT);
  g_ptr_array_add(node->children, child);
  node->loose = minimum > most || (maximum > most && maximum != G_MAXUINT);
  node->minimum = MIN(minimum, most);
  node->maximum = maximum > most ? G_MAXUINT : maximum;
  if (_starts(self, "+"))
    node->loose = TRUE;
  node->style = _starts(self, "+")   ? SIAGA_REPEAT_POSSESSIVE
                : _starts(self, "?") ? SIAGA_REPEAT_LAZY
                                     : SIAGA_REPEAT_GREEDY;
  if (node->style != SIAGA_REPEAT_GREEDY)
    self->p++;
  if (child->kind == SIAGA_REGEX_ASSERT || child->kind == SIAGA_REGEX_LOOK || maximum == 0 || maximum < minimum)
    self->failed = TRUE;
  return node;
}

static SiagaRegexNode *
_parse_atom(Parser *self)
{
  SiagaByteSet any = { { ~G_GUINT64_CONSTANT(0), ~G_GUINT64_CONSTANT(0), ~G_GUINT64_CONSTANT(0),
                         ~G_GUINT64_CONSTANT(0) } };
  gboolean lines = self->flags & SIAGA_MATCH_MULTILINE;
  switch (*self->p)
    {
    case '(':
      return _parse_group(self);
    case '[':
      return _parse_class(self);
    case '\\':
      return _parse_escape(self);
    case '.':
      self->p++;
      if (!(self->flags & SIAGA_MATCH_DOTALL))
        any.bits[0] &= ~(G_GUINT64_CONSTANT(1) << '\n');
      return _set_node(self, any);
    case '^':
      self->p++;
      return _assertion(self, lines ? SIAGA_ASSERT_LINE_START : SIAGA_ASSERT_START);
    case '$':
      self->p++;
      return _assertion(self, lines ? SIAGA_ASSERT_LINE_END : _is_whole(self) ? SIAGA_ASSERT_LAST : SIAGA_ASSERT_END);
    default:
      return _byte_node(self, *self->p++);
    }
}

static SiagaRegexNode *
_parse_sequence(Parser *self)
{
  SiagaRegexNode *node = _parent_new(self, SIAGA_REGEX_CAT);
  while (!self->failed && self->p < self->end && *self->p != '|' && *self->p != ')')
    {
      SiagaRegexNode *atom = _parse_atom(self);
      g_ptr_array_add(node->children, _quantified(self, atom));
    }
  return node;
}

static SiagaRegexNode *
_parse_alternatives(Parser *self)
{
  SiagaRegexNode *node = _parent_new(self, SIAGA_REGEX_ALT);
  if (++self->depth > DEPTH_MAX)
    self->failed = TRUE;
  do
    g_ptr_array_add(node->children, _parse_sequence(self));
  while (!self->failed && self->p < self->end && *self->p == '|' && self->p++);
  self->depth--;
  return node;
}

/* Texts are trees too. */
static SiagaRegexNode *
_parse_text(Parser *self)
{
  SiagaRegexNode *node = _parent_new(self, SIAGA_REGEX_ALT), *text = _parent_new(self, SIAGA_REGEX_CAT);
  g_ptr_array_add(node->children, text);
  for (; self->p < self->end && !self->failed; self->p++)
    g_ptr_array_add(text->children, _byte_node(self, *self->p));
  return node;
}

/* Each alternative begins and ends where FLAGS say. */
static void
_anchor(Parser *self, SiagaRegexNode *root, guint flags)
{
  for (guint i = 0; i < root->children->len; i++)
    {
      SiagaRegexNode *alternative = root->children->pdata[i];
      if (flags & SIAGA_MATCH_ANCHORED)
        g_ptr_array_insert(alternative->children, 0, _assertion(self, SIAGA_ASSERT_START));
      if (flags & SIAGA_MATCH_AT_END)
        g_ptr_array_add(alternative->children, _assertion(self, SIAGA_ASSERT_LAST));
    }
}

SiagaRegexNode *
siaga_regex_parse(const gchar *expression, gsize length, guint flags)
{
  Parser self = { expression, expression + length, flags, 0, 0, FALSE };
  SiagaRegexNode *root = flags & SIAGA_MATCH_LITERAL ? _parse_text(&self) : _parse_alternatives(&self);
  if (self.failed || self.p != self.end)
    {
      siaga_regex_free(root);
      return NULL;
    }
  _anchor(&self, root, flags);
  return root;
}

/* --- asking --------------------------------------------------------------------------------------------------------
 */

gboolean
siaga_regex_is_nullable(const SiagaRegexNode *self)
{
  gboolean alternatives = self->kind == SIAGA_REGEX_ALT;
  if (self->kind == SIAGA_REGEX_EMPTY || (self->kind == SIAGA_REGEX_REPEAT && !self->minimum))
    return TRUE;
  if (!self->children)
    return FALSE;
  for (guint i = 0; i < self->children->len; i++)
    if (siaga_regex_is_nullable(self->children->pdata[i]) == alternatives)
      return alternatives;
  return !alternatives;
}

gboolean
siaga_regex_is_loose(const SiagaRegexNode *self)
{
  if (self->loose)
    return TRUE;
  for (guint i = 0; self->children && i < self->children->len; i++)
    if (siaga_regex_is_loose(self->children->pdata[i]))
      return TRUE;
  return FALSE;
}

static gboolean
_is_set_possible(const SiagaByteSet *set, const SiagaByteSet *alphabet)
{
  for (guint i = 0; i < 4; i++)
    if (set->bits[i] & alphabet->bits[i])
      return TRUE;
  return FALSE;
}

static SiagaRegexNode *
_copy_with(const SiagaRegexNode *self, GPtrArray *children)
{
  SiagaRegexNode *copy = g_new(SiagaRegexNode, 1);
  *copy = *self;
  copy->copied = TRUE;
  copy->children = children;
  return copy;
}

static const SiagaRegexNode *
_restrict_set(const SiagaRegexNode *self, const SiagaByteSet *alphabet)
{
  SiagaByteSet set, lost = { { 0 } };
  for (guint i = 0; i < 4; i++)
    {
      set.bits[i] = self->set.bits[i] & alphabet->bits[i];
      lost.bits[i] = self->set.bits[i] & ~alphabet->bits[i];
    }
  if (!_is_set_possible(&lost, &lost))
    return self;
  if (!_is_set_possible(&set, &set))
    return NULL;
  SiagaRegexNode *copy = _copy_with(self, NULL);
  copy->set = set;
  return copy;
}

static void
_free_copies(GPtrArray *children)
{
  for (guint i = 0; children && i < children->len; i++)
    siaga_regex_free_copy(children->pdata[i]);
  g_clear_pointer(&children, g_ptr_array_unref);
}

static GPtrArray *
_first_children(const SiagaRegexNode *self, guint count)
{
  GPtrArray *children = g_ptr_array_sized_new(self->children->len);
  for (guint i = 0; i < count; i++)
    g_ptr_array_add(children, self->children->pdata[i]);
  return children;
}

/* FALSE: SELF cannot match.  *CHILDREN_R: what is left of them, NULL when that is all. */
static gboolean
_restrict_children(const SiagaRegexNode *self, const SiagaByteSet *alphabet, GPtrArray **children_r)
{
  for (guint i = 0; i < self->children->len; i++)
    {
      const SiagaRegexNode *child = self->children->pdata[i], *rest = siaga_regex_restrict(child, alphabet);
      if (!rest && self->kind != SIAGA_REGEX_ALT)
        return FALSE;
      if (rest != child && !*children_r)
        *children_r = _first_children(self, i);
      if (rest && *children_r)
        g_ptr_array_add(*children_r, (gpointer) rest);
    }
  return !*children_r || (*children_r)->len;
}

const SiagaRegexNode *
siaga_regex_restrict(const SiagaRegexNode *self, const SiagaByteSet *alphabet)
{
  GPtrArray *children = NULL;
  if (self->kind == SIAGA_REGEX_SET)
    return _restrict_set(self, alphabet);
  if (!self->children)
    return self;
  if (_restrict_children(self, alphabet, &children))
    return children ? _copy_with(self, children) : self;
  _free_copies(children);
  if (self->kind != SIAGA_REGEX_REPEAT || self->minimum)
    return NULL;
  /* what cannot be repeated is left out where it need not be there */
  SiagaRegexNode *empty = _copy_with(self, NULL);
  empty->kind = SIAGA_REGEX_EMPTY;
  return empty;
}

void
siaga_regex_free_copy(const SiagaRegexNode *self)
{
  if (!self || !self->copied)
    return;
  _free_copies(self->children);
  g_free((gpointer) self);
}

gboolean
siaga_regex_is_possible(const SiagaRegexNode *self, const SiagaByteSet *alphabet)
{
  gboolean one_is_enough = self->kind == SIAGA_REGEX_ALT && self->children->len;
  if (self->kind == SIAGA_REGEX_SET)
    return _is_set_possible(&self->set, alphabet);
  if (!self->children || (self->kind == SIAGA_REGEX_REPEAT && !self->minimum))
    return TRUE;
  for (guint i = 0; i < self->children->len; i++)
    if (siaga_regex_is_possible(self->children->pdata[i], alphabet) == one_is_enough)
      return one_is_enough;
  return !one_is_enough;
}

static void
_add_bytes(SiagaByteSet *self, const gchar *bytes)
{
  for (guint c = 0; c < 128; c++)
    if (g_ascii_isalnum(c))
      siaga_byte_set_add(self, c);
  for (; *bytes; bytes++)
    siaga_byte_set_add(self, (guchar) *bytes);
}

/* Plain targets and names; search words and agents; all. */
const SiagaByteSet *
siaga_alphabet(guint number)
{
  static SiagaByteSet alphabets[SIAGA_ALPHABETS];
  static gsize made;
  if (g_once_init_enter(&made))
    {
      _add_bytes(&alphabets[0], "/._-=&?%+,:");
      _add_bytes(&alphabets[1], "/._-=&?%+,: ();");
      memset(&alphabets[2], 0xff, sizeof alphabets[2]);
      g_once_init_leave(&made, 1);
    }
  return &alphabets[number];
}

const SiagaRegexNode *
siaga_regex_in_alphabet(const SiagaRegexNode *self, guint number)
{
  return number == SIAGA_ALPHABETS - 1 ? self : siaga_regex_restrict(self, siaga_alphabet(number));
}
