#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""reload.py [RELOADS]: how long a message waits when syslog-ng reloads with a rule changed.

Lines come over UDP all the time, each with the moment at which it was sent; syslog-ng notes when it read it.  All shipped
rules are in use, one of them is another at each reload.  The same with bare syslog-ng shows what a reload itself
takes; with watch() rules are loaded in a thread before the reload.  Fails when a line is lost, or waits for more than a second."""

import os
import shutil
import socket
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from daemon import SRC, Daemon, free_port, wait_until

RELOADS = int(sys.argv[1]) if len(sys.argv) > 1 else 5
A_SECOND = 500
QUIET = 1.0  # seconds between two reloads
BODY = """
options { threaded(yes); };
log {
  source { network(ip("127.0.0.1") port(%d) transport("udp") flags(no-parse) so-rcvbuf(4194304)); };
%s  destination { file("{dir}/out" template("$R_UNIXTIME.$R_USEC $MSG\\n")); };
};
log { source { internal(); }; destination { file("{dir}/said"); }; };
"""
SIAGA = '  parser { siaga(state-dir("{dir}/state") no-default-rules(yes) rules("%s")%s); };\n'
RULES = os.path.join(SRC, "patterns", "rules")
RULE = """title: Changed at every reload
id: 7d0e63f2-95a4-4f0c-8d6c-2f4f1f0b7c55
status: test
description: Number %d.
author: the siaga authors
date: 2026-11-27
logsource:
  category: webserver
detection:
  selection:
    cs-uri-query|re|i: 'changed[0-9]{%d,9}x'
  condition: selection
level: high
"""


class Sender(threading.Thread):
    def __init__(self, port):
        super().__init__()
        self.port, self.sent, self.going = port, 0, True

    def run(self):
        link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        while self.going:
            line = '192.0.2.7 - - [27/Nov/2026:10:00:00 +0700] "GET /%d HTTP/1.1" 200 5 "-" "sent-at/%.6f"' % (
                self.sent, time.time())
            link.sendto(line.encode(), ("127.0.0.1", self.port))
            self.sent += 1
            time.sleep(1 / A_SECOND)


def change(folder, number):
    """A rule more at first, then the same with another expression: its file is read and its database compiled anew."""
    with open(os.path.join(folder, "changed.yml"), "w", encoding="utf-8") as f:
        f.write(RULE % (number, number))


def read(path):
    """Sequence -> how long it waited, in seconds; stamps of the daemon have a fraction of microseconds without zeros."""
    waits = {}
    with open(path, encoding="utf-8") as f:
        for line in f:
            stamp, _, rest = line.partition(" ")
            seconds, _, fraction = stamp.partition(".")
            sent = float(rest.rpartition("sent-at/")[2].rstrip('"\n'))
            waits[rest.split(" ")[6]] = int(seconds) + int(fraction) / 1e6 - sent
    return waits


def reloads(daemon):
    if not os.path.exists(daemon.path("said")):
        return 0
    with open(daemon.path("said"), encoding="utf-8") as f:
        return f.read().count("Configuration reload finished")


def run(chain, folder, watched):
    port = free_port()
    daemon = Daemon(BODY % (port, chain), dir=tempfile.mkdtemp(prefix="siaga-bench-")).start()
    sender = Sender(port)
    sender.start()
    for number in range(1, RELOADS + 1):
        time.sleep(QUIET)
        before = reloads(daemon)
        change(folder, number)
        if not watched:
            daemon.reload()
        wait_until(lambda: reloads(daemon) > before, "the reload", 60)
    time.sleep(QUIET)
    sender.going = False
    sender.join()
    wait_until(lambda: os.path.exists(daemon.path("out")) and len(read(daemon.path("out"))) >= sender.sent, "all lines", 10)
    waits = read(daemon.path("out"))
    daemon.stop()
    shutil.rmtree(daemon.dir)
    return sender.sent - len(waits), sorted(waits.values())


def main():
    failed = False
    with tempfile.TemporaryDirectory(prefix="siaga-rules-") as folder:
        shutil.copytree(RULES, folder, dirs_exist_ok=True)
        for name, chain in (("bare", ""), ("siaga", SIAGA % (folder, "")), ("siaga, watch()", SIAGA % (folder, " watch(0.5)"))):
            lost, waits = run(chain, folder, "watch(" in chain)
            failed |= lost > 0 or waits[-1] > 1
            print("%-15s %d lines, %d lost; waited: half of them below %.1f ms, the longest %.0f ms" % (
                name, len(waits), lost, waits[len(waits) // 2] * 1e3, waits[-1] * 1e3), flush=True)
    return 1 if failed else 0


sys.exit(main())
