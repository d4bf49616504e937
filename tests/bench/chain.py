#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""chain.py [LINES [ROUNDS [FAMILY...]]]: the CPU time of the whole chain in syslog-ng, as a ratio to bare syslog-ng from
file to file, and of reading web lines alone.

The lowest of ROUNDS counts; all kinds take turns, so that a busy moment does not fall on one of them.  Reading rules is
not in it: the log appears when the daemon is up.  README.md holds what was measured and tried."""

import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from daemon import SRC, Daemon, cpu_seconds, wait_until

LINES = int(sys.argv[1]) if len(sys.argv) > 1 else 200000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
FAMILIES = sys.argv[3:] or ["web", "dns", "auth"]
BODY = """
options { threaded(yes); };
log {
  source { file("{dir}/in" flags(no-parse) follow-freq(0.1) log-fetch-limit(1000) log-iw-size(20000)); };
  %s
  destination { file("{dir}/out" template("$MSG\\n") log-fifo-size(60000)); };
  flags(flow-control);
};
"""
CHAINS = {
    "bare": "",
    "matched": 'parser { siaga(state-dir("{dir}/state")); };',
    "all": 'parser { siaga(state-dir("{dir}/state") fields(all)); };',
}
EXTRACTION = 'parser { weblog-parser(); };'


def count(path):
    return os.stat(path).st_size if os.path.exists(path) else 0


def run(chain, log):
    daemon = Daemon(BODY % chain, dir=tempfile.mkdtemp(prefix="siaga-bench-"))
    daemon.start()
    before = cpu_seconds(daemon.process.pid)
    os.link(log, daemon.path("in"))
    size = os.stat(log).st_size
    wait_until(lambda: count(daemon.path("out")) >= size, "all lines", 600)
    spent = cpu_seconds(daemon.process.pid) - before
    daemon.stop()
    subprocess.run(["rm", "-rf", daemon.dir])
    return spent


def best_of(chains, log):
    rounds = [{name: run(chain, log) for name, chain in chains.items()} for _ in range(ROUNDS)]
    return {name: min(times[name] for times in rounds) for name in chains}


def main():
    for family in FAMILIES:
        chains = dict(CHAINS, **({"extraction": EXTRACTION} if family == "web" else {}))
        with tempfile.NamedTemporaryFile(dir=tempfile.gettempdir(), prefix="siaga-log-") as log:
            subprocess.run([sys.executable, "-B", os.path.join(SRC, "tests", "corpus", "generate"), family, "--lines",
                            str(LINES)], stdout=log, check=True)
            best = best_of(chains, log.name)
        print("%-5s" % family, "  ".join("%s %.2f s (%.2f µs a line, %.2f×)" % (
            name, spent, spent / LINES * 1e6, spent / best["bare"]) for name, spent in best.items()), flush=True)


main()
