/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A JSON writer into a GString: commas, escapes and nesting are its business, never the caller's. */

#ifndef SIAGA_JSON_H_INCLUDED
#define SIAGA_JSON_H_INCLUDED

#include <glib.h>

#include <string.h>

#define SIAGA_JSON_DEPTH 32

/* Lives on the stack; one thread.  Output is one line, UTF-8: bytes that are not valid UTF-8 are
 * written as U+FFFD, control characters as \u00XX, so that hostile text stays data. */
typedef struct
{
  GString *out;
  guint depth;
  gboolean first[SIAGA_JSON_DEPTH];
} SiagaJson;

/* Appends bytes as they are. */
static inline void
siaga_json_put(GString *out, const gchar *bytes, gsize length)
{
  if (out->len + length >= out->allocated_len)
    {
      g_string_append_len(out, bytes, length);
      return;
    }
  memcpy(out->str + out->len, bytes, length);
  out->len += length;
  out->str[out->len] = '\0';
}

void siaga_json_init(SiagaJson *self, GString *out);
void siaga_json_open_object(SiagaJson *self, const gchar *key); /* KEY is NULL inside lists and at the top */
void siaga_json_close_object(SiagaJson *self);
void siaga_json_open_list(SiagaJson *self, const gchar *key);
void siaga_json_close_list(SiagaJson *self);
void siaga_json_key(SiagaJson *self, const gchar *key, gsize length);
void siaga_json_string(SiagaJson *self, const gchar *key, const gchar *text, gssize length);
void siaga_json_int(SiagaJson *self, const gchar *key, gint64 value);
void siaga_json_double(SiagaJson *self, const gchar *key, gdouble value);
void siaga_json_bool(SiagaJson *self, const gchar *key, gboolean value);
/* ISO 8601, UTC, microseconds when there are any: 2026-11-21T02:36:20.123456Z */
void siaga_json_time(SiagaJson *self, const gchar *key, gint64 microseconds);

/* Only the escaped text, without quotes. */
void siaga_json_escape(GString *out, const gchar *text, gsize length);

#endif
