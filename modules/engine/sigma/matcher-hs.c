/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The prefilter by libhs (Hyperscan or Vectorscan). */

#include "matcher-private.h"

#ifdef SIAGA_HAVE_HS

#include <stdlib.h>
#include <string.h>

#define REPEAT_MAX 8 /* longer ones are widened */

struct _SiagaHsDatabase
{
  hs_database_t *database;
  guint64 generation; /* of the common scratch that fits it */
  guint expressions;  /* ids below are theirs; those above are texts that expressions need */
  GPtrArray *owners;  /* of GArray of Owner: by text, the expressions that need it */
};

/* An expression, which of its alternatives, and which of its sets a text stands in. */
typedef struct
{
  guint number;
  guint16 alternative;
  guint16 set;
} Owner;

/* What goes into one hs_compile_multi call. */
typedef struct
{
  GPtrArray *texts;   /* of gchar*, owned */
  GArray *flags;      /* of unsigned */
  GArray *numbers;    /* of unsigned */
  GHashTable *needed; /* text -> GArray of Owner, owned by the database */
  SiagaHsDatabase *database;
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
_batch_init(Batch *self, SiagaHsDatabase *database)
{
  self->database = database;
  self->needed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
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
  g_hash_table_unref(self->needed);
}

static void
_append_literal(GString *out, const gchar *text, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (g_ascii_isalnum(text[i]))
      g_string_append_c(out, text[i]);
    else
      g_string_append_printf(out, "\\x%02x", (guchar) text[i]);
}

/* TEXT is a brace and a digit; gives back the length of the quantifier, or 1 when it is none. */
static gsize
_append_repeat(GString *out, const gchar *text)
{
  gchar *end;
  guint64 minimum = g_ascii_strtoull(text + 1, &end, 10), maximum = minimum;
  if (*end == ',')
    {
      maximum = g_ascii_isdigit(end[1]) ? g_ascii_strtoull(end + 1, &end, 10) : G_MAXUINT64;
      if (maximum == G_MAXUINT64)
        end++;
    }
  gsize length = *end == '}' ? (gsize) (end + 1 - text) : 1;
  if (length > 1 && maximum >= REPEAT_MAX)
    g_string_append(out, minimum ? "+" : "*");
  else
    g_string_append_len(out, text, length);
  return length;
}

/* What costs libhs dear and hardly selects is widened: PCRE2 has the last word.  \\b goes, long repeats become endless.
 */
static void
_append_widened(GString *out, const gchar *text, gsize length)
{
  gboolean in_class = FALSE;
  for (gsize i = 0; i < length; i++)
    {
      const gchar *rest = text + i;
      if (*rest == '\\' && i + 1 < length)
        {
          gboolean word = !in_class && rest[1] == 'b' && !(i + 2 < length && strchr("*+?{", rest[2]));
          if (!word)
            g_string_append_len(out, rest, 2);
          i++;
        }
      else if (*rest == '{' && !in_class && length - i > 1 && g_ascii_isdigit(rest[1]))
        i += _append_repeat(out, rest) - 1;
      else
        {
          if (*rest == '[' && !in_class)
            {
              in_class = TRUE;
              g_string_append_c(out, '[');
              if (i + 1 < length && rest[1] == '^')
                g_string_append_c(out, text[++i]);
              if (i + 1 < length && text[i + 1] == ']')
                g_string_append_c(out, text[++i]);
              continue;
            }
          if (*rest == ']')
            in_class = FALSE;
          if (*rest)
            g_string_append_c(out, *rest);
          else
            g_string_append(out, "\\x00");
        }
    }
}

static gchar *
_write_expression(const SiagaExpression *expression)
{
  GString *out = g_string_new(expression->flags & SIAGA_MATCH_ANCHORED ? "\\A" : "");

  if (expression->code)
    {
      g_string_append(out, "(?:");
      _append_widened(out, expression->text, expression->length);
      g_string_append_c(out, ')');
    }
  else
    _append_literal(out, expression->text, expression->length);
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

/* Takes TEXT over. */
static void
_batch_append(Batch *self, gchar *text, unsigned flags, unsigned number)
{
  g_ptr_array_add(self->texts, text);
  g_array_append_val(self->flags, flags);
  g_array_append_val(self->numbers, number);
}

static void
_add_needed(Batch *self, const SiagaNeededText *needed, Owner owner)
{
  GString *text = g_string_new(NULL);
  _append_literal(text, needed->text, needed->length);
  GArray *owners = g_hash_table_lookup(self->needed, text->str);
  if (!owners)
    {
      owners = g_array_new(FALSE, FALSE, sizeof(Owner));
      g_hash_table_insert(self->needed, g_strdup(text->str), owners);
      g_ptr_array_add(self->database->owners, owners);
      _batch_append(self, g_strdup(text->str), HS_FLAG_SINGLEMATCH | HS_FLAG_CASELESS,
                    self->database->expressions + self->database->owners->len - 1);
    }
  g_array_append_val(owners, owner);
  g_string_free(text, TRUE);
}

/* Whether each alternative has texts that are worth looking for. */
static gboolean
_is_selective(const GArray *needs)
{
  for (guint i = 0; i < needs->len; i++)
    if (siaga_set_weight(g_array_index(needs, SiagaNeeds, i).sets[0]) < SIAGA_WEIGHT_MIN)
      return FALSE;
  return TRUE;
}

/* A regex goes in as the texts it needs, which are found much faster, and as itself when it needs none. */
static gboolean
_batch_add(Batch *self, const SiagaExpression *expression, guint number)
{
  if (!expression->plain || !expression->length)
    return FALSE;
  if (expression->needs->len && !_is_selective(expression->needs))
    return FALSE;
  for (guint a = 0; a < expression->needs->len; a++)
    {
      const SiagaNeeds *needs = &g_array_index(expression->needs, SiagaNeeds, a);
      for (guint n = 0; n < needs->count; n++)
        for (guint i = 0; i < needs->sets[n]->len; i++)
          _add_needed(self, &g_array_index(needs->sets[n], SiagaNeededText, i), (Owner){ number, a, n });
    }
  if (expression->needs->len)
    return TRUE;
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
  _batch_append(self, text, flags, number);
  return TRUE;
}

static void
_batch_remove(Batch *self, guint index, GArray *left)
{
  guint number = g_array_index(self->numbers, unsigned, index);
  if (number < self->database->expressions)
    g_array_append_val(left, number);
  else
    {
      const GArray *owners = self->database->owners->pdata[number - self->database->expressions];
      for (guint i = 0; i < owners->len; i++)
        g_array_append_val(left, g_array_index(owners, Owner, i).number);
    }
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

static void
_owners_free(gpointer data)
{
  g_array_unref(data);
}

SiagaHsDatabase *
siaga_hs_new(SiagaExpression *const *expressions, guint count, GArray *numbers)
{
  Batch batch;
  SiagaHsDatabase *self = g_new0(SiagaHsDatabase, 1);
  GArray *left = g_array_new(FALSE, FALSE, sizeof(guint));

  self->expressions = count;
  self->owners = g_ptr_array_new_with_free_func(_owners_free);
  _batch_init(&batch, self);
  for (guint i = 0; i < numbers->len; i++)
    {
      guint number = g_array_index(numbers, guint, i);
      if (!_batch_add(&batch, expressions[number], number))
        g_array_append_val(left, number);
    }
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
  g_array_set_size(numbers, 0);
  g_array_append_vals(numbers, left->data, left->len);
  g_array_unref(left);
  return self;
}

void
siaga_hs_free(SiagaHsDatabase *self)
{
  if (!self)
    return;
  hs_free_database(self->database);
  g_ptr_array_unref(self->owners);
  g_free(self);
}

void
siaga_hs_release(SiagaMatcherThread *thread)
{
  hs_free_scratch(thread->scratch);
  g_free(thread->copy);
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

typedef struct
{
  const SiagaHsDatabase *database;
  SiagaScan *scan;
} HsScan;

static int
_on_match(unsigned id, unsigned long long from G_GNUC_UNUSED, unsigned long long to, unsigned flags G_GNUC_UNUSED,
          void *user_data)
{
  HsScan *scan = user_data;
  if (id < scan->database->expressions)
    {
      siaga_scan_candidate(scan->scan, id, to);
      return 0;
    }
  const GArray *owners = scan->database->owners->pdata[id - scan->database->expressions];
  for (guint i = 0; i < owners->len; i++)
    {
      const Owner *owner = &g_array_index(owners, Owner, i);
      siaga_scan_meet(scan->scan, owner->number, owner->alternative, owner->set);
    }
  return 0;
}

/* On machines with AVX512VBMI libhs reads up to 32 bytes behind a text (VectorCamp/vectorscan issue 322).  Behind the
 * end of a page, of 4 KiB at least, there may be nothing. */
#define READ_BEHIND 64
#define PAGE 4096

static const gchar *
_away_from_page_end(SiagaMatcherThread *thread, const gchar *text, gsize length)
{
  const gsize room = -(gsize) (text + length) % PAGE;
  if (room >= READ_BEHIND)
    return text;
  if (thread->copy_size < length + READ_BEHIND)
    {
      thread->copy_size = length + READ_BEHIND;
      thread->copy = g_realloc(thread->copy, thread->copy_size);
    }
  return memcpy(thread->copy, text, length);
}

void
siaga_hs_scan(const SiagaHsDatabase *self, SiagaScan *scan)
{
  SiagaMatcherThread *thread = scan->thread;
  const gsize length = MIN(scan->length, G_MAXUINT32);
  if (thread->scratch_generation < self->generation && !_renew_scratch(thread))
    g_error("hs_clone_scratch: out of memory");
  hs_scan(self->database, _away_from_page_end(thread, scan->subject, length), length, 0, thread->scratch, _on_match,
          &(HsScan){ self, scan });
}

#endif
