/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Writes into a message's NVTable: entries grow down from its top, and an index sorted by handle grows up from its
 * bottom. */

#include "glue/name-values.h"

#include <messages.h>

#include <stdlib.h>
#include <string.h>

static int
_compare(const void *a, const void *b)
{
  const guint64 one = *(const guint64 *) a, other = *(const guint64 *) b;
  return one < other ? -1 : one > other;
}

/* By handle; those without one come first. */
static void
_sort(SiagaNames *self)
{
  guint64 *keys = g_new(guint64, self->count);
  for (guint i = 0; i < self->count; i++)
    keys[i] = (guint64) self->names[i].handle << 32 | i;
  qsort(keys, self->count, sizeof *keys, _compare);
  for (guint rank = 0; rank < self->count; rank++)
    {
      self->order[rank] = (guint32) keys[rank];
      self->names[self->order[rank]].rank = rank;
    }
  g_free(keys);
}

/* syslog-ng keeps lists of SDATA and counts matches when they are set; what stands in slots of their own is not in the
 * index; two names with one handle would stand there twice. */
static gboolean
_are_plain(const SiagaNames *self)
{
  for (guint rank = 0; rank < self->count; rank++)
    {
      const NVHandle handle = self->names[self->order[rank]].handle;
      if (!handle)
        continue;
      if (handle < LM_V_MAX || log_msg_is_handle_sdata(handle) || log_msg_is_handle_match(handle) ||
          log_msg_is_handle_macro(handle))
        return FALSE;
      if (rank && self->names[self->order[rank - 1]].handle == handle)
        return FALSE;
    }
  return TRUE;
}

static SiagaNames *
_new(const NVHandle *handles, guint count)
{
  SiagaNames *self = g_new0(SiagaNames, 1);
  self->count = count;
  self->names = g_new0(SiagaName, count);
  self->order = g_new0(guint16, count);
  for (guint i = 0; i < count; i++)
    {
      gssize length = 0;
      self->names[i].handle = handles[i];
      self->names[i].text = handles[i] ? log_msg_get_value_name(handles[i], &length) : "";
      self->names[i].length = length;
      self->names[i].head = NV_ENTRY_DIRECT_SIZE(length, 0);
    }
  _sort(self);
  self->plain = _are_plain(self);
  return self;
}

void
siaga_names_free(SiagaNames *self)
{
  g_free(self->names);
  g_free(self->order);
  g_free(self);
}

/* TABLE's copy with room for NEEDED bytes more.  nv_table_realloc() would double it again and again; nv_table_clone()
 * grows those only that have the room already. */
static NVTable *
_copy_with_room(NVTable *table, gsize needed)
{
  NVTable *copy = nv_table_new(table->num_static_entries, table->index_size, table->used + needed);

  memcpy(copy->static_entries, table->static_entries, table->num_static_entries * sizeof table->static_entries[0]);
  memcpy(siaga_index_of(copy), siaga_index_of(table), table->index_size * sizeof(NVIndexEntry));
  copy->index_size = table->index_size;
  copy->used = table->used;
  memcpy(nv_table_get_bottom(copy), nv_table_get_bottom(table), table->used);
  return copy;
}

/* What it grows by is missing in syslog-ng's own count of a message's bytes, which nobody but syslog-ng can set. */
static void
_make_room(LogMessage *msg, gsize needed)
{
  NVTable *table = msg->payload;

  if (nv_table_alloc_check(table, needed) || table->size + needed > NV_TABLE_MAX_BYTES)
    return;
  msg->payload = _copy_with_room(table, needed);
  nv_table_unref(table);
}

gboolean
siaga_filling_begin(SiagaFilling *self, const SiagaNames *names, LogMessage *msg, guint count, gsize room)
{
  const gboolean own = (msg->flags & LF_STATE_OWN_PAYLOAD) && !log_msg_is_write_protected(msg);
  const gsize needed = room + count * sizeof(NVIndexEntry);

  if (!names->plain || !own || trace_flag || msg->payload->index_size + count > G_MAXUINT16)
    return FALSE;
  _make_room(msg, needed);
  if (!nv_table_alloc_check(msg->payload, needed))
    return FALSE;
  self->names = names;
  self->table = msg->payload;
  self->index = siaga_index_of(self->table);
  self->next = self->index + count;
  self->end = self->next + self->table->index_size;
  self->used = self->table->used;
  memmove(self->next, self->index, self->table->index_size * sizeof *self->index);
  return TRUE;
}

void
siaga_filling_end(SiagaFilling *self)
{
  while (self->next < self->end)
    *self->index++ = *self->next++;
  self->table->index_size = self->index - siaga_index_of(self->table);
  self->table->used = self->used;
}

/* A message with one value and much room, all of it zero. */
static LogMessage *
_roomy_message(void)
{
  LogMessage *msg = log_msg_new_empty();

  log_msg_set_value_by_name(msg, ".siaga.try.1", "before", -1);
  _make_room(msg, 4096);
  gchar *free_space = nv_table_get_ofs_table_top(msg->payload);
  memset(free_space, 0, nv_table_get_bottom(msg->payload) - free_space);
  return msg;
}

static gboolean
_fill(const SiagaNames *names, const NVHandle *handles, LogMessage *known, LogMessage *filled)
{
  static const gchar *const texts[] = { "", "one", "longer than the others" };
  SiagaFilling filling;

  if (!siaga_filling_begin(&filling, names, filled, names->count, 1024))
    return FALSE;
  for (guint rank = 0; rank < names->count; rank++)
    {
      const guint i = names->order[rank];
      const gsize length = strlen(texts[i]);
      log_msg_set_value_with_type(known, handles[i], texts[i], length, LM_VT_BOOLEAN);
      siaga_filling_add(&filling, i, texts[i], length, LM_VT_BOOLEAN);
    }
  siaga_filling_end(&filling);
  return TRUE;
}

/* Whether both ways leave the same bytes. */
static gboolean
_is_laid_out_as_known(void)
{
  const NVHandle handles[] = { log_msg_get_value_handle(".siaga.try.2"), log_msg_get_value_handle(".siaga.try.0"),
                               log_msg_get_value_handle(".siaga.try.3") };
  SiagaNames *names = _new(handles, G_N_ELEMENTS(handles));
  LogMessage *known = _roomy_message(), *filled = _roomy_message();
  const gboolean same = _fill(names, handles, known, filled) && known->payload->size == filled->payload->size &&
                        memcmp(known->payload, filled->payload, known->payload->size) == 0;

  siaga_names_free(names);
  log_msg_unref(known);
  log_msg_unref(filled);
  return same;
}

SiagaNames *
siaga_names_new(const NVHandle *handles, guint count)
{
  SiagaNames *self = _new(handles, count);
  self->plain = self->plain && _is_laid_out_as_known();
  return self;
}
