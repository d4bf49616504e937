/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl test: runs every sample, reject and scenario. */

#include "siagactl/siagactl.h"

typedef struct
{
  guint samples, rule_samples;
  CtlScenarioCount scenarios;
} Count;

static void
_run_scenarios(const SiagaChain *chain, const CtlTargets *targets, const CtlOptions *options, SiagaDiag *diag,
               CtlScenarioCount *count)
{
  GPtrArray *files = ctl_targets_scenarios(targets, options);
  for (guint i = 0; i < files->len; i++)
    ctl_scenario_run_file(chain, g_ptr_array_index(files, i), diag, count);
  g_ptr_array_unref(files);
}

static void
_print_summary(const CtlOptions *options, const Count *count, guint failures)
{
  if (options->json)
    {
      ctl_print("{\"samples\":%u,\"rule_samples\":%u,\"scenarios\":%u,\"failures\":%u}\n", count->samples,
                count->rule_samples, count->scenarios.run, failures);
      return;
    }
  ctl_output_wrap();
  ctl_print("%u samples of patterns, %u samples of rules, %u scenarios: %s", count->samples, count->rule_samples,
            count->scenarios.run, ctl_color(failures ? CTL_RED : CTL_GREEN));
  if (failures)
    ctl_print("%u failure%s", failures, failures == 1 ? "" : "s");
  else
    ctl_print("all passed");
  ctl_print("%s\n", ctl_color(CTL_PLAIN));
}

static gboolean
_wants(const gchar *file, gpointer targets)
{
  return ctl_targets_cover(targets, file);
}

static guint
_test_all(const SiagaChain *chain, const CtlTargets *targets, const CtlOptions *options, gboolean incidents,
          SiagaDiag *diag)
{
  Count count = { .scenarios.print = incidents };
  count.samples = siaga_patterns_test_some(chain->patterns, _wants, (gpointer) targets, diag);
  count.rule_samples = ctl_test_rules(chain, targets, &options->time, diag);
  _run_scenarios(chain, targets, options, diag, &count.scenarios);
  diag = ctl_targets_filter(targets, diag);
  guint failures = siaga_diag_count(diag, SIAGA_DIAG_ERROR);
  ctl_print_diag(diag, FALSE, options->json);
  if (!incidents)
    _print_summary(options, &count, failures);
  siaga_diag_free(diag);
  return failures;
}

static int
_run(const CtlOptions *options, gboolean incidents)
{
  CtlTargets *targets = ctl_targets_new(options);
  SiagaDiag *diag = siaga_diag_new();
  SiagaChainSpec spec;

  ctl_targets_extend(targets, options, &spec);
  spec.keep_samples = TRUE;
  SiagaChain *chain = siaga_chain_load(&spec, SIAGA_CHAIN_VICTIMS | SIAGA_CHAIN_RULES, diag);
  ctl_targets_extend_clear(&spec);
  int result = chain && !ctl_targets_failed(targets) ? CTL_DONE : CTL_CANNOT;
  if (!chain)
    {
      ctl_print_diag(diag, FALSE, options->json);
      siaga_diag_free(diag);
    }
  else if (_test_all(chain, targets, options, incidents, diag) && result == CTL_DONE)
    result = CTL_FOUND;
  siaga_chain_free(chain);
  ctl_targets_free(targets);
  return result;
}

int
ctl_test(int argc, char **argv)
{
  CtlOptions options;
  gboolean incidents = FALSE;
  const GOptionEntry extra[] = {
    { "incidents", 0, 0, G_OPTION_ARG_NONE, &incidents, "print the incidents of the scenarios as JSON lines", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  int result = CTL_CANNOT;
  if (ctl_options_parse(&options, argc, argv, "[PATH…]",
                        "Runs the samples and rejects of patterns and rules and the scenarios of correlations, and\n"
                        "names each failure.  With PATH (files or folders) only those.",
                        extra))
    result = _run(&options, incidents);
  ctl_options_clear(&options);
  return result;
}
