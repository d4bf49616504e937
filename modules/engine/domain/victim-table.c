/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Victim tables in memory: rows by name and by address. */

#include "engine/domain/victims.h"
#include "engine/domain/name.h"

#include <libpsl.h>
#include <stdlib.h>
#include <string.h>

SiagaVictims *
siaga_victims_new(void)
{
  SiagaVictims *self = g_new0(SiagaVictims, 1);
  self->references = 1;
  self->blocks = g_ptr_array_new_with_free_func(free);
  self->names = siaga_suffixes_new();
  self->networks = siaga_prefixes_new();
  self->network_rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  self->own = siaga_suffixes_new();
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
  g_ptr_array_unref(self->blocks);
  siaga_suffixes_free(self->names);
  siaga_prefixes_free(self->networks);
  g_hash_table_unref(self->network_rows);
  siaga_suffixes_free(self->own);
  g_string_chunk_free(self->text);
  g_free(self);
}

static void
_add_block(SiagaVictims *self)
{
  gpointer block = NULL;
  if (posix_memalign(&block, SIAGA_VICTIM_STRIDE, (gsize) SIAGA_VICTIM_BLOCK * SIAGA_VICTIM_STRIDE) != 0)
    g_error("no memory for tables of victims");
  memset(block, 0, (gsize) SIAGA_VICTIM_BLOCK * SIAGA_VICTIM_STRIDE);
  g_ptr_array_add(self->blocks, block);
}

SiagaVictimRow *
siaga_victims_new_row(SiagaVictims *self, const gchar *key)
{
  if (self->rows % SIAGA_VICTIM_BLOCK == 0)
    _add_block(self);
  SiagaVictimRow *row = siaga_victims_row(self, ++self->rows);
  row->key = g_string_chunk_insert_const(self->text, key);
  row->load = self->loads;
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
  siaga_suffixes_replace(self->own, name, 1);
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
  return siaga_suffixes_find(self->own, name, length, NULL) != 0;
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
_make_tags(SiagaVictims *self, SiagaVictimRow *row)
{
  gchar tag[64];
  if (row->victim.government && row->victim.country)
    {
      gchar *country = g_ascii_strdown(row->victim.country, -1);
      g_snprintf(tag, sizeof tag, "gov.%s", country);
      row->country_tag = g_string_chunk_insert_const(self->text, tag);
      g_free(country);
    }
  if (row->victim.sector)
    {
      g_snprintf(tag, sizeof tag, "sector.%s", row->victim.sector);
      row->sector_tag = g_string_chunk_insert_const(self->text, tag);
    }
}

static void
_complete_row(SiagaVictims *self, SiagaVictimRow *row)
{
  row->victim.government = _is_government(row->victim.sector);
  const SiagaVictimRow *parent = row->parent ? siaga_victims_find_name(self, row->parent, strlen(row->parent)) : NULL;
  if (parent)
    _inherit(&row->victim, &parent->victim);
  _make_tags(self, row);
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
  if (siaga_suffixes_add(self->names, name, self->rows + 1))
    return FALSE;
  SiagaVictimRow *row = siaga_victims_new_row(self, name);
  gchar upper[3] = { g_ascii_toupper(country[0]), g_ascii_toupper(country[1]), '\0' };
  row->victim.country = g_string_chunk_insert_const(self->text, strcmp(upper, "UK") == 0 ? "GB" : upper);
  row->victim.sector = strcmp(label, "mil") == 0 ? "military" : "government";
  row->labels = 2;
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
  for (guint number = 1; number <= self->rows; number++)
    deepest = MAX(deepest, siaga_victims_row(self, number)->labels);
  for (guint labels = 0; labels <= deepest; labels++)
    for (guint number = 1; number <= self->rows; number++)
      if (siaga_victims_row(self, number)->labels == labels)
        _complete_row(self, siaga_victims_row(self, number));
  siaga_prefixes_finish(self->networks);
  self->finished = TRUE;
  return TRUE;
}

static inline const SiagaVictimRow *
_row(const SiagaVictims *self, guint32 number)
{
  return number ? siaga_victims_row(self, number) : NULL;
}

const SiagaVictimRow *
siaga_victims_find_name(const SiagaVictims *self, const gchar *name, gsize length)
{
  length = siaga_name_trim(name, length, &name);
  return _row(self, siaga_suffixes_find(self->names, name, length, NULL));
}

const SiagaVictimRow *
siaga_victims_find_address(const SiagaVictims *self, const gchar *text, gsize length)
{
  SiagaPrefixAddress address;
  length = siaga_name_trim(text, length, &text);
  return siaga_prefix_address_parse(text, length, &address) ? _row(self, siaga_prefixes_find(self->networks, &address))
                                                            : NULL;
}

static gboolean
_give(const SiagaVictimRow *row, SiagaVictim *victim_r)
{
  if (row)
    *victim_r = row->victim;
  return row != NULL;
}

gboolean
siaga_victims_by_name(const SiagaVictims *self, const gchar *name, gsize length, SiagaVictim *victim_r)
{
  return _give(siaga_victims_find_name(self, name, length), victim_r);
}

gboolean
siaga_victims_by_address(const SiagaVictims *self, const gchar *address, gsize length, SiagaVictim *victim_r)
{
  return _give(siaga_victims_find_address(self, address, length), victim_r);
}

guint
siaga_victims_size(const SiagaVictims *self)
{
  return self->rows;
}
