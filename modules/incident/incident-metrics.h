/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The correlator's counters in syslog-ng's statistics. */

#ifndef INCIDENT_METRICS_H_INCLUDED
#define INCIDENT_METRICS_H_INCLUDED

#include "glue/compat.h"
#include "incident/incident-picture.h"

#include <siaga/correlate.h>

/* Main thread. */
typedef struct _IncidentMetrics IncidentMetrics;

/* Registers totals at stats level 0 and each rule of RULES at level 2 under ID. */
IncidentMetrics *incident_metrics_new(const gchar *id, const SiagaRules *rules);
void incident_metrics_free(IncidentMetrics *self); /* NULL allowed; unregisters */
void incident_metrics_update(IncidentMetrics *self, SiagaCorrelator *correlator, guint64 allowed);
/* Each combination of PICTURE gets a counter of its own at level 0 when it comes. */
void incident_metrics_update_picture(IncidentMetrics *self, IncidentPicture *picture);

#endif
