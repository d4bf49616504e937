/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Campaigns: incidents of one attacker, or on one victim, that go along the kill chain become the children of one; so
 * do the shapes in which several rules see what one attacker does.  A campaign is a case like any other; its window
 * holds the incidents that opened.
 *
 * Words of an entry: time; watch, level and stages; the incident's key; the two halves of its id. */

#include "core.h"
#include "uuid.h"
#include "window-kinds.h"

#include <string.h>

#define STRIDE 5
#define ENTRIES_MAX 64
#define ADOPTED (G_GUINT64_CONSTANT(1) << 39)
#define STAGES_MASK G_GUINT64_CONSTANT(0xffff)

static const gchar *const stage_names[] = {
  "reconnaissance",       "resource-development", "initial-access",    "execution", "persistence",
  "privilege-escalation", "defense-evasion",      "credential-access", "discovery", "lateral-movement",
  "collection",           "command-and-control",  "exfiltration",      "impact",
};

static guint32
_stages_of(const SiagaRule *rule)
{
  guint32 stages = 0;
  for (guint i = 0; rule->tactics && rule->tactics[i]; i++)
    for (guint stage = 0; stage < G_N_ELEMENTS(stage_names); stage++)
      if (strcmp(rule->tactics[i], stage_names[stage]) == 0)
        stages |= 1u << stage;
  return stages;
}

const gchar *
siaga_campaign_stage_name(guint stage)
{
  return stage < G_N_ELEMENTS(stage_names) ? stage_names[stage] : NULL;
}

void
siaga_campaign_tell(SiagaRun *run, const SiagaCase *cas, SiagaTime time)
{
  /* The sources stand first: a crowd is no attacker. */
  static const SiagaFieldId fields[] = { SIAGA_F_SOURCE_ACTOR,   SIAGA_F_SOURCE_IP,     SIAGA_F_VICTIM_DOMAIN,
                                         SIAGA_F_VICTIM_COUNTRY, SIAGA_F_VICTIM_SECTOR, SIAGA_F_VICTIM_GOVERNMENT,
                                         SIAGA_F_VICTIM_OWNER,   SIAGA_F_VICTIM_CSIRT };
  const SiagaPlan *plan = run->self->plan;
  guint32 stages = _stages_of(cas->watch->meta);
  guint16 rule = plan->view.count;
  SiagaPack *out = run->lane->pack;
  /* A wave is broader than what one attacker does, though he may be all of it. */
  if (cas->watch->silent || cas->watch->kind == SIAGA_WK_STAGES || cas->watch->breadth == SIAGA_BREADTH_WAVE ||
      cas->watch->meta->simulate || !stages)
    return;
  siaga_record_begin(out, time, cas->key->hash, SIAGA_RF_CHILD, &rule, 1);
  for (guint i = cas->watch->meta->crowd ? 2 : 0; i < G_N_ELEMENTS(fields); i++)
    {
      const gchar *value = siaga_case_single(cas, plan->tracked_of[fields[i]]);
      if (value)
        siaga_record_add_value(out, plan->tracked_of[fields[i]], value, strlen(value));
    }
  siaga_record_end_child(out, cas->id, SIAGA_DEPTH_MAX);
  SiagaRecord *copy = g_memdup2(out->bytes, out->length);
  copy->line_hash = stages | (guint64) cas->level << 40 | (guint64) cas->watch->position << 48;
  g_queue_push_tail(&run->lane->children, copy);
}

static gboolean
_has_another_rule(const guint64 *entries, guint count)
{
  for (guint i = 1; i < count; i++)
    if (entries[STRIDE * i + 1] >> 48 != entries[1] >> 48)
      return TRUE;
  return FALSE;
}

static gboolean
_are_of_one_rule(const guint64 *entries, guint one, guint other)
{
  return entries[STRIDE * one + 1] >> 48 == entries[STRIDE * other + 1] >> 48;
}

/* Whether no entry before NTH is of its rule and its key. */
static gboolean
_is_first(const guint64 *entries, guint nth)
{
  for (guint i = 0; i < nth; i++)
    if (entries[STRIDE * i + 2] == entries[STRIDE * nth + 2] && _are_of_one_rule(entries, i, nth))
      return FALSE;
  return TRUE;
}

/* Whether WANTED of them are of one rule, each of a key of its own; 0: that is not asked for. */
static gboolean
_are_joint(const guint64 *entries, guint count, guint wanted)
{
  guint keys[ENTRIES_MAX] = { 0 }; /* of a rule, at its first entry */
  for (guint i = 0; wanted && i < MIN(count, ENTRIES_MAX); i++)
    {
      guint of = 0;
      while (!_are_of_one_rule(entries, of, i))
        of++;
      keys[of] += _is_first(entries, i);
      if (keys[of] >= wanted)
        return TRUE;
    }
  return FALSE;
}

void
siaga_stages_add(SiagaKeys *keys, SiagaKey *key, SiagaWindow *window, const SiagaWatch *watch,
                 const SiagaSample *sample, SiagaVerdict *verdict)
{
  guint64 stages = 0;
  siaga_window_forget(window, STRIDE, sample->time - watch->timespan);
  if (siaga_window_count(window, STRIDE) == ENTRIES_MAX)
    siaga_window_drop(window, STRIDE, 0);
  guint at = siaga_window_position(window, STRIDE, sample->time);
  guint64 *entry = siaga_window_insert(keys, key, &window, STRIDE, at);
  entry[0] = sample->time;
  memcpy(entry + 1, sample->words, sizeof sample->words);
  const guint64 *entries = siaga_window_entries(window);
  guint count = siaga_window_count(window, STRIDE);
  for (guint i = 0; i < count; i++)
    stages |= entries[STRIDE * i + 1] & STAGES_MASK;
  verdict->satisfied = (count >= 2 && (guint) __builtin_popcountll(stages) >= watch->need) ||
                       (watch->shapes && _has_another_rule(entries, count)) || _are_joint(entries, count, watch->joint);
  verdict->first = entries[0];
  verdict->at = verdict->until = sample->time;
  verdict->count = count;
}

static void
_adopt_later(SiagaRun *run, const SiagaCase *cas, const guint64 *entry)
{
  SiagaAdoption adoption = { .child = { .hash = entry[2], .watch = entry[1] >> 48 }, .parent = siaga_case_kin(cas) };
  memcpy(adoption.child.id, entry + 3, sizeof adoption.child.id);
  g_array_append_val(run->lane->adoptions, adoption);
}

/* As grave as the gravest of its children; along the kill chain it has the level of its rule at least. */
static void
_set_level(SiagaCase *cas, const SiagaWindow *window, SiagaLevel before)
{
  const guint64 *entries = siaga_window_entries(window);
  cas->level = before;
  for (guint i = 0; i < siaga_window_count(window, STRIDE); i++)
    cas->level = MIN(MAX(cas->level, entries[STRIDE * i + 1] >> 40 & 0xff), SIAGA_LEVEL_CRITICAL);
  if ((guint) __builtin_popcount(cas->stages) >= cas->watch->need)
    cas->level = MAX(cas->level, cas->watch->meta->level);
}

void
siaga_campaign_fill(SiagaRun *run, SiagaCase *cas, const SiagaWindow *window)
{
  SiagaLevel before = cas->stages ? cas->level : SIAGA_LEVEL_INFORMATIONAL;
  guint64 *entries = siaga_window_entries(window);
  for (guint i = 0; i < siaga_window_count(window, STRIDE); i++)
    {
      guint64 *entry = entries + STRIDE * i;
      gchar uuid[37];
      cas->stages |= entry[1] & STAGES_MASK;
      if (entry[1] & ADOPTED) /* by the campaign before, which it names */
        continue;
      siaga_uuid_format((const guint8 *) (entry + 3), uuid);
      siaga_case_add_child(cas, g_strdup(uuid));
      entry[1] |= ADOPTED;
      _adopt_later(run, cas, entry);
    }
  _set_level(cas, window, before);
}
