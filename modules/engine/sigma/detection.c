/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Compiles Sigma detections: search identifiers, their items, and what modifiers make of values. */

#include "regex-layout.h"
#include "sigma-private.h"

#include <siaga/nearest.h>

#include <string.h>

#define MODIFIERS_MAX 12
#define EXPANDED_MAX 10000

typedef enum
{
  /* change a value, in the order written */
  M_CONTAINS,
  M_STARTSWITH,
  M_ENDSWITH,
  M_WINDASH,
  M_BASE64,
  M_BASE64OFFSET,
  M_UTF16LE,
  M_UTF16BE,
  M_UTF16,
  M_WIDE,
  /* change what is asked */
  M_ALL,
  M_CASED,
  M_NEQ,
  M_EXPAND,
  M_EXISTS,
  M_RE,
  M_I,
  M_M,
  M_S,
  M_CIDR,
  M_FIELDREF,
  M_LT,
  M_LTE,
  M_GT,
  M_GTE,
  M_MINUTE,
  M_HOUR,
  M_DAY,
  M_WEEK,
  M_MONTH,
  M_YEAR,
  M_COUNT
} Modifier;

static const gchar *const modifier_names[M_COUNT] = {
  "contains", "startswith", "endswith", "windash", "base64",   "base64offset", "utf16le", "utf16be",
  "utf16",    "wide",       "all",      "cased",   "neq",      "expand",       "exists",  "re",
  "i",        "m",          "s",        "cidr",    "fieldref", "lt",           "lte",     "gt",
  "gte",      "minute",     "hour",     "day",     "week",     "month",        "year",
};

#define BIT(modifier) (G_GUINT64_CONSTANT(1) << (modifier))
#define VALUE_CHANGERS (BIT(M_ALL) - 1)
#define PLACERS (BIT(M_CONTAINS) | BIT(M_STARTSWITH) | BIT(M_ENDSWITH))
#define COMPARERS (BIT(M_LT) | BIT(M_LTE) | BIT(M_GT) | BIT(M_GTE))
#define TIME_PARTS (BIT(M_MINUTE) | BIT(M_HOUR) | BIT(M_DAY) | BIT(M_WEEK) | BIT(M_MONTH) | BIT(M_YEAR))
#define REGEX_FLAGS (BIT(M_I) | BIT(M_M) | BIT(M_S))
/* What asks in its own way: at most one of these. */
#define ASKERS (BIT(M_EXISTS) | BIT(M_RE) | BIT(M_CIDR) | BIT(M_FIELDREF))

typedef struct
{
  SiagaRules *rules;
  const SiagaRuleEntry *entry;
  gboolean missing;  /* a placeholder is not known */
  gboolean too_many; /* values of placeholders, which was said */
  SiagaDiag *diag;
} Compiler;

/* One "field|modifiers: values". */
typedef struct
{
  const SiagaYaml *key; /* NULL for a bare keyword */
  SiagaPlace place;
  const SiagaSigmaField *field;
  gboolean keyword;
  guint64 modifiers;
  guint8 changers[MODIFIERS_MAX]; /* value-changing ones as written */
  guint changer_count;
} Item;

static guint32 _compile_item(Compiler *self, const Item *item, const SiagaYaml *values);

static guint32
_join(Compiler *self, SiagaNodeKind kind, GArray *children)
{
  guint32 node = SIAGA_NODE_NONE;
  gboolean whole = children->len > 0;
  for (guint i = 0; i < children->len; i++)
    whole = whole && g_array_index(children, guint32, i) != SIAGA_NODE_NONE;
  if (whole && children->len == 1)
    node = g_array_index(children, guint32, 0);
  else if (whole)
    node = siaga_rules_add_node(self->rules, kind, (guint32 *) children->data, children->len);
  g_array_unref(children);
  return node;
}

static GArray *
_children(void)
{
  return g_array_new(FALSE, FALSE, sizeof(guint32));
}

static guint32
_not(Compiler *self, guint32 node)
{
  return node == SIAGA_NODE_NONE ? node : siaga_rules_add_node(self->rules, SIAGA_NODE_NOT, &node, 1);
}

/* --- keys ----------------------------------------------------------------------------------------------------------
 */

static SiagaPlace
_place_in_key(const Item *item, gsize offset)
{
  SiagaPlace place = item->place;
  place.column += offset + !item->key->plain;
  return place;
}

static Modifier
_modifier_by_name(const gchar *name, gsize length)
{
  guint m = 0;
  while (m < M_COUNT && (strlen(modifier_names[m]) != length || memcmp(modifier_names[m], name, length) != 0))
    m++;
  return m;
}

static void
_say_unknown_modifier(Compiler *self, SiagaPlace place, const gchar *name, gsize length)
{
  gchar *unknown = g_strndup(name, length);
  const gchar *near = NULL;
  guint least = length > 2 ? 3 : 0;
  for (guint m = 0; m < M_COUNT; m++)
    siaga_name_keep_nearest(unknown, modifier_names[m], &least, &near);
  siaga_diag_error(self->diag, place, "modifier '%s' is not known%s%s%s", unknown, near ? "; did you mean '" : "",
                   near ? near : "", near ? "'?" : "");
  g_free(unknown);
}

static gboolean
_add_modifier(Compiler *self, Item *item, const gchar *name, gsize length)
{
  Modifier m = _modifier_by_name(name, length);
  SiagaPlace place = _place_in_key(item, name - item->key->text);

  if (m == M_COUNT)
    {
      _say_unknown_modifier(self, place, name, length);
      return FALSE;
    }
  if (BIT(m) & REGEX_FLAGS && !(item->modifiers & BIT(M_RE)))
    {
      siaga_diag_error(self->diag, place, "modifier '%s' belongs behind 're'", modifier_names[m]);
      return FALSE;
    }
  if (item->modifiers & BIT(m) && !(BIT(m) & VALUE_CHANGERS))
    {
      siaga_diag_error(self->diag, place, "modifier '%s' stands there twice", modifier_names[m]);
      return FALSE;
    }
  item->modifiers |= BIT(m);
  if (!(BIT(m) & VALUE_CHANGERS))
    return TRUE;
  if (item->changer_count == MODIFIERS_MAX)
    {
      siaga_diag_error(self->diag, place, "more than %d modifiers", MODIFIERS_MAX);
      return FALSE;
    }
  item->changers[item->changer_count++] = m;
  return TRUE;
}

static gboolean
_modifiers_agree(Compiler *self, const Item *item)
{
  guint64 askers = item->modifiers & (ASKERS | COMPARERS), changers = item->modifiers & VALUE_CHANGERS;
  guint64 parts = item->modifiers & TIME_PARTS;
  const gchar *clash = NULL;

  if (askers & (askers - 1))
    clash = "these modifiers ask different things of the same value";
  else if (askers & ~BIT(M_FIELDREF) && changers)
    clash = "contains, startswith, endswith and encodings do not go with re, cidr, exists and comparisons";
  else if (askers & BIT(M_FIELDREF) && changers & ~PLACERS)
    clash = "fieldref goes with contains, startswith and endswith only";
  else if (item->modifiers & TIME_PARTS && (changers || askers & ~COMPARERS))
    clash = "parts of a time go with lt, lte, gt and gte only";
  else if (parts & (parts - 1))
    clash = "of a time one part is asked at once";
  else if (item->keyword && (item->modifiers & (ASKERS & ~BIT(M_RE) & G_MAXUINT64) ||
                             item->modifiers & (COMPARERS | TIME_PARTS | BIT(M_STARTSWITH) | BIT(M_ENDSWITH))))
    clash = "this modifier needs a field";
  if (clash)
    siaga_diag_error(self->diag, item->place, "%s", clash);
  return !clash;
}

static gboolean
_find_field(Compiler *self, Item *item, const gchar *name, gsize length)
{
  SiagaRules *rules = self->rules;
  item->field = siaga_mapping_find_field(rules->mapping, self->entry->source, name, length);
  if (item->field)
    return TRUE;
  gchar *field = g_strndup(name, length);
  const gchar *near = siaga_mapping_suggest_field(rules->mapping, self->entry->source, field);
  siaga_diag_error(self->diag, item->place, "field '%s' is not known for log source '%s'%s%s%s", field,
                   siaga_mapping_source_name(rules->mapping, self->entry->source), near ? "; did you mean '" : "",
                   near ? near : "", near ? "'?" : "");
  g_free(field);
  return FALSE;
}

static gboolean
_holds_times(const Compiler *self, const SiagaSigmaField *field)
{
  gboolean holds = field->time;
  for (guint i = 0; i < field->count; i++)
    {
      const SiagaColumn *column = siaga_mapping_column(self->rules->mapping, field->columns[i]);
      holds = holds || column->kind != SIAGA_COLUMN_FIELD ||
              siaga_fields_get(self->rules->fields, column->field)->type == SIAGA_FT_DATE;
    }
  return holds;
}

/* A time has no text of its own: how it was written is the line's business. */
static gboolean
_asks_a_time_rightly(Compiler *self, const Item *item)
{
  if (item->modifiers & TIME_PARTS && !_holds_times(self, item->field))
    {
      siaga_diag_error(self->diag, item->place, "'%s' holds no times", item->field->name);
      return FALSE;
    }
  if (!item->field->time || item->field->count || item->modifiers & (TIME_PARTS | BIT(M_EXISTS)))
    return TRUE;
  siaga_diag_error(self->diag, item->place,
                   "a time is compared by its parts: behind '%s' expected |minute, |hour, |day, |week, |month or |year",
                   item->field->name);
  return FALSE;
}

static gboolean
_read_key(Compiler *self, Item *item, const SiagaYaml *key)
{
  const gchar *text = key->text;
  gsize length = strcspn(text, "|");

  memset(item, 0, sizeof *item);
  item->key = key;
  item->place = key->place;
  item->keyword = length == 0;
  for (const gchar *p = text + length; *p == '|';)
    {
      gsize width = strcspn(++p, "|");
      if (!_add_modifier(self, item, p, width))
        return FALSE;
      p += width;
    }
  return _modifiers_agree(self, item) && _find_field(self, item, text, length) && _asks_a_time_rightly(self, item);
}

/* --- atoms ---------------------------------------------------------------------------------------------------------
 */

static gchar *
_label(const Item *item, const SiagaYaml *value)
{
  GString *label = g_string_new(item->key ? item->key->text : "keyword");
  g_string_append_printf(label, ": %s%.*s%s", value->plain ? "" : "'", (gint) MIN(value->length, 100), value->text,
                         value->plain ? "" : "'");
  return g_string_free(label, FALSE);
}

static SiagaAtom
_atom(const Item *item, SiagaAtomKind kind, const SiagaYaml *value)
{
  return (SiagaAtom){ .kind = kind,
                      .field = item->field,
                      .cased = (item->modifiers & BIT(M_CASED)) != 0,
                      .label = _label(item, value),
                      .place = value->place };
}

static guint32
_add(Compiler *self, SiagaAtom *atom)
{
  SiagaNode node = { SIAGA_NODE_ATOM, siaga_rules_add_atom(self->rules, atom), 0 };
  g_array_append_val(self->rules->nodes, node);
  return self->rules->nodes->len - 1;
}

static guint32
_add_pattern(Compiler *self, const Item *item, const SiagaYaml *value, const SiagaPattern *pattern)
{
  SiagaAtom atom = _atom(item, SIAGA_ATOM_TEXT, value);

  siaga_pattern_to_needle(pattern, atom.cased, &atom.needle);
  if (atom.needle.anything)
    atom.kind = SIAGA_ATOM_EXISTS;
  else if (!atom.needle.length)
    atom.kind = SIAGA_ATOM_EMPTY;
  gboolean dash = atom.kind == SIAGA_ATOM_TEXT && item->field->logged && pattern->len == 1 &&
                  g_array_index(pattern, guint16, 0) == '-';
  guint32 node = _add(self, &atom);
  if (!dash)
    return node;
  GArray *children = _children();
  SiagaAtom empty = _atom(item, SIAGA_ATOM_EMPTY, value);
  guint32 other = _add(self, &empty);
  g_array_append_val(children, node);
  g_array_append_val(children, other);
  return _join(self, SIAGA_NODE_OR, children);
}

/* --- string values -------------------------------------------------------------------------------------------------
 */

static void
_pattern_free(gpointer data)
{
  g_array_unref(data);
}

static gboolean
_encode(Compiler *self, Modifier m, const SiagaYaml *value, const SiagaPattern *pattern, GPtrArray *out)
{
  if (!siaga_pattern_is_plain(pattern))
    {
      siaga_diag_error(self->diag, value->place, "modifier '%s' cannot encode wildcards: escape them with a backslash",
                       modifier_names[m]);
      return FALSE;
    }
  for (guint offset = 0; offset < (m == M_BASE64 ? 1 : 3); offset++)
    g_ptr_array_add(out, siaga_pattern_base64(pattern, offset, m == M_BASE64OFFSET));
  return TRUE;
}

static gboolean
_change(Compiler *self, Modifier m, const SiagaYaml *value, SiagaPattern *pattern, GPtrArray *out)
{
  switch (m)
    {
    case M_BASE64:
    case M_BASE64OFFSET:
      return _encode(self, m, value, pattern, out);
    case M_UTF16LE:
    case M_WIDE:
      g_ptr_array_add(out, siaga_pattern_utf16(pattern, SIAGA_UTF16_LE));
      return TRUE;
    case M_UTF16BE:
      g_ptr_array_add(out, siaga_pattern_utf16(pattern, SIAGA_UTF16_BE));
      return TRUE;
    case M_UTF16:
      g_ptr_array_add(out, siaga_pattern_utf16(pattern, SIAGA_UTF16_BOM));
      return TRUE;
    case M_WINDASH:
      siaga_pattern_windash(pattern);
      break;
    default:
      if (m != M_STARTSWITH)
        siaga_pattern_open_start(pattern);
      if (m != M_ENDSWITH)
        siaga_pattern_open_end(pattern);
    }
  g_ptr_array_add(out, g_array_ref(pattern));
  return TRUE;
}

static guint32
_compile_text(Compiler *self, const Item *item, const SiagaYaml *value, const gchar *text, gsize length)
{
  GPtrArray *patterns = g_ptr_array_new_with_free_func(_pattern_free);
  gboolean ok = TRUE;

  g_ptr_array_add(patterns, siaga_pattern_parse(text, length));
  for (guint i = 0; ok && i < item->changer_count; i++)
    {
      GPtrArray *changed = g_ptr_array_new_with_free_func(_pattern_free);
      for (guint k = 0; ok && k < patterns->len; k++)
        ok = _change(self, item->changers[i], value, patterns->pdata[k], changed);
      g_ptr_array_unref(patterns);
      patterns = changed;
    }
  GArray *children = _children();
  for (guint i = 0; ok && i < patterns->len; i++)
    {
      SiagaPattern *pattern = patterns->pdata[i];
      if (item->keyword)
        {
          siaga_pattern_open_start(pattern);
          siaga_pattern_open_end(pattern);
        }
      guint32 node = _add_pattern(self, item, value, pattern);
      g_array_append_val(children, node);
    }
  g_ptr_array_unref(patterns);
  return _join(self, SIAGA_NODE_OR, children);
}

/* The next "%" that no backslash makes a plain one. */
static const gchar *
_next_percent(const gchar *text)
{
  for (; *text && *text != '%'; text++)
    if (*text == '\\' && text[1] == '%')
      text++;
  return *text ? text : NULL;
}

/* What stands between two percent signs is a name; but expressions are full of "%2e|%2f": in them it is letters, digits
 * and "_", or the name of a list that there is, which is known when all is read. */
static gboolean
_is_name(Compiler *self, const Item *item, const gchar *start, const gchar *end)
{
  if (!(item->modifiers & BIT(M_RE)) || !self->rules->finished)
    return TRUE;
  gchar *name = g_strndup(start + 1, end - start - 1);
  gboolean is = g_hash_table_contains(self->rules->placeholders, name);
  g_free(name);
  for (start++; !is && (g_ascii_isalnum(*start) || *start == '_'); start++)
    is = start + 1 == end;
  return is;
}

/* The first "%name%" of TEXT; END_R is its last percent sign. */
static const gchar *
_find_name(Compiler *self, const Item *item, const gchar *text, const gchar **end_r)
{
  const gchar *start = _next_percent(text);
  while (start && (*end_r = _next_percent(start + 1)))
    {
      gboolean empty = *end_r == start + 1; /* no name between them: two percent signs */
      if (!empty && _is_name(self, item, start, *end_r))
        return start;
      start = empty ? _next_percent(*end_r + 1) : *end_r;
    }
  return NULL;
}

/* TEXT with each "\%" as "%". */
static gchar *
_without_escaped_percents(const gchar *text)
{
  GString *plain = g_string_new(text);
  g_string_replace(plain, "\\%", "%", 0);
  return g_string_free(plain, FALSE);
}

/* What a placeholder stands for holds no further ones. */
static gchar *
_with_escaped_percents(const gchar *text)
{
  GString *escaped = g_string_new(text);
  g_string_replace(escaped, "%", "\\%", 0);
  return g_string_free(escaped, FALSE);
}

/* One of VALUES, as a part of an expression. */
static gchar *
_one_of(const GPtrArray *values)
{
  GString *group = g_string_new("(?:");
  for (guint i = 0; i < values->len; i++)
    g_string_append_printf(group, "%s%s", i ? "|" : "", (const gchar *) values->pdata[i]);
  g_string_append_c(group, ')');
  return g_string_free(group, FALSE);
}

/* What the name from START to END stands for in TEXT: each of VALUES; but what stands in an expression is a group of
 * them, for lists of a hundred words there would be a hundred expressions, and ten thousand with two of them. */
static GPtrArray *
_choices(const Item *item, const gchar *text, const gchar *start, const gchar *end, const GPtrArray *values)
{
  GPtrArray *choices = g_ptr_array_new_with_free_func(g_free);
  gboolean alone = start == text && !end[1];
  if (item->modifiers & BIT(M_RE) && !alone && values->len)
    g_ptr_array_add(choices, _one_of(values));
  else
    for (guint i = 0; i < values->len; i++)
      g_ptr_array_add(choices, g_strdup(values->pdata[i]));
  return choices;
}

/* Replaces the first %name% of TEXT by what it stands for and goes on with the results. */
static gboolean
_expand(Compiler *self, const Item *item, const SiagaYaml *value, const gchar *text, GPtrArray *out)
{
  const gchar *end;
  const gchar *start = _find_name(self, item, text, &end);
  if (!start)
    {
      g_ptr_array_add(out, _without_escaped_percents(text));
      return TRUE;
    }
  gchar *name = g_strndup(start + 1, end - start - 1);
  const GPtrArray *values = g_hash_table_lookup(self->rules->placeholders, name);
  gboolean ok = values != NULL;
  if (!values && self->rules->finished)
    siaga_diag_error(self->diag, value->place, "placeholder %%%s%% has no values: list them under 'placeholders:'",
                     name);
  self->missing = self->missing || !values;
  GPtrArray *choices = values ? _choices(item, text, start, end, values) : NULL;
  for (guint i = 0; ok && i < choices->len; i++)
    {
      gchar *plain = _with_escaped_percents(choices->pdata[i]);
      gchar *expanded = g_strdup_printf("%.*s%s%s", (gint) (start - text), text, plain, end + 1);
      ok = out->len < EXPANDED_MAX && _expand(self, item, value, expanded, out);
      if (!ok && !self->missing && !self->too_many)
        siaga_diag_error(self->diag, value->place, "placeholder %%%s%%: more than %d values", name, EXPANDED_MAX);
      self->too_many = self->too_many || (!ok && !self->missing);
      g_free(expanded);
      g_free(plain);
    }
  g_clear_pointer(&choices, g_ptr_array_unref);
  g_free(name);
  return ok;
}

/* --- other values --------------------------------------------------------------------------------------------------
 */

/* The last byte of the class that begins at P. */
static const gchar *
_end_of_class(const gchar *p)
{
  p += p[1] == '^';
  p += p[1] == ']';
  while (p[1] && *++p != ']')
    p += *p == '\\' && p[1];
  return p;
}

/* Whether what stands before a match, or that nothing does, can matter. */
static gboolean
_looks_left(const gchar *regex)
{
  if (strstr(regex, "\\Q")) /* from there on nothing means what it seems to */
    return TRUE;
  for (const gchar *p = regex; *p; p++)
    if (*p == '\\' && p[1])
      {
        if (strchr("AGK", *++p))
          return TRUE;
      }
    else if (*p == '[')
      p = _end_of_class(p);
    else if (*p == '^' || (*p == '(' && p[1] == '?' && p[2] == '<' && (p[3] == '=' || p[3] == '!')))
      return TRUE;
  return FALSE;
}

/* The longest run of letters and digits that stands for itself: a guess at how rare matches are, between two and eight
 * bytes.  What is wrong with it costs time, nothing else. */
static guint
_longest_word(const gchar *regex)
{
  guint run = 0, longest = 2;
  for (const gchar *p = regex; *p; p++)
    {
      gboolean escaped = *p == '\\' && p[1];
      p += escaped;
      run = g_ascii_isalnum(*p) != escaped ? run + 1 : 0; /* an escaped letter is a class, an escaped sign itself */
      longest = MAX(longest, run);
      if (*p == '[' && !escaped)
        p = _end_of_class(p);
    }
  return MIN(longest, 8);
}

static guint32
_compile_regex(Compiler *self, const Item *item, const SiagaYaml *value)
{
  SiagaAtom atom = _atom(item, SIAGA_ATOM_TEXT, value);

  atom.needle.text = g_memdup2(value->text, value->length + 1);
  atom.needle.length = value->length;
  atom.needle.longest = _longest_word(value->text);
  atom.needle.regex = _looks_left(value->text);
  atom.needle.flags = (item->modifiers & BIT(M_I) ? SIAGA_MATCH_CASELESS : 0) |
                      (item->modifiers & BIT(M_M) ? SIAGA_MATCH_MULTILINE : 0) |
                      (item->modifiers & BIT(M_S) ? SIAGA_MATCH_DOTALL : 0);
  if (siaga_matcher_add(self->rules->judge, value->text, value->length, atom.needle.flags, value->place, self->diag) <
      0)
    {
      g_free(atom.needle.text);
      g_free(atom.label);
      return SIAGA_NODE_NONE;
    }
  return _add(self, &atom);
}

static guint32
_compile_exists(Compiler *self, const Item *item, const SiagaYaml *value)
{
  gboolean wanted;
  if (!siaga_yaml_to_bool(value, &wanted))
    {
      siaga_diag_error(self->diag, value->place, "modifier 'exists' expects true or false");
      return SIAGA_NODE_NONE;
    }
  SiagaAtom atom = _atom(item, SIAGA_ATOM_PRESENT, value);
  guint32 node = _add(self, &atom);
  return wanted ? node : _not(self, node);
}

static guint32
_compile_null(Compiler *self, const Item *item, const SiagaYaml *value)
{
  if (item->keyword || item->modifiers & ~(BIT(M_ALL) | BIT(M_CASED) | BIT(M_NEQ)))
    {
      siaga_diag_error(self->diag, value->place, "null goes with a field without modifiers");
      return SIAGA_NODE_NONE;
    }
  SiagaAtom atom = _atom(item, SIAGA_ATOM_NULL, value);
  return _add(self, &atom);
}

static guint32
_compile_cidr(Compiler *self, const Item *item, const SiagaYaml *value)
{
  SiagaAtom atom = _atom(item, SIAGA_ATOM_CIDR, value);
  if (siaga_atom_set_cidr(&atom, value->text))
    return _add(self, &atom);
  siaga_diag_error(self->diag, value->place, "'%s' is no network such as 192.0.2.0/24 or 2001:db8::/32", value->text);
  g_free(atom.label);
  return SIAGA_NODE_NONE;
}

static SiagaOp
_operator(const Item *item)
{
  static const struct
  {
    Modifier modifier;
    SiagaOp op;
  } operators[] = {
    { M_LT, SIAGA_OP_LT },
    { M_LTE, SIAGA_OP_LTE },
    { M_GT, SIAGA_OP_GT },
    { M_GTE, SIAGA_OP_GTE },
    { M_CONTAINS, SIAGA_OP_CONTAINS },
    { M_STARTSWITH, SIAGA_OP_STARTSWITH },
    { M_ENDSWITH, SIAGA_OP_ENDSWITH },
  };
  for (guint i = 0; i < G_N_ELEMENTS(operators); i++)
    if (item->modifiers & BIT(operators[i].modifier))
      return operators[i].op;
  return SIAGA_OP_EQ;
}

static guint32
_compile_fieldref(Compiler *self, const Item *item, const SiagaYaml *value)
{
  Item other = *item;
  other.place = value->place;
  if (!_find_field(self, &other, value->text, value->length))
    return SIAGA_NODE_NONE;
  SiagaAtom atom = _atom(item, SIAGA_ATOM_FIELDREF, value);
  atom.other = other.field;
  atom.op = _operator(item);
  return _add(self, &atom);
}

/* Comparisons may name the number behind the last. */
static gboolean
_is_in_range(const Item *item, gdouble number)
{
  static const gint first[] = { 0, 0, 1, 1, 1, 1 }, last[] = { 59, 23, 31, 53, 12, 9999 };
  gboolean compared = (item->modifiers & COMPARERS) != 0;
  for (guint i = 0; i < G_N_ELEMENTS(first); i++)
    if (item->modifiers & BIT(M_MINUTE + i) && (number < first[i] - compared || number > last[i] + compared))
      return FALSE;
  return TRUE;
}

static guint32
_compile_number(Compiler *self, const Item *item, const SiagaYaml *value)
{
  gdouble number;
  gboolean of_time = (item->modifiers & TIME_PARTS) != 0;
  if (!siaga_yaml_to_double(value, &number))
    {
      siaga_diag_error(self->diag, value->place, "expected a number");
      return SIAGA_NODE_NONE;
    }
  if (of_time && !_is_in_range(item, number))
    {
      siaga_diag_error(self->diag, value->place, "no such part of a time: '%s' is never true", value->text);
      return SIAGA_NODE_NONE;
    }
  SiagaAtom atom = _atom(item, of_time ? SIAGA_ATOM_TIME : SIAGA_ATOM_NUMBER, value);
  atom.number = of_time ? number : number * item->field->times;
  atom.op = _operator(item);
  for (Modifier m = M_MINUTE; of_time && m <= M_YEAR; m++)
    if (item->modifiers & BIT(m))
      atom.part = SIAGA_PART_MINUTE + (m - M_MINUTE);
  return _add(self, &atom);
}

/* A value by itself, and what the field calls it. */
static guint32
_compile_text_and_words(Compiler *self, const Item *item, const SiagaYaml *value)
{
  guint32 node = _compile_text(self, item, value, value->text, value->length);
  const SiagaYaml *word = item->changer_count ? NULL : siaga_yaml_get(item->field->words, value->text);
  if (!word || node == SIAGA_NODE_NONE)
    return node;
  GArray *children = _children();
  guint32 other = _compile_text(self, item, value, word->text, word->length);
  g_array_append_val(children, node);
  g_array_append_val(children, other);
  return _join(self, SIAGA_NODE_OR, children);
}

static guint32
_compile_plain(Compiler *self, const Item *item, const SiagaYaml *value)
{
  if (item->modifiers & BIT(M_RE))
    return _compile_regex(self, item, value);
  if (item->modifiers & BIT(M_CIDR))
    return _compile_cidr(self, item, value);
  if (item->modifiers & BIT(M_FIELDREF))
    return _compile_fieldref(self, item, value);
  gdouble number;
  if (item->modifiers & (COMPARERS | TIME_PARTS) ||
      (item->field->times != 1 && !item->changer_count && siaga_yaml_to_double(value, &number)))
    return _compile_number(self, item, value);
  return _compile_text_and_words(self, item, value);
}

static guint32
_compile_expanded(Compiler *self, const Item *item, const SiagaYaml *value)
{
  GPtrArray *texts = g_ptr_array_new_with_free_func(g_free);
  GArray *children = _children();

  if (_expand(self, item, value, value->text, texts))
    for (guint i = 0; i < texts->len; i++)
      {
        SiagaYaml expanded = *value;
        expanded.plain = TRUE; /* its list may hold numbers */
        expanded.text = texts->pdata[i];
        expanded.length = strlen(expanded.text);
        guint32 node = _compile_plain(self, item, &expanded);
        g_array_append_val(children, node);
      }
  g_ptr_array_unref(texts);
  return _join(self, SIAGA_NODE_OR, children);
}

static guint32
_compile_scalar(Compiler *self, const Item *item, const SiagaYaml *value)
{
  return (item->modifiers & BIT(M_EXPAND) ? _compile_expanded : _compile_plain)(self, item, value);
}

/* An expression over several lines becomes what it means, before anything else looks at it. */
static guint32
_compile_laid_out(Compiler *self, const Item *item, const SiagaYaml *value)
{
  gchar *plain = siaga_regex_unfold(value->text);
  SiagaYaml unfolded = *value;
  if (plain)
    {
      unfolded.text = plain;
      unfolded.length = strlen(plain);
    }
  guint32 node = _compile_scalar(self, item, &unfolded);
  g_free(plain);
  return node;
}

static guint32
_compile_value(Compiler *self, const Item *item, const SiagaYaml *value)
{
  if (value->kind != SIAGA_YAML_SCALAR)
    {
      siaga_diag_error(self->diag, value->place, "expected a text, a number or null");
      return SIAGA_NODE_NONE;
    }
  if (item->modifiers & BIT(M_EXISTS))
    return _compile_exists(self, item, value);
  if (siaga_yaml_is_null(value))
    return _compile_null(self, item, value);
  return (item->modifiers & BIT(M_RE) ? _compile_laid_out : _compile_scalar)(self, item, value);
}

static guint32
_compile_item(Compiler *self, const Item *item, const SiagaYaml *values)
{
  guint32 node;
  if (values->kind != SIAGA_YAML_LIST)
    node = _compile_value(self, item, values);
  else
    {
      GArray *children = _children();
      if (!values->size)
        siaga_diag_error(self->diag, values->place, "the list of values is empty");
      for (guint i = 0; i < values->size; i++)
        {
          guint32 child = _compile_value(self, item, values->values[i]);
          g_array_append_val(children, child);
        }
      node = _join(self, item->modifiers & BIT(M_ALL) ? SIAGA_NODE_AND : SIAGA_NODE_OR, children);
    }
  return item->modifiers & BIT(M_NEQ) ? _not(self, node) : node;
}

/* --- search identifiers --------------------------------------------------------------------------------------------
 */

static guint32
_compile_map(Compiler *self, const SiagaYaml *map)
{
  GArray *children = _children();
  if (!map->size)
    siaga_diag_error(self->diag, map->place, "the map is empty");
  for (guint i = 0; i < map->size; i++)
    {
      Item item;
      guint32 node =
          _read_key(self, &item, map->keys[i]) ? _compile_item(self, &item, map->values[i]) : SIAGA_NODE_NONE;
      g_array_append_val(children, node);
    }
  return _join(self, SIAGA_NODE_AND, children);
}

static guint32
_compile_keyword(Compiler *self, const SiagaYaml *value)
{
  Item item = { .place = value->place, .keyword = TRUE };
  return _find_field(self, &item, "", 0) ? _compile_item(self, &item, value) : SIAGA_NODE_NONE;
}

static guint32
_compile_search(Compiler *self, const SiagaYaml *search)
{
  if (search->kind == SIAGA_YAML_MAP)
    return _compile_map(self, search);
  if (search->kind == SIAGA_YAML_SCALAR)
    return _compile_keyword(self, search);
  GArray *children = _children();
  if (!search->size)
    siaga_diag_error(self->diag, search->place, "the list is empty");
  for (guint i = 0; i < search->size; i++)
    {
      const SiagaYaml *element = search->values[i];
      guint32 node = SIAGA_NODE_NONE;
      if (element->kind == SIAGA_YAML_LIST)
        siaga_diag_error(self->diag, element->place, "expected a text or a map: lists hold no lists");
      else
        node = element->kind == SIAGA_YAML_MAP ? _compile_map(self, element) : _compile_keyword(self, element);
      g_array_append_val(children, node);
    }
  return _join(self, SIAGA_NODE_OR, children);
}

/* OTHER: the key besides "condition" that is none: "timeframe" of detections, "rules" of filters. */
static gboolean
_is_search(const gchar *key, const gchar *other)
{
  return strcmp(key, "condition") != 0 && strcmp(key, other) != 0;
}

guint32
siaga_detection_compile(SiagaRules *rules, SiagaRuleEntry *entry, const SiagaYaml *detection, const gchar *other,
                        SiagaDiag *diag, gboolean *missing_r)
{
  Compiler self = { .rules = rules, .entry = entry, .diag = diag };
  const SiagaYaml *condition = siaga_yaml_get(detection, "condition");
  gboolean ok = condition != NULL;

  if (!condition)
    siaga_diag_error(diag, detection->place, "expected a map of search identifiers and 'condition:'");
  GArray *identifiers = g_array_new(FALSE, FALSE, sizeof(SiagaIdentifier));
  for (guint i = 0; condition && i < detection->size; i++)
    {
      const gchar *name = detection->keys[i]->text;
      if (!_is_search(name, other))
        continue;
      SiagaIdentifier identifier = { g_string_chunk_insert(rules->strings, name), SIAGA_NODE_NONE };
      identifier.node = _compile_search(&self, detection->values[i]);
      ok = ok && identifier.node != SIAGA_NODE_NONE;
      g_array_append_val(identifiers, identifier);
    }
  guint32 root = ok ? siaga_condition_compile(rules, identifiers, condition, diag) : SIAGA_NODE_NONE;
  if (!entry->identifiers)
    entry->identifiers = g_array_ref(identifiers);
  g_array_unref(identifiers);
  *missing_r = self.missing && !rules->finished;
  return root;
}
