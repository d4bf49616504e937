/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The automaton of Aho and Corasick with all its steps made beforehand.  The matcher is quicker on ordinary lines, but
 * makes its steps when a text first needs them, and a stranger's long text needs many. */

#include "literals.h"

#include <string.h>

/* A step is the place of the next state's row; this bit says that a literal ends there. */
#define ENDS (1u << 31)

/* A literal that ends in a state, and the next that ends there. */
typedef struct
{
  guint number;
  guint next; /* 1-based, 0 is none */
} End;

typedef struct
{
  guint32 fallback; /* the longest state that is an end of this one */
  guint32 ends;     /* 1-based, 0 is none */
} State;

struct _Literals
{
  guint8 classes[256]; /* 0: in no literal */
  guint width;         /* steps of a row: one for each class */
  GPtrArray *texts;    /* of GBytes, in lower case */
  GArray *numbers;     /* of guint, for each text */
  GArray *states;      /* of State; the first is the start */
  GArray *building;    /* of guint32: STEPS while they are made */
  guint32 *steps;
  GArray *ends; /* of End */
};

/* States whose ends are known stand here by their last bits: a text that repeats itself meets few. */
#define KNOWN 64

#define STATE(self, i) (&g_array_index((self)->states, State, i))
#define STEP(self, state, class) (&g_array_index((self)->building, guint32, (state) * (self)->width + (class)))

Literals *
siaga_literals_new(void)
{
  Literals *self = g_new0(Literals, 1);
  self->texts = g_ptr_array_new_with_free_func((GDestroyNotify) g_bytes_unref);
  self->numbers = g_array_new(FALSE, FALSE, sizeof(guint));
  self->states = g_array_new(FALSE, TRUE, sizeof(State));
  self->building = g_array_new(FALSE, TRUE, sizeof(guint32));
  self->ends = g_array_new(FALSE, FALSE, sizeof(End));
  return self;
}

void
siaga_literals_free(Literals *self)
{
  if (!self)
    return;
  g_ptr_array_unref(self->texts);
  g_array_unref(self->numbers);
  g_array_unref(self->states);
  if (self->building)
    g_array_unref(self->building);
  g_free(self->steps);
  g_array_unref(self->ends);
  g_free(self);
}

void
siaga_literals_add(Literals *self, const gchar *text, gsize length, guint number)
{
  g_ptr_array_add(self->texts, g_bytes_new_take(g_ascii_strdown(text, length), length));
  g_array_append_val(self->numbers, number);
}

/* Bytes beyond ASCII are one class: a literal in another language is found where only these differ, too, and the
 * pattern itself is asked then.  A row with a step for each would be twice as long. */
static void
_number_classes(Literals *self)
{
  guint count = 2;
  memset(self->classes + 128, 1, 128);
  for (guint i = 0; i < self->texts->len; i++)
    {
      gsize length;
      const guchar *text = g_bytes_get_data(g_ptr_array_index(self->texts, i), &length);
      for (gsize j = 0; j < length; j++)
        if (!self->classes[text[j]])
          self->classes[text[j]] = count++;
    }
  for (guint c = 'A'; c <= 'Z'; c++)
    self->classes[c] = self->classes[c + 'a' - 'A'];
  self->width = count;
}

static guint32
_new_state(Literals *self)
{
  g_array_set_size(self->states, self->states->len + 1);
  g_array_set_size(self->building, self->building->len + self->width);
  return self->states->len - 1;
}

static void
_add_end(Literals *self, guint32 state, guint number)
{
  End end = { number, STATE(self, state)->ends };
  g_array_append_val(self->ends, end);
  STATE(self, state)->ends = self->ends->len;
}

static void
_plant(Literals *self, const guchar *text, gsize length, guint number)
{
  guint32 at = 0;
  for (gsize i = 0; i < length; i++)
    {
      guint class = self->classes[text[i]];
      guint32 next = *STEP(self, at, class);
      if (!next)
        {
          next = _new_state(self);
          *STEP(self, at, class) = next;
        }
      at = next;
    }
  _add_end(self, at, number);
}

/* What ends in a state's fallback ends in the state too; shorter states are done already. */
static void
_take_over_ends(Literals *self, guint32 state)
{
  for (guint at = STATE(self, STATE(self, state)->fallback)->ends; at; at = g_array_index(self->ends, End, at - 1).next)
    _add_end(self, state, g_array_index(self->ends, End, at - 1).number);
}

/* Where the tree has no branch, the step is that of the fallback. */
static void
_complete(Literals *self, guint32 state, GArray *later)
{
  guint32 fallback = STATE(self, state)->fallback;
  if (state)
    _take_over_ends(self, state);
  for (guint class = 0; class < self->width; class ++)
    {
      guint32 next = *STEP(self, state, class), other = state ? *STEP(self, fallback, class) : 0;
      if (next)
        {
          STATE(self, next)->fallback = other;
          g_array_append_val(later, next);
        }
      else
        *STEP(self, state, class) = other;
    }
}

/* Numbers of states become places of rows. */
static void
_place_steps(Literals *self)
{
  const guint count = self->building->len;
  self->steps = g_new(guint32, count);
  for (guint i = 0; i < count; i++)
    {
      const guint32 state = g_array_index(self->building, guint32, i);
      self->steps[i] = state * self->width | (STATE(self, state)->ends ? ENDS : 0);
    }
  g_clear_pointer(&self->building, g_array_unref);
}

void
siaga_literals_finish(Literals *self)
{
  GArray *queue = g_array_new(FALSE, FALSE, sizeof(guint32));
  _number_classes(self);
  guint32 start = _new_state(self);
  for (guint i = 0; i < self->texts->len; i++)
    {
      gsize length;
      const guchar *text = g_bytes_get_data(g_ptr_array_index(self->texts, i), &length);
      _plant(self, text, length, g_array_index(self->numbers, guint, i));
    }
  g_array_append_val(queue, start);
  for (guint i = 0; i < queue->len; i++)
    _complete(self, g_array_index(queue, guint32, i), queue);
  _place_steps(self);
  g_array_unref(queue);
}

static void
_set_bits(const Literals *self, const State *state, guint64 *bits)
{
  for (guint at = state->ends; at; at = g_array_index(self->ends, End, at - 1).next)
    {
      guint number = g_array_index(self->ends, End, at - 1).number;
      bits[number >> 6] |= G_GUINT64_CONSTANT(1) << (number & 63);
    }
}

void
siaga_literals_scan(const Literals *self, const gchar *text, gsize length, guint64 *bits)
{
  guint32 known[KNOWN] = { 0 }, at = 0;
  for (gsize i = 0; i < length; i++)
    {
      at = self->steps[at + self->classes[(guchar) text[i]]];
      if (G_LIKELY(!(at & ENDS)))
        continue;
      at &= ~ENDS;
      guint32 state = at / self->width;
      if (known[state % KNOWN] != state)
        _set_bits(self, STATE(self, state), bits);
      known[state % KNOWN] = state;
    }
}
