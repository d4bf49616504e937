/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A regex as a tree: for the automata of the matcher, which need less than was written, and for the programs of
 * engine/pattern, which need all of it. */

#ifndef SIAGA_MATCHER_REGEX_H_INCLUDED
#define SIAGA_MATCHER_REGEX_H_INCLUDED

#include <glib.h>

typedef struct
{
  guint64 bits[4];
} SiagaByteSet;

static inline gboolean
siaga_byte_set_has(const SiagaByteSet *self, guint byte)
{
  return self->bits[byte / 64] >> (byte % 64) & 1;
}

static inline void
siaga_byte_set_add(SiagaByteSet *self, guint byte)
{
  self->bits[byte / 64] |= G_GUINT64_CONSTANT(1) << (byte % 64);
}

static inline guint
siaga_byte_set_size(const SiagaByteSet *self)
{
  guint size = 0;
  for (guint i = 0; i < 4; i++)
    size += __builtin_popcountll(self->bits[i]);
  return size;
}

/* The only byte of it; -1 when it has more, or none. */
static inline gint
siaga_byte_set_only(const SiagaByteSet *self)
{
  gint byte = -1;
  for (guint i = 0; i < 4; i++)
    {
      if (!self->bits[i])
        continue;
      if (byte >= 0 || (self->bits[i] & (self->bits[i] - 1)))
        return -1;
      byte = i * 64 + __builtin_ctzll(self->bits[i]);
    }
  return byte;
}

static inline gboolean
siaga_is_word(guint byte)
{
  return byte < 0x80 && (g_ascii_isalnum(byte) || byte == '_');
}

typedef enum
{
  SIAGA_REGEX_EMPTY,
  SIAGA_REGEX_SET,    /* one byte of SET */
  SIAGA_REGEX_CAT,    /* the children one after another */
  SIAGA_REGEX_ALT,    /* one of the children */
  SIAGA_REGEX_REPEAT, /* the only child, MINIMUM to MAXIMUM times */
  SIAGA_REGEX_ASSERT,
  /* of whole trees alone, each with one child */
  SIAGA_REGEX_GROUP,  /* the group of that NUMBER */
  SIAGA_REGEX_ATOMIC, /* (?>…) */
  SIAGA_REGEX_LOOK,   /* around */
} SiagaRegexKind;

typedef enum
{
  SIAGA_REPEAT_GREEDY,
  SIAGA_REPEAT_LAZY,
  SIAGA_REPEAT_POSSESSIVE,
} SiagaRepeatStyle;

typedef enum
{
  SIAGA_ASSERT_START,
  SIAGA_ASSERT_LINE_START,
  SIAGA_ASSERT_END,      /* or before a newline that ends the text */
  SIAGA_ASSERT_LINE_END, /* or before any newline */
  SIAGA_ASSERT_LAST,     /* the end and nothing else */
  SIAGA_ASSERT_WORD,
  SIAGA_ASSERT_NOT_WORD,
} SiagaAssertion;

typedef struct _SiagaRegexNode SiagaRegexNode;
struct _SiagaRegexNode
{
  guint8 kind;
  guint8 assertion;
  guint8 style;           /* SiagaRepeatStyle, of whole trees alone */
  gboolean behind;        /* of a look-around */
  gboolean negative;      /* of a look-around */
  guint number;           /* of a group: 7 of "(?<g7>…)" */
  gboolean copied;        /* siaga_regex_restrict() made it */
  gboolean loose;         /* matches more than what was written: a look-around, a back reference, a possessive repeat */
  guint minimum, maximum; /* G_MAXUINT: endless */
  SiagaByteSet set;
  GPtrArray *children;
};

/* Beside SiagaMatchFlags: nothing is left out or loosened; "$" is the text's very end; NULL where that cannot be done.
 */
#define SIAGA_REGEX_WHOLE (1u << 16)

/* A tree that matches wherever PCRE2 matches EXPRESSION (bytes, not UTF-8), and nowhere else unless a node of it is
 * loose.  NULL for what is not understood.  FLAGS: SiagaMatchFlags. */
SiagaRegexNode *siaga_regex_parse(const gchar *expression, gsize length, guint flags);
void siaga_regex_free(SiagaRegexNode *self); /* NULL allowed */
gboolean siaga_regex_is_nullable(const SiagaRegexNode *self);
gboolean siaga_regex_is_loose(const SiagaRegexNode *self);

/* What is left of SELF in texts that have bytes of ALPHABET alone: SELF itself when that is all, or a copy that holds
 * the parts of SELF in which nothing changed; NULL when it matches in none of them. */
const SiagaRegexNode *siaga_regex_restrict(const SiagaRegexNode *self, const SiagaByteSet *alphabet);
void siaga_regex_free_copy(const SiagaRegexNode *self); /* what that gave, before the tree itself; NULL allowed */
/* Whether that leaves anything. */
gboolean siaga_regex_is_possible(const SiagaRegexNode *self, const SiagaByteSet *alphabet);

/* Most texts have few different bytes, and most expressions ask for others: each alphabet has automata of its own, with
 * nothing in them that cannot match there.  The smaller alphabets first; the last has all bytes. */
#define SIAGA_ALPHABETS 3
const SiagaByteSet *siaga_alphabet(guint number);
/* As siaga_regex_restrict() to it. */
const SiagaRegexNode *siaga_regex_in_alphabet(const SiagaRegexNode *self, guint number);

/* One of the alternatives at the top of a regex: the parts of it that every match holds, without long gaps inside,
 * the rarest first. */
#define SIAGA_SEGMENTS_MAX 3
typedef struct
{
  guint count;
  SiagaRegexNode *segments[SIAGA_SEGMENTS_MAX]; /* owned */
  gboolean exact;                               /* the only segment is the whole alternative */
  gboolean possible[SIAGA_ALPHABETS];           /* it can match in such texts */
} SiagaSegments;

/* Takes ROOT over.  NULL when an alternative has no part that is worth looking for. */
GArray *siaga_segments_of(SiagaRegexNode *root); /* of SiagaSegments */

#endif
