/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * After a crash a file source delivers again what it had not confirmed.  What arrives first is held against the tail of
 * what was known: the part that runs through to the tail's end was known already, the rest is news. */

#include "stream.h"

#include <string.h>

struct _SiagaAlignment
{
  GArray *next;     /* of guint: where in the tail each possible alignment goes on */
  GPtrArray *held;  /* of SiagaRecord*, owned */
  GArray *received; /* of SiagaTime, beside it */
  guint known;      /* how many of the held ran through to the end */
};

void
siaga_align_begin(SiagaStream *stream)
{
  if (stream->alignment || !siaga_stream_tail_length(stream))
    return;
  SiagaAlignment *self = g_new0(SiagaAlignment, 1);
  self->next = g_array_new(FALSE, FALSE, sizeof(guint));
  self->held = g_ptr_array_new_with_free_func(g_free);
  self->received = g_array_new(FALSE, FALSE, sizeof(SiagaTime));
  stream->alignment = self;
}

void
siaga_align_end(SiagaStream *stream)
{
  SiagaAlignment *self = stream->alignment;
  if (!self)
    return;
  stream->alignment = NULL;
  g_array_unref(self->next);
  g_ptr_array_unref(self->held);
  g_array_unref(self->received);
  g_free(self);
}

static void
_find_begins(SiagaAlignment *self, const SiagaStream *stream, guint64 hash)
{
  for (guint at = 0; at < siaga_stream_tail_length(stream); at++)
    if (siaga_stream_tail(stream, at) == hash)
      {
        guint next = at + 1;
        g_array_append_val(self->next, next);
      }
}

static void
_follow(SiagaAlignment *self, const SiagaStream *stream, guint64 hash)
{
  guint kept = 0;
  for (guint i = 0; i < self->next->len; i++)
    {
      guint at = g_array_index(self->next, guint, i);
      if (siaga_stream_tail(stream, at) == hash)
        g_array_index(self->next, guint, kept++) = at + 1;
    }
  g_array_set_size(self->next, kept);
}

static void
_take_complete(SiagaAlignment *self, const SiagaStream *stream)
{
  guint kept = 0;
  for (guint i = 0; i < self->next->len; i++)
    {
      guint at = g_array_index(self->next, guint, i);
      if (at == siaga_stream_tail_length(stream))
        self->known = self->held->len;
      else
        g_array_index(self->next, guint, kept++) = at;
    }
  g_array_set_size(self->next, kept);
}

gboolean
siaga_align_hold(SiagaStream *stream, gconstpointer record, guint32 size, SiagaTime received)
{
  SiagaAlignment *self = stream->alignment;
  gpointer copy = g_malloc(size);
  memcpy(copy, record, size);
  guint64 hash = ((const SiagaRecord *) copy)->line_hash;
  if (!self->held->len)
    _find_begins(self, stream, hash);
  else
    _follow(self, stream, hash);
  g_ptr_array_add(self->held, copy);
  g_array_append_val(self->received, received);
  _take_complete(self, stream);
  return self->next->len == 0;
}

guint
siaga_align_known(const SiagaStream *stream)
{
  return stream->alignment->known;
}

SiagaRecord *
siaga_align_news(const SiagaStream *stream, guint index, SiagaTime *received_r)
{
  const SiagaAlignment *self = stream->alignment;
  guint at = self->known + index;
  if (at >= self->held->len)
    return NULL;
  *received_r = g_array_index(self->received, SiagaTime, at);
  return self->held->pdata[at];
}
