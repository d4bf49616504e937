/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the victim tables' reader, look-up and classifier share. */

#ifndef SIAGA_DOMAIN_VICTIMS_H_INCLUDED
#define SIAGA_DOMAIN_VICTIMS_H_INCLUDED

#include <siaga/victim.h>

#include "engine/domain/name-cache.h"
#include "engine/domain/prefixes.h"
#include "engine/domain/suffixes.h"

/* A row of a table, as its file says it and as finish completes it. */
typedef struct
{
  SiagaVictim victim; /* empty cells are filled from the next shorter row that covers it */
  const gchar *key;   /* suffix or network as written */
  const gchar *file;
  guint line;
  guint load;   /* number of the load() call that brought it */
  guint labels; /* of the name; 0: a network */
} SiagaVictimRow;

/* What rows say in common.  There are few: they stay in the processor's cache. */
typedef struct
{
  SiagaVictim victim;       /* without the owner */
  const gchar *country_tag; /* "gov.id"; NULL when not government */
  const gchar *sector_tag;  /* "sector.health"; NULL when there is no sector */
} SiagaVictimKind;

/* What a look-up reads of a row: with a name of up to 32 letters it is one line of the processor's cache. */
typedef struct
{
  const SiagaVictimKind *kind; /* NULL before finish */
  const gchar *owner;
  guint number; /* of the row, as siaga_victims_row() takes it */
} SiagaVictimAnswer;

struct _SiagaVictims
{
  gint references;
  SiagaSuffixes *names;     /* of SiagaVictimAnswer */
  GPtrArray *name_answers;  /* the same, in the order they came */
  GPtrArray *name_rows;     /* theirs, owned */
  SiagaPrefixes *networks;  /* of numbers: a network's is its index + 1 */
  GPtrArray *network_rows;  /* owned */
  GArray *network_answers;  /* made by finish */
  GHashTable *kinds;        /* SiagaVictimKind, owned */
  GHashTable *network_keys; /* "high:low/bits" -> row number */
  GHashTable *sectors;      /* words that rows named so far, in TEXT */
  SiagaSuffixes *own;
  gboolean any_own;
  GStringChunk *text;
  gpointer public_suffixes; /* psl_ctx_t; NULL: the system's */
  guint loads;
  gboolean finished;
  SiagaNameOwner owner; /* of what threads remember about names */
};

/* NULL when no row covers it; of names before finish too, but then the number alone is there. */
const SiagaVictimAnswer *siaga_victims_find_name(const SiagaVictims *self, const gchar *name, gsize length);
const SiagaVictimAnswer *siaga_victims_find_address(const SiagaVictims *self, const SiagaPrefixAddress *address);

static inline SiagaVictimRow *
siaga_victims_network(const SiagaVictims *self, guint32 number)
{
  return self->network_rows->pdata[number - 1];
}

/* The row of index 0 … siaga_victims_size() - 1: names, then networks. */
static inline SiagaVictimRow *
siaga_victims_row(const SiagaVictims *self, guint index)
{
  guint names = self->name_rows->len;
  return index < names ? self->name_rows->pdata[index] : self->network_rows->pdata[index - names];
}

/* NAME is canonical.  NULL when there is a row of that name already (OLD_R). */
SiagaVictimRow *siaga_victims_new_name(SiagaVictims *self, const gchar *name, SiagaVictimRow **old_r);
SiagaVictimRow *siaga_victims_new_network(SiagaVictims *self, const gchar *key);
/* The row of the next shorter suffix, which fills what ROW leaves empty; NULL for networks. */
const SiagaVictimRow *siaga_victims_outer(const SiagaVictims *self, const SiagaVictimRow *row);

#endif
