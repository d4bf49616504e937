/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl lint: what is right but could be better, in patterns and rules. */

#include "siagactl/siagactl.h"

#include <siaga/yaml.h>

#include <string.h>

#define TITLE_MAX 120

typedef struct
{
  SiagaDiag *diag;
  GHashTable *ids; /* of rules and patterns: text -> place as text */
  GHashTable *titles;
  CtlYield *yield; /* NULL: unknown */
  gboolean named;  /* the files are arguments: somebody is at work on them */
} Linter;

static gboolean
_is_kebab(const gchar *text)
{
  return strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text);
}

static void
_warn_missing(Linter *self, const SiagaYaml *map, const gchar *const *keys)
{
  for (; *keys; keys++)
    if (!siaga_yaml_get(map, *keys))
      siaga_diag_warning(self->diag, map->place, "no '%s'", *keys);
}

static void
_warn_repeated(Linter *self, GHashTable *seen, const SiagaYaml *node, const gchar *what)
{
  if (!node || node->kind != SIAGA_YAML_SCALAR)
    return;
  const gchar *before = g_hash_table_lookup(seen, node->text);
  if (before)
    siaga_diag_error(self->diag, node->place, "the %s '%s' stands in %s already", what, node->text, before);
  else
    g_hash_table_insert(seen, g_strdup(node->text), g_strdup_printf("%s:%u", node->place.file, node->place.line));
}

/* The length of one character, escape or class; 0 for anything else. */
static gsize
_atom_length(const gchar *regex)
{
  if (*regex == '\\')
    return regex[1] ? 2 : 0;
  if (*regex != '[')
    return *regex && !strchr("()|^$*+?{", *regex) ? 1 : 0;
  const gchar *end = regex + 1;
  while (*end && (*end != ']' || end == regex + 1))
    end += *end == '\\' && end[1] ? 2 : 1;
  return *end ? end + 1 - regex : 0;
}

/* "(a+)+": a group of nothing but a repetition, repeated, takes exponential time in a backtracking engine. */
static gboolean
_has_nested_repetition(const gchar *regex)
{
  for (const gchar *p = regex; *p; p++)
    {
      if (*p == '\\' && p[1])
        {
          p++;
          continue;
        }
      if (*p != '(')
        continue;
      const gchar *inside = p + (p[1] == '?' && p[2] == ':' ? 3 : 1);
      const gchar *behind = inside + _atom_length(inside);
      if (behind > inside && (*behind == '+' || *behind == '*') && behind[1] == ')' &&
          (behind[2] == '+' || behind[2] == '*') && behind[3] != '+')
        return TRUE;
    }
  return FALSE;
}

static guint
_count(const gchar *text, const gchar *part)
{
  guint count = 0;
  for (const gchar *p = strstr(text, part); p; p = strstr(p + 1, part))
    count++;
  return count;
}

static void
_lint_regex(Linter *self, const SiagaYaml *node)
{
  if (!node || node->kind != SIAGA_YAML_SCALAR)
    return;
  if (_has_nested_repetition(node->text))
    siaga_diag_warning(self->diag, node->place, "a repetition inside a repetition may take exponential time");
  if (g_str_has_prefix(node->text, "^.*") || g_str_has_prefix(node->text, ".*"))
    siaga_diag_warning(self->diag, node->place, "'.*' at the start: the prefilter cannot help, and it costs");
  if (_count(node->text, "%{GREEDYDATA") > 1)
    siaga_diag_warning(self->diag, node->place, "more than one GREEDYDATA: which takes what is left to chance");
}

/* Whether a text below NODE names the macro NAME, as a file's own macros are named. */
static gboolean
_names_macro(const SiagaYaml *node, const gchar *name)
{
  for (guint i = 0; node->kind != SIAGA_YAML_SCALAR && i < node->size; i++)
    if (_names_macro(node->values[i], name))
      return TRUE;
  if (node->kind != SIAGA_YAML_SCALAR)
    return FALSE;
  const gsize length = strlen(name);
  for (const gchar *p = node->text; (p = strstr(p, "%{")); p++)
    if (strncmp(p + 2, name, length) == 0 && (p[2 + length] == '}' || p[2 + length] == ':'))
      return TRUE;
  return FALSE;
}

static void
_lint_macros(Linter *self, const SiagaYaml *document)
{
  const SiagaYaml *macros = siaga_yaml_get(document, "grok");
  for (guint i = 0; macros && macros->kind == SIAGA_YAML_MAP && i < macros->size; i++)
    {
      const SiagaYaml *name = macros->keys[i], *text = macros->values[i];
      if (!_names_macro(document, name->text))
        siaga_diag_warning(self->diag, name->place, "no pattern of the file uses the macro '%s'", name->text);
      if (text->kind == SIAGA_YAML_SCALAR && _has_nested_repetition(text->text))
        siaga_diag_warning(self->diag, text->place, "a repetition inside a repetition may take exponential time");
    }
}

static void
_lint_pattern(Linter *self, const SiagaYaml *document, const SiagaYaml *pattern)
{
  const SiagaYaml *id = siaga_yaml_get(pattern, "id"), *samples = siaga_yaml_get(pattern, "samples");
  if (id && id->kind == SIAGA_YAML_SCALAR && !_is_kebab(id->text))
    siaga_diag_warning(self->diag, id->place, "id '%s': lower case letters, digits and '-'", id->text);
  _lint_regex(self, siaga_yaml_get(pattern, "match"));
  for (guint i = 0; samples && samples->kind == SIAGA_YAML_LIST && i < samples->size; i++)
    {
      if (!siaga_yaml_get(samples->values[i], "fields"))
        siaga_diag_warning(self->diag, samples->values[i]->place, "a sample without fields proves little");
      if (self->named && self->yield)
        ctl_lint_forged(self->yield, document, samples->values[i], self->diag);
    }
}

static void
_lint_patterns(Linter *self, const SiagaYaml *document)
{
  static const gchar *const wanted[] = { "title", "reference", NULL };
  const SiagaYaml *list = siaga_yaml_get(document, "patterns");
  _warn_missing(self, document, wanted);
  _lint_macros(self, document);
  for (guint i = 0; list && list->kind == SIAGA_YAML_LIST && i < list->size; i++)
    _lint_pattern(self, document, list->values[i]);
}

static gboolean
_has_attack_tag(const SiagaYaml *tags)
{
  for (guint i = 0; tags && tags->kind == SIAGA_YAML_LIST && i < tags->size; i++)
    if (tags->values[i]->kind == SIAGA_YAML_SCALAR && g_str_has_prefix(tags->values[i]->text, "attack."))
      return TRUE;
  return FALSE;
}

/* Search identifiers that no condition names. */
static gboolean
_is_used(const SiagaYaml *condition, const gchar *name)
{
  if (!condition)
    return FALSE;
  for (guint i = 0; condition->kind == SIAGA_YAML_LIST && i < condition->size; i++)
    if (_is_used(condition->values[i], name))
      return TRUE;
  if (condition->kind != SIAGA_YAML_SCALAR)
    return FALSE;
  gchar **words = g_strsplit_set(condition->text, " ()\n", -1);
  gboolean used = FALSE;
  for (gchar **word = words; *word && !used; word++)
    used = **word && (strcmp(*word, "them") == 0 || g_pattern_match_simple(*word, name));
  g_strfreev(words);
  return used;
}

static void
_lint_regex_values(Linter *self, const SiagaYaml *node, gboolean regex)
{
  if (node->kind == SIAGA_YAML_SCALAR)
    {
      if (regex)
        _lint_regex(self, node);
      return;
    }
  for (guint i = 0; i < node->size; i++)
    _lint_regex_values(self, node->values[i],
                       node->kind == SIAGA_YAML_MAP ? strstr(node->keys[i]->text, "|re") != NULL : regex);
}

/* Field names are keys, up to their modifiers; searches may nest lists of maps. */
static void
_lint_field_names(Linter *self, const SiagaYaml *node)
{
  for (guint i = 0; node->kind != SIAGA_YAML_SCALAR && i < node->size; i++)
    {
      if (node->kind == SIAGA_YAML_MAP)
        {
          gchar *name = g_strndup(node->keys[i]->text, strcspn(node->keys[i]->text, "|"));
          if (self->yield && ctl_yield_lacks(self->yield, name))
            siaga_diag_warning(self->diag, node->keys[i]->place, "no sample of any pattern has the field '%s'", name);
          g_free(name);
        }
      _lint_field_names(self, node->values[i]);
    }
}

static void
_lint_detection(Linter *self, const SiagaYaml *detection, const gchar *const *no_searches)
{
  const SiagaYaml *condition = siaga_yaml_get(detection, "condition");
  for (guint i = 0; detection->kind == SIAGA_YAML_MAP && i < detection->size; i++)
    {
      const gchar *name = detection->keys[i]->text;
      if (!g_strv_contains(no_searches, name) && !_is_used(condition, name))
        siaga_diag_warning(self->diag, detection->keys[i]->place, "'%s' stands in no condition", name);
    }
  _lint_regex_values(self, detection, FALSE);
  _lint_field_names(self, detection);
}

static void
_lint_rule(Linter *self, const SiagaYaml *rule)
{
  static const gchar *const wanted[] = { "id", "status", "description", "level", "falsepositives", "date", NULL };
  const SiagaYaml *detection = siaga_yaml_get(rule, "detection"), *title = siaga_yaml_get(rule, "title");
  const SiagaYaml *extension = siaga_yaml_get(rule, "siaga");
  _warn_missing(self, rule, wanted);
  _warn_repeated(self, self->ids, siaga_yaml_get(rule, "id"), "id");
  _warn_repeated(self, self->titles, title, "title");
  if (title && title->length > TITLE_MAX)
    siaga_diag_warning(self->diag, title->place, "the title is longer than %d characters", TITLE_MAX);
  if (!_has_attack_tag(siaga_yaml_get(rule, "tags")))
    siaga_diag_warning(self->diag, rule->place, "no ATT&CK tag (attack.tNNNN)");
  if (!detection)
    return;
  _lint_detection(self, detection, (const gchar *const[]){ "condition", "timeframe", NULL });
  if (!siaga_yaml_get(extension, "samples"))
    siaga_diag_warning(self->diag, rule->place, "no samples: siaga: { samples: [ … ], rejects: [ … ] }");
  else if (!siaga_yaml_get(extension, "rejects"))
    siaga_diag_warning(self->diag, extension->place, "no rejects");
}

/* What excuses rules has neither level nor samples of its own: those stand with the rules. */
static void
_lint_filter(Linter *self, const SiagaYaml *document)
{
  static const gchar *const wanted[] = { "id", "description", "date", NULL };
  _warn_missing(self, document, wanted);
  _warn_repeated(self, self->ids, siaga_yaml_get(document, "id"), "id");
  _warn_repeated(self, self->titles, siaga_yaml_get(document, "title"), "title");
  _lint_detection(self, siaga_yaml_get(document, "filter"), (const gchar *const[]){ "condition", "rules", NULL });
}

static void
_lint_file(const gchar *path, gpointer user_data)
{
  Linter *self = user_data;
  SiagaYamlFile *file = ctl_is_yaml(path) ? siaga_yaml_load(path, self->diag) : NULL;
  for (guint i = 0; file && i < file->documents->len; i++)
    {
      const SiagaYaml *document = g_ptr_array_index(file->documents, i);
      if (siaga_yaml_get(document, "dataset"))
        _lint_patterns(self, document);
      else if (siaga_yaml_get(document, "detection") || siaga_yaml_get(document, "correlation"))
        _lint_rule(self, document);
      else if (siaga_yaml_get(document, "filter"))
        _lint_filter(self, document);
    }
  siaga_yaml_free(file);
}

static gboolean
_all_exist(gchar **paths)
{
  gboolean all = TRUE;
  for (; *paths; paths++)
    all = ctl_exists(*paths) && all;
  return all;
}

static int
_run(const CtlOptions *options)
{
  gchar *defaults[] = { options->data_dir, NULL };
  if (!_all_exist(options->arguments))
    return CTL_CANNOT;
  Linter self = {
    .diag = siaga_diag_new(),
    .ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
    .titles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
    .yield = ctl_yield_new(options),
    .named = *options->arguments != NULL,
  };
  for (gchar **path = *options->arguments ? options->arguments : defaults; *path; path++)
    ctl_walk(*path, _lint_file, &self);
  ctl_print_diag(self.diag, FALSE, options->json);
  guint found = siaga_diag_count(self.diag, SIAGA_DIAG_WARNING) + siaga_diag_count(self.diag, SIAGA_DIAG_ERROR);
  if (options->json)
    ctl_print("{\"findings\":%u}\n", found);
  else
    ctl_print("%u finding%s\n", found, found == 1 ? "" : "s");
  g_hash_table_unref(self.ids);
  g_hash_table_unref(self.titles);
  ctl_yield_free(self.yield);
  siaga_diag_free(self.diag);
  return found ? CTL_FOUND : CTL_DONE;
}

int
ctl_lint(int argc, char **argv)
{
  CtlOptions options;
  int result = CTL_CANNOT;
  if (ctl_options_parse(
          &options, argc, argv, "[PATH…]",
          "Looks for what is right but could be better in pattern and rule files: missing descriptions and\n"
          "samples, repeated ids, unused searches and macros, fields that no pattern yields, risky regexes; with\n"
          "PATH also names that would give a line another source.",
          NULL))
    result = _run(&options);
  ctl_options_clear(&options);
  return result;
}
