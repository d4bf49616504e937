/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The options of incident() and the rules they name. */

#include "incident/incident-parser.h"

#include "glue/family-parser.h"

#include <string.h>

static const gchar *const inject_modes[] = { "pass-through", "internal", "aggregate-only", NULL };

/* A file name, and part of one. */
static gboolean
_check_name(const gchar *text, GString *error)
{
  gboolean good = *text && *text != '.' && strlen(text) <= 100;
  for (const gchar *p = text; good && *p; p++)
    good = g_ascii_isalnum(*p) || strchr("._-", *p);
  if (!good)
    g_string_append(error, "expected at most 100 letters, digits, dots, dashes and underscores");
  return good;
}

#define OPTION(name, kind, member, ...)                                                                                \
  {                                                                                                                    \
    name, SIAGA_OPTION_##kind, G_STRUCT_OFFSET(IncidentOptions, member), __VA_ARGS__                                   \
  }

static const SiagaOption options[] = {
  SIAGA_DATA_OPTIONS,
  OPTION("rules", LIST, rules),
  OPTION("no-default-rules", FLAG, no_default_rules),
  OPTION("tables", LIST, tables),
  OPTION("no-default-tables", FLAG, no_default_tables),
  OPTION("time-zone", TEXT, time_zone, .check = siaga_check_zone),
  OPTION("tag-unparsed", YESNO, tag_unparsed),
  OPTION("reorder-window", DURATION, reorder_window, NULL, 0, 300 * SIAGA_SECOND),
  OPTION("max-lateness", DURATION, max_lateness, NULL, 0, 86400 * SIAGA_SECOND),
  OPTION("memory-limit", SIZE, memory_limit, NULL, 8 << 20, G_GINT64_CONSTANT(1) << 40),
  OPTION("alert-level", WORD, alert_level, siaga_level_words),
  OPTION("update-interval", DURATION, update_interval),
  OPTION("max-open", DURATION, max_open, NULL, SIAGA_SECOND, 365 * 86400 * SIAGA_SECOND),
  OPTION("max-in-flight", INTEGER, max_in_flight, NULL, 1, 100000),
  OPTION("inject-mode", WORD, inject_mode, inject_modes),
  OPTION("state-dir", TEXT, state_dir),
  OPTION("persist-name", TEXT, persist_name, .check = _check_name),
  { NULL },
};

static void
_set_defaults(gpointer given)
{
  IncidentOptions *self = given;
  SiagaCorrelatorOptions defaults;

  siaga_data_options_init(self);
  siaga_correlator_options_init(&defaults);
  self->reorder_window = defaults.reorder_window;
  self->max_lateness = defaults.max_lateness;
  self->update_interval = defaults.update_interval;
  self->max_open = defaults.max_open;
  self->memory_limit = defaults.memory_limit;
  self->alert_level = defaults.alert_level - SIAGA_LEVEL_INFORMATIONAL;
  self->max_in_flight = 100;
}

static void
_data_free(gpointer data)
{
  IncidentData *self = data;
  siaga_allow_free(self->allow);
  siaga_rules_unref(self->rules);
  siaga_victims_unref(self->victims);
  siaga_patterns_free(self->no_patterns);
  siaga_fields_unref(self->fields);
  g_free(self);
}

static gpointer
_load(const SiagaChainSpec *load, SiagaDiag *diag)
{
  SiagaPatternOptions none = { 0 };
  IncidentData *self = g_new0(IncidentData, 1);

  self->fields = siaga_chain_load_fields(load, diag);
  self->rules = self->fields ? siaga_chain_load_rules(load, self->fields, diag) : NULL;
  self->allow = self->rules ? siaga_chain_load_allow(load, self->rules, diag) : NULL;
  self->victims = self->rules ? siaga_chain_load_victims(load, diag) : NULL;
  if (self->rules)
    {
      self->no_patterns = siaga_patterns_new(self->fields, &none);
      siaga_patterns_finish(self->no_patterns, diag);
      return self;
    }
  _data_free(self);
  return NULL;
}

static LogParser *
_construct(GlobalConfig *cfg, gpointer given, SiagaDiag *diag)
{
  IncidentOptions *self = given;
  SiagaDataRequest request = {
    .what = "rules",
    .reads = { siaga_chain_field_files, siaga_chain_rule_files, siaga_chain_victim_files },
    .func = _load,
    .free_value = _data_free,
    .load = { .rules = siaga_option_strings(self->rules),
              .no_default_rules = self->no_default_rules,
              .tables = siaga_option_strings(self->tables),
              .no_default_tables = self->no_default_tables },
  };
  SiagaShared *shared = siaga_data_get(&self->super, &request, diag);

  g_free((gpointer) request.load.rules);
  g_free((gpointer) request.load.tables);
  if (shared)
    return incident_parser_new(cfg, self, shared);
  siaga_options_unref(self);
  return NULL;
}

const SiagaRoom siaga_room = {
  .name = "incident",
  .options = options,
  .options_size = sizeof(IncidentOptions),
  .set_defaults = _set_defaults,
  .construct = _construct,
};
