/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads agencies, bait words and allowances. */

#include "engine/domain/lookalikes.h"
#include "engine/domain/csv.h"
#include "engine/domain/name.h"
#include "engine/domain/skeleton.h"

#include <string.h>

#define HEADER "domain,agency,labels"
#define LABEL_MIN 3

SiagaLookalikes *
siaga_lookalikes_new(SiagaVictims *victims, gconstpointer public_suffixes)
{
  SiagaLookalikes *self = g_new0(SiagaLookalikes, 1);
  self->victims = siaga_victims_ref(victims);
  self->public_suffixes = public_suffixes;
  self->harmless = siaga_name_owner_new();
  self->agencies = g_ptr_array_new_with_free_func(g_free);
  self->labels = g_ptr_array_new_with_free_func(g_free);
  self->bait = g_ptr_array_new_with_free_func(g_free);
  self->about = g_ptr_array_new_with_free_func(g_free);
  self->allowed = siaga_suffixes_new(0);
  self->allowed_labels = siaga_suffixes_new(0);
  self->vetted = siaga_suffixes_new(0);
  self->imitated = siaga_suffixes_new(0);
  self->text = g_string_chunk_new(4096);
  return self;
}

static void
_clear_labels(SiagaLabels *list)
{
  g_free(list->letters);
  g_free(list->labels);
}

void
siaga_lookalikes_free(SiagaLookalikes *self)
{
  if (!self)
    return;
  siaga_victims_unref(self->victims);
  g_ptr_array_unref(self->agencies);
  for (guint i = 0; i <= SIAGA_LABEL_MAX; i++)
    {
      _clear_labels(&self->by_length[i]);
      _clear_labels(&self->by_folded_length[i]);
    }
  g_ptr_array_unref(self->labels);
  g_ptr_array_unref(self->bait);
  g_ptr_array_unref(self->about);
  siaga_suffixes_free(self->allowed);
  siaga_suffixes_free(self->allowed_labels);
  siaga_suffixes_free(self->vetted);
  siaga_suffixes_free(self->imitated);
  g_string_chunk_free(self->text);
  g_free(self);
}

guint64
siaga_label_letters(const gchar *text, gsize length)
{
  guint64 letters = 0;
  for (gsize i = 0; i < length; i++)
    letters |= G_GUINT64_CONSTANT(1) << (siaga_ascii_lower(text[i]) & 63);
  return letters;
}

/* NULL, or what is wrong (static text). */
static const gchar *
_add_label(GPtrArray *list, const gchar *text, const SiagaAgency *agency)
{
  gsize length = strlen(text);
  if (length < (agency ? LABEL_MIN : SIAGA_BAIT_MIN) || length > SIAGA_LABEL_MAX)
    return agency ? "expected 3 to 63 characters" : "expected 2 to 63 characters";
  if (strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-") != length)
    return "expected small letters, digits and '-'";
  SiagaLabel *label = g_new0(SiagaLabel, 1);
  memcpy(label->text, text, length);
  memcpy(label->folded, text, length);
  label->length = length;
  label->folded_length = siaga_skeleton_fold(label->folded, length);
  label->letters = siaga_label_letters(text, length);
  label->agency = agency;
  g_ptr_array_add(list, label);
  return NULL;
}

/* The words behind all others: the first of them makes room. */
static void
_add_to(SiagaLabels *list, const SiagaLabel *label, guint64 letters)
{
  guint at = list->count++;
  list->letters = g_renew(guint64, list->letters, list->count);
  list->labels = g_renew(const SiagaLabel *, list->labels, list->count);
  if (!label->common && !label->exact)
    {
      list->letters[at] = list->letters[list->words_from];
      list->labels[at] = list->labels[list->words_from];
      at = list->words_from++;
    }
  list->letters[at] = letters;
  list->labels[at] = label;
}

static void
_index_label(SiagaLookalikes *self, SiagaLabel *label)
{
  _add_to(&self->by_length[label->length], label, label->letters);
  _add_to(&self->by_folded_length[label->folded_length], label,
          siaga_label_letters(label->folded, label->folded_length));
}

/* "label", "label!" or "label?". */
static const gchar *
_add_agency_label(SiagaLookalikes *self, gchar *text, const SiagaAgency *agency)
{
  const gsize length = strlen(text);
  const gchar mark = length ? text[length - 1] : '\0';
  if (mark == '!' || mark == '?')
    text[length - 1] = '\0';
  const gchar *error = _add_label(self->labels, text, agency);
  if (error)
    return error;
  SiagaLabel *label = self->labels->pdata[self->labels->len - 1];
  label->telling = mark == '!';
  label->common = mark == '?';
  label->exact = g_str_has_suffix(label->text, "-gov") || g_str_has_prefix(label->text, "gov-");
  _index_label(self, label);
  return NULL;
}

static gboolean
_add_labels(SiagaLookalikes *self, const SiagaCsvRow *row, const SiagaAgency *agency, SiagaDiag *diag)
{
  gchar **labels = g_strsplit(row->cells[2], ";", -1);
  gboolean ok = TRUE;
  for (guint i = 0; labels[i]; i++)
    {
      const gchar *error = _add_agency_label(self, g_strstrip(labels[i]), agency);
      if (!error)
        continue;
      siaga_diag_error(diag, row->places[2], "the label '%s': %s", labels[i], error);
      ok = FALSE;
    }
  g_strfreev(labels);
  return ok;
}

static gboolean
_read_agency(const SiagaCsvRow *row, gpointer user_data, SiagaDiag *diag)
{
  SiagaLookalikes *self = user_data;
  const gchar *error;
  gchar *domain = siaga_name_canonical(row->cells[0], &error);

  if (!domain)
    {
      siaga_diag_error(diag, row->places[0], "'%s' is no domain name: %s", row->cells[0], error);
      return FALSE;
    }
  SiagaAgency *agency = g_new0(SiagaAgency, 1);
  agency->domain = g_string_chunk_insert_const(self->text, domain);
  agency->title = g_string_chunk_insert_const(self->text, row->cells[1]);
  g_ptr_array_add(self->agencies, agency);
  siaga_suffixes_add(self->allowed, domain, NULL); /* whatever suffix it is under, it imitates nobody */
  if (strchr(domain, '.'))
    siaga_suffixes_add(self->imitated, strchr(domain, '.') + 1, NULL);
  g_free(domain);
  return _add_labels(self, row, agency, diag);
}

gboolean
siaga_lookalikes_load_agencies(SiagaLookalikes *self, const gchar *path, SiagaDiag *diag)
{
  self->harmless = siaga_name_owner_new();
  return siaga_csv_read(path, HEADER, 3, _read_agency, self, diag);
}

static gboolean
_read_bait(const SiagaCsvRow *row, gpointer user_data, SiagaDiag *diag)
{
  SiagaLookalikes *self = user_data;
  const gboolean about = row->cells[0][0] == '!';
  const gchar *error = _add_label(about ? self->about : self->bait, row->cells[0] + about, NULL);
  if (error)
    siaga_diag_error(diag, row->places[0], "the word '%s': %s", row->cells[0], error);
  return error == NULL;
}

gboolean
siaga_lookalikes_load_bait(SiagaLookalikes *self, const gchar *path, SiagaDiag *diag)
{
  self->harmless = siaga_name_owner_new();
  return siaga_csv_read(path, "word", 1, _read_bait, self, diag);
}

/* "suffix", "word.*" for a registered label, "*.suffix" for what is registered below it. */
gboolean
siaga_lookalikes_add_allow(SiagaLookalikes *self, const gchar *suffix)
{
  const gchar *error;
  gboolean any_suffix = g_str_has_suffix(suffix, ".*"), below = g_str_has_prefix(suffix, "*.");
  SiagaSuffixes *target = any_suffix ? self->allowed_labels : below ? self->vetted : self->allowed;
  gchar *text = g_strndup(suffix + (below ? 2 : 0), strlen(suffix) - (any_suffix || below ? 2 : 0));
  gchar *name = siaga_name_canonical(text, &error);
  gboolean ok = name && !(any_suffix && strchr(name, '.'));
  self->harmless = siaga_name_owner_new();
  if (ok)
    siaga_suffixes_add(target, name, NULL);
  g_free(name);
  g_free(text);
  return ok;
}

static gboolean
_read_allow(const SiagaCsvRow *row, gpointer user_data, SiagaDiag *diag)
{
  if (siaga_lookalikes_add_allow(user_data, row->cells[0]))
    return TRUE;
  siaga_diag_error(diag, row->places[0], "'%s' is no domain name (nor word.* nor *.suffix)", row->cells[0]);
  return FALSE;
}

gboolean
siaga_lookalikes_load_allow(SiagaLookalikes *self, const gchar *path, SiagaDiag *diag)
{
  return siaga_csv_read(path, "suffix", 1, _read_allow, self, diag);
}
