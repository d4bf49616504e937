/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A line is read, matched against the family's patterns, normalised, packed onto the message and published. */

#include "glue/family-parser.h"
#include "glue/pattern-metrics.h"

#include <string.h>

/* The same for all parsers with equal data options. */
typedef struct
{
  SiagaFields *fields;
  SiagaPatternSet *patterns;
  gpointer suffixes;            /* of the process */
  SiagaGeo *geo;                /* NULL: none */
  SiagaPatternMetrics *metrics; /* NULL until a parser is initialised; main thread */
} FamilyData;

typedef struct
{
  LogParser super;
  SiagaFamilyOptions *options;
  SiagaFamily family;
  SiagaShared *shared;
  FamilyData *data;
  SiagaPublisher *publisher;
  SiagaNetworks *networks;
  SiagaNormaliser normaliser;
  SiagaTimeContext time;
  StatsCounterItem *parsed, *unparsed;
} FamilyParser;

enum
{
  HANDOVER_PACKED,
  HANDOVER_DIRECT,
};

const gchar *const siaga_handover_words[] = { "packed", "direct", NULL };

gboolean
siaga_check_family(const gchar *text, GString *error)
{
  gboolean good = siaga_family_by_name(text) != SIAGA_FAMILY_NONE;
  if (!good)
    g_string_append_printf(error, "%s is no family; expected web, dns or auth", text);
  return good;
}

gboolean
siaga_check_zone(const gchar *text, GString *error)
{
  GTimeZone *zone = g_time_zone_new_identifier(text);
  if (zone)
    g_time_zone_unref(zone);
  else
    g_string_append_printf(
        error, "%s is no time zone; expected a name such as Asia/Jakarta or an offset such as +07:00", text);
  return zone != NULL;
}

gboolean
siaga_check_network(const gchar *text, GString *error)
{
  SiagaNetworks *networks = siaga_networks_new();
  gboolean good = siaga_networks_add(networks, text);
  if (!good)
    g_string_append_printf(error, "%s is no network; expected an address or a prefix such as 10.0.0.0/8", text);
  siaga_networks_free(networks);
  return good;
}

static void
_data_free(gpointer data)
{
  FamilyData *self = data;
  siaga_pattern_metrics_free(self->metrics);
  siaga_patterns_free(self->patterns);
  siaga_geo_free(self->geo);
  siaga_fields_unref(self->fields);
  g_free(self);
}

static gpointer
_load(const SiagaChainSpec *load, SiagaDiag *diag)
{
  SiagaFields *fields = siaga_chain_load_fields(load, diag);
  if (!fields)
    return NULL;
  FamilyData *self = g_new0(FamilyData, 1);
  self->fields = fields;
  self->patterns = siaga_chain_load_patterns(load, fields, diag);
  self->suffixes = siaga_public_suffixes(diag);
  self->geo = siaga_chain_load_geo(load, diag);
  return self;
}

/* As bits: 1 << SiagaFamily. */
static guint
_families(const SiagaFamilyOptions *options, SiagaFamily own)
{
  guint families = options->families ? 0 : 1u << own;
  for (guint i = 0; options->families && i < options->families->len; i++)
    families |= 1u << siaga_family_by_name(g_ptr_array_index(options->families, i));
  return families;
}

static SiagaShared *
_get_data(SiagaFamilyOptions *options, SiagaFamily family, SiagaDiag *diag)
{
  SiagaDataRequest request = {
    .what = "patterns",
    .reads = { siaga_chain_field_files, siaga_chain_pattern_files, siaga_chain_geo_files },
    .func = _load,
    .free_value = _data_free,
    .load = {
      .patterns = siaga_option_strings(options->patterns),
      .no_default_patterns = options->no_default_patterns,
      .families = _families(options, family),
    },
  };
  SiagaShared *shared = siaga_data_get(&options->super, &request, diag);
  g_free((gpointer) request.load.patterns);
  return shared;
}

static void
_count(StatsCounterItem *counter)
{
  stats_counter_inc(counter);
}

static LogMessage *
_writable(LogMessage **pmsg, const LogPathOptions *path_options)
{
  return log_msg_make_writable(pmsg, path_options);
}

static gboolean
_process(LogParser *s, LogMessage **pmsg, const LogPathOptions *path_options, const gchar *input G_GNUC_UNUSED,
         gsize input_length G_GNUC_UNUSED)
{
  FamilyParser *self = (FamilyParser *) s;

  if (siaga_message_is_foreign(*pmsg) || siaga_message_has_event(*pmsg))
    return TRUE;

  SiagaScratch *scratch = siaga_scratch(self->data->fields);
  SiagaTimeContext time = self->time;
  SiagaLine line;
  time.reference = siaga_message_received(*pmsg);
  siaga_message_read_line(*pmsg, &time, scratch, &line);
  if (!siaga_patterns_match(self->data->patterns, &line, &time, scratch->event))
    {
      _count(self->unparsed);
      if (self->options->tag_unparsed)
        siaga_message_tag_unparsed(_writable(pmsg, path_options));
      return TRUE;
    }
  siaga_message_take_received(*pmsg, scratch->event);
  siaga_normalise(&self->normaliser, scratch->event);
  LogMessage *msg = _writable(pmsg, path_options);
  if (self->options->handover == HANDOVER_DIRECT)
    siaga_message_hand_over(msg, scratch);
  else
    siaga_message_put_event(msg, scratch);
  if (self->publisher)
    siaga_publisher_publish(self->publisher, scratch, msg, FALSE);
  _count(self->parsed);
  return TRUE;
}

/* A block's parsers share their name. */
static gchar *
_id(const FamilyParser *self)
{
  return g_strdup_printf("%s/%s", self->super.name, siaga_room.name);
}

static void
_start_metrics(const FamilyParser *self)
{
  gchar *id = _id(self);
  if (!self->data->metrics)
    self->data->metrics = siaga_pattern_metrics_new(self->data->patterns, id);
  siaga_pattern_metrics_start(self->data->metrics);
  g_free(id);
}

static void
_register_counters(FamilyParser *self, gboolean add)
{
  gchar *id = _id(self);
  SiagaMetric metric = { .level = 0, .name = "siaga_lines_total", .id = id, .label = "result" };

  metric.value = "parsed";
  siaga_metric_apply(&metric, &self->parsed, add);
  metric.value = "unparsed";
  siaga_metric_apply(&metric, &self->unparsed, add);
  g_free(id);
}

static gboolean
_init(LogPipe *s)
{
  if (!log_parser_init_method(s))
    return FALSE;
  _register_counters((FamilyParser *) s, TRUE);
  _start_metrics((FamilyParser *) s);
  return TRUE;
}

static gboolean
_deinit(LogPipe *s)
{
  siaga_pattern_metrics_stop(((FamilyParser *) s)->data->metrics);
  _register_counters((FamilyParser *) s, FALSE);
  return log_parser_deinit_method(s);
}

static void
_free(LogPipe *s)
{
  FamilyParser *self = (FamilyParser *) s;

  siaga_publisher_free(self->publisher);
  siaga_networks_free(self->networks);
  g_clear_pointer(&self->time.zone, g_time_zone_unref);
  siaga_shared_unref(self->shared);
  siaga_options_unref(self->options);
  log_parser_free_method(s);
}

static void
_set_networks(FamilyParser *self)
{
  const GPtrArray *proxies = self->options->trusted_proxies;

  self->networks = siaga_networks_new();
  for (guint i = 0; proxies && i < proxies->len; i++)
    siaga_networks_add(self->networks, g_ptr_array_index(proxies, i));
  self->normaliser.trusted_proxies = self->networks;
  self->normaliser.public_suffixes = self->data->suffixes;
  self->normaliser.geo = self->data->geo;
}

static LogPipe *_clone(LogPipe *s);

/* Takes over OPTIONS and SHARED. */
static FamilyParser *
_new(GlobalConfig *cfg, SiagaFamilyOptions *options, SiagaFamily family, SiagaShared *shared)
{
  FamilyParser *self = g_new0(FamilyParser, 1);

  log_parser_init_instance(&self->super, cfg);
  self->super.super.init = _init;
  self->super.super.deinit = _deinit;
  self->super.super.free_fn = _free;
  self->super.super.clone = _clone;
  self->super.process = _process;
  self->options = options;
  self->family = family;
  self->shared = shared;
  self->data = shared->value;
  if (options->super.fields == SIAGA_PUBLISH_ALL)
    self->publisher = siaga_publisher_new(self->data->fields, options->super.prefix);
  if (options->time_zone)
    self->time.zone = g_time_zone_new_identifier(options->time_zone);
  _set_networks(self);
  return self;
}

static LogPipe *
_clone(LogPipe *s)
{
  FamilyParser *self = (FamilyParser *) s;
  FamilyParser *clone = _new(s->cfg, siaga_options_ref(self->options), self->family, siaga_shared_ref(self->shared));

  siaga_parser_clone_settings(&self->super, &clone->super);
  return &clone->super.super;
}

LogParser *
siaga_family_parser_new(GlobalConfig *cfg, SiagaFamilyOptions *options, SiagaFamily family, SiagaDiag *diag)
{
  siaga_message_init();
  SiagaShared *shared = _get_data(options, family, diag);
  if (shared)
    return &_new(cfg, options, family, shared)->super;
  siaga_options_unref(options);
  return NULL;
}
