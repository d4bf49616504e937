/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Fuzzes the normalisers: the first byte says which family, the rest is what a line gave. */

#include "fuzz.h"

#include <siaga/chain.h>

/* Read so that the sanitizer sees every byte. */
static volatile gchar sum;

static void
_touch(const SiagaEvent *event)
{
  for (guint i = 0; i < event->count; i++)
    for (gsize k = 0; event->values[i].type == SIAGA_VT_TEXT && k < event->values[i].length; k++)
      sum = event->values[i].text[k];
}

static void
_set(SiagaEvent *event, const gchar *text, gsize length)
{
  static const SiagaFieldId fields[] = {
    SIAGA_F_URL_ORIGINAL,
    SIAGA_F_USER_AGENT_ORIGINAL,
    SIAGA_F_HTTP_REQUEST_FORWARDED_FOR,
    SIAGA_F_DNS_QUESTION_NAME,
    SIAGA_F_DNS_ZONE,
    SIAGA_F_USER_NAME,
    SIAGA_F_SOURCE_ADDRESS,
    SIAGA_F_DESTINATION_ADDRESS,
  };
  for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
    siaga_event_set(event, fields[i], text, length);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static SiagaFields *fields;
  static SiagaEvent *event;
  static SiagaNormaliser normaliser;

  if (!fields)
    {
      gchar *data_dir;
      SiagaNetworks *networks = siaga_networks_new();
      fields = siaga_fuzz_fields(&data_dir);
      event = siaga_event_new(fields);
      siaga_networks_add(networks, "10.0.0.0/8");
      normaliser.trusted_proxies = networks;
      normaliser.public_suffixes = siaga_public_suffixes(NULL);
      g_free(data_dir);
    }
  if (!size)
    return 0;
  siaga_event_reset(event);
  event->family = data[0] % 4;
  _set(event, (const gchar *) data + 1, size - 1);
  if (data[0] & 0x80)
    siaga_event_set(event, SIAGA_F_SOURCE_ADDRESS, "10.0.0.1", 8);
  siaga_normalise(&normaliser, event);
  _touch(event);
  return 0;
}
