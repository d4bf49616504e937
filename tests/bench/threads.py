#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""threads.py [LINES [ROUNDS [FAMILY]]]: how much more two sources in threads of their own get done than one.

One file of LINES, then two of LINES each, through the whole chain with nothing behind it, by the clock: this one needs
two processors that do nothing else.  Beside it the same without siaga(), which shows what syslog-ng and the machine
allow.  The best of ROUNDS counts.  Fails when the chain is below 1.8."""

import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from daemon import SRC, Daemon, wait_until

LINES = int(sys.argv[1]) if len(sys.argv) > 1 else 300000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
FAMILY = sys.argv[3] if len(sys.argv) > 3 else "auth"
END = "the log ends here"
SOURCE = '  source { file("{dir}/in%d" flags(no-parse) follow-freq(0.05) log-fetch-limit(1000) log-iw-size(20000)); };\n'
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


def run(log, chain, sources):
    body = BODY % ("".join(SOURCE % i for i in range(sources)), CHAINS[chain], END)
    daemon = Daemon(body, dir=tempfile.mkdtemp(prefix="siaga-bench-")).start()
    end = daemon.path("end")
    begin = time.monotonic()
    for i in range(sources):
        os.link(log, daemon.path("in%d" % i))
    wait_until(lambda: os.path.exists(end) and count(end) >= sources, "the ends", 1200)
    spent = time.monotonic() - begin
    daemon.stop()
    subprocess.run(["rm", "-rf", daemon.dir])
    return spent


def main():
    with tempfile.NamedTemporaryFile(dir=tempfile.gettempdir(), prefix="siaga-log-") as log:
        subprocess.run([sys.executable, "-B", os.path.join(SRC, "tests", "corpus", "generate"), FAMILY, "--lines",
                        str(LINES)], stdout=log, check=True)
        log.write(("note: %s\n" % END).encode())
        log.flush()
        best = {(chain, sources): 1e9 for chain in CHAINS for sources in (1, 2)}
        for _ in range(ROUNDS):
            for chain, sources in best:
                best[chain, sources] = min(best[chain, sources], run(log.name, chain, sources))
    ratios = {chain: 2 * best[chain, 1] / best[chain, 2] for chain in CHAINS}
    for chain, ratio in ratios.items():
        print("%s, %s: one source %.2f s, two %.2f s for twice the lines: %.2f×%s" %
              (FAMILY, chain, best[chain, 1], best[chain, 2], ratio, ", budget 1.8×" if chain == "siaga" else ""))
    return 0 if ratios["siaga"] >= 1.8 else 1


if __name__ == "__main__":
    sys.exit(main())
