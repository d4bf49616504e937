/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Runs every sample and reject of the shipped pattern files; with arguments, of these files alone. */

#include <siaga/data.h>
#include <siaga/pattern.h>

#include <stdlib.h>

static gboolean
print_failures(const SiagaDiag *diag)
{
  GString *out = g_string_new(NULL);
  for (guint i = 0; i < siaga_diag_size(diag); i++)
    {
      siaga_diag_format(siaga_diag_get(diag, i), out);
      g_string_append_c(out, '\n');
    }
  g_print("%s", out->str);
  g_string_free(out, TRUE);
  return siaga_diag_count(diag, SIAGA_DIAG_ERROR) > 0;
}

static void
load(SiagaPatternSet *set, const gchar *data_dir, int argc, char **argv, SiagaDiag *diag)
{
  gchar *macros = g_build_filename(data_dir, "grok", NULL);
  siaga_patterns_load(set, argc > 1 ? macros : data_dir, FALSE, diag);
  for (int i = 1; i < argc; i++)
    siaga_patterns_load(set, argv[i], FALSE, diag);
  siaga_patterns_finish(set, diag);
  g_free(macros);
}

int
main(int argc, char **argv)
{
  gchar *program_dir = g_path_get_dirname(argv[0]);
  gchar *data_dir = siaga_data_dir(program_dir);
  gchar *fields_path = g_build_filename(data_dir, "fields.yaml", NULL);
  SiagaDiag *diag = siaga_diag_new();
  SiagaFields *fields = siaga_fields_load(fields_path, diag);
  gboolean failed = !fields;

  if (fields)
    {
      SiagaPatternSet *set = siaga_patterns_new(fields, &(SiagaPatternOptions){ .keep_samples = TRUE });
      load(set, data_dir, argc, argv, diag);
      guint run = siaga_patterns_test(set, diag);
      g_print("%u patterns, %u samples and rejects\n", siaga_patterns_size(set), run);
      siaga_patterns_free(set);
    }
  failed = print_failures(diag) || failed;
  siaga_fields_unref(fields);
  siaga_diag_free(diag);
  g_free(fields_path);
  g_free(data_dir);
  g_free(program_dir);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
