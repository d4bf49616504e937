/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A lock for who reads; a ring of what is worked on and waits to be told, so that nobody waits for a slower lane. */

#include "siagactl/lanes.h"

#define BATCHES_A_LANE 2
#define BATCHES_MAX (CTL_LANES_MAX * BATCHES_A_LANE)

struct _CtlLanes
{
  const CtlLaneWork *work;
  gpointer user_data;
  guint batches;

  GMutex reading; /* held by who reads, and guards what follows */
  gpointer batch; /* that is being read */
  guint64 turn;   /* its own */
  guint64 turns;
  gboolean ended;

  GMutex lock; /* guards what follows */
  GCond told_one;
  gpointer idle[BATCHES_MAX];
  guint idle_count;
  gpointer done[BATCHES_MAX]; /* by turn: worked on, and not yet told; there are no more turns under way than batches */
  gboolean telling;
  guint64 told; /* turns that are over */
};

static gpointer
_take_idle(CtlLanes *self)
{
  g_mutex_lock(&self->lock);
  while (!self->idle_count)
    g_cond_wait(&self->told_one, &self->lock);
  gpointer batch = self->idle[--self->idle_count];
  g_mutex_unlock(&self->lock);
  return batch;
}

/* Without the lock, which is held before and after. */
static void
_tell(CtlLanes *self, gpointer batch)
{
  g_mutex_unlock(&self->lock);
  self->work->tell(batch, self->user_data);
  g_mutex_lock(&self->lock);
  self->told++;
  g_cond_broadcast(&self->told_one);
}

static void
_tell_what_is_done(CtlLanes *self)
{
  gpointer batch;
  self->telling = TRUE;
  while ((batch = g_steal_pointer(&self->done[self->told % self->batches])))
    {
      _tell(self, batch);
      self->idle[self->idle_count++] = batch;
    }
  self->telling = FALSE;
}

static void
_finish(CtlLanes *self, gpointer batch, guint64 turn)
{
  self->work->work(batch, self->user_data);
  g_mutex_lock(&self->lock);
  self->done[turn % self->batches] = batch;
  if (!self->telling)
    _tell_what_is_done(self);
  g_mutex_unlock(&self->lock);
}

void
ctl_lanes_settle(CtlLanes *self)
{
  self->work->work(self->batch, self->user_data);
  g_mutex_lock(&self->lock);
  while (self->told != self->turn)
    g_cond_wait(&self->told_one, &self->lock);
  _tell(self, self->batch);
  g_mutex_unlock(&self->lock);
  self->turn = self->turns++;
}

/* FALSE when nothing follows. */
static gboolean
_read(CtlLanes *self, gpointer batch, guint64 *turn_r)
{
  g_mutex_lock(&self->reading);
  self->batch = batch;
  self->turn = self->turns++;
  if (!self->ended)
    self->ended = !self->work->read(self, batch, self->user_data);
  *turn_r = self->turn;
  gboolean more = !self->ended;
  g_mutex_unlock(&self->reading);
  return more;
}

static gpointer
_run_lane(gpointer data)
{
  CtlLanes *self = data;
  gboolean more = TRUE;
  guint64 turn;
  while (more)
    {
      gpointer batch = _take_idle(self);
      more = _read(self, batch, &turn);
      _finish(self, batch, turn);
    }
  return NULL;
}

static void
_init(CtlLanes *self, const CtlLaneWork *work, gpointer user_data, guint lanes)
{
  *self = (CtlLanes){ .work = work, .user_data = user_data, .batches = lanes * BATCHES_A_LANE };
  while (self->idle_count < self->batches)
    self->idle[self->idle_count++] = work->make(user_data);
  g_mutex_init(&self->reading);
  g_mutex_init(&self->lock);
  g_cond_init(&self->told_one);
}

static void
_clear(CtlLanes *self)
{
  while (self->idle_count)
    self->work->free(self->idle[--self->idle_count]);
  g_cond_clear(&self->told_one);
  g_mutex_clear(&self->lock);
  g_mutex_clear(&self->reading);
}

void
ctl_lanes_run(const CtlLaneWork *work, gpointer user_data, guint lanes)
{
  CtlLanes self;
  GThread *others[CTL_LANES_MAX];
  _init(&self, work, user_data, lanes);
  for (guint i = 1; i < lanes; i++)
    others[i] = g_thread_new("lane", _run_lane, &self);
  _run_lane(&self);
  for (guint i = 1; i < lanes; i++)
    g_thread_join(others[i]);
  _clear(&self);
}
