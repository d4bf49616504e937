/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Matches a line and fills the event. */

#include "select.h"
#include "stamp.h"

#include <siaga/stats.h>

#include <string.h>

#define NAME_MAX_LENGTH 64 /* of a host that no header tells of */
#define HEAD_MAX 64        /* of a stamp that nothing here reads */

/* Each thread counts in a bank of its own; the last bank is for the threads that find no other one free. */
static guint32 banks_taken;
static __thread guint thread_bank; /* number + 1 */

static void
_leave_bank(gpointer bank)
{
  __atomic_fetch_and(&banks_taken, ~(1u << (GPOINTER_TO_UINT(bank) - 1)), __ATOMIC_RELEASE);
}

static GPrivate bank_private = G_PRIVATE_INIT(_leave_bank);

static void
_take_bank(void)
{
  for (guint i = 0; i < STAT_BANKS - 1; i++)
    if (!(__atomic_fetch_or(&banks_taken, 1u << i, __ATOMIC_ACQUIRE) & 1u << i))
      {
        thread_bank = i + 1;
        g_private_set(&bank_private, GUINT_TO_POINTER(thread_bank));
        return;
      }
  thread_bank = STAT_BANKS;
}

static guint
_bank(void)
{
  if (G_UNLIKELY(!thread_bank))
    _take_bank();
  return thread_bank - 1;
}

/* Nobody else writes into a bank of one's own: no locked instruction is needed. */
static inline void
_add(SiagaCounter *counter, gboolean shared, guint64 n)
{
  if (G_UNLIKELY(shared))
    siaga_counter_add(counter, n);
  else
    __atomic_store_n(&counter->value, __atomic_load_n(&counter->value, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
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

static void
_finish_event(const Pattern *self, SiagaEvent *event)
{
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

/* The ways to read a text as keys and values. */
#define READINGS (FORMAT_W3C - FORMAT_JSON + 1)

typedef enum
{
  READING_UNTRIED,
  READING_FITS,
  READING_FAILS,
} Reading;

typedef struct
{
  const SiagaPatternSet *set;
  const SiagaLine *line;
  const gchar *text; /* the line's, or all of it */
  gsize length;
  const gchar *program;
  gsize program_length;
  const SiagaTimeContext *context;
  const PatternFile *file; /* whose pattern matched */
  ExpressionThread *thread;
  PatternStats *stats; /* the thread's bank */
  gboolean bank_is_shared;
  SiagaEvent *event;
  SiagaPatternTrace trace;
  gpointer user_data;
  SiagaLeaves *leaves; /* READINGS of them */
  Reading readings[READINGS];
  gboolean literals_known; /* LITERALS are those of the text */
  guint64 *literals;
} Search;

static SiagaLeaves *
_leaves(Search *self, Format format)
{
  return &self->leaves[format - FORMAT_JSON];
}

/* JSON behind the mark of CEE-enhanced syslog is JSON too. */
static gboolean
_scan_json(Search *self)
{
  const gchar *text = self->text;
  gsize length = self->length;
  if (length > 5 && memcmp(text, "@cee:", 5) == 0)
    {
      text += 5;
      length -= 5;
    }
  while (length && *text == ' ')
    {
      text++;
      length--;
    }
  return length && *text == '{' && siaga_json_scan(_leaves(self, FORMAT_JSON), text, length, self->event->arena);
}

/* The names that RFC 5424 gives away itself: clocks, senders and counters, nothing of what happened. */
static gboolean
_is_about_the_message(const gchar *element, const gchar *end)
{
  static const gchar *const ids[] = { "[timeQuality", "[origin", "[meta" };
  for (guint i = 0; i < G_N_ELEMENTS(ids); i++)
    {
      gsize length = strlen(ids[i]);
      if ((gsize) (end - element) > length && memcmp(element, ids[i], length) == 0 && strchr(" ]", element[length]))
        return TRUE;
    }
  return FALSE;
}

/* The structured data of RFC 5424 are pairs too: Windows events come that way.  The sender escapes what it puts there;
 * the text behind may be a sentence with a name in it, so its pairs come last. */
static gboolean
_scan_pairs(Search *self)
{
  const SiagaLine *line = self->line;
  SiagaLeaves *leaves = _leaves(self, FORMAT_KV);
  const gchar *p = line->structured, *end = p ? p + line->structured_length : NULL;
  siaga_leaves_clear(leaves);
  for (const gchar *next; p < end && (next = siaga_line_end_of_element(p, end)); p = next)
    {
      if (!_is_about_the_message(p, next))
        siaga_kv_scan(leaves, p, next - p, self->event->arena);
    }
  if (self->text != line->structured)
    siaga_kv_scan(leaves, self->text, self->length, self->event->arena);
  return leaves->count >= 2;
}

/* Once for each text, however many patterns ask. */
static gboolean
_scan(Search *self, Format format)
{
  Reading *reading = &self->readings[format - FORMAT_JSON];
  if (*reading == READING_UNTRIED)
    *reading = (format == FORMAT_JSON ? _scan_json(self) : _scan_pairs(self)) ? READING_FITS : READING_FAILS;
  return *reading == READING_FITS;
}

static void
_empty_event(SiagaEvent *event)
{
  for (guint i = 0; i < event->count; i++)
    event->slot[event->values[i].field] = 0;
  event->count = 0;
  event->time_kind = SIAGA_TIME_NONE;
}

/* STRICT: every value must be one of its field's type, for columns are only supposed. */
static gboolean
_try_columns(Search *self, const Pattern *pattern, const W3cColumns *columns, gboolean strict, guint *bad_times)
{
  SiagaLeaves *leaves = _leaves(self, FORMAT_W3C);
  guint refused;
  if (strict && !siaga_w3c_may_fit(columns, self->text, self->length))
    return FALSE;
  if (!siaga_w3c_split(leaves, columns, self->text, self->length) || !siaga_keys_match(pattern->keys, leaves))
    return FALSE;
  *bad_times = siaga_keys_extract(pattern->keys, leaves, self->context, self->event, &refused);
  if (!strict || !refused)
    return TRUE;
  _empty_event(self->event);
  return FALSE;
}

static gboolean
_try_w3c(Search *self, const Pattern *pattern, guint *bad_times)
{
  const W3cColumns *columns = siaga_w3c_stream_columns(self->set->w3c, self->line);
  if (columns && _try_columns(self, pattern, columns, FALSE, bad_times))
    return TRUE;
  for (guint i = 0; i < pattern->file->columns->len; i++)
    if (_try_columns(self, pattern, g_ptr_array_index(pattern->file->columns, i), TRUE, bad_times))
      return TRUE;
  return FALSE;
}

static TryResult
_try_pattern(Search *self, const Pattern *pattern, guint *bad_times)
{
  guint refused;
  switch (pattern->format)
    {
    case FORMAT_GROK:
      {
        TryResult result = siaga_expression_try(&pattern->expression, self->thread, self->text, self->length);
        if (result == TRY_YES)
          *bad_times =
              siaga_expression_extract(&pattern->expression, self->thread, self->text, self->context, self->event);
        return result;
      }
    case FORMAT_W3C:
      return _try_w3c(self, pattern, bad_times) ? TRY_YES : TRY_NO;
    default:
      if (!_scan(self, pattern->format) || !siaga_keys_match(pattern->keys, _leaves(self, pattern->format)))
        return TRY_NO;
      *bad_times =
          siaga_keys_extract(pattern->keys, _leaves(self, pattern->format), self->context, self->event, &refused);
      return TRY_YES;
    }
}

static void
_count(PatternStats *stats, gboolean shared, TryResult result, guint bad_times)
{
  _add(&stats->tried, shared, 1);
  if (result == TRY_YES)
    _add(&stats->matched, shared, 1);
  else if (result == TRY_LIMIT)
    _add(&stats->limited, shared, 1);
  if (bad_times)
    _add(&stats->bad_times, shared, 1);
}

static gboolean
_try(Search *self, const Pattern *pattern)
{
  PatternStats *stats = &self->stats[pattern->index];
  const gboolean timing = __atomic_load_n(&self->set->timing, __ATOMIC_RELAXED);
  gint64 start = G_UNLIKELY(timing) ? siaga_clock() : 0;
  guint bad_times = 0;
  TryResult result = _try_pattern(self, pattern, &bad_times);
  if (result == TRY_YES)
    {
      self->file = pattern->file;
      _finish_event(pattern, self->event);
    }
  _count(stats, self->bank_is_shared, result, bad_times);
  if (G_UNLIKELY(timing))
    _add(&stats->nanoseconds, self->bank_is_shared, siaga_clock() - start);
  if (G_UNLIKELY(self->trace))
    self->trace(pattern->index, result == TRY_YES, self->user_data);
  return result == TRY_YES;
}

static gboolean
_path_fits(const Pattern *pattern, const gchar *path)
{
  const GPtrArray *globs = pattern->file->globs;
  if (!path)
    return TRUE;
  for (guint i = 0; i < globs->len; i++)
    if (g_pattern_spec_match_string(g_ptr_array_index(globs, i), path))
      return TRUE;
  return FALSE;
}

/* So few patterns fail faster than a scan for literals takes. */
#define FEW 5

static const guint64 *
_literals(Search *self)
{
  const Selector *selector = self->set->selector;
  if (self->literals_known)
    return self->literals;
  memset(self->literals, 0, selector->literal_words * sizeof(guint64));
  siaga_selector_scan(selector, self->text, self->length, self->literals);
  if (self->line->structured)
    siaga_selector_scan(selector, self->line->structured, self->line->structured_length, self->literals);
  self->literals_known = TRUE;
  return self->literals;
}

static inline gboolean
_try_at(Search *self, guint index)
{
  const Pattern *pattern = g_ptr_array_index(self->set->patterns, index);
  return (pattern->any_path || _path_fits(pattern, self->line->file)) && _try(self, pattern);
}

static gboolean
_try_candidates(Search *self, const guint64 *candidates)
{
  for (guint i = 0; i < self->set->selector->words; i++)
    for (guint64 word = candidates[i]; word; word &= word - 1)
      if (_try_at(self, i * 64 + __builtin_ctzll(word)))
        return TRUE;
  return FALSE;
}

/* The commonest kinds of line are read before anything is scanned for. */
static gboolean
_search_bucket(const Bucket *bucket, gpointer user_data)
{
  Search *self = user_data;
  const Selector *selector = self->set->selector;
  guchar first = self->text[0];
  const Early *early = &bucket->early[first];
  guint64 candidates[SELECT_PATTERNS_MAX / 64 + 1];

  for (guint i = 0; i < early->count; i++)
    if (_try_at(self, early->patterns[i]))
      return TRUE;
  if (bucket->count[first] <= early->count)
    return FALSE;
  gboolean few = bucket->count[first] <= early->count + FEW;
  siaga_selector_candidates(selector, bucket, first, few ? NULL : _literals(self), candidates);
  for (guint i = 0; i < early->count; i++)
    candidates[early->patterns[i] >> 6] &= ~(G_GUINT64_CONSTANT(1) << (early->patterns[i] & 63));
  return _try_candidates(self, candidates);
}

static gboolean
_search_all(Search *self)
{
  const Selector *selector = self->set->selector;
  if (!self->length)
    return FALSE;
  if (!self->program)
    return _search_bucket(selector->generic, self) || _search_bucket(selector->bound, self);
  return siaga_selector_for_program(selector, self->program, self->program_length, _search_bucket, self) ||
         _search_bucket(selector->generic, self);
}

/* NULL: any.  What a container passes on may be any program's. */
static const gchar *
_program(const SiagaLine *line)
{
  return line->program_length && !line->contained ? line->program : NULL;
}

static void
_search_from(Search *self, const gchar *text, gsize length)
{
  if (self->text == text && self->length == length)
    return; /* what is known of it still holds */
  self->text = text;
  self->length = length;
  memset(self->readings, 0, sizeof self->readings);
  self->literals_known = FALSE;
}

/* What carries lines may name the host, too: only in the line itself is it a header's. */
static gboolean
_has_header(const SiagaLine *line, const gchar *start)
{
  return line->program && line->host >= start && line->host < line->text;
}

static gboolean
_search_from_start(Search *self, const gchar *start, gsize length)
{
  const SiagaLine *line = self->line;
  if (line->text <= start || line->text + line->text_length != start + length)
    return FALSE;
  if (_has_header(line, start) && g_ascii_isalpha(*start))
    return FALSE;
  _search_from(self, start, MIN(length, SIAGA_LINE_MAX));
  self->program = NULL;
  return _search_all(self);
}

/* A server's own stamp or first word may look like a header, and a part of its line like what containers put in front:
 * then all of it is what the pattern describes.  Month, host and program together are a header beyond doubt. */
static gboolean
_search_whole_line(Search *self)
{
  const SiagaLine *line = self->line;
  return line->priority < 0 && (_search_from_start(self, line->whole, line->whole_length) ||
                                (line->whole != line->raw && _search_from_start(self, line->raw, line->raw_length)));
}

static gboolean
_is_white(gchar c)
{
  return c == ' ' || c == '\t';
}

/* A process number may stand in front of the stamp. */
static const gchar *
_behind_number(const gchar *text, const gchar *end)
{
  const gchar *p = text;
  while (p < end && p - text < 10 && (g_ascii_isdigit(*p) || *p == '\\' || *p == '[' || *p == ']'))
    p++;
  return p < end && p > text && *p == ' ' ? p + 1 : text;
}

/* Behind one stamp and what sets it off; gives back TEXT where none stands. */
static const gchar *
_behind_stamp(const Search *self, const gchar *text, const gchar *end)
{
  const gchar *p = _behind_number(text, end);
  p += p < end && *p == '[';
  const gsize used = siaga_stamp_length(p, end - p, self->context);
  if (!used)
    return text;
  for (p += used; p < end && (_is_white(*p) || *p == ']' || *p == ':' || *p == '|' || *p == ','); p++)
    ;
  return p;
}

static const gchar *
_skip_white(const gchar *p, const gchar *end)
{
  while (p < end && _is_white(*p))
    p++;
  return p;
}

/* People, programs (PowerDNS) and what shows logs (docker logs -t) put blanks and stamps around lines that are written
 * without: what stands between is read once more, as the same program's. */
static gboolean
_search_bare(Search *self)
{
  const SiagaLine *line = self->line;
  const gchar *end = line->text + MIN(line->text_length, SIAGA_LINE_MAX), *start = _skip_white(line->text, end);
  while (end > start && _is_white(end[-1]))
    end--;
  start = _behind_stamp(self, start, end);
  if (start == line->text && end == start + line->text_length)
    return FALSE;
  _search_from(self, start, end - start);
  self->program = _program(line);
  return _search_all(self);
}

/* Behind a clock that stands among the first words, with what its own fraction and zone are; TEXT where none does. */
static const gchar *
_behind_clock(const gchar *text, const gchar *end)
{
  const gchar *limit = text + MIN(end - text, HEAD_MAX);
  for (const gchar *p = text; p < limit; p++)
    if (siaga_clock_length(p, limit - p))
      {
        const gchar *blank = memchr(p, ' ', limit - p);
        return blank ? _skip_white(blank, limit) : text;
      }
  return text;
}

/* Any word may be a host here, "[2001:db8::1]" too. */
static gboolean
_read_tag(SiagaLine *found, const gchar *text, const gchar *end)
{
  if (siaga_line_read_tag(found, text, end - text))
    return TRUE;
  const gchar *blank = memchr(text, ' ', MIN(end - text, NAME_MAX_LENGTH));
  return blank && blank > text && blank[-1] != ':' && siaga_line_read_tag(found, blank + 1, end - blank - 1) &&
         !found->host;
}

/* "host program: text" without a stamp, or behind one that nothing here reads, could be any sentence with a colon: so
 * it is asked late. */
static gboolean
_search_behind_host(Search *self)
{
  const SiagaLine *line = self->line;
  const Selector *selector = self->set->selector;
  const gchar *end = line->text + MIN(line->text_length, SIAGA_LINE_MAX);
  SiagaLine found;
  if (line->program || line->priority >= 0 ||
      !(_read_tag(&found, line->text, end) || _read_tag(&found, _behind_clock(line->text, end), end)) ||
      !found.text_length)
    return FALSE;
  _search_from(self, found.text, found.text_length);
  return siaga_selector_for_program(selector, found.program, found.program_length, _search_bucket, self) ||
         _search_bucket(selector->generic, self);
}

/* They are few, but most lines have none of their texts. */
static gboolean
_search_fallback_in(Search *self, const gchar *text, gsize length)
{
  const Selector *selector = self->set->selector;
  guint64 candidates[SELECT_PATTERNS_MAX / 64 + 1];
  if (!length || !selector->fallback->count[(guchar) *text])
    return FALSE;
  _search_from(self, text, MIN(length, SIAGA_LINE_MAX));
  siaga_selector_candidates(selector, selector->fallback, *text, _literals(self), candidates);
  return _try_candidates(self, candidates);
}

/* "STAMP login failed: budi" has no host and no program, though it looks so: a process number would say that it has. */
static gboolean
_search_fallback(Search *self)
{
  const SiagaLine *line = self->line;
  return _search_fallback_in(self, line->text, line->text_length) ||
         (line->host && line->program && !line->pid && line->priority < 0 && line->text > line->whole &&
          _search_fallback_in(self, line->whole, line->whole_length));
}

static Search
_search_new(const SiagaPatternSet *set, const SiagaLine *line, const SiagaTimeContext *context, SiagaEvent *event,
            SiagaLeaves *leaves, guint64 *literals)
{
  const guint bank = _bank();
  const gboolean text_is_empty = !line->text_length && line->structured; /* Junos says all in pairs */
  return (Search){
    .set = set,
    .line = line,
    .thread = siaga_expression_new_line(MIN(line->raw_length, SIAGA_LINE_MAX)),
    .stats = set->stats[bank],
    .bank_is_shared = bank == STAT_BANKS - 1,
    .text = text_is_empty ? line->structured : line->text,
    .length = MIN(text_is_empty ? line->structured_length : line->text_length, SIAGA_LINE_MAX),
    .program = _program(line),
    .program_length = line->program_length,
    .context = context,
    .event = event,
    .leaves = leaves,
    .literals = literals,
  };
}

/* The one that _search_bare() went past. */
static gboolean
_find_passed_stamp(Search *self)
{
  const gchar *end = self->line->text + MIN(self->line->text_length, SIAGA_LINE_MAX),
              *start = _skip_white(self->line->text, end);
  return siaga_stamp_at_start(start, end - start, self->context, self->event);
}

/* A pattern need not read what every line of a file begins with, or has under a usual key. */
static void
_find_stamp(Search *self)
{
  const SiagaLine *line = self->line;
  if (self->event->time_kind != SIAGA_TIME_NONE || line->has_time ||
      siaga_stamp_at_start(self->text, self->length, self->context, self->event))
    return;
  if (self->text != line->text && _find_passed_stamp(self))
    return;
  Format format = *self->text == '{' ? FORMAT_JSON : FORMAT_KV;
  if (_scan(self, format))
    siaga_stamp_among(_leaves(self, format), self->context, self->event);
}

gboolean
siaga_patterns_explain(const SiagaPatternSet *self, const SiagaLine *line, const SiagaTimeContext *context,
                       SiagaEvent *event, SiagaPatternTrace trace, gpointer user_data)
{
  SiagaLeaves leaves[READINGS];
  guint64 literals[SELECT_LITERALS_MAX / 64];
  Search search = _search_new(self, line, context, event, leaves, literals);
  search.trace = trace;
  search.user_data = user_data;
  siaga_event_reset(event);
  siaga_w3c_note(self->w3c, line);
  gboolean found = _search_all(&search) || _search_whole_line(&search) || _search_bare(&search) ||
                   _search_behind_host(&search) || _search_fallback(&search);
  if (found)
    _find_stamp(&search);
  _set_header_fields(line, event);
  if (found && search.file->session.count)
    siaga_sessions_join(self->sessions, &search.file->session, search.file->dataset, line, event);
  return found;
}

gboolean
siaga_patterns_match(const SiagaPatternSet *self, const SiagaLine *line, const SiagaTimeContext *context,
                     SiagaEvent *event)
{
  return siaga_patterns_explain(self, line, context, event, NULL, NULL);
}

gboolean
siaga_pattern_matches(const SiagaPatternSet *set, const Pattern *self, const SiagaLine *line,
                      const SiagaTimeContext *context, SiagaEvent *event)
{
  SiagaLeaves leaves[READINGS];
  Search search = _search_new(set, line, context, event, leaves, NULL);
  guint bad_times;
  siaga_event_reset(event);
  return _try_pattern(&search, self, &bad_times) == TRY_YES;
}

void
siaga_pattern_foreach_capture(const Pattern *self, CaptureVisit visit, gpointer user_data)
{
  for (guint i = 0; i < self->expression.capture_count; i++)
    visit(&self->expression.captures[i], user_data);
  if (self->keys)
    siaga_keys_foreach(self->keys, visit, user_data);
}
