/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Takes the packed event off the message, classifies its victim, puts it back. */

#include "govtag/govtag.h"

#include "glue/handover.h"

#include <siaga/lookalike.h>
#include <siaga/victim.h>

#include <messages.h>

#define LOOK_FOR_LISTS (5 * SIAGA_SECOND)

/* The same for all parsers with equal options. */
typedef struct
{
  SiagaFields *fields;
  SiagaVictims *victims;
  SiagaLookalikes *lookalikes;
  SiagaSeenNames *seen;
  SiagaLists *lists; /* NULL: none */
  SiagaTime looked;  /* for a new list file, when; atomic */
} GovtagData;

typedef struct
{
  LogParser super;
  GovtagOptions *options;
  SiagaShared *shared;
  GovtagData *data;
  SiagaPublisher *publisher;
  SiagaVictimOptions victim;
} Govtag;

static void
_data_free(gpointer data)
{
  GovtagData *self = data;
  siaga_lookalikes_free(self->lookalikes);
  siaga_seen_names_free(self->seen);
  siaga_lists_free(self->lists);
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
  self->lookalikes = siaga_chain_load_lookalikes(spec, self->victims, diag);
  self->seen = siaga_seen_names_new();
  self->lists = siaga_chain_load_lists(spec, diag);
  return self;
}

static SiagaShared *
_get_data(GovtagOptions *options, SiagaDiag *diag)
{
  SiagaDataRequest request = {
    .what = "victims",
    .reads = { siaga_chain_field_files, siaga_chain_victim_files, siaga_chain_lookalike_files },
    .func = _load,
    .free_value = _data_free,
    .load = {
      .tables = siaga_option_strings(options->tables),
      .no_default_tables = options->no_default_tables,
      .own_domains = siaga_option_strings(options->own_domains),
      .local_suffixes = siaga_option_strings(options->local_suffixes),
      .lists = options->lists,
    },
  };
  SiagaShared *shared = siaga_data_get(&options->super, &request, diag);
  g_free((gpointer) request.load.tables);
  g_free((gpointer) request.load.own_domains);
  g_free((gpointer) request.load.local_suffixes);
  return shared;
}

/* One thread in five seconds asks whether the lists were replaced. */
static void
_refresh_lists(GovtagData *data, SiagaTime now)
{
  SiagaTime looked = __atomic_load_n(&data->looked, __ATOMIC_RELAXED);
  if (now - looked < LOOK_FOR_LISTS ||
      !__atomic_compare_exchange_n(&data->looked, &looked, now, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
    return;
  SiagaDiag *diag = siaga_diag_new();
  if (siaga_lists_refresh(data->lists, diag))
    msg_info("govtag(): took new domain lists", evt_tag_long("names", siaga_lists_size(data->lists)));
  siaga_report(diag);
  siaga_diag_free(diag);
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
  if (self->data->lists)
    _refresh_lists(self->data, siaga_message_received(*pmsg));
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

  siaga_handover_remove_taker();
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
  siaga_handover_add_taker();
  self->super.super.free_fn = _free;
  self->super.super.clone = _clone;
  self->super.process = _process;
  self->options = options;
  self->shared = shared;
  self->data = shared->value;
  self->victim = (SiagaVictimOptions){
    .default_victim = options->default_victim,
    .dns_role = options->role,
    .lookalikes = options->lookalikes ? self->data->lookalikes : NULL,
    .seen = self->data->seen,
    .lists = self->data->lists,
  };
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
