/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Fields as typed name-values, and back. */

#include "glue/message.h"

#include <logmsg/tags.h>
#include <str-repr/encode.h>

#include <string.h>

struct _SiagaPublisher
{
  guint count;
  NVHandle time;
  NVHandle handles[SIAGA_FIELD_MAX]; /* 0: not published */
  GHashTable *fields;                /* handle -> field + 1 */
};

static gboolean
_is_published(const SiagaField *field)
{
  return !field->internal;
}

static NVHandle
_handle(const gchar *prefix, const gchar *name)
{
  gchar *full = g_strconcat(prefix ? prefix : "", name, NULL);
  NVHandle handle = log_msg_get_value_handle(full);
  g_free(full);
  return handle;
}

SiagaPublisher *
siaga_publisher_new(const SiagaFields *fields, const gchar *prefix)
{
  SiagaPublisher *self = g_new0(SiagaPublisher, 1);
  self->count = siaga_fields_count(fields);
  self->time = _handle(prefix, "@timestamp");
  self->fields = g_hash_table_new(NULL, NULL);
  for (guint i = 0; i < self->count; i++)
    {
      const SiagaField *field = siaga_fields_get(fields, i);
      if (!_is_published(field))
        continue;
      self->handles[i] = _handle(prefix, field->name);
      g_hash_table_insert(self->fields, GUINT_TO_POINTER(self->handles[i]), GUINT_TO_POINTER(i + 1));
    }
  return self;
}

void
siaga_publisher_free(SiagaPublisher *self)
{
  if (!self)
    return;
  g_hash_table_unref(self->fields);
  g_free(self);
}

static LogMessageValueType
_type_of(const SiagaField *field, const SiagaValue *value)
{
  if (field->type == SIAGA_FT_BOOLEAN)
    return LM_VT_BOOLEAN;
  if (value->type == SIAGA_VT_INT && field->type != SIAGA_FT_DATE)
    return SIAGA_LM_INTEGER;
  return value->type == SIAGA_VT_DOUBLE ? LM_VT_DOUBLE : LM_VT_STRING;
}

static const gchar *
_text_of(const SiagaField *field, const SiagaValue *value, gchar *buffer, gsize *length)
{
  if (value->type != SIAGA_VT_INT || (field->type != SIAGA_FT_BOOLEAN && field->type != SIAGA_FT_DATE))
    return siaga_value_text(value, buffer, length);
  const gchar *text = field->type == SIAGA_FT_DATE ? siaga_time_format(value->integer, buffer)
                      : value->integer             ? "true"
                                                   : "false";
  *length = strlen(text);
  return text;
}

static void
_publish_list(const SiagaEvent *event, const SiagaField *field, const SiagaValue *value, GString *out)
{
  gchar buffer[64];
  gsize length;

  g_string_truncate(out, 0);
  for (; value; value = siaga_event_next(event, value))
    {
      const gchar *text = _text_of(field, value, buffer, &length);
      if (out->len)
        g_string_append_c(out, ',');
      str_repr_encode_append(out, text, length, ",");
    }
}

static void
_publish_value(const SiagaEvent *event, const SiagaValue *value, NVHandle handle, GString *out, LogMessage *msg)
{
  const SiagaField *field = siaga_fields_get(event->fields, value->field);
  gchar buffer[64];
  gsize length;

  if (value->next)
    {
      _publish_list(event, field, value, out);
      log_msg_set_value_with_type(msg, handle, out->str, out->len, LM_VT_LIST);
      return;
    }
  const gchar *text = _text_of(field, value, buffer, &length);
  log_msg_set_value_with_type(msg, handle, text, length, _type_of(field, value));
}

/* Tags come from tables, not from lines: few enough to be tags of the process. */
static void
_publish_tags(const SiagaEvent *event, GString *name, LogMessage *msg)
{
  for (const SiagaValue *value = siaga_event_get(event, SIAGA_F_TAGS); value; value = siaga_event_next(event, value))
    {
      g_string_truncate(name, 0);
      g_string_append_len(name, value->text, value->length);
      log_msg_set_tag_by_name(msg, name->str);
    }
}

void
siaga_publisher_publish(const SiagaPublisher *self, SiagaScratch *scratch, LogMessage *msg, gboolean with_tags)
{
  const SiagaEvent *event = scratch->event;
  gchar time[32];

  log_msg_set_value_with_type(msg, self->time, siaga_time_format(event->time, time), -1, LM_VT_STRING);
  for (guint i = 0; i < event->count; i++)
    {
      const SiagaValue *value = &event->values[i];
      if (event->slot[value->field] == i + 1 && self->handles[value->field])
        _publish_value(event, value, self->handles[value->field], scratch->text, msg);
    }
  if (with_tags)
    _publish_tags(event, scratch->text, msg);
}

typedef struct
{
  const SiagaPublisher *publisher;
  SiagaEvent *event;
  gboolean any;
  guint8 seen[SIAGA_FIELD_MAX];
} ReadBack;

static gboolean
_equals(const SiagaValue *value, const SiagaField *field, const gchar *text, gsize length)
{
  gchar buffer[64];
  gsize own_length;
  const gchar *own = _text_of(field, value, buffer, &own_length);
  return own_length == length && memcmp(own, text, length) == 0;
}

static void
_set_from_text(SiagaEvent *event, SiagaFieldId id, const SiagaField *field, const gchar *text, gsize length)
{
  gchar number[32];

  if (field->type == SIAGA_FT_LONG && length && length < sizeof number)
    {
      memcpy(number, text, length);
      number[length] = '\0';
      siaga_event_set_int(event, id, g_ascii_strtoll(number, NULL, 10));
    }
  else if (field->type == SIAGA_FT_KEYWORD || field->type == SIAGA_FT_IP)
    siaga_event_set_copy(event, id, text, length);
}

static gboolean
_read_back_value(NVHandle handle, const gchar *name G_GNUC_UNUSED, const gchar *text, gssize length, NVType type,
                 gpointer user_data)
{
  ReadBack *self = user_data;
  guint index = GPOINTER_TO_UINT(g_hash_table_lookup(self->publisher->fields, GUINT_TO_POINTER(handle)));

  if (!index || type == LM_VT_NULL)
    return FALSE;
  SiagaFieldId id = index - 1;
  const SiagaField *field = siaga_fields_get(self->event->fields, id);
  const SiagaValue *value = siaga_event_get(self->event, id);
  self->seen[id] = self->any = TRUE;
  if (type != LM_VT_LIST && !(value && _equals(value, field, text, length)))
    _set_from_text(self->event, id, field, text, length);
  return FALSE;
}

void
siaga_publisher_read_back(const SiagaPublisher *self, const LogMessage *msg, SiagaEvent *event)
{
  ReadBack state = { .publisher = self, .event = event };

  log_msg_values_foreach(msg, _read_back_value, &state);
  /* Nothing seen: the room before did not publish. */
  for (guint i = 0; state.any && i < self->count; i++)
    if (event->slot[i] && self->handles[i] && !state.seen[i])
      siaga_event_unset(event, i);
}
