/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Who is the victim: every shipped suffix, tables with mistakes, addresses, and what a line says. */

#include <siaga/lookalike.h>
#include <siaga/victim.h>

#include "engine/domain/name.h"
#include "engine/domain/prefixes.h"
#include "engine/domain/suffixes.h"
#include "tests/harness/run.h"

#include <glib/gstdio.h>
#include <libpsl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static SiagaVictims *victims;
static SiagaFields *fields;
static SiagaEvent *event;
static SiagaDiag *diag;
static psl_ctx_t *psl;
static gchar *dir;

static const gchar *const public_suffixes = "id\ngo.id\nuk\ngov.uk\nau\ngov.au\nit\ngo.it\ngov.it\nmi.it\njp\ngo.jp\n"
                                            "*.np\nmil\ngov\ngob.mx\nmx\nmil.br\nbr\n";

static psl_ctx_t *
small_list(void)
{
  gchar *path = g_build_filename(dir, "psl.dat", NULL);
  gchar *text = g_strconcat("// ===BEGIN ICANN DOMAINS===\n", public_suffixes, "// ===END ICANN DOMAINS===\n", NULL);
  ck_assert(g_file_set_contents(path, text, -1, NULL));
  psl_ctx_t *list = psl_load_file(path);
  ck_assert_ptr_nonnull(list);
  g_free(text);
  g_free(path);
  return list;
}

static void
setup(void)
{
  dir = g_dir_make_tmp("siaga-victim-XXXXXX", NULL);
  psl = small_list();
  victims = siaga_victims_new();
  siaga_victims_set_public_suffixes(victims, psl);
  diag = siaga_diag_new();
  gchar *path = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "fields.yaml", NULL);
  fields = siaga_fields_load(path, diag);
  ck_assert_ptr_nonnull(fields);
  event = siaga_event_new(fields);
  g_free(path);
}

static void
teardown(void)
{
  siaga_event_free(event);
  siaga_fields_unref(fields);
  siaga_diag_free(diag);
  siaga_victims_unref(victims);
  psl_free(psl);
  gchar *command = g_strdup_printf("rm -rf '%s'", dir);
  ck_assert_int_eq(system(command), 0);
  g_free(command);
  g_free(dir);
}

static void
print_diag(void)
{
  for (guint i = 0; i < siaga_diag_size(diag); i++)
    {
      GString *text = g_string_new(NULL);
      siaga_diag_format(siaga_diag_get(diag, i), text);
      g_printerr("%s\n", text->str);
      g_string_free(text, TRUE);
    }
}

static void
load_shipped(void)
{
  gchar *path = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "domains", NULL);
  gboolean ok = siaga_victims_load(victims, path, diag);
  print_diag();
  ck_assert(ok);
  ck_assert(siaga_victims_finish(victims, diag));
  g_free(path);
}

static gboolean
load_text(const gchar *name, const gchar *text)
{
  gchar *path = g_build_filename(dir, name, NULL);
  ck_assert(g_file_set_contents(path, text, -1, NULL));
  gboolean ok = siaga_victims_load(victims, path, diag);
  g_free(path);
  return ok;
}

static const struct
{
  const gchar *name, *country, *sector, *csirt;
  gboolean government;
} names[] = {
  { "www.kementerian.go.id", "ID", "government", "Gov-CSIRT Indonesia", TRUE },
  { "go.id", "ID", "government", "Gov-CSIRT Indonesia", TRUE },
  { "WWW.Kementerian.GO.ID.", "ID", "government", "Gov-CSIRT Indonesia", TRUE },
  { "www.kementerian.go.id:8443", "ID", "government", "Gov-CSIRT Indonesia", TRUE },
  { "rsud.contohkab.go.id", "ID", "government", "Gov-CSIRT Indonesia", TRUE },
  { "dinas.contohkota.go.id", "ID", "government", "Gov-CSIRT Indonesia", TRUE },
  { "contohprov.go.id", "ID", "government", "Gov-CSIRT Indonesia", TRUE },
  { "kab.go.id", "ID", "government", "Gov-CSIRT Indonesia", TRUE },
  { "dinas.contoh.mil.id", "ID", "military", "Gov-CSIRT Indonesia", TRUE },
  { "contoh.desa.id", "ID", "village", "Gov-CSIRT Indonesia", TRUE },
  { "www.contoh.ac.id", "ID", "education", "Id-SIRTII/CC", FALSE },
  { "sman1.contoh.sch.id", "ID", "education", "Id-SIRTII/CC", FALSE },
  { "contoh.ponpes.id", "ID", "education", "Id-SIRTII/CC", FALSE },
  { "toko.contoh.co.id", "ID", NULL, "Id-SIRTII/CC", FALSE },
  { "data.kemkes.go.id", "ID", "health", "Gov-CSIRT Indonesia", TRUE },
  { "www.pln.co.id", "ID", "energy", "Id-SIRTII/CC", FALSE },
  { "www.pertamina.com", "ID", "energy", "Id-SIRTII/CC", FALSE },
  { "jabatan.contoh.gov.my", "MY", "government", "NC4", TRUE },
  { "contoh.mil.my", "MY", "military", "NC4", TRUE },
  { "contoh.edu.my", "MY", "education", "MyCERT", FALSE },
  { "www.moh.gov.my", "MY", "health", "NC4", TRUE },
  { "contoh.com.my", "MY", NULL, "MyCERT", FALSE },
  { "agency.gov.sg", "SG", "government", "SingCERT", TRUE },
  { "school.edu.sg", "SG", "education", "SingCERT", FALSE },
  { "www.mas.gov.sg", "SG", "finance", "SingCERT", TRUE },
  { "example.go.th", "TH", "government", "ThaiCERT", TRUE },
  { "example.mi.th", "TH", "military", "ThaiCERT", TRUE },
  { "example.ac.th", "TH", "education", "ThaiCERT", FALSE },
  { "www.xn--h3cuzk1di.xn--o3cw4h", "TH", "government", "ThaiCERT", TRUE },
  { "www.xn--o3cyx2a.xn--o3cw4h", "TH", "military", "ThaiCERT", TRUE },
  { "www.xn--12c1fe0br.xn--o3cw4h", "TH", "education", "ThaiCERT", FALSE },
  { "example.gov.ph", "PH", "government", "CERT-PH", TRUE },
  { "example.mil.ph", "PH", "military", "CERT-PH", TRUE },
  { "example.edu.ph", "PH", "education", "CERT-PH", FALSE },
  { "example.gov.vn", "VN", "government", "VNCERT/CC", TRUE },
  { "example.edu.vn", "VN", "education", "VNCERT/CC", FALSE },
  { "example.ac.vn", "VN", "education", "VNCERT/CC", FALSE },
  { "example.health.vn", "VN", "health", "VNCERT/CC", FALSE },
  { "www.chinhphu.vn", "VN", "government", "VNCERT/CC", TRUE },
  { "example.gov.bn", "BN", "government", "BruCERT", TRUE },
  { "example.edu.bn", "BN", "education", "BruCERT", FALSE },
  { "example.gov.kh", "KH", "government", "CamCERT", TRUE },
  { "example.mil.kh", "KH", "military", "CamCERT", TRUE },
  { "example.edu.kh", "KH", "education", "CamCERT", FALSE },
  { "example.gov.la", "LA", "government", "LaoCERT", TRUE },
  { "example.edu.la", "LA", "education", "LaoCERT", FALSE },
  { "example.gov.mm", "MM", "government", "mmCERT", TRUE },
  { "example.mil.mm", "MM", "military", "mmCERT", TRUE },
  { "example.edu.mm", "MM", "education", "mmCERT", FALSE },
  { "example.gov.tl", "TL", "government", "TIC TIMOR", TRUE },
  { "www.bancocentral.tl", "TL", "finance", "TIC TIMOR", FALSE },
  { "service.gov.uk", "GB", "government", NULL, TRUE },
  { "health.gov.au", "AU", "government", NULL, TRUE },
  { "www.comune.gov.it", "IT", "government", NULL, TRUE },
  { "example.go.jp", "JP", "government", NULL, TRUE },
  { "example.gov.np", "NP", "government", NULL, TRUE },
  { "example.gob.mx", "MX", "government", NULL, TRUE },
  { "example.mil.br", "BR", "military", NULL, TRUE },
};

START_TEST(each_shipped_suffix_names_its_country_sector_and_csirt)
{
  load_shipped();
  SiagaVictim victim;
  ck_assert_msg(siaga_victims_by_name(victims, names[_i].name, strlen(names[_i].name), &victim), "%s is not known",
                names[_i].name);
  ck_assert_pstr_eq(victim.country, names[_i].country);
  ck_assert_pstr_eq(victim.sector, names[_i].sector);
  ck_assert_pstr_eq(victim.csirt, names[_i].csirt);
  ck_assert_int_eq(victim.government, names[_i].government);
}
END_TEST

static const gchar *const strangers[] = {
  "",
  ".",
  "example.com",
  "go.id.example.com",
  "xgo.id.example",
  "kominfo-go-id.example",
  "go.it",
  "www.go.it",
  "comune.mi.it",
  "go.np",
  "com",
  "192.0.2.1",
  "2001:db8::1",
  ":80",
  "a..example",
};

static const gchar *const members[] = { "bn", "id", "kh", "la", "mm", "my", "ph", "sg", "th", "tl", "vn" };

/* What a host below SUFFIX gets is what its row says; who must know is always named. */
static void
check_row(gchar **cells, guint count)
{
  SiagaVictim victim;
  gchar *host = g_strconcat("www.", cells[0][0] == '*' ? "contoh" : "", cells[0] + (cells[0][0] == '*'), NULL);
  const gchar *error;
  gchar *name = siaga_name_canonical(host, &error);
  ck_assert_msg(siaga_victims_by_name(victims, name, strlen(name), &victim), "%s is not known", host);
  ck_assert_str_eq(victim.country, cells[1]);
  if (count > 2 && *cells[2])
    ck_assert_str_eq(victim.sector, cells[2]);
  ck_assert_msg(victim.csirt != NULL, "%s has no CSIRT", host);
  g_free(name);
  g_free(host);
}

START_TEST(each_row_of_each_member_s_table_answers)
{
  gchar *file = g_strconcat(members[_i], ".csv", NULL), *text;
  gchar *path = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "domains", file, NULL);
  gboolean government = FALSE, education = FALSE, health = FALSE, finance = FALSE, vital = FALSE;
  load_shipped();
  ck_assert(g_file_get_contents(path, &text, NULL, NULL));
  gchar **lines = g_strsplit(text, "\n", -1);
  for (gchar **line = lines; *line; line++)
    if (**line && **line != '#' && !g_str_has_prefix(*line, "suffix_or_network"))
      {
        gchar **cells = g_strsplit(*line, ",", -1);
        check_row(cells, g_strv_length(cells));
        government |= strcmp(cells[2], "government") == 0;
        education |= strcmp(cells[2], "education") == 0;
        health |= strcmp(cells[2], "health") == 0;
        finance |= strcmp(cells[2], "finance") == 0;
        vital |= strcmp(cells[2], "energy") == 0 || strcmp(cells[2], "telecommunication") == 0;
        g_strfreev(cells);
      }
  ck_assert_msg(government && education && health && finance && vital, "%s lacks a sector", file);
  g_strfreev(lines);
  g_free(text);
  g_free(path);
  g_free(file);
}
END_TEST

START_TEST(names_that_only_look_governmental_are_not_known)
{
  load_shipped();
  SiagaVictim victim;
  ck_assert_msg(!siaga_victims_by_name(victims, strangers[_i], strlen(strangers[_i]), &victim), "%s is known as %s",
                strangers[_i], victim.country);
}
END_TEST

START_TEST(a_very_long_name_is_not_known)
{
  load_shipped();
  SiagaVictim victim;
  gchar *label = g_strnfill(60000, 'a');
  gchar *name = g_strconcat(label, ".go.id", NULL);
  ck_assert(!siaga_victims_by_name(victims, name, strlen(name), &victim));
  g_free(name);
  g_free(label);
}
END_TEST

START_TEST(owners_come_from_the_most_exact_row)
{
  load_shipped();
  SiagaVictim victim;
  ck_assert(siaga_victims_by_name(victims, "rsud.contohkab.go.id", 20, &victim));
  ck_assert_str_eq(victim.owner, "Pemerintah Kabupaten");
  ck_assert(siaga_victims_by_name(victims, "www.bssn.go.id", 14, &victim));
  ck_assert_str_eq(victim.owner, "Badan Siber dan Sandi Negara");
  ck_assert(siaga_victims_by_name(victims, "kab.go.id", 9, &victim));
  ck_assert_ptr_null(victim.owner);
}
END_TEST

static const struct
{
  const gchar *text, *message;
  guint line, column;
} mistakes[] = {
  { "go..id,ID,government,,", "empty label", 1, 1 },
  { "# c\n\n-go.id,ID,government,,", "begins or ends with '-'", 3, 1 },
  { "go!id,ID,,,", "letters, digits", 1, 1 },
  { "*.go.id,ID,,,", "is written go.id", 1, 1 },
  { "*kab,ID,,,", "behind '*' stands", 1, 1 },
  { "*kab.,ID,,,", "behind '*' stands", 1, 1 },
  { "go.id, Id,government,,", "no country", 1, 8 },
  { "go.id,IDN,government,,", "no country", 1, 7 },
  { "go.id,ID,Gov ernment,,", "no sector", 1, 10 },
  { ",ID,government,,", "is empty", 1, 1 },
  { "go.id,ID,a,b,c,d", "more cells than columns", 1, 16 },
  { "go.id,ID,a,\"b,c", "not closed", 1, 12 },
  { "go.id,ID,a,\"b\"x,c", "expected a comma", 1, 15 },
  { "go.id,ID,a,b\xff,c", "not UTF-8", 1, 1 },
  { "owner,suffix_or_network,csirt,country,sector", "the columns are suffix_or_network,country,sector,owner,csirt", 1,
    1 },
  { "Domain,Country", "the columns are suffix_or_network", 1, 1 },
  { "contoh.go.id;ID;government;;", "parted by commas, not by ';'", 1, 1 },
  { "contoh.go.id\tID\tgovernment", "parted by commas, not by tabs", 1, 1 },
  { "https://contoh.go.id/x,ID,,,", "the name alone, as www.contoh.go.id", 1, 1 },
  { "contoh.go.id", "the row says nothing", 1, 1 },
  { "192.0.2.1/24,ID,,,", "first address", 1, 1 },
  { "192.0.2.0/33,ID,,,", "0 to 32", 1, 1 },
  { "192.0.2.256,ID,,,", "not an IPv4", 1, 1 },
  { "2001:db8::/129,ID,,,", "0 to 128", 1, 1 },
  { "2001:db8::1/64,ID,,,", "first address", 1, 1 },
  { "2001:db8:::/64,ID,,,", "not an IPv4", 1, 1 },
  { "go.id,ID,government,,\ngo.id,ID,health,,", "says something else in", 2, 1 },
  { "192.0.2.0/24,ID,,a,\n192.0.2.0/24,ID,,b,", "says something else in", 2, 1 },
  { "go.id,ID,government,,\ncontoh.go.id,MY,,,", "'contoh.go.id' is in MY", 2, 1 },
};

START_TEST(a_mistake_is_reported_with_its_place_and_left_out)
{
  gchar *text = g_strconcat(mistakes[_i].text, "\ngood.example,SG,health,,\n", NULL);
  ck_assert_msg(!load_text("t.csv", text), "row %d loads", _i);
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_ERROR), 1);
  const SiagaDiagMessage *message = siaga_diag_get(diag, 0);
  ck_assert_msg(strstr(message->text, mistakes[_i].message) != NULL, "row %d says: %s", _i, message->text);
  ck_assert_uint_eq(message->line, mistakes[_i].line);
  ck_assert_uint_eq(message->column, mistakes[_i].column);
  siaga_victims_finish(victims, diag);
  SiagaVictim victim;
  ck_assert(siaga_victims_by_name(victims, "www.good.example", 16, &victim));
  ck_assert_str_eq(victim.sector, "health");
  g_free(text);
}
END_TEST

START_TEST(a_sector_that_is_nearly_another_is_pointed_out)
{
  load_shipped();
  ck_assert(load_text("t.csv", "rsud.contoh.go.id,ID,helth,RSUD,\nobservatorium.example,ID,astronomy,,\n"));
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_WARNING), 1);
  ck_assert_str_eq(siaga_diag_get(diag, 0)->text, "the sector 'helth' stands nowhere else; did you mean 'health'?");
}
END_TEST

/* As spreadsheets write it. */
START_TEST(a_table_may_begin_with_a_mark_and_end_lines_in_two_ways)
{
  SiagaVictim victim;
  ck_assert(load_text("t.csv", "\xef\xbb\xbfsuffix_or_network,country,sector,owner,csirt\r\n"
                               "contoh.go.id,ID,health,RSUD,\r\n"));
  siaga_victims_finish(victims, diag);
  ck_assert(siaga_victims_by_name(victims, "contoh.go.id", 12, &victim));
  ck_assert_str_eq(victim.owner, "RSUD");
}
END_TEST

START_TEST(the_same_row_twice_is_no_conflict_and_a_later_table_wins)
{
  ck_assert(load_text("a.csv", "contoh.example,ID,health,,\ncontoh.example,ID,health,,\n192.0.2.0/24,ID,health,,\n"));
  ck_assert(load_text("b.csv", "contoh.example,ID,finance,,\n192.0.2.0/24,ID,finance,,\n"));
  siaga_victims_finish(victims, diag);
  SiagaVictim victim;
  ck_assert(siaga_victims_by_name(victims, "contoh.example", 14, &victim));
  ck_assert_str_eq(victim.sector, "finance");
  ck_assert(siaga_victims_by_address(victims, "192.0.2.9", 9, &victim));
  ck_assert_str_eq(victim.sector, "finance");
}
END_TEST

/* Tables that disagree in country, each of its own load as the shipped and the local ones are: the later one is named.
 */
static const struct
{
  const gchar *first, *second, *message, *asked, *country;
} pairs[] = {
  { "contoh.example,ID,government,,\n", "satu.contoh.example,MY,,,\n",
    "'satu.contoh.example' is in MY, but the row 'contoh.example' that covers it says ID", "satu.contoh.example",
    "ID" },
  { "satu.contoh.example,ID,,,\ndua.contoh.example,ID,,,\n", "contoh.example,MY,government,,\n",
    "'contoh.example' is in MY, but the row 'satu.contoh.example' below it says ID", "tiga.contoh.example", "ID" },
};

START_TEST(two_tables_that_disagree_in_country_are_named)
{
  ck_assert(load_text("a.csv", pairs[_i].first));
  ck_assert(!load_text("b.csv", pairs[_i].second));
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_ERROR), 1);
  const SiagaDiagMessage *message = siaga_diag_get(diag, 0);
  ck_assert_msg(strstr(message->text, pairs[_i].message) != NULL, "says: %s", message->text);
  ck_assert_msg(strstr(message->text, "a.csv:1") != NULL, "says: %s", message->text);
  ck_assert_msg(g_str_has_suffix(message->file, "b.csv"), "at %s", message->file);
  siaga_victims_finish(victims, diag);
  SiagaVictim victim;
  ck_assert(siaga_victims_by_name(victims, pairs[_i].asked, strlen(pairs[_i].asked), &victim));
  ck_assert_str_eq(victim.country, pairs[_i].country);
}
END_TEST

START_TEST(two_tables_of_a_folder_that_disagree_are_both_named)
{
  gchar *folder = g_build_filename(dir, "folder", NULL), *one = g_build_filename(folder, "a.csv", NULL),
        *two = g_build_filename(folder, "b.csv", NULL);
  g_mkdir(folder, 0700);
  ck_assert(g_file_set_contents(one, "anu.example,ID,government,,\n", -1, NULL));
  ck_assert(g_file_set_contents(two, "anu.example,MY,government,,\n", -1, NULL));
  ck_assert(!siaga_victims_load(victims, folder, diag));
  const SiagaDiagMessage *message = siaga_diag_get(diag, 0);
  ck_assert_str_eq(message->file, two);
  ck_assert_msg(strstr(message->text, "'anu.example' says something else in") && strstr(message->text, "folder/a.csv:"),
                "says: %s", message->text);
  g_free(folder);
  g_free(one);
  g_free(two);
}
END_TEST

START_TEST(an_absent_table_is_an_error)
{
  ck_assert(!siaga_victims_load(victims, "/nonexistent/table.csv", diag));
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_ERROR), 1);
}
END_TEST

static const gchar *const networks = "10.0.0.0/8,ID,a,,\n10.1.0.0/16,ID,b,,\n10.1.2.0/24,ID,c,,\n10.1.2.3,ID,d,,\n"
                                     "192.0.2.128/25,ID,e,,\n2001:db8::/32,ID,f,,\n2001:db8:1::/48,ID,g,,\n"
                                     "255.255.255.255/32,ID,h,,\n2001:db8:1::5,ID,i,,\nffff::/16,ID,j,,\n";

static const struct
{
  const gchar *address, *sector;
} addresses[] = {
  { "10.0.0.0", "a" },
  { "10.255.255.255", "a" },
  { "9.255.255.255", NULL },
  { "11.0.0.0", NULL },
  { "10.1.0.0", "b" },
  { "10.1.255.255", "b" },
  { "10.2.0.0", "a" },
  { "10.1.2.0", "c" },
  { "10.1.2.2", "c" },
  { "10.1.2.3", "d" },
  { "10.1.2.4", "c" },
  { "10.1.3.0", "b" },
  { "192.0.2.127", NULL },
  { "192.0.2.128", "e" },
  { "192.0.2.255", "e" },
  { "192.0.3.0", NULL },
  { "2001:db8::", "f" },
  { "2001:DB8:1::1", "g" },
  { "2001:db8:1::5", "i" },
  { "2001:db8:1:ffff::", "g" },
  { "2001:db8:2::", "f" },
  { "2001:db9::", NULL },
  { "2001:db7:ffff::", NULL },
  { "255.255.255.255", "h" },
  { "255.255.255.254", NULL },
  { "::ffff:10.1.2.3", "d" },
  { "::", NULL },
  { "0.0.0.0", NULL },
  { "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "j" },
  { "[2001:db8::7]", "f" },
  { "10.1.2.3:443", "d" },
  { "10.1.2", NULL },
  { "10.1.2.3.4", NULL },
  { "10.1.2.0300", NULL },
  { "", NULL },
  { "fe80::1%eth0", NULL },
};

START_TEST(an_address_belongs_to_the_longest_prefix)
{
  ck_assert(load_text("n.csv", networks));
  siaga_victims_finish(victims, diag);
  SiagaVictim victim = { 0 };
  siaga_victims_by_address(victims, addresses[_i].address, strlen(addresses[_i].address), &victim);
  ck_assert_msg(g_strcmp0(victim.sector, addresses[_i].sector) == 0, "%s is in %s, not in %s", addresses[_i].address,
                victim.sector, addresses[_i].sector);
}
END_TEST

/* The oracle compares with every network. */
START_TEST(random_networks_answer_as_a_linear_search_does)
{
  GRand *rand = g_rand_new_with_seed(7);
  SiagaPrefixes *set = siaga_prefixes_new();
  SiagaPrefix all[300];
  for (guint i = 0; i < G_N_ELEMENTS(all); i++)
    {
      guint bits = 96 + g_rand_int_range(rand, 4, 33);
      guint64 low = G_GUINT64_CONSTANT(0xffff00000000) | (g_rand_int(rand) & 0x0f0f000f);
      guint64 mask = bits == 128 ? 0 : G_MAXUINT64 >> (bits - 64);
      all[i] = (SiagaPrefix){ { 0, low & ~mask }, bits };
      siaga_prefixes_add(set, &all[i], i + 1);
    }
  siaga_prefixes_finish(set);
  for (guint n = 0; n < 20000; n++)
    {
      SiagaPrefixAddress address = { 0, G_GUINT64_CONSTANT(0xffff00000000) | (g_rand_int(rand) & 0x0f0f000f) };
      guint best = 0, best_bits = 0;
      for (guint i = 0; i < G_N_ELEMENTS(all); i++)
        {
          guint64 mask = all[i].bits == 128 ? 0 : G_MAXUINT64 >> (all[i].bits - 64);
          if ((address.low & ~mask) == all[i].address.low && all[i].bits >= best_bits)
            best = i + 1, best_bits = all[i].bits;
        }
      ck_assert_uint_eq(siaga_prefixes_find(set, &address), best);
    }
  siaga_prefixes_free(set);
  g_rand_free(rand);
}
END_TEST

/* Few labels of many lengths, so that names often share their ends, in small letters or not. */
static void
random_name(GRand *rand, gchar *name, gsize size, gboolean any_case)
{
  static const gchar *const labels[] = { "id",       "go",       "a",           "b",
                                         "kab",      "xkab",     "kementerian", "a-label-of-some-length",
                                         "12345678", "123456789" };
  gsize n = 0;
  for (gint i = g_rand_int_range(rand, 1, 6); i > 0; i--)
    n += g_snprintf(name + n, size - n, "%s%s", labels[g_rand_int_range(rand, 0, G_N_ELEMENTS(labels))],
                    i > 1 ? "." : "");
  for (gsize i = 0; any_case && i < n; i++)
    if (g_rand_boolean(rand))
      name[i] = g_ascii_toupper(name[i]);
}

/* Is SUFFIX ("*kab.go.id": an ending) one of NAME's, and how much of NAME does it cover? */
static gsize
covers(const gchar *suffix, const gchar *name)
{
  gsize length = strlen(name);
  if (suffix[0] != '*')
    return siaga_name_is_below(name, length, suffix, strlen(suffix)) ? strlen(suffix) : 0;
  gsize ending = strlen(suffix + 1);
  if (length <= ending || g_ascii_strcasecmp(name + length - ending, suffix + 1) != 0)
    return 0;
  while (ending < length && name[length - ending - 1] != '.')
    ending++;
  return ending == strlen(suffix + 1) ? 0 : ending;
}

/* The oracle compares with every suffix.  Two endings of one label may both cover it: either may answer. */
START_TEST(random_names_answer_as_a_linear_search_does)
{
  GRand *rand = g_rand_new_with_seed(11);
  SiagaSuffixes *set = siaga_suffixes_new(sizeof(guint));
  gchar all[400][128], name[128];
  for (guint i = 0; i < G_N_ELEMENTS(all); i++)
    {
      gboolean is_new;
      random_name(rand, all[i] + 1, sizeof all[i] - 1, FALSE);
      gboolean ending = i % 4 == 0 && strchr(all[i] + 1, '.') != NULL;
      all[i][0] = '*';
      if (!ending)
        memmove(all[i], all[i] + 1, strlen(all[i]));
      guint *value = siaga_suffixes_add(set, all[i], &is_new);
      ck_assert_uint_eq(is_new, *value == 0);
      *value = i + 1;
    }
  for (guint n = 0; n < 20000; n++)
    {
      gsize best = 0, length;
      random_name(rand, name, sizeof name, TRUE);
      for (guint i = 0; i < G_N_ELEMENTS(all); i++)
        best = MAX(best, covers(all[i], name));
      const guint *value = siaga_suffixes_find(set, name, strlen(name), &length);
      ck_assert_msg(length == best, "%s: %zu characters are covered, not %zu", name, best, length);
      ck_assert(value ? covers(all[*value - 1], name) == best : best == 0);
    }
  siaga_suffixes_free(set);
  g_rand_free(rand);
}
END_TEST

static void
numbered_name(gchar *name, gsize size, guint number)
{
  g_snprintf(name, size, "host-%u.zone-%u.%s", number, number % 97, number % 3 ? "id" : "go.id");
}

/* So many that slots and entries move to large pages, with values kept on the way. */
START_TEST(a_large_table_keeps_every_name_and_its_value)
{
  enum
  {
    NAMES = 100000
  };
  SiagaSuffixes *set = siaga_suffixes_new(sizeof(guint) + 80);
  guint **values = g_new(guint *, NAMES);
  gchar name[64], below[80];
  gsize length;
  for (guint i = 0; i < NAMES; i++)
    {
      numbered_name(name, sizeof name, i);
      values[i] = siaga_suffixes_add(set, name, NULL);
      *values[i] = i + 1;
    }
  for (guint i = 0; i < NAMES; i++)
    {
      numbered_name(name, sizeof name, i);
      g_snprintf(below, sizeof below, "www.%s", name);
      ck_assert_ptr_eq(siaga_suffixes_find(set, below, strlen(below), &length), values[i]);
      ck_assert_uint_eq(length, strlen(name));
      ck_assert_uint_eq(*values[i], i + 1);
      numbered_name(name, sizeof name, NAMES + i);
      ck_assert_ptr_null(siaga_suffixes_find(set, name, strlen(name), NULL));
    }
  siaga_suffixes_free(set);
  g_free(values);
}
END_TEST

static const SiagaVictimOptions no_options;

static void
set(SiagaFieldId field, const gchar *text)
{
  siaga_event_set(event, field, text, strlen(text));
}

static void
assert_field(SiagaFieldId field, const gchar *expected)
{
  gsize length = 0;
  const gchar *text = siaga_event_text(event, field, &length);
  gchar *copy = text ? g_strndup(text, length) : NULL;
  ck_assert_pstr_eq(copy, expected);
  g_free(copy);
}

START_TEST(a_web_victim_is_the_virtual_host_that_the_server_logged)
{
  load_shipped();
  event->family = SIAGA_FAMILY_WEB;
  set(SIAGA_F_URL_DOMAIN, "WWW.kementerian.go.id:443");
  set(SIAGA_F_HTTP_REQUEST_HOST, "evil.gov.my");
  siaga_victims_classify(victims, &no_options, event);
  assert_field(SIAGA_F_VICTIM_DOMAIN, "www.kementerian.go.id");
  assert_field(SIAGA_F_VICTIM_COUNTRY, "ID");
  assert_field(SIAGA_F_VICTIM_SECTOR, "government");
  assert_field(SIAGA_F_VICTIM_CSIRT, "Gov-CSIRT Indonesia");
  assert_field(SIAGA_F_VICTIM_CLAIMED, NULL);
  ck_assert(siaga_event_has_tag(event, "gov"));
  ck_assert(siaga_event_has_tag(event, "gov.id"));
  ck_assert(siaga_event_has_tag(event, "sector.government"));
}
END_TEST

START_TEST(a_host_header_is_a_claim_unless_it_is_our_own)
{
  load_shipped();
  event->family = SIAGA_FAMILY_WEB;
  set(SIAGA_F_HTTP_REQUEST_HOST, "www.kementerian.go.id");
  siaga_victims_classify(victims, &no_options, event);
  assert_field(SIAGA_F_VICTIM_DOMAIN, NULL);
  assert_field(SIAGA_F_VICTIM_COUNTRY, NULL);
  assert_field(SIAGA_F_VICTIM_CLAIMED, "www.kementerian.go.id");
  ck_assert(!siaga_event_has_tag(event, "gov"));

  /* the web normaliser puts it into url.domain, and says whose word it is */
  set(SIAGA_F_URL_DOMAIN, "www.kementerian.go.id");
  siaga_event_set_int(event, SIAGA_F_URL_CLAIMED, 1);
  siaga_victims_classify(victims, &no_options, event);
  assert_field(SIAGA_F_VICTIM_DOMAIN, NULL);
  assert_field(SIAGA_F_VICTIM_CLAIMED, "www.kementerian.go.id");

  ck_assert(siaga_victims_add_own(victims, "kementerian.go.id"));
  siaga_victims_classify(victims, &no_options, event);
  assert_field(SIAGA_F_VICTIM_DOMAIN, "www.kementerian.go.id");
  assert_field(SIAGA_F_VICTIM_CLAIMED, NULL);
}
END_TEST

START_TEST(the_default_victim_stands_where_the_server_says_nothing)
{
  load_shipped();
  SiagaVictimOptions options = { .default_victim = "rsud.contohkab.go.id" };
  event->family = SIAGA_FAMILY_WEB;
  set(SIAGA_F_URL_DOMAIN, "_");
  siaga_victims_classify(victims, &options, event);
  assert_field(SIAGA_F_VICTIM_DOMAIN, "rsud.contohkab.go.id");
  set(SIAGA_F_URL_DOMAIN, "contoh.desa.id");
  siaga_victims_classify(victims, &options, event);
  assert_field(SIAGA_F_VICTIM_DOMAIN, "contoh.desa.id");
  ck_assert(siaga_event_has_tag(event, "sector.village"));
  ck_assert(!siaga_event_has_tag(event, "sector.government"));
}
END_TEST

START_TEST(a_server_without_a_name_is_known_by_its_address)
{
  ck_assert(load_text("n.csv", "203.0.113.0/24,ID,health,RSUD Contoh,\n"));
  load_shipped();
  event->family = SIAGA_FAMILY_WEB;
  set(SIAGA_F_URL_DOMAIN, "203.0.113.9");
  siaga_victims_classify(victims, &no_options, event);
  assert_field(SIAGA_F_VICTIM_IP, "203.0.113.9");
  assert_field(SIAGA_F_VICTIM_DOMAIN, NULL);
  assert_field(SIAGA_F_VICTIM_OWNER, "RSUD Contoh");
  ck_assert(siaga_event_has_tag(event, "sector.health"));
  ck_assert(!siaga_event_has_tag(event, "gov"));
}
END_TEST

START_TEST(an_authoritative_servers_victim_is_the_zone)
{
  load_shipped();
  SiagaVictimOptions options = { .dns_role = SIAGA_DNS_ROLE_AUTHORITATIVE };
  event->family = SIAGA_FAMILY_DNS;
  set(SIAGA_F_SOURCE_IP, "192.0.2.7");
  set(SIAGA_F_DNS_QUESTION_NAME, "x1.www.kementerian.go.id");
  set(SIAGA_F_DNS_QUESTION_REGISTERED_DOMAIN, "kementerian.go.id");
  siaga_victims_classify(victims, &options, event);
  assert_field(SIAGA_F_VICTIM_DOMAIN, "kementerian.go.id");
  ck_assert(siaga_event_has_tag(event, "gov.id"));
  set(SIAGA_F_DNS_ZONE, "contoh.gov.my");
  siaga_victims_classify(victims, &options, event);
  assert_field(SIAGA_F_VICTIM_DOMAIN, "contoh.gov.my");
  ck_assert(siaga_event_has_tag(event, "gov.my"));
  ck_assert(!siaga_event_has_tag(event, "gov.id"));
}
END_TEST

START_TEST(without_a_role_own_domains_tell_the_server_from_the_resolver)
{
  ck_assert(load_text("n.csv", "198.51.100.0/24,ID,education,Universitas Contoh,\n"));
  load_shipped();
  ck_assert(siaga_victims_add_own(victims, "kementerian.go.id"));
  event->family = SIAGA_FAMILY_DNS;
  set(SIAGA_F_SOURCE_IP, "198.51.100.7");
  set(SIAGA_F_DNS_QUESTION_NAME, "x.dns.Kementerian.go.id");
  siaga_victims_classify(victims, &no_options, event);
  assert_field(SIAGA_F_VICTIM_DOMAIN, "kementerian.go.id");
  set(SIAGA_F_DNS_QUESTION_NAME, "www.contoh.gov.my");
  siaga_victims_classify(victims, &no_options, event);
  assert_field(SIAGA_F_VICTIM_DOMAIN, NULL);
  assert_field(SIAGA_F_VICTIM_IP, "198.51.100.7");
  assert_field(SIAGA_F_VICTIM_OWNER, "Universitas Contoh");
  ck_assert(!siaga_event_has_tag(event, "gov"));
}
END_TEST

START_TEST(the_victim_of_a_look_alike_is_the_agency)
{
  load_shipped();
  SiagaLookalikes *lookalikes = siaga_lookalikes_new(victims, psl);
  SiagaVictimOptions options = { .lookalikes = lookalikes };
  event->family = SIAGA_FAMILY_DNS;
  set(SIAGA_F_SOURCE_IP, "198.51.100.7");
  set(SIAGA_F_DNS_QUESTION_NAME, "pajak-go-id.example");
  siaga_victims_classify(victims, &options, event);
  assert_field(SIAGA_F_LOOKALIKE_OF, "pajak.go.id");
  assert_field(SIAGA_F_LOOKALIKE_KIND, "hyphenated");
  assert_field(SIAGA_F_VICTIM_DOMAIN, "pajak.go.id");
  assert_field(SIAGA_F_VICTIM_OWNER, "Direktorat Jenderal Pajak");
  ck_assert(siaga_event_has_tag(event, "lookalike"));
  set(SIAGA_F_DNS_QUESTION_NAME, "www.example.com");
  siaga_victims_classify(victims, &options, event);
  assert_field(SIAGA_F_LOOKALIKE_OF, NULL);
  assert_field(SIAGA_F_VICTIM_IP, "198.51.100.7");
  siaga_lookalikes_free(lookalikes);
}
END_TEST

START_TEST(a_logins_victim_is_the_host_that_logged)
{
  load_shipped();
  SiagaVictimOptions options = { .default_victim = "contoh.go.id" };
  event->family = SIAGA_FAMILY_AUTH;
  set(SIAGA_F_HOST_HOSTNAME, "web1.kementerian.go.id");
  siaga_victims_classify(victims, &options, event);
  assert_field(SIAGA_F_VICTIM_DOMAIN, "web1.kementerian.go.id");
  set(SIAGA_F_HOST_HOSTNAME, "web1");
  siaga_victims_classify(victims, &options, event);
  assert_field(SIAGA_F_VICTIM_DOMAIN, "contoh.go.id");
  siaga_victims_classify(victims, &no_options, event);
  assert_field(SIAGA_F_VICTIM_DOMAIN, "web1");
  assert_field(SIAGA_F_VICTIM_COUNTRY, NULL);
  ck_assert(!siaga_event_has_tag(event, "gov"));
}
END_TEST

/* What kind of organisation it is changes nothing of whose it is. */
START_TEST(a_ministry_of_another_sector_is_the_governments)
{
  load_shipped();
  event->family = SIAGA_FAMILY_WEB;
  set(SIAGA_F_URL_DOMAIN, "data.kemkes.go.id");
  siaga_victims_classify(victims, &no_options, event);
  assert_field(SIAGA_F_VICTIM_SECTOR, "health");
  ck_assert(siaga_event_has(event, SIAGA_F_VICTIM_GOVERNMENT));
  set(SIAGA_F_URL_DOMAIN, "www.contoh.example");
  siaga_victims_classify(victims, &no_options, event);
  ck_assert(!siaga_event_has(event, SIAGA_F_VICTIM_GOVERNMENT));
}
END_TEST

START_TEST(a_rule_may_name_the_victims_field)
{
  load_shipped();
  event->family = SIAGA_FAMILY_DNS;
  set(SIAGA_F_SOURCE_IP, "198.51.100.7");
  set(SIAGA_F_DNS_QUESTION_REGISTERED_DOMAIN, "kementerian.go.id");
  siaga_event_add(event, SIAGA_F_TAGS, "mine", 4);
  siaga_victims_classify(victims, &no_options, event);
  assert_field(SIAGA_F_VICTIM_DOMAIN, NULL);
  ck_assert(siaga_victims_classify_as(victims, SIAGA_F_DNS_QUESTION_REGISTERED_DOMAIN, event));
  assert_field(SIAGA_F_VICTIM_DOMAIN, "kementerian.go.id");
  assert_field(SIAGA_F_VICTIM_IP, NULL);
  ck_assert(siaga_event_has_tag(event, "mine"));
  ck_assert(!siaga_victims_classify_as(victims, SIAGA_F_URL_DOMAIN, event));
}
END_TEST

/* 100,000 rows; the bound is generous because the machine is shared, the ratio of the benchmark is the strict one. */
START_TEST(a_look_up_among_100000_rows_is_fast)
{
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < 100000; i++)
    if (i % 4 == 0)
      g_string_append_printf(text, "%u.%u.%u.0/24,ID,health,,\n", 11 + i % 90, i / 256 % 256, i % 256);
    else
      g_string_append_printf(text, "host%u.contoh%u.go.id,ID,health,,\n", i, i % 977);
  ck_assert(load_text("big.csv", text->str));
  siaga_victims_finish(victims, diag);
  SiagaVictim victim;
  guint found = 0;
  clock_t start = clock(); /* the machine may be busy with other things */
  for (guint i = 0; i < 400000; i++)
    {
      gchar name[64];
      gsize length = g_snprintf(name, sizeof name, "host%u.contoh%u.go.id", i % 100000, i % 100000 % 977);
      found += siaga_victims_by_name(victims, name, length, &victim);
    }
  gint64 spent = (clock() - start) * (G_USEC_PER_SEC / CLOCKS_PER_SEC);
  g_printerr("%.0f ns a look-up by name, the name's printing included\n", spent * 1000.0 / 400000);
  ck_assert_uint_ge(found, 300000);
  ck_assert_int_lt(spent, 400000 * 5);
  g_string_free(text, TRUE);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("victim");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 60);
  tcase_add_loop_test(tcase, each_shipped_suffix_names_its_country_sector_and_csirt, 0, G_N_ELEMENTS(names));
  tcase_add_loop_test(tcase, each_row_of_each_member_s_table_answers, 0, G_N_ELEMENTS(members));
  tcase_add_loop_test(tcase, names_that_only_look_governmental_are_not_known, 0, G_N_ELEMENTS(strangers));
  tcase_add_test(tcase, a_very_long_name_is_not_known);
  tcase_add_test(tcase, owners_come_from_the_most_exact_row);
  tcase_add_loop_test(tcase, a_mistake_is_reported_with_its_place_and_left_out, 0, G_N_ELEMENTS(mistakes));
  tcase_add_test(tcase, a_sector_that_is_nearly_another_is_pointed_out);
  tcase_add_test(tcase, a_table_may_begin_with_a_mark_and_end_lines_in_two_ways);
  tcase_add_test(tcase, the_same_row_twice_is_no_conflict_and_a_later_table_wins);
  tcase_add_loop_test(tcase, two_tables_that_disagree_in_country_are_named, 0, G_N_ELEMENTS(pairs));
  tcase_add_test(tcase, two_tables_of_a_folder_that_disagree_are_both_named);
  tcase_add_test(tcase, an_absent_table_is_an_error);
  tcase_add_loop_test(tcase, an_address_belongs_to_the_longest_prefix, 0, G_N_ELEMENTS(addresses));
  tcase_add_test(tcase, random_networks_answer_as_a_linear_search_does);
  tcase_add_test(tcase, random_names_answer_as_a_linear_search_does);
  tcase_add_test(tcase, a_large_table_keeps_every_name_and_its_value);
  tcase_add_test(tcase, a_web_victim_is_the_virtual_host_that_the_server_logged);
  tcase_add_test(tcase, a_host_header_is_a_claim_unless_it_is_our_own);
  tcase_add_test(tcase, the_default_victim_stands_where_the_server_says_nothing);
  tcase_add_test(tcase, a_server_without_a_name_is_known_by_its_address);
  tcase_add_test(tcase, an_authoritative_servers_victim_is_the_zone);
  tcase_add_test(tcase, without_a_role_own_domains_tell_the_server_from_the_resolver);
  tcase_add_test(tcase, the_victim_of_a_look_alike_is_the_agency);
  tcase_add_test(tcase, a_logins_victim_is_the_host_that_logged);
  tcase_add_test(tcase, a_ministry_of_another_sector_is_the_governments);
  tcase_add_test(tcase, a_rule_may_name_the_victims_field);
  tcase_add_test(tcase, a_look_up_among_100000_rows_is_fast);
  return run_case("victim", tcase);
}
