/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Who owns a correlator, when it reads its files and when it writes them. */

#include "incident/incident-state.h"

#include <errno.h>
#include <string.h>

struct _IncidentState
{
  gint references; /* atomic */
  guint owners;
  SiagaCorrelator *correlator;
  IncidentPicture *picture;
  SiagaRules *rules; /* the correlator's now */
  gchar *settings;
  gchar *state_dir, *state_name;
  gboolean restored, writing, superseded;
  GMutex lock; /* of the four above; never held while the correlator emits */
};

IncidentState *
incident_state_new(SiagaRules *rules, const SiagaCorrelatorOptions *options, const gchar *settings, guint max_in_flight)
{
  IncidentState *self = g_new0(IncidentState, 1);
  SiagaCorrelatorOptions own = *options;

  self->references = 1;
  self->owners = 1;
  self->settings = g_strdup(settings);
  own.state_dir = self->state_dir = g_strdup(options->state_dir);
  own.state_name = self->state_name = g_strdup(options->state_name);
  g_mutex_init(&self->lock);
  self->rules = siaga_rules_ref(rules);
  self->correlator = siaga_correlator_new(rules, &own);
  self->picture = incident_picture_new();
  if (max_in_flight)
    siaga_correlator_expect_acks(self->correlator, max_in_flight);
  return self;
}

IncidentState *
incident_state_ref(IncidentState *self)
{
  g_atomic_int_inc(&self->references);
  return self;
}

void
incident_state_unref(IncidentState *self)
{
  if (!self || !g_atomic_int_dec_and_test(&self->references))
    return;
  siaga_correlator_free(self->correlator);
  incident_picture_free(self->picture);
  siaga_rules_unref(self->rules);
  g_mutex_clear(&self->lock);
  g_free(self->settings);
  g_free(self->state_dir);
  g_free(self->state_name);
  g_free(self);
}

IncidentState *
incident_state_own(IncidentState *self)
{
  self->owners++;
  return incident_state_ref(self);
}

void
incident_state_disown(IncidentState *self)
{
  if (!self)
    return;
  if (--self->owners == 0)
    incident_state_close(self);
  incident_state_unref(self);
}

gboolean
incident_state_has_settings(const IncidentState *self, const gchar *settings)
{
  return strcmp(self->settings, settings) == 0;
}

void
incident_state_supersede(IncidentState *self)
{
  incident_state_close(self);
  self->superseded = TRUE;
}

void
incident_state_close(IncidentState *self)
{
  g_mutex_lock(&self->lock);
  if (self->writing && !self->superseded)
    siaga_correlator_save(self->correlator, NULL);
  if (self->writing)
    siaga_correlator_stop_persistence(self->correlator);
  self->writing = FALSE;
  g_mutex_unlock(&self->lock);
}

static void
_start_writing(IncidentState *self, SiagaDiag *diag)
{
  if (g_mkdir_with_parents(self->state_dir, 0750) != 0)
    {
      siaga_diag_warning(diag, (SiagaPlace){ .file = self->state_dir },
                         "cannot be made (%s): incidents are not kept over a restart", g_strerror(errno));
      return;
    }
  if (!siaga_correlator_claim_state(self->correlator, diag))
    return;
  if (!self->restored)
    siaga_correlator_restore(self->correlator, diag);
  self->restored = TRUE;
  self->writing = siaga_correlator_start_persistence(self->correlator, diag);
}

void
incident_state_activate(IncidentState *self, SiagaRules *rules, SiagaDiag *diag)
{
  g_mutex_lock(&self->lock);
  self->superseded = FALSE;
  if (!self->writing && self->state_dir)
    _start_writing(self, diag);
  if (self->rules != rules)
    {
      siaga_correlator_set_rules(self->correlator, rules);
      siaga_rules_unref(self->rules);
      self->rules = siaga_rules_ref(rules);
    }
  g_mutex_unlock(&self->lock);
}

SiagaCorrelator *
incident_state_correlator(IncidentState *self)
{
  return self->correlator;
}

IncidentPicture *
incident_state_picture(IncidentState *self)
{
  return self->picture;
}
