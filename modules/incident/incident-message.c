/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Builds the message of an incident's change. */

#include "incident/incident-message.h"

#include <hostname.h>
#include <str-repr/encode.h>

#include <string.h>
#include <syslog.h>

static guint16
_priority(const SiagaIncident *incident)
{
  static const guint16 severities[] = {
    [SIAGA_LEVEL_NONE] = LOG_INFO,      [SIAGA_LEVEL_INFORMATIONAL] = LOG_INFO, [SIAGA_LEVEL_LOW] = LOG_NOTICE,
    [SIAGA_LEVEL_MEDIUM] = LOG_WARNING, [SIAGA_LEVEL_HIGH] = LOG_ERR,           [SIAGA_LEVEL_CRITICAL] = LOG_CRIT,
  };
  return LOG_AUTHPRIV | severities[incident->level];
}

static LogMessageValueType
_type(SiagaFieldType type)
{
  switch (type)
    {
    case SIAGA_FT_LONG:
      return SIAGA_LM_INTEGER;
    case SIAGA_FT_DOUBLE:
      return LM_VT_DOUBLE;
    case SIAGA_FT_BOOLEAN:
      return LM_VT_BOOLEAN;
    default:
      return LM_VT_STRING;
    }
}

/* A name that comes again and again is a list: it is set when the next name comes. */
typedef struct
{
  LogMessage *msg;
  const gchar *prefix;
  GString *name, *last, *list;
  SiagaFieldType type;
  guint count;
} Fields;

static void
_flush(Fields *self)
{
  if (self->count > 1)
    log_msg_set_value_by_name_with_type(self->msg, self->last->str, self->list->str, self->list->len, LM_VT_LIST);
  self->count = 0;
}

static void
_append(GString *list, const gchar *value, gsize length)
{
  if (list->len)
    g_string_append_c(list, ',');
  str_repr_encode_append(list, value, length, ",");
}

static void
_set_field(const gchar *name, SiagaFieldType type, const gchar *value, gsize length, gpointer user_data)
{
  Fields *self = user_data;

  g_string_assign(self->name, self->prefix ? self->prefix : "");
  g_string_append(self->name, name);
  if (self->count == 0 || !g_string_equal(self->name, self->last))
    {
      _flush(self);
      g_string_assign(self->last, self->name->str);
      g_string_truncate(self->list, 0);
      log_msg_set_value_by_name_with_type(self->msg, self->name->str, value, length, _type(type));
    }
  _append(self->list, value, length);
  self->count++;
}

static void
_set_fields(LogMessage *msg, const SiagaIncident *incident, const gchar *prefix)
{
  Fields fields = {
    .msg = msg,
    .prefix = prefix,
    .name = g_string_new(NULL),
    .last = g_string_new(NULL),
    .list = g_string_new(NULL),
  };

  siaga_incident_foreach(incident, _set_field, &fields);
  _flush(&fields);
  g_string_free(fields.name, TRUE);
  g_string_free(fields.last, TRUE);
  g_string_free(fields.list, TRUE);
}

static void
_set_tags(LogMessage *msg, const SiagaIncident *incident)
{
  siaga_message_mark_incident(msg);
  for (guint i = 0; incident->tags && i < incident->tags->len; i++)
    log_msg_set_tag_by_name(msg, g_ptr_array_index(incident->tags, i));
}

static void
_set_time(LogMessage *msg, const SiagaIncident *incident)
{
  UnixTime *stamp = &msg->timestamps[LM_TS_STAMP];
  SiagaTime time = incident->changed ? incident->changed : incident->last_seen;

  stamp->ut_sec = time / SIAGA_SECOND;
  stamp->ut_usec = time % SIAGA_SECOND;
  stamp->ut_gmtoff = 0;
}

/* For whoever need not read the whole. */
static void
_set_revision(LogMessage *msg, const SiagaIncident *incident)
{
  gchar revision[16];
  gint length = g_snprintf(revision, sizeof revision, "%u", incident->revision);
  log_msg_set_value_by_name(msg, ".siaga.incident.id", incident->uuid, -1);
  log_msg_set_value_by_name_with_type(msg, ".siaga.incident.revision", revision, length, SIAGA_LM_INTEGER);
}

LogMessage *
incident_message_new(const SiagaIncident *incident, const gchar *prefix)
{
  LogMessage *msg = log_msg_new_local();
  GString *text = g_string_sized_new(1024);

  msg->pri = _priority(incident);
  _set_time(msg, incident);
  log_msg_set_value(msg, LM_V_HOST, get_local_hostname_fqdn(), -1);
  log_msg_set_value(msg, LM_V_PROGRAM, "siaga", -1);
  _set_fields(msg, incident, prefix);
  siaga_incident_format_text(incident, text);
  log_msg_set_value(msg, LM_V_MESSAGE, text->str, text->len);
  g_string_truncate(text, 0);
  siaga_incident_write_json(incident, text);
  log_msg_set_value_by_name_with_type(msg, ".siaga.incident.json", text->str, text->len, LM_VT_JSON);
  _set_revision(msg, incident);
  _set_tags(msg, incident);
  g_string_free(text, TRUE);
  return msg;
}
