/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The option grammar, on a room of the test's own. */

#include "tests/harness/harness.h"

#include "glue/room.h"
#include "tests/harness/run.h"

#include <plugin-types.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  SiagaRoomOptions super;
  gchar *text;
  GPtrArray *list;
  gboolean yesno, flag;
  gint64 integer, size, duration;
  guint word;
} Options;

static const gchar *const words[] = { "small", "large", NULL };

static gboolean
only_lower_case(const gchar *text, GString *error)
{
  for (const gchar *p = text; *p; p++)
    if (!g_ascii_islower(*p))
      {
        g_string_append(error, "expected lower case");
        return FALSE;
      }
  return TRUE;
}

#define OPTION(name, kind, ...)                                                                                        \
  {                                                                                                                    \
#name, SIAGA_OPTION_##kind, G_STRUCT_OFFSET(Options, name), __VA_ARGS__                                            \
  }

static const SiagaOption table[] = {
  OPTION(text, TEXT, .check = only_lower_case),
  OPTION(list, LIST),
  OPTION(yesno, YESNO),
  { "a-flag", SIAGA_OPTION_FLAG, G_STRUCT_OFFSET(Options, flag) },
  OPTION(integer, INTEGER, NULL, 1, 10),
  OPTION(size, SIZE),
  OPTION(duration, DURATION),
  OPTION(word, WORD, words),
  { NULL },
};

static Options *seen;

static LogParser *
construct(GlobalConfig *cfg, gpointer options, SiagaDiag *diag G_GNUC_UNUSED)
{
  siaga_options_unref(seen);
  seen = options;
  LogParser *parser = g_new0(LogParser, 1);
  log_parser_init_instance(parser, cfg);
  return parser;
}

static void
defaults(gpointer options)
{
  ((Options *) options)->integer = 7;
}

const SiagaRoom siaga_room = {
  .name = "room",
  .options = table,
  .options_size = sizeof(Options),
  .set_defaults = defaults,
  .construct = construct,
};

static Plugin plugins[] = { { .type = LL_CONTEXT_PARSER, .name = "room", .parser = &siaga_room_parser } };

static void
setup(void)
{
  harness_start();
  plugin_register(&configuration->plugin_context, plugins, 1);
}

static void
teardown(void)
{
  g_clear_pointer(&seen, siaga_options_unref);
  harness_stop();
}

static gboolean
accepts(const gchar *text)
{
  LogParser *parser = harness_parser(text);
  if (parser)
    log_pipe_unref(&parser->super);
  return parser != NULL;
}

START_TEST(every_kind_of_option_is_read)
{
  ck_assert(
      accepts("room(text(abc) list('x' y) list(z) yesno(yes) a_flag integer(3) size(2M) duration(1.5) word(large))"));
  ck_assert_str_eq(seen->text, "abc");
  ck_assert_uint_eq(seen->list->len, 3);
  ck_assert_str_eq(g_ptr_array_index(seen->list, 2), "z");
  ck_assert(seen->yesno && seen->flag);
  ck_assert_int_eq(seen->integer, 3);
  ck_assert_int_eq(seen->size, 2000000);
  ck_assert_int_eq(seen->duration, 1500000);
  ck_assert_uint_eq(seen->word, 1);
}
END_TEST

START_TEST(what_is_left_out_has_its_default)
{
  ck_assert(accepts("room()"));
  ck_assert_int_eq(seen->integer, 7);
  ck_assert_ptr_null(seen->text);
  ck_assert_ptr_null(seen->list);
}
END_TEST

START_TEST(words_of_the_core_grammar_are_plain_text_here)
{
  ck_assert(accepts("room(list(internal file tags persist_name 42x))"));
  ck_assert_str_eq(g_ptr_array_index(seen->list, 0), "internal");
}
END_TEST

START_TEST(empty_texts_mean_not_given)
{
  ck_assert(accepts("room(text('') list('') list())"));
  ck_assert_ptr_null(seen->text);
  ck_assert_ptr_null(seen->list);
}
END_TEST

typedef struct
{
  const gchar *text;
  gint64 size, duration;
} Unit;

static const Unit units[] = {
  { "room(size('160MiB') duration('2s'))", 160 << 20, 2000000 },
  { "room(size('1 KiB') duration('500ms'))", 1024, 500000 },
  { "room(size(77) duration('24h'))", 77, G_GINT64_CONSTANT(86400000000) },
  { "room(size('1.5M') duration('10m'))", 1500000, 600000000 },
  { "room(size(0) duration(0))", 0, 0 },
};

START_TEST(numbers_may_have_units)
{
  ck_assert(accepts(units[_i].text));
  ck_assert_int_eq(seen->size, units[_i].size);
  ck_assert_int_eq(seen->duration, units[_i].duration);
}
END_TEST

typedef struct
{
  const gchar *text, *complaint;
} Mistake;

static const Mistake mistakes[] = {
  { "room(txt(a))", "unknown option txt; known are: text list yesno a-flag integer size duration word" },
  { "room(text(ABC))", "text(): expected lower case" },
  { "room(text(1))", "text() expects text" },
  { "room(text(a b))", "text() expects one value" },
  { "room(text)", "text expects a value" },
  { "room(a-flag())", "a-flag() expects yes or no; without brackets it means yes" },
  { "room(yesno(maybe))", "yesno() expects yes or no" },
  { "room(integer(0))", "integer(): the number is out of range" },
  { "room(integer(11))", "integer(): the number is out of range" },
  { "room(integer('3 apples'))", "integer() expects a whole number" },
  { "room(integer(1.5))", "integer() expects a whole number" },
  { "room(size('-1'))", "size(): the number is out of range" },
  { "room(duration('1 fortnight'))", "duration() expects seconds" },
  { "room(duration('nan'))", "duration() expects seconds" },
  { "room(word(medium))", "word() expects one of: small, large" },
};

/* The daemon writes syntax errors to the standard error. */
static gchar *
complaint_about(const gchar *text)
{
  static gchar printed[4096];
  FILE *file = tmpfile();
  gint before = dup(STDERR_FILENO);

  dup2(fileno(file), STDERR_FILENO);
  ck_assert(!accepts(text));
  dup2(before, STDERR_FILENO);
  close(before);
  rewind(file);
  printed[fread(printed, 1, sizeof printed - 1, file)] = '\0';
  fclose(file);
  return printed;
}

START_TEST(mistakes_say_what_was_expected)
{
  const gchar *complaint = complaint_about(mistakes[_i].text);
  ck_assert_msg(strstr(complaint, mistakes[_i].complaint), "%s gave: %s", mistakes[_i].text, complaint);
}
END_TEST

START_TEST(equal_options_describe_themselves_equally)
{
  GString *one = g_string_new(NULL), *two = g_string_new(NULL), *none = g_string_new(NULL);

  ck_assert(accepts("room(size(1KiB) text(a) list(x y))"));
  siaga_options_describe(&siaga_room, seen, one);
  ck_assert(accepts("room(list(x) text(a) size(1024) list(y) integer(7))"));
  siaga_options_describe(&siaga_room, seen, two);
  ck_assert(accepts("room(integer(7))"));
  siaga_options_describe(&siaga_room, seen, none);
  ck_assert_str_eq(one->str, two->str);
  ck_assert_str_eq(none->str, "");
  g_string_free(one, TRUE);
  g_string_free(two, TRUE);
  g_string_free(none, TRUE);
}
END_TEST

int
main(void)
{
  TCase *tc = tcase_create("options");

  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, every_kind_of_option_is_read);
  tcase_add_test(tc, what_is_left_out_has_its_default);
  tcase_add_test(tc, words_of_the_core_grammar_are_plain_text_here);
  tcase_add_test(tc, empty_texts_mean_not_given);
  tcase_add_loop_test(tc, numbers_may_have_units, 0, G_N_ELEMENTS(units));
  tcase_add_loop_test(tc, mistakes_say_what_was_expected, 0, G_N_ELEMENTS(mistakes));
  tcase_add_test(tc, equal_options_describe_themselves_equally);
  return run_case("room", tc);
}
