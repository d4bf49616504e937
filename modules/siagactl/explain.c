/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl explain: what happens to one line, and why. */

#include "siagactl/siagactl.h"

#include <string.h>

#define EXCUSED_MAX 64 /* rules that filters keep quiet */

typedef struct
{
  const CtlOptions *options;
  const SiagaChain *chain;
  CtlRun *run;
  const gchar *rule; /* asked for; NULL: none */
  guint tried, shown;
  guint16 excused[EXCUSED_MAX]; /* of the line that is looked at */
  guint excused_count;
} Explainer;

static void
_heading(const gchar *text)
{
  ctl_print("%s%s%s\n", ctl_color(CTL_BOLD), text, ctl_color(CTL_PLAIN));
}

static void
_print_part(const gchar *name, const gchar *text, gsize length)
{
  if (!text || !length)
    return;
  ctl_print("  %-9s ", name);
  ctl_print_safe(text, length);
  ctl_print("\n");
}

static void
_explain_header(const SiagaLine *line)
{
  gchar buffer[32];
  _heading("Line");
  if (line->has_time)
    {
      siaga_time_format(line->time, buffer);
      _print_part("time", buffer, strlen(buffer));
    }
  else if (line->time_bad)
    _print_part("time", "impossible", 10);
  _print_part("host", line->host, line->host_length);
  _print_part("program", line->program, line->program_length);
  _print_part("pid", line->pid, line->pid_length);
  _print_part("text", line->text, line->text_length);
}

static void
_trace(guint index, gboolean matched, gpointer user_data)
{
  Explainer *self = user_data;
  SiagaPatternInfo info;
  siaga_patterns_info(self->chain->patterns, index, &info);
  self->tried++;
  ctl_print("  %s%s%s %s/%s  %s%s:%u%s\n", ctl_color(matched ? CTL_GREEN : CTL_DIM), matched ? "match" : "no   ",
            ctl_color(CTL_PLAIN), info.dataset, info.id, ctl_color(CTL_DIM), info.place.file, info.place.line,
            ctl_color(CTL_PLAIN));
}

/* Of the names; a narrow terminal keeps room for the values. */
static guint
_widest_field(const SiagaEvent *event)
{
  guint widest = strlen("@timestamp");
  for (guint i = 0; i < event->count; i++)
    widest = MAX(widest, strlen(siaga_fields_get(event->fields, event->values[i].field)->name));
  return MIN(widest, ctl_terminal_width() / 2 - 4);
}

static void
_explain_fields(const SiagaEvent *event)
{
  gchar buffer[32];
  guint width = _widest_field(event);
  _heading("Fields");
  if (event->time_kind != SIAGA_TIME_NONE)
    ctl_print("  %-*s  %s\n", (int) width, "@timestamp", siaga_time_format(event->time, buffer));
  for (guint i = 0; i < event->count; i++)
    {
      const SiagaValue *value = &event->values[i];
      if (event->slot[value->field] != i + 1)
        continue;
      const SiagaField *field = siaga_fields_get(event->fields, value->field);
      ctl_print("  %-*s  ", (int) width, field->name);
      for (; value; value = siaga_event_next(event, value))
        {
          gsize length;
          const gchar *text = siaga_value_text(value, buffer, &length);
          ctl_print_safe(text, length);
          if (value->next)
            ctl_print(", ");
        }
      ctl_print("\n");
    }
}

static const gchar *
_name_of(const SiagaRule *rule)
{
  return rule->name ? rule->name : rule->id;
}

static gboolean
_is_among(const guint16 *rules, guint count, guint rule)
{
  for (guint i = 0; i < count; i++)
    if (rules[i] == rule)
      return TRUE;
  return FALSE;
}

static gboolean
_is_hit(const Explainer *self, guint rule)
{
  return _is_among(self->run->hits.rule, self->run->hits.count, rule);
}

static gboolean
_is_excused(const Explainer *self, guint rule)
{
  return _is_among(self->excused, self->excused_count, rule);
}

static void
_find_excused(Explainer *self)
{
  self->excused_count =
      siaga_rules_excused(self->chain->rules, self->run->event, self->excused, G_N_ELEMENTS(self->excused));
}

static void
_explain_rule(const Explainer *self, const SiagaRule *rule)
{
  gboolean hit = _is_hit(self, rule->index), excused = _is_excused(self, rule->index);
  ctl_print("  %s%-7s%s  %s: ", ctl_color(hit ? CTL_RED : CTL_DIM),
            hit       ? "hit"
            : excused ? "excused"
                      : "no",
            ctl_color(CTL_PLAIN), siaga_level_name(rule->level));
  ctl_print_safe(rule->title, -1);
  ctl_print("  (%s)\n", _name_of(rule));
}

static void
_explain_why(Explainer *self, guint rule)
{
  GString *why = g_string_new(NULL);
  siaga_rules_explain(self->chain->rules, self->run->event, rule, why);
  ctl_print_indented(why->str, 6);
  g_string_free(why, TRUE);
}

static gboolean
_is_asked_for(const Explainer *self, const SiagaRule *rule)
{
  return self->rule && ctl_rule_is(rule, self->rule);
}

/* Asked about a correlation, the rules it counts are what can be true of a line. */
static gboolean
_is_counted_by_asked(const Explainer *self, guint rule)
{
  guint16 counted[CTL_REFERENCES_MAX];
  for (guint i = 0; self->rule && i < siaga_rules_size(self->chain->rules); i++)
    {
      guint count = 0;
      if (ctl_rule_is(siaga_rules_get(self->chain->rules, i), self->rule))
        count = siaga_rules_references(self->chain->rules, i, counted, CTL_REFERENCES_MAX);
      for (guint k = 0; k < count; k++)
        if (counted[k] == rule)
          return TRUE;
    }
  return FALSE;
}

static void
_explain_rules(Explainer *self)
{
  guint shown = 0;
  _heading("Rules");
  _find_excused(self);
  for (guint i = 0; i < siaga_rules_size(self->chain->rules); i++)
    {
      const SiagaRule *rule = siaga_rules_get(self->chain->rules, i);
      gboolean asked = _is_asked_for(self, rule) || _is_counted_by_asked(self, i);
      if (rule->correlation || (!_is_hit(self, i) && !_is_excused(self, i) && !asked))
        continue;
      _explain_rule(self, rule);
      _explain_why(self, i);
      shown++;
    }
  if (!shown)
    ctl_print("  none of the %u rules matches; --rule NAME says why not\n", siaga_rules_size(self->chain->rules));
}

/* What the line did not enter says so, or is empty. */
static gboolean
_was_entered(const gchar *text)
{
  return *text && !strstr(text, "does not take part") && !strstr(text, " holds 0 ");
}

static void
_explain_windows(Explainer *self)
{
  GString *text = g_string_new(NULL);
  guint shown = 0;
  for (guint i = 0; i < siaga_rules_size(self->chain->rules); i++)
    {
      const SiagaRule *rule = siaga_rules_get(self->chain->rules, i);
      if (!rule->correlation)
        continue;
      g_string_truncate(text, 0);
      siaga_correlator_explain(self->run->correlator, i, self->run->event, text);
      if (!_is_asked_for(self, rule) && !_was_entered(text->str))
        continue;
      if (!shown++)
        _heading("Windows");
      ctl_print("  %s: ", _name_of(rule));
      ctl_print_safe(rule->title, -1);
      ctl_print("\n");
      ctl_print_indented(text->str, 6);
    }
  g_string_free(text, TRUE);
}

static void
_explain_allowance(const SiagaAllowance *allowed)
{
  gchar until[32];
  if (!allowed)
    return;
  _heading("Allowed");
  ctl_print("  it raises no incident: ");
  ctl_print_safe(allowed->reason, -1);
  if (allowed->until != G_MAXINT64)
    ctl_print(", until %s", siaga_time_format(allowed->until, until));
  ctl_print("  (%s:%u)\n", allowed->place.file, allowed->place.line);
}

static void
_explain_incidents(const CtlIncidents *incidents)
{
  if (!ctl_incidents_size(incidents))
    return;
  _heading("Incidents");
  for (guint i = 0; i < ctl_incidents_size(incidents); i++)
    {
      GString *text = g_string_new(NULL);
      siaga_incident_format_text(ctl_incidents_get(incidents, i), text);
      ctl_print("  ");
      ctl_print_safe(text->str, text->len);
      ctl_print("\n");
      g_string_free(text, TRUE);
    }
}

/* The patterns are asked twice: once aloud, once by the run that goes on to the rules. */
static void
_explain_line(Explainer *self, const gchar *raw)
{
  SiagaArena *arena = siaga_arena_new();
  SiagaLine line = { .priority = -1 };
  CtlIncidents *incidents = ctl_incidents_new();

  siaga_line_read(&line, raw, strlen(raw), &self->options->time, arena);
  _explain_header(&line);
  _heading("Patterns");
  self->tried = 0;
  siaga_patterns_explain(self->chain->patterns, &line, &self->options->time, self->run->event, _trace, self);
  if (!self->tried)
    ctl_print("  none comes into question\n");
  ctl_run_line(self->run, &self->options->time, raw, strlen(raw), NULL);
  _explain_fields(self->run->event);
  _explain_rules(self);
  _explain_allowance(self->run->allowed);
  ctl_run_finish(self->run);
  ctl_incidents_take(incidents, &self->run->changes);
  _explain_windows(self);
  _explain_incidents(incidents);
  ctl_incidents_free(incidents);
  siaga_arena_free(arena);
}

static void
_write_json_names(SiagaJson *json, const gchar *key, Explainer *self)
{
  siaga_json_open_list(json, key);
  _find_excused(self);
  for (guint i = 0; i < siaga_rules_size(self->chain->rules); i++)
    {
      const SiagaRule *rule = siaga_rules_get(self->chain->rules, i);
      gboolean hit = _is_hit(self, i), excused = _is_excused(self, i);
      if (rule->correlation || (!hit && !excused && !_is_asked_for(self, rule)))
        continue;
      GString *why = g_string_new(NULL);
      siaga_rules_explain(self->chain->rules, self->run->event, i, why);
      siaga_json_open_object(json, NULL);
      siaga_json_string(json, "id", rule->id, -1);
      siaga_json_string(json, "title", rule->title, -1);
      siaga_json_bool(json, "hit", hit);
      siaga_json_bool(json, "excused", excused);
      siaga_json_string(json, "why", why->str, why->len);
      siaga_json_close_object(json);
      g_string_free(why, TRUE);
    }
  siaga_json_close_list(json);
}

typedef struct
{
  SiagaJson *json;
  const SiagaChain *chain;
} JsonTrace;

static void
_trace_json(guint index, gboolean matched, gpointer user_data)
{
  JsonTrace *self = user_data;
  SiagaPatternInfo info;
  siaga_patterns_info(self->chain->patterns, index, &info);
  siaga_json_open_object(self->json, NULL);
  siaga_json_string(self->json, "dataset", info.dataset, -1);
  siaga_json_string(self->json, "id", info.id, -1);
  siaga_json_bool(self->json, "matched", matched);
  siaga_json_close_object(self->json);
}

static void
_explain_json(Explainer *self, const gchar *raw)
{
  SiagaArena *arena = siaga_arena_new();
  SiagaLine line = { .priority = -1 };
  SiagaJson json;
  JsonTrace trace = { &json, self->chain };

  siaga_json_init(&json, ctl_out);
  siaga_json_open_object(&json, NULL);
  siaga_json_open_list(&json, "patterns");
  siaga_line_read(&line, raw, strlen(raw), &self->options->time, arena);
  siaga_patterns_explain(self->chain->patterns, &line, &self->options->time, self->run->event, _trace_json, &trace);
  siaga_json_close_list(&json);
  ctl_run_line(self->run, &self->options->time, raw, strlen(raw), NULL);
  siaga_json_open_object(&json, "event");
  siaga_event_write_json(self->run->event, &json, FALSE);
  siaga_json_close_object(&json);
  _write_json_names(&json, "rules", self);
  if (self->run->allowed)
    siaga_json_string(&json, "allowed", self->run->allowed->reason, -1);
  siaga_json_close_object(&json);
  g_string_append_c(ctl_out, '\n');
  ctl_run_forget_changes(self->run);
  siaga_arena_free(arena);
}

/* The lines that went before: windows are filled, incidents left alone.  FALSE when a file could not be read. */
static gboolean
_run_before(Explainer *self, gchar **files)
{
  CtlInput *input = ctl_input_new(files);
  const gchar *line;
  gsize length;
  while (ctl_input_next(input, &line, &length))
    {
      ctl_run_line(self->run, &self->options->time, line, length, NULL);
      ctl_run_forget_changes(self->run);
    }
  gboolean failed = ctl_input_failed(input);
  ctl_input_free(input);
  return !failed;
}

typedef void (*Explain)(Explainer *self, const gchar *line);

/* FALSE when it could not be read. */
static gboolean
_explain_input(Explainer *self, Explain explain)
{
  CtlInput *input = ctl_input_new(NULL);
  const gchar *line;
  gsize length;
  while (ctl_input_next(input, &line, &length))
    {
      gchar *text = g_strndup(line, length);
      explain(self, text);
      g_free(text);
    }
  gboolean ok = !ctl_input_failed(input);
  ctl_input_free(input);
  return ok;
}

/* Standard input where no line is given, or "-", which no log holds.  FALSE when something could not be read. */
static gboolean
_explain_all(Explainer *self, gchar **before)
{
  Explain explain = self->options->json ? _explain_json : _explain_line;
  gboolean ok = !before || _run_before(self, before);
  for (gchar **line = self->options->arguments; *line; line++)
    if (strcmp(*line, "-") == 0)
      ok = _explain_input(self, explain) && ok;
    else
      explain(self, *line);
  return *self->options->arguments ? ok : _explain_input(self, explain) && ok;
}

static int
_run(const CtlOptions *options, const gchar *rule, gchar **before)
{
  SiagaChain *chain = ctl_load_chain(options, SIAGA_CHAIN_VICTIMS | SIAGA_CHAIN_RULES, NULL);
  if (!chain)
    return CTL_CANNOT;
  CtlRun run;
  SiagaCorrelatorOptions correlator;
  Explainer self = { .options = options, .chain = chain, .run = &run, .rule = rule };
  if (!options->json)
    ctl_output_wrap();
  if (rule && *options->arguments && g_file_test(*options->arguments, G_FILE_TEST_IS_REGULAR))
    {
      gboolean ok = ctl_explain_rule(chain, options, rule);
      siaga_chain_free(chain);
      return ok ? CTL_DONE : CTL_CANNOT;
    }
  siaga_correlator_options_init(&correlator);
  ctl_run_init(&run, chain, &correlator);
  const SiagaRule *asked = rule ? ctl_rule_find(chain->rules, rule) : NULL;
  gboolean known = !rule || asked;
  if (asked && !options->json)
    ctl_print_rule(asked);
  gboolean ok = _explain_all(&self, before);
  ctl_run_clear(&run);
  siaga_chain_free(chain);
  return ok && known ? CTL_DONE : CTL_CANNOT;
}

int
ctl_explain(int argc, char **argv)
{
  CtlOptions options;
  gchar *rule = NULL, **before = NULL;
  const GOptionEntry extra[] = {
    { "rule", 'r', 0, G_OPTION_ARG_STRING, &rule, "say why this rule matches or not (id, name or title)", "RULE" },
    { "before", 'b', 0, G_OPTION_ARG_FILENAME_ARRAY, &before, "a log whose lines went before: fills the windows",
      "FILE" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  int result = CTL_CANNOT;
  if (ctl_options_parse(
          &options, argc, argv, "LINE…",
          "Shows what happens to a line (or to each of standard input, where none or - is given): its header, the "
          "patterns tried, what each field got, the rules that match and why, the windows it entered.  With --rule, "
          "FILE… instead of a line says why the rule did not fire over a log: what it counts, the nearest "
          "line, the fullest window.",
          extra))
    result = _run(&options, rule, before);
  g_free(rule);
  g_strfreev(before);
  ctl_options_clear(&options);
  return result;
}
