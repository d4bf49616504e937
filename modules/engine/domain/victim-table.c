/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Victim tables in memory: rows by name and by address. */

#include "engine/domain/victims.h"
#include "engine/domain/name.h"

#include <libpsl.h>
#include <stdlib.h>
#include <string.h>

static guint
_kind_hash(gconstpointer key)
{
  const SiagaVictim *v = &((const SiagaVictimKind *) key)->victim;
  return g_direct_hash(v->country) * 31 + g_direct_hash(v->sector) * 17 + g_direct_hash(v->csirt) + v->government;
}

/* Texts are kept once. */
static gboolean
_kind_equal(gconstpointer a, gconstpointer b)
{
  const SiagaVictim *v = &((const SiagaVictimKind *) a)->victim, *w = &((const SiagaVictimKind *) b)->victim;
  return v->country == w->country && v->sector == w->sector && v->csirt == w->csirt && v->government == w->government;
}

SiagaVictims *
siaga_victims_new(void)
{
  SiagaVictims *self = g_new0(SiagaVictims, 1);
  self->references = 1;
  self->owner = siaga_name_owner_new();
  self->names = siaga_suffixes_new(sizeof(SiagaVictimAnswer));
  self->name_answers = g_ptr_array_new();
  self->name_rows = g_ptr_array_new_with_free_func(g_free);
  self->networks = siaga_prefixes_new();
  self->network_rows = g_ptr_array_new_with_free_func(g_free);
  self->network_answers = g_array_new(FALSE, TRUE, sizeof(SiagaVictimAnswer));
  self->kinds = g_hash_table_new_full(_kind_hash, _kind_equal, g_free, NULL);
  self->network_keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  self->sectors = g_hash_table_new(g_str_hash, g_str_equal);
  self->own = siaga_suffixes_new(0);
  self->text = g_string_chunk_new(4096);
  return self;
}

SiagaVictims *
siaga_victims_ref(SiagaVictims *self)
{
  g_atomic_int_inc(&self->references);
  return self;
}

void
siaga_victims_unref(SiagaVictims *self)
{
  if (!self || !g_atomic_int_dec_and_test(&self->references))
    return;
  siaga_suffixes_free(self->names);
  g_ptr_array_unref(self->name_answers);
  g_ptr_array_unref(self->name_rows);
  siaga_prefixes_free(self->networks);
  g_ptr_array_unref(self->network_rows);
  g_array_unref(self->network_answers);
  g_hash_table_unref(self->kinds);
  g_hash_table_unref(self->network_keys);
  g_hash_table_unref(self->sectors);
  siaga_suffixes_free(self->own);
  g_string_chunk_free(self->text);
  g_free(self);
}

static SiagaVictimRow *
_new_row(SiagaVictims *self, GPtrArray *rows, const gchar *key)
{
  SiagaVictimRow *row = g_new0(SiagaVictimRow, 1);
  row->key = g_string_chunk_insert_const(self->text, key);
  row->load = self->loads;
  g_ptr_array_add(rows, row);
  return row;
}

SiagaVictimRow *
siaga_victims_new_network(SiagaVictims *self, const gchar *key)
{
  return _new_row(self, self->network_rows, key);
}

static guint
_count_labels(const gchar *name)
{
  guint n = 1;
  for (; *name; name++)
    n += *name == '.';
  return n;
}

SiagaVictimRow *
siaga_victims_new_name(SiagaVictims *self, const gchar *name, SiagaVictimRow **old_r)
{
  gboolean is_new;
  SiagaVictimAnswer *answer = siaga_suffixes_add(self->names, name, &is_new);
  *old_r = is_new ? NULL : siaga_victims_row(self, answer->number);
  if (!is_new)
    return NULL;
  answer->number = self->name_rows->len;
  g_ptr_array_add(self->name_answers, answer);
  SiagaVictimRow *row = _new_row(self, self->name_rows, name);
  row->labels = _count_labels(name);
  return row;
}

void
siaga_victims_set_public_suffixes(SiagaVictims *self, gpointer psl)
{
  self->public_suffixes = psl;
}

const gchar *
siaga_victims_check_name(const gchar *name)
{
  const gchar *error;
  g_free(siaga_name_canonical(name, &error));
  return error;
}

gboolean
siaga_victims_add_own(SiagaVictims *self, const gchar *suffix)
{
  const gchar *error;
  gchar *name = siaga_name_canonical(suffix, &error);
  if (!name)
    return FALSE;
  siaga_suffixes_add(self->own, name, NULL);
  self->any_own = TRUE;
  g_free(name);
  return TRUE;
}

gboolean
siaga_victims_is_own(const SiagaVictims *self, const gchar *name, gsize length)
{
  if (!self->any_own)
    return FALSE;
  length = siaga_name_trim(name, length, &name);
  return siaga_suffixes_find(self->own, name, length, NULL) != NULL;
}

gboolean
siaga_victims_own_zone(const SiagaVictims *self, const gchar *name, gsize length, const gchar **zone_r,
                       gsize *zone_length_r)
{
  if (!self->any_own)
    return FALSE;
  length = siaga_name_trim(name, length, &name);
  if (!siaga_suffixes_find(self->own, name, length, zone_length_r))
    return FALSE;
  *zone_r = name + length - *zone_length_r;
  return TRUE;
}

static gboolean
_is_government(const gchar *sector)
{
  static const gchar *const sectors[] = { "government", "military", "village", NULL };
  return sector && g_strv_contains(sectors, sector);
}

/* An organisation below a government suffix is the government's, whatever its sector. */
static void
_inherit(SiagaVictim *victim, const SiagaVictim *from)
{
  victim->country = victim->country ? victim->country : from->country;
  victim->sector = victim->sector ? victim->sector : from->sector;
  victim->owner = victim->owner ? victim->owner : from->owner;
  victim->csirt = victim->csirt ? victim->csirt : from->csirt;
  victim->government |= from->government;
}

static void
_make_tags(SiagaVictims *self, SiagaVictimKind *kind)
{
  gchar tag[64];
  if (kind->victim.government && kind->victim.country)
    {
      gchar *country = g_ascii_strdown(kind->victim.country, -1);
      g_snprintf(tag, sizeof tag, "gov.%s", country);
      kind->country_tag = g_string_chunk_insert_const(self->text, tag);
      g_free(country);
    }
  if (kind->victim.sector)
    {
      g_snprintf(tag, sizeof tag, "sector.%s", kind->victim.sector);
      kind->sector_tag = g_string_chunk_insert_const(self->text, tag);
    }
}

/* The row that fills the gaps of ROW. */
const SiagaVictimRow *
siaga_victims_outer(const SiagaVictims *self, const SiagaVictimRow *row)
{
  const gchar *dot = row->labels ? strchr(row->key, '.') : NULL;
  const SiagaVictimAnswer *answer = dot ? siaga_victims_find_name(self, dot + 1, strlen(dot + 1)) : NULL;
  return answer ? siaga_victims_row(self, answer->number) : NULL;
}

static void
_complete_row(const SiagaVictims *self, SiagaVictimRow *row)
{
  row->victim.government = _is_government(row->victim.sector);
  const SiagaVictimRow *outer = siaga_victims_outer(self, row);
  if (outer)
    _inherit(&row->victim, &outer->victim);
}

static const SiagaVictimKind *
_kind_of(SiagaVictims *self, const SiagaVictim *victim)
{
  SiagaVictimKind one = { .victim = *victim }, *kind;
  one.victim.owner = NULL;
  if ((kind = g_hash_table_lookup(self->kinds, &one)))
    return kind;
  kind = g_new(SiagaVictimKind, 1);
  *kind = one;
  _make_tags(self, kind);
  g_hash_table_add(self->kinds, kind);
  return kind;
}

/* Once all rows are complete. */
static void
_make_answers(SiagaVictims *self)
{
  g_array_set_size(self->network_answers, self->network_rows->len);
  for (guint i = 0; i < siaga_victims_size(self); i++)
    {
      const guint names = self->name_rows->len;
      SiagaVictimAnswer *answer = i < names ? self->name_answers->pdata[i]
                                            : &g_array_index(self->network_answers, SiagaVictimAnswer, i - names);
      const SiagaVictim *victim = &siaga_victims_row(self, i)->victim;
      *answer = (SiagaVictimAnswer){ _kind_of(self, victim), victim->owner, i };
    }
}

/* Second-level names that governments use; "go" and "mi" mean other things in some countries (go.it, mi.it). */
static const gchar *const government_labels[] = { "gov", "gob", "gouv", "govt", "gub", "gv", "gc", "go", NULL };
static const gchar *const go_countries = " ci cr jp ke kr tz ug ";

static gboolean
_psl_row(SiagaVictims *self, const psl_ctx_t *psl, const gchar *label, const gchar *country)
{
  gchar name[16], none[16];
  g_snprintf(name, sizeof name, "%s.%s", label, country);
  g_snprintf(none, sizeof none, "zqzq.%s", country);
  const int type = PSL_TYPE_ICANN | PSL_TYPE_NO_STAR_RULE;
  if (!psl_is_public_suffix2(psl, name, type))
    return FALSE;
  /* Under "*.np" every label is a public suffix: only the two that mean the same everywhere are taken. */
  if (psl_is_public_suffix2(psl, none, type) && strcmp(label, "gov") != 0 && strcmp(label, "mil") != 0)
    return FALSE;
  SiagaVictimRow *old, *row = siaga_victims_new_name(self, name, &old);
  if (!row)
    return FALSE;
  gchar upper[3] = { g_ascii_toupper(country[0]), g_ascii_toupper(country[1]), '\0' };
  row->victim.country = g_string_chunk_insert_const(self->text, strcmp(upper, "UK") == 0 ? "GB" : upper);
  row->victim.sector = strcmp(label, "mil") == 0 ? "military" : "government";
  return TRUE;
}

static void
_add_country(SiagaVictims *self, const psl_ctx_t *psl, const gchar *country)
{
  for (guint i = 0; government_labels[i]; i++)
    {
      gchar padded[5];
      g_snprintf(padded, sizeof padded, " %s ", country);
      if (strcmp(government_labels[i], "go") != 0 || strstr(go_countries, padded))
        _psl_row(self, psl, government_labels[i], country);
    }
  _psl_row(self, psl, "mil", country);
}

static void
_add_public_suffixes(SiagaVictims *self)
{
  psl_ctx_t *own = self->public_suffixes ? NULL : psl_latest(NULL);
  const psl_ctx_t *psl = self->public_suffixes ? self->public_suffixes : own;
  for (gchar a = 'a'; psl && a <= 'z'; a++)
    for (gchar b = 'a'; b <= 'z'; b++)
      _add_country(self, psl, (gchar[]){ a, b, '\0' });
  psl_free(own);
}

gboolean
siaga_victims_finish(SiagaVictims *self, SiagaDiag *diag)
{
  (void) diag;
  guint deepest = 0;
  _add_public_suffixes(self);
  for (guint i = 0; i < siaga_victims_size(self); i++)
    deepest = MAX(deepest, siaga_victims_row(self, i)->labels);
  for (guint labels = 0; labels <= deepest; labels++)
    for (guint i = 0; i < siaga_victims_size(self); i++)
      if (siaga_victims_row(self, i)->labels == labels)
        _complete_row(self, siaga_victims_row(self, i));
  _make_answers(self);
  siaga_prefixes_finish(self->networks);
  self->owner = siaga_name_owner_new();
  self->finished = TRUE;
  return TRUE;
}

gboolean
siaga_victims_has_sector(const SiagaVictims *self, const gchar *sector)
{
  for (guint i = 0; i < siaga_victims_size(self); i++)
    if (g_strcmp0(siaga_victims_row(self, i)->victim.sector, sector) == 0)
      return TRUE;
  return FALSE;
}

gboolean
siaga_victims_has_csirt(const SiagaVictims *self, const gchar *csirt)
{
  for (guint i = 0; i < siaga_victims_size(self); i++)
    if (g_strcmp0(siaga_victims_row(self, i)->victim.csirt, csirt) == 0)
      return TRUE;
  return FALSE;
}

const SiagaVictimAnswer *
siaga_victims_find_name(const SiagaVictims *self, const gchar *name, gsize length)
{
  length = siaga_name_trim(name, length, &name);
  return siaga_suffixes_find(self->names, name, length, NULL);
}

const SiagaVictimAnswer *
siaga_victims_find_address(const SiagaVictims *self, const SiagaPrefixAddress *address)
{
  guint32 number = siaga_prefixes_find(self->networks, address);
  return number ? &g_array_index(self->network_answers, SiagaVictimAnswer, number - 1) : NULL;
}

static gboolean
_give(const SiagaVictimAnswer *answer, SiagaVictim *victim_r)
{
  if (!answer)
    return FALSE;
  *victim_r = answer->kind->victim;
  victim_r->owner = answer->owner;
  return TRUE;
}

gboolean
siaga_victims_by_name(const SiagaVictims *self, const gchar *name, gsize length, SiagaVictim *victim_r)
{
  return _give(siaga_victims_find_name(self, name, length), victim_r);
}

gboolean
siaga_victims_by_address(const SiagaVictims *self, const gchar *address, gsize length, SiagaVictim *victim_r)
{
  SiagaPrefixAddress parsed;
  length = siaga_name_trim(address, length, &address);
  return siaga_prefix_address_parse(address, length, &parsed) &&
         _give(siaga_victims_find_address(self, &parsed), victim_r);
}

guint
siaga_victims_size(const SiagaVictims *self)
{
  return self->name_rows->len + self->network_rows->len;
}
