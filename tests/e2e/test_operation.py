#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""What an operator does while the daemon runs: allowances, dry runs, changed and broken files, the watch."""

import os
import re

from daemon import Test, free_port, run_tests, wait_until
from logs import failed_logins

BODY = """
log {
  source { network(ip("127.0.0.1") port(%d) flags(no-parse)); };
  parser { siaga(state-dir("{dir}/state") config-dir("{dir}/etc") reorder-window(0) %s); };
  if (tags("siaga.incident")) {
    destination { file("{dir}/incidents" template("${.siaga.incident.json}\\n")); };
    destination { file("{dir}/versions" template("${rule.version}\\n")); };
    destination { file("{dir}/tags" template("$TAGS\\n")); };
  } elif (tags("siaga.allowed")) {
    destination { file("{dir}/allowed" template("$MSG\\n")); };
  } else {
    destination { file("{dir}/all" template("$MSG\\n")); };
  };
  flags(flow-control);
};
log { source { internal(); }; destination { file("{dir}/said" template("$MSG\\n")); }; };
"""

ALLOW = """allow:
  - source: 192.0.2.7
    until: %d-12-31
    reason: the ministry's own scanner
"""

RULE = """title: Any failure of budi
id: 3f1c2c52-6a3c-4b1f-9d5e-0a6d4b7c8e77
name: budi_failed
status: test
description: For a test.
date: 2026-01-02
modified: 2026-02-03
logsource: { category: authentication }
detection:
  selection: { user.name: budi, event.outcome: failure }
  condition: selection
level: high
"""

FILTER = """title: The office of budi
id: 0c7c0b52-51c9-4a0e-8a63-5f0a4c1f2d11
logsource: { category: authentication }
filter:
  rules: [budi_failed]
  selection: { source.ip: 203.0.113.5 }
  condition: not selection
"""

PATTERN = """dataset: doorlock
family: auth
title: The door lock
applies-to: { program: [doorlock] }
patterns:
  - id: refused
    match: '^card of %%{WORD:user.name} %s at %%{IP:source.address}$'
    set: { event.category: authentication, event.action: login, event.outcome: failure }
"""
SHARING = """active: true
partners: { bssn: { title: BSSN, tlp: AMBER }, sektor: { title: Sector, tlp: GREEN } }
policies:
  - { title: all, to: %s, when: { victim-country: ID } }
"""

MANY = failed_logins("192.0.2.7", 8)
OTHERS = failed_logins("198.51.100.9", 8)
BUDI = failed_logins("203.0.113.5", 1, user="budi")


class Operation(Test):
    def setUp(self):
        super().setUp()
        self.port = free_port()

    def start(self, options=""):
        return self.daemon(BODY % (self.port, options)).start()

    def rules(self, daemon):
        return {i["rule"]["name"] for i in daemon.json("incidents")}

    def wait_rule(self, daemon, name):
        wait_until(lambda: name in self.rules(daemon), "an incident of " + name)

    def wait_output(self, daemon, text, times=1):
        wait_until(lambda: self.said(daemon).count(text) >= times, text)

    @staticmethod
    def said(daemon):
        return b"\n".join(daemon.lines("said")).decode(errors="replace")

    def test_an_allowed_source_raises_nothing_and_is_counted(self):
        self.file("etc/allow.d/soc.yaml", ALLOW % 2199)
        daemon = self.start()
        daemon.send(self.port, MANY + OTHERS)
        daemon.wait_lines("allowed", 8)
        daemon.wait_lines("all", 8)
        self.wait_rule(daemon, "SSH brute force")
        self.assertEqual({i["source"]["ip"] for i in daemon.json("incidents")}, {"198.51.100.9"})
        wait_until(lambda: daemon.counter("siaga_correlator", "allowed") == 8, "8 allowed events")

    def test_an_allowance_that_is_over_allows_nothing(self):
        self.file("etc/allow.d/soc.yaml", ALLOW % 2001)
        daemon = self.start()
        daemon.send(self.port, MANY)
        self.wait_rule(daemon, "SSH brute force")
        self.assertEqual(daemon.lines("allowed"), [])

    def test_a_simulated_rule_is_tagged_and_never_shared(self):
        self.file("etc/overrides.yaml", "overrides:\n  - { rule: ssh_brute_force, simulate: true }\n")
        self.file("etc/sharing.d/own.yaml",
                  "active: true\npartners: { bssn: { title: BSSN, tlp: AMBER } }\n"
                  "policies:\n  - { title: all, to: bssn, when: { victim-country: ID } }\n")
        daemon = self.start()
        daemon.send(self.port, MANY)
        self.wait_rule(daemon, "SSH brute force")
        pairs = zip(daemon.json("incidents"), daemon.wait_lines("tags", len(daemon.json("incidents"))))
        for incident, tags in pairs:
            simulated = incident["rule"]["name"] == "SSH brute force"
            self.assertEqual("simulated" in incident["tags"], simulated)
            self.assertEqual(b"simulated" in tags.split(b","), simulated)
            self.assertEqual(b"share.bssn" in tags.split(b","), not simulated)

    def test_an_override_changes_the_level_of_a_rule(self):
        self.file("etc/rules.d/budi.yml", RULE)
        self.file("etc/overrides.yaml", "overrides:\n  - { rule: budi_failed, level: critical }\n")
        daemon = self.start()
        daemon.send(self.port, BUDI)
        self.wait_rule(daemon, "Any failure of budi")
        levels = {i["rule"]["level"] for i in daemon.json("incidents") if i["rule"]["name"] == "Any failure of budi"}
        self.assertEqual(levels, {"critical"})

    def test_an_override_switches_a_rule_off_and_the_others_go_on(self):
        self.file("etc/rules.d/budi.yml", RULE)
        self.file("etc/overrides.yaml", "overrides:\n  - { rule: budi_failed, disable: true }\n")
        daemon = self.start()
        daemon.send(self.port, BUDI + MANY)
        self.wait_rule(daemon, "SSH brute force")
        self.assertNotIn("Any failure of budi", self.rules(daemon))

    def test_a_sigma_filter_takes_its_events_from_a_rule(self):
        self.file("etc/rules.d/budi.yml", RULE)
        self.file("etc/rules.d/own.yml", FILTER)
        daemon = self.start()
        daemon.send(self.port, BUDI + failed_logins("198.51.100.9", 1, user="budi"))
        self.wait_rule(daemon, "Any failure of budi")
        sources = {ip for i in daemon.json("incidents") if i["rule"]["name"] == "Any failure of budi"
                   for ip in i["related"]["ip"]}
        self.assertEqual(sources, {"198.51.100.9"})

    def test_an_incident_says_which_version_of_its_rule_raised_it(self):
        self.file("etc/rules.d/budi.yml", RULE)
        daemon = self.start()
        daemon.send(self.port, BUDI)
        self.wait_rule(daemon, "Any failure of budi")
        version = daemon.json("incidents")[0]["rule"]["version"]
        self.assertRegex(version, r"^2026-02-03\+[0-9a-f]{8}$")
        self.assertEqual(daemon.wait_lines("versions", 1)[0].decode(), version)

    def test_files_change_under_sighup_and_a_window_goes_on(self):
        daemon = self.start()
        daemon.send(self.port, OTHERS[:3])
        daemon.wait_lines("all", 3)
        self.file("etc/rules.d/budi.yml", RULE)
        self.file("etc/allow.d/soc.yaml", ALLOW % 2199)
        self.assertTrue(daemon.reload())
        daemon.send(self.port, OTHERS[3:] + MANY + BUDI)
        self.wait_rule(daemon, "SSH brute force")
        self.wait_rule(daemon, "Any failure of budi")
        daemon.wait_lines("allowed", 8)
        self.assertNotIn("192.0.2.7", {i["source"].get("ip") for i in daemon.json("incidents")})

    def reload(self, daemon):
        before = self.said(daemon).count("Configuration reload finished")
        self.assertTrue(daemon.reload())
        self.wait_output(daemon, "Configuration reload finished", before + 1)

    @staticmethod
    def doorlock(word, source):
        return [failed_logins(source, 1)[0].split(b" sshd")[0] + b" doorlock: card of budi %s at %s" % (word, source.encode())]

    def sources(self, daemon, rule):
        return {i["source"]["ip"] for i in daemon.json("incidents") if i["rule"]["name"] == rule}

    def test_a_changed_pattern_is_taken_a_broken_one_is_not(self):
        self.file("etc/rules.d/budi.yml", RULE)
        self.file("etc/patterns.d/doorlock.yaml", PATTERN % "refused")
        daemon = self.start()
        daemon.send(self.port, OTHERS[:3] + self.doorlock(b"refused", "203.0.113.1"))
        self.wait_rule(daemon, "Any failure of budi")
        self.file("etc/patterns.d/doorlock.yaml", PATTERN % "denied")
        self.reload(daemon)
        daemon.send(self.port, self.doorlock(b"denied", "203.0.113.2"))
        wait_until(lambda: "203.0.113.2" in self.sources(daemon, "Any failure of budi"), "the changed pattern's incident")
        self.file("etc/patterns.d/doorlock.yaml", PATTERN % "(")
        daemon.reload()
        self.wait_output(daemon, "doorlock.yaml:7:")
        daemon.send(self.port, OTHERS[3:] + self.doorlock(b"denied", "203.0.113.3"))
        wait_until(lambda: "203.0.113.3" in self.sources(daemon, "Any failure of budi"), "the old pattern's incident")
        self.wait_rule(daemon, "SSH brute force")

    def test_a_changed_policy_is_taken_a_broken_one_is_not(self):
        self.file("etc/sharing.d/own.yaml", SHARING % "bssn")
        self.file("etc/rules.d/budi.yml", RULE)
        daemon = self.start()

        def partners(source):
            daemon.send(self.port, failed_logins(source, 1, user="budi"))
            wait_until(lambda: source in self.sources(daemon, "Any failure of budi"), "the incident of " + source)
            count = len(daemon.json("incidents"))
            return {tag for tag in daemon.wait_lines("tags", count)[count - 1].split(b",") if tag.startswith(b"share.")}

        self.assertEqual(partners("203.0.113.1"), {b"share.bssn"})
        self.file("etc/sharing.d/own.yaml", SHARING % "sektor")
        self.reload(daemon)
        self.assertEqual(partners("203.0.113.2"), {b"share.sektor"})
        self.file("etc/sharing.d/own.yaml", SHARING % "nobody-knows")
        daemon.reload()
        self.wait_output(daemon, "nobody-knows")
        self.assertEqual(partners("203.0.113.3"), {b"share.sektor"})

    def test_a_broken_file_under_sighup_keeps_the_old_set_and_says_so(self):
        self.file("etc/rules.d/budi.yml", RULE)
        daemon = self.start()
        daemon.send(self.port, OTHERS[:3])
        daemon.wait_lines("all", 3)
        self.file("etc/rules.d/budi.yml", RULE.replace("user.name", "user.nmae"))
        daemon.reload()
        self.wait_output(daemon, "user.nmae")
        daemon.send(self.port, OTHERS[3:] + BUDI)
        self.wait_rule(daemon, "SSH brute force")
        self.wait_rule(daemon, "Any failure of budi")

    def test_the_watch_takes_changed_files_and_a_window_goes_on(self):
        daemon = self.start("watch(0.2)")
        daemon.send(self.port, OTHERS[:3])
        daemon.wait_lines("all", 3)
        self.file("etc/rules.d/budi.yml", RULE)
        self.wait_output(daemon, "files changed and are in order")
        self.wait_output(daemon, "Configuration reload finished")
        wait_until(lambda: daemon.counter("siaga_rule_matches", "3f1c2c52") is not None, "the counters of the new rule")
        daemon.send(self.port, OTHERS[3:] + BUDI)
        self.wait_rule(daemon, "SSH brute force")
        self.wait_rule(daemon, "Any failure of budi")

    def test_the_watch_sees_what_any_room_reads(self):
        daemon = self.start("watch(0.2)")
        # What several rooms read comes last: each of them asks for its reload.
        for name, text in (("patterns.d/doorlock.yaml", PATTERN % "refused"), ("grok/own.grok", "OWN x+\n"),
                           ("overrides.yaml", "overrides:\n  - { rule: ssh_brute_force, simulate: true }\n"),
                           ("placeholders.yaml", "placeholders: { admins: [budi] }\n"), ("allow.d/soc.yaml", ALLOW % 2199),
                           ("sharing.d/own.yaml", SHARING % "bssn"), ("bait-words.txt", "word\nhadiahan\n"),
                           ("agencies.csv", "domain,agency,labels\ncontoh.go.id,Contoh,contohan\n"),
                           ("lookalike-allow.txt", "suffix\ncontoh.example\n"),
                           ("domains.d/own.csv", "suffix_or_network,country,sector,owner,csirt\ncontoh.example,ID,health,,\n"),
                           ("fields.yaml", "fields:\n  door.number: { type: long, text: of the server room }\n")):
            seen, done = (self.said(daemon).count(words) for words in ("are in order", "Configuration reload finished"))
            self.file("etc/" + name, text)
            self.wait_output(daemon, "are in order", seen + 1)
            self.wait_output(daemon, "Configuration reload finished", done + 1)

    def test_the_watch_keeps_the_old_set_while_a_file_is_broken(self):
        self.file("etc/rules.d/budi.yml", RULE)
        daemon = self.start("watch(0.2)")
        self.file("etc/rules.d/budi.yml", RULE.replace("user.name", "user.nmae"))
        self.wait_output(daemon, "what was loaded before stays in use")
        self.assertRegex(self.said(daemon), r"budi\.yml:\d+:\d+: error: .*user\.nmae")
        self.assertNotIn("Configuration reload finished", self.said(daemon))
        daemon.send(self.port, BUDI)
        self.wait_rule(daemon, "Any failure of budi")
        self.file("etc/rules.d/budi.yml", RULE.replace("Any failure of budi", "Mended"))
        self.wait_output(daemon, "Configuration reload finished")
        self.assertEqual(len(re.findall("stays in use", self.said(daemon))), 1)
        # Rooms that read no rules asked for nothing, neither while the file was broken nor when it was mended.
        self.assertEqual(len(re.findall("files changed and are in order", self.said(daemon))), 1)


if __name__ == "__main__":
    run_tests()
