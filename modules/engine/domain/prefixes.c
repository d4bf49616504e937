/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Nested networks, flattened into ranges that do not overlap. */

#include "config.h"

#include "engine/domain/prefixes.h"
#include "engine/normalise/address.h"

#include <stdlib.h>
#include <string.h>

#define MAPPED G_GUINT64_CONSTANT(0xffff00000000)
#define DEPTH 129 /* networks that can lie in each other */

typedef struct
{
  SiagaPrefix prefix;
  guint32 value;
  guint32 order;
} Network;

typedef struct
{
  SiagaPrefixAddress start;
  guint32 value;
} Range;

struct _SiagaPrefixes
{
  GArray *networks;  /* of Network */
  GArray *ranges;    /* of Range, ascending; the first starts at :: */
  guint32 v4[65537]; /* by the first 16 bits of an IPv4 address: the last range that starts at or before them */
};

gboolean
siaga_prefix_address_parse(const gchar *text, gsize length, SiagaPrefixAddress *address_r)
{
  SiagaIp address;
  guint64 parts[2];
  guint32 v4;

  if (!length || text[0] == '[' || !siaga_ip_parse(&address, text, length, NULL))
    return FALSE;
  if (address.version == 4)
    {
      memcpy(&v4, address.bytes, sizeof v4);
      *address_r = (SiagaPrefixAddress){ 0, MAPPED | GUINT32_FROM_BE(v4) };
      return TRUE;
    }
  memcpy(parts, address.bytes, sizeof parts);
  *address_r = (SiagaPrefixAddress){ GUINT64_FROM_BE(parts[0]), GUINT64_FROM_BE(parts[1]) };
  return TRUE;
}

static SiagaPrefixAddress
_host_mask(guint bits)
{
  if (bits >= 128)
    return (SiagaPrefixAddress){ 0, 0 };
  if (bits >= 64)
    return (SiagaPrefixAddress){ 0, bits == 64 ? G_MAXUINT64 : G_MAXUINT64 >> (bits - 64) };
  return (SiagaPrefixAddress){ bits == 0 ? G_MAXUINT64 : G_MAXUINT64 >> bits, G_MAXUINT64 };
}

static gboolean
_parse_bits(const gchar *text, guint max, guint *bits_r)
{
  gchar *end;
  if (!g_ascii_isdigit(*text) || strlen(text) > 3)
    return FALSE;
  *bits_r = strtoul(text, &end, 10);
  return *end == '\0' && *bits_r <= max;
}

const gchar *
siaga_prefix_parse(const gchar *text, SiagaPrefix *prefix_r)
{
  const gchar *slash = strchrnul(text, '/');
  gboolean v4 = memchr(text, ':', slash - text) == NULL;
  guint max = v4 ? 32 : 128;
  guint bits = max;

  if (!siaga_prefix_address_parse(text, slash - text, &prefix_r->address))
    return "not an IPv4 or IPv6 address";
  if (*slash && !_parse_bits(slash + 1, max, &bits))
    return v4 ? "expected a prefix length of 0 to 32 behind '/'" : "expected a prefix length of 0 to 128 behind '/'";
  prefix_r->bits = v4 ? bits + 96 : bits;
  SiagaPrefixAddress mask = _host_mask(prefix_r->bits);
  if ((prefix_r->address.high & mask.high) || (prefix_r->address.low & mask.low))
    return "the address has bits behind its prefix length: write the network's first address";
  return NULL;
}

SiagaPrefixes *
siaga_prefixes_new(void)
{
  SiagaPrefixes *self = g_new0(SiagaPrefixes, 1);
  self->networks = g_array_new(FALSE, FALSE, sizeof(Network));
  self->ranges = g_array_new(FALSE, FALSE, sizeof(Range));
  return self;
}

void
siaga_prefixes_free(SiagaPrefixes *self)
{
  if (!self)
    return;
  g_array_free(self->networks, TRUE);
  g_array_free(self->ranges, TRUE);
  g_free(self);
}

void
siaga_prefixes_add(SiagaPrefixes *self, const SiagaPrefix *prefix, guint32 value)
{
  Network network = { *prefix, value, self->networks->len };
  g_array_append_val(self->networks, network);
}

static gint
_compare_addresses(const SiagaPrefixAddress *a, const SiagaPrefixAddress *b)
{
  if (a->high != b->high)
    return a->high < b->high ? -1 : 1;
  return a->low < b->low ? -1 : a->low > b->low;
}

/* Outer networks before the ones inside; of the same network the one added last comes last and wins. */
static gint
_compare_networks(gconstpointer a, gconstpointer b)
{
  const Network *x = a, *y = b;
  gint order = _compare_addresses(&x->prefix.address, &y->prefix.address);
  if (order)
    return order;
  if (x->prefix.bits != y->prefix.bits)
    return x->prefix.bits < y->prefix.bits ? -1 : 1;
  return x->order < y->order ? -1 : 1;
}

static SiagaPrefixAddress
_last_address(const SiagaPrefix *prefix)
{
  SiagaPrefixAddress mask = _host_mask(prefix->bits);
  return (SiagaPrefixAddress){ prefix->address.high | mask.high, prefix->address.low | mask.low };
}

static SiagaPrefixAddress
_successor(SiagaPrefixAddress address)
{
  address.low++;
  address.high += address.low == 0;
  return address;
}

static void
_start_range(SiagaPrefixes *self, SiagaPrefixAddress start, guint32 value)
{
  Range *last = self->ranges->len ? &g_array_index(self->ranges, Range, self->ranges->len - 1) : NULL;
  if (last && _compare_addresses(&last->start, &start) == 0)
    last->value = value;
  else if (!last || last->value != value)
    {
      Range range = { start, value };
      g_array_append_val(self->ranges, range);
    }
}

/* Ends the networks that end before NEXT (NULL: all); what lies around goes on behind each. */
static guint
_close_networks(SiagaPrefixes *self, const Network **open, guint depth, const SiagaPrefixAddress *next)
{
  while (depth)
    {
      SiagaPrefixAddress last = _last_address(&open[depth - 1]->prefix);
      if (next && _compare_addresses(&last, next) >= 0)
        break;
      depth--;
      SiagaPrefixAddress behind = _successor(last);
      if (behind.high || behind.low)
        _start_range(self, behind, depth ? open[depth - 1]->value : 0);
    }
  return depth;
}

static void
_index_v4(SiagaPrefixes *self)
{
  guint32 range = 0;
  for (guint32 i = 0; i <= 65536; i++)
    {
      SiagaPrefixAddress address = { 0, MAPPED + ((guint64) i << 16) };
      while (range + 1 < self->ranges->len &&
             _compare_addresses(&g_array_index(self->ranges, Range, range + 1).start, &address) <= 0)
        range++;
      self->v4[i] = range;
    }
}

static gboolean
_same_prefix(const SiagaPrefix *a, const SiagaPrefix *b)
{
  return a->bits == b->bits && _compare_addresses(&a->address, &b->address) == 0;
}

void
siaga_prefixes_finish(SiagaPrefixes *self)
{
  const Network *open[DEPTH + 1];
  guint depth = 0;

  g_array_set_size(self->ranges, 0);
  _start_range(self, (SiagaPrefixAddress){ 0, 0 }, 0);
  g_array_sort(self->networks, _compare_networks);
  for (guint i = 0; i < self->networks->len; i++)
    {
      const Network *network = &g_array_index(self->networks, Network, i);
      depth = _close_networks(self, open, depth, &network->prefix.address);
      if (depth && _same_prefix(&open[depth - 1]->prefix, &network->prefix))
        depth--;
      open[depth++] = network;
      _start_range(self, network->prefix.address, network->value);
    }
  _close_networks(self, open, depth, NULL);
  _index_v4(self);
}

guint32
siaga_prefixes_find(const SiagaPrefixes *self, const SiagaPrefixAddress *address)
{
  const Range *ranges = (const Range *) self->ranges->data;
  guint32 low = 0, high = self->ranges->len;

  if (!high)
    return 0;
  if (address->high == 0 && address->low >> 32 == 0xffff)
    {
      guint first = (address->low >> 16) & 0xffff;
      low = self->v4[first];
      high = self->v4[first + 1] + 1;
    }
  while (high - low > 1)
    {
      guint32 middle = low + (high - low) / 2;
      if (_compare_addresses(&ranges[middle].start, address) <= 0)
        low = middle;
      else
        high = middle;
    }
  return ranges[low].value;
}
