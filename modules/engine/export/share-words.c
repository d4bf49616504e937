/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Words of policies that tables and rules do not have. */

#include "engine/export/share.h"

typedef struct
{
  const SiagaVictims *victims;
  const SiagaRules *rules;
  SiagaDiag *diag;
  const gchar *path;
} Check;

static gboolean
_rules_have(const SiagaRules *rules, const gchar *category)
{
  for (guint i = 0; i < siaga_rules_size(rules); i++)
    if (g_strcmp0(siaga_rules_get(rules, i)->category, category) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
_is_known(const Check *self, SiagaShareWords kind, const gchar *word)
{
  switch (kind)
    {
    case SIAGA_SHARE_SECTORS:
      return siaga_victims_has_sector(self->victims, word);
    case SIAGA_SHARE_CSIRTS:
      return siaga_victims_has_csirt(self->victims, word);
    default:
      return _rules_have(self->rules, word);
    }
}

static void
_check_list(const Check *self, const SiagaShareCondition *condition, SiagaShareWords kind, const GPtrArray *list)
{
  static const gchar *const what[] = { "table has the sector", "table has the CSIRT", "rule has the category" };
  SiagaPlace place = { self->path, condition->words[kind].line, condition->words[kind].column };
  for (guint i = 0; i < list->len; i++)
    if (!_is_known(self, kind, list->pdata[i]))
      siaga_diag_warning(self->diag, place, "no %s '%s': it fits no incident", what[kind],
                         (const gchar *) list->pdata[i]);
}

static void
_check_condition(const Check *self, const SiagaShareCondition *condition)
{
  _check_list(self, condition, SIAGA_SHARE_SECTORS, condition->victim_sectors);
  _check_list(self, condition, SIAGA_SHARE_CSIRTS, condition->victim_csirts);
  _check_list(self, condition, SIAGA_SHARE_CATEGORIES, condition->categories);
}

void
siaga_share_check_words(const SiagaShare *self, const SiagaVictims *victims, const SiagaRules *rules, SiagaDiag *diag)
{
  for (guint i = 0; i < self->files->len; i++)
    {
      const SiagaShareFile *file = self->files->pdata[i];
      const Check check = { victims, rules, diag, file->path };
      for (guint j = 0; j < file->policies->len; j++)
        {
          const SiagaSharePolicy *policy = file->policies->pdata[j];
          _check_condition(&check, &policy->when);
          if (policy->unless)
            _check_condition(&check, policy->unless);
        }
    }
}
