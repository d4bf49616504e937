/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Policies in memory. */

#ifndef SIAGA_ENGINE_SHARE_H_INCLUDED
#define SIAGA_ENGINE_SHARE_H_INCLUDED

#include <siaga/share.h>

#include "engine/domain/prefixes.h"

typedef enum
{
  SIAGA_REDACT_USERS,
  SIAGA_REDACT_INTERNAL,
  SIAGA_REDACT_PATHS,
  SIAGA_REDACT_QUERIES,
  SIAGA_REDACT_EVIDENCE,
  SIAGA_REDACT_VICTIM,
  SIAGA_REDACT_COUNT,
} SiagaRedactSubject;

typedef enum
{
  SIAGA_REDACT_UNSET,
  SIAGA_REDACT_REMOVE,
  SIAGA_REDACT_PSEUDONYM,
  SIAGA_REDACT_KEEP,
  SIAGA_REDACT_KNOWN,  /* users: the site's own accounts are kept, the others get pseudonyms */
  SIAGA_REDACT_MASKED, /* evidence: lines in which everything redacted elsewhere is blotted out */
} SiagaRedactAction;

typedef struct
{
  guint8 action[SIAGA_TLP_COUNT][SIAGA_REDACT_COUNT]; /* SiagaRedactAction */
} SiagaRedaction;

/* Conditions whose words others define. */
typedef enum
{
  SIAGA_SHARE_SECTORS,
  SIAGA_SHARE_CSIRTS,
  SIAGA_SHARE_CATEGORIES,
  SIAGA_SHARE_WORDS,
} SiagaShareWords;

/* Lists are OR, conditions AND; an empty list is no condition. */
typedef struct
{
  GPtrArray *victim_countries, *victim_sectors, *victim_csirts, *victim_owners, *victim_domains;
  GPtrArray *attacker_countries, *categories;
  SiagaPrefixes *victim_networks, *attacker_networks; /* NULL: no condition */
  SiagaLevel level;                                   /* at least; NONE: no condition */
  gboolean report_due;                                /* it has a legal deadline; FALSE: no condition */
  SiagaPlace words[SIAGA_SHARE_WORDS];                /* where their lists stand; of the file that holds the policy */
} SiagaShareCondition;

typedef struct _SiagaShareFile SiagaShareFile;

typedef struct
{
  SiagaShareFile *file;
  gchar *name;
  gchar *title; /* NULL allowed */
  SiagaTlp tlp; /* up to which label */
  SiagaRedaction redact;
  GPtrArray *policies; /* of SiagaSharePolicy*, borrowed from the file */
} SiagaSharePartner;

typedef struct
{
  SiagaPlace place;
  gchar *title;
  gboolean has_tlp;
  SiagaTlp tlp;
  SiagaShareCondition when;
  SiagaShareCondition *unless; /* NULL: none */
} SiagaSharePolicy;

struct _SiagaShareFile
{
  gchar *path;
  gboolean active;
  gchar *key; /* of pseudonyms; NULL: none */
  gsize key_length;
  GPtrArray *known_users; /* of gchar* */
  GPtrArray *partners;    /* of SiagaSharePartner*, owned */
  GPtrArray *policies;    /* of SiagaSharePolicy*, owned */
  SiagaRedaction redact;
};

struct _SiagaShare
{
  GPtrArray *files;       /* of SiagaShareFile*, owned */
  GPtrArray *partners;    /* of SiagaSharePartner*, borrowed: the ones that count */
  gconstpointer suffixes; /* a psl_ctx_t; NULL: registered domains are the last two labels */
};

/* NULL after an error: nothing of the file counts. */
SiagaShareFile *siaga_share_file_load(const gchar *path, SiagaDiag *diag);
void siaga_share_file_free(gpointer file);

/* The action for SUBJECT at TLP: the partner's, else its file's, else the built-in one; never UNSET. */
SiagaRedactAction siaga_share_action(const SiagaSharePartner *partner, SiagaTlp tlp, SiagaRedactSubject subject);

#endif
