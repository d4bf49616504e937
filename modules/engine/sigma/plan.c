/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Which texts are scanned for an event, with which databases, and which rules a hit wakes. */

#include "sigma-private.h"

#include <string.h>

/* Expressions of one database and the atoms they stand for. */
typedef struct
{
  SiagaMatcher *matcher;
  GPtrArray *building; /* of GArray of guint32: atoms by expression */
  guint32 *first;      /* expression -> index into atoms; one more at the end */
  guint32 *atoms;
  guint32 id; /* of no other scan of this process */
} Scan;

/* Whole values need no scan: a hash table finds them. */
typedef struct
{
  guint32 hash;
  guint32 atom;
  const SiagaNeedle *needle; /* NULL: the slot is free */
} Exact;

typedef struct
{
  guint16 column;
  gint twin;             /* column that often has the same text; -1: none */
  gint container;        /* column whose text often ends with this one; -1: none */
  Scan all;              /* always scanned */
  Scan unlike;           /* only when the twin's text differs: the twin has these expressions too */
  Scan apart;            /* only when it is neither the twin's text nor the container's end */
  GArray *exact_needles; /* of guint32: atoms, while building */
  Exact *exact;
  guint32 exact_mask;
  gsize exact_longest;
} ColumnPlan;

typedef struct
{
  GArray *columns; /* of ColumnPlan */
  GArray *always;  /* of guint: rules without a trigger */
  guint64 sources; /* that have rules */
  guint64 keyed;   /* of those, which read keys of the line */
} FamilyPlan;

struct _SiagaPlan
{
  FamilyPlan families[SIAGA_FAMILIES];
  guint32 *trigger_first; /* atom -> index into triggers; one more at the end */
  guint32 *triggers;      /* rules */
  guint atom_words, rule_words, hit_words, columns;
};

/* Agents, referrers, hosts and many targets come again and again: what a scan found in them is remembered. */
#define MEMORY_SLOTS 1024
#define MEMORY_TEXT 208
#define MEMORY_HITS 8

typedef struct
{
  guint32 scan; /* 0: free */
  guint16 length;
  guint16 count;
  guint32 expressions[MEMORY_HITS];
  gchar text[MEMORY_TEXT];
} Memory;

/* A thread's own; all words are zero between matches. */
typedef struct
{
  Memory *memory;
  guint64 *atoms, *rules, *hits;
  guint atom_words, rule_words, hit_words;
  SiagaKeys keys;
} Scratch;

typedef struct
{
  SiagaMatch match;
  const SiagaPlan *plan;
  Scratch *scratch;
} Run;

/* --- building ------------------------------------------------------------------------------------------------------
 */

static void
_array_free(gpointer data)
{
  g_array_unref(data);
}

static gboolean
_scan_add(Scan *self, const SiagaRules *rules, guint32 number, SiagaDiag *diag)
{
  const SiagaAtom *atom = siaga_rules_atom(rules, number);
  if (!self->matcher)
    {
      self->matcher = siaga_matcher_new(rules->matcher);
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

static gboolean
_scan_finish(Scan *self, SiagaPlan *plan, SiagaDiag *diag)
{
  if (!self->matcher)
    return TRUE;
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
  if (!siaga_matcher_compile(self->matcher, diag))
    return FALSE;
  plan->hit_words = MAX(plan->hit_words, siaga_matcher_words(self->matcher));
  return TRUE;
}

static void
_scan_clear(Scan *self)
{
  siaga_matcher_unref(self->matcher);
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
  const SiagaColumn *column = siaga_mapping_column(rules->mapping, self->column);

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

static ColumnPlan *
_column_plan(FamilyPlan *self, const SiagaRules *rules, guint16 column)
{
  for (guint i = 0; i < self->columns->len; i++)
    if (g_array_index(self->columns, ColumnPlan, i).column == column)
      return &g_array_index(self->columns, ColumnPlan, i);
  ColumnPlan new = { .column = column, .exact_needles = g_array_new(FALSE, FALSE, sizeof(guint32)) };
  _set_relations(&new, rules);
  g_array_append_val(self->columns, new);
  return &g_array_index(self->columns, ColumnPlan, self->columns->len - 1);
}

static gboolean
_has_column(const SiagaSigmaField *field, gint column)
{
  for (guint i = 0; i < field->count; i++)
    if (field->columns[i] == column)
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
_add_atom(FamilyPlan *self, const SiagaRules *rules, guint32 number, SiagaDiag *diag)
{
  const SiagaAtom *atom = siaga_rules_atom(rules, number);
  const guint exact = SIAGA_MATCH_LITERAL | SIAGA_MATCH_ANCHORED | SIAGA_MATCH_AT_END;
  gboolean ok = TRUE;

  for (guint i = 0; i < atom->field->count; i++)
    {
      ColumnPlan *column = _column_plan(self, rules, atom->field->columns[i]);
      if ((atom->needle.flags & exact) == exact)
        g_array_append_val(column->exact_needles, number);
      else
        ok = _scan_add(_choose_scan(column, atom), rules, number, diag) && ok;
    }
  return ok;
}

static guint32
_hash(const gchar *text, gsize length)
{
  guint32 hash = 2166136261u;
  for (gsize i = 0; i < length; i++)
    hash = (hash ^ (guchar) g_ascii_tolower(text[i])) * 16777619u;
  return hash;
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
      guint32 hash = _hash(needle->text, needle->length), slot = hash & self->exact_mask;
      while (self->exact[slot].needle)
        slot = (slot + 1) & self->exact_mask;
      self->exact[slot] = (Exact){ hash, atom, needle };
      self->exact_longest = MAX(self->exact_longest, needle->length);
    }
}

static gboolean
_finish_columns(FamilyPlan *self, SiagaPlan *plan, const SiagaRules *rules, SiagaDiag *diag)
{
  gboolean ok = TRUE;
  for (guint i = 0; i < self->columns->len; i++)
    {
      ColumnPlan *column = &g_array_index(self->columns, ColumnPlan, i);
      ok = _scan_finish(&column->all, plan, diag) && _scan_finish(&column->unlike, plan, diag) &&
           _scan_finish(&column->apart, plan, diag) && ok;
      _finish_exact(column, rules);
    }
  return ok;
}

/* --- triggers ------------------------------------------------------------------------------------------------------
 */

typedef struct
{
  GArray *atoms; /* of guint32; NULL: the node can be true without any of them */
  guint64 cost;
} Trigger;

static Trigger _find_trigger(const SiagaRules *rules, guint32 index);

static Trigger
_cheapest_trigger(const SiagaRules *rules, const SiagaNode *node)
{
  Trigger best = { NULL, 0 };
  for (guint32 i = 0; i < node->count; i++)
    {
      Trigger one = _find_trigger(rules, siaga_rules_child(rules, node, i));
      if (!one.atoms)
        continue;
      if (best.atoms && best.cost <= one.cost)
        {
          g_array_unref(one.atoms);
          continue;
        }
      if (best.atoms)
        g_array_unref(best.atoms);
      best = one;
    }
  return best;
}

static Trigger
_common_trigger(const SiagaRules *rules, const SiagaNode *node)
{
  Trigger all = { g_array_new(FALSE, FALSE, sizeof(guint32)), 0 };
  for (guint32 i = 0; i < node->count && all.atoms; i++)
    {
      Trigger one = _find_trigger(rules, siaga_rules_child(rules, node, i));
      if (one.atoms)
        {
          g_array_append_vals(all.atoms, one.atoms->data, one.atoms->len);
          all.cost += one.cost;
          g_array_unref(one.atoms);
        }
      else
        g_clear_pointer(&all.atoms, g_array_unref);
    }
  return all;
}

/* Atoms of which at least one is true whenever the node is, the rarest that can be had. */
static Trigger
_find_trigger(const SiagaRules *rules, guint32 index)
{
  const SiagaNode *node = siaga_rules_node(rules, index);
  Trigger none = { NULL, 0 };

  if (node->kind == SIAGA_NODE_AND)
    return _cheapest_trigger(rules, node);
  if (node->kind == SIAGA_NODE_OR)
    return _common_trigger(rules, node);
  if (node->kind == SIAGA_NODE_NOT)
    return none;
  const SiagaAtom *atom = siaga_rules_atom(rules, node->first);
  if (atom->kind != SIAGA_ATOM_TEXT)
    return none;
  Trigger itself = { g_array_new(FALSE, FALSE, sizeof(guint32)), atom->cost };
  g_array_append_val(itself.atoms, node->first);
  return itself;
}

static void
_add_always(SiagaPlan *self, const SiagaRules *rules, guint rule)
{
  guint families = siaga_mapping_families(rules->mapping, siaga_rules_entry(rules, rule)->source);
  for (guint f = 0; f < SIAGA_FAMILIES; f++)
    if (families >> f & 1)
      g_array_append_val(self->families[f].always, rule);
}

static void
_collect_triggers(SiagaPlan *self, const SiagaRules *rules)
{
  GArray **by_atom = g_new0(GArray *, rules->atoms->len + 1);
  GArray *all = g_array_new(FALSE, FALSE, sizeof(guint32));

  for (guint rule = 0; rule < rules->entries->len; rule++)
    {
      SiagaRuleEntry *entry = siaga_rules_entry(rules, rule);
      if (entry->root == SIAGA_NODE_NONE)
        continue;
      Trigger trigger = _find_trigger(rules, entry->root);
      entry->always = !trigger.atoms;
      if (entry->always)
        _add_always(self, rules, rule);
      for (guint i = 0; trigger.atoms && i < trigger.atoms->len; i++)
        {
          guint32 atom = g_array_index(trigger.atoms, guint32, i);
          if (!by_atom[atom])
            by_atom[atom] = g_array_new(FALSE, FALSE, sizeof(guint32));
          g_array_append_val(by_atom[atom], rule);
        }
      if (trigger.atoms)
        g_array_unref(trigger.atoms);
    }
  self->trigger_first = g_new0(guint32, rules->atoms->len + 1);
  for (guint atom = 0; atom < rules->atoms->len; atom++)
    {
      self->trigger_first[atom] = all->len;
      if (by_atom[atom])
        {
          g_array_append_vals(all, by_atom[atom]->data, by_atom[atom]->len);
          g_array_unref(by_atom[atom]);
        }
    }
  self->trigger_first[rules->atoms->len] = all->len;
  self->triggers = (guint32 *) g_array_free(all, FALSE);
  g_free(by_atom);
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

/* Atoms that a rule which runs asks; broken and disabled rules leave others behind. */
static void
_mark_used(const SiagaRules *rules, guint32 index, gboolean *used)
{
  const SiagaNode *node = siaga_rules_node(rules, index);
  if (node->kind == SIAGA_NODE_ATOM)
    used[node->first] = TRUE;
  else
    for (guint32 i = 0; i < node->count; i++)
      _mark_used(rules, siaga_rules_child(rules, node, i), used);
}

gboolean
siaga_match_plan_new(SiagaRules *rules, SiagaDiag *diag)
{
  SiagaPlan *self = g_new0(SiagaPlan, 1);
  gboolean *used = g_new0(gboolean, rules->atoms->len + 1);
  gboolean ok = TRUE;

  rules->plan = self;
  for (guint i = 0; i < rules->entries->len; i++)
    if (siaga_rules_entry(rules, i)->root != SIAGA_NODE_NONE)
      _mark_used(rules, siaga_rules_entry(rules, i)->root, used);
  for (guint f = 0; f < SIAGA_FAMILIES; f++)
    {
      FamilyPlan *family = &self->families[f];
      family->columns = g_array_new(FALSE, TRUE, sizeof(ColumnPlan));
      g_array_set_clear_func(family->columns, _column_plan_clear);
      family->always = g_array_new(FALSE, FALSE, sizeof(guint));
      for (guint32 i = 0; i < rules->atoms->len; i++)
        if (used[i] && siaga_rules_atom(rules, i)->kind == SIAGA_ATOM_TEXT &&
            siaga_rules_atom(rules, i)->families >> f & 1)
          ok = _add_atom(family, rules, i, diag) && ok;
      ok = _finish_columns(family, self, rules, diag) && ok;
    }
  g_free(used);
  _collect_triggers(self, rules);
  _note_sources(self, rules);
  self->atom_words = rules->atoms->len / 64 + 1;
  self->rule_words = rules->entries->len / 64 + 1;
  self->columns = siaga_mapping_columns(rules->mapping);
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
      g_array_unref(self->families[f].always);
    }
  g_free(self->trigger_first);
  g_free(self->triggers);
  g_free(self);
}

/* --- a thread's scratch --------------------------------------------------------------------------------------------
 */

static void
_scratch_free(gpointer data)
{
  Scratch *self = data;
  siaga_line_keys_clear(&self->keys);
  g_free(self->keys.first);
  g_free(self->atoms);
  g_free(self->rules);
  g_free(self->hits);
  g_free(self->memory);
  g_free(self);
}

static GPrivate scratch_key = G_PRIVATE_INIT(_scratch_free);

static void
_grow(guint64 **words, guint *count, guint wanted)
{
  if (*count >= wanted)
    return;
  g_free(*words);
  *words = g_new0(guint64, wanted);
  *count = wanted;
}

static Scratch *
_scratch(const SiagaPlan *plan)
{
  Scratch *self = g_private_get(&scratch_key);
  if (G_UNLIKELY(!self))
    {
      self = g_new0(Scratch, 1);
      self->memory = g_new0(Memory, MEMORY_SLOTS);
      g_private_set(&scratch_key, self);
    }
  _grow(&self->atoms, &self->atom_words, plan->atom_words);
  _grow(&self->rules, &self->rule_words, plan->rule_words);
  _grow(&self->hits, &self->hit_words, plan->hit_words);
  if (G_UNLIKELY(self->keys.columns < plan->columns))
    {
      g_free(self->keys.first);
      self->keys.first = g_new0(guint16, plan->columns);
      self->keys.columns = plan->columns;
    }
  return self;
}

/* --- scanning ------------------------------------------------------------------------------------------------------
 */

static void
_hit(Run *self, guint32 atom)
{
  const SiagaPlan *plan = self->plan;
  guint64 *word = &self->scratch->atoms[atom / 64], bit = G_GUINT64_CONSTANT(1) << (atom % 64);
  if (*word & bit)
    return;
  *word |= bit;
  for (guint32 i = plan->trigger_first[atom]; i < plan->trigger_first[atom + 1]; i++)
    self->scratch->rules[plan->triggers[i] / 64] |= G_GUINT64_CONSTANT(1) << (plan->triggers[i] % 64);
}

static void
_hit_expression(Run *self, const Scan *scan, guint expression)
{
  for (guint32 i = scan->first[expression]; i < scan->first[expression + 1]; i++)
    _hit(self, scan->atoms[i]);
}

static Memory *
_memory_of(const Run *self, const Scan *scan, SiagaText text)
{
  guint64 hash = scan->id + text.length * G_GUINT64_CONSTANT(0x9e3779b97f4a7c15), word;
  gsize i = 0;
  for (; i + 8 <= text.length; i += 8)
    {
      memcpy(&word, text.text + i, 8);
      hash = (hash ^ word) * G_GUINT64_CONSTANT(0xff51afd7ed558ccd);
      hash ^= hash >> 32;
    }
  for (; i < text.length; i++)
    hash = (hash ^ (guchar) text.text[i]) * G_GUINT64_CONSTANT(0xff51afd7ed558ccd);
  return &self->scratch->memory[(hash >> 40) % MEMORY_SLOTS];
}

static gboolean
_recall(Run *self, const Scan *scan, SiagaText text, const Memory *memory)
{
  if (memory->scan != scan->id || memory->length != text.length || memcmp(memory->text, text.text, text.length) != 0)
    return FALSE;
  for (guint i = 0; i < memory->count; i++)
    _hit_expression(self, scan, memory->expressions[i]);
  return TRUE;
}

static void
_remember(const Scan *scan, SiagaText text, Memory *memory, guint count)
{
  memory->scan = scan->id;
  memory->length = text.length;
  memory->count = count;
  memcpy(memory->text, text.text, text.length);
}

static void
_scan_text(Run *self, const Scan *scan, SiagaText text)
{
  if (!scan->matcher)
    return;
  Memory *memory = text.length <= MEMORY_TEXT ? _memory_of(self, scan, text) : NULL;
  if (memory && _recall(self, scan, text, memory))
    return;
  guint64 *hits = self->scratch->hits;
  guint found = siaga_matcher_scan(scan->matcher, text.text, text.length, hits), count = 0;
  gboolean fits = memory && found <= MEMORY_HITS;
  for (guint w = 0; found; w++)
    for (; hits[w]; hits[w] &= hits[w] - 1, found--)
      {
        guint expression = w * 64 + __builtin_ctzll(hits[w]);
        _hit_expression(self, scan, expression);
        if (fits)
          memory->expressions[count++] = expression;
      }
  if (fits)
    _remember(scan, text, memory, count);
}

static void
_look_up(Run *self, const ColumnPlan *column, SiagaText text)
{
  if (!column->exact || text.length > column->exact_longest)
    return;
  guint32 hash = _hash(text.text, text.length);
  for (guint32 slot = hash & column->exact_mask; column->exact[slot].needle; slot = (slot + 1) & column->exact_mask)
    {
      const Exact *exact = &column->exact[slot];
      const SiagaNeedle *needle = exact->needle;
      if (exact->hash != hash || needle->length != text.length)
        continue;
      if (needle->flags & SIAGA_MATCH_CASELESS ? g_ascii_strncasecmp(needle->text, text.text, text.length) == 0
                                               : memcmp(needle->text, text.text, text.length) == 0)
        _hit(self, exact->atom);
    }
}

/* The only text of a column; FALSE when it has none or several. */
static gboolean
_only_text(const Run *self, gint number, SiagaText *text_r)
{
  const SiagaEvent *event = self->match.event;
  if (number < 0)
    return FALSE;
  const SiagaColumn *column = siaga_mapping_column(self->match.rules->mapping, number);
  if (column->kind == SIAGA_COLUMN_RAW)
    {
      *text_r = (SiagaText){ event->original, event->original_length };
      return event->original != NULL;
    }
  const SiagaValue *value = siaga_event_get(event, column->field);
  if (!value || value->next || value->type != SIAGA_VT_TEXT)
    return FALSE;
  *text_r = (SiagaText){ value->text, value->length };
  return TRUE;
}

static gboolean
_ends_with(SiagaText text, SiagaText end)
{
  if (end.length > text.length)
    return FALSE;
  const gchar *tail = text.text + text.length - end.length;
  return tail == end.text || memcmp(tail, end.text, end.length) == 0;
}

static void
_scan_column(Run *self, const ColumnPlan *column)
{
  SiagaWalk walk;
  SiagaText text, other;

  siaga_walk_start(&walk, &self->match, column->column);
  while (siaga_walk_next(&walk, &self->match, column->column, &text))
    {
      if (!text.text)
        continue;
      _look_up(self, column, text);
      _scan_text(self, &column->all, text);
      if (_only_text(self, column->twin, &other) && other.length == text.length && _ends_with(other, text))
        continue;
      _scan_text(self, &column->unlike, text);
      if (!_only_text(self, column->container, &other) || !_ends_with(other, text))
        _scan_text(self, &column->apart, text);
    }
}

static void
_scan_event(Run *self, const FamilyPlan *family, guint64 sources)
{
  const SiagaEvent *event = self->match.event;
  if (sources & family->keyed && event->original)
    {
      siaga_line_keys_read(&self->scratch->keys, self->match.rules->mapping, event->original, event->original_length);
      self->match.keys = &self->scratch->keys;
    }
  for (guint i = 0; i < family->columns->len; i++)
    _scan_column(self, &g_array_index(family->columns, ColumnPlan, i));
}

static void
_clear(Run *self)
{
  memset(self->scratch->atoms, 0, self->plan->atom_words * sizeof(guint64));
  if (self->match.keys)
    siaga_line_keys_clear(&self->scratch->keys);
}

static void
_judge(Run *self, guint rule, guint64 sources, SiagaHits *hits)
{
  const SiagaRuleEntry *entry = siaga_rules_entry(self->match.rules, rule);
  if (!(sources >> entry->source & 1) || !siaga_node_is_true(&self->match, entry->root))
    return;
  if (hits->count < SIAGA_HITS_MAX)
    hits->rule[hits->count++] = rule;
  else
    hits->overflow = TRUE;
}

gboolean
siaga_rules_match(const SiagaRules *self, const SiagaEvent *event, SiagaHits *hits)
{
  const SiagaPlan *plan = self->plan;
  const FamilyPlan *family = &plan->families[event->family & 3];
  guint64 sources = family->sources ? siaga_mapping_sources(self->mapping, event) & family->sources : 0;

  hits->count = 0;
  hits->overflow = FALSE;
  if (!sources)
    return FALSE;
  Run run = { { self, event, NULL, NULL }, plan, _scratch(plan) };
  run.match.atoms = run.scratch->atoms;
  _scan_event(&run, family, sources);
  guint64 *rules = run.scratch->rules;
  for (guint i = 0; i < family->always->len; i++)
    {
      guint rule = g_array_index(family->always, guint, i);
      rules[rule / 64] |= G_GUINT64_CONSTANT(1) << (rule % 64);
    }
  for (guint w = 0; w < plan->rule_words; w++)
    for (; rules[w]; rules[w] &= rules[w] - 1)
      _judge(&run, w * 64 + __builtin_ctzll(rules[w]), sources, hits);
  _clear(&run);
  return hits->count > 0;
}

void
siaga_match_plan_examine(const SiagaRules *rules, const SiagaEvent *event,
                         void (*body)(const SiagaMatch *match, guint64 sources, gpointer user_data), gpointer user_data)
{
  const SiagaPlan *plan = rules->plan;
  Run run = { { rules, event, NULL, NULL }, plan, _scratch(plan) };
  guint64 sources = siaga_mapping_sources(rules->mapping, event);

  run.match.atoms = run.scratch->atoms;
  _scan_event(&run, &plan->families[event->family & 3], sources);
  memset(run.scratch->rules, 0, plan->rule_words * sizeof(guint64));
  body(&run.match, sources, user_data);
  _clear(&run);
}
