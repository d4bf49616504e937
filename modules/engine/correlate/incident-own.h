/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What an incident owns that was read from text and has no rule set behind it. */

#ifndef SIAGA_CORRELATE_INCIDENT_OWN_H_INCLUDED
#define SIAGA_CORRELATE_INCIDENT_OWN_H_INCLUDED

#include <siaga/incident.h>

typedef struct
{
  gint references;
  SiagaRule rule;
  GPtrArray *strings; /* of gchar* */
  GPtrArray *vectors; /* of gchar**, the arrays alone */
  GPtrArray *fields;  /* of SiagaField*, for the group-by names */
} SiagaIncidentOwn;

/* All take NULL. */
SiagaIncidentOwn *siaga_incident_own_new(void);
void siaga_incident_own_ref(SiagaIncidentOwn *self);
void siaga_incident_own_unref(SiagaIncidentOwn *self);

#endif
