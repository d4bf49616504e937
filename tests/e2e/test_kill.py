# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""A daemon that is killed again and again while it reads a file ends with exactly the incidents of one that was not.

SIAGA_KILLS says how often (6; the standing run is SIAGA_KILLS=50)."""

import os
import random
import signal
import time

from daemon import Test, run_tests, wait_until
from logs import GOVERNMENT, failed_logins, mixed, ordinary, stamp

KILLS = int(os.environ.get("SIAGA_KILLS", "6"))
DAY = 86400
BEGIN = int(time.time()) - 3 * DAY
BODY = """
log {
  source { file("{dir}/in" flags(no-parse) follow-freq(0.05) log-fetch-limit(100) log-iw-size(1000)); };
  parser { siaga(state-dir("{dir}/state")); };
  if (tags("siaga.incident")) {
    destination { file("{dir}/incidents" template("${.siaga.incident.json}\\n") log-fifo-size(10000)); };
  } else {
    destination { file("{dir}/all" template("$MSG\\n") log-fifo-size(10000)); };
  };
  flags(flow-control);
};
"""


def log_lines():
    """Attackers that come in turn, some of them twice, among ordinary lines; the last line is days later."""
    attackers = []
    for n in range(40):
        attackers.append(failed_logins("192.0.2.%d" % (n + 1), 12, start=BEGIN + 7 * n, every=20, user="u%d" % n))
    again = [failed_logins("192.0.2.%d" % (n + 1), 9, start=BEGIN + 7200 + n, every=15, user="v%d" % n)
             for n in range(15)]
    lines = list(mixed(*attackers, *again, ordinary(1500, start=BEGIN)))
    lines.sort(key=lambda line: time.strptime(line[:15].decode(), "%b %d %H:%M:%S"))
    return lines


LAST = ("%s %s CRON[1]: pam_unix(cron:session): session opened for user www-data(uid=33) by (uid=0)" %
        (stamp(BEGIN + 2 * DAY), GOVERNMENT)).encode()


class Killed(Test):
    def final(self, daemon):
        """By id, the state of its last revision."""
        last = {}
        for incident in daemon.json("incidents"):
            own = incident["siaga"]["incident"]
            if own["id"] not in last or own["revision"] >= last[own["id"]]["revision"]:
                last[own["id"]] = own
        return {key: tuple(own.get(name) for name in ("state", "count", "level", "first_seen", "last_seen", "reason"))
                for key, own in last.items()}

    def append(self, daemon, lines):
        with open(daemon.path("in"), "ab") as f:
            f.write(b"".join(line + b"\n" for line in lines))

    def uninterrupted(self, lines):
        path = os.path.join(self.dir, "once")
        os.makedirs(path)
        daemon = self.daemon(BODY, dir=path)
        self.append(daemon, lines + [LAST])
        daemon.start()
        daemon.wait_lines("all", len(lines) + 1)
        wait_until(lambda: self.final(daemon) and all(i[0] == "close" for i in self.final(daemon).values()), "closes")
        daemon.stop()
        return self.final(daemon)

    def test_the_incidents_are_the_same(self):
        lines = log_lines()
        expected = self.uninterrupted(lines)
        self.assertGreaterEqual(len(expected), 40)
        chance = random.Random(7)
        daemon = self.daemon(BODY).start()
        for kill in range(KILLS):
            self.append(daemon, lines[kill * len(lines) // KILLS:(kill + 1) * len(lines) // KILLS])
            time.sleep(chance.uniform(0, 0.4))
            daemon.stop(signal.SIGKILL)
            os.unlink(daemon.path("control"))
            daemon.start()
        self.append(daemon, [LAST])
        wait_until(lambda: LAST in daemon.lines("all"), "the last line", 120)
        wait_until(lambda: set(self.final(daemon)) >= set(expected) and
                   all(i[0] == "close" for i in self.final(daemon).values()), "closes", 60)
        self.assertEqual(self.final(daemon), expected)


if __name__ == "__main__":
    run_tests()
