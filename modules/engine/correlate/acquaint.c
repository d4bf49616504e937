/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What windows know of each other: friends and newcomers, numbers in a row, who was forgiven. */

#include "acquaint.h"
#include "follow.h"
#include "window-kinds.h"

#include <string.h>

gboolean
siaga_acquaint_follows(SiagaWay *way, SiagaKey *key, const SiagaWatch *watch)
{
  gchar before[SIAGA_FOLLOW_MAX];
  const SiagaWindow *seen = siaga_key_window(key, watch->follows);
  const SiagaRecordValue *value =
      seen && siaga_way_open(way) ? siaga_record_get(&way->view, watch->follow_column) : NULL;
  return value && siaga_follow_before(value->text, value->length, before) &&
         siaga_values_have(seen, siaga_value_hash(way->run->self, 0, before, value->length));
}

void
siaga_acquaint_forgive(const SiagaWay *way, SiagaKey *key, const SiagaWatch *watch, const SiagaSample *sample)
{
  const SiagaPlan *plan = way->run->self->plan;
  for (guint i = watch->forgives; i != G_MAXUINT; i = siaga_plan_watch(plan, i)->next_forgiven)
    {
      SiagaWindow *refused = siaga_key_window(key, i);
      if (refused)
        siaga_values_drop(refused, sample->value);
    }
}

/* Whether WINDOW of the other count knows whom RECORD is about: somebody who was let in lately, or nobody who is new.
 */
static gboolean
_knows(const SiagaCorrelator *self, const SiagaWatch *watch, const SiagaWindow *window, const SiagaRecordView *record)
{
  SiagaTime time = record->record->time;
  if (!watch->newcomers)
    return window && siaga_values_since(window, time - siaga_plan_watch(self->plan, watch->friends)->timespan);
  const SiagaRecordValue *value = siaga_record_get(record, watch->new_column);
  return !window || !value ||
         !siaga_values_is_newcomer(window, siaga_value_hash(self, 0, value->text, value->length),
                                   time - watch->timespan);
}

static gboolean
_ask_friends(SiagaWay *way, const SiagaWatch *watch)
{
  SiagaCorrelator *self = way->run->self;
  const SiagaWatch *friends = siaga_plan_watch(self->plan, watch->friends);
  const SiagaGroup *group = &g_array_index(self->plan->groups, SiagaGroup, friends->group);
  const SiagaRecordValue *value = siaga_record_get(&way->view, watch->friend_column);
  gchar text[SIAGA_RECORD_TEXT + 1];
  if (!value)
    return watch->newcomers;
  const gsize length = siaga_core_put_key_value(text, value);
  guint64 hash = siaga_core_key_hash(self, group, text, length);
  SiagaShard *shard = siaga_core_shard(self, hash);
  siaga_way_leave_shard(way);
  siaga_lock(&shard->lock);
  SiagaKey *key = siaga_keys_find(&self->partitions[siaga_key_partition(hash)], hash, friends->group, text, length);
  const SiagaWindow *window = key ? siaga_key_window(key, friends->position) : NULL;
  gboolean known = _knows(self, watch, window, &way->view);
  way->program =
      !known && key && watch->programs != G_MAXUINT && siaga_mild_is_program(self->plan, watch->programs, key);
  siaga_unlock(&shard->lock);
  return known;
}

/* Several rules ask the same.  Of a record that cannot be read nothing counts. */
gboolean
siaga_acquaint_is_friend(SiagaWay *way, const SiagaWatch *watch)
{
  if (way->asked == watch->friends && !watch->newcomers)
    return way->known;
  if (!siaga_way_open(way))
    return TRUE;
  way->asked = watch->friends;
  return way->known = _ask_friends(way, watch);
}
