/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Stamps as servers write them.  Expected times were computed with date(1). */

#include "tests/harness/run.h"

#include <siaga/time.h>

#include <string.h>

/* 2026-01-24T03:00:00Z */
#define REFERENCE (G_GINT64_CONSTANT(1769223600) * SIAGA_SECOND)

static const struct
{
  const gchar *format, *text;
  const gchar *expected; /* UTC; NULL: refused */
  gint32 zone;
} stamps[] = {
  { "httpdate", "10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z", -25200 },
  { "httpdate", "10/Oct/2000:13:55:36.123", "2000-10-10T13:55:36.123000Z", 0 },
  { "httpdate", "31/Feb/2000:13:55:36 -0700", NULL, 0 },
  { "httpdate", "10/Okt/2000:13:55:36 -0700", NULL, 0 },
  { "httpdate", "10/Oct/2000:24:00:00 -0700", NULL, 0 },
  { "httpdate", "10/Oct/2000:13:55:36 -0700 ", NULL, 0 },
  { "httpdate", "", NULL, 0 },
  { "iso8601", "2000-10-10T13:55:36.123456+07:00", "2000-10-10T06:55:36.123456Z", 25200 },
  { "iso8601", "2000-10-10 13:55:36,123", "2000-10-10T13:55:36.123000Z", 0 },
  { "iso8601", "2000-10-10T13:55:36.123456789Z", "2000-10-10T13:55:36.123456Z", 0 },
  { "iso8601", "2026-01-24 08:37:00.5 WIB", "2026-01-24T01:37:00.500000Z", 25200 },
  { "iso8601", "2026-01-24  1:37:00", "2026-01-24T01:37:00Z", 0 },
  { "iso8601", "20260124 08:37:00", "2026-01-24T08:37:00Z", 0 },
  { "iso8601", "20260124T083700Z", NULL, 0 },
  { "iso8601", "20261324 08:37:00", NULL, 0 },
  { "iso8601", "2026-01-24T01:37Z", "2026-01-24T01:37:00Z", 0 },
  { "iso8601", "2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z", 0 },
  { "iso8601", "2023-02-29T12:00:00Z", NULL, 0 },
  { "iso8601", "2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z", 0 },
  { "iso8601", "2026-01-24T01:37:00+99:00", NULL, 0 },
  { "iso8601", "2026-13-24T01:37:00Z", NULL, 0 },
  { "epoch", "971186136.123", "2000-10-10T13:55:36.123000Z", 0 },
  { "epoch", "0", "1970-01-01T00:00:00Z", 0 },
  { "epoch", "99999999999999999999", NULL, 0 },
  { "epoch", "253402300800", NULL, 0 },
  { "epoch", "12x", NULL, 0 },
  { "epoch_ms", "971186136123", "2000-10-10T13:55:36.123000Z", 0 },
  { "epoch_us", "971186136123456", "2000-10-10T13:55:36.123456Z", 0 },
  { "epoch_ns", "971186136123456789", "2000-10-10T13:55:36.123456Z", 0 },
  { "rfc3164", "Jan 24 01:37:00", "2026-01-24T01:37:00Z", 0 },
  { "rfc3164", "January 24 01:37:00", "2026-01-24T01:37:00Z", 0 },
  { "rfc3164", "September  4 2025 01:37:00", "2025-09-04T01:37:00Z", 0 },
  { "rfc3164", "May 24 2025 01:37:00", "2025-05-24T01:37:00Z", 0 },
  { "rfc3164", "Januar 24 01:37:00", NULL, 0 },
  { "rfc3164", "Jan  4 01:37:00.25", "2026-01-04T01:37:00.250000Z", 0 },
  { "rfc3164", "Jan 25 02:59:59", "2026-01-25T02:59:59Z", 0 }, /* not more than a day ahead */
  { "rfc3164", "Jan 25 03:00:01", "2025-01-25T03:00:01Z", 0 },
  { "rfc3164", "Dec 31 23:59:59", "2025-12-31T23:59:59Z", 0 },
  { "rfc3164", "Feb 29 12:00:00", "2024-02-29T12:00:00Z", 0 },
  { "rfc3164", "Feb 30 12:00:00", NULL, 0 },
  { "rfc3164", "Oct 10 2000 13:55:36", "2000-10-10T13:55:36Z", 0 },
  { "rfc3164", "Oct 10, 2000 13:55:36.25", "2000-10-10T13:55:36.250000Z", 0 },
  { "rfc3164", "2000 Oct 10 13:55:36", "2000-10-10T13:55:36Z", 0 },
  { "rfc3164", "Oct 10 13:55:36 2000", "2000-10-10T13:55:36Z", 0 },
  { "rfc3164", "Oct 10 13:55:36.5 UTC", "2025-10-10T13:55:36.500000Z", 0 },
  { "rfc3164", "Oct 10 2000 13:55:36 WIB", "2000-10-10T06:55:36Z", 25200 },
  { "bind", "10-Oct-2000 13:55:36.123", "2000-10-10T13:55:36.123000Z", 0 },
  { "apache_error", "Tue Oct 10 13:55:36.123456 2000", "2000-10-10T13:55:36.123456Z", 0 },
  { "apache_error", "Tue Oct  3 13:55:36 2000", "2000-10-03T13:55:36Z", 0 },
  { "apache_error", "Tue Oct  3 13:55:36 WIB 2000", "2000-10-03T06:55:36Z", 25200 },
  { "apache_error", "Tue Oct  3 13:55:36", NULL, 0 },
  { "nginx_error", "2000/10/10 13:55:36", "2000-10-10T13:55:36Z", 0 },
  { "nginx_error", "2000/10/10 - 13:55:36", "2000-10-10T13:55:36Z", 0 },
  { "nginx_error", "2000/10/10 -13:55:36", NULL, 0 },
  { "iis", "2000-10-10 13:55:36", "2000-10-10T13:55:36Z", 0 },
  { "mdy", "10/3/2000 1:55:36 PM", "2000-10-03T13:55:36Z", 0 },
  { "mdy", "10/3/2000 12:05:00 AM", "2000-10-03T00:05:00Z", 0 },
  { "mdy", "13/3/2000 12:05:00", "2000-03-13T12:05:00Z", 0 }, /* no month 13: the day stands first */
  { "mdy", "13/13/2000 12:05:00", NULL, 0 },
  { "mdy", "2000/3/9 2:05:00", "2000-03-09T02:05:00Z", 0 }, /* the year first settles the order */
  { "dmy", "2000-03-09 12:05:00", "2000-03-09T12:05:00Z", 0 },
  { "mdy", "2000/3-9 2:05:00", NULL, 0 },
  { "mdy", "10/03/26 13:55:36", "2026-10-03T13:55:36Z", 0 },
  { "dmy", "03/10/26 13:55:36", "2026-10-03T13:55:36Z", 0 },
  { "mdy", "10/03/2 13:55:36", NULL, 0 },
  { "mdy", "10/03/202 13:55:36", NULL, 0 },
  { "dmy", "3.10.2000 13:55:36", "2000-10-03T13:55:36Z", 0 },
  { "iso8601", "20001003-13:55:36", "2000-10-03T13:55:36Z", 0 },
  { "dmy", "03/10/2000 13.55.36", "2000-10-03T13:55:36Z", 0 },
  { "dmy", "3/10/2000 1.05.36", "2000-10-03T01:05:36Z", 0 },
  { "dmy", "3/10/2000 13.55:36", NULL, 0 },
  { "ymd", "001010 13:55:36", "2000-10-10T13:55:36Z", 0 },
  { "ymd", "261003  3:05:00", "2026-10-03T03:05:00Z", 0 },
  { "ymd", "261303  3:05:00", NULL, 0 },
  { "ymd", "2610031 3:05:00", NULL, 0 },
  { "tai64n", "@4000000039e31fe20761f280", "2000-10-10T13:55:36.123859Z", 0 },
  { "tai64n", "@400000000000000a00000000", "1970-01-01T00:00:00Z", 0 },
  { "tai64n", "@3fffffffffffffff00000000", NULL, 0 },
  { "tai64n", "@4000000039e31fe23b9aca00", NULL, 0 },
  { "tai64n", "@4000000039e31fe20761f28", NULL, 0 },
  { "tai64n", "@ffffffffffffffff00000000", NULL, 0 },
  { "rfc2822", "Tue, 10 Oct 2000 13:55:36 -0700", "2000-10-10T20:55:36Z", -25200 },
  { "auto", "10/Oct/2000:13:55:36 -0700", "2000-10-10T20:55:36Z", -25200 },
  { "auto", "2000-10-10T13:55:36Z", "2000-10-10T13:55:36Z", 0 },
  { "auto", "971186136123", "2000-10-10T13:55:36.123000Z", 0 },
  { "auto", "1769223600123", "2026-01-24T03:00:00.123000Z", 0 },
  { "auto", "Tue Oct 10 13:55:36 2000", "2000-10-10T13:55:36Z", 0 },
  { "auto", "x", NULL, 0 },
};

START_TEST(stamps_are_read)
{
  SiagaTimeContext context = { .reference = REFERENCE };
  SiagaTimeFormat format = siaga_time_format_by_name(stamps[_i].format, -1);
  SiagaTime time;
  gint32 zone;
  gchar buffer[40];
  gboolean ok = siaga_time_parse(format, stamps[_i].text, strlen(stamps[_i].text), &context, &time, &zone);
  ck_assert_msg(ok == (stamps[_i].expected != NULL), "%s", stamps[_i].text);
  if (!ok)
    return;
  ck_assert_str_eq(siaga_time_format(time, buffer), stamps[_i].expected);
  ck_assert_int_eq(zone, stamps[_i].zone);
}
END_TEST

/* Every cut of every stamp: nothing is read behind the end (the sanitizers watch). */
START_TEST(cut_stamps_are_safe)
{
  SiagaTimeContext context = { .reference = REFERENCE };
  gsize length = strlen(stamps[_i].text);
  for (gsize cut = 0; cut <= length; cut++)
    for (guint format = SIAGA_TIME_FORMAT_UNKNOWN; format <= SIAGA_TIME_FORMAT_RFC2822; format++)
      {
        gchar *copy = g_memdup2(stamps[_i].text, cut);
        SiagaTime time;
        gint32 zone;
        siaga_time_parse(format, copy, cut, &context, &time, &zone);
        g_free(copy);
      }
}
END_TEST

START_TEST(a_zone_of_the_context_is_used)
{
  SiagaTimeContext context = { .zone = g_time_zone_new_identifier("Asia/Jakarta"), .year = 2026 };
  SiagaTime time;
  gint32 zone;
  gchar buffer[40];
  ck_assert(siaga_time_parse(SIAGA_TIME_FORMAT_RFC3164, "Jan 24 08:37:00", 15, &context, &time, &zone));
  ck_assert_str_eq(siaga_time_format(time, buffer), "2026-01-24T01:37:00Z");
  ck_assert_int_eq(zone, 25200);
  ck_assert(siaga_time_parse(SIAGA_TIME_FORMAT_IIS, "2026-01-24 08:37:00", 19, &context, &time, &zone));
  ck_assert_str_eq(siaga_time_format(time, buffer), "2026-01-24T08:37:00Z");
  g_time_zone_unref(context.zone);
}
END_TEST

/* Expected times: date -d 'TZ="ZONE" TIME'. */
START_TEST(zones_have_names_of_the_database)
{
  static const struct
  {
    const gchar *format, *text, *expected;
    gint32 zone;
  } cases[] = {
    { "bind", "14-Mar-2026 09:52:03 Asia/Jakarta", "2026-03-14T02:52:03Z", 25200 },
    { "bind", "14-Jul-2026 09:52:03 Europe/Paris", "2026-07-14T07:52:03Z", 7200 },
    { "bind", "14-Jan-2026 09:52:03 Europe/Paris", "2026-01-14T08:52:03Z", 3600 },
    { "iso8601", "2026-01-14 09:52:03 America/Argentina/Salta", "2026-01-14T12:52:03Z", -10800 },
    { "bind", "14-Jul-2026 09:52:03 US/Eastern", "2026-07-14T13:52:03Z", -14400 },
    { "bind", "14-Mar-2026 09:52:03 Singapore", "2026-03-14T01:52:03Z", 28800 },
    { "bind", "14-Mar-2026 09:52:03 Mexico/General", "2026-03-14T15:52:03Z", -21600 },
    { "bind", "14-Mar-2026 09:52:03 US/Nowhere", NULL, 0 },
    { "bind", "14-Mar-2026 09:52:03 Singapore/Nowhere", NULL, 0 },
    { "bind", "14-Mar-2026 09:52:03 Singapores", NULL, 0 },
    { "bind", "14-Mar-2026 09:52:03 Asia/Nowhere", "2026-03-14T09:52:03Z", 0 },
    { "bind", "14-Mar-2026 09:52:03 Asia/../passwd", NULL, 0 },
    { "bind", "14-Mar-2026 09:52:03 Asia/", NULL, 0 },
    { "bind", "14-Mar-2026 09:52:03 Nowhere/Jakarta", NULL, 0 },
  };
  GTimeZone *there = g_time_zone_new_identifier("Asia/Jakarta");
  for (guint i = 0; there && i < G_N_ELEMENTS(cases); i++)
    {
      SiagaTime time = 0;
      gint32 zone = 0;
      gchar buffer[40];
      gboolean ok = siaga_time_parse(siaga_time_format_by_name(cases[i].format, -1), cases[i].text,
                                     strlen(cases[i].text), NULL, &time, &zone);
      ck_assert_msg(ok == (cases[i].expected != NULL), "%s", cases[i].text);
      if (ok)
        ck_assert_str_eq(siaga_time_format(time, buffer), cases[i].expected);
      if (ok)
        ck_assert_int_eq(zone, cases[i].zone);
    }
  g_clear_pointer(&there, g_time_zone_unref);
}
END_TEST

START_TEST(without_year_and_reference_there_is_no_time)
{
  SiagaTime time;
  gint32 zone;
  gboolean possible = TRUE;
  ck_assert(!siaga_time_parse(SIAGA_TIME_FORMAT_RFC3164, "Jan 24 08:37:00", 15, NULL, &time, &zone));
  ck_assert_uint_eq(
      siaga_time_scan(SIAGA_TIME_FORMAT_RFC3164, "Jan 24 08:37:00 host", 20, NULL, &time, &zone, &possible), 15);
  ck_assert(!possible);
}
END_TEST

static const struct
{
  const gchar *now, *stamp, *time;
} new_years[] = {
  { "2027-01-01T00:00:10Z", "Dec 31 23:59:58", "2026-12-31T23:59:58Z" }, /* arrived after midnight */
  { "2027-01-01T00:00:10Z", "Jan  1 00:00:05", "2027-01-01T00:00:05Z" },
  { "2026-12-31T23:59:00Z", "Jan  1 00:00:30", "2027-01-01T00:00:30Z" }, /* a clock that is ahead */
  { "2026-12-31T23:59:00Z", "Jan  3 00:00:30", "2026-01-03T00:00:30Z" }, /* more than a day ahead: last January */
  { "2027-01-15T00:00:00Z", "Dec  1 12:00:00", "2026-12-01T12:00:00Z" },
};

START_TEST(a_stamp_without_a_year_is_of_the_newest_possible_one)
{
  SiagaTimeContext context = { 0 };
  SiagaTime time;
  gint32 zone;
  gchar buffer[40];
  const gchar *stamp = new_years[_i].stamp;
  ck_assert(siaga_time_parse(SIAGA_TIME_FORMAT_ISO8601, new_years[_i].now, 20, NULL, &context.reference, &zone));
  ck_assert(siaga_time_parse(SIAGA_TIME_FORMAT_RFC3164, stamp, 15, &context, &time, &zone));
  ck_assert_str_eq(siaga_time_format(time, buffer), new_years[_i].time);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("time");
  tcase_add_loop_test(tcase, stamps_are_read, 0, G_N_ELEMENTS(stamps));
  tcase_add_loop_test(tcase, cut_stamps_are_safe, 0, G_N_ELEMENTS(stamps));
  tcase_add_test(tcase, a_zone_of_the_context_is_used);
  tcase_add_loop_test(tcase, a_stamp_without_a_year_is_of_the_newest_possible_one, 0, G_N_ELEMENTS(new_years));
  tcase_add_test(tcase, zones_have_names_of_the_database);
  tcase_add_test(tcase, without_year_and_reference_there_is_no_time);
  return run_case("time", tcase);
}
