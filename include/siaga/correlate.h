/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Correlation: windows in event time, incidents with a life, state that survives. */

#ifndef SIAGA_CORRELATE_H_INCLUDED
#define SIAGA_CORRELATE_H_INCLUDED

#include <siaga/incident.h>
#include <siaga/rule.h>
#include <siaga/time.h>

/* Correlation rules as read from `correlation:` documents.  The rule reader calls these; a document is owned by its
 * file, which outlives the call only. */
SiagaCorrelations *siaga_correlations_new(const SiagaFields *fields);
void siaga_correlations_free(SiagaCorrelations *self); /* NULL allowed */
/* FIND is asked for the field that a name means which the registry does not have; SIAGA_FIELD_NONE: nobody's.  NAMES
 * outlives the last call of add. */
typedef SiagaFieldId (*SiagaFieldFinder)(gconstpointer names, const gchar *name);
void siaga_correlations_set_names(SiagaCorrelations *self, SiagaFieldFinder find, gconstpointer names);
/* DOCUMENT is the whole YAML document of rule INDEX.  FALSE with errors in DIAG: the rule is left out. */
gboolean siaga_correlations_add(SiagaCorrelations *self, guint index, const SiagaYaml *document, SiagaDiag *diag);
/* Resolves rule references by id or name through RULES; called from siaga_rules_finish.  A correlation whose
 * reference cannot be resolved is reported and left out. MARK is called for each referenced rule. */
typedef void (*SiagaReferenceMark)(SiagaRules *rules, guint index);
gboolean siaga_correlations_resolve(SiagaCorrelations *self, SiagaRules *rules, SiagaReferenceMark mark,
                                    SiagaDiag *diag);

typedef struct
{
  guint64 memory_limit;      /* bytes; default 120 MiB */
  SiagaTime reorder_window;  /* default 2 s; 0 turns sorting off */
  SiagaTime max_lateness;    /* default 10 min */
  SiagaTime max_open;        /* default 24 h */
  SiagaTime update_interval; /* default 5 min */
  SiagaLevel alert_level;    /* default high */
  guint shards;              /* locks: 1 to 256, a power of two is taken; default 16 */
  const gchar *state_dir;    /* NULL: no persistence */
  const gchar *state_name;   /* file name stem inside state_dir */
  gboolean idle_clock;       /* daemon: TRUE; replay: FALSE */
  const gchar
      *vital_sectors;      /* parted by commas: incidents there must be reported; default those of BSSN Reg. 1/2024 */
  SiagaTime report_within; /* default 24 h from the incident's opening; 0: no deadline */
} SiagaCorrelatorOptions;

void siaga_correlator_options_init(SiagaCorrelatorOptions *self); /* the defaults above */

typedef struct _SiagaCorrelator SiagaCorrelator;

/* Takes a reference on RULES.  Does not touch the disk.  NULL never. */
SiagaCorrelator *siaga_correlator_new(SiagaRules *rules, const SiagaCorrelatorOptions *options);
void siaga_correlator_free(SiagaCorrelator *self); /* NULL allowed; does not save */

/* Swaps the rules of a living correlator: state of unchanged rules goes on, incidents of changed or removed rules
 * close with reason rule-changed (their changes come out of the next feed, advance or tick). */
void siaga_correlator_set_rules(SiagaCorrelator *self, SiagaRules *rules);

/* Where an event came from and when it arrived. */
typedef struct
{
  guint64 stream;     /* hash of source id and file or host: watermarks are per stream */
  SiagaTime received; /* wall clock of arrival; 0 in replay */
  guint64 line_hash;  /* of the raw line, for recognising redelivery; 0: none */
  guint64 host;       /* siaga_origin_host() */
} SiagaOrigin;

/* Of the host that EVENT's header names; 0: none.  A relay and a collected file hand on lines of many hosts: what is
 * late for the stream is not late for a host whose own clock is behind. */
guint64 siaga_origin_host(const SiagaEvent *event);

/* Incident changes that are ready to go out, oldest first.  Filled under the correlator's locks, read after them.
 * Clear releases the incidents. */
typedef struct
{
  GPtrArray *changes; /* of SiagaIncident*, owned: snapshots */
} SiagaChanges;

void siaga_changes_init(SiagaChanges *self);
void siaga_changes_clear(SiagaChanges *self);

/* One event with its hits.  Any thread.  Copies what it keeps.  CHANGES gets what became ready. */
void siaga_correlator_feed(SiagaCorrelator *self, const SiagaEvent *event, const SiagaHits *hits,
                           const SiagaOrigin *origin, SiagaChanges *changes);
/* An event without hits still moves its stream's watermark; call with its time (cheap).  */
void siaga_correlator_advance(SiagaCorrelator *self, SiagaTime event_time, const SiagaOrigin *origin,
                              SiagaChanges *changes);
/* The daemon's timer: MONOTONIC microseconds elapsed lets closes and absences come out. */
void siaga_correlator_tick(SiagaCorrelator *self, gint64 monotonic, SiagaChanges *changes);
/* Replay's end: everything pending is decided, as if time went on, and what can be closed by time is closed. */
void siaga_correlator_finish(SiagaCorrelator *self, SiagaChanges *changes);
/* Snapshots of all incidents that are still open, without changing anything. */
void siaga_correlator_list(SiagaCorrelator *self, SiagaChanges *changes);

/* State on disk; one thread at a time, that of the configuration.  In this order: claim, restore, start.
 * claim: FALSE, with a warning, while another process writes this state; then there is nothing to restore or to start.
 * It is this process's until persistence stops. restore: TRUE when a state was found and taken; a broken file is set
 * aside (renamed *.broken-N) and reported in DIAG as a warning.  start: from now on the journal and a checkpoint now
 * and then, from a thread of its own.  save: a checkpoint at once (shutdown, reload). */
gboolean siaga_correlator_claim_state(SiagaCorrelator *self, SiagaDiag *diag);
gboolean siaga_correlator_restore(SiagaCorrelator *self, SiagaDiag *diag);
gboolean siaga_correlator_start_persistence(SiagaCorrelator *self, SiagaDiag *diag);
gboolean siaga_correlator_save(SiagaCorrelator *self, SiagaDiag *diag);
void siaga_correlator_stop_persistence(SiagaCorrelator *self);

/* Delivery: a change is outstanding until acknowledged; unacknowledged revisions survive a restart and come out of
 * the first tick after a restore.  expect_acks goes before the first event; without it changes count as delivered at
 * once.  acknowledge: any thread. */
void siaga_correlator_expect_acks(SiagaCorrelator *self, guint max_in_flight);
void siaga_correlator_acknowledge(SiagaCorrelator *self, const guint8 incident_id[16], guint32 revision,
                                  gboolean delivered);

/* Sums since the correlator was made, but for what says "now" or "the last".  Any thread, without locks. */
typedef struct
{
  guint64 events;        /* fed, with hits or without */
  guint64 hits;          /* pairs of an event and a rule that wants it */
  guint64 late;          /* later than max-lateness: not correlated */
  guint64 out_of_order;  /* sorted into their place */
  guint64 future;        /* stamped too far ahead: taken for now */
  guint64 missing_field; /* pairs that no window takes, for want of a group-by field */
  guint64 received_time; /* timed by their arrival */
  guint64 duplicates;    /* delivered again after a restart, and recognised */
  guint64 keys, bytes;   /* now; bytes of windows, incidents and what belongs to them */
  guint64 evicted;       /* keys that gave way to the budget */
  guint64 degraded;      /* incidents that may have lost something by that */
  guint64 open;          /* incidents now */
  guint64 by_level_open[6];
  guint64 opened, closed, updates; /* of incidents that are told */
  guint64 journal_bytes;           /* of the mapping, now */
  guint64 journal_lost;            /* records for which it had no room */
  guint64 checkpoints, checkpoints_failed;
  guint64 checkpoint_microseconds, checkpoint_bytes; /* of the last that stands */
  gint write_error;                                  /* errno of the last checkpoint; 0: it stands */
} SiagaCorrelatorStats;
void siaga_correlator_stats(const SiagaCorrelator *self, SiagaCorrelatorStats *stats_r);
/* Per rule.  KEYS and BYTES are what its windows take now; of a key that several rules share, the one that saw it first
 * pays for its name. */
typedef struct
{
  guint64 matches, incidents, missing_field, keys, bytes, evicted;
} SiagaRuleStats;
void siaga_correlator_rule_stats(SiagaCorrelator *self, guint rule, SiagaRuleStats *stats_r);

/* For explain and tests, in the thread that feeds: how full RULE's window is for EVENT's key.  FALSE when the event
 * does not take part, or the rule counts nothing. */
typedef struct
{
  guint have, need; /* NEED is 0 where a number alone does not decide */
  SiagaTime timespan;
  gboolean open; /* an incident */
} SiagaFill;
gboolean siaga_correlator_fill(SiagaCorrelator *self, guint rule, const SiagaEvent *event, SiagaFill *fill_r,
                               GString *key);

/* What RULE still finds and nothing slower, in words without an end of line; FALSE when no time bounds it. */
gboolean siaga_correlator_slowest(const SiagaCorrelator *self, guint rule, GString *out);

/* For explain: the state of RULE's window for EVENT's key, in words. */
void siaga_correlator_explain(SiagaCorrelator *self, guint rule, const SiagaEvent *event, GString *out);

#endif
