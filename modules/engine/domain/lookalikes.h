/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Agencies, bait words and allowances in memory. */

#ifndef SIAGA_DOMAIN_LOOKALIKES_H_INCLUDED
#define SIAGA_DOMAIN_LOOKALIKES_H_INCLUDED

#include <siaga/lookalike.h>

#include "engine/domain/name-cache.h"
#include "engine/domain/suffixes.h"

#define SIAGA_LABEL_MAX 63
#define SIAGA_BAIT_MIN 2 /* of a bait word */

typedef struct
{
  const gchar *domain, *title;
} SiagaAgency;

typedef struct
{
  gchar text[SIAGA_LABEL_MAX + 1];
  gchar folded[SIAGA_LABEL_MAX + 1];
  guint8 length, folded_length;
  guint64 letters;           /* one bit for each letter and digit in it */
  const SiagaAgency *agency; /* NULL: a bait word */
  gboolean telling;          /* "label!": nobody else's name */
  gboolean exact;            /* "kh-gov", "gov-kh": a letter more or less is another word */
  gboolean common;           /* "label?": a word of the language, or short */
} SiagaLabel;

/* Labels of one length.  Their letters lie side by side: most labels are refused by these and never read. */
typedef struct
{
  guint count;
  guint words_from; /* "label?" and exact ones lie behind the others */
  guint64 *letters;
  const SiagaLabel **labels;
} SiagaLabels;

struct _SiagaLookalikes
{
  SiagaVictims *victims;
  gconstpointer public_suffixes;
  SiagaNameOwner harmless; /* of the names known to imitate nobody; new whenever something is loaded */
  GPtrArray *agencies;     /* of SiagaAgency*, owned */
  GPtrArray *labels;       /* of SiagaLabel*, owned: agencies' */
  /* The same by their lengths: most names are nobody's, and few of a length are left to compare with. */
  SiagaLabels by_length[SIAGA_LABEL_MAX + 1];
  SiagaLabels by_folded_length[SIAGA_LABEL_MAX + 1]; /* with the letters of the folded text */
  GPtrArray *bait;                                   /* of SiagaLabel*, owned */
  GPtrArray *about;                                  /* of SiagaLabel*, owned: "!alumni" */
  SiagaSuffixes *allowed;
  SiagaSuffixes *allowed_labels; /* registered labels that are words of their own */
  SiagaSuffixes *vetted;         /* "*.or.id": registered with papers, each with a dot in front */
  SiagaSuffixes *imitated;       /* the governments' suffixes that an agency is below */
  GStringChunk *text;
};

guint64 siaga_label_letters(const gchar *text, gsize length);

#endif
