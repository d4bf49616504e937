/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The packed event: a header, an entry per value, then the text.  Text that lies in the original line is stored once, as
 * an offset into it. */

#include <siaga/event.h>

#include <string.h>

#define MAGIC 0x31455653u /* "SVE1" */

typedef struct
{
  guint32 magic;
  guint32 fingerprint;
  gint64 time;
  gint32 zone;
  guint8 time_kind;
  guint8 family;
  guint8 parsed;
  guint8 truncated;
  guint32 original_length;
  guint32 count;
} Header;

typedef struct
{
  guint16 field;
  guint8 type;
  guint8 next;
  guint32 length;
  union
  {
    guint64 offset; /* from the start of the text part */
    gint64 integer;
    gdouble real;
  };
} Entry;

/* Chains of values are indices, and unset values leave holes: pack them anew. */
static guint
_write_entries(const SiagaEvent *self, Entry *entries, gsize *text_length)
{
  guint count = 0;
  for (guint i = 0; i < self->count; i++)
    {
      const SiagaValue *value = &self->values[i];
      if (self->slot[value->field] != i + 1)
        continue;
      for (; value; value = siaga_event_next(self, value))
        {
          Entry *entry = &entries[count++];
          entry->field = value->field;
          entry->type = value->type;
          entry->next = value->next ? count + 1 : 0;
          entry->length = value->length;
          entry->integer = value->integer;
          if (value->type != SIAGA_VT_TEXT)
            continue;
          gboolean inside = self->original && value->text >= self->original &&
                            value->text + value->length <= self->original + self->original_length;
          entry->offset = inside ? (gsize) (value->text - self->original) : *text_length;
          if (!inside)
            *text_length += value->length;
        }
    }
  return count;
}

static void
_append_text(const SiagaEvent *self, GString *out)
{
  if (self->original_length)
    g_string_append_len(out, self->original, self->original_length);
  for (guint i = 0; i < self->count; i++)
    {
      const SiagaValue *value = &self->values[i];
      if (self->slot[value->field] != i + 1)
        continue;
      for (; value; value = siaga_event_next(self, value))
        if (value->type == SIAGA_VT_TEXT && value->length &&
            !(self->original && value->text >= self->original &&
              value->text + value->length <= self->original + self->original_length))
          g_string_append_len(out, value->text, value->length);
    }
}

void
siaga_event_pack(const SiagaEvent *self, GString *out)
{
  Entry entries[SIAGA_EVENT_VALUES];
  gsize text_length = self->original_length;
  Header header = {
    .magic = MAGIC,
    .fingerprint = siaga_fields_fingerprint(self->fields),
    .time = self->time,
    .zone = self->zone,
    .time_kind = self->time_kind,
    .family = self->family,
    .parsed = self->parsed ? 1 : 0,
    .truncated = self->truncated ? 1 : 0,
    .original_length = self->original_length,
  };

  header.count = _write_entries(self, entries, &text_length);
  g_string_truncate(out, 0);
  g_string_append_len(out, (const gchar *) &header, sizeof header);
  g_string_append_len(out, (const gchar *) entries, header.count * sizeof(Entry));
  _append_text(self, out);
}

static gboolean
_read_header(const SiagaEvent *self, const gchar *bytes, gsize length, Header *header)
{
  if (length < sizeof *header)
    return FALSE;
  memcpy(header, bytes, sizeof *header);
  return header->magic == MAGIC && header->fingerprint == siaga_fields_fingerprint(self->fields) &&
         header->count <= SIAGA_EVENT_VALUES && length - sizeof *header >= header->count * sizeof(Entry);
}

static gboolean
_read_entry(SiagaEvent *self, const Entry *entry, guint index, guint count, const gchar *text, gsize text_length)
{
  if (entry->field >= siaga_fields_count(self->fields) || entry->type > SIAGA_VT_DOUBLE)
    return FALSE;
  if (entry->next && (entry->next != index + 2 || entry->next > count))
    return FALSE;
  SiagaValue *value = &self->values[index];
  value->field = entry->field;
  value->type = entry->type;
  value->next = entry->next;
  value->length = entry->length;
  value->integer = entry->integer;
  if (entry->type == SIAGA_VT_TEXT)
    {
      if (entry->offset > text_length || entry->length > text_length - entry->offset)
        return FALSE;
      value->text = text + entry->offset;
    }
  if (!self->slot[entry->field])
    self->slot[entry->field] = index + 1;
  return TRUE;
}

gboolean
siaga_event_unpack(SiagaEvent *self, const gchar *bytes, gsize length)
{
  Header header;

  siaga_event_reset(self);
  if (!_read_header(self, bytes, length, &header))
    return FALSE;
  const gchar *entries = bytes + sizeof header;
  const gchar *text = entries + header.count * sizeof(Entry);
  gsize text_length = length - (text - bytes);
  if (header.original_length > text_length || header.time_kind > SIAGA_TIME_LINE || header.family > SIAGA_FAMILY_AUTH)
    return FALSE;
  for (guint i = 0; i < header.count; i++)
    {
      Entry entry;
      memcpy(&entry, entries + i * sizeof entry, sizeof entry);
      if (!_read_entry(self, &entry, i, header.count, text, text_length))
        {
          siaga_event_reset(self);
          return FALSE;
        }
      self->count = i + 1;
    }
  self->time = header.time;
  self->zone = header.zone;
  self->time_kind = header.time_kind;
  self->family = header.family;
  self->parsed = header.parsed;
  self->truncated = header.truncated;
  self->original = text;
  self->original_length = header.original_length;
  return TRUE;
}
