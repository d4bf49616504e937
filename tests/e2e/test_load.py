# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Many lines over several connections at once: all arrive, each incident is raised once.  SIAGA_LINES sets how many."""

import collections
import os

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


if __name__ == "__main__":
    run_tests()
