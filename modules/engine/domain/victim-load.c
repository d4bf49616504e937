/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads victim tables: suffix_or_network,country,sector,owner,csirt. */

#include "engine/domain/victims.h"
#include "engine/base/folder.h"
#include "engine/domain/csv.h"
#include "engine/domain/name.h"

#include <siaga/nearest.h>

#include <string.h>

#define HEADER "suffix_or_network,country,sector,owner,csirt"
#define WORD_MAX 32
#define SECTOR_NEAR 3 /* letters to change: fewer were probably meant */

enum
{
  KEY,
  COUNTRY,
  SECTOR,
  OWNER,
  CSIRT,
};

static gboolean
_is_country(const gchar *text)
{
  return g_ascii_isupper(text[0]) && g_ascii_isupper(text[1]) && text[2] == '\0';
}

static gboolean
_is_word(const gchar *text)
{
  gsize length = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");
  return length <= WORD_MAX && text[length] == '\0';
}

static gboolean
_check_cells(const SiagaCsvRow *row, SiagaDiag *diag)
{
  if (*row->cells[COUNTRY] && !_is_country(row->cells[COUNTRY]))
    {
      siaga_diag_error(diag, row->places[COUNTRY], "'%s' is no country: expected two capitals (ISO 3166-1), as ID",
                       row->cells[COUNTRY]);
      return FALSE;
    }
  if (!*row->cells[COUNTRY] && !*row->cells[SECTOR] && !*row->cells[OWNER] && !*row->cells[CSIRT])
    {
      siaga_diag_error(diag, row->places[KEY], "the row says nothing: country, sector, owner and csirt are empty");
      return FALSE;
    }
  if (!_is_word(row->cells[SECTOR]))
    {
      siaga_diag_error(diag, row->places[SECTOR],
                       "'%s' is no sector: expected small letters, digits and '-', as government or health",
                       row->cells[SECTOR]);
      return FALSE;
    }
  return TRUE;
}

static const gchar *
_nearest_sector(const SiagaVictims *self, const gchar *sector)
{
  GHashTableIter iter;
  gpointer key;
  const gchar *nearest = NULL;
  guint distance = SECTOR_NEAR;
  g_hash_table_iter_init(&iter, self->sectors);
  while (g_hash_table_iter_next(&iter, &key, NULL))
    siaga_name_keep_nearest(sector, key, &distance, &nearest);
  return nearest;
}

/* A site may have sectors of its own; one that is nearly another's is a slip, and nobody who filters by it would hear.
 */
static void
_learn_sector(SiagaVictims *self, const SiagaCsvRow *row, SiagaDiag *diag)
{
  const gchar *sector = row->cells[SECTOR];
  if (!*sector || g_hash_table_contains(self->sectors, sector))
    return;
  const gchar *nearest = self->loads > 1 ? _nearest_sector(self, sector) : NULL;
  if (nearest)
    siaga_diag_warning(diag, row->places[SECTOR], "the sector '%s' stands nowhere else; did you mean '%s'?", sector,
                       nearest);
  g_hash_table_add(self->sectors, g_string_chunk_insert_const(self->text, sector));
}

static const gchar *
_keep(SiagaVictims *self, const gchar *cell)
{
  return *cell ? g_string_chunk_insert_const(self->text, cell) : NULL;
}

static void
_fill(SiagaVictims *self, SiagaVictimRow *row, const SiagaCsvRow *cells)
{
  row->victim.country = _keep(self, cells->cells[COUNTRY]);
  row->victim.sector = _keep(self, cells->cells[SECTOR]);
  row->victim.owner = _keep(self, cells->cells[OWNER]);
  row->victim.csirt = _keep(self, cells->cells[CSIRT]);
  row->file = _keep(self, cells->places[KEY].file);
  row->line = cells->places[KEY].line;
  row->load = self->loads;
}

static gboolean
_says_the_same(const SiagaVictimRow *row, const SiagaCsvRow *cells)
{
  const SiagaVictim *v = &row->victim;
  const gchar *const old[] = { v->country, v->sector, v->owner, v->csirt };
  for (guint i = 0; i < G_N_ELEMENTS(old); i++)
    if (strcmp(old[i] ? old[i] : "", cells->cells[COUNTRY + i]) != 0)
      return FALSE;
  return TRUE;
}

/* A row that is there already: the same again is harmless, a later load's wins (local over shipped). */
static gboolean
_merge(SiagaVictims *self, SiagaVictimRow *old, const SiagaCsvRow *cells, SiagaDiag *diag)
{
  if (_says_the_same(old, cells))
    return TRUE;
  if (old->load == self->loads)
    {
      siaga_diag_error(diag, cells->places[KEY], "'%s' says something else in %s:%u", cells->cells[KEY], old->file,
                       old->line);
      return FALSE;
    }
  _fill(self, old, cells);
  return TRUE;
}

static gboolean
_add_network(SiagaVictims *self, const SiagaCsvRow *cells, SiagaDiag *diag)
{
  SiagaPrefix prefix;
  const gchar *error = siaga_prefix_parse(cells->cells[KEY], &prefix);
  if (error)
    {
      siaga_diag_error(diag, cells->places[KEY], "'%s': %s", cells->cells[KEY], error);
      return FALSE;
    }
  gchar *key = g_strdup_printf("%" G_GINT64_MODIFIER "x:%" G_GINT64_MODIFIER "x/%u", prefix.address.high,
                               prefix.address.low, prefix.bits);
  guint number = GPOINTER_TO_UINT(g_hash_table_lookup(self->network_keys, key));
  if (number)
    {
      g_free(key);
      return _merge(self, siaga_victims_network(self, number), cells, diag);
    }
  _fill(self, siaga_victims_new_network(self, cells->cells[KEY]), cells);
  g_hash_table_insert(self->network_keys, key, GUINT_TO_POINTER(self->network_rows->len));
  siaga_prefixes_add(self->networks, &prefix, self->network_rows->len);
  return TRUE;
}

/* "*kab.go.id" is checked as "kab.go.id"; the star is put back. */
static gchar *
_read_suffix(const gchar *text, const gchar **error_r)
{
  static const gchar *const shape =
      "behind '*' stands how a label ends, then the suffix, as in *kab.go.id (*.go.id is written go.id)";
  gboolean pattern = text[0] == '*';
  gchar *name = pattern && text[1] == '.' ? NULL : siaga_name_canonical(text + pattern, error_r);
  gboolean whole = name && (!pattern || strchr(name, '.')); /* the dot at the end of "*kab." parts nothing */
  gchar *suffix = whole ? g_strconcat(pattern ? "*" : "", name, NULL) : NULL;
  if (pattern && !whole && (name || text[1] == '.'))
    *error_r = shape;
  g_free(name);
  return suffix;
}

static gboolean
_add_name(SiagaVictims *self, const SiagaCsvRow *cells, SiagaDiag *diag)
{
  const gchar *error;
  gchar *name = _read_suffix(cells->cells[KEY], &error);
  if (!name)
    {
      siaga_diag_error(diag, cells->places[KEY], "'%s' is no domain suffix: %s", cells->cells[KEY], error);
      return FALSE;
    }
  SiagaVictimRow *old, *row = siaga_victims_new_name(self, name, &old);
  gboolean ok = row || _merge(self, old, cells, diag);
  if (row)
    _fill(self, row, cells);
  g_free(name);
  return ok;
}

static gboolean
_is_network(const gchar *key)
{
  return strchr(key, '/') || strchr(key, ':') || strspn(key, "0123456789.") == strlen(key);
}

static gboolean
_read_row(const SiagaCsvRow *row, gpointer user_data, SiagaDiag *diag)
{
  SiagaVictims *self = user_data;
  if (!_check_cells(row, diag))
    return FALSE;
  if (strstr(row->cells[KEY], "://"))
    {
      siaga_diag_error(diag, row->places[KEY], "'%s' is a URL: expected the name alone, as www.contoh.go.id",
                       row->cells[KEY]);
      return FALSE;
    }
  _learn_sector(self, row, diag);
  return _is_network(row->cells[KEY]) ? _add_network(self, row, diag) : _add_name(self, row, diag);
}

/* The list of agencies that look-alikes imitate lives in the same folder. */
static gboolean
_read_file(gpointer self, const gchar *path, SiagaDiag *diag)
{
  if (g_str_has_suffix(path, "/agencies.csv"))
    return TRUE;
  return siaga_csv_read(path, HEADER, 1, _read_row, self, diag);
}

static gboolean
_countries_differ(const SiagaVictimRow *row, const SiagaVictimRow *outer)
{
  return row->victim.country && outer->victim.country && strcmp(outer->victim.country, row->victim.country) != 0;
}

/* The row that was read last is what is wrong; it takes over the other's country. */
static void
_complain_of(SiagaVictimRow *late, const SiagaVictimRow *early, const gchar *relation, SiagaDiag *diag)
{
  siaga_diag_error(diag, (SiagaPlace){ late->file, late->line, 1 },
                   "'%s' is in %s, but the row '%s' %s it says %s (%s:%u)", late->key, late->victim.country, early->key,
                   relation, early->victim.country, early->file, early->line);
  late->victim.country = early->victim.country;
}

/* A suffix of one country cannot hold a name of another, whichever of the two was there before. */
static gboolean
_check_countries(SiagaVictims *self, SiagaDiag *diag)
{
  gboolean ok = TRUE;
  for (guint i = 0; i < siaga_victims_size(self); i++)
    {
      SiagaVictimRow *row = siaga_victims_row(self, i);
      SiagaVictimRow *outer = (SiagaVictimRow *) siaga_victims_outer(self, row); /* one of SELF's, which is no const */
      if (!outer || !_countries_differ(row, outer))
        continue;
      if (row->load == self->loads)
        _complain_of(row, outer, "that covers", diag);
      else
        _complain_of(outer, row, "below", diag);
      ok = FALSE;
    }
  return ok;
}

gboolean
siaga_victims_load(SiagaVictims *self, const gchar *path, SiagaDiag *diag)
{
  self->loads++;
  static const gchar *const endings[] = { ".csv", NULL };
  gboolean ok = siaga_folder_each(path, endings, _read_file, self, diag);
  return _check_countries(self, diag) && ok;
}
