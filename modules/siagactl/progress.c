/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The progress bar. */

#include "siagactl/siagactl.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define STEPS_PER_LOOK 4096
#define FIRST_AFTER 500000 /* short work shows none */
#define EVERY 200000
#define BAR_CELLS 24

static gint visible; /* the thread that writes hides it */

void
ctl_progress_start(CtlProgress *self, const CtlInput *input, const CtlOptions *options)
{
  *self = (CtlProgress){
    .input = input,
    .on = !options->no_progress && isatty(STDERR_FILENO),
    .started = g_get_monotonic_time(),
  };
}

/* A line that is broken would be drawn again below. */
static guint
_width(void)
{
  struct winsize size;
  return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col - 1 : 79;
}

static void
_append_bar(GString *out, gdouble part, gdouble seconds)
{
  gchar bar[BAR_CELLS + 1];
  for (guint i = 0; i < BAR_CELLS; i++)
    bar[i] = i < part * BAR_CELLS ? '#' : '.';
  bar[BAR_CELLS] = '\0';
  g_string_append_printf(out, "[%s] %3.0f%%", bar, part * 100);
  if (part > 0.01)
    {
      guint left = seconds / part - seconds;
      g_string_append_printf(out, "  %u:%02u left", left / 60, left % 60);
    }
}

static void
_draw(CtlProgress *self, gint64 now)
{
  gdouble seconds = (now - self->started) / 1e6, part = ctl_input_progress(self->input);
  guint64 lines = ctl_input_sequence(self->input);

  GString *out = g_string_new(NULL);
  if (part >= 0)
    _append_bar(out, part, seconds);
  g_string_append_printf(out, "  %" G_GUINT64_FORMAT " lines, %.0f lines/s", lines, lines / seconds);
  fprintf(stderr, "\r\033[K%.*s", (int) _width(), out->str);
  fflush(stderr);
  g_string_free(out, TRUE);
  self->drawn = now;
  g_atomic_int_set(&visible, TRUE);
}

void
ctl_progress_step(CtlProgress *self)
{
  if (!self->on || ++self->checked % STEPS_PER_LOOK)
    return;
  gint64 now = g_get_monotonic_time();
  if (now - self->started > FIRST_AFTER && now - self->drawn > EVERY)
    _draw(self, now);
}

void
ctl_progress_hide(void)
{
  if (g_atomic_int_compare_and_exchange(&visible, TRUE, FALSE))
    fputs("\r\033[K", stderr);
}

void
ctl_progress_end(CtlProgress *self G_GNUC_UNUSED)
{
  ctl_progress_hide();
}
