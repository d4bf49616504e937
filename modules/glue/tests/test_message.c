/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Lines from messages, events on messages, fields as name-values. */

#include "tests/harness/harness.h"

#include "glue/handover.h"
#include "glue/message.h"
#include "tests/harness/run.h"

#include <siaga/data.h>

#include <string.h>

static SiagaFields *fields;
static SiagaTimeContext utc;

static void
setup(void)
{
  gchar *dir = siaga_data_dir(NULL), *path = g_build_filename(dir, "fields.yaml", NULL);

  harness_start();
  siaga_message_init();
  fields = siaga_fields_load(path, NULL);
  ck_assert_ptr_nonnull(fields);
  g_free(path);
  g_free(dir);
}

static void
teardown(void)
{
  siaga_fields_unref(fields);
  harness_stop();
}

static void
set_stamp(LogMessage *msg, gint which, gint64 seconds)
{
  msg->timestamps[which] = (UnixTime){ .ut_sec = seconds };
}

static SiagaLine
read_line(LogMessage *msg)
{
  SiagaLine line;
  utc.reference = siaga_message_received(msg);
  siaga_message_read_line(msg, &utc, siaga_scratch(fields), &line);
  return line;
}

#define assert_text(text, length, expected)                                                                            \
  do                                                                                                                   \
    {                                                                                                                  \
      ck_assert_uint_eq(length, strlen(expected));                                                                     \
      ck_assert_mem_eq(text, expected, length);                                                                        \
    }                                                                                                                  \
  while (0)

#define RECEIVED G_GINT64_CONSTANT(1795228580) /* 2026-11-21 02:36:20 */
#define DAY 86400

START_TEST(an_unparsed_message_is_the_line)
{
  LogMessage *msg = harness_message("hello\r\n", -1);
  SiagaLine line = read_line(msg);
  assert_text(line.text, line.text_length, "hello");
  ck_assert_ptr_null(line.host);
  ck_assert_ptr_null(line.program);
  ck_assert(!line.has_time);
}
END_TEST

START_TEST(a_legacy_header_is_put_back_in_front)
{
  LogMessage *msg = harness_message("Failed password", -1);
  log_msg_set_value(msg, LM_V_PROGRAM, "sshd", -1);
  log_msg_set_value(msg, LM_V_LEGACY_MSGHDR, "sshd[7]: ", -1);
  SiagaLine line = read_line(msg);
  assert_text(line.raw, line.raw_length, "sshd[7]: Failed password");
  assert_text(line.program, line.program_length, "sshd");
  assert_text(line.text, line.text_length, "Failed password");
  assert_text(line.host, line.host_length, "here");
}
END_TEST

START_TEST(an_access_line_whose_address_became_the_program_is_whole_again)
{
  LogMessage *msg = harness_message("- - [21/Nov/2026:10:00:01 +0700] \"GET / HTTP/1.1\" 200 1", -1);
  log_msg_set_value(msg, LM_V_PROGRAM, "192.0.2.7", -1);
  log_msg_set_value(msg, LM_V_LEGACY_MSGHDR, "192.0.2.7 ", -1);
  SiagaLine line = read_line(msg);
  assert_text(line.text, line.text_length, "192.0.2.7 - - [21/Nov/2026:10:00:01 +0700] \"GET / HTTP/1.1\" 200 1");
}
END_TEST

START_TEST(program_and_pid_of_a_structured_message_come_from_it)
{
  LogMessage *msg = harness_message("Failed password", -1);
  log_msg_set_value(msg, LM_V_PROGRAM, "sshd", -1);
  log_msg_set_value(msg, LM_V_PID, "7", -1);
  SiagaLine line = read_line(msg);
  assert_text(line.program, line.program_length, "sshd");
  assert_text(line.pid, line.pid_length, "7");
}
END_TEST

typedef struct
{
  gint64 stamp, expected; /* seconds after the receipt */
} Year;

static const Year years[] = {
  { -60, -60 }, { DAY, DAY }, { 19 * DAY, 19 * DAY - 365 * DAY }, /* December 10, read in November */
};

START_TEST(a_guessed_year_in_the_future_becomes_the_one_before)
{
  LogMessage *msg = harness_message("x", -1);
  log_msg_set_value(msg, LM_V_PROGRAM, "sshd", -1);
  log_msg_set_value(msg, LM_V_LEGACY_MSGHDR, "sshd: ", -1);
  set_stamp(msg, LM_TS_RECVD, RECEIVED);
  set_stamp(msg, LM_TS_STAMP, RECEIVED + years[_i].stamp);
  SiagaLine line = read_line(msg);
  ck_assert(line.has_time);
  ck_assert_int_eq(line.time / SIAGA_SECOND, RECEIVED + years[_i].expected);
}
END_TEST

START_TEST(nuls_stay_in_the_line)
{
  LogMessage *msg = harness_message("a\0b", 3);
  SiagaLine line = read_line(msg);
  ck_assert_uint_eq(line.raw_length, 3);
  ck_assert_mem_eq(line.raw, "a\0b", 3);
}
END_TEST

static void
fill(SiagaEvent *event)
{
  siaga_event_reset(event);
  event->original = "192.0.2.7 said hello";
  event->original_length = strlen(event->original);
  event->time = RECEIVED * SIAGA_SECOND;
  event->time_kind = SIAGA_TIME_LINE;
  event->parsed = TRUE;
  siaga_event_set(event, SIAGA_F_SOURCE_IP, event->original, 9);
  siaga_event_set_int(event, SIAGA_F_SOURCE_PORT, 4123);
  siaga_event_set(event, SIAGA_F_EVENT_CATEGORY, "web", 3);
  siaga_event_add(event, SIAGA_F_EVENT_CATEGORY, "a,b", 3);
  siaga_event_set(event, SIAGA_F_TAGS, "gov.id", 6);
}

START_TEST(an_event_survives_the_way_through_a_message)
{
  SiagaScratch *scratch = siaga_scratch(fields);
  LogMessage *msg = harness_message("x", -1);
  gint64 port = 0;
  gsize length;

  siaga_handover_add_taker();
  ck_assert(!siaga_message_has_event(msg));
  fill(scratch->event);
  siaga_message_put_event(msg, scratch);
  siaga_event_reset(scratch->event);
  ck_assert(siaga_message_has_event(msg));
  ck_assert(siaga_message_get_event(msg, scratch));
  siaga_message_put_event(msg, scratch); /* a room in the middle */
  ck_assert(siaga_message_get_event(msg, scratch));
  const gchar *ip = siaga_event_text(scratch->event, SIAGA_F_SOURCE_IP, &length);
  assert_text(ip, length, "192.0.2.7");
  ck_assert(siaga_event_int(scratch->event, SIAGA_F_SOURCE_PORT, &port));
  ck_assert_int_eq(port, 4123);
  siaga_message_drop_event(msg);
  ck_assert(!siaga_message_has_event(msg));
  siaga_handover_remove_taker();
}
END_TEST

START_TEST(nothing_is_packed_while_nobody_takes_events)
{
  SiagaScratch *scratch = siaga_scratch(fields);
  LogMessage *msg = harness_message("x", -1);

  fill(scratch->event);
  siaga_message_put_event(msg, scratch);
  ck_assert(siaga_message_has_event(msg));
  gssize length = 0;
  log_msg_get_value_by_name(msg, ".siaga.event", &length);
  ck_assert_int_eq(length, 16);
  siaga_handover_add_taker();
  siaga_message_put_event(msg, scratch);
  log_msg_get_value_by_name(msg, ".siaga.event", &length);
  ck_assert_int_gt(length, 16);
  siaga_handover_remove_taker();
}
END_TEST

static gpointer
_look_from_elsewhere(gpointer msg)
{
  return GINT_TO_POINTER(siaga_message_get_event(msg, siaga_scratch(fields)));
}

START_TEST(an_event_is_handed_over_within_a_thread)
{
  LogMessage *msg = harness_message("x", -1), *next = harness_message("y", -1);
  SiagaScratch *scratch = siaga_scratch(fields);
  SiagaEvent *event = scratch->event;

  fill(event);
  siaga_message_hand_over(msg, scratch);
  ck_assert(siaga_message_has_event(msg));
  ck_assert(siaga_message_get_event(msg, siaga_scratch(fields)));
  ck_assert_ptr_eq(scratch->event, event);
  ck_assert(siaga_event_has(scratch->event, SIAGA_F_SOURCE_IP));

  ck_assert(!GPOINTER_TO_INT(g_thread_join(g_thread_new("other", _look_from_elsewhere, msg))));
  siaga_message_hand_over(next, scratch);
  ck_assert(!siaga_message_get_event(msg, scratch));
  ck_assert(siaga_message_get_event(next, scratch));
  siaga_message_drop_event(next);
  ck_assert(!siaga_message_has_event(next));
}
END_TEST

START_TEST(hostile_bytes_are_no_event)
{
  SiagaScratch *scratch = siaga_scratch(fields);
  LogMessage *msg = harness_message("x", -1);

  log_msg_set_value_by_name(msg, ".siaga.event", "SVE1 and then nonsense", -1);
  ck_assert(!siaga_message_get_event(msg, scratch));
}
END_TEST

START_TEST(fields_are_published_with_their_types)
{
  SiagaScratch *scratch = siaga_scratch(fields);
  SiagaPublisher *publisher = siaga_publisher_new(fields, "p.");
  LogMessage *msg = harness_message("x", -1);
  LogMessageValueType type;

  fill(scratch->event);
  siaga_publisher_publish(publisher, scratch, msg, TRUE);
  ck_assert_str_eq(harness_value(msg, "p.source.ip"), "192.0.2.7");
  ck_assert_str_eq(harness_value(msg, "p.@timestamp"), "2026-11-21T02:36:20Z");
  ck_assert_str_eq(harness_value(msg, "p.event.category"), "web,\"a,b\"");
  log_msg_get_value_by_name_with_type(msg, "p.source.port", NULL, &type);
  ck_assert_int_eq(type, SIAGA_LM_INTEGER);
  log_msg_get_value_by_name_with_type(msg, "p.event.category", NULL, &type);
  ck_assert_int_eq(type, LM_VT_LIST);
  ck_assert(harness_has_tag(msg, "gov.id"));
  siaga_publisher_free(publisher);
}
END_TEST

START_TEST(what_a_rewrite_changed_counts)
{
  SiagaScratch *scratch = siaga_scratch(fields);
  SiagaPublisher *publisher = siaga_publisher_new(fields, NULL);
  LogMessage *msg = harness_message("x", -1);
  gint64 port = 0;
  gsize length;

  fill(scratch->event);
  siaga_publisher_publish(publisher, scratch, msg, FALSE);
  log_msg_set_value_by_name(msg, "source.ip", "192.0.2.99", -1);
  log_msg_set_value_by_name(msg, "source.port", "99", -1);
  log_msg_set_value_by_name(msg, "user.name", "siti", -1);
  log_msg_unset_value_by_name(msg, "tags");
  siaga_publisher_read_back(publisher, msg, scratch->event);
  const gchar *ip = siaga_event_text(scratch->event, SIAGA_F_SOURCE_IP, &length);
  assert_text(ip, length, "192.0.2.99");
  const gchar *user = siaga_event_text(scratch->event, SIAGA_F_USER_NAME, &length);
  assert_text(user, length, "siti");
  ck_assert(siaga_event_int(scratch->event, SIAGA_F_SOURCE_PORT, &port));
  ck_assert_int_eq(port, 99);
  ck_assert(!siaga_event_has(scratch->event, SIAGA_F_TAGS));
  ck_assert(siaga_event_has(scratch->event, SIAGA_F_EVENT_CATEGORY));
  siaga_publisher_free(publisher);
}
END_TEST

START_TEST(without_publishing_nothing_is_read_back)
{
  SiagaScratch *scratch = siaga_scratch(fields);
  SiagaPublisher *publisher = siaga_publisher_new(fields, NULL);
  LogMessage *msg = harness_message("x", -1);

  fill(scratch->event);
  siaga_publisher_read_back(publisher, msg, scratch->event);
  ck_assert(siaga_event_has(scratch->event, SIAGA_F_SOURCE_IP));
  siaga_publisher_free(publisher);
}
END_TEST

START_TEST(streams_differ_by_source_file_and_host)
{
  static const gchar *const names[] = { "SOURCE", "FILE_NAME", "HOST" };
  LogMessage *msg = harness_message("x", -1);
  guint64 seen[4] = { siaga_message_stream(msg) };

  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    {
      log_msg_set_value_by_name(msg, names[i], "another", -1);
      seen[i + 1] = siaga_message_stream(msg);
      for (guint k = 0; k <= i; k++)
        ck_assert(seen[k] != seen[i + 1]);
    }
  ck_assert(siaga_message_stream(msg) == seen[3]);
}
END_TEST

START_TEST(the_daemons_own_messages_and_incidents_are_foreign)
{
  LogMessage *own = log_msg_new_internal(0, "x"), *incident = harness_message("x", -1);

  ck_assert(siaga_message_is_foreign(own));
  ck_assert(!siaga_message_is_foreign(incident));
  siaga_message_mark_incident(incident);
  ck_assert(siaga_message_is_foreign(incident));
  ck_assert(harness_has_tag(incident, "siaga.incident"));
  log_msg_unref(own);
}
END_TEST

int
main(void)
{
  TCase *tc = tcase_create("message");

  tcase_add_checked_fixture(tc, setup, teardown);
  tcase_add_test(tc, an_unparsed_message_is_the_line);
  tcase_add_test(tc, a_legacy_header_is_put_back_in_front);
  tcase_add_test(tc, an_access_line_whose_address_became_the_program_is_whole_again);
  tcase_add_test(tc, program_and_pid_of_a_structured_message_come_from_it);
  tcase_add_loop_test(tc, a_guessed_year_in_the_future_becomes_the_one_before, 0, G_N_ELEMENTS(years));
  tcase_add_test(tc, nuls_stay_in_the_line);
  tcase_add_test(tc, an_event_survives_the_way_through_a_message);
  tcase_add_test(tc, nothing_is_packed_while_nobody_takes_events);
  tcase_add_test(tc, an_event_is_handed_over_within_a_thread);
  tcase_add_test(tc, hostile_bytes_are_no_event);
  tcase_add_test(tc, fields_are_published_with_their_types);
  tcase_add_test(tc, what_a_rewrite_changed_counts);
  tcase_add_test(tc, without_publishing_nothing_is_read_back);
  tcase_add_test(tc, streams_differ_by_source_file_and_host);
  tcase_add_test(tc, the_daemons_own_messages_and_incidents_are_foreign);
  return run_case("message", tc);
}
