/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Who may know: partners, and the decision. */

#include "engine/export/share.h"
#include "engine/base/folder.h"
#include "engine/domain/name.h"

#include <string.h>

SiagaShare *
siaga_share_new(void)
{
  SiagaShare *self = g_new0(SiagaShare, 1);
  self->files = g_ptr_array_new_with_free_func(siaga_share_file_free);
  self->partners = g_ptr_array_new();
  return self;
}

void
siaga_share_set_public_suffixes(SiagaShare *self, gconstpointer suffixes)
{
  self->suffixes = suffixes;
}

void
siaga_share_free(SiagaShare *self)
{
  if (!self)
    return;
  g_ptr_array_unref(self->partners);
  g_ptr_array_unref(self->files);
  g_free(self);
}

static void
_add_partner(SiagaShare *self, SiagaSharePartner *partner)
{
  guint old = siaga_share_find(self, partner->name);
  if (old == SIAGA_SHARE_NOBODY)
    g_ptr_array_add(self->partners, partner);
  else
    self->partners->pdata[old] = partner;
}

static gboolean
_load_file(gpointer user_data, const gchar *path, SiagaDiag *diag)
{
  SiagaShare *self = user_data;
  SiagaShareFile *file = siaga_share_file_load(path, diag);
  if (!file)
    return FALSE;
  g_ptr_array_add(self->files, file);
  for (guint i = 0; i < file->partners->len; i++)
    _add_partner(self, file->partners->pdata[i]);
  return TRUE;
}

gboolean
siaga_share_load(SiagaShare *self, const gchar *path, SiagaDiag *diag)
{
  return siaga_folder_each(path, siaga_yaml_endings, _load_file, self, diag);
}

guint
siaga_share_size(const SiagaShare *self)
{
  return self->partners->len;
}

static const SiagaSharePartner *
_partner(const SiagaShare *self, guint partner)
{
  return self->partners->pdata[partner];
}

const gchar *
siaga_share_name(const SiagaShare *self, guint partner)
{
  return _partner(self, partner)->name;
}

guint
siaga_share_find(const SiagaShare *self, const gchar *name)
{
  for (guint i = 0; i < self->partners->len; i++)
    if (strcmp(_partner(self, i)->name, name) == 0)
      return i;
  return SIAGA_SHARE_NOBODY;
}

static gboolean
_in_list(const GPtrArray *list, const gchar *text)
{
  if (!list->len)
    return TRUE;
  for (guint i = 0; text && i < list->len; i++)
    if (strcmp(list->pdata[i], text) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
_below_one(const GPtrArray *suffixes, const gchar *name)
{
  if (!suffixes->len)
    return TRUE;
  for (guint i = 0; name && i < suffixes->len; i++)
    if (siaga_name_is_below(name, strlen(name), suffixes->pdata[i], strlen(suffixes->pdata[i])))
      return TRUE;
  return FALSE;
}

static gboolean
_in_networks(const SiagaPrefixes *networks, const gchar *text)
{
  SiagaPrefix prefix;
  return text && siaga_prefix_parse(text, &prefix) == NULL && siaga_prefixes_find(networks, &prefix.address);
}

/* A spoofed address says nothing about the attacker, nor do visitors. */
static gboolean
_attacker_in_networks(const SiagaPrefixes *networks, const SiagaIncident *incident)
{
  if (!siaga_incident_blames_sources(incident))
    return FALSE;
  if (_in_networks(networks, incident->source_ip) || _in_networks(networks, incident->source_actor))
    return TRUE;
  for (guint i = 0; i < incident->sources.first->len; i++)
    if (_in_networks(networks, incident->sources.first->pdata[i]))
      return TRUE;
  return FALSE;
}

/* NULL when the conditions hold, else the name of the first that does not. */
static const gchar *
_missing(const SiagaShareCondition *self, const SiagaIncident *incident)
{
  if (!_in_list(self->victim_countries, incident->victim_country))
    return "victim-country";
  if (!_in_list(self->victim_sectors, incident->victim_sector))
    return "victim-sector";
  if (!_in_list(self->victim_csirts, incident->victim_csirt))
    return "victim-csirt";
  if (!_in_list(self->victim_owners, incident->victim_owner))
    return "victim-owner";
  if (!_below_one(self->victim_domains, incident->victim_domain))
    return "victim-domain";
  if (self->victim_networks && !_in_networks(self->victim_networks, incident->victim_ip))
    return "victim-network";
  if (!_in_list(self->attacker_countries, siaga_incident_blames_sources(incident) ? incident->source_country : NULL))
    return "attacker-country";
  if (self->attacker_networks && !_attacker_in_networks(self->attacker_networks, incident))
    return "attacker-network";
  if (!_in_list(self->categories, incident->rule->category))
    return "category";
  if (self->report_due && !incident->report_due)
    return "report-due";
  return incident->level < self->level ? "level" : NULL;
}

/* What INCIDENT has where CONDITION, which does not hold, asks for something else; NULL: nothing. */
static const gchar *
_instead(const gchar *condition, const SiagaIncident *incident)
{
  const gchar *source = incident->source_ip ? incident->source_ip : incident->source_actor;
  const struct
  {
    const gchar *condition, *value;
  } values[] = {
    { "victim-country", incident->victim_country },
    { "victim-sector", incident->victim_sector },
    { "victim-csirt", incident->victim_csirt },
    { "victim-owner", incident->victim_owner },
    { "victim-domain", incident->victim_domain },
    { "victim-network", incident->victim_ip },
    { "attacker-country", siaga_incident_blames_sources(incident) ? incident->source_country : NULL },
    { "attacker-network", siaga_incident_blames_sources(incident) ? source : NULL },
    { "category", incident->rule->category },
    { "level", siaga_level_name(incident->level) },
  };
  for (guint i = 0; i < G_N_ELEMENTS(values); i++)
    if (strcmp(values[i].condition, condition) == 0)
      return values[i].value;
  return NULL;
}

static void
_say_missing(GString *why, const SiagaSharePolicy *policy, const gchar *condition, const SiagaIncident *incident)
{
  const gchar *value = _instead(condition, incident);
  g_string_append_printf(why, "; policy '%s': %s ", policy->title, condition);
  if (value)
    g_string_append_printf(why, "%s %s", g_str_has_suffix(condition, "-network") ? "does not hold" : "is", value);
  else if (strcmp(condition, "report-due") == 0)
    g_string_append(why, "is not set: the law sets no deadline");
  else
    g_string_append(why, "is not known");
}

/* What no policy can share. */
static const gchar *
_never(const SiagaSharePartner *partner, const SiagaIncident *incident)
{
  if (!partner->file->active)
    return "its policy file is not active";
  if (incident->simulated)
    return "the incident is simulated";
  if (!incident->victim_domain && incident->victim_claimed)
    return "only the client named the victim";
  if (!incident->victim_domain && !incident->victim_ip)
    return "the incident has no victim";
  return NULL;
}

#define SAY(why, ...)                                                                                                  \
  do                                                                                                                   \
    if (why)                                                                                                           \
      g_string_append_printf(why, __VA_ARGS__);                                                                        \
  while (0)

static gboolean
_policy_applies(const SiagaSharePolicy *policy, const SiagaIncident *incident, GString *why)
{
  const gchar *missing = _missing(&policy->when, incident);
  if (missing && why)
    _say_missing(why, policy, missing, incident);
  if (missing)
    return FALSE;
  if (policy->unless && !_missing(policy->unless, incident))
    SAY(why, "; policy '%s': its exception (unless) holds", policy->title);
  else
    return TRUE;
  return FALSE;
}

gboolean
siaga_share_decide(const SiagaShare *self, guint index, const SiagaIncident *incident, SiagaTlp *tlp_r, GString *why)
{
  const SiagaSharePartner *partner = _partner(self, index);
  const gchar *never = _never(partner, incident);
  GString *reasons = why ? g_string_new(NULL) : NULL;
  const SiagaSharePolicy *found = NULL;

  for (guint i = 0; !never && !found && i < partner->policies->len; i++)
    if (_policy_applies(partner->policies->pdata[i], incident, reasons))
      found = partner->policies->pdata[i];
  if (found)
    {
      *tlp_r = found->has_tlp ? found->tlp : partner->tlp;
      SAY(why, "shared at %s by policy '%s' (%s:%u)", siaga_tlp_name(*tlp_r), found->title, found->place.file,
          found->place.line);
    }
  else if (never)
    SAY(why, "not shared: %s", never);
  else
    SAY(why, "not shared%s", reasons && reasons->len ? reasons->str : ": no policy is for it");
  if (reasons)
    g_string_free(reasons, TRUE);
  return found != NULL;
}

void
siaga_share_explain(const SiagaShare *self, const SiagaIncident *incident, GString *out)
{
  SiagaTlp tlp;
  for (guint i = 0; i < self->partners->len; i++)
    {
      g_string_append_printf(out, "%s: ", siaga_share_name(self, i));
      siaga_share_decide(self, i, incident, &tlp, out);
      g_string_append_c(out, '\n');
    }
}
