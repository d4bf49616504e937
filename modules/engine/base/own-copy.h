/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A file's bytes where nobody else can change them: who writes over the file that has the name (cp does) cuts a mapping
 * of it off, and the next look ends the process. */

#ifndef SIAGA_BASE_OWN_COPY_H_INCLUDED
#define SIAGA_BASE_OWN_COPY_H_INCLUDED

#include <glib.h>

/* A file without a name beside PATH, open for reading, that holds the first SIZE bytes of FILE, which is PATH opened:
 * the caller closes it.  -1 where the folder takes no such file, the disk is full, or SIZE bytes are not there any
 * more. Takes as long as copying does; any thread. */
int siaga_own_copy(const gchar *path, int file, gsize size);

#endif
