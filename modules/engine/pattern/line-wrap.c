/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Docker's json-file and Compose's prefix, the container runtime interface (CRI), pods of Kubernetes, the journal's
 * JSON export, and what carries lines: Filebeat, Fluent Bit, Vector, GELF, Splunk, Loki, the clouds' log services,
 * syslog daemons that write JSON, Kiwi's columns. */

#define _GNU_SOURCE 1 /* memmem, memrchr */

#include "line-wrap.h"
#include "leaves.h"
#include "stamp.h"

#include <string.h>

#define COMPOSE_NAME_MAX 96 /* a container's name, padded */
#define COLOUR_MAX 12       /* bytes of a terminal's colour: "\033[38;5;12m" */
#define POD_NAMES_MAX 256
#define PATH_NAME_MAX 160
#define COLUMN_MAX 64
#define POD_NAME_MIN 14     /* a-bcdfgh-x2x4z */
#define FLUENT_BIT_LEAVES 4 /* more is an application's own JSON */
#define GELF_LEAVES 12
#define RELAY_LEAVES 32

/* NAME NULL: none. */
static const SiagaLeaf *
_leaf(const SiagaLeaves *leaves, const gchar *name)
{
  if (!name)
    return NULL;
  const gsize length = strlen(name);
  const SiagaLeaf *leaf = siaga_leaf_find(leaves, name, length, siaga_leaf_hash(name, length));
  return leaf && leaf->kind != SIAGA_LEAF_NULL ? leaf : NULL;
}

static void
_set_text(SiagaLine *line, const gchar *text, gsize length)
{
  while (length && (text[length - 1] == '\n' || text[length - 1] == '\r'))
    length--;
  line->text = text;
  line->text_length = MIN(length, SIAGA_LINE_MAX);
}

static void
_set_time(SiagaLine *line, SiagaTimeFormat format, const SiagaLeaf *leaf, const SiagaTimeContext *context)
{
  if (!leaf)
    return;
  line->has_time = siaga_time_parse(format, leaf->text, leaf->length, context, &line->time, &line->zone);
  line->time_bad = !line->has_time;
}

static void
_set_word(const SiagaLeaf *leaf, const gchar **text_r, gsize *length_r)
{
  if (!leaf || !leaf->length)
    return;
  *text_r = leaf->text;
  *length_r = leaf->length;
}

/* The line that TEXT is, HOST's, when it was read.  FALSE where there is no such text; the others may be NULL. */
static gboolean
_carry(SiagaLine *line, const SiagaLeaf *text, const SiagaLeaf *host, const SiagaLeaf *time, SiagaTimeFormat format,
       const SiagaTimeContext *context)
{
  if (!text || text->kind != SIAGA_LEAF_STRING)
    return FALSE;
  _set_word(host, &line->host, &line->host_length);
  _set_text(line, text->text, text->length);
  _set_time(line, format, time, context);
  return TRUE;
}

/* {"log":"…\n","stream":"stdout","time":"2026-01-24T01:37:00.123456789Z"}; Fluent Bit may leave the time out. */
static gboolean
_unwrap_docker(SiagaLine *line, const SiagaLeaves *leaves, const SiagaTimeContext *context)
{
  return _leaf(leaves, "stream") &&
         _carry(line, _leaf(leaves, "log"), NULL, _leaf(leaves, "time"), SIAGA_TIME_FORMAT_ISO8601, context);
}

/* {"date":1769218620.123,"log":"…"} */
static gboolean
_unwrap_fluent_bit(SiagaLine *line, const SiagaLeaves *leaves, const SiagaTimeContext *context)
{
  const SiagaLeaf *date = _leaf(leaves, "date");
  return date && leaves->count <= FLUENT_BIT_LEAVES &&
         _carry(line, _leaf(leaves, "log"), NULL, date, SIAGA_TIME_FORMAT_AUTO, context);
}

static gboolean
_is_windows_event(const SiagaLeaves *leaves)
{
  for (guint i = 0; i < leaves->count; i++)
    {
      const SiagaLeaf *leaf = &leaves->leaves[i];
      if (memmem(leaf->path, leaf->path_length, "EventID", 7) || memmem(leaf->path, leaf->path_length, "event_id", 8))
        return TRUE;
    }
  return FALSE;
}

/* {"version":"1.1","host":"web1","short_message":"…","full_message":"…","timestamp":1769218620.123}; an event of
 * Windows has its fields beside the text. */
static gboolean
_unwrap_gelf(SiagaLine *line, const SiagaLeaves *leaves, const SiagaTimeContext *context)
{
  const SiagaLeaf *full = _leaf(leaves, "full_message"), *text = full ? full : _leaf(leaves, "short_message");
  return _leaf(leaves, "version") && leaves->count <= GELF_LEAVES && !_is_windows_event(leaves) &&
         _carry(line, text, _leaf(leaves, "host"), _leaf(leaves, "timestamp"), SIAGA_TIME_FORMAT_EPOCH, context);
}

/* {"file":"/var/log/x.log","host":"web1","message":"…","source_type":"file","timestamp":"2026-01-24T01:37:00.123Z"};
 * what it takes from syslog has the program's name beside. */
static gboolean
_unwrap_vector(SiagaLine *line, const SiagaLeaves *leaves, const SiagaTimeContext *context)
{
  if (!_leaf(leaves, "source_type") || !_carry(line, _leaf(leaves, "message"), _leaf(leaves, "host"),
                                               _leaf(leaves, "timestamp"), SIAGA_TIME_FORMAT_ISO8601, context))
    return FALSE;
  _set_word(_leaf(leaves, "appname"), &line->program, &line->program_length);
  _set_word(_leaf(leaves, "procid"), &line->pid, &line->pid_length);
  return TRUE;
}

/* journalctl -o json */
static gboolean
_unwrap_journal(SiagaLine *line, const SiagaLeaves *leaves, const SiagaTimeContext *context)
{
  const SiagaLeaf *message = _leaf(leaves, "MESSAGE"), *time = _leaf(leaves, "__REALTIME_TIMESTAMP");
  if (!message || message->kind != SIAGA_LEAF_STRING || !time)
    return FALSE;
  const SiagaLeaf *program = _leaf(leaves, "SYSLOG_IDENTIFIER"), *pid = _leaf(leaves, "SYSLOG_PID");
  _set_word(program ? program : _leaf(leaves, "_COMM"), &line->program, &line->program_length);
  _set_word(pid ? pid : _leaf(leaves, "_PID"), &line->pid, &line->pid_length);
  _set_word(_leaf(leaves, "_HOSTNAME"), &line->host, &line->host_length);
  _set_text(line, message->text, message->length);
  _set_time(line, SIAGA_TIME_FORMAT_EPOCH_US, time, context);
  return TRUE;
}

/* {"@timestamp":"2026-01-24T01:37:00.123Z","message":"…","host":{"name":"web1"},"agent":{"type":"filebeat"}}.  The
 * stamp is when the line was read. */
static gboolean
_unwrap_filebeat(SiagaLine *line, const SiagaLeaves *leaves, const SiagaTimeContext *context)
{
  const SiagaLeaf *host = _leaf(leaves, "host.name");
  return _carry(line, _leaf(leaves, "message"), host ? host : _leaf(leaves, "beat.hostname"),
                _leaf(leaves, "@timestamp"), SIAGA_TIME_FORMAT_ISO8601, context);
}

/* What a syslog daemon or a collector makes of a message: the header's parts as keys beside the text.  Of several keys
 * the first that is there counts. */
typedef struct
{
  const gchar *program; /* NULL: the text has a header of its own, or none */
  const gchar *text[2], *host[2], *pid[2], *time[2];
} Relay;

/* the journal, by Fluent Bit */
static const Relay journal_relay = {
  "SYSLOG_IDENTIFIER", { "MESSAGE" }, { "_HOSTNAME" }, { "SYSLOG_PID", "_PID" }, { "date" }
};
/* $(format-json) of syslog-ng */
static const Relay syslog_ng_relay = { "PROGRAM", { "MESSAGE", "MSG" }, { "HOST" }, { "PID" }, { "ISODATE", "DATE" } };
/* rsyslog's properties */
static const Relay rsyslog_relay = {
  "programname", { "msg", "message" }, { "hostname", "host" }, { "procid" }, { "timestamp", "timereported" }
};
/* Logstash, Graylog */
static const Relay logstash_relay = {
  "program", { "message" }, { "logsource", "host" }, { "pid" }, { "timestamp", "@timestamp" }
};
/* Fluentd and Fluent Bit, from syslog */
static const Relay fluentd_relay = { "ident", { "message" }, { "host" }, { "pid" }, { "time", "date" } };
/* Splunk's HTTP Event Collector */
static const Relay splunk_relay = { NULL, { "event" }, { "host" }, { NULL }, { "time" } };
/* what Splunk's searches export, Cribl */
static const Relay raw_relay = { NULL, { "_raw", "result._raw" }, { "host", "result.host" }, { NULL }, { "_time" } };
/* Loki's logcli -o jsonl */
static const Relay loki_relay = { NULL, { "line" }, { "labels.host", "labels.hostname" }, { NULL }, { "timestamp" } };
/* Google's Cloud Logging */
static const Relay google_relay = { NULL, { "textPayload" }, { NULL }, { NULL }, { "timestamp" } };
/* AWS' CloudWatch, an event of a stream */
static const Relay cloudwatch_relay = { NULL, { "message" }, { NULL }, { NULL }, { "timestamp" } };

static const SiagaLeaf *
_first_leaf(const SiagaLeaves *leaves, const gchar *const names[2])
{
  const SiagaLeaf *leaf = _leaf(leaves, names[0]);
  return leaf ? leaf : _leaf(leaves, names[1]);
}

/* An application may have a "program" of its own. */
static gboolean
_is_program(const SiagaLeaf *leaf)
{
  if (!leaf || leaf->kind != SIAGA_LEAF_STRING || !leaf->length || !g_ascii_isalpha(*leaf->text))
    return FALSE;
  for (gsize i = 0; i < leaf->length; i++)
    if (!g_ascii_isgraph(leaf->text[i]))
      return FALSE;
  return TRUE;
}

static gboolean
_unwrap_relay(SiagaLine *line, const SiagaLeaves *leaves, const SiagaTimeContext *context, const Relay *relay)
{
  const SiagaLeaf *program = _leaf(leaves, relay->program);
  if (leaves->count > RELAY_LEAVES || (relay->program && !_is_program(program)) || _is_windows_event(leaves) ||
      !_carry(line, _first_leaf(leaves, relay->text), _first_leaf(leaves, relay->host),
              _first_leaf(leaves, relay->time), SIAGA_TIME_FORMAT_AUTO, context))
    return FALSE;
  _set_word(program, &line->program, &line->program_length);
  _set_word(_first_leaf(leaves, relay->pid), &line->pid, &line->pid_length);
  /* rsyslog's text begins with the blank behind the tag */
  if (line->text_length && *line->text == ' ')
    _set_text(line, line->text + 1, line->text_length - 1);
  return TRUE;
}

typedef gboolean (*Unwrap)(SiagaLine *line, const SiagaLeaves *leaves, const SiagaTimeContext *context);

typedef struct
{
  const gchar *word; /* that no other wrapping has, its quotes with it */
  Unwrap unwrap;     /* NULL: by the keys of */
  const Relay *relay;
} Wrapping;

/* Where a line has several of the words, the first here counts. */
static const Wrapping wrappings[] = {
  { "\"stream\"", _unwrap_docker, NULL },      { "\"__REALTIME_TIMESTAMP\"", _unwrap_journal, NULL },
  { "\"filebeat\"", _unwrap_filebeat, NULL },  { "\"source_type\"", _unwrap_vector, NULL },
  { "\"short_message\"", _unwrap_gelf, NULL }, { "\"SYSLOG_IDENTIFIER\"", NULL, &journal_relay },
  { "\"PROGRAM\"", NULL, &syslog_ng_relay },   { "\"programname\"", NULL, &rsyslog_relay },
  { "\"program\"", NULL, &logstash_relay },    { "\"ident\"", NULL, &fluentd_relay },
  { "\"sourcetype\"", NULL, &splunk_relay },   { "\"_raw\"", NULL, &raw_relay },
  { "\"textPayload\"", NULL, &google_relay },  { "\"logStream\"", NULL, &cloudwatch_relay },
  { "\"labels\"", NULL, &loki_relay },
};

static const guint8 begins_word[256] = {
  ['s'] = 1, ['_'] = 1, ['f'] = 1, ['S'] = 1, ['P'] = 1, ['p'] = 1, ['i'] = 1, ['t'] = 1, ['l'] = 1
};

static gboolean
_stands_at(const gchar *p, const gchar *end, const gchar *word)
{
  const gsize length = strlen(word);
  return (gsize) (end - p) >= length && memcmp(p, word, length) == 0;
}

/* The wrapping whose word stands in the line, all words in one pass: most JSON has none of them. */
static const Wrapping *
_wrapping_of(const SiagaLine *line)
{
  const gchar *end = line->text + line->text_length;
  guint best = G_N_ELEMENTS(wrappings);
  for (const gchar *p = line->text; p < end - 1; p++)
    if (G_UNLIKELY(*p == '"' && begins_word[(guchar) p[1]]))
      for (guint i = 0; i < best; i++)
        if (p[1] == wrappings[i].word[1] && _stands_at(p, end, wrappings[i].word))
          best = i;
  return best < G_N_ELEMENTS(wrappings) ? &wrappings[best] : NULL;
}

static gboolean
_unwrap_json(SiagaLine *line, const SiagaTimeContext *context, SiagaArena *arena)
{
  static const gchar date[] = "{\"date\":"; /* a line to be unwrapped is longer */
  const Wrapping *wrapping = _wrapping_of(line);
  const gboolean dated = memcmp(line->text, date, sizeof date - 1) == 0;
  SiagaLeaves leaves;
  if ((!wrapping && !dated) || !siaga_json_scan(&leaves, line->text, line->text_length, arena))
    return FALSE;
  if (dated && _unwrap_fluent_bit(line, &leaves, context))
    return TRUE;
  if (!wrapping)
    return FALSE;
  return wrapping->relay ? _unwrap_relay(line, &leaves, context, wrapping->relay)
                         : wrapping->unwrap(line, &leaves, context);
}

/* Takes off all that stands before TEXT, the time being TIME. */
static void
_set_stamped(SiagaLine *line, const gchar *text, gboolean possible, SiagaTime time, gint32 zone)
{
  _set_text(line, text, line->text + line->text_length - text);
  line->has_time = possible;
  line->time_bad = !possible;
  line->time = possible ? time : 0;
  line->zone = possible ? zone : 0;
}

/* " stdout F " */
static gboolean
_is_stream(const gchar *p, const gchar *end)
{
  return end - p >= 10 && (memcmp(p, " stdout ", 8) == 0 || memcmp(p, " stderr ", 8) == 0) &&
         (p[8] == 'F' || p[8] == 'P') && p[9] == ' ';
}

/* A stamp with nanoseconds, from STAMP to P, and behind the blank a line that has a stamp of its own, or JSON. */
static gboolean
_is_stamped_line(const gchar *stamp, const gchar *p, const gchar *end, const SiagaTimeContext *context)
{
  static const gchar form[] = "2026-01-24T01:37:00.123456789Z", behind[] = "[{<";
  const gsize seconds = strlen("2026-01-24T01:37:00");
  if (p - stamp < (gssize) strlen(form) || end - p < 2 || stamp[seconds] != '.' || *p != ' ')
    return FALSE;
  for (gsize i = seconds + 1; i < strlen(form) - 1; i++)
    if (!g_ascii_isdigit(stamp[i]))
      return FALSE;
  SiagaTime time;
  gint32 zone;
  gboolean possible;
  p++;
  return g_ascii_isdigit(*p) || memchr(behind, *p, strlen(behind)) ||
         siaga_time_scan(SIAGA_TIME_FORMAT_RFC3164, p, end - p, context, &time, &zone, &possible);
}

/* Container runtimes: "2026-01-24T01:37:00.123456789+00:00 stdout F text"; docker logs -t:
 * "2026-01-24T01:37:00.123456789Z text" */
static gboolean
_unwrap_stamp(SiagaLine *line, const SiagaTimeContext *context)
{
  const gchar *end = line->text + line->text_length;
  SiagaTime time;
  gint32 zone;
  gboolean possible;
  gsize used =
      siaga_time_scan(SIAGA_TIME_FORMAT_ISO8601, line->text, line->text_length, context, &time, &zone, &possible);
  const gchar *p = line->text + used;
  if (used && _is_stream(p, end))
    _set_stamped(line, p + 10, possible, time, zone);
  else if (used && _is_stamped_line(line->text, p, end, context))
    _set_stamped(line, p + 1, possible, time, zone);
  else
    return FALSE;
  return TRUE;
}

/* Up to the next tabulator, NULL where none is near. */
static const gchar *
_column_end(const gchar *p, const gchar *end)
{
  return memchr(p, '\t', MIN(end - p, COLUMN_MAX));
}

/* A word, as OPNsense has it. */
static gboolean
_is_level(const gchar *p, const gchar *end)
{
  while (p < end && g_ascii_isalpha(*p))
    p++;
  return p == end;
}

/* "Local7.Notice" */
static gboolean
_is_facility_and_level(const gchar *p, const gchar *end)
{
  const gchar *facility = p;
  while (p < end && g_ascii_isalnum(*p))
    p++;
  return p > facility && end - p > 1 && *p == '.' && _is_level(p + 1, end);
}

/* A stamp, a level and NAME, each up to a tabulator; what is behind them is the text. */
static gboolean
_unwrap_columns(SiagaLine *line, const SiagaTimeContext *context,
                gboolean (*is_level)(const gchar *p, const gchar *end), const gchar **name_r, gsize *length_r)
{
  const gchar *start = line->text, *end = start + line->text_length;
  const gchar *stamp = _column_end(start, end);
  const gchar *level = stamp ? _column_end(stamp + 1, end) : NULL;
  const gchar *name = level ? _column_end(level + 1, end) : NULL;

  if (!name || name == level + 1 || !is_level(stamp + 1, level) ||
      !siaga_time_parse(SIAGA_TIME_FORMAT_ISO8601, start, stamp - start, context, &line->time, &line->zone))
    return FALSE;
  line->has_time = TRUE;
  *name_r = level + 1;
  *length_r = name - *name_r;
  _set_text(line, name + 1, end - name - 1);
  return TRUE;
}

/* OPNsense: "2026-01-24T01:37:00<tab>Informational<tab>unbound<tab>text" */
static gboolean
_unwrap_opnsense(SiagaLine *line, const SiagaTimeContext *context)
{
  return _unwrap_columns(line, context, _is_level, &line->program, &line->program_length);
}

/* Kiwi Syslog Server: "2026-01-24 01:37:00<tab>Local7.Notice<tab>192.0.2.1<tab>text" */
static gboolean
_unwrap_kiwi(SiagaLine *line, const SiagaTimeContext *context)
{
  return _unwrap_columns(line, context, _is_facility_and_level, &line->host, &line->host_length);
}

/* "docker", "docker/web".  Behind "kernel" some boxes repeat the whole line of another program; what else the kernel
 * says is its own. */
static gboolean
_is_runtime(const gchar *name, gsize length)
{
  static const gchar *const runtimes[] = { "docker", "dockerd", "podman", "conmon", "containerd", "kernel" };
  for (guint i = 0; i < G_N_ELEMENTS(runtimes); i++)
    {
      const gsize n = strlen(runtimes[i]);
      if (length >= n && memcmp(name, runtimes[i], n) == 0 && (length == n || strchr("/-_.", name[n])))
        return TRUE;
    }
  return FALSE;
}

/* "1f2e3d4c5b6a" */
static gboolean
_is_container_id(const gchar *name, gsize length)
{
  gsize digits = 0;
  while (digits < length && g_ascii_isxdigit(name[digits]) && !g_ascii_isupper(name[digits]))
    digits++;
  return digits == length && (length == 12 || length == 64);
}

/* "project-service-1", "project_service_1": one name and a number are a program's. */
static gboolean
_is_compose_name(const gchar *name, gsize length)
{
  gsize digits = 0;
  while (digits < length && digits < 3 && g_ascii_isdigit(name[length - 1 - digits]))
    digits++;
  if (!digits || digits > 2 || length < digits + 4)
    return FALSE;
  const gchar *last = name + length - 1 - digits;
  return (*last == '_' || *last == '-') && memchr(name, *last, last - name) && !memchr(name, '/', length);
}

gboolean
siaga_line_is_container(const gchar *name, gsize length)
{
  return _is_runtime(name, length) || _is_container_id(name, length) || _is_compose_name(name, length);
}

/* A name of a container, with what Swarm puts behind it: "stack_web.1.of166iz3i553@node1". */
static const gchar *
_skip_name(const gchar *p, const gchar *end)
{
  while (p < end && (g_ascii_isalnum(*p) || *p == '-' || *p == '_' || *p == '.' || *p == '@'))
    p++;
  return p;
}

/* "21:02:17 " of foreman and its kin, behind "OUT " or "ERR " where both streams are shown. */
static const gchar *
_skip_clock(const gchar *start, const gchar *end)
{
  const gchar *p = start;
  if (end - p > 4 && (memcmp(p, "OUT ", 4) == 0 || memcmp(p, "ERR ", 4) == 0))
    p += 4;
  const gsize clock = siaga_clock_length(p, end - p);
  return clock && p + clock < end && p[clock] == ' ' ? p + clock + 1 : start;
}

/* A terminal's colours, as the escape itself or as syslog daemons write it. */
static const gchar *
_skip_colours(const gchar *p, const gchar *end)
{
  for (;;)
    {
      const gsize escape = end - p > 2 && *p == '\033' ? 1 : end - p > 5 && memcmp(p, "#033", 4) == 0 ? 4 : 0;
      if (!escape || p[escape] != '[')
        return p;
      const gchar *code = p + escape + 1, *limit = code + MIN(end - code, COLOUR_MAX);
      while (code < limit && (g_ascii_isdigit(*code) || *code == ';'))
        code++;
      if (code == limit || *code != 'm')
        return p;
      p = code + 1;
    }
}

static gboolean
_unwrap_colours(SiagaLine *line)
{
  const gchar *end = line->text + line->text_length, *p = _skip_colours(line->text, end);
  if (p == line->text)
    return FALSE;
  _set_text(line, p, end - p);
  return TRUE;
}

/* An address is no container, and a column may follow it. */
static gboolean
_has_letter(const gchar *p, const gchar *end)
{
  while (p < end && !g_ascii_isalpha(*p))
    p++;
  return p < end;
}

gboolean
siaga_line_skip_compose(const gchar **text, gsize length)
{
  const gchar *start = *text, *end = start + MIN(length, COMPOSE_NAME_MAX);
  if (!memchr(start, '|', end - start)) /* nearly every line */
    return FALSE;
  const gchar *name = _skip_clock(start, end), *p = _skip_name(name, end);
  if (!_has_letter(name, p) || p == end || *p != ' ')
    return FALSE;
  while (p < end && *p == ' ')
    p++;
  if (p == end || *p != '|')
    return FALSE;
  end = start + length;
  p = _skip_colours(p + 1, end);
  if (p == end || *p != ' ')
    return FALSE;
  *text = p + 1;
  return TRUE;
}

static gboolean
_unwrap_compose(SiagaLine *line)
{
  const gchar *text = line->text;
  if (!siaga_line_skip_compose(&text, line->text_length))
    return FALSE;
  _set_text(line, text, line->text + line->text_length - text);
  return TRUE;
}

/* kubectl logs --prefix: "[pod/web-5d8f9c7b6d-x2x4z/nginx] text" */
static gboolean
_unwrap_pod(SiagaLine *line)
{
  static const gchar begin[] = "[pod/";
  const gchar *start = line->text, *end = start + MIN(line->text_length, POD_NAMES_MAX);
  if (memcmp(start, begin, strlen(begin)) != 0)
    return FALSE;
  const gchar *name = start + strlen(begin), *slash = _skip_name(name, end);
  if (slash == name || slash == end || *slash != '/')
    return FALSE;
  const gchar *p = _skip_name(slash + 1, end);
  if (p == slash + 1 || end - p < 2 || p[0] != ']' || p[1] != ' ')
    return FALSE;
  _set_text(line, p + 2, line->text_length - (p + 2 - start));
  return TRUE;
}

/* Whether a word ends as Kubernetes names pods of a deployment: -5d8f9c7b6d-x2x4z, without vowels. */
static gboolean
_is_pod(const gchar *start, const gchar *end)
{
  static const gchar letters[] = "bcdfghjklmnpqrstvwxz2456789";
  const gchar *p = end;
  for (guint i = 0; i < 5; i++)
    if (p == start || !strchr(letters, *--p))
      return FALSE;
  if (p == start || *--p != '-')
    return FALSE;
  const gchar *hash_end = p;
  while (p > start && p[-1] && strchr(letters, p[-1]))
    p--;
  return hash_end - p >= 6 && hash_end - p <= 10 && p > start && p[-1] == '-';
}

/* stern: "web-5d8f9c7b6d-x2x4z nginx text" */
static gboolean
_unwrap_stern(SiagaLine *line)
{
  const gchar *start = line->text, *end = start + MIN(line->text_length, POD_NAMES_MAX);
  const gchar *blank = memchr(start, ' ', end - start);
  if (!blank || blank - start < POD_NAME_MIN || blank[-6] != '-' || !_is_pod(start, blank) ||
      _skip_name(start, blank) != blank)
    return FALSE;
  const gchar *container = blank + 1, *p = _skip_name(container, end);
  if (p == container || p == end || *p != ' ')
    return FALSE;
  _set_text(line, p + 1, line->text_length - (p + 1 - start));
  return TRUE;
}

/* Whether a path ends in ".log" or ".log.1". */
static gboolean
_names_log(const gchar *start, const gchar *end)
{
  static const gchar ending[] = ".log";
  while (end > start && (g_ascii_isdigit(end[-1]) || end[-1] == '.'))
    end--;
  return end - start > (gssize) strlen(ending) && memcmp(end - strlen(ending), ending, strlen(ending)) == 0;
}

/* grep -H, over several files: "/var/log/nginx/access.log:text" */
static gboolean
_unwrap_grep(SiagaLine *line)
{
  const gchar *start = line->text, *end = start + MIN(line->text_length, PATH_NAME_MAX);
  const gchar *colon = memchr(start, ':', end - start);
  if (!colon || colon + 1 == end || colon[1] == ' ' || !_names_log(start, colon))
    return FALSE;
  for (const gchar *p = start; p < colon; p++)
    if (!g_ascii_isalnum(*p) && (!*p || !strchr("/._-", *p)))
      return FALSE;
  _set_text(line, colon + 1, line->text_length - (colon + 1 - start));
  return TRUE;
}

gboolean
siaga_line_unwrap(SiagaLine *line, const SiagaTimeContext *context, SiagaArena *arena)
{
  if (line->program || line->text_length < 24)
    return FALSE;
  if (line->text[0] == '{')
    return arena && _unwrap_json(line, context, arena);
  if (line->text[0] >= '0' && line->text[0] <= '9' && line->text[10] == 'T')
    return _unwrap_stamp(line, context) || _unwrap_opnsense(line, context);
  if (line->text[0] >= '0' && line->text[0] <= '9' && line->text[10] == ' ' && line->text[19] == '\t')
    return _unwrap_kiwi(line, context);
  if (line->text[0] == '[')
    return _unwrap_pod(line);
  if (line->text[0] == '\033' || line->text[0] == '#')
    return _unwrap_colours(line);
  if ((g_ascii_islower(line->text[0]) || line->text[0] == '/') && (_unwrap_stern(line) || _unwrap_grep(line)))
    return TRUE;
  return g_ascii_isalnum(line->text[0]) && _unwrap_compose(line);
}
