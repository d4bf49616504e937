/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The fixture of the correlator's tests. */

#include "fixture.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static SiagaRule *
_add_rule(Fixture *self, const gchar *name, SiagaLevel level)
{
  SiagaRule *rule = &self->rules[self->count];
  rule->index = self->count;
  rule->id = rule->name = rule->title = name;
  rule->level = level;
  rule->version = 1;
  self->records[self->count++] = rule;
  return rule;
}

void
fixture_init(Fixture *self, const gchar *detections)
{
  memset(self, 0, sizeof *self);
  gchar *path = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "fields.yaml", NULL);
  self->diag = siaga_diag_new();
  self->fields = siaga_fields_load(path, self->diag);
  ck_assert_ptr_nonnull(self->fields);
  g_free(path);
  self->event = siaga_event_new(self->fields);
  self->correlations = siaga_correlations_new(self->fields);
  siaga_correlator_options_init(&self->options);
  self->stream = 1;
  gchar **names = g_strsplit(detections, " ", -1);
  for (guint i = 0; names[i]; i++)
    {
      gsize length = strlen(names[i]);
      gboolean high = length && names[i][length - 1] == '!';
      names[i][length - high] = '\0';
      _add_rule(self, g_intern_string(names[i]), high ? SIAGA_LEVEL_HIGH : SIAGA_LEVEL_INFORMATIONAL);
    }
  g_strfreev(names);
}

static const gchar *
_text(const SiagaYaml *document, const gchar *key, const gchar *fallback)
{
  const gchar *text = siaga_yaml_get_text(document, key);
  return g_intern_string(text ? text : fallback);
}

static void
_read_mild(SiagaRule *rule, const SiagaYaml *mild)
{
  if (!mild)
    return;
  rule->mild.level = siaga_level_by_name(_text(mild, "level", "low"));
  rule->mild.below = atoi(_text(mild, "below", "0"));
  static const gchar *varied[SIAGA_VARIED_MAX + 1];
  varied[0] = siaga_yaml_get(mild, "varied") ? _text(mild, "varied", "") : NULL;
  rule->mild.varied = varied;
  rule->mild.crowd = siaga_yaml_get(mild, "crowd") ? _text(mild, "crowd", "") : NULL;
}

void
fixture_correlation(Fixture *self, const gchar *yaml)
{
  SiagaYamlFile *file = siaga_yaml_parse("rule.yml", yaml, strlen(yaml), self->diag);
  ck_assert_ptr_nonnull(file);
  for (guint i = 0; i < file->documents->len; i++)
    {
      const SiagaYaml *document = file->documents->pdata[i];
      SiagaRule *rule = _add_rule(self, _text(document, "name", "correlation"),
                                  siaga_level_by_name(_text(document, "level", "high")));
      rule->correlation = TRUE;
      _read_mild(rule, siaga_yaml_get(document, "mild"));
      rule->beside = siaga_yaml_get(document, "beside") ? _text(document, "beside", "") : NULL;
      rule->follows = siaga_yaml_get(document, "follows") ? _text(document, "follows", "") : NULL;
      rule->strangers = siaga_yaml_get(document, "strangers") ? _text(document, "strangers", "") : NULL;
      rule->newcomers = siaga_yaml_get(document, "newcomers") ? _text(document, "newcomers", "") : NULL;
      rule->forgiven = siaga_yaml_get(document, "forgiven") ? _text(document, "forgiven", "") : NULL;
      rule->first_seen = g_strcmp0(siaga_yaml_get_text(document, "first-seen"), "true") == 0;
      rule->apart = atoi(_text(document, "apart", "0"));
      rule->echo = atoi(_text(document, "echo", "0"));
      rule->generate = g_strcmp0(siaga_yaml_get_text(document, "generate"), "true") == 0;
      if (!siaga_correlations_add(self->correlations, rule->index, document, self->diag))
        self->records[rule->index] = NULL;
    }
  siaga_yaml_free(file);
}

static gint
_find(gpointer user_data, const gchar *name)
{
  Fixture *self = user_data;
  for (guint i = 0; i < self->count; i++)
    if (self->records[i] && strcmp(self->records[i]->name, name) == 0)
      return i;
  return -1;
}

static void
_mark(SiagaRules *rules, guint index)
{
  Fixture *self = (Fixture *) (gpointer) rules;
  self->rules[index].referenced = TRUE;
}

void
fixture_start(Fixture *self)
{
  siaga_correlations_resolve_with(self->correlations, _find, _mark, self, self->diag);
  self->view = (SiagaRuleView){
    .records = self->records, .count = self->count, .correlations = self->correlations, .fields = self->fields
  };
  self->correlator = siaga_correlator_new_view(&self->view, &self->options);
  siaga_changes_init(&self->changes);
}

void
fixture_clear(Fixture *self)
{
  if (self->correlator)
    siaga_changes_clear(&self->changes);
  siaga_correlator_free(self->correlator);
  siaga_correlations_free(self->correlations);
  siaga_event_free(self->event);
  siaga_fields_unref(self->fields);
  siaga_diag_free(self->diag);
}

/* Texts stand in FIELDS itself, the end of the line, as those of a parsed line do. */
static void
_set_fields(Fixture *self, const gchar *fields)
{
  gchar **pairs = g_strsplit(fields, " ", -1);
  for (guint i = 0; pairs[i] && *pairs[i]; fields += strlen(pairs[i]) + 1, i++)
    {
      gchar *equals = strchr(pairs[i], '=');
      SiagaFieldId field = siaga_fields_lookup(self->fields, pairs[i], equals - pairs[i]);
      ck_assert_msg(field != SIAGA_FIELD_NONE, "no field %s", pairs[i]);
      if (siaga_fields_get(self->fields, field)->type == SIAGA_FT_LONG)
        siaga_event_set_int(self->event, field, g_ascii_strtoll(equals + 1, NULL, 10));
      else
        siaga_event_add(self->event, field, fields + (equals + 1 - pairs[i]), strlen(equals + 1));
    }
  g_strfreev(pairs);
}

void
fixture_feed(Fixture *self, SiagaTime time, const gchar *names, const gchar *fields)
{
  SiagaHits hits = { 0 };
  gchar **list = g_strsplit(names, " ", -1);
  gchar *written = g_strdup_printf("%s at %" G_GINT64_FORMAT " %s", names, time, fields);

  siaga_event_reset(self->event);
  /* lives as long as the event, which is looked at after this */
  const gchar *line = siaga_arena_copy(self->event->arena, written, strlen(written) + 1);
  g_free(written);
  self->event->time = T0 + time;
  self->event->time_kind = SIAGA_TIME_LINE;
  self->event->original = line;
  self->event->original_length = strlen(line);
  _set_fields(self, line + strlen(line) - strlen(fields));
  for (guint i = 0; list[i] && *list[i]; i++)
    hits.rule[hits.count++] = _find(self, list[i]);
  SiagaOrigin origin = { .stream = self->stream,
                         .line_hash = g_str_hash(line) | 1,
                         .host = siaga_origin_host(self->event) };
  siaga_correlator_feed(self->correlator, self->event, &hits, &origin, &self->changes);
  g_strfreev(list);
}

void
fixture_finish(Fixture *self)
{
  siaga_correlator_finish(self->correlator, &self->changes);
}

const SiagaIncident *
fixture_change(const Fixture *self, guint index)
{
  ck_assert_uint_lt(index, self->changes.changes->len);
  return self->changes.changes->pdata[index];
}

guint
fixture_changes(const Fixture *self)
{
  return self->changes.changes->len;
}

GPtrArray *
fixture_final(const Fixture *self)
{
  GPtrArray *final = g_ptr_array_new();
  for (guint i = 0; i < self->changes.changes->len; i++)
    {
      SiagaIncident *change = self->changes.changes->pdata[i];
      guint at = 0;
      while (at < final->len && strcmp(((SiagaIncident *) final->pdata[at])->uuid, change->uuid) != 0)
        at++;
      if (at == final->len)
        g_ptr_array_add(final, change);
      else
        final->pdata[at] = change;
    }
  return final;
}

gchar *
fixture_errors(const Fixture *self)
{
  GString *out = g_string_new(NULL);
  for (guint i = 0; i < siaga_diag_size(self->diag); i++)
    {
      if (i)
        g_string_append_c(out, '\n');
      siaga_diag_format(siaga_diag_get(self->diag, i), out);
    }
  return g_string_free(out, FALSE);
}

/* The tests reach below the rule set: should it not be linked in, this is all they need of it. */
#define WEAK __attribute__((weak))

WEAK SiagaRules *
siaga_rules_ref(SiagaRules *rules)
{
  return rules;
}

WEAK void
siaga_rules_unref(SiagaRules *rules)
{
  (void) rules;
}
