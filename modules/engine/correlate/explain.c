/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Says in words what a rule's window holds for an event's key. */

#include "core.h"
#include "window-kinds.h"

#include <string.h>

static const gchar *const kind_names[] = {
  "events", "distinct values", "numbers", "steps", "steps in order", "incidents", "events, decided at the window's end"
};

/* FALSE, with a word about it, when a group-by field is missing. */
static gboolean
_append_key(const SiagaCorrelator *self, const SiagaFeed *feed, const SiagaEvent *event, GString *key, GString *out)
{
  for (guint i = 0; i < feed->group_count; i++)
    {
      gchar buffer[32];
      gsize length = 0;
      SiagaFieldId field = self->plan->tracked[feed->columns[i]];
      const gchar *name = siaga_fields_get(self->plan->view.fields, field)->name;
      const SiagaValue *value = siaga_record_takes(event, field) ? siaga_event_get(event, field) : NULL;
      const gboolean is_site = feed->site >> i & 1;
      if (!value && is_site)
        value = siaga_event_get(event, SIAGA_F_HOST_HOSTNAME);
      const gchar *text = value ? siaga_value_text(value, buffer, &length) : "";
      if (!value && !feed->watch->missing_is_empty && !is_site)
        {
          g_string_append_printf(out, "the event has no %s: it does not take part\n", name);
          return FALSE;
        }
      length = MIN(length, SIAGA_RECORD_TEXT);
      g_string_append_c(key, (gchar) length);
      g_string_append_len(key, text, length);
      g_string_append_printf(out, "%s = %.*s\n", name, value ? (int) length : 6, value ? text : "(none)");
    }
  return TRUE;
}

static guint
_count(const SiagaWatch *watch, const SiagaWindow *window)
{
  if (watch->kind == SIAGA_WK_VALUES && watch->need > SIAGA_MANY_VALUES)
    return siaga_many_count(window);
  if (watch->kind == SIAGA_WK_ONCE)
    return window->used ? siaga_window_words(window)[1] : 0;
  return siaga_window_count(window, watch->kind == SIAGA_WK_COUNT ? 1 : 2);
}

static void
_measure(SiagaCorrelator *self, const SiagaFeed *feed, const GString *text, SiagaFill *fill)
{
  const SiagaGroup *group = &g_array_index(self->plan->groups, SiagaGroup, feed->watch->group);
  guint64 hash = siaga_core_key_hash(self, group, text->str, text->len);
  SiagaShard *shard = siaga_core_shard(self, hash);
  SiagaWindowKind kind = feed->watch->kind;

  siaga_lock(&shard->lock);
  SiagaKey *key =
      siaga_keys_find(&self->partitions[siaga_key_partition(hash)], hash, feed->watch->group, text->str, text->len);
  const SiagaWindow *window = key ? siaga_key_window(key, feed->watch->position) : NULL;
  fill->have = window ? _count(feed->watch, window) : 0;
  fill->need = kind == SIAGA_WK_COUNT || kind == SIAGA_WK_VALUES ? feed->watch->need : 0;
  fill->timespan = feed->watch->timespan;
  fill->open = window && window->flags & SIAGA_WF_CASE;
  siaga_unlock(&shard->lock);
}

/* The first way of an event into RULE's window. */
static const SiagaFeed *
_feed_of(const SiagaPlan *plan, guint rule)
{
  for (guint i = 0; i < plan->feeds->len; i++)
    if (g_array_index(plan->feeds, SiagaFeed, i).watch->rule == rule)
      return &g_array_index(plan->feeds, SiagaFeed, i);
  return NULL;
}

gboolean
siaga_correlator_fill(SiagaCorrelator *self, guint rule, const SiagaEvent *event, SiagaFill *fill_r, GString *key)
{
  const SiagaFeed *feed = _feed_of(self->plan, rule);
  GString *text = g_string_new(NULL);
  gboolean takes_part = feed && _append_key(self, feed, event, text, key);
  if (takes_part)
    _measure(self, feed, text, fill_r);
  g_string_free(text, TRUE);
  return takes_part;
}

/* N events in a closed window lie N - 1 steps apart. */
static gboolean
_append_rate(const SiagaWatch *watch, const gchar *what, GString *out)
{
  if (watch->need >= 2)
    g_string_append_printf(out, "%s every %.1f s", what, (gdouble) watch->timespan / (watch->need - 1) / SIAGA_SECOND);
  return watch->need >= 2;
}

/* The alternative that asks for the fewest. */
static gboolean
_append_steps(const SiagaWatch *watch, GString *out)
{
  const GArray *terms = watch->correlation->terms;
  guint fewest = terms->len ? G_MAXUINT : 0;
  for (guint i = 0; i < terms->len; i++)
    fewest = MIN(fewest, (guint) __builtin_popcount(g_array_index(terms, SiagaTerm, i).need));
  g_string_append_printf(out, "%u step%s within %" G_GINT64_FORMAT " s", fewest, fewest == 1 ? "" : "s",
                         watch->timespan / SIAGA_SECOND);
  return TRUE;
}

static gboolean
_append_measure(const SiagaWatch *watch, GString *out)
{
  const SiagaCorrelation *correlation = watch->correlation;
  SiagaOperator lower = correlation->has[SIAGA_OP_GTE] ? SIAGA_OP_GTE : SIAGA_OP_GT;
  gint64 seconds = watch->timespan / SIAGA_SECOND;
  if (correlation->type == SIAGA_CT_VALUE_SUM && correlation->has[lower])
    g_string_append_printf(out, "a sum of %g within %" G_GINT64_FORMAT " s", correlation->bound[lower], seconds);
  else
    g_string_append_printf(out, "one event with the number in %" G_GINT64_FORMAT " s", seconds);
  return TRUE;
}

gboolean
siaga_correlator_slowest(const SiagaCorrelator *self, guint rule, GString *out)
{
  const SiagaFeed *feed = _feed_of(self->plan, rule);
  if (!feed || !feed->watch->correlation)
    return FALSE;
  switch (feed->watch->kind)
    {
    case SIAGA_WK_COUNT:
      return _append_rate(feed->watch, "one", out);
    case SIAGA_WK_VALUES:
      return _append_rate(feed->watch, "a new value", out);
    case SIAGA_WK_NUMBERS:
      return _append_measure(feed->watch, out);
    case SIAGA_WK_TEMPORAL:
    case SIAGA_WK_ORDERED:
      return _append_steps(feed->watch, out);
    default:
      return FALSE;
    }
}

static const gchar *
_name_of(const SiagaCorrelator *self, guint position)
{
  const SiagaRule *rule = siaga_plan_watch(self->plan, position)->meta;
  return rule->name ? rule->name : rule->title;
}

/* What does not count, and beside what nothing is raised. */
static void
_append_exceptions(const SiagaCorrelator *self, const SiagaWatch *watch, GString *out)
{
  if (watch->echo)
    g_string_append_printf(
        out, "what another program says within %" G_GINT64_FORMAT " s is of the same try, and does not count\n",
        watch->echo / SIAGA_SECOND);
  if (watch->apart)
    g_string_append_printf(out, "a further event within %" G_GINT64_FORMAT " s is the same, and does not count\n",
                           watch->apart / SIAGA_SECOND);
  if (watch->friends != G_MAXUINT)
    g_string_append_printf(
        out, watch->newcomers ? "only what is new to '%s' counts\n" : "those whom '%s' knows do not count\n",
        _name_of(self, watch->friends));
  if (watch->programs != G_MAXUINT)
    g_string_append_printf(out, "programs with an old password, as '%s' shows them, are no sources of an incident\n",
                           _name_of(self, watch->programs));
  if (watch->forgiven != G_MAXUINT)
    g_string_append_printf(out, "what '%s' sees afterwards counts no longer\n", _name_of(self, watch->forgiven));
  if (watch->first_seen)
    g_string_append(out, "each value has the time when it was first seen\n");
  if (watch->refused != G_MAXUINT)
    g_string_append_printf(out, "while '%s' does not hold, what fails beside '%s' is of people who mistype\n",
                           _name_of(self, watch->refused),
                           watch->crowd == G_MAXUINT ? "" : _name_of(self, watch->crowd));
  if (watch->follows != G_MAXUINT)
    g_string_append_printf(out, "only what has the number behind one that '%s' saw counts\n",
                           _name_of(self, watch->follows));
  if (watch->beside != G_MAXUINT)
    g_string_append_printf(out, "while '%s' holds beside fewer than these, nothing is raised\n",
                           _name_of(self, watch->beside));
}

void
siaga_correlator_explain(SiagaCorrelator *self, guint rule, const SiagaEvent *event, GString *out)
{
  const SiagaFeed *feed = _feed_of(self->plan, rule);
  SiagaFill fill;
  if (!feed || !siaga_correlator_fill(self, rule, event, &fill, out))
    return;
  g_string_append_printf(out, "the window holds %u %s", fill.have, kind_names[feed->watch->kind]);
  if (fill.need)
    g_string_append_printf(out, ", %u are needed", fill.need);
  g_string_append_printf(out, " in %" G_GINT64_FORMAT " s%s\n", fill.timespan / SIAGA_SECOND,
                         fill.open ? "; an incident is open" : "");
  _append_exceptions(self, feed->watch, out);
  GString *slowest = g_string_new(NULL);
  if (siaga_correlator_slowest(self, rule, slowest))
    g_string_append_printf(out, "the slowest that is found: %s\n", slowest->str);
  g_string_free(slowest, TRUE);
}
