/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads macros, finds them, and looks at each whether anybody uses it or not. */

#include "macros.h"
#include "expression.h"

#include "engine/base/file.h"

#include <siaga/nearest.h>

#include <string.h>

#define MACRO_NAME_MAX 64
#define MACRO_FILE_MAX (1024 * 1024)

struct _SiagaGrok
{
  SiagaGrok *parent;
  GHashTable *macros; /* name -> SiagaMacro */
  GPtrArray *order;   /* of them, as they were defined */
};

static void
_macro_free(gpointer macro)
{
  SiagaMacro *self = macro;
  g_free(self->name);
  g_free(self->expression);
  g_free(self);
}

SiagaGrok *
siaga_grok_new(SiagaGrok *parent)
{
  SiagaGrok *self = g_new0(SiagaGrok, 1);
  self->parent = parent;
  self->macros = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, _macro_free);
  self->order = g_ptr_array_new();
  return self;
}

void
siaga_grok_free(SiagaGrok *self)
{
  if (!self)
    return;
  g_ptr_array_unref(self->order);
  g_hash_table_unref(self->macros);
  g_free(self);
}

gboolean
siaga_macros_is_name(const gchar *name, gsize length)
{
  if (!length || length > MACRO_NAME_MAX || !g_ascii_isalpha(*name))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum(name[i]) && name[i] != '_')
      return FALSE;
  return TRUE;
}

static void
_define(SiagaGrok *self, SiagaMacro *macro)
{
  SiagaMacro *before = g_hash_table_lookup(self->macros, macro->name);
  if (before)
    g_ptr_array_remove(self->order, before);
  g_ptr_array_add(self->order, macro);
  g_hash_table_replace(self->macros, macro->name, macro);
}

static gboolean
_check_name(const gchar *name, gsize length, SiagaPlace place, SiagaDiag *diag)
{
  gboolean ok = siaga_macros_is_name(name, length);
  if (!ok)
    siaga_diag_error(diag, place, "'%.*s' is no macro name: a letter, then letters, digits and '_'", (int) length,
                     name);
  return ok;
}

/* PLACE is the expression's. */
static void
_add(SiagaGrok *self, const gchar *name, gsize length, const gchar *expression, SiagaPlace place)
{
  SiagaMacro *macro = g_new0(SiagaMacro, 1);
  macro->name = g_strndup(name, length);
  macro->expression = g_strdup(expression);
  macro->place = place;
  macro->place.file = g_intern_string(place.file);
  _define(self, macro);
}

static gboolean
_load_line(SiagaGrok *self, gchar *line, SiagaPlace place, SiagaDiag *diag)
{
  const gchar *begin = line;
  line += strspn(line, " \t");
  g_strchomp(line);
  if (!*line || *line == '#')
    return TRUE;
  gsize length = strcspn(line, " \t");
  gchar *expression = line + length + strspn(line + length, " \t");
  if (!*expression)
    {
      siaga_diag_error(diag, place, "expected 'NAME expression'");
      return FALSE;
    }
  if (!_check_name(line, length, place, diag))
    return FALSE;
  place.inside = 1 + g_utf8_strlen(begin, expression - begin);
  _add(self, line, length, expression, place);
  return TRUE;
}

gboolean
siaga_grok_load(SiagaGrok *self, const gchar *path, SiagaDiag *diag)
{
  gsize length;
  gchar *text = siaga_file_read(path, MACRO_FILE_MAX, &length, diag);
  gboolean ok = TRUE;

  if (!text)
    return FALSE;
  gchar **lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i]; i++)
    ok = _load_line(self, lines[i], (SiagaPlace){ .file = path, .line = i + 1, .column = 1 }, diag) && ok;
  g_strfreev(lines);
  g_free(text);
  return ok;
}

static gboolean
_load_pair(SiagaGrok *self, const SiagaYaml *name, const SiagaYaml *expression, SiagaDiag *diag)
{
  if (expression->kind != SIAGA_YAML_SCALAR)
    {
      siaga_diag_error(diag, expression->place, "expected an expression for the macro '%s'", name->text);
      return FALSE;
    }
  if (!_check_name(name->text, name->length, name->place, diag))
    return FALSE;
  _add(self, name->text, name->length, expression->text, expression->place);
  return TRUE;
}

gboolean
siaga_grok_load_yaml(SiagaGrok *self, const SiagaYaml *map, SiagaDiag *diag)
{
  gboolean ok = TRUE;
  if (map->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, map->place, "expected a map of macro names to expressions");
      return FALSE;
    }
  for (guint i = 0; i < map->size; i++)
    ok = _load_pair(self, map->keys[i], map->values[i], diag) && ok;
  return ok;
}

SiagaMacro *
siaga_macros_find(const SiagaGrok *self, const gchar *name)
{
  SiagaMacro *macro = NULL;
  for (; self && !macro; self = self->parent)
    macro = g_hash_table_lookup(self->macros, name);
  return macro;
}

const gchar *
siaga_macros_suggest(const SiagaGrok *self, const gchar *name)
{
  const gchar *nearest = NULL;
  guint distance = MIN(SIAGA_NAME_NEAR, strlen(name));
  for (; self; self = self->parent)
    for (guint i = 0; i < self->order->len; i++)
      siaga_name_keep_nearest(name, ((SiagaMacro *) self->order->pdata[i])->name, &distance, &nearest);
  return nearest;
}

/* One look at a table. */
typedef struct
{
  const SiagaGrok *grok;
  const SiagaFields *fields;
  SiagaDiag *diag;
  guint depth; /* macros within each other that are looked at right now */
} Look;

static gboolean _check(Look *look, SiagaMacro *macro);

/* The next macro that *TEXT refers to and that is there; NULL: no more. */
static SiagaMacro *
_next_reference(const SiagaGrok *self, const gchar **text)
{
  while ((*text = strstr(*text, "%{")))
    {
      *text += 2;
      gchar *name = g_strndup(*text, strcspn(*text, ":}"));
      SiagaMacro *macro = siaga_macros_find(self, name);
      g_free(name);
      if (macro)
        return macro;
    }
  return NULL;
}

/* Whose macros are bad is told there, once, and not of each that uses them.  What stands deeper than macros may is
 * looked at in its own turn. */
static gboolean
_check_references(Look *look, const SiagaMacro *macro)
{
  const gchar *text = macro->expression;
  gboolean ok = TRUE;
  if (look->depth == SIAGA_GROK_DEPTH)
    return TRUE;
  look->depth++;
  for (SiagaMacro *other; (other = _next_reference(look->grok, &text));)
    ok = _check(look, other) && ok;
  look->depth--;
  return ok;
}

static gboolean
_check(Look *look, SiagaMacro *macro)
{
  if (macro->state == SIAGA_MACRO_OPEN)
    siaga_diag_error(look->diag, macro->place, "the macro '%%{%s}' contains itself", macro->name);
  if (macro->state != SIAGA_MACRO_NEW)
    return macro->state == SIAGA_MACRO_GOOD;
  macro->state = SIAGA_MACRO_OPEN;
  gboolean ok = _check_references(look, macro) &&
                siaga_expression_check(look->grok, macro->expression, look->fields, macro->place, look->diag);
  macro->state = ok ? SIAGA_MACRO_GOOD : SIAGA_MACRO_BAD;
  return ok;
}

gboolean
siaga_grok_check(const SiagaGrok *self, const SiagaFields *fields, SiagaDiag *diag)
{
  Look look = { self, fields, diag, 0 };
  gboolean ok = TRUE;
  for (guint i = 0; i < self->order->len; i++)
    ok = _check(&look, self->order->pdata[i]) && ok;
  return ok;
}
