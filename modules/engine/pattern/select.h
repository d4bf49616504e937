/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Which patterns are worth a try on a line: by program, by first byte, by texts that must stand in it. */

#ifndef SIAGA_SELECT_H_INCLUDED
#define SIAGA_SELECT_H_INCLUDED

#include <siaga/matcher.h>

#include "private.h"

/* Literals that a line has, found by one scan when the first pattern asks. */
#define SELECT_WORDS_MAX 128

/* Patterns in the order tried, listed for each first byte of the text. */
typedef struct
{
  guint32 start[257];
  guint16 *items; /* indices of patterns */
} Bucket;

typedef struct _Selector Selector;

struct _Selector
{
  Bucket *generic;        /* patterns that name no program */
  Bucket *bound;          /* those that do: for texts without a program */
  GHashTable *by_program; /* name -> Bucket* */
  GPtrArray *globs;       /* of Glob*: files that name programs by their beginning */
  SiagaMatcher *literals;
  guint words;
};

Selector *siaga_selector_new(const SiagaPatternSet *set, SiagaDiag *diag);
void siaga_selector_free(Selector *self); /* NULL allowed */

/* Calls VISIT for each bucket of the program's patterns until it says TRUE. */
typedef gboolean (*BucketVisit)(const Bucket *bucket, gpointer user_data);
gboolean siaga_selector_for_program(const Selector *self, const gchar *program, gsize length, BucketVisit visit,
                                    gpointer user_data);

/* Whether one of the texts that PATTERN needs stands in the line: bits set by siaga_matcher_scan(LITERALS). */
static inline gboolean
siaga_selector_has_literal(const Pattern *pattern, const guint64 *bits)
{
  for (guint i = 0; i < pattern->literal_count; i++)
    if (bits[pattern->literals[i] >> 6] >> (pattern->literals[i] & 63) & 1)
      return TRUE;
  return pattern->literal_count == 0;
}

#endif
