/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Lines and events on messages, with handles looked up once and buffers kept per thread. */

#include "glue/handover.h"
#include "glue/message.h"

#include <logmsg/tags.h>

#include <string.h>

#define DAY (86400 * SIAGA_SECOND)

#define HANDED_OVER 0x31485653u /* "SVH1"; packed events begin otherwise and are longer */

/* What stands in the message while the event itself is handed over. */
typedef struct
{
  guint32 magic;
  guint32 fingerprint;
  guint64 number;
} Token;

static NVHandle event_handle, file_name_handle;
static LogTagId incident_tag, unparsed_tag;

/* Once: a reload comes here while the threads of the old configuration still read. */
void
siaga_message_init(void)
{
  static gsize made;

  if (!g_once_init_enter(&made))
    return;
  siaga_handover_init();
  event_handle = log_msg_get_value_handle(".siaga.event");
  file_name_handle = log_msg_get_value_handle("FILE_NAME");
  incident_tag = log_tags_get_by_name("siaga.incident");
  unparsed_tag = log_tags_get_by_name("siaga.unparsed");
  g_once_init_leave(&made, 1);
}

static void
_scratch_free(gpointer data)
{
  SiagaScratch *self = data;
  siaga_event_free(self->own);
  siaga_arena_free(self->arena);
  g_string_free(self->line, TRUE);
  g_string_free(self->incoming, TRUE);
  g_string_free(self->packed, TRUE);
  g_string_free(self->unpacked, TRUE);
  g_string_free(self->text, TRUE);
  g_free(self);
}

static SiagaScratch *
_scratch_new(const SiagaFields *fields)
{
  static GPrivate owner = G_PRIVATE_INIT(_scratch_free);
  SiagaScratch *self = g_new0(SiagaScratch, 1);
  self->own = siaga_event_new(fields);
  self->arena = siaga_arena_new();
  self->line = g_string_sized_new(1024);
  self->incoming = g_string_sized_new(4096);
  self->packed = g_string_sized_new(4096);
  self->unpacked = g_string_sized_new(4096);
  self->text = g_string_sized_new(256);
  g_private_replace(&owner, self);
  return self;
}

SiagaScratch *
siaga_scratch(const SiagaFields *fields)
{
  static __thread SiagaScratch *current;

  if (G_UNLIKELY(!current))
    current = _scratch_new(fields);
  current->event = current->own;
  /* A room behind has taken it for its own, or there are several configurations. */
  if (current->own->fields != fields)
    {
      siaga_event_reset(current->own);
      current->own->fields = fields;
    }
  return current;
}

gboolean
siaga_message_is_foreign(const LogMessage *msg)
{
  return (msg->flags & LF_INTERNAL) || log_msg_is_tag_by_id((LogMessage *) msg, incident_tag);
}

void
siaga_message_mark_incident(LogMessage *msg)
{
  log_msg_set_tag_by_id(msg, incident_tag);
}

void
siaga_message_tag_unparsed(LogMessage *msg)
{
  log_msg_set_tag_by_id(msg, unparsed_tag);
}

static SiagaTime
_stamp(const LogMessage *msg, gint which)
{
  const UnixTime *stamp = &msg->timestamps[which];
  return stamp->ut_sec * SIAGA_SECOND + stamp->ut_usec;
}

SiagaTime
siaga_message_received(const LogMessage *msg)
{
  return _stamp(msg, LM_TS_RECVD);
}

void
siaga_message_take_received(const LogMessage *msg, SiagaEvent *event)
{
  if (event->time_kind != SIAGA_TIME_NONE)
    return;
  event->time = siaga_message_received(msg);
  event->time_kind = SIAGA_TIME_RECEIVED;
}

/* syslog-ng puts a year-less stamp of next month into the future. */
static SiagaTime
_last_year(SiagaTime time)
{
  GDateTime *when = g_date_time_new_from_unix_utc(time / SIAGA_SECOND);
  GDateTime *before = when ? g_date_time_add_years(when, -1) : NULL;
  SiagaTime moved = before ? g_date_time_to_unix(before) * SIAGA_SECOND + time % SIAGA_SECOND : time;

  g_clear_pointer(&before, g_date_time_unref);
  g_clear_pointer(&when, g_date_time_unref);
  return moved;
}

static void
_take_time(const LogMessage *msg, SiagaLine *line, gboolean year_was_guessed)
{
  SiagaTime received = _stamp(msg, LM_TS_RECVD), stamp = _stamp(msg, LM_TS_STAMP);

  if (line->has_time || stamp == received)
    return;
  line->time = year_was_guessed && stamp > received + DAY ? _last_year(stamp) : stamp;
  line->zone = msg->timestamps[LM_TS_STAMP].ut_gmtoff;
  line->has_time = TRUE;
}

static const gchar *
_copy_value(const LogMessage *msg, NVHandle handle, SiagaArena *arena, gsize *length_r)
{
  gssize length = 0;
  const gchar *value = log_msg_get_value(msg, handle, &length);

  *length_r = length > 0 ? length : 0;
  return length > 0 ? siaga_arena_copy(arena, value, length) : NULL;
}

static void
_copy_if_absent(const LogMessage *msg, NVHandle handle, SiagaArena *arena, const gchar **text, gsize *length)
{
  if (!*text)
    *text = _copy_value(msg, handle, arena, length);
}

/* The message was parsed by syslog-ng.  With a legacy header its words stand in the line and were read from there. */
static void
_take_parsed(const LogMessage *msg, SiagaArena *arena, gboolean legacy, SiagaLine *line)
{
  if (!legacy)
    {
      _copy_if_absent(msg, LM_V_PROGRAM, arena, &line->program, &line->program_length);
      _copy_if_absent(msg, LM_V_PID, arena, &line->pid, &line->pid_length);
    }
  _copy_if_absent(msg, LM_V_HOST, arena, &line->host, &line->host_length);
  _take_time(msg, line, legacy);
  line->priority = msg->pri;
}

static gsize
_without_line_end(const GString *text)
{
  gsize length = text->len;
  while (length && (text->str[length - 1] == '\n' || text->str[length - 1] == '\r'))
    length--;
  return length;
}

void
siaga_message_read_line(const LogMessage *msg, const SiagaTimeContext *context, SiagaScratch *scratch, SiagaLine *line)
{
  gssize header_length = 0, length = 0, program_length = 0;
  gsize file_length;
  const gchar *header = log_msg_get_value(msg, LM_V_LEGACY_MSGHDR, &header_length);
  const gchar *text = log_msg_get_value(msg, LM_V_MESSAGE, &length);

  siaga_arena_reset(scratch->arena);
  g_string_truncate(scratch->line, 0);
  g_string_append_len(scratch->line, header, header_length);
  g_string_append_len(scratch->line, text, length);
  siaga_line_read(line, scratch->line->str, _without_line_end(scratch->line), context, scratch->arena);
  log_msg_get_value(msg, LM_V_PROGRAM, &program_length);
  if (header_length > 0 || program_length > 0)
    _take_parsed(msg, scratch->arena, header_length > 0, line);
  line->file = _copy_value(msg, file_name_handle, scratch->arena, &file_length);
  if (line->file && strcmp(line->file, "-") == 0) /* standard input */
    line->file = NULL;
}

static inline guint64
_mix(guint64 a, guint64 b)
{
  __uint128_t product = (__uint128_t) (a ^ G_GUINT64_CONSTANT(0x9e3779b97f4a7c15)) * (b ^ 0xd6e8feb86659fd93u);
  return (guint64) product ^ (guint64) (product >> 64);
}

guint64
siaga_hash_bytes(const gchar *bytes, gsize length, guint64 seed)
{
  guint64 hash = _mix(seed, length), a, b;

  for (; length >= 16; bytes += 16, length -= 16)
    {
      memcpy(&a, bytes, 8);
      memcpy(&b, bytes + 8, 8);
      hash = _mix(hash ^ a, b);
    }
  guint64 rest[2] = { 0, 0 };
  memcpy(rest, bytes, length);
  return _mix(hash ^ rest[0], rest[1]);
}

guint64
siaga_message_stream(const LogMessage *msg)
{
  const NVHandle handles[] = { LM_V_SOURCE, file_name_handle, LM_V_HOST };
  guint64 hash = 0;

  for (guint i = 0; i < G_N_ELEMENTS(handles); i++)
    {
      gssize length = 0;
      const gchar *value = log_msg_get_value(msg, handles[i], &length);
      hash = siaga_hash_bytes(value, length, hash + i);
    }
  return hash;
}

gboolean
siaga_message_may_come_again(const LogMessage *msg)
{
  gssize length = 0;
  log_msg_get_value(msg, file_name_handle, &length);
  return length > 0;
}

gboolean
siaga_message_has_event(const LogMessage *msg)
{
  gssize length = 0;
  log_msg_get_value(msg, event_handle, &length);
  return length > 0;
}

void
siaga_message_hand_over(LogMessage *msg, SiagaScratch *scratch)
{
  Token token = {
    .magic = HANDED_OVER,
    .fingerprint = siaga_fields_fingerprint(scratch->event->fields),
    .number = siaga_handover_put(scratch->event),
  };
  log_msg_set_value_with_type(msg, event_handle, (const gchar *) &token, sizeof token, SIAGA_LM_BYTES);
}

void
siaga_message_put_event(LogMessage *msg, SiagaScratch *scratch)
{
  if (scratch->event != scratch->own) /* handed over, and on to the next room */
    return;
  if (!siaga_handover_has_takers())
    {
      siaga_message_hand_over(msg, scratch);
      return;
    }
  siaga_event_pack(scratch->event, scratch->packed);
  log_msg_set_value_with_type(msg, event_handle, scratch->packed->str, scratch->packed->len, SIAGA_LM_BYTES);
}

static gboolean
_is_handed_over(const gchar *bytes, gssize length, Token *token)
{
  if (length != sizeof *token)
    return FALSE;
  memcpy(token, bytes, sizeof *token);
  return token->magic == HANDED_OVER;
}

static gboolean
_take_over(const Token *token, SiagaScratch *scratch)
{
  const SiagaFields *fields = scratch->own->fields;
  SiagaEvent *event = token->fingerprint == siaga_fields_fingerprint(fields) ? siaga_handover_get(token->number) : NULL;

  if (!event)
    return FALSE;
  event->fields = fields;
  scratch->event = event;
  return TRUE;
}

gboolean
siaga_message_get_event(const LogMessage *msg, SiagaScratch *scratch)
{
  gssize length = 0;
  const gchar *bytes = log_msg_get_value(msg, event_handle, &length);
  Token token;

  if (length <= 0)
    return FALSE;
  if (_is_handed_over(bytes, length, &token))
    return _take_over(&token, scratch);
  g_string_truncate(scratch->unpacked, 0);
  g_string_append_len(scratch->unpacked, bytes, length);
  scratch->event = scratch->own;
  return siaga_event_unpack(scratch->event, scratch->unpacked->str, scratch->unpacked->len);
}

void
siaga_message_drop_event(LogMessage *msg)
{
  log_msg_unset_value(msg, event_handle);
}
