/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the files of engine/pattern share. */

#ifndef SIAGA_PATTERN_PRIVATE_H_INCLUDED
#define SIAGA_PATTERN_PRIVATE_H_INCLUDED

#include <siaga/pattern.h>
#include <siaga/yaml.h>

#include "expression.h"
#include "keys.h"
#include "session.h"
#include "w3c.h"

#define STAT_BANKS 16

typedef enum
{
  FORMAT_GROK,
  FORMAT_JSON,
  FORMAT_KV,
  FORMAT_W3C,
} Format;

/* `set:`: a value that every event of the pattern gets where the line gave none. */
typedef struct
{
  SiagaFieldId field;
  guint8 type; /* SiagaValueType */
  gboolean list;
  const gchar *text;
  gsize length;
  gint64 integer;
  gdouble real;
} Constant;

/* Sample text is kept only when asked for. */
typedef struct
{
  SiagaPlace place;
  const gchar *line;
  gsize length;
  const gchar *program; /* NULL: as the line says */
  const gchar *host;
  const gchar *file;
  gint year;
  const SiagaYaml *fields; /* NULL: none */
  GPtrArray *before;       /* of Sample*: lines of the same session, read first; NULL: none */
} Sample;

typedef struct _PatternFile PatternFile;

/* What a try needs stands first, in one cache line. */
typedef struct
{
  Expression expression; /* of grok */
  guint index;           /* in the set, in the order tried */
  guint8 format;         /* the file's, as are the next two */
  gboolean any_path;
  PatternFile *file;
  const gchar *id;
  const gchar *label; /* dataset/id */
  gsize label_length;
  SiagaPlace place;
  const gchar *regex;  /* of grok: macros expanded; NULL where samples are not kept */
  guint64 first[4];    /* bytes that a match can begin with */
  GPtrArray *needed;   /* of GString*: texts of which one stands in every match, until they have numbers; NULL: none */
  guint literal_count; /* 0: none known */
  guint16 *literals;   /* numbers of texts of which one stands in every match */
  Keys *keys;          /* of the other formats */
  guint constant_count;
  Constant *constants;
  gboolean tried_first;
  GPtrArray *tried_after; /* of const gchar*; NULL: none */
  GPtrArray *samples;     /* of Sample* */
  GPtrArray *rejects;     /* of Sample* */
} Pattern;

struct _PatternFile
{
  SiagaYamlFile *yaml; /* kept when samples are */
  GStringChunk *text;  /* of it and its patterns */
  const gchar *path;
  const gchar *dataset;
  gsize dataset_length;
  SiagaPlace place;
  SiagaFamily family;
  Format format;
  GPtrArray *columns; /* of const W3cColumns*: orders that lines without "#Fields:" may have */
  gboolean local;
  SessionKeys session;
  gboolean fallback;   /* asked when all readings of the line by the others have failed */
  guint load;          /* number of the load call */
  GPtrArray *programs; /* of const gchar*: exact, or a glob with '*' at the end */
  GPtrArray *globs;    /* of GPatternSpec*: paths */
  GPtrArray *patterns; /* of Pattern* */
};

typedef struct
{
  SiagaCounter tried, matched, limited, bad_times, nanoseconds;
} PatternStats;

struct _SiagaPatternSet
{
  SiagaFields *fields;
  SiagaPatternOptions options;
  SiagaGrok *grok;
  W3cTable *w3c;
  SessionTable *sessions;
  struct _Selector *selector;
  GPtrArray *files;    /* of PatternFile* */
  GPtrArray *patterns; /* of Pattern*, in the order tried; filled by finish */
  GHashTable *labels;  /* of them by "dataset/id", while they are put in order */
  PatternStats *stats[STAT_BANKS];
  guint loads;
  gboolean timing;
};

/* load.c */
PatternFile *siaga_pattern_file_new(SiagaPatternSet *set, SiagaYamlFile *yaml, const SiagaYaml *document,
                                    gboolean local, gboolean *ok, SiagaDiag *diag);
void siaga_pattern_file_free(PatternFile *self);

/* load-keys.c: `when:` and `keys:`. */
gboolean siaga_keys_load(Keys *self, const SiagaFields *fields, GStringChunk *text, const SiagaGrok *grok,
                         const SiagaYaml *when, const SiagaYaml *keys, SiagaDiag *diag);

/* match.c: whether SELF, tried alone, matches the line.  EVENT is filled. */
gboolean siaga_pattern_matches(const SiagaPatternSet *set, const Pattern *self, const SiagaLine *line,
                               const SiagaTimeContext *context, SiagaEvent *event);
/* Calls VISIT for each capture of the pattern. */
void siaga_pattern_foreach_capture(const Pattern *self, CaptureVisit visit, gpointer user_data);

#endif
