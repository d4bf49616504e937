/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Fuzzes the formats: an incident whose every text is the input.  JSON must parse, XML must be well-formed, and neither
 * may have more members or elements than with harmless text. */

#include "fuzz.h"

#include <siaga/export.h>

#include <json-c/json.h>
#include <string.h>

static SiagaRule rule = { .id = "1b2c3d4e-0000-4000-8000-00000000abcd", .level = SIAGA_LEVEL_HIGH };

static SiagaIncident *
make_incident(const gchar *text, gsize length)
{
  SiagaIncident *incident = siaga_incident_new();
  SiagaEvidence *evidence = g_new0(SiagaEvidence, 1);
  rule.name = rule.title = rule.description = (gchar *) text;
  incident->rule = &rule;
  memcpy(incident->uuid, "0f9a2f8e-7b0c-5d55-9a55-0123456789ab", 37);
  incident->revision = incident->count = 1;
  incident->level = SIAGA_LEVEL_HIGH;
  incident->source_ip = g_strdup("192.0.2.7");
  incident->victim_domain = g_strdup(text);
  incident->victim_owner = g_strdup(text);
  incident->victim_sector = g_strdup(text);
  incident->victim_csirt = g_strdup(text);
  incident->users.distinct = incident->sources.distinct = 1;
  g_ptr_array_add(incident->users.first, g_strdup(text));
  g_ptr_array_add(incident->sources.first, g_strdup(text));
  evidence->line = g_memdup2(text, length + 1);
  evidence->length = length;
  g_ptr_array_add(incident->evidence, evidence);
  return incident;
}

static guint
count_members(struct json_object *object)
{
  guint count = 1;
  if (json_object_is_type(object, json_type_object))
    {
      json_object_object_foreach(object, key, value)
      {
        (void) key;
        count += count_members(value);
      }
    }
  else if (json_object_is_type(object, json_type_array))
    for (size_t i = 0; i < json_object_array_length(object); i++)
      count += count_members(json_object_array_get_idx(object, i));
  return count;
}

static guint
size_of_json(const gchar *text)
{
  struct json_object *object = json_tokener_parse(text);
  if (!object || strchr(text, '\n'))
    siaga_fuzz_found("not one line of JSON: %s", text);
  guint count = count_members(object);
  json_object_put(object);
  return count;
}

static void
count_element(GMarkupParseContext *context, const gchar *name, const gchar **names, const gchar **values,
              gpointer count, GError **error)
{
  (void) context, (void) name, (void) values, (void) error;
  *(guint *) count += 1 + g_strv_length((gchar **) names);
}

static guint
size_of_xml(const gchar *text)
{
  static const GMarkupParser parser = { .start_element = count_element };
  guint count = 0;
  GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, &count, NULL);
  if (!g_markup_parse_context_parse(context, text, -1, NULL) || !g_markup_parse_context_end_parse(context, NULL) ||
      strchr(text, '\n'))
    siaga_fuzz_found("not one line of XML: %s", text);
  g_markup_parse_context_free(context);
  return count;
}

static guint
size_of(const gchar *text, gsize length, SiagaExportFormat format, SiagaExportForm form)
{
  SiagaExportOptions options = { .tlp = SIAGA_TLP_AMBER, .form = form, .producer = text };
  SiagaIncident *incident = make_incident(text, length);
  GString *out = g_string_new(NULL);
  siaga_export(incident, format, &options, out);
  if (form == SIAGA_EXPORT_STIX_OBJECTS)
    {
      g_string_prepend_c(out, '[');
      g_string_append_c(out, ']');
    }
  guint size = format == SIAGA_EXPORT_IODEF ? size_of_xml(out->str) : size_of_json(out->str);
  g_string_free(out, TRUE);
  siaga_incident_free(incident);
  return size;
}

/* TEXT without what could end a string or an element: what it means, an address or a host, has the same parts. */
static gchar *
harmless_twin(const gchar *text)
{
  gchar *twin = g_strdup(text);
  for (gchar *p = twin; *p; p++)
    if ((guchar) *p < ' ' || *p == 0x7f || strchr("\"\\<>&'", *p))
      *p = 'a';
  return twin;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const struct
  {
    SiagaExportFormat format;
    SiagaExportForm form;
  } all[] = {
    { SIAGA_EXPORT_STIX, SIAGA_EXPORT_WHOLE },         { SIAGA_EXPORT_STIX, SIAGA_EXPORT_STIX_OBJECTS },
    { SIAGA_EXPORT_MISP, SIAGA_EXPORT_WHOLE },         { SIAGA_EXPORT_MISP, SIAGA_EXPORT_MISP_OBJECTS },
    { SIAGA_EXPORT_MISP, SIAGA_EXPORT_MISP_REVISION }, { SIAGA_EXPORT_IODEF, SIAGA_EXPORT_WHOLE },
    { SIAGA_EXPORT_INTELMQ, SIAGA_EXPORT_WHOLE },
  };
  if (!size)
    return 0;
  gchar *text = g_strndup((const gchar *) data, size);
  rule.category = text; /* of both: a category that the formats know has parts of its own */
  gchar *twin = harmless_twin(text);
  for (guint i = 0; *text && i < G_N_ELEMENTS(all); i++)
    {
      guint plain = size_of(twin, strlen(twin), all[i].format, all[i].form);
      guint hostile = size_of(text, strlen(text), all[i].format, all[i].form);
      if (hostile > plain + 8)
        siaga_fuzz_found("form %u of format %u has %u parts instead of %u", all[i].form, all[i].format, hostile, plain);
    }
  g_free(twin);
  g_free(text);
  return 0;
}
