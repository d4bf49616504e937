/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl scan: the events that rules match. */

#include "siagactl/siagactl.h"

/* Whether one of the rules is more than what a correlation counts. */
static gboolean
_is_shown(const SiagaRules *rules, const SiagaHits *hits)
{
  for (guint i = 0; i < hits->count; i++)
    if (!siaga_rules_get(rules, hits->rule[i])->count_only)
      return TRUE;
  return FALSE;
}

static void
_scan_all(const SiagaChain *chain, const CtlOptions *options, CtlInput *input, gboolean all)
{
  SiagaEvent *event = siaga_event_new(chain->fields);
  SiagaArena *arena = siaga_arena_new();
  CtlProgress progress;
  SiagaHits hits;
  const gchar *line;
  gsize length;

  ctl_progress_start(&progress, input, options);
  while (ctl_input_next(input, &line, &length))
    {
      ctl_progress_step(&progress);
      siaga_chain_parse(chain, line, length, ctl_input_file(input), &options->time, arena, event);
      if (!ctl_time_is_wanted(options, event))
        continue;
      gboolean hit = siaga_chain_detect(chain, event, &hits);
      if (!all && !(hit && _is_shown(chain->rules, &hits)))
        continue;
      if (hit)
        siaga_rules_tag_event(chain->rules, &hits, event);
      ctl_write_event(event, line, length, ctl_input_sequence(input));
    }
  ctl_progress_end(&progress);
  siaga_event_free(event);
  siaga_arena_free(arena);
}

static int
_run(const CtlOptions *options, gboolean all)
{
  gboolean faults;
  SiagaChain *chain = ctl_load_chain(options, SIAGA_CHAIN_VICTIMS | SIAGA_CHAIN_RULES, &faults);
  if (!chain)
    return CTL_CANNOT;
  CtlInput *input = ctl_input_new(options->arguments);
  ctl_input_on_wait(input, ctl_output_flush);
  _scan_all(chain, options, input, all);
  gboolean failed = ctl_input_failed(input);
  ctl_input_free(input);
  siaga_chain_free(chain);
  return failed ? CTL_CANNOT : faults ? CTL_FOUND : CTL_DONE;
}

int
ctl_scan(int argc, char **argv)
{
  CtlOptions options;
  gboolean all = FALSE;
  const GOptionEntry extra[] = {
    { "all", 'a', 0, G_OPTION_ARG_NONE, &all, "every event, not only those that a rule matches", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  int result = CTL_CANNOT;
  if (ctl_options_parse(&options, argc, argv, "[FILE…]",
                        "Parses, names the victim and runs the detection rules: prints the events that match, as\n"
                        "parse does, with rule.id, rule.name, rule.level and threat.technique.id.",
                        extra))
    result = _run(&options, all);
  ctl_options_clear(&options);
  return result;
}
