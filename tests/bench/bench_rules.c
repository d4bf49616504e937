/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Time to load rules, at first and again with a rule more while the first ones are in use, and to match an event: with
 * one rule, with the shipped ones, and with ten times as many.
 * Arguments are further rule files or folders; SIAGA_DATA_DIR names the data. */

#include <siaga/matcher.h>
#include <siaga/normalise.h>
#include <siaga/pattern.h>
#include <siaga/rule.h>

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUNDS 40000
#define PARTS 5
#define SETS 3 /* one rule, the shipped ones, ten times as many */

static const gchar *const samples[] = {
  "192.0.2.17 - - [24/Jan/2026:01:37:00 +0700] \"GET /berita/2026/01/index.php?id=1873&page=000000 HTTP/1.1\" 200 "
  "23126 "
  "\"https://www.kementerian.go.id/berita/\" \"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, "
  "like Gecko) Chrome/131.0.0.0 Safari/537.36\"",
  "192.0.2.17 - - [24/Jan/2026:01:37:00 +0700] \"GET /assets/css/main.min.css?v=000000 HTTP/1.1\" 304 0 \"-\" "
  "\"Mozilla/5.0 "
  "(X11; "
  "Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\"",
  "192.0.2.17 - - [24/Jan/2026:01:37:00 +0700] \"GET /cari?q=000000%27%20UNION%20SELECT%20password%20FROM%20users--%20 "
  "HTTP/1.1\" 200 512 \"-\" \"sqlmap/1.8\"",
  "Jan 24 01:37:00 web1 sshd[4711]: Failed password for invalid user u000000 from 192.0.2.7 port 41234 ssh2",
  "Jan 24 01:37:00 web1 named[88]: client @0x7f21 192.0.2.7#53214 (w000000.contohkab.go.id): query: "
  "w000000.contohkab.go.id IN "
  "A +E(0)K (10.0.0.53)",
  "Jan 24 01:37:00 web1 kernel: [ 1234.567] usb 1-1: new high-speed USB device number 2 using xhci_hcd",
};

typedef struct
{
  SiagaFields *fields;
  SiagaPatternSet *patterns;
  SiagaDiag *diag;
  const gchar *data_dir;
  gchar *generated;
} Bench;

static void
print_errors(const SiagaDiag *diag)
{
  for (guint i = 0; i < siaga_diag_size(diag); i++)
    if (siaga_diag_get(diag, i)->level == SIAGA_DIAG_ERROR)
      {
        GString *text = g_string_new(NULL);
        siaga_diag_format(siaga_diag_get(diag, i), text);
        g_printerr("%s\n", text->str);
        g_string_free(text, TRUE);
      }
}

/* Processor time of all threads, for several compile: machines are shared. */
static gint64
now(void)
{
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * G_GINT64_CONSTANT(1000000000) + time.tv_nsec;
}

static SiagaRules *
load(Bench *self, gchar **paths, const gchar *name)
{
  gchar *mapping = g_build_filename(self->data_dir, "sigma.yaml", NULL);
  gchar *placeholders = g_build_filename(self->data_dir, "placeholders.yaml", NULL);
  SiagaRuleOptions options = { .mapping = mapping };
  gint64 start = now();
  SiagaRules *rules = siaga_rules_new(self->fields, &options, self->diag);
  if (rules)
    siaga_rules_load_placeholders(rules, placeholders, self->diag);
  for (; rules && *paths; paths++)
    siaga_rules_load(rules, *paths, self->diag);
  gint64 middle = now();
  siaga_rules_finish(rules, self->diag);
  gint64 end = now();
  g_print("%-9s %5u rules: read %.0f ms, compiled %.0f ms\n", name, siaga_rules_size(rules), (middle - start) / 1e6,
          (end - middle) / 1e6);
  g_free(mapping);
  g_free(placeholders);
  return rules;
}

/* Every event differs from the ones before it: nothing that was found earlier helps. */
static gdouble
measure(const SiagaRules *rules, const SiagaEvent *event, gchar *line, guint *hits_r)
{
  SiagaHits hits;
  gint64 best = G_MAXINT64;
  gchar *first = strstr(line, "000000"), *second = first ? strstr(first + 6, "000000") : NULL;
  for (guint part = 0, n = 0; part < PARTS; part++)
    {
      gint64 start = now();
      for (guint i = 0; i < ROUNDS / PARTS; i++, n++)
        {
          for (guint k = 0, rest = n; first && k < 6; k++, rest /= 10)
            first[k] = '0' + rest % 10;
          if (second)
            memcpy(second, first, 6);
          siaga_rules_match(rules, event, &hits);
        }
      best = MIN(best, now() - start);
    }
  *hits_r = hits.count;
  if (first)
    memcpy(first, "000000", 6);
  if (second)
    memcpy(second, "000000", 6);
  return (gdouble) best / (ROUNDS / PARTS);
}

static void
append_item(GString *text, guint i, guint n)
{
  switch (i % 4)
    {
    case 0:
      g_string_append_printf(text, "    cs-uri-query|contains: ['/x%u/%08x.php', 'cmd%u=%08x', '%u%%27%08x--']\n", i, n,
                             i, ~n, i, n ^ 0x5555);
      break;
    case 1:
      g_string_append_printf(text,
                             "    cs-uri-query|re|i: '(?:ab%u|cd%08x)\\s*\\((?:%u|%08x)\\w{1,8}\\)'\n"
                             "    cs-method: POST\n",
                             i, n, i, ~n);
      break;
    case 2:
      g_string_append_printf(text, "    cs-user-agent|contains: 'scanner-%u/%08x'\n    sc-status: 404\n", i, n);
      break;
    default:
      g_string_append_printf(text, "    cs-uri-stem|endswith: ['/a%u/%08x.jsp', '/b%u-%08x.bak']\n", i, n, i, ~n);
    }
}

/* Rules of the kinds that people write, with words that no line has. */
static void
generate(Bench *self, guint count)
{
  GString *text = g_string_new(NULL);
  GRand *rand = g_rand_new_with_seed(7);
  for (guint i = 0; i < count; i++)
    {
      guint n = g_rand_int(rand);
      g_string_append_printf(text,
                             "---\ntitle: generated %u\nlogsource: { category: webserver }\nlevel: low\n"
                             "detection:\n  s:\n",
                             i);
      append_item(text, i, n);
      g_string_append(text, "  condition: s\n");
    }
  gint fd = g_file_open_tmp("siaga-bench-XXXXXX.yml", &self->generated, NULL);
  g_close(fd, NULL);
  g_file_set_contents(self->generated, text->str, text->len, NULL);
  g_rand_free(rand);
  g_string_free(text, TRUE);
}

static void
forget_generated(Bench *self)
{
  g_unlink(self->generated);
  g_clear_pointer(&self->generated, g_free);
}

/* What a changed file costs: the others are in use. */
static void
reload(Bench *self, GPtrArray *paths)
{
  guint64 before = siaga_matcher_compilations();
  generate(self, 1);
  paths->pdata[paths->len - 1] = self->generated;
  g_ptr_array_add(paths, NULL);
  siaga_rules_unref(load(self, (gchar **) paths->pdata, "again"));
  g_print("          expressions compiled for it: %" G_GUINT64_FORMAT "\n", siaga_matcher_compilations() - before);
  g_ptr_array_set_size(paths, paths->len - 1);
  paths->pdata[paths->len - 1] = NULL;
  forget_generated(self);
}

static void
report(Bench *self, SiagaRules **sets)
{
  SiagaEvent *event = siaga_event_new(self->fields);
  SiagaNormaliser normaliser = { NULL, NULL };
  SiagaTimeContext context = { .year = 2026 };
  SiagaLine line;
  gdouble sums[SETS] = { 0 };

  for (guint i = 0; i < G_N_ELEMENTS(samples); i++)
    {
      gchar *raw = g_strdup(samples[i]);
      siaga_line_read(&line, raw, strlen(raw), &context, NULL);
      siaga_patterns_match(self->patterns, &line, &context, event);
      siaga_normalise(&normaliser, event);
      g_print("%-26.26s", samples[i]);
      for (guint s = 0; s < SETS; s++)
        {
          guint hits;
          gdouble time = measure(sets[s], event, raw, &hits);
          sums[s] += time;
          g_print("  %7.0f ns %2u hits", time, hits);
        }
      g_print("\n");
      g_free(raw);
    }
  g_print("all of them with ten times as many rules: %.2f times the shipped ones' time (budget 1.3)\n",
          sums[2] / sums[1]);
  siaga_event_free(event);
}

int
main(int argc, char **argv)
{
  Bench self = { .data_dir = g_getenv("SIAGA_DATA_DIR"), .diag = siaga_diag_new() };
  if (!self.data_dir)
    return EXIT_FAILURE;
  gchar *path = g_build_filename(self.data_dir, "fields.yaml", NULL);
  gchar *folder = g_build_filename(self.data_dir, "rules", NULL);
  gchar *one = g_build_filename(folder, "web", "client-error.yml", NULL);
  GPtrArray *paths = g_ptr_array_new();

  self.fields = siaga_fields_load(path, self.diag);
  self.patterns = siaga_patterns_new(self.fields, NULL);
  siaga_patterns_load(self.patterns, self.data_dir, FALSE, self.diag);
  siaga_patterns_finish(self.patterns, self.diag);
  g_ptr_array_add(paths, folder);
  for (gint i = 1; i < argc; i++)
    g_ptr_array_add(paths, argv[i]);
  g_ptr_array_add(paths, NULL);
  SiagaRules *sets[SETS];
  sets[0] = load(&self, (gchar *[]){ one, NULL }, "one");
  sets[1] = load(&self, (gchar **) paths->pdata, "shipped");
  reload(&self, paths);
  generate(&self, 10 * siaga_rules_size(sets[1]));
  paths->pdata[paths->len - 1] = self.generated;
  g_ptr_array_add(paths, NULL);
  sets[2] = load(&self, (gchar **) paths->pdata, "tenfold");
  print_errors(self.diag);
  report(&self, sets);
  for (guint i = 0; i < SETS; i++)
    siaga_rules_unref(sets[i]);
  forget_generated(&self);
  g_ptr_array_unref(paths);
  g_free(one);
  g_free(folder);
  g_free(path);
  siaga_patterns_free(self.patterns);
  siaga_fields_unref(self.fields);
  siaga_diag_free(self.diag);
  return EXIT_SUCCESS;
}
