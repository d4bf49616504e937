/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Processor time of single lines from standard input (tests/bench/hostile writes them): the slowest, and which pattern
 * took their time.  SIAGA_DATA_DIR names the patterns. */

#include <siaga/data.h>
#include <siaga/pattern.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 3
#define SHOWN 25

typedef struct
{
  gint64 nanoseconds;
  gchar *line; /* its first and last bytes */
  gsize length;
  gchar *pattern;
} Slow;

static Slow slowest[SHOWN + 1]; /* the slowest first */

static gint64
nanoseconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * G_GINT64_CONSTANT(1000000000) + now.tv_nsec;
}

static gint64
measure(const SiagaPatternSet *set, SiagaEvent *event, SiagaArena *arena, const gchar *raw, gsize length)
{
  SiagaTimeContext context = { .year = 2026 };
  gint64 best = G_MAXINT64;
  for (guint i = 0; i < ROUNDS; i++)
    {
      SiagaLine line;
      gint64 start = nanoseconds();
      siaga_arena_reset(arena);
      siaga_line_read(&line, raw, length, &context, arena);
      siaga_patterns_match(set, &line, &context, event);
      best = MIN(best, nanoseconds() - start);
    }
  return best;
}

/* The pattern that took most of the last line's time. */
static gchar *
culprit(const SiagaPatternSet *set, const guint64 *before)
{
  SiagaPatternInfo worst = { .dataset = "none", .id = "none" };
  guint64 most = 0;
  for (guint i = 0; i < siaga_patterns_size(set); i++)
    {
      SiagaPatternInfo info;
      siaga_patterns_info(set, i, &info);
      if (info.nanoseconds - before[i] <= most)
        continue;
      most = info.nanoseconds - before[i];
      worst = info;
    }
  return g_strdup_printf("%s/%s, %.1f us", worst.dataset, worst.id, most / 1000.0 / ROUNDS);
}

static void
note_times(const SiagaPatternSet *set, guint64 *times)
{
  for (guint i = 0; i < siaga_patterns_size(set); i++)
    {
      SiagaPatternInfo info;
      siaga_patterns_info(set, i, &info);
      times[i] = info.nanoseconds;
    }
}

static void
keep(const SiagaPatternSet *set, guint64 *times, const gchar *raw, gsize length, gint64 time)
{
  guint at = SHOWN;
  while (at && slowest[at - 1].nanoseconds < time)
    at--;
  if (at == SHOWN)
    return;
  g_free(slowest[SHOWN - 1].line);
  g_free(slowest[SHOWN - 1].pattern);
  memmove(&slowest[at + 1], &slowest[at], (SHOWN - 1 - at) * sizeof *slowest);
  slowest[at] =
      (Slow){ time, g_strdup_printf("%.90s … %s", raw, raw + length - MIN(length, 40)), length, culprit(set, times) };
}

/* What the patterns cost over all lines, the dearest first. */
static void
print_patterns(const SiagaPatternSet *set, guint64 lines)
{
  guint64 limit = G_MAXUINT64;
  for (guint shown = 0; shown < SHOWN; shown++)
    {
      SiagaPatternInfo dearest = { .nanoseconds = 0 };
      for (guint i = 0; i < siaga_patterns_size(set); i++)
        {
          SiagaPatternInfo info;
          siaga_patterns_info(set, i, &info);
          if (info.nanoseconds < limit && info.nanoseconds > dearest.nanoseconds)
            dearest = info;
        }
      if (!dearest.nanoseconds)
        return;
      limit = dearest.nanoseconds;
      g_print("%7.1f us a line, %7.1f us a try  %s/%s\n", dearest.nanoseconds / 1000.0 / lines / ROUNDS,
              dearest.nanoseconds / 1000.0 / dearest.tried, dearest.dataset, dearest.id);
    }
}

int
main(void)
{
  gchar *data_dir = siaga_data_dir(NULL), *path = g_build_filename(data_dir, "fields.yaml", NULL), *raw = NULL;
  SiagaFields *fields = siaga_fields_load(path, NULL);
  SiagaPatternSet *set = siaga_patterns_new(fields, NULL);
  SiagaEvent *event = siaga_event_new(fields);
  SiagaArena *arena = siaga_arena_new();
  size_t room = 0;
  ssize_t length;
  guint64 lines = 0, over = 0;

  siaga_patterns_load(set, data_dir, FALSE, NULL);
  siaga_patterns_finish(set, NULL);
  siaga_patterns_set_timing(set, TRUE);
  guint64 *times = g_new0(guint64, siaga_patterns_size(set));
  while ((length = getline(&raw, &room, stdin)) > 0)
    {
      note_times(set, times);
      gint64 time = measure(set, event, arena, raw, length);
      lines++;
      over += time > 1000000;
      keep(set, times, raw, length, time);
    }
  g_print("%" G_GUINT64_FORMAT " lines, %" G_GUINT64_FORMAT " of them over 1 ms\n", lines, over);
  for (guint i = 0; i < SHOWN && slowest[i].line; i++)
    g_print("%7.1f us %6" G_GSIZE_FORMAT " bytes  %s\n   %s\n", slowest[i].nanoseconds / 1000.0, slowest[i].length,
            slowest[i].line, slowest[i].pattern);
  print_patterns(set, MAX(lines, 1));
  free(raw);
  g_free(times);
  siaga_arena_free(arena);
  siaga_event_free(event);
  siaga_patterns_free(set);
  siaga_fields_unref(fields);
  g_free(path);
  g_free(data_dir);
  return EXIT_SUCCESS;
}
