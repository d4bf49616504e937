/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The journal: records since the checkpoint, in a shared mapping.  Two halves: while a checkpoint is written from one,
 * the other takes what comes.  Writing is a copy into memory: no system call, no wait; it survives kill -9. */

#ifndef SIAGA_CORRELATE_JOURNAL_H_INCLUDED
#define SIAGA_CORRELATE_JOURNAL_H_INCLUDED

#include "hash.h"

typedef struct _SiagaJournal SiagaJournal;

/* Opens or makes PATH with halves of SIZE bytes.  NULL with errno. */
SiagaJournal *siaga_journal_open(const gchar *path, gsize size);
void siaga_journal_close(SiagaJournal *self); /* NULL allowed */

/* Any thread.  FALSE when the half is full.  NEARLY_FULL_R: time for a checkpoint. */
gboolean siaga_journal_append(SiagaJournal *self, gconstpointer record, guint32 size, gboolean *nearly_full_r);

/* With no append under way.  Goes on in the other half under GENERATION. */
void siaga_journal_begin(SiagaJournal *self, guint64 generation);
guint64 siaga_journal_generation(const SiagaJournal *self);
guint64 siaga_journal_offset(const SiagaJournal *self);
guint64 siaga_journal_bytes(const SiagaJournal *self);

/* Calls FUNC with each whole record of GENERATION from OFFSET on, in order; gives back where they end. */
typedef void (*SiagaJournalFunc)(gconstpointer record, gsize size, gpointer user_data);
guint64 siaga_journal_replay(const SiagaJournal *self, guint64 generation, guint64 offset, SiagaJournalFunc func,
                             gpointer user_data);

#endif
