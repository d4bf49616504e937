/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Lines through the chain and the correlator, in log time. */

#include "siagactl/lines.h"

void
ctl_run_init(CtlRun *self, const SiagaChain *chain, const SiagaCorrelatorOptions *options)
{
  if (chain->seen)
    siaga_seen_names_clear(chain->seen);
  *self = (CtlRun){
    .chain = chain,
    .correlator = siaga_correlator_new(chain->rules, options),
    .event = siaga_event_new(chain->fields),
    .arena = siaga_arena_new(),
  };
  siaga_changes_init(&self->changes);
}

void
ctl_run_clear(CtlRun *self)
{
  siaga_changes_clear(&self->changes);
  siaga_correlator_free(self->correlator);
  siaga_event_free(self->event);
  siaga_arena_free(self->arena);
}

/* A line without a stamp happened when the line before it did: there is no receipt to go by. */
static void
_complete_time(CtlRun *self, SiagaEvent *event)
{
  if (event->time_kind != SIAGA_TIME_NONE)
    self->last_time = event->time;
  else if (self->last_time)
    {
      event->time = self->last_time;
      event->time_kind = SIAGA_TIME_RECEIVED;
    }
}

/* Watermarks are per file: worked out when the file changes. */
static guint64
_stream(CtlRun *self, const gchar *file)
{
  if (file == self->file)
    return self->stream;
  self->file = file;
  self->stream = G_GUINT64_CONSTANT(14695981039346656037);
  for (const gchar *p = file ? file : ""; *p; p++)
    self->stream = (self->stream ^ (guchar) *p) * G_GUINT64_CONSTANT(1099511628211);
  return self->stream;
}

static void
_correlate(CtlRun *self, const SiagaEvent *event, const SiagaHits *hits, const gchar *file)
{
  SiagaOrigin origin = { .stream = _stream(self, file), .host = siaga_origin_host(event) };
  SiagaHits wanted = *hits;
  self->allowed = siaga_allow_filter(self->chain->allow, event, &wanted);
  if (wanted.count)
    siaga_correlator_feed(self->correlator, event, &wanted, &origin, &self->changes);
  else if (event->time_kind != SIAGA_TIME_NONE)
    siaga_correlator_advance(self->correlator, event->time, &origin, &self->changes);
  siaga_chain_complete(self->chain, &self->changes);
}

void
ctl_run_line(CtlRun *self, const SiagaTimeContext *time, const gchar *line, gsize length, const gchar *file)
{
  siaga_chain_parse(self->chain, line, length, file, time, self->arena, self->event);
  _complete_time(self, self->event);
  siaga_chain_detect(self->chain, self->event, &self->hits);
  _correlate(self, self->event, &self->hits, file);
}

void
ctl_run_finish(CtlRun *self)
{
  siaga_correlator_finish(self->correlator, &self->changes);
  siaga_chain_complete(self->chain, &self->changes);
}

/* A file of another year, in which some stamps name it and others do not, seems to leap back and forth. */
void
ctl_run_tell_late(const CtlRun *self, const CtlOptions *options)
{
  SiagaCorrelatorStats stats;
  siaga_correlator_stats(self->correlator, &stats);
  if (stats.late)
    ctl_error("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " events came too late to be correlated (--max-lateness)%s",
              stats.late, stats.events,
              options->year ? "" : "; if stamps without a year are of another one, say --year");
}

void
ctl_run_forget_changes(CtlRun *self)
{
  g_ptr_array_set_size(self->changes.changes, 0);
}

/* --- many lines ----------------------------------------------------------------------------------------------------
 */

typedef struct
{
  CtlRun *run;
  const CtlOptions *options;
  CtlRunFunc func;
  gpointer user_data;
} Each;

static void
_classify(CtlLine *line, gpointer user_data)
{
  Each *self = user_data;
  _complete_time(self->run, line->event);
  line->wanted = ctl_time_is_wanted(self->options, line->event);
  if (line->wanted)
    siaga_chain_classify(self->run->chain, line->event);
}

static void
_match(CtlLine *line, GString *out G_GNUC_UNUSED, gpointer user_data)
{
  const Each *self = user_data;
  if (line->wanted)
    siaga_chain_match(self->run->chain, line->event, &line->hits);
}

static void
_correlate_line(CtlLine *line, gpointer user_data)
{
  Each *self = user_data;
  if (line->wanted)
    _correlate(self->run, line->event, &line->hits, line->file);
  self->func(self->run, line, self->user_data);
}

gboolean
ctl_run_each(CtlRun *self, const CtlOptions *options, gchar **files, CtlRunFunc func, gpointer user_data)
{
  static const CtlLineSteps steps = { _classify, _match, _correlate_line };
  Each each = { self, options, func, user_data };
  gboolean whole = ctl_lines_each(self->chain, options, files, &steps, &each);
  ctl_run_finish(self);
  func(self, NULL, user_data);
  ctl_run_tell_late(self, options);
  return whole;
}

static void
_take_changes(CtlRun *self, const CtlLine *line G_GNUC_UNUSED, gpointer incidents)
{
  if (self->changes.changes->len)
    ctl_incidents_take(incidents, &self->changes);
}

CtlIncidents *
ctl_run_files(const SiagaChain *chain, const CtlOptions *options, gchar **files,
              const SiagaCorrelatorOptions *correlator, gboolean *whole_r)
{
  CtlIncidents *incidents = ctl_incidents_new();
  CtlRun run;

  ctl_run_init(&run, chain, correlator);
  *whole_r = ctl_run_each(&run, options, files, _take_changes, incidents);
  ctl_run_clear(&run);
  return incidents;
}
