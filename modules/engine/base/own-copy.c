/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Copies a file into one without a name. */

#include "config.h"

#include "engine/base/own-copy.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static gboolean
_copy_bytes(int from, int to, gsize size)
{
  loff_t read = 0, written = 0;
  while ((gsize) written < size)
    {
      gssize bytes = copy_file_range(from, &read, to, &written, size - written, 0);
      if (bytes <= 0 && !(bytes < 0 && errno == EINTR))
        return FALSE;
    }
  return TRUE;
}

int
siaga_own_copy(const gchar *path, int file, gsize size)
{
  gchar *folder = g_path_get_dirname(path);
  int copy = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  g_free(folder);
  if (copy < 0 || _copy_bytes(file, copy, size))
    return copy;
  close(copy);
  return -1;
}
