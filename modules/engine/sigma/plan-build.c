/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Builds the plan: which texts are scanned for an event, with which databases. */

#include "plan-private.h"

#include <string.h>

static void
_array_free(gpointer data)
{
  g_array_unref(data);
}

static gboolean
_scan_add(Scan *self, const SiagaRules *rules, guint32 number, gboolean late, SiagaDiag *diag)
{
  const SiagaAtom *atom = siaga_rules_atom(rules, number);
  if (!self->matcher)
    {
      self->matcher = siaga_matcher_new(late && g_strcmp0(rules->matcher, "plain") != 0 ? "seldom" : rules->matcher);
      self->late = late;
      self->building = g_ptr_array_new_with_free_func(_array_free);
    }
  gint expression =
      siaga_matcher_add(self->matcher, atom->needle.text, atom->needle.length, atom->needle.flags, atom->place, diag);
  if (expression < 0)
    return FALSE;
  if ((guint) expression == self->building->len)
    g_ptr_array_add(self->building, g_array_new(FALSE, FALSE, sizeof(guint32)));
  g_array_append_val((GArray *) self->building->pdata[expression], number);
  return TRUE;
}

static gint last_scan;

/* MATCHERS gets the one that is left to compile. */
static void
_scan_finish(Scan *self, GPtrArray *matchers)
{
  if (!self->matcher)
    return;
  GArray *atoms = g_array_new(FALSE, FALSE, sizeof(guint32));
  self->first = g_new0(guint32, self->building->len + 1);
  for (guint i = 0; i < self->building->len; i++)
    {
      const GArray *some = self->building->pdata[i];
      self->first[i] = atoms->len;
      g_array_append_vals(atoms, some->data, some->len);
    }
  self->first[self->building->len] = atoms->len;
  self->atoms = (guint32 *) g_array_free(atoms, FALSE);
  self->id = (guint32) g_atomic_int_add(&last_scan, 1) + 1;
  g_clear_pointer(&self->building, g_ptr_array_unref);
  g_ptr_array_add(matchers, self->matcher);
}

static void
_scan_clear(Scan *self)
{
  siaga_matcher_free(self->matcher);
  if (self->building)
    g_ptr_array_unref(self->building);
  g_free(self->first);
  g_free(self->atoms);
}

static void
_column_plan_clear(gpointer data)
{
  ColumnPlan *self = data;
  _scan_clear(&self->all);
  _scan_clear(&self->unlike);
  _scan_clear(&self->apart);
  g_array_unref(self->exact_needles);
  g_free(self->exact);
}

static gint
_column_of_field(const SiagaRules *rules, SiagaColumnKind kind, SiagaFieldId field)
{
  for (guint i = 0; i < siaga_mapping_columns(rules->mapping); i++)
    {
      const SiagaColumn *column = siaga_mapping_column(rules->mapping, i);
      if (column->kind == kind && column->field == field)
        return i;
    }
  return -1;
}

/* Texts that the normalisers cut out of, or decode from, other texts. */
static void
_set_relations(ColumnPlan *self, const SiagaRules *rules)
{
  static const struct
  {
    SiagaFieldId field, twin, container;
  } relations[] = {
    { SIAGA_F_URL_CANONICAL, SIAGA_F_URL_ORIGINAL, SIAGA_FIELD_NONE },
    { SIAGA_F_URL_CANONICAL_PATH, SIAGA_F_URL_PATH, SIAGA_FIELD_NONE },
    { SIAGA_F_URL_CANONICAL_QUERY, SIAGA_F_URL_QUERY, SIAGA_F_URL_CANONICAL },
    { SIAGA_F_URL_QUERY, SIAGA_FIELD_NONE, SIAGA_F_URL_ORIGINAL },
  };
  const SiagaColumn *column = &self->reads;

  self->twin = self->container = -1;
  if (column->kind != SIAGA_COLUMN_FIELD)
    return;
  if (column->field == SIAGA_F_MESSAGE)
    self->container = _column_of_field(rules, SIAGA_COLUMN_RAW, SIAGA_FIELD_NONE);
  for (guint i = 0; i < G_N_ELEMENTS(relations); i++)
    if (relations[i].field == column->field)
      {
        if (relations[i].twin != SIAGA_FIELD_NONE)
          self->twin = _column_of_field(rules, SIAGA_COLUMN_FIELD, relations[i].twin);
        if (relations[i].container != SIAGA_FIELD_NONE)
          self->container = _column_of_field(rules, SIAGA_COLUMN_FIELD, relations[i].container);
      }
}

/* PLACES: column -> index in COLUMNS + 1. */
static ColumnPlan *
_column_plan(GArray *columns, GHashTable *places, const SiagaRules *rules, guint32 column)
{
  gpointer key = GUINT_TO_POINTER(column);
  guint place = GPOINTER_TO_UINT(g_hash_table_lookup(places, key));
  if (place)
    return &g_array_index(columns, ColumnPlan, place - 1);
  ColumnPlan new = { .column = column,
                     .reads = *siaga_mapping_column(rules->mapping, column),
                     .exact_needles = g_array_new(FALSE, FALSE, sizeof(guint32)) };
  _set_relations(&new, rules);
  g_array_append_val(columns, new);
  g_hash_table_insert(places, key, GUINT_TO_POINTER(columns->len));
  return &g_array_index(columns, ColumnPlan, columns->len - 1);
}

static gboolean
_has_column(const SiagaSigmaField *field, gint column)
{
  for (guint i = 0; i < field->count; i++)
    if (field->columns[i] == (guint32) column)
      return TRUE;
  return FALSE;
}

/* True of a text whenever it is true of the text's end. */
static gboolean
_is_floating(const SiagaNeedle *needle, gboolean regex)
{
  return !regex && !(needle->flags & SIAGA_MATCH_ANCHORED);
}

static Scan *
_choose_scan(ColumnPlan *self, const SiagaAtom *atom)
{
  gboolean with_twin = self->twin >= 0 && _has_column(atom->field, self->twin);
  gboolean with_container = self->container >= 0 && _has_column(atom->field, self->container);

  if (_is_floating(&atom->needle, atom->needle.regex) && with_container && (self->twin < 0 || with_twin))
    return &self->apart;
  return with_twin ? &self->unlike : &self->all;
}

static gboolean
_add_atom(GArray *columns, GHashTable *places, const SiagaRules *rules, guint32 number, guint64 sources, gboolean late,
          SiagaDiag *diag)
{
  const SiagaAtom *atom = siaga_rules_atom(rules, number);
  gboolean ok = TRUE;

  for (guint i = 0; i < atom->field->count; i++)
    {
      ColumnPlan *column = _column_plan(columns, places, rules, atom->field->columns[i]);
      column->sources |= sources;
      if (siaga_needle_is_whole(&atom->needle))
        g_array_append_val(column->exact_needles, number);
      else
        ok = _scan_add(_choose_scan(column, atom), rules, number, late, diag) && ok;
    }
  return ok;
}

static void
_finish_exact(ColumnPlan *self, const SiagaRules *rules)
{
  guint32 size = 8;
  if (!self->exact_needles->len)
    return;
  while (size < self->exact_needles->len * 2)
    size *= 2;
  self->exact = g_new0(Exact, size);
  self->exact_mask = size - 1;
  for (guint i = 0; i < self->exact_needles->len; i++)
    {
      guint32 atom = g_array_index(self->exact_needles, guint32, i);
      const SiagaNeedle *needle = &siaga_rules_atom(rules, atom)->needle;
      guint32 hash = siaga_exact_hash(needle->text, needle->length), slot = hash & self->exact_mask;
      while (self->exact[slot].needle)
        slot = (slot + 1) & self->exact_mask;
      self->exact[slot] = (Exact){ hash, atom, needle };
      self->exact_lengths |= siaga_length_bit(needle->length);
    }
}

static void
_finish_columns(GArray *columns, const SiagaRules *rules, GPtrArray *matchers)
{
  for (guint i = 0; i < columns->len; i++)
    {
      ColumnPlan *column = &g_array_index(columns, ColumnPlan, i);
      _scan_finish(&column->all, matchers);
      _scan_finish(&column->unlike, matchers);
      _scan_finish(&column->apart, matchers);
      _finish_exact(column, rules);
    }
}

static gboolean
_compile(SiagaPlan *self, GPtrArray *matchers, SiagaDiag *diag)
{
  gboolean ok = siaga_matchers_compile((SiagaMatcher *const *) matchers->pdata, matchers->len, diag);
  for (guint i = 0; i < matchers->len; i++)
    self->hit_words = MAX(self->hit_words, siaga_matcher_words(matchers->pdata[i]));
  return ok;
}

static void
_note_sources(SiagaPlan *self, const SiagaRules *rules)
{
  for (guint i = 0; i < rules->entries->len; i++)
    {
      const SiagaRuleEntry *entry = siaga_rules_entry(rules, i);
      if (entry->root == SIAGA_NODE_NONE)
        continue;
      guint64 bit = G_GUINT64_CONSTANT(1) << entry->source;
      guint families = siaga_mapping_families(rules->mapping, entry->source);
      for (guint f = 0; f < SIAGA_FAMILIES; f++)
        if (families >> f & 1)
          {
            self->families[f].sources |= bit;
            if (siaga_mapping_reads_keys(rules->mapping, entry->source))
              self->families[f].keyed |= bit;
          }
    }
}

/* The log sources of the rules that ask an atom; none of an atom that a broken or disabled rule has left behind. */
static void
_note_asking(const SiagaRules *rules, guint32 index, guint64 source, guint64 *sources)
{
  const SiagaNode *node = siaga_rules_node(rules, index);
  if (node->kind == SIAGA_NODE_ATOM)
    sources[node->first] |= source;
  else
    for (guint32 i = 0; i < node->count; i++)
      _note_asking(rules, siaga_rules_child(rules, node, i), source, sources);
}

static guint64 *
_sources_of_atoms(const SiagaRules *rules)
{
  guint64 *sources = g_new0(guint64, rules->atoms->len + 1);
  for (guint i = 0; i < rules->entries->len; i++)
    {
      const SiagaRuleEntry *entry = siaga_rules_entry(rules, i);
      if (entry->root != SIAGA_NODE_NONE)
        _note_asking(rules, entry->root, G_GUINT64_CONSTANT(1) << entry->source, sources);
    }
  return sources;
}

static GArray *
_columns_new(void)
{
  GArray *columns = g_array_new(FALSE, TRUE, sizeof(ColumnPlan));
  g_array_set_clear_func(columns, _column_plan_clear);
  return columns;
}

static gboolean
_build_family(SiagaPlan *self, guint number, const SiagaRules *rules, const guint64 *sources, GPtrArray *matchers,
              SiagaDiag *diag)
{
  FamilyPlan *family = &self->families[number];
  GHashTable *places = g_hash_table_new(NULL, NULL), *late_places = g_hash_table_new(NULL, NULL);
  gboolean ok = TRUE;

  for (guint32 i = 0; i < rules->atoms->len; i++)
    {
      guint64 own = sources[i] & family->sources;
      gboolean late = siaga_plan_is_late(self, i);
      if (!own || siaga_rules_atom(rules, i)->kind != SIAGA_ATOM_TEXT)
        continue;
      if (!late)
        {
          ok = _add_atom(family->columns, places, rules, i, own, FALSE, diag) && ok;
          continue;
        }
      family->late[i] = _columns_new();
      ok = _add_atom(family->late[i], late_places, rules, i, own, TRUE, diag) && ok;
      _finish_columns(family->late[i], rules, matchers);
      g_hash_table_remove_all(late_places);
    }
  _finish_columns(family->columns, rules, matchers);
  g_hash_table_unref(places);
  g_hash_table_unref(late_places);
  return ok;
}

static void
_init_families(SiagaPlan *self)
{
  for (guint f = 0; f < SIAGA_FAMILIES; f++)
    {
      self->families[f].columns = _columns_new();
      self->families[f].late = g_new0(GArray *, self->atoms + 1);
      self->families[f].always = g_array_new(FALSE, FALSE, sizeof(guint));
    }
}

gboolean
siaga_match_plan_new(SiagaRules *rules, SiagaDiag *diag)
{
  SiagaPlan *self = g_new0(SiagaPlan, 1);
  guint64 *sources = _sources_of_atoms(rules);
  GPtrArray *matchers = g_ptr_array_new();
  gboolean ok = TRUE;

  rules->plan = self;
  self->atoms = rules->atoms->len;
  self->atom_words = self->atoms / 64 + 1;
  self->rule_words = rules->entries->len / 64 + 1;
  self->columns = siaga_mapping_columns(rules->mapping);
  _init_families(self);
  _note_sources(self, rules);
  siaga_plan_collect_triggers(self, rules);
  siaga_plan_collect_steps(self, rules);
  for (guint f = 0; f < SIAGA_FAMILIES; f++)
    ok = _build_family(self, f, rules, sources, matchers, diag) && ok;
  ok = _compile(self, matchers, diag) && ok;
  g_ptr_array_unref(matchers);
  g_free(sources);
  return ok;
}

void
siaga_match_plan_free(SiagaPlan *self)
{
  if (!self)
    return;
  for (guint f = 0; f < SIAGA_FAMILIES; f++)
    {
      g_array_unref(self->families[f].columns);
      for (guint i = 0; i < self->atoms; i++)
        g_clear_pointer(&self->families[f].late[i], g_array_unref);
      g_free(self->families[f].late);
      g_array_unref(self->families[f].always);
    }
  g_free(self->trigger_first);
  g_free(self->triggers);
  g_free(self->late);
  g_array_unref(self->steps);
  g_free(self->judges);
  g_free(self);
}
