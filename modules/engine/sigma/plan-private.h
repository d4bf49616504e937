/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * How a rule set reads events: columns, databases, and the rules that a hit wakes. */

#ifndef SIAGA_PLAN_PRIVATE_H_INCLUDED
#define SIAGA_PLAN_PRIVATE_H_INCLUDED

#include "sigma-private.h"

/* Expressions of one database and the atoms they stand for. */
typedef struct
{
  SiagaMatcher *matcher;
  GPtrArray *building; /* of GArray of guint32: atoms by expression */
  guint32 *first;      /* expression -> index into atoms; one more at the end */
  guint32 *atoms;
  guint32 id;    /* of no other scan of this process */
  gboolean late; /* of one late atom: asked seldom, and not remembered */
} Scan;

/* Whole values need no scan: a hash table finds them. */
typedef struct
{
  guint32 hash;
  guint32 atom;
  const SiagaNeedle *needle; /* NULL: the slot is free */
} Exact;

typedef struct
{
  guint32 column;
  SiagaColumn reads;     /* a copy of the column's */
  guint64 sources;       /* whose rules ask for it */
  gint twin;             /* column that often has the same text; -1: none */
  gint container;        /* column whose text often ends with this one; -1: none */
  Scan all;              /* always scanned */
  Scan unlike;           /* only when the twin's text differs: the twin has these expressions too */
  Scan apart;            /* only when it is neither the twin's text nor the container's end */
  GArray *exact_needles; /* of guint32: atoms, while building */
  Exact *exact;
  guint32 exact_mask;
  guint64 exact_lengths; /* a bit for each that a value has; the last for all longer ones */
} ColumnPlan;

/* Most texts that rules name only matter when something else was found: the filters of a rule, its second selection.
 * They are late: nobody looks for them until the condition of a rule that was woken cannot be settled without, and then
 * for each by itself. */
typedef struct
{
  GArray *columns; /* of ColumnPlan: what wakes rules, and whole values */
  GArray **late;   /* by atom, of ColumnPlan; NULL: it is not late here */
  GArray *always;  /* of guint: rules without a trigger */
  guint64 sources; /* that have rules */
  guint64 keyed;   /* of those, which read keys of the line */
} FamilyPlan;

typedef enum
{
  SIAGA_STEP_BIT,   /* a text that was found */
  SIAGA_STEP_RANGE, /* one of the texts up to LAST was */
  SIAGA_STEP_ATOM,  /* another question */
  SIAGA_STEP_ALL,   /* of the steps up to END */
  SIAGA_STEP_ANY,
  SIAGA_STEP_NOT,
} SiagaStepKind;

/* A condition, or a part of one. */
typedef struct
{
  guint8 kind;
  gboolean late; /* of BIT and RANGE */
  guint32 atom;
  guint32 end; /* the step behind its parts */
  guint32 last;
} SiagaStep;

typedef struct
{
  guint64 source; /* its bit; 0: the rule never matches */
  guint32 first;  /* step */
} SiagaJudge;

struct _SiagaPlan
{
  GArray *steps;      /* of SiagaStep */
  SiagaJudge *judges; /* by rule */
  FamilyPlan families[SIAGA_FAMILIES];
  guint32 *trigger_first; /* atom -> index into triggers; one more at the end */
  guint32 *triggers;      /* rules */
  guint64 *late;          /* a bit per atom */
  guint atoms, atom_words, rule_words, hit_words, columns;
};

/* The same for letters that are the same but for their case. */
static inline guint32
siaga_exact_hash(const gchar *text, gsize length)
{
  guint32 hash = 2166136261u;
  for (gsize i = 0; i < length; i++)
    hash = (hash ^ ((guchar) text[i] | 0x20)) * 16777619u;
  return hash;
}

static inline guint64
siaga_length_bit(gsize length)
{
  return G_GUINT64_CONSTANT(1) << MIN(length, 63);
}

static inline gboolean
siaga_plan_is_late(const SiagaPlan *self, guint32 atom)
{
  return self->late[atom / 64] >> (atom % 64) & 1;
}

/* A value as a whole, which is looked up. */
static inline gboolean
siaga_needle_is_whole(const SiagaNeedle *needle)
{
  const guint whole = SIAGA_MATCH_LITERAL | SIAGA_MATCH_ANCHORED | SIAGA_MATCH_AT_END;
  return (needle->flags & whole) == whole;
}

/* How often the text of ATOM is met, roughly: the lower, the better a trigger.  Load time only. */
guint siaga_plan_cost(const SiagaRules *rules, const SiagaAtom *atom);

/* Which rules wait for which atoms, and which for none; which atoms are late. */
void siaga_plan_collect_triggers(SiagaPlan *self, const SiagaRules *rules);

void siaga_plan_collect_steps(SiagaPlan *self, const SiagaRules *rules);

/* Asks for the late atoms FIRST to LAST, until one is there. */
void siaga_plan_ask(SiagaMatch *match, guint32 first, guint32 last);

/* Whether RULE is of one of SOURCES and its condition holds.  Asks for late atoms when that cannot be told without. */
gboolean siaga_plan_judge(const SiagaPlan *self, SiagaMatch *match, guint rule, guint64 sources);

#endif
