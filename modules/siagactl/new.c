/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * siagactl new: a skeleton of a pattern or a rule, from a log line. */

#include "siagactl/siagactl.h"

#include <string.h>

/* What a piece of a line looks like; the first that fits is proposed. */
static const struct
{
  const gchar *regex, *macro, *field;
} pieces[] = {
  { "^\\[?[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}:[0-9:]{8} [+-][0-9]{4}\\]?", "HTTPDATE", "@timestamp:time(httpdate)" },
  { "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}(?:[.,][0-9]+)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?", "TIMESTAMP_ISO8601",
    "@timestamp:time(iso8601)" },
  { "^(?:[0-9]{1,3}\\.){3}[0-9]{1,3}(?![0-9.])", "IPORHOST", "source.address" },
  { "^[0-9A-Fa-f]{0,4}:[0-9A-Fa-f]{0,4}:[0-9A-Fa-f:]*", "IPORHOST", "source.address" },
  { "^[0-9]+(?![0-9A-Za-z.:/])", "INT", NULL },
};

static GString *
_quote(const gchar *text)
{
  GString *out = g_string_new(NULL);
  ctl_append_yaml(out, text);
  return out;
}

/* The rest of a piece that is text: characters that PCRE2 would read otherwise are escaped. */
static void
_append_literal(GString *out, gchar c)
{
  if (strchr("\\^$.|?*+()[]{}", c) && c)
    g_string_append_c(out, '\\');
  g_string_append_c(out, c);
}

static gsize
_append_piece(GString *out, const gchar *text, GRegex *const *regexes, guint *seen)
{
  for (guint i = 0; i < G_N_ELEMENTS(pieces); i++)
    {
      GMatchInfo *info = NULL;
      gint end = 0;
      if (g_regex_match(regexes[i], text, 0, &info))
        g_match_info_fetch_pos(info, 0, NULL, &end);
      g_match_info_free(info);
      if (end <= 0)
        continue;
      if (pieces[i].field && !seen[i]++)
        g_string_append_printf(out, "%%{%s:%s}", pieces[i].macro, pieces[i].field);
      else
        g_string_append_printf(out, "%%{%s}", pieces[i].macro);
      return end;
    }
  return 0;
}

static GString *
_guess_pattern(const gchar *text)
{
  GString *out = g_string_new("^");
  GRegex *regexes[G_N_ELEMENTS(pieces)];
  guint seen[G_N_ELEMENTS(pieces)] = { 0 };
  gboolean at_start = TRUE;

  for (guint i = 0; i < G_N_ELEMENTS(pieces); i++)
    regexes[i] = g_regex_new(pieces[i].regex, G_REGEX_RAW, 0, NULL);
  while (*text)
    {
      gsize used = at_start ? _append_piece(out, text, regexes, seen) : 0;
      if (!used)
        {
          _append_literal(out, *text);
          used = 1;
        }
      at_start = used > 1 || !g_ascii_isalnum(*text);
      text += used;
    }
  g_string_append_c(out, '$');
  for (guint i = 0; i < G_N_ELEMENTS(pieces); i++)
    g_regex_unref(regexes[i]);
  return out;
}

static int
_new_pattern(const CtlOptions *options, const gchar *raw)
{
  SiagaArena *arena = siaga_arena_new();
  SiagaLine line = { .priority = -1 };
  siaga_line_read(&line, raw, strlen(raw), &options->time, arena);
  gchar *text = g_strndup(line.text, line.text_length);
  gchar *program = line.program ? g_strndup(line.program, line.program_length) : NULL;
  GString *guess = _guess_pattern(text), *match = _quote(guess->str), *sample = _quote(text);

  ctl_print("dataset: %s\nfamily: %s\ntitle: %s\n", program ? program : "example",
            options->family && strcmp(options->family, "auto") != 0 ? options->family : "auth",
            program ? program : "Example");
  if (program)
    ctl_print("applies-to: { program: [%s] }\n", program);
  ctl_print("patterns:\n  - id: example\n    match: %s\n", match->str);
  ctl_print("    set: { event.category: authentication, event.action: login, event.outcome: failure }\n"
            "    samples:\n      - line: %s\n        fields: { event.outcome: failure }\n    rejects: []\n",
            sample->str);
  g_string_free(guess, TRUE);
  g_string_free(match, TRUE);
  g_string_free(sample, TRUE);
  g_free(text);
  g_free(program);
  siaga_arena_free(arena);
  return CTL_DONE;
}

static void
_append_selection(GString *out, const SiagaEvent *event)
{
  static const SiagaFieldId fields[] = {
    SIAGA_F_EVENT_DATASET,
    SIAGA_F_EVENT_ACTION,
    SIAGA_F_EVENT_OUTCOME,
    SIAGA_F_HTTP_REQUEST_METHOD,
    SIAGA_F_HTTP_RESPONSE_STATUS_CODE,
    SIAGA_F_URL_PATH,
    SIAGA_F_DNS_QUESTION_TYPE,
    SIAGA_F_DNS_RESPONSE_CODE,
  };
  gchar buffer[32];
  for (guint i = 0; i < G_N_ELEMENTS(fields); i++)
    {
      const SiagaValue *value = siaga_event_get(event, fields[i]);
      gsize length;
      if (!value)
        continue;
      const gchar *raw = siaga_value_text(value, buffer, &length);
      gchar *text = g_strndup(raw, length);
      GString *quoted = _quote(text);
      g_string_append_printf(out, "    %s: %s\n", siaga_fields_get(event->fields, fields[i])->name, quoted->str);
      g_string_free(quoted, TRUE);
      g_free(text);
    }
}

static int
_new_rule(const CtlOptions *options, const gchar *raw)
{
  static const gchar *const sources[] = { "category: webserver", "category: webserver", "category: dns",
                                          "product: linux\n  service: auth" };
  SiagaChain *chain = ctl_load_chain(options, SIAGA_CHAIN_PARSE, NULL);
  if (!chain)
    return CTL_CANNOT;
  SiagaEvent *event = siaga_event_new(chain->fields);
  SiagaArena *arena = siaga_arena_new();
  gchar *id = g_uuid_string_random();
  gint64 now = g_get_real_time();
  gchar date[32];
  GString *selection = g_string_new(NULL), *sample = _quote(raw);

  siaga_chain_parse(chain, raw, strlen(raw), NULL, &options->time, arena, event);
  siaga_time_format(now, date);
  _append_selection(selection, event);
  ctl_print("title: What the rule detects\nid: %s\nname: short_name\nstatus: test\ndescription: One sentence.\n"
            "author: you\ndate: %.10s\ntags:\n  - attack.initial-access\nlogsource:\n  %s\ndetection:\n  selection:\n%s"
            "  condition: selection\nfalsepositives:\n  - unknown\nlevel: medium\nsiaga:\n  samples:\n    - %s\n",
            id, date, sources[event->family], selection->len ? selection->str : "    event.action: something\n",
            sample->str);
  if (!event->parsed)
    ctl_error("no pattern parses this line: write a pattern first (siagactl new pattern)");
  int result = event->parsed ? CTL_DONE : CTL_FOUND;
  g_string_free(selection, TRUE);
  g_string_free(sample, TRUE);
  g_free(id);
  siaga_event_free(event);
  siaga_arena_free(arena);
  siaga_chain_free(chain);
  return result;
}

static gchar *
_read_line(void)
{
  CtlInput *input = ctl_input_new(NULL);
  const gchar *line;
  gsize length;
  gchar *copy = ctl_input_next(input, &line, &length) ? g_strndup(line, length) : NULL;
  ctl_input_free(input);
  return copy;
}

int
ctl_new(int argc, char **argv)
{
  CtlOptions options;
  int result = CTL_CANNOT;
  if (ctl_options_parse(
          &options, argc, argv, "pattern|rule [LINE]",
          "Prints a skeleton of a pattern file or a Sigma rule, made from a log line (or the first of standard\n"
          "input).",
          NULL))
    {
      const gchar *what = options.arguments[0];
      if (options.json)
        ctl_output_hold();
      gchar *line = what && options.arguments[1] ? g_strdup(options.arguments[1]) : what ? _read_line() : NULL;
      if (what && line && strcmp(what, "pattern") == 0)
        result = _new_pattern(&options, line);
      else if (what && line && strcmp(what, "rule") == 0)
        result = _new_rule(&options, line);
      else
        ctl_error("expected 'pattern' or 'rule' and a log line");
      if (options.json && result != CTL_CANNOT)
        ctl_print_held(what);
      g_free(line);
    }
  ctl_options_clear(&options);
  return result;
}
