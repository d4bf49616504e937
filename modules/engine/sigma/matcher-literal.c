/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Finds texts that every match of a regex must contain. */

#include "matcher-private.h"

#include <string.h>

#define DEPTH_MAX 40
#define EXACT_MAX 128  /* texts of an exact set */
#define NEEDED_MAX 512 /* texts of which one is needed */
#define CLASS_MAX 8
#define FREQUENCY_MAX 1000 /* commoner sets of bytes select nothing */

typedef struct
{
  const gchar *p;
  const gchar *end;
  guint depth;
  gboolean unusual; /* met something that only PCRE2 should judge */
} Reader;

/* What is known of a part of the regex.  Sets are of SiagaNeededText. */
typedef struct
{
  GArray *exact;    /* it matches these texts and no others; NULL: unknown */
  SiagaNeeds needs; /* texts: of a part that is not exact */
} Part;

/* A sequence being read: texts that end where the reader is, and the best sets found before. */
typedef struct
{
  GArray *run;
  gboolean whole; /* RUN is all there is so far */
  SiagaNeeds best;
} Sequence;

static Part _read_alternatives(Reader *self);

static inline SiagaNeededText *
_text(const GArray *set, guint i)
{
  return &g_array_index(set, SiagaNeededText, i);
}

static GArray *
_set_new(guint texts)
{
  return g_array_sized_new(FALSE, FALSE, sizeof(SiagaNeededText), texts);
}

/* LENGTH: SIAGA_NEEDED_TEXT_MAX at most. */
static void
_set_add(GArray *set, const gchar *text, gsize length)
{
  g_array_set_size(set, set->len + 1);
  SiagaNeededText *new = _text(set, set->len - 1);
  new->length = length;
  memcpy(new->text, text, length);
}

static GArray *
_set_of(const gchar *text, gsize length)
{
  GArray *set = _set_new(1);
  _set_add(set, text, length);
  return set;
}

static void
_set_extend(GArray *set, const GArray *other)
{
  if (other->len)
    g_array_append_vals(set, other->data, other->len);
}

static GArray *
_set_copy(const GArray *set)
{
  GArray *copy = _set_new(set->len);
  _set_extend(copy, set);
  return copy;
}

static void
_set_free(GArray *set)
{
  if (set)
    g_array_unref(set);
}

static gboolean
_is_of_attacks(guchar byte)
{
  static const guint64 bits[4] = {
    /* \n \r " $ ' < > */
    1ull << '\n' | 1ull << '\r' | 1ull << '"' | 1ull << '$' | 1ull << '\'' | 1ull << '<' | 1ull << '>',
    /* \ ^ ` { | } */
    1ull << ('\\' - 64) | 1ull << ('^' - 64) | 1ull << ('`' - 64) | 1ull << ('{' - 64) | 1ull << ('|' - 64) |
        1ull << ('}' - 64),
  };
  return bits[byte / 64] >> (byte % 64) & 1;
}

/* Bytes that attacks need and ordinary requests lack. */
guint
siaga_text_weight(const gchar *text, gsize length)
{
  guint weight = length;
  for (gsize i = 0; i < length; i++)
    if (_is_of_attacks(text[i]))
      return weight + 2;
  return weight;
}

guint
siaga_set_weight(const GArray *set)
{
  guint lightest = G_MAXUINT;
  for (guint i = 0; i < set->len; i++)
    {
      const SiagaNeededText *text = _text(set, i);
      if (text->length < lightest)
        lightest = MIN(lightest, siaga_text_weight(text->text, text->length));
    }
  return set->len ? lightest : 0;
}

static gsize
_longest(const GArray *set)
{
  gsize longest = 0;
  for (guint i = 0; i < set->len; i++)
    longest = MAX(longest, _text(set, i)->length);
  return longest;
}

guint
siaga_set_shortest(const GArray *set)
{
  guint shortest = G_MAXUINT;
  for (guint i = 0; i < set->len; i++)
    shortest = MIN(shortest, _text(set, i)->length);
  return shortest;
}

/* Longer and rarer is better up to eight bytes, then fewer is better. */
static gint
_score(const GArray *set)
{
  return set ? (gint) MIN(siaga_set_weight(set), 8) * 100 - (gint) set->len / 4 : -1000;
}

static void
_needs_clear(SiagaNeeds *self)
{
  for (guint i = 0; i < self->count; i++)
    _set_free(self->sets[i]);
  self->count = self->bytes_count = 0;
}

/* --- sets of bytes -------------------------------------------------------------------------------------------------
 */

static void
_bytes_add(SiagaBytes *self, guchar byte)
{
  self->bits[byte / 64] |= G_GUINT64_CONSTANT(1) << (byte % 64);
}

/* How often a byte stands in requests: large is common. */
static guint
_byte_frequency(guchar byte)
{
  static const guint8 beyond_one[256] = {
    ['0' ... '9'] = 49, ['A' ... 'Z'] = 49, ['a' ... 'z'] = 49, ['/'] = 49, ['.'] = 49, ['-'] = 49,
    ['_'] = 49,         ['='] = 49,         ['&'] = 49,         ['?'] = 49, [' '] = 9,  [';'] = 9,
    [':'] = 9,          [','] = 9,          ['('] = 9,          [')'] = 9,  ['%'] = 9,  ['+'] = 9,
  };
  return 1 + beyond_one[byte];
}

/* No more is counted than says that it is too common. */
static guint
_bytes_frequency(const SiagaBytes *self)
{
  guint frequency = 0;
  for (guint w = 0; w < 4; w++)
    for (guint64 bits = self->bits[w]; bits && frequency <= FREQUENCY_MAX; bits &= bits - 1)
      frequency += _byte_frequency(w * 64 + __builtin_ctzll(bits));
  return frequency;
}

/* Keeps the rarest. */
static void
_offer_bytes(SiagaNeeds *self, SiagaBytes bytes)
{
  guint place = 0;
  bytes.frequency = _bytes_frequency(&bytes);
  if (bytes.frequency > FREQUENCY_MAX)
    return;
  for (guint i = 0; i < self->bytes_count; i++)
    {
      if (memcmp(self->bytes[i].bits, bytes.bits, sizeof bytes.bits) == 0)
        return;
      if (self->bytes[i].frequency > self->bytes[place].frequency)
        place = i;
    }
  if (self->bytes_count < SIAGA_BYTES_MAX)
    self->bytes[self->bytes_count++] = bytes;
  else if (bytes.frequency < self->bytes[place].frequency)
    self->bytes[place] = bytes;
}

static void
_add_both_cases(SiagaBytes *self, guchar byte)
{
  _bytes_add(self, g_ascii_tolower(byte));
  _bytes_add(self, g_ascii_toupper(byte));
}

/* A set of which a text stands here: its only text's bytes, or one byte of each. */
static void
_offer_bytes_of_set(SiagaNeeds *self, const GArray *set)
{
  SiagaBytes all = { { 0 } };
  for (guint i = 0; i < set->len; i++)
    {
      const SiagaNeededText *text = _text(set, i);
      gsize rarest = 0;
      if (!text->length)
        return;
      for (gsize k = 0; k < text->length; k++)
        {
          SiagaBytes one = { { 0 } };
          _add_both_cases(&one, text->text[k]);
          if (set->len == 1)
            _offer_bytes(self, one);
          if (_byte_frequency(text->text[k]) < _byte_frequency(text->text[rarest]))
            rarest = k;
        }
      _add_both_cases(&all, text->text[rarest]);
    }
  if (set->len)
    _offer_bytes(self, all);
}

/* The bytes of \\s, \\d, \\w and their opposites; FALSE for other letters. */
static gboolean
_bytes_of_escape(SiagaBytes *self, gchar letter)
{
  if (!letter || !strchr("sdwSDW", letter))
    return FALSE;
  for (guint c = 0; c < 256; c++)
    {
      gboolean in = letter == 's' || letter == 'S'   ? c == ' ' || (c >= 9 && c <= 13)
                    : letter == 'd' || letter == 'D' ? g_ascii_isdigit(c)
                                                     : g_ascii_isalnum(c) || c == '_';
      if (in == (g_ascii_islower(letter) != 0))
        _bytes_add(self, c);
    }
  return TRUE;
}

/* Takes SET over; keeps the best, in order. */
static void
_offer(SiagaNeeds *self, GArray *set)
{
  guint place = self->count;
  if (!set || !siaga_set_weight(set))
    {
      _set_free(set);
      return;
    }
  const gint score = _score(set);
  while (place && score > _score(self->sets[place - 1]))
    place--;
  if (place == SIAGA_NEEDS_MAX)
    {
      _set_free(set);
      return;
    }
  if (self->count == SIAGA_NEEDS_MAX)
    _set_free(self->sets[--self->count]);
  for (guint i = self->count; i > place; i--)
    self->sets[i] = self->sets[i - 1];
  self->sets[place] = set;
  self->count++;
}

static GArray *
_product(const GArray *a, const GArray *b)
{
  GArray *all = _set_new(a->len * b->len);
  for (guint i = 0; i < a->len; i++)
    for (guint k = 0; k < b->len; k++)
      {
        const SiagaNeededText *other = _text(b, k);
        g_array_append_vals(all, _text(a, i), 1);
        SiagaNeededText *joined = _text(all, all->len - 1);
        memcpy(joined->text + joined->length, other->text, other->length);
        joined->length += other->length;
      }
  return all;
}

/* What was read so far ends here: only its best part is kept.  SET begins the next run. */
static void
_break(Sequence *self, GArray *set)
{
  _offer(&self->best, self->run);
  self->run = set;
  self->whole = FALSE;
}

static void
_append_exact(Sequence *self, const GArray *set)
{
  if (self->run->len * set->len > EXACT_MAX || _longest(self->run) + _longest(set) > SIAGA_NEEDED_TEXT_MAX)
    {
      _break(self, _set_copy(set));
      return;
    }
  GArray *all = _product(self->run, set);
  _set_free(self->run);
  self->run = all;
}

/* Reads {n}, {n,} or {n,m}; FALSE when the brace is an ordinary character. */
static gboolean
_read_braces(Reader *self, guint *minimum_r, guint *maximum_r)
{
  const gchar *p = self->p + 1;
  guint64 minimum = 0;
  gboolean exact;

  if (p < self->end && *p == ',')
    self->unusual = TRUE;
  if (p >= self->end || !g_ascii_isdigit(*p))
    return FALSE;
  for (; p < self->end && g_ascii_isdigit(*p); p++)
    minimum = MIN(minimum * 10 + (*p - '0'), 100000);
  exact = p < self->end && *p == '}';
  if (p < self->end && *p == ',')
    for (p++; p < self->end && g_ascii_isdigit(*p); p++)
      ;
  if (p >= self->end || *p != '}')
    return FALSE;
  self->p = p + 1;
  *minimum_r = minimum;
  *maximum_r = exact ? minimum : G_MAXUINT;
  return TRUE;
}

/* TRUE when a quantifier stood there. */
static gboolean
_read_quantifier(Reader *self, guint *minimum_r, guint *maximum_r)
{
  *minimum_r = *maximum_r = 1;
  if (self->p >= self->end)
    return FALSE;
  gchar c = *self->p;
  if (c == '*' || c == '?' || c == '+')
    {
      *minimum_r = c == '+';
      *maximum_r = c == '?' ? 1 : G_MAXUINT;
      self->p++;
    }
  else if (c != '{' || !_read_braces(self, minimum_r, maximum_r))
    return FALSE;
  if (self->p < self->end && (*self->p == '?' || *self->p == '+'))
    self->p++;
  return TRUE;
}

static void
_part_clear(Part *self)
{
  _set_free(self->exact);
  _needs_clear(&self->needs);
}

/* Takes PART over, with the quantifier behind it. */
static void
_take(Reader *self, Sequence *sequence, Part part)
{
  guint minimum, maximum;
  gboolean quantified = _read_quantifier(self, &minimum, &maximum);

  if (minimum > 0 && part.exact)
    _offer_bytes_of_set(&sequence->best, part.exact);
  for (guint i = 0; minimum > 0 && i < part.needs.bytes_count; i++)
    _offer_bytes(&sequence->best, part.needs.bytes[i]);
  if (part.exact && quantified && minimum == 0 && maximum == 1)
    {
      _set_add(part.exact, "", 0);
      _append_exact(sequence, part.exact);
    }
  else if (part.exact && minimum > 0)
    {
      _append_exact(sequence, part.exact);
      if (maximum > 1)
        _break(sequence, _set_copy(part.exact));
    }
  else
    {
      for (guint i = 0; minimum > 0 && i < part.needs.count; i++)
        _offer(&sequence->best, g_array_ref(part.needs.sets[i]));
      _break(sequence, _set_of("", 0));
    }
  _part_clear(&part);
}

static gboolean
_is_quantified(const Reader *self)
{
  return self->p < self->end && strchr("*?+{", *self->p);
}

/* The texts read so far grow by a byte: what most of a regex is, so without taking sets apart. */
static gboolean
_grow_run(Sequence *self, gchar folded)
{
  SiagaBytes bytes = { { 0 } };
  if (self->run->len > EXACT_MAX || _longest(self->run) >= SIAGA_NEEDED_TEXT_MAX)
    return FALSE;
  for (guint i = 0; i < self->run->len; i++)
    {
      SiagaNeededText *text = _text(self->run, i);
      text->text[text->length++] = folded;
    }
  _add_both_cases(&bytes, folded);
  _offer_bytes(&self->best, bytes);
  return TRUE;
}

static void
_take_byte(Reader *self, Sequence *sequence, gchar byte)
{
  gchar folded = g_ascii_tolower(byte);
  if (!_is_quantified(self) && _grow_run(sequence, folded))
    return;
  _take(self, sequence, (Part){ .exact = _set_of(&folded, 1) });
}

/* Something that matches bytes we cannot name. */
static void
_take_unknown(Reader *self, Sequence *sequence)
{
  _take(self, sequence, (Part){ .exact = NULL });
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

/* The bytes of a small class such as [?&]; NULL when it is negated, large or not so simple. */
static GArray *
_class_members(const gchar *start, const gchar *end)
{
  GArray *set = _set_new(CLASS_MAX);
  gboolean simple = *start != '^';

  for (const gchar *p = start; simple && p < end; p++)
    {
      gboolean range = p + 1 < end && p[1] == '-' && p + 2 < end;
      gboolean escaped = *p == '\\' && p + 1 < end;
      static const gchar controls[] = "tnrf";
      const gchar *control = escaped ? strchr(controls, p[1]) : NULL;
      if (range || *p == '[' || (escaped && g_ascii_isalnum(p[1]) && !control))
        simple = FALSE;
      gchar folded = g_ascii_tolower(escaped ? *++p : *p);
      if (control)
        folded = "\t\n\r\f"[control - controls];
      _set_add(set, &folded, 1);
    }
  if (simple && set->len && set->len <= CLASS_MAX)
    return set;
  _set_free(set);
  return NULL;
}

/* The byte or bytes at *P_R; FALSE for what is not read here. */
static gboolean
_read_member(const gchar **p_r, const gchar *end, SiagaBytes *bytes, gint *byte_r)
{
  static const gchar controls[] = "tnrf", meant[] = "\t\n\r\f";
  const gchar *p = *p_r;

  *byte_r = -1;
  if (*p == '[' && p + 1 < end && strchr(":.=", p[1]))
    return FALSE;
  if (*p != '\\' || p + 1 >= end)
    {
      *byte_r = (guchar) *p;
      *p_r = p + 1;
      return TRUE;
    }
  gchar c = p[1];
  const gchar *control = c ? strchr(controls, c) : NULL;
  *p_r = p + 2;
  if (control)
    *byte_r = meant[control - controls];
  else if (c == 'x' && p + 3 < end && g_ascii_isxdigit(p[2]) && g_ascii_isxdigit(p[3]))
    {
      *byte_r = g_ascii_xdigit_value(p[2]) * 16 + g_ascii_xdigit_value(p[3]);
      *p_r = p + 4;
    }
  else if (!g_ascii_isalnum(c))
    *byte_r = (guchar) c;
  else
    return _bytes_of_escape(bytes, c);
  return TRUE;
}

static gboolean
_bytes_of_class(SiagaBytes *self, const gchar *p, const gchar *end)
{
  gboolean negated = p < end && *p == '^';
  SiagaBytes listed = { { 0 } };
  for (p += negated; p < end;)
    {
      gint first, last;
      if (!_read_member(&p, end, &listed, &first))
        return FALSE;
      last = first;
      if (first >= 0 && p + 1 < end && *p == '-')
        {
          p++;
          if (!_read_member(&p, end, &listed, &last) || last < first)
            return FALSE;
        }
      for (gint c = first; c >= 0 && c <= last; c++)
        {
          _bytes_add(&listed, c);
          if (!negated)
            _add_both_cases(&listed, c);
        }
    }
  for (guint i = 0; i < 4; i++)
    self->bits[i] = negated ? ~listed.bits[i] : listed.bits[i];
  return TRUE;
}

static void
_read_class(Reader *self, Sequence *sequence)
{
  const gchar *start = self->p + 1;
  Part part = { .exact = NULL };
  SiagaBytes bytes = { { 0 } };
  _skip_class(self);
  if (self->p > start && self->p[-1] == ']')
    {
      part.exact = _class_members(start, self->p - 1);
      if (!part.exact && _bytes_of_class(&bytes, start, self->p - 1))
        _offer_bytes(&part.needs, bytes);
    }
  _take(self, sequence, part);
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
  static const gchar names[] = "tnrfea", meant[] = "\t\n\r\f\x1b\a";
  self->p++;
  if (self->p >= self->end)
    {
      self->unusual = TRUE;
      return;
    }
  gchar c = *self->p++;
  const gchar *control = strchr(names, c);
  if (control && c)
    _take_byte(self, sequence, meant[control - names]);
  else if (c == 'x')
    _read_hex(self, sequence);
  else if (c && strchr("dDwWsShHvVR", c))
    {
      Part part = { .exact = NULL };
      SiagaBytes bytes = { { 0 } };
      if (_bytes_of_escape(&bytes, c))
        _offer_bytes(&part.needs, bytes);
      _take(self, sequence, part);
    }
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
  Part part = { .exact = NULL };
  guint minimum, maximum;

  self->p++;
  if (self->p < self->end && *self->p == '*')
    self->unusual = TRUE;
  if (self->p < self->end && *self->p == '?')
    {
      self->p++;
      counts = _read_group_kind(self, &only_flags);
    }
  if (!only_flags && !self->unusual)
    part = _read_alternatives(self);
  if (self->p < self->end && *self->p == ')')
    self->p++;
  else
    self->unusual = TRUE;
  if (counts && !only_flags)
    {
      _take(self, sequence, part);
      return;
    }
  if (!only_flags)
    _read_quantifier(self, &minimum, &maximum);
  _part_clear(&part);
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
      _read_class(self, sequence);
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

static Part
_read_sequence(Reader *self)
{
  Sequence sequence = { .run = _set_of("", 0), .whole = TRUE };

  while (self->p < self->end && *self->p != '|' && *self->p != ')' && !self->unusual)
    _read_atom(self, &sequence);
  if (sequence.whole)
    return (Part){ .exact = sequence.run };
  _offer(&sequence.best, sequence.run);
  return (Part){ .needs = sequence.best };
}

/* An exact part needs its own texts. */
static void
_loosen(Part *self)
{
  if (!self->exact)
    return;
  _offer_bytes_of_set(&self->needs, self->exact);
  _offer(&self->needs, g_steal_pointer(&self->exact));
}

static SiagaBytes
_bytes_of_either(SiagaBytes a, SiagaBytes b)
{
  for (guint i = 0; i < 4; i++)
    a.bits[i] |= b.bits[i];
  return a;
}

static GArray *
_union(const GArray *a, const GArray *b)
{
  if (a->len + b->len > NEEDED_MAX)
    return NULL;
  GArray *all = _set_new(a->len + b->len);
  _set_extend(all, a);
  _set_extend(all, b);
  return all;
}

/* Takes both over.  Whichever matches, one of the texts that either needs is there. */
static Part
_either(Part a, Part b)
{
  Part all = { .exact = NULL };
  if (a.exact && b.exact && a.exact->len + b.exact->len <= EXACT_MAX)
    {
      _set_extend(a.exact, b.exact);
      g_array_unref(b.exact);
      return a;
    }
  _loosen(&a);
  _loosen(&b);
  guint count = a.needs.count && b.needs.count ? MAX(a.needs.count, b.needs.count) : 0;
  for (guint i = 0; i < count; i++)
    _offer(&all.needs, _union(a.needs.sets[MIN(i, a.needs.count - 1)], b.needs.sets[MIN(i, b.needs.count - 1)]));
  count = a.needs.bytes_count && b.needs.bytes_count ? MAX(a.needs.bytes_count, b.needs.bytes_count) : 0;
  for (guint i = 0; i < count; i++)
    _offer_bytes(&all.needs, _bytes_of_either(a.needs.bytes[MIN(i, a.needs.bytes_count - 1)],
                                              b.needs.bytes[MIN(i, b.needs.bytes_count - 1)]));
  _part_clear(&a);
  _part_clear(&b);
  return all;
}

static Part
_read_alternatives(Reader *self)
{
  if (++self->depth > DEPTH_MAX)
    self->unusual = TRUE;
  Part all = _read_sequence(self);
  while (self->p < self->end && *self->p == '|' && !self->unusual)
    {
      self->p++;
      all = _either(all, _read_sequence(self));
    }
  self->depth--;
  return all;
}

/* Behind a strong set others hardly select, and short common texts select nothing. */
static void
_drop_idle(SiagaNeeds *self)
{
  guint first = self->count ? siaga_set_weight(self->sets[0]) : 0;
  guint keep = first >= SIAGA_WEIGHT_STRONG ? 1 : self->count;
  while (keep > 1 && first >= SIAGA_WEIGHT_MIN && siaga_set_weight(self->sets[keep - 1]) < SIAGA_WEIGHT_MIN)
    keep--;
  while (self->count > keep)
    _set_free(self->sets[--self->count]);
}

static void
_clear_needs(gpointer data)
{
  _needs_clear(data);
}

/* The alternatives at the top, one by one; as one when there are too many. */
static void
_read_top(Reader *self, GArray *all)
{
  do
    {
      Part part = _read_sequence(self);
      _loosen(&part);
      _drop_idle(&part.needs);
      g_array_append_val(all, part.needs);
    }
  while (!self->unusual && self->p < self->end && *self->p == '|' && self->p++);
}

GArray *
siaga_needs_of_regex(const gchar *expression, gsize length, gboolean *plain_r)
{
  Reader self = { expression, expression + length, 0, FALSE };
  GArray *all = g_array_new(FALSE, FALSE, sizeof(SiagaNeeds));
  gboolean known = TRUE;

  g_array_set_clear_func(all, _clear_needs);
  _read_top(&self, all);
  *plain_r = !self.unusual && self.p == self.end;
  for (guint i = 0; i < all->len; i++)
    known = known && g_array_index(all, SiagaNeeds, i).count;
  if (!*plain_r || !known)
    g_array_set_size(all, 0);
  return all;
}

static void
_string_free(gpointer data)
{
  g_string_free(data, TRUE);
}

static GPtrArray *
_strings_of(const GArray *set)
{
  GPtrArray *strings = g_ptr_array_new_with_free_func(_string_free);
  for (guint i = 0; i < set->len; i++)
    g_ptr_array_add(strings, g_string_new_len(_text(set, i)->text, _text(set, i)->length));
  return strings;
}

GPtrArray *
siaga_required_literals(const gchar *expression, gsize length, gboolean *plain_r)
{
  Reader self = { expression, expression + length, 0, FALSE };
  Part all = _read_alternatives(&self);
  GPtrArray *best = NULL;

  *plain_r = !self.unusual && self.p == self.end;
  _loosen(&all);
  for (guint i = 0; *plain_r && i < all.needs.count && !best; i++)
    if (siaga_set_shortest(all.needs.sets[i]) >= 3)
      best = _strings_of(all.needs.sets[i]);
  _part_clear(&all);
  return best;
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
