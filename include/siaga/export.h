/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Exports: one incident in the formats that CSIRTs read. */

#ifndef SIAGA_EXPORT_H_INCLUDED
#define SIAGA_EXPORT_H_INCLUDED

#include <siaga/incident.h>

/* Traffic Light Protocol 2.0, from the most open to the most closed. */
typedef enum
{
  SIAGA_TLP_CLEAR,
  SIAGA_TLP_GREEN,
  SIAGA_TLP_AMBER,
  SIAGA_TLP_AMBER_STRICT,
  SIAGA_TLP_RED,
  SIAGA_TLP_COUNT,
} SiagaTlp;

const gchar *siaga_tlp_name(SiagaTlp tlp); /* "TLP:AMBER+STRICT"; static */
/* With or without "TLP:", any case.  FALSE: no such label (TLP 1's WHITE included). */
gboolean siaga_tlp_by_name(const gchar *name, SiagaTlp *tlp_r);

typedef enum
{
  SIAGA_EXPORT_STIX,    /* STIX 2.1 bundle */
  SIAGA_EXPORT_MISP,    /* MISP event */
  SIAGA_EXPORT_IODEF,   /* IODEF v2 (RFC 7970), XML */
  SIAGA_EXPORT_INTELMQ, /* IntelMQ event */
  SIAGA_EXPORT_COUNT,
} SiagaExportFormat;

const gchar *siaga_export_format_name(SiagaExportFormat format); /* "stix", "misp", "iodef", "intelmq"; static */
gboolean siaga_export_format_by_name(const gchar *name, SiagaExportFormat *format_r);

/* The same content for interfaces that want it cut in another way.  MISP: the published schema knows attributes only,
 * the server's interface takes objects (the victim, a report of failed logins, a flood) too. */
typedef enum
{
  SIAGA_EXPORT_WHOLE,         /* a document of its own, by the published schema */
  SIAGA_EXPORT_STIX_OBJECTS,  /* the bundle's objects, parted by commas: for the envelope of a TAXII 2.1 collection */
  SIAGA_EXPORT_MISP_OBJECTS,  /* with objects: for MISP's /events/add */
  SIAGA_EXPORT_MISP_REVISION, /* that, and each revision behind the first an event of its own that extends the first */
} SiagaExportForm;

/* "objects" of STIX and MISP, "revision" of MISP.  FALSE: FORMAT has no such form. */
gboolean siaga_export_form_by_name(SiagaExportFormat format, const gchar *name, SiagaExportForm *form_r);

typedef struct
{
  SiagaTlp tlp;          /* marking of everything in the output */
  SiagaExportForm form;  /* WHOLE, or one of the format */
  const gchar *producer; /* organisation that sends; NULL: "siaga" */
} SiagaExportOptions;

/* Appends INCIDENT, on one line, to OUT.  Whatever the incident holds goes out: redact first (share.h).  Ids are
 * deterministic: the same incident gives the same text.  A spoofed source is never named as an attacker.  Any thread,
 * no clock. */
void siaga_export(const SiagaIncident *incident, SiagaExportFormat format, const SiagaExportOptions *options,
                  GString *out);

#endif
