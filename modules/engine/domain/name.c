/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads host names. */

#include "config.h"

#include "engine/domain/name.h"

#include <idn2.h>
#include <string.h>

/* Only one colon makes a port: more make an IPv6 address. */
static gsize
_without_port(const gchar *text, gsize length)
{
  const gchar *colon = memchr(text, ':', length);
  if (!colon || memchr(colon + 1, ':', text + length - colon - 1))
    return length;
  return colon - text;
}

gsize
siaga_name_trim(const gchar *text, gsize length, const gchar **name_r)
{
  while (length && *text == ' ')
    text++, length--;
  if (length && *text == '[')
    {
      const gchar *end = memchr(text, ']', length);
      *name_r = text + 1;
      return end ? (gsize) (end - text) - 1 : 0;
    }
  length = _without_port(text, length);
  while (length && (text[length - 1] == '.' || text[length - 1] == ' '))
    length--;
  *name_r = text;
  return length;
}

/* Behind "scheme://", or the start where there is none. */
static const gchar *
_behind_scheme(const gchar *url, gsize length)
{
  const gchar *end = url + length;
  for (const gchar *p = url; (p = memchr(p, ':', end - p)) != NULL; p++)
    if (end - p >= 3 && p[1] == '/' && p[2] == '/')
      return p + 3;
  return url;
}

gsize
siaga_name_of_url(const gchar *url, gsize length, const gchar **host_r)
{
  const gchar *end = url + length, *start = _behind_scheme(url, length), *stop = memchr(start, '/', end - start);
  if (!stop)
    stop = end;
  for (const gchar *p = start; p < stop; p++)
    if (*p == '?' || *p == '#')
      stop = p;
  const gchar *at = memrchr(start, '@', stop - start);
  *host_r = at ? at + 1 : start;
  return stop - *host_r;
}

gboolean
siaga_name_equal(const gchar *name, gsize length, const gchar *word)
{
  return strlen(word) == length && g_ascii_strncasecmp(name, word, length) == 0;
}

gboolean
siaga_name_is_below(const gchar *name, gsize length, const gchar *suffix, gsize suffix_length)
{
  if (length < suffix_length || (length > suffix_length && name[length - suffix_length - 1] != '.'))
    return FALSE;
  return g_ascii_strncasecmp(name + length - suffix_length, suffix, suffix_length) == 0;
}

static const gchar *
_check_label(const gchar *label, gsize length)
{
  if (length == 0)
    return "empty label (two dots, or a dot at the start)";
  if (length > 63)
    return "a label is longer than 63 characters";
  if (label[0] == '-' || label[length - 1] == '-')
    return "a label begins or ends with '-'";
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum(label[i]) && label[i] != '-' && label[i] != '_')
      return "a host name holds letters, digits, '-' and '.' only";
  return NULL;
}

static const gchar *
_check_name(const gchar *name)
{
  if (strlen(name) > SIAGA_NAME_MAX)
    return "the name is longer than 253 characters";
  for (const gchar *label = name;;)
    {
      const gchar *dot = strchrnul(label, '.');
      const gchar *error = _check_label(label, dot - label);
      if (error || !*dot)
        return error;
      label = dot + 1;
    }
}

static gchar *
_to_ascii(const gchar *text, const gchar **error_r)
{
  if (g_str_is_ascii(text))
    return g_ascii_strdown(text, -1);
  char *ascii = NULL;
  if (idn2_to_ascii_8z(text, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL) != IDN2_OK)
    {
      *error_r = "not a name that can be written in punycode";
      return NULL;
    }
  gchar *copy = g_strdup(ascii);
  idn2_free(ascii);
  return copy;
}

gchar *
siaga_name_canonical(const gchar *text, const gchar **error_r)
{
  *error_r = NULL;
  gchar *name = _to_ascii(text, error_r);
  if (!name)
    return NULL;
  gsize length = strlen(name);
  if (length && name[length - 1] == '.')
    name[length - 1] = '\0';
  *error_r = _check_name(name);
  if (!*error_r)
    return name;
  g_free(name);
  return NULL;
}
