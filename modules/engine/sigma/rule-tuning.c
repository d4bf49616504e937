/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What tunes rules without editing them: filters, overrides, placeholders. */

#include "regex-layout.h"
#include "sigma-private.h"

#include <string.h>

/* --- placeholders --------------------------------------------------------------------------------------------------
 */

/* A list that is there already grows: a site adds to what is shipped. */
static GPtrArray *
_placeholder(SiagaRules *self, const gchar *name)
{
  GPtrArray *values = g_hash_table_lookup(self->placeholders, name);
  if (!values)
    {
      values = g_ptr_array_new_with_free_func(g_free);
      g_hash_table_insert(self->placeholders, g_strdup(name), values);
    }
  return values;
}

/* An expression may be written over several lines, as in a rule. */
static void
_add_value(GPtrArray *values, const SiagaYaml *scalar)
{
  gchar *plain = siaga_regex_unfold(scalar->text);
  g_ptr_array_add(values, plain ? plain : g_strdup(scalar->text));
}

/* FALSE: it is no list of values. */
static gboolean
_read_placeholder(SiagaRules *self, const gchar *name, const SiagaYaml *list)
{
  gboolean single = list->kind == SIAGA_YAML_SCALAR;
  gboolean ok = single || (list->kind == SIAGA_YAML_LIST && list->size);
  for (guint i = 0; ok && !single && i < list->size; i++)
    ok = list->values[i]->kind == SIAGA_YAML_SCALAR;
  if (!ok)
    return FALSE;
  GPtrArray *values = _placeholder(self, name);
  for (guint i = 0; i < (single ? 1 : list->size); i++)
    _add_value(values, single ? list : list->values[i]);
  return TRUE;
}

gboolean
siaga_rules_read_placeholders(SiagaRules *self, const SiagaYaml *map, SiagaDiag *diag)
{
  gboolean ok = map->kind == SIAGA_YAML_MAP;
  if (!ok)
    siaga_diag_error(diag, map->place, "placeholders: expected a map from names to lists of values");
  for (guint i = 0; ok && i < map->size; i++)
    {
      ok = _read_placeholder(self, map->keys[i]->text, map->values[i]);
      if (!ok)
        siaga_diag_error(diag, map->values[i]->place, "placeholder '%s': expected a list of values",
                         map->keys[i]->text);
    }
  return ok;
}

/* --- overrides -----------------------------------------------------------------------------------------------------
 */

static gboolean
_read_flag(const SiagaYaml *map, const gchar *key, gboolean *value_r, SiagaDiag *diag)
{
  const SiagaYaml *node = siaga_yaml_get(map, key);
  if (!node || siaga_yaml_to_bool(node, value_r))
    return TRUE;
  siaga_diag_error(diag, node->place, "%s: expected true or false", key);
  return FALSE;
}

static gboolean
_read_override(SiagaRules *self, const SiagaYaml *map, SiagaDiag *diag)
{
  static const gchar *const allowed[] = { "rule", "level", "disable", "simulate", NULL };
  SiagaOverride new = { .place = map->place };
  const gchar *rule = siaga_yaml_get_text(map, "rule"), *level = siaga_yaml_get_text(map, "level");

  if (!rule)
    {
      siaga_diag_error(diag, map->place, "expected { rule: id, name or title; level, disable or simulate }");
      return FALSE;
    }
  if (!siaga_yaml_check_keys(map, allowed, diag) || !_read_flag(map, "disable", &new.disable, diag) ||
      !_read_flag(map, "simulate", &new.simulate, diag))
    return FALSE;
  new.level = siaga_level_by_name(level);
  new.has_level = level != NULL;
  if (level && new.level == SIAGA_LEVEL_NONE)
    {
      siaga_diag_error(diag, siaga_yaml_get(map, "level")->place,
                       "level: expected one of informational, low, medium, high, critical");
      return FALSE;
    }
  new.rule = g_strdup(rule);
  new.place.file = g_string_chunk_insert_const(self->strings, map->place.file ? map->place.file : "");
  g_array_append_val(self->overrides, new);
  return TRUE;
}

gboolean
siaga_rules_read_overrides(SiagaRules *self, const SiagaYaml *list, SiagaDiag *diag)
{
  gboolean ok = list->kind == SIAGA_YAML_LIST;
  if (!ok)
    siaga_diag_error(diag, list->place, "overrides: expected a list of { rule, level, disable, simulate }");
  for (guint i = 0; list->kind == SIAGA_YAML_LIST && i < list->size; i++)
    ok = _read_override(self, list->values[i], diag) && ok;
  return ok;
}

static gboolean
_is_meant(const SiagaRuleEntry *entry, const gchar *rule)
{
  return g_ascii_strcasecmp(entry->rule.id, rule) == 0 || g_strcmp0(entry->rule.name, rule) == 0 ||
         strcmp(entry->rule.title, rule) == 0;
}

static void
_override(SiagaRuleEntry *entry, const SiagaOverride *override)
{
  if (override->has_level)
    entry->rule.level = override->level;
  if (override->simulate)
    entry->rule.simulate = TRUE;
  if (!override->disable)
    return;
  entry->disabled = TRUE;
  entry->root = SIAGA_NODE_NONE;
}

void
siaga_rules_apply_overrides(SiagaRules *self, SiagaDiag *diag)
{
  for (guint i = 0; i < self->overrides->len; i++)
    {
      const SiagaOverride *override = &g_array_index(self->overrides, SiagaOverride, i);
      gboolean found = FALSE;
      for (guint r = 0; r < self->entries->len; r++)
        if (_is_meant(siaga_rules_entry(self, r), override->rule))
          {
            _override(siaga_rules_entry(self, r), override);
            found = TRUE;
          }
      if (!found)
        siaga_diag_warning(diag, override->place, "no rule has the id, name or title '%s'", override->rule);
    }
}

/* --- filters -------------------------------------------------------------------------------------------------------
 */

static gboolean
_part_fits(const SiagaYaml *logsource, const gchar *key, const gchar *of_rule)
{
  const gchar *wanted = siaga_yaml_get_text(logsource, key);
  return !wanted || g_strcmp0(wanted, of_rule) == 0;
}

static gboolean
_logsource_fits(const SiagaFilter *filter, const SiagaRuleEntry *entry)
{
  const SiagaYaml *logsource = siaga_yaml_get(filter->document, "logsource");
  return !logsource ||
         (_part_fits(logsource, "category", entry->category) && _part_fits(logsource, "product", entry->product) &&
          _part_fits(logsource, "service", entry->service));
}

static void
_note_excuse(SiagaRules *self, const SiagaFilter *filter, SiagaRuleEntry *entry, guint32 node)
{
  const gchar *title = siaga_yaml_get_text(filter->document, "title");
  SiagaExcuse excuse = { g_string_chunk_insert_const(self->strings, title ? title : "(no title)"),
                         filter->document->place, node };
  excuse.place.file = g_string_chunk_insert_const(self->strings, excuse.place.file ? excuse.place.file : "");
  if (!entry->excuses)
    {
      entry->excuses = g_array_new(FALSE, FALSE, sizeof(SiagaExcuse));
      entry->own = entry->root;
    }
  g_array_append_val(entry->excuses, excuse);
}

static gboolean
_apply_filter(SiagaRules *self, const SiagaFilter *filter, SiagaRuleEntry *entry, SiagaDiag *diag)
{
  gboolean missing;
  guint32 nodes[2] = { entry->root, siaga_detection_compile(self, entry, filter->filter, "rules", diag, &missing) };
  if (nodes[1] == SIAGA_NODE_NONE)
    return FALSE;
  _note_excuse(self, filter, entry, nodes[1]);
  entry->root = siaga_rules_add_node(self, SIAGA_NODE_AND, nodes, 2);
  entry->rule.version = siaga_checksum_node(entry->rule.version, filter->filter);
  return TRUE;
}

static gboolean
_can_be_filtered(const SiagaFilter *filter, const SiagaRuleEntry *entry)
{
  return entry->root != SIAGA_NODE_NONE && _logsource_fits(filter, entry);
}

static SiagaRuleEntry *
_find_meant(SiagaRules *self, const gchar *rule)
{
  SiagaRuleEntry *entry = g_hash_table_lookup(self->by_name, rule);
  for (guint i = 0; !entry && i < self->entries->len; i++)
    if (_is_meant(siaga_rules_entry(self, i), rule))
      entry = siaga_rules_entry(self, i);
  return entry;
}

static gboolean
_apply_to_named(SiagaRules *self, const SiagaFilter *filter, const SiagaYaml *name, SiagaDiag *diag)
{
  SiagaRuleEntry *entry = _find_meant(self, name->text);
  if (!entry)
    {
      siaga_diag_warning(diag, name->place, "filter: no rule has the id or name '%s'", name->text);
      return TRUE;
    }
  if (_can_be_filtered(filter, entry))
    return _apply_filter(self, filter, entry, diag);
  if (!entry->disabled)
    siaga_diag_warning(diag, name->place, "filter: rule '%s' has another log source", name->text);
  return TRUE;
}

static gboolean
_apply_to_any(SiagaRules *self, const SiagaFilter *filter, SiagaDiag *diag)
{
  for (guint i = 0; i < self->entries->len; i++)
    {
      SiagaRuleEntry *entry = siaga_rules_entry(self, i);
      if (_can_be_filtered(filter, entry) && !_apply_filter(self, filter, entry, diag))
        return FALSE;
    }
  return TRUE;
}

static gboolean
_apply_to(SiagaRules *self, const SiagaFilter *filter, const SiagaYaml *rules, SiagaDiag *diag)
{
  if (rules->kind != SIAGA_YAML_SCALAR)
    return FALSE;
  return g_ascii_strcasecmp(rules->text, "any") == 0 ? _apply_to_any(self, filter, diag)
                                                     : _apply_to_named(self, filter, rules, diag);
}

gboolean
siaga_rules_apply_filters(SiagaRules *self, SiagaDiag *diag)
{
  gboolean ok = TRUE;
  for (guint i = 0; i < self->filters->len; i++)
    {
      const SiagaFilter *filter = &g_array_index(self->filters, SiagaFilter, i);
      const SiagaYaml *rules = siaga_yaml_get(filter->filter, "rules");
      if (rules->kind != SIAGA_YAML_LIST)
        ok = _apply_to(self, filter, rules, diag) && ok;
      else
        for (guint k = 0; k < rules->size; k++)
          ok = _apply_to(self, filter, rules->values[k], diag) && ok;
    }
  return ok;
}
