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

#define MARK 0x324a5353u /* "SSJ2" */

typedef struct
{
  guint32 mark;
  guint32 size; /* of the record, a multiple of 8 */
  guint64 generation;
  guint64 checksum;
} Entry;

struct _SiagaJournal
{
  int fd;
  guint8 *map;
  gsize first, size; /* of a half: at first, at most */
  guint64 generation;
  guint64 head;          /* atomic: next free byte of the present half */
  guint64 room[2];       /* atomic: bytes of each half that have blocks on the disk */
  gboolean neat[2];      /* no blocks behind the first of each half: a file that was there may have more */
  guint64 given_back[2]; /* bytes of each half that hold no memory, as far as is known */
  guint64 used[2];       /* bytes of each half when it was left */
  guint64 bytes;         /* atomic: all that was ever written */
};

static guint8 *
_half(const SiagaJournal *self, guint64 generation)
{
  return self->map + (generation & 1) * self->size;
}

/* Real blocks: a full disk must show here, not as a signal at the first write into the mapping.  0 or an errno. */
static int
_make_blocks(const SiagaJournal *self, guint half, guint64 from, guint64 size)
{
  return posix_fallocate(self->fd, half * self->size + from, size);
}

static int
_open_sized(SiagaJournal *self, const gchar *path)
{
  struct stat status;
  self->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
  if (self->fd < 0)
    return errno;
  int failed = fstat(self->fd, &status) != 0 ? errno : S_ISREG(status.st_mode) ? 0 : EINVAL;
  if (!failed && (gsize) status.st_size != 2 * self->size)
    failed = ftruncate(self->fd, 2 * self->size) != 0 ? errno : 0;
  for (guint half = 0; half < 2 && !failed; half++)
    {
      failed = _make_blocks(self, half, 0, self->first);
      self->room[half] = self->first;
    }
  return failed;
}

SiagaJournal *
siaga_journal_open(const gchar *path, gsize first)
{
  SiagaJournal *self = g_new0(SiagaJournal, 1);
  self->first = (first + 4095) & ~(gsize) 4095;
  self->size = SIAGA_JOURNAL_STEPS * self->first;
  int failed = _open_sized(self, path);
  void *map = MAP_FAILED;
  if (!failed)
    {
      map = mmap(NULL, 2 * self->size, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);
      failed = map == MAP_FAILED ? errno : 0;
    }
  if (!failed)
    {
      self->map = map;
      return self;
    }
  if (self->fd >= 0)
    close(self->fd);
  g_free(self);
  errno = failed;
  return NULL;
}

void
siaga_journal_close(SiagaJournal *self)
{
  if (!self)
    return;
  munmap(self->map, 2 * self->size);
  close(self->fd);
  g_free(self);
}

/* Room for what may come until the next look.  FALSE when the disk or the half has no more. */
static gboolean
_make_room(SiagaJournal *self, guint half, guint64 head)
{
  guint64 room = self->room[half];
  while (room < self->size && room < head + self->first && _make_blocks(self, half, room, self->first) == 0)
    {
      room += self->first;
      __atomic_store_n(&self->room[half], room, __ATOMIC_RELEASE);
    }
  return room >= head + self->first / 2;
}

/* What was written stays in the file; the pages need not be this process's. */
static void
_give_back(SiagaJournal *self, guint half, guint64 until)
{
  guint64 from = self->given_back[half];
  until &= ~(guint64) 4095;
  if (until <= from)
    return;
  madvise(self->map + half * self->size + from, until - from, MADV_DONTNEED);
  self->given_back[half] = until;
}

gboolean
siaga_journal_tend(SiagaJournal *self)
{
  guint half = self->generation & 1;
  guint64 head = __atomic_load_n(&self->head, __ATOMIC_RELAXED);
  gboolean has_room = _make_room(self, half, head);
  if (head > self->first)
    _give_back(self, half, head - self->first / 2);
  _give_back(self, !half, self->room[!half]);
  return head > self->size / 2 || !has_room;
}

/* What was used is likely used again, and new blocks cost more than the record itself. */
static guint64
_room_to_keep(const SiagaJournal *self, guint half)
{
  guint64 wanted = (self->used[half] + self->first - 1) / self->first * self->first;
  return MIN(MAX(wanted, self->first), self->room[half]);
}

void
siaga_journal_drop_other(SiagaJournal *self)
{
  guint other = !(self->generation & 1);
  guint64 kept = _room_to_keep(self, other);
#ifdef FALLOC_FL_PUNCH_HOLE
  if (self->room[other] > kept || !self->neat[other])
    fallocate(self->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, other * self->size + kept, self->size - kept);
#endif
  self->neat[other] = TRUE;
  self->room[other] = kept;
  self->given_back[other] = 0;
}

static inline guint64
_stir(guint64 sum, guint64 word)
{
  sum = (sum ^ word) * G_GUINT64_CONSTANT(0x9fb21c651e98df25);
  return sum << 29 | sum >> 35;
}

/* Against what a kill or a disk cut short, not against people: they would have to write into the file. */
guint64
siaga_journal_checksum(guint64 generation, gconstpointer record, guint32 size)
{
  const guint8 *at = record, *end = at + (size & ~7u);
  guint64 even = generation + size, odd = ~generation, words[2] = { 0, 0 };
  for (; end - at >= 16; at += 16)
    {
      memcpy(words, at, 16);
      even = _stir(even, words[0]);
      odd = _stir(odd, words[1]);
    }
  if (at < end)
    {
      memcpy(words, at, 8);
      even = _stir(even, words[0]);
    }
  return siaga_hash_mix(siaga_hash_mix(even) + odd);
}

/* A place for SIZE bytes; FALSE when there is none. */
static gboolean
_take_place(SiagaJournal *self, guint64 size, guint64 *at, gboolean *wants_r)
{
  guint64 room = __atomic_load_n(&self->room[self->generation & 1], __ATOMIC_ACQUIRE);
  *at = __atomic_load_n(&self->head, __ATOMIC_RELAXED);
  do
    {
      *wants_r = *at + size + self->first / 2 > room || *at + size > self->size / 2;
      if (*at + size > room)
        return FALSE;
    }
  while (!__atomic_compare_exchange_n(&self->head, at, *at + size, TRUE, __ATOMIC_RELAXED, __ATOMIC_RELAXED));
  return TRUE;
}

gboolean
siaga_journal_append(SiagaJournal *self, gconstpointer record, guint32 size, gboolean *wants_r)
{
  guint64 needed = sizeof(Entry) + size, at;
  if (!_take_place(self, needed, &at, wants_r))
    return FALSE;
  Entry entry = { MARK, size, self->generation, 0 };
  guint8 *place = _half(self, self->generation) + at;
  entry.checksum = siaga_journal_checksum(entry.generation, record, size);
  memcpy(place + sizeof entry, record, size);
  memcpy(place, &entry, sizeof entry);
  __atomic_fetch_add(&self->bytes, needed, __ATOMIC_RELAXED);
  return TRUE;
}

void
siaga_journal_begin(SiagaJournal *self, guint64 generation)
{
  self->used[self->generation & 1] = siaga_journal_offset(self);
  self->generation = generation;
  self->given_back[generation & 1] = 0;
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
         entry->checksum == siaga_journal_checksum(generation, half + at + sizeof *entry, entry->size);
}

/* What threads had under way when they were killed leaves gaps; no larger ones. */
#define GAP_MAX (4 << 20)

guint64
siaga_journal_replay(const SiagaJournal *self, guint64 generation, guint64 offset, SiagaJournalFunc func,
                     gpointer user_data)
{
  const guint8 *half = _half(self, generation);
  guint64 end = offset;
  Entry entry;
  for (guint64 at = offset; at + sizeof entry <= self->size && at - end <= GAP_MAX;)
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
