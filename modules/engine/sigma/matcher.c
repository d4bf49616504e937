/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The matcher: collects expressions, compiles them, scans and confirms. */

#define _GNU_SOURCE 1 /* memmem */

#include "matcher-private.h"

#include "engine/base/ascii.h"
#include "engine/base/threads.h"

#include <siaga/stats.h>

#include <string.h>

/* A line is an attacker's text: no expression may take long over it. */
#define MATCH_LIMIT 50000
#define DEPTH_LIMIT 5000
#define HEAP_LIMIT_KIB 4096
#define COMPILERS_MAX 4   /* threads */
#define GATED_MIN 20      /* expressions; fewer are walked at once */
#define LITERALS_MAX 64   /* texts that libhs looks for faster than an automaton takes its steps */
#define LITERAL_MIN 3     /* bytes of a text that is rare enough to be looked for by itself */
#define GATED_LENGTH 4096 /* bytes */
#define TEXTS_MAX 8       /* of a set, looked for one by one */
#define WALK_MAX 65536    /* bytes; longer texts are left to the prefilter */
#define JIT_STACK_MAX (192 * 1024)

/* What texts of an alphabet are walked with. */
typedef struct
{
  SiagaAutomaton *always; /* NULL: there is nothing in it */
  SiagaGate *gate;        /* of what is in the other */
  SiagaAutomaton *gated;
} Alphabet;

/* What was compiled from a list of expressions; matchers with equal lists share one. */
typedef struct
{
  gint references; /* under cores_lock */
  gchar *key;
  GPtrArray *expressions; /* of SiagaExpression */
  const gchar *backend;
  gboolean whole_lines;
  gboolean one_by_one; /* nothing is filtered */
  gboolean choosy;     /* but for what lacks the texts and bytes that a match needs */
  guint alternatives;  /* of all expressions */
  guint *first_needs;
  Alphabet alphabets[SIAGA_ALPHABETS]; /* of texts */
  guint automatic;                     /* alternatives of the automata of one alphabet at most */
  guint8 kinds[256];                   /* a bit for each alphabet that lacks the byte */
  SiagaGrams *covered;                 /* what they take, for texts that are not for them */
  SiagaGrams *rest;                    /* what neither the automata nor libhs take */
#ifdef SIAGA_HAVE_HS
  SiagaHsDatabase *hs; /* of what the automata do not take */
#endif
} Core;

static SiagaCounter given_up; /* of all matchers */

struct _SiagaMatcher
{
  const gchar *backend;
  gboolean whole_lines;
  GPtrArray *expressions; /* of SiagaExpression, until compiled */
  GHashTable *numbers;    /* SiagaExpression -> number + 1, until compiled */
  Core *core;
};

static GMutex cores_lock;
static GHashTable *cores; /* key -> Core*, weak */

static void
_thread_free(gpointer data)
{
  SiagaMatcherThread *thread = data;
#ifdef SIAGA_HAVE_HS
  siaga_hs_release(thread);
#endif
  pcre2_match_data_free(thread->match_data);
  pcre2_match_context_free(thread->match_context);
  pcre2_jit_stack_free(thread->jit_stack);
  siaga_walks_free(thread->walks);
  g_free(thread->tried);
  g_free(thread->met);
  g_free(thread->meeting);
  g_free(thread);
}

static GPrivate thread_key = G_PRIVATE_INIT(_thread_free);

static SiagaMatcherThread *
_thread_new(void)
{
  SiagaMatcherThread *thread = g_new0(SiagaMatcherThread, 1);
  thread->match_data = pcre2_match_data_create(1, NULL);
  thread->match_context = pcre2_match_context_create(NULL);
  thread->walks = siaga_walks_new();
  thread->jit_stack = pcre2_jit_stack_create(32 * 1024, JIT_STACK_MAX, NULL);
  pcre2_set_match_limit(thread->match_context, MATCH_LIMIT);
  pcre2_set_depth_limit(thread->match_context, DEPTH_LIMIT);
  pcre2_set_heap_limit(thread->match_context, HEAP_LIMIT_KIB);
  pcre2_jit_stack_assign(thread->match_context, NULL, thread->jit_stack);
  return thread;
}

SiagaMatcherThread *
siaga_matcher_thread(void)
{
  SiagaMatcherThread *thread = g_private_get(&thread_key);
  if (G_UNLIKELY(!thread))
    {
      thread = _thread_new();
      g_private_set(&thread_key, thread);
    }
  return thread;
}

static void
_expression_free(gpointer data)
{
  siaga_expression_unref(data);
}

static gboolean
_is_one_by_one(const gchar *backend)
{
  return g_strcmp0(backend, "plain") == 0 || g_strcmp0(backend, "seldom") == 0;
}

/* The best backend at hand unless WANTED or the environment names one that is there. */
static const gchar *
_choose_backend(const gchar *wanted)
{
  const gchar *forced = g_getenv("SIAGA_MATCHER");
  if (forced && *forced)
    wanted = forced;
  if (_is_one_by_one(wanted))
    return strcmp(wanted, "plain") == 0 ? "plain" : "seldom";
#ifdef SIAGA_HAVE_HS
  if (g_strcmp0(wanted, "pcre2") != 0 && siaga_hs_usable())
    return "hs";
#endif
  return "pcre2";
}

SiagaMatcher *
siaga_matcher_new(const gchar *backend)
{
  SiagaMatcher *self = g_new0(SiagaMatcher, 1);
  self->backend = _choose_backend(backend);
  self->expressions = g_ptr_array_new_with_free_func(_expression_free);
  self->numbers = g_hash_table_new(NULL, NULL);
  return self;
}

void
siaga_matcher_expect_lines(SiagaMatcher *self)
{
  g_return_if_fail(!self->core);
  self->whole_lines = TRUE;
}

static void
_alphabet_clear(Alphabet *self)
{
  siaga_automaton_free(self->always);
  siaga_automaton_free(self->gated);
  siaga_gate_free(self->gate);
}

static void
_core_free(Core *core)
{
  g_ptr_array_unref(core->expressions);
  siaga_grams_free(core->covered);
  siaga_grams_free(core->rest);
  for (guint i = 0; i < SIAGA_ALPHABETS; i++)
    _alphabet_clear(&core->alphabets[i]);
#ifdef SIAGA_HAVE_HS
  siaga_hs_free(core->hs);
#endif
  g_free(core->first_needs);
  g_free(core->key);
  g_free(core);
}

static void
_core_release(Core *core)
{
  g_mutex_lock(&cores_lock);
  gboolean last = --core->references == 0;
  if (last)
    g_hash_table_remove(cores, core->key);
  g_mutex_unlock(&cores_lock);
  if (last)
    _core_free(core);
}

void
siaga_matcher_free(SiagaMatcher *self)
{
  if (!self)
    return;
  if (self->expressions)
    g_ptr_array_unref(self->expressions);
  if (self->numbers)
    g_hash_table_unref(self->numbers);
  if (self->core)
    _core_release(self->core);
  g_free(self);
}

gint
siaga_matcher_add(SiagaMatcher *self, const gchar *expression, gsize length, guint flags, SiagaPlace place,
                  SiagaDiag *diag)
{
  g_return_val_if_fail(!self->core, -1);
  SiagaExpression *new = siaga_expression_get(expression, length, flags, place, diag);
  if (!new)
    return -1;
  guint known = GPOINTER_TO_UINT(g_hash_table_lookup(self->numbers, new));
  if (known)
    {
      siaga_expression_unref(new);
      return known - 1;
    }
  g_ptr_array_add(self->expressions, new);
  g_hash_table_insert(self->numbers, new, GUINT_TO_POINTER(self->expressions->len));
  return self->expressions->len - 1;
}

/* Equal expressions are one as long as one of them is alive, and a core keeps its own alive: the pointers say it all.
 */
static gchar *
_core_key(const SiagaMatcher *self)
{
  GChecksum *checksum = g_checksum_new(G_CHECKSUM_SHA256);
  g_checksum_update(checksum, (const guchar *) self->backend, -1);
  g_checksum_update(checksum, (const guchar *) &self->whole_lines, sizeof self->whole_lines);
  g_checksum_update(checksum, (const guchar *) self->expressions->pdata, self->expressions->len * sizeof(gpointer));
  gchar *key = g_strdup(g_checksum_get_string(checksum));
  g_checksum_free(checksum);
  return key;
}

static gboolean
_is_gated(const GPtrArray *expressions, gboolean whole_lines)
{
  return expressions->len > GATED_MIN && !whole_lines;
}

/* FALSE when the expression is not for automata. */
static gboolean
_add_to_automata(Alphabet *alphabets, guint number, SiagaExpression *expression)
{
  GArray *segments = siaga_expression_segments(expression);
  gboolean added = segments != NULL;
  for (guint i = 0; i < SIAGA_ALPHABETS && added; i++)
    {
      Alphabet *alphabet = &alphabets[i];
      GArray *sequences = alphabet->gate ? siaga_expression_sequences(expression, segments, i) : NULL;
      gboolean gated = sequences && siaga_gate_add(alphabet->gate, number, sequences);
      g_clear_pointer(&sequences, g_array_unref);
      added = siaga_automaton_add(gated ? alphabet->gated : alphabet->always, number, segments);
    }
  if (segments)
    g_array_unref(segments);
  return added;
}

static void
_note_kinds(Core *core)
{
  for (guint i = 0; i < SIAGA_ALPHABETS; i++)
    for (guint c = 0; c < 256; c++)
      if (!siaga_byte_set_has(siaga_alphabet(i), c))
        core->kinds[c] |= 1u << i;
}

static void
_alphabet_init(Alphabet *self, guint number, gboolean gated)
{
  self->always = siaga_automaton_new(number);
  self->gated = siaga_automaton_new(number);
  self->gate = gated ? siaga_gate_new(number) : NULL;
}

/* NULL when nothing is in it.  FIRST: alternatives of others that texts are walked with too. */
static SiagaAutomaton *
_finished(SiagaAutomaton *automaton, guint first)
{
  if (!automaton->parts->len)
    {
      siaga_automaton_free(automaton);
      return NULL;
    }
  siaga_automaton_finish(automaton);
  for (guint i = 0; i < automaton->parts->len; i++)
    g_array_index(automaton->parts, SiagaPart, i).alternative += first;
  return automaton;
}

/* LEFT gets the numbers of those that automata do not take. */
static void
_build_automata(Core *core, GArray *left)
{
  _note_kinds(core);
  for (guint i = 0; i < SIAGA_ALPHABETS; i++)
    _alphabet_init(&core->alphabets[i], i, _is_gated(core->expressions, core->whole_lines));
  core->covered = siaga_grams_new();
  for (guint i = 0; i < core->expressions->len; i++)
    if (_add_to_automata(core->alphabets, i, core->expressions->pdata[i]))
      siaga_grams_add(core->covered, i, core->expressions->pdata[i]);
    else
      g_array_append_val(left, i);
  siaga_grams_finish(core->covered);
  for (guint i = 0; i < SIAGA_ALPHABETS; i++)
    {
      Alphabet *alphabet = &core->alphabets[i];
      guint always = alphabet->always->alternatives;
      core->automatic = MAX(core->automatic, always + alphabet->gated->alternatives);
      alphabet->always = _finished(alphabet->always, 0);
      alphabet->gated = _finished(alphabet->gated, always);
      if (alphabet->gate)
        siaga_gate_finish(alphabet->gate);
    }
}

static void
_build_rest(Core *core, GArray *left)
{
#ifdef SIAGA_HAVE_HS
  if (left->len && strcmp(core->backend, "hs") == 0)
    core->hs = siaga_hs_new((SiagaExpression *const *) core->expressions->pdata, core->expressions->len, left);
#endif
  core->rest = siaga_grams_new();
  for (guint i = 0; i < left->len; i++)
    {
      guint number = g_array_index(left, guint, i);
      siaga_grams_add(core->rest, number, core->expressions->pdata[number]);
    }
  siaga_grams_finish(core->rest);
}

/* Texts of whole lines, and nothing but texts. */
static gboolean
_has_few_literals(const Core *core)
{
  gboolean literal = core->expressions->len <= LITERALS_MAX && strcmp(core->backend, "hs") == 0;
  for (guint i = 0; i < core->expressions->len && literal; i++)
    {
      const SiagaExpression *expression = core->expressions->pdata[i];
      literal = !expression->code && expression->length >= LITERAL_MIN;
    }
  return literal;
}

static void
_core_build(Core *core)
{
  core->first_needs = g_new(guint, core->expressions->len + 1);
  for (guint i = 0; i < core->expressions->len; i++)
    {
      SiagaExpression *expression = core->expressions->pdata[i];
      siaga_expression_prepare(expression);
      core->first_needs[i] = core->alternatives;
      core->alternatives += expression->needs->len;
    }
  core->one_by_one = _is_one_by_one(core->backend);
  core->choosy = strcmp(core->backend, "plain") != 0;
  if (core->one_by_one)
    return;
  GArray *left = g_array_new(FALSE, FALSE, sizeof(guint));
  if (_has_few_literals(core))
    for (guint i = 0; i < core->expressions->len; i++)
      g_array_append_val(left, i);
  else
    _build_automata(core, left);
  _build_rest(core, left);
  g_array_unref(left);
}

static Core *
_core_new(const SiagaMatcher *self, const gchar *key)
{
  Core *core = g_new0(Core, 1);
  core->references = 1;
  core->key = g_strdup(key);
  core->backend = self->backend;
  core->whole_lines = self->whole_lines;
  core->expressions = g_ptr_array_ref(self->expressions);
  _core_build(core);
  return core;
}

/* A reference to the one that is alive, else to NEW, which may be NULL. */
static Core *
_core_known(const gchar *key, Core *new)
{
  g_mutex_lock(&cores_lock);
  if (!cores)
    cores = g_hash_table_new(g_str_hash, g_str_equal);
  Core *core = g_hash_table_lookup(cores, key);
  if (core)
    core->references++;
  else if (new)
    g_hash_table_insert(cores, new->key, new);
  g_mutex_unlock(&cores_lock);
  return core ? core : new;
}

/* An equal matcher that is alive lends its database: a reload compiles only what changed.  Of two that other threads
 * compile at the same time, one is kept. */
static Core *
_core_get(const SiagaMatcher *self)
{
  gchar *key = _core_key(self);
  Core *core = _core_known(key, NULL);
  if (!core)
    {
      Core *new = _core_new(self, key);
      core = _core_known(key, new);
      if (core != new)
        _core_free(new);
    }
  g_free(key);
  return core;
}

static void
_take_core(SiagaMatcher *self, Core *core)
{
  self->core = core;
  g_clear_pointer(&self->numbers, g_hash_table_unref);
  g_clear_pointer(&self->expressions, g_ptr_array_unref);
}

static void
_warn_of_the_platform(const gchar *backend G_GNUC_UNUSED, SiagaDiag *diag G_GNUC_UNUSED)
{
#ifdef SIAGA_HAVE_HS
  static gint warned;
  if (strcmp(backend, "hs") != 0 && !siaga_hs_usable() && g_atomic_int_compare_and_exchange(&warned, 0, 1))
    siaga_diag_warning(diag, (SiagaPlace){ NULL, 0, 0 },
                       "this CPU lacks what libhs needs: matching with PCRE2 alone, which is slower");
#endif
}

static void
_compile(gpointer data, gpointer user_data G_GNUC_UNUSED)
{
  _take_core(data, _core_get(data));
}

gboolean
siaga_matcher_compile(SiagaMatcher *self, SiagaDiag *diag)
{
  return siaga_matchers_compile(&self, 1, diag);
}

/* The largest first: what is left for the end is short. */
static gint
_compare_sizes(gconstpointer a, gconstpointer b, gpointer user_data G_GNUC_UNUSED)
{
  const SiagaMatcher *one = *(SiagaMatcher *const *) a, *other = *(SiagaMatcher *const *) b;
  return (gint) other->expressions->len - (gint) one->expressions->len;
}

/* The first of each list of expressions that is to be compiled; LATER gets the others, which that one's database
 * serves. */
static GPtrArray *
_distinct(SiagaMatcher *const *matchers, guint count, GPtrArray *later)
{
  GPtrArray *distinct = g_ptr_array_new();
  GHashTable *keys = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < count; i++)
    {
      gchar *key = _core_key(matchers[i]);
      Core *alive = _core_known(key, NULL);
      if (alive)
        _take_core(matchers[i], alive);
      else
        g_ptr_array_add(g_hash_table_contains(keys, key) ? later : distinct, matchers[i]);
      g_hash_table_add(keys, key);
    }
  g_hash_table_unref(keys);
  g_ptr_array_sort_with_data(distinct, _compare_sizes, NULL);
  return distinct;
}

/* Runs DO of each of ITEMS in threads, those that come first first. */
static void
_side_by_side(GFunc do_it, const GPtrArray *items, gpointer user_data)
{
  guint threads = siaga_threads_worth(MIN(COMPILERS_MAX, items->len));
  GThreadPool *pool = threads > 1 ? g_thread_pool_new(do_it, user_data, threads, TRUE, NULL) : NULL;
  for (guint i = 0; i < items->len; i++)
    if (!pool || !g_thread_pool_push(pool, items->pdata[i], NULL))
      do_it(items->pdata[i], user_data);
  if (pool)
    g_thread_pool_free(pool, FALSE, TRUE);
}

/* --- expressions, made ready before the matchers that share them ---------------------------------------------------
 */

static void
_make_ready_for_gates(gpointer data, gpointer user_data G_GNUC_UNUSED)
{
  siaga_expression_prepare(data);
  GArray *segments = siaga_expression_segments(data);
  for (guint i = 0; i < SIAGA_ALPHABETS && segments; i++)
    {
      GArray *sequences = siaga_expression_sequences(data, segments, i);
      g_clear_pointer(&sequences, g_array_unref);
    }
  if (segments)
    g_array_unref(segments);
}

/* Each once.  GATED: of those alone that choose sequences, which takes longest. */
static GPtrArray *
_expressions_of(const GPtrArray *matchers, gboolean gated)
{
  GHashTable *set = g_hash_table_new(NULL, NULL);
  GPtrArray *all = g_ptr_array_new_with_free_func(_expression_free);
  for (guint i = 0; i < matchers->len; i++)
    {
      const SiagaMatcher *matcher = matchers->pdata[i];
      if (gated && (_is_one_by_one(matcher->backend) || !_is_gated(matcher->expressions, matcher->whole_lines)))
        continue;
      for (guint k = 0; k < matcher->expressions->len; k++)
        if (g_hash_table_add(set, matcher->expressions->pdata[k]))
          g_ptr_array_add(all, siaga_expression_ref(matcher->expressions->pdata[k]));
    }
  g_hash_table_unref(set);
  return all;
}

static void
_forget(gpointer data, gpointer user_data G_GNUC_UNUSED)
{
  siaga_expression_forget(data);
}

gboolean
siaga_matchers_compile(SiagaMatcher *const *matchers, guint count, SiagaDiag *diag)
{
  if (!count)
    return TRUE;
  _warn_of_the_platform(matchers[0]->backend, diag);
  GPtrArray *later = g_ptr_array_new(), *distinct = _distinct(matchers, count, later);
  GPtrArray *expressions = _expressions_of(distinct, FALSE), *gated = _expressions_of(distinct, TRUE);
  _side_by_side(_make_ready_for_gates, gated, NULL);
  _side_by_side(_compile, distinct, NULL);
  g_ptr_array_foreach(later, _compile, NULL);
  g_ptr_array_foreach(expressions, _forget, NULL);
  g_ptr_array_unref(gated);
  g_ptr_array_unref(expressions);
  if (distinct->len)
    siaga_threads_tidy();
  g_ptr_array_unref(distinct);
  g_ptr_array_unref(later);
  return TRUE;
}

static inline gboolean
_literal_begins(const SiagaExpression *expression, const gchar *at)
{
  if (expression->flags & SIAGA_MATCH_CASELESS)
    return siaga_ascii_equal(at, expression->text, expression->length);
  return memcmp(at, expression->text, expression->length) == 0;
}

static gboolean
_literal_ends_at(const SiagaExpression *expression, const SiagaScan *scan, gsize end)
{
  if (end > scan->length || end < expression->length)
    return FALSE;
  if (expression->flags & SIAGA_MATCH_ANCHORED && end != expression->length)
    return FALSE;
  if (expression->flags & SIAGA_MATCH_AT_END && end != scan->length)
    return FALSE;
  return _literal_begins(expression, scan->subject + end - expression->length);
}

static gboolean
_literal_is_in(const SiagaExpression *expression, const SiagaScan *scan)
{
  if (expression->flags & SIAGA_MATCH_ANCHORED)
    return _literal_ends_at(expression, scan, expression->length);
  if (expression->flags & SIAGA_MATCH_AT_END)
    return _literal_ends_at(expression, scan, scan->length);
  if (!(expression->flags & SIAGA_MATCH_CASELESS))
    return memmem(scan->subject, scan->length, expression->text, expression->length) != NULL;
  for (gsize start = 0; start + expression->length <= scan->length; start++)
    if (siaga_ascii_equal(scan->subject + start, expression->text, expression->length))
      return TRUE;
  return FALSE;
}

static int
_run_code(const SiagaExpression *expression, SiagaScan *scan)
{
  return pcre2_match(expression->code, (PCRE2_SPTR) scan->subject, scan->length, 0, 0, scan->thread->match_data,
                     scan->thread->match_context);
}

/* Machine code, where there is any, is called without the checks of pcre2_match(), which bytes by themselves do not
 * need. */
static int
_run_machine_code(const SiagaExpression *expression, SiagaScan *scan)
{
  int found = PCRE2_ERROR_JIT_BADOPTION;
  if (!expression->utf)
    found = pcre2_jit_match(expression->code, (PCRE2_SPTR) scan->subject, scan->length, 0, 0, scan->thread->match_data,
                            scan->thread->match_context);
  return found == PCRE2_ERROR_JIT_BADOPTION ? _run_code(expression, scan) : found;
}

static gboolean
_is_found(int found, SiagaScan *scan)
{
  if (found < 0 && found != PCRE2_ERROR_NOMATCH)
    ++*scan->limited;
  return found >= 0;
}

/* Most expressions are never asked: what excuses an attack, say.  Machine code, which takes four times the memory, is
 * made when one is asked for the first time. */
static gboolean
_regex_matches(SiagaExpression *expression, SiagaScan *scan)
{
  if (G_UNLIKELY(!g_atomic_int_get(&expression->jit)))
    siaga_expression_jit(expression);
  return _is_found(_run_machine_code(expression, scan), scan);
}

gboolean
siaga_expression_is_in(SiagaExpression *self, const gchar *text, gsize length)
{
  guint64 limited = 0;
  SiagaScan scan = { .thread = siaga_matcher_thread(), .subject = text, .length = length, .limited = &limited };
  return self->code ? _is_found(_run_code(self, &scan), &scan) : _literal_is_in(self, &scan);
}

void
siaga_matcher_listen(SiagaConfirmFunc func, gpointer user_data)
{
  SiagaMatcherThread *thread = siaga_matcher_thread();
  thread->listener = func;
  thread->listener_data = user_data;
}

static gboolean
_confirm_regex(SiagaExpression *expression, SiagaScan *scan)
{
  const SiagaMatcherThread *thread = scan->thread;
  if (G_LIKELY(!thread->listener))
    return _regex_matches(expression, scan);
  gint64 start = siaga_thread_clock();
  gboolean matches = _regex_matches(expression, scan);
  thread->listener(expression->text, expression->length, siaga_thread_clock() - start, thread->listener_data);
  return matches;
}

void
siaga_scan_candidate(SiagaScan *self, guint n, gsize end)
{
  SiagaExpression *expression = self->expressions[n];
  guint64 bit = G_GUINT64_CONSTANT(1) << (n % 64);
  gboolean matches;

  if (self->hits[n / 64] & bit)
    return;
  if (!expression->code)
    matches = end == G_MAXSIZE ? _literal_is_in(expression, self) : _literal_ends_at(expression, self, end);
  else if (self->thread->tried[n / 64] & bit)
    return;
  else
    {
      self->thread->tried[n / 64] |= bit;
      self->thread->tried_any = TRUE;
      matches = expression->flags & SIAGA_MATCH_UNCONFIRMED || _confirm_regex(expression, self);
    }
  if (!matches)
    return;
  self->hits[n / 64] |= bit;
  self->found++;
}

gboolean
siaga_scan_has_bytes(SiagaScan *self, const SiagaNeeds *needs)
{
  if (!self->has_bytes)
    for (gsize i = 0; i < self->length; i++)
      self->bytes.bits[(guchar) self->subject[i] / 64] |= G_GUINT64_CONSTANT(1) << ((guchar) self->subject[i] % 64);
  self->has_bytes = TRUE;
  for (guint i = 0; i < needs->bytes_count; i++)
    {
      const guint64 *wanted = needs->bytes[i].bits, *there = self->bytes.bits;
      if (!((wanted[0] & there[0]) | (wanted[1] & there[1]) | (wanted[2] & there[2]) | (wanted[3] & there[3])))
        return FALSE;
    }
  return TRUE;
}

void
siaga_scan_meet(SiagaScan *self, guint n, guint alternative, guint set)
{
  SiagaMatcherThread *thread = self->thread;
  const SiagaNeeds *needs = &g_array_index(self->expressions[n]->needs, SiagaNeeds, alternative);
  guint index = self->first_needs[n] + alternative;
  guint8 all = (1u << needs->count) - 1, before = thread->met[index];

  if (before == all)
    return;
  if (!before)
    thread->meeting[thread->meeting_count++] = index;
  thread->met[index] = before | 1u << set;
  if (thread->met[index] == all && siaga_scan_has_bytes(self, needs))
    siaga_scan_candidate(self, n, G_MAXSIZE);
}

/* Everything is zero between scans. */
static void
_prepare_thread(SiagaMatcherThread *thread, guint words, guint alternatives)
{
  if (thread->tried_words < words)
    {
      g_free(thread->tried);
      thread->tried = g_new0(guint64, words);
      thread->tried_words = words;
    }
  if (thread->met_size >= alternatives)
    return;
  g_free(thread->met);
  g_free(thread->meeting);
  thread->met = g_new0(guint8, alternatives);
  thread->meeting = g_new(guint, alternatives);
  thread->met_size = alternatives;
}

static void
_clean_thread(SiagaMatcherThread *thread, guint words)
{
  if (thread->tried_any)
    memset(thread->tried, 0, words * sizeof thread->tried[0]);
  thread->tried_any = FALSE;
  for (guint i = 0; i < thread->meeting_count; i++)
    thread->met[thread->meeting[i]] = 0;
  thread->meeting_count = 0;
}

static void
_set_hit(SiagaScan *self, guint n)
{
  guint64 bit = G_GUINT64_CONSTANT(1) << (n % 64);
  self->found += !(self->hits[n / 64] & bit);
  self->hits[n / 64] |= bit;
}

/* All parts of an alternative are there: a candidate, or a match when it has no other part. */
static void
_found_part(const SiagaPart *part, gpointer user_data)
{
  SiagaScan *self = user_data;
  SiagaMatcherThread *thread = self->thread;
  if (part->exact)
    {
      _set_hit(self, part->number);
      return;
    }
  guint index = self->first_part + part->alternative;
  guint8 before = thread->met[index];
  if (before == part->all)
    return;
  if (!before)
    thread->meeting[thread->meeting_count++] = index;
  thread->met[index] = before | part->bit;
  if (thread->met[index] == part->all)
    siaga_scan_candidate(self, part->number, G_MAXSIZE);
}

/* The smallest that has all bytes of the text. */
static const Alphabet *
_choose_alphabet(const Core *core, const SiagaScan *scan)
{
  guint kinds = 0;
  for (gsize i = 0; i < scan->length; i++)
    kinds |= core->kinds[(guchar) scan->subject[i]];
  return &core->alphabets[__builtin_ctz(~kinds)];
}

static gboolean
_walk_one(const SiagaAutomaton *automaton, SiagaScan *scan)
{
  return siaga_automaton_walk(automaton, scan->thread->walks, scan->subject, scan->length, _found_part, scan);
}

/* Few suspects are asked one by one, many are walked at once.  Long texts have many. */
static gboolean
_walk_gated(const Alphabet *alphabet, SiagaScan *scan)
{
  SiagaSuspects suspects;
  if (scan->length > GATED_LENGTH)
    return _walk_one(alphabet->gated, scan);
  siaga_gate_look(alphabet->gate, scan->subject, scan->length, &suspects);
  if (suspects.too_many)
    return _walk_one(alphabet->gated, scan);
  for (guint i = 0; i < suspects.count; i++)
    siaga_scan_candidate(scan, suspects.numbers[i], G_MAXSIZE);
  return TRUE;
}

/* FALSE when it took too much. */
static gboolean
_walk(const Core *core, SiagaScan *scan)
{
  if (scan->length > WALK_MAX)
    return FALSE;
  const Alphabet *alphabet = _choose_alphabet(core, scan);
  return (!alphabet->always || _walk_one(alphabet->always, scan)) && (!alphabet->gated || _walk_gated(alphabet, scan));
}

static void
_filter_rest(const Core *core, SiagaScan *scan)
{
#ifdef SIAGA_HAVE_HS
  if (core->hs)
    siaga_hs_scan(core->hs, scan);
#endif
  if (siaga_grams_size(core->rest))
    siaga_grams_scan(core->rest, scan);
}

static void
_filter(const Core *core, SiagaScan *scan)
{
  if (core->covered && siaga_grams_size(core->covered) && !_walk(core, scan))
    siaga_grams_scan(core->covered, scan);
  _filter_rest(core, scan);
}

/* In capitals and small letters: texts that are needed are folded. */
static gboolean
_has_text_of(SiagaScan *scan, const GArray *set)
{
  if (set->len > TEXTS_MAX || scan->length > SIAGA_FOLDED_MAX)
    return TRUE;
  if (!scan->folded)
    {
      for (gsize i = 0; i < scan->length; i++)
        scan->thread->folded[i] = siaga_ascii_lower(scan->subject[i]);
      scan->folded = scan->thread->folded;
    }
  for (guint i = 0; i < set->len; i++)
    {
      const SiagaNeededText *text = &g_array_index(set, SiagaNeededText, i);
      if (memmem(scan->folded, scan->length, text->text, text->length))
        return TRUE;
    }
  return FALSE;
}

static gboolean
_has_all(SiagaScan *scan, const SiagaNeeds *needs)
{
  if (!siaga_scan_has_bytes(scan, needs))
    return FALSE;
  for (guint i = 0; i < needs->count; i++)
    if (!_has_text_of(scan, needs->sets[i]))
      return FALSE;
  return TRUE;
}

/* Of some expressions nothing is known. */
static gboolean
_may_match(SiagaScan *scan, const SiagaExpression *expression)
{
  for (guint i = 0; i < expression->needs->len; i++)
    if (_has_all(scan, &g_array_index(expression->needs, SiagaNeeds, i)))
      return TRUE;
  return expression->needs->len == 0;
}

static void
_try_all(const Core *core, SiagaScan *scan)
{
  for (guint i = 0; i < core->expressions->len; i++)
    if (!core->choosy || _may_match(scan, core->expressions->pdata[i]))
      siaga_scan_candidate(scan, i, G_MAXSIZE);
}

guint
siaga_matcher_scan(const SiagaMatcher *self, const gchar *subject, gsize length, guint64 *hits)
{
  const Core *core = self->core;
  guint64 limited = 0;
  SiagaScan scan = {
    .expressions = (SiagaExpression *const *) core->expressions->pdata,
    .first_needs = core->first_needs,
    .thread = siaga_matcher_thread(),
    .subject = subject ? subject : "",
    .length = subject ? length : 0,
    .hits = hits,
    .limited = &limited,
    .first_part = core->alternatives,
  };

  if (!core->expressions->len)
    return 0;
  _prepare_thread(scan.thread, siaga_matcher_words(self), core->alternatives + core->automatic);
  if (core->one_by_one)
    _try_all(core, &scan);
  else
    _filter(core, &scan);
  _clean_thread(scan.thread, siaga_matcher_words(self));
  if (G_UNLIKELY(limited))
    siaga_counter_add(&given_up, limited);
  return scan.found;
}

guint
siaga_matcher_size(const SiagaMatcher *self)
{
  return self->core ? self->core->expressions->len : self->expressions->len;
}

guint
siaga_matcher_words(const SiagaMatcher *self)
{
  return (siaga_matcher_size(self) + 63) / 64;
}

guint64
siaga_matcher_given_up(void)
{
  return siaga_counter_get(&given_up);
}

const gchar *
siaga_matcher_backend(const SiagaMatcher *self)
{
  return self->backend;
}
