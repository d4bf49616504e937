/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The event: one log line as ECS fields, and its packed form that travels between the rooms. */

#ifndef SIAGA_EVENT_H_INCLUDED
#define SIAGA_EVENT_H_INCLUDED

#include <siaga/arena.h>
#include <siaga/field.h>
#include <siaga/json.h>

#include <glib.h>

#define SIAGA_EVENT_VALUES 250 /* more are dropped, the event is marked truncated */

typedef enum
{
  SIAGA_VT_TEXT,
  SIAGA_VT_INT,
  SIAGA_VT_DOUBLE,
} SiagaValueType;

typedef struct
{
  SiagaFieldId field;
  guint8 type;
  guint8 next; /* index + 1 of the field's next value; 0: none */
  guint32 length;
  union
  {
    const gchar *text; /* not NUL-terminated */
    gint64 integer;
    gdouble real;
  };
} SiagaValue;

/* Where an event's time comes from. */
typedef enum
{
  SIAGA_TIME_NONE,
  SIAGA_TIME_RECEIVED, /* the message's arrival */
  SIAGA_TIME_HEADER,   /* the syslog header's stamp */
  SIAGA_TIME_LINE,     /* the line's own stamp */
} SiagaTimeKind;

typedef enum
{
  SIAGA_FAMILY_NONE,
  SIAGA_FAMILY_WEB,
  SIAGA_FAMILY_DNS,
  SIAGA_FAMILY_AUTH,
} SiagaFamily;

#define SIAGA_FAMILIES (SIAGA_FAMILY_AUTH + 1)
/* What they are called wherever somebody writes or reads one, folders of patterns too. */
#define SIAGA_FAMILY_WORDS "web", "dns", "auth"

const gchar *siaga_family_name(SiagaFamily family);  /* "none" */
SiagaFamily siaga_family_by_name(const gchar *name); /* SIAGA_FAMILY_NONE when unknown */

/* Text of values lives in the original line, in a pattern set, or in the arena: all must outlive the
 * event's use.  One thread.  Allocate once and reset per line. */
typedef struct
{
  const SiagaFields *fields;
  SiagaArena *arena;
  gint64 time;        /* microseconds since the epoch, UTC */
  gint32 zone;        /* seconds east of UTC that the stamp carried */
  guint8 time_kind;   /* SiagaTimeKind */
  guint8 family;      /* SiagaFamily */
  gboolean parsed;    /* a pattern matched */
  gboolean truncated; /* a value did not fit */
  const gchar *original;
  gsize original_length;
  guint count;
  SiagaValue values[SIAGA_EVENT_VALUES];
  guint8 slot[SIAGA_FIELD_MAX]; /* index + 1 of the field's first value; 0: absent */
} SiagaEvent;

SiagaEvent *siaga_event_new(const SiagaFields *fields); /* does not take a reference */
void siaga_event_free(SiagaEvent *self);                /* NULL allowed */
void siaga_event_reset(SiagaEvent *self);               /* also resets the arena */

static inline gboolean
siaga_event_has(const SiagaEvent *self, SiagaFieldId field)
{
  return self->slot[field] != 0;
}

/* The field's first value, NULL when absent; next_value walks the others. */
static inline const SiagaValue *
siaga_event_get(const SiagaEvent *self, SiagaFieldId field)
{
  guint8 slot = self->slot[field];
  return slot ? &self->values[slot - 1] : NULL;
}

static inline const SiagaValue *
siaga_event_next(const SiagaEvent *self, const SiagaValue *value)
{
  return value->next ? &self->values[value->next - 1] : NULL;
}

/* First value as text; NULL when absent or not text. */
const gchar *siaga_event_text(const SiagaEvent *self, SiagaFieldId field, gsize *length_r);
gboolean siaga_event_int(const SiagaEvent *self, SiagaFieldId field, gint64 *value_r);

/* set replaces all values of the field, add appends one.  The text is not copied. */
void siaga_event_set(SiagaEvent *self, SiagaFieldId field, const gchar *text, gsize length);
void siaga_event_set_int(SiagaEvent *self, SiagaFieldId field, gint64 value);
void siaga_event_set_double(SiagaEvent *self, SiagaFieldId field, gdouble value);
void siaga_event_add(SiagaEvent *self, SiagaFieldId field, const gchar *text, gsize length);
void siaga_event_set_copy(SiagaEvent *self, SiagaFieldId field, const gchar *text, gsize length);
void siaga_event_unset(SiagaEvent *self, SiagaFieldId field);
gboolean siaga_event_has_tag(const SiagaEvent *self, const gchar *tag);

/* A value as text: integers and reals are formatted into BUFFER (at least 32 bytes).  LENGTH_R counts: no NUL follows.
 */
const gchar *siaga_value_text(const SiagaValue *value, gchar *buffer, gsize *length_r);

/* Nested ECS: {"@timestamp":…,"event":{…},…}; internal fields only when asked for.  Appends the members
 * into the object that is open in JSON, so that the caller can add its own before closing. */
void siaga_event_write_json(const SiagaEvent *self, SiagaJson *json, gboolean with_internal);

/* The packed form: self-contained, versioned, position-independent bytes of this process.
 * pack appends to OUT (which is truncated first). */
void siaga_event_pack(const SiagaEvent *self, GString *out);
/* Resets SELF and fills it; values point into BYTES, which must outlive the use.  FALSE, with SELF empty,
 * when the bytes are not a packed event of this version and registry.  Safe on any input. */
gboolean siaga_event_unpack(SiagaEvent *self, const gchar *bytes, gsize length);

#endif
