/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The victim: which organisation a host name or an address belongs to. */

#ifndef SIAGA_VICTIM_H_INCLUDED
#define SIAGA_VICTIM_H_INCLUDED

#include <siaga/diag.h>
#include <siaga/event.h>
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

/* PATH: a CSV file or a folder of *.csv.  Errors with file:line:column; bad rows are left out. */
gboolean siaga_victims_load(SiagaVictims *self, const gchar *path, SiagaDiag *diag);
/* Own domains: names this site serves (a Host header that names one is believed). */
void siaga_victims_add_own(SiagaVictims *self, const gchar *suffix);
gboolean siaga_victims_is_own(const SiagaVictims *self, const gchar *name, gsize length);
gboolean siaga_victims_finish(SiagaVictims *self, SiagaDiag *diag);

/* ≤ 100 ns; any thread; no allocation.  FALSE when no row covers the name or address. Names in any case, trailing dot
 * and port allowed. */
gboolean siaga_victims_by_name(const SiagaVictims *self, const gchar *name, gsize length, SiagaVictim *victim_r);
gboolean siaga_victims_by_address(const SiagaVictims *self, const gchar *address, gsize length, SiagaVictim *victim_r);

typedef struct
{
  const gchar *default_victim; /* default-victim(); NULL: none */
  SiagaDnsRole dns_role;
} SiagaVictimOptions;

/* Sets siaga.victim.* and the tags gov, gov.id, sector.x on the event, by the rules of DESIGN §6: the virtual host the
 * server logged, the zone, the client's network or the host that logged; a claimed Host only as siaga.victim.claimed. */
void siaga_victims_classify(const SiagaVictims *self, const SiagaVictimOptions *options, SiagaEvent *event);

#endif
