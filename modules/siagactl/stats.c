/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl stats: incidents counted. */

#include "siagactl/siagactl.h"

#include <stdlib.h>
#include <string.h>

#define ROWS 15

typedef struct
{
  gchar *name;
  guint64 incidents, events;
} Row;

typedef struct
{
  const gchar *title, *json_key;
  GHashTable *rows; /* name -> Row */
} Tally;

enum
{
  BY_LEVEL,
  BY_RULE,
  BY_VICTIM,
  BY_SECTOR,
  BY_SOURCE,
  BY_DAY,
  TALLIES,
};

static void
_row_free(gpointer data)
{
  Row *row = data;
  g_free(row->name);
  g_free(row);
}

static void
_add(Tally *tally, const gchar *name, const SiagaIncident *incident)
{
  if (!name || !*name)
    return;
  Row *row = g_hash_table_lookup(tally->rows, name);
  if (!row)
    {
      row = g_new0(Row, 1);
      row->name = g_strdup(name);
      g_hash_table_insert(tally->rows, row->name, row);
    }
  row->incidents++;
  row->events += incident->count;
}

static void
_add_incident(Tally *tallies, const SiagaIncident *incident)
{
  gchar day[32];
  siaga_time_format(incident->first_seen, day);
  day[10] = '\0';
  _add(&tallies[BY_LEVEL], siaga_level_name(incident->level), incident);
  _add(&tallies[BY_RULE], incident->rule->title, incident);
  _add(&tallies[BY_VICTIM], incident->victim_domain ? incident->victim_domain : incident->victim_ip, incident);
  _add(&tallies[BY_SECTOR], incident->victim_sector, incident);
  _add(&tallies[BY_SOURCE], incident->source_ip ? incident->source_ip : incident->source_actor, incident);
  _add(&tallies[BY_DAY], day, incident);
}

static gint
_compare(gconstpointer a, gconstpointer b)
{
  const Row *x = *(Row *const *) a, *y = *(Row *const *) b;
  if (x->incidents != y->incidents)
    return x->incidents < y->incidents ? 1 : -1;
  return strcmp(x->name, y->name);
}

static gint
_compare_names(gconstpointer a, gconstpointer b)
{
  return strcmp((*(Row *const *) a)->name, (*(Row *const *) b)->name);
}

static GPtrArray *
_sorted(const Tally *tally, gboolean by_name)
{
  GPtrArray *rows = g_ptr_array_new();
  GHashTableIter iter;
  gpointer row;
  g_hash_table_iter_init(&iter, tally->rows);
  while (g_hash_table_iter_next(&iter, NULL, &row))
    g_ptr_array_add(rows, row);
  g_ptr_array_sort(rows, by_name ? _compare_names : _compare);
  return rows;
}

static void
_print_tally(const Tally *tally, gboolean by_name)
{
  GPtrArray *rows = _sorted(tally, by_name);
  CtlTable *table = ctl_table_new((const gchar *const[]){ ">incidents", ">events", tally->title, NULL });
  for (guint i = 0; i < MIN(rows->len, by_name ? 366 : ROWS); i++)
    {
      const Row *row = g_ptr_array_index(rows, i);
      gchar incidents[24], events[24];
      g_snprintf(incidents, sizeof incidents, "%" G_GUINT64_FORMAT, row->incidents);
      g_snprintf(events, sizeof events, "%" G_GUINT64_FORMAT, row->events);
      ctl_table_add(table, incidents, events, row->name, NULL);
    }
  ctl_table_print(table);
  if (!by_name && rows->len > ROWS)
    ctl_print("… and %u more\n", rows->len - ROWS);
  ctl_print("\n");
  g_ptr_array_unref(rows);
}

static void
_write_tally(SiagaJson *json, const Tally *tally)
{
  GPtrArray *rows = _sorted(tally, FALSE);
  siaga_json_open_list(json, tally->json_key);
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = g_ptr_array_index(rows, i);
      siaga_json_open_object(json, NULL);
      siaga_json_string(json, "name", row->name, -1);
      siaga_json_int(json, "incidents", row->incidents);
      siaga_json_int(json, "events", row->events);
      siaga_json_close_object(json);
    }
  siaga_json_close_list(json);
  g_ptr_array_unref(rows);
}

/* The last revision of each incident counts. */
static gboolean
_read(const CtlOptions *options, GHashTable *incidents, guint *bad_r)
{
  CtlInput *input = ctl_input_new(options->arguments);
  const gchar *line;
  gsize length;
  *bad_r = 0;
  while (ctl_input_next(input, &line, &length))
    {
      SiagaIncident *incident = length ? siaga_incident_read_json(line, length, NULL) : NULL;
      if (incident)
        g_hash_table_replace(incidents, incident->uuid, incident);
      else
        *bad_r += length > 0;
    }
  gboolean ok = !ctl_input_failed(input);
  ctl_input_free(input);
  return ok;
}

static void
_print(const CtlOptions *options, GHashTable *incidents)
{
  Tally tallies[TALLIES] = {
    [BY_LEVEL] = { "level", "levels", NULL },    [BY_RULE] = { "rule", "rules", NULL },
    [BY_VICTIM] = { "victim", "victims", NULL }, [BY_SECTOR] = { "sector", "sectors", NULL },
    [BY_SOURCE] = { "source", "sources", NULL }, [BY_DAY] = { "day", "days", NULL },
  };
  GHashTableIter iter;
  gpointer incident;
  SiagaJson json;

  for (guint i = 0; i < TALLIES; i++)
    tallies[i].rows = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, _row_free);
  g_hash_table_iter_init(&iter, incidents);
  while (g_hash_table_iter_next(&iter, NULL, &incident))
    _add_incident(tallies, incident);
  siaga_json_init(&json, ctl_out);
  if (options->json)
    siaga_json_open_object(&json, NULL);
  for (guint i = 0; i < TALLIES; i++)
    {
      if (options->json)
        _write_tally(&json, &tallies[i]);
      else
        _print_tally(&tallies[i], i == BY_DAY);
      g_hash_table_unref(tallies[i].rows);
    }
  if (options->json)
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

int
ctl_stats(int argc, char **argv)
{
  CtlOptions options;
  int result = CTL_CANNOT;
  if (ctl_options_parse(
          &options, argc, argv, "[FILE…]",
          "Counts the incidents in files of JSON lines, as replay and a file() destination write them: by\n"
          "level, rule, victim, sector, source and day.",
          NULL))
    {
      GHashTable *incidents = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, _free_incident);
      guint bad;
      gboolean ok = _read(&options, incidents, &bad);
      _print(&options, incidents);
      if (bad)
        ctl_error("%u lines are no incidents", bad);
      result = !ok ? CTL_CANNOT : bad ? CTL_FOUND : CTL_DONE;
      g_hash_table_unref(incidents);
    }
  ctl_options_clear(&options);
  return result;
}
