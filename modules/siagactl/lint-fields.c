/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl lint: which fields the samples of all patterns yield, the derived ones included. */

#include "siagactl/siagactl.h"

#include <siaga/yaml.h>

#include <string.h>

typedef struct
{
  SiagaChain *chain;
  const CtlOptions *options;
  SiagaEvent *event;
  SiagaArena *arena;
  gboolean *yielded; /* by field */
} Yield;

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
_try(Yield *self, const gchar *line)
{
  SiagaHits hits;
  siaga_chain_parse(self->chain, line, strlen(line), NULL, &self->options->time, self->arena, self->event);
  if (!self->event->parsed)
    return FALSE;
  siaga_chain_detect(self->chain, self->event, &hits);
  for (guint i = 0; i < self->event->count; i++)
    self->yielded[self->event->values[i].field] = TRUE;
  return TRUE;
}

/* A sample without a header is said by the file's first program. */
static void
_try_sample(Yield *self, const gchar *program, const gchar *line)
{
  if (_try(self, line) || !program)
    return;
  gchar *whole = g_strdup_printf("Mar  1 08:00:00 host %s[1]: %s", program, line);
  _try(self, whole);
  g_free(whole);
}

static const gchar *
_first_program(const SiagaYaml *document)
{
  const SiagaYaml *program = siaga_yaml_get(siaga_yaml_get(document, "applies-to"), "program");
  if (program && program->kind == SIAGA_YAML_LIST && program->size)
    program = program->values[0];
  return program && program->kind == SIAGA_YAML_SCALAR ? program->text : NULL;
}

static void
_take_document(Yield *self, const SiagaYaml *document)
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
            _try_sample(self, _first_program(document), line->text);
        }
    }
}

static void
_take_files(Yield *self)
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

struct _CtlYield
{
  SiagaChain *chain;
  gboolean yielded[SIAGA_FIELD_MAX];
};

CtlYield *
ctl_yield_new(const CtlOptions *options)
{
  SiagaChain *chain = siaga_chain_load(&options->spec, SIAGA_CHAIN_VICTIMS, NULL);
  if (!chain)
    return NULL;
  CtlYield *self = g_new0(CtlYield, 1);
  Yield run = { chain, options, siaga_event_new(chain->fields), siaga_arena_new(), self->yielded };
  self->chain = chain;
  _take_files(&run);
  siaga_event_free(run.event);
  siaga_arena_free(run.arena);
  return self;
}

void
ctl_yield_free(CtlYield *self)
{
  if (!self)
    return;
  siaga_chain_free(self->chain);
  g_free(self);
}

gboolean
ctl_yield_lacks(const CtlYield *self, const gchar *name)
{
  SiagaFieldId field = siaga_fields_lookup(self->chain->fields, name, -1);
  return field != SIAGA_FIELD_NONE && !self->yielded[field] && !_is_the_site_s(name);
}
