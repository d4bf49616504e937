/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Several processors for one stream of lines: threads take turns at reading, work side by side on what each has read,
 * and take turns at telling, in the order in which they read.  What is read stays with the processor that read it. */

#ifndef SIAGACTL_LANES_H_INCLUDED
#define SIAGACTL_LANES_H_INCLUDED

#include <glib.h>

typedef struct _CtlLanes CtlLanes;

/* What the owner does with a batch, which is its own kind of thing; each lane has two. */
typedef struct
{
  gpointer (*make)(gpointer user_data);
  void (*free)(gpointer batch);
  /* Fills an empty BATCH with what comes next.  FALSE: nothing follows; BATCH counts all the same. */
  gboolean (*read)(CtlLanes *lanes, gpointer batch, gpointer user_data);
  /* Side by side with the other lanes. */
  void (*work)(gpointer batch, gpointer user_data);
  /* Empties BATCH.  Whoever tells comes after all who read before it. */
  void (*tell)(gpointer batch, gpointer user_data);
} CtlLaneWork;

/* LANES threads, the caller's among them; returns when all is told. */
#define CTL_LANES_MAX 8
void ctl_lanes_run(const CtlLaneWork *work, gpointer user_data, guint lanes);

/* From within read(), before it waits for more: all that was read so far is worked on and told, and BATCH is empty. */
void ctl_lanes_settle(CtlLanes *self);

#endif
