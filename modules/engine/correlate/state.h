/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The checkpoint file: blocks of bytes, each with its length and checksum; inside, little-endian numbers of this
 * machine's sizes, tables of names first, so that a later rule set finds its own. */

#ifndef SIAGA_CORRELATE_STATE_H_INCLUDED
#define SIAGA_CORRELATE_STATE_H_INCLUDED

#include "core.h"

#define SIAGA_STATE_VERSION 2
#define SIAGA_STATE_BLOCK 65536

/* Where in the journal the checkpoint ends: what stands behind it is not in it. */
typedef struct
{
  guint64 generation;
  guint64 offset;
} SiagaJournalPlace;

/* Names of the rules, fields and groups that a state or a journal speaks of, as positions in the present plan. */
typedef struct
{
  guint16 *rules;   /* old rule index -> new; 0xffff: gone */
  guint16 *watches; /* old watch -> new */
  guint16 *groups;
  guint8 *columns;
  guint rule_count, watch_count, group_count, column_count;
} SiagaStateMap;

void siaga_state_map_clear(SiagaStateMap *self);

/* The record in terms of the present plan; NULL when it is damaged or nothing wants it.  The caller owns it. */
SiagaRecord *siaga_state_translate(const SiagaStateMap *map, gconstpointer bytes, gsize length, SiagaPack *scratch);

/* Writes everything to FD; all lanes and shards are locked, or this is a copy of the process.  FALSE with errno. */
gboolean siaga_state_write(SiagaCorrelator *self, int fd, const SiagaJournalPlace *place, guint64 *bytes_r);

/* Fills an empty correlator.  FALSE with the reason when the file is damaged or of another version; the correlator is
 * to be emptied then. */
gboolean siaga_state_read(SiagaCorrelator *self, int fd, SiagaJournalPlace *place_r, SiagaStateMap *map_r,
                          const gchar **reason_r);

#endif
