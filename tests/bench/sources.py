#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""sources.py [SOURCES [MEMORY-LIMIT]]: a thousand attackers in a crowd, through the real daemon.

Each of SOURCES (a million) fails to log in once; each attacker ten times within ten minutes.  Says how much memory the
daemon ever took, how many attackers have an incident, and how many others.  Fails above 256 MiB, below 100 % of the
attackers (99 % beyond a million sources), or when anybody else has one."""

import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from daemon import Daemon, wait_until
from logs import HOUR_AGO, stamp

SOURCES = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000
LIMIT = "memory-limit(%s)" % sys.argv[2] if len(sys.argv) > 2 else ""
ATTACKERS, TRIES, EVERY = 1000, 10, 50
RATE = 1000  # of the crowd's lines in a second of the log
BODY = """
options { threaded(yes); };
log {
  source { file("{dir}/in" flags(no-parse) follow-freq(0.1) log-fetch-limit(1000) log-iw-size(20000)); };
  parser { siaga(state-dir("{dir}/state") %s); };
  if (tags("siaga.incident")) {
    destination { file("{dir}/incidents" template("${.siaga.incident.json}\\n") log-fifo-size(60000)); };
  };
  if (match("the log ends here" value("MESSAGE"))) { destination { file("{dir}/end"); }; };
  flags(flow-control);
};
""" % LIMIT


def address(kind, n):
    """One of a /64 of its own: sources are counted by it."""
    return "2001:db8:%x:%x::1" % (0x1000 | kind << 13 | n // 0xF000, 0x1000 + n % 0xF000)


def lines():
    begin = HOUR_AGO - SOURCES // RATE
    spread = max(SOURCES // RATE - TRIES * EVERY, 1)
    attacks = sorted((begin + a * spread // ATTACKERS + t * EVERY, a, t)
                     for a in range(ATTACKERS) for t in range(TRIES))
    at = 0
    for n in range(SOURCES):
        now = begin + n // RATE
        while at < len(attacks) and attacks[at][0] <= now:
            yield attacks[at][0], "tamu%d" % attacks[at][1], address(1, attacks[at][1]), attacks[at][2]
            at += 1
        yield now, "u%d" % n, address(0, n), 0
    for second, a, t in attacks[at:]:
        yield second, "tamu%d" % a, address(1, a), t


def write_log(path):
    with open(path, "w") as f:
        second, text = None, ""
        for now, user, source, port in lines():
            if now != second:
                second, text = now, stamp(now)
            f.write("%s web1.kementerian.go.id sshd[7]: Failed password for %s from %s port %d ssh2\n" %
                    (text, user, source, 20000 + port))
        f.write("%s web1.kementerian.go.id note: the log ends here\n" % stamp(second + 60))


def high_water(pid):
    with open("/proc/%d/status" % pid) as f:
        return next(int(line.split()[1]) for line in f if line.startswith("VmHWM")) / 1024


def main():
    daemon = Daemon(BODY, dir=tempfile.mkdtemp(prefix="siaga-sources-")).start()
    write_log(daemon.path("log"))
    os.rename(daemon.path("log"), daemon.path("in"))
    wait_until(lambda: os.path.exists(daemon.path("end")), "the end of the log", 7200)
    counters = {name: daemon.counter("siaga_correlator", name) for name in ("keys", "evicted", "late", "journal_lost", "checkpoints", "checkpoint_microseconds")}
    memory = high_water(daemon.process.pid)
    begin = time.monotonic()
    daemon.stop()
    stopping = time.monotonic() - begin
    found = {i["source"]["ip"] for i in daemon.json("incidents") if "ip" in i.get("source", {})}
    attackers = {address(1, a) for a in range(ATTACKERS)}
    subprocess.run(["rm", "-rf", daemon.dir])
    print("%d sources: %.0f MiB, %d of %d attackers found, %d others; stopped in %.1f s; %s" % (
        SOURCES, memory, len(found & attackers), ATTACKERS, len(found - attackers), stopping, counters))
    enough = ATTACKERS if SOURCES <= 1000000 else ATTACKERS * 99 // 100
    return 0 if memory <= 256 and len(found & attackers) >= enough and not found - attackers else 1


if __name__ == "__main__":
    sys.exit(main())
