/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Keeps who is asked for, while templates live. */

#include "share/share-asked.h"

#include "glue/compat.h"

#include <messages.h>

#include <string.h>

typedef struct
{
  gconstpointer cfg; /* a configuration that is on its way out has templates still, while the next one starts */
  gchar *partner;
  guint templates;
  gboolean told;
} Asked;

static GMutex mutex;
static GPtrArray *all; /* of Asked; NULL: none */

static void
_free(gpointer asked)
{
  Asked *self = asked;
  g_free(self->partner);
  g_free(self);
}

static Asked *
_find(gconstpointer cfg, const gchar *partner)
{
  for (guint i = 0; all && i < all->len; i++)
    {
      Asked *asked = all->pdata[i];
      if (asked->cfg == cfg && strcmp(asked->partner, partner) == 0)
        return asked;
    }
  return NULL;
}

void
share_asked_add(gconstpointer cfg, const gchar *partner)
{
  if (!partner)
    return;
  g_mutex_lock(&mutex);
  Asked *asked = _find(cfg, partner);
  if (!asked)
    {
      if (!all)
        all = g_ptr_array_new_with_free_func(_free);
      asked = g_new0(Asked, 1);
      asked->cfg = cfg;
      asked->partner = g_strdup(partner);
      g_ptr_array_add(all, asked);
    }
  asked->templates++;
  g_mutex_unlock(&mutex);
}

void
share_asked_drop(gconstpointer cfg, const gchar *partner)
{
  if (!partner)
    return;
  g_mutex_lock(&mutex);
  Asked *asked = _find(cfg, partner);
  if (asked && --asked->templates == 0)
    g_ptr_array_remove_fast(all, asked);
  if (all && !all->len)
    g_clear_pointer(&all, g_ptr_array_unref);
  g_mutex_unlock(&mutex);
}

/* A partner that nobody has; copies, for the templates may go meanwhile. */
typedef struct
{
  gchar *partner;
  const gchar *nearest; /* the policy's */
} Unknown;

/* Those of CFG that were not told yet. */
static GArray *
_find_unknown(gconstpointer cfg, ShareAskedFunc has)
{
  GArray *unknown = g_array_new(FALSE, FALSE, sizeof(Unknown));
  g_mutex_lock(&mutex);
  for (guint i = 0; all && i < all->len; i++)
    {
      Asked *asked = all->pdata[i];
      const gchar *nearest = NULL;
      if (asked->cfg != cfg || asked->told || has(cfg, asked->partner, &nearest))
        continue;
      asked->told = TRUE;
      Unknown one = { g_strdup(asked->partner), nearest };
      g_array_append_val(unknown, one);
    }
  g_mutex_unlock(&mutex);
  return unknown;
}

void
share_asked_tell(gconstpointer cfg, ShareAskedFunc has)
{
  GArray *unknown = _find_unknown(cfg, has);
  for (guint i = 0; i < unknown->len; i++)
    {
      Unknown *one = &g_array_index(unknown, Unknown, i);
      msg_warning("share-policy(): the configuration sends to a partner that no sharing policy has: it gets nothing",
                  evt_tag_str("partner", one->partner),
                  one->nearest ? evt_tag_str("did_you_mean", one->nearest) : NULL);
      g_free(one->partner);
    }
  g_array_unref(unknown);
}
