/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Compiles and runs expressions, under limits. */

#include "expression.h"

#include <string.h>

/* A log line is written by strangers: no expression may spend more than this on one.  A step back may cost as many
 * bytes as the text has left, so a long text gets fewer of them: the product stays about a millisecond.  What the
 * shipped expressions need for real lines is below 500 steps for short ones and about 100 for requests of 24 KiB. */
#define MATCH_WORK 3000000
#define MATCH_LIMIT_MIN 40
#define MATCH_LIMIT_MAX 20000
#define DEPTH_LIMIT 5000
#define HEAP_LIMIT_KIB 512
#define JIT_STACK_MAX (512 * 1024)

struct _ExpressionThread
{
  Span groups[SIAGA_GROK_CAPTURES];
  ProgramRun run;
  pcre2_match_data *data;
  pcre2_match_context *context;
  pcre2_jit_stack *stack;
};

static void
_thread_free(gpointer data)
{
  ExpressionThread *thread = data;
  pcre2_match_data_free(thread->data);
  pcre2_match_context_free(thread->context);
  pcre2_jit_stack_free(thread->stack);
  g_free(thread);
}

static GPrivate thread_private = G_PRIVATE_INIT(_thread_free);
static __thread ExpressionThread *thread_cached;

static ExpressionThread *
_thread_new(void)
{
  ExpressionThread *thread = g_new0(ExpressionThread, 1);
  thread->run.work = EXPRESSION_LINE_WORK;
  thread->data = pcre2_match_data_create(SIAGA_GROK_CAPTURES + 2, NULL);
  thread->context = pcre2_match_context_create(NULL);
  thread->stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK_MAX, NULL);
  pcre2_set_depth_limit(thread->context, DEPTH_LIMIT);
  pcre2_set_heap_limit(thread->context, HEAP_LIMIT_KIB);
  pcre2_jit_stack_assign(thread->context, NULL, thread->stack);
  g_private_set(&thread_private, thread);
  return thread;
}

ExpressionThread *
siaga_expression_thread(void)
{
  if (G_UNLIKELY(!thread_cached))
    thread_cached = _thread_new();
  return thread_cached;
}

/* What is compiled, and where it was written. */
typedef struct
{
  const SiagaGrok *grok;
  const gchar *text;
  const SiagaFields *fields;
  SiagaPlace place;
  SiagaDiag *diag;
} Source;

static void
_report(const Source *source, const GString *regex, int error, PCRE2_SIZE offset)
{
  PCRE2_UCHAR text[160];
  gsize start = offset > 24 ? offset - 24 : 0;
  gsize origin = siaga_grok_origin(source->grok, source->text, source->fields, offset);
  pcre2_get_error_message(error, text, sizeof text);
  siaga_diag_error(source->diag, siaga_place_in(source->place, source->text, origin),
                   "not a regular expression: %s, at offset %zu with macros expanded: ...%.*s <-- here",
                   (const gchar *) text, offset, (int) (offset - start), regex->str + start);
}

static pcre2_code *
_compile_code(const gchar *regex, gsize length, gboolean caseless, int *error_r, PCRE2_SIZE *offset_r)
{
  guint32 options = PCRE2_ANCHORED | PCRE2_DOLLAR_ENDONLY | PCRE2_NO_AUTO_CAPTURE | PCRE2_NEVER_BACKSLASH_C |
                    PCRE2_NEVER_UTF | (caseless ? PCRE2_CASELESS : 0);
  return pcre2_compile((PCRE2_SPTR) regex, length, options, error_r, offset_r, NULL);
}

static gboolean
_compile(Expression *self, const Source *source, const GString *regex, gboolean caseless)
{
  int error;
  PCRE2_SIZE offset;
  self->code = _compile_code(regex->str, regex->len, caseless, &error, &offset);
  if (!self->code)
    {
      _report(source, regex, error, offset);
      return FALSE;
    }
  return TRUE;
}

/* A part may speak of a group that stands in another. */
static gboolean
_compiles_as_part(const Source *source, const GString *regex)
{
  int error;
  PCRE2_SIZE offset;
  pcre2_code *code = _compile_code(regex->str, regex->len, FALSE, &error, &offset);
  gboolean ok = code || error == PCRE2_ERROR_BAD_SUBPATTERN_REFERENCE;
  if (!ok)
    _report(source, regex, error, offset);
  pcre2_code_free(code);
  return ok;
}

gboolean
siaga_expression_check(const SiagaGrok *grok, const gchar *text, const SiagaFields *fields, SiagaPlace place,
                       SiagaDiag *diag)
{
  const Source source = { grok, text, fields, place, diag };
  SiagaGrokResult expanded;
  gboolean ok =
      siaga_grok_expand(grok, text, fields, place, &expanded, diag) && _compiles_as_part(&source, expanded.regex);
  g_string_free(expanded.regex, TRUE);
  return ok;
}

void
siaga_capture_init(Capture *self, const SiagaFields *fields, SiagaGrokCapture to)
{
  self->to = to;
  self->type = SIAGA_FT_DATE;
  if (to.field == SIAGA_GROK_TIMESTAMP)
    return;
  self->type = siaga_fields_get(fields, to.field)->type;
  self->list = siaga_fields_get(fields, to.field)->list;
}

/* The numbers of the groups that the captures became. */
static gboolean
_number_captures(Expression *self, const SiagaFields *fields, const SiagaGrokResult *expanded, SiagaPlace place,
                 SiagaDiag *diag)
{
  guint32 groups = 0;
  pcre2_pattern_info(self->code, PCRE2_INFO_CAPTURECOUNT, &groups);
  if (groups > SIAGA_GROK_CAPTURES)
    {
      siaga_diag_error(diag, place, "more than %d groups with names", SIAGA_GROK_CAPTURES);
      return FALSE;
    }
  for (guint i = 0; i < expanded->count; i++)
    {
      gchar name[8];
      g_snprintf(name, sizeof name, "g%u", i);
      int number = pcre2_substring_number_from_name(self->code, (PCRE2_SPTR) name);
      if (number <= 0)
        {
          siaga_diag_error(diag, place,
                           number == PCRE2_ERROR_NOUNIQUESUBSTRING
                               ? "the group '%s' stands there twice; use %%{MACRO:field}"
                               : "the field of group '%s' stands where no group can be: in [...] or a comment",
                           name);
          return FALSE;
        }
      siaga_capture_init(&self->captures[i], fields, expanded->captures[i]);
      self->captures[i].group = number;
    }
  return TRUE;
}

gboolean
siaga_expression_compile(Expression *self, const SiagaGrok *grok, const gchar *text, const SiagaFields *fields,
                         gboolean caseless, SiagaPlace place, gchar **regex_r, SiagaDiag *diag)
{
  const Source source = { grok, text, fields, place, diag };
  SiagaGrokResult expanded;
  gboolean ok = siaga_grok_expand(grok, text, fields, place, &expanded, diag) &&
                _compile(self, &source, expanded.regex, caseless);
  self->captures = g_new0(Capture, expanded.count);
  ok = ok && _number_captures(self, fields, &expanded, place, diag);
  self->capture_count = ok ? expanded.count : 0;
  if (regex_r)
    *regex_r = ok ? g_strdup(expanded.regex->str) : NULL;
  g_string_free(expanded.regex, TRUE);
  return ok;
}

void
siaga_expression_fold(Expression *self, const gchar *regex, gboolean caseless)
{
  gsize length = strlen(regex);
  self->folded = g_malloc(sizeof(Folded) + length + 1);
  self->folded->length = length;
  self->folded->caseless = caseless;
  memcpy(self->folded->regex, regex, length + 1);
  g_clear_pointer(&self->code, pcre2_code_free);
}

void
siaga_expression_make(Expression *self, const gchar *regex, gboolean caseless)
{
  self->program = siaga_program_new(regex, strlen(regex), caseless);
  self->jit = !self->program && pcre2_jit_compile(self->code, PCRE2_JIT_COMPLETE) == 0;
}

void
siaga_expression_clear(Expression *self)
{
  siaga_program_free(self->program);
  pcre2_code_free(self->code);
  g_free(self->folded);
  g_free(self->captures);
  memset(self, 0, sizeof *self);
}

ExpressionThread *
siaga_expression_new_line(gsize length)
{
  ExpressionThread *thread = siaga_expression_thread();
  gsize beyond = length > EXPRESSION_LONG_LINE ? length - EXPRESSION_LONG_LINE : 0;
  thread->run.work = EXPRESSION_LINE_WORK - (gint64) beyond * EXPRESSION_WORK_OF_BYTE;
  return thread;
}

/* As it was compiled before, for what that said of it. */
static void
_unfold_code(Expression *self)
{
  int error;
  PCRE2_SIZE offset;
  pcre2_code *code = _compile_code(self->folded->regex, self->folded->length, self->folded->caseless, &error, &offset);
  if (!code)
    g_error("no memory for an expression");
  self->jit = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
  g_atomic_pointer_set(&self->code, code);
}

/* Once for each that is tried at all; others that try it meanwhile wait. */
static void
_unfold(Expression *self)
{
  static GMutex lock;
  g_mutex_lock(&lock);
  if (!self->program && !self->code)
    {
      Program *program = siaga_program_new(self->folded->regex, self->folded->length, self->folded->caseless);
      if (program)
        g_atomic_pointer_set(&self->program, program);
      else
        _unfold_code(self);
    }
  g_mutex_unlock(&lock);
}

static TryResult
_try_program(const Expression *self, const Program *program, ExpressionThread *thread, const gchar *text, gsize length)
{
  static const TryResult results[] = { [PROGRAM_NO] = TRY_NO, [PROGRAM_YES] = TRY_YES, [PROGRAM_LIMIT] = TRY_LIMIT };
  return results[siaga_program_run(program, &thread->run, text, length, thread->groups, self->capture_count)];
}

static void
_take_groups(const Expression *self, ExpressionThread *thread)
{
  const PCRE2_SIZE *vector = pcre2_get_ovector_pointer(thread->data);
  for (guint i = 0; i < self->capture_count; i++)
    {
      PCRE2_SIZE start = vector[2 * self->captures[i].group], end = vector[2 * self->captures[i].group + 1];
      gboolean took = start != PCRE2_UNSET && end >= start;
      thread->groups[i] = took ? (Span){ start, end } : (Span){ PROGRAM_UNSET, PROGRAM_UNSET };
    }
}

static TryResult
_try_code(const Expression *self, ExpressionThread *thread, const gchar *text, gsize length)
{
  int rc;
  if (thread->run.work < 0)
    return TRY_LIMIT;
  thread->run.work -= length;
  pcre2_set_match_limit(thread->context, CLAMP(MATCH_WORK / (length + 1), MATCH_LIMIT_MIN, MATCH_LIMIT_MAX));
  if (self->jit)
    rc = pcre2_jit_match(self->code, (PCRE2_SPTR) text, length, 0, 0, thread->data, thread->context);
  else
    rc = pcre2_match(self->code, (PCRE2_SPTR) text, length, 0, 0, thread->data, thread->context);
  if (rc > 0)
    _take_groups(self, thread);
  if (rc > 0)
    return TRY_YES;
  return rc == PCRE2_ERROR_NOMATCH ? TRY_NO : TRY_LIMIT;
}

TryResult
siaga_expression_try(const Expression *self, ExpressionThread *thread, const gchar *text, gsize length)
{
  Expression *made = (Expression *) self;
  const Program *program = g_atomic_pointer_get(&made->program);
  if (G_UNLIKELY(!program && !g_atomic_pointer_get(&made->code)))
    {
      _unfold(made);
      program = made->program;
    }
  return program ? _try_program(self, program, thread, text, length) : _try_code(self, thread, text, length);
}

guint
siaga_expression_extract(const Expression *self, const ExpressionThread *thread, const gchar *text,
                         const SiagaTimeContext *context, SiagaEvent *event)
{
  const Span *groups = thread->groups;
  guint bad_times = 0;

  for (guint i = 0; i < self->capture_count; i++)
    {
      const Capture *capture = &self->captures[i];
      if (groups[i].end == PROGRAM_UNSET)
        continue;
      if (!siaga_capture_store(capture, text + groups[i].start, groups[i].end - groups[i].start, context, event))
        bad_times += capture->to.field == SIAGA_GROK_TIMESTAMP;
    }
  return bad_times;
}

const gchar *
siaga_capture_name(const Capture *self, const SiagaFields *fields)
{
  return self->to.field == SIAGA_GROK_TIMESTAMP ? "@timestamp" : siaga_fields_get(fields, self->to.field)->name;
}

gboolean
siaga_capture_is_filled(const Capture *self, const SiagaEvent *event)
{
  if (self->to.field == SIAGA_GROK_TIMESTAMP)
    return event->time_kind == SIAGA_TIME_LINE;
  return siaga_event_has(event, self->to.field);
}
