/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Where the shipped and the local data files are. */

#ifndef SIAGA_DATA_H_INCLUDED
#define SIAGA_DATA_H_INCLUDED

#include <glib.h>

/* The folder with fields.yaml: $SIAGA_DATA_DIR; else, next to a program of a build tree (PROGRAM_DIR and up to four
 * parents), its `patterns`; else the installed one (/usr/share/siaga).  PROGRAM_DIR NULL: no build tree. Newly
 * allocated. */
gchar *siaga_data_dir(const gchar *program_dir);
/* /etc/siaga, or $SIAGA_CONFIG_DIR. Newly allocated. */
gchar *siaga_config_dir(void);

#endif
