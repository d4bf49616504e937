/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Where programs that write their own files put the time. */

#include "stamp.h"

#include <string.h>

static gboolean
_read(SiagaTimeFormat format, const gchar *text, gsize length, const SiagaTimeContext *context, SiagaEvent *event)
{
  SiagaTime time;
  gint32 zone;
  gboolean possible = FALSE;
  if (!siaga_time_scan(format, text, length, context, &time, &zone, &possible) || !possible)
    return FALSE;
  event->time = time;
  event->zone = zone;
  event->time_kind = SIAGA_TIME_LINE;
  return TRUE;
}

gboolean
siaga_stamp_at_start(const gchar *text, gsize length, const SiagaTimeContext *context, SiagaEvent *event)
{
  static const SiagaTimeFormat formats[] = {
    SIAGA_TIME_FORMAT_ISO8601,  SIAGA_TIME_FORMAT_NGINX_ERROR, SIAGA_TIME_FORMAT_APACHE_ERROR,
    SIAGA_TIME_FORMAT_HTTPDATE, SIAGA_TIME_FORMAT_BIND,        SIAGA_TIME_FORMAT_MDY,
    SIAGA_TIME_FORMAT_RFC2822,
  };
  if (length && (*text == '[' || *text == '"'))
    {
      text++;
      length--;
    }
  for (guint i = 0; i < G_N_ELEMENTS(formats); i++)
    if (_read(formats[i], text, length, context, event))
      return TRUE;
  return FALSE;
}

gboolean
siaga_stamp_among(const SiagaLeaves *leaves, const SiagaTimeContext *context, SiagaEvent *event)
{
  static const gchar *const names[] = { "@timestamp", "timestamp", "time", "ts", "t" };
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    {
      gsize length = strlen(names[i]);
      const SiagaLeaf *leaf = siaga_leaf_find(leaves, names[i], length, siaga_leaf_hash(names[i], length));
      if (leaf && leaf->kind != SIAGA_LEAF_NULL &&
          _read(SIAGA_TIME_FORMAT_AUTO, leaf->text, leaf->length, context, event))
        return TRUE;
    }
  return FALSE;
}
