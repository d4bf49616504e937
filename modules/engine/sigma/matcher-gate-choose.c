/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Of all that the matches of a regex have in common, the sequence of bytes that ordinary text has least. */

#include "matcher-gate.h"

#include <string.h>

#define SEQUENCES_MAX 200     /* of one place of a regex */
#define FAMILIAR 0.0003       /* how much likelier a gram is for each word of ordinary sites that has it */
#define FAMILIAR_GRAMS_MAX 64 /* of a window; of more, the words are asked */
#define NEIGHBOUR 0.2         /* no byte beside a window is rarer: bytes of a word come together */
#define RARE 0.000002         /* nobody looks for something rarer */
#define SIGN 0.0005           /* how often a sign is met that is not named */
#define COMMON 0.01           /* likelier expressions would be suspects too often */
#define FRAME 0.03            /* an end, for each place of a text */

/* How often letters, any digit, and some signs are met in requests and names. */
static const gdouble letters[] = {
  .085, .015, .025, .030, .080, .012, .020, .020, .065, .005, .022, .035, .028,
  .060, .040, .028, .001, .045, .045, .050, .030, .008, .008, .003, .012, .003,
};
#define DIGIT .009
static const gchar signs[] = "/.-=&?%+,: ";
static const gdouble sign_likelihoods[] = { .060, .025, .033, .012, .008, .005, .010, .008, .003, .005, .010 };

/* The bytes of a code; rare letters share one where signs need it more.  All others are one code. */
#define FEW_LETTERS                                                                                                    \
  "a", "b", "c", "d", "e", "f", "g", "h", "i", "jy", "kq", "l", "m", "n", "o", "p", "r", "s", "t", "u", "vw", "xz"
static const gchar *const plain[] = { FEW_LETTERS, "0", "123456789", "/", ".", "-_", "=", "&?", "%", NULL };
static const gchar *const spoken[] = { FEW_LETTERS, "0123456789", "/", ".", "-_", " ", "(", "=&?%", ")", NULL };
static const gchar *const finest[] = {
  "a", "b", "c", "d", "e", "f", "g",  "h", "i", "j", "k", "l", "m", "n", "o",  "p", "q", "r",         "s", "t",  "u",
  "v", "w", "x", "y", "z", "/", ".",  "-", "_", "=", "&", "?", "%", "+", ",",  ":", " ", "(",         ")", ";",  "'",
  "<", ">", "|", "`", "$", "{", "\"", "}", "[", "]", "!", "@", "*", "#", "\\", "~", "0", "123456789", "^", NULL,
};

static const struct
{
  guint window, bits;
  const gchar *const *codes;
} kinds[SIAGA_ALPHABETS] = { { 4, 5, plain }, { 4, 5, spoken }, { 3, 6, finest } };

/* Of ordinary targets, hosts and agents: what they have in common with attacks selects little. */
static const gchar familiar[] =
    "index.php index.html.htm login.php admin/login user/login upload uploads/ download /wp-content/ wp-json/wp/v2/ "
    "/wp-includes/ /wp-admin/ /storage/ /assets/css/ /assets/js/ /assets/images/ /img/ /css/ /js/ /static/ /themes/ "
    /* files of pages are asked for most, and a word that comes more often is met more often */
    "/wp-content/uploads/2026/01/ /wp-content/uploads/2025/12/ /wp-content/themes/ /uploads/2026/ /wp-content/plugins/ "
    "/assets/uploads/ /storage/uploads/ /images/ /images/ /img/ /assets/ /static/ /fonts/ /css/ /js/app.js /app.css "
    "/plugins/ /media/ /files/ /public/ /content/ /search?q= ?page= ?id= &id= /api/v1/ /data/ /form/ /show/ /view/ "
    "/berita/ /artikel/ /pengumuman/ /layanan/ /profil/ /agenda/ /galeri/ /dokumen/ /unduh/ 2024 2025 2026 bootstrap "
    "jquery.min.js style.css main.js font .woff2 ?v=1.2.3 .min. -150x150.jpg judi online password token= &token= "
    "index.php?page= index.php?id= detail.php?id= .html?page=1 =1&id=2 &tahun=2026& =https://www. %20dan%20 +dan+ "
    "http https://www. .go.id .com/ .css .js .jpg .jpeg .png .svg .gif .ico .pdf .json .xml .txt robots.txt sitemap "
    "favicon.ico mozilla/5.0 (windows nt 10.0; win64; x64) applewebkit/537.36 (khtml, like gecko) chrome/ safari/ "
    "firefox/ mobile android linux iphone version/ compatible; bot.html googlebot";

/* --- codes ---------------------------------------------------------------------------------------------------------
 */

typedef struct
{
  guint32 gram, times;
} FamiliarGram;

typedef struct
{
  SiagaGateCode code;
  gdouble likelihoods[64];                    /* by code */
  gdouble sums[8][256];                       /* of eight codes each, by their bits */
  GHashTable *familiar;                       /* gram -> how often FAMILIAR has it */
  guint64 *is_familiar;                       /* by gram, a bit: most have none */
  GArray *by_code[SIAGA_GATE_WINDOW_MAX][64]; /* of FamiliarGram: the same, by each of their codes */
  guint64 any;                                /* codes of all bytes, and the frame */
} Language;

static gdouble
_byte_likelihood(guint byte)
{
  const gchar *sign = byte ? strchr(signs, byte) : NULL;
  if (g_ascii_islower(byte))
    return letters[byte - 'a'];
  if (g_ascii_isdigit(byte))
    return DIGIT;
  return sign ? sign_likelihoods[sign - signs] : 0;
}

/* Letters are the same in either case. */
static void
_name_bytes(Language *self, const gchar *bytes, guint code)
{
  self->likelihoods[code] = 0;
  for (; *bytes; bytes++)
    {
      self->code.codes[(guchar) *bytes] = self->code.codes[(guchar) g_ascii_toupper(*bytes)] = code;
      self->likelihoods[code] += _byte_likelihood((guchar) *bytes);
    }
  self->likelihoods[code] = MAX(self->likelihoods[code], SIGN);
}

static void
_name_others(Language *self)
{
  memset(self->code.codes, self->code.other, sizeof self->code.codes);
  for (guint code = 0; code < 64; code++)
    self->likelihoods[code] = SIGN;
  self->likelihoods[self->code.frame] = FRAME;
}

/* Of the bytes that no code was named for. */
static void
_rate_others(Language *self, guint alphabet)
{
  gdouble sum = 0;
  for (guint byte = 0; byte < 256; byte++)
    if (self->code.codes[byte] == self->code.other && siaga_byte_set_has(siaga_alphabet(alphabet), byte))
      sum += _byte_likelihood(byte);
  self->likelihoods[self->code.other] = MAX(sum, SIGN);
}

/* SPACE: the code of what stands between the words. */
static void
_note_words(Language *self, guint space)
{
  guint32 gram = space, all = ((guint32) 1 << (self->code.window * self->code.bits)) - 1;
  for (guint i = 0; familiar[i]; i++)
    {
      guint code = familiar[i] == ' ' ? space : self->code.codes[(guchar) familiar[i]];
      gram = (gram << self->code.bits | code) & all;
      gpointer key = GUINT_TO_POINTER(gram);
      guint times = GPOINTER_TO_UINT(g_hash_table_lookup(self->familiar, key));
      g_hash_table_insert(self->familiar, key, GUINT_TO_POINTER(times + 1));
      self->is_familiar[gram / 64] |= G_GUINT64_CONSTANT(1) << (gram % 64);
    }
}

static void
_list_gram(gpointer key, gpointer times, gpointer data)
{
  Language *self = data;
  FamiliarGram gram = { GPOINTER_TO_UINT(key), GPOINTER_TO_UINT(times) };
  guint32 codes = gram.gram;
  for (guint place = self->code.window; place-- > 0; codes >>= self->code.bits)
    g_array_append_val(self->by_code[place][codes & self->code.frame], gram);
}

/* Within longer texts, and as the start or the end of one. */
static void
_note_familiar(Language *self)
{
  self->familiar = g_hash_table_new(NULL, NULL);
  self->is_familiar = g_new0(guint64, ((gsize) 1 << (self->code.window * self->code.bits)) / 64);
  _note_words(self, self->code.codes[' ']);
  _note_words(self, self->code.frame);
  for (guint i = 0; i < SIAGA_GATE_WINDOW_MAX * 64; i++)
    self->by_code[i / 64][i % 64] = g_array_new(FALSE, FALSE, sizeof(FamiliarGram));
  g_hash_table_foreach(self->familiar, _list_gram, self);
}

static void
_add_up(Language *self)
{
  for (guint i = 0; i < 8; i++)
    for (guint bits = 1; bits < 256; bits++)
      self->sums[i][bits] = self->sums[i][bits & (bits - 1)] + self->likelihoods[i * 8 + (guint) __builtin_ctz(bits)];
}

static void
_language_init(Language *self, guint alphabet)
{
  self->code.window = kinds[alphabet].window;
  self->code.bits = kinds[alphabet].bits;
  self->code.frame = (1u << self->code.bits) - 1;
  self->code.other = self->code.frame - 1;
  self->any = G_GUINT64_CONSTANT(1) << self->code.frame | G_GUINT64_CONSTANT(1) << self->code.other;
  _name_others(self);
  for (guint code = 0; kinds[alphabet].codes[code]; code++)
    {
      _name_bytes(self, kinds[alphabet].codes[code], code);
      self->any |= G_GUINT64_CONSTANT(1) << code;
    }
  _rate_others(self, alphabet);
  _add_up(self);
  _note_familiar(self);
}

static const Language *
_language(guint alphabet)
{
  static Language languages[SIAGA_ALPHABETS];
  static gsize made;
  if (g_once_init_enter(&made))
    {
      for (guint i = 0; i < SIAGA_ALPHABETS; i++)
        _language_init(&languages[i], i);
      g_once_init_leave(&made, 1);
    }
  return &languages[alphabet];
}

const SiagaGateCode *
siaga_gate_code(guint alphabet)
{
  return &_language(alphabet)->code;
}

/* --- how likely a sequence is --------------------------------------------------------------------------------------
 */

static gdouble
_mask_likelihood(const Language *self, guint64 mask)
{
  gdouble sum = 0;
  for (guint i = 0; mask; i++, mask >>= 8)
    sum += self->sums[i][mask & 0xff];
  return MIN(sum, 1);
}

/* FIRST: a gram but for its last code, for which it has 0.  The bits of all its last codes stand in one word. */
static guint
_familiarity_of_last(const Language *self, guint64 last, guint32 first)
{
  guint sum = 0;
  for (guint64 known = self->is_familiar[first / 64] >> (first % 64) & last; known; known &= known - 1)
    sum += GPOINTER_TO_UINT(g_hash_table_lookup(self->familiar, GUINT_TO_POINTER(first | __builtin_ctzll(known))));
  return sum;
}

static guint
_familiarity(const Language *self, const guint64 *masks, guint place, guint32 gram)
{
  gram <<= self->code.bits;
  if (place == self->code.window - 1)
    return _familiarity_of_last(self, masks[place], gram);
  guint sum = 0;
  for (guint64 mask = masks[place]; mask; mask &= mask - 1)
    sum += _familiarity(self, masks, place + 1, gram | __builtin_ctzll(mask));
  return sum;
}

static gboolean
_is_of_window(const Language *self, guint32 gram, const guint64 *masks)
{
  guint place = self->code.window;
  while (place && masks[place - 1] >> (gram & self->code.frame) & 1)
    {
      gram >>= self->code.bits;
      place--;
    }
  return !place;
}

/* The place of a window at which the fewest known grams fit. */
static guint
_narrowest(const Language *self, const guint64 *masks)
{
  guint best = 0, least = G_MAXUINT;
  for (guint place = 0; place < self->code.window; place++)
    {
      guint count = 0;
      for (guint64 mask = masks[place]; mask; mask &= mask - 1)
        count += self->by_code[place][__builtin_ctzll(mask)]->len;
      if (count < least)
        {
          least = count;
          best = place;
        }
    }
  return best;
}

/* The same for a window that has more grams than there are words. */
static guint
_familiarity_of_many(const Language *self, const guint64 *masks)
{
  const guint place = _narrowest(self, masks);
  guint sum = 0;
  for (guint64 mask = masks[place]; mask; mask &= mask - 1)
    {
      const GArray *grams = self->by_code[place][__builtin_ctzll(mask)];
      for (guint i = 0; i < grams->len; i++)
        if (_is_of_window(self, g_array_index(grams, FamiliarGram, i).gram, masks))
          sum += g_array_index(grams, FamiliarGram, i).times;
    }
  return sum;
}

/* Targets begin with a slash, all of them. */
static gboolean
_begins_target(const Language *self, const guint64 *masks)
{
  return masks[0] == G_GUINT64_CONSTANT(1) << self->code.frame && masks[1] >> self->code.codes['/'] & 1;
}

/* Behind an end there is another. */
static gboolean
_ends_again(const Language *self, const guint64 *masks)
{
  const guint64 frame = G_GUINT64_CONSTANT(1) << self->code.frame;
  return masks[0] & frame && masks[1] == frame;
}

typedef struct
{
  gdouble likelihood;
  guint window;
  gboolean of_words;
} Rarest;

/* Each place of a sequence by itself, and behind the one before it, and the rarest window up to each.  Sequences in a
 * row mostly begin alike: what was rated for the last one holds as far as the masks are the same. */
typedef struct
{
  guint known; /* places of the last sequence */
  guint64 masks[SIAGA_SEQUENCE_MAX];
  guint sizes[SIAGA_SEQUENCE_MAX]; /* how many codes they have */
  gdouble alone[SIAGA_SEQUENCE_MAX], behind[SIAGA_SEQUENCE_MAX];
  Rarest rarest[SIAGA_SEQUENCE_MAX];
} Ratings;

/* How many places are as they were. */
static guint
_rate_places(const Language *self, const SiagaSequence *sequence, Ratings *ratings)
{
  guint same = 0;
  while (same < MIN(sequence->length, ratings->known) && sequence->masks[same] == ratings->masks[same])
    same++;
  for (guint i = same; i < sequence->length; i++)
    {
      const guint64 *masks = sequence->masks + i;
      gboolean certain = i && (_begins_target(self, masks - 1) || _ends_again(self, masks - 1));
      ratings->masks[i] = masks[0];
      ratings->sizes[i] = __builtin_popcountll(masks[0]);
      ratings->alone[i] = _mask_likelihood(self, masks[0]);
      ratings->behind[i] = certain ? 1 : ratings->alone[i];
    }
  ratings->known = sequence->length;
  return same;
}

static guint
_times_familiar(const Language *self, const guint64 *masks, const guint *sizes)
{
  guint grams = 1;
  for (guint i = 0; i < self->code.window; i++)
    grams *= sizes[i];
  return grams <= FAMILIAR_GRAMS_MAX ? _familiarity(self, masks, 0, 0) : _familiarity_of_many(self, masks);
}

/* LIMIT: nobody asks how much likelier.  *FAMILIAR_R: ordinary words have it, and so what stands around it too. */
static gdouble
_window_likelihood(const Language *self, const SiagaSequence *sequence, const Ratings *ratings, guint window,
                   gdouble limit, gboolean *familiar_r)
{
  gdouble product = ratings->alone[window];
  for (guint i = 1; i < self->code.window; i++)
    product *= ratings->behind[window + i];
  guint times = product >= limit ? 0 : _times_familiar(self, sequence->masks + window, ratings->sizes + window);
  *familiar_r = times > 0;
  return product + times * FAMILIAR;
}

static Rarest
_rarest_window(const Language *self, const SiagaSequence *sequence, Ratings *ratings)
{
  const guint same = _rate_places(self, sequence, ratings);
  const guint first = same < self->code.window ? 0 : same - self->code.window + 1;
  Rarest rarest = first ? ratings->rarest[first - 1] : (Rarest){ .likelihood = 1 };
  for (guint i = first; i + self->code.window <= sequence->length; i++)
    {
      gboolean common;
      gdouble likelihood = _window_likelihood(self, sequence, ratings, i, rarest.likelihood, &common);
      if (likelihood < rarest.likelihood)
        rarest = (Rarest){ likelihood, i, common };
      ratings->rarest[i] = rarest;
    }
  return rarest;
}

/* Finds the rarest window.  1 when the sequence is too short for one.  RATINGS: of the one before it, or zeros. */
static gdouble
_rate(const Language *self, SiagaSequence *sequence, Ratings *ratings)
{
  const Rarest rarest = _rarest_window(self, sequence, ratings);
  gdouble likelihood = rarest.likelihood;
  sequence->window = rarest.window;
  for (guint i = 0; i < sequence->length && likelihood < 1 && !rarest.of_words; i++)
    if (i < rarest.window || i >= rarest.window + self->code.window)
      likelihood *= MAX(ratings->alone[i], NEIGHBOUR);
  return likelihood;
}

/* --- the sequences that a node begins with: one of them stands where a match of it begins --------------------------
 */

static GArray *
_only(SiagaSequence sequence)
{
  GArray *sequences = g_array_new(FALSE, FALSE, sizeof(SiagaSequence));
  g_array_append_val(sequences, sequence);
  return sequences;
}

static GArray *
_only_empty(void)
{
  return _only((SiagaSequence){ 0 });
}

static GArray *
_copy(const GArray *sequences)
{
  GArray *copy = g_array_sized_new(FALSE, FALSE, sizeof(SiagaSequence), sequences->len);
  g_array_append_vals(copy, sequences->data, sequences->len);
  return copy;
}

/* Nothing is known of what follows. */
static void
_open_all(GArray *sequences)
{
  for (guint i = 0; i < sequences->len; i++)
    g_array_index(sequences, SiagaSequence, i).open = TRUE;
}

static guint
_count_closed(const GArray *sequences)
{
  guint closed = 0;
  for (guint i = 0; i < sequences->len; i++)
    closed += !g_array_index(sequences, SiagaSequence, i).open;
  return closed;
}

/* A start behind something takes no place of its own: it was there before. */
static void
_append_joined(GArray *all, const SiagaSequence *one, const SiagaSequence *other)
{
  guint skipped = other->starts && one->length, wanted = other->length - skipped;
  guint length = MIN(wanted, (guint) SIAGA_SEQUENCE_MAX - one->length);
  g_array_append_vals(all, one, 1);
  SiagaSequence *joined = &g_array_index(all, SiagaSequence, all->len - 1);
  memcpy(joined->masks + joined->length, other->masks + skipped, length * sizeof joined->masks[0]);
  joined->length += length;
  joined->open = other->open || length < wanted;
  joined->starts = one->length ? one->starts : other->starts;
}

/* ONE stands for OTHER too: as far as both go, and with the bytes of both. */
static void
_widen(SiagaSequence *one, const SiagaSequence *other)
{
  one->open |= other->open || one->length != other->length;
  one->length = MIN(one->length, other->length);
  for (guint i = 0; i < one->length; i++)
    one->masks[i] |= other->masks[i];
}

static gboolean
_begin_alike(const SiagaSequence *one, const SiagaSequence *other)
{
  return one->starts == other->starts && !one->length == !other->length &&
         (!one->length || one->masks[0] == other->masks[0]);
}

/* Few that stand for many: those that begin with the same byte are one. */
static GArray *
_merged(const GArray *sequences)
{
  GArray *few = g_array_new(FALSE, FALSE, sizeof(SiagaSequence));
  for (guint i = 0; i < sequences->len; i++)
    {
      const SiagaSequence *sequence = &g_array_index(sequences, SiagaSequence, i);
      guint k = 0;
      while (k < few->len && !_begin_alike(&g_array_index(few, SiagaSequence, k), sequence))
        k++;
      if (k < few->len)
        _widen(&g_array_index(few, SiagaSequence, k), sequence);
      else
        g_array_append_vals(few, sequence, 1);
    }
  return few;
}

static GArray *
_take_merged(GArray *sequences)
{
  GArray *few = _merged(sequences);
  g_array_unref(sequences);
  return few;
}

static GArray *_joined(GArray *sequences, const GArray *next);

/* Each of SEQUENCES, which is taken over, followed by each of NEXT; by fewer that stand for them when they are too
 * many; when these are too many, they stay as they are. */
static GArray *
_follow(GArray *sequences, const GArray *next)
{
  guint closed = _count_closed(sequences);
  if (sequences->len - closed + closed * next->len <= SEQUENCES_MAX)
    return _joined(sequences, next);
  GArray *few = _merged(next);
  if (sequences->len - closed + closed * few->len <= SEQUENCES_MAX)
    sequences = _joined(sequences, few);
  else
    _open_all(sequences);
  g_array_unref(few);
  return sequences;
}

static GArray *
_joined(GArray *sequences, const GArray *next)
{
  GArray *all = g_array_sized_new(FALSE, FALSE, sizeof(SiagaSequence), sequences->len + next->len);
  for (guint i = 0; i < sequences->len; i++)
    {
      const SiagaSequence *one = &g_array_index(sequences, SiagaSequence, i);
      for (guint k = 0; k < next->len && !one->open; k++)
        _append_joined(all, one, &g_array_index(next, SiagaSequence, k));
      if (one->open)
        g_array_append_vals(all, one, 1);
    }
  g_array_unref(sequences);
  return all;
}

static guint64
_mask_of(const Language *self, const SiagaByteSet *set)
{
  guint64 mask = 0;
  for (guint w = 0; w < 4; w++)
    for (guint64 bits = set->bits[w]; bits; bits &= bits - 1)
      mask |= G_GUINT64_CONSTANT(1) << self->code.codes[w * 64 + __builtin_ctzll(bits)];
  return mask;
}

/* What most of a regex is: the next byte of a word. */
static void
_follow_with_byte(GArray *sequences, guint64 mask)
{
  for (guint i = 0; i < sequences->len; i++)
    {
      SiagaSequence *one = &g_array_index(sequences, SiagaSequence, i);
      if (one->open)
        continue;
      if (one->length < SIAGA_SEQUENCE_MAX)
        one->masks[one->length++] = mask;
      else
        one->open = TRUE;
    }
}

static GArray *_sequences_of(const Language *self, const SiagaRegexNode *node);

/* ALL, which is taken over, and then NODE. */
static GArray *
_follow_with(const Language *self, GArray *all, const SiagaRegexNode *node)
{
  if (node->kind == SIAGA_REGEX_SET && all->len <= SEQUENCES_MAX)
    {
      _follow_with_byte(all, _mask_of(self, &node->set));
      return all;
    }
  GArray *next = _sequences_of(self, node);
  all = _follow(all, next);
  g_array_unref(next);
  return all;
}

/* BEFORE, which is taken over, and then child FIRST of NODE and those behind it. */
static GArray *
_sequences_of_children(const Language *self, const SiagaRegexNode *node, guint first, GArray *before)
{
  GArray *all = before;
  for (guint i = first; i < node->children->len && _count_closed(all); i++)
    all = _follow_with(self, all, node->children->pdata[i]);
  return all;
}

static GArray *
_sequences_of_either(const Language *self, const SiagaRegexNode *node)
{
  GArray *all = g_array_new(FALSE, FALSE, sizeof(SiagaSequence));
  for (guint i = 0; i < node->children->len && all->len <= SEQUENCES_MAX; i++)
    {
      GArray *one = _sequences_of(self, node->children->pdata[i]);
      g_array_append_vals(all, one->data, one->len);
      g_array_unref(one);
      if (all->len > SEQUENCES_MAX)
        all = _take_merged(all);
    }
  if (all->len <= SEQUENCES_MAX)
    return all;
  g_array_unref(all);
  return _only((SiagaSequence){ .open = TRUE });
}

/* As often as it must be there; and once more, and then who knows. */
static GArray *
_sequences_of_repeat(const Language *self, const SiagaRegexNode *node)
{
  GArray *one = _sequences_of(self, node->children->pdata[0]), *all = _only_empty();
  for (guint i = 0; i < node->minimum && i < SIAGA_SEQUENCE_MAX && _count_closed(all); i++)
    all = _follow(all, one);
  if (node->maximum > node->minimum)
    {
      GArray *more = _copy(all);
      if (node->maximum > node->minimum + 1)
        _open_all(one);
      more = _follow(more, one);
      g_array_append_vals(all, more->data, more->len);
      g_array_unref(more);
    }
  else if (node->minimum > SIAGA_SEQUENCE_MAX)
    _open_all(all);
  g_array_unref(one);
  return all;
}

/* The ends of a text are looked at like bytes.  A newline, which an end may stand before, has no code of its own. */
static GArray *
_sequences_of_assertion(const Language *self, SiagaAssertion assertion)
{
  guint64 frame = G_GUINT64_CONSTANT(1) << self->code.frame, newline = G_GUINT64_CONSTANT(1) << self->code.other;
  switch (assertion)
    {
    case SIAGA_ASSERT_START:
      return _only((SiagaSequence){ .length = 1, .starts = TRUE, .masks = { frame } });
    case SIAGA_ASSERT_END:
    case SIAGA_ASSERT_LINE_END:
      return _only((SiagaSequence){ .length = 1, .masks = { frame | newline }, .open = TRUE });
    case SIAGA_ASSERT_LAST:
      return _only((SiagaSequence){ .length = 1, .masks = { frame }, .open = TRUE });
    default:
      return _only_empty();
    }
}

static GArray *
_sequences_of(const Language *self, const SiagaRegexNode *node)
{
  switch (node->kind)
    {
    case SIAGA_REGEX_SET:
      return _only((SiagaSequence){ .length = 1, .masks = { _mask_of(self, &node->set) } });
    case SIAGA_REGEX_CAT:
      return _sequences_of_children(self, node, 0, _only_empty());
    case SIAGA_REGEX_ALT:
      return _sequences_of_either(self, node);
    case SIAGA_REGEX_REPEAT:
      return _sequences_of_repeat(self, node);
    case SIAGA_REGEX_ASSERT:
      return _sequences_of_assertion(self, node->assertion);
    default:
      return _only_empty();
    }
}

/* --- choosing among the places of a regex --------------------------------------------------------------------------
 */

typedef struct
{
  gdouble likelihood; /* of any of them at a place of an ordinary text */
  GArray *sequences;  /* of SiagaSequence; NULL: there are none */
} Choice;

/* Takes both over; the rarer lives on in BEST. */
static void
_take_rarer(Choice *best, Choice other)
{
  if (!other.sequences)
    return;
  if (!best->sequences || other.likelihood < best->likelihood)
    {
      Choice old = *best;
      *best = other;
      other = old;
    }
  if (other.sequences)
    g_array_unref(other.sequences);
}

/* Any byte or end before or behind what is too short for a window, and one more end behind what can only be an end:
 * behind a newline that ends a line there is another. */
static void
_pad(const Language *self, SiagaSequence *sequence)
{
  const guint64 frame = G_GUINT64_CONSTANT(1) << self->code.frame;
  guint missing = sequence->length < self->code.window ? self->code.window - sequence->length : 0;
  if (!missing || missing > 2 || !sequence->length)
    return;
  guint64 behind = sequence->masks[sequence->length - 1] == frame ? frame : self->any;
  gboolean before = !(sequence->masks[0] & frame);
  if (missing == 2 && !before)
    return;
  if (before)
    {
      memmove(sequence->masks + 1, sequence->masks, sequence->length * sizeof sequence->masks[0]);
      sequence->masks[0] = self->any;
      sequence->length++;
    }
  if (sequence->length < self->code.window)
    sequence->masks[sequence->length++] = behind;
}

/* Takes SEQUENCES over: every match holds one of them. */
static Choice
_choice_of(const Language *self, GArray *sequences)
{
  Choice choice = { 0, sequences };
  Ratings ratings = { .known = 0 };
  for (guint i = 0; i < sequences->len && choice.likelihood < 1; i++)
    {
      SiagaSequence *sequence = &g_array_index(sequences, SiagaSequence, i);
      _pad(self, sequence);
      choice.likelihood += _rate(self, sequence, &ratings);
    }
  if (choice.likelihood < 1 && sequences->len)
    return choice;
  g_array_unref(sequences);
  return (Choice){ 1, NULL };
}

static Choice _choose(const Language *self, const SiagaRegexNode *node);

static Choice
_choose_of_either(const Language *self, const SiagaRegexNode *node)
{
  Choice all = { 0, g_array_new(FALSE, FALSE, sizeof(SiagaSequence)) };
  for (guint i = 0; i < node->children->len; i++)
    {
      Choice one = _choose(self, node->children->pdata[i]);
      if (!one.sequences)
        {
          g_array_unref(all.sequences);
          return one;
        }
      all.likelihood += one.likelihood;
      g_array_append_vals(all.sequences, one.sequences->data, one.sequences->len);
      g_array_unref(one.sequences);
    }
  return all;
}

static guint64 _last_mask(const Language *self, const SiagaRegexNode *node);

static guint64
_last_mask_of_either(const Language *self, const SiagaRegexNode *node)
{
  guint64 all = 0;
  for (guint i = 0; i < node->children->len; i++)
    {
      guint64 one = _last_mask(self, node->children->pdata[i]);
      if (!one)
        return 0;
      all |= one;
    }
  return all;
}

/* The last byte of every match of NODE; nothing when a match may be empty. */
static guint64
_last_mask(const Language *self, const SiagaRegexNode *node)
{
  if (siaga_regex_is_nullable(node))
    return 0;
  switch (node->kind)
    {
    case SIAGA_REGEX_SET:
      return _mask_of(self, &node->set);
    case SIAGA_REGEX_CAT:
      return _last_mask(self, node->children->pdata[node->children->len - 1]);
    case SIAGA_REGEX_REPEAT:
      return _last_mask(self, node->children->pdata[0]);
    case SIAGA_REGEX_ALT:
      return _last_mask_of_either(self, node);
    default:
      return 0;
    }
}

/* What certainly stands before child FIRST. */
static GArray *
_before_child(const Language *self, const SiagaRegexNode *node, guint first)
{
  guint64 mask = first ? _last_mask(self, node->children->pdata[first - 1]) : 0;
  return mask ? _only((SiagaSequence){ .length = 1, .masks = { mask } }) : _only_empty();
}

static gboolean
_is_set(const SiagaRegexNode *node, guint child)
{
  return ((const SiagaRegexNode *) node->children->pdata[child])->kind == SIAGA_REGEX_SET;
}

/* Inside of a word nothing begins that did not begin before it, and nothing rare where there may be nothing. */
static Choice
_choose_of_children(const Language *self, const SiagaRegexNode *node)
{
  Choice best = { 1, NULL };
  for (guint i = 0, word = 0; i < node->children->len && best.likelihood > RARE; i++)
    {
      if (siaga_regex_is_nullable(node->children->pdata[i]))
        continue;
      _take_rarer(&best, _choose(self, node->children->pdata[i]));
      word = i && _is_set(node, i) && _is_set(node, i - 1) ? word + 1 : 0;
      if (word % (SIAGA_SEQUENCE_MAX - SIAGA_GATE_WINDOW_MAX) == 0)
        _take_rarer(&best, _choice_of(self, _sequences_of_children(self, node, i, _before_child(self, node, i))));
    }
  return best;
}

static Choice
_choose_of_repeat(const Language *self, const SiagaRegexNode *node)
{
  Choice best = _choice_of(self, _sequences_of_repeat(self, node));
  if (node->minimum)
    _take_rarer(&best, _choose(self, node->children->pdata[0]));
  return best;
}

static Choice
_choose(const Language *self, const SiagaRegexNode *node)
{
  switch (node->kind)
    {
    case SIAGA_REGEX_CAT:
      return _choose_of_children(self, node);
    case SIAGA_REGEX_ALT:
      return _choose_of_either(self, node);
    case SIAGA_REGEX_REPEAT:
      return _choose_of_repeat(self, node);
    default:
      return (Choice){ 1, NULL };
    }
}

static Choice
_choose_of_segments(const Language *self, const SiagaSegments *segments, guint alphabet)
{
  Choice best = { 1, NULL };
  for (guint i = 0; i < segments->count && best.likelihood > RARE; i++)
    {
      const SiagaRegexNode *rest = siaga_regex_in_alphabet(segments->segments[i], alphabet);
      if (rest)
        _take_rarer(&best, _choose(self, rest));
      siaga_regex_free_copy(rest);
    }
  return best;
}

GArray *
siaga_gate_choose(const GArray *alternatives, guint alphabet)
{
  GArray *all = g_array_new(FALSE, FALSE, sizeof(SiagaSequence));
  gdouble likelihood = 0;
  for (guint a = 0; a < alternatives->len && likelihood <= COMMON; a++)
    {
      const SiagaSegments *segments = &g_array_index(alternatives, SiagaSegments, a);
      if (!segments->possible[alphabet])
        continue;
      Choice one = _choose_of_segments(_language(alphabet), segments, alphabet);
      likelihood += one.likelihood;
      if (!one.sequences)
        continue;
      g_array_append_vals(all, one.sequences->data, one.sequences->len);
      g_array_unref(one.sequences);
    }
  if (likelihood <= COMMON)
    return all;
  g_array_unref(all);
  return NULL;
}
