/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * An event as one line of JSON. */

#include "siagactl/siagactl.h"

void
ctl_write_event(SiagaEvent *event, const gchar *raw, gsize length, guint64 sequence)
{
  SiagaJson json;

  siaga_event_set_int(event, SIAGA_F_EVENT_SEQUENCE, sequence);
  siaga_event_set(event, SIAGA_F_EVENT_ORIGINAL, raw, length);
  if (!event->parsed)
    siaga_event_add(event, SIAGA_F_TAGS, "siaga.unparsed", 14);
  if (event->truncated)
    siaga_event_add(event, SIAGA_F_TAGS, "siaga.truncated", 15);
  siaga_json_init(&json, ctl_out);
  siaga_json_open_object(&json, NULL);
  siaga_event_write_json(event, &json, FALSE);
  siaga_json_close_object(&json);
  g_string_append_c(ctl_out, '\n');
  ctl_output_line();
}
