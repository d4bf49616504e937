/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What text tells of a network's inside and of persons. */

#ifndef SIAGA_ENGINE_EXPORT_PRIVATE_H_INCLUDED
#define SIAGA_ENGINE_EXPORT_PRIVATE_H_INCLUDED

#include <glib.h>

/* Any thread, no state.  TEXT and HOST end with NUL. */

/* Of "host:port", "[address]:port", "fe80::1%eth0" and "name." what is left without the rest, within HOST. */
gsize siaga_private_bare_host(const gchar *host, const gchar **start_r);

/* Addresses and networks of private ones (in whatever other address they are wrapped, or asked for backwards), and
 * names without a domain or in a private one. */
gboolean siaga_private_is_internal(const gchar *host);

/* Such an address, or a name in a private domain, anywhere in TEXT. */
gboolean siaga_private_holds_internal(const gchar *text);
void siaga_private_blot_internal(GString *line); /* "*" for each */

/* "user:password@" of a URL, a mail address, "/~user". */
gboolean siaga_private_holds_person(const gchar *text);
void siaga_private_blot_persons(GString *line); /* "*" for each; where the mail or the URL goes is left */

#endif
