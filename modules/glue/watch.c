/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The watch: a timer of the main thread, and a thread that comes and goes to look and to load. */

#include "glue/watch.h"
#include "glue/compat.h"
#include "glue/room.h"

#include <iv.h>
#include <messages.h>
#include <timeutils/misc.h>

#include <signal.h>
#include <unistd.h>

struct _SiagaWatch
{
  SiagaWatched watched;
  gint64 interval;
  struct iv_timer timer;
  gchar *seen;       /* of what is in use, or was refused */
  gchar *candidate;  /* seen once since then: a file may be half written */
  SiagaShared *next; /* what the reload will ask for */

  GThread *job; /* NULL: none runs.  What follows is the job's until DONE */
  gint done;
  gchar *found;
  gboolean loaded;
  gpointer value;
  SiagaDiag *diag;
};

/* Loads what stayed the same for a whole interval. */
static gpointer
_run_job(gpointer data)
{
  SiagaWatch *self = data;

  self->found = self->watched.look(self->watched.user_data);
  self->loaded = g_strcmp0(self->found, self->candidate) == 0;
  if (self->loaded)
    self->value = self->watched.load(self->watched.user_data, self->diag);
  g_atomic_int_set(&self->done, TRUE);
  return NULL;
}

static void
_start_job(SiagaWatch *self)
{
  self->diag = siaga_diag_new();
  self->loaded = FALSE;
  g_atomic_int_set(&self->done, FALSE);
  self->job = g_thread_new("siaga-watch", _run_job, self);
}

static gpointer
_hand_over(gpointer data)
{
  return g_steal_pointer(&((SiagaWatch *) data)->value);
}

/* The reload finds what was loaded here, and need not load it again. */
static void
_ask_for_reload(SiagaWatch *self)
{
  SiagaShared *next = siaga_shared_get(self->found, _hand_over, self, self->watched.free_value);

  siaga_shared_unref(self->next);
  self->next = next;
  msg_notice("siaga: files changed and are in order; reloading");
  kill(getpid(), SIGHUP);
}

static void
_take_result(SiagaWatch *self)
{
  g_clear_pointer(&self->candidate, g_free);
  if (self->loaded)
    {
      siaga_report(self->diag);
      if (self->value)
        _ask_for_reload(self);
      else
        msg_error("siaga: files changed and have mistakes, named above; what was loaded before stays in use");
      g_free(self->seen);
      self->seen = g_steal_pointer(&self->found);
    }
  else if (g_strcmp0(self->found, self->seen) != 0)
    self->candidate = g_steal_pointer(&self->found);
}

static void
_end_job(SiagaWatch *self)
{
  g_thread_join(g_steal_pointer(&self->job));
  _take_result(self);
  g_clear_pointer(&self->found, g_free);
  g_clear_pointer(&self->value, self->watched.free_value); /* another watch of the same files was first */
  g_clear_pointer(&self->diag, siaga_diag_free);
}

static void
_start_timer(SiagaWatch *self)
{
  iv_validate_now();
  self->timer.expires = iv_now;
  timespec_add_msec(&self->timer.expires, self->interval / 1000);
  iv_timer_register(&self->timer);
}

static void
_tick(gpointer data)
{
  SiagaWatch *self = data;

  if (self->job && g_atomic_int_get(&self->done))
    _end_job(self);
  if (!self->job)
    _start_job(self);
  _start_timer(self);
}

SiagaWatch *
siaga_watch_new(const SiagaWatched *watched, gint64 interval, const gchar *seen)
{
  SiagaWatch *self = g_new0(SiagaWatch, 1);

  self->watched = *watched;
  self->interval = interval;
  self->seen = g_strdup(seen);
  IV_TIMER_INIT(&self->timer);
  self->timer.cookie = self;
  self->timer.handler = _tick;
  _start_timer(self);
  return self;
}

void
siaga_watch_free(gpointer data)
{
  SiagaWatch *self = data;

  if (!self)
    return;
  iv_timer_unregister(&self->timer);
  if (self->job)
    g_thread_join(self->job);
  if (self->value)
    self->watched.free_value(self->value);
  siaga_diag_free(self->diag);
  siaga_shared_unref(self->next);
  self->watched.free_user_data(self->watched.user_data);
  g_free(self->seen);
  g_free(self->candidate);
  g_free(self->found);
  g_free(self);
}
