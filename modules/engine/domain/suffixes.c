/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The tree of labels in one open-addressed table. */

#include "config.h"

#include "engine/domain/suffixes.h"
#include "engine/base/pages.h"
#include "engine/domain/name.h"

#include <string.h>

/* A slot is a suffix that is in the set, or that a longer one in the set ends in.  Where it stands comes from its tag:
 * the table can grow without the names.  Different names may have one tag, hence one slot or several: the text decides
 * (names are the attacker's). */
typedef struct
{
  guint32 tag;
  guint32 place : 30; /* of its entry; 0: only on the way to longer ones */
  guint32 has_longer : 1;
  guint32 has_endings : 1; /* the entry is the first of the endings of the next label, or knows them */
} Slot;

G_STATIC_ASSERT(sizeof(Slot) == 8);

/* Entries are named by their place, counted in units of a line of the processor's cache. */
#define UNIT 64
#define BLOCK (SIAGA_WIDE_PAGE / UNIT) /* units */
#define SETTLED (BLOCK / 4)            /* of the first block: large pages are worth it */

typedef struct
{
  guint32 next; /* a name's first ending, an ending's next one */
  guint8 length;
  guint8 named; /* FALSE: it is there for its endings alone */
  guint8 value[] __attribute__((aligned(8)));
} Entry; /* behind the value: the text; of an ending without its "*" */

struct _SiagaSuffixes
{
  Slot *slots;
  gsize mask;
  gsize used;
  guint8 **blocks;
  gsize units; /* given out; unit 0 is none */
  gsize text;  /* offset in an entry */
};

#define FIRST_SIZE 64
#define HASH_START G_GUINT64_CONSTANT(0x9e3779b97f4a7c15)
#define HASH_FACTOR G_GUINT64_CONSTANT(0xff51afd7ed558ccd)
#define BYTES(c) (G_GUINT64_CONSTANT(0x0101010101010101) * (c))
#define WORD sizeof(guint64)

typedef struct
{
  const gchar *text;
  gsize length;
} Name;

/* From a quarter of a large page on, slots lie on large pages. */
static inline gsize
_wide_bytes(gsize slots)
{
  gsize bytes = slots * sizeof(Slot);
  return bytes < SIAGA_WIDE_PAGE / 4 ? 0 : MAX(bytes, SIAGA_WIDE_PAGE);
}

static Slot *
_new_slots(gsize slots)
{
  gsize bytes = _wide_bytes(slots);
  if (!bytes)
    return g_new0(Slot, slots);
  Slot *made = siaga_pages_new(bytes, SIAGA_WIDE_PAGE);
  siaga_pages_widen(made, bytes);
  return made;
}

static void
_free_slots(Slot *slots, gsize count)
{
  gsize bytes = _wide_bytes(count);
  if (bytes)
    siaga_pages_free(slots, bytes);
  else
    g_free(slots);
}

SiagaSuffixes *
siaga_suffixes_new(gsize value_size)
{
  SiagaSuffixes *self = g_new0(SiagaSuffixes, 1);
  self->slots = _new_slots(FIRST_SIZE);
  self->mask = FIRST_SIZE - 1;
  self->text = G_STRUCT_OFFSET(Entry, value) + value_size;
  return self;
}

static gsize
_count_blocks(const SiagaSuffixes *self)
{
  return (self->units + BLOCK - 1) / BLOCK;
}

void
siaga_suffixes_free(SiagaSuffixes *self)
{
  if (!self)
    return;
  for (gsize i = 0; i < _count_blocks(self); i++)
    siaga_pages_free(self->blocks[i], SIAGA_WIDE_PAGE);
  g_free(self->blocks);
  _free_slots(self->slots, self->mask + 1);
  g_free(self);
}

/* Eight letters at once: a byte gets its bit 5 when it is between A and Z. */
static inline guint64
_lower_word(guint64 word)
{
  guint64 low = word & BYTES(0x7f);
  guint64 capitals = (low + BYTES(0x80 - 'A')) & ~(low + BYTES(0x7f - 'Z')) & ~word & BYTES(0x80);
  return word | capitals >> 2;
}

static inline guint64
_load(const gchar *text)
{
  guint64 word;
  memcpy(&word, text, WORD);
  return _lower_word(GUINT64_FROM_LE(word));
}

/* The COUNT characters (1 … 8) before END, the last one in the highest byte that is used.  Nothing outside the name is
 * read. */
static inline guint64
_characters(const Name *name, gsize end, gsize count)
{
  if (G_LIKELY(end >= WORD))
    return _load(name->text + end - WORD) >> 8 * (WORD - count);
  if (name->length >= WORD)
    return _load(name->text) << 8 * (WORD - end) >> 8 * (WORD - count);
  guint64 word = 0;
  for (gsize i = end - count; i < end; i++)
    word = word << 8 | siaga_ascii_lower(name->text[i]);
  return GUINT64_SWAP_LE_BE(word) >> 8 * (WORD - count);
}

static inline guint64
_hash_step(guint64 hash, guint64 word)
{
  hash = (hash ^ word) * HASH_FACTOR;
  return hash ^ (hash >> 29);
}

/* Of the name that begins at START, HASH being that of what stands behind its first label. */
static inline guint64
_hash_label(guint64 hash, const Name *name, gsize start, gsize end)
{
  for (; end - start > WORD; end -= WORD)
    hash = _hash_step(hash, _characters(name, end, WORD));
  return _hash_step(hash, end > start ? _characters(name, end, end - start) : 0);
}

static inline guint32
_tag(guint64 hash)
{
  return hash >> 32;
}

static inline Entry *
_entry(const SiagaSuffixes *self, guint32 place)
{
  return (Entry *) (self->blocks[place / BLOCK] + (gsize) (place % BLOCK) * UNIT);
}

static inline const gchar *
_text(const SiagaSuffixes *self, const Entry *entry)
{
  return (const gchar *) entry + self->text;
}

/* Is the end of NAME of that length the entry's text?  Endings differ in front. */
static inline gboolean
_is_end(const SiagaSuffixes *self, const Entry *entry, const Name *name, gsize length)
{
  if (entry->length != length)
    return FALSE;
  const Name text = { _text(self, entry), length };
  gsize before = name->length - length;
  for (gsize end = 0, count; end < length;)
    {
      count = MIN(length - end, WORD);
      end += count;
      if (_characters(&text, end, count) != _characters(name, before + end, count))
        return FALSE;
    }
  return TRUE;
}

static inline gboolean
_is_free(const Slot *slot)
{
  return !slot->place && !slot->has_longer;
}

/* The first slot of TAG at or behind INDEX, or the free one that ends the search. */
static inline gsize
_next_slot(const SiagaSuffixes *self, guint32 tag, gsize index)
{
  for (index &= self->mask;; index = (index + 1) & self->mask)
    {
      const Slot *slot = &self->slots[index];
      if (slot->tag == tag || _is_free(slot))
        return index;
    }
}

static void
_grow(SiagaSuffixes *self)
{
  Slot *old = self->slots;
  gsize old_size = self->mask + 1;

  self->slots = _new_slots(old_size * 2);
  self->mask = old_size * 2 - 1;
  for (gsize i = 0; i < old_size; i++)
    {
      gsize at = old[i].tag & self->mask;
      if (_is_free(&old[i]))
        continue;
      while (!_is_free(&self->slots[at]))
        at = (at + 1) & self->mask;
      self->slots[at] = old[i];
    }
  _free_slots(old, old_size);
}

/* The slot that belongs to the end of NAME of that length, or one that can become it; a free one counts as used from
 * now on. */
static Slot *
_make_slot(SiagaSuffixes *self, guint64 hash, const Name *name, gsize length)
{
  if ((self->used + 1) * 5 > self->mask * 4)
    _grow(self);
  guint32 tag = _tag(hash);
  Slot *without_entry = NULL;
  for (gsize i = tag;; i++)
    {
      Slot *slot = &self->slots[i = _next_slot(self, tag, i)];
      if (_is_free(slot))
        {
          self->used += without_entry == NULL;
          slot = without_entry ? without_entry : slot;
          slot->tag = tag;
          return slot;
        }
      if (slot->place && _is_end(self, _entry(self, slot->place), name, length))
        return slot;
      if (!slot->place && !without_entry)
        without_entry = slot;
    }
}

/* Where the label that ends at END begins. */
static inline gsize
_label_start(const Name *name, gsize end)
{
  for (; end >= WORD; end -= WORD)
    {
      guint64 word;
      memcpy(&word, name->text + end - WORD, WORD);
      word = GUINT64_FROM_LE(word) ^ BYTES('.');
      guint64 dots = ~(((word & BYTES(0x7f)) + BYTES(0x7f)) | word | BYTES(0x7f));
      if (dots)
        return end - __builtin_clzll(dots) / 8;
    }
  while (end > 0 && name->text[end - 1] != '.')
    end--;
  return end;
}

/* Makes the slots on the way to NAME; gives back its own. */
static Slot *
_make_path(SiagaSuffixes *self, const Name *name)
{
  guint64 hash = HASH_START;
  for (gsize end = name->length;;)
    {
      gsize start = _label_start(name, end);
      hash = _hash_label(hash, name, start, end);
      Slot *slot = _make_slot(self, hash, name, name->length - start);
      if (start == 0)
        return slot;
      slot->has_longer = TRUE;
      end = start - 1;
    }
}

static void
_add_block(SiagaSuffixes *self, gsize count)
{
  self->blocks = g_renew(guint8 *, self->blocks, count + 1);
  self->blocks[count] = siaga_pages_new(SIAGA_WIDE_PAGE, SIAGA_WIDE_PAGE);
  if (count)
    siaga_pages_widen(self->blocks[count], SIAGA_WIDE_PAGE);
}

/* Entries lie within one block; what does not fit into the last one begins a new one.  A small set takes no more of
 * its block than it writes. */
static guint32
_take_units(SiagaSuffixes *self, gsize units)
{
  gsize place = MAX(self->units, 1);
  if (place / BLOCK != (place + units - 1) / BLOCK)
    place = (place + BLOCK - 1) / BLOCK * BLOCK;
  gsize before = _count_blocks(self);
  self->units = place + units;
  if (_count_blocks(self) > before)
    _add_block(self, before);
  if (place < SETTLED && self->units >= SETTLED)
    siaga_pages_widen(self->blocks[0], SIAGA_WIDE_PAGE);
  return place;
}

static guint32
_new_entry(SiagaSuffixes *self, const Name *name, gboolean named, guint32 next)
{
  guint32 place = _take_units(self, (self->text + name->length + UNIT - 1) / UNIT);
  Entry *entry = _entry(self, place);
  entry->next = next;
  entry->length = name->length;
  entry->named = named;
  memcpy((gchar *) entry + self->text, name->text, name->length);
  return place;
}

static Entry *
_add_name(SiagaSuffixes *self, const Name *name, gboolean named, gboolean *new_r)
{
  Slot *slot = _make_path(self, name);
  *new_r = !slot->place;
  if (!slot->place)
    slot->place = _new_entry(self, name, named, 0);
  Entry *entry = _entry(self, slot->place);
  *new_r |= named && !entry->named;
  entry->named |= named;
  return entry;
}

/* TEXT: "kab.go.id" of "*kab.go.id". */
static Entry *
_add_ending(SiagaSuffixes *self, const Name *ending, gboolean *new_r)
{
  gboolean ignored;
  const gchar *dot = memchr(ending->text, '.', ending->length);
  const Name parent = { dot + 1, ending->text + ending->length - dot - 1 };
  Entry *of = _add_name(self, &parent, FALSE, &ignored);
  for (guint32 i = of->next; i; i = _entry(self, i)->next)
    {
      Entry *entry = _entry(self, i);
      if (_is_end(self, entry, ending, ending->length))
        return entry;
    }
  *new_r = TRUE;
  guint32 place = _new_entry(self, ending, TRUE, of->next);
  of->next = place;
  _make_path(self, &parent)->has_endings = TRUE;
  return _entry(self, place);
}

gpointer
siaga_suffixes_add(SiagaSuffixes *self, const gchar *name, gboolean *new_r)
{
  gboolean made = FALSE, ending = name[0] == '*';
  const Name text = { name + ending, strlen(name + ending) };
  Entry *entry = ending ? _add_ending(self, &text, &made) : _add_name(self, &text, TRUE, &made);
  if (new_r)
    *new_r = made;
  return entry->value;
}

typedef struct
{
  Entry *entry;
  gsize length;
} Found;

static Found
_find_ending(const SiagaSuffixes *self, const Entry *of, const Name *name, gsize label_start)
{
  for (guint32 i = of->next; i; i = _entry(self, i)->next)
    {
      Entry *entry = _entry(self, i);
      if (entry->length < name->length - label_start && _is_end(self, entry, name, entry->length))
        return (Found){ entry, name->length - label_start };
    }
  return (Found){ NULL, 0 };
}

/* What the set knows of the suffix that begins at LABEL_START; FALSE when no longer one can match. */
static inline gboolean
_visit(const SiagaSuffixes *self, guint64 hash, const Name *name, gsize label_start, const Entry **endings,
       Found *found)
{
  gsize length = name->length - label_start;
  gboolean more = FALSE;
  guint32 tag = _tag(hash);
  *endings = NULL;
  for (gsize i = tag;; i++)
    {
      const Slot *slot = &self->slots[i = _next_slot(self, tag, i)];
      if (_is_free(slot))
        return more;
      more |= slot->has_longer | slot->has_endings;
      if (!slot->place)
        continue;
      Entry *entry = _entry(self, slot->place);
      if (!_is_end(self, entry, name, length))
        continue;
      if (entry->named)
        *found = (Found){ entry, length };
      *endings = slot->has_endings ? entry : NULL;
      return more;
    }
}

gpointer
siaga_suffixes_find(const SiagaSuffixes *self, const gchar *name, gsize length, gsize *length_r)
{
  guint64 hash = HASH_START;
  Found found = { NULL, 0 };
  const Entry *endings = NULL;
  gboolean more = length > 0 && length <= SIAGA_NAME_MAX;
  const Name whole = { name, length };

  for (gsize end = length, start; more; end = start - 1)
    {
      start = _label_start(&whole, end);
      Found ending = endings ? _find_ending(self, endings, &whole, start) : (Found){ NULL, 0 };
      if (ending.entry)
        found = ending;
      hash = _hash_label(hash, &whole, start, end);
      more = _visit(self, hash, &whole, start, &endings, &found) && start > 0;
    }
  if (length_r)
    *length_r = found.length;
  return found.entry ? found.entry->value : NULL;
}
