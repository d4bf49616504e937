/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl migrate: pattern databases of db-parser() (patterndb XML) as pattern files. */

#include "siagactl/siagactl.h"

#include <stdarg.h>
#include <string.h>

/* What the names of pattern databases mean here. */
static const struct
{
  const gchar *name, *field;
} known_names[] = {
  { "usracct.username", "user.name" },         { "usracct.device", "source.address" },
  { "usracct.service", "service.name" },       { "usracct.authmethod", "siaga.auth.method" },
  { "usracct.sessionid", "session.id" },       { "secevt.reason", "event.reason" },
  { "flowevt.src_ip", "source.address" },      { "flowevt.src_port", "source.port:int" },
  { "flowevt.dst_ip", "destination.address" }, { "flowevt.dst_port", "destination.port:int" },
};

/* Parsers of db-parser() and what they read. */
static const struct
{
  const gchar *parser, *macro;
} parsers[] = {
  { "NUMBER", "INT" },  { "FLOAT", "NUMBER" }, { "DOUBLE", "NUMBER" },        { "IPv4", "IPV4" },
  { "IPv6", "IPV6" },   { "IPvANY", "IP" },    { "HOSTNAME", "HOSTNAME" },    { "EMAIL", "EMAILADDRESS" },
  { "MACADDR", "MAC" }, { "LLADDR", "MAC" },   { "ANYSTRING", "GREEDYDATA" },
};

typedef struct
{
  const gchar *path;
  SiagaFields *fields;
  GString *element;   /* text of the element that is open */
  GPtrArray *matches; /* of gchar*: translated patterns of the rule */
  GPtrArray *samples;
  GPtrArray *macros; /* of gchar*: expressions that fields are read with, by number from 1 */
  gchar *rule_id;
  guint rules, left_out, number;
  gboolean json;
  GString *report;
} Migration;

static void _report(Migration *self, const gchar *format, ...) G_GNUC_PRINTF(2, 3);

static void
_report(Migration *self, const gchar *format, ...)
{
  va_list args;
  va_start(args, format);
  gchar *text = g_strdup_vprintf(format, args);
  va_end(args);
  g_string_append_printf(self->report, "%s: rule %s: %s\n", self->path, self->rule_id ? self->rule_id : "?", text);
  g_free(text);
}

static void
_append_quoted(GString *out, const gchar *text)
{
  for (; *text; text++)
    {
      if (strchr("\\^$.|?*+()[]{}", *text))
        g_string_append_c(out, '\\');
      g_string_append_c(out, *text);
    }
}

static const gchar *
_field_of(Migration *self, const gchar *name)
{
  if (!*name)
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS(known_names); i++)
    if (strcmp(known_names[i].name, name) == 0)
      return known_names[i].field;
  if (siaga_fields_lookup(self->fields, name, -1) != SIAGA_FIELD_NONE)
    return name;
  _report(self, "no field is known for '%s': read, not kept", name);
  return NULL;
}

/* A group that keeps what it reads in a field. */
static void
_append_capture(Migration *self, GString *out, const gchar *name, const gchar *macro, const gchar *regex)
{
  const gchar *field = _field_of(self, name);
  if (macro)
    g_string_append_printf(out, field ? "%%{%s:%s}" : "%%{%s}", macro, field);
  else if (field)
    {
      g_ptr_array_add(self->macros, g_strdup(regex));
      g_string_append_printf(out, "%%{MIGRATED%u:%s}", self->macros->len, field);
    }
  else
    g_string_append_printf(out, "(?:%s)", regex);
}

static void
_append_class(GString *out, const gchar *characters, gboolean negated)
{
  g_string_append(out, negated ? "[^" : "[");
  for (; *characters; characters++)
    {
      if (strchr("]\\^-", *characters))
        g_string_append_c(out, '\\');
      g_string_append_c(out, *characters);
    }
  g_string_append_c(out, ']');
}

static void
_append_until(Migration *self, GString *out, const gchar *name, const gchar *stop)
{
  _append_capture(self, out, name, "DATA", NULL);
  _append_quoted(out, stop);
}

static gboolean
_append_with_argument(Migration *self, GString *out, const gchar *parser, const gchar *name, const gchar *argument)
{
  GString *regex = g_string_new(NULL);
  gboolean known = TRUE;
  if (strcmp(parser, "STRING") == 0)
    {
      g_string_append(regex, "[A-Za-z0-9");
      for (; *argument; argument++)
        g_string_append_printf(regex, strchr("]\\^-", *argument) ? "\\%c" : "%c", *argument);
      g_string_append(regex, "]+");
    }
  else if (strcmp(parser, "SET") == 0)
    {
      _append_class(regex, argument, FALSE);
      g_string_append_c(regex, '+');
    }
  else if (strcmp(parser, "PCRE") == 0)
    g_string_append(regex, argument);
  else
    known = FALSE;
  if (known)
    _append_capture(self, out, name, NULL, regex->str);
  g_string_free(regex, TRUE);
  return known;
}

static void
_append_between(Migration *self, GString *out, const gchar *name, const gchar *quotes)
{
  gchar open[2] = { quotes[0] ? quotes[0] : '"', '\0' };
  gchar close[2] = { quotes[0] && quotes[1] ? quotes[1] : open[0], '\0' };
  GString *regex = g_string_new(NULL);
  _append_class(regex, close, TRUE);
  g_string_append_c(regex, '*');
  _append_quoted(out, open);
  _append_capture(self, out, name, NULL, regex->str);
  _append_quoted(out, close);
  g_string_free(regex, TRUE);
}

/* "@PARSER:name:argument@" */
static gboolean
_append_parser(Migration *self, GString *out, const gchar *specification)
{
  gchar **parts = g_strsplit(specification, ":", 3);
  const gchar *parser = parts[0], *name = parts[0] && parts[1] ? parts[1] : "";
  const gchar *argument = *name || (parts[0] && parts[1]) ? (parts[2] ? parts[2] : "") : "";
  gboolean known = TRUE;
  guint i = 0;

  while (i < G_N_ELEMENTS(parsers) && strcmp(parsers[i].parser, parser) != 0)
    i++;
  if (i < G_N_ELEMENTS(parsers))
    _append_capture(self, out, name, parsers[i].macro, NULL);
  else if (strcmp(parser, "ESTRING") == 0)
    _append_until(self, out, name, argument);
  else if (strcmp(parser, "QSTRING") == 0)
    _append_between(self, out, name, argument);
  else
    known = _append_with_argument(self, out, parser, name, argument);
  if (!known)
    _report(self, "the parser @%s@ is not translated", parser);
  g_strfreev(parts);
  return known;
}

static gchar *
_translate(Migration *self, const gchar *pattern)
{
  GString *out = g_string_new("^");
  gboolean ok = TRUE;
  while (*pattern && ok)
    {
      const gchar *end = *pattern == '@' ? strchr(pattern + 1, '@') : NULL;
      if (end == pattern + 1 || (*pattern == '@' && !end))
        {
          g_string_append_c(out, '@');
          pattern = end ? end + 1 : pattern + 1;
        }
      else if (end)
        {
          gchar *specification = g_strndup(pattern + 1, end - pattern - 1);
          ok = _append_parser(self, out, specification);
          g_free(specification);
          pattern = end + 1;
        }
      else
        {
          gchar text[2] = { *pattern++, '\0' };
          _append_quoted(out, text);
        }
    }
  if (ok)
    return g_string_free(out, FALSE);
  g_string_free(out, TRUE);
  return NULL;
}

static void
_print_samples(const Migration *self)
{
  if (!self->samples->len)
    return;
  ctl_print("    samples:\n");
  for (guint i = 0; i < self->samples->len; i++)
    {
      ctl_print("      - line: ");
      ctl_append_yaml(ctl_out, g_ptr_array_index(self->samples, i));
      ctl_print("\n");
    }
}

static void
_finish_rule(Migration *self)
{
  self->rules++;
  if (!self->matches->len)
    {
      self->left_out++;
      _report(self, "left out");
    }
  for (guint i = 0; i < self->matches->len; i++)
    {
      ctl_print("  - id: rule-%u\n    match: ", ++self->number);
      ctl_append_yaml(ctl_out, g_ptr_array_index(self->matches, i));
      ctl_print("\n");
      if (i == 0)
        _print_samples(self);
    }
  g_ptr_array_set_size(self->matches, 0);
  g_ptr_array_set_size(self->samples, 0);
  g_clear_pointer(&self->rule_id, g_free);
}

/* The expressions of the ruleset, as macros of the file. */
static void
_finish_ruleset(Migration *self)
{
  if (self->macros->len)
    ctl_print("grok:\n");
  for (guint i = 0; i < self->macros->len; i++)
    {
      ctl_print("  MIGRATED%u: ", i + 1);
      ctl_append_yaml(ctl_out, g_ptr_array_index(self->macros, i));
      ctl_print("\n");
    }
  g_ptr_array_set_size(self->macros, 0);
}

static const gchar *
_attribute(const gchar **names, const gchar **values, const gchar *name)
{
  for (; *names; names++, values++)
    if (strcmp(*names, name) == 0)
      return *values;
  return NULL;
}

static void
_start(GMarkupParseContext *context G_GNUC_UNUSED, const gchar *element, const gchar **names, const gchar **values,
       gpointer user_data, GError **error G_GNUC_UNUSED)
{
  Migration *self = user_data;
  g_string_truncate(self->element, 0);
  if (strcmp(element, "ruleset") == 0)
    {
      const gchar *name = _attribute(names, values, "name");
      gchar *dataset = g_strdup(name ? name : "migrated");
      for (gchar *c = dataset; *c; c++)
        *c = g_ascii_isalnum(*c) ? g_ascii_tolower(*c) : '-';
      ctl_print("---\ndataset: %s\nfamily: auth\ntitle: %s\npatterns:\n", dataset, dataset);
      g_free(dataset);
    }
  else if (strcmp(element, "rule") == 0)
    {
      g_free(self->rule_id);
      self->rule_id = g_strdup(_attribute(names, values, "id"));
    }
}

static void
_end(GMarkupParseContext *context, const gchar *element, gpointer user_data, GError **error G_GNUC_UNUSED)
{
  Migration *self = user_data;
  const GSList *stack = g_markup_parse_context_get_element_stack(context);
  guint depth = g_slist_length((GSList *) stack);
  if (strcmp(element, "pattern") == 0 && self->rule_id && depth > 3)
    {
      gchar *match = _translate(self, self->element->str);
      if (match)
        g_ptr_array_add(self->matches, match);
    }
  else if (strcmp(element, "test_message") == 0)
    g_ptr_array_add(self->samples, g_strdup(self->element->str));
  else if (strcmp(element, "rule") == 0)
    _finish_rule(self);
  else if (strcmp(element, "ruleset") == 0)
    _finish_ruleset(self);
}

static void
_text(GMarkupParseContext *context G_GNUC_UNUSED, const gchar *text, gsize length, gpointer user_data,
      GError **error G_GNUC_UNUSED)
{
  Migration *self = user_data;
  g_string_append_len(self->element, text, length);
}

static gboolean
_parse(Migration *self)
{
  static const GMarkupParser parser = { _start, _end, _text, NULL, NULL };
  gchar *text;
  gsize length;
  GError *error = NULL;
  GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, self, NULL);
  gboolean ok = g_file_get_contents(self->path, &text, &length, &error);
  if (ok)
    {
      ok = g_markup_parse_context_parse(context, text, length, &error) &&
           g_markup_parse_context_end_parse(context, &error);
      g_free(text);
    }
  if (error)
    {
      ctl_error("%s: %s", self->path, error->message);
      g_error_free(error);
    }
  g_markup_parse_context_free(context);
  return ok;
}

static void
_print_report(Migration *self)
{
  if (self->json)
    {
      gchar *patterns = ctl_output_take();
      SiagaJson json;
      siaga_json_init(&json, ctl_out);
      siaga_json_open_object(&json, NULL);
      siaga_json_int(&json, "rules", self->rules);
      siaga_json_int(&json, "left_out", self->left_out);
      siaga_json_string(&json, "report", self->report->str, self->report->len);
      siaga_json_string(&json, "patterns", patterns, -1);
      siaga_json_close_object(&json);
      ctl_print("\n");
      g_free(patterns);
      return;
    }
  ctl_output_flush();
  g_printerr("%s%s: %u rules, %u left out; say event.category, action and outcome in each 'set:'\n", self->report->str,
             self->path, self->rules, self->left_out);
}

static int
_migrate(Migration *self)
{
  if (self->json)
    ctl_output_hold();
  self->element = g_string_new(NULL);
  self->report = g_string_new(NULL);
  self->matches = g_ptr_array_new_with_free_func(g_free);
  self->samples = g_ptr_array_new_with_free_func(g_free);
  self->macros = g_ptr_array_new_with_free_func(g_free);
  gboolean ok = _parse(self);
  _print_report(self);
  g_ptr_array_unref(self->matches);
  g_ptr_array_unref(self->samples);
  g_ptr_array_unref(self->macros);
  g_string_free(self->element, TRUE);
  g_string_free(self->report, TRUE);
  g_free(self->rule_id);
  return !ok ? CTL_CANNOT : self->left_out ? CTL_FOUND : CTL_DONE;
}

int
ctl_migrate(int argc, char **argv)
{
  CtlOptions options;
  int result = CTL_CANNOT;
  if (ctl_options_parse(
          &options, argc, argv, "PATTERNDB.xml",
          "Prints the rules of a db-parser() pattern database as a pattern file, and on stderr what was not\n"
          "translated.",
          NULL))
    {
      Migration self = { .path = options.arguments[0], .json = options.json };
      self.fields = siaga_chain_load_fields(&options.spec, NULL);
      if (!self.path || options.arguments[1])
        ctl_error("expected one pattern database");
      else if (self.fields)
        result = _migrate(&self);
      siaga_fields_unref(self.fields);
    }
  ctl_options_clear(&options);
  return result;
}
