/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The module govtag: its plugins. */

#include "glue/module.h"

static Plugin plugins[] = {
  { .type = LL_CONTEXT_PARSER, .name = "govtag", .parser = &siaga_room_parser },
};

SIAGA_MODULE(govtag, plugins, "siaga: who the victim of an event is")
