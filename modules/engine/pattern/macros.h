/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The macros of Grok notation, and where each stands.  A table is filled, then read; one thread. */

#ifndef SIAGA_PATTERN_MACROS_H_INCLUDED
#define SIAGA_PATTERN_MACROS_H_INCLUDED

#include "grok.h"

typedef enum
{
  SIAGA_MACRO_NEW,
  SIAGA_MACRO_OPEN, /* is looked at right now */
  SIAGA_MACRO_GOOD,
  SIAGA_MACRO_BAD,
} SiagaMacroState;

typedef struct
{
  gchar *name, *expression;
  SiagaPlace place; /* its path lives as long as the process */
  SiagaMacroState state;
} SiagaMacro;

/* Letters, digits and "_", a letter first. */
gboolean siaga_macros_is_name(const gchar *name, gsize length);
/* Asks the table, then its parents; NULL: there is none.  Lives until the name is defined again. */
SiagaMacro *siaga_macros_find(const SiagaGrok *self, const gchar *name);
/* The name that was probably meant; NULL: none is near. */
const gchar *siaga_macros_suggest(const SiagaGrok *self, const gchar *name);

#endif
