/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * A pipeline of two: the parser, and a pipe that keeps what reaches it. */

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

static GPtrArray *captured;
static LogPipe *sink;
static GString *log_text;
static gchar *value;

static void
_capture(LogPipe *self G_GNUC_UNUSED, LogMessage *msg, const LogPathOptions *path_options)
{
  g_ptr_array_add(captured, log_msg_ref(msg));
  log_msg_drop(msg, path_options, AT_PROCESSED);
}

static void
_unref_message(gpointer msg)
{
  log_msg_unref(msg);
}

static void
_keep_log(LogMessage *msg)
{
  g_string_append(log_text, log_msg_get_value(msg, LM_V_MESSAGE, NULL));
  g_string_append_c(log_text, '\n');
  log_msg_unref(msg);
}

void
harness_start(const gchar *module)
{
  const gchar *build = g_getenv("SIAGA_BUILDDIR"), *system = g_getenv("SYSLOG_NG_MODULE_DIR");
  gchar *path = g_strconcat(build, "/.libs:", system ? system : "", NULL);

  log_text = g_string_new(NULL);
  captured = g_ptr_array_new_with_free_func(_unref_message);
  app_startup();
  configuration = cfg_new_snippet();
  cfg_set_global_paths(configuration);
  plugin_context_set_module_path(&configuration->plugin_context, path);
  if (module)
    g_assert_true(cfg_load_module(configuration, module));
  msg_set_post_func(_keep_log);
  sink = log_pipe_new(configuration);
  sink->queue = _capture;
  g_assert_true(log_pipe_init(sink));
  g_free(path);
}

void
harness_stop(void)
{
  log_pipe_deinit(sink);
  log_pipe_unref(sink);
  g_ptr_array_unref(captured);
  msg_set_post_func(NULL);
  cfg_free(configuration);
  configuration = NULL;
  app_shutdown();
  g_string_free(log_text, TRUE);
  g_clear_pointer(&value, g_free);
}

const gchar *
harness_log(void)
{
  return log_text->str;
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
  log_pipe_append(&parser->super, sink);
  g_assert_true(log_pipe_init(&parser->super));
  return parser;
}

void
harness_free(LogParser *parser)
{
  log_pipe_deinit(&parser->super);
  log_pipe_unref(&parser->super);
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

LogMessage *
harness_send_message(LogParser *parser, LogMessage *msg)
{
  LogPathOptions path_options = LOG_PATH_OPTIONS_INIT_NOACK;
  guint before = captured->len;

  log_pipe_queue(&parser->super, msg, &path_options);
  return captured->len > before ? harness_get(captured->len - 1) : NULL;
}

LogMessage *
harness_send(LogParser *parser, const gchar *line, gssize length)
{
  return harness_send_message(parser, harness_new_message(line, length));
}

guint
harness_count(void)
{
  return captured->len;
}

LogMessage *
harness_get(guint index)
{
  return g_ptr_array_index(captured, index);
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
