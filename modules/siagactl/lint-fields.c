/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl lint: which fields the samples of all patterns yield, the derived ones included. */

#include "siagactl/siagactl.h"

#include <siaga/yaml.h>

#include <string.h>

struct _CtlYield
{
  SiagaChain *chain;
  const CtlOptions *options;
  SiagaEvent *event;
  SiagaArena *arena;
  gboolean yielded[SIAGA_FIELD_MAX];
};

/* Come from databases and lists of the site. */
static gboolean
_is_the_site_s(const gchar *name)
{
  static const gchar *const prefixes[] = { "source.geo.", "source.as.", "siaga.list.", "siaga.lookalike." };
  for (guint i = 0; i < G_N_ELEMENTS(prefixes); i++)
    if (g_str_has_prefix(name, prefixes[i]))
      return TRUE;
  return FALSE;
}

static gboolean
_parse(const CtlYield *self, const gchar *line)
{
  siaga_chain_parse(self->chain, line, strlen(line), NULL, &self->options->time, self->arena, self->event);
  return self->event->parsed;
}

static const gchar *
_first_program(const SiagaYaml *document)
{
  const SiagaYaml *program = siaga_yaml_get(siaga_yaml_get(document, "applies-to"), "program");
  if (program && program->kind == SIAGA_YAML_LIST && program->size)
    program = program->values[0];
  return program && program->kind == SIAGA_YAML_SCALAR ? program->text : NULL;
}

/* A sample without a header is said by the file's first program. */
const SiagaEvent *
ctl_yield_read(const CtlYield *self, const SiagaYaml *document, const gchar *line)
{
  const gchar *program = _first_program(document);
  if (_parse(self, line))
    return self->event;
  if (!program)
    return NULL;
  gchar *whole = g_strdup_printf("Mar  1 08:00:00 host %s[1]: %s", program, line);
  gboolean parsed = _parse(self, whole);
  g_free(whole);
  return parsed ? self->event : NULL;
}

static void
_take_sample(CtlYield *self, const SiagaYaml *document, const gchar *line)
{
  SiagaHits hits;
  if (!ctl_yield_read(self, document, line))
    return;
  siaga_chain_detect(self->chain, self->event, &hits);
  for (guint i = 0; i < self->event->count; i++)
    self->yielded[self->event->values[i].field] = TRUE;
}

static void
_take_document(CtlYield *self, const SiagaYaml *document)
{
  const SiagaYaml *patterns = siaga_yaml_get(document, "patterns");
  for (guint i = 0; patterns && patterns->kind == SIAGA_YAML_LIST && i < patterns->size; i++)
    {
      const SiagaYaml *samples = siaga_yaml_get(patterns->values[i], "samples");
      for (guint k = 0; samples && samples->kind == SIAGA_YAML_LIST && k < samples->size; k++)
        {
          const SiagaYaml *sample = samples->values[k], *line = siaga_yaml_get(sample, "line");
          line = line ? line : sample;
          if (line->kind == SIAGA_YAML_SCALAR)
            _take_sample(self, document, line->text);
        }
    }
}

static void
_take_files(CtlYield *self)
{
  GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < siaga_patterns_size(self->chain->patterns); i++)
    {
      SiagaPatternInfo info;
      siaga_patterns_info(self->chain->patterns, i, &info);
      if (!info.place.file || !g_hash_table_add(seen, (gpointer) info.place.file))
        continue;
      SiagaYamlFile *file = siaga_yaml_load(info.place.file, NULL);
      for (guint k = 0; file && k < file->documents->len; k++)
        _take_document(self, g_ptr_array_index(file->documents, k));
      siaga_yaml_free(file);
    }
  g_hash_table_unref(seen);
}

CtlYield *
ctl_yield_new(const CtlOptions *options)
{
  CtlTargets *targets = ctl_targets_new(options);
  SiagaChainSpec spec;
  ctl_targets_extend(targets, options, &spec);
  SiagaChain *chain = siaga_chain_load(&spec, SIAGA_CHAIN_VICTIMS, NULL);
  ctl_targets_extend_clear(&spec);
  ctl_targets_free(targets);
  if (!chain)
    return NULL;
  CtlYield *self = g_new0(CtlYield, 1);
  self->chain = chain;
  self->options = options;
  self->event = siaga_event_new(chain->fields);
  self->arena = siaga_arena_new();
  _take_files(self);
  return self;
}

void
ctl_yield_free(CtlYield *self)
{
  if (!self)
    return;
  siaga_event_free(self->event);
  siaga_arena_free(self->arena);
  siaga_chain_free(self->chain);
  g_free(self);
}

gboolean
ctl_yield_lacks(const CtlYield *self, const gchar *name)
{
  SiagaFieldId field = siaga_fields_lookup(self->chain->fields, name, -1);
  return field != SIAGA_FIELD_NONE && !self->yielded[field] && !_is_the_site_s(name);
}
