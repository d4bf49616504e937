/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * An incident as an IODEF v2 document (RFC 7970), on one line. */

#include "engine/export/export.h"

#include <string.h>

/* Characters that XML 1.0 allows. */
static gboolean
_is_xml(gunichar c)
{
  return c == 0x9 || c == 0xa || c == 0xd || (c >= 0x20 && c <= 0xd7ff) || (c >= 0xe000 && c <= 0xfffd) ||
         (c >= 0x10000 && c <= 0x10ffff);
}

static const gchar *
_entity(gunichar c)
{
  switch (c)
    {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&apos;";
    case '\t':
      return "&#9;";
    case '\n':
      return "&#10;";
    case '\r':
      return "&#13;";
    default:
      return NULL;
    }
}

void
siaga_export_xml_escape(GString *out, const gchar *text, gsize length)
{
  for (gsize i = 0; i < length;)
    {
      gunichar c = g_utf8_get_char_validated(text + i, length - i);
      gboolean valid = c != (gunichar) -1 && c != (gunichar) -2;
      gsize size = valid ? g_utf8_skip[(guchar) text[i]] : 1;
      if (!valid || !_is_xml(c))
        g_string_append(out, "\xef\xbf\xbd");
      else if (_entity(c))
        g_string_append(out, _entity(c));
      else
        g_string_append_len(out, text + i, size);
      i += size;
    }
}

static void
_escape(GString *out, const gchar *text)
{
  siaga_export_xml_escape(out, text, strlen(text));
}

/* TAG may carry attributes, which are the writer's own. */
static void
_element(GString *out, const gchar *tag, const gchar *attributes, const gchar *text)
{
  if (!text || !*text)
    return;
  g_string_append_printf(out, "<%s%s%s>", tag, *attributes ? " " : "", attributes);
  _escape(out, text);
  g_string_append_printf(out, "</%s>", tag);
}

static void
_time(GString *out, const gchar *tag, SiagaTime time)
{
  gchar buffer[40];
  _element(out, tag, "", siaga_time_format(time, buffer));
}

static const gchar *
_restriction(SiagaTlp tlp)
{
  static const gchar *const labels[] = {
    [SIAGA_TLP_CLEAR] = "restriction=\"white\"",
    [SIAGA_TLP_GREEN] = "restriction=\"green\"",
    [SIAGA_TLP_AMBER] = "restriction=\"amber\"",
    [SIAGA_TLP_AMBER_STRICT] = "restriction=\"ext-value\" ext-restriction=\"TLP:AMBER+STRICT\"",
    [SIAGA_TLP_RED] = "restriction=\"red\"",
  };
  return labels[tlp];
}

static void
_incident_id(const SiagaExport *self, const gchar *uuid, GString *out)
{
  g_string_append(out, "<IncidentID name=\"");
  _escape(out, self->producer);
  g_string_append_printf(out, "\">%s</IncidentID>", uuid);
}

static void
_related(const SiagaExport *self, GString *out)
{
  const gchar *const others[] = { self->incident->previous, self->incident->parent };
  for (guint i = 0; i < G_N_ELEMENTS(others); i++)
    if (*others[i])
      {
        g_string_append(out, "<RelatedActivity>");
        _incident_id(self, others[i], out);
        g_string_append(out, "</RelatedActivity>");
      }
}

static const gchar *
_severity(SiagaLevel level)
{
  if (level >= SIAGA_LEVEL_HIGH)
    return "high";
  return level == SIAGA_LEVEL_MEDIUM ? "medium" : "low";
}

static void
_assessment(const SiagaIncident *incident, GString *out)
{
  const SiagaExportCategory *category = siaga_export_category(incident->rule->category);
  g_string_append(out, "<Assessment>");
  if (incident->rule->category)
    _element(out, "IncidentCategory", "", incident->rule->category);
  g_string_append_printf(out, "<SystemImpact severity=\"%s\" type=\"%s\"><Description>", _severity(incident->level),
                         category->iodef_impact);
  _escape(out, incident->rule->title);
  g_string_append(out, "</Description></SystemImpact></Assessment>");
}

static void
_methods(const SiagaIncident *incident, GString *out)
{
  const gchar *const *technique = incident->rule->techniques;
  for (; technique && *technique; technique++)
    {
      const gchar *name = siaga_export_technique_name(*technique);
      gchar *text = g_strdup_printf("MITRE ATT&CK %s%s%s", *technique, name ? " " : "", name ? name : "");
      g_string_append(out, "<Method>");
      _element(out, "Description", "", text);
      g_string_append(out, "</Method>");
      g_free(text);
    }
}

static void
_address(GString *out, const gchar *address)
{
  static const gchar *const categories[] = {
    [SIAGA_EXPORT_NO_ADDRESS] = NULL,
    [SIAGA_EXPORT_IPV4] = "category=\"ipv4-addr\"",
    [SIAGA_EXPORT_IPV4_NET] = "category=\"ipv4-net\"",
    [SIAGA_EXPORT_IPV6] = "category=\"ipv6-addr\"",
    [SIAGA_EXPORT_IPV6_NET] = "category=\"ipv6-net\"",
  };
  const gchar *category = address ? categories[siaga_export_address_kind(address)] : NULL;
  if (category)
    _element(out, "Address", category, address);
}

static void
_sources(const SiagaExport *self, GString *out)
{
  for (guint i = 0; i < self->attackers->len; i++)
    {
      g_string_append(out, "<System category=\"source\" spoofed=\"no\"><Node>");
      _address(out, self->attackers->pdata[i]);
      g_string_append(out, "</Node></System>");
    }
}

static void
_target(const SiagaIncident *incident, GString *out)
{
  gboolean address = incident->victim_ip && siaga_export_address_kind(incident->victim_ip);
  gboolean domain = siaga_export_is_name(incident->victim_domain);
  if (!domain && !address)
    return;
  g_string_append(out, "<System category=\"target\"><Node>");
  if (domain)
    {
      g_string_append(out, "<DomainData system-status=\"unknown\" domain-status=\"assignedAndActive\">");
      _element(out, "Name", "", incident->victim_domain);
      g_string_append(out, "</DomainData>");
    }
  _address(out, incident->victim_ip);
  _element(out, "Location", "", incident->victim_country);
  g_string_append_printf(out, "</Node><Counter type=\"count\" unit=\"event\">%" G_GUINT64_FORMAT "</Counter>",
                         incident->count);
  _element(out, "Description", "", incident->victim_owner);
  g_string_append(out, "</System>");
}

static void
_records(const SiagaIncident *incident, GString *out)
{
  if (!incident->evidence || !incident->evidence->len)
    return;
  g_string_append(out, "<Record>");
  for (guint i = 0; i < incident->evidence->len; i++)
    {
      const SiagaEvidence *evidence = incident->evidence->pdata[i];
      g_string_append(out, "<RecordData>");
      _time(out, "DateTime", evidence->time);
      g_string_append(out, "<RecordItem dtype=\"string\">");
      siaga_export_xml_escape(out, evidence->line, evidence->length);
      g_string_append(out, "</RecordItem></RecordData>");
    }
  g_string_append(out, "</Record>");
}

static void
_event_data(const SiagaExport *self, GString *out)
{
  GString *flow = g_string_new(NULL);

  _sources(self, flow);
  _target(self->incident, flow);
  g_string_append(out, "<EventData>");
  _time(out, "StartTime", self->incident->first_seen);
  _time(out, "EndTime", self->incident->last_seen);
  if (flow->len)
    g_string_append_printf(out, "<Flow>%s</Flow>", flow->str);
  _records(self->incident, out);
  g_string_append(out, "</EventData>");
  g_string_free(flow, TRUE);
}

static void
_additional(GString *out, const gchar *name, const gchar *text)
{
  gchar *attributes = g_strdup_printf("dtype=\"string\" name=\"%s\"", name);
  _element(out, "AdditionalData", attributes, text);
  g_free(attributes);
}

static void
_additional_data(const SiagaExport *self, GString *out)
{
  const SiagaIncident *incident = self->incident;
  gchar number[32], time[40];
  g_snprintf(number, sizeof number, "%u", incident->revision);
  _additional(out, "siaga.incident.revision", number);
  _additional(out, "siaga.incident.level", siaga_level_name(incident->level));
  _additional(out, "tlp", siaga_tlp_name(self->tlp));
  _additional(out, "rule.id", incident->rule->id);
  _additional(out, "siaga.victim.sector", incident->victim_sector);
  _additional(out, "siaga.victim.csirt", incident->victim_csirt);
  if (incident->report_due)
    _additional(out, "siaga.incident.report_due", siaga_time_format(incident->report_due, time));
  if (incident->spoofed)
    _additional(out, "siaga.source.spoofable", "true");
}

static const gchar *
_status(SiagaIncidentState state)
{
  static const gchar *const states[] = { "new", "in-progress", "resolved" };
  return states[state];
}

static void
_incident(const SiagaExport *self, GString *out)
{
  const SiagaIncident *incident = self->incident;
  g_string_append_printf(out, "<Incident purpose=\"reporting\" status=\"%s\" %s>", _status(incident->state),
                         _restriction(self->tlp));
  _incident_id(self, incident->uuid, out);
  _related(self, out);
  _time(out, "DetectTime", incident->first_seen);
  _time(out, "StartTime", incident->first_seen);
  _time(out, "EndTime", incident->last_seen);
  _time(out, "GenerationTime", MAX(incident->changed, incident->first_seen));
  _element(out, "Description", "", incident->rule->title);
  _element(out, "Description", "", incident->rule->description);
  _assessment(incident, out);
  _methods(incident, out);
  g_string_append(out, "<Contact role=\"creator\" type=\"organization\">");
  _element(out, "ContactName", "", self->producer);
  g_string_append(out, "</Contact>");
  _event_data(self, out);
  _additional_data(self, out);
  g_string_append(out, "</Incident>");
}

void
siaga_export_iodef(const SiagaExport *self, GString *out)
{
  g_string_append(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>"
                       "<IODEF-Document version=\"2.00\" xml:lang=\"en\" xmlns=\"urn:ietf:params:xml:ns:iodef-2.0\">");
  _incident(self, out);
  g_string_append(out, "</IODEF-Document>");
}
