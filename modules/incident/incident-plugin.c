/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The module incident: its plugins. */

#include "glue/module.h"

static Plugin plugins[] = {
  { .type = LL_CONTEXT_PARSER, .name = "incident", .parser = &siaga_room_parser },
};

SIAGA_MODULE(incident, plugins, "siaga: incidents by Sigma rules and correlation")
