/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Look-alikes: names made to be taken for a government's. */

#ifndef SIAGA_LOOKALIKE_H_INCLUDED
#define SIAGA_LOOKALIKE_H_INCLUDED

#include <siaga/diag.h>
#include <siaga/event.h>
#include <siaga/victim.h>

typedef enum
{
  SIAGA_LOOKALIKE_NONE,
  SIAGA_LOOKALIKE_EMBEDDED,   /* kominfo.go.id.example.top */
  SIAGA_LOOKALIKE_HYPHENATED, /* pajak-go-id.example */
  SIAGA_LOOKALIKE_HOMOGLYPH,  /* letters of other scripts, digits for letters */
  SIAGA_LOOKALIKE_EDIT,       /* an agency's label under another suffix, or a letter or two away */
  SIAGA_LOOKALIKE_BAIT,       /* an agency's label beside a word that lures */
} SiagaLookalikeKind;

const gchar *siaga_lookalike_kind_name(SiagaLookalikeKind kind); /* "embedded" …; NULL for NONE; static */

typedef struct
{
  SiagaLookalikeKind kind;
  gchar of[256];       /* the name imitated: an agency's domain, or the government name inside */
  const gchar *agency; /* title of the agency, NULL when the tables do not know it */
  gchar evidence[80];  /* what gave it away: the label, the words */
  guint distance;      /* of EDIT */
} SiagaLookalike;

/* SiagaLookalikes: built by one thread, then immutable and read by any.  Reference counted. */

/* Takes a reference on VICTIMS, whose government suffixes are never look-alikes.  PUBLIC_SUFFIXES is a psl_ctx_t that
 * outlives the result; NULL: the registered domain is the last two labels. */
SiagaLookalikes *siaga_lookalikes_new(SiagaVictims *victims, gconstpointer public_suffixes);
void siaga_lookalikes_free(SiagaLookalikes *self); /* NULL allowed */

/* CSV: domain,agency,labels (parted by ";"; "label!" is nobody else's name, "label?" counts only beside bait). */
gboolean siaga_lookalikes_load_agencies(SiagaLookalikes *self, const gchar *path, SiagaDiag *diag);
/* One word, or one domain suffix, a line; "#" begins a comment.  "!word" speaks about an agency: beside it "label!"
 * needs bait.  Among allowances "word.*" is a registered label, "*.suffix" is what is registered below it, with papers.
 */
gboolean siaga_lookalikes_load_bait(SiagaLookalikes *self, const gchar *path, SiagaDiag *diag);
gboolean siaga_lookalikes_load_allow(SiagaLookalikes *self, const gchar *path, SiagaDiag *diag);
/* local-suffixes(): FALSE: not a domain name. */
gboolean siaga_lookalikes_add_allow(SiagaLookalikes *self, const gchar *suffix);

/* TRUE when NAME imitates; any case, trailing dot and port allowed.  ≤ 5 µs, no allocation for names without punycode;
 * any thread. */
gboolean siaga_lookalikes_check(const SiagaLookalikes *self, const gchar *name, gsize length, SiagaLookalike *found_r);
/* "pajak-go-id.example imitates pajak.go.id (Direktorat Jenderal Pajak): …" */
void siaga_lookalike_explain(const SiagaLookalike *found, const gchar *name, GString *out);

/* How sure it is, 40 to 100: the kind, and whether the name is newly seen. */
guint siaga_lookalike_score(const SiagaLookalike *found, gboolean is_new);

/* When names were seen first, in event time; 128 KiB, the names seen longest ago go first.  Any thread. */
typedef struct _SiagaSeenNames SiagaSeenNames; /* (also in victim.h) */

#define SIAGA_SEEN_NEW (24 * 3600 * SIAGA_SECOND)

SiagaSeenNames *siaga_seen_names_new(void);
void siaga_seen_names_free(SiagaSeenNames *self);  /* NULL allowed */
void siaga_seen_names_clear(SiagaSeenNames *self); /* forgets everything; one thread */
/* An event of TIME passed, whatever it names: a name is new only when there was a day in which it did not come. */
void siaga_seen_names_notice(SiagaSeenNames *self, SiagaTime time);
/* TRUE when NAME was seen first less than SIAGA_SEEN_NEW ago, and that was SIAGA_SEEN_NEW or more after the first event
 * of all. */
gboolean siaga_seen_names_is_new(SiagaSeenNames *self, const gchar *name, gsize length, SiagaTime time);

/* Looks at the event's DNS question, Host header, referrer and name in the TLS handshake; the first that imitates sets
 * siaga.lookalike.of, .kind and .score and the tag lookalike.  SEEN may be NULL.  Call before siaga_victims_classify.
 */
gboolean siaga_lookalikes_tag(const SiagaLookalikes *self, SiagaSeenNames *seen, SiagaEvent *event);

#endif
