/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Prints mistakes the way compilers do. */

#include "siagactl/siagactl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

void
ctl_error(const gchar *format, ...)
{
  ctl_progress_hide();
  va_list args;
  GString *line = g_string_new("siagactl: ");
  va_start(args, format);
  gchar *text = g_strdup_vprintf(format, args);
  va_end(args);
  ctl_append_safe(line, text, -1);
  fprintf(stderr, "%s\n", line->str);
  g_string_free(line, TRUE);
  g_free(text);
}

gboolean
ctl_exists(const gchar *path)
{
  if (g_file_test(path, G_FILE_TEST_EXISTS))
    return TRUE;
  ctl_error("%s: no such file or folder", path);
  return FALSE;
}

static void
_write_json(const SiagaDiagMessage *message)
{
  static const gchar *const names[] = { "error", "warning", "note" };
  SiagaJson json;
  siaga_json_init(&json, ctl_out);
  siaga_json_open_object(&json, NULL);
  siaga_json_string(&json, "level", names[message->level], -1);
  if (message->file)
    siaga_json_string(&json, "file", message->file, -1);
  if (message->line)
    siaga_json_int(&json, "line", message->line);
  if (message->column)
    siaga_json_int(&json, "column", message->column);
  siaga_json_string(&json, "text", message->text, -1);
  siaga_json_close_object(&json);
  g_string_append_c(ctl_out, '\n');
  ctl_output_line();
}

/* On a terminal the word that says how bad it is has a colour, and long lines are broken between words. */
static void
_print_line(const SiagaDiagMessage *message, const GString *line)
{
  static const gchar *const words[] = { "error: ", "warning: ", "note: " };
  static const CtlColor colors[] = { CTL_RED, CTL_YELLOW, CTL_BLUE };
  struct winsize size;
  if (!isatty(STDERR_FILENO))
    {
      fprintf(stderr, "%s\n", line->str);
      return;
    }
  GString *colored = g_string_new(NULL), *out = g_string_new(NULL);
  const gchar *word = strstr(line->str, words[message->level]);
  gsize before = word ? (gsize) (word - line->str) : 0, length = word ? strlen(words[message->level]) : 0;
  g_string_append_len(colored, line->str, before);
  g_string_append_printf(colored, "%s%.*s%s%s\n", ctl_color(colors[message->level]), (int) length, line->str + before,
                         ctl_color(CTL_PLAIN), line->str + before + length);
  gboolean known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20;
  ctl_wrap(out, colored->str, colored->len, known ? size.ws_col : 80);
  fputs(out->str, stderr);
  g_string_free(colored, TRUE);
  g_string_free(out, TRUE);
}

void
ctl_print_diag(const SiagaDiag *diag, gboolean notes, gboolean json)
{
  GString *line = g_string_new(NULL);
  for (guint i = 0; i < siaga_diag_size(diag); i++)
    {
      const SiagaDiagMessage *message = siaga_diag_get(diag, i);
      if (message->level == SIAGA_DIAG_NOTE && !notes)
        continue;
      if (json)
        {
          _write_json(message);
          continue;
        }
      g_string_truncate(line, 0);
      siaga_diag_format(message, line);
      _print_line(message, line);
    }
  g_string_free(line, TRUE);
}
