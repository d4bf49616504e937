/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Which of many literals stand in a text: one pass, the same few instructions for each byte, whatever the text is. */

#ifndef SIAGA_LITERALS_H_INCLUDED
#define SIAGA_LITERALS_H_INCLUDED

#include <glib.h>

typedef struct _Literals Literals;

Literals *siaga_literals_new(void);
void siaga_literals_free(Literals *self); /* NULL allowed */

/* TEXT is copied; upper and lower ASCII letters are the same.  NUMBER is the bit that a scan sets. */
void siaga_literals_add(Literals *self, const gchar *text, gsize length, guint number);

/* After the last one; nothing is added behind it. */
void siaga_literals_finish(Literals *self);

/* Sets the bits of the literals that stand in the text, where bytes beyond ASCII are taken for each other; other bits
 * stay as they are.  Any number of threads at once. */
void siaga_literals_scan(const Literals *self, const gchar *text, gsize length, guint64 *bits);

#endif
