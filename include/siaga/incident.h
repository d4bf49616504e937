/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The incident: one record with an id and a life, as it leaves the correlator. */

#ifndef SIAGA_INCIDENT_H_INCLUDED
#define SIAGA_INCIDENT_H_INCLUDED

#include <siaga/event.h>
#include <siaga/rule.h>
#include <siaga/time.h>

typedef enum
{
  SIAGA_INCIDENT_OPEN,
  SIAGA_INCIDENT_UPDATE,
  SIAGA_INCIDENT_CLOSE,
} SiagaIncidentState;

const gchar *siaga_incident_state_name(SiagaIncidentState state); /* "open", "update", "close" */

#define SIAGA_EVIDENCE_MAX 10
#define SIAGA_EVIDENCE_LINE 2048 /* bytes kept of a raw line */

typedef struct
{
  SiagaTime time;
  gchar *line; /* raw, cut at SIAGA_EVIDENCE_LINE */
  gsize length;
  gchar sha256[65]; /* of the whole raw line, hex */
} SiagaEvidence;

/* A set of distinct values: the first few by name and how many there were. */
typedef struct
{
  guint64 distinct;
  gboolean approximate; /* counted by a sketch */
  GPtrArray *first;     /* of gchar*, owned, at most 16 */
} SiagaDistinct;

typedef struct
{
  SiagaTime time;
  gchar *what; /* "opened", "severity high → critical", "first success", "closed: quiet" */
} SiagaTimelineEntry;

/* The id is a UUIDv5 in the name space 5a1d3c0e-7b64-4f0a-9c51-2ed806b7f394 of these bytes: the rule's id as written, a
 * NUL, for each group-by value in rule order its length in decimal, ':' and its bytes (values over 255 bytes as the
 * record keeps them: 237 bytes, '~' and 16 hex digits of a hash), a NUL, and in decimal microseconds the time of the
 * oldest event in the window that first satisfied the condition since the last close, in event order.  That window
 * holds the events that decide: for value_count the latest of each value, for temporal types the ones matched.
 *
 * The condition is judged at every moment, so it stays true until the window's oldest event leaves it; the incident
 * closes when it has been false for one timespan more.  Events up to that moment belong to the incident.
 *
 * A snapshot: owns everything it points to except RULE (which lives as long as the rules that raised it;
 * RULES is a reference that keeps them).  One owner at a time; may be handed to another thread. */
typedef struct
{
  SiagaRules *rules;
  const SiagaRule *rule;
  guint8 id[16]; /* UUIDv5, see above */
  gchar uuid[37];
  gchar previous[37]; /* the incident this one continues after max-open; empty when none */
  gchar parent[37];   /* the wider incident it is part of, which names it; empty when none */
  guint32 revision;   /* 1, 2, … */
  SiagaIncidentState state;
  const gchar *reason; /* of a close: "quiet", "rolled", "rule-changed", …; static */
  SiagaLevel level;    /* now; rises above rule->level */
  SiagaTime first_seen, last_seen, changed;
  SiagaTime report_due; /* 0: no deadline */
  gboolean degraded, simulated, received_time, spoofed;
  gboolean crowd; /* of the rule: the sources are visitors or resolvers, who mostly do nothing wrong */
  guint64 count;
  GPtrArray *group_fields; /* of const SiagaField* (registry's), in rule order */
  GPtrArray *group_values; /* of gchar*, same order */
  SiagaDistinct sources, users, targets;
  gchar *victim_domain, *victim_ip, *victim_country, *victim_sector, *victim_owner, *victim_csirt, *victim_claimed;
  gchar *source_ip, *source_actor, *source_country; /* when all events agree, or a group-by value */
  GPtrArray *evidence;                              /* of SiagaEvidence* */
  GPtrArray *timeline;                              /* of SiagaTimelineEntry* */
  GPtrArray *stages;   /* of gchar*: kill-chain stages of a campaign, in order; may be empty */
  GPtrArray *children; /* of gchar*: uuids, at most 128 */
  GPtrArray *tags;     /* of gchar*: gov, gov.id, sector.health, spoofed, simulated, degraded … */
  GPtrArray *fields;   /* of gchar*, pairs name, value: fields with a single value over all events */
  gpointer own;        /* private: what an incident read from text owns instead of RULES */
} SiagaIncident;

/* Whether its sources are those who did it, as far as one can tell. */
static inline gboolean
siaga_incident_blames_sources(const SiagaIncident *self)
{
  return !self->spoofed && !self->crowd;
}

SiagaIncident *siaga_incident_new(void); /* empty, with empty lists; rule is NULL */
SiagaIncident *siaga_incident_copy(const SiagaIncident *self);
void siaga_incident_free(SiagaIncident *self); /* NULL allowed */

/* One JSON object, ECS plus siaga.*, as DESIGN's command-line contract lists. */
void siaga_incident_write_json(const SiagaIncident *self, GString *out);
/* The inverse, for siagactl share, stats and the exports; NULL when the text is no incident. RULES may be NULL: then
 * the incident owns a rule record made from the text. */
SiagaIncident *siaga_incident_read_json(const gchar *text, gsize length, GError **error);
/* One line for a person: "high: SSH brute force by 192.0.2.7 on web1.kementerian.go.id: 25 failures in 4 min". */
void siaga_incident_format_text(const SiagaIncident *self, GString *out);

/* Calls EMIT with each ECS name, its type and its value as text, for name-value pairs on a message. */
typedef void (*SiagaIncidentField)(const gchar *name, SiagaFieldType type, const gchar *value, gsize length,
                                   gpointer user_data);
void siaga_incident_foreach(const SiagaIncident *self, SiagaIncidentField emit, gpointer user_data);

#endif
