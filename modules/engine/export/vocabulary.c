/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Categories, sectors and techniques in the words of the formats. */

#include "engine/export/export.h"

#include <string.h>

static const SiagaExportCategory categories[] = {
  { "account-compromise", "intrusions", "unprivileged-account-compromise", "takeover-account" },
  { "availability", "availability", "outage", "availability-service" },
  { "dangling-name", "vulnerable", "vulnerable-system", "traffic-redirection" },
  { "dns", "other", "undetermined", "unknown" },
  { "dns-integrity", "information-content-security", "unauthorised-information-modification", "traffic-redirection" },
  { "dns-rebinding", "intrusion-attempts", "exploit", "takeover-service" },
  { "dns-update", "intrusion-attempts", "exploit", "integrity-configuration" },
  { "fast-flux", "malicious-code", "c2-server", "takeover-system" },
  { "http-flood", "availability", "ddos", "availability-service" },
  { "listed", "other", "undetermined", "policy" },
  { "mail-abuse", "abusive-content", "spam", "policy" },
  { "policy", "other", "undetermined", "policy" },
  { "proxy", "information-gathering", "scanner", "monitoring-host" },
  { "upload", "intrusion-attempts", "exploit", "takeover-service" },
  { "wave", "intrusion-attempts", "exploit", "takeover-service" },
  { "webserver", "other", "undetermined", "unknown" },
  { "account-change", "intrusions", "privileged-account-compromise", "takeover-account" },
  { "brute-force", "intrusion-attempts", "brute-force", "takeover-account" },
  { "credential-stuffing", "intrusion-attempts", "brute-force", "takeover-account" },
  { "data-scraping", "information-content-security", "unauthorised-information-access", "breach-privacy" },
  { "defacement", "information-content-security", "unauthorised-information-modification", "integrity-data" },
  { "dns-amplification", "availability", "ddos", "availability-service" },
  { "dns-flood", "availability", "ddos", "availability-service" },
  { "dns-tunnel", "malicious-code", "infected-system", "breach-proprietary" },
  { "gambling", "information-content-security", "unauthorised-information-modification", "integrity-data" },
  { "login", "intrusions", "unprivileged-account-compromise", "takeover-account" },
  { "lookalike", "fraud", "phishing", "breach-credential" },
  { "malware", "malicious-code", "infected-system", "takeover-system" },
  { "phishing", "fraud", "phishing", "breach-credential" },
  { "privilege-escalation", "intrusions", "privileged-account-compromise", "takeover-account" },
  { "scan", "information-gathering", "scanner", "monitoring-host" },
  { "web-attack", "intrusion-attempts", "exploit", "takeover-service" },
  { "web-flood", "availability", "ddos", "availability-service" },
  { "web-shell", "intrusions", "system-compromise", "takeover-system" },
  { "zone-transfer", "information-gathering", "scanner", "breach-configuration" },
};

static const SiagaExportCategory other = { "other", "other", "undetermined", "unknown" };

const SiagaExportCategory *
siaga_export_category(const gchar *category)
{
  for (guint i = 0; category && i < G_N_ELEMENTS(categories); i++)
    if (strcmp(categories[i].category, category) == 0)
      return &categories[i];
  return &other;
}

static const struct
{
  const gchar *sector, *stix, *misp;
} sectors[] = {
  { "education", "education", "education" },
  { "energy", "energy", "energy" },
  { "finance", "financial-services", "financial services" },
  { "food", "agriculture", "agriculture" },
  { "government", "government", "government national" },
  { "health", "healthcare", "healthcare" },
  { "military", "defense", "defence" },
  { "telecommunication", "telecommunications", "telecommunications" },
  { "transport", "transportation", "transportation" },
  { "village", "government-local", "government local" },
  { "water", "water", "utilities" },
};

const gchar *
siaga_export_stix_sector(const gchar *sector)
{
  for (guint i = 0; sector && i < G_N_ELEMENTS(sectors); i++)
    if (strcmp(sectors[i].sector, sector) == 0)
      return sectors[i].stix;
  return NULL;
}

const gchar *
siaga_export_misp_sector(const gchar *sector)
{
  for (guint i = 0; sector && i < G_N_ELEMENTS(sectors); i++)
    if (strcmp(sectors[i].sector, sector) == 0)
      return sectors[i].misp;
  return sector;
}

static const gchar *const techniques[][2] = {
#define SIAGA_TECHNIQUE(id, name) { id, name },
#include "engine/export/techniques.def"
#undef SIAGA_TECHNIQUE
};

gboolean
siaga_export_is_technique(const gchar *text)
{
  gsize digits = text[0] == 'T' ? strspn(text + 1, "0123456789") : 0;
  const gchar *rest = text + 1 + digits;
  if (digits != 4)
    return FALSE;
  return *rest == '\0' || (*rest == '.' && strspn(rest + 1, "0123456789") == 3 && rest[4] == '\0');
}

const gchar *
siaga_export_technique_name(const gchar *technique)
{
  for (guint i = 0; i < G_N_ELEMENTS(techniques); i++)
    if (strcmp(techniques[i][0], technique) == 0)
      return techniques[i][1];
  return NULL;
}
