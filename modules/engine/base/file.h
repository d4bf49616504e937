/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A whole file that somebody wrote. */

#ifndef SIAGA_BASE_FILE_H_INCLUDED
#define SIAGA_BASE_FILE_H_INCLUDED

#include <siaga/diag.h>

/* The text of PATH, with a NUL behind its LENGTH_R bytes; the caller's.  NULL with an error in DIAG: it cannot be read,
 * is no regular file (a pipe would be waited for, a device has no end), or holds more than MOST bytes, which is seen
 * before it is read. */
gchar *siaga_file_read(const gchar *path, gsize most, gsize *length_r, SiagaDiag *diag);

#endif
