/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The national picture: how many incidents of which kind hit which sector of which country. */

#ifndef INCIDENT_PICTURE_H_INCLUDED
#define INCIDENT_PICTURE_H_INCLUDED

#include <siaga/incident.h>

/* More combinations than these are counted together, without names: a table of victims may hold any sector. */
#define INCIDENT_PICTURE_MAX 2048

typedef struct _IncidentPicture IncidentPicture;

IncidentPicture *incident_picture_new(void);
void incident_picture_free(IncidentPicture *self);

/* Counts an incident when it is told first, at the level it has then.  Any thread. */
void incident_picture_add(IncidentPicture *self, const SiagaIncident *incident);

/* Combinations so far; they are only added. LABELS_R gets name, value, …, NULL: "country", "ID", "sector",
 * "government", "category", "brute-force", "level", "high"; they live as long as SELF.  Any thread. */
guint incident_picture_size(IncidentPicture *self);
guint64 incident_picture_get(IncidentPicture *self, guint index, const gchar *const **labels_r);

#endif
