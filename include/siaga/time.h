/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Times in logs: the formats that servers write, read without the C library's time zone. */

#ifndef SIAGA_TIME_H_INCLUDED
#define SIAGA_TIME_H_INCLUDED

#include <glib.h>

/* All times are microseconds since the epoch, UTC.  No function here reads a clock. */
typedef gint64 SiagaTime;

#define SIAGA_SECOND G_GINT64_CONSTANT(1000000)

/* What a stamp leaves open. Immutable, shared between threads. */
typedef struct
{
  GTimeZone *zone;     /* for stamps without a zone; NULL means UTC */
  gint year;           /* for stamps without a year; 0: the newest year not more than a day after REFERENCE */
  SiagaTime reference; /* the receipt, or now for siagactl; 0 with year 0 means year-less stamps fail */
} SiagaTimeContext;

typedef enum
{
  SIAGA_TIME_FORMAT_UNKNOWN,
  SIAGA_TIME_FORMAT_AUTO,     /* tries the ones that can be told apart by their shape */
  SIAGA_TIME_FORMAT_HTTPDATE, /* 10/Oct/2000:13:55:36 -0700 */
  SIAGA_TIME_FORMAT_ISO8601,  /* 2000-10-10T13:55:36.123456+07:00, T or blank, "," or "." fraction, Z, no zone */
  SIAGA_TIME_FORMAT_EPOCH,    /* 971186136.123 */
  SIAGA_TIME_FORMAT_EPOCH_MS,
  SIAGA_TIME_FORMAT_EPOCH_US,
  SIAGA_TIME_FORMAT_EPOCH_NS,
  SIAGA_TIME_FORMAT_RFC3164, /* Oct 10 13:55:36, "Oct  1", fraction, optional year before or after, optional zone */
  SIAGA_TIME_FORMAT_BIND,    /* 10-Oct-2000 13:55:36.123 */
  SIAGA_TIME_FORMAT_APACHE_ERROR, /* Tue Oct 10 13:55:36.123456 2000 */
  SIAGA_TIME_FORMAT_NGINX_ERROR,  /* 2000/10/10 13:55:36 */
  SIAGA_TIME_FORMAT_IIS,          /* 2000-10-10 13:55:36, always UTC */
  SIAGA_TIME_FORMAT_MDY,          /* 10/20/2000 1:55:36 PM, also with "." or "-" and without AM or PM */
  SIAGA_TIME_FORMAT_DMY,          /* 20/10/2000 13:55:36, the same */
  SIAGA_TIME_FORMAT_RFC2822,      /* Tue, 10 Oct 2000 13:55:36 -0700 */
  SIAGA_TIME_FORMAT_YMD,          /* 001010  3:55:36 */
  SIAGA_TIME_FORMAT_TAI64N,       /* @4000000039e31fe20761f280, of multilog and tai64n */
} SiagaTimeFormat;

/* More formats are added at the end; the names are those of patterns: httpdate, iso8601, … */
SiagaTimeFormat siaga_time_format_by_name(const gchar *name, gssize length);

/* FALSE when TEXT is not such a stamp (impossible dates included).  ZONE_R gets seconds east of UTC. */
gboolean siaga_time_parse(SiagaTimeFormat format, const gchar *text, gsize length, const SiagaTimeContext *context,
                          SiagaTime *time_r, gint32 *zone_r);

/* As parse, for a stamp at the start of TEXT: gives back the bytes it takes, 0 when there is none.  POSSIBLE_R tells
 * whether TIME_R was set: FALSE for an impossible date, or for a missing year that CONTEXT does not tell. */
gsize siaga_time_scan(SiagaTimeFormat format, const gchar *text, gsize length, const SiagaTimeContext *context,
                      SiagaTime *time_r, gint32 *zone_r, gboolean *possible_r);

/* 2026-11-21T02:36:20.123456Z; BUFFER at least 32 bytes; gives back BUFFER. */
const gchar *siaga_time_format(SiagaTime time, gchar *buffer);

#endif
