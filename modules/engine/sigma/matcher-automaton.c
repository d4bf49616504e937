/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Builds the automaton that does not know yet which of its states it is in. */

#include "matcher-automaton.h"

#include <string.h>

#define STATES_MAX 200000   /* of an automaton */
#define EXPRESSION_MAX 4000 /* states of one expression */

typedef struct
{
  SiagaAutomaton *automaton;
  guint first; /* state of the expression */
  gboolean failed, loose;
} Builder;

static guint
_set_hash(gconstpointer key)
{
  const guint64 *bits = ((const SiagaByteSet *) key)->bits;
  guint64 hash = ((bits[0] * 31 + bits[1]) * 31 + bits[2]) * 31 + bits[3];
  return (hash * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15)) >> 32;
}

static gboolean
_sets_equal(gconstpointer a, gconstpointer b)
{
  return memcmp(a, b, sizeof(SiagaByteSet)) == 0;
}

SiagaAutomaton *
siaga_automaton_new(guint alphabet)
{
  static gint serials;
  SiagaAutomaton *self = g_new0(SiagaAutomaton, 1);
  self->serial = (guint) g_atomic_int_add(&serials, 1) + 1;
  self->alphabet = alphabet;
  self->states = g_array_new(FALSE, FALSE, sizeof(SiagaState));
  self->sets = g_array_new(FALSE, FALSE, sizeof(SiagaByteSet));
  self->numbers = g_hash_table_new_full(_set_hash, _sets_equal, g_free, NULL);
  self->starts = g_array_new(FALSE, FALSE, sizeof(guint32));
  self->parts = g_array_new(FALSE, FALSE, sizeof(SiagaPart));
  return self;
}

void
siaga_automaton_free(SiagaAutomaton *self)
{
  if (!self)
    return;
  g_array_unref(self->states);
  g_array_unref(self->sets);
  g_clear_pointer(&self->numbers, g_hash_table_unref);
  g_array_unref(self->starts);
  g_array_unref(self->parts);
  g_free(self);
}

/* --- from trees to states; each is built from its end, so that it knows what follows -------------------------------
 */

static guint32
_state_add(Builder *self, SiagaState state)
{
  GArray *states = self->automaton->states;
  if (states->len - self->first >= EXPRESSION_MAX || states->len >= STATES_MAX)
    self->failed = TRUE;
  else
    g_array_append_val(states, state);
  return states->len - 1;
}

static guint16
_set_number(SiagaAutomaton *self, const SiagaByteSet *set)
{
  guint known = GPOINTER_TO_UINT(g_hash_table_lookup(self->numbers, set));
  if (known)
    return known - 1;
  g_array_append_vals(self->sets, set, 1);
  g_hash_table_insert(self->numbers, g_memdup2(set, sizeof *set), GUINT_TO_POINTER(self->sets->len));
  return self->sets->len - 1;
}

static guint32
_split(Builder *self, guint32 one, guint32 other)
{
  return _state_add(self, (SiagaState){ .kind = SIAGA_STATE_SPLIT, .next = one, .other = other });
}

static guint32 _build(Builder *self, const SiagaRegexNode *node, guint32 next, gboolean last);

/* What follows has to match where the text ends: it does when it may be empty; else it is left to PCRE2. */
static guint32
_build_assertion(Builder *self, const SiagaRegexNode *node, guint32 next, gboolean last)
{
  gboolean end = node->assertion == SIAGA_ASSERT_END || node->assertion == SIAGA_ASSERT_LINE_END;
  if (end && !last)
    {
      self->loose = TRUE;
      return next;
    }
  SiagaState state = { .kind = SIAGA_STATE_ASSERT, .assertion = SIAGA_ASSERT_LAST, .next = next };
  if (node->assertion == SIAGA_ASSERT_END)
    state.other = _state_add(self, state);
  state.assertion = node->assertion;
  return _state_add(self, state);
}

static guint32
_build_loop(Builder *self, const SiagaRegexNode *child, guint32 next, gboolean last)
{
  guint32 loop = _split(self, next, next);
  guint32 body = _build(self, child, loop, last);
  if (!self->failed)
    g_array_index(self->automaton->states, SiagaState, loop).next = body;
  return loop;
}

static guint32
_build_repeat(Builder *self, const SiagaRegexNode *node, guint32 next, gboolean last)
{
  const SiagaRegexNode *child = node->children->pdata[0];
  gboolean nullable = siaga_regex_is_nullable(child);
  guint32 end = next;

  if (node->maximum == G_MAXUINT)
    next = _build_loop(self, child, next, last);
  else
    for (guint i = node->minimum; i < node->maximum; i++)
      {
        guint32 body = _build(self, child, next, last);
        next = _split(self, body, end);
      }
  for (guint i = 0; i < node->minimum; i++)
    next = _build(self, child, next, last && (i == 0 || nullable));
  return next;
}

static guint32
_build_either(Builder *self, const SiagaRegexNode *node, guint32 next, gboolean last)
{
  guint32 all = 0;
  for (guint i = 0; i < node->children->len; i++)
    {
      guint32 one = _build(self, node->children->pdata[i], next, last);
      all = i ? _split(self, one, all) : one;
    }
  return all;
}

/* The state from which NODE and then NEXT are looked for.  LAST: what follows may be empty. */
static guint32
_build(Builder *self, const SiagaRegexNode *node, guint32 next, gboolean last)
{
  if (self->failed)
    return next;
  switch (node->kind)
    {
    case SIAGA_REGEX_SET:
      return _state_add(
          self, (SiagaState){ .kind = SIAGA_STATE_SET, .set = _set_number(self->automaton, &node->set), .next = next });
    case SIAGA_REGEX_ASSERT:
      return _build_assertion(self, node, next, last);
    case SIAGA_REGEX_ALT:
      return _build_either(self, node, next, last);
    case SIAGA_REGEX_REPEAT:
      return _build_repeat(self, node, next, last);
    case SIAGA_REGEX_CAT:
      for (guint i = node->children->len; i-- > 0;)
        {
          next = _build(self, node->children->pdata[i], next, last);
          last = last && siaga_regex_is_nullable(node->children->pdata[i]);
        }
      return next;
    default:
      return next;
    }
}

static void
_add_part(Builder *self, guint number, guint alternative, const SiagaSegments *segments, guint which)
{
  SiagaAutomaton *automaton = self->automaton;
  SiagaState accept = { .kind = SIAGA_STATE_ACCEPT, .other = automaton->parts->len };
  const SiagaRegexNode *segment = siaga_regex_in_alphabet(segments->segments[which], automaton->alphabet);
  self->loose = FALSE;
  guint32 start = _build(self, segment, _state_add(self, accept), TRUE);
  siaga_regex_free_copy(segment);
  SiagaPart part = { number, alternative, 1u << which, (1u << segments->count) - 1, segments->exact && !self->loose };
  g_array_append_val(automaton->parts, part);
  g_array_append_val(automaton->starts, start);
}

gboolean
siaga_automaton_add(SiagaAutomaton *self, guint number, const GArray *alternatives)
{
  Builder builder = { self, self->states->len, FALSE, FALSE };
  guint parts = self->parts->len;

  for (guint a = 0; a < alternatives->len; a++)
    {
      const SiagaSegments *segments = &g_array_index(alternatives, SiagaSegments, a);
      guint count = segments->possible[self->alphabet] ? segments->count : 0;
      for (guint i = 0; i < count && !builder.failed; i++)
        _add_part(&builder, number, self->alternatives + a, segments, i);
    }
  if (builder.failed)
    {
      g_array_set_size(self->states, builder.first);
      g_array_set_size(self->parts, parts);
      g_array_set_size(self->starts, parts);
      return FALSE;
    }
  self->alternatives += alternatives->len;
  return TRUE;
}

/* --- classes of bytes ----------------------------------------------------------------------------------------------
 */

/* Splits classes whose members SET tells apart. */
static void
_refine(SiagaAutomaton *self, const SiagaByteSet *set)
{
  gint16 inside[256], outside[256];
  guint count = 0;
  memset(inside, -1, sizeof inside);
  memset(outside, -1, sizeof outside);
  for (guint c = 0; c < 256; c++)
    {
      gint16 *other = siaga_byte_set_has(set, c) ? &inside[self->classes[c]] : &outside[self->classes[c]];
      if (*other < 0)
        *other = count++;
      self->classes[c] = *other;
    }
  self->class_count = count;
}

/* Common bytes have the first classes: what most steps of a row are looked up by lies together in memory. */
static void
_number_by_frequency(SiagaAutomaton *self)
{
  static const gchar common[] = "etaoinsrhldcumfpgwybvkxjqz/.-=_0123456789&?%+: ,;()";
  guint8 numbers[256];
  gboolean numbered[256] = { FALSE };
  guint next = 0;
  for (guint i = 0; i < sizeof common - 1 + 256; i++)
    {
      guint8 class = self->classes[i < sizeof common - 1 ? (guchar) common[i] : i - (sizeof common - 1)];
      if (!numbered[class])
        numbers[class] = next++;
      numbered[class] = TRUE;
    }
  for (guint c = 0; c < 256; c++)
    self->classes[c] = numbers[self->classes[c]];
}

static void
_note_assertions(SiagaAutomaton *self)
{
  for (guint i = 0; i < self->states->len; i++)
    {
      const SiagaState *state = &g_array_index(self->states, SiagaState, i);
      if (state->kind != SIAGA_STATE_ASSERT)
        continue;
      self->words = self->words || state->assertion >= SIAGA_ASSERT_WORD;
      self->lines = TRUE;
    }
}

void
siaga_automaton_finish(SiagaAutomaton *self)
{
  SiagaByteSet set = { { 0 } };
  g_clear_pointer(&self->numbers, g_hash_table_unref);
  self->class_count = 1;
  for (guint i = 0; i < self->sets->len; i++)
    _refine(self, &g_array_index(self->sets, SiagaByteSet, i));
  _note_assertions(self);
  if (self->lines)
    {
      siaga_byte_set_add(&set, '\n');
      _refine(self, &set);
    }
  if (self->words)
    {
      for (guint c = 0; c < 128; c++)
        if (siaga_is_word(c))
          siaga_byte_set_add(&set, c);
      _refine(self, &set);
    }
  _number_by_frequency(self);
  for (guint c = 256; c-- > 0;)
    self->members[self->classes[c]] = c;
}
