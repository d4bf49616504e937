/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the web normaliser makes of targets, clients and proxies. */

#include "tests/harness/normalise.h"
#include "tests/harness/run.h"

#include <string.h>

static void
setup(void)
{
  begin(SIAGA_FAMILY_WEB);
}

static const Case cases[] = {
  /* the four forms of RFC 9112, 3.2 */
  { { "url.original", "/a/b.php?x=1&y=%2e", NULL },
    { "url.path", "/a/b.php", "url.query", "x=1&y=%2e", "siaga.url.canonical_query", "x=1&y=.", "siaga.url.canonical",
      "/a/b.php?x=1&y=.", "url.extension", "php", "url.path_directory", "/a/", "url.original", "/a/b.php?x=1&y=%2e" } },
  { { "url.original", "http://u:p@www.contoh.example:8080/x?y", NULL },
    { "url.path", "/x", "url.query", "y", "url.scheme", "http", "http.request.host", "www.contoh.example", "url.domain",
      "www.contoh.example", "siaga.url.claimed", "1", "siaga.url.canonical",
      "http://u:p@www.contoh.example:8080/x?y" } },
  { { "url.original", "http://[2001:db8::1]:80/", NULL }, { "http.request.host", "2001:db8::1", "url.path", "/" } },
  { { "url.original", "mail.example:443", "http.request.method", "CONNECT", NULL },
    { "http.request.host", "mail.example", "url.path", "" } },
  /* the Host header names the site where the server does not, and no more than that */
  { { "http.request.host", "WWW.Contoh.example:8443", NULL },
    { "url.domain", "www.contoh.example", "siaga.url.claimed", "1", "http.request.host", "WWW.Contoh.example:8443" } },
  { { "http.request.host", "lain.example", "url.domain", "www.contoh.example", NULL },
    { "url.domain", "www.contoh.example", "siaga.url.claimed", "" } },
  { { "http.request.host", "192.0.2.9:80", NULL }, { "url.domain", "192.0.2.9" } },
  { { "http.request.host", "[2001:db8::1]:80", NULL }, { "url.domain", "2001:db8::1" } },
  { { "http.request.host", "2001:db8::1", NULL }, { "url.domain", "2001:db8::1" } },
  { { "http.request.host", "a.example'--", NULL }, { "url.domain", "", "siaga.url.claimed", "" } },
  { { "http.request.host", "_", NULL }, { "url.domain", "" } },
  { { "url.original", "*", "http.request.method", "OPTIONS", NULL }, { "url.path", "*" } },
  { { "url.original", "/x#frag?no", NULL }, { "url.path", "/x", "url.query", "", "url.fragment", "frag?no" } },
  { { "url.original", "/x?a=/../b#c", NULL }, { "url.path", "/x", "url.query", "a=/../b", "url.fragment", "c" } },
  /* an encoded border stays inside its part */
  { { "url.original", "/a%3fb?c=%23d", NULL },
    { "siaga.url.canonical_path", "/a?b", "siaga.url.canonical_query", "c=#d", "siaga.url.canonical", "/a?b?c=#d" } },
  /* IIS logs path and query apart */
  { { "url.path", "/default.aspx", "url.query", "id=1", NULL },
    { "url.original", "/default.aspx?id=1", "url.path", "/default.aspx", "url.extension", "aspx" } },
  { { "url.path", "/robots.txt", NULL }, { "url.original", "/robots.txt", "url.query", "" } },
  { { "url.original", "/UP/X.PHP;jsessionid=1", NULL }, { "url.extension", "php" } },
  { { "url.original", "/a.b/c", NULL }, { "url.extension", "", "url.path_directory", "/a.b/" } },
  { { "url.original", "/shell.ph%70", NULL }, { "url.extension", "php" } },
  { { "http.request.referrer", "http://www.contoh.example/?a=%2e%2E%2fb", NULL },
    { "siaga.http.canonical_referrer", "http://www.contoh.example/?a=../b", "http.request.referrer",
      "http://www.contoh.example/?a=%2e%2E%2fb" } },
  { { "http.request.referrer", "http://www.contoh.example/", NULL }, { "siaga.http.canonical_referrer", "" } },
  { { "http.response.status_code", "200", NULL }, { "event.outcome", "success" } },
  { { "http.response.status_code", "304", NULL }, { "event.outcome", "success" } },
  { { "http.response.status_code", "404", NULL }, { "event.outcome", "failure" } },
  { { "http.response.status_code", "500", "event.outcome", "unknown", NULL }, { "event.outcome", "unknown" } },
  { { "http.response.status_code", "0", NULL }, { "event.outcome", "" } },
  /* accounts of a domain: as a server reads them, as Apache's error log and nginx's access log write them */
  { { "user.name", "KANTOR\\budi", NULL }, { "user.name", "budi", "user.domain", "KANTOR" } },
  { { "user.name", "KANTOR\\\\budi", NULL }, { "user.name", "budi", "user.domain", "KANTOR" } },
  { { "user.name", "KANTOR\\x5Cbudi", NULL }, { "user.name", "budi", "user.domain", "KANTOR" } },
  { { "user.name", "KANTOR\\x5C", NULL }, { "user.name", "KANTOR\\x5C", "user.domain", "" } },
  { { "user.name", "KANTOR\\x22budi", NULL }, { "user.name", "x22budi", "user.domain", "KANTOR" } },
  { { "user.name", "\\x22budi", NULL }, { "user.name", "\\x22budi", "user.domain", "" } },
  { { "user.name", "budi@kantor.example", NULL }, { "user.name", "budi@kantor.example", "user.domain", "" } },
};

START_TEST(targets_are_split)
{
  run(&cases[_i]);
}
END_TEST

static const struct
{
  const gchar *agent, *class;
} agents[] = {
  { "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0", "browser" },
  { "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "bot" },
  { "Mozilla/5.0 (compatible; Baiduspider/2.0)", "bot" },
  { "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)", "scanner" },
  { "sqlmap/1.7.2#stable (https://sqlmap.org)", "scanner" },
  { "Mozilla/5.00 (Nikto/2.1.6) (Evasions:None) (Test:000001)", "scanner" },
  { "curl/7.88.1", "tool" },
  { "Wget/1.21.3", "tool" },
  { "python-requests/2.31.0", "library" },
  { "Python-urllib/3.11", "library" },
  { "Go-http-client/1.1", "library" },
  { "Java/17.0.1", "library" },
  { "JavaScriptThing/1.0", NULL },
  { "-", "empty" },
  { "", "empty" },
  { "AplikasiKu/1.0", NULL },
};

START_TEST(clients_are_classed)
{
  siaga_event_set(event, SIAGA_F_USER_AGENT_ORIGINAL, agents[_i].agent, strlen(agents[_i].agent));
  siaga_normalise_web(&normaliser, event);
  expect("user_agent.class", agents[_i].class);
}
END_TEST

/* 10.0.0.0/8 and 2001:db8:f::/48 are trusted. */
static const struct
{
  const gchar *peer, *list, *client;
} chains[] = {
  { "10.0.0.1", "192.0.2.7", "192.0.2.7" },
  { "10.0.0.1", "198.51.100.1, 192.0.2.7", "192.0.2.7" },
  { "10.0.0.1", "198.51.100.1, 192.0.2.7, 10.9.9.9", "192.0.2.7" },
  { "10.0.0.1", "192.0.2.7:4711, 2001:db8:f::2", "192.0.2.7" },
  { "10.0.0.1", "\"[2001:db8::7]:4711\"", "2001:db8::7" },
  { "10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3" },
  { "10.0.0.1", "unknown, 10.0.0.2", "10.0.0.2" },
  { "10.0.0.1", "' or 1=1 --", "10.0.0.1" },
  { "10.0.0.1", "", "10.0.0.1" },
  { "203.0.113.5", "192.0.2.7", "203.0.113.5" },
};

START_TEST(the_client_behind_trusted_proxies_is_found)
{
  SiagaNetworks *trusted = siaga_networks_new();
  siaga_networks_add(trusted, "10.0.0.0/8");
  siaga_networks_add(trusted, "2001:db8:f::/48");
  normaliser.trusted_proxies = trusted;
  set("source.address", chains[_i].peer);
  set("http.request.forwarded_for", chains[_i].list);
  siaga_normalise(&normaliser, event);
  expect("source.ip", chains[_i].client);
  expect("source.nat.ip", strcmp(chains[_i].peer, chains[_i].client) == 0 ? NULL : chains[_i].peer);
  normaliser.trusted_proxies = NULL;
  siaga_networks_free(trusted);
}
END_TEST

START_TEST(a_refused_account_is_a_failed_login)
{
  set("http.response.status_code", "401");
  siaga_normalise_web(&normaliser, event);
  expect("event.outcome", "failure");
  expect("event.category", NULL);

  siaga_event_reset(event);
  event->family = SIAGA_FAMILY_WEB;
  set("http.response.status_code", "401");
  set("user.name", "budi");
  siaga_normalise_web(&normaliser, event);
  expect("event.category", "authentication");
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("weblog-normalise");
  tcase_add_checked_fixture(tcase, setup, end);
  tcase_add_loop_test(tcase, targets_are_split, 0, G_N_ELEMENTS(cases));
  tcase_add_loop_test(tcase, clients_are_classed, 0, G_N_ELEMENTS(agents));
  tcase_add_loop_test(tcase, the_client_behind_trusted_proxies_is_found, 0, G_N_ELEMENTS(chains));
  tcase_add_test(tcase, a_refused_account_is_a_failed_login);
  return run_case("weblog-normalise", tcase);
}
