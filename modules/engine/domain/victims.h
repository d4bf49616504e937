/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the victim tables' reader, look-up and classifier share. */

#ifndef SIAGA_DOMAIN_VICTIMS_H_INCLUDED
#define SIAGA_DOMAIN_VICTIMS_H_INCLUDED

#include <siaga/victim.h>

#include "engine/domain/prefixes.h"
#include "engine/domain/suffixes.h"

/* What a look-up reads comes first, on one line of the processor's cache. */
typedef struct
{
  SiagaVictim victim;       /* empty cells are filled from the next shorter row that covers it */
  const gchar *country_tag; /* "gov.id"; NULL when not government */
  const gchar *sector_tag;  /* "sector.health"; NULL when there is no sector */
  const gchar *key;         /* suffix or network as written */
  const gchar *parent;      /* name whose rows fill the gaps; NULL for networks */
  const gchar *file;
  guint line;
  guint load;   /* number of the load() call that brought it */
  guint labels; /* of the name */
} SiagaVictimRow;

#define SIAGA_VICTIM_BLOCK 512 /* rows that lie together */
#define SIAGA_VICTIM_STRIDE 128

G_STATIC_ASSERT(sizeof(SiagaVictimRow) <= SIAGA_VICTIM_STRIDE);

struct _SiagaVictims
{
  gint references;
  GPtrArray *blocks; /* of rows */
  guint rows;        /* a row's number is its index + 1 */
  SiagaSuffixes *names;
  SiagaPrefixes *networks;
  GHashTable *network_rows; /* "high:low/bits" -> row number */
  SiagaSuffixes *own;
  gboolean any_own;
  GStringChunk *text;
  gpointer public_suffixes; /* psl_ctx_t; NULL: the system's */
  guint loads;
  gboolean finished;
};

/* NULL when no row covers it. */
const SiagaVictimRow *siaga_victims_find_name(const SiagaVictims *self, const gchar *name, gsize length);
const SiagaVictimRow *siaga_victims_find_address(const SiagaVictims *self, const gchar *address, gsize length);

static inline SiagaVictimRow *
siaga_victims_row(const SiagaVictims *self, guint32 number)
{
  guint32 index = number - 1;
  guint8 *block = self->blocks->pdata[index / SIAGA_VICTIM_BLOCK];
  return (SiagaVictimRow *) (block + (gsize) (index % SIAGA_VICTIM_BLOCK) * SIAGA_VICTIM_STRIDE);
}

SiagaVictimRow *siaga_victims_new_row(SiagaVictims *self, const gchar *key);

#endif
