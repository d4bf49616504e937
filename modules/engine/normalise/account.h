/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Accounts as Windows and what asks it write them. */

#ifndef SIAGA_NORMALISE_ACCOUNT_H_INCLUDED
#define SIAGA_NORMALISE_ACCOUNT_H_INCLUDED

#include <siaga/event.h>

/* "DOMAIN\user" in FIELD becomes "user", and of user.name DOMAIN is user.domain, unless that is set.  FALSE: it is no
 * such account, and stays as it is. */
gboolean siaga_split_backslash(SiagaEvent *event, SiagaFieldId field);

/* Sets user.domain where nothing has set it. */
void siaga_set_user_domain(SiagaEvent *event, const gchar *text, gsize length);

/* Letters, digits, hyphens, dots and underscores only. */
gboolean siaga_is_domain_name(const gchar *text, gsize length);

#endif
