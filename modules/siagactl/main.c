/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl: the engine without a daemon, to check, test, explain, replay and measure. */

#include "config.h"

#include "siagactl/siagactl.h"

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ROOM (64 * 1024 * 1024)

static const struct
{
  const gchar *name;
  int (*run)(int argc, char **argv);
  const gchar *summary;
} commands[] = {
  { "check", ctl_check, "load patterns, rules, tables and policies, and say what is wrong" },
  { "test", ctl_test, "run every sample, reject and scenario" },
  { "parse", ctl_parse, "each line as an event, in JSON" },
  { "scan", ctl_scan, "the events that detection rules match" },
  { "replay", ctl_replay, "the incidents that a log holds" },
  { "explain", ctl_explain, "what happens to one line, and why" },
  { "diff", ctl_diff, "what a change of rules would have changed" },
  { "bench", ctl_bench, "what a line costs, by stage" },
  { "coverage", ctl_coverage, "what no sample or scenario exercises" },
  { "backtest", ctl_backtest, "a log against the incidents it must give" },
  { "stats", ctl_stats, "incidents counted" },
  { "share", ctl_share, "who may know of an incident, and what they would get" },
  { "lists", ctl_lists, "domain lists: build the file, ask it" },
  { "lint", ctl_lint, "style and risks of patterns and rules" },
  { "new", ctl_new, "a skeleton of a pattern or a rule from a log line" },
  { "fmt", ctl_fmt, "one look for pattern and rule files" },
  { "migrate", ctl_migrate, "a db-parser() pattern database as pattern files" },
};

static void
_print_usage(FILE *out)
{
  GString *text = g_string_new("Usage: siagactl COMMAND [OPTION…] [FILE…]\n\n");
  for (guint i = 0; i < G_N_ELEMENTS(commands); i++)
    g_string_append_printf(text, "  %-8s  %s\n", commands[i].name, commands[i].summary);
  g_string_append(text, "\nsiagactl COMMAND --help tells more; the manual is siagactl(1).\n");
  GString *wrapped = g_string_new(NULL);
  ctl_wrap(wrapped, text->str, text->len, ctl_terminal_width());
  fputs(wrapped->str, out);
  g_string_free(wrapped, TRUE);
  g_string_free(text, TRUE);
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

/* GLib ends a program that gets no memory by a trap.  Whether that was it, the system says: no room is left. */
static void
_end(int number)
{
  static const char text[] = "siagactl: out of memory: ulimit -v of this process is too low, or the machine is full\n";
  if (mmap(NULL, ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED &&
      write(STDERR_FILENO, text, sizeof text - 1) > 0)
    _exit(CTL_CANNOT);
  signal(number, SIG_DFL);
  raise(number);
}

/* Where there is no memory for the words that say so, GLib calls itself until no stack is left either. */
static void
_catch_ends(void)
{
  static guint8 room[64 * 1024];
  const stack_t stack = { .ss_sp = room, .ss_size = sizeof room };
  const struct sigaction action = { .sa_handler = _end, .sa_flags = SA_ONSTACK };

  sigaltstack(&stack, NULL);
  sigaction(SIGTRAP, &action, NULL);
  sigaction(SIGABRT, &action, NULL);
  sigaction(SIGSEGV, &action, NULL);
}

/* What GLib or we printed by stdio, --help and --version. */
static void
_flush_words(void)
{
  if (fflush(stdout) == 0)
    return;
  ctl_error("standard output: %s", g_strerror(errno));
  _exit(CTL_CANNOT);
}

int
main(int argc, char **argv)
{
  setlocale(LC_ALL, "");
  atexit(_flush_words);
  signal(SIGPIPE, SIG_IGN);
  _catch_ends();
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
