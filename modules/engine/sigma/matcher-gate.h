/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What tells in a few nanoseconds a byte that a text is no match of many expressions: every match of an expression
 * holds one of its sequences, and ordinary text holds few of all of them. */

#ifndef SIAGA_MATCHER_GATE_H_INCLUDED
#define SIAGA_MATCHER_GATE_H_INCLUDED

#include "matcher-regex.h"

/* How the bytes of an alphabet are told apart: letters, digits as one, and signs.  Two codes stand for all other bytes
 * and for both ends of a text.  WINDOW codes in a row are a gram. */
typedef struct
{
  guint window, bits; /* of a code */
  guint other, frame; /* codes */
  guint8 codes[256];
} SiagaGateCode;

const SiagaGateCode *siaga_gate_code(guint alphabet);
#define SIAGA_GATE_WINDOW_MAX 4

/* A mask of codes for each of some bytes in a row.  The window is the rarest gram of it. */
#define SIAGA_SEQUENCE_MAX 16
typedef struct
{
  guint8 length, window;
  gboolean open;   /* what follows is not known */
  gboolean starts; /* with the start of the text */
  guint64 masks[SIAGA_SEQUENCE_MAX];
} SiagaSequence;

/* Sequences (of SiagaSequence) of which every match of ALTERNATIVES (of SiagaSegments) in a text of ALPHABET holds one,
 * those that ordinary text has least; NULL when it has all that can be named too often.  Empty when there is no match.
 */
GArray *siaga_gate_choose(const GArray *alternatives, guint alphabet);

/* Immutable once finished; any thread may ask. */
typedef struct _SiagaGate SiagaGate;

SiagaGate *siaga_gate_new(guint alphabet);
void siaga_gate_free(SiagaGate *self); /* NULL allowed */
/* Expression NUMBER, for which SEQUENCES were chosen, is from now on a suspect in every text that it matches.  FALSE,
 * with nothing added, when they would take too much. */
gboolean siaga_gate_add(SiagaGate *self, guint number, const GArray *sequences);
/* Before the first question. */
void siaga_gate_finish(SiagaGate *self);

#define SIAGA_SUSPECTS_MAX 48
typedef struct
{
  guint count;
  gboolean too_many; /* and these are not all */
  guint numbers[SIAGA_SUSPECTS_MAX];
} SiagaSuspects;

/* No other expression that was added matches TEXT, whose bytes are of the alphabet. */
void siaga_gate_look(const SiagaGate *self, const gchar *text, gsize length, SiagaSuspects *suspects);

#endif
