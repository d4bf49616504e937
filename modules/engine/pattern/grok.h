/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Grok notation: %{MACRO}, %{MACRO:field}, %{MACRO:field:conversion} expanded to PCRE2. */

#ifndef SIAGA_GROK_H_INCLUDED
#define SIAGA_GROK_H_INCLUDED

#include <siaga/diag.h>
#include <siaga/field.h>
#include <siaga/time.h>
#include <siaga/yaml.h>

#define SIAGA_GROK_DEPTH 16
#define SIAGA_GROK_EXPANDED_MAX 32768
#define SIAGA_GROK_CAPTURES 60

/* Name -> expression.  A table may have a parent, asked when it does not know a name itself.  One thread. */
typedef struct _SiagaGrok SiagaGrok;

SiagaGrok *siaga_grok_new(SiagaGrok *parent); /* PARENT must outlive it; NULL allowed */
void siaga_grok_free(SiagaGrok *self);        /* NULL allowed */

/* *.grok files: "NAME expression" per line, # comments.  A name defined again takes the place of the old one. */
gboolean siaga_grok_load(SiagaGrok *self, const gchar *path, SiagaDiag *diag);
/* A map of names to expressions. */
gboolean siaga_grok_load_yaml(SiagaGrok *self, const SiagaYaml *map, SiagaDiag *diag);

/* Every macro of the table, used or not, with its parents' behind it; once.  FALSE with an error at the place of each
 * that cannot be expanded or is no regular expression. */
gboolean siaga_grok_check(const SiagaGrok *self, const SiagaFields *fields, SiagaDiag *diag);

/* The event's own time is no field of the registry. */
#define SIAGA_GROK_TIMESTAMP 0xfffe

/* What happens to the text on its way into the field. */
typedef enum
{
  SIAGA_CONVERT_PLAIN,   /* as the field's type wants: "int" and "float" say no more than that */
  SIAGA_CONVERT_PLUS,    /* "plus": "+" is a blank, as IIS writes user agents */
  SIAGA_CONVERT_PERCENT, /* "percent": percent-decoded once, as CloudFront writes them */
  SIAGA_CONVERT_LOWER,   /* "lower" */
  SIAGA_CONVERT_UPPER,   /* "upper" */
  SIAGA_CONVERT_SECONDS, /* "seconds", "ms", "us": a duration into nanoseconds, fractions allowed */
  SIAGA_CONVERT_MS,
  SIAGA_CONVERT_US,
  SIAGA_CONVERT_HEX,    /* "hex": a number, or an address of 8 or 32 digits, as djbdns writes them */
  SIAGA_CONVERT_RRTYPE, /* "rrtype": the name of a DNS type's number, decimal or of four hexadecimal digits */
  SIAGA_CONVERT_JSON,   /* "json": without the escapes of a JSON string */
} SiagaGrokConversion;

typedef struct
{
  SiagaFieldId field; /* or SIAGA_GROK_TIMESTAMP */
  guint8 conversion;  /* SiagaGrokConversion */
  guint8 time_format; /* SiagaTimeFormat for dates, else 0 */
} SiagaGrokCapture;

/* The N-th %{…:field} becomes the named group "gN". */
typedef struct
{
  GString *regex;
  guint count;
  SiagaGrokCapture captures[SIAGA_GROK_CAPTURES];
} SiagaGrokResult;

/* FALSE with errors at PLACE.  Free RESULT->regex in any case. */
gboolean siaga_grok_expand(const SiagaGrok *self, const gchar *expression, const SiagaFields *fields, SiagaPlace place,
                           SiagaGrokResult *result, SiagaDiag *diag);

/* Where in EXPRESSION stands what became byte EXPANDED of its expansion, which went well. */
gsize siaga_grok_origin(const SiagaGrok *self, const gchar *expression, const SiagaFields *fields, gsize expanded);

/* The field that NAME says, or SIAGA_FIELD_NONE with an error that names the nearest one. */
SiagaFieldId siaga_grok_field(const SiagaFields *fields, const gchar *name, gsize length, SiagaPlace place,
                              SiagaDiag *diag);
/* Fills CAPTURE for a field and a conversion ("int", "time(fmt)", "lower" …, NULL for none): they must agree. */
gboolean siaga_grok_capture(const SiagaFields *fields, const gchar *name, gsize length, const gchar *conversion,
                            gsize conversion_length, SiagaPlace place, SiagaGrokCapture *capture, SiagaDiag *diag);

#endif
