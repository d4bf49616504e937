/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads and writes addresses. */

#include "engine/normalise/address.h"

#include <string.h>

static const guint8 mapped_prefix[12] = { [10] = 0xff, [11] = 0xff };

/* Four decimal parts without leading zeros (some resolvers read those as octal). */
static gboolean
_parse_v4(const gchar *text, gsize length, guint8 *bytes)
{
  const gchar *end = text + length;
  for (guint part = 0; part < 4; part++)
    {
      if (part && (text == end || *text++ != '.'))
        return FALSE;
      const gchar *start = text;
      guint value = 0, digit;
      for (; text < end && (digit = (guchar) *text - '0') < 10 && text - start < 4; text++)
        value = value * 10 + digit;
      if (text == start || text - start > 3 || value > 255 || (text - start > 1 && *start == '0'))
        return FALSE;
      bytes[part] = value;
    }
  return text == end;
}

#define GROUPS 8

/* Up to four hexadecimal digits; gives back what is behind them, NULL when there is none or are more. */
static const gchar *
_parse_group(const gchar *text, const gchar *end, guint *value_r)
{
  const gchar *p = text;
  gint digit;
  *value_r = 0;
  for (; p < end && (digit = g_ascii_xdigit_value(*p)) >= 0; p++)
    *value_r = *value_r << 4 | digit;
  return p > text && p - text <= 4 ? p : NULL;
}

typedef struct
{
  guint8 bytes[16];
  guint used; /* bytes */
  gint gap;   /* the "::" stands behind so many bytes; -1: none */
} Groups;

/* What begins at P: a group, or the IPv4 address at the end. */
static const gchar *
_parse_part(Groups *self, const gchar *p, const gchar *end)
{
  guint value;
  if (self->used <= 12 && end - p <= 15 && memchr(p, '.', end - p) && !memchr(p, ':', end - p))
    {
      gboolean good = _parse_v4(p, end - p, self->bytes + self->used);
      self->used += 4;
      return good ? end : NULL;
    }
  p = self->used <= 14 ? _parse_group(p, end, &value) : NULL;
  if (!p)
    return NULL;
  self->bytes[self->used++] = value >> 8;
  self->bytes[self->used++] = value;
  return p;
}

static gboolean
_parse_groups(Groups *self, const gchar *p, const gchar *end)
{
  if (end - p < 2 || (p[0] == ':' && p[1] != ':'))
    return FALSE;
  while (p < end)
    {
      if (end - p >= 2 && p[0] == ':' && p[1] == ':')
        {
          if (self->gap >= 0)
            return FALSE;
          self->gap = self->used;
          p += 2;
          continue;
        }
      if (self->used && *p == ':' && (gint) self->used != self->gap)
        p++;
      p = p < end ? _parse_part(self, p, end) : NULL;
      if (!p || (p < end && *p != ':'))
        return FALSE;
    }
  return self->gap < 0 ? self->used == 16 : self->used <= 14;
}

static gboolean
_parse_v6(const gchar *text, gsize length, SiagaIp *self)
{
  Groups groups = { .gap = -1 };
  const gchar *zone = memchr(text, '%', length);
  if (zone)
    length = zone - text;
  if (length >= SIAGA_IP_TEXT || !memchr(text, ':', length) || !_parse_groups(&groups, text, text + length))
    return FALSE;
  const guint before = groups.gap < 0 ? 16 : groups.gap, behind = groups.used - MIN(before, groups.used);
  memset(self->bytes, 0, sizeof self->bytes);
  memcpy(self->bytes, groups.bytes, MIN(before, groups.used));
  memcpy(self->bytes + 16 - behind, groups.bytes + before % 16, behind);
  self->version = 6;
  if (memcmp(self->bytes, mapped_prefix, sizeof mapped_prefix) == 0)
    {
      self->version = 4;
      memmove(self->bytes, self->bytes + 12, 4);
    }
  return TRUE;
}

static gboolean
_parse_port(const gchar *text, gsize length, gint *port_r)
{
  gint port = 0;
  if (length < 1 || length > 5)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isdigit(text[i]))
        return FALSE;
      port = port * 10 + (text[i] - '0');
    }
  *port_r = port;
  return port <= 65535;
}

static gboolean
_parse_bracketed(SiagaIp *self, const gchar *text, gsize length, gint *port_r)
{
  const gchar *close = memchr(text, ']', length);
  if (!close)
    return FALSE;
  gsize inside = close - text - 1, behind = length - inside - 2;
  if (behind && (!port_r || close[1] != ':' || !_parse_port(close + 2, behind - 1, port_r)))
    return FALSE;
  if (_parse_v6(text + 1, inside, self))
    return TRUE;
  self->version = 4;
  return _parse_v4(text + 1, inside, self->bytes);
}

gboolean
siaga_ip_parse(SiagaIp *self, const gchar *text, gsize length, gint *port_r)
{
  if (port_r)
    *port_r = -1;
  if (length < 2)
    return FALSE;
  if (text[0] == '[')
    return _parse_bracketed(self, text, length, port_r);
  self->version = 4;
  if (_parse_v4(text, length, self->bytes))
    return TRUE;
  const gchar *colon = memchr(text, ':', length);
  if (!colon)
    return FALSE;
  if (_parse_v6(text, length, self))
    return TRUE;
  self->version = 4;
  return port_r && _parse_v4(text, colon - text, self->bytes) &&
         _parse_port(colon + 1, length - (colon - text) - 1, port_r);
}

static gsize
_write_number(guint value, gchar *out)
{
  gsize n = 0;
  if (value >= 100)
    out[n++] = '0' + value / 100;
  if (value >= 10)
    out[n++] = '0' + value / 10 % 10;
  out[n++] = '0' + value % 10;
  return n;
}

static gsize
_format_v4(const guint8 *bytes, gchar *out)
{
  gsize n = 0;
  for (guint i = 0; i < 4; i++)
    {
      if (i)
        out[n++] = '.';
      n += _write_number(bytes[i], out + n);
    }
  out[n] = '\0';
  return n;
}

static guint
_group(const SiagaIp *self, guint i)
{
  return self->bytes[2 * i] << 8 | self->bytes[2 * i + 1];
}

/* The longest run of two or more zero groups, the first of equals: RFC 5952. */
static guint
_longest_gap(const SiagaIp *self, guint *length_r)
{
  guint best = GROUPS;
  *length_r = 1;
  for (guint i = 0; i < GROUPS; i++)
    {
      guint end = i;
      while (end < GROUPS && !_group(self, end))
        end++;
      if (end - i > *length_r)
        {
          best = i;
          *length_r = end - i;
        }
      i = end;
    }
  return best;
}

static gsize
_write_group(guint value, gchar *out)
{
  static const gchar digits[] = "0123456789abcdef";
  gsize n = 0;
  for (gint shift = 12; shift >= 0; shift -= 4)
    if (n || value >> shift || !shift)
      out[n++] = digits[value >> shift & 15];
  return n;
}

static gsize
_format_v6(const SiagaIp *self, gchar *out)
{
  guint length, gap = _longest_gap(self, &length);
  gsize n = 0;
  for (guint i = 0; i < GROUPS; i++)
    {
      if (i == gap)
        {
          out[n++] = ':';
          out[n++] = ':';
          i += length - 1;
          continue;
        }
      if (n && out[n - 1] != ':')
        out[n++] = ':';
      if (i == 6 && gap == 0 && length == 6) /* an IPv4 address behind zeros */
        return n + _format_v4(self->bytes + 12, out + n);
      n += _write_group(_group(self, i), out + n);
    }
  out[n] = '\0';
  return n;
}

gsize
siaga_ip_format(const SiagaIp *self, gchar *buffer)
{
  return self->version == 4 ? _format_v4(self->bytes, buffer) : _format_v6(self, buffer);
}

gsize
siaga_ip_format_prefix(const SiagaIp *self, guint bits, gchar *buffer)
{
  SiagaIp network = *self;
  for (guint i = 0; i < 16; i++)
    if (i * 8 >= bits)
      network.bytes[i] = 0;
    else if (i * 8 + 8 > bits)
      network.bytes[i] &= 0xff << (i * 8 + 8 - bits);
  gsize n = siaga_ip_format(&network, buffer);
  buffer[n++] = '/';
  n += _write_number(bits, buffer + n);
  buffer[n] = '\0';
  return n;
}
