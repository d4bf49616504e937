/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl scan: the events that rules match.  One thread reads and parses, another judges and writes: they hand each
 * other batches of events, in order.  The first judges too while the other has enough to do. */

#include "siagactl/siagactl.h"

#include <siaga/matcher.h>

#define BATCHES 3
#define BATCH_EVENTS 32
#define BATCH_BYTES (1024 * 1024) /* lines of a batch; one more may be as long as it likes */
#define KEPT_BYTES 65536          /* of a line's buffer */

typedef struct
{
  SiagaEvent *event;
  SiagaArena *arena;
  GString *line; /* the event points into it */
  guint64 sequence;
  gboolean judged; /* HITS are known */
  SiagaHits hits;
} Item;

typedef struct
{
  guint count; /* 0: nothing follows */
  gsize bytes;
  Item items[BATCH_EVENTS];
} Batch;

typedef struct
{
  const SiagaChain *chain;
  gboolean all;
  Batch batches[BATCHES];
  Batch *filling;
  GAsyncQueue *empty, *full; /* of Batch* */
} Scan;

static Scan *running; /* what the input's waiting drains */

/* Whether one of the rules is more than what a correlation counts. */
static gboolean
_is_shown(const SiagaRules *rules, const SiagaHits *hits)
{
  for (guint i = 0; i < hits->count; i++)
    if (!siaga_rules_get(rules, hits->rule[i])->count_only)
      return TRUE;
  return FALSE;
}

static void
_judge(const Scan *self, Item *item)
{
  siaga_chain_match(self->chain, item->event, &item->hits);
  item->judged = TRUE;
}

/* --- judging and writing, in a thread of its own -------------------------------------------------------------------
 */

static void
_write(const Scan *self, const Item *item)
{
  if (!self->all && !_is_shown(self->chain->rules, &item->hits))
    return;
  if (item->hits.count)
    siaga_rules_tag_event(self->chain->rules, &item->hits, item->event);
  ctl_write_event(item->event, item->line->str, item->line->len, item->sequence);
}

static gpointer
_judge_all(gpointer data)
{
  Scan *self = data;
  Batch *batch;
  while ((batch = g_async_queue_pop(self->full))->count)
    {
      for (guint i = 0; i < batch->count; i++)
        {
          if (!batch->items[i].judged)
            _judge(self, &batch->items[i]);
          _write(self, &batch->items[i]);
        }
      g_async_queue_push(self->empty, batch);
    }
  return NULL;
}

/* --- reading and parsing -------------------------------------------------------------------------------------------
 */

static void
_item_init(Item *self, const SiagaChain *chain)
{
  self->event = siaga_event_new(chain->fields);
  self->arena = siaga_arena_new();
  self->line = g_string_new(NULL);
}

static void
_item_clear(Item *self)
{
  siaga_event_free(self->event);
  siaga_arena_free(self->arena);
  g_string_free(self->line, TRUE);
}

static void
_take_line(Item *self, const gchar *line, gsize length)
{
  if (self->line->allocated_len > KEPT_BYTES)
    {
      g_string_free(self->line, TRUE);
      self->line = g_string_new(NULL);
    }
  g_string_truncate(self->line, 0);
  g_string_append_len(self->line, line, length);
}

static Batch *
_filling(Scan *self)
{
  if (!self->filling)
    {
      self->filling = g_async_queue_pop(self->empty);
      self->filling->count = self->filling->bytes = 0;
    }
  return self->filling;
}

/* As long as the other thread has a batch waiting. */
static void
_judge_meanwhile(const Scan *self, Batch *batch)
{
  for (guint i = 0; i < batch->count && g_async_queue_length(self->full) > 0; i++)
    _judge(self, &batch->items[i]);
}

static void
_hand_over(Scan *self)
{
  if (!self->filling || !self->filling->count)
    return;
  _judge_meanwhile(self, self->filling);
  g_async_queue_push(self->full, g_steal_pointer(&self->filling));
}

/* A pipe's reader sees all that is known so far. */
static void
_drain(void)
{
  Batch *idle[BATCHES];
  guint count = 0;
  _hand_over(running);
  while (count < BATCHES - (running->filling != NULL))
    idle[count++] = g_async_queue_pop(running->empty);
  ctl_output_flush();
  while (count)
    g_async_queue_push(running->empty, idle[--count]);
}

static void
_parse_line(Scan *self, const CtlOptions *options, const CtlInput *input, const gchar *line, gsize length)
{
  Batch *batch = _filling(self);
  Item *item = &batch->items[batch->count];
  _take_line(item, line, length);
  siaga_chain_parse(self->chain, item->line->str, length, ctl_input_file(input), &options->time, item->arena,
                    item->event);
  if (!ctl_time_is_wanted(options, item->event))
    return;
  siaga_chain_classify(self->chain, item->event);
  item->sequence = ctl_input_sequence(input);
  item->judged = FALSE;
  batch->bytes += length;
  if (++batch->count == BATCH_EVENTS || batch->bytes > BATCH_BYTES)
    _hand_over(self);
}

static void
_parse_all(Scan *self, const CtlOptions *options, CtlInput *input)
{
  CtlProgress progress;
  const gchar *line;
  gsize length;
  ctl_progress_start(&progress, input, options);
  while (ctl_input_next(input, &line, &length))
    {
      ctl_progress_step(&progress);
      _parse_line(self, options, input, line, length);
    }
  ctl_progress_end(&progress);
}

static void
_scan_init(Scan *self)
{
  self->empty = g_async_queue_new();
  self->full = g_async_queue_new();
  for (guint i = 0; i < BATCHES; i++)
    {
      for (guint k = 0; k < BATCH_EVENTS; k++)
        _item_init(&self->batches[i].items[k], self->chain);
      g_async_queue_push(self->empty, &self->batches[i]);
    }
}

static void
_scan_clear(Scan *self)
{
  for (guint i = 0; i < BATCHES; i++)
    for (guint k = 0; k < BATCH_EVENTS; k++)
      _item_clear(&self->batches[i].items[k]);
  g_async_queue_unref(self->empty);
  g_async_queue_unref(self->full);
}

static void
_scan_all(const SiagaChain *chain, const CtlOptions *options, CtlInput *input, gboolean all)
{
  Scan self = { .chain = chain, .all = all };
  Batch last = { .count = 0 };
  _scan_init(&self);
  running = &self;
  ctl_input_on_wait(input, _drain);
  GThread *judge = g_thread_new("judge", _judge_all, &self);
  _parse_all(&self, options, input);
  _hand_over(&self);
  g_async_queue_push(self.full, &last);
  g_thread_join(judge);
  running = NULL;
  _scan_clear(&self);
}

static int
_run(const CtlOptions *options, gboolean all)
{
  gboolean faults;
  SiagaChain *chain = ctl_load_chain(options, SIAGA_CHAIN_VICTIMS | SIAGA_CHAIN_RULES, &faults);
  if (!chain)
    return CTL_CANNOT;
  CtlInput *input = ctl_input_new(options->arguments);
  _scan_all(chain, options, input, all);
  gboolean failed = ctl_input_failed(input);
  ctl_input_free(input);
  siaga_chain_free(chain);
  if (siaga_matcher_given_up())
    ctl_error("%" G_GUINT64_FORMAT " matches of rules were given up at the match limit, and count as none",
              siaga_matcher_given_up());
  return failed ? CTL_CANNOT : faults ? CTL_FOUND : CTL_DONE;
}

int
ctl_scan(int argc, char **argv)
{
  CtlOptions options;
  gboolean all = FALSE;
  const GOptionEntry extra[] = {
    { "all", 'a', 0, G_OPTION_ARG_NONE, &all, "every event, not only those that a rule matches", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  int result = CTL_CANNOT;
  if (ctl_options_parse(&options, argc, argv, "[FILE…]",
                        "Parses, names the victim and runs the detection rules: prints the events that match, as\n"
                        "parse does, with rule.id, rule.name, rule.level and threat.technique.id.",
                        extra))
    result = _run(&options, all);
  ctl_options_clear(&options);
  return result;
}
