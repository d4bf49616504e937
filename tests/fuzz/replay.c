/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Without libFuzzer: runs a fuzz target over its kept inputs, seeds/NAME of the source tree, or over the files named.
 * A finding that was mended stays there as an input, and this is its regression test. */

#include "fuzz.h"

#include <stdlib.h>
#include <string.h>

static void
_replay_file(const gchar *path)
{
  gchar *data;
  gsize size;
  GError *error = NULL;

  if (!g_file_get_contents(path, &data, &size, &error))
    siaga_fuzz_found("%s", error->message);
  /* exactly as long as the input, so that a sanitizer sees what is read behind it */
  uint8_t *exact = malloc(size ? size : 1);
  memcpy(exact, data, size);
  g_free(data);
  LLVMFuzzerTestOneInput(exact, size);
  free(exact);
}

static guint
_replay_folder(const gchar *folder)
{
  GDir *dir = g_dir_open(folder, 0, NULL);
  guint count = 0;
  if (!dir)
    return 0;
  for (const gchar *name; (name = g_dir_read_name(dir)); count++)
    {
      gchar *path = g_build_filename(folder, name, NULL);
      _replay_file(path);
      g_free(path);
    }
  g_dir_close(dir);
  return count;
}

/* fuzz_line, or libtool's lt-fuzz_line, has its inputs in seeds/line. */
static gchar *
_own_folder(const gchar *program)
{
  const gchar *srcdir = g_getenv("SIAGA_SRCDIR");
  const gchar *name = strstr(program, "fuzz_");
  while (name && strstr(name + 1, "fuzz_"))
    name = strstr(name + 1, "fuzz_");
  return g_build_filename(srcdir ? srcdir : ".", "tests", "fuzz", "seeds", name ? name + strlen("fuzz_") : "", NULL);
}

int
main(int argc, char **argv)
{
  if (argc > 1)
    {
      for (gint i = 1; i < argc; i++)
        _replay_file(argv[i]);
      return 0;
    }
  gchar *folder = _own_folder(argv[0]);
  guint count = _replay_folder(folder);
  g_print("%u inputs of %s\n", count, folder);
  g_free(folder);
  return count ? 0 : 77;
}
