/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Wider incidents and their parts: an incident has one parent, which names it, and the parents of parents are a tree.
 * An attacker's campaign is part of one against a victim, and both are parts of what a rule counts: where two want the
 * same incident, the narrower one has it and becomes a part of the wider one. */

#include "core.h"
#include "uuid.h"

#include <string.h>

static const guint8 nobody[16] = { 0 };

static SiagaBreadth
_breadth(const SiagaRun *run, const SiagaKin *kin)
{
  return siaga_plan_watch(run->self->plan, kin->watch)->breadth;
}

static gboolean
_is_named(const guint8 id[16])
{
  return memcmp(id, nobody, sizeof nobody) != 0;
}

static gboolean
_is(const SiagaKin *kin, const SiagaKin *other)
{
  return memcmp(kin->id, other->id, sizeof kin->id) == 0;
}

/* The shard is locked.  NULL when it is gone, or was told to its end. */
static SiagaCase *
_find(SiagaShard *shard, const SiagaKin *kin)
{
  guint64 handle = siaga_core_handle(kin->hash, kin->watch);
  gboolean any = !_is_named(kin->id);
  for (SiagaCase *cas = g_hash_table_lookup(shard->cases, &handle); cas; cas = cas->older)
    if (any || memcmp(cas->id, kin->id, sizeof cas->id) == 0)
      return cas->kept ? NULL : cas;
  return NULL;
}

static void
_emit(SiagaRun *run, SiagaShard *shard, SiagaCase *cas)
{
  siaga_core_charge(shard, cas);
  siaga_life_emit(run, cas, siaga_case_state(cas));
}

static void
_set_parent(SiagaRun *run, SiagaShard *shard, SiagaCase *cas, const SiagaKin *parent)
{
  const SiagaWatch *watch = siaga_plan_watch(run->self->plan, parent->watch);
  gboolean campaign = watch->kind == SIAGA_WK_STAGES;
  cas->parent = *parent;
  cas->has_parent = TRUE;
  siaga_case_note(cas, cas->changed, "part of %s", campaign ? "a campaign" : watch->meta->title);
  _emit(run, shard, cas);
}

/* PARENT names CHILD, in the place of what has the id INSTEAD. */
static void
_name_child(SiagaRun *run, const SiagaKin *parent, const SiagaKin *child, const guint8 instead[16])
{
  SiagaShard *shard = siaga_core_shard(run->self, parent->hash);
  gchar uuid[37], other[37];
  siaga_uuid_format(child->id, uuid);
  siaga_uuid_format(instead, other);
  siaga_lock(&shard->lock);
  SiagaCase *cas = _find(shard, parent);
  gboolean dropped = cas && siaga_case_drop_child(cas, other);
  if (cas && (siaga_case_add_child(cas, g_strdup(uuid)) || dropped))
    _emit(run, shard, cas);
  siaga_unlock(&shard->lock);
}

/* What became of an adoption. */
typedef struct
{
  gboolean taken;
  SiagaKin child; /* with its id */
  SiagaKin rival; /* another parent that it had; else its watch is SIAGA_GONE */
} Fate;

/* The child's shard is locked. */
static void
_settle(SiagaRun *run, SiagaShard *shard, SiagaCase *cas, const SiagaKin *parent, Fate *fate)
{
  fate->child = siaga_case_kin(cas);
  const SiagaWatch *watch = siaga_plan_watch(run->self->plan, parent->watch);
  if (cas->watch->breadth >= watch->breadth || cas->watch->meta->simulate != watch->meta->simulate)
    return;
  gboolean known = cas->has_parent && _is(&cas->parent, parent);
  if (cas->has_parent && !known)
    fate->rival = cas->parent;
  gboolean narrower = fate->rival.watch != SIAGA_GONE && watch->breadth < _breadth(run, &fate->rival);
  fate->taken = known || narrower || !cas->has_parent;
  if (fate->taken && !known)
    _set_parent(run, shard, cas, parent);
}

/* CHILD is a part of both, its RIVAL and the one that wants it: the narrower one has it, as a part of the broader one,
 * which names that instead. */
static void
_join(SiagaRun *run, const SiagaAdoption *wish, const SiagaKin *child, const SiagaKin *rival)
{
  SiagaBreadth own = _breadth(run, &wish->parent), other = _breadth(run, rival);
  SiagaAdoption adoption = { .child = own < other ? wish->parent : *rival,
                             .parent = own < other ? *rival : wish->parent };
  const guint8 *named = own > other && _is_named(wish->instead) ? wish->instead : child->id;
  if (own == other)
    return;
  memcpy(adoption.instead, named, sizeof adoption.instead);
  g_array_append_val(run->lane->adoptions, adoption);
}

static void
_adopt(SiagaRun *run, const SiagaAdoption *adoption)
{
  SiagaShard *shard = siaga_core_shard(run->self, adoption->child.hash);
  Fate fate = { .rival.watch = SIAGA_GONE };
  siaga_lock(&shard->lock);
  SiagaCase *cas = _find(shard, &adoption->child);
  if (cas)
    _settle(run, shard, cas, &adoption->parent, &fate);
  siaga_unlock(&shard->lock);
  if (fate.taken && (_is_named(adoption->instead) || !_is_named(adoption->child.id)))
    _name_child(run, &adoption->parent, &fate.child, adoption->instead);
  if (fate.rival.watch != SIAGA_GONE)
    _join(run, adoption, &fate.child, &fate.rival);
}

void
siaga_parent_adopt(SiagaRun *run)
{
  GArray *adoptions = run->lane->adoptions;
  for (guint i = 0; i < adoptions->len; i++)
    {
      SiagaAdoption adoption = g_array_index(adoptions, SiagaAdoption, i); /* the array grows */
      _adopt(run, &adoption);
    }
  g_array_set_size(adoptions, 0);
}

static const SiagaFeed *
_feed_of(const SiagaPlan *plan, guint rule, const SiagaWatch *watch)
{
  for (guint i = plan->first_feed[rule]; i < plan->first_feed[rule + 1]; i++)
    {
      const SiagaFeed *feed = &g_array_index(plan->feeds, SiagaFeed, i);
      if (watch ? feed->watch == watch : !feed->watch->correlation)
        return feed;
    }
  return NULL;
}

/* Which watch raises the incidents of RULE; SIAGA_GONE: none does any more. */
static guint16
_watch_of(const SiagaPlan *plan, guint rule)
{
  for (guint i = 0; i < plan->watches->len; i++)
    if (siaga_plan_watch(plan, i)->rule == rule)
      return i;
  return SIAGA_GONE;
}

/* The incident that RECORD tells of. */
static void
_take_incident(SiagaRun *run, const SiagaCase *cas, const SiagaRecordView *record)
{
  SiagaAdoption adoption = { .child = { .hash = record->record->line_hash,
                                        .watch = _watch_of(run->self->plan, record->rules[0]) },
                             .parent = siaga_case_kin(cas) };
  memcpy(adoption.child.id, record->child, sizeof adoption.child.id);
  g_array_append_val(run->lane->adoptions, adoption);
}

/* The incident that a detection rule raises by itself of the event that RECORD is. */
static void
_take_single(SiagaRun *run, const SiagaCase *cas, const SiagaRecordView *record, const SiagaFeed *feed)
{
  const SiagaPlan *plan = run->self->plan;
  const SiagaGroup *group = &g_array_index(plan->groups, SiagaGroup, feed->watch->group);
  SiagaAdoption adoption = { .child.watch = feed->watch->position, .parent = siaga_case_kin(cas) };
  gchar text[SIAGA_KEY_TEXT_MAX];
  gsize length = 0;
  for (guint i = 0; i < feed->group_count; i++)
    length += siaga_core_put_key_value(text + length, siaga_record_get(record, feed->columns[i]));
  adoption.child.hash = siaga_core_key_hash(run->self, group, text, length);
  g_array_append_val(run->lane->adoptions, adoption);
}

void
siaga_parent_take(SiagaRun *run, const SiagaCase *cas, const SiagaRecordView *record)
{
  const SiagaPlan *plan = run->self->plan;
  if (record->child && _is_named(record->child))
    _take_incident(run, cas, record);
  for (guint i = 0; !record->child && i < record->record->rule_count; i++)
    {
      const SiagaFeed *single = _feed_of(plan, record->rules[i], NULL);
      if (single && _feed_of(plan, record->rules[i], cas->watch))
        _take_single(run, cas, record, single);
    }
}
