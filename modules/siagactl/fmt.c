/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl fmt: one look for pattern and rule files.  Works on lines, so that comments stay where they are. */

#include "siagactl/siagactl.h"

#include <siaga/yaml.h>

#include <string.h>

typedef struct
{
  gboolean check, write, json;
  guint differ;
} Formatter;

static gboolean
_opens_block_scalar(const gchar *line)
{
  gsize length = strlen(line);
  while (length && strchr("+-0123456789", line[length - 1]))
    length--;
  return length && (line[length - 1] == '|' || line[length - 1] == '>') &&
         (length == 1 || line[length - 2] == ' ' || line[length - 2] == ':');
}

static gsize
_indent(const gchar *line)
{
  return strspn(line, " ");
}

/* Blanks at line ends, more than one empty line in a row, a missing or doubled end: gone.  Block scalars are text. */
static gchar *
_format(const gchar *text)
{
  gchar **lines = g_strsplit(text, "\n", -1);
  GString *out = g_string_new(NULL);
  gboolean empty_before = TRUE, in_block = FALSE;
  gsize block_indent = 0;

  for (gchar **line = lines; *line; line++)
    {
      gboolean blank = strspn(*line, " \t\r") == strlen(*line);
      if (in_block && !blank && _indent(*line) <= block_indent)
        in_block = FALSE;
      if (!in_block)
        g_strchomp(*line);
      if (!blank || (!empty_before && !in_block) || (in_block && line[1]))
        g_string_append_printf(out, "%s\n", *line);
      empty_before = blank;
      if (!in_block && _opens_block_scalar(*line))
        {
          in_block = TRUE;
          block_indent = _indent(*line);
        }
    }
  while (out->len > 1 && out->str[out->len - 1] == '\n' && out->str[out->len - 2] == '\n')
    g_string_truncate(out, out->len - 1);
  g_strfreev(lines);
  return g_string_free(out, FALSE);
}

static gboolean
_save(const gchar *path, const gchar *text)
{
  GError *error = NULL;
  if (g_file_set_contents(path, text, -1, &error))
    return TRUE;
  ctl_error("%s", error->message);
  g_error_free(error);
  return FALSE;
}

static void
_print_json(const Formatter *self, const gchar *path, gboolean differs, const gchar *formatted)
{
  SiagaJson json;
  siaga_json_init(&json, ctl_out);
  siaga_json_open_object(&json, NULL);
  siaga_json_string(&json, "file", path, -1);
  siaga_json_bool(&json, "differs", differs);
  if (!self->check && !self->write)
    siaga_json_string(&json, "text", formatted, -1);
  siaga_json_close_object(&json);
  ctl_print("\n");
}

/* A file that is no YAML is left alone. */
static gboolean
_format_file(Formatter *self, const gchar *path)
{
  SiagaDiag *diag = siaga_diag_new();
  SiagaYamlFile *file = siaga_yaml_load(path, diag);
  gchar *text = NULL;
  gboolean ok = file && g_file_get_contents(path, &text, NULL, NULL);

  ctl_print_diag(diag, FALSE, FALSE);
  if (ok)
    {
      gchar *formatted = _format(text);
      gboolean differs = strcmp(text, formatted) != 0;
      self->differ += differs;
      if (self->write && differs)
        ok = _save(path, formatted);
      if (self->json)
        _print_json(self, path, differs, formatted);
      else if (self->check && differs)
        ctl_print("%s\n", path);
      else if (!self->check && !self->write)
        g_string_append(ctl_out, formatted);
      g_free(formatted);
    }
  g_free(text);
  siaga_yaml_free(file);
  siaga_diag_free(diag);
  return ok;
}

int
ctl_fmt(int argc, char **argv)
{
  CtlOptions options;
  Formatter self = { 0 };
  const GOptionEntry extra[] = {
    { "check", 0, 0, G_OPTION_ARG_NONE, &self.check, "only name the files that would change; exit 1 when any", NULL },
    { "write", 'w', 0, G_OPTION_ARG_NONE, &self.write, "change the files", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  int result = CTL_CANNOT;
  if (ctl_options_parse(&options, argc, argv, "FILE…", "Gives pattern and rule files one look; prints the result.",
                        extra))
    {
      gboolean ok = *options.arguments != NULL;
      self.json = options.json;
      if (!ok)
        ctl_error("expected files");
      for (gchar **path = options.arguments; *path; path++)
        ok = _format_file(&self, *path) && ok;
      result = !ok ? CTL_CANNOT : self.check && self.differ ? CTL_FOUND : CTL_DONE;
    }
  ctl_options_clear(&options);
  return result;
}
