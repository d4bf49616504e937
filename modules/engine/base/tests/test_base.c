/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Events, their JSON and packed forms, YAML with places. */

#include <siaga/quantity.h>
#include <siaga/event.h>
#include <siaga/yaml.h>

#include "engine/base/block.h"
#include "engine/base/integer.h"
#include "tests/harness/run.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static SiagaFields *fields;
static SiagaEvent *event;

static void
setup(void)
{
  gchar *path = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "fields.yaml", NULL);
  SiagaDiag *diag = siaga_diag_new();
  fields = siaga_fields_load(path, diag);
  for (guint i = 0; i < siaga_diag_size(diag); i++)
    g_printerr("%s\n", siaga_diag_get(diag, i)->text);
  ck_assert_ptr_nonnull(fields);
  event = siaga_event_new(fields);
  siaga_diag_free(diag);
  g_free(path);
}

static void
teardown(void)
{
  siaga_event_free(event);
  siaga_fields_unref(fields);
}

static gchar *
event_as_json(void)
{
  GString *out = g_string_new(NULL);
  SiagaJson json;
  siaga_json_init(&json, out);
  siaga_json_open_object(&json, NULL);
  siaga_event_write_json(event, &json, FALSE);
  siaga_json_close_object(&json);
  return g_string_free(out, FALSE);
}

static void
fill(const gchar *line)
{
  event->original = line;
  event->original_length = strlen(line);
  event->time = G_GINT64_CONSTANT(1795228580000000);
  event->time_kind = SIAGA_TIME_LINE;
  siaga_event_set(event, SIAGA_F_SOURCE_IP, line, 9);
  siaga_event_set_int(event, SIAGA_F_SOURCE_PORT, 4123);
  siaga_event_set(event, SIAGA_F_EVENT_CATEGORY, "web", 3);
  siaga_event_add(event, SIAGA_F_EVENT_CATEGORY, "intrusion_detection", 19);
  siaga_event_set_copy(event, SIAGA_F_USER_NAME, "a\"b", 3);
}

#define EXPECTED                                                                                                       \
  "{\"@timestamp\":\"2026-11-21T02:36:20Z\",\"event\":{\"category\":[\"web\",\"intrusion_detection\"]},"               \
  "\"source\":{\"ip\":\"192.0.2.7\",\"port\":4123},\"user\":{\"name\":\"a\\\"b\"}}"

START_TEST(an_event_is_written_as_nested_ecs)
{
  fill("192.0.2.7 did it");
  gchar *json = event_as_json();
  ck_assert_str_eq(json, EXPECTED);
  g_free(json);
}
END_TEST

START_TEST(numbers_are_written_as_text)
{
  static const gint64 numbers[] = { 0, 7, -1, 10, 200, -42, 1795228200000000, G_MAXINT64, G_MININT64 };
  for (guint i = 0; i < G_N_ELEMENTS(numbers); i++)
    {
      SiagaValue value = { .type = SIAGA_VT_INT, .integer = numbers[i] };
      gchar buffer[32], *expected = g_strdup_printf("%" G_GINT64_FORMAT, numbers[i]);
      gsize length;
      const gchar *text = siaga_value_text(&value, buffer, &length);
      ck_assert_uint_eq(length, strlen(expected));
      ck_assert_mem_eq(text, expected, length);
      g_free(expected);
    }
}
END_TEST

START_TEST(a_packed_event_comes_back_whole)
{
  GString *bytes = g_string_new(NULL);
  gchar *line = g_strdup("192.0.2.7 did it");
  fill(line);
  siaga_event_set(event, SIAGA_F_MESSAGE, "gone", 4);
  siaga_event_unset(event, SIAGA_F_MESSAGE);
  siaga_event_pack(event, bytes);
  memset(line, 'x', strlen(line));
  ck_assert(siaga_event_unpack(event, bytes->str, bytes->len));
  gchar *json = event_as_json();
  ck_assert_str_eq(json, EXPECTED);
  ck_assert_uint_eq(event->original_length, 16);
  g_free(json);
  g_free(line);
  g_string_free(bytes, TRUE);
}
END_TEST

START_TEST(damaged_packed_events_are_refused)
{
  GString *bytes = g_string_new(NULL);
  fill("192.0.2.7 did it");
  siaga_event_pack(event, bytes);
  for (gsize length = 0; length < bytes->len; length++)
    siaga_event_unpack(event, bytes->str, length);
  for (gsize i = 0; i < bytes->len; i++)
    {
      gchar saved = bytes->str[i];
      bytes->str[i] ^= 0x5a;
      siaga_event_unpack(event, bytes->str, bytes->len);
      bytes->str[i] = saved;
    }
  ck_assert(!siaga_event_unpack(event, bytes->str, 10));
  ck_assert_uint_eq(event->count, 0);
  g_string_free(bytes, TRUE);
}
END_TEST

START_TEST(more_values_than_fit_mark_the_event_truncated)
{
  for (guint i = 0; i < SIAGA_EVENT_VALUES + 10; i++)
    siaga_event_add(event, SIAGA_F_TAGS, "x", 1);
  ck_assert(event->truncated);
  ck_assert_uint_eq(event->count, SIAGA_EVENT_VALUES);
}
END_TEST

START_TEST(json_escapes_what_drives_terminals)
{
  GString *out = g_string_new(NULL);
  siaga_json_escape(out, "a\x1b[31m\xc2\x9b\xff\xc3\xa9\x7f", 12);
  ck_assert_str_eq(out->str, "a\\u001b[31m\\u009b\xef\xbf\xbd\xc3\xa9\\u007f");
  g_string_free(out, TRUE);
}
END_TEST

static const struct
{
  const gchar *text;
  const gchar *error; /* NULL: good */
} yaml_cases[] = {
  /* text                      first message */
  { "a: 1\nb: [x, {c: d}]\n", NULL },
  { "a: 1\na: 2\n", "f:2:1: error: duplicate key 'a'" },
  { "a: [1, 2\nb: 3\n", "f:2:2: error: not YAML: did not find expected ',' or ']', while parsing a flow sequence" },
  { "a: *x\n", "f:1:4: error: the alias names no anchor before it" },
  { "a: &x [1]\nb: *x\n", NULL },
  { "? [a]\n: b\n", "f:1:3: error: expected a plain key" },
};

START_TEST(yaml_errors_name_their_place)
{
  SiagaDiag *diag = siaga_diag_new();
  SiagaYamlFile *file = siaga_yaml_parse("f", yaml_cases[_i].text, strlen(yaml_cases[_i].text), diag);
  if (yaml_cases[_i].error)
    {
      GString *out = g_string_new(NULL);
      ck_assert_ptr_null(file);
      siaga_diag_format(siaga_diag_get(diag, 0), out);
      ck_assert_str_eq(out->str, yaml_cases[_i].error);
      g_string_free(out, TRUE);
    }
  else
    ck_assert_ptr_nonnull(file);
  siaga_yaml_free(file);
  siaga_diag_free(diag);
}
END_TEST

START_TEST(messages_of_two_that_load_side_by_side_keep_their_order)
{
  SiagaDiag *diag = siaga_diag_new(), *later = siaga_diag_new();
  siaga_diag_warning(later, (SiagaPlace){ "rules.yml", 2, 1 }, "second");
  siaga_diag_error(later, (SiagaPlace){ "rules.yml", 3, 1 }, "third");
  siaga_diag_error(diag, (SiagaPlace){ "patterns.yaml", 1, 1 }, "first");
  siaga_diag_take(diag, later);
  ck_assert_uint_eq(siaga_diag_size(diag), 3);
  ck_assert_str_eq(siaga_diag_get(diag, 0)->text, "first");
  ck_assert_str_eq(siaga_diag_get(diag, 2)->text, "third");
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_ERROR), 2);
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_WARNING), 1);
  siaga_diag_take(NULL, siaga_diag_new());
  siaga_diag_free(diag);
}
END_TEST

START_TEST(an_alias_bomb_is_refused)
{
  GString *bomb = g_string_new("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
  for (guint i = 1; i < 12; i++)
    {
      g_string_append_printf(bomb, "a%u: &a%u [", i, i);
      for (guint j = 0; j < 10; j++)
        g_string_append_printf(bomb, "*a%u%s", i - 1, j < 9 ? ", " : "]\n");
    }
  SiagaDiag *diag = siaga_diag_new();
  ck_assert_ptr_null(siaga_yaml_parse("f", bomb->str, bomb->len, diag));
  ck_assert(strstr(siaga_diag_get(diag, 0)->text, "too large") != NULL);
  siaga_diag_free(diag);
  g_string_free(bomb, TRUE);
}
END_TEST

START_TEST(an_arena_of_many_sizes_never_hands_out_the_same_byte_twice)
{
  static const gsize sizes[] = { 60000, 200000, 10, 60000, 300000, 16000, 60000 };
  SiagaArena *arena = siaga_arena_new();

  for (guint round = 0; round < 20; round++)
    {
      gchar *texts[G_N_ELEMENTS(sizes)];
      siaga_arena_reset(arena);
      for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
        {
          gsize size = sizes[(i + round) % G_N_ELEMENTS(sizes)];
          texts[i] = siaga_arena_alloc(arena, size + 1);
          if (texts[i])
            memset(texts[i], 'a' + i, size);
          if (texts[i])
            texts[i][size] = '\0';
        }
      for (guint i = 0; i < G_N_ELEMENTS(sizes); i++)
        {
          gsize size = sizes[(i + round) % G_N_ELEMENTS(sizes)];
          if (texts[i])
            ck_assert_uint_eq(strspn(texts[i], (const gchar[]){ 'a' + i, '\0' }), size);
        }
    }
  siaga_arena_free(arena);
}
END_TEST

START_TEST(short_copies_take_what_they_shall_and_no_more)
{
  gchar from[300], to[300], as_known[300];
  for (guint i = 0; i < sizeof from; i++)
    from[i] = (i * 7) | 1;
  for (gsize length = 0; length < 280; length++)
    {
      memset(to, 0, sizeof to);
      memset(as_known, 0, sizeof as_known);
      block_copy(to + 10, from + 3, length);
      memcpy(as_known + 10, from + 3, length);
      ck_assert_mem_eq(to, as_known, sizeof to);
    }
}
END_TEST

START_TEST(numbers_with_units)
{
  static const struct
  {
    const gchar *text;
    gint64 microseconds, bytes; /* -1: none */
  } cases[] = {
    { "90", 90000000, 90 },
    { "1.5s", 1500000, -1 },
    { "10 m", 600000000, 10000000 },
    { "2H", 7200000000, -1 },
    { "200ms", 200000, -1 },
    { "5us", 5, -1 },
    { "160MiB", -1, 167772160 },
    { "512k", -1, 512000 },
    { "1d", 86400000000, -1 },
    { "", -1, -1 },
    { "x", -1, -1 },
    { "1 fortnight", -1, -1 },
    { "1e300", -1, -1 },
    { "nan", -1, -1 },
    { "5 Gb", -1, 5000000000 },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      gint64 time = -1, size = -1;
      ck_assert_msg(siaga_duration_parse(cases[i].text, &time) == (cases[i].microseconds >= 0), "%s", cases[i].text);
      ck_assert_msg(siaga_size_parse(cases[i].text, &size) == (cases[i].bytes >= 0), "%s", cases[i].text);
      ck_assert_int_eq(time, cases[i].microseconds);
      ck_assert_int_eq(size, cases[i].bytes);
    }
}
END_TEST

/* --- integers read by threads */

#define READERS 4

static gpointer
read_integer(gpointer go)
{
  gint64 value = 0;
  while (!g_atomic_int_get((gint *) go))
    ;
  return GINT_TO_POINTER(siaga_integer_read("401", G_MININT64, G_MAXINT64, &value) && value == 401);
}

/* How many of the first readers of a process read it. */
static int
count_readers(void)
{
  GThread *threads[READERS];
  gint go = 0;
  int count = 0;
  for (guint i = 0; i < READERS; i++)
    threads[i] = g_thread_new("reader", read_integer, &go);
  g_atomic_int_set(&go, 1);
  for (guint i = 0; i < READERS; i++)
    count += GPOINTER_TO_INT(g_thread_join(threads[i]));
  return count;
}

/* Where they wait for each other within GLib, errno is not 0 afterwards: one of 25 processes was refused a number. */
START_TEST(the_first_threads_that_read_an_integer_at_once_all_read_it)
{
  for (guint i = 0; i < 200; i++)
    {
      int status;
      pid_t child = fork();
      if (!child)
        _exit(count_readers());
      ck_assert_int_eq(waitpid(child, &status, 0), child);
      ck_assert_int_eq(WEXITSTATUS(status), READERS);
    }
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("base");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_test(tcase, numbers_with_units);
  tcase_add_test(tcase, an_event_is_written_as_nested_ecs);
  tcase_add_test(tcase, numbers_are_written_as_text);
  tcase_add_test(tcase, a_packed_event_comes_back_whole);
  tcase_add_test(tcase, damaged_packed_events_are_refused);
  tcase_add_test(tcase, more_values_than_fit_mark_the_event_truncated);
  tcase_add_test(tcase, json_escapes_what_drives_terminals);
  tcase_add_loop_test(tcase, yaml_errors_name_their_place, 0, G_N_ELEMENTS(yaml_cases));
  tcase_add_test(tcase, an_arena_of_many_sizes_never_hands_out_the_same_byte_twice);
  tcase_add_test(tcase, messages_of_two_that_load_side_by_side_keep_their_order);
  tcase_add_test(tcase, short_copies_take_what_they_shall_and_no_more);
  tcase_add_test(tcase, the_first_threads_that_read_an_integer_at_once_all_read_it);
  tcase_add_test(tcase, an_alias_bomb_is_refused);
  return run_case("base", tcase);
}
