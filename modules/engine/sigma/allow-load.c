/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads allowances: who, until when, why. */

#include "allow.h"
#include "engine/base/folder.h"

#include <siaga/yaml.h>

#include <string.h>

#define CHAIN_DEPTH_MAX 16 /* of correlations of correlations */
#define REFERENCES_MAX 64

static const gchar *const entry_keys[] = { "source", "user", "victim", "question", "rules", "until", "reason", NULL };

SiagaAllowEntry *
siaga_allow_entry_new(SiagaPlace place)
{
  SiagaAllowEntry *self = g_new0(SiagaAllowEntry, 1);
  GPtrArray **lists[] = { &self->hosts, &self->users, &self->victims, &self->questions };
  self->about.place = place;
  self->about.until = G_MAXINT64;
  self->networks = siaga_networks_new();
  for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
    *lists[i] = g_ptr_array_new_with_free_func(g_free);
  self->rules = g_array_new(FALSE, FALSE, sizeof(guint16));
  return self;
}

void
siaga_allow_entry_free(gpointer data)
{
  SiagaAllowEntry *self = data;
  GPtrArray *lists[] = { self->hosts, self->users, self->victims, self->questions };
  siaga_networks_free(self->networks);
  for (guint i = 0; i < G_N_ELEMENTS(lists); i++)
    g_ptr_array_unref(lists[i]);
  g_array_unref(self->rules);
  g_free(self);
}

typedef struct
{
  SiagaAllow *allow;
  const SiagaRules *rules;
  SiagaAllowEntry *entry;
  SiagaDiag *diag;
} Reading;

typedef gboolean (*ReadText)(Reading *self, const SiagaYaml *node);

static gboolean
_fail(const Reading *self, const SiagaYaml *node, const gchar *text)
{
  siaga_diag_error(self->diag, node->place, "%s", text);
  return FALSE;
}

/* Letters, digits and the marks of host names; a dot at an end means nothing. */
static gchar *
_name_of(const gchar *text)
{
  gchar *name = g_ascii_strdown(*text == '.' ? text + 1 : text, -1);
  gsize length = strlen(name);
  if (length && name[length - 1] == '.')
    name[--length] = '\0';
  for (const gchar *p = name; *p; p++)
    if (!g_ascii_isalnum(*p) && !strchr("-._", *p) && !(*p & 0x80))
      length = 0;
  if (length)
    return name;
  g_free(name);
  return NULL;
}

static gboolean
_read_name(Reading *self, const SiagaYaml *node, GPtrArray *names)
{
  gchar *name = _name_of(node->text);
  if (!name)
    return _fail(self, node, "expected a domain name");
  g_ptr_array_add(names, name);
  return TRUE;
}

static gboolean
_read_source(Reading *self, const SiagaYaml *node)
{
  self->entry->has_source = TRUE;
  if (siaga_networks_add(self->entry->networks, node->text))
    return TRUE;
  /* What looks like an address and is none would be a name that never comes. */
  if (strchr(node->text, '/') || strchr(node->text, ':') ||
      !node->text[strcspn(node->text, "abcdefghijklmnopqrstuvwxyz"
                                      "ABCDEFGHIJKLMNOPQRSTUVWXYZ")])
    return _fail(self, node, "expected an address, a network such as 192.0.2.0/24, or a host name");
  return _read_name(self, node, self->entry->hosts);
}

static gboolean
_read_user(Reading *self, const SiagaYaml *node)
{
  if (!node->length)
    return _fail(self, node, "expected a user name");
  g_ptr_array_add(self->entry->users, g_strdup(node->text));
  return TRUE;
}

static gboolean
_read_victim(Reading *self, const SiagaYaml *node)
{
  return _read_name(self, node, self->entry->victims);
}

static gboolean
_read_question(Reading *self, const SiagaYaml *node)
{
  return _read_name(self, node, self->entry->questions);
}

/* A correlation stands for the rules it counts: without their events it has nothing to count. */
static void
_add_rule(Reading *self, guint rule, guint depth)
{
  guint16 index = rule, next[REFERENCES_MAX];
  guint count = siaga_rules_references(self->rules, rule, next, REFERENCES_MAX);
  if (!siaga_rules_get(self->rules, rule)->correlation)
    g_array_append_val(self->entry->rules, index);
  for (guint i = 0; depth < CHAIN_DEPTH_MAX && i < count; i++)
    _add_rule(self, next[i], depth + 1);
}

static gboolean
_read_rule(Reading *self, const SiagaYaml *node)
{
  const SiagaRule *rule = siaga_rules_find(self->rules, node->text);
  if (!rule)
    {
      siaga_diag_error(self->diag, node->place, "no rule has the id or name '%s'", node->text);
      return FALSE;
    }
  _add_rule(self, rule->index, 0);
  return TRUE;
}

/* One text or a list of them; absent is well. */
static gboolean
_read_texts(Reading *self, const SiagaYaml *map, const gchar *key, ReadText read)
{
  const SiagaYaml *node = siaga_yaml_get(map, key);
  if (!node)
    return TRUE;
  if (node->kind == SIAGA_YAML_SCALAR)
    return read(self, node);
  gboolean ok = node->kind == SIAGA_YAML_LIST && node->size;
  if (!ok)
    return _fail(self, node, "expected a text or a list of them");
  for (guint i = 0; i < node->size; i++)
    ok = (node->values[i]->kind == SIAGA_YAML_SCALAR ? read(self, node->values[i])
                                                     : _fail(self, node->values[i], "expected a text")) &&
         ok;
  return ok;
}

/* A date alone counts to the end of its day. */
static gboolean
_read_until(Reading *self, const SiagaYaml *map)
{
  const SiagaYaml *node = siaga_yaml_get(map, "until");
  SiagaTimeContext context = { 0 };
  gint32 zone;
  if (!node)
    return TRUE;
  if (node->kind == SIAGA_YAML_SCALAR &&
      siaga_time_parse(SIAGA_TIME_FORMAT_ISO8601, node->text, node->length, &context, &self->entry->about.until, &zone))
    return TRUE;
  gchar *midnight = g_strconcat(node->kind == SIAGA_YAML_SCALAR ? node->text : "", "T00:00:00Z", NULL);
  gboolean ok = siaga_time_parse(SIAGA_TIME_FORMAT_ISO8601, midnight, strlen(midnight), &context,
                                 &self->entry->about.until, &zone);
  g_free(midnight);
  self->entry->about.until += ok ? 86400 * SIAGA_SECOND : 0;
  return ok || _fail(self, node, "until: expected a date such as 2026-12-31, or a time such as 2026-12-31T08:00:00Z");
}

static gboolean
_read_reason(Reading *self, const SiagaYaml *map)
{
  const gchar *reason = siaga_yaml_get_text(map, "reason");
  if (!reason || !*reason)
    return _fail(self, map, "expected 'reason:', a text: who reads this next year must know why");
  self->entry->about.reason = g_string_chunk_insert(self->allow->strings, reason);
  return TRUE;
}

static gboolean
_says_who(const Reading *self, const SiagaYaml *map)
{
  const SiagaAllowEntry *entry = self->entry;
  return entry->has_source || entry->users->len || entry->victims->len || entry->questions->len ||
         _fail(self, map, "expected source, user, victim or question: an entry for everybody would silence everything");
}

static gboolean
_read_entry(Reading *self, const SiagaYaml *map)
{
  if (map->kind != SIAGA_YAML_MAP)
    return _fail(self, map, "expected { source, user, victim, question, rules, until, reason }");
  if (!siaga_yaml_check_keys(map, entry_keys, self->diag))
    return FALSE;
  gboolean ok = _read_texts(self, map, "source", _read_source);
  ok = _read_texts(self, map, "user", _read_user) && ok;
  ok = _read_texts(self, map, "victim", _read_victim) && ok;
  ok = _read_texts(self, map, "question", _read_question) && ok;
  ok = _read_texts(self, map, "rules", _read_rule) && ok;
  ok = _read_until(self, map) && ok;
  return _read_reason(self, map) && ok && _says_who(self, map);
}

static gboolean
_read_list(SiagaAllow *self, const SiagaRules *rules, const SiagaYaml *list, SiagaDiag *diag)
{
  Reading reading = { self, rules, NULL, diag };
  gboolean ok = TRUE;
  if (list->kind != SIAGA_YAML_LIST)
    return _fail(&reading, list, "allow: expected a list of { source, user, victim, question, rules, until, reason }");
  for (guint i = 0; i < list->size; i++)
    {
      SiagaPlace place = list->values[i]->place;
      place.file = g_string_chunk_insert_const(self->strings, place.file ? place.file : "");
      reading.entry = siaga_allow_entry_new(place);
      if (_read_entry(&reading, list->values[i]))
        g_ptr_array_add(self->entries, reading.entry);
      else
        {
          siaga_allow_entry_free(reading.entry);
          ok = FALSE;
        }
    }
  return ok;
}

static gboolean
_load_file(SiagaAllow *self, const SiagaRules *rules, const gchar *path, SiagaDiag *diag)
{
  static const gchar *const file_keys[] = { "allow", NULL };
  SiagaYamlFile *file = siaga_yaml_load(path, diag);
  gboolean ok = file != NULL;
  for (guint i = 0; file && i < file->documents->len; i++)
    {
      const SiagaYaml *document = g_ptr_array_index(file->documents, i), *list = siaga_yaml_get(document, "allow");
      if (!list)
        siaga_diag_error(diag, document->place, "expected 'allow:', a list");
      ok = list && siaga_yaml_check_keys(document, file_keys, diag) && _read_list(self, rules, list, diag) && ok;
    }
  siaga_yaml_free(file);
  return ok;
}

gboolean
siaga_allow_load(SiagaAllow *self, const SiagaRules *rules, const gchar *path, SiagaDiag *diag)
{
  if (!g_file_test(path, G_FILE_TEST_IS_DIR))
    return _load_file(self, rules, path, diag);
  GPtrArray *paths = siaga_folder_list(path, siaga_yaml_endings, diag);
  gboolean ok = paths != NULL;
  for (guint i = 0; paths && i < paths->len; i++)
    ok = _load_file(self, rules, paths->pdata[i], diag) && ok;
  g_clear_pointer(&paths, g_ptr_array_unref);
  return ok;
}
