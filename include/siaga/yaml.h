/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * YAML files as trees whose every node knows its line and column. */

#ifndef SIAGA_YAML_H_INCLUDED
#define SIAGA_YAML_H_INCLUDED

#include <siaga/diag.h>

#include <glib.h>

typedef enum
{
  SIAGA_YAML_SCALAR,
  SIAGA_YAML_LIST,
  SIAGA_YAML_MAP,
} SiagaYamlKind;

typedef struct _SiagaYaml SiagaYaml;

/* Nodes are owned by their SiagaYamlFile and live as long as it does. */
struct _SiagaYaml
{
  SiagaYamlKind kind;
  SiagaPlace place;
  gboolean plain;    /* scalar: written without quotes (null, numbers and booleans are plain) */
  const gchar *text; /* scalar: its text, NUL-terminated; may hold NULs inside, see LENGTH */
  gsize length;
  guint size;         /* list: elements; map: pairs */
  SiagaYaml **keys;   /* map: SIZE scalars */
  SiagaYaml **values; /* list and map: SIZE nodes */
};

/* One file: its documents in order. */
typedef struct
{
  gchar *path;
  GPtrArray *documents; /* of SiagaYaml*; empty documents are left out */
  gpointer store;       /* private */
  gboolean whole;       /* FALSE: documents that could not be read are left out, with errors */
} SiagaYamlFile;

/* NULL with file:line:column errors in DIAG: unreadable, larger than 4 MiB, not YAML, deeper than
 * 32 levels, more than 200,000 nodes in a document (aliases counted as often as they are used), duplicate keys.  The
 * merge key "<<" is what it is in YAML 1.1: the pairs of the maps that it names, without those that the map has itself.
 */
SiagaYamlFile *siaga_yaml_load(const gchar *path, SiagaDiag *diag);
/* As siaga_yaml_load(), but one document takes no other with it: those before a mistake are there, and behind a
 * duplicate key, which does not end the reading, those after it too. */
SiagaYamlFile *siaga_yaml_load_documents(const gchar *path, SiagaDiag *diag);
SiagaYamlFile *siaga_yaml_parse(const gchar *path_for_messages, const gchar *text, gsize length, SiagaDiag *diag);
void siaga_yaml_free(SiagaYamlFile *self); /* NULL allowed */

/* NULL when MAP is not a map or has no such key. */
const SiagaYaml *siaga_yaml_get(const SiagaYaml *map, const gchar *key);
/* The scalar's text, or NULL when absent or no scalar. */
const gchar *siaga_yaml_get_text(const SiagaYaml *map, const gchar *key);
gboolean siaga_yaml_is_null(const SiagaYaml *node);                     /* plain ~, null, or nothing */
gboolean siaga_yaml_to_int(const SiagaYaml *node, gint64 *value_r);     /* plain decimal integer */
gboolean siaga_yaml_to_double(const SiagaYaml *node, gdouble *value_r); /* plain number */
gboolean siaga_yaml_to_bool(const SiagaYaml *node, gboolean *value_r);  /* plain true/false/yes/no */

/* Reports each key of MAP that is not in ALLOWED (NULL-terminated), naming the nearest allowed key. */
gboolean siaga_yaml_check_keys(const SiagaYaml *map, const gchar *const *allowed, SiagaDiag *diag);

#endif
