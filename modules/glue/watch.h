/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Looks at files once in a while; when they changed and are in order, asks the daemon to reload. */

#ifndef SIAGA_GLUE_WATCH_H_INCLUDED
#define SIAGA_GLUE_WATCH_H_INCLUDED

#include "glue/shared.h"

#include <siaga/diag.h>

/* LOOK and LOAD run in a thread of the watch, on its own copy of USER_DATA. */
typedef struct
{
  gchar *(*look)(gpointer user_data);                    /* what tells the files' present content from a later one */
  gpointer (*load)(gpointer user_data, SiagaDiag *diag); /* NULL: there are mistakes, named in DIAG */
  GDestroyNotify free_value;
  gpointer user_data;
  GDestroyNotify free_user_data;
} SiagaWatched;

/* Main thread.  INTERVAL in microseconds; SEEN is what LOOK gave for what is in use now. */
typedef struct _SiagaWatch SiagaWatch;

SiagaWatch *siaga_watch_new(const SiagaWatched *watched, gint64 interval, const gchar *seen);
void siaga_watch_free(gpointer watch); /* NULL allowed; waits for the thread */

#endif
