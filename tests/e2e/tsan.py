# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Four sources at once, reloads and checkpoints between them, in a daemon watched by ThreadSanitizer: `make tsan-daemon`.
SIAGA_BUILDDIR is a tree configured with --enable-sanitizers=thread; SIAGA_TSAN_PRELOAD is libtsan and
tests/harness/tsan-shim.c as a library; SIAGA_LINES sets how many lines."""

import collections
import glob
import os
import re
import shutil
import sys

from daemon import SRC, SYSLOG_NG, Test, free_port, run_tests, wait_until
from logs import failed_logins, mixed, ordinary

LINES = int(os.environ.get("SIAGA_LINES", "20000"))
ATTACKERS = ["192.0.2.%d" % i for i in range(1, 41)]
RELOADS = 3

# The smallest memory has the smallest journal, which asks for checkpoints most often.
BODY = """
options { threaded(yes); log-fifo-size(200000); };
log {
  source { network(ip("127.0.0.1") port(%d) flags(no-parse) max-connections(20) log-iw-size(20000)); };
  parser { siaga(state-dir("{dir}/state") memory-limit(16MiB)); };
  if (tags("siaga.incident")) {
    destination { file("{dir}/incidents" template("${.siaga.incident.json}\\n")); };
  } else {
    destination { file("{dir}/all" template("$MSG\\n")); };
  };
  flags(flow-control);
};
"""


def all_lines():
    """Of eight hosts, so that the correlator has several streams at work; all within half an hour."""
    count = LINES // 2 // len(ATTACKERS)
    attacks = [failed_logins(address, count, host="web%d.kementerian.go.id" % (i % 8), every=1800 // count)
               for i, address in enumerate(ATTACKERS)]
    return list(mixed(mixed(*attacks), ordinary(LINES // 2)))


class Threads(Test):
    def start(self, port):
        options = "log_path=%s suppressions=%s exitcode=0 second_deadlock_stack=1 history_size=4 report_thread_leaks=0" % (
            os.path.join(self.dir, "tsan"), os.path.join(SRC, "tests", "harness", "tsan.supp"))
        return self.daemon(BODY % port, environment={"LD_PRELOAD": os.environ["SIAGA_TSAN_PRELOAD"],
                                                     "G_SLICE": "always-malloc", "TSAN_OPTIONS": options}).start()

    def reports(self):
        texts = []
        for path in glob.glob(os.path.join(self.dir, "tsan.*")):
            texts += re.split(r"(?m)^={18}\n", self.read(path).decode(errors="replace"))
        return [text for text in texts if "ThreadSanitizer" in text]

    def test_four_sources_reloads_and_checkpoints_race_nowhere(self):
        lines = all_lines()
        share = len(lines) // RELOADS + 1
        port = free_port()
        daemon = self.start(port)
        for part in range(RELOADS):
            daemon.send(port, lines[part * share:(part + 1) * share], connections=4,
                        between=lambda: self.assertTrue(daemon.reload()))
        daemon.wait_lines("all", len(lines), 300)
        wait_until(lambda: {i["source"]["ip"] for i in daemon.json("incidents") if "source" in i} >= set(ATTACKERS),
                   "an incident for each attacker", 120)
        wait_until(lambda: daemon.counter("siaga_correlator", "checkpoints"), "a checkpoint", 120)
        self.assertEqual(collections.Counter(daemon.lines("all")), collections.Counter(lines))
        self.assertEqual(daemon.stop(), 0)
        reports = self.reports()
        self.assertEqual(len(reports), 0, "\n".join(reports[:5]))


if __name__ == "__main__":
    if not os.environ.get("SIAGA_TSAN_PRELOAD") or not shutil.which(SYSLOG_NG):
        print("run by make tsan-daemon")
        sys.exit(77)
    run_tests()
