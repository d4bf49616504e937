/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What weblog-parser(), dnslog-parser() and authlog-parser() have in common: from a line to an event. */

#ifndef SIAGA_GLUE_FAMILY_PARSER_H_INCLUDED
#define SIAGA_GLUE_FAMILY_PARSER_H_INCLUDED

#include "glue/data.h"
#include "glue/message.h"

typedef struct
{
  SiagaDataOptions super;
  GPtrArray *families; /* of names; NULL: the room's own */
  GPtrArray *patterns;
  gboolean no_default_patterns;
  GPtrArray *trusted_proxies;
  gchar *time_zone;
  gboolean tag_unparsed;
  guint handover; /* index into siaga_handover_words */
} SiagaFamilyOptions;

#define SIAGA_FAMILY_OPTION(name, kind, member, ...)                                                                   \
  {                                                                                                                    \
    name, SIAGA_OPTION_##kind, G_STRUCT_OFFSET(SiagaFamilyOptions, member), __VA_ARGS__                                \
  }
#define SIAGA_FAMILY_OPTIONS                                                                                           \
  SIAGA_DATA_OPTIONS, SIAGA_FAMILY_OPTION("families", LIST, families, .check = siaga_check_family),                    \
      SIAGA_FAMILY_OPTION("patterns", LIST, patterns),                                                                 \
      SIAGA_FAMILY_OPTION("no-default-patterns", FLAG, no_default_patterns),                                           \
      SIAGA_FAMILY_OPTION("time-zone", TEXT, time_zone, .check = siaga_check_zone),                                    \
      SIAGA_FAMILY_OPTION("tag-unparsed", YESNO, tag_unparsed),                                                        \
      SIAGA_FAMILY_OPTION("handover", WORD, handover, .words = siaga_handover_words)
#define SIAGA_TRUSTED_PROXIES_OPTION                                                                                   \
  SIAGA_FAMILY_OPTION("trusted-proxies", LIST, trusted_proxies, .check = siaga_check_network)

extern const gchar *const siaga_handover_words[];
gboolean siaga_check_family(const gchar *text, GString *error);
gboolean siaga_check_zone(const gchar *text, GString *error);
gboolean siaga_check_network(const gchar *text, GString *error);

/* FAMILY is read when the options name no families.  Takes over the reference on OPTIONS.  NULL with errors in DIAG. */
LogParser *siaga_family_parser_new(GlobalConfig *cfg, SiagaFamilyOptions *options, SiagaFamily family, SiagaDiag *diag);

#endif
