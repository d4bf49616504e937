/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the authentication normaliser makes of accounts and peers. */

#include "tests/harness/normalise.h"

#include <stdlib.h>
#include <string.h>

static void
setup(void)
{
  begin(SIAGA_FAMILY_AUTH);
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
  tcase_add_checked_fixture(tcase, setup, end);
  tcase_add_loop_test(tcase, accounts_and_peers_are_taken_apart, 0, G_N_ELEMENTS(cases));
  suite_add_tcase(suite, tcase);
  SRunner *runner = srunner_create(suite);
  srunner_run_all(runner, CK_NORMAL);
  int failed = srunner_ntests_failed(runner);
  srunner_free(runner);
  return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
