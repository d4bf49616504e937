/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Does a name imitate a government's? */

#include "config.h"

#include "engine/domain/lookalikes.h"
#include "engine/domain/name.h"
#include "engine/domain/skeleton.h"
#include "engine/domain/victims.h"

#include "engine/domain/registered-domain.h"

#include <idn2.h>
#include <string.h>

#define NAME_SIZE 256
#define TOKEN_MIN 3 /* of an agency's label that stands alone between hyphens or digits */
#define EXACT_MIN 4 /* of an agency's label that is the whole registered label */
#define GLUED_MIN 6 /* of an agency's label inside other letters */
#define GLUED_BAIT_MIN 5
#define EDITS_MAX 2
#define DOUBLED_MIN 5 /* of a label that is seen with one letter twice */
#define SHORT_MAX 4   /* of what stands before a suffix without dots and is nobody's label */
#define LOOKS_MIN 5   /* of a word of the language written in digits and letters that look like its own */

typedef struct
{
  gchar text[NAME_SIZE];
  gsize length;
} Name;

typedef struct
{
  const gchar *text;
  gsize length;
} Span;

const gchar *
siaga_lookalike_kind_name(SiagaLookalikeKind kind)
{
  static const gchar *const names[] = { NULL, "embedded", "hyphenated", "homoglyph", "edit", "bait" };
  return names[kind];
}

static gboolean
_take(Name *name, const gchar *text, gsize length)
{
  if (!length || length >= NAME_SIZE)
    return FALSE;
  for (gsize i = 0; i < length; i++)
    name->text[i] = siaga_ascii_lower(text[i]);
  name->text[length] = '\0';
  name->length = length;
  return TRUE;
}

static const SiagaAgency *
_agency_of(const SiagaLookalikes *self, const gchar *domain, gsize length)
{
  for (guint i = 0; i < self->agencies->len; i++)
    {
      const SiagaAgency *agency = self->agencies->pdata[i];
      if (siaga_name_is_below(domain, length, agency->domain, strlen(agency->domain)))
        return agency;
    }
  return NULL;
}

static gboolean
_found(SiagaLookalike *found, SiagaLookalikeKind kind, Span of, const SiagaAgency *agency, Span evidence)
{
  found->kind = kind;
  found->agency = agency ? agency->title : NULL;
  found->distance = 0;
  g_snprintf(found->of, sizeof found->of, "%.*s", (int) of.length, of.text);
  g_snprintf(found->evidence, sizeof found->evidence, "%.*s", (int) MIN(evidence.length, 70), evidence.text);
  return TRUE;
}

static gboolean
_found_agency(SiagaLookalike *found, SiagaLookalikeKind kind, const SiagaAgency *agency, Span evidence)
{
  return _found(found, kind, (Span){ agency->domain, strlen(agency->domain) }, agency, evidence);
}

static const SiagaVictim *
_government(const SiagaLookalikes *self, const gchar *name, gsize length)
{
  const SiagaVictimAnswer *answer = siaga_victims_find_name(self->victims, name, length);
  return answer && answer->kind->victim.government ? &answer->kind->victim : NULL;
}

/* The part of NAME before one of its dots that is a government name; 0 when there is none.  "_report._dmarc" behind it
 * is a question about that name (RFC 7489, 7.1; RFC 8552), which no browser shows. */
static gsize
_government_prefix(const SiagaLookalikes *self, const Name *name)
{
  const gchar *dot = strchr(name->text, '.');
  for (dot = dot ? strchr(dot + 1, '.') : NULL; dot; dot = strchr(dot + 1, '.'))
    if (_government(self, name->text, dot - name->text))
      return strstr(dot, "._") ? 0 : dot - name->text;
  return 0;
}

/* "gov.my.com": a host of my.com that a suffix happens to stand in. */
static gboolean
_is_host_of_another(const SiagaLookalikes *self, const Name *name, gsize length)
{
  const gchar *dot = strchr(name->text, '.');
  return dot && !memchr(dot + 1, '.', name->text + length - dot - 1) &&
         (gsize) (dot + 1 - name->text) >= siaga_registered_domain(self->public_suffixes, name->text, name->length);
}

static gboolean
_check_embedded(const SiagaLookalikes *self, const Name *name, SiagaLookalike *found)
{
  gsize length = _government_prefix(self, name);
  Span of = { name->text, length };
  return length && !_is_host_of_another(self, name, length) &&
         _found(found, SIAGA_LOOKALIKE_EMBEDDED, of, _agency_of(self, of.text, length), of);
}

static const SiagaLabel *
_find_label(const SiagaLookalikes *self, Span label)
{
  const SiagaLabels *same = &self->by_length[label.length <= SIAGA_LABEL_MAX ? label.length : 0];
  const guint64 letters = same->count ? siaga_label_letters(label.text, label.length) : 0;
  for (guint i = 0; i < same->count; i++)
    if (same->letters[i] == letters && memcmp(same->labels[i]->text, label.text, label.length) == 0)
      return same->labels[i];
  return NULL;
}

static guint
_count_dots(Span text)
{
  guint n = 0;
  for (gsize i = 0; i < text.length; i++)
    n += text.text[i] == '.';
  return n;
}

static Span
_label_at(const Name *name, guint index)
{
  const gchar *text = name->text;
  while (index-- && strchr(text, '.'))
    text = strchr(text, '.') + 1;
  return (Span){ text, strcspn(text, ".") };
}

/* The registered label's place among the labels; FALSE for a name that is a public suffix. */
static gboolean
_registered_label(const SiagaLookalikes *self, const Name *name, guint *index_r)
{
  gsize offset = siaga_registered_domain(self->public_suffixes, name->text, name->length);
  *index_r = 0;
  for (gsize i = 0; i < offset && i < name->length; i++)
    *index_r += name->text[i] == '.';
  return offset < name->length;
}

static guint
_allowed_distance(gsize a, gsize b)
{
  gsize length = MIN(a, b);
  return length >= 10 ? 2 : length >= 6 ? 1 : 0;
}

/* Edits and swaps of neighbours, up to LIMIT; LIMIT + 1 when there are more. */
static guint
_distance(Span a, const gchar *b, gsize n, guint limit)
{
  guint8 rows[3][SIAGA_LABEL_MAX + 2];
  guint8 *before = rows[0], *last = rows[1], *row = rows[2];

  for (gsize j = 0; j <= n; j++)
    last[j] = j;
  for (gsize i = 1; i <= a.length; i++)
    {
      guint best = row[0] = i;
      for (gsize j = 1; j <= n; j++)
        {
          guint cost = a.text[i - 1] != b[j - 1];
          guint value = MIN(MIN(last[j], row[j - 1]) + 1u, last[j - 1] + cost);
          if (i > 1 && j > 1 && a.text[i - 1] == b[j - 2] && a.text[i - 2] == b[j - 1])
            value = MIN(value, before[j - 2] + 1u);
          row[j] = value;
          best = MIN(best, value);
        }
      if (best > limit)
        return limit + 1;
      guint8 *oldest = before;
      before = last;
      last = row;
      row = oldest;
    }
  return last[n];
}

/* Whether texts with these letters can be that few EDITS apart: each changes at most two of their bits. */
static inline gboolean
_may_be_near(guint64 letters, guint64 others, guint edits)
{
  guint64 different = letters ^ others;
  if (!edits)
    return !different;
  different &= different - 1;
  different &= different - 1;
  if (edits < 2)
    return !different;
  different &= different - 1;
  return !(different & (different - 1));
}

/* "pajakk" of "pajak": one letter twice.  No word is made of another in that way. */
static gboolean
_is_doubled(Span label, const gchar *known, gsize length)
{
  gsize i = 0;
  if (label.length != length + 1 || length < DOUBLED_MIN)
    return FALSE;
  while (i < length && label.text[i] == known[i])
    i++;
  return i && label.text[i] == label.text[i - 1] && memcmp(label.text + i + 1, known + i, length - i) == 0;
}

/* "satusehati": a letter in front or behind makes a word of its own. */
static gboolean
_is_lengthened(Span label, const gchar *known, gsize length)
{
  return label.length == length + 1 &&
         (memcmp(label.text, known, length) == 0 || memcmp(label.text + 1, known, length) == 0);
}

/* Edits that tell between LABEL and the agency's KNOWN; more than LIMIT when they are too many. */
static guint
_edits(Span label, const SiagaLabel *known, guint limit)
{
  if (_is_doubled(label, known->text, known->length))
    return 1;
  if (known->common || known->exact || _is_lengthened(label, known->text, known->length))
    return EDITS_MAX + 1;
  const guint edits = _distance(label, known->text, known->length, limit);
  return edits > limit || (edits > 1 && label.text[0] != known->text[0]) ? EDITS_MAX + 1 : edits;
}

/* The nearest of the labels of LENGTH, when it is nearer than *DISTANCE. */
static const SiagaLabel *
_nearest(const SiagaLabels *known, gsize length, Span label, guint64 letters, guint *distance)
{
  const guint limit = _allowed_distance(label.length, length);
  const gsize longer = MAX(label.length, length), shorter = MIN(label.length, length);
  const SiagaLabel *best = NULL;

  if (length < EXACT_MIN || longer - shorter > MAX(limit, label.length > length && length >= DOUBLED_MIN))
    return NULL;
  const guint count =
      label.length == length + 1 ? known->count : known->words_from; /* words only by a doubled letter */
  for (guint i = 0; i < count; i++)
    {
      if (!_may_be_near(letters, known->letters[i], limit))
        continue;
      const guint edits = _edits(label, known->labels[i], limit);
      if (edits > EDITS_MAX || edits >= *distance)
        continue;
      best = known->labels[i];
      *distance = edits;
    }
  return best;
}

/* "samsat" is a word, whatever "esamsat" is. */
static gboolean
_is_common(const SiagaLookalikes *self, Span label)
{
  const SiagaLabel *known = _find_label(self, label);
  return known && known->common;
}

static gboolean
_check_edit(const SiagaLookalikes *self, Span label, guint64 letters, SiagaLookalike *found)
{
  const SiagaLabel *best = NULL;
  guint distance = G_MAXUINT;

  if (label.length > SIAGA_LABEL_MAX)
    return FALSE;
  gsize last = MIN(label.length + EDITS_MAX, SIAGA_LABEL_MAX);
  for (gsize length = label.length - MIN(label.length, EDITS_MAX); length <= last; length++)
    {
      const SiagaLabel *nearer = _nearest(&self->by_length[length], length, label, letters, &distance);
      best = nearer ? nearer : best;
    }
  if (!best && (best = _find_label(self, label)) && best->exact)
    distance = 0; /* "gov-sg" */
  else if (!best || distance > EDITS_MAX || _is_common(self, label))
    return FALSE;
  _found_agency(found, SIAGA_LOOKALIKE_EDIT, best->agency, label);
  found->distance = distance;
  return TRUE;
}

static gboolean
_has_digit(const gchar *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (g_ascii_isdigit(text[i]))
      return TRUE;
  return FALSE;
}

/* LOOKS is the label in Latin letters; the label itself is not one of an agency's. */
static gboolean
_check_folded(const SiagaLookalikes *self, Span looks, gboolean foreign, SiagaLookalike *found)
{
  gchar folded[SIAGA_LABEL_MAX + 1];
  if (looks.length > SIAGA_LABEL_MAX)
    return FALSE;
  memcpy(folded, looks.text, looks.length);
  gsize length = siaga_skeleton_fold(folded, looks.length);
  const SiagaLabels *same = &self->by_folded_length[length];
  const guint64 letters = same->count ? siaga_label_letters(folded, length) : 0;
  for (guint i = 0; i < same->count; i++)
    {
      const SiagaLabel *known = same->labels[i];
      if (same->letters[i] != letters || known->length < (known->common && !foreign ? LOOKS_MIN : EXACT_MIN) ||
          memcmp(known->folded, folded, length) != 0)
        continue;
      if (!foreign && _has_digit(known->text, known->length) && !_has_digit(looks.text, looks.length))
        continue; /* "span" is a word, whatever "sp4n" is */
      if (foreign || looks.length != known->length || memcmp(looks.text, known->text, looks.length) != 0)
        return _found_agency(found, SIAGA_LOOKALIKE_HOMOGLYPH, known->agency, looks);
    }
  return FALSE;
}

/* OF is WORDS, or lies below it, with the hyphens of WORDS taken for dots. */
static gboolean
_is_below_dotted(Span of, const gchar *words)
{
  const gsize length = strlen(words);
  if (of.length < length || (of.length > length && of.text[of.length - length - 1] != '.'))
    return FALSE;
  const gchar *end = of.text + of.length - length;
  for (gsize i = 0; i < length; i++)
    if (end[i] != (words[i] == '-' ? '.' : words[i]))
      return FALSE;
  return TRUE;
}

/* The agency whose own hyphens are dots in OF. */
static const SiagaAgency *
_agency_with_hyphens(const SiagaLookalikes *self, Span of)
{
  for (guint i = 0; i < self->agencies->len; i++)
    {
      const SiagaAgency *agency = self->agencies->pdata[i];
      if (strchr(agency->domain, '-') && _is_below_dotted(of, agency->domain))
        return agency;
    }
  return NULL;
}

/* The agency one of whose labels stands before a government's suffix in OF: "bpjskesehatan.go.id". */
static const SiagaAgency *
_agency_of_label(const SiagaLookalikes *self, Span of)
{
  const gchar *end = of.text + of.length;
  for (const gchar *label = of.text, *dot; (dot = memchr(label, '.', end - label)); label = dot + 1)
    {
      const Span suffix = { dot + 1, end - dot - 1 };
      const SiagaLabel *known = _count_dots(suffix) ? _find_label(self, (Span){ label, dot - label }) : NULL;
      const gchar *domain = known ? known->agency->domain : NULL;
      if (domain && siaga_name_is_below(domain, strlen(domain), suffix.text, suffix.length))
        return known->agency;
    }
  return NULL;
}

static gboolean
_found_dotted(const SiagaLookalikes *self, Span of, Span written, SiagaLookalike *found)
{
  const SiagaAgency *named = _agency_of(self, of.text, of.length), *meant = _agency_with_hyphens(self, of);
  if (!meant && (!named || _count_dots((Span){ named->domain, strlen(named->domain) }) < 2)) /* a whole government */
    meant = _agency_of_label(self, of);
  if (meant)
    return _found_agency(found, SIAGA_LOOKALIKE_HYPHENATED, meant, written);
  return _found(found, SIAGA_LOOKALIKE_HYPHENATED, of, named, written);
}

/* What stands before "-go.id", with a letter changed or not, must be an agency's: "let-go.id" is not. */
static gboolean
_check_before_hyphen(const SiagaLookalikes *self, Span front, Span of, Span written, SiagaLookalike *found)
{
  if (_find_label(self, front))
    return _found_dotted(self, of, written, found);
  return _check_folded(self, front, FALSE, found) ||
         _check_edit(self, front, siaga_label_letters(front.text, front.length), found);
}

/* With every hyphen taken for a dot: something stands before the suffix, and villages do not count, because "-desa" is
 * a word. */
static gboolean
_check_hyphenated(const SiagaLookalikes *self, const Name *name, SiagaLookalike *found)
{
  Name dotted = *name;
  for (gsize i = 0; i < dotted.length; i++)
    if (dotted.text[i] == '-')
      dotted.text[i] = '.';
  gsize length = _government_prefix(self, &dotted);
  Span of = { dotted.text, length ? length : dotted.length }, written = { name->text, of.length };
  const SiagaVictim *victim = _government(self, of.text, of.length);
  if (!victim || _count_dots(of) < 2 || g_strcmp0(victim->sector, "village") == 0)
    return FALSE;
  if (!length)
    return _check_before_hyphen(self, (Span){ dotted.text, strcspn(dotted.text, ".") }, of, written, found);
  return _found_dotted(self, of, written, found);
}

static gboolean
_is_border(Span label, gsize at)
{
  return at == 0 || at >= label.length || !g_ascii_isalpha(label.text[at - 1]) || !g_ascii_isalpha(label.text[at]);
}

/* Where KNOWN stands in LABEL: alone, or glued to others when it is long enough.  -1: nowhere. */
static gssize
_find_word(Span label, const SiagaLabel *known, gsize alone_min, gsize glued_min)
{
  if (known->length < alone_min || known->length > label.length)
    return -1;
  for (gsize at = 0; at + known->length <= label.length; at++)
    {
      if (label.text[at] != known->text[0] || memcmp(label.text + at, known->text, known->length) != 0)
        continue;
      if (known->length >= glued_min || (_is_border(label, at) && _is_border(label, at + known->length)))
        return at;
    }
  return -1;
}

/* One of WORDS in LABEL outside FROM … TO. */
static const SiagaLabel *
_find_beside(const GPtrArray *words, Span label, guint64 letters, gsize alone_min, gsize glued_min, gsize from,
             gsize to)
{
  for (guint i = 0; i < words->len; i++)
    {
      const SiagaLabel *word = words->pdata[i];
      if (word->letters & ~letters || word->common)
        continue;
      gssize at = _find_word(label, word, alone_min, glued_min);
      if (at >= 0 && ((gsize) at >= to || (gsize) at + word->length <= from))
        return word;
    }
  return NULL;
}

static const SiagaLabel *
_find_bait(const SiagaLookalikes *self, Span label, guint64 letters, gsize from, gsize to)
{
  return _find_beside(self->bait, label, letters, SIAGA_BAIT_MIN, GLUED_BAIT_MIN, from, to);
}

/* "sscasnbkn", "cekbpjs": nothing but an agency's label of letters and one more, or a short bait word. */
static const SiagaLabel *
_find_rest(const SiagaLookalikes *self, Span label, gsize from, gsize to)
{
  if (from && to < label.length)
    return NULL;
  const Span rest = from ? (Span){ label.text, from } : (Span){ label.text + to, label.length - to };
  if (rest.length < SIAGA_BAIT_MIN || rest.length >= GLUED_MIN)
    return NULL;
  for (guint i = 0; i < self->bait->len; i++)
    {
      const SiagaLabel *word = self->bait->pdata[i];
      if (word->length == rest.length && memcmp(word->text, rest.text, rest.length) == 0)
        return word;
    }
  return _find_label(self, rest);
}

/* What lures beside an agency's name: a bait word, or a second name of an agency's. */
static const SiagaLabel *
_find_lure(const SiagaLookalikes *self, Span label, guint64 letters, gsize from, gsize to)
{
  const SiagaLabel *bait = _find_bait(self, label, letters, from, to);
  bait = bait ? bait : _find_beside(self->labels, label, letters, EXACT_MIN, GLUED_MIN, from, to);
  return bait ? bait : _find_rest(self, label, from, to);
}

static gboolean
_found_bait(SiagaLookalike *found, const SiagaLabel *agency, const SiagaLabel *bait)
{
  gchar *words = g_strdup_printf("%s + %s", agency->text, bait->text);
  _found_agency(found, SIAGA_LOOKALIKE_BAIT, agency->agency, (Span){ words, strlen(words) });
  g_free(words);
  return TRUE;
}

/* A label that is nobody else's, alone between the hyphens and dots of ABOVE. */
static const SiagaLabel *
_find_telling(const SiagaLookalikes *self, Span above)
{
  const guint64 letters = siaga_label_letters(above.text, above.length);
  for (guint i = 0; i < self->labels->len; i++)
    {
      const SiagaLabel *known = self->labels->pdata[i];
      if (known->telling && !(known->letters & ~letters) &&
          _find_word(above, known, EXACT_MIN, SIAGA_LABEL_MAX + 1) >= 0)
        return known;
    }
  return NULL;
}

/* An agency's label left of the registered one: a label of its own. */
static const SiagaLabel *
_find_above(const SiagaLookalikes *self, const Name *name, guint index)
{
  for (guint i = 0; i < index; i++)
    {
      const Span label = _label_at(name, i);
      const SiagaLabel *known = label.length < EXACT_MIN ? NULL : _find_label(self, label);
      if (known)
        return known;
    }
  return NULL;
}

/* An agency's label left of the registered one, beside a registered label that lures. */
static gboolean
_check_bait_above(const SiagaLookalikes *self, const Name *name, guint index, Span label, guint64 letters,
                  SiagaLookalike *found)
{
  const Span above = { name->text, index ? label.text - name->text - 1 : 0 };
  const SiagaLabel *known = _find_above(self, name, index);
  if (!known && !memchr(above.text, '-', above.length))
    return FALSE;
  const SiagaLabel *bait = _find_bait(self, label, letters, 0, 0);
  if (bait && !known)
    known = _find_telling(self, above);
  return bait && known && _found_bait(found, known, bait);
}

static gboolean
_check_bait_beside(const SiagaLookalikes *self, const SiagaLabel *known, Span label, guint64 letters,
                   SiagaLookalike *found)
{
  gssize at = _find_word(label, known, TOKEN_MIN, GLUED_MIN);
  if (at < 0)
    return FALSE;
  const gboolean telling = known->telling && _find_word(label, known, EXACT_MIN, SIAGA_LABEL_MAX + 1) >= 0;
  const gboolean about =
      _find_beside(self->about, label, letters, SIAGA_BAIT_MIN, GLUED_BAIT_MIN, at, at + known->length) != NULL;
  if (telling && !about)
    return _found_agency(found, SIAGA_LOOKALIKE_BAIT, known->agency, label);
  if (about && !known->telling)
    return FALSE;
  const SiagaLabel *bait = _find_lure(self, label, letters, at, at + known->length);
  return bait && _found_bait(found, known, bait);
}

/* The longest first: "kemendag" stands in "kemendagri". */
static gboolean
_check_bait(const SiagaLookalikes *self, const Name *name, guint index, Span label, guint64 letters,
            SiagaLookalike *found)
{
  gsize longest = MIN(label.length, SIAGA_LABEL_MAX + SIAGA_BAIT_MIN);
  for (gsize length = longest < SIAGA_BAIT_MIN ? 0 : longest - SIAGA_BAIT_MIN; length >= TOKEN_MIN; length--)
    {
      const SiagaLabels *known = &self->by_length[length];
      for (guint i = 0; i < known->count; i++)
        if (!(known->letters[i] & ~letters) && _check_bait_beside(self, known->labels[i], label, letters, found))
          return TRUE;
    }
  return _check_bait_above(self, name, index, label, letters, found);
}

static gboolean
_ends_in(Span label, const gchar *ending)
{
  gsize length = strlen(ending);
  return label.length >= length && memcmp(label.text + label.length - length, ending, length) == 0;
}

/* The government's suffix that stands, without dots, at the end of LETTERS: "go.id" of "kominfogoid".  SUFFIX_R: 7. */
static gboolean
_is_glued_suffix(const SiagaLookalikes *self, Span letters, const gchar *second, gchar *suffix)
{
  const gsize length = strlen(second) + 2;
  if (letters.length <= length || memcmp(letters.text + letters.length - length, second, length - 2) != 0)
    return FALSE;
  gsize known_length;
  g_snprintf(suffix, 8, "%s.%.2s", second, letters.text + letters.length - 2);
  return siaga_suffixes_find(self->imitated, suffix, strlen(suffix), &known_length) && known_length == length + 1;
}

/* Of "birgovph" and "ccc-govsg" everything tells, "petrogovmy" is a word; of "…goid" only an agency's label in front of
 * it does. */
static gboolean
_check_front(const SiagaLookalikes *self, Span front, const gchar *suffix, Span label, SiagaLookalike *found)
{
  gchar of[NAME_SIZE];
  const SiagaLabel *known = front.length < TOKEN_MIN ? NULL : _find_label(self, front);
  if (known)
    return _found_agency(found, SIAGA_LOOKALIKE_HYPHENATED, known->agency, label);
  if (!g_str_has_prefix(suffix, "gov") || front.length < TOKEN_MIN ||
      (front.length > SHORT_MAX && !memchr(label.text, '-', label.length)))
    return FALSE;
  const gsize length = g_snprintf(of, sizeof of, "%.*s.%s", (int) front.length, front.text, suffix);
  return _found(found, SIAGA_LOOKALIKE_HYPHENATED, (Span){ of, length }, _agency_of(self, of, length), label);
}

/* "kominfogoid", "kominfo-goid", "birgovph": the suffix is glued to what stands in front of it. */
static gboolean
_check_glued(const SiagaLookalikes *self, Span label, SiagaLookalike *found)
{
  static const gchar *const seconds[] = { "go", "gov" };
  gchar letters[SIAGA_LABEL_MAX + 1], suffix[8];
  gsize length = 0;
  if (label.length > SIAGA_LABEL_MAX || !memchr(label.text, 'g', label.length))
    return FALSE;
  for (gsize i = 0; i < label.length; i++)
    if (label.text[i] != '-')
      letters[length++] = label.text[i];
  for (guint i = 0; i < G_N_ELEMENTS(seconds); i++)
    if (_is_glued_suffix(self, (Span){ letters, length }, seconds[i], suffix) &&
        _check_front(self, (Span){ letters, length - strlen(suffix) + 1 }, suffix, label, found))
      return TRUE;
  return FALSE;
}

/* "pajakgo.id": the dot before the government's suffix is left out.  LABEL lies in the name, whose rest follows it. */
static gboolean
_check_lost_dot(const SiagaLookalikes *self, Span label, SiagaLookalike *found)
{
  static const gchar *const seconds[] = { "go", "gov", "mil" };
  for (guint i = 0; i < G_N_ELEMENTS(seconds); i++)
    {
      if (!_ends_in(label, seconds[i]))
        continue;
      Span front = { label.text, label.length - strlen(seconds[i]) };
      const gchar *suffix = front.text + front.length;
      const SiagaLabel *known = front.length < TOKEN_MIN ? NULL : _find_label(self, front);
      if (known && _government(self, suffix, strlen(suffix)))
        return _found_agency(found, SIAGA_LOOKALIKE_HYPHENATED, known->agency, label);
    }
  return FALSE;
}

/* TEXT, decoded, as it looks, at the end of LOOKS; FALSE when it is no name. */
static gboolean
_append_decoded(const gchar *text, Name *looks)
{
  char *unicode = NULL;
  if (idn2_to_unicode_8z8z(text, &unicode, 0) != IDN2_OK)
    return FALSE;
  looks->length +=
      siaga_skeleton_latin(unicode, strlen(unicode), looks->text + looks->length, sizeof looks->text - looks->length);
  idn2_free(unicode);
  return TRUE;
}

static void
_append_text(const gchar *text, gsize length, Name *looks)
{
  length = MIN(length, sizeof looks->text - 1 - looks->length);
  memcpy(looks->text + looks->length, text, length);
  looks->length += length;
  looks->text[looks->length] = '\0';
}

/* Label by label: most of a name has nothing to decode. */
static void
_decode_labels(const Name *name, Name *looks)
{
  for (const gchar *label = name->text;;)
    {
      gchar copy[NAME_SIZE];
      const gsize length = strchrnul(label, '.') - label;
      memcpy(copy, label, length);
      copy[length] = '\0';
      if (strncmp(copy, "xn--", 4) != 0 || !_append_decoded(copy, looks))
        _append_text(label, length, looks);
      label += length;
      if (!*label)
        return;
      _append_text(label++, 1, looks);
    }
}

/* NAME as it looks; FALSE when that is what it is. */
static gboolean
_decode(const Name *name, Name *looks)
{
  looks->length = 0;
  looks->text[0] = '\0';
  if (g_str_is_ascii(name->text))
    _decode_labels(name, looks);
  else if (!_append_decoded(name->text, looks))
    return FALSE;
  return looks->length && strcmp(looks->text, name->text) != 0;
}

/* Whatever a name in other letters looks like, it is the letters that tell. */
static gboolean
_check_foreign(const SiagaLookalikes *self, const Name *looks, guint index, SiagaLookalike *found)
{
  Span whole = { looks->text, looks->length };
  gboolean is = _government(self, looks->text, looks->length) != NULL;
  if (is)
    _found(found, SIAGA_LOOKALIKE_HOMOGLYPH, whole, _agency_of(self, whole.text, whole.length), whole);
  Span label = _label_at(looks, index);
  const guint64 letters = siaga_label_letters(label.text, label.length);
  is = is || _check_embedded(self, looks, found) || _check_hyphenated(self, looks, found) ||
       _check_folded(self, label, TRUE, found) || _check_edit(self, label, letters, found) ||
       _check_bait(self, looks, index, label, letters, found);
  if (is)
    found->kind = SIAGA_LOOKALIKE_HOMOGLYPH;
  return is;
}

/* "pajak.g0.id.example": digits for the letters of the suffix. */
static gboolean
_check_digits(const SiagaLookalikes *self, const Name *name, SiagaLookalike *found)
{
  static const struct
  {
    const gchar *written, *meant;
  } labels[] = { { ".g0.", ".go." }, { ".g0v.", ".gov." }, { ".1d.", ".id." } };
  if (!strstr(name->text, ".g0") && !strstr(name->text, ".1d."))
    return FALSE;
  Name meant = *name;
  for (guint i = 0; i < G_N_ELEMENTS(labels); i++)
    {
      gchar *at = strstr(meant.text, labels[i].written);
      if (at)
        memcpy(at, labels[i].meant, strlen(labels[i].meant));
    }
  if (!_check_embedded(self, &meant, found))
    return FALSE;
  found->kind = SIAGA_LOOKALIKE_HOMOGLYPH;
  return TRUE;
}

static gboolean
_separates(gchar c)
{
  return c == '.' || c == '-';
}

/* The "gov" of a "gov.id" that stands inside NAME, in dots or hyphens; such a country's government has "go" for it. */
static const gchar *
_find_invented(const Name *name)
{
  static const gchar *const countries[] = { "id", "th" };
  for (const gchar *at = strstr(name->text + 1, "gov"); at; at = strstr(at + 1, "gov"))
    for (guint i = 0; i < G_N_ELEMENTS(countries); i++)
      if (_separates(at[-1]) && _separates(at[3]) && strncmp(at + 4, countries[i], 2) == 0 && _separates(at[6]))
        return at;
  return NULL;
}

/* "pajak.gov.id.example", "beacukai.gov-id.example": as the suffix should be, with something behind it. */
static gboolean
_check_invented(const SiagaLookalikes *self, const Name *name, SiagaLookalike *found)
{
  const gchar *at = _find_invented(name);
  Name meant;
  if (!at)
    return FALSE;
  const gboolean hyphens = at[3] == '-' || at[6] == '-';
  meant.length = g_snprintf(meant.text, sizeof meant.text, "%.*s.go.%.2s.%s", (int) (at - 1 - name->text), name->text,
                            at + 4, at + 7);
  for (gchar *p = meant.text; hyphens && p < meant.text + (at - name->text); p++)
    *p = *p == '-' ? '.' : *p;
  if (!_check_embedded(self, &meant, found))
    return FALSE;
  found->kind = hyphens ? SIAGA_LOOKALIKE_HYPHENATED : SIAGA_LOOKALIKE_EMBEDDED;
  return TRUE;
}

/* "polri.go.co": an agency's label before a registered "go", under another country's suffix. */
static gboolean
_check_other_country(const SiagaLookalikes *self, const Name *name, guint index, Span label, SiagaLookalike *found)
{
  static const gchar *const seconds[] = { "go", "gov", "goid" };
  gboolean is = FALSE;
  for (guint i = 0; index && i < G_N_ELEMENTS(seconds); i++)
    is |= label.length == strlen(seconds[i]) && memcmp(label.text, seconds[i], label.length) == 0;
  if (!is)
    return FALSE;
  const SiagaLabel *known = _find_label(self, _label_at(name, index - 1));
  return known && known->length > EXACT_MIN && _found_agency(found, SIAGA_LOOKALIKE_EMBEDDED, known->agency, label);
}

static gboolean
_is_harmless(const SiagaLookalikes *self, const Name *name)
{
  return !strchr(name->text, '.') || _government(self, name->text, name->length) ||
         siaga_suffixes_find(self->allowed, name->text, name->length, NULL) ||
         siaga_victims_is_own(self->victims, name->text, name->length);
}

/* Whoever has a name there has shown papers, and is called what it says.  LABEL lies in the name. */
static gboolean
_is_vetted(const SiagaLookalikes *self, Span label)
{
  const gchar *suffix = label.text + label.length;
  return *suffix && siaga_suffixes_find(self->vetted, suffix + 1, strlen(suffix + 1), NULL);
}

static gboolean
_check(const SiagaLookalikes *self, const gchar *text, gsize length, SiagaLookalike *found)
{
  Name name, looks;
  guint index;

  if (!_take(&name, text, length) || _is_harmless(self, &name))
    return FALSE;
  gboolean foreign = strstr(name.text, "xn--") != NULL || !g_str_is_ascii(name.text);
  if (_check_embedded(self, &name, found) && !strstr(found->of, "xn--"))
    return TRUE;
  if (strchr(name.text, '-') && !foreign && _check_hyphenated(self, &name, found))
    return TRUE;
  if (_check_digits(self, &name, found) || _check_invented(self, &name, found))
    return TRUE;
  if (!_registered_label(self, &name, &index))
    return FALSE;
  if (foreign && _decode(&name, &looks))
    return _check_foreign(self, &looks, index, found);
  found->kind = SIAGA_LOOKALIKE_NONE;
  Span label = _label_at(&name, index);
  if (siaga_suffixes_find(self->allowed_labels, label.text, label.length, NULL))
    return FALSE;
  if (_check_glued(self, label, found) || _check_lost_dot(self, label, found) ||
      _check_other_country(self, &name, index, label, found) || _check_folded(self, label, FALSE, found))
    return TRUE;
  const guint64 letters = siaga_label_letters(label.text, label.length);
  return (_check_edit(self, label, letters, found) || _check_bait(self, &name, index, label, letters, found)) &&
         !_is_vetted(self, label);
}

gboolean
siaga_lookalikes_check(const SiagaLookalikes *self, const gchar *text, gsize length, SiagaLookalike *found)
{
  guint nothing;

  found->kind = SIAGA_LOOKALIKE_NONE;
  length = siaga_name_trim(text, length, &text);
  if (siaga_name_cache_get(self->harmless, text, length, &nothing))
    return FALSE;
  if (_check(self, text, length, found))
    return TRUE;
  found->kind = SIAGA_LOOKALIKE_NONE;
  siaga_name_cache_put(self->harmless, text, length, 0);
  return FALSE;
}

void
siaga_lookalike_explain(const SiagaLookalike *found, const gchar *name, GString *out)
{
  static const gchar *const reasons[] = {
    "",
    "a government name with other labels behind it",
    "a government name with hyphens for dots, or without them",
    "it looks the same in other letters",
    "the registered label is an agency's, or a letter or two away",
    "an agency's name beside a word that lures, or one that nobody else bears",
  };
  g_string_append_printf(out, "%s imitates %s", name, found->of);
  if (found->agency)
    g_string_append_printf(out, " (%s)", found->agency);
  g_string_append_printf(out, ": %s: %s", reasons[found->kind], found->evidence);
  if (found->kind == SIAGA_LOOKALIKE_EDIT)
    g_string_append_printf(out, " (%u edits)", found->distance);
}

guint
siaga_lookalike_score(const SiagaLookalike *found, gboolean is_new)
{
  static const guint scores[] = {
    [SIAGA_LOOKALIKE_NONE] = 0,       [SIAGA_LOOKALIKE_EMBEDDED] = 80, [SIAGA_LOOKALIKE_HYPHENATED] = 70,
    [SIAGA_LOOKALIKE_HOMOGLYPH] = 80, [SIAGA_LOOKALIKE_EDIT] = 60,     [SIAGA_LOOKALIKE_BAIT] = 60,
  };
  return scores[found->kind] - 10 * MIN(found->distance, EDITS_MAX) + (is_new ? 20 : 0);
}

/* What is below one registered domain is one name: subdomains cost nothing. */
static gboolean
_is_new(const SiagaLookalikes *self, SiagaSeenNames *seen, const SiagaEvent *event, Span name)
{
  gsize length = siaga_name_trim(name.text, name.length, &name.text);
  Name lower;
  if (!seen || event->time_kind == SIAGA_TIME_NONE || !_take(&lower, name.text, length))
    return FALSE;
  gsize offset = siaga_registered_domain(self->public_suffixes, lower.text, lower.length);
  if (offset >= lower.length)
    offset = 0;
  return siaga_seen_names_is_new(seen, lower.text + offset, lower.length - offset, event->time);
}

static gboolean
_tag_name(const SiagaLookalikes *self, SiagaSeenNames *seen, SiagaEvent *event, Span name)
{
  SiagaLookalike found;
  if (!name.length || !siaga_lookalikes_check(self, name.text, name.length, &found))
    return FALSE;
  const gchar *kind = siaga_lookalike_kind_name(found.kind);
  siaga_event_set_copy(event, SIAGA_F_LOOKALIKE_OF, found.of, strlen(found.of));
  siaga_event_set(event, SIAGA_F_LOOKALIKE_KIND, kind, strlen(kind));
  siaga_event_set_int(event, SIAGA_F_LOOKALIKE_SCORE, siaga_lookalike_score(&found, _is_new(self, seen, event, name)));
  if (!siaga_event_has_tag(event, "lookalike"))
    siaga_event_add(event, SIAGA_F_TAGS, "lookalike", strlen("lookalike"));
  return TRUE;
}

gboolean
siaga_lookalikes_tag(const SiagaLookalikes *self, SiagaSeenNames *seen, SiagaEvent *event)
{
  static const SiagaFieldId fields[] = { SIAGA_F_DNS_QUESTION_NAME, SIAGA_F_HTTP_REQUEST_HOST,
                                         SIAGA_F_HTTP_REQUEST_REFERRER, SIAGA_F_TLS_CLIENT_SERVER_NAME };
  siaga_event_unset(event, SIAGA_F_LOOKALIKE_OF);
  siaga_event_unset(event, SIAGA_F_LOOKALIKE_KIND);
  siaga_event_unset(event, SIAGA_F_LOOKALIKE_SCORE);
  if (seen && event->time_kind != SIAGA_TIME_NONE)
    siaga_seen_names_notice(seen, event->time);
  for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
    {
      Span text;
      text.text = siaga_event_text(event, fields[i], &text.length);
      if (text.text && fields[i] == SIAGA_F_HTTP_REQUEST_REFERRER)
        text.length = siaga_name_of_url(text.text, text.length, &text.text);
      if (text.text && _tag_name(self, seen, event, text))
        return TRUE;
    }
  return FALSE;
}
