/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * One incident, as a partner may see it or whole, in a format of others. */

#include "share/share-format.h"
#include "share/share-asked.h"
#include "share/share-names.h"

#include <siaga/export.h>

#include <template/templates.h>

#include <string.h>

#define FORMAT_INCIDENT SIAGA_EXPORT_COUNT /* the JSON of siaga itself */

typedef struct
{
  gchar *partner; /* NULL: the own house */
  gconstpointer cfg;
  SiagaExportForm form;
  NVHandle json, tlp, producer_handle;
  gchar *producer; /* NULL: what share-policy() says */
} State;

static gboolean
_fail(GError **error, const gchar *text, const gchar *argument)
{
  g_set_error(error, LOG_TEMPLATE_ERROR, LOG_TEMPLATE_ERROR_COMPILE, "%s: %s", text, argument);
  return FALSE;
}

static void
_use_partner(State *self, const gchar *partner)
{
  gchar *json = g_strconcat(SHARE_PARTNER_PREFIX, partner, SHARE_JSON_SUFFIX, NULL);
  gchar *tlp = g_strconcat(SHARE_PARTNER_PREFIX, partner, SHARE_TLP_SUFFIX, NULL);
  share_asked_drop(self->cfg, self->partner);
  g_free(self->partner);
  self->partner = g_strdup(partner);
  share_asked_add(self->cfg, partner);
  self->json = log_msg_get_value_handle(json);
  self->tlp = log_msg_get_value_handle(tlp);
  g_free(json);
  g_free(tlp);
}

static gboolean
_use_argument(State *self, guint format, const gchar *name, const gchar *value)
{
  if (strcmp(name, "--partner") == 0)
    {
      _use_partner(self, value);
      return TRUE;
    }
  if (strcmp(name, "--as") == 0)
    return siaga_export_form_by_name(format, value, &self->form);
  g_free(self->producer);
  self->producer = g_strdup(value);
  return TRUE;
}

static gboolean
_prepare(LogTemplateFunction *func, gpointer s, LogTemplate *parent, gint argc, gchar *argv[], GError **error)
{
  static const gchar *const arguments[] = { "--partner", "--producer", "--as", NULL };
  State *self = s;

  self->cfg = parent->cfg;
  self->json = log_msg_get_value_handle(SHARE_INCIDENT);
  self->producer_handle = log_msg_get_value_handle(SHARE_PRODUCER);
  for (gint i = 1; i < argc; i += 2)
    {
      if (!g_strv_contains(arguments, argv[i]))
        return _fail(error, "unknown argument, expected --partner, --producer or --as", argv[i]);
      if (i + 1 == argc || !*argv[i + 1])
        return _fail(error, "the argument needs a word behind it", argv[i]);
      if (!_use_argument(self, GPOINTER_TO_UINT(func->arg), argv[i], argv[i + 1]))
        return _fail(error, "the format has no such form; stix: objects; misp: objects, revision", argv[i + 1]);
    }
  return TRUE;
}

/* A message's values need not end where they seem to. */
static gchar *
_value(const LogMessage *msg, NVHandle handle)
{
  gssize length = 0;
  const gchar *value = log_msg_get_value(msg, handle, &length);
  return length > 0 ? g_strndup(value, length) : NULL;
}

/* What nobody decided on is for the own house only. */
static gboolean
_label(const State *self, const LogMessage *msg, SiagaTlp *tlp_r)
{
  *tlp_r = SIAGA_TLP_RED;
  if (!self->partner)
    return TRUE;
  gchar *name = _value(msg, self->tlp);
  gboolean good = name && siaga_tlp_by_name(name, tlp_r);
  g_free(name);
  return good;
}

static void
_format(const State *self, guint format, const LogMessage *msg, GString *result)
{
  SiagaExportOptions options = { .form = self->form };
  gchar *json = _value(msg, self->json);

  if (json && _label(self, msg, &options.tlp))
    {
      SiagaIncident *incident = siaga_incident_read_json(json, strlen(json), NULL);
      gchar *producer = self->producer ? g_strdup(self->producer) : _value(msg, self->producer_handle);
      options.producer = producer;
      if (incident)
        siaga_export(incident, format, &options, result);
      siaga_incident_free(incident);
      g_free(producer);
    }
  g_free(json);
}

static void
_copy(const State *self, const LogMessage *msg, GString *result)
{
  gssize length = 0;
  const gchar *json = log_msg_get_value(msg, self->json, &length);
  g_string_append_len(result, json, length);
}

static void
_call(LogTemplateFunction *func, gpointer s, const LogTemplateInvokeArgs *args, GString *result,
      LogMessageValueType *type)
{
  const State *self = s;
  guint format = GPOINTER_TO_UINT(func->arg);
  const LogMessage *msg = args->messages[args->num_messages - 1];

  if (type)
    *type = format == SIAGA_EXPORT_IODEF ? LM_VT_STRING : LM_VT_JSON;
  if (format == FORMAT_INCIDENT)
    _copy(self, msg, result);
  else
    _format(self, format, msg, result);
}

static void
_free_state(gpointer s)
{
  State *self = s;
  share_asked_drop(self->cfg, self->partner);
  g_free(self->partner);
  g_free(self->producer);
}

#define FORMAT(name, format)                                                                                           \
  TEMPLATE_FUNCTION(State, name, _prepare, NULL, _call, _free_state, GUINT_TO_POINTER(format))

/* The host's macro defines functions that do not use all they are given. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
FORMAT(share_format_stix, SIAGA_EXPORT_STIX)
FORMAT(share_format_misp, SIAGA_EXPORT_MISP)
FORMAT(share_format_iodef, SIAGA_EXPORT_IODEF)
FORMAT(share_format_intelmq, SIAGA_EXPORT_INTELMQ)
FORMAT(share_format_incident, FORMAT_INCIDENT)
#pragma GCC diagnostic pop
