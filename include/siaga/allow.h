/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Allowances: whose events raise no incident, until when and why. */

#ifndef SIAGA_ALLOW_H_INCLUDED
#define SIAGA_ALLOW_H_INCLUDED

#include <siaga/rule.h>
#include <siaga/time.h>

/* The entries of allow.d.  Built by one thread, then read by any; only the counters change.  Reference counted. */
typedef struct _SiagaAllow SiagaAllow;

/* One entry; owned by the list. */
typedef struct
{
  SiagaPlace place;
  const gchar *reason;
  SiagaTime until; /* microseconds; from then on the entry means nothing.  G_MAXINT64: it has no end */
} SiagaAllowance;

SiagaAllow *siaga_allow_new(void);
void siaga_allow_free(SiagaAllow *self); /* NULL allowed */

/* PATH is a file or a folder of *.yaml:
 *   allow: [ { source: [address, network or host name], user: [name], victim: [domain], question: [domain],
 *              rules: [id or name], until: 2026-12-31, reason: text } ]
 * RULES must be finished.  FALSE with errors in DIAG; a bad entry is left out, the others stand. */
gboolean siaga_allow_load(SiagaAllow *self, const SiagaRules *rules, const gchar *path, SiagaDiag *diag);

guint siaga_allow_size(const SiagaAllow *self);
const SiagaAllowance *siaga_allow_get(const SiagaAllow *self, guint index);

/* Takes out of HITS the rules that an entry allows EVENT, at the event's own time.  The first entry that did, NULL when
 * none.  Any thread; SELF may be NULL. */
const SiagaAllowance *siaga_allow_filter(const SiagaAllow *self, const SiagaEvent *event, SiagaHits *hits);
guint64 siaga_allow_count(const SiagaAllow *self); /* events of which filter took something */

#endif
