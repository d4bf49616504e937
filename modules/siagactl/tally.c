/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Tables of a report for people, programs and spreadsheets. */

#include "siagactl/tally.h"

#include <string.h>

typedef struct
{
  gchar *name;
  guint64 incidents, events, before;
} Row;

struct _CtlTally
{
  const CtlTallyKind *kind;
  GHashTable *rows; /* name -> Row */
};

static void
_row_free(gpointer data)
{
  Row *row = data;
  g_free(row->name);
  g_free(row);
}

CtlTally *
ctl_tally_new(const CtlTallyKind *kind)
{
  CtlTally *self = g_new0(CtlTally, 1);
  self->kind = kind;
  self->rows = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, _row_free);
  return self;
}

void
ctl_tally_free(CtlTally *self)
{
  g_hash_table_unref(self->rows);
  g_free(self);
}

void
ctl_tally_add(CtlTally *self, const gchar *name, guint64 events, gboolean before)
{
  if (!name || !*name)
    return;
  Row *row = g_hash_table_lookup(self->rows, name);
  if (!row)
    {
      row = g_new0(Row, 1);
      row->name = g_strdup(name);
      g_hash_table_insert(self->rows, row->name, row);
    }
  row->incidents += !before;
  row->before += before;
  row->events += before ? 0 : events;
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

/* Times of the period before are not this one's. */
static GPtrArray *
_sorted(const CtlTally *self)
{
  GPtrArray *rows = g_ptr_array_new();
  GHashTableIter iter;
  gpointer row;
  g_hash_table_iter_init(&iter, self->rows);
  while (g_hash_table_iter_next(&iter, NULL, &row))
    if (!self->kind->by_name || ((Row *) row)->incidents)
      g_ptr_array_add(rows, row);
  g_ptr_array_sort(rows, self->kind->by_name ? _compare_names : _compare);
  return rows;
}

#define NUMBER_SIZE 24

static const gchar *
_number(gchar *text, guint64 number)
{
  g_snprintf(text, NUMBER_SIZE, "%" G_GUINT64_FORMAT, number);
  return text;
}

void
ctl_tally_print(const CtlTally *self, gboolean compared, guint top)
{
  GPtrArray *rows = _sorted(self);
  if (!rows->len)
    {
      g_ptr_array_unref(rows);
      return;
    }
  guint shown = self->kind->by_name ? rows->len : MIN(rows->len, top);
  const gchar *const plain[] = { ">incidents", ">events", self->kind->title, NULL };
  const gchar *const both[] = { ">incidents", ">before", ">events", self->kind->title, NULL };
  CtlTable *table = ctl_table_new(compared ? both : plain);
  for (guint i = 0; i < shown; i++)
    {
      const Row *row = g_ptr_array_index(rows, i);
      gchar incidents[NUMBER_SIZE], events[NUMBER_SIZE], before[NUMBER_SIZE];
      _number(incidents, row->incidents);
      _number(events, row->events);
      if (compared)
        ctl_table_add(table, incidents, _number(before, row->before), events, row->name, NULL);
      else
        ctl_table_add(table, incidents, events, row->name, NULL);
    }
  ctl_table_print(table);
  if (rows->len > shown)
    ctl_print("… and %u more\n", rows->len - shown);
  ctl_print("\n");
  g_ptr_array_unref(rows);
}

void
ctl_tally_write_json(const CtlTally *self, gboolean compared, SiagaJson *json)
{
  GPtrArray *rows = _sorted(self);
  siaga_json_open_list(json, self->kind->key);
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = g_ptr_array_index(rows, i);
      siaga_json_open_object(json, NULL);
      siaga_json_string(json, "name", row->name, -1);
      siaga_json_int(json, "incidents", row->incidents);
      siaga_json_int(json, "events", row->events);
      if (compared)
        siaga_json_int(json, "before", row->before);
      siaga_json_close_object(json);
    }
  siaga_json_close_list(json);
  g_ptr_array_unref(rows);
}

/* A quoted cell (RFC 4180), without control characters. */
static void
_write_cell(const gchar *text)
{
  g_string_append_c(ctl_out, '"');
  if (strchr("=+-@\t\r", *text))
    g_string_append_c(ctl_out, '\'');
  for (; *text; text++)
    {
      if (*text == '"')
        g_string_append_c(ctl_out, '"');
      g_string_append_c(ctl_out, g_ascii_iscntrl(*text) ? ' ' : *text);
    }
  g_string_append_c(ctl_out, '"');
}

void
ctl_tally_write_csv(const CtlTally *self, gboolean compared)
{
  GPtrArray *rows = _sorted(self);
  for (guint i = 0; i < rows->len; i++)
    {
      const Row *row = g_ptr_array_index(rows, i);
      ctl_print("%s,", self->kind->key);
      _write_cell(row->name);
      ctl_print(",%" G_GUINT64_FORMAT ",%" G_GUINT64_FORMAT, row->incidents, row->events);
      if (compared)
        ctl_print(",%" G_GUINT64_FORMAT, row->before);
      ctl_print("\n");
    }
  g_ptr_array_unref(rows);
}
