/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The peer of an event: its address, the actor that rules count by, its subnet. */

#include "engine/normalise/address.h"

#include <siaga/normalise.h>

#include <string.h>

/* What programs write when they know no peer. */
static gboolean
_says_nothing(const gchar *text, gsize length)
{
  static const gchar *const words[] = { "-", "?", "unknown", "none", "(null)", "null" };
  if (length == 0)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS(words); i++)
    if (length == strlen(words[i]) && g_ascii_strncasecmp(text, words[i], length) == 0)
      return TRUE;
  return FALSE;
}

/* Leaves text that is canonical where it lies. */
static void
_set_text(SiagaEvent *event, SiagaFieldId field, const gchar *old, gsize old_length, const gchar *text, gsize length)
{
  if (old_length == length && memcmp(old, text, length) == 0)
    siaga_event_set(event, field, old, length);
  else
    siaga_event_set_copy(event, field, text, length);
}

/* The common case: an IPv4 address as it stands.  Its /24 is written from its text. */
static gboolean
_set_plain_v4(SiagaEvent *event, const gchar *text, gsize length)
{
  SiagaIp ip;
  gchar subnet[SIAGA_IP_TEXT];
  if (length > 15 || memchr(text, ':', length) || !siaga_ip_parse(&ip, text, length, NULL) || text[0] == '[')
    return FALSE;
  gsize network = length;
  while (text[network - 1] != '.')
    network--;
  memcpy(subnet, text, network);
  memcpy(subnet + network, "0/24", 4);
  siaga_event_set(event, SIAGA_F_SOURCE_IP, text, length);
  if (!siaga_event_has(event, SIAGA_F_SOURCE_ACTOR))
    siaga_event_set(event, SIAGA_F_SOURCE_ACTOR, text, length);
  siaga_event_set_copy(event, SIAGA_F_SOURCE_SUBNET, subnet, network + 4);
  return TRUE;
}

static void
_set_derived(SiagaEvent *event, const SiagaIp *address)
{
  gchar buffer[SIAGA_IP_TEXT];
  gsize length;
  if (!siaga_event_has(event, SIAGA_F_SOURCE_ACTOR))
    {
      const gchar *ip = siaga_event_text(event, SIAGA_F_SOURCE_IP, &length);
      if (address->version == 4 && ip)
        siaga_event_set(event, SIAGA_F_SOURCE_ACTOR, ip, length);
      else if (address->version == 6)
        {
          length = siaga_ip_format_prefix(address, 64, buffer);
          siaga_event_set_copy(event, SIAGA_F_SOURCE_ACTOR, buffer, length);
        }
    }
  length = siaga_ip_format_prefix(address, address->version == 4 ? 24 : 48, buffer);
  siaga_event_set_copy(event, SIAGA_F_SOURCE_SUBNET, buffer, length);
}

/* FALSE when the field holds no address. */
static gboolean
_set_ip(SiagaEvent *event, SiagaFieldId from, SiagaFieldId ip_field, SiagaFieldId port_field, SiagaIp *address)
{
  gchar buffer[SIAGA_IP_TEXT];
  gsize length;
  gint port;
  const gchar *text = siaga_event_text(event, from, &length);
  if (!text || !siaga_ip_parse(address, text, length, &port))
    return FALSE;
  _set_text(event, ip_field, text, length, buffer, siaga_ip_format(address, buffer));
  if (port >= 0 && !siaga_event_has(event, port_field))
    siaga_event_set_int(event, port_field, port);
  return TRUE;
}

static gboolean
_is_host_name(const gchar *text, gsize length)
{
  if (length > 253)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum(text[i]) && !memchr("-._", text[i], 3))
      return FALSE;
  return TRUE;
}

static void
_normalise_name(SiagaEvent *event, const gchar *text, gsize length)
{
  if (!siaga_event_has(event, SIAGA_F_SOURCE_ACTOR))
    siaga_event_set(event, SIAGA_F_SOURCE_ACTOR, text, length);
  if (!siaga_event_has(event, SIAGA_F_SOURCE_DOMAIN) && _is_host_name(text, length))
    siaga_event_set(event, SIAGA_F_SOURCE_DOMAIN, text, length);
}

static void
_normalise_destination(SiagaEvent *event)
{
  SiagaIp address;
  if (siaga_event_has(event, SIAGA_F_DESTINATION_IP))
    _set_ip(event, SIAGA_F_DESTINATION_IP, SIAGA_F_DESTINATION_IP, SIAGA_F_DESTINATION_PORT, &address);
  else if (siaga_event_has(event, SIAGA_F_DESTINATION_ADDRESS))
    _set_ip(event, SIAGA_F_DESTINATION_ADDRESS, SIAGA_F_DESTINATION_IP, SIAGA_F_DESTINATION_PORT, &address);
}

void
siaga_normalise_source(SiagaEvent *event)
{
  SiagaIp address;
  gsize length;
  SiagaFieldId from = siaga_event_has(event, SIAGA_F_SOURCE_IP) ? SIAGA_F_SOURCE_IP : SIAGA_F_SOURCE_ADDRESS;
  const gchar *text = siaga_event_text(event, from, &length);

  _normalise_destination(event);
  if (!text)
    return;
  if (!g_ascii_isdigit(length ? *text : ' ') && _says_nothing(text, length))
    {
      siaga_event_unset(event, from);
      return;
    }
  if (!siaga_event_has(event, SIAGA_F_SOURCE_ADDRESS))
    siaga_event_set(event, SIAGA_F_SOURCE_ADDRESS, text, length);
  if (_set_plain_v4(event, text, length))
    return;
  if (_set_ip(event, from, SIAGA_F_SOURCE_IP, SIAGA_F_SOURCE_PORT, &address))
    _set_derived(event, &address);
  else
    _normalise_name(event, text, length);
}
