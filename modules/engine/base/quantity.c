/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads numbers with units. */

#include <siaga/quantity.h>

#include <string.h>

typedef struct
{
  const gchar *name;
  gdouble factor;
} Unit;

static const Unit size_units[] = {
  { "", 1 },         { "b", 1 },         { "k", 1e3 },      { "kb", 1e3 },      { "m", 1e6 },
  { "mb", 1e6 },     { "g", 1e9 },       { "gb", 1e9 },     { "ki", 1 << 10 },  { "kib", 1 << 10 },
  { "mi", 1 << 20 }, { "mib", 1 << 20 }, { "gi", 1 << 30 }, { "gib", 1 << 30 }, { NULL, 0 },
};

static const Unit duration_units[] = {
  { "", 1e6 }, { "us", 1 }, { "ms", 1e3 }, { "s", 1e6 }, { "m", 60e6 }, { "h", 3600e6 }, { "d", 86400e6 }, { NULL, 0 },
};

static gboolean
_parse(const gchar *text, const Unit *units, gint64 *number_r)
{
  gchar *end;
  gdouble number = g_ascii_strtod(text, &end);
  if (end == text)
    return FALSE;
  end += strspn(end, " ");
  while (units->name && g_ascii_strcasecmp(units->name, end) != 0)
    units++;
  number *= units->factor;
  if (!units->name || !(number > -9e18 && number < 9e18))
    return FALSE;
  *number_r = number;
  return TRUE;
}

gboolean
siaga_duration_parse(const gchar *text, gint64 *microseconds_r)
{
  return _parse(text, duration_units, microseconds_r);
}

gboolean
siaga_size_parse(const gchar *text, gint64 *bytes_r)
{
  return _parse(text, size_units, bytes_r);
}
