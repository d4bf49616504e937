/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * State on disk: a thread that has checkpoints written, by a copy of the process so that nobody waits for the disk. */

#include "config.h"

#include "claim.h"
#include "journal.h"
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define INTERVAL 30           /* seconds between checkpoints */
#define JOURNAL_MIN (1 << 20) /* of a half, at first */
#define JOURNAL_MAX (8 << 20)
#define TEND_EVERY 20   /* milliseconds, while a copy writes */
#define PATIENCE 300000 /* milliseconds for a copy to write its file */

struct _SiagaPersistence
{
  SiagaJournal *journal;
  GMutex mutex; /* one checkpoint at a time */
  GMutex wake_mutex;
  GCond wake;
  GThread *thread;
  gint wanted; /* the journal wants to be looked at; atomic */
  gboolean stop;
  gboolean spare;      /* the journal's other half is not needed any more */
  gint tables_changed; /* the journal would speak of rules that the checkpoint does not know */
  guint64 journal_bytes, checkpoints, microseconds, bytes, failed;
  gint error;   /* of the last checkpoint; 0: it stands */
  gchar *claim; /* the lock file that this process has; NULL: none */
};

static gchar *
_path(const SiagaCorrelator *self, const gchar *ending)
{
  const gchar *name = self->options.state_name ? self->options.state_name : "incidents";
  gchar *file = g_strconcat(name, ending, NULL);
  gchar *path = g_build_filename(self->options.state_dir, file, NULL);
  g_free(file);
  return path;
}

static gsize
_journal_size(const SiagaCorrelator *self)
{
  return CLAMP(self->options.memory_limit / 16, JOURNAL_MIN, JOURNAL_MAX);
}

static void
_lock_all(SiagaCorrelator *self)
{
  for (guint i = 0; i < SIAGA_LANES; i++)
    siaga_lock(&self->lanes[i].lock);
  for (guint i = 0; i < self->options.shards; i++)
    siaga_lock(&self->shards[i].lock);
}

static void
_unlock_all(SiagaCorrelator *self)
{
  for (guint i = self->options.shards; i > 0; i--)
    siaga_unlock(&self->shards[i - 1].lock);
  for (guint i = SIAGA_LANES; i > 0; i--)
    siaga_unlock(&self->lanes[i - 1].lock);
}

/* With all locks held: from here on the journal counts anew.  After a checkpoint that failed both halves are still
 * needed, so it only notes the place. */
static SiagaJournalPlace
_turn_journal(SiagaPersistence *persistence)
{
  SiagaJournal *journal = persistence->journal;
  if (persistence->spare)
    {
      siaga_journal_begin(journal, siaga_journal_generation(journal) + 1);
      persistence->spare = FALSE;
    }
  g_atomic_int_set(&persistence->tables_changed, 0);
  return (SiagaJournalPlace){ siaga_journal_generation(journal), siaga_journal_offset(journal) };
}

static gboolean
_sync_dir(const gchar *dir)
{
  int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  gboolean ok = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0)
    close(fd);
  return ok;
}

/* Beside the old file, synced, then in its place.  FALSE with errno. */
static gboolean
_write_file(SiagaCorrelator *self, const SiagaJournalPlace *place, const gchar *path, const gchar *beside,
            guint64 *bytes_r)
{
  int fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
  if (fd < 0)
    return FALSE;
  gboolean ok = siaga_state_write(self, fd, place, bytes_r) && fdatasync(fd) == 0;
  int failed = errno;
  close(fd);
  ok = ok && rename(beside, path) == 0;
  failed = ok ? 0 : failed ? failed : errno;
  if (ok)
    _sync_dir(self->options.state_dir);
  else
    unlink(beside);
  errno = failed;
  return ok;
}

typedef struct
{
  gint error;
  guint64 bytes;
} Result;

/* In the copy: no lock is taken, nothing is freed; it writes and is gone. */
static void
_write_and_exit(SiagaCorrelator *self, const SiagaJournalPlace *place, const gchar *path, const gchar *beside, int out)
{
  Result result = { 0, 0 };
  if (!_write_file(self, place, path, beside, &result.bytes))
    result.error = errno ? errno : EIO;
  gssize told = write(out, &result, sizeof result);
  _exit(told == sizeof result && !result.error ? 0 : 1);
}

/* What comes meanwhile must find room. */
static Result
_await(SiagaPersistence *persistence, int in, pid_t child)
{
  Result result = { ETIMEDOUT, 0 };
  struct pollfd wait = { .fd = in, .events = POLLIN };
  gint ready = 0;
  siaga_journal_tend(persistence->journal); /* the half that was left gives its memory back */
  for (guint waited = 0; waited < PATIENCE && ready == 0; waited += TEND_EVERY)
    {
      while ((ready = poll(&wait, 1, TEND_EVERY)) < 0 && errno == EINTR)
        ;
      if (g_atomic_int_compare_and_exchange(&persistence->wanted, TRUE, FALSE))
        siaga_journal_tend(persistence->journal);
    }
  if (ready == 1 && read(in, &result, sizeof result) != sizeof result)
    result.error = EIO;
  if (ready != 1)
    kill(child, SIGKILL); /* a disk that hangs must hold up neither a reload nor the end */
  /* The host may reap all children itself; then there is none to wait for. */
  while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
    ;
  return result;
}

static Result
_fork_and_write(SiagaCorrelator *self, const gchar *path, const gchar *beside)
{
  SiagaPersistence *persistence = self->persistence;
  int ends[2];
  Result result = { 0, 0 };
  if (pipe2(ends, O_CLOEXEC) != 0)
    {
      result.error = errno;
      return result;
    }
  _lock_all(self);
  SiagaJournalPlace place = _turn_journal(persistence);
  pid_t child = fork();
  if (child == 0)
    {
      _write_and_exit(self, &place, path, beside, ends[1]);
    }
  gint failed = errno;
  _unlock_all(self);
  close(ends[1]);
  if (child < 0)
    result.error = failed;
  else
    result = _await(persistence, ends[0], child);
  close(ends[0]);
  return result;
}

/* Where no copy can be made, or when the process is about to end anyway. */
static Result
_write_here(SiagaCorrelator *self, const gchar *path, const gchar *beside)
{
  Result result = { 0, 0 };
  _lock_all(self);
  SiagaJournalPlace place = _turn_journal(self->persistence);
  if (!_write_file(self, &place, path, beside, &result.bytes))
    result.error = errno ? errno : EIO;
  _unlock_all(self);
  return result;
}

static gint
_checkpoint(SiagaCorrelator *self, gboolean aside)
{
  SiagaPersistence *persistence = self->persistence;
  gchar *path = _path(self, ".state"), *beside = _path(self, ".state.new");
  gint64 begin = g_get_monotonic_time();

  g_mutex_lock(&persistence->mutex);
  Result result = aside ? _fork_and_write(self, path, beside) : _write_here(self, path, beside);
  if (!result.error)
    {
      persistence->spare = TRUE;
      siaga_journal_drop_other(persistence->journal);
      __atomic_store_n(&persistence->bytes, result.bytes, __ATOMIC_RELAXED);
      __atomic_store_n(&persistence->microseconds, g_get_monotonic_time() - begin, __ATOMIC_RELAXED);
      __atomic_fetch_add(&persistence->checkpoints, 1, __ATOMIC_RELAXED);
    }
  else
    __atomic_fetch_add(&persistence->failed, 1, __ATOMIC_RELAXED);
  g_atomic_int_set(&persistence->error, result.error);
  g_mutex_unlock(&persistence->mutex);
  g_free(path);
  g_free(beside);
  return result.error;
}

/* Until the journal wants something or half a minute is over; FALSE when all ends. */
static gboolean
_sleep(SiagaPersistence *persistence, gint64 until, gboolean *over_r)
{
  gboolean in_time = TRUE;
  g_mutex_lock(&persistence->wake_mutex);
  while (in_time && !persistence->stop && !g_atomic_int_get(&persistence->wanted))
    in_time = g_cond_wait_until(&persistence->wake, &persistence->wake_mutex, until);
  gboolean stop = persistence->stop;
  g_mutex_unlock(&persistence->wake_mutex);
  *over_r = !in_time;
  return !stop;
}

/* Whether the journal, or rules that changed, or a checkpoint that failed ask for one now. */
static gboolean
_is_due(SiagaPersistence *persistence)
{
  g_atomic_int_set(&persistence->wanted, FALSE);
  g_mutex_lock(&persistence->mutex);
  gboolean due = siaga_journal_tend(persistence->journal);
  g_mutex_unlock(&persistence->mutex);
  return due || g_atomic_int_get(&persistence->tables_changed) || g_atomic_int_get(&persistence->error);
}

static gpointer
_write_now_and_then(gpointer user_data)
{
  SiagaCorrelator *self = user_data;
  SiagaPersistence *persistence = self->persistence;
  gint64 until = g_get_monotonic_time() + INTERVAL * G_TIME_SPAN_SECOND;
  gboolean over;
  while (_sleep(persistence, until, &over))
    {
      if (!over && !_is_due(persistence))
        continue;
      /* A full disk is tried again at the next turn, not at once. */
      if (_checkpoint(self, TRUE) != 0)
        g_usleep(G_USEC_PER_SEC / 10);
      until = g_get_monotonic_time() + INTERVAL * G_TIME_SPAN_SECOND;
    }
  return NULL;
}

/* Once, until the writer has looked. */
static void
_wake(SiagaPersistence *persistence)
{
  if (!g_atomic_int_compare_and_exchange(&persistence->wanted, FALSE, TRUE))
    return;
  g_mutex_lock(&persistence->wake_mutex);
  g_cond_signal(&persistence->wake);
  g_mutex_unlock(&persistence->wake_mutex);
}

void
siaga_persistence_append(SiagaCorrelator *self, const SiagaRecord *record)
{
  SiagaPersistence *persistence = g_atomic_pointer_get(&self->persistence);
  gboolean wants = FALSE;
  if (!persistence || !persistence->journal)
    return;
  if (g_atomic_int_get(&persistence->tables_changed) ||
      !siaga_journal_append(persistence->journal, record, record->size, &wants))
    {
      siaga_counter_add(&self->totals.journal_lost, 1);
      wants = TRUE;
    }
  if (G_UNLIKELY(wants) && !g_atomic_int_get(&persistence->wanted))
    _wake(persistence);
}

void
siaga_persistence_rules_changed(SiagaCorrelator *self)
{
  if (!self->persistence)
    return;
  g_atomic_int_set(&self->persistence->tables_changed, 1);
  _wake(self->persistence);
}

/* Memory of both halves: as much as is not given back yet. */
guint64
siaga_persistence_mapped(const SiagaCorrelator *self)
{
  return 4 * _journal_size(self);
}

void
siaga_persistence_stats(const SiagaCorrelator *self, SiagaCorrelatorStats *stats)
{
  const SiagaPersistence *persistence = self->persistence;
  if (!persistence)
    return;
  stats->journal_bytes = persistence->journal ? siaga_journal_bytes(persistence->journal) : 0;
  stats->checkpoints = __atomic_load_n(&persistence->checkpoints, __ATOMIC_RELAXED);
  stats->checkpoints_failed = __atomic_load_n(&persistence->failed, __ATOMIC_RELAXED);
  stats->write_error = g_atomic_int_get(&persistence->error);
  stats->checkpoint_microseconds = __atomic_load_n(&persistence->microseconds, __ATOMIC_RELAXED);
  stats->checkpoint_bytes = __atomic_load_n(&persistence->bytes, __ATOMIC_RELAXED);
}

static SiagaPersistence *
_persistence_of(SiagaCorrelator *self)
{
  if (self->persistence)
    return self->persistence;
  SiagaPersistence *persistence = g_new0(SiagaPersistence, 1);
  g_mutex_init(&persistence->mutex);
  g_mutex_init(&persistence->wake_mutex);
  g_cond_init(&persistence->wake);
  g_atomic_pointer_set(&self->persistence, persistence);
  return persistence;
}

/* Nothing is written at all: who watches the counters must see that, too. */
static void
_note_failure(SiagaPersistence *persistence, gint error)
{
  __atomic_fetch_add(&persistence->failed, 1, __ATOMIC_RELAXED);
  g_atomic_int_set(&persistence->error, error);
}

static gboolean
_open_journal(SiagaCorrelator *self, SiagaDiag *diag)
{
  SiagaPersistence *persistence = _persistence_of(self);
  if (persistence->journal)
    return TRUE;
  gchar *path = _path(self, ".journal");
  SiagaJournal *journal = siaga_journal_open(path, _journal_size(self));
  if (!journal)
    {
      _note_failure(persistence, errno);
      siaga_diag_warning(diag, (SiagaPlace){ .file = path },
                         "cannot be used (%s): incidents are not kept over a restart", g_strerror(errno));
    }
  g_atomic_pointer_set(&persistence->journal, journal);
  g_free(path);
  return journal != NULL;
}

/* Renames a file that cannot be used, so that nothing is lost and nothing is read twice. */
static void
_set_aside(const gchar *path, const gchar *reason, SiagaDiag *diag)
{
  for (guint i = 1; i < 1000; i++)
    {
      gchar *aside = g_strdup_printf("%s.broken-%u", path, i);
      gboolean taken = access(aside, F_OK) == 0;
      if (!taken && rename(path, aside) == 0)
        siaga_diag_warning(diag, (SiagaPlace){ .file = path }, "cannot be read (%s): set aside as %s", reason, aside);
      else if (!taken)
        siaga_diag_warning(diag, (SiagaPlace){ .file = path }, "cannot be read (%s), nor set aside as %s (%s)", reason,
                           aside, g_strerror(errno));
      g_free(aside);
      if (!taken)
        return;
    }
}

typedef struct
{
  SiagaCorrelator *self;
  const SiagaStateMap *map;
  SiagaPack *scratch;
  SiagaChanges changes;
  gboolean any; /* records behind the checkpoint: the daemon was killed */
} Replay;

static void
_replay_record(gconstpointer bytes, gsize size, gpointer user_data)
{
  Replay *replay = user_data;
  replay->any = TRUE;
  SiagaRecord *record = siaga_state_translate(replay->map, bytes, size, replay->scratch);
  if (record)
    siaga_core_replay(replay->self, record, &replay->changes);
}

static void
_raise_revisions(SiagaCorrelator *self)
{
  for (guint i = 0; i < self->options.shards; i++)
    {
      GHashTableIter iter;
      gpointer value;
      siaga_lock(&self->shards[i].lock);
      g_hash_table_iter_init(&iter, self->shards[i].cases);
      while (g_hash_table_iter_next(&iter, NULL, &value))
        for (SiagaCase *cas = value; cas; cas = cas->older)
          cas->revision += SIAGA_REVISIONS;
      siaga_unlock(&self->shards[i].lock);
    }
}

/* The journal goes on where the checkpoint ends, and in the other half if that was begun already. */
static void
_replay_journal(SiagaCorrelator *self, const SiagaJournalPlace *place, const SiagaStateMap *map)
{
  SiagaJournal *journal = self->persistence->journal;
  Replay replay = { .self = self, .map = map, .scratch = siaga_pack_new() };
  siaga_changes_init(&replay.changes);
  self->replaying = TRUE;
  siaga_journal_replay(journal, place->generation, place->offset, _replay_record, &replay);
  guint64 second = siaga_journal_replay(journal, place->generation + 1, 0, _replay_record, &replay);
  self->replaying = FALSE;
  if (replay.any)
    _raise_revisions(self);
  /* Nothing is written over before the next checkpoint stands. */
  siaga_journal_begin(journal, place->generation + (second ? 3 : 2));
  siaga_changes_clear(&replay.changes);
  g_free(replay.scratch);
}

gboolean
siaga_correlator_restore(SiagaCorrelator *self, SiagaDiag *diag)
{
  SiagaJournalPlace place;
  SiagaStateMap map;
  const gchar *reason = NULL;

  if (!self->options.state_dir)
    return FALSE;
  gchar *path = _path(self, ".state");
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  gboolean ok = fd >= 0 && siaga_state_read(self, fd, &place, &map, &reason);
  if (fd >= 0)
    close(fd);
  if (fd >= 0 && !ok)
    {
      siaga_core_empty(self);
      _set_aside(path, reason, diag);
    }
  else if (fd < 0 && errno != ENOENT)
    siaga_diag_warning(diag, (SiagaPlace){ .file = path }, "cannot be read: %s", g_strerror(errno));
  if (ok)
    {
      if (_open_journal(self, diag))
        _replay_journal(self, &place, &map);
      siaga_core_align(self);
      siaga_state_map_clear(&map);
    }
  g_free(path);
  return ok;
}

/* From here on nobody appends; what is in the files stays as it is. */
static void
_close_journal(SiagaCorrelator *self)
{
  SiagaJournal *journal = self->persistence->journal;
  for (guint i = 0; i < SIAGA_LANES; i++)
    siaga_lock(&self->lanes[i].lock);
  g_atomic_pointer_set(&self->persistence->journal, NULL);
  for (guint i = SIAGA_LANES; i > 0; i--)
    siaga_unlock(&self->lanes[i - 1].lock);
  siaga_journal_close(journal);
}

gboolean
siaga_correlator_claim_state(SiagaCorrelator *self, SiagaDiag *diag)
{
  SiagaPersistence *persistence = _persistence_of(self);
  if (persistence->claim || !self->options.state_dir)
    return TRUE;
  gchar *path = _path(self, ".lock");
  gint failed = siaga_claim_take(path);
  if (!failed)
    {
      persistence->claim = path;
      return TRUE;
    }
  _note_failure(persistence, failed);
  if (failed == EWOULDBLOCK)
    siaga_diag_warning(diag, (SiagaPlace){ .file = path },
                       "another process writes its incidents there: these are not kept over a restart");
  else
    siaga_diag_warning(diag, (SiagaPlace){ .file = path }, "cannot be used (%s): incidents are not kept over a restart",
                       g_strerror(failed));
  g_free(path);
  return FALSE;
}

gboolean
siaga_correlator_start_persistence(SiagaCorrelator *self, SiagaDiag *diag)
{
  if (!self->options.state_dir)
    {
      siaga_diag_warning(diag, (SiagaPlace){ 0 }, "no state directory: incidents are not kept over a restart");
      return FALSE;
    }
  if (g_mkdir_with_parents(self->options.state_dir, 0750) != 0)
    {
      _note_failure(_persistence_of(self), errno);
      siaga_diag_warning(diag, (SiagaPlace){ .file = self->options.state_dir },
                         "cannot be made (%s): incidents are not kept over a restart", g_strerror(errno));
      return FALSE;
    }
  gboolean fresh = !self->persistence || !self->persistence->journal;
  if (!_open_journal(self, diag))
    return FALSE;
  if (fresh)
    siaga_journal_begin(self->persistence->journal, (guint64) g_get_real_time());
  gint failed = _checkpoint(self, FALSE);
  if (failed)
    {
      siaga_diag_warning(diag, (SiagaPlace){ .file = self->options.state_dir },
                         "cannot be written (%s): incidents are not kept over a restart", g_strerror(failed));
      _close_journal(self);
      return FALSE;
    }
  self->persistence->stop = FALSE;
  if (!self->persistence->thread)
    self->persistence->thread = g_thread_new("siaga-state", _write_now_and_then, self);
  return TRUE;
}

gboolean
siaga_correlator_save(SiagaCorrelator *self, SiagaDiag *diag)
{
  if (!self->persistence || !self->persistence->journal)
    return FALSE;
  gint failed = _checkpoint(self, FALSE);
  if (failed)
    siaga_diag_warning(diag, (SiagaPlace){ .file = self->options.state_dir }, "cannot be written: %s",
                       g_strerror(failed));
  return !failed;
}

void
siaga_correlator_stop_persistence(SiagaCorrelator *self)
{
  SiagaPersistence *persistence = self->persistence;
  if (!persistence)
    return;
  if (persistence->thread)
    {
      g_mutex_lock(&persistence->wake_mutex);
      persistence->stop = TRUE;
      g_cond_signal(&persistence->wake);
      g_mutex_unlock(&persistence->wake_mutex);
      g_thread_join(persistence->thread);
      persistence->thread = NULL;
    }
  _close_journal(self);
  if (persistence->claim)
    siaga_claim_leave(persistence->claim);
  g_clear_pointer(&persistence->claim, g_free);
}

void
siaga_persistence_free(SiagaCorrelator *self)
{
  SiagaPersistence *persistence = self->persistence;
  if (!persistence)
    return;
  siaga_correlator_stop_persistence(self);
  g_mutex_clear(&persistence->mutex);
  g_mutex_clear(&persistence->wake_mutex);
  g_cond_clear(&persistence->wake);
  g_free(persistence);
  self->persistence = NULL;
}
