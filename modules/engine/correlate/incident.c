/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The incident record: made, copied, freed, said in one line. */

#include "incident-own.h"

#include <string.h>

const gchar *
siaga_incident_state_name(SiagaIncidentState state)
{
  static const gchar *const names[] = { "open", "update", "close" };
  return names[state];
}

static void
_evidence_free(gpointer data)
{
  SiagaEvidence *evidence = data;
  g_free(evidence->line);
  g_free(evidence);
}

static void
_timeline_free(gpointer data)
{
  SiagaTimelineEntry *entry = data;
  g_free(entry->what);
  g_free(entry);
}

/* Every list of text there is, for those who treat them alike. */
#define TEXT_LISTS 8

static void
_text_lists(SiagaIncident *self, GPtrArray **lists[TEXT_LISTS])
{
  GPtrArray **all[TEXT_LISTS] = { &self->group_values, &self->sources.first, &self->users.first, &self->targets.first,
                                  &self->stages,       &self->children,      &self->tags,        &self->fields };
  memcpy(lists, all, sizeof all);
}

#define TEXTS 10

static void
_texts(SiagaIncident *self, gchar **texts[TEXTS])
{
  gchar **all[TEXTS] = { &self->victim_domain, &self->victim_ip,     &self->victim_country, &self->victim_sector,
                         &self->victim_owner,  &self->victim_csirt,  &self->victim_claimed, &self->source_ip,
                         &self->source_actor,  &self->source_country };
  memcpy(texts, all, sizeof all);
}

SiagaIncident *
siaga_incident_new(void)
{
  SiagaIncident *self = g_new0(SiagaIncident, 1);
  GPtrArray **lists[TEXT_LISTS];
  _text_lists(self, lists);
  for (guint i = 0; i < TEXT_LISTS; i++)
    *lists[i] = g_ptr_array_new_with_free_func(g_free);
  self->group_fields = g_ptr_array_new();
  self->evidence = g_ptr_array_new_with_free_func(_evidence_free);
  self->timeline = g_ptr_array_new_with_free_func(_timeline_free);
  return self;
}

void
siaga_incident_free(SiagaIncident *self)
{
  GPtrArray **lists[TEXT_LISTS];
  gchar **texts[TEXTS];
  if (!self)
    return;
  _text_lists(self, lists);
  for (guint i = 0; i < TEXT_LISTS; i++)
    g_ptr_array_unref(*lists[i]);
  _texts(self, texts);
  for (guint i = 0; i < TEXTS; i++)
    g_free(*texts[i]);
  g_ptr_array_unref(self->group_fields);
  g_ptr_array_unref(self->evidence);
  g_ptr_array_unref(self->timeline);
  siaga_incident_own_unref(self->own);
  if (self->rules)
    siaga_rules_unref(self->rules);
  g_free(self);
}

static GPtrArray *
_copy_texts(const GPtrArray *from)
{
  GPtrArray *to = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < from->len; i++)
    g_ptr_array_add(to, g_strdup(from->pdata[i]));
  return to;
}

static GPtrArray *
_copy_evidence(const GPtrArray *from)
{
  GPtrArray *to = g_ptr_array_new_with_free_func(_evidence_free);
  for (guint i = 0; i < from->len; i++)
    {
      const SiagaEvidence *old = from->pdata[i];
      SiagaEvidence *evidence = g_new(SiagaEvidence, 1);
      *evidence = *old;
      evidence->line = g_malloc(old->length + 1);
      memcpy(evidence->line, old->line, old->length + 1);
      g_ptr_array_add(to, evidence);
    }
  return to;
}

static GPtrArray *
_copy_timeline(const GPtrArray *from)
{
  GPtrArray *to = g_ptr_array_new_with_free_func(_timeline_free);
  for (guint i = 0; i < from->len; i++)
    {
      const SiagaTimelineEntry *old = from->pdata[i];
      SiagaTimelineEntry *entry = g_new(SiagaTimelineEntry, 1);
      *entry = (SiagaTimelineEntry){ old->time, g_strdup(old->what) };
      g_ptr_array_add(to, entry);
    }
  return to;
}

SiagaIncident *
siaga_incident_copy(const SiagaIncident *self)
{
  SiagaIncident *copy = g_new(SiagaIncident, 1);
  GPtrArray **lists[TEXT_LISTS];
  gchar **texts[TEXTS];

  *copy = *self;
  _text_lists(copy, lists);
  for (guint i = 0; i < TEXT_LISTS; i++)
    *lists[i] = _copy_texts(*lists[i]);
  _texts(copy, texts);
  for (guint i = 0; i < TEXTS; i++)
    *texts[i] = g_strdup(*texts[i]);
  copy->group_fields = g_ptr_array_sized_new(self->group_fields->len);
  for (guint i = 0; i < self->group_fields->len; i++)
    g_ptr_array_add(copy->group_fields, self->group_fields->pdata[i]);
  copy->evidence = _copy_evidence(self->evidence);
  copy->timeline = _copy_timeline(self->timeline);
  siaga_incident_own_ref(copy->own);
  if (copy->rules)
    siaga_rules_ref(copy->rules);
  return copy;
}

static void
_append_span(GString *out, SiagaTime span)
{
  static const struct
  {
    const gchar *unit;
    gint64 seconds;
  } units[] = { { "d", 86400 }, { "h", 3600 }, { "min", 60 }, { "s", 1 } };
  gint64 seconds = MAX(span / SIAGA_SECOND, 0);
  for (guint i = 0; i < G_N_ELEMENTS(units); i++)
    if (seconds >= 2 * units[i].seconds || i + 1 == G_N_ELEMENTS(units))
      {
        g_string_append_printf(out, " in %" G_GINT64_FORMAT " %s", (seconds + units[i].seconds - 1) / units[i].seconds,
                               units[i].unit);
        return;
      }
}

/* Text that a client may have chosen goes to terminals: control characters become '?'. */
static void
_append_clean(GString *out, const gchar *text)
{
  gchar *valid = g_utf8_make_valid(text, -1);
  for (const gchar *at = valid; *at; at = g_utf8_next_char(at))
    {
      gunichar c = g_utf8_get_char(at);
      g_string_append_unichar(out, g_unichar_iscntrl(c) || c == 0x2028 || c == 0x2029 ? '?' : c);
    }
  g_free(valid);
}

static void
_append_who(const SiagaIncident *self, GString *out)
{
  const gchar *source = self->source_actor ? self->source_actor : self->source_ip;
  const gchar *victim = self->victim_domain ? self->victim_domain : self->victim_ip;
  if (source)
    {
      g_string_append(out, " by ");
      _append_clean(out, source);
    }
  else if (self->sources.distinct > 1)
    g_string_append_printf(out, " by %s%" G_GUINT64_FORMAT " sources", self->sources.approximate ? "about " : "",
                           self->sources.distinct);
  if (!victim && self->targets.first->len)
    victim = self->targets.first->pdata[0];
  if (!victim)
    return;
  g_string_append(out, " on ");
  _append_clean(out, victim);
  if (self->targets.distinct > 1)
    g_string_append_printf(out, " and %s%" G_GUINT64_FORMAT " more", self->targets.approximate ? "about " : "",
                           self->targets.distinct - 1);
}

void
siaga_incident_format_text(const SiagaIncident *self, GString *out)
{
  g_string_append_printf(out, "%s: ", siaga_level_name(self->level));
  _append_clean(out, self->rule && self->rule->title ? self->rule->title : "incident");
  _append_who(self, out);
  /* What a campaign counts are incidents. */
  const gchar *counted = g_strcmp0(self->rule->category, "campaign") == 0 ? "incident" : "event";
  g_string_append_printf(out, ": %" G_GUINT64_FORMAT " %s%s", self->count, counted, self->count == 1 ? "" : "s");
  if (self->count > 1)
    _append_span(out, self->last_seen - self->first_seen);
  if (self->state == SIAGA_INCIDENT_CLOSE)
    g_string_append_printf(out, ", closed: %s", self->reason ? self->reason : "over");
}
