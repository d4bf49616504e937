/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Sigma detections, from rule text and event to hit: values, modifiers, conditions, files. */

#include <siaga/matcher.h>
#include <siaga/rule.h>

#include "engine/sigma/sigma-private.h"
#include "tests/harness/run.h"

#include <glib/gstdio.h>
#include <string.h>

static SiagaFields *fields;
static SiagaEvent *event;
static SiagaDiag *diag;
static gchar *folder;
static const gchar *const backends[] = { "hs", "pcre2" };
static const gchar *backend;

static void
setup(void)
{
  gchar *path = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "fields.yaml", NULL);
  backend = NULL;
  diag = siaga_diag_new();
  fields = siaga_fields_load(path, diag);
  ck_assert_ptr_nonnull(fields);
  event = siaga_event_new(fields);
  folder = g_dir_make_tmp("siaga-rules-XXXXXX", NULL);
  g_free(path);
}

static void
teardown(void)
{
  GDir *dir = g_dir_open(folder, 0, NULL);
  for (const gchar *name; (name = g_dir_read_name(dir));)
    {
      gchar *path = g_build_filename(folder, name, NULL);
      g_unlink(path);
      g_free(path);
    }
  g_dir_close(dir);
  g_rmdir(folder);
  g_free(folder);
  siaga_event_free(event);
  siaga_diag_free(diag);
  siaga_fields_unref(fields);
}

/* --- rules from text -----------------------------------------------------------------------------------------------
 */

static SiagaRules *
rules_new(void)
{
  gchar *mapping = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "sigma.yaml", NULL);
  SiagaRuleOptions options = { mapping, backend, TRUE };
  SiagaRules *rules = siaga_rules_new(fields, &options, diag);
  GString *text = g_string_new(NULL);
  if (!rules && siaga_diag_size(diag))
    siaga_diag_format(siaga_diag_get(diag, 0), text);
  ck_assert_msg(rules != NULL, "%s", text->str);
  g_string_free(text, TRUE);
  g_free(mapping);
  return rules;
}

static gchar *
write_file(const gchar *name, const gchar *text)
{
  gchar *path = g_build_filename(folder, name, NULL);
  ck_assert(g_file_set_contents(path, text, -1, NULL));
  return path;
}

static gboolean
load_text(SiagaRules *rules, const gchar *name, const gchar *text)
{
  gchar *path = write_file(name, text);
  gboolean ok = siaga_rules_load(rules, path, diag);
  g_free(path);
  return ok;
}

/* The messages so far, without the folder; cleared. */
static gchar *
messages(void)
{
  GString *out = g_string_new(NULL);
  for (guint i = 0; i < siaga_diag_size(diag); i++)
    {
      if (siaga_diag_get(diag, i)->level == SIAGA_DIAG_NOTE)
        continue;
      siaga_diag_format(siaga_diag_get(diag, i), out);
      g_string_append_c(out, '\n');
    }
  gchar *prefix = g_strconcat(folder, "/", NULL);
  g_string_replace(out, prefix, "", 0);
  g_free(prefix);
  return g_string_free(out, FALSE);
}

static SiagaRules *
rules_of(const gchar *text)
{
  SiagaRules *rules = rules_new();
  gboolean ok = load_text(rules, "rule.yml", text) && siaga_rules_finish(rules, diag);
  gchar *said = messages();
  ck_assert_msg(ok, "%s\n%s", said, text);
  ck_assert_str_eq(said, "");
  g_free(said);
  return rules;
}

/* A rule of a log source around a detection. */
static gchar *
rule_text(const gchar *logsource, const gchar *detection)
{
  gchar **lines = g_strsplit(detection, "\n", -1);
  gchar *indented = g_strjoinv("\n  ", lines);
  gchar *text =
      g_strdup_printf("title: a rule\nlogsource: { %s }\nlevel: high\ndetection:\n  %s\n", logsource, indented);
  g_strfreev(lines);
  g_free(indented);
  return text;
}

static gboolean
matches(const SiagaRules *rules)
{
  SiagaHits hits;
  gboolean any = siaga_rules_match(rules, event, &hits);
  ck_assert_int_eq(any, hits.count > 0);
  return any;
}

/* --- events --------------------------------------------------------------------------------------------------------
 */

static void
set_value(const gchar *name, const gchar *value)
{
  SiagaFieldId field = siaga_fields_lookup(fields, name, -1);
  ck_assert_msg(field != SIAGA_FIELD_NONE, "%s", name);
  if (siaga_fields_get(fields, field)->type == SIAGA_FT_LONG)
    siaga_event_set_int(event, field, g_ascii_strtoll(value, NULL, 10));
  else
    siaga_event_add(event, field, value, strlen(value));
}

/* "name=value" strings, NULL at the end. */
static void
set_event(SiagaFamily family, const gchar *line, const gchar *const *pairs)
{
  siaga_event_reset(event);
  event->family = family;
  event->parsed = family != SIAGA_FAMILY_NONE;
  event->original = line;
  event->original_length = line ? strlen(line) : 0;
  for (; pairs && *pairs; pairs++)
    {
      const gchar *equals = strchr(*pairs, '=');
      gchar *name = g_strndup(*pairs, equals - *pairs);
      set_value(name, equals + 1);
      g_free(name);
    }
}

#define PAIRS(...) ((const gchar *const[]){ __VA_ARGS__, NULL })

/* --- values and modifiers ------------------------------------------------------------------------------------------
 */

/* One item on the field user.name of a login event whose value is given; NULL: absent. */
typedef struct
{
  const gchar *item;
  const gchar *value;
  gboolean match;
} ValueCase;

static const ValueCase value_cases[] = {
  /* plain strings: whole, without case */
  { "user.name: root", "root", TRUE },
  { "user.name: root", "ROOT", TRUE },
  { "user.name: root", "root2", FALSE },
  { "user.name: root", NULL, FALSE },
  { "user.name: 'root'", "toor", FALSE },
  { "user.name|cased: root", "root", TRUE },
  { "user.name|cased: root", "Root", FALSE },
  { "user.name: 0404", "0404", TRUE },
  { "user.name: 404", "404", TRUE },
  { "user.name: 404", "4040", FALSE },
  { "user.name: [a, b]", "b", TRUE },
  { "user.name: [a, b]", "c", FALSE },
  /* wildcards */
  { "user.name: 'ad*'", "admin", TRUE },
  { "user.name: 'ad*'", "AD", TRUE },
  { "user.name: 'ad*'", "bad", FALSE },
  { "user.name: '*min'", "admin", TRUE },
  { "user.name: '*min'", "mint", FALSE },
  { "user.name: '*dm*'", "admin", TRUE },
  { "user.name: 'a*i*n'", "admin", TRUE },
  { "user.name: 'a*i*n'", "an", FALSE },
  { "user.name: 'a?min'", "admin", TRUE },
  { "user.name: 'a?min'", "amin", FALSE },
  { "user.name: 'a?min'", "a\xc3\xa9min", TRUE },
  { "user.name: 'a?min'", "a\nmin", TRUE },
  { "user.name: '?'", "", FALSE },
  { "user.name: '*'", "", TRUE },
  { "user.name: '*'", "x", TRUE },
  { "user.name: '*'", NULL, FALSE },
  { "user.name: 'a.c'", "abc", FALSE },
  { "user.name: 'a*.c'", "axx.c", TRUE },
  { "user.name: 'a*.c'", "axxxc", FALSE },
  { "user.name: '(a|b)*'", "(a|b)c", TRUE },
  /* backslashes: specification, section on escaping */
  { "user.name: 'a\\*b'", "a*b", TRUE },
  { "user.name: 'a\\*b'", "axb", FALSE },
  { "user.name: 'a\\?b'", "a?b", TRUE },
  { "user.name: 'a\\?b'", "axb", FALSE },
  { "user.name: 'a\\b'", "a\\b", TRUE },
  { "user.name: 'a\\\\b'", "a\\b", TRUE },
  { "user.name: 'a\\\\b'", "a\\\\b", FALSE },
  { "user.name: 'a\\\\\\\\b'", "a\\\\b", TRUE },
  { "user.name: 'a\\\\*b'", "a\\xxb", TRUE },
  { "user.name: 'a\\\\*b'", "a*b", FALSE },
  { "user.name: 'a\\\\\\*b'", "a\\*b", TRUE },
  { "user.name: 'a\\\\\\*b'", "a\\xb", FALSE },
  { "user.name: 'a\\'", "a\\", TRUE },
  /* null, empty, exists */
  { "user.name: null", NULL, TRUE },
  { "user.name: null", "", FALSE },
  { "user.name: null", "x", FALSE },
  { "user.name: ~", NULL, TRUE },
  { "user.name:", NULL, TRUE },
  { "user.name: 'null'", "null", TRUE },
  { "user.name: ''", "", TRUE },
  { "user.name: ''", NULL, FALSE },
  { "user.name: ''", "x", FALSE },
  { "user.name: [null, x]", NULL, TRUE },
  { "user.name: [null, x]", "x", TRUE },
  { "user.name: [null, x]", "y", FALSE },
  { "user.name|exists: true", "x", TRUE },
  { "user.name|exists: true", NULL, FALSE },
  { "user.name|exists: false", NULL, TRUE },
  { "user.name|exists: false", "x", FALSE },
  /* contains, startswith, endswith, all */
  { "user.name|contains: mi", "ADMIN", TRUE },
  { "user.name|contains: ''", "", TRUE },
  { "user.name|contains: mi", "main", FALSE },
  { "user.name|contains|cased: mi", "ADMIN", FALSE },
  { "user.name|startswith: ad", "Admin", TRUE },
  { "user.name|startswith: ad", "bad", FALSE },
  { "user.name|endswith: in", "admiN", TRUE },
  { "user.name|endswith: in", "ins", FALSE },
  { "user.name|contains|all: [ad, in]", "admin", TRUE },
  { "user.name|contains|all: [ad, in]", "adxxx", FALSE },
  { "user.name|contains: ['a*n', 'x']", "--admin--", TRUE },
  { "user.name|startswith: 'a*i'", "admin", TRUE },
  { "user.name|startswith: 'a*i'", "xadmin", FALSE },
  { "user.name|contains: '\\*'", "a*b", TRUE },
  { "user.name|contains: '\\*'", "ab", FALSE },
  /* neq */
  { "user.name|neq: root", "admin", TRUE },
  { "user.name|neq: root", "ROOT", FALSE },
  { "user.name|neq: [a, b]", "b", FALSE },
  { "user.name|neq: [a, b]", "c", TRUE },
  { "user.name|contains|neq: oo", "root", FALSE },
  /* re */
  { "user.name|re: 'ad[a-z]in'", "xadminx", TRUE },
  { "user.name|re: 'ad[a-z]in'", "ADMIN", FALSE },
  { "user.name|re|i: 'ad[a-z]in'", "ADMIN", TRUE },
  { "user.name|re: '^ad.in$'", "admin", TRUE },
  { "user.name|re: '^ad.in$'", "xadmin", FALSE },
  { "user.name|re: 'a.b'", "a\nb", FALSE },
  { "user.name|re|s: 'a.b'", "a\nb", TRUE },
  { "user.name|re: '^b'", "a\nb", FALSE },
  { "user.name|re|m: '^b'", "a\nb", TRUE },
  { "user.name|re|i|m: '^B'", "a\nb", TRUE },
  { "user.name|re: '(?i)ADMIN'", "admin", TRUE },
  { "user.name|re: 'a\\*b'", "a*b", TRUE },
  { "user.name|re|all: ['a', 'b']", "ab", TRUE },
  { "user.name|re|all: ['a', 'b']", "aa", FALSE },
  { "user.name|re|neq: '^a'", "b", TRUE },
  /* numbers */
  { "user.name|lt: 10", "9", TRUE },
  { "user.name|lt: 10", "10", FALSE },
  { "user.name|lte: 10", "10", TRUE },
  { "user.name|gt: 10", "10.5", TRUE },
  { "user.name|gt: 10", "10", FALSE },
  { "user.name|gte: 10", "10", TRUE },
  { "user.name|gte: 1.5", "1.4", FALSE },
  { "user.name|gte: -3", "-2", TRUE },
  { "user.name|gte: 10", "many", FALSE },
  { "user.name|gte: 10", NULL, FALSE },
  /* cidr */
  { "user.name|cidr: 192.0.2.0/24", "192.0.2.255", TRUE },
  { "user.name|cidr: 192.0.2.0/24", "192.0.3.0", FALSE },
  { "user.name|cidr: 198.51.100.0/22", "198.51.103.1", TRUE },
  { "user.name|cidr: 198.51.100.0/22", "198.51.104.1", FALSE },
  { "user.name|cidr: 0.0.0.0/0", "203.0.113.9", TRUE },
  { "user.name|cidr: 0.0.0.0/0", "2001:db8::1", FALSE },
  { "user.name|cidr: 2001:db8::/32", "2001:db8:ffff::1", TRUE },
  { "user.name|cidr: 2001:db8::/33", "2001:db8:ffff::1", FALSE },
  { "user.name|cidr: [10.0.0.0/8, 192.0.2.7]", "192.0.2.7", TRUE },
  { "user.name|cidr: [10.0.0.0/8, 192.0.2.7]", "192.0.2.8", FALSE },
  { "user.name|cidr: 10.0.0.0/8", "not an address", FALSE },
  /* windash */
  { "user.name|windash|contains: ' -f '", "x -f y", TRUE },
  { "user.name|windash|contains: ' -f '", "x /f y", TRUE },
  { "user.name|windash|contains: ' -f '",
    "x \xe2\x80\x93"
    "f y",
    TRUE },
  { "user.name|windash|contains: ' -f '",
    "x \xe2\x80\x94"
    "f y",
    TRUE },
  { "user.name|windash|contains: ' -f '",
    "x \xe2\x80\x95"
    "f y",
    TRUE },
  { "user.name|windash|contains: ' -f '", "x +f y", FALSE },
  { "user.name|windash|contains: 'a-b'", "a/b", FALSE },
  { "user.name|windash|contains: ' \xe2\x80\x94q '", "x /q y", TRUE },
  { "user.name|windash|contains: ' \xe2\x80\x94q '", "x \xe2\x80\x93q y", TRUE },
  { "user.name|windash|contains: ' \xe2\x80\x94q '", "x q y", FALSE },
  /* base64: values computed with base64(1) */
  { "user.name|base64: foobar", "Zm9vYmFy", TRUE },
  { "user.name|base64|contains: /bin/bash", "xxL2Jpbi9iYXNoyy", TRUE },
  { "user.name|base64offset|contains: /bin/bash", "L2Jpbi9iYXNo", TRUE },
  { "user.name|base64offset|contains: /bin/bash", "eC9iaW4vYmFzaA==", TRUE },
  { "user.name|base64offset|contains: /bin/bash", "eHgvYmluL2Jhc2h4", TRUE },
  { "user.name|base64offset|contains: /bin/bash", "L2Jpbi9zaA==", FALSE },
  { "user.name|utf16le|base64offset|contains: 'foo'", "ZgBvAG8A", TRUE },
  { "user.name|wide|base64offset|contains: 'foo'", "ZgBvAG8A", TRUE },
  { "user.name|utf16be|base64offset|contains: 'foo'", "AGYAbwBv", TRUE },
  { "user.name|utf16|base64|contains: 'foo'", "//5mAG8AbwA=", TRUE },
  /* text beyond ASCII */
  { "user.name: '\xc3\xa9t\xc3\xa9'", "\xc3\x89T\xc3\x89", TRUE },
  { "user.name|cased: '\xc3\xa9t\xc3\xa9'", "\xc3\x89T\xc3\x89", FALSE },
  { "user.name|contains: '\xe6\xbc\xa2'", "x\xe6\xbc\xa2x", TRUE },
  { "user.name: 'caf?"
    "?'",
    "caf\xc3\xa9", FALSE },
  { "user.name: 'caf?'", "caf\xc3\xa9", TRUE },
  { "user.name|startswith: 'caf?x'", "caf\xc3\xa9x", TRUE },
  /* several stars: the first place of each piece but the last */
  { "user.name|contains: 'a*b*c'", "xbaxxcbxc", TRUE },
  { "user.name|contains: 'a*b*c'", "xbaxxcb", FALSE },
  { "user.name: 'a*b*b'", "ab", FALSE },
  { "user.name: 'a*b*b'", "abb", TRUE },
  { "user.name: 'a*b*bc'", "abcbc", TRUE },
  { "user.name|endswith: 'a*b*bc'", "xabcxbcbc", TRUE },
  { "user.name|endswith: 'a*b*bc'", "xabcxbcbcx", FALSE },
  { "user.name|startswith: 'a*b*c'", "axbxc", TRUE },
  { "user.name|startswith: 'a*b*c'", "xaxbxc", FALSE },
};

static void
check_value_case(const ValueCase *value)
{
  gchar *detection = g_strdup_printf("s:\n  %s\ncondition: s", value->item);
  gchar *text = rule_text("category: authentication", detection);
  SiagaRules *rules = rules_of(text);
  set_event(SIAGA_FAMILY_AUTH, "a line", NULL);
  if (value->value)
    siaga_event_set(event, SIAGA_F_USER_NAME, value->value, strlen(value->value));
  ck_assert_msg(matches(rules) == value->match, "%s with '%s': expected %d", value->item,
                value->value ? value->value : "(absent)", value->match);
  siaga_rules_unref(rules);
  g_free(text);
  g_free(detection);
}

START_TEST(values_and_modifiers)
{
  backend = backends[_i];
  for (guint i = 0; i < G_N_ELEMENTS(value_cases); i++)
    check_value_case(&value_cases[i]);
}
END_TEST

START_TEST(any_value_of_a_list_matches)
{
  gchar *text = rule_text("category: authentication", "s:\n  tags: two\nn:\n  tags|neq: two\ncondition: s and not n");
  SiagaRules *rules = rules_of(text);
  set_event(SIAGA_FAMILY_AUTH, "x", PAIRS("tags=one", "tags=two", "tags=three"));
  ck_assert(matches(rules));
  set_event(SIAGA_FAMILY_AUTH, "x", PAIRS("tags=one", "tags=three"));
  ck_assert(!matches(rules));
  siaga_rules_unref(rules);
  g_free(text);
}
END_TEST

START_TEST(fields_compare_with_fields)
{
  static const struct
  {
    const gchar *item, *user, *target;
    gboolean match;
  } cases[] = {
    { "user.name|fieldref: user.target.name", "Budi", "budi", TRUE },
    { "user.name|fieldref: user.target.name", "budi", "siti", FALSE },
    { "user.name|fieldref: user.target.name", "budi", NULL, FALSE },
    { "user.name|cased|fieldref: user.target.name", "Budi", "budi", FALSE },
    { "user.name|fieldref|startswith: user.target.name", "budi2", "budi", TRUE },
    { "user.name|fieldref|endswith: user.target.name", "xbudi", "budi", TRUE },
    { "user.name|fieldref|contains: user.target.name", "xbudix", "budi", TRUE },
    { "user.name|fieldref|contains: user.target.name", "bbBUdix", "budi", TRUE },
    { "user.name|fieldref|contains: user.target.name", "1-BUDI", "-budi", TRUE },
    { "user.name|cased|fieldref|contains: user.target.name", "xBudix", "budi", FALSE },
    { "user.name|fieldref|contains: user.target.name", "bud", "budi", FALSE },
    { "user.name|fieldref|neq: user.target.name", "budi", "siti", TRUE },
    { "user.name|fieldref: user.target.name", "\xc3\x84nne", "\xc3\xa4nne", TRUE },
    { "user.name|cased|fieldref: user.target.name", "\xc3\x84nne", "\xc3\xa4nne", FALSE },
    { "user.name|fieldref|contains: user.target.name", "x\xc3\x84nne", "\xc3\xa4nne", TRUE },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      gchar *detection = g_strdup_printf("s:\n  %s\ncondition: s", cases[i].item);
      gchar *text = rule_text("category: authentication", detection);
      SiagaRules *rules = rules_of(text);
      set_event(SIAGA_FAMILY_AUTH, "x", NULL);
      siaga_event_set(event, SIAGA_F_USER_NAME, cases[i].user, strlen(cases[i].user));
      if (cases[i].target)
        siaga_event_set(event, SIAGA_F_USER_TARGET_NAME, cases[i].target, strlen(cases[i].target));
      ck_assert_msg(matches(rules) == cases[i].match, "%s", cases[i].item);
      siaga_rules_unref(rules);
      g_free(text);
      g_free(detection);
    }
}
END_TEST

START_TEST(parts_of_times)
{
  /* 2027-01-03T22:45:10Z, a Sunday of week 53 of 2026; 05:45 on Monday of week 1 in WIB. */
  static const struct
  {
    const gchar *item;
    gint zone;
    gboolean match;
  } cases[] = {
    { "'@timestamp|hour': 22", 0, TRUE },
    { "'@timestamp|hour': 5", 7 * 3600, TRUE },
    { "'@timestamp|hour|lt': 6", 0, FALSE },
    { "'@timestamp|hour|lt': 6", 7 * 3600, TRUE },
    { "'@timestamp|minute': 45", 0, TRUE },
    { "'@timestamp|day': 3", 0, TRUE },
    { "'@timestamp|day': 4", 7 * 3600, TRUE },
    { "'@timestamp|week': 53", 0, TRUE },
    { "'@timestamp|week': 1", 7 * 3600, TRUE },
    { "'@timestamp|month': 1", 0, TRUE },
    { "'@timestamp|year|gte': 2027", 0, TRUE },
    { "'@timestamp|year': 2026", 0, FALSE },
    { "date|year: 2027", 0, TRUE },
    { "time|hour|gt: 21", 0, TRUE },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      gchar *detection = g_strdup_printf("s:\n  %s\ncondition: s", cases[i].item);
      gchar *text = rule_text("category: authentication", detection);
      SiagaRules *rules = rules_of(text);
      set_event(SIAGA_FAMILY_AUTH, "x", NULL);
      event->time = G_GINT64_CONSTANT(1799016310000000);
      event->time_kind = SIAGA_TIME_LINE;
      event->zone = cases[i].zone;
      ck_assert_msg(matches(rules) == cases[i].match, "%s in zone %d", cases[i].item, cases[i].zone);
      siaga_rules_unref(rules);
      g_free(text);
      g_free(detection);
    }
}
END_TEST

/* --- conditions ----------------------------------------------------------------------------------------------------
 */

START_TEST(conditions)
{
  /* The lines that the condition is true for; an identifier is true when its letter stands in the line. */
  static const struct
  {
    const gchar *condition, *lines;
  } cases[] = {
    { "sel_a", "a ab ac abc" },
    { "not sel_a", "- b c bc" },
    { "sel_a and sel_b", "ab abc" },
    { "sel_a or sel_b and _c", "a ab ac bc abc" },
    { "(sel_a or sel_b) and _c", "ac bc abc" },
    { "sel_a and not sel_b", "a ac" },
    { "not sel_a and not sel_b", "- c" },
    { "not (sel_a or sel_b)", "- c" },
    { "not not sel_a", "a ab ac abc" },
    { "1 of sel_*", "a b ab ac bc abc" },
    { "any of sel_*", "a b ab ac bc abc" },
    { "all of sel_*", "ab abc" },
    { "1 of them", "a b ab ac bc abc" },
    { "all of them", "ab abc" },
    { "_c and 1 of sel_*", "ac bc abc" },
    { "not 1 of sel_*", "- c" },
    { "1 of _*", "c ac bc abc" },
    { "sel_a AND NOT sel_b OR _c", "a c ac bc abc" },
    { "[sel_a, _c and sel_b]", "a ab ac bc abc" },
  };
  static const gchar *const lines[] = { "-", "a", "b", "c", "ab", "ac", "bc", "abc" };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      gchar *detection = g_strdup_printf("sel_a: [a]\nsel_b: [b]\n_c: [c]\ncondition: %s", cases[i].condition);
      gchar *text = rule_text("product: linux", detection);
      SiagaRules *rules = rules_of(text);
      gchar **expected = g_strsplit(cases[i].lines, " ", -1);
      for (guint k = 0; k < G_N_ELEMENTS(lines); k++)
        {
          gboolean want = g_strv_contains((const gchar *const *) expected, lines[k]);
          set_event(SIAGA_FAMILY_NONE, lines[k], NULL);
          ck_assert_msg(matches(rules) == want, "%s on '%s': expected %d", cases[i].condition, lines[k], want);
        }
      siaga_rules_unref(rules);
      g_strfreev(expected);
      g_free(detection);
      g_free(text);
    }
}
END_TEST

START_TEST(keywords_search_the_line)
{
  static const struct
  {
    const gchar *search;
    const gchar *line;
    gboolean match;
  } cases[] = {
    { "[bash, curl]", "x CURL y", TRUE },
    { "[bash, curl]", "x wget y", FALSE },
    { "['a*b']", "xxaYYbzz", TRUE },
    { "{'|all': [one, two]}", "two and one", TRUE },
    { "{'|all': [one, two]}", "one", FALSE },
    { "{'|re': 'o[n]e$'}", "the one", TRUE },
    { "{'|cased': [One]}", "one", FALSE },
    { "[404]", "GET 404", TRUE },
    { "[{process.name: sshd}, curl]", "x curl", TRUE },
    { "[{process.name: sshd}, curl]", "x", TRUE },
    { "[{process.name: cron, '|contains': x}, curl]", "x", FALSE },
    { "word", "a WORD here", TRUE },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      gchar *detection = g_strdup_printf("k: %s\ncondition: k", cases[i].search);
      gchar *text = rule_text("product: linux", detection);
      SiagaRules *rules = rules_of(text);
      set_event(SIAGA_FAMILY_NONE, cases[i].line, PAIRS("process.name=sshd"));
      ck_assert_msg(matches(rules) == cases[i].match, "%s on '%s'", cases[i].search, cases[i].line);
      siaga_rules_unref(rules);
      g_free(detection);
      g_free(text);
    }
}
END_TEST

/* --- web targets ---------------------------------------------------------------------------------------------------
 */

START_TEST(query_field_has_many_forms)
{
  static const gchar target[] = "/cgi-bin/x.php?file=%2e%2e%2fetc&id=1";
  static const struct
  {
    const gchar *item;
    gboolean match;
  } cases[] = {
    { "cs-uri-query|contains: '/cgi-bin/x.php'", TRUE },
    { "cs-uri-query|contains: '../etc'", TRUE },
    { "cs-uri-query|contains: '%2e%2e'", TRUE },
    { "cs-uri-query|startswith: 'file='", TRUE },
    { "cs-uri-query|startswith: '/cgi'", TRUE },
    { "cs-uri-query|endswith: 'id=1'", TRUE },
    { "cs-uri-query: 'file=../etc&id=1'", TRUE },
    { "cs-uri-query: 'file=%2e%2e%2fetc&id=1'", TRUE },
    { "cs-uri-query|re: '^file='", TRUE },
    { "cs-uri-query|re: '^/cgi'", TRUE },
    { "cs-uri-query|re: 'e=\\.\\./'", TRUE },
    { "cs-uri-query|contains|all: ['x.php', '../etc', '%2e']", TRUE },
    { "cs-uri-query|contains|all: ['x.php', 'nowhere']", FALSE },
    { "cs-uri-query|startswith: 'x.php'", FALSE },
    { "cs-uri-query: null", FALSE },
    { "cs-uri-query|exists: true", TRUE },
    { "cs-uri-query: ''", FALSE },
    { "cs-uri-query|contains|neq: 'x.php'", FALSE },
    { "cs-uri-stem|endswith: 'x.php'", TRUE },
    { "cs-uri-stem|contains: 'id=1'", FALSE },
    { "c-uri|contains: '../etc'", TRUE },
    { "sc-status: 404", TRUE },
    { "sc-status: [200, '40*']", TRUE },
    { "sc-status|gte: 400", TRUE },
    { "sc-status|lt: 400", FALSE },
    { "cs-method: get", TRUE },
    { "cs-user-agent: null", TRUE },
    { "cs-user-agent: ''", TRUE },
    { "cs-user-agent: '-'", TRUE },
    { "cs-user-agent: 'x'", FALSE },
    { "cs-referer: '-'", FALSE },
    { "cs-referer|startswith: 'https://'", TRUE },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      gchar *detection = g_strdup_printf("s:\n  %s\ncondition: s", cases[i].item);
      gchar *text = rule_text("category: webserver", detection);
      backend = backends[_i];
      SiagaRules *rules = rules_of(text);
      set_event(SIAGA_FAMILY_WEB, "a line",
                PAIRS("http.request.method=GET", "http.response.status_code=404",
                      "http.request.referrer=https://www.kementerian.go.id/",
                      "siaga.url.canonical=/cgi-bin/x.php?file=../etc&id=1", "siaga.url.canonical_path=/cgi-bin/x.php",
                      "siaga.url.canonical_query=file=../etc&id=1"));
      siaga_event_set(event, SIAGA_F_URL_ORIGINAL, target, strlen(target));
      siaga_event_set(event, SIAGA_F_URL_PATH, target, 14);
      siaga_event_set(event, SIAGA_F_URL_QUERY, target + 15, strlen(target) - 15);
      ck_assert_msg(matches(rules) == cases[i].match, "%s", cases[i].item);
      siaga_rules_unref(rules);
      g_free(detection);
      g_free(text);
    }
}
END_TEST

START_TEST(query_without_a_query)
{
  SiagaRules *rules;
  gchar *text = rule_text("category: webserver", "s:\n  cs-uri-query: null\nt:\n  cs-uri-query|contains: /mgmt/tm\n"
                                                 "condition: s and t");
  rules = rules_of(text);
  set_event(SIAGA_FAMILY_WEB, "x", PAIRS("url.original=/mgmt/tm/util", "url.path=/mgmt/tm/util"));
  ck_assert(matches(rules));
  siaga_rules_unref(rules);
  g_free(text);
}
END_TEST

/* --- keys of the line ----------------------------------------------------------------------------------------------
 */

START_TEST(keys_of_the_line)
{
  static const struct
  {
    const gchar *logsource, *item, *line;
    gboolean match;
  } cases[] = {
    { "category: application, product: opencanary", "logtype: 2000", "{\"logtype\": 2000, \"dst_port\": 21}", TRUE },
    { "category: application, product: opencanary", "logtype: 2000", "Nov 21 x opencanary: {\"logtype\": 2000}", TRUE },
    { "category: application, product: opencanary", "logtype: 2000", "{\"logtype\": 2001}", FALSE },
    { "category: application, product: opencanary", "logdata.USERNAME: root", "{\"logdata\":{\"USERNAME\":\"root\"}}",
      TRUE },
    { "category: application, product: opencanary", "logtype: 2000", "{\"logtype\": 2000", FALSE },
    { "product: zeek, service: dns", "answers|endswith: '8'", "{\"answers\":[\"192.0.2.7\",\"192.0.2.8\"]}", TRUE },
    { "product: zeek, service: dns", "rejected: 'false'", "{\"rejected\":false}", TRUE },
    { "product: zeek, service: dns", "Z: 1", "{\"Z\":1}", TRUE },
    { "product: zeek, service: dns", "Z: null", "{\"Z\":null}", TRUE },
    { "product: zeek, service: dns", "Z: null", "{\"Z\":2}", FALSE },
    /* "only verifies the presence of a field, not its value, be it empty or null" */
    { "product: zeek, service: dns", "Z|exists: true", "{\"Z\":null}", TRUE },
    { "product: zeek, service: dns", "Z|exists: false", "{\"Z\":null}", FALSE },
    { "product: zeek, service: dns", "Z|exists: false", "{\"AA\":true}", TRUE },
    { "product: zeek, service: dns", "Z: '*'", "{\"Z\":null}", FALSE },
    { "product: zeek, service: dns", "id.resp_p|gte: 53", "{\"id.resp_p\":53}", TRUE },
    { "product: zeek, service: http", "c-uri|endswith: '.exe'", "{\"uri\":\"/a.exe\"}", FALSE },
    { "product: fortigate, service: event", "cfgpath: system.admin",
      "date=2026-11-21 action=\"Add\" cfgpath=\"system.admin\" x=1", TRUE },
    { "product: fortigate, service: event", "action: add", "date=2026-11-21 action=Add cfgpath=\"x\"", TRUE },
    { "product: fortigate, service: event", "action: add", "xaction=Add", FALSE },
    { "product: fortigate, service: event", "action: add", "action=\"Add", TRUE },
    { "product: fortigate, service: event", "action: add", "action=", FALSE },
    /* a quote within a value is escaped, and begins no key */
    { "product: fortigate, service: event", "action: 'a\"b c'", "x=1 action=\"a\\\"b c\" cfgpath=\"x\"", TRUE },
    { "product: fortigate, service: event", "cfgpath: x", "x=1 action=\"a\\\"b c\" cfgpath=\"x\"", TRUE },
    { "product: fortigate, service: event", "cfgpath: y", "x=1 action=\"a\\\" cfgpath=y\" cfgpath=\"x\"", FALSE },
    { "product: fortigate, service: event", "cfgpath: x", "action=\"C:\\\\\" cfgpath=\"x\"", TRUE },
    { "product: fortigate, service: event", "action: 'a\"'", "action=\"a\\\"", TRUE },
    { "product: modsecurity", "msg: 'say \"x\"'", "[msg \"say \\\"x\\\"\"] [severity \"CRITICAL\"]", TRUE },
    { "product: modsecurity", "severity: CRITICAL", "[msg \"a\\\"] [severity \\\"CRITICAL\\\"\"]", FALSE },
    { "product: modsecurity", "severity: CRITICAL",
      "ModSecurity: Warning. [file \"/m.conf\"] [id \"900777\"] [severity \"CRITICAL\"] [uri \"/a\"]", TRUE },
    { "product: modsecurity", "id: 900777", "[id \"900778\"] [ 900777] [id \"", FALSE },
    { "product: modsecurity", "id: 900777", "[id \"900777", FALSE },
    { "product: cisco, service: aaa", "CmdSet|contains: 'monitor capture'",
      "User=budi, CmdSet=[ CmdAV=monitor capture CmdArgAV=x ], NAS=1", TRUE },
    { "product: cisco, service: aaa", "CmdArgAV: x", "User=budi, CmdSet=[ CmdAV=monitor CmdArgAV=x ], NAS=1", TRUE },
    { "product: cisco, service: aaa", "User: budi", "User=budi, CmdSet=[ CmdAV=monitor CmdArgAV=x ], NAS=1", TRUE },
    { "product: cisco, service: aaa", "User|neq: budi", "User=budi, CmdSet=[ CmdAV=monitor CmdArgAV=x ], NAS=1",
      FALSE },
    { "product: cisco, service: aaa", "NAS: 1", "User=budi, CmdSet=[ CmdAV=monitor CmdArgAV=x ], NAS=1", TRUE },
    { "product: linux, service: sudo", "USER|startswith: '#-'",
      "Nov 21 03:00:00 h sudo: budi : TTY=pts/0 ; PWD=/home/budi ; USER=#-1 ; COMMAND=/usr/bin/id", TRUE },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      gchar *detection = g_strdup_printf("s:\n  %s\ncondition: s", cases[i].item);
      gchar *text = rule_text(cases[i].logsource, detection);
      SiagaRules *rules = rules_of(text);
      set_event(SIAGA_FAMILY_NONE, cases[i].line, NULL);
      ck_assert_msg(matches(rules) == cases[i].match, "%s on %s", cases[i].item, cases[i].line);
      siaga_rules_unref(rules);
      g_free(detection);
      g_free(text);
    }
}
END_TEST

/* Two rules' fields, more than sixteen bits count. */
START_TEST(fields_of_the_line_stay_apart_however_many)
{
  enum
  {
    HALF = 33000
  };
  GString *names[2] = { g_string_new("s:\n"), g_string_new("s:\n") };
  SiagaRules *rules = rules_new();
  for (guint r = 0; r < 2; r++)
    {
      for (guint i = 0; i < HALF; i++)
        g_string_append_printf(names[r], "  - f%u: x\n", r * HALF + i);
      g_string_append(names[r], "condition: s");
      gchar *text = rule_text("product: fortigate, service: event", names[r]->str);
      text[strlen("title: ")] += r; /* a name of its own */
      ck_assert(load_text(rules, "many.yml", text));
      g_free(text);
    }
  ck_assert(siaga_rules_finish(rules, diag));
  SiagaHits hits;
  set_event(SIAGA_FAMILY_NONE, "f5=x", NULL);
  siaga_rules_match(rules, event, &hits);
  ck_assert_uint_eq(hits.count, 1);
  siaga_rules_unref(rules);
  for (guint r = 0; r < 2; r++)
    g_string_free(names[r], TRUE);
}
END_TEST

/* --- mistakes ------------------------------------------------------------------------------------------------------
 */

#define HEAD "title: t\nlogsource: { product: linux }\n"

START_TEST(mistakes_name_themselves_and_their_place)
{
  static const struct
  {
    const gchar *text, *said;
  } cases[] = {
    { HEAD "detection:\n  s:\n    user.name|neq|neq: x\n  condition: s\n",
      "rule.yml:5:19: error: modifier 'neq' stands there twice\n" },
    { HEAD "detection:\n  s:\n    '@timestamp|hour': 24\n  condition: s\n",
      "rule.yml:5:24: error: no such part of a time: '24' is never true\n" },
    { HEAD "detection:\n  s:\n    '@timestamp|hour|minute': 5\n  condition: s\n",
      "rule.yml:5:5: error: of a time one part is asked at once\n" },
    { HEAD "detection:\n  s:\n    user.name|hour: 5\n  condition: s\n",
      "rule.yml:5:5: error: 'user.name' holds no times\n" },
    { HEAD "detection:\n  s: [ [ a, b ] ]\n  condition: s\n",
      "rule.yml:4:8: error: expected a text or a map: lists hold no lists\n" },
    { HEAD "action: wrongword\ndetection: { s: [ x ], condition: s }\n",
      "rule.yml:3:9: error: unknown action 'wrongword'; expected global, reset or repeat\n" },
    { HEAD "detection:\n  s:\n    user.name|contians: x\n  condition: s\n",
      "rule.yml:5:15: error: modifier 'contians' is not known; did you mean 'contains'?\n" },
    { "title: t\nlogsource: { category: webserver }\ndetection:\n  s:\n    cs-uri-qurey: x\n  condition: s\n",
      "rule.yml:5:5: error: field 'cs-uri-qurey' is not known for log source 'webserver'; did you mean "
      "'cs-uri-query'?\n" },
    { HEAD "detection:\n  s:\n    user.nam: x\n  condition: s\n",
      "rule.yml:5:5: error: field 'user.nam' is not known for log source 'linux'; did you mean 'user.name'?\n" },
    { HEAD "detection:\n  s:\n    user.name|re: 'a('\n  condition: s\n",
      "rule.yml:5:22: error: regular expression: missing closing parenthesis at offset 2\n" },
    { HEAD "detection:\n  s:\n    user.name|re: |-\n      (?x)\n      ab  # one\n      (c\n  condition: s\n",
      "rule.yml:5:19: error: regular expression: missing closing parenthesis at offset 4: ...ab(c <-- here\n" },
    { HEAD "detection:\n  s:\n    user.name|i: 'a'\n  condition: s\n",
      "rule.yml:5:15: error: modifier 'i' belongs behind 're'\n" },
    { HEAD "detection:\n  s:\n    user.name|re|contains: 'a'\n  condition: s\n",
      "rule.yml:5:5: error: contains, startswith, endswith and encodings do not go with re, cidr, exists and "
      "comparisons\n" },
    { HEAD "detection:\n  s:\n    source.ip|cidr: 192.0.2.0/33\n  condition: s\n",
      "rule.yml:5:21: error: '192.0.2.0/33' is no network such as 192.0.2.0/24 or 2001:db8::/32\n" },
    { HEAD "detection:\n  s:\n    source.port|gt: many\n  condition: s\n",
      "rule.yml:5:21: error: expected a number\n" },
    { HEAD "detection:\n  s:\n    user.name|exists: maybe\n  condition: s\n",
      "rule.yml:5:23: error: modifier 'exists' expects true or false\n" },
    { HEAD "detection:\n  s:\n    user.name|base64: 'a*'\n  condition: s\n",
      "rule.yml:5:23: error: modifier 'base64' cannot encode wildcards: escape them with a backslash\n" },
    { HEAD "detection:\n  s: [a]\n  condition: s and t\n",
      "rule.yml:5:20: error: condition: expected a search identifier of this rule, not 't'\n" },
    { HEAD "detection:\n  s: [a]\n  condition: s and (s\n",
      "rule.yml:5:22: error: condition: expected ')' at its end\n" },
    { HEAD "detection:\n  s: [a]\n  condition: >-\n    s and\n    nosuch\n",
      "rule.yml:5:14: error: condition: expected a search identifier of this rule, not 'nosuch'\n" },
    { HEAD "detection:\n  s: [a]\n  condition: 's or'\n",
      "rule.yml:5:19: error: condition: expected a search identifier of this rule at its end\n" },
    { HEAD "detection:\n  s: [a]\n  condition: 2 of s*\n",
      "rule.yml:5:14: error: condition: expected '1 of' or 'all of', not '2'\n" },
    { HEAD "detection:\n  s: [a]\n  condition: 1 of x*\n",
      "rule.yml:5:19: error: condition: expected a pattern that some search identifier fits, not 'x*'\n" },
    { HEAD "detection:\n  s: [a]\n  condition: s | count() > 5\n",
      "rule.yml:5:16: error: condition: aggregations behind '|' are not part of Sigma 2: write a correlation rule\n" },
    { HEAD "detection:\n  s: [a]\n", "rule.yml:4:3: error: expected a map of search identifiers and 'condition:'\n" },
    { HEAD "detection:\n  s: []\n  condition: s\n", "rule.yml:4:6: error: the list is empty\n" },
    { HEAD "level: hihg\ndetection:\n  s: [a]\n  condition: s\n",
      "rule.yml:3:8: error: level: expected one of informational, low, medium, high, critical\n" },
    { "title: t\nlogsource: { category: webserver }\ndetection:\n  s:\n    date: 2026-03-11\n  condition: s\n",
      "rule.yml:5:5: error: a time is compared by its parts: behind 'date' expected |minute, |hour, |day, |week, "
      "|month "
      "or |year\n" },
    { HEAD "taxonomy: ours\ndetection:\n  s: [a]\n  condition: s\n",
      "rule.yml:3:11: error: taxonomy: expected one of sigma, ecs, zeek\n" },
    { "logsource: { product: linux }\ndetection:\n  s: [a]\n  condition: s\n",
      "rule.yml:1:1: error: expected 'title:', a text\n" },
    { "title: t\ndetection:\n  s: [a]\n  condition: s\n",
      "rule.yml:1:1: error: expected 'logsource:' with category, product or service\n" },
    { "title: t\n  bad: [\n", "rule.yml:2:6: error: not YAML: mapping values are not allowed in this context\n" },
    { HEAD "siaga: { samples: [{ given: { user.name: x } }] }\ndetection:\n  s: [a]\n  condition: s\n",
      "rule.yml:3:20: error: samples, rejects: expected a log line, or { line, given }\n" },
    { HEAD "siaga: { samples: [{ line: x, given: { user.nam: y } }] }\ndetection:\n  s: [a]\n  condition: s\n",
      "rule.yml:3:40: error: given: expected fields of the registry with a value each\n" },
    { HEAD "siaga: { victim: no.such }\ndetection:\n  s: [a]\n  condition: s\n",
      "rule.yml:3:18: error: victim: 'no.such' is not in the field registry\n" },
  };
  SiagaRules *rules = rules_new();
  gchar *text = rule_text("product: linux", "s: [good]\ncondition: s");
  ck_assert(load_text(rules, "good.yml", text));
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      siaga_diag_free(diag);
      diag = siaga_diag_new();
      ck_assert_msg(!load_text(rules, "rule.yml", cases[i].text), "%s", cases[i].text);
      gchar *said = messages();
      ck_assert_str_eq(said, cases[i].said);
      g_free(said);
    }
  ck_assert(siaga_rules_finish(rules, diag));
  ck_assert_uint_eq(siaga_rules_size(rules), 1);
  set_event(SIAGA_FAMILY_NONE, "a good line", NULL);
  ck_assert(matches(rules));
  siaga_rules_unref(rules);
  g_free(text);
}
END_TEST

/* One field, by which correlations can group; an address where a name means several. */
START_TEST(correlations_group_by_sigma_names)
{
  static const gchar *const cases[][2] = {
    { "c-ip", "source.ip" },
    { "src_ip", "source.ip" },
    { "SourceIp", "source.ip" },
    { "srcip", "source.ip" },
    { "remip", "source.ip" },
    { "src_host", "source.ip" },
    { "id.orig_h", "source.ip" },
    { "cs-host", "url.domain" },
    { "r-dns", "http.request.host" },
    { "cs-method", "http.request.method" },
    { "cs-uri-stem", "url.path" },
    { "cs-uri-query", "url.query" },
    { "c-uri", "url.original" },
    { "c-useragent", "user_agent.original" },
    { "cs-referer", "http.request.referrer" },
    { "sc-status", "http.response.status_code" },
    { "sc-bytes", "http.response.body.bytes" },
    { "cs-username", "user.name" },
    { "User", "user.name" },
    { "user", "user.name" },
    { "TargetUserName", "user.name" },
    { "QueryName", "dns.question.name" },
    { "record_type", "dns.question.type" },
    { "Computer", "host.hostname" },
    { "host", "host.hostname" },
    { "hostname", "host.hostname" },
    { "logtype", "event.code" },
    { "nobody's", NULL },
  };
  gchar *path = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "sigma.yaml", NULL);
  SiagaMapping *mapping = siaga_mapping_load(path, fields, diag);
  ck_assert_ptr_nonnull(mapping);
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      SiagaFieldId field = siaga_mapping_grouped_field(mapping, cases[i][0]);
      ck_assert_msg(field == (cases[i][1] ? siaga_fields_lookup(fields, cases[i][1], -1) : SIAGA_FIELD_NONE), "%s",
                    cases[i][0]);
    }
  siaga_mapping_free(mapping);
  g_free(path);
}
END_TEST

/* Log sources and fields of the specification's taxonomy appendix, and what public rules call them. */
START_TEST(log_sources_and_fields_of_the_taxonomy)
{
  static const struct
  {
    const gchar *logsource, *fields;
  } cases[] = {
    { "category: webserver", "c-ip cs-username s-sitename s-computername s-ip s-port cs-method cs-uri-stem "
                             "cs-uri-query sc-status c-win32-status sc-bytes cs-bytes time-taken cs-version cs-host "
                             "cs-user-agent cs-cookie cs-referer sc-win32-status sc-substatus cs-uri cs(Referer)" },
    { "category: proxy",
      "c-uri c-uri-extension c-uri-query c-uri-stem c-useragent cs-bytes cs-cookie cs-host cs-method "
      "r-dns cs-referrer cs-version sc-bytes sc-status src_ip dst_ip r-ip cs-uri" },
    { "category: dns", "query record_type answer answers QueryName parent_domain src_ip dst_ip qtype_name rcode_name "
                       "domain rrname rrtype rdata id.orig_h" },
    { "product: zeek, service: dns", "query qtype_name answers id.orig_h id.orig_p id.resp_h id.resp_p AA qclass_name "
                                     "rcode rcode_name TTLs trans_id Z rejected proto uid" },
    { "product: zeek, service: http", "user_agent uri host method status_code resp_mime_types id.resp_h referrer "
                                      "c-useragent post_body" },
    { "category: network, service: dns",
      "source.ip source.port destination.ip destination.port dns.id dns.question.name "
      "dns.question.type dns.question.class dns.answers.name dns.answers.type "
      "dns.answers.data dns.answers.ttl dns.header.flags dns.response.code" },
    { "product: apache, service: error", "" },
    { "service: apache", "" },
    { "product: nginx", "" },
    { "product: modsecurity", "" },
    { "product: linux", "" },
    { "product: linux, service: auth", "" },
    { "product: linux, service: sshd", "" },
    { "product: linux, service: sudo", "USER" },
    { "product: linux, service: syslog", "" },
    { "product: linux, service: cron", "" },
    { "product: linux, service: vsftpd", "" },
    { "product: linux, service: clamav", "" },
    { "product: linux, service: guacamole", "" },
    { "category: application, product: jvm", "" },
    { "category: application, product: spring", "" },
    { "category: application, product: django", "" },
    { "category: application, product: python", "" },
    { "category: application, product: ruby_on_rails", "" },
    { "category: application, product: sql", "" },
    { "category: application, product: velocity", "" },
    { "category: application, product: nodejs", "" },
    { "category: application, product: opencanary", "logtype logdata.USERNAME" },
    { "category: database", "" },
    { "product: cisco, service: aaa", "" },
    { "product: fortigate, service: event", "action cfgpath" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      gchar **names = g_strsplit(cases[i].fields, " ", -1);
      GString *detection = g_string_new("k: [word]\ns:\n  event.dataset: x\n");
      for (gchar **name = names; *name && **name; name++)
        g_string_append_printf(detection, "  '%s': '1'\n", *name);
      g_string_append(detection, "condition: 1 of them");
      gchar *text = rule_text(cases[i].logsource, detection->str);
      SiagaRules *rules = rules_of(text);
      ck_assert_msg(siaga_rules_size(rules) == 1, "%s", cases[i].logsource);
      siaga_rules_unref(rules);
      g_free(text);
      g_string_free(detection, TRUE);
      g_strfreev(names);
    }
}
END_TEST

START_TEST(foreign_log_sources_are_counted)
{
  SiagaRules *rules = rules_new();
  ck_assert(load_text(rules, "w.yml",
                      "title: w\nlogsource: { product: windows, category: process_creation }\n"
                      "detection:\n  s:\n    Image|endswith: x\n  condition: s\n"));
  ck_assert(siaga_rules_finish(rules, diag));
  ck_assert_uint_eq(siaga_rules_skipped(rules), 1);
  ck_assert_uint_eq(siaga_rules_size(rules), 0);
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_NOTE), 1);
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_ERROR), 0);
  siaga_rules_unref(rules);
}
END_TEST

START_TEST(unsupported_rules_are_left_out_and_said)
{
  SiagaRules *rules = rules_new();
  ck_assert(load_text(rules, "u.yml",
                      "title: home-made\nlogsource: { product: linux }\nstatus: unsupported\n"
                      "detection:\n  s: [x]\n  condition: s\n"));
  gchar *said = messages();
  ck_assert_str_eq(said, "u.yml:3:9: warning: left out 'home-made': its status says that it is unsupported\n");
  ck_assert(siaga_rules_finish(rules, diag));
  ck_assert_uint_eq(siaga_rules_unsupported(rules), 1);
  ck_assert_uint_eq(siaga_rules_size(rules), 0);
  set_event(SIAGA_FAMILY_NONE, "x", NULL);
  ck_assert(!matches(rules));
  g_free(said);
  siaga_rules_unref(rules);
}
END_TEST

/* --- what a rule says about itself -----------------------------------------------------------------------------------
 */

START_TEST(rule_record)
{
  SiagaRules *rules = rules_of(
      "title: a title\nid: 6f3e2987-db24-4c78-a860-b4f4095a7095\nname: a_name\nstatus: test\n"
      "description: what it is\ntags: [attack.t1110.003, attack.T1078, attack.credential_access, attack.g0007, cve.x]\n"
      "related: [{ id: 929a690e-bef0-4204-a928-ef5e620d6fcc, type: derived }]\nfalsepositives: [one, two]\n"
      "level: critical\nlogsource: { product: linux }\n"
      "siaga: { category: brute-force, victim: host.hostname, samples: ['a line'], rejects: ['b', { line: c, given: { "
      "user.name: d } }] }\n"
      "detection: { s: [x], condition: s }\n"
      "---\ntitle: no id\nlogsource: { product: linux }\ndetection: { s: [x], condition: s }\n");
  const SiagaRule *rule = siaga_rules_get(rules, 0);
  guint count;

  ck_assert_str_eq(rule->title, "a title");
  ck_assert_str_eq(rule->status, "test");
  ck_assert_str_eq(rule->description, "what it is");
  ck_assert_int_eq(rule->level, SIAGA_LEVEL_CRITICAL);
  ck_assert_str_eq(rule->techniques[0], "T1110.003");
  ck_assert_str_eq(rule->techniques[1], "T1078");
  ck_assert_ptr_null(rule->techniques[2]);
  ck_assert_str_eq(rule->tactics[0], "credential-access");
  ck_assert_ptr_null(rule->tactics[1]);
  ck_assert_uint_eq(g_strv_length((gchar **) rule->tags), 5);
  ck_assert_str_eq(rule->related[0], "derived: 929a690e-bef0-4204-a928-ef5e620d6fcc");
  ck_assert_str_eq(rule->falsepositives[1], "two");
  ck_assert_str_eq(rule->category, "brute-force");
  ck_assert_str_eq(rule->victim, "host.hostname");
  const SiagaRuleSample *samples = siaga_rules_samples(rules, 0, &count);
  ck_assert_uint_eq(count, 3);
  ck_assert_str_eq(samples[0].line, "a line");
  ck_assert(!samples[0].reject && samples[2].reject);
  ck_assert_ptr_null(samples[0].given);
  ck_assert_str_eq(samples[2].line, "c");
  ck_assert_str_eq(samples[2].given[1], "d");
  ck_assert_ptr_null(samples[2].given[2]);
  ck_assert_ptr_eq(siaga_rules_find(rules, "a_name"), rule);
  ck_assert_ptr_eq(siaga_rules_find(rules, rule->id), rule);
  const SiagaRule *other = siaga_rules_get(rules, 1);
  ck_assert_uint_eq(strlen(other->id), 36);
  ck_assert_int_eq(other->id[14], '5');
  ck_assert_uint_ne(other->version, 0);
  ck_assert_int_eq(other->level, SIAGA_LEVEL_NONE);
  siaga_rules_unref(rules);
}
END_TEST

START_TEST(hits_are_put_on_the_event)
{
  SiagaRules *rules = rules_of("title: one\nid: 00000000-0000-4000-8000-000000000001\nlevel: low\n"
                               "tags: [attack.t1110]\nlogsource: { product: linux }\n"
                               "detection: { s: [x], condition: s }\n"
                               "---\ntitle: two\nid: 00000000-0000-4000-8000-000000000002\nlevel: high\n"
                               "tags: [attack.t1110, attack.t1078]\nlogsource: { product: linux }\n"
                               "detection: { s: [x], condition: s }\n");
  SiagaHits hits;
  GString *out = g_string_new(NULL);
  SiagaJson json;

  set_event(SIAGA_FAMILY_NONE, "x", NULL);
  ck_assert(siaga_rules_match(rules, event, &hits));
  ck_assert_uint_eq(hits.count, 2);
  ck_assert_uint_eq(hits.rule[0], 0);
  ck_assert_uint_eq(hits.rule[1], 1);
  siaga_rules_tag_event(rules, &hits, event);
  siaga_json_init(&json, out);
  siaga_json_open_object(&json, NULL);
  siaga_event_write_json(event, &json, FALSE);
  siaga_json_close_object(&json);
  ck_assert_msg(strstr(out->str, "\"rule\":{\"id\":[\"00000000-0000-4000-8000-000000000001\","
                                 "\"00000000-0000-4000-8000-000000000002\"],\"level\":[\"low\",\"high\"],"
                                 "\"name\":[\"one\",\"two\"]}") != NULL,
                "%s", out->str);
  ck_assert_msg(strstr(out->str, "\"threat\":{\"technique\":{\"id\":[\"T1110\",\"T1078\"]}}") != NULL, "%s", out->str);
  g_string_free(out, TRUE);
  siaga_rules_unref(rules);
}
END_TEST

/* One line that sets off a hundred rules must not hide the grave ones behind the others. */
START_TEST(of_more_hits_than_there_is_room_for_the_gravest_are_put_on_the_event)
{
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < 120; i++)
    g_string_append_printf(text,
                           "---\ntitle: rule %u\nlevel: %s\nlogsource: { product: linux }\n"
                           "detection: { s: [x], condition: s }\n",
                           i,
                           i % 40 == 39 ? "critical"
                           : i % 2      ? "low"
                                        : "medium");
  SiagaRules *rules = rules_of(text->str);
  SiagaHits hits;
  guint grave = 0, ids = 0, levels = 0;
  set_event(SIAGA_FAMILY_NONE, "x", NULL);
  ck_assert(siaga_rules_match(rules, event, &hits));
  ck_assert_uint_eq(hits.count, 120);
  siaga_rules_tag_event(rules, &hits, event);
  for (guint i = 0; i < event->count; i++)
    {
      ids += event->values[i].field == SIAGA_F_RULE_ID;
      levels += event->values[i].field == SIAGA_F_RULE_LEVEL;
      grave += event->values[i].field == SIAGA_F_RULE_LEVEL && strncmp(event->values[i].text, "critical", 8) == 0;
    }
  ck_assert_uint_eq(grave, 3);
  ck_assert_uint_ge(ids, 60);
  ck_assert_uint_eq(ids, levels);
  ck_assert(event->truncated);
  siaga_event_set_int(event, SIAGA_F_EVENT_SEQUENCE, 7);
  ck_assert_ptr_nonnull(siaga_event_get(event, SIAGA_F_EVENT_SEQUENCE));
  siaga_rules_unref(rules);
  g_string_free(text, TRUE);
}
END_TEST

/* --- many documents, filters, overrides, placeholders ----------------------------------------------------------------
 */

START_TEST(old_multi_document_files)
{
  SiagaRules *rules = rules_of("action: global\ntitle: both\ndetection: { condition: s }\n"
                               "---\nlogsource: { product: linux }\ndetection: { s: [one] }\n"
                               "---\nlogsource: { category: webserver }\nid: 00000000-0000-4000-8000-000000000002\n"
                               "detection: { s: { cs-method: PUT } }\n"
                               "---\naction: repeat\nid: 00000000-0000-4000-8000-000000000003\n"
                               "detection: { s: { cs-method: DELETE } }\n"
                               "---\naction: reset\n");
  ck_assert_uint_eq(siaga_rules_size(rules), 3);
  set_event(SIAGA_FAMILY_NONE, "one", NULL);
  ck_assert(matches(rules));
  set_event(SIAGA_FAMILY_WEB, "x", PAIRS("http.request.method=DELETE"));
  ck_assert(matches(rules));
  siaga_rules_unref(rules);
}
END_TEST

START_TEST(filters_apply)
{
  SiagaRules *rules = rules_of(
      "title: one\nid: 00000000-0000-4000-8000-000000000001\nname: one\nlogsource: { category: authentication }\n"
      "detection: { s: { user.name: root }, condition: s }\n"
      "---\ntitle: two\nlogsource: { category: authentication }\n"
      "detection: { s: { user.name: root }, condition: s }\n"
      "---\ntitle: not from the office\nlogsource: { category: authentication }\n"
      "filter:\n  rules: [one]\n  office: { 'source.ip|cidr': 192.0.2.0/24 }\n  condition: not office\n");
  SiagaHits hits;
  set_event(SIAGA_FAMILY_AUTH, "x", PAIRS("user.name=root", "source.ip=198.51.100.1"));
  siaga_rules_match(rules, event, &hits);
  ck_assert_uint_eq(hits.count, 2);
  set_event(SIAGA_FAMILY_AUTH, "x", PAIRS("user.name=root", "source.ip=192.0.2.1"));
  siaga_rules_match(rules, event, &hits);
  ck_assert_uint_eq(hits.count, 1);
  ck_assert_uint_eq(hits.rule[0], 1);
  siaga_rules_unref(rules);
}
END_TEST

START_TEST(filters_name_rules_as_people_write_them)
{
  static const gchar *const lists[] = { "[ABCDEF00-0000-4000-8000-00000000000A]", "any", "[any]", "Any",
                                        "ABCDEF00-0000-4000-8000-00000000000A" };
  for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
    {
      gchar *text = g_strdup_printf(
          "title: one\nid: abcdef00-0000-4000-8000-00000000000a\nlogsource: { category: authentication }\n"
          "detection: { rules: { user.name: root }, condition: rules }\n"
          "---\ntitle: f\nlogsource: { category: authentication }\n"
          "filter:\n  rules: %s\n  office: { 'source.ip|cidr': 192.0.2.0/24 }\n  condition: not office\n",
          lists[i]);
      SiagaRules *rules = rules_of(text);
      set_event(SIAGA_FAMILY_AUTH, "x", PAIRS("user.name=root", "source.ip=198.51.100.1"));
      ck_assert_msg(matches(rules), "%s", lists[i]);
      set_event(SIAGA_FAMILY_AUTH, "x", PAIRS("user.name=root", "source.ip=192.0.2.1"));
      ck_assert_msg(!matches(rules), "%s", lists[i]);
      siaga_rules_unref(rules);
      g_free(text);
    }
}
END_TEST

static void
count_confirmation(const gchar *expression, gsize length, gint64 nanoseconds, gpointer user_data)
{
  (void) expression;
  (void) length;
  (void) nanoseconds;
  ++*(guint *) user_data;
}

/* Texts that only matter once something else was found cost other lines nothing. */
START_TEST(filters_are_asked_when_a_rule_waits_for_them)
{
  gchar *text = rule_text("category: webserver", "s: { cs-uri-query|contains: passwd }\n"
                                                 "f: { 'cs-user-agent|re': '^(?=monitor).*check$' }\n"
                                                 "condition: s and not f");
  SiagaRules *rules = rules_of(text);
  guint asked = 0;
  siaga_matcher_listen(count_confirmation, &asked);
  set_event(SIAGA_FAMILY_WEB, "x", PAIRS("url.original=/news", "user_agent.original=monitor check"));
  ck_assert(!matches(rules));
  ck_assert_uint_eq(asked, 0);
  set_event(SIAGA_FAMILY_WEB, "x", PAIRS("url.original=/?f=passwd", "user_agent.original=monitor check"));
  ck_assert(!matches(rules));
  ck_assert_uint_eq(asked, 1);
  set_event(SIAGA_FAMILY_WEB, "x", PAIRS("url.original=/?f=passwd", "user_agent.original=monitor"));
  ck_assert(matches(rules));
  siaga_matcher_listen(NULL, NULL);
  siaga_rules_unref(rules);
  g_free(text);
}
END_TEST

/* A rule that waits asks for its own texts alone, and for none behind the one that settles it. */
START_TEST(filters_are_asked_for_the_rule_that_waits)
{
  gchar *one = rule_text("category: webserver", "s: { cs-uri-query|contains: passwd }\n"
                                                "f: { 'cs-user-agent|re': '^(?=monitor).*check$' }\n"
                                                "g: { 'cs-user-agent|re': '^(?=moni).*heck$' }\n"
                                                "condition: s and not f and not g");
  gchar *other = rule_text("category: webserver", "s: { cs-uri-query|contains: select }\n"
                                                  "f: { 'cs-user-agent|re': '^(?=mon).*eck$' }\n"
                                                  "condition: s and not f");
  SiagaRules *rules = rules_new();
  other[strlen("title: ")] = 'b';
  guint asked = 0;
  ck_assert(load_text(rules, "one.yml", one) && load_text(rules, "other.yml", other) &&
            siaga_rules_finish(rules, diag));
  siaga_matcher_listen(count_confirmation, &asked);
  set_event(SIAGA_FAMILY_WEB, "x", PAIRS("url.original=/?f=passwd", "user_agent.original=monitor check"));
  ck_assert(!matches(rules));
  ck_assert_uint_eq(asked, 1);
  siaga_matcher_listen(NULL, NULL);
  siaga_rules_unref(rules);
  g_free(one);
  g_free(other);
}
END_TEST

/* What the first rule has been charged with the event of PAIRS. */
static const SiagaRuleCost *
charged(SiagaRuleCosts *costs, const gchar *const *pairs)
{
  set_event(SIAGA_FAMILY_WEB, "x", pairs);
  siaga_rule_costs_add(costs, event);
  return siaga_rule_costs_get(costs, 0);
}

/* What a rule is charged for is what matching asks. */
START_TEST(costs_are_those_of_matching)
{
  gchar *text = rule_text("category: webserver", "s: { cs-uri-query|contains: passwd }\n"
                                                 "f: { 'cs-user-agent|re': '^(?=monitor).*check$' }\n"
                                                 "condition: s and not f");
  SiagaRules *rules = rules_of(text);
  SiagaRuleCosts *costs = siaga_rule_costs_new(rules);
  const SiagaRuleCost *cost = charged(costs, PAIRS("url.original=/news", "user_agent.original=monitor check"));
  ck_assert_uint_eq(cost->judged, 0);
  ck_assert_uint_eq(cost->asked, 0);
  cost = charged(costs, PAIRS("url.original=/?f=passwd", "user_agent.original=monitor check"));
  ck_assert_uint_eq(cost->judged, 1);
  ck_assert_uint_eq(cost->asked, 1);
  ck_assert_uint_eq(cost->matched, 0);
  cost = charged(costs, PAIRS("url.original=/?f=passwd", "user_agent.original=curl"));
  ck_assert_uint_eq(cost->matched, 1);
  siaga_rule_costs_free(costs);
  siaga_rules_unref(rules);
  g_free(text);
}
END_TEST

/* What browsers call themselves is in most lines: anything else of the condition is a better reason to look at it. */
START_TEST(what_most_events_say_wakes_no_rule)
{
  gchar *text = rule_text("category: webserver",
                          "s: { 'cs-uri-query|re': ['^/a?console$', '^/b?console$', '^/c?console$'] }\n"
                          "b: { 'cs-user-agent|re': '^Mozilla/5\\.0 .*(?:Chrome/1\\d\\d|Firefox/1\\d\\d)\\.' }\n"
                          "condition: s and b");
  SiagaRules *rules = rules_of(text);
  SiagaRuleCosts *costs = siaga_rule_costs_new(rules);
  const gchar *browser = "user_agent.original=Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0";
  ck_assert_uint_eq(charged(costs, PAIRS("url.original=/news", browser))->judged, 0);
  ck_assert_uint_eq(charged(costs, PAIRS("url.original=/console", browser))->matched, 1);
  siaga_rule_costs_free(costs);
  siaga_rules_unref(rules);
  g_free(text);
}
END_TEST

/* More parts of a condition than a word has bits, each asked for late. */
START_TEST(each_of_many_parts_decides)
{
  GString *any = g_string_new("s: { 'cs-uri-query|contains': wake }\n");
  for (guint i = 0; i < 70; i++)
    g_string_append_printf(any, "f%u: { 'cs-user-agent|contains': agent%uz, 'cs-referer|contains': from%uz }\n", i, i,
                           i);
  gchar *all = g_strconcat(any->str, "condition: s and all of f*", NULL);
  g_string_append(any, "condition: s and not 1 of f*");
  gchar *texts[] = { rule_text("category: webserver", any->str), rule_text("category: webserver", all) };
  SiagaRules *excused = rules_of(texts[0]), *wanting = rules_of(texts[1]);
  for (guint without = 0; without <= 70; without++)
    {
      GString *agents = g_string_new("user_agent.original="), *sites = g_string_new("http.request.referrer=");
      for (guint i = 0; i < 70; i++)
        {
          g_string_append_printf(agents, "agent%uz", i);
          g_string_append_printf(sites, "from%u%c", i, i == without ? 'y' : 'z');
        }
      set_event(SIAGA_FAMILY_WEB, "x", PAIRS("url.original=/wake", agents->str, sites->str));
      ck_assert_int_eq(matches(wanting), without == 70);
      gchar *agent = g_strdup_printf("user_agent.original=agent%uz", without);
      gchar *site = g_strdup_printf("http.request.referrer=from%uz", without);
      set_event(SIAGA_FAMILY_WEB, "x", PAIRS("url.original=/wake", agent, site));
      ck_assert_int_eq(matches(excused), without == 70);
      g_free(agent);
      g_free(site);
      g_string_free(agents, TRUE);
      g_string_free(sites, TRUE);
    }
  siaga_rules_unref(excused);
  siaga_rules_unref(wanting);
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
    g_free(texts[i]);
  g_free(all);
  g_string_free(any, TRUE);
}
END_TEST

/* A rule of many regexes is not awake often because they are many, nor one of a method that few requests have. */
START_TEST(many_rare_texts_do_not_wake_a_rule_often)
{
  GString *list = g_string_new(NULL);
  for (guint i = 0; i < 20; i++)
    g_string_append_printf(list, "%s'b%ua?d'", i ? ", " : "", i);
  gchar *many = g_strdup_printf("s: { 'cs-uri-query|re': [%s] }\n"
                                "f: { 'cs-user-agent|re': '^(?=monitor).*check$' }\n"
                                "condition: s and not f",
                                list->str);
  gchar *put = g_strdup("s: { cs-method: PUT, 'cs-user-agent|re': ['^(?=monitor).*check$', '^(?=moni)monitor$'] }\n"
                        "condition: s");
  gchar *texts[] = { rule_text("category: webserver", many), rule_text("category: webserver", put) };
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
    {
      SiagaRules *rules = rules_of(texts[i]);
      guint asked = 0;
      siaga_matcher_listen(count_confirmation, &asked);
      set_event(SIAGA_FAMILY_WEB, "x",
                PAIRS("url.original=/news", "user_agent.original=monitor check", "http.request.method=GET"));
      ck_assert(!matches(rules));
      ck_assert_uint_eq(asked, 0);
      set_event(SIAGA_FAMILY_WEB, "x",
                PAIRS("url.original=/b7ad", "user_agent.original=monitor", "http.request.method=PUT"));
      ck_assert(matches(rules));
      siaga_matcher_listen(NULL, NULL);
      siaga_rules_unref(rules);
      g_free(texts[i]);
    }
  g_free(many);
  g_free(put);
  g_string_free(list, TRUE);
}
END_TEST

START_TEST(a_milder_level_is_for_rules_that_count_and_names_rules_that_exist)
{
#define COUNTING(MILD)                                                                                                 \
  "title: one\nname: one\nlogsource: { category: authentication }\n"                                                   \
  "detection: { s: { user.name: budi }, condition: s }\n---\ntitle: many\nlevel: high\ncorrelation:\n"                 \
  "  { type: event_count, rules: [one], group-by: [source.ip], timespan: 5m, condition: { gte: 5 } }\n"                \
  "siaga: { mild: " MILD " }\n"
#define ECHOING(TYPE, ECHO)                                                                                            \
  "title: one\nname: one\nlogsource: { category: authentication }\n"                                                   \
  "detection: { s: { user.name: budi }, condition: s }\n---\ntitle: many\nlevel: high\ncorrelation:\n"                 \
  "  { type: " TYPE ", rules: [one], group-by: [source.ip], timespan: 5m, condition: { gte: 5, field: user.name } }\n" \
  "siaga: { echo: " ECHO " }\n"
#define NO_STRANGERS "r.yml:6:1: error: strangers: there is no rule 'nobody'\n"
#define NO_MILD                                                                                                        \
  "r.yml:10:16: error: mild: expected { level, below: number, typed: seconds, sitting: number, pace: seconds, "        \
  "unless: rule, guessed: rule, crowd: rule, let-in: rule, refused: rule, entered: rule, varied: fields } at a "       \
  "correlation that counts\n"
#define NO_ECHO "r.yml:10:16: error: echo: expected a number of seconds, at an event_count\n"
  static const struct
  {
    const gchar *text, *said;
  } cases[] = {
    { COUNTING("{ level: low, below: 7, unless: one }"), "" },
    { COUNTING("{ level: low, below: 7, sitting: 60, guessed: one }"), "" },
    { COUNTING("{ below: 7 }"), NO_MILD },
    { COUNTING("{ level: low, below: x }"), NO_MILD },
    { COUNTING("{ level: low, sitting: x }"), NO_MILD },
    { COUNTING("{ level: low, entered: nobody }"), "r.yml:6:1: error: mild: there is no rule 'nobody'\n" },
    { COUNTING("{ level: low, varied: user.name }"), "" },
    { COUNTING("{ level: low, varied: user.nick }"),
      "r.yml:10:38: error: mild: varied: expected 2 names of the field registry at most, not 'user.nick'\n" },
    { COUNTING("{ level: low, varied: [user.name, source.ip, url.path] }"),
      "r.yml:10:38: error: mild: varied: expected 2 names of the field registry at most, not 'url.path'\n" },
    { COUNTING("{ level: low, guessed: nobody }"), "r.yml:6:1: error: mild: there is no rule 'nobody'\n" },
    { COUNTING("{ level: low, unless: nobody }"), "r.yml:6:1: error: mild: there is no rule 'nobody'\n" },
    { ECHOING("event_count", "3s"), NO_ECHO },
    { ECHOING("value_count", "3"), NO_ECHO },
    { COUNTING("{ level: low }, apart: soon"),
      "r.yml:10:39: error: apart: expected a number of seconds, at an event_count\n" },
    { COUNTING("{ level: low }, strangers: nobody"), NO_STRANGERS },
    { COUNTING("{ level: low, refused: nobody }"), "r.yml:6:1: error: mild: there is no rule 'nobody'\n" },
    { COUNTING("{ level: low }, newcomers: nobody"), "r.yml:6:1: error: newcomers: there is no rule 'nobody'\n" },
    { COUNTING("{ level: low }, programs: nobody"), "r.yml:6:1: error: programs: there is no rule 'nobody'\n" },
    { COUNTING("{ level: low }, forgiven: nobody"), "r.yml:6:1: error: forgiven: there is no rule 'nobody'\n" },
    { COUNTING("{ level: low }, first-seen: often"), "r.yml:10:44: error: first-seen: expected true or false\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      SiagaRules *rules = rules_new();
      gboolean loaded = load_text(rules, "r.yml", cases[i].text);
      gboolean ok = siaga_rules_finish(rules, diag) && loaded;
      gchar *said = messages();
      ck_assert_str_eq(said, cases[i].said);
      ck_assert_int_eq(ok, !*cases[i].said);
      g_free(said);
      siaga_rules_unref(rules);
      siaga_diag_free(diag);
      diag = siaga_diag_new();
    }
}
END_TEST

START_TEST(overrides_and_placeholders)
{
  SiagaRules *rules = rules_new();
  gchar *overrides = write_file("o.yaml", "overrides:\n  - { rule: one, level: low, simulate: true }\n"
                                          "  - { rule: two, disable: true }\n  - { rule: nobody, disable: true }\n");
  gchar *placeholders = write_file("p.yaml", "placeholders:\n  admins: [budi, 'siti*']\n");
  ck_assert(load_text(rules, "r.yml",
                      "title: one\nlogsource: { category: authentication }\n"
                      "detection: { s: { 'user.name|expand': '%admins%' }, condition: s }\n"
                      "---\ntitle: two\nlogsource: { category: authentication }\n"
                      "detection: { s: { user.name: budi }, condition: s }\n"));
  ck_assert(siaga_rules_load_overrides(rules, overrides, diag));
  ck_assert(siaga_rules_load_placeholders(rules, placeholders, diag));
  ck_assert(siaga_rules_finish(rules, diag));
  gchar *said = messages();
  ck_assert_str_eq(said, "o.yaml:4:5: warning: no rule has the id, name or title 'nobody'\n");
  ck_assert_int_eq(siaga_rules_get(rules, 0)->level, SIAGA_LEVEL_LOW);
  ck_assert(siaga_rules_get(rules, 0)->simulate);
  ck_assert(siaga_rules_get(rules, 1)->disabled);
  SiagaHits hits;
  set_event(SIAGA_FAMILY_AUTH, "x", PAIRS("user.name=budi"));
  siaga_rules_match(rules, event, &hits);
  ck_assert_uint_eq(hits.count, 1);
  set_event(SIAGA_FAMILY_AUTH, "x", PAIRS("user.name=siti2"));
  ck_assert(matches(rules));
  set_event(SIAGA_FAMILY_AUTH, "x", PAIRS("user.name=%admins%"));
  ck_assert(!matches(rules));
  siaga_rules_unref(rules);
  g_free(said);
  g_free(overrides);
  g_free(placeholders);
}
END_TEST

/* Whether a rule of ITEM fires on a login of USER with the PLACEHOLDERS of that file. */
static void
check_placeholder(const gchar *placeholders, const gchar *item, const gchar *user, gboolean match)
{
  gchar *detection = g_strdup_printf("s: { %s }\ncondition: s", item);
  gchar *text = rule_text("category: authentication", detection);
  SiagaRules *rules = rules_new();
  ck_assert(load_text(rules, "rule.yml", text));
  ck_assert(siaga_rules_load_placeholders(rules, placeholders, diag));
  ck_assert_msg(siaga_rules_finish(rules, diag), "%s", item);
  set_event(SIAGA_FAMILY_AUTH, "x", NULL);
  siaga_event_set(event, SIAGA_F_USER_NAME, user, strlen(user));
  ck_assert_msg(matches(rules) == match, "%s on %s", item, user);
  siaga_rules_unref(rules);
  g_free(text);
  g_free(detection);
}

START_TEST(escaped_percents_are_no_placeholders)
{
  static const struct
  {
    const gchar *value, *user;
    gboolean match;
  } cases[] = {
    { "\\%plain%name%", "%plainbudi", TRUE }, { "\\%plain%name%", "\\%plainbudi", FALSE },
    { "%name%\\%", "siti%", TRUE },           { "a%name%b%name%", "abudibsiti", TRUE },
    { "\\%name\\%", "%name%", TRUE },         { "100%", "100%", TRUE },
    { "%%,%name%", "%%,siti", TRUE },
  };
  gchar *placeholders = write_file("p.yaml", "placeholders:\n  name: [budi, siti]\n");
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      gchar *item = g_strdup_printf("'user.name|expand': '%s'", cases[i].value);
      check_placeholder(placeholders, item, cases[i].user, cases[i].match);
      g_free(item);
    }
  g_free(placeholders);
}
END_TEST

/* What a placeholder stands for is asked as the item's other modifiers say. */
START_TEST(placeholders_in_any_kind_of_value)
{
  static const struct
  {
    const gchar *item, *user;
    gboolean match;
  } cases[] = {
    { "user.name|cidr|expand: '%nets%'", "198.51.100.9", TRUE },
    { "user.name|expand|cidr: '%nets%'", "192.0.2.9", FALSE },
    { "user.name|re|expand: '^a%ends%$'", "abcc", TRUE },
    { "user.name|re|expand: '^a%ends%$'", "ab", FALSE },
    { "user.name|gt|expand: '%least%'", "11", TRUE },
    { "user.name|gt|expand: '%least%'", "10", FALSE },
    { "user.name|contains|expand: '%percents%'", "/%2e%2e/", TRUE },
    { "user.name|contains|expand: '%percents%'", "100%", TRUE },
    { "user.name|contains|expand: '%percents%'", "2e2e", FALSE },
  };
  gchar *placeholders =
      write_file("p.yaml", "placeholders:\n  nets: [10.0.0.0/8, 198.51.100.0/24]\n  ends: ['bc+']\n  least: 10\n"
                           "  percents: ['%2e%2e', '100%', '%nets%']\n");
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    check_placeholder(placeholders, cases[i].item, cases[i].user, cases[i].match);
  g_free(placeholders);
}
END_TEST

/* Each list alone would have 150 expressions, and both together more than are allowed. */
START_TEST(placeholders_inside_expressions_are_groups)
{
  static const struct
  {
    const gchar *item, *user;
    gboolean match;
  } cases[] = {
    { "user.name|re|expand: '^%many%-%many%$'", "w7-w149", TRUE },
    { "user.name|re|expand: '^%many%-%many%$'", "w7-w150", FALSE },
    { "user.name|re|expand: '^%either%d$'", "abd", TRUE },
    { "user.name|re|expand: '^%either%d$'", "cd", TRUE },
    { "user.name|re|expand: '^%either%d$'", "ab", FALSE },
    { "user.name|re|expand: '\\%41%either%$'", "x%41c", TRUE },
    { "user.name|re|expand: '^%2e|%either%d$'", "cd", TRUE },
    { "user.name|re|expand: '^%2e|%either%d$'", "%2e", TRUE },
    { "user.name|re|expand: '^%2e-%2f|%of-site%x$'", "four words x", TRUE },
    { "user.name|re|expand: '^%2e-%2f|%of-site%x$'", "%2e-%2f", TRUE },
    { "user.name|expand: 'x%of-site%'", "xfour words ", TRUE },
    { "user.name|re|i|expand: '%either%'", "XAB", TRUE }, /* alone: each is an expression */
  };
  GString *text = g_string_new("placeholders:\n  of-site: ['four words ']\n  either: ['ab|c', 'e']\n  many: [");
  for (guint i = 0; i < 150; i++)
    g_string_append_printf(text, "%sw%u", i ? ", " : "", i);
  g_string_append(text, "]\n");
  gchar *placeholders = write_file("p.yaml", text->str);
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    check_placeholder(placeholders, cases[i].item, cases[i].user, cases[i].match);
  g_free(placeholders);
  g_string_free(text, TRUE);
}
END_TEST

/* Blanks, line ends and comments of (?x) are no part of an expression; those in classes, behind backslashes and in the
 * values of a list are. */
START_TEST(expressions_over_several_lines)
{
  static const struct
  {
    const gchar *expression, *user;
    gboolean match;
  } cases[] = {
    { "(?x)\n ^ab # one\n | cd$ # another\n", "ab", TRUE },
    { "(?x)\n ^ab # one\n | cd$ # another\n", "a b", FALSE },
    { "(?x)\n ^ab # one\n | cd$ # another\n", "xcd", TRUE },
    { "(?x) ^ a\\ b [ #] c \\# $", "a b c#", TRUE },
    { "(?x) ^ a\\ b [ #] c \\# $", "a b#c#", TRUE },
    { "(?x) ^ a\\ b [ #] c \\# $", "ab c#", FALSE },
    { "(?x) ^ [^] ]{2} [[:alpha:] ] $", "xy ", TRUE },
    { "(?x) ^ [^] ]{2} [[:alpha:] ] $", "x] ", FALSE },
    { "(?x) ^ %list% $", "b c", TRUE },
    { "(?x) ^ %list% $", "bc", FALSE },
    { "^%laid_out%$", "defg", TRUE },
    { " (?x) ^ab$", "ab", FALSE }, /* it begins with a blank: PCRE2's own */
    { "(?x)", "ab", TRUE },
  };
  gchar *placeholders =
      write_file("p.yaml", "placeholders:\n  list: [a, 'b c']\n  laid_out:\n    - |-\n      (?x) de # two\n      fg\n");
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      gchar *quoted = g_strescape(cases[i].expression, NULL);
      gchar *item = g_strdup_printf("user.name|re|expand: \"%s\"", quoted);
      check_placeholder(placeholders, item, cases[i].user, cases[i].match);
      g_free(item);
      g_free(quoted);
    }
  g_free(placeholders);
}
END_TEST

START_TEST(unknown_placeholder_is_an_error)
{
  SiagaRules *rules = rules_new();
  ck_assert(load_text(rules, "r.yml",
                      "title: one\nlogsource: { category: authentication }\n"
                      "detection: { s: { 'user.name|expand': '%nobody%' }, condition: s }\n"));
  ck_assert(!siaga_rules_finish(rules, diag));
  gchar *said = messages();
  ck_assert_str_eq(said, "r.yml:3:39: error: placeholder %nobody% has no values: list them under 'placeholders:'\n");
  g_free(said);
  siaga_rules_unref(rules);
}
END_TEST

/* What a mistake costs is its own document. */
START_TEST(one_document_takes_no_other_with_it)
{
  static const gchar one[] = "title: %s\nid: 00000000-0000-4000-8000-00000000000%u\nlogsource: { product: linux }\n"
                             "detection: { s: [x], condition: s }\n%s";
  GString *text = g_string_new(NULL);
  SiagaRules *rules = rules_new();
  g_string_append_printf(text, one, "first", 1, "---\n");
  g_string_append_printf(text, one, "second", 2, "title: again\n---\n");
  g_string_append_printf(text, one, "third", 3, "---\n");
  g_string_append_printf(text, one, "fourth", 4, "tags: [\n");
  ck_assert(!load_text(rules, "several.yml", text->str));
  ck_assert(siaga_rules_finish(rules, diag));
  ck_assert_uint_eq(siaga_rules_size(rules), 2);
  ck_assert_str_eq(siaga_rules_get(rules, 0)->title, "first");
  ck_assert_str_eq(siaga_rules_get(rules, 1)->title, "third");
  ck_assert_uint_eq(siaga_diag_count(diag, SIAGA_DIAG_ERROR), 2);
  ck_assert_str_eq(siaga_diag_get(diag, 0)->text, "duplicate key 'title'");
  siaga_rules_unref(rules);
  g_string_free(text, TRUE);
}
END_TEST

/* Each piece is looked for once, however often the text begins again. */
START_TEST(no_padding_hides_a_value_with_stars)
{
  gchar *text = rule_text("category: authentication", "s: { user.name|contains: 'union*select*from*users*where' }\n"
                                                      "condition: s");
  SiagaRules *rules = rules_of(text);
  GString *user = g_string_new("union-all-select-from-users-where-");
  while (user->len < 60000)
    g_string_append(user, "union-all-select-from-users-");
  set_event(SIAGA_FAMILY_AUTH, "x", NULL);
  siaga_event_set(event, SIAGA_F_USER_NAME, user->str, user->len);
  ck_assert(matches(rules));
  siaga_event_set(event, SIAGA_F_USER_NAME, user->str + 1, user->len - 1);
  ck_assert(!matches(rules));
  g_string_free(user, TRUE);
  siaga_rules_unref(rules);
  g_free(text);
}
END_TEST

/* Sigma's taxonomy has milliseconds and HTTP/1.1, ECS nanoseconds and 1.1. */
START_TEST(units_and_words_of_the_taxonomy_are_those_of_the_fields)
{
  static const struct
  {
    const gchar *item;
    gboolean match;
  } cases[] = {
    { "time-taken|gt: 5000", TRUE },       { "time-taken|gt: 7000", FALSE },
    { "time-taken: 6000", TRUE },          { "time-taken: 6001", FALSE },
    { "cs-version: HTTP/1.1", TRUE },      { "cs-version: HTTP/1.0", FALSE },
    { "cs-version|neq: HTTP/1.1", FALSE }, { "cs-version: ['HTTP/1.0', '1.1']", TRUE },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++)
    {
      gchar *detection = g_strdup_printf("s:\n  %s\ncondition: s", cases[i].item);
      gchar *text = rule_text("category: webserver", detection);
      SiagaRules *rules = rules_of(text);
      set_event(SIAGA_FAMILY_WEB, "x", PAIRS("http.version=1.1"));
      siaga_event_set_int(event, siaga_fields_lookup(fields, "event.duration", -1), G_GINT64_CONSTANT(6000000000));
      ck_assert_msg(matches(rules) == cases[i].match, "%s", cases[i].item);
      siaga_rules_unref(rules);
      g_free(text);
      g_free(detection);
    }
}
END_TEST

START_TEST(what_two_files_call_alike_is_said)
{
  SiagaRules *rules = rules_new();
  ck_assert(load_text(rules, "one.yml",
                      "title: same\nname: n\nlogsource: { product: linux }\n"
                      "detection: { s: [x], condition: s }\n"));
  ck_assert(!load_text(rules, "two.yml",
                       "title: same\nlogsource: { product: linux }\n"
                       "detection: { s: [y], condition: s }\n"));
  ck_assert(!load_text(rules, "three.yml",
                       "title: other\nname: n\nlogsource: { product: linux }\n"
                       "detection: { s: [z], condition: s }\n"));
  ck_assert(siaga_rules_finish(rules, diag));
  set_event(SIAGA_FAMILY_NONE, "x", NULL);
  ck_assert(matches(rules));
  ck_assert_ptr_nonnull(strstr(siaga_diag_get(diag, 0)->text, "the title 'same' is used already in "));
  ck_assert_ptr_nonnull(strstr(siaga_diag_get(diag, 1)->text, "the name 'n' is used already in "));
  siaga_rules_unref(rules);
}
END_TEST

START_TEST(a_version_that_waits_for_nothing_takes_nobodys_place)
{
  SiagaRules *rules = rules_new();
  ck_assert(load_text(rules, "shipped.yml",
                      "title: a\nid: 00000000-0000-4000-8000-000000000001\n"
                      "logsource: { product: linux }\ndetection: { s: [x], condition: s }\n"));
  ck_assert(load_text(rules, "site.yml",
                      "title: b\nid: 00000000-0000-4000-8000-000000000001\n"
                      "logsource: { product: linux }\n"
                      "detection: { s: { 'user.name|expand': '%nowhere%' }, condition: s }\n"));
  ck_assert(!siaga_rules_finish(rules, diag));
  set_event(SIAGA_FAMILY_NONE, "x", NULL);
  ck_assert(matches(rules));
  siaga_rules_unref(rules);
}
END_TEST

START_TEST(a_site_adds_to_a_shipped_placeholder)
{
  SiagaRules *rules = rules_new();
  gchar *shipped = write_file("p1.yaml", "placeholders: { who: [budi, siti] }\n");
  gchar *own = write_file("p2.yaml", "placeholders: { who: agus }\n");
  ck_assert(siaga_rules_load_placeholders(rules, shipped, diag) && siaga_rules_load_placeholders(rules, own, diag));
  ck_assert(load_text(rules, "r.yml",
                      "title: a\nlogsource: { category: authentication }\n"
                      "detection: { s: { 'user.name|expand': '%who%' }, condition: s }\n"));
  ck_assert(siaga_rules_finish(rules, diag));
  static const gchar *const names[] = { "budi", "siti", "agus", "dewi" };
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    {
      set_event(SIAGA_FAMILY_AUTH, "x", NULL);
      siaga_event_set(event, SIAGA_F_USER_NAME, names[i], strlen(names[i]));
      ck_assert_int_eq(matches(rules), i < 3);
    }
  siaga_rules_unref(rules);
  g_free(shipped);
  g_free(own);
}
END_TEST

START_TEST(maps_are_merged)
{
  SiagaRules *rules = rules_of("title: a\nlogsource: { category: authentication }\n"
                               "detection:\n  base: &base { user.name: budi, source.ip: 192.0.2.1 }\n"
                               "  s: { <<: *base, source.ip: 192.0.2.2 }\n  condition: s\n");
  set_event(SIAGA_FAMILY_AUTH, "x", PAIRS("user.name=budi", "source.ip=192.0.2.2"));
  ck_assert(matches(rules));
  set_event(SIAGA_FAMILY_AUTH, "x", PAIRS("user.name=budi", "source.ip=192.0.2.1"));
  ck_assert(!matches(rules));
  siaga_rules_unref(rules);
}
END_TEST

START_TEST(later_rule_of_the_same_id_takes_over)
{
  static const gchar rule[] = "title: one\nid: 00000000-0000-4000-8000-000000000001\n"
                              "logsource: { product: linux }\ndetection: { s: [%s], condition: s }\n";
  SiagaRules *rules = rules_new();
  gchar *first = g_strdup_printf(rule, "old"), *second = g_strdup_printf(rule, "new");
  ck_assert(load_text(rules, "1.yml", first));
  ck_assert(load_text(rules, "2.yml", second));
  ck_assert(siaga_rules_finish(rules, diag));
  set_event(SIAGA_FAMILY_NONE, "old", NULL);
  ck_assert(!matches(rules));
  set_event(SIAGA_FAMILY_NONE, "new", NULL);
  ck_assert(matches(rules));
  ck_assert_uint_ne(siaga_rules_get(rules, 0)->version, siaga_rules_get(rules, 1)->version);
  siaga_rules_unref(rules);
  g_free(first);
  g_free(second);
}
END_TEST

START_TEST(explanation)
{
  SiagaRules *rules = rules_of("title: one\nlevel: high\nlogsource: { product: linux }\n"
                               "detection: { s: [curl, wget], f: [localhost], condition: s and not f }\n");
  GString *out = g_string_new(NULL);
  set_event(SIAGA_FAMILY_NONE, "run curl on localhost", NULL);
  siaga_rules_explain(rules, event, 0, out);
  ck_assert_msg(strstr(out->str, "  s: true\n    found keyword: curl\n  f: true\n    found keyword: localhost\n"
                                 "  condition: s and not f\n  => no match\n") != NULL,
                "%s", out->str);
  g_string_truncate(out, 0);
  set_event(SIAGA_FAMILY_NONE, "run", NULL);
  siaga_rules_explain(rules, event, 0, out);
  ck_assert_msg(strstr(out->str, "  s: false\n    lacks any of keyword: curl, keyword: wget\n") != NULL, "%s",
                out->str);
  g_string_truncate(out, 0);
  set_event(SIAGA_FAMILY_WEB, "run curl", NULL);
  siaga_rules_explain(rules, event, 0, out);
  ck_assert_msg(strstr(out->str, "the line is not of log source 'linux'") != NULL, "%s", out->str);
  g_string_free(out, TRUE);
  siaga_rules_unref(rules);
}
END_TEST

START_TEST(explanation_names_the_filter)
{
  SiagaRules *rules = rules_new();
  GString *out = g_string_new(NULL);
  guint16 excused[4];
  ck_assert(load_text(rules, "1.yml",
                      "title: one\nname: one\nlogsource: { product: linux }\n"
                      "detection: { s: [curl], condition: s }\n"));
  ck_assert(load_text(rules, "2.yml",
                      "title: Our mirror\nlogsource: { product: linux }\n"
                      "filter: { rules: [one], m: [mirror], condition: not m }\n---\n"
                      "title: Night work\nlogsource: { product: linux }\n"
                      "filter: { rules: any, m: [night], condition: not m }\n"));
  ck_assert(siaga_rules_finish(rules, diag));
  set_event(SIAGA_FAMILY_NONE, "curl mirror", NULL);
  siaga_rules_explain(rules, event, 0, out);
  ck_assert_msg(strstr(out->str, "  excused by the filter 'Our mirror' (") != NULL, "%s", out->str);
  ck_assert_msg(strstr(out->str, "2.yml:1)\n    found keyword: mirror\n  => no match\n") != NULL, "%s", out->str);
  ck_assert_ptr_eq(strstr(out->str, "Night work"), NULL);
  ck_assert_uint_eq(siaga_rules_excused(rules, event, excused, 4), 1);
  ck_assert_uint_eq(excused[0], 0);
  ck_assert_uint_eq(siaga_rules_excused(rules, event, excused, 0), 0);
  set_event(SIAGA_FAMILY_NONE, "mirror", NULL); /* the rule's own condition is not true: nothing to excuse */
  ck_assert_uint_eq(siaga_rules_excused(rules, event, excused, 4), 0);
  set_event(SIAGA_FAMILY_NONE, "curl", NULL);
  ck_assert_uint_eq(siaga_rules_excused(rules, event, excused, 4), 0);
  g_string_free(out, TRUE);
  siaga_rules_unref(rules);
}
END_TEST

/* --- wildcards against an oracle, backend against backend
 * ------------------------------------------------------------- */

/* The textbook definition, on bytes, without case. */
static gboolean
wild(const gchar *pattern, const gchar *text)
{
  if (!*pattern)
    return !*text;
  if (*pattern == '*')
    return wild(pattern + 1, text) || (*text && wild(pattern, text + 1));
  return *text && (*pattern == '?' || g_ascii_tolower(*pattern) == g_ascii_tolower(*text)) &&
         wild(pattern + 1, text + 1);
}

START_TEST(wildcards_against_the_oracle)
{
  GRand *rand = g_rand_new_with_seed(1 + _i);
  GString *text = g_string_new(NULL);
  gchar patterns[60][8];

  backend = backends[_i];
  for (guint i = 0; i < G_N_ELEMENTS(patterns); i++)
    {
      guint length = g_rand_int_range(rand, 1, 7);
      for (guint k = 0; k < length; k++)
        patterns[i][k] = "aabb**?"[g_rand_int_range(rand, 0, 7)];
      patterns[i][length] = '\0';
      g_string_append_printf(text,
                             "%stitle: r%u\nlogsource: { category: authentication }\n"
                             "detection: { s: { user.name: '%s' }, condition: s }\n",
                             i ? "---\n" : "", i, patterns[i]);
    }
  SiagaRules *rules = rules_of(text->str);
  for (guint n = 0; n < 3000; n++)
    {
      gchar value[9];
      guint length = g_rand_int_range(rand, 0, 9);
      for (guint k = 0; k < length; k++)
        value[k] = "abAB"[g_rand_int_range(rand, 0, 4)];
      value[length] = '\0';
      SiagaHits hits;
      set_event(SIAGA_FAMILY_AUTH, "x", NULL);
      siaga_event_set(event, SIAGA_F_USER_NAME, value, length);
      siaga_rules_match(rules, event, &hits);
      for (guint i = 0, h = 0; i < G_N_ELEMENTS(patterns); i++)
        {
          gboolean hit = h < hits.count && hits.rule[h] == i;
          h += hit;
          ck_assert_msg(hit == wild(patterns[i], value), "'%s' on '%s': %d", patterns[i], value, hit);
        }
    }
  siaga_rules_unref(rules);
  g_string_free(text, TRUE);
  g_rand_free(rand);
}
END_TEST

/* --- the public rules
 * -------------------------------------------------------------------------------------------------- */

START_TEST(public_rules_load_untouched)
{
  const gchar *shared = g_getenv("SIAGA_SHARED"), *source = g_getenv("SIAGA_SRCDIR");
  gchar *base = shared ? g_strdup(shared) : g_build_filename(source ? source : ".", "..", "shared", NULL);
  gchar *path = g_build_filename(base, "sigma", "rules", NULL);
  SiagaHits hits;

  g_free(base);
  if (!g_file_test(path, G_FILE_TEST_IS_DIR))
    {
      g_printerr("skipped: no public rules at %s\n", path);
      g_free(path);
      return;
    }
  SiagaRules *rules = rules_new();
  gboolean ok = siaga_rules_load(rules, path, diag) && siaga_rules_finish(rules, diag);
  gchar *said = messages();
  ck_assert_msg(ok, "%s", said);
  ck_assert_str_eq(said, "");
  ck_assert_uint_eq(siaga_rules_size(rules) + siaga_rules_skipped(rules), 148);
  /* Kubernetes audit 10, RPC firewall 17, Zeek Kerberos 1. */
  ck_assert_uint_eq(siaga_rules_skipped(rules), 28);
  set_event(
      SIAGA_FAMILY_WEB, "x",
      PAIRS("url.original=/_vti_bin/x", "url.path=/x", "http.request.method=GET", "user_agent.original=sqlmap/1.0"));
  ck_assert(siaga_rules_match(rules, event, &hits));
  siaga_rules_unref(rules);
  g_free(said);
  g_free(path);
}
END_TEST

int
main(void)
{
  TCase *tests = tcase_create("rules");
  tcase_set_timeout(tests, 60);
  tcase_add_checked_fixture(tests, setup, teardown);
  tcase_add_loop_test(tests, values_and_modifiers, 0, 2);
  tcase_add_test(tests, any_value_of_a_list_matches);
  tcase_add_test(tests, fields_compare_with_fields);
  tcase_add_test(tests, parts_of_times);
  tcase_add_test(tests, conditions);
  tcase_add_test(tests, keywords_search_the_line);
  tcase_add_loop_test(tests, query_field_has_many_forms, 0, 2);
  tcase_add_test(tests, query_without_a_query);
  tcase_add_test(tests, keys_of_the_line);
  tcase_add_test(tests, fields_of_the_line_stay_apart_however_many);
  tcase_add_test(tests, mistakes_name_themselves_and_their_place);
  tcase_add_test(tests, log_sources_and_fields_of_the_taxonomy);
  tcase_add_test(tests, correlations_group_by_sigma_names);
  tcase_add_test(tests, foreign_log_sources_are_counted);
  tcase_add_test(tests, unsupported_rules_are_left_out_and_said);
  tcase_add_test(tests, rule_record);
  tcase_add_test(tests, hits_are_put_on_the_event);
  tcase_add_test(tests, of_more_hits_than_there_is_room_for_the_gravest_are_put_on_the_event);
  tcase_add_test(tests, old_multi_document_files);
  tcase_add_test(tests, filters_apply);
  tcase_add_test(tests, filters_name_rules_as_people_write_them);
  tcase_add_test(tests, filters_are_asked_when_a_rule_waits_for_them);
  tcase_add_test(tests, filters_are_asked_for_the_rule_that_waits);
  tcase_add_test(tests, costs_are_those_of_matching);
  tcase_add_test(tests, what_most_events_say_wakes_no_rule);
  tcase_add_test(tests, each_of_many_parts_decides);
  tcase_add_test(tests, many_rare_texts_do_not_wake_a_rule_often);
  tcase_add_test(tests, a_milder_level_is_for_rules_that_count_and_names_rules_that_exist);
  tcase_add_test(tests, overrides_and_placeholders);
  tcase_add_test(tests, escaped_percents_are_no_placeholders);
  tcase_add_test(tests, placeholders_in_any_kind_of_value);
  tcase_add_test(tests, placeholders_inside_expressions_are_groups);
  tcase_add_test(tests, expressions_over_several_lines);
  tcase_add_test(tests, unknown_placeholder_is_an_error);
  tcase_add_test(tests, one_document_takes_no_other_with_it);
  tcase_add_test(tests, no_padding_hides_a_value_with_stars);
  tcase_add_test(tests, units_and_words_of_the_taxonomy_are_those_of_the_fields);
  tcase_add_test(tests, what_two_files_call_alike_is_said);
  tcase_add_test(tests, a_version_that_waits_for_nothing_takes_nobodys_place);
  tcase_add_test(tests, a_site_adds_to_a_shipped_placeholder);
  tcase_add_test(tests, maps_are_merged);
  tcase_add_test(tests, later_rule_of_the_same_id_takes_over);
  tcase_add_test(tests, explanation);
  tcase_add_test(tests, explanation_names_the_filter);
  tcase_add_loop_test(tests, wildcards_against_the_oracle, 0, 2);
  tcase_add_test(tests, public_rules_load_untouched);
  return run_case("rules", tests);
}
