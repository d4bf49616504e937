/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A short list of networks, searched from end to end: trusted proxies are few. */

#include "engine/base/integer.h"
#include "engine/normalise/address.h"

#include <siaga/normalise.h>

#include <string.h>

typedef struct
{
  SiagaIp address;
  guint bits;
} Network;

struct _SiagaNetworks
{
  GArray *networks;
};

SiagaNetworks *
siaga_networks_new(void)
{
  SiagaNetworks *self = g_new(SiagaNetworks, 1);
  self->networks = g_array_new(FALSE, FALSE, sizeof(Network));
  return self;
}

void
siaga_networks_free(SiagaNetworks *self)
{
  if (!self)
    return;
  g_array_unref(self->networks);
  g_free(self);
}

gboolean
siaga_networks_add(SiagaNetworks *self, const gchar *cidr)
{
  const gchar *slash = strchr(cidr, '/');
  gsize length = slash ? (gsize) (slash - cidr) : strlen(cidr);
  Network network = { .bits = 0 };
  gint64 bits;

  if (!siaga_ip_parse(&network.address, cidr, length, NULL))
    return FALSE;
  guint width = network.address.version == 4 ? 32 : 128;
  bits = width;
  if (slash && !siaga_integer_read(slash + 1, 0, width, &bits))
    return FALSE;
  network.bits = bits;
  g_array_append_val(self->networks, network);
  return TRUE;
}

static gboolean
_covers(const Network *network, const SiagaIp *address)
{
  guint whole = network->bits / 8, rest = network->bits % 8;
  if (network->address.version != address->version || memcmp(network->address.bytes, address->bytes, whole) != 0)
    return FALSE;
  return !rest || (network->address.bytes[whole] ^ address->bytes[whole]) >> (8 - rest) == 0;
}

gboolean
siaga_networks_match(const SiagaNetworks *self, const gchar *text, gsize length)
{
  SiagaIp address;
  if (!siaga_ip_parse(&address, text, length, NULL))
    return FALSE;
  for (guint i = 0; i < self->networks->len; i++)
    if (_covers(&g_array_index(self->networks, Network, i), &address))
      return TRUE;
  return FALSE;
}
