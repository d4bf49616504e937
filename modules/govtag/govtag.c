/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Takes the packed event off the message, classifies its victim, puts it back. */

#include "govtag/govtag.h"

#include <siaga/victim.h>

/* The same for all parsers with equal options. */
typedef struct
{
  SiagaFields *fields;
  SiagaVictims *victims;
} GovtagData;

typedef struct
{
  LogParser super;
  GovtagOptions *options;
  SiagaShared *shared;
  const GovtagData *data;
  SiagaPublisher *publisher;
  SiagaVictimOptions victim;
} Govtag;

static void
_data_free(gpointer data)
{
  GovtagData *self = data;
  siaga_victims_unref(self->victims);
  siaga_fields_unref(self->fields);
  g_free(self);
}

static gpointer
_load(const SiagaChainSpec *spec, SiagaDiag *diag)
{
  SiagaFields *fields = siaga_chain_load_fields(spec, diag);
  if (!fields)
    return NULL;
  GovtagData *self = g_new0(GovtagData, 1);
  self->fields = fields;
  self->victims = siaga_chain_load_victims(spec, diag);
  return self;
}

static SiagaShared *
_get_data(GovtagOptions *options, SiagaDiag *diag)
{
  SiagaDataRequest request = {
    .what = "victims",
    .func = _load,
    .free_value = _data_free,
    .load = {
      .tables = siaga_option_strings(options->tables),
      .no_default_tables = options->no_default_tables,
      .own_domains = siaga_option_strings(options->own_domains),
    },
  };
  SiagaShared *shared = siaga_data_get(&options->super, &request, diag);
  g_free((gpointer) request.load.tables);
  g_free((gpointer) request.load.own_domains);
  return shared;
}

static gboolean
_process(LogParser *s, LogMessage **pmsg, const LogPathOptions *path_options, const gchar *input G_GNUC_UNUSED,
         gsize input_length G_GNUC_UNUSED)
{
  Govtag *self = (Govtag *) s;
  SiagaScratch *scratch = siaga_scratch(self->data->fields);

  if (siaga_message_is_foreign(*pmsg) || !siaga_message_get_event(*pmsg, scratch))
    return TRUE;
  if (self->publisher)
    siaga_publisher_read_back(self->publisher, *pmsg, scratch->event);
  siaga_victims_classify(self->data->victims, &self->victim, scratch->event);
  LogMessage *msg = log_msg_make_writable(pmsg, path_options);
  siaga_message_put_event(msg, scratch);
  if (self->publisher)
    siaga_publisher_publish(self->publisher, scratch, msg, TRUE);
  return TRUE;
}

static void
_free(LogPipe *s)
{
  Govtag *self = (Govtag *) s;

  siaga_publisher_free(self->publisher);
  siaga_shared_unref(self->shared);
  siaga_options_unref(self->options);
  log_parser_free_method(s);
}

static LogPipe *_clone(LogPipe *s);

/* Takes over OPTIONS and SHARED. */
static Govtag *
_new(GlobalConfig *cfg, GovtagOptions *options, SiagaShared *shared)
{
  Govtag *self = g_new0(Govtag, 1);

  log_parser_init_instance(&self->super, cfg);
  self->super.super.free_fn = _free;
  self->super.super.clone = _clone;
  self->super.process = _process;
  self->options = options;
  self->shared = shared;
  self->data = shared->value;
  self->victim = (SiagaVictimOptions){ .default_victim = options->default_victim, .dns_role = options->role };
  if (options->super.fields == SIAGA_PUBLISH_ALL)
    self->publisher = siaga_publisher_new(self->data->fields, options->super.prefix);
  return self;
}

static LogPipe *
_clone(LogPipe *s)
{
  Govtag *self = (Govtag *) s;
  Govtag *clone = _new(s->cfg, siaga_options_ref(self->options), siaga_shared_ref(self->shared));

  siaga_parser_clone_settings(&self->super, &clone->super);
  return &clone->super.super;
}

LogParser *
govtag_new(GlobalConfig *cfg, GovtagOptions *options, SiagaDiag *diag)
{
  siaga_message_init();
  SiagaShared *shared = _get_data(options, diag);
  if (shared)
    return &_new(cfg, options, shared)->super;
  siaga_options_unref(options);
  return NULL;
}
