/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Fuzzes the reader of sharing policies; what it accepts decides on an incident and redacts it. */

#include "fuzz.h"

#include <siaga/share.h>

#include <string.h>
#include <unistd.h>

static const gchar line[] =
    "{\"rule\":{\"id\":\"r\",\"name\":\"Rule\",\"level\":\"high\",\"category\":\"brute-force\"},"
    "\"source\":{\"ip\":\"192.0.2.7\",\"actor\":\"192.0.2.7\"},\"siaga\":{\"incident\":{"
    "\"id\":\"0f9a2f8e-7b0c-5d55-9a55-0123456789ab\",\"state\":\"open\",\"revision\":1,"
    "\"first_seen\":\"2026-11-21T02:36:20Z\",\"last_seen\":\"2026-11-21T02:37:20Z\",\"count\":9,\"level\":\"high\","
    "\"distinct\":{\"users\":{\"count\":1,\"first\":[\"siti\"]}},\"fields\":{\"url.path\":\"/a/siti\"},"
    "\"evidence\":[{\"time\":\"2026-11-21T02:36:20Z\",\"line\":\"login of siti from 10.0.0.1\"}]},"
    "\"victim\":{\"domain\":\"www.kementerian.go.id\",\"country\":\"ID\",\"sector\":\"government\"}}}";

static void
share_with_all(const SiagaShare *share, const SiagaIncident *incident, GString *out)
{
  SiagaTlp tlp;
  for (guint i = 0; i < siaga_share_size(share); i++)
    {
      if (!siaga_share_decide(share, i, incident, &tlp, out))
        continue;
      SiagaIncident *redacted = siaga_share_redact(share, i, tlp, incident);
      siaga_incident_write_json(redacted, out);
      siaga_incident_free(redacted);
    }
  siaga_share_explain(share, incident, out);
  g_string_truncate(out, 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static gchar *path;
  static SiagaIncident *incident;
  static GString *out;
  if (!path)
    {
      path = g_strdup_printf("/tmp/siaga-fuzz-%d.yaml", (int) getpid());
      incident = siaga_incident_read_json(line, strlen(line), NULL);
      out = g_string_new(NULL);
      if (!incident)
        siaga_fuzz_found("the incident is none");
    }
  if (!g_file_set_contents(path, (const gchar *) data, size, NULL))
    return 0;
  SiagaDiag *diag = siaga_diag_new();
  SiagaShare *share = siaga_share_new();
  siaga_share_load(share, path, diag);
  share_with_all(share, incident, out);
  siaga_share_free(share);
  siaga_diag_free(diag);
  unlink(path);
  return 0;
}
