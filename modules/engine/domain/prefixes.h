/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A set of IPv4 and IPv6 networks, each with a number, answering with the longest prefix that holds an address. */

#ifndef SIAGA_DOMAIN_PREFIXES_H_INCLUDED
#define SIAGA_DOMAIN_PREFIXES_H_INCLUDED

#include <glib.h>

/* IPv4 addresses are kept mapped (::ffff:a.b.c.d), so that one order holds both. */
typedef struct
{
  guint64 high;
  guint64 low;
} SiagaPrefixAddress;

typedef struct
{
  SiagaPrefixAddress address;
  guint8 bits; /* 0 … 128; of an IPv4 network 96 more than written */
} SiagaPrefix;

/* FALSE when TEXT is no address; brackets and a zone (%eth0) are not accepted. */
gboolean siaga_prefix_address_parse(const gchar *text, gsize length, SiagaPrefixAddress *address_r);
/* "192.0.2.0/24", "2001:db8::/32" or an address alone.  NULL, or what is wrong (static text). */
const gchar *siaga_prefix_parse(const gchar *text, SiagaPrefix *prefix_r);

/* Built by one thread; after finish read by any. */
typedef struct _SiagaPrefixes SiagaPrefixes;

SiagaPrefixes *siaga_prefixes_new(void);
void siaga_prefixes_free(SiagaPrefixes *self); /* NULL allowed */
/* VALUE is not 0; a network added again gets the new value. */
void siaga_prefixes_add(SiagaPrefixes *self, const SiagaPrefix *prefix, guint32 value);
/* Makes the ranges that find searches; may be called again after more were added. */
void siaga_prefixes_finish(SiagaPrefixes *self);
/* The value of the longest prefix; 0 when none holds the address. */
guint32 siaga_prefixes_find(const SiagaPrefixes *self, const SiagaPrefixAddress *address);

#endif
