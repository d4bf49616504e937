/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Many expressions, one scan: automata for what they can take, libhs where there is one for the rest, PCRE2 for the
 * last word. */

#ifndef SIAGA_MATCHER_H_INCLUDED
#define SIAGA_MATCHER_H_INCLUDED

#include <siaga/diag.h>

#include <glib.h>

/* Built by one thread, then immutable and shared; each thread has its own scratch inside.  Reference counted. */
typedef struct _SiagaMatcher SiagaMatcher;

typedef enum
{
  SIAGA_MATCH_CASELESS = 1 << 0,
  SIAGA_MATCH_MULTILINE = 1 << 1, /* ^ and $ at line ends */
  SIAGA_MATCH_DOTALL = 1 << 2,
  SIAGA_MATCH_LITERAL = 1 << 3,     /* the expression is text, not a regex */
  SIAGA_MATCH_ANCHORED = 1 << 4,    /* at the subject's start */
  SIAGA_MATCH_AT_END = 1 << 5,      /* up to the subject's end; with ANCHORED: the whole subject */
  SIAGA_MATCH_UNCONFIRMED = 1 << 6, /* the caller confirms: bits may be set that PCRE2 would not set */
} SiagaMatchFlags;

/* BACKEND: NULL the best at hand (environment SIAGA_MATCHER overrides), "hs", "pcre2"; "plain" tries every expression
 * alone, which tests compare the others with; "seldom" tries those whose subject holds what their matches need. */
SiagaMatcher *siaga_matcher_new(const gchar *backend);
/* Its subjects will be whole lines, in which ordinary traffic meets its expressions all the time; before the first add.
 */
void siaga_matcher_expect_lines(SiagaMatcher *self);
void siaga_matcher_free(SiagaMatcher *self); /* NULL allowed */

/* Expressions match bytes; caseless means ASCII letters.  Only an expression that says characters beyond ASCII (bytes,
 * \x{100} and up, \p) is matched as UTF-8.  Gives back the expression's number (equal expressions with equal flags
 * share one), or -1 with an error at PLACE. */
gint siaga_matcher_add(SiagaMatcher *self, const gchar *expression, gsize length, guint flags, SiagaPlace place,
                       SiagaDiag *diag);
/* No more adds; compiles the database.  FALSE only when nothing could be built at all. */
gboolean siaga_matcher_compile(SiagaMatcher *self, SiagaDiag *diag);
/* The same for COUNT of them at once, in as many threads as help. */
gboolean siaga_matchers_compile(SiagaMatcher *const *matchers, guint count, SiagaDiag *diag);

/* Sets bit N of HITS for each expression N that matches SUBJECT (bits are never cleared here); gives back how many new
 * bits.  HITS has siaga_matcher_words() words.  Every hit is confirmed by PCRE2 (JIT, limits set), so both backends
 * give the same bits.  An expression that hits a limit does not match and is counted. */
guint siaga_matcher_scan(const SiagaMatcher *self, const gchar *subject, gsize length, guint64 *hits);
guint siaga_matcher_words(const SiagaMatcher *self);
guint siaga_matcher_size(const SiagaMatcher *self);
/* Times that an expression ran into the match limit, which counts as no match: of all matchers since the process began,
 * because a reload replaces them.  Any thread. */
guint64 siaga_matcher_given_up(void);
/* Expressions that this process has compiled so far; any thread.  One that a living matcher has is not compiled again:
 * a reload with a changed rule counts that rule's. */
guint64 siaga_matcher_compilations(void);
/* How many were cut up for automata so far: each once for all matchers that are compiled together, none for those whose
 * equal is alive. */
guint64 siaga_matcher_cuts(void);
/* For measuring: FUNC hears of each time that this thread has an expression confirmed, and how long that took; NULL:
 * nobody does. */
typedef void (*SiagaConfirmFunc)(const gchar *expression, gsize length, gint64 nanoseconds, gpointer user_data);
void siaga_matcher_listen(SiagaConfirmFunc func, gpointer user_data);
const gchar *siaga_matcher_backend(const SiagaMatcher *self); /* what really runs */

#endif
