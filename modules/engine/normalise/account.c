/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Accounts without their domains. */

#include "account.h"

#include <string.h>

void
siaga_set_user_domain(SiagaEvent *event, const gchar *text, gsize length)
{
  if (length && !siaga_event_has(event, SIAGA_F_USER_DOMAIN))
    siaga_event_set(event, SIAGA_F_USER_DOMAIN, text, length);
}

gboolean
siaga_is_domain_name(const gchar *text, gsize length)
{
  if (!length || length > 253)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum(text[i]) && !memchr("-._", text[i], 3))
      return FALSE;
  return TRUE;
}

/* Behind the backslash at P.  Syslog daemons, sshd and Apache's error log double it, sshd's monitor what its child had
 * doubled; access logs of nginx write "\x5C". */
static const gchar *
_behind_backslash(const gchar *p, const gchar *end)
{
  while (p < end && *p == '\\')
    p += end - p >= 4 && p[1] == 'x' && p[2] == '5' && g_ascii_toupper(p[3]) == 'C' ? 4 : 1;
  return p;
}

gboolean
siaga_split_backslash(SiagaEvent *event, SiagaFieldId field)
{
  gsize length;
  const gchar *name = siaga_event_text(event, field, &length);
  const gchar *slash = name ? memchr(name, '\\', length) : NULL;
  if (!slash || !siaga_is_domain_name(name, slash - name))
    return FALSE;
  const gchar *end = name + length, *user = _behind_backslash(slash, end);
  if (user == end)
    return FALSE;
  siaga_event_set(event, field, user, end - user);
  if (field == SIAGA_F_USER_NAME)
    siaga_set_user_domain(event, name, slash - name);
  return TRUE;
}
