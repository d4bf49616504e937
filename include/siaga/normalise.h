/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Normalisers: what a parsed event means in canonical form, one per family.  Their code lives in the parser rooms. */

#ifndef SIAGA_NORMALISE_H_INCLUDED
#define SIAGA_NORMALISE_H_INCLUDED

#include <siaga/event.h>
#include <siaga/geo.h>

/* Networks that may speak for others: trusted-proxies().  Immutable once filled. */
typedef struct _SiagaNetworks SiagaNetworks;

SiagaNetworks *siaga_networks_new(void);
void siaga_networks_free(SiagaNetworks *self);                       /* NULL allowed */
gboolean siaga_networks_add(SiagaNetworks *self, const gchar *cidr); /* FALSE: not an address or prefix */
gboolean siaga_networks_match(const SiagaNetworks *self, const gchar *address, gsize length);

typedef enum
{
  SIAGA_DNS_ROLE_AUTO, /* authoritative for the zones of own-domains(), resolver otherwise */
  SIAGA_DNS_ROLE_AUTHORITATIVE,
  SIAGA_DNS_ROLE_RESOLVER,
} SiagaDnsRole;

typedef struct
{
  const SiagaNetworks *trusted_proxies; /* NULL: none */
  gpointer public_suffixes;             /* psl_ctx_t of libpsl; NULL: registered domains are the last two labels */
  const SiagaGeo *geo;                  /* NULL: countries and networks are not known */
} SiagaNormaliser;

/* Completes a parsed event in place: splits the target, sets the canonical forms, source.ip/actor/subnet, user parts,
 * registered domain, label statistics, spoofable, user-agent class.  Any thread; text goes to the event's arena. */
void siaga_normalise(const SiagaNormaliser *self, SiagaEvent *event);

/* The pieces, each usable alone (siaga_normalise calls the family's one and then source). */
void siaga_normalise_web(const SiagaNormaliser *self, SiagaEvent *event);
void siaga_normalise_dns(const SiagaNormaliser *self, SiagaEvent *event);
void siaga_normalise_auth(const SiagaNormaliser *self, SiagaEvent *event);
void siaga_normalise_source(SiagaEvent *event);

/* The canonical decoded form of a request target or a part of it: percent-decoding to a fixed point (at most four
 * rounds), %u with four digits, overlong and full-width UTF-8, "+", \xHH, NUL, "/./" and "//", SQL comments, HTML
 * entities, JavaScript and CSS escapes.  Gives back TEXT itself, with LENGTH_R equal to LENGTH, when nothing changes
 * (the common case). */
const gchar *siaga_canonical(SiagaArena *arena, const gchar *text, gsize length, gsize *length_r);

#endif
