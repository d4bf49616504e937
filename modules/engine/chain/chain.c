/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * One line's way through the engine, as far as an event; the correlator comes behind. */

#include <siaga/chain.h>

/* Rules that name the field of their victim; SIAGA_FIELD_NONE for the others. */
static void
_find_victim_fields(SiagaChain *self)
{
  guint size = siaga_rules_size(self->rules);
  self->victim_fields = g_new(SiagaFieldId, size);
  for (guint i = 0; i < size; i++)
    {
      const gchar *name = siaga_rules_get(self->rules, i)->victim;
      self->victim_fields[i] = name ? siaga_fields_lookup(self->fields, name, -1) : SIAGA_FIELD_NONE;
    }
}

static gboolean
_load_parts(SiagaChain *self, const SiagaChainSpec *spec, guint parts, SiagaDiag *diag)
{
  self->fields = siaga_chain_load_fields(spec, diag);
  if (!self->fields)
    return FALSE;
  self->patterns = siaga_chain_load_patterns(spec, self->fields, diag);
  self->normaliser.public_suffixes = siaga_public_suffixes(diag);
  if (parts & SIAGA_CHAIN_VICTIMS)
    self->victims = siaga_chain_load_victims(spec, diag);
  if (parts & SIAGA_CHAIN_RULES)
    self->rules = siaga_chain_load_rules(spec, self->fields, diag);
  if (self->rules)
    _find_victim_fields(self);
  return self->patterns && (self->victims || !(parts & SIAGA_CHAIN_VICTIMS)) &&
         (self->rules || !(parts & SIAGA_CHAIN_RULES));
}

SiagaChain *
siaga_chain_load(const SiagaChainSpec *spec, guint parts, SiagaDiag *diag)
{
  SiagaChain *self = g_new0(SiagaChain, 1);
  if (_load_parts(self, spec, parts, diag))
    return self;
  siaga_chain_free(self);
  return NULL;
}

void
siaga_chain_free(SiagaChain *self)
{
  if (!self)
    return;
  siaga_rules_unref(self->rules);
  siaga_victims_unref(self->victims);
  siaga_patterns_unref(self->patterns);
  siaga_fields_unref(self->fields);
  g_free(self->victim_fields);
  g_free(self);
}

gboolean
siaga_chain_parse(const SiagaChain *self, const gchar *raw, gsize length, const gchar *file,
                  const SiagaTimeContext *context, SiagaArena *arena, SiagaEvent *event)
{
  SiagaLine line = { .priority = -1 };

  siaga_arena_reset(arena);
  siaga_line_read(&line, raw, length, context, arena);
  line.file = file;
  gboolean parsed = siaga_patterns_match(self->patterns, &line, context, event);
  if (parsed)
    siaga_normalise(&self->normaliser, event);
  return parsed;
}

gboolean
siaga_chain_detect(const SiagaChain *self, SiagaEvent *event, SiagaHits *hits)
{
  hits->count = 0;
  hits->overflow = FALSE;
  if (self->victims)
    siaga_victims_classify(self->victims, &self->victim_options, event);
  if (!self->rules || !siaga_rules_match(self->rules, event, hits))
    return FALSE;
  for (guint i = 0; self->victims && i < hits->count; i++)
    {
      SiagaFieldId field = self->victim_fields[hits->rule[i]];
      if (field != SIAGA_FIELD_NONE && siaga_victims_classify_as(self->victims, field, event))
        break;
    }
  return TRUE;
}
