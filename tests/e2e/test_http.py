#!/usr/bin/env python3
# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""siaga-http(): incidents reach a TAXII collection and a MISP over mutual TLS, also when these are down for a while."""

import os
import sys

from daemon import SKIP, SRC, Test, free_port, has_http, run_tests, wait_until
from logs import failed_logins, mixed
from receiver import OBJECTS, Misp, Taxii, make_certificate

POLICY = """
active: true
key-file: {dir}/etc/share.key
partners: { csirt: { tlp: AMBER } }
policies: [ { to: csirt, when: { victim-country: ID } } ]
"""

BODY = """
@include "%(scl)s"
options { time-reopen(1); };
log {
  source { network(ip("127.0.0.1") port(%(port)d) flags(no-parse)); };
  parser { siaga(state-dir("{dir}/state") prefix("x.")); share-policy(producer("CSIRT Contoh")); };
  filter { tags("siaga.incident"); };
  destination { file("{dir}/own" template("${.siaga.share.csirt.id} ${.siaga.share.revision}\\n")); };
  destination { siaga-http(api(%(api)s) url("https://127.0.0.1:%(receiver)d%(path)s") partner("csirt")
                           headers("Authorization: %(key)s")
                           tls(ca-file("%(tls)s/cert.pem") key-file("%(tls)s/key.pem") cert-file("%(tls)s/cert.pem"))
                           disk-buffer(reliable(yes) disk-buf-size(10485760) dir("{dir}"))); };
  flags(flow-control);
};
"""

ATTACKERS = ["192.0.2.%d" % i for i in range(1, 6)]
TROUBLES = [503, None, 500, 429, 401, 404, 502]


class Http(Test):
    def http(self, kind, api, path="", key="kunci", troubles=()):
        etc = os.path.join(self.dir, "etc")
        tls = os.path.join(self.dir, "tls")
        make_certificate(tls)
        self.file("etc/share.key", "0123456789abcdef")
        self.file("etc/sharing.d/policy.yaml", POLICY.replace("{dir}", self.dir))
        self.receiver = kind(free_port(), tls, troubles)
        self.addCleanup(self.receiver.stop)
        self.port = free_port()
        return self.daemon(BODY % {"scl": os.path.join(SRC, "packaging", "scl", "siaga-share.conf"), "api": api,
                                   "port": self.port, "receiver": self.receiver.port, "path": path, "key": key,
                                   "tls": tls})

    def attack(self, daemon, count=300):
        """Incidents that open and grow; gives back (id, revision) of all that was told."""
        daemon.send(self.port, list(mixed(*[failed_logins(attacker, count=count) for attacker in ATTACKERS])))
        daemon.wait_lines("own", 2 * len(ATTACKERS))
        daemon.control("stats")
        return self.told(daemon)

    @staticmethod
    def told(daemon):
        return {(line.split()[0].decode(), int(line.split()[1])) for line in daemon.lines("own")}

    def test_a_collection_that_was_down_and_ill_gets_every_revision(self):
        daemon = self.http(Taxii, "taxii", OBJECTS, "Bearer kunci", TROUBLES)
        daemon.start()
        self.attack(daemon)
        self.receiver.start()
        # Both destinations write on their own: the file may be the later one.
        wait_until(lambda: self.receiver.incidents() == self.told(daemon), "all revisions and no others", 90)
        self.assertGreaterEqual(len({incident for incident, _ in self.told(daemon)}), len(ATTACKERS))
        for body in self.receiver.requests:
            self.assertEqual(body[0], OBJECTS)

    def test_what_was_on_the_way_when_the_receiver_hung_up_comes_again_the_same(self):
        daemon = self.http(Taxii, "taxii", OBJECTS, "Bearer kunci")
        accept = self.receiver.accept
        hung_up = []

        def take_and_hang_up(*request):
            answer = accept(*request)
            if len(hung_up) < 2:
                hung_up.append(request)
                return None, {}
            return answer
        self.receiver.accept = take_and_hang_up
        daemon.start()
        self.receiver.start()
        self.attack(daemon)
        wait_until(lambda: self.receiver.incidents() >= self.told(daemon), "all revisions", 90)
        self.assertGreater(self.receiver.again, 0)

    def test_a_restart_with_the_receiver_down_loses_nothing(self):
        daemon = self.http(Taxii, "taxii", OBJECTS, "Bearer kunci")
        daemon.start()
        self.attack(daemon)
        self.assertEqual(daemon.stop(), 0)
        told = self.told(daemon)
        self.receiver.start()
        daemon.start()
        wait_until(lambda: self.receiver.incidents() >= told, "all revisions", 90)

    def test_each_revision_is_a_misp_event_that_extends_the_first(self):
        daemon = self.http(Misp, "misp-revisions", troubles=TROUBLES[:3])
        daemon.start()
        self.attack(daemon)
        self.receiver.start()
        events = self.receiver.events

        def told_of():
            return {(event.get("extends_uuid", uuid), Misp.revision(event)) for uuid, event in events.items()}
        wait_until(lambda: told_of() >= self.told(daemon), "all revisions", 90)
        for uuid, event in events.items():
            self.assertEqual(Misp.revision(event) == 1, "extends_uuid" not in event)
            self.assertIn("victim", [thing["name"] for thing in event["Object"]])

    def test_neither_headers_nor_certificates_are_needed(self):
        daemon = self.http(Taxii, "taxii", OBJECTS)
        with open(daemon.path("syslog-ng.conf")) as f:
            text = f.read()
        text = "\n".join(line for line in text.split("\n") if not line.strip().startswith(("headers(", "tls(")))
        with open(daemon.path("syslog-ng.conf"), "w") as f:
            f.write(text)
        code, text = daemon.check_syntax()
        self.assertEqual(code, 0, text)

    def test_a_key_that_was_wrong_holds_everything_until_it_is_right(self):
        daemon = self.http(Taxii, "taxii", OBJECTS, "Bearer lama")
        daemon.start()
        self.receiver.start()
        self.attack(daemon)
        wait_until(lambda: len(self.receiver.requests) >= 2, "two tries")
        self.assertEqual(self.receiver.incidents(), set())
        with open(daemon.path("syslog-ng.conf")) as f:
            text = f.read()
        with open(daemon.path("syslog-ng.conf"), "w") as f:
            f.write(text.replace("Bearer lama", "Bearer kunci"))
        self.assertTrue(daemon.reload())
        wait_until(lambda: self.receiver.incidents() >= self.told(daemon), "all revisions", 90)


if __name__ == "__main__":
    if not has_http():
        print("no http() to test with (syslog-ng-mod-http)")
        sys.exit(SKIP)
    run_tests()
