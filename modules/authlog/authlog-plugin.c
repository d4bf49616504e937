/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The module authlog: its plugins. */

#include "glue/module.h"

static Plugin plugins[] = {
  { .type = LL_CONTEXT_PARSER, .name = "authlog-parser", .parser = &siaga_room_parser },
};

SIAGA_MODULE(authlog, plugins, "siaga: events from login and privilege logs")
