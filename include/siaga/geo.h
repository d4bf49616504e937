/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Countries and networks of addresses, from databases in the MaxMind format. */

#ifndef SIAGA_GEO_H_INCLUDED
#define SIAGA_GEO_H_INCLUDED

#include <siaga/diag.h>
#include <siaga/event.h>

/* Open databases; immutable, any thread. */
typedef struct _SiagaGeo SiagaGeo;

/* Opens every *.mmdb of DIR, in name order; the first that knows an address tells.  NULL when there is none, or when
 * this build has no libmaxminddb: then files that are there are reported as a warning.  A file that is no database is a
 * warning, too. */
SiagaGeo *siaga_geo_open(const gchar *dir, SiagaDiag *diag);
void siaga_geo_free(SiagaGeo *self); /* NULL allowed */

/* Sets source.geo.country_iso_code and source.as.number by source.ip, unless the event has them.  Text points into the
 * database, which outlives the event's use. */
void siaga_geo_add(const SiagaGeo *self, SiagaEvent *event); /* SELF NULL: nothing */

#endif
