/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Expands Grok notation. */

#include "macros.h"

#include <string.h>

#define TIME_CONVERSIONS                                                                                               \
  "time(httpdate|iso8601|epoch|epoch_ms|epoch_us|epoch_ns|rfc3164|bind|apache_error|nginx_error|iis|mdy|dmy|rfc2822|"  \
  "ymd|tai64n|"                                                                                                        \
  "auto)"

SiagaFieldId
siaga_grok_field(const SiagaFields *fields, const gchar *name, gsize length, SiagaPlace place, SiagaDiag *diag)
{
  SiagaFieldId field = siaga_fields_lookup(fields, name, length);
  if (field != SIAGA_FIELD_NONE)
    return field;
  gchar *copy = g_strndup(name, length);
  const gchar *near = length < 200 ? siaga_fields_suggest(fields, copy) : NULL;
  if (near)
    siaga_diag_error(diag, place, "unknown field '%s'; did you mean '%s'?", copy, near);
  else
    siaga_diag_error(diag, place, "unknown field '%s'; fields stand in fields.yaml", copy);
  g_free(copy);
  return SIAGA_FIELD_NONE;
}

static gboolean
_is_word(const gchar *text, gsize length, const gchar *word)
{
  return strlen(word) == length && memcmp(text, word, length) == 0;
}

/* "time(fmt)" */
static SiagaTimeFormat
_time_conversion(const gchar *text, gsize length)
{
  if (length < 7 || memcmp(text, "time(", 5) != 0 || text[length - 1] != ')')
    return SIAGA_TIME_FORMAT_UNKNOWN;
  return siaga_time_format_by_name(text + 5, length - 6);
}

static const struct
{
  const gchar *name;
  guint8 conversion;
  SiagaFieldType type;
} conversions[] = {
  { "int", SIAGA_CONVERT_PLAIN, SIAGA_FT_LONG },       { "float", SIAGA_CONVERT_PLAIN, SIAGA_FT_DOUBLE },
  { "plus", SIAGA_CONVERT_PLUS, SIAGA_FT_KEYWORD },    { "percent", SIAGA_CONVERT_PERCENT, SIAGA_FT_KEYWORD },
  { "lower", SIAGA_CONVERT_LOWER, SIAGA_FT_KEYWORD },  { "upper", SIAGA_CONVERT_UPPER, SIAGA_FT_KEYWORD },
  { "seconds", SIAGA_CONVERT_SECONDS, SIAGA_FT_LONG }, { "ms", SIAGA_CONVERT_MS, SIAGA_FT_LONG },
  { "us", SIAGA_CONVERT_US, SIAGA_FT_LONG },           { "hex", SIAGA_CONVERT_HEX, SIAGA_FT_LONG },
  { "hex", SIAGA_CONVERT_HEX, SIAGA_FT_KEYWORD },      { "rrtype", SIAGA_CONVERT_RRTYPE, SIAGA_FT_KEYWORD },
  { "json", SIAGA_CONVERT_JSON, SIAGA_FT_KEYWORD },
};

static gboolean
_read_conversion(SiagaFieldType type, const gchar *text, gsize length, SiagaGrokCapture *capture)
{
  capture->conversion = SIAGA_CONVERT_PLAIN;
  capture->time_format = SIAGA_TIME_FORMAT_UNKNOWN;
  if (!text)
    return type != SIAGA_FT_DATE;
  capture->time_format = _time_conversion(text, length);
  if (capture->time_format != SIAGA_TIME_FORMAT_UNKNOWN)
    return type == SIAGA_FT_DATE;
  for (guint i = 0; i < G_N_ELEMENTS(conversions); i++)
    if (type == conversions[i].type && _is_word(text, length, conversions[i].name))
      {
        capture->conversion = conversions[i].conversion;
        return TRUE;
      }
  return FALSE;
}

gboolean
siaga_grok_capture(const SiagaFields *fields, const gchar *name, gsize length, const gchar *conversion,
                   gsize conversion_length, SiagaPlace place, SiagaGrokCapture *capture, SiagaDiag *diag)
{
  static const gchar *const expected[] = {
    [SIAGA_FT_KEYWORD] = "no conversion, lower, upper, plus, percent, hex, rrtype or json",
    [SIAGA_FT_LONG] = "no conversion, int, hex, seconds, ms or us",
    [SIAGA_FT_DOUBLE] = "no conversion or float",
    [SIAGA_FT_IP] = "no conversion",
    [SIAGA_FT_DATE] = TIME_CONVERSIONS,
    [SIAGA_FT_BOOLEAN] = "no conversion",
  };
  SiagaFieldType type = SIAGA_FT_DATE;

  if (_is_word(name, length, "@timestamp"))
    capture->field = SIAGA_GROK_TIMESTAMP;
  else
    {
      capture->field = siaga_grok_field(fields, name, length, place, diag);
      if (capture->field == SIAGA_FIELD_NONE)
        return FALSE;
      type = siaga_fields_get(fields, capture->field)->type;
    }
  if (_read_conversion(type, conversion, conversion_length, capture))
    return TRUE;
  siaga_diag_error(diag, place, "'%.*s' takes %s; found '%.*s'", (int) length, name, expected[type],
                   conversion ? (int) conversion_length : 7, conversion ? conversion : "nothing");
  return FALSE;
}

typedef struct
{
  const SiagaGrok *grok;
  const SiagaFields *fields;
  const gchar *expression;
  SiagaPlace place;
  SiagaGrokResult *result;
  SiagaDiag *diag;
  const SiagaMacro *open[SIAGA_GROK_DEPTH]; /* being expanded */
  guint depth;
  gsize at;             /* what is being expanded, in EXPRESSION */
  gsize wanted, origin; /* the last AT that gave no more than WANTED bytes before it */
} Expander;

static SiagaPlace
_place(const Expander *self)
{
  return siaga_place_in(self->place, self->expression, self->at);
}

static gboolean _expand(Expander *self, const gchar *text);

static gboolean
_expand_macro(Expander *self, const gchar *name)
{
  const SiagaMacro *macro = siaga_macros_find(self->grok, name);
  if (!macro)
    {
      const gchar *near = siaga_macros_suggest(self->grok, name);
      siaga_diag_error(self->diag, _place(self), "unknown macro '%%{%s}'%s%s%s", name, near ? "; did you mean '" : "",
                       near ? near : "", near ? "'?" : "");
      return FALSE;
    }
  for (guint i = 0; i < self->depth; i++)
    if (self->open[i] == macro)
      {
        siaga_diag_error(self->diag, _place(self), "the macro '%%{%s}' contains itself", name);
        return FALSE;
      }
  if (self->depth == SIAGA_GROK_DEPTH)
    {
      siaga_diag_error(self->diag, _place(self), "macros nested deeper than %d at '%%{%s}'", SIAGA_GROK_DEPTH, name);
      return FALSE;
    }
  self->open[self->depth++] = macro;
  gboolean ok = _expand(self, macro->expression);
  self->depth--;
  return ok;
}

static gboolean
_open_group(Expander *self, gchar **parts)
{
  SiagaGrokResult *result = self->result;
  if (!parts[1] || !*parts[1])
    {
      g_string_append(result->regex, "(?:");
      return TRUE;
    }
  if (result->count == SIAGA_GROK_CAPTURES)
    {
      siaga_diag_error(self->diag, _place(self), "more than %d fields in one expression", SIAGA_GROK_CAPTURES);
      return FALSE;
    }
  const gchar *conversion = parts[2];
  if (!siaga_grok_capture(self->fields, parts[1], strlen(parts[1]), conversion, conversion ? strlen(conversion) : 0,
                          _place(self), &result->captures[result->count], self->diag))
    return FALSE;
  g_string_append_printf(result->regex, "(?<g%u>", result->count++);
  return TRUE;
}

/* Behind "%{"; gives back what follows the closing brace, NULL on failure. */
static const gchar *
_expand_reference(Expander *self, const gchar *text)
{
  const gchar *end = strchr(text, '}');
  gchar *inside = end ? g_strndup(text, end - text) : NULL;
  gchar **parts = inside ? g_strsplit(inside, ":", 3) : NULL;
  gboolean ok = FALSE;

  if (!end || strstr(inside, "%{"))
    siaga_diag_error(self->diag, _place(self), "'}' is missing behind '%%{%.20s'", text);
  else if (!parts || !parts[0] || !siaga_macros_is_name(parts[0], strlen(parts[0])))
    siaga_diag_error(self->diag, _place(self),
                     "expected %%{MACRO}, %%{MACRO:field} or %%{MACRO:field:conversion} at '%%{%.20s'", text);
  else if (_open_group(self, parts) && _expand_macro(self, parts[0]))
    {
      g_string_append_c(self->result->regex, ')');
      ok = TRUE;
    }
  g_strfreev(parts);
  g_free(inside);
  return ok ? end + 1 : NULL;
}

static void
_note_origin(Expander *self, gsize at)
{
  self->at = at;
  if (self->result->regex->len <= self->wanted)
    self->origin = at;
}

static gboolean
_expand(Expander *self, const gchar *text)
{
  while (*text)
    {
      if (!self->depth)
        _note_origin(self, text - self->expression);
      if (text[0] == '%' && text[1] == '{')
        {
          text = _expand_reference(self, text + 2);
          if (!text)
            return FALSE;
          continue;
        }
      if (text[0] == '\\' && text[1])
        g_string_append_c(self->result->regex, *text++);
      g_string_append_c(self->result->regex, *text++);
      if (self->result->regex->len > SIAGA_GROK_EXPANDED_MAX)
        {
          siaga_diag_error(self->diag, _place(self),
                           "the expression is longer than %d bytes when its macros are expanded",
                           SIAGA_GROK_EXPANDED_MAX);
          return FALSE;
        }
    }
  return TRUE;
}

gboolean
siaga_grok_expand(const SiagaGrok *self, const gchar *expression, const SiagaFields *fields, SiagaPlace place,
                  SiagaGrokResult *result, SiagaDiag *diag)
{
  Expander expander = {
    .grok = self, .fields = fields, .expression = expression, .place = place, .result = result, .diag = diag
  };
  result->regex = g_string_new(NULL);
  result->count = 0;
  return _expand(&expander, expression);
}

gsize
siaga_grok_origin(const SiagaGrok *self, const gchar *expression, const SiagaFields *fields, gsize expanded)
{
  SiagaGrokResult result = { .regex = g_string_new(NULL) };
  Expander expander = {
    .grok = self, .fields = fields, .expression = expression, .result = &result, .wanted = expanded
  };
  _expand(&expander, expression);
  _note_origin(&expander, strlen(expression));
  g_string_free(result.regex, TRUE);
  return expander.origin;
}
