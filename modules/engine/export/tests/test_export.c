/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Each format: valid by its published schema, deterministic, and closed against hostile text. */

#include <siaga/export.h>

#include "engine/export/tests/sample-incident.h"
#include "tests/harness/run.h"

#include <glib/gstdio.h>
#include <json-c/json.h>

static SiagaIncident *incident;

static void
setup(void)
{
  incident = sample_incident();
}

static void
teardown(void)
{
  siaga_incident_free(incident);
}

static gchar *
export_in_form(SiagaExportFormat format, SiagaExportForm form, SiagaTlp tlp)
{
  SiagaExportOptions options = { .tlp = tlp, .form = form, .producer = "CSIRT \"Contoh\" & <co>" };
  GString *out = g_string_new(NULL);
  siaga_export(incident, format, &options, out);
  return g_string_free(out, FALSE);
}

static gchar *
export_as(SiagaExportFormat format, SiagaTlp tlp)
{
  return export_in_form(format, SIAGA_EXPORT_WHOLE, tlp);
}

static struct json_object *
parse(const gchar *text)
{
  struct json_object *object = json_tokener_parse(text);
  ck_assert_msg(object != NULL, "not JSON: %s", text);
  return object;
}

static const gchar *
member(struct json_object *object, const gchar *key)
{
  struct json_object *value = NULL;
  return json_object_object_get_ex(object, key, &value) ? json_object_get_string(value) : NULL;
}

START_TEST(labels_have_their_names)
{
  static const gchar *const names[] = { "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED" };
  SiagaTlp tlp;
  ck_assert_str_eq(siaga_tlp_name(_i), names[_i]);
  ck_assert(siaga_tlp_by_name(names[_i], &tlp));
  ck_assert_uint_eq(tlp, _i);
  ck_assert(siaga_tlp_by_name(names[_i] + 4, &tlp));
  ck_assert_uint_eq(tlp, _i);
}
END_TEST

START_TEST(a_label_of_the_first_tlp_is_refused)
{
  SiagaTlp tlp;
  ck_assert(!siaga_tlp_by_name("TLP:WHITE", &tlp));
  ck_assert(!siaga_tlp_by_name("", &tlp));
}
END_TEST

START_TEST(the_same_incident_gives_the_same_text_on_one_line)
{
  gchar *first = export_as(_i, SIAGA_TLP_AMBER), *second = export_as(_i, SIAGA_TLP_AMBER);
  ck_assert_str_eq(first, second);
  ck_assert_ptr_null(strchr(first, '\n'));
  ck_assert(g_utf8_validate(first, -1, NULL));
  ck_assert_ptr_null(strstr(first, "\x01"));
  g_free(first);
  g_free(second);
}
END_TEST

START_TEST(a_spoofed_source_is_no_attacker)
{
  incident->spoofed = TRUE;
  g_ptr_array_set_size(incident->evidence, 0);
  gchar *text = export_as(_i, SIAGA_TLP_AMBER);
  ck_assert_msg(strstr(text, "192.0.2.7") == NULL, "%s", text);
  ck_assert_msg(strstr(text, "2001:db8") == NULL, "%s", text);
  ck_assert_ptr_null(strstr(text, "indicator--"));
  g_free(text);
}
END_TEST

START_TEST(visitors_of_a_page_are_no_attackers)
{
  incident->crowd = TRUE;
  g_ptr_array_set_size(incident->evidence, 0);
  gchar *text = export_as(_i, SIAGA_TLP_AMBER);
  ck_assert_msg(strstr(text, "192.0.2.7") == NULL, "%s", text);
  ck_assert_ptr_null(strstr(text, "indicator--"));
  g_free(text);
}
END_TEST

START_TEST(intelmq_gets_the_harmonised_fields)
{
  gchar *text = export_as(SIAGA_EXPORT_INTELMQ, SIAGA_TLP_AMBER_STRICT);
  struct json_object *event = parse(text);
  ck_assert_str_eq(member(event, "classification.taxonomy"), "intrusion-attempts");
  ck_assert_str_eq(member(event, "classification.type"), "brute-force");
  ck_assert_str_eq(member(event, "source.ip"), "192.0.2.7");
  ck_assert_str_eq(member(event, "destination.fqdn"), "web1.kementerian.go.id");
  ck_assert_str_eq(member(event, "time.source"), "2026-11-21T02:36:20.123456+00:00");
  ck_assert_str_eq(member(event, "tlp"), "RED");
  ck_assert_str_eq(member(event, "extra.tlp"), "TLP:AMBER+STRICT");
  json_object_put(event);
  g_free(text);
}
END_TEST

/* harmonization.py: an address is no FQDN, and each label has 1 to 63 characters. */
#define LABEL_OF_64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
static const gchar *const no_names[] = { "192.0.2.1",   "web1..go.id", ".go.id",
                                         "web1.go.id.", "printer",     LABEL_OF_64 ".go.id" };

START_TEST(intelmq_gets_no_name_that_is_none)
{
  g_free(incident->victim_domain);
  incident->victim_domain = g_strdup(no_names[_i]);
  gchar *text = export_as(SIAGA_EXPORT_INTELMQ, SIAGA_TLP_AMBER);
  struct json_object *event = parse(text);
  ck_assert_msg(!json_object_object_get_ex(event, "destination.fqdn", NULL), "%s", no_names[_i]);
  ck_assert_str_eq(member(event, "destination.local_hostname"), no_names[_i]);
  json_object_put(event);
  g_free(text);
}
END_TEST

/* Where each format says that a text is the name of a host. */
static const gchar *const name_places[] = {
  [SIAGA_EXPORT_STIX] = "\"domain-name\"",
  [SIAGA_EXPORT_MISP] = "\"type\":\"domain\"",
  [SIAGA_EXPORT_IODEF] = "<DomainData",
  [SIAGA_EXPORT_INTELMQ] = "\"destination.fqdn\"",
};

START_TEST(a_text_that_is_no_name_stands_nowhere_as_one)
{
  static const gchar *const texts[] = { "192.0.2.1", "2001:db8::1", "web1..go.id", "a b.go.id", "x/../go.id", "]]>" };
  SiagaRule rule = sample_rule;
  rule.category = "dns-flood";
  incident->rule = &rule;
  SiagaExportForm form = _i == SIAGA_EXPORT_MISP ? SIAGA_EXPORT_MISP_OBJECTS : SIAGA_EXPORT_WHOLE;
  gchar *text = export_in_form(_i, form, SIAGA_TLP_AMBER);
  ck_assert_ptr_nonnull(strstr(text, name_places[_i]));
  g_free(text);
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
    {
      g_free(incident->victim_domain);
      incident->victim_domain = g_strdup(texts[i]);
      text = export_in_form(_i, form, SIAGA_TLP_AMBER);
      ck_assert_msg(strstr(text, name_places[_i]) == NULL, "%s: %s", texts[i], text);
      g_free(text);
    }
  incident->rule = &sample_rule;
}
END_TEST

/* IntelMQ's harmonisation refuses 0.0.0.0. */
START_TEST(no_address_at_all_is_nobody)
{
  static const gchar *const texts[] = { "0.0.0.0", "::", "::ffff:0.0.0.0" };
  SiagaExportForm form = _i == SIAGA_EXPORT_MISP ? SIAGA_EXPORT_MISP_OBJECTS : SIAGA_EXPORT_WHOLE;
  g_ptr_array_set_size(incident->evidence, 0);
  for (guint i = 0; i < G_N_ELEMENTS(texts); i++)
    {
      g_free(incident->source_ip);
      g_free(incident->source_actor);
      g_free(incident->victim_ip);
      incident->source_ip = g_strdup(texts[i]);
      incident->source_actor = g_strdup(texts[i]);
      incident->victim_ip = g_strdup(texts[i]);
      g_ptr_array_set_size(incident->sources.first, 0);
      gchar *text = export_in_form(_i, form, SIAGA_TLP_AMBER);
      gchar *in_json = g_strdup_printf("\"value\":\"%s\"", texts[i]),
            *in_intelmq = g_strdup_printf(".ip\":\"%s", texts[i]);
      gchar *in_xml = g_strdup_printf(">%s<", texts[i]);
      ck_assert_msg(!strstr(text, in_json) && !strstr(text, in_intelmq) && !strstr(text, in_xml), "%s: %s", texts[i],
                    text);
      ck_assert_ptr_null(strstr(text, "indicator--"));
      g_free(in_json);
      g_free(in_intelmq);
      g_free(in_xml);
      g_free(text);
    }
}
END_TEST

static struct json_object *
find_object(struct json_object *bundle, const gchar *type)
{
  struct json_object *objects;
  ck_assert(json_object_object_get_ex(bundle, "objects", &objects));
  for (size_t i = 0; i < json_object_array_length(objects); i++)
    if (strcmp(member(json_object_array_get_idx(objects, i), "type"), type) == 0)
      return json_object_array_get_idx(objects, i);
  ck_abort_msg("no %s in the bundle", type);
}

START_TEST(stix_has_each_object_and_the_official_marking)
{
  gchar *text = export_as(SIAGA_EXPORT_STIX, SIAGA_TLP_GREEN);
  struct json_object *bundle = parse(text);
  static const gchar *const types[] = { "incident",  "identity",       "indicator", "observed-data",
                                        "ipv4-addr", "attack-pattern", "sighting",  "relationship" };
  for (guint i = 0; i < G_N_ELEMENTS(types); i++)
    find_object(bundle, types[i]);
  ck_assert_str_eq(member(find_object(bundle, "marking-definition"), "id"),
                   "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb");
  ck_assert_str_eq(member(find_object(bundle, "indicator"), "pattern"), "[ipv4-addr:value = '192.0.2.7']");
  ck_assert_str_eq(member(find_object(bundle, "incident"), "id"), "incident--0f9a2f8e-7b0c-5d55-9a55-0123456789ab");
  ck_assert_str_eq(member(find_object(bundle, "incident"), "modified"), "2026-11-21T02:37:21.123Z");
  /* Python: uuid5(UUID("00abedb4-aa42-466c-9c01-fed23315a9b7"), '{"value":"192.0.2.7"}') */
  ck_assert_str_eq(member(find_object(bundle, "ipv4-addr"), "id"), "ipv4-addr--fe609036-dbde-52d8-a120-35d115a7d338");
  json_object_put(bundle);
  g_free(text);
}
END_TEST

START_TEST(hostile_text_stays_inside_its_record)
{
  gchar *text = export_as(SIAGA_EXPORT_IODEF, SIAGA_TLP_AMBER);
  ck_assert_ptr_null(strstr(text, "</RecordItem>]]>"));
  ck_assert_ptr_nonnull(strstr(text, "&lt;/RecordItem&gt;]]&gt;&lt;x a=&apos;&quot;&amp;amp;&quot;&apos;&gt;"));
  g_free(text);
}
END_TEST

static void
write_samples(const gchar *dir, const gchar *stem)
{
  for (guint format = 0; format < SIAGA_EXPORT_COUNT; format++)
    for (guint tlp = 0; tlp < SIAGA_TLP_COUNT; tlp++)
      {
        gchar *text = export_as(format, tlp);
        gchar *path = g_strdup_printf("%s/%s-%u.%s", dir, stem, tlp, siaga_export_format_name(format));
        ck_assert(g_file_set_contents(path, text, -1, NULL));
        g_free(path);
        g_free(text);
      }
}

static void
make_bare(void)
{
  g_clear_pointer(&incident->source_ip, g_free);
  g_clear_pointer(&incident->source_actor, g_free);
  g_clear_pointer(&incident->source_country, g_free);
  g_clear_pointer(&incident->victim_domain, g_free);
  g_clear_pointer(&incident->victim_ip, g_free);
  g_clear_pointer(&incident->victim_owner, g_free);
  g_clear_pointer(&incident->victim_country, g_free);
  g_ptr_array_set_size(incident->sources.first, 0);
  g_ptr_array_set_size(incident->users.first, 0);
  g_ptr_array_set_size(incident->evidence, 0);
  incident->changed = 0;
  incident->state = SIAGA_INCIDENT_CLOSE;
}

static gchar *
huge_text(void)
{
  gchar *half = g_strnfill(32768, 'A');
  gchar *text = g_strconcat(half, "\xc3\xa9<&\"", half, NULL);
  g_free(half);
  return text;
}

static void
set_text(gchar **place, const gchar *text)
{
  g_free(*place);
  *place = g_strdup(text);
}

/* TEXT wherever an incident carries what a log or a table said. */
static void
fill_with(const gchar *text)
{
  set_text(&incident->victim_domain, text);
  set_text(&incident->victim_owner, text);
  set_text(&incident->victim_sector, text);
  set_text(&incident->victim_csirt, text);
  g_ptr_array_add(incident->users.first, g_strdup(text));
  g_ptr_array_add(incident->sources.first, g_strdup(text));
  g_ptr_array_add(incident->targets.first, g_strdup(text));
  g_ptr_array_add(incident->tags, g_strdup(text));
  g_ptr_array_add(incident->fields, g_strdup("url.path"));
  g_ptr_array_add(incident->fields, g_strdup(text));
  sample_add_evidence(incident, incident->first_seen, text);
}

static const gchar *const hostile_texts[] = {
  "]]>",
  "<![CDATA[x]]>&b;<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>",
  "\"}],\"x\":[{\"",
  "\\",
  "\\u0000\\ud800",
  "' OR x = 1] AND [url:value = '",
  "\x01\x08\x0b\x0c\x1f\x7f\xc2\x85\r\n\t",
  "\xed\xa0\x80\xed\xb0\x80" /* surrogates */,
  "\xef\xbf\xbe\xef\xbf\xbf" /* no characters */,
  "\xc0\xaf\xf8\x88\x80\x80\x80\xff\xe2\x82" /* no UTF-8 */,
  "\xe2\x80\xa8\xe2\x80\xae\xf0\x9f\x92\xa3" /* a line's end, right to left */,
  "",
};

static void
write_hostile_samples(const gchar *dir)
{
  for (guint i = 0; i <= G_N_ELEMENTS(hostile_texts); i++)
    {
      gchar *text = i < G_N_ELEMENTS(hostile_texts) ? g_strdup(hostile_texts[i]) : huge_text();
      gchar *stem = g_strdup_printf("hostile-%u", i);
      siaga_incident_free(incident);
      incident = sample_incident();
      fill_with(text);
      write_samples(dir, stem);
      g_free(stem);
      g_free(text);
    }
}

START_TEST(forms_have_their_names)
{
  SiagaExportForm form;
  ck_assert(siaga_export_form_by_name(SIAGA_EXPORT_STIX, "objects", &form));
  ck_assert_uint_eq(form, SIAGA_EXPORT_STIX_OBJECTS);
  ck_assert(siaga_export_form_by_name(SIAGA_EXPORT_MISP, "objects", &form));
  ck_assert_uint_eq(form, SIAGA_EXPORT_MISP_OBJECTS);
  ck_assert(!siaga_export_form_by_name(SIAGA_EXPORT_STIX, "update", &form));
  ck_assert(!siaga_export_form_by_name(SIAGA_EXPORT_IODEF, "objects", &form));
}
END_TEST

START_TEST(bare_objects_are_those_of_the_bundle)
{
  gchar *whole = export_as(SIAGA_EXPORT_STIX, SIAGA_TLP_AMBER);
  gchar *bare = export_in_form(SIAGA_EXPORT_STIX, SIAGA_EXPORT_STIX_OBJECTS, SIAGA_TLP_AMBER);
  gchar *envelope = g_strdup_printf("{\"objects\":[%s,%s]}", bare, bare);
  struct json_object *bundle = parse(whole), *twice = parse(envelope), *objects, *more;
  ck_assert(json_object_object_get_ex(bundle, "objects", &objects));
  ck_assert(json_object_object_get_ex(twice, "objects", &more));
  size_t n = json_object_array_length(objects);
  ck_assert_uint_eq(json_object_array_length(more), 2 * n);
  for (size_t i = 0; i < 2 * n; i++)
    ck_assert_int_ne(json_object_equal(json_object_array_get_idx(objects, i % n), json_object_array_get_idx(more, i)),
                     0);
  json_object_put(bundle);
  json_object_put(twice);
  g_free(envelope);
  g_free(bare);
  g_free(whole);
}
END_TEST

static struct json_object *
misp_event(struct json_object *document)
{
  struct json_object *event;
  ck_assert(json_object_object_get_ex(document, "Event", &event));
  return event;
}

static const struct
{
  const gchar *category;
  const gchar *objects[2];
} misp_objects[] = {
  { "brute-force", { "victim", "authentication-failure-report" } },
  { "dns-flood", { "victim", "ddos" } },
  { "web-attack", { "victim", NULL } },
};

START_TEST(a_misp_event_has_its_objects)
{
  SiagaRule rule = sample_rule;
  rule.category = misp_objects[_i].category;
  incident->rule = &rule;
  g_ptr_array_set_size(incident->sources.first, 1);
  gchar *text = export_in_form(SIAGA_EXPORT_MISP, SIAGA_EXPORT_MISP_OBJECTS, SIAGA_TLP_AMBER);
  struct json_object *document = parse(text), *list;
  ck_assert(json_object_object_get_ex(misp_event(document), "Object", &list));
  ck_assert_uint_eq(json_object_array_length(list), misp_objects[_i].objects[1] ? 2 : 1);
  for (size_t i = 0; i < json_object_array_length(list); i++)
    ck_assert_str_eq(member(json_object_array_get_idx(list, i), "name"), misp_objects[_i].objects[i]);
  incident->rule = &sample_rule;
  json_object_put(document);
  g_free(text);
}
END_TEST

START_TEST(a_revision_for_misp_extends_the_first)
{
  gchar *text = export_in_form(SIAGA_EXPORT_MISP, SIAGA_EXPORT_MISP_REVISION, SIAGA_TLP_AMBER);
  struct json_object *document = parse(text);
  ck_assert_str_ne(member(misp_event(document), "uuid"), incident->uuid);
  ck_assert_str_eq(member(misp_event(document), "extends_uuid"), incident->uuid);
  json_object_put(document);
  g_free(text);
  incident->revision = 1;
  text = export_in_form(SIAGA_EXPORT_MISP, SIAGA_EXPORT_MISP_REVISION, SIAGA_TLP_AMBER);
  document = parse(text);
  ck_assert_str_eq(member(misp_event(document), "uuid"), incident->uuid);
  ck_assert_ptr_null(member(misp_event(document), "extends_uuid"));
  json_object_put(document);
  g_free(text);
}
END_TEST

START_TEST(each_format_validates_against_its_published_schema)
{
  gchar *schemas = g_build_filename(g_getenv("SIAGA_SRCDIR"), "..", "shared", "schemas", NULL);
  if (!g_file_test(schemas, G_FILE_TEST_IS_DIR))
    {
      g_printerr("skipped: no schemas in %s\n", schemas);
      g_free(schemas);
      return;
    }
  gchar *dir = g_dir_make_tmp("siaga-export-XXXXXX", NULL);
  write_hostile_samples(dir);
  write_samples(dir, "full");
  incident->spoofed = TRUE;
  write_samples(dir, "spoofed");
  make_bare();
  write_samples(dir, "bare");
  gchar *command =
      g_strdup_printf("'%s' '%s/modules/engine/export/tests/validate.py' '%s' '%s'",
                      g_getenv("PYTHON") ? g_getenv("PYTHON") : "python3", g_getenv("SIAGA_SRCDIR"), schemas, dir);
  int status = system(command);
  ck_assert_msg(status == 0, "%s: %d", command, status);
  g_free(command);
  command = g_strdup_printf("rm -rf '%s'", dir);
  ck_assert_int_eq(system(command), 0);
  g_free(command);
  g_free(dir);
  g_free(schemas);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("export");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_set_timeout(tcase, 120);
  tcase_add_loop_test(tcase, labels_have_their_names, 0, SIAGA_TLP_COUNT);
  tcase_add_test(tcase, a_label_of_the_first_tlp_is_refused);
  tcase_add_loop_test(tcase, the_same_incident_gives_the_same_text_on_one_line, 0, SIAGA_EXPORT_COUNT);
  tcase_add_loop_test(tcase, a_spoofed_source_is_no_attacker, 0, SIAGA_EXPORT_COUNT);
  tcase_add_loop_test(tcase, visitors_of_a_page_are_no_attackers, 0, SIAGA_EXPORT_COUNT);
  tcase_add_test(tcase, intelmq_gets_the_harmonised_fields);
  tcase_add_loop_test(tcase, intelmq_gets_no_name_that_is_none, 0, G_N_ELEMENTS(no_names));
  tcase_add_loop_test(tcase, a_text_that_is_no_name_stands_nowhere_as_one, 0, SIAGA_EXPORT_COUNT);
  tcase_add_loop_test(tcase, no_address_at_all_is_nobody, 0, SIAGA_EXPORT_COUNT);
  tcase_add_test(tcase, stix_has_each_object_and_the_official_marking);
  tcase_add_test(tcase, hostile_text_stays_inside_its_record);
  tcase_add_test(tcase, forms_have_their_names);
  tcase_add_test(tcase, bare_objects_are_those_of_the_bundle);
  tcase_add_loop_test(tcase, a_misp_event_has_its_objects, 0, G_N_ELEMENTS(misp_objects));
  tcase_add_test(tcase, a_revision_for_misp_extends_the_first);
  tcase_add_test(tcase, each_format_validates_against_its_published_schema);
  return run_case("export", tcase);
}
