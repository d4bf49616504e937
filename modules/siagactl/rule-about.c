/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What a rule's author says of it, and how a rule is called on the command line. */

#include "siagactl/siagactl.h"

#include <string.h>

gboolean
ctl_rule_is(const SiagaRule *rule, const gchar *wanted)
{
  return g_strcmp0(rule->id, wanted) == 0 || g_strcmp0(rule->name, wanted) == 0 || g_strcmp0(rule->title, wanted) == 0;
}

const SiagaRule *
ctl_rule_find(const SiagaRules *rules, const gchar *wanted)
{
  for (guint i = 0; i < siaga_rules_size(rules); i++)
    if (ctl_rule_is(siaga_rules_get(rules, i), wanted))
      return siaga_rules_get(rules, i);
  ctl_error("no rule has the id, name or title '%s'", wanted);
  return NULL;
}

static void
_print_about(const gchar *what, const gchar *text)
{
  if (!text)
    return;
  ctl_print("  %-10s  ", what);
  ctl_print_safe(text, -1);
  ctl_print("\n");
}

static void
_print_all_about(const gchar *what, const gchar *const *texts)
{
  for (; *texts; texts++)
    _print_about(what, *texts);
}

void
ctl_print_rule(const SiagaRule *rule)
{
  ctl_print("%s", ctl_color(CTL_BOLD));
  ctl_print_safe(rule->title, -1);
  ctl_print("%s%s\n", ctl_color(CTL_PLAIN), rule->disabled ? ": disabled" : "");
  _print_about("about", rule->description);
  _print_about("id", rule->id);
  _print_about("level", siaga_level_name(rule->level));
  _print_about("status", rule->status);
  _print_all_about("tag", rule->tags);
  _print_all_about("harmless", rule->falsepositives);
  _print_all_about("related", rule->related);
}

static void
_write_about(SiagaJson *json, const gchar *what, const gchar *text)
{
  if (text)
    siaga_json_string(json, what, text, -1);
}

static void
_write_all_about(SiagaJson *json, const gchar *what, const gchar *const *texts)
{
  siaga_json_open_list(json, what);
  for (; *texts; texts++)
    siaga_json_string(json, NULL, *texts, -1);
  siaga_json_close_list(json);
}

void
ctl_write_rule(SiagaJson *json, const SiagaRule *rule)
{
  _write_about(json, "rule", rule->id);
  _write_about(json, "title", rule->title);
  _write_about(json, "description", rule->description);
  _write_about(json, "level", siaga_level_name(rule->level));
  _write_about(json, "status", rule->status);
  _write_all_about(json, "tags", rule->tags);
  _write_all_about(json, "falsepositives", rule->falsepositives);
  _write_all_about(json, "related", rule->related);
}
