#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What went wrong for people who correlated with syslog-ng's own means, done again with siaga()."""

import collections
import os
import re
import time

from daemon import Test, free_port, run_tests, wait_until
from logs import GOVERNMENT, HOUR_AGO, failed_logins, mixed, ordinary

# Each host and each incident gets a file of its own: threads that hand on a line, or the incident that it made, wait
# for the main loop, which opens files.
BODY = """
options { create-dirs(yes); time-reap(1); log-fifo-size(200000); };
log {
  source { %s };
  parser { siaga(state-dir("{dir}/state") fields(all) no-default-rules(yes) rules("{dir}/rules") %s); };
  if (tags("siaga.incident")) {
    destination { file("{dir}/incidents" template("${.siaga.incident.json}\\n")); };
    destination { file("{dir}/each/${siaga.incident.id}" template("${siaga.incident.revision}\\n")); };
  } else {
    destination { file("{dir}/all" template("$MSG\\n")); };
    destination { file("{dir}/of/log-${host.hostname}" template("$MSG\\n")); };
  };
  flags(flow-control);
};
"""
DETECTION = """
title: %s
name: %s
id: 5d0f8c1e-8a3b-4f1c-9c55-0d6f3e2b1a%02x
logsource: { category: %s }
detection: { s: { %s }, condition: s }
level: informational
"""
FAILURES = DETECTION % ("Failure", "failure", 1, "authentication", "event.outcome: failure")
REQUESTS = DETECTION % ("Request", "request", 2, "webserver", "cs-method: ['GET', 'PUT']")
CORRELATION = """
---
title: %s
name: %s
id: 5d0f8c1e-8a3b-4f1c-9c55-0d6f3e2b1a%02x
level: high
"""
FAILED_MANY = FAILURES + CORRELATION % ("Many", "many", 16) + """
correlation: { type: event_count, rules: [failure], group-by: [source.ip], timespan: %s, condition: { gte: %d } }
"""
REQUESTED_LARGE = REQUESTS + CORRELATION % ("Large", "large", 17) + """
correlation:
  type: value_avg
  rules: [request]
  group-by: [http.request.method, http.response.status_code]
  timespan: 30s
  condition: { field: http.response.body.bytes, gte: 100000 }
"""


TCP = 'network(ip("127.0.0.1") port(%d) flags(no-parse) max-connections(20) log-iw-size(20000));'
FILE = 'file("%s" flags(no-parse) follow-freq(0.05) log-iw-size(1000));'
SOURCES = ["192.0.2.%d" % n for n in range(1, 41)]
HOSTS = ["server%d.kementerian.go.id" % n for n in range(1, 41)]
LATER = HOUR_AGO + 3000


def bursts(count, every=60):
    """At each host COUNT times five failures of its own source; each time is over when the next one begins."""
    return list(mixed(*[[line for n in range(count) for line in
                         failed_logins(address, 5, host, start=HOUR_AGO + every * n, user="u%d" % n)]
                        for address, host in zip(SOURCES, HOSTS)]))


def httpdate(seconds):
    return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(seconds))


def isodate(milliseconds):
    return "%s.%03dZ" % (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000)), milliseconds % 1000)


class Upstream(Test):
    def start(self, rules, options="", source=None, folder="."):
        dir = os.path.join(self.dir, folder)
        self.file(os.path.join(folder, "rules", "own.yml"), rules)
        self.port = free_port()
        return self.daemon(BODY % (source or TCP % self.port, options), dir=dir).start()

    def states(self, daemon):
        return collections.Counter(i["siaga"]["incident"]["state"] for i in daemon.json("incidents"))

    def wait_closed(self, daemon, count):
        wait_until(lambda: self.states(daemon)["close"] >= count, "the ends of %d incidents" % count, 60)
        self.assertEqual(self.states(daemon)["open"], count)
        changes = [(i["siaga"]["incident"]["id"], i["siaga"]["incident"]["revision"]) for i in daemon.json("incidents")]
        self.assertEqual(len(changes), len(set(changes)), "a change was sent twice")

    @staticmethod
    def final(daemon):
        """By id, the source and the count of each incident as it ended."""
        return {i["siaga"]["incident"]["id"]: (i["source"]["ip"], i["siaga"]["incident"]["count"])
                for i in daemon.json("incidents") if i["siaga"]["incident"]["state"] == "close"}

    @staticmethod
    def taken(daemon):
        """The bytes of windows and incidents, when all lines so far are counted."""
        lines = len(daemon.lines("all"))
        wait_until(lambda: daemon.counter("siaga_correlator", "events") >= lines, "the count of the lines")
        return sum(value for text, value in daemon.stats() if re.search(r"siaga_correlator.*[^_a-z]bytes", text))

    @staticmethod
    def resident(daemon):
        with open("/proc/%d/statm" % daemon.process.pid) as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def assert_lines(self, daemon, lines):
        daemon.wait_lines("all", len(lines))
        self.assertEqual(collections.Counter(daemon.lines("all")), collections.Counter(lines))

    def assert_alive(self, daemon):
        """The main loop answers, and the daemon ends when it is told to."""
        self.assertEqual(daemon.control("stats")[0], 0)
        self.assertEqual(daemon.stop(), 0, daemon.output())

    def test_all_are_counted_once_over_any_number_of_connections(self):
        """4644: of 45 messages 43 were found, with several connections some came twice, memory stayed taken."""
        wanted = list(mixed(*[failed_logins(address, 45, every=2) for address in SOURCES[:4]]))
        strangers = [failed_logins("10.1.%d.%d" % divmod(n, 256), 1)[0] for n in range(4000)]
        lines = list(mixed(wanted, strangers, ordinary(6000)))
        ends = ordinary(1, start=LATER) + ordinary(1, GOVERNMENT, start=LATER)
        found = []
        for connections in (1, 4):
            with self.subTest(connections=connections):
                daemon = self.start(FAILED_MANY % ("5m", 40), 'memory-limit("16MiB")', folder=str(connections))
                daemon.send(self.port, lines, connections)
                daemon.wait_lines("all", len(lines))
                taken = self.taken(daemon)
                daemon.send(self.port, ends)
                self.wait_closed(daemon, 4)
                self.assert_lines(daemon, lines + ends)
                self.assertEqual(daemon.counter("siaga_correlator", "late"), 0)
                self.assertTrue(0 < taken < 16 << 20, taken)
                self.assertLessEqual(self.taken(daemon), taken)
                found.append(self.final(daemon))
                self.assert_alive(daemon)
        self.assertEqual(sorted(found[0].values()), [(address, 45) for address in SOURCES[:4]])
        self.assertEqual(found[0], found[1])

    def test_the_average_over_a_large_file_takes_no_memory_for_its_lines(self):
        """4457: minimum, maximum and average over a file of requests kept every message until the kernel killed it."""
        def requests(first, count, size=4000):
            return [('192.0.2.%d - - [%s] "%s /data/%d HTTP/1.1" %d %d "-" "python-requests/2.28.1"' % (
                n % 50 + 1, httpdate(HOUR_AGO - 40000 + n // 2), "GET" if n % 2 else "PUT", n, 200 + n // 2 % 2,
                size + n % 100)).encode() for n in range(first, first + count)]

        path = self.file("in", b"")
        daemon = self.start(REQUESTED_LARGE, 'memory-limit("16MiB")',
                            FILE % path)
        read = 0
        for lines in (requests(0, 5000), requests(5000, 30000), requests(35000, 120, 200000)):
            with open(path, "ab") as f:
                f.write(b"\n".join(lines) + b"\n")
            read += len(lines)
            daemon.wait_lines("all", read)
            if read == 5000:
                before = self.resident(daemon)
        self.assertLess(self.resident(daemon), before + (8 << 20))
        wait_until(lambda: self.states(daemon)["open"] == 4, "a large average of each method and answer")
        self.assert_alive(daemon)

    def test_files_are_made_and_turned_while_incidents_come(self):
        """2630: a message made under a lock met the main loop that waited for it; nothing was stored any more."""
        lines = bursts(10)
        daemon = self.start(FAILED_MANY % ("10s", 5))
        daemon.send(self.port, lines, 4, between=lambda: [self.assertTrue(daemon.reload()) for _ in range(3)])
        self.assert_lines(daemon, lines)
        for host in HOSTS:
            self.assertEqual(len(daemon.lines("of/log-" + host)), 50)
        wait_until(lambda: len(os.listdir(daemon.path("each"))) >= 10 * len(HOSTS), "a file for each incident")
        self.assert_alive(daemon)

    def test_outputs_go_on_while_incidents_end_by_the_timer(self):
        """3451: what a timeout made while lines came froze every output."""
        lines = [line for address in SOURCES for line in failed_logins(address, 5, every=0)]
        path = self.file("in", b"\n".join(lines) + b"\n")
        port = free_port()
        daemon = self.start(FAILED_MANY % ("1s", 5), source=FILE % path + " " + TCP % port)

        def push():
            """Lines of another source go on: what ends meanwhile, ends because time passes."""
            more = ordinary(1) * 200
            lines.extend(more)
            daemon.send(port, more, 4)
            return self.states(daemon)["close"] >= len(SOURCES)

        wait_until(push, "the ends of the incidents")
        self.assert_lines(daemon, lines)
        self.wait_closed(daemon, len(SOURCES))
        self.assert_alive(daemon)

    def test_one_busy_source_takes_no_more_memory_with_every_line(self):
        """369: a context could not end below a second nor be bounded, so one busy rule took ever more memory."""
        daemon = self.start(FAILED_MANY % ("1s", 10))

        def failures(address, count, every):
            return [("%s %s sshd[%d]: Failed password for root from %s port 22 ssh2" % (
                isodate(HOUR_AGO * 1000 + n * every), GOVERNMENT, n, address)).encode() for n in range(count)]

        # Nine steps of 111 ms are within a second; nine of 112 ms are not.
        lines = failures("192.0.2.1", 900, 111) + failures("192.0.2.2", 900, 112)
        daemon.send(self.port, sorted(lines))
        self.assert_lines(daemon, lines)
        wait_until(lambda: daemon.json("incidents"), "the incident")
        before = self.taken(daemon)
        busy = [line.replace(b"root", b"admin") for line in failures("192.0.2.1", 60000, 1)]
        daemon.send(self.port, busy)
        daemon.wait_lines("all", len(lines) + len(busy))
        self.assertLess(self.taken(daemon), before + 65536)
        self.assertEqual({i["source"]["ip"] for i in daemon.json("incidents")}, {"192.0.2.1"})
        self.assert_alive(daemon)


if __name__ == "__main__":
    run_tests()
