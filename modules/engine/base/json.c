/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The JSON writer. */

#include <siaga/json.h>
#include <siaga/time.h>

#include <math.h>
#include <string.h>

void
siaga_json_init(SiagaJson *self, GString *out)
{
  self->out = out;
  self->depth = 0;
  self->first[0] = TRUE;
}

/* 0: copied as it stands; anything else needs a look. */
static const guint8 special[256] = {
  [0 ... 0x1f] = 1, ['"'] = 1, ['\\'] = 1, [0x7f] = 1, [0x80 ... 0xff] = 2,
};

static void
_escape_ascii(GString *out, guchar c)
{
  switch (c)
    {
    case '"':
      g_string_append_len(out, "\\\"", 2);
      break;
    case '\\':
      g_string_append_len(out, "\\\\", 2);
      break;
    case '\n':
      g_string_append_len(out, "\\n", 2);
      break;
    case '\t':
      g_string_append_len(out, "\\t", 2);
      break;
    case '\r':
      g_string_append_len(out, "\\r", 2);
      break;
    default:
      g_string_append_printf(out, "\\u%04x", c);
    }
}

/* One UTF-8 sequence at TEXT; gives back its length. C1 controls drive terminals as well as C0 ones do. */
static gsize
_escape_utf8(GString *out, const gchar *text, gsize left)
{
  gunichar c = g_utf8_get_char_validated(text, MIN(left, 6));
  if (c == (gunichar) -1 || c == (gunichar) -2)
    {
      g_string_append_len(out, "\xef\xbf\xbd", 3);
      return 1;
    }
  gsize size = g_utf8_skip[(guchar) *text];
  if (c < 0xa0 || c == 0x2028 || c == 0x2029)
    g_string_append_printf(out, "\\u%04x", c);
  else
    g_string_append_len(out, text, size);
  return size;
}

/* How many bytes at the start of TEXT need no look, eight at a time: none below 0x20 or above 0x7e, no quote, no
 * backslash. */
static gsize
_plain_run(const gchar *text, gsize length)
{
  const guint64 ones = G_GUINT64_CONSTANT(0x0101010101010101), highs = ones << 7;
  gsize i = 0;
  for (; i + 8 <= length; i += 8)
    {
      guint64 x;
      memcpy(&x, text + i, 8);
      guint64 quote = x ^ ones * '"', backslash = x ^ ones * '\\';
      if ((((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) | x | (x + ones)) &
          highs)
        break;
    }
  while (i < length && !special[(guchar) text[i]])
    i++;
  return i;
}

void
siaga_json_escape(GString *out, const gchar *text, gsize length)
{
  gsize i = 0;
  while (i < length)
    {
      gsize plain = _plain_run(text + i, length - i);
      siaga_json_put(out, text + i, plain);
      i += plain;
      if (i == length)
        break;
      if (special[(guchar) text[i]] == 1)
        _escape_ascii(out, text[i++]);
      else
        i += _escape_utf8(out, text + i, length - i);
    }
}

void
siaga_json_key(SiagaJson *self, const gchar *key, gsize length)
{
  if (self->first[self->depth])
    self->first[self->depth] = FALSE;
  else
    g_string_append_c(self->out, ',');
  if (!key)
    return;
  siaga_json_put(self->out, "\"", 1);
  siaga_json_escape(self->out, key, length);
  siaga_json_put(self->out, "\":", 2);
}

static void
_key(SiagaJson *self, const gchar *key)
{
  siaga_json_key(self, key, key ? strlen(key) : 0);
}

static void
_open(SiagaJson *self, const gchar *key, gchar bracket)
{
  _key(self, key);
  g_string_append_c(self->out, bracket);
  g_assert(self->depth + 1 < SIAGA_JSON_DEPTH);
  self->first[++self->depth] = TRUE;
}

void
siaga_json_open_object(SiagaJson *self, const gchar *key)
{
  _open(self, key, '{');
}

void
siaga_json_close_object(SiagaJson *self)
{
  self->depth--;
  g_string_append_c(self->out, '}');
}

void
siaga_json_open_list(SiagaJson *self, const gchar *key)
{
  _open(self, key, '[');
}

void
siaga_json_close_list(SiagaJson *self)
{
  self->depth--;
  g_string_append_c(self->out, ']');
}

void
siaga_json_string(SiagaJson *self, const gchar *key, const gchar *text, gssize length)
{
  _key(self, key);
  siaga_json_put(self->out, "\"", 1);
  siaga_json_escape(self->out, text, length < 0 ? strlen(text) : (gsize) length);
  siaga_json_put(self->out, "\"", 1);
}

void
siaga_json_int(SiagaJson *self, const gchar *key, gint64 value)
{
  gchar digits[24];
  gchar *p = digits + sizeof digits;
  guint64 rest = value < 0 ? -(guint64) value : (guint64) value;

  _key(self, key);
  do
    *--p = '0' + rest % 10;
  while (rest /= 10);
  if (value < 0)
    *--p = '-';
  siaga_json_put(self->out, p, digits + sizeof digits - p);
}

void
siaga_json_double(SiagaJson *self, const gchar *key, gdouble value)
{
  gchar buffer[G_ASCII_DTOSTR_BUF_SIZE];

  _key(self, key);
  g_string_append(self->out, isfinite(value) ? g_ascii_formatd(buffer, sizeof buffer, "%.15g", value) : "null");
}

void
siaga_json_bool(SiagaJson *self, const gchar *key, gboolean value)
{
  _key(self, key);
  g_string_append(self->out, value ? "true" : "false");
}

void
siaga_json_time(SiagaJson *self, const gchar *key, gint64 microseconds)
{
  gchar buffer[40];
  siaga_json_string(self, key, siaga_time_format(microseconds, buffer), -1);
}
