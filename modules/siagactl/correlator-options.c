/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Options of the correlator on the command line, by the names they have in syslog-ng.conf. */

#include "siagactl/siagactl.h"

#include <siaga/quantity.h>

static gboolean
_duration(const gchar *option, const gchar *text, SiagaTime *value)
{
  if (!text || (siaga_duration_parse(text, value) && *value >= 0))
    return TRUE;
  ctl_error("--%s %s: expected a duration such as 30s, 10m, 2h or 1d", option, text);
  return FALSE;
}

static gboolean
_bytes(const gchar *text, guint64 *value)
{
  gint64 number;
  if (!text)
    return TRUE;
  if (!siaga_size_parse(text, &number) || number < 0)
    {
      ctl_error("--memory-limit %s: expected a number of bytes such as 160MiB", text);
      return FALSE;
    }
  *value = number;
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
