/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads a pattern file. */

#include "needed.h"

#include <siaga/nearest.h>

#include <string.h>

typedef struct
{
  SiagaPatternSet *set;
  PatternFile *file;
  SiagaGrok *grok; /* macros of the file, then those of the set */
  SiagaDiag *diag;
} Loader;

static const gchar *
_keep(Loader *self, const gchar *text, gsize length)
{
  return g_string_chunk_insert_len(self->file->text, text, length);
}

static SiagaPlace
_place(Loader *self, SiagaPlace place)
{
  place.file = self->file->path;
  return place;
}

static void
_pattern_free(gpointer data)
{
  Pattern *self = data;
  siaga_expression_clear(&self->expression);
  siaga_keys_free(self->keys);
  g_clear_pointer(&self->needed, g_ptr_array_unref);
  g_free(self->literals);
  g_free(self->constants);
  if (self->tried_after)
    g_ptr_array_unref(self->tried_after);
  g_ptr_array_unref(self->samples);
  g_ptr_array_unref(self->rejects);
  g_free(self);
}

static void
_sample_free(gpointer data)
{
  Sample *self = data;
  g_clear_pointer(&self->before, g_ptr_array_unref);
  g_free(self);
}

static Pattern *
_pattern_new(PatternFile *file)
{
  Pattern *self = g_new0(Pattern, 1);
  self->file = file;
  self->samples = g_ptr_array_new_with_free_func(_sample_free);
  self->rejects = g_ptr_array_new_with_free_func(_sample_free);
  return self;
}

void
siaga_pattern_file_free(PatternFile *self)
{
  if (!self)
    return;
  siaga_yaml_free(self->yaml);
  g_ptr_array_unref(self->programs);
  g_ptr_array_unref(self->globs);
  g_ptr_array_unref(self->columns);
  g_ptr_array_unref(self->patterns);
  g_string_chunk_free(self->text);
  g_free(self);
}

static PatternFile *
_file_new(void)
{
  PatternFile *self = g_new0(PatternFile, 1);
  self->text = g_string_chunk_new(1024);
  self->programs = g_ptr_array_new();
  self->columns = g_ptr_array_new();
  self->globs = g_ptr_array_new_with_free_func((GDestroyNotify) g_pattern_spec_free);
  self->patterns = g_ptr_array_new_with_free_func(_pattern_free);
  return self;
}

/* Calls VISIT for a scalar, or for each scalar of a list. */
typedef gboolean (*ScalarVisit)(Loader *self, const SiagaYaml *scalar, gpointer user_data);

static gboolean
_each_scalar(Loader *self, const SiagaYaml *node, const gchar *what, ScalarVisit visit, gpointer user_data)
{
  gboolean ok = TRUE;
  if (!node)
    return TRUE;
  if (node->kind == SIAGA_YAML_SCALAR)
    return visit(self, node, user_data);
  for (guint i = 0; node->kind == SIAGA_YAML_LIST && i < node->size; i++)
    if (node->values[i]->kind == SIAGA_YAML_SCALAR)
      ok = visit(self, node->values[i], user_data) && ok;
    else
      {
        siaga_diag_error(self->diag, node->values[i]->place, "expected %s", what);
        ok = FALSE;
      }
  if (node->kind == SIAGA_YAML_LIST)
    return ok;
  siaga_diag_error(self->diag, node->place, "expected %s or a list of them", what);
  return FALSE;
}

static gboolean
_add_text(Loader *self, const SiagaYaml *scalar, gpointer array)
{
  g_ptr_array_add(array, (gpointer) _keep(self, scalar->text, scalar->length));
  return TRUE;
}

static gboolean
_add_glob(Loader *self G_GNUC_UNUSED, const SiagaYaml *scalar, gpointer array)
{
  g_ptr_array_add(array, g_pattern_spec_new(scalar->text));
  return TRUE;
}

static gboolean
_read_applies_to(Loader *self, const SiagaYaml *document)
{
  static const gchar *const allowed[] = { "program", "file", NULL };
  const SiagaYaml *node = siaga_yaml_get(document, "applies-to");
  if (!node)
    return TRUE;
  if (node->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(self->diag, node->place, "expected { program: [names], file: [globs] }");
      return FALSE;
    }
  return siaga_yaml_check_keys(node, allowed, self->diag) &&
         _each_scalar(self, siaga_yaml_get(node, "program"), "a program name", _add_text, self->file->programs) &&
         _each_scalar(self, siaga_yaml_get(node, "file"), "a path with '*'", _add_glob, self->file->globs);
}

static gboolean
_fill_constant(Loader *self, Constant *constant, SiagaFieldType type, const SiagaYaml *scalar)
{
  gboolean flag;
  constant->type = type == SIAGA_FT_DOUBLE                             ? SIAGA_VT_DOUBLE
                   : type == SIAGA_FT_LONG || type == SIAGA_FT_BOOLEAN ? SIAGA_VT_INT
                                                                       : SIAGA_VT_TEXT;
  constant->text = _keep(self, scalar->text, scalar->length);
  constant->length = scalar->length;
  if ((type == SIAGA_FT_LONG && !siaga_yaml_to_int(scalar, &constant->integer)) ||
      (type == SIAGA_FT_DOUBLE && !siaga_yaml_to_double(scalar, &constant->real)) ||
      (type == SIAGA_FT_BOOLEAN && !siaga_yaml_to_bool(scalar, &flag)) || type == SIAGA_FT_DATE)
    {
      static const gchar *const expected[] = { "text",       "an integer",  "a number",
                                               "an address", "no constant", "true or false" };
      siaga_diag_error(self->diag, scalar->place, "expected %s, got '%s'", expected[type], scalar->text);
      return FALSE;
    }
  if (type == SIAGA_FT_BOOLEAN)
    constant->integer = flag;
  return TRUE;
}

static gboolean
_check_value(Loader *self, const SiagaField *field, const SiagaYaml *scalar)
{
  const gchar *near = NULL;
  guint distance = SIAGA_NAME_NEAR;
  if (!field->values || g_strv_contains((const gchar *const *) field->values, scalar->text))
    return TRUE;
  for (gchar **value = field->values; *value; value++)
    siaga_name_keep_nearest(scalar->text, *value, &distance, &near);
  siaga_diag_error(self->diag, scalar->place, "'%s' is no value of %s%s%s%s", scalar->text, field->name,
                   near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
  return FALSE;
}

typedef struct
{
  GArray *constants;
  SiagaFieldId field;
} SetContext;

static gboolean
_add_constant(Loader *self, const SiagaYaml *scalar, gpointer user_data)
{
  SetContext *context = user_data;
  const SiagaField *field = siaga_fields_get(self->set->fields, context->field);
  Constant constant = { .field = context->field, .list = field->list };
  if (!_check_value(self, field, scalar) || !_fill_constant(self, &constant, field->type, scalar))
    return FALSE;
  g_array_append_val(context->constants, constant);
  return TRUE;
}

static gboolean
_read_constant(Loader *self, const SiagaYaml *key, const SiagaYaml *value, GArray *constants)
{
  SetContext context = { constants, SIAGA_FIELD_NONE };
  context.field = siaga_grok_field(self->set->fields, key->text, key->length, key->place, self->diag);
  if (context.field == SIAGA_FIELD_NONE)
    return FALSE;
  if (value->kind == SIAGA_YAML_LIST && !siaga_fields_get(self->set->fields, context.field)->list)
    {
      siaga_diag_error(self->diag, value->place, "'%s' holds one value, not a list", key->text);
      return FALSE;
    }
  return _each_scalar(self, value, "a value", _add_constant, &context);
}

static gboolean
_read_set(Loader *self, Pattern *pattern, const SiagaYaml *node)
{
  gboolean ok = TRUE;
  if (!node)
    return TRUE;
  if (node->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(self->diag, node->place, "expected a map of fields to values");
      return FALSE;
    }
  GArray *constants = g_array_new(FALSE, TRUE, sizeof(Constant));
  for (guint i = 0; i < node->size; i++)
    ok = _read_constant(self, node->keys[i], node->values[i], constants) && ok;
  pattern->constant_count = constants->len;
  pattern->constants = (Constant *) g_array_free(constants, FALSE);
  return ok;
}

static gboolean
_read_case(Loader *self, const SiagaYaml *node, gboolean *caseless_r)
{
  *caseless_r = FALSE;
  if (!node)
    return TRUE;
  *caseless_r = node->kind == SIAGA_YAML_SCALAR && strcmp(node->text, "insensitive") == 0;
  if (*caseless_r || (node->kind == SIAGA_YAML_SCALAR && strcmp(node->text, "sensitive") == 0))
    return TRUE;
  siaga_diag_error(self->diag, node->place, "expected 'case: insensitive' or 'case: sensitive'");
  return FALSE;
}

/* ".*", ".+" or %{GREEDYDATA} between START and END. */
static gboolean
_has_greedy(const gchar *start, const gchar *end)
{
  for (const gchar *p = start; p + 1 < end; p++)
    {
      if (*p == '\\')
        p++;
      else if (*p == '.' && (p[1] == '*' || p[1] == '+') && (p + 2 == end || (p[2] != '?' && p[2] != '+')))
        return TRUE;
      else if (g_str_has_prefix(p, "%{GREEDYDATA"))
        return TRUE;
    }
  return FALSE;
}

/* What runs over everything up to the last address lets a client write the address that is found: log injection. */
static void
_lint(Loader *self, const SiagaYaml *match)
{
  const gchar *source = strstr(match->text, ":source.");
  const gchar *start = source;
  if (!source || (!self->set->options.keep_samples && !self->file->local))
    return;
  while (start > match->text && start[-1] != '|')
    start--;
  if (_has_greedy(start, source))
    siaga_diag_warning(self->diag, match->place,
                       "a greedy group stands before the source field: a client could write "
                       "an address into it; name what may stand there, as in [^ ]*");
}

static gboolean
_read_match(Loader *self, Pattern *pattern, const SiagaYaml *node)
{
  const SiagaYaml *match = siaga_yaml_get(node, "match");
  gboolean caseless;

  if (!match || match->kind != SIAGA_YAML_SCALAR || !match->length)
    {
      siaga_diag_error(self->diag, match ? match->place : node->place, "expected 'match:' with an expression");
      return FALSE;
    }
  if (!_read_case(self, siaga_yaml_get(node, "case"), &caseless))
    return FALSE;
  gchar *regex = NULL;
  gboolean ok = siaga_expression_compile(&pattern->expression, self->grok, match->text, self->set->fields, caseless,
                                         match->place, &regex, self->diag);
  if (ok)
    siaga_pattern_find_needed(pattern, regex, caseless);
  if (ok && self->set->options.keep_samples)
    {
      pattern->regex = _keep(self, regex, strlen(regex));
      siaga_expression_make(&pattern->expression, regex, caseless);
    }
  else if (ok)
    siaga_expression_fold(&pattern->expression, regex, caseless);
  _lint(self, match);
  g_free(regex);
  return ok;
}

static gboolean
_read_keys(Loader *self, Pattern *pattern, const SiagaYaml *node)
{
  const SiagaYaml *keys = siaga_yaml_get(node, "keys");
  if (!keys)
    {
      siaga_diag_error(self->diag, node->place, "expected 'keys:' with the line's keys and the fields they fill");
      return FALSE;
    }
  pattern->keys = siaga_keys_new();
  gboolean ok = siaga_keys_load(pattern->keys, self->set->fields, self->file->text, self->grok,
                                siaga_yaml_get(node, "when"), keys, self->diag);
  if (ok)
    siaga_pattern_find_needed(pattern, NULL, FALSE);
  return ok;
}

typedef struct
{
  const SiagaFields *fields;
  const gchar *name;
  gboolean found;
} OptionalSearch;

static void
_mark_if_named(Capture *capture, gpointer user_data)
{
  OptionalSearch *search = user_data;
  if (strcmp(siaga_capture_name(capture, search->fields), search->name) != 0)
    return;
  capture->optional = TRUE;
  search->found = TRUE;
}

static gboolean
_mark_optional(Loader *self, const SiagaYaml *scalar, gpointer user_data)
{
  OptionalSearch search = { self->set->fields, scalar->text, FALSE };
  siaga_pattern_foreach_capture(user_data, _mark_if_named, &search);
  if (!search.found)
    siaga_diag_error(self->diag, scalar->place, "the pattern does not fill the field '%s'", scalar->text);
  return search.found;
}

static const gchar *
_sample_text(Loader *self, const SiagaYaml *node, const gchar *key)
{
  const gchar *text = siaga_yaml_get_text(node, key);
  return text ? _keep(self, text, strlen(text)) : NULL;
}

static gboolean
_check_sample_fields(Loader *self, const SiagaYaml *fields)
{
  gboolean ok = TRUE;
  if (fields && fields->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(self->diag, fields->place, "expected a map of fields to values");
      return FALSE;
    }
  for (guint i = 0; fields && i < fields->size; i++)
    if (strcmp(fields->keys[i]->text, "@timestamp") != 0)
      ok = siaga_grok_field(self->set->fields, fields->keys[i]->text, fields->keys[i]->length, fields->keys[i]->place,
                            self->diag) != SIAGA_FIELD_NONE &&
           ok;
  return ok;
}

static gboolean _read_samples(Loader *self, const SiagaYaml *list, GPtrArray *samples);

static gboolean
_fill_sample(Loader *self, const SiagaYaml *node, Sample *sample)
{
  static const gchar *const allowed[] = { "line", "before", "fields", "program", "host", "file", "year", "note", NULL };
  const SiagaYaml *line = node, *year;
  gint64 value = 0;

  if (node->kind == SIAGA_YAML_MAP)
    {
      if (!siaga_yaml_check_keys(node, allowed, self->diag))
        return FALSE;
      line = siaga_yaml_get(node, "line");
    }
  if (!line || line->kind != SIAGA_YAML_SCALAR)
    {
      siaga_diag_error(self->diag, node->place, "expected 'line:' with a log line");
      return FALSE;
    }
  sample->place = _place(self, node->place);
  sample->line = self->set->options.keep_samples ? _keep(self, line->text, line->length) : "";
  sample->length = line->length;
  sample->program = _sample_text(self, node, "program");
  sample->host = _sample_text(self, node, "host");
  sample->file = _sample_text(self, node, "file");
  sample->fields = siaga_yaml_get(node, "fields");
  year = siaga_yaml_get(node, "year");
  if (year && (!siaga_yaml_to_int(year, &value) || value < 1970 || value > 9999))
    {
      siaga_diag_error(self->diag, year->place, "expected a year");
      return FALSE;
    }
  sample->year = value;
  const SiagaYaml *before = siaga_yaml_get(node, "before");
  if (before)
    sample->before = g_ptr_array_new_with_free_func(_sample_free);
  return _read_samples(self, before, sample->before) && _check_sample_fields(self, sample->fields);
}

static gboolean
_read_samples(Loader *self, const SiagaYaml *list, GPtrArray *samples)
{
  gboolean ok = TRUE;
  if (!list)
    return TRUE;
  if (list->kind != SIAGA_YAML_LIST)
    {
      siaga_diag_error(self->diag, list->place, "expected a list of log lines");
      return FALSE;
    }
  for (guint i = 0; i < list->size; i++)
    {
      Sample *sample = g_new0(Sample, 1);
      ok = _fill_sample(self, list->values[i], sample) && ok;
      g_ptr_array_add(samples, sample);
    }
  return ok;
}

static gboolean
_check_has_sample(Loader *self, const Pattern *pattern, const SiagaYaml *node)
{
  if (pattern->samples->len)
    return TRUE;
  if (self->file->local)
    {
      siaga_diag_warning(self->diag, node->place, "the pattern '%s' has no sample", pattern->id);
      return TRUE;
    }
  siaga_diag_error(self->diag, node->place, "the pattern '%s' has no sample: add 'samples:' with a line it reads",
                   pattern->id);
  return FALSE;
}

static gboolean
_is_name(const gchar *text)
{
  return *text && strlen(text) <= 64 &&
         strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == strlen(text);
}

static gboolean
_read_id(Loader *self, Pattern *pattern, const SiagaYaml *node)
{
  const gchar *id = siaga_yaml_get_text(node, "id");
  if (!id || !_is_name(id))
    {
      siaga_diag_error(self->diag, node->place, "expected 'id:' of letters, digits, '.', '_' and '-'");
      return FALSE;
    }
  for (guint i = 0; i < self->file->patterns->len; i++)
    if (strcmp(((Pattern *) g_ptr_array_index(self->file->patterns, i))->id, id) == 0)
      {
        siaga_diag_error(self->diag, siaga_yaml_get(node, "id")->place, "the id '%s' is taken in this file", id);
        return FALSE;
      }
  gchar *label = g_strdup_printf("%s/%s", self->file->dataset, id);
  pattern->id = _keep(self, id, strlen(id));
  pattern->label = _keep(self, label, strlen(label));
  pattern->label_length = strlen(label);
  pattern->place = _place(self, node->place);
  g_free(label);
  return TRUE;
}

static gboolean
_check_pattern_keys(Loader *self, const SiagaYaml *node)
{
  static const gchar *const grok[] = { "id",          "match",   "set",     "optional",    "case", "tried-after",
                                       "tried-first", "samples", "rejects", "description", NULL };
  static const gchar *const keys[] = { "id",          "when",    "keys",    "set",         "optional", "tried-after",
                                       "tried-first", "samples", "rejects", "description", NULL };
  if (node->kind == SIAGA_YAML_MAP)
    return siaga_yaml_check_keys(node, self->file->format == FORMAT_GROK ? grok : keys, self->diag);
  siaga_diag_error(self->diag, node->place, "expected { id: ..., match: ..., samples: ... }");
  return FALSE;
}

static gboolean
_read_tried_first(Loader *self, Pattern *pattern, const SiagaYaml *node)
{
  if (!node || siaga_yaml_to_bool(node, &pattern->tried_first))
    return TRUE;
  siaga_diag_error(self->diag, node->place, "expected 'tried-first: true' or false");
  return FALSE;
}

static gboolean
_fill_pattern(Loader *self, Pattern *pattern, const SiagaYaml *node)
{
  if (!_check_pattern_keys(self, node) || !_read_id(self, pattern, node))
    return FALSE;
  pattern->tried_after = g_ptr_array_new();
  gboolean ok = (self->file->format == FORMAT_GROK ? _read_match : _read_keys)(self, pattern, node);
  ok = _read_set(self, pattern, siaga_yaml_get(node, "set")) && ok;
  ok = ok && _each_scalar(self, siaga_yaml_get(node, "optional"), "a field name", _mark_optional, pattern);
  ok = _each_scalar(self, siaga_yaml_get(node, "tried-after"), "a pattern id", _add_text, pattern->tried_after) && ok;
  ok = _read_tried_first(self, pattern, siaga_yaml_get(node, "tried-first")) && ok;
  ok = _read_samples(self, siaga_yaml_get(node, "samples"), pattern->samples) && ok;
  ok = _read_samples(self, siaga_yaml_get(node, "rejects"), pattern->rejects) && ok;
  ok = ok && _check_has_sample(self, pattern, node);
  if (!self->set->options.keep_samples)
    {
      g_ptr_array_set_size(pattern->samples, 0);
      g_ptr_array_set_size(pattern->rejects, 0);
    }
  return ok;
}

static gboolean
_read_patterns(Loader *self, const SiagaYaml *document)
{
  const SiagaYaml *list = siaga_yaml_get(document, "patterns");
  gboolean ok = TRUE;
  if (!list || list->kind != SIAGA_YAML_LIST || !list->size)
    {
      siaga_diag_error(self->diag, list ? list->place : document->place, "expected 'patterns:' with a list");
      return FALSE;
    }
  for (guint i = 0; i < list->size; i++)
    {
      Pattern *pattern = _pattern_new(self->file);
      if (_fill_pattern(self, pattern, list->values[i]))
        g_ptr_array_add(self->file->patterns, pattern);
      else
        {
          _pattern_free(pattern);
          ok = FALSE;
        }
    }
  return ok;
}

static gboolean
_read_family(Loader *self, const SiagaYaml *document)
{
  const gchar *name = siaga_yaml_get_text(document, "family");
  self->file->family = siaga_family_by_name(name);
  if (self->file->family != SIAGA_FAMILY_NONE)
    return TRUE;
  siaga_diag_error(self->diag, name ? siaga_yaml_get(document, "family")->place : document->place,
                   "expected 'family:' web, dns or auth");
  return FALSE;
}

static gboolean
_add_columns(Loader *self, const SiagaYaml *scalar, gpointer array)
{
  const W3cColumns *columns = siaga_w3c_columns(self->set->w3c, scalar->text, scalar->length);
  if (columns)
    g_ptr_array_add(array, (gpointer) columns);
  else
    siaga_diag_error(self->diag, scalar->place, "expected names of columns: 'date time c-ip ...', at most %d",
                     SIAGA_W3C_COLUMNS);
  return columns != NULL;
}

static gboolean
_read_format(Loader *self, const SiagaYaml *document)
{
  static const gchar *const names[] = { "grok", "json", "kv", "w3c" };
  const SiagaYaml *format = siaga_yaml_get(document, "format"), *columns = siaga_yaml_get(document, "columns");
  gboolean known = !format;

  for (guint i = 0; format && format->kind == SIAGA_YAML_SCALAR && i < G_N_ELEMENTS(names); i++)
    if (strcmp(format->text, names[i]) == 0)
      {
        self->file->format = i;
        known = TRUE;
      }
  if (!known)
    siaga_diag_error(self->diag, format->place, "expected 'format:' grok, json, kv or w3c");
  if (known && columns && self->file->format != FORMAT_W3C)
    {
      siaga_diag_error(self->diag, columns->place, "only 'format: w3c' has 'columns:'");
      known = FALSE;
    }
  return known && _each_scalar(self, columns, "names of columns", _add_columns, self->file->columns);
}

/* What others read does not matter to it, so a program's name cannot either. */
static gboolean
_read_fallback(Loader *self, const SiagaYaml *document)
{
  const SiagaYaml *node = siaga_yaml_get(document, "fallback");
  if (!node)
    return TRUE;
  if (siaga_yaml_to_bool(node, &self->file->fallback) && !self->file->programs->len)
    return TRUE;
  siaga_diag_error(self->diag, node->place, "expected 'fallback: true' or false, in a file without programs");
  return FALSE;
}

/* The field of text that SCALAR names; NONE with an error when it names none. */
static SiagaFieldId
_text_field(Loader *self, const SiagaYaml *scalar)
{
  SiagaFieldId id = siaga_grok_field(self->set->fields, scalar->text, scalar->length, scalar->place, self->diag);
  const SiagaField *field = id == SIAGA_FIELD_NONE ? NULL : siaga_fields_get(self->set->fields, id);
  if (!field || field->type == SIAGA_FT_KEYWORD || field->type == SIAGA_FT_IP)
    return id;
  siaga_diag_error(self->diag, scalar->place, "'%s' is no text: a session cannot carry it", scalar->text);
  return SIAGA_FIELD_NONE;
}

static gboolean
_add_carried(Loader *self, const SiagaYaml *scalar, gpointer session)
{
  SessionKeys *keys = session;
  if (keys->count == SIAGA_SESSION_FIELDS)
    {
      siaga_diag_error(self->diag, scalar->place, "a session carries at most %d fields", SIAGA_SESSION_FIELDS);
      return FALSE;
    }
  SiagaFieldId field = _text_field(self, scalar);
  if (field != SIAGA_FIELD_NONE)
    keys->carries[keys->count++] = field;
  return field != SIAGA_FIELD_NONE;
}

static gboolean
_read_session(Loader *self, const SiagaYaml *node)
{
  static const gchar *const allowed[] = { "by", "carries", NULL };
  SessionKeys *keys = &self->file->session;
  if (!node)
    return TRUE;
  const SiagaYaml *by = node->kind == SIAGA_YAML_MAP ? siaga_yaml_get(node, "by") : NULL;
  const SiagaYaml *carries = by ? siaga_yaml_get(node, "carries") : NULL;
  if (!carries || by->kind != SIAGA_YAML_SCALAR)
    {
      siaga_diag_error(self->diag, node->place, "expected 'session: { by: FIELD, carries: [FIELD, ...] }'");
      return FALSE;
    }
  keys->by = siaga_grok_field(self->set->fields, by->text, by->length, by->place, self->diag);
  return siaga_yaml_check_keys(node, allowed, self->diag) && keys->by != SIAGA_FIELD_NONE &&
         _each_scalar(self, carries, "a field name", _add_carried, keys);
}

static gboolean
_read_head(Loader *self, const SiagaYaml *document)
{
  static const gchar *const allowed[] = { "dataset",    "family",   "title",  "description", "reference",
                                          "applies-to", "grok",     "format", "columns",     "session",
                                          "fallback",   "patterns", NULL };
  if (document->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(self->diag, document->place, "expected a pattern file: dataset, family, patterns");
      return FALSE;
    }
  const gchar *dataset = siaga_yaml_get_text(document, "dataset");
  gboolean ok = siaga_yaml_check_keys(document, allowed, self->diag);
  self->file->place = _place(self, document->place);
  if (!dataset || !_is_name(dataset))
    {
      siaga_diag_error(self->diag, document->place, "expected 'dataset:' of letters, digits, '.', '_' and '-'");
      return FALSE;
    }
  self->file->dataset = _keep(self, dataset, strlen(dataset));
  self->file->dataset_length = strlen(dataset);
  return _read_family(self, document) && _read_format(self, document) && _read_applies_to(self, document) &&
         _read_fallback(self, document) && _read_session(self, siaga_yaml_get(document, "session")) && ok;
}

PatternFile *
siaga_pattern_file_new(SiagaPatternSet *set, SiagaYamlFile *yaml, const SiagaYaml *document, gboolean local,
                       gboolean *ok, SiagaDiag *diag)
{
  Loader self = { .set = set, .file = _file_new(), .diag = diag };
  self.file->path = _keep(&self, yaml->path, strlen(yaml->path));
  self.file->local = local;
  if (!_read_head(&self, document))
    {
      siaga_pattern_file_free(self.file);
      *ok = FALSE;
      return NULL;
    }
  if (set->options.families && !(set->options.families & (1u << self.file->family)))
    {
      siaga_pattern_file_free(self.file);
      return NULL;
    }
  self.grok = siaga_grok_new(set->grok);
  const SiagaYaml *macros = siaga_yaml_get(document, "grok");
  *ok = (!macros || siaga_grok_load_yaml(self.grok, macros, diag)) && *ok;
  *ok = siaga_grok_check(self.grok, set->fields, diag) && *ok;
  *ok = _read_patterns(&self, document) && *ok;
  siaga_grok_free(self.grok);
  return self.file;
}
