/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The DNS normaliser: one spelling per name, the domain that somebody registered, what tunnels look like, and whether
 * the source address can be believed. */

#include "engine/domain/record-type.h"
#include "engine/domain/registered-domain.h"

#include <siaga/normalise.h>

#include <idn2.h>
#include <math.h>
#include <string.h>

#define NAME_MAX_BYTES 1024 /* longer ones are no names: RFC 1035 allows 255 */
#define LABEL_MAX 63

typedef struct
{
  gchar *text; /* NUL-terminated */
  gsize length;
} Name;

static gboolean
_is_plain(const gchar *text, gsize length)
{
  if (length && (text[length - 1] == '.' || text[0] == '.' || text[0] == '('))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (g_ascii_isupper(text[i]) || text[i] == '\\' || (guchar) text[i] >= 0x80)
      return FALSE;
  return TRUE;
}

/* "\DDD" is a byte, "\X" is X; a dot inside a label stays escaped, or it would look like a border. */
static gsize
_unescape(const gchar *text, gsize length, gsize *i, gchar *out)
{
  gsize left = length - *i - 1;
  const gchar *digits = text + *i + 1;
  guint value = left ? (guchar) *digits : '\\';
  gsize used = left ? 2 : 1;
  if (left >= 3 && g_ascii_isdigit(digits[0]) && g_ascii_isdigit(digits[1]) && g_ascii_isdigit(digits[2]) &&
      (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0') < 256)
    {
      value = (digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0');
      used = 4;
    }
  *i += used;
  gsize n = 0;
  if (value == '.' || value == '\\')
    out[n++] = '\\';
  out[n++] = value ? g_ascii_tolower(value) : '?';
  return n;
}

/* "(3)": the bytes of this, 0 when TEXT does not begin with a count, and COUNT means nothing. */
static gsize
_read_count(const gchar *text, gsize length, gsize *count)
{
  gsize i = 1;
  if (!length || text[0] != '(')
    return 0;
  for (*count = 0; i < length && g_ascii_isdigit(text[i]) && i <= 3; i++)
    *count = *count * 10 + (text[i] - '0');
  return i > 1 && i < length && text[i] == ')' ? i + 1 : 0;
}

/* The root has no labels. */
static void
_end(Name *name)
{
  if (!name->length)
    name->text[name->length++] = '.';
  name->text[name->length] = '\0';
}

/* "(3)www(7)example(0)": Windows counts the bytes of each label in front of it.  FALSE when TEXT is not that. */
static gboolean
_spell_counted(Name *name, const gchar *text, gsize length)
{
  gsize i = 0;
  for (gsize count = 0, used; i < length && (used = _read_count(text + i, length - i, &count));)
    {
      i += used;
      if (count > length - i)
        return FALSE;
      if (count && name->length)
        name->text[name->length++] = '.';
      for (; count; count--)
        name->text[name->length++] = g_ascii_tolower(text[i++]);
    }
  if (i < length)
    return FALSE;
  _end(name);
  return TRUE;
}

/* The same where the counts are not true: somebody replaced names before he passed the log on. */
static gboolean
_spell_parted(Name *name, const gchar *text, gsize length)
{
  static const gchar root[] = "(0)";
  if (length < strlen(root) || memcmp(text + length - strlen(root), root, strlen(root)) != 0)
    return FALSE;
  for (gsize i = 0, used, count; i < length;)
    if ((used = _read_count(text + i, length - i, &count)))
      {
        i += used;
        if (name->length && i < length)
          name->text[name->length++] = '.';
      }
    else
      name->text[name->length++] = g_ascii_tolower(text[i++]);
  _end(name);
  return TRUE;
}

static Name
_spell(SiagaArena *arena, const gchar *text, gsize length)
{
  Name name = { siaga_arena_alloc(arena, length + 2), 0 };
  gboolean escaped = FALSE;
  if (!name.text || (text[0] == '(' && _spell_counted(&name, text, length)))
    return name;
  name.length = 0;
  if (text[0] == '(' && _spell_parted(&name, text, length))
    return name;
  name.length = 0;
  /* Windows 2003 writes ".www.example." */
  for (gsize i = length > 1 && text[0] == '.'; i < length;)
    {
      escaped = text[i] == '\\';
      if (escaped)
        name.length += _unescape(text, length, &i, name.text + name.length);
      else
        name.text[name.length++] = g_ascii_tolower(text[i++]);
    }
  if (name.length > 1 && name.text[name.length - 1] == '.' && !escaped)
    name.length--;
  name.text[name.length] = '\0';
  return name;
}

/* Names in Unicode become punycode, the form that travels.  Seldom logged, so the library may allocate. */
static Name
_to_ascii(SiagaArena *arena, Name name)
{
  gchar *ascii = NULL;
  gboolean wide = FALSE;
  for (gsize i = 0; i < name.length; i++)
    wide |= (guchar) name.text[i] >= 0x80;
  if (!wide || !g_utf8_validate(name.text, name.length, NULL) ||
      idn2_to_ascii_8z(name.text, &ascii, IDN2_NONTRANSITIONAL | IDN2_NFC_INPUT) != IDN2_OK)
    return name;
  Name result = { siaga_arena_copy(arena, ascii, strlen(ascii)), strlen(ascii) };
  idn2_free(ascii);
  return result.text ? result : name;
}

/* Bits per character. */
static gdouble
_entropy(const gchar *text, gsize length)
{
  /* log2(n); not every compiler takes the function in an initializer */
  /* clang-format off */
  static const gdouble logs[LABEL_MAX + 1] = {
    0, 0, 1, 1.584962500721156, 2, 2.321928094887362, 2.584962500721156, 2.807354922057604, 3, 3.169925001442312,
    3.321928094887362, 3.459431618637297, 3.584962500721156, 3.700439718141092, 3.807354922057604,
    3.906890595608519, 4, 4.087462841250339, 4.169925001442312, 4.247927513443585, 4.321928094887363,
    4.392317422778761, 4.459431618637297, 4.523561956057013, 4.584962500721156, 4.643856189774724,
    4.700439718141092, 4.754887502163468, 4.807354922057604, 4.857980995127572, 4.906890595608519,
    4.954196310386875, 5, 5.044394119358453, 5.087462841250339, 5.129283016944966, 5.169925001442312,
    5.20945336562895, 5.247927513443585, 5.285402218862249, 5.321928094887363, 5.357552004618084, 5.392317422778761,
    5.426264754702098, 5.459431618637297, 5.491853096329675, 5.523561956057013, 5.554588851677638,
    5.584962500721156, 5.614709844115208, 5.643856189774724, 5.672425341971495, 5.700439718141092,
    5.727920454563199, 5.754887502163468, 5.78135971352466, 5.807354922057604, 5.832890014164741, 5.857980995127572,
    5.882643049361842, 5.906890595608519, 5.930737337562887, 5.954196310386875, 5.977279923499917,
  };
  /* clang-format on */
  guint8 counts[256] = { 0 };
  gdouble sum = 0;

  length = MIN(length, LABEL_MAX);
  for (gsize i = 0; i < length; i++)
    counts[(guchar) text[i]]++;
  for (gsize i = 0; i < length; i++)
    {
      guint count = counts[(guchar) text[i]];
      counts[(guchar) text[i]] = 0;
      sum += count * (count ? logs[count] : 0);
    }
  return length ? logs[length] - sum / length : 0;
}

static void
_set_statistics(SiagaEvent *event, const gchar *name, gsize length)
{
  gsize start = 0, longest = 0, longest_start = 0, labels = 0;
  for (gsize i = 0; i <= length; i++)
    {
      if (i < length && (name[i] != '.' || (i && name[i - 1] == '\\')))
        continue;
      if (i - start > longest)
        {
          longest = i - start;
          longest_start = start;
        }
      labels += i > start;
      start = i + 1;
    }
  siaga_event_set_int(event, SIAGA_F_DNS_QUESTION_LENGTH, length);
  siaga_event_set_int(event, SIAGA_F_DNS_LABEL_MAX, longest);
  siaga_event_set_int(event, SIAGA_F_DNS_LABEL_COUNT, labels);
  siaga_event_set_double(event, SIAGA_F_DNS_ENTROPY, round(_entropy(name + longest_start, longest) * 1000) / 1000);
}

static void
_set_domains(const SiagaNormaliser *self, SiagaEvent *event, const gchar *name, gsize length)
{
  gsize start = siaga_registered_domain(self->public_suffixes, name, length);
  if (start >= length)
    return;
  const gchar *domain = name + start;
  const gchar *dot = memchr(domain, '.', length - start);
  siaga_event_set(event, SIAGA_F_DNS_QUESTION_REGISTERED_DOMAIN, domain, length - start);
  if (dot)
    siaga_event_set(event, SIAGA_F_DNS_QUESTION_TLD, dot + 1, name + length - dot - 1);
  if (start)
    siaga_event_set(event, SIAGA_F_DNS_QUESTION_SUBDOMAIN, name, start - 1);
}

static void
_normalise_question(const SiagaNormaliser *self, SiagaEvent *event)
{
  gsize length;
  const gchar *text = siaga_event_text(event, SIAGA_F_DNS_QUESTION_NAME, &length);
  if (!text || !length || length > NAME_MAX_BYTES)
    return;
  if (!_is_plain(text, length))
    {
      Name name = _spell(event->arena, text, length);
      if (!name.text)
        return;
      name = _to_ascii(event->arena, name);
      siaga_event_set(event, SIAGA_F_DNS_QUESTION_NAME, name.text, name.length);
      text = name.text;
      length = name.length;
    }
  if (length == 1 && *text == '.')
    return;
  _set_statistics(event, text, length);
  _set_domains(self, event, text, length);
}

/* A transfer, a notify and an update ask about their zone: it stands in the question's place of the message (RFC 5936,
 * RFC 1996, RFC 2136). */
static void
_ask_for_zone(SiagaEvent *event)
{
  gsize length;
  const gchar *zone = siaga_event_text(event, SIAGA_F_DNS_ZONE, &length);
  if (zone && length && !siaga_event_has(event, SIAGA_F_DNS_QUESTION_NAME))
    siaga_event_set(event, SIAGA_F_DNS_QUESTION_NAME, zone, length);
}

/* Zones are compared with names: the same spelling. */
static void
_normalise_zone(SiagaEvent *event)
{
  gsize length;
  const gchar *text = siaga_event_text(event, SIAGA_F_DNS_ZONE, &length);
  if (!text || !length || length > NAME_MAX_BYTES || _is_plain(text, length))
    return;
  Name name = _spell(event->arena, text, length);
  if (name.text)
    siaga_event_set(event, SIAGA_F_DNS_ZONE, name.text, name.length);
}

/* .NET and Go libraries spell the codes out. */
static const gchar *
_short_code(const gchar *text, gsize length)
{
  static const struct
  {
    const gchar *spelt, *code;
  } names[] = {
    { "NAMEERROR", "NXDOMAIN" },
    { "SERVERFAILURE", "SERVFAIL" },
    { "FORMATERROR", "FORMERR" },
    { "NOTIMPLEMENTED", "NOTIMP" },
    { "NONEXISTENTDOMAIN", "NXDOMAIN" },
    { "QUERYREFUSED", "REFUSED" },
    { "SUCCESS", "NOERROR" },
    { "NOTIMPL", "NOTIMP" },
  };
  for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
    if (length == strlen(names[i].spelt) && g_ascii_strncasecmp(text, names[i].spelt, length) == 0)
      return names[i].code;
  return NULL;
}

/* Some servers write the code's number. */
static void
_normalise_response_code(SiagaEvent *event)
{
  static const gchar *const names[] = { "NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
                                        "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE" };
  gsize length;
  const gchar *text = siaga_event_text(event, SIAGA_F_DNS_RESPONSE_CODE, &length);
  const gchar *code_name = text && length > 6 ? _short_code(text, length) : NULL;
  if (code_name)
    siaga_event_set(event, SIAGA_F_DNS_RESPONSE_CODE, code_name, strlen(code_name));
  if (!text || !length || length > 2 || !g_ascii_isdigit(text[0]) || !g_ascii_isdigit(text[length - 1]))
    return;
  guint code = length == 1 ? (guint) (text[0] - '0') : (guint) (text[0] - '0') * 10 + (text[1] - '0');
  if (code < G_N_ELEMENTS(names))
    siaga_event_set(event, SIAGA_F_DNS_RESPONSE_CODE, names[code], strlen(names[code]));
}

static gboolean
_is_one_of(const gchar *text, gsize length, const gchar *const *words, guint count)
{
  for (guint i = 0; i < count; i++)
    if (strlen(words[i]) == length && memcmp(words[i], text, length) == 0)
      return TRUE;
  return FALSE;
}

/* RFC 3597 lets a type go by its number, "TYPE65"; some servers write nothing but that.  Windows says ALL for ANY. */
static void
_normalise_type(SiagaEvent *event)
{
  static const gchar *const all[] = { "ALL", "*" };
  gsize length, start = 0;
  guint number = 0;
  gchar unnamed[16];
  const gchar *text = siaga_event_text(event, SIAGA_F_DNS_QUESTION_TYPE, &length);
  if (text && length > 4 && memcmp(text, "TYPE", 4) == 0)
    start = 4;
  if (!text || !length || length - start > 5)
    return;
  if (_is_one_of(text, length, all, G_N_ELEMENTS(all)))
    {
      siaga_event_set(event, SIAGA_F_DNS_QUESTION_TYPE, "ANY", 3);
      return;
    }
  for (gsize i = start; i < length; i++)
    if (g_ascii_isdigit(text[i]))
      number = number * 10 + (text[i] - '0');
    else
      return;
  if (number > G_MAXUINT16)
    return;
  const gchar *name = siaga_record_type(number, unnamed);
  if (name == unnamed)
    name = siaga_arena_copy(event->arena, unnamed, strlen(unnamed));
  if (name)
    siaga_event_set(event, SIAGA_F_DNS_QUESTION_TYPE, name, strlen(name));
}

static gboolean
_text_is(const SiagaEvent *event, SiagaFieldId field, const gchar *word)
{
  gsize length;
  const gchar *text = siaga_event_text(event, field, &length);
  return text && length == strlen(word) && g_ascii_strncasecmp(text, word, length) == 0;
}

static gboolean
_has_flag(const SiagaEvent *event, gchar flag)
{
  gsize length;
  const gchar *flags = siaga_event_text(event, SIAGA_F_DNS_FLAGS, &length);
  return flags && memchr(flags, flag, length);
}

/* BIND's flags: T over TCP, V a cookie that the server checked, S signed.  AXFR exists on TCP alone. */
static void
_set_spoofable(SiagaEvent *event)
{
  gboolean bind = _text_is(event, SIAGA_F_EVENT_DATASET, "bind");
  if (!siaga_event_has(event, SIAGA_F_NETWORK_TRANSPORT) && bind && siaga_event_has(event, SIAGA_F_DNS_FLAGS))
    siaga_event_set(event, SIAGA_F_NETWORK_TRANSPORT, _has_flag(event, 'T') ? "tcp" : "udp", 3);
  gboolean transport = siaga_event_has(event, SIAGA_F_NETWORK_TRANSPORT);
  gboolean checked = (transport && !_text_is(event, SIAGA_F_NETWORK_TRANSPORT, "udp")) ||
                     (bind && (_has_flag(event, 'V') || _has_flag(event, 'S'))) ||
                     _text_is(event, SIAGA_F_DNS_QUESTION_TYPE, "AXFR");
  siaga_event_set_int(event, SIAGA_F_SOURCE_SPOOFABLE, !checked);
}

/* Of an answer that is none, where the line does not say more.  That a question was answered is no success of whoever
 * tried something, which would raise an incident. */
static void
_set_outcome(SiagaEvent *event)
{
  static const gchar *const refusals[] = { "SERVFAIL", "REFUSED", "FORMERR", "NOTIMP", "NOTAUTH" };
  gsize length;
  const gchar *code = siaga_event_text(event, SIAGA_F_DNS_RESPONSE_CODE, &length);
  if (code && !siaga_event_has(event, SIAGA_F_EVENT_OUTCOME) &&
      _is_one_of(code, length, refusals, G_N_ELEMENTS(refusals)))
    siaga_event_set(event, SIAGA_F_EVENT_OUTCOME, "failure", 7);
}

void
siaga_normalise_dns(const SiagaNormaliser *self, SiagaEvent *event)
{
  _ask_for_zone(event);
  _normalise_question(self, event);
  _normalise_zone(event);
  _normalise_type(event);
  _normalise_response_code(event);
  _set_outcome(event);
  if (siaga_event_has(event, SIAGA_F_SOURCE_ADDRESS) || siaga_event_has(event, SIAGA_F_SOURCE_IP))
    _set_spoofable(event);
}
