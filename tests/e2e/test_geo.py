# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""Countries and networks of addresses, and the rules that need them."""

import os

from daemon import Test, run_tests, siagactl, wait_until
from logs import GOVERNMENT, HOUR_AGO, stamp
import mmdb

TRAVEL = "One account logs in from two countries"
COUNTRY = "One account logs in from a second country"
NETWORK = "One account logs in through a fourth network operator"
BODY = """
log {
  source { file("{dir}/in" flags(no-parse)); };
  parser { siaga(state-dir("{dir}/state")); };
  filter { tags("siaga.incident"); };
  destination { file("{dir}/incidents" template("${.siaga.incident.json}\\n")); };
};
"""


def login(address, after=0):
    return "%s %s sshd[1]: Accepted password for budi from %s port 22 ssh2\n" % (
        stamp(HOUR_AGO + after), GOVERNMENT, address)


class Geo(Test):
    def setUp(self):
        super().setUp()
        os.makedirs(os.path.join(self.dir, "etc", "geo"))
        mmdb.write(os.path.join(self.dir, "etc", "geo", "country.mmdb"), {
            "192.0.2.0/24": {"country": {"iso_code": "ID"}}, "198.51.100.0/24": {"country": {"iso_code": "NL"}}})
        mmdb.write(os.path.join(self.dir, "etc", "geo", "operator.mmdb"), {
            "192.0.2.%d/32" % n: {"autonomous_system_number": 64500 + n} for n in range(1, 6)})

    def replay(self, text):
        path = self.file("in.log", text)
        found = siagactl("replay", "--final", "--config-dir", os.path.join(self.dir, "etc"), path)
        return {i["rule"]["name"]: i for i in found}

    def test_an_event_has_its_country_and_network(self):
        path = self.file("one.log", login("192.0.2.3"))
        event = siagactl("parse", "--config-dir", os.path.join(self.dir, "etc"), path)[0]
        self.assertEqual(event["source"]["geo"]["country_iso_code"], "ID")
        self.assertEqual(event["source"]["as"]["number"], 64503)

    def test_nobody_is_in_two_countries_at_once(self):
        found = self.replay(login("192.0.2.3") + login("198.51.100.7", 1800))
        self.assertIn(TRAVEL, found)
        self.assertEqual(found[TRAVEL]["related"]["user"], ["budi"])
        self.assertIn(COUNTRY, found)

    def test_two_addresses_of_one_country_are_one_person(self):
        self.assertEqual(self.replay(login("192.0.2.3") + login("192.0.2.77", 1800)), {})

    def test_a_fourth_network_is_told(self):
        found = self.replay("".join(login("192.0.2.%d" % n, n * 600) for n in range(1, 5)))
        self.assertEqual(list(found), [NETWORK])

    def test_the_daemon_knows_them_too(self):
        daemon = self.daemon(BODY).start()
        self.file("in", login("192.0.2.3") + login("198.51.100.7", 1800) + login("198.51.100.7", 1810))
        wait_until(lambda: any(i["rule"]["name"] == TRAVEL for i in daemon.json("incidents")), "travel")

    def test_who_writes_over_a_database_takes_no_country_away(self):
        daemon = self.daemon(BODY).start()
        self.file("in", login("192.0.2.3"))
        wait_until(lambda: daemon.counter("siaga_correlator", "events"), "the first login")
        for name in ("country", "operator"):
            os.truncate(os.path.join(self.dir, "etc", "geo", name + ".mmdb"), 0)
        with open(os.path.join(self.dir, "in"), "a") as f:
            f.write(login("198.51.100.7", 1800) + login("198.51.100.7", 1810))
        wait_until(lambda: any(i["rule"]["name"] == TRAVEL for i in daemon.json("incidents")), "travel")

    def test_a_file_that_is_no_database_is_named(self):
        self.file("etc/geo/country.mmdb", "nonsense")
        daemon = self.daemon('log { source { internal(); }; destination { file("{dir}/messages" template("$MSG\\n")); }; };'
                             + BODY).start()
        wait_until(lambda: any(b"no database of addresses" in line for line in daemon.lines("messages")) or
                   "no database of addresses" in daemon.output(), "the warning")


if __name__ == "__main__":
    run_tests()
