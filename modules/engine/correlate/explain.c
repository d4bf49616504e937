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
_append_window(SiagaCorrelator *self, const SiagaFeed *feed, const GString *text, GString *out)
{
  const SiagaGroup *group = &g_array_index(self->plan->groups, SiagaGroup, feed->watch->group);
  guint64 hash = siaga_hash_mix(siaga_keyed_hash(&self->seed, text->str, text->len) + group->hash);
  SiagaShard *shard = siaga_core_shard(self, hash);

  siaga_lock(&shard->lock);
  SiagaKey *key =
      siaga_keys_find(&self->partitions[siaga_key_partition(hash)], hash, feed->watch->group, text->str, text->len);
  const SiagaWindow *window = key ? siaga_key_window(key, feed->watch->position) : NULL;
  g_string_append_printf(out, "the window holds %u %s", window ? _count(feed->watch, window) : 0,
                         kind_names[feed->watch->kind]);
  if (feed->watch->kind == SIAGA_WK_COUNT || feed->watch->kind == SIAGA_WK_VALUES)
    g_string_append_printf(out, ", %u are needed", feed->watch->need);
  g_string_append_printf(out, " in %" G_GINT64_FORMAT " s%s\n", feed->watch->timespan / SIAGA_SECOND,
                         window && window->flags & SIAGA_WF_CASE ? "; an incident is open" : "");
  siaga_unlock(&shard->lock);
}

void
siaga_correlator_explain(SiagaCorrelator *self, guint rule, const SiagaEvent *event, GString *out)
{
  const SiagaPlan *plan = self->plan;
  for (guint i = 0; i < plan->feeds->len; i++)
    {
      const SiagaFeed *feed = &g_array_index(plan->feeds, SiagaFeed, i);
      if (feed->watch->rule != rule)
        continue;
      GString *key = g_string_new(NULL);
      if (_append_key(self, feed, event, key, out))
        _append_window(self, feed, key, out);
      g_string_free(key, TRUE);
      return;
    }
}
