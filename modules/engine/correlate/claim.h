/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The right to write a state, one process at a time. */

#ifndef SIAGA_CORRELATE_CLAIM_H_INCLUDED
#define SIAGA_CORRELATE_CLAIM_H_INCLUDED

#include <glib.h>

/* Takes the lock file PATH for this process, as often as it likes.  0, EWOULDBLOCK while another process has it, or why
 * there can be no such file.  Any thread. */
gint siaga_claim_take(const gchar *path);
void siaga_claim_leave(const gchar *path); /* once for each take that gave 0 */

#endif
