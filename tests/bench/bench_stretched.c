/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Processor time that victims and rules take for single lines from standard input (tests/bench/stretched writes them),
 * each seen once: the mean, how many take more than a millisecond, and which.  SIAGA_DATA_DIR names the data. */

#include <siaga/chain.h>
#include <siaga/data.h>
#include <siaga/stats.h>

#include <stdio.h>
#include <stdlib.h>

#define LONG 1000000 /* nanoseconds */

static SiagaChain *
load(gchar *data_dir)
{
  SiagaChainSpec spec = { .data_dir = data_dir };
  SiagaChain *chain = siaga_chain_load(&spec, SIAGA_CHAIN_VICTIMS | SIAGA_CHAIN_RULES, NULL);
  if (!chain)
    g_error("no patterns and rules in %s", data_dir);
  return chain;
}

int
main(void)
{
  gchar *data_dir = siaga_data_dir(NULL), *line = NULL;
  SiagaChain *chain = load(data_dir);
  SiagaEvent *event = siaga_event_new(chain->fields);
  SiagaArena *arena = siaga_arena_new();
  SiagaTimeContext context = { .year = 2026 };
  SiagaHits hits;
  size_t room = 0;
  ssize_t length;
  guint lines = 0, over = 0;
  gint64 all = 0;
  while ((length = getline(&line, &room, stdin)) > 0)
    {
      line[length - 1] = '\0';
      if (!siaga_chain_parse(chain, line, length - 1, NULL, &context, arena, event))
        continue;
      gint64 start = siaga_thread_clock();
      siaga_chain_detect(chain, event, &hits);
      gint64 took = siaga_thread_clock() - start;
      lines++;
      all += took;
      over += took > LONG;
      if (took > LONG)
        g_print("%8.0f us  %.200s\n", took / 1e3, line);
    }
  g_printerr("%u lines, mean %.0f us, %u above 1 ms\n", lines, all / 1e3 / MAX(lines, 1), over);
  siaga_arena_free(arena);
  siaga_event_free(event);
  siaga_chain_free(chain);
  free(line);
  g_free(data_dir);
  return EXIT_SUCCESS;
}
