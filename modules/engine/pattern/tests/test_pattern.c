/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The pattern engine: expansion, errors with their places, formats, order, hostile lines. */

#include "engine/pattern/private.h"
#include "tests/harness/run.h"

#include <string.h>

#include <glib/gstdio.h>

static SiagaFields *fields;
static SiagaDiag *diag;
static SiagaPatternSet *set;
static SiagaEvent *event;
static SiagaArena *arena;
static gchar *folder;

static gchar *
data_path(const gchar *name)
{
  return g_build_filename(g_getenv("SIAGA_DATA_DIR"), name, NULL);
}

static void
setup(void)
{
  gchar *path = data_path("fields.yaml");
  gchar *grok = data_path("grok");
  SiagaPatternOptions options = { .keep_samples = TRUE };
  fields = siaga_fields_load(path, NULL);
  ck_assert_ptr_nonnull(fields);
  diag = siaga_diag_new();
  set = siaga_patterns_new(fields, &options);
  ck_assert(siaga_patterns_load(set, grok, FALSE, diag));
  event = siaga_event_new(fields);
  arena = siaga_arena_new();
  folder = g_dir_make_tmp("siaga-pattern-XXXXXX", NULL);
  g_free(grok);
  g_free(path);
}

static void
remove_folder(void)
{
  GDir *dir = g_dir_open(folder, 0, NULL);
  const gchar *name;
  while ((name = g_dir_read_name(dir)))
    {
      gchar *path = g_build_filename(folder, name, NULL);
      g_unlink(path);
      g_free(path);
    }
  g_dir_close(dir);
  g_rmdir(folder);
}

static void
teardown(void)
{
  remove_folder();
  g_free(folder);
  siaga_arena_free(arena);
  siaga_event_free(event);
  siaga_patterns_free(set);
  siaga_fields_unref(fields);
  siaga_diag_free(diag);
}

static gboolean
load_text(const gchar *name, gboolean local, const gchar *text)
{
  gchar *path = g_build_filename(folder, name, NULL);
  ck_assert(g_file_set_contents(path, text, -1, NULL));
  gboolean ok = siaga_patterns_load(set, path, local, diag);
  g_free(path);
  return ok;
}

static void
assert_message(const gchar *expected)
{
  GString *all = g_string_new(NULL);
  gboolean found = FALSE;
  for (guint i = 0; i < siaga_diag_size(diag); i++)
    {
      siaga_diag_format(siaga_diag_get(diag, i), all);
      g_string_append_c(all, '\n');
      found = strstr(all->str, expected) != NULL;
      if (found)
        break;
    }
  ck_assert_msg(found, "expected '%s', got:\n%s", expected, all->str);
  g_string_free(all, TRUE);
}

static gboolean
match(const gchar *raw, gssize length, const gchar *program)
{
  SiagaTimeContext context = { .year = 2026 };
  SiagaLine line;
  siaga_arena_reset(arena);
  siaga_line_read(&line, raw, length < 0 ? strlen(raw) : (gsize) length, &context, arena);
  if (program)
    {
      line.program = program;
      line.program_length = strlen(program);
    }
  return siaga_patterns_match(set, &line, &context, event);
}

static void
assert_field(const gchar *name, const gchar *expected)
{
  gchar buffer[40];
  gsize length;
  const SiagaValue *value = siaga_event_get(event, siaga_fields_lookup(fields, name, -1));
  ck_assert_msg((value != NULL) == (expected != NULL), "%s is %s", name, value ? "there" : "absent");
  if (!value)
    return;
  const gchar *text = siaga_value_text(value, buffer, &length);
  ck_assert_msg(strlen(expected) == length && memcmp(expected, text, length) == 0, "%s is '%.*s', expected '%s'", name,
                (int) length, text, expected);
}

/* Junk as clients send it, LENGTH bytes of it, without blanks and quotes. */
static GString *
junk_of(gsize length)
{
  GString *junk = g_string_new("/");
  while (junk->len < length)
    g_string_append(junk, "a/%27+or+b=c&");
  return junk;
}

#define FILE_OF(patterns) "dataset: t\nfamily: web\npatterns:\n" patterns
#define PATTERN(match) FILE_OF("  - { id: a, samples: [x], match: '" match "' }\n")

static const struct
{
  const gchar *text;
  const gchar *message;
} mistakes[] = {
  /* file                                  message */
  { "family: web\npatterns: []\n", "t.yaml:1:1: error: expected 'dataset:'" },
  { "dataset: t\nfamily: wab\npatterns: []\n", "t.yaml:2:9: error: expected 'family:' web, dns or auth" },
  { "dataset: t\nfamily: web\n", "error: expected 'patterns:' with a list" },
  { "dataset: t\nfamily: web\nbogus: 1\npatterns: []\n", "t.yaml:3:1: error: unknown key 'bogus'" },
  { "dataset: t\nfamily: web\nformat: xml\npatterns: []\n", "t.yaml:3:9: error: expected 'format:'" },
  { "- a\n", "t.yaml:1:1: error: expected a pattern file" },
  { "a: [\n", "error: not YAML" },
  { PATTERN("^%{NOPE}$"), "t.yaml:4:37: error: unknown macro '%{NOPE}'" },
  { PATTERN("^\xc3\xa9 %{NOPE}$"), "t.yaml:4:39: error: unknown macro '%{NOPE}'" }, /* columns are characters */
  { PATTERN("^''%{NOPE}$"), "t.yaml:4:35: error: unknown macro '%{NOPE}'" },        /* an escape: where it begins */
  { FILE_OF("  - id: a\n    samples: [x]\n    match: >-\n      ^a\n      %{NOPE}$\n"),
    "t.yaml:6:12: error: unknown macro '%{NOPE}'" },
  { PATTERN("^%{INT:source.port} %{WORD:user.name}("),
    "t.yaml:4:74: error: not a regular expression: missing closing" },
  { PATTERN("^%{INT:source.prt}$"), "unknown field 'source.prt'; did you mean 'source.port'?" },
  { FILE_OF("  - { id: a, match: '^a$', set: { event.category: authentikation }, samples: [a] }\n"),
    "'authentikation' is no value of event.category; did you mean 'authentication'?" },
  { PATTERN("^%{INT:source.port:float}$"),
    "'source.port' takes no conversion, int, hex, seconds, ms or us; found 'float'" },
  { PATTERN("^%{DATA:@timestamp}$"), "'@timestamp' takes time(httpdate|" },
  { PATTERN("^%{DATA:@timestamp:time(nope)}$"), "found 'time(nope)'" },
  { PATTERN("^%{DATA"), "'}' is missing behind '%{DATA" },
  { PATTERN("^%{INT:source.port by %{DATA:user.name}$"), "'}' is missing behind '%{INT:source.port by" },
  { PATTERN("^%{HOSTNAM}$"), "unknown macro '%{HOSTNAM}'; did you mean 'HOSTNAME'?" },
  { PATTERN("^(?J)(?<g0>a)%{INT:source.port}"), "the group 'g0' stands there twice" },
  { PATTERN("^[%{SPACE:user.name}]"), "the field of group 'g0' stands where no group can be" },
  { PATTERN("^%{}"), "expected %{MACRO}" },
  { PATTERN("^(a"), "missing closing parenthesis, at offset 3" },
  { FILE_OF("  - { id: a, match: '^a$' }\n"), "the pattern 'a' has no sample" },
  { FILE_OF("  - { id: a, match: '^a$', samples: [a] }\n  - { id: a, match: '^b$', samples: [b] }\n"),
    "t.yaml:5:11: error: the id 'a' is taken" },
  { FILE_OF("  - { id: a b, match: '^a$', samples: [a] }\n"), "expected 'id:' of letters" },
  { FILE_OF("  - { id: a, match: '^a$', samples: [a], optional: source.ip }\n"),
    "the pattern does not fill the field 'source.ip'" },
  { FILE_OF("  - { id: a, match: '^a$', samples: [a], case: maybe }\n"), "expected 'case: insensitive'" },
  { FILE_OF("  - { id: a, match: '^a$', samples: [a], set: { source.port: x } }\n"), "expected an integer, got 'x'" },
  { FILE_OF("  - { id: a, match: '^a$', samples: [{ line: a, fields: { a.b: 1 } }] }\n"), "unknown field 'a.b'" },
  { FILE_OF("  - { id: a, match: '^a$', samples: [{ line: a, year: soon }] }\n"), "expected a year" },
  { FILE_OF("  - { id: a, match: '^%{X}$', samples: [a] }\n") "grok: { X: 'a%{Y}', Y: '%{X}' }\n",
    "the macro '%{X}' contains itself" },
  { "dataset: t\nfamily: web\nformat: json\npatterns:\n  - { id: a, samples: [a] }\n", "expected 'keys:'" },
  { "dataset: t\nfamily: web\nformat: json\npatterns:\n  - { id: a, match: x, keys: { a: message }, samples: [a] }\n",
    "unknown key 'match'" },
};

START_TEST(mistakes_name_their_place)
{
  ck_assert(!load_text("t.yaml", FALSE, mistakes[_i].text));
  assert_message(mistakes[_i].message);
  siaga_patterns_finish(set, diag);
  ck_assert(!match("x", -1, NULL));
}
END_TEST

/* Behind a macro, whatever that became.  How far PCRE2 reads before it complains differs by release: it is asked. */
START_TEST(a_mistake_behind_a_macro_is_told_where_it_stands)
{
  int error;
  PCRE2_SIZE offset;
  ck_assert_ptr_null(pcre2_compile((PCRE2_SPTR) "[z-a] x", PCRE2_ZERO_TERMINATED, 0, &error, &offset, NULL));
  gchar *expected = g_strdup_printf("t.yaml:4:%u: error: not a regular expression: range out of order",
                                    (guint) (36 + strlen("^%{INT:source.port}") + offset));
  ck_assert(!load_text("t.yaml", FALSE, PATTERN("^%{INT:source.port}[z-a] x")));
  assert_message(expected);
  g_free(expected);
}
END_TEST

static const struct
{
  const gchar *text;
  const gchar *messages[3];
} macros[] = {
  /* .grok file                       what is said of it, nothing of who uses it */
  { "A a(\nB %{A}\n", { "t.grok:1:5: error: not a regular expression: missing closing parenthesis" } },
  { "B %{A}\nA x%{C}y\n\n# C\nC [\n", { "t.grok:5:4: error: not a regular expression: missing terminating ]" } },
  { "A %{WORDD}\n", { "t.grok:1:3: error: unknown macro '%{WORDD}'; did you mean 'WORD'?" } },
  { "A %{B}\nB %{A}\nC %{A}\n", { "t.grok:1:1: error: the macro '%{A}' contains itself" } },
  { "A %{WORD:user.nam}\nB (\n",
    { "t.grok:1:3: error: unknown field 'user.nam'; did you mean 'user.name'?",
      "t.grok:2:4: error: not a regular expression: missing closing parenthesis" } },
  { "A )\nA b\n", { NULL } },                                     /* the later one counts */
  { "Q (?<q>[\"'])\nQUOTED %{Q}.*\\k<q>\nA \\k<q>\n", { NULL } }, /* a part may speak of another's group */
};

START_TEST(a_macro_is_looked_at_whether_it_is_used_or_not)
{
  guint expected = 0;
  load_text("t.grok", TRUE, macros[_i].text);
  ck_assert_int_eq(siaga_patterns_finish(set, diag), !macros[_i].messages[0]);
  for (; macros[_i].messages[expected]; expected++)
    assert_message(macros[_i].messages[expected]);
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_ERROR), expected);
}
END_TEST

static void
append_macro_name(GString *out, guint n)
{
  static const gchar letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  g_string_append_printf(out, "%c%c%c", letters[n / 62 / 62], letters[n / 62 % 62], letters[n % 62]);
}

/* Each within the next, as many as a megabyte holds: nobody goes down as far as that reaches. */
START_TEST(macros_are_followed_as_deep_as_they_may_be)
{
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < 93000; i++)
    {
      append_macro_name(text, i);
      g_string_append(text, " %{");
      append_macro_name(text, i + 1);
      g_string_append(text, "}\n");
    }
  append_macro_name(text, 93000);
  g_string_append(text, " a\n");
  load_text("t.grok", TRUE, text->str);
  ck_assert(!siaga_patterns_finish(set, diag));
  assert_message("t.grok:17:5: error: macros nested deeper than 16 at '%{AAh}'");
  g_string_free(text, TRUE);
}
END_TEST

START_TEST(a_macro_of_a_pattern_file_is_looked_at_too)
{
  ck_assert(!load_text("t.yaml", FALSE, FILE_OF("  - { id: a, match: '^a$', samples: [a] }\n") "grok: { X: 'a[' }\n"));
  assert_message("t.yaml:5:15: error: not a regular expression: missing terminating ]");
}
END_TEST

START_TEST(one_bad_pattern_leaves_the_others)
{
  ck_assert(!load_text("t.yaml", FALSE,
                       FILE_OF("  - { id: bad, match: '^(', samples: [x] }\n"
                               "  - { id: good, match: '^good %{WORD:user.name}$', samples: [good x] }\n")));
  siaga_patterns_finish(set, diag);
  ck_assert_uint_eq(siaga_patterns_size(set), 1);
  ck_assert(match("good siti", -1, NULL));
  assert_field("user.name", "siti");
  assert_field("siaga.pattern", "t/good");
}
END_TEST

START_TEST(a_local_file_replaces_and_needs_no_sample)
{
  ck_assert(load_text("a.yaml", FALSE, FILE_OF("  - { id: a, match: '^shipped$', samples: [shipped] }\n")));
  ck_assert(load_text("b.yaml", TRUE, FILE_OF("  - { id: a, match: '^local$' }\n")));
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_WARNING), 1);
  siaga_patterns_finish(set, diag);
  ck_assert(match("local", -1, NULL));
  ck_assert(!match("shipped", -1, NULL));
}
END_TEST

START_TEST(the_first_group_that_took_part_fills_the_field)
{
  ck_assert(load_text("t.yaml", FALSE,
                      FILE_OF("  - { id: a, samples: [x=1 a], match: '^(?:x=%{INT:source.port}|y=%{INT:source.port}) "
                              "%{WORD:tags}(?: %{WORD:tags})?$', set: { event.outcome: unknown, tags: [s] } }\n")));
  siaga_patterns_finish(set, diag);
  ck_assert(match("y=22 a b", -1, NULL));
  assert_field("source.port", "22");
  const SiagaValue *tag = siaga_event_get(event, SIAGA_F_TAGS);
  guint tags = 0;
  for (; tag; tag = siaga_event_next(event, tag))
    tags++;
  ck_assert_uint_eq(tags, 3);
}
END_TEST

START_TEST(djbdns_numbers_are_converted)
{
  ck_assert(load_text("t.yaml", FALSE,
                      FILE_OF("  - { id: a, samples: [x], match: '^%{NOTSPACE:source.address:hex} "
                              "%{NOTSPACE:source.port:hex} %{NOTSPACE:dns.question.type:rrtype}$' }\n")));
  siaga_patterns_finish(set, diag);
  ck_assert(match("c0000207 b4c8 001c", -1, NULL));
  assert_field("source.ip", "192.0.2.7");
  assert_field("source.port", "46280");
  assert_field("dns.question.type", "AAAA");
  ck_assert(match("20010db8000000000000000000000007 35 65", -1, NULL));
  assert_field("source.ip", "2001:db8::7");
  assert_field("source.port", "53");
  assert_field("dns.question.type", "HTTPS");
  ck_assert(match("c000020 123456789 ff00", -1, NULL));
  assert_field("source.address", "c000020");
  assert_field("source.ip", NULL);
  assert_field("source.port", NULL);
  assert_field("dns.question.type", "TYPE65280");
  ck_assert(match("c000020g x 99999999999", -1, NULL));
  assert_field("source.ip", NULL);
  assert_field("dns.question.type", "99999999999");
}
END_TEST

START_TEST(text_of_json_is_converted)
{
  ck_assert(load_text(
      "t.yaml", FALSE,
      FILE_OF("  - { id: a, samples: [x], match: '^%{NOTSPACE:url.original:json} %{NOTSPACE:user.name:json}$' }\n")));
  siaga_patterns_finish(set, diag);
  ck_assert(match("\\/index.php\\/login b\\u00fcdi\\\"", -1, NULL));
  assert_field("url.original", "/index.php/login");
  assert_field("user.name", "b\xc3\xbc"
                            "di\"");
  ck_assert(match("/a\\u00 DESA\\siti", -1, NULL));
  assert_field("url.original", "/a\\u00");
  assert_field("user.name", "DESA\\siti");
}
END_TEST

START_TEST(values_are_converted)
{
  ck_assert(load_text("t.yaml", FALSE,
                      FILE_OF("  - { id: a, samples: [x], match: '^%{NOTSPACE:source.address} %{NOTSPACE:source.port} "
                              "%{NOTSPACE:event.duration:seconds} %{NOTSPACE:user_agent.original:plus} "
                              "%{NOTSPACE:url.path:percent} %{NOTSPACE:user.name} %{NOTSPACE:destination.ip}$' }\n")));
  siaga_patterns_finish(set, diag);
  ck_assert(match("2001:db8::1%eth0 65 0.25 a+b /%41%2 - nonsense", -1, NULL));
  assert_field("source.address", "2001:db8::1%eth0");
  assert_field("source.ip", "2001:db8::1");
  assert_field("source.port", "65");
  assert_field("event.duration", "250000000");
  assert_field("user_agent.original", "a b");
  assert_field("url.path", "/A%2");
  assert_field("user.name", NULL);
  assert_field("destination.ip", NULL);
  ck_assert(match("www.example.go.id 99999999999999999999 x a b c d", -1, NULL));
  assert_field("source.ip", NULL);
  assert_field("source.port", NULL);
}
END_TEST

static const struct
{
  const gchar *text;
  gboolean is_ip;
} addresses[] = {
  { "192.0.2.1", TRUE },
  { "256.0.2.1", FALSE },
  { "192.0.2", FALSE },
  { "192.0.2.1.", FALSE },
  { "::", TRUE },
  { "::1", TRUE },
  { "2001:db8::", TRUE },
  { "2001:db8::1::", FALSE },
  { "1:2:3:4:5:6:7:8", TRUE },
  { "1:2:3:4:5:6:7", FALSE },
  { "1:2:3:4:5:6:7:8:9", FALSE },
  { "::ffff:192.0.2.1", TRUE },
  { "12345::", FALSE },
  { ":1:2:3:4:5:6:7", FALSE },
  { "fe80::1%eth0", TRUE },
  { "[2001:db8::1]", TRUE },
  { "1:2:3:4:5:6:7:", FALSE },
  { "1::2:3:4:5:6:7", TRUE },
  { "1:2:3:4:5:6:192.0.2.1", TRUE },
  { "12:30:45", FALSE },
};

START_TEST(addresses_are_told_apart)
{
  ck_assert(
      load_text("t.yaml", FALSE, FILE_OF("  - { id: a, samples: [x], match: '^%{NOTSPACE:source.address}$' }\n")));
  siaga_patterns_finish(set, diag);
  ck_assert(match(addresses[_i].text, -1, NULL));
  ck_assert_msg(siaga_event_has(event, SIAGA_F_SOURCE_IP) == addresses[_i].is_ip, "%s", addresses[_i].text);
}
END_TEST

START_TEST(time_comes_from_the_line_then_from_the_header)
{
  gchar buffer[40];
  ck_assert(load_text("t.yaml", FALSE,
                      "dataset: t\nfamily: web\napplies-to: { program: [app*, other] }\npatterns:\n"
                      "  - { id: a, samples: [x], match: '^at (?:%{NOTSPACE:@timestamp:time(iso8601)})?$' }\n"));
  siaga_patterns_finish(set, diag);
  ck_assert(match("Jan 24 01:37:00 web1 apple[7]: at 2026-01-24T00:00:00Z", -1, NULL));
  ck_assert_int_eq(event->time_kind, SIAGA_TIME_LINE);
  ck_assert_str_eq(siaga_time_format(event->time, buffer), "2026-01-24T00:00:00Z");
  assert_field("process.name", "apple");
  assert_field("process.pid", "7");
  assert_field("host.hostname", "web1");
  ck_assert(match("Jan 24 01:37:00 web1 other: at 2026-99-24T00:00:00Z", -1, NULL));
  ck_assert_int_eq(event->time_kind, SIAGA_TIME_HEADER);
  ck_assert_str_eq(siaga_time_format(event->time, buffer), "2026-01-24T01:37:00Z");
  ck_assert(match("at ", -1, "/usr/bin/application"));
  ck_assert_int_eq(event->time_kind, SIAGA_TIME_NONE);
  ck_assert(!match("at ", -1, "zapp"));
  SiagaPatternInfo info;
  siaga_patterns_info(set, 0, &info);
  ck_assert_uint_eq(info.matched, 3);
  ck_assert_uint_eq(info.bad_times, 1);
}
END_TEST

/* Programs that write their own files: a pattern for what they say finds the time that it does not read. */
START_TEST(a_stamp_is_found_where_programs_put_it)
{
  static const gchar *const cases[][2] = {
    { "Sat Jan 24 01:37:00 2026 [pid 7] refused", "2026-01-24T01:37:00Z" },
    { "[24/Jan/2026:08:37:00 +0700] refused", "2026-01-24T01:37:00Z" },
    { "[24-Jan-2026 08:37:00 +0700]: refused", "2026-01-24T01:37:00Z" },
    { "[20260124-01:37:00] [INFO ] refused", "2026-01-24T01:37:00Z" },
    { "\"2026-01-24 01:37:00\"\trefused", "2026-01-24T01:37:00Z" },
    { "01/24/2026 01:37:00,Logon,refused", "2026-01-24T01:37:00Z" },
    { "logger=context t=2026-01-24T08:37:00+0700 refused=1", "2026-01-24T01:37:00Z" },
    { "{\"msg\":\"refused\",\"time\":\"2026-01-24T08:37:00+07:00\"}", "2026-01-24T01:37:00Z" },
    /* FortiOS, Sophos */
    { "date=2026-01-24 time=08:37:00 devname=\"fw\" eventtime=1769218620123456789 tz=\"+0700\" refused=1",
      "2026-01-24T01:37:00Z" },
    { "date=2026-01-24 time=01:37:00 devname=fw user=\"x\" action=refused", "2026-01-24T01:37:00Z" },
    { "device=\"SFW\" date=2026-01-24 time=01:37:00 status=\"refused\"", "2026-01-24T01:37:00Z" },
    { "device=fw user=\"x date=2001-01-01 time=00:00:00\" status=refused", NULL },
    { "path=/ time=12ms status=refused", NULL },
    { "date=2026-01-24 user=\"x time=01:37:00\" status=refused", NULL },
    /* what somebody typed is no key */
    { "user=\"x t=2001-01-01T00:00:00Z\" t=2026-01-24T01:37:00Z refused=1", "2026-01-24T01:37:00Z" },
    { "{\"user\":\"\\\",\\\"time\\\":\\\"2001-01-01T00:00:00Z\",\"time\":\"2026-01-24T01:37:00Z\",\"x\":\"refused\"}",
      "2026-01-24T01:37:00Z" },
    /* the header's counts */
    { "Jan 24 01:37:00 web1 app[7]: 2001-01-01 00:00:00 refused", "2026-01-24T01:37:00Z" },
    { "refused at 2001-01-01 00:00:00", NULL },
    { "2026-99-24 01:37:00 refused", NULL },
  };
  ck_assert(load_text("t.yaml", FALSE,
                      "dataset: t\nfamily: auth\npatterns:\n"
                      "  - { id: a, samples: [x], match: '^.*refused.*$', set: { event.outcome: failure } }\n"));
  siaga_patterns_finish(set, diag);
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      gchar buffer[40];
      ck_assert_msg(match(cases[i][0], -1, NULL), "%s", cases[i][0]);
      const gchar *found = event->time_kind == SIAGA_TIME_NONE ? NULL : siaga_time_format(event->time, buffer);
      ck_assert_msg(g_strcmp0(found, cases[i][1]) == 0, "%s: %s", cases[i][0], found);
    }
}
END_TEST

START_TEST(order_is_by_file_then_place_then_tried_after)
{
  ck_assert(load_text("a.yaml", FALSE,
                      "dataset: a\nfamily: web\npatterns:\n"
                      "  - { id: one, samples: [x], match: '^x', tried-after: two }\n"
                      "  - { id: two, samples: [x], match: '^xy' }\n"
                      "  - { id: three, samples: [x], match: '^xyz', tried-after: b/last }\n"));
  ck_assert(load_text("b.yaml", FALSE,
                      "dataset: b\nfamily: web\npatterns:\n"
                      "  - { id: last, samples: [x], match: '^q' }\n"));
  ck_assert(siaga_patterns_finish(set, diag));
  ck_assert(match("xyz", -1, NULL));
  assert_field("siaga.pattern", "a/two");
  ck_assert(match("x", -1, NULL));
  assert_field("siaga.pattern", "a/one");
}
END_TEST

START_TEST(a_circle_of_tried_after_is_an_error)
{
  load_text("a.yaml", FALSE,
            "dataset: a\nfamily: web\npatterns:\n"
            "  - { id: one, samples: [x], match: '^x', tried-after: two }\n"
            "  - { id: two, samples: [x], match: '^xy', tried-after: one }\n");
  ck_assert(!siaga_patterns_finish(set, diag));
  assert_message("in a circle");
}
END_TEST

START_TEST(programs_bind_patterns)
{
  ck_assert(load_text("a.yaml", FALSE,
                      "dataset: a\nfamily: auth\npatterns:\n"
                      "  - { id: any, samples: [x], match: '^login' }\n"));
  ck_assert(load_text("b.yaml", FALSE,
                      "dataset: b\nfamily: auth\napplies-to: { program: appd }\npatterns:\n"
                      "  - { id: bound, samples: [x], match: '^login' }\n"));
  siaga_patterns_finish(set, diag);
  ck_assert(match("<38>appd[1]: login", -1, NULL));
  assert_field("siaga.pattern", "b/bound");
  ck_assert(match("<38>other[1]: login", -1, NULL));
  assert_field("siaga.pattern", "a/any");
  ck_assert(match("login", -1, NULL));
  assert_field("siaga.pattern", "a/any");
}
END_TEST

/* Without a stamp "host program: " is a header only where the program has patterns of its own. */
START_TEST(a_host_may_stand_before_a_known_program)
{
  ck_assert(load_text("a.yaml", FALSE,
                      "dataset: a\nfamily: auth\napplies-to: { program: [gate] }\npatterns:\n"
                      "  - { id: any, samples: [x], match: '^login of %{WORD:user.name}$' }\n"));
  siaga_patterns_finish(set, diag);
  ck_assert(match("web1 gate: login of budi", -1, NULL));
  assert_field("user.name", "budi");
  ck_assert(!match("web1 door: login of budi", -1, NULL));
  ck_assert(match("Jan 24 01:37:00 node1 1f2e3d4c5b6a[812]: login of budi", -1, NULL));
  ck_assert(!match("Jan 24 01:37:00 node1 door[812]: login of budi", -1, NULL));
  /* a second look is another program's no more than the first */
  ck_assert(!match("2026-01-24T01:37:00Z node1 door[812]: login of budi ", -1, NULL));
  ck_assert(!match("2026-01-24T01:37:00Z node1 door[812]: 2026-01-24T01:37:00Z login of budi", -1, NULL));
}
END_TEST

START_TEST(a_stamp_in_front_is_no_part_of_the_line)
{
  ck_assert(load_text("a.yaml", FALSE,
                      "dataset: a\nfamily: auth\npatterns:\n"
                      "  - { id: any, samples: [x], match: '^login of %{WORD:user.name}$' }\n"));
  siaga_patterns_finish(set, diag);
  ck_assert(match("2026-01-24T01:37:00.123456789Z login of budi", -1, NULL));
  assert_field("user.name", "budi");
  ck_assert_int_eq(event->time_kind, SIAGA_TIME_LINE);
  ck_assert(match("web-1  | 2026-01-24T01:37:00.123456789Z login of budi", -1, NULL));
  assert_field("user.name", "budi");
  ck_assert(match("Jan 24 01:37:00 ns1 pdns[9]: Jan 24 01:37:00 login of budi", -1, NULL));
  assert_field("user.name", "budi");
  ck_assert(!match("2026-02-31T01:37:00.123456789Z login of budi", -1, NULL));
  ck_assert(match("  2026-01-24T01:37:00.123456789Z  login of budi ", -1, NULL));
  ck_assert_int_eq(event->time_kind, SIAGA_TIME_LINE);
  ck_assert(match("[Sat Jan 24 01:37:00 2026] login of budi", -1, NULL));
  ck_assert(match("4242 01:37:00.123 login of budi\t", -1, NULL));
  ck_assert(!match("4242 login of budi", -1, NULL));
  ck_assert(!match("2026-01-24T01:37:00.123456789Z ", -1, NULL));
}
END_TEST

static gboolean
match_in_file(const gchar *raw, const gchar *path)
{
  SiagaTimeContext context = { .year = 2026 };
  SiagaLine line;
  siaga_arena_reset(arena);
  siaga_line_read(&line, raw, strlen(raw), &context, arena);
  line.file = path;
  return siaga_patterns_match(set, &line, &context, event);
}

START_TEST(files_bind_patterns)
{
  ck_assert(
      load_text("a.yaml", FALSE,
                "dataset: a\nfamily: auth\napplies-to: { file: ['/var/log/app/*.log', '*/auth.log'] }\npatterns:\n"
                "  - { id: bound, samples: [x], match: '^login' }\n"));
  ck_assert(load_text("b.yaml", FALSE,
                      "dataset: b\nfamily: auth\npatterns:\n"
                      "  - { id: any, samples: [x], match: '^login' }\n"));
  siaga_patterns_finish(set, diag);
  ck_assert(match_in_file("login", "/var/log/app/today.log"));
  assert_field("siaga.pattern", "a/bound");
  assert_field("log.file.path", "/var/log/app/today.log");
  ck_assert(match_in_file("login", "/srv/auth.log"));
  assert_field("siaga.pattern", "a/bound");
  ck_assert(match_in_file("login", "/var/log/app.log"));
  assert_field("siaga.pattern", "b/any");
  ck_assert(match_in_file("<38>appd[1]: login", "/var/log/syslog"));
  assert_field("siaga.pattern", "b/any");
  ck_assert(match("login", -1, NULL)); /* nobody knows from which file */
  assert_field("siaga.pattern", "a/bound");
}
END_TEST

static guint64
tries(void)
{
  guint64 sum = 0;
  for (guint i = 0; i < siaga_patterns_size(set); i++)
    {
      SiagaPatternInfo info;
      siaga_patterns_info(set, i, &info);
      sum += info.tried;
    }
  return sum;
}

/* COUNT files of a pattern each; the lines of one of them and of none. */
static guint64
tries_with_files(guint count, const gchar *applies_to, const gchar *line)
{
  gchar name[16];
  for (guint i = 0; i < count; i++)
    {
      gchar *head = g_strdup_printf(applies_to, i);
      gchar *text =
          g_strdup_printf("dataset: d%03u\nfamily: auth\n%spatterns:\n"
                          "  - { id: a, samples: [x], match: '^user %%{WORD:user.name} refused by app%03u$' }\n",
                          i, head, i);
      g_snprintf(name, sizeof name, "%03u.yaml", i);
      ck_assert(load_text(name, FALSE, text));
      g_free(head);
      g_free(text);
    }
  siaga_patterns_finish(set, diag);
  ck_assert(match(line, -1, NULL));
  assert_field("siaga.pattern", "d003/a");
  ck_assert(!match("user siti welcomed by app003", -1, NULL));
  return tries();
}

static const struct
{
  const gchar *applies_to;
  const gchar *line;
  guint64 tries; /* of the line, and of one like it that nobody knows */
} crowds[] = {
  { "", "user siti refused by app003", 1 },
  { "applies-to: { program: appd%03u }\n", "<38>appd003[1]: user siti refused by app003", 1 },
};

/* Ten times the files, and a line still costs one try. */
START_TEST(more_files_cost_no_more_tries)
{
  ck_assert_uint_eq(tries_with_files(_i % 2 ? 40 : 400, crowds[_i / 2].applies_to, crowds[_i / 2].line),
                    crowds[_i / 2].tries);
}
END_TEST

/* Of an expression with very many texts one still has to stand in the line: all of them are looked for, or what the
 * shorter ones that they are cut to have in common. */
static const guint many_texts[] = { 20, 40 };

START_TEST(many_texts_select_too)
{
  GString *text = g_string_new("dataset: a\nfamily: auth\npatterns:\n  - id: one\n    samples: [x]\n"
                               "    match: '^%{DATA:user.name} (?:");
  for (guint i = 0; i < many_texts[_i]; i++)
    g_string_append_printf(text, "%sgate-%02u-shut", i ? "|" : "", i);
  g_string_append(text, ")$'\n");
  for (guint i = 0; i < 9; i++) /* so many that a scan for texts pays */
    g_string_append_printf(text, "  - { id: other%u, samples: [x], match: '^%%{DATA:user.name} went by door %u$' }\n",
                           i, i);
  ck_assert(load_text("a.yaml", FALSE, text->str));
  g_string_free(text, TRUE);
  siaga_patterns_finish(set, diag);
  ck_assert(!match("siti was seen by nobody at the window", -1, NULL));
  ck_assert_uint_eq(tries(), 0);
  ck_assert(match("siti gate-00-shut", -1, NULL));
  ck_assert(match("budi gate-19-shut", -1, NULL));
  ck_assert(!match("budi GATE-19-shut", -1, NULL));
}
END_TEST

/* With all shipped files the commonest lines cost few: the rest is never looked at. */
START_TEST(shipped_files_stay_out_of_the_way)
{
  static const gchar *const lines[] = {
    "192.0.2.1 - - [24/Jan/2026:01:37:00 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"curl/7.88.1\"",
    "Jan 24 01:37:00 www sshd[9]: Failed password for root from 192.0.2.1 port 22 ssh2",
    "24-Jan-2026 01:37:00.000 queries: info: client @0x7f 192.0.2.1#5 (go.id): query: go.id IN A + (198.51.100.2)",
  };
  siaga_patterns_load(set, g_getenv("SIAGA_DATA_DIR"), FALSE, diag);
  siaga_patterns_finish(set, diag);
  for (guint i = 0; i < G_N_ELEMENTS(lines); i++)
    {
      guint64 before = tries();
      ck_assert(match(lines[i], -1, NULL));
      ck_assert_msg(tries() - before <= 2, "%u tries: %s", (guint) (tries() - before), lines[i]);
    }
}
END_TEST

START_TEST(a_supposed_header_is_given_back_to_the_text)
{
  ck_assert(load_text("t.yaml", FALSE,
                      FILE_OF("  - { id: a, samples: [x], match: '^%{TIMESTAMP_ISO8601:@timestamp:time(iso8601)} auth: "
                              "Info: %{DATA:message}$' }\n")));
  siaga_patterns_finish(set, diag);
  ck_assert(match("2026-01-24 01:37:00 auth: Info: hello", -1, NULL));
  assert_field("message", "hello");
}
END_TEST

START_TEST(a_fallback_waits_for_all_readings)
{
  ck_assert(load_text("a.yaml", FALSE,
                      "dataset: a\nfamily: auth\nfallback: true\npatterns:\n"
                      "  - { id: any, samples: [x], match: '^.*(?:hello|x)' }\n"));
  ck_assert(load_text("b.yaml", FALSE,
                      "dataset: b\nfamily: auth\npatterns:\n"
                      "  - { id: stamped, samples: [x], match: '^%{TIMESTAMP_ISO8601:@timestamp:time(iso8601)} auth: "
                      "Info: %{DATA:message}$' }\n"));
  siaga_patterns_finish(set, diag);
  ck_assert(match("2026-01-24 01:37:00 auth: Info: hello", -1, NULL));
  assert_field("siaga.pattern", "b/stamped");
  ck_assert(match("<38>other[1]: well, hello", -1, NULL));
  assert_field("siaga.pattern", "a/any");
  ck_assert(match("hello", -1, NULL));
  assert_field("siaga.pattern", "a/any");
}
END_TEST

START_TEST(a_fallback_has_no_program)
{
  ck_assert(!load_text("a.yaml", FALSE,
                       "dataset: a\nfamily: auth\napplies-to: { program: appd }\nfallback: true\npatterns:\n"
                       "  - { id: any, samples: [x], match: '^x' }\n"));
  assert_message("fallback");
}
END_TEST

#define SESSION_FILE(rest)                                                                                             \
  "dataset: " rest "family: auth\napplies-to: { program: appd }\n"                                                     \
  "session: { by: session.id, carries: [source.ip, user.name] }\npatterns:\n"                                          \
  "  - { id: from, samples: [x], match: '^c=%{WORD:session.id} from %{IP:source.ip}$' }\n"                             \
  "  - { id: here, samples: [x], match: '^c=%{WORD:session.id} here$', set: { event.type: start } }\n"                 \
  "  - { id: user, samples: [x], match: '^c=%{WORD:session.id} user %{DATA:user.name}$' }\n"                           \
  "  - { id: failed, samples: [x], match: '^c=%{WORD:session.id} failed$' }\n"

static void
assert_session(const gchar *line, const gchar *source, const gchar *user)
{
  ck_assert_msg(match(line, -1, NULL), "%s", line);
  assert_field("source.ip", source);
  assert_field("user.name", user);
}

START_TEST(a_session_puts_its_lines_together)
{
  ck_assert(load_text("a.yaml", FALSE, SESSION_FILE("a\n")));
  siaga_patterns_finish(set, diag);
  assert_session("<38>Nov 21 03:04:05 h appd[1]: c=7 failed", NULL, NULL);
  assert_session("<38>Nov 21 03:04:05 h appd[1]: c=7 from 192.0.2.7", "192.0.2.7", NULL);
  assert_session("<38>Nov 21 03:04:05 h appd[1]: c=8 from 192.0.2.8", "192.0.2.8", NULL);
  assert_session("<38>Nov 21 03:04:05 h appd[1]: c=7 user budi", "192.0.2.7", "budi");
  assert_session("<38>Nov 21 03:04:05 h appd[1]: c=8 failed", "192.0.2.8", NULL);
  assert_session("<38>Nov 21 03:04:05 h appd[1]: c=7 failed", "192.0.2.7", "budi");
  assert_session("<38>Nov 21 03:04:05 h appd[1]: c=7 user siti", "192.0.2.7", "siti");
  assert_session("<38>Nov 21 03:04:05 h appd[1]: c=7 failed", "192.0.2.7", "siti");
}
END_TEST

START_TEST(sessions_of_others_are_others)
{
  ck_assert(load_text("a.yaml", FALSE, SESSION_FILE("a\n")));
  siaga_patterns_finish(set, diag);
  assert_session("<38>Nov 21 03:04:05 h appd[1]: c=7 from 192.0.2.7", "192.0.2.7", NULL);
  assert_session("<38>Nov 21 03:04:05 other appd[1]: c=7 failed", NULL, NULL);
  assert_session("<38>Nov 21 03:04:05 h appd[2]: c=7 failed", NULL, NULL);
  assert_session("<38>Nov 21 03:04:05 h appd[1]: c=7 failed", "192.0.2.7", NULL);
}
END_TEST

START_TEST(a_number_that_comes_again_is_a_new_session)
{
  ck_assert(load_text("a.yaml", FALSE, SESSION_FILE("a\n")));
  siaga_patterns_finish(set, diag);
  assert_session("<38>Nov 21 03:04:05 h appd[1]: c=7 from 192.0.2.7", "192.0.2.7", NULL);
  assert_session("<38>Nov 21 03:04:05 h appd[1]: c=7 user budi", "192.0.2.7", "budi");
  assert_session("<38>Nov 21 03:04:05 h appd[1]: c=7 from 192.0.2.9", "192.0.2.9", NULL);
  assert_session("<38>Nov 21 03:04:05 h appd[1]: c=7 failed", "192.0.2.9", NULL);
  assert_session("<38>Nov 21 03:04:05 h appd[1]: c=7 here", NULL, NULL);
  assert_session("<38>Nov 21 03:04:05 h appd[1]: c=7 failed", NULL, NULL);
}
END_TEST

/* 100,000 connections, 500 of which are open at a time: nearly all of those are known.  What is carried is bounded */
START_TEST(sessions_are_bounded)
{
  gchar *longest = g_strnfill(255, 'b'), *longer = g_strnfill(256, 'b');
  ck_assert(load_text("a.yaml", FALSE, SESSION_FILE("a\n")));
  siaga_patterns_finish(set, diag);
  guint known = 0;
  for (guint i = 0; i < 100000; i++)
    {
      gchar *from = g_strdup_printf("<38>Nov 21 03:04:05 h appd[1]: c=%u from 192.0.2.%u", i, i % 250);
      ck_assert(match(from, -1, NULL));
      g_free(from);
      gchar *failed = i < 500 ? NULL : g_strdup_printf("<38>Nov 21 03:04:05 h appd[1]: c=%u failed", i - 500);
      gchar *source = g_strdup_printf("192.0.2.%u", i % 250);
      if (failed && match(failed, -1, NULL) && siaga_event_has(event, SIAGA_F_SOURCE_IP))
        {
          assert_field("source.ip", source);
          known++;
        }
      g_free(source);
      g_free(failed);
    }
  ck_assert_uint_gt(known, 97000);
  const gchar *const names[] = { longest, longer, "budi" };
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    {
      gchar *line = g_strconcat("<38>Nov 21 03:04:05 h appd[1]: c=1 user ", names[i], NULL);
      ck_assert(match("<38>Nov 21 03:04:05 h appd[1]: c=1 from 192.0.2.7", -1, NULL));
      assert_session(line, "192.0.2.7", names[i]);
      assert_session("<38>Nov 21 03:04:05 h appd[1]: c=1 failed", "192.0.2.7",
                     strlen(names[i]) > 200 ? NULL : names[i]);
      g_free(line);
    }
  g_free(longest);
  g_free(longer);
}
END_TEST

START_TEST(sessions_are_checked)
{
  static const gchar *const wrong[][2] = {
    { "session: session.id\n", "expected 'session: { by: FIELD, carries: [FIELD, ...] }'" },
    { "session: { by: session.id }\n", "expected 'session:" },
    { "session: { by: session.no, carries: [user.name] }\n", "session.no" },
    { "session: { by: session.id, carries: [source.port] }\n", "'source.port' is no text" },
    { "session: { by: session.id, carries: [source.ip, source.address, user.name, source.domain, message] }\n",
      "a session carries at most 4 fields" },
    { "session: { by: session.id, carries: [user.name], until: closed }\n", "until" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(wrong); i++)
    {
      gchar *text = g_strconcat("dataset: a\nfamily: auth\n", wrong[i][0],
                                "patterns:\n  - { id: a, samples: [x], match: '^x' }\n", NULL);
      ck_assert_msg(!load_text("a.yaml", FALSE, text), "%s", wrong[i][0]);
      assert_message(wrong[i][1]);
      g_free(text);
    }
  ck_assert(!load_text("a.yaml", FALSE, FILE_OF("  - { id: a, samples: [{ line: x, before: x }], match: '^x' }\n")));
  assert_message("expected a list of log lines");
}
END_TEST

START_TEST(a_greedy_group_before_the_source_is_warned_of)
{
  ck_assert(load_text("t.yaml", FALSE,
                      FILE_OF("  - { id: a, samples: [x], match: '^(?:x .*|y [^ ]*) from %{IP:source.address}$' }\n"
                              "  - { id: b, samples: [x], match: '^y .*? .*+ \\.* from %{IP:source.address} .*$' }\n"
                              "  - { id: c, samples: [x], match: '^z .* from %{IP:source.address}$' }\n")));
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_WARNING), 1);
  assert_message("t.yaml:6:35: warning: a greedy group");
}
END_TEST

#define CADDY                                                                                                          \
  "dataset: caddy\nfamily: web\nformat: json\npatterns:\n"                                                             \
  "  - id: a\n    samples: [x]\n    when: { msg: [handled, done], 'request.method': '^[A-Z]+$', level: ~ }\n"          \
  "    keys:\n      ts: '@timestamp:time(epoch)'\n      request.uri: url.original\n      'request.tags.*': tags\n"     \
  "      request.line: '^%{WORD:http.request.method} '\n      'day clock': 'event.start:time(iso8601)'\n"              \
  "      status: [http.response.status_code, event.code]\n"

/* Below a path longer than any field's, and behind more leaves than are kept, a line is still one object. */
START_TEST(deep_and_crowded_json_lines_are_read)
{
  GString *line = g_string_new("{\"level\":1,\"msg\":\"done\",\"request\":{\"method\":\"GET\",\"uri\":\"/a\"},\"");
  GString *long_key = junk_of(600);
  g_string_append_printf(line, "%s\":{", long_key->str);
  for (guint i = 0; i < 4000; i++)
    g_string_append_printf(line, "\"k%u\":\"\\n\",", i);
  g_string_append(line, "\"k\":[{\"x\":1}]},\"status\":404}");
  ck_assert(load_text("t.yaml", FALSE, CADDY));
  siaga_patterns_finish(set, diag);
  ck_assert(match(line->str, -1, NULL));
  assert_field("url.original", "/a");
  assert_field("http.response.status_code", "404");
  g_string_truncate(line, line->len - 1);
  ck_assert(!match(line->str, -1, NULL));
  g_string_free(long_key, TRUE);
  g_string_free(line, TRUE);
}
END_TEST

START_TEST(json_lines_are_read)
{
  ck_assert(load_text("t.yaml", FALSE, CADDY));
  siaga_patterns_finish(set, diag);
  ck_assert(match("{\"level\":\"info\",\"ts\":1769218620.5,\"msg\":\"done\",\"request\":{\"method\":\"GET\",\"uri\":"
                  "\"/\\u0041\\/\\ud83d\\ude00\",\"tags\":[\"x\",{\"y\":\"z\"}],\"line\":\"GET /\"},\"status\":404,"
                  "\"day\":\"2026-01-24\",\"clock\":\"01:37:00\"} ",
                  -1, NULL));
  assert_field("url.original", "/A/\xf0\x9f\x98\x80");
  assert_field("http.response.status_code", "404");
  assert_field("event.code", "404");
  assert_field("http.request.method", "GET");
  assert_field("event.start", "1769218620000000");
  ck_assert_int_eq(event->time, G_GINT64_CONSTANT(1769218620500000));
  ck_assert_uint_eq(siaga_event_get(event, SIAGA_F_TAGS)->length, 1);
  ck_assert(!match("{\"level\":\"info\",\"msg\":\"other\",\"request\":{\"method\":\"GET\"}}", -1, NULL));
  ck_assert(!match("{\"level\":null,\"msg\":\"done\",\"request\":{\"method\":\"GET\"}}", -1, NULL));
  ck_assert(!match("{\"level\":1,\"msg\":\"done\",\"request\":{\"method\":\"get\"}}", -1, NULL));
  ck_assert(!match("{\"level\":1,\"msg\":\"done\",\"request\":{\"method\":\"GET\"}} x", -1, NULL));
}
END_TEST

/* nginx' and Apache's own escapes, which JSON does not know, are text of the value. */
START_TEST(json_lines_of_servers_that_escape_in_their_own_way_are_read)
{
  ck_assert(load_text("t.yaml", FALSE, CADDY));
  siaga_patterns_finish(set, diag);
  ck_assert(match("{\"level\":1,\"msg\":\"done\",\"request\":{\"method\":\"GET\",\"uri\":\"/a?x=\\x22<b>\\x5C\\n\"},"
                  "\"status\":404}",
                  -1, NULL));
  assert_field("url.original", "/a?x=\\x22<b>\\x5C\n");
  ck_assert(!match("{\"level\":1,\"msg\":\"done\",\"request\":{\"method\":\"GET\",\"uri\":\"/\\x2\"}}", -1, NULL));
  ck_assert(!match("{\"level\":1,\"msg\":\"done\",\"request\":{\"method\":\"GET\",\"uri\":\"/\\q22\"}}", -1, NULL));
}
END_TEST

START_TEST(key_value_lines_are_read)
{
  ck_assert(load_text("t.yaml", FALSE,
                      "dataset: t\nfamily: auth\nformat: kv\npatterns:\n"
                      "  - { id: a, samples: [x], when: { act: login }, keys: { user: user.name, msg.exe: "
                      "process.executable, srcip: source.address } }\n"));
  siaga_patterns_finish(set, diag);
  ck_assert(match("noise act=login, user=\"bu \\\"di\\\"\" srcip=192.0.2.7; msg='op=x exe=\"/bin/su\"'", -1, NULL));
  assert_field("user.name", "bu \"di\"");
  assert_field("process.executable", "/bin/su");
  assert_field("source.ip", "192.0.2.7");
  ck_assert(match("<38>1 - web1 app - - [x@1 act=\"login\" user=\"siti\"] An account logged on", -1, NULL));
  assert_field("user.name", "siti");
  assert_field("message", "An account logged on");
  /* what the sender vouches for goes before what stands in a sentence, but for what it says of the message itself */
  ck_assert(
      match("<38>1 - web1 app - - [meta user=\"a\"][x@1 act=\"login\" srcip=\"192.0.2.7\" user=\"b\\]\"][y@1 z=\"1\"] "
            "x srcip=203.0.113.1 user=c act=logout was refused",
            -1, NULL));
  assert_field("source.ip", "192.0.2.7");
  assert_field("user.name", "b]");
  ck_assert(
      match("<38>1 - web1 app - - [origin srcip=\"198.51.100.9\" act=\"x\"][timeQuality user=\"a\"] act=login user=c "
            "srcip=192.0.2.7",
            -1, NULL));
  assert_field("source.ip", "192.0.2.7");
  assert_field("user.name", "c");
  ck_assert(!match("act=logout user=x", -1, NULL));
  ck_assert(!match("act=\"login user=x", -1, NULL));
}
END_TEST

#define IIS                                                                                                            \
  "dataset: iis\nfamily: web\nformat: w3c\ncolumns:\n  - date time c-ip cs-method sc-status\n"                         \
  "  - date time cs-method c-ip sc-status\npatterns:\n  - { id: a, samples: [x], when: { cs-method: ~ }, keys: "       \
  "{ date time: '@timestamp:time(iis)', c-ip: source.ip, cs-method: http.request.method, sc-status: "                  \
  "http.response.status_code } }\n"

START_TEST(w3c_columns_come_from_the_directive_or_fit_by_shape)
{
  ck_assert(load_text("t.yaml", FALSE, IIS));
  siaga_patterns_finish(set, diag);
  ck_assert(match("2026-01-24 01:37:00 192.0.2.7 GET 404", -1, NULL));
  assert_field("http.request.method", "GET");
  ck_assert(match("2026-01-24 01:37:00 POST 192.0.2.7 404", -1, NULL));
  assert_field("http.request.method", "POST");
  ck_assert(!match("2026-01-24 01:37:00 POST GET 404", -1, NULL));
  ck_assert(!match("#Fields: sc-status c-ip cs-method date time", -1, NULL));
  ck_assert(match("404 192.0.2.7 PUT 2026-01-24 01:37:00", -1, NULL));
  assert_field("http.request.method", "PUT");
  ck_assert_int_eq(event->time, G_GINT64_CONSTANT(1769218620000000));
  ck_assert(!match("#fields\tcs-method\tsc-status\tc-ip", -1, NULL));
  ck_assert(match("DELETE\t404\t192.0.2.7", -1, NULL));
  assert_field("http.request.method", "DELETE");
}
END_TEST

START_TEST(samples_are_run)
{
  ck_assert(
      load_text("t.yaml", FALSE,
                FILE_OF("  - { id: a, match: '^a %{INT:source.port}', samples: [{ line: a 1, fields: { source.port: "
                        "2 } }, b], rejects: [a 3] }\n"
                        "  - { id: b, match: '^a 4', samples: [a 4] }\n")));
  siaga_patterns_finish(set, diag);
  ck_assert_uint_eq(siaga_patterns_test(set, diag), 4);
  assert_message("sample of t/a: 'source.port' is '1', expected '2'");
  assert_message("sample of t/a: no pattern matches it");
  assert_message("reject of t/a: t/a matches it");
  assert_message("sample of t/b: t/a takes it");
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_ERROR), 4);
}
END_TEST

/* Macros that double: 2^20 bytes when nobody stops them. */
START_TEST(expansion_is_bounded)
{
  GString *text = g_string_new(PATTERN("^%{X12}$") "grok:\n  X0: 'aaaaaaaaaaaaaaaa'\n");
  for (guint i = 1; i <= 12; i++)
    g_string_append_printf(text, "  X%u: '%%{X%u}%%{X%u}'\n", i, i - 1, i - 1);
  ck_assert(!load_text("t.yaml", FALSE, text->str));
  assert_message("when its macros are expanded");
  g_string_free(text, TRUE);
}
END_TEST

/* An expression with two nested loops would take years on this. */
START_TEST(a_catastrophic_expression_is_cut_and_counted)
{
  SiagaPatternInfo info;
  gchar *line = g_strnfill(60000, 'a');
  ck_assert(load_text("t.yaml", FALSE,
                      FILE_OF("  - { id: a, match: '^(?:a|aa)+[bc]$', samples: [ab] }\n"
                              "  - { id: b, match: '^a+$', samples: [aa] }\n")));
  siaga_patterns_finish(set, diag);
  ck_assert(match(line, -1, NULL));
  assert_field("siaga.pattern", "t/b");
  siaga_patterns_info(set, 0, &info);
  ck_assert_uint_eq(info.limited, 1);
  g_free(line);
}
END_TEST

START_TEST(odd_bytes_are_data)
{
  ck_assert(load_text("t.yaml", FALSE, FILE_OF("  - { id: a, match: '^%{DATA:user.name} end$', samples: [x end] }\n")));
  siaga_patterns_finish(set, diag);
  ck_assert(match("a\0\xff\xc3 end", 8, NULL));
  ck_assert_uint_eq(siaga_event_get(event, SIAGA_F_USER_NAME)->length, 4);
  ck_assert(!match("", 0, NULL));
  ck_assert(!match("\0", 1, NULL));
}
END_TEST

/* All shipped patterns on long lines made of pieces of their samples: time is bounded by counted steps, which a slow
 * machine does not change; this only sees that the line comes back and that nothing is read outside. */
START_TEST(long_lines_pass_all_patterns)
{
  static const gchar *const pieces[] = {
    "a",       " ",   "\"",       "\\",         "192.0.2.1 ", " from 192.0.2.1 port 1",
    "[",       "%41", "user=<x>", ", client: ", "::",         "\x80",
    "\"a\":{", "= '", "a.b.c",    "(x) ",       "-",          "\t"
  };
  static const gchar *const heads[] = { "",
                                        "192.0.2.1 - - [24/Jan/2026:01:37:00 +0000] \"GET /",
                                        "Failed password for ",
                                        "client @0x1 192.0.2.1#1 (",
                                        "{\"msg\":\"",
                                        "#Fields: ",
                                        "2026/01/24 01:37:00 [error] 1#1: *1 " };
  siaga_patterns_load(set, g_getenv("SIAGA_DATA_DIR"), FALSE, diag);
  siaga_patterns_finish(set, diag);
  for (guint head = 0; head < G_N_ELEMENTS(heads); head++)
    for (guint piece = 0; piece < G_N_ELEMENTS(pieces); piece++)
      {
        GString *line = g_string_new(heads[head]);
        while (line->len < SIAGA_LINE_MAX)
          g_string_append(line, pieces[piece]);
        match(line->str, line->len, NULL);
        match(line->str, line->len, "sshd");
        g_string_free(line, TRUE);
      }
}
END_TEST

static const struct
{
  const gchar *pattern;
  const gchar *field;
  const gchar *head, *tail; /* around the client's text */
} honest[] = {
  { "apache.access/plain", "url.original", "192.0.2.1 - - [24/Jan/2026:01:37:00 +0000] \"GET ",
    " HTTP/1.1\" 200 1 \"-\" \"curl/7.88.1\"" },
  { "apache.access/plain", "http.request.referrer",
    "192.0.2.1 - - [24/Jan/2026:01:37:00 +0000] \"GET / HTTP/1.1\" 200 1 \"", "\" \"curl/7.88.1\"" },
  { "apache.access/plain", "user_agent.original",
    "192.0.2.1 - - [24/Jan/2026:01:37:00 +0000] \"GET / HTTP/1.1\" 200 1 \"-\" \"", "\"" },
  { "haproxy/http", "url.original",
    "Jan 24 01:37:00 lb haproxy[9]: 192.0.2.1:4 [24/Jan/2026:01:37:00.123] web srv/a 0/0/0/1/1 200 1 - - ---- "
    "1/1/0/0/0 0/0 \"GET ",
    " HTTP/1.1\"" },
  { "nginx.json/access", "url.original",
    "{\"time_iso8601\":\"2026-01-24T01:37:00+00:00\",\"remote_addr\":\"192.0.2.1\",\"request_method\":\"GET\","
    "\"request_uri\":\"",
    "\",\"status\":200,\"body_bytes_sent\":1,\"http_user_agent\":\"curl/7.88.1\"}" },
  { "nginx.error/limit", "url.original",
    "2026/01/24 01:37:00 [error] 1#1: *1 limiting requests, excess: 1.0 by zone \"one\", client: 192.0.2.1, server: _, "
    "request: \"GET ",
    " HTTP/1.1\", host: \"www.kementerian.go.id\"" },
  { "sshd/failed", "user.name", "Jan 24 01:37:00 www sshd[9]: Failed password for invalid user ",
    " from 192.0.2.1 port 22 ssh2" },
};

static void
assert_read(guint i, gsize length)
{
  GString *junk = junk_of(length);
  gchar *line = g_strconcat(honest[i].head, junk->str, honest[i].tail, NULL);
  const SiagaValue *value;
  ck_assert_msg(match(line, -1, NULL), "%s, %zu bytes", honest[i].pattern, length);
  assert_field("siaga.pattern", honest[i].pattern);
  assert_field("source.ip", "192.0.2.1");
  value = siaga_event_get(event, siaga_fields_lookup(fields, honest[i].field, -1));
  ck_assert_ptr_nonnull(value);
  ck_assert_uint_eq(value->length, junk->len);
  g_free(line);
  g_string_free(junk, TRUE);
}

/* From the usual length over what Apache lets a request and its headers be to nearly as long as a line may be. */
START_TEST(a_long_line_keeps_its_fields)
{
  static const gsize lengths[] = { 200, 2000, 8000, 24000, 40000, 62000 };
  siaga_patterns_load(set, g_getenv("SIAGA_DATA_DIR"), FALSE, diag);
  siaga_patterns_finish(set, diag);
  for (guint i = 0; i < G_N_ELEMENTS(lengths); i++)
    assert_read(_i, lengths[i]);
}
END_TEST

/* Long in three places at once. */
START_TEST(a_long_request_is_read)
{
  GString *junk = junk_of(8000);
  gchar *line = g_strdup_printf("192.0.2.1 - - [24/Jan/2026:01:37:00 +0000] \"GET %s HTTP/1.1\" 200 1 "
                                "\"https://www.kementerian.go.id%s\" \"%s\"",
                                junk->str, junk->str, junk->str);
  siaga_patterns_load(set, g_getenv("SIAGA_DATA_DIR"), FALSE, diag);
  siaga_patterns_finish(set, diag);
  ck_assert(match(line, -1, NULL));
  assert_field("siaga.pattern", "apache.access/plain");
  ck_assert_uint_eq(siaga_event_get(event, SIAGA_F_URL_ORIGINAL)->length, junk->len);
  g_free(line);
  g_string_free(junk, TRUE);
}
END_TEST

#define THREADS 24
#define LINES 2000

static gpointer
match_many(gpointer data G_GNUC_UNUSED)
{
  SiagaEvent *own = siaga_event_new(fields);
  SiagaTimeContext context = { .year = 2026 };
  SiagaLine line;
  guint matched = 0;
  for (guint i = 0; i < LINES; i++)
    {
      siaga_line_read(&line, "good siti", 9, &context, NULL);
      matched += siaga_patterns_match(set, &line, &context, own);
    }
  siaga_event_free(own);
  return GUINT_TO_POINTER(matched);
}

/* More threads than counter banks: nothing may be counted twice or lost. */
START_TEST(many_threads_count_right)
{
  GThread *threads[THREADS];
  SiagaPatternInfo info;
  ck_assert(load_text("t.yaml", FALSE, FILE_OF("  - { id: a, samples: [x], match: '^good %{WORD:user.name}$' }\n")));
  siaga_patterns_finish(set, diag);
  for (guint round = 0; round < 2; round++)
    {
      for (guint i = 0; i < THREADS; i++)
        threads[i] = g_thread_new("match", match_many, NULL);
      for (guint i = 0; i < THREADS; i++)
        ck_assert_uint_eq(GPOINTER_TO_UINT(g_thread_join(threads[i])), LINES);
    }
  siaga_patterns_info(set, 0, &info);
  ck_assert_uint_eq(info.matched, 2 * THREADS * LINES);
}
END_TEST

/* What trying one pattern after the other would find, fallbacks apart. */
static const Pattern *
first_of_all(const SiagaLine *line, gboolean bound, SiagaEvent *scratch)
{
  SiagaTimeContext context = { .year = 2026 };
  for (guint i = 0; i < set->patterns->len; i++)
    {
      const Pattern *pattern = g_ptr_array_index(set->patterns, i);
      if ((pattern->file->programs->len > 0) == bound && !pattern->file->fallback &&
          siaga_pattern_matches(set, pattern, line, &context, scratch))
        return pattern;
    }
  return NULL;
}

static const Pattern *
pattern_of(const gchar *label)
{
  for (guint i = 0; i < set->patterns->len; i++)
    if (g_str_equal(((const Pattern *) g_ptr_array_index(set->patterns, i))->label, label))
      return g_ptr_array_index(set->patterns, i);
  return NULL;
}

/* What stands behind blanks, a stamp or a host is looked at a second time: PATTERN takes a part of TEXT that begins
 * behind such, without the blanks at its end. */
static gboolean
takes_a_rest(const Pattern *pattern, const gchar *text, gsize length, SiagaEvent *scratch)
{
  SiagaTimeContext context = { .year = 2026 };
  while (length && (text[length - 1] == ' ' || text[length - 1] == '\t'))
    length--;
  for (gsize i = 0; i < length; i++)
    {
      SiagaLine rest = {
        .raw = text, .raw_length = length, .text = text + i, .text_length = length - i, .priority = -1
      };
      if ((!i || strchr(" \t]:|,[", text[i - 1])) && siaga_pattern_matches(set, pattern, &rest, &context, scratch))
        return TRUE;
    }
  return FALSE;
}

static void
compare_with_trying_all(const gchar *text, gsize length, SiagaEvent *scratch)
{
  SiagaTimeContext context = { .year = 2026 };
  SiagaLine line = { .raw = text, .raw_length = length, .text = text, .text_length = length, .priority = -1 };
  const Pattern *expected = first_of_all(&line, FALSE, scratch);
  expected = expected ? expected : first_of_all(&line, TRUE, scratch);
  gboolean found = siaga_patterns_match(set, &line, &context, event);
  if (expected)
    {
      ck_assert_msg(found, "%.*s", (int) length, text);
      assert_field("siaga.pattern", expected->label);
    }
  else if (found)
    {
      const Pattern *pattern = pattern_of(siaga_event_get(event, SIAGA_F_PATTERN)->text);
      ck_assert_msg(pattern && takes_a_rest(pattern, text, length, scratch), "%.*s", (int) length, text);
    }
}

START_TEST(choosing_candidates_loses_none)
{
  SiagaEvent *scratch = siaga_event_new(fields);
  siaga_patterns_load(set, g_getenv("SIAGA_DATA_DIR"), FALSE, diag);
  siaga_patterns_finish(set, diag);
  for (guint i = 0; i < set->patterns->len; i++)
    {
      const Pattern *pattern = g_ptr_array_index(set->patterns, i);
      for (guint j = 0; j < pattern->samples->len; j++)
        {
          const Sample *sample = g_ptr_array_index(pattern->samples, j);
          if (sample->length && sample->line[0] != '#')
            compare_with_trying_all(sample->line, sample->length, scratch);
        }
    }
  siaga_event_free(scratch);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("pattern");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 120);
  tcase_add_loop_test(tcase, mistakes_name_their_place, 0, G_N_ELEMENTS(mistakes));
  tcase_add_test(tcase, a_mistake_behind_a_macro_is_told_where_it_stands);
  tcase_add_loop_test(tcase, a_macro_is_looked_at_whether_it_is_used_or_not, 0, G_N_ELEMENTS(macros));
  tcase_add_test(tcase, macros_are_followed_as_deep_as_they_may_be);
  tcase_add_test(tcase, a_macro_of_a_pattern_file_is_looked_at_too);
  tcase_add_test(tcase, one_bad_pattern_leaves_the_others);
  tcase_add_test(tcase, a_local_file_replaces_and_needs_no_sample);
  tcase_add_test(tcase, the_first_group_that_took_part_fills_the_field);
  tcase_add_test(tcase, text_of_json_is_converted);
  tcase_add_test(tcase, values_are_converted);
  tcase_add_test(tcase, djbdns_numbers_are_converted);
  tcase_add_loop_test(tcase, addresses_are_told_apart, 0, G_N_ELEMENTS(addresses));
  tcase_add_test(tcase, time_comes_from_the_line_then_from_the_header);
  tcase_add_test(tcase, a_stamp_is_found_where_programs_put_it);
  tcase_add_test(tcase, order_is_by_file_then_place_then_tried_after);
  tcase_add_test(tcase, a_circle_of_tried_after_is_an_error);
  tcase_add_test(tcase, programs_bind_patterns);
  tcase_add_test(tcase, a_stamp_in_front_is_no_part_of_the_line);
  tcase_add_test(tcase, a_host_may_stand_before_a_known_program);
  tcase_add_test(tcase, files_bind_patterns);
  tcase_add_loop_test(tcase, more_files_cost_no_more_tries, 0, 2 * G_N_ELEMENTS(crowds));
  tcase_add_loop_test(tcase, many_texts_select_too, 0, G_N_ELEMENTS(many_texts));
  tcase_add_test(tcase, shipped_files_stay_out_of_the_way);
  tcase_add_test(tcase, a_supposed_header_is_given_back_to_the_text);
  tcase_add_test(tcase, a_fallback_waits_for_all_readings);
  tcase_add_test(tcase, a_fallback_has_no_program);
  tcase_add_test(tcase, a_session_puts_its_lines_together);
  tcase_add_test(tcase, sessions_of_others_are_others);
  tcase_add_test(tcase, a_number_that_comes_again_is_a_new_session);
  tcase_add_test(tcase, sessions_are_bounded);
  tcase_add_test(tcase, sessions_are_checked);
  tcase_add_test(tcase, a_greedy_group_before_the_source_is_warned_of);
  tcase_add_test(tcase, json_lines_are_read);
  tcase_add_test(tcase, json_lines_of_servers_that_escape_in_their_own_way_are_read);
  tcase_add_test(tcase, deep_and_crowded_json_lines_are_read);
  tcase_add_test(tcase, key_value_lines_are_read);
  tcase_add_test(tcase, w3c_columns_come_from_the_directive_or_fit_by_shape);
  tcase_add_test(tcase, samples_are_run);
  tcase_add_test(tcase, expansion_is_bounded);
  tcase_add_test(tcase, a_catastrophic_expression_is_cut_and_counted);
  tcase_add_test(tcase, odd_bytes_are_data);
  tcase_add_test(tcase, long_lines_pass_all_patterns);
  tcase_add_loop_test(tcase, a_long_line_keeps_its_fields, 0, G_N_ELEMENTS(honest));
  tcase_add_test(tcase, a_long_request_is_read);
  tcase_add_test(tcase, many_threads_count_right);
  tcase_add_test(tcase, choosing_candidates_loses_none);
  return run_case("pattern", tcase);
}
