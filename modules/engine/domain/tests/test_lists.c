/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Domain lists: readers, the file, look-ups, replacement under load. */

#include "tests/harness/run.h"

#include <siaga/lists.h>

#include <glib/gstdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static gchar *dir, *target;
static SiagaDiag *diag;
static SiagaListBuilder *builder;

static void
setup(void)
{
  dir = g_dir_make_tmp("siaga-lists-XXXXXX", NULL);
  target = g_build_filename(dir, "lists", NULL);
  diag = siaga_diag_new();
  builder = siaga_list_builder_new();
}

static void
teardown(void)
{
  siaga_list_builder_free(builder);
  siaga_diag_free(diag);
  gchar *command = g_strdup_printf("rm -rf '%s'", dir);
  ck_assert_int_eq(system(command), 0);
  g_free(command);
  g_free(target);
  g_free(dir);
}

static gboolean
add(const gchar *category, const gchar *name, const gchar *text)
{
  gchar *path = g_build_filename(dir, name, NULL);
  ck_assert(g_file_set_contents(path, text, -1, NULL));
  gboolean ok = siaga_list_builder_add(builder, category, path, SIAGA_LIST_AUTO, diag);
  g_free(path);
  return ok;
}

static SiagaLists *
write_and_open(void)
{
  ck_assert(siaga_list_builder_write(builder, target, diag));
  SiagaLists *lists = siaga_lists_open(target, diag);
  ck_assert_ptr_nonnull(lists);
  return lists;
}

static gboolean
has(SiagaLists *lists, const gchar *name)
{
  return siaga_lists_find(lists, name, strlen(name)) != 0;
}

static const struct
{
  const gchar *file, *text;
  const gchar *in[4], *out[3];
} formats[] = {
  { "plain.txt",
    "# a comment\n! another\n\njudi.example\nSlot.Example.\n*.wild.example\n||ads.example^\ngacor.example # why\r\n",
    { "judi.example", "www.slot.example", "a.b.wild.example", "ads.example" },
    { "example", "notjudi.example", "comment" } },
  { "hosts",
    "127.0.0.1 localhost\n::1 ip6-localhost\n0.0.0.0 judi.example slot.example # two\n0.0.0.0 gacor.example\n",
    { "judi.example", "slot.example", "x.gacor.example" },
    { "localhost", "ip6-localhost", "0.0.0.0" } },
  { "block.rpz",
    "$TTL 300\n@ IN SOA ns.x. h.x. ( 1 2\n 3 4 5 )\n  IN NS ns.x.\n$ORIGIN rpz.example.net.\n"
    "judi.example CNAME .\n*.judi.example CNAME .\nslot.example.rpz.example.net. 300 IN CNAME *.\n"
    "good.example CNAME rpz-passthru.\n32.1.2.0.192.rpz-ip CNAME .\ngacor.example A 192.0.2.1 ; why\n",
    { "judi.example", "slot.example", "www.gacor.example" },
    { "good.example", "rpz.example.net", "ns.x" } },
  { "list.csv",
    "domain,reason\njudi.example,gambling\n\"slot.example\",\"x, y\"\n",
    { "judi.example", "slot.example" },
    { "domain", "gambling", "reason" } },
  { "zone-without-a-name-that-says-so",
    "; made today\n@ SOA ns.x. h.x. 1 2 3 4 5\n  NS ns.x.\njudi.example CNAME .\n",
    { "judi.example" },
    { "ns.x" } },
  { "owners-alone", "judi.example CNAME .\n*.judi.example CNAME .\n", { "judi.example" }, { "." } },
  { "mark.txt", "\xef\xbb\xbfjudi.example\n", { "judi.example" }, { "." } },
  { "guessed", "judi.example,gambling\nslot.example,x\n", { "judi.example", "slot.example" }, { "gambling" } },
};

START_TEST(each_format_gives_its_names)
{
  gboolean ok = add("gambling", formats[_i].file, formats[_i].text);
  for (guint i = 0; i < siaga_diag_size(diag); i++)
    g_printerr("%u: %s\n", siaga_diag_get(diag, i)->line, siaga_diag_get(diag, i)->text);
  ck_assert(ok);
  SiagaLists *lists = write_and_open();
  for (guint i = 0; i < 4 && formats[_i].in[i]; i++)
    ck_assert_msg(has(lists, formats[_i].in[i]), "%s is not in", formats[_i].in[i]);
  for (guint i = 0; i < 3 && formats[_i].out[i]; i++)
    ck_assert_msg(!has(lists, formats[_i].out[i]), "%s is in", formats[_i].out[i]);
  siaga_lists_free(lists);
}
END_TEST

START_TEST(a_name_may_stand_in_several_categories)
{
  ck_assert(add("gambling", "a", "judi.example\nboth.example\n"));
  ck_assert(add("phishing", "b", "both.example\nphish.example\nboth.example\n"));
  SiagaLists *lists = write_and_open();
  ck_assert_uint_eq(siaga_lists_size(lists), 4);
  ck_assert_uint_eq(siaga_lists_find(lists, "both.example", 12), 3);
  ck_assert_uint_eq(siaga_lists_find(lists, "www.phish.example", 17), 2);
  ck_assert_str_eq(siaga_lists_category(lists, 1), "phishing");
  ck_assert_ptr_null(siaga_lists_category(lists, 2));
  siaga_lists_free(lists);
}
END_TEST

START_TEST(garbage_lines_are_errors_with_their_place)
{
  GString *text = g_string_new("good.example\n");
  for (guint i = 0; i < 30; i++)
    g_string_append(text, "<html>\n");
  g_string_append(text, "two words\nbad..example\n\xff\xfe.example\n");
  ck_assert(!add("x", "garbage", text->str));
  ck_assert_uint_eq(siaga_diag_get(diag, 0)->line, 2);
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_ERROR), 21);
  ck_assert_str_eq(siaga_diag_get(diag, 20)->text, "13 more lines are no names");
  ck_assert_uint_eq(siaga_list_builder_size(builder), 1);
  g_string_free(text, TRUE);
}
END_TEST

START_TEST(a_nul_byte_spoils_its_own_line_only)
{
  static const gchar text[] = "judi.example\nbad\0word.example\nslot.example";
  gchar *path = g_build_filename(dir, "nul.txt", NULL);
  ck_assert(g_file_set_contents(path, text, sizeof text - 1, NULL));
  ck_assert(!siaga_list_builder_add(builder, "gambling", path, SIAGA_LIST_AUTO, diag));
  g_free(path);
  ck_assert_uint_eq(siaga_diag_get(diag, 0)->line, 2);
  ck_assert_str_eq(siaga_diag_get(diag, 0)->text, "'bad': a NUL byte stands in the line");
  SiagaLists *lists = write_and_open();
  ck_assert(has(lists, "judi.example") && has(lists, "slot.example") && !has(lists, "bad"));
  siaga_lists_free(lists);
}
END_TEST

/* A download that failed leaves an empty file: it must not take the place of a full one. */
START_TEST(a_list_without_a_name_is_an_error)
{
  static const gchar *const texts[] = { "", "# nothing\n! here\n\n", "127.0.0.1 localhost\n", "$TTL 300\n" };
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
    {
      ck_assert_msg(!add("x", "none", texts[i]), "%s", texts[i]);
      ck_assert_str_eq(siaga_diag_get(diag, i)->text, "holds no name");
    }
  ck_assert(!siaga_list_builder_add(builder, "x", dir, SIAGA_LIST_AUTO, diag));
  ck_assert_str_eq(siaga_diag_get(diag, G_N_ELEMENTS(texts))->text, "Is a directory");
}
END_TEST

START_TEST(a_suffix_of_the_whole_world_is_pointed_out)
{
  ck_assert(add("x", "wide", "judi.example\ncom\n*.zip\n"));
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_WARNING), 2);
  ck_assert_uint_eq(siaga_diag_get(diag, 0)->line, 2);
  ck_assert_str_eq(siaga_diag_get(diag, 0)->text, "'com': every name below it is in the list");
  ck_assert_uint_eq(siaga_list_builder_size(builder), 3);
}
END_TEST

START_TEST(a_category_has_a_plain_name)
{
  ck_assert(!add("Judi online", "a", "judi.example\n"));
  ck_assert(!add("", "a", "judi.example\n"));
}
END_TEST

START_TEST(a_long_line_is_one_error)
{
  gchar *line = g_strnfill(100000, 'a');
  gchar *text = g_strconcat(line, "\ngood.example\n", NULL);
  ck_assert(!add("x", "long", text));
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_ERROR), 1);
  ck_assert_uint_eq(siaga_list_builder_size(builder), 1);
  g_free(text);
  g_free(line);
}
END_TEST

START_TEST(broken_files_are_refused)
{
  gchar *bytes;
  gsize length;
  ck_assert(add("x", "a", "judi.example\n"));
  siaga_lists_free(write_and_open());
  ck_assert(g_file_get_contents(target, &bytes, &length, NULL));
  for (gsize cut = 0; cut < length; cut += 97)
    {
      ck_assert(g_file_set_contents(target, bytes, cut, NULL));
      ck_assert_ptr_null(siaga_lists_open(target, diag));
    }
  GRand *rand = g_rand_new_with_seed(5);
  for (guint n = 0; n < 500; n++)
    {
      gchar *damaged = g_memdup2(bytes, length);
      for (guint i = 0; i < 8; i++)
        damaged[g_rand_int_range(rand, 0, n % 2 ? length : 48)] ^= g_rand_int_range(rand, 1, 256);
      ck_assert(g_file_set_contents(target, damaged, length, NULL));
      SiagaLists *lists = siaga_lists_open(target, diag);
      if (lists)
        for (guint i = 0; i < 100; i++)
          {
            gchar name[16];
            siaga_lists_find(lists, name, g_snprintf(name, sizeof name, "a%u.example", i));
          }
      siaga_lists_free(lists);
      g_free(damaged);
    }
  g_rand_free(rand);
  g_free(bytes);
}
END_TEST

START_TEST(a_new_file_is_taken_and_a_broken_one_is_not)
{
  ck_assert(add("x", "a", "old.example\n"));
  SiagaLists *lists = write_and_open();
  ck_assert(!siaga_lists_refresh(lists, diag));
  ck_assert(add("y", "b", "new.example\n"));
  ck_assert(siaga_list_builder_write(builder, target, diag));
  ck_assert(siaga_lists_refresh(lists, diag));
  ck_assert_uint_eq(siaga_lists_find(lists, "new.example", 11), 2);
  ck_assert_str_eq(siaga_lists_category(lists, 1), "y");
  ck_assert(g_file_set_contents(target, "garbage", -1, NULL));
  ck_assert(!siaga_lists_refresh(lists, diag));
  ck_assert(!siaga_lists_refresh(lists, diag));
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_ERROR), 1);
  ck_assert(has(lists, "new.example"));
  siaga_lists_free(lists);
}
END_TEST

/* Writes the bytes of PATH over the target, as cp does; a stamp of the file system is a few milliseconds wide. */
static void
copy_over(const gchar *path)
{
  g_usleep(20000);
  gchar *command = g_strdup_printf("cp '%s' '%s'", path, target);
  ck_assert_int_eq(system(command), 0);
  g_free(command);
}

/* COUNT names of CATEGORY in another file. */
static gchar *
build_other(const gchar *category, guint count)
{
  gchar *path = g_build_filename(dir, "other", NULL);
  GString *text = g_string_new("known.example\n");
  for (guint i = 0; i < count; i++)
    g_string_append_printf(text, "%s%u.example\n", category, i);
  ck_assert(add(category, category, text->str));
  ck_assert(siaga_list_builder_write(builder, path, diag));
  g_string_free(text, TRUE);
  return path;
}

/* Small and in memory; large and in a file of its own. */
static const guint sizes[] = { 1, 200000 };

START_TEST(who_writes_over_the_file_takes_no_name_away)
{
  gchar *other = build_other("x", sizes[_i]);
  copy_over(other);
  SiagaLists *lists = siaga_lists_open(target, diag);
  ck_assert_ptr_nonnull(lists);
  ck_assert_int_eq(truncate(target, 0), 0);
  ck_assert(has(lists, "known.example"));
  ck_assert(has(lists, "x0.example"));
  ck_assert(!siaga_lists_refresh(lists, diag));
  ck_assert(!siaga_lists_refresh(lists, diag)); /* it stays empty: that is said */
  ck_assert(!siaga_lists_refresh(lists, diag));
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_ERROR), 1);
  ck_assert(has(lists, "known.example"));
  siaga_lists_free(lists);
  g_free(other);
}
END_TEST

START_TEST(a_file_that_was_written_over_is_taken_once_it_is_at_rest)
{
  gchar *other = build_other("x", sizes[_i]);
  copy_over(other);
  SiagaLists *lists = siaga_lists_open(target, diag);
  g_free(other);
  other = build_other("y", sizes[_i]);
  gboolean took = FALSE;
  copy_over(other);
  ck_assert(!siaga_lists_refresh(lists, diag));
  copy_over(other);
  ck_assert(!siaga_lists_refresh(lists, diag)); /* it is another again */
  for (guint i = 0; i < 1000 && !took; i++, g_usleep(10000))
    took = siaga_lists_refresh(lists, diag);
  ck_assert(took);
  ck_assert(has(lists, "y0.example"));
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_ERROR), 0);
  siaga_lists_free(lists);
  g_free(other);
}
END_TEST

static gint stop;

static gpointer
look_up(gpointer lists)
{
  guint64 missed = 0;
  while (!g_atomic_int_get(&stop))
    missed += !has(lists, "www.always.example");
  return GSIZE_TO_POINTER(missed);
}

START_TEST(replacement_under_load_never_misses)
{
  ck_assert(add("x", "a", "always.example\n"));
  SiagaLists *lists = write_and_open();
  stop = 0;
  GThread *thread = g_thread_new("look-up", look_up, lists);
  for (guint n = 0; n < 50; n++)
    {
      ck_assert(siaga_list_builder_write(builder, target, diag));
      siaga_lists_refresh(lists, diag);
      g_thread_yield();
    }
  g_atomic_int_set(&stop, 1);
  ck_assert_uint_eq(GPOINTER_TO_SIZE(g_thread_join(thread)), 0);
  siaga_lists_free(lists);
}
END_TEST

START_TEST(many_names_are_small_fast_and_exact)
{
  const guint count = 300000;
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < count; i++)
    g_string_append_printf(text, "site%u.judi%u.example\n", i, i % 1000);
  ck_assert(add("gambling", "many", text->str));
  SiagaLists *lists = write_and_open();
  GStatBuf info;
  ck_assert_int_eq(g_stat(target, &info), 0);
  ck_assert_msg((gdouble) info.st_size / count <= 16, "%.1f bytes a name", (gdouble) info.st_size / count);
  guint found = 0, wrong = 0;
  clock_t start = clock(); /* processor time, in microseconds on POSIX: machines are shared */
  for (guint i = 0; i < 2 * count; i++)
    {
      gchar name[64];
      gsize length = g_snprintf(name, sizeof name, "www.site%u.judi%u.example", i, i % 1000);
      gboolean in = siaga_lists_find(lists, name, length) != 0;
      found += in && i < count;
      wrong += in && i >= count;
    }
  gdouble each = (clock() - start) * 1000.0 / (2 * count);
  g_printerr("%.1f bytes a name, %.0f ns a look-up with printing\n", (gdouble) info.st_size / count, each);
  ck_assert_uint_eq(found, count);
  ck_assert_uint_eq(wrong, 0);
  ck_assert(each < 5000);
  siaga_lists_free(lists);
  g_string_free(text, TRUE);
}
END_TEST

START_TEST(an_event_gets_its_categories)
{
  gchar *path = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "fields.yaml", NULL);
  SiagaFields *fields = siaga_fields_load(path, diag);
  SiagaEvent *event = siaga_event_new(fields);
  gsize length;
  ck_assert(add("gambling", "a", "judi.example\n"));
  SiagaLists *lists = write_and_open();
  const gchar *url = "https://a@b@www.judi.example:443/x@y";
  siaga_event_set(event, SIAGA_F_HTTP_REQUEST_REFERRER, url, strlen(url));
  ck_assert(siaga_lists_tag(lists, event));
  ck_assert(strncmp(siaga_event_text(event, SIAGA_F_LIST_CATEGORY, &length), "gambling", 8) == 0);
  siaga_event_set(event, SIAGA_F_HTTP_REQUEST_REFERRER, "-", 1);
  ck_assert(!siaga_lists_tag(lists, event));
  siaga_lists_free(lists);
  siaga_event_free(event);
  siaga_fields_unref(fields);
  g_free(path);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("lists");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 60);
  tcase_add_loop_test(tcase, each_format_gives_its_names, 0, G_N_ELEMENTS(formats));
  tcase_add_test(tcase, a_name_may_stand_in_several_categories);
  tcase_add_test(tcase, garbage_lines_are_errors_with_their_place);
  tcase_add_test(tcase, a_nul_byte_spoils_its_own_line_only);
  tcase_add_test(tcase, a_list_without_a_name_is_an_error);
  tcase_add_test(tcase, a_suffix_of_the_whole_world_is_pointed_out);
  tcase_add_test(tcase, a_category_has_a_plain_name);
  tcase_add_test(tcase, a_long_line_is_one_error);
  tcase_add_test(tcase, broken_files_are_refused);
  tcase_add_test(tcase, a_new_file_is_taken_and_a_broken_one_is_not);
  tcase_add_loop_test(tcase, who_writes_over_the_file_takes_no_name_away, 0, G_N_ELEMENTS(sizes));
  tcase_add_loop_test(tcase, a_file_that_was_written_over_is_taken_once_it_is_at_rest, 0, G_N_ELEMENTS(sizes));
  tcase_add_test(tcase, replacement_under_load_never_misses);
  tcase_add_test(tcase, many_names_are_small_fast_and_exact);
  tcase_add_test(tcase, an_event_gets_its_categories);
  return run_case("lists", tcase);
}
