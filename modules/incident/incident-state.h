/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The correlator of an incident() parser, as it lives on through reloads. */

#ifndef INCIDENT_STATE_H_INCLUDED
#define INCIDENT_STATE_H_INCLUDED

#include "incident/incident-picture.h"

#include <siaga/correlate.h>

/* Two counts: references keep the memory (acknowledgements arrive after a reload), owners keep it in use (parsers and
 * the configuration between two of them).  When the last owner goes, the state is saved and closed. */
typedef struct _IncidentState IncidentState;

/* OPTIONS are copied with their texts; SETTINGS is what the user wrote: a state goes on only under equal settings.
 * The caller becomes an owner.  Nothing is read or written yet. */
IncidentState *incident_state_new(SiagaRules *rules, const SiagaCorrelatorOptions *options, const gchar *settings,
                                  guint max_in_flight);
IncidentState *incident_state_ref(IncidentState *self); /* any thread */
void incident_state_unref(IncidentState *self);         /* any thread; NULL allowed */
/* Main thread. */
IncidentState *incident_state_own(IncidentState *self);
void incident_state_disown(IncidentState *self); /* NULL allowed; also drops the reference that came with owning */
gboolean incident_state_has_settings(const IncidentState *self, const gchar *settings);
/* Saves now and never again: another state takes over the files. */
void incident_state_supersede(IncidentState *self);

/* Puts the state to work under RULES: the first time it is restored from disk and begins to write there.  Any thread,
 * before the first event of a configuration.  What went wrong with files goes to DIAG. */
void incident_state_activate(IncidentState *self, SiagaRules *rules, SiagaDiag *diag);
/* Saves and stops writing, until activated again. Main thread. */
void incident_state_close(IncidentState *self);

SiagaCorrelator *incident_state_correlator(IncidentState *self);
IncidentPicture *incident_state_picture(IncidentState *self);

#endif
