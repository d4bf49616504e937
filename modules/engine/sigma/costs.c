/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What a rule costs: its condition, and the confirmations of its regexes.  The scan is everybody's. */

#include "plan-private.h"

#include <siaga/stats.h>

#define CLOCK_ROUNDS 1000

struct _SiagaRuleCosts
{
  const SiagaRules *rules;
  SiagaRuleCost *costs;  /* by rule */
  GHashTable *owners;    /* text of a regex (GBytes) -> rules that have it (GArray of guint, ascending) */
  SiagaRuleCost *judged; /* the rule that is being judged: it alone asks for its late texts, in its own time */
  gint64 clock;          /* what it takes to look at the clock */
};

static void
_own_text(SiagaRuleCosts *self, const SiagaNeedle *needle, guint rule)
{
  GBytes *text = g_bytes_new(needle->text, needle->length);
  GArray *rules = g_hash_table_lookup(self->owners, text);

  if (!rules)
    {
      rules = g_array_new(FALSE, FALSE, sizeof(guint));
      g_hash_table_insert(self->owners, g_bytes_ref(text), rules);
    }
  if (!rules->len || g_array_index(rules, guint, rules->len - 1) != rule)
    g_array_append_val(rules, rule);
  g_bytes_unref(text);
}

static void
_own_node(SiagaRuleCosts *self, const SiagaNode *node, guint rule)
{
  if (node->kind != SIAGA_NODE_ATOM)
    {
      for (guint32 i = 0; i < node->count; i++)
        _own_node(self, siaga_rules_node(self->rules, siaga_rules_child(self->rules, node, i)), rule);
      return;
    }
  const SiagaAtom *atom = siaga_rules_atom(self->rules, node->first);
  if (atom->kind == SIAGA_ATOM_TEXT && atom->needle.text)
    _own_text(self, &atom->needle, rule);
}

static gint64
_time_of_clock(void)
{
  gint64 least = G_MAXINT64;
  for (guint i = 0; i < CLOCK_ROUNDS; i++)
    {
      gint64 start = siaga_thread_clock();
      least = MIN(least, siaga_thread_clock() - start);
    }
  return least;
}

static void
_array_free(gpointer array)
{
  g_array_unref(array);
}

SiagaRuleCosts *
siaga_rule_costs_new(const SiagaRules *rules)
{
  SiagaRuleCosts *self = g_new0(SiagaRuleCosts, 1);

  self->rules = rules;
  self->costs = g_new0(SiagaRuleCost, rules->entries->len + 1);
  self->owners = g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, _array_free);
  self->clock = _time_of_clock();
  for (guint i = 0; i < rules->entries->len; i++)
    if (siaga_rules_entry(rules, i)->root != SIAGA_NODE_NONE)
      _own_node(self, siaga_rules_node(rules, siaga_rules_entry(rules, i)->root), i);
  return self;
}

void
siaga_rule_costs_free(SiagaRuleCosts *self)
{
  if (!self)
    return;
  g_hash_table_unref(self->owners);
  g_free(self->costs);
  g_free(self);
}

static void
_charge(SiagaRuleCosts *self, guint rule, gint64 nanoseconds)
{
  self->costs[rule].nanoseconds += MAX(0, nanoseconds - self->clock);
}

static void
_hear(const gchar *expression, gsize length, gint64 nanoseconds, gpointer user_data)
{
  SiagaRuleCosts *self = user_data;
  if (self->judged)
    {
      self->judged->asked++;
      return;
    }
  GBytes *text = g_bytes_new_static(expression, length);
  const GArray *rules = g_hash_table_lookup(self->owners, text);

  for (guint i = 0; rules && i < rules->len; i++)
    {
      guint rule = g_array_index(rules, guint, i);
      self->costs[rule].asked++;
      _charge(self, rule, nanoseconds);
    }
  g_bytes_unref(text);
}

static void
_judge(SiagaRuleCosts *self, SiagaMatch *match, guint64 sources, guint rule)
{
  SiagaRuleCost *cost = &self->costs[rule];
  self->judged = cost;
  gint64 start = siaga_thread_clock();
  gboolean matches = siaga_plan_judge(self->rules->plan, match, rule, sources);
  _charge(self, rule, siaga_thread_clock() - start);
  self->judged = NULL;
  cost->judged++;
  cost->matched += matches;
}

static void
_judge_all(SiagaMatch *match, guint64 sources, const guint64 *woken, gpointer user_data)
{
  SiagaRuleCosts *self = user_data;
  for (guint w = 0; w < self->rules->plan->rule_words; w++)
    for (guint64 bits = woken[w]; bits; bits &= bits - 1)
      _judge(self, match, sources, w * 64 + __builtin_ctzll(bits));
}

void
siaga_rule_costs_add(SiagaRuleCosts *self, const SiagaEvent *event)
{
  siaga_matcher_listen(_hear, self);
  siaga_match_plan_examine(self->rules, event, FALSE, _judge_all, self);
  siaga_matcher_listen(NULL, NULL);
}

const SiagaRuleCost *
siaga_rule_costs_get(const SiagaRuleCosts *self, guint rule)
{
  return &self->costs[rule];
}
