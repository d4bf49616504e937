/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl scan: the events that rules match. */

#include "siagactl/lines.h"

#include <siaga/matcher.h>

typedef struct
{
  const SiagaChain *chain;
  gboolean all;
} Scan;

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
_classify(CtlLine *line, gpointer user_data)
{
  const Scan *self = user_data;
  if (line->wanted)
    siaga_chain_classify(self->chain, line->event);
}

static void
_judge(CtlLine *line, GString *out, gpointer user_data)
{
  const Scan *self = user_data;
  if (!line->wanted)
    return;
  siaga_chain_match(self->chain, line->event, &line->hits);
  if (!self->all && !_is_shown(self->chain->rules, &line->hits))
    return;
  if (line->hits.count)
    siaga_rules_tag_event(self->chain->rules, &line->hits, line->event);
  ctl_append_event(out, line);
}

static int
_run(const CtlOptions *options, gboolean all)
{
  static const CtlLineSteps steps = { _classify, _judge, NULL };
  gboolean faults;
  SiagaChain *chain = ctl_load_chain(options, SIAGA_CHAIN_VICTIMS | SIAGA_CHAIN_RULES, &faults);
  if (!chain)
    return CTL_CANNOT;
  Scan scan = { chain, all };
  gboolean whole = ctl_lines_each(chain, options, options->arguments, &steps, &scan);
  siaga_chain_free(chain);
  if (siaga_matcher_given_up())
    ctl_error("%" G_GUINT64_FORMAT " matches of rules were given up at the match limit, and count as none",
              siaga_matcher_given_up());
  return !whole ? CTL_CANNOT : faults ? CTL_FOUND : CTL_DONE;
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
