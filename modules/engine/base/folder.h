/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The files of a folder that a person fills. */

#ifndef SIAGA_BASE_FOLDER_H_INCLUDED
#define SIAGA_BASE_FOLDER_H_INCLUDED

#include <siaga/diag.h>

/* What names end in; NULL at the end. */
extern const gchar *const siaga_yaml_endings[];

/* Paths of the files in FOLDER whose names end in one of ENDINGS, in the order of their names; hidden ones are left
 * out, and with a warning what is no regular file.  Empty where there is no such folder.  NULL, with an error, when it
 * cannot be read.  The caller's. */
GPtrArray *siaga_folder_list(const gchar *folder, const gchar *const *endings, SiagaDiag *diag);

/* FALSE after an error in DIAG. */
typedef gboolean (*SiagaFileReader)(gpointer self, const gchar *path, SiagaDiag *diag);

/* Calls READ for PATH itself, or for each file that siaga_folder_list() finds in it.  FALSE when anything was an error.
 */
gboolean siaga_folder_each(const gchar *path, const gchar *const *endings, SiagaFileReader read, gpointer self,
                           SiagaDiag *diag);

#endif
