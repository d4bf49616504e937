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

#define LABELS_SHOWN 6

static void
_append_labels(Report *self, guint32 index, guint *left)
{
  const SiagaNode *node = siaga_rules_node(self->rules, index);
  if (node->kind == SIAGA_NODE_ATOM)
    {
      if (*left)
        g_string_append_printf(self->out, "%s%s", *left == LABELS_SHOWN ? "" : ", ",
                               siaga_rules_atom(self->rules, node->first)->label);
      *left -= *left ? 1 : 0;
      return;
    }
  for (guint32 i = 0; i < node->count; i++)
    _append_labels(self, siaga_rules_child(self->rules, node, i), left);
}

static guint
_count_atoms(const SiagaRules *rules, guint32 index)
{
  const SiagaNode *node = siaga_rules_node(rules, index);
  guint count = node->kind == SIAGA_NODE_ATOM;
  for (guint32 i = 0; node->kind != SIAGA_NODE_ATOM && i < node->count; i++)
    count += _count_atoms(rules, siaga_rules_child(rules, node, i));
  return count;
}

/* What would have had to be true; in words that a rule writer finds again in the rule. */
static void
_list_lacks(Report *self, const SiagaMatch *match, guint32 index)
{
  const SiagaNode *node = siaga_rules_node(self->rules, index);
  guint left = LABELS_SHOWN, atoms = _count_atoms(self->rules, index);
  if (siaga_node_is_true(match, index))
    return;
  if (node->kind == SIAGA_NODE_AND)
    {
      for (guint32 i = 0; i < node->count; i++)
        _list_lacks(self, match, siaga_rules_child(self->rules, node, i));
      return;
    }
  g_string_append(self->out, node->kind == SIAGA_NODE_NOT ? "    must not have "
                             : atoms > 1                  ? "    lacks any of "
                                                          : "    lacks ");
  _append_labels(self, index, &left);
  if (atoms > LABELS_SHOWN)
    g_string_append_printf(self->out, " … (%u more)", atoms - LABELS_SHOWN);
  g_string_append_c(self->out, '\n');
}

static gboolean
_is_excused(const SiagaMatch *match, const SiagaRuleEntry *entry)
{
  return entry->excuses && siaga_node_is_true(match, entry->own) && !siaga_node_is_true(match, entry->root);
}

#define EXCUSE_SHOWN 4 /* what was found for a filter */

/* Which filter keeps quiet a rule whose own condition is true, and what it found. */
static void
_list_excuses(Report *self, const SiagaMatch *match)
{
  for (guint i = 0; i < self->entry->excuses->len; i++)
    {
      const SiagaExcuse *excuse = &g_array_index(self->entry->excuses, SiagaExcuse, i);
      guint left = EXCUSE_SHOWN;
      if (siaga_node_is_true(match, excuse->node))
        continue;
      g_string_append_printf(self->out, "  excused by the filter '%s' (%s:%u)\n", excuse->title, excuse->place.file,
                             excuse->place.line);
      _list_atoms(self, match, excuse->node, &left);
    }
}

static void
_report(SiagaMatch *match, guint64 sources, const guint64 *woken G_GNUC_UNUSED, gpointer user_data)
{
  Report *self = user_data;
  const SiagaRuleEntry *entry = self->entry;
  gboolean matches = siaga_node_is_true(match, entry->root), excused = _is_excused(match, entry);

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
      if (!matches && !excused)
        _list_lacks(self, match, identifier->node);
    }
  if (entry->condition)
    g_string_append_printf(self->out, "  condition: %s\n", entry->condition);
  if (excused)
    _list_excuses(self, match);
  g_string_append_printf(self->out, "  => %s\n", matches ? "match" : "no match");
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
    siaga_match_plan_examine(self, event, TRUE, _report, &report);
}

typedef struct
{
  const SiagaRules *rules;
  guint16 *out;
  guint max, count;
} Excused;

static void
_note_excused(SiagaMatch *match, guint64 sources, const guint64 *woken G_GNUC_UNUSED, gpointer user_data)
{
  Excused *self = user_data;
  for (guint i = 0; i < self->rules->entries->len && self->count < self->max; i++)
    {
      const SiagaRuleEntry *entry = siaga_rules_entry(self->rules, i);
      if (sources >> entry->source & 1 && entry->root != SIAGA_NODE_NONE && _is_excused(match, entry))
        self->out[self->count++] = i;
    }
}

guint
siaga_rules_excused(const SiagaRules *self, const SiagaEvent *event, guint16 *out, guint max)
{
  Excused excused = { self, out, max, 0 };
  siaga_match_plan_examine(self, event, TRUE, _note_excused, &excused);
  return excused.count;
}
