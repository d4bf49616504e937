/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The victim of an incident whose rule names the field that holds it: a flood's zone, not the client that asked. */

#include <siaga/victim.h>

#include <string.h>

static const gchar *
_group_value(const SiagaIncident *incident, const gchar *name)
{
  for (guint i = 0; i < incident->group_fields->len; i++)
    {
      const SiagaField *field = incident->group_fields->pdata[i];
      if (strcmp(field->name, name) == 0)
        return incident->group_values->pdata[i];
    }
  return NULL;
}

static const gchar *
_single_value(const SiagaIncident *incident, const gchar *name)
{
  for (guint i = 0; i + 1 < incident->fields->len; i += 2)
    if (strcmp(incident->fields->pdata[i], name) == 0)
      return incident->fields->pdata[i + 1];
  return NULL;
}

static void
_replace(gchar **text, const gchar *with)
{
  g_free(*text);
  *text = g_strdup(with);
}

static gboolean
_is_victim_tag(const gchar *tag)
{
  return strcmp(tag, "gov") == 0 || g_str_has_prefix(tag, "gov.") || g_str_has_prefix(tag, "sector.");
}

static void
_set_tags(GPtrArray *tags, const SiagaVictim *victim)
{
  for (guint i = tags->len; i-- > 0;)
    if (_is_victim_tag(tags->pdata[i]))
      g_ptr_array_remove_index(tags, i);
  if (victim->sector)
    g_ptr_array_add(tags, g_strconcat("sector.", victim->sector, NULL));
  if (!victim->government)
    return;
  g_ptr_array_add(tags, g_strdup("gov"));
  if (!victim->country)
    return;
  gchar *country = g_ascii_strdown(victim->country, -1);
  g_ptr_array_add(tags, g_strconcat("gov.", country, NULL));
  g_free(country);
}

static void
_set_target(SiagaDistinct *targets, const gchar *name)
{
  g_ptr_array_set_size(targets->first, 0);
  g_ptr_array_add(targets->first, g_strdup(name));
  targets->distinct = 1;
  targets->approximate = FALSE;
}

static void
_set_victim(const SiagaVictims *self, SiagaIncident *incident, const gchar *name)
{
  SiagaVictim victim = { 0 };
  gboolean address = g_hostname_is_ip_address(name);

  if (address)
    siaga_victims_by_address(self, name, strlen(name), &victim);
  else
    siaga_victims_by_name(self, name, strlen(name), &victim);
  _replace(&incident->victim_domain, address ? NULL : name);
  _replace(&incident->victim_ip, address ? name : NULL);
  _replace(&incident->victim_country, victim.country);
  _replace(&incident->victim_sector, victim.sector);
  _replace(&incident->victim_owner, victim.owner);
  _replace(&incident->victim_csirt, victim.csirt);
  _set_tags(incident->tags, &victim);
}

void
siaga_victims_complete(const SiagaVictims *self, SiagaIncident *incident)
{
  const gchar *field = incident->rule->victim;
  const gchar *name = field ? _group_value(incident, field) : NULL;

  if (field && !name)
    name = _single_value(incident, field);
  if (!name)
    return;
  gchar *copy = g_strdup(name);
  _set_victim(self, incident, copy);
  _set_target(&incident->targets, copy);
  g_free(copy);
}
