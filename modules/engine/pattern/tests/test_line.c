/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Syslog headers, what only looks like one, and what containers put around a line. */

#include "tests/harness/run.h"

#include <siaga/line.h>

#include <string.h>

static const struct
{
  const gchar *raw;
  gint priority;
  const gchar *time; /* NULL: none */
  const gchar *host, *program, *pid, *text;
} lines[] = {
  /* RFC 3164 */
  { "<38>Jan 24 01:37:00 web1 sshd[123]: Failed password", 38, "2026-01-24T01:37:00Z", "web1", "sshd", "123",
    "Failed password" },
  { "Jan  4 01:37:00 web1.kementerian.go.id sshd[123]: x y", -1, "2026-01-04T01:37:00Z", "web1.kementerian.go.id",
    "sshd", "123", "x y" },
  { "6152 01:37:00 948 Failed password for x", -1, NULL, NULL, NULL, "6152", "Failed password for x" },
  { "6152 01:37:00 9x8 Failed password for x", -1, NULL, NULL, NULL, NULL, "6152 01:37:00 9x8 Failed password for x" },
  { "6152 2026-01-24 01:37:00.948 Failed password for budi from 192.0.2.7 port 8967 ssh2", -1,
    "2026-01-24T01:37:00.948000Z", NULL, NULL, "6152", "Failed password for budi from 192.0.2.7 port 8967 ssh2" },
  { "6152 2026-01-24 01:37:00 without a fraction it is any server's", -1, NULL, NULL, NULL, NULL,
    "6152 2026-01-24 01:37:00 without a fraction it is any server's" },
  { "Jan 24 01:37:00 web1 portal-2: sshd[123]: Failed password", -1, "2026-01-24T01:37:00Z", "web1", "portal-2", NULL,
    "sshd[123]: Failed password" },
  { "  Jan 24 01:37:00 web1 sshd[123]: indented", -1, "2026-01-24T01:37:00Z", "web1", "sshd", "123", "indented" },
  { "\tsshd[123]: indented", -1, NULL, NULL, "sshd", "123", "indented" },
  { "    at sshd: of a longer message", -1, NULL, NULL, NULL, NULL, "    at sshd: of a longer message" },
  { "{\"log\":\"    at sshd: of a longer message\\n\",\"stream\":\"stderr\",\"time\":\"2026-01-24T01:37:00Z\"}", -1,
    "2026-01-24T01:37:00Z", NULL, NULL, NULL, "    at sshd: of a longer message" },
  { "  web1 sshd: of a longer message", -1, NULL, NULL, NULL, NULL, "  web1 sshd: of a longer message" },
  { ", sshd[123]: a comma begins no host", -1, NULL, NULL, NULL, NULL, ", sshd[123]: a comma begins no host" },
  { "Jan 24 01:37:00 sshd[123]: no host", -1, "2026-01-24T01:37:00Z", NULL, "sshd", "123", "no host" },
  { "Jan 24 01:37:00 dnsmasq[9]: query[A] a.example from 192.0.2.1", -1, "2026-01-24T01:37:00Z", NULL, "dnsmasq", "9",
    "query[A] a.example from 192.0.2.1" },
  { "Jan 24 01:37:00 - sshd[123]: nil host", -1, "2026-01-24T01:37:00Z", NULL, "sshd", "123", "nil host" },
  { "Jan 24 01:37:00 web1 postfix/smtpd[7]: connect", -1, "2026-01-24T01:37:00Z", "web1", "postfix/smtpd", "7",
    "connect" },
  { "Jan 24 01:37:00 web1 su: (to root) budi on pts/0", -1, "2026-01-24T01:37:00Z", "web1", "su", NULL,
    "(to root) budi on pts/0" },
  { "Jan 24 01:37:00 web1 su(pam_unix)[9]: x", -1, "2026-01-24T01:37:00Z", "web1", "su(pam_unix)", "9", "x" },
  { "2026-01-24T01:37:00Z web1 polkitd(authority=local)[9]: x", -1, "2026-01-24T01:37:00Z", "web1",
    "polkitd(authority=local)", "9", "x" },
  { "Jan 24 01:37:00 web1 polkitd(authority=local): x", -1, "2026-01-24T01:37:00Z", "web1", "polkitd(authority=local)",
    NULL, "x" },
  { "2026-01-24T01:37:00Z web1 gdm-password][9]: x", -1, "2026-01-24T01:37:00Z", "web1", "gdm-password", "9", "x" },
  { "2026-01-24T01:37:00Z web1 gdm-password]: x", -1, "2026-01-24T01:37:00Z", "web1", "gdm-password", NULL, "x" },
  { "52 <34>1 2026-01-24T01:37:00Z web1 sshd 9 - - x", 34, "2026-01-24T01:37:00Z", "web1", "sshd", "9", "x" },
  { "52 <34>Jan 24 01:37:00 web1 sshd[9]: x", 34, "2026-01-24T01:37:00Z", "web1", "sshd", "9", "x" },
  { "52 <345> sheets", -1, NULL, NULL, NULL, NULL, "52 <345> sheets" },
  { "1234567 <34>x", -1, NULL, NULL, NULL, NULL, "1234567 <34>x" },
  { "Jan 24 01:37:00 [sshd] Failed password", -1, "2026-01-24T01:37:00Z", NULL, "sshd", NULL, "Failed password" },
  { "Jan 24 01:37:00 [postfix/smtpd] x", -1, "2026-01-24T01:37:00Z", NULL, "postfix/smtpd", NULL, "x" },
  { "Jan 24 01:37:00 [warning] x", -1, "2026-01-24T01:37:00Z", NULL, NULL, NULL, "[warning] x" },
  { "Jan 24 01:37:00 [12] x", -1, "2026-01-24T01:37:00Z", NULL, NULL, NULL, "[12] x" },
  { "Jan 24 01:37:00 [a word] x", -1, "2026-01-24T01:37:00Z", NULL, NULL, NULL, "[a word] x" },
  { "2026-01-24T01:37:00Z web1 rate(max=9: x", -1, NULL, NULL, NULL, NULL, "2026-01-24T01:37:00Z web1 rate(max=9: x" },
  { "Jan 24 01:37:00 2001:db8::5 sshd[1]: x", -1, "2026-01-24T01:37:00Z", "2001:db8::5", "sshd", "1", "x" },
  { "Jan 24 01:37:00 web1 message without a program", -1, "2026-01-24T01:37:00Z", "web1", NULL, NULL,
    "message without a program" },
  { "2026 Jan 24 01:37:00 web1 sshd[1]: x", -1, "2026-01-24T01:37:00Z", "web1", "sshd", "1", "x" },
  { "Jan 24 2024 01:37:00 asa1 : %ASA-6-605005: Login permitted", -1, "2024-01-24T01:37:00Z", "asa1", NULL, NULL,
    "%ASA-6-605005: Login permitted" },
  { "<166>Jan 24 2024 01:37:00: %ASA-6-605005: Login permitted", 166, "2024-01-24T01:37:00Z", NULL, NULL, NULL,
    "%ASA-6-605005: Login permitted" },
  { "<189>*Jan 24 01:37:00.123: %SYS-5-CONFIG_I: x", 189, "2026-01-24T01:37:00.123000Z", NULL, NULL, NULL,
    "%SYS-5-CONFIG_I: x" },
  { "<189>40218: Jan 24 01:37:00.998: %SYS-5-CONFIG_I: x", 189, "2026-01-24T01:37:00.998000Z", NULL, NULL, NULL,
    "%SYS-5-CONFIG_I: x" },
  { "<189>809: rtr1: *Jan 24 01:37:00: %SYS-5-CONFIG_I: x", 189, "2026-01-24T01:37:00Z", "rtr1", NULL, NULL,
    "%SYS-5-CONFIG_I: x" },
  { "<189>809: what follows is no stamp: x", 189, NULL, NULL, NULL, NULL, "809: what follows is no stamp: x" },
  { "Feb 31 01:37:00 web1 sshd[1]: impossible date", -1, NULL, "web1", "sshd", "1", "impossible date" },
  { "2026:01:24-01:37:00 utm1 sshd[123]: x", -1, "2026-01-24T01:37:00Z", "utm1", "sshd", "123", "x" },
  { "Jan 24 01:37:00 web1 auth.info sshd[123]: x", -1, "2026-01-24T01:37:00Z", "web1", "sshd", "123", "x" },
  { "Jan 24 01:37:00 web1 auth|security:info sshd[123]: x", -1, "2026-01-24T01:37:00Z", "web1", "sshd", "123", "x" },
  { "Jan 24 01:37:00 web1 auth|security:info Message forwarded from aix1: sshd[123]: x", -1, "2026-01-24T01:37:00Z",
    "web1", "sshd", "123", "x" },
  { "Jan 24 01:37:00 Message forwarded from aix1: sshd[123]: x", -1, "2026-01-24T01:37:00Z", NULL, "sshd", "123", "x" },
  { "Jan 24 01:37:00 <auth.info> web1 sshd[123]: x", -1, "2026-01-24T01:37:00Z", "web1", "sshd", "123", "x" },
  { "Jan 24 01:37:00 <4.6> web1 sshd[123]: x", -1, "2026-01-24T01:37:00Z", "web1", "sshd", "123", "x" },
  { "Jan 24 01:37:00 <my_host> sshd[123]: x", -1, "2026-01-24T01:37:00Z", NULL, "sshd", "123", "x" },
  { "Jan 24 01:37:00 <my_host> 192.0.2.7: x", -1, "2026-01-24T01:37:00Z", NULL, NULL, NULL, "192.0.2.7: x" },
  { "Jan 24 01:37:00 <info> manager: x", -1, "2026-01-24T01:37:00Z", NULL, NULL, NULL, "<info> manager: x" },
  { "Jan 24 01:37:00 <my_host>", -1, "2026-01-24T01:37:00Z", NULL, NULL, NULL, "<my_host>" },
  { "Jan 24 01:37:00 <4.6", -1, "2026-01-24T01:37:00Z", NULL, NULL, NULL, "<4.6" },
  { "Sat Jan 24 01:37:00 2026 authpriv.info dropbear[77]: x", -1, "2026-01-24T01:37:00Z", NULL, "dropbear", "77", "x" },
  /* ISO, epoch, journal */
  { "2026-01-24T08:37:00.123456+07:00 web1 sshd[123]: x", -1, "2026-01-24T01:37:00.123456Z", "web1", "sshd", "123",
    "x" },
  { "@400000006974224600000000 vpopmail[123]: x", -1, "2026-01-24T01:37:00Z", NULL, "vpopmail", "123", "x" },
  { "@400000006974224600000000 x", -1, NULL, NULL, NULL, NULL, "@400000006974224600000000 x" },
  { "<38>2026-01-24T01:37:00Z web1 sshd[123]: x", 38, "2026-01-24T01:37:00Z", "web1", "sshd", "123", "x" },
  { "2026-01-24 01:37:00 web1 sshd[123]: x", -1, "2026-01-24T01:37:00Z", "web1", "sshd", "123", "x" },
  { "Mei 24 01:37:00 web1 sshd[123]: x", -1, "2026-05-24T01:37:00Z", "web1", "sshd", "123", "x" },
  { "Des  4 01:37:00 web1 sshd[123]: x", -1, "2026-12-04T01:37:00Z", "web1", "sshd", "123", "x" },
  { "Ogos 24 01:37:00 web1 sshd[123]: x", -1, "2026-08-24T01:37:00Z", "web1", "sshd", "123", "x" },
  { "M\303\244r 24 01:37:00 web1 sshd[123]: x", -1, "2026-03-24T01:37:00Z", "web1", "sshd", "123", "x" },
  { "มี.ค. 24 01:37:00 web1 sshd[123]: x", -1, "2026-03-24T01:37:00Z", "web1", "sshd", "123", "x" },
  { " 6月 08 01:37:00 web1 sshd[123]: x", -1, "2026-06-08T01:37:00Z", "web1", "sshd", "123", "x" },
  { "12月 08 01:37:00 web1 sshd[123]: x", -1, "2026-12-08T01:37:00Z", "web1", "sshd", "123", "x" },
  { "13月 08 01:37:00 web1 sshd[123]: x", -1, NULL, NULL, NULL, NULL, "13月 08 01:37:00 web1 sshd[123]: x" },
  { "Jan 24 01:37:00 gw(192.0.2.1) sshd[123]: x", -1, "2026-01-24T01:37:00Z", "gw", "sshd", "123", "x" },
  { "2026-01-24T01:37:00Z gw-x(2001:db8::) daemon.notice vpn[7]:  x", -1, "2026-01-24T01:37:00Z", "gw-x", "vpn", "7",
    " x" },
  { "Jan 24 01:37:00 gw(x) sshd[123]: x", -1, "2026-01-24T01:37:00Z", NULL, NULL, NULL, "gw(x) sshd[123]: x" },
  { "Jan 24 08:37:00 WIB web1 sshd[123]: x", -1, "2026-01-24T01:37:00Z", "web1", "sshd", "123", "x" },
  { "Jan 24 01:37:00 WIB sshd[123]: x", -1, "2026-01-24T01:37:00Z", "WIB", "sshd", "123", "x" },
  { "Jan 24 01:37:00 EST x y", -1, "2026-01-24T01:37:00Z", "EST", NULL, NULL, "x y" },
  { "Jan 24 01:37:00 sun1 sshd[123]: [ID 800047 auth.info] x", -1, "2026-01-24T01:37:00Z", "sun1", "sshd", "123", "x" },
  { "Jan 24 01:37:00 sun1 su: [ID 366847 auth.notice] x", -1, "2026-01-24T01:37:00Z", "sun1", "su", NULL, "x" },
  { "Jan 24 01:37:00 sun1 su: [ID card] x", -1, "2026-01-24T01:37:00Z", "sun1", "su", NULL, "[ID card] x" },
  { "Jan 24 01:37:00 web1 sshd[123]:x", -1, "2026-01-24T01:37:00Z", "web1", "sshd", "123", "x" },
  { "Jan 24 01:37:00 web1 a[b]:x", -1, "2026-01-24T01:37:00Z", "web1", NULL, NULL, "a[b]:x" },
  { "Sat 2026-01-24 08:37:00 WIB web1 sshd[123]: x", -1, "2026-01-24T01:37:00Z", "web1", "sshd", "123", "x" },
  { "1769218620.5 web1 sshd[123]: x", -1, "2026-01-24T01:37:00.500000Z", "web1", "sshd", "123", "x" },
  /* RFC 5424 */
  { "<38>1 2026-01-24T01:37:00Z web1 sshd 123 - - Failed", 38, "2026-01-24T01:37:00Z", "web1", "sshd", "123",
    "Failed" },
  { "<38>1 2026-01-24T01:37:00Z - - - - - \xef\xbb\xbftext", 38, "2026-01-24T01:37:00Z", NULL, NULL, NULL, "text" },
  { "<38>1 - web1 app - ID1 [a@1 b=\"]\\\"\" c=\"d\"][e] text", 38, NULL, "web1", "app", NULL, "text" },
  { "1 2026-01-24T01:37:00Z web1 app 1 - - no priority", -1, "2026-01-24T01:37:00Z", "web1", "app", "1",
    "no priority" },
  { "<38>1 2026-01-24T01:37:00Z web1 app 1 - -", 38, "2026-01-24T01:37:00Z", "web1", "app", "1", "" },
  /* docker compose logs */
  { "web-1  | 192.0.2.7 - - [24/Jan/2026:01:37:00 +0000] x", -1, NULL, NULL, NULL, NULL,
    "192.0.2.7 - - [24/Jan/2026:01:37:00 +0000] x" },
  { "caddy  | {\"level\":\"info\",\"ts\":1795230859.5}", -1, NULL, NULL, NULL, NULL,
    "{\"level\":\"info\",\"ts\":1795230859.5}" },
  { "ns_1 | Jan 24 01:37:00 web1 named[9]: x", -1, "2026-01-24T01:37:00Z", "web1", "named", "9", "x" },
  { "stack_traefik.1.of166iz3i553@node1    | 192.0.2.7 - - x", -1, NULL, NULL, NULL, NULL, "192.0.2.7 - - x" },
  { "21:02:17 web.1   | 192.0.2.7 - - [24/Jan/2026:01:37:00 +0000] x", -1, NULL, NULL, NULL, NULL,
    "192.0.2.7 - - [24/Jan/2026:01:37:00 +0000] x" },
  { "OUT 21:02:17 httpd   | [Sat Jan 24 01:37:00 2026] [error] x", -1, NULL, NULL, NULL, NULL,
    "[Sat Jan 24 01:37:00 2026] [error] x" },
  { "21:02:17 | 192.0.2.7 - - is no name", -1, NULL, NULL, NULL, NULL, "21:02:17 | 192.0.2.7 - - is no name" },
  { "web-1  | 2026-01-24T01:37:00.123456789Z 192.0.2.7 - - x", -1, "2026-01-24T01:37:00.123456Z", NULL, NULL, NULL,
    "192.0.2.7 - - x" },
  { "2026-01-24T01:37:00.123456789Z Jan 24 01:36:59 web1 sshd[123]: x", -1, "2026-01-24T01:36:59Z", "web1", "sshd",
    "123", "x" },
  { "2026-01-24T01:37:00.123456789Z web1 sshd[123]: x", -1, "2026-01-24T01:37:00.123456Z", "web1", "sshd", "123", "x" },
  { "Jan 24 01:37:00 web1 docker-compose[9]: caddy-1  | {\"level\":\"info\"}", -1, "2026-01-24T01:37:00Z", "web1",
    "docker-compose", "9", "{\"level\":\"info\"}" },
  { "Jan 24 01:37:00 web1 sh[9]: db  | Jan 24 01:37:01 web2 sshd[123]: x", -1, "2026-01-24T01:37:01Z", "web2", "sshd",
    "123", "x" },
  { "Jan 24 01:37:00 web1 app[9]: caddy  | x", -1, "2026-01-24T01:37:00Z", "web1", "app", "9", "caddy  | x" },
  /* OPNsense */
  { "2026-01-24T01:37:00\tInformational\tunbound\t[91:0] info: x", -1, "2026-01-24T01:37:00Z", NULL, "unbound", NULL,
    "[91:0] info: x" },
  { "2026-01-24T01:37:00\t192.0.2.7\tGET\t/ and more", -1, NULL, NULL, NULL, NULL,
    "2026-01-24T01:37:00\t192.0.2.7\tGET\t/ and more" },
  /* grep -H */
  { "/var/log/nginx/access.log:192.0.2.7 - - x", -1, NULL, NULL, NULL, NULL, "192.0.2.7 - - x" },
  { "other_vhosts_access.log.1:192.0.2.7 - - x", -1, NULL, NULL, NULL, NULL, "192.0.2.7 - - x" },
  { "/var/log/auth.log:Jan 24 01:37:00 web1 sshd[123]: x", -1, "2026-01-24T01:37:00Z", "web1", "sshd", "123", "x" },
  { "/srv/a.log: said by a program, for a blank follows", -1, NULL, NULL, "/srv/a.log", NULL,
    "said by a program, for a blank follows" },
  { "/srv/<a>.log:192.0.2.7 - - x x x x", -1, NULL, NULL, NULL, NULL, "/srv/<a>.log:192.0.2.7 - - x x x x" },
  /* kubectl logs --prefix, stern */
  { "[pod/web-5d8f9c7b6d-x2x4z/nginx] 192.0.2.7 - - x", -1, NULL, NULL, NULL, NULL, "192.0.2.7 - - x" },
  { "[pod/] 192.0.2.7 is none, for it has no name", -1, NULL, NULL, NULL, NULL,
    "[pod/] 192.0.2.7 is none, for it has no name" },
  { "web-5d8f9c7b6d-x2x4z istio-proxy [2026-01-24T01:37:00.619Z] x", -1, NULL, NULL, NULL, NULL,
    "[2026-01-24T01:37:00.619Z] x" },
  { "web-5d8f9c7b6d-x2x4z \xe2\x80\xba nginx 192.0.2.7 - - x", -1, NULL, NULL, NULL, NULL,
    "web-5d8f9c7b6d-x2x4z \xe2\x80\xba nginx 192.0.2.7 - - x" },
  { "my-own-hosts nginx 192.0.2.7 - - is a host", -1, NULL, NULL, NULL, NULL,
    "my-own-hosts nginx 192.0.2.7 - - is a host" },
  { "\033[36mns_1 |\033[0m Jan 24 01:37:00 web1 named[9]: x", -1, "2026-01-24T01:37:00Z", "web1", "named", "9", "x" },
  { "#033[1;31mwhat a daemon wrote of a colour#033[0m", -1, NULL, NULL, NULL, NULL,
    "what a daemon wrote of a colour#033[0m" },
  { "\033[31 is no colour, and stands as it is", -1, NULL, NULL, NULL, NULL,
    "\033[31 is no colour, and stands as it is" },
  { "Jan 24 01:37:02 node1 1f2e3d4c5b6a[812]: Jan 24 01:37:00 web1 named[9]: x", -1, "2026-01-24T01:37:00Z", "web1",
    "named", "9", "x" },
  { "Jan 24 01:37:00 ap7,6.2.49 dropbear[9]: x", -1, "2026-01-24T01:37:00Z", "ap7,6.2.49", "dropbear", "9", "x" },
  { "Jan 24 01:37:02 fw kernel: Jan 24 01:37:00 web1 named[9]: x", -1, "2026-01-24T01:37:00Z", "web1", "named", "9",
    "x" },
  { "Jan 24 01:37:02 node1 docker/web[812]: named[9]: x", -1, "2026-01-24T01:37:02Z", "node1", "named", "9", "x" },
  { "Jan 24 01:37:02 node1 mail-dovecot-1[812]: text: of nobody", -1, "2026-01-24T01:37:02Z", "node1", "mail-dovecot-1",
    "812", "text: of nobody" },
  { "2026/01/24 01:37:00 kid1| a squid line is none", -1, NULL, NULL, NULL, NULL,
    "2026/01/24 01:37:00 kid1| a squid line is none" },
  /* a relay's header in front of the first one */
  { "Jan 24 01:37:02 relay Jan 24 01:37:00 web1 sshd[123]: x", -1, "2026-01-24T01:37:00Z", "web1", "sshd", "123", "x" },
  { "<13>Jan 24 01:37:02 relay 2026-01-24T01:37:00Z web1 sshd[123]: x", 13, "2026-01-24T01:37:00Z", "web1", "sshd",
    "123", "x" },
  { "Jan 24 01:37:02 relay <38>Jan 24 01:37:00 web1 sshd[123]: x", 38, "2026-01-24T01:37:00Z", "web1", "sshd", "123",
    "x" },
  { "2026-01-24T01:37:02Z relay <38>1 2026-01-24T01:37:00Z web1 sshd 123 - - x", 38, "2026-01-24T01:37:00Z", "web1",
    "sshd", "123", "x" },
  { "2026-01-24T01:37:02Z relay Jan 24 01:37:00 web1 sshd[123]: x", -1, "2026-01-24T01:37:00Z", "web1", "sshd", "123",
    "x" },
  { "Jan 24 01:37:02 192.0.2.9 web1 sshd[123]: x", -1, "2026-01-24T01:37:02Z", "web1", "sshd", "123", "x" },
  { "Jan 24 01:37:02 relay Feb 31 01:37:00 web1 sshd[123]: x", -1, "2026-01-24T01:37:02Z", "web1", "sshd", "123", "x" },
  { "Jan 24 01:37:02 ns1 2026-01-24 01:37:00 queries: info: x", -1, "2026-01-24T01:37:02Z", "ns1", NULL, NULL,
    "2026-01-24 01:37:00 queries: info: x" },
  { "Jan 24 01:37:02 web1 <b>bold</b> words: x", -1, "2026-01-24T01:37:02Z", "web1", NULL, NULL,
    "<b>bold</b> words: x" },
  /* no stamp */
  { "<38>sshd[1]: x", 38, NULL, NULL, "sshd", "1", "x" },
  { "sshd[1]: x", -1, NULL, NULL, "sshd", "1", "x" },
  { "sshd: x", -1, NULL, NULL, "sshd", NULL, "x" },
  { "<999>sshd: x", -1, NULL, NULL, NULL, NULL, "<999>sshd: x" },
  { "<14>web1 sshd[1]: x", 14, NULL, "web1", "sshd", "1", "x" },
  { "error: PAM: Authentication failure", -1, NULL, NULL, NULL, NULL, "error: PAM: Authentication failure" },
  { "pam_unix(sshd:auth): x", -1, NULL, NULL, NULL, NULL, "pam_unix(sshd:auth): x" },
  { "#Fields: date time c-ip", -1, NULL, NULL, NULL, NULL, "#Fields: date time c-ip" },
  { "", -1, NULL, NULL, NULL, NULL, "" },
  { "line end\r\n", -1, NULL, NULL, NULL, NULL, "line end" },
  /* a server's own stamp is no header */
  { "192.0.2.1 - - [24/Jan/2026:01:37:00 +0000] \"GET / HTTP/1.1\" 200 1", -1, NULL, NULL, NULL, NULL,
    "192.0.2.1 - - [24/Jan/2026:01:37:00 +0000] \"GET / HTTP/1.1\" 200 1" },
  { "2001:db8::1 - - [24/Jan/2026:01:37:00 +0000] \"GET / HTTP/1.1\" 200 1", -1, NULL, NULL, NULL, NULL,
    "2001:db8::1 - - [24/Jan/2026:01:37:00 +0000] \"GET / HTTP/1.1\" 200 1" },
  { "www.example.go.id:80 192.0.2.1 - - [24/Jan/2026:01:37:00 +0000] \"GET /\" 200 1", -1, NULL, NULL, NULL, NULL,
    "www.example.go.id:80 192.0.2.1 - - [24/Jan/2026:01:37:00 +0000] \"GET /\" 200 1" },
  { "[Sat Jan 24 01:37:00 2026] [error] [client 192.0.2.1] x", -1, NULL, NULL, NULL, NULL,
    "[Sat Jan 24 01:37:00 2026] [error] [client 192.0.2.1] x" },
  { "Sat Jan 24 01:37:00 2026 [pid 12] CONNECT: Client \"192.0.2.1\"", -1, NULL, NULL, NULL, NULL,
    "Sat Jan 24 01:37:00 2026 [pid 12] CONNECT: Client \"192.0.2.1\"" },
  { "24-Jan-2026 01:37:00.123 client @0x7f 192.0.2.1#53 (a): query: a IN A", -1, NULL, NULL, NULL, NULL,
    "24-Jan-2026 01:37:00.123 client @0x7f 192.0.2.1#53 (a): query: a IN A" },
  { "2026-01-24T01:37:00.123Z client @0x7f 192.0.2.1#53 (a): query: a IN A", -1, NULL, NULL, NULL, NULL,
    "2026-01-24T01:37:00.123Z client @0x7f 192.0.2.1#53 (a): query: a IN A" },
  { "2026/01/24 01:37:00 [error] 12#12: *1 open() failed", -1, NULL, NULL, NULL, NULL,
    "2026/01/24 01:37:00 [error] 12#12: *1 open() failed" },
  { "2026-01-24 01:37:00.123 UTC [99] FATAL:  password authentication failed", -1, NULL, NULL, NULL, NULL,
    "2026-01-24 01:37:00.123 UTC [99] FATAL:  password authentication failed" },
  { "2026-01-24 01:37:00 UTC FATAL:  password authentication failed", -1, NULL, NULL, NULL, NULL,
    "2026-01-24 01:37:00 UTC FATAL:  password authentication failed" },
  { "2026-01-24T01:37:00.123456Z 12 [Note] Access denied for user", -1, NULL, NULL, NULL, NULL,
    "2026-01-24T01:37:00.123456Z 12 [Note] Access denied for user" },
  { "2026-01-24 01:37:00 /index.php GET - 80 - 192.0.2.1 curl 200 0 0", -1, NULL, NULL, NULL, NULL,
    "2026-01-24 01:37:00 /index.php GET - 80 - 192.0.2.1 curl 200 0 0" },
  { "1769218620.123    45 192.0.2.1 TCP_DENIED/403 3900 GET http://a/ - HIER_NONE/- text/html", -1, NULL, NULL, NULL,
    NULL, "1769218620.123    45 192.0.2.1 TCP_DENIED/403 3900 GET http://a/ - HIER_NONE/- text/html" },
  { "[1769218620] unbound[1:0] info: 192.0.2.1 a. A IN", -1, NULL, NULL, NULL, NULL,
    "[1769218620] unbound[1:0] info: 192.0.2.1 a. A IN" },
  { "{\"msg\":\"handled request\",\"stream\":1}", -1, NULL, NULL, NULL, NULL,
    "{\"msg\":\"handled request\",\"stream\":1}" },
  /* what was thrown is no program */
  { "java.sql.SQLException: Access denied", -1, NULL, NULL, NULL, NULL, "java.sql.SQLException: Access denied" },
  { "Jan 24 01:37:00 app1 psycopg2.OperationalError: FATAL:  x", -1, "2026-01-24T01:37:00Z", "app1", NULL, NULL,
    "psycopg2.OperationalError: FATAL:  x" },
  /* wrappers */
  { "{\"log\":\"192.0.2.1 \\\"GET /\\u00e9\\\"\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-24T01:37:00.5Z\"}", -1,
    "2026-01-24T01:37:00.500000Z", NULL, NULL, NULL, "192.0.2.1 \"GET /\xc3\xa9\"" },
  { "{\"log\":\"Jan 24 01:37:00 web1 sshd[1]: x\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-24T09:00:00Z\"}", -1,
    "2026-01-24T01:37:00Z", "web1", "sshd", "1", "x" },
  { "2026-01-24T01:37:00.0+00:00 stdout F 192.0.2.1 - - x", -1, "2026-01-24T01:37:00Z", NULL, NULL, NULL,
    "192.0.2.1 - - x" },
  { "{\"__REALTIME_TIMESTAMP\":\"1769218620500000\",\"_HOSTNAME\":\"web1\",\"SYSLOG_IDENTIFIER\":\"sshd\",\"_PID\":"
    "\"7\","
    "\"MESSAGE\":\"error: x\"}",
    -1, "2026-01-24T01:37:00.500000Z", "web1", "sshd", "7", "error: x" },
  { "{\"__REALTIME_TIMESTAMP\":\"1769218620500000\",\"MESSAGE\":[101, 58,32,255],\"_HOSTNAME\":\"web1\","
    "\"SYSLOG_IDENTIFIER\":\"sshd\",\"_PID\":\"7\"}",
    -1, "2026-01-24T01:37:00.500000Z", "web1", "sshd", "7", "e: \xff" },
  { "{\"date\":1769218620.5,\"_HOSTNAME\":\"web1\",\"SYSLOG_IDENTIFIER\":\"sshd\",\"_PID\":\"9\",\"MESSAGE\":\"x\"}",
    -1, "2026-01-24T01:37:00.500000Z", "web1", "sshd", "9", "x" },
  { "{\"PROGRAM\":\"sshd\",\"PRIORITY\":\"info\",\"PID\":\"9\",\"MESSAGE\":\"x\",\"HOST\":\"web1\",\"FACILITY\":"
    "\"auth\","
    "\"DATE\":\"Jan 24 01:37:00\"}",
    -1, "2026-01-24T01:37:00Z", "web1", "sshd", "9", "x" },
  { "{\"timestamp\":\"2026-01-24T01:37:00.5Z\",\"hostname\":\"web1\",\"programname\":\"sshd\",\"procid\":\"9\",\"msg\":"
    "\" x\"}",
    -1, "2026-01-24T01:37:00.500000Z", "web1", "sshd", "9", "x" },
  { "{\"@timestamp\":\"2026-01-24T01:37:00.5Z\",\"host\":\"web1\",\"program\":\"postfix/"
    "smtpd\",\"pid\":\"9\",\"message\":"
    "\"x\"}",
    -1, "2026-01-24T01:37:00.500000Z", "web1", "postfix/smtpd", "9", "x" },
  { "{\"host\":\"web1\",\"ident\":\"sshd\",\"pid\":\"9\",\"message\":\"x\"}", -1, NULL, "web1", "sshd", "9", "x" },
  { "{\"appname\":\"sshd\",\"host\":\"web1\",\"message\":\"x\",\"procid\":9,\"source_type\":\"syslog\",\"timestamp\":"
    "\"2026-01-24T01:37:00Z\"}",
    -1, "2026-01-24T01:37:00Z", "web1", "sshd", "9", "x" },
  { "{\"program\":\"my program\",\"message\":\"x\"}", -1, NULL, NULL, NULL, NULL,
    "{\"program\":\"my program\",\"message\":\"x\"}" },
  { "{\"program\":\"sshd\",\"text\":\"x\"}", -1, NULL, NULL, NULL, NULL, "{\"program\":\"sshd\",\"text\":\"x\"}" },
  { "{\"__REALTIME_TIMESTAMP\":\"1769218620500000\",\"MESSAGE\":[101,256],\"_HOSTNAME\":\"web1\"}", -1, NULL, NULL,
    NULL, NULL, "{\"__REALTIME_TIMESTAMP\":\"1769218620500000\",\"MESSAGE\":[101,256],\"_HOSTNAME\":\"web1\"}" },
  { "{\"@timestamp\":\"2026-01-24T09:00:00.123Z\",\"message\":\"Jan 24 01:37:00 web1 sshd[7]: x\",\"agent\":{\"type\":"
    "\"filebeat\"},\"host\":{\"name\":\"shipper\"}}",
    -1, "2026-01-24T01:37:00Z", "web1", "sshd", "7", "x" },
  { "{\"@timestamp\":\"2026-01-24T09:00:00.5Z\",\"@metadata\":{\"beat\":\"filebeat\"},\"message\":\"192.0.2.7 - x\","
    "\"host\":{\"name\":\"web1\"}}",
    -1, "2026-01-24T09:00:00.500000Z", "web1", NULL, NULL, "192.0.2.7 - x" },
  { "{\"date\":1769218620.5,\"log\":\"192.0.2.7 - x\"}", -1, "2026-01-24T01:37:00.500000Z", NULL, NULL, NULL,
    "192.0.2.7 - x" },
  { "{\"date\":1769218620.5,\"log\":\"login\",\"user\":\"x\",\"ip\":\"192.0.2.7\",\"ok\":false}", -1, NULL, NULL, NULL,
    NULL, "{\"date\":1769218620.5,\"log\":\"login\",\"user\":\"x\",\"ip\":\"192.0.2.7\",\"ok\":false}" },
  { "{\"stream\":\"stderr\",\"log\":\"192.0.2.7 - x\",\"kubernetes\":{\"pod_name\":\"a\"}}", -1, NULL, NULL, NULL, NULL,
    "192.0.2.7 - x" },
  { "{\"file\":\"/x.log\",\"host\":\"web1\",\"message\":\"192.0.2.7 - x\",\"source_type\":\"file\",\"timestamp\":"
    "\"2026-01-24T01:37:00Z\"}",
    -1, "2026-01-24T01:37:00Z", "web1", NULL, NULL, "192.0.2.7 - x" },
  { "{\"version\":\"1.1\",\"host\":\"web1\",\"short_message\":\"192.0.2.7 - x\",\"timestamp\":1769218620.5}", -1,
    "2026-01-24T01:37:00.500000Z", "web1", NULL, NULL, "192.0.2.7 - x" },
  { "{\"version\":\"1.1\",\"host\":\"dc1\",\"short_message\":\"x\",\"_EventID\":4625}", -1, NULL, NULL, NULL, NULL,
    "{\"version\":\"1.1\",\"host\":\"dc1\",\"short_message\":\"x\",\"_EventID\":4625}" },
  { "{\"time\":1769218620.5,\"host\":\"web1\",\"source\":\"/var/log/auth.log\",\"sourcetype\":\"linux_secure\","
    "\"event\":\"Jan 24 01:37:00 web2 sshd[7]: x\"}",
    -1, "2026-01-24T01:37:00Z", "web2", "sshd", "7", "x" },
  { "{\"time\":1769218620.5,\"host\":\"web1\",\"sourcetype\":\"app\",\"event\":{\"user\":\"budi\"}}", -1, NULL, NULL,
    NULL, NULL, "{\"time\":1769218620.5,\"host\":\"web1\",\"sourcetype\":\"app\",\"event\":{\"user\":\"budi\"}}" },
  { "{\"preview\":false,\"result\":{\"_raw\":\"192.0.2.7 - x\",\"_time\":\"2026-01-24 01:37:00.000 UTC\",\"host\":"
    "\"web1\"}}",
    -1, NULL, "web1", NULL, NULL, "192.0.2.7 - x" },
  { "{\"_raw\":\"192.0.2.7 - x\",\"_time\":1769218620.5,\"host\":\"web1\"}", -1, "2026-01-24T01:37:00.500000Z", "web1",
    NULL, NULL, "192.0.2.7 - x" },
  { "{\"labels\":{\"host\":\"web1\",\"job\":\"nginx\"},\"line\":\"192.0.2.7 - x\",\"timestamp\":"
    "\"2026-01-24T08:37:00.5+07:00\"}",
    -1, "2026-01-24T01:37:00.500000Z", "web1", NULL, NULL, "192.0.2.7 - x" },
  { "{\"insertId\":\"1x\",\"textPayload\":\"192.0.2.7 - x\",\"timestamp\":\"2026-01-24T01:37:00.5Z\"}", -1,
    "2026-01-24T01:37:00.500000Z", NULL, NULL, NULL, "192.0.2.7 - x" },
  { "{\"logGroup\":\"g\",\"logStream\":\"i-0\",\"timestamp\":1769218620500,\"message\":\"192.0.2.7 - x\"}", -1,
    "2026-01-24T01:37:00.500000Z", NULL, NULL, NULL, "192.0.2.7 - x" },
  /* an address in front of a bar is a column of Bitbucket's, not a container of Compose's */
  { "{\"log\":\"192.0.2.7 | https | o@1x | budi | x\\n\",\"stream\":\"stdout\",\"time\":\"2026-01-24T01:37:00.5Z\"}",
    -1, "2026-01-24T01:37:00.500000Z", NULL, NULL, NULL, "192.0.2.7 | https | o@1x | budi | x" },
  /* columns */
  { "2026-01-24 01:37:00\tLocal7.Notice\t192.0.2.1\tJan 24 01:37:00 web1 sshd[7]: x", -1, "2026-01-24T01:37:00Z",
    "web1", "sshd", "7", "x" },
  { "2026-01-24 01:37:00\tAuth.Info\tweb1\tsshd[7]: x", -1, "2026-01-24T01:37:00Z", "web1", "sshd", "7", "x" },
  { "2026-01-24 01:37:00\t192.0.2.1\tGET\t/index.php", -1, NULL, NULL, NULL, NULL,
    "2026-01-24 01:37:00\t192.0.2.1\tGET\t/index.php" },
};

static void
check_part(const gchar *what, const gchar *expected, const gchar *got, gsize length)
{
  gchar *copy = got ? g_strndup(got, length) : NULL;
  ck_assert_msg(g_strcmp0(copy, expected) == 0, "%s is '%s', expected '%s'", what, copy ? copy : "(none)",
                expected ? expected : "(none)");
  g_free(copy);
}

START_TEST(headers_are_read)
{
  SiagaTimeContext context = { .year = 2026 };
  SiagaArena *arena = siaga_arena_new();
  SiagaLine line;
  gchar buffer[40];
  siaga_line_read(&line, lines[_i].raw, strlen(lines[_i].raw), &context, arena);
  check_part("text", lines[_i].text, line.text, line.text_length);
  check_part("host", lines[_i].host, line.host, line.host_length);
  check_part("program", lines[_i].program, line.program, line.program_length);
  check_part("pid", lines[_i].pid, line.pid, line.pid_length);
  ck_assert_int_eq(line.priority, lines[_i].priority);
  ck_assert_int_eq(line.has_time, lines[_i].time != NULL);
  if (lines[_i].time)
    ck_assert_str_eq(siaga_time_format(line.time, buffer), lines[_i].time);
  siaga_arena_free(arena);
}
END_TEST

/* Cut anywhere, and with each byte turned into another: nothing is read outside (the sanitizers watch). */
START_TEST(damaged_lines_are_safe)
{
  SiagaTimeContext context = { .year = 2026 };
  SiagaArena *arena = siaga_arena_new();
  SiagaLine line;
  gsize length = strlen(lines[_i].raw);
  for (gsize cut = 0; cut <= length; cut++)
    {
      gchar *copy = g_memdup2(lines[_i].raw, cut);
      siaga_arena_reset(arena);
      siaga_line_read(&line, copy, cut, &context, arena);
      siaga_line_read(&line, copy, cut, &context, NULL);
      for (gsize i = 0; i < cut; i += 3)
        copy[i] ^= 0x80;
      siaga_line_read(&line, copy, cut, &context, arena);
      g_free(copy);
    }
  siaga_arena_free(arena);
}
END_TEST

START_TEST(structured_data_is_kept)
{
  SiagaLine line;
  const gchar *raw = "<38>1 - web1 app - - [NXLOG@14506 EventID=\"4625\"] An account failed";
  siaga_line_read(&line, raw, strlen(raw), NULL, NULL);
  check_part("structured", "[NXLOG@14506 EventID=\"4625\"]", line.structured, line.structured_length);
}
END_TEST

START_TEST(long_lines_are_cut)
{
  gchar *raw = g_strnfill(3 * SIAGA_LINE_MAX, 'a');
  SiagaLine line;
  siaga_line_read(&line, raw, 3 * SIAGA_LINE_MAX, NULL, NULL);
  ck_assert_uint_eq(line.raw_length, 3 * SIAGA_LINE_MAX);
  ck_assert_uint_eq(line.text_length, SIAGA_LINE_MAX);
  g_free(raw);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("line");
  tcase_add_loop_test(tcase, headers_are_read, 0, G_N_ELEMENTS(lines));
  tcase_add_loop_test(tcase, damaged_lines_are_safe, 0, G_N_ELEMENTS(lines));
  tcase_add_test(tcase, structured_data_is_kept);
  tcase_add_test(tcase, long_lines_are_cut);
  return run_case("line", tcase);
}
