/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl diff: what a change of rules would have changed over a log. */

#include "siagactl/siagactl.h"

#include <string.h>

typedef struct
{
  guint gained, lost, resized, same;
} Count;

static CtlIncidents *
_incidents_of(const CtlOptions *options, const gchar *rules, SiagaChain **chain_r)
{
  CtlOptions with = *options;
  const gchar *paths[] = { rules, NULL };
  SiagaCorrelatorOptions correlator;
  with.spec.rules = paths;
  with.spec.no_default_rules = TRUE;
  if (!ctl_exists(rules))
    {
      *chain_r = NULL;
      return NULL;
    }
  *chain_r = ctl_load_chain(&with, SIAGA_CHAIN_VICTIMS | SIAGA_CHAIN_RULES, NULL);
  siaga_correlator_options_init(&correlator);
  gboolean whole = FALSE;
  CtlIncidents *incidents = *chain_r ? ctl_run_files(*chain_r, &with, with.arguments + 2, &correlator, &whole) : NULL;
  if (whole)
    return incidents;
  ctl_incidents_free(incidents); /* of half a log nothing can be compared */
  return NULL;
}

static gboolean
_same_group(const SiagaIncident *a, const SiagaIncident *b)
{
  if (strcmp(a->rule->id, b->rule->id) != 0 || a->group_values->len != b->group_values->len)
    return FALSE;
  for (guint i = 0; i < a->group_values->len; i++)
    if (g_strcmp0(g_ptr_array_index(a->group_values, i), g_ptr_array_index(b->group_values, i)) != 0)
      return FALSE;
  return TRUE;
}

/* The same id, or the same rule and group at an overlapping time. */
static gint
_counterpart(const SiagaIncident *wanted, const CtlIncidents *others, const gboolean *taken)
{
  for (guint i = 0; i < ctl_incidents_size(others); i++)
    if (!taken[i] && strcmp(ctl_incidents_get(others, i)->uuid, wanted->uuid) == 0)
      return i;
  for (guint i = 0; i < ctl_incidents_size(others); i++)
    {
      const SiagaIncident *other = ctl_incidents_get(others, i);
      if (!taken[i] && _same_group(wanted, other) && wanted->first_seen <= other->last_seen &&
          other->first_seen <= wanted->last_seen)
        return i;
    }
  return -1;
}

static void
_print_change(const CtlOptions *options, const gchar *change, const SiagaIncident *before, const SiagaIncident *after)
{
  const SiagaIncident *shown = after ? after : before;
  GString *text = g_string_new(NULL);
  siaga_incident_format_text(shown, text);
  if (options->json)
    {
      SiagaJson json;
      siaga_json_init(&json, ctl_out);
      siaga_json_open_object(&json, NULL);
      siaga_json_string(&json, "change", change, -1);
      siaga_json_string(&json, "rule", shown->rule->id, -1);
      siaga_json_string(&json, "incident", shown->uuid, -1);
      if (before)
        siaga_json_int(&json, "count_before", before->count);
      if (after)
        siaga_json_int(&json, "count_after", after->count);
      siaga_json_string(&json, "text", text->str, text->len);
      siaga_json_close_object(&json);
      g_string_append_c(ctl_out, '\n');
    }
  else
    {
      ctl_print("%s%-8s%s",
                ctl_color(before && after ? CTL_YELLOW
                          : after         ? CTL_GREEN
                                          : CTL_RED),
                change, ctl_color(CTL_PLAIN));
      ctl_print_safe(text->str, text->len);
      if (before && after)
        ctl_print("  (%" G_GUINT64_FORMAT " → %" G_GUINT64_FORMAT " events, %s → %s)", before->count, after->count,
                  siaga_level_name(before->level), siaga_level_name(after->level));
      ctl_print("\n");
    }
  g_string_free(text, TRUE);
}

static Count
_compare(const CtlOptions *options, const CtlIncidents *old, const CtlIncidents *new)
{
  Count count = { 0 };
  gboolean *taken = g_new0(gboolean, ctl_incidents_size(new) + 1);
  for (guint i = 0; i < ctl_incidents_size(old); i++)
    {
      const SiagaIncident *before = ctl_incidents_get(old, i);
      gint index = _counterpart(before, new, taken);
      if (index < 0)
        {
          count.lost++;
          _print_change(options, "lost", before, NULL);
          continue;
        }
      const SiagaIncident *after = ctl_incidents_get(new, index);
      taken[index] = TRUE;
      gboolean same = before->count == after->count && before->level == after->level;
      count.same += same;
      count.resized += !same;
      if (!same)
        _print_change(options, "resized", before, after);
    }
  for (guint i = 0; i < ctl_incidents_size(new); i++)
    if (!taken[i])
      {
        count.gained++;
        _print_change(options, "gained", NULL, ctl_incidents_get(new, i));
      }
  g_free(taken);
  return count;
}

static int
_run(const CtlOptions *options)
{
  SiagaChain *chains[2] = { NULL, NULL };
  CtlIncidents *old = _incidents_of(options, options->arguments[0], &chains[0]);
  CtlIncidents *new = old ? _incidents_of(options, options->arguments[1], &chains[1]) : NULL;
  if (new)
    {
      Count count = _compare(options, old, new);
      if (!options->json)
        {
          ctl_output_wrap();
          ctl_print("%u gained, %u lost, %u resized, %u the same\n", count.gained, count.lost, count.resized,
                    count.same);
        }
    }
  int result = new ? CTL_DONE : CTL_CANNOT;
  ctl_incidents_free(old);
  ctl_incidents_free(new);
  siaga_chain_free(chains[0]);
  siaga_chain_free(chains[1]);
  return result;
}

int
ctl_diff(int argc, char **argv)
{
  CtlOptions options;
  int result = CTL_CANNOT;
  if (ctl_options_parse(
          &options, argc, argv, "RULES-OLD RULES-NEW FILE…",
          "Replays the files with each of the two rule sets (files or folders, without the shipped rules)\n"
          "and prints which incidents were gained, lost or resized.",
          NULL))
    {
      if (g_strv_length(options.arguments) < 3)
        ctl_error("diff needs the old rules, the new rules and a log");
      else
        result = _run(&options);
    }
  ctl_options_clear(&options);
  return result;
}
