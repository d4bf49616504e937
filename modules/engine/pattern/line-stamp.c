/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Headers that begin with a stamp.  What only looks like one (a server's own stamp) stays in the text. */

#include "line-stamp.h"

#include "line-tag.h"

#include <string.h>

gboolean
siaga_line_take_stamp(SiagaReader *self, SiagaTimeFormat format)
{
  SiagaTime time;
  gint32 zone;
  gboolean possible;
  gsize used = siaga_time_scan(format, self->p, siaga_reader_left(self), self->context, &time, &zone, &possible);
  if (!used)
    return FALSE;
  self->line->time_bad = !possible;
  self->line->has_time = possible;
  self->line->time = possible ? time : 0;
  self->line->zone = possible ? zone : 0;
  self->p += used;
  return TRUE;
}

/* What was read as a stamp was none. */
static gboolean
_go_back(SiagaReader *self, const gchar *start)
{
  self->line->has_time = self->line->time_bad = FALSE;
  self->line->time = 0;
  self->line->zone = 0;
  self->p = start;
  return FALSE;
}

/* "Jan 24 01:37:00 WIB host program[pid]: text": any word may be a host's name, so all of it has to stand there.  START
 * is where the stamp begins. */
static gboolean
_read_zone_and_host(SiagaReader *self, const gchar *start)
{
  const gchar *word = self->p, *end = siaga_line_host_end(self);
  SiagaTime time;
  gint32 zone;
  if (!end || !siaga_time_parse(SIAGA_TIME_FORMAT_RFC3164, start, end - start, self->context, &time, &zone))
    return FALSE;
  self->p = end;
  siaga_reader_skip_blanks(self);
  if (siaga_line_take_host_and_tag(self))
    {
      self->line->time = time;
      self->line->zone = zone;
      return TRUE;
    }
  self->p = word;
  return FALSE;
}

/* "Jan 24 01:37:00 host program[pid]: text"; the host, the program or both may be missing. */
static gboolean
_read_rfc3164(SiagaReader *self)
{
  const gchar *start = self->p;
  if (!siaga_line_take_stamp(self, SIAGA_TIME_FORMAT_RFC3164))
    return FALSE;
  if (self->p < self->end && *self->p == ':') /* Cisco: "Jan 24 2026 01:37:00: %ASA-…" */
    self->p++;
  if (!siaga_reader_is_blank(self, self->p))
    return _go_back(self, start);
  siaga_reader_skip_blanks(self);
  siaga_line_skip_relayed(self);
  if (siaga_line_take_host_and_tag(self) || _read_zone_and_host(self, start) || siaga_line_take_bracketed_tag(self))
    return TRUE;
  siaga_line_take_host(self);
  if (siaga_reader_left(self) > 1 && self->p[0] == ':' && self->p[1] == ' ') /* Cisco: "host : %ASA-…" */
    self->p += 2;
  return TRUE;
}

/* Servers write such stamps themselves: only with a program behind it is it a header. */
static gboolean
_read_stamp_and_tag(SiagaReader *self, SiagaTimeFormat format)
{
  const gchar *start = self->p;
  if (!siaga_line_take_stamp(self, format))
    return FALSE;
  if (siaga_reader_is_blank(self, self->p))
    {
      siaga_reader_skip_blanks(self);
      siaga_line_skip_relayed(self);
      if (siaga_line_take_host_and_tag(self))
        return TRUE;
    }
  return _go_back(self, start);
}

/* OpenWrt: "Sat Jan 24 01:37:00 2026 auth.info program[pid]: text" */
static gboolean
_read_openwrt(SiagaReader *self)
{
  const gchar *start = self->p;
  if (!siaga_line_take_stamp(self, SIAGA_TIME_FORMAT_APACHE_ERROR))
    return FALSE;
  siaga_reader_skip_blanks(self);
  if (siaga_line_skip_facility(self) && siaga_line_take_host_and_tag(self))
    return TRUE;
  return _go_back(self, start);
}

/* journalctl -o short-full: "Sat 2026-01-24 01:37:00 WIB host program[pid]: text" */
static gboolean
_read_short_full(SiagaReader *self)
{
  const gchar *start = self->p;
  self->p += 4;
  if (_read_stamp_and_tag(self, SIAGA_TIME_FORMAT_ISO8601))
    return TRUE;
  self->p = start;
  return FALSE;
}

static gboolean
_begins_with_header(const SiagaReader *self, const gchar *p)
{
  SiagaTime time;
  gint32 zone;
  gboolean possible;
  return *p == '<' ||
         siaga_time_scan(SIAGA_TIME_FORMAT_RFC3164, p, self->end - p, self->context, &time, &zone, &possible);
}

/* "2026-01-24T01:37:00Z relay <38>…": a relay's stamp and host in front of a whole line. */
static gboolean
_read_stamp_and_relay(SiagaReader *self)
{
  const gchar *start = self->p;
  if (siaga_line_take_stamp(self, SIAGA_TIME_FORMAT_ISO8601) && self->p < self->end && *self->p == ' ')
    {
      siaga_reader_skip_blanks(self);
      const gchar *end = siaga_line_host_end(self);
      if (end && self->end - end > 1 && _begins_with_header(self, end + 1))
        {
          siaga_line_take_host(self);
          return TRUE;
        }
    }
  return _go_back(self, start);
}

/* " 01:37:00 948 ", without a day. */
static gboolean
_is_bare_clock(const gchar *p)
{
  static const gchar form[] = " 00:00:00 000 ";
  for (gsize i = 0; form[i]; i++)
    if (form[i] == '0' ? !g_ascii_isdigit(p[i]) : p[i] != form[i])
      return FALSE;
  return TRUE;
}

/* " 2026-01-24 01:37:00.948 " at P; otherwise the reader stays where it is. */
static gboolean
_read_windows_stamp(SiagaReader *self, const gchar *p)
{
  const gchar *start = self->p;
  if (p[0] != ' ' || p[5] != '-' || p[11] != ' ' || p[20] != '.' || p[24] != ' ')
    return FALSE;
  self->p = p + 1;
  if (siaga_line_take_stamp(self, SIAGA_TIME_FORMAT_ISO8601) && self->p == p + 24)
    return TRUE;
  return _go_back(self, start);
}

/* OpenSSH of Windows in its own file: "6152 2026-01-24 01:37:00.948 text", before 7.9 "6152 01:37:00 948 text" */
static gboolean
_read_windows_ssh(SiagaReader *self)
{
  const gchar *start = self->p, *p = start;
  while (p < self->end && p - start < 6 && g_ascii_isdigit(*p))
    p++;
  if (p == start || self->end - p < 26)
    return FALSE;
  if (_is_bare_clock(p))
    self->p = p + strlen(" 00:00:00 000");
  else if (!_read_windows_stamp(self, p))
    return FALSE;
  self->line->pid = start;
  self->line->pid_length = p - start;
  siaga_reader_skip_blanks(self);
  return TRUE;
}

/* Sophos UTM: "2026:01:24-01:37:00 host program[pid]: text"; with a colon behind it the stamp is a server's own. */
static gboolean
_read_utm(SiagaReader *self)
{
  const gchar *start = self->p;
  gchar iso[] = "0000-00-00T00:00:00";
  memcpy(iso, start, sizeof iso - 1);
  iso[4] = iso[7] = '-';
  iso[10] = 'T';
  SiagaReader stamp = *self;
  stamp.p = iso;
  stamp.end = iso + sizeof iso - 1;
  if (!siaga_line_take_stamp(&stamp, SIAGA_TIME_FORMAT_ISO8601) || stamp.p != stamp.end)
    return FALSE;
  self->p = start + sizeof iso - 1;
  if (siaga_reader_is_blank(self, self->p))
    {
      siaga_reader_skip_blanks(self);
      if (siaga_line_take_host_and_tag(self))
        return TRUE;
    }
  return _go_back(self, start);
}

static inline gboolean
_is_foreign(gchar c)
{
  return (guchar) c >= 0x80;
}

/* "September 7": a word longer than three letters, and a day. */
static inline gboolean
_is_month_in_full(const gchar *p)
{
  gsize i = 3;
  while (i < 10 && g_ascii_islower(p[i]))
    i++;
  return i > 3 && p[i] == ' ' && g_ascii_isdigit(p[p[i + 1] == ' ' ? i + 2 : i + 1]) && g_ascii_isupper(p[0]);
}

/* The first bytes say which kinds are worth a try. */
gboolean
siaga_line_take_stamped(SiagaReader *self)
{
  const gchar *p = self->p;
  gsize left = siaga_reader_left(self);
  if (left < 16)
    return FALSE;
  if (g_ascii_isdigit(p[0]))
    {
      if (p[4] == '-' && p[7] == '-')
        return _read_stamp_and_tag(self, SIAGA_TIME_FORMAT_ISO8601) || _read_stamp_and_relay(self);
      if (p[4] == ' ' && g_ascii_isalpha(p[5]))
        return _read_rfc3164(self);
      if (p[4] == ':' && p[7] == ':' && p[10] == '-' && left >= 20)
        return _read_utm(self);
      if (g_ascii_isdigit(p[9]) && (p[10] == '.' || p[10] == ' '))
        return _read_stamp_and_tag(self, SIAGA_TIME_FORMAT_EPOCH);
      return _read_windows_ssh(self) || ((_is_foreign(p[1]) || _is_foreign(p[2])) && _read_rfc3164(self));
    }
  if (_is_foreign(p[0]) || _is_foreign(p[1]) || (g_ascii_isalpha(p[0]) && p[4] == ' ' && p[3] == 's'))
    return _read_rfc3164(self); /* a month's name in another language */
  if (p[0] == '@')
    return _read_stamp_and_tag(self, SIAGA_TIME_FORMAT_TAI64N);
  if (!g_ascii_isalpha(p[0]) || p[3] != ' ')
    return _is_month_in_full(p) && _read_rfc3164(self);
  if (g_ascii_isdigit(p[4]) && g_ascii_isdigit(p[5]) && g_ascii_isdigit(p[6]))
    return _read_short_full(self);
  return _read_rfc3164(self) || _read_openwrt(self);
}
