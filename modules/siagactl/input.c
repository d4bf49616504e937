/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Cuts blocks into lines without copying them. */

#include "siagactl/siagactl.h"

#include <glib/gstdio.h>
#include <string.h>

#define BLOCK_BYTES (256 * 1024)
#define LINE_BYTES_MAX (16 * 1024 * 1024) /* the rest of a longer line is passed over */

struct _CtlInput
{
  gchar **files;
  guint next_file;
  CtlSource *source;
  const gchar *path;
  gchar *buffer;
  gsize size, start, end, searched;
  gboolean skipping, failed, fresh; /* FRESH: nothing of the file was read yet */
  guint64 sequence;
  guint64 total, done; /* packed bytes of all files and of those read to their end */
  CtlWaitFunc settle;  /* NULL: nobody has anything to settle */
  gpointer settled;
};

static gchar *standard_input[] = { "-", NULL };

CtlInput *
ctl_input_new(gchar **files)
{
  CtlInput *self = g_new0(CtlInput, 1);
  self->files = files && *files ? files : standard_input;
  self->size = BLOCK_BYTES;
  self->buffer = g_malloc(self->size);
  for (gchar **file = self->files; *file; file++)
    {
      GStatBuf info;
      if (g_stat(*file, &info) == 0)
        self->total += info.st_size;
    }
  return self;
}

void
ctl_input_free(CtlInput *self)
{
  if (!self)
    return;
  ctl_source_close(self->source);
  g_free(self->buffer);
  g_free(self);
}

static void
_report(CtlInput *self, GError *error)
{
  ctl_error("%s", error->message);
  g_error_free(error);
  self->failed = TRUE;
}

/* FALSE behind the last file. */
static gboolean
_open_next(CtlInput *self)
{
  while ((self->path = self->files[self->next_file]))
    {
      GError *error = NULL;
      self->next_file++;
      self->source = ctl_source_open(self->path, &error);
      self->start = self->end = self->searched = 0;
      self->skipping = FALSE;
      self->fresh = TRUE;
      if (self->source)
        return TRUE;
      _report(self, error);
    }
  return FALSE;
}

static void
_close(CtlInput *self)
{
  self->done += ctl_source_position(self->source);
  ctl_source_close(self->source);
  self->source = NULL;
}

static void
_make_room(CtlInput *self)
{
  if (self->start)
    {
      memmove(self->buffer, self->buffer + self->start, self->end - self->start);
      self->end -= self->start;
      self->searched -= self->start;
      self->start = 0;
    }
  if (self->end == self->size && self->size < LINE_BYTES_MAX)
    {
      self->size *= 2;
      self->buffer = g_realloc(self->buffer, self->size);
    }
  else if (self->end == self->size)
    {
      self->skipping = TRUE;
      self->end = self->searched = LINE_BYTES_MAX - BLOCK_BYTES;
    }
}

static gboolean
_is_utf16(const gchar *text, gsize length)
{
  return length >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0);
}

/* A pipe's reader sees what is known so far. */
static void
_settle(CtlInput *self)
{
  if (self->settle)
    self->settle(self->settled);
  ctl_output_flush();
}

/* FALSE at the file's end. */
static gboolean
_read_block(CtlInput *self)
{
  GError *error = NULL;
  _make_room(self);
  if (ctl_source_may_wait(self->source))
    _settle(self);
  gssize n = ctl_source_read(self->source, self->buffer + self->end, self->size - self->end, &error);
  if (n < 0)
    _report(self, error);
  if (n <= 0)
    return FALSE;
  if (self->fresh && _is_utf16(self->buffer + self->end, n))
    {
      ctl_error("%s: UTF-16 is not read: iconv -f UTF-16 -t UTF-8 makes lines of it", self->path);
      self->failed = TRUE;
      return FALSE;
    }
  self->fresh = FALSE;
  self->end += n;
  return TRUE;
}

/* A line longer than the buffer may grow keeps its beginning; what was read over it is not looked at. */
static gsize
_length(const CtlInput *self, gsize end)
{
  gsize length = end - self->start;
  if (self->skipping)
    length = MIN(length, (gsize) (LINE_BYTES_MAX - BLOCK_BYTES));
  else if (length && self->buffer[end - 1] == '\r')
    length--;
  return length;
}

static gboolean
_give(CtlInput *self, gsize end, gsize next, const gchar **line_r, gsize *length_r)
{
  *line_r = self->buffer + self->start;
  *length_r = _length(self, end);
  self->start = self->searched = next;
  self->skipping = FALSE;
  self->sequence++;
  return TRUE;
}

gboolean
ctl_input_next(CtlInput *self, const gchar **line_r, gsize *length_r)
{
  while (self->source || _open_next(self))
    {
      const gchar *newline = memchr(self->buffer + self->searched, '\n', self->end - self->searched);
      if (newline)
        return _give(self, newline - self->buffer, newline + 1 - self->buffer, line_r, length_r);
      self->searched = self->end;
      if (_read_block(self))
        continue;
      _close(self);
      if (self->start < self->end)
        return _give(self, self->end, self->end, line_r, length_r);
    }
  return FALSE;
}

guint64
ctl_input_sequence(const CtlInput *self)
{
  return self->sequence;
}

const gchar *
ctl_input_file(const CtlInput *self)
{
  return strcmp(self->path, "-") == 0 ? NULL : self->path;
}

gboolean
ctl_input_failed(const CtlInput *self)
{
  return self->failed;
}

void
ctl_input_on_wait(CtlInput *self, CtlWaitFunc settle, gpointer user_data)
{
  self->settle = settle;
  self->settled = user_data;
}

gdouble
ctl_input_progress(const CtlInput *self)
{
  if (!self->total)
    return -1;
  guint64 position = self->done + (self->source ? ctl_source_position(self->source) : 0);
  return MIN(1.0, (gdouble) position / self->total);
}
