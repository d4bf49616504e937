/* Copyright (C) the siaga authors
 * SPDX-License-Identifier: GPL-2.0-or-later
 * Canonical requests, addresses, networks, actors. */

#include "engine/normalise/address.h"
#include "tests/harness/run.h"

#include <siaga/normalise.h>

#include <arpa/inet.h>
#include <string.h>
#include <time.h>

static SiagaFields *fields;
static SiagaEvent *event;

static void
setup(void)
{
  gchar *path = g_build_filename(g_getenv("SIAGA_DATA_DIR"), "fields.yaml", NULL);
  fields = siaga_fields_load(path, NULL);
  ck_assert_ptr_nonnull(fields);
  event = siaga_event_new(fields);
  g_free(path);
}

static void
teardown(void)
{
  siaga_event_free(event);
  siaga_fields_unref(fields);
}

static const struct
{
  const gchar *raw, *canonical;
} canonical_cases[] = {
  /* RFC 3986 percent-encoding, once and up to four times */
  { "/%61dmin", "/admin" },
  { "/%2561dmin", "/admin" },
  { "/%25252561dmin", "/admin" },
  { "/%2525252561dmin", "/%61dmin" },
  { "/100%", "/100%" },
  { "/%zz%4", "/%zz%4" },
  /* IIS %uXXXX, full-width forms */
  { "/%u0061dmin", "/admin" },
  { "/%U0061%u002e%u002e", "/a.." },
  { "%uff1cscript%uff1e", "<script>" },
  { "%ef%bc%9cscript%ef%bc%9e", "<script>" },
  { "..\xef\xbc\x8f..", "../.." },
  { "\xef\xbc\x87 \xef\xbd\x8f\xef\xbd\x92 1", "' or 1" },
  { "%ef%bd%b1", "\xef\xbd\xb1" },
  { "%u00e9", "\xc3\xa9" },
  { "%ud800x", "%ud800x" },
  /* overlong UTF-8 and what old servers took for it */
  { "/..%c0%af..%c0%afetc", "/../../etc" },
  { "/..%e0%80%af..", "/../.." },
  { "/..%f0%80%80%af..", "/../.." },
  { "/..%f8%80%80%80%af..", "/../.." },
  { "/..%fc%80%80%80%80%af..", "/../.." },
  { "/%c0%ae%c0%ae/", "/../" },
  { "/..%c1%9c..", "/..\\.." },
  { "/..%c1%1c..", "/..\\.." },
  { "/..%c0%2f..", "/../.." },
  { "/..%c0%5c..", "/..\\.." },
  { "%c3%a9", "\xc3\xa9" },
  { "%C1rbol", "\xc1rbol" },
  /* + is a blank, %2B is a plus */
  { "q=a+b", "q=a b" },
  { "q=1%2B1", "q=1+1" },
  /* log escaping of Apache and nginx */
  { "/\\x22\\x3e", "/\">" },
  { "/a\\\"b", "/a\"b" },
  { "/..\\\\..", "/..\\.." },
  { "/\\\\x3cscript", "/<script" },
  /* NUL */
  { "/a.php%00.jpg", "/a.php.jpg" },
  { "sel%00ect", "select" },
  /* paths */
  { "/a//b", "/a/b" },
  { "//admin", "/admin" },
  { "/a/./b/././c", "/a/b/c" },
  { "/a%2f%2e%2fb", "/a/b" },
  { "/a/../b", "/a/../b" },
  { "u=http://host/x//y", "u=http://host/x/y" },
  { "u=//host/x", "u=//host/x" },
  { "/.well-known/x", "/.well-known/x" },
  /* SQL comments */
  { "1/**/union/*x*/select", "1 union select" },
  { "1/*!50000union*/select", "1 union select" },
  { "1%2f%2a*%2funion", "1 union" },
  { "/a/*", "/a/*" },
  { "/*/x", "/*/x" },
  /* HTML entities */
  { "&lt;script&gt;", "<script>" },
  { "&#60;&#x3c;&#X3C;&#0000060;", "<<<<" },
  { "&#106avascript", "javascript" },
  { "java&Tab;script&colon;", "java\tscript:" },
  { "a=1&lt=2", "a=1&lt=2" },
  { "%26lt%3b", "<" },
  /* JavaScript and CSS */
  { "\\u003cscript\\u{3e}", "<script>" },
  { "\\x6aavascript", "javascript" },
  { "\\6a avascript", "javascript" },
  { "\\00006aavascript", "javascript" },
  { "\\00006a avascript", "javascript" },
  { "..\\..\\etc\\boot.ini\\admin", "..\\..\\etc\\boot.ini\\admin" },
};

static void
assert_canonical(const gchar *raw, const gchar *expected)
{
  SiagaArena *arena = siaga_arena_new();
  gsize length;
  const gchar *result = siaga_canonical(arena, raw, strlen(raw), &length);
  gchar *text = g_strndup(result, length);
  ck_assert_msg(strcmp(text, expected) == 0, "%s gave '%s', expected '%s'", raw, text, expected);
  g_free(text);
  siaga_arena_free(arena);
}

START_TEST(encodings_are_undone)
{
  assert_canonical(canonical_cases[_i].raw, canonical_cases[_i].canonical);
}
END_TEST

/* What stands between the marks is still asked for when they are in two values, and goes to the end. */
START_TEST(a_comment_over_several_values_hides_none)
{
  assert_canonical("a=/*&q=%3Cb&b=*/&c=1", "a= &c=1&q=<b&b=");
  assert_canonical("a=/*x&q=1*/2/*y&r=*/3", "a= 2 3&x&q=1&y&r=");
  assert_canonical("id=1/*%26*/union/*a%26b*/select", "id=1 union select&&a&b");
  assert_canonical("/a.php/*?id=1%20or%201*/", "/a.php ?id=1 or 1");
  assert_canonical("a=/*&q=x//b%252f*/", "a= &q=x/b/");
  assert_canonical("a=/*!50000x&q=1*/", "a= x&q=1 ");
  GString *many = g_string_new("a="), *expected = g_string_new("a=");
  for (guint i = 0; i < 5000; i++)
    {
      g_string_append(many, "/*&*/");
      g_string_append_c(expected, ' ');
    }
  for (guint i = 0; i < 5000; i++)
    g_string_append_c(expected, '&');
  assert_canonical(many->str, expected->str);
  g_string_free(many, TRUE);
  g_string_free(expected, TRUE);
}
END_TEST

/* Behind and in front of text in which there is nothing to do, wherever a block of sixteen bytes ends. */
START_TEST(encodings_are_undone_at_every_place)
{
  static const gchar dull[] = "/berita/2026-03?halaman=2/a.b/c-d_e~f,g/h";
  SiagaArena *arena = siaga_arena_new();
  for (guint before = 1; before < sizeof dull; before++)
    {
      gsize length;
      gchar *raw = g_strdup_printf("%.*s %s %s", before, dull, canonical_cases[_i].raw, dull);
      gchar *expected = g_strdup_printf("%.*s %s %s", before, dull, canonical_cases[_i].canonical, dull);
      const gchar *result = siaga_canonical(arena, raw, strlen(raw), &length);
      gchar *text = g_strndup(result, length);
      ck_assert_str_eq(text, expected);
      g_free(text);
      g_free(expected);
      g_free(raw);
    }
  siaga_arena_free(arena);
}
END_TEST

START_TEST(a_plain_request_is_given_back_as_it_lies)
{
  static const gchar *const plain[] = { "/", "/index.php?a=1&b=2", "/.well-known/acme", "/a/../b", "/100%", "" };
  SiagaArena *arena = siaga_arena_new();
  for (guint i = 0; i < G_N_ELEMENTS(plain); i++)
    {
      gsize length;
      ck_assert_ptr_eq(siaga_canonical(arena, plain[i], strlen(plain[i]), &length), plain[i]);
      ck_assert_uint_eq(length, strlen(plain[i]));
    }
  siaga_arena_free(arena);
}
END_TEST

START_TEST(hostile_requests_end_soon)
{
  static const gchar *const pieces[] = { "/*", "%25", "&#", "\\", "&lt", "/.", "%u", "\xf8\x80", "/*!9" };
  SiagaArena *arena = siaga_arena_new();
  GString *text = g_string_new(NULL);
  while (text->len < 65536)
    g_string_append(text, pieces[_i]);
  gsize length;
  clock_t start = clock(); /* processor time, in microseconds on POSIX: machines are shared */
  siaga_canonical(arena, text->str, text->len, &length);
  ck_assert_uint_le(length, text->len);
  ck_assert_int_lt(clock() - start, 500000);
  g_string_free(text, TRUE);
  siaga_arena_free(arena);
}
END_TEST

static const struct
{
  const gchar *text, *canonical; /* NULL: no address */
  gint port;
} address_cases[] = {
  { "192.0.2.7", "192.0.2.7", -1 },
  { "192.0.2.7:443", "192.0.2.7", 443 },
  { "[2001:DB8::1]:53", "2001:db8::1", 53 },
  { "[2001:db8:0:0:0:0:0:1]", "2001:db8::1", -1 },
  { "2001:db8::0001", "2001:db8::1", -1 },
  { "fe80::1%eth0", "fe80::1", -1 },
  { "[fe80::1%25eth0]", "fe80::1", -1 },
  { "::ffff:192.0.2.7", "192.0.2.7", -1 },
  { "::FFFF:c000:0207", "192.0.2.7", -1 },
  { "[::ffff:192.0.2.7]:22", "192.0.2.7", 22 },
  { "[192.0.2.7]", "192.0.2.7", -1 },
  { "::", "::", -1 },
  { "192.0.2.256", NULL, 0 },
  { "192.0.2", NULL, 0 },
  { "192.0.2.07", NULL, 0 },
  { "192.0.2.7.1", NULL, 0 },
  { "192.0.2.7:70000", NULL, 0 },
  { "[2001:db8::1", NULL, 0 },
  { "2001:db8:::1", NULL, 0 },
  { "host.example", NULL, 0 },
  { "a:b", NULL, 0 },
  { "", NULL, 0 },
};

START_TEST(addresses_are_read)
{
  SiagaIp address;
  gchar buffer[SIAGA_IP_TEXT];
  gint port;
  const gchar *text = address_cases[_i].text;
  gboolean ok = siaga_ip_parse(&address, text, strlen(text), &port);
  ck_assert_msg(ok == (address_cases[_i].canonical != NULL), "%s", text);
  if (!ok)
    return;
  ck_assert_uint_eq(siaga_ip_format(&address, buffer), strlen(address_cases[_i].canonical));
  ck_assert_str_eq(buffer, address_cases[_i].canonical);
  ck_assert_int_eq(port, address_cases[_i].port);
}
END_TEST

static gchar *
text_of(SiagaFieldId field)
{
  gsize length;
  const gchar *text = siaga_event_text(event, field, &length);
  return text ? g_strndup(text, length) : g_strdup("(none)");
}

static void
expect(SiagaFieldId field, const gchar *expected)
{
  gchar *text = text_of(field);
  ck_assert_str_eq(text, expected);
  g_free(text);
}

static const struct
{
  const gchar *address, *ip, *actor, *subnet;
} source_cases[] = {
  { "192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.0/24" },
  { "::ffff:192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.0/24" },
  { "2001:db8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:db8:1::/48" },
  { "evil.example.net", "(none)", "evil.example.net", "(none)" },
  { "-", "(none)", "(none)", "(none)" },
  { "UNKNOWN", "(none)", "(none)", "(none)" },
};

/* The system's own functions say what is right.  Eight slices of 50,000: each has a time limit of its own. */
START_TEST(addresses_are_read_and_written_as_the_system_does)
{
  static const gchar *const parts[] = { ":",    "::",    "0",         "1",        "ab", "FFFF",
                                        "0db8", "12345", "192.0.2.7", "01.2.3.4", ".",  "g" };
  GRand *rand = g_rand_new_with_seed(6 + _i);
  guint good = 0;
  for (guint round = 0; round < 50000; round++)
    {
      gchar text[128] = "", ours[SIAGA_IP_TEXT], theirs[INET6_ADDRSTRLEN];
      guint8 bytes[16];
      SiagaIp ip;
      for (guint i = g_rand_int_range(rand, 2, 17); i; i--)
        g_strlcat(text, parts[i % 2 ? g_rand_int_range(rand, 0, G_N_ELEMENTS(parts)) : i % 7 ? 0 : 1], sizeof text);
      if (strchr(text, ':') == NULL)
        continue;
      const gboolean valid = inet_pton(AF_INET6, text, bytes) == 1;
      ck_assert_msg(siaga_ip_parse(&ip, text, strlen(text), NULL) == valid, "%s", text);
      good += valid;
      if (!valid || ip.version == 4)
        continue;
      ck_assert_msg(memcmp(ip.bytes, bytes, 16) == 0, "%s", text);
      for (guint i = 0; i < 16; i++)
        ip.bytes[i] = g_rand_int_range(rand, 0, 4) ? 0 : g_rand_int_range(rand, 0, 256);
      siaga_ip_format(&ip, ours);
      inet_ntop(AF_INET6, ip.bytes, theirs, sizeof theirs);
      if (!g_str_has_prefix(theirs, "::ffff:"))
        ck_assert_str_eq(ours, theirs);
    }
  ck_assert_uint_gt(good, 125);
  g_rand_free(rand);
}
END_TEST

START_TEST(the_actor_is_derived)
{
  siaga_event_set(event, SIAGA_F_SOURCE_ADDRESS, source_cases[_i].address, strlen(source_cases[_i].address));
  siaga_normalise_source(event);
  expect(SIAGA_F_SOURCE_IP, source_cases[_i].ip);
  expect(SIAGA_F_SOURCE_ACTOR, source_cases[_i].actor);
  expect(SIAGA_F_SOURCE_SUBNET, source_cases[_i].subnet);
}
END_TEST

START_TEST(networks_match_by_prefix)
{
  SiagaNetworks *networks = siaga_networks_new();
  ck_assert(siaga_networks_add(networks, "192.0.2.128/25"));
  ck_assert(siaga_networks_add(networks, "2001:db8::/33"));
  ck_assert(siaga_networks_add(networks, "198.51.100.7"));
  ck_assert(!siaga_networks_add(networks, "192.0.2.0/33"));
  ck_assert(!siaga_networks_add(networks, "localhost"));
  ck_assert(siaga_networks_match(networks, "192.0.2.129", 11));
  ck_assert(!siaga_networks_match(networks, "192.0.2.1", 9));
  ck_assert(siaga_networks_match(networks, "2001:db8:7fff::1", 16));
  ck_assert(!siaga_networks_match(networks, "2001:db8:8000::1", 16));
  ck_assert(siaga_networks_match(networks, "::ffff:198.51.100.7", 19));
  siaga_networks_free(networks);
}
END_TEST

int
main(void)
{
  TCase *tcase = tcase_create("normalise");
  tcase_add_checked_fixture(tcase, setup, teardown);
  tcase_add_loop_test(tcase, encodings_are_undone, 0, G_N_ELEMENTS(canonical_cases));
  tcase_add_loop_test(tcase, encodings_are_undone_at_every_place, 0, G_N_ELEMENTS(canonical_cases));
  tcase_add_test(tcase, a_comment_over_several_values_hides_none);
  tcase_add_test(tcase, a_plain_request_is_given_back_as_it_lies);
  tcase_add_loop_test(tcase, hostile_requests_end_soon, 0, 9);
  tcase_add_loop_test(tcase, addresses_are_read, 0, G_N_ELEMENTS(address_cases));
  tcase_add_loop_test(tcase, the_actor_is_derived, 0, G_N_ELEMENTS(source_cases));
  tcase_add_loop_test(tcase, addresses_are_read_and_written_as_the_system_does, 0, 8);
  tcase_add_test(tcase, networks_match_by_prefix);
  return run_case("normalise", tcase);
}
