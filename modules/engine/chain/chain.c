/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * One line's way through the engine, as far as an event; the correlator comes behind. */

#include <siaga/chain.h>

#include "engine/base/threads.h"

static void
_load_victims(SiagaChain *self, const SiagaChainSpec *spec, SiagaDiag *diag)
{
  self->victims = siaga_chain_load_victims(spec, diag);
  self->lookalikes = siaga_chain_load_lookalikes(spec, self->victims, diag);
  self->lists = siaga_chain_load_lists(spec, diag);
  self->seen = siaga_seen_names_new();
  self->victim_options.lookalikes = self->lookalikes;
  self->victim_options.seen = self->seen;
  self->victim_options.lists = self->lists;
}

/* Patterns are loaded beside the rest: neither asks anything of the other. */
typedef struct
{
  const SiagaChainSpec *spec;
  const SiagaFields *fields;
  SiagaDiag *diag;
} PatternsJob;

static gpointer
_load_patterns(gpointer data)
{
  const PatternsJob *job = data;
  return siaga_chain_load_patterns(job->spec, job->fields, job->diag);
}

static void
_load_rest(SiagaChain *self, const SiagaChainSpec *spec, guint parts, SiagaDiag *diag)
{
  self->normaliser.public_suffixes = siaga_public_suffixes(diag);
  self->normaliser.geo = self->geo = siaga_chain_load_geo(spec, diag);
  if (parts & SIAGA_CHAIN_VICTIMS)
    _load_victims(self, spec, diag);
  if (parts & SIAGA_CHAIN_RULES)
    self->rules = siaga_chain_load_rules(spec, self->fields, diag);
  if (self->rules)
    self->allow = siaga_chain_load_allow(spec, self->rules, diag);
}

static gboolean
_load_parts(SiagaChain *self, const SiagaChainSpec *spec, guint parts, SiagaDiag *diag)
{
  self->fields = siaga_chain_load_fields(spec, diag);
  if (!self->fields)
    return FALSE;
  PatternsJob job = { spec, self->fields, diag };
  SiagaDiag *later = siaga_diag_new();
  GThread *thread = siaga_threads_worth(2) > 1 ? g_thread_try_new("siaga-patterns", _load_patterns, &job, NULL) : NULL;
  _load_rest(self, spec, parts, later);
  self->patterns = thread ? g_thread_join(thread) : _load_patterns(&job);
  siaga_diag_take(diag, later);
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
  siaga_allow_free(self->allow);
  siaga_rules_unref(self->rules);
  siaga_seen_names_free(self->seen);
  siaga_lookalikes_free(self->lookalikes);
  siaga_lists_free(self->lists);
  siaga_victims_unref(self->victims);
  siaga_patterns_free(self->patterns);
  siaga_geo_free(self->geo);
  siaga_fields_unref(self->fields);
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

void
siaga_chain_classify(const SiagaChain *self, SiagaEvent *event)
{
  if (self->victims)
    siaga_victims_classify(self->victims, &self->victim_options, event);
}

gboolean
siaga_chain_match(const SiagaChain *self, const SiagaEvent *event, SiagaHits *hits)
{
  hits->count = 0;
  hits->overflow = FALSE;
  return self->rules && siaga_rules_match(self->rules, event, hits);
}

gboolean
siaga_chain_detect(const SiagaChain *self, SiagaEvent *event, SiagaHits *hits)
{
  siaga_chain_classify(self, event);
  return siaga_chain_match(self, event, hits);
}

void
siaga_chain_complete(const SiagaChain *self, SiagaChanges *changes)
{
  for (guint i = 0; self->victims && i < changes->changes->len; i++)
    siaga_victims_complete(self->victims, g_ptr_array_index(changes->changes, i));
}
