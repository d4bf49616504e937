/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The life of an incident: it opens, grows, becomes worse. */

#include "case.h"
#include "uuid.h"

#include <string.h>

#define MOMENT_BYTES 40 /* of a timeline: its text is a few words */
#define CHILD_BYTES 56  /* a UUID's text and its place */

/* The name space of incident ids, itself a random UUID. */
static const guint8 incident_space[16] = { 0x5a, 0x1d, 0x3c, 0x0e, 0x7b, 0x64, 0x4f, 0x0a,
                                           0x9c, 0x51, 0x2e, 0xd8, 0x06, 0xb7, 0xf3, 0x94 };

/* The encoding is the contract of incident.h: rule id, NUL, per group-by value its length in decimal, ':' and its
 * bytes, NUL, the time in decimal microseconds. */
static void
_make_id(SiagaCase *self, const SiagaPlan *plan, SiagaTime first)
{
  const SiagaGroup *group = &g_array_index(plan->groups, SiagaGroup, self->watch->group);
  GString *name = g_string_new(self->watch->meta->id);
  g_string_append_c(name, '\0');
  for (guint i = 0; i < group->count; i++)
    {
      gsize length;
      const gchar *value = siaga_key_value(self->key, i, &length);
      g_string_append_printf(name, "%" G_GSIZE_FORMAT ":", length);
      g_string_append_len(name, value, length);
    }
  g_string_append_c(name, '\0');
  g_string_append_printf(name, "%" G_GINT64_FORMAT, first);
  siaga_uuid5(self->id, incident_space, name->str, name->len);
  g_string_free(name, TRUE);
}

void
siaga_case_note(SiagaCase *self, SiagaTime time, const gchar *format, ...)
{
  va_list args;
  /* The begin is worth keeping, and the latest; what stood in the last place but one goes. */
  if (self->moment_count == SIAGA_TIMELINE_MAX)
    {
      guint middle = SIAGA_TIMELINE_MAX / 2;
      g_free(self->moments[middle].what);
      memmove(&self->moments[middle], &self->moments[middle + 1],
              (SIAGA_TIMELINE_MAX - middle - 1) * sizeof self->moments[0]);
      self->moment_count--;
    }
  va_start(args, format);
  self->moments[self->moment_count++] = (SiagaMoment){ time, g_strdup_vprintf(format, args) };
  va_end(args);
}

static SiagaSketch *
_track_of(SiagaCase *self, guint column)
{
  if (!self->tracks[column])
    self->tracks[column] = g_new0(SiagaSketch, 1);
  self->track_count = MAX(self->track_count, column + 1);
  return self->tracks[column];
}

/* One question for a look-alike among a flood makes nobody the flood's victim. */
static guint64
_columns_left_out(const SiagaCase *self, const SiagaPlan *plan, const SiagaRecordView *record)
{
  guint8 column = plan->tracked_of[SIAGA_F_LOOKALIKE_OF];
  return self->watch->attacked && record->first[column] ? plan->of_imitation : 0;
}

void
siaga_case_track(SiagaCase *self, const SiagaPlan *plan, const SiagaRecordView *record)
{
  guint64 left_out = _columns_left_out(self, plan, record);
  for (guint column = 0; column < plan->tracked_count; column++)
    {
      guint8 first = record->first[column];
      if (!first || left_out >> column & 1)
        continue;
      SiagaSketch *track = _track_of(self, column);
      for (guint i = first; i; i = record->values[i - 1].next)
        siaga_sketch_add(track, record->values[i - 1].text, record->values[i - 1].length);
    }
}

#define PROOF_STEP 64

/* Lines of one attack are of much the same length: the last one's place mostly does. */
static SiagaProof *
_proof_of(SiagaProof *self, guint32 length)
{
  if (self && self->room >= length)
    return self;
  guint32 room = (length + PROOF_STEP - 1) / PROOF_STEP * PROOF_STEP;
  self = g_realloc(self, sizeof *self + room);
  self->room = room;
  return self;
}

/* The first lines stay; behind them the last ones go round. */
static void
_add_proof(SiagaCase *self, const SiagaRecordView *record)
{
  guint length = record->record->line_length;
  if (!length)
    return;
  guint place = self->proof_count++;
  if (place >= SIAGA_EVIDENCE_MAX)
    place = SIAGA_EVIDENCE_SIDE + (place - SIAGA_EVIDENCE_SIDE) % SIAGA_EVIDENCE_SIDE;
  SiagaProof *proof = _proof_of(self->proofs[place], length);
  proof->time = record->record->time;
  proof->length = length;
  proof->has_digest = record->digest != NULL;
  if (record->digest)
    memcpy(proof->digest, record->digest, sizeof proof->digest);
  memcpy(proof->line, record->line, length);
  self->proofs[place] = proof;
}

static gboolean
_value_is(const SiagaRecordView *record, const SiagaPlan *plan, SiagaFieldId field, const gchar *text)
{
  const SiagaRecordValue *value = siaga_record_get(record, plan->tracked_of[field]);
  return value && value->length == strlen(text) && memcmp(value->text, text, value->length) == 0;
}

static void
_note_outcome(SiagaCase *self, const SiagaPlan *plan, const SiagaRecordView *record)
{
  self->failed = self->failed || _value_is(record, plan, SIAGA_F_EVENT_OUTCOME, "failure");
  self->succeeded = self->succeeded || _value_is(record, plan, SIAGA_F_EVENT_OUTCOME, "success");
  self->spoofed = self->spoofed || _value_is(record, plan, SIAGA_F_SOURCE_SPOOFABLE, "1");
  self->received = self->received || record->record->flags & SIAGA_RF_RECEIVED;
}

static gboolean
_is_of_rule(const SiagaRecordView *record, guint rule)
{
  for (guint i = 0; i < record->record->rule_count; i++)
    if (record->rules[i] == rule)
      return TRUE;
  return FALSE;
}

static void
_note_child(SiagaCase *self, const SiagaRecordView *record)
{
  gchar uuid[37];
  static const guint8 nobody[16] = { 0 };
  /* A campaign's are in its window. */
  if (!record->child || self->watch->kind == SIAGA_WK_STAGES || memcmp(record->child, nobody, sizeof nobody) == 0)
    return;
  siaga_uuid_format(record->child, uuid);
  siaga_case_add_child(self, g_strdup(uuid));
}

static guint
_count_victims(const SiagaCase *self, const SiagaPlan *plan)
{
  guint8 column = plan->tracked_of[SIAGA_F_VICTIM_DOMAIN];
  const SiagaSketch *track = column < SIAGA_TRACKED_MAX ? self->tracks[column] : NULL;
  return track ? track->count : 0;
}

static void
_take_in(SiagaCase *self, const SiagaPlan *plan, const SiagaRecordView *record)
{
  siaga_case_track(self, plan, record);
  _note_outcome(self, plan, record);
  _note_child(self, record);
  self->strange = self->strange || _is_of_rule(record, self->watch->never_mild);
  _add_proof(self, record);
}

static void
_take_earlier(SiagaCase *self, const SiagaCaseStart *start)
{
  SiagaRecordView view;
  for (guint i = 0; i < start->earlier_count; i++)
    if (siaga_record_open(&view, start->earlier[i], start->earlier[i]->size))
      _take_in(self, start->plan, &view);
}

/* No event brought them: a decision by time alone knows the key only. */
static void
_take_group(SiagaCase *self, const SiagaPlan *plan)
{
  const SiagaGroup *group = &g_array_index(plan->groups, SiagaGroup, self->watch->group);
  for (guint i = 0; i < group->count; i++)
    {
      gsize length;
      const gchar *value = siaga_key_value(self->key, i, &length);
      SiagaFieldId field = siaga_fields_lookup(plan->view.fields, group->fields[i]->name, -1);
      guint8 column = field == SIAGA_FIELD_NONE ? SIAGA_NOT_TRACKED : plan->tracked_of[field];
      if (length && column < SIAGA_TRACKED_MAX)
        siaga_sketch_add(_track_of(self, column), value, length);
    }
}

SiagaCase *
siaga_case_new(const SiagaCaseStart *start, const SiagaRecordView *record)
{
  SiagaCase *self = g_new0(SiagaCase, 1);
  const SiagaVerdict *verdict = start->verdict;

  self->handle = start->handle;
  self->watch = start->watch;
  self->key = start->key;
  self->open = TRUE;
  self->level = start->watch->meta->level;
  self->first = verdict->first;
  self->last = self->opened = self->changed = self->updated = MAX(verdict->at, start->time);
  self->until = verdict->until;
  self->count = verdict->count;
  self->next_rise = MAX(verdict->count, 1) * 10;
  _make_id(self, start->plan, verdict->first);
  siaga_case_note(self, self->opened, "opened");
  _take_earlier(self, start);
  if (record)
    {
      self->last = record->record->time;
      _take_in(self, start->plan, record);
    }
  else
    _take_group(self, start->plan);
  self->victims = _count_victims(self, start->plan);
  return self;
}

void
siaga_case_shrink(SiagaCase *self)
{
  for (guint i = 0; i < SIAGA_EVIDENCE_MAX; i++)
    g_clear_pointer(&self->proofs[i], g_free);
  for (guint i = 0; i < self->moment_count; i++)
    g_free(self->moments[i].what);
  for (guint i = 0; i < self->track_count; i++)
    if (self->tracks[i])
      {
        siaga_sketch_clear(self->tracks[i]);
        g_clear_pointer(&self->tracks[i], g_free);
      }
  g_clear_pointer(&self->children, g_ptr_array_unref);
  self->proof_count = self->moment_count = self->track_count = 0;
}

void
siaga_case_free(SiagaCase *self)
{
  if (!self)
    return;
  siaga_case_shrink(self);
  g_free(self);
}

gsize
siaga_case_bytes(const SiagaCase *self)
{
  gsize bytes = sizeof *self;
  for (guint i = 0; i < SIAGA_EVIDENCE_MAX; i++)
    bytes += self->proofs[i] ? sizeof(SiagaProof) + self->proofs[i]->room + 16 : 0;
  for (guint i = 0; i < self->track_count; i++)
    bytes += self->tracks[i] ? sizeof(SiagaSketch) + 16 + siaga_sketch_bytes(self->tracks[i]) : 0;
  return bytes + self->moment_count * MOMENT_BYTES + (self->children ? self->children->len * CHILD_BYTES : 0);
}

static void
_rise(SiagaCase *self, SiagaTime time, const gchar *why)
{
  if (self->level >= SIAGA_LEVEL_CRITICAL)
    {
      siaga_case_note(self, time, "%s", why);
      return;
    }
  const gchar *before = siaga_level_name(self->level);
  self->level++;
  siaga_case_note(self, time, "%s: severity %s → %s", why, before, siaga_level_name(self->level));
}

void
siaga_case_begin_mild(SiagaCase *self)
{
  self->level = self->watch->meta->mild.level;
  siaga_case_note(self, self->opened, "as of people who mistype, or a program with an old password");
}

void
siaga_case_end_mild(SiagaCase *self, SiagaTime time)
{
  const gchar *before = siaga_level_name(self->level);
  self->level = self->watch->meta->level;
  siaga_case_note(self, time, "no longer as people's own failures: severity %s → %s", before,
                  siaga_level_name(self->level));
}

gboolean
siaga_case_grow(SiagaCase *self, const SiagaPlan *plan, const SiagaRecordView *record, SiagaTime time)
{
  gboolean news = FALSE, had_success = self->succeeded;

  self->count += self->watch->kind == SIAGA_WK_COUNT ? siaga_record_repeats(record->record) : 1;
  self->first = MIN(self->first, time);
  self->last = MAX(self->last, time);
  self->changed = MAX(self->changed, time);
  _take_in(self, plan, record);
  if (self->count >= self->next_rise)
    {
      gchar *why = g_strdup_printf("%" G_GUINT64_FORMAT " events", self->count);
      self->next_rise *= 10;
      if (siaga_case_is_mild(self))
        siaga_case_note(self, time, "%s", why);
      else
        _rise(self, time, why);
      g_free(why);
      news = TRUE;
    }
  if (self->failed && self->succeeded && !had_success)
    {
      _rise(self, time, "first success");
      news = TRUE;
    }
  guint victims = _count_victims(self, plan);
  if (victims > self->victims)
    {
      if (self->victims)
        siaga_case_note(self, time, "new victim");
      news = news || self->victims;
      self->victims = victims;
    }
  return news;
}

/* Windows that are decided at their end follow one another; matches with "not" overlap, and their events were counted
 * when they came. */
void
siaga_case_go_on(SiagaCase *self, SiagaTime time, const SiagaVerdict *verdict)
{
  if (self->watch->kind == SIAGA_WK_ONCE)
    self->count += verdict->count;
  self->last = MAX(self->last, time);
  self->changed = MAX(self->changed, time);
}

const gchar *
siaga_case_single(const SiagaCase *self, guint8 column)
{
  const SiagaSketch *track = column < SIAGA_TRACKED_MAX ? self->tracks[column] : NULL;
  return track && track->count == 1 ? track->names[0] : NULL;
}

const gchar *
siaga_close_reason_name(SiagaCloseReason reason)
{
  static const gchar *const names[] = { NULL, "quiet", "rolled", "rule-changed", "evicted" };
  return names[reason];
}

static gboolean
_find_child(const SiagaCase *self, const gchar *uuid, guint *index_r)
{
  return self->children && g_ptr_array_find_with_equal_func(self->children, uuid, g_str_equal, index_r);
}

gboolean
siaga_case_add_child(SiagaCase *self, gchar *uuid)
{
  if (_find_child(self, uuid, NULL) || (self->children && self->children->len == SIAGA_CHILDREN_MAX))
    {
      g_free(uuid);
      return FALSE;
    }
  if (!self->children)
    self->children = g_ptr_array_new_with_free_func(g_free);
  g_ptr_array_add(self->children, uuid);
  return TRUE;
}

gboolean
siaga_case_drop_child(SiagaCase *self, const gchar *uuid)
{
  guint index;
  if (!_find_child(self, uuid, &index))
    return FALSE;
  g_ptr_array_remove_index(self->children, index);
  return TRUE;
}
