/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What was found out about the last names: logs name the same few hosts all day. */

#ifndef SIAGA_DOMAIN_NAME_CACHE_H_INCLUDED
#define SIAGA_DOMAIN_NAME_CACHE_H_INCLUDED

#include <glib.h>

/* One table per thread for all that ask; a name pushes another one out of its place, so that a flood of names costs
 * what it costs without the table.  OWNER tells whose answer it is: it must change when the answer may. */
typedef guint64 SiagaNameOwner;

/* A number that no other has. */
SiagaNameOwner siaga_name_owner_new(void);

/* FALSE: not known. */
gboolean siaga_name_cache_get(SiagaNameOwner owner, const gchar *name, gsize length, guint *answer_r);
/* Long names are not kept. */
void siaga_name_cache_put(SiagaNameOwner owner, const gchar *name, gsize length, guint answer);

#endif
