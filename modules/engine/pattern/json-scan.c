/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The JSON scanner.  json-c builds a tree of heap objects per line; parsing a log line must not touch the heap. */

#include "leaves.h"

#include <string.h>

typedef struct
{
  SiagaLeaves *out;
  SiagaArena *arena;
  const gchar *p, *end;
} Scanner;

typedef struct
{
  const gchar *text;
  gsize length;
} Path;

static gboolean _scan_value(Scanner *self, Path path, guint depth);

static void
_skip_blanks(Scanner *self)
{
  while (self->p < self->end && (*self->p == ' ' || *self->p == '\t' || *self->p == '\n' || *self->p == '\r'))
    self->p++;
}

static gboolean
_take(Scanner *self, gchar c)
{
  _skip_blanks(self);
  if (self->p == self->end || *self->p != c)
    return FALSE;
  self->p++;
  return TRUE;
}

static gboolean
_hex4(const gchar *p, const gchar *end, gunichar *code_r)
{
  gunichar code = 0;
  if (end - p < 4)
    return FALSE;
  for (guint i = 0; i < 4; i++)
    {
      gint digit = g_ascii_xdigit_value(p[i]);
      if (digit < 0)
        return FALSE;
      code = code << 4 | digit;
    }
  *code_r = code;
  return TRUE;
}

/* \uXXXX at P (behind the u), a surrogate pair as one; gives back the bytes taken. */
static gsize
_unescape_unicode(const gchar *p, const gchar *end, gchar **out)
{
  gunichar code, low;
  gsize used = 4;
  if (!_hex4(p, end, &code))
    return 0;
  if (code >= 0xd800 && code < 0xdc00 && end - p >= 10 && p[4] == '\\' && p[5] == 'u' && _hex4(p + 6, end, &low) &&
      low >= 0xdc00 && low < 0xe000)
    {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      used = 10;
    }
  if (code >= 0xd800 && code < 0xe000)
    code = 0xfffd;
  *out += g_unichar_to_utf8(code, *out);
  return used;
}

/* What stands behind a backslash, and what it means; 'u' and what means nothing are 0. */
static const gchar meaning_of[256] = {
  ['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b', ['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t',
};

/* The escape at P, behind which nothing is to be read when 0 comes back.  nginx and Apache write \xHH into the JSON of
 * their log formats, as into any other: it stays as it is there, so that it means the same in every format. */
static gsize
_unescape_one(const gchar *p, const gchar *end, gchar **out)
{
  gchar meaning = p + 1 < end ? meaning_of[(guchar) p[1]] : '\0';
  if (meaning)
    {
      *(*out)++ = meaning;
      return 2;
    }
  if (p + 1 < end && p[1] == 'u')
    {
      gsize used = _unescape_unicode(p + 2, end, out);
      return used ? used + 2 : 0;
    }
  if (end - p < 4 || p[1] != 'x' || !g_ascii_isxdigit(p[2]) || !g_ascii_isxdigit(p[3]))
    return 0;
  memcpy(*out, p, 4);
  *out += 4;
  return 4;
}

/* An escape is never shorter than what it stands for, so LENGTH bytes hold the result. */
gboolean
siaga_json_unescape(const gchar *text, gsize length, gchar *result, gsize *length_r)
{
  gchar *out = result;
  const gchar *p = text, *end = text + length;

  while (p < end)
    {
      if (*p != '\\')
        {
          *out++ = *p++;
          continue;
        }
      gsize used = _unescape_one(p, end, &out);
      if (!used)
        return FALSE;
      p += used;
    }
  *length_r = out - result;
  return TRUE;
}

static const gchar *
_unescaped(SiagaArena *arena, const gchar *text, gsize length, gsize *length_r)
{
  gchar *result = siaga_arena_alloc(arena, length + 1);
  return result && siaga_json_unescape(text, length, result, length_r) ? result : NULL;
}

static gboolean
_is_full(const Scanner *self)
{
  return self->out->count == SIAGA_LEAVES;
}

/* Behind the opening quote.  What nobody keeps stays as it is. */
static gboolean
_scan_string(Scanner *self, const gchar **text_r, gsize *length_r)
{
  const gchar *start = self->p, *p = start, *end = self->end;
  gboolean escaped = FALSE;

  for (; p < end && *p != '"'; p++)
    if (*p == '\\')
      {
        escaped = TRUE;
        if (++p == end)
          return FALSE;
      }
  if (p == end)
    return FALSE;
  self->p = p + 1;
  *length_r = p - start;
  *text_r = escaped && !_is_full(self) ? _unescaped(self->arena, start, *length_r, length_r) : start;
  return *text_r != NULL;
}

static void
_add_leaf(Scanner *self, Path path, SiagaLeafKind kind, const gchar *text, gsize length)
{
  if (!path.text || _is_full(self))
    self->out->truncated = TRUE;
  else
    siaga_leaves_add(self->out, path.text, path.length, siaga_leaf_hash(path.text, path.length), kind, text, length);
}

/* PATH and NAME joined by a dot; the name alone at the top.  Below a path that is too long nothing is kept: copied for
 * each of its members it would cost more than the line is long. */
static gboolean
_join(Scanner *self, Path path, const gchar *name, gsize length, Path *joined)
{
  const gsize whole = path.length ? path.length + 1 + length : length;
  *joined = (Path){ NULL, 0 };
  if (!path.text || whole > SIAGA_LEAF_PATH_MAX || _is_full(self))
    return TRUE;
  *joined = (Path){ name, length };
  if (!path.length)
    return TRUE;
  gchar *text = siaga_arena_alloc(self->arena, whole);
  if (!text)
    return FALSE;
  memcpy(text, path.text, path.length);
  text[path.length] = '.';
  memcpy(text + path.length + 1, name, length);
  *joined = (Path){ text, whole };
  return TRUE;
}

static gboolean
_scan_object(Scanner *self, Path path, guint depth)
{
  if (_take(self, '}'))
    return TRUE;
  do
    {
      const gchar *name;
      gsize length;
      Path member;
      if (!_take(self, '"') || !_scan_string(self, &name, &length) || !_take(self, ':') ||
          !_join(self, path, name, length, &member) || !_scan_value(self, member, depth + 1))
        return FALSE;
    }
  while (_take(self, ','));
  return _take(self, '}');
}

/* The journal writes a message that is no UTF-8 as a list of its bytes.  FALSE, with nothing moved, when this is none.
 */
static gboolean
_scan_bytes(Scanner *self, Path path)
{
  const gchar *start = self->p;
  gchar *text = siaga_arena_alloc(self->arena, (self->end - start) / 2 + 1); /* a digit and a comma each */
  gsize length = 0;
  guint64 byte = 256;

  if (!text)
    return FALSE;
  do
    {
      _skip_blanks(self);
      const gchar *digits = self->p;
      for (byte = 0; self->p < self->end && g_ascii_isdigit(*self->p) && byte < 256; self->p++)
        byte = byte * 10 + (*self->p - '0');
      if (self->p == digits || byte > 255)
        break;
      text[length++] = (gchar) byte;
    }
  while (_take(self, ','));
  if (byte < 256 && length && _take(self, ']'))
    {
      _add_leaf(self, path, SIAGA_LEAF_STRING, text, length);
      return TRUE;
    }
  self->p = start;
  return FALSE;
}

static gboolean
_scan_list(Scanner *self, Path path, guint depth)
{
  gchar number[12];
  guint index = 0;
  if (_take(self, ']'))
    return TRUE;
  do
    {
      Path member = path;
      if (index < SIAGA_LEAVES)
        {
          gsize length = g_snprintf(number, sizeof number, "%u", index++);
          gchar *name = siaga_arena_copy(self->arena, number, length);
          if (!name || !_join(self, path, name, length, &member))
            return FALSE;
        }
      if (!_scan_value(self, member, depth + 1))
        return FALSE;
    }
  while (_take(self, ','));
  return _take(self, ']');
}

static gboolean
_scan_bare(Scanner *self, Path path)
{
  const gchar *start = self->p;
  while (self->p < self->end && (g_ascii_isalnum(*self->p) || strchr("+-.", *self->p)))
    if (!*self->p++)
      return FALSE;
  gsize length = self->p - start;
  if (length == 4 && memcmp(start, "null", 4) == 0)
    _add_leaf(self, path, SIAGA_LEAF_NULL, start, length);
  else if ((length == 4 && memcmp(start, "true", 4) == 0) || (length == 5 && memcmp(start, "false", 5) == 0))
    _add_leaf(self, path, SIAGA_LEAF_BOOLEAN, start, length);
  else if (length && (g_ascii_isdigit(*start) || *start == '-'))
    _add_leaf(self, path, SIAGA_LEAF_NUMBER, start, length);
  else
    return FALSE;
  return TRUE;
}

static gboolean
_scan_value(Scanner *self, Path path, guint depth)
{
  if (depth > SIAGA_LEAF_DEPTH)
    return FALSE;
  if (_take(self, '{'))
    return _scan_object(self, path, depth);
  if (_take(self, '['))
    return (path.text && path.length == 7 && memcmp(path.text, "MESSAGE", 7) == 0 && _scan_bytes(self, path)) ||
           _scan_list(self, path, depth);
  if (!_take(self, '"'))
    return _scan_bare(self, path);
  const gchar *text;
  gsize length;
  if (!_scan_string(self, &text, &length))
    return FALSE;
  _add_leaf(self, path, SIAGA_LEAF_STRING, text, length);
  return TRUE;
}

gboolean
siaga_json_scan(SiagaLeaves *self, const gchar *text, gsize length, SiagaArena *arena)
{
  Scanner scanner = { .out = self, .arena = arena, .p = text, .end = text + length };
  siaga_leaves_clear(self);
  if (!_take(&scanner, '{') || !_scan_object(&scanner, (Path){ "", 0 }, 1))
    return FALSE;
  _skip_blanks(&scanner);
  return scanner.p == scanner.end;
}
