/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the commands of siagactl share: options, input, output, messages. */

#ifndef SIAGA_SIAGACTL_H_INCLUDED
#define SIAGA_SIAGACTL_H_INCLUDED

#include <siaga/chain.h>

#include <glib.h>

/* Exit codes: scripts rely on them. */
enum
{
  CTL_DONE = 0,
  CTL_FOUND = 1,  /* mistakes, failed tests, missing incidents */
  CTL_CANNOT = 2, /* could not run */
};

/* ---- options.c: what all commands understand */

typedef struct
{
  gchar **patterns, **rules, **trusted_proxies, **own_domains;
  gboolean no_default_patterns, no_default_rules;
  gchar *data_dir, *config_dir;
  gchar *family, *since, *until, *time_zone, *matcher, *default_victim, *dns_role;
  gint year;
  gboolean json, no_progress;
  gchar *color;
  gchar **arguments; /* what is left of the command line; never NULL */

  /* derived */
  SiagaChainSpec spec;
  SiagaTimeContext time;
  SiagaTime since_time, until_time; /* G_MININT64 and G_MAXINT64 when open */
  SiagaNetworks *networks;
  SiagaNormaliser normaliser;
  SiagaVictimOptions victim;
} CtlOptions;

/* Parses ARGV of a command.  SYNOPSIS is what stands behind the command's name in its usage line; EXTRA its own options
 * (NULL: none).  FALSE after saying on stderr what is wrong: exit with CTL_CANNOT. */
gboolean ctl_options_parse(CtlOptions *self, int argc, char **argv, const gchar *synopsis, const gchar *summary,
                           const GOptionEntry *extra);
void ctl_options_clear(CtlOptions *self);
/* Loads the chain and prints what is wrong; NULL when it cannot be loaded.  FAULTS_R (NULL allowed) gets whether there
 * were errors. */
SiagaChain *ctl_load_chain(const CtlOptions *self, guint parts, gboolean *faults_r);
/* Whether an event at TIME is wanted by --since and --until. */
gboolean ctl_time_is_wanted(const CtlOptions *self, const SiagaEvent *event);

/* ---- source.c: one file, unpacked if need be */

typedef struct _CtlSource CtlSource;

/* "-" is standard input.  gzip, xz and zstd are recognised by their first bytes. */
CtlSource *ctl_source_open(const gchar *path, GError **error);
void ctl_source_close(CtlSource *self); /* NULL allowed */
/* Bytes read, 0 at the end, -1 with ERROR set. */
gssize ctl_source_read(CtlSource *self, gchar *buffer, gsize size, GError **error);
guint64 ctl_source_position(const CtlSource *self);  /* in the packed file */
gboolean ctl_source_may_wait(const CtlSource *self); /* a pipe or a terminal */

/* ---- input.c: the lines of all files in order */

typedef struct _CtlInput CtlInput;

/* FILES empty: standard input.  The list must outlive the input. */
CtlInput *ctl_input_new(gchar **files);
void ctl_input_free(CtlInput *self);
/* The next line without its end, valid until the next call.  FALSE at the end of the last file.  A file that cannot be
 * read is reported on stderr and passed over (see failed). */
gboolean ctl_input_next(CtlInput *self, const gchar **line_r, gsize *length_r);
guint64 ctl_input_sequence(const CtlInput *self);  /* of the line given last, from 1 over all files */
const gchar *ctl_input_file(const CtlInput *self); /* NULL: standard input */
gboolean ctl_input_failed(const CtlInput *self);
/* SETTLE is called before a read that may wait, and then standard output is flushed: a pipe's reader sees what is known
 * so far. */
typedef void (*CtlWaitFunc)(gpointer user_data);
void ctl_input_on_wait(CtlInput *self, CtlWaitFunc settle, gpointer user_data);
/* 0 to 1 over all files; negative when unknown. */
gdouble ctl_input_progress(const CtlInput *self);

/* ---- progress.c: a bar on stderr, on a terminal only */

typedef struct
{
  const CtlInput *input;
  gboolean on;
  guint64 checked;
  gint64 started, drawn;
} CtlProgress;

void ctl_progress_start(CtlProgress *self, const CtlInput *input, const CtlOptions *options);
/* Cheap: looks at the clock once in a while. */
void ctl_progress_step(CtlProgress *self);
void ctl_progress_end(CtlProgress *self);
void ctl_progress_hide(void); /* output goes to the same terminal */

/* ---- output.c: standard output */

/* The buffer of standard output; append whole lines, then call ctl_output_line(). */
extern GString *ctl_out;

void ctl_output_line(void);  /* writes the buffer when it is full */
void ctl_output_flush(void); /* leaves the program with CTL_DONE when nobody reads any more */
/* Keeps what is printed from here on back; the other gives it, to be freed, and ends that. */
void ctl_output_hold(void);
gchar *ctl_output_take(void);
void ctl_print(const gchar *format, ...) G_GNUC_PRINTF(1, 2);
/* One JSON object on a line, with what was held back under KEY. */
void ctl_print_held(const gchar *key);
/* Text of logs and files, control characters escaped: a terminal must not obey them. */
void ctl_print_safe(const gchar *text, gssize length);
/* The lines of TEXT, each behind INDENT blanks; empty ones are left out. */
void ctl_print_indented(const gchar *text, guint indent);
void ctl_append_safe(GString *out, const gchar *text, gssize length);
/* TEXT as a quoted YAML scalar that reads back as TEXT. */
void ctl_append_yaml(GString *out, const gchar *text);

typedef enum
{
  CTL_PLAIN,
  CTL_BOLD,
  CTL_DIM,
  CTL_RED,
  CTL_GREEN,
  CTL_YELLOW,
  CTL_BLUE,
} CtlColor;

void ctl_output_set_color(const gchar *when); /* "always", "never", "auto" */
const gchar *ctl_color(CtlColor color);       /* the escape sequence, or "" */
guint ctl_terminal_width(void);
/* From now on lines that are too long for the terminal are broken between words; elsewhere they stay whole. */
void ctl_output_wrap(void);
/* Appends TEXT to OUT with its lines broken at WIDTH columns.  Colour sequences take no room.  wrap.c */
void ctl_wrap(GString *out, const gchar *text, gsize length, guint width);

/* A table with a header; columns are as wide as they need, the last one takes the rest of the terminal. */
typedef struct _CtlTable CtlTable;
CtlTable *ctl_table_new(const gchar *const *headers);           /* NULL-terminated; a leading ">" aligns to the right */
void ctl_table_add(CtlTable *self, ...) G_GNUC_NULL_TERMINATED; /* a text per column */
void ctl_table_print(CtlTable *self);                           /* and free it */

/* ---- messages.c: mistakes in files */

/* Prints errors and warnings (and notes with NOTES) to stderr, or as JSON lines to standard output. */
void ctl_print_diag(const SiagaDiag *diag, gboolean notes, gboolean json);
void ctl_error(const gchar *format, ...) G_GNUC_PRINTF(1, 2); /* "siagactl: …" on stderr */
gboolean ctl_exists(const gchar *path);                       /* an error when it does not */

/* A line of the input as an event: lines.h */
typedef struct _CtlLine CtlLine;

/* ---- walk.c: the files that an argument means */

typedef void (*CtlOnFile)(const gchar *path, gpointer user_data);
/* PATH itself, or all files below it in the order of their names. */
void ctl_walk(const gchar *path, CtlOnFile on_file, gpointer user_data);
gboolean ctl_is_yaml(const gchar *path); /* by its name */

/* ---- events.c: an event as a JSON line */

/* Appends the object of LINE's event, and a line end. */
void ctl_append_event(GString *out, const CtlLine *line);

/* ---- incidents.c: what a correlator gives out, by id */

typedef struct _CtlIncidents CtlIncidents;

/* Keeps the last change of each incident, in the order in which they opened. */
CtlIncidents *ctl_incidents_new(void);
void ctl_incidents_free(CtlIncidents *self);
/* Takes all CHANGES, and clears them. */
void ctl_incidents_take(CtlIncidents *self, SiagaChanges *changes);
guint ctl_incidents_size(const CtlIncidents *self);
const SiagaIncident *ctl_incidents_get(const CtlIncidents *self, guint index);

/* INCIDENT is the taker's from now on. */
typedef void (*CtlTakeIncident)(gpointer data, SiagaIncident *incident);

/* Gives TAKE each incident of the files that OPTIONS name (JSON lines), and says where the first line is that is none.
 * READ_R gets how many there were.  What the command has to return. */
int ctl_incidents_read(const CtlOptions *options, CtlTakeIncident take, gpointer data, guint64 *read_r);

/* ---- correlator-options.c */

typedef struct
{
  gchar *reorder_window, *max_lateness, *max_open, *update_interval, *alert_level, *memory_limit;
} CtlCorrelatorArguments;

#define CTL_CORRELATOR_ENTRIES(a)                                                                                         \
  { "reorder-window", 0, 0, G_OPTION_ARG_STRING, &(a)->reorder_window, "sort before counting (2s)", "TIME" },             \
      { "max-lateness", 0, 0, G_OPTION_ARG_STRING, &(a)->max_lateness, "later events are not correlated (10m)", "TIME" }, \
      { "max-open", 0, 0, G_OPTION_ARG_STRING, &(a)->max_open, "longest life of an incident (24h)", "TIME" },             \
      { "update-interval", 0, 0, G_OPTION_ARG_STRING, &(a)->update_interval, "between updates (5m)", "TIME" },            \
      { "alert-level",                                                                                                    \
        0,                                                                                                                \
        0,                                                                                                                \
        G_OPTION_ARG_STRING,                                                                                              \
        &(a)->alert_level,                                                                                                \
        "single detections from here on raise incidents (high)",                                                          \
        "LEVEL" },                                                                                                        \
  {                                                                                                                       \
    "memory-limit", 0, 0, G_OPTION_ARG_STRING, &(a)->memory_limit, "bytes of state (120MiB)", "BYTES"                     \
  }

/* FALSE after saying what is wrong. */
gboolean ctl_correlator_options(const CtlCorrelatorArguments *self, SiagaCorrelatorOptions *options);
void ctl_correlator_arguments_clear(CtlCorrelatorArguments *self);

/* ---- run.c: lines of files through the chain and a correlator */

typedef struct
{
  const SiagaChain *chain;
  SiagaCorrelator *correlator;
  SiagaEvent *event; /* of the last line by itself, as ARENA and HITS */
  SiagaArena *arena;
  SiagaHits hits;
  const SiagaAllowance *allowed; /* why the last line that was correlated was left alone; NULL: it was not */
  SiagaChanges changes;
  SiagaTime last_time;
  const gchar *file; /* of the last line, and its stream */
  guint64 stream;
} CtlRun;

void ctl_run_init(CtlRun *self, const SiagaChain *chain, const SiagaCorrelatorOptions *options);
void ctl_run_clear(CtlRun *self);
/* One line; changes that became ready are in self->changes. */
void ctl_run_line(CtlRun *self, const SiagaTimeContext *time, const gchar *line, gsize length, const gchar *file);
void ctl_run_finish(CtlRun *self);
void ctl_run_tell_late(const CtlRun *self, const CtlOptions *options); /* on stderr, when there were any */
void ctl_run_forget_changes(CtlRun *self);                             /* and goes on */
/* LINE went through RUN, unless it was not wanted; NULL: all is over, and what that closed is in RUN's changes. */
typedef void (*CtlRunFunc)(CtlRun *run, const CtlLine *line, gpointer user_data);
/* All lines of FILES through RUN, which stays the caller's.  FALSE: not everything could be read, which is said. */
gboolean ctl_run_each(CtlRun *run, const CtlOptions *options, gchar **files, CtlRunFunc func, gpointer user_data);
/* All lines of the files; the incidents as they ended.  WHOLE_R: FALSE when not everything could be read. */
CtlIncidents *ctl_run_files(const SiagaChain *chain, const CtlOptions *options, gchar **files,
                            const SiagaCorrelatorOptions *correlator, gboolean *whole_r);

/* ---- rule-about.c */

/* The rule that goes by this id, name or title; NULL, which is said: none does. */
const SiagaRule *ctl_rule_find(const SiagaRules *rules, const gchar *wanted);
/* What its author says of it: level, status, tags, what else sets it off, which rules are related. */
void ctl_print_rule(const SiagaRule *rule);
void ctl_write_rule(SiagaJson *json, const SiagaRule *rule); /* as members of the object that is open */
/* Whether RULE goes by this id, name or title. */
gboolean ctl_rule_is(const SiagaRule *rule, const gchar *wanted);

/* ---- explain-rule.c */

#define CTL_REFERENCES_MAX 64 /* rules that a correlation names */

/* Prints why RULE (id, name or title) fired over the files of OPTIONS or not; FALSE when there is no such rule, or a
 * file could not be read. */
gboolean ctl_explain_rule(const SiagaChain *chain, const CtlOptions *options, const gchar *rule);

/* ---- lint-fields.c: what the samples of all patterns yield */

typedef struct _CtlYield CtlYield;
/* NULL when the data, and the files that the arguments of OPTIONS name, cannot be loaded. */
CtlYield *ctl_yield_new(const CtlOptions *options);
void ctl_yield_free(CtlYield *self); /* NULL allowed */
/* LINE as a sample of the pattern file DOCUMENT; NULL when no pattern reads it.  Until the next one is read. */
const SiagaEvent *ctl_yield_read(const CtlYield *self, const SiagaYaml *document, const gchar *line);
/* A field of the registry that no sample of any pattern has. */
gboolean ctl_yield_lacks(const CtlYield *self, const gchar *name);

/* ---- lint-forged.c */

/* Warns when a name may make the source of SAMPLE, of the pattern file DOCUMENT, another one. */
void ctl_lint_forged(const CtlYield *yield, const SiagaYaml *document, const SiagaYaml *sample, SiagaDiag *diag);

/* ---- scenario.c */

typedef struct
{
  guint run, failed;
  guint64 *hits;  /* NULL, or per rule: what matched and what raised an incident is counted here */
  gboolean print; /* the incidents of each scenario as JSON lines on standard output */
} CtlScenarioCount;

/* Rules that are part of the engine (campaigns, silent sources) stand in no set and are not counted. */
void ctl_count_incident(guint64 *hits, const SiagaIncident *incident);

/* Runs the scenarios of a file; failures go to DIAG. */
void ctl_scenario_run_file(const SiagaChain *chain, const gchar *path, SiagaDiag *diag, CtlScenarioCount *count);
/* The *.scenarios.yaml below PATH (a folder or a file), sorted. */
GPtrArray *ctl_scenario_find(const gchar *path);

/* ---- targets.c: the files that check and test look at */

typedef struct _CtlTargets CtlTargets;

/* Sorts the arguments (files and folders) by what they are. OPTIONS must outlive it. */
CtlTargets *ctl_targets_new(const CtlOptions *options);
void ctl_targets_free(CtlTargets *self);
gboolean ctl_targets_failed(const CtlTargets *self); /* an argument does not exist */
/* SPEC becomes the options' one with the files that are not loaded anyway; clear it afterwards. */
void ctl_targets_extend(const CtlTargets *self, const CtlOptions *options, SiagaChainSpec *spec);
void ctl_targets_extend_clear(SiagaChainSpec *spec);
/* Whether FILE is one of the targets; without arguments every file is. */
gboolean ctl_targets_cover(const CtlTargets *self, const gchar *file);
/* Only the messages about targets; takes DIAG. */
SiagaDiag *ctl_targets_filter(const CtlTargets *self, SiagaDiag *diag);
/* Paths of scenario files; unref it. */
GPtrArray *ctl_targets_scenarios(const CtlTargets *self, const CtlOptions *options);

/* ---- test-rules.c */

/* Runs the samples and rejects of the rules that TARGETS cover; gives back how many. */
guint ctl_test_rules(const SiagaChain *chain, const CtlTargets *targets, const SiagaTimeContext *time, SiagaDiag *diag);
/* Parses SAMPLE into EVENT, adds what is given beside the line, and puts the rules that match into HITS. */
void ctl_detect_sample(const SiagaChain *chain, const SiagaRuleSample *sample, const SiagaTimeContext *time,
                       SiagaArena *arena, SiagaEvent *event, SiagaHits *hits);

/* ---- commands, each in the file of its name */

int ctl_check(int argc, char **argv);
int ctl_test(int argc, char **argv);
int ctl_parse(int argc, char **argv);
int ctl_scan(int argc, char **argv);
int ctl_replay(int argc, char **argv);
int ctl_explain(int argc, char **argv);
int ctl_diff(int argc, char **argv);
int ctl_bench(int argc, char **argv);
int ctl_coverage(int argc, char **argv);
int ctl_backtest(int argc, char **argv);
int ctl_stats(int argc, char **argv);
int ctl_share(int argc, char **argv);
int ctl_lists(int argc, char **argv);
int ctl_lint(int argc, char **argv);
int ctl_new(int argc, char **argv);
int ctl_fmt(int argc, char **argv);
int ctl_migrate(int argc, char **argv);

#endif
