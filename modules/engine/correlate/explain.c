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
      const SiagaValue *value = siaga_event_get(event, field);
      const gchar *text = value ? siaga_value_text(value, buffer, &length) : "";
      if (!value && !feed->watch->missing_is_empty)
        {
          g_string_append_printf(out, "the event has no %s: it does not take part\n", name);
          return FALSE;
        }
      length = MIN(length, SIAGA_RECORD_TEXT);
      g_string_append_c(key, (gchar) length);
      g_string_append_len(key, text, length);
      g_string_append_printf(out, "%s = %.*s\n", name, (int) length, text);
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
  guint64 hash = siaga_hash_mix(siaga_keyed_hash(&self->seed, text->str, text->len) + group->hash);
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
static void
_append_slowest(const SiagaFeed *feed, const SiagaFill *fill, GString *out)
{
  if (fill->need < 2)
    return;
  g_string_append_printf(out, "the slowest that is found: %s every %.1f s\n",
                         feed->watch->kind == SIAGA_WK_COUNT ? "one" : "a new value",
                         (gdouble) fill->timespan / (fill->need - 1) / SIAGA_SECOND);
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
  _append_slowest(feed, &fill, out);
}
