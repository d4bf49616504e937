/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The automaton of Aho and Corasick, made beforehand.  The matcher is quicker on ordinary lines, but makes its steps
 * when a text first needs them, and a stranger's long text needs many.
 *
 * States are numbered by their depth, so that the children of one stand in a row, and those near the start, where texts
 * are nearly always, come first: these have a step for each class of bytes.  The others have their children only, and a
 * text that leaves them falls back: no more often than it went forward. */

#include "literals.h"

#include <string.h>

/* In a step: a literal ends in that state. */
#define ENDS (1u << 31)

/* One of so many states, and this many at least, has all steps. */
#define ROWS_SHARE 16
#define ROWS_MIN 256

typedef struct
{
  guint8 *bytes; /* as classes */
  gsize length;
  guint number;
} Text;

typedef struct
{
  guint32 children; /* the first; they end where those of the next state begin */
  guint32 fallback; /* the longest state that is an end of this one */
  guint32 ending;   /* this state, or the next of its fallbacks, where a literal ends; 0 is none */
  guint32 texts;    /* the first that begins with this state; those that end in it come first */
  guint16 ends;     /* how many end in it */
  guint8 class;     /* of its last byte */
} State;

struct _Literals
{
  guint8 classes[256]; /* 0: in no literal */
  guint width;         /* steps of a row: one for each class */
  GArray *texts;       /* of Text */
  GArray *states;      /* of State; the first is the start, one more than there are stands behind */
  guint32 *rows;
  guint32 row_count;
};

/* States whose ends are known stand here by their last bits: a text that repeats itself meets few. */
#define KNOWN 64

#define STATE(self, i) (&g_array_index((self)->states, State, i))
#define TEXT(self, i) (&g_array_index((self)->texts, Text, i))

static void
_clear_text(gpointer text)
{
  g_free(((Text *) text)->bytes);
}

Literals *
siaga_literals_new(void)
{
  Literals *self = g_new0(Literals, 1);
  self->texts = g_array_new(FALSE, FALSE, sizeof(Text));
  g_array_set_clear_func(self->texts, _clear_text);
  self->states = g_array_new(FALSE, TRUE, sizeof(State));
  return self;
}

void
siaga_literals_free(Literals *self)
{
  if (!self)
    return;
  g_array_unref(self->texts);
  g_array_unref(self->states);
  g_free(self->rows);
  g_free(self);
}

void
siaga_literals_add(Literals *self, const gchar *text, gsize length, guint number)
{
  Text new = { (guint8 *) g_ascii_strdown(text, length), length, number };
  g_array_append_val(self->texts, new);
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
      Text *text = TEXT(self, i);
      for (gsize j = 0; j < text->length; j++)
        {
          guint8 *class = &self->classes[text->bytes[j]];
          if (!*class)
            *class = count++;
          text->bytes[j] = *class;
        }
    }
  for (guint c = 'A'; c <= 'Z'; c++)
    self->classes[c] = self->classes[c + 'a' - 'A'];
  self->width = count;
}

static gint
_compare_texts(gconstpointer a, gconstpointer b)
{
  const Text *x = a, *y = b;
  const gint order = memcmp(x->bytes, y->bytes, MIN(x->length, y->length));
  return order ? order : (x->length > y->length) - (x->length < y->length);
}

/* The state behind another one without falling back, 0 when there is none. */
static inline guint32
_child(const Literals *self, guint32 state, guint8 class)
{
  const State *at = STATE(self, state);
  for (guint32 i = at->children; i < at[1].children; i++)
    if (STATE(self, i)->class == class)
      return i;
  return 0;
}

static inline guint32
_step(const Literals *self, guint32 state, guint8 class)
{
  for (; state >= self->row_count; state = STATE(self, state)->fallback)
    {
      const guint32 next = _child(self, state, class);
      if (next)
        return STATE(self, next)->ending ? next | ENDS : next;
    }
  return self->rows[state * self->width + class];
}

/* While rows are made, those of shorter states are there. */
static guint32
_fallback_of_child(const Literals *self, guint32 parent, guint8 class)
{
  return parent ? _step(self, STATE(self, parent)->fallback, class) & ~ENDS : 0;
}

static void
_add_child(Literals *self, guint32 parent, guint32 texts, guint8 class)
{
  State new = { .fallback = _fallback_of_child(self, parent, class), .texts = texts, .class = class };
  g_array_append_val(self->states, new);
}

/* A state is made of the texts FROM to TO, which begin with its DEPTH classes. */
typedef struct
{
  guint32 from, to;
  gsize depth;
} Range;

/* The texts that end here, then those of each child. */
static void
_branch(Literals *self, guint32 state, const Range *range, GArray *ranges)
{
  guint32 at = range->from;
  while (at < range->to && TEXT(self, at)->length == range->depth)
    at++;
  STATE(self, state)->ends = at - range->from;
  STATE(self, state)->ending = at > range->from ? state : STATE(self, STATE(self, state)->fallback)->ending;
  STATE(self, state)->children = self->states->len;
  while (at < range->to)
    {
      Range child = { at, at, range->depth + 1 };
      const guint8 class = TEXT(self, at)->bytes[range->depth];
      while (child.to < range->to && TEXT(self, child.to)->bytes[range->depth] == class)
        child.to++;
      _add_child(self, state, at, class);
      g_array_append_val(ranges, child);
      at = child.to;
    }
}

static guint32
_count_states(const Literals *self)
{
  guint32 count = 1;
  for (guint i = 0; i < self->texts->len; i++)
    {
      gsize shared = 0;
      while (i && shared < MIN(TEXT(self, i)->length, TEXT(self, i - 1)->length) &&
             TEXT(self, i)->bytes[shared] == TEXT(self, i - 1)->bytes[shared])
        shared++;
      count += TEXT(self, i)->length - shared;
    }
  return count;
}

/* What ends in a child is known when its turn comes, which is later: until then its steps are without a mark. */
static void
_fill_row(Literals *self, guint32 state)
{
  guint32 *row = self->rows + state * self->width;
  if (state)
    memcpy(row, self->rows + STATE(self, state)->fallback * self->width, self->width * sizeof *row);
  for (guint32 i = STATE(self, state)->children; i < self->states->len; i++)
    row[STATE(self, i)->class] = i;
}

static void
_mark_ends(Literals *self)
{
  for (guint32 i = 0; i < self->row_count * self->width; i++)
    if (STATE(self, self->rows[i])->ending)
      self->rows[i] |= ENDS;
}

void
siaga_literals_finish(Literals *self)
{
  GArray *ranges = g_array_new(FALSE, FALSE, sizeof(Range));
  _number_classes(self);
  g_array_sort(self->texts, _compare_texts);
  const guint32 count = _count_states(self);
  const guint32 row_count = MIN(count, MAX(count / ROWS_SHARE, ROWS_MIN));
  Range all = { 0, self->texts->len, 0 };
  self->rows = g_new0(guint32, row_count * self->width);
  self->row_count = row_count;
  g_array_set_size(self->states, 1);
  g_array_append_val(ranges, all);
  for (guint32 state = 0; state < count; state++)
    {
      const Range range = g_array_index(ranges, Range, state);
      _branch(self, state, &range, ranges);
      if (state < row_count)
        _fill_row(self, state);
    }
  State behind = { .children = self->states->len };
  g_array_append_val(self->states, behind);
  _mark_ends(self);
  g_array_unref(ranges);
}

static void
_set_bits(const Literals *self, guint32 state, guint64 *bits)
{
  for (guint32 at = STATE(self, state)->ending; at; at = STATE(self, STATE(self, at)->fallback)->ending)
    for (guint i = 0; i < STATE(self, at)->ends; i++)
      {
        const guint number = TEXT(self, STATE(self, at)->texts + i)->number;
        bits[number >> 6] |= G_GUINT64_CONSTANT(1) << (number & 63);
      }
}

void
siaga_literals_scan(const Literals *self, const gchar *text, gsize length, guint64 *bits)
{
  guint32 known[KNOWN] = { 0 }, at = 0;
  for (gsize i = 0; i < length; i++)
    {
      at = _step(self, at, self->classes[(guchar) text[i]]);
      if (G_LIKELY(!(at & ENDS)))
        continue;
      at &= ~ENDS;
      if (known[at % KNOWN] != at)
        _set_bits(self, at, bits);
      known[at % KNOWN] = at;
    }
}
