/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Names that imitate government names, and names that do not. */

#include <siaga/lookalike.h>

#include "engine/domain/name-cache.h"
#include "engine/domain/skeleton.h"
#include "tests/harness/run.h"

#include <libpsl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const struct
{
  const gchar *name, *of, *kind;
} lookalikes[] = {
#define LOOKALIKE(name, of, kind) { name, of, kind },
#define INNOCENT(name)
#include "engine/domain/tests/lookalike-names.def"
#undef LOOKALIKE
#undef INNOCENT
};

static const gchar *const innocents[] = {
#define LOOKALIKE(name, of, kind)
#define INNOCENT(name) name,
#include "engine/domain/tests/lookalike-names.def"
#undef LOOKALIKE
#undef INNOCENT
};

static SiagaVictims *victims;
static SiagaLookalikes *set;
static SiagaDiag *diag;
static psl_ctx_t *psl;

/* A small list of our own: the system's changes under the tests. */
static const gchar *const suffixes = "com\nnet\norg\nid\nco.id\nac.id\nsch.id\nor.id\ngo.id\nmil.id\ndesa.id\nuk\n"
                                     "gov.uk\ngov\njp\ngo.jp\nio\ngithub.io\nblogspot.com\nwordpress.com\nde\n";

static void
setup(void)
{
  gchar *dir = g_dir_make_tmp("siaga-lookalike-XXXXXX", NULL), *list = g_build_filename(dir, "psl", NULL);
  gchar *text = g_strconcat("// ===BEGIN ICANN DOMAINS===\n", suffixes, "// ===END ICANN DOMAINS===\n", NULL);
  ck_assert(g_file_set_contents(list, text, -1, NULL));
  psl = psl_load_file(list);
  ck_assert_ptr_nonnull(psl);
  const gchar *data = g_getenv("SIAGA_DATA_DIR");
  gchar *domains = g_build_filename(data, "domains", NULL);
  gchar *agencies = g_build_filename(domains, "agencies.csv", NULL);
  gchar *bait = g_build_filename(domains, "bait-words.txt", NULL);
  gchar *allow = g_build_filename(domains, "lookalike-allow.txt", NULL);
  diag = siaga_diag_new();
  victims = siaga_victims_new();
  siaga_victims_set_public_suffixes(victims, psl);
  ck_assert(siaga_victims_load(victims, domains, diag));
  siaga_victims_finish(victims, diag);
  set = siaga_lookalikes_new(victims, psl);
  ck_assert(siaga_lookalikes_load_agencies(set, agencies, diag));
  ck_assert(siaga_lookalikes_load_bait(set, bait, diag));
  ck_assert(siaga_lookalikes_load_allow(set, allow, diag));
  ck_assert(siaga_lookalikes_add_allow(set, "local.example"));
  remove(list);
  remove(dir);
  g_free(text);
  g_free(list);
  g_free(dir);
  g_free(allow);
  g_free(bait);
  g_free(agencies);
  g_free(domains);
}

static void
teardown(void)
{
  siaga_lookalikes_free(set);
  siaga_victims_unref(victims);
  siaga_diag_free(diag);
  psl_free(psl);
}

START_TEST(a_look_alike_is_found_and_explained)
{
  SiagaLookalike found;
  gboolean is = siaga_lookalikes_check(set, lookalikes[_i].name, strlen(lookalikes[_i].name), &found);
  ck_assert_msg(is, "%s passes", lookalikes[_i].name);
  ck_assert_msg(strcmp(found.of, lookalikes[_i].of) == 0, "%s imitates %s, not %s", lookalikes[_i].name,
                lookalikes[_i].of, found.of);
  ck_assert_msg(strcmp(siaga_lookalike_kind_name(found.kind), lookalikes[_i].kind) == 0, "%s: %s, not %s",
                lookalikes[_i].name, lookalikes[_i].kind, siaga_lookalike_kind_name(found.kind));
  GString *text = g_string_new(NULL);
  siaga_lookalike_explain(&found, lookalikes[_i].name, text);
  ck_assert_ptr_nonnull(strstr(text->str, lookalikes[_i].of));
  g_string_free(text, TRUE);
}
END_TEST

START_TEST(an_innocent_name_passes)
{
  SiagaLookalike found;
  ck_assert_msg(!siaga_lookalikes_check(set, innocents[_i], strlen(innocents[_i]), &found), "%s: %s of %s (%s)",
                innocents[_i], siaga_lookalike_kind_name(found.kind), found.of, found.evidence);
}
END_TEST

/* As a browser's address bar or a report has them, not as they go over the wire. */
START_TEST(a_name_in_plain_unicode_is_read_as_well)
{
  SiagaLookalike found;
  const gchar *name = "k\xd0\xbeminfo.example"; /* a Cyrillic o */
  ck_assert(siaga_lookalikes_check(set, name, strlen(name), &found));
  ck_assert_int_eq(found.kind, SIAGA_LOOKALIKE_HOMOGLYPH);
  ck_assert_str_eq(found.of, "kominfo.go.id");
  const gchar *innocent = "m\xc3\xbcnchen.de";
  ck_assert(!siaga_lookalikes_check(set, innocent, strlen(innocent), &found));
}
END_TEST

START_TEST(the_tables_are_large_enough)
{
  ck_assert_uint_ge(G_N_ELEMENTS(lookalikes), 200);
  ck_assert_uint_ge(G_N_ELEMENTS(innocents), 200);
}
END_TEST

START_TEST(hostile_names_do_no_harm)
{
  GRand *rand = g_rand_new_with_seed(3);
  SiagaLookalike found;
  for (guint n = 0; n < 20000; n++)
    {
      gchar name[300];
      gsize length = g_rand_int_range(rand, 0, sizeof name);
      for (gsize i = 0; i < length; i++)
        name[i] = n % 2 ? g_rand_int_range(rand, 0, 256) : "abgo.id-xn--0"[g_rand_int_range(rand, 0, 13)];
      siaga_lookalikes_check(set, name, length, &found);
    }
  g_rand_free(rand);
}
END_TEST

START_TEST(skeletons_are_those_of_unicode)
{
  gchar out[32];
  const gchar *word = "\xd1\x80\xd0\xb0\xd1\x98\xd0\xb0\xd0\xba"; /* pajak in Cyrillic letters */
  siaga_skeleton_latin(word, strlen(word), out, sizeof out);
  ck_assert_str_eq(out, "paja?");
  siaga_skeleton_latin("A\xc3\xa9", 3, out, sizeof out);
  ck_assert_str_eq(out, "ae");
  siaga_skeleton_latin("\xff\xe4\xbd\xa0", 4, out, sizeof out);
  ck_assert_str_eq(out, "??");
  siaga_skeleton_latin("abcdefghij", 10, out, 5);
  ck_assert_str_eq(out, "abcd");
}
END_TEST

static const struct
{
  const gchar *text, *message;
} mistakes[] = {
  { "pa..jak,Pajak,pajak\n", "no domain name" },    { "pajak.go.id,Pajak,\n", "is empty" },
  { "pajak.go.id,Pajak,Pajak\n", "small letters" }, { "pajak.go.id,Pajak,pajak;dj\n", "3 to 63" },
  { "pajak.go.id,Pajak,pajak;!\n", "3 to 63" },     { "pajak.go.id,Pajak,pajak!?\n", "small letters" },
};

START_TEST(a_mistake_in_the_agencies_has_its_place)
{
  gchar *path = NULL;
  gint file = g_file_open_tmp("siaga-agencies-XXXXXX", &path, NULL);
  ck_assert(g_file_set_contents(path, mistakes[_i].text, -1, NULL));
  ck_assert(!siaga_lookalikes_load_agencies(set, path, diag));
  const SiagaDiagMessage *message = siaga_diag_get(diag, siaga_diag_size(diag) - 1);
  ck_assert_msg(strstr(message->text, mistakes[_i].message) != NULL, "%s", message->text);
  ck_assert_uint_eq(message->line, 1);
  close(file);
  remove(path);
  g_free(path);
}
END_TEST

START_TEST(an_event_is_tagged)
{
  gchar *path = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "fields.yaml", NULL);
  SiagaFields *fields = siaga_fields_load(path, diag);
  SiagaEvent *event = siaga_event_new(fields);
  gsize length;
  siaga_event_set(event, SIAGA_F_DNS_QUESTION_NAME, "www.example.com", 15);
  ck_assert(!siaga_lookalikes_tag(set, NULL, event));
  const gchar *url = "https://u@pajak-go-id.example:8443/login?x=1";
  siaga_event_set(event, SIAGA_F_HTTP_REQUEST_REFERRER, url, strlen(url));
  ck_assert(siaga_lookalikes_tag(set, NULL, event));
  ck_assert(strncmp(siaga_event_text(event, SIAGA_F_LOOKALIKE_OF, &length), "pajak.go.id", 11) == 0);
  ck_assert(siaga_event_has_tag(event, "lookalike"));
  siaga_event_unset(event, SIAGA_F_HTTP_REQUEST_REFERRER);
  siaga_event_set(event, SIAGA_F_TLS_CLIENT_SERVER_NAME, "kominfo-go-id.example", 21);
  ck_assert(siaga_lookalikes_tag(set, NULL, event));
  ck_assert(strncmp(siaga_event_text(event, SIAGA_F_LOOKALIKE_OF, &length), "kominfo.go.id", 13) == 0);
  siaga_event_free(event);
  siaga_fields_unref(fields);
  g_free(path);
}
END_TEST

#define DAY (24 * 3600 * SIAGA_SECOND)
#define START (1795228580 * SIAGA_SECOND)

static gboolean
is_new(SiagaSeenNames *seen, const gchar *name, SiagaTime time)
{
  return siaga_seen_names_is_new(seen, name, strlen(name), time);
}

START_TEST(a_name_is_new_for_a_day_after_a_day_without_it)
{
  SiagaSeenNames *seen = siaga_seen_names_new();
  ck_assert(!is_new(seen, "old.example", START));
  ck_assert(!is_new(seen, "young.example", START + DAY - SIAGA_SECOND));
  ck_assert(is_new(seen, "new.example", START + DAY));
  ck_assert(is_new(seen, "NEW.example", START + 2 * DAY - SIAGA_SECOND));
  ck_assert(!is_new(seen, "new.example", START + 2 * DAY));
  ck_assert(!is_new(seen, "old.example", START + 2 * DAY));
  ck_assert(!is_new(seen, "young.example", START + 2 * DAY));
  siaga_seen_names_clear(seen);
  ck_assert(!is_new(seen, "new.example", START + 5 * DAY));
  siaga_seen_names_free(seen);
}
END_TEST

START_TEST(other_events_tell_that_a_name_did_not_come)
{
  SiagaSeenNames *seen = siaga_seen_names_new();
  siaga_seen_names_notice(seen, START);
  ck_assert(is_new(seen, "new.example", START + DAY));
  siaga_seen_names_free(seen);
}
END_TEST

/* A flood of names must not make one that came yesterday new again, nor grow. */
START_TEST(the_memory_of_names_is_bounded)
{
  SiagaSeenNames *seen = siaga_seen_names_new();
  guint again = 0;
  siaga_seen_names_notice(seen, START);
  for (guint i = 0; i < 200000; i++)
    {
      gchar name[32];
      g_snprintf(name, sizeof name, "n%u.example", i);
      ck_assert(is_new(seen, name, START + DAY + i * (SIAGA_SECOND / 100)));
    }
  for (guint i = 199000; i < 200000; i++)
    {
      gchar name[32];
      g_snprintf(name, sizeof name, "n%u.example", i);
      again += is_new(seen, name, START + 3 * DAY);
    }
  ck_assert_msg(again < 200, "%u of the last 1000 were forgotten", again);
  siaga_seen_names_free(seen);
}
END_TEST

START_TEST(a_newly_seen_look_alike_weighs_more)
{
  SiagaLookalike found;
  const gchar *name = "pajak-go-id.example";
  ck_assert(siaga_lookalikes_check(set, name, strlen(name), &found));
  ck_assert_uint_eq(siaga_lookalike_score(&found, FALSE), 70);
  ck_assert_uint_eq(siaga_lookalike_score(&found, TRUE), 90);
  name = "kemenkeuu.example";
  ck_assert(siaga_lookalikes_check(set, name, strlen(name), &found));
  ck_assert_uint_eq(siaga_lookalike_score(&found, FALSE), 50);
}
END_TEST

START_TEST(what_is_loaded_later_counts_for_known_names_too)
{
  SiagaLookalike found;
  const gchar *name = "sinelangit.example";
  for (guint i = 0; i < 2; i++)
    ck_assert(!siaga_lookalikes_check(set, name, strlen(name), &found));
  gchar *path = g_build_filename(g_get_tmp_dir(), "siaga-agencies-XXXXXX", NULL);
  close(g_mkstemp(path));
  ck_assert(g_file_set_contents(path, "domain,agency,labels\nsinelangit.go.id,Sinelangit,sinelangit\n", -1, NULL));
  ck_assert(siaga_lookalikes_load_agencies(set, path, diag));
  ck_assert(siaga_lookalikes_check(set, name, strlen(name), &found));
  ck_assert(siaga_lookalikes_add_allow(set, name));
  ck_assert(!siaga_lookalikes_check(set, name, strlen(name), &found));
  remove(path);
  g_free(path);
}
END_TEST

START_TEST(names_are_remembered_for_their_owner)
{
  SiagaNameOwner one = siaga_name_owner_new(), other = siaga_name_owner_new();
  gchar long_name[256];
  guint answer = 0;
  memset(long_name, 'a', sizeof long_name);
  siaga_name_cache_put(one, "www.example", 11, 7);
  ck_assert(siaga_name_cache_get(one, "www.example", 11, &answer));
  ck_assert_uint_eq(answer, 7);
  ck_assert(!siaga_name_cache_get(other, "www.example", 11, &answer));
  ck_assert(!siaga_name_cache_get(one, "www.example", 10, &answer));
  ck_assert(!siaga_name_cache_get(one, "WWW.example", 11, &answer));
  siaga_name_cache_put(one, long_name, sizeof long_name, 7);
  ck_assert(!siaga_name_cache_get(one, long_name, sizeof long_name, &answer));
}
END_TEST

/* Every name a new one: those known from before would be quicker. */
START_TEST(a_check_is_fast)
{
  SiagaLookalike found;
  gchar name[300];
  const guint rounds = 100;
  clock_t start = clock(); /* processor time, in microseconds on POSIX: machines are shared */
  for (guint n = 0; n < rounds; n++)
    for (guint i = 0; i < G_N_ELEMENTS(innocents); i++)
      {
        gsize length = g_snprintf(name, sizeof name, "x%u.%s", n, innocents[i]);
        siaga_lookalikes_check(set, name, length, &found);
      }
  gdouble each = (clock() - start) / (gdouble) (rounds * G_N_ELEMENTS(innocents));
  g_printerr("%.2f us a name\n", each);
  ck_assert(each < 25);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("names");
  tcase_add_unchecked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 60);
  tcase_add_loop_test(tcase, a_look_alike_is_found_and_explained, 0, G_N_ELEMENTS(lookalikes));
  tcase_add_loop_test(tcase, an_innocent_name_passes, 0, G_N_ELEMENTS(innocents));
  tcase_add_test(tcase, the_tables_are_large_enough);
  tcase_add_test(tcase, a_name_in_plain_unicode_is_read_as_well);
  tcase_add_test(tcase, hostile_names_do_no_harm);
  tcase_add_test(tcase, skeletons_are_those_of_unicode);
  tcase_add_loop_test(tcase, a_mistake_in_the_agencies_has_its_place, 0, G_N_ELEMENTS(mistakes));
  tcase_add_test(tcase, an_event_is_tagged);
  tcase_add_test(tcase, a_name_is_new_for_a_day_after_a_day_without_it);
  tcase_add_test(tcase, other_events_tell_that_a_name_did_not_come);
  tcase_add_test(tcase, the_memory_of_names_is_bounded);
  tcase_add_test(tcase, a_newly_seen_look_alike_weighs_more);
  tcase_add_test(tcase, names_are_remembered_for_their_owner);
  tcase_add_test(tcase, a_check_is_fast);
  tcase_add_test(tcase, what_is_loaded_later_counts_for_known_names_too);
  return run_case("lookalike", tcase);
}
