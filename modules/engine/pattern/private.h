/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the files of engine/pattern share. */

#ifndef SIAGA_PATTERN_PRIVATE_H_INCLUDED
#define SIAGA_PATTERN_PRIVATE_H_INCLUDED

#include <siaga/pattern.h>
#include <siaga/yaml.h>

#include "grok.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#define STAT_BANKS 16

typedef enum
{
  FORMAT_GROK,
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
} Sample;

/* Which group goes into which field. */
typedef struct
{
  SiagaGrokCapture to;
  SiagaFieldType type;
  guint16 group;
  gboolean list;
  gboolean optional;
} Capture;

typedef struct _PatternFile PatternFile;

typedef struct
{
  PatternFile *file;
  guint index; /* in the set, in the order tried */
  const gchar *id;
  const gchar *label; /* dataset/id */
  gsize label_length;
  SiagaPlace place;
  Format format;
  pcre2_code *code;
  gboolean jit;
  guint capture_count;
  Capture *captures;
  guint constant_count;
  Constant *constants;
  GPtrArray *tried_after; /* of const gchar*; NULL: none */
  GPtrArray *samples;     /* of Sample* */
  GPtrArray *rejects;     /* of Sample* */
} Pattern;

struct _PatternFile
{
  SiagaYamlFile *yaml; /* kept when samples are */
  const gchar *path;
  const gchar *dataset;
  gsize dataset_length;
  SiagaPlace place;
  SiagaFamily family;
  gboolean local;
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
  gint references;
  SiagaFields *fields;
  SiagaPatternOptions options;
  GStringChunk *text;
  SiagaGrok *grok;
  GPtrArray *files;    /* of PatternFile* */
  GPtrArray *patterns; /* of Pattern*, in the order tried; filled by finish */
  PatternStats *stats[STAT_BANKS];
  guint loads;
  gboolean timing;
};

/* load.c */
PatternFile *siaga_pattern_file_new(SiagaPatternSet *set, SiagaYamlFile *yaml, const SiagaYaml *document,
                                    gboolean local, gboolean *ok, SiagaDiag *diag);
void siaga_pattern_file_free(PatternFile *self);

/* match.c */
typedef enum
{
  TRY_NO,
  TRY_YES,
  TRY_LIMIT,
} TryResult;

TryResult siaga_pattern_try(const Pattern *self, const gchar *text, gsize length);
/* Fills EVENT from the last try, which said yes, on this thread. */
void siaga_pattern_extract(const SiagaPatternSet *set, const Pattern *self, const gchar *text,
                           const SiagaTimeContext *context, SiagaEvent *event);
PatternStats *siaga_pattern_stats(const SiagaPatternSet *set, const Pattern *self);

/* values.c: puts TEXT into the field; FALSE when it is no value of the field's type. */
gboolean siaga_pattern_store(const Capture *to, const gchar *text, gsize length, const SiagaTimeContext *context,
                             SiagaEvent *event);
gboolean siaga_is_ip(const gchar *text, gsize length, gsize *without_zone_r);

#endif
