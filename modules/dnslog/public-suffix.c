/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Asks libpsl once for a name and once for its parent; the parent's answer is remembered. */

#include "dnslog/public-suffix.h"

#include <libpsl.h>
#include <string.h>

#define ENTRIES 512
#define NAME_BYTES 72
#define NAME_MAX_BYTES 255

typedef struct
{
  guint8 length; /* 0: free */
  guint8 domain; /* offset of the registered domain; LENGTH: none */
  gchar name[NAME_BYTES];
} Entry;

typedef struct
{
  gconstpointer suffixes;
  Entry entries[ENTRIES];
} Cache;

static GPrivate cache_key = G_PRIVATE_INIT(g_free);

static Cache *
_cache_of_thread(gconstpointer suffixes)
{
  Cache *cache = g_private_get(&cache_key);
  if (!cache)
    {
      cache = g_new0(Cache, 1);
      g_private_set(&cache_key, cache);
    }
  if (cache->suffixes != suffixes)
    {
      memset(cache, 0, sizeof *cache);
      cache->suffixes = suffixes;
    }
  return cache;
}

static guint
_hash(const gchar *name, gsize length)
{
  guint32 hash = 2166136261u;
  for (gsize i = 0; i < length; i++)
    hash = (hash ^ (guchar) name[i]) * 16777619u;
  return (hash ^ hash >> 15) % ENTRIES;
}

static gsize
_ask(gconstpointer suffixes, const gchar *name, gsize length)
{
  const gchar *domain = psl_registrable_domain(suffixes, name);
  return domain ? (gsize) (domain - name) : length;
}

static gsize
_domain_of_parent(gconstpointer suffixes, const gchar *name, gsize length)
{
  Entry *entry = &_cache_of_thread(suffixes)->entries[_hash(name, length)];
  if (length >= NAME_BYTES)
    return _ask(suffixes, name, length);
  if (entry->length == length && memcmp(entry->name, name, length) == 0)
    return entry->domain;
  entry->length = length;
  memcpy(entry->name, name, length);
  entry->domain = _ask(suffixes, name, length);
  return entry->domain;
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
dnslog_registered_domain(gconstpointer suffixes, const gchar *name, gsize length)
{
  gchar text[NAME_MAX_BYTES + 1];
  const gchar *dot = memchr(name, '.', length);
  if (!dot || length > NAME_MAX_BYTES || memchr(name, '\0', length))
    return length;
  if (!suffixes)
    return _last_two_labels(name, length);
  memcpy(text, name, length);
  text[length] = '\0';
  gsize behind = dot + 1 - name;
  if (psl_is_public_suffix(suffixes, text))
    return length;
  gsize parent = _domain_of_parent(suffixes, text + behind, length - behind);
  return parent == length - behind ? 0 : behind + parent;
}
