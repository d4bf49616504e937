# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""share-policy() and the formats: one log in, each partner's destination gets exactly its part."""

import json
import os
import re
import xml.etree.ElementTree as ElementTree

from daemon import SRC, Test, free_port, has_http, run_tests, wait_until
from logs import GOVERNMENT, HOUR_AGO, SHOP, failed_logins, mixed
from receiver import Syslog, make_certificate

PARTNERS = ("gov-csirt", "health-csirt", "operator", "neighbour", "nobody")
SECRET = "rahasia-P4ssw0rd"
CAMPAIGN = "Campaign of one attacker"

POLICY = """
active: true
key-file: {dir}/etc/share.key
known-users: [root]
partners:
  gov-csirt: { tlp: AMBER+STRICT }
  health-csirt: { tlp: AMBER }
  operator: { tlp: GREEN }
  neighbour: { tlp: GREEN }
  nobody: { tlp: CLEAR }
policies:
  - { title: government, to: gov-csirt, when: { victim-country: ID, victim-sector: government } }
  - { title: health, to: health-csirt, when: { victim-country: ID, victim-sector: health } }
  - { title: victims over there, to: neighbour, when: { victim-country: MY } }
  - { title: own networks, to: operator, when: { attacker-network: 198.51.100.0/24 } }
"""

BODY = """
log {
  source { network(ip("127.0.0.1") port(%(port)d) flags(no-parse)); };
  parser { siaga(state-dir("{dir}/state")); share-policy(producer("CSIRT Contoh")); };
  if (tags("siaga.incident")) {
    destination { file("{dir}/own" template("$(format-stix)\\n")); };
    destination { file("{dir}/json" template("${.siaga.incident.json}\\n")); };
    destination { file("{dir}/named"
                       template("${.siaga.share.id} ${.siaga.share.revision} ${.siaga.share.producer}\\n")); };
    if (tags("share.gov-csirt")) {
      destination { file("{dir}/gov-csirt" template("$(format-stix --partner gov-csirt)\\n")); };
    };
    if (tags("share.health-csirt")) {
      destination { file("{dir}/health-csirt" template("$(format-misp --partner health-csirt)\\n")); };
    };
    if (tags("share.operator")) {
      destination { file("{dir}/operator" template("$(format-intelmq --partner operator --producer X)\\n")); };
      destination { file("{dir}/operator.iodef" template("$(format-iodef --partner operator)\\n")); };
    };
    if (tags("share.neighbour")) {
      destination { file("{dir}/neighbour" template("$(format-incident --partner neighbour)\\n")); };
    };
    if (tags("share.nobody")) {
      destination { file("{dir}/nobody" template("$(format-incident --partner nobody)\\n")); };
    };
    destination { file("{dir}/unasked" template("[$(format-stix --partner nobody)]\\n")); };
  } else {
    destination { file("{dir}/all" template("$MSG\\n")); };
  };
  flags(flow-control);
};
"""


DESTINATIONS = """
log {
  source { network(ip("127.0.0.1") port(%(port)d) flags(no-parse)); };
  parser { siaga(state-dir("{dir}/state")); share-policy(); };
  filter { tags("share.gov-csirt"); };
  destination { file("{dir}/told" template("${.siaga.share.gov-csirt.id} ${.siaga.share.revision}\\n")); };
  destination { siaga-file(file("{dir}/gov-csirt") partner("gov-csirt")); };
  destination { siaga-syslog(host("127.0.0.1") port(%(receiver)d) partner("gov-csirt")
                             tls(ca-file("%(tls)s/cert.pem") key-file("%(tls)s/key.pem") cert-file("%(tls)s/cert.pem"))
                             disk-buffer(reliable(yes) disk-buf-size(1048576) dir("{dir}")) time-reopen(1) %(more)s); };
  flags(flow-control);
};
"""


# Its id is a part of a longer text and ends where nothing tells so.
BORROWED = """
log {
  source { network(ip("127.0.0.1") port(%(port)d) flags(no-parse)); };
  rewrite { set-tag("siaga.incident"); };
  parser { regexp-parser(patterns("^(?<id>[a-z]+)-(?<revision>[0-9]+) ") prefix(".siaga.incident.")); share-policy(); };
  destination { file("{dir}/named" template("<${.siaga.share.id}> <${.siaga.share.revision}>\\n")); };
};
"""


class Share(Test):
    def share(self, policy=POLICY):
        etc = os.path.join(self.dir, "etc")
        os.makedirs(os.path.join(etc, "sharing.d"))
        with open(os.path.join(etc, "share.key"), "w") as f:
            f.write("0123456789abcdef")
        with open(os.path.join(etc, "sharing.d", "policy.yaml"), "w") as f:
            f.write(policy.replace("{dir}", self.dir))
        port = free_port()
        return self.daemon(BODY % {"port": port}), port

    def test_each_partner_gets_exactly_its_part(self):
        daemon, port = self.share()
        daemon.start()
        lines = list(mixed(failed_logins("192.0.2.7", host=GOVERNMENT, user="invalid user " + SECRET),
                           failed_logins("203.0.113.8", host="www.kemkes.go.id"),
                           failed_logins("203.0.113.80", host="www.contoh.gov.my"),
                           failed_logins("198.51.100.9", host=SHOP)))
        daemon.send(port, lines)
        daemon.wait_lines("all", len(lines))
        for name in ("gov-csirt", "health-csirt", "operator", "operator.iodef", "neighbour"):
            daemon.wait_lines(name, 1)
        wait_until(lambda: len(daemon.lines("own")) >= 4, "four incidents")
        for partner, attacker in (("gov-csirt", "192.0.2.7"), ("health-csirt", "203.0.113.8"), ("operator", "198.51.100.9"),
                                  ("operator.iodef", "198.51.100.9"), ("neighbour", "203.0.113.80")):
            text = b"".join(daemon.lines(partner)).decode()
            named = set(re.findall(r"\b(?:192\.0\.2|203\.0\.113|198\.51\.100)\.[1-9]\d*", text))
            self.assertEqual(named, {attacker}, partner)
            self.assertNotIn(SECRET, text)
        self.check_government(daemon)
        self.check_health(daemon)
        self.check_operator(daemon)
        self.check_neighbour(daemon)
        self.assertEqual(daemon.lines("nobody"), [])
        self.assertEqual(set(daemon.lines("unasked")), {b"[]"})

    def check_neighbour(self, daemon):
        """GREEN: who attacks there, but not whom."""
        for event in daemon.json("neighbour"):
            self.assertEqual(event["source"]["ip"], "203.0.113.80")
            self.assertEqual(event["siaga"]["victim"]["country"], "MY")
            self.assertNotIn("contoh.gov.my", json.dumps(event))

    def test_the_national_picture_is_counted(self):
        daemon, port = self.share()
        daemon.start()
        daemon.send(port, list(mixed(failed_logins("192.0.2.7"), failed_logins("203.0.113.8", host="www.kemkes.go.id"))))
        daemon.wait_lines("own", 2)
        for sector in ("government", "health"):
            words = ("siaga_incidents_opened", "ID", sector, "brute-force", "high")
            wait_until(lambda: daemon.counter(*words), "the counter of " + sector, 120)
        before = daemon.counter("siaga_incidents_opened", "ID")
        self.assertTrue(daemon.reload())
        wait_until(lambda: (daemon.counter("siaga_incidents_opened", "ID") or 0) >= before, "the counters to live on")

    def test_a_misspelt_partner_is_named(self):
        daemon, port = self.share()
        body = BODY % {"port": port}
        daemon.configure(body.replace("--partner nobody)]", "--partner goc-csirt)]"))
        daemon.start()
        told = [line for line in daemon.output().splitlines() if "no sharing policy has" in line]
        self.assertEqual(len(told), 1, told)
        self.assertIn("partner='goc-csirt'", told[0])
        self.assertIn("did_you_mean='gov-csirt'", told[0])
        daemon.configure(body)
        begin = len(daemon.output().encode())
        self.assertTrue(daemon.reload())
        self.assertNotIn("no sharing policy has", daemon.output(begin))

    def check_government(self, daemon):
        text = b"".join(daemon.lines("gov-csirt"))
        self.assertNotIn(SECRET.encode(), text)
        self.assertNotIn(b"kemkes", text)
        self.assertNotIn(SHOP.encode(), text)
        for bundle in daemon.json("gov-csirt"):
            things = {thing["type"]: thing for thing in bundle["objects"]}
            self.assertEqual(things["marking-definition"]["name"], "TLP:AMBER+STRICT")
            self.assertIn("192.0.2.7", things["indicator"]["pattern"])
            self.assertIn("CSIRT Contoh", json.dumps(bundle))
        self.assertIn(SECRET.encode(), b"".join(daemon.lines("own")))

    def check_health(self, daemon):
        for event in daemon.json("health-csirt"):
            tags = [tag["name"] for tag in event["Event"]["Tag"]]
            self.assertIn("tlp:amber", tags)
            self.assertIn("203.0.113.8", json.dumps(event))

    def check_operator(self, daemon):
        for event in daemon.json("operator"):
            self.assertEqual(event["source.ip"], "198.51.100.9")
            self.assertEqual(event["tlp"], "GREEN")
            self.assertEqual(event["feed.provider"], "X")
            self.assertNotIn("destination.fqdn", event)
            self.assertNotIn("raw", event)
        document = ElementTree.fromstring(daemon.lines("operator.iodef")[0])
        self.assertEqual(document[0].get("restriction"), "green")

    def test_what_comes_again_carries_the_same_id_and_a_rising_revision(self):
        daemon, port = self.share()
        daemon.start()
        daemon.send(port, failed_logins("192.0.2.7", count=300))
        daemon.wait_lines("gov-csirt", 2)
        seen = {}
        for bundle in daemon.json("gov-csirt"):
            incident = next(thing for thing in bundle["objects"] if thing["type"] == "incident")
            revision = next(iter(incident["extensions"].values()))["revision"]
            self.assertGreater(revision, seen.get(incident["id"], 0))
            seen[incident["id"]] = revision

    def test_a_campaign_reaches_the_partners_of_its_victim_with_its_incidents(self):
        """Forty names tried by one source are several incidents and a campaign, each with revisions: what a partner gets
        hangs together, carries no user name, and no id that a guessed name could be tested against."""
        daemon, port = self.share(POLICY.replace("nobody: { tlp: CLEAR }", "nobody: { tlp: CLEAR }\n  bilateral: { tlp: GREEN }")
                                  + "  - { to: bilateral, when: { victim-country: ID, attacker-network: 192.0.2.0/24 } }\n")
        body = BODY % {"port": port}
        for partner in ("gov-csirt", "bilateral"):
            branch = 'if (tags("share.%s")) { destination { file("{dir}/%s.json" template("$(format-incident --partner %s)\\n")); }; };\n' % ((partner,) * 3)
            body = body.replace('    destination { file("{dir}/unasked"', "    " + branch + '    destination { file("{dir}/unasked"')
        daemon.configure(body)
        daemon.start()
        names = ["%s%d" % (SECRET, i) for i in range(40)]
        daemon.send(port, [line for i, name in enumerate(names)
                           for line in failed_logins("192.0.2.7", count=1, start=HOUR_AGO + 10 * i, user="invalid user " + name)])
        daemon.wait_lines("all", len(names))
        for name in ("gov-csirt.json", "bilateral.json"):
            wait_until(lambda: CAMPAIGN in [event["rule"]["name"] for event in daemon.json(name)], "a campaign in " + name)
        wait_until(lambda: any(event["siaga"]["incident"].get("parent") for event in daemon.json("gov-csirt.json")),
                   "an incident that names its campaign")
        self.check_campaign(daemon.json("gov-csirt.json"), linked=True)
        self.check_campaign(daemon.json("bilateral.json"), linked=False)
        for name in ("gov-csirt.json", "bilateral.json", "gov-csirt"):
            self.assertNotIn(SECRET.encode(), b"".join(daemon.lines(name)))
        self.assertNotIn(GOVERNMENT.encode(), b"".join(daemon.lines("bilateral.json")))
        self.assertEqual(daemon.lines("nobody") + daemon.lines("health-csirt") + daemon.lines("operator"), [])

    def check_campaign(self, incidents, linked):
        revisions, parents, campaigns = {}, set(), set()
        for event in incidents:
            incident = event["siaga"]["incident"]
            self.assertGreater(incident["revision"], revisions.get(incident["id"], 0))
            revisions[incident["id"]] = incident["revision"]
            self.assertFalse(incident.get("children"))
            parents |= {incident["parent"]} if incident.get("parent") else set()
            campaigns |= {incident["id"]} if event["rule"]["name"] == CAMPAIGN else set()
        self.assertEqual(len(campaigns), 1)
        self.assertGreater(len(revisions), 2)
        self.assertEqual(parents, campaigns if linked else set())

    def destinations(self, more=""):
        daemon, self.port = self.share()
        tls = os.path.join(self.dir, "tls")
        make_certificate(tls)
        self.receiver = Syslog(free_port(), tls)
        self.addCleanup(self.receiver.stop)
        daemon.configure('@include "%s"\noptions { time-reopen(1); };\n' %
                         os.path.join(SRC, "packaging", "scl", "siaga-share.conf") +
                         DESTINATIONS % {"port": self.port, "receiver": self.receiver.port, "tls": tls, "more": more})
        return daemon

    def attack(self, daemon, *attackers):
        """Incidents that open and grow, while the receiver is as it is."""
        before = len(daemon.lines("told"))
        daemon.send(self.port, list(mixed(*[failed_logins(attacker, count=300, user="invalid user " + SECRET)
                                            for attacker in attackers])))
        daemon.wait_lines("told", before + 2 * len(attackers))

    @staticmethod
    def told(daemon):
        return {(line.split()[0].decode(), int(line.split()[1])) for line in daemon.lines("told")}

    def check_arrived(self, daemon, unsure=frozenset()):
        """Syslog has no acknowledgement: of the revisions UNSURE, told while nobody was there, what was written before
        the daemon noticed is lost, and how much that is, is chance.  But an incident's next revision tells it in full:
        the last one of each has to arrive."""
        def missing():
            return self.told(daemon) - self.receiver.incidents()

        def last():
            revisions = {}
            for incident, revision in self.told(daemon):
                revisions[incident] = max(revision, revisions.get(incident, 0))
            return set(revisions.items())
        wait_until(lambda: missing() <= unsure - last(), "all revisions", 90)

    def test_a_receiver_of_syslog_over_tls_that_was_down_gets_every_revision(self):
        daemon = self.destinations()
        daemon.start()
        self.attack(daemon, "192.0.2.7", "192.0.2.8", "192.0.2.9")
        self.receiver.start()
        self.check_arrived(daemon)
        self.assertEqual(daemon.stop(), 0)
        self.receiver.stop()
        daemon.start()
        self.attack(daemon, "192.0.2.17", "192.0.2.18")
        self.assertEqual(daemon.stop(), 0)
        daemon.start()
        self.receiver.start()
        self.check_arrived(daemon)
        self.receiver.stop()
        before = self.told(daemon)
        self.attack(daemon, "192.0.2.27", "192.0.2.28")
        unsure = self.told(daemon) - before
        self.receiver.start()
        self.attack(daemon, "192.0.2.27", "192.0.2.28")  # what they began grows
        self.check_arrived(daemon, unsure)
        self.assertNotIn(SECRET.encode(), b"".join(self.receiver.messages + daemon.lines("gov-csirt")))
        self.assertEqual(daemon.json("gov-csirt")[0]["type"], "bundle")

    def test_marks_tell_that_a_receiver_has_gone(self):
        daemon = self.destinations("mark-mode(dst-idle) mark-freq(2)")
        daemon.start()
        self.receiver.start()
        self.attack(daemon, "192.0.2.7")
        self.check_arrived(daemon)
        self.receiver.stop()
        self.receiver.start()
        wait_until(lambda: self.receiver.connections, "a new connection")
        before = self.told(daemon)  # an incident may have grown in between
        self.attack(daemon, "192.0.2.17", "192.0.2.18")
        wait_until(lambda: self.receiver.incidents() >= self.told(daemon) - before, "all revisions", 90)

    def test_a_receiver_that_we_do_not_trust_gets_nothing(self):
        daemon = self.destinations()
        make_certificate(os.path.join(self.dir, "stranger"))
        stranger = Syslog(self.receiver.port, os.path.join(self.dir, "stranger"))
        self.addCleanup(stranger.stop)
        stranger.start()
        daemon.start()
        self.attack(daemon, "192.0.2.7")
        wait_until(lambda: stranger.refused, "a handshake that failed")
        self.assertEqual(stranger.messages, [])
        stranger.stop()
        self.receiver.start()
        self.check_arrived(daemon)

    def test_a_mistake_in_a_policy_refuses_the_configuration(self):
        daemon, _ = self.share(POLICY.replace("to: operator", "to: operater"))
        code, text = daemon.check_syntax()
        self.assertNotEqual(code, 0)
        self.assertIn("policy.yaml:15:", text)
        self.assertIn("did you mean 'operator'?", text)

    def test_a_mistake_in_a_template_refuses_the_configuration(self):
        daemon, port = self.share()
        daemon.configure((BODY % {"port": port}).replace("--partner nobody", "--parter nobody"))
        code, text = daemon.check_syntax()
        self.assertNotEqual(code, 0)
        self.assertIn("--parter", text)

    def test_a_partner_that_no_policy_has_is_told_at_start(self):
        def told():
            return [line.decode() for line in daemon.lines("internal") if b"that no sharing policy has" in line]
        daemon, port = self.share()
        body = BODY % {"port": port} + 'log { source { internal(); }; destination { file("{dir}/internal"); }; };\n'
        daemon.configure(body)
        daemon.start()
        self.assertEqual(told(), [])
        daemon.configure(body.replace("--partner health-csirt", "--partner helth-csirt").replace(
            "--partner nobody", "--partner kominfo"))
        daemon.reload()
        wait_until(lambda: len(told()) >= 2, "a warning")
        self.assertEqual(sorted(re.findall(r"partner='(.*?)'(?:.*did_you_mean='(.*?)')?", "\n".join(told()))),
                         [("helth-csirt", "health-csirt"), ("kominfo", "")])
        daemon.configure(body)
        daemon.reload()
        self.assertEqual(len(told()), 2)

    def manual(self):
        """The blocks of the room's manual, moved into the test's folder."""
        with open(os.path.join(SRC, "modules", "share", "README.md")) as f:
            blocks = re.findall(r"^```\w*\n(.*?)^```", f.read(), re.M | re.S)
        moved = {"/etc/ssl/csirt.pem": self.dir + "/tls/cert.pem", "/etc/ssl/our.pem": self.dir + "/tls/cert.pem",
                 "/etc/ssl/our.key": self.dir + "/tls/key.pem", "/var/log/siaga": self.dir,
                 "/etc/siaga/share.key": self.dir + "/etc/share.key",
                 '"csirt.example"': '"127.0.0.1"', "port(6514)": "port(%d)" % free_port(),
                 "siaga();": 'siaga(state-dir("%s/state"));' % self.dir}
        for old, new in moved.items():
            blocks = [block.replace(old, new) for block in blocks]
        return blocks

    def test_every_example_of_the_manual_works_as_it_stands(self):
        make_certificate(os.path.join(self.dir, "tls"))
        blocks = self.manual()
        (policy,) = [block for block in blocks if block.startswith("active:")]
        examples = [block for block in blocks if not block.startswith("active:")]
        statements = [s for block in examples for s in re.split(r"\n(?=destination )", block)]
        if not has_http():
            statements = [s for s in statements if "siaga-http" not in s]
        first = [s for s in statements if s.startswith("parser")]
        others = [s for s in statements if s.startswith("destination")]
        self.assertEqual((len(first), len(first) + len(others)), (1, len(statements)))
        daemon, port = self.share(policy)
        daemon.configure('@include "%s"\nlog {\n source { network(ip("127.0.0.1") port(%d) flags(no-parse)); };\n%s\n%s\n'
                         'flags(flow-control); };\n' % (os.path.join(SRC, "packaging", "scl", "siaga-share.conf"), port,
                                                        first[0], 'filter { tags("siaga.incident"); };\n' + "\n".join(others)))
        daemon.start()
        daemon.send(port, failed_logins("192.0.2.7"))
        line = daemon.wait_lines("incidents.cef", 1)[0].decode()
        self.assertRegex(line, r"^CEF:0\|siaga\|siaga\|1\|[0-9a-f-]{36}\|[^|]+\|8\|.*src=192\.0\.2\.7")
        self.assertIn("dhost=" + GOVERNMENT, line)
        daemon.wait_lines("bssn.stix", 1)

    def test_without_a_policy_nothing_is_shared(self):
        daemon, port = self.share(POLICY.replace("active: true", "active: false"))
        daemon.start()
        daemon.send(port, failed_logins("192.0.2.7"))
        daemon.wait_lines("own", 1)
        for name in ("gov-csirt", "health-csirt", "operator", "nobody"):
            self.assertEqual(daemon.lines(name), [])
        incident = json.loads(daemon.wait_lines("json", 1)[0])["siaga"]["incident"]
        self.assertEqual(daemon.wait_lines("named", 1)[0].decode(), "%s %d CSIRT Contoh" % (incident["id"], incident["revision"]))

    def test_a_name_that_another_parser_gave_is_passed_on_as_it_is(self):
        port = free_port()
        daemon = self.daemon(BORROWED % {"port": port})
        daemon.start()
        daemon.send(port, [b"contoh-7 and more"])
        self.assertEqual(daemon.wait_lines("named", 1), [b"<contoh> <7>"])


if __name__ == "__main__":
    run_tests()
