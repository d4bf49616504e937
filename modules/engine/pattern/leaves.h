/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A line of keys and values (JSON, key=value, W3C columns) as flat leaves: "a.b.0.c" and its text. */

#ifndef SIAGA_LEAVES_H_INCLUDED
#define SIAGA_LEAVES_H_INCLUDED

#include <siaga/arena.h>

#include <glib.h>

#define SIAGA_LEAVES 192
#define SIAGA_LEAF_DEPTH 12
#define SIAGA_LEAF_PATH_MAX 512 /* bytes; deeper or longer ones are left out */

typedef enum
{
  SIAGA_LEAF_STRING,
  SIAGA_LEAF_NUMBER,
  SIAGA_LEAF_BOOLEAN,
  SIAGA_LEAF_NULL,
} SiagaLeafKind;

typedef struct
{
  const gchar *path; /* in the arena or in the line, not NUL-terminated */
  guint32 path_length;
  guint32 hash;
  const gchar *text; /* unescaped: in the line, or in the arena when it had escapes */
  guint32 length;
  guint8 kind; /* SiagaLeafKind */
} SiagaLeaf;

/* Lives where the caller wants; the leaves are valid as long as the line and the arena.  No heap, bounded depth and
 * count, hostile input welcome. */
typedef struct
{
  guint count;
  gboolean truncated; /* more leaves than fit, or too long a path: they are left out */
  SiagaLeaf leaves[SIAGA_LEAVES];
} SiagaLeaves;

static inline void
siaga_leaves_clear(SiagaLeaves *self)
{
  self->count = 0;
  self->truncated = FALSE;
}

guint32 siaga_leaf_hash(const gchar *path, gsize length);
void siaga_leaves_add(SiagaLeaves *self, const gchar *path, gsize path_length, guint32 hash, SiagaLeafKind kind,
                      const gchar *text, gsize length);
/* The first leaf of that path; NULL when there is none. */
const SiagaLeaf *siaga_leaf_find(const SiagaLeaves *self, const gchar *path, gsize length, guint32 hash);

/* What a JSON string says, without escapes, into RESULT, which has room for LENGTH bytes; FALSE when one is none. */
gboolean siaga_json_unescape(const gchar *text, gsize length, gchar *result, gsize *length_r);
/* FALSE when TEXT is not one JSON object, with nothing but blanks behind it; escapes are read where a leaf is kept. */
gboolean siaga_json_scan(SiagaLeaves *self, const gchar *text, gsize length, SiagaArena *arena);
/* Adds key=value, key="value with \" blanks", key='a=1 b=2' (then key.a and key.b too); other words are skipped. */
void siaga_kv_scan(SiagaLeaves *self, const gchar *text, gsize length, SiagaArena *arena);

#endif
