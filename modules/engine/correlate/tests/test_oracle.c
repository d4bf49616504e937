/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Random sequences of events, judged by the engine and by a naive reading of the same rules that keeps everything. */

#include "fixture.h"
#include "tests/harness/run.h"

#include <stdlib.h>
#include <string.h>

#define EVENTS 60
#define SPAN (10 * SIAGA_SECOND) /* the rules' timespan */
#define ROUNDS 400

typedef struct
{
  SiagaTime time;
  guint step;  /* which rule; value_count: which value */
  guint order; /* of arrival */
} Item;

typedef struct
{
  SiagaTime first, last;
  guint64 count;
} Life;

typedef struct
{
  const gchar *name;
  const gchar *body;
  guint steps;
  guint need;
  const gchar *terms; /* string conditions: alternatives, as "ac b-c" for (a and c) or (b and not c) */
} Operator;

static const Operator operators[] = {
  /* name, correlation, rules or values, count needed */
  { "event_count", "type: event_count, rules: [a], condition: { gte: 3 }", 1, 3 },
  { "event_count", "type: event_count, rules: [a], condition: { gt: 6 }", 1, 7 },
  { "event_count", "type: event_count, rules: [a], condition: { gte: 1 }", 1, 1 },
  { "value_count", "type: value_count, rules: [a], condition: { field: user.name, gte: 4 }", 6, 4 },
  { "value_count", "type: value_count, rules: [a], condition: { field: user.name, gt: 2 }", 4, 3 },
  { "temporal", "type: temporal, rules: [a, b, c]", 3, 3 },
  { "ordered", "type: temporal_ordered, rules: [a, b, c]", 3, 3 },
  { "value_sum", "type: value_sum, rules: [a], condition: { field: source.port, gte: 9 }", 6, 9 },
  { "value_avg", "type: value_avg, rules: [a], condition: { field: source.port, gt: 3 }", 6, 3 },
  { "value_percentile", "type: value_percentile, rules: [a], condition: { field: source.port, percentile: 50, gte: 4 }",
    6, 4 },
  { "temporal", "type: temporal, rules: [a, b, c], condition: (a or b) and c", 3, 0, "ac bc" },
  { "temporal", "type: temporal, rules: [a, b, c], condition: a and b or c and b", 3, 0, "ab bc" },
  { "ordered", "type: temporal_ordered, rules: [a, b, c], condition: a and (b or c)", 3, 0, "ab ac" },
};

/* Decided at a window's end. */
static const Operator ended[] = {
  { "once", "type: event_count, rules: [a], condition: { lt: 3 }", 1, 0 },
  { "once", "type: event_count, rules: [a], condition: { gte: 2, lte: 3 }", 1, 1 },
  { "once", "type: event_count, rules: [a], condition: { eq: 2 }", 1, 2 },
  { "once", "type: event_count, rules: [a], condition: { neq: 2 }", 1, 3 },
  { "once", "type: event_count, rules: [a], condition: { lt: 1 }", 1, 4 },
  { "once", "type: value_count, rules: [a], condition: { field: user.name, gt: 1, lte: 2 }", 4, 5 },
  { "once", "type: value_sum, rules: [a], condition: { field: source.port, lt: 9 }", 6, 6 },
  { "once", "type: value_avg, rules: [a], condition: { field: source.port, lte: 2 }", 6, 7 },
  { "once", "type: value_percentile, rules: [a], condition: { field: source.port, percentile: 50, lt: 3 }", 6, 8 },
  { "temporal", "type: temporal, rules: [a, b], condition: a and not b", 2, 0, "a-b" },
  { "temporal", "type: temporal, rules: [a, b, c], condition: a and b and not c", 3, 0, "ab-c" },
  { "temporal", "type: temporal, rules: [a, b, c], condition: (a or b) and not c", 3, 0, "a-c b-c" },
  { "temporal", "type: temporal, rules: [a, b, c], condition: a and not (b and c)", 3, 0, "a-b a-c" },
  { "ordered", "type: temporal_ordered, rules: [a, b, c], condition: a and b and not c", 3, 0, "ab-c" },
};

static guint32 state;

static guint
pick(guint below)
{
  state = state * 1664525 + 1013904223;
  return (state >> 8) % below;
}

/* Latest begin of COUNT events in a row. */
static SiagaTime
naive_events(const Item *items, guint last, guint need)
{
  return last + 1 >= need ? items[last + 1 - need].time : G_MININT64;
}

static SiagaTime
naive_values(const Item *items, guint last, guint need)
{
  guint64 seen = 0;
  guint distinct = 0;
  for (gint i = last; i >= 0; i--)
    {
      distinct += !(seen & (guint64) 1 << items[i].step);
      seen |= (guint64) 1 << items[i].step;
      if (distinct == need)
        return items[i].time;
    }
  return G_MININT64;
}

static const gchar *
next_term(const gchar *term)
{
  const gchar *blank = strchr(term, ' ');
  return blank ? blank + 1 : NULL;
}

/* Tries every choice of events for the steps of TERM on, each event once; the latest begin. */
static SiagaTime
naive_chain(const Item *items, guint count, const gchar *term, gboolean ordered, guint from, guint64 used,
            SiagaTime begin)
{
  SiagaTime best = G_MININT64;
  if (!g_ascii_isalpha(*term))
    return begin;
  for (guint i = ordered ? from : 0; i < count; i++)
    if (items[i].step == (guint) (*term - 'a') && !(used & (G_GUINT64_CONSTANT(1) << i)))
      best = MAX(best, naive_chain(items, count, term + 1, ordered, i + 1, used | G_GUINT64_CONSTANT(1) << i,
                                   MIN(begin, items[i].time)));
  return best;
}

/* Of one alternative, over the events of one timespan that ends at LAST. */
static SiagaTime
naive_term(const Operator *op, const gchar *term, const Item *items, guint last)
{
  guint from = last;
  while (from > 0 && items[last].time - items[from - 1].time <= SPAN)
    from--;
  return naive_chain(items + from, last - from + 1, term, strcmp(op->name, "ordered") == 0, 0, 0, G_MAXINT64);
}

static gint
compare_numbers(gconstpointer a, gconstpointer b)
{
  return *(const gint *) a - *(const gint *) b;
}

/* All numbers of the window that ends at LAST; its begin when they hold what is asked. */
static SiagaTime
naive_numbers(const Operator *op, const Item *items, guint last)
{
  gint numbers[EVENTS], count = 0, sum = 0;
  guint from = last;
  for (gint i = last; i >= 0 && items[last].time - items[i].time <= SPAN; i--)
    {
      sum += numbers[count++] = items[i].step;
      from = i;
    }
  gboolean holds = strcmp(op->name, "value_sum") == 0 ? sum >= (gint) op->need : sum > (gint) op->need * count;
  if (strcmp(op->name, "value_percentile") == 0)
    {
      qsort(numbers, count, sizeof numbers[0], compare_numbers);
      holds = numbers[(count + 1) / 2 - 1] >= (gint) op->need;
    }
  return holds ? items[from].time : G_MININT64;
}

static SiagaTime
naive_begin(const Operator *op, const Item *items, guint last)
{
  if (g_str_has_prefix(op->name, "value_") && strcmp(op->name, "value_count") != 0)
    return naive_numbers(op, items, last);
  if (strcmp(op->name, "event_count") == 0)
    return naive_events(items, last, op->need);
  if (strcmp(op->name, "value_count") == 0)
    return naive_values(items, last, op->need);
  SiagaTime best = G_MININT64;
  for (const gchar *term = op->terms ? op->terms : "abc"; term; term = next_term(term))
    best = MAX(best, naive_term(op, term, items, last));
  return best;
}

static guint
naive_lives(const Operator *op, const Item *items, guint count, Life *lives)
{
  guint found = 0;
  SiagaTime due = G_MININT64;
  for (guint i = 0; i < count; i++)
    {
      SiagaTime begin = naive_begin(op, items, i);
      gboolean satisfied = begin != G_MININT64 && items[i].time - begin <= SPAN;
      if (items[i].time > due && !satisfied)
        continue;
      if (items[i].time > due)
        {
          guint events = 0;
          for (guint j = 0; j <= i; j++)
            events += items[j].time >= begin;
          lives[found++] = (Life){ begin, items[i].time, events };
          due = G_MININT64;
        }
      else
        {
          lives[found - 1].last = items[i].time;
          lives[found - 1].count++;
        }
      if (satisfied)
        due = MAX(due, begin + 2 * SPAN);
    }
  return found;
}

/* Whether the numbers of one window hold what the operator asks for. */
static gboolean
naive_holds(guint which, const Item *items, guint count)
{
  gint numbers[EVENTS], sum = 0;
  guint seen = 0;
  for (guint i = 0; i < count; i++)
    {
      sum += numbers[i] = items[i].step;
      seen |= (guint64) 1 << items[i].step;
    }
  qsort(numbers, count, sizeof numbers[0], compare_numbers);
  guint distinct = __builtin_popcount(seen);
  switch (which)
    {
    case 0:
      return count < 3;
    case 1:
      return count >= 2 && count <= 3;
    case 2:
      return count == 2;
    case 3:
      return count != 2;
    case 4:
      return count < 1;
    case 5:
      return distinct == 2;
    case 6:
      return count && sum < 9;
    case 7:
      return count && sum <= 2 * (gint) count;
    default:
      return count && numbers[(count + 1) / 2 - 1] < 3;
    }
}

/* A decision at AT about COUNT events from BEGIN on. */
static guint
naive_decision(Life *lives, guint found, SiagaTime begin, SiagaTime at, guint count)
{
  if (found && at <= lives[found - 1].last + SPAN)
    {
      lives[found - 1].last = at;
      lives[found - 1].count += count;
      return found;
    }
  lives[found] = (Life){ begin, at, count };
  return found + 1;
}

/* Window after window from the first event on; behind an empty one the next that is looked at has an event. */
static guint
naive_once(const Operator *op, const Item *items, guint count, Life *lives)
{
  SiagaTime begin = items[0].time;
  guint found = 0, at = 0;
  gboolean silent = FALSE;
  while (at < count || !silent)
    {
      guint next = at;
      while (next < count && items[next].time <= begin + SPAN)
        next++;
      if (next > at || !silent)
        {
          if (naive_holds(op->need, items + at, next - at))
            found = naive_decision(lives, found, begin, begin + SPAN, next - at);
          silent = next == at;
        }
      at = next;
      begin += SPAN;
    }
  return found;
}

static gboolean
naive_forbids(const gchar *term, guint step)
{
  const gchar *at = strchr(term, '-');
  for (; at && *at && *at != ' '; at++)
    if (*at == (gchar) ('a' + step))
      return TRUE;
  return FALSE;
}

/* Whether an alternative holds that begins at BEGIN, when all of its timespan is known. */
static gboolean
naive_alternative(const Operator *op, const gchar *term, const Item *items, guint count, SiagaTime begin)
{
  guint from = 0, to;
  while (from < count && items[from].time < begin)
    from++;
  for (to = from; to < count && items[to].time <= begin + SPAN; to++)
    if (naive_forbids(term, items[to].step))
      return FALSE;
  return naive_chain(items + from, to - from, term, strcmp(op->name, "ordered") == 0, 0, 0, G_MAXINT64) != G_MININT64;
}

static gboolean
is_asked_for(const Operator *op, guint step)
{
  for (const gchar *term = op->terms; term; term = next_term(term))
    if (memchr(term, 'a' + step, strcspn(term, "- ")))
      return TRUE;
  return FALSE;
}

/* Whether a match of some alternative begins at BEGIN, as seen at one of the events. */
static gboolean
begins_at(const Operator *op, const Item *items, guint count, SiagaTime begin)
{
  for (const gchar *term = op->terms; term; term = next_term(term))
    for (guint i = 0; i < count; i++)
      if (items[i].time >= begin && items[i].time - begin <= SPAN && naive_term(op, term, items, i) == begin)
        return TRUE;
  return FALSE;
}

static gboolean
naive_absence(const Operator *op, const Item *items, guint count, SiagaTime begin)
{
  for (const gchar *term = op->terms; term; term = next_term(term))
    if (naive_alternative(op, term, items, count, begin))
      return TRUE;
  return FALSE;
}

/* Every begin of a match is decided one timespan later; events that come while the incident is open belong to it. */
static guint
naive_not(const Operator *op, const Item *items, guint count, Life *lives)
{
  guint found = 0, fed = 0;
  SiagaTime due = G_MININT64;
  for (guint i = 0; i <= count; i++)
    {
      if (i && i < count && items[i].time == items[i - 1].time)
        continue;
      SiagaTime at = i < count ? items[i].time + SPAN : G_MAXINT64;
      for (; fed < count && items[fed].time <= at; fed++)
        if (items[fed].time <= due && is_asked_for(op, items[fed].step))
          {
            lives[found - 1].count++;
            lives[found - 1].last = MAX(lives[found - 1].last, items[fed].time);
          }
      if (i == count || !begins_at(op, items, count, items[i].time) || !naive_absence(op, items, count, items[i].time))
        continue;
      guint events = 0;
      for (guint j = i; j < count && items[j].time <= at; j++)
        events++;
      found = at <= due ? naive_decision(lives, found, items[i].time, at, 0) : found;
      if (at > due)
        lives[found++] = (Life){ items[i].time, at, events };
      lives[found - 1].last = MAX(lives[found - 1].last, at);
      due = at + SPAN;
    }
  return found;
}

static gint
compare_items(gconstpointer a, gconstpointer b)
{
  const Item *x = a, *y = b;
  if (x->time != y->time)
    return x->time < y->time ? -1 : 1;
  return (x->order > y->order) - (x->order < y->order);
}

/* Times in whole half seconds, so that there are ties; DISPLACED: how far an event may come late. */
static void
make_items(const Operator *op, Item *items, SiagaTime displaced)
{
  SiagaTime now = 0;
  for (guint i = 0; i < EVENTS; i++)
    {
      now += pick(20) == 0 ? 30 * SIAGA_SECOND : pick(12) * SIAGA_SECOND / 2;
      items[i].time = now;
      items[i].step = pick(op->steps);
    }
  for (guint i = 0; i < EVENTS && displaced; i++)
    {
      guint j = i + 1 + pick(4);
      if (j >= EVENTS || items[j].time - items[i].time > displaced)
        continue;
      Item late = items[i];
      memmove(items + i, items + i + 1, (j - i) * sizeof items[0]);
      items[j] = late;
    }
  for (guint i = 0; i < EVENTS; i++)
    items[i].order = i;
}

static void
feed_items(Fixture *f, const Operator *op, const Item *items, guint count)
{
  static const gchar *const names[] = { "a", "b", "c" };
  gboolean values = strstr(op->body, "type: value_") != NULL;
  for (guint i = 0; i < count; i++)
    {
      gchar fields[64];
      g_snprintf(fields, sizeof fields, "source.ip=192.0.2.7 user.name=u%u source.port=%u", items[i].step,
                 items[i].step);
      fixture_feed(f, items[i].time, values ? "a" : names[items[i].step], fields);
    }
  fixture_finish(f);
}

static void
begin(Fixture *f, const Operator *op)
{
  fixture_init(f, "a b c");
  gchar *yaml = g_strdup_printf("name: rule\ncorrelation: { %s, group-by: [source.ip], timespan: 10s }\n", op->body);
  fixture_correlation(f, yaml);
  g_free(yaml);
}

static guint
naive(const Operator *op, const Item *items, guint count, Life *lives)
{
  if (strcmp(op->name, "once") == 0)
    return naive_once(op, items, count, lives);
  if (op->terms && strchr(op->terms, '-'))
    return naive_not(op, items, count, lives);
  return naive_lives(op, items, count, lives);
}

static void
compare_round(const Operator *op, guint seed, SiagaTime displaced)
{
  Fixture f;
  Item items[EVENTS];
  Life lives[EVENTS];

  state = seed;
  make_items(op, items, displaced);
  begin(&f, op);
  fixture_start(&f);
  feed_items(&f, op, items, EVENTS);
  qsort(items, EVENTS, sizeof items[0], compare_items);
  guint expected = naive(op, items, EVENTS, lives);
  GPtrArray *final = fixture_final(&f);
  ck_assert_msg(final->len == expected, "%s seed %u: %u incidents, expected %u", op->body, seed, final->len, expected);
  for (guint i = 0; i < expected; i++)
    {
      const SiagaIncident *incident = final->pdata[i];
      ck_assert_msg(incident->first_seen == T0 + lives[i].first && incident->last_seen == T0 + lives[i].last,
                    "%s seed %u incident %u: %ld to %ld, expected %ld to %ld", op->body, seed, i,
                    (long) (incident->first_seen - T0), (long) (incident->last_seen - T0), (long) lives[i].first,
                    (long) lives[i].last);
      /* Of values that came again before the window only their number is kept, so the first events count as well. */
      gboolean at_least = strcmp(op->name, "value_count") == 0;
      ck_assert_msg(at_least ? incident->count >= lives[i].count : incident->count == lives[i].count,
                    "%s seed %u incident %u: count %lu, expected %lu", op->body, seed, i,
                    (unsigned long) incident->count, (unsigned long) lives[i].count);
    }
  g_ptr_array_unref(final);
  fixture_clear(&f);
}

START_TEST(the_engine_agrees_in_order)
{
  for (guint seed = 1; seed <= ROUNDS; seed++)
    compare_round(&operators[_i], seed, 0);
}
END_TEST

START_TEST(the_engine_agrees_when_events_come_a_little_late)
{
  for (guint seed = 1; seed <= ROUNDS; seed++)
    compare_round(&operators[_i], seed, 2 * SIAGA_SECOND);
}
END_TEST

START_TEST(the_engine_agrees_on_what_is_decided_by_time)
{
  for (guint seed = 1; seed <= ROUNDS / 2; seed++)
    {
      compare_round(&ended[_i], seed, 0);
      compare_round(&ended[_i], seed, 2 * SIAGA_SECOND);
    }
}
END_TEST

/* Without sorting, late events enter windows that were judged already: what they make true is found all the same.  Of a
 * value only the latest time is kept, so value_count may miss a few. */
START_TEST(nothing_is_missed_or_invented_when_events_come_late)
{
  const Operator *op = &operators[_i];
  guint missed = 0, all = 0;
  for (guint seed = 1; seed <= ROUNDS; seed++)
    {
      Fixture f;
      Item items[EVENTS];
      Life lives[EVENTS];
      state = seed;
      make_items(op, items, 8 * SIAGA_SECOND);
      begin(&f, op);
      f.options.reorder_window = 0;
      fixture_start(&f);
      feed_items(&f, op, items, EVENTS);
      qsort(items, EVENTS, sizeof items[0], compare_items);
      guint expected = naive_lives(op, items, EVENTS, lives);
      GPtrArray *final = fixture_final(&f);
      for (guint i = 0; i < expected; i++)
        {
          gboolean found = FALSE;
          for (guint j = 0; j < final->len && !found; j++)
            {
              const SiagaIncident *incident = final->pdata[j];
              found = incident->first_seen <= T0 + lives[i].last && incident->last_seen >= T0 + lives[i].first;
            }
          missed += !found;
          all++;
        }
      ck_assert_msg(!final->len || expected, "%s seed %u: invented", op->body, seed);
      g_ptr_array_unref(final);
      fixture_clear(&f);
    }
  ck_assert_msg(missed * 100 <= all * (strcmp(op->name, "value_count") == 0 ? 5 : 0), "%s: %u of %u were missed",
                op->body, missed, all);
}
END_TEST

#define FLOOD 400

/* What ten seconds of a flood hold, a little less or more. */
static const Operator floods[] = {
  { "event_count", "type: event_count, rules: [a], condition: { gte: 68 }", 1, 68, NULL },
  { "value_count", "type: value_count, rules: [a], condition: { field: user.name, gte: 44 }", 60, 44, NULL },
};

/* Each comes up to DISPLACED late: in eight seconds forty and more are there before it. */
static void
make_flood(const Operator *op, Item *items, SiagaTime displaced)
{
  SiagaTime now = 0;
  for (guint i = 0; i < FLOOD; i++)
    items[i] = (Item){ .time = now += pick(4) * SIAGA_SECOND / 8, .step = pick(op->steps) };
  for (guint i = 0; i < FLOOD; i++)
    {
      guint j = i + pick(60);
      if (j >= FLOOD || items[j].time - items[i].time > displaced)
        continue;
      Item late = items[i];
      memmove(items + i, items + i + 1, (j - i) * sizeof items[0]);
      items[j] = late;
    }
  for (guint i = 0; i < FLOOD; i++)
    items[i].order = i;
}

static gboolean
flood_fills(const Operator *op, const Item *items)
{
  for (guint last = 0; last < FLOOD; last++)
    {
      SiagaTime oldest = naive_begin(op, items, last);
      if (oldest != G_MININT64 && items[last].time - oldest <= SPAN)
        return TRUE;
    }
  return FALSE;
}

/* Windows that are full, so that their front moves, get events in any place.  Of a value only the latest time is kept:
 * value_count may miss a few, and many where a whole window comes in disorder. */
START_TEST(a_flood_out_of_order_is_counted)
{
  const Operator *op = &floods[_i];
  guint full = 0, missed = 0;
  for (guint seed = 1; seed <= ROUNDS; seed++)
    {
      Fixture f;
      Item items[FLOOD];
      state = seed;
      make_flood(op, items, (op->steps > 1 ? 1 : 8) * SIAGA_SECOND);
      begin(&f, op);
      f.options.reorder_window = 0;
      fixture_start(&f);
      feed_items(&f, op, items, FLOOD);
      qsort(items, FLOOD, sizeof items[0], compare_items);
      gboolean expected = flood_fills(op, items);
      GPtrArray *final = fixture_final(&f);
      ck_assert_msg(!final->len || expected, "%s seed %u: invented", op->body, seed);
      missed += expected && !final->len;
      full += expected;
      g_ptr_array_unref(final);
      fixture_clear(&f);
    }
  ck_assert_msg(full > ROUNDS / 10 && full < ROUNDS - ROUNDS / 10, "%u of %u are full", full, ROUNDS);
  ck_assert_msg(missed * 100 <= full * (op->steps > 1 ? 5 : 0), "%s: %u of %u were missed", op->body, missed, full);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("oracle");
  tcase_set_timeout(tcase, 120);
  tcase_add_loop_test(tcase, the_engine_agrees_in_order, 0, G_N_ELEMENTS(operators));
  tcase_add_loop_test(tcase, the_engine_agrees_when_events_come_a_little_late, 0, G_N_ELEMENTS(operators));
  tcase_add_loop_test(tcase, the_engine_agrees_on_what_is_decided_by_time, 0, G_N_ELEMENTS(ended));
  /* Averages and percentiles may hold until a late event comes, and not any more with it. */
  tcase_add_loop_test(tcase, nothing_is_missed_or_invented_when_events_come_late, 0, G_N_ELEMENTS(operators) - 5);
  tcase_add_loop_test(tcase, a_flood_out_of_order_is_counted, 0, G_N_ELEMENTS(floods));
  return run_case("oracle", tcase);
}
