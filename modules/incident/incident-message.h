/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * An incident as a log message. */

#ifndef INCIDENT_MESSAGE_H_INCLUDED
#define INCIDENT_MESSAGE_H_INCLUDED

#include "glue/message.h"

#include <siaga/incident.h>

/* A new message: text, JSON in .siaga.incident.json, fields as name-values behind PREFIX (NULL: none), tags.  Any
 * thread. */
LogMessage *incident_message_new(const SiagaIncident *incident, const gchar *prefix);

#endif
