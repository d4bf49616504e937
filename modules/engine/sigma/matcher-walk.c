/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Walks an automaton over a text.  Sets of states become one state of a thread's own table, made when a text first
 * needs it; what all texts have in common, ordinary traffic, is soon made.  All of it is bounded. */

#include "matcher-automaton.h"

#include <string.h>

#define ROWS_MAX 12000 /* of a table */
#define POOL_MAX (1u << 21)
#define TABLES_MAX 64     /* of a thread; the oldest gives way */
#define MADE_MAX 96       /* steps made for one text */
#define REST 20000        /* texts between two times that a full table is emptied */
#define FOUND_BIT 0x8000u /* of a step, which has room for ROWS_MAX beside it */
#define LINE 32           /* steps of a line of the cache; rows begin at one */
#define SLOTS (16 * 1024) /* of the hash of rows, more than ROWS_MAX */

/* What came before a place. */
typedef enum
{
  BEFORE_START,
  BEFORE_OTHER,
  BEFORE_WORD,
  BEFORE_NEWLINE,
  BEFORE_COUNT,
} Before;

/* A set of states, and the parts that are found on arrival: numbers in the table's pool. */
typedef struct
{
  guint32 hash;
  guint32 first, states, found;
  guint8 before;
} Row;

typedef struct
{
  guint64 used; /* for the oldest */
  guint stride;
  GArray *rows;    /* of Row; 0 is never one */
  gpointer memory; /* of STEPS */
  guint16 *steps;  /* row × column -> the next row; 0: not made yet; FOUND_BIT: it has parts */
  guint16
      columns[256]; /* by byte: its class and one, up to 256; column 0, on the line of the common bytes, is the end */
  guint16 *slots;
  GArray *pool;  /* of guint32 */
  Row *restarts; /* before × class: what looking for everything anew adds; hash is 1 once made */
  gboolean full;
  guint rest; /* texts until it may be emptied */
} Table;

/* A set being collected; MARK tells which members are in. */
typedef struct
{
  GArray *list;
  guint32 *mark;
  guint32 stamp;
  guint size;
} Bag;

struct _SiagaWalks
{
  guint64 serials[TABLES_MAX]; /* of the automata of TABLES; 0: free */
  Table tables[TABLES_MAX];
  guint64 clock;
  Bag before, behind, found;
  GArray *merged;
};

typedef struct
{
  const SiagaAutomaton *automaton;
  SiagaWalks *walks;
  Table *table;
  guint made;
} Walk;

/* --- bags ----------------------------------------------------------------------------------------------------------
 */

static void
_bag_empty(Bag *self, guint size)
{
  if (!self->list)
    self->list = g_array_new(FALSE, FALSE, sizeof(guint32));
  if (self->size < size)
    {
      g_free(self->mark);
      self->mark = g_new0(guint32, size);
      self->size = size;
      self->stamp = 0;
    }
  if (++self->stamp == 0)
    {
      memset(self->mark, 0, self->size * sizeof self->mark[0]);
      self->stamp = 1;
    }
  g_array_set_size(self->list, 0);
}

/* FALSE when it was in. */
static gboolean
_bag_add(Bag *self, guint32 member)
{
  if (self->mark[member] == self->stamp)
    return FALSE;
  self->mark[member] = self->stamp;
  g_array_append_val(self->list, member);
  return TRUE;
}

static void
_bag_clear(Bag *self)
{
  if (self->list)
    g_array_unref(self->list);
  g_free(self->mark);
}

/* --- tables --------------------------------------------------------------------------------------------------------
 */

static void
_table_clear(Table *self)
{
  if (self->rows)
    g_array_unref(self->rows);
  if (self->pool)
    g_array_unref(self->pool);
  g_free(self->memory);
  g_free(self->slots);
  g_free(self->restarts);
  memset(self, 0, sizeof *self);
}

SiagaWalks *
siaga_walks_new(void)
{
  SiagaWalks *self = g_new0(SiagaWalks, 1);
  self->merged = g_array_new(FALSE, FALSE, sizeof(guint32));
  return self;
}

void
siaga_walks_free(SiagaWalks *self)
{
  for (guint i = 0; i < TABLES_MAX; i++)
    _table_clear(&self->tables[i]);
  _bag_clear(&self->before);
  _bag_clear(&self->behind);
  _bag_clear(&self->found);
  g_array_unref(self->merged);
  g_free(self);
}

/* Row 0 is nobody's, row 1 is where every text begins.  The pool is never empty: even rows without members point into
 * it.
 */
static void
_table_init(Table *self, const SiagaAutomaton *automaton)
{
  Row rows[2] = { { 0 }, { .before = BEFORE_START } };
  self->stride = (automaton->class_count + LINE) / LINE * LINE;
  self->rows = g_array_new(FALSE, FALSE, sizeof(Row));
  g_array_append_vals(self->rows, rows, 2);
  self->pool = g_array_sized_new(FALSE, TRUE, sizeof(guint32), 1024);
  g_array_set_size(self->pool, 1);
  self->memory = g_malloc0(((gsize) ROWS_MAX * self->stride + LINE) * sizeof(guint16));
  for (guint c = 0; c < 256; c++)
    self->columns[c] = automaton->classes[c] + 1;
  self->steps = (guint16 *) (((guintptr) self->memory + 63) & ~(guintptr) 63);
  self->slots = g_new0(guint16, SLOTS);
  self->restarts = g_new0(Row, BEFORE_COUNT * self->stride);
  self->rest = REST;
}

static guint
_oldest_table(const SiagaWalks *self)
{
  guint oldest = 0;
  for (guint i = 1; i < TABLES_MAX; i++)
    if (self->tables[i].used < self->tables[oldest].used)
      oldest = i;
  return oldest;
}

static Table *
_table_of(SiagaWalks *self, const SiagaAutomaton *automaton)
{
  guint place = automaton->serial % TABLES_MAX;
  for (guint i = 0; i < TABLES_MAX && self->serials[place] && self->serials[place] != automaton->serial; i++)
    place = (place + 1) % TABLES_MAX;
  if (self->serials[place] != automaton->serial)
    {
      place = self->serials[place] ? _oldest_table(self) : place;
      _table_clear(&self->tables[place]);
      _table_init(&self->tables[place], automaton);
      self->serials[place] = automaton->serial;
    }
  self->tables[place].used = ++self->clock;
  return &self->tables[place];
}

static inline const Row *
_row(const Table *self, guint row)
{
  return &g_array_index(self->rows, Row, row);
}

static inline const guint32 *
_members(const Table *self, const Row *row)
{
  return (const guint32 *) self->pool->data + row->first;
}

/* --- making a step -------------------------------------------------------------------------------------------------
 */

static gboolean
_holds(const SiagaAutomaton *automaton, SiagaAssertion assertion, Before before, guint class)
{
  gboolean end = class == automaton->class_count;
  guint byte = end ? 0 : automaton->members[class];
  gboolean word = !end && siaga_is_word(byte), newline = !end && byte == '\n';
  switch (assertion)
    {
    case SIAGA_ASSERT_START:
      return before == BEFORE_START;
    case SIAGA_ASSERT_LINE_START:
      return before == BEFORE_START || before == BEFORE_NEWLINE;
    case SIAGA_ASSERT_LINE_END:
      return end || newline;
    case SIAGA_ASSERT_END:
    case SIAGA_ASSERT_LAST:
      return end;
    case SIAGA_ASSERT_WORD:
      return word != (before == BEFORE_WORD);
    default:
      return word == (before == BEFORE_WORD);
    }
}

/* From STATE without a byte, up to assertions. */
static void
_reach(Walk *self, guint32 number)
{
  for (;;)
    {
      const SiagaState *state = &g_array_index(self->automaton->states, SiagaState, number);
      if (state->kind == SIAGA_STATE_ACCEPT)
        {
          _bag_add(&self->walks->found, state->other);
          return;
        }
      if (!_bag_add(&self->walks->behind, number) || state->kind != SIAGA_STATE_SPLIT)
        return;
      _reach(self, state->next);
      number = state->other;
    }
}

/* From STATE up to the byte of CLASS, through assertions that hold there. */
static void
_resolve(Walk *self, guint32 number, Before before, guint class)
{
  const SiagaAutomaton *automaton = self->automaton;
  for (;;)
    {
      const SiagaState *state = &g_array_index(automaton->states, SiagaState, number);
      if (state->kind == SIAGA_STATE_ACCEPT)
        {
          _bag_add(&self->walks->found, state->other);
          return;
        }
      if (!_bag_add(&self->walks->before, number) || state->kind == SIAGA_STATE_SET)
        return;
      if (state->kind == SIAGA_STATE_SPLIT)
        {
          _resolve(self, state->next, before, class);
          number = state->other;
          continue;
        }
      if (state->assertion == SIAGA_ASSERT_END && class < automaton->class_count && automaton->members[class] == '\n')
        _bag_add(&self->walks->behind, state->other);
      if (!_holds(automaton, state->assertion, before, class))
        return;
      number = state->next;
    }
}

/* Over the byte of CLASS from all that was resolved. */
static void
_advance(Walk *self, guint class)
{
  const SiagaAutomaton *automaton = self->automaton;
  const GArray *list = self->walks->before.list;
  for (guint i = 0; i < list->len && class < automaton->class_count; i++)
    {
      const SiagaState *state = &g_array_index(automaton->states, SiagaState, g_array_index(list, guint32, i));
      if (state->kind == SIAGA_STATE_SET &&
          siaga_byte_set_has(&g_array_index(automaton->sets, SiagaByteSet, state->set), automaton->members[class]))
        _reach(self, state->next);
    }
}

static void
_empty_bags(Walk *self)
{
  _bag_empty(&self->walks->before, self->automaton->states->len);
  _bag_empty(&self->walks->behind, self->automaton->states->len);
  _bag_empty(&self->walks->found, self->automaton->parts->len);
}

static gint
_compare(gconstpointer a, gconstpointer b)
{
  guint32 x = *(const guint32 *) a, y = *(const guint32 *) b;
  return x < y ? -1 : x > y;
}

/* States that say nothing by themselves are left out of the set. */
static void
_drop_splits(const SiagaAutomaton *automaton, GArray *list)
{
  guint kept = 0;
  for (guint i = 0; i < list->len; i++)
    {
      guint32 number = g_array_index(list, guint32, i);
      if (g_array_index(automaton->states, SiagaState, number).kind != SIAGA_STATE_SPLIT)
        g_array_index(list, guint32, kept++) = number;
    }
  g_array_set_size(list, kept);
}

/* So that equal sets are equal lists. */
static void
_settle_bags(Walk *self)
{
  _drop_splits(self->automaton, self->walks->behind.list);
  if (self->walks->behind.list->len > 1)
    g_array_sort(self->walks->behind.list, _compare);
  if (self->walks->found.list->len > 1)
    g_array_sort(self->walks->found.list, _compare);
}

/* MEMBERS go into the bag; both are in order, and stay so. */
static void
_merge(SiagaWalks *walks, Bag *bag, const guint32 *members, guint count)
{
  const GArray *own = bag->list;
  GArray *all = walks->merged;
  guint i = 0, k = 0;
  g_array_set_size(all, own->len + count);
  guint32 *out = (guint32 *) all->data;
  while (i < own->len || k < count)
    {
      guint32 mine = i < own->len ? g_array_index(own, guint32, i) : G_MAXUINT32;
      guint32 theirs = k < count ? members[k] : G_MAXUINT32;
      *out++ = MIN(mine, theirs);
      i += mine <= theirs;
      k += theirs <= mine;
    }
  g_array_set_size(all, out - (guint32 *) all->data);
  walks->merged = bag->list;
  bag->list = all;
}

/* What the bags hold, kept in the pool. */
static Row
_row_of_bags(Walk *self, Before before)
{
  GArray *behind = self->walks->behind.list, *found = self->walks->found.list;
  Row row = { 2166136261u ^ before, self->table->pool->len, behind->len, found->len, before };
  for (guint i = 0; i < behind->len; i++)
    row.hash = (row.hash ^ g_array_index(behind, guint32, i)) * 16777619u;
  for (guint i = 0; i < found->len; i++)
    row.hash = (row.hash ^ g_array_index(found, guint32, i)) * 2654435761u;
  g_array_append_vals(self->table->pool, behind->data, behind->len);
  g_array_append_vals(self->table->pool, found->data, found->len);
  return row;
}

static const Row *
_restart(Walk *self, Before before, guint class)
{
  Row *row = &self->table->restarts[before * self->table->stride + class];
  if (row->hash)
    return row;
  _empty_bags(self);
  for (guint i = 0; i < self->automaton->starts->len; i++)
    _resolve(self, g_array_index(self->automaton->starts, guint32, i), before, class);
  _advance(self, class);
  _settle_bags(self);
  *row = _row_of_bags(self, before);
  row->hash = 1;
  return row;
}

static Before
_before_next(const SiagaAutomaton *automaton, guint class)
{
  if (class == automaton->class_count)
    return BEFORE_OTHER;
  if (automaton->words && siaga_is_word(automaton->members[class]))
    return BEFORE_WORD;
  return automaton->lines && automaton->members[class] == '\n' ? BEFORE_NEWLINE : BEFORE_OTHER;
}

/* The row that is equal to NEW, which is the pool's last; 0 when the table is full. */
static guint
_find_row(Table *self, Row new)
{
  guint slot = new.hash % SLOTS;
  for (; self->slots[slot]; slot = (slot + 1) % SLOTS)
    {
      const Row *row = _row(self, self->slots[slot]);
      if (row->hash != new.hash || row->before != new.before || row->states != new.states || row->found != new.found)
        continue;
      if (memcmp(_members(self, row), _members(self, &new), (new.states + new.found) * sizeof(guint32)) != 0)
        continue;
      g_array_set_size(self->pool, new.first);
      return self->slots[slot];
    }
  if (self->rows->len == ROWS_MAX || self->pool->len > POOL_MAX)
    {
      self->full = TRUE;
      g_array_set_size(self->pool, new.first);
      return 0;
    }
  self->slots[slot] = self->rows->len;
  g_array_append_val(self->rows, new);
  return self->rows->len - 1;
}

static void
_add_restart(Walk *self, const Row *restart)
{
  const guint32 *members = _members(self->table, restart);
  _settle_bags(self);
  _merge(self->walks, &self->walks->behind, members, restart->states);
  _merge(self->walks, &self->walks->found, members + restart->states, restart->found);
}

static inline guint
_column(const SiagaAutomaton *automaton, guint class)
{
  return class == automaton->class_count ? 0 : class + 1;
}

/* The step from ROW over CLASS; 0 when it cannot be made. */
static guint
_make_step(Walk *self, guint number, guint class)
{
  Table *table = self->table;
  Before before = _row(table, number)->before;
  if (++self->made > MADE_MAX)
    return 0;
  const Row *restart = _restart(self, before, class);
  _empty_bags(self);
  Row row = *_row(table, number);
  for (guint i = 0; i < row.states; i++)
    _resolve(self, _members(table, &row)[i], before, class);
  _advance(self, class);
  _add_restart(self, restart);
  guint next = _find_row(table, _row_of_bags(self, _before_next(self->automaton, class)));
  if (!next)
    return 0;
  guint16 step = next | (_row(table, next)->found ? FOUND_BIT : 0);
  table->steps[number * table->stride + _column(self->automaton, class)] = step;
  return step;
}

/* --- walking -------------------------------------------------------------------------------------------------------
 */

/* Full for long enough: traffic has changed. */
static void
_empty_when_full(SiagaWalks *walks, Table *self, const SiagaAutomaton *automaton)
{
  if (self->rest)
    self->rest--;
  else if (G_UNLIKELY(self->full))
    {
      _table_clear(self);
      _table_init(self, automaton);
      self->used = ++walks->clock;
    }
}

static guint
_step_slowly(Walk *self, guint from, guint column, void (*found)(const SiagaPart *part, gpointer user_data),
             gpointer user_data)
{
  Table *table = self->table;
  guint step = table->steps[from * table->stride + column];
  if (!step)
    step = _make_step(self, from, column ? column - 1 : self->automaton->class_count);
  if (!(step & FOUND_BIT))
    return step;
  step &= ~FOUND_BIT;
  const Row *row = _row(table, step);
  for (guint i = 0; i < row->found; i++)
    found(&g_array_index(self->automaton->parts, SiagaPart, _members(table, row)[row->states + i]), user_data);
  return step;
}

gboolean
siaga_automaton_walk(const SiagaAutomaton *self, SiagaWalks *walks, const gchar *text, gsize length,
                     void (*found)(const SiagaPart *part, gpointer user_data), gpointer user_data)
{
  Walk walk = { self, walks, _table_of(walks, self), 0 };
  _empty_when_full(walks, walk.table, self);
  const guint16 *steps = walk.table->steps;
  const guint16 *columns = walk.table->columns;
  guint stride = walk.table->stride, at = 1;

  for (gsize i = 0; i < length; i++)
    {
      guint column = columns[(guchar) text[i]];
      guint next = steps[at * stride + column];
      if (G_UNLIKELY((gint16) next <= 0))
        next = _step_slowly(&walk, at, column, found, user_data);
      if (G_UNLIKELY(!next))
        return FALSE;
      at = next;
    }
  return _step_slowly(&walk, at, 0, found, user_data) != 0;
}
