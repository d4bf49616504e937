/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the victim tables' reader, look-up and classifier share. */

#ifndef SIAGA_DOMAIN_VICTIMS_H_INCLUDED
#define SIAGA_DOMAIN_VICTIMS_H_INCLUDED

#include <siaga/victim.h>

#include "engine/domain/name-cache.h"
#include "engine/domain/prefixes.h"
#include "engine/domain/suffixes.h"

/* What a look-up reads comes first, on one line of the processor's cache. */
typedef struct
{
  SiagaVictim victim;       /* empty cells are filled from the next shorter row that covers it */
  const gchar *country_tag; /* "gov.id"; NULL when not government */
  const gchar *sector_tag;  /* "sector.health"; NULL when there is no sector */
  const gchar *key;         /* suffix or network as written */
  const gchar *file;
  guint line;
  guint load;   /* number of the load() call that brought it */
  guint labels; /* of the name; 0: a network */
  guint number; /* of a name: its place among them */
} SiagaVictimRow;

#define SIAGA_VICTIM_BLOCK 512 /* networks' rows that lie together */
#define SIAGA_VICTIM_STRIDE 128

G_STATIC_ASSERT(sizeof(SiagaVictimRow) <= SIAGA_VICTIM_STRIDE);

struct _SiagaVictims
{
  gint references;
  SiagaSuffixes *names;    /* of SiagaVictimRow */
  GPtrArray *name_rows;    /* the same, in the order they came */
  SiagaPrefixes *networks; /* of row numbers */
  GPtrArray *network_blocks;
  guint network_rows;       /* a network's number is its index + 1 */
  GHashTable *network_keys; /* "high:low/bits" -> row number */
  SiagaSuffixes *own;
  gboolean any_own;
  GStringChunk *text;
  gpointer public_suffixes; /* psl_ctx_t; NULL: the system's */
  guint loads;
  gboolean finished;
  SiagaNameOwner owner; /* of what threads remember about names */
};

/* NULL when no row covers it. */
const SiagaVictimRow *siaga_victims_find_name(const SiagaVictims *self, const gchar *name, gsize length);
const SiagaVictimRow *siaga_victims_find_address(const SiagaVictims *self, const SiagaPrefixAddress *address);

static inline SiagaVictimRow *
siaga_victims_network(const SiagaVictims *self, guint32 number)
{
  guint32 index = number - 1;
  guint8 *block = self->network_blocks->pdata[index / SIAGA_VICTIM_BLOCK];
  return (SiagaVictimRow *) (block + (gsize) (index % SIAGA_VICTIM_BLOCK) * SIAGA_VICTIM_STRIDE);
}

/* The row of index 0 … siaga_victims_size() - 1: names, then networks. */
static inline SiagaVictimRow *
siaga_victims_row(const SiagaVictims *self, guint index)
{
  guint names = self->name_rows->len;
  return index < names ? self->name_rows->pdata[index] : siaga_victims_network(self, index - names + 1);
}

/* NAME is canonical.  NULL when there is a row of that name already (OLD_R). */
SiagaVictimRow *siaga_victims_new_name(SiagaVictims *self, const gchar *name, SiagaVictimRow **old_r);
SiagaVictimRow *siaga_victims_new_network(SiagaVictims *self, const gchar *key);
/* The row of the next shorter suffix, which fills what ROW leaves empty; NULL for networks. */
const SiagaVictimRow *siaga_victims_outer(const SiagaVictims *self, const SiagaVictimRow *row);

#endif
