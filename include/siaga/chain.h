/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The chain: loads what a run needs from the data and configuration folders, and takes one line through it. */

#ifndef SIAGA_CHAIN_H_INCLUDED
#define SIAGA_CHAIN_H_INCLUDED

#include <siaga/allow.h>
#include <siaga/correlate.h>
#include <siaga/line.h>
#include <siaga/lists.h>
#include <siaga/lookalike.h>
#include <siaga/normalise.h>
#include <siaga/pattern.h>
#include <siaga/rule.h>
#include <siaga/share.h>
#include <siaga/victim.h>

/* Where to load from and what.  All strings are borrowed for the time of the calls. */
typedef struct
{
  const gchar *data_dir;        /* with fields.yaml, grok/, web/, dns/, auth/, rules/, correlations/, domains/ */
  const gchar *config_dir;      /* with fields.yaml, grok/, patterns.d/, rules.d/, …; need not exist; NULL: none */
  const gchar *const *patterns; /* more pattern files or folders, NULL-terminated; NULL: none */
  const gchar *const *rules;    /* more rule files or folders, likewise */
  gboolean no_default_patterns; /* neither those of DATA_DIR nor those of CONFIG_DIR (macros and fields are) */
  gboolean no_default_rules;
  const gchar *const *tables;         /* more victim tables (CSV), files or folders, likewise */
  gboolean no_default_tables;         /* not those of DATA_DIR */
  const gchar *const *own_domains;    /* names this site serves, NULL-terminated; NULL: none */
  const gchar *const *local_suffixes; /* names below them are no look-alikes, likewise */
  const gchar *lists;             /* file of siaga_list_builder_write; NULL: CONFIG_DIR/domains.lists if it is there */
  const gchar *const *policies;   /* more sharing policies, files or folders, NULL-terminated; NULL: none */
  gboolean no_default_policies;   /* not the examples of DATA_DIR */
  const gchar *const *allowances; /* more files or folders of allowances, likewise */
  guint families;                 /* 1 << SiagaFamily; 0: all */
  gboolean keep_samples;          /* for siagactl test and coverage */
  const gchar *matcher;           /* NULL: the best at hand */
} SiagaChainSpec;

/* The pieces, each usable alone.  Mistakes in files go to DIAG, and what is wrong is left out; NULL only when there is
 * nothing to go on with (no field registry, no sigma.yaml).  The caller owns a reference of each result. */
SiagaFields *siaga_chain_load_fields(const SiagaChainSpec *spec, SiagaDiag *diag);
SiagaPatternSet *siaga_chain_load_patterns(const SiagaChainSpec *spec, const SiagaFields *fields, SiagaDiag *diag);
SiagaRules *siaga_chain_load_rules(const SiagaChainSpec *spec, const SiagaFields *fields, SiagaDiag *diag);
/* RULES are finished. */
SiagaAllow *siaga_chain_load_allow(const SiagaChainSpec *spec, const SiagaRules *rules, SiagaDiag *diag);
SiagaVictims *siaga_chain_load_victims(const SiagaChainSpec *spec, SiagaDiag *diag);
SiagaLookalikes *siaga_chain_load_lookalikes(const SiagaChainSpec *spec, SiagaVictims *victims, SiagaDiag *diag);
SiagaLists *siaga_chain_load_lists(const SiagaChainSpec *spec, SiagaDiag *diag); /* NULL: none, or broken */
SiagaShare *siaga_chain_load_share(const SiagaChainSpec *spec, SiagaDiag *diag); /* never NULL */

/* The databases of CONFIG_DIR/geo; NULL: none. */
SiagaGeo *siaga_chain_load_geo(const SiagaChainSpec *spec, SiagaDiag *diag);

/* What each function above reads in DATA_DIR and CONFIG_DIR, as names of files and folders there, NULL-terminated: for
 * those who watch files.  A name may stand in one of the folders only. */
extern const gchar *const siaga_chain_field_files[];
extern const gchar *const siaga_chain_pattern_files[];
extern const gchar *const siaga_chain_rule_files[]; /* with the allowances */
extern const gchar *const siaga_chain_victim_files[];
extern const gchar *const siaga_chain_lookalike_files[]; /* with the lists */
extern const gchar *const siaga_chain_share_files[];
extern const gchar *const siaga_chain_geo_files[];

/* libpsl's latest list (a psl_ctx_t), loaded once per process and kept; NULL with one warning in DIAG of the first call
 * when the system has none.  Any thread. */
gpointer siaga_public_suffixes(SiagaDiag *diag);
/* The file it came from and its date (seconds since the epoch; 0 unknown), for the log. */
const gchar *siaga_public_suffixes_file(gint64 *date_r);

/* All pieces together.  Immutable once loaded; shared by threads, each with its own event and arena. */
typedef struct
{
  SiagaFields *fields;
  SiagaPatternSet *patterns;
  SiagaRules *rules;           /* NULL: not asked for */
  SiagaAllow *allow;           /* comes with RULES */
  SiagaVictims *victims;       /* NULL: not asked for */
  SiagaLookalikes *lookalikes; /* comes with VICTIMS */
  SiagaSeenNames *seen;        /* the same; what was seen so far */
  SiagaLists *lists;           /* likewise; NULL: none */
  SiagaGeo *geo;               /* NULL: none */
  SiagaNormaliser normaliser;
  SiagaVictimOptions victim_options; /* with the two above */
} SiagaChain;

typedef enum
{
  SIAGA_CHAIN_PARSE = 0, /* fields, patterns, normaliser */
  SIAGA_CHAIN_VICTIMS = 1 << 0,
  SIAGA_CHAIN_RULES = 1 << 1,
} SiagaChainParts;

/* NULL when the registry, or a part asked for, could not be loaded at all. */
SiagaChain *siaga_chain_load(const SiagaChainSpec *spec, guint parts, SiagaDiag *diag);
void siaga_chain_free(SiagaChain *self); /* NULL allowed */

/* Header, pattern and normaliser: fills EVENT; TRUE when a pattern matched.  FILE is the log's path, NULL when there is
 * none.  ARENA holds unwrapped text; it is reset first, and must outlive the event's use, as RAW must. */
gboolean siaga_chain_parse(const SiagaChain *self, const gchar *raw, gsize length, const gchar *file,
                           const SiagaTimeContext *context, SiagaArena *arena, SiagaEvent *event);
/* Behind siaga_chain_parse: the victim, then the rules.  Does nothing to an event that no pattern matched, except that
 * keyword rules see its text; gives back whether a rule matched. */
gboolean siaga_chain_detect(const SiagaChain *self, SiagaEvent *event, SiagaHits *hits);
/* The two halves of it.  The first has a memory (names seen before) and wants events in order; the second has none, and
 * another thread may do it. */
void siaga_chain_classify(const SiagaChain *self, SiagaEvent *event);
gboolean siaga_chain_match(const SiagaChain *self, const SiagaEvent *event, SiagaHits *hits);

/* The last touch on changes on their way out: the victim that a rule names. */
void siaga_chain_complete(const SiagaChain *self, SiagaChanges *changes);

#endif
