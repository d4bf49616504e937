/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * An event as one line of JSON. */

#include "siagactl/lines.h"

void
ctl_append_event(GString *out, const CtlLine *line)
{
  SiagaEvent *event = line->event;
  SiagaJson json;

  siaga_event_set_int(event, SIAGA_F_EVENT_SEQUENCE, line->sequence);
  siaga_event_set(event, SIAGA_F_EVENT_ORIGINAL, line->text->str, line->text->len);
  if (!event->parsed)
    siaga_event_add(event, SIAGA_F_TAGS, "siaga.unparsed", 14);
  if (event->truncated)
    siaga_event_add(event, SIAGA_F_TAGS, "siaga.truncated", 15);
  siaga_json_init(&json, out);
  siaga_json_open_object(&json, NULL);
  siaga_event_write_json(event, &json, FALSE);
  siaga_json_close_object(&json);
  g_string_append_c(out, '\n');
}
