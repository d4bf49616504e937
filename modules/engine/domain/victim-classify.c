/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Who the victim of an event is: what the server says, never what the client claims. */

#include "engine/domain/victims.h"
#include "engine/domain/name.h"

#include <siaga/lists.h>
#include <siaga/lookalike.h>

#include <string.h>

typedef struct
{
  const gchar *text;
  gsize length;
} Name;

static const SiagaFieldId victim_fields[] = {
  SIAGA_F_VICTIM_DOMAIN, SIAGA_F_VICTIM_CLAIMED,    SIAGA_F_VICTIM_IP,    SIAGA_F_VICTIM_COUNTRY,
  SIAGA_F_VICTIM_SECTOR, SIAGA_F_VICTIM_GOVERNMENT, SIAGA_F_VICTIM_OWNER, SIAGA_F_VICTIM_CSIRT,
};

static Name
_field(const SiagaEvent *event, SiagaFieldId field)
{
  Name name = { NULL, 0 };
  name.text = siaga_event_text(event, field, &name.length);
  if (name.text)
    name.length = siaga_name_trim(name.text, name.length, &name.text);
  return name;
}

static Name
_word(const gchar *text)
{
  return (Name){ text, text ? strlen(text) : 0 };
}

/* Catch-all names of virtual hosts say nothing about who it was. */
static gboolean
_says_something(Name name)
{
  static const gchar *const nothing[] = { "-", "_", "*", "default", "_default_", "localhost", "localhost.localdomain" };
  if (!name.length || !memchr("-_*dDlL", *name.text, 7))
    return name.length > 0;
  for (guint i = 0; i < G_N_ELEMENTS(nothing); i++)
    if (siaga_name_equal(name.text, name.length, nothing[i]))
      return FALSE;
  return TRUE;
}

static gboolean
_is_qualified(Name name)
{
  return _says_something(name) && memchr(name.text, '.', name.length);
}

static void
_set(SiagaEvent *event, SiagaFieldId field, const gchar *text)
{
  if (text)
    siaga_event_set(event, field, text, strlen(text));
}

static void
_tag(SiagaEvent *event, const gchar *tag)
{
  if (tag && !siaga_event_has_tag(event, tag))
    siaga_event_add(event, SIAGA_F_TAGS, tag, strlen(tag));
}

static void
_set_answer(SiagaEvent *event, const SiagaVictimAnswer *answer)
{
  const SiagaVictimKind *kind = answer->kind;
  _set(event, SIAGA_F_VICTIM_COUNTRY, kind->victim.country);
  _set(event, SIAGA_F_VICTIM_SECTOR, kind->victim.sector);
  _set(event, SIAGA_F_VICTIM_OWNER, answer->owner);
  _set(event, SIAGA_F_VICTIM_CSIRT, kind->victim.csirt);
  if (kind->victim.government)
    {
      siaga_event_set_int(event, SIAGA_F_VICTIM_GOVERNMENT, TRUE);
      _tag(event, "gov");
    }
  _tag(event, kind->country_tag);
  _tag(event, kind->sector_tag);
}

static gboolean
_set_address(const SiagaVictims *self, SiagaEvent *event, Name address)
{
  SiagaPrefixAddress parsed;
  if (!siaga_prefix_address_parse(address.text, address.length, &parsed))
    return FALSE;
  siaga_event_set(event, SIAGA_F_VICTIM_IP, address.text, address.length);
  const SiagaVictimAnswer *answer = siaga_victims_find_address(self, &parsed);
  if (answer)
    _set_answer(event, answer);
  return TRUE;
}

static gboolean
_has_capitals(Name name)
{
  for (gsize i = 0; i < name.length; i++)
    if (g_ascii_isupper(name.text[i]))
      return TRUE;
  return FALSE;
}

static void
_set_domain(SiagaEvent *event, Name name)
{
  if (!_has_capitals(name))
    {
      siaga_event_set(event, SIAGA_F_VICTIM_DOMAIN, name.text, name.length);
      return;
    }
  gchar *copy = siaga_arena_copy(event->arena, name.text, name.length);
  for (gsize i = 0; copy && i < name.length; i++)
    copy[i] = siaga_ascii_lower(copy[i]);
  if (copy)
    siaga_event_set(event, SIAGA_F_VICTIM_DOMAIN, copy, name.length);
}

/* What a name turned out to be, as the thread remembers it. */
enum
{
  IS_ADDRESS,
  IS_NOBODYS,
  IS_IN_ROW, /* and the row's number on top */
};

static guint
_look_up(const SiagaVictims *self, Name name)
{
  SiagaPrefixAddress address;
  if (siaga_prefix_address_parse(name.text, name.length, &address))
    return IS_ADDRESS;
  const SiagaVictimAnswer *found = siaga_victims_find_name(self, name.text, name.length);
  return found ? IS_IN_ROW + found->number : IS_NOBODYS;
}

static void
_set_name(const SiagaVictims *self, SiagaEvent *event, Name name)
{
  guint answer;
  if (!siaga_name_cache_get(self->owner, name.text, name.length, &answer))
    {
      answer = _look_up(self, name);
      siaga_name_cache_put(self->owner, name.text, name.length, answer);
    }
  if (answer == IS_ADDRESS)
    {
      _set_address(self, event, name);
      return;
    }
  _set_domain(event, name);
  if (answer != IS_NOBODYS)
    _set_answer(event, self->name_answers->pdata[answer - IS_IN_ROW]);
}

/* The address of the server itself, where the line names it. */
static gboolean
_set_server_address(const SiagaVictims *self, SiagaEvent *event)
{
  Name address = _field(event, SIAGA_F_DESTINATION_IP);
  return address.text && _set_address(self, event, address);
}

static void
_classify_web(const SiagaVictims *self, Name fallback, SiagaEvent *event)
{
  Name served = siaga_event_has(event, SIAGA_F_URL_CLAIMED) ? (Name){ NULL, 0 } : _field(event, SIAGA_F_URL_DOMAIN);
  Name claimed = _field(event, SIAGA_F_HTTP_REQUEST_HOST);
  Name host = _field(event, SIAGA_F_HOST_HOSTNAME);

  if (_says_something(served))
    _set_name(self, event, served);
  else if (claimed.length && siaga_victims_is_own(self, claimed.text, claimed.length))
    _set_name(self, event, claimed);
  else
    {
      if (claimed.length)
        siaga_event_set(event, SIAGA_F_VICTIM_CLAIMED, claimed.text, claimed.length);
      if (fallback.length)
        _set_name(self, event, fallback);
      else if (_is_qualified(host))
        _set_name(self, event, host);
      else
        _set_server_address(self, event);
    }
}

/* Who asked: a resolver's victim is its client, or the agency that a name imitates. */
static void
_classify_client(const SiagaVictims *self, Name fallback, SiagaEvent *event)
{
  Name imitated = _field(event, SIAGA_F_LOOKALIKE_OF);
  Name client = _field(event, SIAGA_F_SOURCE_IP);

  if (imitated.length)
    _set_name(self, event, imitated);
  else if (fallback.length)
    _set_name(self, event, fallback);
  else if (client.length)
    _set_address(self, event, client);
}

static Name
_zone(const SiagaVictims *self, const SiagaEvent *event, Name question)
{
  Name zone = _field(event, SIAGA_F_DNS_ZONE);
  if (zone.length)
    return zone;
  if (siaga_victims_own_zone(self, question.text, question.length, &zone.text, &zone.length))
    return zone;
  zone = _field(event, SIAGA_F_DNS_QUESTION_REGISTERED_DOMAIN);
  return zone.length ? zone : question;
}

static void
_classify_dns(const SiagaVictims *self, SiagaDnsRole role, Name fallback, SiagaEvent *event)
{
  Name question = _field(event, SIAGA_F_DNS_QUESTION_NAME);
  gboolean own = question.length && siaga_victims_is_own(self, question.text, question.length);
  gboolean zone_named = siaga_event_has(event, SIAGA_F_DNS_ZONE);
  gboolean authoritative = role == SIAGA_DNS_ROLE_AUTHORITATIVE || (role == SIAGA_DNS_ROLE_AUTO && (own || zone_named));
  Name zone = authoritative ? _zone(self, event, question) : (Name){ NULL, 0 };

  if (_says_something(zone))
    _set_name(self, event, zone);
  else
    _classify_client(self, fallback, event);
}

static void
_classify_login(const SiagaVictims *self, Name fallback, SiagaEvent *event)
{
  Name host = _field(event, SIAGA_F_HOST_HOSTNAME);
  SiagaPrefixAddress address;

  if (_is_qualified(host) || (!fallback.length && _says_something(host)))
    _set_name(self, event, host);
  else if (host.length && siaga_prefix_address_parse(host.text, host.length, &address))
    _set_address(self, event, host);
  else if (fallback.length)
    _set_name(self, event, fallback);
  else
    _set_server_address(self, event);
}

static gboolean
_is_sector_tag(const SiagaValue *tag)
{
  return tag->length > 7 && memcmp(tag->text, "sector.", 7) == 0;
}

static gboolean
_is_victim_tag(const SiagaValue *tag)
{
  if (tag->type != SIAGA_VT_TEXT || tag->length < 3)
    return FALSE;
  if (tag->length == strlen("lookalike") && memcmp(tag->text, "lookalike", tag->length) == 0)
    return TRUE;
  return (memcmp(tag->text, "gov", 3) == 0 && (tag->length == 3 || tag->text[3] == '.')) || _is_sector_tag(tag);
}

/* Tags of an earlier answer go; the others stay in order. */
static void
_forget_tags(SiagaEvent *event)
{
  const SiagaValue *tag = siaga_event_get(event, SIAGA_F_TAGS);
  while (tag && !_is_victim_tag(tag))
    tag = siaga_event_next(event, tag);
  if (!tag)
    return;
  tag = siaga_event_get(event, SIAGA_F_TAGS);
  siaga_event_unset(event, SIAGA_F_TAGS);
  for (; tag; tag = siaga_event_next(event, tag))
    if (tag->type == SIAGA_VT_TEXT && !_is_victim_tag(tag))
      siaga_event_add(event, SIAGA_F_TAGS, tag->text, tag->length);
}

static void
_forget(SiagaEvent *event)
{
  for (guint i = 0; i < G_N_ELEMENTS(victim_fields); i++)
    siaga_event_unset(event, victim_fields[i]);
  _forget_tags(event);
}

static void
_look_at_names(const SiagaVictimOptions *options, SiagaEvent *event)
{
  if (event->family != SIAGA_FAMILY_WEB && event->family != SIAGA_FAMILY_DNS)
    return;
  if (options->lookalikes)
    siaga_lookalikes_tag(options->lookalikes, options->seen, event);
  if (options->lists)
    siaga_lists_tag(options->lists, event);
}

void
siaga_victims_classify(const SiagaVictims *self, const SiagaVictimOptions *options, SiagaEvent *event)
{
  Name fallback = _word(options ? options->default_victim : NULL);

  _forget(event);
  if (options)
    _look_at_names(options, event);
  switch (event->family)
    {
    case SIAGA_FAMILY_WEB:
      _classify_web(self, fallback, event);
      break;
    case SIAGA_FAMILY_DNS:
      _classify_dns(self, options ? options->dns_role : SIAGA_DNS_ROLE_AUTO, fallback, event);
      break;
    case SIAGA_FAMILY_AUTH:
      _classify_login(self, fallback, event);
      break;
    default:
      break;
    }
}

gboolean
siaga_victims_classify_as(const SiagaVictims *self, SiagaFieldId field, SiagaEvent *event)
{
  Name name = _field(event, field);
  if (!_says_something(name))
    return FALSE;
  _forget(event);
  _set_name(self, event, name);
  return TRUE;
}
