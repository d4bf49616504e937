/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * An expression as a short program of steps: runs of bytes are read at once, and where the next byte decides, nothing
 * is tried in vain.  It takes the same way through the text as PCRE2, so that groups get the same text; tests compare
 * the two.  What an expression may spend is counted in bytes and steps back, not in time. */

#ifndef SIAGA_PROGRAM_H_INCLUDED
#define SIAGA_PROGRAM_H_INCLUDED

#include <glib.h>

/* Immutable; any thread. */
typedef struct _Program Program;

#define PROGRAM_UNSET G_MAXUINT32

/* What a group took: offsets into the text, or PROGRAM_UNSET. */
typedef struct
{
  guint32 start, end;
} Span;

typedef struct _Step Step;

/* Where to go back to. */
typedef struct
{
  const gchar *p;
  union
  {
    const gchar *least; /* of runs */
    Span span;          /* of groups: what it had */
  };
  const Step *step;
  guint8 kind;
  guint8 mask; /* the alternatives that are left, or the group */
} Choice;

#define PROGRAM_CHOICES 4096

/* What a thread needs to run programs; large. */
typedef struct
{
  gint64 work; /* that the line may still cost */
  gboolean limited;
  const Program *program;
  const gchar *text, *end;
  Span *groups;
  guint count;
  guint trials; /* parts that may fail without the whole failing */
  Choice choices[PROGRAM_CHOICES];
} ProgramRun;

typedef enum
{
  PROGRAM_NO,
  PROGRAM_YES,
  PROGRAM_LIMIT, /* the work is used up, or too many choices were open */
} ProgramResult;

/* REGEX has all macros expanded; groups are named g0 to gN.  NULL for what only PCRE2 can do. */
Program *siaga_program_new(const gchar *regex, gsize length, gboolean caseless);
void siaga_program_free(Program *self); /* NULL allowed */

/* The bytes that a match of REGEX can begin with, as bits; FALSE: that is not known. */
gboolean siaga_program_first_bytes(const gchar *regex, gsize length, gboolean caseless, guint64 first_r[4]);

/* Anchored at TEXT (at most 4 GiB).  GROUPS has COUNT places and is filled on PROGRAM_YES.  RUN->work is what this may
 * cost, and less afterwards; the rest of RUN is the program's. */
ProgramResult siaga_program_run(const Program *self, ProgramRun *run, const gchar *text, gsize length, Span *groups,
                                guint count);

/* --- of program.c and program-run.c alone */

typedef enum
{
  STEP_ACCEPT,
  STEP_TEXT,   /* COUNT bytes at TEXT */
  STEP_BYTES,  /* COUNT bytes, each of a set */
  STEP_SET,    /* one byte of SET */
  STEP_RUN,    /* MINIMUM to MAXIMUM bytes of SET, no fewer on the way back */
  STEP_GREEDY, /* the same, but fewer may do */
  STEP_LAZY,   /* as few as do */
  STEP_FORK,   /* BODY, which can begin with SET, or else the next step */
  STEP_CHOICE, /* one of COUNT targets from TARGET on; VIABLE says which by the next byte */
  STEP_OPEN,   /* a group begins */
  STEP_CLOSE,
  STEP_ATOMIC, /* BODY up to its ACCEPT, and no way back into it */
  STEP_LOOP,   /* BODY as often as it goes, at most MAXIMUM times, likewise */
  STEP_AHEAD,  /* what BODY wants; with COUNT 1 it is one byte of SET */
  STEP_NOT_AHEAD,
  STEP_BEHIND, /* COUNT pairs of length and target from TARGET on */
  STEP_NOT_BEHIND,
  STEP_START,
  STEP_END,
  STEP_WORD,
  STEP_NOT_WORD,
} StepKind;

/* Classes of bytes as bits; the last bit is the text's end. */
typedef guint64 Classes;
#define CLASSES_MAX 63
#define CLASS_END (G_GUINT64_CONSTANT(1) << CLASSES_MAX)
#define CLASSES_ALL (~G_GUINT64_CONSTANT(0))
#define CHOICES_MAX 8
#define NO_GROUP 0xff
#define STOPS_MAX 3

/* Numbers while the program is made. */
typedef union
{
  guintptr number;
  const Step *step;
} StepLink;

#define STEP_ALIGN 64 /* a line of the cache */

struct _Step
{
  guint8 kind; /* StepKind */
  guint8 count;
  guint8 group;      /* of runs: the group that is the run, or NO_GROUP */
  guint8 stop_count; /* of runs: so few bytes end it; 0: too many, or unknown */
  guint8 stops[STOPS_MAX];
  guint8 mask; /* of SET in TABLE */
  StepLink next;
  StepLink body;
  guint16 target; /* first of them in the program's, or of the text, or of the sets */
  guint16 viable;
  guint32 minimum, maximum;
  gint16 only;   /* the only byte that the next step can begin with; -1: there are more, or the end */
  Classes set;   /* of steps with a body: what that can begin with */
  Classes after; /* what the next step can begin with */
  union
  {
    guintptr number;
    const guint8 *bytes; /* 256, for eight sets */
  } table;
};

G_STATIC_ASSERT(sizeof(Step) <= STEP_ALIGN);

struct _Program
{
  guint8 classes[256];
  Classes first;
  Step *steps;
  const Step *start;
  guint8 *tables;
  Classes *sets;
  guint16 *targets;
  guint8 *viable; /* 64 places each: which targets can begin with a class */
  gchar *text;
};

#endif
