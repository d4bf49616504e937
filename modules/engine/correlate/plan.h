/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The plan: a rule set compiled for the correlator.  Which rule feeds which window, under which key, with which values.
 */

#ifndef SIAGA_CORRELATE_PLAN_H_INCLUDED
#define SIAGA_CORRELATE_PLAN_H_INCLUDED

#include "view.h"

#include <siaga/stats.h>

#define SIAGA_TRACKED_MAX 64 /* fields a record may carry */
#define SIAGA_NOT_TRACKED 0xff

typedef enum
{
  SIAGA_WK_COUNT,    /* the last N times */
  SIAGA_WK_VALUES,   /* the most recent time of each of the last N distinct values */
  SIAGA_WK_NUMBERS,  /* times and numbers of a whole window: sum, average, percentile */
  SIAGA_WK_TEMPORAL, /* times and steps, any order */
  SIAGA_WK_ORDERED,  /* times and steps, in order */
  SIAGA_WK_STAGES,   /* incidents along the kill chain: campaigns */
  SIAGA_WK_ONCE,     /* decided at the window's end: upper bounds, ranges, absence */
} SiagaWindowKind;

/* What an incident that has parts is about; one is part of a broader one only. */
typedef enum
{
  SIAGA_BREADTH_NONE,      /* it has no parts */
  SIAGA_BREADTH_OF_SOURCE, /* what a rule counts of one source */
  SIAGA_BREADTH_ATTACKER,  /* an attacker's campaign */
  SIAGA_BREADTH_ON_SITE,   /* what a rule counts at one victim */
  SIAGA_BREADTH_VICTIM,    /* a campaign against a victim */
  SIAGA_BREADTH_WAVE,      /* what a rule counts over many */
} SiagaBreadth;

/* A compiled rule that watches events: a correlation, or a detection rule that raises incidents itself. */
typedef struct
{
  guint position; /* in the plan */
  guint rule;     /* index in the rule set */
  const SiagaRule *meta;
  const SiagaCorrelation *correlation; /* NULL: a single detection */
  SiagaWindowKind kind;
  SiagaTime timespan;
  SiagaTime echo;        /* COUNT: what another program says so soon is of the same try; 0: everything counts */
  SiagaTime apart;       /* COUNT: a further event so soon is the same one; 0: everything counts */
  guint32 need;          /* COUNT, VALUES: how many make it true */
  gboolean shapes;       /* STAGES: incidents of two rules make it true whatever their stages */
  guint joint;           /* STAGES: so many of one rule, each of a key of its own, do so too; 0: they do not */
  gboolean ended;        /* decided at the end of a window, by the bounds or by a term with "not" */
  gboolean silent;       /* feeds other correlations only */
  gboolean outer;        /* some correlation refers to it */
  gboolean parts;        /* it counts what raises incidents: they are parts of its own */
  SiagaBreadth breadth;  /* of an incident that has parts */
  gboolean recurs;       /* a temporal correlation refers to it: it occurs again with each event of its open incident */
  guint64 outer_columns; /* bits: tracked columns that those correlations group by */
  gboolean attacked;     /* a correlation whose victims are attacked, not imitated */
  gboolean missing_is_empty; /* single detections: a group field may be absent */
  gboolean mild;             /* what reads as people's own failures has a milder level; see mild.c */
  guint never_mild;          /* index of the rule whose events do not; G_MAXUINT: none */
  guint friends;             /* watch of a value count: whom it knows is no stranger; G_MAXUINT: all count */
  guint beside;         /* watch of the same group that counts many, beside whom few are nothing; G_MAXUINT: none */
  guint follows;        /* watch of the same group that remembers texts; G_MAXUINT: none */
  guint8 follow_column; /* tracked position of what it counts */
  guint8 friend_column; /* tracked position of what it groups by */
  guint programs; /* watch of the friends' group that shows who is a program with an old password; G_MAXUINT: none */
  gboolean newcomers;  /* FRIENDS has first-seen times: what is new there counts, nothing else; */
  guint8 new_column;   /* tracked position of what it counts */
  gboolean wide;       /* VALUES of at most SIAGA_MANY_VALUES: remembers so many more than it needs */
  gboolean first_seen; /* VALUES: the time of a value is that of its first sight */
  guint forgiven;      /* VALUES: watch of the same group and field: what it sees counts no longer; G_MAXUINT: none */
  guint forgives;      /* the first watch that this one is that of, G_MAXUINT: none; and the next */
  guint next_forgiven;
  guint entered;      /* watch of the same group that counts pages shown to those who are in; G_MAXUINT: none */
  guint varied_count; /* fields whose many texts are of a crowd, … */
  guint8 varied[SIAGA_VARIED_MAX]; /* … by their tracked positions */
  guint crowd;                     /* watch of the same group that tells of an office's logins; G_MAXUINT: none */
  guint let_in;                    /* likewise, beside REFUSED; G_MAXUINT: that is CROWD */
  guint refused; /* watch of the same group that counts accounts refused and not forgiven; G_MAXUINT: none */
  guint group;
  guint32 checksum; /* of all that decides what the window holds */
  SiagaCounter matches, incidents, missing_field, evicted;
} SiagaWatch;

/* A set of group-by names; watches with the same set share keys. */
typedef struct
{
  guint count;
  const SiagaField *fields[SIAGA_GROUP_MAX]; /* for an alias: the first rule's field */
  gchar *names;                              /* joined with blanks: its identity over restarts */
  guint32 hash;
  SiagaTime span; /* the longest memory of its rules */
} SiagaGroup;

/* How one rule's events reach one watch. */
typedef struct
{
  SiagaWatch *watch;
  guint32 step; /* bits of the positions in the correlation's rules */
  guint8 group_count, value_count;
  guint8 site; /* bits: group-by fields, of a site or host, where the host or nothing stands in for a missing one */
  guint8 columns[SIAGA_GROUP_MAX]; /* tracked positions of the group-by fields */
  guint8 values[SIAGA_GROUP_MAX];  /* tracked positions of the counted fields */
} SiagaFeed;

typedef struct
{
  SiagaRuleView view; /* records are the plan's own copy */
  const SiagaRule **records;
  GHashTable *rules_by_id; /* index + 1 in RECORDS */
  GPtrArray *watches;      /* of SiagaWatch */
  GArray *groups;          /* of SiagaGroup */
  GArray *feeds;           /* of SiagaFeed, those of one rule together, by group */
  guint8 *told;      /* by rule index: no window counts it, yet the events that are counted say whether it matched */
  guint *first_feed; /* by rule index, then what every incident feeds, what a silent source does; count + 3 entries */
  guint tracked_count;
  guint64 keyed;        /* bits: tracked fields that keys are made of */
  guint64 of_imitation; /* bits: those that say whom a name imitates */
  SiagaFieldId tracked[SIAGA_TRACKED_MAX];
  guint8 tracked_of[SIAGA_FIELD_MAX]; /* SIAGA_NOT_TRACKED: not carried */
} SiagaPlan;

SiagaPlan *siaga_plan_new(const SiagaRuleView *view, SiagaLevel alert_level);
void siaga_plan_free(SiagaPlan *self);

/* What a plan before this one, or a state on disk, had is looked for by what it is; SIAGA_GONE: it is not there. */
#define SIAGA_GONE 0xffff
guint16 siaga_plan_find_watch(const SiagaPlan *self, const gchar *id, guint32 checksum, gboolean correlation);
guint16 siaga_plan_find_group(const SiagaPlan *self, const gchar *names);
guint16 siaga_plan_find_rule(const SiagaPlan *self, const gchar *id);

static inline SiagaWatch *
siaga_plan_watch(const SiagaPlan *self, guint position)
{
  return self->watches->pdata[position];
}

/* Whether events of RULE reach any window. */
static inline gboolean
siaga_plan_wants(const SiagaPlan *self, guint rule)
{
  return rule < self->view.count && self->first_feed[rule + 1] > self->first_feed[rule];
}

#endif
