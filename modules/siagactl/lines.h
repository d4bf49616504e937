/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The lines of files as events, on all processors.  They are parsed in order, for some tell what columns the next ones
 * have, or who has connected; what takes longer is done side by side, and told in order again. */

#ifndef SIAGACTL_LINES_H_INCLUDED
#define SIAGACTL_LINES_H_INCLUDED

#include "siagactl/siagactl.h"

struct _CtlLine
{
  SiagaEvent *event;
  SiagaArena *arena;
  GString *text; /* the event points into it */
  const gchar *file;
  guint64 sequence;
  gboolean wanted; /* by --since and --until */
  SiagaHits hits;
};

typedef struct
{
  /* In order, behind the parser; NULL: nothing. */
  void (*parsed)(CtlLine *line, gpointer user_data);
  /* Side by side.  What is appended to OUT goes to standard output, in order. */
  void (*work)(CtlLine *line, GString *out, gpointer user_data);
  /* In order, and never two at once; NULL: nothing. */
  void (*tell)(CtlLine *line, gpointer user_data);
} CtlLineSteps;

/* All lines of FILES.  FALSE: not everything could be read, which is said. */
gboolean ctl_lines_each(const SiagaChain *chain, const CtlOptions *options, gchar **files, const CtlLineSteps *steps,
                        gpointer user_data);

#endif
