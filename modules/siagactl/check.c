/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl check: loads everything and says what is wrong. */

#include "siagactl/siagactl.h"

#include <siaga/yaml.h>

static void
_print_summary(const CtlOptions *options, const SiagaChain *chain, const SiagaDiag *diag)
{
  guint errors = siaga_diag_count(diag, SIAGA_DIAG_ERROR), warnings = siaga_diag_count(diag, SIAGA_DIAG_WARNING);
  if (options->json)
    {
      ctl_print("{\"patterns\":%u,\"rules\":%u,\"errors\":%u,\"warnings\":%u}\n",
                chain ? siaga_patterns_size(chain->patterns) : 0, chain ? siaga_rules_size(chain->rules) : 0, errors,
                warnings);
      return;
    }
  ctl_output_wrap();
  if (chain)
    {
      ctl_print("%u patterns, %u rules (%u of other log sources skipped", siaga_patterns_size(chain->patterns),
                siaga_rules_size(chain->rules), siaga_rules_skipped(chain->rules));
      if (siaga_rules_unsupported(chain->rules))
        ctl_print(", %u unsupported left out", siaga_rules_unsupported(chain->rules));
      ctl_print("), %u rows of victims: ", siaga_victims_size(chain->victims));
    }
  ctl_print("%s%u error%s%s, %u warning%s\n", ctl_color(errors ? CTL_RED : CTL_GREEN), errors, errors == 1 ? "" : "s",
            ctl_color(CTL_PLAIN), warnings, warnings == 1 ? "" : "s");
}

/* Only that they are YAML with a list of scenarios: siagactl test runs them. */
static void
_check_scenarios(const CtlTargets *targets, const CtlOptions *options, SiagaDiag *diag)
{
  GPtrArray *files = ctl_targets_scenarios(targets, options);
  for (guint i = 0; i < files->len; i++)
    {
      const gchar *path = g_ptr_array_index(files, i);
      SiagaYamlFile *file = siaga_yaml_load(path, diag);
      const SiagaYaml *top = file && file->documents->len ? g_ptr_array_index(file->documents, 0) : NULL;
      const SiagaYaml *list = siaga_yaml_get(top, "scenarios");
      if (file && (!list || list->kind != SIAGA_YAML_LIST))
        siaga_diag_error(diag, (SiagaPlace){ path, 1, 1 }, "expected 'scenarios:' with a list");
      siaga_yaml_free(file);
    }
  g_ptr_array_unref(files);
}

/* The engine goes by the time of events; a person wants to know what is over by now. */
static void
_warn_of_expired(const SiagaChain *chain, SiagaTime now, SiagaDiag *diag)
{
  gchar buffer[32];
  for (guint i = 0; chain && i < siaga_allow_size(chain->allow); i++)
    {
      const SiagaAllowance *entry = siaga_allow_get(chain->allow, i);
      if (entry->until <= now)
        siaga_diag_warning(diag, entry->place, "ended at %s: it allows nothing any more",
                           siaga_time_format(entry->until, buffer));
    }
}

static int
_run(const CtlOptions *options, gboolean notes)
{
  CtlTargets *targets = ctl_targets_new(options);
  SiagaDiag *diag = siaga_diag_new();
  SiagaChainSpec spec;

  ctl_targets_extend(targets, options, &spec);
  SiagaChain *chain = siaga_chain_load(&spec, SIAGA_CHAIN_VICTIMS | SIAGA_CHAIN_RULES, diag);
  SiagaShare *share = siaga_chain_load_share(&spec, diag);
  if (chain)
    siaga_share_check_words(share, chain->victims, chain->rules, diag);
  siaga_share_free(share);
  _warn_of_expired(chain, options->time.reference, diag);
  _check_scenarios(targets, options, diag);
  ctl_targets_extend_clear(&spec);
  diag = ctl_targets_filter(targets, diag);
  ctl_print_diag(diag, notes, options->json);
  _print_summary(options, chain, diag);
  gboolean cannot = !chain || ctl_targets_failed(targets);
  gboolean found = siaga_diag_count(diag, SIAGA_DIAG_ERROR) > 0;
  siaga_chain_free(chain);
  siaga_diag_free(diag);
  ctl_targets_free(targets);
  return found ? CTL_FOUND : cannot ? CTL_CANNOT : CTL_DONE;
}

int
ctl_check(int argc, char **argv)
{
  CtlOptions options;
  gboolean notes = FALSE;
  const GOptionEntry extra[] = {
    { "notes", 0, 0, G_OPTION_ARG_NONE, &notes, "also what is merely worth knowing, such as skipped rules", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  int result = CTL_CANNOT;
  if (ctl_options_parse(
          &options, argc, argv, "[PATH…]",
          "Loads patterns, rules, correlations, allowances, tables and policies, the shipped ones, the local ones and\n"
          "those at PATH, and prints file:line:column: error: text.  With PATH only what is wrong there.",
          extra))
    result = _run(&options, notes);
  ctl_options_clear(&options);
  return result;
}
