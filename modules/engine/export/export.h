/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the writers of formats share. */

#ifndef SIAGA_ENGINE_EXPORT_H_INCLUDED
#define SIAGA_ENGINE_EXPORT_H_INCLUDED

#include <siaga/export.h>

typedef struct
{
  const SiagaIncident *incident;
  SiagaTlp tlp;
  SiagaExportForm form;
  const gchar *producer;
  GPtrArray *attackers; /* of const gchar*: addresses and networks to name as attackers, without repetition */
} SiagaExport;

void siaga_export_stix(const SiagaExport *self, GString *out);
void siaga_export_misp(const SiagaExport *self, GString *out);
void siaga_export_iodef(const SiagaExport *self, GString *out);
void siaga_export_intelmq(const SiagaExport *self, GString *out);

/* An incident category in the words of others. */
typedef struct
{
  const gchar *category;   /* of siaga */
  const gchar *rsit_class; /* Reference Security Incident Taxonomy, as IntelMQ and MISP write it */
  const gchar *rsit_type;
  const gchar *iodef_impact; /* SystemImpact/@type */
} SiagaExportCategory;

const SiagaExportCategory *siaga_export_category(const gchar *category); /* NULL allowed; never NULL */
/* STIX industry-sector-ov; NULL when there is no such sector. */
const gchar *siaga_export_stix_sector(const gchar *sector);
/* As MISP's victim object names it; SECTOR itself when it has no such word.  NULL allowed. */
const gchar *siaga_export_misp_sector(const gchar *sector);
/* T1110 or T1110.001. */
gboolean siaga_export_is_technique(const gchar *text);
/* Name of an ATT&CK technique ("Brute Force" of T1110); NULL when not known. */
const gchar *siaga_export_technique_name(const gchar *technique);

typedef enum
{
  SIAGA_EXPORT_NO_ADDRESS,
  SIAGA_EXPORT_IPV4,
  SIAGA_EXPORT_IPV4_NET,
  SIAGA_EXPORT_IPV6,
  SIAGA_EXPORT_IPV6_NET,
} SiagaExportAddress;

/* 0.0.0.0 and :: are nobody's address. */
SiagaExportAddress siaga_export_address_kind(const gchar *text);
/* Whether TEXT (NULL allowed) may stand where a format wants the name of a host: no address, and labels of letters,
 * digits, '-' and '_'. */
gboolean siaga_export_is_name(const gchar *text);
/* The same with a dot in it, where a name without a domain is refused. */
gboolean siaga_export_is_fqdn(const gchar *text);

/* Attributes of XML and text between tags; what XML cannot hold becomes U+FFFD. */
void siaga_export_xml_escape(GString *out, const gchar *text, gsize length);

/* A name-based UUID of KIND and the parts behind it, in siaga's own namespace.  ID needs 37 bytes. */
void siaga_export_uuid(gchar *id, const gchar *kind, ...) G_GNUC_NULL_TERMINATED;

/* Rule name as others can use it for matching: its name, else its title. */
const gchar *siaga_export_identifier(const SiagaIncident *incident);

#endif
