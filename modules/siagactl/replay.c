/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl replay: the whole chain in log time. */

#include "siagactl/siagactl.h"

#include <unistd.h>

/* A person at a terminal reads sentences; whatever reads a pipe gets JSON. */
static gboolean for_person;

static void
_print_incident(const SiagaIncident *incident)
{
  gchar time[32];
  GString *text = g_string_new(NULL);
  CtlColor color = incident->level >= SIAGA_LEVEL_HIGH     ? CTL_RED
                   : incident->level == SIAGA_LEVEL_MEDIUM ? CTL_YELLOW
                                                           : CTL_PLAIN;
  siaga_incident_format_text(incident, text);
  siaga_time_format(incident->changed, time);
  ctl_print("%.19sZ  %-6s  %s", time, siaga_incident_state_name(incident->state), ctl_color(color));
  ctl_print_safe(text->str, text->len);
  ctl_print("%s\n", ctl_color(CTL_PLAIN));
  g_string_free(text, TRUE);
}

static void
_write_incident(const SiagaIncident *incident)
{
  if (for_person)
    {
      _print_incident(incident);
      return;
    }
  siaga_incident_write_json(incident, ctl_out);
  if (!ctl_out->len || ctl_out->str[ctl_out->len - 1] != '\n')
    g_string_append_c(ctl_out, '\n');
  ctl_output_line();
}

/* Each change as it comes. */
static void
_write_changes(CtlRun *run, const CtlLine *line G_GNUC_UNUSED, gpointer user_data G_GNUC_UNUSED)
{
  for (guint i = 0; i < run->changes.changes->len; i++)
    _write_incident(g_ptr_array_index(run->changes.changes, i));
  ctl_run_forget_changes(run);
}

static gboolean
_replay_changes(const SiagaChain *chain, const CtlOptions *options, const SiagaCorrelatorOptions *correlator)
{
  CtlRun run;
  ctl_run_init(&run, chain, correlator);
  gboolean ok = ctl_run_each(&run, options, options->arguments, _write_changes, NULL);
  ctl_run_clear(&run);
  return ok;
}

static gboolean
_replay_final(const SiagaChain *chain, const CtlOptions *options, const SiagaCorrelatorOptions *correlator)
{
  gboolean whole;
  CtlIncidents *incidents = ctl_run_files(chain, options, options->arguments, correlator, &whole);
  for (guint i = 0; i < ctl_incidents_size(incidents); i++)
    _write_incident(ctl_incidents_get(incidents, i));
  ctl_incidents_free(incidents);
  return whole;
}

static int
_run(const CtlOptions *options, const SiagaCorrelatorOptions *correlator, gboolean final)
{
  gboolean faults;
  for_person = isatty(STDOUT_FILENO) && !options->json;
  if (for_person)
    ctl_output_wrap();
  SiagaChain *chain = ctl_load_chain(options, SIAGA_CHAIN_VICTIMS | SIAGA_CHAIN_RULES, &faults);
  if (!chain)
    return CTL_CANNOT;
  gboolean ok = final ? _replay_final(chain, options, correlator) : _replay_changes(chain, options, correlator);
  siaga_chain_free(chain);
  return !ok ? CTL_CANNOT : faults ? CTL_FOUND : CTL_DONE;
}

int
ctl_replay(int argc, char **argv)
{
  CtlOptions options;
  CtlCorrelatorArguments arguments = { NULL };
  SiagaCorrelatorOptions correlator;
  gboolean final = FALSE;
  const GOptionEntry extra[] = {
    { "final", 'f', 0, G_OPTION_ARG_NONE, &final, "each incident once, as it ended", NULL },
    CTL_CORRELATOR_ENTRIES(&arguments),
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  int result = CTL_CANNOT;
  if (ctl_options_parse(
          &options, argc, argv, "[FILE…]",
          "Takes the files (or standard input) through the whole chain in log time and prints every\n"
          "change of an incident as a JSON line.  On a terminal each is a sentence, unless --json is given.",
          extra) &&
      ctl_correlator_options(&arguments, &correlator))
    result = _run(&options, &correlator, final);
  ctl_correlator_arguments_clear(&arguments);
  ctl_options_clear(&options);
  return result;
}
