#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The command-line contract of siagactl: what scripts rely on."""

import csv
import fcntl
import glob
import gzip
import io
import json
import lzma
import os
import re
import resource
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import unittest
import xml.etree.ElementTree

BUILD = os.environ.get("SIAGA_BUILDDIR", ".")
SOURCE = os.environ.get("SIAGA_SRCDIR", ".")
CTL = os.path.join(BUILD, "siagactl")

APACHE = '192.0.2.15 - - [01/Mar/2026:15:00:0%d +0700] "GET /a%%2e%%2e/b.php?id=%d HTTP/1.1" 404 12 "-" "curl/7.88.1"'
SSH = "Mar  1 08:00:%02d web1.kementerian.go.id sshd[4123]: Failed password for root from 192.0.2.44 port 41234 ssh2"

PATTERN = """dataset: demo
family: auth
title: A demonstration
patterns:
  - id: failed
    match: '^DEMO login of %{DATA:user.name} from %{IPORHOST:source.address} refused$'
    set: { event.category: authentication, event.action: login, event.outcome: failure }
    samples:
      - line: 'DEMO login of siti from 192.0.2.7 refused'
        fields: { user.name: siti, source.ip: 192.0.2.7 }
"""

RULE = """title: Demonstration login failure
id: 0b7f1a52-3c4d-4e5f-8a9b-0c1d2e3f4a5b
name: demo_login_failure
status: test
description: A refused login of the demonstration.
logsource: { product: linux, service: sshd }
tags: [attack.credential-access, attack.t1110]
detection:
  selection: { event.action: login, event.outcome: failure }
  condition: selection
level: low
"""

CORRELATION = """title: Demonstration brute force
id: 1c7f1a52-3c4d-4e5f-8a9b-0c1d2e3f4a5c
name: demo_brute_force
status: test
description: Three refused logins from one source in a minute.
correlation:
  type: event_count
  rules: [demo_login_failure]
  group-by: [source.actor]
  timespan: 1m
  condition: { gte: 3 }
level: high
"""

LINE = "'%{time(rfc3164)} web1.kementerian.go.id sshd[1]: Failed password for root from 192.0.2.44 port 4%{n} ssh2'"
SCENARIO = """scenarios:
  - name: three in a minute
    start: 2026-03-01T08:00:00Z
    steps:
      - { repeat: 3, every: 5s, line: LINE }
    expect:
      - { rule: demo_brute_force, count: 3, level: high, state: close, source.ip: 192.0.2.44 }
  - name: two in a minute
    start: 2026-03-01T08:00:00Z
    steps:
      - { repeat: 2, every: 5s, line: LINE }
    expect: none
""".replace("LINE", LINE)


class Contract(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.mkdtemp()

    def tearDown(self):
        shutil.rmtree(self.dir)

    def write(self, name, content):
        path = os.path.join(self.dir, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return path

    def run_ctl(self, *args, stdin=b"", code=0):
        result = subprocess.run([CTL, *args], input=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        self.error = result.stderr.decode("utf-8", "replace")
        self.assertEqual(result.returncode, code, "%s: %s" % (args, self.error))
        return result.stdout.decode()

    def refused(self, words, *args, **kw):
        self.run_ctl(*args, **kw)
        self.assertIn(words, self.error)

    def objects(self, *args, **kw):
        return [json.loads(line) for line in self.run_ctl(*args, **kw).split("\n") if line]

    def rules(self, threshold=3):
        self.write("r%d/rule.yml" % threshold, RULE)
        return os.path.dirname(self.write("r%d/correlation.yml" % threshold,
                                          CORRELATION.replace("gte: 3", "gte: %d" % threshold)))

    def log(self, lines=5):
        return self.write("s.log", "".join(SSH % i + "\n" for i in range(0, 10 * lines, 10)))


class Parse(Contract):
    def test_each_line_gives_an_object_in_order(self):
        lines = [APACHE % (0, 1), "", "nonsense", SSH % 1]
        path = self.write("a.log", "\n".join(lines) + "\n")
        events = self.objects("parse", path)
        self.assertEqual([e["event"]["sequence"] for e in events], [1, 2, 3, 4])
        self.assertEqual([e["event"]["original"] for e in events], lines)
        self.assertEqual([e.get("tags") for e in events], [None, ["siaga.unparsed"], ["siaga.unparsed"], None])

    def test_ecs_is_nested(self):
        event = self.objects("parse", self.write("a.log", APACHE % (0, 7) + "\n"))[0]
        self.assertEqual(event["@timestamp"], "2026-03-01T08:00:00Z")
        self.assertEqual(event["source"]["ip"], "192.0.2.15")
        self.assertEqual(event["source"]["subnet"], "192.0.2.0/24")
        self.assertEqual(event["http"]["response"]["status_code"], 404)
        self.assertEqual(event["url"]["path"], "/a%2e%2e/b.php")
        self.assertEqual(event["url"]["query"], "id=7")
        self.assertEqual(event["url"]["extension"], "php")
        self.assertEqual(event["event"]["outcome"], "failure")
        self.assertEqual(event["event"]["category"], ["web"])
        self.assertEqual(event["user_agent"]["class"], "tool")
        self.assertNotIn("url", event.get("siaga", {}))
        event = self.objects("parse", stdin=(APACHE.replace("curl/7.88.1", "-") % (0, 7)).encode())[0]
        self.assertEqual(event["user_agent"], {"class": "empty"})

    def test_the_sequence_counts_over_all_files(self):
        one = self.write("1.log", "a\nb\n")
        two = self.write("2.log", "c")
        events = self.objects("parse", one, two)
        self.assertEqual([e["event"]["sequence"] for e in events], [1, 2, 3])
        self.assertEqual([e["event"]["original"] for e in events], ["a", "b", "c"])

    def test_packed_files_and_standard_input(self):
        text = "".join(SSH % i + "\n" for i in range(50)).encode()
        expected = [e["event"]["original"] for e in self.objects("parse", self.write("p.log", text))]
        half = len(text) // 2
        packed = {
            "gzip": gzip.compress(text),
            "gzip of two members": gzip.compress(text[:half]) + gzip.compress(text[half:]),
            "xz": lzma.compress(text),
            "xz of two streams": lzma.compress(text[:half]) + lzma.compress(text[half:]),
        }
        if shutil.which("zstd"):
            packed["zstd"] = subprocess.run(["zstd", "-c"], input=text, stdout=subprocess.PIPE, check=True).stdout
        for name, content in packed.items():
            with self.subTest(name):
                got = self.objects("parse", self.write("packed.log", content))
                self.assertEqual([e["event"]["original"] for e in got], expected)
                got = self.objects("parse", stdin=content)
                self.assertEqual([e["event"]["original"] for e in got], expected)
        self.assertEqual([e["event"]["original"] for e in self.objects("parse", "-", stdin=text)], expected)

    def test_a_damaged_or_missing_file_is_named(self):
        damaged = self.write("cut.gz", gzip.compress(b"line\n" * 10000)[:-20])
        self.run_ctl("parse", damaged, code=2)
        self.assertIn("cut.gz", self.error)
        self.run_ctl("parse", os.path.join(self.dir, "none.log"), code=2)
        self.assertIn("none.log", self.error)
        self.run_ctl("parse", self.dir, code=2)

    def test_line_ends_and_foreign_bytes(self):
        raw = b"crlf\r\nnul\x00in\nlatin \xe9\xff\nesc \x1b[31m\nlast without end"
        path = self.write("odd.log", raw)
        events = self.objects("parse", path)
        self.assertEqual([e["event"]["original"] for e in events],
                         ["crlf", "nul\x00in", "latin \ufffd\ufffd", "esc \x1b[31m", "last without end"])
        self.assertNotIn("\x1b", self.run_ctl("parse", path))

    def test_long_lines(self):
        lines = [b"x" * n for n in (65535, 65536, 300000, 5000000)] + [b"end"]
        events = self.objects("parse", self.write("long.log", b"\n".join(lines) + b"\n"))
        self.assertEqual([len(e["event"]["original"]) for e in events], [len(line) for line in lines])

    def test_times_without_a_year(self):
        path = self.write("y.log", SSH % 1 + "\n")
        self.assertEqual(self.objects("parse", "--year", "2011", path)[0]["@timestamp"], "2011-03-01T08:00:01Z")
        self.assertEqual(self.objects("parse", "--year", "2011", "--time-zone", "Asia/Jakarta", path)[0]["@timestamp"],
                         "2011-03-01T01:00:01Z")

    def test_since_and_until(self):
        path = self.write("t.log", "".join(APACHE % (i, i) + "\n" for i in range(10)))
        events = self.objects("parse", "--since", "2026-03-01T08:00:03Z", "--until", "2026-03-01T08:00:06Z", path)
        self.assertEqual([e["event"]["sequence"] for e in events], [4, 5, 6])

    def test_the_family_limits_the_patterns(self):
        path = self.write("m.log", APACHE % (0, 1) + "\n" + SSH % 1 + "\n")
        self.assertEqual(["tags" in e for e in self.objects("parse", "--family", "web", path)], [False, True])
        self.assertEqual(["tags" in e for e in self.objects("parse", "--family", "auth", path)], [True, False])

    def test_patterns_of_the_user(self):
        log = self.write("d.log", "DEMO login of budi from 192.0.2.9 refused\n")
        self.assertEqual(self.objects("parse", log)[0]["event"]["dataset"], "login.other")
        pattern = self.write("p/demo.yaml", PATTERN)
        event = self.objects("parse", "--patterns", pattern, log)[0]
        self.assertEqual((event["event"]["dataset"], event["user"]["name"]), ("demo", "budi"))
        event = self.objects("parse", "--no-default-patterns", "--patterns", os.path.dirname(pattern), log)[0]
        self.assertEqual(event["source"]["ip"], "192.0.2.9")
        self.write("etc/patterns.d/demo.yaml", PATTERN)
        event = self.objects("parse", "--config-dir", os.path.join(self.dir, "etc"), log)[0]
        self.assertEqual(event["event"]["dataset"], "demo")

    def test_a_reader_that_goes_away_is_no_failure(self):
        path = self.write("big.log", (SSH % 1 + "\n") * 20000)
        shell = "'%s' parse '%s' | head -1 >/dev/null; echo ${PIPESTATUS[0]}" % (CTL, path)
        self.assertEqual(subprocess.run(["bash", "-c", shell], stdout=subprocess.PIPE).stdout.strip(), b"0")

    def test_wrong_use_exits_with_2(self):
        for args in (["parse", "--no-such-option"], ["no-such-command"], [], ["parse", "--family", "mail"],
                     ["parse", "--since", "yesterdayish"], ["parse", "--time-zone", "Mars/Olympus"],
                     ["parse", "--trusted-proxy", "x"], ["parse", "--data-dir", self.dir]):
            with self.subTest(args):
                self.run_ctl(*args, code=2)
                self.assertTrue(self.error)

    def test_words_and_years_that_there_are_not(self):
        self.refused("hs or pcre2", "check", "--matcher", "hyper", code=2)
        self.refused("1970 to 9999", "parse", "--year", "99999", stdin=b"x\n", code=2)

    def test_help_and_version(self):
        self.assertIn("replay", self.run_ctl("--help"))
        self.assertIn("--since", self.run_ctl("parse", "--help-all"))
        self.assertTrue(self.run_ctl("--version").startswith("siagactl "))


class Scan(Contract):
    def test_only_what_matches_a_rule(self):
        log = self.write("s.log", SSH % 1 + "\nnonsense\n")
        rule = self.write("r/rule.yml", RULE)
        events = self.objects("scan", "--no-default-rules", "--rules", rule, log)
        self.assertEqual(len(events), 1)
        event = events[0]
        self.assertEqual(event["rule"]["id"], ["0b7f1a52-3c4d-4e5f-8a9b-0c1d2e3f4a5b"])
        self.assertEqual(event["rule"]["level"], ["low"])
        self.assertEqual(event["threat"]["technique"]["id"], ["T1110"])
        self.assertIsInstance(event["rule"]["name"], list)
        self.assertEqual(event["siaga"]["victim"]["country"], "ID")
        everything = self.objects("scan", "--all", "--no-default-rules", "--rules", rule, log)
        self.assertEqual([e["event"]["sequence"] for e in everything], [1, 2])

    def test_what_is_only_counted_is_not_shown(self):
        log = self.write("s.log", SSH % 1 + "\n")
        rule = self.write("r/rule.yml", RULE + "siaga:\n  count-only: true\n")
        self.assertEqual(self.objects("scan", "--no-default-rules", "--rules", rule, log), [])
        event, = self.objects("scan", "--all", "--no-default-rules", "--rules", rule, log)
        self.assertEqual(event["rule"]["level"], ["low"])


class Replay(Contract):
    def replay(self, *args, **kw):
        self.write("r/rule.yml", RULE)
        rules = os.path.dirname(self.write("r/correlation.yml", CORRELATION))
        return self.objects("replay", "--no-default-rules", "--rules", rules, "--year", "2026", *args, **kw)

    def test_changes_and_the_end(self):
        log = self.write("s.log", "".join(SSH % i + "\n" for i in range(0, 50, 10)))
        changes = self.replay(log)
        self.assertEqual(changes[0]["siaga"]["incident"]["state"], "open")
        self.assertEqual(changes[-1]["siaga"]["incident"]["state"], "close")
        final = self.replay("--final", log)
        self.assertEqual(len(final), 1)
        incident = final[0]["siaga"]["incident"]
        self.assertEqual(incident["count"], 5)
        self.assertEqual(incident["id"], changes[0]["siaga"]["incident"]["id"])
        self.assertEqual(incident["first_seen"], "2026-03-01T08:00:00Z")
        self.assertEqual(incident["last_seen"], "2026-03-01T08:00:40Z")
        self.assertEqual(final[0]["source"]["ip"], "192.0.2.44")
        self.assertEqual(final[0]["siaga"]["victim"]["country"], "ID")
        self.assertIn("gov.id", final[0]["tags"])

    def test_the_same_log_gives_the_same_ids(self):
        log = self.write("s.log", "".join(SSH % i + "\n" for i in range(0, 50, 10)))
        first = [i["siaga"]["incident"]["id"] for i in self.replay("--final", log)]
        with open(log, "rb") as f:
            second = [i["siaga"]["incident"]["id"] for i in self.replay("--final", stdin=f.read())]
        self.assertEqual(first, second)
        self.assertEqual(len(first), 1)

    def test_events_too_late_to_count_are_told(self):
        log = self.write("s.log", SSH % 1 + "\n" + '192.0.2.15 - - [01/Mar/2024:15:00:02 +0700] "GET / HTTP/1.1" 404 12 "-" "-"\n')
        self.replay(log)
        self.assertIn("1 of 2 events came too late to be correlated", self.error)
        self.assertNotIn("--year", self.error)
        self.run_ctl("replay", log)
        self.assertIn("say --year", self.error)
        self.run_ctl("replay", "--year", "2024", log)
        self.assertNotIn("too late", self.error)

    def test_each_host_of_a_file_has_its_own_clock(self):
        behind = SSH.replace(" 08:", " 06:").replace("web1", "web2").replace("192.0.2.44", "192.0.2.45")
        log = self.write("s.log", "".join(SSH % i + "\n" + behind % i + "\n" for i in range(0, 50, 10)))
        self.assertEqual(sorted(i["source"]["ip"] for i in self.replay("--final", log)), ["192.0.2.44", "192.0.2.45"])
        self.assertEqual(self.error, "")

    def test_what_could_be_read_is_reported(self):
        self.assertEqual(len(self.replay("--final", self.log(), "/nonexistent.log", code=2)), 1)

    def test_marks_of_byte_order(self):
        marked = self.write("bom.log", "\ufeff" + SSH % 1 + "\n")
        self.assertEqual(self.objects("parse", marked)[0]["host"]["hostname"], "web1.kementerian.go.id")
        wide = os.path.join(self.dir, "wide.log")
        with open(wide, "wb") as f:
            f.write((SSH % 1 + "\n").encode("utf-16"))
        self.refused("wide.log: UTF-16 is not read", "parse", wide, code=2)

    def test_what_is_no_file_is_not_waited_for(self):
        for ending, command in ((".yaml", "check"), (".yml", "check"), (".yaml", "fmt"), (".yaml", "lint")):
            pipe = os.path.join(self.dir, "pipe-" + command + ending)
            os.mkfifo(pipe)
            self.run_ctl(command, pipe, code=2 if command == "fmt" else 1)
            self.assertIn("it is no regular file", self.error)
            os.unlink(pipe)

    def test_words_that_cannot_be_written(self):
        for option in ("--help", "--version"):
            with open("/dev/full", "w") as full:
                self.assertEqual(subprocess.run([CTL, option], stdout=full, stderr=subprocess.DEVNULL).returncode, 2)

    def test_an_incident_of_others_may_lack_a_name(self):
        incident = self.replay("--final", self.log())[0]
        for name in (None, 7):
            incident["rule"]["name"] = name
            for form in ("stix", "misp", "iodef", "intelmq"):
                self.run_ctl("share", "--whole", "--format", form, stdin=json.dumps(incident).encode() + b"\n")

    def test_too_few_are_no_incident(self):
        self.assertEqual(self.replay(self.write("s.log", "".join(SSH % i + "\n" for i in (1, 2)))), [])


class CheckAndTest(Contract):
    def test_the_shipped_files_are_good(self):
        self.assertIn("0 errors", self.run_ctl("check"))

    def test_the_shipped_samples_and_scenarios_pass_with_either_matcher(self):
        self.assertIn("all passed", self.run_ctl("test"))
        self.assertIn("all passed", self.run_ctl("test", "--matcher", "pcre2"))

    def test_mistakes_are_named_with_their_place(self):
        bad = self.write("bad.yaml", PATTERN.replace("user.name}", "user.nmae}"))
        self.run_ctl("check", bad, code=1)
        self.assertRegex(self.error, r"bad\.yaml:6:\d+: error: .*user\.nmae")
        bad = self.write("bad.yml", RULE.replace("condition: selection", "condition: selektion"))
        self.run_ctl("check", bad, code=1)
        self.assertRegex(self.error, r"bad\.yml:\d+:\d+: error: ")
        listing = self.write("listing.yml", RULE.replace("condition: selection", "condition: selektion") + "fields: [c-ip]\n")
        self.run_ctl("check", listing, code=1)
        self.assertIn("selektion", self.error)
        self.run_ctl("check", os.path.join(self.dir, "none.yaml"), code=2)

    def test_who_refers_to_a_rule_hears_why_it_is_not_there(self):
        for wrong, said in ((("product: linux", "product: linus"), "was skipped: its log source is not ours"),
                            (("event.outcome: failure", "event.outcom|contans: failure"), "has errors of its own"),
                            (("name: demo_login_failure", "name: demo_login_failures"), "no rule has the id or name")):
            with self.subTest(said), tempfile.TemporaryDirectory() as folder:
                for name, text in (("a.yml", RULE.replace(*wrong)), ("b.yml", CORRELATION)):
                    with open(os.path.join(folder, name), "w") as f:
                        f.write(text)
                self.refused(said, "check", folder, code=1)

    def test_a_file_that_nobody_reads_is_not_called_good(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "a.bin")
            with open(path, "wb") as f:
                f.write(bytes(range(200)))
            self.refused("nothing here is read", "check", path, code=2)
            self.refused("nothing here is read", "check", folder, code=2)

    def test_a_folder_that_was_named_must_be_there(self):
        self.refused("a folder that is there", "check", "--config-dir", "/nonexistent", code=2)
        self.refused("a folder that is there", "check", "--data-dir", CTL, code=2)

    def test_what_cannot_be_read_is_not_taken_for_empty(self):
        for name in ("patterns.d", "allow.d", "rules.d", "sharing.d", "domains.d"):
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                os.symlink(name, os.path.join(folder, name))  # leads to itself; permissions stop no root
                self.refused("cannot be read", "check", "--config-dir", folder, code=1)

    def test_files_of_the_site_end_in_either_way_and_are_files(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "patterns.d"))
            with open(os.path.join(folder, "patterns.d", "demo.yml"), "w") as f:
                f.write(PATTERN.replace("DATA:user.name", "NOSUCH:user.name"))
            self.refused("demo.yml", "check", "--config-dir", folder, code=1)
            os.unlink(os.path.join(folder, "patterns.d", "demo.yml"))
            os.mkfifo(os.path.join(folder, "patterns.d", "demo.yaml"))
            self.refused("no regular file", "check", "--config-dir", folder)

    def test_all_mistakes_of_a_rule_are_named_at_once(self):
        rule = RULE.replace("level: low", "level: hihg").replace("status: test", "status: tset")
        rule = rule.replace("event.action: login", "event.action|contians: login").replace("event.outcome", "event.outcmoe")
        self.run_ctl("check", self.write("rule.yml", rule), code=1)
        for word in ("level: expected one of", "status: expected one of", "contians", "event.outcmoe"):
            self.assertIn(word, self.error)

    def test_samples_are_run(self):
        self.assertEqual("1 samples of patterns, 0 samples of rules, 0 scenarios: all passed\n",
                         self.run_ctl("test", self.write("demo.yaml", PATTERN)))
        wrong = self.write("wrong.yaml", PATTERN.replace("user.name: siti", "user.name: tono"))
        self.run_ctl("test", wrong, code=1)
        self.assertRegex(self.error, r"wrong\.yaml:\d+:\d+: error: ")

    def test_a_macro_that_nobody_uses_is_checked(self):
        macros = self.write("my.grok", "# mine\nMY_HOST (\n")
        self.run_ctl("check", macros, code=1)
        self.assertRegex(self.error, r"my\.grok:2:10: error: not a regular expression: missing closing parenthesis")

    def test_scenarios_are_run(self):
        self.write("r/rule.yml", RULE)
        self.write("r/correlation.yml", CORRELATION)
        self.write("r/correlation.scenarios.yaml", SCENARIO)
        folder = os.path.join(self.dir, "r")
        self.assertIn("2 scenarios: all passed", self.run_ctl("test", "--no-default-rules", folder))
        self.write("r/correlation.scenarios.yaml",
                   SCENARIO.replace("count: 3", "count: 4").replace("expect: none", "expect: [ { rule: demo_brute_force } ]"))
        self.run_ctl("test", "--no-default-rules", folder, code=1)
        self.assertRegex(self.error, r"correlation\.scenarios\.yaml:7:\d+: error: .*count is 3, expected 4")
        self.assertRegex(self.error, r"'two in a minute'.*none was raised")


class Others(Contract):
    def test_explain(self):
        out = self.run_ctl("explain", "--no-default-rules", "--rules", self.rules(), SSH % 1)
        for part in ("match", "sshd/failed", "source.actor", "demo_login_failure", "the window holds 1 events",
                     "the slowest that is found: one every "):
            self.assertIn(part, out)
        for arguments in ([], ["-"]):
            again = self.run_ctl("explain", "--no-default-rules", "--rules", self.rules(), *arguments, stdin=(SSH % 1).encode())
            self.assertEqual(again, out)
        out = self.run_ctl("explain", "--no-default-rules", "--rules", self.rules(), "--rule", "demo_login_failure",
                           SSH.replace("Failed", "Accepted") % 1)
        self.assertIn("no ", out)
        self.assertIn("event.outcome", out)
        shown = json.loads(self.run_ctl("explain", "--json", "--no-default-rules", "--rules", self.rules(), SSH % 1))
        self.assertEqual(shown["event"]["user"]["name"], "root")
        self.assertEqual([r["hit"] for r in shown["rules"]], [True])

    def test_explain_names_the_filter_that_excuses(self):
        folder = self.rules()
        self.write(folder + "/quiet.yml", "title: Our backup\nlogsource: { service: sshd }\n"
                   "filter: { rules: [demo_login_failure], u: { user.name: root }, condition: not u }\n")
        options = ["--no-default-rules", "--rules", folder]
        out = self.run_ctl("explain", *options, SSH % 1)
        self.assertRegex(out, r"excused +\w+: .*\(demo_login_failure\)")
        self.assertRegex(out, r"excused by the filter 'Our backup' \(.*quiet\.yml:1\)\n +found user\.name: root")
        (rule,) = json.loads(self.run_ctl("explain", "--json", *options, SSH % 1))["rules"]
        self.assertEqual((rule["hit"], rule["excused"]), (False, True))

    def test_what_is_allowed_raises_no_incident_and_says_why(self):
        self.write("etc/allow.d/a.yaml", "allow:\n  - { source: 192.0.2.0/24, reason: our own scanner }\n")
        self.write("old/allow.d/a.yaml", "allow:\n  - { source: 192.0.2.0/24, until: 2026-02-28, reason: over }\n")
        options = ["--no-default-rules", "--rules", self.rules(), "--year", "2026", "--config-dir"]
        self.assertEqual(self.objects("replay", *options, self.dir + "/etc", self.log()), [])
        self.assertNotEqual(self.objects("replay", *options, self.dir + "/old", self.log()), [])
        out = self.run_ctl("explain", *options, self.dir + "/etc", SSH % 1)
        self.assertRegex(out, r"Allowed\n +it raises no incident: our own scanner +\(.*a\.yaml:2\)")
        self.assertIn("hit", out)
        self.run_ctl("check", "--config-dir", self.dir + "/old")
        self.assertRegex(self.error, r"a\.yaml:2:5: warning: ended at 2026-03-01")
        bad = self.write("bad.yaml", "allow:\n  - { source: 192.0.2.256, reason: x }\n")
        self.run_ctl("check", bad, code=1)
        self.assertRegex(self.error, r"bad\.yaml:2:15: error: expected an address")

    def test_the_incident_names_the_version_of_its_rule(self):
        incidents = self.objects("replay", "--final", "--no-default-rules", "--rules", self.rules(), "--year", "2026",
                                 self.log())
        self.assertRegex(incidents[0]["rule"]["version"], r"^[0-9a-f]{8}$")

    def test_explain_says_which_part_is_missing(self):
        out = self.run_ctl("explain", "--no-default-rules", "--rules", self.rules(), "--rule", "demo_brute_force",
                           SSH.replace("Failed", "Accepted") % 1)
        self.assertIn("lacks event.outcome: failure", out)

    def test_explain_over_a_log_says_how_full_the_window_was(self):
        options = ["explain", "--no-default-rules", "--rules", self.rules(9), "--year", "2026", "--rule"]
        shown = json.loads(self.run_ctl(*options, "demo_brute_force", "--json", self.log(5)))
        self.assertEqual(shown["fullest"], {"have": 5, "need": 9, "line": 5, "key": "source.actor = 192.0.2.44\n"})
        self.assertEqual([c["lines"] for c in shown["counts"]], [5])
        self.assertEqual(shown["incidents"], 0)
        self.assertEqual(shown["slowest"], "one every 7.5 s")
        log = self.write("a.log", SSH.replace("Failed", "Accepted") % 1 + "\n" + APACHE % (0, 1) + "\n")
        out = self.run_ctl(*options, "demo_login_failure", log)
        self.assertRegex(out, r"matches +demo_login_failure: 0 lines")
        self.assertRegex(out, r"The nearest line, 1\n.*Accepted(.|\n)*lacks event\.outcome: failure")
        self.run_ctl(*options, "no_such_rule", log, code=2)

    def terminal(self, columns, *args):
        """What a terminal of so many columns gets, its escape sequences taken out."""
        try:
            master, slave = os.openpty()
        except OSError:
            self.skipTest("no pseudo terminals on this system")
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        environment = dict(os.environ, TERM="xterm")
        environment.pop("NO_COLOR", None)
        process = subprocess.Popen([CTL, *args], stdin=subprocess.DEVNULL, stdout=slave, stderr=slave, env=environment)
        os.close(slave)
        shown = b""
        while True:
            try:
                part = os.read(master, 65536)
            except OSError:
                break
            if not part:
                break
            shown += part
        os.close(master)
        process.wait(120)
        text = shown.decode()
        return re.sub(r"\x1b\[[0-9;]*[mK]", "", text).replace("\r\n", "\n").replace("\r", "")

    def test_a_narrow_terminal_breaks_lines_between_words(self):
        for columns in (50, 80):
            text = self.terminal(columns, "explain", "--no-default-rules", "--rules", self.rules(), SSH % 1)
            self.assertLessEqual(max(len(line) for line in text.split("\n")), columns)
            self.assertRegex(text, r"text +Failed password for root from( |\n +)192\.0\.2\.44")
            bad = self.write("bad.yml", RULE.replace("event.outcome", "event.outcmoe"))
            text = self.terminal(columns, "check", bad)
            self.assertLessEqual(max(len(line) for line in text.split("\n")), columns)
            self.assertIn("event.outcmoe", text)
            for args in (("coverage", "--no-default-rules", "--rules", self.rules()), ("lists", "find", "pajak-go-id.example"),
                         ("test", "--no-default-rules", "--rules", self.rules(), self.rules()),
                         ("diff", self.rules(3), self.rules(9), "--year", "2026", self.log())):
                text = self.terminal(columns, *args)
                self.assertLessEqual(max(len(line) for line in text.split("\n")), columns, text)

    def test_a_narrow_terminal_keeps_the_progress_bar_on_one_line(self):
        path = self.write("big.log", "\n".join(SSH % (i % 200) for i in range(400000)) + "\n")
        bars = [bar for bar in self.terminal(40, "scan", "--no-default-rules", path).split("\n")[0].split("[") if "%" in bar]
        if not bars:
            self.skipTest("the machine is too fast for a progress bar")
        self.assertLessEqual(max(len(bar) for bar in bars), 38)

    def test_replay_speaks_to_a_person_and_writes_json_to_a_pipe(self):
        options = ["replay", "--no-default-rules", "--rules", self.rules(), "--year", "2026"]
        text = self.terminal(80, *options, self.log())
        self.assertRegex(text, r"2026-03-01T08:00:20Z +open +high: Demonstration brute force by 192\.0\.2\.44")
        self.assertTrue(self.terminal(80, *options, "--json", "--color", "always", self.log()).startswith("{"))

    def test_explain_escapes_what_drives_a_terminal(self):
        out = self.run_ctl("explain", "--no-default-rules", "\x1b]0;owned\x07 \x1b[2J")
        self.assertNotIn("\x1b", out)
        self.assertIn("\\x1b", out)

    def test_explain_says_in_its_status_what_was_not_there(self):
        self.run_ctl("explain", "--before", "/nonexistent", SSH % 1, code=2)
        for name in ("SSH login failed", "ssh_login_failure"):
            self.assertRegex(self.run_ctl("explain", "--rule", name, SSH % 1), r"status +test\n(?s:.*)tag +attack\.t1110")
            self.assertIn("  time      2026-03-01T08:00:01Z\n", self.run_ctl("explain", "--year", "2026", SSH % 1))
        about = json.loads(self.run_ctl("explain", "--json", "--rule", "ssh_login_failure", self.log()))
        self.assertIn("attack.t1110", about["tags"])
        self.assertTrue(about["falsepositives"])
        self.run_ctl("explain", "--rule", "nosuch", SSH % 1, code=2)
        self.run_ctl("explain", "--rule", "ssh_login_failure", self.log(), "/nonexistent.log", code=2)

    def test_explain_with_what_went_before(self):
        out = self.run_ctl("explain", "--no-default-rules", "--rules", self.rules(9), "--year", "2026", "--before",
                           self.log(5), SSH % 50)
        self.assertIn("the window holds 6 events, 9 are needed", out)

    def test_diff(self):
        out = self.objects("diff", "--json", "--year", "2026", self.rules(9), self.rules(3), self.log())
        self.assertEqual([c["change"] for c in out], ["gained"])
        out = self.run_ctl("diff", "--year", "2026", self.rules(3), self.rules(9), self.log())
        self.assertIn("0 gained, 1 lost, 0 resized, 0 the same", out)
        out = self.run_ctl("diff", "--year", "2026", self.rules(3), self.rules(3), self.log())
        self.assertIn("0 gained, 0 lost, 0 resized, 1 the same", out)
        self.run_ctl("diff", "a", "b", code=2)

    def test_bench(self):
        result = json.loads(self.run_ctl("bench", "--json", "--no-default-rules", "--rules", self.rules(), self.log()))
        self.assertEqual(result["lines"], 5)
        self.assertGreater(result["ns_per_line"]["patterns"], 0)
        self.assertEqual([p["dataset"] for p in result["patterns"] if p["matched"]], ["sshd"])
        self.assertEqual([(r["title"], r["judged"], r["matched"], r["confirmed"]) for r in result["rules"]],
                         [("Demonstration login failure", 5, 5, 0)])

    def test_bench_charges_rules_for_what_is_confirmed(self):
        for n, regex in ((1, r"(o)\1"), (2, r"(o)\1"), (3, r"(z)\1")):
            rule = RULE.replace("0b7f1a52", "0b7f1a5%d" % n).replace("demo_login", "demo_%d" % n).replace("Demo", "%d " % n)
            self.write("regex/%d.yml" % n, rule.replace("event.action: login", "'user.name|re': '%s'" % regex))
        result = json.loads(self.run_ctl("bench", "--json", "--no-default-rules", "--rules", os.path.join(self.dir, "regex"),
                                         self.log()))
        rules = {r["title"][0]: r for r in result["rules"]}
        self.assertEqual({n: r["matched"] for n, r in rules.items() if r["matched"]}, {"1": 5, "2": 5})
        self.assertGreater(rules["1"]["confirmed"], 0)
        self.assertEqual(rules["1"]["confirmed"], rules["2"]["confirmed"])
        self.assertGreater(rules["1"]["nanoseconds"], 0)
        self.assertIn("Rules that cost most", self.run_ctl("bench", "--no-default-rules", "--rules", self.rules(), self.log()))
        self.run_ctl("bench", "--no-default-rules", stdin=b"", code=2)

    def test_coverage_of_what_is_shipped(self):
        self.assertIn("patterns", self.run_ctl("coverage"))

    def test_lint_names_a_file_that_is_not_there(self):
        self.run_ctl("lint", "/nonexistent.yaml", code=2)

    def test_coverage(self):
        rules = self.rules()
        self.assertIn("2 of 2 rules are not exercised",
                      self.run_ctl("coverage", "--no-default-rules", "--rules", rules))
        self.assertIn("0 of 2 rules are not exercised",
                      self.run_ctl("coverage", "--no-default-rules", "--rules", rules, "--year", "2026", self.log()))
        self.write("r3/correlation.scenarios.yaml", SCENARIO)
        self.assertIn("0 of 2 rules are not exercised",
                      self.run_ctl("coverage", "--no-default-rules", "--rules", rules))
        layer = json.loads(self.run_ctl("coverage", "--no-default-rules", "--rules", rules, "--navigator", "-"))
        self.assertEqual([t["techniqueID"] for t in layer["techniques"]], ["T1110"])
        self.assertEqual(layer["domain"], "enterprise-attack")
        self.run_ctl("coverage", "--no-default-rules", "--rules", rules, "/nonexistent.log", code=2)

    def test_backtest(self):
        args = ["backtest", "--no-default-rules", "--rules", self.rules(), "--year", "2026"]
        good = self.write("good.yaml", "expect:\n  - { rule: demo_brute_force, count: 5 }\n")
        self.assertIn("as expected", self.run_ctl(*args, good, self.log()))
        bad = self.write("bad.yaml", "expect:\n  - { rule: demo_brute_force, count: 6 }\n")
        junit = os.path.join(self.dir, "junit.xml")
        self.run_ctl(*args, "--junit", junit, bad, self.log(), code=1)
        self.assertRegex(self.error, r"bad\.yaml:2:5: error: .*count is 5, expected 6")
        suite = xml.etree.ElementTree.parse(junit).getroot().find("testsuite")
        self.assertEqual(suite.get("failures"), "2")  # the one expected is missing, the one raised was not expected
        self.assertEqual(len(suite.findall("testcase/failure")), 2)
        self.run_ctl(*args, self.write("none.yaml", "expect: none\nothers: allowed\n"), self.log())

    def test_stats(self):
        incidents = self.run_ctl("replay", "--no-default-rules", "--rules", self.rules(), "--year", "2026", self.log())
        counted = json.loads(self.run_ctl("stats", "--json", stdin=incidents.encode()))
        self.assertEqual(counted["levels"], [{"name": "high", "incidents": 1, "events": 5}])
        self.assertEqual(counted["victims"][0]["name"], "web1.kementerian.go.id")
        self.assertIn("Demonstration brute force", self.run_ctl("stats", stdin=incidents.encode()))
        self.run_ctl("stats", stdin=b"no incident\n", code=1)

    def test_a_file_that_holds_no_incidents_is_named(self):
        good = self.write("good.jsonl", self.report().decode() + "\n")
        wrong = self.write("events.jsonl", '\n{"event":{"dataset":"web.nginx"}}\nan access log\n')
        for command in (("stats",), ("share", "--explain")):
            self.run_ctl(*command, good, wrong, code=1)
            self.assertRegex(self.error, r"events\.jsonl:2: no incident: .+; 1 more line is none either")
        empty = self.write("empty.jsonl", "")
        self.run_ctl("stats", self.log(), code=1)
        self.assertIn("no incident but another text; siagactl replay makes incidents of logs", self.error)
        for command in (("stats",), ("share", "--explain")):
            self.assertEqual(self.run_ctl(*command, empty), "")
            self.assertIn("no incidents", self.error)
        self.run_ctl("stats", "--quarter", "2031-Q1", good)
        self.assertIn("4 incidents were read, none of them counts", self.error)
        self.run_ctl("stats", "--top", "0", good, code=2)
        self.assertIn("--top 0: expected", self.error)

    def test_a_dry_run_with_a_faulty_policy_does_not_end_well(self):
        policy = self.write("faulty.yaml", "partners: { bssn: { tlp: RED } }\npolicies:\n"
                                           "  - { to: bsn, when: { victim-country: ID } }\n")
        self.run_ctl("share", "--explain", "--policies", policy, stdin=self.report(), code=1)
        self.assertRegex(self.error, r"faulty\.yaml:3:11: error: 'bsn' is no partner")

    POLICY = ("active: true\npartners: { bssn: { tlp: RED } }\npolicies:\n"
              "  - { title: A, to: bssn, when: { victim-country: ID, %s } }\n")

    def test_a_policy_s_word_that_no_table_and_no_rule_has_is_pointed_out(self):
        for condition, said in (("victim-sector: helth", "no table has the sector 'helth'"),
                                ("victim-csirt: [Gov-CSIRT Indonesia, Gov-CSRT]", "no table has the CSIRT 'Gov-CSRT'"),
                                ("category: brute-froce", "no rule has the category 'brute-froce'")):
            policy = self.write("policy.yaml", self.POLICY % condition)
            self.run_ctl("check", policy)
            self.assertRegex(self.error, r"policy\.yaml:4:\d+: warning: " + said + "[^\n]*\n$")
        self.run_ctl("check", self.write("policy.yaml", self.POLICY % "victim-sector: health, category: brute-force"))
        self.assertEqual(self.error, "")

    def test_a_policy_file_is_known_by_any_of_its_keys(self):
        self.run_ctl("check", self.write("policy.yaml", "active: true\n"), code=1)
        self.assertIn("expected partners", self.error)

    def examples(self):
        """The shipped examples as a site takes them over: active, with a key."""
        folder = os.path.join(self.dir, "sharing")
        key = self.write("share.key", "0123456789abcdef")
        for path in glob.glob(os.path.join(SOURCE, "patterns", "sharing", "*.yaml")):
            with open(path) as f:
                text = f.read().replace("active: false", "active: true").replace("/etc/siaga/share.key", key)
            self.write(os.path.join("sharing", os.path.basename(path)), text)
        return folder

    def test_the_shipped_examples_share_what_they_say_when_they_are_active(self):
        folder = self.examples()

        def shared(domain, country, sector, csirt, source, source_country=None, address=None, due=None, level="high"):
            victim = {"domain": domain, "country": country, "sector": sector, "csirt": csirt, "ip": address}
            life = {"id": "f1528606-9186-541b-9189-6325c3dc4ff9", "state": "open", "revision": 1, "count": 9, "level": level,
                    "first_seen": "2026-03-01T00:00:00Z", "last_seen": "2026-03-01T00:01:00Z", "report_due": due}
            incident = {"rule": {"id": "595aaf1c-30f4-4acc-ba88-776dba810d63", "name": "x", "category": "brute-force"},
                        "siaga": {"incident": {k: v for k, v in life.items() if v}, "victim": {k: v for k, v in victim.items() if v}},
                        "source": {"ip": source, "geo": {"country_iso_code": source_country}}}
            (line,) = self.objects("share", "--explain", "--json", "--policies", folder, stdin=json.dumps(incident).encode())
            return {p["partner"]: p["tlp"] for p in line["partners"] if p["shared"]}

        government = ("Gov-CSIRT Indonesia", "192.0.2.7")
        self.assertEqual(shared("www.kementerian.go.id", "ID", "government", *government),
                         {"csirt-kementerian": "TLP:RED", "csirt-sektor": "TLP:AMBER+STRICT", "gov-csirt-indonesia": "TLP:AMBER"})
        self.assertEqual(shared("www.kemkes.go.id", "ID", "health", *government, level="medium"), {"csirt-sektor": "TLP:AMBER+STRICT"})
        self.assertEqual(shared("www.pln.co.id", "ID", "energy", "Id-SIRTII/CC", "192.0.2.7", due="2026-03-02T00:00:00Z", level="medium"),
                         {"gov-csirt-indonesia": "TLP:AMBER"})
        self.assertEqual(shared("www.pln.co.id", "ID", "energy", "Id-SIRTII/CC", "192.0.2.7", level="medium"), {})
        self.assertEqual(shared("www.pln.co.id", "ID", "energy", "Id-SIRTII/CC", "192.0.2.7", "SG"), {"singcert": "TLP:GREEN"})
        self.assertEqual(shared("www.contoh.gov.sg", "SG", "government", "SingCERT", "192.0.2.7", "MY"), {"singcert": "TLP:GREEN"})
        self.assertEqual(shared("www.contoh.gov.my", "MY", "government", "NC4", "192.0.2.7", "MY"), {})
        self.assertEqual(shared("toko.contoh.co.id", "ID", None, "Id-SIRTII/CC", "203.0.113.9"), {"operator-contoh": "TLP:GREEN"})
        self.assertEqual(shared("toko.contoh.co.id", "ID", None, "Id-SIRTII/CC", "192.0.2.7", address="203.0.113.9"),
                         {"operator-contoh": "TLP:AMBER"})

    def test_the_shipped_examples_are_shown_only_where_no_policy_is(self):
        policy = self.write("policy.yaml", self.POLICY % "level: low")
        own = self.run_ctl("share", "--explain", "--policies", policy, stdin=self.report())
        self.assertIn("bssn: shared at TLP:RED", own)
        self.assertNotIn("not active", own)
        examples = self.run_ctl("share", "--explain", stdin=self.report())
        self.assertIn("gov-csirt-indonesia: not shared: its policy file is not active", examples)
        self.assertIn("no policies of your own", self.error)

    def report(self):
        """Incidents of two quarters as JSON lines: one of January in two revisions, one of March, one of the year before."""
        incident = json.loads(self.run_ctl("replay", "--final", "--no-default-rules", "--rules", self.rules(), "--year",
                                           "2026", self.log()).splitlines()[0])
        lines = []
        for name, day, revision, count, victim in (
                ("a", "2026-01-31T23:59:59Z", 2, 50, "www.satu.go.id"), ("a", "2026-01-31T23:59:59Z", 1, 5, "www.satu.go.id"),
                ("b", "2026-03-01T00:00:00Z", 1, 7, "=HYPERLINK(1).go.id"), ("c", "2025-12-31T23:59:59Z", 3, 9, "www.dua.go.id")):
            one = json.loads(json.dumps(incident))
            one["siaga"]["incident"].update(id=incident["siaga"]["incident"]["id"][:-1] + name, first_seen=day,
                                            revision=revision, count=count)
            one["siaga"]["victim"]["domain"] = victim
            lines.append(json.dumps(one))
        return "\n".join(lines).encode()

    def test_stats_of_a_quarter_are_compared_with_the_one_before(self):
        counted = json.loads(self.run_ctl("stats", "--json", "--quarter", "2026-Q1", stdin=self.report()))
        self.assertEqual(counted["totals"][0], {"name": "all incidents", "incidents": 2, "events": 57, "before": 1})
        self.assertEqual(counted["months"], [{"name": "2026-01", "incidents": 1, "events": 50, "before": 0},
                                             {"name": "2026-03", "incidents": 1, "events": 7, "before": 0}])
        self.assertEqual(counted["countries"], [{"name": "ID", "incidents": 2, "events": 57, "before": 1}])
        self.assertEqual([row["name"] for row in counted["csirts"]], ["Gov-CSIRT Indonesia"])
        text = self.run_ctl("stats", "--quarter", "2026-Q1", stdin=self.report())
        self.assertRegex(text, r"incidents +before +events +sector\n +2 +1 +57 +government\n")
        everything = json.loads(self.run_ctl("stats", "--json", stdin=self.report()))
        self.assertEqual([row["name"] for row in everything["quarters"]], ["2025-Q4", "2026-Q1"])
        since = json.loads(self.run_ctl("stats", "--json", "--since", "2026-02-01", stdin=self.report()))
        self.assertEqual(since["totals"][0]["incidents"], 1)
        self.run_ctl("stats", "--quarter", "2026-Q5", stdin=self.report(), code=2)
        self.run_ctl("stats", "--quarter", "", stdin=self.report(), code=2)

    def test_stats_for_a_spreadsheet(self):
        rows = list(csv.DictReader(io.StringIO(self.run_ctl("stats", "--csv", "--quarter", "2026-Q1", stdin=self.report()))))
        self.assertIn({"table": "sectors", "name": "government", "incidents": "2", "events": "57", "before": "1"}, rows)
        self.assertIn("'=HYPERLINK(1).go.id", [row["name"] for row in rows if row["table"] == "victims"])

    def test_lists_are_built_and_asked(self):
        target = os.path.join(self.dir, "lists")
        good = self.write("judi.txt", "judi.example\nslot.example\n")
        bad = self.write("bad.txt", "two words\n")
        self.assertIn("2 names", self.run_ctl("lists", "build", "--file", target, "gambling=" + good))
        asked = ("lists", "find", "--file", target, "www.judi.example", "pajak-go-id.example")
        out = self.run_ctl(*asked)
        self.assertIn("www.judi.example is in: gambling", out)
        self.assertIn("pajak-go-id.example imitates pajak.go.id", out)
        self.run_ctl("lists", "build", "--file", target, "phishing=" + bad, code=2)
        self.assertIn("bad.txt:1: error:", self.error)
        self.assertEqual(self.run_ctl(*asked), out)

    def test_share_shares_nothing_by_default(self):
        incidents = self.run_ctl("replay", "--no-default-rules", "--rules", self.rules(), "--year", "2026", self.log())
        for line in self.objects("share", "--explain", "--json", stdin=incidents.encode()):
            self.assertEqual([p["partner"] for p in line["partners"] if p["shared"]], [])
        self.run_ctl("share", "--partner", "nobody", stdin=incidents.encode(), code=2)

    def test_lint(self):
        good = self.write("good/demo.yaml", PATTERN.replace("patterns:", "reference: https://example.org\npatterns:"))
        self.run_ctl("lint", good)
        bad = self.write("bad/demo.yaml", PATTERN.replace("%{DATA:user.name}", "(?:a+)+"))
        self.run_ctl("lint", bad, code=1)
        self.assertIn("exponential", self.error)
        bad = self.write("bad/demo.yaml", PATTERN.replace("patterns:", "grok:\n  NAME: '(?:a+)+'\n  USED: x\n  IDLE: '%{USED}'\npatterns:"))
        self.run_ctl("lint", bad, code=1)
        self.assertIn("exponential", self.error)
        self.assertIn("no pattern of the file uses the macro 'IDLE'", self.error)
        self.assertNotIn("'USED'", self.error)
        last = self.write("bad/demo.yaml", PATTERN.replace("refused$", "refused").replace("patterns:", "reference: https://example.org\npatterns:"))
        self.run_ctl("lint", last, code=1)
        self.assertIn("demo.yaml:10:9: warning: a client that calls itself 'x' and goes on as this line does", self.error)
        quiet = self.write("quiet.yml", "title: quiet\nlogsource: { category: authentication }\nfilter:\n  rules: [demo]\n"
                           "  ours: { 'user.name|re': '(a+)+' }\n  idle: { user.name: x }\n  condition: not ours\n")
        self.run_ctl("lint", quiet, code=1)
        self.assertIn("'idle' stands in no condition", self.error)
        self.assertNotIn("'rules'", self.error)
        self.assertIn("exponential", self.error)
        rule = self.write("rule.yml", RULE.replace("condition: selection", "unused: { a: b }\n  condition: selection"))
        self.run_ctl("lint", rule, code=1)
        self.assertIn("'unused' stands in no condition", self.error)
        self.assertNotIn("no sample of any pattern", self.error)
        self.run_ctl("lint", "--no-default-patterns", "--patterns", good, rule, code=1)
        self.assertNotIn("has the field 'event.outcome'", self.error)
        self.run_ctl("lint", "--no-default-patterns", rule, code=1)
        self.assertIn("no sample of any pattern has the field 'event.outcome'", self.error)

    def test_new(self):
        line = "Mar  1 08:00:00 gw portal[88]: login of siti from 192.0.2.7 port 4711 refused (code 3)"
        skeleton = self.write("portal.yaml", self.run_ctl("new", "pattern", line))
        self.assertIn("all passed", self.run_ctl("test", skeleton))
        rule = self.write("new.yml", self.run_ctl("new", "rule", SSH % 1))
        self.assertIn("all passed", self.run_ctl("test", "--no-default-rules", rule))
        self.run_ctl("new", "rule", "nothing parses this", code=1)
        self.run_ctl("new", "poem", "x", code=2)
        named = self.write("named.yaml", self.run_ctl("new", "pattern", "portal[88]: 'Renée' refused\t192.0.2.7"))
        with open(named, encoding="utf-8") as f:
            self.assertIn("Renée", f.read())
        self.assertIn("all passed", self.run_ctl("test", named))

    def test_fmt(self):
        untidy = self.write("u.yaml", PATTERN.replace("title: A demonstration\n", "title: A demonstration  \n\n\n# why\n") + "\n\n")
        self.assertIn("u.yaml", self.run_ctl("fmt", "--check", untidy, code=1))
        self.run_ctl("fmt", "--write", untidy)
        self.run_ctl("fmt", "--check", untidy)
        with open(untidy) as f:
            self.assertEqual(f.read(), PATTERN.replace("title: A demonstration\n", "title: A demonstration\n\n# why\n"))
        self.run_ctl("test", untidy)

    def test_fmt_leaves_texts_alone(self):
        text = "description: |\n  ends in a blank \n\n\n  and goes on\ntitle: x\n"
        block = self.write("block.yaml", text)
        self.run_ctl("fmt", "--write", block)
        with open(block) as f:
            self.assertEqual(f.read(), text)

    def test_migrate(self):
        path = self.write("db.xml", """<patterndb version='4' pub_date='2010-02-22'>
 <ruleset name='portal' id='1'>
  <pattern>portal</pattern>
  <rules>
   <rule provider='x' id='r1' class='system'>
    <patterns><pattern>login of @ESTRING:usracct.username: @from @IPv4:usracct.device@ port @NUMBER:@ refused</pattern></patterns>
    <examples><example><test_message program='portal'>login of Renée from 192.0.2.7 port 22 refused</test_message></example></examples>
   </rule>
   <rule provider='x' id='r2' class='system'><patterns><pattern>odd @NLSTRING:x@</pattern></patterns></rule>
  </rules>
 </ruleset>
</patterndb>""")
        out = self.run_ctl("migrate", path, code=1)
        self.assertIn("rule r2: the parser @NLSTRING@ is not translated", self.error)
        self.assertIn("2 rules, 1 left out", self.error)
        self.run_ctl("migrate", path, path, code=2)
        migrated = self.write("portal.yaml", out)
        self.assertIn("all passed", self.run_ctl("test", migrated))
        event = self.objects("parse", "--patterns", migrated, stdin=b"portal[1]: login of siti from 192.0.2.7 port 22 refused\n")
        self.assertEqual((event[0]["user"]["name"], event[0]["source"]["ip"]), ("siti", "192.0.2.7"))


class Memory(Contract):
    """An address space that is too small (ulimit -v) ends in a message and exit 2, not in a dump of core."""

    def limited(self, megabytes, *args):
        limit = megabytes << 20
        return subprocess.run([CTL, *args], stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
                              preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))

    def test_too_little_memory_is_said(self):
        log = self.log()
        least = next(n for n in range(8, 200) if self.limited(n, "--version").returncode == 0)
        refused = 0
        for more in range(1, 40, 6):
            result = self.limited(least + more, "replay", log)
            self.assertIn(result.returncode, (0, 2), result.stderr[-300:])
            if result.returncode:
                refused += 1
                self.assertTrue(result.stderr.endswith(b"or the machine is full\n"), result.stderr[-300:])
        self.assertGreater(refused, 3)


class Json(Contract):
    """--json means that standard output is JSON documents and nothing else, whatever the command."""

    def documents(self, command, *args, stdin=b"", code=0):
        text, found = self.run_ctl(command, "--json", *args, stdin=stdin, code=code).strip(), []
        while text:
            document, end = json.JSONDecoder().raw_decode(text)
            found.append(document)
            text = text[end:].lstrip()
        return found

    def test_every_command_of_the_usage(self):
        log, own = self.log(), ("--no-default-rules", "--rules", self.rules())
        incidents = self.run_ctl("replay", *own, "--year", "2026", log).encode()
        untidy, names = self.write("u.yaml", PATTERN + "\n\n"), self.write("judi.txt", "judi.example\n")
        wrong = self.write("wrong.yaml", PATTERN.replace("user.name", "user.nmae"))
        unlike = self.write("unlike.yaml", PATTERN.replace("192.0.2.7 }", "192.0.2.8 }"))
        expected = self.write("expected.yaml", "expect:\n  - { rule: demo_brute_force, count: 6 }\n")
        db = self.write("db.xml", "<patterndb version='4'><ruleset name='p' id='1'><pattern>p</pattern><rules><rule id='r'>"
                                  "<patterns><pattern>login of @STRING:u@</pattern></patterns></rule></rules></ruleset></patterndb>")
        lists = os.path.join(self.dir, "lists")
        runs = {
            "check": [((wrong,), 1, lambda d: d[0]["line"] and d[-1]["errors"] == 2), ((), 0, lambda d: d[-1]["errors"] == 0)],
            "test": [((unlike,), 1, lambda d: d[0]["file"] == unlike and d[-1]["failures"] == 1)],
            "parse": [((log,), 0, lambda d: len(d) == 5)],
            "scan": [((*own, log), 0, lambda d: len(d) == 5)],
            "replay": [((*own, "--year", "2026", log), 0, lambda d: d[0]["siaga"]["incident"]["id"])],
            "explain": [((SSH % 1,), 0, lambda d: len(d) == 1),
                        ((*own, "--year", "2026", "--rule", "demo_brute_force", log), 0, lambda d: len(d) == 1)],
            "diff": [(("--year", "2026", self.rules(9), self.rules(3), log), 0, lambda d: d[0]["change"] == "gained")],
            "bench": [((*own, log), 0, lambda d: d[0]["rules"][0]["matched"] == 5)],
            "coverage": [(own, 0, lambda d: [x["kind"] for x in d[:2]] == ["correlation", "rule"]
                          and d[-1]["rules_not_exercised"] == 2),
                         ((*own, "--navigator", "-"), 0, lambda d: d[0]["domain"] == "enterprise-attack")],
            "backtest": [((*own, "--year", "2026", expected, log), 1, lambda d: d[0]["level"] == "error" and d[-1]["failures"])],
            "stats": [((), 0, lambda d: d[0]["totals"][0]["incidents"] == 1)],
            "share": [(("--explain",), 0, lambda d: "partners" in d[0]), (("--whole",), 0, lambda d: d[0]["type"] == "bundle")],
            "lists": [(("build", "--file", lists, "gambling=" + names), 0, lambda d: d == [{"names": 1}]),
                      (("find", "--file", lists, "judi.example", "pajak-go-id.example"), 0,
                       lambda d: d[0]["lists"] == ["gambling"] and d[1]["lookalike"]["of"] == "pajak.go.id")],
            "lint": [((untidy,), 1, lambda d: d[0]["level"] == "warning" and d[-1]["findings"] >= 1)],
            "new": [(("rule", SSH % 1), 0, lambda d: d[0]["rule"].startswith("title:")),
                    (("pattern", SSH % 1), 0, lambda d: d[0]["pattern"].startswith("dataset: sshd"))],
            "fmt": [((untidy,), 0, lambda d: d == [{"file": untidy, "differs": True, "text": PATTERN}]),
                    (("--check", untidy), 1, lambda d: d == [{"file": untidy, "differs": True}])],
            "migrate": [((db,), 0, lambda d: d[0]["rules"] == 1 and "dataset: p" in d[0]["patterns"])],
        }
        self.assertEqual(set(runs), set(re.findall(r"^  ([a-z]+) +\S", self.run_ctl("--help"), re.M)))
        for command, calls in runs.items():
            for args, code, holds in calls:
                with self.subTest(command=command, args=args):
                    found = self.documents(command, *args, stdin=incidents, code=code)
                    self.assertTrue(found and holds(found), found)


class Manual(Contract):
    def test_the_examples_of_the_manual_work(self):
        with open(os.path.join(SOURCE, "patterns", "README.md")) as f:
            blocks = re.findall(r"```yaml\n# file: (\S+)\n(.*?)```", f.read(), re.S)
        self.assertEqual(len(blocks), 9)
        local = {"overrides.yaml": "etc/", "placeholders.yaml": "etc/", "allow.yaml": "etc/allow.d/"}
        for name, text in blocks:
            self.write(local.get(name, "m/") + name, text)
        self.run_ctl("check", "--config-dir", os.path.join(self.dir, "etc"))
        self.assertEqual(self.error, "")
        out = self.run_ctl("test", "--no-default-rules", os.path.join(self.dir, "m"))
        self.assertRegex(out, r"4 samples of rules, 2 scenarios: all passed")

    def test_the_manual_page_names_every_command_and_option(self):
        with open(os.path.join(SOURCE, "modules", "siagactl", "siagactl.1")) as f:
            page = f.read().replace("\\-", "-")
        usage = self.run_ctl("--help")
        commands = re.findall(r"^  ([a-z]+) +\S", usage, re.M)
        self.assertGreater(len(commands), 15)
        for command in commands:
            self.assertIn(".SS %s\n" % command, re.sub(r"\.SS (\S+).*\n", r".SS \1\n", page))
            for option in re.findall(r"--[a-z-]+", self.run_ctl(command, "--help-all")):
                if option not in ("--help", "--help-all", "--help-common"):
                    self.assertIn(option, page, command)


if __name__ == "__main__":
    os.environ.pop("SIAGA_DATA_DIR", None)  # the program finds the tree's own folder
    unittest.main(argv=[sys.argv[0]] + sys.argv[1:])
