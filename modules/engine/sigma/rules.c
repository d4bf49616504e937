/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The rule set: loading files and folders, finishing, asking. */

#include "sigma-private.h"

#include <stdlib.h>
#include <string.h>

#define OTHERS_MAX 8 /* values that are set behind the rules: the line, its number, tags */

#define FOLDER_DEPTH_MAX 16

void
siaga_rule_entry_free(SiagaRuleEntry *self)
{
  g_clear_pointer(&self->identifiers, g_array_unref);
  g_clear_pointer(&self->excuses, g_array_unref);
  g_array_unref(self->samples);
  g_free(self);
}

static void
_entry_free(gpointer data)
{
  siaga_rule_entry_free(data);
}

static void
_atom_clear(gpointer data)
{
  SiagaAtom *atom = data;
  g_free(atom->needle.text);
  g_free(atom->label);
}

static void
_override_clear(gpointer data)
{
  g_free(((SiagaOverride *) data)->rule);
}

static void
_list_free(gpointer data)
{
  g_ptr_array_unref(data);
}

static void
_file_free(gpointer data)
{
  siaga_yaml_free(data);
}

static void
_made_free(gpointer data)
{
  SiagaYaml *node = data;
  g_free(node->keys);
  g_free(node->values);
  g_free(node);
}

SiagaRules *
siaga_rules_new(const SiagaFields *fields, const SiagaRuleOptions *options, SiagaDiag *diag)
{
  SiagaMapping *mapping = siaga_mapping_load(options->mapping, fields, diag);
  if (!mapping)
    return NULL;
  SiagaRules *self = g_new0(SiagaRules, 1);
  self->references = 1;
  self->fields = siaga_fields_ref((SiagaFields *) fields);
  self->mapping = mapping;
  self->matcher = g_strdup(options->matcher);
  self->keep_samples = options->keep_samples;
  self->strings = g_string_chunk_new(16384);
  self->lists = g_ptr_array_new_with_free_func(g_free);
  self->entries = g_ptr_array_new_with_free_func(_entry_free);
  self->by_name = g_hash_table_new(g_str_hash, g_str_equal);
  self->absent = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  self->files = g_ptr_array_new_with_free_func(_file_free);
  self->made = g_ptr_array_new_with_free_func(_made_free);
  self->filters = g_array_new(FALSE, FALSE, sizeof(SiagaFilter));
  self->pending = g_array_new(FALSE, FALSE, sizeof(SiagaPending));
  self->placeholders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, _list_free);
  self->overrides = g_array_new(FALSE, FALSE, sizeof(SiagaOverride));
  g_array_set_clear_func(self->overrides, _override_clear);
  self->correlations = siaga_correlations_new(fields);
  siaga_correlations_set_names(self->correlations, siaga_mapping_grouped_field, mapping);
  self->atoms = g_array_new(FALSE, FALSE, sizeof(SiagaAtom));
  g_array_set_clear_func(self->atoms, _atom_clear);
  self->atom_numbers = g_hash_table_new_full(g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  self->nodes = g_array_new(FALSE, FALSE, sizeof(SiagaNode));
  self->edges = g_array_new(FALSE, FALSE, sizeof(guint32));
  self->judge = siaga_matcher_new("pcre2");
  return self;
}

SiagaRules *
siaga_rules_ref(SiagaRules *self)
{
  g_atomic_int_inc(&self->references);
  return self;
}

/* What only loading needs. */
static void
_forget_files(SiagaRules *self)
{
  g_clear_pointer(&self->files, g_ptr_array_unref);
  g_clear_pointer(&self->made, g_ptr_array_unref);
  g_clear_pointer(&self->filters, g_array_unref);
  g_clear_pointer(&self->pending, g_array_unref);
  g_clear_pointer(&self->placeholders, g_hash_table_unref);
  g_clear_pointer(&self->overrides, g_array_unref);
  g_clear_pointer(&self->atom_numbers, g_hash_table_unref);
  g_clear_pointer(&self->judge, siaga_matcher_free);
}

void
siaga_rules_unref(SiagaRules *self)
{
  if (!self || !g_atomic_int_dec_and_test(&self->references))
    return;
  siaga_match_plan_free(self->plan);
  _forget_files(self);
  siaga_correlations_free(self->correlations);
  g_array_unref(self->atoms);
  g_array_unref(self->nodes);
  g_array_unref(self->edges);
  g_hash_table_unref(self->by_name);
  g_hash_table_unref(self->absent);
  g_ptr_array_unref(self->entries);
  g_ptr_array_unref(self->lists);
  g_string_chunk_free(self->strings);
  siaga_mapping_free(self->mapping);
  siaga_fields_unref((SiagaFields *) self->fields);
  g_free(self->matcher);
  g_free(self);
}

/* --- trees ---------------------------------------------------------------------------------------------------------
 */

guint32
siaga_rules_add_node(SiagaRules *self, SiagaNodeKind kind, const guint32 *children, guint32 count)
{
  SiagaNode node = { kind, self->edges->len, count };
  g_array_append_vals(self->edges, children, count);
  g_array_append_val(self->nodes, node);
  return self->nodes->len - 1;
}

/* Atoms that ask the same are one. */
static GBytes *
_atom_key(const SiagaAtom *atom)
{
  GByteArray *key = g_byte_array_new();
  guint32 head[6] = { atom->kind, atom->op, atom->part, atom->cased, atom->needle.flags, atom->field->count };
  gboolean text = atom->kind == SIAGA_ATOM_TEXT;

  g_byte_array_append(key, (const guint8 *) head, sizeof head);
  if (text)
    {
      g_byte_array_append(key, (const guint8 *) atom->field->columns, atom->field->count * sizeof(guint32));
      g_byte_array_append(key, (const guint8 *) atom->needle.text, atom->needle.length);
      return g_byte_array_free_to_bytes(key);
    }
  g_byte_array_append(key, (const guint8 *) &atom->field, sizeof atom->field);
  g_byte_array_append(key, (const guint8 *) &atom->other, sizeof atom->other);
  g_byte_array_append(key, (const guint8 *) &atom->number, sizeof atom->number);
  g_byte_array_append(key, &atom->version, 1);
  g_byte_array_append(key, &atom->prefix_bits, 1);
  g_byte_array_append(key, atom->prefix, sizeof atom->prefix);
  return g_byte_array_free_to_bytes(key);
}

guint32
siaga_rules_add_atom(SiagaRules *self, SiagaAtom *atom)
{
  GBytes *key = _atom_key(atom);
  guint known = GPOINTER_TO_UINT(g_hash_table_lookup(self->atom_numbers, key));

  if (known)
    {
      g_bytes_unref(key);
      _atom_clear(atom);
      return known - 1;
    }
  atom->place.file = atom->place.file ? g_string_chunk_insert_const(self->strings, atom->place.file) : NULL;
  g_array_append_vals(self->atoms, atom, 1);
  g_hash_table_insert(self->atom_numbers, key, GUINT_TO_POINTER(self->atoms->len));
  return self->atoms->len - 1;
}

/* --- files ---------------------------------------------------------------------------------------------------------
 */

static SiagaYaml *
_merge(SiagaRules *self, const SiagaYaml *base, const SiagaYaml *own)
{
  SiagaYaml *all = g_new0(SiagaYaml, 1);
  g_ptr_array_add(self->made, all);
  *all = *own;
  all->keys = g_new0(SiagaYaml *, base->size + own->size + 1);
  all->values = g_new0(SiagaYaml *, base->size + own->size + 1);
  all->size = own->size;
  for (guint i = 0; i < own->size; i++)
    {
      const SiagaYaml *inherited = siaga_yaml_get(base, own->keys[i]->text);
      gboolean maps = inherited && inherited->kind == SIAGA_YAML_MAP && own->values[i]->kind == SIAGA_YAML_MAP;
      all->keys[i] = own->keys[i];
      all->values[i] = maps ? _merge(self, inherited, own->values[i]) : own->values[i];
    }
  for (guint i = 0; i < base->size; i++)
    if (!siaga_yaml_get(own, base->keys[i]->text))
      {
        all->keys[all->size] = base->keys[i];
        all->values[all->size++] = base->values[i];
      }
  return all;
}

static void
_note_absent(SiagaRules *self, const SiagaYaml *document, gint why)
{
  const gchar *const names[] = { siaga_yaml_get_text(document, "id"), siaga_yaml_get_text(document, "name") };
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    if (names[i])
      g_hash_table_replace(self->absent, g_strdup(names[i]), GINT_TO_POINTER(why));
}

/* What is left out is remembered: who refers to it must hear why it is not there. */
static gboolean
_read_document(SiagaRules *self, const SiagaYaml *document, SiagaDiag *diag)
{
  guint left_out = self->skipped + self->unsupported;
  gboolean ok = siaga_rules_read_document(self, document, diag);
  if (document->kind == SIAGA_YAML_MAP && (!ok || self->skipped + self->unsupported > left_out))
    _note_absent(self, document, ok ? SIAGA_RULE_SKIPPED : SIAGA_RULE_FAILED);
  return ok;
}

/* The old ways of several rules in one file: "action: global" goes before all that follow, "repeat" before this one
 * is the one before it, "reset" ends the global part. */
static gboolean
_read_file(SiagaRules *self, const SiagaYamlFile *file, SiagaDiag *diag)
{
  const SiagaYaml *global = NULL, *previous = NULL;
  gboolean ok = TRUE;

  for (guint i = 0; i < file->documents->len; i++)
    {
      const SiagaYaml *document = file->documents->pdata[i];
      const gchar *action = siaga_yaml_get_text(document, "action");
      if (g_strcmp0(action, "global") == 0)
        {
          global = global ? _merge(self, global, document) : document;
          continue;
        }
      if (g_strcmp0(action, "reset") == 0)
        {
          global = NULL;
          continue;
        }
      gboolean repeats = g_strcmp0(action, "repeat") == 0;
      if (action && !repeats)
        {
          siaga_diag_error(diag, siaga_yaml_get(document, "action")->place,
                           "unknown action '%s'; expected global, reset or repeat", action);
          ok = FALSE;
          continue;
        }
      const SiagaYaml *base = repeats ? previous : global;
      if (base && document->kind == SIAGA_YAML_MAP)
        document = _merge(self, base, document);
      previous = document;
      ok = _read_document(self, document, diag) && ok;
    }
  return ok;
}

static gboolean
_load_file(SiagaRules *self, const gchar *path, SiagaDiag *diag)
{
  SiagaYamlFile *file = siaga_yaml_load_documents(path, diag);
  if (!file)
    return FALSE;
  g_ptr_array_add(self->files, file);
  return _read_file(self, file, diag) && file->whole;
}

/* Scenario files stand beside rules and are not rules. */
static gboolean
_is_rule_file(const gchar *name)
{
  return name[0] != '.' && (g_str_has_suffix(name, ".yml") || g_str_has_suffix(name, ".yaml")) &&
         !g_str_has_suffix(name, ".scenarios.yaml") && !g_str_has_suffix(name, ".scenarios.yml");
}

static gint
_compare_names(gconstpointer a, gconstpointer b)
{
  return strcmp(*(const gchar *const *) a, *(const gchar *const *) b);
}

static gboolean _load_folder(SiagaRules *self, const gchar *path, guint depth, SiagaDiag *diag);

static gboolean
_load_path(SiagaRules *self, const gchar *path, const gchar *name, guint depth, SiagaDiag *diag)
{
  if (g_file_test(path, G_FILE_TEST_IS_DIR))
    return name[0] == '.' || _load_folder(self, path, depth + 1, diag);
  return !_is_rule_file(name) || _load_file(self, path, diag);
}

static gboolean
_load_folder(SiagaRules *self, const gchar *path, guint depth, SiagaDiag *diag)
{
  GError *error = NULL;
  GDir *folder = depth < FOLDER_DEPTH_MAX ? g_dir_open(path, 0, &error) : NULL;
  gboolean ok = TRUE;

  if (!folder)
    {
      siaga_diag_error(diag, (SiagaPlace){ path, 0, 0 }, "cannot be read: %s", error ? error->message : "too deep");
      g_clear_error(&error);
      return FALSE;
    }
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  for (const gchar *name; (name = g_dir_read_name(folder));)
    g_ptr_array_add(names, g_strdup(name));
  g_dir_close(folder);
  g_ptr_array_sort(names, _compare_names);
  for (guint i = 0; i < names->len; i++)
    {
      gchar *child = g_build_filename(path, names->pdata[i], NULL);
      ok = _load_path(self, child, names->pdata[i], depth, diag) && ok;
      g_free(child);
    }
  g_ptr_array_unref(names);
  return ok;
}

gboolean
siaga_rules_load(SiagaRules *self, const gchar *path, SiagaDiag *diag)
{
  g_return_val_if_fail(!self->finished, FALSE);
  return g_file_test(path, G_FILE_TEST_IS_DIR) ? _load_folder(self, path, 0, diag) : _load_file(self, path, diag);
}

/* TOP is the key that these files may have around everything. */
static gboolean
_load_part(SiagaRules *self, const gchar *path, const gchar *top,
           gboolean (*read)(SiagaRules *, const SiagaYaml *, SiagaDiag *), SiagaDiag *diag)
{
  SiagaYamlFile *file = siaga_yaml_load(path, diag);
  gboolean ok = TRUE;
  if (!file)
    return FALSE;
  g_ptr_array_add(self->files, file);
  for (guint i = 0; i < file->documents->len; i++)
    {
      const SiagaYaml *document = file->documents->pdata[i], *inside = siaga_yaml_get(document, top);
      ok = read(self, inside ? inside : document, diag) && ok;
    }
  return ok;
}

gboolean
siaga_rules_load_overrides(SiagaRules *self, const gchar *path, SiagaDiag *diag)
{
  g_return_val_if_fail(!self->finished, FALSE);
  return _load_part(self, path, "overrides", siaga_rules_read_overrides, diag);
}

gboolean
siaga_rules_load_placeholders(SiagaRules *self, const gchar *path, SiagaDiag *diag)
{
  g_return_val_if_fail(!self->finished, FALSE);
  return _load_part(self, path, "placeholders", siaga_rules_read_placeholders, diag);
}

/* --- finishing -----------------------------------------------------------------------------------------------------
 */

static gboolean
_compile_pending(SiagaRules *self, SiagaDiag *diag)
{
  gboolean ok = TRUE, missing;
  for (guint i = 0; i < self->pending->len; i++)
    {
      SiagaPending *pending = &g_array_index(self->pending, SiagaPending, i);
      g_clear_pointer(&pending->entry->identifiers, g_array_unref);
      if (pending->entry->disabled)
        continue;
      pending->entry->root =
          siaga_detection_compile(self, pending->entry, pending->detection, "timeframe", diag, &missing);
      pending->entry->disabled = pending->entry->root == SIAGA_NODE_NONE;
      if (!pending->entry->disabled)
        siaga_rules_take_place(self, pending->entry);
      ok = ok && !pending->entry->disabled;
    }
  return ok;
}

static void
_mark_referenced(SiagaRules *self, guint index)
{
  siaga_rules_entry(self, index)->rule.referenced = TRUE;
}

static void
_publish_disabled(SiagaRules *self)
{
  for (guint i = 0; i < self->entries->len; i++)
    siaga_rules_entry(self, i)->rule.disabled = siaga_rules_entry(self, i)->disabled;
}

/* The date says when a person changed it; the checksum, whether it does the same. */
static void
_write_revisions(SiagaRules *self)
{
  gchar text[80];
  for (guint i = 0; i < self->entries->len; i++)
    {
      SiagaRule *rule = &siaga_rules_entry(self, i)->rule;
      g_snprintf(text, sizeof text, "%.40s%s%08x", rule->revision ? rule->revision : "", rule->revision ? "+" : "",
                 rule->version);
      rule->revision = g_string_chunk_insert_const(self->strings, text);
    }
}

static gboolean
_check_other_rule(const SiagaRules *self, const SiagaRule *rule, const gchar *key, const gchar *other, SiagaDiag *diag)
{
  if (!other || siaga_rules_find(self, other))
    return TRUE;
  siaga_diag_error(diag, rule->place, "%s: there is no rule '%s'", key, other);
  return FALSE;
}

/* A misspelt name would go unnoticed for long. */
static gboolean
_check_other_rules(const SiagaRules *self, SiagaDiag *diag)
{
  gboolean ok = TRUE;
  for (guint i = 0; i < self->entries->len; i++)
    {
      const SiagaRule *rule = &siaga_rules_entry(self, i)->rule;
      ok = _check_other_rule(self, rule, "mild", rule->mild.unless, diag) && ok;
      ok = _check_other_rule(self, rule, "mild", rule->mild.guessed, diag) && ok;
      ok = _check_other_rule(self, rule, "mild", rule->mild.crowd, diag) && ok;
      ok = _check_other_rule(self, rule, "mild", rule->mild.let_in, diag) && ok;
      ok = _check_other_rule(self, rule, "mild", rule->mild.refused, diag) && ok;
      ok = _check_other_rule(self, rule, "mild", rule->mild.entered, diag) && ok;
      ok = _check_other_rule(self, rule, "beside", rule->beside, diag) && ok;
      ok = _check_other_rule(self, rule, "follows", rule->follows, diag) && ok;
      ok = _check_other_rule(self, rule, "strangers", rule->strangers, diag) && ok;
      ok = _check_other_rule(self, rule, "programs", rule->programs, diag) && ok;
      ok = _check_other_rule(self, rule, "newcomers", rule->newcomers, diag) && ok;
      ok = _check_other_rule(self, rule, "forgiven", rule->forgiven, diag) && ok;
    }
  return ok;
}

gboolean
siaga_rules_finish(SiagaRules *self, SiagaDiag *diag)
{
  g_return_val_if_fail(!self->finished, FALSE);
  self->finished = TRUE;
  gboolean ok = _compile_pending(self, diag);
  ok = siaga_rules_apply_filters(self, diag) && ok;
  siaga_rules_apply_overrides(self, diag);
  _publish_disabled(self);
  _write_revisions(self);
  ok = siaga_correlations_resolve(self->correlations, self, _mark_referenced, diag) && ok;
  ok = _check_other_rules(self, diag) && ok;
  ok = siaga_match_plan_new(self, diag) && ok;
  _forget_files(self);
  return ok;
}

/* --- asking --------------------------------------------------------------------------------------------------------
 */

guint
siaga_rules_size(const SiagaRules *self)
{
  return self->entries->len;
}

const SiagaRule *
siaga_rules_get(const SiagaRules *self, guint index)
{
  return &siaga_rules_entry(self, index)->rule;
}

const SiagaRule *
siaga_rules_find(const SiagaRules *self, const gchar *id_or_name)
{
  SiagaRuleEntry *entry = g_hash_table_lookup(self->by_name, id_or_name);
  return entry && !entry->disabled ? &entry->rule : NULL;
}

gint
siaga_rules_absence(const SiagaRules *self, const gchar *id_or_name)
{
  if (g_hash_table_contains(self->by_name, id_or_name))
    return SIAGA_RULE_DISABLED;
  gint why = GPOINTER_TO_INT(g_hash_table_lookup(self->absent, id_or_name));
  return why ? why : SIAGA_RULE_UNKNOWN;
}

guint
siaga_rules_skipped(const SiagaRules *self)
{
  return self->skipped;
}

guint
siaga_rules_unsupported(const SiagaRules *self)
{
  return self->unsupported;
}

const SiagaCorrelations *
siaga_rules_correlations(const SiagaRules *self)
{
  return self->correlations;
}

const SiagaRuleSample *
siaga_rules_samples(const SiagaRules *self, guint rule, guint *count_r)
{
  const GArray *samples = siaga_rules_entry(self, rule)->samples;
  *count_r = samples->len;
  return (const SiagaRuleSample *) samples->data;
}

static gboolean
_has_value(const SiagaEvent *event, SiagaFieldId field, const gchar *text, gsize length)
{
  for (const SiagaValue *v = siaga_event_get(event, field); v; v = siaga_event_next(event, v))
    if (v->type == SIAGA_VT_TEXT && v->length == length && memcmp(v->text, text, length) == 0)
      return TRUE;
  return FALSE;
}

static guint
_values_of(const SiagaRule *rule)
{
  guint count = 3; /* id, name and level */
  while (rule->techniques[count - 3])
    count++;
  return count;
}

/* The mildest level of which all rules find room in EVENT beside those that are graver. */
static SiagaLevel
_mildest_with_room(const SiagaRules *self, const SiagaHits *hits, const SiagaEvent *event)
{
  guint needed[SIAGA_LEVEL_CRITICAL + 1] = { 0 }, room = SIAGA_EVENT_VALUES - MIN(event->count, SIAGA_EVENT_VALUES);
  room -= MIN(room, OTHERS_MAX);
  for (guint i = 0; i < hits->count; i++)
    {
      const SiagaRule *rule = siaga_rules_get(self, hits->rule[i]);
      needed[rule->level] += _values_of(rule);
    }
  SiagaLevel level = SIAGA_LEVEL_CRITICAL;
  for (guint sum = needed[level]; level > 0 && sum + needed[level - 1] <= room; level--)
    sum += needed[level - 1];
  return level;
}

void
siaga_rules_tag_event(const SiagaRules *self, const SiagaHits *hits, SiagaEvent *event)
{
  SiagaLevel mildest = _mildest_with_room(self, hits, event);
  event->truncated = event->truncated || hits->overflow;
  for (guint i = 0; i < hits->count; i++)
    {
      const SiagaRule *rule = siaga_rules_get(self, hits->rule[i]);
      const gchar *level = siaga_level_name(rule->level);
      if (rule->level < mildest || event->count + _values_of(rule) + OTHERS_MAX > SIAGA_EVENT_VALUES)
        {
          event->truncated = TRUE;
          continue;
        }
      siaga_event_add(event, SIAGA_F_RULE_ID, rule->id, strlen(rule->id));
      siaga_event_add(event, SIAGA_F_RULE_NAME, rule->title, strlen(rule->title));
      siaga_event_add(event, SIAGA_F_RULE_LEVEL, level, strlen(level));
      for (guint t = 0; rule->techniques[t]; t++)
        if (!_has_value(event, SIAGA_F_THREAT_TECHNIQUE_ID, rule->techniques[t], strlen(rule->techniques[t])))
          siaga_event_add(event, SIAGA_F_THREAT_TECHNIQUE_ID, rule->techniques[t], strlen(rule->techniques[t]));
    }
}
