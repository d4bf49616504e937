/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Random rules over random events: every backend against an evaluator that asks each atom of each value alone. */

#include "engine/sigma/sigma-private.h"
#include "tests/harness/run.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include <glib/gstdio.h>
#include <string.h>

#define RULES 60
#define FEW 2 /* of them no text wakes another rule: those beside the rarest are looked for late */
#define EVENTS 250
#define MANY_ROUNDS 20
#define FEW_ROUNDS 200
#define ITEMS 16

static const gchar *const fields[] = { "cs-uri-query", "cs-uri-stem", "cs-user-agent", "cs-method",
                                       "sc-status",    "cs-referer",  "cs-host",       "c-ip" };
static const gchar *const words[] = { "admin",  "or",  "select", "/etc/",     "passwd", "a",     "GET",
                                      "POST",   "404", "%27",    "' or 1",    "curl",   "Mozil", ".php",
                                      "-",      "=",   "x=1",    "192.0.2.7", "../",    "id=",   "ADMIN",
                                      "script", "<",   "(1)",    "200",       "img",    "/" };
static const gchar *const regexes[] = {
  "^/(?:admin|img)/[^?]*\\.php$",
  "(?:;|\\|)\\s*(?:curl|id)",
  "\\bor\\b\\s*\\d",
  "select.{0,40}passwd",
  "(?:\\.\\./){2,}",
  "[?&](?:id|x)=\\d+$",
  "^(?:GET|POST)$",
  "<\\s*script",
  "(?i)mozil\\w+",
  "a+(?=dmin)",
  "(.)\\1",
  "'\\s*or\\s*1",
  "/(?:admin|a)/\\S*<",
  "(?:%27|')+",
  "\\d{3}",
  "^$|x",
  "[^\\w/]id",
  "(?:admin|passwd)\\z",
  "^\\S+$",
  ".*php.*or",
};

static const gchar *
pick(GRand *rand, const gchar *const *all, guint count)
{
  return all[g_rand_int_range(rand, 0, count)];
}

static void
append_quoted(GString *out, const gchar *text)
{
  g_string_append_c(out, '\'');
  for (; *text; text++)
    {
      if (*text == '\'')
        g_string_append_c(out, '\'');
      g_string_append_c(out, *text);
    }
  g_string_append_c(out, '\'');
}

/* A word, perhaps with wildcards; or one of the regexes. */
static void
append_value(GRand *rand, GString *out, gboolean regex)
{
  if (regex)
    {
      append_quoted(out, pick(rand, regexes, G_N_ELEMENTS(regexes)));
      return;
    }
  static const gchar *const wild[] = { "", "", "", "*", "?" };
  gchar *text = g_strconcat(pick(rand, wild, G_N_ELEMENTS(wild)), pick(rand, words, G_N_ELEMENTS(words)),
                            pick(rand, wild, G_N_ELEMENTS(wild)), NULL);
  append_quoted(out, text);
  g_free(text);
}

static void
append_item(GRand *rand, GString *out)
{
  static const gchar *const modifiers[] = { "",       "|contains", "|startswith", "|endswith", "|contains|all",
                                            "|cased", "|re",       "|re|i" };
  const gchar *modifier = pick(rand, modifiers, G_N_ELEMENTS(modifiers));
  guint count = strstr(modifier, "all") ? 2 : g_rand_int_range(rand, 1, 4);
  g_string_append_printf(out, "    %s%s: [ ", pick(rand, fields, G_N_ELEMENTS(fields)), modifier);
  for (guint i = 0; i < count; i++)
    {
      g_string_append(out, i ? ", " : "");
      append_value(rand, out, strstr(modifier, "re") != NULL);
    }
  g_string_append(out, " ]\n");
}

/* One to three of ITEMS: selections of a rule, and of others, have texts in common. */
static void
append_selection(GRand *rand, GString *out, const gchar *name, const GPtrArray *items)
{
  guint first = g_rand_int_range(rand, 0, items->len), step = g_rand_int_range(rand, 1, items->len);
  guint count = g_rand_int_range(rand, 1, 4);
  gchar *keys[3] = { NULL };
  g_string_append_printf(out, "  %s:\n", name);
  for (guint i = 0; i < count; i++)
    {
      const gchar *item = items->pdata[(first + i * step) % items->len];
      keys[i] = g_strndup(item, strcspn(item, ":"));
      if ((i < 1 || strcmp(keys[0], keys[i]) != 0) && (i < 2 || strcmp(keys[1], keys[i]) != 0))
        g_string_append(out, item);
    }
  for (guint i = 0; i < count; i++)
    g_free(keys[i]);
}

static void
append_rule(GRand *rand, GString *out, guint number, const GPtrArray *items)
{
  static const gchar *const conditions[] = { "a", "a and b", "a and not b", "a or b", "not a", "1 of them",
                                             "all of them", "keywords", "a and keywords", "not (a or b)",
                                             "b and not keywords",
                                             /* parts that settle each other */
                                             "a and not b and not c", "a and (b or c)", "a and 1 of o*",
                                             "a and not 1 of o*", "(a and b) or (a and c)",
                                             "a and ((b and c) or not b)", "a and not (b and not c)",
                                             "b and (not c or (a and not oa)) and 1 of o*", "(not a and not a) and a" };
  g_string_append_printf(out, "---\ntitle: rule %u\nlogsource: { category: webserver }\nlevel: low\ndetection:\n",
                         number);
  static const gchar *const names[] = { "a", "b", "c", "oa", "ob" };
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    append_selection(rand, out, names[i], items);
  g_string_append(out, "  keywords: [ ");
  append_value(rand, out, FALSE);
  g_string_append_printf(out, " ]\n  condition: %s\n", pick(rand, conditions, G_N_ELEMENTS(conditions)));
}

static gchar *
random_file(GRand *rand, guint rules)
{
  gchar *path = NULL;
  GString *text = g_string_new(NULL), *item = g_string_new(NULL);
  GPtrArray *items = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < ITEMS; i++)
    {
      append_item(rand, item);
      g_ptr_array_add(items, g_strdup(item->str));
      g_string_truncate(item, 0);
    }
  for (guint i = 0; i < rules; i++)
    append_rule(rand, text, i, items);
  gint fd = g_file_open_tmp("siaga-random-XXXXXX.yml", &path, NULL);
  ck_assert_int_ge(fd, 0);
  g_close(fd, NULL);
  ck_assert(g_file_set_contents(path, text->str, text->len, NULL));
  g_ptr_array_unref(items);
  g_string_free(item, TRUE);
  g_string_free(text, TRUE);
  return path;
}

static SiagaRules *
load(const SiagaFields *registry, const gchar *path, const gchar *backend)
{
  gchar *mapping = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "sigma.yaml", NULL);
  SiagaRuleOptions options = { mapping, backend, FALSE };
  SiagaDiag *diag = siaga_diag_new();
  SiagaRules *rules = siaga_rules_new(registry, &options, diag);
  siaga_rules_load(rules, path, diag); /* a random rule that is refused is refused by all */
  siaga_rules_finish(rules, diag);
  siaga_diag_free(diag);
  g_free(mapping);
  return rules;
}

static void
append_text(GRand *rand, GString *out)
{
  guint count = g_rand_int_range(rand, 0, 4);
  for (guint i = 0; i < count; i++)
    g_string_append(out, pick(rand, words, G_N_ELEMENTS(words)));
}

static void
set_random(GRand *rand, SiagaEvent *event, SiagaFieldId field)
{
  GString *text = g_string_new(NULL);
  append_text(rand, text);
  if (g_rand_int_range(rand, 0, 5))
    siaga_event_set_copy(event, field, text->str, text->len);
  g_string_free(text, TRUE);
}

/* A target whose other forms are cut out of it, or are something else altogether. */
static void
random_event(GRand *rand, SiagaEvent *event, GString *line)
{
  static const SiagaFieldId texts[] = {
    SIAGA_F_USER_AGENT_ORIGINAL, SIAGA_F_HTTP_REQUEST_METHOD, SIAGA_F_URL_DOMAIN,         SIAGA_F_HTTP_REQUEST_REFERRER,
    SIAGA_F_SOURCE_ADDRESS,      SIAGA_F_URL_ORIGINAL,        SIAGA_F_URL_CANONICAL,      SIAGA_F_URL_PATH,
    SIAGA_F_URL_QUERY,           SIAGA_F_URL_CANONICAL_PATH,  SIAGA_F_URL_CANONICAL_QUERY
  };
  siaga_event_reset(event);
  event->family = SIAGA_FAMILY_WEB;
  event->parsed = TRUE;
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
    set_random(rand, event, texts[i]);
  gsize length;
  const gchar *target = siaga_event_text(event, SIAGA_F_URL_ORIGINAL, &length);
  if (target && g_rand_boolean(rand))
    {
      siaga_event_set(event, SIAGA_F_URL_CANONICAL, target, length);
      siaga_event_set(event, SIAGA_F_URL_PATH, target, length / 2);
      siaga_event_set(event, SIAGA_F_URL_CANONICAL_PATH, target, length / 2);
      siaga_event_set(event, SIAGA_F_URL_QUERY, target + length / 2, length - length / 2);
      siaga_event_set(event, SIAGA_F_URL_CANONICAL_QUERY, target + length / 2, length - length / 2);
    }
  siaga_event_set_int(event, SIAGA_F_HTTP_RESPONSE_STATUS_CODE, g_rand_boolean(rand) ? 404 : 200);
  g_string_truncate(line, 0);
  append_text(rand, line);
  append_text(rand, line);
  event->original = line->str;
  event->original_length = line->len;
}

/* --- the evaluator -------------------------------------------------------------------------------------------------
 */

static pcre2_code *
code_of(const SiagaNeedle *needle)
{
  int number;
  PCRE2_SIZE offset;
  guint flags = needle->flags;
  guint32 options =
      (flags & SIAGA_MATCH_CASELESS ? PCRE2_CASELESS : 0) | (flags & SIAGA_MATCH_LITERAL ? PCRE2_LITERAL : 0) |
      (flags & SIAGA_MATCH_ANCHORED ? PCRE2_ANCHORED : 0) | (flags & SIAGA_MATCH_AT_END ? PCRE2_ENDANCHORED : 0);
  if (!(flags & SIAGA_MATCH_LITERAL))
    options |= (flags & SIAGA_MATCH_MULTILINE ? PCRE2_MULTILINE : 0) | (flags & SIAGA_MATCH_DOTALL ? PCRE2_DOTALL : 0);
  pcre2_code *code = pcre2_compile((PCRE2_SPTR) needle->text, needle->length, options, &number, &offset, NULL);
  ck_assert_ptr_nonnull(code);
  return code;
}

static gboolean
text_is_found(const SiagaMatch *match, const SiagaAtom *atom, const pcre2_code *code)
{
  pcre2_match_data *data = pcre2_match_data_create(1, NULL);
  gboolean found = FALSE;
  for (guint i = 0; i < atom->field->count; i++)
    {
      SiagaWalk walk;
      SiagaText text;
      siaga_walk_start(&walk, match, atom->field->columns[i]);
      while (siaga_walk_next(&walk, match, atom->field->columns[i], &text))
        found = found || (text.text && pcre2_match(code, (PCRE2_SPTR) text.text, text.length, 0, 0, data, NULL) >= 0);
    }
  pcre2_match_data_free(data);
  return found;
}

static gboolean
is_true(const SiagaMatch *match, pcre2_code **codes, guint32 index)
{
  const SiagaNode *node = siaga_rules_node(match->rules, index);
  guint32 count = 0;
  if (node->kind == SIAGA_NODE_ATOM)
    {
      const SiagaAtom *atom = siaga_rules_atom(match->rules, node->first);
      return atom->kind == SIAGA_ATOM_TEXT ? text_is_found(match, atom, codes[node->first])
                                           : siaga_atom_is_true(match, node->first);
    }
  for (guint32 i = 0; i < node->count; i++)
    count += is_true(match, codes, siaga_rules_child(match->rules, node, i));
  return node->kind == SIAGA_NODE_AND ? count == node->count : node->kind == SIAGA_NODE_OR ? count > 0 : !count;
}

static void
evaluate(const SiagaRules *rules, pcre2_code **codes, const SiagaEvent *event, SiagaHits *hits)
{
  SiagaMatch match = { rules, event, NULL, NULL };
  hits->count = 0;
  for (guint i = 0; i < rules->entries->len; i++)
    if (siaga_rules_entry(rules, i)->root != SIAGA_NODE_NONE &&
        is_true(&match, codes, siaga_rules_entry(rules, i)->root))
      hits->rule[hits->count++] = i;
}

static void
assert_equal(const SiagaHits *expected, const SiagaHits *hits, const gchar *backend, const SiagaEvent *event)
{
  ck_assert_msg(hits->count == expected->count &&
                    memcmp(hits->rule, expected->rule, hits->count * sizeof hits->rule[0]) == 0,
                "%s: %u rules instead of %u on '%.*s'", backend, hits->count, expected->count,
                (int) event->original_length, event->original);
}

START_TEST(random_rules)
{
  static const gchar *const backends[] = { "hs", "pcre2", "plain", "seldom" };
  GRand *rand = g_rand_new_with_seed(20261127 + _i);
  gchar *registry_path = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "fields.yaml", NULL);
  SiagaFields *registry = siaga_fields_load(registry_path, NULL);
  gchar *path = random_file(rand, _i < MANY_ROUNDS ? RULES : FEW);
  SiagaRules *rules[G_N_ELEMENTS(backends)];
  SiagaEvent *event = siaga_event_new(registry);
  GString *line = g_string_new(NULL);
  SiagaHits expected, hits;

  for (guint i = 0; i < G_N_ELEMENTS(backends); i++)
    rules[i] = load(registry, path, backends[i]);
  guint atoms = rules[0]->atoms->len, found = 0;
  pcre2_code **codes = g_new0(pcre2_code *, atoms);
  for (guint i = 0; i < atoms; i++)
    if (siaga_rules_atom(rules[0], i)->kind == SIAGA_ATOM_TEXT)
      codes[i] = code_of(&siaga_rules_atom(rules[0], i)->needle);
  for (guint n = 0; n < EVENTS; n++)
    {
      random_event(rand, event, line);
      evaluate(rules[0], codes, event, &expected);
      found += expected.count;
      for (guint i = 0; i < G_N_ELEMENTS(backends); i++)
        {
          siaga_rules_match(rules[i], event, &hits);
          assert_equal(&expected, &hits, backends[i], event);
        }
    }
  ck_assert(_i >= MANY_ROUNDS || found > EVENTS);
  for (guint i = 0; i < atoms; i++)
    pcre2_code_free(codes[i]);
  g_free(codes);
  for (guint i = 0; i < G_N_ELEMENTS(backends); i++)
    siaga_rules_unref(rules[i]);
  g_string_free(line, TRUE);
  siaga_event_free(event);
  g_unlink(path);
  g_free(path);
  siaga_fields_unref(registry);
  g_free(registry_path);
  g_rand_free(rand);
}
END_TEST

int
main(void)
{
  TCase *tests = tcase_create("random rules");
  tcase_set_timeout(tests, 120);
  tcase_add_loop_test(tests, random_rules, 0, MANY_ROUNDS + FEW_ROUNDS);
  return run_case("random rules", tests);
}
