/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads one rule document: who it is, what it is about, and its detection or correlation. */

#include "sigma-private.h"

#include <string.h>

/* Whose field names the mapping knows. */
static const gchar *const taxonomy_names[] = { "sigma", "ecs", "zeek", NULL };
static const gchar *const status_names[] = { "stable", "test", "experimental", "deprecated", "unsupported", NULL };
static const gchar *const tactic_names[] = {
  "reconnaissance",
  "resource-development",
  "initial-access",
  "execution",
  "persistence",
  "privilege-escalation",
  "defense-evasion",
  "credential-access",
  "discovery",
  "lateral-movement",
  "collection",
  "command-and-control",
  "exfiltration",
  "impact",
  "stealth",
  "defense-impairment",
  NULL,
};

/* FNV-1a over the tree's shape and texts. */
guint32
siaga_checksum_node(guint32 checksum, const SiagaYaml *node)
{
  if (!node)
    return checksum;
  checksum = (checksum ^ (node->kind + 1)) * 16777619u;
  if (node->kind == SIAGA_YAML_SCALAR)
    for (gsize i = 0; i < node->length; i++)
      checksum = (checksum ^ (guchar) node->text[i]) * 16777619u;
  else
    for (guint i = 0; i < node->size; i++)
      {
        if (node->kind == SIAGA_YAML_MAP)
          checksum = siaga_checksum_node(checksum, node->keys[i]);
        checksum = siaga_checksum_node(checksum, node->values[i]);
      }
  return checksum;
}

/* --- texts that outlive the file -----------------------------------------------------------------------------------
 */

static const gchar *
_keep(SiagaRules *self, const gchar *text)
{
  return text ? g_string_chunk_insert_const(self->strings, text) : NULL;
}

static const gchar *const *
_keep_list(SiagaRules *self, GPtrArray *texts)
{
  for (guint i = 0; i < texts->len; i++)
    texts->pdata[i] = (gpointer) _keep(self, texts->pdata[i]);
  g_ptr_array_add(texts, NULL);
  gpointer *list = g_ptr_array_free(texts, FALSE);
  g_ptr_array_add(self->lists, list);
  return (const gchar *const *) list;
}

/* A scalar counts as a list of one; anything but texts in the list is left out. */
static GPtrArray *
_texts(const SiagaYaml *node)
{
  GPtrArray *texts = g_ptr_array_new();
  if (node && node->kind == SIAGA_YAML_SCALAR && !siaga_yaml_is_null(node))
    g_ptr_array_add(texts, (gpointer) node->text);
  for (guint i = 0; node && node->kind == SIAGA_YAML_LIST && i < node->size; i++)
    if (node->values[i]->kind == SIAGA_YAML_SCALAR)
      g_ptr_array_add(texts, (gpointer) node->values[i]->text);
  return texts;
}

/* --- tags ----------------------------------------------------------------------------------------------------------
 */

/* "attack.t1110.003" gives "T1110.003". */
static gchar *
_technique_of(const gchar *tag)
{
  if (g_ascii_strncasecmp(tag, "attack.t", 8) != 0 || strspn(tag + 8, "0123456789") != 4)
    return NULL;
  const gchar *rest = tag + 12;
  if (*rest && (*rest != '.' || strspn(rest + 1, "0123456789") != 3 || rest[4]))
    return NULL;
  return g_ascii_strup(tag + 7, -1);
}

static gchar *
_tactic_of(const gchar *tag)
{
  if (g_ascii_strncasecmp(tag, "attack.", 7) != 0)
    return NULL;
  gchar *name = g_strdelimit(g_ascii_strdown(tag + 7, -1), "_", '-');
  if (g_strv_contains(tactic_names, name))
    return name;
  g_free(name);
  return NULL;
}

static const gchar *const *
_keep_tags(SiagaRules *self, const SiagaYaml *tags, gchar *(*pick)(const gchar *tag))
{
  GPtrArray *all = _texts(tags), *picked = g_ptr_array_new();
  for (guint i = 0; i < all->len; i++)
    {
      gchar *name = pick(all->pdata[i]);
      if (name)
        g_ptr_array_add(picked, (gpointer) _keep(self, name));
      g_free(name);
    }
  g_ptr_array_unref(all);
  return _keep_list(self, picked);
}

/* "type: id" for each related rule. */
static const gchar *const *
_keep_related(SiagaRules *self, const SiagaYaml *related)
{
  GPtrArray *all = g_ptr_array_new();
  for (guint i = 0; related && related->kind == SIAGA_YAML_LIST && i < related->size; i++)
    {
      const gchar *id = siaga_yaml_get_text(related->values[i], "id");
      const gchar *type = siaga_yaml_get_text(related->values[i], "type");
      gchar *text = g_strdup_printf("%s: %s", type ? type : "similar", id ? id : "");
      if (id)
        g_ptr_array_add(all, (gpointer) _keep(self, text));
      g_free(text);
    }
  return _keep_list(self, all);
}

/* --- identity ------------------------------------------------------------------------------------------------------
 */

/* UUIDv5 of the title in a name space of siaga's own. */
static gchar *
_uuid_of_title(const gchar *title)
{
  static const guint8 space[16] = { 0x3d, 0x5a, 0x1f, 0x0e, 0x6c, 0x57, 0x5e, 0x2b,
                                    0x9b, 0x0c, 0x73, 0x69, 0x61, 0x67, 0x61, 0x01 };
  guint8 digest[20];
  gsize length = sizeof digest;
  GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA1);

  g_checksum_update(checksum, space, sizeof space);
  g_checksum_update(checksum, (const guchar *) title, -1);
  g_checksum_get_digest(checksum, digest, &length);
  g_checksum_free(checksum);
  digest[6] = (digest[6] & 0x0f) | 0x50;
  digest[8] = (digest[8] & 0x3f) | 0x80;
  GString *out = g_string_new(NULL);
  for (guint i = 0; i < 16; i++)
    g_string_append_printf(out, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", digest[i]);
  return g_string_free(out, FALSE);
}

static gboolean
_read_choice(const SiagaYaml *document, const gchar *key, const gchar *const *choices, SiagaDiag *diag)
{
  const SiagaYaml *node = siaga_yaml_get(document, key);
  if (!node || (node->kind == SIAGA_YAML_SCALAR && g_strv_contains(choices, node->text)))
    return TRUE;
  gchar *list = g_strjoinv(", ", (gchar **) choices);
  siaga_diag_error(diag, node->place, "%s: expected one of %s", key, list);
  g_free(list);
  return FALSE;
}

static gboolean
_flag(const SiagaYaml *document, const gchar *key)
{
  gboolean value = FALSE;
  const SiagaYaml *node = siaga_yaml_get(document, key);
  return node && siaga_yaml_to_bool(node, &value) && value;
}

static gboolean
_read_given(SiagaRules *self, const SiagaYaml *given, SiagaRuleSample *sample, SiagaDiag *diag)
{
  GPtrArray *pairs = g_ptr_array_new();
  for (guint i = 0; i < given->size; i++)
    {
      if (given->values[i]->kind != SIAGA_YAML_SCALAR ||
          siaga_fields_lookup(self->fields, given->keys[i]->text, -1) == SIAGA_FIELD_NONE)
        {
          siaga_diag_error(diag, given->keys[i]->place, "given: expected fields of the registry with a value each");
          g_ptr_array_unref(pairs);
          return FALSE;
        }
      g_ptr_array_add(pairs, (gpointer) given->keys[i]->text);
      g_ptr_array_add(pairs, (gpointer) given->values[i]->text);
    }
  sample->given = _keep_list(self, pairs);
  return TRUE;
}

/* A line, or { line, given }. */
static gboolean
_read_sample(SiagaRules *self, SiagaRuleEntry *entry, const SiagaYaml *node, gboolean reject, SiagaDiag *diag)
{
  static const gchar *const allowed[] = { "line", "given", NULL };
  SiagaRuleSample sample = { .place = node->place, .reject = reject };
  sample.place.file = _keep(self, node->place.file);
  if (node->kind == SIAGA_YAML_SCALAR)
    sample.line = _keep(self, node->text);
  else
    {
      const SiagaYaml *given = siaga_yaml_get(node, "given");
      sample.line = _keep(self, siaga_yaml_get_text(node, "line"));
      if (!sample.line || (given && given->kind != SIAGA_YAML_MAP))
        {
          siaga_diag_error(diag, node->place, "samples, rejects: expected a log line, or { line, given }");
          return FALSE;
        }
      if (!siaga_yaml_check_keys(node, allowed, diag) || (given && !_read_given(self, given, &sample, diag)))
        return FALSE;
    }
  g_array_append_val(entry->samples, sample);
  return TRUE;
}

static gboolean
_read_samples(SiagaRules *self, SiagaRuleEntry *entry, const SiagaYaml *list, gboolean reject, SiagaDiag *diag)
{
  gboolean ok = TRUE;
  for (guint i = 0; list && list->kind == SIAGA_YAML_LIST && i < list->size; i++)
    ok = _read_sample(self, entry, list->values[i], reject, diag) && ok;
  return ok;
}

static gboolean
_read_flag(const SiagaYaml *extension, const gchar *key, gboolean *flag_r, SiagaDiag *diag)
{
  const SiagaYaml *node = siaga_yaml_get(extension, key);
  if (!node || siaga_yaml_to_bool(node, flag_r))
    return TRUE;
  siaga_diag_error(diag, node->place, "%s: expected true or false", key);
  return FALSE;
}

static gboolean
_fail_mild(const SiagaYaml *node, SiagaDiag *diag)
{
  siaga_diag_error(diag, node->place,
                   "mild: expected { level, below: number, typed: seconds, sitting: number, pace: seconds, "
                   "unless: rule, guessed: rule, crowd: rule, let-in: rule, refused: rule, entered: rule, "
                   "varied: fields } at a correlation that counts");
  return FALSE;
}

static gboolean
_read_small(const SiagaYaml *map, const gchar *key, guint *number_r)
{
  const SiagaYaml *node = siaga_yaml_get(map, key);
  gint64 number = 0;
  if (node && (!siaga_yaml_to_int(node, &number) || number < 0 || number > 3600))
    return FALSE;
  *number_r = number;
  return TRUE;
}

static gboolean
_read_varied(SiagaRules *self, SiagaMild *out, const SiagaYaml *node, SiagaDiag *diag)
{
  out->varied = node ? _keep_list(self, _texts(node)) : NULL;
  for (guint i = 0; node && out->varied[i]; i++)
    if (i == SIAGA_VARIED_MAX || siaga_fields_lookup(self->fields, out->varied[i], -1) == SIAGA_FIELD_NONE)
      {
        siaga_diag_error(diag, node->place, "mild: varied: expected %d names of the field registry at most, not '%s'",
                         SIAGA_VARIED_MAX, out->varied[i]);
        return FALSE;
      }
  return TRUE;
}

static gboolean
_read_mild(SiagaRules *self, SiagaRuleEntry *entry, const SiagaYaml *document, SiagaDiag *diag)
{
  static const gchar *const allowed[] = { "level", "below",  "typed",   "sitting", "pace",   "unless", "guessed",
                                          "crowd", "let-in", "refused", "entered", "varied", NULL };
  const SiagaYaml *node = siaga_yaml_get(siaga_yaml_get(document, "siaga"), "mild");
  const gchar *type = siaga_yaml_get_text(siaga_yaml_get(document, "correlation"), "type");
  SiagaMild *out = &entry->rule.mild;

  if (!node)
    return TRUE;
  if (node->kind != SIAGA_YAML_MAP || (g_strcmp0(type, "event_count") != 0 && g_strcmp0(type, "value_count") != 0))
    return _fail_mild(node, diag);
  out->level = siaga_level_by_name(siaga_yaml_get_text(node, "level"));
  out->unless = _keep(self, siaga_yaml_get_text(node, "unless"));
  out->guessed = _keep(self, siaga_yaml_get_text(node, "guessed"));
  out->crowd = _keep(self, siaga_yaml_get_text(node, "crowd"));
  out->let_in = _keep(self, siaga_yaml_get_text(node, "let-in"));
  out->refused = _keep(self, siaga_yaml_get_text(node, "refused"));
  out->entered = _keep(self, siaga_yaml_get_text(node, "entered"));
  if (!out->level || !_read_small(node, "below", &out->below) || !_read_small(node, "typed", &out->typed) ||
      !_read_small(node, "sitting", &out->sitting) || !_read_small(node, "pace", &out->pace))
    return _fail_mild(node, diag);
  return _read_varied(self, out, siaga_yaml_get(node, "varied"), diag) && siaga_yaml_check_keys(node, allowed, diag);
}

/* A number of seconds under KEY, which only an event_count can have. */
static gboolean
_read_seconds(const SiagaYaml *document, const gchar *key, guint *seconds_r, SiagaDiag *diag)
{
  const SiagaYaml *extension = siaga_yaml_get(document, "siaga"), *node = siaga_yaml_get(extension, key);
  const gchar *type = siaga_yaml_get_text(siaga_yaml_get(document, "correlation"), "type");
  if (!node || (g_strcmp0(type, "event_count") == 0 && _read_small(extension, key, seconds_r)))
    return TRUE;
  siaga_diag_error(diag, node->place, "%s: expected a number of seconds, at an event_count", key);
  return FALSE;
}

static gboolean
_read_left_out(SiagaRules *self, SiagaRuleEntry *entry, const SiagaYaml *document, SiagaDiag *diag)
{
  const SiagaYaml *extension = siaga_yaml_get(document, "siaga");
  if (entry->rule.correlation)
    {
      entry->rule.beside = _keep(self, siaga_yaml_get_text(extension, "beside"));
      entry->rule.follows = _keep(self, siaga_yaml_get_text(extension, "follows"));
      entry->rule.strangers = _keep(self, siaga_yaml_get_text(extension, "strangers"));
      entry->rule.programs = _keep(self, siaga_yaml_get_text(extension, "programs"));
      entry->rule.newcomers = _keep(self, siaga_yaml_get_text(extension, "newcomers"));
      entry->rule.forgiven = _keep(self, siaga_yaml_get_text(extension, "forgiven"));
    }
  return _read_flag(extension, "first-seen", &entry->rule.first_seen, diag) &&
         _read_seconds(document, "apart", &entry->rule.apart, diag) &&
         _read_seconds(document, "echo", &entry->rule.echo, diag);
}

static gboolean
_read_extension(SiagaRules *self, SiagaRuleEntry *entry, const SiagaYaml *extension, SiagaDiag *diag)
{
  static const gchar *const allowed[] = { "category", "victim",  "simulate", "count-only",
                                          "crowd",    "samples", "rejects",  NULL };
  if (!extension)
    return TRUE;
  if (extension->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, extension->place,
                       "siaga: expected { category, victim, simulate, count-only, crowd, samples, rejects }");
      return FALSE;
    }
  const SiagaYaml *victim = siaga_yaml_get(extension, "victim");
  if (!_read_flag(extension, "simulate", &entry->rule.simulate, diag) ||
      !_read_flag(extension, "count-only", &entry->rule.count_only, diag) ||
      !_read_flag(extension, "crowd", &entry->rule.crowd, diag))
    return FALSE;
  entry->rule.category = _keep(self, siaga_yaml_get_text(extension, "category"));
  entry->rule.victim = _keep(self, siaga_yaml_get_text(extension, "victim"));
  if (entry->rule.victim && siaga_fields_lookup(self->fields, entry->rule.victim, -1) == SIAGA_FIELD_NONE)
    {
      siaga_diag_error(diag, victim->place, "victim: '%s' is not in the field registry", entry->rule.victim);
      return FALSE;
    }
  if (self->keep_samples && (!_read_samples(self, entry, siaga_yaml_get(extension, "samples"), FALSE, diag) ||
                             !_read_samples(self, entry, siaga_yaml_get(extension, "rejects"), TRUE, diag)))
    return FALSE;
  return entry->rule.correlation || siaga_yaml_check_keys(extension, allowed, diag);
}

static void
_read_about(SiagaRules *self, SiagaRule *rule, const SiagaYaml *document)
{
  const SiagaYaml *tags = siaga_yaml_get(document, "tags");
  const gchar *id = siaga_yaml_get_text(document, "id");
  gchar *made = id ? NULL : _uuid_of_title(rule->title);

  rule->id = _keep(self, id ? id : made);
  g_free(made);
  rule->name = _keep(self, siaga_yaml_get_text(document, "name"));
  rule->description = _keep(self, siaga_yaml_get_text(document, "description"));
  rule->status = _keep(self, siaga_yaml_get_text(document, "status"));
  rule->tags = _keep_list(self, _texts(tags));
  rule->techniques = _keep_tags(self, tags, _technique_of);
  rule->tactics = _keep_tags(self, tags, _tactic_of);
  rule->falsepositives = _keep_list(self, _texts(siaga_yaml_get(document, "falsepositives")));
  rule->related = _keep_related(self, siaga_yaml_get(document, "related"));
  const gchar *modified = siaga_yaml_get_text(document, "modified");
  rule->revision = _keep(self, modified ? modified : siaga_yaml_get_text(document, "date"));
  rule->level = siaga_level_by_name(siaga_yaml_get_text(document, "level"));
  rule->generate = _flag(document, "generate");
  rule->correlation = siaga_yaml_get(document, "correlation") != NULL;
  rule->version = siaga_checksum_node(2166136261u, siaga_yaml_get(document, "logsource"));
  rule->version = siaga_checksum_node(rule->version, siaga_yaml_get(document, "detection"));
  rule->version = siaga_checksum_node(rule->version, siaga_yaml_get(document, "correlation"));
}

static SiagaRuleEntry *
_entry_new(SiagaRules *self, const SiagaYaml *document)
{
  SiagaRuleEntry *entry = g_new0(SiagaRuleEntry, 1);
  const SiagaYaml *logsource = siaga_yaml_get(document, "logsource");

  entry->root = SIAGA_NODE_NONE;
  entry->samples = g_array_new(FALSE, FALSE, sizeof(SiagaRuleSample));
  entry->rule.index = self->entries->len;
  entry->rule.place = document->place;
  entry->rule.place.file = _keep(self, document->place.file);
  entry->rule.title = _keep(self, siaga_yaml_get_text(document, "title"));
  entry->category = _keep(self, siaga_yaml_get_text(logsource, "category"));
  entry->product = _keep(self, siaga_yaml_get_text(logsource, "product"));
  entry->service = _keep(self, siaga_yaml_get_text(logsource, "service"));
  _read_about(self, &entry->rule, document);
  return entry;
}

/* A rule of the same id in a later file takes the place of the earlier one; in the same file it is a mistake, and so is
 * a name, or a title that stands for an id, that two rules have. */
static gboolean
_claim(SiagaRules *self, SiagaRuleEntry *entry, const gchar *name, const gchar *what, gboolean replaces,
       SiagaDiag *diag)
{
  SiagaRuleEntry *earlier = name ? g_hash_table_lookup(self->by_name, name) : NULL;
  if (!earlier || earlier == entry)
    return TRUE;
  const SiagaPlace *place = &earlier->rule.place;
  gboolean same_file = g_strcmp0(place->file, entry->rule.place.file) == 0;
  if (same_file)
    siaga_diag_error(diag, entry->rule.place, "%s '%s' is used already in line %u", what, name, place->line);
  else if (!replaces && g_strcmp0(what, "id") == 0)
    siaga_diag_error(diag, entry->rule.place, "the title '%s' is used already in %s:%u: say an 'id:' in each",
                     entry->rule.title, place->file, place->line);
  else if (!replaces && g_strcmp0(earlier->rule.id, entry->rule.id) != 0)
    siaga_diag_error(diag, entry->rule.place, "the name '%s' is used already in %s:%u, by a rule of another id", name,
                     place->file, place->line);
  else
    return TRUE;
  return FALSE;
}

static void
_take_name(SiagaRules *self, SiagaRuleEntry *entry, const gchar *name)
{
  SiagaRuleEntry *other = name ? g_hash_table_lookup(self->by_name, name) : NULL;
  SiagaRuleEntry *loser = other && other->rule.index > entry->rule.index ? entry : other;
  if (other && other != entry)
    {
      loser->disabled = TRUE;
      loser->root = SIAGA_NODE_NONE;
    }
  if (name && loser != entry)
    g_hash_table_replace(self->by_name, (gpointer) name, entry);
}

void
siaga_rules_take_place(SiagaRules *self, SiagaRuleEntry *entry)
{
  _take_name(self, entry, entry->rule.id);
  _take_name(self, entry, entry->rule.name);
}

/* KEEP: the rule is in order so far; FALSE: it is read for what else is wrong with it. */
static gboolean
_read_detection(SiagaRules *self, SiagaRuleEntry *entry, const SiagaYaml *document, gboolean keep, SiagaDiag *diag)
{
  const SiagaYaml *detection = siaga_yaml_get(document, "detection");
  const SiagaYaml *condition = siaga_yaml_get(detection, "condition");
  gboolean missing = FALSE;

  if (!detection || detection->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, document->place, "expected 'detection:', a map of search identifiers and 'condition:'");
      return FALSE;
    }
  if (condition && condition->kind == SIAGA_YAML_SCALAR)
    entry->condition = _keep(self, condition->text);
  entry->root = siaga_detection_compile(self, entry, detection, "timeframe", diag, &missing);
  if (!missing || !keep)
    return keep && entry->root != SIAGA_NODE_NONE;
  SiagaPending pending = { entry, detection };
  g_array_append_val(self->pending, pending);
  return TRUE;
}

static gboolean
_is_pending(const SiagaRules *self, const SiagaRuleEntry *entry)
{
  return self->pending->len && g_array_index(self->pending, SiagaPending, self->pending->len - 1).entry == entry;
}

static gboolean
_read_correlation(SiagaRules *self, SiagaRuleEntry *entry, const SiagaYaml *document, gboolean keep, SiagaDiag *diag)
{
  return keep && siaga_correlations_add(self->correlations, entry->rule.index, document, diag);
}

static gboolean
_skip_foreign(SiagaRules *self, const SiagaYaml *document, const SiagaYaml *logsource, SiagaDiag *diag)
{
  const gchar *category = siaga_yaml_get_text(logsource, "category");
  const gchar *product = siaga_yaml_get_text(logsource, "product");
  const gchar *service = siaga_yaml_get_text(logsource, "service");
  const gchar *title = siaga_yaml_get_text(document, "title");

  siaga_diag_note(diag, logsource->place,
                  "skipped '%s': its log source (category %s, product %s, service %s) is not ours", title,
                  category ? category : "any", product ? product : "any", service ? service : "any");
  self->skipped++;
  return TRUE;
}

/* By the specification such a rule cannot be used as it stands; its author says so. */
static gboolean
_skip_unsupported(SiagaRules *self, const SiagaYaml *document, SiagaDiag *diag)
{
  siaga_diag_warning(diag, siaga_yaml_get(document, "status")->place,
                     "left out '%s': its status says that it is unsupported", siaga_yaml_get_text(document, "title"));
  self->unsupported++;
  return TRUE;
}

static gboolean
_can_be_read(const SiagaRules *self, const SiagaYaml *document, SiagaDiag *diag)
{
  const SiagaYaml *title = siaga_yaml_get(document, "title");
  gboolean ok = title && title->kind == SIAGA_YAML_SCALAR && title->length;

  if (!ok)
    siaga_diag_error(diag, title ? title->place : document->place, "expected 'title:', a text");
  if (self->entries->len >= G_MAXUINT16)
    {
      siaga_diag_error(diag, document->place, "more than %d rules", G_MAXUINT16);
      ok = FALSE;
    }
  return ok;
}

static gboolean
_read_choices(const SiagaYaml *document, SiagaDiag *diag)
{
  gboolean ok = _read_choice(document, "level", siaga_level_words, diag);
  ok = _read_choice(document, "taxonomy", taxonomy_names, diag) && ok;
  return _read_choice(document, "status", status_names, diag) && ok;
}

static gboolean
_read_rule(SiagaRules *self, const SiagaYaml *document, SiagaDiag *diag)
{
  const SiagaYaml *logsource = siaga_yaml_get(document, "logsource");
  gboolean correlation = siaga_yaml_get(document, "correlation") != NULL;
  gint source = -1;

  if (!_can_be_read(self, document, diag))
    return FALSE;
  gboolean ok = _read_choices(document, diag);
  if (!correlation && (!logsource || logsource->kind != SIAGA_YAML_MAP))
    {
      siaga_diag_error(diag, document->place, "expected 'logsource:' with category, product or service");
      return FALSE;
    }
  if (!correlation && (source = siaga_mapping_find_source(self->mapping, logsource)) < 0)
    return _skip_foreign(self, document, logsource, diag);
  if (ok && g_strcmp0(siaga_yaml_get_text(document, "status"), "unsupported") == 0)
    return _skip_unsupported(self, document, diag);
  SiagaRuleEntry *entry = _entry_new(self, document);
  entry->source = MAX(source, 0);
  ok = _claim(self, entry, entry->rule.id, "id", siaga_yaml_get(document, "id") != NULL, diag) && ok;
  ok = _claim(self, entry, entry->rule.name, "name", FALSE, diag) && ok;
  ok = _read_extension(self, entry, siaga_yaml_get(document, "siaga"), diag) && ok;
  ok = _read_mild(self, entry, document, diag) && ok;
  ok = _read_left_out(self, entry, document, diag) && ok;
  if ((correlation ? _read_correlation : _read_detection)(self, entry, document, ok, diag))
    {
      g_ptr_array_add(self->entries, entry);
      if (!_is_pending(self, entry)) /* what turns out wrong when its placeholders are known takes nobody's place */
        siaga_rules_take_place(self, entry);
      return TRUE;
    }
  siaga_rule_entry_free(entry);
  return FALSE;
}

static gboolean
_read_filter(SiagaRules *self, const SiagaYaml *document, const SiagaYaml *filter, SiagaDiag *diag)
{
  const SiagaYaml *rules = siaga_yaml_get(filter, "rules");
  if (filter->kind != SIAGA_YAML_MAP || !rules || rules->kind == SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, filter->place,
                       "filter: expected 'rules:' (ids, names or any), search identifiers and "
                       "'condition:'");
      return FALSE;
    }
  SiagaFilter new = { document, filter };
  g_array_append_val(self->filters, new);
  return TRUE;
}

gboolean
siaga_rules_read_document(SiagaRules *self, const SiagaYaml *document, SiagaDiag *diag)
{
  const SiagaYaml *part;
  if (document->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, document->place, "expected a rule: a map with title, logsource and detection");
      return FALSE;
    }
  if ((part = siaga_yaml_get(document, "overrides")))
    return siaga_rules_read_overrides(self, part, diag);
  if ((part = siaga_yaml_get(document, "placeholders")))
    return siaga_rules_read_placeholders(self, part, diag);
  if ((part = siaga_yaml_get(document, "filter")))
    return _read_filter(self, document, part, diag);
  return _read_rule(self, document, diag);
}
