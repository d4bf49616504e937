/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A JSON line as flat leaves: "a.b.0.c" and its text.  No heap, bounded depth and count, hostile input welcome. */

#ifndef SIAGA_JSON_SCAN_H_INCLUDED
#define SIAGA_JSON_SCAN_H_INCLUDED

#include <siaga/arena.h>

#include <glib.h>

#define SIAGA_JSON_LEAVES 192
#define SIAGA_JSON_SCAN_DEPTH 12

typedef enum
{
  SIAGA_JSON_STRING,
  SIAGA_JSON_NUMBER,
  SIAGA_JSON_BOOLEAN,
  SIAGA_JSON_NULL,
} SiagaJsonKind;

typedef struct
{
  const gchar *path; /* in the arena or in the line, not NUL-terminated */
  guint32 path_length;
  guint32 hash;
  const gchar *text; /* unescaped: in the line, or in the arena when it had escapes */
  guint32 length;
  guint8 kind; /* SiagaJsonKind */
} SiagaJsonLeaf;

/* Lives where the caller wants; the leaves are valid as long as the line and the arena. */
typedef struct
{
  guint count;
  gboolean truncated; /* more leaves, or deeper, than fit: the rest is left out */
  SiagaJsonLeaf leaves[SIAGA_JSON_LEAVES];
} SiagaJsonLeaves;

guint32 siaga_json_path_hash(const gchar *path, gsize length);

/* FALSE when TEXT is not one JSON object, with nothing but blanks behind it. */
gboolean siaga_json_scan(SiagaJsonLeaves *self, const gchar *text, gsize length, SiagaArena *arena);
/* NULL when there is no such leaf. */
const SiagaJsonLeaf *siaga_json_leaf(const SiagaJsonLeaves *self, const gchar *path, gsize length, guint32 hash);

#endif
