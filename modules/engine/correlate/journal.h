/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The journal: records since the checkpoint, in a shared mapping.  Two halves: while a checkpoint is written from one,
 * the other takes what comes.  Writing is a copy into memory: no system call, no wait; it survives kill -9.
 * A half begins small; one thread makes room ahead of what comes, and gives back the memory of what was written: the
 * file has it. */

#ifndef SIAGA_CORRELATE_JOURNAL_H_INCLUDED
#define SIAGA_CORRELATE_JOURNAL_H_INCLUDED

#include "hash.h"

typedef struct _SiagaJournal SiagaJournal;

#define SIAGA_JOURNAL_STEPS 8 /* a half grows to so many times its first size */

/* Opens or makes PATH with halves that begin with FIRST bytes.  NULL with errno. */
SiagaJournal *siaga_journal_open(const gchar *path, gsize first);
void siaga_journal_close(SiagaJournal *self); /* NULL allowed */

/* Any thread.  FALSE when the half is full.  WANTS_R: time to tend it. */
gboolean siaga_journal_append(SiagaJournal *self, gconstpointer record, guint32 size, gboolean *wants_r);

/* One thread at a time, never beside begin.  TRUE: time for a checkpoint. */
gboolean siaga_journal_tend(SiagaJournal *self);
/* The half that is not written to is not needed any more: the blocks that it did not use go back. */
void siaga_journal_drop_other(SiagaJournal *self);

/* With no append under way.  Goes on in the other half under GENERATION. */
void siaga_journal_begin(SiagaJournal *self, guint64 generation);
guint64 siaga_journal_generation(const SiagaJournal *self);
guint64 siaga_journal_offset(const SiagaJournal *self);
guint64 siaga_journal_bytes(const SiagaJournal *self);

/* Of an entry whose record has SIZE bytes, a multiple of 8. */
guint64 siaga_journal_checksum(guint64 generation, gconstpointer record, guint32 size);

/* Calls FUNC with each whole record of GENERATION from OFFSET on, in order; gives back where they end. */
typedef void (*SiagaJournalFunc)(gconstpointer record, gsize size, gpointer user_data);
guint64 siaga_journal_replay(const SiagaJournal *self, guint64 generation, guint64 offset, SiagaJournalFunc func,
                             gpointer user_data);

#endif
