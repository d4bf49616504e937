/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * "host program[pid]:", in all the ways in which daemons write it. */

#include "line-tag.h"

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

#define TAG_MAX 128
#define HOST_MAX 255

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
_tag_name_end(const SiagaReader *self, gboolean *has_letter)
{
  const gchar *p = self->p;
  const gchar *limit = p + MIN(siaga_reader_left(self), TAG_MAX);
  guint8 seen = 0;
  for (; p < limit && !(class_of[(guchar) *p] & ENDS_NAME); p++)
    seen |= class_of[(guchar) *p];
  *has_letter = (seen & LETTER) != 0;
  return p;
}

/* Solaris puts a number, a facility and a level in front of every text: "[ID 800047 auth.info] text" */
static void
_skip_message_id(SiagaReader *self)
{
  const gchar *limit = self->p + MIN(siaga_reader_left(self), 64), *p = self->p;
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
_odd_name_end(const SiagaReader *self, const gchar *name_end, const gchar **rest_r)
{
  const gchar *limit = self->p + MIN(siaga_reader_left(self), TAG_MAX), *p = name_end;
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

gboolean
siaga_line_take_tag(SiagaReader *self)
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
  if (p == self->end || *p != ':' || !(siaga_reader_is_blank(self, p + 1) || (pid && _is_number(pid, pid_end))))
    return FALSE;
  self->line->program = self->p;
  self->line->program_length = name_end - self->p;
  self->line->pid = pid;
  self->line->pid_length = pid ? pid_end - pid : 0;
  self->p = p + 1;
  if (!siaga_reader_is_blank(self, self->p))
    return TRUE;
  if (self->p < self->end)
    self->p++;
  _skip_message_id(self);
  return TRUE;
}

/* "gw(192.0.2.1)": who sent it, which some write behind the name; a number is a process. */
static const gchar *
_behind_sender(const SiagaReader *self, const gchar *start)
{
  const gchar *p = start + 1, *limit = start + MIN(self->end - start, HOST_MAX);
  gboolean parted = FALSE;
  if (start == self->p || start == self->end || *start != '(')
    return start;
  for (; p < limit && (g_ascii_isxdigit(*p) || *p == ':' || *p == '.'); p++)
    parted = parted || *p == ':' || *p == '.';
  return p < limit && *p == ')' && parted ? p + 1 : start;
}

const gchar *
siaga_line_host_end(const SiagaReader *self)
{
  const gchar *p = self->p, *limit = p + MIN(siaga_reader_left(self), HOST_MAX);
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

void
siaga_line_take_host(SiagaReader *self)
{
  const gchar *end = siaga_line_host_end(self);
  if (!end)
    return;
  _note_host(self->line, self->p, end);
  self->p = end;
  siaga_reader_skip_blanks(self);
}

gboolean
siaga_line_skip_facility(SiagaReader *self)
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
  siaga_reader_skip_blanks(self);
  return TRUE;
}

/* AIX names the host that a line came from a second time. */
static void
_skip_forwarder(SiagaReader *self)
{
  static const gchar words[] = "Message forwarded from ";
  const gsize length = sizeof words - 1;
  if (siaga_reader_left(self) <= length || memcmp(self->p, words, length) != 0)
    return;
  const gchar *p = self->p + length;
  while (p < self->end && !(class_of[(guchar) *p] & NOT_IN_HOST))
    p++;
  if (p == self->end || *p != ' ' || p[-1] != ':')
    return;
  self->p = p;
  siaga_reader_skip_blanks(self);
}

gboolean
siaga_line_is_process(const SiagaReader *self)
{
  gboolean has_letter;
  const gchar *end = _tag_name_end(self, &has_letter);
  return has_letter && end + 1 < self->end && *end == '[' && g_ascii_isdigit(end[1]);
}

/* Who passes a log on often masks the host: "<hostname>", "<my_host>".  Only where a program or a relay's address
 * follows: other programs put their level there. */
static void
_skip_masked_host(SiagaReader *self)
{
  const gchar *start = self->p, *p = start + 1;
  if (siaga_reader_left(self) < 4 || *start != '<' || !(class_of[(guchar) *p] & LETTER))
    return;
  while (p < self->end &&
         ((class_of[(guchar) *p] & LETTER) || *p == '_' || *p == '-' || *p == '.' || g_ascii_isdigit(*p)))
    p++;
  if (self->end - p < 3 || p[0] != '>' || p[1] != ' ')
    return;
  self->p = p + 2;
  siaga_reader_skip_blanks(self);
  if (self->p == self->end || (!g_ascii_isdigit(*self->p) && !siaga_line_is_process(self)))
    self->p = start;
}

void
siaga_line_skip_relayed(SiagaReader *self)
{
  siaga_line_skip_facility(self);
  _skip_forwarder(self);
  _skip_masked_host(self);
}

gboolean
siaga_line_take_host_and_tag(SiagaReader *self)
{
  const gchar *start = self->p;
  if (siaga_line_take_tag(self))
    return TRUE;
  const gchar *end = siaga_line_host_end(self);
  if (!end)
    return FALSE;
  const gchar *host = self->p;
  self->p = end;
  siaga_reader_skip_blanks(self);
  siaga_line_skip_facility(self);
  _skip_forwarder(self);
  if (!siaga_line_take_tag(self))
    {
      self->p = start;
      return FALSE;
    }
  _note_host(self->line, host, end);
  return TRUE;
}

void
siaga_line_take_host_and_process(SiagaReader *self)
{
  const gchar *start = self->p;
  const gchar *end = memchr(start, ' ', MIN(siaga_reader_left(self), HOST_MAX));

  if (!end || end == start || end[-1] == ':' || siaga_line_host_end(self) != end)
    return;
  self->p = end + 1;
  const gboolean process = siaga_line_is_process(self);
  self->p = start;
  if (process)
    siaga_line_take_host_and_tag(self);
}

gboolean
siaga_line_take_bracketed_tag(SiagaReader *self)
{
  gboolean has_letter;
  SiagaReader inside = *self;
  if (siaga_reader_left(self) < 4 || *inside.p++ != '[' || !g_ascii_isalpha(*inside.p))
    return FALSE;
  const gchar *name_end = _tag_name_end(&inside, &has_letter);
  if (_is_level(inside.p, name_end - inside.p) || self->end - name_end < 2 || name_end[0] != ']' || name_end[1] != ' ')
    return FALSE;
  self->line->program = inside.p;
  self->line->program_length = name_end - inside.p;
  self->p = name_end + 2;
  return TRUE;
}

gsize
siaga_line_origin_length(const SiagaReader *self)
{
  const gchar *p = self->p, *limit = p + MIN(siaga_reader_left(self), HOST_MAX);
  while (p < limit && !(class_of[(guchar) *p] & NOT_IN_HOST))
    p++;
  return p < self->end && *p == ' ' && p > self->p + 1 && p[-1] == ':' ? p - 1 - self->p : 0;
}
