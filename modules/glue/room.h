/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The room: a module's parser as a table of options and a constructor.  One grammar reads them all. */

#ifndef SIAGA_GLUE_ROOM_H_INCLUDED
#define SIAGA_GLUE_ROOM_H_INCLUDED

#include "glue/compat.h"

#include <siaga/diag.h>

#include <cfg-parser.h>
#include <plugin.h>

typedef enum
{
  SIAGA_OPTION_TEXT,     /* gchar*, NULL when not given */
  SIAGA_OPTION_LIST,     /* GPtrArray* of gchar*, NULL when not given; more of the same option append */
  SIAGA_OPTION_YESNO,    /* gboolean */
  SIAGA_OPTION_FLAG,     /* gboolean, set by the bare word or by name(yes) */
  SIAGA_OPTION_INTEGER,  /* gint64 */
  SIAGA_OPTION_SIZE,     /* gint64, bytes: 1048576, 160M (decimal), "160MiB" */
  SIAGA_OPTION_DURATION, /* gint64, microseconds: 10 is seconds; 0.5, "500ms", "10m", "24h", "7d" */
  SIAGA_OPTION_WORD,     /* guint, index into WORDS */
} SiagaOptionKind;

typedef struct
{
  const gchar *name; /* as the manual writes it, with dashes */
  SiagaOptionKind kind;
  gsize offset;              /* into the room's options struct */
  const gchar *const *words; /* of SIAGA_OPTION_WORD, NULL-terminated */
  gint64 minimum, maximum;   /* of numbers; both 0: no limit but not negative */
  /* Says whether one text is acceptable; explains in ERROR what was expected. NULL: any text. */
  gboolean (*check)(const gchar *text, GString *error);
  gboolean incidental; /* says nothing of what the parser does: siaga_options_describe leaves it out */
} SiagaOption;

/* What the user wrote, filled in by the grammar; immutable and shared by clones afterwards.  The room's options struct
 * begins with this one. */
typedef struct
{
  const SiagaOption *table;
  gchar *location; /* file:line:column of the parser in the configuration */
} SiagaRoomOptions;

typedef struct
{
  const gchar *name;          /* the parser's keyword, "weblog-parser" */
  const SiagaOption *options; /* ends with a NULL name */
  gsize options_size;
  void (*set_defaults)(gpointer options); /* NULL: all zero */
  /* Loads what the options name.  Takes over the reference on OPTIONS, also when it fails.  NULL with errors in DIAG:
   * the configuration is refused. */
  LogParser *(*construct)(GlobalConfig *cfg, gpointer options, SiagaDiag *diag);
} SiagaRoom;

/* Each module defines its own. */
extern const SiagaRoom siaga_room;
/* For the Plugin table of the module. */
extern CfgParser siaga_room_parser;

gpointer siaga_options_ref(gpointer options);
void siaga_options_unref(gpointer options); /* NULL allowed */
/* The options that differ from the defaults, in the table's order, as text: equal options give equal text.  Incidental
 * ones are left out. */
void siaga_options_describe(const SiagaRoom *room, gconstpointer options, GString *out);

/* A LIST as a NULL-terminated vector whose texts stay the list's; NULL when it is empty.  Free the vector alone. */
const gchar *const *siaga_option_strings(const GPtrArray *list);

/* Writes each message to the daemon's log; FALSE when there was an error. */
gboolean siaga_report(const SiagaDiag *diag);

/* The rest is for the grammar; main thread. */
typedef struct
{
  gchar *text; /* NULL: a number */
  gboolean real;
  gint64 integer;
  gdouble number;
} SiagaOptionValue;

SiagaOptionValue *siaga_option_value_text(const gchar *text);
SiagaOptionValue *siaga_option_value_integer(gint64 number);
SiagaOptionValue *siaga_option_value_real(gdouble number);
void siaga_option_value_free(gpointer value);

void siaga_room_begin(const gchar *location);
/* VALUES is a GPtrArray of SiagaOptionValue (NULL: the bare word), taken over.  NULL, or what is wrong: static text. */
const gchar *siaga_room_option(const gchar *name, GPtrArray *values);
LogParser *siaga_room_finish(GlobalConfig *cfg, const gchar **error_r);

#endif
