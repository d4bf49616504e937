/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the parts of the scenario runner share. */

#ifndef SIAGA_SIAGACTL_SCENARIO_H_INCLUDED
#define SIAGA_SIAGACTL_SCENARIO_H_INCLUDED

#include "siagactl/siagactl.h"

#include <siaga/yaml.h>

/* ---- scenario-line.c */

/* Appends TEMPLATE to OUT with its placeholders filled in: %{time(FORMAT)} is NOW, %{n} is N, %{ip}, %{ip6}, %{word}
 * and %{hex} are made from N.  FALSE with an error at PLACE for an unknown one. */
gboolean ctl_scenario_fill(GString *out, const gchar *template, gsize length, SiagaTime now, guint64 n,
                           SiagaPlace place, SiagaDiag *diag);

/* ---- scenario-expect.c */

/* Compares INCIDENTS with the `expect:` of SCENARIO; each difference is an error in DIAG. */
void ctl_scenario_compare(const SiagaYaml *scenario, const CtlIncidents *incidents, SiagaDiag *diag);
/* Whether INCIDENT is what the map EXPECTED says; with WHY, one difference in words is appended. */
gboolean ctl_incident_matches(const SiagaIncident *incident, const SiagaYaml *expected, GString *why);

#endif
