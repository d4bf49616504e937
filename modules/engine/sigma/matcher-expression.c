/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Expressions, each compiled once: the columns of a rule set ask for the same ones, and so does the set that comes in
 * with a reload. */

#include "matcher-private.h"

#include <string.h>

static GMutex known_lock;
static GHashTable *known; /* key -> SiagaExpression*, weak */
static guint64 compilations, cuts;

static guint32
_pcre2_options(guint flags, gboolean utf)
{
  guint32 options = PCRE2_NEVER_BACKSLASH_C;
  if (flags & SIAGA_MATCH_CASELESS)
    options |= PCRE2_CASELESS;
  if (flags & SIAGA_MATCH_MULTILINE)
    options |= PCRE2_MULTILINE;
  if (flags & SIAGA_MATCH_DOTALL)
    options |= PCRE2_DOTALL;
  if (flags & SIAGA_MATCH_ANCHORED)
    options |= PCRE2_ANCHORED;
  if (flags & SIAGA_MATCH_AT_END)
    options |= PCRE2_ENDANCHORED;
#ifdef PCRE2_MATCH_INVALID_UTF
  if (utf)
    options |= PCRE2_UTF | PCRE2_MATCH_INVALID_UTF;
#endif
  return options;
}

/* Where an expression stands on several lines, no column tells the place: what stands in front of it does. */
static void
_report(int number, const gchar *text, gsize offset, SiagaPlace place, SiagaDiag *diag)
{
  PCRE2_UCHAR message[256];
  gsize start = offset > 24 ? offset - 24 : 0;
  pcre2_get_error_message(number, message, sizeof message);
  if (place.inside)
    siaga_diag_error(diag, siaga_place_in(place, text, offset), "regular expression: %s at offset %u",
                     (const gchar *) message, (guint) offset);
  else
    siaga_diag_error(diag, place, "regular expression: %s at offset %u: ...%.*s <-- here", (const gchar *) message,
                     (guint) offset, (int) (offset - start), text + start);
}

static pcre2_code *
_compile_regex(const gchar *text, gsize length, guint flags, gboolean utf, SiagaPlace place, SiagaDiag *diag)
{
  int number;
  PCRE2_SIZE offset;
  pcre2_compile_context *context = pcre2_compile_context_create(NULL);

  pcre2_set_newline(context, PCRE2_NEWLINE_LF);
  pcre2_set_parens_nest_limit(context, 100);
  pcre2_code *code = pcre2_compile((PCRE2_SPTR) text, length, _pcre2_options(flags, utf), &number, &offset, context);
  pcre2_compile_context_free(context);
  if (!code)
    _report(number, text, offset, place, diag);
  return code;
}

static gboolean
_compile(SiagaExpression *self, const gchar *text, gsize length, guint flags, SiagaPlace place, SiagaDiag *diag)
{
  self->flags = flags;
  self->length = length;
  if (!(flags & SIAGA_MATCH_LITERAL))
    {
      self->utf = siaga_expression_is_utf(text, length);
      self->code = _compile_regex(text, length, flags, self->utf, place, diag);
      if (!self->code)
        return FALSE;
    }
  self->text = g_malloc(length + 1);
  memcpy(self->text, text, length);
  self->text[length] = '\0';
  return TRUE;
}

static GBytes *
_key(const gchar *expression, gsize length, guint flags)
{
  GByteArray *key = g_byte_array_new();
  g_byte_array_append(key, (const guint8 *) &flags, sizeof flags);
  g_byte_array_append(key, (const guint8 *) expression, length);
  return g_byte_array_free_to_bytes(key);
}

static void
_forget(SiagaExpression *self)
{
  g_clear_pointer(&self->segments, g_array_unref);
  self->is_cut = FALSE;
  for (guint i = 0; i < SIAGA_ALPHABETS; i++)
    {
      g_clear_pointer(&self->gates[i].sequences, g_array_unref);
      self->gates[i].known = FALSE;
    }
}

static void
_free(SiagaExpression *self)
{
  if (self->needs)
    g_array_unref(self->needs);
  _forget(self);
  if (self->code)
    pcre2_code_free(self->code);
  g_mutex_clear(&self->lock);
  g_bytes_unref(self->key);
  g_free(self->text);
  g_free(self);
}

static SiagaExpression *
_lookup(GBytes *key)
{
  if (!known)
    known = g_hash_table_new(g_bytes_hash, g_bytes_equal);
  SiagaExpression *self = g_hash_table_lookup(known, key);
  if (self)
    self->references++;
  return self;
}

static SiagaExpression *
_make(GBytes *key, const gchar *text, gsize length, guint flags, SiagaPlace place, SiagaDiag *diag)
{
  SiagaExpression *self = g_new0(SiagaExpression, 1);
  self->references = 1;
  g_mutex_init(&self->lock);
  self->key = g_bytes_ref(key);
  if (!_compile(self, text, length, flags, place, diag))
    {
      _free(self);
      return NULL;
    }
  compilations++;
  g_hash_table_insert(known, self->key, self);
  return self;
}

SiagaExpression *
siaga_expression_get(const gchar *text, gsize length, guint flags, SiagaPlace place, SiagaDiag *diag)
{
  GBytes *key = _key(text, length, flags);
  g_mutex_lock(&known_lock);
  SiagaExpression *self = _lookup(key);
  if (!self)
    self = _make(key, text, length, flags, place, diag);
  g_mutex_unlock(&known_lock);
  g_bytes_unref(key);
  return self;
}

static guint64
_count_of(const guint64 *counter)
{
  g_mutex_lock(&known_lock);
  guint64 count = *counter;
  g_mutex_unlock(&known_lock);
  return count;
}

guint64
siaga_matcher_compilations(void)
{
  return _count_of(&compilations);
}

guint64
siaga_matcher_cuts(void)
{
  return _count_of(&cuts);
}

SiagaExpression *
siaga_expression_ref(SiagaExpression *self)
{
  g_mutex_lock(&known_lock);
  self->references++;
  g_mutex_unlock(&known_lock);
  return self;
}

void
siaga_expression_unref(SiagaExpression *self)
{
  g_mutex_lock(&known_lock);
  gboolean last = --self->references == 0;
  if (last)
    g_hash_table_remove(known, self->key);
  g_mutex_unlock(&known_lock);
  if (last)
    _free(self);
}

static void
_work_out_needs(SiagaExpression *self)
{
  self->plain = TRUE;
  if (!self->code)
    {
      self->needs = g_array_new(FALSE, FALSE, sizeof(SiagaNeeds));
      return;
    }
  self->needs = siaga_needs_of_regex(self->text, self->length, &self->plain);
  self->plain = self->plain && !self->utf;
  if (self->utf)
    g_array_set_size(self->needs, 0);
}

void
siaga_expression_prepare(SiagaExpression *self)
{
  g_mutex_lock(&self->lock);
  if (!self->needs)
    _work_out_needs(self);
  g_mutex_unlock(&self->lock);
}

void
siaga_expression_jit(SiagaExpression *self)
{
  g_mutex_lock(&self->lock);
  if (self->code && !self->jit)
    pcre2_jit_compile(self->code, PCRE2_JIT_COMPLETE);
  g_atomic_int_set(&self->jit, TRUE);
  g_mutex_unlock(&self->lock);
}

static GArray *
_cut(const SiagaExpression *self)
{
  if (!self->length || self->utf || self->flags & SIAGA_MATCH_UNCONFIRMED)
    return NULL;
  SiagaRegexNode *tree = siaga_regex_parse(self->text, self->length, self->flags);
  return tree ? siaga_segments_of(tree) : NULL;
}

static void
_count_cut(void)
{
  g_mutex_lock(&known_lock);
  cuts++;
  g_mutex_unlock(&known_lock);
}

GArray *
siaga_expression_segments(SiagaExpression *self)
{
  g_mutex_lock(&self->lock);
  if (!self->is_cut)
    {
      self->segments = _cut(self);
      _count_cut();
    }
  self->is_cut = TRUE;
  GArray *segments = self->segments ? g_array_ref(self->segments) : NULL;
  g_mutex_unlock(&self->lock);
  return segments;
}

GArray *
siaga_expression_sequences(SiagaExpression *self, const GArray *segments, guint alphabet)
{
  g_mutex_lock(&self->lock);
  if (!self->gates[alphabet].known)
    self->gates[alphabet].sequences = siaga_gate_choose(segments, alphabet);
  self->gates[alphabet].known = TRUE;
  GArray *sequences = self->gates[alphabet].sequences;
  if (sequences)
    g_array_ref(sequences);
  g_mutex_unlock(&self->lock);
  return sequences;
}

void
siaga_expression_forget(SiagaExpression *self)
{
  g_mutex_lock(&self->lock);
  _forget(self);
  g_mutex_unlock(&self->lock);
}
