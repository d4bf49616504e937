/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The journal's file: two halves of entries, each with a mark, its generation and a checksum.  An entry that a kill cut
 * short does not check out and is passed over. */

#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK 0x314a5353u /* "SSJ1" */

typedef struct
{
  guint32 mark;
  guint32 size; /* of the record, a multiple of 8 */
  guint64 generation;
  guint64 checksum;
} Entry;

struct _SiagaJournal
{
  guint8 *map;
  gsize size; /* of a half */
  guint64 generation;
  guint64 head;  /* atomic: next free byte of the present half */
  guint64 bytes; /* atomic: all that was ever written */
};

static guint8 *
_half(const SiagaJournal *self, guint64 generation)
{
  return self->map + (generation & 1) * self->size;
}

static int
_open_sized(const gchar *path, gsize size)
{
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
  struct stat status;
  if (fd < 0)
    return -1;
  /* Real blocks: a full disk must show here, not as a signal at the first write into the mapping. */
  int failed = fstat(fd, &status) != 0 ? errno : 0;
  if (!failed && (gsize) status.st_size != size)
    failed = ftruncate(fd, size) != 0 ? errno : 0;
  if (!failed)
    failed = posix_fallocate(fd, 0, size);
  if (!failed)
    return fd;
  close(fd);
  errno = failed;
  return -1;
}

SiagaJournal *
siaga_journal_open(const gchar *path, gsize size)
{
  size = (size + 4095) & ~(gsize) 4095;
  int fd = _open_sized(path, 2 * size);
  if (fd < 0)
    return NULL;
  void *map = mmap(NULL, 2 * size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  int failed = errno;
  close(fd);
  if (map == MAP_FAILED)
    {
      errno = failed;
      return NULL;
    }
  SiagaJournal *self = g_new0(SiagaJournal, 1);
  self->map = map;
  self->size = size;
  return self;
}

void
siaga_journal_close(SiagaJournal *self)
{
  if (!self)
    return;
  munmap(self->map, 2 * self->size);
  g_free(self);
}

static guint64
_checksum(const Entry *entry, gconstpointer record)
{
  SiagaSeed seed = { entry->generation, entry->size };
  return siaga_keyed_hash(&seed, record, entry->size);
}

gboolean
siaga_journal_append(SiagaJournal *self, gconstpointer record, guint32 size, gboolean *nearly_full_r)
{
  guint64 needed = sizeof(Entry) + size;
  guint64 at = __atomic_fetch_add(&self->head, needed, __ATOMIC_RELAXED);
  *nearly_full_r = at + needed > self->size / 2;
  if (at + needed > self->size)
    return FALSE;
  Entry entry = { MARK, size, self->generation, 0 };
  guint8 *place = _half(self, self->generation) + at;
  entry.checksum = _checksum(&entry, record);
  memcpy(place + sizeof entry, record, size);
  memcpy(place, &entry, sizeof entry);
  __atomic_fetch_add(&self->bytes, needed, __ATOMIC_RELAXED);
  return TRUE;
}

void
siaga_journal_begin(SiagaJournal *self, guint64 generation)
{
  self->generation = generation;
  __atomic_store_n(&self->head, 0, __ATOMIC_RELAXED);
}

guint64
siaga_journal_generation(const SiagaJournal *self)
{
  return self->generation;
}

guint64
siaga_journal_offset(const SiagaJournal *self)
{
  return MIN(__atomic_load_n(&self->head, __ATOMIC_RELAXED), self->size);
}

guint64
siaga_journal_bytes(const SiagaJournal *self)
{
  return __atomic_load_n(&self->bytes, __ATOMIC_RELAXED);
}

static gboolean
_is_entry(const SiagaJournal *self, const guint8 *half, guint64 at, guint64 generation, Entry *entry)
{
  if (at + sizeof *entry > self->size)
    return FALSE;
  memcpy(entry, half + at, sizeof *entry);
  return entry->mark == MARK && entry->generation == generation && !(entry->size & 7) &&
         entry->size <= self->size - at - sizeof *entry &&
         entry->checksum == _checksum(entry, half + at + sizeof *entry);
}

guint64
siaga_journal_replay(const SiagaJournal *self, guint64 generation, guint64 offset, SiagaJournalFunc func,
                     gpointer user_data)
{
  const guint8 *half = _half(self, generation);
  guint64 end = offset;
  Entry entry;
  for (guint64 at = offset; at + sizeof entry <= self->size;)
    if (_is_entry(self, half, at, generation, &entry))
      {
        func(half + at + sizeof entry, entry.size, user_data);
        at += sizeof entry + entry.size;
        end = at;
      }
    else
      at += 8;
  return end;
}
