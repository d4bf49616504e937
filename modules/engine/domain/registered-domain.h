/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Where the registered domain begins in a name. */

#ifndef SIAGA_DOMAIN_REGISTERED_DOMAIN_H_INCLUDED
#define SIAGA_DOMAIN_REGISTERED_DOMAIN_H_INCLUDED

#include <glib.h>

/* The offset of the registered domain in NAME (lower case, ASCII, no dot at the end); LENGTH when there is none: NAME
 * is a public suffix itself.  SUFFIXES is a psl_ctx_t; NULL: the last two labels.  Any thread; each keeps what libpsl
 * said of the last names and of their parents, because a flood of random names has one parent. */
gsize siaga_registered_domain(gconstpointer suffixes, const gchar *name, gsize length);

#endif
