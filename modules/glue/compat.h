/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What differs between the syslog-ng releases: the only place that knows.  Include it first. */

#ifndef SIAGA_GLUE_COMPAT_H_INCLUDED
#define SIAGA_GLUE_COMPAT_H_INCLUDED

#include "config.h"

#include <cfg.h>
#include <logmsg/logmsg.h>
#include <parser/parser-expr.h>
#include <stats/stats-cluster-single.h>
#include <stats/stats-counter.h>
#include <stats/stats-registry.h>

#ifdef SIAGA_HAVE_VT_INTEGER
#define SIAGA_LM_INTEGER LM_VT_INTEGER
#else
#define SIAGA_LM_INTEGER LM_VT_INT64
#endif

/* Bytes are left out of $(format-json) and its like where the type exists. */
#ifdef SIAGA_HAVE_VT_BYTES
#define SIAGA_LM_BYTES LM_VT_BYTES
#else
#define SIAGA_LM_BYTES LM_VT_STRING
#endif

/* What a clone takes over from the parser it is made from. */
static inline void
siaga_parser_clone_settings(LogParser *from, LogParser *to)
{
#ifdef SIAGA_HAVE_CLONE_SETTINGS
  log_parser_clone_settings(from, to);
#else
  log_parser_set_template(to, log_template_ref(from->template));
#endif
}

/* FUNC runs when every pipe of the configuration is initialised: what is logged then reaches internal() at a reload
 * too.
 */
static inline void
siaga_pipe_when_ready(LogPipe *self, gboolean (*func)(LogPipe *self))
{
#ifdef SIAGA_HAVE_POST_CONFIG_INIT
  self->post_config_init = func;
#else
  self->on_config_inited = func;
#endif
}

/* Hands VALUE to the next configuration; DESTROY runs at once when there is none. */
static inline void
siaga_persist_put(GlobalConfig *cfg, const gchar *name, gpointer value, GDestroyNotify destroy)
{
#ifdef SIAGA_HAVE_PERSIST_FORCE
  cfg_persist_config_add(cfg, name, value, destroy, FALSE);
#else
  cfg_persist_config_add(cfg, name, value, destroy);
#endif
}

/* A counter of siaga.  ID is the instance, LABEL and VALUE tell counters of one NAME apart; both may be NULL.
 * Main thread.  register and unregister take the same arguments. */
typedef struct
{
  gint level;        /* shown from this stats level on */
  const gchar *name; /* "siaga_events_total" */
  const gchar *id;
  const gchar *label;
  const gchar *value;
  const gchar *const *more; /* NULL, or further labels: name, value, …, NULL; at most 4 */
} SiagaMetric;

#ifdef SIAGA_HAVE_STATS_LABELS
#define SIAGA_METRIC_LABELS 6

/* LABELS gets what tells the counter apart; gives back how many. */
static inline gsize
siaga_metric_labels(const SiagaMetric *self, StatsClusterLabel *labels)
{
  gsize size = 0;
  labels[size++] = stats_cluster_label("id", self->id);
  if (self->label)
    labels[size++] = stats_cluster_label(self->label, self->value);
  for (const gchar *const *more = self->more; more && *more && size < SIAGA_METRIC_LABELS; more += 2)
    labels[size++] = stats_cluster_label(more[0], more[1]);
  return size;
}
#else
static inline void
siaga_metric_instance(const SiagaMetric *self, gchar *instance, gsize size)
{
  g_snprintf(instance, size, "%s%s%s", self->name, self->label ? "," : "", self->label ? self->value : "");
  for (const gchar *const *more = self->more; more && *more; more += 2)
    {
      g_strlcat(instance, ",", size);
      g_strlcat(instance, more[1], size);
    }
}
#endif

static inline void
siaga_metric_apply(const SiagaMetric *self, StatsCounterItem **counter, gboolean add)
{
  StatsClusterKey key;
#ifdef SIAGA_HAVE_STATS_LABELS
  StatsClusterLabel labels[SIAGA_METRIC_LABELS];
  stats_cluster_single_key_set(&key, self->name, labels, siaga_metric_labels(self, labels));
#else
  gchar instance[256];
  siaga_metric_instance(self, instance, sizeof instance);
  stats_cluster_single_key_set_with_name(&key, SCS_PARSER, self->id, instance, "value");
#endif
  stats_lock();
  if (add)
    stats_register_counter(self->level, &key, SC_TYPE_SINGLE_VALUE, counter);
  else
    stats_unregister_counter(&key, SC_TYPE_SINGLE_VALUE, counter);
  stats_unlock();
}

#endif
