/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The options of dnslog-parser(). */

#include "glue/family-parser.h"

static const SiagaOption options[] = {
  SIAGA_FAMILY_OPTIONS,
  { NULL },
};

static LogParser *
_construct(GlobalConfig *cfg, gpointer given, SiagaDiag *diag)
{
  return siaga_family_parser_new(cfg, given, SIAGA_FAMILY_DNS, diag);
}

const SiagaRoom siaga_room = {
  .name = "dnslog-parser",
  .options = options,
  .options_size = sizeof(SiagaFamilyOptions),
  .set_defaults = siaga_data_options_init,
  .construct = _construct,
};
