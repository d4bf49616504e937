/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The room that comes first lends its thread-local place to the others; they find it by a name of the process. */

#include "config.h"

#include "glue/handover.h"

/* The layout of an event is a release's own. */
#define NAME "siaga " PACKAGE_VERSION " handover"
#define THREAD_BITS 24

typedef struct
{
  guint64 number; /* of the event; the thread's in the high bits; 0: none yet */
  SiagaEvent *event;
} Place;

typedef struct
{
  Place *(*of_thread)(void);
  guint64 threads;
  guint takers;
} Places;

static Place *
_own_place(void)
{
  static __thread Place place;
  return &place;
}

static Places own_places = { .of_thread = _own_place };
static Places *places;

void
siaga_handover_init(void)
{
  gconstpointer name = g_intern_static_string(NAME);

  places = g_dataset_get_data(name, "places");
  if (places)
    return;
  places = &own_places;
  g_dataset_set_data(name, "places", places);
}

guint64
siaga_handover_put(SiagaEvent *event)
{
  Place *place = places->of_thread();

  if (G_UNLIKELY(!place->number))
    place->number = __atomic_add_fetch(&places->threads, 1, __ATOMIC_RELAXED) << (64 - THREAD_BITS);
  place->event = event;
  return ++place->number;
}

SiagaEvent *
siaga_handover_get(guint64 number)
{
  const Place *place = places->of_thread();
  return place->number == number ? place->event : NULL;
}

void
siaga_handover_add_taker(void)
{
  __atomic_add_fetch(&places->takers, 1, __ATOMIC_RELAXED);
}

void
siaga_handover_remove_taker(void)
{
  __atomic_sub_fetch(&places->takers, 1, __ATOMIC_RELAXED);
}

gboolean
siaga_handover_has_takers(void)
{
  return __atomic_load_n(&places->takers, __ATOMIC_RELAXED) > 0;
}
