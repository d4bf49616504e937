/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the authentication normaliser makes of accounts and peers. */

#include <siaga/normalise.h>

#include <check.h>
#include <stdlib.h>
#include <string.h>

static SiagaFields *fields;
static SiagaEvent *event;
static SiagaNormaliser normaliser;

static void
setup(void)
{
  gchar *path = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "fields.yaml", NULL);
  fields = siaga_fields_load(path, NULL);
  ck_assert_ptr_nonnull(fields);
  event = siaga_event_new(fields);
  event->family = SIAGA_FAMILY_AUTH;
  g_free(path);
}

static void
teardown(void)
{
  siaga_event_free(event);
  siaga_fields_unref(fields);
}

static void
set(const gchar *name, const gchar *value)
{
  SiagaFieldId field = siaga_fields_lookup(fields, name, -1);
  ck_assert_msg(field != SIAGA_FIELD_NONE, "%s", name);
  if (siaga_fields_get(fields, field)->type == SIAGA_FT_LONG)
    siaga_event_set_int(event, field, g_ascii_strtoll(value, NULL, 10));
  else
    siaga_event_set(event, field, value, strlen(value));
}

/* VALUE NULL: the field is absent. */
static void
expect(const gchar *name, const gchar *value)
{
  gchar buffer[32];
  gsize length = 0;
  const SiagaValue *found = siaga_event_get(event, siaga_fields_lookup(fields, name, -1));
  const gchar *written = found ? siaga_value_text(found, buffer, &length) : NULL;
  gchar *text = found ? g_strndup(written, length) : g_strdup("(none)");
  ck_assert_msg(strcmp(text, value ? value : "(none)") == 0, "%s is '%s', expected '%s'", name, text,
                value ? value : "(none)");
  g_free(text);
}

/* Pairs of names and values, NULL at the end. */
typedef struct
{
  const gchar *in[12];
  const gchar *out[20];
} Case;

static void
run(const Case *test)
{
  for (guint i = 0; test->in[i]; i += 2)
    set(test->in[i], test->in[i + 1]);
  siaga_normalise(&normaliser, event);
  for (guint i = 0; test->out[i]; i += 2)
    expect(test->out[i], test->out[i + 1][0] ? test->out[i + 1] : NULL);
}

static const Case cases[] = {
  { { "user.name", "budi", NULL }, { "user.name", "budi", "user.domain", "" } },
  { { "user.name", "KANTOR\\budi", NULL }, { "user.name", "budi", "user.domain", "KANTOR" } },
  { { "user.name", "KANTOR\\\\budi", NULL }, { "user.name", "budi", "user.domain", "KANTOR" } },
  { { "user.name", "budi@KANTOR.EXAMPLE", NULL }, { "user.name", "budi", "user.domain", "KANTOR.EXAMPLE" } },
  { { "user.name", "budi@kantor.example", "event.dataset", "dovecot", NULL },
    { "user.name", "budi@kantor.example", "user.domain", "kantor.example", "user.email", "budi@kantor.example" } },
  /* ejabberd's accounts are addresses too */
  { { "user.name", "budi@kantor.example", "event.dataset", "ejabberd", NULL },
    { "user.name", "budi@kantor.example", "user.domain", "kantor.example" } },
  { { "user.name", "budi@kantor.example", "event.dataset", "vimbadmin", NULL },
    { "user.name", "budi@kantor.example" } },
  /* the same name in another realm is somebody else */
  { { "user.name", "root@pam", "event.dataset", "proxmox", NULL }, { "user.name", "root@pam" } },
  /* PAM that a mail server asked, and one that a directory's realm came to */
  { { "user.name", "budi@kantor.example", "event.dataset", "pam", "siaga.auth.service", "dovecot", NULL },
    { "user.name", "budi@kantor.example", "user.domain", "kantor.example" } },
  { { "user.name", "budi@kantor.example", "event.dataset", "pam", "siaga.auth.service", "sshd", NULL },
    { "user.name", "budi", "user.domain", "kantor.example" } },
  { { "user.name", "p@ss word!", NULL }, { "user.name", "p@ss word!", "user.domain", "" } },
  { { "user.name", "\\budi", NULL }, { "user.name", "\\budi", "user.domain", "" } },
  { { "user.name", "KANTOR\\", NULL }, { "user.name", "KANTOR\\", "user.domain", "" } },
  { { "user.name", "@kantor", NULL }, { "user.name", "@kantor", "user.domain", "" } },
  { { "user.name", "", NULL }, { "user.name", "" } },
  { { "user.name", "budi", "user.target.name", "KANTOR\\root", NULL },
    { "user.target.name", "root", "user.name", "budi", "user.domain", "" } },
  { { "source.address", "siti@192.0.2.7", NULL }, { "source.ip", "192.0.2.7", "source.actor", "192.0.2.7" } },
  { { "source.address", "::ffff:192.0.2.7", NULL }, { "source.ip", "192.0.2.7" } },
  { { "source.address", "[2001:db8::1]", NULL }, { "source.ip", "2001:db8::1", "source.actor", "2001:db8::/64" } },
  { { "source.address", "fe80::1%eth0", NULL }, { "source.ip", "fe80::1" } },
  { { "source.address", "penyerang.example.net", NULL },
    { "source.ip", "", "source.domain", "penyerang.example.net", "source.actor", "penyerang.example.net" } },
};

START_TEST(accounts_and_peers_are_taken_apart)
{
  run(&cases[_i]);
}
END_TEST

int
main(void)
{
  Suite *suite = suite_create("authlog-normalise");
  TCase *tcase = tcase_create("authlog-normalise");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, accounts_and_peers_are_taken_apart, 0, G_N_ELEMENTS(cases));
  suite_add_tcase(suite, tcase);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
