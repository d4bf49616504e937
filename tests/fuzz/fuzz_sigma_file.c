/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Fuzzes the reader of rule files; what it accepts meets one event of each family. */

#include "fuzz.h"

#include <siaga/rule.h>

#include <string.h>
#include <unistd.h>

static void
match(const SiagaRules *rules, SiagaEvent *event, GString *out)
{
  static const gchar line[] = "{\"query\":\"www.kementerian.go.id\"} key=value /a/b.php?x=1%27 root";
  SiagaHits hits;
  for (guint family = SIAGA_FAMILY_NONE; family <= SIAGA_FAMILY_AUTH; family++)
    {
      siaga_event_reset(event);
      event->family = family;
      event->parsed = family != SIAGA_FAMILY_NONE;
      event->original = line;
      event->original_length = strlen(line);
      siaga_event_set(event, SIAGA_F_URL_ORIGINAL, line + 44, 16);
      siaga_event_set(event, SIAGA_F_USER_NAME, line + 61, 4);
      siaga_event_set_int(event, SIAGA_F_HTTP_RESPONSE_STATUS_CODE, 200);
      if (siaga_rules_match(rules, event, &hits))
        siaga_rules_tag_event(rules, &hits, event);
      for (guint i = 0; i < siaga_rules_size(rules); i++)
        siaga_rules_explain(rules, event, i, out);
      g_string_truncate(out, 0);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static SiagaFields *fields;
  static SiagaEvent *event;
  static gchar *data_dir, *mapping, *path;
  static GString *out;

  if (!fields)
    {
      fields = siaga_fuzz_fields(&data_dir);
      event = siaga_event_new(fields);
      mapping = g_build_filename(data_dir, "sigma.yaml", NULL);
      path = g_strdup_printf("/tmp/siaga-fuzz-%d.yml", (int) getpid());
      out = g_string_new(NULL);
    }
  if (!g_file_set_contents(path, (const gchar *) data, size, NULL))
    return 0;
  SiagaRuleOptions options = { mapping, "pcre2", TRUE };
  SiagaDiag *diag = siaga_diag_new();
  SiagaRules *rules = siaga_rules_new(fields, &options, diag);
  siaga_rules_load(rules, path, diag);
  siaga_rules_finish(rules, diag);
  match(rules, event, out);
  siaga_rules_unref(rules);
  siaga_diag_free(diag);
  unlink(path);
  return 0;
}
