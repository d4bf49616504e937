/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Options of the correlator on the command line, by the names they have in syslog-ng.conf. */

#include "siagactl/siagactl.h"

#include <string.h>

static gboolean
_duration(const gchar *option, const gchar *text, SiagaTime *value)
{
  if (!text || ctl_parse_duration(text, value))
    return TRUE;
  ctl_error("--%s %s: expected a duration such as 30s, 10m, 2h or 1d", option, text);
  return FALSE;
}

static gboolean
_bytes(const gchar *text, guint64 *value)
{
  static const gchar units[] = "KMG";
  if (!text)
    return TRUE;
  gchar *end;
  guint64 number = g_ascii_strtoull(text, &end, 10);
  const gchar *unit = *end ? strchr(units, g_ascii_toupper(*end)) : NULL;
  if (end == text || (*end && (!unit || end[1])))
    {
      ctl_error("--memory-limit %s: expected a number of bytes such as 160M", text);
      return FALSE;
    }
  *value = unit ? number << 10 * (unit - units + 1) : number;
  return TRUE;
}

gboolean
ctl_correlator_options(const CtlCorrelatorArguments *self, SiagaCorrelatorOptions *options)
{
  siaga_correlator_options_init(options);
  if (!_duration("reorder-window", self->reorder_window, &options->reorder_window) ||
      !_duration("max-lateness", self->max_lateness, &options->max_lateness) ||
      !_duration("max-open", self->max_open, &options->max_open) ||
      !_duration("update-interval", self->update_interval, &options->update_interval) ||
      !_bytes(self->memory_limit, &options->memory_limit))
    return FALSE;
  if (!self->alert_level)
    return TRUE;
  options->alert_level = siaga_level_by_name(self->alert_level);
  if (options->alert_level != SIAGA_LEVEL_NONE)
    return TRUE;
  ctl_error("--alert-level %s: expected informational, low, medium, high or critical", self->alert_level);
  return FALSE;
}

void
ctl_correlator_arguments_clear(CtlCorrelatorArguments *self)
{
  g_free(self->reorder_window);
  g_free(self->max_lateness);
  g_free(self->max_open);
  g_free(self->update_interval);
  g_free(self->alert_level);
  g_free(self->memory_limit);
}
