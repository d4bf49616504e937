/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What weblog-parser(), dnslog-parser() and authlog-parser() have in common: from a line to an event. */

#ifndef SIAGA_GLUE_FAMILY_PARSER_H_INCLUDED
#define SIAGA_GLUE_FAMILY_PARSER_H_INCLUDED

#include "glue/data.h"
#include "glue/message.h"

#include <siaga/normalise.h>

typedef struct
{
  SiagaDataOptions super;
  GPtrArray *patterns;
  gboolean no_default_patterns;
  GPtrArray *trusted_proxies;
  gchar *time_zone;
  gboolean tag_unparsed;
} SiagaFamilyOptions;

#define SIAGA_FAMILY_OPTIONS                                                                                            \
  SIAGA_DATA_OPTIONS,                                                                                                   \
      { "patterns", SIAGA_OPTION_LIST, G_STRUCT_OFFSET(SiagaFamilyOptions, patterns), NULL, 0, 0, NULL },               \
      { "no-default-patterns",                                                                                          \
        SIAGA_OPTION_FLAG,                                                                                              \
        G_STRUCT_OFFSET(SiagaFamilyOptions, no_default_patterns),                                                       \
        NULL,                                                                                                           \
        0,                                                                                                              \
        0,                                                                                                              \
        NULL },                                                                                                         \
      { "time-zone", SIAGA_OPTION_TEXT, G_STRUCT_OFFSET(SiagaFamilyOptions, time_zone), NULL, 0, 0, siaga_check_zone }, \
  {                                                                                                                     \
    "tag-unparsed", SIAGA_OPTION_YESNO, G_STRUCT_OFFSET(SiagaFamilyOptions, tag_unparsed), NULL, 0, 0, NULL             \
  }

#define SIAGA_TRUSTED_PROXIES_OPTION                                                                                   \
  {                                                                                                                    \
    "trusted-proxies", SIAGA_OPTION_LIST, G_STRUCT_OFFSET(SiagaFamilyOptions, trusted_proxies), NULL, 0, 0,            \
        siaga_check_network                                                                                            \
  }

void siaga_family_options_init(gpointer options);
gboolean siaga_check_zone(const gchar *text, GString *error);
gboolean siaga_check_network(const gchar *text, GString *error);

/* Takes over the reference on OPTIONS.  NULL with errors in DIAG. */
LogParser *siaga_family_parser_new(GlobalConfig *cfg, SiagaFamilyOptions *options, SiagaFamily family, SiagaDiag *diag);

#endif
