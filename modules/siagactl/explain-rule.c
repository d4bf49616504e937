/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl explain --rule NAME FILE…: why a rule fired over a log, or why not. */

#include "siagactl/lines.h"

#include <string.h>

typedef struct
{
  const SiagaChain *chain;
  const CtlOptions *options;
  const SiagaRule *rule;
  CtlRun run;
  guint16 counted[CTL_REFERENCES_MAX]; /* of a correlation; of a detection, itself */
  guint counted_count;
  guint64 hits[CTL_REFERENCES_MAX];
  guint64 lines, parsed, allowed, incidents;
  SiagaFill fullest;
  GString *fullest_key;
  guint64 fullest_line;
  GString *slowest;               /* what is still found; empty: no time bounds it */
  GString *nearest, *nearest_why; /* of the first counted rule */
  guint64 nearest_line;
  guint nearest_found;
} RuleReport;

static guint
_count_found(const gchar *text)
{
  guint count = 0;
  for (const gchar *at = strstr(text, "    found "); at; at = strstr(at + 1, "    found "))
    count++;
  return count;
}

/* The line of which most was found is the one that its writer meant. */
static void
_note_nearest(RuleReport *self, const CtlLine *line)
{
  GString *why = g_string_new(NULL);
  siaga_rules_explain(self->chain->rules, line->event, self->counted[0], why);
  guint found = _count_found(why->str);
  if (found > self->nearest_found)
    {
      self->nearest_found = found;
      self->nearest_line = line->sequence;
      g_string_truncate(self->nearest, 0);
      g_string_append_len(self->nearest, line->text->str, line->text->len);
      g_string_assign(self->nearest_why, why->str);
    }
  g_string_free(why, TRUE);
}

static gboolean
_count_hits(RuleReport *self, const CtlLine *line)
{
  gboolean any = FALSE;
  for (guint i = 0; i < line->hits.count; i++)
    for (guint k = 0; k < self->counted_count; k++)
      if (line->hits.rule[i] == self->counted[k])
        {
          self->hits[k]++;
          any = TRUE;
        }
  return any;
}

static void
_note_fullest(RuleReport *self, const CtlLine *line)
{
  SiagaFill fill;
  GString *key = g_string_new(NULL);
  if (siaga_correlator_fill(self->run.correlator, self->rule->index, line->event, &fill, key) &&
      fill.have > self->fullest.have)
    {
      self->fullest = fill;
      self->fullest_line = line->sequence;
      g_string_assign(self->fullest_key, key->str);
    }
  g_string_free(key, TRUE);
}

static void
_count_incidents(RuleReport *self)
{
  for (guint i = 0; i < self->run.changes.changes->len; i++)
    {
      const SiagaIncident *incident = g_ptr_array_index(self->run.changes.changes, i);
      self->incidents += incident->state == SIAGA_INCIDENT_OPEN && ctl_rule_is(incident->rule, self->rule->id);
    }
  ctl_run_forget_changes(&self->run);
}

static void
_take_line(CtlRun *run, const CtlLine *line, gpointer user_data)
{
  RuleReport *self = user_data;
  if (line && line->wanted)
    {
      self->lines++;
      self->parsed += line->event->parsed;
      if (_count_hits(self, line))
        {
          self->allowed += run->allowed != NULL;
          _note_fullest(self, line);
        }
      else if (self->counted_count && !self->hits[0])
        _note_nearest(self, line);
    }
  _count_incidents(self);
}

static gboolean
_run_files(RuleReport *self)
{
  SiagaCorrelatorOptions correlator;

  siaga_correlator_options_init(&correlator);
  correlator.reorder_window = 0; /* so that a line's window holds the line */
  ctl_run_init(&self->run, self->chain, &correlator);
  siaga_correlator_slowest(self->run.correlator, self->rule->index, self->slowest);
  gboolean ok = ctl_run_each(&self->run, self->options, self->options->arguments, _take_line, self);
  ctl_run_clear(&self->run);
  return ok;
}

static void
_print_number(const gchar *what, guint64 number)
{
  ctl_print("  %-10s  %" G_GUINT64_FORMAT "\n", what, number);
}

static void
_print_counted(const RuleReport *self)
{
  for (guint i = 0; i < self->counted_count; i++)
    {
      const SiagaRule *rule = siaga_rules_get(self->chain->rules, self->counted[i]);
      ctl_print("  %-10s  ", self->rule->correlation ? "counts" : "matches");
      ctl_print_safe(rule->name ? rule->name : rule->title, -1);
      ctl_print(": %s%" G_GUINT64_FORMAT " lines%s\n", ctl_color(self->hits[i] ? CTL_GREEN : CTL_RED), self->hits[i],
                ctl_color(CTL_PLAIN));
    }
}

static void
_print_fullest(const RuleReport *self)
{
  if (!self->fullest.have)
    return;
  ctl_print("  %-10s  %u", "fullest", self->fullest.have);
  if (self->fullest.need)
    ctl_print(" of %u needed", self->fullest.need);
  ctl_print(" in %" G_GINT64_FORMAT " s, at line %" G_GUINT64_FORMAT ": ", self->fullest.timespan / SIAGA_SECOND,
            self->fullest_line);
  ctl_print_safe(self->fullest_key->str, MAX((gssize) self->fullest_key->len - 1, 0));
  ctl_print("\n");
}

static void
_print_nearest(const RuleReport *self)
{
  if (!self->nearest_line || self->hits[0])
    return;
  ctl_print("%sThe nearest line, %" G_GUINT64_FORMAT "%s\n  ", ctl_color(CTL_BOLD), self->nearest_line,
            ctl_color(CTL_PLAIN));
  ctl_print_safe(self->nearest->str, MIN(self->nearest->len, 1000));
  ctl_print("\n");
  ctl_print_indented(self->nearest_why->str, 2);
}

static void
_print(const RuleReport *self)
{
  ctl_print_rule(self->rule);
  _print_number("lines", self->lines);
  _print_number("parsed", self->parsed);
  _print_counted(self);
  if (self->allowed)
    _print_number("allowed", self->allowed);
  if (self->rule->correlation)
    _print_fullest(self);
  if (self->slowest->len)
    ctl_print("  %-10s  %s\n", "slowest", self->slowest->str);
  _print_number("incidents", self->incidents);
  _print_nearest(self);
}

static void
_write_json(const RuleReport *self)
{
  SiagaJson json;
  siaga_json_init(&json, ctl_out);
  siaga_json_open_object(&json, NULL);
  ctl_write_rule(&json, self->rule);
  siaga_json_int(&json, "lines", self->lines);
  siaga_json_int(&json, "parsed", self->parsed);
  siaga_json_int(&json, "allowed", self->allowed);
  siaga_json_open_list(&json, "counts");
  for (guint i = 0; i < self->counted_count; i++)
    {
      siaga_json_open_object(&json, NULL);
      siaga_json_string(&json, "rule", siaga_rules_get(self->chain->rules, self->counted[i])->id, -1);
      siaga_json_int(&json, "lines", self->hits[i]);
      siaga_json_close_object(&json);
    }
  siaga_json_close_list(&json);
  siaga_json_open_object(&json, "fullest");
  siaga_json_int(&json, "have", self->fullest.have);
  siaga_json_int(&json, "need", self->fullest.need);
  siaga_json_int(&json, "line", self->fullest_line);
  siaga_json_string(&json, "key", self->fullest_key->str, -1);
  siaga_json_close_object(&json);
  if (self->slowest->len)
    siaga_json_string(&json, "slowest", self->slowest->str, -1);
  siaga_json_int(&json, "incidents", self->incidents);
  if (self->nearest_line && !self->hits[0])
    siaga_json_string(&json, "why", self->nearest_why->str, -1);
  siaga_json_close_object(&json);
  g_string_append_c(ctl_out, '\n');
}

gboolean
ctl_explain_rule(const SiagaChain *chain, const CtlOptions *options, const gchar *wanted)
{
  RuleReport self = { .chain = chain, .options = options, .rule = ctl_rule_find(chain->rules, wanted) };
  if (!self.rule)
    return FALSE;
  self.fullest_key = g_string_new(NULL);
  self.slowest = g_string_new(NULL);
  self.nearest = g_string_new(NULL);
  self.nearest_why = g_string_new(NULL);
  self.counted_count = siaga_rules_references(chain->rules, self.rule->index, self.counted, CTL_REFERENCES_MAX);
  if (!self.rule->correlation)
    self.counted[self.counted_count++] = self.rule->index;
  gboolean ok = _run_files(&self);
  (options->json ? _write_json : _print)(&self);
  g_string_free(self.fullest_key, TRUE);
  g_string_free(self.slowest, TRUE);
  g_string_free(self.nearest, TRUE);
  g_string_free(self.nearest_why, TRUE);
  return ok;
}
