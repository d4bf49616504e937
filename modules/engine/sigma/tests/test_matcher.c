/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Both backends against PCRE2 called directly, on crafted and on random expressions and subjects. */

#include "tests/harness/run.h"

#include <siaga/matcher.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const SiagaPlace place = { "test.yml", 3, 7 };

static const gchar *const backends[] = { "hs", "pcre2", "plain", "seldom" };

/* What PCRE2 says, without a prefilter. */
static pcre2_code *
oracle_new(const gchar *expression, gsize length, guint flags)
{
  int number;
  PCRE2_SIZE offset;
  guint32 options =
      (flags & SIAGA_MATCH_CASELESS ? PCRE2_CASELESS : 0) | (flags & SIAGA_MATCH_MULTILINE ? PCRE2_MULTILINE : 0) |
      (flags & SIAGA_MATCH_DOTALL ? PCRE2_DOTALL : 0) | (flags & SIAGA_MATCH_LITERAL ? PCRE2_LITERAL : 0) |
      (flags & SIAGA_MATCH_ANCHORED ? PCRE2_ANCHORED : 0) | (flags & SIAGA_MATCH_AT_END ? PCRE2_ENDANCHORED : 0);
  if (flags & SIAGA_MATCH_LITERAL)
    options &= ~(guint32) (PCRE2_MULTILINE | PCRE2_DOTALL);
  pcre2_code *code = pcre2_compile((PCRE2_SPTR) expression, length, options, &number, &offset, NULL);
  ck_assert_msg(code != NULL, "%s", expression);
  return code;
}

/* As pcre2_match() gives it back; a limit below the matcher's own tells what is undecided. */
static int
oracle(const pcre2_code *code, const gchar *subject, gsize length)
{
  static pcre2_match_context *context;
  if (!context)
    {
      context = pcre2_match_context_create(NULL);
      pcre2_set_match_limit(context, 5000);
    }
  pcre2_match_data *data = pcre2_match_data_create(1, NULL);
  int found = pcre2_match(code, (PCRE2_SPTR) subject, length, 0, 0, data, context);
  pcre2_match_data_free(data);
  return found;
}

static pcre2_code **
oracles_of(gchar **expressions, const guint *flags, guint count)
{
  pcre2_code **oracles = g_new(pcre2_code *, count);
  for (guint i = 0; i < count; i++)
    oracles[i] = oracle_new(expressions[i], strlen(expressions[i]), flags[i]);
  return oracles;
}

static void
oracles_free(pcre2_code **oracles, guint count)
{
  for (guint i = 0; i < count; i++)
    pcre2_code_free(oracles[i]);
  g_free(oracles);
}

static gboolean
bit(const guint64 *hits, guint n)
{
  return hits[n / 64] >> (n % 64) & 1;
}

static SiagaMatcher *
matcher_of(const gchar *backend, gchar **expressions, const guint *flags, guint count)
{
  SiagaMatcher *matcher = siaga_matcher_new(backend);
  for (guint i = 0; i < count; i++)
    ck_assert_int_eq(siaga_matcher_add(matcher, expressions[i], strlen(expressions[i]), flags[i], place, NULL),
                     (gint) i);
  ck_assert(siaga_matcher_compile(matcher, NULL));
  return matcher;
}

static void
check_subject(SiagaMatcher *matcher, gchar **expressions, const guint *flags, pcre2_code **oracles, guint count,
              const gchar *subject, gsize length)
{
  guint64 *hits = g_new0(guint64, siaga_matcher_words(matcher));
  guint found = siaga_matcher_scan(matcher, subject, length, hits);
  guint expected = 0;
  for (guint i = 0; i < count; i++)
    {
      int answer = oracle(oracles[i], subject, length);
      gboolean want = answer >= 0;
      if (answer < PCRE2_ERROR_NOMATCH)
        {
          expected += bit(hits, i);
          continue;
        }
      ck_assert_msg(bit(hits, i) == want, "%s: /%s/ flags %u on '%s': expected %d", siaga_matcher_backend(matcher),
                    expressions[i], flags[i], subject, want);
      expected += want;
    }
  ck_assert_uint_eq(found, expected);
  ck_assert_uint_eq(siaga_matcher_scan(matcher, subject, length, hits), 0);
  g_free(hits);
}

static void
check_subjects(const gchar *backend, gchar **expressions, const guint *flags, guint count, const gchar *const *subjects,
               guint subject_count)
{
  SiagaMatcher *matcher = matcher_of(backend, expressions, flags, count);
  pcre2_code **oracles = oracles_of(expressions, flags, count);
  for (guint i = 0; i < subject_count; i++)
    check_subject(matcher, expressions, flags, oracles, count, subjects[i], strlen(subjects[i]));
  oracles_free(oracles, count);
  siaga_matcher_free(matcher);
}

START_TEST(crafted)
{
  static const struct
  {
    const gchar *expression;
    guint flags;
  } all[] = {
    { "union", SIAGA_MATCH_LITERAL | SIAGA_MATCH_CASELESS },
    { "union", SIAGA_MATCH_LITERAL },
    { "/etc/passwd", SIAGA_MATCH_LITERAL | SIAGA_MATCH_AT_END },
    { "GET ", SIAGA_MATCH_LITERAL | SIAGA_MATCH_ANCHORED },
    { "GET /", SIAGA_MATCH_LITERAL | SIAGA_MATCH_ANCHORED | SIAGA_MATCH_AT_END },
    { "", SIAGA_MATCH_LITERAL },
    { "", SIAGA_MATCH_LITERAL | SIAGA_MATCH_CASELESS },
    { "", SIAGA_MATCH_LITERAL | SIAGA_MATCH_ANCHORED | SIAGA_MATCH_AT_END },
    { "a", SIAGA_MATCH_LITERAL | SIAGA_MATCH_CASELESS },
    { "ab", SIAGA_MATCH_LITERAL | SIAGA_MATCH_AT_END },
    { "a.c$[(", SIAGA_MATCH_LITERAL },
    { "un.?ion\\s+select", SIAGA_MATCH_CASELESS },
    { "(?<!x)union(?=.*select)", 0 },
    { "(u)nion \\1", SIAGA_MATCH_CASELESS },
    { "(a)?(?(1)b|c)", 0 },
    { "^GET$", SIAGA_MATCH_MULTILINE },
    { "^GET$", 0 },
    { "GET.POST", SIAGA_MATCH_DOTALL },
    { "GET.POST", 0 },
    { "(?:cat|dog|bird){2,}", 0 },
    { "x*", 0 },
    { "x*", SIAGA_MATCH_ANCHORED | SIAGA_MATCH_AT_END },
    { "a|b", SIAGA_MATCH_ANCHORED | SIAGA_MATCH_AT_END },
    { "(?i)PaSS(?-i)wd", 0 },
    { "(?x) uni on # comment", 0 },
    { "\\Qa.c\\E", 0 },
    { "[[:alpha:]]{5}\\x2f", 0 },
    { "a++b", 0 },
    { "(?>ab|a)c", 0 },
    { "\\bpasswd\\b", 0 },
    { "a{,3}b", 0 },
    { "a{2}", SIAGA_MATCH_CASELESS },
  };
  static const gchar *const subjects[] = {
    "",
    "a",
    "ab",
    "AB",
    "abc",
    "aac",
    "aab",
    "GET",
    "GET /",
    "GET /x",
    "GET\nPOST",
    "x\nGET\ny",
    "get /etc/passwd",
    "/etc/passwd\n",
    "1 UNION  SELECT 2",
    "1 uniion select",
    "union all select",
    "xunion select",
    "union u",
    "UNION U",
    "catdog",
    "cat dog",
    "xxx",
    "PASSwd",
    "pAssWD",
    "union",
    "a.c",
    "a.c$[(",
    "etcpa/",
    "b",
    "c",
    "a{,3}b",
    "b\n",
  };
  gchar *expressions[G_N_ELEMENTS(all)];
  guint flags[G_N_ELEMENTS(all)];
  for (guint i = 0; i < G_N_ELEMENTS(all); i++)
    {
      expressions[i] = (gchar *) all[i].expression;
      flags[i] = all[i].flags;
    }
  check_subjects(backends[_i], expressions, flags, G_N_ELEMENTS(all), subjects, G_N_ELEMENTS(subjects));
}
END_TEST

static void
random_regex(GRand *rand, GString *out, guint depth)
{
  static const gchar *const atoms[] = { "a",         "b",         "c",           "abc",     "cab",   ".",  "[ab]",
                                        "[^a]",      "\\d",       "\\w",         "B",       "'",     "='", "\\x61",
                                        "(?:[^=]*)", "\\s",       "\\W",         "\\n",     "[b-c]", "%2", "\\x3d",
                                        "(?s:.)",    "[^\\w\\n]", "[[:upper:]]", "[\\]='-]" };
  static const gchar *const places[] = { "\\b", "\\B", "\\A", "\\z", "\\Z", "^", "$" };
  static const gchar *const quantifiers[] = { "", "", "", "", "*", "+", "?", "{2}", "{1,3}", "+?", "*+", "{0,2}" };
  guint items = g_rand_int_range(rand, 1, 5);

  for (guint i = 0; i < items; i++)
    {
      gint kind = g_rand_int_range(rand, 0, 10);
      if (depth && kind < 2)
        {
          static const gchar *const openings[] = { "(", "(?:", "(?i:", "(?=", "(?!", "(?>" };
          g_string_append(out, openings[g_rand_int_range(rand, 0, G_N_ELEMENTS(openings))]);
          random_regex(rand, out, depth - 1);
          g_string_append(out, ")");
        }
      else if (kind == 2 && i)
        {
          g_string_append_c(out, '|');
          continue;
        }
      else if (kind == 3)
        {
          g_string_append(out, places[g_rand_int_range(rand, 0, G_N_ELEMENTS(places))]);
          continue;
        }
      else
        g_string_append(out, atoms[g_rand_int_range(rand, 0, G_N_ELEMENTS(atoms))]);
      g_string_append(out, quantifiers[g_rand_int_range(rand, 0, G_N_ELEMENTS(quantifiers))]);
    }
}

/* Most are short; some are long enough to be given up by the automaton on their way, some too long for it. */
static void
random_subject(GRand *rand, GString *out)
{
  static const gchar bytes[] = "aabbccABC1 \n'=%2";
  gint kind = g_rand_int_range(rand, 0, 100);
  gint length = kind < 3 ? 300 : g_rand_int_range(rand, 0, 14);
  g_string_truncate(out, 0);
  for (gint i = 0; i < length; i++)
    g_string_append_c(out, bytes[g_rand_int_range(rand, 0, sizeof bytes - 1)]);
  if (kind == 3)
    for (gint i = g_rand_int_range(rand, 4000, 5000); i > 0; i--)
      g_string_insert_c(out, length / 2, '-');
}

START_TEST(random_expressions)
{
  GRand *rand = g_rand_new_with_seed(20261121 + _i);
  GPtrArray *expressions = g_ptr_array_new_with_free_func(g_free);
  GArray *flags = g_array_new(FALSE, FALSE, sizeof(guint));
  GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);

  while (expressions->len < 120)
    {
      GString *text = g_string_new(NULL);
      random_regex(rand, text, 2);
      guint flag = g_rand_int_range(rand, 0, 64) & ~(guint) SIAGA_MATCH_LITERAL;
      if (g_rand_int_range(rand, 0, 3) == 0)
        flag |= SIAGA_MATCH_LITERAL;
      gchar *expression = g_string_free(text, FALSE);
      if (!g_hash_table_contains(seen, expression))
        {
          g_hash_table_add(seen, expression);
          g_ptr_array_add(expressions, expression);
          g_array_append_val(flags, flag);
        }
      else
        g_free(expression);
    }
  GString *subject = g_string_new(NULL);
  pcre2_code **oracles = oracles_of((gchar **) expressions->pdata, (guint *) flags->data, expressions->len);
  for (guint b = 0; b < G_N_ELEMENTS(backends); b++)
    {
      SiagaMatcher *matcher =
          matcher_of(backends[b], (gchar **) expressions->pdata, (guint *) flags->data, expressions->len);
      for (guint i = 0; i < 100; i++)
        {
          random_subject(rand, subject);
          check_subject(matcher, (gchar **) expressions->pdata, (guint *) flags->data, oracles, expressions->len,
                        subject->str, subject->len);
        }
      siaga_matcher_free(matcher);
    }
  oracles_free(oracles, expressions->len);
  g_string_free(subject, TRUE);
  g_hash_table_unref(seen);
  g_array_unref(flags);
  g_ptr_array_unref(expressions);
  g_rand_free(rand);
}
END_TEST

/* Few sequences stand for many words, and short ones reach over the ends of a text. */
START_TEST(many_words_and_short_texts_are_found_among_others)
{
  static const gchar *const subjects[] = {
    "&&",     "&&w7",      "x&&w399",  "x&&w400", "&w7&&",  "a&&b&&w12", "&&x12y", "x12",     "x12y", "7",
    "77",     "7a",        "a7",       "",        "..",     "a..",       "../",    "%2e",     "a%2E", "%2",
    "/a&&w3", "/?q=1&&w8", "/?q=1&w8", "ab;w5 ",  "ab; w5", "ab;  ",     ";w61",   "; ;w399", "w61",  "=;w399;",
  };
  gchar *expressions[30];
  guint flags[30];
  GString *words = g_string_new(NULL);
  for (guint i = 0; i < 400; i++)
    g_string_append_printf(words, "|w%u|x%uy?", i, i);
  expressions[0] = g_strdup_printf("&&(?:%s)(?:[^a]|$)", words->str + 1);
  expressions[1] = g_strdup_printf("(?:;|\\|)\\s*(?:%s)(?![;])", words->str + 1);
  expressions[2] = g_strdup("^\\d{1,2}$");
  expressions[3] = g_strdup("\\.\\.");
  expressions[4] = g_strdup("(?i)%2e");
  expressions[5] = g_strdup("^&&|&&$");
  for (guint i = 6; i < G_N_ELEMENTS(expressions); i++)
    expressions[i] = g_strdup_printf("^%cz%u$", 'a' + i % 26, i);
  for (guint i = 0; i < G_N_ELEMENTS(flags); i++)
    flags[i] = 0;
  check_subjects(backends[_i], expressions, flags, G_N_ELEMENTS(expressions), subjects, G_N_ELEMENTS(subjects));
  for (guint i = 0; i < G_N_ELEMENTS(expressions); i++)
    g_free(expressions[i]);
  g_string_free(words, TRUE);
}
END_TEST

START_TEST(equal_expressions_share_a_number)
{
  SiagaMatcher *matcher = siaga_matcher_new(backends[_i]);
  ck_assert_int_eq(siaga_matcher_add(matcher, "abc", 3, SIAGA_MATCH_LITERAL, place, NULL), 0);
  ck_assert_int_eq(siaga_matcher_add(matcher, "abc", 3, 0, place, NULL), 1);
  ck_assert_int_eq(siaga_matcher_add(matcher, "abc", 3, SIAGA_MATCH_LITERAL, place, NULL), 0);
  ck_assert_uint_eq(siaga_matcher_size(matcher), 2);
  siaga_matcher_free(matcher);
}
END_TEST

START_TEST(a_living_matcher_lends_what_it_compiled)
{
  gchar *expressions[] = { "union\\s+select", "a{2,5}z", "etc/passwd", "new[0-9]+" };
  guint flags[] = { 0, SIAGA_MATCH_CASELESS, SIAGA_MATCH_LITERAL, 0 };
  guint64 before = siaga_matcher_compilations(), hits = 0;
  SiagaMatcher *old = matcher_of(backends[_i], expressions, flags, 3);
  ck_assert_uint_eq(siaga_matcher_compilations() - before, 3);
  SiagaMatcher *new = matcher_of(backends[_i], expressions, flags, 4);
  ck_assert_uint_eq(siaga_matcher_compilations() - before, 4);
  siaga_matcher_free(old);
  siaga_matcher_scan(new, "new1 union select", 17, &hits);
  ck_assert_uint_eq(hits, 1 | 8);
  siaga_matcher_free(new);
}
END_TEST

/* Raw and canonical targets are two lists of nearly the same, and a reload has the same list again. */
START_TEST(an_expression_is_cut_once)
{
  const guint count = 24; /* gates are for many */
  SiagaMatcher *matchers[4];
  for (guint i = 0; i < 4; i++)
    {
      matchers[i] = siaga_matcher_new(backends[_i]);
      for (guint e = i % 2; e < count; e++)
        {
          gchar *text = g_strdup_printf("cut%u[0-9]+once", e);
          siaga_matcher_add(matchers[i], text, strlen(text), 0, place, NULL);
          g_free(text);
        }
    }
  guint64 before = siaga_matcher_cuts();
  ck_assert(siaga_matchers_compile(matchers, 2, NULL));
  ck_assert_uint_eq(siaga_matcher_cuts() - before, _i >= 2 ? 0 : count);
  before = siaga_matcher_cuts();
  ck_assert(siaga_matchers_compile(matchers + 2, 2, NULL));
  ck_assert_uint_eq(siaga_matcher_cuts() - before, 0);
  for (guint i = 0; i < 4; i++)
    siaga_matcher_free(matchers[i]);
}
END_TEST

/* Twelve at once, of four kinds: each says what it would say alone. */
START_TEST(matchers_are_compiled_side_by_side)
{
  SiagaMatcher *matchers[12];
  for (guint i = 0; i < 12; i++)
    {
      matchers[i] = siaga_matcher_new(backends[_i]);
      for (guint e = 0; e < 30; e++)
        {
          gchar *expression = g_strdup_printf("kind%u-%u[0-9]x", i % 4, e);
          ck_assert_int_eq(siaga_matcher_add(matchers[i], expression, strlen(expression), 0, place, NULL), (gint) e);
          g_free(expression);
        }
    }
  ck_assert(siaga_matchers_compile(matchers, 12, NULL));
  for (guint i = 0; i < 12; i++)
    {
      const gchar *subject = "kind0-111x kind1-222x kind2-2x kind3-05x";
      const guint64 expected[] = { 1 << 11, 1 << 22, 0, 1 << 0 };
      guint64 hits = 0;
      siaga_matcher_scan(matchers[i], subject, strlen(subject), &hits);
      ck_assert_uint_eq(hits, expected[i % 4]);
      siaga_matcher_free(matchers[i]);
    }
}
END_TEST

START_TEST(every_byte_may_be_told_from_every_other)
{
  SiagaMatcher *matcher = siaga_matcher_new(backends[_i]);
  for (guint c = 0; c < 256; c++)
    {
      gchar *expression = g_strdup_printf("qz\\x%02x", c);
      ck_assert_int_eq(siaga_matcher_add(matcher, expression, strlen(expression), 0, place, NULL), c);
      g_free(expression);
    }
  ck_assert(siaga_matcher_compile(matcher, NULL));
  for (guint c = 0; c < 256; c++)
    {
      const gchar subject[] = { 'q', 'z', (gchar) c, 'q', 'z' };
      guint64 hits[4] = { 0 };
      guint found = siaga_matcher_scan(matcher, subject, sizeof subject, hits);
      ck_assert_msg(found == 1 && bit(hits, c), "byte %02x: %u found", c, found);
    }
  siaga_matcher_free(matcher);
}
END_TEST

START_TEST(bad_expression_names_its_place)
{
  SiagaDiag *diag = siaga_diag_new();
  GString *text = g_string_new(NULL);
  SiagaMatcher *matcher = siaga_matcher_new(backends[_i]);

  ck_assert_int_eq(siaga_matcher_add(matcher, "a(b", 3, 0, place, diag), -1);
  ck_assert_uint_eq(siaga_diag_size(diag), 1);
  siaga_diag_format(siaga_diag_get(diag, 0), text);
  ck_assert_str_eq(text->str, "test.yml:3:7: error: regular expression: missing closing parenthesis at offset 3: ...a(b <-- here");
  ck_assert(siaga_matcher_compile(matcher, diag));
  ck_assert_uint_eq(siaga_matcher_scan(matcher, "ab", 2, NULL), 0);
  siaga_matcher_free(matcher);
  g_string_free(text, TRUE);
  siaga_diag_free(diag);
}
END_TEST

START_TEST(text_beyond_ascii)
{
  gchar *expressions[] = { "^.\xc3\xa9$", "\\x{263a}", "[\xc3\xa9\xc3\xa8]t\xc3\xa9", "sant\xc3\xa9" };
  guint flags[] = { 0, 0, SIAGA_MATCH_CASELESS, SIAGA_MATCH_LITERAL | SIAGA_MATCH_CASELESS };
  static const struct
  {
    const gchar *subject;
    guint hits;
  } cases[] = {
    { "\xc3\xa8\xc3\xa9", 1 }, { "a\xc3\xa9", 1 }, { "\xff\xe2\x98\xba", 2 }, { "\xc3\x89T\xc3\x89", 4 },
    { "SANT\xc3\xa9", 8 },     { "\xc3", 0 },      { "sant\xc3", 0 },
  };
  SiagaMatcher *matcher = matcher_of(backends[_i], expressions, flags, 4);
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      guint64 hits = 0;
      siaga_matcher_scan(matcher, cases[i].subject, strlen(cases[i].subject), &hits);
      ck_assert_msg(hits == cases[i].hits, "case %u: %u", i, (guint) hits);
    }
  siaga_matcher_free(matcher);
}
END_TEST

/* LENGTH bytes of WORDS in front of a page that nobody may read. */
static gchar *
text_before(gchar *forbidden, const gchar *words, gsize length)
{
  gchar *text = forbidden - length;
  for (gsize i = 0; i < length; i++)
    text[i] = words[i % strlen(words)];
  return text;
}

START_TEST(nothing_behind_a_text_is_read)
{
  static gchar *words[] = { "bat", "cat", "mat", "rat", "fat", "sat", "pat", "hat", "vat", "gnat", "slat", "brat" };
  const gsize page = sysconf(_SC_PAGESIZE);
  guint flags[G_N_ELEMENTS(words)];
  gchar *memory = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ck_assert(memory != MAP_FAILED && mprotect(memory + page, page, PROT_NONE) == 0);

  for (guint i = 0; i < G_N_ELEMENTS(words); i++)
    flags[i] = SIAGA_MATCH_LITERAL | SIAGA_MATCH_CASELESS;
  SiagaMatcher *matcher = matcher_of(backends[_i], words, flags, G_N_ELEMENTS(words));
  pcre2_code **oracles = oracles_of(words, flags, G_N_ELEMENTS(words));
  for (gsize length = 0; length <= 200; length++)
    check_subject(matcher, words, flags, oracles, G_N_ELEMENTS(words),
                  text_before(memory + page, "VAt hat pat sat fat rat mat ca", length), length);
  oracles_free(oracles, G_N_ELEMENTS(words));
  siaga_matcher_free(matcher);
  munmap(memory, 2 * page);
}
END_TEST

START_TEST(nul_bytes_are_bytes)
{
  gchar *expressions[] = { "ab\\x00CD", "[\\x00&]x=" };
  guint flags[] = { SIAGA_MATCH_CASELESS, 0 };
  guint64 hits = 0;
  SiagaMatcher *matcher = siaga_matcher_new(backends[_i]);
  for (guint i = 0; i < 2; i++)
    ck_assert_int_eq(siaga_matcher_add(matcher, expressions[i], strlen(expressions[i]), flags[i], place, NULL),
                     (gint) i);
  ck_assert_int_eq(siaga_matcher_add(matcher, "q\0rs", 4, SIAGA_MATCH_LITERAL, place, NULL), 2);
  ck_assert(siaga_matcher_compile(matcher, NULL));
  siaga_matcher_scan(matcher, "--AB\0cd-\0x=-q\0rs", 17, &hits);
  ck_assert_uint_eq(hits, 7);
  siaga_matcher_free(matcher);
}
END_TEST

START_TEST(runaway_expression_is_counted)
{
  gchar *expressions[] = { "(a+)+\\1c\\d", "b$" };
  guint flags[] = { 0, 0 };
  gchar *subject = g_strnfill(30000, 'a');
  guint64 hits = 0;

  subject[29999] = 'b';
  subject[29000] = 'c';
  SiagaMatcher *matcher = matcher_of(backends[_i], expressions, flags, 2);
  clock_t start = clock(); /* processor time, in microseconds on POSIX: machines are shared */
  siaga_matcher_scan(matcher, subject, 30000, &hits);
  ck_assert_int_lt(clock() - start, 2000000);
  ck_assert_uint_eq(hits, 2);
  siaga_matcher_free(matcher);
  g_free(subject);
}
END_TEST

START_TEST(unconfirmed_hits_are_a_superset)
{
  gchar *expressions[] = { "(?<=GET )/admin" };
  guint flags[] = { SIAGA_MATCH_UNCONFIRMED };
  guint64 hits = 0;
  SiagaMatcher *matcher = matcher_of(backends[_i], expressions, flags, 1);
  siaga_matcher_scan(matcher, "GET /admin", 10, &hits);
  ck_assert_uint_eq(hits, 1);
  hits = 0;
  siaga_matcher_scan(matcher, "GET /index", 10, &hits);
  ck_assert_uint_eq(hits, 0);
  siaga_matcher_free(matcher);
}
END_TEST

static gpointer
scan_in_a_thread(gpointer data)
{
  guint64 hits = 0;
  for (guint i = 0; i < 1000; i++)
    {
      hits = 0;
      siaga_matcher_scan(data, "xx union select yy", 18, &hits);
    }
  return GUINT_TO_POINTER((guint) hits);
}

START_TEST(threads_share_a_matcher)
{
  gchar *expressions[] = { "union\\s+select", "never", "yy" };
  guint flags[] = { 0, SIAGA_MATCH_LITERAL, SIAGA_MATCH_LITERAL | SIAGA_MATCH_AT_END };
  SiagaMatcher *matcher = matcher_of(backends[_i], expressions, flags, 3);
  SiagaMatcher *twin = matcher_of(backends[_i], expressions, flags, 3);
  GThread *threads[4];
  for (guint i = 0; i < 4; i++)
    threads[i] = g_thread_new("scan", scan_in_a_thread, i % 2 ? matcher : twin);
  for (guint i = 0; i < 4; i++)
    ck_assert_uint_eq(GPOINTER_TO_UINT(g_thread_join(threads[i])), 5);
  siaga_matcher_free(matcher);
  ck_assert_uint_eq(GPOINTER_TO_UINT(scan_in_a_thread(twin)), 5);
  siaga_matcher_free(twin);
}
END_TEST

int
main(void)
{
  TCase *tests = tcase_create("matcher");
  tcase_set_timeout(tests, 60);
  tcase_add_loop_test(tests, crafted, 0, 3);
  tcase_add_loop_test(tests, random_expressions, 0, 12);
  tcase_add_loop_test(tests, many_words_and_short_texts_are_found_among_others, 0, 3);
  tcase_add_loop_test(tests, equal_expressions_share_a_number, 0, 3);
  tcase_add_loop_test(tests, a_living_matcher_lends_what_it_compiled, 0, 3);
  tcase_add_loop_test(tests, an_expression_is_cut_once, 0, 3);
  tcase_add_loop_test(tests, matchers_are_compiled_side_by_side, 0, 3);
  tcase_add_loop_test(tests, every_byte_may_be_told_from_every_other, 0, 3);
  tcase_add_loop_test(tests, bad_expression_names_its_place, 0, 3);
  tcase_add_loop_test(tests, text_beyond_ascii, 0, 3);
  tcase_add_loop_test(tests, nothing_behind_a_text_is_read, 0, 3);
  tcase_add_loop_test(tests, nul_bytes_are_bytes, 0, 3);
  tcase_add_loop_test(tests, runaway_expression_is_counted, 0, 3);
  tcase_add_loop_test(tests, unconfirmed_hits_are_a_superset, 0, 2);
  tcase_add_loop_test(tests, threads_share_a_matcher, 0, 3);
  return run_case("matcher", tests);
}
