/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * incident(): Sigma rules and correlation on the events of the rooms before it. */

#ifndef INCIDENT_PARSER_H_INCLUDED
#define INCIDENT_PARSER_H_INCLUDED

#include "glue/data.h"

typedef struct
{
  SiagaDataOptions super;
  GPtrArray *rules;
  gboolean no_default_rules;
  GPtrArray *tables;
  gboolean no_default_tables;
  gchar *time_zone;
  gboolean tag_unparsed;
  gint64 reorder_window, max_lateness, update_interval, max_open; /* microseconds */
  gint64 memory_limit;                                            /* bytes */
  guint alert_level;                                              /* SiagaLevel - 1 */
  gint64 max_in_flight;
  guint inject_mode;
  gchar *state_dir;
  gchar *persist_name;
} IncidentOptions;

enum
{
  INCIDENT_PASS_THROUGH,
  INCIDENT_INTERNAL,
  INCIDENT_AGGREGATE_ONLY,
};

typedef struct
{
  SiagaFields *fields;
  SiagaPatternSet *no_patterns; /* reads the header of lines that no room before parsed */
  SiagaRules *rules;
  SiagaAllow *allow;
  SiagaVictims *victims; /* of rules that name the field of their victim */
} IncidentData;

/* Takes over OPTIONS and SHARED, whose value is IncidentData. */
LogParser *incident_parser_new(GlobalConfig *cfg, IncidentOptions *options, SiagaShared *shared);

#endif
