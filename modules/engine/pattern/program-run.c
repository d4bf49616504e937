/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Runs programs. */

#define _GNU_SOURCE 1 /* memrchr */

#include "engine/base/block.h"
#include "program.h"

#include <string.h>

/* The unit of work is a byte that is looked up: about four instructions.  Where single bytes are looked for, three cost
 * as much. */
#define BACK_COST 10
#define CALL_COST 20
#define CHOICE_COST 6
#define STOP_BYTES 3

enum
{
  BACK_TO_NEXT,
  BACK_TO_CHOICE,
  BACK_TO_GREEDY,
  BACK_TO_LAZY,
  GROUP_WAS,
};

static const gchar *_run(ProgramRun *self, const Step *step, const gchar *p);

static inline __attribute__((always_inline)) Classes
_class_at(const ProgramRun *self, const gchar *p)
{
  return p < self->end ? G_GUINT64_CONSTANT(1) << self->program->classes[(guchar) *p] : CLASS_END;
}

static inline gboolean
_may_spend(ProgramRun *self, guint work)
{
  self->work -= work;
  if (G_LIKELY(self->work >= 0))
    return TRUE;
  self->limited = TRUE;
  return FALSE;
}

static inline Choice *
_push(ProgramRun *self, guint kind, const Step *step, const gchar *p)
{
  if (G_UNLIKELY(self->count == PROGRAM_CHOICES))
    {
      self->limited = TRUE;
      return NULL;
    }
  Choice *choice = &self->choices[self->count++];
  choice->kind = kind;
  choice->step = step;
  choice->p = p;
  return choice;
}

static inline const gchar *
_set_group(ProgramRun *self, guint group, Span span, const gchar *p)
{
  if (self->count | self->trials)
    {
      Choice *choice = _push(self, GROUP_WAS, NULL, NULL);
      if (G_UNLIKELY(!choice))
        return NULL;
      choice->span = self->groups[group];
      choice->mask = group;
    }
  self->groups[group] = span;
  return p;
}

/* The first place in front of LIMIT with a byte that is not of the set, or LIMIT. */
static inline __attribute__((always_inline)) const gchar *
_find_end(const Step *step, const gchar *p, const gchar *limit)
{
  const guint8 *table = step->table.bytes, mask = step->mask;
  for (; limit - p >= 4; p += 4)
    {
      if (!(table[(guchar) p[0]] & mask))
        return p;
      if (!(table[(guchar) p[1]] & mask))
        return p + 1;
      if (!(table[(guchar) p[2]] & mask))
        return p + 2;
      if (!(table[(guchar) p[3]] & mask))
        return p + 3;
    }
  while (p < limit && (table[(guchar) *p] & mask))
    p++;
  return p;
}

/* The first place in front of LIMIT with one of the stops, or LIMIT. */
static inline __attribute__((always_inline)) const gchar *
_find_stop(const Step *step, const gchar *p, const gchar *limit)
{
  /* With fewer of them the last ones are the same. */
  const Block first = block_of(step->stops[0]), second = block_of(step->stops[1]), third = block_of(step->stops[2]);
  for (; limit - p >= BLOCK_SIZE; p += BLOCK_SIZE)
    {
      const Block block = block_at(p);
      const guint at = block_first((Block) ((block == first) | (block == second) | (block == third)));
      if (at < BLOCK_SIZE)
        return p + at;
    }
  return _find_end(step, p, limit);
}

/* The end of the run at P, at most MAXIMUM bytes behind it. */
static inline __attribute__((always_inline)) const gchar *
_run_end(ProgramRun *self, const Step *step, const gchar *p)
{
  const gsize left = self->end - p;
  const gchar *limit = left > step->maximum ? p + step->maximum : self->end;
  const gchar *end = step->stop_count ? _find_stop(step, p, limit) : _find_end(step, p, limit);
  self->work -= step->stop_count ? (gsize) (end - p) / STOP_BYTES : (gsize) (end - p);
  return end;
}

static inline __attribute__((always_inline)) const gchar *
_match_run(ProgramRun *self, const Step *step, const gchar *p)
{
  const gchar *end = _run_end(self, step, p);
  if (end - p < (gssize) step->minimum)
    return NULL;
  if (step->group == NO_GROUP)
    return end;
  return _set_group(self, step->group, (Span){ p - self->text, end - self->text }, end);
}

static inline gboolean
_may_go_on(const ProgramRun *self, const Step *step, const gchar *p)
{
  return (step->after & _class_at(self, p)) != 0;
}

/* From END back to LEAST, where what follows can begin; NULL when it can nowhere. */
static const gchar *
_find_back(const ProgramRun *self, const Step *step, const gchar *least, const gchar *end)
{
  if (step->only >= 0)
    return memrchr(least, step->only, MIN(end + 1, self->end) - least);
  while (end > least && !_may_go_on(self, step, end))
    end--;
  return _may_go_on(self, step, end) ? end : NULL;
}

static const gchar *
_retreat(ProgramRun *self, const Step *step, const gchar *least, const gchar *end)
{
  const gchar *p = _find_back(self, step, least, end);
  const gsize looked = end - (p ? p : least);
  if (!_may_spend(self, step->only >= 0 ? looked / STOP_BYTES : 2 * looked) || !p)
    return NULL;
  if (p > least)
    {
      Choice *choice = _push(self, BACK_TO_GREEDY, step, p - 1);
      if (!choice)
        return NULL;
      choice->least = least;
    }
  return p;
}

static const gchar *
_match_greedy(ProgramRun *self, const Step *step, const gchar *p)
{
  const gchar *end = _run_end(self, step, p), *least = p + step->minimum;
  return end - p < (gssize) step->minimum ? NULL : _retreat(self, step, least, end);
}

/* From P on up to LIMIT over bytes of the set, where what follows can begin; NULL when it can nowhere. */
static const gchar *
_find_ahead(ProgramRun *self, const Step *step, const gchar *p, const gchar *limit)
{
  if (step->only < 0)
    {
      const gchar *start = p;
      while (!_may_go_on(self, step, p) && p < limit && (step->table.bytes[(guchar) *p] & step->mask))
        p++;
      self->work -= 2 * (p - start);
      return _may_go_on(self, step, p) ? p : NULL;
    }
  const gchar *at = memchr(p, step->only, MIN(limit + 1, self->end) - p);
  self->work -= ((at ? at : limit) - p) / STOP_BYTES;
  if (!at)
    return NULL;
  self->work -= step->stop_count ? 0 : at - p;
  return (step->stop_count ? _find_stop(step, p, at) : _find_end(step, p, at)) == at ? at : NULL;
}

static const gchar *
_advance(ProgramRun *self, const Step *step, const gchar *p, const gchar *limit)
{
  p = _find_ahead(self, step, p, limit);
  if (!p || p == limit || !(step->table.bytes[(guchar) *p] & step->mask))
    return p;
  Choice *choice = _push(self, BACK_TO_LAZY, step, p + 1);
  if (!choice)
    return NULL;
  choice->least = limit;
  return p;
}

static const gchar *
_match_lazy(ProgramRun *self, const Step *step, const gchar *p)
{
  const gsize left = self->end - p;
  if (left < step->minimum || _find_end(step, p, p + step->minimum) < p + step->minimum)
    return NULL;
  return _advance(self, step, p + step->minimum, left > step->maximum ? p + step->maximum : self->end);
}

static inline const gchar *
_match_text(const ProgramRun *self, const Step *step, const gchar *p)
{
  const gchar *text = self->program->text + step->target;
  const guint count = step->count;
  if (self->end - p < (gssize) count)
    return NULL;
  for (guint i = 0; i < count; i++)
    if (p[i] != text[i])
      return NULL;
  return p + count;
}

static inline const gchar *
_match_bytes(const ProgramRun *self, const Step *step, const gchar *p)
{
  const Classes *sets = self->program->sets + step->target;
  const guint8 *classes = self->program->classes;
  const guint count = step->count;
  if (self->end - p < (gssize) count)
    return NULL;
  for (guint i = 0; i < count; i++)
    if (!(sets[i] >> classes[(guchar) p[i]] & 1))
      return NULL;
  return p + count;
}

/* Takes the first alternative of MASK; STEP becomes its step. */
static inline const gchar *
_take(ProgramRun *self, const Step **step, guint mask, const gchar *p)
{
  const guint rest = mask & (mask - 1);
  if (rest)
    {
      Choice *choice = _push(self, BACK_TO_CHOICE, *step, p);
      if (!choice)
        return NULL;
      choice->mask = rest;
    }
  *step = &self->program->steps[self->program->targets[(*step)->target + __builtin_ctz(mask)]];
  return p;
}

static inline const gchar *
_choose(ProgramRun *self, const Step **step, const gchar *p)
{
  const guint class = p < self->end ? self->program->classes[(guchar) *p] : CLASSES_MAX;
  const guint mask = self->program->viable[(*step)->viable + class];
  return _may_spend(self, CHOICE_COST) && mask ? _take(self, step, mask, p) : NULL;
}

/* STEP becomes the one to go on with. */
static inline const gchar *
_fork(ProgramRun *self, const Step **step, const gchar *p)
{
  const Step *fork = *step;
  const Classes class = _class_at(self, p);
  *step = fork->next.step;
  if (!_may_spend(self, CHOICE_COST))
    return NULL;
  if (!(fork->set & class))
    return fork->after & class ? p : NULL;
  *step = fork->body.step;
  return !(fork->after & class) || _push(self, BACK_TO_NEXT, fork, p) ? p : NULL;
}

/* Goes back to the last choice that was made since BASE. */
static const gchar *
_back(ProgramRun *self, guint base, const Step **step)
{
  while (self->count > base && !self->limited)
    {
      const Choice *choice = &self->choices[--self->count];
      const gchar *p = NULL;
      if (!_may_spend(self, BACK_COST))
        return NULL;
      *step = choice->step;
      switch (choice->kind)
        {
        case GROUP_WAS:
          self->groups[choice->mask] = choice->span;
          continue;
        case BACK_TO_NEXT:
          p = choice->p;
          break;
        case BACK_TO_CHOICE:
          return _take(self, step, choice->mask, choice->p);
        case BACK_TO_GREEDY:
          p = _retreat(self, *step, choice->least, choice->p);
          break;
        default:
          p = _advance(self, *step, choice->p, choice->least);
          break;
        }
      *step = (*step)->next.step;
      if (p)
        return p;
    }
  return NULL;
}

/* No way back into what was tried since BASE; what groups had before is kept for the way back beyond it. */
static void
_commit(ProgramRun *self, guint base)
{
  guint kept = base;
  for (guint i = base; i < self->count; i++)
    if (self->choices[i].kind == GROUP_WAS)
      self->choices[kept++] = self->choices[i];
  self->count = kept;
}

static void
_undo(ProgramRun *self, guint base)
{
  while (self->count > base)
    {
      const Choice *choice = &self->choices[--self->count];
      if (choice->kind == GROUP_WAS)
        self->groups[choice->mask] = choice->span;
    }
}

static const gchar *
_run_atomic(ProgramRun *self, const Step *body, const gchar *p)
{
  const guint base = self->count;
  p = _may_spend(self, CALL_COST) ? _run(self, body, p) : NULL;
  if (p)
    _commit(self, base);
  return p;
}

static const gchar *
_run_loop(ProgramRun *self, const Step *step, const gchar *p)
{
  self->trials++;
  for (guint32 i = 0; i < step->maximum && (step->set & _class_at(self, p)); i++)
    {
      const gchar *next = _run_atomic(self, step->body.step, p);
      if (!next)
        break;
      p = next;
    }
  self->trials--;
  return self->limited ? NULL : p;
}

/* Whether what stands there is what BODY wants; groups in it keep what they took. */
static gboolean
_looks_like(ProgramRun *self, const Step *body, const gchar *p, gboolean negative)
{
  const guint base = self->count;
  self->trials++;
  const gchar *end = _run(self, body, p);
  self->trials--;
  self->work -= CALL_COST;
  if (!end)
    return FALSE;
  if (negative)
    _undo(self, base);
  else
    _commit(self, base);
  return TRUE;
}

static const gchar *
_look_ahead(ProgramRun *self, const Step *step, const gchar *p)
{
  const gboolean negative = step->kind == STEP_NOT_AHEAD;
  const gboolean begins = (step->set & _class_at(self, p)) != 0;
  const gboolean found = begins && (step->count == 1 || _looks_like(self, step->body.step, p, negative));
  return found != negative && !self->limited ? p : NULL;
}

static const gchar *
_look_behind(ProgramRun *self, const Step *step, const gchar *p)
{
  const gboolean negative = step->kind == STEP_NOT_BEHIND;
  const guint16 *targets = self->program->targets + step->target;
  gboolean found = FALSE;
  if (p > self->text && (step->set & _class_at(self, p - 1)))
    for (guint i = 0; i < step->count && !found && !self->limited; i++)
      if (p - self->text >= targets[2 * i])
        found = _looks_like(self, &self->program->steps[targets[2 * i + 1]], p - targets[2 * i], negative);
  return found != negative && !self->limited ? p : NULL;
}

static inline gboolean
_is_word(const gchar *p)
{
  return g_ascii_isalnum(*p) || *p == '_';
}

static const gchar *
_match_border(const ProgramRun *self, const Step *step, const gchar *p)
{
  const gboolean before = p > self->text && _is_word(p - 1), behind = p < self->end && _is_word(p);
  return (before != behind) == (step->kind == STEP_WORD) ? p : NULL;
}

static inline const gchar *
_open(ProgramRun *self, const Step *step, const gchar *p)
{
  Span span = self->groups[step->group];
  span.start = p - self->text;
  return _set_group(self, step->group, span, p);
}

static inline const gchar *
_close(ProgramRun *self, const Step *step, const gchar *p)
{
  Span span = self->groups[step->group];
  span.end = p - self->text;
  return _set_group(self, step->group, span, p);
}

/* From STEP to the ACCEPT that ends it; NULL when there is none. */
static const gchar *
_run(ProgramRun *self, const Step *step, const gchar *p)
{
  const guint base = self->count;
  for (;;)
    {
      const Step *next = step->next.step;
      switch ((StepKind) step->kind)
        {
        case STEP_ACCEPT:
          return p;
        case STEP_TEXT:
          p = _match_text(self, step, p);
          break;
        case STEP_BYTES:
          p = _match_bytes(self, step, p);
          break;
        case STEP_SET:
          p = p < self->end && (step->table.bytes[(guchar) *p] & step->mask) ? p + 1 : NULL;
          break;
        case STEP_RUN:
          p = _match_run(self, step, p);
          break;
        case STEP_GREEDY:
          p = _match_greedy(self, step, p);
          break;
        case STEP_LAZY:
          p = _match_lazy(self, step, p);
          break;
        case STEP_FORK:
          next = step;
          p = _fork(self, &next, p);
          break;
        case STEP_CHOICE:
          next = step;
          p = _choose(self, &next, p);
          break;
        case STEP_OPEN:
          p = _open(self, step, p);
          break;
        case STEP_CLOSE:
          p = _close(self, step, p);
          break;
        case STEP_ATOMIC:
          p = _run_atomic(self, step->body.step, p);
          break;
        case STEP_LOOP:
          p = _run_loop(self, step, p);
          break;
        case STEP_AHEAD:
        case STEP_NOT_AHEAD:
          p = _look_ahead(self, step, p);
          break;
        case STEP_BEHIND:
        case STEP_NOT_BEHIND:
          p = _look_behind(self, step, p);
          break;
        case STEP_START:
          p = p == self->text ? p : NULL;
          break;
        case STEP_END:
          p = p == self->end ? p : NULL;
          break;
        case STEP_WORD:
        case STEP_NOT_WORD:
          p = _match_border(self, step, p);
          break;
        default:
          __builtin_unreachable();
        }
      step = next;
      if (!p && !(p = _back(self, base, &step)))
        return NULL;
    }
}

ProgramResult
siaga_program_run(const Program *self, ProgramRun *run, const gchar *text, gsize length, Span *groups, guint count)
{
  run->program = self;
  run->text = text;
  run->end = text + length;
  run->limited = run->work < 0;
  run->groups = groups;
  run->count = run->trials = 0;
  if (run->limited)
    return PROGRAM_LIMIT;
  if (!(self->first & _class_at(run, text)))
    return PROGRAM_NO;
  memset(groups, 0xff, count * sizeof *groups);
  if (_run(run, self->start, text))
    return PROGRAM_YES;
  return run->limited ? PROGRAM_LIMIT : PROGRAM_NO;
}
