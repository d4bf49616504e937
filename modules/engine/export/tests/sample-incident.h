/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * An incident for tests, with text in it that tries to break out. */

#ifndef SIAGA_EXPORT_TESTS_SAMPLE_INCIDENT_H_INCLUDED
#define SIAGA_EXPORT_TESTS_SAMPLE_INCIDENT_H_INCLUDED

#include <siaga/incident.h>

#include <string.h>

#define HOSTILE "</RecordItem>]]><x a='\"&amp;\"'>\",\"tlp\":\"WHITE\"}\\\x01\xff\xfe"

static const gchar *const sample_techniques[] = { "T1110", "T1110.001", "T9999", "not one\"", NULL };

static const SiagaRule sample_rule = {
  .id = "1b2c3d4e-0000-4000-8000-00000000abcd",
  .name = "ssh_brute_force",
  .title = "SSH brute force <\"&'>",
  .description = "Many failures \"from\" one source",
  .category = "brute-force",
  .techniques = sample_techniques,
  .level = SIAGA_LEVEL_HIGH,
};

static inline void
sample_add_evidence(SiagaIncident *incident, SiagaTime time, const gchar *line)
{
  SiagaEvidence *evidence = g_new0(SiagaEvidence, 1);
  evidence->time = time;
  evidence->line = g_strdup(line);
  evidence->length = strlen(line);
  memset(evidence->sha256, 'a', 64);
  g_ptr_array_add(incident->evidence, evidence);
}

static inline SiagaIncident *
sample_incident(void)
{
  SiagaIncident *incident = siaga_incident_new();
  const SiagaTime time = G_GINT64_CONSTANT(1795228580123456);

  incident->rule = &sample_rule;
  incident->level = SIAGA_LEVEL_HIGH;
  memcpy(incident->uuid, "0f9a2f8e-7b0c-5d55-9a55-0123456789ab", 37);
  incident->revision = 2;
  incident->state = SIAGA_INCIDENT_UPDATE;
  incident->first_seen = time;
  incident->last_seen = time + 60 * SIAGA_SECOND;
  incident->changed = time + 61 * SIAGA_SECOND;
  incident->report_due = time + 86400 * SIAGA_SECOND;
  incident->count = 1234;
  incident->source_ip = g_strdup("192.0.2.7");
  incident->source_actor = g_strdup("192.0.2.7");
  incident->source_country = g_strdup("SG");
  incident->sources.distinct = 3;
  g_ptr_array_add(incident->sources.first, g_strdup("192.0.2.7"));
  g_ptr_array_add(incident->sources.first, g_strdup("2001:db8:1:2::/64"));
  g_ptr_array_add(incident->sources.first, g_strdup("evil' OR [file:name = 'x'].example"));
  incident->users.distinct = 2;
  g_ptr_array_add(incident->users.first, g_strdup("rahasia-P4ssw0rd"));
  g_ptr_array_add(incident->users.first, g_strdup(HOSTILE));
  incident->targets.distinct = 1;
  g_ptr_array_add(incident->targets.first, g_strdup("web1.kementerian.go.id"));
  incident->victim_domain = g_strdup("web1.kementerian.go.id");
  incident->victim_ip = g_strdup("10.20.30.40");
  incident->victim_country = g_strdup("ID");
  incident->victim_sector = g_strdup("government");
  incident->victim_owner = g_strdup("Kementerian \"Contoh\" <&>");
  incident->victim_csirt = g_strdup("Gov-CSIRT Indonesia");
  sample_add_evidence(incident, time, "Failed password for invalid user rahasia-P4ssw0rd from 192.0.2.7");
  sample_add_evidence(incident, time + SIAGA_SECOND, HOSTILE);
  g_ptr_array_add(incident->tags, g_strdup("gov"));
  g_ptr_array_add(incident->tags, g_strdup("gov.id"));
  g_ptr_array_add(incident->fields, g_strdup("url.query"));
  g_ptr_array_add(incident->fields, g_strdup("nik=3201010101010001"));
  return incident;
}

#endif
