#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The monitoring examples ask for counters that the daemon has."""

import json
import os
import re
import subprocess

from daemon import SRC, SYSLOG_NG, Test, free_port, run_tests, wait_until
from logs import failed_logins

FOLDER = os.path.join(SRC, "packaging", "monitoring")
BODY = """
log {
  source { network(ip("127.0.0.1") port(%d) flags(no-parse)); };
  parser { siaga(state-dir("{dir}/state") config-dir("{dir}/etc")); };
  destination { file("{dir}/all" template("$MSG\\n")); };
};
"""
SERIES = re.compile(r"(syslogng_siaga_[a-z_]+)(\{[^}]*\})?")


def asked_for(text):
    """(name, value of its first exact label or None) of each series in an expression or a file of them."""
    for name, labels in SERIES.findall(text):
        value = re.search(r'(?:what|result)="([a-z_]+)"', labels or "")
        yield name, value and value.group(1)


class Monitoring(Test):
    def metrics(self, daemon):
        environment = dict(os.environ, SYSLOG_NG_CTL=os.path.join(os.path.dirname(SYSLOG_NG), "syslog-ng-ctl"))
        return subprocess.run([os.path.join(FOLDER, "siaga-metrics"), "--control=" + daemon.path("control")],
                              env=environment, capture_output=True, text=True, timeout=60, check=True).stdout

    def test_what_the_examples_ask_for_is_there(self):
        self.file("etc/sharing.d/own.yaml", "active: true\npartners: { bssn: { title: BSSN, tlp: AMBER } }\n"
                  "policies:\n  - { title: all, to: bssn, when: { victim-country: ID } }\n")
        port = free_port()
        daemon = self.daemon(BODY % port).start()
        daemon.send(port, failed_logins("192.0.2.7", 8))
        wait_until(lambda: re.search(r'what="events"\} 8\n', self.metrics(daemon)), "eight events")
        text = self.metrics(daemon)
        self.assertRegex(text, r'syslogng_siaga_lines_total\{id="[^"]*weblog-parser",result="parsed"\} 8\n')
        self.assertRegex(text, r'syslogng_siaga_rule_matches\{id="[^"]*",rule="[0-9a-f-]{36}"\} \d+\n')
        for line in text.splitlines():
            self.assertRegex(line, r'^syslogng_siaga_[a-z_]+\{([a-z]+="([^"\\]|\\.)*",?)+\} \d+$')
        names = set(SERIES.findall(text)[i][0] for i in range(len(SERIES.findall(text))))
        known = set(asked_for(text))
        for file in ("siaga-alerts.yml", "grafana-siaga.json"):
            with open(os.path.join(FOLDER, file)) as f:
                content = f.read()
            if file.endswith(".json"):
                json.loads(content)
                content = content.replace('\\"', '"')
            wanted = set(asked_for(content))
            self.assertGreater(len(wanted), 5)
            for name, value in wanted:
                self.assertIn(name, names, file)
                if value:
                    self.assertIn((name, value), known, file)

    def test_the_correlator_tells_what_it_holds_and_what_became_of_it(self):
        port = free_port()
        daemon = self.daemon(BODY % port).start()
        daemon.send(port, failed_logins("192.0.2.7", 8))
        wait_until(lambda: re.search(r'siaga_rule_keys\{id="[^"]*",rule="[^"]*"\} [1-9]', self.metrics(daemon)), "a key")
        counters = set(asked_for(self.metrics(daemon)))
        for what in ("events", "late", "out_of_order", "keys", "bytes", "evicted", "open", "opened", "updates", "closed",
                     "open_informational", "open_low", "open_medium", "open_high", "open_critical",
                     "checkpoint_microseconds", "checkpoint_bytes", "journal_bytes"):
            self.assertIn(("syslogng_siaga_correlator", what), counters)
        for name in ("matches", "incidents", "missing_field", "keys", "bytes", "evicted"):
            self.assertIn(("syslogng_siaga_rule_" + name, None), counters)

    def test_the_manual_names_every_counter(self):
        port = free_port()
        daemon = self.daemon(BODY % port).start()
        with open(os.path.join(SRC, "packaging", "doc", "operating.md")) as f:
            page = f.read()
        counters = set(asked_for(self.metrics(daemon)))
        self.assertGreater(len(counters), 15)
        for name, value in counters:
            self.assertIn(name[len("syslogng_"):], page)
            if value:
                self.assertIn("`%s`" % value, page)


if __name__ == "__main__":
    run_tests()
