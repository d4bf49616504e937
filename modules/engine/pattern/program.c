/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Makes programs from the end of the expression to its beginning: each step knows what follows it. */

#include "program.h"

#include "engine/sigma/matcher-regex.h"

#include <siaga/matcher.h>

#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 6000
#define COPIES_MAX 64
#define LENGTH_MAX 100000

/* What comes next, and with which bytes it can begin. */
typedef struct
{
  guint step;
  Classes first;
} Next;

typedef struct
{
  GArray *steps;      /* of Step */
  GArray *targets;    /* of guint16 */
  GByteArray *viable; /* 64 each */
  GString *text;
  GArray *sets;            /* of Classes: of STEP_BYTES */
  GArray *seen;            /* of SiagaByteSet */
  SiagaByteSet seen_bytes; /* sets of one byte */
  GArray *members;         /* of Classes: those that have a place in a table */
  guint8 classes[256];
  guint class_count;
  gboolean failed;
} Compiler;

static Next _compile(Compiler *self, const SiagaRegexNode *node, Next next);

/* --- classes of bytes ---------------------------------------------------------------------------------------------
 */

/* What most sets are.  Its class goes on without it when others are in it. */
static void
_refine_by_byte(Compiler *self, guint byte)
{
  const guint8 class = self->classes[byte];
  guint other = 0;
  while (other < 256 && (self->classes[other] != class || other == byte))
    other++;
  if (other < 256)
    self->classes[byte] = self->class_count++;
}

/* Splits the classes that SET has in part. */
static void
_refine(Compiler *self, const SiagaByteSet *set)
{
  guint inside[256] = { 0 }; /* class -> the one for its bytes in SET, + 1 */
  guint names[512] = { 0 }, count = 0;
  for (guint w = 0; w < 4; w++)
    for (guint64 bits = set->bits[w]; bits; bits &= bits - 1)
      {
        guint8 *class = &self->classes[w * 64 + __builtin_ctzll(bits)];
        if (!inside[*class])
          inside[*class] = ++self->class_count;
        *class = inside[*class] - 1;
      }
  /* A class that went over whole leaves its number free. */
  for (guint c = 0; c < 256; c++)
    {
      guint class = self->classes[c];
      if (!names[class])
        names[class] = ++count;
      self->classes[c] = names[class] - 1;
    }
  self->class_count = count;
}

static gboolean
_is_new(Compiler *self, const SiagaByteSet *set)
{
  for (guint i = 0; i < self->seen->len; i++)
    if (memcmp(&g_array_index(self->seen, SiagaByteSet, i), set, sizeof *set) == 0)
      return FALSE;
  g_array_append_val(self->seen, *set);
  return TRUE;
}

static void
_split(Compiler *self, const SiagaByteSet *set)
{
  gint byte = siaga_byte_set_only(set);
  if (byte < 0 && _is_new(self, set))
    _refine(self, set);
  if (byte < 0 || siaga_byte_set_has(&self->seen_bytes, byte))
    return;
  siaga_byte_set_add(&self->seen_bytes, byte);
  _refine_by_byte(self, byte);
}

static void
_collect_classes(Compiler *self, const SiagaRegexNode *node)
{
  if (node->kind == SIAGA_REGEX_SET)
    _split(self, &node->set);
  for (guint i = 0; node->children && i < node->children->len && self->class_count <= CLASSES_MAX; i++)
    _collect_classes(self, node->children->pdata[i]);
}

static Classes
_classes_of(const Compiler *self, const SiagaByteSet *set)
{
  Classes classes = 0;
  for (guint w = 0; w < 4; w++)
    for (guint64 bits = set->bits[w]; bits; bits &= bits - 1)
      classes |= G_GUINT64_CONSTANT(1) << self->classes[w * 64 + __builtin_ctzll(bits)];
  return classes;
}

/* --- what a tree can begin with, and how long it is -----------------------------------------------------------------
 */

/* What is a match of NODE all by itself. */
static Classes
_whole_matches(const Compiler *self, const SiagaRegexNode *node)
{
  Classes classes = 0;
  if (node->kind == SIAGA_REGEX_SET)
    return _classes_of(self, &node->set);
  if (node->kind == SIAGA_REGEX_REPEAT || !node->children || (node->kind == SIAGA_REGEX_CAT && node->children->len > 1))
    return 0;
  for (guint i = 0; i < node->children->len && node->kind != SIAGA_REGEX_LOOK; i++)
    classes |= _whole_matches(self, node->children->pdata[i]);
  return classes;
}

static Classes _first_of_look(const Compiler *self, const SiagaRegexNode *node, Classes follow);

static Classes
_first_of(const Compiler *self, const SiagaRegexNode *node, Classes follow)
{
  Classes first = 0;
  switch (node->kind)
    {
    case SIAGA_REGEX_SET:
      return _classes_of(self, &node->set);
    case SIAGA_REGEX_CAT:
      first = follow;
      for (guint i = node->children->len; i-- > 0;)
        first = _first_of(self, node->children->pdata[i], first);
      return first;
    case SIAGA_REGEX_ALT:
      for (guint i = 0; i < node->children->len; i++)
        first |= _first_of(self, node->children->pdata[i], follow);
      return first;
    case SIAGA_REGEX_REPEAT:
      return _first_of(self, node->children->pdata[0], follow) | (node->minimum ? 0 : follow);
    case SIAGA_REGEX_GROUP:
    case SIAGA_REGEX_ATOMIC:
      return _first_of(self, node->children->pdata[0], follow);
    case SIAGA_REGEX_LOOK:
      return _first_of_look(self, node, follow);
    case SIAGA_REGEX_ASSERT:
      return node->assertion == SIAGA_ASSERT_LAST ? CLASS_END & follow : follow;
    default:
      return follow;
    }
}

static Classes
_first_of_look(const Compiler *self, const SiagaRegexNode *node, Classes follow)
{
  const SiagaRegexNode *child = node->children->pdata[0];
  if (node->behind)
    return follow;
  return node->negative ? follow & ~_whole_matches(self, child) : follow & _first_of(self, child, CLASSES_ALL);
}

static guint
_add_lengths(guint a, guint b)
{
  return MIN(a + b, LENGTH_MAX);
}

static guint
_least_length(const SiagaRegexNode *node)
{
  guint length = 0;
  switch (node->kind)
    {
    case SIAGA_REGEX_SET:
      return 1;
    case SIAGA_REGEX_CAT:
    case SIAGA_REGEX_GROUP:
    case SIAGA_REGEX_ATOMIC:
      for (guint i = 0; i < node->children->len; i++)
        length = _add_lengths(length, _least_length(node->children->pdata[i]));
      return length;
    case SIAGA_REGEX_ALT:
      length = LENGTH_MAX;
      for (guint i = 0; i < node->children->len; i++)
        length = MIN(length, _least_length(node->children->pdata[i]));
      return length;
    case SIAGA_REGEX_REPEAT:
      return MIN((guint64) _least_length(node->children->pdata[0]) * node->minimum, LENGTH_MAX);
    default:
      return 0;
    }
}

/* FALSE when it is not of one length, or not simple. */
static gboolean
_fixed_length(const SiagaRegexNode *node, guint *length)
{
  guint one = 0;
  if (node->kind == SIAGA_REGEX_SET)
    {
      (*length)++;
      return TRUE;
    }
  if (node->kind == SIAGA_REGEX_REPEAT)
    {
      if (node->minimum != node->maximum || node->minimum > COPIES_MAX ||
          !_fixed_length(node->children->pdata[0], &one))
        return FALSE;
      *length += one * node->minimum;
      return TRUE;
    }
  if (node->kind != SIAGA_REGEX_CAT && (node->kind != SIAGA_REGEX_ALT || node->children->len != 1))
    return FALSE;
  for (guint i = 0; i < node->children->len; i++)
    if (!_fixed_length(node->children->pdata[i], length))
      return FALSE;
  return TRUE;
}

/* The classes of a fixed sequence's last byte. */
static Classes
_last_of(const Compiler *self, const SiagaRegexNode *node)
{
  if (node->kind == SIAGA_REGEX_SET)
    return _classes_of(self, &node->set);
  if (!node->children || !node->children->len)
    return CLASSES_ALL;
  return _last_of(self, node->children->pdata[node->children->len - 1]);
}

/* Groups around one thing say nothing. */
static const SiagaRegexNode *
_unwrap(const SiagaRegexNode *node)
{
  while ((node->kind == SIAGA_REGEX_ALT || node->kind == SIAGA_REGEX_CAT) && node->children->len == 1)
    node = node->children->pdata[0];
  return node;
}

/* --- steps --------------------------------------------------------------------------------------------------------
 */

static Step *
_step(Compiler *self, guint at)
{
  return &g_array_index(self->steps, Step, at);
}

static Next
_emit(Compiler *self, Step step, Next next, Classes first)
{
  step.next.number = next.step;
  step.after = next.first;
  self->failed |= self->steps->len >= STEPS_MAX || self->targets->len > G_MAXUINT16 - 256 ||
                  self->viable->len > G_MAXUINT16 - 256 || self->text->len > G_MAXUINT16 - 256 ||
                  self->sets->len > G_MAXUINT16 - 256;
  if (self->failed)
    return next;
  g_array_append_val(self->steps, step);
  return (Next){ self->steps->len - 1, first };
}

static Next
_accept(Compiler *self)
{
  return _emit(self, (Step){ .kind = STEP_ACCEPT }, (Next){ 0, CLASSES_ALL }, CLASSES_ALL);
}

static Next
_emit_fork(Compiler *self, Next body, Next next)
{
  return _emit(self, (Step){ .kind = STEP_FORK, .body.number = body.step, .set = body.first }, next,
               body.first | next.first);
}

/* ALTERNATIVES in the order they are tried. */
static Next
_emit_choice(Compiler *self, const Next *alternatives, guint count)
{
  if (count == 2)
    return _emit_fork(self, alternatives[0], alternatives[1]);
  Step step = { .kind = STEP_CHOICE, .count = count, .target = self->targets->len, .viable = self->viable->len };
  Classes first = 0;
  guint8 viable[CLASSES_MAX + 1] = { 0 };
  for (guint i = 0; i < count; i++)
    {
      guint16 target = alternatives[i].step;
      g_array_append_val(self->targets, target);
      first |= alternatives[i].first;
      for (guint class = 0; class <= CLASSES_MAX; class ++)
        viable[class] |= (alternatives[i].first >> class & 1) << i;
    }
  g_byte_array_append(self->viable, viable, sizeof viable);
  return _emit(self, step, (Next){ 0, 0 }, first);
}

/* The alternatives from FROM on; more than a step can hold stand in a choice of their own. */
static Next
_compile_alternatives(Compiler *self, const GPtrArray *children, guint from, Next next)
{
  Next alternatives[CHOICES_MAX];
  guint count = children->len - from, own = count <= CHOICES_MAX ? count : CHOICES_MAX - 1;
  if (own < count)
    alternatives[own] = _compile_alternatives(self, children, from + own, next);
  for (guint i = 0; i < own; i++)
    alternatives[i] = _compile(self, children->pdata[from + i], next);
  return count == 1 ? alternatives[0] : _emit_choice(self, alternatives, own < count ? own + 1 : own);
}

static gint
_only_byte(const SiagaRegexNode *node)
{
  return node->kind == SIAGA_REGEX_SET ? siaga_byte_set_only(&node->set) : -1;
}

/* CHILDREN, with the parts of sequences inside in their place. */
static void
_flatten(const GPtrArray *children, GPtrArray *flat)
{
  for (guint i = 0; i < children->len; i++)
    {
      const SiagaRegexNode *child = _unwrap(children->pdata[i]);
      if (child->kind == SIAGA_REGEX_CAT)
        _flatten(child->children, flat);
      else
        g_ptr_array_add(flat, (gpointer) child);
    }
}

/* How many bytes NODE is, all of one set; 0 when it is something else. */
static guint
_count_bytes(const SiagaRegexNode *node, const SiagaByteSet **set)
{
  const gboolean repeat = node->kind == SIAGA_REGEX_REPEAT;
  const SiagaRegexNode *one = repeat ? _unwrap(node->children->pdata[0]) : node;
  if (one->kind != SIAGA_REGEX_SET || (repeat && (node->minimum != node->maximum || node->maximum > 8)))
    return 0;
  *set = &one->set;
  return repeat ? node->maximum : 1;
}

typedef struct
{
  guint parts, bytes;
  gboolean literal; /* each byte is what it is */
} Fixed;

/* The parts up to LAST that are so many bytes. */
static Fixed
_find_fixed(const GPtrArray *parts, guint last)
{
  Fixed fixed = { 0, 0, TRUE };
  const SiagaByteSet *set;
  for (guint count; fixed.parts <= last && (count = _count_bytes(parts->pdata[last - fixed.parts], &set));
       fixed.parts++)
    {
      if (fixed.bytes + count > 200)
        break;
      fixed.bytes += count;
      fixed.literal &= _only_byte(parts->pdata[last - fixed.parts]) >= 0;
    }
  return fixed;
}

static Next
_emit_text(Compiler *self, gpointer const *parts, const Fixed *fixed, Next next)
{
  Step step = { .kind = STEP_TEXT, .count = fixed->bytes, .target = self->text->len };
  for (guint i = 0; i < fixed->parts; i++)
    g_string_append_c(self->text, _only_byte(parts[i]));
  return _emit(self, step, next, _first_of(self, parts[0], 0));
}

static Next
_emit_bytes(Compiler *self, gpointer const *parts, const Fixed *fixed, Next next)
{
  Step step = { .kind = STEP_BYTES, .count = fixed->bytes, .target = self->sets->len };
  const SiagaByteSet *set;
  for (guint i = 0; i < fixed->parts; i++)
    for (guint count = _count_bytes(parts[i], &set); count; count--)
      {
        Classes classes = _classes_of(self, set);
        g_array_append_val(self->sets, classes);
      }
  return _emit(self, step, next, _first_of(self, parts[0], 0));
}

static Next
_compile_sequence(Compiler *self, const GPtrArray *children, Next next)
{
  GPtrArray *parts = g_ptr_array_new();
  _flatten(children, parts);
  for (guint i = parts->len; i > 0 && !self->failed;)
    {
      Fixed fixed = _find_fixed(parts, i - 1);
      i -= fixed.bytes > 1 ? fixed.parts : 1;
      if (fixed.bytes < 2)
        next = _compile(self, parts->pdata[i], next);
      else
        next = fixed.literal ? _emit_text(self, parts->pdata + i, &fixed, next)
                             : _emit_bytes(self, parts->pdata + i, &fixed, next);
    }
  g_ptr_array_unref(parts);
  return next;
}

static gboolean
_is_accept(const Compiler *self, Next next)
{
  return !self->failed && g_array_index(self->steps, Step, next.step).kind == STEP_ACCEPT;
}

/* The step's place in the tables: eight sets share one. */
static void
_set_member(Compiler *self, Step *step, Classes classes)
{
  guint number = 0;
  while (number < self->members->len && g_array_index(self->members, Classes, number) != classes)
    number++;
  if (number == self->members->len)
    g_array_append_val(self->members, classes);
  step->set = classes;
  step->table.number = number / 8;
  step->mask = 1 << number % 8;
}

/* Where a set leaves out few bytes, those are looked for. */
static void
_set_stops(Step *step, const SiagaByteSet *set)
{
  guint missing = 256 - siaga_byte_set_size(set);
  if (!missing || missing > STOPS_MAX)
    return;
  for (guint c = 0; c < 256; c++)
    if (!siaga_byte_set_has(set, c))
      step->stops[step->stop_count++] = c;
  for (guint i = step->stop_count; i < STOPS_MAX; i++)
    step->stops[i] = step->stops[i - 1];
}

/* Fewer bytes would do no good when what follows cannot begin with one of them, or when nothing follows. */
static StepKind
_kind_of_run(const Compiler *self, const SiagaRegexNode *repeat, Classes set, Next next)
{
  if (repeat->style == SIAGA_REPEAT_POSSESSIVE || repeat->minimum == repeat->maximum || !(set & next.first))
    return STEP_RUN;
  if (repeat->style == SIAGA_REPEAT_LAZY)
    return STEP_LAZY;
  return _is_accept(self, next) ? STEP_RUN : STEP_GREEDY;
}

static Next
_compile_run(Compiler *self, const SiagaRegexNode *repeat, const SiagaByteSet *set, Next next)
{
  Classes classes = _classes_of(self, set);
  Step step = {
    .kind = _kind_of_run(self, repeat, classes, next),
    .group = NO_GROUP,
    .minimum = repeat->minimum,
    .maximum = repeat->maximum,
  };
  _set_stops(&step, set);
  _set_member(self, &step, classes);
  return _emit(self, step, next, classes | (repeat->minimum ? 0 : next.first));
}

static Next
_compile_copies(Compiler *self, const SiagaRegexNode *child, guint count, Next next)
{
  for (guint i = 0; i < count; i++)
    next = _compile(self, child, next);
  return next;
}

static Next
_emit_optional(Compiler *self, Next body, Next next, gboolean lazy)
{
  return lazy ? _emit_fork(self, next, body) : _emit_fork(self, body, next);
}

/* As often as it goes, each time for good: more is tried only behind what went well. */
static Next
_compile_loop(Compiler *self, const SiagaRegexNode *child, guint maximum, Next next)
{
  Next body = _compile(self, child, _accept(self));
  Step step = { .kind = STEP_LOOP, .body.number = body.step, .set = body.first, .maximum = maximum };
  return _emit(self, step, next, body.first | next.first);
}

static Next
_compile_possessive(Compiler *self, const SiagaRegexNode *repeat, Next next)
{
  const SiagaRegexNode *child = repeat->children->pdata[0];
  guint more = repeat->maximum == G_MAXUINT ? G_MAXUINT : repeat->maximum - repeat->minimum;
  if (!repeat->minimum)
    return _compile_loop(self, child, more, next);
  Next inside = _accept(self);
  if (more)
    inside = _compile_loop(self, child, more, inside);
  Next body = _compile_copies(self, child, repeat->minimum, inside);
  return _emit(self, (Step){ .kind = STEP_ATOMIC, .body.number = body.step }, next, _first_of(self, child, next.first));
}

/* The choice between once more and on stands in front of the body and behind it. */
static Next
_compile_endless(Compiler *self, const SiagaRegexNode *child, gboolean lazy, Next next)
{
  Next head = _emit_fork(self, (Next){ 0, _first_of(self, child, 0) }, next);
  Next body = _compile(self, child, head);
  if (self->failed)
    return next;
  const Next first = lazy ? next : body, second = lazy ? body : next;
  Step *fork = _step(self, head.step);
  fork->body.number = first.step;
  fork->set = first.first;
  fork->next.number = second.step;
  fork->after = second.first;
  return head;
}

static Next
_compile_repeat(Compiler *self, const SiagaRegexNode *repeat, Next next)
{
  const SiagaRegexNode *child = _unwrap(repeat->children->pdata[0]);
  const gboolean endless = repeat->maximum == G_MAXUINT, lazy = repeat->style == SIAGA_REPEAT_LAZY;
  const Next behind = next;
  if (child->kind == SIAGA_REGEX_SET)
    return _compile_run(self, repeat, &child->set, next);
  self->failed |= repeat->minimum > COPIES_MAX || (!endless && repeat->maximum > COPIES_MAX) ||
                  (repeat->maximum > 1 && !_least_length(child));
  if (self->failed)
    return next;
  if (repeat->style == SIAGA_REPEAT_POSSESSIVE)
    return _compile_possessive(self, repeat, next);
  if (endless)
    next = _compile_endless(self, child, lazy, next);
  for (guint i = repeat->minimum; !endless && i < repeat->maximum; i++)
    next = _emit_optional(self, _compile(self, child, next), behind, lazy);
  return _compile_copies(self, child, repeat->minimum, next);
}

/* A group that is one run is taken with it. */
static Next
_compile_group(Compiler *self, const SiagaRegexNode *group, Next next)
{
  const SiagaRegexNode *child = _unwrap(group->children->pdata[0]);
  self->failed |= group->number >= NO_GROUP;
  if (child->kind == SIAGA_REGEX_REPEAT)
    {
      const SiagaRegexNode *repeated = _unwrap(child->children->pdata[0]);
      if (repeated->kind == SIAGA_REGEX_SET &&
          _kind_of_run(self, child, _classes_of(self, &repeated->set), next) == STEP_RUN)
        {
          Next run = _compile_run(self, child, &repeated->set, next);
          if (!self->failed)
            _step(self, run.step)->group = group->number;
          return run;
        }
    }
  next = _emit(self, (Step){ .kind = STEP_CLOSE, .group = group->number }, next, next.first);
  next = _compile(self, child, next);
  return _emit(self, (Step){ .kind = STEP_OPEN, .group = group->number }, next, next.first);
}

static Next
_compile_atomic(Compiler *self, const SiagaRegexNode *node, Next next)
{
  Next body = _compile(self, node->children->pdata[0], _accept(self));
  return _emit(self, (Step){ .kind = STEP_ATOMIC, .body.number = body.step }, next,
               _first_of(self, node->children->pdata[0], next.first));
}

static Next
_compile_look_behind(Compiler *self, const SiagaRegexNode *node, Next next)
{
  const GPtrArray *alternatives = ((const SiagaRegexNode *) node->children->pdata[0])->children;
  const guint count = alternatives->len;
  Step step = { .kind = node->negative ? STEP_NOT_BEHIND : STEP_BEHIND, .count = count };
  guint16 targets[2 * 64];
  self->failed |= count > 64;
  for (guint i = 0; i < count && !self->failed; i++)
    {
      const SiagaRegexNode *alternative = alternatives->pdata[i];
      guint length = 0;
      self->failed |= !_fixed_length(alternative, &length) || !length || length > 4096;
      step.set |= _last_of(self, alternative);
      targets[2 * i] = length;
      targets[2 * i + 1] = _compile(self, alternative, _accept(self)).step;
    }
  step.target = self->targets->len;
  if (!self->failed)
    g_array_append_vals(self->targets, targets, 2 * count);
  return _emit(self, step, next, next.first);
}

static Next
_compile_look(Compiler *self, const SiagaRegexNode *node, Next next)
{
  if (node->behind)
    return _compile_look_behind(self, node, next);
  Next body = _compile(self, node->children->pdata[0], _accept(self));
  Step step = { .kind = node->negative ? STEP_NOT_AHEAD : STEP_AHEAD, .body.number = body.step, .set = body.first };
  step.count = _unwrap(node->children->pdata[0])->kind == SIAGA_REGEX_SET;
  return _emit(self, step, next, node->negative ? _first_of_look(self, node, next.first) : body.first & next.first);
}

static Next
_compile_assertion(Compiler *self, const SiagaRegexNode *node, Next next)
{
  static const gint kinds[] = {
    [SIAGA_ASSERT_START] = STEP_START,
    [SIAGA_ASSERT_LINE_START] = -1,
    [SIAGA_ASSERT_END] = -1,
    [SIAGA_ASSERT_LINE_END] = -1,
    [SIAGA_ASSERT_LAST] = STEP_END,
    [SIAGA_ASSERT_WORD] = STEP_WORD,
    [SIAGA_ASSERT_NOT_WORD] = STEP_NOT_WORD,
  };
  self->failed |= kinds[node->assertion] < 0;
  return _emit(self, (Step){ .kind = kinds[node->assertion] }, next, _first_of(self, node, next.first));
}

static Next
_compile_set(Compiler *self, const SiagaRegexNode *node, Next next)
{
  Step step = { .kind = STEP_SET };
  _set_member(self, &step, _classes_of(self, &node->set));
  return _emit(self, step, next, step.set);
}

static Next
_compile(Compiler *self, const SiagaRegexNode *node, Next next)
{
  if (self->failed)
    return next;
  switch ((SiagaRegexKind) node->kind)
    {
    case SIAGA_REGEX_EMPTY:
      return next;
    case SIAGA_REGEX_SET:
      return _compile_set(self, node, next);
    case SIAGA_REGEX_CAT:
      return _compile_sequence(self, node->children, next);
    case SIAGA_REGEX_ALT:
      return _compile_alternatives(self, node->children, 0, next);
    case SIAGA_REGEX_REPEAT:
      return _compile_repeat(self, node, next);
    case SIAGA_REGEX_GROUP:
      return _compile_group(self, node, next);
    case SIAGA_REGEX_ATOMIC:
      return _compile_atomic(self, node, next);
    case SIAGA_REGEX_LOOK:
      return _compile_look(self, node, next);
    case SIAGA_REGEX_ASSERT:
      return _compile_assertion(self, node, next);
    }
  return next;
}

/* Which bytes are of which set. */
static guint8 *
_make_tables(const Compiler *self)
{
  guint8 *tables = g_malloc0((self->members->len / 8 + 1) * 256);
  for (guint i = 0; i < self->members->len; i++)
    for (guint c = 0; c < 256; c++)
      if (g_array_index(self->members, Classes, i) >> self->classes[c] & 1)
        tables[i / 8 * 256 + c] |= 1 << i % 8;
  return tables;
}

/* The only byte of each class; -1: it has more, or none. */
static void
_find_only_bytes(const Compiler *self, gint16 only[CLASSES_MAX + 1])
{
  guint count[CLASSES_MAX + 1] = { 0 };
  for (guint c = 0; c < 256; c++)
    {
      count[self->classes[c]]++;
      only[self->classes[c]] = c;
    }
  for (guint class = 0; class <= CLASSES_MAX; class ++)
    if (count[class] != 1)
      only[class] = -1;
}

static Step *
_copy_steps(const Compiler *self, const guint8 *tables)
{
  gpointer memory = NULL;
  if (posix_memalign(&memory, STEP_ALIGN, self->steps->len * sizeof(Step)) != 0)
    g_error("no memory for programs");
  Step *steps = memory;
  gint16 only[CLASSES_MAX + 1];
  _find_only_bytes(self, only);
  memcpy(steps, self->steps->data, self->steps->len * sizeof(Step));
  for (guint i = 0; i < self->steps->len; i++)
    {
      steps[i].next.step = &steps[steps[i].next.number];
      steps[i].body.step = &steps[steps[i].body.number];
      steps[i].table.bytes = tables + steps[i].table.number * 256;
      steps[i].only = __builtin_popcountll(steps[i].after) == 1 ? only[__builtin_ctzll(steps[i].after)] : -1;
    }
  return steps;
}

static Program *
_finish(const Compiler *self, Next start)
{
  Program *program = g_new0(Program, 1);
  memcpy(program->classes, self->classes, sizeof program->classes);
  program->tables = _make_tables(self);
  program->steps = _copy_steps(self, program->tables);
  program->start = &program->steps[start.step];
  program->first = start.first;
  program->targets = g_memdup2(self->targets->data, self->targets->len * sizeof(guint16));
  program->viable = g_memdup2(self->viable->data, self->viable->len);
  program->sets = g_memdup2(self->sets->data, self->sets->len * sizeof(Classes));
  program->text = g_memdup2(self->text->str, self->text->len);
  return program;
}

static Program *
_program_of(const SiagaRegexNode *tree)
{
  Compiler self = {
    .steps = g_array_new(FALSE, FALSE, sizeof(Step)),
    .targets = g_array_new(FALSE, FALSE, sizeof(guint16)),
    .viable = g_byte_array_new(),
    .text = g_string_new(NULL),
    .sets = g_array_new(FALSE, FALSE, sizeof(Classes)),
    .seen = g_array_new(FALSE, FALSE, sizeof(SiagaByteSet)),
    .members = g_array_new(FALSE, FALSE, sizeof(Classes)),
    .class_count = 1,
  };
  Program *program = NULL;
  _collect_classes(&self, tree);
  self.failed = self.class_count > CLASSES_MAX;
  Next start = { 0, 0 };
  if (!self.failed)
    start = _compile(&self, tree, _accept(&self));
  if (!self.failed)
    program = _finish(&self, start);
  g_array_unref(self.steps);
  g_array_unref(self.targets);
  g_byte_array_unref(self.viable);
  g_string_free(self.text, TRUE);
  g_array_unref(self.sets);
  g_array_unref(self.members);
  g_array_unref(self.seen);
  return program;
}

static SiagaRegexNode *
_parse(const gchar *regex, gsize length, gboolean caseless)
{
  return siaga_regex_parse(regex, length, SIAGA_REGEX_WHOLE | (caseless ? SIAGA_MATCH_CASELESS : 0));
}

Program *
siaga_program_new(const gchar *regex, gsize length, gboolean caseless)
{
  SiagaRegexNode *tree = _parse(regex, length, caseless);
  Program *program = tree ? _program_of(tree) : NULL;
  siaga_regex_free(tree);
  return program;
}

gboolean
siaga_program_first_bytes(const gchar *regex, gsize length, gboolean caseless, guint64 first_r[4])
{
  SiagaRegexNode *tree = _parse(regex, length, caseless);
  if (!tree)
    return FALSE;
  Compiler self = { .seen = g_array_new(FALSE, FALSE, sizeof(SiagaByteSet)), .class_count = 1 };
  _collect_classes(&self, tree);
  const gboolean known = self.class_count <= CLASSES_MAX;
  const Classes first = known ? _first_of(&self, tree, CLASSES_ALL) : 0;
  memset(first_r, 0, 4 * sizeof *first_r);
  for (guint byte = 0; byte < 256; byte++)
    first_r[byte / 64] |= (first >> self.classes[byte] & 1) << byte % 64;
  g_array_unref(self.seen);
  siaga_regex_free(tree);
  return known;
}

void
siaga_program_free(Program *self)
{
  if (!self)
    return;
  free(self->steps);
  g_free(self->tables);
  g_free(self->sets);
  g_free(self->targets);
  g_free(self->viable);
  g_free(self->text);
  g_free(self);
}
