/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Where programs that write their own files put the time. */

#include "stamp.h"

#include <string.h>

/* 1990: a number that says less is a duration, or the hours of a clock. */
#define OLDEST (631152000 * SIAGA_SECOND)

static gboolean
_read(SiagaTimeFormat format, const gchar *text, gsize length, const SiagaTimeContext *context, SiagaEvent *event)
{
  SiagaTime time;
  gint32 zone;
  gboolean possible = FALSE;
  if (!siaga_time_scan(format, text, length, context, &time, &zone, &possible) || !possible || time < OLDEST)
    return FALSE;
  event->time = time;
  event->zone = zone;
  event->time_kind = SIAGA_TIME_LINE;
  return TRUE;
}

static const SiagaTimeFormat formats[] = {
  SIAGA_TIME_FORMAT_ISO8601, SIAGA_TIME_FORMAT_NGINX_ERROR, SIAGA_TIME_FORMAT_APACHE_ERROR, SIAGA_TIME_FORMAT_HTTPDATE,
  SIAGA_TIME_FORMAT_BIND,    SIAGA_TIME_FORMAT_MDY,         SIAGA_TIME_FORMAT_RFC2822,
};

gsize
siaga_clock_length(const gchar *text, gsize length)
{
  static const gchar shape[] = "00:00:00";
  const gsize all = sizeof shape - 1;
  for (gsize n = 0; n < all; n++)
    if (n == length || (shape[n] == '0' ? !g_ascii_isdigit(text[n]) : text[n] != shape[n]))
      return 0;
  return all;
}

/* "03:04:05.678" alone, which says no day. */
static gsize
_clock_with_fraction(const gchar *text, gsize length)
{
  gsize n = siaga_clock_length(text, length);
  if (!n)
    return 0;
  if (n < length && (text[n] == '.' || text[n] == ','))
    n++;
  while (n < length && g_ascii_isdigit(text[n]))
    n++;
  return n;
}

gsize
siaga_stamp_length(const gchar *text, gsize length, const SiagaTimeContext *context)
{
  SiagaTime time;
  gint32 zone;
  gboolean possible = FALSE;
  gsize used = siaga_time_scan(SIAGA_TIME_FORMAT_RFC3164, text, length, context, &time, &zone, &possible);
  possible = used != 0; /* a year may be wanting */
  for (guint i = 0; !used && i < G_N_ELEMENTS(formats); i++)
    used = siaga_time_scan(formats[i], text, length, context, &time, &zone, &possible);
  if (used && !possible)
    return 0;
  return used ? used : _clock_with_fraction(text, length);
}

gboolean
siaga_stamp_at_start(const gchar *text, gsize length, const SiagaTimeContext *context, SiagaEvent *event)
{
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

static const SiagaLeaf *
_leaf(const SiagaLeaves *leaves, const gchar *name)
{
  const gsize length = strlen(name);
  const SiagaLeaf *leaf = siaga_leaf_find(leaves, name, length, siaga_leaf_hash(name, length));
  return leaf && leaf->kind != SIAGA_LEAF_NULL ? leaf : NULL;
}

/* date=2026-01-24 time=08:37:00 … tz="+0700", as firewalls write it. */
static gboolean
_read_date_and_time(const SiagaLeaves *leaves, const SiagaTimeContext *context, SiagaEvent *event)
{
  const SiagaLeaf *date = _leaf(leaves, "date"), *time = _leaf(leaves, "time"), *zone = _leaf(leaves, "tz");
  gchar text[40];

  if (!date || !time || date->length != strlen("2026-01-24") || time->length < strlen("08:37:00"))
    return FALSE;
  const gboolean has_zone = zone && zone->length == strlen("+0700");
  const gint length = g_snprintf(text, sizeof text, "%.10s %.*s%.5s", date->text, (gint) MIN(time->length, 15),
                                 time->text, has_zone ? zone->text : "");
  return _read(SIAGA_TIME_FORMAT_ISO8601, text, length, context, event);
}

gboolean
siaga_stamp_among(const SiagaLeaves *leaves, const SiagaTimeContext *context, SiagaEvent *event)
{
  static const gchar *const names[] = { "@timestamp", "timestamp", "time", "ts", "t" };

  if (_read_date_and_time(leaves, context, event))
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    {
      const SiagaLeaf *leaf = _leaf(leaves, names[i]);
      if (leaf && _read(SIAGA_TIME_FORMAT_AUTO, leaf->text, leaf->length, context, event))
        return TRUE;
    }
  return FALSE;
}
