/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Takes the packed event off the message, classifies its victim, puts it back. */

#include "govtag/govtag.h"
#include "glue/shared.h"

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

typedef struct
{
  GovtagOptions *options;
  SiagaDiag *diag;
} LoadRequest;

typedef struct
{
  SiagaLoad load;
  SiagaVictims *victims;
} TableLoad;

typedef void (*PathFunc)(const gchar *path, gboolean local, gboolean named, gpointer user_data);

/* In loading order: a row of a later table replaces the same row of an earlier one. */
static void
_foreach_table(const GovtagOptions *options, PathFunc func, gpointer user_data)
{
  gchar *shipped = siaga_data_path(&options->super, "domains");
  gchar *local = siaga_config_path(&options->super, "domains");

  if (!options->no_default_tables)
    func(shipped, FALSE, FALSE, user_data);
  func(local, TRUE, FALSE, user_data);
  for (guint i = 0; options->tables && i < options->tables->len; i++)
    func(g_ptr_array_index(options->tables, i), TRUE, TRUE, user_data);
  g_free(shipped);
  g_free(local);
}

static void
_add_to_key(const gchar *path, gboolean local G_GNUC_UNUSED, gboolean named G_GNUC_UNUSED, gpointer user_data)
{
  siaga_shared_key(user_data, path);
}

static void
_load_table(const gchar *path, gboolean local, gboolean named, gpointer user_data)
{
  TableLoad *self = user_data;
  if (siaga_load_exists(&self->load, path, named))
    siaga_victims_load(self->victims, path, local ? self->load.local : self->load.shipped);
}

static SiagaVictims *
_load_victims(TableLoad *state, const GovtagOptions *options)
{
  state->victims = siaga_victims_new();
  _foreach_table(options, _load_table, state);
  for (guint i = 0; options->own_domains && i < options->own_domains->len; i++)
    siaga_victims_add_own(state->victims, g_ptr_array_index(options->own_domains, i));
  siaga_victims_finish(state->victims, state->load.shipped);
  return state->victims;
}

static gpointer
_load(gpointer user_data)
{
  LoadRequest *request = user_data;
  TableLoad state = { 0 };
  GovtagData *self = NULL;

  siaga_load_begin(&state.load, &request->options->super);
  SiagaFields *fields = siaga_load_fields(&state.load);
  if (fields)
    {
      self = g_new0(GovtagData, 1);
      self->fields = fields;
      self->victims = _load_victims(&state, request->options);
    }
  if (!siaga_load_end(&state.load, request->diag))
    g_clear_pointer(&self, _data_free);
  return self;
}

static void
_add_list_to_key(GString *key, const gchar *name, const GPtrArray *list)
{
  for (guint i = 0; list && i < list->len; i++)
    g_string_append_printf(key, "%s %s\n", name, (const gchar *) g_ptr_array_index(list, i));
}

static SiagaShared *
_get_data(GovtagOptions *options, SiagaDiag *diag)
{
  LoadRequest request = { .options = options, .diag = diag };
  GString *key = g_string_new("govtag");

  g_string_append_printf(key, " strict %d default %d\n", options->super.strict, !options->no_default_tables);
  _add_list_to_key(key, "own", options->own_domains);
  siaga_data_key(&options->super, key);
  _foreach_table(options, _add_to_key, key);
  SiagaShared *shared = siaga_shared_get(key->str, _load, &request, _data_free);
  g_string_free(key, TRUE);
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
