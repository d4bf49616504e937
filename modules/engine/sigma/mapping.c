/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads the mapping file: which log sources are ours, which events they are, and what their fields are called here. */

#include "sigma-private.h"

#include <siaga/nearest.h>

#include <string.h>

#define ALTERNATIVES_MAX 64

/* Which fields are read from the line itself. */
typedef enum
{
  KEYS_NONE,
  KEYS_OTHERS, /* those that have no field of ours, nor look like one */
  KEYS_ALL,
} Keys;

/* Events that belong to a source; one of the source's alternatives has to hold.  Each condition is a bit in the tables
 * of the mapping, so that an event's sources are a few lookups and ANDs. */
typedef struct
{
  gchar *name;
  const SiagaYaml *logsources; /* list of maps */
  const SiagaYaml *fields;     /* NULL allowed */
  const SiagaYaml *keywords;   /* NULL: the line */
  Keys keys;
  gboolean keyed; /* some rule's field is read from the line */
  guint families;
  GHashTable *resolved; /* name -> SiagaSigmaField* */
} Source;

struct _SiagaMapping
{
  const SiagaFields *registry;
  SiagaYamlFile *file;
  const SiagaYaml *common;
  const SiagaYaml *grouped; /* NULL allowed */
  GPtrArray *sources;       /* of Source* */
  GArray *columns;          /* of SiagaColumn */
  GHashTable *keys;         /* name -> column + 1 */
  GStringChunk *strings;
  guint alternatives;
  guint8 alternative_source[ALTERNATIVES_MAX];
  guint64 by_family[SIAGA_FAMILIES], by_parsed[2], by_syslog[2], by_json[2];
  guint64 any_dataset, any_program; /* alternatives that do not ask */
  GHashTable *datasets, *programs;  /* name -> guint64* */
};

static void
_field_free(gpointer data)
{
  SiagaSigmaField *field = data;
  g_free(field->columns);
  g_free(field->presence);
  g_free(field);
}

static void
_source_free(gpointer data)
{
  Source *source = data;
  g_free(source->name);
  g_hash_table_unref(source->resolved);
  g_free(source);
}

static gboolean
_is_list_of_scalars(const SiagaYaml *node)
{
  if (node->kind != SIAGA_YAML_LIST)
    return FALSE;
  for (guint i = 0; i < node->size; i++)
    if (node->values[i]->kind != SIAGA_YAML_SCALAR)
      return FALSE;
  return TRUE;
}

/* A scalar counts as a list of one. */
static guint
_list_size(const SiagaYaml *node)
{
  return node->kind == SIAGA_YAML_LIST ? node->size : 1;
}

static const SiagaYaml *
_list_get(const SiagaYaml *node, guint i)
{
  return node->kind == SIAGA_YAML_LIST ? node->values[i] : node;
}

/* --- events --------------------------------------------------------------------------------------------------------
 */

static void
_mark_name(GHashTable *table, const gchar *name, guint64 bit)
{
  guint64 *bits = g_hash_table_lookup(table, name);
  if (!bits)
    {
      bits = g_new0(guint64, 1);
      g_hash_table_insert(table, g_strdup(name), bits);
    }
  *bits |= bit;
}

static gboolean
_read_names(const SiagaYaml *alternative, const gchar *key, GHashTable *table, guint64 *any, guint64 bit,
            SiagaDiag *diag)
{
  const SiagaYaml *names = siaga_yaml_get(alternative, key);
  if (!names)
    {
      *any |= bit;
      return TRUE;
    }
  if (names->kind != SIAGA_YAML_SCALAR && !_is_list_of_scalars(names))
    {
      siaga_diag_error(diag, names->place, "expected a name or a list of names");
      return FALSE;
    }
  for (guint i = 0; i < _list_size(names); i++)
    _mark_name(table, _list_get(names, i)->text, bit);
  return TRUE;
}

static gboolean
_read_flag(const SiagaYaml *alternative, const gchar *key, guint64 bits[2], guint64 bit, SiagaDiag *diag)
{
  const SiagaYaml *node = siaga_yaml_get(alternative, key);
  gboolean value;
  if (!node)
    {
      bits[0] |= bit;
      bits[1] |= bit;
      return TRUE;
    }
  if (!siaga_yaml_to_bool(node, &value))
    {
      siaga_diag_error(diag, node->place, "expected true or false");
      return FALSE;
    }
  bits[value] |= bit;
  return TRUE;
}

static gboolean
_read_families(SiagaMapping *self, Source *source, const SiagaYaml *alternative, guint64 bit, SiagaDiag *diag)
{
  const SiagaYaml *families = siaga_yaml_get(alternative, "family");
  gboolean ok = TRUE;

  for (guint f = 0; f < SIAGA_FAMILIES && !families; f++)
    {
      self->by_family[f] |= bit;
      source->families |= 1u << f;
    }
  for (guint i = 0; families && i < _list_size(families); i++)
    {
      const SiagaYaml *name = _list_get(families, i);
      guint f = 0;
      while (f < SIAGA_FAMILIES && g_strcmp0(name->text, siaga_family_name(f)) != 0)
        f++;
      if (f == SIAGA_FAMILIES)
        {
          siaga_diag_error(diag, name->place, "expected none, web, dns or auth");
          ok = FALSE;
          continue;
        }
      self->by_family[f] |= bit;
      source->families |= 1u << f;
    }
  return ok;
}

static gboolean
_read_alternative(SiagaMapping *self, guint number, const SiagaYaml *alternative, SiagaDiag *diag)
{
  static const gchar *const allowed[] = { "family", "dataset", "program", "parsed", "syslog", "json", NULL };
  Source *source = self->sources->pdata[number];

  if (alternative->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, alternative->place, "expected a map of family, dataset, program, parsed, syslog, json");
      return FALSE;
    }
  if (self->alternatives == ALTERNATIVES_MAX)
    {
      siaga_diag_error(diag, alternative->place, "more than %d entries under 'events:' in all", ALTERNATIVES_MAX);
      return FALSE;
    }
  guint64 bit = G_GUINT64_CONSTANT(1) << self->alternatives;
  self->alternative_source[self->alternatives++] = number;
  return siaga_yaml_check_keys(alternative, allowed, diag) && _read_families(self, source, alternative, bit, diag) &&
         _read_names(alternative, "dataset", self->datasets, &self->any_dataset, bit, diag) &&
         _read_names(alternative, "program", self->programs, &self->any_program, bit, diag) &&
         _read_flag(alternative, "parsed", self->by_parsed, bit, diag) &&
         _read_flag(alternative, "syslog", self->by_syslog, bit, diag) &&
         _read_flag(alternative, "json", self->by_json, bit, diag);
}

/* --- columns and fields --------------------------------------------------------------------------------------------
 */

static guint32
_column(SiagaMapping *self, SiagaColumnKind kind, SiagaFieldId field, const gchar *key)
{
  guint known = key ? GPOINTER_TO_UINT(g_hash_table_lookup(self->keys, key)) : 0;
  if (known)
    return known - 1;
  for (guint i = 0; !key && i < self->columns->len; i++)
    {
      const SiagaColumn *column = siaga_mapping_column(self, i);
      if (column->kind == kind && column->field == field)
        return i;
    }
  SiagaColumn column = { kind, field, key ? g_string_chunk_insert_const(self->strings, key) : NULL };
  g_array_append_val(self->columns, column);
  if (key)
    g_hash_table_insert(self->keys, (gpointer) column.key, GUINT_TO_POINTER(self->columns->len));
  return self->columns->len - 1;
}

/* The event's own time, which is no column: only its parts are compared. */
static gboolean
_is_time(const gchar *name)
{
  return strcmp(name, "@timestamp") == 0;
}

static gboolean
_append_column(SiagaMapping *self, GArray *columns, const gchar *name)
{
  guint32 column;
  if (_is_time(name))
    return TRUE;
  SiagaFieldId field = siaga_fields_lookup(self->registry, name, -1);
  if (strcmp(name, "raw") == 0)
    column = _column(self, SIAGA_COLUMN_RAW, SIAGA_FIELD_NONE, NULL);
  else if (field != SIAGA_FIELD_NONE)
    column = _column(self, SIAGA_COLUMN_FIELD, field, NULL);
  else
    return FALSE;
  g_array_append_val(columns, column);
  return TRUE;
}

static GArray *
_columns_of(SiagaMapping *self, const SiagaYaml *names)
{
  GArray *columns = g_array_new(FALSE, FALSE, sizeof(guint32));
  for (guint i = 0; names && i < _list_size(names); i++)
    _append_column(self, columns, _list_get(names, i)->text);
  return columns;
}

/* Where the definition of a field names its columns. */
static const SiagaYaml *
_names_of(const SiagaYaml *definition, const gchar *key)
{
  if (definition->kind != SIAGA_YAML_MAP)
    return definition;
  const SiagaYaml *names = siaga_yaml_get(definition, key);
  return names ? names : siaga_yaml_get(definition, "any");
}

static gboolean
_is_logged_by_web_servers(const SiagaYaml *definition)
{
  gboolean value = FALSE;
  const SiagaYaml *node = siaga_yaml_get(definition, "dash-if-empty");
  return node && siaga_yaml_to_bool(node, &value) && value;
}

static gdouble
_times_of(const SiagaYaml *definition)
{
  gdouble times = 1;
  const SiagaYaml *node = siaga_yaml_get(definition, "times");
  return node && siaga_yaml_to_double(node, &times) ? times : 1;
}

static SiagaSigmaField *
_field_new(SiagaMapping *self, const gchar *name, const SiagaYaml *definition, gboolean keys)
{
  SiagaSigmaField *field = g_new0(SiagaSigmaField, 1);
  GArray *columns = _columns_of(self, definition ? _names_of(definition, "any") : NULL);
  GArray *presence = _columns_of(self, definition ? _names_of(definition, "absent") : NULL);

  if (keys)
    {
      guint32 column = _column(self, SIAGA_COLUMN_KEY, SIAGA_FIELD_NONE, name);
      g_array_append_val(columns, column);
      g_array_append_val(presence, column);
    }
  field->name = g_string_chunk_insert_const(self->strings, name);
  field->logged = definition && _is_logged_by_web_servers(definition);
  field->times = definition ? _times_of(definition) : 1;
  field->words = definition ? siaga_yaml_get(definition, "words") : NULL;
  field->time = definition && definition->kind == SIAGA_YAML_SCALAR && _is_time(definition->text);
  field->count = columns->len;
  field->columns = (guint32 *) g_array_free(columns, FALSE);
  field->presence_count = presence->len;
  field->presence = (guint32 *) g_array_free(presence, FALSE);
  return field;
}

static SiagaSigmaField *
_resolve(SiagaMapping *self, Source *source, const gchar *name)
{
  gboolean keys = source->keys == KEYS_ALL;
  if (!*name)
    {
      static SiagaYaml raw = { .kind = SIAGA_YAML_SCALAR, .text = "raw", .length = 3 };
      return _field_new(self, name, source->keywords ? source->keywords : &raw, FALSE);
    }
  const SiagaYaml *definition = source->fields ? siaga_yaml_get(source->fields, name) : NULL;
  if (!definition && self->common)
    definition = siaga_yaml_get(self->common, name);
  if (definition)
    return _field_new(self, name, definition, keys);
  if (_is_time(name) || siaga_fields_lookup(self->registry, name, -1) != SIAGA_FIELD_NONE)
    {
      SiagaYaml itself = { .kind = SIAGA_YAML_SCALAR, .text = name, .length = strlen(name) };
      return _field_new(self, name, &itself, keys);
    }
  return keys || (source->keys == KEYS_OTHERS && !strchr(name, '.')) ? _field_new(self, name, NULL, TRUE) : NULL;
}

static gboolean
_is_keyed(const SiagaMapping *self, const SiagaSigmaField *field)
{
  for (guint i = 0; i < field->count; i++)
    if (siaga_mapping_column(self, field->columns[i])->kind == SIAGA_COLUMN_KEY)
      return TRUE;
  return FALSE;
}

const SiagaSigmaField *
siaga_mapping_find_field(SiagaMapping *self, guint number, const gchar *name, gsize length)
{
  Source *source = self->sources->pdata[number];
  gchar *key = g_strndup(name, length);
  SiagaSigmaField *field = g_hash_table_lookup(source->resolved, key);

  if (!field)
    {
      field = _resolve(self, source, key);
      if (field)
        g_hash_table_insert(source->resolved, g_strdup(key), field);
      source->keyed = source->keyed || (field && _is_keyed(self, field));
    }
  g_free(key);
  return field;
}

static void
_suggest_key(const SiagaYaml *map, const gchar *name, const gchar **best, guint *best_distance)
{
  for (guint i = 0; map && map->kind == SIAGA_YAML_MAP && i < map->size; i++)
    {
      guint distance = siaga_name_distance(name, map->keys[i]->text);
      if (distance >= *best_distance)
        continue;
      *best = map->keys[i]->text;
      *best_distance = distance;
    }
}

const gchar *
siaga_mapping_suggest_field(const SiagaMapping *self, guint number, const gchar *name)
{
  const Source *source = self->sources->pdata[number];
  const gchar *best = siaga_fields_suggest(self->registry, name);
  guint best_distance = best ? siaga_name_distance(name, best) : SIAGA_NAME_NEAR;
  _suggest_key(source->fields, name, &best, &best_distance);
  _suggest_key(self->common, name, &best, &best_distance);
  return best;
}

/* What groups say themselves, what all sources share, and then the first source that has it. */
static const SiagaYaml *
_definition_for_groups(const SiagaMapping *self, const gchar *name)
{
  const SiagaYaml *definition = self->grouped ? siaga_yaml_get(self->grouped, name) : NULL;
  if (!definition && self->common)
    definition = siaga_yaml_get(self->common, name);
  for (guint i = 0; i < self->sources->len && !definition; i++)
    {
      const Source *source = self->sources->pdata[i];
      definition = source->fields ? siaga_yaml_get(source->fields, name) : NULL;
    }
  return definition;
}

/* Of several fields the address: the other holds names too, and one source has to be one key. */
SiagaFieldId
siaga_mapping_grouped_field(gconstpointer mapping, const gchar *name)
{
  const SiagaMapping *self = mapping;
  const SiagaYaml *definition = _definition_for_groups(self, name);
  const SiagaYaml *names = definition ? _names_of(definition, "absent") : NULL;
  if (!names)
    return SIAGA_FIELD_NONE;
  const gchar *field = _list_get(names, 0)->text;
  for (guint i = 0; i < _list_size(names); i++)
    if (g_str_has_suffix(_list_get(names, i)->text, ".ip"))
      field = _list_get(names, i)->text;
  return siaga_fields_lookup(self->registry, field, -1);
}

/* --- reading the file ----------------------------------------------------------------------------------------------
 */

static gboolean
_check_names(SiagaMapping *self, const SiagaYaml *names, SiagaDiag *diag)
{
  gboolean ok = TRUE;
  GArray *columns = g_array_new(FALSE, FALSE, sizeof(guint32));
  if (names->kind == SIAGA_YAML_MAP || (names->kind == SIAGA_YAML_LIST && !_is_list_of_scalars(names)))
    {
      siaga_diag_error(diag, names->place, "expected a field or a list of fields");
      ok = FALSE;
    }
  for (guint i = 0; ok && i < _list_size(names); i++)
    {
      const SiagaYaml *name = _list_get(names, i);
      if (_append_column(self, columns, name->text))
        continue;
      const gchar *near = siaga_fields_suggest(self->registry, name->text);
      siaga_diag_error(diag, name->place, "'%s' is not in the field registry%s%s%s", name->text,
                       near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
      ok = FALSE;
    }
  g_array_unref(columns);
  return ok;
}

/* What a rule says and what the columns say. */
static gboolean
_check_words(const SiagaYaml *definition, SiagaDiag *diag)
{
  const SiagaYaml *words = siaga_yaml_get(definition, "words"), *times = siaga_yaml_get(definition, "times");
  gdouble number;
  gboolean ok = !words || words->kind == SIAGA_YAML_MAP;
  for (guint i = 0; words && ok && i < words->size; i++)
    ok = words->values[i]->kind == SIAGA_YAML_SCALAR;
  if (!ok)
    siaga_diag_error(diag, words->place, "expected a map from the words of rules to those of the field");
  if (times && (!siaga_yaml_to_double(times, &number) || number <= 0))
    {
      siaga_diag_error(diag, times->place, "expected a number above 0");
      ok = FALSE;
    }
  return ok;
}

static gboolean
_check_fields(SiagaMapping *self, const SiagaYaml *fields, SiagaDiag *diag)
{
  static const gchar *const allowed[] = { "any", "absent", "dash-if-empty", "words", "times", NULL };
  gboolean ok = TRUE;

  if (fields->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, fields->place, "expected a map from Sigma fields to ECS fields");
      return FALSE;
    }
  for (guint i = 0; i < fields->size; i++)
    {
      const SiagaYaml *definition = fields->values[i];
      if (definition->kind == SIAGA_YAML_MAP)
        {
          const SiagaYaml *absent = siaga_yaml_get(definition, "absent");
          ok = siaga_yaml_check_keys(definition, allowed, diag) && ok;
          ok = _check_words(definition, diag) && ok;
          ok = (!absent || _check_names(self, absent, diag)) && ok;
          definition = siaga_yaml_get(definition, "any");
          if (!definition)
            siaga_diag_error(diag, fields->values[i]->place, "expected 'any:' with the fields to look at");
        }
      ok = definition && _check_names(self, definition, diag) && ok;
    }
  return ok;
}

static gboolean
_check_logsources(const SiagaYaml *key, const SiagaYaml *list, SiagaDiag *diag)
{
  static const gchar *const allowed[] = { "category", "product", "service", NULL };
  gboolean ok = list && list->kind == SIAGA_YAML_LIST && list->size;
  if (!ok)
    siaga_diag_error(diag, key->place, "expected 'logsource:', a list of { category, product, service }");
  for (guint i = 0; ok && i < list->size; i++)
    {
      ok = list->values[i]->kind == SIAGA_YAML_MAP;
      if (!ok)
        siaga_diag_error(diag, list->values[i]->place, "expected { category, product, service }");
      ok = ok && siaga_yaml_check_keys(list->values[i], allowed, diag);
    }
  return ok;
}

static gboolean
_read_keys(const SiagaYaml *node, Keys *keys_r, SiagaDiag *diag)
{
  static const gchar *const words[] = { "none", "others", "all" };
  for (guint i = 0; i < G_N_ELEMENTS(words); i++)
    if (node->kind == SIAGA_YAML_SCALAR && strcmp(node->text, words[i]) == 0)
      {
        *keys_r = i;
        return TRUE;
      }
  siaga_diag_error(diag, node->place, "keys: expected none, others or all");
  return FALSE;
}

static gboolean
_read_source(SiagaMapping *self, const SiagaYaml *key, const SiagaYaml *definition, SiagaDiag *diag)
{
  static const gchar *const allowed[] = { "logsource", "events", "fields", "keywords", "keys", NULL };
  const SiagaYaml *events = siaga_yaml_get(definition, "events"), *keys = siaga_yaml_get(definition, "keys");
  guint number = self->sources->len;

  if (definition->kind != SIAGA_YAML_MAP || number == SIAGA_SOURCES_MAX)
    {
      siaga_diag_error(diag, definition->place, "expected a map for each of at most %d sources", SIAGA_SOURCES_MAX);
      return FALSE;
    }
  Source *source = g_new0(Source, 1);
  source->name = g_strdup(key->text);
  source->resolved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, _field_free);
  source->logsources = siaga_yaml_get(definition, "logsource");
  source->fields = siaga_yaml_get(definition, "fields");
  source->keywords = siaga_yaml_get(definition, "keywords");
  g_ptr_array_add(self->sources, source);
  gboolean ok = siaga_yaml_check_keys(definition, allowed, diag) && _check_logsources(key, source->logsources, diag);
  if (source->fields)
    ok = _check_fields(self, source->fields, diag) && ok;
  if (source->keywords)
    ok = _check_names(self, source->keywords, diag) && ok;
  ok = (!keys || _read_keys(keys, &source->keys, diag)) && ok;
  if (!events || events->kind != SIAGA_YAML_LIST || !events->size)
    {
      siaga_diag_error(diag, key->place, "expected 'events:', a list of what the source's events are");
      return FALSE;
    }
  for (guint i = 0; i < events->size; i++)
    ok = _read_alternative(self, number, events->values[i], diag) && ok;
  return ok;
}

static gboolean
_read(SiagaMapping *self, const gchar *path, SiagaDiag *diag)
{
  static const gchar *const allowed[] = { "fields", "grouped", "sources", NULL };
  const SiagaYaml *document = self->file->documents->len ? self->file->documents->pdata[0] : NULL;
  const SiagaYaml *sources = siaga_yaml_get(document, "sources");

  if (!sources || sources->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, (SiagaPlace){ path, 1, 1 }, "expected a map with 'fields:' and 'sources:'");
      return FALSE;
    }
  self->common = siaga_yaml_get(document, "fields");
  gboolean ok = siaga_yaml_check_keys(document, allowed, diag);
  self->grouped = siaga_yaml_get(document, "grouped");
  if (self->common)
    ok = _check_fields(self, self->common, diag) && ok;
  if (self->grouped)
    ok = _check_fields(self, self->grouped, diag) && ok;
  for (guint i = 0; i < sources->size; i++)
    ok = _read_source(self, sources->keys[i], sources->values[i], diag) && ok;
  return ok;
}

SiagaMapping *
siaga_mapping_load(const gchar *path, const SiagaFields *fields, SiagaDiag *diag)
{
  SiagaYamlFile *file = siaga_yaml_load(path, diag);
  if (!file)
    return NULL;
  SiagaMapping *self = g_new0(SiagaMapping, 1);
  self->registry = fields;
  self->file = file;
  self->sources = g_ptr_array_new_with_free_func(_source_free);
  self->columns = g_array_new(FALSE, TRUE, sizeof(SiagaColumn));
  self->keys = g_hash_table_new(g_str_hash, g_str_equal);
  self->strings = g_string_chunk_new(1024);
  self->datasets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  self->programs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  if (_read(self, path, diag))
    return self;
  siaga_mapping_free(self);
  return NULL;
}

void
siaga_mapping_free(SiagaMapping *self)
{
  if (!self)
    return;
  siaga_yaml_free(self->file);
  g_ptr_array_unref(self->sources);
  g_array_unref(self->columns);
  g_hash_table_unref(self->keys);
  g_hash_table_unref(self->datasets);
  g_hash_table_unref(self->programs);
  g_string_chunk_free(self->strings);
  g_free(self);
}

/* --- asking --------------------------------------------------------------------------------------------------------
 */

static gboolean
_logsource_fits(const SiagaYaml *entry, const SiagaYaml *logsource)
{
  static const gchar *const keys[] = { "category", "product", "service" };
  for (guint i = 0; i < G_N_ELEMENTS(keys); i++)
    {
      const gchar *ours = siaga_yaml_get_text(entry, keys[i]), *theirs = siaga_yaml_get_text(logsource, keys[i]);
      if (g_strcmp0(ours, "*") != 0 && g_strcmp0(ours, theirs) != 0)
        return FALSE;
    }
  return TRUE;
}

gint
siaga_mapping_find_source(const SiagaMapping *self, const SiagaYaml *logsource)
{
  for (guint i = 0; i < self->sources->len; i++)
    {
      const Source *source = self->sources->pdata[i];
      for (guint k = 0; k < source->logsources->size; k++)
        if (_logsource_fits(source->logsources->values[k], logsource))
          return i;
    }
  return -1;
}

const gchar *
siaga_mapping_source_name(const SiagaMapping *self, guint source)
{
  return ((Source *) self->sources->pdata[source])->name;
}

guint
siaga_mapping_families(const SiagaMapping *self, guint source)
{
  return ((Source *) self->sources->pdata[source])->families;
}

gboolean
siaga_mapping_reads_keys(const SiagaMapping *self, guint source)
{
  return ((Source *) self->sources->pdata[source])->keyed;
}

guint
siaga_mapping_columns(const SiagaMapping *self)
{
  return self->columns->len;
}

const SiagaColumn *
siaga_mapping_column(const SiagaMapping *self, guint column)
{
  return &g_array_index(self->columns, SiagaColumn, column);
}

gint
siaga_mapping_key_column(const SiagaMapping *self, const gchar *name, gsize length)
{
  gchar key[128];
  if (length >= sizeof key)
    return -1;
  memcpy(key, name, length);
  key[length] = '\0';
  return (gint) GPOINTER_TO_UINT(g_hash_table_lookup(self->keys, key)) - 1;
}

static guint64
_named(GHashTable *table, const SiagaEvent *event, SiagaFieldId field)
{
  gchar key[64];
  gsize length = 0;
  const gchar *text = siaga_event_text(event, field, &length);
  if (!text || length >= sizeof key)
    return 0;
  memcpy(key, text, length);
  key[length] = '\0';
  const guint64 *bits = g_hash_table_lookup(table, key);
  return bits ? *bits : 0;
}

guint64
siaga_mapping_sources(const SiagaMapping *self, const SiagaEvent *event)
{
  gboolean syslog = siaga_event_has(event, SIAGA_F_PROCESS_NAME) || siaga_event_has(event, SIAGA_F_HOST_HOSTNAME);
  gboolean json = event->original_length && memchr(event->original, '{', MIN(event->original_length, 512));
  guint64 alternatives = self->by_family[event->family & 3] & self->by_parsed[event->parsed != FALSE] &
                         self->by_syslog[syslog] & self->by_json[json];
  guint64 sources = 0;

  alternatives &= self->any_dataset | _named(self->datasets, event, SIAGA_F_EVENT_DATASET);
  alternatives &= self->any_program | _named(self->programs, event, SIAGA_F_PROCESS_NAME);
  for (; alternatives; alternatives &= alternatives - 1)
    sources |= G_GUINT64_CONSTANT(1) << self->alternative_source[__builtin_ctzll(alternatives)];
  return sources;
}
