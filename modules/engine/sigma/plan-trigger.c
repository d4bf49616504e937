/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Which atoms wake a rule: of those that must be true whenever it is, the rarest.  All others can wait until one is
 * awake. */

#include "plan-private.h"

#define OFTEN 1000 /* the cost of a trigger like a method or an outcome */

typedef struct
{
  GArray *atoms; /* of guint32; NULL: the node can be true without any of them */
  guint64 cost;  /* of all of them */
  guint most;    /* of one: many that are rare each do not wake a rule often */
} Trigger;

static Trigger _find_trigger(const SiagaRules *rules, guint32 index);

static Trigger
_cheapest_trigger(const SiagaRules *rules, const SiagaNode *node)
{
  Trigger best = { NULL, 0, 0 };
  for (guint32 i = 0; i < node->count; i++)
    {
      Trigger one = _find_trigger(rules, siaga_rules_child(rules, node, i));
      if (!one.atoms)
        continue;
      if (best.atoms && best.cost <= one.cost)
        {
          g_array_unref(one.atoms);
          continue;
        }
      if (best.atoms)
        g_array_unref(best.atoms);
      best = one;
    }
  return best;
}

static Trigger
_common_trigger(const SiagaRules *rules, const SiagaNode *node)
{
  Trigger all = { g_array_new(FALSE, FALSE, sizeof(guint32)), 0, 0 };
  for (guint32 i = 0; i < node->count && all.atoms; i++)
    {
      Trigger one = _find_trigger(rules, siaga_rules_child(rules, node, i));
      if (one.atoms)
        {
          g_array_append_vals(all.atoms, one.atoms->data, one.atoms->len);
          all.cost += one.cost;
          all.most = MAX(all.most, one.most);
          g_array_unref(one.atoms);
        }
      else
        g_clear_pointer(&all.atoms, g_array_unref);
    }
  return all;
}

/* Atoms of which at least one is true whenever the node is, the rarest that can be had. */
static Trigger
_find_trigger(const SiagaRules *rules, guint32 index)
{
  const SiagaNode *node = siaga_rules_node(rules, index);
  Trigger none = { NULL, 0, 0 };

  if (node->kind == SIAGA_NODE_AND)
    return _cheapest_trigger(rules, node);
  if (node->kind == SIAGA_NODE_OR)
    return _common_trigger(rules, node);
  if (node->kind == SIAGA_NODE_NOT)
    return none;
  const SiagaAtom *atom = siaga_rules_atom(rules, node->first);
  if (atom->kind != SIAGA_ATOM_TEXT)
    return none;
  guint cost = siaga_plan_cost(rules, atom);
  Trigger itself = { g_array_new(FALSE, FALSE, sizeof(guint32)), cost, cost };
  g_array_append_val(itself.atoms, node->first);
  return itself;
}

static void
_add_always(SiagaPlan *self, const SiagaRules *rules, guint rule)
{
  guint families = siaga_mapping_families(rules->mapping, siaga_rules_entry(rules, rule)->source);
  for (guint f = 0; f < SIAGA_FAMILIES; f++)
    if (families >> f & 1)
      g_array_append_val(self->families[f].always, rule);
}

/* No longer late: the atoms below INDEX. */
static void
_hurry(SiagaPlan *self, const SiagaRules *rules, guint32 index)
{
  const SiagaNode *node = siaga_rules_node(rules, index);
  if (node->kind == SIAGA_NODE_ATOM)
    self->late[node->first / 64] &= ~(G_GUINT64_CONSTANT(1) << (node->first % 64));
  else
    for (guint32 i = 0; i < node->count; i++)
      _hurry(self, rules, siaga_rules_child(rules, node, i));
}

/* What wakes no rule and has to be looked for.  The rules OFTEN (of guint), awake at most events, would ask at once. */
static void
_collect_late(SiagaPlan *self, const SiagaRules *rules, const GArray *often)
{
  self->late = g_new0(guint64, self->atom_words);
  for (guint32 i = 0; i < rules->atoms->len; i++)
    {
      const SiagaAtom *atom = siaga_rules_atom(rules, i);
      gboolean wakes = self->trigger_first[i] < self->trigger_first[i + 1];
      if (atom->kind == SIAGA_ATOM_TEXT && !wakes && !siaga_needle_is_whole(&atom->needle))
        self->late[i / 64] |= G_GUINT64_CONSTANT(1) << (i % 64);
    }
  for (guint i = 0; i < often->len; i++)
    _hurry(self, rules, siaga_rules_entry(rules, g_array_index(often, guint, i))->root);
}

void
siaga_plan_collect_triggers(SiagaPlan *self, const SiagaRules *rules)
{
  GArray **by_atom = g_new0(GArray *, rules->atoms->len + 1);
  GArray *all = g_array_new(FALSE, FALSE, sizeof(guint32)), *often = g_array_new(FALSE, FALSE, sizeof(guint));

  for (guint rule = 0; rule < rules->entries->len; rule++)
    {
      SiagaRuleEntry *entry = siaga_rules_entry(rules, rule);
      if (entry->root == SIAGA_NODE_NONE)
        continue;
      Trigger trigger = _find_trigger(rules, entry->root);
      entry->always = !trigger.atoms;
      if (entry->always)
        _add_always(self, rules, rule);
      if (entry->always || trigger.most > OFTEN)
        g_array_append_val(often, rule);
      for (guint i = 0; trigger.atoms && i < trigger.atoms->len; i++)
        {
          guint32 atom = g_array_index(trigger.atoms, guint32, i);
          if (!by_atom[atom])
            by_atom[atom] = g_array_new(FALSE, FALSE, sizeof(guint32));
          g_array_append_val(by_atom[atom], rule);
        }
      if (trigger.atoms)
        g_array_unref(trigger.atoms);
    }
  self->trigger_first = g_new0(guint32, rules->atoms->len + 1);
  for (guint atom = 0; atom < rules->atoms->len; atom++)
    {
      self->trigger_first[atom] = all->len;
      if (by_atom[atom])
        {
          g_array_append_vals(all, by_atom[atom]->data, by_atom[atom]->len);
          g_array_unref(by_atom[atom]);
        }
    }
  self->trigger_first[rules->atoms->len] = all->len;
  self->triggers = (guint32 *) g_array_free(all, FALSE);
  g_free(by_atom);
  _collect_late(self, rules, often);
  g_array_unref(often);
}
