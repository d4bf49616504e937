/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The tree of labels in one open-addressed table. */

#include "engine/domain/suffixes.h"
#include "engine/domain/name.h"

#include <string.h>

/* A node is a suffix that is in the set, or that a longer one in the set ends in.  Large tables do not fit into a
 * processor's cache: a look-up should touch few of its lines. */
typedef struct
{
  guint64 hash;           /* 0: free */
  guint32 entry;          /* 0: only on the way to longer ones */
  guint32 patterns : 31;  /* entry: first of the endings of the next label */
  guint32 has_longer : 1; /* nodes of one label more exist */
} Node;

/* Entries are named by their place in one block, counted in units; 0 is none. */
#define UNIT 8

typedef struct
{
  guint32 value;
  guint32 next; /* entry: the next pattern of the same node */
  guint16 length;
  gchar text[]; /* the suffix; of a pattern without its "*" */
} Entry;

struct _SiagaSuffixes
{
  Node *nodes;
  gsize mask;
  gsize used;
  guint8 *entries;
  gsize entries_used, entries_size; /* units */
};

#define FIRST_SIZE 64
#define HASH_START G_GUINT64_CONSTANT(0x9e3779b97f4a7c15)
#define HASH_FACTOR G_GUINT64_CONSTANT(0xff51afd7ed558ccd)

SiagaSuffixes *
siaga_suffixes_new(void)
{
  SiagaSuffixes *self = g_new0(SiagaSuffixes, 1);
  self->nodes = g_new0(Node, FIRST_SIZE);
  self->mask = FIRST_SIZE - 1;
  self->entries_used = 1;
  return self;
}

void
siaga_suffixes_free(SiagaSuffixes *self)
{
  if (!self)
    return;
  g_free(self->nodes);
  g_free(self->entries);
  g_free(self);
}

static inline guint64
_hash_step(guint64 hash, gchar c)
{
  hash = (hash ^ siaga_name_lower(c)) * HASH_FACTOR;
  return hash ^ (hash >> 29);
}

static inline Node *
_slot(const SiagaSuffixes *self, guint64 hash)
{
  gsize i = hash & self->mask;
  while (self->nodes[i].hash && self->nodes[i].hash != hash)
    i = (i + 1) & self->mask;
  return &self->nodes[i];
}

static void
_grow(SiagaSuffixes *self)
{
  Node *old = self->nodes;
  gsize old_size = self->mask + 1;

  self->nodes = g_new0(Node, old_size * 2);
  self->mask = old_size * 2 - 1;
  for (gsize i = 0; i < old_size; i++)
    if (old[i].hash)
      *_slot(self, old[i].hash) = old[i];
  g_free(old);
}

static Node *
_make_node(SiagaSuffixes *self, guint64 hash)
{
  if (self->used * 2 > self->mask)
    _grow(self);
  Node *node = _slot(self, hash);
  if (!node->hash)
    {
      node->hash = hash;
      self->used++;
    }
  return node;
}

/* Makes the nodes on the way to NAME; gives back its own. */
static Node *
_make_path(SiagaSuffixes *self, const gchar *name, gsize length)
{
  guint64 hash = HASH_START;
  for (gsize i = length; i-- > 0;)
    {
      if (name[i] == '.')
        _make_node(self, hash)->has_longer = TRUE;
      hash = _hash_step(hash, name[i]);
    }
  return _make_node(self, hash);
}

static inline Entry *
_entry(const SiagaSuffixes *self, guint32 place)
{
  return (Entry *) (self->entries + (gsize) place * UNIT);
}

static guint32
_new_entry(SiagaSuffixes *self, const gchar *text, guint32 value, guint32 next)
{
  gsize length = strlen(text), units = (sizeof(Entry) + length + 1 + UNIT - 1) / UNIT;
  if (self->entries_used + units > self->entries_size)
    {
      self->entries_size = (self->entries_used + units) * 2;
      self->entries = g_realloc_n(self->entries, self->entries_size, UNIT);
    }
  guint32 place = self->entries_used;
  Entry *entry = _entry(self, place);
  self->entries_used += units;
  entry->value = value;
  entry->next = next;
  entry->length = length;
  memcpy(entry->text, text, length + 1);
  return place;
}

static Entry *
_find_pattern(const SiagaSuffixes *self, const Node *node, const gchar *text)
{
  for (guint32 i = node->patterns; i; i = _entry(self, i)->next)
    if (strcmp(_entry(self, i)->text, text) == 0)
      return _entry(self, i);
  return NULL;
}

/* Gives back the entry of NAME; NEW_R tells whether it was made now. */
static Entry *
_make_entry(SiagaSuffixes *self, const gchar *name, guint32 value, gboolean *new_r)
{
  gboolean pattern = name[0] == '*';
  const gchar *text = pattern ? name + 1 : name;
  const gchar *parent = pattern ? strchr(text, '.') + 1 : text;
  Node *node = _make_path(self, parent, strlen(parent));
  Entry *old = pattern ? _find_pattern(self, node, text) : node->entry ? _entry(self, node->entry) : NULL;

  *new_r = old == NULL;
  if (old)
    return old;
  guint32 place = _new_entry(self, text, value, pattern ? node->patterns : 0);
  if (pattern)
    node->patterns = place;
  else
    node->entry = place;
  return _entry(self, place);
}

guint32
siaga_suffixes_add(SiagaSuffixes *self, const gchar *name, guint32 value)
{
  gboolean made;
  Entry *entry = _make_entry(self, name, value, &made);
  return made ? 0 : entry->value;
}

void
siaga_suffixes_replace(SiagaSuffixes *self, const gchar *name, guint32 value)
{
  gboolean made;
  _make_entry(self, name, value, &made)->value = value;
}

/* Hashes may collide, and names are the attacker's: the text decides. */
static inline gboolean
_ends_in(const gchar *name, gsize length, const Entry *entry)
{
  if (entry->length > length)
    return FALSE;
  const gchar *tail = name + length - entry->length;
  for (gsize i = 0; i < entry->length; i++)
    if (siaga_name_lower(tail[i]) != (guchar) entry->text[i])
      return FALSE;
  return TRUE;
}

static const Entry *
_match_pattern(const SiagaSuffixes *self, const Node *node, const gchar *name, gsize length, gsize label_start)
{
  for (guint32 i = node->patterns; i; i = _entry(self, i)->next)
    {
      const Entry *entry = _entry(self, i);
      if (entry->length < length - label_start && _ends_in(name, length, entry))
        return entry;
    }
  return NULL;
}

typedef struct
{
  const Entry *entry;
  gsize length;
} Found;

/* A label ends at BORDER (its first character); FALSE when no longer suffix can match. */
static inline gboolean
_visit(const SiagaSuffixes *self, guint64 hash, const gchar *name, gsize length, gsize border, const Node **parent,
       Found *found)
{
  if (*parent && (*parent)->patterns)
    {
      const Entry *pattern = _match_pattern(self, *parent, name, length, border);
      if (pattern)
        *found = (Found){ pattern, length - border };
    }
  const Node *node = _slot(self, hash);
  if (!node->hash)
    return FALSE;
  *parent = node;
  if (node->entry && _ends_in(name, length, _entry(self, node->entry)))
    *found = (Found){ _entry(self, node->entry), length - border };
  return node->has_longer || node->patterns;
}

guint32
siaga_suffixes_find(const SiagaSuffixes *self, const gchar *name, gsize length, gsize *length_r)
{
  guint64 hash = HASH_START;
  Found found = { NULL, 0 };
  const Node *parent = NULL;
  gboolean more = length > 0 && length <= SIAGA_NAME_MAX;

  for (gsize i = length; more && i-- > 0;)
    {
      if (name[i] == '.')
        more = _visit(self, hash, name, length, i + 1, &parent, &found);
      hash = _hash_step(hash, name[i]);
    }
  if (more)
    _visit(self, hash, name, length, 0, &parent, &found);
  if (length_r)
    *length_r = found.length;
  return found.entry ? found.entry->value : 0;
}
