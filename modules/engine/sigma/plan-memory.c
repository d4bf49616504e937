/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Three tables, for texts of three sizes: the many short targets do not push out agents.  Four places for a text: what
 * comes again and again stays although others fall on the same ones. */

#include "plan-memory.h"

#include "engine/base/quick-hash.h"

#include <stdlib.h>
#include <string.h>

#define LINE 64 /* bytes of a cache line: a short text is one read */
#define TABLES 3
#define WAYS 4
#define WORTH 4

/* Tags say which of the places is worth a look. */
typedef struct
{
  guint16 tags[WAYS];
  guint8 worth[WAYS]; /* others that it outlasts: what came again stays */
} Set;

/* How many there are as powers of two: sets, and lines of a place. */
typedef struct
{
  guint8 sets, lines;
} Shape;

static const Shape shapes[TABLES] = { { 11, 0 }, { 10, 1 }, { 7, 2 } };

typedef struct
{
  Set *sets;
  gchar *places;
} Table;

struct _SiagaMemory
{
  Table tables[TABLES];
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
  for (guint i = 0; i < TABLES; i++)
    {
      self->tables[i].sets = g_new0(Set, (gsize) 1 << shapes[i].sets);
      self->tables[i].places = _places_new((gsize) WAYS * LINE << shapes[i].sets << shapes[i].lines);
    }
  return self;
}

void
siaga_memory_free(SiagaMemory *self)
{
  if (!self)
    return;
  for (guint i = 0; i < TABLES; i++)
    {
      g_free(self->tables[i].sets);
      free(self->tables[i].places);
    }
  g_free(self);
}

static inline gboolean
_is(const SiagaRecollection *known, guint32 scan, SiagaText text)
{
  return known->scan == scan && known->length == text.length && memcmp(known + 1, text.text, text.length) == 0;
}

/* The way of SET that is for others; WAYS when all of them are worth keeping, one a little less from now on. */
static inline guint
_way_to_give(Set *set, guint first)
{
  for (guint i = 0; i < WAYS; i++)
    if (!set->worth[(first + i) % WAYS])
      return (first + i) % WAYS;
  set->worth[first]--;
  return WAYS;
}

#define EACH_TAG G_GUINT64_CONSTANT(0x0001000100010001)

/* The topmost bit of each way whose tag is TAG, and seldom of another. */
static inline guint64
_alike(const Set *set, guint16 tag)
{
  guint64 tags;
  memcpy(&tags, set->tags, sizeof tags);
  tags = GUINT64_FROM_LE(tags) ^ EACH_TAG * tag;
  return (tags - EACH_TAG) & ~tags & EACH_TAG << 15;
}

const SiagaRecollection *
siaga_memory_recall(SiagaMemory *self, guint32 scan, SiagaText text, SiagaMemoryPlace *place_r)
{
  const gsize bytes = text.length + sizeof(SiagaRecollection);
  const guint number = bytes <= LINE ? 0 : bytes <= 2 * LINE ? 1 : 2;
  place_r->known = NULL;
  if (bytes > 4 * LINE)
    return NULL;
  const Table *table = &self->tables[number];
  const Shape shape = shapes[number];
  const guint64 hash = siaga_quick_hash(text.text, text.length, scan);
  const gsize at = (guint32) hash >> (32 - shape.sets);
  const guint16 tag = hash >> 48;
  Set *set = &table->sets[at];
  gchar *places = table->places + (at * WAYS * LINE << shape.lines);
  for (guint64 alike = _alike(set, tag); alike; alike &= alike - 1)
    {
      guint way = __builtin_ctzll(alike) / 16;
      const SiagaRecollection *known = (const SiagaRecollection *) (places + (way * LINE << shape.lines));
      if (!_is(known, scan, text))
        continue;
      set->worth[way] = WORTH;
      return known;
    }
  guint way = _way_to_give(set, (hash >> 44) % WAYS);
  if (way < WAYS)
    *place_r = (SiagaMemoryPlace){ (SiagaRecollection *) (places + (way * LINE << shape.lines)), &set->tags[way], tag };
  return NULL;
}

void
siaga_memory_keep(const SiagaMemoryPlace *place, guint32 scan, SiagaText text)
{
  *place->tag = GUINT16_TO_LE(place->own_tag);
  place->known->scan = scan;
  place->known->length = text.length;
  memcpy(place->known + 1, text.text, text.length);
}
