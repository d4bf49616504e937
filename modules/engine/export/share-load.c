/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads sharing policies. */

#include "engine/export/share.h"
#include "engine/domain/name.h"

#include <siaga/nearest.h>
#include <siaga/yaml.h>

#include <string.h>

static const gchar *const file_keys[] = { "title",    "active",   "key-file", "known-users",
                                          "partners", "policies", "redact",   NULL };
static const gchar *const partner_keys[] = { "title", "tlp", "redact", NULL };
static const gchar *const policy_keys[] = { "title", "to", "when", "unless", "tlp", NULL };
static const gchar *const condition_keys[] = { "victim-country", "victim-sector",    "victim-csirt",     "victim-owner",
                                               "victim-domain",  "victim-network",   "category",         "level",
                                               "report-due",     "attacker-country", "attacker-network", NULL };
static const gchar *const subjects[] = {
  "users", "internal-addresses", "paths", "queries", "evidence", "victim", NULL
};
static const gchar *const labels[] = { "CLEAR", "GREEN", "AMBER", "AMBER+STRICT", "RED", NULL };

#define KEY_MIN 16
#define KEY_MAX 4096

static gboolean
_unknown(const SiagaYaml *node, const gchar *what, const gchar *const *known, SiagaDiag *diag)
{
  const gchar *near = siaga_nearest_word(node->text, known);
  gchar *all = near ? NULL : g_strjoinv(", ", (gchar **) known);
  if (near)
    siaga_diag_error(diag, node->place, "'%s' is no %s; did you mean '%s'?", node->text, what, near);
  else
    siaga_diag_error(diag, node->place, "'%s' is no %s; expected one of: %s", node->text, what, all);
  g_free(all);
  return FALSE;
}

static gboolean
_fail(const SiagaYaml *node, const gchar *text, SiagaDiag *diag)
{
  siaga_diag_error(diag, node->place, "%s", text);
  return FALSE;
}

static gint
_index(const gchar *text, const gchar *const *words)
{
  for (gint i = 0; words[i]; i++)
    if (strcmp(words[i], text) == 0)
      return i;
  return -1;
}

static gboolean
_read_tlp(const SiagaYaml *node, SiagaTlp *tlp_r, SiagaDiag *diag)
{
  if (node->kind != SIAGA_YAML_SCALAR)
    return _fail(node, "expected a label of TLP 2.0", diag);
  return siaga_tlp_by_name(node->text, tlp_r) || _unknown(node, "label of TLP 2.0", labels, diag);
}

static gboolean
_read_action(SiagaRedactSubject subject, const SiagaYaml *node, guint8 *action_r, SiagaDiag *diag)
{
  static const gchar *const words[] = { "remove", "pseudonym", "keep", "known", "masked", NULL };
  static const guint allowed[] = {
    [SIAGA_REDACT_USERS] = 1 << SIAGA_REDACT_REMOVE | 1 << SIAGA_REDACT_PSEUDONYM | 1 << SIAGA_REDACT_KNOWN,
    [SIAGA_REDACT_INTERNAL] = 1 << SIAGA_REDACT_REMOVE | 1 << SIAGA_REDACT_PSEUDONYM | 1 << SIAGA_REDACT_KEEP,
    [SIAGA_REDACT_PATHS] = 1 << SIAGA_REDACT_REMOVE | 1 << SIAGA_REDACT_KEEP,
    [SIAGA_REDACT_QUERIES] = 1 << SIAGA_REDACT_REMOVE | 1 << SIAGA_REDACT_KEEP,
    [SIAGA_REDACT_EVIDENCE] = 1 << SIAGA_REDACT_REMOVE | 1 << SIAGA_REDACT_MASKED,
    [SIAGA_REDACT_VICTIM] = 1 << SIAGA_REDACT_REMOVE | 1 << SIAGA_REDACT_KEEP,
  };
  gint word = node->kind == SIAGA_YAML_SCALAR ? _index(node->text, words) : -1;
  if (word < 0)
    return node->kind == SIAGA_YAML_SCALAR ? _unknown(node, "action", words, diag)
                                           : _fail(node, "expected a word", diag);
  *action_r = word + 1;
  if (allowed[subject] & 1 << *action_r)
    return TRUE;
  siaga_diag_error(diag, node->place, "%s cannot be '%s'%s", subjects[subject], node->text,
                   subject == SIAGA_REDACT_USERS
                       ? ": what was typed as a user name may be a password; 'known' keeps those of known-users"
                       : "");
  return FALSE;
}

static gboolean
_read_label(SiagaRedaction *redaction, const SiagaYaml *label, const SiagaYaml *map, SiagaDiag *diag)
{
  SiagaTlp tlp;
  gboolean ok = _read_tlp(label, &tlp, diag);
  if (map->kind != SIAGA_YAML_MAP)
    return _fail(map, "expected what is done to users, internal-addresses, paths, queries, evidence, victim", diag);
  for (guint i = 0; i < map->size; i++)
    {
      gint subject = _index(map->keys[i]->text, subjects);
      guint8 action = SIAGA_REDACT_UNSET;
      if (subject < 0)
        ok = _unknown(map->keys[i], "field that can be redacted", subjects, diag);
      else if (!_read_action(subject, map->values[i], &action, diag))
        ok = FALSE;
      else if (ok)
        redaction->action[tlp][subject] = action;
    }
  return ok;
}

static gboolean
_read_redaction(SiagaRedaction *redaction, const SiagaYaml *map, SiagaDiag *diag)
{
  gboolean ok = TRUE;
  if (!map)
    return TRUE;
  if (map->kind != SIAGA_YAML_MAP)
    return _fail(map, "expected labels of TLP 2.0, each with what is redacted", diag);
  for (guint i = 0; i < map->size; i++)
    ok = _read_label(redaction, map->keys[i], map->values[i], diag) && ok;
  return ok;
}

typedef const gchar *(*Check)(const gchar *text);

static const gchar *
_check_country(const gchar *text)
{
  gboolean good = strlen(text) == 2 && g_ascii_isupper(text[0]) && g_ascii_isupper(text[1]);
  return good ? NULL : "expected a country of two capitals (ISO 3166-1), as ID";
}

static const gchar *
_check_word(const gchar *text)
{
  gboolean good = *text && strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(text);
  return good ? NULL : "expected small letters, digits and '-'";
}

static const gchar *
_check_domain(const gchar *text)
{
  const gchar *error;
  g_free(siaga_name_canonical(text, &error));
  return error;
}

static const gchar *
_check_any(const gchar *text)
{
  return *text ? NULL : "is empty";
}

static gboolean
_read_word(GPtrArray *list, const SiagaYaml *node, Check check, SiagaDiag *diag)
{
  if (node->kind != SIAGA_YAML_SCALAR)
    return _fail(node, "expected a word", diag);
  const gchar *error = check(node->text);
  if (error)
    {
      siaga_diag_error(diag, node->place, "'%s': %s", node->text, error);
      return FALSE;
    }
  g_ptr_array_add(list, check == _check_domain ? siaga_name_canonical(node->text, &error) : g_strdup(node->text));
  return TRUE;
}

/* A scalar is a list of one. */
static gboolean
_read_words(GPtrArray *list, const SiagaYaml *node, Check check, SiagaDiag *diag)
{
  gboolean ok = TRUE;
  if (!node)
    return TRUE;
  if (node->kind != SIAGA_YAML_LIST)
    return _read_word(list, node, check, diag);
  if (!node->size)
    return _fail(node, "the list is empty", diag);
  for (guint i = 0; i < node->size; i++)
    ok = _read_word(list, node->values[i], check, diag) && ok;
  return ok;
}

static const gchar *
_check_network(const gchar *text)
{
  SiagaPrefix prefix;
  return siaga_prefix_parse(text, &prefix);
}

static gboolean
_read_networks(SiagaPrefixes **set, const SiagaYaml *node, SiagaDiag *diag)
{
  if (!node)
    return TRUE;
  GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
  gboolean ok = _read_words(texts, node, _check_network, diag);
  *set = siaga_prefixes_new();
  for (guint i = 0; ok && i < texts->len; i++)
    {
      SiagaPrefix prefix;
      siaga_prefix_parse(texts->pdata[i], &prefix);
      siaga_prefixes_add(*set, &prefix, 1);
    }
  siaga_prefixes_finish(*set);
  g_ptr_array_unref(texts);
  return ok;
}

static gboolean
_read_level(SiagaLevel *level, const SiagaYaml *node, SiagaDiag *diag)
{
  if (!node)
    return TRUE;
  gint index = node->kind == SIAGA_YAML_SCALAR ? _index(node->text, siaga_level_words) : -1;
  if (index < 0)
    return node->kind == SIAGA_YAML_SCALAR ? _unknown(node, "level", siaga_level_words, diag)
                                           : _fail(node, "expected a level", diag);
  *level = SIAGA_LEVEL_INFORMATIONAL + index;
  return TRUE;
}

static gboolean
_read_report_due(gboolean *report_due, const SiagaYaml *node, SiagaDiag *diag)
{
  if (!node || (siaga_yaml_to_bool(node, report_due) && *report_due))
    return TRUE;
  return _fail(node, "expected true: the incident has a legal deadline", diag);
}

static gboolean
_read_condition(SiagaShareCondition *self, const SiagaYaml *map, SiagaDiag *diag)
{
  const struct
  {
    const gchar *key;
    GPtrArray **list;
    Check check;
    SiagaPlace *place; /* NULL: nobody asks */
  } lists[] = {
    { "victim-country", &self->victim_countries, _check_country },
    { "victim-sector", &self->victim_sectors, _check_word, &self->words[SIAGA_SHARE_SECTORS] },
    { "victim-csirt", &self->victim_csirts, _check_any, &self->words[SIAGA_SHARE_CSIRTS] },
    { "victim-owner", &self->victim_owners, _check_any },
    { "victim-domain", &self->victim_domains, _check_domain },
    { "attacker-country", &self->attacker_countries, _check_country },
    { "category", &self->categories, _check_word, &self->words[SIAGA_SHARE_CATEGORIES] },
  };
  gboolean ok = map->kind == SIAGA_YAML_MAP || _fail(map, "expected conditions such as victim-country", diag);

  ok = ok && siaga_yaml_check_keys(map, condition_keys, diag);
  for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
    {
      const SiagaYaml *node = siaga_yaml_get(map, lists[i].key);
      *lists[i].list = g_ptr_array_new_with_free_func(g_free);
      ok = _read_words(*lists[i].list, node, lists[i].check, diag) && ok;
      if (node && lists[i].place)
        *lists[i].place = node->place;
    }
  ok = _read_networks(&self->victim_networks, siaga_yaml_get(map, "victim-network"), diag) && ok;
  ok = _read_networks(&self->attacker_networks, siaga_yaml_get(map, "attacker-network"), diag) && ok;
  ok = _read_report_due(&self->report_due, siaga_yaml_get(map, "report-due"), diag) && ok;
  return _read_level(&self->level, siaga_yaml_get(map, "level"), diag) && ok;
}

/* Level and category alone would share the whole world's incidents. */
static gboolean
_names_someone(const SiagaShareCondition *self)
{
  const GPtrArray *const lists[] = { self->victim_countries, self->victim_sectors, self->victim_csirts,
                                     self->victim_owners,    self->victim_domains, self->attacker_countries };
  for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
    if (lists[i]->len)
      return TRUE;
  return self->victim_networks || self->attacker_networks;
}

static void
_condition_clear(SiagaShareCondition *self)
{
  GPtrArray *const lists[] = { self->victim_countries, self->victim_sectors, self->victim_csirts,
                               self->victim_owners,    self->victim_domains, self->attacker_countries,
                               self->categories };
  for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
    if (lists[i])
      g_ptr_array_unref(lists[i]);
  siaga_prefixes_free(self->victim_networks);
  siaga_prefixes_free(self->attacker_networks);
}

static void
_policy_free(gpointer data)
{
  SiagaSharePolicy *self = data;
  _condition_clear(&self->when);
  if (self->unless)
    _condition_clear(self->unless);
  g_free(self->unless);
  g_free(self->title);
  g_free(self);
}

static void
_partner_free(gpointer data)
{
  SiagaSharePartner *self = data;
  g_free(self->name);
  g_free(self->title);
  g_ptr_array_unref(self->policies);
  g_free(self);
}

void
siaga_share_file_free(gpointer data)
{
  SiagaShareFile *self = data;
  g_ptr_array_unref(self->partners);
  g_ptr_array_unref(self->policies);
  g_ptr_array_unref(self->known_users);
  g_free(self->path);
  g_free(self->key);
  g_free(self);
}

static gboolean
_read_partner(SiagaShareFile *file, const SiagaYaml *name, const SiagaYaml *map, SiagaDiag *diag)
{
  SiagaSharePartner *self = g_new0(SiagaSharePartner, 1);
  const SiagaYaml *tlp = siaga_yaml_get(map, "tlp");
  gboolean ok = TRUE;

  self->file = file;
  self->name = g_strdup(name->text);
  self->title = g_strdup(siaga_yaml_get_text(map, "title"));
  self->policies = g_ptr_array_new();
  g_ptr_array_add(file->partners, self);
  if (_check_word(name->text))
    ok = _fail(name, "a partner's name holds small letters, digits and '-': it becomes the tag share.NAME", diag);
  if (map->kind != SIAGA_YAML_MAP)
    return _fail(map, "expected title, tlp, redact", diag);
  ok = siaga_yaml_check_keys(map, partner_keys, diag) && ok;
  if (!tlp)
    return _fail(name, "the partner needs tlp: the label up to which it may be told", diag);
  ok = _read_tlp(tlp, &self->tlp, diag) && ok;
  return _read_redaction(&self->redact, siaga_yaml_get(map, "redact"), diag) && ok;
}

static gboolean
_read_partners(SiagaShareFile *file, const SiagaYaml *map, SiagaDiag *diag)
{
  gboolean ok = TRUE;
  if (!map || map->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, map ? map->place : (SiagaPlace){ file->path, 1, 1 }, "expected partners: a map of names");
      return FALSE;
    }
  for (guint i = 0; i < map->size; i++)
    ok = _read_partner(file, map->keys[i], map->values[i], diag) && ok;
  return ok;
}

static SiagaSharePartner *
_find_partner(const SiagaShareFile *file, const gchar *name)
{
  for (guint i = 0; i < file->partners->len; i++)
    if (strcmp(((SiagaSharePartner *) file->partners->pdata[i])->name, name) == 0)
      return file->partners->pdata[i];
  return NULL;
}

static gboolean
_unknown_partner(const SiagaShareFile *file, const SiagaYaml *node, SiagaDiag *diag)
{
  const gchar **names = g_new0(const gchar *, file->partners->len + 1);
  for (guint i = 0; i < file->partners->len; i++)
    names[i] = ((SiagaSharePartner *) file->partners->pdata[i])->name;
  _unknown(node, "partner of this file", names, diag);
  g_free(names);
  return FALSE;
}

static gboolean
_address(SiagaShareFile *file, SiagaSharePolicy *policy, const SiagaYaml *node, SiagaDiag *diag)
{
  SiagaSharePartner *partner = node->kind == SIAGA_YAML_SCALAR ? _find_partner(file, node->text) : NULL;
  if (node->kind != SIAGA_YAML_SCALAR)
    return _fail(node, "expected a partner's name", diag);
  if (!partner)
    return _unknown_partner(file, node, diag);
  if (policy->has_tlp && policy->tlp > partner->tlp)
    {
      siaga_diag_error(diag, node->place, "%s may be told up to %s only, the policy says %s", partner->name,
                       siaga_tlp_name(partner->tlp), siaga_tlp_name(policy->tlp));
      return FALSE;
    }
  g_ptr_array_add(partner->policies, policy);
  return TRUE;
}

static gboolean
_read_addressees(SiagaShareFile *file, SiagaSharePolicy *policy, const SiagaYaml *map, SiagaDiag *diag)
{
  const SiagaYaml *to = siaga_yaml_get(map, "to");
  gboolean ok = TRUE;
  if (!to)
    return _fail(map, "the policy needs to: the partners it is for", diag);
  if (to->kind != SIAGA_YAML_LIST)
    return _address(file, policy, to, diag);
  if (!to->size)
    return _fail(to, "the list is empty", diag);
  for (guint i = 0; i < to->size; i++)
    ok = _address(file, policy, to->values[i], diag) && ok;
  return ok;
}

static gboolean
_read_when(SiagaSharePolicy *self, const SiagaYaml *map, SiagaDiag *diag)
{
  const SiagaYaml *when = siaga_yaml_get(map, "when"), *unless = siaga_yaml_get(map, "unless");
  if (!when)
    return _fail(map, "the policy needs when: whose incidents are shared", diag);
  gboolean ok = _read_condition(&self->when, when, diag);
  if (ok && !_names_someone(&self->when))
    ok = _fail(when, "names neither victim nor attacker: everybody's incidents would be shared", diag);
  if (!unless)
    return ok;
  self->unless = g_new0(SiagaShareCondition, 1);
  return _read_condition(self->unless, unless, diag) && ok;
}

static gboolean
_read_policy(SiagaShareFile *file, const SiagaYaml *map, SiagaDiag *diag)
{
  SiagaSharePolicy *self = g_new0(SiagaSharePolicy, 1);
  const SiagaYaml *tlp = siaga_yaml_get(map, "tlp");
  const gchar *title = siaga_yaml_get_text(map, "title");

  self->place = (SiagaPlace){ file->path, map->place.line, map->place.column };
  self->title = title ? g_strdup(title) : g_strdup_printf("line %u", map->place.line);
  g_ptr_array_add(file->policies, self);
  if (map->kind != SIAGA_YAML_MAP)
    return _fail(map, "expected to, when, unless, tlp", diag);
  gboolean ok = siaga_yaml_check_keys(map, policy_keys, diag);
  self->has_tlp = tlp != NULL;
  ok = (!tlp || _read_tlp(tlp, &self->tlp, diag)) && ok;
  ok = _read_addressees(file, self, map, diag) && ok;
  return _read_when(self, map, diag) && ok;
}

static gboolean
_read_policies(SiagaShareFile *file, const SiagaYaml *list, SiagaDiag *diag)
{
  gboolean ok = TRUE;
  if (!list || list->kind != SIAGA_YAML_LIST)
    {
      siaga_diag_error(diag, list ? list->place : (SiagaPlace){ file->path, 1, 1 }, "expected policies: a list");
      return FALSE;
    }
  for (guint i = 0; i < list->size; i++)
    ok = _read_policy(file, list->values[i], diag) && ok;
  return ok;
}

/* The key matters only when something is shared. */
static gboolean
_read_key(SiagaShareFile *file, const SiagaYaml *node, SiagaDiag *diag)
{
  GError *error = NULL;
  if (!node || !file->active)
    return TRUE;
  if (node->kind != SIAGA_YAML_SCALAR)
    return _fail(node, "expected a path", diag);
  if (!g_file_test(node->text, G_FILE_TEST_IS_REGULAR) && g_file_test(node->text, G_FILE_TEST_EXISTS))
    return _fail(node, "the key of pseudonyms is no regular file", diag);
  if (!g_file_get_contents(node->text, &file->key, &file->key_length, &error))
    {
      siaga_diag_error(diag, node->place, "the key of pseudonyms cannot be read: %s", error->message);
      g_error_free(error);
      return FALSE;
    }
  if (file->key_length >= KEY_MIN && file->key_length <= KEY_MAX)
    return TRUE;
  return _fail(node, "the key of pseudonyms holds 16 to 4096 bytes (head -c 32 /dev/urandom makes one)", diag);
}

static gboolean
_read_file(SiagaShareFile *file, const SiagaYaml *map, SiagaDiag *diag)
{
  const SiagaYaml *active = siaga_yaml_get(map, "active");
  if (map->kind != SIAGA_YAML_MAP)
    return _fail(map, "expected active, partners, policies", diag);
  gboolean ok = siaga_yaml_check_keys(map, file_keys, diag);
  if (active && !siaga_yaml_to_bool(active, &file->active))
    ok = _fail(active, "expected true or false", diag);
  ok = _read_key(file, siaga_yaml_get(map, "key-file"), diag) && ok;
  ok = _read_words(file->known_users, siaga_yaml_get(map, "known-users"), _check_any, diag) && ok;
  ok = _read_redaction(&file->redact, siaga_yaml_get(map, "redact"), diag) && ok;
  ok = _read_partners(file, siaga_yaml_get(map, "partners"), diag) && ok;
  return _read_policies(file, siaga_yaml_get(map, "policies"), diag) && ok;
}

SiagaShareFile *
siaga_share_file_load(const gchar *path, SiagaDiag *diag)
{
  SiagaYamlFile *yaml = siaga_yaml_load(path, diag);
  if (!yaml)
    return NULL;
  SiagaShareFile *self = g_new0(SiagaShareFile, 1);
  self->path = g_strdup(path);
  self->known_users = g_ptr_array_new_with_free_func(g_free);
  self->partners = g_ptr_array_new_with_free_func(_partner_free);
  self->policies = g_ptr_array_new_with_free_func(_policy_free);
  gboolean ok = yaml->documents->len == 1 && _read_file(self, yaml->documents->pdata[0], diag);
  if (yaml->documents->len != 1)
    siaga_diag_error(diag, (SiagaPlace){ path, 1, 1 }, "expected one document with partners and policies");
  siaga_yaml_free(yaml);
  if (!ok)
    g_clear_pointer(&self, siaga_share_file_free);
  return self;
}
