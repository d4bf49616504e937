/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl coverage: what no sample or scenario exercises, and which ATT&CK techniques the rules know. */

#include "siagactl/lines.h"

#include <stdio.h>
#include <string.h>

typedef struct
{
  const CtlOptions *options;
  SiagaChain *chain;
  guint64 *hits; /* per rule: detections matched, incidents raised */
  guint patterns_bare, rules_bare;
} Coverage;

static void
_run_rule_samples(Coverage *self)
{
  SiagaEvent *event = siaga_event_new(self->chain->fields);
  SiagaArena *arena = siaga_arena_new();
  SiagaHits hits;
  for (guint i = 0; i < siaga_rules_size(self->chain->rules); i++)
    {
      guint count;
      const SiagaRuleSample *samples = siaga_rules_samples(self->chain->rules, i, &count);
      for (guint k = 0; k < count; k++)
        {
          ctl_detect_sample(self->chain, &samples[k], &self->options->time, arena, event, &hits);
          for (guint h = 0; h < hits.count; h++)
            self->hits[hits.rule[h]]++;
        }
    }
  siaga_event_free(event);
  siaga_arena_free(arena);
}

static void
_run_scenarios(Coverage *self)
{
  CtlTargets *targets = ctl_targets_new(self->options);
  GPtrArray *files = ctl_targets_scenarios(targets, self->options);
  CtlScenarioCount count = { .hits = self->hits };
  for (guint i = 0; i < files->len; i++)
    ctl_scenario_run_file(self->chain, g_ptr_array_index(files, i), NULL, &count);
  g_ptr_array_unref(files);
  ctl_targets_free(targets);
}

static void
_count(CtlRun *run, const CtlLine *line, gpointer user_data)
{
  Coverage *self = user_data;
  for (guint i = 0; line && i < line->hits.count; i++)
    self->hits[line->hits.rule[i]]++;
  for (guint i = 0; i < run->changes.changes->len; i++)
    ctl_count_incident(self->hits, g_ptr_array_index(run->changes.changes, i));
  ctl_run_forget_changes(run);
}

static gboolean
_run_log(Coverage *self)
{
  SiagaCorrelatorOptions correlator;
  CtlRun run;

  siaga_correlator_options_init(&correlator);
  ctl_run_init(&run, self->chain, &correlator);
  gboolean ok = ctl_run_each(&run, self->options, self->options->arguments, _count, self);
  ctl_run_clear(&run);
  return ok;
}

/* A row of TABLE, or an object when there is none. */
static void
_list(CtlTable *table, const gchar *kind, const gchar *name, SiagaPlace where)
{
  gchar *place = g_strdup_printf("%s:%u", where.file, where.line);
  SiagaJson json;
  if (table)
    ctl_table_add(table, kind, name, place, NULL);
  else
    {
      siaga_json_init(&json, ctl_out);
      siaga_json_open_object(&json, NULL);
      siaga_json_string(&json, "kind", kind, -1);
      siaga_json_string(&json, "name", name, -1);
      siaga_json_string(&json, "where", place, -1);
      siaga_json_close_object(&json);
      ctl_print("\n");
    }
  g_free(place);
}

static void
_list_patterns(Coverage *self, CtlTable *table)
{
  for (guint i = 0; i < siaga_patterns_size(self->chain->patterns); i++)
    {
      SiagaPatternInfo info;
      siaga_patterns_info(self->chain->patterns, i, &info);
      if (info.matched)
        continue;
      gchar *name = g_strdup_printf("%s/%s", info.dataset, info.id);
      _list(table, "pattern", name, info.place);
      g_free(name);
      self->patterns_bare++;
    }
}

static void
_list_rules(Coverage *self, CtlTable *table)
{
  for (guint i = 0; i < siaga_rules_size(self->chain->rules); i++)
    {
      const SiagaRule *rule = siaga_rules_get(self->chain->rules, i);
      if (self->hits[i])
        continue;
      _list(table, rule->correlation ? "correlation" : "rule", rule->name ? rule->name : rule->title, rule->place);
      self->rules_bare++;
    }
}

static void
_print(Coverage *self)
{
  const gchar *const headers[] = { "not exercised", "name", "where", NULL };
  guint patterns = siaga_patterns_size(self->chain->patterns), rules = siaga_rules_size(self->chain->rules);
  CtlTable *table = self->options->json ? NULL : ctl_table_new(headers);

  _list_patterns(self, table);
  _list_rules(self, table);
  if (!table)
    {
      ctl_print("{\"patterns\":%u,\"rules\":%u,\"patterns_not_exercised\":%u,\"rules_not_exercised\":%u}\n", patterns,
                rules, self->patterns_bare, self->rules_bare);
      return;
    }
  ctl_output_wrap();
  ctl_table_print(table);
  ctl_print("\n%u of %u patterns and %u of %u rules are not exercised\n", self->patterns_bare, patterns,
            self->rules_bare, rules);
}

static void
_count_techniques(const SiagaRules *rules, GHashTable *titles)
{
  for (guint i = 0; i < siaga_rules_size(rules); i++)
    {
      const SiagaRule *rule = siaga_rules_get(rules, i);
      for (const gchar *const *technique = rule->techniques; technique && *technique; technique++)
        {
          GPtrArray *list = g_hash_table_lookup(titles, *technique);
          if (!list)
            {
              list = g_ptr_array_new();
              g_hash_table_insert(titles, (gpointer) *technique, list);
            }
          g_ptr_array_add(list, (gpointer) rule->title);
        }
    }
}

static gint
_compare(gconstpointer a, gconstpointer b)
{
  return strcmp(a, b);
}

static void
_write_technique(SiagaJson *json, const gchar *technique, const GPtrArray *titles)
{
  GString *comment = g_string_new(NULL);
  for (guint i = 0; i < titles->len; i++)
    g_string_append_printf(comment, "%s%s", i ? "; " : "", (const gchar *) g_ptr_array_index(titles, i));
  siaga_json_open_object(json, NULL);
  siaga_json_string(json, "techniqueID", technique, -1);
  siaga_json_int(json, "score", titles->len);
  siaga_json_string(json, "comment", comment->str, comment->len);
  siaga_json_bool(json, "enabled", TRUE);
  siaga_json_close_object(json);
  g_string_free(comment, TRUE);
}

/* A layer file of the ATT&CK Navigator, format 4.5. */
static void
_write_navigator(const SiagaRules *rules, GString *out)
{
  GHashTable *titles = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  SiagaJson json;
  _count_techniques(rules, titles);
  GList *techniques = g_list_sort(g_hash_table_get_keys(titles), _compare);
  siaga_json_init(&json, out);
  siaga_json_open_object(&json, NULL);
  siaga_json_string(&json, "name", "siaga", -1);
  siaga_json_string(&json, "domain", "enterprise-attack", -1);
  siaga_json_string(&json, "description", "Techniques that the loaded rules detect; the score is the number of rules",
                    -1);
  siaga_json_open_object(&json, "versions");
  siaga_json_string(&json, "attack", "16", -1);
  siaga_json_string(&json, "navigator", "5.1.0", -1);
  siaga_json_string(&json, "layer", "4.5", -1);
  siaga_json_close_object(&json);
  siaga_json_open_list(&json, "techniques");
  for (GList *item = techniques; item; item = item->next)
    _write_technique(&json, item->data, g_hash_table_lookup(titles, item->data));
  siaga_json_close_list(&json);
  siaga_json_close_object(&json);
  g_string_append_c(out, '\n');
  g_list_free(techniques);
  g_hash_table_unref(titles);
}

static int
_save_navigator(const SiagaRules *rules, const gchar *path)
{
  GString *text = g_string_new(NULL);
  GError *error = NULL;
  _write_navigator(rules, text);
  gboolean ok = TRUE;
  if (strcmp(path, "-") == 0)
    g_string_append_len(ctl_out, text->str, text->len);
  else if (!(ok = g_file_set_contents(path, text->str, text->len, &error)))
    {
      ctl_error("%s", error->message);
      g_error_free(error);
    }
  g_string_free(text, TRUE);
  return ok ? CTL_DONE : CTL_CANNOT;
}

static int
_run(CtlOptions *options, const gchar *navigator)
{
  Coverage self = { .options = options };
  options->spec.keep_samples = TRUE;
  self.chain = ctl_load_chain(options, SIAGA_CHAIN_VICTIMS | SIAGA_CHAIN_RULES, NULL);
  if (!self.chain)
    return CTL_CANNOT;
  int result = CTL_DONE;
  if (navigator)
    result = _save_navigator(self.chain->rules, navigator);
  else
    {
      SiagaDiag *diag = siaga_diag_new();
      self.hits = g_new0(guint64, siaga_rules_size(self.chain->rules) + 1);
      siaga_patterns_test(self.chain->patterns, diag);
      _run_rule_samples(&self);
      _run_scenarios(&self);
      if (*options->arguments && !_run_log(&self))
        result = CTL_CANNOT;
      _print(&self);
      g_free(self.hits);
      siaga_diag_free(diag);
    }
  siaga_chain_free(self.chain);
  return result;
}

int
ctl_coverage(int argc, char **argv)
{
  CtlOptions options;
  gchar *navigator = NULL;
  const GOptionEntry extra[] = {
    { "navigator", 0, 0, G_OPTION_ARG_FILENAME, &navigator,
      "write an ATT&CK Navigator layer of what the rules cover ('-': standard output)", "FILE" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  int result = CTL_CANNOT;
  if (ctl_options_parse(&options, argc, argv, "[FILE…]",
                        "Lists the patterns and rules that no sample or scenario exercises (and no line of FILE).",
                        extra))
    result = _run(&options, navigator);
  g_free(navigator);
  ctl_options_clear(&options);
  return result;
}
