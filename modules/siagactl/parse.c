/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl parse: each line as an event. */

#include "siagactl/lines.h"

static void
_write(CtlLine *line, GString *out, gpointer user_data G_GNUC_UNUSED)
{
  if (line->wanted)
    ctl_append_event(out, line);
}

static int
_run(const CtlOptions *options)
{
  static const CtlLineSteps steps = { NULL, _write, NULL };
  gboolean faults;
  SiagaChain *chain = ctl_load_chain(options, SIAGA_CHAIN_PARSE, &faults);
  if (!chain)
    return CTL_CANNOT;
  gboolean whole = ctl_lines_each(chain, options, options->arguments, &steps, NULL);
  siaga_chain_free(chain);
  return !whole ? CTL_CANNOT : faults ? CTL_FOUND : CTL_DONE;
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
