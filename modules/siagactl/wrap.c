/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Long lines on a terminal: broken between words, what goes on is indented. */

#include "siagactl/siagactl.h"

#include <string.h>

/* A colour sequence takes no room. */
static gsize
_sequence(const gchar *text, const gchar *end)
{
  const gchar *at = text;
  if (*at != '\033' || at + 1 == end || at[1] != '[')
    return 0;
  for (at += 2; at < end && (g_ascii_isdigit(*at) || *at == ';'); at++)
    ;
  return at < end ? at + 1 - text : 0;
}

/* The next character or sequence: bytes it takes, columns it adds. */
static gsize
_step(const gchar *text, const gchar *end, guint *columns)
{
  gsize bytes = _sequence(text, end);
  if (bytes)
    return bytes;
  gunichar c = g_utf8_get_char_validated(text, end - text);
  gboolean valid = c != (gunichar) -1 && c != (gunichar) -2;
  *columns += valid && g_unichar_iswide(c) ? 2 : valid && g_unichar_iszerowidth(c) ? 0 : 1;
  return valid ? (gsize) g_utf8_skip[(guchar) *text] : 1;
}

/* Where the last column of a list begins, or two behind the line's own indent. */
static guint
_hang(const gchar *line, const gchar *end, guint width)
{
  guint column = 0, indent = 0, hang = 0, blanks = 0;
  gboolean begun = FALSE;
  for (const gchar *at = line; at < end && column <= width * 3 / 5;)
    {
      guint before = column;
      gboolean blank = *at == ' ';
      gboolean visible = !_sequence(at, end);
      at += _step(at, end, &column);
      if (visible && !blank && !begun)
        indent = before;
      else if (visible && !blank && blanks >= 2)
        hang = before;
      begun = begun || (visible && !blank);
      blanks = blank ? blanks + 1 : visible ? 0 : blanks;
    }
  return hang > indent && hang <= width * 3 / 5 ? hang : MIN(indent + 2, width / 2);
}

/* How much of LINE fits; breaks between words where there is one. */
static gsize
_fitting(const gchar *line, const gchar *end, guint width)
{
  guint column = 0;
  const gchar *at = line, *blank = NULL;
  gboolean begun = FALSE;
  while (at < end)
    {
      gsize bytes = _step(at, end, &column);
      if (column > width)
        return (blank ? blank : MAX(at, line + 1)) - line;
      if (*at == ' ' && begun)
        blank = at;
      begun = begun || *at != ' ';
      at += bytes;
    }
  return at - line;
}

static void
_wrap_line(GString *out, const gchar *line, const gchar *end, guint width)
{
  guint hang = _hang(line, end, width);
  for (guint room = width; line < end; room = width - hang)
    {
      gsize bytes = _fitting(line, end, room);
      g_string_append_len(out, line, bytes);
      for (line += bytes; line < end && *line == ' ';)
        line++;
      if (line < end)
        g_string_append_printf(out, "\n%*s", (int) hang, "");
    }
}

void
ctl_wrap(GString *out, const gchar *text, gsize length, guint width)
{
  const gchar *end = text + length;
  while (text < end)
    {
      const gchar *stop = memchr(text, '\n', end - text);
      _wrap_line(out, text, stop ? stop : end, width);
      if (stop)
        g_string_append_c(out, '\n');
      text = stop ? stop + 1 : end;
    }
}
