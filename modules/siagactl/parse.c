/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl parse: each line as an event. */

#include "siagactl/siagactl.h"

static void
_parse_all(const SiagaChain *chain, const CtlOptions *options, CtlInput *input)
{
  SiagaEvent *event = siaga_event_new(chain->fields);
  SiagaArena *arena = siaga_arena_new();
  CtlProgress progress;
  const gchar *line;
  gsize length;

  ctl_progress_start(&progress, input, options);
  while (ctl_input_next(input, &line, &length))
    {
      siaga_chain_parse(chain, line, length, ctl_input_file(input), &options->time, arena, event);
      if (ctl_time_is_wanted(options, event))
        ctl_write_event(event, line, length, ctl_input_sequence(input));
      ctl_progress_step(&progress);
    }
  ctl_progress_end(&progress);
  siaga_event_free(event);
  siaga_arena_free(arena);
}

static int
_run(const CtlOptions *options)
{
  gboolean faults;
  SiagaChain *chain = ctl_load_chain(options, SIAGA_CHAIN_PARSE, &faults);
  if (!chain)
    return CTL_CANNOT;
  CtlInput *input = ctl_input_new(options->arguments);
  ctl_input_on_wait(input, ctl_output_flush);
  _parse_all(chain, options, input);
  gboolean failed = ctl_input_failed(input);
  ctl_input_free(input);
  siaga_chain_free(chain);
  return failed ? CTL_CANNOT : faults ? CTL_FOUND : CTL_DONE;
}

int
ctl_parse(int argc, char **argv)
{
  CtlOptions options;
  int result = CTL_CANNOT;
  if (ctl_options_parse(&options, argc, argv, "[FILE…]",
                        "Prints one JSON object per line of the files (or standard input): nested ECS with\n"
                        "event.sequence, the line's number, and event.original.  A line that nothing parses\n"
                        "has the tag siaga.unparsed.",
                        NULL))
    result = _run(&options);
  ctl_options_clear(&options);
  return result;
}
