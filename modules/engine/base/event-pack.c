/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The packed event: a header, the text, then an entry per value.  Text that lies in the original line is stored once,
 * as an offset into it.  Written and read once per room and line: one pass, no call per value. */

#include <siaga/event.h>

#include <string.h>

#define MAGIC 0x32455653u /* "SVE2" */

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
  guint32 text_length; /* the original's and what follows it */
  guint32 count;
  guint32 unused;
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

typedef struct
{
  const SiagaEvent *event;
  GString *out;
  gsize text_length;
  guint count;
  Entry entries[SIAGA_EVENT_VALUES];
} Packer;

static void
_append(GString *out, gconstpointer bytes, gsize length)
{
  gsize end = out->len + length;
  if (G_UNLIKELY(end >= out->allocated_len))
    {
      gsize before = out->len;
      g_string_set_size(out, end);
      out->len = before;
    }
  if (length) /* an empty original is NULL */
    memcpy(out->str + out->len, bytes, length);
  out->len = end;
}

/* Where TEXT lies in the original line, or where it was appended now. */
static inline gsize
_place_text(Packer *self, const gchar *text, gsize length)
{
  gsize original_length = self->event->original_length;
  gsize offset = (guintptr) text - (guintptr) self->event->original;
  if (length <= original_length && offset <= original_length - length)
    return offset;
  offset = self->text_length;
  _append(self->out, text, length);
  self->text_length += length;
  return offset;
}

/* Chains of values are indices, and unset values leave holes: both are numbered anew. */
static inline void
_pack_value(Packer *self, const SiagaValue *value)
{
  Entry *entry = &self->entries[self->count++];
  entry->field = value->field;
  entry->type = value->type;
  entry->next = value->next ? self->count + 1 : 0;
  entry->length = value->length;
  if (value->type == SIAGA_VT_TEXT)
    entry->offset = _place_text(self, value->text, value->length);
  else
    entry->integer = value->integer;
}

static void
_pack_values(Packer *self)
{
  const SiagaEvent *event = self->event;
  for (guint i = 0; i < event->count; i++)
    {
      const SiagaValue *value = &event->values[i];
      if (event->slot[value->field] == i + 1)
        for (; value; value = siaga_event_next(event, value))
          _pack_value(self, value);
    }
}

void
siaga_event_pack(const SiagaEvent *self, GString *out)
{
  Packer packer;
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

  packer.event = self;
  packer.out = out;
  packer.text_length = self->original_length;
  packer.count = 0;
  out->len = 0;
  _append(out, &header, sizeof header);
  _append(out, self->original, self->original_length);
  _pack_values(&packer);
  _append(out, packer.entries, packer.count * sizeof(Entry));
  out->str[out->len] = '\0';
  header.count = packer.count;
  header.text_length = packer.text_length;
  memcpy(out->str, &header, sizeof header);
}

static gboolean
_read_header(const SiagaEvent *self, const gchar *bytes, gsize length, Header *header)
{
  if (length < sizeof *header)
    return FALSE;
  memcpy(header, bytes, sizeof *header);
  length -= sizeof *header;
  return header->magic == MAGIC && header->fingerprint == siaga_fields_fingerprint(self->fields) &&
         header->count <= SIAGA_EVENT_VALUES && header->text_length <= length &&
         length - header->text_length == header->count * sizeof(Entry) &&
         header->original_length <= header->text_length && header->time_kind <= SIAGA_TIME_LINE &&
         header->family <= SIAGA_FAMILY_AUTH;
}

static inline gboolean
_read_entry(SiagaEvent *self, const Entry *entry, const Header *header, guint fields, const gchar *text)
{
  guint index = self->count;
  if (entry->field >= fields || entry->type > SIAGA_VT_DOUBLE ||
      (entry->next && (entry->next != index + 2 || entry->next > header->count)))
    return FALSE;
  SiagaValue *value = &self->values[index];
  value->field = entry->field;
  value->type = entry->type;
  value->next = entry->next;
  value->length = entry->length;
  if (entry->type != SIAGA_VT_TEXT)
    value->integer = entry->integer;
  else if (entry->offset > header->text_length || entry->length > header->text_length - entry->offset)
    return FALSE;
  else
    value->text = text + entry->offset;
  if (!self->slot[entry->field])
    self->slot[entry->field] = index + 1;
  self->count = index + 1;
  return TRUE;
}

static gboolean
_read_entries(SiagaEvent *self, const Header *header, const gchar *text)
{
  const gchar *entries = text + header->text_length;
  guint fields = siaga_fields_count(self->fields);
  for (guint i = 0; i < header->count; i++)
    {
      Entry entry;
      memcpy(&entry, entries + i * sizeof entry, sizeof entry);
      if (!_read_entry(self, &entry, header, fields, text))
        return FALSE;
    }
  return TRUE;
}

gboolean
siaga_event_unpack(SiagaEvent *self, const gchar *bytes, gsize length)
{
  const gchar *text = bytes + sizeof(Header);
  Header header;

  siaga_event_reset(self);
  if (!_read_header(self, bytes, length, &header))
    return FALSE;
  if (!_read_entries(self, &header, text))
    {
      siaga_event_reset(self);
      return FALSE;
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
