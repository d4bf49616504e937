/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the authentication normaliser makes of accounts and peers. */

#include "tests/harness/normalise.h"
#include "tests/harness/run.h"

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
  /* what sshd's child had doubled is doubled by its monitor */
  { { "user.name", "KANTOR\\\\\\\\budi", NULL }, { "user.name", "budi", "user.domain", "KANTOR" } },
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
  /* vis(3), as sshd writes a name: the bytes of a letter in octal, a backslash twice */
  { { "user.name", "m\\303\\274ller", NULL }, { "user.name", "m\303\274ller", "user.domain", "" } },
  { { "user.name", "\\303\\274", NULL }, { "user.name", "\303\274", "user.domain", "" } },
  { { "user.name", "KANTOR\\\\\\344\\272\\272", NULL }, { "user.name", "\344\272\272", "user.domain", "KANTOR" } },
  { { "user.name", "\\360\\237\\230\\200@KANTOR.EXAMPLE", NULL },
    { "user.name", "\360\237\230\200", "user.domain", "KANTOR.EXAMPLE" } },
  { { "user.name", "budi", "user.target.name", "m\\303\\274ller", NULL }, { "user.target.name", "m\303\274ller" } },
  /* what is no letter in UTF-8 stays: half of one, too long a form, a surrogate, digits behind a domain */
  { { "user.name", "KANTOR\\200012", NULL }, { "user.name", "200012", "user.domain", "KANTOR" } },
  { { "user.name", "KANTOR\\303274", NULL }, { "user.name", "303274", "user.domain", "KANTOR" } },
  { { "user.name", "KANTOR\\\\303\\274x", NULL }, { "user.name", "303\\274x", "user.domain", "KANTOR" } },
  { { "user.name", "\\300\\257x", NULL }, { "user.name", "\\300\\257x", "user.domain", "" } },
  { { "user.name", "\\355\\240\\200x", NULL }, { "user.name", "\\355\\240\\200x", "user.domain", "" } },
  { { "user.name", "\\344\\272", NULL }, { "user.name", "\\344\\272", "user.domain", "" } },
  { { "user.name", "x\\703\\274", NULL }, { "user.name", "703\\274", "user.domain", "x" } },
  { { "user.name", "\\", NULL }, { "user.name", "\\", "user.domain", "" } },
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
  TCase *tcase = tcase_create("authlog-normalise");
  tcase_add_checked_fixture(tcase, setup, end);
  tcase_add_loop_test(tcase, accounts_and_peers_are_taken_apart, 0, G_N_ELEMENTS(cases));
  return run_case("authlog-normalise", tcase);
}
