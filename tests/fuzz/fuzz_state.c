/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Fuzzes the readers of the checkpoint and of the journal.  A sound pair of files is made first; the input is a list of
 * changes to them, and the checksums are made right again, so that what stands behind them is reached.
 *
 * Four bytes are one change: two of place, what to do, a value. */

#include "fuzz.h"

#include "engine/correlate/journal.h"
#include "engine/correlate/state.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define T0 G_GINT64_CONSTANT(1795228200000000)
#define RULES 9

static const gchar *const bodies[RULES] = {
  NULL,
  NULL,
  "type: event_count, rules: [a], condition: { gte: 3 }",
  "type: value_count, rules: [a], condition: { field: user.name, gte: 4 }",
  "type: value_count, rules: [a], condition: { field: user.name, gte: 60 }",
  "type: temporal, rules: [a, b]",
  "type: temporal_ordered, rules: [a, b], condition: a and not b",
  "type: value_sum, rules: [a], condition: { field: source.port, gte: 100 }",
  "type: event_count, rules: [a], condition: { lt: 3 }",
};

static const gchar *const names[RULES] = { "a", "b", "c", "d", "e", "f", "g", "h", "i" };

static SiagaFields *fields;
static SiagaCorrelations *correlations;
static SiagaRule rules[RULES];
static const SiagaRule *records[RULES];
static SiagaRuleView view;
static SiagaEvent *event;
static gchar *dir, *state_path, *journal_path;
static GByteArray *payload;
/* The begin of each half of the journal, behind one another; nothing stands behind them. */
#define JOURNAL_PART 65536
static gchar *journal;
static gsize journal_half; /* where the second half begins in the file */

static gint
find(gpointer user_data, const gchar *name)
{
  (void) user_data;
  for (guint i = 0; i < RULES; i++)
    if (strcmp(names[i], name) == 0)
      return i;
  return -1;
}

static void
mark(SiagaRules *set, guint index)
{
  (void) set;
  rules[index].referenced = TRUE;
}

static void
make_rules(void)
{
  static const gchar *const tactics[] = { "reconnaissance", "impact", NULL };
  correlations = siaga_correlations_new(fields);
  for (guint i = 0; i < RULES; i++)
    {
      rules[i] = (SiagaRule){ .index = i,
                              .id = names[i],
                              .name = names[i],
                              .title = names[i],
                              .tactics = tactics,
                              .level = SIAGA_LEVEL_HIGH,
                              .correlation = bodies[i] != NULL,
                              .version = 1 };
      records[i] = &rules[i];
      if (!bodies[i])
        continue;
      gchar *yaml = g_strdup_printf("correlation: { %s, group-by: [source.ip], timespan: 10s }\n", bodies[i]);
      SiagaYamlFile *file = siaga_yaml_parse("rule", yaml, strlen(yaml), NULL);
      if (!siaga_correlations_add(correlations, i, file->documents->pdata[0], NULL))
        siaga_fuzz_found("rule %s", names[i]);
      siaga_yaml_free(file);
      g_free(yaml);
    }
  siaga_correlations_resolve_with(correlations, find, mark, NULL, NULL);
  view = (SiagaRuleView){ .records = records, .count = RULES, .correlations = correlations, .fields = fields };
}

static SiagaCorrelator *
new_correlator(void)
{
  SiagaCorrelatorOptions options;
  siaga_correlator_options_init(&options);
  options.memory_limit = 1024 * 1024;
  options.state_dir = dir;
  options.state_name = "state";
  return siaga_correlator_new_view(&view, &options);
}

static void
feed(SiagaCorrelator *correlator, guint from, guint to, SiagaChanges *changes)
{
  for (guint i = from; i < to; i++)
    {
      SiagaHits hits = { .count = 1, .rule = { i % 5 == 4 } };
      SiagaOrigin origin = { .stream = 1 + i % 2, .line_hash = i + 1 };
      gchar user[16], source[16];
      g_snprintf(user, sizeof user, "user%u", i);
      g_snprintf(source, sizeof source, "192.0.2.%u", i % 3);
      siaga_event_reset(event);
      event->time = T0 + i * SIAGA_SECOND / 4;
      event->time_kind = SIAGA_TIME_LINE;
      event->original = "a line";
      event->original_length = 6;
      siaga_event_set(event, SIAGA_F_SOURCE_IP, source, strlen(source));
      siaga_event_set(event, SIAGA_F_SOURCE_ACTOR, source, strlen(source));
      siaga_event_set(event, SIAGA_F_USER_NAME, user, strlen(user));
      siaga_event_set_int(event, SIAGA_F_SOURCE_PORT, 40);
      siaga_correlator_feed(correlator, event, &hits, &origin, changes);
    }
}

typedef struct
{
  guint32 length, version;
  guint64 checksum;
} BlockHead;

/* The blocks' contents in a row. */
static void
unwrap_state(void)
{
  gchar *file;
  gsize length;
  if (!g_file_get_contents(state_path, &file, &length, NULL))
    siaga_fuzz_found("no state was written");
  payload = g_byte_array_new();
  for (gsize at = 0; at < length;)
    {
      BlockHead head;
      memcpy(&head, file + at, sizeof head);
      g_byte_array_append(payload, (guint8 *) file + at + sizeof head, head.length);
      at += sizeof head + head.length;
    }
  g_free(file);
}

static void
wrap_state(const guint8 *bytes, gsize length)
{
  static const SiagaSeed plain = { 0, 0 };
  GByteArray *file = g_byte_array_new();
  guint64 chain = 0;
  for (gsize at = 0, part; at < length; at += part)
    {
      part = MIN(length - at, SIAGA_STATE_BLOCK);
      chain = siaga_hash_mix(chain + siaga_keyed_hash(&plain, bytes + at, part));
      BlockHead head = { part, SIAGA_STATE_VERSION, chain };
      g_byte_array_append(file, (const guint8 *) &head, sizeof head);
      g_byte_array_append(file, bytes + at, part);
    }
  g_file_set_contents(state_path, (const gchar *) file->data, file->len, NULL);
  g_byte_array_unref(file);
}

/* An entry of the journal: see journal.c. */
typedef struct
{
  guint32 mark, size;
  guint64 generation, checksum;
} JournalEntry;

static void
seal_journal(gchar *bytes, gsize length)
{
  JournalEntry first, entry;
  memcpy(&first, journal, sizeof first);
  for (gsize at = 0; at + sizeof entry <= length;)
    {
      memcpy(&entry, bytes + at, sizeof entry);
      if (entry.mark != first.mark || entry.size & 7 || entry.size > length - at - sizeof entry)
        {
          at += 8;
          continue;
        }
      entry.checksum = siaga_journal_checksum(entry.generation, bytes + at + sizeof entry, entry.size);
      memcpy(bytes + at, &entry, sizeof entry);
      at += sizeof entry + entry.size;
    }
}

static void
read_journal(void)
{
  int fd = open(journal_path, O_RDONLY | O_CLOEXEC);
  journal_half = fd >= 0 ? lseek(fd, 0, SEEK_END) / 2 : 0;
  journal = g_malloc(2 * JOURNAL_PART);
  for (guint half = 0; half < 2; half++)
    if (pread(fd, journal + half * JOURNAL_PART, JOURNAL_PART, half * journal_half) != JOURNAL_PART)
      siaga_fuzz_found("no journal was written");
  close(fd);
}

static void
write_journal(const gchar *bytes)
{
  int fd = open(journal_path, O_WRONLY | O_CLOEXEC);
  for (guint half = 0; half < 2; half++)
    if (pwrite(fd, bytes + half * JOURNAL_PART, JOURNAL_PART, half * journal_half) != JOURNAL_PART)
      siaga_fuzz_found("the journal was not written");
  close(fd);
}

static void
make_files(void)
{
  SiagaChanges changes;
  siaga_changes_init(&changes);
  SiagaCorrelator *correlator = new_correlator();
  siaga_correlator_start_persistence(correlator, NULL);
  feed(correlator, 0, 90, &changes);
  siaga_correlator_save(correlator, NULL);
  unwrap_state();
  feed(correlator, 90, 120, &changes);
  siaga_correlator_stop_persistence(correlator);
  siaga_correlator_free(correlator);
  siaga_changes_clear(&changes);
  read_journal();
}

static void
leave_nothing(void)
{
  unlink(state_path);
  unlink(journal_path);
  rmdir(dir);
}

static void
begin(void)
{
  gchar *data_dir;
  fields = siaga_fuzz_fields(&data_dir);
  g_free(data_dir);
  event = siaga_event_new(fields);
  dir = g_dir_make_tmp("siaga-fuzz-XXXXXX", NULL);
  atexit(leave_nothing);
  state_path = g_build_filename(dir, "state.state", NULL);
  journal_path = g_build_filename(dir, "state.journal", NULL);
  make_rules();
  make_files();
}

/* Gives back the new length. */
static gsize
change(guint8 *bytes, gsize length, const uint8_t *script)
{
  gsize at = length ? (script[0] | script[1] << 8) % length : 0;
  guint8 value = script[3];
  switch (script[2] % 6)
    {
    case 0:
      bytes[at] = value;
      break;
    case 1:
      bytes[at] ^= 1 << (value & 7);
      break;
    case 2:
      memset(bytes + at, value & 1 ? 0xff : 0, MIN((gsize) 1 + value / 2, length - at));
      break;
    case 3: /* cut out */
      memmove(bytes + at, bytes + at + MIN(value, length - at), length - at - MIN(value, length - at));
      return length - MIN(value, length - at);
    case 4: /* repeat */
      memmove(bytes + at, bytes + (at > value ? at - value : 0), MIN(value, length - at));
      break;
    default: /* cut off */
      return value == 0 ? at : length;
    }
  return length;
}

/* The journal's first 64 KiB of each half take changes with the highest bit of the third byte. */
static void
write_files(const uint8_t *script, size_t size)
{
  guint8 *state = g_memdup2(payload->data, payload->len);
  gchar *log = g_memdup2(journal, 2 * JOURNAL_PART);
  gsize length = payload->len;
  for (; size >= 4; script += 4, size -= 4)
    if (script[2] & 0x80)
      change((guint8 *) log + (script[3] & 1) * JOURNAL_PART, JOURNAL_PART, script);
    else
      length = change(state, length, script);
  seal_journal(log, JOURNAL_PART);
  seal_journal(log + JOURNAL_PART, JOURNAL_PART);
  wrap_state(state, length);
  write_journal(log);
  g_free(state);
  g_free(log);
}

static void
remove_broken(void)
{
  GDir *handle = g_dir_open(dir, 0, NULL);
  const gchar *name;
  while ((name = g_dir_read_name(handle)))
    if (strstr(name, ".broken-"))
      {
        gchar *path = g_build_filename(dir, name, NULL);
        unlink(path);
        g_free(path);
      }
  g_dir_close(handle);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  SiagaChanges changes;
  if (!fields)
    begin();
  write_files(data, MIN(size, 256));
  siaga_changes_init(&changes);
  SiagaCorrelator *correlator = new_correlator();
  siaga_correlator_restore(correlator, NULL);
  feed(correlator, 100, 160, &changes);
  siaga_correlator_list(correlator, &changes);
  siaga_correlator_finish(correlator, &changes);
  siaga_correlator_free(correlator);
  siaga_changes_clear(&changes);
  remove_broken();
  return 0;
}

#ifdef SIAGA_FUZZ_ALONE
/* Without libFuzzer: a few hundred scripts of chance, the same each time. */
int
main(void)
{
  guint32 state = 1;
  for (guint round = 0; round < 600; round++)
    {
      uint8_t script[32];
      for (guint i = 0; i < sizeof script; i++)
        {
          state = state * 1664525 + 1013904223;
          script[i] = state >> 24;
        }
      LLVMFuzzerTestOneInput(script, 4 * (round % 9));
    }
  return 0;
}
#endif
