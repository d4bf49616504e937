/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Compares incidents with what a scenario expects. */

#include "siagactl/scenario.h"

#include <json.h>
#include <string.h>

/* The words that are shorter than their fields. */
static const struct
{
  const gchar *word, *path;
} short_names[] = {
  { "count", "siaga.incident.count" },         { "state", "siaga.incident.state" },
  { "reason", "siaga.incident.reason" },       { "first_seen", "siaga.incident.first_seen" },
  { "last_seen", "siaga.incident.last_seen" }, { "victim", "siaga.victim.domain" },
  { "previous", "siaga.incident.previous" },   { "revision", "siaga.incident.revision" },
};

static gboolean
_is_rule(const SiagaIncident *incident, const gchar *wanted)
{
  const SiagaRule *rule = incident->rule;
  return g_strcmp0(rule->id, wanted) == 0 || g_strcmp0(rule->name, wanted) == 0 || g_strcmp0(rule->title, wanted) == 0;
}

/* A dotted path in nested objects; names with dots in them are tried too. */
static json_object *
_find(json_object *object, const gchar *path)
{
  json_object *value;
  if (json_object_object_get_ex(object, path, &value))
    return value;
  for (const gchar *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.'))
    {
      gchar *head = g_strndup(path, dot - path);
      gboolean there = json_object_object_get_ex(object, head, &value) && json_object_is_type(value, json_type_object);
      g_free(head);
      json_object *found = there ? _find(value, dot + 1) : NULL;
      if (found)
        return found;
    }
  return NULL;
}

/* ">= 10", "< 5"; otherwise the same text. */
static gboolean
_text_matches(const gchar *actual, const gchar *wanted)
{
  gsize operators = strspn(wanted, "<>=");
  if (!operators || operators > 2)
    return strcmp(actual, wanted) == 0;
  gdouble left = g_ascii_strtod(actual, NULL), right = g_ascii_strtod(wanted + operators, NULL);
  if (wanted[0] == '>')
    return operators == 2 ? left >= right : left > right;
  return operators == 2 && wanted[0] == '<' ? left <= right : wanted[0] == '<' ? left < right : left == right;
}

static gboolean
_has_value(json_object *actual, const gchar *wanted)
{
  if (!json_object_is_type(actual, json_type_array))
    return _text_matches(json_object_get_string(actual), wanted);
  for (gsize i = 0; i < json_object_array_length(actual); i++)
    if (_text_matches(json_object_get_string(json_object_array_get_idx(actual, i)), wanted))
      return TRUE;
  return FALSE;
}

static gboolean
_value_matches(json_object *actual, const SiagaYaml *wanted)
{
  if (siaga_yaml_is_null(wanted))
    return actual == NULL;
  if (!actual)
    return FALSE;
  if (wanted->kind == SIAGA_YAML_SCALAR)
    return _has_value(actual, wanted->text);
  for (guint i = 0; i < wanted->size; i++)
    if (wanted->values[i]->kind != SIAGA_YAML_SCALAR || !_has_value(actual, wanted->values[i]->text))
      return FALSE;
  return TRUE;
}

static void
_describe(GString *out, const SiagaYaml *wanted)
{
  if (wanted->kind == SIAGA_YAML_SCALAR)
    {
      g_string_append(out, wanted->text);
      return;
    }
  for (guint i = 0; i < wanted->size; i++)
    g_string_append_printf(out, "%s%s", i ? ", " : "",
                           wanted->values[i]->kind == SIAGA_YAML_SCALAR ? wanted->values[i]->text : "…");
}

static const gchar *
_path_of(const gchar *word)
{
  for (guint i = 0; i < G_N_ELEMENTS(short_names); i++)
    if (strcmp(short_names[i].word, word) == 0)
      return short_names[i].path;
  return word;
}

static gboolean
_field_matches(const SiagaIncident *incident, json_object *object, const gchar *word, const SiagaYaml *wanted,
               GString *why)
{
  if (strcmp(word, "rule") == 0 || strcmp(word, "times") == 0)
    return TRUE;
  json_object *level = json_object_new_string(siaga_level_name(incident->level));
  json_object *actual = strcmp(word, "level") == 0 ? level : _find(object, _path_of(word));
  gboolean ok = _value_matches(actual, wanted);
  if (!ok && why)
    {
      g_string_append_printf(why, "%s is %s, expected ", word, actual ? json_object_get_string(actual) : "absent");
      _describe(why, wanted);
    }
  json_object_put(level);
  return ok;
}

gboolean
ctl_incident_matches(const SiagaIncident *incident, const SiagaYaml *expected, GString *why)
{
  const gchar *rule = siaga_yaml_get_text(expected, "rule");
  if (rule && !_is_rule(incident, rule))
    return FALSE;
  GString *text = g_string_new(NULL);
  siaga_incident_write_json(incident, text);
  json_object *object = json_tokener_parse(text->str);
  gboolean ok = object != NULL;
  for (guint i = 0; ok && i < expected->size; i++)
    ok = _field_matches(incident, object, expected->keys[i]->text, expected->values[i], why);
  json_object_put(object);
  g_string_free(text, TRUE);
  return ok;
}

static void
_report_missing(const SiagaYaml *expected, const CtlIncidents *incidents, const gboolean *taken, SiagaDiag *diag)
{
  const gchar *rule = siaga_yaml_get_text(expected, "rule");
  GString *why = g_string_new(NULL);
  for (guint i = 0; i < ctl_incidents_size(incidents) && !why->len; i++)
    if (!taken[i])
      ctl_incident_matches(ctl_incidents_get(incidents, i), expected, why);
  siaga_diag_error(diag, expected->place, "expected incident%s%s: %s", rule ? " of " : "", rule ? rule : "",
                   why->len ? why->str : "none was raised");
  g_string_free(why, TRUE);
}

static gboolean
_take_match(const SiagaYaml *expected, const CtlIncidents *incidents, gboolean *taken)
{
  for (guint i = 0; i < ctl_incidents_size(incidents); i++)
    if (!taken[i] && ctl_incident_matches(ctl_incidents_get(incidents, i), expected, NULL))
      {
        taken[i] = TRUE;
        return TRUE;
      }
  return FALSE;
}

static void
_compare_one(const SiagaYaml *expected, const CtlIncidents *incidents, gboolean *taken, SiagaDiag *diag)
{
  gint64 times = 1;
  const SiagaYaml *node = siaga_yaml_get(expected, "times");
  if (expected->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, expected->place, "expected { rule: …, count: …, … }");
      return;
    }
  if (node && !siaga_yaml_to_int(node, &times))
    siaga_diag_error(diag, node->place, "times: expected a number");
  for (gint64 i = 0; i < times; i++)
    if (!_take_match(expected, incidents, taken))
      {
        _report_missing(expected, incidents, taken, diag);
        return;
      }
}

/* A scenario tells of one rule; that its incidents join is not its business. */
static gboolean
_is_campaign(const SiagaIncident *incident)
{
  return g_strcmp0(incident->rule->category, "campaign") == 0;
}

static void
_report_others(const SiagaYaml *scenario, const CtlIncidents *incidents, const gboolean *taken, SiagaDiag *diag)
{
  const gchar *others = siaga_yaml_get_text(scenario, "others");
  if (others && strcmp(others, "allowed") == 0)
    return;
  for (guint i = 0; i < ctl_incidents_size(incidents); i++)
    if (!taken[i] && !_is_campaign(ctl_incidents_get(incidents, i)))
      {
        GString *text = g_string_new(NULL);
        const SiagaIncident *incident = ctl_incidents_get(incidents, i);
        siaga_incident_format_text(incident, text);
        siaga_diag_error(diag, scenario->place, "incident that was not expected: %s (%s)",
                         incident->rule->name ? incident->rule->name : incident->rule->title, text->str);
        g_string_free(text, TRUE);
      }
}

void
ctl_scenario_compare(const SiagaYaml *scenario, const CtlIncidents *incidents, SiagaDiag *diag)
{
  const SiagaYaml *expect = siaga_yaml_get(scenario, "expect");
  gboolean *taken = g_new0(gboolean, ctl_incidents_size(incidents) + 1);

  for (guint i = 0; expect->kind == SIAGA_YAML_LIST && i < expect->size; i++)
    _compare_one(expect->values[i], incidents, taken, diag);
  _report_others(scenario, incidents, taken, diag);
  g_free(taken);
}
