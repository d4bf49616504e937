/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * syslog-ng's own start and end, its grammar and its messages. */

#include "tests/harness/harness.h"

#include <apphook.h>
#include <cfg-grammar.h>
#include <cfg-lexer.h>
#include <cfg-parser.h>
#include <cfg.h>
#include <logmsg/tags.h>
#include <messages.h>
#include <plugin.h>

#include <string.h>

static gchar *value;

/* What the daemon would log is not what is tested here. */
static void
_drop_log(LogMessage *msg)
{
  log_msg_unref(msg);
}

void
harness_start(const gchar *module)
{
  const gchar *build = g_getenv("SIAGA_BUILDDIR"), *system = g_getenv("SYSLOG_NG_MODULE_DIR");
  gchar *path = g_strconcat(build, "/.libs:", system ? system : "", NULL);

  app_startup();
  configuration = cfg_new_snippet();
  cfg_set_global_paths(configuration);
  plugin_context_set_module_path(&configuration->plugin_context, path);
  if (module)
    g_assert_true(cfg_load_module(configuration, module));
  msg_set_post_func(_drop_log);
  g_free(path);
}

void
harness_stop(void)
{
  msg_set_post_func(NULL);
  cfg_free(configuration);
  configuration = NULL;
  app_shutdown();
  g_clear_pointer(&value, g_free);
}

static LogParser *
_parse(const gchar *name, const gchar *text)
{
  CFG_LTYPE place = { 0 };
  Plugin *plugin = cfg_find_plugin(configuration, LL_CONTEXT_PARSER, name);

  g_assert_nonnull(plugin);
  configuration->lexer = cfg_lexer_new_buffer(configuration, text, strlen(text));
  cfg_lexer_push_context(configuration->lexer, main_parser.context, main_parser.keywords, main_parser.name);
  LogParser *parser = cfg_parse_plugin(configuration, plugin, &place, NULL);
  cfg_lexer_pop_context(configuration->lexer);
  cfg_lexer_free(configuration->lexer);
  configuration->lexer = NULL;
  return parser;
}

LogParser *
harness_parser(const gchar *text)
{
  gchar *name = g_strndup(text, strcspn(text, "("));
  LogParser *parser = _parse(name, text + strlen(name));

  g_free(name);
  if (!parser)
    return NULL;
  g_assert_true(log_pipe_init(&parser->super));
  return parser;
}

LogMessage *
harness_new_message(const gchar *line, gssize length)
{
  LogMessage *msg = log_msg_new_empty();
  log_msg_set_value(msg, LM_V_MESSAGE, line, length);
  log_msg_set_value(msg, LM_V_HOST, "here", -1);
  msg->timestamps[LM_TS_STAMP] = msg->timestamps[LM_TS_RECVD];
  return msg;
}

const gchar *
harness_value(LogMessage *msg, const gchar *name)
{
  gssize length = 0;
  const gchar *text = log_msg_get_value_by_name(msg, name, &length);

  g_free(value);
  return value = g_strndup(text, length);
}

gboolean
harness_has_tag(LogMessage *msg, const gchar *name)
{
  return log_msg_is_tag_by_name(msg, name);
}
