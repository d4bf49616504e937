/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Matches a line and fills the event. */

#define _GNU_SOURCE 1 /* memmem, memrchr */

#include "private.h"

#include <string.h>
#include <time.h>

/* A log line is written by strangers: no expression may spend more than this on one. */
#define MATCH_LIMIT 20000
#define DEPTH_LIMIT 5000
#define HEAP_LIMIT_KIB 512
#define JIT_STACK_MAX (512 * 1024)

typedef struct
{
  pcre2_match_data *data;
  pcre2_match_context *context;
  pcre2_jit_stack *stack;
  guint bank;
} Thread;

static void
_thread_free(gpointer data)
{
  Thread *thread = data;
  pcre2_match_data_free(thread->data);
  pcre2_match_context_free(thread->context);
  pcre2_jit_stack_free(thread->stack);
  g_free(thread);
}

static GPrivate thread_private = G_PRIVATE_INIT(_thread_free);
static __thread Thread *thread_cached;

static Thread *
_thread_new(void)
{
  static guint next_bank;
  Thread *thread = g_new0(Thread, 1);
  thread->data = pcre2_match_data_create(SIAGA_GROK_CAPTURES + 2, NULL);
  thread->context = pcre2_match_context_create(NULL);
  thread->stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK_MAX, NULL);
  pcre2_set_match_limit(thread->context, MATCH_LIMIT);
  pcre2_set_depth_limit(thread->context, DEPTH_LIMIT);
  pcre2_set_heap_limit(thread->context, HEAP_LIMIT_KIB);
  pcre2_jit_stack_assign(thread->context, NULL, thread->stack);
  thread->bank = __atomic_fetch_add(&next_bank, 1, __ATOMIC_RELAXED) % STAT_BANKS;
  g_private_set(&thread_private, thread);
  return thread;
}

static inline Thread *
_thread(void)
{
  if (G_UNLIKELY(!thread_cached))
    thread_cached = _thread_new();
  return thread_cached;
}

PatternStats *
siaga_pattern_stats(const SiagaPatternSet *set, const Pattern *self)
{
  return &set->stats[_thread()->bank][self->index];
}

TryResult
siaga_pattern_try(const Pattern *self, const gchar *text, gsize length)
{
  Thread *thread = _thread();
  int rc;
  if (self->jit)
    rc = pcre2_jit_match(self->code, (PCRE2_SPTR) text, length, 0, 0, thread->data, thread->context);
  else
    rc = pcre2_match(self->code, (PCRE2_SPTR) text, length, 0, 0, thread->data, thread->context);
  if (rc > 0)
    return TRY_YES;
  return rc == PCRE2_ERROR_NOMATCH ? TRY_NO : TRY_LIMIT;
}

static void
_apply_constants(const Pattern *self, SiagaEvent *event)
{
  for (guint i = 0; i < self->constant_count; i++)
    {
      const Constant *constant = &self->constants[i];
      if (constant->list)
        siaga_event_add(event, constant->field, constant->text, constant->length);
      else if (siaga_event_has(event, constant->field))
        continue;
      else if (constant->type == SIAGA_VT_TEXT)
        siaga_event_set(event, constant->field, constant->text, constant->length);
      else if (constant->type == SIAGA_VT_INT)
        siaga_event_set_int(event, constant->field, constant->integer);
      else
        siaga_event_set_double(event, constant->field, constant->real);
    }
}

/* "-" is how logs write "nothing"; an empty capture is nothing too. */
static inline gboolean
_is_absent(const gchar *text, gsize length)
{
  return length == 1 && *text == '-';
}

void
siaga_pattern_extract(const SiagaPatternSet *set, const Pattern *self, const gchar *text,
                      const SiagaTimeContext *context, SiagaEvent *event)
{
  const PCRE2_SIZE *vector = pcre2_get_ovector_pointer(_thread()->data);
  guint32 groups = pcre2_get_ovector_count(_thread()->data);

  for (guint i = 0; i < self->capture_count; i++)
    {
      const Capture *capture = &self->captures[i];
      if (capture->group >= groups)
        continue;
      PCRE2_SIZE start = vector[2 * capture->group], end = vector[2 * capture->group + 1];
      if (start == PCRE2_UNSET || end <= start || _is_absent(text + start, end - start))
        continue;
      gboolean timestamp = capture->to.field == SIAGA_GROK_TIMESTAMP;
      if (!timestamp && !capture->list && siaga_event_has(event, capture->to.field))
        continue;
      if (!siaga_pattern_store(capture, text + start, end - start, context, event) && timestamp)
        siaga_counter_add(&siaga_pattern_stats(set, self)->bad_times, 1);
    }
  _apply_constants(self, event);
  event->family = self->file->family;
  event->parsed = TRUE;
  siaga_event_set(event, SIAGA_F_EVENT_DATASET, self->file->dataset, self->file->dataset_length);
  siaga_event_set(event, SIAGA_F_PATTERN, self->label, self->label_length);
}

static void
_set_unless_empty(SiagaEvent *event, SiagaFieldId field, const gchar *text, gsize length)
{
  if (text && length && !siaga_event_has(event, field))
    siaga_event_set(event, field, text, length);
}

static void
_set_pid(SiagaEvent *event, const SiagaLine *line)
{
  gint64 pid = 0;
  if (!line->pid || !line->pid_length || line->pid_length > 10 || siaga_event_has(event, SIAGA_F_PROCESS_PID))
    return;
  for (gsize i = 0; i < line->pid_length; i++)
    {
      if (!g_ascii_isdigit(line->pid[i]))
        return;
      pid = pid * 10 + (line->pid[i] - '0');
    }
  siaga_event_set_int(event, SIAGA_F_PROCESS_PID, pid);
}

/* What the pattern set stays: a relayed line may name its host better than the relay's header does. */
static void
_set_header_fields(const SiagaLine *line, SiagaEvent *event)
{
  event->original = line->raw;
  event->original_length = line->raw_length;
  _set_unless_empty(event, SIAGA_F_MESSAGE, line->text, line->text_length);
  _set_unless_empty(event, SIAGA_F_HOST_HOSTNAME, line->host, line->host_length);
  _set_unless_empty(event, SIAGA_F_PROCESS_NAME, line->program, line->program_length);
  _set_pid(event, line);
  if (line->file)
    _set_unless_empty(event, SIAGA_F_LOG_FILE_PATH, line->file, strlen(line->file));
  if (line->priority >= 0)
    siaga_event_set_int(event, SIAGA_F_LOG_SYSLOG_PRIORITY, line->priority);
  if (event->time_kind == SIAGA_TIME_NONE && line->has_time)
    {
      event->time = line->time;
      event->zone = line->zone;
      event->time_kind = SIAGA_TIME_HEADER;
    }
}

static gboolean
_program_is(const gchar *wanted, const gchar *program, gsize length)
{
  gsize size = strlen(wanted);
  if (size && wanted[size - 1] == '*')
    return length >= size - 1 && memcmp(program, wanted, size - 1) == 0;
  return length == size && memcmp(program, wanted, size) == 0;
}

static gboolean
_serves_program(const PatternFile *file, const gchar *program, gsize length)
{
  for (guint i = 0; i < file->programs->len; i++)
    if (_program_is(g_ptr_array_index(file->programs, i), program, length))
      return TRUE;
  const gchar *slash = memchr(program, '/', length);
  if (!slash || *program != '/')
    return FALSE;
  slash = memrchr(program, '/', length);
  gsize rest = program + length - slash - 1;
  return rest && _serves_program(file, slash + 1, rest);
}

static gint64
_now(void)
{
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * G_GINT64_CONSTANT(1000000000) + now.tv_nsec;
}

typedef struct
{
  const SiagaPatternSet *set;
  const SiagaLine *line;
  const gchar *text; /* the line's, or all of it */
  gsize length;
  const gchar *program;
  gsize program_length;
  const SiagaTimeContext *context;
  SiagaEvent *event;
  SiagaPatternTrace trace;
  gpointer user_data;
} Search;

static gboolean
_try(Search *self, const Pattern *pattern)
{
  PatternStats *stats = siaga_pattern_stats(self->set, pattern);
  gint64 start = G_UNLIKELY(self->set->timing) ? _now() : 0;
  TryResult result = siaga_pattern_try(pattern, self->text, self->length);
  if (result == TRY_YES)
    siaga_pattern_extract(self->set, pattern, self->text, self->context, self->event);
  siaga_counter_add(&stats->tried, 1);
  if (result == TRY_YES)
    siaga_counter_add(&stats->matched, 1);
  else if (result == TRY_LIMIT)
    siaga_counter_add(&stats->limited, 1);
  if (G_UNLIKELY(self->set->timing))
    siaga_counter_add(&stats->nanoseconds, _now() - start);
  if (G_UNLIKELY(self->trace))
    self->trace(pattern->index, result == TRY_YES, self->user_data);
  return result == TRY_YES;
}

static gboolean
_file_fits(const PatternFile *file, const gchar *path)
{
  if (!file->globs->len || !path)
    return TRUE;
  for (guint i = 0; i < file->globs->len; i++)
    if (g_pattern_spec_match_string(g_ptr_array_index(file->globs, i), path))
      return TRUE;
  return FALSE;
}

/* BOUND: the patterns that name programs; else those that do not. */
static gboolean
_search(Search *self, gboolean bound)
{
  for (guint i = 0; i < self->set->patterns->len; i++)
    {
      const Pattern *pattern = g_ptr_array_index(self->set->patterns, i);
      if ((pattern->file->programs->len > 0) != bound || !_file_fits(pattern->file, self->line->file))
        continue;
      if (bound && self->program && !_serves_program(pattern->file, self->program, self->program_length))
        continue;
      if (_try(self, pattern))
        return TRUE;
    }
  return FALSE;
}

static gboolean
_search_all(Search *self)
{
  if (self->program)
    return _search(self, TRUE) || _search(self, FALSE);
  return _search(self, FALSE) || _search(self, TRUE);
}

/* A server's own stamp or first word may look like a header: then the whole line is what the pattern describes. */
static gboolean
_search_whole_line(Search *self)
{
  const SiagaLine *line = self->line;
  if (line->priority >= 0 || line->text <= line->raw || line->text + line->text_length != line->raw + line->raw_length)
    return FALSE;
  self->text = line->raw;
  self->length = line->raw_length;
  self->program = NULL;
  return _search_all(self);
}

gboolean
siaga_patterns_explain(const SiagaPatternSet *self, const SiagaLine *line, const SiagaTimeContext *context,
                       SiagaEvent *event, SiagaPatternTrace trace, gpointer user_data)
{
  Search search = {
    .set = self,
    .line = line,
    .text = line->text,
    .length = MIN(line->text_length, SIAGA_LINE_MAX),
    .program = line->program_length ? line->program : NULL,
    .program_length = line->program_length,
    .context = context,
    .event = event,
    .trace = trace,
    .user_data = user_data,
  };
  siaga_event_reset(event);
  gboolean found = _search_all(&search) || _search_whole_line(&search);
  _set_header_fields(line, event);
  return found;
}

gboolean
siaga_patterns_match(const SiagaPatternSet *self, const SiagaLine *line, const SiagaTimeContext *context,
                     SiagaEvent *event)
{
  return siaga_patterns_explain(self, line, context, event, NULL, NULL);
}
