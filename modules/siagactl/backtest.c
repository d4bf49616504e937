/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl backtest: a log and the incidents that it must give. */

#include "siagactl/scenario.h"

#include <string.h>

typedef struct
{
  const CtlOptions *options;
  const SiagaYaml *expected;
  SiagaDiag *diag;
  guint expectations;
} Backtest;

static void
_append_xml(GString *out, const gchar *text)
{
  GString *safe = g_string_new(NULL);
  ctl_append_safe(safe, text, -1);
  gchar *escaped = g_markup_escape_text(safe->str, safe->len);
  g_string_append(out, escaped);
  g_free(escaped);
  g_string_free(safe, TRUE);
}

static void
_append_case(GString *out, const gchar *name, const gchar *failure)
{
  g_string_append(out, "    <testcase classname=\"siaga.backtest\" name=\"");
  _append_xml(out, name);
  if (!failure)
    {
      g_string_append(out, "\"/>\n");
      return;
    }
  g_string_append(out, "\">\n      <failure message=\"");
  _append_xml(out, failure);
  g_string_append(out, "\"/>\n    </testcase>\n");
}

/* The failure at PLACE; NULL: none. */
static const gchar *
_failure_at(const SiagaDiag *diag, SiagaPlace place)
{
  for (guint i = 0; i < siaga_diag_size(diag); i++)
    {
      const SiagaDiagMessage *message = siaga_diag_get(diag, i);
      if (message->level == SIAGA_DIAG_ERROR && message->line == place.line && message->column == place.column)
        return message->text;
    }
  return NULL;
}

static gboolean
_write_junit(const Backtest *self, const gchar *path)
{
  GString *out = g_string_new("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
  const SiagaYaml *expect = siaga_yaml_get(self->expected, "expect");
  guint cases = expect->kind == SIAGA_YAML_LIST ? expect->size : 0;
  GError *error = NULL;
  g_string_append_printf(out, "  <testsuite name=\"siaga backtest\" tests=\"%u\" failures=\"%u\">\n", cases + 1,
                         siaga_diag_count(self->diag, SIAGA_DIAG_ERROR));
  for (guint i = 0; i < cases; i++)
    {
      const gchar *rule = siaga_yaml_get_text(expect->values[i], "rule");
      gchar *name = g_strdup_printf("%u: %s", i + 1, rule ? rule : "incident");
      _append_case(out, name, _failure_at(self->diag, expect->values[i]->place));
      g_free(name);
    }
  _append_case(out, "no others", _failure_at(self->diag, self->expected->place));
  g_string_append(out, "  </testsuite>\n</testsuites>\n");
  gboolean ok = g_file_set_contents(path, out->str, out->len, &error);
  if (!ok)
    {
      ctl_error("%s", error->message);
      g_error_free(error);
    }
  g_string_free(out, TRUE);
  return ok;
}

static gboolean
_check_expected(const SiagaYaml *top, const gchar *path, SiagaDiag *diag)
{
  static const gchar *const allowed[] = { "expect", "others", "about", NULL };
  const SiagaYaml *expect = siaga_yaml_get(top, "expect");
  if (!expect || (expect->kind == SIAGA_YAML_SCALAR && strcmp(expect->text, "none") != 0))
    {
      siaga_diag_error(diag, (SiagaPlace){ path, 1, 1 }, "expected 'expect:' with a list of incidents, or none");
      return FALSE;
    }
  return siaga_yaml_check_keys(top, allowed, diag);
}

static gboolean
_replay(Backtest *self)
{
  SiagaCorrelatorOptions correlator;
  SiagaChain *chain = ctl_load_chain(self->options, SIAGA_CHAIN_VICTIMS | SIAGA_CHAIN_RULES, NULL);
  siaga_correlator_options_init(&correlator);
  gboolean ok = FALSE;
  CtlIncidents *incidents =
      chain ? ctl_run_files(chain, self->options, self->options->arguments + 1, &correlator, &ok) : NULL;
  if (ok)
    ctl_scenario_compare(self->expected, incidents, self->diag);
  ctl_incidents_free(incidents);
  siaga_chain_free(chain);
  return ok;
}

static int
_run(const CtlOptions *options, const gchar *junit)
{
  Backtest self = { .options = options, .diag = siaga_diag_new() };
  const gchar *path = options->arguments[0];
  SiagaYamlFile *file = siaga_yaml_load(path, self.diag);
  int result = CTL_CANNOT;
  self.expected = file && file->documents->len ? g_ptr_array_index(file->documents, 0) : NULL;
  if (file && _check_expected(self.expected, path, self.diag) && _replay(&self))
    {
      guint failures = siaga_diag_count(self.diag, SIAGA_DIAG_ERROR);
      result = failures ? CTL_FOUND : CTL_DONE;
      if (junit && !_write_junit(&self, junit))
        result = CTL_CANNOT;
      if (!options->json)
        ctl_print("%s\n", failures ? "failed" : "as expected");
    }
  ctl_print_diag(self.diag, FALSE, options->json);
  if (options->json && result != CTL_CANNOT)
    ctl_print("{\"failures\":%u}\n", siaga_diag_count(self.diag, SIAGA_DIAG_ERROR));
  siaga_yaml_free(file);
  siaga_diag_free(self.diag);
  return result;
}

int
ctl_backtest(int argc, char **argv)
{
  CtlOptions options;
  gchar *junit = NULL;
  const GOptionEntry extra[] = {
    { "junit", 0, 0, G_OPTION_ARG_FILENAME, &junit, "write the result as JUnit XML", "FILE" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  int result = CTL_CANNOT;
  if (ctl_options_parse(
          &options, argc, argv, "EXPECTED.yaml FILE…",
          "Replays the files and compares the incidents with the expect: list of EXPECTED.yaml, written as\n"
          "in scenarios.",
          extra))
    {
      if (g_strv_length(options.arguments) < 2)
        ctl_error("backtest needs the file of expected incidents and a log");
      else
        result = _run(&options, junit);
    }
  g_free(junit);
  ctl_options_clear(&options);
  return result;
}
