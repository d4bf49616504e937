/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads the checkpoint.  Nothing of the file is believed: every number is bounded, every text copied. */

#include "decide.h"
#include "incident-own.h"
#include "state.h"
#include "window.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define TABLE_MAX 65534
#define WORDS_MAX (4 * 1024 * 1024)

/* What is said of an incident whose rule is gone. */
typedef struct
{
  gchar *id, *title;
  guint level;
} OldWatch;

static void
_old_watch_clear(gpointer data)
{
  OldWatch *self = data;
  g_free(self->id);
  g_free(self->title);
}

typedef struct
{
  SiagaCorrelator *self;
  int fd;
  const gchar *failed; /* NULL: fine so far */
  guint64 chain;
  guint32 at, used;
  SiagaStateMap map;
  GArray *watches; /* of OldWatch, as the state has them */
  guint8 *block;
  SiagaStream *clock_stream; /* the one that is furthest: it wakes windows that decide by time */
} Reader;

static void
_fail(Reader *in, const gchar *reason)
{
  if (!in->failed)
    in->failed = reason;
}

static gboolean
_read_all(Reader *in, gpointer bytes, gsize length)
{
  guint8 *at = bytes;
  while (length)
    {
      gssize got = read(in->fd, at, length);
      if (got < 0 && errno == EINTR)
        continue;
      if (got <= 0)
        {
          _fail(in, got ? g_strerror(errno) : "it is cut off");
          return FALSE;
        }
      at += got;
      length -= got;
    }
  return TRUE;
}

static gboolean
_next_block(Reader *in)
{
  static const SiagaSeed plain = { 0, 0 };
  struct
  {
    guint32 length, version;
    guint64 checksum;
  } head;
  if (in->failed || !_read_all(in, &head, sizeof head))
    return FALSE;
  if (head.version != SIAGA_STATE_VERSION)
    _fail(in, "it is of another version");
  if (!head.length || head.length > SIAGA_STATE_BLOCK)
    _fail(in, "a block has an impossible length");
  if (in->failed || !_read_all(in, in->block, head.length))
    return FALSE;
  in->chain = siaga_hash_mix(in->chain + siaga_keyed_hash(&plain, in->block, head.length));
  if (in->chain != head.checksum)
    _fail(in, "a checksum is wrong");
  in->at = 0;
  in->used = head.length;
  return !in->failed;
}

static gboolean
_get(Reader *in, gpointer bytes, gsize length)
{
  guint8 *to = bytes;
  while (length)
    {
      if (in->at == in->used && !_next_block(in))
        {
          memset(to, 0, length);
          return FALSE;
        }
      gsize part = MIN(length, in->used - in->at);
      memcpy(to, in->block + in->at, part);
      in->at += part;
      to += part;
      length -= part;
    }
  return TRUE;
}

static guint64
_get_number(Reader *in, guint64 max)
{
  guint64 number = 0;
  guint8 byte = 0x80;
  for (guint shift = 0; byte & 0x80 && shift < 64; shift += 7)
    {
      if (!_get(in, &byte, 1))
        return 0;
      number |= (guint64) (byte & 0x7f) << shift;
    }
  if (number <= max)
    return number;
  _fail(in, "a number is out of range");
  return 0;
}

/* A hash, or the name of a stream. */
static guint64
_get_word(Reader *in)
{
  guint64 word;
  _get(in, &word, sizeof word);
  return word;
}

static SiagaTime
_get_time(Reader *in)
{
  const SiagaTime time = _get_word(in);
  if (siaga_time_is_possible(time))
    return time;
  _fail(in, "a time is out of range");
  return 0;
}

/* NONE: what stands for no time. */
static SiagaTime
_get_time_or(Reader *in, SiagaTime none)
{
  const SiagaTime time = _get_word(in);
  return siaga_time_is_possible(time) ? time : none;
}

/* Newly allocated, never NULL. */
static gchar *
_get_text(Reader *in, gsize max, gsize *length_r)
{
  gsize length = _get_number(in, max);
  gchar *text = g_malloc0(length + 1);
  _get(in, text, length);
  if (length_r)
    *length_r = length;
  return text;
}

static void
_read_rules(Reader *in)
{
  in->map.rule_count = _get_number(in, TABLE_MAX);
  in->map.rules = g_new(guint16, in->map.rule_count + 1);
  for (guint i = 0; i < in->map.rule_count; i++)
    {
      gchar *id = _get_text(in, 4096, NULL);
      in->map.rules[i] = siaga_plan_find_rule(in->self->plan, id);
      g_free(id);
    }
}

static void
_read_columns(Reader *in)
{
  in->map.column_count = _get_number(in, SIAGA_TRACKED_MAX);
  in->map.columns = g_new(guint8, SIAGA_TRACKED_MAX);
  for (guint i = 0; i < in->map.column_count; i++)
    {
      gchar *name = _get_text(in, 4096, NULL);
      SiagaFieldId field = siaga_fields_lookup(in->self->plan->view.fields, name, -1);
      in->map.columns[i] = field == SIAGA_FIELD_NONE ? SIAGA_NOT_TRACKED : in->self->plan->tracked_of[field];
      g_free(name);
    }
}

static void
_read_groups(Reader *in)
{
  in->map.group_count = _get_number(in, TABLE_MAX);
  in->map.groups = g_new(guint16, in->map.group_count + 1);
  for (guint i = 0; i < in->map.group_count; i++)
    {
      gchar *names = _get_text(in, 65536, NULL);
      in->map.groups[i] = siaga_plan_find_group(in->self->plan, names);
      g_free(names);
    }
}

static void
_read_watches(Reader *in)
{
  in->map.watch_count = _get_number(in, TABLE_MAX);
  in->map.watches = g_new(guint16, in->map.watch_count + 1);
  for (guint i = 0; i < in->map.watch_count && !in->failed; i++)
    {
      gchar *id = _get_text(in, 4096, NULL), *title = _get_text(in, 65536, NULL);
      guint level = _get_number(in, SIAGA_LEVEL_CRITICAL);
      guint32 checksum = _get_number(in, G_MAXUINT32);
      gboolean correlation = _get_number(in, 1);
      in->map.watches[i] = siaga_plan_find_watch(in->self->plan, id, checksum, correlation);
      OldWatch old = { id, title, level };
      g_array_append_val(in->watches, old);
    }
}

/* The record in terms of the present plan, or NULL when nothing wants it. */
SiagaRecord *
siaga_state_translate(const SiagaStateMap *map, gconstpointer bytes, gsize length, SiagaPack *out)
{
  SiagaRecordView view;
  guint16 rules[SIAGA_HITS_MAX];
  guint count = 0;
  if (!siaga_record_open(&view, bytes, length))
    return NULL;
  for (guint i = 0; i < view.record->rule_count; i++)
    if (view.rules[i] < map->rule_count && map->rules[view.rules[i]] != SIAGA_GONE)
      rules[count++] = map->rules[view.rules[i]];
  if (!count)
    return NULL;
  siaga_record_begin(out, view.record->time, view.record->stream, view.record->flags, rules, count);
  for (guint column = 0; column < map->column_count; column++)
    for (guint i = view.first[column]; i; i = view.values[i - 1].next)
      siaga_record_add_value(out, map->columns[column], view.values[i - 1].text, view.values[i - 1].length);
  siaga_record_end_copy(out, &view);
  return g_memdup2(out->bytes, out->length);
}

static void
_read_queue(Reader *in, SiagaStream *stream)
{
  SiagaPack *scratch = siaga_pack_new();
  guint count = _get_number(in, 16 * SIAGA_QUEUE_MAX);
  for (guint i = 0; i < count && !in->failed; i++)
    {
      gsize length;
      gchar *bytes = _get_text(in, 1024 * 1024, &length);
      SiagaRecord *record = siaga_state_translate(&in->map, bytes, length, scratch);
      if (record)
        {
          siaga_core_count_queued(in->self, stream, record->size);
          siaga_stream_push(stream, record);
          g_free(record);
        }
      g_free(bytes);
    }
  g_free(scratch);
}

static void
_read_streams(Reader *in)
{
  guint count = _get_number(in, SIAGA_LANES * (SIAGA_STREAMS_PER_LANE + 1));
  for (guint i = 0; i < count && !in->failed; i++)
    {
      SiagaStream *stream = siaga_core_stream(in->self, _get_word(in));
      stream->watermark = _get_time_or(in, G_MININT64);
      stream->since = _get_time_or(in, G_MAXINT64);
      if (!in->clock_stream || stream->watermark > in->clock_stream->watermark)
        in->clock_stream = stream;
      _read_queue(in, stream);
      guint tail = _get_number(in, SIAGA_TAIL_MAX);
      for (guint t = 0; t < tail && !in->failed; t++)
        siaga_stream_remember(stream, _get_word(in));
    }
}

static void
_read_sketch(Reader *in, SiagaSketch *sketch)
{
  guint count = _get_number(in, SIAGA_SKETCH_NAMES);
  for (guint i = 0; i < count; i++)
    siaga_sketch_take_name(sketch, _get_text(in, 4096, NULL));
  if (!_get_number(in, 1))
    return;
  sketch->registers = g_malloc0(SIAGA_SKETCH_REGISTERS);
  _get(in, sketch->registers, SIAGA_SKETCH_REGISTERS);
  for (guint i = 0; i < SIAGA_SKETCH_REGISTERS; i++)
    sketch->registers[i] = MIN(sketch->registers[i], 64);
}

static SiagaProof *
_read_proof(Reader *in)
{
  guint8 digest[32];
  gsize length;
  if (!_get_number(in, 1))
    return NULL;
  SiagaTime time = _get_time(in);
  gboolean has_digest = _get_number(in, 1);
  if (has_digest)
    _get(in, digest, sizeof digest);
  gchar *line = _get_text(in, SIAGA_EVIDENCE_LINE, &length);
  SiagaProof *proof = g_malloc0(sizeof(SiagaProof) + length);
  proof->time = time;
  proof->length = proof->room = length;
  proof->has_digest = has_digest;
  if (has_digest)
    memcpy(proof->digest, digest, sizeof digest);
  memcpy(proof->line, line, length);
  g_free(line);
  return proof;
}

static void
_read_case_head(Reader *in, SiagaCase *cas)
{
  _get(in, cas->id, sizeof cas->id);
  _get(in, cas->previous, sizeof cas->previous);
  _get(in, cas->parent.id, sizeof cas->parent.id);
  guint flags = _get_number(in, 2047);
  guint parent = flags >> 10 & 1 ? _get_number(in, G_MAXUINT16) : SIAGA_GONE;
  cas->parent.watch = parent < in->map.watch_count ? in->map.watches[parent] : SIAGA_GONE;
  cas->parent.hash = flags >> 10 & 1 ? _get_word(in) : 0;
  cas->has_previous = flags & 1;
  cas->has_parent = flags >> 1 & 1;
  cas->open = flags >> 2 & 1;
  cas->degraded = flags >> 3 & 1;
  cas->received = flags >> 4 & 1;
  cas->spoofed = flags >> 5 & 1;
  cas->failed = flags >> 6 & 1;
  cas->succeeded = flags >> 7 & 1;
  cas->overdue = flags >> 8 & 1;
  cas->ready = flags >> 9 & 1;
  cas->level = _get_number(in, SIAGA_LEVEL_CRITICAL);
  cas->reason = _get_number(in, SIAGA_CLOSE_EVICTED);
  cas->revision = _get_number(in, G_MAXUINT32);
  cas->sent = _get_number(in, G_MAXUINT32);
  cas->first = _get_time(in);
  cas->last = _get_time(in);
  cas->opened = _get_time(in);
  cas->until = _get_time(in);
  cas->changed = _get_time(in);
  cas->updated = _get_time(in);
  cas->report_due = _get_time(in);
  cas->count = _get_number(in, G_MAXUINT64);
  cas->next_rise = _get_number(in, G_MAXUINT64);
  cas->stream = _get_word(in);
  cas->victims = _get_number(in, G_MAXUINT32);
  cas->stages = _get_number(in, G_MAXUINT16);
}

static void
_read_tracks(Reader *in, SiagaCase *cas)
{
  guint column;
  while ((column = _get_number(in, SIAGA_TRACKED_MAX)) && !in->failed)
    {
      SiagaSketch *sketch = g_new0(SiagaSketch, 1);
      guint8 to = column <= in->map.column_count ? in->map.columns[column - 1] : SIAGA_NOT_TRACKED;
      _read_sketch(in, sketch);
      if (to < SIAGA_TRACKED_MAX && !cas->tracks[to])
        {
          cas->tracks[to] = sketch;
          cas->track_count = MAX(cas->track_count, to + 1u);
          continue;
        }
      siaga_sketch_clear(sketch);
      g_free(sketch);
    }
}

static SiagaCase *
_read_case(Reader *in)
{
  SiagaCase *cas = g_new0(SiagaCase, 1);
  _read_case_head(in, cas);
  cas->proof_count = _get_number(in, G_MAXUINT32);
  for (guint i = 0; i < SIAGA_EVIDENCE_MAX; i++)
    cas->proofs[i] = _read_proof(in);
  for (guint i = 0; i < MIN(cas->proof_count, SIAGA_EVIDENCE_MAX); i++)
    if (!cas->proofs[i])
      _fail(in, "evidence is missing");
  cas->moment_count = _get_number(in, SIAGA_TIMELINE_MAX);
  for (guint i = 0; i < cas->moment_count; i++)
    {
      cas->moments[i].time = _get_time(in);
      cas->moments[i].what = _get_text(in, 65536, NULL);
    }
  guint children = _get_number(in, SIAGA_CHILDREN_MAX);
  for (guint i = 0; i < children; i++)
    siaga_case_add_child(cas, _get_text(in, 64, NULL));
  _read_tracks(in, cas);
  return cas;
}

/* The rule changed or is gone: its incident ends here, told with what is known of the rule. */
static void
_end_case(Reader *in, SiagaCase *cas, SiagaKey *key, guint watch)
{
  const SiagaPlan *plan = in->self->plan;
  SiagaIncidentOwn *own = siaga_incident_own_new();
  const OldWatch *old = &g_array_index(in->watches, OldWatch, watch);
  guint16 rule = siaga_plan_find_rule(plan, old->id);
  SiagaWatch shadow = { .timespan = 0, .group = key->group };
  static const gchar *const nothing[] = { NULL };

  own->rule = (SiagaRule){ .id = g_strdup(old->id),
                           .title = g_strdup(old->title),
                           .level = old->level,
                           .techniques = nothing,
                           .tactics = nothing,
                           .tags = nothing,
                           .falsepositives = nothing };
  g_ptr_array_add(own->strings, (gpointer) own->rule.id);
  g_ptr_array_add(own->strings, (gpointer) own->rule.title);
  shadow.meta = rule != SIAGA_GONE ? plan->records[rule] : &own->rule;
  if (cas->open || cas->ready)
    {
      cas->watch = &shadow;
      cas->key = key;
      cas->open = FALSE;
      cas->reason = SIAGA_CLOSE_RULE_CHANGED;
      cas->revision++;
      siaga_case_note(cas, cas->changed, "closed: %s", siaga_close_reason_name(cas->reason));
      SiagaIncident *incident = siaga_case_snapshot(cas, plan, SIAGA_INCIDENT_CLOSE);
      siaga_incident_own_ref(own);
      incident->own = own;
      g_ptr_array_add(in->self->pending, incident);
      g_atomic_int_set(&in->self->has_pending, 1);
    }
  siaga_incident_own_unref(own);
  siaga_case_free(cas);
}

static void
_read_cases(Reader *in, SiagaShard *shard, SiagaKey *key)
{
  while (_get_number(in, 1) && !in->failed)
    {
      guint watch = _get_number(in, TABLE_MAX);
      if (watch >= in->map.watch_count)
        {
          _fail(in, "an incident belongs to no rule");
          return;
        }
      SiagaCase *cas = _read_case(in);
      guint16 to = in->map.watches[watch];
      SiagaWindow *window = key && to != SIAGA_GONE ? siaga_key_window(key, to) : NULL;
      if (in->failed || !key)
        siaga_case_free(cas);
      else if (!window)
        _end_case(in, cas, key, watch);
      else
        siaga_life_restore(in->self, shard, key, window, siaga_plan_watch(in->self->plan, to), cas);
    }
}

static void
_read_window(Reader *in, SiagaShard *shard, SiagaKey *key)
{
  guint watch = _get_number(in, TABLE_MAX);
  guint flags = _get_number(in, G_MAXUINT16);
  guint words = _get_number(in, WORDS_MAX);
  guint16 to = watch < in->map.watch_count ? in->map.watches[watch] : SIAGA_GONE;
  SiagaWindow *window = NULL;
  if (in->failed)
    return;
  if (key && to != SIAGA_GONE)
    {
      window = siaga_key_window(key, to);
      window = window ? window : siaga_keys_add_window(&shard->keys, key, to);
    }
  if (!window || window->used)
    {
      for (guint64 skipped; words && _get(in, &skipped, sizeof skipped); words--)
        ;
      return;
    }
  window = siaga_keys_reserve(&shard->keys, key, window, words);
  window->used = words;
  window->steps = siaga_plan_watch(in->self->plan, to)->echo ? flags >> 8 : SIAGA_ANY_STEP;
  window->flags |= flags & (SIAGA_WF_DEGRADED | SIAGA_WF_REPEATED);
  _get(in, siaga_window_words(window), words * sizeof(guint64));
  if (!in->failed && !siaga_window_is_sound(siaga_plan_watch(in->self->plan, to), window))
    _fail(in, "a window is damaged");
  if (in->failed)
    window->used = 0;
  else
    siaga_decide_rearm(in->self, in->clock_stream, key, window);
}

static gboolean
_text_is_valid(const gchar *text, gsize length, guint values)
{
  gsize at = 0;
  for (guint i = 0; i < values; i++)
    {
      if (at >= length)
        return FALSE;
      at += 1 + (guint8) text[at];
    }
  return at == length;
}

static SiagaKey *
_make_key(Reader *in, SiagaShard *shard, guint64 hash, guint group, const gchar *text, gsize length)
{
  const SiagaGroup *names = &g_array_index(in->self->plan->groups, SiagaGroup, group);
  /* Another key's hash would make two keys share their incidents. */
  if (!_text_is_valid(text, length, names->count) || siaga_core_key_hash(in->self, names, text, length) != hash)
    {
      _fail(in, "a key is damaged");
      return NULL;
    }
  /* A place holder for the first window: the windows name theirs. */
  SiagaKey *key = siaga_keys_add(&shard->keys, hash, group, text, length, SIAGA_GONE);
  return key;
}

/* FALSE behind the last. */
static gboolean
_read_key(Reader *in)
{
  gsize length;
  guint group = _get_number(in, TABLE_MAX);
  if (!group || in->failed)
    return FALSE;
  guint64 hash = _get_word(in);
  guint32 touched = _get_number(in, G_MAXUINT32);
  guint spoofed = _get_number(in, 1);
  gchar *text = _get_text(in, 32767, &length);
  SiagaShard *shard = siaga_core_shard(in->self, hash);
  guint16 to = group <= in->map.group_count ? in->map.groups[group - 1] : SIAGA_GONE;
  SiagaKey *key = in->failed || to == SIAGA_GONE ? NULL : _make_key(in, shard, hash, to, text, length);
  g_free(text);
  if (key)
    {
      key->touched = touched;
      key->spoofed = spoofed;
    }
  guint windows = _get_number(in, TABLE_MAX);
  for (guint i = 0; i < windows && !in->failed; i++)
    _read_window(in, shard, key);
  _read_cases(in, shard, key);
  if (key && siaga_key_is_empty(key))
    siaga_keys_remove(&shard->keys, key);
  return !in->failed;
}

static void
_read_preludes(Reader *in)
{
  SiagaPack *scratch = siaga_pack_new();
  guint watch;
  while ((watch = _get_number(in, TABLE_MAX)) && !in->failed)
    {
      gsize length;
      guint64 hash = _get_word(in);
      gchar *bytes = _get_text(in, 1024 * 1024, &length);
      guint16 to = watch <= in->map.watch_count ? in->map.watches[watch - 1] : SIAGA_GONE;
      SiagaRecord *record = to == SIAGA_GONE ? NULL : siaga_state_translate(&in->map, bytes, length, scratch);
      if (record)
        siaga_core_keep_prelude(in->self, siaga_core_shard(in->self, hash), hash, to, record);
      g_free(record);
      g_free(bytes);
    }
  g_free(scratch);
}

static void
_read_everything(Reader *in, SiagaJournalPlace *place)
{
  gchar magic[10] = { 0 };
  _get(in, magic, sizeof magic);
  if (!in->failed && memcmp(magic, "siagastate", 10) != 0)
    _fail(in, "it is no state of siaga");
  _get(in, &in->self->seed, sizeof in->self->seed);
  _get(in, place, sizeof *place);
  _read_rules(in);
  _read_columns(in);
  _read_groups(in);
  _read_watches(in);
  _read_streams(in);
  while (!in->failed && _read_key(in))
    ;
  _read_preludes(in);
  gchar *end = _get_text(in, 16, NULL);
  if (strcmp(end, "end") != 0)
    _fail(in, "its end is missing");
  g_free(end);
}

void
siaga_state_map_clear(SiagaStateMap *self)
{
  g_free(self->rules);
  g_free(self->watches);
  g_free(self->groups);
  g_free(self->columns);
  memset(self, 0, sizeof *self);
}

gboolean
siaga_state_read(SiagaCorrelator *self, int fd, SiagaJournalPlace *place_r, SiagaStateMap *map_r,
                 const gchar **reason_r)
{
  Reader in = { .self = self, .fd = fd, .block = g_malloc(SIAGA_STATE_BLOCK) };
  in.watches = g_array_new(FALSE, FALSE, sizeof(OldWatch));
  g_array_set_clear_func(in.watches, _old_watch_clear);
  _read_everything(&in, place_r);
  g_array_unref(in.watches);
  g_free(in.block);
  *map_r = in.map;
  *reason_r = in.failed;
  if (in.failed)
    siaga_state_map_clear(map_r);
  return !in.failed;
}
