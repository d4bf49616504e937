/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Fills in the placeholders of scenario lines. */

#include "siagactl/scenario.h"

#include <string.h>

static const gchar *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
static const gchar *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };

typedef struct
{
  gint year, month, day, hour, minute, second, weekday, microsecond;
} Clock;

static Clock
_clock(SiagaTime now)
{
  GDateTime *date = g_date_time_new_from_unix_utc(now / SIAGA_SECOND);
  Clock clock = {
    .year = g_date_time_get_year(date),
    .month = g_date_time_get_month(date) - 1,
    .day = g_date_time_get_day_of_month(date),
    .hour = g_date_time_get_hour(date),
    .minute = g_date_time_get_minute(date),
    .second = g_date_time_get_second(date),
    .weekday = g_date_time_get_day_of_week(date) % 7,
    .microsecond = now % SIAGA_SECOND,
  };
  g_date_time_unref(date);
  return clock;
}

static void
_append_iso8601(GString *out, SiagaTime now)
{
  gchar buffer[32];
  g_string_append(out, siaga_time_format(now, buffer));
}

/* Times in UTC; FALSE: no such format. */
static gboolean
_append_time(GString *out, SiagaTimeFormat format, SiagaTime now)
{
  Clock c = _clock(now);
  switch (format)
    {
    case SIAGA_TIME_FORMAT_HTTPDATE:
      g_string_append_printf(out, "%02d/%s/%d:%02d:%02d:%02d +0000", c.day, months[c.month], c.year, c.hour, c.minute,
                             c.second);
      return TRUE;
    case SIAGA_TIME_FORMAT_AUTO:
    case SIAGA_TIME_FORMAT_ISO8601:
      _append_iso8601(out, now);
      return TRUE;
    case SIAGA_TIME_FORMAT_EPOCH:
      g_string_append_printf(out, "%" G_GINT64_FORMAT ".%06d", now / SIAGA_SECOND, c.microsecond);
      return TRUE;
    case SIAGA_TIME_FORMAT_EPOCH_MS:
      g_string_append_printf(out, "%" G_GINT64_FORMAT, now / 1000);
      return TRUE;
    case SIAGA_TIME_FORMAT_EPOCH_US:
      g_string_append_printf(out, "%" G_GINT64_FORMAT, now);
      return TRUE;
    case SIAGA_TIME_FORMAT_EPOCH_NS:
      g_string_append_printf(out, "%" G_GINT64_FORMAT "000", now);
      return TRUE;
    case SIAGA_TIME_FORMAT_RFC3164:
      g_string_append_printf(out, "%s %2d %02d:%02d:%02d", months[c.month], c.day, c.hour, c.minute, c.second);
      return TRUE;
    case SIAGA_TIME_FORMAT_BIND:
      g_string_append_printf(out, "%02d-%s-%d %02d:%02d:%02d.%03d", c.day, months[c.month], c.year, c.hour, c.minute,
                             c.second, c.microsecond / 1000);
      return TRUE;
    case SIAGA_TIME_FORMAT_APACHE_ERROR:
      g_string_append_printf(out, "%s %s %02d %02d:%02d:%02d.%06d %d", days[c.weekday], months[c.month], c.day, c.hour,
                             c.minute, c.second, c.microsecond, c.year);
      return TRUE;
    case SIAGA_TIME_FORMAT_NGINX_ERROR:
      g_string_append_printf(out, "%d/%02d/%02d %02d:%02d:%02d", c.year, c.month + 1, c.day, c.hour, c.minute,
                             c.second);
      return TRUE;
    case SIAGA_TIME_FORMAT_IIS:
      g_string_append_printf(out, "%d-%02d-%02d %02d:%02d:%02d", c.year, c.month + 1, c.day, c.hour, c.minute,
                             c.second);
      return TRUE;
    default:
      return FALSE;
    }
}

/* The N-th documentation address; behind the last one private addresses. */
static void
_append_ip(GString *out, guint64 n)
{
  static const gchar *const networks[] = { "198.51.100", "203.0.113", "192.0.2" };
  if (n < 3 * 254)
    g_string_append_printf(out, "%s.%u", networks[n / 254], (guint) (n % 254) + 1);
  else
    g_string_append_printf(out, "10.%u.%u.%u", (guint) (n >> 16 & 255), (guint) (n >> 8 & 255), (guint) (n & 255));
}

static guint64
_scramble(guint64 n)
{
  n += G_GUINT64_CONSTANT(0x9e3779b97f4a7c15);
  n = (n ^ n >> 30) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
  n = (n ^ n >> 27) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
  return n ^ n >> 31;
}

static void
_append_word(GString *out, guint64 n)
{
  static const gchar letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
  guint64 rest = _scramble(n);
  for (guint i = 0; i < 12; i++, rest /= 36)
    g_string_append_c(out, letters[rest % 36]);
}

static gboolean
_append_placeholder(GString *out, const gchar *name, SiagaTime now, guint64 n)
{
  if (strcmp(name, "n") == 0)
    g_string_append_printf(out, "%" G_GUINT64_FORMAT, n);
  else if (strcmp(name, "ip") == 0)
    _append_ip(out, n ? n - 1 : 0);
  else if (strcmp(name, "ip6") == 0)
    g_string_append_printf(out, "2001:db8:%x:%x::1", (guint) (n >> 16 & 0xffff), (guint) (n & 0xffff));
  else if (strcmp(name, "word") == 0)
    _append_word(out, n);
  else if (strcmp(name, "hex") == 0)
    g_string_append_printf(out, "%016" G_GINT64_MODIFIER "x", _scramble(n));
  else if (g_str_has_prefix(name, "time(") && g_str_has_suffix(name, ")"))
    return _append_time(out, siaga_time_format_by_name(name + 5, strlen(name) - 6), now);
  else
    return FALSE;
  return TRUE;
}

gboolean
ctl_scenario_fill(GString *out, const gchar *template, gsize length, SiagaTime now, guint64 n, SiagaPlace place,
                  SiagaDiag *diag)
{
  const gchar *end = template + length;
  while (template <end)
    {
      const gchar *start = g_strstr_len(template, end - template, "%{");
      const gchar *close = start ? memchr(start, '}', end - start) : NULL;
      g_string_append_len(out, template, (close ? start : end) - template);
      if (!close)
        return TRUE;
      gchar *name = g_strndup(start + 2, close - start - 2);
      gboolean known = _append_placeholder(out, name, now, n);
      if (!known)
        siaga_diag_error(
            diag, place,
            "unknown placeholder %%{%s}; known are n, ip, ip6, word, hex and time(httpdate|iso8601|rfc3164|"
            "bind|apache_error|nginx_error|iis|epoch|epoch_ms|epoch_us|epoch_ns)",
            name);
      g_free(name);
      if (!known)
        return FALSE;
      template = close + 1;
    }
  return TRUE;
}
