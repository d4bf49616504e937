/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Who may know what: decisions, mistakes in policies, and that nothing redacted is found in any output. */

#include <siaga/share.h>

#include "engine/export/tests/sample-incident.h"
#include "tests/harness/run.h"

#include <siaga/json.h>

#include <libpsl.h>
#include <stdlib.h>
#include <unistd.h>

static SiagaShare *share;
static SiagaDiag *diag;
static SiagaIncident *incident;
static gchar *dir;
static SiagaFields *fields;

static void
setup(void)
{
  dir = g_dir_make_tmp("siaga-share-XXXXXX", NULL);
  share = siaga_share_new();
  siaga_share_set_public_suffixes(share, psl_builtin());
  diag = siaga_diag_new();
  incident = sample_incident();
  gchar *path = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "fields.yaml", NULL);
  fields = siaga_fields_load(path, diag);
  ck_assert_ptr_nonnull(fields);
  g_free(path);
}

static void
teardown(void)
{
  siaga_incident_free(incident);
  siaga_share_free(share);
  siaga_diag_free(diag);
  siaga_fields_unref(fields);
  gchar *command = g_strdup_printf("rm -rf '%s'", dir);
  ck_assert_int_eq(system(command), 0);
  g_free(command);
  g_free(dir);
}

static void
print_diag(void)
{
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < siaga_diag_size(diag); i++)
    {
      siaga_diag_format(siaga_diag_get(diag, i), text);
      g_string_append_c(text, '\n');
    }
  g_printerr("%s", text->str);
  g_string_free(text, TRUE);
}

static gboolean
load(const gchar *text)
{
  gchar *path = g_build_filename(dir, "policy.yaml", NULL), *key = g_build_filename(dir, "key", NULL);
  gchar **parts = g_strsplit(text, "@KEY@", -1);
  gchar *with_key = g_strjoinv(key, parts);
  ck_assert(g_file_set_contents(path, with_key, -1, NULL));
  ck_assert(g_file_set_contents(key, "0123456789abcdef0123456789abcdef", -1, NULL));
  gboolean ok = siaga_share_load(share, path, diag);
  g_strfreev(parts);
  g_free(with_key);
  g_free(path);
  g_free(key);
  return ok;
}

#define HEAD "active: true\nkey-file: '@KEY@'\nknown-users: [root]\npartners:\n  p: { tlp: RED }\npolicies:\n"

static gboolean
decide(SiagaTlp *tlp)
{
  return siaga_share_decide(share, siaga_share_find(share, "p"), incident, tlp, NULL);
}

static const struct
{
  const gchar *policy;
  gboolean shared;
} conditions[] = {
  { "{ to: p, when: { victim-country: ID } }", TRUE },
  { "{ to: p, when: { victim-country: [MY, ID] } }", TRUE },
  { "{ to: p, when: { victim-country: MY } }", FALSE },
  { "{ to: p, when: { victim-country: ID, victim-sector: government } }", TRUE },
  { "{ to: p, when: { victim-country: ID, victim-sector: health } }", FALSE },
  { "{ to: p, when: { victim-csirt: Gov-CSIRT Indonesia } }", TRUE },
  { "{ to: p, when: { victim-csirt: MyCERT } }", FALSE },
  { "{ to: p, when: { victim-domain: kementerian.go.id } }", TRUE },
  { "{ to: p, when: { victim-domain: ian.go.id } }", FALSE },
  { "{ to: p, when: { victim-network: 10.20.0.0/16 } }", TRUE },
  { "{ to: p, when: { victim-network: 10.21.0.0/16 } }", FALSE },
  { "{ to: p, when: { attacker-country: SG } }", TRUE },
  { "{ to: p, when: { attacker-country: ID } }", FALSE },
  { "{ to: p, when: { attacker-network: [192.0.2.0/24] } }", TRUE },
  { "{ to: p, when: { attacker-network: ['2001:db8:1::/48'] } }", TRUE },
  { "{ to: p, when: { attacker-network: [198.51.100.0/24] } }", FALSE },
  { "{ to: p, when: { victim-country: ID, level: high } }", TRUE },
  { "{ to: p, when: { victim-country: ID, level: critical } }", FALSE },
  { "{ to: p, when: { victim-country: ID, category: brute-force } }", TRUE },
  { "{ to: p, when: { victim-country: ID, category: scan } }", FALSE },
  { "{ to: p, when: { victim-country: ID }, unless: { category: brute-force } }", FALSE },
  { "{ to: p, when: { victim-country: ID }, unless: { category: scan } }", TRUE },
  { "{ to: p, when: { victim-country: ID, report-due: true } }", TRUE },
  { "{ to: p, when: { victim-country: ID }, unless: { report-due: true } }", FALSE },
};

START_TEST(a_policy_shares_exactly_what_it_names)
{
  gchar *text = g_strconcat(HEAD "  - ", conditions[_i].policy, "\n", NULL);
  SiagaTlp tlp;
  gboolean ok = load(text);
  print_diag();
  ck_assert(ok);
  ck_assert_msg(decide(&tlp) == conditions[_i].shared, "%s", conditions[_i].policy);
  if (conditions[_i].shared)
    ck_assert_uint_eq(tlp, SIAGA_TLP_RED);
  g_free(text);
}
END_TEST

/* Three states of each condition: not asked, holds, does not hold. */
static const struct
{
  const gchar *name, *holds, *differs;
} asked[] = {
  { "victim-sector", "government", "health" },   { "victim-country", "[MY, ID]", "MY" },
  { "attacker-country", "SG", "[ID, MY]" },      { "level", "medium", "critical" },
  { "category", "[scan, brute-force]", "scan" },
};

/* Level and category alone would share everybody's incidents: a policy must ask for a victim or an attacker too. */
START_TEST(conditions_of_a_policy_must_all_hold)
{
  GString *when = g_string_new(NULL);
  gboolean all = TRUE, narrow = FALSE;
  guint state = _i;
  for (guint i = 0; i < G_N_ELEMENTS(asked); i++, state /= 3)
    {
      if (state % 3 == 0)
        continue;
      all &= state % 3 == 1;
      narrow |= i < 3;
      g_string_append_printf(when, "%s%s: %s", when->len ? ", " : "", asked[i].name,
                             state % 3 == 1 ? asked[i].holds : asked[i].differs);
    }
  gchar *text = g_strdup_printf(HEAD "  - { to: p, when: { %s } }\n", when->str);
  SiagaTlp tlp;
  gboolean ok = load(text);
  ck_assert_msg(ok == narrow, "%s", text);
  ck_assert_msg(!ok || decide(&tlp) == all, "%s", text);
  g_free(text);
  g_string_free(when, TRUE);
}
END_TEST

static void
share_everything_of_indonesia(void)
{
  gboolean ok = load(HEAD "  - { to: p, when: { victim-country: ID }, tlp: AMBER }\n");
  print_diag();
  ck_assert(ok);
}

START_TEST(a_policy_may_say_a_more_open_label)
{
  SiagaTlp tlp;
  share_everything_of_indonesia();
  ck_assert(decide(&tlp));
  ck_assert_uint_eq(tlp, SIAGA_TLP_AMBER);
}
END_TEST

START_TEST(an_incident_without_a_deadline_is_not_due)
{
  SiagaTlp tlp;
  incident->report_due = 0;
  ck_assert(load(HEAD "  - { to: p, when: { victim-country: ID, report-due: true } }\n"));
  ck_assert(!decide(&tlp));
}
END_TEST

START_TEST(an_incident_without_a_victim_is_never_shared)
{
  SiagaTlp tlp;
  share_everything_of_indonesia();
  g_clear_pointer(&incident->victim_domain, g_free);
  ck_assert(decide(&tlp));
  g_clear_pointer(&incident->victim_ip, g_free);
  ck_assert(!decide(&tlp));
}
END_TEST

START_TEST(a_claimed_victim_is_never_shared)
{
  SiagaTlp tlp;
  share_everything_of_indonesia();
  incident->victim_claimed = incident->victim_domain;
  incident->victim_domain = NULL;
  ck_assert(!decide(&tlp));
}
END_TEST

START_TEST(a_simulated_incident_is_never_shared)
{
  SiagaTlp tlp;
  share_everything_of_indonesia();
  incident->simulated = TRUE;
  ck_assert(!decide(&tlp));
}
END_TEST

START_TEST(a_spoofed_source_entitles_nobody)
{
  SiagaTlp tlp;
  ck_assert(load(
      HEAD "  - { to: p, when: { attacker-country: SG } }\n  - { to: p, when: { attacker-network: 0.0.0.0/0 } }\n"));
  ck_assert(decide(&tlp));
  incident->spoofed = TRUE;
  ck_assert(!decide(&tlp));
  incident->spoofed = FALSE;
  incident->crowd = TRUE;
  ck_assert(!decide(&tlp));
}
END_TEST

START_TEST(shipped_examples_load_and_share_nothing)
{
  SiagaTlp tlp;
  gchar *path = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "sharing", NULL);
  gboolean ok = siaga_share_load(share, path, diag);
  print_diag();
  ck_assert(ok);
  ck_assert_uint_ge(siaga_share_size(share), 5);
  for (guint i = 0; i < siaga_share_size(share); i++)
    ck_assert(!siaga_share_decide(share, i, incident, &tlp, NULL));
  g_free(path);
}
END_TEST

static const struct
{
  const gchar *condition, *why;
} whys[] = {
  { "victim-country: MY", "victim-country is ID" },
  { "victim-sector: health", "victim-sector is government" },
  { "victim-csirt: MyCERT", "victim-csirt is Gov-CSIRT Indonesia" },
  { "victim-domain: contoh.go.id", "victim-domain is web1.kementerian.go.id" },
  { "victim-network: 192.0.2.0/24", "victim-network does not hold 10.20.30.40" },
  { "attacker-country: MY", "attacker-country is SG" },
  { "attacker-network: 198.51.100.0/24", "attacker-network does not hold 192.0.2.7" },
  { "victim-country: ID, category: scan", "category is brute-force" },
  { "victim-country: ID, level: critical", "level is high" },
};

START_TEST(explain_says_what_the_incident_has_instead)
{
  gchar *policy = g_strdup_printf("active: true\npartners: { p: { tlp: RED } }\npolicies:\n"
                                  "  - { title: A, to: p, when: { %s } }\n",
                                  whys[_i].condition);
  gchar *expected = g_strdup_printf("not shared; policy 'A': %s", whys[_i].why);
  GString *why = g_string_new(NULL);
  SiagaTlp tlp;
  ck_assert(load(policy));
  ck_assert(!siaga_share_decide(share, 0, incident, &tlp, why));
  ck_assert_str_eq(why->str, expected);
  g_string_free(why, TRUE);
  g_free(expected);
  g_free(policy);
}
END_TEST

START_TEST(explain_says_that_an_incident_lacks_what_is_asked)
{
  GString *why = g_string_new(NULL);
  SiagaTlp tlp;
  g_clear_pointer(&incident->source_country, g_free);
  incident->report_due = 0;
  ck_assert(load("active: true\npartners: { p: { tlp: RED } }\npolicies:\n"
                 "  - { title: A, to: p, when: { attacker-country: MY } }\n"
                 "  - { title: B, to: p, when: { victim-country: ID, report-due: true } }\n"));
  ck_assert(!siaga_share_decide(share, 0, incident, &tlp, why));
  ck_assert_str_eq(why->str,
                   "not shared; policy 'A': attacker-country is not known; policy 'B': report-due is not set: "
                   "the law sets no deadline");
  g_string_free(why, TRUE);
}
END_TEST

START_TEST(explain_says_why_for_each_partner)
{
  GString *text = g_string_new(NULL);
  ck_assert(load("active: true\npartners: { yes: { tlp: GREEN }, no: { tlp: RED }, none: { tlp: RED } }\npolicies:\n"
                 "  - { title: A, to: 'yes', when: { victim-country: ID } }\n"
                 "  - { title: B, to: 'no', when: { victim-country: MY } }\n"));
  siaga_share_explain(share, incident, text);
  gchar **lines = g_strsplit(text->str, "\n", -1);
  ck_assert(g_str_has_prefix(lines[0], "yes: shared at TLP:GREEN by policy 'A' ("));
  ck_assert_str_eq(lines[1], "no: not shared; policy 'B': victim-country is ID");
  ck_assert_str_eq(lines[2], "none: not shared: no policy is for it");
  g_strfreev(lines);
  g_string_free(text, TRUE);
}
END_TEST

static const struct
{
  const gchar *text, *message;
  guint line, column;
} mistakes[] = {
  { "partner: {}\n", "partner", 1, 1 },
  { "partners: { p: { tlp: WHITE } }\npolicies: []\n", "'WHITE' is no label of TLP 2.0", 1, 23 },
  { "partners: { p: {} }\npolicies: []\n", "needs tlp", 1, 13 },
  { "partners: { P q: { tlp: RED } }\npolicies: []\n", "small letters", 1, 13 },
  { "partners: { bssn: { tlp: RED } }\npolicies:\n  - { to: bsn, when: { victim-country: ID } }\n",
    "'bsn' is no partner of this file; did you mean 'bssn'?", 3, 11 },
  { "partners: { p: { tlp: GREEN } }\npolicies:\n  - { to: p, tlp: RED, when: { victim-country: ID } }\n",
    "up to TLP:GREEN only", 3, 11 },
  { "partners: { p: { tlp: RED } }\npolicies:\n  - { to: p, when: { victim-contry: ID } }\n", "victim-country", 3, 22 },
  { "partners: { p: { tlp: RED } }\npolicies:\n  - { to: p, when: { victim-country: Indonesia } }\n", "two capitals", 3,
    38 },
  { "partners: { p: { tlp: RED } }\npolicies:\n  - { to: p, when: { victim-country: ID, level: hihg } }\n",
    "'hihg' is no level; did you mean 'high'?", 3, 49 },
  { "partners: { p: { tlp: RED } }\npolicies:\n  - { to: p, when: { level: high } }\n", "everybody's incidents", 3,
    20 },
  { "partners: { p: { tlp: RED } }\npolicies:\n  - { to: p }\n", "needs when", 3, 5 },
  { "partners: { p: { tlp: RED } }\npolicies:\n  - { to: p, when: { victim-network: 10.0.0.1/8 } }\n", "first address",
    3, 38 },
  { "partners: { p: { tlp: RED } }\npolicies: []\nredact: { AMBER: { user: remove } }\n",
    "'user' is no field that can be redacted; did you mean 'users'?", 3, 20 },
  { "partners: { p: { tlp: RED } }\npolicies: []\nredact: { AMBR: { users: remove } }\n", "did you mean 'AMBER'?", 3,
    11 },
  { "partners: { p: { tlp: RED } }\npolicies: []\nredact: { RED: { users: keep } }\n", "may be a password", 3, 25 },
  { "partners: { p: { tlp: RED } }\npolicies: []\nredact: { RED: { evidence: keep } }\n", "cannot be 'keep'", 3, 28 },
  { "active: true\nkey-file: /nonexistent\npartners: { p: { tlp: RED } }\npolicies: []\n", "cannot be read", 2, 11 },
  { "partners: { p: { tlp: RED } }\npolicies:\n  - { to: p, when: { victim-country: ID, report-due: no } }\n",
    "expected true", 3, 54 },
  { "partners: { p: { tlp: RED } }\npolicies:\n  - { to: [], when: { victim-country: ID } }\n", "the list is empty", 3,
    11 },
  { "active: perhaps\npartners: { p: { tlp: RED } }\npolicies: []\n", "true or false", 1, 9 },
};

START_TEST(a_mistake_names_its_place_and_what_is_near)
{
  ck_assert(!load(mistakes[_i].text));
  const SiagaDiagMessage *message = siaga_diag_get(diag, 0);
  ck_assert_msg(strstr(message->text, mistakes[_i].message) != NULL, "row %d says: %s", _i, message->text);
  ck_assert_msg(message->line == mistakes[_i].line && message->column == mistakes[_i].column, "row %d at %u:%u: %s", _i,
                message->line, message->column, message->text);
  ck_assert_uint_eq(siaga_share_size(share), 0);
}
END_TEST

/* Everything that can leave, as one text. */
static gchar *
all_outputs(const SiagaIncident *redacted, SiagaTlp tlp)
{
  GString *out = g_string_new(NULL);
  SiagaExportOptions options = { .tlp = tlp };
  for (guint format = 0; format < SIAGA_EXPORT_COUNT; format++)
    siaga_export(redacted, format, &options, out);
  static const SiagaExportForm misp_forms[] = { SIAGA_EXPORT_MISP_OBJECTS, SIAGA_EXPORT_MISP_REVISION };
  for (guint i = 0; i < G_N_ELEMENTS(misp_forms); i++)
    {
      options.form = misp_forms[i];
      siaga_export(redacted, SIAGA_EXPORT_MISP, &options, out);
    }
  siaga_incident_write_json(redacted, out);
  siaga_incident_format_text(redacted, out);
  /* IntelMQ's raw line is base64. */
  for (guint i = 0; i < redacted->evidence->len; i++)
    g_string_append(out, ((SiagaEvidence *) redacted->evidence->pdata[i])->line);
  return g_string_free(out, FALSE);
}

#define SECRET_USER "rahasia-P4ssw0rd"
#define SECRET_QUERY "nik=3201010101010001"
#define SECRET_PATH "/warga/3174010101010001/berkas"
#define SECRET_ADDRESS "10.20.30.40"
#define SECRET_HOST "server-dalam"

static void
add_field(const gchar *name, const gchar *value)
{
  g_ptr_array_add(incident->fields, g_strdup(name));
  g_ptr_array_add(incident->fields, g_strdup(value));
}

static void
add_group(const gchar *name, const gchar *value)
{
  g_ptr_array_add(incident->group_fields, (gpointer) siaga_fields_get(fields, siaga_fields_lookup(fields, name, -1)));
  g_ptr_array_add(incident->group_values, g_strdup(value));
}

static void
spread_secrets(void)
{
  add_field("user.name", SECRET_USER);
  add_field("url.path", SECRET_PATH);
  add_field("url.original", SECRET_PATH "?" SECRET_QUERY);
  add_field("process.command_line", "mysql -p" SECRET_USER);
  add_field("destination.ip", SECRET_ADDRESS);
  add_field("host.hostname", SECRET_HOST);
  add_field("http.request.referrer", "https://x.example" SECRET_PATH "?" SECRET_QUERY);
  add_group("user.name", SECRET_USER);
  add_group("url.path", SECRET_PATH);
  add_group("host.hostname", SECRET_HOST);
  g_ptr_array_add(incident->sources.first, g_strdup(SECRET_ADDRESS));
  g_ptr_array_add(incident->targets.first, g_strdup(SECRET_HOST));
  g_free(g_ptr_array_steal_index(incident->users.first, 1));
  incident->users.distinct = 1;
  sample_add_evidence(incident, incident->first_seen,
                      "Nov 21 " SECRET_HOST " " SECRET_ADDRESS ":443 " SECRET_USER " \"GET " SECRET_PATH
                      "?" SECRET_QUERY " HTTP/1.1\" 200");
}

static const struct
{
  const gchar *subject, *actions[3], *secrets[2];
} rules[] = {
  { "users", { "remove", "pseudonym", "known" }, { SECRET_USER } },
  { "internal-addresses", { "remove", "pseudonym" }, { SECRET_ADDRESS, SECRET_HOST } },
  { "paths", { "remove" }, { SECRET_PATH } },
  { "queries", { "remove" }, { SECRET_QUERY } },
};

#define KEPT "internal-addresses: keep, paths: keep, queries: keep, evidence: masked"

static void
assert_gone(const gchar *text, const gchar *secret, const gchar *what)
{
  gchar *lower = g_ascii_strdown(text, -1), *needle = g_ascii_strdown(secret, -1);
  const gchar *found = strstr(lower, needle);
  ck_assert_msg(!found, "%s: '%s' is in: …%.120s", what, secret, found ? found - MIN(found - lower, 40) : "");
  g_free(lower);
  g_free(needle);
}

/* At each label and with each action of each subject, all else kept as far as it can be. */
START_TEST(nothing_redacted_is_found_in_any_output)
{
  for (guint r = 0; r < G_N_ELEMENTS(rules); r++)
    for (guint a = 0; a < 3 && rules[r].actions[a]; a++)
      {
        gchar *without = g_strdup(KEPT);
        gchar *own = g_strdup_printf("%s: keep, ", rules[r].subject), **parts = g_strsplit(without, own, 2);
        gchar *rest = g_strjoinv("", parts);
        gchar *policy = g_strdup_printf("active: true\n%spartners: { p: { tlp: RED } }\npolicies:\n"
                                        "  - { to: p, when: { victim-country: ID } }\n"
                                        "redact: { %s: { %s: %s, %s } }\n",
                                        _i % 2 ? "key-file: '@KEY@'\n" : "", siaga_tlp_name(_i / 2), rules[r].subject,
                                        rules[r].actions[a], rest);
        gboolean ok = load(policy);
        print_diag();
        ck_assert_msg(ok, "%s", policy);
        SiagaIncident *redacted = siaga_share_redact(share, 0, _i / 2, incident);
        gchar *text = all_outputs(redacted, _i / 2);
        assert_gone(text, SECRET_USER, policy);
        for (guint s = 0; s < 2 && rules[r].secrets[s]; s++)
          assert_gone(text, rules[r].secrets[s], policy);
        siaga_incident_free(redacted);
        g_free(text);
        g_free(policy);
        g_free(rest);
        g_strfreev(parts);
        g_free(own);
        g_free(without);
      }
}
END_TEST

START_TEST(each_label_by_default_forbids_what_it_must)
{
  static const gchar *const forbidden[SIAGA_TLP_COUNT][8] = {
    [SIAGA_TLP_CLEAR] = { SECRET_USER, SECRET_ADDRESS, SECRET_HOST, SECRET_PATH, SECRET_QUERY, "kementerian", NULL },
    [SIAGA_TLP_GREEN] = { SECRET_USER, SECRET_ADDRESS, SECRET_HOST, SECRET_PATH, SECRET_QUERY, "kementerian", NULL },
    [SIAGA_TLP_AMBER] = { SECRET_USER, SECRET_ADDRESS, SECRET_HOST, SECRET_QUERY, "HTTP/1.1", NULL },
    [SIAGA_TLP_AMBER_STRICT] = { SECRET_USER, SECRET_ADDRESS, SECRET_HOST, SECRET_QUERY, NULL },
    [SIAGA_TLP_RED] = { SECRET_USER, NULL },
  };
  static const gchar *const shown[SIAGA_TLP_COUNT] = { "192.0.2.7", "192.0.2.7", SECRET_PATH, SECRET_PATH,
                                                       SECRET_QUERY };
  ck_assert(load(HEAD "  - { to: p, when: { victim-country: ID } }\n"));
  SiagaIncident *redacted = siaga_share_redact(share, 0, _i, incident);
  gchar *text = all_outputs(redacted, _i);
  for (guint i = 0; forbidden[_i][i]; i++)
    assert_gone(text, forbidden[_i][i], siaga_tlp_name(_i));
  ck_assert_msg(strstr(text, shown[_i]) != NULL, "%s should show %s", siaga_tlp_name(_i), shown[_i]);
  siaga_incident_free(redacted);
  g_free(text);
}
END_TEST

START_TEST(the_incident_itself_is_not_changed)
{
  gchar *before = all_outputs(incident, SIAGA_TLP_RED);
  ck_assert(load(HEAD "  - { to: p, when: { victim-country: ID } }\n"));
  siaga_incident_free(siaga_share_redact(share, 0, SIAGA_TLP_CLEAR, incident));
  gchar *after = all_outputs(incident, SIAGA_TLP_RED);
  ck_assert_str_eq(before, after);
  g_free(before);
  g_free(after);
}
END_TEST

START_TEST(pseudonyms_are_stable_and_differ_between_partners)
{
  ck_assert(load("active: true\nkey-file: '@KEY@'\npartners: { p: { tlp: RED }, q: { tlp: RED } }\npolicies:\n"
                 "  - { to: [p, q], when: { victim-country: ID } }\n"));
  SiagaIncident *a = siaga_share_redact(share, 0, SIAGA_TLP_RED, incident);
  SiagaIncident *b = siaga_share_redact(share, 0, SIAGA_TLP_RED, incident);
  SiagaIncident *c = siaga_share_redact(share, 1, SIAGA_TLP_RED, incident);
  ck_assert(g_str_has_prefix(a->users.first->pdata[0], "user-"));
  ck_assert_str_eq(a->users.first->pdata[0], b->users.first->pdata[0]);
  ck_assert_str_ne(a->users.first->pdata[0], c->users.first->pdata[0]);
  siaga_incident_free(a);
  siaga_incident_free(b);
  siaga_incident_free(c);
}
END_TEST

START_TEST(known_accounts_keep_their_names)
{
  g_ptr_array_add(incident->users.first, g_strdup("root"));
  ck_assert(load(HEAD "  - { to: p, when: { victim-country: ID } }\nredact: { RED: { users: known } }\n"));
  SiagaIncident *redacted = siaga_share_redact(share, 0, SIAGA_TLP_RED, incident);
  ck_assert_uint_eq(redacted->users.first->len, 2);
  ck_assert_str_eq(redacted->users.first->pdata[1], "root");
  siaga_incident_free(redacted);
}
END_TEST

START_TEST(evidence_with_names_that_nobody_listed_does_not_leave)
{
  ck_assert(load(HEAD "  - { to: p, when: { victim-country: ID } }\n"));
  SiagaIncident *redacted = siaga_share_redact(share, 0, SIAGA_TLP_RED, incident);
  ck_assert_uint_gt(redacted->evidence->len, 0);
  siaga_incident_free(redacted);
  incident->users.distinct = 17;
  redacted = siaga_share_redact(share, 0, SIAGA_TLP_RED, incident);
  ck_assert_uint_eq(redacted->evidence->len, 0);
  siaga_incident_free(redacted);
}
END_TEST

START_TEST(an_id_made_from_a_secret_is_another_for_each_partner)
{
  ck_assert(load("active: true\nkey-file: '@KEY@'\npartners: { p: { tlp: AMBER }, q: { tlp: AMBER } }\npolicies:\n"
                 "  - { to: [p, q], when: { victim-country: ID } }\n"));
  SiagaIncident *a = siaga_share_redact(share, 0, SIAGA_TLP_AMBER, incident);
  SiagaIncident *b = siaga_share_redact(share, 0, SIAGA_TLP_AMBER, incident);
  SiagaIncident *c = siaga_share_redact(share, 1, SIAGA_TLP_AMBER, incident);
  ck_assert_str_ne(a->uuid, incident->uuid);
  ck_assert_str_eq(a->uuid, b->uuid);
  ck_assert_str_ne(a->uuid, c->uuid);
  siaga_incident_free(a);
  siaga_incident_free(b);
  siaga_incident_free(c);
  g_ptr_array_set_size(incident->group_values, 0);
  g_ptr_array_set_size(incident->group_fields, 0);
  add_group("source.ip", "192.0.2.7");
  a = siaga_share_redact(share, 0, SIAGA_TLP_AMBER, incident);
  ck_assert_str_eq(a->uuid, incident->uuid);
  siaga_incident_free(a);
}
END_TEST

START_TEST(a_line_that_spells_a_secret_otherwise_does_not_leave)
{
  static const gchar *const lines[] = { "login rahasia%2DP4ssw0rd failed", "{\"user\":\"rahasia\\u002dP4ssw0rd\"}" };
  ck_assert(load(HEAD "  - { to: p, when: { victim-country: ID } }\n"));
  g_ptr_array_set_size(incident->evidence, 0);
  sample_add_evidence(incident, incident->first_seen, lines[_i]);
  sample_add_evidence(incident, incident->first_seen, "an ordinary line");
  SiagaIncident *redacted = siaga_share_redact(share, 0, SIAGA_TLP_RED, incident);
  ck_assert_uint_eq(redacted->evidence->len, 1);
  ck_assert_str_eq(((SiagaEvidence *) redacted->evidence->pdata[0])->line, "an ordinary line");
  siaga_incident_free(redacted);
}
END_TEST

START_TEST(the_name_that_was_imitated_is_the_victim_s)
{
  add_field("siaga.lookalike.of", "web1.kementerian.go.id");
  ck_assert(load(HEAD "  - { to: p, when: { victim-country: ID } }\n"));
  SiagaIncident *redacted = siaga_share_redact(share, 0, SIAGA_TLP_GREEN, incident);
  gchar *text = all_outputs(redacted, SIAGA_TLP_GREEN);
  assert_gone(text, "kementerian", "GREEN");
  siaga_incident_free(redacted);
  g_free(text);
}
END_TEST

/* What is taken out in one place, in other spellings and in places where nobody would look for it. */
typedef enum
{
  IN_SOURCES,
  IN_TARGETS,
  IN_LINE,
  IN_PATH,
  IN_URL,
  IN_PROCESS,
} Place;

static const struct
{
  SiagaTlp tlp;
  Place place;
  const gchar *value, *secret;
} hidden[] = {
  { SIAGA_TLP_AMBER, IN_SOURCES, "10.9.8.7:5566", "10.9.8.7" },
  { SIAGA_TLP_AMBER, IN_SOURCES, "[fd00::77]:443", "fd00::77" },
  { SIAGA_TLP_AMBER, IN_SOURCES, "::ffff:10.9.8.7", "10.9.8.7" },
  { SIAGA_TLP_AMBER, IN_SOURCES, "DB1.KANTOR.LOCAL", "db1.kantor" },
  { SIAGA_TLP_AMBER, IN_SOURCES, "db1.kantor.lan.", "db1.kantor" },
  { SIAGA_TLP_AMBER, IN_TARGETS, "db1.kantor.local:8443", "db1.kantor" },
  { SIAGA_TLP_AMBER, IN_TARGETS, "db1.kantor.private", "db1.kantor" },
  { SIAGA_TLP_GREEN, IN_SOURCES, "WEB1.kementerian.go.id", "kementerian.go.id" },
  { SIAGA_TLP_GREEN, IN_SOURCES, "198.51.100.9", "198.51.100.9" }, /* the victim's own, as a tunnel's source has it */
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "inet addr:10.9.8.7 up", "10.9.8.7" },
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "to host:10.9.8.7:443 failed", "10.9.8.7" },
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "src:10.9.8.7,dst", "10.9.8.7" },
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "peer=fd00::77 up", "fd00::77" },
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "from Db1.Kantor.Local port 22", "db1.kantor" },
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "GET http://budi:sandi99@www.example/ HTTP/1.1", "sandi99" },
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "referrer ftp://budi@www.example/", "budi" },
  { SIAGA_TLP_RED, IN_URL, "http://budi:sandi99@www.example/x", "sandi99" },
  { SIAGA_TLP_AMBER, IN_PATH, "/proxy/10.9.8.7/x", "10.9.8.7" },
  { SIAGA_TLP_AMBER, IN_PATH, "/proxy/db1.kantor.local/x", "db1.kantor" },
  { SIAGA_TLP_AMBER, IN_PATH, "/home/rahasia%2dP4ssw0rd/x", "rahasia" },
  { SIAGA_TLP_AMBER, IN_PATH, "/home/rahasia%252DP4ssw0rd/x", "rahasia" },
  { SIAGA_TLP_AMBER, IN_PROCESS, SECRET_USER, SECRET_USER },
  /* an internal address inside one of another family (RFC 6052, RFC 3056), retired (RFC 3879), asked for backwards */
  { SIAGA_TLP_AMBER, IN_SOURCES, "64:ff9b::10.9.8.7", "10.9.8.7" },
  { SIAGA_TLP_AMBER, IN_SOURCES, "64:ff9b::a09:807", "a09:807" },
  { SIAGA_TLP_AMBER, IN_SOURCES, "2002:a09:807::1", "a09:807" },
  { SIAGA_TLP_AMBER, IN_SOURCES, "::ffff:a09:807", "a09:807" },
  { SIAGA_TLP_AMBER, IN_SOURCES, "fec0::77", "fec0::77" },
  { SIAGA_TLP_AMBER, IN_SOURCES, "fe80::77%eth0", "fe80::77" },
  { SIAGA_TLP_AMBER, IN_SOURCES, "7.8.9.10.in-addr.arpa", "7.8.9.10" },
  { SIAGA_TLP_AMBER, IN_SOURCES, "7.0.0.0.8.d.f.ip6.arpa", "8.d.f" },
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "query: 7.8.9.10.in-addr.arpa IN PTR", "7.8.9.10" },
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "peer=64:ff9b::10.9.8.7 up", "10.9.8.7" },
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "peer=::FFFF:10.9.8.7 up", "10.9.8.7" },
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "peer=[FE80::77%25eth0]:22 up", "fe80::77" },
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "GET /x%2f10%2e9%2e8%2e7 HTTP/1.1", "9%2e8" },
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "GET /db1%2Ekantor%2Elocal/ HTTP/1.1", "db1%2ekantor" },
  { SIAGA_TLP_AMBER, IN_PATH, "/proxy/10%2E9%2E8%2E7/x", "9%2e8" },
  { SIAGA_TLP_AMBER, IN_PATH, "/proxy/db1%2ekantor%2elocal/x", "db1%2ekantor" },
  /* mail addresses name a person wherever they stand, and so does half of a user's name */
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "to=<siti.aminah@kementerian.go.id>, status=sent", "siti.aminah" },
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "GET /keluar/siti.aminah%40kementerian.go.id HTTP/1.1", "siti.aminah" },
  { SIAGA_TLP_AMBER, IN_PATH, "/keluar/siti.aminah@kementerian.go.id", "siti.aminah" },
  { SIAGA_TLP_AMBER, IN_PATH, "/keluar/siti.aminah%40kementerian.go.id", "siti.aminah" },
  { SIAGA_TLP_AMBER, IN_PATH, "/~siti/berkas", "siti" },
  { SIAGA_TLP_AMBER, IN_PATH, "/home/wahyudi/berkas", "wahyudi" },
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "mailbox of wahyudi", "wahyudi" },
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "mailbox of hartono", "hartono" },
  { SIAGA_TLP_AMBER_STRICT, IN_LINE, "mailbox of sulastri", "sulastri" },
  /* a host beside the victim tells whose it is */
  { SIAGA_TLP_GREEN, IN_SOURCES, "pc7.kementerian.go.id", "kementerian" },
};

static const gchar *const users_with_domains[] = { "KEMENTERIAN\\wahyudi", "hartono@kementerian.go.id",
                                                   "sulastri/admin@KEMENTERIAN.GO.ID" };

static void
put(Place place, const gchar *value)
{
  if (place == IN_LINE)
    sample_add_evidence(incident, incident->first_seen, value);
  else if (place == IN_SOURCES || place == IN_TARGETS)
    g_ptr_array_add(place == IN_SOURCES ? incident->sources.first : incident->targets.first, g_strdup(value));
  else
    add_field(place == IN_PATH ? "url.path" : place == IN_URL ? "url.original" : "process.name", value);
}

START_TEST(what_is_taken_out_is_found_in_any_spelling)
{
  g_free(incident->victim_ip);
  incident->victim_ip = g_strdup("198.51.100.9");
  if (strcmp(hidden[_i].value, incident->victim_ip) == 0)
    {
      g_free(incident->source_ip);
      incident->source_ip = g_strdup(incident->victim_ip);
    }
  for (guint i = 0; i < G_N_ELEMENTS(users_with_domains); i++)
    g_ptr_array_add(incident->users.first, g_strdup(users_with_domains[i]));
  incident->users.distinct = incident->users.first->len;
  put(hidden[_i].place, hidden[_i].value);
  ck_assert(load(HEAD "  - { to: p, when: { victim-country: ID } }\n"));
  SiagaIncident *redacted = siaga_share_redact(share, 0, hidden[_i].tlp, incident);
  gchar *text = all_outputs(redacted, hidden[_i].tlp);
  assert_gone(text, hidden[_i].secret, hidden[_i].value);
  g_free(text);
  siaga_incident_free(redacted);
}
END_TEST

/* The victim of a tunnel is its source: nothing of the source tells who it is. */
START_TEST(a_victim_that_is_the_source_is_not_told)
{
  g_free(incident->victim_ip);
  incident->victim_ip = g_strdup("2001:db8:77::5");
  g_free(incident->source_ip);
  incident->source_ip = g_strdup("2001:db8:77::5");
  g_free(incident->source_actor);
  incident->source_actor = g_strdup("2001:db8:77::/64");
  g_ptr_array_add(incident->sources.first, g_strdup("2001:db8:77::/64"));
  add_field("source.as.organization.name", "Kementerian Korban");
  add_group("source.actor", "2001:db8:77::/64");
  ck_assert(load(HEAD "  - { to: p, when: { victim-country: ID } }\n"));
  SiagaIncident *redacted = siaga_share_redact(share, 0, SIAGA_TLP_GREEN, incident);
  gchar *text = all_outputs(redacted, SIAGA_TLP_GREEN);
  assert_gone(text, "2001:db8:77", "source");
  assert_gone(text, "Kementerian Korban", "source");
  g_free(text);
  siaga_incident_free(redacted);
}
END_TEST

/* Of an answer its numbers may be told: where it leads to and what it holds are as secret as what was asked. */
START_TEST(what_a_server_answered_is_not_told)
{
  add_field("http.response.status_code", "302");
  add_field("http.response.location", "https://x.example/masuk?token=abc123rahasia");
  add_field("http.response.body.content", "nama: Budi Rahasia");
  ck_assert(load(HEAD "  - { to: p, when: { victim-country: ID } }\n"));
  for (SiagaTlp tlp = 0; tlp < SIAGA_TLP_COUNT; tlp++)
    {
      SiagaIncident *redacted = siaga_share_redact(share, 0, tlp, incident);
      gchar *text = all_outputs(redacted, tlp);
      assert_gone(text, "abc123rahasia", siaga_tlp_name(tlp));
      assert_gone(text, "Budi Rahasia", siaga_tlp_name(tlp));
      ck_assert_ptr_nonnull(strstr(text, "302"));
      g_free(text);
      siaga_incident_free(redacted);
    }
}
END_TEST

/* Masked, not merely left out: the rest of the line is what a partner needs. */
START_TEST(a_line_keeps_what_is_no_secret)
{
  g_ptr_array_set_size(incident->evidence, 0);
  sample_add_evidence(incident, incident->first_seen,
                      "a 10.9.8.7:22 b db1.kantor.local c http://u:p@www.example/ d 192.0.2.7");
  ck_assert(load(HEAD "  - { to: p, when: { victim-country: ID } }\n"));
  SiagaIncident *redacted = siaga_share_redact(share, 0, SIAGA_TLP_AMBER_STRICT, incident);
  ck_assert_uint_eq(redacted->evidence->len, 1);
  ck_assert_str_eq(((SiagaEvidence *) redacted->evidence->pdata[0])->line,
                   "a *:22 b * c http://*@www.example/ d 192.0.2.7");
  siaga_incident_free(redacted);
}
END_TEST

/* The ids of others are made from their group-by values, users for one: only the campaign of an attacker that may be
 * told is named. */
START_TEST(ids_of_other_incidents_tell_no_secret)
{
  g_ptr_array_add(incident->children, g_strdup("0f9a2f8e-7b0c-5d55-9a55-000000000001"));
  g_strlcpy(incident->parent, "0f9a2f8e-7b0c-5d55-9a55-000000000002", sizeof incident->parent);
  g_ptr_array_set_size(incident->group_values, 0);
  g_ptr_array_set_size(incident->group_fields, 0);
  add_group("source.ip", "192.0.2.7");
  ck_assert(load(HEAD "  - { to: p, when: { victim-country: ID } }\n"));
  SiagaIncident *amber = siaga_share_redact(share, 0, SIAGA_TLP_AMBER, incident);
  ck_assert_uint_eq(amber->children->len, 0);
  ck_assert_str_eq(amber->parent, incident->parent);
  siaga_incident_free(amber);
  SiagaIncident *green = siaga_share_redact(share, 0, SIAGA_TLP_GREEN, incident);
  ck_assert_str_eq(green->parent, "");
  siaga_incident_free(green);
}
END_TEST

/* An organisation's own team, and where its people come from, name it as well. */
START_TEST(who_answers_for_a_victim_is_not_told_either)
{
  static const gchar *const teams[] = { "csirt@kementerian.go.id", "CSIRT Kementerian \"Contoh\" <&>" };
  g_free(incident->victim_csirt);
  incident->victim_csirt = g_strdup(teams[_i]);
  add_field("siaga.victim.csirt", teams[_i]);
  add_field("source.domain", "pc7.kementerian.go.id");
  ck_assert(load(HEAD "  - { to: p, when: { victim-country: ID } }\n"));
  SiagaIncident *redacted = siaga_share_redact(share, 0, SIAGA_TLP_GREEN, incident);
  gchar *text = all_outputs(redacted, SIAGA_TLP_GREEN);
  assert_gone(text, "kementerian", teams[_i]);
  g_free(text);
  siaga_incident_free(redacted);
}
END_TEST

START_TEST(of_a_spoofed_source_nothing_is_told)
{
  incident->spoofed = TRUE;
  add_field("source.geo.country_iso_code", "SG");
  add_field("source.as.organization.name", "Jaringan Korban");
  add_group("source.subnet", "203.0.113.0/24");
  ck_assert(load(HEAD "  - { to: p, when: { victim-country: ID } }\n"));
  SiagaIncident *redacted = siaga_share_redact(share, 0, SIAGA_TLP_RED, incident);
  gchar *text = all_outputs(redacted, SIAGA_TLP_RED);
  assert_gone(text, "Jaringan Korban", "spoofed");
  assert_gone(text, "203.0.113.0", "spoofed");
  assert_gone(text, "country_iso_code\":\"SG", "spoofed");
  g_free(text);
  siaga_incident_free(redacted);
}
END_TEST

/* Names of fields of each kind, secrets of any letters, in any place, at any label, with any policy. */
static const gchar *const any_fields[] = { "user.name",      "user.target.name",     "url.path",
                                           "url.query",      "url.original",         "http.request.referrer",
                                           "host.hostname",  "process.command_line", "source.ip",
                                           "destination.ip", "url.domain",           "user_agent.original",
                                           "source.address", "siaga.lookalike.of",   "event.reason" };

static gchar *
random_word(GRand *rand, const gchar *front)
{
  static const gchar letters[] = "abcdefghijklmnopqrstuvwxyzABCDEF0123456789_-.$!\"'\\<>&{}%,;:/ \xc3\xa9";
  GString *word = g_string_new(front);
  guint length = g_rand_int_range(rand, 6, 20);
  for (guint i = 0; i < length; i++)
    g_string_append_c(word, letters[g_rand_int_range(rand, 0, strlen(letters) - 2)]);
  return g_string_free(word, FALSE);
}

/* As different programs log an account. */
static gchar *
spell_account(GRand *rand, const gchar *user)
{
  switch (g_rand_int_range(rand, 0, 4))
    {
    case 0:
      return g_strdup_printf("REALM\\%s", user);
    case 1:
      return g_strdup_printf("%s@realm.example", user);
    case 2:
      return g_strdup_printf("%s/admin@REALM", user);
    default:
      return g_strdup(user);
    }
}

static void
place_user(GRand *rand, const gchar *user)
{
  gchar *account = spell_account(rand, user);
  gchar *line = g_strdup_printf("login of %s from 192.0.2.7", user);
  g_ptr_array_set_size(incident->users.first, 0);
  g_ptr_array_add(incident->users.first, g_strdup(account));
  incident->users.distinct = 1;
  add_field(any_fields[g_rand_int_range(rand, 0, G_N_ELEMENTS(any_fields))], user);
  add_group("user.name", account);
  sample_add_evidence(incident, incident->first_seen, line);
  g_free(line);
  g_free(account);
}

static void
check_user_is_gone(GRand *rand, const gchar *user)
{
  static const gchar *const actions[] = { "remove", "pseudonym", "known" };
  SiagaTlp tlp = g_rand_int_range(rand, 0, SIAGA_TLP_COUNT);
  gchar *policy = g_strdup_printf("active: true\n%spartners: { p: { tlp: RED } }\npolicies:\n"
                                  "  - { to: p, when: { victim-country: ID } }\n"
                                  "redact: { %s: { users: %s, " KEPT " } }\n",
                                  g_rand_boolean(rand) ? "key-file: '@KEY@'\n" : "", siaga_tlp_name(tlp),
                                  actions[g_rand_int_range(rand, 0, 3)]);
  ck_assert(load(policy));
  SiagaIncident *redacted = siaga_share_redact(share, 0, tlp, incident);
  gchar *text = all_outputs(redacted, tlp);
  GString *escaped = g_string_new(NULL);
  assert_gone(text, user, policy);
  siaga_json_escape(escaped, user, strlen(user));
  assert_gone(text, escaped->str, policy);
  gchar *markup = g_markup_escape_text(user, -1);
  assert_gone(text, markup, policy);
  g_free(markup);
  g_string_free(escaped, TRUE);
  siaga_incident_free(redacted);
  g_free(text);
  g_free(policy);
}

START_TEST(no_random_secret_is_found_in_any_output)
{
  GRand *rand = g_rand_new_with_seed(_i);
  gchar *user = random_word(rand, "zq");
  place_user(rand, user);
  check_user_is_gone(rand, user);
  g_free(user);
  g_rand_free(rand);
}
END_TEST

static void
setup_secrets(void)
{
  setup();
  spread_secrets();
}

int
main(void)
{
  Suite *suite = suite_create("share");
  TCase *tcase = tcase_create("decide");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, a_policy_shares_exactly_what_it_names, 0, G_N_ELEMENTS(conditions));
  tcase_add_loop_test(tcase, conditions_of_a_policy_must_all_hold, 0, 3 * 3 * 3 * 3 * 3);
  tcase_add_test(tcase, a_policy_may_say_a_more_open_label);
  tcase_add_test(tcase, an_incident_without_a_deadline_is_not_due);
  tcase_add_test(tcase, an_incident_without_a_victim_is_never_shared);
  tcase_add_test(tcase, a_claimed_victim_is_never_shared);
  tcase_add_test(tcase, a_simulated_incident_is_never_shared);
  tcase_add_test(tcase, a_spoofed_source_entitles_nobody);
  tcase_add_test(tcase, shipped_examples_load_and_share_nothing);
  tcase_add_test(tcase, explain_says_why_for_each_partner);
  tcase_add_loop_test(tcase, explain_says_what_the_incident_has_instead, 0, G_N_ELEMENTS(whys));
  tcase_add_test(tcase, explain_says_that_an_incident_lacks_what_is_asked);
  tcase_add_loop_test(tcase, a_mistake_names_its_place_and_what_is_near, 0, G_N_ELEMENTS(mistakes));
  suite_add_tcase(suite, tcase);
  tcase = tcase_create("redact");
  tcase_add_checked_fixture(tcase, setup_secrets, teardown);
  tcase_set_timeout(tcase, 60);
  tcase_add_loop_test(tcase, nothing_redacted_is_found_in_any_output, 0, 2 * SIAGA_TLP_COUNT);
  tcase_add_loop_test(tcase, each_label_by_default_forbids_what_it_must, 0, SIAGA_TLP_COUNT);
  tcase_add_test(tcase, the_incident_itself_is_not_changed);
  tcase_add_test(tcase, pseudonyms_are_stable_and_differ_between_partners);
  tcase_add_test(tcase, known_accounts_keep_their_names);
  tcase_add_test(tcase, evidence_with_names_that_nobody_listed_does_not_leave);
  tcase_add_test(tcase, an_id_made_from_a_secret_is_another_for_each_partner);
  tcase_add_loop_test(tcase, a_line_that_spells_a_secret_otherwise_does_not_leave, 0, 2);
  tcase_add_test(tcase, the_name_that_was_imitated_is_the_victim_s);
  tcase_add_loop_test(tcase, what_is_taken_out_is_found_in_any_spelling, 0, G_N_ELEMENTS(hidden));
  tcase_add_test(tcase, a_victim_that_is_the_source_is_not_told);
  tcase_add_test(tcase, what_a_server_answered_is_not_told);
  tcase_add_test(tcase, a_line_keeps_what_is_no_secret);
  tcase_add_test(tcase, ids_of_other_incidents_tell_no_secret);
  tcase_add_loop_test(tcase, who_answers_for_a_victim_is_not_told_either, 0, 2);
  tcase_add_test(tcase, of_a_spoofed_source_nothing_is_told);
  tcase_add_loop_test(tcase, no_random_secret_is_found_in_any_output, 0, 300);
  suite_add_tcase(suite, tcase);
  return run_suite(suite);
}
