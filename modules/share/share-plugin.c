/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The module share: its plugins. */

#include "glue/module.h"
#include "share/share-format.h"

#include <template/function.h>

static Plugin plugins[] = {
  { .type = LL_CONTEXT_PARSER, .name = "share-policy", .parser = &siaga_room_parser },
  TEMPLATE_FUNCTION_PLUGIN(share_format_stix, "format-stix"),
  TEMPLATE_FUNCTION_PLUGIN(share_format_misp, "format-misp"),
  TEMPLATE_FUNCTION_PLUGIN(share_format_iodef, "format-iodef"),
  TEMPLATE_FUNCTION_PLUGIN(share_format_intelmq, "format-intelmq"),
  TEMPLATE_FUNCTION_PLUGIN(share_format_incident, "format-incident"),
};

SIAGA_MODULE(share, plugins, "siaga: who may know of an incident, and in which format")
