# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""siaga() as a whole: incidents out of lines, the same ones as siagactl's, forwarded by tag."""

import datetime
import glob
import os
import shutil
import subprocess
import sys

from daemon import SRC, Test, free_port, run_tests, siagactl, wait_until
from logs import GOVERNMENT, SHOP, failed_logins, mixed

INCIDENT = "${.siaga.incident.json}\\n"
TCP = """
source s_tcp { network(ip("127.0.0.1") port(%(port)d) flags(no-parse)); };
destination d_all { file("{dir}/all" template("$MSG\\n")); };
destination d_incidents { file("{dir}/incidents" template("%(incident)s")); };
destination d_government { file("{dir}/government" template("%(incident)s")); };
log {
  source(s_tcp);
  parser { siaga(state-dir("{dir}/state") %(options)s); };
  if (tags("siaga.incident")) {
    destination(d_incidents);
    if (tags("gov.id")) { destination(d_government); };
  } else {
    destination(d_all);
  };
  flags(flow-control);
};
"""


def tcp(port, options=""):
    return TCP % {"port": port, "incident": INCIDENT, "options": options}


def ids(incidents):
    return {i["siaga"]["incident"]["id"] for i in incidents}


def last(incidents):
    """The latest change of each incident."""
    return {i["siaga"]["incident"]["id"]: i for i in incidents}


class Chain(Test):
    def wait_incidents(self, daemon, count, name="incidents"):
        wait_until(lambda: len(ids(daemon.json(name))) >= count, "%d incidents" % count)
        return daemon.json(name)

    def test_an_attack_becomes_one_incident_and_every_line_flows_on(self):
        port = free_port()
        daemon = self.daemon(tcp(port)).start()
        lines = failed_logins("192.0.2.7")
        daemon.send(port, lines)
        incidents = self.wait_incidents(daemon, 1)
        self.assertEqual(daemon.wait_lines("all", len(lines)), lines)
        opened = [i for i in incidents if i["siaga"]["incident"]["state"] == "open"]
        self.assertEqual(len(ids(opened)), len(opened))
        self.assertIn("192.0.2.7", str(opened[0]))

    def test_a_filter_on_a_tag_forwards_exactly_the_government_s_incidents(self):
        port = free_port()
        daemon = self.daemon(tcp(port)).start()
        lines = list(mixed(failed_logins("192.0.2.7", host=GOVERNMENT), failed_logins("198.51.100.9", host=SHOP)))
        daemon.send(port, lines)
        daemon.wait_lines("all", len(lines))
        wait_until(lambda: {"192.0.2.7", "198.51.100.9"} <= {i.get("source", {}).get("ip")
                                                          for i in daemon.json("incidents")}, "both incidents")
        government = [i for i in daemon.json("incidents") if "gov.id" in i.get("tags", [])]
        self.assertEqual(daemon.json("government"), government)
        self.assertEqual({i["source"]["ip"] for i in government if "source" in i}, {"192.0.2.7"})
        victim = government[0]["siaga"]["victim"]
        self.assertEqual((victim["country"], victim["sector"]), ("ID", "government"))

    def test_incident_messages_carry_name_values_and_a_readable_line(self):
        port = free_port()
        body = tcp(port).replace(INCIDENT, "$PROGRAM|$LEVEL|$MSG|${siaga.incident.state}|${source.ip}\\n")
        daemon = self.daemon(body).start()
        daemon.send(port, failed_logins("192.0.2.7"))
        line = daemon.wait_lines("incidents", 1)[0].decode()
        program, level, text, state, address = line.split("|")
        self.assertEqual((program, state, address), ("siaga", "open", "192.0.2.7"))
        self.assertIn(level, ("err", "crit", "warning"))
        self.assertIn("192.0.2.7", text)

    def test_a_message_s_priority_is_its_level_and_a_vital_sector_has_a_deadline(self):
        port = free_port()
        names = ("siaga.incident.level", "siaga.incident.state", "siaga.incident.report_due", "siaga.victim.sector")
        template = "|".join(["$LEVEL", "$UNIXTIME"] + ["${%s}" % name for name in names]) + "\\n"
        daemon = self.daemon(tcp(port).replace(INCIDENT, template)).start()
        daemon.send(port, list(mixed(failed_logins("192.0.2.7", host=GOVERNMENT), failed_logins("198.51.100.9", host=SHOP))))
        wait_until(lambda: {"government", ""} <= {line.decode().split("|")[5] for line in daemon.lines("incidents")},
                   "both victims' incidents")
        priorities = {"informational": "info", "low": "notice", "medium": "warning", "high": "err", "critical": "crit"}
        for line in daemon.lines("incidents"):
            priority, changed, level, state, due, sector = line.decode().split("|")
            self.assertEqual(priority, priorities[level])
            self.assertEqual(bool(due), sector == "government")
            if due and state == "open":
                seconds = datetime.datetime.fromisoformat(due.replace("Z", "+00:00")).timestamp()
                self.assertEqual(int(seconds - float(changed)), 86400)

    def test_the_daemon_and_siagactl_find_the_same_incidents(self):
        generate = os.path.join(SRC, "packaging", "demo", "generate")
        os.mkdir(os.path.join(self.dir, "logs"))
        subprocess.run([sys.executable, "-B", generate, os.path.join(self.dir, "logs")], check=True)
        files = sorted(glob.glob(os.path.join(self.dir, "logs", "*")))
        expected = last(siagactl("replay", "--final", *files))
        self.assertGreaterEqual(len(expected), 6)
        self.assertEqual(ids(siagactl("replay", "--final", *files)), set(expected))
        sources = "\n".join('siaga-source(file("%s"));' % path for path in files)
        body = tcp(free_port()).replace("source s_tcp {", "source s_tcp { %s" % sources)
        daemon = self.daemon(body).start()
        count = sum(len(self.read(path).splitlines()) for path in files)
        daemon.wait_lines("all", count)
        wait_until(lambda: len(ids(daemon.json("incidents"))) >= len(expected), "all incidents")
        self.assertEqual(ids(daemon.json("incidents")), set(expected))

    def test_matched_lines_are_tagged_and_published_and_others_are_not(self):
        port = free_port()
        body = tcp(port).replace('template("$MSG\\n")', 'template("$TAGS|${rule.id}|${source.ip}\\n")')
        daemon = self.daemon(body).start()
        injection = b'www.kementerian.go.id:443 192.0.2.7 - - [21/Nov/2026:01:00:01 +0700] ' \
                    b'"GET /?id=1%27%20UNION%20SELECT%20password%20FROM%20users HTTP/1.1" 200 1 "-" "-"'
        daemon.send(port, [injection] + failed_logins("192.0.2.7", 1) + [b"nothing of note"])
        matched, counted, other = daemon.wait_lines("all", 3)
        self.assertIn(b"siaga.matched", matched)
        self.assertRegex(matched, rb"\|[0-9a-f-]{36}.*\|192\.0\.2\.7$")
        self.assertRegex(counted, rb"siaga\.matched.*\|\|$")
        self.assertRegex(other, rb"^\.source\.s_tcp\|\|$")

    def test_aggregate_only_lets_incidents_alone_pass(self):
        port = free_port()
        daemon = self.daemon(tcp(port, "inject-mode('aggregate-only')")).start()
        daemon.send(port, failed_logins("192.0.2.7"))
        self.wait_incidents(daemon, 1)
        self.assertEqual(daemon.lines("all"), [])

    def test_internal_mode_sends_incidents_to_internal(self):
        port = free_port()
        body = tcp(port, "inject-mode(internal)") + """
log { source { internal(); }; parser { siaga(state-dir("{dir}/state2")); };
      filter { tags("siaga.incident"); }; destination { file("{dir}/internal" template("%s")); }; };
""" % INCIDENT
        daemon = self.daemon(body).start()
        daemon.send(port, failed_logins("192.0.2.7"))
        self.wait_incidents(daemon, 1, "internal")
        self.assertEqual(daemon.lines("incidents"), [])


class Twice(Test):
    """siaga() in two log paths."""

    def two(self, first, second):
        self.port = free_port()
        paths = "".join("""
log {
  source(s_tcp);
  parser { siaga(state-dir("{dir}/state") %s); };
  filter { tags("siaga.incident"); };
  destination { file("{dir}/path%d" template("%s")); };
};""" % (options, i, INCIDENT) for i, options in enumerate((first, second)))
        return self.daemon(
            'source s_tcp { network(ip("127.0.0.1") port(%d) flags(no-parse)); };' % self.port + paths)

    def both_find(self, daemon):
        daemon.send(self.port, failed_logins("192.0.2.7"))
        def opened(name):
            return ids(i for i in daemon.json(name) if i["siaga"]["incident"]["state"] == "open")
        wait_until(lambda: opened("path0") and opened("path0") == opened("path1"), "the same incidents on both paths")

    def test_without_names_both_work_and_the_second_warns_with_both_places(self):
        daemon = self.two("", "").start()
        self.both_find(daemon)
        warning = [line for line in daemon.output().splitlines() if "is used twice" in line]
        self.assertEqual(len(warning), 1, daemon.output())
        self.assertEqual(warning[0].count("syslog-ng.conf:"), 2, warning[0])

    def test_with_names_both_work_without_a_warning(self):
        daemon = self.two('persist-name("one")', 'persist-name("two")').start()
        self.both_find(daemon)
        self.assertNotIn("is used twice", daemon.output())

    def test_one_name_for_both_is_refused(self):
        daemon = self.two('persist-name("one")', 'persist-name("one")')
        daemon.start(wait=False)
        self.assertNotEqual(daemon.process.wait(30), 0)
        daemon.process = None
        self.assertIn("persist-name() is used twice", daemon.output())

    def test_a_named_parser_may_be_used_twice(self):
        self.port = free_port()
        paths = "".join("""
log { source(s_tcp); parser(p_siaga); filter { tags("siaga.incident"); };
      destination { file("{dir}/path%d" template("%s")); }; };""" % (i, INCIDENT) for i in range(2))
        daemon = self.daemon('source s_tcp { network(ip("127.0.0.1") port(%d) flags(no-parse)); };'
                             'parser p_siaga { siaga(state-dir("{dir}/state")); };' % self.port + paths).start()
        self.both_find(daemon)

    def test_an_incident_passes_a_second_siaga_untouched(self):
        port = free_port()
        body = tcp(port).replace("if (tags", 'parser { siaga(state-dir("{dir}/state")); };\n  if (tags')
        daemon = self.daemon(body).start()
        lines = failed_logins("192.0.2.7")
        daemon.send(port, lines)
        wait_until(lambda: daemon.lines("incidents"), "an incident")
        self.assertEqual(daemon.wait_lines("all", len(lines)), lines)

    def test_internal_messages_change_nothing(self):
        port = free_port()
        body = tcp(port).replace("source s_tcp {", "source s_tcp { internal();")
        daemon = self.daemon(body).start()
        lines = failed_logins("192.0.2.7")
        daemon.send(port, lines)
        wait_until(lambda: daemon.lines("incidents"), "an incident")
        wait_until(lambda: set(lines) <= set(daemon.lines("all")), "all lines")
        wait_until(lambda: daemon.counter("siaga_correlator", "events") == len(lines), "the count of the lines alone", 10)


class Brackets(Test):
    """In the block siaga() the host takes empty brackets for an option that was not given; a room does not.  4.8.1 does
    not survive them in any block."""

    RULELESS = "log { parser { %s }; };"
    PLAIN_BLOCK = 'block destination plain(option("no")) { file("{dir}/`option`"); }; log { destination { plain(option()); }; };'

    def host_survives_empty_brackets(self):
        return self.daemon(self.PLAIN_BLOCK, scl=False).check_syntax()[0] == 0

    def test_empty_brackets(self):
        in_block = [("siaga(no-default-rules());", None)] if self.host_survives_empty_brackets() else []
        for parser, said in in_block + [
                ("siaga(no-default-rules(yes));", None),
                ("siaga(no-default-rules(maybe));", "no-default-rules() expects yes or no"),
                ("incident(no-default-rules());", "no-default-rules() expects yes or no; without brackets"),
                ("incident(no-default-rules);", None)]:
            code, text = self.daemon(self.RULELESS % parser).check_syntax()
            self.assertEqual(code == 0, said is None, text)
            self.assertIn(said or "", text)

    def test_empty_brackets_leave_the_shipped_rules(self):
        if not self.host_survives_empty_brackets():
            self.skipTest("this syslog-ng ends with empty brackets in any block")
        port = free_port()
        daemon = self.daemon(tcp(port, "no-default-rules()")).start()
        daemon.send(port, failed_logins("203.0.113.5", 12))
        wait_until(lambda: "SSH brute force" in {i["rule"]["name"] for i in daemon.json("incidents")}, "an incident")


class StagedScl(Test):
    def test_scl_conf_finds_the_block_in_a_staged_folder(self):
        scl = os.path.join(self.dir, "include", "scl", "siaga")
        os.makedirs(scl)
        shutil.copy(os.path.join(SRC, "packaging", "scl", "siaga.conf"), scl)
        body = '@define include-path "/etc/syslog-ng:/usr/share/syslog-ng/include:{dir}/include"\n' \
               '@include "scl.conf"\n' + tcp(free_port())
        daemon = self.daemon(body, scl=False)
        code, text = daemon.check_syntax()
        self.assertEqual(code, 0, text)
        daemon.start()


if __name__ == "__main__":
    run_tests()
