/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Counts incidents by the victim's country and sector, category and level. */

#include "incident/incident-picture.h"

#define UNKNOWN "unknown"
#define LABELS 4

typedef struct
{
  const gchar *labels[2 * LABELS + 1];
  guint64 count;
} Entry;

struct _IncidentPicture
{
  GMutex lock;
  GPtrArray *entries; /* of Entry*, owned */
  GHashTable *index;  /* "ID\nhealth\n…" -> Entry */
  GStringChunk *text;
};

IncidentPicture *
incident_picture_new(void)
{
  IncidentPicture *self = g_new0(IncidentPicture, 1);
  g_mutex_init(&self->lock);
  self->entries = g_ptr_array_new_with_free_func(g_free);
  self->index = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  self->text = g_string_chunk_new(1024);
  return self;
}

void
incident_picture_free(IncidentPicture *self)
{
  g_hash_table_unref(self->index);
  g_ptr_array_unref(self->entries);
  g_string_chunk_free(self->text);
  g_mutex_clear(&self->lock);
  g_free(self);
}

static Entry *
_new_entry(IncidentPicture *self, const gchar *const *values)
{
  static const gchar *const names[LABELS] = { "country", "sector", "category", "level" };
  Entry *entry = g_new0(Entry, 1);
  for (guint i = 0; i < LABELS; i++)
    {
      entry->labels[2 * i] = names[i];
      entry->labels[2 * i + 1] = g_string_chunk_insert_const(self->text, values[i]);
    }
  g_ptr_array_add(self->entries, entry);
  return entry;
}

static void
_count(IncidentPicture *self, const gchar *const *values)
{
  static const gchar *const others[LABELS] = { "other", "other", "other", "other" };
  gchar *key = g_strjoin("\n", values[0], values[1], values[2], values[3], NULL);
  Entry *entry = g_hash_table_lookup(self->index, key);
  if (!entry && values != others && self->entries->len >= INCIDENT_PICTURE_MAX)
    _count(self, others);
  else if (!entry)
    {
      entry = _new_entry(self, values);
      g_hash_table_insert(self->index, g_steal_pointer(&key), entry);
    }
  if (entry)
    entry->count++;
  g_free(key);
}

void
incident_picture_add(IncidentPicture *self, const SiagaIncident *incident)
{
  const gchar *const values[LABELS] = {
    incident->victim_country ? incident->victim_country : UNKNOWN,
    incident->victim_sector ? incident->victim_sector : UNKNOWN,
    incident->rule->category ? incident->rule->category : UNKNOWN,
    siaga_level_name(incident->level),
  };
  if (incident->revision != 1 || incident->simulated)
    return;
  g_mutex_lock(&self->lock);
  _count(self, values);
  g_mutex_unlock(&self->lock);
}

guint
incident_picture_size(IncidentPicture *self)
{
  g_mutex_lock(&self->lock);
  guint size = self->entries->len;
  g_mutex_unlock(&self->lock);
  return size;
}

guint64
incident_picture_get(IncidentPicture *self, guint index, const gchar *const **labels_r)
{
  g_mutex_lock(&self->lock);
  const Entry *entry = g_ptr_array_index(self->entries, index);
  guint64 count = entry->count;
  g_mutex_unlock(&self->lock);
  *labels_r = entry->labels;
  return count;
}
