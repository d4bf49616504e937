/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Runs scenarios: log lines and moving time in, expected incidents out. */

#include "siagactl/scenario.h"

#include <siaga/quantity.h>

#include <string.h>

#define REPEAT_MAX 1000000
#define NESTED_MAX 4

typedef struct
{
  const SiagaYaml *node;
  SiagaDiag *diag;
  SiagaCorrelatorOptions options;
  SiagaTimeContext time;
  CtlRun run;
  CtlIncidents *incidents;
  SiagaTime now;
  guint64 n; /* of the innermost repetition, from 1 */
  GString *line;
  guint unparsed;
  CtlScenarioCount *count;
} Scenario;

static gboolean _run_steps(Scenario *self, const SiagaYaml *steps, guint depth);

static gboolean
_read_duration(const SiagaYaml *map, const gchar *key, SiagaTime *duration_r, SiagaDiag *diag)
{
  const SiagaYaml *node = siaga_yaml_get(map, key);
  if (!node || (node->kind == SIAGA_YAML_SCALAR && siaga_duration_parse(node->text, duration_r) && *duration_r >= 0))
    return TRUE;
  siaga_diag_error(diag, node->place, "%s: expected a duration such as 30s, 10m, 2h or 1d", key);
  return FALSE;
}

static gboolean
_read_level(const SiagaYaml *options, SiagaLevel *level, SiagaDiag *diag)
{
  const SiagaYaml *node = siaga_yaml_get(options, "alert-level");
  if (!node)
    return TRUE;
  *level = node->kind == SIAGA_YAML_SCALAR ? siaga_level_by_name(node->text) : SIAGA_LEVEL_NONE;
  if (*level != SIAGA_LEVEL_NONE)
    return TRUE;
  siaga_diag_error(diag, node->place, "alert-level: expected informational, low, medium, high or critical");
  return FALSE;
}

static gboolean
_read_options(Scenario *self)
{
  static const gchar *const allowed[] = { "reorder-window",  "max-lateness", "max-open",
                                          "update-interval", "alert-level",  NULL };
  const SiagaYaml *options = siaga_yaml_get(self->node, "options");
  siaga_correlator_options_init(&self->options);
  if (!options)
    return TRUE;
  return siaga_yaml_check_keys(options, allowed, self->diag) &&
         _read_duration(options, "reorder-window", &self->options.reorder_window, self->diag) &&
         _read_duration(options, "max-lateness", &self->options.max_lateness, self->diag) &&
         _read_duration(options, "max-open", &self->options.max_open, self->diag) &&
         _read_duration(options, "update-interval", &self->options.update_interval, self->diag) &&
         _read_level(options, &self->options.alert_level, self->diag);
}

static gboolean
_read_start(Scenario *self)
{
  const SiagaYaml *node = siaga_yaml_get(self->node, "start");
  gint32 zone;
  if (node && node->kind == SIAGA_YAML_SCALAR &&
      siaga_time_parse(SIAGA_TIME_FORMAT_ISO8601, node->text, node->length, &self->time, &self->now, &zone))
    return TRUE;
  siaga_diag_error(self->diag, node ? node->place : self->node->place,
                   "start: expected a time such as 2026-03-01T08:00:00Z");
  return FALSE;
}

static gboolean
_check_expect(Scenario *self)
{
  const SiagaYaml *expect = siaga_yaml_get(self->node, "expect");
  if (expect &&
      (expect->kind == SIAGA_YAML_LIST || (expect->kind == SIAGA_YAML_SCALAR && strcmp(expect->text, "none") == 0)))
    return TRUE;
  siaga_diag_error(self->diag, expect ? expect->place : self->node->place,
                   "expect: expected a list of incidents, or none");
  return FALSE;
}

static gboolean
_run_line(Scenario *self, const SiagaYaml *node)
{
  if (node->kind != SIAGA_YAML_SCALAR)
    {
      siaga_diag_error(self->diag, node->place, "expected a log line");
      return FALSE;
    }
  g_string_truncate(self->line, 0);
  if (!ctl_scenario_fill(self->line, node->text, node->length, self->now, self->n, node->place, self->diag))
    return FALSE;
  self->time.reference = self->now;
  ctl_run_line(&self->run, &self->time, self->line->str, self->line->len, NULL);
  if (!self->run.event->parsed && self->unparsed++ == 0)
    siaga_diag_warning(self->diag, node->place, "no pattern parses this line: %.100s", self->line->str);
  for (guint i = 0; self->count->hits && i < self->run.hits.count; i++)
    self->count->hits[self->run.hits.rule[i]]++;
  ctl_incidents_take(self->incidents, &self->run.changes);
  return TRUE;
}

/* `line: …` or `lines: [ … ]`, or `steps: [ … ]` inside a repetition. */
static gboolean
_run_body(Scenario *self, const SiagaYaml *step, guint depth)
{
  const SiagaYaml *line = siaga_yaml_get(step, "line"), *lines = siaga_yaml_get(step, "lines");
  const SiagaYaml *steps = siaga_yaml_get(step, "steps");
  if (line && !_run_line(self, line))
    return FALSE;
  for (guint i = 0; lines && lines->kind == SIAGA_YAML_LIST && i < lines->size; i++)
    if (!_run_line(self, lines->values[i]))
      return FALSE;
  return !steps || _run_steps(self, steps, depth + 1);
}

static gboolean
_run_step(Scenario *self, const SiagaYaml *step, guint depth)
{
  static const gchar *const allowed[] = { "line", "lines", "steps", "repeat", "every", "elapse", "from", NULL };
  const SiagaYaml *repeat = siaga_yaml_get(step, "repeat"), *from = siaga_yaml_get(step, "from");
  gint64 times = 1, first = 1;
  SiagaTime every = 0, elapse = 0;
  guint64 outer = self->n;

  if (step->kind != SIAGA_YAML_MAP || !siaga_yaml_check_keys(step, allowed, self->diag))
    return FALSE;
  if ((repeat && (!siaga_yaml_to_int(repeat, &times) || times < 0 || times > REPEAT_MAX)) ||
      (from && (!siaga_yaml_to_int(from, &first) || first < 0)))
    {
      siaga_diag_error(self->diag, (repeat ? repeat : from)->place, "expected a number up to %d", REPEAT_MAX);
      return FALSE;
    }
  if (!_read_duration(step, "every", &every, self->diag) || !_read_duration(step, "elapse", &elapse, self->diag))
    return FALSE;
  gboolean counts = repeat || from;
  gboolean ok = TRUE;
  for (gint64 i = 0; ok && i < times; i++)
    {
      self->n = counts ? (guint64) (first + i) : outer;
      ok = _run_body(self, step, depth);
      self->now += every;
    }
  self->n = outer;
  self->now += elapse;
  return ok;
}

static gboolean
_run_steps(Scenario *self, const SiagaYaml *steps, guint depth)
{
  if (!steps || steps->kind != SIAGA_YAML_LIST || depth > NESTED_MAX)
    {
      siaga_diag_error(self->diag, steps ? steps->place : self->node->place,
                       depth > NESTED_MAX ? "steps: nested too deeply" : "steps: expected a list");
      return FALSE;
    }
  for (guint i = 0; i < steps->size; i++)
    if (!_run_step(self, steps->values[i], depth))
      return FALSE;
  return TRUE;
}

void
ctl_count_incident(guint64 *hits, const SiagaIncident *incident)
{
  if (incident->rule->index != G_MAXUINT)
    hits[incident->rule->index]++;
}

static void
_see(const Scenario *self, const SiagaIncident *incident)
{
  if (self->count->hits)
    ctl_count_incident(self->count->hits, incident);
  if (!self->count->print)
    return;
  siaga_incident_write_json(incident, ctl_out);
  g_string_append_c(ctl_out, '\n');
  ctl_output_line();
}

static void
_play(Scenario *self, const SiagaChain *chain)
{
  self->incidents = ctl_incidents_new();
  self->line = g_string_new(NULL);
  ctl_run_init(&self->run, chain, &self->options);
  if (_run_steps(self, siaga_yaml_get(self->node, "steps"), 0))
    {
      ctl_run_finish(&self->run);
      ctl_incidents_take(self->incidents, &self->run.changes);
      ctl_scenario_compare(self->node, self->incidents, self->diag);
      for (guint i = 0; i < ctl_incidents_size(self->incidents); i++)
        _see(self, ctl_incidents_get(self->incidents, i));
    }
  ctl_run_clear(&self->run);
  g_string_free(self->line, TRUE);
  ctl_incidents_free(self->incidents);
}

/* The messages of one scenario, each with its name in front. */
static void
_report(const Scenario *self, const gchar *name, SiagaDiag *diag)
{
  for (guint i = 0; i < siaga_diag_size(self->diag); i++)
    {
      const SiagaDiagMessage *message = siaga_diag_get(self->diag, i);
      SiagaPlace place = { message->file, message->line, message->column };
      if (message->level == SIAGA_DIAG_ERROR)
        siaga_diag_error(diag, place, "scenario '%s': %s", name, message->text);
      else
        siaga_diag_warning(diag, place, "scenario '%s': %s", name, message->text);
    }
}

static void
_run_scenario(const SiagaChain *chain, const SiagaYaml *node, SiagaDiag *diag, CtlScenarioCount *count)
{
  static const gchar *const allowed[] = { "name", "start", "steps", "expect", "others", "options", "about", NULL };
  Scenario self = { .node = node, .diag = siaga_diag_new(), .count = count };
  const gchar *name = siaga_yaml_get_text(node, "name");

  if (node->kind != SIAGA_YAML_MAP || !name)
    siaga_diag_error(self.diag, node->place, "expected a scenario with a name");
  else if (siaga_yaml_check_keys(node, allowed, self.diag) && _read_start(&self) && _read_options(&self) &&
           _check_expect(&self))
    _play(&self, chain);
  count->run++;
  count->failed += siaga_diag_count(self.diag, SIAGA_DIAG_ERROR) > 0;
  _report(&self, name ? name : "?", diag);
  siaga_diag_free(self.diag);
}

void
ctl_scenario_run_file(const SiagaChain *chain, const gchar *path, SiagaDiag *diag, CtlScenarioCount *count)
{
  SiagaYamlFile *file = siaga_yaml_load(path, diag);
  if (!file)
    {
      count->failed++;
      return;
    }
  const SiagaYaml *top = file->documents->len ? g_ptr_array_index(file->documents, 0) : NULL;
  const SiagaYaml *list = siaga_yaml_get(top, "scenarios");
  if (!list || list->kind != SIAGA_YAML_LIST)
    {
      siaga_diag_error(diag, (SiagaPlace){ path, 1, 1 }, "expected 'scenarios:' with a list");
      count->failed++;
    }
  else
    for (guint i = 0; i < list->size; i++)
      _run_scenario(chain, list->values[i], diag, count);
  siaga_yaml_free(file);
}

static gint
_compare_paths(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const gchar *const *) a, *(const gchar *const *) b);
}

static void
_find(GPtrArray *found, const gchar *path, guint depth)
{
  GDir *dir = depth < 16 ? g_dir_open(path, 0, NULL) : NULL;
  if (!dir)
    {
      if (g_str_has_suffix(path, ".scenarios.yaml"))
        g_ptr_array_add(found, g_strdup(path));
      return;
    }
  const gchar *name;
  while ((name = g_dir_read_name(dir)))
    {
      gchar *below = g_build_filename(path, name, NULL);
      _find(found, below, depth + 1);
      g_free(below);
    }
  g_dir_close(dir);
}

GPtrArray *
ctl_scenario_find(const gchar *path)
{
  GPtrArray *found = g_ptr_array_new_with_free_func(g_free);
  _find(found, path, 0);
  g_ptr_array_sort(found, _compare_paths);
  return found;
}
