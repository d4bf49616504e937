/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Incidents as they ended, and those of files. */

#include "siagactl/siagactl.h"

struct _CtlIncidents
{
  GPtrArray *order;    /* of SiagaIncident*, owned */
  GHashTable *by_uuid; /* uuid of the incident -> index + 1 */
};

static void
_free(gpointer incident)
{
  siaga_incident_free(incident);
}

CtlIncidents *
ctl_incidents_new(void)
{
  CtlIncidents *self = g_new(CtlIncidents, 1);
  self->order = g_ptr_array_new_with_free_func(_free);
  self->by_uuid = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  return self;
}

void
ctl_incidents_free(CtlIncidents *self)
{
  if (!self)
    return;
  g_hash_table_unref(self->by_uuid);
  g_ptr_array_unref(self->order);
  g_free(self);
}

static void
_take(CtlIncidents *self, SiagaIncident *incident)
{
  guint index = GPOINTER_TO_UINT(g_hash_table_lookup(self->by_uuid, incident->uuid));
  if (index)
    {
      siaga_incident_free(g_ptr_array_index(self->order, index - 1));
      g_ptr_array_index(self->order, index - 1) = incident;
      return;
    }
  g_ptr_array_add(self->order, incident);
  g_hash_table_insert(self->by_uuid, g_strdup(incident->uuid), GUINT_TO_POINTER(self->order->len));
}

/* The snapshots change their owner. */
void
ctl_incidents_take(CtlIncidents *self, SiagaChanges *changes)
{
  for (guint i = 0; i < changes->changes->len; i++)
    _take(self, g_ptr_array_index(changes->changes, i));
  g_ptr_array_set_free_func(changes->changes, NULL);
  g_ptr_array_set_size(changes->changes, 0);
  g_ptr_array_set_free_func(changes->changes, _free);
}

guint
ctl_incidents_size(const CtlIncidents *self)
{
  return self->order->len;
}

const SiagaIncident *
ctl_incidents_get(const CtlIncidents *self, guint index)
{
  return g_ptr_array_index(self->order, index);
}

typedef struct
{
  guint64 read, bad;
  GString *first_bad;
  const gchar *file;
  guint64 lines_before; /* the file */
} Reading;

static void
_note_bad(Reading *self, const CtlInput *input, const GError *error)
{
  const gchar *file = ctl_input_file(input);
  if (!self->bad++)
    g_string_printf(self->first_bad, "%s:%" G_GUINT64_FORMAT ": %s", file ? file : "standard input",
                    ctl_input_sequence(input) - self->lines_before, error->message);
}

static void
_read_line(Reading *self, const CtlInput *input, const gchar *line, gsize length, CtlTakeIncident take, gpointer data)
{
  GError *error = NULL;
  if (ctl_input_file(input) != self->file)
    {
      self->file = ctl_input_file(input);
      self->lines_before = ctl_input_sequence(input) - 1;
    }
  SiagaIncident *incident = length ? siaga_incident_read_json(line, length, &error) : NULL;
  if (incident)
    {
      self->read++;
      take(data, incident);
    }
  else if (length)
    _note_bad(self, input, error);
  g_clear_error(&error);
}

static void
_report(const Reading *self)
{
  if (self->bad > 1)
    ctl_error("%s; %" G_GUINT64_FORMAT " more line%s none either", self->first_bad->str, self->bad - 1,
              self->bad > 2 ? "s are" : " is");
  else if (self->bad)
    ctl_error("%s", self->first_bad->str);
  else if (!self->read)
    ctl_error("there were no incidents to read");
}

int
ctl_incidents_read(const CtlOptions *options, CtlTakeIncident take, gpointer data, guint64 *read_r)
{
  Reading self = { .first_bad = g_string_new(NULL), .file = "" };
  CtlInput *input = ctl_input_new(options->arguments);
  CtlProgress progress;
  const gchar *line;
  gsize length;

  ctl_progress_start(&progress, input, options);
  while (ctl_input_next(input, &line, &length))
    {
      _read_line(&self, input, line, length, take, data);
      ctl_progress_step(&progress);
    }
  ctl_progress_end(&progress);
  const gboolean failed = ctl_input_failed(input);
  ctl_input_free(input);
  if (!failed || self.bad)
    _report(&self);
  g_string_free(self.first_bad, TRUE);
  *read_r = self.read;
  return failed ? CTL_CANNOT : self.bad ? CTL_FOUND : CTL_DONE;
}
