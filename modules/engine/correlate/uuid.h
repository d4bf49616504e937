/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Name-based UUIDs (RFC 9562, version 5). */

#ifndef SIAGA_CORRELATE_UUID_H_INCLUDED
#define SIAGA_CORRELATE_UUID_H_INCLUDED

#include <glib.h>

void siaga_uuid5(guint8 uuid[16], const guint8 name_space[16], gconstpointer name, gsize length);
void siaga_uuid_format(const guint8 uuid[16], gchar text[37]);
gboolean siaga_uuid_parse(const gchar *text, guint8 uuid[16]);

#endif
