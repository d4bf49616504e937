/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Text of a line as values of fields. */

#include "engine/domain/record-type.h"
#include "expression.h"
#include "leaves.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static gboolean
_is_ipv4(const gchar *p, const gchar *end)
{
  for (guint part = 0; part < 4; part++)
    {
      const gchar *start = p;
      guint value = 0, digit;
      for (; p < end && (digit = (guchar) *p - '0') < 10 && p - start < 4; p++)
        value = value * 10 + digit;
      if (p == start || p - start > 3 || value > 255 || (part < 3 && (p == end || *p++ != '.')))
        return FALSE;
    }
  return p == end;
}

static gboolean
_is_ipv6(const gchar *p, const gchar *end)
{
  guint groups = 0;
  gboolean gap = FALSE;

  if (end - p < 2 || (*p == ':' && p[1] != ':'))
    return FALSE;
  while (p < end)
    {
      if (*p == ':')
        {
          if (++p < end && *p == ':')
            {
              if (gap)
                return FALSE;
              gap = TRUE;
              p++;
            }
          else if (p == end)
            return FALSE;
          continue;
        }
      const gchar *start = p;
      while (p < end && g_ascii_isxdigit(*p))
        p++;
      if (p < end && *p == '.')
        return _is_ipv4(start, end) && (gap ? groups <= 5 : groups == 6);
      if (p == start || p - start > 4 || ++groups > 8 || (p < end && *p != ':'))
        return FALSE;
      if (p < end && p[0] == ':' && p + 1 == end)
        return FALSE;
    }
  return gap ? groups <= 7 : groups == 8;
}

gboolean
siaga_is_ip(const gchar *text, gsize length, gsize *without_zone_r)
{
  *without_zone_r = length;
  if (length < 2 || length > 80)
    return FALSE;
  const gchar *colon = memchr(text, ':', MIN(length, 6));
  if (!colon)
    return g_ascii_isdigit(*text) && _is_ipv4(text, text + length);
  const gchar *zone = memchr(text, '%', length);
  if (zone)
    *without_zone_r = zone - text;
  return _is_ipv6(text, text + *without_zone_r);
}

static gboolean
_parse_int(const gchar *p, gsize length, gint64 *value_r)
{
  const gchar *end = p + length;
  gint64 value = 0;
  gboolean negative = p < end && *p == '-';

  if (p < end && (*p == '-' || *p == '+'))
    p++;
  if (p == end || length > 20)
    return FALSE;
  for (; p < end; p++)
    if (!g_ascii_isdigit(*p) || __builtin_mul_overflow(value, 10, &value) ||
        __builtin_add_overflow(value, *p - '0', &value))
      return FALSE;
  *value_r = negative ? -value : value;
  return TRUE;
}

static gboolean
_parse_double(const gchar *text, gsize length, gdouble *value_r)
{
  gchar buffer[64], *end;
  if (!length || length >= sizeof buffer)
    return FALSE;
  memcpy(buffer, text, length);
  buffer[length] = '\0';
  if (strspn(buffer, "0123456789+-.eE") != length)
    return FALSE;
  *value_r = g_ascii_strtod(buffer, &end);
  return *end == '\0';
}

static gboolean
_parse_bool(const gchar *text, gsize length, gint64 *value_r)
{
  static const gchar *const words[] = { "false", "true", "0", "1", "no", "yes", "off", "on" };
  for (guint i = 0; i < G_N_ELEMENTS(words); i++)
    if (strlen(words[i]) == length && g_ascii_strncasecmp(text, words[i], length) == 0)
      {
        *value_r = i % 2;
        return TRUE;
      }
  return FALSE;
}

static gboolean
_store_time(const Capture *to, const gchar *text, gsize length, const SiagaTimeContext *context, SiagaEvent *event)
{
  SiagaTime time;
  gint32 zone;
  if (!siaga_time_parse(to->to.time_format, text, length, context, &time, &zone))
    return FALSE;
  if (to->to.field != SIAGA_GROK_TIMESTAMP)
    {
      siaga_event_set_int(event, to->to.field, time);
      return TRUE;
    }
  event->time = time;
  event->zone = zone;
  event->time_kind = SIAGA_TIME_LINE;
  return TRUE;
}

static gboolean
_store_ip(SiagaFieldId field, gboolean list, const gchar *text, gsize length, SiagaEvent *event)
{
  gsize without_zone;
  if (length > 2 && *text == '[' && text[length - 1] == ']')
    {
      text++;
      length -= 2;
    }
  if (!siaga_is_ip(text, length, &without_zone))
    return FALSE;
  if (list)
    siaga_event_add(event, field, text, without_zone);
  else
    siaga_event_set(event, field, text, without_zone);
  return TRUE;
}

static guint8
_hex(gchar c)
{
  return g_ascii_xdigit_value(c);
}

static gsize
_decode(SiagaGrokConversion conversion, const gchar *text, gsize length, gchar *out)
{
  gsize used = 0;
  for (gsize i = 0; i < length; i++)
    {
      gchar c = text[i];
      if (conversion == SIAGA_CONVERT_PLUS && c == '+')
        c = ' ';
      else if (conversion == SIAGA_CONVERT_LOWER)
        c = g_ascii_tolower(c);
      else if (conversion == SIAGA_CONVERT_UPPER)
        c = g_ascii_toupper(c);
      else if (conversion == SIAGA_CONVERT_PERCENT && c == '%' && i + 2 < length && g_ascii_isxdigit(text[i + 1]) &&
               g_ascii_isxdigit(text[i + 2]))
        {
          c = _hex(text[i + 1]) << 4 | _hex(text[i + 2]);
          i += 2;
        }
      out[used++] = c;
    }
  return used;
}

/* Room for an address or the name of a type, however short what it is made of. */
#define CONVERTED_MAX INET6_ADDRSTRLEN

static gsize
_address_of_hex(const gchar *text, gsize length, gchar *out)
{
  guint8 bytes[16];
  gsize digits = 0;
  while (digits < length && g_ascii_isxdigit(text[digits]))
    digits++;
  if (digits < length || (length != 8 && length != 32))
    return _decode(SIAGA_CONVERT_PLAIN, text, length, out);
  for (gsize i = 0; i < length / 2; i++)
    bytes[i] = _hex(text[2 * i]) << 4 | _hex(text[2 * i + 1]);
  inet_ntop(length == 8 ? AF_INET : AF_INET6, bytes, out, CONVERTED_MAX);
  return strlen(out);
}

/* RFC 3597 names those that have none. */
static gsize
_name_of_type(const gchar *text, gsize length, gchar *out)
{
  gchar digits[8] = "", *end = digits;
  memcpy(digits, text, MIN(length, sizeof digits - 1));
  const gulong number = strtoul(digits, &end, length == 4 ? 16 : 10);
  if (!length || length >= sizeof digits || *end || number > G_MAXUINT16)
    return _decode(SIAGA_CONVERT_PLAIN, text, length, out);
  gchar unnamed[16];
  return g_strlcpy(out, siaga_record_type(number, unnamed), CONVERTED_MAX);
}

static gsize
_convert(SiagaGrokConversion conversion, const gchar *text, gsize length, gchar *out)
{
  if (conversion == SIAGA_CONVERT_HEX)
    return _address_of_hex(text, length, out);
  if (conversion == SIAGA_CONVERT_RRTYPE)
    return _name_of_type(text, length, out);
  gsize used;
  if (conversion == SIAGA_CONVERT_JSON && siaga_json_unescape(text, length, out, &used))
    return used;
  return _decode(conversion, text, length, out);
}

static void
_store_text(const Capture *to, const gchar *text, gsize length, SiagaEvent *event)
{
  SiagaFieldId field = to->to.field;
  if (to->to.conversion != SIAGA_CONVERT_PLAIN)
    {
      gchar *copy = siaga_arena_alloc(event->arena, MAX(length, CONVERTED_MAX) + 1);
      if (!copy)
        {
          event->truncated = TRUE;
          return;
        }
      length = _convert(to->to.conversion, text, length, copy);
      text = copy;
    }
  if (to->list)
    siaga_event_add(event, field, text, length);
  else
    siaga_event_set(event, field, text, length);
  if (field == SIAGA_F_SOURCE_ADDRESS && !siaga_event_has(event, SIAGA_F_SOURCE_IP))
    _store_ip(SIAGA_F_SOURCE_IP, FALSE, text, length, event);
  else if (field == SIAGA_F_DESTINATION_ADDRESS && !siaga_event_has(event, SIAGA_F_DESTINATION_IP))
    _store_ip(SIAGA_F_DESTINATION_IP, FALSE, text, length, event);
}

static gboolean
_store_duration(const Capture *to, const gchar *text, gsize length, SiagaEvent *event)
{
  gdouble unit = to->to.conversion == SIAGA_CONVERT_SECONDS ? 1e9 : to->to.conversion == SIAGA_CONVERT_MS ? 1e6 : 1e3;
  gdouble value;
  if (!_parse_double(text, length, &value) || value < 0 || value * unit > 9e18)
    return FALSE;
  siaga_event_set_int(event, to->to.field, (gint64) (value * unit + 0.5));
  return TRUE;
}

static gboolean
_parse_hex(const gchar *text, gsize length, gint64 *value_r)
{
  guint32 value = 0;
  if (!length || length > 2 * sizeof value)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isxdigit(text[i]))
        return FALSE;
      value = value << 4 | _hex(text[i]);
    }
  *value_r = value;
  return TRUE;
}

static gboolean
_store_long(const Capture *to, const gchar *text, gsize length, SiagaEvent *event)
{
  gint64 integer;
  const gboolean hex = to->to.conversion == SIAGA_CONVERT_HEX;
  if (to->to.conversion != SIAGA_CONVERT_PLAIN && !hex)
    return _store_duration(to, text, length, event);
  if (!(hex ? _parse_hex : _parse_int)(text, length, &integer))
    return FALSE;
  siaga_event_set_int(event, to->to.field, integer);
  return TRUE;
}

gboolean
siaga_capture_store(const Capture *self, const gchar *text, gsize length, const SiagaTimeContext *context,
                    SiagaEvent *event)
{
  gint64 integer;
  gdouble real;

  if (!length || (length == 1 && *text == '-'))
    return TRUE;
  if (!self->list && siaga_capture_is_filled(self, event))
    return TRUE;
  switch (self->type)
    {
    case SIAGA_FT_KEYWORD:
      _store_text(self, text, length, event);
      return TRUE;
    case SIAGA_FT_IP:
      return _store_ip(self->to.field, self->list, text, length, event);
    case SIAGA_FT_DATE:
      return _store_time(self, text, length, context, event);
    case SIAGA_FT_LONG:
      return _store_long(self, text, length, event);
    case SIAGA_FT_DOUBLE:
      if (!_parse_double(text, length, &real))
        return FALSE;
      siaga_event_set_double(event, self->to.field, real);
      return TRUE;
    case SIAGA_FT_BOOLEAN:
      if (!_parse_bool(text, length, &integer))
        return FALSE;
      siaga_event_set_int(event, self->to.field, integer);
      return TRUE;
    }
  return FALSE;
}
