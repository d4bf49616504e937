/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Follows the plan: scans the texts of an event and judges the rules that this wakes. */

#include "plan-memory.h"
#include "plan-private.h"

#include "engine/base/ascii.h"

#include <string.h>

/* A thread's own; all words are zero between matches. */
typedef struct
{
  SiagaMemory *memory;
  guint64 *atoms, *asked, *rules, *hits;
  guint atom_words, asked_words, rule_words, hit_words;
  SiagaKeys keys;
  SiagaReadAddress read;
} Scratch;

typedef struct
{
  SiagaMatch match; /* the first: asking for late atoms finds the run by it */
  const SiagaPlan *plan;
  const FamilyPlan *family;
  Scratch *scratch;
  guint64 sources; /* that the event belongs to */
  gboolean asked;  /* for any late atom */
} Run;

/* --- a thread's scratch --------------------------------------------------------------------------------------------
 */

static void
_scratch_free(gpointer data)
{
  Scratch *self = data;
  siaga_line_keys_release(&self->keys);
  g_free(self->atoms);
  g_free(self->asked);
  g_free(self->rules);
  g_free(self->hits);
  siaga_memory_free(self->memory);
  g_free(self);
}

static GPrivate scratch_key = G_PRIVATE_INIT(_scratch_free);

static void
_grow(guint64 **words, guint *count, guint wanted)
{
  if (*count >= wanted)
    return;
  g_free(*words);
  *words = g_new0(guint64, wanted);
  *count = wanted;
}

static Scratch *
_scratch(const SiagaPlan *plan)
{
  Scratch *self = g_private_get(&scratch_key);
  if (G_UNLIKELY(!self))
    {
      self = g_new0(Scratch, 1);
      self->memory = siaga_memory_new();
      g_private_set(&scratch_key, self);
    }
  _grow(&self->atoms, &self->atom_words, plan->atom_words);
  _grow(&self->asked, &self->asked_words, plan->atom_words);
  _grow(&self->rules, &self->rule_words, plan->rule_words);
  _grow(&self->hits, &self->hit_words, plan->hit_words);
  if (G_UNLIKELY(self->keys.columns < plan->columns))
    {
      g_free(self->keys.first);
      self->keys.first = g_new0(guint16, plan->columns);
      self->keys.columns = plan->columns;
    }
  return self;
}

/* --- scanning ------------------------------------------------------------------------------------------------------
 */

static void
_hit(Run *self, guint32 atom)
{
  const SiagaPlan *plan = self->plan;
  guint64 *word = &self->scratch->atoms[atom / 64], bit = G_GUINT64_CONSTANT(1) << (atom % 64);
  if (*word & bit)
    return;
  *word |= bit;
  for (guint32 i = plan->trigger_first[atom]; i < plan->trigger_first[atom + 1]; i++)
    self->scratch->rules[plan->triggers[i] / 64] |= G_GUINT64_CONSTANT(1) << (plan->triggers[i] % 64);
}

static void
_hit_expression(Run *self, const Scan *scan, guint expression)
{
  for (guint32 i = scan->first[expression]; i < scan->first[expression + 1]; i++)
    _hit(self, scan->atoms[i]);
}

/* COMES_AGAIN: there may be a memory of TEXT.  What is late is asked too seldom for that. */
static void
_scan_text(Run *self, const Scan *scan, SiagaText text, gboolean comes_again)
{
  const SiagaRecollection *known = NULL;
  SiagaMemoryPlace place;
  if (!scan->matcher)
    return;
  place.known = NULL;
  if (comes_again && !scan->late)
    known = siaga_memory_recall(self->scratch->memory, scan->id, text, &place);
  if (known)
    {
      for (guint i = 0; i < known->count; i++)
        _hit_expression(self, scan, known->expressions[i]);
      return;
    }
  guint64 *hits = self->scratch->hits;
  guint found = siaga_matcher_scan(scan->matcher, text.text, text.length, hits), count = 0;
  gboolean fits = place.known && found <= SIAGA_MEMORY_HITS && siaga_matcher_size(scan->matcher) <= G_MAXUINT16;
  for (guint w = 0; found; w++)
    for (; hits[w]; hits[w] &= hits[w] - 1, found--)
      {
        guint expression = w * 64 + __builtin_ctzll(hits[w]);
        _hit_expression(self, scan, expression);
        if (fits)
          place.known->expressions[count++] = expression;
      }
  if (!fits)
    return;
  place.known->count = count;
  siaga_memory_keep(&place, scan->id, text);
}

static inline gboolean
_is_whole(const SiagaNeedle *needle, SiagaText text)
{
  if (needle->length != text.length)
    return FALSE;
  if (needle->flags & SIAGA_MATCH_CASELESS)
    return siaga_ascii_equal(needle->text, text.text, text.length);
  return memcmp(needle->text, text.text, text.length) == 0;
}

static void
_look_up(Run *self, const ColumnPlan *column, SiagaText text)
{
  if (!(column->exact_lengths & siaga_length_bit(text.length)))
    return;
  guint32 hash = siaga_exact_hash(text.text, text.length);
  for (guint32 slot = hash & column->exact_mask; column->exact[slot].needle; slot = (slot + 1) & column->exact_mask)
    {
      const Exact *exact = &column->exact[slot];
      if (exact->hash == hash && _is_whole(exact->needle, text))
        _hit(self, exact->atom);
    }
}

/* The only text of a column; FALSE when it has none or several. */
static gboolean
_only_text(const Run *self, gint number, SiagaText *text_r)
{
  const SiagaEvent *event = self->match.event;
  if (number < 0)
    return FALSE;
  const SiagaColumn *column = siaga_mapping_column(self->match.rules->mapping, number);
  if (column->kind == SIAGA_COLUMN_RAW)
    {
      *text_r = (SiagaText){ event->original, event->original_length };
      return event->original != NULL;
    }
  const SiagaValue *value = siaga_event_get(event, column->field);
  if (!value || value->next || value->type != SIAGA_VT_TEXT)
    return FALSE;
  *text_r = (SiagaText){ value->text, value->length };
  return TRUE;
}

static gboolean
_ends_with(SiagaText text, SiagaText end)
{
  if (end.length > text.length)
    return FALSE;
  const gchar *tail = text.text + text.length - end.length;
  return tail == end.text || memcmp(tail, end.text, end.length) == 0;
}

/* Lines are hardly ever the same twice: they have a time. */
static inline gboolean
_comes_again(const ColumnPlan *column)
{
  return column->reads.kind != SIAGA_COLUMN_RAW &&
         (column->reads.kind != SIAGA_COLUMN_FIELD || column->reads.field != SIAGA_F_MESSAGE);
}

static void
_scan_value(Run *self, const ColumnPlan *column, SiagaText text)
{
  const gboolean comes_again = _comes_again(column);
  SiagaText other;
  _look_up(self, column, text);
  _scan_text(self, &column->all, text, comes_again);
  if (!column->unlike.matcher && !column->apart.matcher)
    return;
  if (_only_text(self, column->twin, &other) && other.length == text.length && _ends_with(other, text))
    return;
  _scan_text(self, &column->unlike, text, comes_again);
  if (column->apart.matcher && (!_only_text(self, column->container, &other) || !_ends_with(other, text)))
    _scan_text(self, &column->apart, text, comes_again);
}

static void
_scan_field(Run *self, const ColumnPlan *column, const SiagaValue *value)
{
  gchar buffer[40];
  for (; value; value = siaga_event_next(self->match.event, value))
    {
      SiagaText text;
      text.text = siaga_value_text(value, buffer, &text.length);
      if (text.text)
        _scan_value(self, column, text);
    }
}

static void
_scan_column(Run *self, const ColumnPlan *column)
{
  SiagaWalk walk;
  SiagaText text;

  if (column->reads.kind == SIAGA_COLUMN_FIELD)
    {
      _scan_field(self, column, siaga_event_get(self->match.event, column->reads.field));
      return;
    }
  siaga_walk_start(&walk, &self->match, column->column);
  while (siaga_walk_next(&walk, &self->match, column->column, &text))
    if (text.text)
      _scan_value(self, column, text);
}

static void
_scan_columns(Run *self, const GArray *columns)
{
  for (guint i = 0; i < columns->len; i++)
    {
      const ColumnPlan *column = &g_array_index(columns, ColumnPlan, i);
      if (column->sources & self->sources)
        _scan_column(self, column);
    }
}

static void
_scan_event(Run *self)
{
  const SiagaEvent *event = self->match.event;
  if (self->sources & self->family->keyed && event->original)
    {
      siaga_line_keys_read(&self->scratch->keys, self->match.rules->mapping, event->original, event->original_length);
      self->match.keys = &self->scratch->keys;
    }
  _scan_columns(self, self->family->columns);
}

static void
_ask_atom(Run *self, guint32 atom)
{
  guint64 *word = &self->scratch->asked[atom / 64], bit = G_GUINT64_CONSTANT(1) << (atom % 64);
  if (*word & bit)
    return;
  *word |= bit;
  self->asked = TRUE;
  if (self->family->late[atom])
    _scan_columns(self, self->family->late[atom]);
}

void
siaga_plan_ask(SiagaMatch *match, guint32 first, guint32 last)
{
  Run *self = (Run *) match;
  for (guint32 atom = first; atom <= last; atom++)
    {
      _ask_atom(self, atom);
      if (self->scratch->atoms[atom / 64] >> (atom % 64) & 1)
        return;
    }
}

static void
_ask_all(Run *self)
{
  for (guint32 atom = 0; atom < self->plan->atoms; atom++)
    _ask_atom(self, atom);
  self->match.asked = NULL;
}

static void
_clear(Run *self)
{
  memset(self->scratch->atoms, 0, self->plan->atom_words * sizeof(guint64));
  if (self->asked)
    memset(self->scratch->asked, 0, self->plan->atom_words * sizeof(guint64));
  if (self->match.keys)
    siaga_line_keys_clear(&self->scratch->keys);
}

static void
_judge(Run *self, guint rule, SiagaHits *hits)
{
  if (!siaga_plan_judge(self->plan, &self->match, rule, self->sources))
    return;
  if (hits->count < SIAGA_HITS_MAX)
    hits->rule[hits->count++] = rule;
  else
    hits->overflow = TRUE;
}

static void
_wake_always(Run *self)
{
  const GArray *always = self->family->always;
  for (guint i = 0; i < always->len; i++)
    {
      guint rule = g_array_index(always, guint, i);
      self->scratch->rules[rule / 64] |= G_GUINT64_CONSTANT(1) << (rule % 64);
    }
}

static inline Run
_run_of(const SiagaRules *rules, const SiagaEvent *event, guint64 sources)
{
  const SiagaPlan *plan = rules->plan;
  Run run = {
    { rules, event, NULL, NULL, NULL, NULL }, plan, &plan->families[event->family & 3], _scratch(plan), sources, FALSE
  };
  run.match.atoms = run.scratch->atoms;
  run.match.asked = run.scratch->asked;
  run.match.read = &run.scratch->read;
  return run;
}

gboolean
siaga_rules_match(const SiagaRules *self, const SiagaEvent *event, SiagaHits *hits)
{
  const SiagaPlan *plan = self->plan;
  const FamilyPlan *family = &plan->families[event->family & 3];
  guint64 sources = family->sources ? siaga_mapping_sources(self->mapping, event) & family->sources : 0;

  hits->count = 0;
  hits->overflow = FALSE;
  if (!sources)
    return FALSE;
  Run run = _run_of(self, event, sources);
  _scan_event(&run);
  _wake_always(&run);
  guint64 *rules = run.scratch->rules;
  for (guint w = 0; w < plan->rule_words; w++)
    for (; rules[w]; rules[w] &= rules[w] - 1)
      _judge(&run, w * 64 + __builtin_ctzll(rules[w]), hits);
  _clear(&run);
  return hits->count > 0;
}

void
siaga_match_plan_examine(const SiagaRules *rules, const SiagaEvent *event, gboolean every, SiagaExamineFunc body,
                         gpointer user_data)
{
  const SiagaPlan *plan = rules->plan;
  guint64 sources = siaga_mapping_sources(rules->mapping, event);
  Run run = _run_of(rules, event, every ? ~G_GUINT64_CONSTANT(0) : sources);

  _scan_event(&run);
  if (every)
    _ask_all(&run);
  _wake_always(&run);
  body(&run.match, sources, run.scratch->rules, user_data);
  memset(run.scratch->rules, 0, plan->rule_words * sizeof(guint64));
  _clear(&run);
}
