/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl stats: incidents counted, as a quarterly report needs them. */

#include "siagactl/tally.h"

#include <stdlib.h>
#include <string.h>

#define TOP 15
#define QUARTER_SIZE sizeof("2026-Q1")

enum
{
  BY_TOTAL,
  BY_LEVEL,
  BY_CATEGORY,
  BY_RULE,
  BY_TECHNIQUE,
  BY_COUNTRY,
  BY_SECTOR,
  BY_SECTOR_CATEGORY,
  BY_CSIRT,
  BY_VICTIM,
  BY_SOURCE,
  BY_SOURCE_COUNTRY,
  BY_QUARTER,
  BY_MONTH,
  BY_DAY,
  TALLIES,
};

static const CtlTallyKind kinds[TALLIES] = {
  [BY_TOTAL] = { "totals", "total", FALSE },
  [BY_LEVEL] = { "levels", "level", FALSE },
  [BY_CATEGORY] = { "categories", "category", FALSE },
  [BY_RULE] = { "rules", "rule", FALSE },
  [BY_TECHNIQUE] = { "techniques", "ATT&CK technique", FALSE },
  [BY_COUNTRY] = { "countries", "victim's country", FALSE },
  [BY_SECTOR] = { "sectors", "sector", FALSE },
  [BY_SECTOR_CATEGORY] = { "sector_categories", "sector and category", FALSE },
  [BY_CSIRT] = { "csirts", "CSIRT", FALSE },
  [BY_VICTIM] = { "victims", "victim", FALSE },
  [BY_SOURCE] = { "sources", "source", FALSE },
  [BY_SOURCE_COUNTRY] = { "source_countries", "source's country", FALSE },
  [BY_QUARTER] = { "quarters", "quarter", TRUE },
  [BY_MONTH] = { "months", "month", TRUE },
  [BY_DAY] = { "days", "day", TRUE },
};

typedef struct
{
  CtlOptions options;
  gboolean csv;
  gchar *quarter;             /* NULL: all times */
  gchar before[QUARTER_SIZE]; /* the quarter before it */
  gint top;
  gboolean counted;      /* any of them */
  GHashTable *incidents; /* uuid -> SiagaIncident, its last revision */
  CtlTally *tallies[TALLIES];
} Stats;

static void
_quarter_of(SiagaTime time, gchar *quarter)
{
  gchar text[40];
  siaga_time_format(time, text);
  g_snprintf(quarter, QUARTER_SIZE, "%.4s-Q%d", text, (atoi(text + 5) + 2) / 3);
}

static gboolean
_quarter_before(const gchar *quarter, gchar *before)
{
  if (!g_regex_match_simple("^[1-9][0-9]{3}-Q[1-4]$", quarter, 0, 0))
    return FALSE;
  gint year = atoi(quarter), number = quarter[strlen(quarter) - 1] - '0';
  g_snprintf(before, QUARTER_SIZE, "%04d-Q%d", number > 1 ? year : year - 1, number > 1 ? number - 1 : 4);
  return TRUE;
}

static gboolean
_has_tag(const SiagaIncident *incident, const gchar *tag)
{
  for (guint i = 0; i < incident->tags->len; i++)
    if (strcmp(incident->tags->pdata[i], tag) == 0)
      return TRUE;
  return FALSE;
}

/* Kinds that share their way of counting: one name an incident. */
static void
_add_names(Stats *self, const SiagaIncident *incident, gboolean before)
{
  const struct
  {
    guint tally;
    const gchar *name;
  } names[] = {
    { BY_TOTAL, "all incidents" },
    { BY_TOTAL, _has_tag(incident, "gov") ? "on government" : NULL },
    { BY_TOTAL, incident->report_due ? "to be reported by law" : NULL },
    { BY_TOTAL, incident->spoofed ? "of spoofed sources" : NULL },
    { BY_TOTAL, *incident->parent ? "part of a campaign" : NULL },
    { BY_LEVEL, siaga_level_name(incident->level) },
    { BY_CATEGORY, incident->rule->category },
    { BY_RULE, incident->rule->title },
    { BY_COUNTRY, incident->victim_country },
    { BY_SECTOR, incident->victim_sector },
    { BY_CSIRT, incident->victim_csirt },
    { BY_VICTIM, incident->victim_domain ? incident->victim_domain : incident->victim_ip },
    { BY_SOURCE, incident->source_ip ? incident->source_ip : incident->source_actor },
    { BY_SOURCE_COUNTRY, incident->source_country },
  };
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    ctl_tally_add(self->tallies[names[i].tally], names[i].name, incident->count, before);
}

static void
_add_combined(Stats *self, const SiagaIncident *incident, gboolean before)
{
  const gchar *const *technique = incident->rule->techniques;
  for (; technique && *technique; technique++)
    ctl_tally_add(self->tallies[BY_TECHNIQUE], *technique, incident->count, before);
  if (!incident->victim_sector || !incident->rule->category)
    return;
  gchar *both = g_strdup_printf("%s, %s", incident->victim_sector, incident->rule->category);
  ctl_tally_add(self->tallies[BY_SECTOR_CATEGORY], both, incident->count, before);
  g_free(both);
}

static void
_add_times(Stats *self, const SiagaIncident *incident, const gchar *quarter, gboolean before)
{
  gchar day[40];
  siaga_time_format(incident->first_seen, day);
  day[strlen("2026-11-21")] = '\0';
  ctl_tally_add(self->tallies[BY_QUARTER], quarter, incident->count, before);
  ctl_tally_add(self->tallies[BY_DAY], day, incident->count, before);
  day[strlen("2026-11")] = '\0';
  ctl_tally_add(self->tallies[BY_MONTH], day, incident->count, before);
}

/* An incident belongs to the time of its first event. */
static void
_add(Stats *self, const SiagaIncident *incident)
{
  gchar quarter[QUARTER_SIZE];
  _quarter_of(incident->first_seen, quarter);
  gboolean before = self->quarter && strcmp(quarter, self->before) == 0;
  if (incident->simulated || (self->quarter && !before && strcmp(quarter, self->quarter) != 0))
    return;
  if (incident->first_seen < self->options.since_time || incident->first_seen >= self->options.until_time)
    return;
  self->counted = TRUE;
  _add_names(self, incident, before);
  _add_combined(self, incident, before);
  _add_times(self, incident, quarter, before);
}

/* A year's incidents must fit into memory: what nobody counts goes. */
static void
_slim(SiagaIncident *incident)
{
  GPtrArray *const lists[] = {
    incident->evidence,      incident->timeline,      incident->fields,
    incident->group_values,  incident->group_fields,  incident->users.first,
    incident->sources.first, incident->targets.first, incident->children,
  };
  for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
    g_ptr_array_set_size(lists[i], 0);
}

static void
_keep(gpointer data, SiagaIncident *incident)
{
  Stats *self = data;
  const SiagaIncident *known = g_hash_table_lookup(self->incidents, incident->uuid);
  if (known && known->revision > incident->revision)
    {
      siaga_incident_free(incident);
      return;
    }
  _slim(incident);
  g_hash_table_replace(self->incidents, incident->uuid, incident);
}

static void
_count(Stats *self)
{
  GHashTableIter iter;
  gpointer incident;
  for (guint i = 0; i < TALLIES; i++)
    self->tallies[i] = ctl_tally_new(&kinds[i]);
  g_hash_table_iter_init(&iter, self->incidents);
  while (g_hash_table_iter_next(&iter, NULL, &incident))
    _add(self, incident);
}

static void
_print(Stats *self)
{
  gboolean compared = self->quarter != NULL;
  SiagaJson json;
  siaga_json_init(&json, ctl_out);
  if (self->csv)
    ctl_print("table,name,incidents,events%s\n", compared ? ",before" : "");
  else if (self->options.json)
    siaga_json_open_object(&json, NULL);
  for (guint i = 0; i < TALLIES; i++)
    if (self->csv)
      ctl_tally_write_csv(self->tallies[i], compared);
    else if (self->options.json)
      ctl_tally_write_json(self->tallies[i], compared, &json);
    else
      ctl_tally_print(self->tallies[i], compared, self->top);
  if (self->options.json && !self->csv)
    {
      siaga_json_close_object(&json);
      ctl_print("\n");
    }
}

static void
_free_incident(gpointer incident)
{
  siaga_incident_free(incident);
}

static int
_run(Stats *self)
{
  guint64 read;
  if (self->top < 1)
    {
      ctl_error("--top %d: expected a number of rows", self->top);
      return CTL_CANNOT;
    }
  if (self->quarter && !_quarter_before(self->quarter, self->before))
    {
      ctl_error("--quarter %s: expected a quarter such as 2026-Q1", self->quarter);
      return CTL_CANNOT;
    }
  self->incidents = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, _free_incident);
  const int result = ctl_incidents_read(&self->options, _keep, self, &read);
  _count(self);
  _print(self);
  if (read && !self->counted)
    ctl_error("%" G_GUINT64_FORMAT " incidents were read, none of them counts: simulated, or of another time", read);
  for (guint i = 0; i < TALLIES; i++)
    ctl_tally_free(self->tallies[i]);
  g_hash_table_unref(self->incidents);
  return result;
}

int
ctl_stats(int argc, char **argv)
{
  Stats self = { .top = TOP };
  const GOptionEntry extra[] = {
    { "quarter", 'q', 0, G_OPTION_ARG_STRING, &self.quarter, "only this one, with the one before it beside",
      "YYYY-QN" },
    { "csv", 0, 0, G_OPTION_ARG_NONE, &self.csv, "comma-separated values", NULL },
    { "top", 'n', 0, G_OPTION_ARG_INT, &self.top, "rows of a table (15)", "N" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  int result = CTL_CANNOT;
  if (ctl_options_parse(
          &self.options, argc, argv, "[FILE…]",
          "Counts the incidents in files of JSON lines, as replay and a file() destination write them: by level,\n"
          "category, rule, technique, the victim's country, sector and CSIRT, victim, source, its country and time.\n"
          "The last revision of each incident counts, simulated ones do not.",
          extra))
    result = _run(&self);
  g_free(self.quarter);
  ctl_options_clear(&self.options);
  return result;
}
