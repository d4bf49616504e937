/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Runs the samples and rejects of pattern files. */

#include "private.h"

#include <string.h>

/* Year-less stamps of samples count back from the end of 2026. */
#define SAMPLE_YEAR 2026

typedef struct
{
  const SiagaPatternSet *set;
  SiagaEvent *event;
  SiagaArena *arena;
  SiagaDiag *diag;
  const Pattern *pattern;
  GHashTable *filled; /* names of fields that a sample of the pattern filled */
  guint run;
} Runner;

static SiagaTimeContext
_context(const Sample *sample)
{
  return (SiagaTimeContext){ .year = sample->year ? sample->year : SAMPLE_YEAR };
}

/* A sample without any header stands for what the file's own program logs. */
static const gchar *
_usual_program(const PatternFile *file)
{
  for (guint i = 0; i < file->programs->len; i++)
    {
      const gchar *name = g_ptr_array_index(file->programs, i);
      if (!strchr(name, '*'))
        return name;
    }
  return NULL;
}

static void
_read_line(Runner *self, const PatternFile *file, const Sample *sample, SiagaLine *line)
{
  SiagaTimeContext context = _context(sample);
  siaga_arena_reset(self->arena);
  siaga_line_read(line, sample->line, sample->length, &context, self->arena);
  gboolean bare = line->priority < 0 && !line->has_time && !line->pid && !line->structured;
  const gchar *program = sample->program ? sample->program : bare ? _usual_program(file) : NULL;
  if (program)
    {
      if (bare)
        {
          line->text = line->raw;
          line->text_length = line->raw_length;
        }
      line->program = program;
      line->program_length = strlen(program);
    }
  if (sample->host)
    {
      line->host = sample->host;
      line->host_length = strlen(sample->host);
    }
  line->file = sample->file;
}

/* Each sample is alone in the world, but for the lines that it names itself. */
static void
_read_before(Runner *self, const PatternFile *file, const Sample *sample)
{
  siaga_sessions_forget(self->set->sessions);
  for (guint i = 0; sample->before && i < sample->before->len; i++)
    {
      const Sample *before = g_ptr_array_index(sample->before, i);
      SiagaTimeContext context = _context(before);
      SiagaLine line;
      _read_line(self, file, before, &line);
      if (!siaga_patterns_match(self->set, &line, &context, self->event))
        siaga_diag_error(self->diag, before->place, "no pattern matches what stands before the sample");
    }
}

static gchar *
_value_text(const SiagaField *field, const SiagaValue *value)
{
  gchar buffer[40];
  gsize length;
  if (field->type == SIAGA_FT_DATE)
    return g_strdup(siaga_time_format(value->integer, buffer));
  if (field->type == SIAGA_FT_BOOLEAN)
    return g_strdup(value->integer ? "true" : "false");
  const gchar *text = siaga_value_text(value, buffer, &length);
  return g_strndup(text, length);
}

static gboolean
_values_equal(const SiagaField *field, const SiagaValue *value, const SiagaYaml *expected)
{
  gint64 integer;
  gdouble real;
  gboolean flag;
  SiagaTime time;
  gint32 zone;
  switch (value->type)
    {
    case SIAGA_VT_TEXT:
      return value->length == expected->length && memcmp(value->text, expected->text, value->length) == 0;
    case SIAGA_VT_DOUBLE:
      return siaga_yaml_to_double(expected, &real) && real == value->real;
    default:
      if (field->type == SIAGA_FT_DATE)
        return siaga_time_parse(SIAGA_TIME_FORMAT_ISO8601, expected->text, expected->length, NULL, &time, &zone) &&
               time == value->integer;
      if (field->type == SIAGA_FT_BOOLEAN)
        return siaga_yaml_to_bool(expected, &flag) && flag == (value->integer != 0);
      return siaga_yaml_to_int(expected, &integer) && integer == value->integer;
    }
}

static void
_check_value(Runner *self, const Pattern *pattern, const SiagaYaml *key, const SiagaField *field,
             const SiagaValue *value, const SiagaYaml *expected)
{
  if (value && _values_equal(field, value, expected))
    return;
  gchar *got = value ? _value_text(field, value) : NULL;
  siaga_diag_error(self->diag, expected->place, "sample of %s: '%s' is %s%s%s, expected '%s'", pattern->label,
                   key->text, got ? "'" : "", got ? got : "absent", got ? "'" : "", expected->text);
  g_free(got);
}

static void
_check_list(Runner *self, const Pattern *pattern, const SiagaYaml *key, const SiagaField *field,
            const SiagaValue *value, const SiagaYaml *expected)
{
  for (guint i = 0; i < expected->size; i++)
    {
      _check_value(self, pattern, key, field, value, expected->values[i]);
      value = value ? siaga_event_next(self->event, value) : NULL;
    }
  if (value)
    {
      gchar *got = _value_text(field, value);
      siaga_diag_error(self->diag, expected->place, "sample of %s: '%s' also has '%s'", pattern->label, key->text, got);
      g_free(got);
    }
}

static void
_check_timestamp(Runner *self, const Pattern *pattern, const SiagaYaml *expected)
{
  SiagaTime time;
  gint32 zone;
  gchar buffer[40];
  if (self->event->time_kind != SIAGA_TIME_NONE &&
      siaga_time_parse(SIAGA_TIME_FORMAT_ISO8601, expected->text, expected->length, NULL, &time, &zone) &&
      time == self->event->time)
    return;
  siaga_diag_error(self->diag, expected->place, "sample of %s: '@timestamp' is '%s', expected '%s'", pattern->label,
                   self->event->time_kind == SIAGA_TIME_NONE ? "absent" : siaga_time_format(self->event->time, buffer),
                   expected->text);
}

static void
_check_field(Runner *self, const Pattern *pattern, const SiagaYaml *key, const SiagaYaml *expected)
{
  if (strcmp(key->text, "@timestamp") == 0)
    {
      _check_timestamp(self, pattern, expected);
      return;
    }
  SiagaFieldId id = siaga_fields_lookup(self->set->fields, key->text, key->length);
  const SiagaField *field = siaga_fields_get(self->set->fields, id);
  const SiagaValue *value = siaga_event_get(self->event, id);
  if (siaga_yaml_is_null(expected))
    {
      gchar *got = value ? _value_text(field, value) : NULL;
      if (got)
        siaga_diag_error(self->diag, expected->place, "sample of %s: '%s' is '%s', expected to be absent",
                         pattern->label, key->text, got);
      g_free(got);
    }
  else if (expected->kind == SIAGA_YAML_LIST)
    _check_list(self, pattern, key, field, value, expected);
  else
    _check_value(self, pattern, key, field, value, expected);
}

static void
_remember_match(guint index, gboolean matched, gpointer user_data)
{
  if (matched)
    *(guint *) user_data = index;
}

static void
_note_filled(Capture *capture, gpointer user_data)
{
  Runner *self = user_data;
  if (siaga_capture_is_filled(capture, self->event))
    g_hash_table_add(self->filled, (gpointer) siaga_capture_name(capture, self->set->fields));
}

static void
_run_sample(Runner *self, const Pattern *pattern, const Sample *sample)
{
  SiagaTimeContext context = _context(sample);
  SiagaLine line;
  guint index = G_MAXUINT;

  self->run++;
  _read_before(self, pattern->file, sample);
  _read_line(self, pattern->file, sample, &line);
  if (!siaga_patterns_explain(self->set, &line, &context, self->event, _remember_match, &index))
    {
      siaga_diag_error(self->diag, sample->place, "sample of %s: no pattern matches it", pattern->label);
      return;
    }
  if (index != pattern->index)
    {
      const Pattern *other = g_ptr_array_index(self->set->patterns, index);
      siaga_diag_error(self->diag, sample->place, "sample of %s: %s takes it (%s:%u)", pattern->label, other->label,
                       other->place.file, other->place.line);
      return;
    }
  for (guint i = 0; sample->fields && i < sample->fields->size; i++)
    _check_field(self, pattern, sample->fields->keys[i], sample->fields->values[i]);
  siaga_pattern_foreach_capture(pattern, _note_filled, self);
}

static void
_run_reject(Runner *self, const Pattern *pattern, const Sample *sample)
{
  SiagaTimeContext context = _context(sample);
  SiagaLine line;
  self->run++;
  _read_line(self, pattern->file, sample, &line);
  for (guint i = 0; i < pattern->file->patterns->len; i++)
    {
      const Pattern *other = g_ptr_array_index(pattern->file->patterns, i);
      if (siaga_pattern_matches(self->set, other, &line, &context, self->event))
        siaga_diag_error(self->diag, sample->place, "reject of %s: %s matches it", pattern->label, other->label);
    }
}

static void
_report_unfilled(Capture *capture, gpointer user_data)
{
  Runner *self = user_data;
  const gchar *name = siaga_capture_name(capture, self->set->fields);
  if (capture->optional || g_hash_table_contains(self->filled, name))
    return;
  siaga_diag_warning(self->diag, self->pattern->place,
                     "no sample of %s fills '%s' (optional: says that it may be absent)", self->pattern->label, name);
  g_hash_table_add(self->filled, (gpointer) name);
}

static void
_run_pattern(Runner *self, const Pattern *pattern)
{
  self->pattern = pattern;
  g_hash_table_remove_all(self->filled);
  for (guint i = 0; i < pattern->samples->len; i++)
    _run_sample(self, pattern, g_ptr_array_index(pattern->samples, i));
  for (guint i = 0; i < pattern->rejects->len; i++)
    _run_reject(self, pattern, g_ptr_array_index(pattern->rejects, i));
  if (pattern->samples->len)
    siaga_pattern_foreach_capture(pattern, _report_unfilled, self);
}

guint
siaga_patterns_test(const SiagaPatternSet *self, SiagaDiag *diag)
{
  return siaga_patterns_test_some(self, NULL, NULL, diag);
}

guint
siaga_patterns_test_some(const SiagaPatternSet *self, SiagaPatternFileFunc wants, gpointer user_data, SiagaDiag *diag)
{
  Runner runner = { .set = self, .event = siaga_event_new(self->fields), .arena = siaga_arena_new(), .diag = diag };
  runner.filled = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < self->patterns->len; i++)
    {
      Pattern *pattern = g_ptr_array_index(self->patterns, i);
      if (!wants || wants(pattern->file->path, user_data))
        _run_pattern(&runner, pattern);
    }
  g_hash_table_unref(runner.filled);
  siaga_arena_free(runner.arena);
  siaga_event_free(runner.event);
  return runner.run;
}
