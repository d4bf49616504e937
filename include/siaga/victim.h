/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The victim: which organisation a host name or an address belongs to. */

#ifndef SIAGA_VICTIM_H_INCLUDED
#define SIAGA_VICTIM_H_INCLUDED

#include <siaga/diag.h>
#include <siaga/event.h>
#include <siaga/incident.h>
#include <siaga/normalise.h>

/* Text is owned by the tables. NULL where the table says nothing. */
typedef struct
{
  const gchar *country; /* ISO 3166-1 alpha-2 */
  const gchar *sector;  /* government, military, village, health, finance, education, … */
  const gchar *owner;
  const gchar *csirt;
  gboolean government; /* government, military, village: tag gov and gov.<country> */
} SiagaVictim;

/* Suffix, host and address tables with longest match.  Built by one thread, then immutable.  Reference counted. */
typedef struct _SiagaVictims SiagaVictims;

SiagaVictims *siaga_victims_new(void);
SiagaVictims *siaga_victims_ref(SiagaVictims *self);
void siaga_victims_unref(SiagaVictims *self); /* NULL allowed */

/* PATH: a CSV file or a folder of *.csv (agencies.csv, which belongs to the look-alikes, is left out).  Columns:
 * suffix_or_network,country,sector,owner,csirt.  A suffix covers itself and all names below; "*kab.go.id" covers each
 * label below go.id that ends in "kab"; a network is an IPv4 or IPv6 prefix or address.  Empty cells are taken from the
 * next shorter suffix that covers the row.  Rows of one call that disagree are errors; a row of a later call replaces
 * the same row of an earlier one.  Errors with file:line:column; bad rows are left out, FALSE when any was. */
gboolean siaga_victims_load(SiagaVictims *self, const gchar *path, SiagaDiag *diag);
/* Own domains: names this site serves (a Host header that names one is believed).  FALSE: not a domain name. */
gboolean siaga_victims_add_own(SiagaVictims *self, const gchar *suffix);
gboolean siaga_victims_is_own(const SiagaVictims *self, const gchar *name, gsize length);
/* The own domain that covers NAME; ZONE_R points into NAME. */
gboolean siaga_victims_own_zone(const SiagaVictims *self, const gchar *name, gsize length, const gchar **zone_r,
                                gsize *zone_length_r);
/* NULL, or why NAME is no domain name (static text). */
const gchar *siaga_victims_check_name(const gchar *name);
/* A psl_ctx_t that outlives finish; without it finish asks the system's Public Suffix List. */
void siaga_victims_set_public_suffixes(SiagaVictims *self, gpointer psl);
/* Call once, after the last load: adds the government second-level domains of all countries where no row says more. */
gboolean siaga_victims_finish(SiagaVictims *self, SiagaDiag *diag);
guint siaga_victims_size(const SiagaVictims *self); /* rows */
/* Whether any row says so. */
gboolean siaga_victims_has_sector(const SiagaVictims *self, const gchar *sector);
gboolean siaga_victims_has_csirt(const SiagaVictims *self, const gchar *csirt);

/* After finish; any thread; no allocation.  About 100 ns while the rows that are asked for are in the processor's
 * cache; any of 100,000 at random costs two reads of memory that no cache answers, one behind the other.  FALSE when no
 * row covers the name or address. Names in any case, trailing dot and port allowed. */
gboolean siaga_victims_by_name(const SiagaVictims *self, const gchar *name, gsize length, SiagaVictim *victim_r);
gboolean siaga_victims_by_address(const SiagaVictims *self, const gchar *address, gsize length, SiagaVictim *victim_r);

typedef struct _SiagaLookalikes SiagaLookalikes; /* lookalike.h */
typedef struct _SiagaSeenNames SiagaSeenNames;   /* lookalike.h */
typedef struct _SiagaLists SiagaLists;           /* lists.h */

typedef struct
{
  const gchar *default_victim;       /* default-victim(); NULL: none */
  SiagaDnsRole dns_role;             /* AUTO: authoritative for the names below own domains, else resolver */
  const SiagaLookalikes *lookalikes; /* NULL: names are not looked at */
  SiagaSeenNames *seen;              /* NULL: no look-alike is new */
  SiagaLists *lists;                 /* NULL: none */
} SiagaVictimOptions;

/* Sets siaga.victim.* and the tags gov, gov.id, sector.x on the event, by the rules of DESIGN §6: the virtual host the
 * server logged, the zone, the client's network or the host that logged; a claimed Host only as siaga.victim.claimed.
 * Before that siaga.lookalike.* and siaga.list.category of web and DNS events, where OPTIONS have look-alikes and
 * lists. What an earlier classification set is replaced.  Text stays the tables' or the event's: both must outlive its
 * use. OPTIONS NULL: no default victim, role AUTO. */
void siaga_victims_classify(const SiagaVictims *self, const SiagaVictimOptions *options, SiagaEvent *event);
/* The victim is what FIELD names (a host name, a zone or an address), as a rule's `victim:` asks.  FALSE when the event
 * has no such text: nothing changes. */
gboolean siaga_victims_classify_as(const SiagaVictims *self, SiagaFieldId field, SiagaEvent *event);

/* The victim of an incident whose rule names a field for it (siaga: victim: FIELD), in place; others stay as they are.
 * For snapshots on their way out; allocates. */
void siaga_victims_complete(const SiagaVictims *self, SiagaIncident *incident);

#endif
