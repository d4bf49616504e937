/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl share: who may know of an incident, and what they would get. */

#include "siagactl/siagactl.h"

#include <string.h>

typedef struct
{
  const CtlOptions *options;
  SiagaShare *share;
  gboolean explain, whole;
  guint partner;
  SiagaExportFormat format;
  SiagaExportForm form;
} Sharing;

static void
_explain(Sharing *self, const SiagaIncident *incident)
{
  GString *text = g_string_new(NULL);
  siaga_incident_format_text(incident, text);
  ctl_print("%s", ctl_color(CTL_BOLD));
  ctl_print_safe(text->str, text->len);
  ctl_print("%s\n", ctl_color(CTL_PLAIN));
  g_string_truncate(text, 0);
  siaga_share_explain(self->share, incident, text);
  gchar **lines = g_strsplit(text->str, "\n", -1);
  for (gchar **line = lines; *line; line++)
    if (**line)
      {
        ctl_print("  ");
        ctl_print_safe(*line, -1);
        ctl_print("\n");
      }
  g_strfreev(lines);
  g_string_free(text, TRUE);
}

static void
_explain_json(Sharing *self, const SiagaIncident *incident)
{
  SiagaJson json;
  siaga_json_init(&json, ctl_out);
  siaga_json_open_object(&json, NULL);
  siaga_json_string(&json, "incident", incident->uuid, -1);
  siaga_json_open_list(&json, "partners");
  for (guint i = 0; i < siaga_share_size(self->share); i++)
    {
      SiagaTlp tlp;
      GString *why = g_string_new(NULL);
      gboolean may = siaga_share_decide(self->share, i, incident, &tlp, why);
      siaga_json_open_object(&json, NULL);
      siaga_json_string(&json, "partner", siaga_share_name(self->share, i), -1);
      siaga_json_bool(&json, "shared", may);
      if (may)
        siaga_json_string(&json, "tlp", siaga_tlp_name(tlp), -1);
      siaga_json_string(&json, "why", why->str, why->len);
      siaga_json_close_object(&json);
      g_string_free(why, TRUE);
    }
  siaga_json_close_list(&json);
  siaga_json_close_object(&json);
  ctl_print("\n");
}

static void
_export(Sharing *self, const SiagaIncident *incident, SiagaTlp tlp)
{
  SiagaExportOptions options = { .tlp = tlp, .form = self->form };
  siaga_export(incident, self->format, &options, ctl_out);
  g_string_append_c(ctl_out, '\n');
  ctl_output_line();
}

static void
_export_to_partner(Sharing *self, const SiagaIncident *incident)
{
  SiagaTlp tlp;
  if (!siaga_share_decide(self->share, self->partner, incident, &tlp, NULL))
    return;
  SiagaIncident *redacted = siaga_share_redact(self->share, self->partner, tlp, incident);
  _export(self, redacted, tlp);
  siaga_incident_free(redacted);
}

static void
_share(gpointer data, SiagaIncident *incident)
{
  Sharing *self = data;
  if (self->whole)
    _export(self, incident, SIAGA_TLP_RED);
  else if (!self->explain)
    _export_to_partner(self, incident);
  else if (self->options->json)
    _explain_json(self, incident);
  else
    _explain(self, incident);
  siaga_incident_free(incident);
}

static int
_share_all(Sharing *self)
{
  guint64 read;
  if (self->explain && !self->options->json)
    ctl_output_wrap();
  return ctl_incidents_read(self->options, _share, self, &read);
}

/* "misp", "misp:objects" */
static gboolean
_choose_format(Sharing *self, const gchar *text)
{
  gchar **parts = g_strsplit(text, ":", 2);
  gboolean known = *parts && siaga_export_format_by_name(parts[0], &self->format) &&
                   (!parts[1] || siaga_export_form_by_name(self->format, parts[1], &self->form));
  g_strfreev(parts);
  if (!known)
    ctl_error("--format %s: expected stix, stix:objects, misp, misp:objects, misp:revision, iodef or intelmq", text);
  return known;
}

static gboolean
_choose(Sharing *self, const gchar *partner, const gchar *format)
{
  if (!_choose_format(self, format ? format : "stix"))
    return FALSE;
  if (self->explain || self->whole)
    return TRUE;
  self->partner = partner ? siaga_share_find(self->share, partner) : SIAGA_SHARE_NOBODY;
  if (self->partner != SIAGA_SHARE_NOBODY)
    return TRUE;
  if (partner)
    ctl_error("no active policy has a partner '%s'", partner);
  else
    ctl_error("say --explain, --partner NAME or --whole");
  return FALSE;
}

/* The examples share nothing and stand in the way of one's own. */
static SiagaShare *
_load(CtlOptions *options, gboolean explain, SiagaDiag *diag)
{
  options->spec.no_default_policies = TRUE;
  SiagaShare *share = siaga_chain_load_share(&options->spec, diag);
  if (siaga_share_size(share) || siaga_diag_count(diag, SIAGA_DIAG_ERROR))
    return share;
  siaga_share_free(share);
  options->spec.no_default_policies = FALSE;
  if (explain)
    ctl_error("there are no policies of your own: these are the shipped examples");
  return siaga_chain_load_share(&options->spec, diag);
}

int
ctl_share(int argc, char **argv)
{
  CtlOptions options;
  Sharing self = { .options = &options };
  gchar *partner = NULL, *format = NULL, **policies = NULL;
  const GOptionEntry extra[] = {
    { "explain", 'e', 0, G_OPTION_ARG_NONE, &self.explain, "say for each partner whether and why", NULL },
    { "policies", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &policies, "more policies: a file or a folder", "PATH" },
    { "partner", 'p', 0, G_OPTION_ARG_STRING, &partner, "print what this partner would get", "NAME" },
    { "whole", 0, 0, G_OPTION_ARG_NONE, &self.whole, "print all of each incident: for your own house", NULL },
    { "format", 'f', 0, G_OPTION_ARG_STRING, &format, "stix (default), misp, iodef or intelmq", "FORMAT" },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  int result = CTL_CANNOT;
  if (ctl_options_parse(
          &options, argc, argv, "[FILE…]",
          "A dry run of the sharing policies over incidents (JSON lines, as replay prints them): nothing is\n"
          "sent.",
          extra))
    {
      SiagaDiag *diag = siaga_diag_new();
      options.spec.policies = (const gchar *const *) policies;
      self.share = _load(&options, self.explain, diag);
      ctl_print_diag(diag, FALSE, FALSE);
      if (_choose(&self, partner, format))
        result = _share_all(&self);
      if (result == CTL_DONE && siaga_diag_count(diag, SIAGA_DIAG_ERROR))
        result = CTL_FOUND; /* without that file it shares something else */
      siaga_share_free(self.share);
      siaga_diag_free(diag);
    }
  g_free(partner);
  g_free(format);
  g_strfreev(policies);
  ctl_options_clear(&options);
  return result;
}
