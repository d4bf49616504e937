/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Shared by the copies of an incident that was read from text. */

#include "incident-own.h"

SiagaIncidentOwn *
siaga_incident_own_new(void)
{
  SiagaIncidentOwn *self = g_new0(SiagaIncidentOwn, 1);
  self->references = 1;
  self->strings = g_ptr_array_new_with_free_func(g_free);
  self->vectors = g_ptr_array_new_with_free_func(g_free);
  self->fields = g_ptr_array_new_with_free_func(g_free);
  return self;
}

void
siaga_incident_own_ref(SiagaIncidentOwn *self)
{
  if (self)
    g_atomic_int_inc(&self->references);
}

void
siaga_incident_own_unref(SiagaIncidentOwn *self)
{
  if (!self || !g_atomic_int_dec_and_test(&self->references))
    return;
  g_ptr_array_unref(self->strings);
  g_ptr_array_unref(self->vectors);
  g_ptr_array_unref(self->fields);
  g_free(self);
}
