/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Looks for the sequences that were chosen: a bit for each gram that is the window of one, and behind the bit what has
 * to stand around it. */

#include "matcher-gate.h"

#include <string.h>

#define GRAMS_MAX 8192 /* of one expression */
#define ENDS 2         /* behind a text: short sequences have a window there */
#define LONG 512       /* bytes of a text that is costly to ask about */
#define LONG_SUSPECTS_MAX 4
#define PENDING 16

/* A sequence under one of its grams: all that most questions need stands together, and in little room. */
typedef struct
{
  guint32 first;  /* of its masks */
  guint16 number; /* of the expression */
  guint16 mask;   /* the number of the one that is asked first */
  guint8 beside;  /* and its place */
  guint8 length, window;
} Entry;

/* One on its way into its place. */
typedef struct
{
  guint32 gram;
  Entry entry;
} Listed;

/* Bits of 64 grams, and how many bits there are before them. */
typedef struct
{
  guint64 bits;
  guint64 before;
} Cell;

struct _SiagaGate
{
  const SiagaGateCode *code;
  guint64 *starts; /* a bit for all but the last code of a gram: few enough to stay near */
  Cell *cells;
  guint32 *heads;                   /* by set bit: its first entry; one more at the end */
  GArray *building_entries;         /* of Listed, NULL once finished */
  GArray *building_masks;           /* of guint16, NULL once finished */
  GHashTable *numbers;              /* mask -> its number and one, NULL once finished */
  guint64 last[SIAGA_SEQUENCE_MAX]; /* masks of the sequence that came before: the next begins alike */
  guint16 last_numbers[SIAGA_SEQUENCE_MAX];
  guint8 last_sizes[SIAGA_SEQUENCE_MAX]; /* how many codes they have */
  Entry *entries;                        /* by gram */
  guint16 *masks;                        /* of sequences: numbers of DISTINCT, of which many sequences have the same */
  GArray *distinct;                      /* of guint64 */
};

static gsize
_cells(const SiagaGate *self)
{
  return ((gsize) 1 << (self->code->window * self->code->bits)) / 64;
}

SiagaGate *
siaga_gate_new(guint alphabet)
{
  SiagaGate *self = g_new0(SiagaGate, 1);
  self->code = siaga_gate_code(alphabet);
  self->starts = g_new0(guint64, (_cells(self) >> self->code->bits) + 1);
  self->cells = g_new0(Cell, _cells(self));
  self->building_entries = g_array_new(FALSE, FALSE, sizeof(Listed));
  self->building_masks = g_array_new(FALSE, FALSE, sizeof(guint16));
  self->numbers = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
  self->distinct = g_array_new(FALSE, FALSE, sizeof(guint64));
  return self;
}

void
siaga_gate_free(SiagaGate *self)
{
  if (!self)
    return;
  g_clear_pointer(&self->building_entries, g_array_unref);
  g_clear_pointer(&self->building_masks, g_array_unref);
  g_clear_pointer(&self->numbers, g_hash_table_unref);
  g_array_unref(self->distinct);
  g_free(self->entries);
  g_free(self->masks);
  g_free(self->starts);
  g_free(self->cells);
  g_free(self->heads);
  g_free(self);
}

/* --- building ------------------------------------------------------------------------------------------------------
 */

static guint
_grams_of(const SiagaGate *self, const SiagaSequence *sequence)
{
  guint count = 1;
  for (guint i = 0; i < self->code->window; i++)
    count *= __builtin_popcountll(sequence->masks[sequence->window + i]);
  return count;
}

static gboolean
_are_few(const SiagaGate *self, const GArray *sequences)
{
  guint grams = 0;
  for (guint i = 0; i < sequences->len && grams <= GRAMS_MAX; i++)
    grams += _grams_of(self, &g_array_index(sequences, SiagaSequence, i));
  return grams <= GRAMS_MAX;
}

static void
_set(guint64 *bits, guint32 number)
{
  bits[number / 64] |= G_GUINT64_CONSTANT(1) << (number % 64);
}

static inline gboolean
_is_set(const guint64 *bits, guint32 number)
{
  return bits[number / 64] >> (number % 64) & 1;
}

/* LISTED, under each gram of its window. */
static void
_add_grams(SiagaGate *self, const SiagaSequence *sequence, Listed *listed, guint place, guint32 gram)
{
  if (place == self->code->window)
    {
      listed->gram = gram;
      _set(self->starts, gram >> self->code->bits);
      self->cells[gram / 64].bits |= G_GUINT64_CONSTANT(1) << (gram % 64);
      g_array_append_vals(self->building_entries, listed, 1);
      return;
    }
  for (guint64 mask = sequence->masks[sequence->window + place]; mask; mask &= mask - 1)
    _add_grams(self, sequence, listed, place + 1, gram << self->code->bits | __builtin_ctzll(mask));
}

static guint16
_number_of_mask(SiagaGate *self, guint64 mask)
{
  guint known = GPOINTER_TO_UINT(g_hash_table_lookup(self->numbers, &mask));
  if (known)
    return known - 1;
  g_array_append_val(self->distinct, mask);
  g_hash_table_insert(self->numbers, g_memdup2(&mask, sizeof mask), GUINT_TO_POINTER(self->distinct->len));
  return self->distinct->len - 1;
}

static void
_number_places(SiagaGate *self, const SiagaSequence *sequence)
{
  for (guint i = 0; i < sequence->length; i++)
    if (self->last[i] != sequence->masks[i])
      {
        self->last[i] = sequence->masks[i];
        self->last_numbers[i] = _number_of_mask(self, sequence->masks[i]);
        self->last_sizes[i] = __builtin_popcountll(sequence->masks[i]);
      }
}

/* The narrowest place beside the window of what was numbered last; one of the window when there is no other. */
static guint
_place_to_ask(const SiagaGate *self, const SiagaSequence *sequence)
{
  guint best = sequence->window, least = 65;
  for (guint i = 0; i < sequence->length; i++)
    {
      if ((i >= sequence->window && i < sequence->window + self->code->window) || self->last_sizes[i] >= least)
        continue;
      best = i;
      least = self->last_sizes[i];
    }
  return best;
}

static void
_keep(SiagaGate *self, const SiagaSequence *sequence, guint number)
{
  _number_places(self, sequence);
  guint beside = _place_to_ask(self, sequence);
  Listed listed = { .entry = { .first = self->building_masks->len,
                               .number = number,
                               .mask = self->last_numbers[beside],
                               .beside = beside,
                               .length = sequence->length,
                               .window = sequence->window } };
  g_array_append_vals(self->building_masks, self->last_numbers, sequence->length);
  _add_grams(self, sequence, &listed, 0, 0);
}

gboolean
siaga_gate_add(SiagaGate *self, guint number, const GArray *sequences)
{
  if (!_are_few(self, sequences) || self->distinct->len + sequences->len * SIAGA_SEQUENCE_MAX > G_MAXUINT16 ||
      number > G_MAXUINT16)
    return FALSE;
  for (guint i = 0; i < sequences->len; i++)
    _keep(self, &g_array_index(sequences, SiagaSequence, i), number);
  return TRUE;
}

/* Which of the bits that are set is GRAM's. */
static inline guint32
_bit_of(const SiagaGate *self, guint32 gram)
{
  const Cell *cell = &self->cells[gram / 64];
  return cell->before + __builtin_popcountll(cell->bits & ((G_GUINT64_CONSTANT(1) << (gram % 64)) - 1));
}

/* The bytes of ARRAY, which is taken over, and none that it kept for more. */
static gpointer
_take_exactly(GArray **array)
{
  const gsize size = (gsize) (*array)->len * g_array_get_element_size(*array);
  gpointer bytes = g_array_free(*array, FALSE);
  *array = NULL;
  return g_realloc(bytes, size);
}

/* In the order of their grams, of which there are BITS; those of one in the order in which they came. */
static void
_place_entries(SiagaGate *self, guint32 bits)
{
  const Listed *listed = (const Listed *) self->building_entries->data;
  const guint32 count = self->building_entries->len;
  guint32 *next = g_new0(guint32, bits + 1);
  self->heads = g_new(guint32, bits + 1);
  self->entries = g_new(Entry, count);
  for (guint32 i = 0; i < count; i++)
    next[_bit_of(self, listed[i].gram)]++;
  for (guint32 bit = 0, sum = 0; bit <= bits; bit++)
    {
      self->heads[bit] = sum;
      sum += next[bit];
      next[bit] = self->heads[bit];
    }
  for (guint32 i = 0; i < count; i++)
    self->entries[next[_bit_of(self, listed[i].gram)]++] = listed[i].entry;
  g_free(next);
  g_clear_pointer(&self->building_entries, g_array_unref);
}

void
siaga_gate_finish(SiagaGate *self)
{
  guint32 count = 0;
  for (gsize i = 0; i < _cells(self); i++)
    {
      self->cells[i].before = count;
      count += __builtin_popcountll(self->cells[i].bits);
    }
  _place_entries(self, count);
  self->masks = _take_exactly(&self->building_masks);
  g_clear_pointer(&self->numbers, g_hash_table_unref);
}

/* --- looking -------------------------------------------------------------------------------------------------------
 */

static void
_suspect(SiagaSuspects *suspects, guint number, gsize length)
{
  for (guint i = 0; i < suspects->count; i++)
    if (suspects->numbers[i] == number)
      return;
  if (suspects->count == (length > LONG ? LONG_SUSPECTS_MAX : SIAGA_SUSPECTS_MAX))
    suspects->too_many = TRUE;
  else
    suspects->numbers[suspects->count++] = number;
}

/* PLACE counts the frame before the text. */
static inline guint
_code_at(const SiagaGateCode *code, const gchar *text, gsize length, gsize place)
{
  return place == 0 || place > length ? code->frame : code->codes[(guchar) text[place - 1]];
}

static gboolean
_fit(const SiagaGate *self, const guint16 *masks, guint count, const gchar *text, gsize length, gsize place)
{
  const guint64 *distinct = (const guint64 *) self->distinct->data;
  for (guint i = 0; i < count; i++)
    if (!(distinct[masks[i]] >> _code_at(self->code, text, length, place + i) & 1))
      return FALSE;
  return TRUE;
}

/* Its window is at PLACE; what stands around it decides. */
static gboolean
_fits(const SiagaGate *self, const Entry *entry, const gchar *text, gsize length, gsize place)
{
  const guint behind = entry->window + self->code->window;
  if (place < entry->window || place - entry->window + entry->length > length + 1 + ENDS)
    return FALSE;
  const gsize start = place - entry->window;
  if (!(g_array_index(self->distinct, guint64, entry->mask) >>
            _code_at(self->code, text, length, start + entry->beside) &
        1))
    return FALSE;
  const guint16 *masks = self->masks + entry->first;
  return _fit(self, masks + behind, entry->length - behind, text, length, start + behind) &&
         _fit(self, masks, entry->window, text, length, start);
}

/* Places where somebody's gram begins.  What is known of grams seldom is in a cache, so several are asked for before
 * the first is read. */
typedef struct
{
  guint32 bits[PENDING];
  gsize places[PENDING];
  guint count;
} Pending;

static void
_ask(const SiagaGate *self, guint32 bit, const gchar *text, gsize length, gsize place, SiagaSuspects *suspects)
{
  for (guint32 e = self->heads[bit]; e < self->heads[bit + 1]; e++)
    {
      const Entry *entry = &self->entries[e];
      if (_fits(self, entry, text, length, place))
        _suspect(suspects, entry->number, length);
    }
}

static void
_ask_pending(const SiagaGate *self, Pending *pending, const gchar *text, gsize length, SiagaSuspects *suspects)
{
  for (guint i = 0; i < pending->count; i++)
    __builtin_prefetch(&self->entries[self->heads[pending->bits[i]]]);
  for (guint i = 0; i < pending->count && !suspects->too_many; i++)
    _ask(self, pending->bits[i], text, length, pending->places[i], suspects);
  pending->count = 0;
}

static inline void
_note(const SiagaGate *self, Pending *pending, guint32 gram, const gchar *text, gsize length, gsize place,
      SiagaSuspects *suspects)
{
  if (pending->count == PENDING)
    _ask_pending(self, pending, text, length, suspects);
  const guint32 bit = _bit_of(self, gram);
  __builtin_prefetch(&self->heads[bit]);
  pending->bits[pending->count] = bit;
  pending->places[pending->count++] = place;
}

/* Both numbers are constants where it is called: shifts by them are what a byte costs. */
static inline __attribute__((always_inline)) void
_look(const SiagaGate *self, const gchar *text, gsize length, SiagaSuspects *suspects, guint window, guint bits)
{
  const Cell *const cells = self->cells;
  const guint64 *const starts = self->starts;
  const guint8 *const codes = self->code->codes;
  const guint32 all = ((guint32) 1 << (window * bits)) - 1;
  guint32 gram = self->code->frame;
  Pending pending;

  pending.count = 0;
  for (gsize i = 0; i < length; i++)
    {
      gram = (gram << bits | codes[(guchar) text[i]]) & all;
      if (G_LIKELY(!_is_set(starts, gram >> bits)))
        continue;
      if (!(cells[gram / 64].bits >> (gram % 64) & 1) || i + 2 < window)
        continue;
      _note(self, &pending, gram, text, length, i + 2 - window, suspects);
      if (suspects->too_many)
        return;
    }
  for (gsize end = length + 2; end <= length + ENDS + 1; end++)
    {
      gram = (gram << bits | self->code->frame) & all;
      if (cells[gram / 64].bits >> (gram % 64) & 1 && end >= window)
        _note(self, &pending, gram, text, length, end - window, suspects);
    }
  _ask_pending(self, &pending, text, length, suspects);
}

void
siaga_gate_look(const SiagaGate *self, const gchar *text, gsize length, SiagaSuspects *suspects)
{
  suspects->count = 0;
  suspects->too_many = FALSE;
  if (self->code->window == 4 && self->code->bits == 5)
    _look(self, text, length, suspects, 4, 5);
  else
    _look(self, text, length, suspects, self->code->window, self->code->bits);
}
