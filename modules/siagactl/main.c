/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl: the engine without a daemon, to check, test, explain, replay and measure. */

#include "config.h"

#include "siagactl/siagactl.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static const struct
{
  const gchar *name;
  int (*run)(int argc, char **argv);
  const gchar *summary;
} commands[] = {
  { "parse", ctl_parse, "each line as an event, in JSON" },
};

static void
_print_usage(FILE *out)
{
  fputs("Usage: siagactl COMMAND [OPTION…] [FILE…]\n\n", out);
  for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
    fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].summary);
  fputs("\nsiagactl COMMAND --help tells more; the manual is siagactl(1).\n", out);
}

static int
_run_command(int argc, char **argv)
{
  for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
    if (strcmp(argv[1], commands[i].name) == 0)
      {
        int result = commands[i].run(argc - 1, argv + 1);
        ctl_output_flush();
        return result;
      }
  ctl_error("'%s' is no command", argv[1]);
  _print_usage(stderr);
  return CTL_CANNOT;
}

int
main(int argc, char **argv)
{
  setlocale(LC_ALL, "");
  signal(SIGPIPE, SIG_IGN);
  ctl_out = g_string_sized_new(512 * 1024);
  if (argc < 2)
    {
      _print_usage(stderr);
      return CTL_CANNOT;
    }
  if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
    {
      _print_usage(stdout);
      return CTL_DONE;
    }
  if (strcmp(argv[1], "--version") == 0)
    {
      puts("siagactl " SIAGA_VERSION);
      return CTL_DONE;
    }
  return _run_command(argc, argv);
}
