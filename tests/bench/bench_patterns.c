/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Time per line of reading the header, of extraction with one pattern file and with all of them, as ratios to each
 * other.  SIAGA_DATA_DIR names the patterns; SIAGA_BENCH_TRIED=1 lists what was tried in vain. */

#include <siaga/data.h>
#include <siaga/pattern.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 200000
#define PARTS 20

static const gchar *const samples[] = {
  "192.0.2.17 - - [24/Jan/2026:01:37:00 +0700] \"GET /berita/2026/01/index.php?id=1873&page=2 HTTP/1.1\" 200 23126 "
  "\"https://www.kementerian.go.id/berita/\" \"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, "
  "like Gecko) Chrome/131.0.0.0 Safari/537.36\"",
  "Jan 24 01:37:00 web1 sshd[4711]: Failed password for invalid user admin from 192.0.2.7 port 41234 ssh2",
  "Jan 24 01:37:00 web1 named[88]: client @0x7f21 192.0.2.7#53214 (www.contohkab.go.id): query: www.contohkab.go.id IN "
  "A "
  "+E(0)K (10.0.0.53)",
  "Jan 24 01:37:00 web1 kernel: [ 1234.567] usb 1-1: new high-speed USB device number 2 using xhci_hcd",
  "a line that nothing parses, neither web nor DNS nor a login, and that has no header at all, only some words",
};

static SiagaPatternSet *
load(const SiagaFields *fields, const gchar *data_dir, const gchar *only)
{
  SiagaDiag *diag = siaga_diag_new();
  SiagaPatternSet *set = siaga_patterns_new(fields, NULL);
  gchar *grok = g_build_filename(data_dir, "grok", NULL);
  gchar *path = only ? g_build_filename(data_dir, only, NULL) : g_strdup(data_dir);
  siaga_patterns_load(set, grok, FALSE, diag);
  siaga_patterns_load(set, path, FALSE, diag);
  gint64 start = g_get_monotonic_time();
  siaga_patterns_finish(set, diag);
  g_print("%s: %u patterns, finish %.1f ms\n", only ? only : "all", siaga_patterns_size(set),
          (g_get_monotonic_time() - start) / 1000.0);
  g_free(path);
  g_free(grok);
  siaga_diag_free(diag);
  return set;
}

/* Processor time of this thread: other programs on the machine do not count. */
static gint64
nanoseconds(void)
{
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * G_GINT64_CONSTANT(1000000000) + now.tv_nsec;
}

/* Nanoseconds per line; SET NULL: the header alone. */
static gdouble
measure(const SiagaPatternSet *set, SiagaEvent *event, const gchar *raw, gboolean *matched)
{
  SiagaTimeContext context = { .year = 2026 };
  gsize length = strlen(raw);
  SiagaLine line;
  gint64 best = G_MAXINT64;
  for (guint part = 0; part < PARTS; part++)
    {
      gint64 start = nanoseconds();
      for (guint i = 0; i < ROUNDS / PARTS; i++)
        {
          siaga_line_read(&line, raw, length, &context, NULL);
          if (set)
            *matched = siaga_patterns_match(set, &line, &context, event);
        }
      best = MIN(best, nanoseconds() - start);
    }
  return (gdouble) best / (ROUNDS / PARTS);
}

static void
print_tried(const SiagaPatternSet *set)
{
  for (guint i = 0; i < siaga_patterns_size(set); i++)
    {
      SiagaPatternInfo info;
      siaga_patterns_info(set, i, &info);
      if (info.tried > info.matched + 1000)
        g_print("  tried in vain %.2f times: %s/%s\n", (gdouble) (info.tried - info.matched) / ROUNDS, info.dataset,
                info.id);
    }
}

int
main(void)
{
  gchar *data_dir = siaga_data_dir(NULL);
  gchar *fields_path = g_build_filename(data_dir, "fields.yaml", NULL);
  SiagaFields *fields = siaga_fields_load(fields_path, NULL);
  SiagaEvent *event = siaga_event_new(fields);
  SiagaPatternSet *one = load(fields, data_dir, "web/apache-access.yaml");
  SiagaPatternSet *all = load(fields, data_dir, NULL);

  for (guint i = 0; i < G_N_ELEMENTS(samples); i++)
    {
      gboolean matched_one = FALSE, matched = FALSE;
      gdouble header = measure(NULL, event, samples[i], &matched);
      gdouble with_one = measure(one, event, samples[i], &matched_one);
      gdouble with_all = measure(all, event, samples[i], &matched);
      g_print("%.40s…\n  header %.0f ns, apache-access %.0f ns (%s), all %.0f ns (%s): all/one %.2f\n", samples[i],
              header, with_one, matched_one ? "matched" : "no match", with_all, matched ? "matched" : "no match",
              with_all / with_one);
    }
  if (g_getenv("SIAGA_BENCH_TRIED"))
    print_tried(all);
  siaga_patterns_free(one);
  siaga_patterns_free(all);
  siaga_event_free(event);
  siaga_fields_unref(fields);
  g_free(fields_path);
  g_free(data_dir);
  return EXIT_SUCCESS;
}
