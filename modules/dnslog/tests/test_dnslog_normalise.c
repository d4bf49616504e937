/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * What the DNS normaliser makes of names and flags. */

#include "config.h"

#include "tests/harness/normalise.h"
#include "tests/harness/run.h"

#include <libpsl.h>
#include <stdio.h>
#include <string.h>

/* A list of our own: the distribution's changes. */
static psl_ctx_t *
load_suffixes(void)
{
  static gchar list[] = "example\nid\ngo.id\n*.ck\n!www.ck\nhost.example\n";
  FILE *file = fmemopen(list, sizeof list - 1, "r");
  psl_ctx_t *suffixes = psl_load_fp(file);
  fclose(file);
  return suffixes;
}

static void
setup(void)
{
  normaliser.public_suffixes = load_suffixes();
  begin(SIAGA_FAMILY_DNS);
}

static void
teardown(void)
{
  psl_free(normaliser.public_suffixes);
  end();
}

#define NAME(raw, spelled, domain, subdomain, tld)                                                                     \
  {                                                                                                                    \
    { "dns.question.name", raw, NULL },                                                                                \
    {                                                                                                                  \
      "dns.question.name", spelled, "dns.question.registered_domain", domain, "dns.question.subdomain", subdomain,     \
          "dns.question.top_level_domain", tld, NULL                                                                   \
    }                                                                                                                  \
  }

static const Case cases[] = {
  NAME("www.kementerian.go.id", "www.kementerian.go.id", "kementerian.go.id", "www", "go.id"),
  NAME("WwW.KEMENTERIAN.go.ID.", "www.kementerian.go.id", "kementerian.go.id", "www", "go.id"),
  NAME("a.b.c.example", "a.b.c.example", "c.example", "a.b", "example"),
  NAME("c.example", "c.example", "c.example", "", "example"),
  NAME("a.host.example", "a.host.example", "a.host.example", "", "host.example"),
  NAME("host.example", "host.example", "", "", ""),
  NAME("go.id", "go.id", "", "", ""),
  NAME("x.y.z.ck", "x.y.z.ck", "y.z.ck", "x", "z.ck"),
  NAME("a.www.ck", "a.www.ck", "www.ck", "a", "ck"),
  NAME("localhost", "localhost", "", "", ""),
  NAME(".", ".", "", "", ""),
  /* RFC 1035, 5.1: \\DDD and \\X */
  NAME("\\119ww.c.example", "www.c.example", "c.example", "www", "example"),
  NAME("a\\046b.c.example", "a\\.b.c.example", "c.example", "a\\.b", "example"),
  NAME("a\\.b.c.example", "a\\.b.c.example", "c.example", "a\\.b", "example"),
  NAME("\\300.c.example", "300.c.example", "c.example", "300", "example"),
  NAME("c.example\\", "c.example\\\\", "c.example\\\\", "", "example\\\\"),
  /* Windows' debug log */
  NAME("(3)wWw(1)c(7)example(0)", "www.c.example", "c.example", "www", "example"),
  NAME("(0)", ".", "", "", ""),
  NAME("(9)wWw(7)c.example(0)", "www.c.example", "c.example", "www", "example"),
  NAME("(9)www(7)example", "(9)www(7)example", "", "", ""),
  NAME("(", "(", "", "", ""),
  NAME("(9)(0)", ".", "", "", ""),
  NAME(".wWw.c.example.", "www.c.example", "c.example", "www", "example"),
  NAME("\\046www.c.example", "\\.www.c.example", "c.example", "\\.www", "example"),
  /* RFC 5891 */
  NAME("b\xc3\xbc"
       "cher.example",
       "xn--bcher-kva.example", "xn--bcher-kva.example", "", "example"),
  NAME("xn--bcher-kva.example", "xn--bcher-kva.example", "xn--bcher-kva.example", "", "example"),
  { { "dns.question.name", "abcdefgh.c.example", NULL },
    { "siaga.dns.question_length", "18", "siaga.dns.label_max", "8", "siaga.dns.label_count", "3", "siaga.dns.entropy",
      "3" } },
  { { "dns.question.name", "aaaa.c.ex", NULL }, { "siaga.dns.entropy", "0", "siaga.dns.label_max", "4" } },
  { { "dns.question.name", "aabbccdd.c.ex", NULL }, { "siaga.dns.entropy", "2" } },
  { { "siaga.dns.zone", "Kementerian.GO.id.", NULL }, { "siaga.dns.zone", "kementerian.go.id" } },
  /* RFC 5936, 2.1.2; RFC 1996, 3.3; RFC 2136, 2.3: the zone stands where a query has its question */
  { { "siaga.dns.zone", "Kementerian.GO.id.", NULL },
    { "dns.question.name", "kementerian.go.id", "dns.question.registered_domain", "kementerian.go.id" } },
  { { "siaga.dns.zone", "go.id", "dns.question.name", "x.go.id", NULL }, { "dns.question.name", "x.go.id" } },
  /* as .NET's enumerations spell RFC 1035's codes */
  { { "dns.response_code", "ServerFailure", NULL }, { "dns.response_code", "SERVFAIL" } },
  { { "dns.response_code", "NAMEERROR", NULL }, { "dns.response_code", "NXDOMAIN" } },
  { { "dns.response_code", "YXRRSET", NULL }, { "dns.response_code", "YXRRSET" } },
  /* no answer; an answer is no success of an attempt; a line that says more keeps it */
  { { "dns.response_code", "ServerFailure", NULL }, { "event.outcome", "failure" } },
  { { "dns.response_code", "5", NULL }, { "event.outcome", "failure" } },
  { { "dns.response_code", "NOERROR", NULL }, { "event.outcome", "" } },
  { { "dns.response_code", "NXDOMAIN", NULL }, { "event.outcome", "" } },
  { { "dns.response_code", "REFUSED", "event.outcome", "unknown", NULL }, { "event.outcome", "unknown" } },
  /* RFC 1035, 3.2.3: type 255 */
  { { "dns.question.type", "ALL", NULL }, { "dns.question.type", "ANY" } },
  { { "dns.question.type", "*", NULL }, { "dns.question.type", "ANY" } },
  /* RFC 3597, 5 */
  { { "dns.question.type", "TYPE65", NULL }, { "dns.question.type", "HTTPS" } },
  { { "dns.question.type", "10", NULL }, { "dns.question.type", "NULL" } },
  { { "dns.question.type", "28", NULL }, { "dns.question.type", "AAAA" } },
  { { "dns.question.type", "65534", NULL }, { "dns.question.type", "TYPE65534" } },
  { { "dns.question.type", "TYPE65534", NULL }, { "dns.question.type", "TYPE65534" } },
  { { "dns.question.type", "TYPE000065", NULL }, { "dns.question.type", "TYPE000065" } },
  { { "dns.question.type", "65536", NULL }, { "dns.question.type", "65536" } },
  { { "dns.question.type", "TYPE1x", NULL }, { "dns.question.type", "TYPE1x" } },
  { { "dns.question.type", "AAAA", NULL }, { "dns.question.type", "AAAA" } },
  { { "dns.question.type", "A", NULL }, { "dns.question.type", "A" } },
};

START_TEST(names_are_spelled_one_way)
{
  run(&cases[_i]);
}
END_TEST

START_TEST(without_a_list_the_last_two_labels_count)
{
  gpointer suffixes = normaliser.public_suffixes;
  normaliser.public_suffixes = NULL;
  set("dns.question.name", "a.b.go.id");
  siaga_normalise(&normaliser, event);
  expect("dns.question.registered_domain", "go.id");
  normaliser.public_suffixes = suffixes;
}
END_TEST

static const Case spoof_cases[] = {
  { { "source.address", "192.0.2.7", "event.dataset", "bind", "siaga.dns.flags", "+E(0)K", NULL },
    { "siaga.source.spoofable", "1", "network.transport", "udp" } },
  { { "source.address", "192.0.2.7", "event.dataset", "bind", "siaga.dns.flags", "+E(0)T", NULL },
    { "siaga.source.spoofable", "0", "network.transport", "tcp" } },
  { { "source.address", "192.0.2.7", "event.dataset", "bind", "siaga.dns.flags", "+E(0)V", NULL },
    { "siaga.source.spoofable", "0" } },
  { { "source.address", "192.0.2.7", "event.dataset", "bind", "siaga.dns.flags", "-S", NULL },
    { "siaga.source.spoofable", "0" } },
  { { "source.address", "192.0.2.7", "event.dataset", "unbound", NULL },
    { "siaga.source.spoofable", "1", "network.transport", "" } },
  { { "source.address", "192.0.2.7", "network.transport", "TCP", NULL }, { "siaga.source.spoofable", "0" } },
  { { "source.address", "192.0.2.7", "dns.question.type", "AXFR", NULL }, { "siaga.source.spoofable", "0" } },
  { { "dns.question.type", "A", NULL }, { "siaga.source.spoofable", "" } },
};

START_TEST(a_source_that_nobody_checked_is_spoofable)
{
  run(&spoof_cases[_i]);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("dnslog-normalise");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, names_are_spelled_one_way, 0, G_N_ELEMENTS(cases));
  tcase_add_test(tcase, without_a_list_the_last_two_labels_count);
  tcase_add_loop_test(tcase, a_source_that_nobody_checked_is_spoofable, 0, G_N_ELEMENTS(spoof_cases));
  return run_case("dnslog-normalise", tcase);
}
