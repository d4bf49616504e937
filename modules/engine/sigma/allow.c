/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Asks the allowances about an event that rules match. */

#include "allow.h"

#include <string.h>

SiagaAllow *
siaga_allow_new(void)
{
  SiagaAllow *self = g_new0(SiagaAllow, 1);
  self->entries = g_ptr_array_new_with_free_func(siaga_allow_entry_free);
  self->strings = g_string_chunk_new(1024);
  return self;
}

void
siaga_allow_free(SiagaAllow *self)
{
  if (!self)
    return;
  g_ptr_array_unref(self->entries);
  g_string_chunk_free(self->strings);
  g_free(self);
}

guint
siaga_allow_size(const SiagaAllow *self)
{
  return self->entries->len;
}

const SiagaAllowance *
siaga_allow_get(const SiagaAllow *self, guint index)
{
  return &((const SiagaAllowEntry *) g_ptr_array_index(self->entries, index))->about;
}

guint64
siaga_allow_count(const SiagaAllow *self)
{
  return siaga_counter_get(&self->allowed);
}

/* The name itself, or one below it. */
static gboolean
_is_at_or_below(const gchar *text, gsize length, const gchar *name)
{
  gsize size = strlen(name);
  while (length && text[length - 1] == '.')
    length--;
  return length >= size && g_ascii_strncasecmp(text + length - size, name, size) == 0 &&
         (length == size || text[length - size - 1] == '.');
}

static gboolean
_any_name(const GPtrArray *names, const SiagaEvent *event, SiagaFieldId field)
{
  gsize length;
  const gchar *text = siaga_event_text(event, field, &length);
  for (guint i = 0; text && i < names->len; i++)
    if (_is_at_or_below(text, length, g_ptr_array_index(names, i)))
      return TRUE;
  return FALSE;
}

static gboolean
_any_user(const GPtrArray *users, const SiagaEvent *event)
{
  gsize length;
  const gchar *text = siaga_event_text(event, SIAGA_F_USER_NAME, &length);
  for (guint i = 0; text && i < users->len; i++)
    if (strlen(g_ptr_array_index(users, i)) == length && memcmp(g_ptr_array_index(users, i), text, length) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
_any_source(const SiagaAllowEntry *self, const SiagaEvent *event)
{
  gsize length;
  const gchar *text = siaga_event_text(event, SIAGA_F_SOURCE_IP, &length);
  return (text && siaga_networks_match(self->networks, text, length)) ||
         _any_name(self->hosts, event, SIAGA_F_SOURCE_ADDRESS);
}

/* All that the entry names must fit. */
static gboolean
_fits(const SiagaAllowEntry *self, const SiagaEvent *event)
{
  return event->time < self->about.until && (!self->has_source || _any_source(self, event)) &&
         (!self->users->len || _any_user(self->users, event)) &&
         (!self->victims->len || _any_name(self->victims, event, SIAGA_F_VICTIM_DOMAIN)) &&
         (!self->questions->len || _any_name(self->questions, event, SIAGA_F_DNS_QUESTION_NAME));
}

static gboolean
_covers(const SiagaAllowEntry *self, guint16 rule)
{
  for (guint i = 0; i < self->rules->len; i++)
    if (g_array_index(self->rules, guint16, i) == rule)
      return TRUE;
  return !self->rules->len;
}

static gboolean
_take_out(const SiagaAllowEntry *self, SiagaHits *hits)
{
  guint kept = 0, before = hits->count;
  for (guint i = 0; i < before; i++)
    if (!_covers(self, hits->rule[i]))
      hits->rule[kept++] = hits->rule[i];
  hits->count = kept;
  return kept < before;
}

const SiagaAllowance *
siaga_allow_filter(const SiagaAllow *self, const SiagaEvent *event, SiagaHits *hits)
{
  const SiagaAllowance *first = NULL;
  for (guint i = 0; self && i < self->entries->len && hits->count; i++)
    {
      const SiagaAllowEntry *entry = g_ptr_array_index(self->entries, i);
      if (_fits(entry, event) && _take_out(entry, hits) && !first)
        first = &entry->about;
    }
  if (first)
    siaga_counter_add((SiagaCounter *) &self->allowed, 1);
  return first;
}
