/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Looks for the sequences that were chosen: a bit for each gram that is the window of one, and behind the bit what has
 * to stand around it. */

#include "matcher-gate.h"

#include <string.h>

#define GRAMS_MAX 8192 /* of one expression */
#define LONG 512       /* bytes of a text that is costly to ask about */
#define LONG_SUSPECTS_MAX 4

typedef struct
{
  guint32 number; /* of the expression */
  guint32 first;  /* of its masks */
  guint8 length, window;
} Kept;

typedef struct
{
  guint32 gram;
  guint32 sequence;
} Entry;

struct _SiagaGate
{
  const SiagaGateCode *code;
  guint64 *bits;     /* by gram */
  guint32 *before;   /* by word of BITS: the bits before it, once finished */
  guint32 *heads;    /* by set bit: its first entry; one more at the end */
  GArray *entries;   /* of Entry, by gram once finished */
  GArray *sequences; /* of Kept */
  GArray *masks;     /* of guint64 */
};

static gsize
_words(const SiagaGate *self)
{
  return ((gsize) 1 << (self->code->window * self->code->bits)) / 64;
}

SiagaGate *
siaga_gate_new(guint alphabet)
{
  SiagaGate *self = g_new0(SiagaGate, 1);
  self->code = siaga_gate_code(alphabet);
  self->bits = g_new0(guint64, _words(self));
  self->entries = g_array_new(FALSE, FALSE, sizeof(Entry));
  self->sequences = g_array_new(FALSE, FALSE, sizeof(Kept));
  self->masks = g_array_new(FALSE, FALSE, sizeof(guint64));
  return self;
}

void
siaga_gate_free(SiagaGate *self)
{
  if (!self)
    return;
  g_array_unref(self->entries);
  g_array_unref(self->sequences);
  g_array_unref(self->masks);
  g_free(self->bits);
  g_free(self->before);
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

/* The last sequence, under each of its grams. */
static void
_add_grams(SiagaGate *self, const SiagaSequence *sequence, guint place, guint32 gram)
{
  if (place == self->code->window)
    {
      Entry entry = { gram, self->sequences->len - 1 };
      self->bits[gram / 64] |= G_GUINT64_CONSTANT(1) << (gram % 64);
      g_array_append_val(self->entries, entry);
      return;
    }
  for (guint64 mask = sequence->masks[sequence->window + place]; mask; mask &= mask - 1)
    _add_grams(self, sequence, place + 1, gram << self->code->bits | __builtin_ctzll(mask));
}

static void
_keep(SiagaGate *self, const SiagaSequence *sequence, guint number)
{
  Kept kept = { number, self->masks->len, sequence->length, sequence->window };
  g_array_append_val(self->sequences, kept);
  g_array_append_vals(self->masks, sequence->masks, sequence->length);
  _add_grams(self, sequence, 0, 0);
}

gboolean
siaga_gate_add(SiagaGate *self, guint number, const GArray *sequences)
{
  if (!_are_few(self, sequences))
    return FALSE;
  for (guint i = 0; i < sequences->len; i++)
    _keep(self, &g_array_index(sequences, SiagaSequence, i), number);
  return TRUE;
}

static gint
_compare_grams(gconstpointer a, gconstpointer b)
{
  const Entry *one = a, *other = b;
  return one->gram < other->gram ? -1 : one->gram > other->gram;
}

void
siaga_gate_finish(SiagaGate *self)
{
  gsize words = _words(self);
  guint32 count = 0;
  self->before = g_new(guint32, words);
  for (gsize w = 0; w < words; w++)
    {
      self->before[w] = count;
      count += __builtin_popcountll(self->bits[w]);
    }
  g_array_sort(self->entries, _compare_grams);
  self->heads = g_new(guint32, count + 1);
  count = 0;
  for (guint i = 0; i < self->entries->len; i++)
    if (!i || g_array_index(self->entries, Entry, i).gram != g_array_index(self->entries, Entry, i - 1).gram)
      self->heads[count++] = i;
  self->heads[count] = self->entries->len;
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
_fit(const SiagaGateCode *code, const guint64 *masks, guint count, const gchar *text, gsize length, gsize place)
{
  for (guint i = 0; i < count; i++)
    if (!(masks[i] >> _code_at(code, text, length, place + i) & 1))
      return FALSE;
  return TRUE;
}

/* Its window is at PLACE; what stands around it decides. */
static gboolean
_fits(const SiagaGate *self, const Kept *kept, const gchar *text, gsize length, gsize place)
{
  const guint64 *masks = (const guint64 *) self->masks->data + kept->first;
  const guint behind = kept->window + self->code->window;
  if (place < kept->window || place - kept->window + kept->length > length + 2)
    return FALSE;
  return _fit(self->code, masks + behind, kept->length - behind, text, length, place + self->code->window) &&
         _fit(self->code, masks, kept->window, text, length, place - kept->window);
}

/* Somebody's gram begins at PLACE. */
static void
_ask(const SiagaGate *self, guint32 gram, const gchar *text, gsize length, gsize place, SiagaSuspects *suspects)
{
  guint64 lower = self->bits[gram / 64] & ((G_GUINT64_CONSTANT(1) << (gram % 64)) - 1);
  guint32 bit = self->before[gram / 64] + __builtin_popcountll(lower);
  for (guint32 e = self->heads[bit]; e < self->heads[bit + 1]; e++)
    {
      const Kept *kept = &g_array_index(self->sequences, Kept, g_array_index(self->entries, Entry, e).sequence);
      if (_fits(self, kept, text, length, place))
        _suspect(suspects, kept->number, length);
    }
}

/* Both numbers are constants where it is called: shifts by them are what a byte costs. */
static inline __attribute__((always_inline)) void
_look(const SiagaGate *self, const gchar *text, gsize length, SiagaSuspects *suspects, guint window, guint bits)
{
  const guint64 *const there = self->bits;
  const guint8 *const codes = self->code->codes;
  const guint32 all = ((guint32) 1 << (window * bits)) - 1;
  guint32 gram = self->code->frame;

  for (gsize i = 0; i < length; i++)
    {
      gram = (gram << bits | codes[(guchar) text[i]]) & all;
      if (G_LIKELY(!(there[gram / 64] >> (gram % 64) & 1)) || i + 2 < window)
        continue;
      _ask(self, gram, text, length, i + 2 - window, suspects);
      if (suspects->too_many)
        return;
    }
  gram = (gram << bits | self->code->frame) & all;
  if (there[gram / 64] >> (gram % 64) & 1 && length + 2 >= window)
    _ask(self, gram, text, length, length + 2 - window, suspects);
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
