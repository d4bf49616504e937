/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Many name-values set on a message at once.
 *
 * log_msg_set_value() looks a handle up, moves what lies behind it and grows the message in steps: 490 instructions for
 * each of the 25 values of a web line.  Here room is made once, and the values go to where NVTable's header says
 * that they lie.  Whether the running syslog-ng lays them out that way is tried when the configuration is read; when it
 * does not, and where syslog-ng keeps books about a name (SDATA, matches), values are set one by one. */

#ifndef SIAGA_GLUE_NAME_VALUES_H_INCLUDED
#define SIAGA_GLUE_NAME_VALUES_H_INCLUDED

#include "engine/base/block.h"
#include "glue/compat.h"

#include <string.h>

typedef struct
{
  NVHandle handle; /* 0: none */
  guint16 rank;
  guint16 head; /* the bytes of an entry beside its value */
  guint8 length;
  const gchar *text; /* with its NUL; syslog-ng keeps names for ever */
} SiagaName;

/* What values are called, in the caller's order.  Immutable, any thread. */
typedef struct
{
  gboolean plain; /* values of these names can be set at once */
  guint count;
  SiagaName *names;
  guint16 *order; /* indexes by ascending handle: values are added in this order, by rank */
} SiagaNames;

/* COUNT handles, 0 where there is none.  Main thread. */
SiagaNames *siaga_names_new(const NVHandle *handles, guint count);
void siaga_names_free(SiagaNames *self);

/* The bytes that a value of LENGTH takes. */
static inline gsize
siaga_names_room(const SiagaNames *self, guint index, gsize length)
{
  return NV_TABLE_BOUND(self->names[index].head + length);
}

/* A message that is being filled.  Between begin and end nothing else may be done with it. */
typedef struct
{
  const SiagaNames *names;
  NVTable *table;
  guint32 used;
  NVIndexEntry *index, *next, *end; /* written so far; what was there before and is still to come */
} SiagaFilling;

/* Makes room for COUNT values in ROOM bytes.  FALSE: set them one by one. */
gboolean siaga_filling_begin(SiagaFilling *self, const SiagaNames *names, LogMessage *msg, guint count, gsize room);
void siaga_filling_end(SiagaFilling *self);

static inline NVIndexEntry *
siaga_index_of(NVTable *table)
{
  return (NVIndexEntry *) &table->static_entries[table->num_static_entries];
}

static inline void
siaga_filling_write(SiagaFilling *self, const SiagaName *name, const gchar *text, gsize length, NVType type)
{
  const guint32 size = NV_TABLE_BOUND(name->head + length);
  self->used += size;
  NVEntry *entry = (NVEntry *) (nv_table_get_top(self->table) - self->used);
  entry->flags = 0;
  entry->type_present = TRUE;
  entry->name_len = name->length;
  entry->type = type;
  entry->__reserved = 0;
  entry->alloc_len = size;
  entry->vdirect.value_len = length;
  block_copy(entry->vdirect.data, name->text, name->length + 1);
  gchar *value = entry->vdirect.data + name->length + 1;
  block_copy(value, text, length);
  value[length] = '\0';
}

/* By ascending rank.  FALSE when the message has that name already: set it after the end. */
static inline gboolean
siaga_filling_add(SiagaFilling *self, guint index, const gchar *text, gsize length, NVType type)
{
  const SiagaName *name = &self->names->names[index];

  while (self->next < self->end && self->next->handle < name->handle)
    *self->index++ = *self->next++;
  if (self->next < self->end && self->next->handle == name->handle)
    return FALSE;
  siaga_filling_write(self, name, text, length, type);
  *self->index++ = (NVIndexEntry){ name->handle, self->used };
  return TRUE;
}

#endif
