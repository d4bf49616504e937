/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Addresses as logs write them: brackets, ports, zone ids and IPv4 in IPv6 clothes. */

#ifndef SIAGA_NORMALISE_ADDRESS_H_INCLUDED
#define SIAGA_NORMALISE_ADDRESS_H_INCLUDED

#include <glib.h>

#define SIAGA_IP_TEXT 48 /* bytes that any written form needs, NUL included */

/* Network byte order; an IPv4 address takes the first four bytes. */
typedef struct
{
  guint8 version; /* 4 or 6 */
  guint8 bytes[16];
} SiagaIp;

/* Reads "192.0.2.1", "2001:db8::1", "[2001:db8::1]", "fe80::1%eth0", "::ffff:192.0.2.1" (an IPv4 address) and, where
 * PORT_R is not NULL, "192.0.2.1:443" and "[2001:db8::1]:443" (*PORT_R is -1 without a port).  Any thread. */
gboolean siaga_ip_parse(SiagaIp *self, const gchar *text, gsize length, gint *port_r);

/* The canonical text (RFC 5952) into BUFFER of SIAGA_IP_TEXT bytes; gives back its length. */
gsize siaga_ip_format(const SiagaIp *self, gchar *buffer);
/* The same for the first BITS bits, with "/BITS" behind it. */
gsize siaga_ip_format_prefix(const SiagaIp *self, guint bits, gchar *buffer);

#endif
