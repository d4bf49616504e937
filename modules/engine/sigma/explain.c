/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Says in words why a rule matches an event, or why not. */

#include "sigma-private.h"

typedef struct
{
  const SiagaRules *rules;
  const SiagaRuleEntry *entry;
  GString *out;
} Report;

#define ATOMS_SHOWN 20

static void
_list_atoms(Report *self, const SiagaMatch *match, guint32 index, guint *left)
{
  const SiagaNode *node = siaga_rules_node(self->rules, index);
  if (node->kind == SIAGA_NODE_ATOM)
    {
      if (!siaga_atom_is_true(match, node->first) || !*left)
        return;
      --*left;
      g_string_append_printf(self->out, "    found %s\n", siaga_rules_atom(self->rules, node->first)->label);
      return;
    }
  for (guint32 i = 0; i < node->count; i++)
    _list_atoms(self, match, siaga_rules_child(self->rules, node, i), left);
}

static void
_report(const SiagaMatch *match, guint64 sources, gpointer user_data)
{
  Report *self = user_data;
  const SiagaRuleEntry *entry = self->entry;

  if (!(sources >> entry->source & 1))
    {
      g_string_append_printf(self->out, "  the line is not of log source '%s'\n",
                             siaga_mapping_source_name(self->rules->mapping, entry->source));
      return;
    }
  for (guint i = 0; entry->identifiers && i < entry->identifiers->len; i++)
    {
      const SiagaIdentifier *identifier = &g_array_index(entry->identifiers, SiagaIdentifier, i);
      guint left = ATOMS_SHOWN;
      g_string_append_printf(self->out, "  %s: %s\n", identifier->name,
                             siaga_node_is_true(match, identifier->node) ? "true" : "false");
      _list_atoms(self, match, identifier->node, &left);
    }
  if (entry->condition)
    g_string_append_printf(self->out, "  condition: %s\n", entry->condition);
  g_string_append_printf(self->out, "  => %s\n", siaga_node_is_true(match, entry->root) ? "match" : "no match");
}

void
siaga_rules_explain(const SiagaRules *self, const SiagaEvent *event, guint rule, GString *out)
{
  const SiagaRuleEntry *entry = siaga_rules_entry(self, rule);
  Report report = { self, entry, out };

  g_string_append_printf(out, "%s (%s, %s:%u)\n", entry->rule.title, siaga_level_name(entry->rule.level),
                         entry->rule.place.file ? entry->rule.place.file : "", entry->rule.place.line);
  if (entry->rule.correlation)
    g_string_append(out, "  a correlation: it counts other rules' hits\n");
  else if (entry->root == SIAGA_NODE_NONE)
    g_string_append(out, "  disabled\n");
  else
    siaga_match_plan_examine(self, event, _report, &report);
}
