/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads syslog headers: what was put around the line, the priority, a header, a second one within. */

#include <siaga/line.h>

#include "line-stamp.h"
#include "line-tag.h"
#include "line-wrap.h"

#include "engine/base/quoted.h"

#include <string.h>

#define BOM "\xef\xbb\xbf"
#define BOM_LENGTH 3
#define WRAPS_MAX 4

/* <0> to <191> */
static gboolean
_read_priority(SiagaReader *self)
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

static gboolean
_take_word(SiagaReader *self, const gchar **word_r, gsize *length_r)
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
_skip_structured_data(SiagaReader *self)
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
  if (self->p == start || !siaga_reader_is_blank(self, self->p))
    return FALSE;
  self->line->structured = *start == '[' ? start : NULL;
  self->line->structured_length = *start == '[' ? self->p - start : 0;
  if (self->p < self->end)
    self->p++;
  return TRUE;
}

/* "1 2026-01-24T01:37:00Z host program pid msgid [sd] text" behind the priority. */
static gboolean
_read_rfc5424(SiagaReader *self)
{
  const gchar *start = self->p, *message_id;
  gsize length;
  SiagaLine saved = *self->line;

  if (siaga_reader_left(self) < 3 || self->p[0] != '1' || self->p[1] != ' ')
    return FALSE;
  self->p += 2;
  gboolean nil = siaga_reader_left(self) > 1 && self->p[0] == '-' && self->p[1] == ' ';
  if (nil)
    self->p++;
  if ((nil || siaga_line_take_stamp(self, SIAGA_TIME_FORMAT_ISO8601)) && self->p < self->end && *self->p++ == ' ' &&
      _take_word(self, &self->line->host, &self->line->host_length) &&
      _take_word(self, &self->line->program, &self->line->program_length) &&
      _take_word(self, &self->line->pid, &self->line->pid_length) && _take_word(self, &message_id, &length) &&
      _skip_structured_data(self))
    {
      if (siaga_reader_left(self) >= BOM_LENGTH && memcmp(self->p, BOM, BOM_LENGTH) == 0)
        self->p += 3;
      return TRUE;
    }
  *self->line = saved;
  self->p = start;
  return FALSE;
}

/* "809: ", what IOS counts its messages with. */
static gboolean
_skip_sequence(SiagaReader *self)
{
  const gchar *p = self->p;
  while (p < self->end && g_ascii_isdigit(*p))
    p++;
  if (p == self->p || self->end - p < 2 || p[0] != ':' || p[1] != ' ')
    return FALSE;
  self->p = p + 2;
  return TRUE;
}

/* Cisco: "809: rtr1: *Jan 24 01:37:00.123: %SEC…".  The number and the host may be missing; a star or a point says that
 * the clock is not in step. */
static gboolean
_read_cisco(SiagaReader *self)
{
  const gchar *start = self->p;
  const gsize origin = _skip_sequence(self) ? siaga_line_origin_length(self) : 0;
  const gchar *host = self->p;

  if (origin)
    self->p += origin + strlen(": ");
  if (self->p < self->end && (*self->p == '*' || *self->p == '.'))
    self->p++;
  if (self->p == start || !siaga_line_take_stamped(self))
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
_read_counted_priority(SiagaReader *self)
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
_read_header(SiagaReader *self)
{
  gboolean has_priority = _read_priority(self) || _read_counted_priority(self);
  if (self->p < self->end && *self->p == '1' && _read_rfc5424(self))
    return;
  if (siaga_line_take_stamped(self) || (has_priority && _read_cisco(self)))
    return;
  if (siaga_line_take_tag(self))
    return;
  if (has_priority)
    siaga_line_take_host_and_tag(self);
  else
    siaga_line_take_host_and_process(self);
}

/* Blanks in front of a header were pasted with it; in front of anything else they are the text's.  A stamp or a process
 * number must be there, for the lines of a longer message have words with a colon. */
static void
_read_indented_header(SiagaReader *self)
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
_skip_compose(SiagaReader *self)
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
_read_contained(SiagaReader *self)
{
  SiagaLine outer = *self->line;
  const gchar *start = self->p;
  if (!siaga_line_take_stamped(self) && siaga_line_is_process(self))
    siaga_line_take_tag(self);
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
_read_inner_header(SiagaReader *self)
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
  else if (!siaga_line_take_stamped(self))
    siaga_line_take_host_and_process(self);
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
  SiagaReader reader = { self, NULL, text, text + length };
  memset(self, 0, sizeof *self);
  if (!siaga_line_take_host_and_tag(&reader))
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
  SiagaReader reader = { self, context, self->text, self->text + self->text_length };
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
