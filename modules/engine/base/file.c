/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads files within bounds. */

#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define MIB (1024 * 1024)

/* Up to MOST bytes and one more; a file may grow meanwhile.  FALSE with errno. */
static gboolean
_read(int fd, gchar *text, gsize most, gsize *length_r)
{
  gssize got = 1;
  *length_r = 0;
  while (got > 0 && *length_r <= most)
    {
      while ((got = read(fd, text + *length_r, most + 1 - *length_r)) < 0 && errno == EINTR)
        ;
      *length_r += MAX(got, 0);
    }
  return got >= 0;
}

/* NULL with errno, 0: it is none that can be read whole. */
static gchar *
_read_regular(int fd, gsize most, gsize *length_r, gboolean *large_r)
{
  struct stat status;
  *large_r = FALSE;
  if (fstat(fd, &status) != 0)
    return NULL;
  errno = 0;
  if (!S_ISREG(status.st_mode))
    return NULL;
  *large_r = (guint64) status.st_size > most;
  if (*large_r)
    return NULL;
  gchar *text = g_malloc(status.st_size + 2);
  if (_read(fd, text, status.st_size, length_r) && *length_r <= (gsize) status.st_size)
    {
      text[*length_r] = '\0';
      return text;
    }
  g_free(text);
  errno = errno ? errno : EAGAIN; /* it grows under our hands */
  return NULL;
}

gchar *
siaga_file_read(const gchar *path, gsize most, gsize *length_r, SiagaDiag *diag)
{
  SiagaPlace place = { path, 0, 0 };
  gboolean large = FALSE;
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  gchar *text = fd < 0 ? NULL : _read_regular(fd, most, length_r, &large);
  int failed = errno;
  if (fd >= 0)
    close(fd);
  if (text)
    return text;
  if (large)
    siaga_diag_error(diag, place, "larger than %" G_GSIZE_FORMAT " MiB", most / MIB);
  else if (failed)
    siaga_diag_error(diag, place, "cannot be read: %s", g_strerror(failed));
  else
    siaga_diag_error(diag, place, "cannot be read: it is no regular file");
  return NULL;
}
