/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Fields as typed name-values, and back. */

#include "glue/message.h"
#include "glue/name-values.h"

#include <logmsg/tags.h>
#include <str-repr/encode.h>

#include <string.h>

struct _SiagaPublisher
{
  guint count;
  NVHandle handles[SIAGA_FIELD_MAX + 1]; /* 0: not published; behind the fields the event's time */
  guint8 types[SIAGA_FIELD_MAX];         /* of a text: LogMessageValueType */
  SiagaNames *names;
  GHashTable *fields; /* handle -> field + 1 */
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

static LogMessageValueType
_type_of_text(const SiagaField *field)
{
  return field->type == SIAGA_FT_BOOLEAN ? LM_VT_BOOLEAN : LM_VT_STRING;
}

SiagaPublisher *
siaga_publisher_new(const SiagaFields *fields, const gchar *prefix)
{
  SiagaPublisher *self = g_new0(SiagaPublisher, 1);
  self->count = siaga_fields_count(fields);
  self->fields = g_hash_table_new(NULL, NULL);
  for (guint i = 0; i < self->count; i++)
    {
      const SiagaField *field = siaga_fields_get(fields, i);
      if (!_is_published(field))
        continue;
      self->handles[i] = _handle(prefix, field->name);
      self->types[i] = _type_of_text(field);
      g_hash_table_insert(self->fields, GUINT_TO_POINTER(self->handles[i]), GUINT_TO_POINTER(i + 1));
    }
  self->handles[self->count] = _handle(prefix, "@timestamp");
  self->names = siaga_names_new(self->handles, self->count + 1);
  return self;
}

void
siaga_publisher_free(SiagaPublisher *self)
{
  if (!self)
    return;
  g_hash_table_unref(self->fields);
  siaga_names_free(self->names);
  g_free(self);
}

static LogMessageValueType
_type_of(const SiagaField *field, const SiagaValue *value)
{
  if (value->type == SIAGA_VT_INT && field->type != SIAGA_FT_DATE && field->type != SIAGA_FT_BOOLEAN)
    return SIAGA_LM_INTEGER;
  return value->type == SIAGA_VT_DOUBLE ? LM_VT_DOUBLE : _type_of_text(field);
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

/* Whether an element of a list stands there without quotes and escapes, seen at a glance. */
static gboolean
_is_bare(const SiagaValue *value)
{
  if (value->type != SIAGA_VT_TEXT || !value->length)
    return FALSE;
  for (guint i = 0; i < value->length; i++)
    if (!g_ascii_isalnum(value->text[i]) && value->text[i] != '-' && value->text[i] != '_' && value->text[i] != '.')
      return FALSE;
  return TRUE;
}

/* The texts of all values of a field that has several. */
static const gchar *
_list_text(const SiagaEvent *event, const SiagaField *field, const SiagaValue *value, GString *out, gsize *length_r)
{
  gchar buffer[64];
  gsize length;

  g_string_truncate(out, 0);
  for (; value; value = siaga_event_next(event, value))
    {
      const gchar *text = _text_of(field, value, buffer, &length);
      if (out->len)
        g_string_append_c(out, ',');
      if (_is_bare(value))
        g_string_append_len(out, text, length);
      else
        str_repr_encode_append(out, text, length, ",");
    }
  *length_r = out->len;
  return out->str;
}

/* What is published under a name. */
typedef struct
{
  const gchar *text;
  gsize length;
  LogMessageValueType type;
  gchar buffer[64];
} Published;

static void
_get_published(const SiagaEvent *event, guint field_id, GString *list, Published *out)
{
  if (field_id == siaga_fields_count(event->fields))
    {
      out->text = siaga_time_format(event->time, out->buffer);
      out->length = strlen(out->text);
      out->type = LM_VT_STRING;
      return;
    }
  const SiagaField *field = siaga_fields_get(event->fields, field_id);
  const SiagaValue *value = siaga_event_get(event, field_id);
  out->type = value->next ? LM_VT_LIST : _type_of(field, value);
  out->text = value->next ? _list_text(event, field, value, list, &out->length)
                          : _text_of(field, value, out->buffer, &out->length);
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

#define SET_WORDS (SIAGA_FIELD_MAX / 64 + 1)

/* Ranks of names. */
typedef struct
{
  guint64 words[SET_WORDS];
  guint count;
} RankSet;

static inline void
_insert(RankSet *set, guint rank)
{
  set->words[rank / 64] |= G_GUINT64_CONSTANT(1) << rank % 64;
  set->count++;
}

/* Numbers, times and truths are not longer. */
#define SHORT 32

/* The bytes of what is published at most; 0 when they are only known when it is made. */
static inline gsize
_length(const SiagaEvent *event, const SiagaValue *value)
{
  gsize length = 0;

  if (!value->next)
    return value->type == SIAGA_VT_TEXT ? value->length + 1 : SHORT;
  for (; value; value = siaga_event_next(event, value))
    {
      if (!_is_bare(value))
        return 0;
      length += value->length + 1;
    }
  return length;
}

/* The names that get a value, and the bytes that the values take at most.  Some lists are left to LATER. */
static gsize
_choose(const SiagaPublisher *self, const SiagaEvent *event, RankSet *now, RankSet *later)
{
  gsize room = siaga_names_room(self->names, self->count, SHORT);

  _insert(now, self->names->names[self->count].rank);
  for (guint i = 0; i < event->count; i++)
    {
      const SiagaValue *value = &event->values[i];
      if (event->slot[value->field] != i + 1 || !self->handles[value->field])
        continue;
      const gsize length = _length(event, value);
      room += siaga_names_room(self->names, value->field, length);
      _insert(length ? now : later, self->names->names[value->field].rank);
    }
  return room;
}

/* FALSE when the message has it already. */
static inline gboolean
_fill_one(const SiagaPublisher *self, SiagaScratch *scratch, guint field, SiagaFilling *filling)
{
  const SiagaValue *value = field < self->count ? siaga_event_get(scratch->event, field) : NULL;
  Published made;

  if (value && value->type == SIAGA_VT_TEXT && !value->next)
    return siaga_filling_add(filling, field, value->text, value->length, self->types[field]);
  _get_published(scratch->event, field, scratch->text, &made);
  return siaga_filling_add(filling, field, made.text, made.length, made.type);
}

/* All of NOW at once; what cannot be goes to LATER. */
static void
_fill(const SiagaPublisher *self, SiagaScratch *scratch, RankSet *now, RankSet *later, SiagaFilling *filling)
{
  for (guint word = 0; word < SET_WORDS; word++)
    for (guint64 left = now->words[word]; left; left &= left - 1)
      {
        const guint rank = word * 64 + __builtin_ctzll(left);
        if (!_fill_one(self, scratch, self->names->order[rank], filling))
          _insert(later, rank);
      }
  siaga_filling_end(filling);
}

static void
_set_singly(const SiagaPublisher *self, SiagaScratch *scratch, LogMessage *msg, RankSet *set)
{
  Published value;

  for (guint word = 0; set->count && word < SET_WORDS; word++)
    for (guint64 left = set->words[word]; left; left &= left - 1)
      {
        const guint field = self->names->order[word * 64 + __builtin_ctzll(left)];
        _get_published(scratch->event, field, scratch->text, &value);
        log_msg_set_value_with_type(msg, self->handles[field], value.text, value.length, value.type);
      }
}

void
siaga_publisher_publish(const SiagaPublisher *self, SiagaScratch *scratch, LogMessage *msg, gboolean with_tags)
{
  RankSet now = { .count = 0 }, later = { .count = 0 };
  SiagaFilling filling;

  const gsize room = _choose(self, scratch->event, &now, &later);
  if (siaga_filling_begin(&filling, self->names, msg, now.count, room))
    _fill(self, scratch, &now, &later, &filling);
  else
    _set_singly(self, scratch, msg, &now);
  _set_singly(self, scratch, msg, &later);
  if (with_tags)
    _publish_tags(scratch->event, scratch->text, msg);
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
