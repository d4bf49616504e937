/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Fuzzes the reader of pattern files; what it accepts is run on its own samples. */

#include "fuzz.h"

#include <siaga/pattern.h>

#include <unistd.h>

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static SiagaFields *fields;
  static gchar *data_dir, *macros, *path;
  SiagaPatternOptions options = { .keep_samples = TRUE };

  if (!fields)
    {
      fields = siaga_fuzz_fields(&data_dir);
      macros = g_build_filename(data_dir, "grok", NULL);
      path = g_strdup_printf("/tmp/siaga-fuzz-%d.yaml", (int) getpid());
    }
  if (!g_file_set_contents(path, (const gchar *) data, size, NULL))
    return 0;
  SiagaDiag *diag = siaga_diag_new();
  SiagaPatternSet *set = siaga_patterns_new(fields, &options);
  siaga_patterns_load(set, macros, TRUE, NULL);
  siaga_patterns_load(set, path, TRUE, diag);
  siaga_patterns_finish(set, diag);
  siaga_patterns_test(set, diag);
  siaga_patterns_free(set);
  siaga_diag_free(diag);
  unlink(path);
  return 0;
}
