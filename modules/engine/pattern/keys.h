/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Patterns over keys and values: which keys a line must have, and which fields they fill. */

#ifndef SIAGA_KEYS_H_INCLUDED
#define SIAGA_KEYS_H_INCLUDED

#include "expression.h"
#include "leaves.h"

#define SIAGA_KEY_PARTS 3

typedef struct
{
  const gchar *path;
  gsize length;
  guint32 hash;
} Key;

/* `keys:`: one key, or several whose values are joined by a blank ("date time"), or all below one ("tags.*"). */
typedef struct
{
  guint parts;
  Key part[SIAGA_KEY_PARTS];
  gboolean all_below;
  gboolean has_expression; /* the value is read by EXPRESSION, else it goes TO one field */
  Capture to;
  Expression expression;
} KeyMap;

/* `when:`: the key is there, and its value is one of VALUES or matches EXPRESSION. */
typedef struct
{
  Key key;
  GPtrArray *values; /* of const gchar*; empty: any */
  gboolean has_expression;
  Expression expression;
} KeyCondition;

typedef struct
{
  GArray *maps;       /* of KeyMap */
  GArray *conditions; /* of KeyCondition */
} Keys;

Keys *siaga_keys_new(void);
void siaga_keys_free(Keys *self); /* NULL allowed */
Key siaga_key_of(const gchar *path, gsize length);

/* Without conditions, every key must be there that is not optional. */
gboolean siaga_keys_match(const Keys *self, const SiagaLeaves *leaves);
/* Gives back how many times of the line were impossible; REFUSED_R: values that are none of their field's type. */
guint siaga_keys_extract(const Keys *self, const SiagaLeaves *leaves, const SiagaTimeContext *context,
                         SiagaEvent *event, guint *refused_r);

/* Calls VISIT for each capture, those inside of expressions too. */
typedef void (*CaptureVisit)(Capture *capture, gpointer user_data);
void siaga_keys_foreach(Keys *self, CaptureVisit visit, gpointer user_data);

#endif
