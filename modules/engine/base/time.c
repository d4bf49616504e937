/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads and writes times. */

#include "zone.h"

#include <siaga/time.h>

#include <string.h>

#define DAY (86400 * SIAGA_SECOND)
#define EPOCH_MAX G_GINT64_CONSTANT(253402300799) /* the last second of the year 9999 */

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

static gint64
_days_from_civil(gint year, guint month, guint day)
{
  gint shifted = year - (month <= 2);
  gint era = shifted / 400;
  guint year_of_era = shifted - era * 400;
  guint day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  guint day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return (gint64) era * 146097 + day_of_era - 719468;
}

static gchar *
_put_two(gchar *out, gchar before, guint value)
{
  *out++ = before;
  *out++ = '0' + value / 10;
  *out++ = '0' + value % 10;
  return out;
}

static gchar *
_put_year(gchar *out, gint year)
{
  if (year < 0 || year > 9999)
    return out + g_snprintf(out, 8, "%04d", year);
  *out++ = '0' + year / 1000;
  *out++ = '0' + year / 100 % 10;
  *out++ = '0' + year / 10 % 10;
  *out++ = '0' + year % 10;
  return out;
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
  gchar *out = _put_year(buffer, CLAMP(year, -9999, 99999));
  out = _put_two(out, '-', month);
  out = _put_two(out, '-', day);
  out = _put_two(out, 'T', rest / 3600);
  out = _put_two(out, ':', rest / 60 % 60);
  out = _put_two(out, ':', rest % 60);
  if (fraction)
    {
      out = _put_two(out, '.', fraction / 10000);
      *out++ = '0' + fraction / 1000 % 10;
      *out++ = '0' + fraction / 100 % 10;
      *out++ = '0' + fraction / 10 % 10;
      *out++ = '0' + fraction % 10;
    }
  memcpy(out, "Z", 2);
  return buffer;
}

/* A stamp taken apart. */
typedef struct
{
  const gchar *p, *end;
  gint year; /* 0: the stamp has none */
  guint month, day, hour, minute, second, microsecond;
  gboolean has_zone;
  gint32 zone;
  GTimeZone *named; /* the zone by its name in the database; NULL: as the others say */
} Stamp;

static gboolean
_is_digit(gchar c)
{
  return c >= '0' && c <= '9';
}

static gboolean
_take(Stamp *self, gchar c)
{
  if (self->p == self->end || *self->p != c)
    return FALSE;
  self->p++;
  return TRUE;
}

/* MIN to MAX digits. */
static gboolean
_take_number(Stamp *self, guint min, guint max, guint *value_r)
{
  guint value = 0, digits = 0;
  while (digits < max && self->p < self->end && _is_digit(*self->p))
    {
      value = value * 10 + (*self->p++ - '0');
      digits++;
    }
  *value_r = value;
  return digits >= min;
}

static gboolean
_take_year(Stamp *self)
{
  guint year;
  if (!_take_number(self, 4, 4, &year))
    return FALSE;
  self->year = year;
  return year > 0;
}

/* Two digits are of this century. */
static gboolean
_take_year_of_region(Stamp *self)
{
  const gchar *start = self->p;
  guint year;
  if (!_take_number(self, 2, 4, &year) || self->p - start == 3)
    return FALSE;
  self->year = self->p - start == 2 ? 2000 + year : year;
  return self->year > 0;
}

static gboolean
_take_month(Stamp *self)
{
  static const gchar names[] = "janfebmaraprmayjunjulaugsepoctnovdec";
  if (self->end - self->p < 3)
    return FALSE;
  gchar word[3] = { self->p[0] | 0x20, self->p[1] | 0x20, self->p[2] | 0x20 };
  for (guint i = 0; i < 12; i++)
    if (memcmp(word, names + 3 * i, 3) == 0)
      {
        self->month = i + 1;
        self->p += 3;
        return TRUE;
      }
  return FALSE;
}

static gboolean
_take_weekday(Stamp *self)
{
  static const gchar names[] = "montuewedthufrisatsun";
  if (self->end - self->p < 4)
    return FALSE;
  gchar word[3] = { self->p[0] | 0x20, self->p[1] | 0x20, self->p[2] | 0x20 };
  for (guint i = 0; i < 7; i++)
    if (memcmp(word, names + 3 * i, 3) == 0)
      {
        self->p += 3;
        return TRUE;
      }
  return FALSE;
}

/* ".123456789" or ",123": microseconds, the rest is cut. */
static void
_take_fraction(Stamp *self)
{
  if (self->end - self->p < 2 || (*self->p != '.' && *self->p != ',') || !_is_digit(self->p[1]))
    return;
  self->p++;
  guint value = 0, digits = 0;
  for (; self->p < self->end && _is_digit(*self->p); self->p++)
    if (digits < 6)
      {
        value = value * 10 + (*self->p - '0');
        digits++;
      }
  for (; digits < 6; digits++)
    value *= 10;
  self->microsecond = value;
}

static gboolean
_take_clock_parted(Stamp *self, gchar separator)
{
  if (!_take_number(self, 1, 2, &self->hour) || !_take(self, separator) || !_take_number(self, 2, 2, &self->minute) ||
      !_take(self, separator) || !_take_number(self, 2, 2, &self->second))
    return FALSE;
  _take_fraction(self);
  return TRUE;
}

/* 13:55:36 with a fraction; also "1:55:36". */
static gboolean
_take_clock(Stamp *self)
{
  return _take_clock_parted(self, ':');
}

/* 13.55.36 in Indonesia, Denmark and elsewhere. */
static gboolean
_take_clock_of_region(Stamp *self)
{
  gboolean dots = self->end - self->p > 2 && (self->p[1] == '.' || self->p[2] == '.');
  return _take_clock_parted(self, dots ? '.' : ':');
}

/* +0700, -07:00, +07 */
static gboolean
_take_offset(Stamp *self)
{
  const gchar *start = self->p;
  guint hours, minutes = 0;
  if (self->p == self->end || (*self->p != '+' && *self->p != '-'))
    return FALSE;
  gint sign = *self->p++ == '-' ? -1 : 1;
  if (!_take_number(self, 2, 2, &hours))
    {
      self->p = start;
      return FALSE;
    }
  const gchar *after_hours = self->p;
  _take(self, ':');
  if (!_take_number(self, 2, 2, &minutes))
    self->p = after_hours;
  if (hours > 18 || minutes > 59)
    {
      self->p = start;
      return FALSE;
    }
  self->zone = sign * (gint32) (hours * 3600 + minutes * 60);
  self->has_zone = TRUE;
  return TRUE;
}

static const struct
{
  const gchar *name;
  gint minutes;
} zone_names[] = {
  { "Z", 0 },      { "UTC", 0 },    { "GMT", 0 },    { "UCT", 0 },    { "WIB", 420 },  { "WITA", 480 }, { "WIT", 540 },
  { "SGT", 480 },  { "MYT", 480 },  { "PHT", 480 },  { "BNT", 480 },  { "ICT", 420 },  { "MMT", 390 },  { "TLT", 540 },
  { "HKT", 480 },  { "JST", 540 },  { "KST", 540 },  { "IST", 330 },  { "AWST", 480 }, { "ACST", 570 }, { "AEST", 600 },
  { "AEDT", 660 }, { "NZST", 720 }, { "NZDT", 780 }, { "WET", 0 },    { "WEST", 60 },  { "BST", 60 },   { "CET", 60 },
  { "CEST", 120 }, { "EET", 120 },  { "EEST", 180 }, { "MSK", 180 },  { "EST", -300 }, { "EDT", -240 }, { "CST", -360 },
  { "CDT", -300 }, { "MST", -420 }, { "MDT", -360 }, { "PST", -480 }, { "PDT", -420 },
};

static gboolean
_take_zone_name(Stamp *self)
{
  const gchar *p = self->p;
  while (p < self->end && *p >= 'A' && *p <= 'Z')
    p++;
  gsize length = p - self->p;
  for (guint i = 0; length && i < G_N_ELEMENTS(zone_names); i++)
    if (strlen(zone_names[i].name) == length && memcmp(self->p, zone_names[i].name, length) == 0)
      {
        self->zone = zone_names[i].minutes * 60;
        self->has_zone = TRUE;
        self->p = p;
        return TRUE;
      }
  return FALSE;
}

/* "Asia/Jakarta"; one that the database does not have says nothing. */
static gboolean
_take_zone_of_database(Stamp *self)
{
  gsize length = siaga_zone_name_length(self->p, self->end - self->p);
  if (length)
    self->named = siaga_zone_find(self->p, length);
  self->p += length;
  return length > 0;
}

/* " +0700", " WIB", "Z", " Asia/Jakarta", nothing. */
static void
_take_zone(Stamp *self)
{
  const gchar *start = self->p;
  _take(self, ' ');
  if (!_take_offset(self) && !_take_zone_name(self) && !_take_zone_of_database(self))
    self->p = start;
}

/* 10/Oct/2000:13:55:36 -0700 */
static gboolean
_read_httpdate(Stamp *self)
{
  if (!_take_number(self, 1, 2, &self->day) || !_take(self, '/') || !_take_month(self) || !_take(self, '/') ||
      !_take_year(self) || (!_take(self, ':') && !_take(self, ' ')) || !_take_clock(self))
    return FALSE;
  _take_zone(self);
  return TRUE;
}

/* Some servers pad the hour with a blank: 2026-01-24  1:37:00. */
static gboolean
_read_iso_clock(Stamp *self)
{
  if (_take(self, ' '))
    _take(self, ' ');
  else if (!_take(self, 'T') && !_take(self, 't') && !_take(self, '\t') && !_take(self, '-'))
    return FALSE; /* CloudFront has two columns, xrdp a hyphen */
  if (!_take_number(self, 1, 2, &self->hour) || !_take(self, ':') || !_take_number(self, 2, 2, &self->minute))
    return FALSE;
  if (!_take(self, ':'))
    return TRUE;
  if (!_take_number(self, 2, 2, &self->second))
    return FALSE;
  _take_fraction(self);
  return TRUE;
}

static gboolean
_read_date(Stamp *self, gchar separator)
{
  return _take_year(self) && _take(self, separator) && _take_number(self, 2, 2, &self->month) &&
         _take(self, separator) && _take_number(self, 2, 2, &self->day);
}

/* 20260124 */
static gboolean
_read_basic_date(Stamp *self)
{
  return _take_year(self) && _take_number(self, 2, 2, &self->month) && _take_number(self, 2, 2, &self->day);
}

static gboolean
_read_iso8601(Stamp *self)
{
  const gboolean basic = self->end - self->p > 8 && _is_digit(self->p[4]);
  if (!(basic ? _read_basic_date(self) : _read_date(self, '-')) || !_read_iso_clock(self))
    return FALSE;
  _take_zone(self);
  return TRUE;
}

static gboolean
_read_iis(Stamp *self)
{
  if (!_read_date(self, '-') || !_read_iso_clock(self))
    return FALSE;
  _take(self, 'Z');
  self->has_zone = TRUE;
  return TRUE;
}

/* A year stands alone: what follows must not make it a longer word. */
static gboolean
_take_lone_year(Stamp *self)
{
  const gchar *start = self->p;
  if (_take_year(self) && self->year >= 1970 && self->year < 2200 &&
      (self->p == self->end || strchr(" ]),", *self->p) ||
       (*self->p == ':' && (self->p + 1 == self->end || self->p[1] == ' '))))
    return TRUE;
  self->year = 0;
  self->p = start;
  return FALSE;
}

static void
_take_blanks(Stamp *self)
{
  while (self->p < self->end && *self->p == ' ')
    self->p++;
}

/* What journalctl writes in the languages of the region and some others, as glibc abbreviates them, where English
 * differs. */
static const struct
{
  gchar name[12];
  guint8 month;
} foreign_months[] = {
  { "Mei", 5 },  { "Agu", 8 },        { "Agt", 8 },  { "Ags", 8 },  { "Okt", 10 },  { "Des", 12 },  { "Mac", 3 },
  { "Ogos", 8 }, { "Dis", 12 },       { "Ene", 1 },  { "Peb", 2 },  { "Abr", 4 },   { "Hun", 6 },   { "Hul", 7 },
  { "Ago", 8 },  { "Set", 9 },        { "Nob", 11 }, { "Dic", 12 }, { "Fev", 2 },   { "Mai", 5 },   { "Out", 10 },
  { "Dez", 12 }, { "M\303\244r", 3 }, { "ม.ค.", 1 }, { "ก.พ.", 2 }, { "มี.ค.", 3 },  { "เม.ย.", 4 }, { "พ.ค.", 5 },
  { "มิ.ย.", 6 }, { "ก.ค.", 7 },       { "ส.ค.", 8 }, { "ก.ย.", 9 }, { "ต.ค.", 10 }, { "พ.ย.", 11 }, { "ธ.ค.", 12 },
};

/* " 6月" in Chinese and Japanese. */
static gboolean
_take_numbered_month(Stamp *self)
{
  const gchar *start = self->p;
  if (_take_number(self, 1, 2, &self->month) && self->month >= 1 && self->month <= 12 && self->end - self->p > 3 &&
      memcmp(self->p, "月", 3) == 0)
    {
      self->p += 3;
      return TRUE;
    }
  self->p = start;
  return FALSE;
}

static gboolean
_take_foreign_month(Stamp *self)
{
  for (guint i = 0; self->p < self->end && i < G_N_ELEMENTS(foreign_months); i++)
    {
      const gchar *name = foreign_months[i].name;
      const gsize length = *self->p == *name ? strlen(name) : 0;
      if (length && (gsize) (self->end - self->p) > length && memcmp(self->p, name, length) == 0)
        {
          self->month = foreign_months[i].month;
          self->p += length;
          return TRUE;
        }
    }
  return _take_numbered_month(self);
}

/* What stands behind the first three letters of a month that is written in full, a space behind it. */
static void
_take_rest_of_month(Stamp *self)
{
  static const gchar *const rests[] = { "uary ", "ruary ", "ch ",     "il ",   " ",      "e ",
                                        "y ",    "ust ",   "tember ", "ober ", "ember ", "ember " };
  const gchar *rest = rests[self->month - 1];
  gsize length = strlen(rest);
  if ((gsize) (self->end - self->p) > length && memcmp(self->p, rest, length) == 0)
    self->p += length - 1;
}

static gboolean
_take_month_name(Stamp *self)
{
  if (!_take_month(self))
    return _take_foreign_month(self);
  if (self->p < self->end && *self->p != ' ')
    _take_rest_of_month(self);
  return TRUE;
}

/* Oct 10 [2000] 13:55:36, October 10 13:55:36 */
static gboolean
_read_month_first(Stamp *self)
{
  if (!_take_month_name(self) || !_take(self, ' '))
    return FALSE;
  _take(self, ' ');
  if (!_take_number(self, 1, 2, &self->day))
    return FALSE;
  _take(self, ','); /* Plex: Oct 10, 2000 13:55:36 */
  if (!_take(self, ' '))
    return FALSE;
  if (self->end - self->p > 4 && self->p[4] == ' ' && _take_lone_year(self))
    _take(self, ' ');
  _take(self, ' ');
  return _take_clock(self);
}

/* Behind the clock: " 2000", " +0700", " WIB".  In a header a word is a zone only with a colon behind it, since a host
 * may have any name. */
static void
_read_month_first_tail(Stamp *self, gboolean whole)
{
  const gchar *start = self->p;
  if (!self->year && _take(self, ' ') && !_take_lone_year(self))
    self->p = start;
  start = self->p;
  _take_zone(self);
  if (!whole && self->p > start && g_ascii_isalpha(self->p[-1]) && (self->p == self->end || *self->p != ':'))
    {
      self->p = start;
      self->has_zone = FALSE;
      self->zone = 0;
      self->named = NULL;
    }
  start = self->p;
  if (!self->year && _take(self, ' ') && !_take_lone_year(self))
    self->p = start;
}

static gboolean
_read_rfc3164(Stamp *self, gboolean whole)
{
  if (_take_lone_year(self) && !_take(self, ' '))
    return FALSE;
  if (!_read_month_first(self))
    return FALSE;
  _read_month_first_tail(self, whole);
  return TRUE;
}

/* 10-Oct-2000 13:55:36.123 */
static gboolean
_read_bind(Stamp *self)
{
  if (!_take_number(self, 1, 2, &self->day) || !_take(self, '-') || !_take_month(self) || !_take(self, '-') ||
      !_take_year(self) || !_take(self, ' ') || !_take_clock(self))
    return FALSE;
  _take_zone(self);
  return TRUE;
}

/* Tue Oct 10 13:55:36.123456 2000 */
static gboolean
_read_apache_error(Stamp *self)
{
  if (!_take_weekday(self) || !_take(self, ' ') || !_read_month_first(self))
    return FALSE;
  _read_month_first_tail(self, TRUE);
  return self->year != 0;
}

/* 2000/10/10 13:55:36; Gin writes a hyphen between blanks: 2000/10/10 - 13:55:36 */
static gboolean
_read_nginx_error(Stamp *self)
{
  if (!_read_date(self, '/') || !_take(self, ' ') || (_take(self, '-') && !_take(self, ' ')) || !_take_clock(self))
    return FALSE;
  _take_zone(self);
  return TRUE;
}

/* "AM", "PM" behind a clock of twelve hours. */
static gboolean
_take_half_day(Stamp *self)
{
  const gchar *start = self->p;
  _take(self, ' ');
  if (self->end - self->p < 2 || (self->p[1] | 0x20) != 'm' ||
      ((self->p[0] | 0x20) != 'a' && (self->p[0] | 0x20) != 'p'))
    {
      self->p = start;
      return TRUE;
    }
  if (self->hour < 1 || self->hour > 12)
    return FALSE;
  self->hour = self->hour % 12 + ((self->p[0] | 0x20) == 'p' ? 12 : 0);
  self->p += 2;
  return TRUE;
}

static gboolean
_take_separator(Stamp *self, gchar *separator_r)
{
  *separator_r = self->p < self->end ? *self->p : '\0';
  return (*separator_r == '/' || *separator_r == '.' || *separator_r == '-') && _take(self, *separator_r);
}

/* A year of four digits in front settles the order: 2026/8/2. */
static gboolean
_take_year_first(Stamp *self)
{
  const gchar *start = self->p;
  gchar separator;
  if (_take_year(self) && _take_separator(self, &separator) && _take_number(self, 1, 2, &self->month) &&
      _take(self, separator) && _take_number(self, 1, 2, &self->day))
    return TRUE;
  self->p = start;
  return FALSE;
}

static gboolean
_take_year_last(Stamp *self, guint *first, guint *second)
{
  gchar separator;
  return _take_number(self, 1, 2, first) && _take_separator(self, &separator) && _take_number(self, 1, 2, second) &&
         _take(self, separator) && _take_year_of_region(self);
}

static gboolean
_read_numeric_date(Stamp *self, guint *first, guint *second)
{
  if (!_take_year_first(self) && !_take_year_last(self, first, second))
    return FALSE;
  if (!_take(self, ',')) /* cPanel: 06/10/2021:11:19:31 -0000 */
    _take(self, ':');
  _take_blanks(self);
  if (!_take_clock_of_region(self) || !_take_half_day(self))
    return FALSE;
  _take_zone(self);
  return TRUE;
}

/* A first number that is no month says that the region writes the day first. */
static gboolean
_read_mdy(Stamp *self)
{
  if (!_read_numeric_date(self, &self->month, &self->day))
    return FALSE;
  if (self->month > 12 && self->day <= 12)
    {
      gint day = self->month;
      self->month = self->day;
      self->day = day;
    }
  return TRUE;
}

static gboolean
_read_dmy(Stamp *self)
{
  return _read_numeric_date(self, &self->day, &self->month);
}

/* 001010  3:55:36: MySQL's for twenty years.  Two digits are of this century. */
static gboolean
_read_ymd(Stamp *self)
{
  guint year;
  if (!_take_number(self, 2, 2, &year) || !_take_number(self, 2, 2, &self->month) ||
      !_take_number(self, 2, 2, &self->day))
    return FALSE;
  self->year = 2000 + year;
  return _read_iso_clock(self);
}

/* Tue, 10 Oct 2000 13:55:36 +0700 */
static gboolean
_read_rfc2822(Stamp *self)
{
  if (_take_weekday(self) && (!_take(self, ',') || !_take(self, ' ')))
    return FALSE;
  if (!_take_number(self, 1, 2, &self->day) || !_take(self, ' ') || !_take_month(self) || !_take(self, ' ') ||
      !_take_year(self) || !_take(self, ' ') || !_take_clock(self))
    return FALSE;
  _take_zone(self);
  return TRUE;
}

static SiagaTimeFormat
_guess(const gchar *p, gsize length)
{
  if (length >= 19 && p[4] == '-' && p[7] == '-')
    return SIAGA_TIME_FORMAT_ISO8601;
  if (length >= 19 && p[4] == '/' && p[7] == '/')
    return SIAGA_TIME_FORMAT_NGINX_ERROR;
  if (length >= 19 && (p[2] == '/' || p[1] == '/') && memchr(p + 3, ':', length - 3) && g_ascii_isalpha(p[3]))
    return SIAGA_TIME_FORMAT_HTTPDATE;
  if (length >= 19 && (p[2] == '-' || p[1] == '-'))
    return SIAGA_TIME_FORMAT_BIND;
  if (length >= 15 && g_ascii_isalpha(p[0]))
    return p[3] == ','             ? SIAGA_TIME_FORMAT_RFC2822
           : g_ascii_isalpha(p[4]) ? SIAGA_TIME_FORMAT_APACHE_ERROR
                                   : SIAGA_TIME_FORMAT_RFC3164;
  gsize digits = 0;
  while (digits < length && _is_digit(p[digits]))
    digits++;
  return digits < 12   ? SIAGA_TIME_FORMAT_EPOCH
         : digits < 16 ? SIAGA_TIME_FORMAT_EPOCH_MS
         : digits < 19 ? SIAGA_TIME_FORMAT_EPOCH_US
                       : SIAGA_TIME_FORMAT_EPOCH_NS;
}

static gsize
_scan_epoch(SiagaTimeFormat format, const gchar *text, gsize length, SiagaTime *time_r)
{
  static const gint64 units[] = {
    [SIAGA_TIME_FORMAT_EPOCH] = 1,
    [SIAGA_TIME_FORMAT_EPOCH_MS] = 1000,
    [SIAGA_TIME_FORMAT_EPOCH_US] = 1000000,
    [SIAGA_TIME_FORMAT_EPOCH_NS] = 1000000000,
  };
  Stamp stamp = { .p = text, .end = text + length };
  gint64 value = 0, unit = units[format];
  guint digits = 0;

  for (; stamp.p < stamp.end && _is_digit(*stamp.p) && digits < 19; stamp.p++, digits++)
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, *stamp.p - '0', &value))
      return 0;
  if (!digits || (stamp.p < stamp.end && _is_digit(*stamp.p)) || value / unit > EPOCH_MAX)
    return 0;
  _take_fraction(&stamp);
  gint64 rest = value % unit;
  *time_r = value / unit * SIAGA_SECOND + (unit <= SIAGA_SECOND ? rest * (SIAGA_SECOND / unit) : rest / 1000);
  *time_r += stamp.microsecond / unit;
  return stamp.p - text;
}

/* What multilog puts in front: seconds since 1970 and 2^62 + 10, and nanoseconds. */
static gsize
_scan_tai64n(const gchar *text, gsize length, SiagaTime *time_r)
{
  static const guint64 base = (G_GUINT64_CONSTANT(1) << 62) + 10;
  const gsize all = strlen("@4000000039e31fe20761f280");
  guint64 seconds = 0, fraction = 0;
  if (length < all || *text != '@' || (length > all && g_ascii_isxdigit(text[all])))
    return 0;
  for (gsize i = 1; i < all; i++)
    {
      guint64 *part = i <= 16 ? &seconds : &fraction;
      if (!g_ascii_isxdigit(text[i]))
        return 0;
      *part = *part << 4 | g_ascii_xdigit_value(text[i]);
    }
  if (seconds < base || seconds - base > EPOCH_MAX || fraction >= 1000000000)
    return 0;
  *time_r = (SiagaTime) (seconds - base) * SIAGA_SECOND + fraction / 1000;
  return all;
}

static gboolean
_date_exists(gint year, guint month, guint day)
{
  static const guint8 days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  gboolean leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1] &&
         (month != 2 || day < 29 || leap);
}

static SiagaTime
_resolve(const Stamp *stamp, gint year, GTimeZone *zone, gint32 *zone_r)
{
  gint64 local = _days_from_civil(year, stamp->month, stamp->day) * 86400 + stamp->hour * 3600 + stamp->minute * 60 +
                 stamp->second;
  *zone_r = stamp->zone;
  if (stamp->named)
    zone = stamp->named;
  if (!stamp->has_zone && zone)
    {
      gint64 adjusted = local;
      gint interval = g_time_zone_adjust_time(zone, G_TIME_TYPE_STANDARD, &adjusted);
      *zone_r = g_time_zone_get_offset(zone, interval);
      local = adjusted;
    }
  return (local - *zone_r) * SIAGA_SECOND + stamp->microsecond;
}

/* The newest year that brings the stamp not more than a day behind the reference (29 February: the last leap year). */
static gboolean
_resolve_without_year(const Stamp *stamp, const SiagaTimeContext *context, SiagaTime *time_r, gint32 *zone_r)
{
  gint64 year;
  guint month, day;
  if (!context->reference)
    return FALSE;
  _civil_from_days((context->reference / SIAGA_SECOND) / 86400 + 2, &year, &month, &day);
  for (guint i = 0; i < 10; i++, year--)
    {
      if (!_date_exists(year, stamp->month, stamp->day))
        continue;
      *time_r = _resolve(stamp, year, context->zone, zone_r);
      if (*time_r <= context->reference + DAY)
        return TRUE;
    }
  return FALSE;
}

static gboolean
_evaluate(const Stamp *stamp, const SiagaTimeContext *context, SiagaTime *time_r, gint32 *zone_r)
{
  static const SiagaTimeContext none = { NULL, 0, 0 };
  if (!context)
    context = &none;
  if (stamp->hour > 23 || stamp->minute > 59 || stamp->second > 60)
    return FALSE;
  gint year = stamp->year ? stamp->year : context->year;
  if (!year)
    return _resolve_without_year(stamp, context, time_r, zone_r);
  if (!_date_exists(year, stamp->month, stamp->day))
    return FALSE;
  *time_r = _resolve(stamp, year, context->zone, zone_r);
  return TRUE;
}

static gboolean
_read(Stamp *stamp, SiagaTimeFormat format, gboolean whole)
{
  switch (format)
    {
    case SIAGA_TIME_FORMAT_HTTPDATE:
      return _read_httpdate(stamp);
    case SIAGA_TIME_FORMAT_ISO8601:
      return _read_iso8601(stamp);
    case SIAGA_TIME_FORMAT_RFC3164:
      return _read_rfc3164(stamp, whole);
    case SIAGA_TIME_FORMAT_BIND:
      return _read_bind(stamp);
    case SIAGA_TIME_FORMAT_APACHE_ERROR:
      return _read_apache_error(stamp);
    case SIAGA_TIME_FORMAT_NGINX_ERROR:
      return _read_nginx_error(stamp);
    case SIAGA_TIME_FORMAT_IIS:
      return _read_iis(stamp);
    case SIAGA_TIME_FORMAT_MDY:
      return _read_mdy(stamp);
    case SIAGA_TIME_FORMAT_DMY:
      return _read_dmy(stamp);
    case SIAGA_TIME_FORMAT_RFC2822:
      return _read_rfc2822(stamp);
    case SIAGA_TIME_FORMAT_YMD:
      return _read_ymd(stamp);
    default:
      return FALSE;
    }
}

static gsize
_scan(SiagaTimeFormat format, const gchar *text, gsize length, const SiagaTimeContext *context, gboolean whole,
      SiagaTime *time_r, gint32 *zone_r, gboolean *possible_r)
{
  *zone_r = 0;
  if (format == SIAGA_TIME_FORMAT_AUTO)
    format = _guess(text, length);
  if (format >= SIAGA_TIME_FORMAT_EPOCH && format <= SIAGA_TIME_FORMAT_EPOCH_NS)
    {
      *possible_r = TRUE;
      return _scan_epoch(format, text, length, time_r);
    }
  if (format == SIAGA_TIME_FORMAT_TAI64N)
    {
      *possible_r = TRUE;
      return _scan_tai64n(text, length, time_r);
    }
  Stamp stamp = { .p = text, .end = text + length };
  if (!_read(&stamp, format, whole))
    return 0;
  *possible_r = _evaluate(&stamp, context, time_r, zone_r);
  return stamp.p - text;
}

gsize
siaga_time_scan(SiagaTimeFormat format, const gchar *text, gsize length, const SiagaTimeContext *context,
                SiagaTime *time_r, gint32 *zone_r, gboolean *possible_r)
{
  return _scan(format, text, length, context, FALSE, time_r, zone_r, possible_r);
}

gboolean
siaga_time_parse(SiagaTimeFormat format, const gchar *text, gsize length, const SiagaTimeContext *context,
                 SiagaTime *time_r, gint32 *zone_r)
{
  gboolean possible = FALSE;
  gsize used = _scan(format, text, length, context, TRUE, time_r, zone_r, &possible);
  return used > 0 && used == length && possible;
}

SiagaTimeFormat
siaga_time_format_by_name(const gchar *name, gssize length)
{
  static const gchar *const names[] = {
    [SIAGA_TIME_FORMAT_AUTO] = "auto",
    [SIAGA_TIME_FORMAT_HTTPDATE] = "httpdate",
    [SIAGA_TIME_FORMAT_ISO8601] = "iso8601",
    [SIAGA_TIME_FORMAT_EPOCH] = "epoch",
    [SIAGA_TIME_FORMAT_EPOCH_MS] = "epoch_ms",
    [SIAGA_TIME_FORMAT_EPOCH_US] = "epoch_us",
    [SIAGA_TIME_FORMAT_EPOCH_NS] = "epoch_ns",
    [SIAGA_TIME_FORMAT_RFC3164] = "rfc3164",
    [SIAGA_TIME_FORMAT_BIND] = "bind",
    [SIAGA_TIME_FORMAT_APACHE_ERROR] = "apache_error",
    [SIAGA_TIME_FORMAT_NGINX_ERROR] = "nginx_error",
    [SIAGA_TIME_FORMAT_IIS] = "iis",
    [SIAGA_TIME_FORMAT_MDY] = "mdy",
    [SIAGA_TIME_FORMAT_DMY] = "dmy",
    [SIAGA_TIME_FORMAT_RFC2822] = "rfc2822",
    [SIAGA_TIME_FORMAT_YMD] = "ymd",
    [SIAGA_TIME_FORMAT_TAI64N] = "tai64n",
  };
  gsize size = length < 0 ? strlen(name) : (gsize) length;
  for (guint i = SIAGA_TIME_FORMAT_AUTO; i < G_N_ELEMENTS(names); i++)
    if (strlen(names[i]) == size && memcmp(name, names[i], size) == 0)
      return i;
  return SIAGA_TIME_FORMAT_UNKNOWN;
}
