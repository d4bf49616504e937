/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Which patterns are worth a try on a line: by program, by first byte, by texts that must stand in it. */

#ifndef SIAGA_SELECT_H_INCLUDED
#define SIAGA_SELECT_H_INCLUDED

#include <siaga/matcher.h>

#include "literals.h"
#include "private.h"

/* Most patterns that a set can have, and most literals. */
#define SELECT_PATTERNS_MAX 8192
#define SELECT_LITERALS_MAX 8192

/* Patterns that are tried without a scan for literals: the first of a program, and those with `tried-first`. */
#define SELECT_EARLY_MAX 4

typedef struct
{
  guint8 count;
  guint16 patterns[SELECT_EARLY_MAX];
} Early;

/* A set of patterns as bits in the order tried, for each first byte of the text. */
typedef struct
{
  guint64 *by_byte[256]; /* equal sets are shared */
  guint16 count[256];    /* patterns in them */
  Early early[256];
  guint64 *common; /* those that need no literal */
  GPtrArray *store;
} Bucket;

typedef struct _Selector Selector;

struct _Selector
{
  guint words;            /* of a set of patterns */
  Bucket *generic;        /* patterns that name no program */
  Bucket *bound;          /* those that do: for texts without a program */
  Bucket *fallback;       /* those for what no other one reads; in none of the others */
  GHashTable *by_program; /* name -> Bucket* */
  GPtrArray *globs;       /* of Glob*: files that name programs by their beginning */
  SiagaMatcher *literals;
  Literals *long_literals; /* the same ones under the same numbers, for long texts */
  guint literal_words;
  GArray **needing; /* for each literal: indices of the patterns that need it or another one */
};

Selector *siaga_selector_new(const SiagaPatternSet *set, SiagaDiag *diag);
void siaga_selector_free(Selector *self); /* NULL allowed */

/* Adds the literals that stand in the text to the LITERALS (SELF->literal_words words). */
void siaga_selector_scan(const Selector *self, const gchar *text, gsize length, guint64 *literals);

/* Sets CANDIDATES (SELF->words words) to the patterns of BUCKET that may match a text with that first byte; LITERALS
 * are those that siaga_selector_scan() found, NULL when nobody has scanned: then none is ruled out by them. */
void siaga_selector_candidates(const Selector *self, const Bucket *bucket, guchar first, const guint64 *literals,
                               guint64 *candidates);

/* Calls VISIT for each bucket of the program's patterns until it says TRUE. */
typedef gboolean (*BucketVisit)(const Bucket *bucket, gpointer user_data);
gboolean siaga_selector_for_program(const Selector *self, const gchar *program, gsize length, BucketVisit visit,
                                    gpointer user_data);

#endif
