/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Flat leaves, and the key=value scanner. */

#include "leaves.h"

#include "engine/base/quoted.h"

#include <string.h>

#define KEY_MAX 128

guint32
siaga_leaf_hash(const gchar *path, gsize length)
{
  guint32 hash = 2166136261u;
  for (gsize i = 0; i < length; i++)
    hash = (hash ^ (guchar) path[i]) * 16777619u;
  return hash;
}

void
siaga_leaves_add(SiagaLeaves *self, const gchar *path, gsize path_length, guint32 hash, SiagaLeafKind kind,
                 const gchar *text, gsize length)
{
  if (self->count == SIAGA_LEAVES)
    {
      self->truncated = TRUE;
      return;
    }
  SiagaLeaf *leaf = &self->leaves[self->count++];
  leaf->path = path;
  leaf->path_length = path_length;
  leaf->hash = hash;
  leaf->text = text;
  leaf->length = length;
  leaf->kind = kind;
}

const SiagaLeaf *
siaga_leaf_find(const SiagaLeaves *self, const gchar *path, gsize length, guint32 hash)
{
  for (guint i = 0; i < self->count; i++)
    {
      const SiagaLeaf *leaf = &self->leaves[i];
      if (leaf->hash == hash && leaf->path_length == length && memcmp(leaf->path, path, length) == 0)
        return leaf;
    }
  return NULL;
}

typedef struct
{
  const gchar *text;
  gsize length;
} Piece;

static const guint8 is_key_char[256] = {
  ['0' ... '9'] = TRUE, ['A' ... 'Z'] = TRUE, ['a' ... 'z'] = TRUE, ['_'] = TRUE,
  ['.'] = TRUE,         ['-'] = TRUE,         ['/'] = TRUE,         ['@'] = TRUE,
};

/* What a backslash takes its meaning from, by RFC 5424, and the other quote; in front of all else it is one itself: a
 * domain stands in front of a user's name. */
static inline gboolean
_is_escaped(gchar c)
{
  return c == '"' || c == '\\' || c == ']' || c == '\'';
}

static Piece
_without_backslashes(Piece value, SiagaArena *arena)
{
  gchar *copy = siaga_arena_alloc(arena, value.length + 1), *out = copy;
  if (!copy)
    return value;
  for (gsize i = 0; i < value.length; i++)
    {
      if (value.text[i] == '\\' && i + 1 < value.length && _is_escaped(value.text[i + 1]))
        i++;
      *out++ = value.text[i];
    }
  return (Piece){ copy, out - copy };
}

static const gchar *
_read_quoted(const gchar *p, const gchar *end, SiagaArena *arena, Piece *value)
{
  gboolean escaped;
  const gchar *close = siaga_quoted_end(p + 1, end, *p, &escaped);
  if (!close)
    return NULL;
  *value = (Piece){ p + 1, close - p - 1 };
  if (escaped)
    *value = _without_backslashes(*value, arena);
  return close + 1;
}

static const gchar *
_read_bare(const gchar *p, const gchar *end, Piece *value)
{
  const gchar *start = p;
  while (p < end && (guchar) *p > ' ')
    p++;
  *value = (Piece){ start, p - start };
  if (value->length && (p[-1] == ',' || p[-1] == ';'))
    value->length--;
  return p;
}

static Piece
_nested_key(Piece parent, Piece key, SiagaArena *arena)
{
  if (!parent.length)
    return key;
  gchar *joined = siaga_arena_alloc(arena, parent.length + 1 + key.length);
  if (!joined)
    return key;
  memcpy(joined, parent.text, parent.length);
  joined[parent.length] = '.';
  memcpy(joined + parent.length + 1, key.text, key.length);
  return (Piece){ joined, parent.length + 1 + key.length };
}

static void
_scan_pairs(SiagaLeaves *self, const gchar *p, const gchar *end, Piece parent, SiagaArena *arena)
{
  while (p < end && self->count < SIAGA_LEAVES)
    {
      while (p < end && !is_key_char[(guchar) *p])
        p++;
      const gchar *start = p;
      while (p < end && is_key_char[(guchar) *p])
        p++;
      if (p == start || p - start > KEY_MAX || p == end || *p != '=')
        continue;
      Piece key = _nested_key(parent, (Piece){ start, p - start }, arena), value;
      gchar quote = p + 1 < end ? p[1] : '\0';
      const gchar *next = quote == '"' || quote == '\'' ? _read_quoted(p + 1, end, arena, &value) : NULL;
      p = next ? next : _read_bare(p + 1, end, &value);
      siaga_leaves_add(self, key.text, key.length, siaga_leaf_hash(key.text, key.length), SIAGA_LEAF_STRING, value.text,
                       value.length);
      if (next && quote == '\'' && !parent.length)
        _scan_pairs(self, value.text, value.text + value.length, key, arena);
    }
}

void
siaga_kv_scan(SiagaLeaves *self, const gchar *text, gsize length, SiagaArena *arena)
{
  _scan_pairs(self, text, text + length, (Piece){ "", 0 }, arena);
}
