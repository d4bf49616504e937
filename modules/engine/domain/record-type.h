/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The names of DNS types. */

#ifndef SIAGA_DOMAIN_RECORD_TYPE_H_INCLUDED
#define SIAGA_DOMAIN_RECORD_TYPE_H_INCLUDED

#include <glib.h>

/* The name of the type NUMBER; UNNAMED, filled as RFC 3597 has it ("TYPE65534"), when it is not one that people ask
 * for. */
const gchar *siaga_record_type(guint16 number, gchar unnamed[16]);

#endif
