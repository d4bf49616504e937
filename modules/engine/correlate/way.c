/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A record's way: opening the record, and the key that its values make. */

#include "way.h"

#include <string.h>

static gboolean
_is_spoofed(const SiagaCorrelator *self, const SiagaRecordView *record)
{
  const SiagaRecordValue *value = siaga_record_get(record, self->plan->tracked_of[SIAGA_F_SOURCE_SPOOFABLE]);
  return value && value->length == 1 && *value->text == '1';
}

/* What every incident feeds, and what a silent source does, stand behind the rules. */
static gboolean
_knows_rules(const SiagaPlan *plan, const SiagaRecordView *view)
{
  for (guint i = 0; i < view->record->rule_count; i++)
    if (view->rules[i] >= plan->view.count + (view->child ? 2 : 0))
      return FALSE;
  return TRUE;
}

gboolean
siaga_way_read(SiagaWay *way)
{
  if (!siaga_record_open(&way->view, way->record, way->record->size) || !_knows_rules(way->run->self->plan, &way->view))
    return FALSE;
  way->spoofed = _is_spoofed(way->run->self, &way->view);
  return way->opened = TRUE;
}

static void
_join_values(SiagaKeyText *text, const SiagaRecordValue *const *values, guint count)
{
  text->length = 0;
  text->text = text->room;
  for (guint i = 0; i < count; i++)
    text->length += siaga_core_put_key_value(text->room + text->length, values[i]);
}

void
siaga_way_write_key(SiagaWay *way, const SiagaFeed *feed, const SiagaRecordValue *const *values)
{
  const SiagaGroup *group = &g_array_index(way->run->self->plan->groups, SiagaGroup, feed->watch->group);
  SiagaKeyText *text = &way->text;
  text->whole = TRUE;
  for (guint i = 0; i < feed->group_count; i++)
    text->whole = text->whole && values[i];
  if (feed->group_count == 1 && text->whole && !values[0]->in_line)
    {
      text->text = values[0]->text - 1; /* its length stands in front of it */
      text->length = values[0]->length + 1;
    }
  else
    _join_values(text, values, feed->group_count);
  text->group = feed->watch->group;
  text->columns = feed->columns;
  text->hash = siaga_core_key_hash(way->run->self, group, text->text, text->length);
  way->key = NULL;
}

/* Most access logs do not say which site was asked: then it is the host's, and where no host is known either, the one
 * site or host there is. */
const SiagaRecordValue *
siaga_way_group_value(const SiagaWay *way, const SiagaFeed *feed, guint i)
{
  const SiagaRecordValue *value = siaga_record_get(&way->view, feed->columns[i]);
  if (G_UNLIKELY(!value && feed->site & 1u << i))
    value = siaga_record_get(&way->view, way->run->self->plan->tracked_of[SIAGA_F_HOST_HOSTNAME]);
  return value;
}

gboolean
siaga_way_find_group(const SiagaWay *way, const SiagaFeed *feed, const SiagaRecordValue **at, gboolean *list_r)
{
  *list_r = FALSE;
  for (guint i = 0; i < feed->group_count; i++)
    {
      at[i] = siaga_way_group_value(way, feed, i);
      if (!at[i] && !feed->watch->missing_is_empty && !(feed->site & 1u << i))
        return FALSE;
      *list_r = *list_r || (at[i] && at[i]->next);
    }
  return TRUE;
}
