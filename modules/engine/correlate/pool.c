/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Regions of 64 slabs; a slab's header is found from any of its places. */

#include "pool.h"
#include "engine/base/pages.h"

#include <string.h>
#include <sys/mman.h>

#define SLAB_SIZE 16384
#define SLABS 64
#define REGION_SIZE ((gsize) SLABS * SLAB_SIZE)
#define SMALL_STEP 16
#define SMALL_MAX 256
#define LARGE_STEP 64
#define LARGE_MAX 1024

/* More is malloc's; where a sanitizer watches malloc's places, everything. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POOLED_MAX 0
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define POOLED_MAX 0
#endif
#ifndef POOLED_MAX
#define POOLED_MAX LARGE_MAX
#endif

G_STATIC_ASSERT(SMALL_MAX / SMALL_STEP + (LARGE_MAX - SMALL_MAX) / LARGE_STEP == SIAGA_POOL_CLASSES);

struct _SiagaRegion
{
  SiagaRegion *next, *before;
  guint8 *base;
  guint64 free; /* bits: slabs that are in nobody's use */
};

struct _SiagaSlab
{
  SiagaRegion *region;
  SiagaSlab *next, *before; /* among the open ones of its size */
  gpointer free;            /* places that were given back, chained by their first word */
  guint32 used;             /* places in use */
  guint32 fresh;            /* where places begin that never were in use */
};

#define HEAD ((sizeof(SiagaSlab) + 15) & ~(gsize) 15)

static inline guint
_class(gsize size)
{
  if (size <= SMALL_MAX)
    return (MAX(size, 1) - 1) / SMALL_STEP;
  return SMALL_MAX / SMALL_STEP + (size - SMALL_MAX - 1) / LARGE_STEP;
}

gsize
siaga_pool_size(gsize size)
{
  if (size <= SMALL_MAX)
    return MAX((size + SMALL_STEP - 1) & ~(gsize) (SMALL_STEP - 1), SMALL_STEP);
  if (size <= LARGE_MAX)
    return (size + LARGE_STEP - 1) & ~(gsize) (LARGE_STEP - 1);
  return (size + 8 + 15) & ~(gsize) 15; /* what malloc really takes */
}

gsize
siaga_pool_room(gsize size)
{
  return size <= LARGE_MAX ? siaga_pool_size(size) : size;
}

static void
_link_region(SiagaPool *self, SiagaRegion *region)
{
  region->before = NULL;
  region->next = self->regions;
  if (region->next)
    region->next->before = region;
  self->regions = region;
}

static void
_unlink_region(SiagaPool *self, SiagaRegion *region)
{
  *(region->before ? &region->before->next : &self->regions) = region->next;
  if (region->next)
    region->next->before = region->before;
}

static SiagaRegion *
_region_new(SiagaPool *self)
{
  SiagaRegion *region = g_new0(SiagaRegion, 1);
  region->base = siaga_pages_new(REGION_SIZE, SLAB_SIZE);
  region->free = G_MAXUINT64;
  _link_region(self, region);
  return region;
}

static void
_region_free(SiagaPool *self, SiagaRegion *region)
{
  _unlink_region(self, region);
  siaga_pages_free(region->base, REGION_SIZE);
  g_free(region);
}

static void
_open_slab(SiagaPool *self, SiagaSlab *slab, guint class)
{
  slab->before = NULL;
  slab->next = self->open[class];
  if (slab->next)
    slab->next->before = slab;
  self->open[class] = slab;
}

static void
_close_slab(SiagaPool *self, SiagaSlab *slab, guint class)
{
  *(slab->before ? &slab->before->next : &self->open[class]) = slab->next;
  if (slab->next)
    slab->next->before = slab->before;
}

static SiagaSlab *
_slab_new(SiagaPool *self, guint class)
{
  SiagaRegion *region = self->regions;
  if (!region || !region->free)
    region = _region_new(self);
  guint at = __builtin_ctzll(region->free);
  region->free &= region->free - 1;
  if (!region->free && region->next)
    {
      /* Full ones stand at the end: whoever looks for a slab looks at the first only. */
      SiagaRegion *last = region->next;
      _unlink_region(self, region);
      while (last->next)
        last = last->next;
      last->next = region;
      region->before = last;
      region->next = NULL;
    }
  SiagaSlab *slab = (SiagaSlab *) (gpointer) (region->base + (gsize) at * SLAB_SIZE);
  *slab = (SiagaSlab){ .region = region, .fresh = HEAD };
  _open_slab(self, slab, class);
  return slab;
}

/* Its memory is the system's again. */
static void
_slab_free(SiagaPool *self, SiagaSlab *slab)
{
  SiagaRegion *region = slab->region;
  guint at = ((guint8 *) slab - region->base) / SLAB_SIZE;
  madvise(slab, SLAB_SIZE, MADV_DONTNEED);
  if (!region->free)
    {
      _unlink_region(self, region);
      _link_region(self, region);
    }
  region->free |= G_GUINT64_CONSTANT(1) << at;
  if (region->free == G_MAXUINT64)
    _region_free(self, region);
}

gpointer
siaga_pool_alloc(SiagaPool *self, gsize size)
{
  if (size > POOLED_MAX)
    return g_malloc(size);
  guint class = _class(size);
  gsize place_size = siaga_pool_size(size);
  SiagaSlab *slab = self->open[class] ? self->open[class] : _slab_new(self, class);
  gpointer place = slab->free;
  if (place)
    slab->free = *(gpointer *) place;
  else
    {
      place = (guint8 *) slab + slab->fresh;
      slab->fresh += place_size;
    }
  slab->used++;
  if (!slab->free && slab->fresh + place_size > SLAB_SIZE)
    _close_slab(self, slab, class);
  return place;
}

void
siaga_pool_free(SiagaPool *self, gpointer place, gsize size)
{
  if (size > POOLED_MAX)
    {
      g_free(place);
      return;
    }
  guint class = _class(size);
  SiagaSlab *slab = GSIZE_TO_POINTER(GPOINTER_TO_SIZE(place) & ~(gsize) (SLAB_SIZE - 1));
  if (!slab->free && slab->fresh + siaga_pool_size(size) > SLAB_SIZE)
    _open_slab(self, slab, class);
  *(gpointer *) place = slab->free;
  slab->free = place;
  /* The only open one stays, so that a key that comes and goes is no affair of the system's. */
  if (--slab->used || (self->open[class] == slab && !slab->next))
    return;
  _close_slab(self, slab, class);
  _slab_free(self, slab);
}

gpointer
siaga_pool_resize(SiagaPool *self, gpointer place, gsize old_size, gsize size)
{
  if (old_size > POOLED_MAX && size > POOLED_MAX)
    return g_realloc(place, size);
  if (old_size <= POOLED_MAX && siaga_pool_size(size) == siaga_pool_size(old_size))
    return place;
  gpointer wider = siaga_pool_alloc(self, size);
  memcpy(wider, place, MIN(old_size, size));
  siaga_pool_free(self, place, old_size);
  return wider;
}

gsize
siaga_pool_held(const SiagaPool *self)
{
  gsize slabs = 0;
  for (const SiagaRegion *region = self->regions; region; region = region->next)
    slabs += SLABS - __builtin_popcountll(region->free);
  return slabs * SLAB_SIZE;
}

void
siaga_pool_clear(SiagaPool *self)
{
  while (self->regions)
    _region_free(self, self->regions);
  memset(self, 0, sizeof *self);
}
