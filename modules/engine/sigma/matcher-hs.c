/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The prefilter by libhs (Hyperscan or Vectorscan). */

#include "matcher-private.h"

#ifdef SIAGA_HAVE_HS

#include <stdlib.h>
#include <string.h>

#define REPEAT_MAX 8

struct _SiagaHsDatabase
{
  hs_database_t *database;
  guint64 generation; /* of the common scratch that fits it */
};

/* What goes into one hs_compile_multi call. */
typedef struct
{
  GPtrArray *texts; /* of gchar*, owned */
  GArray *flags;    /* of unsigned */
  GArray *numbers;  /* of unsigned */
} Batch;

/* A scratch that fits every database made so far; threads clone it when theirs is older than their database. */
static GMutex common_lock;
static hs_scratch_t *common_scratch;
static guint64 common_generation;

gboolean
siaga_hs_usable(void)
{
  return hs_valid_platform() == HS_SUCCESS;
}

static void
_batch_init(Batch *self)
{
  self->texts = g_ptr_array_new_with_free_func(g_free);
  self->flags = g_array_new(FALSE, FALSE, sizeof(unsigned));
  self->numbers = g_array_new(FALSE, FALSE, sizeof(unsigned));
}

static void
_batch_clear(Batch *self)
{
  g_ptr_array_unref(self->texts);
  g_array_unref(self->flags);
  g_array_unref(self->numbers);
}

/* At TEXT stands a repetition "{m,n}" with a large n: its length, and m; 0 for anything else. */
static gsize
_wide_repetition(const gchar *text, gsize length, guint *least_r)
{
  gsize i = 1;
  guint least = 0, most = 0;
  for (; i < length && g_ascii_isdigit(text[i]) && least < 1000; i++)
    least = least * 10 + (text[i] - '0');
  if (i == 1 || i >= length || text[i] != ',')
    return 0;
  for (i++; i < length && g_ascii_isdigit(text[i]) && most < 100000; i++)
    most = most * 10 + (text[i] - '0');
  *least_r = least;
  return i < length && text[i] == '}' && most > REPEAT_MAX ? i + 1 : 0;
}

/* The length of the character class at TEXT. */
static gsize
_class_length(const gchar *text, gsize length)
{
  gsize i = 1;
  if (i < length && text[i] == '^')
    i++;
  if (i < length && text[i] == ']')
    i++;
  for (; i < length && text[i] != ']'; i++)
    if (text[i] == '\\')
      i++;
    else if (text[i] == '[' && i + 1 < length && text[i + 1] == ':')
      for (i += 2; i + 1 < length && !(text[i] == ':' && text[i + 1] == ']'); i++)
        ;
  return MIN(i + 1, length);
}

/* "{0,200}" costs libhs a state per step and its compiler seconds; "{0,}" finds all of that and more, and PCRE2
 * decides. The regex is known to be one: PCRE2 has compiled it. */
static GString *
_widen(const gchar *text, gsize length)
{
  GString *out = g_string_sized_new(length);
  for (gsize i = 0; i < length;)
    {
      guint least = 0;
      gsize wide = text[i] == '{' ? _wide_repetition(text + i, length - i, &least) : 0;
      gsize taken = wide ? wide : text[i] == '[' ? _class_length(text + i, length - i) : text[i] == '\\' ? 2 : 1;
      taken = MIN(taken, length - i);
      if (wide)
        g_string_append_printf(out, "{%u,}", least);
      else
        g_string_append_len(out, text + i, taken);
      i += taken;
    }
  return out;
}

static gchar *
_write_expression(const SiagaExpression *expression)
{
  GString *out = g_string_new(expression->flags & SIAGA_MATCH_ANCHORED ? "\\A" : "");
  gboolean literal = !expression->code;

  GString *text =
      literal ? g_string_new_len(expression->text, expression->length) : _widen(expression->text, expression->length);
  if (!literal)
    g_string_append(out, "(?:");
  for (gsize i = 0; i < text->len; i++)
    {
      guchar c = text->str[i];
      if ((literal && !g_ascii_isalnum(c)) || c == '\0')
        g_string_append_printf(out, "\\x%02x", c);
      else
        g_string_append_c(out, c);
    }
  g_string_free(text, TRUE);
  if (!literal)
    g_string_append_c(out, ')');
  if (expression->flags & SIAGA_MATCH_AT_END)
    g_string_append(out, "\\z");
  return g_string_free(out, FALSE);
}

static unsigned
_hs_flags(guint flags)
{
  return HS_FLAG_SINGLEMATCH | (flags & SIAGA_MATCH_CASELESS ? HS_FLAG_CASELESS : 0) |
         (flags & SIAGA_MATCH_MULTILINE ? HS_FLAG_MULTILINE : 0) | (flags & SIAGA_MATCH_DOTALL ? HS_FLAG_DOTALL : 0);
}

/* libhs reads the regex, and it cannot match an empty text. */
static gboolean
_is_accepted(const gchar *text, unsigned flags)
{
  hs_expr_info_t *info = NULL;
  hs_compile_error_t *error = NULL;
  hs_error_t status = hs_expression_info(text, flags, &info, &error);
  gboolean accepted = status == HS_SUCCESS && info->min_width > 0;

  if (error)
    hs_free_compile_error(error);
  free(info);
  return accepted;
}

static gboolean
_batch_add(Batch *self, const SiagaExpression *expression, guint number)
{
  if (!expression->plain || !expression->length)
    return FALSE;
  gchar *text = _write_expression(expression);
  unsigned flags = _hs_flags(expression->flags);
  if (expression->code && !_is_accepted(text, flags))
    {
      flags |= HS_FLAG_PREFILTER;
      if (!_is_accepted(text, flags))
        {
          g_free(text);
          return FALSE;
        }
    }
  g_ptr_array_add(self->texts, text);
  g_array_append_val(self->flags, flags);
  g_array_append_val(self->numbers, number);
  return TRUE;
}

static void
_batch_remove(Batch *self, guint index, GArray *left)
{
  guint number = g_array_index(self->numbers, unsigned, index);
  g_array_append_val(left, number);
  g_ptr_array_remove_index(self->texts, index);
  g_array_remove_index(self->flags, index);
  g_array_remove_index(self->numbers, index);
}

/* One expression that libhs refuses after all does not take the others with it. */
static hs_database_t *
_batch_compile(Batch *self, GArray *left)
{
  while (self->texts->len)
    {
      hs_database_t *database = NULL;
      hs_compile_error_t *error = NULL;
      hs_error_t status =
          hs_compile_multi((const char *const *) self->texts->pdata, (unsigned *) self->flags->data,
                           (unsigned *) self->numbers->data, self->texts->len, HS_MODE_BLOCK, NULL, &database, &error);
      if (status == HS_SUCCESS)
        return database;
      gint bad = error ? error->expression : -1;
      if (error)
        hs_free_compile_error(error);
      if (bad >= 0 && (guint) bad < self->texts->len)
        _batch_remove(self, bad, left);
      else
        while (self->texts->len)
          _batch_remove(self, self->texts->len - 1, left);
    }
  return NULL;
}

static gboolean
_fit_common_scratch(SiagaHsDatabase *self)
{
  g_mutex_lock(&common_lock);
  hs_error_t status = hs_alloc_scratch(self->database, &common_scratch);
  self->generation = ++common_generation;
  g_mutex_unlock(&common_lock);
  return status == HS_SUCCESS;
}

SiagaHsDatabase *
siaga_hs_new(const SiagaExpression *expressions, guint count, GArray *left)
{
  Batch batch;
  SiagaHsDatabase *self = g_new0(SiagaHsDatabase, 1);

  _batch_init(&batch);
  for (guint i = 0; i < count; i++)
    if (!_batch_add(&batch, &expressions[i], i))
      g_array_append_val(left, i);
  self->database = _batch_compile(&batch, left);
  if (self->database && !_fit_common_scratch(self))
    while (batch.texts->len)
      _batch_remove(&batch, batch.texts->len - 1, left);
  if (!batch.texts->len)
    {
      siaga_hs_free(self);
      self = NULL;
    }
  _batch_clear(&batch);
  return self;
}

void
siaga_hs_free(SiagaHsDatabase *self)
{
  if (!self)
    return;
  hs_free_database(self->database);
  g_free(self);
}

void
siaga_hs_release(SiagaMatcherThread *thread)
{
  hs_free_scratch(thread->scratch);
}

static gboolean
_renew_scratch(SiagaMatcherThread *thread)
{
  g_mutex_lock(&common_lock);
  hs_free_scratch(thread->scratch);
  thread->scratch = NULL;
  hs_error_t status = hs_clone_scratch(common_scratch, &thread->scratch);
  thread->scratch_generation = status == HS_SUCCESS ? common_generation : 0;
  g_mutex_unlock(&common_lock);
  return status == HS_SUCCESS;
}

static int
_on_match(unsigned id, unsigned long long from G_GNUC_UNUSED, unsigned long long to, unsigned flags G_GNUC_UNUSED,
          void *user_data)
{
  siaga_scan_candidate(user_data, id, to);
  return 0;
}

void
siaga_hs_scan(const SiagaHsDatabase *self, SiagaScan *scan)
{
  SiagaMatcherThread *thread = scan->thread;
  if (thread->scratch_generation < self->generation && !_renew_scratch(thread))
    g_error("hs_clone_scratch: out of memory");
  hs_scan(self->database, scan->subject, MIN(scan->length, G_MAXUINT32), 0, thread->scratch, _on_match, scan);
}

#endif
