/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The field registry: the closed list of ECS (and siaga.*) names an event may carry. */

#ifndef SIAGA_FIELD_H_INCLUDED
#define SIAGA_FIELD_H_INCLUDED

#include <siaga/diag.h>

#include <glib.h>

/* A field is a small number: index into the registry, stable for the life of
 * the registry.  The fields that C code names have fixed numbers, listed in
 * known-fields.def; all others (from patterns/fields.yaml and
 * /etc/siaga/fields.yaml) follow in file order. */
typedef guint16 SiagaFieldId;

#define SIAGA_FIELD_NONE 0xffff
#define SIAGA_FIELD_MAX 512

enum
{
#define SIAGA_KNOWN_FIELD(id, name) SIAGA_F_##id,
#include <siaga/known-fields.def>
#undef SIAGA_KNOWN_FIELD
  SIAGA_F_KNOWN_COUNT
};

typedef enum
{
  SIAGA_FT_KEYWORD, /* text */
  SIAGA_FT_LONG,    /* 64-bit integer */
  SIAGA_FT_DOUBLE,
  SIAGA_FT_IP,      /* text that is a valid IPv4 or IPv6 address */
  SIAGA_FT_DATE,    /* microseconds since the epoch, UTC */
  SIAGA_FT_BOOLEAN, /* 0 or 1 */
} SiagaFieldType;

typedef struct
{
  const gchar *name; /* owned by the registry */
  SiagaFieldType type;
  gboolean list;     /* rendered as a JSON array even with one value */
  gboolean internal; /* never published nor rendered unless asked (canonical forms, hashes) */
  guint16 rank;      /* order of names, objects together: for writing nested JSON */
  gboolean personal; /* user names, mail addresses: redacted by sharing policies */
  gchar **values;    /* what a pattern may set it to; NULL: anything */
} SiagaField;

/* The registry is immutable once loaded and may then be read from any thread. */
typedef struct _SiagaFields SiagaFields;

/* Loads PATH (patterns/fields.yaml); NULL with a message in DIAG when it cannot be
 * read or lacks a known field.  Reference counted. */
SiagaFields *siaga_fields_load(const gchar *path, SiagaDiag *diag);
/* Adds the user's own registrations; call before the registry is shared. */
gboolean siaga_fields_extend(SiagaFields *self, const gchar *path, SiagaDiag *diag);
SiagaFields *siaga_fields_ref(SiagaFields *self);
void siaga_fields_unref(SiagaFields *self); /* NULL allowed */

/* SIAGA_FIELD_NONE when the name is not registered.  LEN may be -1. Hashes: load time only. */
SiagaFieldId siaga_fields_lookup(const SiagaFields *self, const gchar *name, gssize len);
const SiagaField *siaga_fields_get(const SiagaFields *self, SiagaFieldId id);
guint siaga_fields_count(const SiagaFields *self);
/* Differs whenever names, order or types differ: packed events carry it. */
guint32 siaga_fields_fingerprint(const SiagaFields *self);

/* The registered name nearest to NAME by edit distance, for "did you mean"; NULL when nothing is near. */
const gchar *siaga_fields_suggest(const SiagaFields *self, const gchar *name);

#endif
