/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Sends an event to its family's normaliser. */

#include <siaga/normalise.h>

void
siaga_normalise(const SiagaNormaliser *self, SiagaEvent *event)
{
  switch ((SiagaFamily) event->family)
    {
    case SIAGA_FAMILY_WEB:
      siaga_normalise_web(self, event);
      break;
    case SIAGA_FAMILY_DNS:
      siaga_normalise_dns(self, event);
      break;
    case SIAGA_FAMILY_AUTH:
      siaga_normalise_auth(self, event);
      break;
    case SIAGA_FAMILY_NONE:
      break;
    }
  siaga_normalise_source(event);
  if (self->geo)
    siaga_geo_add(self->geo, event);
}
