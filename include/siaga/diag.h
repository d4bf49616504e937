/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Diagnostics: what is wrong in a file that a person wrote, and where. */

#ifndef SIAGA_DIAG_H_INCLUDED
#define SIAGA_DIAG_H_INCLUDED

#include <glib.h>

typedef enum
{
  SIAGA_DIAG_ERROR,   /* the thing is left out; check and tests fail */
  SIAGA_DIAG_WARNING, /* the thing is used */
  SIAGA_DIAG_NOTE,    /* counted only: a rule for another log source, for instance */
} SiagaDiagLevel;

/* A place in a file; line and column count from 1, 0 means unknown. */
typedef struct
{
  const gchar *file;
  guint line;
  guint column;
  guint inside; /* of a text: the column of its first byte, where it stands on one line as it is; else 0 */
} SiagaPlace;

/* Where the byte OFFSET of TEXT, which stands at PLACE, stands itself; PLACE when its text is quoted with escapes,
 * folded or not known. */
SiagaPlace siaga_place_in(SiagaPlace place, const gchar *text, gsize offset);

typedef struct
{
  SiagaDiagLevel level;
  gchar *file; /* NULL when no file is meant */
  guint line;
  guint column;
  gchar *text;
} SiagaDiagMessage;

/* Collects messages in the order they are found.  One thread. */
typedef struct _SiagaDiag SiagaDiag;

SiagaDiag *siaga_diag_new(void);
void siaga_diag_free(SiagaDiag *self); /* NULL allowed */

/* DIAG may be NULL in all of these: the message is dropped. */
void siaga_diag_error(SiagaDiag *self, SiagaPlace place, const gchar *format, ...) G_GNUC_PRINTF(3, 4);
void siaga_diag_warning(SiagaDiag *self, SiagaPlace place, const gchar *format, ...) G_GNUC_PRINTF(3, 4);
void siaga_diag_note(SiagaDiag *self, SiagaPlace place, const gchar *format, ...) G_GNUC_PRINTF(3, 4);

/* OTHER's messages behind SELF's; OTHER is freed. */
void siaga_diag_take(SiagaDiag *self, SiagaDiag *other);

guint siaga_diag_count(const SiagaDiag *self, SiagaDiagLevel level);
guint siaga_diag_size(const SiagaDiag *self);
const SiagaDiagMessage *siaga_diag_get(const SiagaDiag *self, guint index);

/* "file:line:column: error: text", without a newline; parts that are unknown are left out.
 * Control characters of the quoted text are escaped: it goes to a terminal. */
void siaga_diag_format(const SiagaDiagMessage *message, GString *out);

#endif
