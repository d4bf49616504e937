/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Options of a room: from the configuration's words into the room's struct. */

#include "glue/room.h"
#include "modules/glue/room-grammar.h"

#include <siaga/quantity.h>

#include <cfg-grammar-internal.h>
#include <messages.h>

#include <string.h>

CFG_PARSER_DECLARE_LEXER_BINDING(siaga_room_, SIAGA_ROOM_, LogParser **)

/* Core keywords are no keywords in here: option names and unquoted values are identifiers in every release. */
static CfgLexerKeyword keywords[] = { { .kw_name = CFG_KEYWORD_STOP }, { .kw_name = NULL } };

static gboolean
_unref_pipe(gpointer pipe)
{
  return log_pipe_unref(pipe);
}

static void
_cleanup(gpointer instance)
{
  _unref_pipe(instance);
}

CfgParser siaga_room_parser = {
  .name = "siaga",
  .keywords = keywords,
  .parse = (gint(*)(CfgLexer *, gpointer *, gpointer)) siaga_room_parse,
  .cleanup = _cleanup,
};

/* The host's macro defines a function that does not use all it is given. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
CFG_PARSER_IMPLEMENT_LEXER_BINDING(siaga_room_, SIAGA_ROOM_, LogParser **)
#pragma GCC diagnostic pop

/* What the grammar is reading: configurations are read by the main thread, one parser at a time. */
static SiagaRoomOptions *reading;
static GString *complaint;

static gpointer
_member(gconstpointer options, const SiagaOption *option)
{
  return (guint8 *) options + option->offset;
}

#define MEMBER(options, option, type) (*(type *) _member(options, option))

static void
_clear_options(gpointer options)
{
  SiagaRoomOptions *self = options;

  for (const SiagaOption *option = self->table; option->name; option++)
    if (option->kind == SIAGA_OPTION_TEXT)
      g_free(MEMBER(self, option, gchar *));
    else if (option->kind == SIAGA_OPTION_LIST && MEMBER(self, option, GPtrArray *))
      g_ptr_array_unref(MEMBER(self, option, GPtrArray *));
  g_free(self->location);
}

gpointer
siaga_options_ref(gpointer options)
{
  return g_atomic_rc_box_acquire(options);
}

void
siaga_options_unref(gpointer options)
{
  if (options)
    g_atomic_rc_box_release_full(options, _clear_options);
}

static gpointer
_new_options(const SiagaRoom *room, const gchar *location)
{
  SiagaRoomOptions *self = g_atomic_rc_box_alloc0(room->options_size);
  if (room->set_defaults)
    room->set_defaults(self);
  self->table = room->options;
  self->location = g_strdup(location);
  return self;
}

static void
_describe_list(const gchar *name, const GPtrArray *list, GString *out)
{
  for (guint i = 0; list && i < list->len; i++)
    g_string_append_printf(out, "%s=%s\n", name, (const gchar *) g_ptr_array_index(list, i));
}

static void
_describe(const SiagaOption *option, gconstpointer options, gconstpointer defaults, GString *out)
{
  switch (option->kind)
    {
    case SIAGA_OPTION_TEXT:
      if (g_strcmp0(MEMBER(options, option, gchar *), MEMBER(defaults, option, gchar *)) != 0)
        g_string_append_printf(out, "%s=%s\n", option->name, MEMBER(options, option, gchar *));
      break;
    case SIAGA_OPTION_LIST:
      _describe_list(option->name, MEMBER(options, option, GPtrArray *), out);
      break;
    case SIAGA_OPTION_YESNO:
    case SIAGA_OPTION_FLAG:
    case SIAGA_OPTION_WORD:
      if (MEMBER(options, option, guint) != MEMBER(defaults, option, guint))
        g_string_append_printf(out, "%s=%u\n", option->name, MEMBER(options, option, guint));
      break;
    default:
      if (MEMBER(options, option, gint64) != MEMBER(defaults, option, gint64))
        g_string_append_printf(out, "%s=%" G_GINT64_FORMAT "\n", option->name, MEMBER(options, option, gint64));
      break;
    }
}

void
siaga_options_describe(const SiagaRoom *room, gconstpointer options, GString *out)
{
  gpointer defaults = _new_options(room, NULL);
  for (const SiagaOption *option = room->options; option->name; option++)
    if (!option->incidental)
      _describe(option, options, defaults, out);
  siaga_options_unref(defaults);
}

const gchar *const *
siaga_option_strings(const GPtrArray *list)
{
  if (!list)
    return NULL;
  const gchar **strings = g_new0(const gchar *, list->len + 1);
  for (guint i = 0; i < list->len; i++)
    strings[i] = g_ptr_array_index(list, i);
  return strings;
}

static SiagaOptionValue *
_new_value(void)
{
  return g_new0(SiagaOptionValue, 1);
}

SiagaOptionValue *
siaga_option_value_text(const gchar *text)
{
  SiagaOptionValue *self = _new_value();
  self->text = g_strdup(text);
  return self;
}

SiagaOptionValue *
siaga_option_value_integer(gint64 number)
{
  SiagaOptionValue *self = _new_value();
  self->integer = number;
  self->number = number;
  return self;
}

SiagaOptionValue *
siaga_option_value_real(gdouble number)
{
  SiagaOptionValue *self = _new_value();
  self->real = TRUE;
  self->number = number;
  return self;
}

void
siaga_option_value_free(gpointer value)
{
  SiagaOptionValue *self = value;
  g_free(self->text);
  g_free(self);
}

static gboolean
_in_range(const SiagaOption *option, gint64 number)
{
  if (option->minimum == 0 && option->maximum == 0)
    return number >= 0;
  return number >= option->minimum && number <= option->maximum;
}

static void
_append_limit(SiagaOptionKind kind, gint64 limit)
{
  if (kind == SIAGA_OPTION_SIZE)
    {
      gchar *text = g_format_size_full(limit, G_FORMAT_SIZE_IEC_UNITS);
      g_string_append(complaint, text);
      g_free(text);
    }
  else if (kind == SIAGA_OPTION_DURATION)
    g_string_append_printf(complaint, "%g s", limit / 1e6);
  else
    g_string_append_printf(complaint, "%" G_GINT64_FORMAT, limit);
}

static void
_complain_of_range(const SiagaOption *option)
{
  g_string_printf(complaint, "%s(): the number is out of range", option->name);
  if (option->minimum == 0 && option->maximum == 0)
    return;
  g_string_append(complaint, ", which is ");
  _append_limit(option->kind, option->minimum);
  g_string_append(complaint, " to ");
  _append_limit(option->kind, option->maximum);
}

/* In quotes or without. */
static gboolean
_read_number(const SiagaOption *option, const SiagaOptionValue *value, gint64 *number_r)
{
  gchar digits[G_ASCII_DTOSTR_BUF_SIZE];
  const gchar *text = value->text ? value->text : g_ascii_dtostr(digits, sizeof digits, value->number);

  if (option->kind == SIAGA_OPTION_SIZE)
    return siaga_size_parse(text, number_r);
  if (option->kind == SIAGA_OPTION_DURATION)
    return siaga_duration_parse(text, number_r);
  return !value->real && g_ascii_string_to_signed(text, 10, G_MININT64, G_MAXINT64, number_r, NULL);
}

static gboolean
_set_number(const SiagaOption *option, const SiagaOptionValue *value)
{
  static const gchar *const expected[] = {
    [SIAGA_OPTION_INTEGER] = "a whole number",
    [SIAGA_OPTION_SIZE] = "a number of bytes such as 160MiB",
    [SIAGA_OPTION_DURATION] = "seconds, or a number with ms, s, m, h or d",
  };
  gint64 number;

  if (!_read_number(option, value, &number))
    g_string_printf(complaint, "%s() expects %s", option->name, expected[option->kind]);
  else if (!_in_range(option, number))
    _complain_of_range(option);
  else
    {
      MEMBER(reading, option, gint64) = number;
      return TRUE;
    }
  return FALSE;
}

static gboolean
_set_yesno(const SiagaOption *option, const SiagaOptionValue *value)
{
  static const gchar *const yes[] = { "yes", "on", "true", NULL }, *const no[] = { "no", "off", "false", NULL };

  if (value->text ? g_strv_contains(yes, value->text) : !value->real && value->integer == 1)
    MEMBER(reading, option, gboolean) = TRUE;
  else if (value->text ? g_strv_contains(no, value->text) : !value->real && value->integer == 0)
    MEMBER(reading, option, gboolean) = FALSE;
  else
    {
      g_string_printf(complaint, "%s() expects yes or no", option->name);
      return FALSE;
    }
  return TRUE;
}

static gboolean
_set_word(const SiagaOption *option, const SiagaOptionValue *value)
{
  for (guint i = 0; value->text && option->words[i]; i++)
    if (strcmp(option->words[i], value->text) == 0)
      {
        MEMBER(reading, option, guint) = i;
        return TRUE;
      }
  gchar *words = g_strjoinv(", ", (gchar **) option->words);
  g_string_printf(complaint, "%s() expects one of: %s", option->name, words);
  g_free(words);
  return FALSE;
}

static gboolean
_accept_text(const SiagaOption *option, const SiagaOptionValue *value)
{
  if (!value->text)
    {
      g_string_printf(complaint, "%s() expects text, in quotes", option->name);
      return FALSE;
    }
  g_string_printf(complaint, "%s(): ", option->name);
  return !option->check || option->check(value->text, complaint);
}

/* An empty text means not given, in lists too: a block passes what its user left out on that way. */
static gboolean
_set_text(const SiagaOption *option, const SiagaOptionValue *value)
{
  gboolean empty = value->text && !*value->text;

  if (!empty && !_accept_text(option, value))
    return FALSE;
  g_free(MEMBER(reading, option, gchar *));
  MEMBER(reading, option, gchar *) = empty ? NULL : g_strdup(value->text);
  return TRUE;
}

static gboolean
_set_list(const SiagaOption *option, const GPtrArray *values)
{
  for (guint i = 0; i < values->len; i++)
    {
      const SiagaOptionValue *value = g_ptr_array_index(values, i);
      if (value->text && !*value->text)
        continue;
      if (!_accept_text(option, value))
        return FALSE;
      if (!MEMBER(reading, option, GPtrArray *))
        MEMBER(reading, option, GPtrArray *) = g_ptr_array_new_with_free_func(g_free);
      g_ptr_array_add(MEMBER(reading, option, GPtrArray *), g_strdup(value->text));
    }
  return TRUE;
}

static gboolean
_set(const SiagaOption *option, const GPtrArray *values)
{
  if (!values)
    {
      if (option->kind == SIAGA_OPTION_FLAG)
        return MEMBER(reading, option, gboolean) = TRUE;
      g_string_printf(complaint, "%s expects a value: %s(…)", option->name, option->name);
      return FALSE;
    }
  if (option->kind == SIAGA_OPTION_LIST)
    return _set_list(option, values);
  if (values->len != 1)
    {
      if (option->kind == SIAGA_OPTION_FLAG)
        g_string_printf(complaint, "%s() expects yes or no; without brackets it means yes", option->name);
      else
        g_string_printf(complaint, "%s() expects one value", option->name);
      return FALSE;
    }
  const SiagaOptionValue *value = g_ptr_array_index(values, 0);
  switch (option->kind)
    {
    case SIAGA_OPTION_TEXT:
      return _set_text(option, value);
    case SIAGA_OPTION_YESNO:
    case SIAGA_OPTION_FLAG:
      return _set_yesno(option, value);
    case SIAGA_OPTION_WORD:
      return _set_word(option, value);
    default:
      return _set_number(option, value);
    }
}

/* '-' and '_' are the same to the user. */
static gboolean
_same_name(const gchar *a, const gchar *b)
{
  for (; *a && *b; a++, b++)
    if ((*a == '_' ? '-' : *a) != (*b == '_' ? '-' : *b))
      return FALSE;
  return *a == *b;
}

static const SiagaOption *
_find(const gchar *name)
{
  for (const SiagaOption *option = siaga_room.options; option->name; option++)
    if (_same_name(option->name, name))
      return option;
  return NULL;
}

static void
_complain_unknown(const gchar *name)
{
  g_string_printf(complaint, "unknown option %s; known are:", name);
  for (const SiagaOption *option = siaga_room.options; option->name; option++)
    g_string_append_printf(complaint, " %s", option->name);
}

void
siaga_room_begin(const gchar *location)
{
  if (!complaint)
    complaint = g_string_new(NULL);
  siaga_options_unref(reading); /* left over from a syntax error */
  reading = _new_options(&siaga_room, location);
}

const gchar *
siaga_room_option(const gchar *name, GPtrArray *values)
{
  const SiagaOption *option = _find(name);
  gboolean done = option && _set(option, values);

  if (!option)
    _complain_unknown(name);
  if (values)
    g_ptr_array_unref(values);
  return done ? NULL : complaint->str;
}

LogParser *
siaga_room_finish(GlobalConfig *cfg, const gchar **error_r)
{
  SiagaDiag *diag = siaga_diag_new();
  LogParser *parser = siaga_room.construct(cfg, g_steal_pointer(&reading), diag);

  siaga_report(diag);
  siaga_diag_free(diag);
  g_string_printf(complaint, "%s() cannot be used: see the messages above", siaga_room.name);
  *error_r = complaint->str;
  return parser;
}

gboolean
siaga_report(const SiagaDiag *diag)
{
  GString *text = g_string_new(NULL);

  for (guint i = 0; i < siaga_diag_size(diag); i++)
    {
      const SiagaDiagMessage *message = siaga_diag_get(diag, i);
      if (message->level == SIAGA_DIAG_NOTE)
        continue;
      g_string_truncate(text, 0);
      siaga_diag_format(message, text);
      if (message->level == SIAGA_DIAG_ERROR)
        msg_error(text->str);
      else
        msg_warning(text->str);
    }
  g_string_free(text, TRUE);
  return siaga_diag_count(diag, SIAGA_DIAG_ERROR) == 0;
}
