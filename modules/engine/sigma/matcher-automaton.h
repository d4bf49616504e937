/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * One automaton for many expressions: one step per byte, however many they are. */

#ifndef SIAGA_MATCHER_AUTOMATON_H_INCLUDED
#define SIAGA_MATCHER_AUTOMATON_H_INCLUDED

#include "matcher-regex.h"

typedef enum
{
  SIAGA_STATE_SET,    /* goes on over a byte of the set */
  SIAGA_STATE_SPLIT,  /* goes on in both */
  SIAGA_STATE_ASSERT, /* goes on when the assertion holds; OTHER of an END: the state behind a newline that may be last
                       */
  SIAGA_STATE_ACCEPT, /* OTHER is the part that was found */
} SiagaStateKind;

typedef struct
{
  guint8 kind;
  guint8 assertion;
  guint16 set;
  guint32 next, other;
} SiagaState;

/* A part of an alternative of an expression. */
typedef struct
{
  guint32 number;      /* of the expression */
  guint32 alternative; /* among those of the whole automaton */
  guint8 bit, all;     /* of the alternative's parts: this one, every one */
  gboolean exact;      /* found means matched */
} SiagaPart;

/* What all threads share; immutable once finished. */
typedef struct
{
  guint64 serial;      /* of no other automaton of this process */
  GArray *states;      /* of SiagaState */
  GArray *sets;        /* of SiagaByteSet */
  GHashTable *numbers; /* set -> its number and one, NULL once finished */
  GArray *starts;      /* of guint32 */
  GArray *parts;       /* of SiagaPart */
  guint alternatives;
  guint alphabet;        /* of the texts that it is for */
  guint8 classes[256];   /* bytes that no set tells apart */
  guint8 members[256];   /* class -> one of its bytes */
  guint class_count;     /* the one behind the last is the end of the text */
  gboolean words, lines; /* any assertion about them */
} SiagaAutomaton;

SiagaAutomaton *siaga_automaton_new(guint alphabet);
void siaga_automaton_free(SiagaAutomaton *self); /* NULL allowed */
/* Takes ALTERNATIVES (of SiagaSegments) of expression NUMBER in, those that its texts can match.  FALSE, with nothing
 * added, when they are too large. */
gboolean siaga_automaton_add(SiagaAutomaton *self, guint number, const GArray *alternatives);
void siaga_automaton_finish(SiagaAutomaton *self);

/* A thread's own states of automata, made as texts ask for them. */
typedef struct _SiagaWalks SiagaWalks;
SiagaWalks *siaga_walks_new(void);
void siaga_walks_free(SiagaWalks *self);

/* Calls FOUND for each part in TEXT, some more than once.  FALSE when it was given up on the way: too much would have
 * had to be made for one text. */
gboolean siaga_automaton_walk(const SiagaAutomaton *self, SiagaWalks *walks, const gchar *text, gsize length,
                              void (*found)(const SiagaPart *part, gpointer user_data), gpointer user_data);

#endif
