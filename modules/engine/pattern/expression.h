/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * One compiled Grok expression and the fields that its groups fill. */

#ifndef SIAGA_EXPRESSION_H_INCLUDED
#define SIAGA_EXPRESSION_H_INCLUDED

#include <siaga/event.h>

#include "grok.h"
#include "program.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* Where a piece of text goes. */
typedef struct
{
  SiagaGrokCapture to;
  SiagaFieldType type;
  guint16 group;
  gboolean list;
  gboolean optional;
} Capture;

typedef struct
{
  gsize length;
  gboolean caseless;
  gchar regex[];
} Folded;

typedef struct
{
  Program *program; /* atomic; NULL: CODE does the work, or nothing is made yet */
  pcre2_code *code; /* atomic; NULL: a program does the work, or nothing is made yet */
  Folded *folded;   /* what the two are made of when it is first tried */
  gboolean jit;     /* of CODE */
  guint capture_count;
  Capture *captures;
} Expression;

typedef enum
{
  TRY_NO,
  TRY_YES,
  TRY_LIMIT,
} TryResult;

/* REGEX_R (NULL allowed) gets the text with macros expanded, newly allocated, or NULL. */
gboolean siaga_expression_compile(Expression *self, const SiagaGrok *grok, const gchar *text, const SiagaFields *fields,
                                  gboolean caseless, SiagaPlace place, gchar **regex_r, SiagaDiag *diag);
/* A host's logs ask for few of all patterns: what does the work, a program or else PCRE2's code, is made of REGEX (with
 * macros expanded) when it is first tried, and until then REGEX is all that stays.  Before any thread tries it. */
void siaga_expression_fold(Expression *self, const gchar *regex, gboolean caseless);
/* The same at once, and the code stays beside a program: tests compare the two. */
void siaga_expression_make(Expression *self, const gchar *regex, gboolean caseless);
void siaga_expression_clear(Expression *self);
/* Whether TEXT can be expanded and compiled as a part of an expression; FALSE with an error at PLACE.  Nothing stays.
 */
gboolean siaga_expression_check(const SiagaGrok *grok, const gchar *text, const SiagaFields *fields, SiagaPlace place,
                                SiagaDiag *diag);

/* What all tries together may spend on a line: about a million instructions; a try by PCRE2 costs as many bytes as the
 * text has.  Tries beyond it say TRY_LIMIT.  Reading a very long line costs something before any is tried, so each byte
 * beyond a length takes away some of it. */
#define EXPRESSION_LINE_WORK 250000
#define EXPRESSION_LONG_LINE 32768
#define EXPRESSION_WORK_OF_BYTE 4

/* What a thread needs to try expressions, and what its last try took. */
typedef struct _ExpressionThread ExpressionThread;

ExpressionThread *siaga_expression_thread(void);
/* A new line of at most SIAGA_LINE_MAX bytes: its work begins anew. */
ExpressionThread *siaga_expression_new_line(gsize length);

TryResult siaga_expression_try(const Expression *self, ExpressionThread *thread, const gchar *text, gsize length);
/* Fills EVENT from THREAD's last try, which said yes; gives back how many times of the line were impossible. */
guint siaga_expression_extract(const Expression *self, const ExpressionThread *thread, const gchar *text,
                               const SiagaTimeContext *context, SiagaEvent *event);

/* Fills in what the registry says about the field of CAPTURE->to. */
void siaga_capture_init(Capture *self, const SiagaFields *fields, SiagaGrokCapture to);
const gchar *siaga_capture_name(const Capture *self, const SiagaFields *fields);
/* Whether EVENT has what the capture fills. */
gboolean siaga_capture_is_filled(const Capture *self, const SiagaEvent *event);
/* Puts TEXT into the field unless the field has a value already or TEXT is "-", which is how logs write "nothing".
 * FALSE when TEXT is no value of the field's type. */
gboolean siaga_capture_store(const Capture *self, const gchar *text, gsize length, const SiagaTimeContext *context,
                             SiagaEvent *event);

/* WITHOUT_ZONE_R: the length without "%eth0". */
gboolean siaga_is_ip(const gchar *text, gsize length, gsize *without_zone_r);

#endif
