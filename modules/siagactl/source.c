/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads a file, packed or not. */

#include "config.h"

#include "siagactl/siagactl.h"

#include <errno.h>
#include <fcntl.h>
#include <lzma.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define PACKED_BYTES 131072
#define MAGIC_BYTES 6

typedef enum
{
  PLAIN,
  GZIP,
  XZ,
  ZSTD,
} Packing;

struct _CtlSource
{
  gint fd;
  gchar *path;
  Packing packing;
  gboolean may_wait, at_end, in_member;
  guint64 position;
  guint8 *packed; /* read, not yet taken */
  gsize packed_start, packed_end;
  z_stream zlib;
  lzma_stream lzma;
  ZSTD_DStream *zstd;
};

static gssize
_fail(CtlSource *self, GError **error, const gchar *what)
{
  g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", self->path, what);
  return -1;
}

static gssize
_read_fd(CtlSource *self, gpointer buffer, gsize size, GError **error)
{
  gssize n;
  do
    n = read(self->fd, buffer, size);
  while (n < 0 && errno == EINTR);
  if (n < 0)
    return _fail(self, error, g_strerror(errno));
  self->position += n;
  return n;
}

/* Makes sure that something packed is at hand, unless the file is at its end. */
static gboolean
_fill(CtlSource *self, gsize wanted, GError **error)
{
  while (!self->at_end && self->packed_end - self->packed_start < wanted)
    {
      if (self->packed_start == self->packed_end)
        self->packed_start = self->packed_end = 0;
      gssize n = _read_fd(self, self->packed + self->packed_end, PACKED_BYTES - self->packed_end, error);
      if (n < 0)
        return FALSE;
      self->at_end = n == 0;
      self->packed_end += n;
    }
  return TRUE;
}

static Packing
_recognise(const CtlSource *self)
{
  static const struct
  {
    const gchar *magic;
    gsize length;
    Packing packing;
  } magics[] = {
    { "\x1f\x8b", 2, GZIP },
    { "\xfd"
      "7zXZ\0",
      6, XZ },
    { "\x28\xb5\x2f\xfd", 4, ZSTD },
  };
  for (guint i = 0; i < G_N_ELEMENTS(magics); i++)
    if (self->packed_end >= magics[i].length && memcmp(self->packed, magics[i].magic, magics[i].length) == 0)
      return magics[i].packing;
  return PLAIN;
}

static gboolean
_start_unpacking(CtlSource *self)
{
  switch (self->packing)
    {
    case GZIP:
      return inflateInit2(&self->zlib, 15 + 16) == Z_OK;
    case XZ:
      return lzma_stream_decoder(&self->lzma, 512 * 1024 * 1024, LZMA_CONCATENATED) == LZMA_OK;
    case ZSTD:
      self->zstd = ZSTD_createDStream();
      return self->zstd != NULL;
    case PLAIN:
      break;
    }
  return TRUE;
}

static gboolean
_open_fd(CtlSource *self, GError **error)
{
  struct stat info;
  gboolean standard_input = strcmp(self->path, "-") == 0;
  self->fd = standard_input ? dup(STDIN_FILENO) : open(self->path, O_RDONLY | O_CLOEXEC);
  if (self->fd < 0 || fstat(self->fd, &info) < 0)
    {
      _fail(self, error, g_strerror(errno));
      return FALSE;
    }
  if (S_ISDIR(info.st_mode))
    {
      _fail(self, error, "is a folder");
      return FALSE;
    }
  self->may_wait = !S_ISREG(info.st_mode);
  return TRUE;
}

CtlSource *
ctl_source_open(const gchar *path, GError **error)
{
  CtlSource *self = g_new0(CtlSource, 1);
  self->path = g_strdup(path);
  self->packed = g_malloc(PACKED_BYTES);
  self->lzma = (lzma_stream) LZMA_STREAM_INIT;
  if (_open_fd(self, error) && _fill(self, self->may_wait ? 1 : MAGIC_BYTES, error))
    {
      self->packing = _recognise(self);
      if (_start_unpacking(self))
        return self;
      _fail(self, error, "cannot be unpacked: out of memory");
    }
  ctl_source_close(self);
  return NULL;
}

void
ctl_source_close(CtlSource *self)
{
  if (!self)
    return;
  if (self->packing == GZIP)
    inflateEnd(&self->zlib);
  lzma_end(&self->lzma);
  ZSTD_freeDStream(self->zstd);
  if (self->fd >= 0)
    close(self->fd);
  g_free(self->packed);
  g_free(self->path);
  g_free(self);
}

static gssize
_read_plain(CtlSource *self, gchar *buffer, gsize size, GError **error)
{
  gsize kept = self->packed_end - self->packed_start;
  if (!kept)
    return self->at_end ? 0 : _read_fd(self, buffer, size, error);
  kept = MIN(kept, size);
  memcpy(buffer, self->packed + self->packed_start, kept);
  self->packed_start += kept;
  return kept;
}

/* A gzip file may have several members; bytes behind the last one that begin no other are padding. */
static gssize
_read_gzip(CtlSource *self, gchar *buffer, gsize size, GError **error)
{
  self->zlib.next_out = (Bytef *) buffer;
  self->zlib.avail_out = size;
  while (self->zlib.avail_out == size)
    {
      if (!_fill(self, 1, error))
        return -1;
      if (self->packed_start == self->packed_end)
        return self->in_member ? _fail(self, error, "the packed file is cut off") : 0;
      self->zlib.next_in = self->packed + self->packed_start;
      self->zlib.avail_in = self->packed_end - self->packed_start;
      gboolean begins = !self->in_member && self->zlib.total_out > 0;
      if (begins && *self->zlib.next_in != 0x1f)
        return 0;
      if (begins)
        inflateReset(&self->zlib);
      self->in_member = TRUE;
      gint result = inflate(&self->zlib, Z_NO_FLUSH);
      self->packed_start = self->packed_end - self->zlib.avail_in;
      if (result == Z_STREAM_END)
        {
          self->in_member = FALSE;
          if (!self->zlib.total_out)
            inflateReset(&self->zlib);
        }
      else if (result != Z_OK && result != Z_BUF_ERROR)
        return _fail(self, error, "the packed file is damaged");
    }
  return size - self->zlib.avail_out;
}

static gssize
_read_xz(CtlSource *self, gchar *buffer, gsize size, GError **error)
{
  self->lzma.next_out = (guint8 *) buffer;
  self->lzma.avail_out = size;
  while (self->lzma.avail_out == size)
    {
      if (!_fill(self, 1, error))
        return -1;
      self->lzma.next_in = self->packed + self->packed_start;
      self->lzma.avail_in = self->packed_end - self->packed_start;
      lzma_ret result = lzma_code(&self->lzma, self->at_end ? LZMA_FINISH : LZMA_RUN);
      self->packed_start = self->packed_end - self->lzma.avail_in;
      if (result == LZMA_STREAM_END)
        break;
      if (result != LZMA_OK)
        return _fail(self, error,
                     result == LZMA_BUF_ERROR ? "the packed file is cut off" : "the packed file is damaged");
    }
  return size - self->lzma.avail_out;
}

static gssize
_read_zstd(CtlSource *self, gchar *buffer, gsize size, GError **error)
{
  ZSTD_outBuffer out = { buffer, size, 0 };
  while (out.pos == 0)
    {
      if (!_fill(self, 1, error))
        return -1;
      if (self->packed_start == self->packed_end)
        return self->in_member ? _fail(self, error, "the packed file is cut off") : 0;
      ZSTD_inBuffer in = { self->packed + self->packed_start, self->packed_end - self->packed_start, 0 };
      gsize result = ZSTD_decompressStream(self->zstd, &out, &in);
      self->packed_start += in.pos;
      if (ZSTD_isError(result))
        return _fail(self, error, "the packed file is damaged");
      self->in_member = result != 0;
    }
  return out.pos;
}

gssize
ctl_source_read(CtlSource *self, gchar *buffer, gsize size, GError **error)
{
  switch (self->packing)
    {
    case GZIP:
      return _read_gzip(self, buffer, size, error);
    case XZ:
      return _read_xz(self, buffer, size, error);
    case ZSTD:
      return _read_zstd(self, buffer, size, error);
    case PLAIN:
      break;
    }
  return _read_plain(self, buffer, size, error);
}

guint64
ctl_source_position(const CtlSource *self)
{
  return self->position;
}

gboolean
ctl_source_may_wait(const CtlSource *self)
{
  return self->may_wait;
}
