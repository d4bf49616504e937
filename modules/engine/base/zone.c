/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Zones by name: read once, kept. */

#include "zone.h"

#include <string.h>

#define NAME_MAX_LENGTH 40
#define NAMES_MAX 64

typedef struct
{
  gchar name[NAME_MAX_LENGTH + 1];
  GTimeZone *zone; /* NULL: the database has none of that name */
} Known;

static Known known[NAMES_MAX];
static gint known_count; /* atomic: what is below it does not change any more */
static GMutex lock;

static const gchar *const areas[] = {
  "Africa", "America", "Antarctica", "Arctic", "Asia",   "Atlantic", "Australia", "Brazil",
  "Canada", "Chile",   "Etc",        "Europe", "Indian", "Mexico",   "Pacific",   "US",
};

/* Countries and cities that are a zone's whole name. */
static const gchar *const places[] = {
  "Cuba",  "Egypt",     "Eire",  "Hongkong", "Iceland", "Iran",     "Israel",    "Jamaica",
  "Japan", "Kwajalein", "Libya", "Navajo",   "Poland",  "Portugal", "Singapore", "Turkey",
};

static gsize
_area_length(const gchar *text, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS(areas); i++)
    {
      gsize area = strlen(areas[i]);
      if (length > area + 1 && text[area] == '/' && memcmp(text, areas[i], area) == 0)
        return area;
    }
  return 0;
}

/* No dot is in it: a name leads out of no folder. */
static gboolean
_is_of_name(gchar c)
{
  return g_ascii_isalnum(c) || c == '_' || c == '-' || c == '+';
}

static gsize
_place_length(const gchar *text, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS(places); i++)
    {
      gsize place = strlen(places[i]);
      if (length >= place && memcmp(text, places[i], place) == 0 && (length == place || !_is_of_name(text[place])))
        return place;
    }
  return 0;
}

gsize
siaga_zone_name_length(const gchar *text, gsize length)
{
  gsize at = _area_length(text, length);
  if (!at)
    return _place_length(text, length);
  while (at + 1 < length && text[at] == '/' && _is_of_name(text[at + 1]))
    for (at++; at < length && _is_of_name(text[at]);)
      at++;
  return at <= NAME_MAX_LENGTH ? at : 0;
}

static const Known *
_find_known(const gchar *name, gsize length)
{
  gint count = g_atomic_int_get(&known_count);
  for (gint i = 0; i < count; i++)
    if (strncmp(known[i].name, name, length) == 0 && !known[i].name[length])
      return &known[i];
  return NULL;
}

static const Known *
_read(const gchar *name, gsize length)
{
  const Known *found = _find_known(name, length);
  gint count = g_atomic_int_get(&known_count);
  if (found || count == NAMES_MAX)
    return found;
  memcpy(known[count].name, name, length);
  known[count].zone = g_time_zone_new_identifier(known[count].name);
  g_atomic_int_set(&known_count, count + 1);
  return &known[count];
}

GTimeZone *
siaga_zone_find(const gchar *name, gsize length)
{
  const Known *found = _find_known(name, length);
  if (!found && length && length <= NAME_MAX_LENGTH && g_atomic_int_get(&known_count) < NAMES_MAX)
    {
      g_mutex_lock(&lock);
      found = _read(name, length);
      g_mutex_unlock(&lock);
    }
  return found ? found->zone : NULL;
}
