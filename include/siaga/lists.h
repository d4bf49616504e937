/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Domain lists of any size in categories (hoax, gambling, phishing …), as one file. */

#ifndef SIAGA_LISTS_H_INCLUDED
#define SIAGA_LISTS_H_INCLUDED

#include <siaga/diag.h>
#include <siaga/event.h>

#define SIAGA_LISTS_CATEGORIES 64
#define SIAGA_LISTS_CATEGORY_NAME 32 /* bytes, NUL included */

typedef enum
{
  SIAGA_LIST_AUTO,  /* by the file's name (.rpz, .zone, .csv) and its first lines */
  SIAGA_LIST_PLAIN, /* one name a line; also "||name^" */
  SIAGA_LIST_HOSTS, /* "0.0.0.0 name name…" */
  SIAGA_LIST_RPZ,   /* a response policy zone */
  SIAGA_LIST_CSV,   /* the name in the first column */
} SiagaListFormat;

/* Collects names and writes the file.  One thread. */
typedef struct _SiagaListBuilder SiagaListBuilder;

SiagaListBuilder *siaga_list_builder_new(void);
void siaga_list_builder_free(SiagaListBuilder *self); /* NULL allowed */

/* Adds the names of PATH under CATEGORY (small letters, digits, "-").  FALSE with file:line errors in DIAG (the first
 * 20, then how many more); what was right is added. */
gboolean siaga_list_builder_add(SiagaListBuilder *self, const gchar *category, const gchar *path,
                                SiagaListFormat format, SiagaDiag *diag);
guint64 siaga_list_builder_size(const SiagaListBuilder *self); /* names so far, repetitions included */
/* Writes beside PATH and renames: readers see the old file or the new one, whole.  FALSE: PATH is as it was. */
gboolean siaga_list_builder_write(SiagaListBuilder *self, const gchar *path, SiagaDiag *diag);

/* The file's bytes, out of reach of who writes over it: at most 10 bytes a name, of a large one in a mapped copy that
 * has no name, beside it; where there can be none, in memory.  A look-up compares 56 bits of a hash: of names that
 * stand in no list one in 2^56 / (names in the list) is taken for one of them (ten million names: 1.4 in 10^10). */
typedef struct _SiagaLists SiagaLists; /* (also in victim.h) */

/* NULL with an error in DIAG when PATH cannot be read or is broken. */
SiagaLists *siaga_lists_open(const gchar *path, SiagaDiag *diag);
void siaga_lists_free(SiagaLists *self); /* NULL allowed */

/* Takes a file that replaced the one in use; TRUE when it did.  A broken one is left alone: the old names stay.  To be
 * called now and then, a file in five seconds: a large one (1 MiB) is taken in beside, and one that was written over in
 * place when it is as it was at the call before.  One thread at a time, beside any number that look up. */
gboolean siaga_lists_refresh(SiagaLists *self, SiagaDiag *diag);
guint64 siaga_lists_size(const SiagaLists *self);

/* The categories of NAME and of the domains above it, a bit for each; 0: in no list.  ≤ 1 µs; any thread; any case,
 * trailing dot and port allowed. */
guint64 siaga_lists_find(SiagaLists *self, const gchar *name, gsize length);
const gchar *siaga_lists_category(const SiagaLists *self, guint bit); /* NULL: no such category */

/* Sets siaga.list.category of the event by its DNS question, Host header, referrer and name in the TLS handshake.  The
 * text lives as long as the lists. */
gboolean siaga_lists_tag(SiagaLists *self, SiagaEvent *event);

#endif
