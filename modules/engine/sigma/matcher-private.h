/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the matcher's parts share: expressions, a thread's scratch, the two prefilters. */

#ifndef SIAGA_MATCHER_PRIVATE_H_INCLUDED
#define SIAGA_MATCHER_PRIVATE_H_INCLUDED

#ifdef HAVE_CONFIG_H
#include "config.h"
#endif

#include "matcher-automaton.h"
#include "matcher-gate.h"

#include <siaga/matcher.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#ifdef SIAGA_HAVE_HS
#include <hs.h>
#endif

/* A text of a set, folded. */
#define SIAGA_NEEDED_TEXT_MAX 48
typedef struct
{
  guint8 length;
  gchar text[SIAGA_NEEDED_TEXT_MAX];
} SiagaNeededText;

/* What every match of an alternative of a regex holds: of each set of texts (SiagaNeededText) at least one, the most
 * selective set first; and of each set of bytes at least one. */
#define SIAGA_NEEDS_MAX 4
#define SIAGA_BYTES_MAX 8
typedef struct
{
  guint64 bits[4];
  guint frequency; /* of the set, once it is offered: large is common */
} SiagaBytes;

typedef struct
{
  guint count;
  GArray *sets[SIAGA_NEEDS_MAX];
  guint bytes_count;
  SiagaBytes bytes[SIAGA_BYTES_MAX];
} SiagaNeeds;

/* An expression as it was compiled; every matcher of the process that has it shares it, over reloads too.  Immutable
 * but for the references, which only the lock of its table may change, and for what is worked out under LOCK before the
 * first scan, or the first match. */
typedef struct
{
  gint references;
  GMutex lock;
  GBytes *key; /* flags and text */
  gchar *text;
  gsize length;
  guint flags;
  gboolean utf;
  gboolean plain;   /* means the same to libhs and to the reader of literals; known with NEEDS */
  GArray *needs;    /* of SiagaNeeds, one per alternative; empty: nothing is known; NULL: not yet worked out */
  pcre2_code *code; /* NULL for literals */
  gint jit;         /* CODE has become machine code, or could not; atomic, for it does when it is first matched */
  gboolean is_cut;  /* SEGMENTS are known */
  GArray *segments; /* of SiagaSegments, while matchers are compiled; NULL: not for automata */
  struct
  {
    gboolean known;
    GArray *sequences; /* of SiagaSequence, for a gate; NULL: not for one */
  } gates[SIAGA_ALPHABETS];
} SiagaExpression;

/* A reference, or NULL with an error at PLACE. */
SiagaExpression *siaga_expression_get(const gchar *text, gsize length, guint flags, SiagaPlace place, SiagaDiag *diag);
SiagaExpression *siaga_expression_ref(SiagaExpression *self);
void siaga_expression_unref(SiagaExpression *self);
/* Works out what it needs.  Before anything is asked of it but its text and flags; any thread. */
void siaga_expression_prepare(SiagaExpression *self);
/* When it is matched for the first time; any thread, while nobody matches it yet. */
void siaga_expression_jit(SiagaExpression *self);

/* Whether it matches TEXT, and be it slowly.  Load time only. */
gboolean siaga_expression_is_in(SiagaExpression *self, const gchar *text, gsize length);

/* What siaga_segments_of() says of it, and what siaga_gate_choose() says of it, whose SEGMENTS these are: references;
 * NULL when it is not for automata, not for a gate.  After siaga_expression_prepare(); worked out once for all
 * matchers, and kept until somebody says that they are compiled: megabytes that nobody else needs. */
GArray *siaga_expression_segments(SiagaExpression *self);
GArray *siaga_expression_sequences(SiagaExpression *self, const GArray *segments, guint alphabet);
void siaga_expression_forget(SiagaExpression *self);

#define SIAGA_FOLDED_MAX 2048

/* Everything a thread needs to scan; grows to the largest matcher the thread has met. */
typedef struct
{
#ifdef SIAGA_HAVE_HS
  hs_scratch_t *scratch;
  guint64 scratch_generation;
  gchar *copy; /* of a text that ends where a page does */
  gsize copy_size;
#endif
  pcre2_match_data *match_data;
  pcre2_match_context *match_context;
  pcre2_jit_stack *jit_stack;
  guint64 *tried;
  guint tried_words;
  gboolean tried_any;
  SiagaWalks *walks;
  guint8 *met;    /* by alternative: the sets that the subject meets; zero between scans */
  guint *meeting; /* alternatives with any */
  guint meeting_count, met_size;
  gchar folded[SIAGA_FOLDED_MAX]; /* the subject in small letters, for some scans */
  SiagaConfirmFunc listener;      /* NULL: nobody measures */
  gpointer listener_data;
} SiagaMatcherThread;

SiagaMatcherThread *siaga_matcher_thread(void);

/* One scan on its way. */
typedef struct
{
  SiagaExpression *const *expressions;
  const guint *first_needs; /* by expression: of its alternatives among MET */
  SiagaMatcherThread *thread;
  const gchar *subject;
  gsize length;
  guint64 *hits;
  guint found;
  guint64 *limited;
  guint first_part;   /* of the automaton's alternatives among MET */
  gboolean has_bytes; /* BYTES is filled: those that stand in the subject */
  SiagaBytes bytes;
  const gchar *folded; /* the subject in small letters; NULL: nobody needed it yet */
} SiagaScan;

/* Expression N may match: confirms and sets its bit.  END is where a literal would end, G_MAXSIZE when unknown. */
void siaga_scan_candidate(SiagaScan *self, guint n, gsize end);

/* The subject holds a text of set SET of alternative ALTERNATIVE of expression N: a candidate once it holds one of each
 * and the bytes besides. */
void siaga_scan_meet(SiagaScan *self, guint n, guint alternative, guint set);
/* Whether the subject has the bytes that NEEDS asks for. */
gboolean siaga_scan_has_bytes(SiagaScan *self, const SiagaNeeds *needs);

/* What the alternatives of a regex need, of SiagaNeeds; empty when one of them needs nothing that can be named.
 * PLAIN_R: FALSE for constructs that only PCRE2 itself should judge. */
GArray *siaga_needs_of_regex(const gchar *expression, gsize length, gboolean *plain_r);
/* The best set whose texts have three bytes or more, of GString*; NULL when there is none. */
GPtrArray *siaga_required_literals(const gchar *expression, gsize length, gboolean *plain_r);

/* How rare a text is in ordinary lines: its length, and more for bytes that are rare.  Of a set: its lightest text. */
guint siaga_text_weight(const gchar *text, gsize length);
guint siaga_set_weight(const GArray *set);
/* The shortest text of a set of SiagaNeededText. */
guint siaga_set_shortest(const GArray *set);
#define SIAGA_WEIGHT_MIN 2    /* lighter texts stand in too many lines to be looked for */
#define SIAGA_WEIGHT_STRONG 4 /* such a set needs no help from others */
gboolean siaga_expression_is_utf(const gchar *expression, gsize length);

/* A table of three-byte grams of what expressions need: the prefilter without libhs. */
typedef struct _SiagaGrams SiagaGrams;
SiagaGrams *siaga_grams_new(void);
void siaga_grams_free(SiagaGrams *self);
void siaga_grams_add(SiagaGrams *self, guint number, const SiagaExpression *expression);
void siaga_grams_finish(SiagaGrams *self);
guint siaga_grams_size(const SiagaGrams *self);
void siaga_grams_scan(const SiagaGrams *self, SiagaScan *scan);

#ifdef SIAGA_HAVE_HS
typedef struct _SiagaHsDatabase SiagaHsDatabase;
gboolean siaga_hs_usable(void);
/* Takes of the expressions NUMBERS (of guint) what libhs can take, and leaves the others there.  COUNT: of all. NULL
 * when nothing was taken. */
SiagaHsDatabase *siaga_hs_new(SiagaExpression *const *expressions, guint count, GArray *numbers);
void siaga_hs_free(SiagaHsDatabase *self);
void siaga_hs_scan(const SiagaHsDatabase *self, SiagaScan *scan);
void siaga_hs_release(SiagaMatcherThread *thread);
#endif

#endif
