/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The module weblog: its plugins. */

#include "glue/module.h"

static Plugin plugins[] = {
  { .type = LL_CONTEXT_PARSER, .name = "weblog-parser", .parser = &siaga_room_parser },
};

SIAGA_MODULE(weblog, plugins, "siaga: events from web server logs")
