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
  "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Etc", "Europe", "Indian", "Pacific",
};

/* Names of old, and those that every database has: a distribution may leave the old ones out, and PHP has a database of
 * its own.  Source: the file "backward" of the time zone database. */
static const struct
{
  const gchar *old, *name;
} links[] = {
  { "Brazil/Acre", "America/Rio_Branco" },
  { "Brazil/DeNoronha", "America/Noronha" },
  { "Brazil/East", "America/Sao_Paulo" },
  { "Brazil/West", "America/Manaus" },
  { "Canada/Atlantic", "America/Halifax" },
  { "Canada/Central", "America/Winnipeg" },
  { "Canada/Eastern", "America/Toronto" },
  { "Canada/Mountain", "America/Edmonton" },
  { "Canada/Newfoundland", "America/St_Johns" },
  { "Canada/Pacific", "America/Vancouver" },
  { "Canada/Saskatchewan", "America/Regina" },
  { "Canada/Yukon", "America/Whitehorse" },
  { "Chile/Continental", "America/Santiago" },
  { "Chile/EasterIsland", "Pacific/Easter" },
  { "Cuba", "America/Havana" },
  { "Egypt", "Africa/Cairo" },
  { "Eire", "Europe/Dublin" },
  { "Hongkong", "Asia/Hong_Kong" },
  { "Iceland", "Atlantic/Reykjavik" },
  { "Iran", "Asia/Tehran" },
  { "Israel", "Asia/Jerusalem" },
  { "Jamaica", "America/Jamaica" },
  { "Japan", "Asia/Tokyo" },
  { "Kwajalein", "Pacific/Kwajalein" },
  { "Libya", "Africa/Tripoli" },
  { "Mexico/BajaNorte", "America/Tijuana" },
  { "Mexico/BajaSur", "America/Mazatlan" },
  { "Mexico/General", "America/Mexico_City" },
  { "Navajo", "America/Denver" },
  { "Poland", "Europe/Warsaw" },
  { "Portugal", "Europe/Lisbon" },
  { "Singapore", "Asia/Singapore" },
  { "Turkey", "Europe/Istanbul" },
  { "US/Alaska", "America/Anchorage" },
  { "US/Aleutian", "America/Adak" },
  { "US/Arizona", "America/Phoenix" },
  { "US/Central", "America/Chicago" },
  { "US/East-Indiana", "America/Indiana/Indianapolis" },
  { "US/Eastern", "America/New_York" },
  { "US/Hawaii", "Pacific/Honolulu" },
  { "US/Indiana-Starke", "America/Indiana/Knox" },
  { "US/Michigan", "America/Detroit" },
  { "US/Mountain", "America/Denver" },
  { "US/Pacific", "America/Los_Angeles" },
  { "US/Samoa", "Pacific/Pago_Pago" },
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
_old_length(const gchar *text, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS(links); i++)
    {
      gsize old = strlen(links[i].old);
      if (length >= old && memcmp(text, links[i].old, old) == 0 && (length == old || !_is_of_name(text[old])))
        return old;
    }
  return 0;
}

gsize
siaga_zone_name_length(const gchar *text, gsize length)
{
  if (!length || !g_ascii_isupper(*text)) /* behind most stamps stands a host */
    return 0;
  gsize at = _area_length(text, length);
  if (!at)
    return _old_length(text, length);
  while (at + 1 < length && text[at] == '/' && _is_of_name(text[at + 1]))
    for (at++; at < length && _is_of_name(text[at]);)
      at++;
  return at <= NAME_MAX_LENGTH ? at : 0;
}

static const gchar *
_name_today(const gchar *name)
{
  for (guint i = 0; i < G_N_ELEMENTS(links); i++)
    if (strcmp(name, links[i].old) == 0)
      return links[i].name;
  return name;
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
  known[count].zone = g_time_zone_new_identifier(_name_today(known[count].name));
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
