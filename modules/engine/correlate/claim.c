/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * One process writes a state: two that did would take each other's incidents for their own. */

#include "claim.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

typedef struct
{
  gint fd;
  guint holders; /* in this process: a reload starts the next before it ends the one before */
} Claim;

static GMutex mutex;
static GHashTable *claims; /* path -> Claim */

/* The lock goes with the process.  -1 with errno; where the file system knows no locks the claim holds without. */
static gint
_lock_file(const gchar *path)
{
  gint fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
  if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
    return fd;
  close(fd);
  errno = EWOULDBLOCK;
  return -1;
}

gint
siaga_claim_take(const gchar *path)
{
  gint failed = 0;
  g_mutex_lock(&mutex);
  if (!claims)
    claims = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  Claim *claim = g_hash_table_lookup(claims, path);
  gint fd = claim ? claim->fd : _lock_file(path);
  if (fd < 0)
    failed = errno;
  else if (!claim)
    {
      claim = g_new0(Claim, 1);
      claim->fd = fd;
      g_hash_table_insert(claims, g_strdup(path), claim);
    }
  if (claim)
    claim->holders++;
  g_mutex_unlock(&mutex);
  return failed;
}

void
siaga_claim_leave(const gchar *path)
{
  g_mutex_lock(&mutex);
  Claim *claim = claims ? g_hash_table_lookup(claims, path) : NULL;
  if (claim && --claim->holders == 0)
    {
      close(claim->fd);
      g_hash_table_remove(claims, path);
    }
  g_mutex_unlock(&mutex);
}
