/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Batches of lines for lanes. */

#include "siagactl/lines.h"

#include "siagactl/lanes.h"

#include "engine/base/threads.h"

#define BATCH_LINES 128
#define BATCH_BYTES (1024 * 1024) /* one line more may be as long as it likes */
#define KEPT_BYTES 65536          /* of a line's buffer */

typedef struct
{
  guint count;
  gsize bytes;
  GString *out;
  CtlLine lines[BATCH_LINES];
} Batch;

typedef struct
{
  const SiagaChain *chain;
  const CtlOptions *options;
  const CtlLineSteps *steps;
  gpointer user_data;
  CtlInput *input;
  CtlProgress progress;
} Reading;

static gpointer
_batch_new(gpointer user_data)
{
  const Reading *reading = user_data;
  Batch *self = g_new0(Batch, 1);
  self->out = g_string_new(NULL);
  for (guint i = 0; i < BATCH_LINES; i++)
    {
      self->lines[i].event = siaga_event_new(reading->chain->fields);
      self->lines[i].arena = siaga_arena_new();
      self->lines[i].text = g_string_new(NULL);
    }
  return self;
}

static void
_batch_free(gpointer data)
{
  Batch *self = data;
  for (guint i = 0; i < BATCH_LINES; i++)
    {
      siaga_event_free(self->lines[i].event);
      siaga_arena_free(self->lines[i].arena);
      g_string_free(self->lines[i].text, TRUE);
    }
  g_string_free(self->out, TRUE);
  g_free(self);
}

static void
_keep_text(CtlLine *self, const gchar *text, gsize length)
{
  if (self->text->allocated_len > KEPT_BYTES)
    {
      g_string_free(self->text, TRUE);
      self->text = g_string_new(NULL);
    }
  g_string_truncate(self->text, 0);
  g_string_append_len(self->text, text, length);
}

static void
_parse(const Reading *self, CtlLine *line, const gchar *text, gsize length)
{
  _keep_text(line, text, length);
  line->file = ctl_input_file(self->input);
  line->sequence = ctl_input_sequence(self->input);
  line->hits.count = 0;
  siaga_chain_parse(self->chain, line->text->str, length, line->file, &self->options->time, line->arena, line->event);
  line->wanted = ctl_time_is_wanted(self->options, line->event);
  if (self->steps->parsed)
    self->steps->parsed(line, self->user_data);
}

static void
_settle(gpointer lanes)
{
  ctl_lanes_settle(lanes);
}

static gboolean
_read_batch(CtlLanes *lanes, gpointer data, gpointer user_data)
{
  Reading *self = user_data;
  Batch *batch = data;
  const gchar *text;
  gsize length;
  ctl_input_on_wait(self->input, _settle, lanes);
  while (batch->count < BATCH_LINES && batch->bytes <= BATCH_BYTES)
    {
      if (!ctl_input_next(self->input, &text, &length))
        return FALSE;
      ctl_progress_step(&self->progress);
      _parse(self, &batch->lines[batch->count], text, length);
      batch->bytes += length;
      batch->count++;
    }
  return TRUE;
}

static void
_work_on_batch(gpointer data, gpointer user_data)
{
  const Reading *self = user_data;
  Batch *batch = data;
  for (guint i = 0; i < batch->count; i++)
    self->steps->work(&batch->lines[i], batch->out, self->user_data);
}

static void
_tell_batch(gpointer data, gpointer user_data)
{
  const Reading *self = user_data;
  Batch *batch = data;
  for (guint i = 0; self->steps->tell && i < batch->count; i++)
    self->steps->tell(&batch->lines[i], self->user_data);
  g_string_append_len(ctl_out, batch->out->str, batch->out->len);
  ctl_output_line();
  g_string_truncate(batch->out, 0);
  batch->count = batch->bytes = 0;
}

gboolean
ctl_lines_each(const SiagaChain *chain, const CtlOptions *options, gchar **files, const CtlLineSteps *steps,
               gpointer user_data)
{
  static const CtlLaneWork work = { _batch_new, _batch_free, _read_batch, _work_on_batch, _tell_batch };
  Reading self = { chain, options, steps, user_data, ctl_input_new(files), { .on = FALSE } };
  ctl_progress_start(&self.progress, self.input, options);
  ctl_lanes_run(&work, &self, siaga_threads_worth(CTL_LANES_MAX));
  ctl_progress_end(&self.progress);
  gboolean failed = ctl_input_failed(self.input);
  ctl_input_free(self.input);
  return !failed;
}
