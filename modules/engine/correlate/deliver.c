/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Delivery: what was handed out and not acknowledged. */

#include "core.h"

void
siaga_correlator_expect_acks(SiagaCorrelator *self, guint max_in_flight)
{
  self->max_in_flight = max_in_flight;
}

void
siaga_correlator_acknowledge(SiagaCorrelator *self, const guint8 incident_id[16], guint32 revision, gboolean delivered)
{
  (void) self;
  (void) incident_id;
  (void) revision;
  (void) delivered;
}
