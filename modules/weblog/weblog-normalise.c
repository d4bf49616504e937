/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The web normaliser: the request target in its parts and in canonical form, the true client, the kind of client. */

#include "config.h"

#include "engine/normalise/account.h"
#include "engine/normalise/address.h"
#include "weblog/user-agent.h"

#include <siaga/normalise.h>

#include <string.h>

#define EXTENSION_MAX 16
#define HOST_MAX 253

typedef struct
{
  const gchar *text;
  gsize length;
} Slice;

typedef struct
{
  Slice head; /* "http://host:80" of an absolute target */
  Slice scheme;
  Slice authority; /* without user and port */
  Slice path;
  Slice query;    /* text NULL when there is no "?" */
  Slice fragment; /* text NULL when there is no "#" */
} Target;

/* Cuts SLICE at the first C and gives back what is behind it; text NULL when there is none. */
static Slice
_cut(Slice *slice, gchar c)
{
  Slice behind = { NULL, 0 };
  const gchar *at = slice->length ? memchr(slice->text, c, slice->length) : NULL;
  if (!at)
    return behind;
  behind.text = at + 1;
  behind.length = slice->length - (at + 1 - slice->text);
  slice->length = at - slice->text;
  return behind;
}

static void
_split_authority(Target *self, Slice authority)
{
  const gchar *user = memrchr(authority.text, '@', authority.length);
  if (user)
    {
      authority.length -= user + 1 - authority.text;
      authority.text = user + 1;
    }
  if (authority.length && authority.text[0] == '[')
    {
      Slice inside = { authority.text + 1, authority.length - 1 };
      _cut(&inside, ']');
      authority = inside;
    }
  else
    _cut(&authority, ':');
  self->authority = authority;
}

/* "scheme://authority" in front of the path. */
static gboolean
_split_absolute(Target *self, Slice *rest)
{
  gsize i = 0;
  while (i < rest->length && i < 16 && (g_ascii_isalnum(rest->text[i]) || (i && memchr("+-.", rest->text[i], 3))))
    i++;
  if (!i || rest->length - i < 3 || memcmp(rest->text + i, "://", 3) != 0)
    return FALSE;
  gsize end = i + 3;
  while (end < rest->length && !memchr("/?#", rest->text[end], 3))
    end++;
  self->scheme = (Slice){ rest->text, i };
  self->head = (Slice){ rest->text, end };
  _split_authority(self, (Slice){ rest->text + i + 3, end - i - 3 });
  *rest = (Slice){ rest->text + end, rest->length - end };
  return TRUE;
}

static void
_split_target(Target *self, Slice rest, gboolean connect)
{
  memset(self, 0, sizeof *self);
  if (!rest.length)
    return;
  if (connect && !memchr(rest.text, '/', rest.length))
    {
      self->head = rest;
      _split_authority(self, rest);
      return;
    }
  if (rest.text[0] != '/')
    _split_absolute(self, &rest);
  self->fragment = _cut(&rest, '#');
  self->query = _cut(&rest, '?');
  self->path = rest;
}

/* A target for formats that log path and query apart. */
static Slice
_join_target(SiagaEvent *event)
{
  Slice path = { NULL, 0 }, query = { NULL, 0 };
  path.text = siaga_event_text(event, SIAGA_F_URL_PATH, &path.length);
  if (!path.text)
    return path;
  query.text = siaga_event_text(event, SIAGA_F_URL_QUERY, &query.length);
  if (!query.text || !query.length)
    return path;
  gchar *joined = siaga_arena_alloc(event->arena, path.length + query.length + 2);
  if (!joined)
    return path;
  memcpy(joined, path.text, path.length);
  joined[path.length] = '?';
  memcpy(joined + path.length + 1, query.text, query.length);
  return (Slice){ joined, path.length + 1 + query.length };
}

static void
_set(SiagaEvent *event, SiagaFieldId field, Slice slice)
{
  if (slice.text && slice.length)
    siaga_event_set(event, field, slice.text, slice.length);
}

static Slice
_canonical(SiagaEvent *event, Slice raw)
{
  Slice result = { raw.text, 0 };
  if (raw.text && raw.length)
    result.text = siaga_canonical(event->arena, raw.text, raw.length, &result.length);
  return result;
}

static gchar *
_append(gchar *out, Slice slice, gchar before)
{
  if (!slice.text)
    return out;
  if (before)
    *out++ = before;
  memcpy(out, slice.text, slice.length);
  return out + slice.length;
}

/* The parts are decoded one by one, so that an encoded "?" does not move the border between them. */
static void
_set_canonical(SiagaEvent *event, Slice original, const Target *target)
{
  Slice head = _canonical(event, target->head), path = _canonical(event, target->path);
  Slice query = _canonical(event, target->query), fragment = _canonical(event, target->fragment);

  _set(event, SIAGA_F_URL_CANONICAL_PATH, path);
  _set(event, SIAGA_F_URL_CANONICAL_QUERY, query);
  if (head.text == target->head.text && path.text == target->path.text && query.text == target->query.text &&
      fragment.text == target->fragment.text)
    {
      _set(event, SIAGA_F_URL_CANONICAL, original);
      return;
    }
  gchar *all = siaga_arena_alloc(event->arena, head.length + path.length + query.length + fragment.length + 3);
  if (!all)
    return;
  gchar *end = _append(_append(_append(_append(all, head, 0), path, 0), query, '?'), fragment, '#');
  siaga_event_set(event, SIAGA_F_URL_CANONICAL, all, end - all);
}

static void
_decode_referrer(SiagaEvent *event)
{
  Slice raw = { NULL, 0 };
  raw.text = siaga_event_text(event, SIAGA_F_HTTP_REQUEST_REFERRER, &raw.length);
  Slice decoded = _canonical(event, raw);
  if (decoded.text != raw.text)
    _set(event, SIAGA_F_HTTP_CANONICAL_REFERRER, decoded);
}

static gboolean
_is_extension(Slice name)
{
  if (!name.length || name.length > EXTENSION_MAX)
    return FALSE;
  for (gsize i = 0; i < name.length; i++)
    if (!g_ascii_isalnum(name.text[i]))
      return FALSE;
  return TRUE;
}

static void
_set_extension(SiagaEvent *event, Slice extension)
{
  gchar lower[EXTENSION_MAX];
  gboolean changed = FALSE;
  for (gsize i = 0; i < extension.length; i++)
    {
      lower[i] = g_ascii_tolower(extension.text[i]);
      changed |= lower[i] != extension.text[i];
    }
  if (changed)
    siaga_event_set_copy(event, SIAGA_F_URL_EXTENSION, lower, extension.length);
  else
    _set(event, SIAGA_F_URL_EXTENSION, extension);
}

/* From the canonical path: "/a/b.%70hp;x=1" is a PHP file in "/a/". */
static void
_set_path_parts(SiagaEvent *event)
{
  Slice path = { NULL, 0 };
  path.text = siaga_event_text(event, SIAGA_F_URL_CANONICAL_PATH, &path.length);
  const gchar *slash = path.text ? memrchr(path.text, '/', path.length) : NULL;
  if (!slash)
    return;
  Slice name = { slash + 1, path.length - (slash + 1 - path.text) };
  siaga_event_set(event, SIAGA_F_URL_PATH_DIRECTORY, path.text, name.text - path.text);
  _cut(&name, ';');
  const gchar *dot = name.length ? memrchr(name.text, '.', name.length) : NULL;
  if (!dot)
    return;
  Slice extension = { dot + 1, name.length - (dot + 1 - name.text) };
  if (_is_extension(extension))
    _set_extension(event, extension);
}

static gboolean
_is_connect(const SiagaEvent *event)
{
  gsize length;
  const gchar *method = siaga_event_text(event, SIAGA_F_HTTP_REQUEST_METHOD, &length);
  return method && length == 7 && memcmp(method, "CONNECT", 7) == 0;
}

static void
_normalise_target(SiagaEvent *event)
{
  Slice original;
  Target target;

  original.text = siaga_event_text(event, SIAGA_F_URL_ORIGINAL, &original.length);
  if (!original.text)
    original = _join_target(event);
  if (!original.text)
    return;
  siaga_event_set(event, SIAGA_F_URL_ORIGINAL, original.text, original.length);
  _split_target(&target, original, _is_connect(event));
  _set(event, SIAGA_F_URL_PATH, target.path);
  _set(event, SIAGA_F_URL_QUERY, target.query);
  _set(event, SIAGA_F_URL_FRAGMENT, target.fragment);
  _set(event, SIAGA_F_URL_SCHEME, target.scheme);
  if (!siaga_event_has(event, SIAGA_F_HTTP_REQUEST_HOST))
    _set(event, SIAGA_F_HTTP_REQUEST_HOST, target.authority);
  _set_canonical(event, original, &target);
  _set_path_parts(event);
}

/* Some logs have it without brackets. */
static gboolean
_is_bare_ip6(Slice host)
{
  const gchar *colon = memchr(host.text, ':', host.length);
  return colon && host.text[0] != '[' && memchr(colon + 1, ':', host.text + host.length - colon - 1);
}

/* A name or an address, as the Host header of a sane client has it. */
static gboolean
_is_host(Slice name)
{
  gboolean says = FALSE;
  for (gsize i = 0; i < name.length; i++)
    {
      says = says || g_ascii_isalnum(name.text[i]);
      if (!g_ascii_isalnum(name.text[i]) && !memchr(".-_:", name.text[i], 4))
        return FALSE;
    }
  return says && name.length <= HOST_MAX;
}

static Slice
_lower(SiagaArena *arena, Slice name)
{
  gboolean capitals = FALSE;
  for (gsize i = 0; i < name.length; i++)
    capitals = capitals || g_ascii_isupper(name.text[i]);
  gchar *copy = capitals ? siaga_arena_copy(arena, name.text, name.length) : NULL;
  for (gsize i = 0; copy && i < name.length; i++)
    copy[i] = g_ascii_tolower(copy[i]);
  return copy ? (Slice){ copy, name.length } : name;
}

/* Where the server names no virtual host, the site is what the client asked for, and marked as no more than that:
 * whoever counts by site or looks for the victim must not believe a client. */
static void
_name_site(SiagaEvent *event)
{
  Slice host;
  Target parts;
  if (siaga_event_has(event, SIAGA_F_URL_DOMAIN))
    return;
  host.text = siaga_event_text(event, SIAGA_F_HTTP_REQUEST_HOST, &host.length);
  if (!host.text || !host.length)
    return;
  if (_is_bare_ip6(host))
    parts.authority = host;
  else
    _split_authority(&parts, host);
  if (parts.authority.length && parts.authority.text[parts.authority.length - 1] == '.')
    parts.authority.length--;
  if (!_is_host(parts.authority))
    return;
  _set(event, SIAGA_F_URL_DOMAIN, _lower(event->arena, parts.authority));
  siaga_event_set_int(event, SIAGA_F_URL_CLAIMED, 1);
}

/* Servers log a user with 401, proxies with 407, only when one was sent: its password was wrong. */
static void
_mark_failed_login(SiagaEvent *event)
{
  if (siaga_event_has(event, SIAGA_F_USER_NAME))
    siaga_event_add(event, SIAGA_F_EVENT_CATEGORY, "authentication", strlen("authentication"));
}

static void
_set_outcome(SiagaEvent *event)
{
  gint64 status;
  if (siaga_event_has(event, SIAGA_F_EVENT_OUTCOME) ||
      !siaga_event_int(event, SIAGA_F_HTTP_RESPONSE_STATUS_CODE, &status) || status < 100)
    return;
  if (status < 400)
    siaga_event_set(event, SIAGA_F_EVENT_OUTCOME, "success", 7);
  else
    siaga_event_set(event, SIAGA_F_EVENT_OUTCOME, "failure", 7);
  if (status == 401 || status == 407)
    _mark_failed_login(event);
}

static void
_set_client_class(SiagaEvent *event)
{
  gsize length;
  const gchar *agent = siaga_event_text(event, SIAGA_F_USER_AGENT_ORIGINAL, &length);
  if (!agent)
    return; /* a pattern whose format has the header says "empty" itself */
  const gchar *class = weblog_user_agent_class(agent, length);
  if (class)
    siaga_event_set(event, SIAGA_F_USER_AGENT_CLASS, class, strlen(class));
  else
    siaga_event_unset(event, SIAGA_F_USER_AGENT_CLASS);
}

static Slice
_trim(Slice slice)
{
  while (slice.length && memchr(" \t\"", slice.text[0], 3))
    {
      slice.text++;
      slice.length--;
    }
  while (slice.length && memchr(" \t\"", slice.text[slice.length - 1], 3))
    slice.length--;
  return slice;
}

/* The last element of the list LIST, which loses it. */
static Slice
_last_element(Slice *list)
{
  const gchar *comma = memrchr(list->text, ',', list->length);
  Slice last = comma ? (Slice){ comma + 1, list->length - (comma + 1 - list->text) } : *list;
  list->length = comma ? (gsize) (comma - list->text) : 0;
  return _trim(last);
}

static void
_set_client(SiagaEvent *event, const SiagaIp *client, gint port)
{
  gchar buffer[SIAGA_IP_TEXT];
  gsize length;
  const gchar *peer = siaga_event_text(event, SIAGA_F_SOURCE_ADDRESS, &length);
  if (peer)
    siaga_event_set(event, SIAGA_F_SOURCE_NAT_IP, peer, length);
  length = siaga_ip_format(client, buffer);
  siaga_event_set_copy(event, SIAGA_F_SOURCE_ADDRESS, buffer, length);
  siaga_event_unset(event, SIAGA_F_SOURCE_IP);
  siaga_event_unset(event, SIAGA_F_SOURCE_PORT);
  if (port >= 0)
    siaga_event_set_int(event, SIAGA_F_SOURCE_PORT, port);
}

/* Each trusted hop vouches for the address left of it; what is no address ends the chain. */
static void
_find_client(const SiagaNormaliser *self, SiagaEvent *event)
{
  Slice peer, list;
  SiagaIp address, client;
  gint port, client_port = -1;
  gboolean found = FALSE;

  peer.text = siaga_event_text(event, SIAGA_F_SOURCE_IP, &peer.length);
  if (!peer.text)
    peer.text = siaga_event_text(event, SIAGA_F_SOURCE_ADDRESS, &peer.length);
  list.text = siaga_event_text(event, SIAGA_F_HTTP_REQUEST_FORWARDED_FOR, &list.length);
  if (!peer.text || !list.text || !siaga_networks_match(self->trusted_proxies, peer.text, peer.length))
    return;
  while (list.length)
    {
      gchar text[SIAGA_IP_TEXT];
      Slice hop = _last_element(&list);
      if (!siaga_ip_parse(&address, hop.text, hop.length, &port))
        break;
      client = address;
      client_port = port;
      found = TRUE;
      if (!siaga_networks_match(self->trusted_proxies, text, siaga_ip_format(&address, text)))
        break;
    }
  if (found)
    _set_client(event, &client, client_port);
}

void
siaga_normalise_web(const SiagaNormaliser *self, SiagaEvent *event)
{
  _normalise_target(event);
  _name_site(event);
  _decode_referrer(event);
  _set_outcome(event);
  _set_client_class(event);
  siaga_split_backslash(event, SIAGA_F_USER_NAME);
  if (self->trusted_proxies)
    _find_client(self, event);
}
