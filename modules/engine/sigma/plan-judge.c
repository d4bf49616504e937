/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Conditions in a row: what is answered by a bit comes first, so that most rules that were woken end there. */

#include "plan-private.h"

static guint
_kind_of(const SiagaRules *rules, const SiagaNode *node)
{
  if (node->kind != SIAGA_NODE_ATOM)
    return node->kind == SIAGA_NODE_AND  ? SIAGA_STEP_ALL
           : node->kind == SIAGA_NODE_OR ? SIAGA_STEP_ANY
                                         : SIAGA_STEP_NOT;
  return siaga_rules_atom(rules, node->first)->kind == SIAGA_ATOM_TEXT ? SIAGA_STEP_BIT : SIAGA_STEP_ATOM;
}

static gint
_compare(gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;
  return x < y ? -1 : x > y;
}

static void
_append_bits(SiagaPlan *self, guint32 first, guint32 last)
{
  SiagaStep step = { .kind = first == last ? SIAGA_STEP_BIT : SIAGA_STEP_RANGE,
                     .late = siaga_plan_is_late(self, first),
                     .atom = first,
                     .end = self->steps->len + 1,
                     .last = last };
  g_array_append_val(self->steps, step);
}

static gboolean
_are_neighbours(const SiagaPlan *self, guint32 atom, guint32 next)
{
  return next <= atom + 1 && siaga_plan_is_late(self, next) == siaga_plan_is_late(self, atom);
}

/* The long lists of values that rules have are rows of neighbouring bits. */
static void
_append_ranges(SiagaPlan *self, const SiagaRules *rules, const SiagaNode *node)
{
  GArray *bits = g_array_new(FALSE, FALSE, sizeof(guint32));
  for (guint32 i = 0; i < node->count; i++)
    {
      const SiagaNode *child = siaga_rules_node(rules, siaga_rules_child(rules, node, i));
      if (_kind_of(rules, child) == SIAGA_STEP_BIT)
        g_array_append_val(bits, child->first);
    }
  g_array_sort(bits, _compare);
  for (guint i = 0, next; i < bits->len; i = next)
    {
      guint32 first = g_array_index(bits, guint32, i), last = first;
      for (next = i + 1; next < bits->len && _are_neighbours(self, last, g_array_index(bits, guint32, next)); next++)
        last = g_array_index(bits, guint32, next);
      _append_bits(self, first, last);
    }
  g_array_unref(bits);
}

static void
_append_node(SiagaPlan *self, const SiagaRules *rules, guint32 index)
{
  const SiagaNode *node = siaga_rules_node(rules, index);
  SiagaStep step = { .kind = _kind_of(rules, node), .atom = node->first, .last = node->first };
  step.late = step.kind == SIAGA_STEP_BIT && siaga_plan_is_late(self, step.atom);
  guint here = self->steps->len, kind = SIAGA_STEP_BIT;

  g_array_append_val(self->steps, step);
  if (node->kind == SIAGA_NODE_OR)
    {
      _append_ranges(self, rules, node);
      kind++;
    }
  for (; node->kind != SIAGA_NODE_ATOM && kind <= SIAGA_STEP_NOT; kind++)
    for (guint32 i = 0; i < node->count; i++)
      {
        guint32 child = siaga_rules_child(rules, node, i);
        if (_kind_of(rules, siaga_rules_node(rules, child)) == kind)
          _append_node(self, rules, child);
      }
  g_array_index(self->steps, SiagaStep, here).end = self->steps->len;
}

void
siaga_plan_collect_steps(SiagaPlan *self, const SiagaRules *rules)
{
  self->steps = g_array_new(FALSE, FALSE, sizeof(SiagaStep));
  self->judges = g_new0(SiagaJudge, rules->entries->len + 1);
  for (guint i = 0; i < rules->entries->len; i++)
    {
      const SiagaRuleEntry *entry = siaga_rules_entry(rules, i);
      if (entry->root == SIAGA_NODE_NONE)
        continue;
      self->judges[i] = (SiagaJudge){ G_GUINT64_CONSTANT(1) << entry->source, self->steps->len };
      _append_node(self, rules, entry->root);
    }
}

static gboolean
_any_bit(const guint64 *bits, guint32 first, guint32 last)
{
  guint64 from = ~G_GUINT64_CONSTANT(0) << (first % 64), to = ~G_GUINT64_CONSTANT(0) >> (63 - last % 64);
  guint word = first / 64;
  if (word == last / 64)
    return (bits[word] & from & to) != 0;
  if (bits[word] & from)
    return TRUE;
  while (++word < last / 64)
    if (bits[word])
      return TRUE;
  return (bits[word] & to) != 0;
}

typedef enum
{
  ANSWER_NO,
  ANSWER_YES,
  ANSWER_OPEN, /* it hangs on late atoms that nobody asked for yet */
} Answer;

static inline Answer
_answer(gboolean truth)
{
  return truth ? ANSWER_YES : ANSWER_NO;
}

static gboolean
_is_known(const SiagaMatch *match, const SiagaStep *step)
{
  for (guint32 atom = step->atom; atom <= step->last; atom++)
    if (!(match->asked[atom / 64] >> (atom % 64) & 1))
      return FALSE;
  return TRUE;
}

static Answer
_judge_late(const SiagaStep *step, SiagaMatch *match, gboolean ask)
{
  if (_any_bit(match->atoms, step->atom, step->last))
    return ANSWER_YES;
  if (!match->asked || _is_known(match, step))
    return ANSWER_NO;
  if (!ask)
    return ANSWER_OPEN;
  siaga_plan_ask(match, step->atom, step->last);
  return _answer(_any_bit(match->atoms, step->atom, step->last));
}

typedef enum
{
  ASK_NOTHING,
  ASK,      /* when it cannot be settled without */
  ASK_OPEN, /* it was just found that it cannot */
} Asking;

static Answer _judge(const SiagaStep *steps, SiagaMatch *match, guint32 at, Asking asking);

/* Without asking.  OPEN_R: which parts are open, a bit for each; the last is all further parts'. */
static Answer
_judge_known_parts(const SiagaStep *steps, SiagaMatch *match, guint32 at, Answer decisive, guint64 *open_r)
{
  Answer answer = _answer(decisive == ANSWER_NO);
  guint part = 0;
  *open_r = 0;
  for (guint32 child = at + 1; child < steps[at].end; child = steps[child].end, part++)
    {
      Answer one = _judge(steps, match, child, ASK_NOTHING);
      if (one == decisive)
        return decisive;
      if (one != ANSWER_OPEN)
        continue;
      answer = one;
      *open_r |= G_GUINT64_CONSTANT(1) << MIN(part, 63);
    }
  return answer;
}

/* One part that decides is enough, whatever the open ones are; these are asked only when none does.  Asking for one may
 * settle another, which has to be looked at again. */
static Answer
_judge_parts(const SiagaStep *steps, SiagaMatch *match, guint32 at, Answer decisive, Asking asking)
{
  guint64 open = ~G_GUINT64_CONSTANT(0);
  if (asking != ASK_OPEN)
    {
      Answer answer = _judge_known_parts(steps, match, at, decisive, &open);
      if (answer != ANSWER_OPEN || !asking)
        return answer;
    }
  const Asking parts = asking == ASK_OPEN ? ASK : ASK_OPEN;
  guint part = 0;
  for (guint32 child = at + 1; child < steps[at].end; child = steps[child].end, part++)
    if (open >> MIN(part, 63) & 1 && _judge(steps, match, child, part < 63 ? parts : ASK) == decisive)
      return decisive;
  return _answer(decisive == ANSWER_NO);
}

static Answer
_judge(const SiagaStep *steps, SiagaMatch *match, guint32 at, Asking asking)
{
  const SiagaStep *step = &steps[at];
  Answer inner;
  if (step->late)
    return _judge_late(step, match, asking != ASK_NOTHING);
  switch (step->kind)
    {
    case SIAGA_STEP_BIT:
      return _answer(match->atoms[step->atom / 64] >> (step->atom % 64) & 1);
    case SIAGA_STEP_RANGE:
      return _answer(_any_bit(match->atoms, step->atom, step->last));
    case SIAGA_STEP_ATOM:
      return _answer(siaga_atom_is_true(match, step->atom));
    case SIAGA_STEP_NOT:
      inner = _judge(steps, match, at + 1, asking);
      return inner == ANSWER_OPEN ? inner : _answer(inner == ANSWER_NO);
    case SIAGA_STEP_ANY:
      return _judge_parts(steps, match, at, ANSWER_YES, asking);
    default:
      return _judge_parts(steps, match, at, ANSWER_NO, asking);
    }
}

gboolean
siaga_plan_judge(const SiagaPlan *self, SiagaMatch *match, guint rule, guint64 sources)
{
  const SiagaJudge *judge = &self->judges[rule];
  if (!(judge->source & sources))
    return FALSE;
  return _judge((const SiagaStep *) self->steps->data, match, judge->first, ASK) == ANSWER_YES;
}
