/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A module's two exported symbols. */

#ifndef SIAGA_GLUE_MODULE_H_INCLUDED
#define SIAGA_GLUE_MODULE_H_INCLUDED

#include "glue/room.h"

#include <plugin-types.h>

#include <gmodule.h>

/* SIAGA_MODULE(weblog, plugins, "siaga: …") at the end of the file with the table of PLUGINS. */
#define SIAGA_MODULE(room, table, text)                                                                                \
  G_MODULE_EXPORT extern const ModuleInfo module_info;                                                                 \
  G_MODULE_EXPORT gboolean room##_module_init(PluginContext *context, CfgArgs *args);                                  \
                                                                                                                       \
  gboolean room##_module_init(PluginContext *context, CfgArgs *args G_GNUC_UNUSED)                                     \
  {                                                                                                                    \
    plugin_register(context, table, G_N_ELEMENTS(table));                                                              \
    return TRUE;                                                                                                       \
  }                                                                                                                    \
                                                                                                                       \
  const ModuleInfo module_info = {                                                                                     \
    .canonical_name = #room,                                                                                           \
    .version = SIAGA_VERSION,                                                                                          \
    .description = text,                                                                                               \
    .core_revision = SYSLOG_NG_SOURCE_REVISION,                                                                        \
    .plugins = table,                                                                                                  \
    .plugins_len = G_N_ELEMENTS(table),                                                                                \
  };

#endif
