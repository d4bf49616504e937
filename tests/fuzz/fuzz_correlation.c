/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Fuzzes the reader of correlations; what it accepts counts events of three sources, out of order, through a change of
 * rules, and to the end.  Documents may refer to the detections a, b and c, and to one another by name. */

#include "fuzz.h"

#include "engine/correlate/view.h"

#include <string.h>

#define T0 G_GINT64_CONSTANT(1795228200000000)
#define DETECTIONS 3
#define RULES 24
#define EVENTS 120

static SiagaRule rules[RULES];
static const SiagaRule *records[RULES];
static guint count;

static void
add_rule(const gchar *name, gboolean correlation)
{
  static const gchar *const tactics[] = { "credential-access", NULL };
  /* Ids are unique: the loader of rule files sees to it. */
  static gchar ids[RULES][4];
  g_snprintf(ids[count], sizeof ids[count], "%u", count);
  rules[count] = (SiagaRule){ .index = count,
                              .id = ids[count],
                              .name = name,
                              .title = name,
                              .tactics = tactics,
                              .level = SIAGA_LEVEL_HIGH,
                              .correlation = correlation,
                              .version = 1 };
  records[count] = &rules[count];
  count++;
}

static gint
find(gpointer user_data, const gchar *name)
{
  (void) user_data;
  for (guint i = 0; i < count; i++)
    if (records[i] && strcmp(records[i]->name, name) == 0)
      return i;
  return -1;
}

static void
mark(SiagaRules *set, guint index)
{
  (void) set;
  rules[index].referenced = TRUE;
}

static void
read_documents(const SiagaYamlFile *file, SiagaCorrelations *correlations, SiagaDiag *diag)
{
  for (guint i = 0; i < file->documents->len && count < RULES; i++)
    {
      const SiagaYaml *document = file->documents->pdata[i];
      const gchar *name = siaga_yaml_get_text(document, "name");
      add_rule(name ? name : "unnamed", TRUE);
      if (!siaga_correlations_add(correlations, count - 1, document, diag))
        records[count - 1] = NULL;
    }
  siaga_correlations_resolve_with(correlations, find, mark, NULL, diag);
}

static void
feed(SiagaCorrelator *correlator, SiagaEvent *event, guint n, SiagaChanges *changes)
{
  static const gchar *const users[] = { "root", "admin", "rahmat", "sari", "1.5", "-40" };
  SiagaHits hits = { .count = 1 + n % 2, .rule = { n % DETECTIONS, (n + 1) % DETECTIONS } };
  SiagaOrigin origin = { .stream = 1 + n % 2, .line_hash = n + 1 };
  gchar source[16];
  g_snprintf(source, sizeof source, "192.0.2.%u", n / 40);
  siaga_event_reset(event);
  event->time = T0 + (gint64) (n - n % 7 * 3) * 1700000;
  event->time_kind = SIAGA_TIME_LINE;
  event->original = "a line";
  event->original_length = 6;
  siaga_event_set_copy(event, SIAGA_F_SOURCE_IP, source, strlen(source));
  siaga_event_set_copy(event, SIAGA_F_SOURCE_ACTOR, source, strlen(source));
  siaga_event_set(event, SIAGA_F_USER_NAME, users[n % 6], strlen(users[n % 6]));
  siaga_event_set(event, SIAGA_F_HOST_HOSTNAME, "web1", 4);
  siaga_event_add(event, SIAGA_F_HOST_HOSTNAME, "web2", 4);
  siaga_event_set_int(event, SIAGA_F_SOURCE_PORT, 1024 + n);
  siaga_correlator_feed(correlator, event, &hits, &origin, changes);
}

static void
run(const SiagaRuleView *view, SiagaEvent *event)
{
  SiagaCorrelatorOptions options;
  SiagaChanges changes;
  GString *out = g_string_new(NULL);
  siaga_correlator_options_init(&options);
  options.memory_limit = 1024 * 1024;
  siaga_changes_init(&changes);
  SiagaCorrelator *correlator = siaga_correlator_new_view(view, &options);
  for (guint n = 0; n < EVENTS; n++)
    {
      feed(correlator, event, n, &changes);
      if (n == EVENTS / 2)
        siaga_correlator_set_view(correlator, view);
    }
  for (guint i = 0; i < view->count; i++)
    siaga_correlator_explain(correlator, i, event, out);
  siaga_correlator_finish(correlator, &changes);
  siaga_correlator_free(correlator);
  siaga_changes_clear(&changes);
  g_string_free(out, TRUE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static SiagaFields *fields;
  static SiagaEvent *event;
  gchar *data_dir;
  if (!fields)
    {
      fields = siaga_fuzz_fields(&data_dir);
      event = siaga_event_new(fields);
      g_free(data_dir);
    }
  SiagaDiag *diag = siaga_diag_new();
  SiagaYamlFile *file = siaga_yaml_parse("fuzz", (const gchar *) data, size, diag);
  SiagaCorrelations *correlations = siaga_correlations_new(fields);
  count = 0;
  add_rule("a", FALSE);
  add_rule("b", FALSE);
  add_rule("c", FALSE);
  if (file)
    {
      read_documents(file, correlations, diag);
      SiagaRuleView view = { .records = records, .count = count, .correlations = correlations, .fields = fields };
      run(&view, event);
      siaga_yaml_free(file);
    }
  siaga_correlations_free(correlations);
  siaga_diag_free(diag);
  return 0;
}
