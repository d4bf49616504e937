/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Writes times. */

#include <siaga/time.h>

/* Days since 1970-01-01 to year, month, day (proleptic Gregorian calendar, years from March). */
static void
_civil_from_days(gint64 days, gint64 *year_r, guint *month_r, guint *day_r)
{
  days += 719468;
  gint64 era = (days >= 0 ? days : days - 146096) / 146097;
  guint day_of_era = days - era * 146097;
  guint year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  guint day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  guint month = (5 * day_of_year + 2) / 153;
  *day_r = day_of_year - (153 * month + 2) / 5 + 1;
  *month_r = month < 10 ? month + 3 : month - 9;
  *year_r = year_of_era + era * 400 + (*month_r <= 2);
}

const gchar *
siaga_time_format(SiagaTime time, gchar *buffer)
{
  gint64 seconds = time / SIAGA_SECOND, fraction = time % SIAGA_SECOND, year;
  guint month, day;

  if (fraction < 0)
    {
      fraction += SIAGA_SECOND;
      seconds--;
    }
  gint64 days = seconds / 86400, rest = seconds % 86400;
  if (rest < 0)
    {
      rest += 86400;
      days--;
    }
  _civil_from_days(days, &year, &month, &day);
  gint n = g_snprintf(buffer, 32, "%04d-%02u-%02uT%02d:%02d:%02d", (gint) CLAMP(year, -9999, 99999), month, day,
                      (gint) (rest / 3600), (gint) (rest / 60 % 60), (gint) (rest % 60));
  if (fraction)
    g_snprintf(buffer + n, 32 - n, ".%06dZ", (gint) fraction);
  else
    g_snprintf(buffer + n, 32 - n, "Z");
  return buffer;
}
