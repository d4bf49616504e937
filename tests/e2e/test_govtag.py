# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""govtag(): victims, look-alikes and domain lists on messages; tables with mistakes."""

import json
import os
import re
import subprocess

from daemon import BUILD, SRC, Test, free_port, run_tests, wait_until

QUERY = (b"20-Nov-2026 03:00:00.%03d client @0x7f 192.0.2.9#4444 (%s): "
         b"query: %s IN A +E(0)K (198.51.100.1)")
WEB = b'%s:443 192.0.2.7 - - [21/Nov/2026:10:00:01 +0700] "GET /a.php?id=1 HTTP/1.1" 404 12 "-" "curl/7.88"'

BODY = """
log {
  source { network(ip("127.0.0.1") port(%d) flags(no-parse)); };
  parser { weblog-parser(); dnslog-parser(); govtag(%s); };
  destination { file("{dir}/out" template("%s|$TAGS\\n")); };
  flags(flow-control);
};
log { source { internal(); }; destination { file("{dir}/internal" template("$MSG\\n")); }; };
"""

SHOWN = "${siaga.victim.domain}|${siaga.victim.owner}|${siaga.lookalike.kind}|${siaga.lookalike.of}|" \
        "${siaga.list.category}"


def query(name, number=0):
    return QUERY % (number, name, name)


class Govtag(Test):
    def govtag(self, options=""):
        port = free_port()
        daemon = self.daemon(BODY % (port, options.replace("{dir}", self.dir), SHOWN), scl=False)
        return daemon, port

    def build_lists(self, **lists):
        arguments = []
        for category, names in lists.items():
            path = os.path.join(self.dir, category)
            with open(path, "w") as f:
                f.write("\n".join(names) + "\n")
            arguments.append("%s=%s" % (category, path))
        subprocess.run([os.path.join(BUILD, "siagactl"), "lists", "build", "--file", os.path.join(self.dir, "lists"),
                        *arguments], check=True, capture_output=True)

    def test_victims_and_look_alikes_are_named_and_tagged(self):
        daemon, port = self.govtag('local-suffixes("dalam.example")')
        daemon.start()
        daemon.send(port, [WEB % b"www.kementerian.go.id", query(b"pajak-go-id.example"), query(b"www.example.com"),
                           query(b"pajak.go.id.dalam.example")])
        victim, imitation, other, local = [line.decode() for line in daemon.wait_lines("out", 4)]
        self.assertTrue(victim.startswith("www.kementerian.go.id||||"))
        for tag in ("gov", "gov.id", "sector.government"):
            self.assertIn(tag, victim.split("|")[5].split(","))
        self.assertTrue(imitation.startswith("pajak.go.id|Direktorat Jenderal Pajak|hyphenated|pajak.go.id|"))
        self.assertIn("lookalike", imitation.split("|")[5].split(","))
        self.assertTrue(other.startswith("|||||"))
        self.assertTrue(local.startswith("|||||"))

    def test_a_site_s_own_log_names_its_victim_in_that_log_only(self):
        line = b'192.0.2.7 - - [21/Nov/2026:10:00:01 +0700] "GET /a.php HTTP/1.1" 404 12 "-" "curl/7.88"'
        one, many = free_port(), free_port()
        body = """
log {
  source { network(ip("127.0.0.1") port(%d) flags(no-parse)); };
  parser { weblog-parser(prefix("v.")); govtag(prefix("v.") %s); };
  destination { file("{dir}/%s" template("${v.siaga.victim.domain}|${v.siaga.victim.sector}|$TAGS\\n")); };
  flags(flow-control);
};
"""
        daemon = self.daemon(body % (one, 'default-victim("layanan.contoh.go.id")', "one") + body % (many, "", "many"),
                             scl=False)
        daemon.start()
        daemon.send(one, [line])
        daemon.send(many, [line])
        own, other = daemon.wait_lines("one", 1)[0].decode(), daemon.wait_lines("many", 1)[0].decode()
        self.assertTrue(own.startswith("layanan.contoh.go.id|government|"), own)
        self.assertIn("gov.id", own.split("|")[2].split(","))
        self.assertTrue(other.startswith("||"), other)

    def test_a_host_without_a_name_is_known_by_its_longest_network(self):
        path = self.file("table.csv", "suffix_or_network,country,sector,owner,csirt\n192.0.2.0/24,ID,government,Dinas,\n"
                                      "192.0.2.8/30,ID,health,RSUD,\n2001:db8:5::/48,ID,education,Sekolah,\n")
        daemon, port = self.govtag('tables("%s")' % path)
        daemon.start()
        clients = [b"192.0.2.9", b"192.0.2.12", b"2001:db8:5::9", b"::ffff:192.0.2.9", b"198.51.100.9"]
        daemon.send(port, [query(b"www.example.com").replace(b"192.0.2.9", client) for client in clients])
        owners = [line.decode().split("|")[1] for line in daemon.wait_lines("out", len(clients))]
        self.assertEqual(owners, ["RSUD", "Dinas", "Sekolah", "RSUD", ""])

    def test_new_lists_are_taken_while_the_daemon_runs(self):
        self.build_lists(gambling=["judi.example"])
        daemon, port = self.govtag('lists("{dir}/lists")')
        daemon.start()
        sent = 0

        def ask(*names):
            """The category of each; what was sent before has come out by then."""
            nonlocal sent
            sent += len(names)
            daemon.send(port, [query(name) for name in names])
            return [line.split(b"|")[4] for line in daemon.wait_lines("out", sent)[-len(names):]]

        def took():
            return ask(b"slot.example", b"umpan.example") == [b"gambling", b"phishing"]

        def told():
            ask(b"www.example.com")
            return b"not a list file" in b"".join(daemon.lines("internal"))
        self.assertEqual(ask(b"www.judi.example", b"slot.example"), [b"gambling", b""])
        self.build_lists(gambling=["slot.example"], phishing=["umpan.example"])
        wait_until(took, "the new lists")
        path = self.file("broken", "no list at all")
        os.replace(path, os.path.join(self.dir, "lists"))
        wait_until(told, "a word about it")
        self.assertTrue(took())

    def test_lists_may_be_written_over(self):
        path = os.path.join(self.dir, "lists")
        many = ["judi%d.example" % i for i in range(150000)]
        self.build_lists(gambling=many)
        with open(path, "rb") as f:
            before = f.read()
        self.build_lists(gambling=many, phishing=["umpan.example"])
        with open(path, "rb") as f:
            after = f.read()
        with open(path, "wb") as f:
            f.write(before)
        daemon, port = self.govtag('lists("{dir}/lists")')
        daemon.start()
        sent = 0

        def categories():
            nonlocal sent
            sent += 2
            daemon.send(port, [query(b"judi7.example"), query(b"umpan.example")])
            return [line.split(b"|")[4] for line in daemon.wait_lines("out", sent)[-2:]]
        self.assertEqual(categories(), [b"gambling", b""])
        with open(path, "wb") as f:  # as cp does: emptied, and filled little by little
            f.flush()
            self.assertEqual(categories(), [b"gambling", b""])
            f.write(after)
        wait_until(lambda: categories() == [b"gambling", b"phishing"], "the new lists")

    def test_the_manual_s_table_is_read_as_it_stands(self):
        with open(os.path.join(SRC, "modules", "govtag", "README.md")) as f:
            (table,) = re.findall(r"^```\n(suffix_or_network.*?)^```", f.read(), re.M | re.S)
        path = self.file("table.csv", table)
        daemon, port = self.govtag('tables("%s")' % path)
        daemon.start()
        daemon.send(port, [WEB % b"www.contoh.go.id", WEB % b"dinas.contohkab.go.id"])
        hospital, regency = [line.decode() for line in daemon.wait_lines("out", 2)]
        self.assertTrue(hospital.startswith("www.contoh.go.id|RSUD Contoh|"), hospital)
        self.assertTrue(regency.startswith("dinas.contohkab.go.id|Pemerintah Kabupaten|"), regency)

    def test_names_in_tls_handshakes_are_looked_at(self):
        daemon, port = self.govtag()
        daemon.start()
        line = {"level": "info", "ts": 1763695857.9, "logger": "http.log.access", "msg": "handled request",
                "request": {"remote_ip": "192.0.2.7", "remote_port": "51234", "proto": "HTTP/2.0", "method": "GET",
                            "host": "www.kementerian.go.id", "uri": "/", "headers": {},
                            "tls": {"server_name": "pajak-go-id.example"}},
                "bytes_read": 0, "user_id": "", "duration": 0.5, "size": 12, "status": 200}
        daemon.send(port, [json.dumps(line).encode()])
        found = daemon.wait_lines("out", 1)[0].decode().split("|")
        self.assertEqual(found[2:4], ["hyphenated", "pajak.go.id"])

    def test_a_table_with_a_mistake_refuses_the_configuration_unless_told_not_to(self):
        table = os.path.join(self.dir, "table.csv")
        with open(table, "w") as f:
            f.write("contoh.example,ID,health,,\ncontoh..example,ID,health,,\n")
        daemon, _ = self.govtag('tables("%s")' % table)
        code, text = daemon.check_syntax()
        self.assertNotEqual(code, 0)
        self.assertIn("table.csv:2:1: error:", text)
        daemon, _ = self.govtag('tables("%s") strict(no)' % table)
        code, text = daemon.check_syntax()
        self.assertEqual(code, 0, text)


if __name__ == "__main__":
    run_tests()
