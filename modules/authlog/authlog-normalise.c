/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The authentication normaliser: accounts without their domains, peers without the words that programs put there. */

#include "config.h"

#include <siaga/normalise.h>

#include "engine/normalise/account.h"

#include <string.h>

static gboolean
_begins_with_any(const SiagaEvent *event, SiagaFieldId field, const gchar *const *words)
{
  gsize length;
  const gchar *text = siaga_event_text(event, field, &length);
  for (; text && *words; words++)
    {
      gsize size = strlen(*words);
      if (length >= size && memcmp(text, *words, size) == 0)
        return TRUE;
    }
  return FALSE;
}

/* Mail, panels whose accounts are addresses, servers whose accounts carry a realm.  Of these the account is the whole
 * address: the same local part in two domains is two accounts.  PAM says whom it asks for. */
static gboolean
_is_mail(const SiagaEvent *event)
{
  static const gchar *const datasets[] = {
    "courier",     "cpanel",    "cyrus",       "directadmin",  "domino",      "dovecot",    "drupal",
    "ejabberd",    "exim",      "freeradius",  "froxlor",      "gitea",       "gitlab",     "grafana",
    "groupoffice", "guacamole", "h3c",         "haraka",       "hmailserver", "horde",      "kerio",
    "keycloak",    "kopano",    "login.other", "maddy",        "mailenable",  "mailman",    "nextcloud",
    "nginx.error", "opensmtpd", "openwebmail", "oracle-ims",   "perdition",   "popper",     "postfix",
    "prosody",     "proxmox",   "rainloop",    "roundcube",    "saslauthd",   "selfhosted", "sendmail",
    "smartermail", "sogo",      "solid-pop3d", "squirrelmail", "stalwart",    "tine20",     "uw-imap",
    "vaultwarden", "vimbadmin", "vpopmail",    "wordpress",    "zimbra",      NULL,
  };
  static const gchar *const services[] = { "dovecot", "smtp", "imap", "pop", "sieve", "mail", NULL };
  return _begins_with_any(event, SIAGA_F_EVENT_DATASET, datasets) ||
         _begins_with_any(event, SIAGA_F_AUTH_SERVICE, services);
}

/* "user@REALM" */
static void
_split_realm(SiagaEvent *event, SiagaFieldId field, const gchar *name, gsize length)
{
  const gchar *at = memrchr(name, '@', length);
  if (!at || at == name || !siaga_is_domain_name(at + 1, name + length - at - 1))
    return;
  if (field == SIAGA_F_USER_NAME)
    siaga_set_user_domain(event, at + 1, name + length - at - 1);
  if (!_is_mail(event))
    siaga_event_set(event, field, name, at - name);
  else if (field == SIAGA_F_USER_NAME && !siaga_event_has(event, SIAGA_F_USER_EMAIL))
    siaga_event_set(event, SIAGA_F_USER_EMAIL, name, length);
}

/* A byte from 0x80 up that vis(3) wrote as a backslash and three octal digits; 0 where there is none. */
static guchar
_octal_byte(const gchar *at, const gchar *end)
{
  if (end - at < 4 || at[0] != '\\' || at[1] < '2' || at[1] > '3' || at[2] < '0' || at[2] > '7' || at[3] < '0' ||
      at[3] > '7')
    return 0;
  return (guchar) ((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0'));
}

/* How many bytes the letter in UTF-8 has that is written there byte by byte; 0 where there is no whole one. */
static gsize
_octal_letter(const gchar *at, const gchar *end, gchar letter[4])
{
  for (gsize size = 0; size < 4; at += 4)
    {
      letter[size] = (gchar) _octal_byte(at, end);
      if (!letter[size++])
        return 0;
      gunichar code = g_utf8_get_char_validated(letter, (gssize) size);
      if (code == (gunichar) -1)
        return 0;
      if (code != (gunichar) -2)
        return size;
    }
  return 0;
}

/* The first letter in octal from AT on; a backslash that is written twice begins none.  NULL: there is none. */
static const gchar *
_find_octal(const gchar *at, const gchar *end, gchar letter[4], gsize *size_r)
{
  while ((at = memchr(at, '\\', end - at)))
    {
      if ((*size_r = _octal_letter(at, end, letter)))
        return at;
      at += at + 1 < end && at[1] == '\\' ? 2 : 1;
    }
  return NULL;
}

/* sshd writes every byte outside of ASCII in octal and a backslash twice: letters come back, all else stays as it is.
 */
static void
_decode_letters(SiagaEvent *event, SiagaFieldId field, const gchar *name, gsize length)
{
  const gchar *end = name + length;
  gchar letter[4];
  gsize size, used = 0;
  const gchar *at = _find_octal(name, end, letter, &size);
  gchar *decoded = at ? siaga_arena_alloc(event->arena, length) : NULL;
  event->truncated = event->truncated || (at && !decoded);
  if (!decoded)
    return;
  for (; at; at = _find_octal(name, end, letter, &size))
    {
      memcpy(decoded + used, name, at - name);
      memcpy(decoded + used + (at - name), letter, size);
      used += at - name + size;
      name = at + 4 * size;
    }
  memcpy(decoded + used, name, end - name);
  siaga_event_set(event, field, decoded, used + (end - name));
}

static void
_normalise_account(SiagaEvent *event, SiagaFieldId field)
{
  gsize length;
  const gchar *name = siaga_event_text(event, field, &length);
  if (!name)
    return;
  _decode_letters(event, field, name, length);
  name = siaga_event_text(event, field, &length);
  if (length == 0)
    siaga_event_unset(event, field);
  else if (!siaga_split_backslash(event, field))
    _split_realm(event, field, name, length);
}

/* "ruser@host" and "user@host" of rlogin-like services stand in the peer too. */
static void
_normalise_peer(SiagaEvent *event)
{
  gsize length;
  const gchar *peer = siaga_event_text(event, SIAGA_F_SOURCE_ADDRESS, &length);
  const gchar *at = peer ? memrchr(peer, '@', length) : NULL;
  if (!at || at + 1 == peer + length)
    return;
  siaga_event_set(event, SIAGA_F_SOURCE_ADDRESS, at + 1, peer + length - at - 1);
}

void
siaga_normalise_auth(const SiagaNormaliser *self G_GNUC_UNUSED, SiagaEvent *event)
{
  _normalise_account(event, SIAGA_F_USER_NAME);
  _normalise_account(event, SIAGA_F_USER_TARGET_NAME);
  _normalise_peer(event);
}
