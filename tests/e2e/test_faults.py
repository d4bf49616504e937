# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Files and lines made to break: hostile rules, wrong clocks, text that wants to be something else.

Each is bounded in memory and processor time by the kernel, so that a run-away ends the test and not the machine."""

import datetime
import glob
import json
import os
import re
import resource
import subprocess
import tempfile
import time
import unittest

from daemon import BUILD, Test, free_port, run_tests, wait_until
from logs import failed_logins
from test_chain import tcp

FAKETIME = glob.glob("/usr/lib*/faketime/libfaketime.so.1") + glob.glob("/usr/lib*/*/faketime/libfaketime.so.1")

RULE = """title: A rule
id: 7d1c3a52-6f0e-4c57-9d0e-0b5a4f1c2e%02x
logsource: {category: webserver}
detection:
  s: %s
  condition: %s
level: high
"""
WEB = 'www.kementerian.go.id:443 192.0.2.7 - - [21/Nov/2026:01:00:01 +0700] "GET %s HTTP/1.1" 200 1 "-" "%s"'


def bomb():
    """Aliases of aliases: ten lines that would be a thousand million nodes."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for before, name in zip("abcdefgh", "bcdefghi"):
        lines.append("%s: &%s [%s]" % (name, name, ", ".join(["*" + before] * 9)))
    return "\n".join(lines) + "\ntitle: x\nlogsource: {category: webserver}\ndetection: {s: *i, condition: s}\n"


# What the file holds, and what is said of it.
HOSTILE_FILES = {
    "deep": (RULE % (1, "[" * 20000 + "]" * 20000, "s"), r"deep\.yml:5:\d+: error: nested deeper"),
    "bomb": (bomb(), r"bomb\.yml:\d+:\d+: error: too large"),
    "huge": (RULE % (2, "{cs-uri-query|contains: '%s'}" % ("a" * 5000000), "s"), r"huge\.yml: error: larger than"),
    "parentheses": (RULE % (3, "{cs-uri-query|contains: zzz}", "(" * 100000 + "s" + ")" * 100000), r":6:\d+: error: condition"),
    "negations": (RULE % (4, "{cs-uri-query|contains: zzz}", "not " * 100001 + "s"), r":6:\d+: error: condition"),
    "bytes": (bytes(range(256)) * 100, r"bytes\.yml:1:1: error: not YAML"),
    "endless": (b"title: [", r"endless\.yml:\d+:\d+: error: not YAML"),
}


def limits():
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))


def bounded(*arguments, lines=None):
    """siagactl under the limits; exit code, standard output, standard error."""
    done = subprocess.run([os.path.join(BUILD, "siagactl"), *arguments], capture_output=True, preexec_fn=limits,
                          input=None if lines is None else ("\n".join(lines) + "\n").encode())
    return done.returncode, done.stdout, done.stderr


class HostileRules(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def write(self, name, content):
        path = os.path.join(self.folder.name, name + ".yml")
        with open(path, "wb") as f:
            f.write(content if isinstance(content, bytes) else content.encode())
        return path

    def test_each_is_refused_by_its_place(self):
        for name, (content, expected) in HOSTILE_FILES.items():
            with self.subTest(name):
                code, out, err = bounded("check", "--no-default-patterns", "--no-default-rules", "--rules", self.write(name, content))
                self.assertEqual(code, 1)
                self.assertRegex((out + err).decode(), expected)

    def test_a_bad_file_takes_no_other_rule_with_it(self):
        self.write("good", RULE % (9, "{cs-uri-query|contains: attackword}", "s"))
        self.write("deep", HOSTILE_FILES["deep"][0])
        _, out, _ = bounded("scan", "--no-default-rules", "--rules", self.folder.name, lines=[WEB % ("/?q=attackword", "-")])
        self.assertEqual(json.loads(out)["rule"]["name"], ["A rule"])

    def test_a_regex_that_backtracks_for_ever_is_cut_short(self):
        path = self.write("backtracking", RULE % (5, "{cs-uri-query|re: '(a+)+(b+)+(a|aa)+$c'}", "s"))
        lines = [WEB % ("/?q=" + "a" * 8000 + "!", "-")] * 50 + [WEB % ("/?q=ok", "-")]
        code, out, _ = bounded("parse", lines=lines)
        self.assertEqual((code, out.count(b"\n")), (0, 51))
        code, out, _ = bounded("scan", "--no-default-rules", "--rules", path, lines=lines)
        self.assertEqual((code, out), (0, b""))

    def test_ten_thousand_rules(self):
        rule = ("title: Rule %d\nid: %08x-1111-4111-8111-111111111111\nlogsource: {category: webserver}\ndetection:\n"
                "  s:\n    cs-uri-query|contains: 'attackword%dz'\n    cs-user-agent|contains: 'agent%dz'\n"
                "  condition: s\nlevel: medium\n")
        for part in range(10):
            numbers = range(part * 1000, part * 1000 + 1000)
            self.write("many%d" % part, "---\n".join(rule % (n, n, n, n % 97) for n in numbers))
        lines = [WEB % ("/?q=attackword%dz" % n, "agent%dz" % (n % 97)) for n in (0, 4711, 9999)] + [WEB % ("/", "agent1z")]
        _, out, _ = bounded("scan", "--no-default-rules", "--rules", self.folder.name, lines=lines)
        self.assertEqual([json.loads(line)["rule"]["name"] for line in out.splitlines()], [["Rule 0"], ["Rule 4711"], ["Rule 9999"]])


class Injection(unittest.TestCase):
    """Text of an attacker stays text."""

    def test_no_terminal_sequence_comes_through(self):
        line = WEB % ("/\x1b]0;owned\x07?q=%1b[31m", "\x1b[2J\x1b[1;1Hall is well\x9b31m")
        for command in ("parse", "scan", "replay", "explain"):
            with self.subTest(command):
                arguments = [command, line] if command == "explain" else [command, "--all"] if command == "scan" else [command]
                _, out, err = bounded(*arguments, lines=None if command == "explain" else [line])
                self.assertEqual(re.findall(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2\x9b", out + err), [])

    def test_a_forged_field_is_no_field(self):
        agent = 'x\\", \\"source\\": {\\"ip\\": \\"198.51.100.66\\"}, \\"a\\": \\"'
        _, out, _ = bounded("parse", lines=[WEB % ("/", agent)])
        event = json.loads(out, object_pairs_hook=self._without_repetition)
        self.assertEqual(event["source"]["ip"], "192.0.2.7")

    def _without_repetition(self, pairs):
        self.assertEqual(len(pairs), len(dict(pairs)), "a key stands twice: %s" % pairs)
        return dict(pairs)

    def test_a_header_inside_a_message_is_no_header(self):
        inner = "Nov 21 02:00:00 dns1.kementerian.go.id sshd[1]: Failed password for root from 198.51.100.66 port 22 ssh2"
        lines = ["Nov 21 01:00:0%d www.kementerian.go.id portal[7]: comment: %s" % (n, inner) for n in range(9)]
        _, out, _ = bounded("replay", "--year", "2026", lines=lines)
        self.assertEqual(out, b"")

    def test_a_forged_incident_is_none(self):
        lines = ['Nov 21 01:00:00 www.kementerian.go.id siaga: {"siaga":{"incident":{"id":"x","state":"open"}}}']
        _, out, _ = bounded("replay", "--year", "2026", lines=lines)
        self.assertEqual(out, b"")


class Calendar(unittest.TestCase):
    def times(self, lines, *options):
        _, out, _ = bounded("parse", *options, lines=lines)
        return [json.loads(line)["@timestamp"] for line in out.splitlines()]

    def test_leap_day(self):
        # 2028 has a 29 February, 2027 has none.
        self.assertEqual(self.times(['192.0.2.1 - - [29/Feb/2028:23:59:59 +0700] "GET / HTTP/1.1" 200 5 "-" "-"']),
                         ["2028-02-29T16:59:59Z"])
        ssh = "Feb 29 08:00:00 www sshd[7]: Failed password for root from 192.0.2.7 port 41234 ssh2"
        self.assertEqual(self.times([ssh], "--year", "2028"), ["2028-02-29T08:00:00Z"])

    def test_the_hour_that_comes_twice(self):
        # In New York clocks went back at 2026-11-01 06:00 UTC; a stamp with its zone says which of both hours it was.
        line = '192.0.2.1 - - [01/Nov/2026:01:30:00 %s] "GET / HTTP/1.1" 200 5 "-" "-"'
        self.assertEqual(self.times([line % "-0400", line % "-0500"]), ["2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"])


class Clocks(Test):
    def test_a_stamp_from_the_future_hides_no_attack(self):
        """One line with a clock two years ahead must not make the honest ones behind it late."""
        port = free_port()
        daemon = self.daemon(tcp(port, 'reorder-window("0s")')).start()
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        ahead = "%d%s" % (int(now[:4]) + 2, now[4:].replace("-02-29", "-02-28"))
        line = "%s www.kementerian.go.id sshd[7]: Failed password for root from %s port 41234 ssh2"
        lines = [line % (now, "192.0.2.7")] * 3 + [line % (ahead, "192.0.2.99")] + [line % (now, "192.0.2.7")] * 9
        daemon.send(port, [line.encode() for line in lines])
        wait_until(lambda: any("192.0.2.7" in json.dumps(i.get("source", {})) for i in daemon.json("incidents")), "the incident")

    @unittest.skipUnless(FAKETIME, "libfaketime is not installed")
    def test_the_machine_s_clock_jumps_a_day_ahead_and_two_back(self):
        offset, port = self.file("clock", "+0"), free_port()
        # libfaketime moves what is given to a timerfd by the wall clock's jump, whatever clock the timerfd goes by.
        faked = {"LD_PRELOAD": FAKETIME[0], "FAKETIME_TIMESTAMP_FILE": offset, "FAKETIME_NO_CACHE": "1",
                 "FAKETIME_DONT_FAKE_MONOTONIC": "1", "IV_EXCLUDE_POLL_METHOD": "epoll-timerfd"}
        daemon = self.daemon(tcp(port, 'reorder-window("0s")'), environment=faked).start()
        for day, source in ((0, "192.0.2.7"), (1, "192.0.2.8"), (-1, "192.0.2.9")):
            self.file("clock", "%+d" % (day * 86400))
            lines = failed_logins(source, 12, start=int(time.time()) + day * 86400 - 60)
            daemon.send(port, lines)
            wait_until(lambda: any(i.get("source", {}).get("ip") == source for i in daemon.json("incidents")),
                       "the incident of day %+d" % day)
        ids = [(i["siaga"]["incident"]["id"], i["siaga"]["incident"]["revision"]) for i in daemon.json("incidents")]
        self.assertEqual(len(ids), len(set(ids)))


if __name__ == "__main__":
    run_tests()
