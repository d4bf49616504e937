/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Parse patterns: Grok notation in pattern files, PCRE2 underneath, one prefilter in front of all of them. */

#ifndef SIAGA_PATTERN_H_INCLUDED
#define SIAGA_PATTERN_H_INCLUDED

#include <siaga/diag.h>
#include <siaga/event.h>
#include <siaga/line.h>
#include <siaga/stats.h>

/* A set is built by one thread, then immutable and shared by all; per-thread match data is the set's own
 * business.  Reference counted. */
typedef struct _SiagaPatternSet SiagaPatternSet;

typedef struct
{
  guint families;        /* 1 << SiagaFamily of those to load; 0: all */
  gboolean local;        /* files of the user: a pattern without a sample is a warning, not an error */
  gboolean keep_samples; /* siagactl test needs them, the daemon does not */
  const gchar *matcher;  /* NULL: the best at hand; "pcre2" or "hs" forces one */
} SiagaPatternOptions;

SiagaPatternSet *siaga_patterns_new(const SiagaFields *fields, const SiagaPatternOptions *options);
void siaga_patterns_free(SiagaPatternSet *self); /* NULL allowed */

/* PATH is a file, or a folder whose *.yaml are loaded in name order (grok/ folders: macro files *.grok).  A file whose
 * dataset is loaded already replaces it.  Bad patterns are reported, left out and counted; FALSE when any was. */
gboolean siaga_patterns_load(SiagaPatternSet *self, const gchar *path, gboolean local, SiagaDiag *diag);
/* Compiles the prefilter; call once, after the last load. */
gboolean siaga_patterns_finish(SiagaPatternSet *self, SiagaDiag *diag);

/* Order: when the line names a program, the patterns bound to it, then those bound to none; else first those bound to
 * none, then the others.  Among them `tried-first: true` (for the few commonest kinds of line), then files and patterns
 * as loaded, each behind those it names in `tried-after`. */

/* A pattern is anchored at the text's start; what it captures is kept as fields, "-" alone means nothing there.  Values
 * of `set` fill the fields that the line left empty and are added to lists.  source.address (destination.address) that
 * is an address also fills source.ip (destination.ip). */

/* Tries the candidate patterns on LINE and fills EVENT with the first match (EVENT is reset, header fields such as
 * host.hostname and process.name are set in any case).  TRUE when a pattern matched.  Text of values points into LINE,
 * the set or EVENT's arena.  Any thread; no allocation on the heap when warm. */
gboolean siaga_patterns_match(const SiagaPatternSet *self, const SiagaLine *line, const SiagaTimeContext *context,
                              SiagaEvent *event);

guint siaga_patterns_size(const SiagaPatternSet *self);

/* For siagactl explain, test, bench, coverage. */
typedef struct
{
  const gchar *dataset;
  const gchar *id;
  SiagaPlace place;
  SiagaFamily family;
  guint64 tried, matched, limited; /* sums over threads; LIMITED: a match limit was hit */
  guint64 bad_times;               /* matched, but the line's own time is impossible: the header's was taken */
  guint64 nanoseconds;             /* only while timing is on */
} SiagaPatternInfo;

void siaga_patterns_info(const SiagaPatternSet *self, guint index, SiagaPatternInfo *info_r);
/* Any thread, at any time. */
void siaga_patterns_set_timing(SiagaPatternSet *self, gboolean on);

/* Called for each candidate in the order tried. */
typedef void (*SiagaPatternTrace)(guint index, gboolean matched, gpointer user_data);
gboolean siaga_patterns_explain(const SiagaPatternSet *self, const SiagaLine *line, const SiagaTimeContext *context,
                                SiagaEvent *event, SiagaPatternTrace trace, gpointer user_data);

/* Runs every sample and reject of the loaded files; each failure is an error in DIAG at the sample's place.
 * Gives back the number of samples and rejects run. */
guint siaga_patterns_test(const SiagaPatternSet *self, SiagaDiag *diag);
/* Those of the files that WANTS says yes to; NULL: of all. */
typedef gboolean (*SiagaPatternFileFunc)(const gchar *file, gpointer user_data);
guint siaga_patterns_test_some(const SiagaPatternSet *self, SiagaPatternFileFunc wants, gpointer user_data,
                               SiagaDiag *diag);

#endif
