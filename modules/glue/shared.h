/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What several parsers of one module use together: loaded once, kept over a reload while its files are unchanged. */

#ifndef SIAGA_GLUE_SHARED_H_INCLUDED
#define SIAGA_GLUE_SHARED_H_INCLUDED

#include <glib.h>

/* All functions: main thread.  VALUE is immutable and may be read from any thread. */
typedef struct
{
  gpointer value;
  /* private */
  guint references;
  gchar *key;
  GDestroyNotify free_value;
  gpointer companion; /* lives as long */
  GDestroyNotify free_companion;
} SiagaShared;

/* Appends PATH to KEY with what tells its present content from a later one; below a folder, each file. */
void siaga_shared_key(GString *key, const gchar *path);

/* The value under KEY if some parser still holds it, else what LOAD makes.  NULL when LOAD gives NULL. */
SiagaShared *siaga_shared_get(const gchar *key, gpointer (*load)(gpointer user_data), gpointer user_data,
                              GDestroyNotify free_value);
SiagaShared *siaga_shared_ref(SiagaShared *self);
void siaga_shared_unref(SiagaShared *self); /* NULL allowed */

/* Frees COMPANION with the value; there is at most one. */
void siaga_shared_accompany(SiagaShared *self, gpointer companion, GDestroyNotify free_companion);

#endif
