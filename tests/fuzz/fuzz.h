/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What libFuzzer calls. */

#ifndef SIAGA_FUZZ_H_INCLUDED
#define SIAGA_FUZZ_H_INCLUDED

#include <siaga/data.h>
#include <siaga/field.h>

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A finding.  By abort(), because g_error() raises SIGTRAP, at which libFuzzer does not keep the input. */
static inline void siaga_fuzz_found(const gchar *format, ...) G_GNUC_NORETURN G_GNUC_PRINTF(1, 2);
static inline void
siaga_fuzz_found(const gchar *format, ...)
{
  va_list arguments;
  va_start(arguments, format);
  gchar *words = g_strdup_vprintf(format, arguments);
  va_end(arguments);
  g_printerr("ERROR: %s\n", words);
  abort();
}

/* The tree's field registry and, with $SIAGA_DATA_DIR or next to the build tree, its patterns. */
static inline SiagaFields *
siaga_fuzz_fields(gchar **data_dir)
{
  *data_dir = siaga_data_dir(".");
  gchar *path = g_build_filename(*data_dir, "fields.yaml", NULL);
  SiagaFields *fields = siaga_fields_load(path, NULL);
  g_free(path);
  if (!fields)
    siaga_fuzz_found("no fields.yaml: set SIAGA_DATA_DIR");
  return fields;
}

#endif
