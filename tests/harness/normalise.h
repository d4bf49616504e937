/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the tests of the three normalisers share: one event, filled and looked at by the names of its fields.  To be
 * included once by a program. */

#ifndef SIAGA_TESTS_NORMALISE_H_INCLUDED
#define SIAGA_TESTS_NORMALISE_H_INCLUDED

#include <siaga/normalise.h>

#include <check.h>
#include <string.h>

static SiagaFields *fields;
static SiagaEvent *event;
static SiagaNormaliser normaliser;

static void
begin(SiagaFamily family)
{
  gchar *path = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "fields.yaml", NULL);
  fields = siaga_fields_load(path, NULL);
  ck_assert_ptr_nonnull(fields);
  event = siaga_event_new(fields);
  event->family = family;
  g_free(path);
}

static void
end(void)
{
  siaga_event_free(event);
  siaga_fields_unref(fields);
}

static void
set(const gchar *name, const gchar *value)
{
  SiagaFieldId field = siaga_fields_lookup(fields, name, -1);
  ck_assert_msg(field != SIAGA_FIELD_NONE, "%s", name);
  if (siaga_fields_get(fields, field)->type == SIAGA_FT_LONG)
    siaga_event_set_int(event, field, g_ascii_strtoll(value, NULL, 10));
  else
    siaga_event_set(event, field, value, strlen(value));
}

/* VALUE NULL: the field is absent. */
static void
expect(const gchar *name, const gchar *value)
{
  gchar buffer[32];
  gsize length = 0;
  const SiagaValue *found = siaga_event_get(event, siaga_fields_lookup(fields, name, -1));
  const gchar *written = found ? siaga_value_text(found, buffer, &length) : NULL;
  gchar *text = found ? g_strndup(written, length) : g_strdup("(none)");
  ck_assert_msg(strcmp(text, value ? value : "(none)") == 0, "%s is '%s', expected '%s'", name, text,
                value ? value : "(none)");
  g_free(text);
}

/* Pairs of names and values, NULL at the end. */
typedef struct
{
  const gchar *in[12];
  const gchar *out[20];
} Case;

static void
run(const Case *test)
{
  for (guint i = 0; test->in[i]; i += 2)
    set(test->in[i], test->in[i + 1]);
  siaga_normalise(&normaliser, event);
  for (guint i = 0; test->out[i]; i += 2)
    expect(test->out[i], test->out[i + 1][0] ? test->out[i + 1] : NULL);
}

#endif
