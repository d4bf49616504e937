/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The shipped and the local data of a room: where it is, and how mistakes in it are treated. */

#ifndef SIAGA_GLUE_DATA_H_INCLUDED
#define SIAGA_GLUE_DATA_H_INCLUDED

#include "glue/room.h"
#include "glue/shared.h"

#include <siaga/chain.h>

/* Options of every room; a room's options struct begins with them. */
typedef struct
{
  SiagaRoomOptions super;
  gchar *data_dir;   /* NULL: the installed one */
  gchar *config_dir; /* NULL: /etc/siaga */
  gboolean strict;
  gint64 watch; /* microseconds; 0: files are looked at when the configuration is read */
  guint fields; /* SIAGA_PUBLISH_… */
  gchar *prefix;
} SiagaDataOptions;

#define SIAGA_DATA_OPTION(name, kind, member, ...)                                                                     \
  {                                                                                                                    \
    name, SIAGA_OPTION_##kind, G_STRUCT_OFFSET(SiagaDataOptions, member), __VA_ARGS__                                  \
  }
#define SIAGA_DATA_OPTIONS                                                                                             \
  SIAGA_DATA_OPTION("data-dir", TEXT, data_dir), SIAGA_DATA_OPTION("config-dir", TEXT, config_dir),                    \
      SIAGA_DATA_OPTION("strict", YESNO, strict), SIAGA_DATA_OPTION("watch", DURATION, watch, .incidental = TRUE),     \
      SIAGA_DATA_OPTION("fields", WORD, fields, siaga_publish_words), SIAGA_DATA_OPTION("prefix", TEXT, prefix)

/* fields(): what becomes name-values of the message */
enum
{
  SIAGA_PUBLISH_ALL,
  SIAGA_PUBLISH_MATCHED,
  SIAGA_PUBLISH_NONE,
};
extern const gchar *const siaga_publish_words[];

void siaga_data_options_init(gpointer options); /* the defaults */

/* What a room loads, by the functions of <siaga/chain.h>.  LOAD's texts are valid during the call. NULL with errors in
 * DIAG when the room cannot do without what is missing. */
#define SIAGA_READS_MAX 4
typedef gpointer (*SiagaLoadFunc)(const SiagaChainSpec *load, SiagaDiag *diag);

typedef struct
{
  SiagaChainSpec load; /* families, extra files and switches filled by the room; the folders are filled in here */
  const gchar *what;   /* tells apart what one module loads */
  /* what FUNC reads in the two folders: lists such as siaga_chain_rule_files */
  const gchar *const *reads[SIAGA_READS_MAX];
  SiagaLoadFunc func;
  GDestroyNotify free_value;
} SiagaDataRequest;

/* Loads, or finds what another parser of this module loaded from the same unchanged files.  Mistakes are written to the
 * log with file:line:column.  Those in the user's files (outside of the data folder) refuse the configuration unless
 * strict(no); those in shipped files never do: one bad file of a package must not stop logging.  NULL: refused. */
SiagaShared *siaga_data_get(const SiagaDataOptions *options, const SiagaDataRequest *request, SiagaDiag *diag);

#endif
