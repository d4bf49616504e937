/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The hint of a record that begins to wait. */

#include "foresee.h"

void
siaga_foresee(const SiagaCorrelator *self, const SiagaPack *pack)
{
  const SiagaPlan *plan = self->plan;
  const SiagaRecord *record = (const SiagaRecord *) (gpointer) pack->bytes;
  SiagaHint *hint = siaga_stream_hint(record);
  guint index = plan->first_feed[siaga_record_rules(record)[0]];
  const SiagaFeed *feed = &g_array_index(plan->feeds, SiagaFeed, index);
  guint16 key = pack->places[feed->columns[0]], host = pack->places[plan->tracked_of[SIAGA_F_HOST_HOSTNAME]],
          spoofable = pack->places[plan->tracked_of[SIAGA_F_SOURCE_SPOOFABLE]];
  if (feed->group_count != 1 || key <= SIAGA_PLACE_HIDDEN || host == SIAGA_PLACE_HIDDEN ||
      spoofable == SIAGA_PLACE_HIDDEN)
    return;
  const gchar *text = (const gchar *) pack->bytes + key;
  hint->hash =
      siaga_core_key_hash(self, &g_array_index(plan->groups, SiagaGroup, feed->watch->group), text, (guint8) *text + 1);
  hint->feed = index;
  hint->key = key;
  hint->host = host;
  hint->spoofed = spoofable && pack->bytes[spoofable] == 1 && pack->bytes[spoofable + 1] == '1';
}
