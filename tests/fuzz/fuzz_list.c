/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Fuzzes domain lists: the first byte says whether the rest is a list to read (and in which format) or a built file. */

#include "fuzz.h"

#include <siaga/lists.h>

#include <string.h>
#include <unistd.h>

static void
look_up(SiagaLists *lists, const gchar *text, gsize length)
{
  static const gchar *const names[] = { "judi.example", "www.judi.example", "example", ".", "a.b.c.d.e.f.example.com" };
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    siaga_lists_find(lists, names[i], strlen(names[i]));
  siaga_lists_find(lists, text, length);
  for (guint i = 0; i <= SIAGA_LISTS_CATEGORIES; i++)
    siaga_lists_category(lists, i);
}

static void
build(const gchar *path, const gchar *target, SiagaListFormat format, SiagaDiag *diag)
{
  SiagaListBuilder *builder = siaga_list_builder_new();
  siaga_list_builder_add(builder, "gambling", path, format, diag);
  if (!siaga_list_builder_write(builder, target, diag))
    siaga_fuzz_found("cannot write %s", target);
  siaga_list_builder_free(builder);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static gchar *path, *target;
  if (!path)
    {
      path = g_strdup_printf("/tmp/siaga-fuzz-%d.list", (int) getpid());
      target = g_strdup_printf("/tmp/siaga-fuzz-%d.lists", (int) getpid());
    }
  gboolean built = size && data[0] % 8 > SIAGA_LIST_CSV;
  const gchar *text = (const gchar *) data + 1;
  if (!size || !g_file_set_contents(built ? target : path, text, size - 1, NULL))
    return 0;
  SiagaDiag *diag = siaga_diag_new();
  if (!built)
    build(path, target, data[0] % 8, diag);
  SiagaLists *lists = siaga_lists_open(target, diag);
  if (lists)
    look_up(lists, text, MIN(size - 1, 300));
  else if (!built)
    siaga_fuzz_found("what was built cannot be opened");
  siaga_lists_free(lists);
  siaga_diag_free(diag);
  unlink(path);
  unlink(target);
  return 0;
}
