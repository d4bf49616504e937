# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Many lines over several connections at once: all arrive, each incident is raised once.  SIAGA_LINES sets how many,
SIAGA_STALL for how many seconds a destination stands still behind what its buffers hold."""

import collections
import json
import os
import socket
import time

from daemon import Test, free_port, run_tests, wait_until
from logs import failed_logins, mixed, ordinary

LINES = int(os.environ.get("SIAGA_LINES", "50000"))
ATTACKERS = ["192.0.2.%d" % i for i in range(1, 41)]

BODY = """
options { log-fifo-size(200000); };
log {
  source { network(ip("127.0.0.1") port(%d) flags(no-parse) max-connections(20) log-iw-size(20000)); };
  parser { siaga(state-dir("{dir}/state")); };
  if (tags("siaga.incident")) {
    destination { file("{dir}/incidents" template("${.siaga.incident.json}\\n")); };
  } else {
    destination { file("{dir}/all" template("$MSG\\n")); };
  };
  flags(flow-control);
};
"""


class Load(Test):
    def run_load(self, between=None):
        # Attacks of 25 failures each, spread over ordinary lines of the same five minutes.
        attacks = list(mixed(*[failed_logins(a, 25, every=10) for a in ATTACKERS]))
        lines = list(mixed(attacks, ordinary(LINES - len(attacks))))
        port = free_port()
        daemon = self.daemon(BODY % port).start()
        daemon.send(port, lines, connections=4, between=(lambda: between(daemon)) if between else None)
        daemon.wait_lines("all", len(lines), 300)
        wait_until(lambda: {i["source"]["ip"] for i in daemon.json("incidents") if "source" in i} >= set(ATTACKERS),
                   "an incident for each attacker")
        self.assertEqual(collections.Counter(daemon.lines("all")), collections.Counter(lines))
        opened = [(i["siaga"]["incident"]["id"], i["siaga"]["incident"]["revision"]) for i in daemon.json("incidents")]
        self.assertEqual(len(opened), len(set(opened)), "a change was sent twice")
        first = collections.Counter((i["rule"]["id"][0] if isinstance(i["rule"]["id"], list) else i["rule"]["id"],
                                     i["source"]["ip"]) for i in daemon.json("incidents")
                                    if i["siaga"]["incident"]["state"] == "open" and "source" in i)
        self.assertEqual([key for key, count in first.items() if count > 1], [], "an incident was raised twice")
        self.assertEqual(daemon.counter("siaga_correlator", "late"), 0)
        return daemon

    def test_lines_of_four_connections_arrive_complete_and_every_incident_once(self):
        daemon = self.run_load()
        wait_until(lambda: daemon.counter("siaga_correlator", "events") == LINES, "the count of the lines", 10)

    def test_a_reload_in_the_middle_loses_nothing(self):
        self.run_load(between=lambda daemon: self.assertTrue(daemon.reload()))


STALLED = """
log {
  source { file("{dir}/in" flags(no-parse) follow-freq(0.1) log-iw-size(1000)); };
  parser { siaga(state-dir("{dir}/state") max-in-flight(10)); };
  if (tags("siaga.incident")) { rewrite { set("${.siaga.incident.json}" value("MSG")); }; };
  destination { network("127.0.0.1" port(%d) template("$MSG\\n") log-fifo-size(10000)); };
  flags(flow-control);
};
"""


class StalledDestination(Test):
    """A receiver that takes nothing for as long as it likes: reading stops, memory does not grow, nothing is lost."""

    def setUp(self):
        super().setUp()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.server.settimeout(60)
        self.addCleanup(self.server.close)

    def begin(self, lines):
        with open(os.path.join(self.dir, "in"), "wb") as f:
            f.write(b"\n".join(lines) + b"\n")
        daemon = self.daemon(STALLED % self.server.getsockname()[1]).start()
        self.connection, _ = self.server.accept()
        self.addCleanup(self.connection.close)
        self.connection.settimeout(60)
        return daemon

    @staticmethod
    def wait_standstill(daemon):
        """The counter is brought up to date once a second: it has to stay for several."""
        seen = collections.deque(maxlen=80)

        def stands():
            seen.append(daemon.counter("siaga_correlator", "events"))
            return seen[0] and len(seen) == seen.maxlen and len(set(seen)) == 1

        wait_until(stands, "the daemon to stop reading", 120)
        return seen[0]

    def receive(self, complete):
        got, rest = [], b""
        while not complete(got):
            data = self.connection.recv(1 << 20)
            self.assertTrue(data, "the daemon hung up")
            *lines, rest = (rest + data).split(b"\n")
            got += lines
        return got

    def test_all_arrives_when_it_reads_again(self):
        attacks = list(mixed(*[failed_logins(a, 25, every=10) for a in ATTACKERS]))
        lines = list(mixed(attacks, ordinary(LINES - len(attacks))))
        daemon = self.begin(lines)
        before, memory = self.wait_standstill(daemon), self.memory(daemon)
        self.assertLess(before, LINES)
        time.sleep(float(os.environ.get("SIAGA_STALL", 0)))
        self.assertEqual(daemon.counter("siaga_correlator", "events"), before)
        self.assertLess(self.memory(daemon), memory + (8 << 20))

        def sources(got):
            return {json.loads(line).get("source", {}).get("ip") for line in got if line.startswith(b"{")}

        got = self.receive(lambda got: len(got) >= LINES + len(ATTACKERS) and
                           sum(not line.startswith(b"{") for line in got) >= LINES and sources(got) >= set(ATTACKERS))
        self.assertEqual(collections.Counter(line for line in got if not line.startswith(b"{")), collections.Counter(lines))

    @staticmethod
    def memory(daemon):
        with open("/proc/%d/statm" % daemon.process.pid) as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    run_tests()
