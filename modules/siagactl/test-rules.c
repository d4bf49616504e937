/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Samples of detection rules: a sample makes its rule fire, a reject does not. */

#include "siagactl/siagactl.h"

#include <string.h>

typedef struct
{
  const SiagaChain *chain;
  const SiagaTimeContext *time;
  SiagaEvent *event;
  SiagaArena *arena;
  SiagaDiag *diag;
} Tester;

static void
_add_given(const SiagaFields *fields, const gchar *const *given, SiagaEvent *event)
{
  for (; *given; given += 2)
    {
      SiagaFieldId field = siaga_fields_lookup(fields, given[0], -1);
      if (siaga_fields_get(fields, field)->type == SIAGA_FT_LONG)
        siaga_event_set_int(event, field, g_ascii_strtoll(given[1], NULL, 10));
      else
        siaga_event_add(event, field, given[1], strlen(given[1]));
    }
}

void
ctl_detect_sample(const SiagaChain *chain, const SiagaRuleSample *sample, const SiagaTimeContext *time,
                  SiagaArena *arena, SiagaEvent *event, SiagaHits *hits)
{
  siaga_chain_parse(chain, sample->line, strlen(sample->line), NULL, time, arena, event);
  siaga_chain_detect(chain, event, hits);
  if (!sample->given)
    return;
  _add_given(chain->fields, sample->given, event);
  siaga_rules_match(chain->rules, event, hits);
}

static gboolean
_fires(Tester *self, guint rule, const SiagaRuleSample *sample)
{
  SiagaHits hits;
  ctl_detect_sample(self->chain, sample, self->time, self->arena, self->event, &hits);
  for (guint i = 0; i < hits.count; i++)
    if (hits.rule[i] == rule)
      return TRUE;
  return FALSE;
}

static void
_report_silent(Tester *self, const SiagaRule *rule, const SiagaRuleSample *sample)
{
  GString *why = g_string_new(NULL);
  if (!self->event->parsed)
    g_string_append(why, "no pattern parses the line");
  else
    siaga_rules_explain(self->chain->rules, self->event, rule->index, why);
  g_strdelimit(why->str, "\n", ';');
  siaga_diag_error(self->diag, sample->place, "the sample does not fire rule '%s': %s", rule->title, why->str);
  g_string_free(why, TRUE);
}

static guint
_test_rule(Tester *self, const SiagaRule *rule)
{
  guint count;
  const SiagaRuleSample *samples = siaga_rules_samples(self->chain->rules, rule->index, &count);
  for (guint i = 0; i < count; i++)
    {
      gboolean fires = _fires(self, rule->index, &samples[i]);
      if (fires && samples[i].reject)
        siaga_diag_error(self->diag, samples[i].place, "rule '%s' fires on its reject", rule->title);
      else if (!fires && !samples[i].reject)
        _report_silent(self, rule, &samples[i]);
    }
  return count;
}

guint
ctl_test_rules(const SiagaChain *chain, const CtlTargets *targets, const SiagaTimeContext *time, SiagaDiag *diag)
{
  Tester self = {
    .chain = chain,
    .time = time,
    .event = siaga_event_new(chain->fields),
    .arena = siaga_arena_new(),
    .diag = diag,
  };
  guint count = 0;
  for (guint i = 0; i < siaga_rules_size(chain->rules); i++)
    {
      const SiagaRule *rule = siaga_rules_get(chain->rules, i);
      if (ctl_targets_cover(targets, rule->place.file))
        count += _test_rule(&self, rule);
    }
  siaga_event_free(self.event);
  siaga_arena_free(self.arena);
  return count;
}
