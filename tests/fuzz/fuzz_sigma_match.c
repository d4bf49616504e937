/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Fuzzes matching with the shipped rules: every backend must find the same.  The first byte is the family, the lines
 * behind it are the whole line and the fields. */

#include "fuzz.h"

#include <siaga/normalise.h>
#include <siaga/rule.h>

#include <stdlib.h>
#include <string.h>

static SiagaRules *
load(const SiagaFields *fields, const gchar *data_dir, const gchar *matcher)
{
  gchar *mapping = g_build_filename(data_dir, "sigma.yaml", NULL);
  gchar *folder = g_build_filename(data_dir, "rules", NULL);
  gchar *placeholders = g_build_filename(data_dir, "placeholders.yaml", NULL);
  SiagaRuleOptions options = { mapping, matcher, FALSE };
  SiagaRules *rules = siaga_rules_new(fields, &options, NULL);
  if (!rules || !siaga_rules_load_placeholders(rules, placeholders, NULL) || !siaga_rules_load(rules, folder, NULL) ||
      !siaga_rules_finish(rules, NULL))
    siaga_fuzz_found("the shipped rules do not load");
  g_free(mapping);
  g_free(folder);
  g_free(placeholders);
  return rules;
}

static void
fill(SiagaEvent *event, const gchar *text, gsize size)
{
  static const SiagaFieldId order[] = {
    SIAGA_F_URL_ORIGINAL,        SIAGA_F_USER_AGENT_ORIGINAL, SIAGA_F_HTTP_REQUEST_REFERRER,
    SIAGA_F_HTTP_REQUEST_METHOD, SIAGA_F_DNS_QUESTION_NAME,   SIAGA_F_DNS_QUESTION_TYPE,
    SIAGA_F_USER_NAME,           SIAGA_F_EVENT_ACTION,        SIAGA_F_PROCESS_NAME,
  };
  siaga_event_reset(event);
  event->family = size ? text[0] & 3 : 0;
  event->parsed = event->family != SIAGA_FAMILY_NONE;
  const gchar *p = size ? text + 1 : text, *end = text + size;
  event->original = p;
  event->original_length = end - p;
  for (guint i = 0; p < end && i < G_N_ELEMENTS(order); i++)
    {
      const gchar *stop = memchr(p, '\n', end - p);
      gsize length = (stop ? stop : end) - p;
      if (length)
        siaga_event_set(event, order[i], p, length);
      p += length + 1;
    }
}

static void
report(const gchar *backend, const SiagaRules *rules, const SiagaHits *hits)
{
  for (guint i = 0; i < hits->count; i++)
    g_printerr("%s: %s\n", backend, siaga_rules_get(rules, hits->rule[i])->title);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static const gchar *const backends[] = { "plain", "seldom", "hs", "pcre2" };
  static SiagaFields *fields;
  static SiagaRules *rules[G_N_ELEMENTS(backends)];
  static SiagaEvent *event;
  static gchar *data_dir;
  SiagaNormaliser normaliser = { NULL, NULL };
  SiagaHits plain, hits;

  if (!fields)
    {
      fields = siaga_fuzz_fields(&data_dir);
      for (guint i = 0; i < G_N_ELEMENTS(backends); i++)
        rules[i] = load(fields, data_dir, backends[i]);
      event = siaga_event_new(fields);
    }
  fill(event, (const gchar *) data, size);
  siaga_normalise(&normaliser, event);
  siaga_rules_match(rules[0], event, &plain);
  for (guint i = 1; i < G_N_ELEMENTS(backends); i++)
    {
      siaga_rules_match(rules[i], event, &hits);
      if (hits.count == plain.count && memcmp(hits.rule, plain.rule, hits.count * sizeof hits.rule[0]) == 0)
        continue;
      report(backends[0], rules[0], &plain);
      report(backends[i], rules[i], &hits);
      abort();
    }
  return 0;
}
