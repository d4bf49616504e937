/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * The options that all commands share. */

#include "siagactl/siagactl.h"

#include <siaga/data.h>

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define YEAR_MIN 1970
#define YEAR_MAX 9999

static gboolean
_fail(const gchar *option, const gchar *value, const gchar *expected)
{
  ctl_error("--%s %s: expected %s", option, value, expected);
  return FALSE;
}

static gboolean
_read_date(const gchar *text, const SiagaTimeContext *context, SiagaTime *time_r)
{
  gint32 zone;
  if (siaga_time_parse(SIAGA_TIME_FORMAT_AUTO, text, strlen(text), context, time_r, &zone) ||
      siaga_time_parse(SIAGA_TIME_FORMAT_ISO8601, text, strlen(text), context, time_r, &zone))
    return TRUE;
  gchar *midnight = g_strconcat(text, "T00:00:00", NULL);
  gboolean ok = siaga_time_parse(SIAGA_TIME_FORMAT_ISO8601, midnight, strlen(midnight), context, time_r, &zone);
  g_free(midnight);
  return ok;
}

static gboolean
_derive_times(CtlOptions *self)
{
  self->time.reference = g_get_real_time();
  self->time.year = self->year;
  if (self->year && (self->year < YEAR_MIN || self->year > YEAR_MAX))
    {
      gchar *year = g_strdup_printf("%d", self->year);
      gboolean ok = _fail("year", year, G_STRINGIFY(YEAR_MIN) " to " G_STRINGIFY(YEAR_MAX));
      g_free(year);
      return ok;
    }
  if (self->time_zone)
    {
      self->time.zone = g_time_zone_new_identifier(self->time_zone);
      if (!self->time.zone)
        return _fail("time-zone", self->time_zone, "a name such as Asia/Jakarta, or +07:00");
    }
  self->since_time = G_MININT64;
  self->until_time = G_MAXINT64;
  if (self->since && !_read_date(self->since, &self->time, &self->since_time))
    return _fail("since", self->since, "a time such as 2026-03-01T08:00:00Z or 2026-03-01");
  if (self->until && !_read_date(self->until, &self->time, &self->until_time))
    return _fail("until", self->until, "a time such as 2026-03-01T08:00:00Z or 2026-03-01");
  return TRUE;
}

static gboolean
_derive_family(CtlOptions *self)
{
  if (!self->family || strcmp(self->family, "auto") == 0)
    return TRUE;
  SiagaFamily family = siaga_family_by_name(self->family);
  if (family == SIAGA_FAMILY_NONE)
    return _fail("family", self->family, "auto, web, dns or auth");
  self->spec.families = 1u << family;
  return TRUE;
}

static gboolean
_derive_networks(CtlOptions *self)
{
  if (!self->trusted_proxies)
    return TRUE;
  self->networks = siaga_networks_new();
  for (gchar **network = self->trusted_proxies; *network; network++)
    if (!siaga_networks_add(self->networks, *network))
      return _fail("trusted-proxy", *network, "an address or a network such as 10.0.0.0/8");
  return TRUE;
}

static gboolean
_derive_role(CtlOptions *self)
{
  static const gchar *const names[] = { "auto", "authoritative", "resolver" };
  self->victim.default_victim = self->default_victim;
  if (!self->dns_role)
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    if (strcmp(self->dns_role, names[i]) == 0)
      {
        self->victim.dns_role = i;
        return TRUE;
      }
  return _fail("dns-role", self->dns_role, "auto, authoritative or resolver");
}

static gchar *
_program_dir(void)
{
  gchar *program = g_file_read_link("/proc/self/exe", NULL);
  gchar *dir = program ? g_path_get_dirname(program) : NULL;
  g_free(program);
  return dir;
}

static void
_derive_folders(CtlOptions *self)
{
  gchar *program_dir = _program_dir();
  if (!self->data_dir)
    self->data_dir = siaga_data_dir(program_dir);
  if (!self->config_dir)
    self->config_dir = siaga_config_dir();
  g_free(program_dir);
  self->spec.data_dir = self->data_dir;
  self->spec.config_dir = self->config_dir;
  self->spec.patterns = (const gchar *const *) self->patterns;
  self->spec.rules = (const gchar *const *) self->rules;
  self->spec.no_default_patterns = self->no_default_patterns;
  self->spec.no_default_rules = self->no_default_rules;
  self->spec.own_domains = (const gchar *const *) self->own_domains;
  self->spec.matcher = self->matcher;
}

static gboolean
_derive_matcher(const CtlOptions *self)
{
  return !self->matcher || g_strv_contains((const gchar *const[]){ "hs", "pcre2", "plain", NULL }, self->matcher) ||
         _fail("matcher", self->matcher, "hs or pcre2");
}

/* One that was named; the usual one may be missing. */
static gboolean
_is_folder(const gchar *option, const gchar *path)
{
  return !path || g_file_test(path, G_FILE_TEST_IS_DIR) || _fail(option, path, "a folder that is there");
}

static gboolean
_derive(CtlOptions *self)
{
  if (!_is_folder("data-dir", self->data_dir) || !_is_folder("config-dir", self->config_dir) || !_derive_matcher(self))
    return FALSE;
  _derive_folders(self);
  ctl_output_set_color(self->color ? self->color : "auto");
  if (self->color && !g_strv_contains((const gchar *const[]){ "always", "never", "auto", NULL }, self->color))
    return _fail("color", self->color, "always, never or auto");
  return _derive_times(self) && _derive_family(self) && _derive_networks(self) && _derive_role(self);
}

static void
_add_common(GOptionContext *context, CtlOptions *self)
{
  const GOptionEntry common[] = {
    { "patterns", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->patterns, "more patterns: a file or a folder", "PATH" },
    { "rules", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->rules, "more rules: a file or a folder", "PATH" },
    { "no-default-patterns", 0, 0, G_OPTION_ARG_NONE, &self->no_default_patterns, "leave out the shipped patterns",
      NULL },
    { "no-default-rules", 0, 0, G_OPTION_ARG_NONE, &self->no_default_rules, "leave out the shipped rules", NULL },
    { "data-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->data_dir, "folder of the shipped files", "DIR" },
    { "config-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->config_dir, "folder of the local files (/etc/siaga)", "DIR" },
    { "family", 0, 0, G_OPTION_ARG_STRING, &self->family, "auto (default), web, dns or auth", "FAMILY" },
    { "since", 0, 0, G_OPTION_ARG_STRING, &self->since, "only events from this time on", "TIME" },
    { "until", 0, 0, G_OPTION_ARG_STRING, &self->until, "only events before this time", "TIME" },
    { "year", 0, 0, G_OPTION_ARG_INT, &self->year, "year of times without one", "YYYY" },
    { "time-zone", 0, 0, G_OPTION_ARG_STRING, &self->time_zone, "zone of times without one (UTC)", "ZONE" },
    { "trusted-proxy", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->trusted_proxies,
      "network whose X-Forwarded-For is believed", "CIDR" },
    { "own-domain", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->own_domains, "name this site serves", "SUFFIX" },
    { "default-victim", 0, 0, G_OPTION_ARG_STRING, &self->default_victim, "victim of events that name none", "NAME" },
    { "dns-role", 0, 0, G_OPTION_ARG_STRING, &self->dns_role, "auto (default), authoritative or resolver", "ROLE" },
    { "matcher", 0, 0, G_OPTION_ARG_STRING, &self->matcher, "hs or pcre2", "NAME" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, "results as JSON", NULL },
    { "color", 0, 0, G_OPTION_ARG_STRING, &self->color, "always, never or auto (default)", "WHEN" },
    { "no-progress", 0, 0, G_OPTION_ARG_NONE, &self->no_progress, "no progress bar", NULL },
    { NULL, 0, 0, 0, NULL, NULL, NULL },
  };
  GOptionGroup *group = g_option_group_new("common", "Common options:", "Options of all commands", NULL, NULL);
  g_option_group_add_entries(group, common);
  g_option_context_add_group(context, group);
}

/* GLib would print it as it is, too wide for a narrow terminal. */
static void
_help_if_asked(GOptionContext *context, int argc, char **argv)
{
  gboolean all = FALSE, asked = FALSE;
  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
    {
      all = all || strcmp(argv[i], "--help-all") == 0 || strcmp(argv[i], "--help-common") == 0;
      asked = asked || strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0;
    }
  if (!all && !asked)
    return;
  gchar *text = g_option_context_get_help(context, !all, NULL);
  ctl_output_wrap();
  g_string_append(ctl_out, text);
  ctl_output_flush();
  exit(CTL_DONE);
}

gboolean
ctl_options_parse(CtlOptions *self, int argc, char **argv, const gchar *synopsis, const gchar *summary,
                  const GOptionEntry *extra)
{
  GError *error = NULL;
  gchar *usage = g_strdup_printf("%s", synopsis);
  GOptionContext *context = g_option_context_new(usage);
  gchar **copy = g_new0(gchar *, argc + 1);

  memset(self, 0, sizeof *self);
  for (int i = 0; i < argc; i++)
    copy[i] = g_strdup(argv[i]);
  gchar *program = g_strconcat("siagactl ", argv[0], NULL);
  g_set_prgname(program);
  g_free(program);
  g_option_context_set_summary(context, summary);
  if (extra)
    g_option_context_add_main_entries(context, extra, NULL);
  _add_common(context, self);
  _help_if_asked(context, argc, argv);
  gboolean ok = g_option_context_parse_strv(context, &copy, &error);
  if (ok)
    self->arguments = g_strdupv(copy + 1);
  else
    {
      ctl_error("%s", error->message);
      g_error_free(error);
    }
  g_option_context_free(context);
  g_strfreev(copy);
  g_free(usage);
  return ok && _derive(self);
}

void
ctl_options_clear(CtlOptions *self)
{
  g_strfreev(self->patterns);
  g_strfreev(self->rules);
  g_strfreev(self->trusted_proxies);
  g_strfreev(self->own_domains);
  g_strfreev(self->arguments);
  g_free(self->data_dir);
  g_free(self->config_dir);
  g_free(self->family);
  g_free(self->since);
  g_free(self->until);
  g_free(self->time_zone);
  g_free(self->matcher);
  g_free(self->default_victim);
  g_free(self->dns_role);
  g_free(self->color);
  siaga_networks_free(self->networks);
  if (self->time.zone)
    g_time_zone_unref(self->time.zone);
}

SiagaChain *
ctl_load_chain(const CtlOptions *self, guint parts, gboolean *faults_r)
{
  SiagaDiag *diag = siaga_diag_new();
  SiagaChain *chain = siaga_chain_load(&self->spec, parts, diag);

  ctl_print_diag(diag, FALSE, FALSE);
  if (faults_r)
    *faults_r = siaga_diag_count(diag, SIAGA_DIAG_ERROR) > 0;
  siaga_diag_free(diag);
  if (!chain)
    {
      ctl_error("the data folder %s cannot be used", self->data_dir);
      return NULL;
    }
  chain->normaliser.trusted_proxies = self->networks;
  chain->victim_options.default_victim = self->victim.default_victim;
  chain->victim_options.dns_role = self->victim.dns_role;
  return chain;
}

gboolean
ctl_time_is_wanted(const CtlOptions *self, const SiagaEvent *event)
{
  if (self->since_time == G_MININT64 && self->until_time == G_MAXINT64)
    return TRUE;
  return event->time_kind != SIAGA_TIME_NONE && event->time >= self->since_time && event->time < self->until_time;
}
