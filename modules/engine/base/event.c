/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The event's values: set, add, get. */

#include <siaga/event.h>

#include <string.h>

G_STATIC_ASSERT(SIAGA_EVENT_VALUES < 255);

SiagaEvent *
siaga_event_new(const SiagaFields *fields)
{
  SiagaEvent *self = g_new0(SiagaEvent, 1);
  self->fields = fields;
  self->arena = siaga_arena_new();
  return self;
}

void
siaga_event_free(SiagaEvent *self)
{
  if (!self)
    return;
  siaga_arena_free(self->arena);
  g_free(self);
}

void
siaga_event_reset(SiagaEvent *self)
{
  for (guint i = 0; i < self->count; i++)
    self->slot[self->values[i].field] = 0;
  self->count = 0;
  self->time = 0;
  self->zone = 0;
  self->time_kind = SIAGA_TIME_NONE;
  self->family = SIAGA_FAMILY_NONE;
  self->parsed = FALSE;
  self->truncated = FALSE;
  self->original = NULL;
  self->original_length = 0;
  siaga_arena_reset(self->arena);
}

const gchar *
siaga_event_text(const SiagaEvent *self, SiagaFieldId field, gsize *length_r)
{
  const SiagaValue *value = siaga_event_get(self, field);
  if (!value || value->type != SIAGA_VT_TEXT)
    return NULL;
  *length_r = value->length;
  return value->text;
}

gboolean
siaga_event_int(const SiagaEvent *self, SiagaFieldId field, gint64 *value_r)
{
  const SiagaValue *value = siaga_event_get(self, field);
  if (!value || value->type != SIAGA_VT_INT)
    return FALSE;
  *value_r = value->integer;
  return TRUE;
}

static SiagaValue *
_append(SiagaEvent *self, SiagaFieldId field)
{
  if (self->count == SIAGA_EVENT_VALUES)
    {
      self->truncated = TRUE;
      return NULL;
    }
  SiagaValue *value = &self->values[self->count++];
  value->field = field;
  value->next = 0;
  value->length = 0;
  return value;
}

/* The place for the only value of FIELD: the one it has, or a new one. */
static SiagaValue *
_only(SiagaEvent *self, SiagaFieldId field)
{
  guint8 slot = self->slot[field];
  if (slot)
    {
      self->values[slot - 1].next = 0;
      return &self->values[slot - 1];
    }
  SiagaValue *value = _append(self, field);
  if (value)
    self->slot[field] = self->count;
  return value;
}

static void
_fill_text(SiagaValue *value, const gchar *text, gsize length)
{
  value->type = SIAGA_VT_TEXT;
  value->text = text;
  value->length = MIN(length, G_MAXUINT32);
}

void
siaga_event_set(SiagaEvent *self, SiagaFieldId field, const gchar *text, gsize length)
{
  SiagaValue *value = _only(self, field);
  if (value)
    _fill_text(value, text, length);
}

void
siaga_event_set_int(SiagaEvent *self, SiagaFieldId field, gint64 integer)
{
  SiagaValue *value = _only(self, field);
  if (!value)
    return;
  value->type = SIAGA_VT_INT;
  value->integer = integer;
}

void
siaga_event_set_double(SiagaEvent *self, SiagaFieldId field, gdouble real)
{
  SiagaValue *value = _only(self, field);
  if (!value)
    return;
  value->type = SIAGA_VT_DOUBLE;
  value->real = real;
}

void
siaga_event_add(SiagaEvent *self, SiagaFieldId field, const gchar *text, gsize length)
{
  if (!self->slot[field])
    {
      siaga_event_set(self, field, text, length);
      return;
    }
  SiagaValue *last = &self->values[self->slot[field] - 1];
  while (last->next)
    last = &self->values[last->next - 1];
  SiagaValue *value = _append(self, field);
  if (!value)
    return;
  _fill_text(value, text, length);
  last->next = self->count;
}

void
siaga_event_set_copy(SiagaEvent *self, SiagaFieldId field, const gchar *text, gsize length)
{
  const gchar *copy = siaga_arena_copy(self->arena, text, length);
  if (copy)
    siaga_event_set(self, field, copy, length);
  else
    self->truncated = TRUE;
}

/* The value's place stays taken until the next reset; nothing leads to it. */
void
siaga_event_unset(SiagaEvent *self, SiagaFieldId field)
{
  self->slot[field] = 0;
}

gboolean
siaga_event_has_tag(const SiagaEvent *self, const gchar *tag)
{
  gsize length = strlen(tag);
  for (const SiagaValue *v = siaga_event_get(self, SIAGA_F_TAGS); v; v = siaga_event_next(self, v))
    if (v->type == SIAGA_VT_TEXT && v->length == length && memcmp(v->text, tag, length) == 0)
      return TRUE;
  return FALSE;
}

/* Writes VALUE at the end of BUFFER; gives back where it begins. */
static const gchar *
_write_integer(gint64 value, gchar *buffer, gsize size, gsize *length_r)
{
  gchar *p = buffer + size;
  guint64 rest = value < 0 ? -(guint64) value : (guint64) value;
  do
    *--p = '0' + rest % 10;
  while (rest /= 10);
  if (value < 0)
    *--p = '-';
  *length_r = buffer + size - p;
  return p;
}

const gchar *
siaga_value_text(const SiagaValue *value, gchar *buffer, gsize *length_r)
{
  if (value->type == SIAGA_VT_TEXT)
    {
      *length_r = value->length;
      return value->text;
    }
  if (value->type == SIAGA_VT_INT)
    return _write_integer(value->integer, buffer, 32, length_r);
  gchar digits[G_ASCII_DTOSTR_BUF_SIZE];
  g_strlcpy(buffer, g_ascii_formatd(digits, sizeof digits, "%.15g", value->real), 32);
  *length_r = strlen(buffer);
  return buffer;
}
