/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The prefilter without libhs: a hash table of three-byte grams, looked up at every byte of the subject, and the
 * bytes that short texts need. */

#include "matcher-private.h"

#include "engine/base/ascii.h"

#include <string.h>

#define GRAM 3

typedef struct
{
  guint32 number;          /* of the expression */
  const SiagaNeeds *needs; /* of the alternative; NULL for literals */
  guint32 bucket;
  guint32 offset; /* of the gram in TEXT */
  guint32 length;
  const gchar *text; /* folded */
} Entry;

/* An expression without a gram, and what its alternatives need. */
typedef struct
{
  guint number;
  const GArray *needs; /* of SiagaNeeds; empty: nothing */
} Always;

struct _SiagaGrams
{
  guint bits;
  GArray *entries;   /* of Entry, by bucket once finished */
  guint32 *heads;    /* bucket -> first entry; one more at the end */
  guint64 *occupied; /* a bit per bucket: what the scan looks at first */
  GArray *always;    /* of Always */
  GPtrArray *owned;  /* of gchar* */
};

SiagaGrams *
siaga_grams_new(void)
{
  SiagaGrams *self = g_new0(SiagaGrams, 1);
  self->entries = g_array_new(FALSE, TRUE, sizeof(Entry));
  self->always = g_array_new(FALSE, FALSE, sizeof(Always));
  self->owned = g_ptr_array_new_with_free_func(g_free);
  return self;
}

void
siaga_grams_free(SiagaGrams *self)
{
  if (!self)
    return;
  g_array_unref(self->entries);
  g_array_unref(self->always);
  g_ptr_array_unref(self->owned);
  g_free(self->heads);
  g_free(self->occupied);
  g_free(self);
}

static void
_add_text(SiagaGrams *self, guint number, const SiagaNeeds *needs, const gchar *text, gsize length)
{
  gchar *folded = g_malloc(length + 1);
  for (gsize i = 0; i < length; i++) /* NULs too */
    folded[i] = g_ascii_tolower(text[i]);
  Entry entry = { .number = number, .needs = needs, .length = length, .text = folded };
  g_ptr_array_add(self->owned, folded);
  g_array_append_val(self->entries, entry);
}

/* The first set whose texts all have a gram. */
static const GArray *
_set_with_grams(const SiagaNeeds *needs)
{
  for (guint n = 0; n < needs->count; n++)
    if (siaga_set_shortest(needs->sets[n]) >= GRAM)
      return needs->sets[n];
  return NULL;
}

static gboolean
_all_have_grams(const GArray *needs)
{
  for (guint a = 0; a < needs->len; a++)
    if (!_set_with_grams(&g_array_index(needs, SiagaNeeds, a)))
      return FALSE;
  return needs->len > 0;
}

void
siaga_grams_add(SiagaGrams *self, guint number, const SiagaExpression *expression)
{
  Always always = { number, expression->needs };
  gboolean literal = !expression->code && expression->length >= GRAM;
  if (literal)
    _add_text(self, number, NULL, expression->text, expression->length);
  else if (!_all_have_grams(expression->needs))
    {
      g_array_append_val(self->always, always);
      return;
    }
  for (guint a = 0; !literal && a < expression->needs->len; a++)
    {
      const SiagaNeeds *needs = &g_array_index(expression->needs, SiagaNeeds, a);
      const GArray *set = _set_with_grams(needs);
      for (guint i = 0; i < set->len; i++)
        {
          const SiagaNeededText *text = &g_array_index(set, SiagaNeededText, i);
          _add_text(self, number, needs, text->text, text->length);
        }
    }
}

guint
siaga_grams_size(const SiagaGrams *self)
{
  return self->entries->len + self->always->len;
}

static inline guint32
_hash(guint32 gram, guint bits)
{
  return (gram * 0x9e3779b1u) >> (32 - bits);
}

/* Letters differ from their other case in this bit; that a few signs fall together too costs a comparison. */
#define CASE_BIT 0x20

static inline guint32
_next_gram(guint32 gram, gchar c)
{
  return (gram << 8 | (guchar) c | CASE_BIT) & 0xffffff;
}

static inline guint32
_gram_at(const gchar *text)
{
  return _next_gram(_next_gram(_next_gram(0, text[0]), text[1]), text[2]);
}

/* Each text goes into the emptiest of the buckets its grams lead to. */
static void
_choose_gram(const SiagaGrams *self, Entry *entry, guint32 *load)
{
  guint32 best = G_MAXUINT32;
  for (guint32 i = 0; i + GRAM <= entry->length && i < 64; i++)
    {
      guint32 bucket = _hash(_gram_at(entry->text + i), self->bits);
      if (load[bucket] >= best)
        continue;
      best = load[bucket];
      entry->offset = i;
      entry->bucket = bucket;
    }
  load[entry->bucket]++;
}

static gint
_compare_buckets(gconstpointer a, gconstpointer b)
{
  const Entry *x = a, *y = b;
  return x->bucket != y->bucket ? (x->bucket < y->bucket ? -1 : 1) : (x->number > y->number) - (x->number < y->number);
}

void
siaga_grams_finish(SiagaGrams *self)
{
  guint count = self->entries->len;

  for (self->bits = 10; self->bits < 18 && (1u << self->bits) < count * 8; self->bits++)
    ;
  guint32 buckets = 1u << self->bits;
  guint32 *load = g_new0(guint32, buckets);
  for (guint i = 0; i < count; i++)
    _choose_gram(self, &g_array_index(self->entries, Entry, i), load);
  g_array_sort(self->entries, _compare_buckets);
  self->heads = g_new0(guint32, buckets + 1);
  self->occupied = g_new0(guint64, buckets / 64);
  for (guint32 b = 0, next = 0; b < buckets; b++)
    {
      self->heads[b] = next;
      if (load[b])
        self->occupied[b / 64] |= G_GUINT64_CONSTANT(1) << (b % 64);
      next += load[b];
    }
  self->heads[buckets] = count;
  g_free(load);
}

/* The ends are looked at first: a client repeats a gram that begins alike as often as it likes. */
static gboolean
_text_is_at(const Entry *entry, const SiagaScan *scan, gsize gram)
{
  if (gram < entry->offset || gram - entry->offset + entry->length > scan->length)
    return FALSE;
  const gchar *p = scan->subject + gram - entry->offset;
  const guint32 last = entry->length - 1;
  if (siaga_ascii_lower(p[last]) != (guchar) entry->text[last])
    return FALSE;
  for (guint32 i = 0; i < last; i++)
    if (siaga_ascii_lower(p[i]) != (guchar) entry->text[i])
      return FALSE;
  return TRUE;
}

static void
_look_up(const SiagaGrams *self, SiagaScan *scan, guint32 bucket, gsize gram)
{
  for (guint32 e = self->heads[bucket]; e < self->heads[bucket + 1]; e++)
    {
      const Entry *entry = &g_array_index(self->entries, Entry, e);
      if (scan->hits[entry->number / 64] >> (entry->number % 64) & 1)
        continue;
      if (_text_is_at(entry, scan, gram) && (!entry->needs || siaga_scan_has_bytes(scan, entry->needs)))
        siaga_scan_candidate(scan, entry->number, gram - entry->offset + entry->length);
    }
}

static gboolean
_may_match(const Always *self, SiagaScan *scan)
{
  for (guint a = 0; a < self->needs->len; a++)
    if (siaga_scan_has_bytes(scan, &g_array_index(self->needs, SiagaNeeds, a)))
      return TRUE;
  return !self->needs->len;
}

static void
_try_always(const SiagaGrams *self, SiagaScan *scan)
{
  for (guint i = 0; i < self->always->len; i++)
    {
      const Always *always = &g_array_index(self->always, Always, i);
      if (_may_match(always, scan))
        siaga_scan_candidate(scan, always->number, G_MAXSIZE);
    }
}

static void
_scan_for_grams(const SiagaGrams *self, SiagaScan *scan)
{
  const guint64 *occupied = self->occupied;
  const guint bits = self->bits;
  guint32 gram = 0;

  for (gsize i = 0; i < scan->length; i++)
    {
      gram = _next_gram(gram, scan->subject[i]);
      const guint32 bucket = _hash(gram, bits);
      if (G_UNLIKELY(occupied[bucket / 64] >> (bucket % 64) & 1) && i >= GRAM - 1)
        _look_up(self, scan, bucket, i - (GRAM - 1));
    }
}

void
siaga_grams_scan(const SiagaGrams *self, SiagaScan *scan)
{
  if (self->entries->len)
    _scan_for_grams(self, scan);
  if (self->always->len)
    _try_always(self, scan);
}
