#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""threads.py [LINES [ROUNDS [FAMILY]]]: how much more two sources in threads of their own get done than one.

Two logs of LINES, of other sources at the same times, over a Unix socket each: one after the other, then both at once,
through the whole chain with nothing behind it.  By the clock: this one needs two processors that do nothing else.  Beside
it twice the same log, which is the worst case (both threads want the same keys at the same time), and bare syslog-ng,
which shows what it and the machine allow.  Not from files: their positions are saved one line after the other under a
lock of syslog-ng's, and two files take bare syslog-ng as long as one after the other.  The best of ROUNDS counts.  Fails
when the chain is below 1.8."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from daemon import SRC, Daemon, wait_until

LINES = int(sys.argv[1]) if len(sys.argv) > 1 else 300000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
FAMILY = sys.argv[3] if len(sys.argv) > 3 else "auth"
END = "the log ends here"
SOURCE = '  source { unix-stream("{dir}/in%d" flags(no-parse) max-connections(1) log-fetch-limit(1000) log-iw-size(20000)); };\n'
BODY = """
options { threaded(yes); };
log {
%s%s  filter { match("%s" value("MESSAGE")); };
  destination { file("{dir}/end" template("$MSG\\n")); };
  flags(flow-control);
};
"""
CHAINS = {"bare": "", "siaga": '  parser { siaga(state-dir("{dir}/state")); };\n'}


def count(path):
    with open(path, "rb") as f:
        return f.read().count(b"\n")


def send(log, path):
    with open(log, "rb") as lines, socket.socket(socket.AF_UNIX) as source:
        source.connect(path)
        source.sendfile(lines)


def run(logs, chain):
    """The seconds that the chain needs for logs, each in a source of its own."""
    body = BODY % ("".join(SOURCE % i for i in range(len(logs))), CHAINS[chain], END)
    daemon = Daemon(body, dir=tempfile.mkdtemp(prefix="siaga-bench-")).start()
    end = daemon.path("end")
    begin = time.monotonic()
    for i, log in enumerate(logs):
        threading.Thread(target=send, args=(log, daemon.path("in%d" % i))).start()
    wait_until(lambda: os.path.exists(end) and count(end) >= len(logs), "the ends", 1200)
    spent = time.monotonic() - begin
    daemon.stop()
    shutil.rmtree(daemon.dir)
    return spent


def generate(seed, path):
    with open(path, "wb") as log:
        subprocess.run([sys.executable, "-B", os.path.join(SRC, "tests", "corpus", "generate"), FAMILY, "--lines",
                        str(LINES), "--seed", str(seed)], stdout=log, check=True)
        log.write(("note: %s\n" % END).encode())
    return path


def main():
    with tempfile.TemporaryDirectory(prefix="siaga-logs-") as dir:
        one, other = (generate(seed, os.path.join(dir, str(seed))) for seed in (1, 2))
        cases = [(chain, logs) for chain in CHAINS for logs in ((one,), (other,), (one, other), (one, one))]
        best = dict.fromkeys(cases, 1e9)
        for _ in range(ROUNDS):
            for chain, logs in cases:
                best[chain, logs] = min(best[chain, logs], run(logs, chain))
    for chain in CHAINS:
        alone = best[chain, (one,)], best[chain, (other,)]
        own, same = best[chain, (one, other)], best[chain, (one, one)]
        ratio = sum(alone) / own
        print("%s, %s: alone %.2f and %.2f s, both at once %.2f s: %.2f×%s; the same log twice %.2f s: %.2f×" %
              (FAMILY, chain, *alone, own, ratio, " (budget 1.8×)" if chain == "siaga" else "", same, 2 * alone[0] / same))
    return 0 if ratio >= 1.8 else 1


if __name__ == "__main__":
    sys.exit(main())
