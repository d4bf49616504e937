/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Collects diagnostics and prints them the way compilers do. */

#include <siaga/diag.h>

struct _SiagaDiag
{
  GPtrArray *messages;
  guint counts[3];
};

SiagaPlace
siaga_place_in(SiagaPlace place, const gchar *text, gsize offset)
{
  if (place.inside)
    place.column = place.inside + g_utf8_strlen(text, offset);
  place.inside = 0;
  return place;
}

static void
_message_free(gpointer data)
{
  SiagaDiagMessage *message = data;
  g_free(message->file);
  g_free(message->text);
  g_free(message);
}

SiagaDiag *
siaga_diag_new(void)
{
  SiagaDiag *self = g_new0(SiagaDiag, 1);
  self->messages = g_ptr_array_new_with_free_func(_message_free);
  return self;
}

void
siaga_diag_free(SiagaDiag *self)
{
  if (!self)
    return;
  g_clear_pointer(&self->messages, g_ptr_array_unref);
  g_free(self);
}

static void
_add(SiagaDiag *self, SiagaDiagLevel level, SiagaPlace place, const gchar *format, va_list args)
{
  if (!self)
    return;
  SiagaDiagMessage *message = g_new0(SiagaDiagMessage, 1);
  message->level = level;
  message->file = g_strdup(place.file);
  message->line = place.line;
  message->column = place.column;
  message->text = g_strdup_vprintf(format, args);
  g_ptr_array_add(self->messages, message);
  self->counts[level]++;
}

#define DEFINE_REPORT(name, level)                                                                                     \
  void siaga_diag_##name(SiagaDiag *self, SiagaPlace place, const gchar *format, ...)                                  \
  {                                                                                                                    \
    va_list args;                                                                                                      \
    va_start(args, format);                                                                                            \
    _add(self, level, place, format, args);                                                                            \
    va_end(args);                                                                                                      \
  }

DEFINE_REPORT(error, SIAGA_DIAG_ERROR)
DEFINE_REPORT(warning, SIAGA_DIAG_WARNING)
DEFINE_REPORT(note, SIAGA_DIAG_NOTE)

void
siaga_diag_take(SiagaDiag *self, SiagaDiag *other)
{
  for (guint i = 0; self && i < G_N_ELEMENTS(self->counts); i++)
    self->counts[i] += other->counts[i];
  if (self)
    g_ptr_array_extend_and_steal(self->messages, g_steal_pointer(&other->messages));
  siaga_diag_free(other);
}

guint
siaga_diag_count(const SiagaDiag *self, SiagaDiagLevel level)
{
  return self->counts[level];
}

guint
siaga_diag_size(const SiagaDiag *self)
{
  return self->messages->len;
}

const SiagaDiagMessage *
siaga_diag_get(const SiagaDiag *self, guint index)
{
  return g_ptr_array_index(self->messages, index);
}

static void
_append_visible(GString *out, const gchar *text)
{
  for (const gchar *p = text; *p; p++)
    if ((guchar) *p < 0x20 || *p == 0x7f)
      g_string_append_printf(out, "\\x%02x", (guchar) *p);
    else
      g_string_append_c(out, *p);
}

void
siaga_diag_format(const SiagaDiagMessage *message, GString *out)
{
  static const gchar *const names[] = { "error", "warning", "note" };

  if (message->file)
    {
      _append_visible(out, message->file);
      if (message->line)
        g_string_append_printf(out, ":%u", message->line);
      if (message->line && message->column)
        g_string_append_printf(out, ":%u", message->column);
      g_string_append(out, ": ");
    }
  g_string_append_printf(out, "%s: ", names[message->level]);
  _append_visible(out, message->text);
}
