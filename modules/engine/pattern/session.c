/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Eight places for each hash: of those that fall together the ones that spoke last stay.  Who can write such lines at
 * will could make others forgotten, and their addresses missing; a wrong address takes an equal hash of 64 bits, whose
 * seed is the process' own. */

#include "session.h"

#include "engine/base/quick-hash.h"

#include <string.h>

#define ROWS 256
#define WAYS 8
#define TEXT_SIZE 236 /* of all that a session carries; what does not fit is not carried */

typedef struct
{
  guint64 hash; /* 0: free */
  guint64 spoke;
  guint8 lengths[SIAGA_SESSION_FIELDS];
  gchar text[TEXT_SIZE]; /* the values, one behind the other */
} Session;

struct _SessionTable
{
  GMutex lock;
  guint64 seed, clock;
  Session *rows; /* NULL: none seen yet */
};

SessionTable *
siaga_sessions_new(void)
{
  SessionTable *self = g_new0(SessionTable, 1);
  g_mutex_init(&self->lock);
  self->seed = (guint64) g_random_int() << 32 | g_random_int();
  return self;
}

void
siaga_sessions_free(SessionTable *self)
{
  if (!self)
    return;
  g_mutex_clear(&self->lock);
  g_free(self->rows);
  g_free(self);
}

void
siaga_sessions_forget(SessionTable *self)
{
  g_mutex_lock(&self->lock);
  g_clear_pointer(&self->rows, g_free);
  g_mutex_unlock(&self->lock);
}

static guint64
_hash(guint64 hash, const gchar *text, gsize length)
{
  return text ? siaga_quick_hash(text, length, hash) : hash + 1;
}

/* Under the lock.  The session's own place, or the one that it may have. */
static Session *
_place_of(SessionTable *self, guint64 hash)
{
  Session *row = self->rows + (hash >> 56) % ROWS * WAYS, *oldest = row;
  for (Session *place = row; place < row + WAYS; place++)
    {
      if (place->hash == hash)
        return place;
      if (place->spoke < oldest->spoke)
        oldest = place;
    }
  return oldest;
}

static gsize
_offset(const Session *self, guint position)
{
  gsize offset = 0;
  for (guint i = 0; i < position; i++)
    offset += self->lengths[i];
  return offset;
}

/* Replaces the value at POSITION; one that does not fit is none. */
static void
_store(Session *self, guint position, const gchar *text, gsize length)
{
  gsize offset = _offset(self, position), end = _offset(self, SIAGA_SESSION_FIELDS);
  gsize behind = offset + self->lengths[position];
  if (end - self->lengths[position] + length > TEXT_SIZE || length > G_MAXUINT8)
    length = 0;
  memmove(self->text + offset + length, self->text + behind, end - behind);
  memcpy(self->text + offset, text, length);
  self->lengths[position] = length;
}

static gboolean
_carries_any(const SessionKeys *keys, const SiagaEvent *event)
{
  for (guint i = 0; i < keys->count; i++)
    if (siaga_event_has(event, keys->carries[i]))
      return TRUE;
  return FALSE;
}

/* By a peer of its own, or because the line says so: a connection of this host has none. */
static gboolean
_begins(const SessionKeys *keys, const SiagaEvent *event)
{
  gsize length;
  const gchar *type = siaga_event_text(event, SIAGA_F_EVENT_TYPE, &length);
  return siaga_event_has(event, keys->carries[0]) || (type && length == 5 && memcmp(type, "start", 5) == 0);
}

/* Under the lock; SELF is the event's session. */
static void
_exchange(Session *self, const SessionKeys *keys, SiagaEvent *event)
{
  if (_begins(keys, event))
    memset(self->lengths, 0, sizeof self->lengths);
  for (guint i = 0; i < keys->count; i++)
    {
      gsize length;
      const gchar *text = siaga_event_text(event, keys->carries[i], &length);
      if (text)
        _store(self, i, text, length);
      else if (self->lengths[i])
        siaga_event_set_copy(event, keys->carries[i], self->text + _offset(self, i), self->lengths[i]);
    }
}

void
siaga_sessions_join(SessionTable *self, const SessionKeys *keys, const gchar *dataset, const SiagaLine *line,
                    SiagaEvent *event)
{
  gchar buffer[32];
  gsize length;
  const SiagaValue *id = siaga_event_get(event, keys->by);
  if (!id)
    return;
  const gchar *text = siaga_value_text(id, buffer, &length);
  guint64 hash = _hash(self->seed, text, length);
  hash = _hash(hash, line->host, line->host_length);
  hash = _hash(hash, line->pid, line->pid_length);
  hash = _hash(hash, dataset, strlen(dataset)) | 1;

  g_mutex_lock(&self->lock);
  if (!self->rows)
    self->rows = g_new0(Session, ROWS * WAYS);
  Session *session = _place_of(self, hash);
  if (session->hash != hash && _carries_any(keys, event))
    *session = (Session){ .hash = hash };
  if (session->hash == hash)
    {
      session->spoke = ++self->clock;
      _exchange(session, keys, event);
    }
  g_mutex_unlock(&self->lock);
}
