/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Cuts regexes at their long gaps: an automaton that had to remember across them would have too many states. */

#include "matcher-regex.h"

#include <math.h>
#include <string.h>

#define GAP_BYTES 100  /* an endless repeat of so many different bytes is a gap */
#define COMMON 0.2     /* likelier parts stand in too many texts to be looked for */
#define RARE 0.0000002 /* such a part needs no help from others */
#define HELPFUL 0.005  /* others help only when they are rarer than this */
#define ORDINARY 0.005 /* bytes that words and paths are made of are likelier than this */
#define WORD 0.0001    /* no word is rarer, however long */

/* --- how likely a part matches at a place of an ordinary text ------------------------------------------------------
 */

static gdouble
_byte_likelihood(guint byte)
{
  if (g_ascii_islower(byte))
    return 0.03;
  if (g_ascii_isdigit(byte) || g_ascii_isupper(byte))
    return 0.015;
  if (byte && strchr("/.-_ ", byte))
    return 0.03;
  return byte && strchr("=&?;:,()%+", byte) ? 0.008 : 0.0003;
}

static const gdouble *
_byte_likelihoods(void)
{
  static gdouble table[256];
  static gsize made;
  if (g_once_init_enter(&made))
    {
      for (guint c = 0; c < 256; c++)
        table[c] = _byte_likelihood(c);
      g_once_init_leave(&made, 1);
    }
  return table;
}

static gdouble
_set_likelihood(const SiagaByteSet *set)
{
  const gdouble *likelihoods = _byte_likelihoods();
  gdouble sum = 0;
  for (guint w = 0; w < 4 && sum < 1; w++)
    for (guint64 bits = set->bits[w]; bits; bits &= bits - 1)
      sum += likelihoods[w * 64 + __builtin_ctzll(bits)];
  return MIN(sum, 1);
}

static gdouble _likelihood(const SiagaRegexNode *node);

/* Letters of a word come together. */
static gdouble
_sequence_likelihood(const SiagaRegexNode *node)
{
  gdouble words = 1, rest = 1;
  for (guint i = 0; i < node->children->len; i++)
    {
      gdouble one = _likelihood(node->children->pdata[i]);
      if (one > ORDINARY)
        words *= one;
      else
        rest *= one;
    }
  return MAX(words, WORD) * rest;
}

static gdouble
_alternatives_likelihood(const SiagaRegexNode *node)
{
  gdouble all = 0;
  for (guint i = 0; i < node->children->len; i++)
    all += _likelihood(node->children->pdata[i]);
  return MIN(all, 1);
}

static gdouble
_likelihood(const SiagaRegexNode *node)
{
  switch (node->kind)
    {
    case SIAGA_REGEX_SET:
      return _set_likelihood(&node->set);
    case SIAGA_REGEX_ASSERT:
      return node->assertion >= SIAGA_ASSERT_WORD ? 0.4 : 0.05;
    case SIAGA_REGEX_CAT:
      return _sequence_likelihood(node);
    case SIAGA_REGEX_ALT:
      return _alternatives_likelihood(node);
    case SIAGA_REGEX_REPEAT:
      return node->minimum ? pow(_likelihood(node->children->pdata[0]), node->minimum) : 1;
    default:
      return 1;
    }
}

/* --- cutting -------------------------------------------------------------------------------------------------------
 */

static gboolean
_has_gap(const SiagaRegexNode *self)
{
  if (!self->children || !self->children->len)
    return FALSE;
  const SiagaRegexNode *child = self->children->pdata[0];
  if (self->kind == SIAGA_REGEX_REPEAT && self->maximum == G_MAXUINT && child->kind == SIAGA_REGEX_SET &&
      siaga_byte_set_size(&child->set) >= GAP_BYTES)
    return TRUE;
  for (guint i = 0; i < self->children->len; i++)
    if (_has_gap(self->children->pdata[i]))
      return TRUE;
  return FALSE;
}

/* The node at PLACE, which its parent has no more: the tree is cut up, not copied. */
static SiagaRegexNode *
_take(gpointer *place)
{
  SiagaRegexNode *node = *place;
  *place = NULL;
  return node;
}

/* Takes PART over; keeps the rarest, in order. */
static void
_offer(SiagaSegments *self, SiagaRegexNode *part)
{
  guint place = self->count;
  if (siaga_regex_is_nullable(part))
    {
      siaga_regex_free(part);
      return;
    }
  while (place && _likelihood(part) < _likelihood(self->segments[place - 1]))
    place--;
  if (place == SIAGA_SEGMENTS_MAX)
    {
      siaga_regex_free(part);
      return;
    }
  if (self->count == SIAGA_SEGMENTS_MAX)
    siaga_regex_free(self->segments[--self->count]);
  memmove(self->segments + place + 1, self->segments + place, (self->count - place) * sizeof self->segments[0]);
  self->segments[place] = part;
  self->count++;
}

static SiagaRegexNode *
_parent(SiagaRegexKind kind)
{
  SiagaRegexNode *node = g_new0(SiagaRegexNode, 1);
  node->kind = kind;
  node->children = g_ptr_array_new();
  return node;
}

static void _collect(gpointer *place, SiagaSegments *segments);

static void
_collect_runs(SiagaRegexNode *self, SiagaSegments *segments)
{
  SiagaRegexNode *run = _parent(SIAGA_REGEX_CAT);
  for (guint i = 0; i < self->children->len; i++)
    {
      gpointer *child = &self->children->pdata[i];
      if (!_has_gap(*child))
        {
          g_ptr_array_add(run->children, _take(child));
          continue;
        }
      _collect(child, segments);
      _offer(segments, run);
      run = _parent(SIAGA_REGEX_CAT);
    }
  _offer(segments, run);
}

/* Whichever alternative matches, the best part of one of them is there. */
static void
_collect_either(SiagaRegexNode *self, SiagaSegments *segments)
{
  SiagaRegexNode *either = _parent(SIAGA_REGEX_ALT);
  for (guint i = 0; i < self->children->len; i++)
    {
      SiagaSegments own = { 0 };
      _collect(&self->children->pdata[i], &own);
      for (guint k = 1; k < own.count; k++)
        siaga_regex_free(own.segments[k]);
      if (!own.count)
        {
          siaga_regex_free(either);
          return;
        }
      g_ptr_array_add(either->children, own.segments[0]);
    }
  _offer(segments, either);
}

/* The parts without gaps that every match of the node at PLACE holds; what is left of it can only be freed. */
static void
_collect(gpointer *place, SiagaSegments *segments)
{
  SiagaRegexNode *self = *place;
  if (!_has_gap(self))
    _offer(segments, _take(place));
  else if (self->kind == SIAGA_REGEX_CAT)
    _collect_runs(self, segments);
  else if (self->kind == SIAGA_REGEX_ALT)
    _collect_either(self, segments);
  else if (self->kind == SIAGA_REGEX_REPEAT && self->minimum)
    _collect(&self->children->pdata[0], segments);
}

/* --- ends that say nothing -----------------------------------------------------------------------------------------
 */

static gboolean
_has_assertion(const SiagaRegexNode *self)
{
  if (self->kind == SIAGA_REGEX_ASSERT)
    return TRUE;
  for (guint i = 0; self->children && i < self->children->len; i++)
    if (_has_assertion(self->children->pdata[i]))
      return TRUE;
  return FALSE;
}

/* A repeat at the end of what is looked for is there as soon as its least number is; so at the start. */
static void
_trim(SiagaRegexNode *self, gboolean first)
{
  if (self->kind == SIAGA_REGEX_REPEAT && !_has_assertion(self))
    self->maximum = MAX(self->minimum, 1);
  if (self->kind == SIAGA_REGEX_ALT)
    for (guint i = 0; i < self->children->len; i++)
      _trim(self->children->pdata[i], first);
  if (self->kind != SIAGA_REGEX_CAT)
    return;
  while (self->children->len)
    {
      guint end = first ? 0 : self->children->len - 1;
      SiagaRegexNode *child = self->children->pdata[end];
      if (!siaga_regex_is_nullable(child) || _has_assertion(child))
        {
          _trim(child, first);
          return;
        }
      siaga_regex_free(g_ptr_array_remove_index(self->children, end));
    }
}

/* Keeps those that select. */
static gboolean
_select(SiagaSegments *self)
{
  if (!self->count || _likelihood(self->segments[0]) > COMMON)
    return FALSE;
  guint keep = 1;
  while (keep < self->count && _likelihood(self->segments[0]) > RARE && _likelihood(self->segments[keep]) < HELPFUL)
    keep++;
  while (self->count > keep)
    siaga_regex_free(self->segments[--self->count]);
  return TRUE;
}

static void
_segments_clear(gpointer data)
{
  SiagaSegments *self = data;
  for (guint i = 0; i < self->count; i++)
    siaga_regex_free(self->segments[i]);
}

static void
_note_alphabets(const SiagaRegexNode *alternative, SiagaSegments *segments)
{
  for (guint i = 0; i < SIAGA_ALPHABETS; i++)
    segments->possible[i] = siaga_regex_is_possible(alternative, siaga_alphabet(i));
}

static gboolean
_cut(gpointer *place, SiagaSegments *segments)
{
  const SiagaRegexNode *alternative = *place;
  _note_alphabets(alternative, segments);
  segments->exact = !_has_gap(alternative) && !siaga_regex_is_loose(alternative);
  _collect(place, segments);
  if (!_select(segments))
    return FALSE;
  for (guint i = 0; i < segments->count; i++)
    {
      _trim(segments->segments[i], TRUE);
      _trim(segments->segments[i], FALSE);
    }
  return TRUE;
}

GArray *
siaga_segments_of(SiagaRegexNode *root)
{
  GArray *all = g_array_new(FALSE, TRUE, sizeof(SiagaSegments));
  gboolean useful = TRUE;

  g_array_set_clear_func(all, _segments_clear);
  for (guint i = 0; i < root->children->len && useful; i++)
    {
      SiagaSegments segments = { 0 };
      useful = _cut(&root->children->pdata[i], &segments);
      g_array_append_val(all, segments);
    }
  siaga_regex_free(root);
  if (useful)
    return all;
  g_array_unref(all);
  return NULL;
}
