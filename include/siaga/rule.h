/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Sigma rules: detections over one event, correlations over many. */

#ifndef SIAGA_RULE_H_INCLUDED
#define SIAGA_RULE_H_INCLUDED

#include <siaga/diag.h>
#include <siaga/event.h>
#include <siaga/yaml.h>

typedef enum
{
  SIAGA_LEVEL_NONE,
  SIAGA_LEVEL_INFORMATIONAL,
  SIAGA_LEVEL_LOW,
  SIAGA_LEVEL_MEDIUM,
  SIAGA_LEVEL_HIGH,
  SIAGA_LEVEL_CRITICAL,
} SiagaLevel;

/* From SIAGA_LEVEL_INFORMATIONAL on; NULL behind the last. */
extern const gchar *const siaga_level_words[];
const gchar *siaga_level_name(SiagaLevel level);   /* "none" */
SiagaLevel siaga_level_by_name(const gchar *name); /* SIAGA_LEVEL_NONE when unknown */

#define SIAGA_VARIED_MAX 2

/* siaga extension of counts: a milder level while all that is known reads as one person who mistypes, one program with
 * an old password, or an office behind one address. */
typedef struct
{
  SiagaLevel level;     /* SIAGA_LEVEL_NONE: no such difference is made */
  guint below;          /* fewer events than this are mild; 0: none are */
  guint typed;          /* seconds: these came no faster than one so often, as people type; 0: whatever their pace */
  guint sitting;        /* beyond `below` three more a minute, for two hours and up to so many in all; 0: no more */
  guint pace;           /* seconds: a program's steady pace is no faster; 0: 45, and an account must be named */
  const gchar *unless;  /* id or name of a detection rule: events that match it too are never mild; NULL: none */
  const gchar *guessed; /* instead of `unless`: such events are of nobody who mistypes, but may be of programs or of a
                         * crowd, however many these are; NULL: none */
  const gchar *crowd;  /* id or name of a value count of successes with the same group-by: while it holds, failures that
                        * are few beside them are mild; NULL: none */
  const gchar *let_in; /* id or name of a value count of what a site lets in, with the same group-by: takes the place of
                        * `crowd` beside `refused` where the site says openly whom it refuses; NULL: none */
  const gchar *refused; /* id or name of a value count of accounts that were refused and not forgiven, with the same
                         * group-by: while it does not hold, what fails beside `crowd` is of people; NULL: none */
  const gchar *entered; /* id or name of an event count of pages that only those see who are let in, with the same
                         * group-by: while these are three for four events, people get in; NULL: none */
  const gchar *const *varied; /* of an event count: fields, at most two; events of many texts of one of them are of a
                               * crowd behind one address, unless they come five times as fast as the rule asks for;
                               * NULL-terminated, NULL: they are not */
} SiagaMild;

/* What detection and correlation rules have in common; owned by the rule set, immutable. */
typedef struct
{
  guint index; /* in the rule set; detections and correlations count together */
  SiagaPlace place;
  const gchar *id;   /* UUID as written; made from the title (UUIDv5) when the rule has none */
  const gchar *name; /* NULL when the rule has none */
  const gchar *title;
  const gchar *description;       /* NULL allowed */
  const gchar *status;            /* NULL allowed */
  const gchar *const *techniques; /* "T1110.003", NULL-terminated, from the attack.tNNNN tags */
  const gchar *const *tactics;    /* "credential-access", NULL-terminated */
  const gchar *const *tags;       /* as written */
  const gchar *const *falsepositives;
  SiagaLevel level;
  gboolean correlation;
  gboolean generate;     /* `generate: true` */
  gboolean referenced;   /* a correlation counts it: alone it raises nothing unless generate */
  gboolean simulate;     /* overrides: incidents are raised with the tag `simulated` and never shared */
  gboolean count_only;   /* siaga extension: correlations count it; siagactl scan shows no event for it alone */
  gboolean crowd;        /* siaga extension: the sources of its incidents are a crowd that is not accused */
  const gchar *victim;   /* siaga extension key: which field names the victim, NULL for the default */
  const gchar *category; /* siaga extension: incident category (brute-force, web-attack, dns-flood …), NULL allowed */
  SiagaMild mild;
  const gchar *beside;    /* siaga extension of value counts: id or name of another with the same group-by that asks for
                           * many; while so many come in the time of fewer than this rule's number it raises nothing */
  const gchar *follows;   /* siaga extension of counts: id or name of a value count with the same group-by; an event
                           * counts   when that lately saw its text with the number before; NULL: all count */
  const gchar *strangers; /* siaga extension of correlations: id or name of a value count; what comes from those whom it
                           * knows is not counted; NULL: none */
  const gchar *programs;  /* siaga extension beside `strangers`: id or name of an event count with the same group-by as
                           * that, and `refused`; what it shows to be a program with an old password counts, but opens
                           * no incident and is no source of one; NULL: none is */
  const gchar *newcomers; /* siaga extension of correlations: id or name of a value count with `first-seen`; what comes
                           * from a value that it has known for less than the timespan counts, where it has known
                           * another for longer; NULL: all counts */
  const gchar *forgiven;  /* siaga extension of value counts: id or name of another of the same group-by and field; a
                           * value that it sees counts no longer; NULL: none */
  gboolean first_seen;    /* siaga extension of value counts: a value has the time when it was first seen */
  guint
      apart;  /* siaga extension of event counts: seconds in which a further event of the key is the same; 0: none is */
  guint echo; /* siaga extension of counts: seconds in which another program tells of the same try; 0: none does */
  const gchar *const *related; /* "type: id", NULL-terminated */
  gboolean disabled;     /* by an override, or replaced by a later rule of the same id: never matches, finds, fires */
  guint32 version;       /* checksum of what the rule does: differs when its logic changed */
  const gchar *revision; /* "2026-11-21+1f3a9c02": the date it carries, and VERSION; NULL for built-in ones */
} SiagaRule;

/* Immutable after finish; shared by all threads.  Reference counted. */
typedef struct _SiagaRules SiagaRules;

typedef struct
{
  const gchar *mapping;  /* patterns/sigma.yaml: log sources and fields; required */
  const gchar *matcher;  /* NULL, "hs", "pcre2" */
  gboolean keep_samples; /* for siagactl test */
} SiagaRuleOptions;

SiagaRules *siaga_rules_new(const SiagaFields *fields, const SiagaRuleOptions *options, SiagaDiag *diag);
SiagaRules *siaga_rules_ref(SiagaRules *self);
void siaga_rules_unref(SiagaRules *self); /* NULL allowed */

/* PATH is a file or a folder (*.yml and *.yaml below it, in name order).  Bad rules are reported, left out, counted;
 * FALSE when any was.  Rules of foreign log sources become notes.  Filters, placeholders and overrides are files too:
 *   overrides: [ { rule: id, name or title, level: low, disable: true, simulate: true } ]
 *   placeholders: { name: [value, …] }     for %name% in values with the modifier expand
 * A rule whose id an earlier file has takes that rule's place (the earlier one is marked disabled). */
gboolean siaga_rules_load(SiagaRules *self, const gchar *path, SiagaDiag *diag);
gboolean siaga_rules_load_overrides(SiagaRules *self, const gchar *path, SiagaDiag *diag);
gboolean siaga_rules_load_placeholders(SiagaRules *self, const gchar *path, SiagaDiag *diag);
/* Resolves references and filters, compiles the matchers.  Call once, after the last load. */
gboolean siaga_rules_finish(SiagaRules *self, SiagaDiag *diag);

guint siaga_rules_size(const SiagaRules *self);
const SiagaRule *siaga_rules_get(const SiagaRules *self, guint index);
const SiagaRule *siaga_rules_find(const SiagaRules *self, const gchar *id_or_name);

/* Why a rule is not found. */
enum
{
  SIAGA_RULE_UNKNOWN = -1,
  SIAGA_RULE_SKIPPED = -2, /* its log source or status says so */
  SIAGA_RULE_FAILED = -3,  /* has errors */
  SIAGA_RULE_DISABLED = -4,
};

/* Why it finds none: SIAGA_RULE_UNKNOWN and so on. */
gint siaga_rules_absence(const SiagaRules *self, const gchar *id_or_name);
guint siaga_rules_skipped(const SiagaRules *self);     /* of foreign log sources */
guint siaga_rules_unsupported(const SiagaRules *self); /* left out because their status says so */

/* The detection rules that match, ascending, at most SIAGA_HITS_MAX.  Any thread. */
#define SIAGA_HITS_MAX 512
typedef struct
{
  guint count;
  guint16 rule[SIAGA_HITS_MAX]; /* indices */
  gboolean overflow;
} SiagaHits;

gboolean siaga_rules_match(const SiagaRules *self, const SiagaEvent *event, SiagaHits *hits);

/* What rules cost beyond the scan that all share.  One thread; the rules outlive it. */
typedef struct
{
  guint64 judged; /* a text of it was found, or it waits for none: its condition was looked at */
  guint64 matched;
  guint64 asked;      /* confirmations of its regexes by PCRE2; one that rules share counts for each of them */
  gint64 nanoseconds; /* of both */
} SiagaRuleCost;
typedef struct _SiagaRuleCosts SiagaRuleCosts;

SiagaRuleCosts *siaga_rule_costs_new(const SiagaRules *rules);
void siaga_rule_costs_free(SiagaRuleCosts *self);                         /* NULL allowed */
void siaga_rule_costs_add(SiagaRuleCosts *self, const SiagaEvent *event); /* matches EVENT, and measures */
const SiagaRuleCost *siaga_rule_costs_get(const SiagaRuleCosts *self, guint rule);

/* Puts rule.id, rule.name, rule.level and threat.technique.id of the hits on the event; where there is no room for all,
 * the gravest, and the event is marked truncated. */
void siaga_rules_tag_event(const SiagaRules *self, const SiagaHits *hits, SiagaEvent *event);

/* The rules, ascending, whose own condition EVENT fulfils, but which a filter document keeps quiet.  At most MAX go to
 * OUT. */
guint siaga_rules_excused(const SiagaRules *self, const SiagaEvent *event, guint16 *out, guint max);

/* Explains in words whether RULE matches EVENT: one line per search identifier and per condition part, and the filter
 * that excuses it. */
void siaga_rules_explain(const SiagaRules *self, const SiagaEvent *event, guint rule, GString *out);

/* The rules that correlation RULE refers to, ascending, each once; 0 for a detection.  At most MAX go to OUT. */
guint siaga_rules_references(const SiagaRules *self, guint rule, guint16 *out, guint max);

/* The correlation part of a rule set, in correlate.h. */
typedef struct _SiagaCorrelations SiagaCorrelations;
const SiagaCorrelations *siaga_rules_correlations(const SiagaRules *self);

/* Samples of a rule, kept when asked for: raw log lines under the extension key or sibling file.  GIVEN are names and
 * values of fields in turns, NULL at the end: what the lists and memories of a site would add; NULL: nothing. */
typedef struct
{
  SiagaPlace place;
  const gchar *line;
  gboolean reject;
  const gchar *const *given;
} SiagaRuleSample;
const SiagaRuleSample *siaga_rules_samples(const SiagaRules *self, guint rule, guint *count_r);

#endif
