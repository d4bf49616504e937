/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Finds internal addresses, private names and persons in text. */

#include "config.h"

#include "engine/export/private.h"
#include "engine/domain/prefixes.h"

#include <string.h>

#define IPV4 G_GUINT64_CONSTANT(0xffff00000000)      /* ::ffff:0:0/96 */
#define NAT64 G_GUINT64_CONSTANT(0x0064ff9b00000000) /* 64:ff9b::/96 (RFC 6052) */
#define SIX_TO_FOUR 0x2002                           /* 2002::/16 (RFC 3056) */
#define LITERAL_MAX 64                               /* letters of an address, with those that may stand around it */
#define LOW_HALF G_GUINT64_CONSTANT(0x00000000ffffffff)

/* The IPv4 address inside one of IPv6, when there is one. */
static SiagaPrefixAddress
_unwrapped(SiagaPrefixAddress address)
{
  if (address.high >> 48 == SIX_TO_FOUR)
    return (SiagaPrefixAddress){ 0, IPV4 | (address.high >> 16 & LOW_HALF) };
  const gboolean compatible = !address.high && address.low > 1; /* "::10.0.0.1" (RFC 4291, 2.5.5.1) */
  if ((address.high == NAT64 || compatible) && address.low <= LOW_HALF)
    return (SiagaPrefixAddress){ 0, IPV4 | address.low };
  return address;
}

static gboolean
_is_internal_address(const SiagaPrefixAddress *address)
{
  static SiagaPrefixes *internal;
  static const gchar *const networks[] = { "10.0.0.0/8",     "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8",
                                           "169.254.0.0/16", "100.64.0.0/10", "fc00::/7",       "fe80::/10",
                                           "fec0::/10",      "::1/128",       "64:ff9b:1::/48" };
  if (g_once_init_enter(&internal))
    {
      SiagaPrefixes *set = siaga_prefixes_new();
      for (guint i = 0; i < G_N_ELEMENTS(networks); i++)
        {
          SiagaPrefix prefix;
          siaga_prefix_parse(networks[i], &prefix);
          siaga_prefixes_add(set, &prefix, 1);
        }
      siaga_prefixes_finish(set);
      g_once_init_leave(&internal, set);
    }
  const SiagaPrefixAddress inner = _unwrapped(*address);
  return siaga_prefixes_find(internal, &inner) != 0;
}

/* The label before END as a number below LIMIT. */
static gboolean
_number_before(const gchar *name, gsize *end, guint base, guint64 limit, guint64 *number_r)
{
  gsize start = *end;
  gchar *stop;
  while (start && name[start - 1] != '.')
    start--;
  if (!g_ascii_isxdigit(name[start]))
    return FALSE;
  *number_r = g_ascii_strtoull(name + start, &stop, base);
  if (stop != name + *end || *number_r >= limit)
    return FALSE;
  *end = start ? start - 1 : 0;
  return TRUE;
}

static gboolean
_ends(const gchar *name, gsize length, const gchar *suffix)
{
  const gsize n = strlen(suffix);
  return length > n && g_ascii_strncasecmp(name + length - n, suffix, n) == 0;
}

/* "4.3.2.10.in-addr.arpa", or as much of it as a zone has, and whatever stands before it. */
static gboolean
_reverse_address(const gchar *name, gsize length, SiagaPrefixAddress *address_r)
{
  static const struct
  {
    const gchar *suffix;
    guint base, bits, from, labels;
  } trees[] = { { ".in-addr.arpa", 10, 8, 96, 4 }, { ".ip6.arpa", 16, 4, 0, 32 } };
  for (guint i = 0; i < G_N_ELEMENTS(trees); i++)
    {
      guint64 number, *half;
      if (!_ends(name, length, trees[i].suffix))
        continue;
      length -= strlen(trees[i].suffix);
      *address_r = (SiagaPrefixAddress){ 0, trees[i].from ? IPV4 : 0 };
      for (guint n = 0, bit = trees[i].from; n < trees[i].labels && length; n++, bit += trees[i].bits)
        {
          if (!_number_before(name, &length, trees[i].base, G_GUINT64_CONSTANT(1) << trees[i].bits, &number))
            break;
          half = bit < 64 ? &address_r->high : &address_r->low;
          *half |= number << (64 - trees[i].bits - bit % 64);
        }
      return TRUE;
    }
  return FALSE;
}

/* A name in a private domain: what a network calls its own (RFC 6761, RFC 6762 and its appendix G, RFC 8375). */
static gboolean
_is_private_name(const gchar *name, gsize length)
{
  static const gchar *const suffixes[] = { ".local",   ".localdomain", ".internal",  ".intranet",  ".intra",
                                           ".lan",     ".corp",        ".home",      ".home.arpa", ".localhost",
                                           ".private", ".office",      ".workgroup", ".domain" };
  SiagaPrefixAddress address;
  for (guint i = 0; i < G_N_ELEMENTS(suffixes); i++)
    if (_ends(name, length, suffixes[i]))
      return TRUE;
  return _reverse_address(name, length, &address) && _is_internal_address(&address);
}

gsize
siaga_private_bare_host(const gchar *host, const gchar **start_r)
{
  const gchar *start = *start_r = host[0] == '[' ? host + 1 : host;
  gsize length = strcspn(start, "]%");
  const gchar *colon = memchr(start, ':', length);
  if (colon && !memchr(colon + 1, ':', start + length - colon - 1))
    length = colon - start;
  while (length && start[length - 1] == '.')
    length--;
  return length;
}

gboolean
siaga_private_is_internal(const gchar *host)
{
  const gchar *start;
  const gsize length = siaga_private_bare_host(host, &start);
  gchar *bare = g_strndup(start, length);
  SiagaPrefix prefix;
  gboolean internal;
  if (siaga_prefix_parse(bare, &prefix) == NULL)
    internal = _is_internal_address(&prefix.address);
  else
    internal = !memchr(start, '.', length) || _is_private_name(start, length);
  g_free(bare);
  return internal;
}

static gsize
_trimmed(const gchar *text, gsize length, const gchar *ends)
{
  while (length && strchr(ends, text[length - 1]))
    length--;
  return length;
}

/* Of an address that begins at TEXT; what is longer than any is none. */
static gsize
_literal_length(const gchar *text, const gchar *letters, const gchar *ends)
{
  gsize length = 0;
  while (length <= LITERAL_MAX && text[length] && strchr(letters, text[length]))
    length++;
  return length > LITERAL_MAX ? 0 : _trimmed(text, length, ends);
}

static gboolean
_is_internal_literal(const gchar *text, gsize length)
{
  SiagaPrefixAddress address;
  return length && siaga_prefix_address_parse(text, length, &address) && _is_internal_address(&address);
}

/* How long the internal address or name is that begins at AT; 0: none does.  What stands before it ("addr:", "src:c…")
 * may be made of letters that addresses have too. */
static gsize
_internal_at(const gchar *text, gsize at)
{
  static const gchar digits[] = "0123456789.", hexadecimal[] = "0123456789abcdefABCDEF:.";
  const gchar *start = text + at;
  const gchar before = at ? start[-1] : ' ';
  gsize length = _literal_length(start, digits, ".");
  if (!g_ascii_isdigit(before) && before != '.' && _is_internal_literal(start, length))
    return length;
  length = _literal_length(start, hexadecimal, ":.");
  if (!g_ascii_isxdigit(before) && memchr(start, ':', length) && _is_internal_literal(start, length))
    return length;
  if (g_ascii_isalnum(before) || before == '.' || before == '-' || before == '_')
    return 0;
  length = 0;
  while (g_ascii_isalnum(start[length]) || strchr("._-", start[length] ? start[length] : ' '))
    length++;
  length = _trimmed(start, length, ".");
  return _is_private_name(start, length) ? length : 0;
}

gboolean
siaga_private_holds_internal(const gchar *text)
{
  for (gsize at = 0; text[at]; at++)
    if (_internal_at(text, at))
      return TRUE;
  return FALSE;
}

static void
_blot(GString *line, gsize at, gsize length)
{
  g_string_erase(line, at, length);
  g_string_insert_c(line, at, '*');
}

void
siaga_private_blot_internal(GString *line)
{
  for (gsize at = 0; at < line->len; at++)
    {
      const gsize length = _internal_at(line->str, at);
      if (length)
        _blot(line, at, length);
    }
}

/* The length of "user:password" in the URL whose "//" is before TEXT; 0: it holds none, or it is blotted out. */
static gsize
_userinfo(const gchar *text)
{
  const gchar *end = memrchr(text, '@', strcspn(text, "/?# \t\"'<>"));
  return end && !(end == text + 1 && *text == '*') ? end - text : 0;
}

static gboolean
_is_mail_letter(gchar c)
{
  return g_ascii_isalnum(c) || (guchar) c >= 0x80 || (c && strchr("._%+-=", c));
}

/* What follows an "@" is a domain; "logo@2x.png" is a picture. */
static gboolean
_is_mail_domain(const gchar *text)
{
  gsize length = 0;
  const gsize number = strspn(text, "0123456789");
  if (number && text[number] == 'x' && text[number + 1] == '.')
    return FALSE;
  while (g_ascii_isalnum(text[length]) || (guchar) text[length] >= 0x80 || text[length] == '.' || text[length] == '-')
    length++;
  length = _trimmed(text, length, ".-");
  const gchar *dot = memrchr(text, '.', length);
  return dot && dot > text && text + length - dot > 2 && !g_ascii_isdigit(dot[1]);
}

/* The length of the mail address's local part that ends before AT; 0: there is none. */
static gsize
_mail_before(const gchar *text, gsize at)
{
  gsize start = at;
  while (start && _is_mail_letter(text[start - 1]))
    start--;
  return start < at && _is_mail_domain(text + at + 1) ? at - start : 0;
}

/* The length of the person's name that begins at or ends before AT, and where it begins; 0: none does. */
static gsize
_person_at(const gchar *text, gsize at, gsize *start_r)
{
  gsize length = 0;
  *start_r = at;
  if (text[at] == '@' && (length = _mail_before(text, at)))
    *start_r = at - length;
  else if (at >= 3 && strncmp(text + at - 3, "://", 3) == 0)
    length = _userinfo(text + at);
  else if (at >= 2 && text[at - 1] == '~' && text[at - 2] == '/' && g_ascii_isalpha(text[at]))
    while (g_ascii_isalnum(text[at + length]) || (text[at + length] && strchr("._-", text[at + length])))
      length++;
  return length;
}

gboolean
siaga_private_holds_person(const gchar *text)
{
  gsize start;
  for (gsize at = 0; text[at]; at++)
    if (_person_at(text, at, &start))
      return TRUE;
  return FALSE;
}

void
siaga_private_blot_persons(GString *line)
{
  gsize start;
  for (gsize at = 0; at < line->len; at++)
    {
      const gsize length = _person_at(line->str, at, &start);
      if (!length)
        continue;
      _blot(line, start, length);
      at = start;
    }
}
