/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Decides for each partner, tags the incident, and leaves on it what the partner may see. */

#include "share/share-policy.h"
#include "share/share-asked.h"
#include "share/share-names.h"

#include "glue/message.h"

#include <siaga/nearest.h>
#include <siaga/share.h>

#include <logmsg/tags.h>

#include <string.h>

#define UUID_LENGTH 36

/* A partner's names on messages. */
typedef struct
{
  NVHandle json, tlp, id;
  LogTagId tag;
  StatsCounterItem *shared;
} Partner;

typedef struct
{
  LogParser super;
  SharePolicyOptions *options;
  SiagaShared *data;
  const SiagaShare *share;
  Partner *partners;
  NVHandle incident, incident_id, incident_revision, producer, tlp, id, revision;
} SharePolicy;

/* All there are, of a configuration on its way out too.  The main thread. */
static GPtrArray *policies;

static void
_free_share(gpointer share)
{
  siaga_share_free(share);
}

static gpointer
_load(const SiagaChainSpec *spec, SiagaDiag *diag)
{
  return siaga_chain_load_share(spec, diag);
}

/* Examples share nothing: what counts here is the site's own. */
static SiagaShared *
_get_data(SharePolicyOptions *options, SiagaDiag *diag)
{
  SiagaDataRequest request = {
    .what = "sharing",
    .reads = { siaga_chain_share_files },
    .func = _load,
    .free_value = _free_share,
    .load = { .policies = siaga_option_strings(options->policies), .no_default_policies = TRUE },
  };
  SiagaShared *shared = siaga_data_get(&options->super, &request, diag);
  g_free((gpointer) request.load.policies);
  return shared;
}

static SiagaIncident *
_read_incident(const SharePolicy *self, const LogMessage *msg)
{
  gssize length = 0;
  const gchar *json = log_msg_get_value(msg, self->incident, &length);
  return length > 0 ? siaga_incident_read_json(json, length, NULL) : NULL;
}

static void
_give(const SharePolicy *self, guint index, SiagaTlp tlp, const SiagaIncident *incident, LogMessage *msg)
{
  const Partner *partner = &self->partners[index];
  SiagaIncident *redacted = siaga_share_redact(self->share, index, tlp, incident);
  GString *json = g_string_sized_new(4096);

  siaga_incident_write_json(redacted, json);
  log_msg_set_value_with_type(msg, partner->json, json->str, json->len, LM_VT_JSON);
  log_msg_set_value(msg, partner->tlp, siaga_tlp_name(tlp), -1);
  log_msg_set_value(msg, partner->id, redacted->uuid, -1);
  log_msg_set_tag_by_id(msg, partner->tag);
  stats_counter_inc(partner->shared);
  g_string_free(json, TRUE);
  siaga_incident_free(redacted);
}

/* Whatever another hand put here before does not count. */
static void
_take_away(const SharePolicy *self, guint index, LogMessage *msg)
{
  const Partner *partner = &self->partners[index];
  log_msg_unset_value(msg, partner->json);
  log_msg_unset_value(msg, partner->tlp);
  log_msg_unset_value(msg, partner->id);
  log_msg_clear_tag_by_id(msg, partner->tag);
}

static void
_name_revision(const SharePolicy *self, const SiagaIncident *incident, LogMessage *msg)
{
  gchar revision[16];
  gint length = g_snprintf(revision, sizeof revision, "%u", incident->revision);
  log_msg_set_value(msg, self->id, incident->uuid, -1);
  log_msg_set_value_with_type(msg, self->revision, revision, length, SIAGA_LM_INTEGER);
}

static void
_decide(const SharePolicy *self, const SiagaIncident *incident, LogMessage *msg)
{
  SiagaTlp strictest = SIAGA_TLP_CLEAR, tlp;
  gboolean any = FALSE;

  for (guint i = 0; i < siaga_share_size(self->share); i++)
    if (siaga_share_decide(self->share, i, incident, &tlp, NULL))
      {
        _give(self, i, tlp, incident, msg);
        strictest = MAX(strictest, tlp);
        any = TRUE;
      }
    else
      _take_away(self, i, msg);
  if (any)
    log_msg_set_value(msg, self->tlp, siaga_tlp_name(strictest), -1);
  else
    log_msg_unset_value(msg, self->tlp);
  _name_revision(self, incident, msg);
}

static gboolean
_has(const LogMessage *msg, NVHandle handle)
{
  gssize length = 0;
  log_msg_get_value(msg, handle, &length);
  return length > 0;
}

/* Setting a value moves the others, so the text is kept beside them.  The length is asked for: of a value that stands
 * within another one syslog-ng demands it. */
static void
_copy(LogMessage *msg, NVHandle from, NVHandle to, LogMessageValueType type)
{
  gchar text[UUID_LENGTH];
  gssize length = 0;
  const gchar *value = log_msg_get_value(msg, from, &length);
  length = MIN(length, UUID_LENGTH);
  memcpy(text, value, length);
  log_msg_set_value_with_type(msg, to, text, length, type);
}

/* Nobody is to know: the incident need not be read. */
static void
_pass(const SharePolicy *self, LogMessage *msg)
{
  _copy(msg, self->incident_id, self->id, LM_VT_STRING);
  _copy(msg, self->incident_revision, self->revision, SIAGA_LM_INTEGER);
}

static void
_name_producer(const SharePolicy *self, LogMessage *msg)
{
  if (self->options->producer)
    log_msg_set_value(msg, self->producer, self->options->producer, -1);
}

static gboolean
_process(LogParser *s, LogMessage **pmsg, const LogPathOptions *path_options, const gchar *input G_GNUC_UNUSED,
         gsize input_length G_GNUC_UNUSED)
{
  SharePolicy *self = (SharePolicy *) s;

  if (!siaga_message_is_foreign(*pmsg))
    return TRUE;
  if (!siaga_share_size(self->share) && _has(*pmsg, self->incident_id))
    {
      _pass(self, log_msg_make_writable(pmsg, path_options));
      _name_producer(self, *pmsg);
      return TRUE;
    }
  SiagaIncident *incident = _read_incident(self, *pmsg);
  if (!incident)
    return TRUE;
  _decide(self, incident, log_msg_make_writable(pmsg, path_options));
  _name_producer(self, *pmsg);
  siaga_incident_free(incident);
  return TRUE;
}

static void
_register_counters(SharePolicy *self, gboolean add)
{
  for (guint i = 0; i < siaga_share_size(self->share); i++)
    {
      SiagaMetric metric = {
        .level = 0,
        .name = "siaga_shared_total",
        .id = self->super.name,
        .label = "partner",
        .value = siaga_share_name(self->share, i),
      };
      siaga_metric_apply(&metric, &self->partners[i].shared, add);
    }
}

/* Several policies of a configuration may send to each partner. */
static gboolean
_has_partner(gconstpointer cfg, const gchar *name, const gchar **nearest_r)
{
  guint distance = SIAGA_NAME_NEAR;
  for (guint i = 0; i < policies->len; i++)
    {
      const SharePolicy *self = policies->pdata[i];
      for (guint k = 0; self->super.super.cfg == cfg && k < siaga_share_size(self->share); k++)
        {
          if (strcmp(siaga_share_name(self->share, k), name) == 0)
            return TRUE;
          siaga_name_keep_nearest(name, siaga_share_name(self->share, k), &distance, nearest_r);
        }
    }
  return FALSE;
}

static gboolean
_when_ready(LogPipe *s)
{
  share_asked_tell(s->cfg, _has_partner);
  return TRUE;
}

static gboolean
_init(LogPipe *s)
{
  if (!log_parser_init_method(s))
    return FALSE;
  _register_counters((SharePolicy *) s, TRUE);
  return TRUE;
}

static gboolean
_deinit(LogPipe *s)
{
  _register_counters((SharePolicy *) s, FALSE);
  return log_parser_deinit_method(s);
}

static void
_free(LogPipe *s)
{
  SharePolicy *self = (SharePolicy *) s;

  g_ptr_array_remove_fast(policies, self);
  g_free(self->partners);
  siaga_shared_unref(self->data);
  siaga_options_unref(self->options);
  log_parser_free_method(s);
}

static NVHandle
_handle(const gchar *format_prefix, const gchar *partner, const gchar *format_suffix)
{
  gchar *name = g_strconcat(format_prefix, partner, format_suffix, NULL);
  NVHandle handle = log_msg_get_value_handle(name);
  g_free(name);
  return handle;
}

static void
_name_partners(SharePolicy *self)
{
  guint size = siaga_share_size(self->share);
  self->partners = g_new0(Partner, size + 1);
  for (guint i = 0; i < size; i++)
    {
      const gchar *name = siaga_share_name(self->share, i);
      gchar *tag = g_strconcat(SHARE_TAG_PREFIX, name, NULL);
      self->partners[i].json = _handle(SHARE_PARTNER_PREFIX, name, SHARE_JSON_SUFFIX);
      self->partners[i].tlp = _handle(SHARE_PARTNER_PREFIX, name, SHARE_TLP_SUFFIX);
      self->partners[i].id = _handle(SHARE_PARTNER_PREFIX, name, SHARE_ID_SUFFIX);
      self->partners[i].tag = log_tags_get_by_name(tag);
      g_free(tag);
    }
  self->incident = log_msg_get_value_handle(SHARE_INCIDENT);
  self->incident_id = log_msg_get_value_handle(SHARE_INCIDENT_ID);
  self->incident_revision = log_msg_get_value_handle(SHARE_INCIDENT_REVISION);
  self->producer = log_msg_get_value_handle(SHARE_PRODUCER);
  self->tlp = log_msg_get_value_handle(SHARE_TLP);
  self->id = log_msg_get_value_handle(SHARE_ID);
  self->revision = log_msg_get_value_handle(SHARE_REVISION);
}

static LogPipe *_clone(LogPipe *s);

/* Takes over OPTIONS and DATA. */
static SharePolicy *
_new(GlobalConfig *cfg, SharePolicyOptions *options, SiagaShared *data)
{
  SharePolicy *self = g_new0(SharePolicy, 1);

  log_parser_init_instance(&self->super, cfg);
  self->super.super.init = _init;
  self->super.super.deinit = _deinit;
  siaga_pipe_when_ready(&self->super.super, _when_ready);
  self->super.super.free_fn = _free;
  self->super.super.clone = _clone;
  self->super.process = _process;
  self->options = options;
  self->data = data;
  self->share = data->value;
  _name_partners(self);
  if (!policies)
    policies = g_ptr_array_new();
  g_ptr_array_add(policies, self);
  return self;
}

static LogPipe *
_clone(LogPipe *s)
{
  SharePolicy *self = (SharePolicy *) s;
  SharePolicy *clone = _new(s->cfg, siaga_options_ref(self->options), siaga_shared_ref(self->data));

  siaga_parser_clone_settings(&self->super, &clone->super);
  return &clone->super.super;
}

LogParser *
share_policy_new(GlobalConfig *cfg, SharePolicyOptions *options, SiagaDiag *diag)
{
  siaga_message_init();
  SiagaShared *data = _get_data(options, diag);
  if (data)
    return &_new(cfg, options, data)->super;
  siaga_options_unref(options);
  return NULL;
}
