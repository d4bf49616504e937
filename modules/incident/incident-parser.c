/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The LogParser: events in, rules and correlator, incidents out behind it. */

#include "incident/incident-parser.h"
#include "incident/incident-delivery.h"
#include "incident/incident-metrics.h"

#include "glue/handover.h"
#include "glue/message.h"

#include <iv.h>

#include <messages.h>
#include <reloc.h>
#include <timeutils/misc.h>

#include <string.h>

#define TICK_MILLISECONDS 200

typedef struct
{
  LogParser super;
  IncidentOptions *options;
  SiagaShared *shared;
  const IncidentData *data;
  SiagaPublisher *publisher;
  SiagaTimeContext time;
  LogTagId matched_tag, allowed_tag;
  IncidentState *state;
  gchar *name; /* of the state; NULL while not initialised */
  gint active; /* the state works under this instance's rules */
  struct iv_timer tick;
  IncidentMetrics *metrics;
  gint write_error; /* what was last said of writing the state; 0: that it works */
} IncidentParser;

/* Names in use by initialised instances; main thread. */
static GHashTable *names;

static gchar *
_first_name(const IncidentParser *self)
{
  if (self->options->persist_name)
    return g_strdup(self->options->persist_name);
  GString *text = g_string_new(NULL);
  siaga_options_describe(&siaga_room, self->options, text);
  gchar *name = g_strdup_printf("incident-%016" G_GINT64_MODIFIER "x", siaga_hash_bytes(text->str, text->len, 0));
  g_string_free(text, TRUE);
  return name;
}

static void
_warn_of_two(IncidentParser *self, IncidentParser *first)
{
  msg_warning("siaga: the same incident() is used twice; each use raises every incident of its own, kept apart by a "
              "number behind the name.  Lead all sources through one use and branch behind it on "
              "tags(\"siaga.incident\"), or give each its persist-name()",
              evt_tag_str("first", first->options->super.super.location),
              evt_tag_str("second", self->options->super.super.location), evt_tag_str("name", self->name));
}

/* Two parsers that the user gave the same name would swap their states when one of them goes. */
static gboolean
_may_share_name(const IncidentParser *self, const IncidentParser *other)
{
  if (!self->options->persist_name || self->options == other->options)
    return TRUE;
  msg_error("siaga: persist-name() is used twice; it must be unique",
            evt_tag_str("persist-name", self->options->persist_name),
            evt_tag_str("first", other->options->super.super.location),
            evt_tag_str("second", self->options->super.super.location));
  return FALSE;
}

static gboolean
_claim_name(IncidentParser *self)
{
  gchar *first_name = _first_name(self);
  IncidentParser *first;

  if (!names)
    names = g_hash_table_new(g_str_hash, g_str_equal);
  first = g_hash_table_lookup(names, first_name);
  if (first && !_may_share_name(self, first))
    {
      g_free(first_name);
      return FALSE;
    }
  self->name = g_strdup(first_name);
  for (guint i = 1; g_hash_table_contains(names, self->name); i++)
    {
      g_free(self->name);
      self->name = g_strdup_printf("%s.%u", first_name, i);
    }
  g_hash_table_insert(names, self->name, self);
  if (first)
    _warn_of_two(self, first);
  g_free(first_name);
  return TRUE;
}

static void
_release_name(IncidentParser *self)
{
  g_hash_table_remove(names, self->name);
  g_clear_pointer(&self->name, g_free);
}

static void
_emit(IncidentParser *self, SiagaChanges *changes)
{
  const gchar *prefix = self->options->super.prefix;

  for (guint i = 0; i < changes->changes->len; i++)
    {
      SiagaIncident *incident = g_ptr_array_index(changes->changes, i);
      siaga_victims_complete(self->data->victims, incident);
      incident_picture_add(incident_state_picture(self->state), incident);
      if (self->options->inject_mode == INCIDENT_INTERNAL)
        incident_post(incident, prefix);
      else
        incident_deliver(self->state, incident, &self->super.super, prefix);
    }
  siaga_changes_clear(changes);
}

static void
_activate(IncidentParser *self)
{
  SiagaDiag *diag = siaga_diag_new();

  incident_state_activate(self->state, self->data->rules, diag);
  g_atomic_int_set(&self->active, TRUE);
  siaga_report(diag);
  siaga_diag_free(diag);
}

/* Under --check-startup there is neither a message nor a tick: nothing on disk is touched before one of them. */
static inline void
_ensure_active(IncidentParser *self)
{
  if (G_UNLIKELY(!g_atomic_int_get(&self->active)))
    _activate(self);
}

/* A line that no room parsed is still searched by keyword rules, and moves time on. */
static void
_read_line(IncidentParser *self, const LogMessage *msg, SiagaScratch *scratch)
{
  SiagaTimeContext time = self->time;
  SiagaLine line;

  time.reference = siaga_message_received(msg);
  siaga_message_read_line(msg, &time, scratch, &line);
  siaga_patterns_match(self->data->no_patterns, &line, &time, scratch->event);
  siaga_message_take_received(msg, scratch->event);
}

static gboolean
_read_event(IncidentParser *self, const LogMessage *msg, SiagaScratch *scratch)
{
  if (!siaga_message_get_event(msg, scratch))
    {
      _read_line(self, msg, scratch);
      return FALSE;
    }
  if (self->options->super.fields == SIAGA_PUBLISH_ALL)
    siaga_publisher_read_back(self->publisher, msg, scratch->event);
  return TRUE;
}

/* Informational rules are what correlations count, every DNS question for instance: nothing to show a person. */
static gboolean
_is_notable(const IncidentParser *self, const SiagaHits *hits)
{
  for (guint i = 0; i < hits->count; i++)
    if (siaga_rules_get(self->data->rules, hits->rule[i])->level > SIAGA_LEVEL_INFORMATIONAL)
      return TRUE;
  return FALSE;
}

static void
_publish(IncidentParser *self, SiagaScratch *scratch, const SiagaHits *hits, LogMessage *msg)
{
  if (hits->count)
    log_msg_set_tag_by_id(msg, self->matched_tag);
  if (self->options->super.fields == SIAGA_PUBLISH_NONE ||
      (self->options->super.fields == SIAGA_PUBLISH_MATCHED && !_is_notable(self, hits)))
    return;
  if (hits->count)
    siaga_rules_tag_event(self->data->rules, hits, scratch->event);
  siaga_publisher_publish(self->publisher, scratch, msg, FALSE);
}

static void
_correlate(IncidentParser *self, const LogMessage *msg, const SiagaEvent *event, const SiagaHits *hits,
           SiagaChanges *changes)
{
  SiagaCorrelator *correlator = incident_state_correlator(self->state);
  SiagaOrigin origin = {
    .stream = siaga_message_stream(msg),
    .received = siaga_message_received(msg),
    .host = siaga_origin_host(event),
  };

  if (!hits->count)
    {
      siaga_correlator_advance(correlator, event->time, &origin, changes);
      return;
    }
  if (siaga_message_may_come_again(msg))
    origin.line_hash = siaga_hash_bytes(event->original, event->original_length, 0) | 1;
  siaga_correlator_feed(correlator, event, hits, &origin, changes);
}

/* An allowed event is shown like any other that a rule matches, but counts for nothing. */
static void
_correlate_wanted(IncidentParser *self, LogMessage **pmsg, const LogPathOptions *path_options, const SiagaEvent *event,
                  const SiagaHits *hits, SiagaChanges *changes)
{
  SiagaHits wanted = *hits;

  if (siaga_allow_filter(self->data->allow, event, &wanted))
    log_msg_set_tag_by_id(log_msg_make_writable(pmsg, path_options), self->allowed_tag);
  _correlate(self, *pmsg, event, &wanted, changes);
}

/* Nearly always it stays empty: each thread has one. */
static SiagaChanges *
_thread_changes(void)
{
  static GPrivate owner = G_PRIVATE_INIT((GDestroyNotify) g_ptr_array_unref);
  static __thread SiagaChanges changes;

  if (G_UNLIKELY(!changes.changes))
    {
      siaga_changes_init(&changes);
      g_private_set(&owner, changes.changes);
    }
  return &changes;
}

/* What comes behind may be another siaga(), which uses this thread's list and buffers. */
static void
_emit_thread_changes(IncidentParser *self, SiagaChanges *changes)
{
  SiagaChanges own;

  siaga_changes_init(&own);
  while (changes->changes->len)
    g_ptr_array_add(own.changes, g_ptr_array_steal_index(changes->changes, 0));
  _emit(self, &own);
}

static gboolean
_process(LogParser *s, LogMessage **pmsg, const LogPathOptions *path_options, const gchar *input G_GNUC_UNUSED,
         gsize input_length G_GNUC_UNUSED)
{
  IncidentParser *self = (IncidentParser *) s;

  if (siaga_message_is_foreign(*pmsg))
    return TRUE;
  _ensure_active(self);

  SiagaScratch *scratch = siaga_scratch(self->data->fields);
  SiagaHits hits;
  SiagaChanges *changes = _thread_changes();
  gboolean parsed = _read_event(self, *pmsg, scratch);
  hits.count = 0;
  hits.overflow = FALSE;
  siaga_rules_match(self->data->rules, scratch->event, &hits);
  if (hits.count && siaga_allow_size(self->data->allow))
    _correlate_wanted(self, pmsg, path_options, scratch->event, &hits, changes);
  else
    _correlate(self, *pmsg, scratch->event, &hits, changes);
  if (parsed || hits.count || self->options->tag_unparsed)
    {
      LogMessage *msg = log_msg_make_writable(pmsg, path_options);
      if (parsed)
        siaga_message_drop_event(msg);
      else if (self->options->tag_unparsed)
        siaga_message_tag_unparsed(msg);
      _publish(self, scratch, &hits, msg);
    }
  if (G_UNLIKELY(changes->changes->len))
    _emit_thread_changes(self, changes); /* last: scratch is used anew behind it */
  return self->options->inject_mode != INCIDENT_AGGREGATE_ONLY;
}

static void
_start_tick(IncidentParser *self)
{
  iv_validate_now();
  self->tick.expires = iv_now;
  timespec_add_msec(&self->tick.expires, TICK_MILLISECONDS);
  iv_timer_register(&self->tick);
}

/* A full disk is said once, and that it is over. */
static void
_tell_writing(IncidentParser *self, const SiagaCorrelator *correlator)
{
  SiagaCorrelatorStats stats;
  siaga_correlator_stats(correlator, &stats);
  if (stats.write_error == self->write_error)
    return;
  if (stats.write_error)
    msg_warning(
        "siaga: the state cannot be written; incidents go on, but a restart would lose what came since the last "
        "checkpoint",
        evt_tag_str("name", self->name), evt_tag_str("error", g_strerror(stats.write_error)));
  else
    msg_notice("siaga: the state is written again", evt_tag_str("name", self->name));
  self->write_error = stats.write_error;
}

static void
_tick(gpointer data)
{
  IncidentParser *self = data;
  SiagaCorrelator *correlator = incident_state_correlator(self->state);
  SiagaChanges changes;

  _ensure_active(self);
  siaga_changes_init(&changes);
  siaga_correlator_tick(correlator, g_get_monotonic_time(), &changes);
  _emit(self, &changes);
  incident_metrics_update(self->metrics, correlator, siaga_allow_count(self->data->allow));
  incident_metrics_update_picture(self->metrics, incident_state_picture(self->state));
  _tell_writing(self, correlator);
  _start_tick(self);
}

static gchar *
_persist_key(const IncidentParser *self)
{
  return g_strconcat("siaga-incident:", self->name, NULL);
}

static gchar *
_state_dir(const IncidentParser *self)
{
  if (self->options->state_dir)
    return g_strdup(self->options->state_dir);
  return g_build_filename(get_installation_path_for("${localstatedir}"), "siaga", NULL);
}

static void
_new_state(IncidentParser *self, const gchar *settings)
{
  const IncidentOptions *options = self->options;
  SiagaCorrelatorOptions own;
  gchar *state_dir = _state_dir(self);

  siaga_correlator_options_init(&own);
  own.memory_limit = options->memory_limit;
  own.reorder_window = options->reorder_window;
  own.max_lateness = options->max_lateness;
  own.max_open = options->max_open;
  own.update_interval = options->update_interval;
  own.alert_level = SIAGA_LEVEL_INFORMATIONAL + options->alert_level;
  own.state_dir = state_dir;
  own.state_name = self->name;
  own.idle_clock = TRUE;
  self->state = incident_state_new(self->data->rules, &own, settings,
                                   options->inject_mode == INCIDENT_INTERNAL ? 0 : options->max_in_flight);
  g_free(state_dir);
}

/* The state this instance had before (a reload was taken back), that of the configuration before, or a new one. */
static void
_take_state(IncidentParser *self, GlobalConfig *cfg)
{
  gchar *key = _persist_key(self);
  IncidentState *kept = cfg_persist_config_fetch(cfg, key);
  GString *settings = g_string_new(NULL);

  siaga_options_describe(&siaga_room, self->options, settings);
  if (self->state || (kept && !incident_state_has_settings(kept, settings->str)))
    {
      if (!self->state)
        incident_state_supersede(kept);
      incident_state_disown(kept);
      kept = NULL;
    }
  if (!self->state)
    self->state = kept;
  if (!self->state)
    _new_state(self, settings->str);
  g_string_free(settings, TRUE);
  g_free(key);
}

static gboolean
_init(LogPipe *s)
{
  IncidentParser *self = (IncidentParser *) s;

  if (!_claim_name(self))
    return FALSE;
  if (!log_parser_init_method(s))
    {
      _release_name(self);
      return FALSE;
    }
  _take_state(self, log_pipe_get_config(s));
  self->active = FALSE;
  self->metrics = incident_metrics_new(self->name, self->data->rules);
  _start_tick(self);
  return TRUE;
}

/* Nothing is sent from here: destinations may be gone already.  What is pending lives on in the state. */
static gboolean
_deinit(LogPipe *s)
{
  IncidentParser *self = (IncidentParser *) s;
  GlobalConfig *cfg = log_pipe_get_config(s);
  gchar *key = _persist_key(self);

  if (iv_timer_registered(&self->tick))
    iv_timer_unregister(&self->tick);
  g_clear_pointer(&self->metrics, incident_metrics_free);
  if (!cfg->persist)
    incident_state_close(self->state);
  siaga_persist_put(cfg, key, incident_state_own(self->state), (GDestroyNotify) incident_state_disown);
  _release_name(self);
  g_free(key);
  return log_parser_deinit_method(s);
}

static void
_free(LogPipe *s)
{
  IncidentParser *self = (IncidentParser *) s;

  siaga_handover_remove_taker();
  incident_state_disown(self->state);
  siaga_publisher_free(self->publisher);
  g_clear_pointer(&self->time.zone, g_time_zone_unref);
  siaga_shared_unref(self->shared);
  siaga_options_unref(self->options);
  log_parser_free_method(s);
}

/* A clone is an instance of its own: shared state would send incidents into the wrong log path. */
static LogPipe *
_clone(LogPipe *s)
{
  IncidentParser *self = (IncidentParser *) s;
  LogParser *clone = incident_parser_new(s->cfg, siaga_options_ref(self->options), siaga_shared_ref(self->shared));

  siaga_parser_clone_settings(&self->super, clone);
  return &clone->super;
}

LogParser *
incident_parser_new(GlobalConfig *cfg, IncidentOptions *options, SiagaShared *shared)
{
  IncidentParser *self = g_new0(IncidentParser, 1);

  siaga_message_init();
  siaga_handover_add_taker();
  log_parser_init_instance(&self->super, cfg);
  self->super.super.init = _init;
  self->super.super.deinit = _deinit;
  self->super.super.free_fn = _free;
  self->super.super.clone = _clone;
  self->super.process = _process;
  self->options = options;
  self->shared = shared;
  self->data = shared->value;
  self->publisher = siaga_publisher_new(self->data->fields, options->super.prefix);
  self->matched_tag = log_tags_get_by_name("siaga.matched");
  self->allowed_tag = log_tags_get_by_name("siaga.allowed");
  if (options->time_zone)
    self->time.zone = g_time_zone_new_identifier(options->time_zone);
  IV_TIMER_INIT(&self->tick);
  self->tick.cookie = self;
  self->tick.handler = _tick;
  return &self->super;
}
