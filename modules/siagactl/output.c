/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Standard output: one large buffer, colours and tables for people. */

#include "siagactl/siagactl.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define FLUSH_BYTES (256 * 1024)
#define COLUMNS_MAX 12

GString *ctl_out;
static gboolean colored, wraps, held;

struct _CtlTable
{
  guint columns;
  const gchar *headers[COLUMNS_MAX];
  gboolean right[COLUMNS_MAX];
  GPtrArray *cells; /* row by row, escaped */
};

void
ctl_output_wrap(void)
{
  wraps = isatty(STDOUT_FILENO);
}

static void
_wrap_output(void)
{
  GString *wrapped = g_string_sized_new(ctl_out->len + 1024);
  ctl_wrap(wrapped, ctl_out->str, ctl_out->len, ctl_terminal_width());
  g_string_free(ctl_out, TRUE);
  ctl_out = wrapped;
}

void
ctl_output_flush(void)
{
  if (held)
    return;
  if (wraps)
    _wrap_output();
  const gchar *bytes = ctl_out->str;
  gsize left = ctl_out->len;
  if (left)
    ctl_progress_hide();
  while (left)
    {
      gssize n = write(STDOUT_FILENO, bytes, left);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno == EPIPE)
        _exit(CTL_DONE);
      if (n < 0)
        {
          ctl_error("standard output: %s", g_strerror(errno));
          _exit(CTL_CANNOT);
        }
      bytes += n;
      left -= n;
    }
  g_string_truncate(ctl_out, 0);
}

void
ctl_output_hold(void)
{
  ctl_output_flush();
  held = TRUE;
}

gchar *
ctl_output_take(void)
{
  gchar *text = g_strndup(ctl_out->str, ctl_out->len);
  g_string_truncate(ctl_out, 0);
  held = FALSE;
  return text;
}

void
ctl_print_held(const gchar *key)
{
  gchar *text = ctl_output_take();
  SiagaJson json;
  siaga_json_init(&json, ctl_out);
  siaga_json_open_object(&json, NULL);
  siaga_json_string(&json, key, text, -1);
  siaga_json_close_object(&json);
  ctl_print("\n");
  g_free(text);
}

void
ctl_output_line(void)
{
  if (ctl_out->len >= FLUSH_BYTES)
    ctl_output_flush();
}

void
ctl_print(const gchar *format, ...)
{
  va_list args;
  va_start(args, format);
  g_string_append_vprintf(ctl_out, format, args);
  va_end(args);
  ctl_output_line();
}

/* Neither C0, DEL, C1 nor what turns the reading direction. */
static gboolean
_is_shown(gunichar c)
{
  return c >= 0x20 && c != 0x7f && !(c >= 0x80 && c < 0xa0) && !(c >= 0x200e && c <= 0x200f) &&
         !(c >= 0x2028 && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) && c != 0xfeff;
}

/* Valid UTF-8 that can be shown stays. */
static gsize
_append_character(GString *out, const gchar *text, gsize left)
{
  gunichar c = g_utf8_get_char_validated(text, MIN(left, 6));
  gboolean valid = c != (gunichar) -1 && c != (gunichar) -2;
  gsize size = valid ? g_utf8_skip[(guchar) *text] : 1;
  if (valid && _is_shown(c))
    g_string_append_len(out, text, size);
  else
    for (gsize i = 0; i < size; i++)
      g_string_append_printf(out, "\\x%02x", (guchar) text[i]);
  return size;
}

void
ctl_append_safe(GString *out, const gchar *text, gssize length)
{
  gsize end = length < 0 ? strlen(text) : (gsize) length;
  for (gsize i = 0; i < end;)
    if (text[i] >= 0x20 && text[i] < 0x7f)
      g_string_append_c(out, text[i++]);
    else
      i += _append_character(out, text + i, end - i);
}

void
ctl_print_safe(const gchar *text, gssize length)
{
  ctl_append_safe(ctl_out, text, length);
}

static void
_append_double_quoted(GString *out, const gchar *text)
{
  g_string_append_c(out, '"');
  for (; *text; text = g_utf8_next_char(text))
    {
      gunichar c = g_utf8_get_char(text);
      if (c == '"' || c == '\\')
        g_string_append_c(out, '\\');
      if (_is_shown(c))
        g_string_append_unichar(out, c);
      else
        g_string_append_printf(out, "\\u%04x", c);
    }
  g_string_append_c(out, '"');
}

/* Double quotes where a character has to be written as a number.  YAML knows no bytes: what is no UTF-8 is written as
 * it is shown. */
void
ctl_append_yaml(GString *out, const gchar *text)
{
  GString *shown = g_string_new(NULL);
  ctl_append_safe(shown, text, -1);
  if (strcmp(shown->str, text) != 0 && g_utf8_validate(text, -1, NULL))
    _append_double_quoted(out, text);
  else
    {
      g_string_replace(shown, "'", "''", 0);
      g_string_append_printf(out, "'%s'", shown->str);
    }
  g_string_free(shown, TRUE);
}

void
ctl_print_indented(const gchar *text, guint indent)
{
  gchar **lines = g_strsplit(text, "\n", -1);
  for (gchar **line = lines; *line; line++)
    if (**line)
      {
        ctl_print("%*s", (int) indent, "");
        ctl_print_safe(*line, -1);
        ctl_print("\n");
      }
  g_strfreev(lines);
}

void
ctl_output_set_color(const gchar *when)
{
  const gchar *term = g_getenv("TERM");
  gboolean terminal = isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0 && !g_getenv("NO_COLOR");
  colored = strcmp(when, "always") == 0 || (strcmp(when, "never") != 0 && terminal);
}

const gchar *
ctl_color(CtlColor color)
{
  static const gchar *const sequences[] = {
    [CTL_PLAIN] = "\033[0m",  [CTL_BOLD] = "\033[1m",    [CTL_DIM] = "\033[2m",   [CTL_RED] = "\033[31m",
    [CTL_GREEN] = "\033[32m", [CTL_YELLOW] = "\033[33m", [CTL_BLUE] = "\033[34m",
  };
  return colored ? sequences[color] : "";
}

guint
ctl_terminal_width(void)
{
  struct winsize size;
  if (isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20)
    return size.ws_col;
  return isatty(STDOUT_FILENO) ? 80 : 10000;
}

CtlTable *
ctl_table_new(const gchar *const *headers)
{
  CtlTable *self = g_new0(CtlTable, 1);
  self->cells = g_ptr_array_new_with_free_func(g_free);
  for (; headers[self->columns] && self->columns < COLUMNS_MAX; self->columns++)
    {
      self->right[self->columns] = headers[self->columns][0] == '>';
      self->headers[self->columns] = headers[self->columns] + self->right[self->columns];
    }
  return self;
}

void
ctl_table_add(CtlTable *self, ...)
{
  va_list args;
  va_start(args, self);
  for (guint i = 0; i < self->columns; i++)
    {
      const gchar *text = va_arg(args, const gchar *);
      GString *cell = g_string_new(NULL);
      ctl_append_safe(cell, text ? text : "", -1);
      g_ptr_array_add(self->cells, g_string_free(cell, FALSE));
    }
  va_end(args);
}

static void
_print_cell(const gchar *text, guint width, gboolean right, gboolean last)
{
  guint length = g_utf8_strlen(text, -1);
  if (last && length > width)
    {
      const gchar *end = g_utf8_offset_to_pointer(text, width > 1 ? width - 1 : 0);
      g_string_append_len(ctl_out, text, end - text);
      g_string_append(ctl_out, "…");
      return;
    }
  guint padding = width > length ? width - length : 0;
  for (guint i = 0; right && i < padding; i++)
    g_string_append_c(ctl_out, ' ');
  g_string_append(ctl_out, text);
  for (guint i = 0; !right && !last && i < padding; i++)
    g_string_append_c(ctl_out, ' ');
}

static void
_print_row(const CtlTable *self, const gchar *const *cells, const guint *widths)
{
  for (guint i = 0; i < self->columns; i++)
    {
      if (i)
        g_string_append(ctl_out, "  ");
      _print_cell(cells[i], widths[i], self->right[i], i + 1 == self->columns);
    }
  g_string_append_c(ctl_out, '\n');
  ctl_output_line();
}

static void
_measure(const CtlTable *self, guint *widths)
{
  guint used = 0, terminal = ctl_terminal_width();
  for (guint i = 0; i < self->columns; i++)
    {
      widths[i] = g_utf8_strlen(self->headers[i], -1);
      for (guint at = i; at < self->cells->len; at += self->columns)
        widths[i] = MAX(widths[i], (guint) g_utf8_strlen(g_ptr_array_index(self->cells, at), -1));
      if (i + 1 < self->columns)
        used += widths[i] + 2;
    }
  guint rest = terminal > used + 10 ? terminal - used : 10;
  widths[self->columns - 1] = MIN(widths[self->columns - 1], rest);
}

void
ctl_table_print(CtlTable *self)
{
  guint widths[COLUMNS_MAX];
  _measure(self, widths);
  g_string_append(ctl_out, ctl_color(CTL_BOLD));
  _print_row(self, self->headers, widths);
  g_string_append(ctl_out, ctl_color(CTL_PLAIN));
  for (guint row = 0; row < self->cells->len; row += self->columns)
    _print_row(self, (const gchar *const *) self->cells->pdata + row, widths);
  g_ptr_array_unref(self->cells);
  g_free(self);
}
