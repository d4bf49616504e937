/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The options of share-policy(). */

#include "share/share-policy.h"

#define OFFSET(member) G_STRUCT_OFFSET(SharePolicyOptions, member)

static const SiagaOption options[] = {
  SIAGA_DATA_OPTION("data-dir", TEXT, data_dir),
  SIAGA_DATA_OPTION("config-dir", TEXT, config_dir),
  SIAGA_DATA_OPTION("strict", YESNO, strict),
  SIAGA_DATA_OPTION("watch", DURATION, watch, .incidental = TRUE),
  { "policies", SIAGA_OPTION_LIST, OFFSET(policies), NULL, 0, 0, NULL },
  { "producer", SIAGA_OPTION_TEXT, OFFSET(producer), NULL, 0, 0, NULL },
  { NULL },
};

static LogParser *
_construct(GlobalConfig *cfg, gpointer given, SiagaDiag *diag)
{
  return share_policy_new(cfg, given, diag);
}

static void
_set_defaults(gpointer given)
{
  siaga_data_options_init(given);
}

const SiagaRoom siaga_room = {
  .name = "share-policy",
  .options = options,
  .options_size = sizeof(SharePolicyOptions),
  .set_defaults = _set_defaults,
  .construct = _construct,
};
