/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Programs against PCRE2: the same answer and the same text in every group, for random expressions and for all that are
 * shipped. */

#include "engine/pattern/private.h"
#include "tests/harness/run.h"

#include <string.h>

#define GROUPS 8
#define PLENTY 100000000

static ProgramRun run;
static gint64 dearest; /* what one try cost */
static const gchar *dearest_label;
static pcre2_match_data *data;
static pcre2_match_context *context;

static void
setup(void)
{
  data = pcre2_match_data_create(SIAGA_GROK_CAPTURES + 2, NULL);
  context = pcre2_match_context_create(NULL);
  pcre2_set_match_limit(context, 1000000);
}

static void
teardown(void)
{
  pcre2_match_data_free(data);
  pcre2_match_context_free(context);
}

static pcre2_code *
compile(const gchar *regex, gboolean caseless)
{
  int error;
  PCRE2_SIZE offset;
  /* 10.42 takes "a*(?: )?+[^b]" for "a*+(?: )?+[^b]" and refuses "ba" to "(?=b[ab]*) ?+b"; its
   * JIT leaves text in groups of a look-ahead that failed. */
  guint32 options = PCRE2_ANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_NO_AUTO_CAPTURE | PCRE2_NEVER_BACKSLASH_C |
                    PCRE2_NEVER_UTF | PCRE2_NO_AUTO_POSSESS | PCRE2_NO_START_OPTIMIZE | (caseless ? PCRE2_CASELESS : 0);
  return pcre2_compile((PCRE2_SPTR) regex, PCRE2_ZERO_TERMINATED, options, &error, &offset, NULL);
}

/* FALSE when one of the two gave up. */
static gboolean
compare(const Program *program, const pcre2_code *code, const gchar *regex, const gchar *text, gsize length)
{
  Span groups[SIAGA_GROK_CAPTURES];
  guint32 count;
  pcre2_pattern_info(code, PCRE2_INFO_CAPTURECOUNT, &count);
  run.work = PLENTY;
  ProgramResult result = siaga_program_run(program, &run, text, length, groups, SIAGA_GROK_CAPTURES);
  if (PLENTY - run.work > dearest)
    {
      dearest = PLENTY - run.work;
      dearest_label = regex;
    }
  int expected = pcre2_match(code, (PCRE2_SPTR) text, length, 0, 0, data, context);
  if (result == PROGRAM_LIMIT || (expected < 0 && expected != PCRE2_ERROR_NOMATCH))
    return FALSE;
  ck_assert_msg((result == PROGRAM_YES) == (expected > 0), "%s on '%.*s': %d, PCRE2 says %d", regex, (int) length, text,
                result, expected);
  const PCRE2_SIZE *vector = pcre2_get_ovector_pointer(data);
  for (guint i = 0; result == PROGRAM_YES && i < count; i++)
    {
      gchar name[8];
      g_snprintf(name, sizeof name, "g%u", i);
      int number = pcre2_substring_number_from_name(code, (PCRE2_SPTR) name);
      gboolean took = vector[2 * number] != PCRE2_UNSET;
      ck_assert_msg((groups[i].end != PROGRAM_UNSET) == took, "%s on '%.*s': group %u took part: %d", regex,
                    (int) length, text, i, took);
      if (took)
        ck_assert_msg(groups[i].start == vector[2 * number] && groups[i].end == vector[2 * number + 1],
                      "%s on '%.*s': group %u is %u-%u, PCRE2 says %zu-%zu", regex, (int) length, text, i,
                      groups[i].start, groups[i].end, vector[2 * number], vector[2 * number + 1]);
    }
  return TRUE;
}

/* --- random expressions */

typedef struct
{
  GRand *rand;
  GString *out;
  guint groups;
  guint depth;
} Writer;

static guint
pick(Writer *self, guint n)
{
  return g_rand_int_range(self->rand, 0, n);
}

static void write_alternatives(Writer *self);

static void
write_atom(Writer *self)
{
  static const gchar *const atoms[] = {
    "a",   "b",      "c",         "\"",           "\\\\",        ".",     "[ab]",  "[^a]", "[^\"]", "[^\"\\\\]", "\\d",
    "\\w", "\\s+",   "ab",        "abc",          "[a-c]",       "[^bc]", "(?=a)", "\\b",  "$",     "(?!b)",     "1",
    " ",   "(?<=a)", "(?<!b|ca)", "(?<=[^a]b|c)", "[[:alpha:]]", "\\x61",
  };
  static const gchar *const heads[] = { "(?:", "(?>", "(?=", "(?!", "(?i:" };
  guint kind = self->depth < 4 ? pick(self, 10) : 0;
  if (kind < 6)
    {
      g_string_append(self->out, atoms[pick(self, G_N_ELEMENTS(atoms))]);
      return;
    }
  if (kind < 8 && self->groups < GROUPS)
    g_string_append_printf(self->out, "(?<g%u>", self->groups++);
  else
    g_string_append(self->out, heads[pick(self, G_N_ELEMENTS(heads))]);
  self->depth++;
  write_alternatives(self);
  self->depth--;
  g_string_append_c(self->out, ')');
}

static void
write_quantifier(Writer *self)
{
  static const gchar *const quantifiers[] = { "*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}" };
  static const gchar *const styles[] = { "", "", "?", "+" };
  if (pick(self, 5) < 3)
    return;
  g_string_append(self->out, quantifiers[pick(self, G_N_ELEMENTS(quantifiers))]);
  g_string_append(self->out, styles[pick(self, G_N_ELEMENTS(styles))]);
}

static void
write_alternatives(Writer *self)
{
  guint alternatives = pick(self, 4) ? 1 : 2 + pick(self, self->depth ? 2 : 10);
  for (guint i = 0; i < alternatives; i++)
    {
      if (i)
        g_string_append_c(self->out, '|');
      for (guint parts = pick(self, 4) + (i || alternatives == 1); parts; parts--)
        {
          write_atom(self);
          write_quantifier(self);
        }
    }
}

static gsize
write_text(Writer *self, gchar *text, gsize room)
{
  static const gchar bytes[] = "aaabbbccAB\"\\1 \n\xc3";
  gsize length = pick(self, room);
  for (gsize i = 0; i < length; i++)
    text[i] = bytes[pick(self, sizeof bytes - 1)];
  return length;
}

static guint
compare_on_random_texts(Writer *self, const gchar *regex, gboolean caseless)
{
  pcre2_code *code = compile(regex, caseless);
  Program *program = code ? siaga_program_new(regex, strlen(regex), caseless) : NULL;
  guint compared = 0;
  for (guint i = 0; program && i < 40; i++)
    {
      gchar text[24];
      gsize length = write_text(self, text, sizeof text);
      compared += compare(program, code, regex, text, length);
    }
  siaga_program_free(program);
  pcre2_code_free(code);
  return compared;
}

START_TEST(random_expressions_take_what_pcre2_takes)
{
  Writer writer = { .rand = g_rand_new_with_seed(20261127), .out = g_string_new(NULL) };
  guint compared = 0, rounds = g_getenv("SIAGA_ROUNDS") ? atoi(g_getenv("SIAGA_ROUNDS")) : 20000;
  for (guint i = 0; i < rounds; i++)
    {
      g_string_truncate(writer.out, 0);
      writer.groups = 0;
      write_alternatives(&writer);
      compared += compare_on_random_texts(&writer, writer.out->str, i % 4 == 0);
    }
  ck_assert_uint_gt(compared, rounds * 10);
  g_string_free(writer.out, TRUE);
  g_rand_free(writer.rand);
}
END_TEST

/* --- shipped expressions */

typedef struct
{
  SiagaFields *fields;
  SiagaPatternSet *set;
  GPtrArray *texts; /* of GBytes* */
} Shipped;

static Shipped
load(void)
{
  const gchar *data_dir = g_getenv("SIAGA_DATA_DIR");
  gchar *path = g_build_filename(data_dir, "fields.yaml", NULL);
  Shipped self = { .fields = siaga_fields_load(path, NULL),
                   .texts = g_ptr_array_new_with_free_func((GDestroyNotify) g_bytes_unref) };
  self.set = siaga_patterns_new(self.fields, &(SiagaPatternOptions){ .keep_samples = TRUE });
  siaga_patterns_load(self.set, data_dir, FALSE, NULL);
  siaga_patterns_finish(self.set, NULL);
  g_free(path);
  return self;
}

static void
unload(Shipped *self)
{
  g_ptr_array_unref(self->texts);
  siaga_patterns_free(self->set);
  siaga_fields_unref(self->fields);
}

static void
add_text(Shipped *self, const gchar *text, gsize length)
{
  g_ptr_array_add(self->texts, g_bytes_new(text, length));
}

static void
add_line(Shipped *self, const gchar *text, gsize length)
{
  SiagaArena *arena = siaga_arena_new();
  SiagaLine line;
  siaga_line_read(&line, text, length, &(SiagaTimeContext){ .year = 2026 }, arena);
  add_text(self, line.text, line.text_length);
  if (line.text_length != length)
    add_text(self, text, length);
  siaga_arena_free(arena);
}

static void
add_samples(Shipped *self, const GPtrArray *samples)
{
  for (guint i = 0; i < samples->len; i++)
    {
      const Sample *sample = samples->pdata[i];
      add_line(self, sample->line, sample->length);
    }
}

/* A byte that is another, is missing or stands there twice; an end that is cut off. */
static void
add_changed(Shipped *self, GRand *rand)
{
  static const gchar bytes[] = "\"'\\ []():,;-=/.%0aZ\t\n\xff";
  for (guint i = 0, n = self->texts->len; i < n; i++)
    {
      gsize length;
      const gchar *text = g_bytes_get_data(self->texts->pdata[i], &length);
      if (!length)
        continue;
      GString *changed = g_string_new_len(text, length);
      gsize at = g_rand_int_range(rand, 0, length);
      switch (g_rand_int_range(rand, 0, 4))
        {
        case 0:
          changed->str[at] = bytes[g_rand_int_range(rand, 0, sizeof bytes - 1)];
          break;
        case 1:
          g_string_erase(changed, at, 1);
          break;
        case 2:
          g_string_insert_c(changed, at, bytes[g_rand_int_range(rand, 0, sizeof bytes - 1)]);
          break;
        default:
          g_string_truncate(changed, at);
          break;
        }
      add_text(self, changed->str, changed->len);
      g_string_free(changed, TRUE);
    }
}

/* No sample, changed or not, comes near the limit with any expression. */
#define DEAR (EXPRESSION_LINE_WORK / 4)

static guint
compare_on_texts(const Shipped *self, const Expression *expression, const gchar *regex)
{
  guint gave_up = 0;
  pcre2_jit_compile(expression->code, PCRE2_JIT_COMPLETE);
  for (guint i = 0; i < self->texts->len; i++)
    {
      gsize length;
      const gchar *text = g_bytes_get_data(self->texts->pdata[i], &length);
      gave_up += !compare(expression->program, expression->code, regex, text, length);
    }
  return gave_up;
}

static gboolean
looks_behind(const gchar *regex)
{
  return strstr(regex, "(?<=") || strstr(regex, "(?<!");
}

/* PCRE2 says of a text of one byte that it matches, or that it could if it went on; that also where a look-ahead wants
 * to see more.  What a look-behind denies at the start of a text a program does not know.  That no match is missed, the
 * other tests show: siaga_program_run() asks the same. */
START_TEST(shipped_expressions_begin_with_no_byte_that_pcre2_denies)
{
  Shipped self = load();
  for (guint i = 0; i < self.set->patterns->len; i++)
    {
      const Pattern *pattern = self.set->patterns->pdata[i];
      const gboolean asked = pattern->format == FORMAT_GROK && !looks_behind(pattern->regex);
      for (guint byte = 0; byte < 256 && asked; byte++)
        {
          const guchar text = byte;
          int rc = pcre2_match(pattern->expression.code, &text, 1, 0, PCRE2_PARTIAL_HARD, data, context);
          ck_assert_msg(!(pattern->first[byte / 64] >> byte % 64 & 1) || rc != PCRE2_ERROR_NOMATCH,
                        "%s: cannot begin with byte %u", pattern->label, byte);
        }
    }
  unload(&self);
}
END_TEST

START_TEST(shipped_expressions_take_what_pcre2_takes)
{
  Shipped self = load();
  GRand *rand = g_rand_new_with_seed(7);
  guint expressions = 0, without = 0, gave_up = 0;
  dearest = 0;
  for (guint i = 0; i < self.set->patterns->len; i++)
    {
      const Pattern *pattern = self.set->patterns->pdata[i];
      add_samples(&self, pattern->samples);
      add_samples(&self, pattern->rejects);
    }
  add_changed(&self, rand);
  for (guint i = 0; i < self.set->patterns->len; i++)
    {
      const Pattern *pattern = self.set->patterns->pdata[i];
      if (pattern->format != FORMAT_GROK)
        continue;
      expressions++;
      if (pattern->expression.program)
        gave_up += compare_on_texts(&self, &pattern->expression, pattern->label);
      else
        without++;
      if (!pattern->expression.program && g_getenv("SIAGA_VERBOSE"))
        g_print("no program: %s\n", pattern->label);
    }
  if (g_getenv("SIAGA_VERBOSE"))
    g_print("%u expressions, %u without a program, %u texts, %u given up, a try costs at most %" G_GINT64_FORMAT "\n",
            expressions, without, self.texts->len, gave_up, dearest);
  ck_assert_uint_gt(expressions, 400);
  ck_assert_uint_le(without, expressions / 20);
  ck_assert_uint_eq(gave_up, 0);
  ck_assert_msg(dearest < DEAR, "a try of %s costs %" G_GINT64_FORMAT, dearest_label, dearest);
  g_rand_free(rand);
  unload(&self);
}
END_TEST

/* --- limits */

START_TEST(a_program_that_goes_back_too_often_gives_up)
{
  const gchar *regex = "(?<g0>(?:a|b|ab|ba)*)c$";
  Program *program = siaga_program_new(regex, strlen(regex), FALSE);
  gchar *text = g_strnfill(60000, 'a');
  Span group;
  run.work = 100000;
  ck_assert_int_eq(siaga_program_run(program, &run, text, 60000, &group, 1), PROGRAM_LIMIT);
  run.work = 100;
  ck_assert_int_eq(siaga_program_run(program, &run, "abc", 3, &group, 1), PROGRAM_YES);
  ck_assert_uint_eq(group.end, 2);
  run.work = -1;
  ck_assert_int_eq(siaga_program_run(program, &run, "abc", 3, &group, 1), PROGRAM_LIMIT);
  g_free(text);
  siaga_program_free(program);
}
END_TEST

START_TEST(what_only_pcre2_can_do_has_no_program)
{
  static const gchar *const regexes[] = { "(?<g0>a)\\1", "(?:a*)*b", "\\Qa\\E",   "a\\K",
                                          "(?R)",        "(*SKIP)a", "a{1,1000}", "(?:ab){1,1000}" };
  for (guint i = 0; i < G_N_ELEMENTS(regexes); i++)
    {
      Program *program = siaga_program_new(regexes[i], strlen(regexes[i]), FALSE);
      ck_assert_msg((program != NULL) == (i == 6), "%s", regexes[i]);
      siaga_program_free(program);
    }
}
END_TEST

int
main(void)
{
  TCase *cases = tcase_create("program");
  tcase_set_timeout(cases, 600);
  tcase_add_checked_fixture(cases, setup, teardown);
  tcase_add_test(cases, random_expressions_take_what_pcre2_takes);
  tcase_add_test(cases, shipped_expressions_begin_with_no_byte_that_pcre2_denies);
  tcase_add_test(cases, shipped_expressions_take_what_pcre2_takes);
  tcase_add_test(cases, a_program_that_goes_back_too_often_gives_up);
  tcase_add_test(cases, what_only_pcre2_can_do_has_no_program);
  return run_case("program", cases);
}
