/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Two tables with one place for a text: the many short targets do not push out agents. */

#include "plan-memory.h"

#include "engine/base/quick-hash.h"

#include <stdlib.h>
#include <string.h>

#define LINE 64 /* bytes of a cache line: a short text is one read */
#define SHORT_SLOTS 4096
#define SHORT_TEXT (LINE - sizeof(SiagaRecollection))
#define LONG_SLOTS 512
#define LONG_BYTES (4 * LINE)
#define LONG_TEXT (LONG_BYTES - sizeof(SiagaRecollection))
#define WORTH 4

struct _SiagaMemory
{
  gchar *shorts, *longs;
};

static gchar *
_places_new(gsize bytes)
{
  gchar *places = aligned_alloc(LINE, bytes);
  if (!places)
    g_error("no memory for %" G_GSIZE_FORMAT " bytes", bytes);
  return memset(places, 0, bytes);
}

SiagaMemory *
siaga_memory_new(void)
{
  SiagaMemory *self = g_new(SiagaMemory, 1);
  self->shorts = _places_new(SHORT_SLOTS * LINE);
  self->longs = _places_new(LONG_SLOTS * LONG_BYTES);
  return self;
}

void
siaga_memory_free(SiagaMemory *self)
{
  if (!self)
    return;
  free(self->shorts);
  free(self->longs);
  g_free(self);
}

gboolean
siaga_memory_recall(SiagaMemory *self, guint32 scan, SiagaText text, SiagaRecollection **known_r)
{
  *known_r = NULL;
  if (text.length > LONG_TEXT)
    return FALSE;
  guint64 hash = siaga_quick_hash(text.text, text.length, scan) >> 40;
  gchar *place = text.length <= SHORT_TEXT ? self->shorts + hash % SHORT_SLOTS * LINE
                                           : self->longs + hash % LONG_SLOTS * LONG_BYTES;
  SiagaRecollection *known = (SiagaRecollection *) place;
  if (known->scan == scan && known->length == text.length && memcmp(known + 1, text.text, text.length) == 0)
    {
      known->worth = WORTH;
      *known_r = known;
      return TRUE;
    }
  if (known->worth)
    known->worth--;
  else
    *known_r = known;
  return FALSE;
}

void
siaga_memory_keep(SiagaRecollection *place, guint32 scan, SiagaText text)
{
  place->scan = scan;
  place->length = text.length;
  memcpy(place + 1, text.text, text.length);
}
