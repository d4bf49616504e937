/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Names of accounts that one person types when he means one account. */

#ifndef SIAGA_CORRELATE_ALIKE_H_INCLUDED
#define SIAGA_CORRELATE_ALIKE_H_INCLUDED

#include <glib.h>

#define SIAGA_ALIKE_MAX 4 /* names; who mistypes more often than that is nobody */

/* Whether A and B may be meant for one account: the same but for capitals, domain and realm (DINAS\budi,
 * budi@dinas.go.id), the first part of the other (budi, budi.santoso), or a slip or two of the finger apart. */
gboolean siaga_alike(const gchar *a, const gchar *b);
/* Whether one of the COUNT names is alike to each other one. */
gboolean siaga_alike_all(gchar *const *names, guint count);

#endif
