/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Reads the field registry. */

#include <siaga/field.h>
#include <siaga/nearest.h>
#include <siaga/yaml.h>

#include <string.h>

struct _SiagaFields
{
  gint references;
  guint count;
  SiagaField fields[SIAGA_FIELD_MAX];
  GHashTable *by_name; /* name -> id + 1 */
  guint32 fingerprint;
};

static const gchar *const known_names[] = {
#define SIAGA_KNOWN_FIELD(id, name) name,
#include <siaga/known-fields.def>
#undef SIAGA_KNOWN_FIELD
};

static const gchar *const type_names[] = { "keyword", "long", "double", "ip", "date", "boolean" };

static SiagaFields *
_new(void)
{
  SiagaFields *self = g_new0(SiagaFields, 1);
  self->references = 1;
  self->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  for (guint i = 0; i < G_N_ELEMENTS(known_names); i++)
    {
      gchar *name = g_strdup(known_names[i]);
      g_hash_table_insert(self->by_name, name, GUINT_TO_POINTER(i + 1));
    }
  self->count = G_N_ELEMENTS(known_names);
  return self;
}

static gboolean
_read_type(const SiagaYaml *definition, SiagaFieldType *type_r, SiagaDiag *diag)
{
  const gchar *name = siaga_yaml_get_text(definition, "type");
  *type_r = SIAGA_FT_KEYWORD;
  if (!name)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS(type_names); i++)
    if (strcmp(name, type_names[i]) == 0)
      {
        *type_r = i;
        return TRUE;
      }
  siaga_diag_error(diag, siaga_yaml_get(definition, "type")->place,
                   "unknown type '%s'; expected keyword, long, double, ip, date or boolean", name);
  return FALSE;
}

static gboolean
_flag(const SiagaYaml *definition, const gchar *key)
{
  gboolean value = FALSE;
  const SiagaYaml *node = siaga_yaml_get(definition, key);
  return node && siaga_yaml_to_bool(node, &value) && value;
}

static gchar **
_values(const SiagaYaml *definition)
{
  const SiagaYaml *list = siaga_yaml_get(definition, "values");
  if (!list || list->kind != SIAGA_YAML_LIST)
    return NULL;
  GPtrArray *values = g_ptr_array_new();
  for (guint i = 0; i < list->size; i++)
    if (list->values[i]->kind == SIAGA_YAML_SCALAR)
      g_ptr_array_add(values, g_strdup(list->values[i]->text));
  g_ptr_array_add(values, NULL);
  return (gchar **) g_ptr_array_free(values, FALSE);
}

static gboolean
_name_is_valid(const gchar *name)
{
  return *name && *name != '.' && !g_str_has_suffix(name, ".") && !strstr(name, "..") && strlen(name) < 200 &&
         strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_.") == strlen(name);
}

static gboolean
_read_field(SiagaFields *self, const SiagaYaml *key, const SiagaYaml *definition, SiagaDiag *diag)
{
  static const gchar *const allowed[] = { "type", "text", "list", "internal", "personal", "values", NULL };
  SiagaFieldType type;

  if (!_name_is_valid(key->text))
    {
      siaga_diag_error(diag, key->place, "'%s' is no field name: lower case letters, digits, '_' and '.'", key->text);
      return FALSE;
    }
  if (definition->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, definition->place, "expected { type: …, text: … } for '%s'", key->text);
      return FALSE;
    }
  if (!siaga_yaml_check_keys(definition, allowed, diag) || !_read_type(definition, &type, diag))
    return FALSE;
  SiagaFieldId id = siaga_fields_lookup(self, key->text, -1);
  if (id == SIAGA_FIELD_NONE)
    {
      if (self->count == SIAGA_FIELD_MAX)
        {
          siaga_diag_error(diag, key->place, "more than %d fields", SIAGA_FIELD_MAX);
          return FALSE;
        }
      id = self->count++;
      g_hash_table_insert(self->by_name, g_strdup(key->text), GUINT_TO_POINTER(id + 1));
    }
  else if (self->fields[id].name)
    {
      siaga_diag_error(diag, key->place, "field '%s' is registered already", key->text);
      return FALSE;
    }
  SiagaField *field = &self->fields[id];
  field->name = g_strdup(key->text);
  field->type = type;
  field->list = _flag(definition, "list");
  field->internal = _flag(definition, "internal");
  field->personal = _flag(definition, "personal");
  field->values = _values(definition);
  return TRUE;
}

/* '.' before all else, so that "a.b" and "a.c" stand together and "a_b" does not part them. */
static gint
_compare_names(gconstpointer a, gconstpointer b)
{
  const gchar *x = (*(const SiagaField *const *) a)->name;
  const gchar *y = (*(const SiagaField *const *) b)->name;
  for (; *x && *x == *y; x++, y++)
    ;
  gint left = *x == '.' ? 1 : *x ? (guchar) *x + 1 : 0;
  gint right = *y == '.' ? 1 : *y ? (guchar) *y + 1 : 0;
  return left - right;
}

static void
_update_order(SiagaFields *self)
{
  SiagaField *sorted[SIAGA_FIELD_MAX];
  GString *all = g_string_new(NULL);

  for (guint i = 0; i < self->count; i++)
    {
      sorted[i] = &self->fields[i];
      g_string_append_printf(all, "%s:%d ", self->fields[i].name, self->fields[i].type);
    }
  qsort(sorted, self->count, sizeof sorted[0], _compare_names);
  for (guint i = 0; i < self->count; i++)
    sorted[i]->rank = i;
  self->fingerprint = g_str_hash(all->str);
  g_string_free(all, TRUE);
}

gboolean
siaga_fields_extend(SiagaFields *self, const gchar *path, SiagaDiag *diag)
{
  SiagaYamlFile *file = siaga_yaml_load(path, diag);
  gboolean ok = TRUE;

  if (!file)
    return FALSE;
  const SiagaYaml *fields = file->documents->len ? siaga_yaml_get(file->documents->pdata[0], "fields") : NULL;
  if (!fields || fields->kind != SIAGA_YAML_MAP)
    {
      siaga_diag_error(diag, (SiagaPlace){ path, 1, 1 }, "expected a map 'fields:' of field names");
      ok = FALSE;
    }
  else
    for (guint i = 0; i < fields->size; i++)
      ok = _read_field(self, fields->keys[i], fields->values[i], diag) && ok;
  siaga_yaml_free(file);
  if (self->fingerprint)
    _update_order(self);
  return ok;
}

static gboolean
_known_fields_are_there(SiagaFields *self, const gchar *path, SiagaDiag *diag)
{
  gboolean ok = TRUE;
  for (guint i = 0; i < SIAGA_F_KNOWN_COUNT; i++)
    if (!self->fields[i].name)
      {
        siaga_diag_error(diag, (SiagaPlace){ path, 0, 0 }, "the field '%s' is missing", known_names[i]);
        self->fields[i].name = g_strdup(known_names[i]);
        ok = FALSE;
      }
  return ok;
}

SiagaFields *
siaga_fields_load(const gchar *path, SiagaDiag *diag)
{
  SiagaFields *self = _new();
  gboolean ok = siaga_fields_extend(self, path, diag);
  if (!_known_fields_are_there(self, path, diag) || !ok)
    {
      siaga_fields_unref(self);
      return NULL;
    }
  _update_order(self);
  return self;
}

SiagaFields *
siaga_fields_ref(SiagaFields *self)
{
  g_atomic_int_inc(&self->references);
  return self;
}

void
siaga_fields_unref(SiagaFields *self)
{
  if (!self || !g_atomic_int_dec_and_test(&self->references))
    return;
  for (guint i = 0; i < self->count; i++)
    {
      g_free((gchar *) self->fields[i].name);
      g_strfreev(self->fields[i].values);
    }
  g_hash_table_unref(self->by_name);
  g_free(self);
}

SiagaFieldId
siaga_fields_lookup(const SiagaFields *self, const gchar *name, gssize len)
{
  gchar buffer[256];
  gsize length = len < 0 ? strlen(name) : (gsize) len;
  if (length >= sizeof buffer)
    return SIAGA_FIELD_NONE;
  memcpy(buffer, name, length);
  buffer[length] = '\0';
  gpointer id = g_hash_table_lookup(self->by_name, buffer);
  return id ? GPOINTER_TO_UINT(id) - 1 : SIAGA_FIELD_NONE;
}

const SiagaField *
siaga_fields_get(const SiagaFields *self, SiagaFieldId id)
{
  return &self->fields[id];
}

guint
siaga_fields_count(const SiagaFields *self)
{
  return self->count;
}

guint32
siaga_fields_fingerprint(const SiagaFields *self)
{
  return self->fingerprint;
}

const gchar *
siaga_fields_suggest(const SiagaFields *self, const gchar *name)
{
  const gchar *nearest = NULL;
  guint distance = SIAGA_NAME_NEAR;
  for (guint i = 0; i < self->count; i++)
    siaga_name_keep_nearest(name, self->fields[i].name, &distance, &nearest);
  return nearest;
}
