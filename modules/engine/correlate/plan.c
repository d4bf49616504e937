/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Compiles a rule set for the correlator. */

#include "plan.h"
#include "window.h"

#include <math.h>
#include <string.h>

#define SINGLE_TIMESPAN (600 * SIAGA_SECOND)
#define CAMPAIGN_TIMESPAN (86400 * SIAGA_SECOND)
#define JOINT 10                         /* attackers of one victim who come the same way */
#define KNOWN_FOR (86400 * SIAGA_SECOND) /* absence is decided for keys known so long */

/* What incidents report whatever the rules group by. */
static const SiagaFieldId always_tracked[] = {
  SIAGA_F_SOURCE_IP,         SIAGA_F_SOURCE_ACTOR, SIAGA_F_SOURCE_ADDRESS, SIAGA_F_SOURCE_COUNTRY,
  SIAGA_F_SOURCE_SUBNET,     SIAGA_F_USER_NAME,    SIAGA_F_HOST_HOSTNAME,  SIAGA_F_EVENT_OUTCOME,
  SIAGA_F_VICTIM_DOMAIN,     SIAGA_F_VICTIM_IP,    SIAGA_F_VICTIM_COUNTRY, SIAGA_F_VICTIM_SECTOR,
  SIAGA_F_VICTIM_GOVERNMENT, SIAGA_F_VICTIM_OWNER, SIAGA_F_VICTIM_CSIRT,   SIAGA_F_VICTIM_CLAIMED,
  SIAGA_F_SOURCE_SPOOFABLE,  SIAGA_F_URL_DOMAIN,   SIAGA_F_EVENT_DATASET,  SIAGA_F_DNS_QUESTION_REGISTERED_DOMAIN,
  SIAGA_F_LOOKALIKE_OF,
};

/* What an event that asks for a look-alike names is the agency whose name it is. */
static const SiagaFieldId of_imitation[] = {
  SIAGA_F_VICTIM_DOMAIN, SIAGA_F_VICTIM_COUNTRY, SIAGA_F_VICTIM_SECTOR, SIAGA_F_VICTIM_GOVERNMENT,
  SIAGA_F_VICTIM_OWNER,  SIAGA_F_VICTIM_CSIRT,   SIAGA_F_LOOKALIKE_OF,
};

static guint8
_track(SiagaPlan *self, SiagaFieldId field)
{
  guint8 *slot = &self->tracked_of[field];
  if (*slot == SIAGA_NOT_TRACKED && self->tracked_count < SIAGA_TRACKED_MAX)
    {
      *slot = self->tracked_count;
      self->tracked[self->tracked_count++] = field;
    }
  return *slot;
}

/* The same for a field of keys. */
static guint8
_track_key(SiagaPlan *self, SiagaFieldId field)
{
  guint8 column = _track(self, field);
  if (column < SIAGA_TRACKED_MAX)
    self->keyed |= G_GUINT64_CONSTANT(1) << column;
  return column;
}

static guint
_find_group(SiagaPlan *self, const gchar *names, const SiagaField *const *fields, guint count)
{
  for (guint i = 0; i < self->groups->len; i++)
    if (strcmp(g_array_index(self->groups, SiagaGroup, i).names, names) == 0)
      return i;
  SiagaGroup group = { .count = count, .names = g_strdup(names), .hash = g_str_hash(names) };
  memcpy(group.fields, fields, count * sizeof fields[0]);
  g_array_append_val(self->groups, group);
  return self->groups->len - 1;
}

static SiagaWatch *
_add_watch(SiagaPlan *self, const SiagaRule *meta, const SiagaCorrelation *correlation)
{
  SiagaWatch *watch = g_new0(SiagaWatch, 1);
  watch->position = self->watches->len;
  watch->rule = meta->index;
  watch->meta = meta;
  watch->never_mild = watch->crowd = watch->friends = watch->beside = watch->follows = G_MAXUINT;
  watch->forgiven = watch->forgives = watch->next_forgiven = watch->refused = watch->let_in = watch->programs =
      watch->entered = G_MAXUINT;
  watch->correlation = correlation;
  g_ptr_array_add(self->watches, watch);
  return watch;
}

static gboolean
_has_forbidden(const SiagaCorrelation *correlation)
{
  for (guint i = 0; i < correlation->terms->len; i++)
    if (g_array_index(correlation->terms, SiagaTerm, i).forbid)
      return TRUE;
  return FALSE;
}

/* Only lower bounds can be decided at each event; the least count that satisfies them. */
static void
_read_bounds(SiagaWatch *watch, const SiagaCorrelation *correlation)
{
  gdouble need = 1;
  watch->ended = siaga_correlation_has_upper_bound(correlation);
  if (correlation->has[SIAGA_OP_GTE])
    need = MAX(need, ceil(correlation->bound[SIAGA_OP_GTE]));
  if (correlation->has[SIAGA_OP_GT])
    need = MAX(need, floor(correlation->bound[SIAGA_OP_GT]) + 1);
  watch->need = need;
}

static void
_read_kind(SiagaWatch *watch, const SiagaCorrelation *correlation)
{
  static const SiagaWindowKind kinds[] = { SIAGA_WK_COUNT,   SIAGA_WK_VALUES,  SIAGA_WK_TEMPORAL, SIAGA_WK_ORDERED,
                                           SIAGA_WK_NUMBERS, SIAGA_WK_NUMBERS, SIAGA_WK_NUMBERS };
  watch->kind = kinds[correlation->type];
  watch->timespan = correlation->timespan;
  if (watch->kind == SIAGA_WK_COUNT || watch->kind == SIAGA_WK_VALUES || watch->kind == SIAGA_WK_NUMBERS)
    {
      _read_bounds(watch, correlation);
      if (watch->ended)
        watch->kind = SIAGA_WK_ONCE;
    }
  else
    watch->ended = _has_forbidden(correlation);
}

static SiagaFieldId
_group_field(const SiagaCorrelation *correlation, guint position, guint step)
{
  const SiagaGroupName *name = &g_array_index(correlation->group_by, SiagaGroupName, position);
  if (name->alias < 0)
    return name->field;
  return g_array_index(correlation->aliases, SiagaAlias, name->alias).fields[step];
}

/* A rule that a correlation names twice is one event that fills either step. */
static gboolean
_join_feed(GArray *feeds, const SiagaFeed *feed)
{
  for (guint i = 0; i < feeds->len; i++)
    {
      SiagaFeed *known = &g_array_index(feeds, SiagaFeed, i);
      if (known->watch != feed->watch || memcmp(known->columns, feed->columns, feed->group_count) != 0)
        continue;
      known->step |= feed->step;
      return TRUE;
    }
  return FALSE;
}

/* Where an alias names no field for this rule, its events do not take part. */
static void
_add_feed(SiagaPlan *self, GArray *feeds, SiagaWatch *watch, guint step)
{
  const SiagaCorrelation *correlation = watch->correlation;
  SiagaFeed feed = { .watch = watch, .step = 1u << step, .group_count = correlation->group_by->len };
  for (guint i = 0; i < feed.group_count; i++)
    {
      SiagaFieldId field = _group_field(correlation, i, step);
      if (field == SIAGA_FIELD_NONE)
        return;
      feed.columns[i] = _track_key(self, field);
      feed.site |= field == SIAGA_F_URL_DOMAIN || field == SIAGA_F_HOST_HOSTNAME ? 1u << i : 0;
    }
  feed.value_count = correlation->values->len;
  for (guint i = 0; i < feed.value_count; i++)
    feed.values[i] = _track(self, g_array_index(correlation->values, SiagaFieldId, i));
  if (!_join_feed(feeds, &feed))
    g_array_append_val(feeds, feed);
}

static guint
_group_of_correlation(SiagaPlan *self, const SiagaCorrelation *correlation)
{
  const SiagaField *fields[SIAGA_GROUP_MAX];
  GString *names = g_string_new(NULL);
  for (guint i = 0; i < correlation->group_by->len; i++)
    {
      const SiagaGroupName *name = &g_array_index(correlation->group_by, SiagaGroupName, i);
      SiagaFieldId field = name->field;
      for (guint step = 0; field == SIAGA_FIELD_NONE && step < correlation->references->len; step++)
        field = _group_field(correlation, i, step);
      fields[i] = siaga_fields_get(self->view.fields, field == SIAGA_FIELD_NONE ? SIAGA_F_MESSAGE : field);
      /* Aliases mean something in their own rule only. */
      if (name->alias >= 0)
        g_string_append_printf(names, "%s@%s ", name->name, self->records[correlation->index]->id);
      else
        g_string_append_printf(names, "%s ", fields[i]->name);
    }
  guint group = _find_group(self, names->str, fields, correlation->group_by->len);
  g_string_free(names, TRUE);
  return group;
}

static guint
_find_record(const SiagaPlan *self, const gchar *id_or_name)
{
  for (guint i = 0; i < self->view.count; i++)
    if (self->records[i] &&
        (g_strcmp0(self->records[i]->id, id_or_name) == 0 || g_strcmp0(self->records[i]->name, id_or_name) == 0))
      return i;
  return G_MAXUINT;
}

static void
_read_mild(SiagaPlan *self, SiagaWatch *watch)
{
  const SiagaMild *mild = &watch->meta->mild;
  watch->mild = (watch->kind == SIAGA_WK_COUNT || watch->kind == SIAGA_WK_VALUES) && mild->level &&
                mild->level < watch->meta->level;
  for (guint i = 0; watch->mild && watch->kind == SIAGA_WK_COUNT && mild->varied && mild->varied[i]; i++)
    watch->varied[watch->varied_count++] = _track(self, siaga_fields_lookup(self->view.fields, mild->varied[i], -1));
  const gchar *strange = mild->unless ? mild->unless : mild->guessed;
  if (!watch->mild || !strange)
    return;
  watch->never_mild = _find_record(self, strange);
  if (watch->never_mild < self->view.count)
    self->told[watch->never_mild] = TRUE;
}

typedef gboolean (*Fits)(const SiagaPlan *self, const SiagaWatch *watch, const SiagaWatch *count);

/* The count of values by the rule NAME (NULL: none) that fits what WATCH asks of it; G_MAXUINT: there is none. */
static guint
_find_loud_count(SiagaPlan *self, const SiagaWatch *watch, const gchar *name, Fits fits)
{
  guint rule = name ? _find_record(self, name) : G_MAXUINT, found = G_MAXUINT;
  for (guint i = 0; i < self->watches->len && rule != G_MAXUINT; i++)
    {
      const SiagaWatch *count = siaga_plan_watch(self, i);
      if (count->rule == rule && count->kind == SIAGA_WK_VALUES && fits(self, watch, count))
        found = i;
    }
  return found;
}

/* The same of one that is counted for other rules only, and raises nothing by itself. */
static guint
_find_count(SiagaPlan *self, const SiagaWatch *watch, const gchar *name, Fits fits)
{
  guint found = _find_loud_count(self, watch, name, fits);
  if (found != G_MAXUINT)
    siaga_plan_watch(self, found)->silent = TRUE;
  return found;
}

static gboolean
_is_few(const SiagaPlan *self G_GNUC_UNUSED, const SiagaWatch *watch, const SiagaWatch *count)
{
  return count->group == watch->group && count->need <= SIAGA_MANY_VALUES;
}

static gboolean
_is_many(const SiagaPlan *self G_GNUC_UNUSED, const SiagaWatch *watch, const SiagaWatch *count)
{
  return count->group == watch->group && count->need > SIAGA_MANY_VALUES;
}

static gboolean
_is_few_of_one_field(const SiagaPlan *self, const SiagaWatch *watch, const SiagaWatch *count)
{
  return _is_few(self, watch, count) && count->correlation->values->len == 1;
}

static gboolean
_is_few_by_one_field(const SiagaPlan *self, const SiagaWatch *watch G_GNUC_UNUSED, const SiagaWatch *count)
{
  return count->need <= SIAGA_MANY_VALUES && g_array_index(self->groups, SiagaGroup, count->group).count == 1;
}

/* Of the one value of either a hash is the same. */
static gboolean
_is_few_of_same_field(const SiagaPlan *self, const SiagaWatch *watch, const SiagaWatch *count)
{
  return _is_few_of_one_field(self, watch, count) && watch->correlation->values->len == 1 &&
         g_array_index(watch->correlation->values, SiagaFieldId, 0) ==
             g_array_index(count->correlation->values, SiagaFieldId, 0);
}

static gboolean
_is_first_seen_by_one_field(const SiagaPlan *self, const SiagaWatch *watch, const SiagaWatch *count)
{
  return _is_few_by_one_field(self, watch, count) && count->first_seen && count->correlation->values->len == 1;
}

/* The rule that forgives goes through those that it does. */
static void
_find_forgiven(SiagaPlan *self, SiagaWatch *watch)
{
  gboolean few = watch->kind == SIAGA_WK_VALUES && watch->need <= SIAGA_MANY_VALUES;
  watch->forgiven = _find_count(self, watch, few ? watch->meta->forgiven : NULL, _is_few_of_same_field);
  if (watch->forgiven == G_MAXUINT)
    return;
  SiagaWatch *count = siaga_plan_watch(self, watch->forgiven);
  watch->next_forgiven = count->forgives;
  count->forgives = watch->position;
}

/* The count of events by the rule NAME (NULL: none) of OTHER's group; G_MAXUINT: there is none. */
static guint
_find_event_count(const SiagaPlan *self, const SiagaWatch *other, const gchar *name)
{
  guint rule = name ? _find_record(self, name) : G_MAXUINT;
  for (guint i = 0; i < self->watches->len && rule != G_MAXUINT; i++)
    {
      const SiagaWatch *count = siaga_plan_watch(self, i);
      if (count->rule == rule && count->kind == SIAGA_WK_COUNT && count->group == other->group)
        return i;
    }
  return G_MAXUINT;
}

/* Whose events WATCH leaves out, or alone takes. */
static void
_find_friends(SiagaPlan *self, SiagaWatch *watch)
{
  const SiagaRule *meta = watch->meta;
  watch->newcomers = meta->newcomers != NULL;
  watch->friends = watch->newcomers ? _find_count(self, watch, meta->newcomers, _is_first_seen_by_one_field)
                                    : _find_count(self, watch, meta->strangers, _is_few_by_one_field);
  if (watch->friends == G_MAXUINT)
    return;
  const SiagaWatch *count = siaga_plan_watch(self, watch->friends);
  const SiagaField *field = g_array_index(self->groups, SiagaGroup, count->group).fields[0];
  watch->friend_column = self->tracked_of[siaga_fields_lookup(self->view.fields, field->name, -1)];
  watch->programs = _find_event_count(self, count, meta->programs);
  watch->new_column = self->tracked_of[g_array_index(count->correlation->values, SiagaFieldId, 0)];
}

/* The counts that WATCH asks when it judges. */
static void
_find_counts(SiagaPlan *self, SiagaWatch *watch)
{
  const SiagaRule *meta = watch->meta;
  gboolean few = watch->kind == SIAGA_WK_VALUES && watch->need <= SIAGA_MANY_VALUES;

  watch->crowd = _find_count(self, watch, watch->mild ? meta->mild.crowd : NULL, _is_few);
  watch->beside = _find_count(self, watch, few ? meta->beside : NULL, _is_many);
  watch->follows = _find_count(self, watch, meta->follows, _is_few_of_one_field);
  watch->refused = _find_loud_count(self, watch, watch->mild ? meta->mild.refused : NULL, _is_few);
  watch->let_in = _find_count(self, watch, watch->mild ? meta->mild.let_in : NULL, _is_few);
  watch->entered = _find_event_count(self, watch, watch->mild ? meta->mild.entered : NULL);
  if (watch->entered != G_MAXUINT)
    siaga_plan_watch(self, watch->entered)->silent = TRUE;
  if (watch->let_in != G_MAXUINT)
    siaga_plan_watch(self, watch->let_in)->wide = TRUE;
  if (watch->let_in != G_MAXUINT && watch->crowd != G_MAXUINT)
    siaga_plan_watch(self, watch->crowd)->wide = TRUE;
  if (watch->let_in == G_MAXUINT)
    watch->let_in = watch->crowd;
  if (watch->refused != G_MAXUINT)
    siaga_plan_watch(self, watch->refused)->wide = TRUE;
  watch->wide = watch->wide || (few && watch->forgiven != G_MAXUINT && watch->crowd != G_MAXUINT);
  if (watch->refused != G_MAXUINT && siaga_plan_watch(self, watch->refused)->meta->level <= SIAGA_LEVEL_INFORMATIONAL)
    siaga_plan_watch(self, watch->refused)->silent = TRUE;
  _find_friends(self, watch);
  _find_forgiven(self, watch);
  if (watch->follows != G_MAXUINT)
    {
      const SiagaWatch *count = siaga_plan_watch(self, watch->follows);
      watch->follow_column = self->tracked_of[g_array_index(count->correlation->values, SiagaFieldId, 0)];
    }
}

static void
_add_correlation(SiagaPlan *self, const SiagaCorrelation *correlation, GPtrArray *feeds)
{
  const SiagaRule *meta = self->records[correlation->index];
  SiagaWatch *watch = _add_watch(self, meta, correlation);
  _read_kind(watch, correlation);
  _read_mild(self, watch);
  watch->echo = watch->kind == SIAGA_WK_COUNT ? meta->echo * SIAGA_SECOND : 0;
  watch->apart = watch->kind == SIAGA_WK_COUNT ? meta->apart * SIAGA_SECOND : 0;
  if (watch->echo)
    _track(self, SIAGA_F_PATTERN);
  watch->first_seen = watch->kind == SIAGA_WK_VALUES && watch->need <= SIAGA_MANY_VALUES && meta->first_seen;
  watch->group = _group_of_correlation(self, correlation);
  watch->silent = meta->referenced && !meta->generate;
  watch->attacked = g_strcmp0(meta->category, "lookalike") != 0;
  watch->outer = meta->referenced;
  for (guint step = 0; step < correlation->references->len; step++)
    {
      guint rule = g_array_index(correlation->references, SiagaReference, step).rule;
      if (rule < self->view.count && self->records[rule])
        _add_feed(self, feeds->pdata[rule], watch, step);
    }
}

/* An incident of a single detection is one per actor and victim, either of which may be unknown. */
static void
_add_single(SiagaPlan *self, const SiagaRule *meta, GArray *feeds)
{
  SiagaFieldId victim = meta->victim ? siaga_fields_lookup(self->view.fields, meta->victim, -1) : SIAGA_FIELD_NONE;
  SiagaFieldId ids[] = { SIAGA_F_SOURCE_ACTOR, victim == SIAGA_FIELD_NONE ? SIAGA_F_VICTIM_DOMAIN : victim };
  const SiagaField *fields[2];
  SiagaWatch *watch = _add_watch(self, meta, NULL);
  SiagaFeed feed = { .watch = watch, .step = 1, .group_count = 2 };
  GString *names = g_string_new("? ");

  for (guint i = 0; i < 2; i++)
    {
      fields[i] = siaga_fields_get(self->view.fields, ids[i]);
      feed.columns[i] = _track_key(self, ids[i]);
      g_string_append_printf(names, "%s ", fields[i]->name);
    }
  watch->kind = SIAGA_WK_COUNT;
  watch->timespan = SINGLE_TIMESPAN;
  watch->need = 1;
  watch->missing_is_empty = TRUE;
  watch->group = _find_group(self, names->str, fields, 2);
  g_array_append_val(feeds, feed);
  g_string_free(names, TRUE);
}

static const gchar *const nothing[] = { NULL };

static const SiagaRule campaigns[] = {
  { .index = G_MAXUINT,
    .id = "b7a3a0c2-6d5e-4f0b-8a55-3c1f0f6a7d21",
    .name = "siaga_campaign",
    .title = "Campaign of one attacker",
    .description = "Incidents of one attacker: along the kill chain, or one attack as several rules see it.",
    .techniques = nothing,
    .tactics = nothing,
    .tags = nothing,
    .falsepositives = nothing,
    .level = SIAGA_LEVEL_HIGH,
    .category = "campaign" },
  { .index = G_MAXUINT,
    .id = "0f6c1c7e-2b0d-4c39-9f3e-6a1d5be8c744",
    .name = "siaga_campaign_on_victim",
    .title = "Campaign against one victim",
    .description = "Incidents on one victim: along the kill chain, or ten who attack it in the same way.",
    .techniques = nothing,
    .tactics = nothing,
    .tags = nothing,
    .falsepositives = nothing,
    .level = SIAGA_LEVEL_HIGH,
    .category = "campaign" },
};

static const SiagaRule silence = { .index = G_MAXUINT,
                                   .id = "93d1f6a8-57e0-4c4b-8b2f-e1c9a4d07f36",
                                   .name = "siaga_source_silent",
                                   .title = "Log source silent",
                                   .description = "A source that rules watch for absence sends nothing any more.",
                                   .techniques = nothing,
                                   .tactics = nothing,
                                   .tags = nothing,
                                   .falsepositives = nothing,
                                   .level = SIAGA_LEVEL_MEDIUM,
                                   .category = "source-silent" };

static void
_add_silence(SiagaPlan *self, GArray *feeds)
{
  const SiagaField *field = siaga_fields_get(self->view.fields, SIAGA_F_HOST_HOSTNAME);
  SiagaWatch *watch = _add_watch(self, &silence, NULL);
  SiagaFeed feed = { .watch = watch, .step = 1, .group_count = 1, .columns = { _track(self, SIAGA_F_HOST_HOSTNAME) } };
  watch->kind = SIAGA_WK_COUNT;
  watch->timespan = SINGLE_TIMESPAN;
  watch->need = 1;
  watch->missing_is_empty = TRUE;
  watch->group = _find_group(self, "? host.hostname ", &field, 1);
  g_array_append_val(feeds, feed);
}

/* Everybody who is on the Internet is scanned and guessed at by many: a victim needs one stage more, or so many who
 * come the same way that they are one thing to look at.  One attacker whom several rules see is one attack. */
static void
_add_campaign(SiagaPlan *self, guint which, GArray *feeds)
{
  SiagaFieldId id = which ? SIAGA_F_VICTIM_DOMAIN : SIAGA_F_SOURCE_ACTOR;
  const SiagaField *field = siaga_fields_get(self->view.fields, id);
  SiagaWatch *watch = _add_watch(self, &campaigns[which], NULL);
  SiagaFeed feed = { .watch = watch, .step = 1, .group_count = 1, .columns = { _track(self, id) } };
  gchar *names = g_strdup_printf("! %s ", field->name);
  watch->kind = SIAGA_WK_STAGES;
  watch->timespan = CAMPAIGN_TIMESPAN;
  watch->need = 2 + which;
  watch->shapes = id == SIAGA_F_SOURCE_ACTOR;
  watch->joint = watch->shapes ? 0 : JOINT;
  watch->group = _find_group(self, names, &field, 1);
  g_array_append_val(feeds, feed);
  g_free(names);
}

/* A correlation with `generate: true` lets the rules it refers to raise incidents too. */
static gboolean *
_find_generated(const SiagaPlan *self)
{
  gboolean *generated = g_new0(gboolean, self->view.count + 1);
  for (guint i = 0; i < siaga_correlations_size(self->view.correlations); i++)
    {
      const SiagaCorrelation *correlation = siaga_correlations_get(self->view.correlations, i);
      for (guint j = 0; correlation->usable && correlation->generate && j < correlation->references->len; j++)
        generated[g_array_index(correlation->references, SiagaReference, j).rule] = TRUE;
    }
  return generated;
}

static void
_add_singles(SiagaPlan *self, SiagaLevel alert_level, GPtrArray *feeds)
{
  gboolean *generated = _find_generated(self);
  for (guint i = 0; i < self->view.count; i++)
    {
      const SiagaRule *meta = self->records[i];
      if (meta && !meta->correlation && meta->level >= alert_level &&
          (!meta->referenced || meta->generate || generated[i]))
        _add_single(self, meta, feeds->pdata[i]);
    }
  for (guint i = 0; i < self->watches->len; i++)
    {
      SiagaWatch *watch = self->watches->pdata[i];
      watch->silent = watch->silent && !(watch->rule < self->view.count && generated[watch->rule]);
    }
  g_free(generated);
}

static void
_mark_inner(SiagaWatch *inner, const SiagaFeed *feed)
{
  /* Outer temporal rules see a child again with each of its events. */
  if (feed->watch->kind == SIAGA_WK_TEMPORAL || feed->watch->kind == SIAGA_WK_ORDERED)
    inner->recurs = TRUE;
  for (guint i = 0; i < feed->group_count; i++)
    if (feed->columns[i] < SIAGA_TRACKED_MAX)
      inner->outer_columns |= G_GUINT64_CONSTANT(1) << feed->columns[i];
}

static void
_mark_inners(SiagaPlan *self)
{
  for (guint w = 0; w < self->watches->len; w++)
    {
      SiagaWatch *inner = self->watches->pdata[w];
      for (guint f = 0; inner->rule < self->view.count && f < self->feeds->len; f++)
        if (f >= self->first_feed[inner->rule] && f < self->first_feed[inner->rule + 1])
          {
            const SiagaFeed *feed = &g_array_index(self->feeds, SiagaFeed, f);
            if (feed->watch != inner)
              _mark_inner(inner, feed);
          }
    }
}

static gboolean
_is_of_source(const gchar *name)
{
  return g_str_has_prefix(name, "source.") && !g_str_has_prefix(name, "source.user.");
}

static gboolean
_is_of_victim(const gchar *name)
{
  return g_str_has_prefix(name, "siaga.victim.") || strcmp(name, "url.domain") == 0;
}

/* A parent's id, which is made of its group-by, is told where attacker and victim are: it must not give away a user. */
static gboolean
_may_have_parts(const SiagaPlan *self, const SiagaWatch *watch)
{
  const SiagaGroup *group = &g_array_index(self->groups, SiagaGroup, watch->group);
  for (guint i = 0; i < group->count; i++)
    if (!_is_of_source(group->fields[i]->name) && !_is_of_victim(group->fields[i]->name))
      return FALSE;
  return (watch->kind == SIAGA_WK_COUNT || watch->kind == SIAGA_WK_VALUES) && watch->correlation && !watch->silent;
}

static SiagaBreadth
_breadth(const SiagaPlan *self, const SiagaWatch *watch)
{
  const SiagaGroup *group = &g_array_index(self->groups, SiagaGroup, watch->group);
  SiagaBreadth breadth = SIAGA_BREADTH_WAVE;
  if (watch->kind == SIAGA_WK_STAGES)
    return watch->shapes ? SIAGA_BREADTH_ATTACKER : SIAGA_BREADTH_VICTIM;
  for (guint i = 0; watch->parts && i < group->count; i++)
    {
      const gchar *name = group->fields[i]->name;
      if (_is_of_source(name))
        return SIAGA_BREADTH_OF_SOURCE;
      if (strcmp(name, "siaga.victim.domain") == 0 || strcmp(name, "url.domain") == 0)
        breadth = SIAGA_BREADTH_ON_SITE;
    }
  return watch->parts ? breadth : SIAGA_BREADTH_NONE;
}

/* What a rule counts is a part of it, where others are told of that too.  The steps of a sequence are of one attacker,
 * and his campaign joins them. */
static void
_mark_parts(SiagaPlan *self)
{
  for (guint w = 0; w < self->watches->len; w++)
    {
      const SiagaWatch *part = siaga_plan_watch(self, w);
      if (part->silent || part->rule >= self->view.count)
        continue;
      for (guint f = self->first_feed[part->rule]; f < self->first_feed[part->rule + 1]; f++)
        {
          SiagaWatch *whole = g_array_index(self->feeds, SiagaFeed, f).watch;
          whole->parts = whole->parts || (whole != part && _may_have_parts(self, whole));
        }
    }
  for (guint w = 0; w < self->watches->len; w++)
    siaga_plan_watch(self, w)->breadth = _breadth(self, siaga_plan_watch(self, w));
}

static guint32
_checksum(const SiagaPlan *self, const SiagaWatch *watch)
{
  const SiagaGroup *group = &g_array_index(self->groups, SiagaGroup, watch->group);
  guint32 sum = watch->meta->version * 31 + group->hash;
  sum = sum * 31 + watch->kind;
  sum = sum * 31 + (guint32) (watch->timespan / 1000);
  sum = sum * 31 + watch->need;
  sum = sum * 31 + (guint32) (watch->echo / 1000);
  if (watch->apart)
    sum = sum * 31 + (guint32) (watch->apart / 1000);
  sum = sum * 31 + (watch->friends != G_MAXUINT) + 2 * (watch->beside != G_MAXUINT) +
        4 * (watch->follows != G_MAXUINT) + 8 * (watch->forgiven != G_MAXUINT) + 16 * watch->newcomers +
        32 * watch->first_seen + 64 * watch->wide;
  for (guint i = 0; watch->correlation && i < watch->correlation->references->len; i++)
    {
      guint rule = g_array_index(watch->correlation->references, SiagaReference, i).rule;
      sum = sum * 31 + g_str_hash(self->records[rule]->id) + self->records[rule]->version;
    }
  return sum;
}

static gint
_compare_feeds(gconstpointer a, gconstpointer b)
{
  const SiagaFeed *x = a, *y = b;
  if (x->watch->group != y->watch->group)
    return x->watch->group < y->watch->group ? -1 : 1;
  return (x->watch->position > y->watch->position) - (x->watch->position < y->watch->position);
}

static void
_collect_feeds(SiagaPlan *self, GPtrArray *feeds)
{
  self->first_feed = g_new0(guint, self->view.count + 3);
  for (guint i = 0; i <= self->view.count + 1; i++)
    {
      GArray *of_rule = feeds->pdata[i];
      self->first_feed[i] = self->feeds->len;
      g_array_sort(of_rule, _compare_feeds);
      if (of_rule->len)
        g_array_append_vals(self->feeds, of_rule->data, of_rule->len);
    }
  self->first_feed[self->view.count + 2] = self->feeds->len;
}

static void
_group_clear(gpointer data)
{
  g_free(((SiagaGroup *) data)->names);
}

static void
_fill(SiagaPlan *self, SiagaLevel alert_level)
{
  GPtrArray *feeds = g_ptr_array_new_with_free_func((GDestroyNotify) g_array_unref);
  for (guint i = 0; i <= self->view.count + 1; i++)
    g_ptr_array_add(feeds, g_array_new(FALSE, FALSE, sizeof(SiagaFeed)));
  for (guint i = 0; i < G_N_ELEMENTS(always_tracked); i++)
    _track(self, always_tracked[i]);
  for (guint i = 0; i < G_N_ELEMENTS(of_imitation); i++)
    self->of_imitation |= G_GUINT64_CONSTANT(1) << _track(self, of_imitation[i]);
  for (guint i = 0; i < siaga_correlations_size(self->view.correlations); i++)
    {
      const SiagaCorrelation *correlation = siaga_correlations_get(self->view.correlations, i);
      if (correlation->usable && correlation->index < self->view.count && self->records[correlation->index])
        _add_correlation(self, correlation, feeds);
    }
  _add_singles(self, alert_level, feeds);
  _add_silence(self, feeds->pdata[self->view.count + 1]);
  for (guint i = 0; i < G_N_ELEMENTS(campaigns); i++)
    _add_campaign(self, i, feeds->pdata[self->view.count]);
  _collect_feeds(self, feeds);
  _mark_inners(self);
  for (guint i = 0; i < self->watches->len; i++)
    {
      SiagaWatch *watch = siaga_plan_watch(self, i);
      _find_counts(self, watch);
      SiagaTime *span = &g_array_index(self->groups, SiagaGroup, watch->group).span;
      watch->checksum = _checksum(self, watch);
      *span = MAX(*span, watch->kind == SIAGA_WK_ONCE ? MAX(watch->timespan, KNOWN_FOR) : watch->timespan);
    }
  _mark_parts(self);
  g_ptr_array_unref(feeds);
}

SiagaPlan *
siaga_plan_new(const SiagaRuleView *view, SiagaLevel alert_level)
{
  SiagaPlan *self = g_new0(SiagaPlan, 1);
  self->view = *view;
  if (view->ref)
    view->ref(view->rules);
  self->records = g_new0(const SiagaRule *, view->count + 1);
  memcpy(self->records, view->records, view->count * sizeof view->records[0]);
  self->view.records = self->records;
  self->told = g_new0(guint8, view->count + 1);
  self->watches = g_ptr_array_new_with_free_func(g_free);
  self->groups = g_array_new(FALSE, FALSE, sizeof(SiagaGroup));
  g_array_set_clear_func(self->groups, _group_clear);
  self->feeds = g_array_new(FALSE, FALSE, sizeof(SiagaFeed));
  memset(self->tracked_of, SIAGA_NOT_TRACKED, sizeof self->tracked_of);
  _fill(self, alert_level);
  self->rules_by_id = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; i < view->count; i++)
    if (self->records[i])
      g_hash_table_insert(self->rules_by_id, (gpointer) self->records[i]->id, GUINT_TO_POINTER(i + 1));
  return self;
}

void
siaga_plan_free(SiagaPlan *self)
{
  if (!self)
    return;
  g_ptr_array_unref(self->watches);
  g_array_unref(self->groups);
  g_array_unref(self->feeds);
  g_free(self->first_feed);
  g_free(self->told);
  g_free(self->records);
  g_hash_table_unref(self->rules_by_id);
  if (self->view.unref)
    self->view.unref(self->view.rules);
  g_free(self);
}

guint16
siaga_plan_find_watch(const SiagaPlan *self, const gchar *id, guint32 checksum, gboolean correlation)
{
  for (guint i = 0; i < self->watches->len; i++)
    {
      const SiagaWatch *watch = siaga_plan_watch(self, i);
      if (watch->checksum == checksum && correlation == (watch->correlation != NULL) &&
          strcmp(watch->meta->id, id) == 0)
        return i;
    }
  return SIAGA_GONE;
}

guint16
siaga_plan_find_group(const SiagaPlan *self, const gchar *names)
{
  for (guint i = 0; i < self->groups->len; i++)
    if (strcmp(g_array_index(self->groups, SiagaGroup, i).names, names) == 0)
      return i;
  return SIAGA_GONE;
}

guint16
siaga_plan_find_rule(const SiagaPlan *self, const gchar *id)
{
  guint known = GPOINTER_TO_UINT(g_hash_table_lookup(self->rules_by_id, id));
  return known ? known - 1 : SIAGA_GONE;
}
