/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Writes the checkpoint.  May run in a forked copy of the process: no locks, no allocation. */

#include "state.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

typedef struct
{
  const SiagaCorrelator *self;
  int fd;
  gboolean failed;
  guint64 bytes;
  guint64 chain; /* each block's checksum covers the one before */
  guint32 used;
  guint8 block[SIAGA_STATE_BLOCK];
} Writer;

static void
_write_all(Writer *out, gconstpointer bytes, gsize length)
{
  const guint8 *at = bytes;
  while (length && !out->failed)
    {
      gssize written = write(out->fd, at, length);
      if (written < 0 && errno == EINTR)
        continue;
      if (written <= 0)
        {
          out->failed = TRUE;
          return;
        }
      at += written;
      length -= written;
      out->bytes += written;
    }
}

static void
_flush(Writer *out)
{
  static const SiagaSeed plain = { 0, 0 };
  struct
  {
    guint32 length, version;
    guint64 checksum;
  } head = { out->used, SIAGA_STATE_VERSION, 0 };
  if (!out->used)
    return;
  out->chain = siaga_hash_mix(out->chain + siaga_keyed_hash(&plain, out->block, out->used));
  head.checksum = out->chain;
  _write_all(out, &head, sizeof head);
  _write_all(out, out->block, out->used);
  out->used = 0;
}

static void
_put(Writer *out, gconstpointer bytes, gsize length)
{
  const guint8 *at = bytes;
  while (length)
    {
      gsize part = MIN(length, SIAGA_STATE_BLOCK - out->used);
      memcpy(out->block + out->used, at, part);
      out->used += part;
      at += part;
      length -= part;
      if (out->used == SIAGA_STATE_BLOCK)
        _flush(out);
    }
}

static void
_put_number(Writer *out, guint64 number)
{
  guint8 bytes[10];
  guint count = 0;
  do
    bytes[count++] = (number & 0x7f) | (number > 0x7f ? 0x80 : 0);
  while (number >>= 7);
  _put(out, bytes, count);
}

/* A hash, or the name of a stream. */
static void
_put_word(Writer *out, guint64 word)
{
  _put(out, &word, sizeof word);
}

static void
_put_time(Writer *out, SiagaTime time)
{
  _put(out, &time, sizeof time);
}

static void
_put_text(Writer *out, gconstpointer text, gsize length)
{
  _put_number(out, length);
  _put(out, text, length);
}

static void
_put_string(Writer *out, const gchar *text)
{
  _put_text(out, text ? text : "", text ? strlen(text) : 0);
}

static void
_put_tables(Writer *out)
{
  const SiagaPlan *plan = out->self->plan;
  _put_number(out, plan->view.count);
  for (guint i = 0; i < plan->view.count; i++)
    _put_string(out, plan->records[i] ? plan->records[i]->id : NULL);
  _put_number(out, plan->tracked_count);
  for (guint i = 0; i < plan->tracked_count; i++)
    _put_string(out, siaga_fields_get(plan->view.fields, plan->tracked[i])->name);
  _put_number(out, plan->groups->len);
  for (guint i = 0; i < plan->groups->len; i++)
    _put_string(out, g_array_index(plan->groups, SiagaGroup, i).names);
  _put_number(out, plan->watches->len);
  for (guint i = 0; i < plan->watches->len; i++)
    {
      const SiagaWatch *watch = siaga_plan_watch(plan, i);
      _put_string(out, watch->meta->id);
      _put_string(out, watch->meta->title);
      _put_number(out, watch->meta->level);
      _put_number(out, watch->checksum);
      _put_number(out, watch->correlation != NULL);
    }
}

static void
_put_stream(Writer *out, const SiagaStream *stream)
{
  _put_word(out, stream->id);
  _put_time(out, stream->watermark);
  _put_time(out, stream->since);
  _put_number(out, stream->queued);
  for (guint i = 0; i < stream->queued; i++)
    {
      const SiagaRecord *record = stream->queue[stream->head + i];
      _put_text(out, record, record->size);
    }
  _put_number(out, siaga_stream_tail_length(stream));
  for (guint i = 0; i < siaga_stream_tail_length(stream); i++)
    _put_word(out, siaga_stream_tail(stream, i));
}

static void
_put_streams(Writer *out)
{
  guint count = 0;
  for (guint i = 0; i < SIAGA_LANES; i++)
    count += g_hash_table_size(out->self->lanes[i].streams);
  _put_number(out, count);
  for (guint i = 0; i < SIAGA_LANES; i++)
    {
      GHashTableIter iter;
      gpointer stream;
      g_hash_table_iter_init(&iter, out->self->lanes[i].streams);
      while (g_hash_table_iter_next(&iter, NULL, &stream))
        _put_stream(out, stream);
    }
}

static void
_count_window(SiagaKey *key, SiagaWindow *window, gpointer user_data)
{
  (void) key;
  (void) window;
  ++*(guint *) user_data;
}

static void
_put_window(SiagaKey *key, SiagaWindow *window, gpointer user_data)
{
  Writer *out = user_data;
  (void) key;
  _put_number(out, window->watch);
  /* Who told the latest of a count stands above the flags; files of before have nobody there. */
  guint teller = siaga_plan_watch(out->self->plan, window->watch)->echo ? window->steps : 0;
  _put_number(out, teller << 8 | (window->flags & (SIAGA_WF_DEGRADED | SIAGA_WF_REPEATED)));
  _put_number(out, window->used);
  _put(out, siaga_window_words(window) + window->start, window->used * sizeof(guint64));
}

static void
_put_sketch(Writer *out, const SiagaSketch *sketch)
{
  _put_number(out, sketch->count);
  for (guint i = 0; i < sketch->count; i++)
    _put_string(out, sketch->names[i]);
  _put_number(out, sketch->registers != NULL);
  if (sketch->registers)
    _put(out, sketch->registers, SIAGA_SKETCH_REGISTERS);
}

static void
_put_proof(Writer *out, const SiagaProof *proof)
{
  _put_number(out, proof != NULL);
  if (!proof)
    return;
  _put_time(out, proof->time);
  _put_number(out, proof->has_digest);
  if (proof->has_digest)
    _put(out, proof->digest, sizeof proof->digest);
  _put_text(out, proof->line, proof->length);
}

static void
_put_case_head(Writer *out, const SiagaCase *cas)
{
  guint flags = cas->has_previous | cas->has_parent << 1 | cas->open << 2 | cas->degraded << 3 | cas->received << 4 |
                cas->spoofed << 5 | cas->failed << 6 | cas->succeeded << 7 | cas->overdue << 8 |
                (cas->ready || cas->in_flight) << 9 | cas->has_parent << 10;
  _put_number(out, cas->watch->position);
  _put(out, cas->id, sizeof cas->id);
  _put(out, cas->previous, sizeof cas->previous);
  _put(out, cas->parent.id, sizeof cas->parent.id);
  _put_number(out, flags);
  if (cas->has_parent) /* files of before do not know where it is */
    {
      _put_number(out, cas->parent.watch);
      _put_word(out, cas->parent.hash);
    }
  _put_number(out, cas->level);
  _put_number(out, cas->reason);
  _put_number(out, cas->revision);
  _put_number(out, cas->sent);
  const SiagaTime times[] = { cas->first,   cas->last,    cas->opened,    cas->until,
                              cas->changed, cas->updated, cas->report_due };
  _put(out, times, sizeof times);
  _put_number(out, cas->count);
  _put_number(out, cas->next_rise);
  _put_word(out, cas->stream);
  _put_number(out, cas->victims);
  _put_number(out, cas->stages);
}

static void
_put_case(Writer *out, const SiagaCase *cas)
{
  _put_case_head(out, cas);
  _put_number(out, cas->proof_count);
  for (guint i = 0; i < SIAGA_EVIDENCE_MAX; i++)
    _put_proof(out, cas->proofs[i]);
  _put_number(out, cas->moment_count);
  for (guint i = 0; i < cas->moment_count; i++)
    {
      _put_time(out, cas->moments[i].time);
      _put_string(out, cas->moments[i].what);
    }
  _put_number(out, cas->children ? cas->children->len : 0);
  for (guint i = 0; cas->children && i < cas->children->len; i++)
    _put_string(out, cas->children->pdata[i]);
  for (guint i = 0; i < cas->track_count; i++)
    if (cas->tracks[i])
      {
        _put_number(out, i + 1);
        _put_sketch(out, cas->tracks[i]);
      }
  _put_number(out, 0);
}

static const SiagaCase *
_newest_case(const Writer *out, SiagaKey *key, guint watch)
{
  guint64 handle = siaga_core_handle(key->hash, watch);
  const SiagaWindow *window = siaga_key_window(key, watch);
  SiagaShard *shard = siaga_core_shard((SiagaCorrelator *) out->self, key->hash);
  return window && window->flags & SIAGA_WF_CASE ? g_hash_table_lookup(shard->cases, &handle) : NULL;
}

/* Oldest first, so that reading puts each before those it knew. */
static void
_put_chain(Writer *out, const SiagaCase *cas)
{
  if (!cas)
    return;
  _put_chain(out, cas->older);
  _put_number(out, 1);
  _put_case(out, cas);
}

static void
_put_cases(SiagaKey *key, SiagaWindow *window, gpointer user_data)
{
  _put_chain(user_data, _newest_case(user_data, key, window->watch));
}

static void
_put_key(Writer *out, SiagaKey *key)
{
  guint windows = 0;
  siaga_key_foreach(key, _count_window, &windows);
  _put_number(out, key->group + 1);
  _put_word(out, key->hash);
  _put_number(out, key->touched);
  _put_number(out, key->spoofed);
  _put_text(out, key->text, key->text_length);
  _put_number(out, windows);
  siaga_key_foreach(key, _put_window, out);
  siaga_key_foreach(key, _put_cases, out);
  _put_number(out, 0);
}

static void
_put_keys(Writer *out)
{
  for (guint p = 0; p < SIAGA_PARTITIONS && !out->failed; p++)
    {
      const SiagaPartition *partition = &out->self->partitions[p];
      for (guint32 i = 0; partition->mask && i <= partition->mask; i++)
        if (siaga_partition_slots(partition)[i])
          _put_key(out, siaga_partition_slots(partition)[i]);
    }
  _put_number(out, 0);
}

static void
_put_preludes(Writer *out)
{
  for (guint i = 0; i < out->self->options.shards && !out->failed; i++)
    {
      const SiagaPreludeEntry *entry;
      guint64 at = 0;
      while ((entry = siaga_prelude_next(&out->self->shards[i].prelude, &at)))
        {
          _put_number(out, entry->watch + 1);
          _put_word(out, entry->hash);
          _put_text(out, &entry->record, entry->record.size);
        }
    }
  _put_number(out, 0);
}

gboolean
siaga_state_write(SiagaCorrelator *self, int fd, const SiagaJournalPlace *place, guint64 *bytes_r)
{
  static Writer out; /* one checkpoint at a time, by the caller's lock */
  memset(&out, 0, G_STRUCT_OFFSET(Writer, block));
  out.self = self;
  out.fd = fd;
  _put(&out, "siagastate", 10);
  _put(&out, &self->seed, sizeof self->seed);
  _put(&out, place, sizeof *place);
  _put_tables(&out);
  _put_streams(&out);
  _put_keys(&out);
  _put_preludes(&out);
  _put_string(&out, "end");
  _flush(&out);
  *bytes_r = out.bytes;
  return !out.failed;
}
