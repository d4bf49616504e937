/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Incidents as they ended. */

#include "siagactl/siagactl.h"

struct _CtlIncidents
{
  GPtrArray *order;    /* of SiagaIncident*, owned */
  GHashTable *by_uuid; /* uuid of the incident -> index + 1 */
};

static void
_free(gpointer incident)
{
  siaga_incident_free(incident);
}

CtlIncidents *
ctl_incidents_new(void)
{
  CtlIncidents *self = g_new(CtlIncidents, 1);
  self->order = g_ptr_array_new_with_free_func(_free);
  self->by_uuid = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
ctl_incidents_free(CtlIncidents *self)
{
  if (!self)
    return;
  g_hash_table_unref(self->by_uuid);
  g_ptr_array_unref(self->order);
  g_free(self);
}

static void
_take(CtlIncidents *self, SiagaIncident *incident)
{
  guint index = GPOINTER_TO_UINT(g_hash_table_lookup(self->by_uuid, incident->uuid));
  if (index)
    {
      siaga_incident_free(g_ptr_array_index(self->order, index - 1));
      g_ptr_array_index(self->order, index - 1) = incident;
      return;
    }
  g_ptr_array_add(self->order, incident);
  g_hash_table_insert(self->by_uuid, g_strdup(incident->uuid), GUINT_TO_POINTER(self->order->len));
}

/* The snapshots change their owner. */
void
ctl_incidents_take(CtlIncidents *self, SiagaChanges *changes)
{
  for (guint i = 0; i < changes->changes->len; i++)
    _take(self, g_ptr_array_index(changes->changes, i));
  g_ptr_array_set_free_func(changes->changes, NULL);
  g_ptr_array_set_size(changes->changes, 0);
  g_ptr_array_set_free_func(changes->changes, _free);
}

guint
ctl_incidents_size(const CtlIncidents *self)
{
  return self->order->len;
}

const SiagaIncident *
ctl_incidents_get(const CtlIncidents *self, guint index)
{
  return g_ptr_array_index(self->order, index);
}

const SiagaIncident *
ctl_incidents_find(const CtlIncidents *self, const gchar *uuid)
{
  guint index = GPOINTER_TO_UINT(g_hash_table_lookup(self->by_uuid, uuid));
  return index ? g_ptr_array_index(self->order, index - 1) : NULL;
}
