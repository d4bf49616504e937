/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The options of govtag(). */

#include "govtag/govtag.h"

#include <siaga/victim.h>

static const gchar *const roles[] = { "auto", "authoritative", "resolver", NULL };

static gboolean
_check_name(const gchar *text, GString *error)
{
  const gchar *reason = siaga_victims_check_name(text);
  if (reason)
    g_string_append_printf(error, "%s is no domain name: %s", text, reason);
  return reason == NULL;
}

#define OFFSET(member) G_STRUCT_OFFSET(GovtagOptions, member)

static const SiagaOption options[] = {
  SIAGA_DATA_OPTIONS,
  { "tables", SIAGA_OPTION_LIST, OFFSET(tables), NULL, 0, 0, NULL },
  { "no-default-tables", SIAGA_OPTION_FLAG, OFFSET(no_default_tables), NULL, 0, 0, NULL },
  { "default-victim", SIAGA_OPTION_TEXT, OFFSET(default_victim), NULL, 0, 0, _check_name },
  { "own-domains", SIAGA_OPTION_LIST, OFFSET(own_domains), NULL, 0, 0, _check_name },
  { "local-suffixes", SIAGA_OPTION_LIST, OFFSET(local_suffixes), NULL, 0, 0, _check_name },
  { "lookalikes", SIAGA_OPTION_YESNO, OFFSET(lookalikes), NULL, 0, 0, NULL },
  { "lists", SIAGA_OPTION_TEXT, OFFSET(lists), NULL, 0, 0, NULL },
  { "role", SIAGA_OPTION_WORD, OFFSET(role), roles, 0, 0, NULL },
  { NULL },
};

static LogParser *
_construct(GlobalConfig *cfg, gpointer given, SiagaDiag *diag)
{
  return govtag_new(cfg, given, diag);
}

static void
_set_defaults(gpointer given)
{
  GovtagOptions *self = given;
  siaga_data_options_init(given);
  self->lookalikes = TRUE;
}

const SiagaRoom siaga_room = {
  .name = "govtag",
  .options = options,
  .options_size = sizeof(GovtagOptions),
  .set_defaults = _set_defaults,
  .construct = _construct,
};
