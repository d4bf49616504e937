/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Makes the incident that leaves the correlator from the case that stays. */

#include "case.h"
#include "uuid.h"

#include <string.h>

static SiagaSketch *
_track(const SiagaCase *self, const SiagaPlan *plan, SiagaFieldId field)
{
  guint8 column = plan->tracked_of[field];
  return column < SIAGA_TRACKED_MAX ? self->tracks[column] : NULL;
}

static gchar *
_single(const SiagaCase *self, const SiagaPlan *plan, SiagaFieldId field)
{
  return g_strdup(siaga_case_single(self, plan->tracked_of[field]));
}

/* The first that was seen: a victim of many is named by its first. */
static gchar *
_first(const SiagaCase *self, const SiagaPlan *plan, SiagaFieldId field)
{
  const SiagaSketch *track = _track(self, plan, field);
  return track && track->count ? g_strdup(track->names[0]) : NULL;
}

/* The one field whose values the rule counts, SIAGA_FIELD_NONE: there is none. */
static SiagaFieldId
_counted_field(const SiagaCase *self)
{
  const SiagaWatch *watch = self->watch;
  if (watch->kind != SIAGA_WK_VALUES || watch->correlation->values->len != 1)
    return SIAGA_FIELD_NONE;
  return g_array_index(watch->correlation->values, SiagaFieldId, 0);
}

/* LEAST: so many there are at least.  What came long before the incident opened has no record any more, but the rule
 * that counts it knows. */
static void
_fill_distinct(SiagaDistinct *distinct, const SiagaSketch *track, guint64 least)
{
  if (!track)
    return;
  distinct->distinct = siaga_sketch_distinct(track, &distinct->approximate);
  distinct->approximate = distinct->approximate || distinct->distinct < least;
  distinct->distinct = MAX(distinct->distinct, least);
  for (guint i = 0; i < track->count; i++)
    g_ptr_array_add(distinct->first, g_strdup(track->names[i]));
}

static void
_fill_group(SiagaIncident *out, const SiagaCase *self, const SiagaPlan *plan)
{
  const SiagaGroup *group = &g_array_index(plan->groups, SiagaGroup, self->watch->group);
  for (guint i = 0; i < group->count; i++)
    {
      gsize length;
      const gchar *value = siaga_key_value(self->key, i, &length);
      if (!length)
        continue;
      g_ptr_array_add(out->group_fields, (gpointer) group->fields[i]);
      g_ptr_array_add(out->group_values, g_strndup(value, length));
    }
}

static void
_add_evidence(SiagaIncident *out, const SiagaProof *proof)
{
  SiagaEvidence *evidence = g_new0(SiagaEvidence, 1);
  evidence->time = proof->time;
  evidence->line = g_malloc(proof->length + 1);
  memcpy(evidence->line, proof->line, proof->length);
  evidence->line[proof->length] = '\0';
  evidence->length = proof->length;
  if (proof->has_digest)
    for (guint i = 0; i < 32; i++)
      g_snprintf(evidence->sha256 + 2 * i, 3, "%02x", proof->digest[i]);
  else
    {
      gchar *hex = g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *) proof->line, proof->length);
      g_strlcpy(evidence->sha256, hex, sizeof evidence->sha256);
      g_free(hex);
    }
  g_ptr_array_add(out->evidence, evidence);
}

static void
_fill_evidence(SiagaIncident *out, const SiagaCase *self)
{
  for (guint i = 0; i < SIAGA_EVIDENCE_SIDE && i < self->proof_count; i++)
    _add_evidence(out, self->proofs[i]);
  if (self->proof_count <= SIAGA_EVIDENCE_SIDE)
    return;
  guint last = MIN(self->proof_count - SIAGA_EVIDENCE_SIDE, SIAGA_EVIDENCE_SIDE);
  for (guint i = self->proof_count - last; i < self->proof_count; i++)
    _add_evidence(out, self->proofs[SIAGA_EVIDENCE_SIDE + (i - SIAGA_EVIDENCE_SIDE) % SIAGA_EVIDENCE_SIDE]);
}

static void
_fill_timeline(SiagaIncident *out, const SiagaCase *self)
{
  for (guint i = 0; i < self->moment_count; i++)
    {
      SiagaTimelineEntry *entry = g_new0(SiagaTimelineEntry, 1);
      entry->time = self->moments[i].time;
      entry->what = g_strdup(self->moments[i].what);
      g_ptr_array_add(out->timeline, entry);
    }
}

static void
_fill_victim(SiagaIncident *out, const SiagaCase *self, const SiagaPlan *plan)
{
  out->victim_domain = _first(self, plan, SIAGA_F_VICTIM_DOMAIN);
  out->victim_ip = _first(self, plan, SIAGA_F_VICTIM_IP);
  out->victim_country = _first(self, plan, SIAGA_F_VICTIM_COUNTRY);
  out->victim_sector = _first(self, plan, SIAGA_F_VICTIM_SECTOR);
  out->victim_owner = _first(self, plan, SIAGA_F_VICTIM_OWNER);
  out->victim_csirt = _first(self, plan, SIAGA_F_VICTIM_CSIRT);
  out->victim_claimed = _single(self, plan, SIAGA_F_VICTIM_CLAIMED);
}

static void
_fill_source(SiagaIncident *out, const SiagaCase *self, const SiagaPlan *plan)
{
  /* One visitor alone is no attacker either: the crawler that was shown what others planted. */
  if (!self->watch->meta->crowd)
    {
      out->source_ip = _single(self, plan, SIAGA_F_SOURCE_IP);
      out->source_actor = _single(self, plan, SIAGA_F_SOURCE_ACTOR);
      out->source_country = _single(self, plan, SIAGA_F_SOURCE_COUNTRY);
    }
  for (guint i = 0; i < out->group_fields->len; i++)
    {
      const SiagaField *field = out->group_fields->pdata[i];
      const gchar *value = out->group_values->pdata[i];
      gboolean actor = strcmp(field->name, "source.actor") == 0;
      if (strcmp(field->name, "source.ip") == 0 || (actor && !out->source_ip && g_hostname_is_ip_address(value)))
        {
          g_free(out->source_ip);
          out->source_ip = g_strdup(value);
        }
      if (actor)
        {
          g_free(out->source_actor);
          out->source_actor = g_strdup(value);
        }
    }
}

static void
_add_tag(SiagaIncident *out, gchar *tag)
{
  for (guint i = 0; i < out->tags->len; i++)
    if (strcmp(out->tags->pdata[i], tag) == 0)
      {
        g_free(tag);
        return;
      }
  g_ptr_array_add(out->tags, tag);
}

static void
_add_government_tags(SiagaIncident *out, const SiagaSketch *countries)
{
  _add_tag(out, g_strdup("gov"));
  for (guint i = 0; countries && i < countries->count; i++)
    {
      gchar *country = g_ascii_strdown(countries->names[i], -1);
      _add_tag(out, g_strconcat("gov.", country, NULL));
      g_free(country);
    }
}

static void
_fill_tags(SiagaIncident *out, const SiagaCase *self, const SiagaPlan *plan)
{
  const SiagaSketch *sectors = _track(self, plan, SIAGA_F_VICTIM_SECTOR);
  for (guint i = 0; sectors && i < sectors->count; i++)
    _add_tag(out, g_strconcat("sector.", sectors->names[i], NULL));
  if (_track(self, plan, SIAGA_F_VICTIM_GOVERNMENT))
    _add_government_tags(out, _track(self, plan, SIAGA_F_VICTIM_COUNTRY));
  if (_track(self, plan, SIAGA_F_LOOKALIKE_OF))
    _add_tag(out, g_strdup("lookalike"));
  if (out->spoofed)
    _add_tag(out, g_strdup("spoofed"));
  if (out->crowd)
    _add_tag(out, g_strdup("crowd"));
  if (out->simulated)
    _add_tag(out, g_strdup("simulated"));
  if (out->degraded)
    _add_tag(out, g_strdup("degraded"));
}

/* Fields with one value over all events, which are not said elsewhere. */
static void
_fill_fields(SiagaIncident *out, const SiagaCase *self, const SiagaPlan *plan)
{
  for (guint column = 0; column < plan->tracked_count; column++)
    {
      const gchar *value = siaga_case_single(self, column);
      if (!value)
        continue;
      const SiagaField *field = siaga_fields_get(plan->view.fields, plan->tracked[column]);
      g_ptr_array_add(out->fields, g_strdup(field->name));
      g_ptr_array_add(out->fields, g_strdup(value));
    }
}

/* SIAGA_FIELD_NONE: no target is known. */
static SiagaFieldId
_target_field(const SiagaCase *self, const SiagaPlan *plan)
{
  static const SiagaFieldId fields[] = { SIAGA_F_VICTIM_DOMAIN, SIAGA_F_VICTIM_IP, SIAGA_F_URL_DOMAIN,
                                         SIAGA_F_HOST_HOSTNAME };
  for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
    {
      const SiagaSketch *track = _track(self, plan, fields[i]);
      if (track && track->count)
        return fields[i];
    }
  return SIAGA_FIELD_NONE;
}

/* Each actor and each network that is counted has an address of its own. */
static gboolean
_is_of_sources(SiagaFieldId field)
{
  return field == SIAGA_F_SOURCE_IP || field == SIAGA_F_SOURCE_ADDRESS || field == SIAGA_F_SOURCE_ACTOR ||
         field == SIAGA_F_SOURCE_SUBNET;
}

static void
_fill_who(SiagaIncident *out, const SiagaCase *self, const SiagaPlan *plan)
{
  const SiagaSketch *sources = _track(self, plan, SIAGA_F_SOURCE_IP);
  SiagaFieldId counted = _counted_field(self), target = _target_field(self, plan);
  guint64 need = self->watch->need;
  _fill_distinct(&out->sources, sources ? sources : _track(self, plan, SIAGA_F_SOURCE_ADDRESS),
                 _is_of_sources(counted) ? need : 0);
  _fill_distinct(&out->users, _track(self, plan, SIAGA_F_USER_NAME), counted == SIAGA_F_USER_NAME ? need : 0);
  if (target != SIAGA_FIELD_NONE)
    _fill_distinct(&out->targets, _track(self, plan, target), counted == target ? need : 0);
}

static void
_fill_arrays(SiagaIncident *out, const SiagaCase *self, const SiagaPlan *plan)
{
  _fill_who(out, self, plan);
  _fill_group(out, self, plan);
  _fill_evidence(out, self);
  _fill_timeline(out, self);
  _fill_victim(out, self, plan);
  _fill_source(out, self, plan);
  _fill_tags(out, self, plan);
  _fill_fields(out, self, plan);
  for (guint i = 0; siaga_campaign_stage_name(i); i++)
    if (self->stages & (1u << i))
      g_ptr_array_add(out->stages, g_strdup(siaga_campaign_stage_name(i)));
  for (guint i = 0; self->children && i < self->children->len; i++)
    g_ptr_array_add(out->children, g_strdup(self->children->pdata[i]));
}

static void
_fill_head(SiagaIncident *out, const SiagaCase *self, SiagaIncidentState state)
{
  memcpy(out->id, self->id, sizeof out->id);
  siaga_uuid_format(self->id, out->uuid);
  if (self->has_previous)
    siaga_uuid_format(self->previous, out->previous);
  if (self->has_parent)
    siaga_uuid_format(self->parent.id, out->parent);
  out->revision = self->revision;
  out->state = state;
  out->reason = state == SIAGA_INCIDENT_CLOSE ? siaga_close_reason_name(self->reason) : NULL;
  out->level = self->level;
  out->first_seen = self->first;
  out->last_seen = self->last;
  out->changed = self->changed;
  out->report_due = self->report_due;
  out->degraded = self->degraded;
  out->simulated = self->watch->meta->simulate;
  out->received_time = self->received;
  out->spoofed = self->spoofed;
  out->crowd = self->watch->meta->crowd;
  out->count = self->count;
}

SiagaIncident *
siaga_case_snapshot(const SiagaCase *self, const SiagaPlan *plan, SiagaIncidentState state)
{
  SiagaIncident *out = siaga_incident_new();
  out->rules = plan->view.ref ? plan->view.ref(plan->view.rules) : NULL;
  out->rule = self->watch->meta;
  _fill_head(out, self, state);
  _fill_arrays(out, self, plan);
  return out;
}
