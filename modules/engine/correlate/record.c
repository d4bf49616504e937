/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Packs and opens records. */

#include "record.h"
#include "hash.h"

#include <string.h>

#define IN_LINE 0x80 /* beside a column: the text is not here but in the line */
#define SPAN 2       /* bytes that say where */
G_STATIC_ASSERT(SIAGA_TRACKED_MAX <= IN_LINE && SIAGA_EVIDENCE_LINE <= 1 << 8 * SPAN);

SiagaPack *
siaga_pack_new(void)
{
  SiagaPack *self = g_malloc(sizeof *self + SIAGA_RECORD_ROOM);
  self->bytes = (guint8 *) (self + 1);
  self->length = 0;
  return self;
}

static inline void
_append(SiagaPack *out, gconstpointer bytes, gsize length)
{
  memcpy(out->bytes + out->length, bytes, length);
  out->length += length;
}

static inline SiagaRecord *
_header(SiagaPack *out)
{
  return (SiagaRecord *) (gpointer) out->bytes;
}

static inline void
_begin(SiagaPack *out, SiagaTime time, guint64 stream, guint flags, const guint16 *rules, guint count)
{
  *_header(out) = (SiagaRecord){ .rule_count = count, .flags = flags, .time = time, .stream = stream };
  out->length = sizeof(SiagaRecord);
  for (guint i = 0; i < count; i++, out->length += sizeof rules[0])
    memcpy(out->bytes + out->length, &rules[i], sizeof rules[0]);
}

void
siaga_record_begin(SiagaPack *out, SiagaTime time, guint64 stream, guint flags, const guint16 *rules, guint count)
{
  _begin(out, time, stream, flags, rules, count);
}

/* Two long values must stay two, so the cut one ends in a hash of the whole. */
static gsize
_shorten(gchar *buffer, const gchar *text, gsize length)
{
  static const SiagaSeed plain = { 0, 0 };
  const gsize kept = SIAGA_RECORD_TEXT - 18;
  memcpy(buffer, text, kept);
  return kept + g_snprintf(buffer + kept, 18, "~%016" G_GINT64_MODIFIER "x", siaga_keyed_hash(&plain, text, length));
}

/* Most values are short: two moves that overlap. */
static inline void
_copy_text(guint8 *to, const gchar *text, gsize length)
{
  if (length - 4 < 4)
    {
      memcpy(to, text, 4);
      memcpy(to + length - 4, text + length - 4, 4);
    }
  else if (length - 8 <= 8)
    {
      memcpy(to, text, 8);
      memcpy(to + length - 8, text + length - 8, 8);
    }
  else if (length - 16 <= 16)
    {
      memcpy(to, text, 16);
      memcpy(to + length - 16, text + length - 16, 16);
    }
  else
    memcpy(to, text, length);
}

static void
_append_long_value(SiagaPack *out, guint column, const gchar *text, gsize length)
{
  gchar buffer[SIAGA_RECORD_TEXT + 1];
  length = _shorten(buffer, text, length);
  out->bytes[out->length++] = column;
  out->bytes[out->length++] = length;
  _append(out, buffer, length);
}

/* A value that stands in the part of LINE (of KEPT bytes) that the record ends with: where. */
static inline gboolean
_append_span(SiagaPack *out, guint column, const SiagaValue *value, const gchar *line, gsize kept)
{
  const gsize at = (guintptr) value->text - (guintptr) line, length = value->length;
  if (length <= SPAN || length > SIAGA_RECORD_TEXT || at >= kept || length > kept - at)
    return FALSE;
  if (column >= SIAGA_TRACKED_MAX || _header(out)->value_count == SIAGA_RECORD_VALUES)
    return TRUE;
  _header(out)->value_count++;
  out->places[column] = SIAGA_PLACE_HIDDEN;
  const guint8 span[2 + SPAN] = { column | IN_LINE, length, at & 0xff, at >> 8 };
  memcpy(out->bytes + out->length, span, sizeof span);
  out->length += sizeof span;
  return TRUE;
}

static inline void
_append_value(SiagaPack *out, guint column, const gchar *text, gsize length)
{
  if (column >= SIAGA_TRACKED_MAX || _header(out)->value_count == SIAGA_RECORD_VALUES)
    return;
  _header(out)->value_count++;
  out->places[column] = out->length + 1;
  if (G_UNLIKELY(length > SIAGA_RECORD_TEXT))
    {
      _append_long_value(out, column, text, length);
      return;
    }
  guint8 *at = out->bytes + out->length;
  at[0] = column;
  at[1] = length;
  _copy_text(at + 2, text, length);
  out->length += 2 + length;
}

void
siaga_record_add_value(SiagaPack *out, guint column, const gchar *text, gsize length)
{
  _append_value(out, column, text, length);
}

/* Up to a multiple of eight. */
static inline void
_pad(SiagaPack *out)
{
  memset(out->bytes + out->length, 0, 8);
  out->length = (out->length + 7) & ~(gsize) 7;
}

static G_GNUC_NO_INLINE void
_append_digest(SiagaPack *out, const gchar *line, gsize length)
{
  guint8 digest[32];
  gsize size = sizeof digest;
  GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
  g_checksum_update(checksum, (const guchar *) line, length);
  g_checksum_get_digest(checksum, digest, &size);
  g_checksum_free(checksum);
  _append(out, digest, sizeof digest);
}

static SIAGA_INLINE void
_end(SiagaPack *out, gsize kept, guint64 line_hash, guint32 depth)
{
  SiagaRecord *header = _header(out);
  _pad(out);
  header->line_length = kept;
  header->line_hash = line_hash;
  header->depth = depth;
  header->size = out->length;
}

static SIAGA_INLINE void
_end_with_line(SiagaPack *out, const gchar *line, gsize length, guint64 line_hash, guint32 depth)
{
  gsize kept = MIN(length, SIAGA_EVIDENCE_LINE);
  if (kept)
    _append(out, line, kept);
  if (kept < length)
    {
      _append_digest(out, line, length);
      _header(out)->flags |= SIAGA_RF_DIGEST;
    }
  _end(out, kept, line_hash, depth);
}

void
siaga_record_end(SiagaPack *out, const gchar *line, gsize length, guint64 line_hash, guint32 depth)
{
  _end_with_line(out, line, length, line_hash, depth);
}

void
siaga_record_end_child(SiagaPack *out, const guint8 id[16], guint32 depth)
{
  _append(out, id, 16);
  siaga_record_end(out, NULL, 0, 0, depth);
}

/* Ends like the record it is a copy of. */
void
siaga_record_end_copy(SiagaPack *out, const SiagaRecordView *of)
{
  if (of->child)
    _append(out, of->child, 16);
  _append(out, of->line, of->record->line_length);
  if (of->digest)
    _append(out, of->digest, 32);
  _end(out, of->record->line_length, of->record->line_hash, of->record->depth);
  _header(out)->repeats = of->record->repeats;
}

gsize
siaga_record_bound(const SiagaEvent *event)
{
  gsize bound = 512 + MIN(event->original_length, SIAGA_EVIDENCE_LINE);
  for (guint i = 0; i < event->count; i++)
    bound += 34 + (event->values[i].type == SIAGA_VT_TEXT ? MIN(event->values[i].length, SIAGA_RECORD_TEXT) : 0);
  return MIN(bound, SIAGA_RECORD_ROOM);
}

static void
_add_number(const SiagaValue *value, guint column, SiagaPack *out)
{
  gchar buffer[32];
  gsize length = value->length;
  const gchar *text = siaga_value_text(value, buffer, &length);
  _append_value(out, column, text, length);
}

/* Keys are read where they stand, with the length in front; all else may stand in the line. */
static inline gboolean
_may_stand_in_line(const SiagaPlan *plan, guint column)
{
  return !(plan->keyed >> column & 1);
}

static inline void
_add_one(const SiagaPlan *plan, const SiagaEvent *event, const SiagaValue *value, guint column, SiagaPack *out)
{
  if (value->type != SIAGA_VT_TEXT)
    _add_number(value, column, out);
  else if (!_may_stand_in_line(plan, column) ||
           !_append_span(out, column, value, event->original, MIN(event->original_length, SIAGA_EVIDENCE_LINE)))
    _append_value(out, column, value->text, value->length);
}

#define ELEMENTS_MAX 8 /* of a list */

static void
_add_list(const SiagaPlan *plan, const SiagaEvent *event, const SiagaValue *value, guint column, SiagaPack *out)
{
  for (guint elements = 0; value && elements < ELEMENTS_MAX; value = siaga_event_next(event, value), elements++)
    _add_one(plan, event, value, column, out);
  out->places[column] = SIAGA_PLACE_HIDDEN;
}

static inline void
_add_field(const SiagaPlan *plan, const SiagaEvent *event, const SiagaValue *value, guint column, SiagaPack *out)
{
  if (G_LIKELY(!value->next))
    _add_one(plan, event, value, column, out);
  else
    _add_list(plan, event, value, column, out);
}

/* Whichever is shorter: the event's values or the fields wanted. */
static void
_add_values(const SiagaPlan *plan, const SiagaEvent *event, SiagaPack *out)
{
  guint8 claimed =
      siaga_record_takes(event, SIAGA_F_URL_DOMAIN) ? SIAGA_NOT_TRACKED : plan->tracked_of[SIAGA_F_URL_DOMAIN];
  if (event->count <= plan->tracked_count)
    {
      for (guint i = 0; i < event->count; i++)
        {
          const SiagaValue *value = &event->values[i];
          guint8 column = plan->tracked_of[value->field];
          if (column != SIAGA_NOT_TRACKED && column != claimed && event->slot[value->field] == i + 1)
            _add_field(plan, event, value, column, out);
        }
      return;
    }
  for (guint column = 0; column < plan->tracked_count; column++)
    {
      const SiagaValue *value = siaga_event_get(event, plan->tracked[column]);
      if (value && column != claimed)
        _add_field(plan, event, value, column, out);
    }
}

static inline void
_forget_places(const SiagaPlan *plan, guint rule, SiagaPack *out)
{
  const SiagaFeed *feed = &g_array_index(plan->feeds, SiagaFeed, plan->first_feed[rule]);
  for (guint i = 0; i < feed->group_count; i++)
    out->places[feed->columns[i]] = 0;
  out->places[plan->tracked_of[SIAGA_F_HOST_HOSTNAME]] = 0;
  out->places[plan->tracked_of[SIAGA_F_SOURCE_SPOOFABLE]] = 0;
}

static guint
_repeats(const SiagaEvent *event)
{
  gint64 repeats;
  return siaga_event_int(event, SIAGA_F_EVENT_COUNT, &repeats) ? CLAMP(repeats, 0, SIAGA_REPEATS_MAX) : 0;
}

gboolean
siaga_record_pack(const SiagaPlan *plan, const SiagaEvent *event, const SiagaHits *hits, const SiagaOrigin *origin,
                  SiagaTime time, SiagaPack *out)
{
  guint16 rules[SIAGA_HITS_MAX];
  guint count = 0;
  for (guint i = 0; i < hits->count; i++)
    if (siaga_plan_wants(plan, hits->rule[i]))
      rules[count++] = hits->rule[i];
  if (!count)
    return FALSE;
  if (count < hits->count)
    for (guint i = 0; i < hits->count; i++)
      if (hits->rule[i] < plan->view.count && plan->told[hits->rule[i]] && !siaga_plan_wants(plan, hits->rule[i]))
        rules[count++] = hits->rule[i];
  guint flags = event->time_kind == SIAGA_TIME_RECEIVED ? SIAGA_RF_RECEIVED : 0;
  _begin(out, time, origin->stream, flags, rules, count);
  _forget_places(plan, rules[0], out);
  _add_values(plan, event, out);
  _end_with_line(out, event->original, event->original_length, origin->line_hash, 0);
  _header(out)->repeats = _repeats(event);
  return TRUE;
}

/* Reads the value at AT; where the next begins, NULL when there is none. */
static inline const gchar *
_open_value(SiagaRecordValue *value, const gchar *at, const gchar *end)
{
  const guint8 *head = (const guint8 *) at;
  if (end - at < 2)
    return NULL;
  const gboolean in_line = head[0] & IN_LINE;
  const gsize size = 2 + (in_line ? SPAN : head[1]);
  if ((gsize) (end - at) < size)
    return NULL;
  *value = (SiagaRecordValue){ .text = at + 2, .length = head[1], .in_line = in_line };
  if (in_line)
    value->offset = head[2] | head[3] << 8;
  return at + size;
}

static gboolean
_open_values(SiagaRecordView *self, const gchar **at, const gchar *end)
{
  guint8 last[SIAGA_TRACKED_MAX];
  guint count = self->record->value_count;
  for (guint i = 0; i < count; i++)
    {
      const gchar *next = _open_value(&self->values[i], *at, end);
      guint8 column = next ? (guint8) * *at & ~IN_LINE : SIAGA_TRACKED_MAX;
      if (column >= SIAGA_TRACKED_MAX)
        return FALSE;
      if (G_UNLIKELY(self->first[column]))
        self->values[last[column] - 1].next = i + 1;
      else
        self->first[column] = i + 1;
      last[column] = i + 1;
      *at = next;
    }
  self->count = count;
  return TRUE;
}

/* The texts of values that stand in the line, once it is known where that is. */
static gboolean
_find_spans(SiagaRecordView *self)
{
  for (guint i = 0; i < self->count; i++)
    {
      SiagaRecordValue *value = &self->values[i];
      if (!value->in_line)
        continue;
      if ((guint) value->offset + value->length > self->record->line_length)
        return FALSE;
      value->text = self->line + value->offset;
    }
  return TRUE;
}

gboolean
siaga_record_open(SiagaRecordView *self, gconstpointer bytes, gsize length)
{
  const SiagaRecord *record = bytes;
  if (length < sizeof *record || record->size != length || record->value_count > SIAGA_RECORD_VALUES ||
      record->rule_count > SIAGA_HITS_MAX || record->line_length > SIAGA_EVIDENCE_LINE)
    return FALSE;
  const gchar *at = (const gchar *) (record + 1), *end = (const gchar *) bytes + length;
  if (end - at < (gssize) (record->rule_count * sizeof(guint16)))
    return FALSE;
  self->record = record;
  self->rules = siaga_record_rules(record);
  at += record->rule_count * sizeof(guint16);
  memset(self->first, 0, sizeof self->first);
  gsize digest = record->flags & SIAGA_RF_DIGEST ? 32 : 0, child = record->flags & SIAGA_RF_CHILD ? 16 : 0;
  if (!_open_values(self, &at, end) || end - at < (gssize) (child + record->line_length + digest))
    return FALSE;
  self->child = child ? (const guint8 *) at : NULL;
  at += child;
  self->line = at;
  self->digest = digest ? (const guint8 *) at + record->line_length : NULL;
  return _find_spans(self);
}
