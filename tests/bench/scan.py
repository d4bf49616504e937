#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""scan.py [LINES [ROUNDS]]: siagactl scan of Apache's combined format with all shipped rules, beside a scan with one rule
and beside goaccess, which reads the same file into JSON.  The lowest of ROUNDS, taking turns: processor time, and time by
the clock, which says something only where nothing else runs (goaccess has one thread, siagactl one for each processor).

Budgets: at most 1.5 times one rule; goaccess (Debian's package; left out, and said so, where it is not installed) at least
6 times as long.  Run it from a build tree: it uses ./siagactl."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time

SRC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
LINES = int(sys.argv[1]) if len(sys.argv) > 1 else 500000
ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 3
ONE_RULE = os.path.join(SRC, "patterns", "rules", "web", "client-error.yml")
CONTENDERS = {
    "scan, all rules": ["./siagactl", "scan"],
    "scan, one rule": ["./siagactl", "scan", "--no-default-rules", "--rules", ONE_RULE],
    "parse": ["./siagactl", "parse"],
    "goaccess": ["goaccess", "--no-global-config", "--log-format=COMBINED", "--no-progress", "-o", "{out}.json", "-f"],
}


def run(command, log, out):
    """Processor time and time by the clock."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    subprocess.run([part.replace("{out}", out) for part in command] + [log], stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - start


def write_log(path):
    """The generator writes the virtual host first; combined has none."""
    generate = subprocess.run([sys.executable, "-B", os.path.join(SRC, "tests", "corpus", "generate"), "web", "--lines",
                               str(LINES)], stdout=subprocess.PIPE, check=True)
    with open(path, "wb") as log:
        for line in generate.stdout.splitlines(keepends=True):
            log.write(line.split(b" ", 1)[1])


def report(title, best):
    print(title)
    for name, value in best.items():
        print("  %-16s %.2f s (%.2f µs a line)" % (name, value, value / LINES * 1e6))
    print("  all rules: %.2f times one rule (budget 1.5)" % (best["scan, all rules"] / best["scan, one rule"]))
    if "goaccess" in best:
        print("  goaccess: %.1f times scan (budget at least 6), %.1f times parse" %
              (best["goaccess"] / best["scan, all rules"], best["goaccess"] / best["parse"]))


def main():
    contenders = dict(CONTENDERS)
    if not shutil.which("goaccess"):
        print("goaccess is not installed: left out")
        del contenders["goaccess"]
    with tempfile.TemporaryDirectory(prefix="siaga-scan-") as folder:
        log = os.path.join(folder, "access.log")
        write_log(log)
        rounds = [{name: run(command, log, os.path.join(folder, "out")) for name, command in contenders.items()}
                  for _ in range(ROUNDS)]
    for what, title in enumerate(("processor time", "by the clock")):
        report(title, {name: min(one[name][what] for one in rounds) for name in contenders})


main()
