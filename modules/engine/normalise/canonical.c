/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Undoes the encodings that hide an attack in a request.  Every construct is written at least as long as what it means,
 * so that a text is decoded in place; each round is linear in its length. */

#include "config.h"

#include "engine/base/block.h"

#include <siaga/normalise.h>

#include <string.h>

#define ROUNDS_MAX 4
#define ENTITY_NAME_MAX 8

typedef struct
{
  gchar *text;
  gsize length; /* not decoded yet: up to here */
  gsize read;
  gsize write;
  SiagaArena *arena;
  gchar *carried; /* what goes to the text's end; NULL: nothing yet */
  gsize carried_length;
  gboolean first_round;
  gboolean unterminated; /* no comment ends behind here */
} Decoder;

typedef struct
{
  const gchar *name;
  gchar means;
} Entity;

static const Entity entities[] = {
  { "lt", '<' },     { "gt", '>' },       { "amp", '&' },    { "quot", '"' },   { "apos", '\'' }, { "nbsp", ' ' },
  { "Tab", '\t' },   { "NewLine", '\n' }, { "colon", ':' },  { "sol", '/' },    { "bsol", '\\' }, { "lpar", '(' },
  { "rpar", ')' },   { "lsqb", '[' },     { "rsqb", ']' },   { "lcub", '{' },   { "rcub", '}' },  { "semi", ';' },
  { "comma", ',' },  { "period", '.' },   { "equals", '=' }, { "excl", '!' },   { "num", '#' },   { "dollar", '$' },
  { "percnt", '%' }, { "plus", '+' },     { "ast", '*' },    { "grave", '`' },  { "vert", '|' },  { "LT", '<' },
  { "GT", '>' },     { "AMP", '&' },      { "QUOT", '"' },   { "commat", '@' }, { "quest", '?' }, { "lowbar", '_' },
};

static inline gint
_hex(gchar c)
{
  if (c >= '0' && c <= '9')
    return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Up to MOST hex digits at AT; gives back how many. */
static guint
_read_hex(const Decoder *self, gsize at, guint most, guint32 *value_r)
{
  guint digits = 0;
  *value_r = 0;
  for (; digits < most && at + digits < self->length && _hex(self->text[at + digits]) >= 0; digits++)
    *value_r = *value_r << 4 | _hex(self->text[at + digits]);
  return digits;
}

static guint
_read_decimal(const Decoder *self, gsize at, guint most, guint32 *value_r)
{
  guint digits = 0;
  guint64 value = 0;
  for (; digits < most && at + digits < self->length && g_ascii_isdigit(self->text[at + digits]); digits++)
    value = value * 10 + (self->text[at + digits] - '0');
  *value_r = MIN(value, G_MAXUINT32);
  return digits;
}

static inline gboolean
_is_full_width(guint32 c)
{
  return c >= 0xff01 && c <= 0xff5e;
}

/* Writes what CONSUMED bytes mean.  Full-width forms become ASCII, as IIS and data bases take them. */
static gboolean
_put_character(Decoder *self, guint32 c, gsize consumed)
{
  if (_is_full_width(c))
    c -= 0xfee0;
  if (c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
    return FALSE;
  if (c)
    self->write += g_unichar_to_utf8(c, self->text + self->write);
  self->read += consumed;
  return TRUE;
}

static gboolean
_put_byte(Decoder *self, guint32 c, gsize consumed)
{
  if (c)
    self->text[self->write++] = c;
  self->read += consumed;
  return TRUE;
}

static inline gchar
_peek(const Decoder *self, gsize ahead)
{
  return self->read + ahead < self->length ? self->text[self->read + ahead] : '\0';
}

static gboolean
_decode_percent(Decoder *self)
{
  guint32 value;
  if (_read_hex(self, self->read + 1, 2, &value) == 2)
    return _put_byte(self, value, 3);
  return (_peek(self, 1) | 0x20) == 'u' && _read_hex(self, self->read + 2, 4, &value) == 4 &&
         _put_character(self, value, 6);
}

static gboolean
_decode_braced(Decoder *self)
{
  guint32 value;
  guint digits = _read_hex(self, self->read + 3, 6, &value);
  return digits && _peek(self, 3 + digits) == '}' && _put_character(self, value, 4 + digits);
}

/* CSS: only what becomes printable ASCII, or "..\etc" would lose its letters. */
static gboolean
_decode_css(Decoder *self)
{
  guint32 value;
  guint digits = _read_hex(self, self->read + 1, 6, &value);
  if (digits < 2 || value < 0x20 || value > 0x7e)
    return FALSE;
  return _put_byte(self, value, 1 + digits + (_peek(self, 1 + digits) == ' '));
}

static gboolean
_decode_backslash(Decoder *self)
{
  guint32 value;
  switch (_peek(self, 1))
    {
    case 'x':
      return _read_hex(self, self->read + 2, 2, &value) == 2 && _put_byte(self, value, 4);
    case 'u':
      if (_peek(self, 2) == '{')
        return _decode_braced(self);
      return _read_hex(self, self->read + 2, 4, &value) == 4 && _put_character(self, value, 6);
    case '"':
    case '\\': /* as Apache writes them: once only */
      return self->first_round && _put_byte(self, _peek(self, 1), 2);
    default:
      return _decode_css(self);
    }
}

static gboolean
_decode_named_entity(Decoder *self)
{
  gsize size = 0;
  const gchar *name = self->text + self->read + 1;
  while (size < ENTITY_NAME_MAX && g_ascii_isalpha(_peek(self, 1 + size)))
    size++;
  if (_peek(self, 1 + size) != ';')
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(entities); i++)
    if (strlen(entities[i].name) == size && memcmp(entities[i].name, name, size) == 0)
      return _put_byte(self, entities[i].means, size + 2);
  return FALSE;
}

static gboolean
_decode_entity(Decoder *self)
{
  guint32 value;
  if (_peek(self, 1) != '#')
    return _decode_named_entity(self);
  gboolean hex = (_peek(self, 2) | 0x20) == 'x';
  guint start = hex ? 3 : 2;
  guint digits =
      hex ? _read_hex(self, self->read + start, 8, &value) : _read_decimal(self, self->read + start, 10, &value);
  if (!digits)
    return FALSE;
  return _put_character(self, value, start + digits + (_peek(self, start + digits) == ';'));
}

static gboolean
_decode_escape(Decoder *self, gchar c)
{
  switch (c)
    {
    case '%':
      return _decode_percent(self);
    case '\\':
      return _decode_backslash(self);
    case '&':
      return _decode_entity(self);
    case '+':
      return self->first_round && _put_byte(self, ' ', 1);
    case '\0':
      return _put_byte(self, 0, 1);
    default:
      return FALSE;
    }
}

/* The continuation bytes that LEAD of UTF-8 asks for; 0 when it is none. */
static guint
_continuations(guchar lead)
{
  return lead >= 0xfc ? 5 : lead >= 0xf8 ? 4 : lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc0 ? 1 : 0;
}

/* "/", "\" and "." in two bytes whose second is no continuation at all: old servers took them. */
static gboolean
_decode_malformed(Decoder *self, guchar lead)
{
  guchar second = _peek(self, 1);
  guchar c = (lead & 1) << 6 | second;
  return lead <= 0xc1 && second < 0x80 && (c == '/' || c == '.' || c == '\\') && _put_byte(self, c, 2);
}

/* UTF-8 that is longer than need be, or full-width. */
static gboolean
_decode_disguised(Decoder *self, guchar lead)
{
  static const guint32 least[] = { 0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000 };
  guint more = _continuations(lead);
  guint32 value = lead & (0x3f >> more);

  if (!more)
    return FALSE;
  for (guint i = 1; i <= more; i++)
    {
      guchar c = _peek(self, i);
      if ((c & 0xc0) != 0x80)
        return _decode_malformed(self, lead);
      value = value << 6 | (c & 0x3f);
    }
  return (value < least[more] || _is_full_width(value)) && _put_character(self, value, more + 1);
}

/* Marks in two values make no comment of the parameters between them: these go to the text's end, so that what is in
 * front of them and behind still meets.  FALSE when there is no room. */
static gboolean
_carry(Decoder *self, const gchar *inside, gsize length)
{
  if (!self->carried)
    self->carried = siaga_arena_alloc(self->arena, self->length);
  if (!self->carried)
    return FALSE;
  if (*inside != '&' && *inside != '?')
    self->carried[self->carried_length++] = '&';
  memcpy(self->carried + self->carried_length, inside, length);
  self->carried_length += length;
  return TRUE;
}

static void
_append_carried(Decoder *self)
{
  if (self->carried_length)
    memcpy(self->text + self->write, self->carried, self->carried_length);
  self->write += self->carried_length;
  self->carried_length = 0;
}

/* "/ * … * /" is a blank to SQL; with "!" and a version behind it, MySQL runs what is inside. */
static gboolean
_fold_comment(Decoder *self)
{
  if (self->unterminated)
    return FALSE;
  const gchar *start = self->text + self->read + 2;
  const gchar *end = memmem(start, self->length - self->read - 2, "*/", 2);
  if (!end)
    {
      self->unterminated = TRUE;
      return FALSE;
    }
  const gsize length = end - start;
  if (*start != '!')
    {
      gboolean values = memchr(start, '&', length) || memchr(start, '?', length);
      return (!values || _carry(self, start, length)) && _put_byte(self, ' ', length + 4);
    }
  gsize digits = 1;
  while (digits < 7 && g_ascii_isdigit(start[digits]))
    digits++;
  gsize inside = length - digits;
  self->text[self->write++] = ' ';
  memmove(self->text + self->write, start + digits, inside);
  self->write += inside;
  self->text[self->write++] = ' ';
  self->read = end + 2 - self->text;
  return TRUE;
}

/* "//" behind it is no "/" written twice. */
static inline gboolean
_begins_url(gchar before)
{
  return before == ':' || before == '=';
}

/* "//" and "/./" say no more than "/", except where a URL or a value begins: "http://", "=//host". */
static gboolean
_fold_slash(Decoder *self)
{
  gchar next = _peek(self, 1);
  gchar before = self->write ? self->text[self->write - 1] : '\0';
  if (next == '*' && self->read + 3 < self->length)
    return _fold_comment(self);
  if (next == '/' && !_begins_url(before))
    {
      self->read++;
      return TRUE;
    }
  if (next != '.' || _peek(self, 2) != '/')
    return FALSE;
  self->read += 2;
  return TRUE;
}

/* Bytes at which an escape begins, and those at which something is folded. */
static const guint8 escaping[256] = {
  ['%'] = 1, ['\\'] = 1, ['+'] = 1, ['\0'] = 1, ['&'] = 1,
};
static const guint8 folding[256] = { ['/'] = 1, [0xc0 ... 0xff] = 1 };

/* Takes over the text up to the next byte of TABLE. */
static inline void
_take_plain(Decoder *self, const guint8 *table)
{
  gsize start = self->read, end = start;
  while (end < self->length && !table[(guchar) self->text[end]])
    end++;
  if (self->write != start)
    memmove(self->text + self->write, self->text + start, end - start);
  self->write += end - start;
  self->read = end;
}

static gboolean
_decode_escapes(Decoder *self)
{
  gboolean changed = FALSE;
  self->read = self->write = 0;
  for (_take_plain(self, escaping); self->read < self->length; _take_plain(self, escaping))
    if (_decode_escape(self, self->text[self->read]))
      changed = TRUE;
    else
      self->text[self->write++] = self->text[self->read++];
  self->length = self->write;
  return changed;
}

static gboolean
_fold(Decoder *self)
{
  gboolean changed = FALSE;
  self->read = self->write = 0;
  self->unterminated = FALSE;
  for (_take_plain(self, folding); self->read < self->length; _take_plain(self, folding))
    {
      guchar c = self->text[self->read];
      if (c == '/' ? _fold_slash(self) : _decode_disguised(self, c))
        changed = TRUE;
      else
        self->text[self->write++] = self->text[self->read++];
    }
  _append_carried(self);
  self->length = self->write;
  return changed;
}

static const guint8 interesting[256] = {
  ['%'] = 1, ['\\'] = 1, ['+'] = 4, ['\0'] = 1, ['&'] = 2, ['/'] = 3, [0xc0 ... 0xff] = 1,
};

/* The interesting bytes among sixteen; most slashes are none, seen with what follows. */
static inline Block
_interesting_in(const gchar *text)
{
  const Block block = block_at(text), next = block_at(text + 1);
  const Block with_next = (Block) ((next == '/') | (next == '*') | (next == '.'));
  return (Block) ((block == '%') | (block == '\\') | (block == '+') | (block == '&') | (block == 0) | (block >= 0xc0)) |
         ((Block) (block == '/') & with_next);
}

/* The next interesting byte from I on, or one that may be. */
static gsize
_skip_dull(const gchar *text, gsize i, gsize length)
{
  static const gchar from[2 * BLOCK_SIZE] = { [BLOCK_SIZE... 2 * BLOCK_SIZE - 1] = -1 };

  for (; i + BLOCK_SIZE < length; i += BLOCK_SIZE)
    {
      const guint at = block_first(_interesting_in(text + i));
      if (at < BLOCK_SIZE)
        return i + at;
    }
  if (length <= BLOCK_SIZE || i + 1 >= length)
    return i;
  /* The last block once more, without what was seen already. */
  const gsize last = length - BLOCK_SIZE - 1;
  const guint at = block_first(_interesting_in(text + last) & block_at(from + BLOCK_SIZE - (i - last)));
  return last + at;
}

static gboolean
_may_matter(const gchar *text, gsize i, gsize length, gboolean first_round)
{
  const guint8 kind = interesting[(guchar) text[i]];
  if (G_LIKELY(!kind))
    return FALSE;
  if (kind == 1 || kind == 4)
    return kind == 1 || first_round;
  const gchar next = i + 1 < length ? text[i + 1] : ' ', after = i + 2 < length ? text[i + 2] : ' ';
  if (kind == 3)
    return (next == '/' && !_begins_url(i ? text[i - 1] : ' ')) || next == '*' || (next == '.' && after == '/');
  return next == '#' || (g_ascii_isalpha(next) && memchr(text + i, ';', MIN(length - i, ENTITY_NAME_MAX + 2)));
}

/* Whether anything may have to be done; exact enough for requests of peaceful clients. */
static gboolean
_needs_work(const gchar *text, gsize length, gboolean first_round)
{
  for (gsize i = _skip_dull(text, 0, length); i < length; i = _skip_dull(text, i + 1, length))
    if (_may_matter(text, i, length, first_round))
      return TRUE;
  return FALSE;
}

const gchar *
siaga_canonical(SiagaArena *arena, const gchar *text, gsize length, gsize *length_r)
{
  *length_r = length;
  if (!_needs_work(text, length, TRUE))
    return text;
  Decoder self = { .text = siaga_arena_copy(arena, text, length), .length = length, .arena = arena };
  if (!self.text)
    return text;
  gboolean changed = FALSE;
  for (guint round = 0; round < ROUNDS_MAX && (!round || _needs_work(self.text, self.length, FALSE)); round++)
    {
      self.first_round = round == 0;
      gboolean decoded = _decode_escapes(&self);
      gboolean folded = _fold(&self);
      if (!decoded && !folded)
        break;
      changed = TRUE;
    }
  if (!changed)
    return text;
  self.text[self.length] = '\0';
  *length_r = self.length;
  return self.text;
}
