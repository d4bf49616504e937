/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The shipped and the local data of a room: where it is, and how mistakes in it are treated. */

#ifndef SIAGA_GLUE_DATA_H_INCLUDED
#define SIAGA_GLUE_DATA_H_INCLUDED

#include "glue/room.h"

#include <siaga/field.h>

/* Options of every room, the first part of its options struct. */
typedef struct
{
  SiagaRoomOptions super;
  gchar *data_dir;   /* NULL: the installed one */
  gchar *config_dir; /* NULL: /etc/siaga */
  gboolean strict;
  guint fields; /* SIAGA_PUBLISH_… */
  gchar *prefix;
} SiagaDataOptions;

#define SIAGA_DATA_OPTIONS                                                                                             \
  { "data-dir", SIAGA_OPTION_TEXT, G_STRUCT_OFFSET(SiagaDataOptions, data_dir), NULL, 0, 0, NULL },                    \
      { "config-dir", SIAGA_OPTION_TEXT, G_STRUCT_OFFSET(SiagaDataOptions, config_dir), NULL, 0, 0, NULL },            \
      { "strict", SIAGA_OPTION_YESNO, G_STRUCT_OFFSET(SiagaDataOptions, strict), NULL, 0, 0, NULL },                   \
      { "fields", SIAGA_OPTION_WORD, G_STRUCT_OFFSET(SiagaDataOptions, fields), siaga_publish_words, 0, 0, NULL },     \
  {                                                                                                                    \
    "prefix", SIAGA_OPTION_TEXT, G_STRUCT_OFFSET(SiagaDataOptions, prefix), NULL, 0, 0, NULL                           \
  }

extern const gchar *const siaga_publish_words[];

void siaga_data_options_init(SiagaDataOptions *self);
/* A path below the data or the configuration folder.  Newly allocated. */
gchar *siaga_data_path(const SiagaDataOptions *self, const gchar *name);
gchar *siaga_config_path(const SiagaDataOptions *self, const gchar *name);
/* What of the registry's files belongs into the key of shared things. */
void siaga_data_key(const SiagaDataOptions *self, GString *key);

/* Two kinds of messages while loading.  SHIPPED are reported and never refuse a configuration: one bad file of the
 * package must not stop logging.  LOCAL are the user's: errors refuse it, unless strict(no). */
typedef struct
{
  const SiagaDataOptions *options;
  SiagaDiag *shipped;
  SiagaDiag *local;
} SiagaLoad;

void siaga_load_begin(SiagaLoad *self, const SiagaDataOptions *options);
/* Reports; adds the local errors that refuse the configuration to DIAG.  FALSE when there are any. */
gboolean siaga_load_end(SiagaLoad *self, SiagaDiag *diag);
/* The field registry with the user's registrations; NULL when it cannot be read. */
SiagaFields *siaga_load_fields(SiagaLoad *self);
/* Is there something to load?  A missing path that the user named is an error. */
gboolean siaga_load_exists(SiagaLoad *self, const gchar *path, gboolean named_by_user);

#endif
