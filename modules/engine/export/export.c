/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What all formats need, and the choice between them. */

#include "engine/export/export.h"
#include "engine/correlate/uuid.h"
#include "engine/domain/name.h"
#include "engine/domain/prefixes.h"

#include <string.h>

#define ATTACKERS_MAX 32

static const gchar *const tlp_names[] = { "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED" };

const gchar *
siaga_tlp_name(SiagaTlp tlp)
{
  return tlp_names[tlp];
}

gboolean
siaga_tlp_by_name(const gchar *name, SiagaTlp *tlp_r)
{
  for (guint i = 0; i < SIAGA_TLP_COUNT; i++)
    if (g_ascii_strcasecmp(name, tlp_names[i]) == 0 || g_ascii_strcasecmp(name, tlp_names[i] + strlen("TLP:")) == 0)
      {
        *tlp_r = i;
        return TRUE;
      }
  return FALSE;
}

static const gchar *const format_names[] = { "stix", "misp", "iodef", "intelmq" };

const gchar *
siaga_export_format_name(SiagaExportFormat format)
{
  return format_names[format];
}

gboolean
siaga_export_format_by_name(const gchar *name, SiagaExportFormat *format_r)
{
  for (guint i = 0; i < SIAGA_EXPORT_COUNT; i++)
    if (strcmp(name, format_names[i]) == 0)
      {
        *format_r = i;
        return TRUE;
      }
  return FALSE;
}

static const struct
{
  SiagaExportFormat format;
  const gchar *name;
  SiagaExportForm form;
} forms[] = {
  { SIAGA_EXPORT_STIX, "objects", SIAGA_EXPORT_STIX_OBJECTS },
  { SIAGA_EXPORT_MISP, "objects", SIAGA_EXPORT_MISP_OBJECTS },
  { SIAGA_EXPORT_MISP, "revision", SIAGA_EXPORT_MISP_REVISION },
};

gboolean
siaga_export_form_by_name(SiagaExportFormat format, const gchar *name, SiagaExportForm *form_r)
{
  for (guint i = 0; i < G_N_ELEMENTS(forms); i++)
    if (forms[i].format == format && strcmp(name, forms[i].name) == 0)
      {
        *form_r = forms[i].form;
        return TRUE;
      }
  return FALSE;
}

/* 0.0.0.0 is mapped: the lower half is what IPv4 left of it. */
static gboolean
_is_unspecified(const SiagaPrefix *prefix)
{
  return prefix->bits == 128 && !prefix->address.high &&
         (prefix->address.low == 0 || prefix->address.low == G_GUINT64_CONSTANT(0xffff00000000));
}

SiagaExportAddress
siaga_export_address_kind(const gchar *text)
{
  SiagaPrefix prefix;
  if (siaga_prefix_parse(text, &prefix) != NULL || _is_unspecified(&prefix))
    return SIAGA_EXPORT_NO_ADDRESS;
  if (strchr(text, ':'))
    return prefix.bits == 128 ? SIAGA_EXPORT_IPV6 : SIAGA_EXPORT_IPV6_NET;
  return prefix.bits == 128 ? SIAGA_EXPORT_IPV4 : SIAGA_EXPORT_IPV4_NET;
}

gboolean
siaga_export_is_name(const gchar *text)
{
  const gchar *error;
  SiagaPrefix prefix;
  if (!text || siaga_prefix_parse(text, &prefix) == NULL)
    return FALSE;
  gchar *canonical = siaga_name_canonical(text, &error);
  gboolean is_name = canonical && g_ascii_strcasecmp(canonical, text) == 0;
  g_free(canonical);
  return is_name;
}

gboolean
siaga_export_is_fqdn(const gchar *text)
{
  return siaga_export_is_name(text) && strchr(text, '.') != NULL;
}

static void
_add_attacker(GPtrArray *list, const gchar *text)
{
  if (!text || list->len == ATTACKERS_MAX || siaga_export_address_kind(text) == SIAGA_EXPORT_NO_ADDRESS)
    return;
  for (guint i = 0; i < list->len; i++)
    if (strcmp(list->pdata[i], text) == 0)
      return;
  g_ptr_array_add(list, (gpointer) text);
}

/* The /64 that counted is left out where the address itself is named. */
static GPtrArray *
_attackers(const SiagaIncident *incident)
{
  GPtrArray *list = g_ptr_array_new();
  if (!siaga_incident_blames_sources(incident))
    return list;
  _add_attacker(list, incident->source_ip ? incident->source_ip : incident->source_actor);
  for (guint i = 0; incident->sources.first && i < incident->sources.first->len; i++)
    if (!incident->source_ip || g_strcmp0(incident->sources.first->pdata[i], incident->source_actor) != 0)
      _add_attacker(list, incident->sources.first->pdata[i]);
  return list;
}

/* 8c3f8f0e-52e5-5b1c-9a2e-61d0f6b7a1d4 */
static const guint8 name_space[16] = { 0x8c, 0x3f, 0x8f, 0x0e, 0x52, 0xe5, 0x5b, 0x1c,
                                       0x9a, 0x2e, 0x61, 0xd0, 0xf6, 0xb7, 0xa1, 0xd4 };

void
siaga_export_uuid(gchar *id, const gchar *kind, ...)
{
  GString *name = g_string_new(kind);
  guint8 uuid[16];
  va_list parts;

  va_start(parts, kind);
  for (const gchar *part = va_arg(parts, const gchar *); part; part = va_arg(parts, const gchar *))
    {
      g_string_append_c(name, '\0');
      g_string_append(name, part);
    }
  va_end(parts);
  siaga_uuid5(uuid, name_space, name->str, name->len);
  siaga_uuid_format(uuid, id);
  g_string_free(name, TRUE);
}

const gchar *
siaga_export_identifier(const SiagaIncident *incident)
{
  return incident->rule->name ? incident->rule->name : incident->rule->title;
}

void
siaga_export(const SiagaIncident *incident, SiagaExportFormat format, const SiagaExportOptions *options, GString *out)
{
  static void (*const writers[])(const SiagaExport *self, GString *out) = {
    [SIAGA_EXPORT_STIX] = siaga_export_stix,
    [SIAGA_EXPORT_MISP] = siaga_export_misp,
    [SIAGA_EXPORT_IODEF] = siaga_export_iodef,
    [SIAGA_EXPORT_INTELMQ] = siaga_export_intelmq,
  };
  SiagaExport self = { incident, options->tlp, options->form, options->producer ? options->producer : "siaga",
                       _attackers(incident) };

  writers[format](&self, out);
  g_ptr_array_unref(self.attackers);
}
