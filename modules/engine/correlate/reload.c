/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A living correlator gets other rules: what did not change goes on, the rest ends. */

#include "state.h"

#include <string.h>

/* Where watches, groups and columns of the old plan are in the new one. */
typedef struct
{
  SiagaCorrelator *self;
  SiagaPlan *from, *to;
  guint16 *watches, *groups;
  guint16 *rules;
  guint8 columns[SIAGA_TRACKED_MAX];
  SiagaRun *run;
  SiagaShard *shard;
  GArray *gone; /* of guint16: watches to take from the key at hand */
} Move;

static void
_move_counter(SiagaCounter *to, const SiagaCounter *from)
{
  siaga_counter_add(to, siaga_counter_get(from));
}

static void
_move_counters(SiagaWatch *to, const SiagaWatch *from)
{
  _move_counter(&to->matches, &from->matches);
  _move_counter(&to->incidents, &from->incidents);
  _move_counter(&to->missing_field, &from->missing_field);
  _move_counter(&to->evicted, &from->evicted);
}

static void
_map_rules(Move *move)
{
  move->rules = g_new(guint16, move->from->view.count + 1);
  for (guint i = 0; i < move->from->view.count; i++)
    {
      const SiagaRule *rule = move->from->records[i];
      move->rules[i] = rule ? siaga_plan_find_rule(move->to, rule->id) : SIAGA_GONE;
    }
}

static void
_map(Move *move)
{
  _map_rules(move);
  move->watches = g_new(guint16, move->from->watches->len + 1);
  move->groups = g_new(guint16, move->from->groups->len + 1);
  for (guint i = 0; i < move->from->watches->len; i++)
    {
      const SiagaWatch *old = siaga_plan_watch(move->from, i);
      move->watches[i] = siaga_plan_find_watch(move->to, old->meta->id, old->checksum, old->correlation != NULL);
      if (move->watches[i] != SIAGA_GONE)
        _move_counters(siaga_plan_watch(move->to, move->watches[i]), old);
    }
  for (guint i = 0; i < move->from->groups->len; i++)
    move->groups[i] = siaga_plan_find_group(move->to, g_array_index(move->from->groups, SiagaGroup, i).names);
  for (guint i = 0; i < move->from->tracked_count; i++)
    move->columns[i] = move->to->tracked_of[move->from->tracked[i]];
}

static void
_move_tracks(const Move *move, SiagaCase *cas)
{
  SiagaSketch *old[SIAGA_TRACKED_MAX];
  guint count = cas->track_count;
  memcpy(old, cas->tracks, sizeof old);
  memset(cas->tracks, 0, sizeof cas->tracks);
  cas->track_count = 0;
  for (guint i = 0; i < count; i++)
    {
      guint8 column = move->columns[i];
      if (!old[i])
        continue;
      if (column < SIAGA_TRACKED_MAX)
        {
          cas->tracks[column] = old[i];
          cas->track_count = MAX(cas->track_count, column + 1u);
          continue;
        }
      siaga_sketch_clear(old[i]);
      g_free(old[i]);
    }
}

/* The handle holds the watch's position: the cases enter a new table. */
static void
_move_cases(Move *move)
{
  GHashTable *old = move->shard->cases;
  GHashTableIter iter;
  gpointer value;
  move->shard->cases = g_hash_table_new(g_int64_hash, g_int64_equal);
  g_hash_table_iter_init(&iter, old);
  while (g_hash_table_iter_next(&iter, NULL, &value))
    {
      SiagaCase *newest = value;
      guint position = move->watches[newest->watch->position];
      for (SiagaCase *cas = newest; cas; cas = cas->older)
        {
          _move_tracks(move, cas);
          cas->watch = siaga_plan_watch(move->to, position);
          if (cas->has_parent && cas->parent.watch != SIAGA_GONE)
            cas->parent.watch = move->watches[cas->parent.watch];
          cas->handle = siaga_core_handle(cas->key->hash, position);
        }
      g_hash_table_insert(move->shard->cases, &newest->handle, newest);
    }
  g_hash_table_unref(old);
}

/* Cases of rules that changed or went close, and are forgotten at once. */
static void
_end_cases(Move *move)
{
  GList *cases = g_hash_table_get_values(move->shard->cases);
  for (GList *l = cases; l; l = l->next)
    for (SiagaCase *cas = l->data, *older; cas; cas = older)
      {
        older = cas->older;
        if (move->watches[cas->watch->position] != SIAGA_GONE)
          continue;
        siaga_life_close(move->run, move->shard, cas, cas->last, SIAGA_CLOSE_RULE_CHANGED);
        /* It cannot wait for a free place: it will not be there. */
        if (cas->ready)
          {
            cas->revision++;
            g_ptr_array_add(move->run->changes->changes, siaga_case_snapshot(cas, move->from, SIAGA_INCIDENT_CLOSE));
          }
        siaga_life_forget(move->shard, cas);
      }
  g_list_free(cases);
}

static void
_move_window(SiagaKey *key, SiagaWindow *window, gpointer user_data)
{
  Move *move = user_data;
  guint16 old = window->watch;
  (void) key;
  if (move->watches[old] == SIAGA_GONE)
    g_array_append_val(move->gone, old);
}

static void
_rename_window(SiagaKey *key, SiagaWindow *window, gpointer user_data)
{
  Move *move = user_data;
  (void) key;
  window->watch = move->watches[window->watch];
}

/* FALSE when nothing of the key is left. */
static gboolean
_move_key(Move *move, SiagaKey *key)
{
  g_array_set_size(move->gone, 0);
  siaga_key_foreach(key, _move_window, move);
  for (guint i = 0; i < move->gone->len; i++)
    siaga_keys_remove_window(&move->shard->keys, key, g_array_index(move->gone, guint16, i));
  if (move->groups[key->group] == SIAGA_GONE || siaga_key_is_empty(key))
    return FALSE;
  siaga_key_foreach(key, _rename_window, move);
  key->group = move->groups[key->group];
  return TRUE;
}

static void
_move_partition(Move *move, guint index)
{
  SiagaPartition *partition = &move->self->partitions[index];
  GPtrArray *dead = g_ptr_array_new();
  for (guint32 i = 0; partition->mask && i <= partition->mask; i++)
    if (siaga_partition_slots(partition)[i] && !_move_key(move, siaga_partition_slots(partition)[i]))
      g_ptr_array_add(dead, siaga_partition_slots(partition)[i]);
  for (guint i = 0; i < dead->len; i++)
    siaga_keys_remove(&move->shard->keys, dead->pdata[i]);
  g_ptr_array_unref(dead);
}

static void
_move_timers(const Move *move, SiagaStream *stream)
{
  siaga_stream_resume(stream);
  SiagaTimer *old = stream->timers;
  guint count = stream->timer_count;
  stream->timers = NULL;
  stream->timer_count = stream->timer_room = 0;
  for (guint i = 0; i < count; i++)
    {
      SiagaTimer timer = old[i];
      timer.due -= timer.behind;
      timer.watch = move->watches[timer.watch];
      timer.group = move->groups[timer.group];
      if (timer.watch != SIAGA_GONE && timer.group != SIAGA_GONE)
        siaga_stream_set_timer(stream, &timer);
    }
  g_free(old);
}

static void
_for_each_stream(SiagaCorrelator *self, void (*func)(SiagaRun *run, gpointer user_data), SiagaChanges *changes,
                 gpointer user_data)
{
  for (guint i = 0; i < SIAGA_LANES; i++)
    {
      GHashTableIter iter;
      gpointer stream;
      g_hash_table_iter_init(&iter, self->lanes[i].streams);
      while (g_hash_table_iter_next(&iter, NULL, &stream))
        {
          SiagaRun run = { self, &self->lanes[i], stream, changes, 0, FALSE };
          func(&run, user_data);
        }
    }
}

/* Records that wait speak of the old rules: they go on before their time. */
static void
_flush(SiagaRun *run, gpointer user_data)
{
  SiagaRecord *record;
  (void) user_data;
  while ((record = siaga_stream_pop(run->stream, G_MAXINT64)))
    {
      run->clock = record->time;
      siaga_counter_bump(&run->lane->totals.queued_bytes, -(guint64) record->size);
      siaga_process_record(run, record);
      siaga_stream_release(run->stream, record);
    }
}

static void
_move_stream(SiagaRun *run, gpointer user_data)
{
  _move_timers(user_data, run->stream);
}

/* What came before incidents is said anew in terms of the new plan. */
static void
_move_prelude(const Move *move)
{
  SiagaStateMap map = { .rules = move->rules,
                        .columns = (guint8 *) move->columns,
                        .rule_count = move->from->view.count,
                        .column_count = move->from->tracked_count };
  SiagaPrelude old = move->shard->prelude;
  SiagaPack *scratch = siaga_pack_new();
  const SiagaPreludeEntry *entry;
  guint64 at = 0;
  memset(&move->shard->prelude, 0, sizeof old);
  while ((entry = siaga_prelude_next(&old, &at)))
    {
      guint16 watch = move->watches[entry->watch];
      SiagaRecord *record =
          watch == SIAGA_GONE ? NULL : siaga_state_translate(&map, &entry->record, entry->record.size, scratch);
      if (record)
        siaga_prelude_add(&move->shard->prelude, old.room, entry->hash, watch, record);
      g_free(record);
    }
  if (old.bytes && !move->shard->prelude.bytes)
    siaga_core_count(&move->shard->case_bytes, -(guint64) (old.room + SIAGA_PRELUDE_HEADS * sizeof(guint64)));
  siaga_prelude_clear(&old);
  g_free(scratch);
}

/* The old ones are kept in the watch itself. */
static void
_move_matches(const Move *move, SiagaLane *lane)
{
  for (guint i = 0; i < move->from->watches->len; i++)
    if (move->watches[i] != SIAGA_GONE)
      _move_counter(&siaga_plan_watch(move->to, move->watches[i])->matches, &lane->matches[i]);
  siaga_apart_free(lane->matches);
  lane->matches = siaga_apart_new((move->to->watches->len + 1) * sizeof lane->matches[0]);
}

static void
_move_hits(const Move *move, SiagaLane *lane)
{
  SiagaCounter *hits = siaga_apart_new((move->to->view.count + 1) * sizeof hits[0]);
  for (guint i = 0; i < move->from->view.count; i++)
    if (move->rules[i] != SIAGA_GONE)
      _move_counter(&hits[move->rules[i]], &lane->hits[i]);
  siaga_apart_free(lane->hits);
  lane->hits = hits;
}

static void
_move_all(Move *move, SiagaChanges *changes)
{
  SiagaStream *nowhere = siaga_stream_new(0);
  SiagaRun run = { move->self, &move->self->lanes[0], nowhere, changes, 0, FALSE };
  move->run = &run;
  move->gone = g_array_new(FALSE, FALSE, sizeof(guint16));
  for (guint s = 0; s < move->self->options.shards; s++)
    {
      move->shard = &move->self->shards[s];
      siaga_lock(&move->shard->lock);
      _end_cases(move);
      for (guint i = s; i < SIAGA_PARTITIONS; i += move->self->options.shards)
        _move_partition(move, i);
      _move_cases(move);
      g_array_set_size(move->shard->lost, 0);
      siaga_keys_recount(&move->shard->keys, g_new0(SiagaUse, move->to->watches->len + 1), move->to->watches->len);
      _move_prelude(move);
      siaga_unlock(&move->shard->lock);
    }
  for (guint i = 0; i < SIAGA_LANES; i++)
    {
      _move_matches(move, &move->self->lanes[i]);
      _move_hits(move, &move->self->lanes[i]);
    }
  _for_each_stream(move->self, _move_stream, changes, move);
  g_array_unref(move->gone);
  siaga_stream_free(nowhere);
}

static void
_keep_pending(SiagaCorrelator *self, SiagaChanges *changes)
{
  g_mutex_lock(&self->pending_mutex);
  while (changes->changes->len)
    g_ptr_array_add(self->pending, g_ptr_array_steal_index(changes->changes, 0));
  g_atomic_int_set(&self->has_pending, self->pending->len > 0);
  g_mutex_unlock(&self->pending_mutex);
}

void
siaga_correlator_set_view(SiagaCorrelator *self, const SiagaRuleView *view)
{
  Move move = { .self = self };
  SiagaChanges changes;

  siaga_changes_init(&changes);
  for (guint i = 0; i < SIAGA_LANES; i++)
    siaga_lock(&self->lanes[i].lock);
  _for_each_stream(self, _flush, &changes, NULL);
  move.from = self->plan;
  move.to = siaga_plan_new(view, self->options.alert_level);
  _map(&move);
  _move_all(&move, &changes);
  self->plan = move.to;
  siaga_persistence_rules_changed(self);
  for (guint i = 0; i < SIAGA_LANES; i++)
    siaga_unlock(&self->lanes[i].lock);
  siaga_plan_free(move.from);
  g_free(move.watches);
  g_free(move.rules);
  g_free(move.groups);
  _keep_pending(self, &changes);
  siaga_changes_clear(&changes);
}
