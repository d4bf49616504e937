/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Delivery: at most so many incident messages are on their way.  What changes meanwhile waits as a bit in its case, and
 * the latest state goes out when acknowledgements return, from a later call, never from the acknowledgement itself. */

#include "core.h"

#include <string.h>

typedef struct
{
  guint8 id[16];
  guint64 hash; /* of the key */
  guint16 watch;
  guint32 revision;
} Flight;

static guint
_hash_id(gconstpointer id)
{
  guint hash;
  memcpy(&hash, id, sizeof hash);
  return hash;
}

static gboolean
_equal_ids(gconstpointer a, gconstpointer b)
{
  return memcmp(a, b, 16) == 0;
}

void
siaga_delivery_init(SiagaDelivery *self)
{
  self->flights = g_hash_table_new_full(_hash_id, _equal_ids, NULL, g_free);
  g_queue_init(&self->waiting);
}

void
siaga_delivery_clear(SiagaDelivery *self)
{
  g_hash_table_unref(self->flights);
  g_queue_clear_full(&self->waiting, g_free);
}

static Flight *
_flight_of(const SiagaCase *cas, guint32 revision)
{
  Flight *flight = g_new(Flight, 1);
  memcpy(flight->id, cas->id, sizeof flight->id);
  flight->hash = cas->key->hash;
  flight->watch = cas->watch->position;
  flight->revision = revision;
  return flight;
}

/* The case's shard is locked. */
void
siaga_delivery_wait(SiagaCorrelator *self, SiagaCase *cas)
{
  cas->ready = TRUE;
  if (cas->waiting || cas->in_flight)
    return;
  cas->waiting = TRUE;
  siaga_lock(&self->delivery.mutex);
  g_queue_push_tail(&self->delivery.waiting, _flight_of(cas, 0));
  g_atomic_int_set(&self->delivery.has_waiting, 1);
  siaga_unlock(&self->delivery.mutex);
}

/* TRUE when the next revision may leave; it is in flight then.  The case's shard is locked. */
gboolean
siaga_delivery_board(SiagaCorrelator *self, SiagaCase *cas)
{
  SiagaDelivery *delivery = &self->delivery;
  gboolean free_place = FALSE;
  if (self->replaying)
    return FALSE;
  if (!delivery->max_in_flight)
    return TRUE;
  if (cas->in_flight)
    return FALSE;
  siaga_lock(&delivery->mutex);
  free_place = g_hash_table_size(delivery->flights) < delivery->max_in_flight;
  if (free_place)
    {
      Flight *flight = _flight_of(cas, cas->revision + 1);
      g_hash_table_replace(delivery->flights, flight->id, flight);
      cas->in_flight = cas->revision + 1;
    }
  siaga_unlock(&delivery->mutex);
  return free_place;
}

void
siaga_correlator_expect_acks(SiagaCorrelator *self, guint max_in_flight)
{
  self->delivery.max_in_flight = max_in_flight;
}

/* NULL when the case is gone. */
static SiagaCase *
_find_case(SiagaCorrelator *self, SiagaShard *shard, const Flight *flight)
{
  guint64 handle = siaga_core_handle(flight->hash, flight->watch);
  (void) self;
  for (SiagaCase *cas = g_hash_table_lookup(shard->cases, &handle); cas; cas = cas->older)
    if (memcmp(cas->id, flight->id, sizeof cas->id) == 0)
      return cas;
  return NULL;
}

/* What was kept only for its delivery goes. */
static void
_forget_if_over(SiagaShard *shard, SiagaCase *cas)
{
  if (cas->overdue && !cas->open && !cas->ready && !cas->in_flight)
    siaga_life_forget(shard, cas);
}

void
siaga_correlator_acknowledge(SiagaCorrelator *self, const guint8 incident_id[16], guint32 revision, gboolean delivered)
{
  SiagaDelivery *delivery = &self->delivery;
  Flight landed;

  siaga_lock(&delivery->mutex);
  const Flight *flight = g_hash_table_lookup(delivery->flights, incident_id);
  gboolean known = flight && flight->revision == revision;
  if (known)
    {
      landed = *flight;
      g_hash_table_remove(delivery->flights, incident_id);
    }
  siaga_unlock(&delivery->mutex);
  if (!known)
    return;
  SiagaShard *shard = siaga_core_shard(self, landed.hash);
  siaga_lock(&shard->lock);
  SiagaCase *cas = _find_case(self, shard, &landed);
  if (cas)
    {
      cas->in_flight = 0;
      if (delivered)
        cas->sent = MAX(cas->sent, revision);
      if (!delivered || cas->ready)
        siaga_delivery_wait(self, cas);
      _forget_if_over(shard, cas);
    }
  siaga_unlock(&shard->lock);
}

static void
_send_waiting(SiagaCorrelator *self, const Flight *flight, SiagaChanges *changes)
{
  SiagaShard *shard = siaga_core_shard(self, flight->hash);
  siaga_lock(&shard->lock);
  SiagaCase *cas = _find_case(self, shard, flight);
  if (cas)
    {
      SiagaRun run = { .self = self, .changes = changes };
      cas->waiting = FALSE;
      if (cas->ready)
        siaga_life_emit(&run, cas, siaga_case_state(cas));
      _forget_if_over(shard, cas);
    }
  siaga_unlock(&shard->lock);
}

/* Only as many as there are free places are looked at, so that a stalled destination costs nothing. */
static GQueue
_take_waiting(SiagaDelivery *delivery)
{
  GQueue taken = G_QUEUE_INIT;
  siaga_lock(&delivery->mutex);
  guint flights = g_hash_table_size(delivery->flights);
  guint places = delivery->max_in_flight ? delivery->max_in_flight - MIN(flights, delivery->max_in_flight) : G_MAXUINT;
  while (places-- && delivery->waiting.length)
    g_queue_push_tail(&taken, g_queue_pop_head(&delivery->waiting));
  g_atomic_int_set(&delivery->has_waiting, delivery->waiting.length > 0);
  siaga_unlock(&delivery->mutex);
  return taken;
}

void
siaga_delivery_drain(SiagaCorrelator *self, SiagaChanges *changes)
{
  Flight *flight;
  if (!g_atomic_int_get(&self->delivery.has_waiting))
    return;
  GQueue taken = _take_waiting(&self->delivery);
  siaga_core_pin_plan(self);
  while ((flight = g_queue_pop_head(&taken)))
    {
      _send_waiting(self, flight, changes);
      g_free(flight);
    }
  siaga_core_unpin_plan(self);
}
