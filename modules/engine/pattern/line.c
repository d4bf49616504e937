/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads syslog headers.  What only looks like one (a server's own stamp) stays in the text. */

#include <siaga/line.h>

#include "line-wrap.h"

#include "engine/base/quoted.h"

#include <string.h>

/* Bytes that end a program's name, or that no host's name has; blanks and control characters end both. */
enum
{
  ENDS_NAME = 1,
  NOT_IN_HOST = 2,
  LETTER = 4,
  IN_FACILITY = 8,
};

static const guint8 class_of[256] = {
  [0 ... ' '] = ENDS_NAME | NOT_IN_HOST,
  [':'] = ENDS_NAME | IN_FACILITY,
  ['%'] = ENDS_NAME,
  ['['] = ENDS_NAME | NOT_IN_HOST,
  [']'] = ENDS_NAME | NOT_IN_HOST,
  ['{'] = ENDS_NAME | NOT_IN_HOST,
  ['}'] = ENDS_NAME | NOT_IN_HOST,
  ['<'] = ENDS_NAME | NOT_IN_HOST,
  ['>'] = ENDS_NAME | NOT_IN_HOST,
  ['"'] = ENDS_NAME | NOT_IN_HOST,
  ['='] = ENDS_NAME | NOT_IN_HOST,
  [','] = ENDS_NAME | NOT_IN_HOST,
  [';'] = ENDS_NAME | NOT_IN_HOST,
  ['('] = NOT_IN_HOST,
  [')'] = NOT_IN_HOST,
  ['\''] = NOT_IN_HOST,
  ['*'] = NOT_IN_HOST,
  ['#'] = NOT_IN_HOST,
  ['|'] = NOT_IN_HOST | IN_FACILITY,
  ['A' ... 'Z'] = LETTER,
  ['a' ... 'z'] = LETTER | IN_FACILITY,
  ['0' ... '9'] = IN_FACILITY,
  ['.'] = IN_FACILITY,
};

#define BOM "\xef\xbb\xbf"
#define BOM_LENGTH 3
#define TAG_MAX 128
#define HOST_MAX 255
#define WRAPS_MAX 4

typedef struct
{
  SiagaLine *line;
  const SiagaTimeContext *context;
  const gchar *p, *end;
} Reader;

static gsize
_left(const Reader *self)
{
  return self->end - self->p;
}

static gboolean
_is_blank_or_end(const Reader *self, const gchar *p)
{
  return p == self->end || *p == ' ';
}

static void
_skip_blanks(Reader *self)
{
  while (self->p < self->end && *self->p == ' ')
    self->p++;
}

/* <0> to <191> */
static gboolean
_read_priority(Reader *self)
{
  const gchar *p = self->p;
  gint value = 0;
  if (p == self->end || *p != '<')
    return FALSE;
  for (p++; p < self->end && g_ascii_isdigit(*p) && value < 192; p++)
    value = value * 10 + (*p - '0');
  if (p == self->end || *p != '>' || p == self->p + 1 || value > 191)
    return FALSE;
  self->line->priority = value;
  self->p = p + 1;
  return TRUE;
}

/* Words that programs write in front of a colon and that name no program. */
static gboolean
_is_level(const gchar *word, gsize length)
{
  static const struct
  {
    gchar text[10];
    guint8 length;
  } levels[] = {
    { "emerg", 5 }, { "alert", 5 },     { "crit", 4 },    { "critical", 8 }, { "error", 5 },
    { "err", 3 },   { "warn", 4 },      { "warning", 7 }, { "notice", 6 },   { "info", 4 },
    { "debug", 5 }, { "fatal", 5 },     { "panic", 5 },   { "log", 3 },      { "detail", 6 },
    { "hint", 4 },  { "statement", 9 }, { "context", 7 }, { "trace", 5 },    { "query", 5 },
  };
  if (length < 3 || length > 9)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(levels); i++)
    if (levels[i].length == length && (word[0] | 0x20) == levels[i].text[0] &&
        g_ascii_strncasecmp(word, levels[i].text, length) == 0)
      return TRUE;
  return FALSE;
}

static const gchar *
_tag_name_end(const Reader *self, gboolean *has_letter)
{
  const gchar *p = self->p;
  const gchar *limit = p + MIN(_left(self), TAG_MAX);
  guint8 seen = 0;
  for (; p < limit && !(class_of[(guchar) *p] & ENDS_NAME); p++)
    seen |= class_of[(guchar) *p];
  *has_letter = (seen & LETTER) != 0;
  return p;
}

/* Solaris puts a number, a facility and a level in front of every text: "[ID 800047 auth.info] text" */
static void
_skip_message_id(Reader *self)
{
  const gchar *limit = self->p + MIN(_left(self), 64), *p = self->p;
  if (limit - p < 4 || memcmp(p, "[ID ", 4) != 0)
    return;
  for (p += 4; p < limit && g_ascii_isdigit(*p); p++)
    ;
  if (p == limit || *p != ' ')
    return;
  for (p++; p < limit && (g_ascii_isalnum(*p) || *p == '.'); p++)
    ;
  if (p < limit && p[0] == ']' && p + 1 < self->end && p[1] == ' ')
    self->p = p + 2;
}

static gboolean
_is_number(const gchar *text, const gchar *end)
{
  while (text < end && g_ascii_isdigit(*text))
    text++;
  return text == end;
}

/* NAME_END: where an ordinary name is over.  "polkitd(authority=local)" goes on; a bracket that display managers leave
 * behind theirs, "gdm-password]", is none of it: then *REST_R is behind that. */
static const gchar *
_odd_name_end(const Reader *self, const gchar *name_end, const gchar **rest_r)
{
  const gchar *limit = self->p + MIN(_left(self), TAG_MAX), *p = name_end;
  *rest_r = name_end;
  if (limit - p < 2)
    return name_end;
  if (*p == ']' && (p[1] == '[' || p[1] == ':'))
    *rest_r = p + 1;
  else if (*p == '=' && memchr(self->p, '(', p - self->p))
    {
      for (p++; p < limit && g_ascii_isalnum(*p); p++)
        ;
      if (p < limit && *p == ')')
        return *rest_r = p + 1;
    }
  return name_end;
}

static gboolean
_ends_in(const gchar *name, gsize length, const gchar *ending)
{
  const gsize tail = strlen(ending);
  return length > tail && memcmp(name + length - tail, ending, tail) == 0;
}

/* "org.postgresql.util.PSQLException", "psycopg2.OperationalError": what a program threw, not its name. */
static gboolean
_is_exception(const gchar *name, gsize length)
{
  return (_ends_in(name, length, "Exception") || _ends_in(name, length, "Error")) && memchr(name, '.', length);
}

/* "program:" or "program[pid]:", with a blank or the end behind it; moves behind them. */
static gboolean
_read_tag(Reader *self)
{
  gboolean has_letter;
  const gchar *p, *pid = NULL, *pid_end = NULL;
  const gchar *name_end = _odd_name_end(self, _tag_name_end(self, &has_letter), &p);

  if (!has_letter || p == self->end || *self->p == '#' || _is_level(self->p, name_end - self->p) ||
      _is_exception(self->p, name_end - self->p))
    return FALSE;
  if (*p == '[')
    {
      pid = ++p;
      while (p < self->end && (guchar) *p > ' ' && *p != ']' && p - pid < 64)
        p++;
      if (p == self->end || *p != ']')
        return FALSE;
      pid_end = p++;
    }
  /* without a blank behind it only a process number tells a tag from a word */
  if (p == self->end || *p != ':' || !(_is_blank_or_end(self, p + 1) || (pid && _is_number(pid, pid_end))))
    return FALSE;
  self->line->program = self->p;
  self->line->program_length = name_end - self->p;
  self->line->pid = pid;
  self->line->pid_length = pid ? pid_end - pid : 0;
  self->p = p + 1;
  if (!_is_blank_or_end(self, self->p))
    return TRUE;
  if (self->p < self->end)
    self->p++;
  _skip_message_id(self);
  return TRUE;
}

/* "gw(192.0.2.1)": who sent it, which some write behind the name; a number is a process. */
static const gchar *
_behind_sender(const Reader *self, const gchar *start)
{
  const gchar *p = start + 1, *limit = start + MIN(self->end - start, HOST_MAX);
  gboolean parted = FALSE;
  if (start == self->p || start == self->end || *start != '(')
    return start;
  for (; p < limit && (g_ascii_isxdigit(*p) || *p == ':' || *p == '.'); p++)
    parted = parted || *p == ':' || *p == '.';
  return p < limit && *p == ')' && parted ? p + 1 : start;
}

/* A word that may be a host: gives back its end, NULL when it cannot. */
static const gchar *
_host_end(const Reader *self)
{
  const gchar *p = self->p, *limit = p + MIN(_left(self), HOST_MAX);
  while (p < limit && !(class_of[(guchar) *p] & NOT_IN_HOST))
    p++;
  if (p > self->p && p < self->end && *p == ',') /* a model and its release: "U7PG2,6.2.49" */
    while (p < limit && (!(class_of[(guchar) *p] & NOT_IN_HOST) || (*p == ',' && p[-1] != ',')))
      p++;
  p = _behind_sender(self, p);
  if (p < self->end && *p != ' ')
    return NULL;
  return p == self->p || p[-1] == ',' || p == self->end || p[-1] == ':' || self->p[0] == '%' ? NULL : p;
}

/* "-" is nobody. */
static void
_note_host(SiagaLine *line, const gchar *host, const gchar *end)
{
  const gchar *sender = memchr(host, '(', end - host);
  if (end - host == 1 && *host == '-')
    return;
  line->host = host;
  line->host_length = (sender ? sender : end) - host;
}

static void
_set_host(Reader *self, const gchar *end)
{
  _note_host(self->line, self->p, end);
  self->p = end;
  _skip_blanks(self);
}

/* Facility and level in front of the program or the host: "auth.info" of OpenWrt and BusyBox, "auth|security:info" of
 * AIX, "<auth.info>" and "<4.6>" of FreeBSD. */
static gboolean
_skip_facility(Reader *self)
{
  const gboolean bracket = self->p < self->end && *self->p == '<';
  const gchar *p = self->p + bracket, *level = NULL;
  for (; p < self->end && (class_of[(guchar) *p] & IN_FACILITY); p++)
    if (*p == '.' || *p == ':')
      level = p + 1;
  const gchar *end = p;
  if (!level || (bracket && (p == self->end || *p++ != '>')) || p == self->end || *p != ' ')
    return FALSE;
  if (!_is_level(level, end - level) && !(bracket && end == level + 1 && g_ascii_isdigit(*level)))
    return FALSE;
  self->p = p;
  _skip_blanks(self);
  return TRUE;
}

/* AIX names the host that a line came from a second time. */
static void
_skip_forwarder(Reader *self)
{
  static const gchar words[] = "Message forwarded from ";
  const gsize length = sizeof words - 1;
  if (_left(self) <= length || memcmp(self->p, words, length) != 0)
    return;
  const gchar *p = self->p + length;
  while (p < self->end && !(class_of[(guchar) *p] & NOT_IN_HOST))
    p++;
  if (p == self->end || *p != ' ' || p[-1] != ':')
    return;
  self->p = p;
  _skip_blanks(self);
}

/* Whether "program[pid" stands here. */
static gboolean
_is_process(const Reader *self)
{
  gboolean has_letter;
  const gchar *end = _tag_name_end(self, &has_letter);
  return has_letter && end + 1 < self->end && *end == '[' && g_ascii_isdigit(end[1]);
}

/* Who passes a log on often masks the host: "<hostname>", "<my_host>".  Only where a program or a relay's address
 * follows: other programs put their level there. */
static void
_skip_masked_host(Reader *self)
{
  const gchar *start = self->p, *p = start + 1;
  if (_left(self) < 4 || *start != '<' || !(class_of[(guchar) *p] & LETTER))
    return;
  while (p < self->end &&
         ((class_of[(guchar) *p] & LETTER) || *p == '_' || *p == '-' || *p == '.' || g_ascii_isdigit(*p)))
    p++;
  if (self->end - p < 3 || p[0] != '>' || p[1] != ' ')
    return;
  self->p = p + 2;
  _skip_blanks(self);
  if (self->p == self->end || (!g_ascii_isdigit(*self->p) && !_is_process(self)))
    self->p = start;
}

/* Behind the stamp: [host] program[pid]: text.  FALSE, with nothing moved, when there is no program. */
static gboolean
_read_host_and_tag(Reader *self)
{
  const gchar *start = self->p;
  if (_read_tag(self))
    return TRUE;
  const gchar *end = _host_end(self);
  if (!end)
    return FALSE;
  const gchar *host = self->p;
  self->p = end;
  _skip_blanks(self);
  _skip_facility(self);
  _skip_forwarder(self);
  if (!_read_tag(self))
    {
      self->p = start;
      return FALSE;
    }
  _note_host(self->line, host, end);
  return TRUE;
}

/* "host program[pid]: text" without a stamp: without a process number it could be any sentence with a colon. */
static void
_read_host_and_process(Reader *self)
{
  const gchar *start = self->p;
  const gchar *end = memchr(start, ' ', MIN(_left(self), HOST_MAX));

  if (!end || end == start || end[-1] == ':' || _host_end(self) != end)
    return;
  self->p = end + 1;
  const gboolean process = _is_process(self);
  self->p = start;
  if (process)
    _read_host_and_tag(self);
}

static gboolean
_read_stamp(Reader *self, SiagaTimeFormat format)
{
  SiagaTime time;
  gint32 zone;
  gboolean possible;
  gsize used = siaga_time_scan(format, self->p, _left(self), self->context, &time, &zone, &possible);
  if (!used)
    return FALSE;
  self->line->time_bad = !possible;
  self->line->has_time = possible;
  self->line->time = possible ? time : 0;
  self->line->zone = possible ? zone : 0;
  self->p += used;
  return TRUE;
}

static void
_forget_stamp(SiagaLine *line)
{
  line->has_time = line->time_bad = FALSE;
  line->time = 0;
  line->zone = 0;
}

/* "Jan 24 01:37:00 WIB host program[pid]: text": any word may be a host's name, so all of it has to stand there.  START
 * is where the stamp begins. */
static gboolean
_read_zone_and_host(Reader *self, const gchar *start)
{
  const gchar *word = self->p, *end = _host_end(self);
  SiagaTime time;
  gint32 zone;
  if (!end || !siaga_time_parse(SIAGA_TIME_FORMAT_RFC3164, start, end - start, self->context, &time, &zone))
    return FALSE;
  self->p = end;
  _skip_blanks(self);
  if (_read_host_and_tag(self))
    {
      self->line->time = time;
      self->line->zone = zone;
      return TRUE;
    }
  self->p = word;
  return FALSE;
}

/* metalog: "Jan 24 01:37:00 [program] text" */
static gboolean
_read_bracketed_tag(Reader *self)
{
  gboolean has_letter;
  Reader inside = *self;
  if (_left(self) < 4 || *inside.p++ != '[' || !g_ascii_isalpha(*inside.p))
    return FALSE;
  const gchar *name_end = _tag_name_end(&inside, &has_letter);
  if (_is_level(inside.p, name_end - inside.p) || self->end - name_end < 2 || name_end[0] != ']' || name_end[1] != ' ')
    return FALSE;
  self->line->program = inside.p;
  self->line->program_length = name_end - inside.p;
  self->p = name_end + 2;
  return TRUE;
}

/* "Jan 24 01:37:00 host program[pid]: text"; the host, the program or both may be missing. */
static gboolean
_read_rfc3164(Reader *self)
{
  const gchar *start = self->p;
  if (!_read_stamp(self, SIAGA_TIME_FORMAT_RFC3164))
    return FALSE;
  if (self->p < self->end && *self->p == ':') /* Cisco: "Jan 24 2026 01:37:00: %ASA-…" */
    self->p++;
  if (!_is_blank_or_end(self, self->p))
    {
      _forget_stamp(self->line);
      self->p = start;
      return FALSE;
    }
  _skip_blanks(self);
  _skip_facility(self);
  _skip_forwarder(self);
  _skip_masked_host(self);
  if (_read_host_and_tag(self) || _read_zone_and_host(self, start) || _read_bracketed_tag(self))
    return TRUE;
  const gchar *end = _host_end(self);
  if (end)
    _set_host(self, end);
  if (_left(self) > 1 && self->p[0] == ':' && self->p[1] == ' ') /* Cisco: "host : %ASA-…" */
    self->p += 2;
  return TRUE;
}

/* Servers write such stamps themselves: only with a program behind it is it a header. */
static gboolean
_read_stamp_and_tag(Reader *self, SiagaTimeFormat format)
{
  const gchar *start = self->p;
  if (!_read_stamp(self, format))
    return FALSE;
  if (_is_blank_or_end(self, self->p))
    {
      _skip_blanks(self);
      _skip_facility(self);
      _skip_masked_host(self);
      if (_read_host_and_tag(self))
        return TRUE;
    }
  _forget_stamp(self->line);
  self->p = start;
  return FALSE;
}

/* OpenWrt: "Sat Jan 24 01:37:00 2026 auth.info program[pid]: text" */
static gboolean
_read_openwrt(Reader *self)
{
  const gchar *start = self->p;
  if (!_read_stamp(self, SIAGA_TIME_FORMAT_APACHE_ERROR))
    return FALSE;
  _skip_blanks(self);
  if (_skip_facility(self) && _read_host_and_tag(self))
    return TRUE;
  _forget_stamp(self->line);
  self->p = start;
  return FALSE;
}

/* journalctl -o short-full: "Sat 2026-01-24 01:37:00 WIB host program[pid]: text" */
static gboolean
_read_short_full(Reader *self)
{
  const gchar *start = self->p;
  self->p += 4;
  if (_read_stamp_and_tag(self, SIAGA_TIME_FORMAT_ISO8601))
    return TRUE;
  self->p = start;
  return FALSE;
}

static gboolean
_take_word(Reader *self, const gchar **word_r, gsize *length_r)
{
  const gchar *start = self->p;
  while (self->p < self->end && (guchar) *self->p > ' ')
    self->p++;
  gsize length = self->p - start;
  if (!length || (self->p < self->end && *self->p != ' '))
    return FALSE;
  if (self->p < self->end)
    self->p++;
  gboolean nil = length == 1 && *start == '-';
  *word_r = nil ? NULL : start;
  *length_r = nil ? 0 : length;
  return TRUE;
}

/* Quotes may hold brackets. */
const gchar *
siaga_line_end_of_element(const gchar *start, const gchar *end)
{
  gboolean escaped;
  for (const gchar *p = start + 1; p < end; p++)
    if (*p == ']')
      return p + 1;
    else if (*p == '"' && !(p = siaga_quoted_end(p + 1, end, '"', &escaped)))
      return NULL;
  return NULL;
}

/* [id name="value" …][…] */
static gboolean
_skip_structured_data(Reader *self)
{
  const gchar *start = self->p;
  if (self->p < self->end && *self->p == '-')
    self->p++;
  while (self->p < self->end && *self->p == '[')
    {
      const gchar *next = siaga_line_end_of_element(self->p, self->end);
      if (!next)
        return FALSE;
      self->p = next;
    }
  if (self->p == start || !_is_blank_or_end(self, self->p))
    return FALSE;
  self->line->structured = *start == '[' ? start : NULL;
  self->line->structured_length = *start == '[' ? self->p - start : 0;
  if (self->p < self->end)
    self->p++;
  return TRUE;
}

/* "1 2026-01-24T01:37:00Z host program pid msgid [sd] text" behind the priority. */
static gboolean
_read_rfc5424(Reader *self)
{
  const gchar *start = self->p, *message_id;
  gsize length;
  SiagaLine saved = *self->line;

  if (_left(self) < 3 || self->p[0] != '1' || self->p[1] != ' ')
    return FALSE;
  self->p += 2;
  gboolean nil = _left(self) > 1 && self->p[0] == '-' && self->p[1] == ' ';
  if (nil)
    self->p++;
  if ((nil || _read_stamp(self, SIAGA_TIME_FORMAT_ISO8601)) && self->p < self->end && *self->p++ == ' ' &&
      _take_word(self, &self->line->host, &self->line->host_length) &&
      _take_word(self, &self->line->program, &self->line->program_length) &&
      _take_word(self, &self->line->pid, &self->line->pid_length) && _take_word(self, &message_id, &length) &&
      _skip_structured_data(self))
    {
      if (_left(self) >= BOM_LENGTH && memcmp(self->p, BOM, BOM_LENGTH) == 0)
        self->p += 3;
      return TRUE;
    }
  *self->line = saved;
  self->p = start;
  return FALSE;
}

static gboolean
_begins_with_header(const Reader *self, const gchar *p)
{
  SiagaTime time;
  gint32 zone;
  gboolean possible;
  return *p == '<' ||
         siaga_time_scan(SIAGA_TIME_FORMAT_RFC3164, p, self->end - p, self->context, &time, &zone, &possible);
}

/* "2026-01-24T01:37:00Z relay <38>…": a relay's stamp and host in front of a whole line. */
static gboolean
_read_stamp_and_relay(Reader *self)
{
  const gchar *start = self->p;
  if (_read_stamp(self, SIAGA_TIME_FORMAT_ISO8601) && self->p < self->end && *self->p == ' ')
    {
      _skip_blanks(self);
      const gchar *end = _host_end(self);
      if (end && self->end - end > 1 && _begins_with_header(self, end + 1))
        {
          _set_host(self, end);
          return TRUE;
        }
    }
  _forget_stamp(self->line);
  self->p = start;
  return FALSE;
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
_read_windows_stamp(Reader *self, const gchar *p)
{
  const gchar *start = self->p;
  if (p[0] != ' ' || p[5] != '-' || p[11] != ' ' || p[20] != '.' || p[24] != ' ')
    return FALSE;
  self->p = p + 1;
  if (_read_stamp(self, SIAGA_TIME_FORMAT_ISO8601) && self->p == p + 24)
    return TRUE;
  _forget_stamp(self->line);
  self->p = start;
  return FALSE;
}

/* OpenSSH of Windows in its own file: "6152 2026-01-24 01:37:00.948 text", before 7.9 "6152 01:37:00 948 text" */
static gboolean
_read_windows_ssh(Reader *self)
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
  _skip_blanks(self);
  return TRUE;
}

/* Sophos UTM: "2026:01:24-01:37:00 host program[pid]: text"; with a colon behind it the stamp is a server's own. */
static gboolean
_read_utm(Reader *self)
{
  const gchar *start = self->p;
  gchar iso[] = "0000-00-00T00:00:00";
  memcpy(iso, start, sizeof iso - 1);
  iso[4] = iso[7] = '-';
  iso[10] = 'T';
  Reader stamp = *self;
  stamp.p = iso;
  stamp.end = iso + sizeof iso - 1;
  if (!_read_stamp(&stamp, SIAGA_TIME_FORMAT_ISO8601) || stamp.p != stamp.end)
    return FALSE;
  self->p = start + sizeof iso - 1;
  if (_is_blank_or_end(self, self->p))
    {
      _skip_blanks(self);
      if (_read_host_and_tag(self))
        return TRUE;
    }
  _forget_stamp(self->line);
  self->p = start;
  return FALSE;
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
static gboolean
_read_by_shape(Reader *self)
{
  const gchar *p = self->p;
  gsize left = _left(self);
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

/* "809: ", what IOS counts its messages with. */
static gboolean
_skip_sequence(Reader *self)
{
  const gchar *p = self->p;
  while (p < self->end && g_ascii_isdigit(*p))
    p++;
  if (p == self->p || self->end - p < 2 || p[0] != ':' || p[1] != ' ')
    return FALSE;
  self->p = p + 2;
  return TRUE;
}

/* "rtr1: ", with "logging origin-id"; gives back the length of the name. */
static gsize
_origin_length(const Reader *self)
{
  const gchar *p = self->p, *limit = p + MIN(_left(self), HOST_MAX);
  while (p < limit && !(class_of[(guchar) *p] & NOT_IN_HOST))
    p++;
  return p < self->end && *p == ' ' && p > self->p + 1 && p[-1] == ':' ? p - 1 - self->p : 0;
}

/* Cisco: "809: rtr1: *Jan 24 01:37:00.123: %SEC…".  The number and the host may be missing; a star or a point says that
 * the clock is not in step. */
static gboolean
_read_cisco(Reader *self)
{
  const gchar *start = self->p;
  const gsize origin = _skip_sequence(self) ? _origin_length(self) : 0;
  const gchar *host = self->p;

  if (origin)
    self->p += origin + strlen(": ");
  if (self->p < self->end && (*self->p == '*' || *self->p == '.'))
    self->p++;
  if (self->p == start || !_read_by_shape(self))
    {
      self->p = start;
      return FALSE;
    }
  if (origin)
    {
      self->line->host = host;
      self->line->host_length = origin;
    }
  return TRUE;
}

/* RFC 6587: a stream that was kept as it came has each message's length in front, "123 <34>1 2026-01-24…". */
static gboolean
_read_counted_priority(Reader *self)
{
  const gchar *start = self->p;
  while (self->p < self->end && self->p - start < 6 && g_ascii_isdigit(*self->p))
    self->p++;
  if (self->p > start && self->p < self->end && *self->p++ == ' ' && _read_priority(self))
    return TRUE;
  self->p = start;
  return FALSE;
}

static void
_read_header(Reader *self)
{
  gboolean has_priority = _read_priority(self) || _read_counted_priority(self);
  if (self->p < self->end && *self->p == '1' && _read_rfc5424(self))
    return;
  if (_read_by_shape(self) || (has_priority && _read_cisco(self)))
    return;
  if (_read_tag(self))
    return;
  if (has_priority)
    _read_host_and_tag(self);
  else
    _read_host_and_process(self);
}

/* Blanks in front of a header were pasted with it; in front of anything else they are the text's.  A stamp or a process
 * number must be there, for the lines of a longer message have words with a colon. */
static void
_read_indented_header(Reader *self)
{
  const SiagaLine outer = *self->line;
  const gchar *start = self->p;
  while (self->p < self->end && (*self->p == ' ' || *self->p == '\t'))
    self->p++;
  self->line->has_time = FALSE; /* what was put around the line has one too */
  _read_header(self);
  if (self->line->has_time || self->line->pid)
    return;
  *self->line = outer;
  self->p = start;
}

static void
_keep_time(SiagaLine *self, const SiagaLine *outer)
{
  if (self->has_time || !outer->has_time)
    return;
  self->has_time = TRUE;
  self->time = outer->time;
  self->zone = outer->zone;
}

/* What docker compose in the foreground writes in front of a line, as the program itself or in the shell of a unit.
 * Its bar is looked for first: nearly every line has none. */
static gboolean
_skip_compose(Reader *self)
{
  static const gchar *const names[] = { "docker-compose", "podman-compose", "docker", "sh", "bash" };
  const gchar *text = self->p;
  if (!siaga_line_skip_compose(&text, self->end - text))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
    if (self->line->program_length == strlen(names[i]) &&
        memcmp(self->line->program, names[i], self->line->program_length) == 0)
      {
        self->p = text;
        return TRUE;
      }
  return FALSE;
}

/* What a container says may be a whole line of syslog. */
static void
_read_contained(Reader *self)
{
  SiagaLine outer = *self->line;
  const gchar *start = self->p;
  if (!_read_by_shape(self) && _is_process(self))
    _read_tag(self);
  if (self->line->program != outer.program)
    {
      _keep_time(self->line, &outer);
      return;
    }
  *self->line = outer;
  self->line->contained = outer.program_length != strlen("kernel") || memcmp(outer.program, "kernel", 6) != 0;
  self->p = start;
}

/* A relay that does not read what it passes on writes its header in front of the first one, and some name the host they
 * heard beside the one that logged.  The inner header tells more; one of host and process number must stand there, for
 * programs write stamps and words with a colon too. */
static void
_read_inner_header(Reader *self)
{
  SiagaLine outer = *self->line;
  const gchar *start = self->p;

  if (self->p == self->end)
    return;
  if (outer.program && (_skip_compose(self) || siaga_line_is_container(outer.program, outer.program_length)))
    _read_contained(self);
  if (outer.program || !outer.host || !outer.has_time)
    return;
  if (*self->p == '<')
    _read_header(self);
  else if (!_read_by_shape(self))
    _read_host_and_process(self);
  if (self->line->program && (self->line->host != outer.host || self->line->pid))
    {
      _keep_time(self->line, &outer);
      return;
    }
  *self->line = outer;
  self->p = start;
}

gboolean
siaga_line_read_tag(SiagaLine *self, const gchar *text, gsize length)
{
  Reader reader = { self, NULL, text, text + length };
  memset(self, 0, sizeof *self);
  if (!_read_host_and_tag(&reader))
    return FALSE;
  self->text = reader.p;
  self->text_length = reader.end - reader.p;
  return TRUE;
}

void
siaga_line_read(SiagaLine *self, const gchar *raw, gsize length, const SiagaTimeContext *context, SiagaArena *arena)
{
  memset(self, 0, sizeof *self);
  raw = raw ? raw : "";
  if (length >= BOM_LENGTH && memcmp(raw, BOM, BOM_LENGTH) == 0) /* of a file's first line */
    {
      raw += BOM_LENGTH;
      length -= BOM_LENGTH;
    }
  while (length && (raw[length - 1] == '\n' || raw[length - 1] == '\r'))
    length--;
  self->raw = self->text = raw;
  self->raw_length = length;
  self->text_length = MIN(length, SIAGA_LINE_MAX);
  self->priority = -1;
  for (guint i = 0; i < WRAPS_MAX && siaga_line_unwrap(self, context, arena); i++)
    ;
  self->whole = self->text;
  self->whole_length = self->text_length;
  if (self->program)
    return;
  Reader reader = { self, context, self->text, self->text + self->text_length };
  SiagaLine wrapped = *self;
  if (self->text_length && (*self->text == ' ' || *self->text == '\t'))
    _read_indented_header(&reader);
  else
    _read_header(&reader);
  _read_inner_header(&reader);
  _keep_time(self, &wrapped);
  self->text = reader.p;
  self->text_length = reader.end - reader.p;
}
