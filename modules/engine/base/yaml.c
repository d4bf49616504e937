/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Builds trees from libyaml's events, within bounds. */

#include "file.h"
#include "integer.h"

#include <siaga/yaml.h>

#include <string.h>
#include <yaml.h>

#define FILE_MAX (4 * 1024 * 1024)
#define DEPTH_MAX 32
#define NODES_MAX 200000

typedef struct
{
  GPtrArray *nodes; /* of SiagaYaml*, owned */
  GStringChunk *text;
  GHashTable *anchors; /* name -> SiagaYaml* */
  GHashTable *weights; /* SiagaYaml* -> nodes below it, aliases expanded */
} Store;

typedef struct
{
  yaml_parser_t parser;
  SiagaYamlFile *file;
  Store *store;
  SiagaDiag *diag;
  gboolean failed; /* nothing further can be read */
  gboolean broken; /* the document is not to be used */
  guint begin;     /* the document's first node */
} Reader;

static SiagaYaml *_read_node(Reader *self, yaml_event_t *event, guint depth);

static void
_node_free(gpointer data)
{
  SiagaYaml *node = data;
  g_free(node->keys);
  g_free(node->values);
  g_free(node);
}

static void
_store_free(Store *store)
{
  g_ptr_array_unref(store->nodes);
  g_string_chunk_free(store->text);
  g_hash_table_unref(store->anchors);
  g_hash_table_unref(store->weights);
  g_free(store);
}

static SiagaPlace
_place(Reader *self, const yaml_mark_t *mark)
{
  return (SiagaPlace){ .file = self->file->path, .line = mark->line + 1, .column = mark->column + 1 };
}

static SiagaYaml *
_fail(Reader *self, const yaml_mark_t *mark, const gchar *text)
{
  if (!self->failed)
    siaga_diag_error(self->diag, _place(self, mark), "%s", text);
  self->failed = TRUE;
  return NULL;
}

static gboolean
_next(Reader *self, yaml_event_t *event)
{
  if (yaml_parser_parse(&self->parser, event))
    return TRUE;
  const yaml_mark_t *mark = self->parser.problem_mark.line || self->parser.problem_mark.column
                                ? &self->parser.problem_mark
                                : &self->parser.mark;
  gchar *text = g_strdup_printf("not YAML: %s%s%s", self->parser.problem ? self->parser.problem : "unreadable",
                                self->parser.context ? ", " : "", self->parser.context ? self->parser.context : "");
  _fail(self, mark, text);
  g_free(text);
  return FALSE;
}

static SiagaYaml *
_node_new(Reader *self, SiagaYamlKind kind, const yaml_mark_t *mark)
{
  SiagaYaml *node = g_new0(SiagaYaml, 1);
  node->kind = kind;
  node->place = _place(self, mark);
  g_ptr_array_add(self->store->nodes, node);
  return node;
}

static void
_anchor(Reader *self, const yaml_char_t *anchor, SiagaYaml *node)
{
  if (anchor)
    g_hash_table_replace(self->store->anchors, g_strdup((const gchar *) anchor), node);
}

static gboolean
_weigh(Reader *self, SiagaYaml *node, guint64 weight, const yaml_mark_t *mark)
{
  g_hash_table_insert(self->store->weights, node, GSIZE_TO_POINTER((gsize) MIN(weight, NODES_MAX + 1)));
  if (weight <= NODES_MAX)
    return TRUE;
  _fail(self, mark, "too large: more than 200000 nodes, aliases counted as often as they are used");
  return FALSE;
}

static guint64
_weight(Reader *self, SiagaYaml *node)
{
  return GPOINTER_TO_SIZE(g_hash_table_lookup(self->store->weights, node));
}

/* The column of the text's first character; 0 when escapes or folded lines move those behind it. */
static guint
_column_inside(const yaml_event_t *event)
{
  yaml_scalar_style_t style = event->data.scalar.style;
  guint quotes = style != YAML_PLAIN_SCALAR_STYLE;
  gsize width = g_utf8_strlen((const gchar *) event->data.scalar.value, event->data.scalar.length);
  if (style == YAML_LITERAL_SCALAR_STYLE || style == YAML_FOLDED_SCALAR_STYLE ||
      event->start_mark.line != event->end_mark.line ||
      event->end_mark.column - event->start_mark.column != width + 2 * quotes)
    return 0;
  return event->start_mark.column + 1 + quotes;
}

static SiagaYaml *
_read_scalar(Reader *self, yaml_event_t *event)
{
  SiagaYaml *node = _node_new(self, SIAGA_YAML_SCALAR, &event->start_mark);
  node->place.inside = _column_inside(event);
  node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
  node->length = event->data.scalar.length;
  node->text = g_string_chunk_insert_len(self->store->text, (const gchar *) event->data.scalar.value, node->length);
  _anchor(self, event->data.scalar.anchor, node);
  _weigh(self, node, 1, &event->start_mark);
  return node;
}

static SiagaYaml *
_read_list(Reader *self, yaml_event_t *start, guint depth)
{
  SiagaYaml *node = _node_new(self, SIAGA_YAML_LIST, &start->start_mark);
  GPtrArray *values = g_ptr_array_new();
  guint64 weight = 1;

  while (!self->failed)
    {
      yaml_event_t event;
      if (!_next(self, &event))
        break;
      gboolean end = event.type == YAML_SEQUENCE_END_EVENT;
      SiagaYaml *value = end ? NULL : _read_node(self, &event, depth + 1);
      yaml_event_delete(&event);
      if (!value)
        break;
      weight += _weight(self, value);
      g_ptr_array_add(values, value);
    }
  _anchor(self, start->data.sequence_start.anchor, node);
  node->size = values->len;
  node->values = (SiagaYaml **) g_ptr_array_free(values, FALSE);
  return self->failed || !_weigh(self, node, weight, &start->start_mark) ? NULL : node;
}

static gboolean
_is_merge(const SiagaYaml *key)
{
  return key->plain && strcmp(key->text, "<<") == 0;
}

static SiagaYaml *
_read_key(Reader *self, yaml_event_t *event, GHashTable *seen)
{
  if (event->type != YAML_SCALAR_EVENT)
    return _fail(self, &event->start_mark, "expected a plain key");
  SiagaYaml *key = _read_scalar(self, event);
  if (!_is_merge(key) && !g_hash_table_add(seen, (gpointer) key->text))
    {
      siaga_diag_error(self->diag, key->place, "duplicate key '%s'", key->text);
      self->broken = TRUE;
    }
  return key;
}

typedef struct
{
  GPtrArray *keys, *values;
  GHashTable *seen;
  GPtrArray *merged; /* maps whose pairs are its own too */
} Pairs;

/* FALSE: VALUE is no map. */
static gboolean
_merge(Pairs *pairs, const SiagaYaml *value)
{
  for (guint i = 0; value->kind == SIAGA_YAML_LIST && i < value->size; i++)
    if (value->values[i]->kind != SIAGA_YAML_MAP)
      return FALSE;
  for (guint i = 0; value->kind == SIAGA_YAML_LIST && i < value->size; i++)
    g_ptr_array_add(pairs->merged, value->values[i]);
  if (value->kind == SIAGA_YAML_MAP)
    g_ptr_array_add(pairs->merged, (gpointer) value);
  return value->kind != SIAGA_YAML_SCALAR;
}

/* What the map says itself comes first, then what is merged first. */
static void
_add_merged(Pairs *pairs)
{
  for (guint i = 0; i < pairs->merged->len; i++)
    {
      const SiagaYaml *map = pairs->merged->pdata[i];
      for (guint k = 0; k < map->size; k++)
        if (g_hash_table_add(pairs->seen, (gpointer) map->keys[k]->text))
          {
            g_ptr_array_add(pairs->keys, map->keys[k]);
            g_ptr_array_add(pairs->values, map->values[k]);
          }
    }
}

/* FALSE at the end of the map, or on failure. */
static gboolean
_read_pair(Reader *self, Pairs *pairs, guint depth, guint64 *weight)
{
  yaml_event_t event;
  if (!_next(self, &event))
    return FALSE;
  gboolean end = event.type == YAML_MAPPING_END_EVENT;
  SiagaYaml *key = end ? NULL : _read_key(self, &event, pairs->seen);
  yaml_event_delete(&event);
  if (!key || !_next(self, &event))
    return FALSE;
  SiagaYaml *value = _read_node(self, &event, depth + 1);
  yaml_event_delete(&event);
  if (!value)
    return FALSE;
  *weight += 1 + _weight(self, value);
  if (!_is_merge(key))
    {
      g_ptr_array_add(pairs->keys, key);
      g_ptr_array_add(pairs->values, value);
    }
  else if (!_merge(pairs, value))
    {
      siaga_diag_error(self->diag, value->place, "expected a map behind '<<', or a list of maps: its pairs are merged");
      self->broken = TRUE;
    }
  return TRUE;
}

static SiagaYaml *
_read_map(Reader *self, yaml_event_t *start, guint depth)
{
  SiagaYaml *node = _node_new(self, SIAGA_YAML_MAP, &start->start_mark);
  Pairs pairs = { g_ptr_array_new(), g_ptr_array_new(), g_hash_table_new(g_str_hash, g_str_equal), g_ptr_array_new() };
  guint64 weight = 1;

  while (!self->failed && _read_pair(self, &pairs, depth, &weight))
    ;
  _add_merged(&pairs);
  g_hash_table_unref(pairs.seen);
  g_ptr_array_unref(pairs.merged);
  _anchor(self, start->data.mapping_start.anchor, node);
  node->size = pairs.values->len;
  node->keys = (SiagaYaml **) g_ptr_array_free(pairs.keys, FALSE);
  node->values = (SiagaYaml **) g_ptr_array_free(pairs.values, FALSE);
  return self->failed || !_weigh(self, node, weight, &start->start_mark) ? NULL : node;
}

static SiagaYaml *
_read_alias(Reader *self, yaml_event_t *event)
{
  SiagaYaml *node = g_hash_table_lookup(self->store->anchors, event->data.alias.anchor);
  return node ? node : _fail(self, &event->start_mark, "the alias names no anchor before it");
}

static SiagaYaml *
_read_node(Reader *self, yaml_event_t *event, guint depth)
{
  if (depth > DEPTH_MAX)
    return _fail(self, &event->start_mark, "nested deeper than 32 levels");
  if (self->store->nodes->len - self->begin > NODES_MAX)
    return _fail(self, &event->start_mark, "too large: more than 200000 nodes");
  switch (event->type)
    {
    case YAML_SCALAR_EVENT:
      return _read_scalar(self, event);
    case YAML_SEQUENCE_START_EVENT:
      return _read_list(self, event, depth);
    case YAML_MAPPING_START_EVENT:
      return _read_map(self, event, depth);
    case YAML_ALIAS_EVENT:
      return _read_alias(self, event);
    default:
      return _fail(self, &event->start_mark, "expected a value");
    }
}

/* FALSE at the end of the stream or on failure. */
static gboolean
_read_step(Reader *self)
{
  yaml_event_t event;
  gboolean more = TRUE;

  if (!_next(self, &event))
    return FALSE;
  switch (event.type)
    {
    case YAML_STREAM_END_EVENT:
      more = FALSE;
      break;
    case YAML_STREAM_START_EVENT:
    case YAML_DOCUMENT_START_EVENT:
    case YAML_DOCUMENT_END_EVENT:
      break;
    default:
      {
        self->broken = FALSE;
        self->begin = self->store->nodes->len;
        SiagaYaml *node = _read_node(self, &event, 0);
        if (node && !self->broken && !siaga_yaml_is_null(node))
          g_ptr_array_add(self->file->documents, node);
        self->file->whole = self->file->whole && node && !self->broken;
        more = node != NULL;
      }
    }
  yaml_event_delete(&event);
  return more;
}

static Store *
_store_new(void)
{
  Store *store = g_new0(Store, 1);
  store->nodes = g_ptr_array_new_with_free_func(_node_free);
  store->text = g_string_chunk_new(4096);
  store->anchors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  store->weights = g_hash_table_new(NULL, NULL);
  return store;
}

/* What can be read of it. */
static SiagaYamlFile *
_parse(const gchar *path, const gchar *text, gsize length, SiagaDiag *diag)
{
  Reader self = { .diag = diag, .store = _store_new() };

  self.file = g_new0(SiagaYamlFile, 1);
  self.file->path = g_strdup(path);
  self.file->documents = g_ptr_array_new();
  self.file->store = self.store;
  self.file->whole = TRUE;
  if (!yaml_parser_initialize(&self.parser))
    g_error("yaml_parser_initialize: out of memory");
  yaml_parser_set_input_string(&self.parser, (const guchar *) text, length);
  while (!self.failed && _read_step(&self))
    ;
  yaml_parser_delete(&self.parser);
  self.file->whole = self.file->whole && !self.failed;
  return self.file;
}

static SiagaYamlFile *
_if_whole(SiagaYamlFile *file)
{
  if (!file || file->whole)
    return file;
  siaga_yaml_free(file);
  return NULL;
}

SiagaYamlFile *
siaga_yaml_parse(const gchar *path, const gchar *text, gsize length, SiagaDiag *diag)
{
  return _if_whole(_parse(path, text, length, diag));
}

SiagaYamlFile *
siaga_yaml_load_documents(const gchar *path, SiagaDiag *diag)
{
  gsize length;
  gchar *text = siaga_file_read(path, FILE_MAX, &length, diag);
  SiagaYamlFile *file = text ? _parse(path, text, length, diag) : NULL;
  g_free(text);
  return file;
}

SiagaYamlFile *
siaga_yaml_load(const gchar *path, SiagaDiag *diag)
{
  return _if_whole(siaga_yaml_load_documents(path, diag));
}

void
siaga_yaml_free(SiagaYamlFile *self)
{
  if (!self)
    return;
  _store_free(self->store);
  g_ptr_array_unref(self->documents);
  g_free(self->path);
  g_free(self);
}

const SiagaYaml *
siaga_yaml_get(const SiagaYaml *map, const gchar *key)
{
  if (!map || map->kind != SIAGA_YAML_MAP)
    return NULL;
  for (guint i = 0; i < map->size; i++)
    if (strcmp(map->keys[i]->text, key) == 0)
      return map->values[i];
  return NULL;
}

const gchar *
siaga_yaml_get_text(const SiagaYaml *map, const gchar *key)
{
  const SiagaYaml *node = siaga_yaml_get(map, key);
  return node && node->kind == SIAGA_YAML_SCALAR ? node->text : NULL;
}

gboolean
siaga_yaml_is_null(const SiagaYaml *node)
{
  return node->kind == SIAGA_YAML_SCALAR && node->plain &&
         (node->length == 0 || strcmp(node->text, "~") == 0 || g_ascii_strcasecmp(node->text, "null") == 0);
}

gboolean
siaga_yaml_to_int(const SiagaYaml *node, gint64 *value_r)
{
  return node->kind == SIAGA_YAML_SCALAR && node->plain &&
         siaga_integer_read(node->text, G_MININT64, G_MAXINT64, value_r);
}

gboolean
siaga_yaml_to_double(const SiagaYaml *node, gdouble *value_r)
{
  gchar *end;
  if (node->kind != SIAGA_YAML_SCALAR || !node->plain || !node->length ||
      strspn(node->text, "0123456789+-.eE") != node->length)
    return FALSE;
  *value_r = g_ascii_strtod(node->text, &end);
  return *end == '\0';
}

gboolean
siaga_yaml_to_bool(const SiagaYaml *node, gboolean *value_r)
{
  static const gchar *const words[] = { "false", "true", "no", "yes", "off", "on" };
  if (node->kind != SIAGA_YAML_SCALAR || !node->plain)
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS(words); i++)
    if (g_ascii_strcasecmp(node->text, words[i]) == 0)
      {
        *value_r = i % 2;
        return TRUE;
      }
  return FALSE;
}

gboolean
siaga_yaml_check_keys(const SiagaYaml *map, const gchar *const *allowed, SiagaDiag *diag)
{
  gboolean ok = TRUE;
  for (guint i = 0; i < map->size; i++)
    {
      if (g_strv_contains(allowed, map->keys[i]->text))
        continue;
      gchar *list = g_strjoinv(", ", (gchar **) allowed);
      siaga_diag_error(diag, map->keys[i]->place, "unknown key '%s'; expected one of: %s", map->keys[i]->text, list);
      g_free(list);
      ok = FALSE;
    }
  return ok;
}
