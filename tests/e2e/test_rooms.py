# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The parsers one by one: fields, types, what passes untouched, mistakes in options and files."""

import os

from daemon import Daemon, Test, free_port, run_tests, wait_until

WEB = (b'192.0.2.7 - - [21/Nov/2026:10:00:01 +0700] "GET /a.php?id=1 HTTP/1.1" 404 12 "-" "curl/7.88"')
SSH = b'Nov 20 02:00:00 web1 sshd[33]: Failed password for invalid user admin from 192.0.2.7 port 41234 ssh2'
DNS = (b'20-Nov-2026 03:00:00.123 client @0x7f 192.0.2.9#4444 (www.kementerian.go.id): '
       b'query: www.kementerian.go.id IN A +E(0)K (198.51.100.1)')

BODY = """
log {
  source { network(ip("127.0.0.1") port(%d) flags(%s)); };
  parser { %s };
  destination { file("{dir}/out" template("%s\\n")); };
  flags(flow-control);
};
"""
ALL = "weblog-parser(); dnslog-parser(); authlog-parser();"
# Names that the JSON of every release shows in the same way.
SHOW = "$(format-json --no-cast --key source.ip --key source.port --key user.name --key event.* " \
       "--key http.response.status_code --key dns.question.name --key @timestamp)"


class RoomTest(Test):
    def daemon(self, body, **options):
        return super().daemon(body, **dict({"scl": False}, **options))


class Rooms(RoomTest):
    def feed(self, lines, parsers=ALL, template=SHOW, flags="no-parse"):
        port = free_port()
        daemon = self.daemon(BODY % (port, flags, parsers, template.replace('"', '\\"'))).start()
        daemon.send(port, lines)
        daemon.wait_lines("out", len(lines))
        return daemon

    def test_each_family_is_parsed_into_ecs_names(self):
        web, ssh, dns = self.feed([WEB, SSH, DNS]).json("out")
        self.assertEqual(web["source"]["ip"], "192.0.2.7")
        self.assertEqual(web["@timestamp"], "2026-11-21T03:00:01Z")
        self.assertEqual(ssh["user"]["name"], "admin")
        self.assertEqual(ssh["event"]["outcome"], "failure")
        self.assertEqual(dns["dns"]["question"]["name"], "www.kementerian.go.id")

    def test_one_parser_reads_the_families_that_it_is_told(self):
        daemon = self.feed([WEB, SSH, DNS], 'dnslog-parser(families("web" "auth"));')
        web, ssh, dns = daemon.json("out")
        self.assertEqual(web["source"]["ip"], "192.0.2.7")
        self.assertEqual(ssh["user"]["name"], "admin")
        self.assertNotIn("dns", dns)
        self.assertEqual(daemon.counter("siaga_lines_total", "unparsed"), 1)

    def pattern_counters(self, daemon, pattern):
        """Name to value of one pattern."""
        return {name: value for name in ("limits", "bad_times", "matches", "tries", "nanoseconds")
                if (value := daemon.counter("siaga_pattern_" + name, pattern)) is not None}

    def test_patterns_count_what_they_did_and_only_that(self):
        bad_time = WEB.replace(b"21/Nov", b"31/Feb")
        daemon = self.feed([WEB, bad_time, SSH, b"nobody knows this"])
        wait_until(lambda: self.pattern_counters(daemon, "sshd/failed").get("matches") == 1, "the match to be counted")
        self.assertEqual(self.pattern_counters(daemon, "sshd/failed"), {"matches": 1, "tries": 1})
        combined = self.pattern_counters(daemon, "apache.access/plain")
        self.assertGreaterEqual(combined.pop("tries"), 2)  # it is the first to be tried on many kinds of line
        self.assertEqual(combined, {"matches": 2, "bad_times": 1})
        self.assertEqual(self.pattern_counters(daemon, "cisco.asa/"), {})

    def test_patterns_are_timed_at_level_3_and_silent_at_level_0(self):
        old = Daemon("", dir=self.dir, scl=False).version.startswith("3")
        for level, expected in ((3, {"matches", "tries", "nanoseconds"}), (0, set())):
            options = "options { %s; };" % ("stats-level(%d)" % level if old else "stats(level(%d))" % level)
            port = free_port()
            daemon = self.daemon(options + BODY % (port, "no-parse", ALL, "$MESSAGE")).start()
            daemon.send(port, [SSH])
            daemon.wait_lines("out", 1)
            self.assertTrue(daemon.reload())  # the end of a configuration copies once more
            if expected:
                wait_until(lambda: set(self.pattern_counters(daemon, "sshd/failed")) == expected, "the counters")
            self.assertEqual(set(self.pattern_counters(daemon, "sshd/failed")), expected)
            daemon.stop()
            os.unlink(daemon.path("out"))

    def test_a_pattern_that_runs_into_the_limit_is_named(self):
        with open(os.path.join(self.dir, "slow.yaml"), "w") as file:
            file.write("dataset: slow\nfamily: auth\ntitle: Slow\nreference: https://www.example/\npatterns:\n"
                       "  - id: nested\n    match: '^x(?:a|aa)+b$'\n    samples: [ 'xab' ]\n")
        port = free_port()
        daemon = self.daemon(BODY % (port, "no-parse", 'authlog-parser(patterns("{dir}/slow.yaml"));', "$MESSAGE"))
        daemon.start().send(port, [b"x" + b"a" * 2000 + b"!b"])
        daemon.wait_lines("out", 1)
        wait_until(lambda: self.pattern_counters(daemon, "slow/nested").get("limits") == 1, "the limit to be counted")

    def test_values_keep_their_types_where_the_configuration_is_typed(self):
        daemon = Daemon("", dir=self.dir, scl=False)
        typed = "4.0" if daemon.version.startswith("3") else daemon.version
        port = free_port()
        body = BODY % (port, "no-parse", ALL, "$(format-json --key http.response.status_code)")
        daemon = self.daemon(body, version=typed).start()
        daemon.send(port, [WEB])
        daemon.wait_lines("out", 1)
        self.assertEqual(daemon.json("out")[0]["http"]["response"]["status_code"], 404)

    def test_lines_are_untouched_whatever_they_hold(self):
        lines = [WEB, b"garbage", b"\xff\xfe invalid \x80", b"<>[]{}%n%s\\x00", b"x" * 60000, SSH]
        daemon = self.feed(lines, template="$MSG")
        self.assertEqual(daemon.lines("out"), lines)
        # A parsed line is of no interest to the rooms behind.
        self.assertEqual(daemon.counter("siaga_lines_total", "unparsed"), 5 + 5 + 4)

    def test_unparsed_lines_are_tagged_only_when_asked(self):
        daemon = self.feed([b"garbage", SSH], "authlog-parser(tag-unparsed(yes));", "$TAGS")
        self.assertIn(b"siaga.unparsed", daemon.lines("out")[0])
        self.assertNotIn(b"siaga.unparsed", daemon.lines("out")[1])

    def test_a_message_that_arrived_parsed_gives_the_same_fields(self):
        ssh = self.feed([b"<38>" + SSH], flags="store-raw-message").json("out")[0]
        self.assertEqual(ssh["user"]["name"], "admin")
        self.assertEqual(ssh["source"]["ip"], "192.0.2.7")

    def test_an_access_line_cut_by_the_syslog_parser_is_put_together_again(self):
        web = self.feed([WEB], flags="store-raw-message").json("out")[0]
        self.assertEqual(web["source"]["ip"], "192.0.2.7")

    def test_prefix_and_none(self):
        daemon = self.feed([SSH], 'authlog-parser(prefix("x."));', "${x.source.ip} ${source.ip}")
        self.assertEqual(daemon.lines("out"), [b"192.0.2.7 "])
        daemon.stop()
        os.unlink(daemon.path("out"))
        daemon = self.feed([SSH], "authlog-parser(fields(none));", "<${source.ip}>")
        self.assertEqual(daemon.lines("out"), [b"<>"])

    def test_a_local_pattern_is_used(self):
        self.file("etc/patterns.d/shop.yaml", """
dataset: shop
family: auth
title: a shop
patterns:
  - id: login
    match: '^shop: %{IP:source.address} is not %{USERNAME:user.name}$'
    set: { event.category: authentication, event.action: login, event.outcome: failure }
    samples:
      - line: 'shop: 192.0.2.1 is not budi'
        fields: { user.name: budi }
""")
        out = self.feed([b"shop: 192.0.2.3 is not ani"], "authlog-parser();", "${user.name} ${source.ip}")
        self.assertEqual(out.lines("out"), [b"ani 192.0.2.3"])


class Mistakes(RoomTest):
    def refused(self, parser, *expected):
        daemon = self.daemon(BODY % (free_port(), "no-parse", parser, "$MSG"))
        code, text = daemon.check_syntax()
        self.assertEqual(code, 1, text)
        for words in expected:
            self.assertIn(words, text)
        return text

    def test_an_unknown_option_is_named_with_its_place(self):
        text = self.refused("weblog-parser(paterns(x));", "unknown option paterns", "patterns")
        self.assertRegex(text, r"syslog-ng\.conf:\d+:\d+")

    def test_values_are_checked(self):
        self.refused("weblog-parser(fields(most));", "fields() expects one of: all, matched, none")
        self.refused("weblog-parser(time-zone('Mars/Base'));", "Mars/Base is no time zone")
        self.refused("weblog-parser(trusted-proxies('10.0.0.0/99'));", "10.0.0.0/99 is no network")
        self.refused("weblog-parser(families('web' 'mail'));", "mail is no family; expected web, dns or auth")
        self.refused("weblog-parser(strict(perhaps));", "strict() expects yes or no")
        self.refused("weblog-parser(patterns);", "patterns expects a value")

    def test_a_missing_file_is_named(self):
        self.refused("weblog-parser(patterns('/no/such/file.yaml'));", "/no/such/file.yaml")

    def test_missing_data_is_named(self):
        self.refused("weblog-parser(data-dir('/no/such/dir'));", "/no/such/dir")

    def test_a_mistake_in_a_local_file_is_shown_with_its_place(self):
        path = self.file("etc/patterns.d/bad.yaml", "dataset: bad\nfamily: auth\ntitle: bad\npatterns:\n"
                                                    "  - id: one\n    match: '^(unclosed'\n")
        text = self.refused("authlog-parser();", path + ":6:", "strict(no)")
        daemon = self.daemon(BODY % (free_port(), "no-parse", "authlog-parser(strict(no));", "$MSG"))
        code, text = daemon.check_syntax()
        self.assertEqual(code, 0, text)
        self.assertIn(path + ":6:", text)

    def test_the_daemon_does_not_start_with_a_mistake(self):
        daemon = self.daemon(BODY % (free_port(), "no-parse", "weblog-parser(fields(most));", "$MSG"))
        daemon.start(wait=False)
        self.assertNotEqual(daemon.process.wait(30), 0)
        daemon.process = None

    def test_a_reload_with_a_mistake_keeps_the_old_configuration(self):
        port = free_port()
        daemon = self.daemon(BODY % (port, "no-parse", ALL, "${user.name}")).start()
        daemon.send(port, [SSH])
        daemon.wait_lines("out", 1)
        daemon.configure(BODY % (port, "no-parse", "weblog-parser(fields(most));", "$MSG"))
        self.assertFalse(daemon.reload())
        daemon.send(port, [SSH])
        self.assertEqual(daemon.wait_lines("out", 2), [b"admin", b"admin"])


if __name__ == "__main__":
    run_tests()
