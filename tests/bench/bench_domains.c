/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * bench_domains [NAMES]: domain lists (ten million names by default), tables of victims (100,000 rows) and look-alikes.
 * Times are processor time per operation, and beside each how many look-ups of the same names in a GHashTable of
 * 100,000 it costs: that ratio can be compared between machines.  What a table of names costs when strangers ask for
 * any of them at random is the machine's memory: the time of one read that no cache answers is shown first. */

#include <siaga/lists.h>
#include <siaga/lookalike.h>
#include <siaga/victim.h>

#include <glib/gstdio.h>
#include <libpsl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROWS 100000
#define ASKED 65536
#define ROUNDS 20

static gchar *dir;
static SiagaDiag *diag;
static gdouble hash_look_up; /* seconds */

static gdouble
processor_time(void)
{
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec + now.tv_nsec / 1e9;
}

static guint64
mix(guint64 n)
{
  n = (n ^ (n >> 30)) * G_GUINT64_CONSTANT(0xbf58476d1ce4e5b9);
  n = (n ^ (n >> 27)) * G_GUINT64_CONSTANT(0x94d049bb133111eb);
  return n ^ (n >> 31);
}

/* As such lists have them: a word or two, digits, a common suffix. */
static guint
make_name(gchar *name, gsize size, guint64 n)
{
  static const gchar *const words[] = { "slot",  "gacor",  "judi",  "bola",  "poker", "toto",  "film",  "nonton",
                                        "bet",   "win",    "maxi",  "dewa",  "raja",  "hoki",  "zeus",  "live",
                                        "togel", "casino", "murah", "promo", "kartu", "cepat", "resmi", "situs" };
  static const gchar *const suffixes[] = {
    "com", "net", "xyz", "top", "site", "info", "vip", "co.id", "web.id", "org"
  };
  guint64 r = mix(n);
  return g_snprintf(name, size, "%s%s%x.%s", words[r % 24], words[(r >> 8) % 24], (guint) n, suffixes[(r >> 16) % 10]);
}

static gchar *
below(const gchar *name)
{
  return g_build_filename(dir, name, NULL);
}

typedef gboolean (*Operation)(gpointer table, const gchar *name, gsize length);

/* Nanoseconds an operation over the names of ASKED, and how many of them were found. */
static void
measure(const gchar *what, Operation operation, gpointer table, gchar **asked)
{
  guint64 found = 0;
  gdouble start = processor_time();
  for (guint round = 0; round < ROUNDS; round++)
    for (guint i = 0; i < ASKED; i++)
      found += operation(table, asked[i], strlen(asked[i]));
  gdouble each = (processor_time() - start) / ((gdouble) ROUNDS * ASKED);
  printf("  %-44s %8.0f ns  %5.1f look-ups of a hash table  (%3.0f %% found)\n", what, each * 1e9, each / hash_look_up,
         100.0 * found / ROUNDS / ASKED);
}

static gboolean
in_hash_table(gpointer table, const gchar *name, gsize length G_GNUC_UNUSED)
{
  return g_hash_table_contains(table, name);
}

static gboolean
in_lists(gpointer table, const gchar *name, gsize length)
{
  return siaga_lists_find(table, name, length) != 0;
}

static gboolean
is_victim(gpointer table, const gchar *name, gsize length)
{
  SiagaVictim victim;
  return siaga_victims_by_name(table, name, length, &victim);
}

static gboolean
is_victim_address(gpointer table, const gchar *name, gsize length)
{
  SiagaVictim victim;
  return siaga_victims_by_address(table, name, length, &victim);
}

static gboolean
is_lookalike(gpointer table, const gchar *name, gsize length)
{
  SiagaLookalike found;
  return siaga_lookalikes_check(table, name, length, &found);
}

static gchar **
ask(const gchar *format, guint64 of)
{
  gchar **asked = g_new0(gchar *, ASKED + 1);
  for (guint i = 0; i < ASKED; i++)
    {
      gchar name[96];
      make_name(name, sizeof name, mix(i) % of);
      asked[i] = g_strdup_printf(format, name);
    }
  return asked;
}

static void
measure_hash_table(void)
{
  GHashTable *table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  gchar **asked = ask("%s", ROWS);
  for (guint i = 0; i < ROWS; i++)
    {
      gchar name[96];
      make_name(name, sizeof name, i);
      g_hash_table_add(table, g_strdup(name));
    }
  hash_look_up = 1;
  gdouble start = processor_time();
  for (guint round = 0; round < ROUNDS; round++)
    for (guint i = 0; i < ASKED; i++)
      in_hash_table(table, asked[i], 0);
  hash_look_up = (processor_time() - start) / ((gdouble) ROUNDS * ASKED);
  printf("a hash table of %d names: %.0f ns a look-up\n", ROWS, hash_look_up * 1e9);
  g_strfreev(asked);
  g_hash_table_unref(table);
}

/* Each place holds where to go next, in no order that a processor could foresee. */
static void
measure_cache_miss(void)
{
  enum
  {
    PLACES = 512 * 1024,
    WORDS = 16,
    STEPS = 2000000
  };
  guint32 *places = g_new0(guint32, (gsize) PLACES * WORDS), at = 0;
  for (guint i = 0; i < PLACES; i++)
    places[(gsize) i * WORDS] = (i * 1664525u + 1013904223u) % PLACES;
  gdouble start = processor_time();
  for (guint i = 0; i < STEPS; i++)
    at = *(volatile guint32 *) &places[(gsize) at * WORDS];
  printf("a read of 32 MiB that no cache answers: %.0f ns\n", (processor_time() - start) / STEPS * 1e9);
  g_free(places);
}

static void
write_list(const gchar *path, guint64 names)
{
  FILE *file = fopen(path, "w");
  gchar name[96];
  for (guint64 i = 0; i < names; i++)
    {
      make_name(name, sizeof name, i);
      fprintf(file, "%s\n", name);
    }
  fclose(file);
}

static void
build(const gchar *list, const gchar *target, guint64 names)
{
  GStatBuf info;
  gdouble start = processor_time();
  SiagaListBuilder *builder = siaga_list_builder_new();
  if (!siaga_list_builder_add(builder, "gambling", list, SIAGA_LIST_AUTO, diag) ||
      !siaga_list_builder_write(builder, target, diag) || g_stat(target, &info) != 0)
    exit(1);
  siaga_list_builder_free(builder);
  printf("lists of %" G_GUINT64_FORMAT " names: built in %.1f s, %.1f bytes a name\n", names, processor_time() - start,
         (gdouble) info.st_size / names);
}

typedef struct
{
  SiagaLists *lists;
  gchar **asked;
  gint stop;
  guint64 asked_for, missed;
} Load;

static gpointer
look_up_all_the_time(gpointer data)
{
  Load *load = data;
  guint64 asked = 0, missed = 0;
  for (guint i = 0; !g_atomic_int_get(&load->stop); i = (i + 1) % ASKED, asked++)
    missed += siaga_lists_find(load->lists, load->asked[i], strlen(load->asked[i])) == 0;
  __atomic_fetch_add(&load->asked_for, asked, __ATOMIC_RELAXED);
  __atomic_fetch_add(&load->missed, missed, __ATOMIC_RELAXED);
  return NULL;
}

/* The same names in another file again and again: whoever looks up meanwhile must find them. */
/* Microseconds that the longest of its calls took. */
static gint64
refresh(SiagaLists *lists)
{
  gint64 longest = 0;
  for (guint calls = 0; calls < 10000; calls++, g_usleep(1000))
    {
      gint64 start = g_get_monotonic_time();
      gboolean took = siaga_lists_refresh(lists, diag);
      longest = MAX(longest, g_get_monotonic_time() - start);
      if (took)
        return longest;
    }
  exit(1);
}

static void
replace_under_load(SiagaLists *lists, gchar **asked, const gchar *target)
{
  Load load = { .lists = lists, .asked = asked };
  gchar *other = below("other"), *text;
  gsize length;
  gint64 longest = 0;
  GThread *threads[2];

  g_file_get_contents(target, &text, &length, NULL);
  for (guint i = 0; i < 2; i++)
    threads[i] = g_thread_new("load", look_up_all_the_time, &load);
  for (guint i = 0; i < 5; i++)
    {
      g_file_set_contents(other, text, length, NULL);
      g_rename(other, target);
      gint64 paused = refresh(lists);
      longest = MAX(longest, paused);
    }
  g_atomic_int_set(&load.stop, 1);
  for (guint i = 0; i < 2; i++)
    g_thread_join(threads[i]);
  printf("  replaced 5 times under two threads' load: %" G_GUINT64_FORMAT " look-ups, %" G_GUINT64_FORMAT
         " missed, longest refresh %.1f ms\n",
         load.asked_for, load.missed, longest / 1e3);
  g_free(text);
  g_free(other);
}

static void
measure_lists(guint64 names)
{
  gchar *list = below("list.txt"), *target = below("lists");
  write_list(list, names);
  build(list, target, names);
  SiagaLists *lists = siaga_lists_open(target, diag);
  gchar **deep = ask("www.a.%s", names), **absent = ask("www.b.%s.absent.example", names);
  measure("a name three labels below one that is in", in_lists, lists, deep);
  measure("a name that is not in, six labels", in_lists, lists, absent);
  replace_under_load(lists, deep, target);
  g_strfreev(deep);
  g_strfreev(absent);
  siaga_lists_free(lists);
  g_unlink(list);
  g_unlink(target);
  g_free(list);
  g_free(target);
}

static gchar **
ask_addresses(void)
{
  gchar **asked = g_new0(gchar *, ASKED + 1);
  for (guint i = 0; i < ASKED; i++)
    {
      guint64 r = mix(i) % ROWS;
      asked[i] =
          g_strdup_printf("10.%u.%u.%u", (guint) (r >> 9) & 255, (guint) (r >> 1) & 255, (guint) (r & 1) << 7 | 5);
    }
  return asked;
}

static void
write_table(const gchar *path)
{
  FILE *file = fopen(path, "w");
  gchar name[96];
  fprintf(file, "suffix_or_network,country,sector,owner,csirt\n");
  for (guint i = 0; i < ROWS / 2; i++)
    {
      make_name(name, sizeof name, i);
      fprintf(file, "%s,ID,health,Owner %u,\n", name, i);
      fprintf(file, "10.%u.%u.%u/25,ID,finance,Owner %u,\n", i >> 9 & 255, i >> 1 & 255, (i & 1) << 7, i);
    }
  fclose(file);
}

static SiagaVictims *
load_victims(const gchar *table)
{
  const gchar *data = g_getenv("SIAGA_DATA_DIR");
  gchar *domains = g_build_filename(data ? data : "patterns", "domains", NULL);
  SiagaVictims *victims = siaga_victims_new();
  gdouble start = processor_time();
  if (!siaga_victims_load(victims, domains, diag) || (table && !siaga_victims_load(victims, table, diag)) ||
      !siaga_victims_finish(victims, diag))
    exit(1);
  printf("victims: %u rows loaded in %.2f s\n", siaga_victims_size(victims), processor_time() - start);
  g_free(domains);
  return victims;
}

static void
measure_victims(void)
{
  gchar *table = below("table.csv");
  write_table(table);
  SiagaVictims *victims = load_victims(table);
  gchar **in = ask("www.%s", ROWS / 2), **government = ask("%s.go.id", ROWS),
        **out = ask("www.%s.absent.example", ROWS);
  gchar **few = ask("www.%s", 1000), **addresses = ask_addresses();
  measure("a host of a row, the same 1,000 again", is_victim, victims, few);
  measure("a host of a row, any of 50,000", is_victim, victims, in);
  measure("a government host", is_victim, victims, government);
  measure("a host of nobody", is_victim, victims, out);
  measure("an address of a network", is_victim_address, victims, addresses);
  g_strfreev(few);
  g_strfreev(in);
  g_strfreev(government);
  g_strfreev(out);
  g_strfreev(addresses);
  siaga_victims_unref(victims);
  g_unlink(table);
  g_free(table);
}

static void
measure_lookalikes(void)
{
  const gchar *data = g_getenv("SIAGA_DATA_DIR");
  SiagaVictims *victims = load_victims(NULL);
  SiagaLookalikes *set = siaga_lookalikes_new(victims, psl_builtin());
  gchar *agencies = g_build_filename(data ? data : "patterns", "domains", "agencies.csv", NULL);
  gchar *bait = g_build_filename(data ? data : "patterns", "domains", "bait-words.txt", NULL);
  gchar *allow = g_build_filename(data ? data : "patterns", "domains", "lookalike-allow.txt", NULL);
  if (!siaga_lookalikes_load_agencies(set, agencies, diag) || !siaga_lookalikes_load_bait(set, bait, diag) ||
      !siaga_lookalikes_load_allow(set, allow, diag))
    exit(1);
  gchar **ordinary = ask("www.%s", G_MAXUINT32), **long_names = ask("api-eu-west-1.prod.cdn.%s", G_MAXUINT32);
  gchar **hyphens = ask("a-b-c-d-e-f-%s", G_MAXUINT32), **foreign = ask("xn--80ak6aa92e.%s", G_MAXUINT32);
  printf("look-alikes\n");
  measure("an ordinary name", is_lookalike, set, ordinary);
  measure("a name of seven labels", is_lookalike, set, long_names);
  measure("a name with hyphens", is_lookalike, set, hyphens);
  measure("a name in other letters", is_lookalike, set, foreign);
  g_strfreev(ordinary);
  g_strfreev(long_names);
  g_strfreev(hyphens);
  g_strfreev(foreign);
  siaga_lookalikes_free(set);
  siaga_victims_unref(victims);
  g_free(agencies);
  g_free(bait);
  g_free(allow);
}

int
main(int argc, char **argv)
{
  dir = g_dir_make_tmp("siaga-bench-XXXXXX", NULL);
  diag = siaga_diag_new();
  measure_cache_miss();
  measure_hash_table();
  measure_victims();
  measure_lookalikes();
  measure_lists(argc > 1 ? g_ascii_strtoull(argv[1], NULL, 10) : 10000000);
  g_rmdir(dir);
  siaga_diag_free(diag);
  g_free(dir);
  return 0;
}
