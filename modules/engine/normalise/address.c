/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads and writes addresses. */

#include "engine/normalise/address.h"

#include <arpa/inet.h>
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
      guint value = 0, digits = 0;
      for (; text < end && g_ascii_isdigit(*text) && digits < 4; digits++)
        value = value * 10 + (*text++ - '0');
      if (!digits || digits > 3 || value > 255 || (digits > 1 && text[-(gint) digits] == '0'))
        return FALSE;
      bytes[part] = value;
    }
  return text == end;
}

static gboolean
_parse_v6(const gchar *text, gsize length, SiagaIp *self)
{
  gchar buffer[INET6_ADDRSTRLEN];
  const gchar *zone = memchr(text, '%', length);
  if (zone)
    length = zone - text;
  if (length < 2 || length >= sizeof buffer || !memchr(text, ':', length))
    return FALSE;
  memcpy(buffer, text, length);
  buffer[length] = '\0';
  if (inet_pton(AF_INET6, buffer, self->bytes) != 1)
    return FALSE;
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

gsize
siaga_ip_format(const SiagaIp *self, gchar *buffer)
{
  if (self->version == 4)
    return _format_v4(self->bytes, buffer);
  inet_ntop(AF_INET6, self->bytes, buffer, SIAGA_IP_TEXT);
  return strlen(buffer);
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
