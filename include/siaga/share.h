/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Sharing: which partner may know of an incident, under which label, and what is left out for them. */

#ifndef SIAGA_SHARE_H_INCLUDED
#define SIAGA_SHARE_H_INCLUDED

#include <siaga/diag.h>
#include <siaga/export.h>
#include <siaga/incident.h>
#include <siaga/victim.h>

/* Partners and policies.  Built by one thread, then immutable and read by any.  Reference counted. */
typedef struct _SiagaShare SiagaShare;

SiagaShare *siaga_share_new(void);
/* SUFFIXES, a psl_ctx_t that outlives SELF, tells whose a host is: names below one registered domain are of one
 * organisation.  Before anything is shared; without it the last two labels are. */
void siaga_share_set_public_suffixes(SiagaShare *self, gconstpointer suffixes);
void siaga_share_free(SiagaShare *self); /* NULL allowed */

/* PATH is a file or a folder of *.yaml.  A file shares nothing unless it says `active: true`.  A partner of a later
 * call replaces the one of the same name; a file with an error shares nothing at all.  FALSE with errors in DIAG. */
gboolean siaga_share_load(SiagaShare *self, const gchar *path, SiagaDiag *diag);

/* Warns of sectors and CSIRTs that no table has and of categories that no rule has: such a policy never applies. */
void siaga_share_check_words(const SiagaShare *self, const SiagaVictims *victims, const SiagaRules *rules,
                             SiagaDiag *diag);

guint siaga_share_size(const SiagaShare *self); /* partners */
const gchar *siaga_share_name(const SiagaShare *self, guint partner);
/* SIAGA_SHARE_NOBODY when there is no such partner. */
#define SIAGA_SHARE_NOBODY G_MAXUINT
guint siaga_share_find(const SiagaShare *self, const gchar *name);

/* May PARTNER know INCIDENT, and under which label?  Never without a victim that the server named, never when it is
 * simulated. WHY (NULL allowed) gets the reason in words. */
gboolean siaga_share_decide(const SiagaShare *self, guint partner, const SiagaIncident *incident, SiagaTlp *tlp_r,
                            GString *why);
/* One line per partner: what siagactl share --explain prints. */
void siaga_share_explain(const SiagaShare *self, const SiagaIncident *incident, GString *out);

/* What PARTNER gets at TLP: a copy with everything gone or under pseudonym that the label forbids, in every field. */
SiagaIncident *siaga_share_redact(const SiagaShare *self, guint partner, SiagaTlp tlp, const SiagaIncident *incident);

#endif
