/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * syslog-ng's own start and end, its grammar and its messages. */

#include "tests/harness/harness.h"

#include "glue/room.h"

#include <apphook.h>
#include <cfg-grammar.h>
#include <cfg-lexer.h>
#include <cfg-parser.h>
#include <cfg.h>
#include <logmsg/tags.h>
#include <messages.h>
#include <plugin.h>

#include <string.h>

/* The glue asks for the room that it is linked to. */
__attribute__((weak)) const SiagaRoom siaga_room = { .name = "none" };

static GPtrArray *messages, *values;

/* What the daemon would log is not what is tested here. */
static void
_drop_log(LogMessage *msg)
{
  log_msg_unref(msg);
}

static void
_free_message(gpointer msg)
{
  log_msg_unref(msg);
}

void
harness_start(void)
{
  app_startup();
  configuration = cfg_new_snippet();
  cfg_set_global_paths(configuration);
  msg_set_post_func(_drop_log);
  messages = g_ptr_array_new_with_free_func(_free_message);
  values = g_ptr_array_new_with_free_func(g_free);
}

void
harness_stop(void)
{
  g_ptr_array_unref(values);
  g_ptr_array_unref(messages);
  msg_set_post_func(NULL);
  cfg_free(configuration);
  configuration = NULL;
  app_shutdown();
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
harness_message(const gchar *line, gssize length)
{
  LogMessage *msg = log_msg_new_empty();
  log_msg_set_value(msg, LM_V_MESSAGE, line, length);
  log_msg_set_value(msg, LM_V_HOST, "here", -1);
  msg->timestamps[LM_TS_STAMP] = msg->timestamps[LM_TS_RECVD];
  g_ptr_array_add(messages, msg);
  return msg;
}

const gchar *
harness_value(LogMessage *msg, const gchar *name)
{
  gssize length = 0;
  const gchar *text = log_msg_get_value_by_name(msg, name, &length);

  gchar *value = g_strndup(text, length);
  g_ptr_array_add(values, value);
  return value;
}

gboolean
harness_has_tag(LogMessage *msg, const gchar *name)
{
  return log_msg_is_tag_by_name(msg, name);
}
