/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The byte budget: what is over goes first, then what is held mostly by a rule that takes more than its share, spoofed
 * sources before all others, the coldest before the rest, and never silently.  The share is a quota: while all is taken
 * and a rule holds more than that, nobody else's keys go, unless all of its own have open incidents. */

#include "core.h"
#include "window-kinds.h"

#define SAMPLE 24       /* keys looked at for one that goes */
#define TRIES 64        /* partitions looked into for them */
#define SWEEP 2         /* keys looked at for each new one */
#define KNOWN_BONUS 600 /* seconds: a key seen more than once is worth more than one seen once */
#define SPOOFED_MALUS 86400
#define GREEDY_MALUS (30 * 86400)
#define RULE_SHARE 2 /* a rule may take one part in so many before it must give way to others */
#define WALK 20      /* samples looked at in one go for a key of a rule that takes more */

typedef struct
{
  const SiagaCorrelator *self;
  const SiagaShard *shard;
  guint64 entries;
  guint64 share;          /* bytes that one rule may take */
  guint64 modest, greedy; /* bytes that rules hold of it which take no more, and which do */
  gboolean pinned;
} Worth;

static guint64
_bytes_of(SiagaKey *key, const SiagaWindow *window)
{
  guint64 own = window == siaga_key_inline_window(key) ? sizeof *key + key->text_length : 0;
  return own + sizeof *window + window->room * sizeof(guint64);
}

static void
_weigh(SiagaKey *key, SiagaWindow *window, gpointer user_data)
{
  Worth *worth = user_data;
  const SiagaWatch *watch = siaga_plan_watch(worth->self->plan, window->watch);
  gboolean greedy = siaga_keys_use(&worth->shard->keys, window->watch)->bytes > worth->share;
  worth->entries += window->used / (watch->kind == SIAGA_WK_COUNT ? 1 : 2);
  worth->pinned = worth->pinned || window->flags & SIAGA_WF_CASE;
  *(greedy ? &worth->greedy : &worth->modest) += _bytes_of(key, window);
}

static gboolean
_is_over(const SiagaCorrelator *self, const SiagaKey *key, SiagaTime clock)
{
  const SiagaGroup *group = &g_array_index(self->plan->groups, SiagaGroup, key->group);
  return (SiagaTime) key->touched * SIAGA_SECOND < clock - group->span - self->options.max_lateness - SIAGA_SECOND;
}

/* The next keys of the shard from its hand on; the hand goes round. */
static guint
_sample(SiagaCorrelator *self, SiagaShard *shard, SiagaKey **keys, guint wanted)
{
  guint found = 0;
  for (guint tries = 0; tries < TRIES && found < wanted; tries++)
    {
      SiagaPartition *partition = &self->partitions[shard->hand];
      while (partition->mask && shard->slot <= partition->mask && found < wanted)
        {
          SiagaKey *key = siaga_partition_slots(partition)[shard->slot++];
          if (key)
            keys[found++] = key;
        }
      if (found == wanted)
        break;
      shard->slot = 0;
      shard->hand += self->options.shards;
      if (shard->hand >= SIAGA_PARTITIONS)
        shard->hand %= self->options.shards;
    }
  return found;
}

static void
_count_evicted(SiagaKey *key, SiagaWindow *window, gpointer user_data)
{
  SiagaCorrelator *self = user_data;
  (void) key;
  siaga_counter_add(&siaga_plan_watch(self->plan, window->watch)->evicted, 1);
}

/* Windows of this group may have lost events up to the key's last. */
static void
_note_loss(SiagaCorrelator *self, SiagaShard *shard, SiagaKey *key)
{
  if (key->group >= shard->lost->len)
    g_array_set_size(shard->lost, self->plan->groups->len);
  SiagaTime *lost = &g_array_index(shard->lost, SiagaTime, key->group);
  *lost = MAX(*lost, ((SiagaTime) key->touched + 1) * SIAGA_SECOND);
  siaga_counter_add(&self->totals.evicted, 1);
  siaga_key_foreach(key, _count_evicted, self);
}

gboolean
siaga_evict_has_lost(const SiagaShard *shard, guint group, SiagaTime since)
{
  return group < shard->lost->len && g_array_index(shard->lost, SiagaTime, group) >= since;
}

/* Of the limit the journal's mapping takes a part, and what is not counted: streams, incidents on their way, places
 * that keys which went left free. */
static guint64
_budget(SiagaCorrelator *self)
{
  guint64 limit = self->options.memory_limit;
  if (g_atomic_pointer_get(&self->persistence))
    limit -= MIN(limit / 5, siaga_persistence_mapped(self));
  return limit / 3 * 2 / self->options.shards;
}

static Worth
_worth(const SiagaCorrelator *self, const SiagaShard *shard, SiagaKey *key, guint64 budget)
{
  Worth worth = { .self = self, .shard = shard, .share = budget / RULE_SHARE };
  siaga_key_foreach(key, _weigh, &worth);
  return worth;
}

static gint64
_warmth(const SiagaKey *key, const Worth *worth)
{
  return (gint64) key->touched + (worth->entries > 1 ? KNOWN_BONUS : 0) - (key->spoofed ? SPOOFED_MALUS : 0) -
         (worth->greedy > worth->modest ? GREEDY_MALUS : 0);
}

/* Of the next keys that may go; GREEDY_R: a rule beyond its share holds most of it. */
static SiagaKey *
_coldest(SiagaCorrelator *self, SiagaShard *shard, const SiagaKey *keep, guint64 budget, gboolean *greedy_r)
{
  SiagaKey *keys[SAMPLE], *coldest = NULL;
  gint64 least = G_MAXINT64;
  guint count = _sample(self, shard, keys, SAMPLE);
  *greedy_r = FALSE;
  for (guint i = 0; i < count; i++)
    {
      Worth worth = _worth(self, shard, keys[i], budget);
      gint64 warmth = _warmth(keys[i], &worth);
      if (worth.pinned || keys[i] == keep || warmth >= least)
        continue;
      coldest = keys[i];
      least = warmth;
      *greedy_r = worth.greedy > worth.modest;
    }
  return coldest;
}

static gboolean
_is_any_greedy(const SiagaShard *shard, guint64 budget)
{
  for (guint i = 0; i < shard->keys.watches; i++)
    if (shard->keys.uses[i].bytes > budget / RULE_SHARE)
      return TRUE;
  return FALSE;
}

/* Goes on from where the last look ended.  A whole round without one (they all have incidents) is not begun again
 * before others went in their place for a while. */
static SiagaKey *
_find_greedy(SiagaCorrelator *self, SiagaShard *shard, const SiagaKey *keep, guint64 budget)
{
  gboolean greedy = FALSE;
  if (shard->barren >= shard->key_count)
    {
      shard->barren = shard->barren + SAMPLE < 2 * shard->key_count ? shard->barren + SAMPLE : 0;
      return NULL;
    }
  for (guint i = 0; i < WALK; i++, shard->barren += SAMPLE)
    {
      SiagaKey *key = _coldest(self, shard, keep, budget, &greedy);
      if (!greedy)
        continue;
      shard->barren = 0;
      return key;
    }
  return NULL;
}

static void
_take_out(SiagaCorrelator *self, SiagaShard *shard, SiagaKey *key, SiagaTime clock)
{
  if (!_is_over(self, key, clock))
    _note_loss(self, shard, key);
  siaga_keys_remove(&shard->keys, key);
}

/* Takes out one key: of a rule beyond its share, if there is one, else the coldest of the sample.  What a rule beyond
 * its share holds is worth a longer look: the more keys there are to one of its, the more that one frees.  FALSE when
 * none may go. */
static gboolean
_evict_one(SiagaCorrelator *self, SiagaShard *shard, const SiagaKey *keep, SiagaTime clock, guint64 budget)
{
  gboolean greedy;
  SiagaKey *coldest = _coldest(self, shard, keep, budget, &greedy);
  if (!greedy && _is_any_greedy(shard, budget))
    {
      SiagaKey *found = _find_greedy(self, shard, keep, budget);
      if (!found && shard->barren < shard->key_count)
        return TRUE; /* nobody else's; the next new key looks on */
      coldest = found ? found : coldest;
    }
  if (!coldest)
    return FALSE;
  _take_out(self, shard, coldest, clock);
  return TRUE;
}

static void
_sweep(SiagaCorrelator *self, SiagaShard *shard, const SiagaKey *keep, SiagaTime clock, guint64 budget)
{
  SiagaKey *keys[SWEEP];
  guint count = _sample(self, shard, keys, SWEEP);
  for (guint i = 0; i < count; i++)
    {
      Worth worth = _worth(self, shard, keys[i], budget);
      if (!worth.pinned && keys[i] != keep && _is_over(self, keys[i], clock))
        siaga_keys_remove(&shard->keys, keys[i]);
    }
}

void
siaga_evict_leave(SiagaCase *cas)
{
  if (cas->queue)
    g_queue_unlink(cas->queue, &cas->turn);
  cas->queue = NULL;
}

void
siaga_evict_spare(SiagaShard *shard, SiagaCase *cas)
{
  siaga_evict_leave(cas);
  cas->queue = cas->watch->silent ? &shard->silent : &shard->told;
  cas->turn.data = cas;
  g_queue_push_tail_link(cas->queue, &cas->turn);
}

/* What waits for its delivery stays. */
static SiagaCase *
_quietest(const GQueue *queue, const SiagaKey *keep)
{
  guint looked_at = 0;
  for (GList *l = queue->head; l && looked_at < 2 * SAMPLE; l = l->next, looked_at++)
    {
      SiagaCase *cas = l->data;
      if (cas->key != keep && !cas->in_flight && !cas->ready)
        return cas;
    }
  return NULL;
}

/* Too many incidents at once: the one that was quiet longest ends, one that nobody was told of before all others. */
static void
_evict_case(SiagaRun *run, SiagaShard *shard, const SiagaKey *keep)
{
  SiagaCase *quietest = _quietest(&shard->silent, keep);
  if (!quietest)
    quietest = _quietest(&shard->told, keep);
  if (!quietest)
    return;
  if (!quietest->kept)
    siaga_counter_add(&run->self->totals.degraded, 1);
  quietest->degraded = TRUE;
  siaga_life_close(run, shard, quietest, quietest->last, SIAGA_CLOSE_EVICTED);
  if (!quietest->ready && !quietest->in_flight)
    siaga_life_forget(shard, quietest);
}

void
siaga_evict(SiagaRun *run, SiagaShard *shard, const SiagaKey *keep)
{
  SiagaCorrelator *self = run->self;
  guint64 budget = _budget(self);
  guint64 bytes = shard->key_bytes + shard->case_bytes;

  if (bytes <= budget / 4)
    return;
  _sweep(self, shard, keep, run->clock, budget);
  for (guint tries = 0; tries < 8 && shard->key_bytes + shard->case_bytes > budget; tries++)
    if (shard->case_bytes > budget / 4 * 3 || !_evict_one(self, shard, keep, run->clock, budget))
      _evict_case(run, shard, keep);
}
