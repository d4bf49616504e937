/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads `correlation:` documents; everything that is wrong in one is said, with its place. */

#include "correlation.h"

#include <math.h>
#include <string.h>

#define DEPTH_MAX 16 /* of correlations of correlations */

struct _SiagaCorrelations
{
  const SiagaFields *fields;
  SiagaFieldFinder find; /* NULL: the registry's names only */
  gconstpointer names;
  GPtrArray *rules;    /* of SiagaCorrelation */
  GStringChunk *paths; /* of the files: places outlive them */
};

static const gchar *const type_names[] = {
  "event_count", "value_count", "temporal", "temporal_ordered", "value_sum", "value_avg", "value_percentile",
};
static const gchar *const operator_names[] = { "gt", "gte", "lt", "lte", "eq", "neq" };

static void
_reference_clear(gpointer data)
{
  g_free(((SiagaReference *) data)->text);
}

static void
_group_name_clear(gpointer data)
{
  g_free(((SiagaGroupName *) data)->name);
}

static void
_alias_clear(gpointer data)
{
  g_free(((SiagaAlias *) data)->name);
}

static SiagaCorrelation *
_rule_new(guint index, SiagaPlace place)
{
  SiagaCorrelation *rule = g_new0(SiagaCorrelation, 1);
  rule->index = index;
  rule->place = place;
  rule->references = g_array_new(FALSE, TRUE, sizeof(SiagaReference));
  g_array_set_clear_func(rule->references, _reference_clear);
  rule->group_by = g_array_new(FALSE, TRUE, sizeof(SiagaGroupName));
  g_array_set_clear_func(rule->group_by, _group_name_clear);
  rule->aliases = g_array_new(FALSE, TRUE, sizeof(SiagaAlias));
  g_array_set_clear_func(rule->aliases, _alias_clear);
  rule->values = g_array_new(FALSE, TRUE, sizeof(SiagaFieldId));
  rule->terms = g_array_new(FALSE, TRUE, sizeof(SiagaTerm));
  return rule;
}

static void
_rule_free(gpointer data)
{
  SiagaCorrelation *rule = data;
  g_array_unref(rule->references);
  g_array_unref(rule->group_by);
  g_array_unref(rule->aliases);
  g_array_unref(rule->values);
  g_array_unref(rule->terms);
  g_free(rule);
}

SiagaCorrelations *
siaga_correlations_new(const SiagaFields *fields)
{
  SiagaCorrelations *self = g_new0(SiagaCorrelations, 1);
  self->fields = fields;
  self->rules = g_ptr_array_new_with_free_func(_rule_free);
  self->paths = g_string_chunk_new(256);
  return self;
}

void
siaga_correlations_free(SiagaCorrelations *self)
{
  if (!self)
    return;
  g_ptr_array_unref(self->rules);
  g_string_chunk_free(self->paths);
  g_free(self);
}

void
siaga_correlations_set_names(SiagaCorrelations *self, SiagaFieldFinder find, gconstpointer names)
{
  self->find = find;
  self->names = names;
}

guint
siaga_correlations_size(const SiagaCorrelations *self)
{
  return self ? self->rules->len : 0;
}

const SiagaCorrelation *
siaga_correlations_get(const SiagaCorrelations *self, guint position)
{
  return g_ptr_array_index(self->rules, position);
}

const SiagaFields *
siaga_correlations_fields(const SiagaCorrelations *self)
{
  return self->fields;
}

static gint
_index_of(const gchar *text, const gchar *const *names, guint count)
{
  for (guint i = 0; i < count; i++)
    if (strcmp(text, names[i]) == 0)
      return i;
  return -1;
}

static gboolean
_read_type(SiagaCorrelation *rule, const SiagaYaml *map, SiagaDiag *diag)
{
  const SiagaYaml *node = siaga_yaml_get(map, "type");
  gint type =
      node && node->kind == SIAGA_YAML_SCALAR ? _index_of(node->text, type_names, G_N_ELEMENTS(type_names)) : -1;
  if (type < 0)
    {
      siaga_diag_error(diag, node ? node->place : map->place,
                       "expected 'type' to be event_count, value_count, temporal, temporal_ordered, value_sum, "
                       "value_avg or value_percentile");
      return FALSE;
    }
  rule->type = type;
  return TRUE;
}

static gboolean
_add_reference(SiagaCorrelation *rule, const SiagaYaml *node, SiagaDiag *diag)
{
  if (node->kind != SIAGA_YAML_SCALAR || !node->length)
    {
      siaga_diag_error(diag, node->place, "expected the id or the name of a rule");
      return FALSE;
    }
  for (guint i = 0; i < rule->references->len; i++)
    if (strcmp(g_array_index(rule->references, SiagaReference, i).text, node->text) == 0 &&
        rule->type != SIAGA_CT_TEMPORAL_ORDERED)
      {
        siaga_diag_error(diag, node->place, "rule '%s' stands in 'rules' twice", node->text);
        return FALSE;
      }
  if (rule->references->len == SIAGA_STEPS_MAX)
    {
      siaga_diag_error(diag, node->place, "more than %d rules in one correlation", SIAGA_STEPS_MAX);
      return FALSE;
    }
  SiagaReference reference = { g_strdup(node->text), node->place, -1 };
  g_array_append_val(rule->references, reference);
  return TRUE;
}

static gboolean
_read_references(SiagaCorrelation *rule, const SiagaYaml *map, SiagaDiag *diag)
{
  const SiagaYaml *node = siaga_yaml_get(map, "rules");
  gboolean ok = TRUE;
  if (node && node->kind == SIAGA_YAML_SCALAR)
    return _add_reference(rule, node, diag);
  if (!node || node->kind != SIAGA_YAML_LIST || !node->size)
    {
      siaga_diag_error(diag, node ? node->place : map->place, "expected 'rules': a list of rule ids or names");
      return FALSE;
    }
  for (guint i = 0; i < node->size; i++)
    ok = _add_reference(rule, node->values[i], diag) && ok;
  return ok;
}

static gboolean
_read_timespan(SiagaCorrelation *rule, const SiagaYaml *map, SiagaDiag *diag)
{
  const SiagaYaml *node = siaga_yaml_get(map, "timespan");
  const gchar *text = node && node->kind == SIAGA_YAML_SCALAR ? node->text : "";
  gsize digits = strspn(text, "0123456789");
  guint64 number = digits && digits < 9 ? g_ascii_strtoull(text, NULL, 10) : 0; /* of days too it does not overflow */
  static const struct
  {
    gchar unit;
    guint seconds;
  } units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };

  for (guint i = 0; number && i < G_N_ELEMENTS(units); i++)
    if (text[digits] == units[i].unit && !text[digits + 1])
      rule->timespan = (SiagaTime) number * units[i].seconds * SIAGA_SECOND;
  if (rule->timespan > 0 && rule->timespan <= 366 * 86400 * SIAGA_SECOND)
    return TRUE;
  siaga_diag_error(diag, node ? node->place : map->place,
                   "expected 'timespan': a number and s, m, h or d, such as 5m, up to 366d");
  return FALSE;
}

/* Fills FIELD_R; an error names the nearest field. */
static gboolean
_read_field(const SiagaCorrelations *self, const SiagaYaml *node, SiagaFieldId *field_r, SiagaDiag *diag)
{
  const gchar *name = node->kind == SIAGA_YAML_SCALAR ? node->text : "";
  *field_r = siaga_fields_lookup(self->fields, name, -1);
  if (*field_r == SIAGA_FIELD_NONE && self->find)
    *field_r = self->find(self->names, name);
  if (*field_r != SIAGA_FIELD_NONE)
    return TRUE;
  const gchar *near = siaga_fields_suggest(self->fields, name);
  siaga_diag_error(diag, node->place, "'%s' is no field%s%s%s", name, near ? "; did you mean '" : "", near ? near : "",
                   near ? "'?" : "");
  return FALSE;
}

static gint
_find_reference(const SiagaCorrelation *rule, const gchar *text)
{
  for (guint i = 0; i < rule->references->len; i++)
    if (strcmp(g_array_index(rule->references, SiagaReference, i).text, text) == 0)
      return i;
  return -1;
}

static gboolean
_read_alias(SiagaCorrelation *rule, const SiagaCorrelations *self, const SiagaYaml *key, const SiagaYaml *map,
            SiagaDiag *diag)
{
  SiagaAlias alias = { g_strdup(key->text), key->place, { 0 } };
  gboolean ok = map->kind == SIAGA_YAML_MAP && map->size;

  if (!ok)
    siaga_diag_error(diag, map->place, "expected a map of rule names and fields for the alias '%s'", key->text);
  for (guint i = 0; i < SIAGA_STEPS_MAX; i++)
    alias.fields[i] = SIAGA_FIELD_NONE;
  for (guint i = 0; map->kind == SIAGA_YAML_MAP && i < map->size; i++)
    {
      gint step = _find_reference(rule, map->keys[i]->text);
      SiagaFieldId field = SIAGA_FIELD_NONE;
      if (step < 0)
        siaga_diag_error(diag, map->keys[i]->place, "'%s' does not stand in 'rules'", map->keys[i]->text);
      ok = _read_field(self, map->values[i], &field, diag) && step >= 0 && ok;
      if (step >= 0)
        alias.fields[step] = field;
    }
  g_array_append_val(rule->aliases, alias);
  return ok;
}

static gboolean
_read_aliases(SiagaCorrelation *rule, const SiagaCorrelations *self, const SiagaYaml *map, SiagaDiag *diag)
{
  const SiagaYaml *node = siaga_yaml_get(map, "aliases");
  gboolean ok = TRUE;
  if (!node)
    return TRUE;
  if (node->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, node->place, "expected 'aliases': a map of names, each with a map of rules and fields");
      return FALSE;
    }
  for (guint i = 0; i < node->size; i++)
    ok = _read_alias(rule, self, node->keys[i], node->values[i], diag) && ok;
  return ok;
}

static gboolean
_add_group_name(SiagaCorrelation *rule, const SiagaCorrelations *self, const SiagaYaml *node, SiagaDiag *diag)
{
  SiagaGroupName name = { NULL, node->place, SIAGA_FIELD_NONE, -1 };
  if (rule->group_by->len == SIAGA_GROUP_MAX)
    {
      siaga_diag_error(diag, node->place, "more than %d fields in 'group-by'", SIAGA_GROUP_MAX);
      return FALSE;
    }
  for (guint i = 0; node->kind == SIAGA_YAML_SCALAR && i < rule->aliases->len; i++)
    if (strcmp(g_array_index(rule->aliases, SiagaAlias, i).name, node->text) == 0)
      name.alias = i;
  if (name.alias < 0 && !_read_field(self, node, &name.field, diag))
    return FALSE;
  name.name = g_strdup(node->text);
  g_array_append_val(rule->group_by, name);
  return TRUE;
}

static gboolean
_read_group_by(SiagaCorrelation *rule, const SiagaCorrelations *self, const SiagaYaml *map, SiagaDiag *diag)
{
  const SiagaYaml *node = siaga_yaml_get(map, "group-by");
  gboolean ok = TRUE;
  if (!node || siaga_yaml_is_null(node))
    return TRUE;
  if (node->kind == SIAGA_YAML_SCALAR)
    return _add_group_name(rule, self, node, diag);
  if (node->kind == SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, node->place, "expected 'group-by': a list of fields");
      return FALSE;
    }
  for (guint i = 0; i < node->size; i++)
    ok = _add_group_name(rule, self, node->values[i], diag) && ok;
  return ok;
}

/* The rule stands, but counts less than it seems to. */
static void
_warn_of_gaps(const SiagaCorrelation *rule, SiagaDiag *diag)
{
  for (guint i = 0; i < rule->group_by->len; i++)
    {
      gint at = g_array_index(rule->group_by, SiagaGroupName, i).alias;
      const SiagaAlias *alias = at < 0 ? NULL : &g_array_index(rule->aliases, SiagaAlias, at);
      for (guint step = 0; alias && step < rule->references->len; step++)
        if (alias->fields[step] == SIAGA_FIELD_NONE)
          siaga_diag_warning(diag, alias->place,
                             "the alias '%s' names no field for the rule '%s': the group-by is never filled, its "
                             "events are not counted",
                             alias->name, g_array_index(rule->references, SiagaReference, step).text);
    }
}

static gboolean
_is_numeric(const SiagaCorrelations *self, SiagaFieldId field)
{
  SiagaFieldType type = siaga_fields_get(self->fields, field)->type;
  return type == SIAGA_FT_LONG || type == SIAGA_FT_DOUBLE;
}

static gboolean
_read_values(SiagaCorrelation *rule, const SiagaCorrelations *self, const SiagaYaml *node, SiagaDiag *diag)
{
  gboolean list = node->kind == SIAGA_YAML_LIST;
  gboolean ok = node->kind != SIAGA_YAML_MAP && (!list || (node->size && node->size <= SIAGA_GROUP_MAX));
  if (!ok)
    siaga_diag_error(diag, node->place, "expected 'field': one field, or a list of at most %d", SIAGA_GROUP_MAX);
  for (guint i = 0; ok && i < (list ? node->size : 1); i++)
    {
      SiagaFieldId field;
      ok = _read_field(self, list ? node->values[i] : node, &field, diag);
      g_array_append_val(rule->values, field);
    }
  if (!ok || rule->type < SIAGA_CT_VALUE_SUM)
    return ok;
  ok = rule->values->len == 1 && _is_numeric(self, g_array_index(rule->values, SiagaFieldId, 0));
  if (!ok)
    siaga_diag_error(diag, node->place, "expected one numeric field for %s", type_names[rule->type]);
  return ok;
}

static gboolean
_read_number(const SiagaYaml *node, const gchar *name, gdouble *value_r, SiagaDiag *diag)
{
  if (siaga_yaml_to_double(node, value_r) && isfinite(*value_r) && fabs(*value_r) < 1e15)
    return TRUE;
  siaga_diag_error(diag, node->place, "expected a number for '%s'", name);
  return FALSE;
}

static gboolean
_read_condition_entry(SiagaCorrelation *rule, const SiagaCorrelations *self, const SiagaYaml *key,
                      const SiagaYaml *value, SiagaDiag *diag)
{
  gint operator= _index_of(key->text, operator_names, SIAGA_OP_COUNT);
  if (operator>= 0)
    {
      rule->has[operator] = TRUE;
      return _read_number(value, key->text, &rule->bound[operator], diag);
    }
  if (strcmp(key->text, "field") == 0)
    return _read_values(rule, self, value, diag);
  if (strcmp(key->text, "percentile") == 0 && rule->type == SIAGA_CT_VALUE_PERCENTILE)
    {
      if (!_read_number(value, key->text, &rule->percentile, diag))
        return FALSE;
      if (rule->percentile > 0 && rule->percentile <= 100)
        return TRUE;
      siaga_diag_error(diag, value->place, "expected a percentile above 0 and up to 100");
      return FALSE;
    }
  siaga_diag_error(diag, key->place, "unknown key '%s' in 'condition'; expected gt, gte, lt, lte, eq, neq or field",
                   key->text);
  return FALSE;
}

#define DISTINCT_MAX 2000 /* what windows decided at their end can tell apart */

static gboolean
_check_bounds(const SiagaCorrelation *rule, const SiagaYaml *node, SiagaDiag *diag)
{
  gboolean distinct = rule->type == SIAGA_CT_VALUE_COUNT && siaga_correlation_has_upper_bound(rule);
  guint most = distinct ? DISTINCT_MAX : 1000000;
  for (guint i = 0; rule->type <= SIAGA_CT_VALUE_COUNT && i < SIAGA_OP_COUNT; i++)
    if (rule->has[i] && (rule->bound[i] < 0 || rule->bound[i] > most))
      {
        siaga_diag_error(diag, node->place, "expected a count from 0 to %u for '%s'%s", most, operator_names[i],
                         distinct ? " of values with an upper bound" : "");
        return FALSE;
      }
  return TRUE;
}

static gboolean
_check_condition(SiagaCorrelation *rule, const SiagaYaml *node, SiagaDiag *diag)
{
  gboolean any = FALSE, wants_field = rule->type != SIAGA_CT_EVENT_COUNT;
  for (guint i = 0; i < SIAGA_OP_COUNT; i++)
    any = any || rule->has[i];
  if (!any)
    siaga_diag_error(diag, node->place, "expected gt, gte, lt, lte, eq or neq with a number in 'condition'");
  if (wants_field != (rule->values->len > 0))
    siaga_diag_error(diag, node->place, wants_field ? "expected 'field' in the condition of %s" : "%s takes no 'field'",
                     type_names[rule->type]);
  return _check_bounds(rule, node, diag) && any && wants_field == (rule->values->len > 0);
}

/* Every set of LEAST rules is an alternative.  FALSE when there are more of them than a condition may have. */
static gboolean
_add_terms(SiagaCorrelation *rule, guint least)
{
  guint64 end = G_GUINT64_CONSTANT(1) << rule->references->len;
  guint64 next, set = (G_GUINT64_CONSTANT(1) << least) - 1;
  for (; set < end; set = next)
    {
      SiagaTerm term = { set, 0 };
      g_array_append_val(rule->terms, term);
      if (rule->terms->len > SIAGA_TERMS_MAX)
        return FALSE;
      guint64 lowest = set & -set, carried = set + lowest; /* the next number with as many bits */
      next = carried | ((set ^ carried) >> 2) / lowest;
    }
  return TRUE;
}

/* { gte: 2 }: so many of the rules; all of them when they have an order. */
static gboolean
_read_temporal_count(SiagaCorrelation *rule, const SiagaYaml *map, SiagaDiag *diag)
{
  guint count = rule->references->len;
  const SiagaYaml *node = map->size == 1 ? siaga_yaml_get(map, "gte") : NULL;
  gdouble least = 0;
  gboolean ok = node && siaga_yaml_to_double(node, &least) && least == floor(least) && least >= 1 && least <= count;

  if (!ok || (rule->type == SIAGA_CT_TEMPORAL_ORDERED && least < count))
    siaga_diag_error(diag, map->place, "expected a string such as 'rule_a and not rule_b' for %s, or { gte: %u }",
                     type_names[rule->type], count);
  else if (_add_terms(rule, least))
    return TRUE;
  else
    siaga_diag_error(diag, node->place, "more than %d sets of %g among %u rules", SIAGA_TERMS_MAX, least, count);
  return FALSE;
}

static gboolean
_read_temporal_condition(SiagaCorrelation *rule, const SiagaYaml *node, SiagaDiag *diag)
{
  if (!node)
    return _add_terms(rule, rule->references->len);
  if (node->kind == SIAGA_YAML_MAP)
    return _read_temporal_count(rule, node, diag);
  if (node->kind == SIAGA_YAML_SCALAR)
    return siaga_expression_read(node->text, rule->references, node->place, rule->terms, diag);
  siaga_diag_error(diag, node->place, "expected a string such as 'rule_a and not rule_b'");
  return FALSE;
}

static gboolean
_read_condition(SiagaCorrelation *rule, const SiagaCorrelations *self, const SiagaYaml *map, SiagaDiag *diag)
{
  const SiagaYaml *node = siaga_yaml_get(map, "condition");
  gboolean ok = TRUE;
  rule->percentile = 50;
  if (rule->type == SIAGA_CT_TEMPORAL || rule->type == SIAGA_CT_TEMPORAL_ORDERED)
    return _read_temporal_condition(rule, node, diag);
  if (!node || node->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, node ? node->place : map->place, "expected 'condition': a map such as { gte: 10 }");
      return FALSE;
    }
  for (guint i = 0; i < node->size; i++)
    ok = _read_condition_entry(rule, self, node->keys[i], node->values[i], diag) && ok;
  return ok && _check_condition(rule, node, diag);
}

static gboolean
_read_generate(SiagaCorrelation *rule, const SiagaYaml *map, SiagaDiag *diag)
{
  const SiagaYaml *node = siaga_yaml_get(map, "generate");
  if (!node || siaga_yaml_to_bool(node, &rule->generate))
    return TRUE;
  siaga_diag_error(diag, node->place, "expected true or false for 'generate'");
  return FALSE;
}

/* References are reported after the file is gone. */
static void
_keep_path(SiagaCorrelations *self, SiagaCorrelation *rule)
{
  const gchar *path = rule->place.file ? g_string_chunk_insert_const(self->paths, rule->place.file) : NULL;
  rule->place.file = path;
  for (guint i = 0; i < rule->references->len; i++)
    g_array_index(rule->references, SiagaReference, i).place.file = path;
  for (guint i = 0; i < rule->group_by->len; i++)
    g_array_index(rule->group_by, SiagaGroupName, i).place.file = path;
  for (guint i = 0; i < rule->aliases->len; i++)
    g_array_index(rule->aliases, SiagaAlias, i).place.file = path;
}

gboolean
siaga_correlations_add(SiagaCorrelations *self, guint index, const SiagaYaml *document, SiagaDiag *diag)
{
  static const gchar *const allowed[] = { "type",    "rules",     "group-by", "timespan",
                                          "aliases", "condition", "generate", NULL };
  const SiagaYaml *map = siaga_yaml_get(document, "correlation");
  if (!map || map->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, map ? map->place : document->place, "expected 'correlation': a map");
      return FALSE;
    }
  SiagaCorrelation *rule = _rule_new(index, map->place);
  gboolean ok = siaga_yaml_check_keys(map, allowed, diag);
  ok = _read_type(rule, map, diag) && ok;
  ok = _read_references(rule, map, diag) && ok;
  ok = _read_timespan(rule, map, diag) && ok;
  ok = _read_aliases(rule, self, map, diag) && ok;
  ok = _read_group_by(rule, self, map, diag) && ok;
  ok = _read_generate(rule, map, diag) && _read_generate(rule, document, diag) && ok;
  ok = ok && _read_condition(rule, self, map, diag);
  if (ok)
    {
      _warn_of_gaps(rule, diag);
      _keep_path(self, rule);
      g_ptr_array_add(self->rules, rule);
    }
  else
    _rule_free(rule);
  return ok;
}

static void
_say_absent(const SiagaReference *reference, SiagaDiag *diag)
{
  static const gchar *const texts[] = {
    [-SIAGA_RULE_UNKNOWN] = "no rule has the id or name '%s'",
    [-SIAGA_RULE_SKIPPED] = "the rule '%s' was skipped: its log source is not ours, or its status says so",
    [-SIAGA_RULE_FAILED] = "the rule '%s' has errors of its own, named above",
    [-SIAGA_RULE_DISABLED] = "the rule '%s' is disabled, or waits for a placeholder that is not there",
  };
  siaga_diag_error(diag, reference->place, texts[-CLAMP(reference->rule, SIAGA_RULE_DISABLED, SIAGA_RULE_UNKNOWN)],
                   reference->text);
}

static gboolean
_resolve_rule(SiagaCorrelation *rule, SiagaRuleFinder find, gpointer rules, SiagaDiag *diag)
{
  gboolean ok = TRUE;
  for (guint i = 0; i < rule->references->len; i++)
    {
      SiagaReference *reference = &g_array_index(rule->references, SiagaReference, i);
      reference->rule = find(rules, reference->text);
      if (reference->rule >= 0 && reference->rule != (gint) rule->index)
        continue;
      if (reference->rule < 0)
        _say_absent(reference, diag);
      else
        siaga_diag_error(diag, reference->place, "the rule '%s' refers to itself", reference->text);
      ok = FALSE;
    }
  return ok;
}

static SiagaCorrelation *
_find_by_index(SiagaCorrelations *self, gint index)
{
  for (guint i = 0; i < self->rules->len; i++)
    if ((gint) ((SiagaCorrelation *) self->rules->pdata[i])->index == index)
      return self->rules->pdata[i];
  return NULL;
}

/* TRUE when following references from RULE leads back to TARGET. */
static gboolean
_leads_to(SiagaCorrelations *self, SiagaCorrelation *rule, guint target, guint depth)
{
  for (guint i = 0; i < rule->references->len; i++)
    {
      gint index = g_array_index(rule->references, SiagaReference, i).rule;
      SiagaCorrelation *next = _find_by_index(self, index);
      if (index == (gint) target || (next && (!depth || _leads_to(self, next, target, depth - 1))))
        return TRUE;
    }
  return FALSE;
}

/* What NAME stands for in the event of the rule at STEP. */
static SiagaFieldId
_field_of(const SiagaCorrelation *rule, const SiagaGroupName *name, guint step)
{
  return name->alias < 0 ? name->field : g_array_index(rule->aliases, SiagaAlias, name->alias).fields[step];
}

static gboolean
_names_field(const SiagaCorrelation *rule, const SiagaGroupName *name, SiagaFieldId field)
{
  for (guint step = 0; step < rule->references->len; step++)
    if (_field_of(rule, name, step) == field)
      return TRUE;
  return FALSE;
}

/* A rule whose reference was left out falls with it, and so on upwards. */
static gboolean
_references_are_usable(SiagaCorrelations *self, const SiagaCorrelation *rule, SiagaDiag *diag)
{
  for (guint i = 0; i < rule->references->len; i++)
    {
      const SiagaReference *reference = &g_array_index(rule->references, SiagaReference, i);
      const SiagaCorrelation *inner = _find_by_index(self, reference->rule);
      if (!inner || inner->usable)
        continue;
      siaga_diag_error(diag, reference->place, "the rule '%s' was left out, so this one is too", reference->text);
      return FALSE;
    }
  return TRUE;
}

/* Whether what RULE hands on may have FIELD.  An event may have any; an incident has what it is grouped by, and what
 * its events have, unless time alone decides it. */
static gboolean
_may_carry(SiagaCorrelations *self, gint index, SiagaFieldId field, guint depth)
{
  const SiagaCorrelation *rule = _find_by_index(self, index);
  if (!rule || !depth)
    return TRUE;
  for (guint i = 0; i < rule->group_by->len; i++)
    if (_names_field(rule, &g_array_index(rule->group_by, SiagaGroupName, i), field))
      return TRUE;
  for (guint i = 0; !siaga_correlation_has_upper_bound(rule) && i < rule->references->len; i++)
    if (_may_carry(self, g_array_index(rule->references, SiagaReference, i).rule, field, depth - 1))
      return TRUE;
  return FALSE;
}

static void
_warn_of_empty_group(SiagaCorrelations *self, const SiagaCorrelation *rule, const SiagaGroupName *name, SiagaDiag *diag)
{
  for (guint step = 0; step < rule->references->len; step++)
    {
      const SiagaReference *reference = &g_array_index(rule->references, SiagaReference, step);
      SiagaFieldId field = _field_of(rule, name, step);
      if (field != SIAGA_FIELD_NONE && !_may_carry(self, reference->rule, field, DEPTH_MAX))
        siaga_diag_warning(diag, name->place,
                           "incidents of the rule '%s' never have '%s': the group-by is never filled, they are not "
                           "counted",
                           reference->text, siaga_fields_get(self->fields, field)->name);
    }
}

static gboolean
_drop_dependents(SiagaCorrelations *self, SiagaDiag *diag)
{
  gboolean changed = TRUE, ok = TRUE;
  while (changed)
    {
      changed = FALSE;
      for (guint i = 0; i < self->rules->len; i++)
        {
          SiagaCorrelation *rule = self->rules->pdata[i];
          if (!rule->usable || _references_are_usable(self, rule, diag))
            continue;
          rule->usable = ok = FALSE;
          changed = TRUE;
        }
    }
  return ok;
}

gboolean
siaga_correlations_resolve_with(SiagaCorrelations *self, SiagaRuleFinder find, SiagaReferenceMark mark, gpointer rules,
                                SiagaDiag *diag)
{
  gboolean ok = TRUE;
  for (guint i = 0; i < self->rules->len; i++)
    {
      SiagaCorrelation *rule = self->rules->pdata[i];
      rule->usable = _resolve_rule(rule, find, rules, diag);
      ok = rule->usable && ok;
    }
  for (guint i = 0; i < self->rules->len; i++)
    {
      SiagaCorrelation *rule = self->rules->pdata[i];
      if (!rule->usable || !_leads_to(self, rule, rule->index, DEPTH_MAX))
        continue;
      siaga_diag_error(diag, rule->place, "the rules it refers to lead back to it, or are more than 16 deep");
      rule->usable = ok = FALSE;
    }
  ok = _drop_dependents(self, diag) && ok;
  for (guint i = 0; i < self->rules->len; i++)
    {
      const SiagaCorrelation *rule = self->rules->pdata[i];
      for (guint j = 0; rule->usable && j < rule->group_by->len; j++)
        _warn_of_empty_group(self, rule, &g_array_index(rule->group_by, SiagaGroupName, j), diag);
    }
  for (guint i = 0; i < self->rules->len; i++)
    {
      SiagaCorrelation *rule = self->rules->pdata[i];
      for (guint j = 0; mark && rule->usable && j < rule->references->len; j++)
        mark(rules, g_array_index(rule->references, SiagaReference, j).rule);
    }
  return ok;
}
