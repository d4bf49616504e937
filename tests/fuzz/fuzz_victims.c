/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Fuzzes tables: of victims, and of the agencies, bait words and allowances of look-alikes; what they accept is asked.
 */

#include "fuzz.h"

#include <siaga/lookalike.h>
#include <siaga/victim.h>

#include <libpsl.h>
#include <string.h>
#include <unistd.h>

static void
ask(const SiagaVictims *victims, const SiagaLookalikes *lookalikes, const gchar *text, gsize length)
{
  static const gchar *const names[] = { "www.kementerian.go.id", "contohkab.go.id",     "10.1.2.3",
                                        "2001:db8::1",           "pajak-go-id.example", "xn--pjk-6cdb.example" };
  SiagaVictim victim;
  SiagaLookalike found;
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    {
      siaga_victims_by_name(victims, names[i], strlen(names[i]), &victim);
      siaga_victims_by_address(victims, names[i], strlen(names[i]), &victim);
      siaga_lookalikes_check(lookalikes, names[i], strlen(names[i]), &found);
    }
  siaga_victims_by_name(victims, text, length, &victim);
  siaga_lookalikes_check(lookalikes, text, length, &found);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static gchar *path;
  static psl_ctx_t *psl;
  if (!path)
    {
      path = g_strdup_printf("/tmp/siaga-fuzz-%d.csv", (int) getpid());
      psl = (psl_ctx_t *) psl_builtin();
    }
  if (!g_file_set_contents(path, (const gchar *) data, size, NULL))
    return 0;
  SiagaDiag *diag = siaga_diag_new();
  SiagaVictims *victims = siaga_victims_new();
  siaga_victims_set_public_suffixes(victims, psl);
  siaga_victims_load(victims, path, diag);
  siaga_victims_finish(victims, diag);
  SiagaLookalikes *lookalikes = siaga_lookalikes_new(victims, psl);
  siaga_lookalikes_load_agencies(lookalikes, path, diag);
  siaga_lookalikes_load_bait(lookalikes, path, diag);
  siaga_lookalikes_load_allow(lookalikes, path, diag);
  ask(victims, lookalikes, (const gchar *) data, MIN(size, 300));
  siaga_lookalikes_free(lookalikes);
  siaga_victims_unref(victims);
  siaga_diag_free(diag);
  unlink(path);
  return 0;
}
