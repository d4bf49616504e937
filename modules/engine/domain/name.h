/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Host names as they stand in logs and in tables. */

#ifndef SIAGA_DOMAIN_NAME_H_INCLUDED
#define SIAGA_DOMAIN_NAME_H_INCLUDED

#include "engine/base/ascii.h"

#define SIAGA_NAME_MAX 253

/* The part of TEXT that is the name: blanks, a port and trailing dots are left out.  Gives back its length. */
gsize siaga_name_trim(const gchar *text, gsize length, const gchar **name_r);

/* The host of URL, a port behind it included.  Gives back its length. */
gsize siaga_name_of_url(const gchar *url, gsize length, const gchar **host_r);

/* TRUE when NAME is WORD in any case. */
gboolean siaga_name_equal(const gchar *name, gsize length, const gchar *word);

/* TRUE when NAME ends in SUFFIX (small letters) at a label's border, or is SUFFIX. */
gboolean siaga_name_is_below(const gchar *name, gsize length, const gchar *suffix, gsize suffix_length);

/* The name as tables keep it: small letters, punycode, no trailing dot.  NULL with ERROR_R (static text) when it is no
 * host name.  A label may begin with "_". Newly allocated. */
gchar *siaga_name_canonical(const gchar *text, const gchar **error_r);

#endif
