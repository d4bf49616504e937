/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The module dnslog: its plugins. */

#include "glue/module.h"

static Plugin plugins[] = {
  { .type = LL_CONTEXT_PARSER, .name = "dnslog-parser", .parser = &siaga_room_parser },
};

SIAGA_MODULE(dnslog, plugins, "siaga: events from DNS server logs")
