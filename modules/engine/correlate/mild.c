/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What reads as people's own failures: a few by somebody who mistypes, the steady knocking of a program that has an old
 * password, some of an office behind one address.  Who guesses tries several accounts, or does not stop, or keeps no
 * time, and is rarely let in. */

#include "alike.h"
#include "case.h"
#include "window-kinds.h"

#include <stdlib.h>

#define GAPS_MAX 128                /* times looked at */
#define GAPS_MIN 3                  /* fewer show no pace */
#define ONE_TRY (10 * SIAGA_SECOND) /* what follows so soon is of the same try, over a second service or connection */
#define TURNS_MIN 8                 /* fewer show no timer */
#define BEATS_MAX 3                 /* tries of one turn */
#define BEATS_MIN 8                 /* fewer gaps show no beat */
#define SOON 4                      /* times sooner than a turn */
#define PACE_MIN 45                 /* seconds */
#define PACE_OF_GUESSER 2           /* seconds */
#define NEARLY 15                   /* per cent; of "between one and two minutes" under half of the gaps are */
#define NEARLY_OF_ACCOUNT 20        /* where one account is named: guessing tools try several, or do not wait */
#define HOSTS_OF_PROGRAM 4          /* that it has one password for */
#define TRIES_EACH 3                /* by one of many people */
#define FEW_PEOPLE 2                /* one may be the guesser's own account */
#define PEOPLE_MIN 5                /* fewer do not share an address by chance */
/* Accounts refused for one that is let in: who guesses is let in with one in ten, of a class half are. */
#define REFUSED_EACH 2
#define ENTERED_OF 4            /* tries, of which all but one get in … */
#define ENTERED_LATE 2          /* … but for the last, whose page is on its way */
#define ENTERED_MAX 10          /* times as many as the rule asks for: a whole house logs in no more often */
#define VARIED_EACH 8           /* events for each text of a crowd's, up to so many texts … */
#define VARIED_ENOUGH 100       /* … from which on it asks for what it asked for before */
#define VARIED_FAST 5           /* times as fast as the rule asks for: that is a flood, whatever it asks for */
#define VARIED_STEP 1024        /* events in which some text comes again; and how often that is looked at */
#define NOW (60 * SIAGA_SECOND) /* a try, and the success that follows it */
#define SITTING (2 * 3600 * SIAGA_SECOND) /* nobody looks longer for what is wrong */
#define EACH_MORE (20 * SIAGA_SECOND)     /* a try of one who does */
#define DEVICE_PACE (600 * SIAGA_SECOND)
#define PEOPLE_TYPE (2 * SIAGA_SECOND)
#define MORNING (3600 * SIAGA_SECOND)

static gint
_compare_times(gconstpointer a, gconstpointer b)
{
  SiagaTime x = *(const SiagaTime *) a, y = *(const SiagaTime *) b;
  return (x > y) - (x < y);
}

static guint
_collect_gaps(const SiagaWindow *window, SiagaTime one_try, SiagaTime gaps[GAPS_MAX])
{
  const guint64 *entries = siaga_window_entries(window);
  guint count = siaga_window_count(window, 1), gap_count = 0;
  guint from = count > GAPS_MAX ? count - GAPS_MAX : 0;
  for (guint i = from, last = from; i < count; i++)
    if ((SiagaTime) (entries[i] - entries[last]) >= one_try)
      {
        gaps[gap_count++] = entries[i] - entries[last];
        last = i;
      }
  return gap_count;
}

static gboolean
_are_multiples(const SiagaTime *gaps, guint count, SiagaTime period)
{
  guint near = 0;
  for (guint i = 0; i < count; i++)
    near += ABS(gaps[i] - (gaps[i] + period / 2) / period * period) * 10 <= period;
  return near * 4 >= count * 3;
}

/* A timer that misses turns: three of four gaps are whole numbers of its period, give or take a tenth of it; of gaps by
 * chance one in five is.  The shortest are of one turn, or of two. */
static gboolean
_are_turns(const SiagaTime *gaps, guint count, SiagaTime fastest)
{
  SiagaTime shortest = gaps[count / TURNS_MIN];
  return count >= TURNS_MIN && shortest >= fastest &&
         (_are_multiples(gaps, count, shortest) || _are_multiples(gaps, count, shortest / 2));
}

static gboolean
_come_again(const SiagaTime *gaps, guint count, guint beats)
{
  guint near = 0;
  for (guint i = beats; i < count; i++)
    near += ABS(gaps[i] - gaps[i - beats]) * 100 <= NEARLY * gaps[i];
  return near * 4 >= (count - beats) * 3;
}

/* A program that tries again soon after a refusal, and then waits for its next turn: three of four gaps are within
 * NEARLY per cent of the one a turn before, which holds for half of the gaps by chance. */
static gboolean
_have_beat(const SiagaTime *gaps, guint count)
{
  SiagaTime shortest = G_MAXINT64, longest = 0;
  for (guint i = 0; i < count; i++)
    {
      shortest = MIN(shortest, gaps[i]);
      longest = MAX(longest, gaps[i]);
    }
  if (count < BEATS_MIN || longest < PACE_MIN * SIAGA_SECOND || shortest > longest / SOON)
    return FALSE;
  guint beats = 2;
  while (beats <= BEATS_MAX && !_come_again(gaps, count, beats))
    beats++;
  return beats <= BEATS_MAX;
}

/* Three of four gaps differ from the middle one by NEARLY percent at most: telephones join their timers, and a program
 * is restarted now and then.  STILL: it was steady before; of hundreds of looks one may fall on a bad hour, and three
 * of five are enough. */
static gboolean
_is_steady(const SiagaWindow *window, guint pace, guint nearly, gboolean still)
{
  SiagaTime fastest = pace * SIAGA_SECOND;
  SiagaTime gaps[GAPS_MAX];
  guint count = _collect_gaps(window, MIN(ONE_TRY, fastest / 2), gaps), near = 0;
  if (count < GAPS_MIN)
    return FALSE;
  if (_have_beat(gaps, count))
    return TRUE;
  qsort(gaps, count, sizeof gaps[0], _compare_times);
  SiagaTime middle = gaps[count / 2];
  for (guint i = 0; i < count; i++)
    near += ABS(gaps[i] - middle) * 100 <= nearly * middle;
  guint enough = still ? near * 5 >= count * 3 : near * 4 >= count * 3;
  return (middle >= fastest && enough) || _are_turns(gaps, count, fastest);
}

/* Failures that the window still knows of, since SINCE. */
static guint64
_count_recent(const SiagaCase *cas, const SiagaWindow *window, SiagaTime since)
{
  if (cas->watch->kind == SIAGA_WK_VALUES)
    return siaga_values_since(window, since);
  return siaga_window_count(window, 1) - siaga_window_position(window, 1, since - 1);
}

/* Most people behind an address know their passwords; who guesses is refused far more than he is let in. */
static gboolean
_is_of_crowd(const SiagaCase *cas, const SiagaPlan *plan, const SiagaWindow *window)
{
  const SiagaWatch *watch = cas->watch;
  guint few = watch->meta->mild.guessed ? 0 : watch->meta->mild.below;
  if (watch->crowd == G_MAXUINT || (few && cas->count >= 2 * few))
    return FALSE;
  const SiagaWatch *crowd = siaga_plan_watch(plan, watch->crowd);
  const SiagaWindow *logins = siaga_key_window(cas->key, watch->crowd);
  if (!logins || !siaga_values_hold(logins, crowd, cas->last - crowd->timespan))
    return FALSE;
  /* Both over the time that the window of logins reaches back. */
  SiagaTime since = MAX((SiagaTime) siaga_window_entries(logins)[0], cas->last - crowd->timespan);
  /* A window of distinct values knows of few. */
  guint each = watch->kind == SIAGA_WK_VALUES ? 2 : 1;
  return siaga_values_since(logins, since) >= each * _count_recent(cas, window, since);
}

/* Failures from FROM to TO that may be those of one device with an old password among the people: of the account that
 * was refused most, one in DEVICE_PACE at most. */
static guint64
_of_device(const SiagaWindow *accounts, SiagaTime from, SiagaTime to)
{
  guint64 most = 0;
  guint count = accounts ? siaga_window_count(accounts, 2) : 0;
  for (guint i = 0; i < count; i++)
    most = MAX(most, siaga_values_repeats(accounts, i));
  return MIN(most, (guint64) MAX(to - from, 0) / DEVICE_PACE);
}

/* Accounts of STRANGERS, which were refused since FROM and not let in, beside those that were let in meanwhile and
 * as long before: a gateway of people, a migration of mailboxes, somebody who tests accounts.  What a window cannot
 * count any more may be any number. */
static gboolean
_are_outnumbered(const SiagaWindow *strangers, const SiagaWindow *logins, SiagaTime from, SiagaTime now)
{
  guint refused = siaga_values_distinct(strangers, from);
  if (!refused || refused >= SIAGA_MANY_VALUES)
    return FALSE;
  SiagaTime oldest = siaga_window_entries(strangers)[2 * (siaga_window_count(strangers, 2) - refused)];
  guint let_in = siaga_values_distinct(logins, oldest - MAX(now - oldest, 0));
  return let_in >= PEOPLE_MIN && refused <= REFUSED_EACH * let_in;
}

/* Those of STRANGERS who are people too, as far as the others show it: of few, where no fewer were let in.  FALSE:
 * there are too many of them. */
static gboolean
_take_for_people(const SiagaCase *cas, const SiagaWatch *refused, const SiagaWindow *strangers,
                 const SiagaWindow *logins, guint *people_r)
{
  SiagaTime from = cas->last - refused->timespan;
  *people_r = 0;
  if (!strangers)
    return TRUE;
  *people_r = siaga_values_distinct(strangers, from);
  if (!siaga_values_hold(strangers, refused, from))
    {
      guint let_in = siaga_values_distinct(logins, from);
      *people_r = let_in >= FEW_PEOPLE && *people_r <= let_in ? *people_r : 0;
      return TRUE;
    }
  return _are_outnumbered(strangers, logins, from, cas->last);
}

/* Accounts, each tried a little, where as many were let in. */
static gboolean
_is_of_gateway(const SiagaCase *cas, const SiagaWindow *window)
{
  const SiagaWatch *watch = cas->watch;
  if (watch->crowd == G_MAXUINT || watch->kind != SIAGA_WK_VALUES || watch->forgiven == G_MAXUINT)
    return FALSE;
  const SiagaWindow *logins = siaga_key_window(cas->key, watch->crowd);
  return logins && _are_outnumbered(window, logins, cas->last - watch->timespan, cas->last);
}

/* All who were refused were let in from there too, and as often: a program that tries another way first.  A browser is
 * no account: that some were let in excuses no other. */
static gboolean
_is_let_in_each_time(const SiagaCase *cas, const SiagaPlan *plan)
{
  const SiagaWatch *watch = cas->watch;
  if (watch->refused == G_MAXUINT || watch->crowd == G_MAXUINT || watch->let_in != watch->crowd ||
      watch->kind != SIAGA_WK_COUNT)
    return FALSE;
  const SiagaWindow *logins = siaga_key_window(cas->key, watch->crowd),
                    *strangers = siaga_key_window(cas->key, watch->refused);
  SiagaTime day = cas->last - siaga_plan_watch(plan, watch->crowd)->timespan;
  if (!logins || siaga_values_since(logins, day) + 1 < cas->count)
    return FALSE;
  /* The try of now waits for its success. */
  return !strangers || siaga_values_distinct(strangers, day) == siaga_values_distinct(strangers, cas->last - NOW);
}

/* People behind one address: nearly all whom it was refused to get in from there, as LET_IN saw, before or after it;
 * they are no faster than people type, and no more than a few tries for each who got in, but for a device of one. */
static gboolean
_are_people(const SiagaCase *cas, const SiagaPlan *plan, const SiagaWindow *window, guint let_in)
{
  const SiagaWatch *watch = cas->watch;
  const SiagaWatch *refused = siaga_plan_watch(plan, watch->refused);
  const SiagaWindow *logins = siaga_key_window(cas->key, let_in),
                    *strangers = siaga_key_window(cas->key, watch->refused);
  /* Of a site that never says whom it refuses, only what those see who are in shows who was let in. */
  if (let_in != watch->crowd && !(strangers && siaga_values_distinct(strangers, cas->last - refused->timespan)))
    return FALSE;
  guint others;
  if (!logins || !_take_for_people(cas, refused, strangers, logins, &others))
    return FALSE;
  guint count = siaga_window_count(window, 1), recent = MIN(count, watch->need);
  SiagaTime oldest = siaga_window_entries(window)[count - recent];
  SiagaTime day = siaga_plan_watch(plan, let_in)->timespan;
  guint people = others + siaga_values_distinct(logins, oldest - MAX(watch->timespan, MORNING));
  guint64 today = others + siaga_values_distinct(logins, cas->last - day);
  const SiagaWindow *device = people >= PEOPLE_MIN ? strangers : NULL;
  return cas->last - oldest >= (SiagaTime) (recent - 1) * PEOPLE_TYPE &&
         recent <= TRIES_EACH * people + _of_device(device, oldest, cas->last) &&
         cas->count <= MAX(watch->need, TRIES_EACH * today + _of_device(device, cas->first, cas->last));
}

static gboolean
_is_of_people(const SiagaCase *cas, const SiagaPlan *plan, const SiagaWindow *window)
{
  const SiagaWatch *watch = cas->watch;
  if (watch->refused == G_MAXUINT || watch->let_in == G_MAXUINT || watch->kind != SIAGA_WK_COUNT)
    return FALSE;
  return _are_people(cas, plan, window, watch->let_in) ||
         (watch->crowd != G_MAXUINT && watch->crowd != watch->let_in && _are_people(cas, plan, window, watch->crowd));
}

/* Who has a password, and a program that had it, knows the few hosts that it is for; a name may be on forty. */
static gboolean
_is_at_few_hosts(const SiagaCase *cas, const SiagaPlan *plan)
{
  guint8 column = plan->tracked_of[SIAGA_F_HOST_HOSTNAME];
  const SiagaSketch *hosts = column < SIAGA_TRACKED_MAX ? cas->tracks[column] : NULL;
  return !hosts || hosts->count <= HOSTS_OF_PROGRAM;
}

/* Nobody types three passwords in a second.  Who sits down to find out why a login fails goes on for an hour or two,
 * three tries a minute; who guesses goes on. */
static gboolean
_are_few(const SiagaCase *cas, const SiagaPlan *plan)
{
  const SiagaMild *mild = &cas->watch->meta->mild;
  SiagaTime span = cas->last - cas->first;
  gboolean sits = mild->sitting && span <= SITTING && _is_at_few_hosts(cas, plan);
  guint more = sits ? span / EACH_MORE : 0;
  guint most = more ? MIN(mild->below + more, MAX(mild->sitting + 1, mild->below)) : mild->below;
  return !cas->strange && cas->count < most && span >= (SiagaTime) (cas->count - 1) * mild->typed * SIAGA_SECOND;
}

static const SiagaSketch *
_users(const SiagaCase *cas, const SiagaPlan *plan)
{
  guint8 column = plan->tracked_of[SIAGA_F_USER_NAME];
  return column < SIAGA_TRACKED_MAX ? cas->tracks[column] : NULL;
}

static gboolean
_is_of_program(const SiagaCase *cas, const SiagaPlan *plan, const SiagaWindow *window, guint users)
{
  guint pace = cas->watch->meta->mild.pace;
  gboolean health_check = pace && pace < PACE_MIN;
  if ((!pace && !users) || (!health_check && !_is_at_few_hosts(cas, plan)))
    return FALSE;
  return _is_steady(window, pace ? pace : PACE_MIN, users ? NEARLY_OF_ACCOUNT : NEARLY, siaga_case_is_mild(cas));
}

static gboolean
_is_of_one_account(const SiagaCase *cas, const SiagaPlan *plan, const SiagaWindow *window)
{
  const SiagaSketch *users = _users(cas, plan);
  guint count = users ? users->count : 0;
  if (cas->watch->kind != SIAGA_WK_COUNT || count > SIAGA_ALIKE_MAX)
    return FALSE;
  if (!_are_few(cas, plan) && !_is_of_program(cas, plan, window, count))
    return FALSE;
  return count < 2 || siaga_alike_all(users->names, count); /* last: it is the dearest */
}

/* Behind a form that answers everybody alike only the page behind it tells who got in.  Of people three in four do, no
 * faster than they type; who guesses sees that page as often only with an account of his own, and is told of soon.
 * Where more are shown than log in, they are of others. */
static gboolean
_get_in(const SiagaCase *cas, const SiagaWindow *window)
{
  const SiagaWatch *watch = cas->watch;
  const SiagaWindow *pages = watch->entered == G_MAXUINT ? NULL : siaga_key_window(cas->key, watch->entered);
  if (!pages || watch->kind != SIAGA_WK_COUNT || cas->count > ENTERED_MAX * watch->need)
    return FALSE;
  guint count = siaga_window_count(window, 1), recent = MIN(count, watch->need);
  SiagaTime oldest = siaga_window_entries(window)[count - recent];
  guint seen = siaga_window_count(pages, 1) - siaga_window_position(pages, 1, oldest - 1);
  return cas->last - oldest >= (SiagaTime) (recent - 1) * PEOPLE_TYPE &&
         (seen + ENTERED_LATE) * ENTERED_OF >= recent * (ENTERED_OF - 1) &&
         seen * ENTERED_OF <= (recent + ENTERED_LATE) * (ENTERED_OF + 1);
}

/* Of what many people ask for some is new, and some was asked for before; who makes names up repeats none. */
static gboolean
_are_of_many(const SiagaCase *cas, const SiagaSketch *texts)
{
  guint events = cas->proof_count;
  gboolean approximate;
  if (!texts || texts->count < 2)
    return FALSE;
  guint64 distinct = siaga_sketch_distinct(texts, &approximate);
  return distinct >= MIN(events / VARIED_EACH, VARIED_ENOUGH) &&
         (events < VARIED_STEP || distinct * VARIED_EACH <= (guint64) events * (VARIED_EACH - 1));
}

/* Many people behind one address ask for many things: a resolver has each name once and keeps it.  Who imitates that is
 * held to a rate that nobody feels, for faster than that nobody is taken for a crowd. */
static gboolean
_is_varied(const SiagaCase *cas, const SiagaWindow *window)
{
  const SiagaWatch *watch = cas->watch;
  guint count = siaga_window_count(window, 1);
  if (count < watch->need)
    return FALSE;
  const guint64 *entries = siaga_window_entries(window);
  if ((SiagaTime) (entries[count - 1] - entries[count - watch->need]) * VARIED_FAST < watch->timespan)
    return FALSE;
  /* The sketch is dear to ask. */
  if (siaga_case_is_mild(cas) && cas->proof_count > VARIED_EACH * VARIED_ENOUGH && cas->proof_count % VARIED_STEP)
    return TRUE;
  for (guint i = 0; i < watch->varied_count; i++)
    if (watch->varied[i] < SIAGA_TRACKED_MAX && _are_of_many(cas, cas->tracks[watch->varied[i]]))
      return TRUE;
  return FALSE;
}

gboolean
siaga_mild_holds(const SiagaCase *cas, const SiagaPlan *plan, const SiagaWindow *window)
{
  return (cas->watch->varied_count && _is_varied(cas, window)) || _get_in(cas, window) ||
         _is_of_people(cas, plan, window) || _is_of_gateway(cas, window) || _is_let_in_each_time(cas, plan) ||
         ((!cas->strange || cas->watch->meta->mild.guessed) &&
          (_is_of_one_account(cas, plan, window) || _is_of_crowd(cas, plan, window)));
}

/* Whom three prompts refuse five times, with the capitals locked, tries now at once and now after a while; a program
 * that guesses keeps a pace, or goes on. */
static gboolean
_is_longer_than_people(const SiagaCase *cas, const SiagaWindow *window)
{
  guint below = cas->watch->meta->mild.below;
  return cas->count >= 2 * below || (cas->count >= below && _is_steady(window, PACE_OF_GUESSER, NEARLY, FALSE));
}

gboolean
siaga_mild_is_long(const SiagaCase *cas, const SiagaPlan *plan, const SiagaWindow *window)
{
  const SiagaMild *mild = &cas->watch->meta->mild;
  const SiagaSketch *users = _users(cas, plan);
  return mild->sitting && _is_longer_than_people(cas, window) && _are_few(cas, plan) && users && users->count == 1 &&
         !_is_steady(window, PACE_MIN, NEARLY_OF_ACCOUNT, TRUE) && !_is_let_in_each_time(cas, plan);
}

gboolean
siaga_mild_is_program(const SiagaPlan *plan, guint programs, SiagaKey *key)
{
  guint refused = siaga_plan_watch(plan, programs)->refused;
  const SiagaWindow *times = siaga_key_window(key, programs),
                    *accounts = refused == G_MAXUINT ? NULL : siaga_key_window(key, refused);
  guint count = accounts ? siaga_window_count(accounts, 2) : 0;
  return times && count <= 1 && _is_steady(times, PACE_MIN, count ? NEARLY_OF_ACCOUNT : NEARLY, FALSE);
}

gboolean
siaga_mild_is_beside(const SiagaWatch *watch, const SiagaPlan *plan, SiagaKey *key, const SiagaWindow *window,
                     SiagaTime time)
{
  if (watch->beside == G_MAXUINT)
    return FALSE;
  const SiagaWatch *other = siaga_plan_watch(plan, watch->beside);
  const SiagaWindow *values = siaga_key_window(key, watch->beside);
  SiagaTime since = values ? siaga_many_hold(values, other, time - other->timespan) : 0;
  return since && siaga_window_count(window, 2) - siaga_window_position(window, 2, since - 1) < watch->need;
}
