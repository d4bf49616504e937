/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A bump allocator: a first block that stays, and larger ones chained behind it when a line needs them. */

#include <siaga/arena.h>

#include <string.h>

#define FIRST_BLOCK 16384
#define TOTAL_MAX (1024 * 1024)

typedef struct _Block Block;

struct _Block
{
  Block *next;
  gsize size;
  gsize used;
  gchar data[];
};

struct _SiagaArena
{
  Block *first;
  Block *current;
  gsize total;
};

static Block *
_block_new(gsize size)
{
  Block *block = g_malloc(sizeof(Block) + size);
  block->next = NULL;
  block->size = size;
  block->used = 0;
  return block;
}

SiagaArena *
siaga_arena_new(void)
{
  SiagaArena *self = g_new(SiagaArena, 1);
  self->first = self->current = _block_new(FIRST_BLOCK);
  self->total = FIRST_BLOCK;
  return self;
}

static void
_free_blocks(Block *block)
{
  while (block)
    {
      Block *next = block->next;
      g_free(block);
      block = next;
    }
}

void
siaga_arena_free(SiagaArena *self)
{
  if (!self)
    return;
  _free_blocks(self->first);
  g_free(self);
}

void
siaga_arena_reset(SiagaArena *self)
{
  /* All of them: a block that was passed over as too small stands before others that are used. */
  for (Block *block = self->first; block; block = block->next)
    block->used = 0;
  self->current = self->first;
}

static gboolean
_advance(SiagaArena *self, gsize size)
{
  for (Block *next = self->current->next; next; next = next->next)
    if (next->size - next->used >= size)
      {
        self->current = next;
        return TRUE;
      }
  gsize wanted = MAX(size, 4 * FIRST_BLOCK);
  if (self->total + wanted > TOTAL_MAX)
    return FALSE;
  Block *block = _block_new(wanted);
  block->next = self->current->next;
  self->current->next = block;
  self->current = block;
  self->total += wanted;
  return TRUE;
}

gpointer
siaga_arena_alloc(SiagaArena *self, gsize size)
{
  if (size > TOTAL_MAX)
    return NULL;
  size = (size + 7) & ~(gsize) 7;
  if (self->current->size - self->current->used < size && !_advance(self, size))
    return NULL;
  gpointer result = self->current->data + self->current->used;
  self->current->used += size;
  return result;
}

gchar *
siaga_arena_copy(SiagaArena *self, const gchar *text, gsize length)
{
  gchar *copy = siaga_arena_alloc(self, length + 1);
  if (!copy)
    return NULL;
  memcpy(copy, text, length);
  copy[length] = '\0';
  return copy;
}
