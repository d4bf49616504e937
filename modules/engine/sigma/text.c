/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Sigma's string values: wildcards, escapes, encodings, and the expression they become. */

#include "sigma-private.h"

#include <string.h>

static SiagaPattern *
_new(void)
{
  return g_array_new(FALSE, FALSE, sizeof(guint16));
}

static inline guint16
_cell(const SiagaPattern *self, guint i)
{
  return g_array_index(self, guint16, i);
}

static void
_append(SiagaPattern *self, guint16 cell)
{
  g_array_append_val(self, cell);
}

/* A backslash makes the wildcard or backslash behind it plain, and is plain itself before anything else. */
SiagaPattern *
siaga_pattern_parse(const gchar *text, gsize length)
{
  SiagaPattern *self = _new();
  for (gsize i = 0; i < length; i++)
    {
      gchar c = text[i];
      if (c == '\\' && i + 1 < length && strchr("*?\\", text[i + 1]) && text[i + 1])
        _append(self, (guchar) text[++i]);
      else if (c == '*')
        _append(self, SIAGA_CELL_ANY);
      else if (c == '?')
        _append(self, SIAGA_CELL_ONE);
      else
        _append(self, (guchar) c);
    }
  return self;
}

SiagaPattern *
siaga_pattern_plain(const gchar *text, gsize length)
{
  SiagaPattern *self = _new();
  for (gsize i = 0; i < length; i++)
    _append(self, (guchar) text[i]);
  return self;
}

gboolean
siaga_pattern_is_plain(const SiagaPattern *self)
{
  for (guint i = 0; i < self->len; i++)
    if (_cell(self, i) > 0xff)
      return FALSE;
  return TRUE;
}

void
siaga_pattern_open_start(SiagaPattern *self)
{
  guint16 any = SIAGA_CELL_ANY;
  if (!self->len || _cell(self, 0) != any)
    g_array_prepend_val(self, any);
}

void
siaga_pattern_open_end(SiagaPattern *self)
{
  if (!self->len || _cell(self, self->len - 1) != SIAGA_CELL_ANY)
    _append(self, SIAGA_CELL_ANY);
}

static gboolean
_is_word(const SiagaPattern *self, guint i)
{
  if (i >= self->len)
    return FALSE;
  guint16 cell = _cell(self, i);
  return cell < 0x100 && (g_ascii_isalnum(cell) || cell == '_' || cell >= 0x80);
}

/* The cells of a dash or slash at I: "-", "/", or the UTF-8 of U+2013 to U+2015; 0 for anything else. */
static guint
_dash_cells(const SiagaPattern *self, guint i)
{
  guint16 cell = _cell(self, i);
  if (cell == '-' || cell == '/')
    return 1;
  gboolean long_dash = cell == 0xe2 && i + 2 < self->len && _cell(self, i + 1) == 0x80 && _cell(self, i + 2) >= 0x93 &&
                       _cell(self, i + 2) <= 0x95;
  return long_dash ? 3 : 0;
}

/* A dash or slash that begins an option: a word follows, none precedes. */
void
siaga_pattern_windash(SiagaPattern *self)
{
  for (guint i = 0; i < self->len; i++)
    {
      guint cells = _dash_cells(self, i);
      if (!cells || !_is_word(self, i + cells) || (i && _is_word(self, i - 1)))
        continue;
      g_array_index(self, guint16, i) = SIAGA_CELL_DASH;
      if (cells > 1)
        g_array_remove_range(self, i + 1, cells - 1);
    }
}

static gchar *
_bytes(const SiagaPattern *self)
{
  gchar *bytes = g_malloc(self->len + 1);
  for (guint i = 0; i < self->len; i++)
    bytes[i] = (gchar) _cell(self, i);
  bytes[self->len] = '\0';
  return bytes;
}

/* The encoding of the text behind OFFSET unknown bytes; CUT leaves out the characters that depend on neighbours. */
SiagaPattern *
siaga_pattern_base64(const SiagaPattern *self, guint offset, gboolean cut)
{
  static const guint starts[] = { 0, 2, 3 }, ends[] = { 0, 3, 2 };
  gchar *bytes = _bytes(self);
  gchar *shifted = g_malloc0(self->len + offset + 1);

  memcpy(shifted + offset, bytes, self->len);
  gchar *encoded = g_base64_encode((const guchar *) shifted, self->len + offset);
  gsize length = strlen(encoded), start = 0;
  if (cut)
    {
      start = starts[offset];
      length -= MIN(length, ends[(self->len + offset) % 3]);
    }
  SiagaPattern *result = siaga_pattern_plain(encoded + MIN(start, length), length - MIN(start, length));
  g_free(encoded);
  g_free(shifted);
  g_free(bytes);
  return result;
}

static void
_append_unit(SiagaPattern *self, gunichar2 unit, gboolean big)
{
  _append(self, big ? unit >> 8 : unit & 0xff);
  _append(self, big ? unit & 0xff : unit >> 8);
}

SiagaPattern *
siaga_pattern_utf16(const SiagaPattern *self, SiagaUtf16 kind)
{
  SiagaPattern *result = _new();
  gchar *bytes = _bytes(self);
  gboolean big = kind == SIAGA_UTF16_BE;

  if (kind == SIAGA_UTF16_BOM)
    _append_unit(result, 0xfeff, FALSE);
  for (guint i = 0; i < self->len;)
    {
      guint16 cell = _cell(self, i);
      gunichar c = cell > 0xff ? 0 : g_utf8_get_char_validated(bytes + i, self->len - i);
      if (cell > 0xff)
        _append(result, cell);
      else if (c > 0xffff && c < 0x110000)
        {
          _append_unit(result, 0xd800 + ((c - 0x10000) >> 10), big);
          _append_unit(result, 0xdc00 + ((c - 0x10000) & 0x3ff), big);
        }
      else
        _append_unit(result, c > 0xffff ? cell : c, big);
      i += cell > 0xff || c >= 0x110000 ? 1 : g_unichar_to_utf8(c, NULL);
    }
  g_free(bytes);
  return result;
}

/* The character at I when it is not ASCII and has another case; its length in bytes. */
static guint
_cased_character(const gchar *bytes, const SiagaPattern *self, guint i, guint end, gunichar *c_r)
{
  if (_cell(self, i) < 0x80 || _cell(self, i) > 0xff)
    return 0;
  gunichar c = g_utf8_get_char_validated(bytes + i, end - i);
  if (c >= 0x110000 || (g_unichar_tolower(c) == c && g_unichar_toupper(c) == c))
    return 0;
  *c_r = c;
  return g_unichar_to_utf8(c, NULL);
}

static void
_append_escaped(GString *out, const gchar *bytes, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (g_ascii_isalnum(bytes[i]))
      g_string_append_c(out, bytes[i]);
    else
      g_string_append_printf(out, "\\x%02x", (guchar) bytes[i]);
}

static void
_append_both_cases(GString *out, gunichar c)
{
  gchar lower[6], upper[6];
  gint lower_length = g_unichar_to_utf8(g_unichar_tolower(c), lower);
  gint upper_length = g_unichar_to_utf8(g_unichar_toupper(c), upper);
  g_string_append(out, "(?:");
  _append_escaped(out, lower, lower_length);
  g_string_append_c(out, '|');
  _append_escaped(out, upper, upper_length);
  g_string_append_c(out, ')');
}

static void
_append_cell(GString *out, guint16 cell)
{
  /* One character: a whole UTF-8 sequence, or a byte that is none; never a part of a sequence. */
  static const gchar one[] = "(?>[\\x00-\\x7f]|[\\xc0-\\xff][\\x80-\\xbf]{1,3}|[\\x80-\\xff])";
  static const gchar dash[] = "(?:[-/]|\\xe2\\x80[\\x93-\\x95])";
  gchar byte = (gchar) cell;

  if (cell == SIAGA_CELL_ONE)
    g_string_append(out, one);
  else if (cell == SIAGA_CELL_DASH)
    g_string_append(out, dash);
  else
    _append_escaped(out, &byte, 1);
}

/* What stands between two '*'. */
static void
_write_piece(const SiagaPattern *self, guint start, guint end, gboolean cased, GString *out, SiagaNeedle *needle)
{
  gchar *bytes = _bytes(self);
  gunichar c;
  guint run = 0;

  for (guint i = start; i < end;)
    {
      guint length = cased ? 0 : _cased_character(bytes, self, i, end, &c);
      run = _cell(self, i) > 0xff || length ? 0 : run + 1;
      needle->longest = MAX(needle->longest, run);
      if (length)
        _append_both_cases(out, c);
      else
        _append_cell(out, _cell(self, i));
      i += MAX(length, 1);
    }
  g_free(bytes);
}

static guint
_next_star(const SiagaPattern *self, guint at, guint end)
{
  while (at < end && _cell(self, at) != SIAGA_CELL_ANY)
    at++;
  return at;
}

/* Of each piece but those at the ends of the text the first place will do: nothing is tried again, so that no padding
 * makes it too dear. */
static void
_write_regex(const SiagaPattern *self, guint start, guint end, gboolean cased, SiagaNeedle *needle)
{
  GString *out = g_string_new(NULL);
  gboolean pieces = _next_star(self, start, end) < end, fixed = !pieces || needle->flags & SIAGA_MATCH_ANCHORED;
  guint stop;

  for (guint at = start; at < end; at = stop)
    {
      stop = _next_star(self, at, end);
      gboolean last = stop == end && needle->flags & SIAGA_MATCH_AT_END;
      g_string_append(out, fixed ? "" : last ? ".*" : "(?>.*?");
      _write_piece(self, at, stop, cased, out, needle);
      g_string_append(out, fixed || last ? "" : ")");
      fixed = FALSE;
      while (stop < end && _cell(self, stop) == SIAGA_CELL_ANY)
        stop++;
    }
  needle->flags |= SIAGA_MATCH_DOTALL | (pieces ? SIAGA_MATCH_ANCHORED : 0);
  needle->length = out->len;
  needle->text = g_string_free(out, FALSE);
}

static gboolean
_is_literal(const SiagaPattern *self, guint start, guint end, gboolean cased)
{
  gunichar c;
  gboolean literal = TRUE;
  gchar *bytes = _bytes(self);
  for (guint i = start; i < end && literal; i++)
    literal = _cell(self, i) <= 0xff && (cased || !_cased_character(bytes, self, i, end, &c));
  g_free(bytes);
  return literal;
}

void
siaga_pattern_to_needle(const SiagaPattern *self, gboolean cased, SiagaNeedle *needle)
{
  guint start = 0, end = self->len;

  memset(needle, 0, sizeof *needle);
  while (start < end && _cell(self, start) == SIAGA_CELL_ANY)
    start++;
  while (end > start && _cell(self, end - 1) == SIAGA_CELL_ANY)
    end--;
  needle->anything = self->len && start == end;
  needle->flags = (cased ? 0 : SIAGA_MATCH_CASELESS) | (start ? 0 : SIAGA_MATCH_ANCHORED) |
                  (end < self->len ? 0 : SIAGA_MATCH_AT_END);
  if (!_is_literal(self, start, end, cased))
    {
      _write_regex(self, start, end, cased, needle);
      return;
    }
  needle->flags |= SIAGA_MATCH_LITERAL;
  needle->length = end - start;
  needle->longest = needle->length;
  needle->text = g_malloc(needle->length + 1);
  for (guint i = start; i < end; i++)
    needle->text[i - start] = (gchar) _cell(self, i);
  needle->text[needle->length] = '\0';
}
