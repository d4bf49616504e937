/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Asks libpsl once for a name and once for its parent; both answers are remembered. */

#include "registered-domain.h"

#include "name-cache.h"

#include <libpsl.h>
#include <string.h>

#define NAME_MAX_BYTES 255

static gsize
_ask(gconstpointer suffixes, const gchar *name, gsize length)
{
  const gchar *domain = psl_registrable_domain(suffixes, name);
  return domain ? (gsize) (domain - name) : length;
}

static gsize
_domain_of_parent(gconstpointer suffixes, const gchar *name, gsize length)
{
  guint domain;
  if (siaga_name_cache_get((guintptr) suffixes, name, length, &domain))
    return domain;
  domain = _ask(suffixes, name, length);
  siaga_name_cache_put((guintptr) suffixes, name, length, domain);
  return domain;
}

/* NAME ends in NUL; BEHIND is its parent's place. */
static gsize
_domain_of_child(gconstpointer suffixes, const gchar *name, gsize length, gsize behind)
{
  if (psl_is_public_suffix(suffixes, name))
    return length;
  gsize parent = _domain_of_parent(suffixes, name + behind, length - behind);
  return parent == length - behind ? 0 : behind + parent;
}

static gsize
_last_two_labels(const gchar *name, gsize length)
{
  guint dots = 0;
  for (gsize i = length; i > 0; i--)
    if (name[i - 1] == '.' && ++dots == 2)
      return i;
  return dots ? 0 : length;
}

gsize
siaga_registered_domain(gconstpointer suffixes, const gchar *name, gsize length)
{
  gchar text[NAME_MAX_BYTES + 1];
  const gchar *dot = memchr(name, '.', length);
  if (!dot || length > NAME_MAX_BYTES || memchr(name, '\0', length))
    return length;
  if (!suffixes)
    return _last_two_labels(name, length);
  guint known;
  if (siaga_name_cache_get((guintptr) suffixes, name, length, &known))
    return known;
  memcpy(text, name, length);
  text[length] = '\0';
  gsize domain = _domain_of_child(suffixes, text, length, dot + 1 - name);
  siaga_name_cache_put((guintptr) suffixes, name, length, domain);
  return domain;
}
