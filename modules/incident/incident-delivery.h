/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Sends incidents out and tells the correlator what arrived. */

#ifndef INCIDENT_DELIVERY_H_INCLUDED
#define INCIDENT_DELIVERY_H_INCLUDED

#include "glue/compat.h"
#include "incident/incident-state.h"

/* Sends a message behind PIPE, under flow control, with an acknowledgement of its own that reaches STATE whenever it
 * comes: the pipe may be gone by then.  Any thread, no lock held: destinations may wait for the main thread. */
void incident_deliver(IncidentState *state, const SiagaIncident *incident, LogPipe *pipe, const gchar *prefix);
/* Sends it to internal() instead: best effort, without acknowledgement. */
void incident_post(const SiagaIncident *incident, const gchar *prefix);

#endif
